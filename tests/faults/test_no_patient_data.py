"""P8: after a run with a patient's name and numbers everywhere a sender can put them, none is where it does not belong."""

from __future__ import annotations

import json
import sqlite3
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from running import Gateway
from sample_papers import faxed, letter

pytestmark = pytest.mark.slow
NAME, NUMBER, BIRTH, STREET = "Zarathustrova", "9990000018", "01/02/1980", "Quincunx Lane"
SECRETS = (NAME, NUMBER, "999 000 0018", BIRTH, "1980-02-01", STREET)


def mail(data: bytes, kind: str = "image/tiff", name: str = f"{NAME} {NUMBER}.tif") -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = f'"{NAME}" <zarathustrova@practice.example>', "faxes@localhost"
    made["Subject"] = f"Referral of {NAME}, {NUMBER}, {BIRTH}"
    made.set_content(f"Please see {NAME}, born {BIRTH}, NHS number {NUMBER}, of {STREET}.")
    made.add_attachment(data, maintype=kind.split("/")[0], subtype=kind.split("/")[1], filename=name)
    return made.as_bytes(policy=SMTP)


def test_no_value_of_a_patient_in_log_scratch_engine_or_event_lines(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    settings = {"FOLDER__PATH": str(scans), "FOLDER__EVERY_SECONDS": "0.3", "SMTP__MAX_MB": "2"}
    gateway = Gateway(tmp_path / "data", **{f"GATEWAY_{name}": value for name, value in settings.items()})
    gateway.start()
    paper = faxed(letter("999 000 0018", NAME.upper(), f"pain, lives in {STREET}"))
    for data in (
        mail(paper),
        mail(paper),
        mail(b"%PDF-1.4 (" + NAME.encode() + b")", "application/pdf", f"{NAME}.pdf"),
        mail(f"begin 644 {NAME}.tif\nno end {NUMBER}\n".encode(), "text/plain", f"{NAME}.txt"),
    ):
        assert gateway.send(data)[0] == 250
    (scans / f"{NAME} {NUMBER}.tif").write_bytes(faxed(letter("999 000 0018", NAME.upper()), seed=3))
    (scans / f"{NAME} huge.pdf").write_bytes(bytes(3 << 20))
    (tmp_path / f"{NAME}.pdf").write_bytes(b"%PDF- " + NUMBER.encode())
    assert gateway.command("inbox", "add", str(tmp_path / f"{NAME}.pdf"), "--by", "ann").returncode == 0
    for _ in range(60):
        rows = gateway.wait_until_read()
        if len(rows) == 7:
            break
    assert len(rows) == 7
    left = {path: path.read_bytes() for path in (tmp_path / "data" / "scratch").rglob("*") if path.is_file()}
    assert gateway.command("balance", "--json").returncode == 0
    assert gateway.stop() == 0

    assert not found_in(gateway.log()), "the log"
    for path, data in left.items():
        assert not found_in(path.name) and not found_in(data.decode("latin-1")), "the scratch folder"
    database = sqlite3.connect(tmp_path / "data" / "gateway.sqlite3")
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    engine = [name for name in tables if not name.startswith(("gw_", "sqlite_"))]
    assert "workflow_status" in engine, "the tables of the work engine are among those looked at"
    for table in [*engine, "gw_event"]:
        for row in database.execute(f"SELECT * FROM {table}"):
            text = json.dumps([value.decode("latin-1") if isinstance(value, bytes) else value for value in row])
            assert not found_in(text), table
    # the check can see what it looks for: the rows that may hold it do
    assert found_in(str(list(database.execute("SELECT name FROM gw_delivery"))))
    assert found_in(str(list(database.execute("SELECT lines FROM gw_page"))))
    database.close()


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret.lower() in text.lower()]
