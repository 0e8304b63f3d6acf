"""How fast mail is accepted durably, beside bare aiosmtpd handlers in the same run; and what a message costs in a full store.

`python -m bench.intake` prints the figures and writes bench/intake.md. Each side runs in a process of its own; the senders run in
another one. Alternating rounds, best of each, so that the other work of the machine disturbs both sides alike.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import logging
import multiprocessing as mp
import os
import platform
import smtplib
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZE = 60_000
SLOW_DISK = 0.02


def _mail(number: int) -> bytes:
    """60 KB, all different, base64 in lines of 76 characters as fax servers send it."""
    body = base64.encodebytes(os.urandom(SIZE * 3 // 4)).replace(b"\n", b"\r\n")
    head = f"From: fax@pbx.localhost\r\nTo: faxes@localhost\r\nSubject: Fax {number}\r\nMIME-Version: 1.0\r\n"
    return (head + "Content-Type: image/tiff\r\nContent-Transfer-Encoding: base64\r\n\r\n").encode() + body


# -- the sides ----------------------------------------------------------------------------------------------------------------


def _bare(ready: Any, folder: str, keeps: bool, delay: float) -> None:
    """A handler as one writes it in ten lines: aiosmtpd, and one SQLite commit with synchronous=FULL for each message."""
    from aiosmtpd.controller import Controller

    class Handler:
        def __init__(self) -> None:
            self.database: sqlite3.Connection | None = None

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            if keeps:
                if self.database is None:
                    self.database = sqlite3.connect(f"{folder}/bare.sqlite3", isolation_level=None)
                    self.database.execute("PRAGMA journal_mode=WAL")
                    self.database.execute("PRAGMA synchronous=FULL")
                    self.database.execute("CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY, content BLOB)")
                self.database.execute("BEGIN IMMEDIATE")
                self.database.execute("INSERT INTO mail (content) VALUES (?)", (envelope.content,))
                if delay:
                    time.sleep(delay)
                self.database.execute("COMMIT")
            return "250 kept"

    with socket.socket() as probe:  # this controller cannot be told to take any free port
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    Controller(Handler(), hostname="127.0.0.1", port=port).start()
    ready.put(port)
    threading.Event().wait()


def _ours(ready: Any, folder: str, _keeps: bool, delay: float) -> None:
    """The gateway's own door and intake, with its store as it is set in service; the jobs are queued and not worked on."""
    import sqlalchemy as sa

    from gateway.intake import Intake
    from gateway.store import open_store
    from gateway.work import Jobs
    from inbox.smtp import SmtpDoor
    from inbox.smtp_limits import SmtpSettings

    logging.disable(logging.CRITICAL)
    store = open_store(f"sqlite:///{folder}/gateway.sqlite3")
    if delay:
        sa.event.listen(store.engine, "commit", lambda connection: time.sleep(delay))
    intake = Intake(store, Jobs(store))
    door = SmtpDoor(SmtpSettings(domains=("localhost",), port=0), intake.accept, lambda: dt.datetime.now(dt.UTC))
    door.start()
    ready.put(door.port)
    threading.Event().wait()


def _send(port: int, mails: list[bytes], ends: list[float]) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=120) as line:
        line.ehlo()
        for mail in mails:
            line.mail("fax@pbx.localhost")
            line.rcpt("faxes@localhost")
            status, words = line.data(mail)
            assert status == 250, (status, words)
    ends.append(time.monotonic())


def _rate(side: Callable[..., None], connections: int, count: int, keeps: bool = True, delay: float = 0.0) -> float:
    """Messages a second."""
    context = mp.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        ready = context.Queue()
        process = context.Process(target=side, args=(ready, folder, keeps, delay), daemon=True)
        process.start()
        try:
            port = ready.get(timeout=60)
            each = [[_mail(n) for n in range(count // connections)] for _ in range(connections)]
            _send(port, [_mail(0), _mail(1)], [])
            ends: list[float] = []
            threads = [threading.Thread(target=_send, args=(port, mails, ends)) for mails in each]
            began = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(ends) == connections
            return sum(len(mails) for mails in each) / (max(ends) - began)
        finally:
            process.kill()
            process.join()


def compare(connections: int, keeps: bool, delay: float, rounds: int, count: int) -> tuple[float, float]:
    """Best rates of ours and of the bare handler over alternating rounds."""
    ours, bare = [], []
    for _ in range(rounds):
        bare.append(_rate(_bare, connections, count, keeps, delay))
        ours.append(_rate(_ours, connections, count, True, delay))
    return max(ours), max(bare)


def cost_by_fill(marks: tuple[int, ...], sample: int = 200) -> dict[int, float]:
    """Milliseconds of processor for one message with so many in the store (filled with small ones through the same call)."""
    from concurrent.futures import ThreadPoolExecutor

    from gateway.intake import Intake
    from gateway.store import open_store
    from gateway.work import Jobs
    from inbox.delivery import Delivery

    now = dt.datetime.now(dt.UTC)
    found: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/gateway.sqlite3")
        jobs = Jobs(store)
        intake = Intake(store, jobs)
        kept = 0

        def take(data: bytes) -> None:
            intake.accept(Delivery("smtp", data, now, now, "end of DATA", recipients=("faxes@localhost",)))

        with ThreadPoolExecutor(32) as pool:
            for mark in marks:
                list(pool.map(take, (os.urandom(200) for _ in range(mark - kept))))
                began = time.process_time()
                for _ in range(sample):
                    take(os.urandom(SIZE))
                found[mark] = (time.process_time() - began) / sample * 1000
                kept = mark + sample
        intake.close()
        jobs.close()
        store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=400, help="messages a round")
    parser.add_argument("--fill", type=int, default=100_000, help="the fullest store; 0 leaves this part out")
    given = parser.parse_args()
    lines = [
        "# Accepting mail durably",
        "",
        f"{dt.datetime.now(dt.UTC):%d %B %Y}, {platform.machine()}, {os.cpu_count()} processors, load at the start "
        f"{os.getloadavg()[0]:.1f}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL), "
        f"60 KB messages, all different, best of {given.rounds} alternating rounds of {given.count}.",
        "",
        "| | ours | beside it | ratio | wanted |",
        "|---|---|---|---|---|",
    ]
    for words, connections, keeps, delay, wanted in (
        ("one connection; bare handler with one SQLite commit each", 1, True, 0.0, 0.8),
        ("twenty connections; bare handler that stores nothing", 20, False, 0.0, 0.6),
        ("twenty connections, 20 ms more for each commit on both sides", 20, True, SLOW_DISK, 3.0),
    ):
        ours, bare = compare(connections, keeps, delay, given.rounds, given.count)
        lines.append(f"| {words} | {ours:.0f}/s | {bare:.0f}/s | {ours / bare:.2f} | {wanted} |")
        print(lines[-1], flush=True)
    if given.fill:
        marks = tuple(m for m in (1_000, 10_000, 100_000) if m <= given.fill)
        lines += ["", "| messages in the store | processor for one more |", "|---|---|"]
        for mark, cost in cost_by_fill(marks).items():
            lines.append(f"| {mark:,} | {cost:.1f} ms |")
            print(lines[-1], flush=True)
    (Path(__file__).parent / "intake.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
