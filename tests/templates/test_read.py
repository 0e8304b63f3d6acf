# ruff: noqa: E501  (rows of cases read better unbroken)
"""Whole documents out of words: layouts, decoys, priorities, page order, second patients; one test for each failure that was measured."""

import datetime as dt

import pytest

from ocr.page import Page
from templates.form import load_forms
from templates.read import read_document
from templates.reading import DocumentReading
from tests.templates.paper import SecondReader, page, rows, tick

TODAY = dt.date(2026, 11, 22)
FORMS = load_forms()
PATIENT = [("NHS Number", "999 000 0018"), ("Surname", "O'Brien"), ("Forenames", "Ann Mary"), ("Date of birth", "01/02/1960"), ("Gender", "Female"), ("Address", "14 High Street, Wakefield"),
           ("Postcode", "WF10 4PW"), ("Home telephone", "01924 960123")]  # fmt: skip
REFERRER = [("Referring GP", "Dr Jane Doe"), ("Practice", "Park View Surgery"), ("Practice code", "B87030"), ("Practice telephone", "01642 672351"), ("Specialty", "Cardiology"),
            ("Date of referral", "18/11/2026")]  # fmt: skip


def read(*pages: Page, **second: object) -> DocumentReading:
    return read_document(pages, FORMS, SecondReader(pages, **second), TODAY)


def form(
    extra: list[tuple[float, float, str]] | None = None,
    patient: list[tuple[str, str]] = PATIENT,
    number: int = 1,
    priority: str = "Routine",
    ticks=(),
    head: str = "OUTPATIENT REFERRAL FORM",
) -> Page:
    pairs = [*patient, *REFERRER, *([("Priority", priority)] if priority else [])]
    lines = [
        (0.3, 0.08, head),
        *rows(pairs),
        (0.08, 0.62, "Reason for referral"),
        (0.08, 0.64, "Chest pain on exertion for six weeks."),
        *(extra or []),
    ]
    return page(lines, ticks, number)


def one(document: DocumentReading) -> dict[str, object]:
    assert document.document_type == "referral" and len(document.parts) == 1, document
    return {name: r.value for name, r in document.parts[0].readings.items()}


def test_a_ruled_form_with_labels_on_the_left():
    document = read(form())
    assert one(document) == {
        "patient.nhs_number": "9990000018", "patient.family_name": "O'Brien", "patient.given_names": "Ann Mary", "patient.birth_date": "1960-02-01", "patient.gender": "female",
        "patient.address": "14 High Street, Wakefield", "patient.postcode": "WF10 4PW", "patient.phone": "01924960123", "referrer.name": "Jane Doe",
        "referrer.practice_name": "Park View Surgery", "referrer.practice_code": "B87030", "referrer.phone": "01642672351", "referral.specialty": "Cardiology",
        "referral.date": "2026-11-18", "referral.priority": "ROUTINE", "referral.reason": "Chest pain on exertion for six weeks.",
    }  # fmt: skip
    assert document.parts[0].form == "ruled-label-left"
    assert all(
        len(r.readers) == 2
        for n, r in document.parts[0].readings.items()
        if n in ("patient.nhs_number", "patient.birth_date", "patient.family_name")
    )


def test_boxes_with_labels_above_values_never_give_a_label_as_value():
    lines = [(0.08, 0.05, "Referral for specialist opinion")]
    for i in range(0, len(PATIENT + REFERRER), 2):
        for column, (label, value) in enumerate((PATIENT + REFERRER)[i : i + 2]):
            lines += [(0.08 + 0.45 * column, 0.1 + i * 0.02, label), (0.085 + 0.45 * column, 0.117 + i * 0.02, value)]
    lines += [(0.08, 0.6, "Reason for referral"), (0.085, 0.617, "Palpitations since August, getting worse.")]
    document = read(page(lines))
    got = one(document)
    assert (
        got["patient.family_name"],
        got["patient.given_names"],
        got["patient.nhs_number"],
        got["patient.birth_date"],
    ) == ("O'Brien", "Ann Mary", "9990000018", "1960-02-01")
    assert got["referrer.name"] == "Jane Doe" and got["referral.specialty"] == "Cardiology"
    assert document.parts[0].form == "boxed-label-above"


