"""Says how legible a page is and what is wrong with it: blank, cut, dark, low resolution, hard to read..."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.clean import ink_of
from ocr.page import Line, Quality

_LOSS = {
    "blank": 0.0,
    "cut": 0.15,
    "thin": 0.15,
    "dark": 0.2,
    "low_resolution": 0.15,
    "hard_to_read": 0.2,
    "speckled": 0.1,
}


def judge(picture: np.ndarray, dpi: int, lines: Sequence[Line], extra: Sequence[str] = ()) -> Quality:
    """Legibility of an upright page picture with the lines read from it; `extra` are hazards that its file already showed."""
    hazards = [*extra]
    sure = [(w.confidence, len(w.text)) for line in lines for w in line.words]
    letters = sum(n for _, n in sure)
    mean = sum(c * n for c, n in sure) / letters if letters else 0.0
    if not letters:
        return Quality(0.0, tuple(dict.fromkeys(["blank", *hazards])))
    ink = ink_of(picture)
    share = float(ink.mean())
    if share > 0.25:
        hazards.append("dark")
    if dpi < 150:
        hazards.append("low_resolution")
    if mean < 0.85:
        hazards.append("hard_to_read")
    if _cut_off(ink):
        hazards.append("cut")
    known = dict.fromkeys(hazards)
    score = max(0.0, min(1.0, mean) - sum(_LOSS.get(h, 0.05) for h in known))
    return Quality(round(score, 3), tuple(known))


def _cut_off(ink: np.ndarray) -> bool:
    """Whether letters run into an edge of the page, so that something is missing there."""
    height, width = ink.shape
    edge = 3
    for strip in (ink[height // 20 :, :edge], ink[height // 20 :, width - edge :]):
        rows = strip.any(axis=1).astype(np.int8)
        starts = int((np.diff(rows) == 1).sum())
        if starts > 12 and rows.mean() < 0.5:
            return True
    return bool(
        ink[height - edge :].any(axis=0).mean() > 0.1 and (np.diff(ink[height - 1].astype(np.int8)) == 1).sum() > 12
    )
