"""Anything may happen in any order to a release, and still: one create for a decision, nothing lost, the order kept, the sum right.

A hypothesis state machine drives intake, people, the release, the faults of e-RS and crashes of the program against the simulated
e-RS on a made-up clock. `make test` runs a few; `make soak` 2,000 runs of 30 steps (GATEWAY_MODEL_RUNS sets another number).
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from release_world import POINTS, STEPS, World

SOAK = bool(os.environ.get("GATEWAY_SOAK"))
OPERATIONS = st.sampled_from((*STEPS, "A004", "A008", "A030", None))
REFUSALS = st.sampled_from(
    ((422, "INVALID_VALUE"), (422, "PATIENT_ERROR"), (422, "INVALID_STATE"), (422, "NO_CHANGES_DETECTED"), (404, None),
     (400, "UNEXPECTED_FIELD"), (403, "NO_RELATIONSHIP"), (406, None), (413, None))
)  # fmt: skip
PASSING = st.sampled_from(
    ("lost_before", "lost_after", "error_after", "401", "403", "409", "412", "423", "429", "500", "502", "503", "504",
     "token_expired", "version_moved", "pas_error", "pas_silent", "down")
)  # fmt: skip


class ReleaseModel(RuleBasedStateMachine):
    """The world, and what may happen to it."""

    @initialize(seed=st.integers(0, 9999))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.world.add("ROUTINE")

    def one(self, number: int) -> str:
        return list(self.world.told)[number % len(self.world.told)]

    @rule(
        priority=st.sampled_from(("ROUTINE", "URGENT", "TWO_WEEK_WAIT")),
        hours=st.floats(0.1, 400),
        strange=st.sampled_from((None, None, None, None, "practice", "failing", "code")),
    )
    @precondition(lambda self: len(self.world.told) < 7)
    def arrives(self, priority: str, hours: float, strange: str | None) -> None:
        self.world.add(priority, hours, strange=strange)

    @rule(
        crash=st.one_of(st.none(), st.sampled_from(POINTS)),
        nth=st.integers(1, 4),
        in_flight=st.sampled_from((1, 1, 2, 4)),
        wait=st.booleans(),
    )
    def release(self, crash: str | None, nth: int, in_flight: int, wait: bool) -> None:
        self.world.release(crash=crash, nth=nth, in_flight=in_flight, wait=wait)
        self.world.check()

    @rule(kind=PASSING, operation=OPERATIONS, calls=st.integers(1, 5))
    def e_rs_stumbles(self, kind: str, operation: str | None, calls: int) -> None:
        self.world.ers.faults.set(kind, operation=operation, calls=calls)

    @rule(refusal=REFUSALS, operation=st.sampled_from(STEPS), calls=st.integers(1, 3))
    def e_rs_refuses(self, refusal: tuple[int, str | None], operation: str, calls: int) -> None:
        self.world.ers.faults.set("refuse", operation=operation, calls=calls, status=refusal[0], code=refusal[1])

    @rule(mode=st.sampled_from(("refused", "503")), operation=st.sampled_from((None, "A008", "A012")))
    def e_rs_goes_away(self, mode: str, operation: str | None) -> None:
        self.world.ers.faults.set("down", mode=mode, operation=None if mode == "refused" else operation)

    @rule()
    def e_rs_is_well(self) -> None:
        self.world.ers.faults.clear()

    @rule(
        lag=st.sampled_from((0.0, 0.0, 120.0, 3600.0)),
        hides=st.booleans(),
        scan=st.sampled_from((0.0, 30.0, 4000.0)),
        changes=st.sampled_from((None, 5.0)),
    )
    def e_rs_has_moods(self, lag: float, hides: bool, scan: float, changes: float | None) -> None:
        held = self.world.ers.state.settings
        held.worklist_lag_seconds, held.unbooked_hides_pathway_start = lag, hides
        held.scan_seconds, held.self_change_seconds = scan, changes

    @rule(seconds=st.sampled_from((20, 70, 400, 1000, 90_000)))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.sleep(seconds)

    @rule(number=st.integers(0, 9), verb=st.sampled_from(("hold", "unhold", "retry", "retry", "withdraw", "different")))
    def a_clerk_acts(self, number: int, verb: str) -> None:
        self.world.person(self.one(number), verb)

    @rule(
        number=st.integers(0, 9),
        decision=st.sampled_from(("send-again", "send-again", "close")),
        careless=st.sampled_from((False, False, True)),
    )
    def a_person_decides(self, number: int, decision: str, careless: bool) -> None:
        self.world.resolve(self.one(number), decision, careless=careless)

    @rule(number=st.integers(0, 9), double=st.booleans())
    def a_person_cancels(self, number: int, double: bool) -> None:
        self.world.cancel(self.one(number), double=double)
        self.world.check()

    @rule(number=st.integers(0, 9))
    def somebody_enters_it_by_hand(self, number: int) -> None:
        self.world.rival(self.one(number))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.finish()
        finally:
            self.world.close()


def run(runs: int, steps: int, **more: object) -> None:
    run_state_machine_as_test(
        ReleaseModel,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,  # type: ignore[arg-type]
        ),
    )


@pytest.mark.slow
def test_whatever_happens_once_each_and_nothing_lost() -> None:
    run(30, 30, derandomize=True, phases=(Phase.generate,))


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="a long proof: make soak")
def test_two_thousand_runs_of_thirty_steps() -> None:
    run(int(os.environ.get("GATEWAY_MODEL_RUNS", "2000")), 30, phases=(Phase.generate,), print_blob=True, database=None)
