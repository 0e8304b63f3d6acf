"""Forms as hospitals and community services print them: columns of two people, hints in brackets, cells that cut a name in two."""

import pytest

from tests.templates.paper import page, rows, tick
from tests.templates.test_read import PATIENT, read

GP = [("Referring GP", "Dr Jane Doe"), ("Practice", "Park View Surgery"), ("Priority", "Routine")]


def values(*lines):
    found = read(page(list(lines))).parts[0].readings
    return {field: reading.value for field, reading in found.items()}


def two_columns(left, right, top=0.15):
    return [*rows(left, top, 0.08, 0.18), *rows(right, top, 0.55, 0.18)]


def test_the_numbers_of_a_parent_beside_the_patient_are_not_the_patients():
    left = [("Section 2 Patient detail", ""), ("First name", "Andrew"), ("Surname", "Edwards"), ("Mobile number", "")]
    right = [
        ("Section 3 Parent/carer/guardian", ""),
        ("First name", "Anna"),
        ("Surname", "Stone"),
        ("Mobile number", "07700 900686"),
    ]
    found = values(*two_columns(left, right), *rows([("NHS number", "999 000 0018"), *GP], 0.3))
    assert found["patient.family_name"] == "Edwards" and found["patient.given_names"] == "Andrew"
    assert "patient.phone" not in found


def test_the_same_label_under_patient_and_under_referrer_is_each_ones_own():
    left = [
        ("PATIENT DETAILS", ""),
        ("Surname:", "Stone"),
        ("Preferred contact number:", "07700 900403"),
        ("NHS number:", "999 000 0018"),
    ]
    right = [("REFERRER DETAILS", ""), ("Referrer name:", "Jane Doe"), ("Preferred contact number:", "0161 496 0860")]
    found = values(*two_columns(left, right))
    assert found["patient.phone"] == "07700900403" and found["referrer.phone"] == "01614960860"


def test_a_hospitals_telephone_in_the_head_is_not_the_senders():
    head = [(0.2, 0.1, "Children's Outpatients, Paediatrics"), (0.56, 0.1, "TEL: 020 7946 0197")]
    found = values(*head, *rows([*PATIENT, *GP, ("Tel", "020 7946 0777")], 0.2))
    assert found["referrer.phone"] == "02079460777"


def test_a_title_before_a_label_and_titles_offered_are_no_names():
    found = values(
        (0.08, 0.1, "PATIENT  Mr Mrs Miss Ms Other"),
        (0.08, 0.13, "Title: Mr  First name: Hamish James  Surname: Stone"),
        *rows([("NHS number", "999 000 0018"), *GP], 0.2),
    )
    assert found["patient.family_name"] == "Stone" and found["patient.given_names"] == "Hamish James"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Referral priority (urgent/routine): suspected cancer (two week wait)", "TWO_WEEK_WAIT"),
        ("Referral priority (urgent/routine): routine", "ROUTINE"),
        ("Priority (Routine / Urgent): Urgent", "URGENT"),
    ],
)
def test_a_hint_in_brackets_is_no_choice(line, value):
    part = read(page([(0.08, 0.1, line), *rows([*PATIENT, *GP[:2]], 0.2)])).parts[0]
    assert part.readings["referral.priority"].value == value
    assert not [r for r in part.reasons if r.field == "referral.priority"]


def test_a_printed_choice_in_brackets_with_nothing_behind_is_still_asked():
    part = read(page([(0.08, 0.1, "Referral priority (urgent/routine)"), *rows([*PATIENT, *GP[:2]], 0.2)])).parts[0]
    assert [r for r in part.reasons if r.field == "referral.priority"]


@pytest.mark.parametrize(
    "line",
    ["Refer to: Gynaecology at Northmoor University Hospital. If you wish, add a letter,", "Refer to: Gynaecology"],
)
def test_a_department_before_its_hospital_and_the_forms_next_sentence(line):
    assert values((0.08, 0.1, line), *rows([*PATIENT, *GP], 0.2))["referral.specialty"] == "Gynaecology"


