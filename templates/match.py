"""Which form a page is, and whether it is a referral, a cover sheet, an attachment or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from ocr.page import Line, Page
from templates.form import Form, Forms, Layout
from templates.grammar import squash
from templates.grammar_words import priorities_in
from templates.letter_parts import DEAR, is_fax_header
from templates.letterhead import PRACTICE, without_specialty
from templates.printed_choice import choice_lines
from templates.reasons import SIGN_OFF
from templates.sheet import same_row
from templates.specialties import HOSPITAL_NAME, is_specialty
from templates.zones import fit_of

# Words that only a letter or form asking for care holds; the second group is weaker. Each counts once.
_STRONG = (
    "would be grateful", "grateful if", "your advice", "your opinion", "please review", "request an appointment",
    "for consideration", "kindly assess", "please assess", "please arrange", "specialist opinion", "i am writing to",
    "this patient to you", "new referral", "reason for referral", "referral form", "referral letter", "referring gp",
    "thank you for seeing", "grateful if you could see", "grateful if you would see", "i would be grateful for your",
    "grateful for your opinion", "grateful for your assessment", "please see this", "please could you see",
    "would you kindly see", "referral request", "refer this", "referring this", "i am referring", "date of referral",
    "referral date", "referral to", "kindly see", "suspected cancer referral", "thank you for reviewing",
    "urgent referral", "routine referral", "outpatient referral", "referrer", "referring clinician",
    "referring practice", "please would you see", "i refer", "onward referral", "i should be grateful",
    "please accept this referral", "for your opinion", "grateful for an appointment", "grateful if you would assess",
    "grateful if you could assess", "grateful if you could review", "specialty", "referred to", "gos18",
    "request for outpatient", "referral for", "for further assessment", "referral details", "thank you for accepting",
    "please see her", "please see him", "please see them", "kindly arrange", "transfer of care", "take over the care", "would value your opinion",
    "may i ask you to see", "ask you to see", "ask if you would see", "be glad if you would see", "glad if you could see", "obliged if you would see",
    "may i refer", "grateful to have your", "seek your opinion", "ask for your opinion", "would like your opinion", "for your expert",
    "advise and see", "see and advise", "referring practitioner", "consultation request", "opinion sought",
)  # fmt: skip
_WEAK = (
    "referral",
    "refer",
    "nhs number",
    "date of birth",
    "dear",
    "priority",
    "urgency",
    "clinical details",
    "dob",
    "presenting",
)

_PLAIN_SIGNS = 5.0  # of a referral, beside a title that says so: one word of an answer is then part of its story
# The form's own print where it should stand says more than any words.
_PRINT = 4.0


@dataclass(frozen=True)
class Match:
    """The form that a page is, how strongly, and how many signs of a referral the page has; `answers` how many of a
    letter that answers, reports or sells.
    """

    form: Form
    score: float
    referral_signs: float
    answers: int = 0


# Words of letters that answer, report or sell, and ask for no care.
_ANSWERS = (
    "thank you for referring", "thank you for your referral", "thank you for asking me to see", "i reviewed this", "reviewed in clinic",
    "seen in clinic", "seen in my clinic", "attended the clinic", "attended clinic", "was admitted", "discharge summary",
    "discharged from the ward", "discharged from clinic", "discharged back", "date of discharge", "did not attend", "amount due", "invoice",
    "remittance", "repeat prescription",
    "prescription query", "unable to dispense", "out of stock", "your appointment", "we have received your referral", "has been rejected",
    "laboratory report", "reported by", "specimen", "book your place", "special offer", "minutes of", "clinic letter", "outcome of clinic",
    "i saw this", "i had the pleasure", "copy of clinic", "subject access", "medical records request", "insurance report", "solicitors",
    "whom i saw", "date of clinic", "clinic date", "date seen in clinic", "change of appointment", "please rebook", "cancel the appointment",
    "cancel my appointment", "appointment has been cancelled", "appointment was cancelled", "cannot attend", "cannot come", "no longer wanted",
    "please cancel", "advice and guidance response", "thank you for your question", "returned with advice", "we act for", "our client",
    "no referral made", "our answer", "follow-up in my clinic", "discharged to your care", "no change to treatment", "will write with the result",
    "copies of medical records", "you have been waiting for", "waiting list validation",
    "notice of attendance", "for your information only", "for information only", "nothing is asked of you", "no action is required",
    "no follow-up was arranged", "no further imaging", "radiology report", "imaging report",
    "my hospital number", "my nhs number",
    "i was born on", "i no longer want", "still want the appointment",
)  # fmt: skip


def holds(text: str, phrase: str) -> bool:
    """Whether the page's squashed text holds the phrase, one letter in eight allowed to be wrong in longer ones."""
    key = squash(phrase)
    if key in text:
        return True
    return len(key) >= 10 and len(text) >= len(key) and fuzz.partial_ratio(key, text, score_cutoff=91) > 0


