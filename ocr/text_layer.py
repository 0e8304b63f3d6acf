"""Takes the words of a born-digital PDF page from its text layer, when they are sane and really drawn on the page."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

from ocr.page import Box, Line, Word

READER = "text layer"
_MOST_CHARACTERS = 30_000
_FEWEST_CHARACTERS = 12
_SANE_SHARE = 0.97  # printable Latin among all characters; less means a font without a usable map to letters
_DRAWN_SHARE = 0.9  # words with ink under them; less means hidden or shifted text
_APART = 0.5  # of the glyph's height (in page fractions): no space is needed to part what stands so far apart; narrow letters of a wide
# typewriter face stand up to 0.4 apart ("Su rgery")
_GAP = 1.5  # times the letter height: two pieces, not two words of one line
_STEP = 1.7  # times the usual width of a letter: one space of a wide typewriter face is no gap

Mark = tuple[str, float, float, float, float]


def words_of(page: Any, picture: np.ndarray) -> tuple[Line, ...]:
    """The lines of a page's text layer, boxes as fractions of the drawn page; empty where the layer cannot be trusted."""
    marks = _marks(page, picture.shape[1], picture.shape[0])
    letters = [m[0] for m in marks if not m[0].isspace()]
    if len(letters) < _FEWEST_CHARACTERS or sum(map(_sane, letters)) < _SANE_SHARE * len(letters):
        return ()
    words = _words(marks)
    drawn = [w for w in words if _has_ink(w, picture)]
    if len(drawn) < _DRAWN_SHARE * len(words) or _lies_on_its_side(drawn):
        return ()
    return tuple(_lines(drawn))


def _marks(page: Any, width: int, height: int) -> list[Mark]:
    """Each character with left, top, right, bottom as fractions; invisible ones left out."""
    from pypdfium2 import raw

    text = page.get_textpage()
    marks: list[Mark] = []
    try:
        edges = [ctypes.c_double() for _ in range(4)]
        x, y = ctypes.c_int(), ctypes.c_int()
        unseen = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
        grid = 16  # device positions are whole numbers: a finer grid keeps a sixteenth of a pixel

        def place(across: float, down: float) -> tuple[float, float]:
            raw.FPDF_PageToDevice(page, 0, 0, width * grid, height * grid, 0, across, down, x, y)
            return x.value / (width * grid), y.value / (height * grid)

        for i in range(min(text.count_chars(), _MOST_CHARACTERS)):
            code = raw.FPDFText_GetUnicode(text, i)
            glyph = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
            if glyph.isspace() and _no_space(raw, text, i):
                continue
            if glyph.isspace() or code in (0xAD, 2):
                marks.append((" ", 0, 0, 0, 0))
                continue
            thing = raw.FPDFText_GetTextObject(text, i)
            if thing and raw.FPDFTextObj_GetTextRenderMode(thing) in unseen:
                continue
            if not raw.FPDFText_GetLooseCharBox(text, i, box := raw.FS_RECTF()):
                continue
            raw.FPDFText_GetCharBox(text, i, *edges)
            a, b = place(edges[0].value or box.left, box.bottom), place(edges[1].value or box.right, box.top)
            left, right, top, bottom = min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])
            if left >= 0 and right <= 1 and top >= 0 and bottom <= 1:
                marks.append((unicodedata.normalize("NFKC", glyph), left, top, right, bottom))
    finally:
        text.close()
    return marks


def _no_space(raw: Any, text: Any, i: int) -> bool:
    """Whether a space is only the library's guess between two glyphs that touch: narrow letters in a wide cell made "Su rgery"."""
    if raw.FPDFText_IsGenerated(text, i) != 1:
        return False
    before, after = raw.FS_RECTF(), raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text, i - 1, before) or not raw.FPDFText_GetLooseCharBox(text, i + 1, after):
        return False
    tall = before.top - before.bottom
    return abs(after.left - before.right) < 0.08 * tall and abs(after.bottom - before.bottom) < 0.2 * tall


def _sane(glyph: str) -> bool:
    return all(c.isprintable() and ord(c) < 0x2700 and unicodedata.category(c) != "Co" for c in glyph)


def _words(marks: Sequence[Mark]) -> list[Word]:
    words: list[Word] = []
    run: list[Mark] = []

    def end() -> None:
        if run:
            box = Box(min(m[1] for m in run), min(m[2] for m in run), max(m[3] for m in run), max(m[4] for m in run))
            words.append(Word("".join(m[0] for m in run), box, 1.0))
            run.clear()

    for mark in marks:
        if mark[0] == " ":
            end()
            continue
        if run:
            before = run[-1]
            tall = max(before[4] - before[2], 1e-6)
            apart = mark[1] - before[3]
            level = min(mark[4], before[4]) - max(mark[2], before[2]) > 0.3 * min(mark[4] - mark[2], tall)
            if not level or apart > _APART * tall or apart < -tall:
                end()
        run.append(mark)
    end()
    return words


def _has_ink(word: Word, picture: np.ndarray) -> bool:
    """Whether the drawn page shows anything where the layer says a word stands (white, covered or tiny text does not)."""
    height, width = picture.shape
    box = word.box
    top, bottom = int(box.top * height), max(int(box.bottom * height), int(box.top * height) + 2)
    left, right = int(box.left * width), max(int(box.right * width), int(box.left * width) + 2)
    part = picture[top:bottom, left:right]
    return bool(part.size) and int(part.max()) - int(part.min()) > 60 and bottom - top >= 5


def _lies_on_its_side(words: Sequence[Word]) -> bool:
    long_words = [w for w in words if len(w.text) > 3]
    return sum(w.box.height > w.box.width for w in long_words) > len(long_words) / 2


def _lines(words: Sequence[Word]) -> list[Line]:
    """Words of one height that stand close together, in reading order."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.box.centre[1]):
        for row in rows[-6:]:
            other = row[-1].box
            if abs(word.box.centre[1] - other.centre[1]) < 0.3 * min(word.box.height, other.height):
                row.append(word)
                break
        else:
            rows.append([word])
    steps = sorted(w.box.width / len(w.text) for w in words if len(w.text) >= 3)
    step = steps[len(steps) // 2] if steps else 0.0
    lines: list[Line] = []
    for row in rows:
        run: list[Word] = []
        for word in sorted(row, key=lambda w: w.box.left):
            if run and word.box.left - run[-1].box.right > max(_GAP * word.box.height * 0.8, _STEP * step):
                lines.append(_line(run))
                run = []
            run.append(word)
        lines.append(_line(run))
    return lines


def _line(words: Sequence[Word]) -> Line:
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return Line(" ".join(w.text for w in words), box, tuple(words), 1.0, READER)
