"""`python -m bench`: makes synthetic faxes from seeds, measures reading on them, prints the tables and writes bench/results.md.

Sections: accuracy (with silent errors and calibration), baseline, cost, curve. Answers are kept in the cache folder, so that silent
errors add up over seeds on one state of the code, and a run that was broken off goes on where it was.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytesseract

from bench import accuracy, baseline, cost, curve
from bench.answers import Ledger, code_read, commit, read_all
from bench.calibration import calibration
from bench.corpus import ROOT, Sample, make
from bench.exact import Scored
from bench.tables import table
from gateway.rehearsal.fonts import FACES, GROUPS, available

SECTIONS = ("accuracy", "baseline", "cost", "curve")
REPORTING_SEED = 20261201  # never used while anything is fitted; small numbers are for that
_BLOCK = 45  # fifteen designs of each group at three severities


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, nargs="+", default=[REPORTING_SEED], help="seeds of the synthetic faxes")
    parser.add_argument("--count", type=int, default=3 * _BLOCK, help="files for each seed and group of designs")
    parser.add_argument("--quick", action="store_true", help="a few minutes: fewer files, no results file")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="sections to measure")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "gateway-bench")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="files read at a time")
    parser.add_argument("--out", type=Path, help="where to write (default bench/results.md when all sections are run)")
    return parser.parse_args()


def main() -> None:
    """Measure and report."""
    args = _arguments()
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        del os.environ[name]  # the settings of this machine are not what is measured
    if args.quick:
        args.count = min(args.count, _BLOCK)
    args.cache.mkdir(parents=True, exist_ok=True)
    begun, code, here = time.monotonic(), code_read(), commit()
    samples = make(args.cache, args.seed, args.count)
    ledger = Ledger(args.cache, code, here)
    told: list[str] = []

    def tell(lines: Sequence[str]) -> None:
        print("\n".join(lines), flush=True)
        told.extend(lines)

    tell(_head(here, code, args))
    fresh = 0
    if "accuracy" in args.only:
        fresh += read_all(samples, ledger, args.workers)
        tell(_accuracy(ledger, samples))
    if "baseline" in args.only:
        tell(_baseline(ledger, samples, args.workers, _BLOCK // 3 if args.quick else _BLOCK))
    if "cost" in args.only:
        tell(["", "## Cost", "", *cost.report(samples, 8 if args.quick else 24)])
    if "curve" in args.only:
        tell(["", "## Accuracy against cost", "", *_curve(samples, 6 if args.quick else 20, args.workers)])
    took = f"This run took {(time.monotonic() - begun) / 60:.0f} minutes"
    tell(["", f"{took}; {fresh} files were read in it, the others by earlier runs of the same code."])
    if code_read() != code:
        tell(["", "**The sources changed while this ran: the figures are of a mixture. Run it again.**"])
    out = args.out or (ROOT / "bench" / "results.md" if not args.quick and set(args.only) == set(SECTIONS) else None)
    if out is not None:
        out.write_text("\n".join(told) + "\n", encoding="utf-8")


def _head(here: str, code: str, args: argparse.Namespace) -> list[str]:
    fonts = [f"{face.name}{'' if face.group == 'fit' else f' ({face.group})'}" for face in FACES if available(face)]
    absent = [face.name for face in FACES if not available(face)]
    about = {
        "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()}, load at the start {os.getloadavg()[0]:.1f}",
        "software": f"{platform.system()}, Python {platform.python_version()}, Tesseract {pytesseract.get_tesseract_version()}",
        "commit": f"{here} (code of reading {code})",
        "seeds": f"{', '.join(map(str, args.seed))}; {args.count} files for each seed and group of designs",
        "typefaces": ", ".join(fonts),
        "typefaces not installed": ", ".join(absent) or "none",
    }
    return [
        "# Reading, measured",
        "",
        "Written by `make bench`. Synthetic faxes of invented people with their truth (`gateway.rehearsal`); real faxes differ.",
        "`fit` designs were looked at while the reader was written, though never these seeds; `seen` ones were held out once and have",
        "been looked at since; `held-out` designs never were, with words, layouts and typefaces of their own.",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
    ]


def _accuracy(ledger: Ledger, samples: Sequence[Sample]) -> list[str]:
    scored = ledger.scored(samples)
    told = ["", "## Accuracy"]
    for group in GROUPS:
        here = [s for s in scored if s.group == group]
        told += ["", accuracy.by_severity(here, f"{group} designs, {len(here)} files")]
        told += ["", f"Referrals of these that no reader may call ready, and why: {accuracy.why_asked(here)}."]
    told += [
        "",
        "A share stands with its number of cases. Words count in any case, codes and dates to the letter, a reason with at most",
        "one character in ten wrong. Straight through: read with an index of 50,000 people, near-twins among them.",
    ]
    told += ["", "## Field by field", "", accuracy.by_field(_groups(scored))]
    told += ["", "## Design by design", "", accuracy.by_design(scored)]
    whole = ledger.scored()
    seeds = sorted({s.seed for s in whole})
    told += ["", "## Silent errors: accepted and wrong", ""]
    told += [
        f"{len(whole)} files of seeds {', '.join(map(str, seeds))}, read by this code (commits {', '.join(ledger.commits)})."
    ]
    told += ["", accuracy.silent({**_groups(whole), "all": whole}), ""]
    told += [
        f"Not judged: {sum(s.not_judged for s in whole)} values from pages of strangers and papers that are no referral:",
        "there is no truth for these.",
        "Values of one page are not independent of each other, so the bounds are somewhat too narrow.",
        "",
        *(f"- {line}" for line in accuracy.silent_list(whole)),
    ]
    told += ["", "## Calibration", "", "All designs:", "", calibration(whole)]
    return [*told, "", "Held-out designs only:", "", calibration([s for s in whole if s.group == "held-out"])]


def _groups(scored: Sequence[Scored]) -> dict[str, Sequence[Scored]]:
    return {group: [s for s in scored if s.group == group] for group in GROUPS}


def _baseline(ledger: Ledger, samples: Sequence[Sample], workers: int, count: int) -> list[str]:
    """The afternoon script on the first `count` files of each group, and this program on the same ones."""
    first = [s for s in samples if s.seed == samples[0].seed]
    chosen = [s for group in GROUPS for s in [f for f in first if f.truth["group"] == group][:count]]
    read_all(chosen, ledger, workers)
    ours, theirs = ledger.scored(chosen), baseline.read_all(chosen, workers)
    rows = [_beside("this program", ours), _beside("afternoon script", theirs)]
    heading = [
        "",
        "critical exact",
        "all exact",
        "accepted",
        "silent errors",
        "critical ones",
        "ready",
        "of them wrong",
    ]
    return [
        "",
        "## Beside an afternoon's script",
        "",
        f"Full-page Tesseract, regular expressions and Modulus 11 (`bench/baseline.py`), on the same {len(chosen)} files.",
        "",
        table(heading, rows),
    ]


def _beside(name: str, scored: Sequence[Scored]) -> list[str]:
    outcomes = [o for s in scored for o in s.outcomes]
    asked = [o for o in outcomes if o.wanted]
    critical = [o for o in asked if o.field in accuracy.CRITICAL]
    silent = [o for o in outcomes if o.silent]
    ready = [s for s in scored if s.ready]
    return [
        name,
        accuracy.share(sum(o.right for o in critical), len(critical)),
        accuracy.share(sum(o.right for o in asked), len(asked)),
        str(sum(o.accepted for o in outcomes)),
        str(len(silent)),
        str(sum(o.field in accuracy.SILENT_CRITICAL for o in silent)),
        str(len(ready)),
        str(sum(bool(s.wrong_ready) for s in ready)),
    ]


def _curve(samples: Sequence[Sample], count: int, workers: int) -> list[str]:
    return [
        f"{count} typical and hard files of one group of designs, read in one process with each setting (start-up left out).",
        "",
        curve.report(samples, count, workers),
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"


if __name__ == "__main__":
    main()
