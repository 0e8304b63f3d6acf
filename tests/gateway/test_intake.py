"""P1: what is acknowledged is kept whole; trouble is "come back"; one poison delivery spoils nobody else's."""

from __future__ import annotations

import datetime as dt
import hashlib
import smtplib
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from running import Gateway
from sample_papers import fax_mail, fax_tiff
from sqlmodel import Session, select

from gateway import intake as intake_module
from gateway.balance import balance
from gateway.events import verify_chain
from gateway.intake import Intake
from gateway.store import Store, get_blob
from gateway.tables import Blob, Delivery, Event
from gateway.work import Jobs
from inbox.delivery import Delivery as Arrived
from inbox.delivery import Refusal, TryLater
from inbox.smtp import SmtpDoor
from inbox.smtp_limits import SmtpSettings


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    found = Jobs(store)
    yield found
    found.close()


@pytest.fixture
def intake(store: Store, jobs: Jobs) -> Iterator[Intake]:
    found = Intake(store, jobs)
    yield found
    found.close()


def arrived(data: bytes, now: dt.datetime, **more: Any) -> Arrived:
    return Arrived("smtp", data, now, now, "end of DATA", recipients=("faxes@localhost",), **more)


def queued(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        query = sa.text("SELECT deduplication_id FROM workflow_status WHERE queue_name = 'opening' ORDER BY created_at")
        prefix = "" if store.is_sqlite else "dbos."
        return list(
            connection.execute(sa.text(str(query).replace("workflow_status", f"{prefix}workflow_status"))).scalars()
        )


def test_row_bytes_event_and_job_are_there_when_it_answers(store: Store, intake: Intake, now: dt.datetime) -> None:
    code = intake.accept(arrived(b"the mail", now, sender="a@b.example", notes={"helo": "fax"}))
    with store.read() as session:
        row = session.exec(select(Delivery)).one()
        assert (row.code, row.outcome, row.sender, row.recipients) == (
            code,
            "waiting",
            "a@b.example",
            ["faxes@localhost"],
        )
        assert row.hints == [{"field": "helo", "value": "fax", "source": "transport"}]
        assert get_blob(session, row.sha256) == b"the mail" and row.sha256 == hashlib.sha256(b"the mail").hexdigest()
        event = session.exec(select(Event)).one()
        assert (event.action, event.subject) == ("delivery.received", code)
        assert verify_chain(session).faults == () and balance(session).in_order
    assert queued(store) == [f"opening-{row.id}"]


class Broken:
    """A queue of work that fails for some rows, after their bytes were written."""

    def __init__(self, real: Jobs, fails: set[int]) -> None:
        self.real, self.fails = real, fails

    def add(self, session: Session, queue: str, row: int, *, again: int = 0, new: bool = False) -> None:
        if row in self.fails:
            raise RuntimeError("no job")
        self.real.add(session, queue, row, again=again, new=new)


def test_without_its_job_nothing_is_kept(store: Store, jobs: Jobs, now: dt.datetime) -> None:
    intake = Intake(store, Broken(jobs, {1}))
    with pytest.raises(TryLater):
        intake.accept(arrived(b"lost", now))
    intake.close()
    with store.read() as session:
        for table in (Delivery, Blob, Event):
            assert session.exec(select(table)).all() == []
    assert queued(store) == []


def test_one_poison_delivery_does_not_spoil_those_that_share_its_commit(
    store: Store, jobs: Jobs, now: dt.datetime
) -> None:
    """A lone surrogate cannot be stored; the nine that waited in the same moment must be."""
    intake = Intake(store, jobs)
    with ThreadPoolExecutor(11) as pool:
        with store.write() as session:
            session.connection()  # holds the lock, so that all of them wait in line and share a commit
            results = [
                pool.submit(intake.accept, arrived(f"mail {n}".encode(), now, sender="\ud800" if n == 4 else "x"))
                for n in range(11)
            ]
            time.sleep(0.5)
        poison = results.pop(4)
        codes = [result.result(60) for result in results]
        with pytest.raises(TryLater):
            poison.result(60)
    intake.close()
    with store.read() as session:
        assert {row.code for row in session.exec(select(Delivery))} == set(codes) and len(set(codes)) == 10
        assert balance(session).in_order
    assert len(queued(store)) == 10


def test_a_shared_commit_keeps_all_or_none_of_each(store: Store, jobs: Jobs, now: dt.datetime) -> None:
    """The same bytes twice in one commit are one blob and two deliveries."""
    together = [
        intake_module._Waiting(arrived(b"same", now), hashlib.sha256(b"same").hexdigest(), intake_module.Future())
        for _ in range(2)
    ]
    with store.write() as session:
        codes = intake_module._keep(session, jobs, together)
    assert len(set(codes)) == 2
    with store.read() as session:
        assert len(session.exec(select(Blob)).all()) == 1 and len(session.exec(select(Delivery)).all()) == 2


def test_a_locked_database_is_a_451(store: Store, jobs: Jobs, now: dt.datetime) -> None:
    if not store.is_sqlite:
        pytest.skip("the lock of the embedded database")
    sa.event.listen(store.engine, "checkout", lambda c, *_: c.execute("PRAGMA busy_timeout=200"))
    intake = Intake(store, jobs)
    door = SmtpDoor(SmtpSettings(domains=("localhost",), port=0), intake.accept, lambda: now)
    door.start()
    other = sqlite3.connect(store.url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with smtplib.SMTP("127.0.0.1", door.port, timeout=60) as line:
            line.ehlo()
            line.mail("a@b.example")
            line.rcpt("faxes@localhost")
            status, words = line.data(b"Subject: x\r\n\r\nx")
            assert status == 451 and b"busy" in words and b"sqlite" not in words.lower()
            other.execute("ROLLBACK")
            line.mail("a@b.example")
            line.rcpt("faxes@localhost")
            status, words = line.data(b"Subject: x\r\n\r\nx")
            assert status == 250
    finally:
        other.close()
        door.stop()
        intake.close()
    with store.read() as session:
        assert session.exec(select(Delivery)).one().code in words.decode()


def test_after_the_end_everybody_is_told_to_come_back(store: Store, jobs: Jobs, now: dt.datetime) -> None:
    intake = Intake(store, jobs)
    intake.close()
    with pytest.raises(TryLater):
        intake.accept(arrived(b"late", now))


def test_a_refusal_is_a_line_without_bytes_and_the_sum_holds(store: Store, intake: Intake, now: dt.datetime) -> None:
    code = intake.refuse(Refusal("folder", "a" * 64, 99_000_000, now, "It is too large.", "too_large", name="x.pdf"))
    with store.read() as session:
        row = session.exec(select(Delivery)).one()
        assert (row.code, row.outcome, row.flags, row.says) == (code, "rejected", ["too_large"], "It is too large.")
        assert session.exec(select(Blob)).all() == []
        result = balance(session)
        assert result.in_order and result.open_items == [] and result.pages_received == 0
    assert queued(store) == []


def test_the_reply_carries_the_reference_that_the_list_shows(tmp_path: Path, store_url: str) -> None:
    gateway = Gateway(tmp_path / "data", store_url)
    gateway.start()
    mail = fax_mail(fax_tiff(1))
    status, words = gateway.send(mail)
    assert status == 250
    row = gateway.objects("inbox", "list")[0]
    assert row["delivery"] == words.split()[-1]
    assert row["sha256"] == hashlib.sha256(mail).hexdigest()
    assert gateway.stop() == 0
