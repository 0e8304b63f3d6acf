"""Draws the small synthetic pages of these tests; all people on them are invented."""

from __future__ import annotations

import io
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FIELDS = (
    ("NHS Number", "999 123 4561"),
    ("Family name", "O'Hannigan-Price"),
    ("Given names", "Marguerite"),
    ("Date of birth", "23/08/1969"),
    ("Postcode", "WF10 4PW"),
    ("Practice code", "B87030"),
)
WORDS = "the patient has had a cough for six weeks with loss of weight and night sweats please see and advise".split()


def font(size: int) -> ImageFont.FreeTypeFont:
    """The font that Pillow brings along, so that no machine lacks it."""
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont)
    return found


def form(width: int = 1728, height: int = 2200) -> Image.Image:
    """A ruled form with a title, six fields, three tick boxes (the second ticked) and some prose."""
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    draw.text((480, 90), "Outpatient Referral Form", font=font(56), fill=0)
    y = 220
    for label, value in FIELDS:
        draw.rectangle((80, y, 1640, y + 62), outline=0, width=2)
        draw.text((96, y + 10), label, font=font(34), fill=0)
        draw.text((520, y + 10), value, font=font(34), fill=0)
        y += 62
    y += 50
    for i, word in enumerate(("Routine", "Urgent", "Two week wait")):
        tick_box(draw, 100 + i * 400, y, 34, "cross" if i == 1 else "")
        draw.text((150 + i * 400, y - 4), word, font=font(34), fill=0)
    y += 100
    random = Random(4)
    for _ in range(9):
        draw.text((90, y), " ".join(random.choice(WORDS) for _ in range(13)), font=font(34), fill=0)
        y += 52
    return image


def tick_box(draw: ImageDraw.ImageDraw, x: int, y: int, side: int, mark: str) -> None:
    """A printed square with a mark: cross, tick, block, dot, struck (crossed and deleted), ringed, or none."""
    draw.rectangle((x, y, x + side, y + side), outline=0, width=3)
    if mark in ("cross", "struck"):
        draw.line((x + 5, y + 5, x + side - 5, y + side - 5), fill=0, width=4)
        draw.line((x + 5, y + side - 5, x + side - 5, y + 5), fill=0, width=4)
    if mark == "tick":
        draw.line((x + 6, y + side // 2, x + side // 2, y + side - 6, x + side + 10, y - 10), fill=0, width=4)
    if mark == "block":
        draw.rectangle((x + 6, y + 6, x + side - 6, y + side - 6), fill=0)
    if mark == "dot":
        draw.ellipse((x + side // 2 - 3, y + side // 2 - 3, x + side // 2 + 2, y + side // 2 + 2), fill=0)
    if mark == "struck":
        draw.line((x - 60, y + side // 2, x + side + 60, y + side // 2 + 2), fill=0, width=5)
    if mark == "ringed":
        draw.ellipse((x - 30, y - 26, x + side + 30, y + side + 26), outline=0, width=4)


def comb(text: str, groups: tuple[int, ...]) -> Image.Image:
    """A page with a label and one comb: `text` letter by letter in groups of cells."""
    image = Image.new("L", (1728, 700), 255)
    draw = ImageDraw.Draw(image)
    draw.text((96, 305), "Number", font=font(34), fill=0)
    draw.text((96, 100), "Complete in black ink and block capitals", font=font(34), fill=0)
    x, letters = 420, iter(text)
    for cells in groups:
        for _ in range(cells):
            draw.rectangle((x, 300, x + 46, 354), outline=0, width=2)
            draw.text((x + 14, 306), next(letters, ""), font=font(36), fill=0)
            x += 46
        x += 20
    return image


def tiff(
    *pages: Image.Image, compression: str = "group4", dpi: tuple[float, float] = (204, 196), **more: object
) -> bytes:
    """Pages as one fax TIFF."""
    file = io.BytesIO()
    black_and_white = [page.convert("1", dither=Image.Dither.NONE) for page in pages]
    black_and_white[0].save(
        file, "TIFF", compression=compression, dpi=dpi, save_all=True, append_images=black_and_white[1:], **more
    )
    return file.getvalue()


def saved(image: Image.Image, form: str, **more: object) -> bytes:
    """A picture in one of Pillow's formats."""
    file = io.BytesIO()
    image.save(file, form, **more)
    return file.getvalue()


def grey(image: Image.Image) -> np.ndarray:
    """The picture as the arrays that the package works on."""
    return np.array(image.convert("L"))
