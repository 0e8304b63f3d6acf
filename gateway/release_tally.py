"""The tally of one release: what was taken up, sent and refused in it, and who has had all turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.target import End

TURNS = 3  # of one referral in one release that met passing trouble
SCANS = 24  # looks at the scan of one letter in one release: two hours


@dataclass
class Tally:
    """Row numbers of referrals, by what became of them in this release."""

    pushed: set[int] = field(default_factory=set)  # taken up here; letters of earlier releases are followed too
    sent: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    turns: Counter[int] = field(default_factory=Counter)
    scans: Counter[int] = field(default_factory=Counter)

    def count(self, referral_id: int, end: End) -> None:
        """A referral has ended its turn."""
        if end in (End.SENT, End.CLOSED, End.WAITING):
            if referral_id in self.pushed:
                self.sent.add(referral_id)
            self.refused.discard(referral_id)
            self.turns.pop(referral_id, None)
            self.scans[referral_id] += end is End.WAITING
        elif end is End.REFUSED:
            self.refused.add(referral_id)
        elif end is End.LATER:
            self.turns[referral_id] += 1

    def count_looks(self, ends: Mapping[int, End]) -> None:
        """UNSURE ones were looked for: one that could not be has had a turn, any other has its own schedule."""
        for referral_id, end in ends.items():
            if end is End.LATER:
                self.turns[referral_id] += 1

    def spent(self) -> list[int]:
        """Referrals that had all their turns in this release; the next release takes them up again."""
        return [i for i, n in self.turns.items() if n >= TURNS] + [i for i, n in self.scans.items() if n >= SCANS]

    def to_retry(self) -> list[int]:
        """Referrals that met passing trouble and have turns left."""
        return [i for i, n in self.turns.items() if 0 < n < TURNS]
