"""What the head of a letter or form says of its sender: the practice with its telephone, a hospital department's own number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.page import Box, Line, Page
from templates.bind import Found
from templates.grammar import plain
from templates.grammar_codes import find_phones, find_postcodes
from templates.specialties import HOSPITAL, HOSPITAL_NAME, specialties_in

PRACTICE = re.compile(
    r"\b(?:surgery|medical\s+(?:centre|center|practice|group)|(?:health|care)\s+centre|practice|clinic\s+surgery|"
    r"partnership|family\s+doctors|opticians?|optometrists?|eye\s*care|"
    r"dental|health\s+partnership|group\s+practice|doctors)\b|&\s+partners\b", re.I
)  # fmt: skip


def part_of_line(line: Line, start: int, end: int) -> Box:
    """The box of some characters of a line, its width shared evenly."""
    step = line.box.width / max(1, len(line.text))
    return Box(
        line.box.left + start * step, line.box.top, line.box.left + min(end, len(line.text)) * step, line.box.bottom
    )


def without_specialty(text: str) -> str:
    """The text without the specialties it names: "Colorectal Surgery" is no surgery of a GP."""
    for name, _, _ in specialties_in(text, needs_context=False):
        text = text.replace(name, " ")
    return text


# What else sends referrals, by the last words of its name: they are too common in titles and labels to count elsewhere in a line.
_OTHER_SENDER = re.compile(
    r"\b(?:primary\s+care(?:\s+cent(?:re|er))?|health\s*(?:care)?(?:\s+(?:cent(?:re|er)|group|hub|clinic))?|medical(?:\s+(?:clinic|services|care|facility))?|"
    r"(?:med(?:ical)?|health)\.?\s+(?:ctre?|cent|pract?)|walk-?\s?in\s+(?:centre|clinic)|hospice|urgent\s+(?:treatment|care)\s+centre|minor\s+injur(?:y|ies)\s+unit|"
    r"out[\s-]+of[\s-]+hours(?:\s+(?:gp\s+)?(?:service|centre))?|private\s+(?:gps?|clinic|medical\s+clinic)|gps|partners|opticians|optical|eyecare|vision\s+(?:care|centre)|"
    r"audiology|hearing\s+(?:centre|clinic|rooms|care)|physiotherapy(?:\s+(?:clinic|centre))?|"
    r"consulting\s+rooms|dental\s+care|(?:community|physio\w*|podiatry|nursing|viability|therapy|dietetics?|foot|wound|continence|district)\b.{0,24}\b(?:service|team)|"
    r"dentistry|orthodontics|podiatry|wellbeing\s+centre)\W*$", re.I
)  # fmt: skip
_PRISON = re.compile(r"\bHMP(?:\b|(?=/))|\bHM\s+Prison\b|\bYOI\b")
_NO_SENDER = re.compile(
    r"\b(?:consultant|principal|in\s+general\s+practice|referral|referring|form|details|stamp|phone|telephone|code\w*|name|address|manager|registered|patient|no|number|booking|appointments?|undelivered)\b|^referr|"
    r"^(?:own\s+|patient'?s\s+)?GP\s+(?!out|led|care|partner|urgent|federation|surgery|practice|health|service|access|hub|centre)",
    re.I,
)
_ENDS_NAME = re.compile(
    r"\s{2,}|,(?!\s*HMP)|\||\s[-–·•.]\s|\s*[(\[]\s*[A-Z]\d{5}|\s*\bTel\b|\s+(?:sheet|page|pg)\b|\s+(?=\d{1,4}[A-Za-z]?\s+[A-Z])"
)


def sender_in(line: Line) -> str:
    """The name of a practice, or of another place that refers patients, at the beginning of a line of the head; empty if none."""
    name = _ENDS_NAME.split(plain(line.text))[0].strip()
    if len(name) > 60 or ":" in name or not 2 <= len(name.split()) <= 8 or _NO_SENDER.search(name):
        return ""
    if sum(w.islower() for w in name.split()) > 2:
        return ""  # a sentence that ends in "surgery"
    if _PRISON.search(name):
        return name
    bare = without_specialty(name)
    return name if _OTHER_SENDER.search(bare) or (PRACTICE.search(bare) and not HOSPITAL.search(name)) else ""


def letterhead(page: Page, lines: Sequence[Line], dear: int | None) -> list[Found]:
    """The practice at the top of the page, with its telephone number."""
    end = dear if dear is not None else next((i for i, x in enumerate(lines) if x.box.top > 0.25), len(lines))
    for i, line in enumerate(lines[: min(end, 12)]):
        if line.box.top > 0.3 or not (name := sender_in(line)):
            continue
        place = part_of_line(line, 0, len(name))
        found = [Found("referrer.practice_name", (name,), page.number, place, "heading")]
        column = [x for x in lines[i : i + 12] if x.box.left < line.box.right and x.box.right > line.box.left]
        near = phone_beneath(page, lines[i : i + 5]) or phone_beneath(page, column[:5])
        return found + (near or phone_at_foot(page, lines))
    return _by_its_address(page, lines[: min(dear, 12)]) if dear is not None else []


_HEAD = 0.16  # of the page's height: where a letter has its sender's name
_NO_NAME = re.compile(
    r"\b(?:private|confidential|urgent|routine|fax\w*|letter|dear|re|ref|date|to|from|subject|strictly|opinion|nhs\s+number|form|"
    r"dr|mr|mrs|miss|ms|prof\w*|sister|nurse|department|dept|gp)\b|[@/<>]",
    re.I,
)


def _by_its_address(page: Page, head: Sequence[Line]) -> list[Found]:
    """A sender whose name tells no trade ("The Movement Rooms"): the highest print of a letter's head, with a postcode or a
    telephone close beneath, and no hospital's or person's name.
    """
    top = [x for x in head if x.box.top < _HEAD and len(re.findall(r"[A-Za-z]", x.text)) >= 6]
    if not top or any(HOSPITAL_NAME.search(x.text) for x in top):
        return []
    name = max(top[:3], key=lambda x: x.box.height)
    text = _ENDS_NAME.split(plain(name.text))[0].strip()
    words = text.split()
    capitals = sum(not w[0].islower() or w in ("and", "of", "the", "for", "&") for w in words)
    if not 2 <= len(words) <= 7 or capitals < len(words) or re.search(r"\d{3}", text) or _NO_NAME.search(text):
        return []
    if _NO_SENDER.search(text) or not re.search(r"[A-Za-z]{4}", without_specialty(text)):
        return []
    near, bottom = [name], name.box.bottom
    for line in (x for x in head if x.box.top > name.box.top and x is not name):
        if line.box.top - bottom > 2.0 * line.box.height or len(near) > 5:
            break
        near.append(line)
        bottom = line.box.bottom
    phone = phone_beneath(page, near)
    if not phone and not any(find_postcodes(plain(x.text)) for x in near):
        return []
    place = part_of_line(name, 0, len(text))
    return [Found("referrer.practice_name", (text,), page.number, place, "heading"), *phone]


# "t01632960050 f01632960660": letters that stand for telephone and fax.
_T = re.compile(r"\bt[.:]?(?=[(+]?0\d)", re.I)
_NOT_THEIRS = re.compile(r"\b(?:fax|emergenc\w+|patient|mobile)\b|\bf[.:]?\s?(?=[(+]?0\d)", re.I)


def phone_beneath(page: Page, head: Sequence[Line]) -> list[Found]:
    """The first telephone number of a letterhead that is no fax's, in its lines or close beneath."""
    bottom = head[0].box.bottom
    for line in head:
        if line.box.top - bottom > 2.5 * line.box.height:
            break
        bottom = line.box.bottom
        text = _T.sub(lambda m: ":" * len(m[0]), plain(line.text))
        for p in find_phones(_NOT_THEIRS.split(text)[0])[:1]:
            return [
                Found(
                    "referrer.phone",
                    (text[p.start : p.end],),
                    page.number,
                    part_of_line(line, p.start, p.end),
                    "heading",
                )
            ]
    return []


