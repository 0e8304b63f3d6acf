"""The register of page designs: what can be drawn, what it is, and which are kept for reporting only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.rehearsal import designs_forms, designs_letters
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.sheet import Sheet


@dataclass(frozen=True)
class Design:
    """One way a document looks. `held_out` designs are never used while a reader is fitted. `priorities` and `specialties` are those
    it can express (all when empty); `by_hand` forms are filled in with a pen; `share` is its weight when designs are drawn at random.
    """

    name: str
    draw: Callable[[Desk], list[Sheet]]
    held_out: bool = False
    document_type: str = "referral"
    priorities: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    by_hand: bool = False
    mono: bool = False
    share: float = 1.0


_ALL: tuple[Design, ...] = (
    Design("ruled_left", designs_forms.ruled_left),
    Design("boxed_above", designs_forms.boxed_above),
    Design("suspected_cancer", designs_forms.suspected_cancer, priorities=("TWO_WEEK_WAIT",)),
    Design("letter_re", designs_letters.letter_re),
)
DESIGNS: dict[str, Design] = {design.name: design for design in _ALL}


def names(which: str = "all") -> tuple[str, ...]:
    """Names of the designs for fitting (`fit`), kept for reporting (`held-out`), or `all`."""
    return tuple(d.name for d in _ALL if which == "all" or d.held_out is (which == "held-out"))
