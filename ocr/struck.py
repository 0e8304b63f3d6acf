"""Words that a pen struck out: a correction by hand, whose old value no reader tells from the new one beside it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ocr.clean import threshold
from ocr.page import Box, Line, Page
from ocr.second_look import page_picture

_THROUGH = 0.9  # share of a word's width that one stroke must cover: no printed word has such a bar
_BAND = (0.25, 0.7)  # of a word's height: what runs higher or lower is a frame or an underline
_SLANT = 0.12  # heights that a stroke may climb from one column to the next look
_LEAST = 2.5  # heights that a stroke must be long: the bars of two capitals may touch
_BEYOND = 1.6  # heights that a stroke may go on past the words: rules, streaks of a fax and leader dots go on further
_DARKER = 0.75  # of the letters' height: a stroke is thin


def struck_words(page: Page) -> list[Box]:
    """The boxes of the words that one stroke runs through from end to end."""
    if not page.picture:
        return []
    picture = page_picture(page)
    ink = (picture < threshold(picture)).astype(np.uint8)
    found: list[Box] = []
    for line in page.lines:
        found += _struck_in(line, ink)
    return found


def _struck_in(line: Line, ink: np.ndarray) -> list[Box]:
    height, width = ink.shape
    boxes = [w.box for w in line.words if any(c.isalnum() for c in w.text)]
    top, bottom = round(line.box.top * height), round(line.box.bottom * height)
    high = bottom - top
    if high < 6 or not boxes:
        return []
    first, last = top + round(_BAND[0] * high), top + round(_BAND[1] * high)
    left = max(0, round((line.box.left) * width - 3 * high))
    right = min(width, round(line.box.right * width + 3 * high))
    band = ink[first:last, left:right]
    spans = _strokes(band, high)
    struck: list[Box] = []
    for a, b in spans:
        inside = [
            box
            for box in boxes
            if min(b, box.right * width - left) - max(a, box.left * width - left) >= _THROUGH * box.width * width
        ]
        if not inside:
            continue
        begins, ends = min(x.left for x in inside) * width - left, max(x.right for x in inside) * width - left
        if begins - a <= _BEYOND * high and b - ends <= _BEYOND * high:
            struck += inside
    return struck


def _strokes(band: np.ndarray, high: int) -> list[tuple[int, int]]:
    """The spans, from column to column, of thin unbroken strokes along a line's middle that are longer than letters' bars."""
    size = max(2, round(_SLANT * high))
    joined = cv2.dilate(band, np.ones((size, 1), np.uint8))
    spans: list[tuple[int, int]] = []
    for row in joined:
        edges = np.flatnonzero(np.diff(np.concatenate(([0], row, [0]))))
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if b - a >= _LEAST * high and band[:, a:b].mean() < _DARKER:
                spans.append((a, b))
    return _merged(spans)


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap, as one: rows beside each other see the same stroke."""
    merged: list[tuple[int, int]] = []
    for a, b in sorted(spans):
        if merged and a < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged
