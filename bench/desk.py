"""`python -m bench.desk`: how quick the review desk stays with 10,000 referrals in its store, and what a scripted clerk gets done.

The desk is served by a process of its own; times are those a client on the same machine sees, so the way there is in them. Writes
bench/desk.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import sqlalchemy as sa
from sqlmodel import col, select

from bench.desk_clerk import Shift, work_a_shift
from bench.desk_store import CLERK, PASSWORD, PRACTICES, fill
from bench.tables import table
from gateway.settings import Settings
from gateway.store import open_store
from gateway.tables import PageUse, Referral

OUT = Path(__file__).parent / "desk.md"


@dataclass(frozen=True)
class Timing:
    """How long one kind of page took, in milliseconds, and its goal at the 95th percentile (None: no goal).

    `work`: processor time of the serving process for one page, which other programs on the machine hardly change.
    """

    name: str
    times: tuple[float, ...]
    work: float
    goal: float | None

    def cells(self) -> list[str]:
        """A row of the table."""
        ordered = sorted(self.times)
        p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        goal = f"< {self.goal:.0f} ms" if self.goal else ""
        return [
            self.name,
            str(len(ordered)),
            f"{statistics.median(ordered):.0f} ms",
            f"{p95:.0f} ms",
            goal,
            f"{self.work:.0f} ms",
        ]


def main() -> None:
    """Fill, serve, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200, help="pages of each kind")
    parser.add_argument("--shift", type=int, default=20, help="referrals that the scripted clerk works off; 0: none")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write")
    parser.add_argument("--data", type=Path, help="a folder whose store is kept and used again")
    args = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        del os.environ[name]  # the settings of this machine are not what is measured
    with tempfile.TemporaryDirectory() as scratch:
        data = args.data or Path(scratch)
        data.mkdir(parents=True, exist_ok=True)
        if not (data / "gateway.sqlite3").exists():
            store = open_store(Settings(data=data).url)
            fill(store, args.referrals, dt.datetime.now(dt.UTC))
            store.close()
        before = os.getloadavg()
        with served(data) as (address, process):
            timings, memory = measure(address, process, data, args.rounds)
        shift = work_a_shift(Path(scratch) / "shift", args.shift) if args.shift else None
    text = report(args.referrals, timings, memory, shift, before)
    print(text)
    args.out.write_text(text, encoding="utf-8")


@contextmanager
def served(data: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The desk alone, as `gateway run` serves it, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.desk_served", str(data)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield process.stdout.readline().strip(), process
    finally:
        process.terminate()
        process.wait(20)


def resident(process: subprocess.Popen[str]) -> float:
    """Memory of the process in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def processor(process: subprocess.Popen[str]) -> float:
    """Seconds of processor time that the process has used."""
    parts = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def measure(
    address: str, process: subprocess.Popen[str], data: Path, rounds: int
) -> tuple[list[Timing], tuple[float, float, float]]:
    """The pages in turn, so that every kind meets the same machine; memory after a tenth, half and all of them."""
    store = open_store(Settings(data=data).url)
    with store.read() as session:
        codes = list(session.exec(select(Referral.code).where(col(Referral.state).in_(("IN_REVIEW", "READY")))))
        pages = dict(
            session.exec(
                select(Referral.code, sa.func.min(PageUse.page_id)).join(PageUse).group_by(col(Referral.code))
            ).all()
        )
    store.close()
    luck = random.Random(2)
    with httpx.Client(base_url=address, timeout=60) as client:
        client.post("/sign-in", data={"name": CLERK, "password": PASSWORD, "next": "/"})
        kinds = {
            "list, first page": (150.0, lambda: "/"),
            "list, some page of it": (150.0, lambda: f"/?page={luck.randrange(2, 150)}"),
            "list of one practice": (150.0, lambda: f"/?practice={luck.choice(PRACTICES)}"),
            "list of everything": (150.0, lambda: f"/?show=all&page={luck.randrange(1, 200)}"),
            "its live state": (None, lambda: "/list/live"),
            "work screen": (250.0, lambda: f"/referrals/{luck.choice(codes)}"),
            "picture of a page": (300.0, lambda: _picture(luck, codes, pages)),
            "outage page": (None, lambda: "/outage"),
            "release page": (None, lambda: "/release"),
        }
        times: dict[str, list[float]] = {name: [] for name in kinds}
        work = dict.fromkeys(kinds, 0.0)
        memory = []
        for number in range(rounds):
            for name, (_goal, path) in kinds.items():
                address_now, spent, begun = path(), processor(process), time.monotonic()
                answer = client.get(address_now)
                times[name].append((time.monotonic() - begun) * 1000)
                work[name] += processor(process) - spent
                assert answer.status_code == 200, (name, answer.status_code)
            if number + 1 in (max(1, rounds // 10), max(1, rounds // 2), rounds):
                memory.append(resident(process))
    while len(memory) < 3:
        memory.append(memory[-1])
    timings = [
        Timing(name, tuple(times[name]), work[name] * 1000 / rounds, goal) for name, (goal, _path) in kinds.items()
    ]
    return timings, (memory[0], memory[1], memory[2])


def _picture(luck: random.Random, codes: Sequence[str], pages: dict[str, int]) -> str:
    code = luck.choice(codes)
    return f"/picture/{code}/{pages[code]}.png"


def report(
    referrals: int,
    timings: Sequence[Timing],
    memory: tuple[float, float, float],
    shift: Shift | None,
    before: tuple[float, float, float],
) -> str:
    """The text of bench/desk.md."""
    now, after = dt.datetime.now(dt.UTC), os.getloadavg()
    lines = [
        "# The review desk, measured",
        "",
        "`python -m bench.desk` writes this file; the goals are those of issue 6.",
        f"{now:%-d %B %Y %H:%M} UTC; {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite; "
        f"load averages before {', '.join(f'{x:.1f}' for x in before)}, after {', '.join(f'{x:.1f}' for x in after)}"
        f"{' (other work ran beside it)' if max(before[0], after[0]) > 1.5 else ''}.",
        "",
        f"## With {referrals} referrals",
        "",
        "Times a client on the same machine sees, one after the other; every page writes its event of who looked. Processor time is",
        "the serving process's own for one page on average: what remains of a time when nothing else runs.",
        "",
        table(["page", "times", "median", "95th percentile", "goal", "processor time"], [t.cells() for t in timings]),
        "",
        f"Memory of the serving process after a tenth, half and all of these pages: {', '.join(f'{m:.0f}' for m in memory)} MB.",
        "",
    ]
    if shift is not None:
        lines += shift.told()
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
