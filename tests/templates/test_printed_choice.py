"""Urgencies to ring or strike out: drawn with print and a pen, and only what is plain is believed (P6)."""

import datetime as dt
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.page import Box, Line, Page, Quality, Word
from ocr.pen import marked_cell, pen_marks
from templates.form import load_forms
from templates.read import read_document
from templates.reading import DocumentReading
from tests.templates.paper import SecondReader, line

TODAY = dt.date(2026, 11, 22)
FORMS = load_forms()
WIDTH, HEIGHT = 1654, 2339
FONT = ImageFont.truetype("DejaVuSans.ttf", 26)
WORDS = ("Routine", "Urgent", "2WW cancer")
ROW = 1100


class Paper:
    """A sheet with print at known places and a pen."""

    def __init__(self) -> None:
        self.sheet = Image.new("L", (WIDTH, HEIGHT), 255)
        self.pen = ImageDraw.Draw(self.sheet)
        self.lines: list[Line] = []

    def put(self, left: int, top: int, text: str) -> Box:
        self.pen.text((left, top), text, 0, FONT)
        at = left
        words = []
        for part in text.split(" "):
            end = at + self.pen.textlength(part, FONT)
            words.append(Word(part, Box(at / WIDTH, (top - 3) / HEIGHT, end / WIDTH, (top + 33) / HEIGHT), 0.9))
            at = end + self.pen.textlength(" ", FONT)
        box = words[0].box.union(words[-1].box)
        self.lines.append(Line(text, box, tuple(words), 0.9, "PP-OCRv6"))
        return box

    def choice(self, label: str = "How soon") -> list[Box]:
        self.put(150, ROW, label)
        return [self.put(480 + 330 * i, ROW, word) for i, word in enumerate(WORDS)]

    def ring(self, box: Box, gap: float = 0.0) -> None:
        frame = (box.left * WIDTH - 22, box.top * HEIGHT - 12, box.right * WIDTH + 22, box.bottom * HEIGHT + 12)
        self.pen.arc(frame, 40, 400 - gap, 0, 4)

    def strike(self, box: Box) -> None:
        middle = (box.top + box.bottom) / 2 * HEIGHT
        self.pen.line((box.left * WIDTH - 9, middle + 2, box.right * WIDTH + 9, middle - 2), 0, 4)

    def page(self) -> Page:
        kept = BytesIO()
        self.sheet.save(kept, "PNG")
        return Page(1, kept.getvalue(), WIDTH, HEIGHT, tuple(self.lines), (), Quality(1.0))


def read(paper: Paper, *more: str) -> DocumentReading:
    page = paper.page()
    said = (
        "Referral form", "Surname: Smith", "Forename: Ann", "NHS No: 999 000 0018", "Date of birth: 03/05/1950",
        "Reason for referral: painful knee for four months, please assess.", *more,
    )  # fmt: skip
    lines = tuple(line(0.1, 0.06 + 0.03 * i, text) for i, text in enumerate(said))
    pages = (replace(page, lines=(*lines, *page.lines)),)
    return read_document(pages, FORMS, SecondReader(pages), TODAY)


def asked(reading: DocumentReading) -> list[str]:
    return [r.says for r in reading.parts[0].reasons if r.field == "referral.priority"]


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("gap", [0, 30])
def test_the_ringed_word_is_chosen(which: int, gap: int) -> None:
    paper = Paper()
    boxes = paper.choice()
    paper.ring(boxes[which], gap)
    reading = read(paper)
    found = reading.parts[0].readings["referral.priority"]
    assert found.value == ("ROUTINE", "URGENT", "TWO_WEEK_WAIT")[which]
    assert not found.doubts and not asked(reading) and "ringed" in found.how
    assert found.box.overlap(boxes[which]) > 0.9


@pytest.mark.parametrize("beside", ["rule close", "rule through", "signature"])
def test_a_ring_that_touches_other_ink_is_a_ring(beside: str) -> None:
    paper = Paper()
    boxes = paper.choice()
    paper.ring(boxes[1])
    if beside == "rule close":
        paper.pen.line((60, ROW + 46, WIDTH - 60, ROW + 46), 0, 3)
    elif beside == "rule through":
        paper.pen.line((60, ROW + 38, WIDTH - 60, ROW + 38), 0, 3)
    else:
        at = boxes[1].left * WIDTH + 40
        paper.pen.line((at, ROW - 14, at + 60, ROW - 150, at + 90, ROW - 60), 0, 4)
    reading = read(paper)
    found = reading.parts[0].readings["referral.priority"]
    assert found.value == "URGENT" and "ringed" in found.how and not asked(reading)


