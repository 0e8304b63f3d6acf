"""The cached faxes of the benchmark: made again when the generator changes, as many of each severity in every group."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench import corpus
from gateway.rehearsal.corpus import faxes
from gateway.rehearsal.designs import names
from gateway.rehearsal.fax_noise import SEVERITIES
from gateway.rehearsal.fonts import GROUPS


def test_the_fingerprint_follows_every_source_that_draws_and_no_other(tmp_path: Path) -> None:
    home = tmp_path / "rehearsal"
    shutil.copytree(corpus.ROOT / "gateway" / "rehearsal", home, ignore=shutil.ignore_patterns("__pycache__"))
    before = corpus.generator(home / "corpus.py")
    assert before == corpus.generator()
    for name, changes in (
        ("designs_forms.py", True),
        ("clinical_young.py", True),
        ("fax_t4.py", True),
        ("names.py", True),
        ("ers_server.py", False),
        ("drill.py", False),
    ):
        source = (home / name).read_text(encoding="utf-8")
        (home / name).write_text(source + "\n# another line\n", encoding="utf-8")
        assert (corpus.generator(home / "corpus.py") != before) is changes, name
        (home / name).write_text(source, encoding="utf-8")


class _Made:
    """A command that writes its files at once, as the generator would."""

    commands: ClassVar[list[list[str]]] = []

    def __init__(self, command: list[str], cwd: Path) -> None:
        self.commands.append(command)
        given = dict(zip(command[3::2], command[4::2], strict=True))
        folder = Path(given["--out"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "patients.csv").write_text(
            "nhs_number,family_name,given_names,birth_date,postcode,deceased,sensitive\n"
        )
        rows = [
            {"file": f"{n:05d}.tif", "group": given["--designs"], "fields": {}} for n in range(int(given["--count"]))
        ]
        (folder / "truth.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def wait(self) -> int:
        return 0


def test_faxes_are_made_once_for_each_state_of_the_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", _Made)
    _Made.commands.clear()
    assert len(corpus.make(tmp_path, [5], ["fit", "held-out"], 6)) == 12
    assert len(corpus.make(tmp_path, [5], ["fit", "held-out"], 3)) == 6
    assert len(_Made.commands) == 2
    assert len(corpus.make(tmp_path, [5], ["fit"], 9)) == 9  # longer than before
    assert len(_Made.commands) == 3
    monkeypatch.setattr(corpus, "generator", lambda: "changed")
    samples = corpus.make(tmp_path, [5], ["held-out"])
    assert len(_Made.commands) == 4
    assert len(samples) == len(SEVERITIES) * len(names("held-out"))
    assert all("changed" in str(sample.path) for sample in samples)


@pytest.mark.parametrize("group", GROUPS)
def test_every_severity_has_as_many_files_and_every_design_meets_each(
    group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[str, str]] = []
    monkeypatch.setattr("gateway.rehearsal.corpus.referral_for", lambda *_: None)
    monkeypatch.setattr("gateway.rehearsal.corpus.make_referral", lambda *_, **__: None)
    monkeypatch.setattr(
        "gateway.rehearsal.corpus.render", lambda _r, _f, design, severity, *_: drawn.append((design, severity))
    )
    whole = len(SEVERITIES) * len(names(group))
    for _ in islice(faxes(Random(1).randrange(9), whole, SEVERITIES, names(group), tmp_path, 5), whole):
        if len(drawn) % len(SEVERITIES) == 0:
            assert len(set(Counter(severity for _, severity in drawn).values())) == 1
    assert set(drawn) == {(design, severity) for design in names(group) for severity in SEVERITIES}
    assert len(drawn) == len(set(drawn))
