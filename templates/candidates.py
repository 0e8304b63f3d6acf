"""Collects, for one page, every text that may be a field's value, parsed by the field's grammar and weighed by how it
was found.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocr.page import Box, Page
from templates.beside import beside_unknown
from templates.bind import Bound, Found, bind_page
from templates.choices import Option, options_of
from templates.entities import PLACE, by_type
from templates.fallback import beneath_name, likely_date, likely_practice, longest_prose
from templates.form import Form, Forms
from templates.grammar import Parsed, plain, squash
from templates.grammar_codes import find_nhs_numbers, find_phones
from templates.grammar_fields import parse_field
from templates.grammar_names import name_key
from templates.grammar_words import RELATIVES
from templates.homes import home_beside
from templates.labels import lexicon_of
from templates.letter_parts import is_fax_header, reading_order
from templates.letterhead import part_of_line
from templates.match import Match, match_page
from templates.page_counts import Announced, announced_pages, counts_of
from templates.page_facts import Identity, PageFacts
from templates.printed_choice import chosen_department
from templates.prose import prose_of
from templates.reasons import is_list
from templates.sentences import in_sentences
from templates.sheet import same_row
from templates.specialties import is_site, is_specialty
from templates.struck import without_struck
from templates.typewriter import joined_words
from templates.whole import whole_values

# How much a way of finding says by itself: a label beside the value most, a title that only implies it least.
_WEIGHT = {
    "after": 1.0,
    "right": 1.0,
    "below": 0.95,
    "above": 0.95,
    "box": 1.4,  # where this very form has it; as much as a label that the form itself lists first
    "tick": 1.0,
    "beside": 0.9,  # words that ask for such a value, though no form's label is known to be so
    "sign-off": 0.6,
    "address": 0.6,
    "prose": 0.6,
    "body": 0.55,
    "titled": 0.6,
    "cell": 0.5,
    "heading": 0.5,
    "title": 0.3,
}
_CODE_IN_PRINT = re.compile(r"(?<![A-Za-z0-9])([A-HJ-NPWY]\d{5})(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Candidate:
    """One text that may be a field's value: the value in the contract's form, where it stands and how it was found."""

    field: str
    value: str
    parsed: Parsed
    found: Found
    weight: float

    @property
    def key(self) -> str:
        """What two equal values share, whatever their print: letters and digits only."""
        return (
            name_key(self.value) if self.field in ("patient.family_name", "patient.given_names") else squash(self.value)
        )


@dataclass(frozen=True)
class PageValues:
    """What one page says: facts for sorting pages, candidates for its fields, its tick boxes, how it is laid out, and where a pen struck
    words out.
    """

    facts: PageFacts
    bound: Bound
    candidates: tuple[Candidate, ...]
    options: tuple[Option, ...]
    struck: tuple[Box, ...] = ()


def _rank(found: Found, form: Form, generic: Form) -> float:
    """A little more for the label that a form lists first: of `Reason for referral` and `History` the former is
    meant.
    """
    for source in (form, generic):
        rule = source.fields.get(found.field)
        if rule is None:
            continue
        for i, wording in enumerate(rule.labels):
            if squash(wording) == squash(found.label):
                return 0.2 * (1 - i / len(rule.labels)) + (0.2 if source is not generic else 0.0)
    return 0.0


# "Patient's GP: Dr A Smith, Park Surgery, tel ...", "cc Dr A Smith (GP), tel ...": on others' papers the GP is another than who refers.
OWN_GP = re.compile(r"\b(?:gp|surgery|practice|centre|doctor)\s*[,;).]+\s*(?:tel|phone)", re.I)

_LINE_OF_GP = re.compile(r"\W*(?:own\s+|patient'?s\s+)?GP\b\W+[A-Za-z]{3}", re.I)

# Words of labels that give way where the form has the field's own label too: the day of the decision, a number for colleagues.
_SECOND_BEST = {"referral.date": "decision", "referrer.phone": "bypass"}
_OF_GP = frozenset("gp doctor gpname nameofgp clinician sgp sdoctor owngp owndoctor".split())
_SOMEBODY_ELSES = re.compile(rf"^['\u2019]s\b|^s\s+(?:tele)?phone|\b(?:{RELATIVES})(?:['\u2019]s|s['\u2019])?\b", re.I)
_RELATIVE = re.compile(rf"\b(?:{RELATIVES})\b", re.I)


def _candidates(found: Found, form: Form, generic: Form, today: dt.date) -> list[Candidate]:
    parsed = parse_field(found.field, list(found.lines), today)
    if parsed is None:
        return []
    weight = _WEIGHT[found.way] * (found.score / 100) + _rank(found, form, generic)
    if found.field == "referrer.name" and squash(found.label) in _OF_GP:
        # On a form of an optometrist or a dentist the GP is another than who refers.
        weight -= 0.6
    if found.field == "referrer.practice_name" and squash(found.label) in (
        "gmpsurgery",
        "gppractice",
        "gpsurgery",
        "gmppractice",
    ):
        weight -= 0.55  # and the GP's practice another than the sender that the head of the paper names
    if found.field.startswith("patient.") and _SOMEBODY_ELSES.search(found.label):
        return []  # "Mother's NHS number", "'s phone" behind a caller whom nobody knows
    if found.field == "patient.phone" and _RELATIVE.search(found.text):
        return []  # "Home: spouse Gladys Hughes, 07700 900694"
    if found.field == "referrer.phone" and OWN_GP.search(found.label):
        weight -= 0.6
    if found.field == "referrer.phone" and _LINE_OF_GP.match(found.text) and not re.search(r"\bGP", found.label):
        return []  # "GP Grey Gable Surgery 01386 793007" on a patient's sticker, beside "Extension / direct line"
    if _SECOND_BEST.get(found.field, "\n") in found.label.lower():
        weight -= 0.3
    if found.field == "patient.name" and PLACE.search(found.text):
        return []  # what stands above the heading "Patient" is a surgery's print
    if found.field == "referral.named_clinician" and (_SEVERAL.search(found.text) or is_specialty(found.text)):
        return []  # "Consultants: Miss A Lee, Mr B Shaw": who works there, and not who is asked
    if found.field == "referral.reason" and is_list(found.lines):
        weight -= 0.9
    if found.field == "patient.nhs_number" and parsed.checks:
        weight += 0.5
    if found.field == "referral.specialty":
        weight += 0.3 if "known specialty" in parsed.checks else -0.4  # a town beneath "CLINIC" is none
        if found.way == "titled" and is_site(parsed.value):
            weight -= 0.35  # "Lower GI" names what is feared; a department that the page names is who is asked
    if found.field != "patient.name":
        return [Candidate(found.field, parsed.value, parsed, found, weight)]
    family, given = parsed.value.split("|")
    halves = (("patient.family_name", family), ("patient.given_names", given))
    return [Candidate(field, value, parsed, found, weight - 0.05) for field, value in halves if value]


def _printed_codes(page: Page) -> list[Found]:
    """Practice codes that stand without a label, only where they need no repair."""
    found = []
    for line in page.lines:
        text = plain(line.text)
        for m in _CODE_IN_PRINT.finditer(text):
            step = line.box.width / max(1, len(text))
            box = Box(line.box.left + m.start() * step, line.box.top, line.box.left + m.end() * step, line.box.bottom)
            found.append(Found("referrer.practice_code", (m[1],), page.number, box, "title"))
    return found


def identity_of(candidates: Sequence[Candidate]) -> Identity:
    """Who the page is about, by its best candidates; only checked numbers count."""

    def best(field: str, checked: bool = False) -> str:
        fitting = [c for c in candidates if c.field == field and (c.parsed.checks or not checked)]
        return max(fitting, key=lambda c: c.weight).value if fitting else ""

    return Identity(
        best("patient.nhs_number", checked=True),
        best("patient.birth_date"),
        best("patient.family_name"),
        best("patient.given_names"),
    )


_SEVERAL = re.compile(r"[A-Z][\w'’-]+\s*(?:,|;|&|\band\b)\s*(?:Dr|Mr|Mrs|Miss|Ms|Prof(?:essor)?)\b\.?\s+[A-Z]")
_NAMES = frozenset({"patient.family_name", "patient.given_names"})


def read_page_values(page: Page, forms: Forms, today: dt.date) -> PageValues:
    """Match the page's form, bind its labels, read its prose and boxes."""
    page = whole = joined_words(page)
    page, struck = without_struck(replace(page, lines=tuple(x for x in page.lines if not is_fax_header(x))))
    first = bind_page(page, forms.generic, lexicon_of(forms.generic, forms.generic), today)
    match: Match = match_page(page, forms, first.layout)
    form = match.form
    own_labels = bool(form.fields or form.sections or form.loose or form.decoys)
    bound = bind_page(page, form, lexicon_of(form, forms.generic), today) if own_labels else first
    found = [
        *bound.found,
        *prose_of(page, bound, today),
        *in_sentences(page, reading_order(page)),
        *_printed_codes(page),
    ]
    options = options_of(page, form, forms.generic)
    found += _ticked_specialty(options)
    found += [Found("referral.specialty", (text,), page.number, box, "tick") for text, box in chosen_department(whole)]
    found = whole_values([f for f in found if not _is_unchosen(f, options)], page)
    candidates: list[Candidate] = []
    for f in found:
        candidates += _candidates(f, form, forms.generic, today)
    named = identity_of(candidates)
    patient = name_key(named.given_names + named.family_name)
    candidates = [c for c in candidates if c.field != "referrer.name" or not patient or name_key(c.value) != patient]
    signers = {name_key(c.value) for c in candidates if c.field == "referrer.name" and c.found.way == "sign-off"}
    # "Consultant: Dr A" over a letter that Dr A signs names its sender.
    candidates = [c for c in candidates if c.field != "referral.named_clinician" or name_key(c.value) not in signers]
    candidates = [c for c in candidates if not _part_of_labelled(c, candidates)]
    candidates += _from_address(candidates, today)
    if not any(c.field == "patient.postcode" for c in candidates):
        candidates += _beside_address(candidates, bound, page, today)
    fax, own = counts_of(whole)
    who = identity_of(candidates)
    said = {c.field for c in candidates if c.field.startswith("patient.")}
    if form.kind == "cover" and who.known and (match.referral_signs >= 2 or len(said - _NAMES) > 1):
        # A cover sheet tells no patient's particulars: this is a referral written on fax paper.
        form = forms.generic
        match = Match(form, 0.0, match.referral_signs, match.answers)
    cover = announced_pages(page) if form.kind == "cover" else Announced()
    if form.kind == "referral" and _asks(candidates, options):
        match = replace(match, referral_signs=match.referral_signs + 2.0)
    if form.kind == "referral":
        guesses = [g for g in _guesses(candidates, page, bound, today) if not _left_open(g, options)]
        for guess in guesses:
            candidates += _candidates(guess, form, forms.generic, today)
        who = identity_of(candidates)
    unsure = next((c.value for c in candidates if c.field == "patient.nhs_number" and not c.parsed.checks), "")
    facts = PageFacts(whole, match, who, fax, own, cover, unsure)
    return PageValues(facts, bound, tuple(candidates), tuple(options), struck)


