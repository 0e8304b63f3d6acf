"""The second reader sees the value and nothing else: no halves of the rows around it, no bar behind it, no teeth of letters."""

from __future__ import annotations

from pathlib import Path

import pytest
from papers import comb, font, grey, saved
from PIL import Image, ImageDraw

from ocr.combs import find_combs
from ocr.page import Box, Page
from ocr.readers import Tesseract
from ocr.second_look import by_tesseract


def seen(image: Image.Image, box: tuple[int, int, int, int], scratch: Path) -> str:
    page = Page(1, saved(image, "PNG"), image.width, image.height, ())
    across, down = image.width, image.height
    wanted = Box(box[0] / across, box[1] / down, box[2] / across, box[3] / down)
    line = by_tesseract(Tesseract(scratch=scratch), page, [wanted], "text")[0]
    return line.text if line else ""


def sheet(*rows: str, apart: int = 40) -> Image.Image:
    image = Image.new("L", (1728, 2200), 255)
    for i, row in enumerate(rows):
        ImageDraw.Draw(image).text((200, 300 + apart * i), row, font=font(34), fill=0)
    return image


@pytest.mark.parametrize("apart", [33, 36, 40])
def test_rows_that_the_crop_cuts_through_are_left_out(apart: int, tmp_path: Path) -> None:
    page = sheet("Dermatology (Thurs)", "Urology", "Ophthalmology, TIA", apart=apart)
    assert seen(page, (195, 300 + apart, 335, 344 + apart), tmp_path) == "Urology"


def test_a_letter_that_reaches_the_edge_stays(tmp_path: Path) -> None:
    page = sheet("Haematology")
    assert seen(page, (195, 314, 405, 336), tmp_path) == "Haematology"


def test_light_letters_on_a_dark_bar_are_read(tmp_path: Path) -> None:
    page = Image.new("L", (1728, 2200), 255)
    draw = ImageDraw.Draw(page)
    draw.rectangle((150, 280, 1500, 360), fill=0)
    draw.text((200, 298), "Early Inflammatory Arthritis Clinic", font=font(36), fill=255)
    assert seen(page, (190, 296, 800, 342), tmp_path) == "Early Inflammatory Arthritis Clinic"


@pytest.mark.parametrize("gap", [6, 9])
def test_stems_above_a_line_are_no_teeth(gap: int) -> None:
    page = Image.new("L", (1728, 400), 255)
    draw = ImageDraw.Draw(page)
    for i in range(9):
        draw.line((200 + 50 * i, 100, 200 + 50 * i, 140), fill=0, width=3)
    draw.line((180, 140 + gap, 640, 140 + gap), fill=0, width=2)
    assert find_combs(grey(page), 204) == []


def test_teeth_on_a_line_are_a_comb() -> None:
    assert [len(c.cells) for c in find_combs(grey(comb("9991234561", (3, 3, 4))), 204)] == [10]
