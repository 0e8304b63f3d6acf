"""Finds labels among the words of a page, by fuzzy match over many wordings, and cuts every line into labels and
values.

A label is never a value; a decoy's label (next of kin, laboratory number) takes its value away from every field.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz, process

from ocr.page import Box, Line, Page
from templates.form import Form
from templates.glyphs import Glyphs, aspect_of, glyphs_of
from templates.grammar import plain, squash
from templates.grammar_names import in_small_letters
from templates.label_shapes import fits_label, in_brackets, is_reason_heading
from templates.specialties import is_specialty, specialties_in
from templates.wording import concept_of

# Single words that prose uses too: labels only with a colon, or alone in their box.
_COMMON = frozenset(
    "patient practice surgery service clinic history reason problem gp re consultant hospital from to "
    "partner son t f b name address "
    "date code title phone consent organisation priority category department optometrist referrer dissent "
    "category problems diagnosis "
    "role trust site location message subject version school medication results examination allergies "
    "weight height age time wife "
    "husband mother father daughter parent ref reference language transport mobility provider pharmacy "
    "received signed sent regarding "
    "concerning reported collected printed born sex attn specimen smoking alcohol disability nhs "
    "specialty speciality dept request "
    "position ward ods mob tel va bp add secretary role religion occupation employer commissioner iop ext "
    "cc pas symptoms declaration "
    "referral laboratory carer demographics guardian spouse interpreter website web email fax mobile "
    "practiceno mf codes sign grade "
    "recipient sender addressograph investigations sensitivities refraction relationship barcode bleep urgency dated".split()
)
_DIGITS_FOLLOW = frozenset(
    {
        "patient.nhs_number",
        "patient.birth_date",
        "patient.phone",
        "referrer.phone",
        "referral.ubrn",
        "loose:phone",
        "referral.date",
        "decoy",
    }
)
_INSTRUCTION = re.compile(
    r"\s*\((?:block|please|if|in |dd|print|optional|required|mandatory|delete|s\)|full|capital|must|"
    r"10|day|e\.?g|urgent|routine|if not|inc)[^)]{0,40}\)?",
    re.I,
)
_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+")
_LONGEST = 9


@dataclass(frozen=True)
class Cell:
    """A piece of a line: a label (with what it names), a value, or a heading of a section.

    `names` is a field of the contract, `patient.name`, `loose:phone`..., `decoy`, or for a heading
    `section:patient`... A label that
    may also head a section says so in `heads`.
    """

    kind: Literal["label", "value"]
    text: str
    box: Box
    line: int
    start: int
    end: int
    names: str = ""
    heads: str = ""
    colon: bool = False
    score: float = 0.0
    alone: bool = False


@dataclass(frozen=True)
class Lexicon:
    """All label wordings of a form by their squashed form, and the section that each may head."""

    names: dict[str, str]
    heads: dict[str, str]
    by_length: dict[int, tuple[str, ...]]
    folded: dict[str, str]


@lru_cache(maxsize=256)
def _lexicon(form_labels: tuple[tuple[str, str], ...], heads: tuple[tuple[str, str], ...]) -> Lexicon:
    names: dict[str, str] = {}
    for wording, concept in form_labels:
        names.setdefault(squash(wording), concept)
    headings = {squash(w): s for w, s in heads}
    lengths: dict[int, list[str]] = {}
    for wording in {*names, *headings}:
        if len(wording) >= 6:
            for n in range(len(wording) - 2, len(wording) + 3):
                lengths.setdefault(n, []).append(wording)
    folded = {_fold(w): w for w in {*headings, *names} if len(w) >= 5}
    return Lexicon(names, headings, {n: tuple(v) for n, v in lengths.items()}, folded)


def lexicon_of(form: Form, generic: Form) -> Lexicon:
    """The form's own labels first, then those of the generic form."""
    labels: list[tuple[str, str]] = []
    heads: list[tuple[str, str]] = []
    for source in (form, generic) if form is not generic else (generic,):
        labels += [(w, name) for name, rule in source.fields.items() for w in rule.labels]
        labels += [(w, f"loose:{name}") for name, words in source.loose.items() for w in words]
        labels += [(w, "decoy") for w in source.decoys]
        heads += [(w, name) for name, words in source.sections.items() for w in words]
    return _lexicon(tuple(labels), tuple(heads))


