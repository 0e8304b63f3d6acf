"""Values that stand without labels: letterhead, date, addressee, salutation, the Re: block, the body and the sign-off
of a letter.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from ocr.page import Line, Page
from templates.addressee import addressee, asked_for
from templates.bind import Bound, Found
from templates.departments import departments
from templates.grammar import plain
from templates.grammar_codes import find_nhs_numbers, find_phones, find_postcodes
from templates.grammar_dates import find_dates, parse_date
from templates.grammar_names import looks_like_name, parse_clinician, parse_name, strip_title
from templates.letter_parts import DEAR, RE_LINE, TITLED, Letter, letter_of, reading_order
from templates.letterhead import (
    HOSPITAL,
    PRACTICE,
    department_phone,
    letterhead,
    part_of_line,
    phone_beneath,
    sender_in,
)
from templates.reasons import ends, is_identifier, is_story_word, rows_of, tells
from templates.sheet import same_row

_ROLES = re.compile(
    r"\b(?:GP|general practitioner|partner|consultant|registrar|optometrist|nurse|practitioner|principal|"
    r"locum|salaried|doctor|MRCGP|MBChB|MBBS|surgeon|physician|midwife|matron|"
    r"physiotherapist|podiatrist|dentist|optometrist|paramedic|officer|director)\b",
    re.I,
)


def _found(field: str, page: Page, lines: Sequence[Line], way: str, texts: Sequence[str] | None = None) -> Found:
    box = lines[0].box
    for x in lines[1:]:
        box = box.union(x.box)
    return Found(
        field, tuple(texts or [x.text for x in lines]), page.number, box, way, "", 100.0, tuple(x.box for x in lines)
    )


def prose_of(page: Page, bound: Bound, today: dt.date) -> list[Found]:
    """What the page says without labels. Only fields that its labels did not give should be taken from here, or
    compared with it.
    """
    lines = reading_order(page)
    if not lines:
        return []
    letter = letter_of(lines)
    found = [*letterhead(page, lines, letter.dear), *_dates(page, lines, letter, bound, today)]
    if letter.dear is not None:
        found += addressee(page, lines, letter)
        if not any(f.field == "referrer.phone" for f in (*found, *bound.found)):
            found += department_phone(page, lines, letter.dear)
    if not any(f.field == "referral.named_clinician" for f in found):
        found += asked_for(page, lines)
    found += _subject(page, lines, letter, bound, today)
    own = [f.box for f in found if f.field == "referrer.practice_name"]
    found += departments(page, lines, own)
    if letter.sign_off is not None:
        found += _signer(page, lines, letter)
    if letter.dear is not None:
        found += _body(page, lines, letter, bound)
    found += _told_by(page, lines)
    return found


_BY = re.compile(
    r"\b(?:referred\s+(?:\w+\s+)?by|(?:referral|sending\s+this)\b[^.]{0,90}\bfrom)\s+((?:Dr|Mr|Mrs|Miss|Ms|Prof)\.?\s+[A-Z][\w.'\-]*(?:\s+[A-Z][\w'\-]+){0,3})(?:,?\s+(?:of|from|at)\s+([A-Z][^,;]{4,50}))?"
)


def _told_by(page: Page, lines: Sequence[Line]) -> list[Found]:
    """The referrer named in a sentence ("is referred by Dr A Smith of Park Surgery")."""
    found = []
    for n, line in enumerate(lines):
        before = plain(lines[n - 1].text) + " " if n else ""
        m = _BY.search(before + plain(line.text))
        if m is None or m.start(1) < len(before):
            continue  # none, or it stands on the line above and was found there
        for field, group in (("referrer.name", 1), ("referrer.practice_name", 2)):
            if m[group] and (group == 1 or PRACTICE.search(m[group])):
                place = part_of_line(line, m.start(group) - len(before), m.end(group) - len(before))
                found.append(Found(field, (m[group],), page.number, place, "body"))
    return found


def _dates(page: Page, lines: Sequence[Line], letter: Letter, bound: Bound, today: dt.date) -> list[Found]:
    """A date alone on its line above the salutation; the day of dictation only where no other one stands there."""
    if letter.dear is None:
        return []
    dictated: list[Found] = []
    for line in lines[: letter.dear + 1]:
        text = plain(line.text)
        p = parse_date(text, "letter", today)
        if (
            p
            and len(text) - (p.end - p.start) <= 14
            and not re.search(r"birth|born|\bd\W?o\W?b\b|clinic|seen|appoint|receiv|typed", text, re.I)
        ):
            found = Found("referral.date", (text,), page.number, line.box, "prose")
            if not re.search(r"dictat", text, re.I):
                return [found]
            dictated.append(found)
    return dictated[:1]


_PROSE = re.compile(
    r"\b(?:thank\w*|grateful|please|i|this|who|has|with|refer|old|boy|girl|lady|gentleman|man|woman|"
    r"presents?|came|complain\w*|history|yrs?|years?)\b",
    re.I,
)


def _block(lines: Sequence[Line], letter: Letter) -> list[Line]:
    """The Re: line and the lines of identifiers under it."""
    if letter.re is None:
        return []
    block = [lines[letter.re]]
    for line in lines[letter.re + 1 : letter.re + 8]:
        text = plain(line.text)
        identifiers = bool(
            find_nhs_numbers(text) or find_dates(text, "birth", dt.date(2100, 1, 1)) or find_postcodes(text) or find_phones(text)
            or re.match(r"^\W*(?:dob|d\.o\.b|nhs|address|tel|born|date of birth|hosp)", text, re.I)
        )  # fmt: skip
        short = len(text) < 70
        if _PROSE.search(text) and not re.match(r"^\W*(?:dob|nhs|address|tel|date of birth|hosp)", text, re.I):
            break
        if is_story_word(text.split(":")[0]) and ":" in text:
            break
        if (
            DEAR.match(text)
            or not ((identifiers and len(text) < 110) or short)
            or line.box.top - block[-1].box.bottom > 0.03
        ):
            break
        block.append(line)
    return block


def _subject(page: Page, lines: Sequence[Line], letter: Letter, bound: Bound, today: dt.date) -> list[Found]:
    """Name, address and identifiers of the Re: block where they have no label of their own."""
    block = _block(lines, letter)
    found: list[Found] = []
    if not block:
        return found
    address: list[str] = []
    used: list[Line] = []
    named = False
    labelled = any(f.field == "patient.birth_date" for f in bound.found)
    for line in block:
        text = RE_LINE.sub("", plain(_unlabelled(page, bound, line))).strip()
        # "EVANS / PATRICIA / 07.08.1958": family and given name are the first two of a row parted by strokes.
        text = re.sub(r"^([A-Z][A-Za-z'’\-]+)\s+/\s+([A-Z][A-Za-z'’ \-]+)\s+/\s+(?=\d)", r"\1, \2 | ", text).replace(
            " / ", " | "
        )
        bare = text
        for p in reversed(find_dates(bare, "birth", today)):
            if labelled and not re.search(r"\b(?:d\.?o\.?b|born|birth)\b", text, re.I):
                continue  # the page says elsewhere when the patient was born: this is a date of the record
            found.append(Found("patient.birth_date", (bare[p.start : p.end],), page.number, line.box, "prose"))
            bare = bare[: p.start] + "|" + bare[p.end :]
        for p in reversed(find_nhs_numbers(bare)):
            if p.checks and re.search(r"\bnhs\b", text, re.I):
                found.append(Found("patient.nhs_number", (bare[p.start : p.end],), page.number, line.box, "prose"))
            bare = bare[: p.start] + "|" + bare[p.end :]
        for p in reversed(find_phones(bare)):
            found.append(Found("patient.phone", (bare[p.start : p.end],), page.number, line.box, "prose"))
            bare = bare[: p.start] + "|" + bare[p.end :]
        pieces = [x.strip(" ,.;:-") for x in re.split(r"[|;]|\s-\s", bare)]
        for piece in pieces:
            if not piece or re.fullmatch(r"(?:male|female|m|f|nhs|dob|no|number)\W*", piece, re.I):
                continue
            if not named:
                head, tail = _name_and_rest(piece)
                if head:
                    named = True
                    at = max(0, plain(line.text).find(head))
                    found.append(
                        Found("patient.name", (head,), page.number, part_of_line(line, at, at + len(head)), "prose")
                    )
                    piece = tail
            if piece and (re.search(r"\d", piece) or "," in piece or address) and re.search(r"[A-Za-z]{3}", piece):
                address.append(piece)
                used.append(line)
    joined = ", ".join(address)
    if address and find_postcodes(joined):
        found.append(_found("patient.address", page, used, "prose", address))
        last = next((x for x in reversed(used) if find_postcodes(x.text)), used[-1])
        codes = find_postcodes(last.text)
        if codes:
            p = codes[-1]
            found.append(
                Found(
                    "patient.postcode",
                    (plain(last.text)[p.start : p.end],),
                    page.number,
                    part_of_line(last, p.start, p.end),
                    "prose",
                )
            )
    return found


# "REF: SMITH / KULDIP / 14-SEP-1949": behind a word for a reference stands a person and a date, and no reference.
_NAMED_ROW = re.compile(r"\W*[A-Z][A-Za-z'’\-]+\s+/\s+[A-Z][A-Za-z'’ \-]+\s+/\s+\d{1,2}[\s./\-]")


def _unlabelled(page: Page, bound: Bound, line: Line) -> str:
    """The text of a line without the pieces that a label other than the patient's own names; pieces parted by bars."""
    number = next(i for i, x in enumerate(page.lines) if x is line)
    pieces = []
    label = ""
    for cell in bound.cells:
        if cell.line != number:
            continue
        if cell.kind == "label":
            label = cell.names
        elif label in ("", "patient.name", "loose:name", "loose:address", "patient.address") or _NAMED_ROW.match(
            cell.text
        ):
            pieces.append(cell.text)
    return "|".join(pieces)


