"""The books of a release: each call is an Attempt committed before it is made, and a create needs a person's unused decision (P4).

Everything here is one writing transaction: opening an attempt takes the place in the shared pace, checks that the release is still
ours, and for a create uses up the decision; closing it records the outcome together with what follows for the referral.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from gateway.errors import Refused
from gateway.ers_limits import Limiter
from gateway.events import record
from gateway.states import move
from gateway.store import Store
from gateway.tables import Attempt, Referral, Release, ReleaseItem
from gateway.target import Action, Halted, Outcome

CREATE = "A011"
CANCEL = "A036"
FREE_TO_SEND = "release"
SEND_AGAIN = "send again"


@dataclass(frozen=True)
class Booked:
    """An attempt that stands in the database: its row, its correlation id, and from when the call may go out."""

    attempt_id: int
    correlation_id: str
    not_before: dt.datetime


class Journal:
    """The books of one release; without one (`release_id` None) those of a person's single act."""

    def __init__(
        self,
        store: Store,
        release_id: int | None,
        limiter: Limiter,
        clock: Callable[[], dt.datetime],
        patience: float = 190.0,
    ) -> None:
        self.store = store
        self.release_id = release_id
        self.limiter = limiter
        self.clock = clock
        self.patience = patience  # seconds that one call may take
        # our own workers wait here in turn: SQLite's wait for its lock is a sleep of up to a tenth of a second, which costs pace
        self._turn = threading.Lock()

    def open(self, referral_id: int, step: str, asked: dict[str, Any]) -> Booked:
        """Book a step before its call. Halted when the release is no longer ours, Refused when a create is not permitted."""
        now = self.clock()
        with self._turn, self.store.write() as session:
            release = self._release(session)
            referral = session.get_one(Referral, referral_id)
            attempt = Attempt(
                referral_id=referral_id,
                release_id=self.release_id,
                step=step,
                number=_next_number(session, referral_id, step),
                correlation_id=str(uuid.uuid4()),
                operator=release.operator,
                organisation=release.organisation,
                role=release.role,
                asked=asked,
                opened_at=now,
            )
            session.add(attempt)
            session.flush()
            assert attempt.id is not None
            if step == CREATE:
                _use_decision(session, referral, release, attempt)
            not_before = self.limiter.reserve(session, now)
            data = {"step": step, "number": attempt.number, "release": release.code}
            record(session, "attempt.opened", referral.code, release.operator, now, data)
            return Booked(attempt.id, attempt.correlation_id, not_before)

    def close(
        self,
        booked: Booked,
        outcome: Outcome,
        then: Callable[[Session, Referral, Attempt], None] | None = None,
    ) -> None:
        """Record what became of it, and what follows (`then`), in one transaction."""
        now = self.clock()
        with self._turn, self.store.write() as session:
            attempt = session.get_one(Attempt, booked.attempt_id)
            referral = session.get_one(Referral, attempt.referral_id)
            lost = attempt.step == CREATE and outcome.kind == "unsure"
            attempt.outcome = outcome.kind
            attempt.status, attempt.code, attempt.says = outcome.status, outcome.code, outcome.says
            attempt.request_id = outcome.request_id
            attempt.answer = {**attempt.answer, **outcome.answer}
            if lost:
                attempt.answer = {**attempt.answer, "gave_up_at": now.isoformat()}
            else:
                # a lost create stays open until it was found or looked for to the end (P4)
                attempt.closed_at = now
            if attempt.step == CREATE and outcome.kind in ("refused", "not_sent", "again"):
                _free_decision(session, attempt)
            session.add(attempt)
            self._pace(session, outcome, now)
            record(
                session,
                "attempt.closed",
                referral.code,
                attempt.operator,
                now,
                {"step": attempt.step, "number": attempt.number, "outcome": outcome.kind, "status": outcome.status},
            )
            if then is not None:
                then(session, referral, attempt)

    def decide(self, session: Session, referral: Referral, now: dt.datetime) -> None:
        """Note the operator's decision to release this referral, once a release (P4)."""
        release = self._release(session)
        known = session.exec(
            select(ReleaseItem.id).where(
                ReleaseItem.release_id == self.release_id,
                ReleaseItem.referral_id == referral.id,
                ReleaseItem.decision == FREE_TO_SEND,
            )
        ).first()
        if known is None:
            assert referral.id is not None
            session.add(
                ReleaseItem(
                    release_id=self.release_id,
                    referral_id=referral.id,
                    decision=FREE_TO_SEND,
                    by=release.operator,
                    at=now,
                )
            )

    def proofs(self, referral_id: int, step: str) -> list[Attempt]:
        """The attempts at a step that were done, oldest first."""
        with self.store.read() as session:
            return list(
                session.exec(
                    select(Attempt)
                    .where(Attempt.referral_id == referral_id, Attempt.step == step, Attempt.outcome == "done")
                    .order_by(col(Attempt.id))
                )
            )

    def went_before(self, step: str) -> bool:
        """Whether this step has been done for any referral of this release."""
        with self.store.read() as session:
            done = select(Attempt.id).where(
                Attempt.release_id == self.release_id, Attempt.step == step, Attempt.outcome == "done"
            )
            return session.exec(done.limit(1)).first() is not None

    def _pace(self, session: Session, outcome: Outcome, now: dt.datetime) -> None:
        if outcome.action in (Action.SLOW_DOWN, Action.WAIT_UP) or outcome.status in (429, 503):
            self.limiter.trouble(session, now, outcome.retry_after)
        elif outcome.status is not None and outcome.status < 500:
            self.limiter.went_well(session, now)

    def _release(self, session: Session) -> Release:
        release = session.get_one(Release, self.release_id)
        if release.state not in ("DRAINING", "PAUSED"):
            raise Halted("lost", "Another process has taken this release over.")
        return release


