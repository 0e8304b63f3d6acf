"""Pages made of words for tests: what a reader would give for print at known places, without any picture."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.page import Box, Line, Page, Quality, TickBox, Word

CHAR, HEIGHT = 0.0095, 0.012


def line(left: float, top: float, text: str, reader: str = "PP-OCRv6") -> Line:
    """One line of print; every character has the same width."""
    words = []
    at = 0
    for part in text.split():
        at = text.index(part, at)
        words.append(Word(part, Box(left + at * CHAR, top, left + (at + len(part)) * CHAR, top + HEIGHT), 0.9))
        at += len(part)
    return Line(text, Box(left, top, left + len(text) * CHAR, top + HEIGHT), tuple(words), 0.9, reader)


def tick(left: float, top: float, ticked: bool | None) -> TickBox:
    """One tick box."""
    return TickBox(Box(left, top, left + 0.014, top + 0.011), ticked, 0.3 if ticked else 0.0)


def page(
    lines: Sequence[tuple[float, float, str]], ticks: Sequence[TickBox] = (), number: int = 1, quality: float = 1.0
) -> Page:
    """An A4 page with these lines and boxes."""
    return Page(number, b"", 1654, 2339, tuple(line(*x) for x in lines), tuple(ticks), Quality(quality))


def rows(
    pairs: Sequence[tuple[str, str]], top: float = 0.15, left: float = 0.08, gap: float = 0.3, step: float = 0.025
) -> list[tuple[float, float, str]]:
    """A label-left form: label and value of each pair on one row."""
    found = []
    for i, (label, value) in enumerate(pairs):
        found.append((left, top + i * step, label))
        if value:
            found.append((left + gap, top + i * step, value))
    return found


class SecondReader:
    """A second reader for tests: sees what the page's words say inside the box, or what it is told to see for a text."""

    def __init__(self, pages: Sequence[Page], instead: dict[str, str] | None = None, blind: bool = False) -> None:
        self.pages = {p.number: p for p in pages}
        self.instead = instead or {}
        self.blind = blind
        self.calls = 0

    def __call__(self, page_number: int, boxes: Sequence[Box], kind: str) -> list[Line | None]:
        self.calls += 1
        answers: list[Line | None] = []
        for box in boxes:
            inside = [
                w
                for x in self.pages[page_number].lines
                for w in x.words
                if box.left - 0.002 <= w.box.centre[0] <= box.right + 0.002 and box.top <= w.box.centre[1] <= box.bottom
            ]
            text = " ".join(w.text for w in inside)
            text = self.instead.get(text, text)
            answers.append(line(box.left, box.top, text, "Tesseract") if text and not self.blind else None)
        return answers
