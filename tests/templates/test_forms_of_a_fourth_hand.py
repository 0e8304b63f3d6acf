"""Forms of a fourth hand: options with hints behind them, titles over two columns, lists of consultants, typewriters, strokes of a pen."""

from dataclasses import replace

import pytest

from tests.templates.paper import CHAR, page, rows, tick
from tests.templates.test_boxes_of_urgency import priority
from tests.templates.test_printed_choice import Paper
from tests.templates.test_printed_choice import read as read_paper
from tests.templates.test_read import PATIENT, REFERRER, one, read

ABOUT = rows([*PATIENT, *(p for p in REFERRER if p[0] != "Specialty")], top=0.3)


def values(*lines, ticks=()):
    return {f: r.value for f, r in read(page([*lines, *ABOUT], ticks)).parts[0].readings.items()}


# Boxes ---------------------------------------------------------------------------------------------------------------


def test_what_a_form_tells_its_writer_behind_an_option_is_no_part_of_it():
    row = [(0.12, 0.1, "Routine"), (0.32, 0.1, "Urgent (suspected cancer: use the separate 2WW forms)")]
    found = priority(row, [tick(0.1, 0.1, False), tick(0.3, 0.1, True)])
    assert found is not None and found.value == "URGENT" and not found.doubts


def test_an_urgency_that_denies_cancer_is_not_mistaken_for_the_one_that_suspects_it():
    row = [(0.12, 0.1, "Routine"), (0.32, 0.1, "Urgent (not suspected cancer)"), (0.72, 0.1, "2WW / USC")]
    found = priority(row, [tick(0.1, 0.1, False), tick(0.3, 0.1, True), tick(0.7, 0.1, False)])
    assert found is not None and found.value == "URGENT"


@pytest.mark.parametrize(("first", "value"), [(True, "URGENT"), (False, "ROUTINE")])
def test_what_is_meant_by_an_urgency_may_stand_before_it(first, value):
    row = [(0.12, 0.1, "Active problem - URGENT (1 working day)"), (0.62, 0.1, "High risk - ROUTINE")]
    found = priority(row, [tick(0.1, 0.1, first), tick(0.6, 0.1, not first)])
    assert found is not None and found.value == value


def test_the_next_label_of_the_row_is_no_part_of_an_option():
    row = [(0.05, 0.1, "Is this"), (0.15, 0.1, "Routine"), (0.26, 0.1, "Urgent Safeguarding concerns? No")]
    found = priority(row, [tick(0.13, 0.1, False), tick(0.24, 0.1, True)])
    assert found is not None and found.value == "URGENT"


@pytest.mark.parametrize(("objects", "says"), [(True, True), (False, None)])
def test_a_question_of_two_lines_beside_the_boxes_for_its_answers(objects, says):
    asked = [
        (0.07, 0.1, "Does the patient object to"),
        (0.07, 0.117, "their record being shared?"),
        (0.42, 0.1, "Yes, objects"),
        (0.62, 0.1, "No objection"),
    ]
    found = values(*asked, ticks=[tick(0.4, 0.1, objects), tick(0.6, 0.1, not objects)])
    assert found.get("referral.sharing_dissent") in ((says,) if says else (None, False))


def test_departments_that_no_list_knows_are_options_beside_those_that_it_knows():
    row = [(0.05, 0.1, "Service:"), (0.16, 0.1, "Fertility Clinic"), (0.4, 0.1, "Gynaecology"), (0.6, 0.1, "Menopause")]
    boxes = [tick(0.14, 0.1, True), tick(0.38, 0.1, False), tick(0.58, 0.1, False)]
    assert values(*row, ticks=boxes)["referral.specialty"] == "Fertility Clinic"
    boxes = [tick(0.14, 0.1, False), tick(0.38, 0.1, True), tick(0.58, 0.1, False)]
    assert values(*row, ticks=boxes)["referral.specialty"] == "Gynaecology"