def _part_of_labelled(one: Candidate, all_of_page: Sequence[Candidate]) -> bool:
    """Whether a department without a label is a part of what its label's own line says: "Clinic: Dermatology (Teledermatology)"."""
    return (
        one.field == "referral.specialty"
        and not one.found.label
        and one.found.way != "tick"
        and any(
            c.field == one.field
            and c.found.label
            and one.value != c.value
            and one.value.lower() in c.value.lower()
            and c.found.box.overlap(one.found.box) > 0.9
            for c in all_of_page
        )
    )


def _ticked_specialty(options: Sequence[Option]) -> list[Found]:
    """The one specialty that is ticked among several with boxes; none where a box is unclear."""
    named = [o for o in options if o.field == "referral.specialty"]
    ticked = [o for o in named if o.ticked]
    if len(named) < 2 or len(ticked) != 1 or any(o.ticked is None for o in named):
        return []
    return [Found("referral.specialty", (ticked[0].words,), ticked[0].page, ticked[0].box, "tick")]


def _is_unchosen(found: Found, options: Sequence[Option]) -> bool:
    """Whether a specialty stands beside one of the page's boxes: one of the form's answers, not the department that the paper is for."""
    if found.field != "referral.specialty" or found.way == "tick":
        return False
    chosen = any(o.ticked for o in options if o.box.overlap(found.box) > 0.3)
    several = sum(o.field == found.field for o in options) > 1
    return _left_open(found, options) or (chosen and several and found.way in ("heading", "cell"))


