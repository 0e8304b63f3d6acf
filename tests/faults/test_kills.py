"""P1 under the worst: kill -9 at random instants while mail is sent. What was acknowledged is stored, once, and nothing is half."""

from __future__ import annotations

import hashlib
import os
import random
import smtplib
import threading
import time
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
    for _ in range(kills):
        heard, end = len(acknowledged), time.monotonic() + 20
        while len(acknowledged) == heard and time.monotonic() < end:
            time.sleep(0.005)  # each life takes at least one mail, so that none of the kills hits an idle program
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
