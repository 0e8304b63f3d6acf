"""Finds on the pages what the patient index has of the person whose NHS number they print. Pure.

On a layout that nobody knows the labels do not say which of the words are the patient's name; the index does. Nothing is taken from
the index itself: name, birth date and postcode are read where they are printed, and only when number, birth date and whole name stand
there together (P3). A value with a label of its own is never replaced.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from gateway.patients import PatientIndex, PatientRecord
from templates.grammar import plain, squash
from templates.grammar_address import is_home, mended_address
from templates.grammar_codes import find_postcodes
from templates.grammar_dates import find_dates
from templates.grammar_names import name_key
from templates.reading import Part, Printed, Reading

HOW = "found in the print, where the index says what to look for"
_WORD = re.compile(r"[^\W\d_][\w'’\-]*")
_TITLES = frozenset({"MR", "MRS", "MS", "MISS", "MX", "MASTER", "DR"})
# "26/11/15 10Y M": one letter right behind the date or the age, and nothing that makes it an initial
_LETTER = re.compile(r"\W*(?:\d{1,3}\s*(?:y|yrs?|years?)\b\W*)?([MF])(?:ale|emale)?(?=\W*$|\s*[,;|)])", re.I)
_LABEL = re.compile(r"^\W*(?:(?:(?:home|postal|patient'?s?)\s+)*addr(?:ess)?|lives\s+at|of)\b\W*", re.I)
_LINES = 4  # of an address at most
_APART = 3  # words that may stand between a given name and the family name: titles and middle names
# Of print that the index foretold (383 of 386 were right); the checks raise it where two other identifiers agree. It knows no street.
_CONFIDENCE, _OF_STREETS = 0.99, 0.88


def with_record_print(part: Part, index: PatientIndex, today: dt.date) -> Part:
    """The part with name, birth date and postcode as the pages print them for the person of its NHS number.

    Unchanged where the number is not certain, the index does not know it, or number, birth date and name are not all there.
    """
    number = part.readings.get("patient.nhs_number")
    if number is None or not number.checks or not part.print:
        return part
    record = index.by_number(str(number.value))
    if record is None:
        return part
    found = {reading.field: reading for reading in _found(record, part.print, today)}
    taken = {f: r for f, r in found.items() if _is_loose(part.readings.get(f))}
    readings = {**part.readings, **taken}
    born = readings.get("patient.birth_date")
    family = readings.get("patient.family_name")
    whole = (
        born is not None
        and born.value == record.birth_date
        and family is not None
        and _is_family(record, str(family.value))
    )
    return replace(part, readings=readings) if taken and whole else part


def _is_loose(reading: Reading | None) -> bool:
    """Whether a field is free to be found: not read, or read without a label beside it."""
    return reading is None or ("label" not in reading.how and "box" not in reading.how)


def _is_family(record: PatientRecord, value: str) -> bool:
    return name_key(value) in {name_key(record.family_name), name_key(record.previous_family_name)} - {""}


def _found(record: PatientRecord, print_: Sequence[Printed], today: dt.date) -> Iterator[Reading]:
    """Readings of the record's values that stand in the print, each where it is printed first."""
    yield from _name(record, print_)
    for piece in print_:
        text = plain(piece.text)
        if any(p.value == record.birth_date for p in find_dates(text, "birth", today)):
            yield _reading("patient.birth_date", record.birth_date, piece)
            break
    for piece in print_:
        if _is_gender(record, plain(piece.text), today):
            yield _reading("patient.gender", record.gender, piece)
            break
    yield from _home(record, print_)
    for piece in print_:
        codes = [p.value for p in find_postcodes(plain(piece.text)) if p.repairs == 0]
        if squash(record.postcode) in map(squash, codes):
            yield _reading("patient.postcode", next(c for c in codes if squash(c) == squash(record.postcode)), piece)
            break


def _home(record: PatientRecord, print_: Sequence[Printed]) -> Iterator[Reading]:
    """The address that is printed before the record's postcode: in its line, or in the lines right above it."""
    for piece in print_:
        text = plain(piece.text)
        code = next((p for p in find_postcodes(text) if squash(p.value) == squash(record.postcode)), None)
        if code is None:
            continue
        lines, box, at = [_LABEL.sub("", text[: code.start]).strip(" ,.;|")], piece.box, piece
        for _ in range(_LINES):
            home = ", ".join(x for x in lines if x)
            above = _above(at, piece, print_)
            if is_home(home):
                if above is not None and (flat := _FLAT.search(plain(above.text))) is not None:
                    home, box = f"{flat[0].strip(' ,.;')}, {home}", box.union(above.box)
                home, _ = mended_address(home)
                yield replace(_reading("patient.address", home, piece), box=box, confidence=_OF_STREETS)
                return
            if above is None:
                break
            at = above
            text = _LABEL.sub("", plain(at.text)).strip(" ,.;|")
            # A form's own "Postcode" between street and code, misread by a letter at most, is no part of the home.
            lines.insert(0, "" if Levenshtein.distance(squash(text), "postcode") <= 1 else text)
            box = box.union(at.box)


