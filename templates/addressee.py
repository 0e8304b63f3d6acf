"""Whom a letter is written to: the clinician and the department above the salutation, for whose attention it is, who is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.page import Line, Page
from templates.bind import Found
from templates.grammar import plain
from templates.grammar_names import name_key, parse_clinician
from templates.letter_parts import DEAR, TITLED, Letter
from templates.letterhead import PRACTICE, part_of_line
from templates.specialties import specialties_in, specialty_of_title

_HEAD = 0.12  # of the page's height: where letters have their letterhead
_OF_NAME = 3  # lines beneath a consultant's name that still say what she is
_HOSPITAL_NAME = re.compile(r"\b(?:hospital|infirmary)\W*$", re.I)


def addressee(page: Page, lines: Sequence[Line], letter: Letter) -> list[Found]:
    """The clinician that the letter is addressed to, and the department of the addressee."""
    assert letter.dear is not None
    found: list[Found] = []
    match = DEAR.match(plain(lines[letter.dear].text))
    said = (match[1] or "").strip(" ,.:") if match else ""
    person = parse_clinician(said) if TITLED.match(said) else None
    above = lines[max(0, letter.dear - 60) : letter.dear]
    full = _named_above(said, person, above)
    if full is not None:
        head = re.split(r",| - ", plain(full.text))[0]
        found.append(Found("referral.named_clinician", (head,), page.number, full.box, "prose"))
    elif person is None:
        found += _written_to(page, above)
    if person and not found:
        found.append(
            Found("referral.named_clinician", (said,), page.number, part_of_line(lines[letter.dear], 5, 99), "prose")
        )
    # Nearest the salutation first: what stands at the top is the sender's own department.
    near = list(reversed(above))
    if full is not None:
        # Beneath the name first. What stands over it may be the sender's own department, and is, where the name has a hospital of its own.
        at = list(above).index(full)
        placed = any(_HOSPITAL_NAME.search(line.text) for line in above[at + 1 :])
        near = [*above[at:], *(() if placed else above[max(0, at - 1) : at])]
    signed = lines[letter.sign_off : letter.sign_off + 8] if letter.sign_off is not None else ()
    own_head = full is None and any(re.search(r"\bconsultant\b", line.text, re.I) for line in signed)
    for line in near:
        in_one_line = TITLED.match(plain(line.text)) and _HOSPITAL_NAME.search(
            line.text
        )  # "Dr A Lee, Urology, Marlow Hospital"
        hits = specialties_in(line.text, needs_context=not in_one_line)
        if own_head and line.box.top < _HEAD:
            continue  # a consultant's letterhead
        # "Department of Colorectal Surgery" is no surgery of a GP.
        if hits and not PRACTICE.search(plain(line.text).replace(hits[0][0], "")):
            value, a, b = hits[0]
            way = "address" if full is not None and near.index(line) <= _OF_NAME else "prose"
            found.append(Found("referral.specialty", (value,), page.number, part_of_line(line, a, b), way))
            break
    else:
        for line in near:
            if (implied := specialty_of_title(line.text)) is not None:
                found.append(Found("referral.specialty", (implied,), page.number, line.box, "title"))
                break
    return found


def _named_above(said: str, person: str | None, above: Sequence[Line]) -> Line | None:
    """The line of the address with the name of whom the salutation greets: by surname after a title, or by first name alone ("Dear Wilfred")."""
    key = name_key(person.split()[-1]) if person else name_key(said) if re.fullmatch(r"[A-Z][a-z]{2,}", said) else ""
    for line in above:
        name = parse_clinician(re.split(r",| - ", plain(line.text))[0]) if TITLED.match(plain(line.text)) else None
        if not name or len(key) < 3:
            continue
        if name_key(name).endswith(key) if person else name_key(name.split()[0]) == key:
            return line
    return None


def _written_to(page: Page, above: Sequence[Line]) -> list[Found]:
    """The clinician named at the head of the address of a hospital, where the salutation names nobody by title."""
    for n, line in enumerate(above[:-1]):
        text = plain(line.text)
        if not TITLED.match(text):
            continue
        head = re.split(r",| - ", text)[0]
        if any(_is_office(x) for x in _beneath(above, n)) and parse_clinician(head) and not PRACTICE.search(head):
            return [Found("referral.named_clinician", (head,), page.number, line.box, "prose")]
    return []


def _beneath(above: Sequence[Line], n: int) -> list[Line]:
    """The two lines that follow a line of an address, close beneath it on the same edge."""
    found: list[Line] = []
    last = above[n]
    for line in above[n + 1 : n + 4]:
        under = abs(line.box.left - last.box.left) < 0.02 and line.box.top - last.box.bottom < 1.5 * last.box.height
        if under and len(found) < 2:
            found.append(line)
            last = line
    return found


def _is_office(line: Line) -> bool:
    """Whether a line names a department or the office of a hospital, as addresses of consultants do."""
    text = plain(line.text)
    return bool(_OFFICE.search(text)) or any(b - a > len(text) - 3 for _, a, b in specialties_in(text))


_OFFICE = re.compile(r"\b(?:consultants?|department|dept|(?:clinical\s+)?lead|secretar(?:y|ies))\b", re.I)
_ATTENTION = re.compile(
    r"\b(?:attention\s+of|fao|attn)\b[\s:.\-]*((?:Dr|Mr|Mrs|Ms|Miss|Prof(?:essor)?)\b\.?\s*[A-Z].*)$", re.I
)
_WISHED = re.compile(
    r"\b(?:like|grateful|wish\w*|prefer\w*|asks?|asked|hopes?|request\w*)\b(?!\s+(?:if\s+)?you\b)[^.]{0,50}\b(?:seen\s+by|to\s+see|under|appointment\s+with)\s+"
    r"((?:Dr|Mr|Mrs|Ms|Miss|Prof(?:essor)?)\b\.?(?:\s+[A-Z][\w'’\-]*){1,3})"
)  # fmt: skip


def asked_for(page: Page, lines: Sequence[Line]) -> list[Found]:
    """The clinician for whose attention the paper is, or whom a sentence asks for."""
    for line in lines:
        text = plain(line.text)
        if (m := _ATTENTION.search(text) or _WISHED.search(text)) and parse_clinician(m[1]):
            place = part_of_line(line, m.start(1), m.end(1))
            return [Found("referral.named_clinician", (m[1],), page.number, place, "prose")]
    return []
