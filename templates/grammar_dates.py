"""Dates as British forms print them: day first always, every separator, months in words, two-digit years, comb cells.

`01/02/26` is 1 February 2026. An ISO date (year first, four digits) is the one order that is not day first.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

from rapidfuzz.distance import Levenshtein

from templates.grammar import Parsed, as_digit, plain

DateKind = Literal["birth", "letter"]

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_D = r"[0-9OoQDUIli|!\]\[LZzASsGbTBgq]"
_SEP = r"\s*[/\\.,\-:;|]\s*|\s+"
_EDGE_L, _EDGE_R = r"(?<![A-Za-z0-9/])", r"(?![A-Za-z0-9])"
_NUMERIC = re.compile(rf"{_EDGE_L}({_D}{{1,2}})(?:{_SEP})({_D}{{1,2}})(?:{_SEP})({_D}{{4}}|{_D}{{2}}){_EDGE_R}")
_ISO = re.compile(rf"{_EDGE_L}([12][0-9]{{3}})\s*[-/.]\s*([0-9]{{1,2}})\s*[-/.]\s*([0-9]{{1,2}}){_EDGE_R}")
_PARTED_YEAR = re.compile(r"(?<=\d[/.\-])(19|20) (\d\d)(?!\d|\s*:)")  # "2/6/19 57", as a pen writes it
_WEEKDAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b", re.I)
_WORDED = re.compile(
    rf"{_EDGE_L}({_D}{{1,2}})\s*(?:st|nd|rd|th)?\s*(?:of\s+)?[\s.,\-/]*([A-Za-z0]{{3,9}})[\s.,'\-/]*({_D}{{4}}|{_D}{{2}}){_EDGE_R}"
)
_MONTH_FIRST = re.compile(rf"{_EDGE_L}([A-Za-z]{{3,9}})\.?\s+({_D}{{1,2}})(?:st|nd|rd|th)?,?\s+({_D}{{4}}){_EDGE_R}")
_RUN = re.compile(r"(?<![A-Za-z0-9])([0-9OoIl|](?:\s?[0-9OoIl|]){7})(?![A-Za-z0-9])")
_SPACED = re.compile(r"(?<!\d)(\d)\s+(\d)\s*[/.\- ]\s*(\d)\s+(\d)\s*[/.\- ]\s*(\d)\s+(\d)\s+(\d)\s+(\d)(?!\d)")
# A stroke read as a one: 23/08/1969 becomes 2310811969. Never taken without a doubt: it may as well be another number.
_STROKES = re.compile(r"(?<!\d)(\d\d)[1Il|](\d\d)[1Il|]((?:19|20)\d\d)(?!\d)")
_HALF_STROKES = re.compile(r"(?<!\d)(\d\d)(?:/(\d\d)[1Il|]|[1Il|](\d\d)/)((?:19|20)\d\d)(?!\d)")


def month_number(word: str) -> int | None:
    """1 to 12 for a month's name or its usual short form, with one wrong letter at most; None where two months are as near."""
    low = word.lower().replace("0", "o").rstrip(".")
    for number, name in enumerate(_MONTHS, 1):
        if low == name or low == name[:3] or (low == "sept" and number == 9):
            return number
    if len(low) < 3:
        return None
    near = []
    for number, name in enumerate(_MONTHS, 1):
        full = Levenshtein.distance(low, name, score_cutoff=2)
        if (len(low) >= 5 and full <= (1 if len(low) < 8 else 2)) or (
            len(low) == 3 and Levenshtein.distance(low, name[:3], score_cutoff=1) <= 1
        ):
            near.append(number)
    return near[0] if len(near) == 1 else None


def _number(text: str) -> tuple[int, int] | None:
    """The number that the characters stand for, and how many of them had to be repaired."""
    digits = [as_digit(c) for c in text]
    if None in digits:
        return None
    return int("".join(d or "" for d in digits)), sum(1 for c in text if not c.isdigit())


def _whole_year(year: int, kind: DateKind, today: dt.date) -> int:
    """A two-digit year: this century for letters; for births this century only when that is not in the future."""
    if kind == "letter":
        return 2000 + year
    return 2000 + year if 2000 + year <= today.year else 1900 + year


