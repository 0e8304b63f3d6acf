"""The table of calibration: does the stated confidence hold, band by band, on files that nothing was fitted to?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bench.exact import Outcome, Scored
from bench.intervals import interval
from bench.tables import table

BANDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
ENOUGH = 1_000  # values from which on a band has to hold (issue 3)


def bands(scored: Sequence[Scored]) -> dict[float, list[Outcome]]:
    """The values that were found, by the band of their confidence (its lower edge)."""
    found: dict[float, list[Outcome]] = defaultdict(list)
    for outcome in (o for s in scored for o in s.outcomes if o.found):
        found[max(edge for edge in BANDS if outcome.confidence >= edge)].append(outcome)
    return dict(sorted(found.items()))


def calibration(scored: Sequence[Scored]) -> str:
    """Bands of stated confidence: mean stated, share right, its 95 % interval, and whether the one lies in the other."""
    rows = []
    for edge, found in bands(scored).items():
        right = sum(o.right for o in found)
        low, high = interval(right, len(found))
        stated = sum(o.confidence for o in found) / len(found)
        verdict = "holds" if low <= stated <= high else "too modest" if stated < low else "**too sure**"
        if len(found) < ENOUGH:
            verdict += " (few)"
        after = next((b for b in BANDS if b > edge), 1.0)
        rows.append(
            [
                f"{edge:.3f} to {after:.3f}",
                str(len(found)),
                f"{stated:.4f}",
                f"{right / len(found):.4f}",
                f"{low:.4f} to {high:.4f}",
                verdict,
            ]
        )
    return table(["confidence", "values", "mean stated", "right", "95 % interval", f"from {ENOUGH:,} values on"], rows)