def _score(form: Form, text: str, spaced: str, headings: list[str]) -> float:
    if any(
        squash(word) in text if len(squash(word)) > 4 else re.search(rf"\b{re.escape(word.lower())}\b", spaced)
        for word in form.exclude
    ):
        return 0.0
    score = 0.0
    for group in form.keywords:
        if any(
            holds(text, w) if len(squash(w)) > 4 else re.search(rf"\b{re.escape(w.lower())}\b", spaced) for w in group
        ):
            score += 1
    for heading in form.headings:
        key = squash(heading)
        if any(
            key in h if len(key) > 5 else re.search(rf"\b{re.escape(heading.lower())}\b", s)
            for h, s in ((squash(x), x) for x in headings)
        ):
            score += 2
            break
    return score


def _is_choice(line: Line, page: Page) -> bool:
    """Whether a line is an urgency beside a tick box."""
    return (
        bool(page.ticks)
        and bool(priorities_in(line.text))
        and any(
            same_row(t.box, line.box)
            and max(t.box.left - line.box.right, line.box.left - t.box.right) < 2 * line.box.height
            for t in page.ticks
        )
    )


_TELLS_WRITER = re.compile(r"\b(?:not|use|must|never|separate|instead)\b", re.I)  # "use the two week wait form"
_TITLES = 0.25  # of the page's height
_CANCER_TITLE = re.compile(r"\bs\w{0,2}spected\b.{0,30}\bcancer\b", re.I)  # laboratories' reports have other titles
_TITLE = re.compile(r"\breferral\b|\bsuspected\b.{0,30}\bcancer\b", re.I)


def _is_addressed(lines: Sequence[Line]) -> bool:
    """Whether this is a letter to a department: one is named on a line of its own, or before its hospital, above the salutation, and
    somebody signs, here or on a page to come.
    """
    dear = next((line for line in lines if DEAR.match(line.text)), None)
    if dear is None or not any(SIGN_OFF.match(line.text) or _FIRST_OF.search(line.text) for line in lines):
        return False
    above = [line.text for line in lines if line.box.bottom < dear.box.top and line.box.top > 0.06]
    pieces = [text.split(",") for text in above]
    named = (p[-2].strip() for p in pieces if len(p) > 1 and HOSPITAL_NAME.search(p[-1]))
    return any(is_specialty(text) or _DEPARTMENT.search(text) for text in (*above, *named))


_FIRST_OF = re.compile(r"\bpage\s+1\s+of\s+[2-9]\b", re.I)
_THANKS = re.compile(r"thank(?:s|\s+you)\s+(?:very\s+much\s+)?for\s+(?:referring|your\s+referral)\b")


def _is_to_a_practice(lines: Sequence[Line]) -> bool:
    """Whether this is a letter of a hospital to a practice: the one stands over the other above the salutation, and a consultant signs."""
    dear = next((line for line in lines if DEAR.match(line.text)), None)
    end = next((line for line in lines if SIGN_OFF.match(line.text)), None)
    if dear is None or end is None:
        return False
    above = [line for line in lines if line.box.bottom < dear.box.top]
    hospital = min((line.box.top for line in above if HOSPITAL_NAME.search(line.text)), default=1.0)
    signed = any(line.box.top > end.box.top and re.search(r"\bconsultant\b", line.text, re.I) for line in lines)
    practices = [line for line in above if PRACTICE.search(without_specialty(line.text))]
    return signed and bool(practices) and all(line.box.top > hospital + 0.02 for line in practices)


