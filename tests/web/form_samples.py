# ruff: noqa: E501  (rows of places read better unbroken)
"""Papers on one invented form whose labels nobody described: drawn pages with the lines that a reader gives, as faxes move them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from web.desk_samples import HEIGHT, WIDTH, DeskSite

from gateway.referrals import NewValue

TITLE = "SEACROFT HEART AND LUNG POOL"
# print of the form: left, top (fractions) and text
PRINT = ((0.2, 0.05, TITLE), (0.08, 0.13, "Pool ident"), (0.55, 0.13, "Zone of home"), (0.08, 0.24, "Who it is about"), (0.55, 0.24, "Came to the world"),
         (0.08, 0.36, "What the pool is asked for"), (0.08, 0.52, "Please refer with reason for referral overleaf"), (0.08, 0.9, "Pool copy, keep with the notes"))  # fmt: skip
# where the writer fills in: field, left, top
PLACES = (("patient.nhs_number", 0.1, 0.165), ("patient.postcode", 0.57, 0.165), ("patient.family_name", 0.1, 0.275), ("patient.birth_date", 0.57, 0.275), ("referral.specialty", 0.1, 0.395))  # fmt: skip
PEOPLE = (
    {"patient.nhs_number": "9990000018", "patient.family_name": "O'Brien", "patient.birth_date": "1980-02-01", "patient.postcode": "LS1 1AA"},
    {"patient.nhs_number": "9990000026", "patient.family_name": "Elm", "patient.birth_date": "1950-07-09", "patient.postcode": "LS1 1AB"},
    {"patient.nhs_number": "9990000042", "patient.family_name": "Larch", "patient.birth_date": "1962-03-04", "patient.postcode": "LS1 1AD"},
    {"patient.nhs_number": "9990000050", "patient.family_name": "Rowan", "patient.birth_date": "1944-12-30", "patient.postcode": "LS1 1AE"},
)  # fmt: skip
MOVES = ((1.0, 0.0, 0.0), (0.94, 0.03, 0.03), (1.0, 0.02, -0.01), (0.97, 0.0, 0.02))


@dataclass(frozen=True)
class PoolForm:
    """One paper: its referral's code and what is written on it."""

    code: str
    values: Mapping[str, str]


def shown(field: str, value: str) -> str:
    """A value as the writer puts it on paper."""
    if field == "patient.birth_date":
        return f"{value[8:]}/{value[5:7]}/{value[:4]}"
    return f"{value[:3]} {value[3:6]} {value[6:]}" if field == "patient.nhs_number" else value


def draw(values: Mapping[str, str], move: tuple[float, float, float]) -> tuple[bytes, list[dict[str, Any]]]:
    """The page as PNG and the lines on it."""
    scale, across, down = move
    picture = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(picture)
    lines = []
    for x, y, text in (*PRINT, *((x, y, shown(f, values[f])) for f, x, y in PLACES if f in values)):
        font = ImageFont.load_default(round((40 if text == TITLE else 24) * scale))
        at = ((x * scale + across) * WIDTH, (y * scale + down) * HEIGHT)
        pen.text(at, text, fill=0, font=font)
        left, top, right, bottom = pen.textbbox(at, text, font=font)
        box = [round(e, 4) for e in (left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT)]
        lines.append({"text": text, "box": box, "reader": "ppocr"})
    for _, x, y in PLACES:
        corner = ((x - 0.02) * scale + across, (y - 0.012) * scale + down)
        pen.rectangle(
            (
                corner[0] * WIDTH,
                corner[1] * HEIGHT,
                (corner[0] + 0.4 * scale) * WIDTH,
                (corner[1] + 0.05 * scale) * HEIGHT,
            ),
            outline=120,
        )
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue(), lines


def pool_form(site: DeskSite, number: int, *, known: tuple[str, ...] = ("patient.nhs_number",)) -> PoolForm:
    """The paper of one of PEOPLE, moved as MOVES says; only `known` fields were read from it."""
    values = {**PEOPLE[number], "referral.specialty": "Dermatology"}
    picture, lines = draw(values, MOVES[number])
    arrived = site.clock() - dt.timedelta(hours=5 - number)
    _code, ids = site.arrived([(picture, lines)], arrived)
    boxes = {str(line["text"]): line["box"] for line in lines}
    fields = {
        name: NewValue(values[name], False, 0.6, "read", ids[0], boxes[shown(name, values[name])]) for name in known
    }
    return PoolForm(site.read(fields, ids, arrived), values)


def box_of(field: str) -> str:
    """The box of a field on the example, as it is typed: left, top, right, bottom in hundredths of the page."""
    x, y = next((x, y) for name, x, y in PLACES if name == field)
    return f"{(x - 0.02) * 100:g} {(y - 0.012) * 100:.1f} {(x + 0.38) * 100:g} {(y + 0.038) * 100:.1f}"
