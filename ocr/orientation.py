"""Decides which way up a page is, from the shape of its text pieces and from how well a few of them read each way.

Costs some 0.1 s on a page that is upright and needs no second engine: text on its side gives tall pieces, and lines that stand on
their head read with visibly less certainty than the same lines turned.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.finding import Piece, cut_out
from ocr.readers import PpOcr

_SAMPLE = 6
_READS_WELL = 0.93  # mean certainty at which an upright page is believed without trying the other way
_TALL = 1.6
_EDGE = 0.035  # of the page's height: where fax machines print their line, upright on a sheet that lies on its head


def turn_needed(reader: PpOcr, picture: np.ndarray, pieces: Sequence[Piece]) -> int:
    """Degrees (0, 90, 180, 270, clockwise) to turn a level picture so that it can be read; 0 where nothing tells."""
    pieces = _off_the_edges(pieces, picture.shape[0]) or pieces
    tall = [p for p in pieces if p.height > _TALL * p.length]
    flat = [p for p in pieces if p.length > _TALL * p.height]
    weight_tall, weight_flat = (sum(max(p.length, p.height) for p in group) for group in (tall, flat))
    sideways = weight_tall > weight_flat
    crops = [cut_out(picture, p) for p in _sample(tall if sideways else flat)]
    if not crops:
        return 0
    if sideways:
        clockwise = _certainty(reader, [np.ascontiguousarray(np.rot90(c, -1)) for c in crops])
        anticlockwise = _certainty(reader, [np.ascontiguousarray(np.rot90(c, 1)) for c in crops])
        return 90 if clockwise > anticlockwise else 270
    upright = _certainty(reader, crops)
    if upright > _READS_WELL:
        return 0
    headstand = _certainty(reader, [np.ascontiguousarray(c[::-1, ::-1]) for c in crops])
    return 180 if headstand > upright else 0


def _off_the_edges(pieces: Sequence[Piece], height: int) -> list[Piece]:
    """The pieces without those at the page's upper and lower edge."""
    return [p for p in pieces if _EDGE * height < p.down < (1 - _EDGE) * height]


def _sample(pieces: Sequence[Piece]) -> list[Piece]:
    """A few pieces of middling length from all over the page: long enough to tell, short enough to be cheap."""
    fit = [p for p in pieces if 3.5 < max(p.length, p.height) / max(1.0, min(p.length, p.height)) < 16]
    fit = fit or list(pieces)
    step = max(1, len(fit) // _SAMPLE)
    return fit[step // 2 :: step][:_SAMPLE]


def _certainty(reader: PpOcr, crops: Sequence[np.ndarray]) -> float:
    """How sure the reader is of these crops, weighed by what it read (an empty reading counts as one glyph of nothing)."""
    total = count = 0.0
    for glyphs in reader.glyphs(crops):
        marks = [g for g in glyphs if g.text != " "]
        total += sum(g.confidence if g.text.isalnum() else g.confidence * 0.5 for g in marks)
        count += max(1, len(marks))
    return total / count if count else 0.0
