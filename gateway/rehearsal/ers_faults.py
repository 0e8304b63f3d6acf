"""Faults of the rehearsal e-RS that can be switched on and off while it runs, for some calls or one operation only if wished.

`down` (mode `refused` or `503`), `slow` (lognormal by median and p95), any plain status (`429`, `500`, ...), `error_after`
(committed, then 500 or the `status` given), `lost_before` and `lost_after` (the connection is cut without an answer, before or
after the commit), `token_expired`, `version_moved` (e-RS changes the version just before a write), `pas_error`, `pas_silent`, and
`refuse` (any status with any code).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

STATUSES = ("401", "403", "404", "409", "412", "423", "429", "500", "502", "503", "504")
KINDS = (
    "down",
    "slow",
    "error_after",
    "lost_before",
    "lost_after",
    "token_expired",
    "version_moved",
    "pas_error",
    "pas_silent",
    "refuse",
    *STATUSES,
)
MODES = ("503", "refused")
_Z95 = 1.6449  # the 95th percentile of the normal distribution


@dataclass(frozen=True)
class Fault:
    """One fault that is on.

    `operation` (e.g. `A011`, `TOKEN`) limits it to one operation; `calls` to so many more calls; `until` to an instant. `median`
    and `p95` are seconds of the real service. `status` and `code` belong to `refuse` and `error_after`; `retry_after` to 429
    and 503.
    """

    kind: str
    operation: str | None = None
    calls: int | None = None
    until: dt.datetime | None = None
    mode: str = "503"
    median: float = 1.0
    p95: float = 5.0
    status: int | None = None
    code: str | None = None
    retry_after: int | None = None


class Faults:
    """The faults of one rehearsal. Safe to call from any thread."""

    def __init__(self, clock: Callable[[], dt.datetime], random: Random, scale: float) -> None:
        self._clock, self._random, self._scale = clock, random, scale
        self._guard = threading.Lock()
        self._faults: list[Fault] = []
        self._timers: list[threading.Timer] = []
        self.on_change: Callable[[], None] = lambda: None

    def set(
        self,
        kind: str,
        *,
        operation: str | None = None,
        calls: int | None = None,
        seconds: float | None = None,
        **options: Any,
    ) -> Fault:
        """Switches a fault on, in place of one of the same kind for the same operation.

        `seconds` (of the real service) lifts it by itself. Options: `mode`, `median`, `p95`, `status`, `code`, `retry_after`.
        Raises ValueError for a kind, mode, number or option there is not.
        """
        if kind not in KINDS:
            raise ValueError(f"there is no fault {kind!r}; there are: {', '.join(KINDS)}")
        unknown = set(options) - {"mode", "median", "p95", "status", "code", "retry_after"}
        if unknown:
            raise ValueError(f"a fault has no option {', '.join(sorted(unknown))}")
        if options.get("mode", "503") not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        if calls is not None and calls < 1:
            raise ValueError("calls is at least 1")
        if kind == "down" and options.get("mode") == "refused" and (operation is not None or calls is not None):
            raise ValueError("a refused connection has no operation and cannot be counted; use seconds")
        lasts = dt.timedelta(seconds=seconds / self._scale) if seconds is not None else None
        until = self._clock() + lasts if lasts is not None else None
        fault = Fault(kind, operation, calls, until, **options)
        if fault.p95 < fault.median or fault.median <= 0:
            raise ValueError("median is above 0 and p95 at least the median")
        with self._guard:
            self._faults = [f for f in self._faults if (f.kind, f.operation) != (kind, operation)] + [fault]
        self.on_change()
        if lasts is not None:
            timer = threading.Timer(lasts.total_seconds(), self._lift, (fault,))
            timer.daemon = True
            self._timers.append(timer)
            timer.start()
        return fault

    def _lift(self, fault: Fault) -> None:
        with self._guard:
            self._faults = [f for f in self._faults if f is not fault]
        self.on_change()

    def clear(self, kind: str | None = None) -> None:
        """Switches one kind off, or all."""
        with self._guard:
            self._faults = [f for f in self._faults if kind is not None and f.kind != kind]
        self.on_change()

    def stop(self) -> None:
        """Forgets the timers of faults that would lift themselves."""
        for timer in self._timers:
            timer.cancel()

    def active(self) -> list[dict[str, Any]]:
        """The faults that are on, as plain values."""
        with self._guard:
            return [
                dataclasses.asdict(f) | {"until": f.until.isoformat() if f.until else None}
                for f in self._faults
                if self._holds(f)
            ]

    def refusing(self) -> bool:
        """Whether connections are to be refused now."""
        with self._guard:
            return any(f.kind == "down" and f.mode == "refused" for f in self._faults)

    def _holds(self, fault: Fault) -> bool:
        return fault.until is None or self._clock() < fault.until

    def take(self, operation: str) -> dict[str, Fault]:
        """The faults that strike this call, by kind; those limited to some calls are counted down.

        Sign-in (`TOKEN`, `AUTHORIZE`) is another system: only faults that name it strike it.
        """
        sign_in = operation in ("TOKEN", "AUTHORIZE")
        struck: dict[str, Fault] = {}
        with self._guard:
            kept: list[Fault] = []
            for fault in self._faults:
                matches = fault.operation == operation or (fault.operation is None and not sign_in)
                if not matches or not self._holds(fault) or fault.kind in struck:
                    kept.append(fault)
                    continue
                struck[fault.kind] = fault
                if fault.calls is None:
                    kept.append(fault)
                elif fault.calls > 1:
                    kept.append(dataclasses.replace(fault, calls=fault.calls - 1))
            self._faults = kept
        return struck

    def delay(self, fault: Fault) -> float:
        """Seconds this slow answer takes here: lognormal with the fault's median and 95th percentile, divided by the scale."""
        spread = math.log(fault.p95 / fault.median) / _Z95
        with self._guard:
            return self._random.lognormvariate(math.log(fault.median), spread) / self._scale
