"""The curve of accuracy against cost: the same files read with other settings of the readers, each in a process of its own.

`python -m bench.curve SIDE second|alone PATIENTS FILE...` reads the files and prints one JSON object: answers and cost.
The settings are varied here and not in the program: nobody needs them in production.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.answers import TODAY
from bench.corpus import ROOT, Sample
from bench.exact import CRITICAL, SILENT_CRITICAL, score
from bench.tables import share, table

# The longest side of the page that the detector sees, in pixels, and whether Tesseract gives its second opinion.
SETTINGS = ((640, True), (800, True), (960, True), (1280, True), (960, False))


def main() -> None:
    """Read with one setting."""
    import ocr.finding
    from gateway.patients import CsvPatientIndex
    from gateway.reading import as_json, judge_pages
    from ocr.pages import PageReader
    from ocr.raster import rasterise
    from templates.form import load_forms

    side, second, patients, *files = sys.argv[1:]
    ocr.finding.LONGEST_SIDE = int(side)
    forms, index = load_forms(), CsvPatientIndex.load(Path(patients))
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        reader = PageReader(scratch=Path(scratch))
        if second == "alone":
            reader._tesseract = None
        answers, pages, begun = [], 0, _cpu()
        for file in files:
            read = tuple(reader.read(raw) for raw in rasterise(Path(file).read_bytes()).pages)
            said = judge_pages(read, reader=reader, forms=forms, index=index, practices=None, today=TODAY)
            answers.append(as_json(file, said))
            pages += len(read)
        print(json.dumps({"cpu": _cpu() - begun, "pages": pages, "answers": answers}))


def _cpu() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def _one(setting: tuple[int, bool], samples: Sequence[Sample]) -> dict[str, Any]:
    side, second = setting
    command = [sys.executable, "-m", "bench.curve", str(side), "second" if second else "alone"]
    command += [str(samples[0].patients), *(str(s.path) for s in samples)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"The curve could not be drawn: it ended with {done.returncode}. {done.stderr.strip()[-500:]}")
    return dict(json.loads(done.stdout))


def report(samples: Sequence[Sample], count: int, workers: int) -> list[str]:
    """Read `count` files of the first corpus with each setting; sentence and table."""
    mine = [s for s in samples if s.patients == samples[0].patients]
    mine = [s for s in mine if s.truth["severity"] != "clean"] or mine
    chosen = [mine[i * len(mine) // count] for i in range(min(count, len(mine)))]
    with ThreadPoolExecutor(workers) as pool:
        measured = list(pool.map(lambda setting: _one(setting, chosen), SETTINGS))
    rows = []
    for (side, second), found in zip(SETTINGS, measured, strict=True):
        scored = [score(s.seed, s.truth, a, s.alike) for s, a in zip(chosen, found["answers"], strict=True)]
        outcomes = [o for s in scored for o in s.outcomes]
        asked = [o for o in outcomes if o.wanted]
        critical = [o for o in asked if o.field in CRITICAL]
        accepted = [o for o in outcomes if o.accepted]
        rows.append(
            [
                f"detector sees {side} pixels" + ("" if second else ", no second reader"),
                f"{found['cpu'] / found['pages']:.2f}",
                share(sum(o.right for o in critical), len(critical)),
                share(sum(o.right for o in asked), len(asked)),
                share(sum(o.accepted and o.right for o in asked), len(asked)),
                f"{sum(o.silent for o in accepted)} ({sum(o.silent and o.field in SILENT_CRITICAL for o in accepted)})",
            ]
        )
    heading = ["setting", "CPU s a page", "critical exact", "all exact", "accepted and right", "silent (critical)"]
    damaged = sorted({str(s.truth["severity"]) for s in chosen})
    group = chosen[0].truth["group"]
    return [
        f"{len(chosen)} files of the {group} designs ({', '.join(damaged)}), read in one process with each setting (start-up left out).",
        "",
        table(heading, rows),
    ]


if __name__ == "__main__":
    main()
