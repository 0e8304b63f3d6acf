"""Packs as a stranger sends them: covers counted by hand, stories over two pages, letters that go on, corrections with a pen."""

from dataclasses import replace

import pytest

from templates.match import match_page
from templates.page_counts import announced_pages, counts_of
from tests.templates.paper import page, rows
from tests.templates.test_printed_choice import Paper
from tests.templates.test_printed_choice import read as read_paper
from tests.templates.test_read import FORMS, PATIENT, REFERRER, form, one, read

COVER = [(0.1, 0.05, "FAX COVER SHEET"), (0.1, 0.10, "To: Gynaecology"), (0.1, 0.14, "From: Park View Surgery")]
STORY = "She has had pain in the right knee for four months and cannot manage"
MORE = "the stairs any longer, and physiotherapy has helped her only a little."


# What a cover announces ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([(0.1, 0.2, "Total pages (with"), (0.1, 0.218, "this)"), (0.4, 0.218, "4")], 4),
        ([(0.1, 0.2, "No. of sheets"), (0.4, 0.2, "3")], 3),
        ([(0.1, 0.2, "Number of pages sent: four")], 4),
        ([(0.1, 0.2, "Pages"), (0.4, 0.2, "2 sheets")], 2),
    ],
)
def test_the_count_in_the_column_beside_its_label(lines, total):
    assert announced_pages(page([*COVER, *lines])).total == total


def test_a_count_that_cannot_be_read_is_asked():
    said = announced_pages(page([*COVER, (0.1, 0.2, "Total pages (with this)"), (0.4, 0.2, "V")]))
    assert said.total is None and said.unread
    document = read(page([*COVER, (0.1, 0.2, "Total pages (with this)")]), form(number=2))
    assert any(r.code == "page_count" and "could not be read" in r.says for r in document.reasons)


def test_a_cover_that_says_nothing_of_pages_asks_nothing():
    lines = [*COVER, (0.1, 0.3, "If you do not receive every page, telephone us.")]
    assert not announced_pages(page(lines)).unread


def test_the_fax_machines_line_on_its_head_counts_nothing():
    foot = page([(0.5, 0.98, "1/2")])
    assert counts_of(foot)[1] == (1, 2)
    assert counts_of(replace(foot, turned=180))[1] is None


# Stories over two pages ----------------------------------------------------------------------------------------------


def told(second, foot=("Page 1 of 2", "Page 2 of 2"), beneath=()):
    """The reason of a form whose story ends its first page, with these lines on the second."""
    head = [
        (0.3, 0.03, "OUTPATIENT REFERRAL FORM"),
        *rows([*PATIENT, *REFERRER], 0.08),
        (0.08, 0.80, "Reason for referral"),
    ]
    first = page([*head, (0.08, 0.82, STORY), *beneath, (0.45, 0.95, foot[0])])
    strip = (0.08, 0.04, "Ann Mary O'Brien NHS 999 000 0018")
    then = page([strip, *[(0.08, 0.08 + 0.02 * n, x) for n, x in enumerate(second)], (0.45, 0.95, foot[1])], number=2)
    return read(first, then).parts[0].readings["referral.reason"]


def test_a_story_goes_on_on_the_next_page():
    reason = told([MORE, "Medication", "Naproxen"])
    assert reason.value == f"{STORY} {MORE}" and not reason.doubts and "next page" in reason.how


def test_where_no_numbers_tell_that_the_page_is_the_next_one_a_person_looks():
    reason = told([MORE], foot=("", ""))
    assert reason.value == f"{STORY} {MORE}" and reason.doubts


@pytest.mark.parametrize("second", [["Known problems", "Asthma"], ["Sodium 140 mmol/L"], []])
def test_what_is_no_story_does_not_go_on(second):
    assert told(second).value == STORY


def test_a_story_that_ended_on_its_page_does_not_go_on():
    assert told([MORE], beneath=[(0.08, 0.85, "Signed: Dr Jane Doe")]).value == STORY


# Letters -------------------------------------------------------------------------------------------------------------

LETTER = [
    (0.1, 0.03, "Meridian Private GP Service"),
    (0.4, 0.06, "Page 1 of 3"),
    (0.1, 0.10, "20 November 2026"),
    (0.1, 0.13, "Mr M T Ellingham, Haematology, Royal Vale Hospital"),
    (0.1, 0.17, "Dear Mr Ellingham,"),
    (0.1, 0.20, "re Thomas Novak . 12-Oct-1976 . 999 000 0018"),
    (0.1, 0.22, "12 St Cuthbert's Way, Chorley, Lancashire, PR7 2SJ - 07700 900220"),
    (0.1, 0.25, "Urgency: routine"),
    (0.1, 0.28, "His lymphocyte count has climbed from 6 to 31 within fourteen months and he is tired."),
]


