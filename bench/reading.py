# ruff: noqa: E501  (tables print wide)
"""Measures reading on a folder of synthetic faxes with their truth: exact fields, straight-through share, silent
errors, calibration.

    python -m bench.reading FOLDER [--cache FOLDER] [--patients CSV] [--show FIELD] [--held-out | --fit]

Pages and second looks are kept in the cache folder (give one outside the repository), so that a second run measures
only what stands
between words and verdicts. Truth: FOLDER/truth.jsonl, one object a line, as the rehearsal's corpus writes it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import pickle
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from gateway.patients import CsvPatientIndex, likenesses
from gateway.reading import as_json, judge_pages
from ocr.page import Box, Line, Page
from ocr.pages import PageReader
from ocr.raster import rasterise
from templates.form import load_forms

CRITICAL = ("patient.nhs_number", "patient.birth_date", "patient.family_name", "referral.priority")
SILENT_CRITICAL = (
    *CRITICAL,
    "referral.specialty",
    "referral.named_clinician",
    "referral.ubrn",
    "referral.sharing_dissent",
)


class CachedReader:
    """The page reader with its answers kept on disk: reading is the slow part, and does not change while rules do."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.scratch = tempfile.TemporaryDirectory()
        self.reader: Any = None
        self.looks: dict[str, Line | None] = {}
        self.name = ""

    def _reader(self) -> Any:
        if self.reader is None:
            self.reader = PageReader(scratch=Path(self.scratch.name))
        return self.reader

    def pages(self, path: Path) -> tuple[Page, ...]:
        data = path.read_bytes()
        self.name = hashlib.sha256(data).hexdigest()[:24]
        kept = self.cache / f"{self.name}.pages"
        looked = self.cache / f"{self.name}.looks"
        self.looks = pickle.loads(looked.read_bytes()) if looked.exists() else {}
        if kept.exists():
            return pickle.loads(kept.read_bytes())
        pages = tuple(self._reader().read(raw) for raw in rasterise(data).pages)
        kept.write_bytes(pickle.dumps(pages))
        return pages

    def second_look(self, page: Page, boxes: Sequence[Box], kind: str) -> Sequence[Line | None]:
        keys = [f"{page.number} {kind} {box.as_list()}" for box in boxes]
        wanted = [(k, b) for k, b in zip(keys, boxes, strict=True) if k not in self.looks]
        if wanted:
            answers = self._reader().second_look(page, [b for _, b in wanted], kind)
            self.looks.update({k: a for (k, _), a in zip(wanted, answers, strict=True)})
            (self.cache / f"{self.name}.looks").write_bytes(pickle.dumps(self.looks))
        return [self.looks[k] for k in keys]


def right(field: str, got: Any, want: Any) -> bool:
    """Exact, case and spaces as printed not counted against a reader; a reason may have one character in ten wrong."""
    if isinstance(want, bool) or isinstance(got, bool):
        return got is want
    a, b = " ".join(str(got).split()), " ".join(str(want).split())
    if field == "referral.reason":
        return Levenshtein.distance(a, b) <= 0.1 * max(1, len(b))
    return a.casefold().replace(", ", " ").replace(",", " ") == b.casefold().replace(", ", " ").replace(",", " ")


class Tally:
    """Counts over the documents of one severity."""

    def __init__(self) -> None:
        self.fields: dict[str, Counter[str]] = defaultdict(Counter)
        self.documents: Counter[str] = Counter()
        self.silent: list[str] = []
        self.wrong: list[str] = []
        self.bands: dict[tuple[str, float], Counter[bool]] = defaultdict(Counter)

    def add(self, truth: dict[str, Any], line: dict[str, Any], known_alone: bool) -> None:
        name = f"{truth['file']} {truth['design']} {truth['severity']}"
        self.documents["all"] += 1
        type_right = line["document_type"] == truth["document_type"]
        self.documents["type right"] += type_right
        if not type_right:
            self.wrong.append(f"TYPE {name}: {line['document_type']} {line['reasons'][:3]}")
        if truth["document_type"] != "referral":
            return
        self.documents["referrals"] += 1
        expected_missing, expected_stranger = (
            bool(truth["missing_pages"]),
            bool(truth["stranger_pages"] or truth["more"]),
        )
        said = " ".join(line["reasons"])
        noticed_missing = "missing" in said or "came: ask" in said
        noticed_stranger = "another patient" in said or "referrals came" in said
        if expected_missing or expected_stranger:
            self.documents["bundles"] += 1
            ok = (noticed_missing or not expected_missing) and (noticed_stranger or not expected_stranger)
            self.documents["bundles noticed"] += ok
            if not ok:
                self.wrong.append(
                    f"BUNDLE {name}: missing {truth['missing_pages']} stranger {truth['stranger_pages']} said {line['reasons']}"
                )
        if (noticed_missing and not expected_missing) or (noticed_stranger and not expected_stranger):
            self.documents["false alarms"] += 1
            self.wrong.append(f"ALARM {name}: {line['reasons']}")
        self._fields(name, truth["fields"], line["fields"])
        for other, found in zip(truth["more"], line.get("more", []), strict=False):
            self._fields(name + " more", other["fields"], found["fields"])
        if line["status"] == "ready":
            self.documents["ready"] += 1
            bad = [
                f
                for f, v in line["fields"].items()
                if v["accepted"] and f in SILENT_CRITICAL and not right(f, v["value"], truth["fields"].get(f))
            ]
            if bad or expected_missing or expected_stranger:
                self.documents["ready wrong"] += 1
                self.silent.append(f"READY WRONG {name} {bad}")
        # A person must see these whatever is read: bundles, objections, a UBRN (in e-RS already), twins, patients unknown to the index.
        must = bool(expected_missing or expected_stranger or truth["fields"].get("referral.ubrn"))
        must = must or bool(truth["fields"].get("referral.sharing_dissent")) or not known_alone
        self.documents["could be ready"] += not must
        if line["status"] != "ready" and not must:
            self.wrong.append(f"NOTREADY {name}: {line['reasons']}")
        if line["status"] != "ready":
            for why in line["reasons"]:
                self.documents[f"why: {why[:70]}"] += 1

    def _fields(self, name: str, want: dict[str, Any], got: dict[str, Any]) -> None:
        for field in sorted({*want, *got}):
            tally = self.fields[field]
            found = got.get(field)
            if field in want:
                tally["wanted"] += 1
                good = found is not None and right(field, found["value"], want[field])
                tally["right"] += good
                if not good:
                    self.wrong.append(
                        f"{field} {name}: {found['value'] if found else None!r} for {want[field]!r} ({found['how'] if found else ''})"
                    )
            elif found is not None:
                tally["invented"] += 1
                self.wrong.append(f"{field} {name}: {found['value']!r} INVENTED ({found['how']})")
            if found is None:
                continue
            good = field in want and right(field, found["value"], want[field])
            self.bands[(field, _band(found["confidence"]))][good] += 1
            if found["accepted"]:
                tally["accepted"] += 1
                if not good:
                    tally["silent"] += 1
                    self.silent.append(
                        f"SILENT {field} {name}: {found['value']!r} for {want.get(field)!r} ({found['how']})"
                    )