def test_how_soon_is_a_question_and_a_short_word_may_be_struck() -> None:
    paper = Paper()
    paper.put(150, ROW, "How soon (delete)")
    boxes = [paper.put(560 + 140 * i, ROW, word) for i, word in enumerate(("Routine", "Urgent", "2WW"))]
    paper.strike(boxes[0])
    paper.strike(boxes[2])
    reading = read(paper)
    assert reading.parts[0].readings["referral.priority"].value == "URGENT" and not asked(reading)


def test_what_strokes_have_left_is_chosen_where_the_form_asks_for_strokes() -> None:
    paper = Paper()
    boxes = paper.choice("Urgency *")
    paper.put(900, ROW + 50, "* delete as appropriate")
    paper.strike(boxes[0])
    paper.strike(boxes[1])
    reading = read(paper)
    found = reading.parts[0].readings["referral.priority"]
    assert found.value == "TWO_WEEK_WAIT" and "struck out" in found.how and not asked(reading)


@pytest.mark.parametrize(
    "pen", ["nothing", "two rings", "one ring round two", "one stroke", "frame", "half a ring", "underline"]
)
def test_what_is_not_plain_is_asked(pen: str) -> None:
    paper = Paper()
    boxes = paper.choice("Urgency (ring one)")
    if pen == "two rings":
        paper.ring(boxes[0])
        paper.ring(boxes[1])
    elif pen == "one ring round two":
        paper.ring(boxes[0].union(boxes[1]))
    elif pen == "one stroke":
        paper.strike(boxes[0])
    elif pen == "frame":
        paper.pen.rectangle((130, ROW - 30, WIDTH - 100, ROW + 60), outline=0, width=3)
    elif pen == "half a ring":
        paper.ring(boxes[0], gap=170)
    elif pen == "underline":
        paper.pen.line((480, ROW + 40, 620, ROW + 40), 0, 4)
    assert any("no pen's ring or stroke is plain" in says for says in asked(read(paper)))


def test_a_stroke_through_all_but_one_says_nothing_where_nobody_asked_for_strokes() -> None:
    paper = Paper()
    boxes = paper.choice()
    paper.strike(boxes[1])
    paper.strike(boxes[2])
    assert asked(read(paper))


def test_a_word_that_was_not_read_may_be_the_one_that_is_left() -> None:
    paper = Paper()
    boxes = paper.choice("Urgency *")
    paper.put(900, ROW + 50, "* delete as appropriate")
    paper.strike(boxes[1])
    paper.strike(boxes[2])
    paper.lines = [x for x in paper.lines if x.text != "Routine"]
    paper.put(1400, ROW, "Rontire")
    assert asked(read(paper))


def test_a_higher_urgency_in_the_letter_is_asked_about_although_a_lower_one_is_ringed() -> None:
    paper = Paper()
    boxes = paper.choice()
    paper.ring(boxes[0])
    reading = read(paper, "Please see her urgently, I suspect a fracture.")
    assert reading.parts[0].readings["referral.priority"].value == "URGENT" and asked(reading)


def test_a_struck_word_is_not_ringed() -> None:
    paper = Paper()
    boxes = paper.choice()
    for box in boxes:
        paper.strike(box)
    assert pen_marks(paper.page(), boxes) == ["struck", "struck", "struck"]


def test_print_alone_is_no_mark() -> None:
    paper = Paper()
    boxes = [
        paper.put(150, 200 + 60 * i, text) for i, text in enumerate(("Routine", "URGENT", "Two week wait", "-----"))
    ]
    assert pen_marks(paper.page(), boxes[:3]) == [None, None, None]


def test_a_value_behind_its_question_is_no_choice() -> None:
    paper = Paper()
    paper.put(150, ROW, "How soon .....:")
    paper.put(480, ROW, "2WW - SUSPECTED CANCER")
    reading = read(paper)
    assert reading.parts[0].readings["referral.priority"].value == "TWO_WEEK_WAIT" and not asked(reading)


