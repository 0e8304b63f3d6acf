"""What a destination of referrals is: the outcome of one call, what follows from it, and the protocol a destination fulfils.

e-RS is the one destination today (`gateway.release_chain`); the drain knows only this module's words, so that another (BaRS, a
hospital's own system) can be put beside it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

OutcomeKind = Literal["done", "refused", "unsure", "not_sent", "again"]


class Action(StrEnum):
    """The one thing to do after an answer; every status and code leads to exactly one of them."""

    GO_ON = "go on"
    ASK_PERSON = "set this referral aside and ask a person"
    DEFECT = "set this referral aside and raise an alarm: our request is at fault"
    SIGN_IN = "refresh the session once, then pause and ask for a sign-in"
    STOP = "pause the whole release: every referral would be refused"
    READ_AGAIN = "read the referral, look at what changed, repeat with the new version"
    LOCKED = "read the referral again, wait, repeat; at most five times"
    SLOW_DOWN = "slow the whole release, then repeat"
    WAIT_UP = "wait until e-RS answers again, then repeat"
    REPEAT = "repeat, at most twice"
    LOOK_FIRST = "nobody knows whether it was done: look before anything else"
    PERHAPS_DONE = "it says that it is done already: read the referral to see"
    MOVED_ON = "its state in e-RS is another one: read the referral, and if that explains nothing ask a person"
    SLOTS_FREE = "may not be deferred, the patient books"
    PAS_REFUSED = "the provider's own system refused: read, then defer for that reason"


@dataclass(frozen=True)
class Outcome:
    """What became of one call.

    `status` is None where no answer came. `says` is for a clerk and holds nothing of the patient (P8). `answer` is what must be
    kept of the answer (UBRN, version, location), `body` the whole parsed answer, which is never stored.
    """

    kind: OutcomeKind
    action: Action
    says: str
    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)

    @property
    def done(self) -> bool:
        """Whether the call did what was asked."""
        return self.kind == "done"


class End(StrEnum):
    """Where one referral's turn ended."""

    SENT = "sent"
    CLOSED = "closed"
    UNSURE = "unsure"
    REFUSED = "refused"
    BACK = "back in the queue"  # nothing left for the destination; no attempt counted
    LATER = "half done, goes on later"
    WAITING = "waits for the scan of its letter"


class Halted(Exception):
    """The release must pause: its sign-in ended, its role is refused, the destination is away, somebody asked to stop.

    `reason` is one of sign_in, role, away, stop, alarm, answers, lost.
    """

    def __init__(self, reason: str, says: str) -> None:
        super().__init__(says)
        self.reason = reason
        self.says = says


class Target(Protocol):
    """A destination, seen from the drain. Each method may raise Halted; nothing else leaves it but defects."""

    name: str

    def prepare(self) -> list[str]:
        """Check the session, fetch what is needed for the whole queue; returns what could not be checked, in sentences."""
        ...

    def push(self, referral_id: int) -> End:
        """Carry one SENDING referral as far as it goes, from the first step without proof."""
        ...

    def look(self, referral_id: int) -> End:
        """Look for an UNSURE referral at the destination (never creates anything)."""
        ...

    def follow(self, referral_id: int) -> End:
        """See whether a SENT referral's letter has been scanned; closes it when so."""
        ...

    def alive(self) -> Outcome:
        """One cheap read that tells whether the destination answers."""
        ...


def milliseconds(instant: dt.datetime) -> str:
    """An instant as e-RS wants it: UTC, `Z`, milliseconds kept and not rounded up."""
    utc = instant.astimezone(dt.UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"
