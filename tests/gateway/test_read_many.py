"""`gateway read` of many files at once: each line holds its own file's patient (P1, HAZ-02)."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from typer.testing import CliRunner

from gateway.cli import app
from gateway.sandbox import ReadingProcess

NUMBERS = (
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
    "9990000050",
    "9990000069",
    "9990000077",
    "9990000085",
)


def letter(number: str) -> bytes:
    held = io.BytesIO()
    canvas = Canvas(held)
    for i, line in enumerate(
        ("Referral letter", f"NHS Number: {number}", "Date of birth: 01/02/1960", "Thank you for seeing this lady.")
    ):
        canvas.drawString(72, 760 - 24 * i, line)
    canvas.save()
    return held.getvalue()


def test_every_file_is_answered_with_its_own_patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_DATA", str(tmp_path / "data"))
    files = [tmp_path / f"{number}.pdf" for number in NUMBERS]
    for file in files:
        file.write_bytes(letter(file.stem))
    ran = CliRunner().invoke(app, ["read", "--json", *map(str, files)])
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [Path(line["file"]).stem for line in lines] == list(NUMBERS)
    assert [line["fields"]["patient.nhs_number"]["value"] for line in lines] == list(NUMBERS)


def test_nothing_of_a_call_that_broke_off_is_answered_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ReadingProcess(tmp_path, memory_mb=900)
    first = reader._start()
    with monkeypatch.context() as broken, pytest.raises(MemoryError):
        broken.setattr("gateway.wire.receive", lambda _: (_ for _ in ()).throw(MemoryError()))
        reader.call("fingerprints", list[str], 30, pages=[])
    assert first.wait(10) != 0, "the child that may still write its answer is gone"
    assert reader.call("fingerprints", list[str], 60, pages=[]) == []
    reader.close()
