"""What the workers of one release share: whether to go on, how to wait, and whether e-RS is there at all.

When e-RS goes away all workers wait at one place while one of them looks with a cheap read, backing off to a minute; when it
stays away the release pauses. After a create whose answer was lost the others go one by one, each after a look for the lost one,
until an answer has come: a service that loses answers must not fill the list of unsure referrals.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterator

from gateway.target import Halted, Outcome

SLICE = 1.0  # seconds slept before it is asked again whether to go on
ORDER_SLICE, ORDER_LOOKS = 0.2, 100  # seconds of a look, and looks, for which a create waits for those before it
FIRST_PATIENCE = 60.0  # seconds that a release waits for an e-RS that has not answered it once
DEFECTS = 3  # referrals in a row whose request e-RS did not understand, after which the others wait
LOSSES = 3  # creates without an answer in a row, after which a person must look


class Gate:
    """One for each running release. `scale` shortens every wait (rehearsal only)."""

    def __init__(
        self,
        *,
        clock: Callable[[], dt.datetime],
        sleep: Callable[[float], None],
        scale: float,
        away_seconds: float,
        alive: Callable[[], Outcome],
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self.scale = scale
        self.away_seconds = away_seconds
        self.alive = alive
        self.look = look  # for creates whose answers were lost
        self.answered = False  # whether e-RS has answered in this release at all
        self.halted: Halted | None = None
        self._away = False
        self._losses = 0
        self._defects = 0
        self._looking = threading.Lock()
        self._one_create = threading.Lock()
        self._guard = threading.Lock()
        self._turns = threading.Condition()
        self._coming: dict[int, tuple[int, dt.datetime, int]] = {}

    def halt(self, reason: str, says: str) -> Halted:
        """Stop all workers at their next step; the first reason is the one that is told."""
        with self._guard:
            if self.halted is None:
                self.halted = Halted(reason, says)
            return self.halted

    def check(self) -> None:
        """Raise Halted when the release must pause."""
        if self.halted is not None:
            raise Halted(self.halted.reason, self.halted.says)

    def pause(self, seconds: float) -> None:
        """Wait so many seconds (scaled), in slices."""
        self.until(self.clock() + dt.timedelta(seconds=seconds * self.scale))

    def until(self, instant: dt.datetime) -> None:
        """Wait for an instant, in slices; Halted ends it."""
        while True:
            self.check()
            left = (instant - self.clock()).total_seconds()
            if left <= 0:
                return
            self.sleep(min(left, SLICE))

    def went_away(self) -> None:
        """A call found e-RS away."""
        self._away = True

    def open_again(self) -> None:
        """Pass when e-RS is there; otherwise wait for it. One worker looks, the others wait for that one."""
        self.check()
        if not self._away:
            return
        with self._looking:
            if not self._away:
                return
            since, wait = self.clock(), 5.0
            while True:
                self.check()
                answer = self.alive()
                # refused is an answer too: the next step will say what is wrong with our session
                if answer.done or answer.status in (401, 403, 404):
                    self._away = False
                    return
                # whoever has just started it is still there and can start it again
                patience = self.away_seconds if self.answered else min(self.away_seconds, FIRST_PATIENCE)
                if (self.clock() - since).total_seconds() >= patience * self.scale:
                    raise self.halt("away", "e-RS is away again. Start the release anew when it is back.")
                self.pause(wait)
                wait = min(60.0, wait * 2)

    def comes(self, referral_id: int, key: tuple[int, dt.datetime, int]) -> None:
        """A referral was picked and will be created; `key` is its place in the order."""
        with self._turns:
            self._coming[referral_id] = key

    def gone(self, referral_id: int) -> None:
        """Its create has its place in the pace, or there will be none in this turn."""
        with self._turns:
            if self._coming.pop(referral_id, None) is not None:
                self._turns.notify_all()

    def wait_for_earlier(self, referral_id: int) -> None:
        """Wait until those picked earlier have gone: a slow search for one must not let a less urgent one go before it (P6).

        No longer than some seconds, because nothing may hold up the rest for good (P7).
        """
        with self._turns:
            key = self._coming.get(referral_id)
            if key is None:
                return
            for _ in range(ORDER_LOOKS):
                if self.halted is not None or not any(other < key for other in self._coming.values()):
                    return
                self._turns.wait(ORDER_SLICE)

    @contextlib.contextmanager
    def create_turn(self) -> Iterator[None]:
        """Around a create: one at a time while the last one's answer was lost, and not before it was looked for."""
        if not self._losses:
            yield
            return
        with self._one_create:
            self.check()
            if self._losses:
                self.look()
            if self._losses >= LOSSES:
                raise self.halt(
                    "answers",
                    f"e-RS lost the answers of {self._losses} creates in a row. Look for them before going on.",
                )
            self.check()
            yield

    def understood(self) -> None:
        """A referral went through, so our requests are as e-RS wants them."""
        with self._guard:
            self._defects = 0

    def not_understood(self, what: str) -> None:
        """e-RS found fault with a request itself (`what`: its status or code): one may be odd, several in a row are our defect."""
        with self._guard:
            self._defects += 1
            many = self._defects >= DEFECTS
        if many:
            self.halt(
                "defect",
                f"e-RS did not understand our requests, {DEFECTS} referrals in a row ({what}). The others wait and are not tried. "
                "Tell the administrator.",
            )

    def create_answered(self, known: bool) -> None:
        """Tell whether a create's answer came, or was found by looking; too many lost ones in a row pause the release."""
        with self._guard:
            self._losses = 0 if known else self._losses + 1
