"""A page before it is a picture: text, lines, boxes and ticks at places in points, and what each piece of text truly says.

Origin top left, 72 points an inch, A4 unless told otherwise. Text stands on its baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from gateway.rehearsal.fonts import VERA, Face, can_print, path_of, width_of

A4 = (595.0, 842.0)
Value = str | bool


@dataclass(frozen=True)
class Text:
    """A run of letters; `pen` broadens their strokes on each side, in points."""

    x: float
    y: float
    text: str
    font: str
    size: float
    grey: int = 0
    pen: float = 0.0


@dataclass(frozen=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 0.7
    grey: int = 0


@dataclass(frozen=True)
class Rect:
    """A rectangle: outline when `width` is above 0, filled when `fill` is a grey (0 black to 255 white)."""

    x: float
    y: float
    w: float
    h: float
    width: float = 0.7
    fill: int | None = None


@dataclass(frozen=True)
class Stroke:
    """A pen stroke through points."""

    points: tuple[tuple[float, float], ...]
    width: float = 1.2


Mark = Text | Rule | Rect | Stroke
Area = tuple[float, float, float, float]


@dataclass
class Sheet:
    """One page being laid out.

    `values` is the truth printed on it by field; `areas` where each value stands (left, top, right, bottom).
    `excused` are fields whose value on this page is open to argument. `part` says which referral of the file the page
    belongs to (None for covers and strangers' pages); a page that is not `sent` was lost before it arrived.
    `sender` is the name and the fax number in its machine where that is not the practice's.
    """

    face: Face
    random: Random
    hand: Face | None = None
    width: float = A4[0]
    height: float = A4[1]
    marks: list[Mark] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    areas: dict[str, list[Area]] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)
    part: int | None = 0
    stranger: bool = False
    sent: bool = True
    sender: tuple[str, str] | None = None

    def says(self, name: str, value: Value, area: Area) -> None:
        """Record that the page says this value there. The first printed form of a value stays its truth."""
        self.values.setdefault(name, value)
        self.areas.setdefault(name, []).append(area)

    def _font(self, bold: bool, text: str) -> str:
        path = path_of(self.face.bold if bold else self.face.regular)
        return path if can_print(path, text) else path_of("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")

    def wide(self, text: str, size: float, bold: bool = False) -> float:
        """Width of printed text in points."""
        return width_of(self._font(bold, text), text, size)

    def put(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 10,
        bold: bool = False,
        grey: int = 0,
        name: str = "",
        value: Value | None = None,
        right: bool = False,
        centre: bool = False,
    ) -> float:
        """Print text with its baseline at y; returns the x where it ends. `name` records it as the truth of that field."""
        font = self._font(bold, text)
        wide = width_of(font, text, size)
        if right:
            x -= wide
        elif centre:
            x -= wide / 2
        self.marks.append(Text(x, y, text, font, size, grey))
        if name:
            self.says(name, text if value is None else value, (x, y - size, x + wide, y + size * 0.25))
        return x + wide

    def write(
        self, x: float, y: float, text: str, size: float = 12, name: str = "", value: Value | None = None
    ) -> float:
        """As `put`, by hand where the sheet has a handwriting face: letters wander a little, as no two are alike."""
        hand = self.hand
        if hand is None or not can_print(path_of(hand.regular), text):
            return self.put(x, y, text, size * 0.88, name=name, value=value)
        font = path_of(hand.regular)
        start, lean = x, self.random.uniform(-0.012, 0.02)
        for letter in text:
            tall = size * hand.grow * self.random.uniform(0.95, 1.05)
            rise = (x - start) * lean + self.random.uniform(-0.35, 0.35)
            if letter != " ":
                self.marks.append(Text(x, y - rise, letter, font, tall, 0, hand.pen))
            x += width_of(font, letter, tall) * self.random.uniform(0.96, 1.04) + 0.2
        if name:
            self.says(name, text if value is None else value, (start, y - size, x, y + size * 0.3))
        return x

    def wrapped(self, text: str, width: float, size: float, bold: bool = False, by_hand: bool = False) -> list[str]:
        """The text broken into lines that fit the width."""
        font = self._font(bold, text)
        if by_hand and self.hand is not None:
            font, size = path_of(self.hand.regular), size * self.hand.grow * 1.04
        lines: list[str] = []
        for word in text.split():
            if lines and width_of(font, f"{lines[-1]} {word}", size) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def prose(
        self,
        x: float,
        y: float,
        paragraphs: Sequence[str],
        width: float,
        size: float = 10,
        name: str = "",
        by_hand: bool = False,
        lead: float = 1.3,
        gap: float = 0.45,
    ) -> float:
        """Print paragraphs from y down; returns the baseline below the last. The value of `name` is the paragraphs, one a line."""
        top = y - size
        if by_hand and self.hand is not None:
            y, lead = y + 0.45 * size, lead * 1.08 * self.hand.grow
        for paragraph in paragraphs:
            for line in self.wrapped(paragraph, width, size, by_hand=by_hand):
                if by_hand:
                    self.write(x, y, line, size)
                else:
                    self.put(x, y, line, size)
                y += size * lead
            y += size * gap
        if name:
            self.says(name, "\n".join(paragraphs), (x, top, x + width, y))
        return y

    def rule(self, x1: float, y1: float, x2: float, y2: float, width: float = 0.7, grey: int = 0) -> None:
        """Draw a line."""
        self.marks.append(Rule(x1, y1, x2, y2, width, grey))

    def box(self, x: float, y: float, w: float, h: float, width: float = 0.7, fill: int | None = None) -> None:
        """Draw a rectangle."""
        self.marks.append(Rect(x, y, w, h, width, fill))

    def tick(self, x: float, y: float, side: float, ticked: bool, style: str = "cross") -> None:
        """A tick box with its top left corner at x, y: crossed, ticked, filled or empty."""
        self.box(x, y, side, side, 0.8)
        if not ticked:
            return
        off = self.random.uniform(-0.06, 0.06) * side
        if style == "cross":
            self.marks.append(
                Stroke(((x + 0.15 * side, y + 0.15 * side + off), (x + 0.85 * side, y + 0.85 * side)), 1.3)
            )
            self.marks.append(
                Stroke(((x + 0.85 * side, y + 0.15 * side), (x + 0.15 * side, y + 0.85 * side + off)), 1.3)
            )
        elif style == "fill":
            self.box(x + 0.2 * side, y + 0.2 * side, 0.6 * side, 0.6 * side, 0, 0)
        else:
            points = (
                (x + 0.15 * side, y + 0.5 * side + off),
                (x + 0.42 * side, y + 0.85 * side),
                (x + 1.1 * side, y - 0.2 * side + off),
            )
            self.marks.append(Stroke(points, 1.4))

    def signature(self, x: float, y: float, wide: float = 90) -> None:
        """A scrawl that says nothing."""
        points = []
        for step in range(26):
            share = step / 25
            tall = 12 * (1 - share) + 3
            points.append((x + wide * share + self.random.uniform(-3, 3), y + self.random.uniform(-tall, 3)))
        self.marks.append(Stroke(tuple(points), 1.1))


def new_sheet(random: Random, face: Face = VERA, hand: Face | None = None) -> Sheet:
    """An empty A4 page."""
    return Sheet(face, random, hand)
