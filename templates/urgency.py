"""Which priority a referral asks for, and whether its patient objects to sharing: boxes, labels, headings, form and
prose together.

P6: what cannot be told is asked, and counts as the highest plausible until a person has looked; nothing is routine by
default.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.page import Box, Line, Page
from templates.candidates import PageValues
from templates.choices import Option
from templates.grammar import plain
from templates.grammar_words import PRIORITIES, TWO_WEEK_WAIT, URGENT, dissent_in, priorities_in, speaks_of_sharing
from templates.letter_parts import is_fax_header, reading_order
from templates.printed_choice import QUESTION, PrintedChoice, printed_choice
from templates.reading import Reading, Reason
from templates.sheet import same_row

_ASKS = re.compile(
    r"\burgent(?:ly)?\s+(?:\w+\s+)?(?:referral|appointment|review|assessment|opinion|outpatient|attention|"
    r"consultation|clinic|basis|investigation)|"
    r"\b(?:see|seen|review|assess|refer\w*)\b[^.]{0,60}\burgently|\bas\s+(?:an\s+)?urgent\b|"
    r"(?<!at )(?<!on )(?<!during )(?<!after )(?<!at a )\broutine\s+(?:\w+\s+)?(?:referral|appointment|assessment|"
    r"opinion|outpatient|consultation)|\b(?:see|seen|refer\w*)\b[^.]{0,60}\broutinely|"
    r"\b(?:two|2)[\s\-]week[\s\-](?:wait|rule)|\b2\s?w\s?[wr]\b|\bsuspected[\s\-]cancer\s+(?:pathway|"
    r"referral)|\burgent\s+suspected|\bnon[\s\-]?urgent(?:ly)?\b",
    re.I,
)
# "Routine - ENT clinic", "For Paediatrics (urgent)": the urgency parted from what it is about.
_LEADS = re.compile(
    r"\W*(?:routine|urgent|2\s?ww|two week (?:wait|rule))\s*[-\u2013\u2014:,/|]+\s*[A-Z]|[^()]{3,40}\((?:routine|urgent|2\s?ww|two week wait)\)\W*$",
    re.I,
)
_IF = re.compile(r"\b(?:if|whether|unless|should|where|when|in case|tick|please (?:state|indicate|mark))\b[^.]*$", re.I)
# "Does the patient object to sharing?": asked, and answered by a box.
_ASKED_OF_WRITER = re.compile(
    r"\W*(?:\d+\W+)?(?:does|do|did|has|have|is|are|would|will)\s+(?:the|your|you|he|she|they|this|any|there)\b", re.I
)
_TOLD_TO_WRITER = re.compile(
    r"\bfor\s+(?:all\s+)?(?:urgent|routine|suspected)|\breferrals?\s+(?:please|should|must|will|are|may|can)\b|please\s+(?:tele)?(?:phone|fax|ring|call|send|use|e-?mail)|"
    r"\buse\s+(?:the|a|our)\b.{0,40}\bforms?\b|\bmust\s+not\s+be\s+sent\b|\b(?:criteria|this\s+form|incomplete|guidance|guidelines)\b|\bnot\s+(?:an?\s+)?(?:urgent|suspected|routine)\b|\bno\s+need\b",
    re.I,
)
# "Speed of appointment: Routine", "How soon should they be seen? Urgent": a label of any wording, and its value in the same line.
_ASKED = re.compile(
    r"\W*(grade(?=\s+(?:urgent|routine|2\s?ww|two|suspected))|referral(?=\s*:\s*(?:urgent|routine|2\s?ww|two|suspected))|"
    r"(?=[^:?]{0,60}\b(?:urgen\w+|priorit\w+|soon|quick\w*|speed|seen|appointment|wait\w*|pathway|timescale)\b)[^:?]{3,60}(?=[:?]))[:?]?\s+",
    re.I,
)
_NEXT_LABEL = re.compile(r"\s+(?=[A-Z][\w ]{2,25}:)")  # "Referral: Urgent Date of referral: ..."
_FORM_FOR = re.compile(
    r"\b(?:pro-?forma|form|referral)\s+for\s+", re.I
)  # titles; "for suspected cancer" alone may instruct
# "Routine transport", "urgent care centre" and "phone for immediate advice" say nothing of this referral.
_NOT_OF_IT = re.compile(
    r"\b(?:routine|urgent|emergency)\s+(?:transport|follow[\s\-]?up|screening|eye|sight|surgery|medication|medicine|bloods?|tests?|investigations?|check\w*|care|department|dental|contact|admission)\b|"
    r"\bimmediate\s+advice\b",
    re.I,
)
# The writer's own request to the reader of the letter, in one breath with how urgent it is; nothing told of others, of before or of ifs.
_DIRECT = re.compile(
    r"\b(?:i|we)\s+(?:would|should|'d)\s+be\s+(?:very\s+|most\s+)?(?:grateful|glad|obliged)\b.*\b(?:urgent|routine)|\b(?:please|kindly|grateful\s+if\s+you)\b.{0,40}"
    r"\b(?:see|review|assess|accept|arrange|offer|give)\b.*\b(?:urgent|routine)|\bi\s+am\s+(?:writing\s+to\s+)?refer(?:ring)?\b.*\b(?:urgent|routine)",
    re.I,
)
# The writer's own verdict on this referral: "I regard this as a routine referral", "This falls under the two week wait".
_ASKED_FOR = r"(?:appointment|referral|review|opinion|assessment|consultation|request|basis|priority|case)"
_URGENCY = (
    r"(?:(?:urgent|routine|non[\s\-]?urgent)(?=\W*$|[.,;:]|\s*[-\u2013]\s|\s+(?:and|please|suspected)\b|\s+(?:\w+\s+)?" + _ASKED_FOR + r"\b)|"
    r"(?:two|2)[\s\-]week[\s\-](?:wait|rule)|2\s?ww|(?:urgent\s+)?suspected[\s\-]cancer)"
)  # fmt: skip
_SETS = re.compile(
    r"\b(?:i|we)\s+(?:(?:would|should|am|are|have)\s+)?(?:regard|class|classify|consider|grade|graded|mark|marked|rate|rated|sen[dt]|sending|mak(?:e|ing)|treat|deem)\s+"
    r"(?:this|it|him|her|them)\s+(?:referral\s+|patient\s+)?(?:as|to\s+be|under|by|for|on|down|an?)\b[^.]{0,30}\b" + _URGENCY + "|"
    r"\b(?:please|kindly|ask\s+you\s+to|ask\s+that\s+you|grateful\s+if\s+you\s+(?:would|could))\s+(?:treat|regard|class|consider|handle|triage)\s+"
    r"(?:this|it|him|her|them)\s+(?:referral\s+|patient\s+|request\s+)?(?:as|to\s+be)\s+(?:an?\s+)?" + _URGENCY + "|"
    r"\breferral\s+to\s+your\s+(?:clinic|department|service|unit|team)\s*[-\u2013:,]\s*" + _URGENCY + "|"
    r"\bwhat\s+(?:i|we)\s+(?:seek|ask\s+for|want|need)\s+is\s+an?\s+" + _URGENCY + "|"
    r"\b(?:i|we)\s+(?:am\s+|are\s+)?(?:writ\w+\s+to\s+)?ask(?:ing)?\s+for\s+an?\s+(?:\w+\s+)?appointment\s+(?:under|on|by|within)\s+the\s+(?:two|2)[\s\-]week|"
    r"\bconfirm\s+t\w{1,3}\s+th?is\s+is\s+an?\W{1,2}" + _URGENCY + "|"
    r"^\W*this\s+(?:referral\s+|case\s+)?(?:is(?!\s+(?:for|only))|falls|comes|meets|qualifies)\s(?:[^.]{0,30}\b)?" + _URGENCY + "|"
    r"\b(?:ask|asking|request|requesting|content\s+with|happy\s+with|like)\s+(?:for\s+)?an?\s+" + _URGENCY + r"\s+(?:\w+\s+)?" + _ASKED_FOR + "|"
    r"\b" + _URGENCY + r"\s+(?:\w+\s+)?" + _ASKED_FOR + r",?\s+(?:please|will\s+do|would\s+do|is\s+fine)\b",
    re.I,
)  # fmt: skip
# A mail's or letter's subject that speaks of the referral itself.
_SUBJECT = re.compile(
    r"^\W*(?:subject|re|concerning|regarding)\s*:(?=.*(?:\breferral\b|\bappointment\b|2\s?ww|suspected\s+cancer))", re.I
)
_NO_HURRY = re.compile(r"\bno\s+(?:great\s+|particular\s+)?(?:hurry|rush)\b", re.I)
_REMOTE = re.compile(
    r"\b(?:if|unless|whether|not|no|never|was|were|had|been|previous\w*|already|should\s+(?:he|she|they)|then|until|later|or)\b",
    re.I,
)
_SAID = {"TWO_WEEK_WAIT": "suspected cancer (two week wait)", "URGENT": "urgent", "ROUTINE": "routine", "SOON": "soon"}


@dataclass(frozen=True)
class _Word:
    value: str
    strong: bool
    page: int
    box: Box
    seen: str
    how: str
    chosen: bool = False
    sentence: str = ""


def _chosen(options: Sequence[Option]) -> tuple[list[Option], bool]:
    """The ticked options, and whether any box is unclear."""
    return [o for o in options if o.ticked], any(o.ticked is None for o in options)


def _is_option(page: PageValues, box: Box) -> bool:
    return any(
        o.box.overlap(box) > 0.3 or (same_row(o.box, box) and o.field == "referral.priority") for o in page.options
    )


def _words(page: PageValues, choice: PrintedChoice) -> list[_Word]:
    """What the page says about urgency outside its boxes and printed choices."""
    found: list[_Word] = []
    number = page.facts.page.number
    if choice.marked is not None:
        m = choice.marked
        found.append(_Word(m.value, True, number, m.box, m.text, m.how, True))
    # A row that lists every choice says nothing unless a box or a pen says which.
    for c in page.candidates:
        if (
            c.field == "referral.priority"
            and not _is_option(page, c.found.box)
            and not any(c.found.box.overlap(box) > 0.3 for box in choice.lines)
        ):
            found.append(
                _Word(c.value, True, number, c.found.box, c.found.text, f"beside the label '{c.found.label}'", True)
            )
    form = page.facts.match.form
    lines = reading_order(page.facts.page)
    if form.priority and lines:
        top = next(
            (
                x
                for x in lines
                if priorities_in(x.text)
                and len(x.text.split()) <= 9
                and not _is_option(page, x.box)
                and x.box not in choice.lines
            ),
            None,
        )
        if top is not None:
            found.append(_Word(form.priority, True, number, top.box, top.text, f"the form itself ({form.title})"))
    for n, line in enumerate(lines):
        text = plain(line.text)
        if (
            re.search(r"\bsuspected\W*$", text, re.I)
            and n + 1 < len(lines)
            and re.match(r"\W*cancer\b", lines[n + 1].text, re.I)
        ):
            text = f"{text} {plain(lines[n + 1].text)}"  # "Priority: urgent suspected" over "cancer"
        if is_fax_header(line) or _is_option(page, line.box) or line.box in choice.lines:
            continue
        named = priorities_in(_NOT_OF_IT.sub(" ", text)) - {"SOON"}
        if len(named) != 1 or (QUESTION.search(text) and not _ASKED.match(text)):
            continue
        short = len(text.split()) <= 6 and line.box.top < 0.45 and not text[:1].islower()
        title = _FORM_FOR.sub(" ", text)
        if _is_cancer_title(text, line.box, page.facts.page) and not _TOLD_TO_WRITER.search(title):
            found.append(_Word(TWO_WEEK_WAIT, True, number, line.box, text, "the form's title"))
            continue
        if _SUBJECT.match(text) and line.box.top < 0.45:
            found.append(_Word(next(iter(named)), True, number, line.box, text, "the subject line"))
            continue
        asked = _ASKED.match(text)
        answer = _NEXT_LABEL.split(text[asked.end() :])[0] if asked else ""
        if asked and priorities_in(answer) == named and len(answer.split()) <= 5:
            found.append(_Word(next(iter(named)), True, number, line.box, text, f"beside '{asked[1]}'", True))
            continue
        labelled = any(w.box.overlap(line.box) > 0.3 for w in found)
        if labelled:
            continue
        if short and (
            text.upper() == text
            or re.search(r"referral|appointment|priority|pathway", text, re.I)
            or _LEADS.match(text)
            or len(text.split()) <= 2
        ):
            found.append(_Word(next(iter(named)), True, number, line.box, text, "a heading of the page"))
        elif _SETS.search(text) or (_ASKS.search(text) and not _TOLD_TO_WRITER.search(text)):
            whole = _sentence(lines, n)
            found.append(
                _Word(next(iter(named)), False, number, line.box, text, "a sentence of the letter", sentence=whole)
            )
    return found


def _sentence(lines: Sequence[Line], n: int) -> str:
    """The sentences of a line that name an urgency, with what stands of them on the lines above and below."""
    # "This" with its capital begins a sentence, whatever stands above.
    begin = n if plain(lines[n].text).startswith("This ") else max(0, n - 1)
    text = " ".join(plain(x.text) for x in lines[begin : n + 2])
    return " ".join(
        x for x in re.split(r"(?<=[.?!])\s+", text) if priorities_in(x) and any(w in lines[n].text for w in x.split())
    )


def _is_direct(word: _Word) -> bool:
    """Whether a sentence is the writer's own word on this referral, and tells nothing of others, of before or of ifs."""
    said = _NO_HURRY.sub(" ", word.sentence or word.seen)
    return (_DIRECT.search(said) is not None or _SETS.search(said) is not None) and not _REMOTE.search(said)


def _is_title_form(page: PageValues) -> bool:
    """Whether the page's own title says suspected cancer: a choice further down belongs to something else then."""
    return any(_is_cancer_title(plain(x.text), x.box, page.facts.page) for x in page.facts.page.lines)


def _is_cancer_title(text: str, box: Box, page: Page) -> bool:
    """Whether a line is the title of a form for suspected cancer: near the top, no sentence, and larger than the page's print."""
    heights = sorted(x.box.height for x in page.lines)
    return (
        priorities_in(text) == {TWO_WEEK_WAIT}
        and 0.03 < box.top < 0.2
        and len(text.split()) <= 10
        and not text.rstrip().endswith(".")
        and (box.height > 1.04 * heights[len(heights) // 2] or (text.isupper() and _FORM_FOR.search(text) is not None))
    )


def _named_anywhere(pages: Sequence[PageValues]) -> set[str]:
    """Every priority that any short line of the pages names: without a box or a label the page must speak of one only."""
    named: set[str] = set()
    for p in pages:
        for line in reading_order(p.facts.page):
            if len(line.text.split()) <= 8 and not QUESTION.search(line.text):
                named |= priorities_in(_NOT_OF_IT.sub(" ", line.text))
    return named - {"SOON"}


def priority_of(pages: Sequence[PageValues]) -> tuple[Reading | None, list[Reason]]:
    """The priority of a referral as a reading without confidence (0), and the reasons to ask."""
    options = [o for p in pages for o in p.options if o.field == "referral.priority"]
    ticked, unclear = _chosen(options)
    choices = [printed_choice(p.facts.page, any(o.field == "referral.priority" for o in p.options)) for p in pages]
    words = [w for p, choice in zip(pages, choices, strict=True) for w in _words(p, choice)]
    said = [_Word(o.value, True, o.page, o.box, o.words, "the ticked box", True) for o in ticked] + words
    strong = [w for w in said if w.strong]
    use = strong or said
    reasons: list[Reason] = []
    doubts: list[str] = []
    if unclear:
        doubts.append("a tick box for the priority is unclear")
    if any(w.value == "SOON" for w in use):
        doubts.append("the page asks for 'soon', which is between routine and urgent")
        use = [w for w in use if w.value != "SOON"]
    if use and not strong and not any(_is_direct(w) for w in use):
        doubts.append("only a sentence of the text speaks of it")
    if ticked and len({o.value for o in options}) < 2:
        doubts.append("only one of the boxes for the priority was recognised")
    if not ticked and any(
        choice.open and (choice.asked or not _is_title_form(p)) for p, choice in zip(pages, choices, strict=True)
    ):
        doubts.append("a choice of urgencies is printed, and no pen's ring or stroke is plain")
    if options and not ticked:
        doubts.append("no box for the priority is clearly ticked")
    values = {w.value for w in use}
    everything = {w.value for w in said} - {"SOON"}
    if strong:
        # Words in the prose may raise the question of a higher urgency than the form says, never of a lower one (P6).
        highest = min((PRIORITIES.index(v) for v in values), default=len(PRIORITIES))
        everything = {v for v in everything if v in values or PRIORITIES.index(v) < highest}
    if TWO_WEEK_WAIT in everything and not any(w.value == URGENT and w.chosen for w in said):
        # Suspected cancer is urgent: the bare word beside it is no second opinion, a ticked box would be.
        everything.discard(URGENT)
    if not any(w.chosen for w in said) and not any(p.facts.match.form.priority for p in pages):
        everything |= _named_anywhere(pages)
        if TWO_WEEK_WAIT in everything and TWO_WEEK_WAIT in values:
            everything.discard(URGENT)
    if len(everything) > 1:
        names = " and ".join(_SAID[v] for v in PRIORITIES if v in everything)
        doubts.append(f"the pages say {names}")
    if not values:
        why = doubts[0] if doubts else "the pages do not say how urgent it is"
        return None, [
            Reason(
                "priority",
                f"{why}: ask the practice, and treat it as the most urgent until then",
                None,
                "referral.priority",
            )
        ]
    value = next(v for v in PRIORITIES if v in everything)
    # What only a heading elsewhere names has no place of its own: the doubt above says so.
    best = next((w for w in (*use, *said) if w.value == value), use[0])
    if doubts:
        reasons.append(
            Reason(
                "priority", f"{'; '.join(doubts)}: decide the priority from the picture", best.page, "referral.priority"
            )
        )
    times = sum(1 for w in said if w.value == value)
    reading = Reading(
        "referral.priority",
        value,
        best.seen,
        best.page,
        best.box,
        0.0,
        f"read from {best.how}",
        times=times,
        checks=("tick box",) if ticked else ("mark by pen",) if any(c.marked for c in choices) else (),
        doubts=tuple(doubts),
    )
    return reading, reasons


def _left_open(page: Page, line: Line) -> bool:
    """Whether a line is an answer whose box stands open right before it, while another box beside, above or beneath that one is
    ticked: it was not given.
    """
    own = next((t for t in page.ticks if same_row(t.box, line.box) and 0 <= line.box.left - t.box.right < 0.03), None)
    if own is None or own.ticked is not False:
        return False
    others = [
        t
        for t in page.ticks
        if same_row(t.box, line.box)
        or (abs(t.box.left - own.box.left) < 0.01 and abs(t.box.top - own.box.top) < 2.5 * own.box.height)
    ]
    return any(t.ticked for t in others)


def dissent_of(pages: Sequence[PageValues]) -> tuple[Reading | None, list[Reason]]:
    """Whether the pages speak of sharing: True is always shown to a person."""
    said: list[tuple[bool, int, Box, str, bool]] = []
    unclear: list[Reason] = []
    for p in pages:
        number = p.facts.page.number
        options = [o for o in p.options if o.field == "referral.sharing_dissent"]
        for o in options:
            if o.ticked is not False:
                said.append((o.value == "true", number, o.box, o.words, o.ticked is True))
        lines = [x for x in reading_order(p.facts.page) if not any(o.box.overlap(x.box) > 0.2 for o in options)]
        for i, line in enumerate(lines):
            text = plain(f"{line.text} {lines[i + 1].text}" if i + 1 < len(lines) else line.text)
            if _left_open(p.facts.page, line) or (_ASKED_OF_WRITER.match(line.text) and any(o.ticked for o in options)):
                continue
            own = dissent_in(line.text)
            both = own if own is not None else dissent_in(text)
            if both is None and speaks_of_sharing(line.text):
                says = "the pages speak of sharing, and what they say is not clear: look at the picture"
                unclear.append(Reason("dissent", says, number, "referral.sharing_dissent"))
            if both is None or (own is None and i + 1 < len(lines) and dissent_in(lines[i + 1].text) is not None):
                continue
            if not _IF.search(text[: max(0, len(line.text) // 2)]):
                said.append((both, number, line.box, line.text, True))
    if not said:
        return None, unclear[:1]
    value = any(s[0] for s in said)
    _, page, box, seen, sure = next(s for s in said if s[0] == value)
    doubts = () if sure and len({s[0] for s in said}) == 1 else ("what the page says about sharing is not clear",)
    reasons = []
    if value:
        reasons.append(
            Reason(
                "dissent",
                "the patient objects to sharing, or seems to: ask the referrer before anything is sent",
                page,
                "referral.sharing_dissent",
            )
        )
    elif doubts:
        reasons.append(Reason("dissent", f"{doubts[0]}: look at the picture", page, "referral.sharing_dissent"))
    return Reading(
        "referral.sharing_dissent",
        value,
        seen,
        page,
        box,
        0.0,
        "read from what the page says about sharing",
        times=len(said),
        doubts=doubts,
    ), reasons
