"""A developer's loop: reads folders of synthetic faxes with the pages kept between runs, and shows each wrong value.

    python -m bench.reading FOLDER... [--cache FOLDER] [--patients CSV] [--show FIELD|all] [--designs GROUP]

Pages and second looks are kept in the cache folder, so that a second run measures only what stands between words and
verdicts. The figures of record are those of `python -m bench`, which keeps nothing but answers. Truth:
FOLDER/truth.jsonl, as the rehearsal writes it. Values are shown here, because the people are invented; give
`--designs fit` while rules are written, or nothing is held out any more.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import pickle
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.accuracy import by_field, by_severity, silent
from bench.answers import TODAY
from bench.calibration import calibration
from bench.corpus import PatientExtract
from bench.exact import Scored, right, score
from gateway.patients import CsvPatientIndex
from gateway.reading import as_json, judge_pages
from gateway.rehearsal.fonts import GROUPS
from ocr.page import Box, Line, Page, RawPage
from ocr.pages import PageReader
from ocr.raster import rasterise
from templates.form import load_forms


class CachedReader:
    """The page reader with its answers kept on disk: reading is the slow part, and does not change while rules do."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._scratch = tempfile.TemporaryDirectory()
        self._reader: PageReader | None = None
        self._looks: dict[str, Line | None] = {}
        self._name = ""

    def _open(self) -> PageReader:
        if self._reader is None:
            self._reader = PageReader(scratch=Path(self._scratch.name))
        return self._reader

    def pages(self, path: Path) -> tuple[Page, ...]:
        """The pages of a file; its second looks are asked for next."""
        data = path.read_bytes()
        self._name = hashlib.sha256(data).hexdigest()[:24]
        kept, looked = self._cache / f"{self._name}.pages", self._cache / f"{self._name}.looks"
        self._looks = pickle.loads(looked.read_bytes()) if looked.exists() else {}
        if kept.exists():
            return tuple(pickle.loads(kept.read_bytes()))
        pages = tuple(self.read(raw) for raw in rasterise(data).pages)
        kept.write_bytes(pickle.dumps(pages))
        return pages

    def read(self, raw: RawPage) -> Page:
        """One page, read now."""
        return self._open().read(raw)

    def second_look(self, page: Page, boxes: Sequence[Box], kind: str) -> list[Line | None]:
        """What the second reader sees in each box, asked once in a lifetime."""
        keys = [f"{page.number} {kind} {box.as_list()}" for box in boxes]
        wanted = [(k, b) for k, b in zip(keys, boxes, strict=True) if k not in self._looks]
        if wanted:
            answers = self._open().second_look(page, [b for _, b in wanted], kind)
            self._looks.update({k: a for (k, _), a in zip(wanted, answers, strict=True)})
            (self._cache / f"{self._name}.looks").write_bytes(pickle.dumps(self._looks))
        return [self._looks[k] for k in keys]


def wrong(truth: Mapping[str, Any], answer: Mapping[str, Any], scored: Scored) -> Iterator[tuple[str, str]]:
    """What is wrong with one answer, by field (or kind of trouble), in a line with the values."""
    name = f"{truth['file']} {truth['design']} {truth['severity']}"
    if not scored.document_right or scored.false_alarm or scored.wrong_ready:
        yield "document", f"{name}: {answer['document_type']} {scored.wrong_ready or ''} {answer['reasons']}"
    if scored.referral and not scored.must_ask and not scored.ready:
        yield "ready", f"{name}: {answer['reasons']}"
    parts = [(truth, answer), *zip(truth["more"], answer.get("more", []), strict=False)]
    for want, got in parts if truth["document_type"] == "referral" else []:
        for field in sorted({*want["fields"], *got["fields"]} - {*want["excused"]}):
            true, found = want["fields"].get(field), got["fields"].get(field)
            if found is None:
                yield field, f"{name}: absent, {true!r}"
            elif true is None or not right(field, found["value"], true):
                mark = "SILENT " if found["accepted"] else ""
                yield field, f"{mark}{name}: {found['value']!r} for {true!r} at {found['confidence']} ({found['how']})"


def main() -> None:
    """Run the loop once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "reading-cache")
    parser.add_argument("--patients", type=Path)
    parser.add_argument("--show", help="a field, `document`, `ready`, or all")
    parser.add_argument("--designs", choices=(*GROUPS, "all"), default="all")
    parser.add_argument("--today", type=dt.date.fromisoformat, default=TODAY)
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    forms, reader = load_forms(), CachedReader(args.cache)
    scored: list[Scored] = []
    for folder in args.folder:
        patients = args.patients or folder / "patients.csv"
        index, extract = CsvPatientIndex.load(patients), PatientExtract(patients)
        for row in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
            truth = json.loads(row)
            if args.designs not in ("all", truth["group"]):
                continue
            pages = reader.pages(folder / truth["file"])
            read = judge_pages(pages, reader=reader, forms=forms, index=index, practices=None, today=args.today)
            answer = as_json(truth["file"], read)
            scored.append(score(0, truth, answer, extract.alike(truth["fields"].get("patient.nhs_number", ""))))
            for field, line in wrong(truth, answer, scored[-1]):
                if args.show in ("all", field) or (args.show and line.startswith("SILENT")):
                    print(f"{field:26} {line}")
    print(by_severity(scored, f"{len(scored)} files"))
    for part in (by_field({"all": scored}), silent({"all": scored}), calibration(scored)):
        print(f"\n{part}")


if __name__ == "__main__":
    main()
