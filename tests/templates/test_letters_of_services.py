"""Letters of services whose names tell no trade, departments of more words than one, and labels that a narrow cell breaks."""

import pytest

from tests.templates.paper import page, rows, tick
from tests.templates.test_boxes_of_urgency import midway, priority
from tests.templates.test_read import PATIENT, read

HEAD = [
    (0.5, 0.05, "The Movement Rooms"),
    (0.6, 0.07, "88 Linden Grove"),
    (0.6, 0.09, "Manchester M20 3NA"),
    (0.6, 0.11, "0161 496 0635"),
]
LETTER = [
    (0.1, 0.14, "14 November 2026"),
    (0.1, 0.17, "The Clinic Secretary"),
    (0.1, 0.19, "Rheumatology"),
    (0.1, 0.21, "Eastbrook District Hospital"),
    (0.1, 0.25, "Dear Sir or Madam"),
    (0.1, 0.29, "Mr Barry Stone was sent to me with back pain that is worst at five in the morning."),
    (0.1, 0.32, "For your records: born on 23.08.1989, NHS number 999 000 0018."),
]
END = [
    (0.1, 0.40, "Kind regards"),
    (0.12, 0.43, "Adaeze Asndown"),
    (0.1, 0.46, "A Ashdown"),
    (0.1, 0.48, "First Contact Practitioner"),
]


def part(*pages):
    return read(*(page(lines, number=n) for n, lines in enumerate(pages, 1))).parts[0]


def values(*lines, ticks=()):
    return {f: r.value for f, r in read(page(list(lines), ticks)).parts[0].readings.items()}


def test_a_sender_whose_name_tells_no_trade_is_known_by_its_head():
    found = values(*HEAD, *LETTER, *END)
    assert found["referrer.practice_name"] == "The Movement Rooms" and found["referrer.phone"] == "01614960635"


@pytest.mark.parametrize(
    "name", ["Northmoor General Hospital", "Dr Anna Stone", "Private and Confidential", "Letter of Referral"]
)
def test_a_head_that_names_no_sender_gives_none(name):
    found = values((0.5, 0.05, name), *HEAD[1:], *LETTER, *END)
    assert found.get("referrer.practice_name") != name


def test_the_printed_name_above_a_role_is_the_signers():
    assert values(*HEAD, *LETTER, *END)["referrer.name"] == "A Ashdown"


def test_a_column_beside_the_letter_does_not_sign_it():
    column = [(0.02, 0.42, "Dr B Rahman"), (0.02, 0.44, "Nine Elms Grove Surgery")]
    shifted = [(left + 0.28, top, text) for left, top, text in [*LETTER, *END]]
    assert values(*HEAD, *column, *shifted)["referrer.name"] == "A Ashdown"


def test_the_day_of_dictation_is_the_date_only_where_no_other_stands():
    dictated = (0.1, 0.12, "Dictated: 11.11.26")
    assert values(dictated, *LETTER, *END)["referral.date"] == "2026-11-14"
    assert values(dictated, *LETTER[1:], *END)["referral.date"] == "2026-11-11"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Perinatal Mental Health, Eastbrook District Hospital", "Perinatal Mental Health"),
        ("Child and Adolescent Mental Health", "Child and Adolescent Mental Health"),
        ("Fracture Clinic", "Fracture Clinic"),
        ("Urology clinic", "Urology"),
        ("Podiatry, Eastbrook District", "Podiatry"),
    ],
)
def test_the_whole_name_of_a_department(said, name):
    found = read(page([*rows([*PATIENT, ("Referred to", said)], 0.2)])).parts[0].readings["referral.specialty"]
    assert found.value == name and not found.doubts


@pytest.mark.parametrize("said", ["Breast $urgery", "Perioperative Cardiology"])
def test_a_name_with_a_strange_word_beside_it_is_doubted(said):
    lines = [*LETTER[:2], (0.1, 0.19, said), *LETTER[3:], *END]
    found = part([*HEAD, *lines]).readings.get("referral.specialty")
    assert found is None or found.doubts


def test_a_question_before_the_first_box_and_an_unknown_answer_behind_the_last():
    lines, boxes = midway("Please see this patient as", "Routine", "Urgent", "Another day")
    found = priority(lines, [tick(x, 0.1, i == 0) for i, x in enumerate(boxes)])
    assert found is not None and found.value == "ROUTINE" and not found.doubts