def _build(
    day: str, month: str, year: str, span: tuple[int, int], kind: DateKind, today: dt.date, doubts: tuple[str, ...] = ()
) -> Parsed | None:
    d, y = _number(day), _number(year)
    in_words = month_number(month) if any(c.isalpha() for c in month) and len(month) >= 3 else None
    m = (
        (in_words, int(month.lower() not in _MONTHS and month.lower() not in [n[:3] for n in _MONTHS]))
        if in_words
        else _number(month)
    )
    if d is None or m is None or y is None or m[0] is None:
        return None
    whole = y[0] if len(year) == 4 else _whole_year(y[0], kind, today)
    try:
        value = dt.date(whole, m[0], d[0])
    except ValueError:
        return None
    repairs = d[1] + m[1] + y[1]
    if repairs > 3:
        return None
    if len(year) == 2 and kind == "birth" and 2000 + y[0] <= today.year:
        # Both centuries are possible: a child of this one, or somebody of over ninety.
        doubts = (*doubts, "the year has two digits")
    if kind == "birth":
        if value > today or whole < today.year - 120:
            return None
    elif not dt.date(2000, 1, 1) <= value <= today + dt.timedelta(days=366):
        return None
    return Parsed(value.isoformat(), *span, repairs, ("date exists",), doubts)


def _candidates(text: str, kind: DateKind, today: dt.date) -> list[Parsed | None]:
    found: list[Parsed | None] = []
    for m in _ISO.finditer(text):
        found.append(_build(m[3], m[2], m[1], m.span(), kind, today))
    for m in _WORDED.finditer(text):
        found.append(_build(m[1], m[2], m[3], m.span(), kind, today))
    for m in _MONTH_FIRST.finditer(text):
        found.append(_build(m[2], m[1], m[3], m.span(), kind, today))
    for m in _NUMERIC.finditer(text):
        found.append(_build(m[1], m[2], m[3], m.span(), kind, today))
    for m in _SPACED.finditer(text):
        found.append(_build(m[1] + m[2], m[3] + m[4], m[5] + m[6] + m[7] + m[8], m.span(), kind, today))
    for m in _RUN.finditer(text):
        run = re.sub(r"\s", "", m[1])
        found.append(_build(run[:2], run[2:4], run[4:], m.span(), kind, today))
    stroke = ("a stroke may have been read as a 1",)
    for m in _STROKES.finditer(text):
        found.append(_build(m[1], m[2], m[3], m.span(), kind, today, stroke))
    for m in _HALF_STROKES.finditer(text):
        found.append(_build(m[1], m[2] or m[3], m[4], m.span(), kind, today, stroke))
    return found


def find_dates(text: str, kind: DateKind, today: dt.date) -> list[Parsed]:
    """All dates in the text, left to right, values as YYYY-MM-DD; of two that overlap the one with the fewest repairs and doubts.

    `kind` birth refuses the future and more than 120 years; letter refuses what is before 2000 or over a year ahead.
    """
    # "Thursday 19 November": the T of a weekday is a misread 1 nowhere.
    clean = _WEEKDAY.sub(lambda m: " " * len(m[0]), plain(text))
    clean = _PARTED_YEAR.sub(r"\1\2 ", clean)
    ranked = sorted(
        (p for p in _candidates(clean, kind, today) if p is not None),
        key=lambda p: (p.repairs + 2 * len(p.doubts), -(p.end - p.start), p.start),
    )
    kept: list[Parsed] = []
    for p in ranked:
        if all(p.end <= k.start or p.start >= k.end for k in kept):
            kept.append(p)
    return sorted(kept, key=lambda p: p.start)


def parse_date(text: str, kind: DateKind, today: dt.date) -> Parsed | None:
    """The first date in the text, or None."""
    found = find_dates(text, kind, today)
    return found[0] if found else None


_AGE = re.compile(r"\b(\d{1,3})\s*(?:y(?:ea)?rs?|yrs?|y/?o|years?)\b", re.I)


def age_in(text: str) -> int | None:
    """An age in years printed in the text (`aged 54 years`, `54 yrs`), or None."""
    m = _AGE.search(plain(text))
    return int(m[1]) if m and int(m[1]) <= 120 else None
