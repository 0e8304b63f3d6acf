from __future__ import annotations

import numpy as np
import pytest
from papers import font, form, grey, tick_box
from PIL import Image, ImageDraw

from ocr.boxes import find_ticks

MARKS = {"": False, "cross": True, "tick": True, "block": True, "struck": None, "ringed": None}


def sheet(marks: list[str], slant: float = 0.0) -> np.ndarray:
    """A column of boxes, each with a label; one mark each."""
    image = Image.new("L", (1728, 200 + 120 * len(marks)), 255)
    draw = ImageDraw.Draw(image)
    for i, mark in enumerate(marks):
        tick_box(draw, 150, 100 + 120 * i, 34, mark)
        draw.text((260, 96 + 120 * i), "Dated DOB Oedema Bleeding", font=font(36), fill=0)
    return grey(image.rotate(slant, resample=Image.Resampling.BICUBIC, fillcolor=255))


@pytest.mark.parametrize("mark", list(MARKS))
def test_each_kind_of_mark(mark: str) -> None:
    ticks = find_ticks(sheet(["", "", mark, ""]), 204)
    assert len(ticks) == 4
    assert ticks[2].ticked is MARKS[mark]
    assert [t.ticked for i, t in enumerate(ticks) if i != 2] == [False, False, False]


def test_a_page_where_most_boxes_are_ticked() -> None:
    ticks = find_ticks(sheet(["cross", "tick", "cross", "", "tick"]), 204)
    assert [t.ticked for t in ticks] == [True, True, True, False, True]


def test_a_small_dot_is_left_to_a_person() -> None:
    assert find_ticks(sheet(["", "", "dot", ""]), 204)[2].ticked is None


def test_a_pale_pencil_mark_is_left_to_a_person() -> None:
    picture = sheet(["", "", ""])
    inside = picture[225:250, 156:178]
    inside[5:20, 4:18] = np.where(inside[5:20, 4:18] == 255, 212, inside[5:20, 4:18])
    assert find_ticks(picture, 204)[1].ticked is None


def test_a_slight_slant_does_not_hide_boxes() -> None:
    assert [t.ticked for t in find_ticks(sheet(["", "cross", ""], slant=0.25), 204)] == [False, True, False]


def test_boxes_stand_where_they_are_printed() -> None:
    ticks = find_ticks(grey(form()), 204)
    assert [t.ticked for t in ticks] == [False, True, False]
    assert ticks[1].box.left * 1728 == pytest.approx(500, abs=4)
    assert ticks[1].box.right * 1728 == pytest.approx(534, abs=4)


def test_text_has_no_boxes() -> None:
    image = Image.new("L", (1728, 600), 255)
    for i, size in enumerate((24, 34, 48, 64)):
        ImageDraw.Draw(image).text((60, 60 + 110 * i), "BOD DOB HOME Bleeding Oedema 08806", font=font(size), fill=0)
    assert find_ticks(grey(image), 204) == ()
