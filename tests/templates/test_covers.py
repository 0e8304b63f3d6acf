"""Referrals that look like a fax's cover sheet: none may be set aside, nor hide whose paper this is (P1, HAZ-02)."""

import pytest

from templates.page_counts import counts_of
from tests.templates.paper import page
from tests.templates.test_parts import OTHER
from tests.templates.test_read import form, one, read

FAXED = [
    (0.3, 0.06, "REFERRAL SENT BY FAX"),
    (0.1, 0.10, "Surgery fax: 01642 672352"),
    (0.6, 0.10, "No of pages 2"),
    (0.1, 0.30, "Confidential: if you have received this fax in error telephone at once"),
]
LATER = [
    (0.1, 0.10, "NHS No: 999 000 0026"),
    (0.1, 0.12, "DOB: 07/08/1985"),
    (0.1, 0.14, "Surname: Khan"),
    (0.1, 0.16, "Repeat medication"),
    (0.8, 0.95, "Page 2 of 2"),
]


def test_a_page_on_fax_paper_that_tells_a_patients_particulars_is_the_referral():
    faxed = page(
        [
            *FAXED,
            (0.1, 0.14, "NHS No: 999 000 0018"),
            (0.1, 0.16, "Tel: 01924 960123"),
            (0.1, 0.20, "Thank you for seeing this lady."),
        ]
    )
    document = read(faxed, page(LATER, number=2))
    assert one(document)["patient.nhs_number"] == "9990000018"
    assert document.other_pages == {2: "about another patient"}


def test_of_two_referrals_the_one_on_fax_paper_is_not_dropped():
    faxed = page(
        [
            *FAXED,
            (0.1, 0.14, "Born: 01/02/1960"),
            (0.1, 0.16, "NIS 999 000 0018"),
            (0.1, 0.20, "I would value your opinion on this patient."),
        ]
    )
    document = read(faxed, form(patient=OTHER, number=2))
    assert [p.pages for p in document.parts] == [(1,), (2,)]
    assert any(r.code == "several_referrals" for r in document.reasons)


def test_a_cover_that_names_another_patient_is_said():
    cover = page([*FAXED[1:], (0.3, 0.06, "FAX COVER SHEET"), (0.1, 0.14, "Patient: Mr Gareth Pugh")])
    document = read(cover, form(number=2))
    assert one(document)["patient.family_name"] == "O'Brien"
    assert any(r.code == "second_patient" and r.page == 1 for r in document.reasons)


@pytest.mark.parametrize(
    ("foot", "count"),
    [
        ("Choot 1 of 3", (1, 3)),
        ("Sheet 2 uf 3", (2, 3)),
        ("1of2", (1, 2)),
        ("lof 2", (1, 2)),
        ("1d2", (1, 2)),
        ("212", (2, 2)),
        ("H96", None),
        ("Cycle 4 of 3", None),
    ],
)
def test_a_worn_count_at_the_foot_counts(foot, count):
    assert counts_of(page([(0.8, 0.95, foot)]))[1] == count


def test_the_same_words_in_the_middle_of_a_page_are_no_count():
    assert counts_of(page([(0.1, 0.5, "Cycle 2 of 6")]))[1] is None


@pytest.mark.parametrize(
    ("lines", "specialty"),
    [
        (["Please accept this referral to Respiratory Medicine from Dr Ann Fenwick."], "Respiratory Medicine"),
        (
            ["This is an urgent suspected cancer referral to Ear,", "Nose and Throat at Calder Royal Infirmary."],
            "Ear, Nose and Throat",
        ),
    ],
)
def test_a_sentence_names_the_department_in_full(lines, specialty):
    letter = [(0.1, 0.10 + 0.02 * i, text) for i, text in enumerate(lines)]
    about = [
        (0.1, 0.2, "NHS No: 999 000 0018"),
        (0.1, 0.22, "DOB: 01/02/1960"),
        (0.1, 0.24, "Surname: O'Brien"),
        (0.1, 0.26, "Thank you for seeing her."),
    ]
    assert one(read(page([*letter, *about])))["referral.specialty"] == specialty


def test_a_department_over_an_addressee_with_a_hospital_of_his_own_is_the_senders():
    letter = [
        (0.1, 0.06, "Calder Royal Infirmary"),
        (0.1, 0.08, "Department of Acute Medicine"),
        (0.1, 0.12, "Dr A Sugden"),
        (0.1, 0.14, "Concultant, Dermatuluyy"),
        (0.1, 0.16, "Wharfe Valley Hospital"),
        (0.1, 0.20, "Dear Dr Sugden"),
        (0.1, 0.22, "Ms Ann SMITH, born 1 May 1983, NHS no 999 000 0018"),
        (0.1, 0.26, "I would be grateful for a routine appointment for this lady."),
        (0.1, 0.34, "Yours sincerely"),
        (0.1, 0.40, "Dr Fiona Sharma, Consultant Physician"),
    ]
    found = read(page(letter)).parts[0].readings.get("referral.specialty")
    assert found is None or (found.how == "read from the heading" and found.times == 1)


ANSWER = [
    (0.1, 0.05, "Northfield General Hospital NHS Trust"),
    (0.1, 0.10, "Dr Andrew Yates"),
    (0.1, 0.12, "Park View Medical Centre"),
    (0.1, 0.18, "Dear Dr Yates"),
    (0.1, 0.20, "Mr Ian Chen, NHS No: 999 000 0018, DOB: 30/04/1985"),
    (0.1, 0.24, "Thank you for referring this gentleman. I am pleased to say that all is well."),
    (0.1, 0.34, "Yours sincerely"),
    (0.1, 0.40, "Oliver Chaudhry, Consultant, Cardiology"),
]


def test_a_consultants_letter_to_a_practice_is_no_referral():
    assert read(page(ANSWER)).document_type == "other"


def test_a_practices_letter_to_a_consultant_is_one():
    turned = [*ANSWER]
    turned[0], turned[2] = (0.1, 0.05, "Park View Medical Centre"), (0.1, 0.12, "Northfield General Hospital")
    turned[5] = (0.1, 0.24, "Thank you for seeing this gentleman, whom Dr Lee has already seen once.")
    assert read(page(turned)).document_type == "referral"
