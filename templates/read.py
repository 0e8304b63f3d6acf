"""Pages in, a document's readings out: sorts pages, chooses each value among its candidates, asks the second reader, states doubts.

Whether a machine may act on a value is not decided here but by the gateway's checks; here each value gets its
evidence and the share of
such values that proved right (templates/confidence.py).
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.page import Page
from templates.booking import unread_ubrn
from templates.candidates import OWN_GP, Candidate, PageValues, first_reader, quality_of, read_page_values
from templates.confidence import Evidence, confidence_of
from templates.departments import begins_before, goes_on_beside, is_named_by_label
from templates.fallback import DOUBT
from templates.form import Forms
from templates.gender import chosen_gender, offers_genders
from templates.grammar_codes import nhs_valid
from templates.grammar_dates import age_in
from templates.grammar_words import one_line
from templates.letter_parts import in_strip, is_fax_header
from templates.one_department import one_specialty
from templates.over_pages import text_on_next_pages
from templates.parts import Group, sort_pages
from templates.reading import DocumentReading, Part, Printed, Reading, Reason
from templates.reasons import begins_late, goes_on
from templates.second import Look, agrees, look_again
from templates.specialties import is_part
from templates.struck import corrected
from templates.urgency import dissent_of, priority_of

__all__ = ["Look", "read_document"]

_log = logging.getLogger(__name__)

# The fields that candidates give; priority and dissent have rules of their own.
_FIELDS = (
    "patient.nhs_number", "patient.family_name", "patient.given_names", "patient.birth_date", "patient.gender", "patient.address",
    "patient.postcode", "patient.phone", "referrer.name", "referrer.practice_name", "referrer.practice_code", "referrer.phone",
    "referral.date", "referral.specialty", "referral.named_clinician", "referral.reason", "referral.ubrn",
)  # fmt: skip
# Where the pages say two different things about these, a person must look.
_MUST_AGREE = {
    "patient.nhs_number": "NHS numbers",
    "patient.birth_date": "dates of birth",
    "patient.family_name": "family names",
}
_SECOND = "Tesseract"
# Free text that nothing can check: both readers lose the same strokes on worn pages.
_FREE_NAMES = frozenset({"referrer.name", "referrer.practice_name", "referral.named_clinician", "patient.address"})
# No two prints of these are the same letter by letter.
_FREE_TEXT = frozenset({"referral.reason", "patient.address"})
_ON_COVERS = frozenset(
    {"referral.specialty", "referral.date", "referrer.practice_name", "referrer.phone", "referrer.name"}
)
_DECIDE = "only the cover sheet says how urgent it is: decide the priority from the picture"


def read_document(pages: Sequence[Page], forms: Forms, look: Look, today: dt.date) -> DocumentReading:
    """Understand the pages of one document, in file order.

    `look` is the independent second reader (Look); it is asked once for each page. A page with a failure is named in
    `other_pages` and
    the others are read (P7). Raises nothing of its own.
    """
    values = [_values_of(p, forms, today) for p in pages]
    sorted_pages = sort_pages([v.facts for v in values])
    by_number = {v.facts.page.number: v for v in values}
    # A cover speaks for the one referral that it covers; of several nobody can say which it means.
    covers = [v for v in values if v.facts.match.form.kind == "cover"] if len(sorted_pages.groups) == 1 else []
    parts = tuple(_part_of(group, by_number, covers, look, today) for group in sorted_pages.groups)
    return DocumentReading("referral" if parts else "other", parts, sorted_pages.other_pages, sorted_pages.reasons)


def _values_of(page: Page, forms: Forms, today: dt.date) -> PageValues:
    """What a page says; a page that defeats the rules counts as one that could not be read, and the others go on (P7)."""
    try:
        return read_page_values(page, forms, today)
    except Exception:
        # Whatever the print of a stranger's form breaks here, its neighbours must not wait for it. No text in the log (P8).
        _log.warning("page %d could not be understood", page.number, exc_info=False)
        blank = replace(page, lines=(), ticks=(), failure="The page could not be understood: read it from the picture.")
        return read_page_values(blank, forms, today)


def _part_of(
    group: Group, by_number: dict[int, PageValues], covers: Sequence[PageValues], look: Look, today: dt.date
) -> Part:
    """The part of a group; without values, and with the reason to look, where its values cannot be put together (P7)."""
    try:
        return _part(group, by_number, covers, look, today)
    except Exception:
        numbers = tuple(f.page.number for f in group.pages)
        _log.warning("the values of pages %s could not be put together", numbers, exc_info=False)
        says = "the values of these pages could not be put together: enter them from the picture"
        return Part(numbers, None, {}, (*group.reasons, Reason("not_understood", says, numbers[0])))


def _part(
    group: Group, by_number: dict[int, PageValues], covers: Sequence[PageValues], look: Look, today: dt.date
) -> Part:
    pages = [by_number[f.page.number] for f in group.pages]
    own = [p for p in pages if p.facts.match.form.kind == "referral"] or pages
    reasons = list(group.reasons)
    chosen: dict[str, tuple[Candidate, list[Candidate]]] = {}
    asks = any(p.facts.match.form.kind == "referral" for p in pages)
    for field in _FIELDS:
        if not asks and not field.startswith("patient."):
            continue  # the page that asks did not come: results say who the patient is and nothing of the ask
        all_of_field = [c for p in own for c in p.candidates if c.field == field]
        if not all_of_field and field in _ON_COVERS:
            all_of_field = [c for p in covers for c in p.candidates if c.field == field]
        if all_of_field:
            chosen[field] = _choose(all_of_field)
    if "referral.reason" in chosen:
        chosen["referral.reason"] = _letter_first(*chosen["referral.reason"])
    spoken = chosen_gender(own)
    if spoken is None and offers_genders(own, chosen.get("patient.gender", (None,))[0]):
        # The words beside boxes are choices, not an answer.
        chosen.pop("patient.gender", None)
    asked: list[Candidate] = []
    for best, others in chosen.values():
        asked += [best, *(c for c in others if best.field == "patient.nhs_number" and c.key != best.key)][:3]
    texts = look_again(asked, [p.facts.page for p in (*own, *covers)], look)
    readings: dict[str, Reading] = {}
    for i, candidate in enumerate(asked):
        best, others = chosen[candidate.field]
        if candidate is not best:
            continue
        readings[candidate.field] = _reading(best, others, texts.get(i, []), [*pages, *covers], today)
    if spoken is not None:
        readings["patient.gender"] = spoken
    for field in _ON_COVERS & {f for f, r in readings.items() if any(r.page == p.facts.page.number for p in covers)}:
        readings[field] = _from_cover(readings[field])
    _cross_check(readings, chosen, pages, reasons)
    if "referral.ubrn" not in readings:
        reasons += unread_ubrn(pages)
    for found, why in (_urgency_of(own, covers), dissent_of(pages)):
        reasons += why
        if found is not None:
            evidence = Evidence(
                found.field,
                True if found.checks else None,
                times=found.times,
                doubts=len(found.doubts),
                quality=quality_of([*pages, *covers], found.page),
            )
            readings[found.field] = replace(
                found, confidence=confidence_of(evidence), readers=(first_reader([*pages, *covers], found.page),)
            )
    form = next((p.facts.match.form.id for p in own if p.facts.match.form.id != "generic"), None)
    return Part(tuple(f.page.number for f in group.pages), form, readings, tuple(reasons), _print_of(own))


def _urgency_of(own: Sequence[PageValues], covers: Sequence[PageValues]) -> tuple[Reading | None, list[Reason]]:
    """How urgent the referral's own pages say it is, else its cover."""
    found, why = priority_of(own)
    said = priority_of(covers)[0] if found is None and covers else None
    if said is None:
        return found, why
    if said.value == "TWO_WEEK_WAIT" and not said.doubts:
        return said, []  # nothing is more urgent; "urgent" on a cover may speak of the fax
    return _from_cover(said), [*why, Reason("priority", _DECIDE, said.page, said.field)]


