"""What ticked boxes say: the words beside each box, and for each field which of its options are ticked, empty or
unclear.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ocr.page import Box, Page, TickBox
from templates.form import Form, TickRule
from templates.glyphs import Glyphs, aspect_of, glyphs_of
from templates.grammar import squash
from templates.grammar_words import TWO_WEEK_WAIT, priorities_in
from templates.sheet import same_row
from templates.specialties import is_specialty

_PRINTED = re.compile(r"[\[(]\s*([xXvV✓✔/*]?)\s*[\])](?=\s|$|[A-Z])|([☒☑✓✔✗✘])|([☐□❑❏])")
# What may follow an option without making it another one: "Urgent (non cancer)", "Routine appointment".
_GOES_ON = re.compile(
    r"^\s*(?:[(\-–:,/.;]|appointment|referral|within|priority|$|suspected|opinion|review\b|"
    r"(?:date|tel|nhs|gp|signature|signed|reason)\b|"
    r"(?-i:[A-Z])[\w ]{2,30}[?:]|"  # the next label of the row: "Urgent Safeguarding concerns? No"
    r"(?:where\s+)?cancer\s+(?:is\s+)?not\s+suspected\b|(?:and\s+)?not?\s+(?:suspected\s+)?cancer\b)",
    re.I,
)
# "Skin cancer 2WW": the rule with a tumour's site before it, and nothing that takes it back.
_OF_SITE = re.compile(
    r"\W*(?!.*\b(?:not?|exclud\w+|unlikely)\b)(?:[A-Za-z]+[ /&]+){1,3}(?:(?:suspected\s+)?cancer\W+)?"
    r"(?:2\s?ww|(?:2|two)[\s-]week[\s-](?:wait|rule))\W*",
    re.I,
)
_GRADED = re.compile(
    r"[A-Z][\w /,]{2,40}\s[-\u2013\u2014]\s*((?:routine|urgent|2\s?ww|two\s+week\s+(?:wait|rule))\b(?:\s*\([^()]*\))?)\W*$",
    re.I,
)
_NOT_AT_END = re.compile(
    r"(?:&|/|\band)\W*$", re.I
)  # an option that goes on in the next line ("Trauma & / Orthopaedics")


@dataclass(frozen=True)
class Option:
    """One box of a field: the value that a tick there means, and whether it is ticked (None: the ink cannot tell)."""

    field: str
    value: str
    ticked: bool | None
    page: int
    box: Box
    words: str


@dataclass(frozen=True)
class _Beside:
    tick: TickBox
    right: str
    left: str
    box: Box
    right_gap: float
    left_gap: float


def _text_between(
    lines: Sequence[Glyphs], row: Box, left: float, right: float, em: float, backwards: bool = False
) -> tuple[str, Box | None, float]:
    """The print of one row next to a tick box, between two edges, up to a wide gap; its box, and how far from the
    tick it stands.

    Forwards it begins at the left edge; backwards at the right edge.
    """
    pieces: list[tuple[float, float, str, Box]] = []
    for g in lines:
        if not same_row(g.line.box, row):
            continue
        for a, b in _runs(g, left, right, em):
            pieces.append((g.edges[a][0], g.edges[b - 1][1], g.text[a:b], g.box(a, b)))
    pieces.sort(key=lambda p: p[0], reverse=backwards)
    taken: list[tuple[float, float, str, Box]] = []
    for piece in pieces:
        if taken and (taken[-1][0] - piece[1] if backwards else piece[0] - taken[-1][1]) > 1.6 * em:
            break
        taken.append(piece)
    if not taken:
        return "", None, 1.0
    distance = right - taken[0][1] if backwards else taken[0][0] - left
    if backwards:
        taken.reverse()
    box = taken[0][3]
    for piece in taken[1:]:
        box = box.union(piece[3])
    return " ".join(p[2] for p in taken).strip(" ]|[_☐☒☑□"), box, distance


def _runs(g: Glyphs, left: float, right: float, em: float) -> list[tuple[int, int]]:
    """The stretches of a line's characters that stand between two edges, parted at wide gaps."""
    ids = [i for i, (a, b) in enumerate(g.edges) if left <= (a + b) / 2 <= right and g.text[i] not in "□☐☒☑"]
    runs: list[tuple[int, int]] = []
    for i in ids:
        if runs and runs[-1][1] == i and not (g.text[i] == " " and g.gaps[i] > 1.6 * em):
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return [(a, b) for a, b in runs if g.text[a:b].strip()]