def test_the_first_page_of_a_letter_to_a_department_is_a_referral_before_anybody_signs():
    document = read(page(LETTER))
    found = one(document)
    assert document.document_type == "referral"
    assert found["patient.family_name"] == "Novak" and found["patient.given_names"] == "Thomas"
    assert found["patient.address"] == "12 St Cuthbert's Way, Chorley, Lancashire"
    assert found["referral.specialty"] == "Haematology" and found["referral.named_clinician"] == "M T Ellingham"


def test_an_urgency_on_a_laboratorys_report_asks_for_nobody():
    report = [
        (0.1, 0.05, "HAEMATOLOGY REPORT"),
        (0.1, 0.1, "Urgency: routine"),
        (0.1, 0.15, "Haemoglobin 131 g/L reference range 130-170"),
    ]
    assert match_page(page(report), FORMS, None).referral_signs < match_page(page(LETTER), FORMS, None).referral_signs
    assert read(page(report)).document_type == "other"


@pytest.mark.parametrize("address", ["Ruckinge Rd, Hamstreet", "Saltash PL12 4BU"])
def test_the_address_beneath_a_surgerys_name_is_no_practice(address):
    lines = [(0.1, 0.05, "Hamstreet Surgery"), (0.1, 0.07, "The Surgery"), (0.1, 0.09, address), *LETTER[2:]]
    assert one(read(page(lines))).get("referrer.practice_name") != address


def test_the_booking_reference_behind_its_small_e():
    lines = [*rows([*PATIENT, *REFERRER], 0.2), (0.08, 0.1, "e-RS ref (UBRN)"), (0.4, 0.1, "0004 3187 2265")]
    assert one(read(page([(0.3, 0.05, "REFERRAL FORM"), *lines])))["referral.ubrn"] == "000431872265"


# Pens ----------------------------------------------------------------------------------------------------------------


def test_a_letter_beside_the_other_letter_is_no_answer():
    lines = [
        *rows([p for p in PATIENT if p[0] != "Gender"], 0.2),
        (0.4, 0.05, "4. Sex"),
        (0.4, 0.068, "M"),
        (0.46, 0.068, "F"),
    ]
    assert "patient.gender" not in one(read(page([(0.1, 0.05, "REFERRAL FORM"), *lines])))


def test_the_letter_ringed_beneath_its_label_is_the_gender():
    paper = Paper()
    paper.put(300, 900, "4. Sex")
    male = paper.put(310, 940, "M")
    paper.put(420, 940, "F")
    paper.ring(male)
    assert read_paper(paper).parts[0].readings["patient.gender"].value == "male"


def test_the_word_left_standing_of_two_in_a_cell_is_the_gender():
    paper = Paper()
    male = paper.put(300, 900, "Male / Female")
    paper.strike(replace(male, right=male.left + 70 / 1654))
    assert read_paper(paper).parts[0].readings["patient.gender"].value == "female"


def test_what_a_pen_struck_out_is_no_value_and_a_person_compares_its_correction():
    paper = Paper()
    paper.put(150, 900, "Hospital number")
    paper.put(150, 950, "Clinic requested")
    old = paper.put(560, 950, "Dermatology")
    paper.put(800, 950, "Neurology")
    paper.strike(old)
    found = read_paper(paper).parts[0].readings["referral.specialty"]
    assert found.value == "Neurology" and "something beside it is struck out" in found.doubts


def test_the_practice_on_a_patients_sticker_is_not_the_writers_telephone():
    lines = [
        (0.09, 0.05, "INTERNAL REFERRAL BETWEEN DEPARTMENTS"),
        (0.09, 0.10, "Affix patient label"),
        (0.51, 0.10, "HARGREAVES, Stuart"),
        (0.51, 0.12, "27-Feb-1972"),
        (0.51, 0.14, "NHS 999 079 9598"),
        (0.09, 0.19, "Extension / direct line:"),
        (0.51, 0.19, "GP Grey Gable Surgery 01386 793007"),
        (0.09, 0.21, "01632 960540"),
        (0.09, 0.30, "Refer to: Cardiology"),
        (0.09, 0.40, "Reason for referral"),
        (0.09, 0.42, STORY),
        (0.09, 0.44, MORE),
    ]
    assert one(read(page(lines))).get("referrer.phone") in (None, "01632960540")