_FLAT = re.compile(
    r"\b(?:(?:Flat|Apartment|Apt|Unit)\s+\w{1,4}|\d(?:st|nd|rd|th)\s+Floor\s+Flat)\b(?:,\s+[A-Z][\w'’ ]{2,30})?\W*$",
    re.I,
)


def _above(at: Printed, piece: Printed, print_: Sequence[Printed]) -> Printed | None:
    """The piece of print right above another, in the column of the postcode or ending where a label has pushed it in."""
    near = [
        p for p in print_ if p.page == piece.page and p.box.left < piece.box.left + 0.012 and p.box.right > piece.box.left
        and 0 < at.box.top - p.box.top < 2.2 * max(p.box.height, at.box.height)
        and (abs(p.box.left - piece.box.left) < 0.012 or _FLAT.search(plain(p.text)))
    ]  # fmt: skip
    return max(near, key=lambda p: p.box.top, default=None)


def _is_gender(record: PatientRecord, text: str, today: dt.date) -> bool:
    """Whether a piece of print says the record's gender: as its value, or as one letter behind the birth date."""
    if any(value.casefold() == record.gender for value in _values_in(text)):
        return record.gender in ("male", "female")
    born = next((p for p in find_dates(text, "birth", today) if p.value == record.birth_date), None)
    if born is not None and {w.lower() for w in re.findall(r"\b(?:fe)?male\b", text, re.I)} == {record.gender}:
        return True
    letter = _LETTER.match(text, born.end) if born is not None else None
    return letter is not None and record.gender.startswith(letter[1].casefold())


def _reading(field: str, value: str, piece: Printed) -> Reading:
    return Reading(field, value, piece.text, piece.page, piece.box, _CONFIDENCE, HOW, (piece.reader,))


def _name(record: PatientRecord, print_: Sequence[Printed]) -> Iterator[Reading]:
    """Family and given names: side by side in one piece of print, or each the whole of a piece of its own."""
    families = [f for f in (record.family_name, record.previous_family_name) if f]
    print_ = [piece for piece in print_ if not _FORMER.search(piece.text)]
    printed = {name_key(m[0]) for piece in print_ for m in _WORD.finditer(plain(piece.text))}
    if name_key(record.family_name) in printed:
        families = [record.family_name]  # the former name is printed for completeness
    for piece in print_:
        words = [m[0] for m in _WORD.finditer(plain(piece.text))]
        for family in families:
            if (pair := _side_by_side(words, family, record.given_names)) is not None:
                yield _reading("patient.family_name", pair[0], piece)
                yield _reading("patient.given_names", pair[1], piece)
                return
    alone = [(value, piece) for piece in print_ for value in _values_in(plain(piece.text))]
    given = next((found for found in alone if name_key(found[0]) == name_key(record.given_names)), None)
    for family in families:
        own = next((found for found in alone if name_key(found[0]) == name_key(family)), None)
        if own is not None and given is not None:
            yield _reading("patient.family_name", own[0], own[1])
            yield _reading("patient.given_names", given[0], given[1])
            return


_FORMER = re.compile(r"\b(?:previous|former|formerly|maiden|n[eé]e|birth\s+name|also\s+known)\b", re.I)


def _values_in(text: str) -> Iterator[str]:
    """A piece of print as a whole, and what follows a colon or a question mark in it: where forms put one value."""
    yield text
    cut = re.match(r"[^:;?]{3,60}[:;?]\s+(?=\S)", text)
    if cut is not None:
        yield text[cut.end() :]


def _side_by_side(words: Sequence[str], family: str, given: str) -> tuple[str, str] | None:
    """The printed family and given names where they stand together, in either order; the given ones as far as they are printed."""
    sought = [name_key(w) for w in family.split()]
    names = [name_key(w) for w in given.split()]
    keys = [name_key(w) for w in words]
    for i in range(len(words) - len(sought) + 1):
        if keys[i : i + len(sought)] != sought or not words[i][0].isupper():
            continue
        printed = " ".join(words[i : i + len(sought)])
        start = max(0, i - _APART)
        before = [j for j in range(start, i) if keys[j] == names[0]]
        if before and all(w[0].isupper() for w in words[before[-1] : i]):
            return printed, " ".join(words[before[-1] : i])
        after = i + len(sought)
        while after < len(words) and keys[after] in _TITLES:
            after += 1
        run = 0
        while run < len(names) and after + run < len(words) and keys[after + run] == names[run]:
            run += 1
        if run:
            return printed, " ".join(words[after : after + run])
    return None
