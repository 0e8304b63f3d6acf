"""The department that a page asks, where no label names it: headings and titles of forms, addresses, a mail's subject."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.page import Box, Line, Page
from templates.bind import Found
from templates.grammar import plain
from templates.letter_parts import DEAR
from templates.letterhead import PRACTICE, part_of_line, without_specialty
from templates.sheet import same_row
from templates.specialties import DEPARTMENT_ROUND, HOSPITAL, HOSPITAL_NAME, specialties_in

_HEAD = 0.13  # of the page's height: where a form has its title
_ASKING_TITLE = re.compile(
    r"referral|\brequest\s+for\b.*\b(?:outpatient|assessment|appointment|consultation|opinion)|^\W*[A-Z][^:]{3,40}:.*\b(?:request|please\s+complete|form)\b",
    re.I,
)
_SUBJECT = re.compile(
    r"^\W*(?:subject|re|fwd?)\s*:\s*(?=.*\b(?:appointment|referral|clinic|review|opinion|patient|urgent|routine|2\s?ww|suspected\s+cancer)\b)",
    re.I,
)
_LABEL = re.compile(r"\W*(?:subject|re)\W*", re.I)
# Trades that send referrals on paper of their own: their name at its head is the sender's as often as the one's asked.
SENDS_TOO = re.compile(
    r"physio|podiatr|audiolog|dietet|midwi|matern|orthodont|sexual|rehab|oral|dent|general|acute|emergency|palliative|genitourinary|orthopt",
    re.I,
)


_SERVICE = re.compile(
    r"\b(?:clinic|service|team|triage|unit|health|medicine|surgery|\w+(?:ology|iatrics|iatry|therapy))\b", re.I
)


def is_named_by_label(page: Page, found: Found) -> bool:
    """Whether what stands right behind a label for the department, word for word, is a department's name that no list knows: all of
    it, of one line, with a word that departments end in.
    """
    if found.way not in ("after", "right") or found.score < 100 or not _SERVICE.search(found.text):
        return False
    return "/" not in found.text and len(found.text.split()) <= 6 and not _more_beneath(page, found.box)


def _more_beneath(page: Page, box: Box) -> bool:
    """Whether a line stands close beneath a value, in its cell: its second half."""
    return any(
        0 < x.box.top - box.top < 1.7 * box.height
        and abs(x.box.left - box.left) < 0.02
        and not any(same_row(y.box, x.box) and y.box.right < x.box.left for y in page.lines)
        for x in page.lines
    )


def departments(page: Page, lines: Sequence[Line], own: Sequence[Box]) -> list[Found]:
    """Every specialty that the page names as the one asked; `own` are the boxes of the sender's letterhead, empty where it has none."""
    apart = [x for x in lines if not any(x.box.overlap(box) > 0.5 for box in own)]
    return [*_alone(page, apart, bool(own)), *_headings(page, lines), *_in_subject(page, lines)]


_WORD_BEFORE = re.compile(r"(?<![A-Za-z])([A-Z][A-Za-z]{3,})\s+$")
# Words that stand beside a department's name and are no part of it.
_ROUND = frozenset(
    "adult attention clinic clinical consultant consultants dear department directorate hospital infirmary lead outpatient outpatients "
    "patients please referral referred requested routine secretary suspected service specialty speciality team trust unit urgent your".split()
)
_ON_BEHIND = re.compile(
    r"^\s+(?!(?:appointment|assessment|booking|centre|clinic|consultant|department|dept|directorate|hospital|infirmary|outpatient|please|"
    r"referral|review|routine|secretar|service|specialist|team|unit|urgent)\w*)[^\s,.;:()/]{4,}",
    re.I,
)
_CUT_BEFORE = re.compile(r"[A-Za-z]{4,}\s+(?:a[nu][dc]|amd|&)\W*$", re.I)  # "Clinic Trauma aud" beside "orthopaedics"


def goes_on_beside(page: Page, found: Found) -> bool:
    """Whether a name may be one half: print stands close behind it in its row ("Colorectal | Surgery"), or its label ends in the other half."""
    behind = any(
        same_row(line.box, found.box)
        and -0.005 < line.box.left - found.box.right < 0.03
        and re.search(r"[A-Za-z]{3}", line.text)
        for line in page.lines
    )
    rest = _split(page, found)[1]
    if re.match(r"\s*[,(;/]", rest):
        return False  # "Obstetrics, Northmoor General Hospital", whatever stands beside that
    return behind or _CUT_BEFORE.search(found.label) is not None or _ON_BEHIND.search(rest) is not None


def begins_before(page: Page, found: Found) -> bool:
    """Whether a word that no list knows stands right before a name and may be its beginning ("Perioperative Medicine")."""
    before = _split(page, found)[0]
    m = _WORD_BEFORE.search(before)
    if m is None or found.way == "tick" or before.rstrip().lower().endswith(found.label.lower() or "\n"):
        return False
    return m[1].lower() not in _ROUND and not specialties_in(before, needs_context=False)


def _split(page: Page, found: Found) -> tuple[str, str]:
    """What stands before and behind a name in the print that holds it; two empty texts where it is not found there."""
    for line in page.lines:
        at = line.text.lower().find(found.lines[0].lower()) if line.box.overlap(found.box) > 0.3 else -1
        if at >= 0:
            return line.text[:at], line.text[at + len(found.lines[0]) :]
    return "", ""


