"""Reads the samples exactly as `gateway read --json --patients` does, and keeps the answers beside their truth in the cache folder.

One JSON line a file: results add up over runs as long as the code that reads and the one that draws stay the same, and a run that was
broken off goes on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

from bench.corpus import ROOT, Sample
from bench.exact import Scored, score
from gateway.file_reading import FileReader
from gateway.reading import as_json
from gateway.settings import load_settings

TODAY = dt.date(2026, 11, 22)  # two days after the day on which the corpus is dated
_READS = ("ocr", "templates")
_JUDGES = ("checks", "patients", "reading", "file_reading", "papers", "jobs", "sandbox", "sandbox_child", "confine")


def code_read() -> str:
    """A fingerprint of all that decides what is read: the sources of the readers, forms and checks, as they lie here."""
    files = [f for folder in _READS for f in (ROOT / folder).rglob("*") if f.suffix in (".py", ".toml")]
    files += [ROOT / "gateway" / f"{name}.py" for name in _JUDGES]
    whole = hashlib.sha256()
    for file in sorted(files):
        whole.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def commit() -> str:
    """The commit of this checkout, with a plus sign when files were changed since; `unknown` outside one."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"], cwd=ROOT, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


class Ledger:
    """The answers of one state of the reader to faxes of one state of the generator, in `answers-CODE-GENERATOR.jsonl` of the cache."""

    def __init__(self, cache: Path, code: str, generator: str, commit: str) -> None:
        self._path = cache / f"answers-{code}-{generator}.jsonl"
        self._commit = commit
        self._rows: dict[tuple[int, str, str], dict[str, Any]] = {}
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._rows[(row["seed"], row["truth"]["group"], row["truth"]["file"])] = row

    def has(self, sample: Sample) -> bool:
        """Whether the sample was read by this code already."""
        return _key(sample) in self._rows

    def add(self, sample: Sample, answer: dict[str, Any]) -> None:
        """Keep one answer."""
        row = {
            "seed": sample.seed,
            "commit": self._commit,
            "truth": sample.truth,
            "alike": sample.alike,
            "answer": answer,
        }
        self._rows[_key(sample)] = row
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def scored(self, samples: Sequence[Sample] | None = None) -> list[Scored]:
        """The answers compared with their truth: of these samples, or all that were ever kept for this code."""
        keys = self._rows if samples is None else [_key(s) for s in samples]
        rows = [self._rows[key] for key in keys]
        return [score(row["seed"], row["truth"], row["answer"], row["alike"]) for row in rows]

    @property
    def commits(self) -> list[str]:
        """The commits whose answers are added up; all had the same code of reading."""
        return list(dict.fromkeys(row["commit"] for row in self._rows.values()))


def _key(sample: Sample) -> tuple[int, str, str]:
    """What names a file, as long as the generator stays the same."""
    return sample.seed, sample.truth["group"], sample.truth["file"]


def read_all(samples: Sequence[Sample], ledger: Ledger, workers: int) -> int:
    """Read what the ledger does not hold yet, with progress on standard error; the number of files read now."""
    todo = [s for s in samples if not ledger.has(s)]
    begun, done = time.monotonic(), 0
    for patients, group in groupby(todo, key=lambda s: s.patients):
        for sample, answer in _answers(list(group), patients, workers):
            ledger.add(sample, answer)
            done += 1
            if done % 25 == 0 or done == len(todo):
                left = (time.monotonic() - begun) / done * (len(todo) - done) / 60
                print(f"  read {done} of {len(todo)}, some {left:.0f} minutes left", file=sys.stderr, flush=True)
    return done


def _answers(samples: list[Sample], patients: Path, workers: int) -> Iterator[tuple[Sample, dict[str, Any]]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as data:
        settings = load_settings(data=Path(data), reading={"workers": workers})
        with FileReader(settings, patients, TODAY) as reader, ThreadPoolExecutor(workers) as pool:
            answers = pool.map(lambda s: as_json(str(s.path), reader.read(s.path)), samples)
            yield from zip(samples, answers, strict=True)