def _from_cover(reading: Reading) -> Reading:
    """A value that only the cover sheet says: shown, and for a person to take.

    "To: Gynaecology, ..." on the cover of a letter that names no department is its address.
    """
    if reading.field == "referral.specialty" and "label" in reading.how and reading.checks:
        return reading
    doubts = (*reading.doubts, "only the cover sheet says it")
    return replace(reading, doubts=doubts, confidence=min(reading.confidence, 0.7))


def _print_of(pages: Sequence[PageValues]) -> tuple[Printed, ...]:
    """The print of a part's pages, line by line; the fax machine's own strip is not theirs."""
    return tuple(
        Printed(line.text, p.facts.page.number, line.box, line.reader)
        for p in pages
        for line in p.facts.page.lines
        if not is_fax_header(line)
    )


def _choose(candidates: Sequence[Candidate]) -> tuple[Candidate, list[Candidate]]:
    """The candidate whose value has most behind it, and all the others; of equals the first on the pages."""
    behind: dict[str, float] = {}
    for key in {c.key for c in candidates}:
        weights = sorted((c.weight for c in candidates if c.key == key), reverse=True)
        # Saying it twice helps, but a second-hand mention never outweighs the field's own label.
        behind[key] = weights[0] + 0.15 * (len(weights) > 1)
    best = max(candidates, key=lambda c: (round(behind[c.key], 3), c.weight))
    return best, [c for c in candidates if c is not best]


