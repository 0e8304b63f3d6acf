"""P1 under the worst: kill -9 at random instants and at every contact with the database, a full disk and a locked one in between.

What was acknowledged is stored, once or as a marked duplicate, and nothing is half.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import smtplib
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from running import Gateway
from sample_papers import fax_mail

KILLS = int(os.environ.get("GATEWAY_KILLS", "20"))
KILLS_OF_SOAK = int(os.environ.get("GATEWAY_KILLS", "300"))
PAUSE = 0.05  # so that what is sent between the kills can be opened afterwards in reasonable time


def senders(gateway: Gateway, acknowledged: set[str], tried: set[str], ending: threading.Event, number: int) -> None:
    """Send different mails one after the other, on a new connection after every break, like a fax server does."""
    count = 0
    while not ending.is_set():
        try:
            with smtplib.SMTP("127.0.0.1", gateway.port, timeout=10) as line:
                line.ehlo()
                while not ending.is_set():
                    count += 1
                    mail = fax_mail(os.urandom(300), subject=f"Fax {number}-{count}")
                    digest = hashlib.sha256(mail).hexdigest()
                    tried.add(digest)
                    line.mail("fax@pbx.localhost")
                    line.rcpt("faxes@localhost")
                    if line.data(mail)[0] == 250:
                        acknowledged.add(digest)
                    time.sleep(PAUSE)
        except (OSError, smtplib.SMTPException):
            time.sleep(0.05)


@pytest.mark.slow
def test_what_was_acknowledged_is_stored(tmp_path: Path, store_url: str) -> None:
    kill_often(tmp_path, store_url, KILLS)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_what_was_acknowledged_is_stored_after_hundreds_of_kills(tmp_path: Path, store_url: str) -> None:
    kill_often(tmp_path, store_url, KILLS_OF_SOAK)


@contextlib.contextmanager
def locked(gateway: Gateway) -> Iterator[None]:
    """Another program holds the write lock of the database."""
    with contextlib.closing(
        sqlite3.connect(gateway.data / "gateway.sqlite3", timeout=30, isolation_level=None)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def life_on_a_full_disk(gateway: Gateway) -> None:
    """A life that finds its disk full at its start or after a few mails."""
    gateway.kill()
    gateway.file_mb = 1 + max(file.stat().st_size for file in gateway.data.glob("gateway.sqlite3*")) // (1 << 20)
    with contextlib.suppress(AssertionError):
        gateway.start()
        time.sleep(1.0)
    gateway.kill()
    gateway.file_mb = None
    gateway.start()


CONTACTS = [1, 2, 3, 6, 9, 14, 20, 33]


@pytest.mark.slow
def test_death_at_a_contact_with_the_database(tmp_path: Path, store_url: str) -> None:
    die_at_contacts(tmp_path, store_url, CONTACTS)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_death_at_every_contact_with_the_database(tmp_path: Path, store_url: str) -> None:
    die_at_contacts(tmp_path, store_url, range(1, 121))


def die_at_contacts(tmp_path: Path, store_url: str, contacts: Iterable[int]) -> None:
    """One mail to each life, sent again after its death where no 250 had come, as a fax server does."""
    gateway = Gateway(tmp_path / "data", store_url)
    mails: list[str] = []
    unsure: set[str] = set()
    for number in contacts:
        mail = fax_mail(os.urandom(300), subject=f"Fax {number}")
        mails.append(hashlib.sha256(mail).hexdigest())
        gateway.start(dies_at=number)
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if gateway.send(mail)[0] == 250:
                mails[-1] += " kept"
        with contextlib.suppress(subprocess.TimeoutExpired):
            gateway.process.wait(20)  # type: ignore[union-attr]
        gateway.kill()
        if not mails[-1].endswith("kept"):
            unsure.add(mails[-1])
            gateway.start()
            assert gateway.send(mail)[0] == 250
            gateway.kill()
    gateway.start()
    rows = gateway.wait_until_read(300)
    assert gateway.stop() == 0
    hashes = {mail.split()[0] for mail in mails}
    assert unsure and len(unsure) < len(mails), "some deaths came before the reply and some after it"
    assert {row["sha256"] for row in rows} == hashes
    first = [row for row in rows if row["outcome"] != "duplicate"]
    assert len(first) == len(hashes), "each is there once, and where it is there again it is marked as a duplicate"
    assert {row["sha256"] for row in rows if row["outcome"] == "duplicate"} <= unsure
    assert gateway.command("balance", "--json").returncode == 0


def kill_often(tmp_path: Path, store_url: str, kills: int) -> None:
    gateway = Gateway(tmp_path / "data", store_url)
    chance = random.Random(20261122)
    acknowledged: set[str] = set()
    tried: set[str] = set()
    ending = threading.Event()
    threads = [threading.Thread(target=senders, args=(gateway, acknowledged, tried, ending, n)) for n in range(4)]
    gateway.start()
    for thread in threads:
        thread.start()
    for number in range(kills):
        if number % 10 == 3 and store_url.startswith("sqlite"):
            life_on_a_full_disk(gateway)
        heard, end = len(acknowledged), time.monotonic() + 20
        while len(acknowledged) == heard and time.monotonic() < end:
            time.sleep(0.005)  # each life takes at least one mail, so that none of the kills hits an idle program
        with locked(gateway) if number % 10 == 7 and store_url.startswith("sqlite") else contextlib.nullcontext():
            time.sleep(chance.uniform(0.0, 0.6))
            gateway.kill()
        gateway.start()
    time.sleep(0.5)
    ending.set()
    for thread in threads:
        thread.join()
    rows = gateway.wait_until_read(120 + 10 * kills)
    assert gateway.stop() == 0
    stored = [row["sha256"] for row in rows]
    assert len(acknowledged) >= kills, "the test must have sent something between the kills"
    assert acknowledged <= set(stored), f"{len(acknowledged - set(stored))} acknowledged mails are lost"
    assert len(stored) == len(set(stored)), "nothing is stored twice without a mark"
    assert set(stored) <= tried, "nothing is stored that was not sent as it is"
    balance = gateway.command("balance", "--json")
    assert balance.returncode == 0, balance.stdout
