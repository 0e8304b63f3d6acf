from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.page import Quality
from templates.page_counts import announced_pages, counts_of
from templates.page_facts import Identity
from templates.parts import same_patient
from tests.templates.paper import page
from tests.templates.test_read import PATIENT, form, one, read

OTHER = [
    ("NHS Number", "999 000 0026"),
    ("Surname", "Khan"),
    ("Forenames", "Imran"),
    ("Date of birth", "07/08/1985"),
    *PATIENT[4:],
]


def cover(words: str, number: int = 1):
    return page(
        [
            (0.3, 0.06, "FAX COVER SHEET"),
            (0.1, 0.1, "To: Booking office"),
            (0.1, 0.15, words),
            (0.1, 0.3, "If you have received this fax in error telephone at once"),
        ],
        number=number,
    )


def results(number: int, nhs: str = "999 000 0018"):
    return page(
        [
            (0.1, 0.06, "PATHOLOGY REPORT"),
            (0.1, 0.1, f"NHS No: {nhs}"),
            (0.1, 0.15, "Specimen: blood"),
            (0.1, 0.2, "Haemoglobin 140 reference range 130-170"),
            (0.1, 0.3, "Reported by the lab"),
        ],
        number=number,
    )


@pytest.mark.parametrize(
    ("text", "total", "includes"),
    [
        ("Pages including this: 5", 5, True),
        ("No of pages (incl cover): 3", 3, True),
        ("4 pages to follow", 4, False),
        ("Total pages 12", 12, True),
        ("Nothing", None, True),
    ],
)
def test_the_cover_says_how_many(text, total, includes):
    said = announced_pages(cover(text))
    assert (said.total, said.includes) == (total, includes)


@pytest.mark.parametrize("text", ["P.01/03", "Page 1/3", "Pg: 1/3", "PAGE 01/03"])
def test_the_fax_strip_counts(text):
    assert counts_of(page([(0.02, 0.002, "20/11/2026 10:50"), (0.8, 0.002, text)]))[0] == (1, 3)


@given(
    st.integers(1, 9).flatmap(lambda total: st.tuples(st.integers(1, total), st.just(total))),
    st.sampled_from(["Page {} of {}", "page {} / {}", "Page {} ot {}", "Page-{} of {}"]),
)
def test_the_footer_counts(count, form_of):
    assert counts_of(page([(0.8, 0.95, form_of.format(*count))]))[1] == count


def test_a_missing_page_is_named():
    document = read(
        form([(0.8, 0.95, "Page 1 of 3")], number=1),
        page([(0.1, 0.1, "Current medication: none"), (0.8, 0.95, "Page 3 of 3")], number=2),
    )
    assert any("page 2 of 3 is missing" in r.says for r in document.parts[0].reasons)


def test_pages_are_put_in_order():
    document = read(
        page([(0.1, 0.1, "NHS No: 999 000 0018"), (0.8, 0.95, "Page 2 of 2")], number=1),
        form([(0.8, 0.95, "Page 1 of 2")], number=2),
    )
    assert document.parts[0].pages == (2, 1)


def test_fewer_pages_than_the_cover_says():
    document = read(cover("Pages including this: 5"), form(number=2))
    assert one(document)["patient.nhs_number"] == "9990000018"
    assert document.other_pages == {1: "a fax cover sheet"}
    assert any("5 pages, 2 came" in r.says for r in document.reasons)


def test_two_patients_in_one_file_are_parted():
    document = read(form(number=1), form(patient=OTHER, number=2))
    assert [p.pages for p in document.parts] == [(1,), (2,)]
    assert [p.readings["patient.family_name"].value for p in document.parts] == ["O'Brien", "Khan"]
    assert any(r.code == "several_referrals" for r in document.reasons)


def test_results_stay_with_their_patient_and_a_strangers_are_taken_out():
    document = read(form(number=1), results(2))
    assert document.parts[0].pages == (1, 2) and not document.reasons
    document = read(form(number=1), results(2, "999 000 0026"))
    assert document.parts[0].pages == (1,) and 2 in document.other_pages
    assert any(r.code == "second_patient" for r in document.reasons)


@pytest.mark.parametrize(
    "lines",
    [
        ["INVOICE", "Invoice number: 4711", "VAT 20%", "Amount due 120.00", "Payment terms 30 days"],
        [
            "DISCHARGE SUMMARY",
            "Date of admission: 01/11/2026",
            "Date of discharge: 05/11/2026",
            "Consultant: Dr X",
            "Discharge medication: none",
        ],
        [
            "PRESCRIPTION QUERY",
            "High Street Pharmacy",
            "The prescription for the patient cannot be supplied",
            "Please confirm an alternative, it is out of stock",
        ],
        [
            "SPECIAL OFFER",
            "Save up to 50% off toner",
            "Call now to order",
            "To be removed from our list fax this page back",
        ],
    ],
)
def test_what_is_no_referral(lines):
    document = read(page([(0.1, 0.06 + 0.04 * i, text) for i, text in enumerate(lines)]))
    assert document.document_type == "other" and document.parts == ()
    assert document.other_pages[1]


