"""The public contract as a stranger runs it: two commands, an e-RS that is not ours, few settings, exit codes 0 and 4."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from plain_ers import PlainErs
from reportlab.pdfgen.canvas import Canvas

ARRIVED = "2026-11-20T08:42:17.384Z"
NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042")


class Stranger:
    """A fresh data folder, the few settings that a stranger gives, and the commands."""

    def __init__(self, folder: Path, base_url: str, **settings: str) -> None:
        self.folder, self.typed = folder, 0
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        self.environment = {
            **clean,
            "GATEWAY_DATA": str(folder / "data"),
            "GATEWAY_SETTINGS": os.devnull,
            "GATEWAY_ERS__BASE_URL": base_url,
            "GATEWAY_ERS__CODE_SYSTEM_BASE": base_url,
            **settings,
        }
        page = Canvas(str(folder / "letter.pdf"))
        page.drawString(80, 700, "Dear colleague")
        page.showPage()
        page.save()

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *words],
            env=self.environment, input=given, capture_output=True, text=True, timeout=240, cwd=self.folder, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def add(self, practice: str = "A81001", priority: str = "ROUTINE", **more: Any) -> str:
        nhs = NUMBERS[self.typed]
        self.typed += 1
        value = {
            "fields": {
                "patient.nhs_number": nhs, "patient.family_name": "Example",
                "patient.birth_date": f"198{self.typed}-02-01", "referrer.name": "Cora Cawood",
                "referrer.practice_code": practice, "referral.priority": priority,
            },
            "received_at": ARRIVED, "service": "11002", "specialty_code": "CARDIOLOGY", "clinic_type": "HEART_FAILURE",
            "documents": ["letter.pdf"], "confirmed_by": "Ann Clerk",
        }  # fmt: skip
        (self.folder / "referral.json").write_text(json.dumps({**value, **more}))
        done = self.run("queue", "add", "referral.json", "--by", "X", "--json")
        assert done.returncode == 0, done
        return str(json.loads(done.stdout.splitlines()[0])["referral"])

    def start(self, *words: str, organisation: str = "RXX", given: str = "") -> subprocess.CompletedProcess[str]:
        who = ("--operator", "Robin Clerk", "--organisation", organisation, "--role", "REFERRING_CLINICIAN")
        return self.run("release", "start", *who, *words, given=given)

    def states(self) -> dict[str, str]:
        lines = self.run("queue", "list", "--json").stdout.splitlines()
        return {row["referral"]: row["state"] for row in map(json.loads, lines)}


@contextmanager
def rehearsal(*words: str) -> Iterator[dict[str, str]]:
    """The rehearsal e-RS in a process of its own."""
    command = [sys.executable, "-m", "gateway.rehearsal.ers_server", "--setting", "scan_seconds=0", *words]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        yield json.loads(server.stdout.readline())
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.slow
def test_an_open_sandbox_and_only_the_practice_s_own(tmp_path: Path) -> None:
    with rehearsal("--open-sandbox") as where:
        stranger = Stranger(tmp_path, where["base_url"], GATEWAY_OFFICE__ODS="RXX")
        theirs, other = stranger.add("A81001"), stranger.add("A81002")
        done = stranger.start(organisation="A81001")
        assert done.returncode == 0, done
        assert stranger.states() == {theirs: "CLOSED", other: "READY"}
        done = stranger.start("--json")
        assert done.returncode == 0 and json.loads(done.stdout)["sent"] == 1
        assert stranger.states() == {theirs: "CLOSED", other: "CLOSED"}
        said = json.loads(stranger.run("release", "status", "--json").stdout)
        assert (said["state"], said["sent"], said["waiting"], said["operator"]) == ("DONE", 1, 0, "Robin Clerk")


@pytest.mark.slow
def test_a_token_on_standard_input(tmp_path: Path) -> None:
    import urllib.request

    with rehearsal() as where:
        asked = json.dumps({"user": "555000000102"}).encode()
        with urllib.request.urlopen(where["door_url"] + "/token", asked, timeout=10) as answer:
            token = json.load(answer)["access_token"]
        stranger = Stranger(tmp_path, where["base_url"])
        code = stranger.add()
        refused = stranger.start("--token-stdin", given="wrong\n")
        assert refused.returncode == 4 and "sign" in refused.stdout.lower()
        assert stranger.states() == {code: "READY"}
        done = stranger.start("--token-stdin", given=f"{token}\n")
        assert done.returncode == 0, done
        assert token not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("code_tables", [401, 403])
def test_an_e_rs_of_other_spelling_that_loses_answers(tmp_path: Path, code_tables: int) -> None:
    with PlainErs(code_tables=code_tables, loses=2, closes=True) as ers:
        stranger = Stranger(tmp_path, ers.base_url)
        codes = [stranger.add(), stranger.add(priority="URGENT"), stranger.add()]
        done = stranger.start()
        assert done.returncode == 0, done
        assert stranger.states() == dict.fromkeys(codes, "CLOSED")
        assert ers.calls.count("createReferral") == 3
        assert sorted(row["nhs"] for row in ers.held.values()) == sorted(NUMBERS[:3])
        assert {row["start"] for row in ers.held.values()} == {ARRIVED}
        assert all(row["state"] == "AWAITING_TRIAGE" and len(row["files"]) == 1 for row in ers.held.values())
        first = next(iter(ers.held.values()))
        assert first["nhs"] == NUMBERS[1], "the urgent one goes first"
        for headers in ers.headers:
            assert headers["NHSD-End-User-Organisation-ODS"] == "RXX"
            assert headers["NHSD-eRS-Business-Function"] == "REFERRING_CLINICIAN"


@pytest.mark.slow
def test_a_lost_create_that_nobody_can_look_for_is_unsure_and_the_command_returns(tmp_path: Path) -> None:
    with PlainErs(loses=1, broken=("fetchworklist",)) as ers:
        stranger = Stranger(tmp_path, ers.base_url)
        code = stranger.add()
        done = stranger.start()
        assert done.returncode == 4, done
        assert stranger.states() == {code: "UNSURE"}
        assert stranger.start().returncode == 4
        assert ers.calls.count("createReferral") == 1
        ers.manners["broken"] = ()
        stranger.run("queue", "retry", code, "--by", "X")
        assert stranger.start().returncode == 0
        assert stranger.states() == {code: "CLOSED"} and len(ers.held) == 1
