"""Blocks of lines without labels of their own: name and address of a patient, GP and practice, the department written to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.page import Box
from templates.grammar import plain
from templates.grammar_codes import find_nhs_numbers, find_phones, find_postcodes, parse_ods
from templates.grammar_dates import find_dates
from templates.grammar_names import parse_clinician, parse_name
from templates.specialties import is_specialty, specialties_in

_PRACTICE = re.compile(
    r"\b(?:surgery|medical|health\s+cent|practice|partnership|opticians?|optometrists?|eye\s*care|dental|partners|clinic)",
    re.I,
)
_TITLED = re.compile(r"^\W*(?:dr|mr|mrs|ms|miss|prof|professor|mx|sister)\b\.?\s+[A-Z]", re.I)


@dataclass(frozen=True)
class Piece:
    """One field found in a block: its text and where it stands."""

    field: str
    text: str
    box: Box


def patient_block(lines: Sequence[tuple[str, Box]], today: dt.date) -> list[Piece]:
    """Name, address with postcode, birth date, NHS number and telephone out of a patient's block, first name first."""
    found: list[Piece] = []
    address: list[tuple[str, Box]] = []
    named = closed = False
    for text, box in lines:
        rest = plain(text)
        for p in reversed(find_dates(rest, "birth", today)):
            found.append(Piece("patient.birth_date", rest[p.start : p.end], box))
            rest = rest[: p.start] + " " + rest[p.end :]
        for number in reversed(find_nhs_numbers(rest)):
            if number.checks and re.search(r"\bnhs\b", rest, re.I):
                found.append(Piece("patient.nhs_number", rest[number.start : number.end], box))
            rest = rest[: number.start] + " " + rest[number.end :]
        for phone in reversed(find_phones(rest)):
            found.append(Piece("patient.phone", rest[phone.start : phone.end], box))
            rest = rest[: phone.start] + " " + rest[phone.end :]
        rest = rest.strip(" ,;:.-")
        head, _, tail = rest.partition(",")
        if not named and (whole := parse_name(rest) or parse_name(head)) is not None and whole.given:
            named = True
            by_comma = parse_name(rest) is not None and not re.search(r"\d", rest)
            found.append(Piece("patient.name", rest if by_comma else head, box))
            rest = "" if by_comma else tail.strip()
        if (
            rest
            and not closed
            and (address or re.search(r"\d", rest) or "," in rest or named)
            and re.search(r"[A-Za-z]{3}", rest)
        ):
            address.append((rest, box))
            closed = bool(find_postcodes(rest))
    joined = ", ".join(t for t, _ in address)
    if find_postcodes(joined):
        whole_box = address[0][1]
        for _, box in address[1:]:
            whole_box = whole_box.union(box)
        found.append(Piece("patient.address", joined, whole_box))
        found.append(Piece("patient.postcode", address[-1][0], address[-1][1]))
    return found


def referrer_block(lines: Sequence[tuple[str, Box]]) -> list[Piece]:
    """Referrer, practice, code and telephone out of a GP's block."""
    found: list[Piece] = []
    seen: set[str] = set()

    def add(field: str, text: str, box: Box) -> None:
        if field not in seen:
            seen.add(field)
            found.append(Piece(field, text, box))

    for text, box in lines:
        for piece in re.split(r"\s*[,;]\s*(?=[A-Z\d])|\s{3,}|\s+(?=\((?:direct|tel|ph|mob|line))", plain(text)):
            if re.search(r"\bfax\b", piece, re.I):
                continue
            phones = find_phones(piece)
            if phones:
                add("referrer.phone", piece, box)
            elif _is_person(piece) and parse_clinician(piece) and not _PRACTICE.search(piece):
                add("referrer.name", piece, box)
            elif _PRACTICE.search(piece) and not re.search(r"\d", piece):
                add("referrer.practice_name", piece, box)
            elif (
                (code := parse_ods(piece)) is not None
                and code.checks
                and code.repairs == 0
                and not find_postcodes(piece)
            ):
                add("referrer.practice_code", piece[code.start : code.end], box)
    return found


_WITH_ROLE = re.compile(
    r"^[A-Z][\w'’\-]*(?:\s+[A-Z][\w'’\-]*){1,3}\s*\((?=[^)]*(?:nurse|practitioner|physio|physician|paramedic|doctor|\bGP\b|partner|registrar|optom|dentist|midwife|therapist|"
    r"audiologist|podiatrist|pharmacist|associate|locum|trainee))", re.I
)  # fmt: skip


def _is_person(piece: str) -> bool:
    """Whether a piece of a sender's block begins like a person: with a title, or with a role in brackets behind the name."""
    return bool(_TITLED.match(piece) or _WITH_ROLE.match(piece))


def recipient_block(lines: Sequence[tuple[str, Box]]) -> list[Piece]:
    """The clinician and the specialty written to."""
    found: list[Piece] = []
    for text, box in lines:
        clean = plain(text)
        head = re.split(r",| - ", clean)[0]
        if (
            not any(p.field == "referral.named_clinician" for p in found)
            and _TITLED.match(head)
            and parse_clinician(head)
        ):
            found.append(Piece("referral.named_clinician", head, box))
        hits = specialties_in(clean, needs_context=False)
        if hits and not any(p.field == "referral.specialty" for p in found):
            whole = is_specialty(clean) or (
                hits[0][1] == 0 and re.fullmatch(r"\s*\([^()]{3,32}\)", clean[hits[0][2] :])
            )
            found.append(Piece("referral.specialty", clean if whole else hits[0][0], box))
    return found