def test_twins_are_two_patients():
    assert (
        same_patient(
            Identity("9990000018", "1960-02-01", "Khan", "Amir"), Identity("9990000026", "1960-02-01", "Khan", "Omar")
        )
        is not True
    )
    assert same_patient(Identity("9990000018"), Identity("9990000018")) is True
    assert (
        same_patient(Identity("9990000018", "1960-02-01", "Khan"), Identity("9990000026", "1985-02-03", "Smith"))
        is False
    )
    assert same_patient(Identity(), Identity("9990000018")) is None


def test_a_later_page_of_a_stranger_is_taken_out_and_not_missed():
    stray = page([(0.1, 0.06, "KHAN, Imran (Mr)"), (0.4, 0.06, "DOB: 07/08/1985"), (0.6, 0.06, "NHS No: 999 000 0026"),
                  (0.1, 0.2, "12-Mar-2019 Asthma"), (0.1, 0.23, "04-Jul-2021 Sertraline 50 mg od"),
                  (0.8, 0.95, "Page 2 of 3")], number=2)  # fmt: skip
    document = read(form(), stray)
    assert len(document.parts) == 1 and document.other_pages == {2: "about another patient"}
    assert [r.code for r in document.reasons] == ["second_patient"]


def test_results_whose_referral_was_lost_are_kept_for_their_patient():
    document = read(cover("Total pages (inc. cover): 3"), results(2))
    assert document.document_type == "referral" and document.parts[0].pages == (2,)
    assert any(r.code == "missing_page" for r in document.reasons)


def test_a_page_with_a_worn_number_far_from_the_patients_may_be_a_strangers():
    ask = page([
        (0.1, 0.05, "Referral form"), (0.1, 0.10, "Surname: Smith"), (0.1, 0.13, "NHS No: 999 000 0018"), (0.1, 0.16, "DOB: 03/05/1950"),
        (0.1, 0.25, "Reason for referral: painful knee for four months, please assess."),
    ])  # fmt: skip
    for number, asked in (("000 385 1587", True), ("999 000 0014", False)):
        report = page([
            (0.1, 0.05, "PATHOLOGY REPORT"), (0.1, 0.08, f"NHS No: {number}"), (0.1, 0.11, "Specimen: venous blood"),
            (0.1, 0.14, "Test"), (0.4, 0.14, "Result"),
            (0.1, 0.17, "Potassium"), (0.4, 0.17, "4.1 mmol/L"), (0.1, 0.20, "HbA1c"), (0.4, 0.20, "58 mmol/mol"),
        ], number=2)  # fmt: skip
        got = read(ask, report)
        assert len(got.parts) == 1 and got.parts[0].pages == (1, 2)
        assert [r.page for r in got.reasons if r.code == "second_patient"] == ([2] if asked else []), number


RECORD = [
    (0.1, 0.06, "Patient: Ann Mary O'Brien | Born: 01-Feb-1960 | NHS Number: 999 000 0018"),
    (0.1, 0.1, "Record"),
    (0.1, 0.14, "03-May-2026 Discharged from clinic, did not attend"),
    (0.1, 0.18, "Prescription query, unable to dispense, out of stock"),
]


def test_the_next_page_that_a_referral_counts_belongs_to_it_whatever_it_looks_like():
    document = read(form([(0.8, 0.95, "Page 1 of 2")], number=1), page(RECORD, number=2))
    assert document.parts[0].pages == (1, 2) and not document.parts[0].reasons


def test_a_letter_from_a_clinic_is_not_the_next_page():
    letter = [
        *RECORD[:1],
        (0.1, 0.1, "Dear Doctor"),
        (0.1, 0.14, "Thank you for referring this lady, reviewed in clinic."),
        (0.1, 0.18, "I have discharged her, no further follow-up."),
    ]
    document = read(form([(0.8, 0.95, "Page 1 of 2")], number=1), page(letter, number=2))
    assert document.parts[0].pages == (1,)
    assert any("page 2 of 2 is missing" in r.says for r in document.parts[0].reasons)


def test_results_that_count_themselves_a_second_page_are_kept_for_their_patient():
    later = page(
        [
            *RECORD[:1],
            (0.1, 0.1, "Recent tests"),
            (0.1, 0.14, "Haemoglobin 140 reference range 130-170, specimen blood"),
            (0.1, 0.18, "Reported by the lab"),
            (0.8, 0.95, "Page 2 of 2"),
        ]
    )
    document = read(later)
    assert one(document)["patient.nhs_number"] == "9990000018"
    assert any("page 1 of 2 is missing" in r.says for r in document.parts[0].reasons)


def test_a_page_that_can_hardly_be_read_is_never_passed_by_a_machine():
    """It may be another patient's."""
    torn = page([(0.1, 0.3, "Sse ruere"), (0.5, 0.4, "8T")], number=2)
    torn = replace(torn, quality=Quality(0.2, ("hard_to_read",)))
    assert any(r.code == "hardly_read_page" and r.page == 2 for r in read(form(), torn).reasons)
