"""Draws a referral as the file that a fax server would hand over, with the truth that is legible on its pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal, get_args

import cv2
import numpy as np

from gateway.rehearsal.designs import DESIGNS, Design
from gateway.rehearsal.desk import sit_down
from gateway.rehearsal.draw import born_digital, picture
from gateway.rehearsal.fax_coding import FaxPage, header_line, over_a_bad_line, scan, slip, tiff
from gateway.rehearsal.fax_noise import Damage, Grey, Matrix, Severity, plan_damage, scanner_grain, wear
from gateway.rehearsal.packaging import fax_pdf, jpeg, png, scan_pdf
from gateway.rehearsal.people import Person
from gateway.rehearsal.practices import Practice
from gateway.rehearsal.referrals import SyntheticReferral, make_referral
from gateway.rehearsal.sheet import Area, Sheet, Value

Coding = Literal[
    "tiff-g3-fine", "tiff-g3-standard", "tiff-g4-fine", "tiff-g4-standard", "pdf-g4-fine", "pdf-g3-standard", "pdf-jpeg-200", "pdf-jpeg-300", "pdf-text", "png", "jpeg"
]
CODINGS: tuple[Coding, ...] = get_args(Coding)
_USUAL: tuple[Coding, ...] = (
    *(("tiff-g3-fine", "tiff-g4-fine", "pdf-g4-fine") * 3),
    *("tiff-g3-standard", "tiff-g4-standard", "pdf-g3-standard", "pdf-jpeg-200", "pdf-jpeg-300", "pdf-text"),
)
_MEDIA = {"tiff": "image/tiff", "pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}


@dataclass(frozen=True)
class Part:
    """A further referral in the same file: its page numbers (from 1) and its truth."""

    pages: tuple[int, ...]
    truth: dict[str, Value]


@dataclass(frozen=True)
class Fax:
    """One file and what is truly legible in it.

    `truth` is the first referral by field of the public contract, `more` the others; `illegible` are values that were printed and
    then lost on the way: a reader is neither asked for them nor wrong to have them. `missing_pages` are numbers in the sender's
    own counting. `damage` names what was done to the pages.
    """

    data: bytes
    media_type: str
    file_name: str
    truth: dict[str, Value]
    pages: int
    document_type: str
    design: str
    severity: str
    coding: str
    missing_pages: tuple[int, ...] = ()
    more: tuple[Part, ...] = ()
    illegible: dict[str, Value] = field(default_factory=dict)
    damage: tuple[str, ...] = ()


def referral_for(random: Random, design: str, people: Sequence[Person], practices: Sequence[Practice], on: dt.date) -> SyntheticReferral:
    """A referral that the design can express (a suspected-cancer form needs a suspected cancer)."""
    wants = DESIGNS[design]
    priority = random.choice(wants.priorities) if wants.priorities else ""
    return make_referral(random, people, practices, wants.specialties, priority, on)


def _share_lost(areas: Sequence[Area], matrix: Matrix, page: FaxPage, lost: np.ndarray) -> float:
    """The smallest share of lost rows over the places where a value stands."""
    shares = []
    for left, top, right, bottom in areas:
        corners = np.array([[left, top, 1], [right, top, 1], [left, bottom, 1], [right, bottom, 1]], dtype=np.float64)
        corners[:, :2] *= 300 / 72
        rows = (matrix @ corners.T)[1] * page.down_dpi / 300
        first, last = int(max(0, rows.min())), int(rows.max()) + 1
        shares.append(float(np.count_nonzero((lost >= first) & (lost < last))) / max(1, last - first))
    return min(shares)


def _header(random: Random, referral: SyntheticReferral, number: int, of: int, style: int) -> str:
    """The line a sending machine prints above each page. Its clock and its programmed name are its owner's."""
    practice = referral.practice
    stamp = dt.datetime.combine(referral.date, dt.time(random.randrange(8, 19), random.randrange(60)))
    name = practice.name.upper()[:24]
    if style == 0:
        return f"{stamp:%d-%b-%Y %H:%M}".upper() + f"   From:{name}        {practice.fax}        To:01632960555       P.{number:02d}/{of:02d}"
    if style == 1:
        return f"{stamp:%d/%m/%Y  %H:%M}     {practice.fax}             {name}                 PAGE  {number:02d}/{of:02d}"
    if style == 2:
        return f"{stamp:%d %b %y %H:%M}  {name}    Fax {practice.fax}                              p.{number}"
    return f"Fax sent by  : {practice.fax}    {name}     {stamp:%d-%m-%y %H:%M}    Pg: {number}/{of}"


