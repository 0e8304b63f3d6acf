"""Where the clinical text begins and ends: the rows of prose beneath a heading, in a letter, or anywhere on a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from ocr.page import Box, Line, Page
from templates.grammar import plain, squash
from templates.grammar_codes import find_nhs_numbers, find_postcodes
from templates.grammar_words import dissent_in, priorities_in
from templates.labels import Cell

SIGN_OFF = re.compile(
    r"^\W*(?:yours(?:\s+(?:sincerely|faithfully|truly|ever)|(?=\W*$))|respectfully|cordially|cheers|(?:kind|best|warm)\w*\s+(?:regards|wishes)|"
    r"with\s+(?:best|kind|many|warm|thanks)|regards|many\s+thanks|sincerely|signed|signature|electronically\s+signed)\b|"
    r"^\W*thank\s+you(?:\s+(?:very\s+much|in\s+advance|(?:so\s+much\s+)?for\s+your\s+(?:help|time|advice|kind\s+\w+)(?:\s+with\s+this)?))?\W*$",
    re.I,
)
_GUIDANCE = re.compile(
    r"^\W*(?:\(.*\)?|please\s+(?:include|give|provide|state|attach|complete|continue|use|write|ensure|indicate|enter|describe|outline|specify)\b.*|include\s+relevant.*|continue\s+(?:on|over).*|"
    r"(?:as\s+much\s+detail|history,?\s+examination).{0,60})$",
    re.I,
)
_SMALL_PRINT = re.compile(
    r"confidential|received\s+in\s+error|intended\s+recipient|data\s+protection|please\s+fax|unsubscribe|registered\s+in\s+england|"
    r"^\W*(?:page|pg)\W*\d|^\W*(?:cc|enc|copy\s+to)\b|\bfax\s+(?:this|to|completed)\b|for\s+(?:hospital|office)\s+use|"
    r"\bform\s+must\s+be\s+completed|\b(?:posted|faxed),?\s+(?:faxed\s+)?or\s+e-?mailed|\bany\s+of\s+the\s+above\s+questions|"
    r"\(please\s+tick(?:\s+\w+){0,4}\)|^\W*risk\s+factors\W*$",
    re.I,
)
# What a form says of itself between the lines of a story.
_OF_FORM = re.compile(
    r"\belsewhere\s+(?:on|in)\s+(?:the|this)\s+form\b|\b(?:attach|send|fax|return)\w*\s+(?:the\s+|this\s+)?completed\s+form\b|\bthis\s+is\s+mandatory\b|"
    r"\b(?:details|history|list)\s+(?:should|must)\s+be\s+(?:attached|included|enclosed)\b|\bwithout\s+this\s+an?\s+appointment\b",
    re.I,
)
_TELLING = frozenset(
    "examination onexamination oe findings examinationfindings history historyofpresentingcomplaint presentingcomplaint "
    "investigations results bloods bmi bp bloodpressure weight height va visualacuity iop refraction smoking alcohol age "
    "problem diagnosis pc hpc hx ex ask provisionaldiagnosis workingdiagnosis socialhistory familyhistory recentresults bloodresults "
    "testresults smokingstatus occupation reason clinicaldetails".split()
)
_LISTED = re.compile(
    r"^\W*(?:\d{1,2}[\-/. ](?:\d{1,2}|[A-Za-z]{3,9})[\-/. ]\d{2,4}\b|(?:19|20)\d\d\b)|\b(?:yes\W+no|no\W+yes)\W*$|[□☐☑☒]",
    re.I,
)
_ENDS = re.compile(
    r"^\W*(?:(?:[A-H]|\d{1,2})\W?\s+)?(?:current|repeat|acute|regular|present)?\s*(?:medications?|drugs?|repeats|medical\s+history|(?:known\s+)?problems|reactions|tablets|takes\s+at\s+present|(?:(?:medications?|drugs?)\s*(?:and|&|/)\s*)?allerg\w+|past\s+medical\s+history|pmh|dhx?|problem\s+list|"
    r"active\s+problems|enclosures?)\W*$|"
    r"^\W*(?:(?:current|repeat|acute|regular|present|usual|drug)\s+)*(?:medications?|drugs?|medicines|treatments?|takes|past|allerg(?:y|ies|ic\s+to)|"
    r"significant\s+history)\s*:|"
    r"^\W*(?:(?:other|active|past|previous|significant|known|medical)\s+)*(?:history|problems|conditions)\s*:.*(?:;|\b(?:19|20)\d\d\b)|"
    r"^\W*\d{1,2}[.)]\s+(?-i:[A-Z][A-Z &/,]{6,})$|.*\b(?:yes\W+no|no\W+yes)(?:\W+unknown)?\W*$|"
    r"^\W*(?:PMH|meds|DHx?|diagnos[ei]s|allergies|medicines)\b(?!\s+(?:of|is|was|has))|^\W*(?:current|regular)\s+medicines\s+are\b|"
    r"^\W*(?:takes|problems|pmh|significant)\b.*\b(?:medications?|medicines|allerg(?:y|ies))\s*:|"
    r"^\W*there\s+is\s+no\s+regular\s+medication|^\W*weight\s+\d+(?:\.\d)?\s?kg\b.*:|"
    r"\b\d+(?:\.\d+)?\s?(?:mg|mcg|micrograms?|g|ml|puffs?)\s+(?:od|bd|tds|qds|nocte|prn|mane|once|twice|daily|weekly)\b.*;|"
    r"^\W*(?:past\s+(?:medical\s+)?history|(?:repeat|regular|current)\s+medicines|sensitivities|other\s+(?:illnesses|conditions))\s*:?\s+(?-i:[A-Z0-9])|"
    r"^\W*past\s+medical\s+history\s*[/&,]|^\W*drugs?\s+taken\b|^\W*i\s+have\s+told\s+the\s+patient\s+that\s+this\s+is\b|"
    r"^[-=_.\u2013\u2014\s]{10,}$|^\W*\d{1,2}\s?\.\s?[A-Z][^.]{0,40}\s\d{1,2}\s?\.\s?[A-Z]|"
    r"^\W*medical\s+history\s+form\b|(?:the\s+|a\s+)?\b(?:summary|printout|extract|copy)\b.{0,40}\b(?:follows|attached|enclosed|overleaf|below)\W*$",
    re.I,
)


# "Re: glue ear ..." begins the story; "Re: Mrs Smith" names the patient.
_RE_WHAT = re.compile(r"\W*[Rr][Ee]\b\s*[:;.\-]?\s*[a-z]{1,}\s+[a-z]")


def is_story_word(text: str) -> bool:
    """Whether a few words are one of those by which clinicians order their prose ("PC", "On examination")."""
    key = squash(text)
    # Misread by a letter ("Examlnation") it is still such a word: half a story was taken for the whole.
    return key in _TELLING or any(len(t) > 6 and fuzz.ratio(key, t) >= 85 for t in _TELLING)


def is_told(cell: Cell) -> bool:
    """Whether a label inside a reason is one of the words by which clinicians order their prose."""
    return is_story_word(cell.text) or (not cell.colon and not cell.alone)


_LITTLE = frozenset(
    "a an and are as at but by came can for from had has have he her his i in is it no not of on or she that the their there "
    "they this to was were who with would you your".split()
)


def is_prose(text: str) -> bool:
    """Whether a line reads as a sentence: several small-letter words, and not a list of codes."""
    words = plain(text).split()
    small = sum(1 for w in words if w[:1].islower() and len(w) > 1)
    if not any(c.islower() for c in text):
        # A hand that writes capitals only: the small words tell a sentence from a row of names and codes.
        return len(words) >= 4 and sum(w.strip(".,;").lower() in _LITTLE for w in words) >= max(1, 0.15 * len(words))
    return len(words) >= 4 and small >= max(2, 0.4 * len(words))


def tells(text: str) -> bool:
    """Whether a row's words, of three letters and more, make up most of it: measurements and scrawls beneath a text do not."""
    letters = sum(len(w) for w in re.findall(r"[A-Za-z]{3,}", text))
    return letters > 0.4 * len(text.replace(" ", ""))