def _name_and_rest(piece: str) -> tuple[str, str]:
    """The name that a piece begins with, and what follows it (`Mr A Smith, 4 High St` gives both)."""
    parts = piece.split(",")
    for take in (2, 1):
        head = ",".join(parts[:take]).strip()
        if len(parts) >= take and take == 2 and (len(strip_title(parts[0])[0].split()) > 2 or strip_title(parts[0])[1]):
            continue
        name = parse_name(head)
        if name and name.given and looks_like_name(name.given) and not re.search(r"\d", head):
            return head, ",".join(parts[take:]).strip(" ,")
    return "", piece


_NO_PLACE = re.compile(r"\b(?:consultant|registrar|surgeon|physician|printed)\b|^\W*(?:cc|copy)\b|:", re.I)
_STREET = re.compile(r"\b(?:road|street|lane|avenue|crescent|terrace|drive)\W*(?:,|$)", re.I)


def _signer(page: Page, lines: Sequence[Line], letter: Letter) -> list[Found]:
    """The name under the sign-off: the first line that is a name, with a title or a role beneath it before bare
    names.
    """
    assert letter.sign_off is not None
    bare: Found | None = None
    above: Found | None = (
        None  # the last bare name: where a role stands alone beneath, it is the printed one, not the signature
    )
    # A column of details beside the letter runs on beside its signature.
    left = lines[letter.sign_off].box.left
    under = [x for x in lines[letter.sign_off + 1 :] if abs(x.box.left - left) < 0.4]
    under = [x for x in under if x.box.left > left - 0.12] or under
    foot = [x for x in under[:9] if not _NO_PLACE.search(x.text)]
    places: list[Found] = []
    at = next((n for n, x in enumerate(foot) if sender_in(x)), None)
    if at is not None:
        place = part_of_line(foot[at], 0, len(sender_in(foot[at])))
        places = [Found("referrer.practice_name", (sender_in(foot[at]),), page.number, place, "sign-off")]
        places += phone_beneath(page, foot[at:])
    for line in under[:6]:
        text = plain(line.text)
        if re.match(
            r"^\W*(?:cc|copy|enc|tel|fax|email|.*\b(?:administrator|secretary|receptionist|clerk|co-?ordinator)|dictated|electronically|checked|pp)\b",
            text,
            re.I,
        ):
            continue
        name = None if _STREET.search(text) else parse_clinician(text)
        if name is None and above is not None and _ROLES.search(text) and len(text.split()) <= 6:
            return [above, *places]
        if name is None or len(name.split()) < 2 or PRACTICE.search(text) or HOSPITAL.search(text):
            continue
        if TITLED.match(text) or _ROLES.search(text):
            return [Found("referrer.name", (text,), page.number, line.box, "sign-off"), *places]
        above = Found("referrer.name", (text,), page.number, line.box, "sign-off")
        bare = bare or above
    return [bare, *places] if bare else places