def test_labels_that_a_cell_breaks_are_put_together():
    found = values(
        *rows(PATIENT, 0.1, 0.05, 0.15),
        (0.52, 0.40, "Practice"), (0.52, 0.415, "telephone"), (0.68, 0.405, "0151 496 0241"),
        (0.52, 0.44, "Decision to refer"), (0.72, 0.44, "12/11/2026"),
        (0.52, 0.47, "Date of this"), (0.52, 0.485, "referral"), (0.68, 0.47, "14/11/2026"),
    )  # fmt: skip
    assert found["referrer.phone"] == "01514960241" and found["referral.date"] == "2026-11-14"


def test_two_labels_above_each_other_stay_two():
    found = values(*rows([*PATIENT, ("Clinic", "Respiratory Medicine"), ("UBRN", "")], 0.1))
    assert found["referral.specialty"] == "Respiratory Medicine"


def test_a_stamp_on_a_form_says_who_refers():
    stamp = [
        (0.08, 0.7, "Clearwater Eye Care"),
        (0.08, 0.72, "39 Chapel Walk"),
        (0.08, 0.74, "Bradford"),
        (0.08, 0.76, "BD7 3QE"),
    ]
    gp = [(0.08, 0.6, "Dr Trevelyan, Larchfield Surgery"), (0.08, 0.62, "Patient's GP and surgery")]
    assert values(*rows(PATIENT, 0.1), *gp, *stamp)["referrer.practice_name"] == "Clearwater Eye Care"


COVER = [
    (0.1, 0.08, "Fax cover sheet"),
    *rows([("To", "Gynaecology, Eastbrook District Hospital"), ("Fax", "0115 496 0678"), ("From", "Park View Surgery"),
           ("Date", "16/11/2026"), ("Pages with this one", "2")], 0.15),
]  # fmt: skip
BARE = [
    *rows(PATIENT, 0.1),
    (0.1, 0.3, "Dear Colleague"),
    (0.1, 0.34, "She noticed three episodes of bleeding after six years without a period."),
]


def test_a_cover_says_whom_the_letter_is_for_and_when():
    found = part([*COVER, (0.1, 0.4, "Subject: referral")], BARE).readings
    assert found["referral.specialty"].value == "Gynaecology" and not found["referral.specialty"].doubts
    assert found["referral.date"].value == "2026-11-16" and found["referral.date"].doubts


@pytest.mark.parametrize(("subject", "asked"), [("2WW", False), ("Urgent", True), ("Routine", True)])
def test_only_the_highest_urgency_of_a_cover_is_taken(subject, asked):
    found = part([*COVER, *rows([("Urgency", subject)], 0.4)], BARE)
    assert any(r.field == "referral.priority" for r in found.reasons) is asked


def test_a_request_to_treat_as_urgent_is_the_writers_own():
    found = priority([(0.1, 0.1, "I would ask you to treat this as urgent.")])
    assert found is not None and found.value == "URGENT" and not found.doubts


def test_suspected_cancer_over_two_lines():
    found = priority([(0.5, 0.1, "PRIORITY: URGENT SUSPECTED"), (0.5, 0.115, "CANCER")])
    assert found is not None and found.value == "TWO_WEEK_WAIT"


def test_a_cancer_form_that_speaks_of_tests_is_no_page_of_results():
    lines = [(0.1, 0.06, "Skin - urgent suspected cancer"), *rows(PATIENT, 0.15), (0.1, 0.5, "Lab accession"), (0.4, 0.5, "1622643757"),
             (0.1, 0.53, "Tests"), (0.1, 0.56, "Haemoglobin 133 g/L on 15-11-2026, specimen haemolysed, reported by telephone")]  # fmt: skip
    assert read(page(lines)).document_type == "referral"


def test_a_patients_own_letter_about_an_appointment_is_no_referral():
    lines = [(0.1, 0.1, "17 November 2026"), (0.1, 0.15, "Dear Appointments"),
             (0.1, 0.2, "My hospital number is B1679257 and my NHS number 999 000 0018. I was born on 9 August 1973."),
             (0.1, 0.23, "You sent me a date for the heart clinic but the letter got wet."), (0.1, 0.3, "Yours truly"),
             (0.1, 0.33, "Siobhan Stone")]  # fmt: skip
    assert read(page(lines)).document_type == "other"