def is_list(lines: Sequence[str]) -> bool:
    """Whether text is a list of dated entries or of choices, as summaries and checklists print them, and tells no story."""
    return sum(bool(_LISTED.search(plain(x))) for x in lines) > 0.3 * len(lines)


# "... whose details are at the foot of this letter" introduces the patient and tells nothing yet.
_POINTS = re.compile(
    r"\b(?:details|particulars)\b.{0,30}\b(?:above|below|overleaf|attached|enclosed|foot|end|beneath|following|top|box|panel)\b",
    re.I,
)
_ASKS_ONLY = re.compile(
    r"^(?:there|time|we|this|our)\b.{0,50}\bappointment\b[^.]{0,10}\.{0,2}$|^i\s+am\s+referring\s+(?:this\s+\w+|him|her|them)\b[^.]{0,40}\.{0,2}$|^(?:i\s+(?:would|should)\s+be|grateful|please|kindly|thank\s+you|many\s+thanks|could\s+you|would\s+you)\b[^.]*\.{0,2}$",
    re.I,
)


def asks_only(text: str) -> bool:
    """Whether a row only asks for an appointment of some urgency and says nothing of why."""
    clean = plain(text)
    return (
        len(clean.split()) <= 16
        and bool(priorities_in(clean))
        and _ASKS_ONLY.match(clean) is not None
        and not re.search(
            r"\b(?:(?<!content )with|who|has|presents?|because|regarding|about|following|complain\w*)\b", clean, re.I
        )
    )


