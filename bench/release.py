"""`python -m bench.release`: pace and memory of a long drain under e-RS's limit, and how quick a queue of 100,000 stays.

The drain is the real command in a process of its own against the simulated e-RS in another, which answers slowly (1 s median, 5 s
at the 95th percentile) and refuses what exceeds 10 calls a second. Writes bench/release.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bench.tables import table
from gateway.ers_limits import Limiter
from gateway.queue import Filter, queue_rows, select_referrals
from gateway.reference import import_reference
from gateway.rehearsal.ers_data import clinicians_csv, services_csv
from gateway.release_journal import Journal
from gateway.release_pick import next_referral, pick
from gateway.settings import OfficeSettings, Settings
from gateway.store import Store, open_store, set_fact
from gateway.tables import Reading, Referral, Release
from gateway.typed import Typed, add_typed
from gateway.typed_papers import Paper

PERMITTED = 10.0  # calls a second
LETTER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
OUT = Path(__file__).parent / "release.md"


@dataclass(frozen=True)
class Drain:
    """What one drain showed. Times are seconds of the real service."""

    referrals: int
    seconds: float
    calls: int
    refused: int  # 429
    ramp: float
    pace: float  # calls a second after the ramp, until the last referrals
    memory: tuple[float, float, float]  # MB after the ramp, at the middle, at the end
    exit_code: int


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def nhs_number(serial: int) -> str:
    for tail in range(serial * 11, serial * 11 + 11):
        first = f"999{tail:06d}"
        check = 11 - sum(int(d) * w for d, w in zip(first, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return first + str(check % 11)
    raise AssertionError


def fill(store: Store, count: int, scale: float) -> None:
    """So many typed READY referrals with a small letter each."""
    now, settings = utc_now(), Settings(office=OfficeSettings(ods="RXX"))
    with store.write() as session:
        set_fact(session, "rehearsal", "yes")
        set_fact(session, "rehearsal.scale", str(1 / scale))
    import_reference(store, "services", services_csv().encode(), "bench", now)
    import_reference(store, "clinicians", clinicians_csv().encode(), "bench", now)
    luck = random.Random(1)
    for start in range(0, count, 50):
        with store.write() as session:
            for serial in range(start, min(start + 50, count)):
                add_typed(session, _typed(serial, luck, now), "bench", now, settings=settings, outage_id=None)


def _typed(serial: int, luck: random.Random, now: dt.datetime) -> Typed:
    priority = luck.choice(("ROUTINE", "ROUTINE", "URGENT", "TWO_WEEK_WAIT"))
    return Typed(
        original=str(serial).encode(),
        fields={
            "patient.nhs_number": nhs_number(serial),
            "patient.family_name": f"Example{serial}",
            "patient.birth_date": (dt.date(1930, 1, 1) + dt.timedelta(days=29 * serial)).isoformat(),
            "referral.priority": priority,
            "referrer.name": "Giles Garland",
            "referrer.practice_code": "A81001",
        },
        received_at=now - dt.timedelta(seconds=luck.randrange(200_000), milliseconds=serial),
        service="21002" if priority == "TWO_WEEK_WAIT" else "11010",
        specialty_code=None,
        clinic_type=None,
        referring_clinician="555000000109",
        original_clock_start=None,
        papers=(Paper("letter.pdf", LETTER + str(serial).encode(), 1),),
        confirmed_by="bench",
    )


def _door(address: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{address}/{path}", data, timeout=60) as answer:
        return json.load(answer)


def drain(folder: Path, count: int, scale: float) -> Drain:
    """Fill a store, release it, watch the process and what e-RS saw."""
    url = f"sqlite:///{folder / 'drain.sqlite3'}"
    store = open_store(url)
    fill(store, count, scale)
    store.close()
    server = subprocess.Popen(
        [sys.executable, "-m", "gateway.rehearsal.ers_server", "--scale", str(scale), "--seed", "1",
         "--setting", f"rate_per_second={PERMITTED}", "--setting", "scan_seconds=0"],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert server.stdout
        where = json.loads(server.stdout.readline())
        _door(where["door_url"], "faults", {"kind": "slow", "median": 1.0, "p95": 5.0})
        return _watched(url, where, count, scale)
    finally:
        server.terminate()
        server.wait(10)


def _watched(url: str, where: dict[str, str], count: int, scale: float) -> Drain:
    token = _door(where["door_url"], "token", {"user": "555000000102"})
    environment = {
        **os.environ,
        "GATEWAY_DATABASE_URL": url,
        "GATEWAY_ERS__BASE_URL": where["base_url"],
        "GATEWAY_ERS__TOKEN_URL": where["token_url"],
        "GATEWAY_ERS__CLIENT_ID": "rehearsal-client",
        "GATEWAY_OFFICE__ODS": "RXX",
    }
    words = ["release", "start", "--operator", "Robin Clerk", "--organisation", "RXX"]
    words += ["--role", "REFERRING_CLINICIAN_ADMIN", "--token-stdin", "--json"]
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", *words], env=environment, stdin=subprocess.PIPE, text=True
    )
    assert process.stdin
    process.stdin.write(json.dumps(token) + "\n")
    process.stdin.close()
    memory: list[float] = []
    while process.poll() is None:
        memory.append(_resident(process.pid))
        time.sleep(1)
    seconds = (time.monotonic() - began) * scale
    return _told(_door(where["door_url"], "log"), count, seconds, scale, memory, process.returncode)


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0.0


def _told(log: list[dict[str, str]], count: int, seconds: float, scale: float, memory: list[float], code: int) -> Drain:
    calls = [line for line in log if line["operation"] not in ("TOKEN", "AUTHORIZE")]
    times = [dt.datetime.fromisoformat(line["at"]).timestamp() * scale for line in calls]
    ramp = _ramp(times)
    # the last referrals have fewer calls left than there are places
    last = times[max(0, len(times) - 250)]
    steady = [t for t in times if times[0] + ramp <= t <= last]
    pace = (len(steady) - 1) / (steady[-1] - steady[0]) if len(steady) > 100 else 0.0
    kept = [m for m in memory if m]
    third = (kept[len(kept) // 5], kept[len(kept) // 2], kept[-1]) if kept else (0.0, 0.0, 0.0)
    refused = sum(line["answer"] == "429" for line in calls)
    return Drain(count, seconds, len(calls), refused, ramp, pace, third, code)


def _ramp(times: Sequence[float]) -> float:
    """Seconds until ten seconds at 9 calls a second or more have been seen."""
    for index, (start, _) in enumerate(pairwise(times)):
        within = sum(1 for t in times[index : index + 200] if t < start + 10)
        if within >= 90:
            return start - times[0]
    return times[-1] - times[0]


def big_queue(folder: Path, count: int) -> list[tuple[str, float, float, str]]:
    """Name, median and best milliseconds, and the goal, of what is done at every pick and on every page of a list."""
    store = open_store(f"sqlite:///{folder / 'big.sqlite3'}")
    now, luck = utc_now(), random.Random(2)
    referrals: Any = Referral.__table__  # type: ignore[attr-defined]
    readings: Any = Reading.__table__  # type: ignore[attr-defined]
    with store.write() as session:
        connection = session.connection()
        rows = [
            {"code": f"R-{i:06d}", "state": "READY", "version": 1, "rank": luck.choice((0, 1, 2, 2, 2)), "origin": "typed",
             "arrived_at": now - dt.timedelta(seconds=luck.randrange(10**6)), "created_at": now, "by_machine": False}
            for i in range(count)
        ]  # fmt: skip
        connection.execute(sa.insert(referrals), rows)
        ids = list(connection.execute(sa.select(referrals.c.id, referrals.c.rank)))
        said = {0: "TWO_WEEK_WAIT", 1: "URGENT", 2: "ROUTINE"}
        values = [
            {"referral_id": i, "field": field, "value": value, "current": True, "accepted": True, "confidence": 1.0,
             "how": "typed", "by": "bench", "at": now}
            for i, rank in ids
            for field, value in (("referral.priority", said[rank]), ("referrer.practice_code", f"A8{i % 900:04d}"),
                                 ("patient.nhs_number", f"999{i:07d}"), ("referral.specialty", "Dermatology"))
        ]  # fmt: skip
        connection.execute(sa.insert(readings), values)
        release = Release(
            code="P-22", operator="b", organisation="RXX", role="R", state="DRAINING", opened_at=now, seen_at=now
        )
        session.add(release)
        session.flush()
        journal = Journal(store, release.id or 0, Limiter(10.0), utc_now)
    found = _timed(store, journal)
    store.close()
    return found


def _timed(store: Store, journal: Journal) -> list[tuple[str, float, float, str]]:
    def look(what: Callable[[Session], object]) -> Callable[[], None]:
        def do() -> None:
            with store.read() as session:
                what(session)

        return do

    def take() -> None:
        with store.write() as session:
            pick(session, journal, utc_now(), None, [])

    def page(wanted: Filter) -> Callable[[], None]:
        return look(lambda s: queue_rows(s, select_referrals(s, wanted, utc_now(), 50), utc_now()))

    rows = [
        ("which is next", look(lambda s: next_referral(s, utc_now(), None, [])), "< 5 ms"),
        ("which is next of one practice", look(lambda s: next_referral(s, utc_now(), "A80007", [])), "< 5 ms"),
        ("taking it: state, event, decision, commit", take, ""),
        ("a page of 50, all states", page(Filter()), "< 100 ms"),
        ("a page of 50, READY", page(Filter(states=("READY",))), "< 100 ms"),
        ("a page of 50, one practice", page(Filter(practice="A80007")), "< 100 ms"),
        ("a page of 50, ROUTINE", page(Filter(priority="ROUTINE")), "< 100 ms"),
        ("a page of 50, ROUTINE and READY", page(Filter(priority="ROUTINE", states=("READY",))), "< 100 ms"),
        ("a page of 50, priority unknown", page(Filter(priority="unknown")), "< 100 ms"),
        ("a page of 50, on hold", page(Filter(held=True)), "< 100 ms"),
        ("a page of 50, older than 5 days", page(Filter(older_than=dt.timedelta(days=5))), "< 100 ms"),
        ("a page of 50, outside an outage", page(Filter(outage="none")), "< 100 ms"),
    ]
    found = []
    for name, what, goal in rows:
        what()
        times = []
        for _ in range(25):
            began = time.perf_counter()
            what()
            times.append(1000 * (time.perf_counter() - began))
        found.append((name, statistics.median(times), min(times), goal))
    return found


def report(parts: Sequence[str]) -> str:
    busy = ", ".join(f"{n:.1f}" for n in os.getloadavg())
    return "\n".join(
        [
            "# The release, measured",
            "",
            "`python -m bench.release` writes this file; the goals are those of issue 5.",
            f"{utc_now():%-d %B %Y %H:%M} UTC; {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
            f"load averages at the end {busy} (other work ran beside it).",
            "",
            *parts,
            "",
        ]
    )


def drain_part(found: Drain, scale: float) -> str:
    share = 100 * found.pace / PERMITTED
    early, middle, late = found.memory
    rows = [
        ["pace after the ramp, share of 10 calls/s", f"{share:.1f} %", ">= 95 %"],
        ["ramp from 1 call/s to the limit", f"{found.ramp:.0f} s", ""],
        ["the whole drain", f"{found.seconds:.0f} s", ""],
        ["calls", str(found.calls), ""],
        ["calls refused as too many (429)", str(found.refused), ""],
        ["memory of the process: early, middle, end", f"{early:.0f}, {middle:.0f}, {late:.0f} MB", "flat"],
        ["exit code", str(found.exit_code), "0"],
    ]
    head = f"## A drain of {found.referrals} referrals (answers 1 s median, 5 s at p95; time {scale:g} times faster)"
    return f"{head}\n\n{table(['measure', 'found', 'goal'], rows)}\n"


def queue_part(found: Sequence[tuple[str, float, float, str]], count: int) -> str:
    rows = [[name, f"{median:.1f} ms", f"{best:.1f} ms", goal] for name, median, best, goal in found]
    return f"## {count:,} in the queue\n\n{table(['measure', 'median', 'best', 'goal'], rows)}\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.release", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--referrals", type=int, default=1000, help="in the drain; 0 leaves it out")
    parser.add_argument("--scale", type=float, default=1.0, help="how many times faster time passes in the drain")
    parser.add_argument("--queue", type=int, default=100_000, help="in the long queue; 0 leaves it out")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        del os.environ[name]
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        if args.queue:
            parts.append(queue_part(big_queue(Path(folder), args.queue), args.queue))
            print(parts[-1], flush=True)
        if args.referrals:
            parts.append(drain_part(drain(Path(folder), args.referrals, args.scale), args.scale))
            print(parts[-1], flush=True)
    args.out.write_text(report(parts))


if __name__ == "__main__":
    main()
