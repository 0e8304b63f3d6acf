from __future__ import annotations

import numpy as np
import pytest
from papers import font, form, grey, tick_box
from PIL import Image, ImageDraw

from ocr.boxes import find_ticks
from ocr.page import Box, Line, Word

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


def test_a_short_word_of_a_line_is_no_box() -> None:
    picture = Image.new("L", (1000, 400), 255)
    ImageDraw.Draw(picture).rectangle((300, 200, 318, 218), outline=0, width=3)
    where = [("of", 0.25, 0.28), ("a", 0.295, 0.325), ("murmur.", 0.34, 0.5)]
    words = tuple(Word(text, Box(left, 0.48, right, 0.57), 0.99) for text, left, right in where)
    line = Line("of a murmur.", Box(0.25, 0.48, 0.5, 0.57), words, 0.99, "ppocr")
    assert len(find_ticks(grey(picture), 204)) == 1
    assert find_ticks(grey(picture), 204, [line]) == ()


def boxes_in_a_row(bar: int = 0, tick: bool = False) -> np.ndarray:
    """Three boxes; `bar` is the distance in pixels of a black heading above the first two, `tick` a big tick in the second."""
    image = Image.new("L", (1728, 400), 255)
    draw = ImageDraw.Draw(image)
    for x in (300, 600, 900):
        draw.rectangle((x, 200, x + 28, 228), outline=0, width=3)
    if bar:
        draw.rectangle((250, 150, 800, 200 - bar), fill=0)
    if tick:
        draw.line((603, 212, 612, 228, 644, 196), fill=0, width=5)
    return grey(image)


def test_a_bar_close_above_boxes_does_not_hide_them_beside_one_that_stands_free() -> None:
    assert [t.ticked for t in find_ticks(boxes_in_a_row(bar=5), 204)] == [False, False, False]


def test_boxes_close_under_a_dark_heading_are_seen_though_none_stands_free() -> None:
    picture = Image.fromarray(boxes_in_a_row())
    draw = ImageDraw.Draw(picture)
    draw.rectangle((250, 140, 1400, 196), fill=0)
    draw.text((280, 150), "Section D - Type of referral", font=font(30), fill=255)
    draw.line((595, 197, 634, 234), fill=0, width=5)
    draw.line((597, 233, 632, 197), fill=0, width=5)
    ticks = sorted(find_ticks(grey(picture), 204), key=lambda t: t.box.left)
    assert [t.ticked for t in ticks] == [False, True, False]


def test_a_tick_that_carries_the_upper_side_on_does_not_hide_its_box() -> None:
    assert [t.ticked for t in find_ticks(boxes_in_a_row(tick=True), 204)] == [False, True, False]


@pytest.mark.parametrize("pen", [5, 7])
def test_a_cross_that_runs_over_the_corners_does_not_hide_its_box(pen: int) -> None:
    picture = Image.fromarray(boxes_in_a_row())
    draw = ImageDraw.Draw(picture)
    draw.line((595, 195, 634, 234), fill=0, width=pen)
    draw.line((597, 233, 632, 194), fill=0, width=pen)
    ticks = sorted(find_ticks(grey(picture), 204), key=lambda t: t.box.left)
    assert [t.ticked for t in ticks] == [False, True, False]


@pytest.mark.parametrize("what", ["shade", "disc", "letters", "comb"])
def test_what_stands_beside_boxes_in_their_row_is_none(what: str) -> None:
    picture = Image.fromarray(boxes_in_a_row())
    draw = ImageDraw.Draw(picture)
    if what == "shade":
        draw.rectangle((1200, 0, 1728, 400), fill=0)
    elif what == "disc":
        draw.ellipse((1190, 180, 1250, 240), fill=0)
    elif what == "letters":
        draw.text((1000, 190), "BODE HOPED 08", font=font(38), fill=0)
    else:
        for x in range(1000, 1280, 28):
            draw.rectangle((x, 200, x + 28, 228), outline=0, width=3)
    assert [t.ticked for t in find_ticks(grey(picture), 204)] == [False, False, False]


def a_column(mark: tuple[tuple[int, ...], ...], pen: int) -> np.ndarray:
    """Three boxes under each other, close together; the strokes of `mark` in the last, from its upper left corner."""
    image = Image.new("L", (1728, 400), 255)
    draw = ImageDraw.Draw(image)
    for i, word in enumerate(("Same day", "Soon", "Routine")):
        draw.rectangle((300, 100 + 40 * i, 328, 128 + 40 * i), outline=0, width=2)
        draw.text((345, 102 + 40 * i), word, font=font(26), fill=0)
    for stroke in mark:
        draw.line([(300 + x, 180 + y) for x, y in zip(stroke[::2], stroke[1::2], strict=True)], fill=0, width=pen)
    return grey(image)


@pytest.mark.parametrize("mark", [((3, 12, 14, 31), (14, 31, 42, -6)), ((-4, -4, 33, 33), (-4, 33, 33, -4))])
def test_a_mark_that_runs_out_of_a_box_in_a_column_is_seen(mark: tuple[tuple[int, ...], ...]) -> None:
    assert [t.ticked for t in find_ticks(a_column(mark, 5), 204)] == [False, False, True]


def test_specks_in_a_box_are_no_tick() -> None:
    specks = ((10, 10, 13, 10), (18, 19, 21, 19))
    assert find_ticks(a_column(specks, 3), 204)[2].ticked is not True


def test_boxes_at_the_pages_edges_and_a_page_full_of_them_do_no_harm() -> None:
    image = Image.new("L", (1728, 2200), 255)
    draw = ImageDraw.Draw(image)
    for x, y in ((0, 0), (1699, 0), (0, 2171), (1699, 2171), (600, 2171), (1699, 600)):
        draw.rectangle((x, y, x + 28, y + 28), outline=0, width=2)
        draw.line((x - 5, y - 5, x + 33, y + 33), fill=0, width=6)
    find_ticks(grey(image), 204)
    for y in range(20, 2180, 45):
        for x in range(20, 1700, 45):
            draw.rectangle((x, y, x + 28, y + 28), outline=0, width=2)
    assert len(find_ticks(grey(image), 204)) > 1000


@pytest.mark.parametrize(("text", "seen"), [("type:Urgent", 2), ("MacAllister", 2), ("urgently", 1)])
def test_a_word_that_grew_over_a_box_does_not_hide_it_beside_another_box(text: str, seen: int) -> None:
    image = Image.new("L", (1728, 300), 255)
    draw = ImageDraw.Draw(image)
    for left, mark in ((400, "tick"), (900, "")):
        tick_box(draw, left, 100, 34, mark)
    over = Box(300 / 1728, 90 / 300, 560 / 1728, 145 / 300)
    line = Line(text, over, (Word(text, over, 0.9),), 0.9, "PP-OCRv6")
    assert len(find_ticks(grey(image), 204, (line,))) == seen
