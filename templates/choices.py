"""What ticked boxes say: the words beside each box, and for each field which of its options are ticked, empty or unclear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ocr.page import Box, Page, TickBox
from templates.bind import same_row
from templates.form import Form, TickRule
from templates.grammar import squash
from templates.labels import Glyphs, aspect_of, glyphs_of

_PRINTED = re.compile(r"[\[(]\s*([xXvV✓✔/*]?)\s*[\])](?=\s|$|[A-Z])|([☒☑✓✔✗✘])|([☐□❑❏])")
# What may follow an option without making it another one: "Urgent (non cancer)", "Routine appointment".
_GOES_ON = re.compile(r"^\s*(?:[(\-–:,/.;]|appointment|referral|within|priority|$|suspected|opinion|review\b)", re.I)


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


def _text_between(lines: Sequence[Glyphs], row: Box, left: float, right: float, em: float) -> tuple[str, Box | None]:
    """The print of one row between two edges, from the left edge on until a wide gap, and its box."""
    pieces: list[tuple[float, float, str, Box]] = []
    for g in lines:
        if not same_row(g.line.box, row):
            continue
        ids = [i for i, (a, b) in enumerate(g.edges) if (a + b) / 2 >= left and (a + b) / 2 <= right]
        if ids:
            pieces.append(
                (g.edges[ids[0]][0], g.edges[ids[-1]][1], g.text[ids[0] : ids[-1] + 1], g.box(ids[0], ids[-1] + 1))
            )
    pieces.sort(key=lambda p: p[0])
    text, box, edge = "", None, None
    for a, b, piece, piece_box in pieces:
        if edge is not None and a - edge > 2.5 * em:
            break
        text += (" " if text else "") + piece
        box = piece_box if box is None else box.union(piece_box)
        edge = b
    return text.strip(" ]|[_☐☒☑□"), box


def _besides(page: Page, ticks: Sequence[TickBox], lines: Sequence[Glyphs]) -> list[_Beside]:
    aspect = aspect_of(page)
    found = []
    for tick in ticks:
        em = tick.box.height * aspect
        row = [t for t in ticks if t is not tick and same_row(t.box, tick.box)]
        next_left = min((t.box.left for t in row if t.box.left >= tick.box.right), default=1.0)
        last_right = max((t.box.right for t in row if t.box.right <= tick.box.left), default=0.0)
        right, right_box = _text_between(
            lines, tick.box, tick.box.right - 0.2 * em, min(next_left, tick.box.right + 0.6), em
        )
        left, _ = _text_between(lines, tick.box, max(last_right, tick.box.left - 0.25), tick.box.left + 0.2 * em, em)
        found.append(_Beside(tick, right, left, tick.box.union(right_box) if right_box else tick.box))
    return found


def _rule_for(text: str, rules: Sequence[TickRule], from_end: bool = False) -> tuple[TickRule, str] | None:
    """The rule whose words these are, longest first; text that goes on must go on as an option does."""
    words = text.split()
    for n in range(min(len(words), 9), 0, -1):
        part = " ".join(words[-n:] if from_end else words[:n])
        rest = "" if from_end else " ".join(words[n:])
        if rest and not _GOES_ON.match(rest):
            continue
        key = squash(part)
        for rule in rules:
            for wording in rule.words:
                target = squash(wording)
                if key == target or (
                    len(target) >= 6 and abs(len(key) - len(target)) <= 2 and fuzz.ratio(key, target) >= 86
                ):
                    return rule, part
    return None


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


def options_of(page: Page, form: Form, generic: Form) -> list[Option]:
    """Every box of the page whose words a form or the generic form knows, with its state; page order."""
    lines = [glyphs_of(line, aspect_of(page)) for line in page.lines]
    ticks = [*page.ticks, *_printed_ticks(lines, page.ticks)]
    if not ticks:
        return []
    rules = [*form.ticks, *(generic.ticks if form is not generic else ())]
    besides = _besides(page, ticks, lines)
    right = [_rule_for(b.right, rules) for b in besides]
    left = [_rule_for(b.left, rules, from_end=True) for b in besides]
    use_right = sum(r is not None for r in right) >= sum(r is not None for r in left)
    found = []
    for beside, hit in zip(besides, right if use_right else left, strict=True):
        if hit is not None:
            found.append(Option(hit[0].field, hit[0].value, beside.tick.ticked, page.number, beside.box, hit[1]))
        elif (answer := _yes_no(beside, use_right, lines)) is not None:
            found.append(
                Option(
                    "referral.sharing_dissent",
                    answer,
                    beside.tick.ticked,
                    page.number,
                    beside.box,
                    beside.right or beside.left,
                )
            )
    return found


def _yes_no(beside: _Beside, use_right: bool, lines: Sequence[Glyphs]) -> str | None:
    """For a box marked Yes or No after a question about consent or objection to sharing: what a tick there says."""
    said = (
        squash((beside.right if use_right else beside.left).split(" ")[0 if use_right else -1])
        if (beside.right if use_right else beside.left)
        else ""
    )
    if said not in ("yes", "no"):
        return None
    row = beside.tick.box
    question = " ".join(g.text for g in lines if same_row(g.line.box, row) and g.line.box.left < row.left)
    if not re.search(r"shar", question, re.I):
        return None
    objects = re.search(
        r"object|dissent|declin|refus|withh|not\s+(?:to\s+)?(?:be\s+)?(?:consent|agree|share)", question, re.I
    )
    consents = re.search(r"consent|agree|happy|permission", question, re.I)
    if not objects and not consents:
        return None
    return "true" if (said == "yes") == bool(objects) else "false"
