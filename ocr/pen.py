"""What a pen did to printed words: a ring drawn round one, a stroke through another. Looked for only where a form offers a choice.

Readers give the words alone: a ringed "Urgent" and one that was struck out read the same. Both marks are therefore looked for in the
page's stored picture, and only plain ones count; what cannot be told stays None, and a person looks (P6).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np

from ocr.clean import ruled_lines, threshold
from ocr.page import Box, Page
from ocr.second_look import page_picture

PenMark = Literal["ringed", "struck"]

_AROUND = 40  # equal parts of the way round a word
_CLOSED = 0.85  # share of them in which a ring must show: pens skip, fax lines are lost
_ON_PATH = 0.88  # share of an ellipse's way on which ink must lie
_THROUGH = 0.82  # share of a word's length that one level stroke must cover; print of words never does half of it
_VIEW = (
    8.0,
    3.0,
)  # heights of the print that are looked at beside and above a word: a ring may hold the words that follow it
_DOWN = 6.0  # heights of the print beneath a head that its cell is looked for in
_MARK, _BLANK = 0.12, 0.05  # ink of a mark and of an empty cell, in squares of the print's height
_RULE = 6.0  # heights of the print: longer straight lines are the form's own, no part of a ring
_BRIDGE = 0.15  # heights of the print that a gap in a ring may have


def pen_marks(page: Page, boxes: Sequence[Box]) -> list[PenMark | None]:
    """The mark on each printed word of a choice (`boxes` on the upright page); None where none is plain."""
    if not page.picture or not boxes:
        return [None] * len(boxes)
    picture = page_picture(page)
    ink = (picture < threshold(picture)).astype(np.uint8)
    height, width = ink.shape
    places = [
        (int(b.left * width), int(b.top * height), int(b.right * width) + 1, int(b.bottom * height) + 1) for b in boxes
    ]
    marks: list[PenMark | None] = []
    for place in places:
        others = [p for p in places if p is not place]
        ringed, struck = _ringed(ink, place, others), _struck(ink, place)
        marks.append(None if ringed == struck else "ringed" if ringed else "struck")
    return marks


_Place = tuple[int, int, int, int]


def _ringed(ink: np.ndarray, place: _Place, others: Sequence[_Place]) -> bool:
    """Whether a line goes round the word, and round no other word of the choice."""
    left, top, right, bottom = place
    high = bottom - top
    across, down = (round(n * high) for n in _VIEW)
    x0, y0 = max(0, left - across), max(0, top - down)
    view = ink[y0 : bottom + down, x0 : right + across]
    here, *rest = ((p[0] - x0, p[1] - y0, p[2] - x0, p[3] - y0) for p in (place, *others))
    if _one_piece_round(view, here, rest):
        return True
    # A form's rules run close to a ring or through it, and make one piece of both.
    view = view & (1 - cv2.dilate(ruled_lines(view, round(_RULE * high)), np.ones((3, 3), np.uint8)))
    return _one_piece_round(view, here, rest) or _in_ellipse(view, here, rest)


def _one_piece_round(view: np.ndarray, place: _Place, others: Sequence[_Place]) -> bool:
    """Whether one piece of ink goes round the word."""
    left, top, right, bottom = place
    high = bottom - top
    size = max(2, round(_BRIDGE * high))
    bridged = cv2.morphologyEx(view, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    slack, edge = 0.25 * high, 0.06 * high
    for i, (x, y, w, h, _) in enumerate(stats[1:].tolist(), 1):
        # A reader's box stands a little off its letters: what stays within it is the word itself, or a stroke through it.
        holds = x < left + slack and y < top + edge and x + w > right - slack and y + h > bottom - edge
        small = h < 3.2 * high and w < (right - left) + 9 * high and h > 0.95 * high
        cut = x == 0 or y == 0 or x + w == view.shape[1] or y + h == view.shape[0]
        alone = not any(x < (o[0] + o[2]) / 2 < x + w and y < (o[1] + o[3]) / 2 < y + h for o in others)
        if holds and small and alone and not cut and _goes_round(labels == i, (x, y, w, h)):
            return True
    return False


def _in_ellipse(view: np.ndarray, place: _Place, others: Sequence[_Place]) -> bool:
    """Whether the first ink on the ways out of a word lies on one ellipse: a ring that touches other print is no piece of its own."""
    left, top, right, bottom = place
    wide, high = right - left, bottom - top
    points = _first_ink(view, place)
    for _ in range(2):
        if len(points) < 2 * _AROUND:
            return False
        (x, y), axes, turn = cv2.fitEllipseDirect(points)
        tilt = np.radians(turn)
        across, down = points[:, 0] - x, points[:, 1] - y
        along, beside = across * np.cos(tilt) + down * np.sin(tilt), down * np.cos(tilt) - across * np.sin(tilt)
        off = np.abs(np.hypot(along / (axes[0] / 2), beside / (axes[1] / 2)) - 1) * min(axes) / 2
        points = points[off < 0.25 * high]
    round_ = np.linspace(0, 2 * np.pi, 2 * _AROUND, endpoint=False)
    a, b = axes[0] / 2 * np.cos(round_), axes[1] / 2 * np.sin(round_)
    path = np.stack([x + a * np.cos(tilt) - b * np.sin(tilt), y + a * np.sin(tilt) + b * np.cos(tilt)], axis=1)
    (low_x, low_y), (far_x, far_y) = path.min(axis=0), path.max(axis=0)
    fits = wide < far_x - low_x < wide + 6 * high and 1.05 * high < far_y - low_y < 3.2 * high
    within = low_x >= 0 and low_y >= 0 and far_x < view.shape[1] and far_y < view.shape[0]
    alone = not any(low_x < (o[0] + o[2]) / 2 < far_x and low_y < (o[1] + o[3]) / 2 < far_y for o in others)
    if not (fits and within and alone):
        return False
    near = cv2.dilate(view, np.ones((max(3, round(_BRIDGE * high)),) * 2, np.uint8))
    return bool(near[path[:, 1].astype(int), path[:, 0].astype(int)].mean() >= _ON_PATH)


def _first_ink(view: np.ndarray, place: _Place) -> np.ndarray:
    """The first ink beyond a word's box on each of many ways out from its middle, as rows of (across, down)."""
    left, top, right, bottom = place
    high = bottom - top
    x, y = (left + right) / 2, (top + bottom) / 2
    found = []
    for angle in np.linspace(0, 2 * np.pi, 3 * _AROUND, endpoint=False):
        across, down = float(np.cos(angle)), float(np.sin(angle))
        edge = min((right - left) / 2 / max(abs(across), 1e-6), high / 2 / max(abs(down), 1e-6))
        far = np.arange(edge + 1, edge + 1.6 * high)
        ways = np.stack([x + far * across, y + far * down], axis=1).astype(int)
        ways = ways[(ways >= 0).all(axis=1) & (ways[:, 0] < view.shape[1]) & (ways[:, 1] < view.shape[0])]
        hits = np.flatnonzero(view[ways[:, 1], ways[:, 0]])
        if len(hits):
            found.append(ways[hits[0]])
    return np.array(found, np.float32).reshape(-1, 2)


