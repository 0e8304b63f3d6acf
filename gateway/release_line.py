"""The line to e-RS in one release: books each step, waits for its place, calls, records, and does what needs no thought.

What needs none: refreshing the session once, slowing down, waiting while e-RS is away, repeating a read twice. Everything else goes
back to the step that asked.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from gateway.ers import Ers
from gateway.ers_answers import READS
from gateway.ers_limits import Limiter
from gateway.release_gate import Gate
from gateway.release_journal import CREATE, Journal
from gateway.settings import Settings
from gateway.store import Store
from gateway.tables import Attempt, Referral
from gateway.target import Action, Halted, Outcome

REPEATS = 2  # of a read that failed
SLOWED = 8  # answers 429 to one step before it is left for later
AWAYS = 3  # answers 503 to one read while others are answered, before it is left for later
LOCK_WAITS = (2.0, 4.0, 8.0, 16.0, 30.0)  # seconds (423)

Then = Callable[[Session, Referral, Attempt], None]


@dataclass
class Line:
    """All that a step needs. `at` is called between a call and its record: the drill and the tests end the program there."""

    store: Store
    settings: Settings
    client: Ers
    journal: Journal
    limiter: Limiter
    gate: Gate
    clock: Callable[[], dt.datetime]
    operator: str
    organisation: str
    role: str
    scale: float = 1.0
    user_id: str | None = None
    application: Ers | None = None
    at: Callable[[str], None] = field(default=lambda point: None)

    def step(
        self,
        referral_id: int,
        name: str,
        asked: dict[str, Any],
        call: Callable[[str], Outcome],
        then: Then | None = None,
    ) -> Outcome:
        """One step of one referral. `then` runs in the transaction that records its outcome."""
        renewed, repeats, slowed, aways = False, 0, 0, 0
        while True:
            used = self.client.session.token()
            outcome = self._once(referral_id, name, asked, call, then)
            if outcome.action is Action.SIGN_IN:
                renewed = self._renew(renewed, used, outcome)
            elif outcome.action is Action.STOP:
                return self._role_refused(referral_id, name, outcome)
            elif outcome.action is Action.SLOW_DOWN and slowed < SLOWED:
                slowed += 1
            elif outcome.action is Action.WAIT_UP:
                self.gate.went_away()
                self.gate.open_again()
                # a write may have been carried out behind a 503: its step reads before it repeats
                if outcome.kind != "not_sent" and (name not in READS or aways >= AWAYS):
                    return outcome
                aways += 1
            elif outcome.action is Action.REPEAT and repeats < REPEATS:
                repeats += 1
                self.gate.pause(repeats)
            else:
                return outcome

    def _once(
        self, referral_id: int, name: str, asked: dict[str, Any], call: Callable[[str], Outcome], then: Then | None
    ) -> Outcome:
        self.gate.open_again()
        if name != CREATE:
            return self._booked(referral_id, name, asked, call, then)
        self.gate.wait_for_earlier(referral_id)
        with self.gate.create_turn():
            outcome = self._booked(referral_id, name, asked, call, then)
            if outcome.kind != "not_sent":
                self.gate.create_answered(outcome.kind != "unsure")
            return outcome

    def _booked(
        self, referral_id: int, name: str, asked: dict[str, Any], call: Callable[[str], Outcome], then: Then | None
    ) -> Outcome:
        booked = self.journal.open(referral_id, name, asked)
        if name == CREATE:
            self.gate.gone(referral_id)
        self.at(f"{name}:booked")
        try:
            self.gate.until(booked.not_before)
        except Halted as halted:
            self.journal.close(booked, Outcome("not_sent", Action.WAIT_UP, halted.says))
            raise
        outcome = call(booked.correlation_id)
        self.at(f"{name}:answered")
        self.journal.close(booked, outcome, then)
        self.at(f"{name}:recorded")
        return outcome

    def ask(self, call: Callable[[str], Outcome], *, client: Ers | None = None, may_refuse: bool = False) -> Outcome:
        """A read that belongs to no referral (A004, A008, A030): paced, not booked. `may_refuse`: 401 proves nothing here."""
        client = client or self.client
        renewed, repeats, slowed, aways = False, 0, 0, 0
        while True:
            self.gate.open_again()
            self.gate.until(self.limiter.take(self.store, self.clock()))
            used = self.client.session.token()
            outcome = call(str(uuid.uuid4()))
            with self.store.write() as session:
                if outcome.action in (Action.SLOW_DOWN, Action.WAIT_UP):
                    self.limiter.trouble(session, self.clock(), outcome.retry_after)
                elif outcome.done:
                    self.limiter.went_well(session, self.clock())
            self.gate.answered |= outcome.status is not None and outcome.status < 500
            if outcome.action is Action.SIGN_IN and may_refuse:
                return outcome
            if outcome.action is Action.SIGN_IN and client is self.client:
                renewed = self._renew(renewed, used, outcome)
            elif outcome.action is Action.SIGN_IN and not renewed:
                renewed = client.session.renew(None)
                if not renewed:
                    return outcome
            elif outcome.action is Action.SLOW_DOWN and slowed < SLOWED:
                slowed += 1
            elif outcome.action is Action.WAIT_UP and client is self.client and aways < AWAYS:
                aways += outcome.kind != "not_sent"
                self.gate.went_away()
            elif outcome.action is Action.REPEAT and repeats < REPEATS:
                repeats += 1
                self.gate.pause(repeats)
            else:
                return outcome

    def locked(self, times: int) -> bool:
        """Wait after a 423; False when it was locked too often."""
        if times > len(LOCK_WAITS):
            return False
        self.gate.pause(LOCK_WAITS[times - 1])
        return True

    def alive(self) -> Outcome:
        """One cheap read (A004), past the gate that waits for its answer."""
        self.gate.until(self.limiter.take(self.store, self.clock()))
        return self.client.code_table("PRIORITY", str(uuid.uuid4()))

    def _renew(self, renewed: bool, used: str | None, outcome: Outcome) -> bool:
        """401: refresh once, then pause; no referral is blamed and no attempt counted."""
        if not renewed and self.client.session.renew(used):
            return True
        raise self.gate.halt("sign_in", f"{outcome.says} Sign in and start the release again; nothing is lost.")

    def _role_refused(self, referral_id: int, name: str, outcome: Outcome) -> Outcome:
        """403: pause after the first where all would fail; where only this referral is meant, return and let it step aside."""
        about_referral = name in ("A005", "A012", "A016", "A019", "A036") or self.journal.went_before(name)
        if about_referral and self._role_stands():
            says = "e-RS does not allow it for this patient or referral, though it does for others. Look at it in e-RS."
            return dataclasses.replace(outcome, says=says)
        with self.store.read() as session:
            code = session.get_one(Referral, referral_id).code
        raise self.gate.halt(
            "role",
            f"e-RS does not allow {name} for {self.role} at {self.organisation}"
            f"{f' ({outcome.code})' if outcome.code else ''}. Choose another role or organisation, or have it granted. "
            f"It was met at {code}: where others went before, hold that one.",
        )

    def _role_stands(self) -> bool:
        """Whether the signed-in person still holds this role at this organisation (A030)."""
        answer = self.ask(self.client.roles)
        return answer.done and self.role in answer.body[1].get(self.organisation, frozenset())