_FEW = 30  # letters: no story


def _letter_first(best: Candidate, others: Sequence[Candidate]) -> tuple[Candidate, list[Candidate]]:
    """The letter's own text before what an entry of the record on a later page calls its problem or history, and a story before the
    heads of a table that its label calls findings ("Right eye, left eye").
    """
    letter = next(
        (
            c
            for c in others
            if len(c.value) > 80
            and (
                (c.found.way == "body" and c.found.page < best.found.page) or (c.found.label and len(best.value) < _FEW)
            )
        ),
        None,
    )
    return (best, list(others)) if letter is None else (letter, [best, *(c for c in others if c is not letter)])


def _places(best: Candidate, others: Sequence[Candidate]) -> int:
    """In how many separate places the pages say this value."""
    spots = [best.found]
    for c in others:
        if c.key == best.key and all(s.page != c.found.page or s.box.overlap(c.found.box) < 0.2 for s in spots):
            spots.append(c.found)
    return len(spots)


def _reading(
    best: Candidate, others: Sequence[Candidate], texts: Sequence[str], pages: Sequence[PageValues], today: dt.date
) -> Reading:
    second, instead = agrees(best, texts, today)
    value, checks, doubts = best.value, best.parsed.checks, list(best.parsed.doubts)
    readers = [first_reader(pages, best.found.page)]
    how = _how(best)
    if best.field == "patient.nhs_number" and not best.parsed.checks and nhs_valid(instead):
        # Only the second reader's number passes Modulus 11: shown, never taken for certain.
        value, checks, second = instead, ("modulus 11",), None
        readers = [_SECOND]
        doubts = ["only the second reader's number passes the check digit"]
    elif second:
        readers.append(_SECOND)
    elif second is False:
        doubts.append("the second reader saw something else")
    if best.found.way == "title" and best.field != "referrer.practice_code":
        doubts.append(DOUBT)
    if best.found.way == "box" and any(
        c.key != best.key and c.found.label and c.weight >= 0.9 for c in others if c.field not in _FREE_TEXT
    ):
        # A box drawn on an example is no proof that this page's box holds the same field.
        doubts.append("its place on the form and a label on the page say different things")
    if best.parsed.repairs:
        doubts.append("a character was repaired by its position")
    if best.field in _FREE_NAMES and quality_of(pages, best.found.page) < 0.9:
        doubts.append("the page is hard to read")
    here = next(p for p in pages if p.facts.page.number == best.found.page)
    if corrected(best.found.box, here.struck):
        doubts.append("something beside it is struck out")
    if best.field == "referral.reason":
        value = one_line(list(best.found.lines))
        if goes_on(here.facts.page, here.bound.cells, best.found.boxes[-1] if best.found.boxes else best.found.box):
            doubts.append("the text may go on beneath")
        if begins_late(here.facts.page, best.found.boxes[0] if best.found.boxes else best.found.box):
            doubts.append("a row above it may not have been read")
        more, in_order = text_on_next_pages(best.found, here, pages[pages.index(here) + 1 :])
        if more:
            value, how = one_line([*best.found.lines, *more]), f"{how}, and on the next page"
        if not in_order:
            doubts.append("whether the next page goes on with it is not certain")
    if best.field == "referral.specialty" and (
        begins_before(here.facts.page, best.found)
        or (is_part(str(value)) and goes_on_beside(here.facts.page, best.found))
    ):
        doubts.append("its name may go on beside it")
    if (
        best.field == "referral.specialty"
        and not checks
        and not doubts
        and is_named_by_label(here.facts.page, best.found)
    ):
        checks = ("a department's words behind its label",)
    elsewhere = best.field in _HAVE_LABELS and _is_beside_another_label(best, pages)
    if elsewhere:
        doubts.append("its own label stands on the page with nothing legible beside it")
    times = _places(best, others) + (
        best.field == "referrer.practice_name" and in_strip(str(value), [x for p in pages for x in p.facts.page.lines])
    )
    evidence = Evidence(
        best.field,
        second,
        bool(checks),
        times,
        len(doubts) - (second is False),
        best.parsed.repairs,
        quality_of(pages, best.found.page),
        bool(best.found.label) or best.found.way == "tick",
    )
    seen_otherwise = (instead,) if instead and instead != value else ()
    return Reading(
        best.field,
        value,
        best.found.text,
        best.found.page,
        best.found.box,
        min(confidence_of(evidence), _ELSEWHERE) if elsewhere else confidence_of(evidence),
        how,
        tuple(readers),
        times,
        checks,
        tuple(doubts),
        seen_otherwise,
    )