def _fold(text: str) -> str:
    """The squashed text with letters that readers confuse made one."""
    return (
        text.replace("rn", "m")
        .replace("ri", "n")
        .replace("vv", "w")
        .replace("ii", "h")
        .translate(str.maketrans("l1053", "iiose"))
    )


_TITLES = frozenset(
    "referralform referralforms referralletter referralrequest outpatientreferral specialistreferralrequest "
    "specialistreferral specialistreferralform secondarycare".split()
)


def _nearest(text: str, lexicon: Lexicon, alone: bool = False) -> tuple[str, float] | None:
    """The wording that the squashed text is, and how alike they are (100 the same); None where none is near enough.

    `alone` says that the text is all that stands in its box, which lets a label be further off."""
    if text in lexicon.names or text in lexicon.heads:
        return text, 100.0
    if len(text) < 5 or text in _TITLES or text.startswith("apartment"):  # one letter off "department", and a home
        return None
    if same := lexicon.folded.get(_fold(text)):
        return same, 97.0
    if len(text) < 6:
        return None
    # Small capitals on worn forms lose two letters in ten; a whole box of such print is still its label.
    worn = alone and len(text) >= 8
    cutoff = 79 if worn else 88 if len(text) < 8 else 84 if len(text) < 14 else 82
    found = process.extractOne(text, lexicon.by_length.get(len(text), ()), scorer=fuzz.ratio, score_cutoff=cutoff)
    return (found[0], found[1]) if found else None


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int
    opens: bool
    begins: bool


def _bare(text: str) -> str:
    """The text without accents, every letter in its place: a speck over "Clinic" reads as one."""
    return "".join((unicodedata.normalize("NFD", c)[:1] or c) if c.isalpha() else c for c in text)


_NUMBERING = re.compile(
    r"\d{1,2}\.\d{1,2}[.)]?|(?:section|part)\s+(?:\d{1,2}|[A-H])\W?", re.I
)  # "3.1 Name", "Section 2 Patient"


def _tokens(glyphs: Glyphs) -> list[_Token]:
    tokens = []
    em = glyphs.em
    for m in _TOKEN.finditer(_bare(glyphs.text)):
        before = glyphs.text[: m.start()].rstrip()
        if re.fullmatch(r"[^\w\s\[(]{1,2}", before) or _NUMBERING.fullmatch(before):
            before = ""  # a speck before a label, or its number on the form, is no word
        space = max(glyphs.gaps[len(before) : m.start()] or [0.0])
        tokens.append(
            _Token(m[0].lower(), m.start(), m.end(), not before or space > 0.75 * em, not before or space > 1.5 * em)
        )
    return tokens


def _after(text: str, end: int) -> tuple[int, bool]:
    """Where the value may begin after a label that ends at `end`, and whether a colon says that it was a label."""
    if m := _INSTRUCTION.match(text, end):
        end = m.end()
    if m := re.match(
        r"[\s.)\]'*]*(?:[:;=]|\?(?=\s+[A-Z0-9(])|\s[-–]\s|[-–]$|\.{2,}|_{2,}|(?<=\s)\.(?=\w))[\s.:\-_]*", text[end:]
    ):
        return end + m.end(), True
    if m := re.match(r"[.)\]'*?]+", text[end:]):
        end += m.end()
    return end, False


@dataclass(frozen=True)
class _Hit:
    first: int
    last: int
    start: int
    end: int
    value_at: int
    wording: str
    score: float
    colon: bool
    alone: bool
    name: str
    heads: str


# Labels that are surnames too: only with a colon.
_SURNAMES = frozenset({"ward", "son", "grade", "sign", "site", "page", "pages", "major"})


_HALVES = frozenset({"patient.family_name", "patient.given_names"})