def _alone(page: Page, lines: Sequence[Line], sender: bool) -> list[Found]:
    """A specialty that stands alone on its line in the upper half, or with its department and hospital; `sender` says that the
    page has a practice's letterhead.
    """
    found = []
    for line in lines:
        hits = specialties_in(line.text, needs_context=False)
        if line.box.top > 0.5 or not hits or re.match(r"\W*(?:drug\w*\s+)?allerg", line.text, re.I):
            continue
        text = plain(line.text)
        name, a, b = hits[0]
        if len(text) - (b - a) <= 2:
            way = "titled" if _is_title(line, name, lines) else "cell" if _is_cell(line, name, lines) else "heading"
            found.append(Found("referral.specialty", (name,), page.number, line.box, way))
        elif DEPARTMENT_ROUND.fullmatch(f"{text[:a]}#{text[b:]}"):
            # A practice's own paper names a department only because it writes to it.
            written_to = sender and (line.box.top > 0.1 or _before_hospital(line, lines))
            way = "prose" if written_to or re.match(r"\W*to\b", text, re.I) else "heading"
            if way == "heading" and (
                _is_title(line, name, lines) or (HOSPITAL.search(text) and _heads_a_form(line, lines))
            ):
                way = "titled"  # "Wharfe Valley Hospital, Ophthalmology" under "Ophthalmic referral"
            found.append(Found("referral.specialty", (name,), page.number, part_of_line(line, a, b), way))
    return found


def _is_title(line: Line, name: str, lines: Sequence[Line]) -> bool:
    """Whether a specialty heads a hospital's own form: at the top of a page that is no letter, the hospital's name beside or near it."""
    if line.box.top > _HEAD or SENDS_TOO.search(name) or any(DEAR.match(x.text) for x in lines):
        return False
    head = [x for x in lines if x.box.top < _HEAD]
    if any(PRACTICE.search(without_specialty(plain(x.text))) for x in head):
        return False  # a practice's paper
    others = {n.lower() for x in lines if x.box.top < 0.3 for n, _, _ in specialties_in(x.text, needs_context=False)}
    return others == {name.lower()} and any(HOSPITAL_NAME.search(x.text) for x in head)


def _is_cell(line: Line, name: str, lines: Sequence[Line]) -> bool:
    """Whether a specialty is what a cell of a form holds, its label lost: beneath the page's head, no letter, and no other one in any line."""
    if line.box.top < _HEAD or SENDS_TOO.search(name) or any(DEAR.match(x.text) for x in lines):
        return False
    return {n.lower() for x in lines for n, _, _ in specialties_in(x.text, needs_context=False)} == {name.lower()}


def _heads_a_form(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a line stands beside the title of a form for referrals, on a page that is no letter."""
    title = any(
        re.search(r"\breferr", x.text, re.I) and x.box.top < 0.15 and abs(x.box.top - line.box.top) < 0.05
        for x in lines if x is not line
    )  # fmt: skip
    return title and line.box.top < 0.15 and not any(DEAR.match(x.text) for x in lines)


def _before_hospital(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a hospital's name stands right beneath a line: the address that a letter is sent to."""
    return any(
        HOSPITAL.search(x.text)
        and abs(x.box.left - line.box.left) < 0.02
        and 0 < x.box.top - line.box.top < 2.2 * line.box.height
        for x in lines
    )


def _headings(page: Page, lines: Sequence[Line]) -> list[Found]:
    """A specialty in a heading near the top of a form: `Referral to Cardiology`, `Dermatology referral form`."""
    found = []
    for line in lines:
        text = plain(line.text)
        if line.box.top > 0.22 or len(text) > 70:
            continue
        if PRACTICE.search(without_specialty(text)) and not re.search(r"referral", text, re.I):
            continue
        asks = _ASKING_TITLE.search(text) is not None
        hits = specialties_in(text, needs_context=not asks)
        if hits and (asks or re.search(r"clinic|department|dept|service|outpatient", text, re.I)):
            value, a, b = hits[0]
            # Only a title that speaks of referring says what is asked for; a letterhead names the sender's own department.
            way = "titled" if asks else "heading"
            found.append(Found("referral.specialty", (value,), page.number, part_of_line(line, a, b), way))
    return found


def _in_subject(page: Page, lines: Sequence[Line]) -> list[Found]:
    """The one specialty that the subject of a mail asks for: "Subject: Dermatology appointment needed - routine"."""
    for line in lines:
        text = plain(line.text)
        label = next(
            (x for x in lines if x is not line and same_row(x.box, line.box) and _LABEL.fullmatch(x.text)), None
        )
        before = f"{plain(label.text).strip(' :')}: " if label is not None and label.box.left < line.box.left else ""
        hits = specialties_in(text, needs_context=False)
        if line.box.top < 0.45 and _SUBJECT.match(before + text) and len({n.lower() for n, _, _ in hits}) == 1:
            name, a, b = hits[0]
            return [Found("referral.specialty", (name,), page.number, part_of_line(line, a, b), "prose")]
    return []
