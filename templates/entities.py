"""Values known by their type alone: the page's one NHS number, the date near it, the name, gender and address beside them.

No label names them, so each carries a doubt; the patient index may still agree with them (P3).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from ocr.page import Box, Page
from templates.bind import Bound, Found
from templates.grammar import Parsed, plain
from templates.grammar_codes import find_nhs_numbers, find_phones, find_postcodes
from templates.grammar_dates import find_dates
from templates.grammar_names import looks_like_name, parse_name, strip_title
from templates.labels import Cell
from templates.sheet import same_row

_BIRTH = re.compile(r"\b(?:d\.?\s?o\.?\s?b|born|birth|d\s+of\s+b|b\.)\W*$", re.I)
PLACE = re.compile(
    r"\b(?:surgery|practice|medical|health|centre|center|clinic|hospital|infirmary|trust|department|dept|outpatients?|"
    r"consultant|partners|opticians?|optometrists?|dental|referral|service|team|unit|nhs|colleague|dear|sir|madam|form)\b",
    re.I,
)
_TITLED = re.compile(r"^(?:Mrs?|Miss|Ms|Mx|Master|MRS?|MISS|MS)\b\.?\s+[A-Z]")
_LEAD = re.compile(r"^\W*(?:re|ref|regarding|patient|name|concerning)\b[\s:.\-]*", re.I)
_CLINICIAN = re.compile(r"\b(?:dr|prof|professor|sister|nurse|consultant)\b", re.I)


def owner(cells: Sequence[Cell], i: int) -> Cell | None:
    """The label whose value a cell is, by place: before it on its line, left of it in its row, or just above it."""
    cell = cells[i]
    if i and cells[i - 1].line == cell.line and cells[i - 1].kind == "label":
        return cells[i - 1]
    row = [c for c in cells if c is not cell and same_row(c.box, cell.box) and c.box.right <= cell.box.left + 0.005]
    left = max(row, key=lambda c: c.box.right, default=None)
    # A heading of somebody else's ends at its own column; a label's value may stand far off.
    reach = 0.2 if left is not None and left.names == "decoy" and not left.colon else 0.42
    if left is not None and left.kind == "label" and cell.box.left - left.box.right < reach:
        return left
    above = [
        c
        for c in cells
        if c.kind == "label"
        and c.alone
        and abs(c.box.left - cell.box.left) < 0.03
        and 0 < cell.box.top - c.box.top < 3.2 * max(c.box.height, cell.box.height)
        and not _has_value(cells, c)
    ]
    return max(above, key=lambda c: c.box.top, default=None)


def _has_value(cells: Sequence[Cell], label: Cell) -> bool:
    """Whether a value stands to the right of a label in its own row, before any other label."""
    row = [c for c in cells if same_row(c.box, label.box) and c.box.left >= label.box.right]
    nearest = min(row, key=lambda c: c.box.left, default=None)
    return nearest is not None and nearest.kind == "value"


def part_of(cell: Cell, start: int, end: int) -> Box:
    """The box of some characters of a cell's text, its width shared evenly."""
    step = cell.box.width / max(1, len(cell.text))
    left = min(cell.box.right, cell.box.left + start * step)
    return Box(left, cell.box.top, max(left, min(cell.box.right, cell.box.left + end * step)), cell.box.bottom)


def _make(field: str, page: Page, cell: Cell, p: Parsed, text: str) -> Found:
    return Found(field, (text[p.start : p.end],), page.number, part_of(cell, p.start, p.end), "title")


def block_above(cells: Sequence[Cell], i: int, most: int = 6) -> list[Cell]:
    """The cells that stand close above a cell in its column, nearest first."""
    found: list[Cell] = []
    at = cells[i]
    while len(found) < most:
        near = [
            c
            for c in cells
            if c.line != at.line
            and 0 < at.box.top - c.box.top < 2.2 * max(c.box.height, at.box.height)
            and abs(c.box.left - cells[i].box.left) < 0.02
        ]
        if not near:
            return found
        at = max(near, key=lambda c: c.box.top)
        found.append(at)
    return found