def _left_open(found: Found, options: Sequence[Option]) -> bool:
    """Whether a value stands beside a box of the page and none there is ticked."""
    beside = [o for o in options if o.box.overlap(found.box) > 0.3]
    return found.field == "referral.specialty" and bool(beside) and not any(o.ticked for o in beside)


def _asks(candidates: Sequence[Candidate], options: Sequence[Option]) -> bool:
    """Whether a form says beside its labels which department it asks, how soon, and who asks."""
    labelled = {c.field for c in candidates if c.found.label}
    soon = "referral.priority" in labelled or any(o.field == "referral.priority" and o.ticked for o in options)
    return soon and "referral.specialty" in labelled and any(f.startswith("referrer.") for f in labelled)


def _guesses(candidates: Sequence[Candidate], page: Page, bound: Bound, today: dt.date) -> list[Found]:
    """What place and shape suggest for fields that nothing else gave."""
    have = {c.field for c in candidates}
    named = [replace(c.found, field=c.field) for c in candidates]
    found: list[Found] = []
    if "referral.date" not in have:
        found += likely_date(page, bound, today)
    name = next((c.found for c in candidates if c.field == "patient.family_name"), None)
    if name is not None:
        found += [f for f in beneath_name(page, bound, name, today) if f.field not in have]
    if "patient.address" not in have and not any(f.field == "patient.address" for f in found):
        own = [
            c.found.box
            for c in candidates
            if c.field in ("patient.nhs_number", "patient.birth_date", "patient.family_name")
        ]
        found += [f for f in home_beside(page, reading_order(page), own) if f.field not in have]
    if "referrer.practice_name" not in have:
        found += likely_practice(page, bound)
    if "patient.phone" not in have:
        found += _phone_beside([*named, *found], candidates, page)
    if "patient.gender" not in have:
        found += _gender_beside(candidates, page)
    if not any(c.field == "referral.reason" and not is_list(c.found.lines) for c in candidates):
        found += longest_prose(page, bound)
    for guesses in (by_type, beside_unknown):
        fields = {f.field for f in found}
        found += [f for f in guesses(page, bound, [*named, *found], today) if f.field not in fields]
    return found