def _next_number(session: Session, referral_id: int, step: str) -> int:
    last = session.exec(
        select(Attempt.number)
        .where(Attempt.referral_id == referral_id, Attempt.step == step)
        .order_by(col(Attempt.number).desc())
    ).first()
    return (last or 0) + 1


def open_creates(session: Session, referral_id: int) -> list[Attempt]:
    """Creates of a referral whose outcome nobody knows, oldest first."""
    return list(
        session.exec(
            select(Attempt)
            .where(Attempt.referral_id == referral_id, Attempt.step == CREATE, col(Attempt.closed_at).is_(None))
            .order_by(col(Attempt.id))
        )
    )


def _use_decision(session: Session, referral: Referral, release: Release, attempt: Attempt) -> None:
    """One create for each decision; with an open create only a later `send again` of a person permits another (P4)."""
    if referral.ubrn:
        raise Refused("created", f"{referral.code} is in e-RS already.", "It is never created a second time.")
    if referral.state != "SENDING":
        raise Refused(
            "state", f"{referral.code} is {referral.state}.", "Only a referral that is being sent is created."
        )
    assert referral.id is not None
    unknown = [a for a in open_creates(session, referral.id) if a.id != attempt.id]
    free = select(ReleaseItem).where(ReleaseItem.referral_id == referral.id, col(ReleaseItem.used_by_attempt).is_(None))
    if unknown:
        newest = max(a.opened_at for a in unknown)
        free = free.where(ReleaseItem.decision == SEND_AGAIN, ReleaseItem.at >= newest)
    else:
        free = free.where((ReleaseItem.release_id == release.id) | (ReleaseItem.decision == SEND_AGAIN))
    # SQLite has no row locks and needs none: its writing transactions are one at a time
    item = session.exec(free.order_by(col(ReleaseItem.id)).with_for_update()).first()
    if item is None:
        raise Refused(
            "decision",
            f"{referral.code} may be in e-RS already, and nobody decided to send it again.",
            f"Look for it, then `gateway queue resolve {referral.code}`.",
        )
    item.used_by_attempt = attempt.id
    session.add(item)


def _free_decision(session: Session, attempt: Attempt) -> None:
    """Nothing was created: the decision still stands."""
    for item in session.exec(select(ReleaseItem).where(ReleaseItem.used_by_attempt == attempt.id)):
        item.used_by_attempt = None
        session.add(item)


def give_up_unanswered(session: Session, referral: Referral, now: dt.datetime, patience: float) -> bool:
    """After a crash: what was under way when the program ended. True: a create was, and the referral is now UNSURE.

    Any other open step is simply made again (an A020 leaves an orphan file that harms nobody; A012 and A016 read first).
    """
    assert referral.id is not None
    unknown = False
    rows = session.exec(select(Attempt).where(Attempt.referral_id == referral.id, col(Attempt.closed_at).is_(None)))
    for attempt in rows:
        if attempt.outcome == "unsure":
            continue  # an older create that is being looked for
        if attempt.step == CREATE:
            unknown = True
            attempt.outcome = "unsure"
            attempt.says = "The program ended before the answer was recorded: nobody knows whether it exists."
            until = min(now, attempt.opened_at + dt.timedelta(seconds=2 * patience + 60))
            attempt.answer = {**attempt.answer, "gave_up_at": until.isoformat()}
        else:
            attempt.outcome, attempt.closed_at = "again", now
            attempt.says = "The program ended before the answer was recorded; the step is made again."
        session.add(attempt)
        record(
            session,
            "attempt.closed",
            referral.code,
            "gateway",
            now,
            {"step": attempt.step, "number": attempt.number, "outcome": attempt.outcome, "status": None},
        )
    if unknown:
        move(session, referral, "UNSURE", "gateway", now, why="the program ended")
        referral.next_try_at = now
        session.add(referral)
    return unknown
