"""One pace for all: even spacing, drops on trouble, gentle start, and the same row for every process."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise

from gateway.ers_limits import GENTLE, Limiter
from gateway.store import Store


def test_places_are_spread_evenly_over_all_who_ask(store: Store, now: dt.datetime) -> None:
    limiters = [Limiter(10) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        taken = sorted(pool.map(lambda n: limiters[n % 4].take(store, now), range(40)))
    gaps = [(b - a).total_seconds() for a, b in pairwise(taken)]
    assert taken[0] == now and all(0.1 <= gap < 0.11 for gap in gaps)


def test_trouble_slows_everybody_and_success_raises_again(store: Store, now: dt.datetime) -> None:
    limiter, other = Limiter(10, luck=random.Random(1)), Limiter(10)
    waits = []
    for _ in range(4):
        with store.write() as session:
            waits.append(limiter.trouble(session, now, None))
    assert all(low <= wait <= low * 1.25 for low, wait in zip((1, 2, 4, 8), waits, strict=True))
    assert other.take(store, now) >= now + dt.timedelta(seconds=8)
    with store.write() as session:
        assert limiter.pace(session, now) == GENTLE
        limiter.went_well(session, now)
        assert 1.09 < limiter.pace(session, now) < 1.11
        for _ in range(200):
            limiter.went_well(session, now)
        assert limiter.pace(session, now) == 10


def test_retry_after_is_honoured_and_limited(store: Store, now: dt.datetime) -> None:
    limiter = Limiter(10)
    with store.write() as session:
        assert 30 <= limiter.trouble(session, now, 30) <= 37.5
        assert limiter.trouble(session, now, 86400) <= 375


def test_a_clock_that_was_set_back_does_not_stop_the_drain(store: Store, now: dt.datetime) -> None:
    limiter = Limiter(10)
    limiter.take(store, now + dt.timedelta(days=1))
    assert limiter.take(store, now) == now


def test_a_rehearsal_s_scale_shortens_the_pace(store: Store, now: dt.datetime) -> None:
    limiter = Limiter(10, scale=0.01)
    first, second = limiter.take(store, now), limiter.take(store, now)
    assert (second - first).total_seconds() < 0.0011


def test_overslept_places_do_not_leave_together(now: dt.datetime) -> None:
    limiter, moments = Limiter(10), [now]

    def sleep(seconds: float) -> None:
        moments[0] += dt.timedelta(seconds=seconds)

    left = []
    for _ in range(5):
        limiter.leave(lambda: moments[0], sleep)
        left.append((moments[0] - now).total_seconds())
    gaps = [later - earlier for earlier, later in pairwise(left)]
    assert left[0] == 0 and all(0.1 < gap < 0.103 for gap in gaps), "never eleven within a second"


def take_some(url: str, count: int) -> list[dt.datetime]:
    """Places taken by another process."""
    store = Store(url)
    return [Limiter(10).take(store, dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)) for _ in range(count)]


def test_processes_share_one_pace_and_a_429_slows_them_all(store: Store, store_url: str, now: dt.datetime) -> None:
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("forkserver")) as pool:
        parts = [pool.submit(take_some, store_url, 12) for _ in range(3)]
        taken = sorted(at for part in parts for at in part.result())
        assert all((b - a).total_seconds() >= 0.1 for a, b in pairwise(taken)), "two at one place"
        with store.write() as session:
            Limiter(10, luck=random.Random(1)).trouble(session, taken[-1], 30)
        after = pool.submit(take_some, store_url, 3).result()
    assert after[0] >= taken[-1] + dt.timedelta(seconds=30)
    assert (after[1] - after[0]).total_seconds() > 0.12, "slower than before"