def test_a_letter_with_a_re_line():
    document = read(
        page(
            [
                (0.3, 0.05, "Park View Surgery"), (0.3, 0.07, "4 Mill Lane, Stockton TS18 1HU"), (0.3, 0.09, "Tel: 01642 672351  Fax: 01642 672352"), (0.3, 0.11, "Practice code: B87030"),
                (0.1, 0.14, "Miss F Umar"), (0.7, 0.14, "18th November 2026"), (0.1, 0.16, "Department of Dermatology"), (0.1, 0.2, "Dear Miss Umar,"),
                (0.1, 0.23, "Re: O'BRIEN, Ann Mary (Mrs) DOB: 01/02/1960"), (0.12, 0.25, "14 High Street, Wakefield WF10 4PW"), (0.12, 0.27, "NHS No: 999 000 0018"),
                (0.1, 0.31, "Thank you for seeing this lady with a crusted nodule on the ear as a routine referral."), (0.1, 0.33, "It has doubled in size in two months."),
                (0.1, 0.36, "Current medication: Ramipril 10 mg"), (0.1, 0.4, "Yours sincerely"), (0.1, 0.45, "Dr Jane Doe"), (0.1, 0.47, "GP Partner"),
            ]
        )
    )  # fmt: skip
    got = one(document)
    assert got["patient.family_name"] == "O'BRIEN" and got["patient.given_names"] == "Ann Mary"
    assert got["patient.address"] == "14 High Street, Wakefield" and got["patient.postcode"] == "WF10 4PW"
    assert (
        got["referral.named_clinician"] == "F Umar"
        and got["referral.specialty"] == "Dermatology"
        and got["referral.date"] == "2026-11-18"
    )
    assert (
        got["referrer.name"] == "Jane Doe"
        and got["referrer.practice_name"] == "Park View Surgery"
        and got["referrer.phone"] == "01642672351"
    )
    assert got["referral.reason"].startswith("Thank you") and got["referral.reason"].endswith("two months.")
    assert got["referral.priority"] == "ROUTINE" and document.parts[0].form == "letter-re"


def test_an_accession_number_that_passes_modulus_11_is_no_patient():
    results = page(
        [
            (0.1, 0.06, "PATHOLOGY REPORT"),
            *rows(
                [
                    ("Accession No", "9990000018"),
                    ("Specimen", "Blood"),
                    ("Reported by", "Dr A Lab"),
                    ("Haemoglobin", "140 reference range 130-170"),
                ]
            ),
        ]
    )
    assert read(results).document_type == "other"
    document = read(form(patient=[("Accession No", "9990000018"), *PATIENT[1:]]))
    assert "patient.nhs_number" not in one(document)


def test_next_of_kin_and_usual_gp_are_decoys():
    document = read(
        form(
            [
                *rows(
                    [
                        ("Next of kin", "Margaret Smith"),
                        ("NOK telephone", "07700 900154"),
                        ("Usual GP", "Dr Other Person"),
                    ],
                    top=0.7,
                )
            ]
        )
    )
    got = one(document)
    assert (
        got["patient.family_name"] == "O'Brien"
        and got["referrer.name"] == "Jane Doe"
        and got["patient.phone"] != "07700900154"
    )


def test_a_date_with_strokes_read_as_ones_is_no_nhs_number_and_is_doubtful_as_a_date():
    document = read(form(patient=[("NHS Number", ""), PATIENT[1], PATIENT[2], ("Date of birth", "2310811969")]))
    assert "patient.nhs_number" not in one(document)
    assert document.parts[0].readings["patient.birth_date"].doubts


@pytest.mark.parametrize(("ticked", "value"), [(0, "ROUTINE"), (1, "URGENT"), (2, "TWO_WEEK_WAIT")])
@pytest.mark.parametrize("words_right", [True, False])
def test_the_ticked_box_says_the_priority_whatever_words_stand_there(ticked, value, words_right):
    lines, ticks = [], []
    for i, word in enumerate(("Routine", "Urgent", "2WW")):
        left = 0.3 + 0.17 * i
        lines.append((left + (0.025 if words_right else -0.005 - 0.0095 * len(word)), 0.55, word))
        ticks.append(tick(left, 0.5505, i == ticked))
    document = read(form([(0.08, 0.55, "Priority"), *lines], priority="", ticks=ticks))
    assert one(document)["referral.priority"] == value
    assert not document.parts[0].readings["referral.priority"].doubts