_FOOT = 0.9  # of the page's height: where a letter's paper may have the sender's address


def phone_at_foot(page: Page, lines: Sequence[Line]) -> list[Found]:
    """The telephone number that a letter's paper prints at its foot, named there as one; nothing where there are two."""
    named = [x for x in lines if x.box.top > _FOOT and re.search(r"\b(?:tel\w*|phone|t)\b", plain(x.text), re.I)]
    found = [f for x in named for f in phone_beneath(page, [x])]
    return found if len(found) == 1 else []


_CONSULTANT = re.compile(r"\W*consultant\W*", re.I)  # alone beneath the writer's name, on paper of consulting rooms
_OF_OFFICE = re.compile(
    r"\b(?:tel\w*|phone|secretar\w*|direct\s+(?:line|dial)|switchboard|enquiries|office|t)\b[^\d(+]{0,25}(?=[\d(+])",
    re.I,
)


def department_phone(page: Page, lines: Sequence[Line], dear: int) -> list[Found]:
    """The one telephone number in the head of a hospital's letter, named as its secretary's or its own."""
    hits: dict[str, Found] = {}
    for line in lines[:dear]:
        text = plain(line.text)
        if (
            line.box.top > 0.25
            or not (m := _OF_OFFICE.search(text))
            or re.search(r"\b(?:fax|patient|home|mobile)\b", text, re.I)
        ):
            continue
        for p in find_phones(text[m.end() :])[:1]:
            start, end = m.end() + p.start, m.end() + p.end
            hits.setdefault(
                p.value,
                Found("referrer.phone", (text[start:end],), page.number, part_of_line(line, start, end), "heading"),
            )
    own = any(HOSPITAL.search(x.text) for x in lines[:3]) or any(_CONSULTANT.fullmatch(x.text) for x in lines[:dear])
    return list(hits.values()) if len(hits) == 1 and own else []