def _stands_beside(line: Line, told: Sequence[Line], left: float) -> bool:
    """Whether a line begins right of where the letter's lines end, and apart from them: a column of details beside the text."""
    rights = sorted(x.box.right for x in told if abs(x.box.left - left) < 0.03)
    if len(rights) < 4 or line.box.left < rights[int(0.9 * len(rights))]:
        return False
    return all(
        line.box.left - x.box.right > 0.04
        for x in told
        if x is not line and x.box.left < line.box.left and same_row(x.box, line.box)
    )


def _body(page: Page, lines: Sequence[Line], letter: Letter, bound: Bound) -> list[Found]:
    """The prose between salutation (or Re: block) and sign-off; rows that name the patient or the urgency are passed over."""
    assert letter.dear is not None
    start = letter.dear + 1
    block = _block(lines, letter)
    if block and letter.re is not None and letter.re >= letter.dear:
        start = letter.re + len(block)
    end = letter.sign_off if letter.sign_off is not None else len(lines)
    # What stands left of the salutation is a column of details beside the letter, not its text.
    edge = lines[letter.dear].box.left - 0.03
    told = [x for x in lines[start:end] if x.box.left > edge]
    rows = rows_of(page, bound.cells, [x for x in told if not _stands_beside(x, told, lines[letter.dear].box.left)])
    first = next((n for n, r in enumerate(rows) if not is_identifier(r) and not ends(r)), None)
    if first is None:
        return []
    body = []
    for row in rows[first:]:
        if ends(row):
            break
        body.append(row)
    while body and not tells(body[-1].text):
        body.pop()
    if sum(len(r.text) for r in body) < 30:
        return []
    return [_found("referral.reason", page, [x for r in body for x in r.lines], "body")]