def known_alone(truth: dict[str, Any], index: CsvPatientIndex) -> bool:
    """Whether the patient is in the index and nobody there is easily taken for them."""
    record = index.by_number(truth["fields"].get("patient.nhs_number", ""))
    return record is not None and not record.deceased and not record.sensitive and not likenesses(index, record)


def _band(confidence: float) -> float:
    return max(b for b in (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999) if confidence >= b)


def report(tallies: dict[str, Tally], show: str | None) -> None:
    """Print the tables."""
    for severity, t in tallies.items():
        d = t.documents
        print(
            f"\n== {severity}: {d['all']} files, type {d['type right']}/{d['all']}, ready {d['ready']}/{d['could be ready']} that could be, of {d['referrals']} (wrong {d['ready wrong']}), "
            f"bundles {d['bundles noticed']}/{d['bundles']}, false alarms {d['false alarms']}"
        )
        wanted = right_ = cw = cr = acc = sil = 0
        for field, c in sorted(t.fields.items()):
            print(
                f"  {field:28} {c['right']:5}/{c['wanted']:<5} {100 * c['right'] / max(1, c['wanted']):5.1f}%  accepted {c['accepted']:5}  silent {c['silent']}  invented {c['invented']}"
            )
            wanted, right_, acc, sil = wanted + c["wanted"], right_ + c["right"], acc + c["accepted"], sil + c["silent"]
            if field in CRITICAL:
                cw, cr = cw + c["wanted"], cr + c["right"]
        print(
            f"  critical {100 * cr / max(1, cw):.1f}%  all {100 * right_ / max(1, wanted):.1f}%  accepted {100 * acc / max(1, wanted):.1f}%  silent {sil}"
        )
        for why, n in d.most_common():
            if why.startswith("why: ") and n > 1:
                print(f"     {n:3} {why[5:]}")
    for t in tallies.values():
        print("\n".join(t.silent))
    if show:
        for t in tallies.values():
            print("\n".join(x for x in t.wrong if show == "all" or x.startswith(show)))
    bands: dict[float, Counter[bool]] = defaultdict(Counter)
    for t in tallies.values():
        for (_, band), c in t.bands.items():
            bands[band] += c
    print("\nconfidence from: right of all")
    for band, c in sorted(bands.items()):
        print(f"  {band:.3f}  {c[True]}/{c[True] + c[False]} = {c[True] / (c[True] + c[False]):.4f}")


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "reading-cache")
    parser.add_argument("--patients", type=Path)
    parser.add_argument("--show")
    parser.add_argument("--designs", choices=("fit", "held-out", "all"), default="all")
    parser.add_argument("--today", type=dt.date.fromisoformat, default=dt.date(2026, 11, 22))
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    forms, reader = load_forms(), CachedReader(args.cache)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for folder in args.folder:
        index = CsvPatientIndex.load(args.patients or folder / "patients.csv")
        for row in (folder / "truth.jsonl").read_text().splitlines():
            truth = json.loads(row)
            if args.designs != "all" and truth["held_out"] != (args.designs == "held-out"):
                continue
            pages = reader.pages(folder / truth["file"])
            read = judge_pages(pages, reader=reader, forms=forms, index=index, practices=None, today=args.today)
            tallies[truth["severity"]].add(truth, as_json(truth["file"], read), known_alone(truth, index))
    report(tallies, args.show)


if __name__ == "__main__":
    main()
