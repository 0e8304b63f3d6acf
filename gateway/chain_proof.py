"""How far the event log is proven, so that a page can say so without walking a long log each time it is looked at.

The whole log is proven on demand, at closing, and by `gateway balance`; in between only the lines since the last proof are walked.
What is shown says which is which: an old line that was changed after it was proven shows at the next whole proof, not before.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from gateway.events import GENESIS, lines_until, verify_chain
from gateway.store import Store, get_fact, set_fact

_WHOLE, _NEWER, _FAULTS = "chain.whole", "chain.newer", "chain.faults"
_MOST_FAULTS = 50
STALE = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Proof:
    """What is proven: the whole log up to line `whole_count` at `whole_at`, and the lines up to `count` after it just now."""

    count: int
    head: str
    faults: tuple[str, ...]
    whole_count: int
    whole_at: dt.datetime | None
    now: dt.datetime

    @property
    def all_now(self) -> bool:
        """Whether every line was walked just now."""
        return self.whole_at == self.now

    @property
    def stale(self) -> bool:
        """Whether the last whole proof is so old that somebody should ask for another."""
        return self.whole_at is None or self.now - self.whole_at > STALE


def prove_whole(store: Store, now: dt.datetime) -> Proof:
    """Walk the whole log, and keep how far it was proven."""
    with store.read() as session:
        chain = verify_chain(session)
    with store.write() as session:
        # what a whole walk found stays said until a whole walk finds nothing
        set_fact(session, _FAULTS, json.dumps(chain.faults[:_MOST_FAULTS]))
        if not chain.faults:
            point = {"count": chain.count, "head": chain.head}
            set_fact(session, _WHOLE, json.dumps({**point, "at": now.isoformat()}))
            set_fact(session, _NEWER, json.dumps(point))
    return Proof(chain.count, chain.head, chain.faults, chain.count, now, now)


def prove_newer(store: Store, now: dt.datetime) -> Proof:
    """Walk the lines since the last proof; the whole log where there was none. A fault is told again each time."""
    with store.read() as session:
        whole, newer = _point(get_fact(session, _WHOLE)), _point(get_fact(session, _NEWER))
        known = json.loads(get_fact(session, _FAULTS) or "[]")
        if whole is not None and newer is not None:
            count, kept = lines_until(session, newer["count"])
            chain = verify_chain(session, after=newer["count"], previous=newer["head"])
    if whole is None or newer is None:
        return prove_whole(store, now)
    faults = tuple(dict.fromkeys((*known, *chain.faults)))
    if count != newer["count"] or (kept or GENESIS) != newer["head"]:
        says = f"the first {newer['count']} lines are not those that were proven: {count} are there"
        faults = (says, *faults)
    if not faults and chain.count > newer["count"]:
        with store.write() as session:
            set_fact(session, _NEWER, json.dumps({"count": chain.count, "head": chain.head}))
    at = dt.datetime.fromisoformat(whole["at"])
    return Proof(chain.count, chain.head, faults, whole["count"], at, now)


def _point(text: str | None) -> dict[str, Any] | None:
    return json.loads(text) if text else None