def test_a_heading_with_a_bracket_heads_the_senders_block():
    left = rows(
        [
            ("Patient details", ""),
            ("Surname", "Stone"),
            ("Forename", "Ann"),
            ("D.O.B.", "03/05/1950"),
            ("NHS No", "999 000 0018"),
        ],
        0.15,
        0.08,
        0.18,
    )
    right = [(0.55, 0.15, "GP Details (inc Fax Number)")] + [
        (0.55, 0.17 + 0.016 * i, text)
        for i, text in enumerate(("Dr Jane Doe", "Park View Surgery", "7 Park Road", "Leeds", "Tel 0113 496 0100"))
    ]
    found = values(*left, *right)
    assert found["referrer.practice_name"] == "Park View Surgery" and found["referrer.name"] == "Jane Doe"


def test_what_a_form_tells_the_writer_is_no_reason_though_it_runs_over_a_row():
    found = values(
        *rows([*PATIENT, *GP], 0.1),
        (0.08, 0.4, "Reason for referral"),
        (0.08, 0.42, "Please indicate the current problem, its date, and your expectation of the result of the"),
        (0.08, 0.435, "referral to the service required."),
        (0.08, 0.45, "She has had pain in the right knee for four months and cannot manage the stairs."),
        (0.08, 0.48, "Mothers name (& address if different) Jocelyn Stone"),
        (0.08, 0.51, "Referred by: Dr Jane Doe Date 15/11/2026"),
    )
    assert (
        found["referral.reason"] == "She has had pain in the right knee for four months and cannot manage the stairs."
    )


def test_a_practice_and_a_postcode_that_a_cell_cuts_in_two():
    found = values(
        *rows([("NHS number", "999 000 0018"), ("Surname", "Stone")], 0.1),
        (0.08, 0.16, "Address: 155 Marlborough Crescent, Bootle L39"),
        (0.08, 0.176, "6GQ"),
        *rows([("Practice", "Holly Bank Group"), ("", "Practice")], 0.3, step=0.018),
    )
    assert found["referrer.practice_name"] == "Holly Bank Group Practice"
    assert found["patient.address"] == "155 Marlborough Crescent, Bootle" and found["patient.postcode"] == "L39 6GQ"


def test_a_caption_beneath_a_practice_is_no_part_of_its_name():
    captions = [
        ("NHS number", "999 000 0018"),
        ("Surname", "Stone"),
        ("Date of birth", "03/05/1950"),
        ("Practice", "Tannery Bridge"),
    ]
    lines = []
    for i, (label, value) in enumerate(captions):
        lines += [(0.1, 0.1 + 0.05 * i, value), (0.1, 0.116 + 0.05 * i, label)]
    assert values(*lines, *rows(GP[:1], 0.4)).get("referrer.practice_name") in ("Tannery Bridge", None)


def test_a_referrers_address_names_the_practice():
    found = values(
        *rows(
            [*PATIENT, ("Referrer name:", "Jane Doe"), ("Referrer address:", "Sycamore House Surgery, 24 Quarry Lane")],
            0.1,
        )
    )
    assert found["referrer.practice_name"] == "Sycamore House Surgery"


def test_what_a_form_says_of_itself_around_the_story_is_no_part_of_it():
    found = values(
        *rows([*PATIENT, *GP], 0.1),
        (0.08, 0.4, "Clinical history including previous history (mandatory to complete)"),
        (0.08, 0.42, "She has had pain in the right knee for four months and cannot manage the stairs."),
        (0.08, 0.435, "A referral form must be completed and can be posted, faxed or emailed to the clinic."),
        (0.08, 0.45, "Past medical history and co-morbidities (please tick)"),
    )
    assert (
        found["referral.reason"] == "She has had pain in the right knee for four months and cannot manage the stairs."
    )


def test_the_postcode_of_the_other_column_is_not_the_patients():
    left = [
        "Name: Colin Ward",
        "DOB: 15/01/1979",
        "NHS: 999 000 0018",
        "Address: 188 Priory Court, Ossett",
        "WF1 8JR",
        "Tel: 07700 900394",
    ]
    right = ["GP: Dr Jane Doe", "Address: Park View Surgery", "74 Park Road", "Wakefield WF6 9ZP", "Tel: 01632 960551"]
    found = values(
        *((0.08, 0.15 + 0.024 * i, text) for i, text in enumerate(left)),
        *((0.55, 0.15 + 0.024 * i, text) for i, text in enumerate(right)),
    )
    assert found["patient.postcode"] == "WF1 8JR" and found["patient.phone"] == "07700900394"