@dataclass(frozen=True)
class Row:
    """One row of print: its lines from left to right, and the first cell that the labels cut from it."""

    lines: tuple[Line, ...]
    first: Cell | None
    labels: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """The row's text."""
        return " ".join(x.text for x in self.lines)

    @property
    def box(self) -> Box:
        """The row's box."""
        box = self.lines[0].box
        for x in self.lines[1:]:
            box = box.union(x.box)
        return box


def rows_of(page: Page, cells: Sequence[Cell], lines: Sequence[Line] | None = None) -> list[Row]:
    """The page's lines as rows, top to bottom, each with its labels."""
    by_line: dict[int, list[Cell]] = {}
    for cell in cells:
        by_line.setdefault(cell.line, []).append(cell)
    number = {id(x): i for i, x in enumerate(page.lines)}
    wanted = [x for x in (page.lines if lines is None else lines) if x.text.strip()]
    grouped: list[list[Line]] = []
    for line in sorted(wanted, key=lambda x: x.box.centre[1]):
        last = grouped[-1][0] if grouped else None
        if last is not None and line.box.centre[1] - last.box.centre[1] < 0.45 * min(last.box.height, line.box.height):
            grouped[-1].append(line)
        else:
            grouped.append([line])
    rows = []
    for group in grouped:
        group.sort(key=lambda x: x.box.left)
        own = [c for x in group for c in by_line.get(number.get(id(x), -1), [])]
        rows.append(Row(tuple(group), own[0] if own else None, tuple(c for c in own if c.kind == "label")))
    return rows


_RELATIVES_NAME = re.compile(
    r"\W*(?:mother|father|parent|guardian|carer|next\s+of\s+kin)\W?s?\s+(?:full\s+)?name\b", re.I
)


def ends(row: Row) -> bool:
    """Whether a row is no longer clinical text: a label of another field, a sign-off, a choice of urgency, small print."""
    text = plain(row.text)
    first = row.first
    if _RE_WHAT.match(text):
        return False
    if first is not None and first.kind == "label" and (first.colon or first.alone) and not is_told(first):
        return True
    if _RELATIVES_NAME.match(text):
        return True
    strong = [c for c in row.labels if c.names.startswith(("patient.", "referrer.")) and (c.colon or c.alone)]
    if len(strong) >= 1 and not is_prose(text):
        return True
    if (SIGN_OFF.match(text) and len(text.split()) <= 7) or _ENDS.match(text) or _SMALL_PRINT.search(text):
        return True
    return dissent_in(text) is not None or (
        bool(priorities_in(text)) and len(text.split()) <= 6 and not text.endswith(".")
    )


