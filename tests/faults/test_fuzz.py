"""Half an hour of fuzzing in the soak run, and every case that was ever found as a test of the usual run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults.fuzzing import TARGETS, fuzz

HERE = Path(__file__).parent
FOUND = sorted((HERE.parent / "samples" / "fuzz").glob("*.bin"))
MINUTES = float(os.environ.get("GATEWAY_FUZZ_MINUTES", "32"))


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_few_hundred_changed_files_find_nothing(name: str, tmp_path: Path) -> None:
    cases, findings = fuzz(name, 3.0, 7, tmp_path)
    assert cases > 0 and findings == 0


@pytest.mark.parametrize("path", FOUND, ids=lambda p: p.stem)
def test_what_was_found_once_is_mended(path: Path) -> None:
    target, _seeds = TARGETS[path.stem.split("-")[0]]
    target(path.read_bytes())


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_fuzzing_for_long_finds_nothing(name: str, tmp_path: Path) -> None:
    seconds = MINUTES * 60 / len(TARGETS)
    done = subprocess.run(
        [sys.executable, str(HERE / "fuzzing.py"), name, str(seconds), "1", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()[-2000:]
