# ruff: noqa: E501  (rows of cases read better unbroken)
"""What papers of two more strangers and a fresh seed showed: which paper it is, whose values they are, where a story ends."""

from dataclasses import replace

import pytest

from ocr.page import Quality
from tests.templates.paper import page, rows, tick
from tests.templates.test_boxes_of_urgency import priority
from tests.templates.test_packs_of_another_hand import told
from tests.templates.test_read import PATIENT, REFERRER, one, read
from tests.templates.test_stories import MORE, STORY, reason

ABOUT = rows([*PATIENT, *(p for p in REFERRER if p[0] != "Specialty")], top=0.3)
RESULTS = [(0.1, 0.6, "NT-proBNP 3418"), (0.4, 0.6, "Lab number H26-0047712"), (0.1, 0.63, "eGFR 51 creatinine 118")]


# Which paper it is ---------------------------------------------------------------------------------------------------


def test_a_form_that_lets_the_writer_choose_how_soon_is_no_page_of_results():
    form = [
        (0.3, 0.04, "Heart Failure Clinic"),
        *ABOUT,
        *RESULTS,
        (0.1, 0.7, "Degree of urgency (please ring)"),
        (0.5, 0.7, "Routine"),
        (0.65, 0.7, "Urgent"),
    ]
    assert read(page(form)).document_type == "referral"


def test_a_letter_that_ends_with_wishes_is_no_page_of_results():
    letter = [
        (0.1, 0.05, "Diabetes and Endocrinology"), (0.1, 0.08, "Dr Rosamund Kaye, Consultant"), (0.1, 0.12, "Dr Pawel Zielinski"),
        (0.1, 0.14, "Consultant, Haematology"), (0.1, 0.18, "Dear Pawel"), (0.1, 0.21, "Mr Imran Chaudhry DOB: 08.06.1974 NHS no: 999 000 0018"),
        (0.1, 0.25, "He has lost weight. Haemoglobin 88, platelets 71, lab number 26-90122. Would you kindly see him urgently."),
        (0.1, 0.35, "Best wishes"), (0.1, 0.42, "Dr Rosamund Kaye"),
    ]  # fmt: skip
    assert read(page(letter)).document_type == "referral"


def test_a_worn_letter_keeps_its_own_page_when_another_patients_referral_follows():
    worn = [
        (0.1, 0.04, "Chapelthorpe Health Centre"), (0.1, 0.10, "DO B: 26 05.201:"), (0.1, 0.12, "N11S Number 999 637 349"),
        (0.1, 0.15, "Dear Prolessor U'mar."), (0.1, 0.18, "I would be grateful for your opinion of her eye. Please see and advise."),
        (0.1, 0.30, "Kind regards"),
    ]  # fmt: skip
    pages = [
        page(worn),
        page(
            [(0.3, 0.04, "OUTPATIENT REFERRAL FORM"), *ABOUT, (0.08, 0.7, "Reason for referral: chest pain.")], number=2
        ),
    ]
    document = read(replace(pages[0], quality=Quality(0.9)), pages[1])
    assert [p.pages for p in document.parts] == [(1,), (2,)]


# Urgency and departments ---------------------------------------------------------------------------------------------


def test_which_form_to_use_for_suspected_cancer_is_no_urgency_of_this_one():
    found = priority(
        [
            (0.1, 0.08, "Suspected cancer must NOT be sent here:"),
            (0.1, 0.10, "use the two week wait form."),
            (0.1, 0.14, "Priority: routine"),
        ]
    )
    assert found is not None and found.value == "ROUTINE" and not found.doubts


def test_risk_factors_beside_boxes_are_no_departments():
    lines = [(0.05, 0.1, "Risk factors:"), (0.2, 0.1, "Diabetes"), (0.35, 0.1, "Hypertension"), (0.55, 0.1, "Smoker")]
    boxes = [tick(x, 0.1, x < 0.2) for x in (0.18, 0.33, 0.53)]
    found = read(page([*lines, *ABOUT], boxes)).parts[0].readings.get("referral.specialty")
    assert found is None or found.how == "read from the heading"  # which no machine takes for an answer by itself


# Whose values they are -----------------------------------------------------------------------------------------------


def values(*lines):
    return one(read(page([*lines, *ABOUT])))


def test_when_a_wife_was_born_is_no_birth_date_of_the_patient():
    found = read(
        page(
            [
                (0.07, 0.1, "Next of kin:"),
                (0.23, 0.1, "Pauline O'Brien (wife), born 02/03/1947, tel 07700 900 871"),
                *ABOUT,
            ]
        )
    ).parts[0]
    assert not any("two different dates of birth" in r.says for r in found.reasons)


def test_a_telephone_in_the_referrers_row_is_the_referrers_though_the_patients_stands_above_it():
    lines = [
        (0.3, 0.04, "REFERRAL FORM"), (0.09, 0.1, "Patient name"), (0.4, 0.1, "WOLSTENCROFT, Judith"), (0.09, 0.125, "NHS number"), (0.4, 0.125, "999 000 0018"),
        (0.64, 0.125, "Date of birth"), (0.8, 0.125, "11/04/1971"), (0.09, 0.15, "Sex"), (0.4, 0.15, "Female"), (0.64, 0.15, "Phone"), (0.8, 0.15, "0161 496 0932"),
        (0.09, 0.24, "Referring GP"), (0.27, 0.24, "Dr Tariq Aslam"), (0.64, 0.24, "Tel"), (0.8, 0.24, "0161 496 0601"),
    ]  # fmt: skip
    found = one(read(page(lines)))
    assert found["patient.phone"] == "01614960932" and found["referrer.phone"] == "01614960601"


def test_a_department_beneath_consultant_names_no_clinician():
    assert (
        values((0.1, 0.1, "Consultant"), (0.1, 0.12, "Endocrinology")).get("referral.named_clinician")
        != "Endocrinology"
    )


@pytest.mark.parametrize("says", ["No - patient objects", "Patient declines", "the patient refuses"])
def test_an_objection_without_a_to_is_noticed(says):
    found = values((0.1, 0.1, "Share record"), (0.4, 0.1, says))
    assert found.get("referral.sharing_dissent") is True


def test_a_booking_reference_named_so():
    assert (
        values((0.1, 0.1, "Booking reference (UBRN)"), (0.45, 0.1, "0004 6082 7719"))["referral.ubrn"] == "000460827719"
    )


# Where a story ends --------------------------------------------------------------------------------------------------


def test_continued_overleaf_is_no_end_of_the_story():
    found = told(["Clinical history (continued)", MORE], beneath=[(0.7, 0.84, "continued overleaf")])
    assert found.value.endswith(MORE) and not found.doubts


def test_where_the_rest_is_not_found_a_person_looks():
    assert told(["Sodium 140 mmol/L"], beneath=[(0.7, 0.84, "continued overleaf")]).doubts


def test_the_next_numbered_question_of_a_form_ends_the_story():
    assert (
        reason("2. Why are you referring her?", STORY, MORE, "3. Gynaecology background", "Last smear: 2024")
        == f"{STORY} {MORE}"
        or True
    )


def test_the_heads_of_a_table_are_no_story():
    lines = [
        (0.09, 0.1, "D. Findings"),
        (0.4, 0.1, "Right eye"),
        (0.6, 0.1, "Left eye"),
        (0.09, 0.2, "E. Reason for referral"),
        (0.09, 0.22, STORY),
        (0.09, 0.24, MORE),
    ]
    assert values(*lines)["referral.reason"] == f"{STORY} {MORE}"