def is_guidance(text: str) -> bool:
    """Whether a line tells the writer what to put there."""
    return _GUIDANCE.match(plain(text)) is not None


def is_identifier(row: Row) -> bool:
    """Whether a row names the patient, the sender or the letter instead of telling a story."""
    text = plain(row.text)
    if _RE_WHAT.match(text):
        return False
    if asks_only(text) or _LISTED.search(text) or _POINTS.search(text):
        return True
    if is_prose(text) and len(text) > 60:
        return False
    if any(c.names != "referral.reason" and not (c.names == "decoy" and is_told(c)) for c in row.labels):
        return True
    return bool(find_nhs_numbers(text) or find_postcodes(text)) or not is_prose(text)


_GOES_OVER = re.compile(r"[^.:?!)]$")  # guidance whose sentence goes on in the next row


def following(rows: Sequence[Row], start: int, left: float, right: float = 1.0, most: int = 60) -> list[Row]:
    """The rows of clinical text from the start on, in one column, up to a row that ends it or a wide gap."""
    taken: list[Row] = []
    last: Box | None = None
    guided = ""
    for row in rows[start:]:
        inside = tuple(x for x in row.lines if x.box.left > left - 0.03 and x.box.left < right)
        if not inside:
            continue
        own = Row(inside, row.first if row.first and row.first.box.left > left - 0.03 else None, row.labels)
        if last is not None and own.box.top - last.bottom > 3.0 * max(last.height, 0.008):
            break
        if ends(own) or len(taken) >= most or (taken and _is_table_row(inside)):
            break
        if taken and last is not None and _is_next_question(own, last):
            break
        if not taken and (is_guidance(own.text) or (_GOES_OVER.search(guided) and plain(own.text)[:1].islower())):
            guided, last = plain(own.text), own.box
            continue
        if _OF_FORM.search(own.text):
            last = own.box
            continue
        if inside[0].box.left > left + 0.3 and taken and not is_prose(own.text):
            continue
        taken.append(own)
        last = own.box
    return [row for n, row in enumerate(taken) if not _heads_next(row, taken[n - 1 : n], taken[n + 1 : n + 2])]


_QUESTION = re.compile(r"^\W*\d{1,2}[.)]\s+[A-Z][\w /&',?]{3,45}[^.\s]$")


def _is_next_question(row: Row, last: Box) -> bool:
    """Whether a row is the next numbered heading of a form, apart from the text above it: a list inside a story stands closer."""
    return _QUESTION.match(plain(row.text)) is not None and row.box.top - last.bottom > 0.9 * row.box.height


def _heads_next(row: Row, before: Sequence[Row], after: Sequence[Row]) -> bool:
    """Whether a row is the heading of the next box inside a text: few words without a stop, apart from what ends above it."""
    text = plain(row.text)
    if not before or not after or len(text.split()) > 4 or not text[-1:].isalpha() or not text[:1].isupper():
        return False
    apart = row.box.top - before[0].box.bottom > 0.3 * row.box.height
    return (
        apart and plain(before[0].text)[-1:] in ".?!" and plain(after[0].text)[:1].isupper() and is_prose(after[0].text)
    )


def _is_table_row(lines: Sequence[Line]) -> bool:
    """Whether a row is several things side by side, each beginning like one: the fields beneath a text, not its next line."""
    gap = (
        0.03 if len(lines) < 5 else 0.006
    )  # "Diabetes T2 Neuropathy Y Pulses absent N": cells close together, but many
    apart = all(b.box.left - a.box.right > gap for a, b in pairwise(lines))
    return len(lines) > 1 and apart and all(x.text.strip()[:1].isupper() or x.text.strip()[:1].isdigit() for x in lines)


_LOOK_BELOW = 4  # rows: a form's next box has a heading, and a worn one may have lost it


