"""What the head of a letter or form says of its sender: the practice with its telephone, a hospital department's own number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.page import Box, Line, Page
from templates.bind import Found
from templates.grammar import plain
from templates.grammar_codes import find_phones
from templates.specialties import specialties_in

PRACTICE = re.compile(
    r"\b(?:surgery|medical\s+(?:centre|center|practice|group)|health\s+centre|practice|clinic\s+surgery|"
    r"partnership|family\s+doctors|opticians?|optometrists?|eye\s*care|"
    r"dental|health\s+partnership|group\s+practice|doctors)\b|&\s+partners\b", re.I
)  # fmt: skip
HOSPITAL = re.compile(
    r"\b(?:hospital|infirmary|NHS\s+(?:foundation\s+)?trust|department|dept|outpatients?|booking|clinic)\b", re.I
)


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


def letterhead(page: Page, lines: Sequence[Line], dear: int | None) -> list[Found]:
    """The practice at the top of the page, with its telephone number."""
    end = dear if dear is not None else next((i for i, x in enumerate(lines) if x.box.top > 0.25), len(lines))
    found = []
    for i, line in enumerate(lines[: min(end, 12)]):
        text = plain(line.text)
        if (
            not PRACTICE.search(without_specialty(text))
            or re.search(r"\b(?:consultant|referral)\b", text, re.I)
            or len(text) > 60
            or ":" in text
            or HOSPITAL.search(text)
            or line.box.top > 0.3
            or text.lower().startswith("referr")
        ):
            continue
        name = re.split(r"\s{2,}|,|\||\s[-–]\s|\s*\bTel\b", text)[0].strip()
        if 2 <= len(name.split()) <= 8 and not re.search(
            r"\b(?:form|details|stamp|code|name|address|manager)\b", name, re.I
        ):
            found.append(
                Found("referrer.practice_name", (name,), page.number, part_of_line(line, 0, len(name)), "heading")
            )
            for later in lines[i : i + 5]:
                phones = find_phones(re.split(r"\bfax\b", later.text, flags=re.I)[0])
                if phones and re.search(r"\b(?:tel|telephone|phone|t)\b", later.text, re.I):
                    p = phones[0]
                    found.append(
                        Found(
                            "referrer.phone",
                            (plain(later.text)[p.start : p.end],),
                            page.number,
                            part_of_line(later, p.start, p.end),
                            "heading",
                        )
                    )
                    break
            break
    return found


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
    return list(hits.values()) if len(hits) == 1 and any(HOSPITAL.search(x.text) for x in lines[:3]) else []
