"""Where a page names the department that it asks, without a label; what may be the sender's own stays with a person (P3)."""

import pytest

from tests.templates.paper import page, rows, tick
from tests.templates.test_read import PATIENT, read

GP = [("Referring GP", "Dr Jane Doe"), ("Practice", "Park View Surgery"), ("Priority", "Routine")]
ABOUT = rows([*PATIENT, *GP], top=0.25)


def specialty(*lines: tuple[float, float, str]):
    return read(page([*lines, *ABOUT])).parts[0].readings.get("referral.specialty")


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ([(0.1, 0.05, "Queen Adelaide Hospital"), (0.1, 0.07, "Neurology Service")], "Neurology"),
        ([(0.1, 0.05, "Queen Adelaide Hospital"), (0.1, 0.08, "Paediatrics: new child request")], "Paediatrics"),
        ([(0.1, 0.08, "Psychiatry: request to the single point of access")], "Psychiatry"),
        ([(0.1, 0.08, "Subject: Geriatric Medicine appointment needed - Routine")], "Geriatric Medicine"),
        (
            [(0.1, 0.15, "Would you please offer Mrs O'Brien an appointment with the Endocrinology team?")],
            "Endocrinology",
        ),
        ([(0.1, 0.15, "I am asking for the help of Chest Medicine, please.")], "Chest Medicine"),
        ([(0.1, 0.08, "Destination: Ophthalmology, Marlow Cross Hospital")], "Ophthalmology"),
        (
            [(0.1, 0.06, "Park View Surgery"), (0.1, 0.12, "Respiratory Medicine / Marlow Cross Hospital")],
            "Respiratory Medicine",
        ),
    ],
)
def test_the_department_that_is_asked(lines, name):
    found = specialty(*lines)
    assert found is not None and found.value == name
    assert found.how != "read from the heading" and not found.doubts


@pytest.mark.parametrize(
    "lines",
    [
        [(0.1, 0.05, "Queen Adelaide Hospital"), (0.1, 0.07, "Physiotherapy")],
        [
            (0.1, 0.05, "Queen Adelaide Hospital"),
            (0.1, 0.07, "Department of Neurology"),
            (0.1, 0.2, "Dear Colleague"),
            (0.1, 0.7, "Yours sincerely"),
            (0.1, 0.76, "Dr Ann Lee, Consultant"),
        ],
        [(0.1, 0.05, "Park View Surgery"), (0.1, 0.07, "Neurology")],
    ],
)
def test_a_heading_that_may_be_the_senders_is_no_answer_by_itself(lines):
    found = specialty(*lines)
    assert found is None or (found.how == "read from the heading" and found.times == 1)


def test_an_appointment_that_somebody_had_is_not_asked_for():
    assert specialty((0.1, 0.15, "She had an appointment with Cardiology in May and was discharged.")) is None


def test_an_apartment_is_no_department():
    found = specialty((0.1, 0.60, "Apartment 7"), (0.1, 0.62, "159 Bramble Way"))
    assert found is None


def test_a_colleague_greeted_by_first_name_is_the_one_of_the_address():
    letter = [
        (0.1, 0.06, "Royal Aldermoor Infirmary"),
        (0.1, 0.09, "Dr Wilfred Wetherby"),
        (0.1, 0.11, "General Surgery"),
        (0.1, 0.13, "Wharfe Valley General Hospital"),
        (0.1, 0.19, "Dear Wilfred"),
        *ABOUT,
        (0.1, 0.8, "Yours sincerely"),
        (0.1, 0.85, "Dr Ann Lee, Consultant Physician"),
    ]
    found = read(page(letter)).parts[0].readings
    assert found["referral.named_clinician"].value == "Wilfred Wetherby"
    assert (
        found["referral.specialty"].value == "General Surgery"
        and found["referral.specialty"].how != "read from the heading"
    )


