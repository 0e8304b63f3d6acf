"""Words that a reader joined over the tick box between them."""

import pytest

from ocr.lines import parted_at_boxes
from ocr.page import Box, Line, TickBox, Word


def line(text: str, left: float = 0.2, step: float = 0.01) -> Line:
    box = Box(left, 0.1, left + step * len(text), 0.112)
    return Line(text, box, (Word(text, box, 0.9),), 0.9, "PP-OCRv6")


def box(left: float) -> TickBox:
    return TickBox(Box(left, 0.1, left + 0.012, 0.111), True, 0.3)


@pytest.mark.parametrize(
    ("text", "at", "parts"), [("type:Urgent", 0.25, ["type:", "Urgent"]), ("MaleFemale", 0.245, ["Male", "Female"])]
)
def test_a_box_parts_the_words_beside_it(text, at, parts):
    (parted,) = parted_at_boxes([line(text)], [box(at)])
    assert parted.text == " ".join(parts) and [w.text for w in parted.words] == parts
    assert parted.words[0].box.right == at and parted.words[1].box.left == pytest.approx(at + 0.012)


@pytest.mark.parametrize(("text", "at"), [("MacAllister", 0.6), ("Urgent", 0.22), ("urgently", 0.23)])
def test_a_name_and_a_word_stay_whole(text, at):
    before = line(text)
    assert parted_at_boxes([before], [box(at)]) == (before,)