def test_a_mails_subject_and_its_day_stand_beside_their_labels():
    mail = [(0.1, 0.12, "From"), (0.24, 0.12, "STONE, Ann (PARK VIEW SURGERY)"), (0.1, 0.14, "Sent"),
            (0.24, 0.14, "Thursday 19 November 2026 18:05"), (0.1, 0.16, "Subject"), (0.24, 0.16, "2WW suspected cancer - Urology"),
            (0.1, 0.2, "Dear booking office"), *rows(PATIENT, 0.24), (0.1, 0.5, "Blood in the urine twice. Please see him.")]  # fmt: skip
    found = values(*mail)
    assert (found["referral.date"], found["referral.specialty"]) == ("2026-11-19", "Urology")


@pytest.mark.parametrize("before", ["May I ask you to see", "I write about", "Thank you for seeing", "I am referring"])
def test_whom_the_reader_is_asked_to_see_is_the_patient(before):
    told = [(0.1, 0.29, f"{before} Mrs Zainab Stone, who has had a stiff shoulder for months.")]
    found = values(
        *HEAD, *LETTER[:5], *told, (0.1, 0.32, "Her date of birth is 5.2.63 and her NHS number 999 000 0018."), *END
    )
    assert found["patient.family_name"] == "Stone" and "referral.named_clinician" not in found


def test_who_sends_what_for_which_department_is_told_in_one_sentence():
    """A secretary's mail: the doctor of the sentence refers, not whoever signs."""
    mail = [(0.1, 0.1, "From: Rajiv Stone"), (0.1, 0.12, "Sent: 19 November 2026 16:42"), (0.1, 0.16, "Dear all,"),
            (0.1, 0.2, "Your system is down, so we are sending this one by e-mail for Neurology from Dr Anna Ashdown."), *rows(PATIENT, 0.24),
            (0.1, 0.5, "Pins and needles climbed from toes to knees over the year."), (0.1, 0.55, "Many thanks"),
            (0.1, 0.58, "Rajiv Stone, Care Navigator")]  # fmt: skip
    found = values(*mail)
    assert (found["referral.specialty"], found["referrer.name"]) == ("Neurology", "Anna Ashdown")


BODY = [(0.1, 0.2, "19 November 2026"), (0.1, 0.24, "Dear Colleague"), (0.1, 0.28, "Re: Mr Barry Stone, DoB 23.08.1989"),
        (0.1, 0.3, "NHS number 999 000 0018 Tel. 0115 496 0756"), (0.1, 0.36, "He has had pain in his back for a year."),
        (0.1, 0.42, "Yours sincerely"), (0.1, 0.46, "Dr Anna Ashdown")]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        [(0.1, 0.05, "Park View Surgery"), (0.1, 0.95, "15 Station Road, London E8 3EY t 020 7946 0757 f 020 7946 0441")],
        [(0.1, 0.05, "Harewood Consulting Rooms"), (0.1, 0.08, "Dr Anna Ashdown"), (0.1, 0.1, "Consultant"), (0.1, 0.15, "Secretary: 020 7946 0757")],
        [(0.68, 0.05, "Park View Surgery"), (0.1, 0.06, "Miss A Sharma"), (0.68, 0.068, "69 The Crescent"), (0.1, 0.076, "Vascular Surgery"),
         (0.68, 0.085, "London"), (0.1, 0.091, "Eastbrook Hospital"), (0.68, 0.102, "SW12 5JF"), (0.68, 0.12, "call 020 7946 0757")],
    ],
)  # fmt: skip
def test_the_senders_telephone_stands_in_the_head_or_at_the_foot(head):
    assert values(*head, *BODY)["referrer.phone"] == "02079460757"


def test_a_birth_date_above_the_salutation_is_not_the_letters():
    found = values((0.1, 0.05, "Park View Surgery"), (0.6, 0.12, "d.o.b, 21 November 2016"), *BODY)
    assert found["referral.date"] == "2026-11-19"


def test_whom_a_letter_greets_is_not_its_patient():
    lines = [(0.1, 0.2, "Dear Miss A Sharma,"), (0.6, 0.2, "concerning"), (0.6, 0.22, "Mr Frank Stone"), (0.6, 0.25, "date of birth"),
             (0.6, 0.265, "31.12.1951"), (0.6, 0.29, "NHS number"), (0.6, 0.305, "999 000 0018"), *BODY[-3:]]  # fmt: skip
    assert values(*lines)["patient.family_name"] == "Stone"