def test_a_title_before_a_colon_and_a_base_and_a_code_in_brackets():
    found = values(
        (0.08, 0.06, "Rheumatology: please complete all sections"),
        *rows(
            [*PATIENT, ("Name of referrer", "Jane Doe"), ("Base", "Holly Bank Primary Care Centre (code L92239)")], 0.15
        ),
    )
    assert found["referral.specialty"] == "Rheumatology"
    assert (
        found["referrer.practice_name"] == "Holly Bank Primary Care Centre"
        and found["referrer.practice_code"] == "L92239"
    )


def test_a_story_about_platelets_on_a_form_that_refers_is_no_page_of_results():
    document = read(
        page(
            [
                (0.08, 0.06, "e-Referral: Haematology/Rapid Access Clinic"),
                *rows(
                    [
                        *PATIENT,
                        ("Referring GP", "Dr Jane Doe"),
                        ("Date of referral", "14/11/2026"),
                        ("Reason for referral", ""),
                    ],
                    0.15,
                ),
                (
                    0.08,
                    0.6,
                    "Platelets of 690 and ferritin 88. The specimen is with the laboratory, reported by phone.",
                ),
                (0.08, 0.62, "Haemoglobin and creatinine were within the reference range. Please advise and see."),
            ]
        )
    )
    assert document.document_type == "referral"


YES_NO = [(0.1, 0.5, "Is the patient under 55"), (0.45, 0.5, "Yes"), (0.52, 0.5, "No")]
AFTER = [tick(0.485, 0.5, False), tick(0.545, 0.5, True)]


def urgency(lines, ticks):
    part = read(page([*rows([*PATIENT, *GP[:2]], 0.1), *lines], ticks)).parts[0]
    return part.readings.get("referral.priority"), [r.says for r in part.reasons if r.field == "referral.priority"]


def test_boxes_before_their_words_beside_others_behind_theirs():
    found, asked = urgency(
        [*YES_NO, (0.1, 0.55, "Priority:"), (0.19, 0.55, "Urgent"), (0.265, 0.55, "Routine")],
        [*AFTER, tick(0.172, 0.55, True), tick(0.249, 0.55, False)],
    )
    assert found is not None and found.value == "URGENT" and not asked


def test_a_row_that_lost_its_first_box_and_its_last_word_gives_no_lower_urgency():
    """P6: `Routine` stands before the ticked box of `Urgent`, whose own first box is lost."""
    found, asked = urgency(
        [(0.1, 0.55, "Routne"), (0.3, 0.55, "Urgent"), (0.5, 0.55, "2W1F")],
        [tick(0.28, 0.55, True), tick(0.48, 0.55, False)],
    )
    assert found is None or found.value != "ROUTINE" or asked


def test_a_tick_midway_in_a_row_that_lost_a_box_is_asked_about():
    found, asked = urgency(
        [(0.1, 0.55, "Routne"), (0.197, 0.55, "Urgent"), (0.287, 0.55, "2W1F")],
        [tick(0.17, 0.55, True), tick(0.26, 0.55, False)],
    )
    assert (found is None or found.value != "ROUTINE") and asked


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("GP REFERRAL PROFORMA FOR SUSPECTED CANCER - NEUROLOGY", "TWO_WEEK_WAIT"),
        ("Referral: Urgent Date of referral: 17/11/2026 Specialty: Urology", "URGENT"),
        ("Urgent or routine? routine", "ROUTINE"),
    ],
)
def test_an_urgency_in_a_title_behind_referral_and_behind_a_question(line, value):
    found, asked = urgency([(0.1, 0.07, line)], [])
    assert found is not None and found.value == value and not asked


def test_advice_by_telephone_is_no_urgency_of_the_patient():
    found, asked = urgency([(0.1, 0.06, "PLEASE PHONE FOR IMMEDIATE ADVICE"), (0.1, 0.55, "Priority: Routine")], [])
    assert found is not None and found.value == "ROUTINE" and not asked


def test_a_label_that_breaks_in_its_brackets_does_not_end_the_address():
    found = values(
        *rows([("Surname:", "Stone"), ("Date of birth", "03/05/1950")], 0.1),
        (0.08, 0.16, "Address (inc"), (0.38, 0.16, "113 Lower Park Lane, Arnold,"),
        (0.08, 0.177, "postcode):"), (0.38, 0.177, "Nottingham, NG5 6GQ"),
        *rows([("NHS number", "999 000 0018"), *GP], 0.22),
    )  # fmt: skip
    assert (
        found["patient.address"] == "113 Lower Park Lane, Arnold, Nottingham" and found["patient.postcode"] == "NG5 6GQ"
    )


