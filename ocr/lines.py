"""Makes lines of words with boxes out of the glyphs of one piece of text.

The detector often runs a label and its value together, and the recogniser often leaves the space between them out. Where glyphs
stand apart on the paper they are parted here, and where the gap is wide the line is parted too, so that geometry can bind
values to labels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ocr.finding import Piece
from ocr.page import Box, Line, TickBox, Word
from ocr.recognising import Glyph

_SPACE_GAP = 1.9  # times the usual distance of glyph middles: a space the recogniser left out
_LINE_GAP = 1.6  # times the height of the text: two lines (a label and its value), not two words


def lines_of(piece: Piece, glyphs: Sequence[Glyph], crop: np.ndarray, page: tuple[int, int], reader: str) -> list[Line]:
    """The lines that one piece holds, left to right; boxes as fractions of a page of (width, height) pixels."""
    length = crop.shape[1]
    ink = _ink_columns(crop)
    pitch = _pitch(glyphs) * length
    words: list[tuple[list[Glyph], float, float]] = []
    for run in _runs(glyphs, length, pitch, ink):
        left, right = _extent(run, length, pitch, ink)
        words.append((run, left, right))
    lines: list[list[tuple[list[Glyph], float, float]]] = []
    for word in words:
        if lines and word[1] - lines[-1][-1][2] < _LINE_GAP * piece.height * 0.7:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_line(piece, line, length, page, reader) for line in lines]


def _pitch(glyphs: Sequence[Glyph]) -> float:
    """The usual distance of neighbouring glyph middles, as a share of the piece's length."""
    marks = [g for g in glyphs if g.text != " "]
    gaps = [b.at - a.at for a, b in pairwise(marks)]
    return float(np.median(gaps)) if gaps else 0.5


def _ink_columns(crop: np.ndarray) -> np.ndarray:
    """For each column of the crop whether it holds ink; ruled lines along the text do not count."""
    dark = crop < 140
    dark = dark[dark.mean(axis=1) < 0.8] if dark.shape[1] > 4 * dark.shape[0] else dark
    return dark.sum(axis=0) > 0 if dark.size else np.zeros(crop.shape[1], bool)


def _runs(glyphs: Sequence[Glyph], length: int, pitch: float, ink: np.ndarray) -> list[list[Glyph]]:
    """Words: glyphs parted at spaces, and where the paper is white for longer than letters stand apart."""
    runs: list[list[Glyph]] = []
    fresh = True
    for glyph in glyphs:
        if glyph.text == " ":
            fresh = True
            continue
        if not fresh:
            last = runs[-1][-1].at * length
            here = glyph.at * length
            fresh = here - last > _SPACE_GAP * pitch and _white_stretch(ink, last, here) > 0.7 * pitch
        if fresh:
            runs.append([])
        runs[-1].append(glyph)
        fresh = False
    return runs


def _white_stretch(ink: np.ndarray, start: float, end: float) -> int:
    """The longest run of columns without ink between two places."""
    longest = run = 0
    for column in ink[max(0, int(start)) : int(end) + 1]:
        run = 0 if column else run + 1
        longest = max(longest, run)
    return longest


def _extent(run: Sequence[Glyph], length: int, pitch: float, ink: np.ndarray) -> tuple[float, float]:
    """Where a word begins and ends in its crop, in pixels: half a glyph beyond its outer glyphs, then drawn in to the ink."""
    half = min(pitch, length) * 0.62
    left, right = max(0.0, run[0].at * length - half), min(float(length), run[-1].at * length + half)
    inside = np.flatnonzero(ink[int(left) : int(right) + 1])
    if len(inside) > 1:
        left, right = int(left) + float(inside[0]), int(left) + float(inside[-1]) + 1
    return left, max(right, left + 1)


def _line(
    piece: Piece, words: Sequence[tuple[list[Glyph], float, float]], length: int, page: tuple[int, int], reader: str
) -> Line:
    made = []
    for run, left, right in words:
        sure = sum(g.confidence for g in run) / len(run)
        made.append(Word("".join(g.text for g in run), _on_page(piece, left, right, length, page), round(sure, 4)))
    box = made[0].box
    for word in made[1:]:
        box = box.union(word.box)
    count = sum(len(w.text) for w in made)
    sure = sum(w.confidence * len(w.text) for w in made) / count
    return Line(" ".join(w.text for w in made), box, tuple(made), round(sure, 4), reader)


def _on_page(piece: Piece, left: float, right: float, length: int, page: tuple[int, int]) -> Box:
    """The box of a stretch of the piece; its height is drawn in, since the detector grows pieces by more than the letters need."""
    zoom = piece.length / max(1, length)
    middle = (left + right) / 2 * zoom - piece.length / 2
    slope = np.tan(np.radians(piece.slant))
    across, down = piece.across + middle, piece.down + middle * slope
    half_w, half_h = (right - left) / 2 * zoom, piece.height / 2 * 0.86
    width, height = page

    def share(value: float, whole: int) -> float:
        return float(min(1.0, max(0.0, value / whole)))

    left_edge, right_edge = share(across - half_w, width), share(across + half_w, width)
    return Box(left_edge, share(down - half_h, height), right_edge, share(down + half_h, height))


# "type:Urgent", "MaleFemale": words that a reader joined over the tick box between them.
GROWN_TOGETHER = re.compile(r"(?<=[a-z:.)])(?=[A-Z])")


def parted_at_boxes(lines: Sequence[Line], ticks: Sequence[TickBox]) -> tuple[Line, ...]:
    """The lines with words that grew together over a tick box parted there."""
    return tuple(_parted(line, [t.box for t in ticks if t.box.overlap(line.box) > 0]) for line in lines)


def _parted(line: Line, boxes: Sequence[Box]) -> Line:
    words: list[Word] = []
    for word in line.words:
        inner = next((b for b in boxes if word.box.left < b.left and b.right < word.box.right), None)
        cuts = [m.start() for m in GROWN_TOGETHER.finditer(word.text)]
        if inner is None or not cuts:
            words.append(word)
            continue
        share = (inner.centre[0] - word.box.left) / word.box.width
        cut = min(cuts, key=lambda at: abs(at / len(word.text) - share))
        words.append(Word(word.text[:cut], replace(word.box, right=inner.left), word.confidence))
        words.append(Word(word.text[cut:], replace(word.box, left=inner.right), word.confidence))
    if len(words) == len(line.words):
        return line
    return replace(line, text=" ".join(w.text for w in words), words=tuple(words))
