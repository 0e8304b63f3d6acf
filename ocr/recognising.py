"""Reads cut-out lines with the PP-OCR recogniser and says where in the line each glyph stands.

A line goes in at full resolution, scaled to 48 pixels high. Lines of like width share a batch, so that little is spent on padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_HEIGHT = 48
_STEP = 8  # the recogniser answers once for eight pixels of its input
_NARROWEST, _WIDEST = 32, 3200
_BATCH_PIXELS = 4800  # of width in one batch: bounds the memory (P7), with no loss of speed


@dataclass(frozen=True)
class Glyph:
    """One glyph of a line: text, its middle as a share of the line's length (0 to 1), and the reader's confidence."""

    text: str
    at: float
    confidence: float


def recognise(
    session: InferenceSession, alphabet: Sequence[str], crops: Sequence[np.ndarray], odds: np.ndarray
) -> list[tuple[Glyph, ...]]:
    """The glyphs of each grey crop (uint8, height x width), spaces among them; an empty crop gives an empty line.

    `odds` (one number for each place of the alphabet) weighs the chances: 0 forbids a glyph, as a field of digits forbids letters.
    """
    answers: list[tuple[Glyph, ...]] = [()] * len(crops)
    scaled = {i: _scaled(crop) for i, crop in enumerate(crops) if crop.size and min(crop.shape) >= 4}
    for batch in _batches(scaled):
        width = max(scaled[i].shape[1] for i in batch)
        width = -(-width // _STEP) * _STEP
        planes = np.zeros((len(batch), 3, _HEIGHT, width), np.float32)
        for row, i in enumerate(batch):
            planes[row, :, :, : scaled[i].shape[1]] = scaled[i].astype(np.float32) / 127.5 - 1.0
        chances = session.run(None, {"x": planes})[0]
        for row, i in enumerate(batch):
            answers[i] = _decode(chances[row] * odds, alphabet, scaled[i].shape[1])
    return answers


def _scaled(crop: np.ndarray) -> np.ndarray:
    height, width = crop.shape
    wide = min(_WIDEST, max(_NARROWEST, round(width * _HEIGHT / height)))
    shrinking = height > _HEIGHT * 1.2
    return cv2.resize(crop, (wide, _HEIGHT), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)


def _batches(scaled: dict[int, np.ndarray]) -> Iterator[list[int]]:
    """Crops of like width together: a batch ends when the next is an eighth wider than its first, or when it is full."""
    batch: list[int] = []
    for i in sorted(scaled, key=lambda i: scaled[i].shape[1]):
        wide = scaled[i].shape[1]
        if batch and (wide > scaled[batch[0]].shape[1] * 1.125 + _STEP or wide * (len(batch) + 1) > _BATCH_PIXELS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _decode(chances: np.ndarray, alphabet: Sequence[str], width: int) -> tuple[Glyph, ...]:
    """Greedy CTC: of each run of one glyph the likeliest step stands; blanks (place 0) part doubled letters."""
    best = chances.argmax(axis=1)
    sure = chances[np.arange(len(best)), best]
    edges = np.flatnonzero(np.diff(best)) + 1
    glyphs = []
    for start, end in zip([0, *edges], [*edges, len(best)], strict=True):
        if best[start] == 0:
            continue
        peak = start + int(sure[start:end].argmax())
        middle = ((start + end - 1) / 2 + 0.5) * _STEP / width
        glyphs.append(Glyph(alphabet[best[start]], min(1.0, middle), float(sure[peak])))
    return tuple(glyphs)
