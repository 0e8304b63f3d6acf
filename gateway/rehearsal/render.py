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
from gateway.rehearsal.fax_noise import Damage, Grey, Matrix, Severity, as_laid, plan_damage, scanner_grain, wear
from gateway.rehearsal.fax_t4 import Concealment
from gateway.rehearsal.packaging import fax_pdf, jpeg, png, scan_pdf
from gateway.rehearsal.people import Person, make_nhs_number, make_person
from gateway.rehearsal.practices import Practice
from gateway.rehearsal.referrals import SyntheticReferral, age_on, make_referral
from gateway.rehearsal.sheet import Area, Sheet, Value

Coding = Literal[
    "tiff-g3-fine",
    "tiff-g3-standard",
    "tiff-g4-fine",
    "tiff-g4-standard",
    "pdf-g4-fine",
    "pdf-g3-standard",
    "pdf-jpeg-200",
    "pdf-jpeg-300",
    "pdf-text",
    "png",
    "jpeg",
]
CODINGS: tuple[Coding, ...] = get_args(Coding)
_USUAL: tuple[Coding, ...] = (
    *(("tiff-g3-fine", "tiff-g4-fine", "pdf-g4-fine") * 3),
    *("tiff-g3-standard", "tiff-g4-standard", "pdf-g3-standard", "pdf-jpeg-200", "pdf-jpeg-300", "pdf-text"),
)
_MEDIA = {"tiff": "image/tiff", "pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}

_CONCEALMENTS: tuple[Concealment, ...] = ("repeat", "repeat", "keep", "drop")
# Set by eye from a sheet of 17 places out of 1,146 values of hard faxes; nobody else has checked it, so report how many values it excuses.
LEGIBLE = 0.7


@dataclass(frozen=True)
class Part:
    """A further referral in the same file: its page numbers (from 1), its truth and what is excused."""

    pages: tuple[int, ...]
    truth: dict[str, Value]
    excused: dict[str, Value]


@dataclass(frozen=True)
class Fax:
    """One file and what is truly legible in it.

    `truth` is the first referral by field of the public contract, `more` the others. `excused` are fields that were lost on the way
    or are open to argument, with the value that was printed (empty where none can be named): a reader is neither asked for them nor
    wrong about them. `missing_pages` are numbers in the sender's own counting, `stranger_pages` numbers in the file of pages that
    belong to another patient and are no referral. `damage` names what was done to the pages.
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
    excused: dict[str, Value] = field(default_factory=dict)
    stranger_pages: tuple[int, ...] = ()
    damage: tuple[str, ...] = ()


def referral_for(
    random: Random, design: str, people: Sequence[Person], practices: Sequence[Practice], on: dt.date
) -> SyntheticReferral:
    """A referral that the design can express (a suspected-cancer form needs a suspected cancer, a midwife's a woman)."""
    wants = DESIGNS[design]
    priority = random.choice(wants.priorities) if wants.priorities else ""
    youngest, oldest = wants.ages
    fitting = [
        p
        for p in random.sample(people, min(len(people), 400))
        if youngest <= age_on(p, on) <= oldest and (not wants.gender or p.gender == wants.gender)
    ]
    return make_referral(random, fitting or people, practices, wants.specialties, priority, on)


def _place(area: Area, matrix: Matrix) -> tuple[int, int, int, int]:
    """Where an area of the sheet (points) lies in the window (pixels at 300 dots an inch): left, top, right, bottom."""
    left, top, right, bottom = (edge * 300 / 72 for edge in area)
    corners = matrix @ np.array(
        [[left, right, left, right], [top, top, bottom, bottom], [1, 1, 1, 1]], dtype=np.float64
    )
    low, high = np.floor(corners.min(axis=1)), np.ceil(corners.max(axis=1)) + 1
    return max(0, int(low[0])), max(0, int(low[1])), max(1, int(high[0])), max(1, int(high[1]))


def _strokes_left(clean: Grey, seen: Grey) -> float:
    """The share of the printed ink in a place that still shows as ink (1 all of it, 0 nothing)."""
    if clean.size < 50 or clean.shape != seen.shape:
        return 0.0
    ink = clean < 110
    return float((cv2.GaussianBlur(seen, (0, 0), 1.2)[ink] < 140).mean()) if ink.any() else 0.0


def _gone(sheet: Sheet, ideal: Grey, worn: Grey, matrix: Matrix, page: FaxPage | None) -> dict[str, Value]:
    """The values of a sheet that cannot be read any more: worn away, or with too many rows lost, wherever they stand."""
    lost = np.array(page.lost_rows if page else (), dtype=np.int64) * 300 / (page.down_dpi if page else 300)
    gone: dict[str, Value] = {}
    for name, areas in sheet.areas.items():
        legible = False
        for area in areas:
            left, top, right, bottom = _place(area, matrix)
            rows = int(np.count_nonzero((lost >= top) & (lost < bottom))) * 300 / (page.down_dpi if page else 300)
            strokes = _strokes_left(ideal[top:bottom, left:right], worn[top:bottom, left:right])
            legible = legible or (strokes > LEGIBLE and rows / (bottom - top) <= 0.3)
        if not legible:
            gone[name] = sheet.values[name]
    return gone


def _sender(sheet: Sheet, referral: SyntheticReferral) -> tuple[str, str]:
    """The name and the fax number in the sending machine."""
    return sheet.sender or (referral.practice.name, referral.practice.fax)


def _header(sender: tuple[str, str], stamp: dt.datetime, number: int, of: int, style: int) -> str:
    """The line a sending machine prints above each page. Its clock and its programmed name are its owner's."""
    name, fax = sender[0].upper()[:24], sender[1]
    if style == 0:
        return (
            f"{stamp:%d-%b-%Y %H:%M}".upper()
            + f"   From:{name}        {fax}        To:01632960555       P.{number:02d}/{of:02d}"
        )
    if style == 1:
        return f"{stamp:%d/%m/%Y  %H:%M}     {fax}             {name}                 PAGE  {number:02d}/{of:02d}"
    if style == 2:
        return f"{stamp:%d %b %y %H:%M}  {name}    Fax {fax}                              p.{number}"
    return f"Fax sent by  : {fax}    {name}     {stamp:%d-%m-%y %H:%M}    Pg: {number}/{of}"


def _fax_pages(
    random: Random,
    sheets: Sequence[Sheet],
    referral: SyntheticReferral,
    damage: Damage,
    fine: bool,
    numbers: Sequence[int],
    of: int,
) -> tuple[list[FaxPage], list[dict[str, Value]], list[str]]:
    hard, done = damage.severity == "hard", []
    style = random.randrange(4)
    sent_at = dt.datetime.combine(referral.date, dt.time(random.randrange(8, 19), random.randrange(60)))
    # Coarse lines wash thin strokes out; machines set their threshold higher for them.
    level = (random.randrange(105, 165) if damage.severity != "clean" else 128) + (0 if fine else 30)
    bad_line = random.random() < {"clean": 0.0, "typical": 0.12, "hard": 0.45}[damage.severity]
    slips = random.random() < {"clean": 0.0, "typical": 0.08, "hard": 0.35}[damage.severity]
    conceal = random.choice(_CONCEALMENTS)
    pages, gone = [], []
    for sheet, number in zip(sheets, numbers, strict=True):
        drawn = picture(sheet)
        worn, matrix = wear(drawn, damage, random, 2541, 3508)
        page = scan(worn, fine, damage.screen if fine or damage.screen != "ordered" else "diffusion", level)
        seen = np.asarray(
            cv2.resize(
                np.where(page.bits, 0, 255).astype(np.uint8),
                (worn.shape[1], worn.shape[0]),
                interpolation=cv2.INTER_AREA,
            )
        )
        if bad_line:
            page = over_a_bad_line(page, random, random.randrange(4, 30) if hard else random.randrange(1, 8), conceal)
        if slips:
            page = slip(page, random, random.randrange(3, 14) if hard else random.randrange(1, 4))
        gone.append(_gone(sheet, as_laid(drawn, damage, matrix, worn), seen, matrix, page))
        if random.random() < 0.9 or number > 1:
            stamp = sent_at + dt.timedelta(seconds=40 * number)
            page = header_line(page, _header(_sender(sheet, referral), stamp, number, of, style))
        pages.append(page)
    done += ["bad line"] if bad_line else []
    done += ["slips"] if slips else []
    return pages, gone, done


def _scans(
    random: Random, sheets: Sequence[Sheet], damage: Damage, dpi: int
) -> tuple[list[Grey], list[dict[str, Value]]]:
    pages, gone = [], []
    for sheet in sheets:
        wide, tall = (2480, 3508) if damage.turn in (0, 180) else (3508, 2480)
        drawn = picture(sheet)
        worn, matrix = wear(drawn, damage, random, wide, tall)
        gone.append(_gone(sheet, as_laid(drawn, damage, matrix, worn), worn, matrix, None))
        size = (round(wide * dpi / 300), round(tall * dpi / 300))
        small: Grey = np.asarray(cv2.resize(worn, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        pages.append(small if damage.severity == "clean" else scanner_grain(small, random, damage.severity == "hard"))
    return pages, gone


def render(
    random: Random,
    referral: SyntheticReferral,
    design: str,
    severity: Severity = "typical",
    coding: str = "",
    other: SyntheticReferral | None = None,
) -> Fax:
    """Draw the referral in the design, wear it at the severity and pack it in the coding (drawn among the usual ones when empty).

    `other` is the second patient of the packs that have two; invented on the spot when not given (and then in no patient index).
    Deterministic by the state of `random`. Handwriting is never born digital; it then becomes a scan. PNG and JPEG hold one page.
    """
    kind = DESIGNS[design]
    coding = coding or random.choice(_USUAL)
    if coding == "pdf-text" and kind.by_hand:
        coding = "pdf-jpeg-200"
    if other is None:
        other = make_referral(
            random, [make_person(random, make_nhs_number(random))], [referral.practice], on=referral.date
        )
    desk = sit_down(random, referral, kind.group, kind.by_hand, kind.mono, other)
    sheets = kind.draw(desk)
    if coding in ("png", "jpeg"):
        sheets = sheets[:1]
    return _pack(random, referral, kind, sheets, severity, coding)


def _truth(
    sheets: Sequence[Sheet], gone: Sequence[dict[str, Value]], part: int
) -> tuple[dict[str, Value], dict[str, Value]]:
    """What the pages of one part say legibly, and what is excused."""
    truth: dict[str, Value] = {}
    excused: dict[str, Value] = {}
    for sheet, lost in zip(sheets, gone, strict=True):
        if sheet.part == part:
            excused.update(dict.fromkeys(sheet.excused, ""))
            for name, value in sheet.values.items():
                (excused if name in lost else truth).setdefault(name, value)
    return truth, {name: value for name, value in excused.items() if name not in truth}


def _pack(
    random: Random, referral: SyntheticReferral, kind: Design, drawn: Sequence[Sheet], severity: Severity, coding: str
) -> Fax:
    sheets = [sheet for sheet in drawn if sheet.sent]
    missing = tuple(number for number, sheet in enumerate(drawn, 1) if not sheet.sent)
    # A page lost on the way leaves a gap in the machine's own count; two pages fed as one do not.
    gap = bool(missing) and random.random() < 0.5
    numbers = (
        [number for number, sheet in enumerate(drawn, 1) if sheet.sent] if gap else list(range(1, len(sheets) + 1))
    )
    damage = plan_damage(
        random, severity, kind.group != "fit", may_lie_sideways=coding.startswith(("pdf-jpeg", "png", "jpeg"))
    )
    done: list[str] = list(damage.kinds)
    gone: list[dict[str, Value]] = [{} for _ in sheets]
    file_type = coding.split("-")[0]
    if coding == "pdf-text":
        data, done = born_digital(sheets), []
    elif coding.startswith(("tiff", "pdf-g")):
        pages, gone, more_done = _fax_pages(
            random, sheets, referral, damage, coding.endswith("fine"), numbers, len(drawn) if gap else len(sheets)
        )
        done += more_done
        group: Literal["group3", "group4"] = "group3" if "-g3-" in coding else "group4"
        name = _sender(sheets[0], referral)[0].upper()[:20]
        data = tiff(pages, group, name) if file_type == "tiff" else fax_pdf(pages, group)
    else:
        dpi = 300 if coding.endswith("300") else 200
        scans, gone = _scans(random, sheets, damage, dpi)
        quality = random.randrange(38, 80)
        if file_type == "pdf":
            data = scan_pdf(scans, dpi, quality)
        else:
            data = png(scans[0], dpi) if file_type == "png" else jpeg(scans[0], dpi, quality)
    truth, excused = _truth(sheets, gone, 0)
    is_referral = kind.document_type == "referral"
    second = tuple(number for number, sheet in enumerate(sheets, 1) if sheet.part == 1)
    return Fax(
        data=data,
        media_type=_MEDIA[file_type],
        file_name=f"fax{random.randrange(10**9):09d}.{file_type.replace('tiff', 'tif').replace('jpeg', 'jpg')}",
        truth=truth if is_referral else {},
        pages=len(sheets),
        document_type=kind.document_type,
        design=kind.name,
        severity=severity,
        coding=coding,
        missing_pages=missing,
        more=(Part(second, *_truth(sheets, gone, 1)),) if second else (),
        excused=excused if is_referral else {},
        stranger_pages=tuple(number for number, sheet in enumerate(sheets, 1) if sheet.stranger),
        damage=(*done, *((f"turned {damage.turn}",) if damage.turn and coding != "pdf-text" else ())),
    )