# Values that stand on papers more than once, of several people or occasions.
_ELSEWHERE = 0.8  # of such values with a label of their own that no value was bound to, 13 of 16 were right
_HAVE_LABELS = frozenset({"referral.date", "referrer.phone", "patient.phone"})


def _is_beside_another_label(best: Candidate, pages: Sequence[PageValues]) -> bool:
    """Whether a label of the field stands on the pages, no value was bound to it, and this one stands elsewhere: it may be another's."""
    labels = {cell.text for p in pages for cell in p.bound.cells if cell.kind == "label" and cell.names == best.field}
    bound = {c.found.label for p in pages for c in p.candidates if c.field == best.field}
    return bool(labels) and not labels & bound


_WAYS = {
    "after": "after the label",
    "right": "right of the label",
    "below": "beneath the label",
    "above": "above the label",
    "beside": "beside the words",
    "box": "inside its box on the form",
    "address": "beneath the name that the letter greets",
    "prose": "from the letter's own lines",
    "titled": "from the form's title",
    "cell": "from a cell of its own",
    "heading": "from the heading",
    "sign-off": "from the signature",
    "body": "from the letter's text",
    "title": "from the print around it",
    "tick": "from a tick box",
}


def _how(best: Candidate) -> str:
    way = _WAYS[best.found.way]
    return f"read {way} '{best.found.label}'" if best.found.label else f"read {way}"


_ASKED_FOR = re.compile(
    r"own lines|prefer|request|named|attention|fao|attn|addressed|specific|choice|'clinician'|'to'", re.I
)


def _cross_check(
    readings: dict[str, Reading],
    chosen: dict[str, tuple[Candidate, list[Candidate]]],
    pages: Sequence[PageValues],
    reasons: list[Reason],
) -> None:
    """Doubts from comparing values: two different ones on the pages, an age that does not fit, one telephone for two."""
    for field, words in _MUST_AGREE.items():
        if field not in readings:
            continue
        best, others = chosen[field]
        strong = [
            c
            for c in others
            if c.key != best.key and c.weight >= 0.55 and (c.parsed.checks or field != "patient.nhs_number")
        ]
        if field == "patient.family_name":
            strong = [c for c in strong if best.key not in c.key and c.key not in best.key]
        if strong:
            says = f"the pages show two different {words}: compare them"
            readings[field] = replace(
                readings[field], doubts=(*readings[field].doubts, says), confidence=min(readings[field].confidence, 0.7)
            )
            reasons.append(Reason("disagree", says, readings[field].page, field))
    one_specialty(readings, chosen)
    named = readings.get("referral.named_clinician")
    if (
        named is not None
        and not _ASKED_FOR.search(named.how)
        and any(p.facts.match.form.id == "letter-re" for p in pages)
    ):
        # In letters "Consultant: Mr X" is as often the sender's own heading.
        doubt = "this may be the sender and not the clinician asked for"
        readings[named.field] = replace(named, doubts=(*named.doubts, doubt), confidence=min(named.confidence, 0.8))
    phone = readings.get("referrer.phone")
    if phone is not None and OWN_GP.search(chosen[phone.field][0].found.label):
        doubt = "this may be the telephone of the patient's own GP"
        readings[phone.field] = replace(phone, doubts=(*phone.doubts, doubt), confidence=min(phone.confidence, 0.5))
    birth = readings.get("patient.birth_date")
    if birth is not None and (age := age_in(" ".join(chosen["patient.birth_date"][0].found.lines))) is not None:
        date = readings.get("referral.date")
        at = dt.date.fromisoformat(str(date.value)) if date else None
        born = dt.date.fromisoformat(str(birth.value))
        if at is not None:
            true_age = at.year - born.year - ((at.month, at.day) < (born.month, born.day))
            if abs(true_age - age) <= 1:
                readings[birth.field] = replace(birth, checks=(*birth.checks, "age agrees"))
            else:
                readings[birth.field] = replace(
                    birth,
                    doubts=(*birth.doubts, "the printed age does not fit the date of birth"),
                    confidence=min(birth.confidence, 0.6),
                )
    patient, referrer = readings.get("patient.phone"), readings.get("referrer.phone")
    if patient and referrer and patient.value == referrer.value:
        weaker = min(("patient.phone", "referrer.phone"), key=lambda f: chosen[f][0].weight)
        del readings[weaker]