def test_no_tick_or_two_ticks_or_an_unclear_one_is_asked():
    for states in ((False, False, False), (True, True, False), (True, None, False)):
        lines = [(0.325 + 0.17 * i, 0.55, word) for i, word in enumerate(("Routine", "Urgent", "2WW"))]
        ticks = [tick(0.3 + 0.17 * i, 0.5505, s) for i, s in enumerate(states)]
        document = read(form([(0.08, 0.55, "Priority"), *lines], priority="", ticks=ticks))
        assert any(r.field == "referral.priority" for r in document.parts[0].reasons), states
    assert document.parts[0].readings["referral.priority"].doubts


def test_unreadable_urgency_is_absent_and_asked_never_routine():
    document = read(form(priority=""))
    assert "referral.priority" not in one(document)
    assert any(r.code == "priority" for r in document.parts[0].reasons)


def test_urgent_words_in_the_text_beside_a_routine_label_are_asked():
    document = read(form([(0.08, 0.66, "I would be grateful for an urgent appointment.")]))
    assert one(document)["referral.priority"] == "URGENT"
    assert any(r.code == "priority" for r in document.parts[0].reasons)


def test_the_cancer_form_itself_is_the_urgency():
    document = read(form(priority="", head="SUSPECTED CANCER REFERRAL"))
    assert one(document)["referral.priority"] == "TWO_WEEK_WAIT" and document.parts[0].form == "suspected-cancer"


def test_dissent_is_seen_and_asked():
    document = read(form([(0.08, 0.7, "The patient does not consent to this referral being shared.")]))
    assert one(document)["referral.sharing_dissent"] is True
    assert any(r.code == "dissent" for r in document.parts[0].reasons)
    assert "shared" not in one(document)["referral.reason"]


def test_two_different_birth_dates_are_a_doubt():
    document = read(form([*rows([("D.O.B.", "01/02/1966")], top=0.7)]))
    assert any(r.field == "patient.birth_date" for r in document.parts[0].reasons)


def test_readers_that_disagree_are_a_doubt_and_the_other_value_is_kept():
    document = read(form(), instead={"01/02/1960": "01/02/1966"})
    found = document.parts[0].readings["patient.birth_date"]
    assert found.value == "1960-02-01" and found.others == ("1966-02-01",) and found.doubts and len(found.readers) == 1


def test_the_second_reader_is_asked_once_for_each_page():
    pages = [form()]
    second = SecondReader(pages)
    read_document(pages, FORMS, second, TODAY)
    assert second.calls == 1


def test_a_page_that_failed_leaves_the_others_read():
    document = read(form(), Page(2, b"", 0, 0, (), failure="This page could not be drawn."))
    assert one(document)["patient.nhs_number"] == "9990000018"
    assert document.other_pages == {2: "could not be read"} and document.reasons


@pytest.mark.parametrize(
    "choice",
    [
        [(0.08, 0.55, "Priority (circle):"), (0.3, 0.55, "ROUTINE"), (0.45, 0.55, "URGENT"), (0.6, 0.55, "2WW - SUSPECTED CANCER")],
        [(0.08, 0.55, "Degree of urgency *"), (0.3, 0.55, "-Routine-"), (0.45, 0.55, "Urgent"), (0.7, 0.565, "* delete those that do not apply")],
        [(0.08, 0.55, "Urgency"), (0.3, 0.55, "Routine"), (0.3, 0.57, "Urgent"), (0.3, 0.59, "Two week wait")],
        [(0.08, 0.55, "Priority"), (0.3, 0.55, "Routine / Urgent / 2WW")],
    ],
    ids=["ringed", "struck out", "one beneath the other", "in one line"],
)  # fmt: skip
def test_a_printed_choice_says_nothing_of_what_a_pen_marked(choice):
    document = read(form(choice, priority=""))
    (part,) = document.parts
    assert any(r.field == "referral.priority" for r in part.reasons)
    reading = part.readings.get("referral.priority")
    assert reading is None or reading.doubts


def test_a_booking_reference_that_is_not_one_is_asked_about():
    assert one(read(form([(0.5, 0.68, "UBRN if booked: 0883 1148 1634")])))["referral.ubrn"] == "088311481634"
    document = read(form([(0.5, 0.68, "UBRN: 0883 1148 16")]))
    assert [r.code for r in document.parts[0].reasons if r.field == "referral.ubrn"] == ["ubrn"]
    assert not read(form([(0.5, 0.68, "UBRN: not yet issued")])).parts[0].reasons