def by_type(page: Page, bound: Bound, have: Sequence[Found], today: dt.date) -> list[Found]:
    """What the types of the page's texts give for identifiers that no label gave; each field at most once."""
    cells = bound.cells
    known = {f.field: f for f in have}
    found: list[Found] = []
    values = [(i, c, owner(cells, i)) for i, c in enumerate(cells) if c.kind == "value"]
    free = [(i, c) for i, c, o in values if o is None or o.names in ("", "patient.name", "loose:name") or o.heads]
    if "patient.nhs_number" not in known:
        found += _number(page, [(i, c) for i, c, o in values if o is None or o.names != "decoy"])
    anchors = [
        f.box for f in (*have, *found) if f.field in ("patient.nhs_number", "patient.birth_date", "patient.name")
    ]
    if "patient.birth_date" not in known:
        born = _birth(page, free, anchors, today)
        found += born
        anchors += [f.box for f in born]
    if not known.keys() & {"patient.name", "patient.family_name"}:
        named = _name(page, cells, free, anchors)
        found += named
        anchors += [f.box for f in named]
    if "patient.gender" not in known:
        found += _gender(page, free, anchors)
    if not known.keys() & {"patient.address", "patient.postcode"}:
        found += _home(page, cells, free, anchors)
    return found


def _number(page: Page, values: Sequence[tuple[int, Cell]]) -> list[Found]:
    hits: dict[str, Found] = {}
    for _, cell in values:
        text = plain(cell.text)
        for p in find_nhs_numbers(text):
            if p.checks and p.repairs == 0 and not find_phones(text[p.start : p.end]):
                hits.setdefault(p.value, _make("patient.nhs_number", page, cell, p, text))
    return list(hits.values()) if len(hits) == 1 else []


def _birth(page: Page, free: Sequence[tuple[int, Cell]], anchors: Sequence[Box], today: dt.date) -> list[Found]:
    said: dict[str, Found] = {}
    near: dict[str, Found] = {}
    for _, cell in free:
        text = plain(cell.text)
        for p in find_dates(text, "birth", today):
            made = _make("patient.birth_date", page, cell, p, text)
            if _BIRTH.search(text[: p.start]):
                said.setdefault(p.value, made)
            if (
                (today - dt.date.fromisoformat(p.value)).days > 400
                and _distance(cell.box, anchors) < 0.1
                and len(text) < 90
            ):
                near.setdefault(p.value, made)
    for hits in (said, near):
        if len(hits) == 1:
            return list(hits.values())
    return []


def _distance(box: Box, anchors: Sequence[Box]) -> float:
    """How far down the page a box is from the nearest anchor; 1 where there is none."""
    return min((abs(box.centre[1] - a.centre[1]) for a in anchors), default=1.0)


