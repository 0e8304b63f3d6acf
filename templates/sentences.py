"""Identifiers inside sentences of a letter: "Mrs Ann Smith, born 3 May 1950, of 12 High Street, Leeds LS1 4AB, who lives at ..."."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.page import Box, Line, Page
from templates.bind import Found
from templates.grammar import plain
from templates.grammar_codes import find_postcodes
from templates.grammar_words import RELATIVES
from templates.specialties import specialty_at

# A title begins a new name: "Dear Mr Yates, Mr Piotr Stephen" are two people.
_PART = (
    r"(?!(?i:mrs?|miss|ms|mx|dr|prof|professor|master|consultant|department|dear|outpatients?|clinic|referral|routine|urgent|re)\b)"
    r"(?:(?:al|el|ap|de|la|le)-[A-Z][\w'\-]+|[A-Z][\w'\-]+|[A-Z]\.?|de|van|von|der|da|al|bin)"
)
_NAME = re.compile(
    rf"\b(?<!dear\s)((?:Mrs?|Miss|Ms|Mx|Master|MRS?|MISS|MS)\b\.?\s+{_PART}(?:\s+{_PART}){{1,4}})(?=\W{{0,3}}.{{0,70}}?"
    r"(?:\bborn\b|\bd\.?o\.?b\b|date\s+of\s+birth|\bNHS\b|\baged?\b|\byear))",
    re.I | re.S,
)
_CASED = re.compile(rf"(?:Mrs?|Miss|Ms|Mx|Master|MRS?|MISS|MS)\b\.?\s+{_PART}(?:\s+{_PART}){{1,4}}$")
_UNTITLED = re.compile(
    rf"\b(?:my|your|our|this|the|mutual)\s+(?:(?:mutual|private|dental|young|elderly|old)\s+)?(?:patient|client|lady|gentleman|resident)\b,?\s+"
    rf"({_PART}(?:\s+{_PART}){{1,4}})(?=\W{{1,3}}(?:who|born|d\.?o\.?b|date|aged?|NHS|of|\())"
)
# "May I ask you to see Mrs Ann Smith, who has": whom the letter is about is whom the reader is asked to see.
_TO_SEE = re.compile(
    r"\b(?:you\s+to\s+see|see|seeing|write\s+about|writing\s+about|assess(?:ing)?|review(?:ing)?|refer(?:ring)?|accept(?:ing)?)\s+"
    rf"((?:Mrs?|Miss|Ms|Mx|Master)\b\.?\s+{_PART}(?:\s+{_PART}){{1,4}})(?=,?\s+(?:who|whose|whom|aged?|with|for|because|now)\b)"
)
# "Mr / Mrs / Miss Smith": a form's titles to choose from, and the name written behind them.
_AFTER_TITLES = re.compile(
    r"\b(?:Mrs?|Miss|Ms|Mx|Master|Dr)\.?(?:\s*/\s*(?:Mrs?|Miss|Ms|Mx|Master|Dr|Other)\b\.?){1,6}\s*:?\s+([A-Z][\w'’\-]+)(?=\s*(?:$|[A-Z]?[a-z]+\s+name))"
)
_NUMBER = re.compile(r"\bNHS\s*(?:number|no\.?|num)?\s*(?:is|:|,)?\s*(\d{3}[\s\-]?\d{3}[\s\-]?\d{4})\b", re.I)
_BORN = re.compile(
    r"\b(?:born|date\s+of\s+birth\s+is)\s+(?:on\s+)?(?:the\s+)?(\d{1,2}(?:st|nd|rd|th)?(?:\s+of)?\s+[A-Z][a-z]{2,8},?\s+(?:19|20)\d\d|\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)?\d\d)"
)
# "... a suspected cancer referral to Respiratory Medicine at ...": this paper's own, and none of the patient's past.
_REFERRAL_TO = re.compile(
    r"(?:\breferral(?:\s+(?:is\s+)?made)?\s+to\s*:?|\b(?:offer|give|arrange|book|send|request\w*|like|need\w*|ask\w*)\b[^.;]{0,60}\bappointment\s+(?:with|in|at)|"
    r"\bask\w*\s+for\s+the\s+(?:help|advice|opinion|assessment)\s+of|\b(?:send|sent|sending|refer|referring)\b[^.;]{0,40}\bfor(?=\s+[A-Z][^.;]{3,45}\sfrom\s+Dr\b))\s*(?:the\s+|your\s+)?(?:department\s+of\s+)?(?=[A-Z])"
)
# "... for Neurology from Dr Ann Smith": a secretary signs what a doctor sends.
_FROM = re.compile(rf"\s+from\s+(Dr\b\.?\s+{_PART}(?:\s+{_PART}){{1,3}})")
_BEFORE = re.compile(
    r"\b(?:previous|earlier|past|last|recent|declined|internal|after|following|since)\W+(?:\w+\W+){0,2}$", re.I
)
_OF_OTHERS = re.compile(rf"\b(?:{RELATIVES})\b", re.I)
_HOME = re.compile(
    r"(?:(?<!\d )\bof|\blive[sd]?\s+at|\bliving\s+at|\bresid\w+\s+at|\baddress(?:\s+is)?:?)\s+"
    r"((?:(?:Flat\s+\w+,?\s+)?\d{1,4}[A-Za-z]?,?\s+|(?<=at\s)(?!the\s[a-z]))[A-Z][^.;()]{5,90}?,?\s+)([A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})\b"
)


# Only where the same sentence has just named the person's home or name.
_TELEPHONE = re.compile(
    r"(?<=[A-Za-z0-9,()] )\(?(?:(?:(?:whose|her|his|their|home|mobile|contact)\s+){0,3}(?:tel(?:ephone)?|phone|mobile)\b\.?"
    r"(?:\s+(?:number|no\.?|is))*\W{1,3}|(?:she|he|they|who)?\s*(?:can|may)(?:\s+best)?\s+be\s+(?:reached|contacted|called|rung|telephoned)\s+on\s+)"
    r"(\+?\(?0[\d\s()]{9,14}\d)"
)


def in_sentences(page: Page, lines: Sequence[Line]) -> list[Found]:
    """The patient's name, numbers, address and postcode where running text states them; each at most once."""
    text, starts = "", []
    for line in lines:
        starts.append(len(text))
        text += plain(line.text) + " "
    found: list[Found] = []
    for m in _NAME.finditer(text):
        # The titles are matched in any case, the name's words only with capitals.
        if _CASED.match(m[1]) and not re.search(r"\bconsultant\b", text[m.end(1) : m.end(1) + 25], re.I):
            found.append(_made("patient.name", m[1], m.start(1), m.end(1), page, lines, starts))
            break
    if not found and (bare := _UNTITLED.search(text)) is not None:
        found.append(_made("patient.name", bare[1], bare.start(1), bare.end(1), page, lines, starts))
    if not found and (asked := _TO_SEE.search(text)) is not None and _CASED.match(asked[1]):
        found.append(_made("patient.name", asked[1], asked.start(1), asked.end(1), page, lines, starts))
    for line, at in zip(lines, starts, strict=True):
        chosen = _AFTER_TITLES.search(plain(line.text))
        if chosen is not None and all(f.field != "patient.name" for f in found):
            start, end = at + chosen.start(1), at + chosen.end(1)
            found.append(_made("patient.family_name", chosen[1], start, end, page, lines, starts))
    for field, pattern in (("patient.nhs_number", _NUMBER), ("patient.birth_date", _BORN)):
        # A line's end inside a value hides it from whoever reads line by line.
        said = [m for m in pattern.finditer(text) if not _OF_OTHERS.search(text, max(0, m.start() - 45), m.start())]
        if len({m[1] for m in said}) == 1:
            found.append(_made(field, said[0][1], said[0].start(1), said[0].end(1), page, lines, starts))
    for m in _REFERRAL_TO.finditer(text):
        name = specialty_at(text[m.end() :])
        if name and not _BEFORE.search(text[max(0, m.start() - 25) : m.start()]):
            found.append(_made("referral.specialty", name, m.end(), m.end() + len(name), page, lines, starts))
            if (doctor := _FROM.match(text, m.end() + len(name))) is not None:
                found.append(_made("referrer.name", doctor[1], doctor.start(1), doctor.end(1), page, lines, starts))
            break
    if (home := _HOME.search(text)) is not None and find_postcodes(home[2]):
        found.append(_made("patient.address", home[1].strip(" ,"), home.start(1), home.end(1), page, lines, starts))
        found.append(_made("patient.postcode", home[2], home.start(2), home.end(2), page, lines, starts))
    placed = next((f for f in found if f.field in ("patient.name", "patient.address")), None)
    tel = _TELEPHONE.search(text, max(0, text.find(placed.lines[0]))) if placed else None
    if tel is not None and not _OF_OTHERS.search(text, max(0, tel.start() - 40), tel.start(1)):
        found.append(_made("patient.phone", tel[1], tel.start(1), tel.end(1), page, lines, starts))
    return found


def _made(
    field: str, value: str, start: int, end: int, page: Page, lines: Sequence[Line], starts: Sequence[int]
) -> Found:
    """The value with the boxes of the lines that it runs through, cut where it begins and ends."""
    boxes: list[Box] = []
    for line, at in zip(lines, starts, strict=True):
        length = max(1, len(plain(line.text)))
        a, b = max(0, start - at), min(length, end - at)
        if a < b:
            step = line.box.width / length
            boxes.append(Box(line.box.left + a * step, line.box.top, line.box.left + b * step, line.box.bottom))
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    return Found(field, (value,), page.number, whole, "prose", "", 100.0, tuple(boxes))