@pytest.mark.parametrize(
    ("text", "value"),
    [("Speed of appointment: Routine", "ROUTINE"), ("How soon should they be seen? Urgent", "URGENT")],
)
def test_a_label_of_any_wording_and_its_value_in_one_line(text: str, value: str) -> None:
    reading = read(Paper(), text)
    assert reading.parts[0].readings["referral.priority"].value == value and not asked(reading)


def test_a_printed_choice_does_not_make_a_cancer_form() -> None:
    paper = Paper()
    paper.put(150, ROW, "Urgency")
    boxes = [
        paper.put(480 + 330 * i, ROW, word) for i, word in enumerate(("Routine", "Urgent", "Suspected cancer (2WW)"))
    ]
    paper.ring(boxes[0])
    reading = read(paper)
    assert reading.parts[0].readings["referral.priority"].value == "ROUTINE" and not asked(reading)
    assert reading.parts[0].form != "suspected-cancer"


def table(marked: int | None, rules: bool = True) -> Paper:
    paper = Paper()
    for n, word in enumerate(("ROUTINE", "URGENT", "2WW")):
        paper.put(240 + 260 * n, ROW, word)
    if rules:
        for y in (ROW - 15, ROW + 45, ROW + 120):
            paper.pen.line((180, y, 960, y), 0, 3)
        for x in (180, 440, 700, 960):
            paper.pen.line((x, ROW - 15, x, ROW + 120), 0, 3)
    if marked is not None:
        x = 270 + 260 * marked
        paper.pen.line((x, ROW + 80, x + 15, ROW + 105, x + 50, ROW + 58), 0, 6)
    return paper


def cell_of(paper: Paper) -> int | None:
    return marked_cell(paper.page(), [x.box for x in paper.lines], [])


@pytest.mark.parametrize("marked", [0, 1, 2])
def test_the_one_mark_beneath_the_heads_of_a_table_is_found(marked: int) -> None:
    assert cell_of(table(marked)) == marked


def test_without_lines_without_a_mark_or_with_two_it_is_not_plain() -> None:
    assert cell_of(table(None)) is None
    assert cell_of(table(1, rules=False)) is None
    twice = table(0)
    twice.pen.line((530, ROW + 80, 545, ROW + 105, 580, ROW + 58), 0, 6)
    assert cell_of(twice) is None


@pytest.mark.parametrize(("how", "which"), [("ring", 0), ("ring", 1), ("strike", 0), ("strike", 1)])
def test_a_gender_that_the_pen_chose(how: str, which: int) -> None:
    paper = Paper()
    paper.put(150, ROW, "Sex")
    boxes = [paper.put(480 + 200 * i, ROW, word) for i, word in enumerate(("Male", "Female"))]
    getattr(paper, how)(boxes[which])
    meant = which if how == "ring" else 1 - which
    assert read(paper, "Priority: Routine").parts[0].readings["patient.gender"].value == ("male", "female")[meant]


@pytest.mark.parametrize("marks", [(), (0, 1)])
def test_a_gender_that_no_pen_or_two_marks_choose_is_not_told(marks: tuple[int, ...]) -> None:
    paper = Paper()
    paper.put(150, ROW, "Sex")
    boxes = [paper.put(480 + 200 * i, ROW, word) for i, word in enumerate(("Male", "Female"))]
    for which in marks:
        paper.ring(boxes[which])
    assert "patient.gender" not in read(paper, "Priority: Routine").parts[0].readings


def initials(*ringed: int) -> DocumentReading:
    paper = Paper()
    paper.put(150, ROW, "Sex")
    boxes = [paper.put(480 + 200 * i, ROW, letter) for i, letter in enumerate("MF")]
    for which in ringed:
        paper.ring(boxes[which])
    return read(paper, "Priority: Routine")


@pytest.mark.parametrize("which", [0, 1])
def test_a_ringed_initial_is_the_gender(which: int) -> None:
    assert initials(which).parts[0].readings["patient.gender"].value == ("male", "female")[which]


@pytest.mark.parametrize("ringed", [(), (0, 1)])
def test_initials_that_no_ring_chooses_are_no_gender(ringed: tuple[int, ...]) -> None:
    assert "patient.gender" not in initials(*ringed).parts[0].readings
