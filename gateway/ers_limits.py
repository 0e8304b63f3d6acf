"""One pace for all calls to e-RS: probe, sweeps, every worker and every process share one row in the database.

The row keeps the next free instant. Who wants to call takes it and moves it on, in a transaction, and waits until then; so calls
are spread evenly and never exceed the permitted rate. After trouble the pace drops, and each success raises it a little: the
first calls after an outage are gentle (ers.md section 7).
"""

from __future__ import annotations

import datetime as dt
import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from gateway.store import Store, locked_fact
from gateway.tables import Fact

NAME = "ers.pace"
MARGIN = 0.97  # calls are spread by the clock here and counted by the clock there, after the network's own unevenness
GENTLE = 1.0  # calls a second after an outage, before the pace rises again
CLOSER = 0.985  # of the permitted rate: how close late calls may follow each other to make up for lost time
CATCH_UP = dt.timedelta(seconds=0.5)  # places that nobody took in time are made up for as far back as this
STEP_UP = 0.1  # calls a second more for each success
LONGEST_WAIT = 300.0  # seconds; a longer Retry-After is asked again


@dataclass
class _Pace:
    next_at: dt.datetime
    rate: float
    trouble: int = 0  # 429 and 503 in a row


class Limiter:
    """The shared pace. `scale` shortens all waiting in a rehearsal store; it is 1 for a real one."""

    def __init__(self, rate: float, *, scale: float = 1.0, luck: random.Random | None = None) -> None:
        self.rate = rate
        self.scale = scale
        self._luck = luck or random.Random()
        self._guard = threading.Lock()
        self._last: dt.datetime | None = None

    def reserve(self, session: Session, now: dt.datetime) -> dt.datetime:
        """Take the next place, inside the caller's writing transaction; returns the instant from which the call may go out.

        That may be a moment ago: what is late is made up for by `leave`, one call after the other.
        """
        pace, row = self._load(session, now)
        slot = max(now - CATCH_UP * self.scale, pace.next_at)
        pace.next_at = slot + dt.timedelta(seconds=self.scale / (pace.rate * MARGIN))
        self._keep(session, pace, row)
        return slot

    def take(self, store: Store, now: dt.datetime) -> dt.datetime:
        """The same in a transaction of its own, for calls that belong to no referral."""
        with store.write() as session:
            return self.reserve(session, now)

    def leave(self, clock: Callable[[], dt.datetime], sleep: Callable[[float], None]) -> None:
        """Let one call go whose place has come: places that were overslept together do not leave together.

        Called when a request is about to be written. The calls leave one by one, a little closer than their places lie, so that a
        late one can be made up for.
        """
        with self._guard:
            if self._last is not None:
                gap = dt.timedelta(seconds=self.scale / (self.rate * CLOSER))
                left = (min(self._last, clock()) + gap - clock()).total_seconds()
                if left > 0:
                    sleep(left)
            self._last = clock()

    def went_well(self, session: Session, now: dt.datetime) -> None:
        """An answer that is no trouble: raise the pace a little towards the permitted rate."""
        pace, row = self._load(session, now)
        if pace.trouble or pace.rate < self.rate:
            pace.trouble = 0
            pace.rate = min(self.rate, pace.rate + STEP_UP)
            self._keep(session, pace, row)

    def trouble(self, session: Session, now: dt.datetime, retry_after: float | None) -> float:
        """429 or 503: nobody calls before Retry-After, or 1, 2, 4, 8... seconds, with jitter; returns the seconds."""
        pace, row = self._load(session, now)
        wait = retry_after if retry_after is not None else 2.0 ** min(pace.trouble, 8)
        wait = min(wait, LONGEST_WAIT) * (1 + 0.25 * self._luck.random()) * self.scale
        pace.next_at = max(pace.next_at, now + dt.timedelta(seconds=wait))
        if pace.next_at > now + dt.timedelta(seconds=wait):
            wait = (pace.next_at - now).total_seconds()
        pace.trouble += 1
        # the first 429 is a call too many, not an outage
        pace.rate = max(min(GENTLE, self.rate), pace.rate * (0.8 if pace.trouble == 1 else 0.5))
        self._keep(session, pace, row)
        return wait

    def start_gently(self, session: Session, now: dt.datetime) -> None:
        """Begin again at the gentle pace, as after an outage."""
        pace, row = self._load(session, now)
        pace.rate = min(GENTLE, self.rate)
        self._keep(session, pace, row)

    def pace(self, session: Session, now: dt.datetime) -> float:
        """The present pace in calls a second."""
        return self._read(session.get(Fact, NAME), now).rate / self.scale

    def _load(self, session: Session, now: dt.datetime) -> tuple[_Pace, Fact]:
        row = locked_fact(session, NAME, "")
        return self._read(row, now), row

    def _read(self, row: Fact | None, now: dt.datetime) -> _Pace:
        if row is None or not row.value:
            return _Pace(now, self.rate)
        kept = json.loads(row.value)
        next_at = dt.datetime.fromisoformat(kept["next_at"])
        # a place far ahead is a clock that was set back, not a queue
        if next_at > now + dt.timedelta(seconds=2 * LONGEST_WAIT):
            next_at = now
        return _Pace(next_at, min(kept["rate"], self.rate), kept["trouble"])

    def _keep(self, session: Session, pace: _Pace, row: Fact) -> None:
        row.value = json.dumps({"next_at": pace.next_at.isoformat(), "rate": pace.rate, "trouble": pace.trouble})
        session.add(row)
        session.flush()