# Only what no report of a laboratory says: those too print "Referred by", "Priority" and "please see the earlier report".
_REFERS = re.compile(
    r"\breferred\s+(?:under|via)\b|\b(?:how\s+soon|response\s+needed|category\s+of\s+referral|clinic\s+(?:required|wanted|requested))\b|\bspeed\s*:|"
    r"\b(?:please|kindly)\s+(?:assess|accept)\b|\bclinic\s+please\b",
    re.I,
)
# In a letter only: laboratories print it too.
_HOW_SOON = re.compile(r"\W*(?:urgency|priority|timescale)\s*:\s*(?:routine|urgent|2\s?ww|two\s+week)", re.I)
_DEPARTMENT = re.compile(r"^\W*(?:the\s+)?(?:department|dept\.?)\s+of\b|\bout-?patients?\b|\bclinic\b", re.I)


def match_page(page: Page, forms: Forms, layout: Layout | None) -> Match:
    """The best form of the page: one whose signs are all there, other kinds only where referral signs are fewer; else generic."""
    # The fax machine's own strip at the top ("Fax ... p.1") says nothing about the page.
    # A choice, with boxes or without, says what the form may be used for and not what it is.
    choices = choice_lines(page)
    lines = [
        line for line in page.lines if not is_fax_header(line) and not _is_choice(line, page) and line not in choices
    ]
    spaced = " ".join(line.text.lower() for line in lines)
    text = squash(spaced)
    headed = [line for line in lines if 0.03 < line.box.top < 0.4 and len(line.text.split()) <= 9]
    headings = [line.text.lower() for line in headed]
    # What is a form's own urgency stands in its title: further down "Suspected cancer" may be an answer whose box was not seen.
    high = [x.text for x in headed if x.box.top < _TITLES]
    titles = [x.lower() for x in high if not x[:1].islower() and not _TELLS_WRITER.search(x)]
    asks = squash(_THANKS.sub(" ", spaced))
    signs = 2.0 * sum(holds(asks, p) for p in _STRONG) + 0.5 * sum(squash(p) in asks for p in _WEAK)
    to_practice = _is_to_a_practice(lines)
    against = sum(holds(text, p) for p in _ANSWERS) + to_practice
    # "Haematology" in the title of a cancer form is what is asked for, not the name of a laboratory.
    titled = any(_TITLE.search(x.text) or "referral" in squash(x.text) for x in lines if x.box.top < 0.15)
    signs += 1.5 * (not to_practice and _is_addressed(lines)) - 1.5 * against
    # A page on which somebody is referred, or how soon he is to be seen is written beside its label, is no page of results.
    cancer = any(_CANCER_TITLE.search(x.text) for x in lines if x.box.top < 0.15)
    letter = any(re.match(r"\W*dear\b", line.text, re.I) for line in lines)
    asked = (
        cancer
        or bool(choices)
        or _REFERS.search(spaced) is not None
        or (letter and any(_HOW_SOON.match(line.text) for line in lines))
    )
    signs += asked + 2 * cancer
    best = Match(forms.generic, 0.0, signs, against)
    priority: str | None = None
    # A letter that mentions results is no page of results.
    letter = letter and ("yours" in text or any(SIGN_OFF.match(line.text) for line in lines))
    for form in forms.forms:
        if form.layout is not None and form.layout not in (layout, "letter"):
            continue
        if form.kind == "attachment" and (asked or ((letter or titled) and (not against or signs >= _PLAIN_SIGNS))):
            continue
        score = _score(form, text, spaced, titles if form.priority else headings)
        if score < max(1, form.needs):
            continue
        if form.kind == "referral":
            priority = priority or (form.priority if signs >= 2 else None)
            if form.marks and fit_of(page.lines, form.marks) is not None:
                score += _PRINT
            score += 0.5 * (form.layout is not None) + (2.0 if form.priority and signs >= 2 else 0.0)
        elif signs > 2 * score + 1:
            continue
        elif signs >= 2 and form.kind == "other":
            score -= 0.25 * signs
        else:
            score += 1
        if score > best.score:
            best = Match(form, score, signs, against)
    if priority and best.form.kind == "referral" and best.form.priority is None and best.form is not forms.generic:
        # A form that a site taught never takes away the urgency that another form's heading stands for (P6).
        best = replace(best, form=replace(best.form, priority=priority))
    return best