def _fax_pages(
    random: Random, sheets: Sequence[Sheet], referral: SyntheticReferral, damage: Damage, fine: bool, numbers: Sequence[int], of: int
) -> tuple[list[FaxPage], list[dict[str, Value]], list[str]]:
    hard, done = damage.severity == "hard", []
    style = random.randrange(4)
    level = random.randrange(105, 165) if damage.severity != "clean" else 128
    bad_line = random.random() < {"clean": 0.0, "typical": 0.12, "hard": 0.45}[damage.severity]
    slips = random.random() < {"clean": 0.0, "typical": 0.08, "hard": 0.35}[damage.severity]
    conceal = random.choice(("repeat", "repeat", "keep", "drop"))
    pages, gone = [], []
    for sheet, number in zip(sheets, numbers, strict=True):
        worn, matrix = wear(picture(sheet), damage, random, 2541, 3508)
        page = scan(worn, fine, damage.screen, level)
        if bad_line:
            page = over_a_bad_line(page, random, random.randrange(4, 30) if hard else random.randrange(1, 8), conceal)
        if slips:
            page = slip(page, random, random.randrange(3, 14) if hard else random.randrange(1, 4))
        lost = np.array(page.lost_rows)
        gone.append({name: sheet.values[name] for name, areas in sheet.areas.items() if len(lost) and _share_lost(areas, matrix, page, lost) > 0.3})
        if random.random() < 0.9 or number > 1:
            page = header_line(page, _header(random, referral, number, of, style))
        pages.append(page)
    done += ["bad line"] if bad_line else []
    done += ["slips"] if slips else []
    return pages, gone, done


def _scans(random: Random, sheets: Sequence[Sheet], damage: Damage, dpi: int) -> list[Grey]:
    pages = []
    for sheet in sheets:
        wide, tall = (2480, 3508) if damage.turn in (0, 180) else (3508, 2480)
        worn, _ = wear(picture(sheet), damage, random, wide, tall)
        size = (round(wide * dpi / 300), round(tall * dpi / 300))
        small: Grey = np.asarray(cv2.resize(worn, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        pages.append(small if damage.severity == "clean" else scanner_grain(small, random, damage.severity == "hard"))
    return pages


def render(random: Random, referral: SyntheticReferral, design: str, severity: Severity = "typical", coding: str = "") -> Fax:
    """Draw the referral in the design, wear it at the severity and pack it in the coding (drawn among the usual ones when empty).

    Deterministic by the state of `random`. Handwriting is never born digital; it then becomes a scan.
    """
    kind = DESIGNS[design]
    coding = coding or random.choice(_USUAL)
    if coding == "pdf-text" and kind.by_hand:
        coding = "pdf-jpeg-200"
    desk = sit_down(random, referral, kind.held_out, kind.by_hand, kind.mono)
    sheets = kind.draw(desk)
    return _pack(random, referral, kind, sheets, severity, coding)


def _pack(random: Random, referral: SyntheticReferral, kind: Design, sheets: Sequence[Sheet], severity: Severity, coding: str) -> Fax:
    numbers = list(range(1, len(sheets) + 1))
    damage = plan_damage(random, severity, kind.held_out, may_lie_sideways=coding.startswith(("pdf-jpeg", "png", "jpeg")))
    done: list[str] = list(damage.kinds)
    gone: list[dict[str, Value]] = [{} for _ in sheets]
    file_type = coding.split("-")[0]
    if coding == "pdf-text":
        data, done = born_digital(sheets), []
    elif coding.startswith(("tiff", "pdf-g")):
        pages, gone, more_done = _fax_pages(random, sheets, referral, damage, coding.endswith("fine"), numbers, len(sheets))
        done += more_done
        group: Literal["group3", "group4"] = "group3" if "-g3-" in coding else "group4"
        data = tiff(pages, group, referral.practice.name.upper()[:20]) if file_type == "tiff" else fax_pdf(pages, group)
    else:
        dpi = 300 if coding.endswith("300") else 200
        scans = _scans(random, sheets, damage, dpi)
        quality = random.randrange(38, 80)
        if file_type == "pdf":
            data = scan_pdf(scans, dpi, quality)
        else:
            data = png(scans[0], dpi) if file_type == "png" else jpeg(scans[0], dpi, quality)
            sheets = sheets[:1]
    truth: dict[str, Value] = {}
    illegible: dict[str, Value] = {}
    for sheet, lost in zip(sheets, gone, strict=False):
        for name, value in sheet.values.items():
            (illegible if name in lost else truth).setdefault(name, value)
    return Fax(
        data=data,
        media_type=_MEDIA[file_type],
        file_name=f"fax{random.randrange(10**9):09d}.{file_type.replace('tiff', 'tif').replace('jpeg', 'jpg')}",
        truth={} if kind.document_type != "referral" else truth,
        pages=len(sheets),
        document_type=kind.document_type,
        design=kind.name,
        severity=severity,
        coding=coding,
        illegible={name: value for name, value in illegible.items() if name not in truth},
        damage=(*done, *((f"turned {damage.turn}",) if damage.turn and coding != "pdf-text" else ())),
    )