def _inside_word(tick: TickBox, lines: Sequence[Glyphs]) -> bool:
    """Whether a box is really the round part of a letter: it stands inside a printed word, not at its beginning or
    end.
    """
    across, _ = tick.box.centre
    for g in lines:
        if not same_row(g.line.box, tick.box):
            continue
        for word in g.line.words:
            letters = sum(c.isalnum() for c in word.text)
            margin = min(0.9 * g.em, 0.35 * word.box.width)
            if letters >= 2 and word.box.left + margin < across < word.box.right - margin:
                return True
    return False


def _besides(page: Page, ticks: Sequence[TickBox], lines: Sequence[Glyphs]) -> list[_Beside]:
    aspect = aspect_of(page)
    found = []
    for tick in ticks:
        em = tick.box.height * aspect
        row = [t for t in ticks if t is not tick and same_row(t.box, tick.box)]
        next_left = min((t.box.left for t in row if t.box.left >= tick.box.right), default=1.0)
        last_right = max((t.box.right for t in row if t.box.right <= tick.box.left), default=0.0)
        right, right_box, right_gap = _text_between(
            lines, tick.box, tick.box.right - 0.2 * em, min(next_left, tick.box.right + 0.6), em
        )
        left, _, left_gap = _text_between(
            lines, tick.box, max(last_right, tick.box.left - 0.25), tick.box.left + 0.2 * em, em, backwards=True
        )
        whole = tick.box.union(right_box) if right_box else tick.box
        if right_box is not None and _NOT_AT_END.search(right):
            right = f"{right} {_beneath(lines, tick, right_box, next_left)}".strip()
        found.append(_Beside(tick, right, left, whole, right_gap, left_gap))
    return found


def _beneath(lines: Sequence[Glyphs], tick: TickBox, words: Box, end: float) -> str:
    """The line under an option's words, from its box or its words on to the next box."""
    return next(
        (
            g.text
            for g in lines
            if tick.box.left - 0.01 < g.line.box.left < words.left + 0.02
            and g.line.box.right < end
            and 0 < g.line.box.top - words.top < 2.2 * words.height
        ),
        "",
    )


# "Urgent (suspected cancer: use the other form)": what the form tells its writer, and no part of the option.
_TOLD = re.compile(
    r"\s*\((?=[^()]*\b(?:use|see|please|send|complete|forms?|separate|telephone|ring)\b)[^()]*\)?\s*$", re.I
)

_DENIES = re.compile(r"\bn[o0][tnlf]?\b|\bunlikely\b|\bexclud", re.I)


def _rule_for(text: str, rules: Sequence[TickRule], from_end: bool = False) -> tuple[TickRule, str] | None:
    """The rule whose words these are, longest first; text that goes on must go on as an option does."""
    words = _TOLD.sub("", text).split()
    for n in range(min(len(words), 9), 0, -1):
        part = " ".join(words[-n:] if from_end else words[:n])
        rest = "" if from_end else " ".join(words[n:])
        if rest and not _GOES_ON.match(rest) and not part.endswith(":"):
            continue
        rule = _closest(squash(part), rules)
        if rule is not None and not (rule.value == TWO_WEEK_WAIT and _DENIES.search(part)):
            return rule, part
    return None