def test_a_number_of_nhs_or_hospital_and_a_title_that_begins_with_gp():
    found = values(
        (0.2, 0.06, "EASTVALE ROYAL INFIRMARY - RHEUMATOLOGY DEPARTMENT"),
        (0.3, 0.09, "GP DIRECT REFERRAL"),
        *rows(
            [
                ("Patient name", "Ann Stone"),
                ("NHS/Hospital number", "999 000 0018"),
                ("DOB", "03/05/1950"),
                ("GP", "Dr Jane Doe"),
            ],
            0.2,
        ),
    )
    assert found["patient.nhs_number"] == "9990000018" and found["referrer.name"] == "Jane Doe"
    assert found["referral.specialty"] == "RHEUMATOLOGY"


def test_questions_with_yes_and_no_end_the_story():
    story = "She has had pain in the right knee for four months and cannot manage the stairs."
    found = values(
        *rows([*PATIENT, *GP], 0.1),
        *(
            (0.08, 0.4 + 0.02 * i, text)
            for i, text in enumerate(
                ("Reason for referral:", story, "Is the patient aware of referral? Yes / No / Unknown")
            )
        ),
    )
    assert found["referral.reason"] == story


def test_an_address_in_lines_with_labels_of_their_own():
    home = [("Address line 1:", "61 Quarry Road"), ("Address line 2:", "Ossett"), ("Post Code:", "WF5 2YQ")]
    found = values(*rows([("Surname", "Stone"), ("NHS number", "999 000 0018"), *home], 0.1), *rows(GP, 0.3))
    assert found["patient.address"] == "61 Quarry Road, Ossett" and found["patient.postcode"] == "WF5 2YQ"


SEX = [(0.08, 0.5, "Gender: M"), (0.2, 0.5, "F"), (0.5, 0.5, "Mobile")]


def test_a_row_keeps_its_own_side_beside_a_row_of_the_other_kind():
    """P6: "How soon:" is a label, and the tick before Urgent is not Routine's because M and F have their boxes behind them."""
    found, asked = urgency(
        [*SEX, (0.08, 0.55, "How soon:"), (0.195, 0.55, "Routine"), (0.29, 0.55, "Urgent")],
        [tick(0.17, 0.5, False), tick(0.215, 0.5, True), tick(0.167, 0.55, False), tick(0.265, 0.55, True)],
    )
    assert found is not None and found.value == "URGENT" and not asked


def test_what_follows_in_the_row_does_not_hide_the_last_answer():
    found, asked = urgency(
        [(0.08, 0.55, "Priority"), (0.195, 0.55, "Routine"), (0.29, 0.55, "Urgent  Date 14/11/2026")],
        [tick(0.17, 0.55, False), tick(0.265, 0.55, True)],
    )
    assert found is not None and found.value == "URGENT" and not asked


def test_a_mobile_in_the_row_beneath_the_next_of_kin_is_not_the_patients():
    found = values(
        *rows(
            [("Name", "Ann Stone"), ("NHS number", "999 000 0018"), ("Contact telephone numbers", "07700 900113")], 0.1
        ),
        (0.08, 0.18, "Next of kin: Zena Stone"),
        (0.08, 0.198, "Landline:"),
        (0.23, 0.198, "Mobile: 07700 900699"),
        *rows([*GP, ("Referrer contact phone number", "0161 496 0860")], 0.3),
    )
    assert found["patient.phone"] == "07700900113" and found["referrer.phone"] == "01614960860"


def test_the_name_under_the_sight_tester_is_not_the_patients():
    left = [
        ("Person tested", ""),
        ("Last name", "Stone"),
        ("Given names", "Vikram"),
        ("D.O.B.", "04/08/1948"),
        ("NHS no", "999 000 0018"),
    ]
    right = [
        ("Sight tester", ""),
        ("Name", "Matteo Vasquez"),
        ("GOC reg.", "01-30187"),
        ("Practice", "Market Cross Optical"),
    ]
    found = values(*two_columns(left, right))
    assert found["patient.family_name"] == "Stone" and found["referrer.name"] == "Matteo Vasquez"