def _goes_round(piece: np.ndarray, frame: tuple[int, int, int, int]) -> bool:
    """Whether a piece of ink shows on nearly every side of its middle, far out: letters fill the middle, a ring does not."""
    x, y, w, h = frame
    down, across = np.nonzero(piece[y : y + h, x : x + w])
    far_across, far_down = (across - w / 2) / (w / 2), (down - h / 2) / (h / 2)
    out = np.maximum(np.abs(far_across), np.abs(far_down)) > 0.6
    angles = np.arctan2(far_down[out], far_across[out])
    sides = np.unique(((angles + np.pi) / (2 * np.pi) * _AROUND).astype(int) % _AROUND)
    return len(sides) >= _CLOSED * _AROUND


def _struck(ink: np.ndarray, place: _Place) -> bool:
    """Whether a stroke runs through the word's middle nearly from end to end; it may slant a little."""
    left, top, right, bottom = place
    high = bottom - top
    band = ink[top + round(0.25 * high) : bottom - round(0.2 * high), left:right]
    if band.shape[0] < 4 or band.shape[1] < 1.2 * high:
        return False
    slanting = cv2.dilate(band, np.ones((max(2, round(0.12 * high)), 1), np.uint8))
    return max(_longest_run(row) for row in slanting) >= _THROUGH * band.shape[1]


def _longest_run(row: np.ndarray) -> int:
    """The length of the longest unbroken run of ink in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row, [0]))))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def marked_cell(page: Page, heads: Sequence[Box], lines: Sequence[Box]) -> int | None:
    """Which of the words that head the cells of a ruled table has the one mark beneath it; None where that is not plain.

    `heads` are words of one row; `lines` are the boxes of the page's other print: a cell with words in it holds no mark.
    """
    if not page.picture or len(heads) < 2:
        return None
    picture = page_picture(page)
    ink = (picture < threshold(picture)).astype(np.uint8)
    height, width = ink.shape
    apart = min(b.centre[0] - a.centre[0] for a, b in itertools.pairwise(sorted(heads, key=lambda h: h.left)))
    high = max(h.height for h in heads)
    found = []
    for head in heads:
        column = Box(
            head.centre[0] - 0.42 * apart,
            head.bottom - 0.35 * head.height,
            head.centre[0] + 0.42 * apart,
            head.bottom + _DOWN * high,
        )
        view = ink[
            round(column.top * height) : round(column.bottom * height),
            max(0, round(column.left * width)) : round(column.right * width),
        ]
        cell = _cell_between_rules(view, high * height)
        if cell is None:
            return None  # no lines round it: what stands beneath may belong to anything
        top, bottom = cell
        inside = Box(column.left, column.top + top / height, column.right, column.top + bottom / height)
        if any(inside.overlap(line) > 0 for line in lines):
            return None
        # The table's own upright lines are no mark.
        upright = np.convolve(view[top:bottom].mean(axis=0) > 0.7, np.ones(7), "same") > 0
        found.append(float(view[top:bottom][:, ~upright].sum()) / (high * height) ** 2)
    best = max(range(len(found)), key=found.__getitem__)
    others = [x for i, x in enumerate(found) if i != best]
    return best if found[best] > _MARK and max(others) < _BLANK else None


def _cell_between_rules(view: np.ndarray, high: float) -> tuple[int, int] | None:
    """The rows between the first two level lines of a table's column, a little inside them; None where it has not two."""
    if view.size == 0:
        return None
    level = cv2.dilate(view, np.ones((3, 1), np.uint8)).mean(axis=1) > 0.75
    edges = np.flatnonzero(np.diff(np.concatenate(([0], level.astype(np.uint8), [0]))))
    rules = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if len(rules) < 2 or rules[0][0] > 1.2 * high:
        return None
    top, bottom = rules[0][1] + 2, rules[1][0] - 2
    return (top, bottom) if 0.6 * high < bottom - top < 4.0 * high else None