def _closest(key: str, rules: Sequence[TickRule]) -> TickRule | None:
    """The rule with these very words, else the one whose words differ least, by a misread letter or two."""
    best, score = None, 86.0
    for rule in rules:
        for target in map(squash, rule.words):
            if key == target:
                return rule
            alike = fuzz.ratio(key, target) if len(target) >= 6 and abs(len(key) - len(target)) <= 2 else 0.0
            if alike >= score:
                best, score = rule, alike
    return best


def _option_in(text: str, rules: Sequence[TickRule], from_end: bool = False) -> tuple[str, str, str] | None:
    """Field, value and words of the option that a text beside a box is: one that a form knows, or a department's name."""
    if (hit := _rule_for(text, rules, from_end)) is not None:
        return hit[0].field, hit[0].value, hit[1]
    if is_specialty(text):
        return "referral.specialty", text, text
    # "Active problem - URGENT (1 working day)": what is meant by the urgency stands before it.
    graded = None if from_end else _GRADED.match(text)
    named = priorities_in(graded[1]) if graded else set()
    if graded and len(named) == 1 and not priorities_in(text[: graded.start(1)]):
        return "referral.priority", next(iter(named)), text
    return ("referral.priority", TWO_WEEK_WAIT, text) if _OF_SITE.fullmatch(text) else None


def _printed_ticks(lines: Sequence[Glyphs], known: Sequence[TickBox]) -> list[TickBox]:
    """Boxes that the reader saw as characters (`[X]`, `☐`) and the box finder did not see."""
    ticks = []
    for g in lines:
        for m in _PRINTED.finditer(g.text):
            box = g.box(m.start(), m.end())
            if any(t.box.overlap(box) > 0.1 for t in known):
                continue
            ticks.append(TickBox(box, bool(m[1] or m[2]) and m[3] is None, 0.0))
    return ticks


_OF_HOSPITAL = re.compile(
    r"\b(?:hospital|office|clinic|trust|consultant|triage|booking|department)(?:'?s)?\s+use\b|\buse\s+only\b|\btriage\s+(?:outcome|decision|by)\b|"
    r"\bfor\s+(?:completion\s+)?by\s+(?:the\s+)?(?:hospital|consultant|triag\w+|clinic)",
    re.I,
)
_THEIR_BOX = 0.08  # of the page's height beneath its heading


def options_of(page: Page, form: Form, generic: Form) -> list[Option]:
    """Every box of the page whose words a form or the generic form knows, with its state; page order."""
    lines = [glyphs_of(line, aspect_of(page)) for line in page.lines]
    drawn = [t for t in page.ticks if not _inside_word(t, lines)]
    ticks = [*drawn, *_printed_ticks(lines, drawn)]
    if not ticks:
        return []
    rules = [*form.ticks, *(generic.ticks if form is not generic else ())]
    besides = _besides(page, ticks, lines)
    right = [_option_in(b.right, rules) for b in besides]
    # "How soon?" before a box is its label, and no option.
    left = [None if b.left.rstrip().endswith((":", "?")) else _option_in(b.left, rules, from_end=True) for b in besides]
    page_says = _stands_right(besides, right, left)
    rows = _rows(
        besides,
        [hit or _answer(b.right, 0) for b, hit in zip(besides, right, strict=True)],
        [hit or _answer(b.left, -1) for b, hit in zip(besides, left, strict=True)],
    )
    sides = {id(b): _side(row, page_says) for row in rows for b, _, _ in row}
    torn = {id(b) for row in rows if _torn(row, sides[id(row[0][0])]) for b, _, _ in row}
    theirs = [x.box for x in page.lines if _OF_HOSPITAL.search(x.text) and len(x.text.split()) <= 8]
    found: list[Option] = []
    unknown: list[Option] = []
    for beside, right_hit, left_hit in zip(besides, right, left, strict=True):
        use_right = sides.get(id(beside), page_says)
        hit = right_hit if use_right else left_hit
        ticked = None if id(beside) in torn and beside.tick.ticked else beside.tick.ticked
        if any(-0.5 * box.height < beside.box.top - box.top < _THEIR_BOX for box in theirs):
            continue  # the hospital's triage is not the sender's choice
        if hit is not None:
            field, value, words = hit
            found.append(Option(field, value, ticked, page.number, beside.box, words))
        elif (answer := _yes_no(beside, use_right, lines)) is not None:
            found.append(
                Option(
                    "referral.sharing_dissent",
                    answer,
                    ticked,
                    page.number,
                    beside.box,
                    beside.right or beside.left,
                )
            )
        elif use_right and _NAME.fullmatch(beside.right) and _asks_department(beside.tick, lines):
            unknown.append(Option("referral.specialty", beside.right, ticked, page.number, beside.box, beside.right))
    return [*found, *(o for o in unknown if any(_of_row(o, f) for f in found))]


