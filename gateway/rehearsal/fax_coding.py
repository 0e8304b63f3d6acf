"""The fax machine: rows of 1728 dots at 204x196 or 204x98, its header line, and T.4 or T.6 coding in TIFF by libtiff."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, TiffImagePlugin

from gateway.rehearsal.fax_noise import Grey
from gateway.rehearsal.fax_t4 import Concealment, decode, disturb
from gateway.rehearsal.fonts import opened, path_of

Bits = NDArray[np.bool_]
Coding = Literal["group3", "group4"]
WIDE = 1728
ACROSS_DPI = 204
FINE_DPI, STANDARD_DPI = 196, 98
_PHOTOMETRIC, _ROWS_PER_STRIP, _DESCRIPTION, _SOFTWARE = 262, 278, 270, 305
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], dtype=np.float32) * 16 + 8


@dataclass(frozen=True)
class FaxPage:
    """One received page: rows of dots (True is black), lines an inch down, and the rows whose content was lost on the way."""

    bits: Bits
    down_dpi: int
    lost_rows: tuple[int, ...] = ()


def scan(page: Grey, fine: bool, screen: str, level: int = 128) -> FaxPage:
    """The scanner of the machine: a grey window at 300 dots an inch becomes rows of black and white."""
    down = FINE_DPI if fine else STANDARD_DPI
    tall = round(page.shape[0] * down / 300)
    small = cv2.resize(page, (WIDE, tall), interpolation=cv2.INTER_AREA)
    if screen == "diffusion":
        bits = ~np.asarray(Image.fromarray(small).convert("1"), dtype=np.bool_)
    elif screen == "ordered":
        # Machines keep strokes whole: what is clearly ink stays black, only the paper's grey is screened.
        bits = (small < np.tile(_BAYER, (tall // 4 + 1, WIDE // 4))[:tall]) | (small < 125)
    else:
        bits = small < level
    return FaxPage(bits, down)


def header_line(page: FaxPage, text: str) -> FaxPage:
    """The page with the line that the sending machine prints above it, never skewed because no paper carried it."""
    strip = Image.new("L", (WIDE, 40), 255)
    ImageDraw.Draw(strip).text((30, 30), text, 0, opened(path_of("DejaVuSansMono.ttf"), 27), anchor="ls")
    rows = (
        cv2.resize(np.asarray(strip), (WIDE, round(40 * page.down_dpi / ACROSS_DPI)), interpolation=cv2.INTER_AREA)
        < 140
    )
    lost = tuple(row + len(rows) for row in page.lost_rows)
    return FaxPage(np.vstack([rows, page.bits]), page.down_dpi, lost)


def raw(bits: Bits, coding: Coding) -> bytes:
    """The bare coded data of one page as one strip."""
    out = io.BytesIO()
    _as_image(bits).save(out, "TIFF", compression=coding, tiffinfo={_PHOTOMETRIC: 0, _ROWS_PER_STRIP: len(bits)})
    data = out.getvalue()
    with Image.open(io.BytesIO(data)) as image:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        offsets, counts = image.tag_v2[273], image.tag_v2[279]
    return b"".join(data[offset : offset + count] for offset, count in zip(offsets, counts, strict=True))


def over_a_bad_line(page: FaxPage, random: Random, bursts: int, concealment: Concealment) -> FaxPage:
    """The page as a receiver without error correction shows it: T.4 data with turned bits, decoded tolerantly."""
    data, hit = disturb(raw(page.bits, "group3"), random, bursts)
    bits = decode(data, WIDE, concealment)
    return FaxPage(bits if len(bits) else page.bits, page.down_dpi, (*page.lost_rows, *hit))


def slip(page: FaxPage, random: Random, places: int) -> FaxPage:
    """Rows left out and rows shown again where the feeder slipped or the memory ran over."""
    rows = list(range(len(page.bits)))
    lost: list[int] = []
    for _ in range(places):
        at, count = random.randrange(len(rows) - 10), random.randrange(1, 5)
        if random.random() < 0.5:
            lost.extend(rows[at : at + count])
            del rows[at : at + count]
        else:
            rows[at:at] = rows[at : at + 1] * count
    return FaxPage(page.bits[rows], page.down_dpi, (*page.lost_rows, *lost))


def _as_image(bits: Bits) -> Image.Image:
    return Image.fromarray(np.where(bits, 0, 255).astype(np.uint8)).convert("1", dither=Image.Dither.NONE)


def tiff(pages: Sequence[FaxPage], coding: Coding, description: str = "") -> bytes:
    """A fax TIFF: one page after the other, white is zero; `description` is the sender's identification (tag 270)."""
    out = io.BytesIO()
    images = []
    for page in pages:
        image = _as_image(page.bits)
        image.encoderinfo = {
            "compression": coding,
            "dpi": (ACROSS_DPI, page.down_dpi),
            "tiffinfo": {_PHOTOMETRIC: 0, **({_DESCRIPTION: description} if description else {})},
        }
        images.append(image)
    first = images[0]
    first.save(out, "TIFF", save_all=True, append_images=images[1:], **first.encoderinfo)
    return out.getvalue()
