"""The characters of a line with their places: each word of a line is shared evenly among its letters."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.page import Box, Line, Page

_ALIKE = 0.12  # the share by which the letters' widths of a typewriter's words differ at most
_STEPS = 1.9  # a typewriter's step in print of the same height


@dataclass(frozen=True)
class Glyphs:
    """The text of one line with the place of every character, so that a part of it has its own box.

    `gaps` holds the empty width before a character (in fractions of the page's width), `em` the line's height in the
    same unit.
    """

    text: str
    edges: tuple[tuple[float, float], ...]
    gaps: tuple[float, ...]
    line: Line
    em: float

    def box(self, start: int, end: int) -> Box:
        """The box of the characters from start to end (not included)."""
        span = self.edges[start:end] or self.edges[-1:]
        left, right = span[0][0], span[-1][1]
        return Box(min(left, right), self.line.box.top, max(left, right), self.line.box.bottom)


def aspect_of(page: Page) -> float:
    """Height of the page in widths (A4: 1.414): what turns fractions of the height into fractions of the width."""
    return page.height / page.width if page.width > 50 and page.height > 50 else 1.414


def glyphs_of(line: Line, aspect: float = 1.414) -> Glyphs:
    """The line's words joined by single spaces; characters spread evenly over each word's box."""
    text = ""
    edges: list[tuple[float, float]] = []
    gaps: list[float] = []
    words = line.words
    parts = [(w.text, w.box) for w in words] if words else [(line.text, line.box)]
    for word, box in parts:
        if text:
            gap = box.left - edges[-1][1]
            text += " "
            edges.append((edges[-1][1], max(edges[-1][1], box.left)))
            gaps.append(gap)
        step = box.width / max(1, len(word))
        for i in range(len(word)):
            edges.append((box.left + i * step, box.left + (i + 1) * step))
            gaps.append(0.0)
        text += word
    return Glyphs(text, tuple(edges), tuple(gaps), line, max(line.box.height * aspect, _typewriter_em(parts)))


def _typewriter_em(parts: list[tuple[str, Box]]) -> float:
    """What stands for the height of a typewriter's print, whose one space is as wide as others' gaps; 0 where letters differ in width."""
    steps = sorted(box.width / len(word) for word, box in parts if len(word) >= 3)
    if len(steps) < 3 or steps[-1] - steps[0] > _ALIKE * steps[len(steps) // 2]:
        return 0.0
    return _STEPS * steps[len(steps) // 2]
