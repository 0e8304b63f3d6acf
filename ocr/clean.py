"""Cleans page pictures: specks, dark edges, skew, ruled lines; says whether a page is blank. Grey uint8 in, grey uint8 out."""

from __future__ import annotations

import math

import cv2
import numpy as np

_SPECK = 4  # pixels: dots this small are fax noise at 200 dpi (measured in domain/reading.md)
_SKEW_LIMIT = 6.0  # degrees; a feeder does not slant more, a turned page is another matter
_BAR = 0.55  # share of ink: letters cover a quarter of their line, a bar with letters left out of it more than half
_LEVEL = 0.12  # degrees: below this turning costs more sharpness than it gains


def threshold(picture: np.ndarray) -> int:
    """The grey value that parts ink from paper (Otsu, kept in a sane band so that an empty page does not split its own noise)."""
    value, _ = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return int(min(200, max(90, value)))


def ink_of(picture: np.ndarray) -> np.ndarray:
    """The ink as a mask (uint8, 1 where dark)."""
    return (picture < threshold(picture)).astype(np.uint8)


def dark_on_light(picture: np.ndarray) -> np.ndarray:
    """The picture, its greys turned round where light letters stand on a dark bar: what takes ruled lines away would eat them."""
    return 255 - picture if ink_of(picture).mean() > _BAR else picture


def despeckle(picture: np.ndarray, largest: int = _SPECK) -> np.ndarray:
    """The picture without lone dots of `largest` pixels or fewer; full stops at 200 dpi are bigger (8 pixels and more)."""
    ink = ink_of(picture)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count < 2:
        return picture
    small = stats[:, cv2.CC_STAT_AREA] <= largest
    small[0] = False
    if not small.any():
        return picture
    out = picture.copy()
    out[small[labels]] = 255
    return out


def share_removed(before: np.ndarray, after: np.ndarray) -> float:
    """How much of a picture's ink cleaning took away, 0 to 1."""
    gone = int(np.count_nonzero((before != after) & (after == 255)))
    return gone / max(1, gone + int(np.count_nonzero(ink_of(after))))


def drop_dark_edges(picture: np.ndarray) -> np.ndarray:
    """The picture with black borders and corners (lid open, sheet shifted) made white; text that touches an edge stays."""
    height, width = picture.shape
    scale = max(1, min(height, width) // 400)
    small = cv2.resize(ink_of(picture), (width // scale, height // scale), interpolation=cv2.INTER_AREA)
    solid = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    rows, columns = small.shape
    edges = []
    for i in range(1, count):
        x, y, w, h, area = stats[i]
        touches = (x <= 1) + (y <= 1) + (x + w >= columns - 1) + (y + h >= rows - 1)
        long_enough = h > 0.15 * rows or w > 0.3 * columns or touches >= 2
        if touches and long_enough and area / max(w, h) < 0.15 * columns:
            edges.append(i)
    if not edges:
        return picture
    mask = cv2.dilate(np.isin(labels, edges).astype(np.uint8), np.ones((5, 5), np.uint8))
    out = picture.copy()
    out[cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST) > 0] = 255
    return out


def skew_of(picture: np.ndarray) -> float:
    """How far the text slants, in degrees, clockwise positive (within 0.2 on the tests' pages); 0.0 where nothing tells.

    Ink is projected along many slants; the right one has the sharpest rows (or columns, on a page that lies on its side).
    """
    height, width = picture.shape
    scale = min(1.0, 1100 / min(height, width))
    small = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    small = small[:2600, :2600]
    down, across = np.nonzero(small < min(200, threshold(small) + 20))
    if len(down) < 400:
        return 0.0
    if len(down) > 60_000:
        take = np.random.default_rng(7).choice(len(down), 60_000, replace=False)
        down, across = down[take], across[take]
    points = [
        (down.astype(np.float32), across.astype(np.float32)),
        (across.astype(np.float32), -down.astype(np.float32)),
    ]
    peaks = []
    for along, other in points:
        coarse = np.arange(-_SKEW_LIMIT, _SKEW_LIMIT + 0.01, 0.5)
        scores = [_sharpness(along, other, a) for a in coarse]
        best = float(coarse[int(np.argmax(scores))])
        fine = np.arange(best - 0.5, best + 0.51, 0.05)
        fine_scores = np.convolve([_sharpness(along, other, a) for a in fine], [0.25, 0.5, 0.25], mode="same")
        top = int(np.argmax(fine_scores[1:-1])) + 1
        peaks.append((max(scores) / (float(np.median(scores)) + 1e-9), float(fine[top])))
    strength, slant = max(peaks)
    return 0.0 if strength < 1.15 else slant


def _sharpness(along: np.ndarray, other: np.ndarray, slant: float) -> float:
    """How unequal the rows are when the page is seen at a slant."""
    rows = along - other * math.tan(math.radians(slant))
    counts = np.bincount((rows - rows.min()).astype(np.int32)).astype(np.float64)
    return float(np.square(np.diff(counts)).sum())


def straighten(picture: np.ndarray, slant: float) -> np.ndarray:
    """The picture turned so that text of this slant (degrees, clockwise) lies level; the size stays, corners come in white."""
    if abs(slant) < _LEVEL:
        return picture
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), slant, 1.0)
    return cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)


def turn_upright(picture: np.ndarray, degrees: int) -> np.ndarray:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(picture, k=-(degrees // 90) % 4))


def is_blank(picture: np.ndarray) -> bool:
    """Whether a page holds nothing to read: no ink but specks, thin streaks and edges."""
    height, width = picture.shape
    inner = picture[height // 50 : height - height // 50, width // 50 : width - width // 50]
    ink = (inner < min(150, threshold(inner))).astype(np.uint8)
    if not ink.any():
        return True
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sizes = stats[1:]
    like_letters = (
        (sizes[:, cv2.CC_STAT_AREA] > 12) & (sizes[:, cv2.CC_STAT_HEIGHT] > 6) & (sizes[:, cv2.CC_STAT_WIDTH] > 2)
    )
    like_letters &= sizes[:, cv2.CC_STAT_HEIGHT] < height / 4
    return int(like_letters.sum()) < 12


def ruled_lines(ink: np.ndarray, shortest: int = 60) -> np.ndarray:
    """The mask of ruled lines in an ink mask: straight thin components at least `shortest` pixels long.

    Filtered by the whole length of each component: a plain opening ate letters ("radiating" became "rauiaiing").
    """
    found = np.zeros_like(ink)
    for kernel, long_side in (((shortest, 1), cv2.CC_STAT_WIDTH), ((1, shortest), cv2.CC_STAT_HEIGHT)):
        opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, kernel))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
        short_side = cv2.CC_STAT_HEIGHT if long_side == cv2.CC_STAT_WIDTH else cv2.CC_STAT_WIDTH
        keep = (stats[:, long_side] >= shortest) & (stats[:, short_side] <= max(8, shortest // 6))
        keep[0] = False
        found |= keep[labels].astype(np.uint8)
    return found


def without_lines(picture: np.ndarray, shortest: int = 60) -> np.ndarray:
    """The picture with its ruled lines made white; strokes of letters that cross a line are bridged again."""
    ink = ink_of(picture)
    lines = ruled_lines(ink, shortest)
    if not lines.any():
        return picture
    grown = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    rest = ink & ~grown & 1
    bridged = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((7, 1), np.uint8))
    out = picture.copy()
    out[(grown > 0) & (bridged == 0)] = 255
    return out