def goes_on(page: Page, cells: Sequence[Cell], box: Box) -> bool:
    """Whether a sentence stands beneath a reason's last row, close to it or under a heading of the next box."""
    below = [r for r in rows_of(page, cells) if r.box.top > box.bottom - 0.3 * r.box.height and r.box.left < box.right]
    last = box.bottom
    for row in below[:_LOOK_BELOW]:
        text = plain(row.text)
        closes = SIGN_OFF.match(text) or _ENDS.match(text) or _SMALL_PRINT.search(text) or dissent_in(text) is not None
        known = any(c.names != "referral.reason" and not is_told(c) and (c.colon or c.alone) for c in row.labels)
        if closes or known or row.box.top - last > 1.6 * row.box.height:
            return False
        if is_prose(text):
            return not is_guidance(text)
        last = row.box.bottom
    return False


def begins_late(page: Page, box: Box) -> bool:
    """Whether paper as high as a row lies between a reason's first row and the print over it: a row there may not have been read."""
    over = [
        x.box.bottom
        for x in page.lines
        if x.box.bottom < box.top + 0.3 * box.height and x.box.left < box.right and x.box.right > box.left
    ]
    return box.top - max(over, default=box.top) > 1.8 * box.height


def longest_run(page: Page, cells: Sequence[Cell], lines: Sequence[Line]) -> list[Row]:
    """The longest run of rows that read as prose; nothing where no run has eighty letters."""
    rows = rows_of(page, cells, lines)
    best: list[Row] = []
    at = 0
    while at < len(rows):
        if is_identifier(rows[at]) or ends(rows[at]):
            at += 1
            continue
        run = following(rows, at, rows[at].box.left)
        at += max(1, len(run))
        for piece in _told_pieces(run):
            if sum(len(r.text) for r in piece) > sum(len(r.text) for r in best):
                best = piece
    best = best[_story_begins(best) :]
    return best if sum(len(r.text) for r in best) >= 60 else []


def _told_pieces(run: Sequence[Row]) -> list[list[Row]]:
    """A run of rows cut where two and more rows in sequence are no sentences: lists and fields between pieces of a story."""
    pieces: list[list[Row]] = [[]]
    for n, row in enumerate(run):
        neighbours = [r for r in (run[n - 1] if n else None, run[n + 1] if n + 1 < len(run) else None) if r is not None]
        if not _is_sentence(row.text) and any(not _is_sentence(r.text) for r in neighbours):
            pieces.append([])
        else:
            pieces[-1].append(row)
    return pieces


_DATE_AT_END = re.compile(r"\b\d{1,2}/(?:\d{1,2}/)?(?:19|20)?\d\d\W*$")


def _is_sentence(text: str) -> bool:
    return is_prose(text) and not _LISTED.search(text) and not _DATE_AT_END.search(text)


def _story_begins(run: Sequence[Row]) -> int:
    """The first row of the story itself: what a form asks, and its answers of a few words, may stand over it."""
    begins = 0
    for n, row in enumerate(run[:-1]):
        if _is_heading(row, run[n + 1]) or _is_question(row.text):
            begins = n + 1
        elif _is_sentence(row.text) and "?" not in row.text:
            break
    return begins


def _is_question(text: str) -> bool:
    """Whether a row is a form's own question about urgency, or its words on what to write: printed over the answer or under its line."""
    clean = plain(text)
    return (":" in clean and bool(priorities_in(clean))) or (
        len(clean.split()) <= 20 and clean[-1:] in ":)?" and not clean[:1].islower() and not re.search(r"\d", clean)
    )


def _is_heading(row: Row, below: Row) -> bool:
    """Whether a row stands over a text as its heading: a few words that no stop ends, and a line that another one begins beneath."""
    text = plain(row.text)
    short = len(text.split()) <= 9 or (
        len(text.split()) <= 14 and row.box.right < below.box.right - 0.15 and not plain(below.text)[:1].islower()
    )
    return short and text[-1:].isalpha() and ":" not in text