# Whose value it is ---------------------------------------------------------------------------------------------------


def test_headings_in_the_middle_of_their_columns_head_what_stands_beneath_them():
    lines = [
        (0.26, 0.1, "PATIENT"), (0.69, 0.1, "REFERRER"),
        (0.08, 0.125, "Surname"), (0.2, 0.125, "HOLLOWAY"), (0.53, 0.125, "Name"), (0.64, 0.125, "Dr Niall Corrigan"),
        (0.08, 0.15, "First names"), (0.2, 0.15, "Derek"), (0.53, 0.15, "Practice"), (0.64, 0.15, "Park View Surgery"),
        (0.08, 0.175, "NHS No"), (0.2, 0.175, "999 000 0018"), (0.53, 0.175, "Tel"), (0.64, 0.175, "01632 960770"),
        (0.08, 0.2, "DoB"), (0.2, 0.2, "02/11/1946"), (0.3, 0.05, "REFERRAL FORM"),
    ]  # fmt: skip
    found = one(read(page(lines)))
    assert found["patient.family_name"] == "HOLLOWAY" and found["referrer.name"] == "Niall Corrigan"
    assert found["referrer.phone"] == "01632960770"


def test_a_name_that_goes_on_beneath_in_its_cell():
    said = [p for p in PATIENT if "name" not in p[0].lower()]
    lines = [
        (0.07, 0.1, "Full name:"),
        (0.26, 0.1, "Ms Imogen Claire"),
        (0.26, 0.115, "Tattersall"),
        *rows([*said, *REFERRER], 0.2),
    ]
    found = one(read(page([(0.3, 0.05, "REFERRAL FORM"), *lines])))
    assert found["patient.family_name"] == "Tattersall" and found["patient.given_names"] == "Imogen Claire"


def test_who_works_in_a_department_is_nobody_that_the_referral_names():
    assert "referral.named_clinician" not in values((0.07, 0.9, "Consultants: Miss A. Quennell, Mr R. Stopes-Hall"))
    assert values((0.07, 0.1, "Consultant: Miss A. Quennell"))["referral.named_clinician"] == "A. Quennell"


def test_a_letter_before_other_is_one_of_the_forms_answers():
    said = [p for p in PATIENT if p[0] != "Gender"]
    lines = [*rows([*said, *REFERRER], 0.2), (0.6, 0.1, "Gender: M"), (0.8, 0.1, "Other"), (0.3, 0.05, "REFERRAL FORM")]
    assert "patient.gender" not in one(read(page(lines)))


# Typewriters ---------------------------------------------------------------------------------------------------------


def apart(left: float, top: float, text: str) -> list:
    """Every word of a typed line as a line of its own, one space apart."""
    at, found = 0, []
    for word in text.split():
        at = text.index(word, at)
        found.append((left + at * CHAR, top, word))
        at += len(word)
    return found


def test_the_words_of_a_typed_row_belong_together():
    rows_ = [
        "SURNAME Pargeter",
        "FORENAMES Ronald Arthur",
        "ADDRESS 2 Almshouse Row, Church Stretton",
        "REFERRED BY Sister Maureen Tilley",
    ]
    typed = [x for n, text in enumerate(rows_) for x in apart(0.07, 0.1 + 0.025 * n, text)]
    more = [
        (0.07, 0.3, "REFERRAL TO CONSULTANT"),
        (0.07, 0.33, "DATE OF BIRTH"),
        (0.25, 0.33, "14.4.1939"),
        (0.07, 0.36, "NHS NO."),
        (0.25, 0.36, "999 000 0018"),
    ]
    found = one(read(page([*typed, *more])))
    assert found["referrer.name"] == "Maureen Tilley"
    assert found["patient.address"] == "2 Almshouse Row, Church Stretton"


# Pens ----------------------------------------------------------------------------------------------------------------


