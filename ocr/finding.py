"""Finds where text stands on a page picture: the PP-OCR detector on a small picture, its map turned into slanted rectangles.

The detector sees the page at 960 pixels on the longer side of an A4 window (a fifth of the cost of full size with the same recall,
measured); pages longer than A4 are seen through several windows, so that a 3 m fax is not shrunk to a thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LONGEST_SIDE = 960
_WINDOW_RATIO = 1.55  # a window is at most this many times as long as it is wide: A4 and legal paper in one
_INK_SHARE = 0.3  # map values above this belong to text (the detector's own setting)
_SURE_ENOUGH = 0.5  # mean of the map over one piece
_UNCLIP = 1.6  # the map is trained on shrunken text; this grows it back
_AIR = 0.1  # of a line's height, more at each end: without it one first letter in fifty was cut ("1 iverpool")


@dataclass(frozen=True)
class Piece:
    """One run of text on a picture, in pixels: centre, length, height, slant (degrees, clockwise), the detector's score."""

    across: float
    down: float
    length: float
    height: float
    slant: float
    score: float

    @property
    def upright_box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the rectangle that holds the piece (may reach beyond the picture)."""
        c, s = abs(math.cos(math.radians(self.slant))), abs(math.sin(math.radians(self.slant)))
        half_w, half_h = (self.length * c + self.height * s) / 2, (self.length * s + self.height * c) / 2
        return (
            math.floor(self.across - half_w),
            math.floor(self.down - half_h),
            math.ceil(self.across + half_w),
            math.ceil(self.down + half_h),
        )


def find_text(session: InferenceSession, picture: np.ndarray) -> list[Piece]:
    """Pieces of text on a grey picture (uint8, height x width), top to bottom; an upright piece is longer than high."""
    height, width = picture.shape
    long_side = max(height, width)
    window = min(long_side, round(min(height, width) * _WINDOW_RATIO))
    if window >= long_side:
        return _in_reading_order(_find_in(session, picture))
    pieces: list[Piece] = []
    step = round(window * 0.92)  # windows overlap, so that a line on a seam is whole in one of them
    for start in range(0, max(1, long_side - (window - step)), step):
        part = picture[start : start + window] if height >= width else picture[:, start : start + window]
        for piece in _find_in(session, np.ascontiguousarray(part)):
            moved = _moved(piece, 0, start) if height >= width else _moved(piece, start, 0)
            _add_unless_known(pieces, moved)
    return _in_reading_order(pieces)


def _find_in(session: InferenceSession, picture: np.ndarray) -> list[Piece]:
    height, width = picture.shape
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    seen_w, seen_h = (max(32, round(side * scale / 32) * 32) for side in (width, height))
    small = cv2.resize(picture, (seen_w, seen_h), interpolation=cv2.INTER_AREA)
    plane = small.astype(np.float32) / 127.5 - 1.0
    score_map = session.run(None, {"x": np.broadcast_to(plane, (1, 3, seen_h, seen_w))})[0][0, 0]
    mask = cv2.dilate((score_map > _INK_SHARE).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [p for c in contours[:3000] if (p := _piece(c, score_map, width / seen_w, height / seen_h))]


def _piece(contour: np.ndarray, score_map: np.ndarray, zoom_x: float, zoom_y: float) -> Piece | None:
    """The piece one island of the map stands for; None when it is too small or too faint."""
    x, y, w, h = cv2.boundingRect(contour)
    if min(w, h) < 3:
        return None
    mask = np.zeros((h, w), np.uint8)
    cv2.drawContours(mask, [contour], -1, 1, -1, offset=(-x, -y))
    score = cv2.mean(score_map[y : y + h, x : x + w], mask)[0]
    if score < _SURE_ENOUGH:
        return None
    grown = contour.reshape(-1, 2).astype(np.float32) * np.array([zoom_x, zoom_y], np.float32)
    (across, down), (length, height), slant = cv2.minAreaRect(grown)
    while abs(slant) > 45:  # OpenCV gives the same rectangle as -90 or as 90 degrees, depending on its version
        length, height, slant = height, length, slant - math.copysign(90, slant)
    length, height = max(length, 1.0), max(height, 1.0)
    grow = length * height * _UNCLIP / (length + height)
    # The dilation moved the islands' right and lower edges out by the pixel that a contour leaves out: nothing to shift.
    length, height = length + grow, height + grow
    air = 2 * _AIR * min(length, height)
    if length >= height:
        length += air
    else:  # a line on its side
        height += air
    return Piece(across, down, length, height, slant, float(score))


def _moved(piece: Piece, across: int, down: int) -> Piece:
    return Piece(piece.across + across, piece.down + down, piece.length, piece.height, piece.slant, piece.score)


def _add_unless_known(pieces: list[Piece], new: Piece) -> None:
    """Adds a piece from the next window; of two that overlap on the seam the bigger stays."""
    a = new.upright_box
    for i, old in enumerate(pieces):
        b = old.upright_box
        across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
        if across > 0 and down > 0 and across * down > 0.5 * smaller:
            if new.length * new.height > old.length * old.height:
                pieces[i] = new
            return
    pieces.append(new)


def _in_reading_order(pieces: Sequence[Piece]) -> list[Piece]:
    """Rows from top to bottom, each from left to right; a row is what shares most of its height with the row's first piece."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.down):
        if rows and abs(piece.down - rows[-1][0].down) < 0.5 * min(piece.height, rows[-1][0].height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [piece for row in rows for piece in sorted(row, key=lambda p: p.across)]


def cut_out(picture: np.ndarray, piece: Piece) -> np.ndarray:
    """The piece's pixels, laid level; a slice of the picture (no copy) when it is level already."""
    height, width = picture.shape
    if abs(piece.slant) < 0.6 or abs(math.sin(math.radians(piece.slant))) * piece.length < 0.25 * piece.height:
        left, top = round(piece.across - piece.length / 2), round(piece.down - piece.height / 2)
        right, bottom = round(piece.across + piece.length / 2), round(piece.down + piece.height / 2)
        return picture[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    turn = cv2.getRotationMatrix2D((piece.across, piece.down), piece.slant, 1.0)
    size = (max(1, round(piece.length)), max(1, round(piece.height)))
    turn[:, 2] += (size[0] / 2 - piece.across, size[1] / 2 - piece.down)
    return cv2.warpAffine(picture, turn, size, flags=cv2.INTER_LINEAR, borderValue=255)