def _accept(
    hit: _Hit, opens: bool, begins: bool, previous_label: bool, glyphs: Glyphs, lexicon: Lexicon, closes: bool
) -> bool:
    """Whether the words at this place are a label here and not a piece of prose or of a value."""
    name = hit.name
    if (hit.wording == "surgery" or name == "referrer.practice_name") and any(
        e >= hit.end for _, _, e in specialties_in(glyphs.text[: hit.end], needs_context=False)
    ):
        return False  # "Breast Surgery" is no surgery of a GP
    if name == "referral.specialty" and glyphs.text[hit.start : hit.end].strip().lower() == "clinical":
        return False  # "Clinical | Haematology" with wide gaps: the first word of the value, not a misread "Clinic"
    weak = hit.wording in _COMMON or len(hit.wording) <= 2
    rest = glyphs.text[hit.value_at :]
    by_hand = name in _HALVES and in_small_letters(rest.strip(" .:_"))
    if by_hand and begins and hit.score == 100 and glyphs.text[: hit.end].strip().isupper():
        return True  # "SURNAME ollerenshaw"
    digits = name in _DIGITS_FOLLOW and re.match(r"\s*[(+#]?[0-9OoIl]{1,2}[\s0-9/.\-OoIl]", rest) is not None
    opens = opens or previous_label
    if hit.colon:
        before = glyphs.text[: hit.start].rstrip()
        if opens or before.endswith((",", ";", "|", ")", ".", "/", "-", "]")) or not weak:
            return True
        capital = glyphs.text[hit.start].isupper()
        return capital and len(hit.wording) >= 3 and hit.score == 100 and hit.wording not in ("son", "re", "from")
    if not (
        glyphs.text[hit.start].isupper()
        or re.match(r"e-?RS\b", glyphs.text[hit.start :])
        or glyphs.text[hit.start].isdigit()
        or (digits and hit.score == 100 and name in ("patient.birth_date", "patient.nhs_number"))
    ):
        # Without a colon a label begins with a capital; "referral." at the head of a line is prose going on.
        return False
    fits = fits_label(name, rest, opens)
    if hit.wording in _SURNAMES or (
        hit.score < 100 and not (begins and (closes or digits or (fits and name == "patient.family_name")))
    ):
        return False
    if opens and closes:
        return len(hit.wording) != 1
    if digits and (hit.score == 100) and hit.wording not in ("t", "f", "b", "nhs", "to", "date", "from"):
        return True
    if fits:
        return True
    if hit.wording in ("nhs", "re") and opens and (digits or hit.wording == "re"):
        return hit.wording == "nhs" or re.match(r"\s+[A-Z]", rest) is not None
    if not opens or weak or len(hit.wording) < 5:
        return False
    # A label and its value in one breath, without a colon: only where the value begins like one and the line is no
    # sentence.
    return re.match(r"\s*[A-Z0-9(]", rest) is not None and len(glyphs.text.split()) <= 12


def _is_value_before(window: Sequence[_Token], wording: str, lexicon: Lexicon) -> bool:
    """Whether the first word is what stands before a label, unlike the wording's own ("Mr First name", "James Surname")."""
    tail = "".join(t.text for t in window[1:])
    patients = lexicon.names.get(tail, "").startswith("patient.")
    return patients and wording.endswith(tail) and fuzz.ratio(window[0].text, wording[: -len(tail)]) < 70


def _hits(glyphs: Glyphs, lexicon: Lexicon) -> Iterator[_Hit]:
    tokens = _tokens(glyphs)
    em = glyphs.em
    i = 0
    previous_label = False
    if (
        re.match(r"\W*[A-Z]", glyphs.text)
        and not glyphs.text.endswith(".")
        and is_reason_heading([t.text for t in tokens if t.start < in_brackets(glyphs.text)])
        and _nearest("".join(t.text for t in tokens), lexicon) is None
    ):
        yield _Hit(
            0, len(tokens), tokens[0].start, tokens[-1].end, len(glyphs.text), "reasonforreferral", 99.0, True, True,
            "referral.reason", ""
        )  # fmt: skip
        return
    while i < len(tokens):
        best: _Hit | None = None
        best_weight = 0.0
        for n in range(1, min(_LONGEST, len(tokens) - i) + 1):
            window = tokens[i : i + n]
            joined = "".join(t.text for t in window)
            if len(joined) > 46 or (
                n > 1 and window[-1].opens and not glyphs.text[: window[-1].start].rstrip().endswith("/")
            ):
                break
            near = _nearest(joined, lexicon, n == len(tokens))
            composed = concept_of([t.text for t in window]) if near is None or near[1] < 95 else None
            if re.search(r"\(inc", glyphs.text[window[0].start : window[-1].start], re.I):
                composed = None  # "GP details (inc fax number)" is no label of a fax
            if composed is not None and window[-1].text in _SURNAMES and glyphs.text[window[-1].start].isupper():
                composed = None  # "Pt surname WARD": the last word is the name
                near = None
            if composed is not None:
                near = (joined, 98.0)
            if near is not None and near[1] < 95 and is_specialty(glyphs.text[window[0].start : window[-1].end]):
                continue  # "Audiology" is not "Audiologist" misread
            if near is None or (near[1] < 95 and _is_value_before(window, near[0], lexicon)):
                continue
            name, heads = composed or (lexicon.names.get(near[0], ""), lexicon.heads.get(near[0], ""))
            end = window[-1].end
            value_at, colon = _after(glyphs.text, end)
            remaining = glyphs.text[value_at:].strip(" .:_")
            following = tokens[i + n] if i + n < len(tokens) else None
            space = glyphs.edges[following.start][0] - glyphs.edges[end - 1][1] if following else 1.0
            closes = not remaining or space > 1.2 * em
            hit = _Hit(i, i + n, window[0].start, end, value_at, near[0], near[1], colon, not remaining, name, heads)
            weight = len(near[0]) * (near[1] / 100) ** 6
            if weight > best_weight and _accept(
                hit, window[0].opens, window[0].begins, previous_label, glyphs, lexicon, closes
            ):
                best, best_weight = hit, weight
        if best is None:
            previous_label = False
            i += 1
            continue
        yield best
        i = best.last
        while i < len(tokens) and tokens[i].start < best.value_at:
            i += 1
        previous_label = False


