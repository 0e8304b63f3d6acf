"""Tables in Markdown that a terminal shows well too."""

from __future__ import annotations

from collections.abc import Sequence


def share(hits: int, n: int, places: int = 1) -> str:
    """`97.3 % (1234)`: the share in per cent and the number of cases."""
    return f"{100 * hits / n:.{places}f} % ({n})" if n else "-"


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with even columns; the first is flush left, the others flush right."""
    widths = [max(3, *(len(row[i]) for row in (heading, *rows))) for i in range(len(heading))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = zip(cells, widths, strict=True)
        return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(wide) for cell, wide in rest)]) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:])]) + "|"
    return "\n".join([line(heading), rule, *(line(row) for row in rows)])
