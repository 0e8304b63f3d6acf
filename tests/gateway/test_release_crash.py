"""`kill -9` between each call and its record: no referral twice, none lost, whatever the step (P4)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from release_site import RCA, TRUST, Site, open_site, utc_now

from gateway.balance import balance
from gateway.release_report import resolve_unsure
from gateway.store import Store, set_fact

STEPS = ("A010", "A011", "A005", "A020", "A012", "A016", "A019")
MOMENTS = ("booked", "answered", "recorded")


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    """A trust and its e-RS; commands in their own process find the same time scale in the store."""
    with open_site(store) as opened:
        with store.write() as session:
            set_fact(session, "rehearsal.scale", str(opened.scale))
        yield opened


class Crash(BaseException):
    """The program ends here."""


def command(site: Site, **more: str) -> subprocess.Popen[str]:
    """`gateway release start` in its own process, the token on its standard input."""
    environment = {
        **os.environ,
        "GATEWAY_DATABASE_URL": site.store.url,
        "GATEWAY_ERS__BASE_URL": site.ers.base_url,
        "GATEWAY_OFFICE__ODS": TRUST,
        "GATEWAY_ERS__TIMEOUT_SECONDS": "10",
        **more,
    }
    words = ["start", "--operator", "Robin Clerk", "--organisation", TRUST, "--role", RCA, "--token-stdin", "--wait"]
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from gateway.cli_release import app; app(sys.argv[1:])", *words],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    process.stdin.write(f"{site.token}\n")
    process.stdin.close()
    return process


def finish(site: Site, codes: list[str]) -> None:
    """The next releases, and a person's word on what was looked for and is not there; then everything must be in order."""
    for _ in range(3):
        site.release(wait=True)
        for code in codes:
            if site.referral(code).state == "UNSURE":
                assert [p.code for p in site.problems(code)] == ["unsure_not_found"]
                resolve_unsure(site.store, code, decision="send-again", by="ann", why="not there", now=utc_now())
    left = {code: [p.says for p in site.problems(code)] for code in codes if site.referral(code).state != "CLOSED"}
    assert left == {}
    held = site.in_ers()
    assert sorted(row["ubrn"] for row in held) == sorted(site.referral(code).ubrn or "" for code in codes)
    assert {row["state"] for row in held} == {"AWAITING_TRIAGE"}
    assert all(len(row["letters"]) == 1 for row in held)
    with site.store.read() as session:
        assert balance(session).faults == []


@pytest.mark.parametrize("point", [f"{step}:{moment}" for step in STEPS for moment in MOMENTS])
def test_a_crash_at_each_point_leaves_one_referral(site: Site, point: str) -> None:
    site.settings.ers.in_flight = 1
    codes = [site.add(), site.add()]
    crashed: list[str] = []

    def at(here: str) -> None:
        if here == point and not crashed:
            crashed.append(here)
            raise Crash

    with pytest.raises(Crash):
        site.release(at=at)
    finish(site, codes)
    lost = sum(1 for code in codes for a in site.attempts(code, "A011") if a.outcome != "done")
    assert site.ers.inspect()["calls"]["A011"] == len(codes)
    assert lost == (1 if point == "A011:booked" else 0)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["A011:booked", *(f"{step}:answered" for step in STEPS)])
def test_kill_9_between_each_call_and_its_record(site: Site, point: str) -> None:
    codes = [site.add() for _ in range(4)]
    process = command(site, GATEWAY_REHEARSAL_CRASH=f"{point}:2")
    assert process.wait(60) == -signal.SIGKILL, process.stderr and process.stderr.read()
    finish(site, codes)


@pytest.mark.slow
def test_kill_9_at_random_instants(site: Site) -> None:
    site.ers.faults.set("slow", median=20, p95=60)  # of the real service; here a thirtieth of a second and a tenth
    codes = [site.add() for _ in range(30)]
    luck = random.Random(5)
    for _ in range(8):
        process = command(site)
        time.sleep(1.0 + 1.2 * luck.random())
        process.kill()
        process.wait(10)
    site.ers.faults.clear()
    finish(site, codes)


@pytest.mark.slow
def test_a_kill_while_the_answer_is_awaited(site: Site) -> None:
    site.ers.faults.set("slow", operation="A011", median=600, p95=601)  # a second here
    codes = [site.add() for _ in range(3)]
    process = command(site)
    while site.ers.inspect()["calls"].get("A011", 0) == 0:
        time.sleep(0.05)
        assert process.poll() is None
    process.kill()
    process.wait(10)
    site.ers.faults.clear()
    finish(site, codes)


def test_the_crash_hook_is_refused_in_a_real_store(site: Site) -> None:
    site.add()
    with site.store.write() as session:
        set_fact(session, "rehearsal", "no")
    process = command(site, GATEWAY_REHEARSAL_CRASH="A011:booked")
    assert process.wait(60) not in (0, -signal.SIGKILL)
    assert site.in_ers() == []