_ASIDE = 6  # words of a line that begins with a patient's label in small letters ("first names Chloe")
_CAPTIONS = 4  # lines that are a label in small letters and nothing else: so many are no accident of prose, but a form's captions


def _capital(line: Line) -> Line:
    """The line with a capital at its head, as labels have one."""
    words = line.words and (
        replace(line.words[0], text=line.words[0].text[:1].upper() + line.words[0].text[1:]),
        *line.words[1:],
    )
    return replace(line, text=line.text[:1].upper() + line.text[1:], words=words)


def _begins_small(line: Line, lexicon: Lexicon) -> bool:
    """Whether a short line begins with two or three words that label a patient's particular, in small letters, and a value behind."""
    words = plain(line.text).split()
    if not line.text[:1].islower() or not 3 <= len(words) <= _ASIDE:
        return False
    return any(
        lexicon.names.get(squash("".join(words[:n])), "").startswith("patient.") and re.match(r"[A-Z0-9(]", words[n])
        for n in (2, 3)
        if n < len(words)
    )


def cells_of(page: Page, lexicon: Lexicon, start_lines: tuple[Line, ...] | None = None) -> list[Cell]:
    """Every line cut into labels and values, in the order of the lines. Values keep their text as it was read."""
    cells: list[Cell] = []
    lines = start_lines if start_lines is not None else page.lines
    small = {id(line) for line in lines if line.text[:1].islower() and squash(line.text) in lexicon.names}
    small = small if len(small) >= _CAPTIONS else set()
    small |= {id(line) for line in lines if _begins_small(line, lexicon)}
    for number, line in enumerate(lines):
        glyphs = glyphs_of(_capital(line) if id(line) in small else line, aspect_of(page))
        if not glyphs.text.strip():
            continue
        at = 0
        for hit in _hits(glyphs, lexicon):
            begins = hit.start
            if at == 0 and _NUMBERING.fullmatch(glyphs.text[: hit.start].strip()):
                at, begins = hit.start, 0  # the number is part of the label's print
            cells += _values(glyphs, number, at, hit.start)
            name, heads = hit.name or f"section:{hit.heads}", hit.heads
            cells.append(
                Cell(
                    "label",
                    glyphs.text[hit.start : hit.end],
                    glyphs.box(begins, hit.end),
                    number,
                    hit.start,
                    hit.end,
                    name,
                    heads,
                    hit.colon,
                    hit.score,
                    hit.alone,
                )
            )
            at = hit.value_at
        cells += _values(glyphs, number, at, len(glyphs.text))
    return cells


def _values(glyphs: Glyphs, number: int, start: int, end: int) -> list[Cell]:
    """The text between two labels as values: one, or more where wide gaps part it."""
    text = glyphs.text
    found = []
    em = glyphs.em
    at = start
    for i in [*range(start, end), end]:
        if i < end and not (text[i] == " " and glyphs.gaps[i] > 2.2 * em):
            continue
        piece = text[at:i]
        trimmed = piece.strip(" :|_")
        if re.search(r"\w", trimmed) or re.search(r"[\[\]☐☒☑✓]", trimmed):
            left = at + piece.index(trimmed)
            found.append(
                Cell("value", trimmed, glyphs.box(left, left + len(trimmed)), number, left, left + len(trimmed))
            )
        at = i + 1
    return found
