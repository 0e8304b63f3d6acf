"""The second opinion: which values are looked at again by an independent reader, and what it says of each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Protocol

from rapidfuzz import fuzz

from ocr.page import Box, Line, Page
from templates.candidates import Candidate
from templates.glyphs import aspect_of
from templates.grammar import plain, squash
from templates.grammar_fields import parse_field, uncomb
from templates.grammar_names import letters_of
from templates.specialties import is_specialty, specialties_in


class Look(Protocol):
    """Reads boxes of a page again, with a reader independent of the first; None where it sees nothing."""

    def __call__(self, page_number: int, boxes: Sequence[Box], kind: str) -> Sequence[Line | None]:
        """`kind` is what the reader should expect (`text`). One answer for each box, in order."""
        ...


_LINES_AT_MOST = 40


def _boxes(candidate: Candidate, page: Page) -> list[Box]:
    """The boxes to look at: one for each line of the value, a little larger than the value."""
    found = candidate.found
    boxes = found.boxes if found.boxes and candidate.field in ("patient.address", "referral.reason") else (found.box,)
    padded = []
    for box in boxes[:_LINES_AT_MOST]:
        across, down = 0.45 * box.height * aspect_of(page), 0.12 * box.height
        padded.append(
            Box(
                max(0.0, box.left - across),
                max(0.0, box.top - down),
                min(1.0, box.right + across),
                min(1.0, box.bottom + down),
            )
        )
    return padded


def look_again(candidates: Sequence[Candidate], pages: Sequence[Page], look: Look) -> dict[int, list[str]]:
    """The second reader's text for each candidate (by its place in the list), one call for each page."""
    by_number = {p.number: p for p in pages}
    wanted: dict[int, list[tuple[int, Box]]] = {}
    for i, candidate in enumerate(candidates):
        for box in _boxes(candidate, by_number[candidate.found.page]):
            wanted.setdefault(candidate.found.page, []).append((i, box))
    texts: dict[int, list[str]] = {}
    for number, items in wanted.items():
        for (i, _), line in zip(items, look(number, [box for _, box in items], "text"), strict=True):
            texts.setdefault(i, []).append(line.text if line is not None else "")
    return texts


def agrees(candidate: Candidate, texts: Sequence[str], today: dt.date) -> tuple[bool | None, str]:
    """Whether the second reader saw the same value, and the value it saw instead ('' where it saw none).

    None: it saw nothing that could be this field. Prose agrees where nine letters in ten do.
    """
    text = plain(" ".join(texts))
    if not squash(text):
        return None, ""
    field = candidate.field
    if field == "referral.reason":
        return fuzz.ratio(squash(" ".join(candidate.found.lines)), squash(text)) >= 95, ""
    if field == "patient.address":
        return squash(" ".join(candidate.found.lines)) == squash(text), ""
    if field in ("patient.family_name", "patient.given_names", "referrer.name", "referral.named_clinician"):
        return _spelled(candidate.value, letters_of(uncomb(text))), ""
    if field == "referral.specialty" and is_specialty(candidate.value):
        # A known name cannot arise by misreading; a cut-off one can ("Neurology", "urology"), so the second reader must
        # not name another.
        others = [s for s, _, _ in specialties_in(text, needs_context=False)]
        if others and squash(others[0]) not in squash(candidate.value)[:-1]:
            # "Trauma und Orthopaedics" holds a shorter name, but is the longer one as a whole.
            longer = (
                squash(candidate.value).endswith(squash(others[0]))
                and fuzz.ratio(squash(candidate.value), squash(text)) >= 88
            )
            same = longer or squash(others[0]) == squash(candidate.value)
            return same, "" if same else others[0]
        return fuzz.ratio(squash(candidate.value), squash(text)) >= 80, ""
    if field in ("referral.specialty", "referrer.practice_name"):
        return _spelled(candidate.value, text), ""
    parsed = parse_field(field, [text], today)
    if parsed is None:
        return None, ""
    if parsed.value == candidate.value:
        return True, ""
    return False, parsed.value if parsed.checks else ""


_AMPERSAND = re.compile(r"(?<=\s)[68SGs§€](?=\s)")  # how Tesseract reads the "&" of typewriters' faces


def _spelled(value: str, text: str) -> bool:
    """Whether the value stands in the text letter by letter as whole words: a cut-off beginning or end does not count
    as seen.
    """
    # A capital I at a word's beginning is read as a small l, a stroke or a one by either reader; no other letter is meant.
    value, text = (re.sub(r"(?<![A-Za-z])[l|1](?=[a-z])", "I", t) for t in (value, text))
    if "&" in value:
        text = _AMPERSAND.sub("&", text)
    wanted = squash(value)
    words = [squash(w) for w in text.split()]
    for i in range(len(words)):
        joined = ""
        for word in words[i:]:
            joined += word
            if joined == wanted:
                return bool(wanted)
            if len(joined) >= len(wanted):
                break
    return False