# A department that no list knows, beside the boxes of others: "Menopause", "Fertility Clinic".
_NAME = re.compile(r"[A-Z][a-z]+(?:\s+(?:&|and|[A-Z]?[a-z]+)){0,3}")


_DEPARTMENT_ASKED = re.compile(r"\b(?:clinic|department|service|special(?:i)?ty|refer(?:red|ral)?\s+to)\b", re.I)


def _asks_department(tick: TickBox, lines: Sequence[Glyphs]) -> bool:
    """Whether the row of a box begins with the question for the department: beside "Risk factors" stand no departments."""
    row = [g for g in lines if same_row(g.line.box, tick.box) and g.line.box.left < tick.box.left]
    first = min(row, key=lambda g: g.line.box.left, default=None)
    return first is not None and _DEPARTMENT_ASKED.search(first.text) is not None


def _of_row(option: Option, other: Option) -> bool:
    """Whether two boxes of departments stand in one row."""
    return other.field == option.field and same_row(other.box, option.box)


def _stands_right(besides: Sequence[_Beside], right: Sequence[object | None], left: Sequence[object | None]) -> bool:
    """Whether words stand to the right of their boxes on this page: by how many then fit, else by which side is
    nearer.
    """
    fits_right, fits_left = sum(r is not None for r in right), sum(x is not None for x in left)
    if abs(fits_right - fits_left) > 1 or not fits_right or not fits_left:
        return fits_right >= fits_left
    votes = {v for v in map(_row_says, _rows(besides, right, left)) if v is not None}
    if len(votes) == 1:
        return votes.pop()
    gaps = [
        b.right_gap - b.left_gap for b, r, x in zip(besides, right, left, strict=True) if r is not None or x is not None
    ]
    return sum(gaps) <= 0


_CLOSE = 0.02  # of the page's width: words that belong to a box
_ANSWER = 3  # words that an answer has at most where no list knows it
_PLAINLY = 0.004  # of the page's width: by so much one side's words are nearer than the other's
_Fit = tuple[_Beside, bool, bool]  # a box, and whether the words right and left of it fit


def _rows(
    besides: Sequence[_Beside], right: Sequence[object | None], left: Sequence[object | None]
) -> list[list[_Fit]]:
    """The boxes with words that fit, by their rows, from left to right."""
    fitting = [
        (b, r is not None, x is not None)
        for b, r, x in zip(besides, right, left, strict=True)
        if r is not None or x is not None
    ]
    rows: list[list[_Fit]] = []
    for item in sorted(fitting, key=lambda i: i[0].tick.box.left):
        row = next((r for r in rows if same_row(r[0][0].tick.box, item[0].tick.box)), None)
        if row is None:
            rows.append([item])
        else:
            row.append(item)
    return rows


def _row_says(row: Sequence[_Fit]) -> bool | None:
    """Whether a row's ends show its words right of their boxes (True) or left (False): nothing that fits before its first box, or
    nothing at all behind its last; else None: a box or a word of it may be lost.

    "Please see this patient as" before the first box is a question and no answer whose box might be lost; then words close behind
    the last box are its answer, though no list knows them ("Emergency, same day").
    """
    begins, (last, ends, _) = row[0][2], row[-1]
    if not begins and (ends or (len(row[0][0].left.split()) > _ANSWER and _has_words_behind(row))):
        return True
    return False if begins and not ends and not last.right.strip() else None


