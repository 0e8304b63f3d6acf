"""Boxes, departments, names and ends of stories as forms of a stranger print them, which nobody who built the reader had seen."""

import pytest

from ocr.page import Box, Line, Word
from templates.glyphs import glyphs_of
from tests.templates.paper import page, rows, tick
from tests.templates.test_boxes_of_urgency import priority
from tests.templates.test_read import PATIENT, REFERRER, read
from tests.templates.test_stories import MORE, STORY, reason

ABOUT = rows([*PATIENT, *(p for p in REFERRER if p[0] != "Specialty")], top=0.3)


def values(*lines, ticks=()):
    return {f: r.value for f, r in read(page([*lines, *ABOUT], ticks)).parts[0].readings.items()}


# Boxes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("yes", "says"), [(True, True), (False, None)])
def test_yes_and_no_answer_the_question_above_them(yes, says):
    asked = [
        (0.1, 0.10, "Does the patient object to the sharing"),
        (0.1, 0.118, "of this referral with other services?"),
        (0.12, 0.136, "Yes"),
        (0.2, 0.136, "No"),
    ]
    found = read(page([*asked, *ABOUT], [tick(0.1, 0.136, yes), tick(0.18, 0.136, not yes)])).parts[0]
    dissent = found.readings.get("referral.sharing_dissent")
    assert (dissent.value if dissent is not None else None) in ((says,) if says else (None, False))


def test_an_open_box_of_objection_beneath_a_ticked_agreement_objects_to_nothing():
    lines = [(0.12, 0.10, "I agree to this referral being shared"), (0.12, 0.125, "I object to sharing")]
    ticks = [tick(0.1, 0.10, True), tick(0.1, 0.125, False)]
    assert values(*lines, ticks=ticks).get("referral.sharing_dissent") is not True


def test_an_option_that_ends_in_and_goes_on_in_the_next_line():
    lines = [
        (0.12, 0.10, "Rheumatology"), (0.32, 0.10, "Trauma &"), (0.32, 0.116, "Orthopaedics"), (0.52, 0.10, "Neurology"),
    ]  # fmt: skip
    ticks = [tick(0.1, 0.10, False), tick(0.3, 0.10, True), tick(0.5, 0.10, False)]
    assert values(*lines, ticks=ticks)["referral.specialty"] == "Trauma & Orthopaedics"


def test_the_two_week_rule_of_a_site_is_the_two_week_rule():
    lines = [(0.12, 0.10, "Routine"), (0.32, 0.10, "Urgent"), (0.52, 0.10, "Skin cancer 2WW")]
    found = priority(lines, [tick(0.1, 0.1, False), tick(0.3, 0.1, False), tick(0.5, 0.1, True)])
    assert found is not None and found.value == "TWO_WEEK_WAIT"


def test_what_takes_the_two_week_rule_back_is_not_the_rule():
    lines = [(0.12, 0.10, "Urgent"), (0.32, 0.10, "Skin cancer unlikely 2WW")]
    found = priority(lines, [tick(0.1, 0.1, False), tick(0.3, 0.1, True)])
    assert found is None or found.value != "TWO_WEEK_WAIT" or found.doubts


@pytest.mark.parametrize("question", ["How soon?", "How soon:"])
def test_a_question_before_the_first_box_is_no_option_of_the_row(question):
    lines = [(0.05, 0.10, question), (0.20, 0.10, "Routine"), (0.36, 0.10, "Urgent")]
    found = priority(lines, [tick(0.18, 0.1, True), tick(0.34, 0.1, False)])
    assert found is not None and found.value == "ROUTINE" and not found.doubts


# Departments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Skin Clinic", "Continence Clinic", "Dermatology (Teledermatology)", "Oral & Maxillofacial Surgery"],
)
def test_a_department_is_named_whole(name):
    assert values((0.1, 0.1, "Clinic wanted: " + name))["referral.specialty"] == name


@pytest.mark.parametrize(
    "label", ["Team wanted", "For the attention of (department)", "Clinic wanted", "Attention of (department)"]
)
def test_labels_of_the_department(label):
    assert values((0.1, 0.1, label), (0.5, 0.1, "Neurology"))["referral.specialty"] == "Neurology"


# Names --------------------------------------------------------------------------------------------------------------


def test_a_practice_whose_kind_stands_in_the_next_line_is_whole():
    said = [p for p in [*PATIENT, *REFERRER] if not p[0].startswith("Practice")]
    lines = [
        *rows(said, top=0.3),
        (0.1, 0.1, "Referring practice"),
        (0.4, 0.085, "GROSVENOR MEDICAL"),
        (0.4, 0.1, "CENTRE"),
    ]
    found = read(page(lines)).parts[0].readings["referrer.practice_name"].value
    assert found.upper() == "GROSVENOR MEDICAL CENTRE"


def test_titles_to_choose_from_are_not_the_name():
    said = [p for p in PATIENT if "name" not in p[0].lower()]
    lines = [
        (0.1, 0.1, "Mr / Mrs / Miss Whitcombe"),
        (0.1, 0.125, "first names Chloe Ann"),
        (0.1, 0.15, "date of birth is 14/02/1991"),
    ]
    found = (
        read(page([*lines, *rows([p for p in said if "irth" not in p[0]], top=0.3), *rows(REFERRER, top=0.6)]))
        .parts[0]
        .readings
    )
    assert found["patient.family_name"].value == "Whitcombe"
    assert found["patient.given_names"].value == "Chloe Ann"
    assert found["patient.birth_date"].value == "1991-02-14"


# Stories ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    ["------------------------", "E Medical history", "Past: asthma", "Present problems", "7. Drugs 8. Allergies"],
)
def test_what_ends_a_story(end):
    assert reason("Reason for referral: " + STORY, MORE, end, "Salbutamol when needed") == f"{STORY} {MORE}"


@pytest.mark.parametrize("heading", ["Description of the problem", "Description", "The story"])
def test_what_heads_a_story(heading):
    assert reason(heading, STORY, MORE) == f"{STORY} {MORE}"


# Typewriters --------------------------------------------------------------------------------------------------------


def typed(text: str, step: float = 0.012, height: float = 0.010) -> Line:
    """A line in a typewriter's face: every letter and every space as wide as any other."""
    words, at = [], 0
    for part in text.split():
        at = text.index(part, at)
        words.append(Word(part, Box(0.1 + at * step, 0.1, 0.1 + (at + len(part)) * step, 0.1 + height), 0.9))
        at += len(part)
    return Line(text, Box(0.1, 0.1, 0.1 + len(text) * step, 0.1 + height), tuple(words), 0.9, "PP-OCRv6")


def test_a_typewriters_space_is_no_gap_between_two_cells():
    assert glyphs_of(typed("Surname of patient Harcourt")).em > 1.5 * 0.012
