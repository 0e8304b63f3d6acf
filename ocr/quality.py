"""Says how legible a page is and what is wrong with it: blank, cut, thin, dark, low resolution, hard to read..."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ocr.clean import ink_of
from ocr.page import Line, Quality

_LOSS = {
    "cut": 0.15,
    "thin": 0.4,
    "speckled": 0.1,
    "dark": 0.2,
    "low_resolution": 0.15,
    "hard_to_read": 0.2,
    "damaged": 0.1,
    "lossy": 0.1,
    "long": 0.1,
    "reduced": 0.1,
}
_CRUMB = 70  # pixels at 200 dpi: what is left of a letter whose strokes were lost


def judge(picture: np.ndarray, dpi: int, lines: Sequence[Line], extra: Sequence[str] = ()) -> Quality:
    """Legibility of an upright page picture with the lines read from it; `extra` are hazards that are known already."""
    letters = sum(len(w.text) for line in lines for w in line.words)
    if not letters:
        return Quality(0.0, tuple(dict.fromkeys(["nothing_read", *extra])))
    hazards = [*extra]
    sure = sum(w.confidence * len(w.text) for line in lines for w in line.words) / letters
    ink = ink_of(picture)
    if float(ink.mean()) > 0.25:
        hazards.append("dark")
    if dpi < 150:
        hazards.append("low_resolution")
    if sure < 0.85:
        hazards.append("hard_to_read")
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if _cut_off(stats[1:], picture.shape[1]):
        hazards.append("cut")
    hazards += _crumbs(stats[1:], picture.shape, lines, letters)
    known = dict.fromkeys(hazards)
    score = max(0.0, min(1.0, sure) - sum(_LOSS.get(h, 0.0) for h in known))
    return Quality(round(score, 3), tuple(known))


def _cut_off(stats: np.ndarray, width: int) -> bool:
    """Whether many letters run into the left or right edge, so that something is missing there."""
    x, w, h = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    like_letters = (h >= 9) & (h <= 60) & (w >= 4) & (w <= 80)
    return bool(max((like_letters & (x <= 1)).sum(), (like_letters & (x + w >= width - 1)).sum()) > 12)


def _crumbs(stats: np.ndarray, shape: tuple[int, ...], lines: Sequence[Line], letters: int) -> list[str]:
    """`thin` where crumbs that no reader took for text stand in rows (a pale original), `speckled` where they lie anywhere."""
    height, width = shape
    read = np.zeros(shape, np.uint8)
    for line in lines:
        box = line.box
        air = int(0.4 * box.height * height)
        left, right = int(box.left * width) - air, int(box.right * width) + air
        read[max(0, int(box.top * height) - air) : int(box.bottom * height) + air, max(0, left) : right] = 1
    small = stats[
        (stats[:, cv2.CC_STAT_AREA] >= 3)
        & (stats[:, cv2.CC_STAT_AREA] <= _CRUMB)
        & (stats[:, cv2.CC_STAT_HEIGHT] <= 24)
    ]
    rows = small[:, cv2.CC_STAT_TOP] + small[:, cv2.CC_STAT_HEIGHT] // 2
    columns = small[:, cv2.CC_STAT_LEFT] + small[:, cv2.CC_STAT_WIDTH] // 2
    loose = rows[read[rows, columns] == 0]
    if len(loose) < 120 or len(loose) < 0.25 * letters:
        return []
    bands = np.bincount(loose // 12, minlength=height // 12 + 1)
    busiest = np.sort(bands)[::-1][: max(1, len(bands) // 4)].sum()
    return ["thin" if busiest > 0.7 * len(loose) else "speckled"]