def _phone_beside(found: Sequence[Found], candidates: Sequence[Candidate], page: Page) -> list[Found]:
    """The one telephone number that stands without a label in the row of the patient's number or postcode: "NHS 999 000 0018, 07700 900001"."""
    own = [f.box for f in found if f.field in ("patient.nhs_number", "patient.postcode")]
    others = {c.value for c in candidates if c.field == "referrer.phone"}
    rows = [
        line for line in page.lines if any(same_row(line.box, box) and line.box.left - box.right < 0.12 for box in own)
    ]
    rows = [line for line in rows if not _RELATIVE.search(line.text)]
    said = [
        (p, line) for line in rows for p in find_phones(_without_numbers(plain(line.text))) if p.value not in others
    ]
    if len({p.value for p, _ in said}) != 1:
        return []
    phone, line = said[0]
    return [Found("patient.phone", (phone.value,), page.number, part_of_line(line, phone.start, phone.end), "title")]


def _without_numbers(text: str) -> str:
    """The text with its NHS numbers crossed out, as long as it was: a telephone behind one begins where it ends."""
    for number in find_nhs_numbers(text):
        text = text[: number.start] + "|" * (number.end - number.start) + text[number.end :]
    return text


def _gender_beside(candidates: Sequence[Candidate], page: Page) -> list[Found]:
    """The one gender that stands as a word in a row with the patient's number or birth date: "NHS number 999 000 0018; male"."""
    own = [c.found.box for c in candidates if c.field in ("patient.nhs_number", "patient.birth_date")]
    rows = [line for line in page.lines if any(same_row(line.box, box) for box in own)]
    words = [(m[0], line) for line in rows for m in re.finditer(r"\b(?:fe)?male\b", line.text, re.I)]
    if len({w.lower() for w, _ in words}) != 1:
        return []
    word, line = words[0]
    return [Found("patient.gender", (word,), page.number, line.box, "title")]


def _from_address(candidates: Sequence[Candidate], today: dt.date) -> list[Candidate]:
    """The postcode inside a patient's address."""
    found = []
    for c in candidates:
        if c.field != "patient.address":
            continue
        for line, box in reversed(
            list(zip(c.found.lines, c.found.boxes or (c.found.box,) * len(c.found.lines), strict=False))
        ):
            parsed = parse_field("patient.postcode", [line], today)
            if parsed is None:
                continue
            step = box.width / max(1, len(plain(line)))
            spot = Box(
                box.left + parsed.start * step, box.top, min(box.right, box.left + parsed.end * step), box.bottom
            )
            where = Found(
                "patient.postcode",
                (plain(line)[parsed.start : parsed.end] or line,),
                c.found.page,
                spot,
                c.found.way,
                c.found.label,
                c.found.score,
            )
            found.append(Candidate("patient.postcode", parsed.value, parsed, where, c.weight - 0.1))
            break
    return found


def _beside_address(candidates: Sequence[Candidate], bound: Bound, page: Page, today: dt.date) -> list[Candidate]:
    """A postcode that stands alone to the right of the patient's address, or just beneath it."""
    for c in candidates:
        if c.field != "patient.address":
            continue
        for cell in bound.cells:
            box, home = cell.box, c.found.box
            near = home.top - 0.006 < box.top < home.bottom + 0.03 and home.left - 0.02 < box.left < home.right + 0.25
            parsed = parse_field("patient.postcode", [cell.text], today) if cell.kind == "value" and near else None
            if parsed is not None and parsed.start == 0 and parsed.end == len(plain(cell.text)):
                where = Found(
                    "patient.postcode", (cell.text,), page.number, box, c.found.way, c.found.label, c.found.score
                )
                return [Candidate("patient.postcode", parsed.value, parsed, where, c.weight - 0.2)]
    return []


def first_reader(pages: Sequence[PageValues], number: int) -> str:
    """Who read the page of this number."""
    page = next(p.facts.page for p in pages if p.facts.page.number == number)
    return page.lines[0].reader if page.lines else "PP-OCRv6"


def quality_of(pages: Sequence[PageValues], number: int) -> float:
    """How legible the page of this number is (0 to 1)."""
    return next(p.facts.page.quality.score for p in pages if p.facts.page.number == number)