def _has_words_behind(row: Sequence[_Fit]) -> bool:
    """Whether words stand behind the last box of a row as close as those behind its first one."""
    first, last = row[0][0], row[-1][0]
    return bool(last.right) and last.right_gap < max(_CLOSE, 1.25 * first.right_gap)


def _side(row: Sequence[_Fit], page_says: bool) -> bool:
    """Whether the words of a row stand right of their boxes: by its ends, by what is plainly nearer, else as on the rest of the page."""
    if (says := _row_says(row)) is not None:
        return says
    nearer = sum(b.right_gap - b.left_gap for b, _, _ in row) / len(row)
    return nearer <= 0 if abs(nearer) >= _PLAINLY else page_says


def _torn(row: Sequence[_Fit], use_right: bool) -> bool:
    """Whether the boxes of a row stand midway between words that fit on both sides: a tick may then mean either, and is asked about.

    The ends of the row tell them apart: a last box with words close behind it, and a first one with no option before it, have theirs
    on the right; and the other way round.
    """
    both = [b for b, r, x in row if r and x]
    # Where a box or a word of the row is lost, only words that are far nearer choose between two urgencies (P6).
    midway = 0.008 if _row_says(row) is not None else 0.02
    if not both or sum(abs(b.right_gap - b.left_gap) for b in both) / len(both) >= midway:
        return False
    before, behind = row[0][2], _has_words_behind(row)
    return not (behind and not before) if use_right else not (before and not behind)


def _answer(text: str, at: int) -> str | None:
    """Yes or no, where it is the first (0) or the last (-1) word of a text."""
    word = squash(text.split()[at]) if text.split() else ""
    return word if word in ("yes", "no") else None


def _asked_above(row: Box, lines: Sequence[Glyphs]) -> str:
    """The question that stands in the lines right above boxes for its answers."""
    asked: list[str] = []
    top = row.top
    for g in sorted((g for g in lines if g.line.box.bottom <= row.centre[1]), key=lambda g: -g.line.box.top):
        if top - g.line.box.bottom > 0.7 * g.line.box.height or len(asked) == 3:
            break
        if g.line.box.left < row.right and g.line.box.right > row.left:
            asked.insert(0, g.text)
            top = g.line.box.top
    return " ".join(asked)


def _goes_on_under(box: Box, first: Box) -> bool:
    """Whether a line is the second of a question whose first stands beside the boxes for its answers."""
    return abs(box.left - first.left) < 0.01 and 0 < box.top - first.top < 2 * first.height


def _yes_no(one: _Beside, use_right: bool, lines: Sequence[Glyphs]) -> str | None:
    """For a box marked Yes or No after a question about consent or objection to sharing: what a tick there says."""
    said = _answer(one.right, 0) if use_right else _answer(one.left, -1)
    if said is None:
        return None
    row = one.tick.box
    beside = [g for g in lines if same_row(g.line.box, row) and g.line.box.left < row.left]
    under = [g for g in lines if any(_goes_on_under(g.line.box, b.line.box) for b in beside[:1])]
    question = " ".join(g.text for g in (*beside, *under))
    if not re.search(r"[A-Za-z]{4}", question):
        question = _asked_above(row, lines)
    if not re.search(r"shar", question, re.I):
        return None
    objects = re.search(
        r"object|dissent|declin|refus|withh|not\s+(?:to\s+)?(?:be\s+)?(?:consent|agree|share)", question, re.I
    )
    consents = re.search(r"consent|agree|happy|permission", question, re.I)
    if not objects and not consents:
        return None
    return "true" if (said == "yes") == bool(objects) else "false"