def _name(page: Page, cells: Sequence[Cell], free: Sequence[tuple[int, Cell]], anchors: Sequence[Box]) -> list[Found]:
    if not anchors:
        return []
    scored: list[tuple[float, Found]] = []
    for i, cell in free:
        text = _LEAD.sub("", plain(cell.text)).strip(" ,.;:|-")
        head = re.split(
            r"\s*[|;(]\s*(?!Mr|Mrs|Miss|Ms)|\s+-\s+|\d|\b(?:DOB|D\.O\.B|born|NHS|aged)\b", text, flags=re.I
        )[0].strip(" ,.;:-")
        if PLACE.search(head) or _CLINICIAN.search(head) or len(head) > 48:
            continue
        titled = _TITLED.match(head) is not None or re.search(r"\((?:Mrs?|Miss|Ms|Mx|Master)\)?$", head) is not None
        sorted_name = re.match(r"^[A-Z][A-Z'\- ]+,\s*[A-Z][a-z]", head) is not None
        words = strip_title(head)[0].split()
        plain_name = 2 <= len(words) <= 4 and looks_like_name(" ".join(words)) and "," not in head
        name = parse_name(head)
        if name is None or not name.given or not (titled or sorted_name or plain_name):
            continue
        under = (c for c in cells[i + 1 : i + 5] if c.line != cell.line and c.box.left < cell.box.right)
        below = next((c for c in under if c.box.right > cell.box.left and not same_row(c.box, cell.box)), None)
        if below is not None and re.search(
            r"\b(?:consultant|department|dept|hospital|infirmary|clinic)\b", below.text, re.I
        ):
            continue
        far = _distance(cell.box, anchors)
        same = any(same_row(cell.box, a) for a in anchors)
        if far > 0.1 or (not titled and not sorted_name and not same):
            continue
        at = max(0, plain(cell.text).find(head))
        where = part_of(cell, at, at + len(head))
        scored.append(
            (
                far - 0.05 * titled - 0.04 * sorted_name - 0.02 * same,
                Found("patient.name", (head,), page.number, where, "title"),
            )
        )
    return [min(scored, key=lambda s: s[0])[1]] if scored else []


def _gender(page: Page, free: Sequence[tuple[int, Cell]], anchors: Sequence[Box]) -> list[Found]:
    hits = [
        Found("patient.gender", (c.text,), page.number, c.box, "title")
        for _, c in free
        if re.fullmatch(r"\W*(?:male|female)\W*", c.text, re.I) and _distance(c.box, anchors) < 0.1
    ]
    return hits if len({plain(h.text).lower() for h in hits}) == 1 and len(hits) == 1 else []


def _home(page: Page, cells: Sequence[Cell], free: Sequence[tuple[int, Cell]], anchors: Sequence[Box]) -> list[Found]:
    """Postcode and address by the patient's other print: not those of a surgery or a hospital."""
    best: tuple[float, list[Found]] | None = None
    for i, cell in free:
        text = plain(cell.text)
        codes = find_postcodes(text)
        if not codes or codes[-1].repairs:
            continue
        above = [c for c in block_above(cells, i) if c.kind == "value"]
        if PLACE.search(text) or any(PLACE.search(c.text) or _CLINICIAN.search(c.text) for c in above[:5]):
            continue
        far = _distance(cell.box, anchors)
        if far > 0.12:
            continue
        p = codes[-1]
        lines = [(text[: p.start].strip(" ,;|"), part_of(cell, 0, p.start))] if text[: p.start].strip(" ,;|") else []
        for c in above:
            told = plain(c.text)
            if (
                find_nhs_numbers(told)
                or find_phones(told)
                or find_dates(told, "birth", dt.date(2100, 1, 1))
                or _TITLED.match(told)
            ):
                break
            if parse_name(told) and "," in told and told.split(",")[0].isupper():
                break
            if lines and re.match(r"^\d", lines[0][0]):
                break
            lines.insert(0, (told.strip(" ,"), c.box))
        made = [_make("patient.postcode", page, cell, p, text)]
        street = [
            n
            for n, (t, _) in enumerate(lines)
            if re.search(r"^(?:.*[,|] ?|of |at )?\d{1,4}[A-Za-z]? [A-Z]|^(?:Flat|Apt|The|Rose)\b", t)
        ]
        if street:
            lines = lines[street[0] :]
            first = re.search(r"(?:^|[,|] ?|^of |^at )((?:Flat|Apt)?\s*\d{1,4}[A-Za-z]? [A-Z].*)$", lines[0][0])
            if first:
                lines[0] = (first[1], lines[0][1])
            box = lines[0][1]
            for _, b in lines[1:]:
                box = box.union(b)
            made.append(
                Found(
                    "patient.address",
                    tuple(t for t, _ in lines),
                    page.number,
                    box,
                    "title",
                    boxes=tuple(b for _, b in lines),
                )
            )
        if best is None or far < best[0]:
            best = (far, made)
    return best[1] if best else []
