"""Real `kill -9` of a release at any point or instant, again and again, while e-RS stumbles: nothing twice, nothing lost (P4).

The release runs in a process of its own against the simulated e-RS of this one, on the real clock with shortened waits. `make test`
does a few runs; `make soak` does 100 (GATEWAY_KILL_RUNS sets another number).
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import random
import signal
import time

import pytest
from release_world import CLERK, POINTS, STEPS, TRUST, World, start_release

from gateway.release import ReleaseResult
from gateway.settings import Settings
from gateway.store import Store

SOAK = bool(os.environ.get("GATEWAY_SOAK"))
SCALE = 1 / 1200  # twenty minutes take a second
FAULTS = ("lost_before", "lost_after", "error_after", "500", "503", "429", "423", "409", "version_moved", "502")


def real_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def carry_out(url: str, settings: Settings, token: str, crash: str | None, nth: int) -> None:
    """A release in this process, which may end itself by signal 9 at the nth passing of a point."""
    left = [nth]

    def at(point: str) -> None:
        if point == crash:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    start_release(
        Store(url), settings, operator="Robin Clerk", organisation=TRUST, role="REFERRING_CLINICIAN_ADMIN", token=token,
        wait=True, clock=real_clock, sleep=time.sleep, scale=SCALE, at=at,
    )  # fmt: skip


class KilledWorld(World):
    """The same world on the real clock."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, clock=real_clock, scale=SCALE)

    def pass_time(self) -> None:
        """What waits for its time waits one more second."""
        time.sleep(1.3)

    def settle_release(self) -> ReleaseResult | None:
        """To the end, in this process."""
        return self.release(wait=True, in_flight=3, sleep=time.sleep, scale=SCALE)


def killed(world: World, luck: random.Random) -> bool:
    """One release that is ended from outside or ends itself; whether it died."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["gateway.release", "test_release_kills"])
    crash = luck.choice(POINTS) if luck.random() < 0.6 else None
    token = world.ers.tokens.issue(CLERK)["access_token"]
    given = (world.store.url, world.settings, token, crash, luck.randint(1, 4))
    process = context.Process(target=carry_out, args=given, daemon=True)
    process.start()
    assert process.pid is not None
    process.join(luck.uniform(0.2, 3.0) if crash is None else 30)
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
        process.join(10)
    return process.exitcode == -signal.SIGKILL


def one_run(seed: int) -> tuple[int, int]:
    """Referrals, faults, three or four releases that are killed, and the end; how many were killed, and how many tried."""
    luck, world = random.Random(seed), KilledWorld(seed)
    kills = rounds = 0
    try:
        world.settings.ers.in_flight = luck.choice((1, 3, 6))
        for _ in range(luck.randint(2, 4)):
            for _ in range(luck.randint(1, 3)):
                world.add(luck.choice(("ROUTINE", "URGENT", "TWO_WEEK_WAIT")), luck.uniform(0.1, 400))
            for _ in range(luck.randint(0, 2)):
                operation = luck.choice((*STEPS, "A008"))
                world.ers.faults.set(luck.choice(FAULTS), operation=operation, calls=luck.randint(1, 3))
            kills += killed(world, luck)
            rounds += 1
            world.check()
            for code in world.told:
                if luck.random() < 0.3:
                    world.resolve(code, "send-again")
        world.finish()
    finally:
        world.close()
    return kills, rounds


def runs(first: int, count: int) -> None:
    kills = rounds = 0
    for seed in range(first, first + count):
        try:
            more = one_run(seed)
        except AssertionError as error:
            raise AssertionError(f"run {seed}: {error}") from error
        kills, rounds = kills + more[0], rounds + more[1]
    print(f"{count} runs, {rounds} releases, {kills} of them ended by signal 9")
    assert kills >= count


@pytest.mark.slow
def test_kill_9_anywhere_while_e_rs_stumbles() -> None:
    runs(1, 4)


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="a long proof: make soak")
def test_a_hundred_runs_of_kill_9() -> None:
    runs(1000, int(os.environ.get("GATEWAY_KILL_RUNS", "100")))
