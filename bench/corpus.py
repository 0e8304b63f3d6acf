"""The synthetic faxes that a run measures: made from a seed, kept in the cache folder, with the truth and the patient index."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from gateway.rehearsal.designs import names
from gateway.rehearsal.fax_noise import SEVERITIES
from gateway.rehearsal.fonts import FACES, Group, available

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = 50_000


@dataclass(frozen=True)
class Sample:
    """One file with its truth, and what the patient index says against deciding by machine (`alike`)."""

    seed: int
    path: Path
    truth: Mapping[str, Any]
    alike: tuple[str, ...]

    @property
    def patients(self) -> Path:
        """The index of the corpus that the file belongs to."""
        return self.path.parent / "patients.csv"


def generator(command: Path = ROOT / "gateway" / "rehearsal" / "corpus.py") -> str:
    """A fingerprint of all that decides what a seed draws: the rehearsal's sources that the command imports, and the typefaces here."""
    whole, seen, todo = hashlib.sha256(), set[Path](), [command]
    while todo:
        source = todo.pop()
        if source in seen or not source.exists():
            continue
        seen.add(source)
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gateway.rehearsal"):
                below = (node.module or "").removeprefix("gateway.rehearsal").lstrip(".")
                named = [below] if below else [name.name for name in node.names]
                todo += [command.parent / f"{name}.py" for name in named]
    for source in sorted(seen):
        whole.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    whole.update(",".join(face.name for face in FACES if available(face)).encode())
    return whole.hexdigest()[:12]


def make(cache: Path, seeds: Sequence[int], groups: Sequence[Group], count: int | None = None) -> list[Sample]:
    """`count` files for each seed and group of designs, or each design once at each severity. The groups are made side by side.

    A file depends on the generator, its seed and number alone, so a corpus that the same generator made before serves when it is
    long enough.
    """
    made_by = generator()
    wanted = [(seed, group, cache / f"corpus-{seed}-{group}-{made_by}") for seed in seeds for group in groups]
    counts = {group: count or len(SEVERITIES) * len(names(group)) for group in groups}
    for seed in seeds:
        makers = []
        for other, group, folder in wanted:
            if other == seed and _made(folder) < counts[group]:
                (folder / "made").unlink(missing_ok=True)
                command = [sys.executable, "-m", "gateway.rehearsal.corpus", "--out", str(folder), "--seed", str(seed)]
                command += ["--count", str(counts[group]), "--designs", group, "--people", str(PEOPLE)]
                makers.append((folder, counts[group], subprocess.Popen(command, cwd=ROOT)))
        for folder, length, maker in makers:
            if maker.wait() != 0:
                raise SystemExit("The synthetic faxes could not be made: see above.")
            (folder / "made").write_text(str(length), encoding="ascii")
    return [sample for seed, group, folder in wanted for sample in islice(_samples(seed, folder), counts[group])]


def _made(folder: Path) -> int:
    """How many files of a corpus are whole."""
    made = folder / "made"
    return int(made.read_text(encoding="ascii")) if made.exists() else 0


def _samples(seed: int, folder: Path) -> Iterator[Sample]:
    index = PatientExtract(folder / "patients.csv")
    for row in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(row)
        yield Sample(seed, folder / truth["file"], truth, index.alike(truth["fields"].get("patient.nhs_number", "")))


class PatientExtract:
    """The patient extract as the benchmark looks at it, by its own rules and not by those under test."""

    def __init__(self, path: Path) -> None:
        self._number: dict[str, dict[str, str]] = {}
        self._twin: dict[tuple[str, str], int] = defaultdict(int)
        self._home: dict[tuple[str, str, str], int] = defaultdict(int)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self._number[row["nhs_number"]] = row
                self._twin[_twin(row)] += 1
                self._home[_home(row)] += 1

    def alike(self, number: str) -> tuple[str, ...]:
        """Why the index alone asks for a person; empty when the number is legible and its owner is plainly one person."""
        row = self._number.get(number)
        if row is None:
            return ("not in the patient index",) if number else ()
        why = []
        if self._twin[_twin(row)] > 1:
            why.append("twin in the index")
        if self._home[_home(row)] > 1:
            why.append("namesake at the same address")
        why += [word for word in ("deceased", "sensitive") if row[word]]
        return tuple(why)


def _twin(row: Mapping[str, str]) -> tuple[str, str]:
    return row["family_name"].casefold(), row["birth_date"]


def _home(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["family_name"].casefold(), row["given_names"].split(" ")[0].casefold(), row["postcode"]