def test_the_department_left_standing_of_several_is_the_one_asked():
    paper = Paper()
    paper.put(150, 850, "Referral to (delete those not applicable)")
    parts = [
        paper.put(left, 890, text)
        for left, text in ((150, "Oral Surgery /"), (400, "Orthodontics /"), (640, "Oral Medicine"))
    ]
    paper.strike(replace(parts[0], right=parts[0].right - 20 / 1654))
    paper.strike(parts[2])
    joined = paper.lines[-3:]
    paper.lines = [
        *paper.lines[:-3],
        replace(
            joined[0],
            text=" ".join(x.text for x in joined),
            box=parts[0].union(parts[2]),
            words=tuple(w for x in joined for w in x.words),
        ),
    ]
    assert read_paper(paper).parts[0].readings["referral.specialty"].value == "Orthodontics"


def test_a_ring_round_one_of_three_urgencies_of_which_two_mean_the_same():
    paper = Paper()
    paper.put(150, 900, "Urgency")
    boxes = [paper.put(480 + 330 * i, 900, word) for i, word in enumerate(("Routine", "Urgent", "Emergency"))]
    paper.ring(boxes[0])
    assert read_paper(paper).parts[0].readings["referral.priority"].value == "ROUTINE"


def test_the_instruction_to_delete_is_no_word_of_the_choice():
    paper = Paper()
    paper.put(150, 900, "Status: Routine / Urgent")
    paper.put(560, 900, "(delete)")
    words = paper.lines[-2].words
    paper.strike(words[-1].box)
    assert read_paper(paper).parts[0].readings["referral.priority"].value == "ROUTINE"


# Departments that no list knows ----------------------------------------------------------------------------------------


def specialty(*lines):
    return read(page([*lines, *ABOUT])).parts[0].readings["referral.specialty"]


@pytest.mark.parametrize("name", ["Spinal Triage Team", "Hand Therapy", "Rapid Access Lung Service"])
def test_a_departments_words_right_behind_its_label_are_its_name(name):
    found = specialty((0.1, 0.1, "Clinic requested"), (0.4, 0.1, name))
    assert found.value == name and found.checks and not found.doubts


@pytest.mark.parametrize(
    "lines",
    [
        [(0.4, 0.1, "Spinal Triage Team"), (0.4, 0.115, "and Pain Management")],
        [(0.4, 0.1, "Spinal Triage Team / Hand Therapy")],
        [(0.4, 0.1, "The Acorn Centre")],
    ],
)
def test_half_a_name_a_choice_and_a_house_are_left_to_a_person(lines):
    assert not specialty((0.1, 0.1, "Clinic requested"), *lines).checks


def test_no_word_is_left_out_of_a_department_as_if_it_were_misread():
    name = "ENT / Audiovestibular Medicine"
    assert specialty((0.1, 0.1, "Refer to"), (0.4, 0.1, name)).value == name


# Names by hand ---------------------------------------------------------------------------------------------------------


def test_a_name_by_hand_whose_capital_was_read_as_a_small_letter():
    said = [p for p in PATIENT if "name" not in p[0].lower()]
    lines = [(0.1, 0.1, "SURNAME ollerenshaw"), (0.1, 0.13, "FORENAMES kathleen"), *rows([*said, *REFERRER], 0.2)]
    found = one(read(page([(0.3, 0.05, "REFERRAL FORM"), *lines])))
    assert found["patient.family_name"] == "Ollerenshaw" and found["patient.given_names"] == "Kathleen"


@pytest.mark.parametrize("remark", ["not known", "as above", "see label"])
def test_a_remark_in_small_letters_is_no_name(remark):
    said = [p for p in PATIENT if p[0] != "Surname"]
    lines = [(0.1, 0.1, "SURNAME " + remark), *rows([*said, *REFERRER], 0.2)]
    assert "patient.family_name" not in one(read(page([(0.3, 0.05, "REFERRAL FORM"), *lines])))