def test_a_box_that_is_not_ticked_is_not_the_department_although_it_stands_first_beneath_the_label():
    names = ("Breast Surgery", "Cardiology", "Dermatology", "Urology")
    lines = [(0.1, 0.1, "1 Which clinic?"), *((0.13, 0.12 + 0.02 * i, name) for i, name in enumerate(names))]
    boxes = [tick(0.1, 0.12 + 0.02 * i, False) for i, _ in enumerate(names[:3])]  # the ticked one was not seen as a box
    found = read(page([*lines, *ABOUT], boxes)).parts[0].readings.get("referral.specialty")
    assert found is None or found.value == "Urology"
    boxes[1] = tick(0.1, 0.14, True)
    found = read(page([*lines, *ABOUT], boxes)).parts[0].readings["referral.specialty"]
    assert found.value == "Cardiology"


def test_a_form_that_says_whom_it_asks_how_soon_and_who_asks_is_a_referral():
    few = [
        ("NHS No", "999 000 0018"),
        ("Clinic required", "Haematology"),
        ("Timescale", "routine"),
        ("Practice", "Park View Surgery"),
    ]
    results = (0.1, 0.6, "Haemoglobin 140, reference range 130-170, ferritin 88, platelets 690; the specimen is kept.")
    assert read(page([*rows(few), results])).document_type == "referral"


@pytest.mark.parametrize(
    "lines",
    [
        [(0.1, 0.1, "Clinic: Colorectal"), (0.29, 0.1, "I Surgery")],
        [(0.1, 0.1, "Clinic: Trauma aud orthopaedics")],
        [(0.1, 0.1, "Trauma and. Orthopaedics")],
    ],
)
def test_half_a_name_is_not_taken_for_the_whole(lines):
    found = specialty(*lines)
    assert found is None or found.doubts or found.value.lower() not in ("colorectal", "orthopaedics")


def test_a_specialty_alone_in_a_cell_whose_label_is_lost():
    found = specialty((0.1, 0.05, "Queen Adelaide Hospital"), (0.1, 0.18, "Cardiology"))
    assert found is not None and found.value == "Cardiology" and found.how == "read from a cell of its own"


@pytest.mark.parametrize("other", ["Known to Rheumatology since 2019", "Dear Colleague"])
def test_a_cell_is_none_beside_another_specialty_or_in_a_letter(other):
    found = specialty((0.1, 0.05, "Queen Adelaide Hospital"), (0.1, 0.18, "Cardiology"), (0.1, 0.9, other))
    assert found is None or found.how != "read from a cell of its own"


@pytest.mark.parametrize(
    "line",
    ["Destination: Ophthalmology department", "Refer to: Department of Ophthalmology", "To: Ophthalmology clinic"],
)
def test_a_department_is_its_specialty(line):
    found = specialty((0.1, 0.18, line))
    assert found is not None and found.value == "Ophthalmology" and "known specialty" in found.checks


@pytest.mark.parametrize("value", ["OUT-PATIENTS", "Mr A Umar", "please expedite", "Non-urgent (routine)"])
def test_what_is_no_specialty(value):
    found = specialty((0.1, 0.18, f"Refer to: {value}"))
    assert found is None


LETTER = [(0.1, 0.3, "Dear Mr Sugden"), (0.1, 0.7, "Yours sincerely"), (0.1, 0.76, "Dr Ann Lee")]


def test_the_department_beneath_the_name_that_is_greeted_counts_beside_the_senders_own():
    found = specialty(
        (0.1, 0.05, "St Oswald's Hospital"),
        (0.1, 0.07, "Department of Acute Medicine"),
        (0.1, 0.1, "Mr A Sugden"),
        (0.1, 0.115, "Consultant, Urology"),
        *LETTER,
    )
    assert found is not None and found.value == "Urology" and not found.doubts


def test_a_trade_that_sends_is_not_asked_and_a_site_is_no_department():
    to = [(0.1, 0.15, "Vascular Surgery clinic"), (0.1, 0.17, "St Oswald's Hospital"), (0.1, 0.2, "Dear Colleague")]
    found = specialty((0.7, 0.09, "Community Podiatry Service"), *to, *LETTER[1:])
    assert found is not None and found.value == "Vascular Surgery" and not found.doubts


def test_two_departments_of_hospitals_stay_with_a_person():
    to = [(0.1, 0.13, "Vascular Surgery clinic"), (0.1, 0.15, "St Oswald's Hospital"), (0.1, 0.2, "Dear Colleague")]
    found = specialty((0.6, 0.1, "Department of Neurology"), *to, *LETTER[1:])
    assert found is None or found.doubts
