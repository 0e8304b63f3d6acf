"""`gateway release` and `gateway outage` as a person types them, each in its own process."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from release_site import RCA, Site, nhs_number, open_site

from gateway.outage import find_outage
from gateway.referrals import find_referral
from gateway.store import Store, set_fact


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    with open_site(store) as opened:
        with store.write() as session:
            set_fact(session, "rehearsal.scale", str(opened.scale))
        yield opened


def gateway(site: Site, group: str, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GATEWAY_DATABASE_URL": site.store.url,
        "GATEWAY_ERS__BASE_URL": site.ers.base_url,
        "GATEWAY_OFFICE__ODS": "RXX",
    }
    return subprocess.run(
        [sys.executable, "-m", "gateway", group, *words],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start(site: Site, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    who = ("--operator", "Robin Clerk", "--organisation", "RXX", "--role", RCA)
    return gateway(site, "release", "start", *who, *words, **given)


def test_a_release_from_the_command_line(site: Site) -> None:
    code = site.add("URGENT")
    plan = start(site, "--dry-run", "--json")
    assert json.loads(plan.stdout)["referral"] == code and not site.in_ers()
    assert code in start(site, "--dry-run").stdout
    done = start(site, "--token-stdin", "--wait", given=f"{site.token}\n")
    assert done.returncode == 0, done
    assert f"{code} closed" in done.stdout and "Not checked:" in done.stdout
    assert nhs_number(1) not in done.stdout + done.stderr and str(site.token) not in done.stdout + done.stderr
    said = json.loads(gateway(site, "release", "status", "--json").stdout)
    assert (said["state"], said["sent"], said["operator"]) == ("DONE", 1, "Robin Clerk")
    assert gateway(site, "release", "stop", "--by", "ann").returncode == 6


def test_exit_codes(site: Site) -> None:
    site.add()
    ended = start(site, "--token-stdin", "--json", given="not-a-token\n")
    assert ended.returncode == 4 and json.loads(ended.stdout)["state"] == "PAUSED"
    assert "PAUSED: sign in" in gateway(site, "release", "status").stdout
    assert json.loads(gateway(site, "release", "status", "--json").stdout)["reason"] == "sign in"
    assert start(site, "--role", "DOCTOR").returncode == 2
    assert gateway(site, "release", "start", "--operator", "x").returncode == 2
    assert start(site, "--token-stdin", given="two words\n").returncode == 2


def test_an_outage_from_the_command_line(site: Site, tmp_path: Path) -> None:
    assert gateway(site, "outage", "close", "--by", "ann").returncode == 6
    opened = gateway(
        site, "outage", "open", "--by", "ann", "--why", "the list stays empty", "--started", "2026-11-20T08:30"
    )
    assert opened.returncode == 0, opened.stderr
    lines = [json.loads(line) for line in gateway(site, "outage", "status", "--json").stdout.splitlines()]
    assert lines[0]["ers"] == "UNKNOWN" and lines[1]["started_at"] == "2026-11-20T08:30:00Z"
    assert gateway(site, "outage", "move", "--by", "ann", "--started", "2026-11-20T07:30").returncode == 0
    assert gateway(site, "outage", "move", "--by", "ann", "--started", "half eight").returncode == 2
    code = site.add()
    with site.store.write() as session:
        find_referral(session, code).outage_id = find_outage(session, None).id
    assert gateway(site, "outage", "close", "--by", "ann").returncode == 6
    closed = gateway(site, "outage", "close", "--by", "ann", "--open", code, "--report", str(tmp_path / "r"))
    assert closed.returncode == 0 and "signed by ann" in closed.stdout
    text = " ".join(page.extract_text() for page in PdfReader(tmp_path / "r.pdf").pages)
    assert "ann," in text and code in text and "Lines in the event log" in text
    rows = list(csv.DictReader((tmp_path / "r.csv").read_text("utf-8-sig").splitlines()))
    assert [row["referral"] for row in rows] == [code] and nhs_number(1) not in text + str(rows)
    assert '"closing"' in gateway(site, "letter", "list", "--json").stdout
    outage = json.loads(gateway(site, "outage", "status", "--json").stdout.splitlines()[1])["outage"]
    assert gateway(site, "outage", "report", outage, "--out", str(tmp_path / "again.pdf")).returncode == 0
    assert gateway(site, "balance").returncode == 0
