"""A full disk: the sender is told to come back, nothing is half stored, and what fits again is taken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from running import Gateway
from sample_papers import fax_mail


@pytest.mark.skipif(bool(os.environ.get("GATEWAY_TEST_DATABASE_URL")), reason="the disk of the embedded database")
def test_a_full_disk_is_a_451_and_nothing_is_lost(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "data", file_mb=4)
    gateway.start()
    kept = []
    for number in range(40):
        status, words = gateway.send(fax_mail(os.urandom(400_000), subject=f"Fax {number}"))
        if status != 250:
            break
        kept.append(words.split()[-1])
    assert status == 451, words
    assert "full" in words.lower() or "stored" in words.lower()
    assert kept, "something fitted first"
    gateway.kill()
    # room again: the same folder with a larger limit
    roomy = Gateway(tmp_path / "data")
    roomy.start()
    assert roomy.send(fax_mail(os.urandom(400_000)))[0] == 250
    rows = roomy.wait_until_read()
    assert roomy.stop() == 0
    assert {row["delivery"] for row in rows} >= set(kept)
    assert len(rows) == len(kept) + 1
    assert roomy.command("balance", "--json").returncode == 0
