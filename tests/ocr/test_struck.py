"""Words that a pen struck out, and all that looks like it: underlines, rules, streaks of a fax, the bars of capitals."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.page import Box, Line, Page, Quality, Word
from ocr.struck import struck_words

WIDTH, HEIGHT = 1654, 2339
FONT = ImageFont.truetype("DejaVuSans.ttf", 26)
TEXT = "Number 999 344 8429 999 304 8429"


def sheet(*strokes: tuple[float, float, float, float], text: str = TEXT) -> tuple[Page, list[Box]]:
    """A page with one line of print and strokes, given from the middle of the first word to strike, in pixels."""
    picture = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(picture)
    words, at = [], 200.0
    for part in text.split():
        end = at + pen.textlength(part, FONT)
        pen.text((at, 500), part, 0, FONT)
        words.append(Word(part, Box(at / WIDTH, 497 / HEIGHT, end / WIDTH, 533 / HEIGHT), 0.9))
        at = end + pen.textlength(" ", FONT)
    for stroke in strokes:
        pen.line(stroke, 0, 4)
    kept = BytesIO()
    picture.save(kept, "PNG")
    line = Line(text, words[0].box.union(words[-1].box), tuple(words), 0.9, "PP-OCRv6")
    return Page(1, kept.getvalue(), WIDTH, HEIGHT, (line,), (), Quality(1.0)), [w.box for w in words]


def ends(boxes: list[Box], first: int, last: int) -> tuple[float, float]:
    return boxes[first].left * WIDTH - 6, boxes[last].right * WIDTH + 6


@pytest.mark.parametrize("climb", [0, 5])
def test_a_stroke_strikes_the_words_that_it_runs_through(climb):
    _, boxes = sheet()
    left, right = ends(boxes, 1, 3)
    page, _ = sheet((left, 517 + climb, right, 517 - climb))
    assert struck_words(page) == boxes[1:4]


@pytest.mark.parametrize(
    "stroke",
    [
        (200, 534, 700, 534),  # an underline
        (0, 517, WIDTH, 517),  # a streak of the fax
        (200, 490, 700, 490),  # a frame above
    ],
)
def test_what_is_no_stroke_through_words(stroke):
    page, _ = sheet(stroke)
    assert struck_words(page) == []


@pytest.mark.parametrize("text", ["HEH HEH EHE", "A-B C-D", "4 4 4", "ttt ---- fff"])
def test_bars_of_letters_strike_nothing(text):
    page, _ = sheet(text=text)
    assert struck_words(page) == []


def test_a_page_without_a_picture_has_none():
    page, _ = sheet()
    assert struck_words(Page(1, b"", WIDTH, HEIGHT, page.lines)) == []
