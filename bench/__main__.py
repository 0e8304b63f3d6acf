"""`python -m bench`: makes synthetic faxes from seeds, measures reading on them, prints the tables and writes bench/results.md.

Sections: accuracy (with silent errors and calibration), baseline, cost, curve. Answers are kept in the cache folder, so that silent
errors add up over seeds on one state of the code, and a run that was broken off goes on where it was. A run of some sections with
`--out bench/results.md` replaces these and keeps the others with their dates.
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

from bench import accuracy, baseline, cost, curve, report
from bench.answers import Ledger, code_read, commit, read_all
from bench.calibration import calibration
from bench.corpus import PEOPLE, ROOT, Sample, generator, make
from bench.exact import Scored
from bench.tables import table
from gateway.rehearsal.fax_noise import SEVERITIES
from gateway.rehearsal.fonts import FACES, GROUPS, available

SECTIONS = {
    "accuracy": "Accuracy",
    "baseline": "Beside an afternoon's script",
    "cost": "Cost",
    "curve": "Accuracy against cost",
}
REPORTING_SEED = 20261201  # never used while anything is fitted; small numbers are for that
_QUICK = 45
_RESULTS = ROOT / "bench" / "results.md"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, nargs="+", default=[REPORTING_SEED], help="seeds of the synthetic faxes")
    parser.add_argument("--designs", nargs="+", choices=GROUPS, default=list(GROUPS), help="groups of designs")
    parser.add_argument(
        "--count",
        type=int,
        help="files for each seed and group, a multiple of 3 (default: each design at each severity once)",
    )
    parser.add_argument("--quick", action="store_true", help="a few minutes: fewer files, no results file")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="sections to measure")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "gateway-bench")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="files read at a time")
    parser.add_argument(
        "--out", type=Path, help="where to write (default bench/results.md when all sections and designs are measured)"
    )
    args = parser.parse_args()
    if args.quick:
        args.count = min(args.count or _QUICK, _QUICK)
    if args.count is not None and (args.count < 1 or args.count % len(SEVERITIES)):
        parser.error(f"--count must be a multiple of {len(SEVERITIES)}, so that every severity has as many files")
    if args.out is None and not args.quick and set(args.only) == set(SECTIONS) and set(args.designs) == set(GROUPS):
        args.out = _RESULTS
    args.designs = [group for group in GROUPS if group in args.designs]
    return args


def main() -> None:
    """Measure and report."""
    args = _arguments()
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        del os.environ[name]  # the settings of this machine are not what is measured
    args.cache.mkdir(parents=True, exist_ok=True)
    begun, code, here = time.monotonic(), code_read(), commit()
    samples = make(args.cache, args.seed, args.designs, args.count)
    ledger = Ledger(args.cache, code, generator(), here)
    head = _head()
    print("\n".join(head), flush=True)
    fresh: dict[str, list[str]] = {}

    def tell(name: str, body: Sequence[str]) -> None:
        fresh[SECTIONS[name]] = report.section(SECTIONS[name], _stamp(here, code, args), body)
        print("\n".join(("", *fresh[SECTIONS[name]])), flush=True)

    if "accuracy" in args.only:
        read_now = read_all(samples, ledger, args.workers)
        tell("accuracy", _accuracy(ledger, samples, args.designs, read_now))
    if "baseline" in args.only:
        tell("baseline", _baseline(ledger, samples, args, 15 if args.quick else 45))
    if "cost" in args.only:
        tell("cost", cost.report(samples, 8 if args.quick else 24))
    if "curve" in args.only:
        tell("curve", curve.report(samples, 6 if args.quick else 20, args.workers))
    print(f"\nThis run took {(time.monotonic() - begun) / 60:.0f} minutes.")
    if code_read() != code:
        print(
            "\nThe sources changed while this ran: the figures are of a mixture, and nothing was written. Run it again."
        )
    elif args.out is not None:
        report.write(args.out, head, fresh, tuple(SECTIONS.values()))


def _head() -> list[str]:
    fonts = [f"{face.name}{'' if face.group == 'fit' else f' ({face.group})'}" for face in FACES if available(face)]
    absent = [face.name for face in FACES if not available(face)]
    about = {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()}",
        "software": f"{platform.system()}, Python {platform.python_version()}, Tesseract {pytesseract.get_tesseract_version()}",
        "typefaces": ", ".join(fonts),
        "typefaces not installed": ", ".join(absent) or "none",
    }
    return [
        "# Reading, measured",
        "",
        "Written by `make bench`. Synthetic faxes of invented people with their truth (`gateway.rehearsal`); real faxes differ.",
        "Three groups of designs: `fit` were looked at while the reader was written, though never with these seeds; `seen` were held",
        "out once and have been looked at since; `held-out` have layouts, words and typefaces of their own, and whoever wrote the reader",
        "had not looked at them before their first look (first_looks.md).",
        "Each section says when it was measured and of what; one that bears an older date",
        "than another was kept from an earlier run.",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
    ]


def _stamp(here: str, code: str, args: argparse.Namespace) -> str:
    """When a section was measured, of what code and on which files."""
    files = f"{args.count} files" if args.count else "each design at each severity once"
    return (
        f"Measured {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC at commit {here} (code of reading {code}, of the faxes {generator()}). "
        f"Seeds {', '.join(map(str, args.seed))}; {files} for each seed and group ({', '.join(args.designs)}). "
        f"Load of the machine {os.getloadavg()[0]:.1f}."
    )


def _accuracy(ledger: Ledger, samples: Sequence[Sample], groups: Sequence[str], read_now: int) -> list[str]:
    scored = ledger.scored(samples)
    earlier = f", {len(samples) - read_now} in earlier runs of the same code" if read_now < len(samples) else ""
    told = [f"{read_now} files were read in this run{earlier}."]
    for group, here in _groups(scored, groups).items():
        told += ["", accuracy.by_severity(here, f"{group} designs, {len(here)} files")]
        told += ["", f"Referrals of these that no reader may call ready, and why: {accuracy.why_asked(here)}."]
    told += [
        "",
        "A share stands with its number of cases. Words count in any case, codes and dates to the letter, a reason with at most",
        f"one character in ten wrong. Straight through: read with an index of {PEOPLE:,} people, near-twins among them.",
    ]
    told += ["", "### Field by field", "", accuracy.by_field(_groups(scored, groups))]
    told += ["", "### Design by design", "", accuracy.by_design(scored)]
    whole = [s for s in ledger.scored() if s.group in groups]
    seeds = sorted({s.seed for s in whole})
    told += ["", "### Silent errors: accepted and wrong", ""]
    told += [
        f"{len(whole)} files of seeds {', '.join(map(str, seeds))}, read by this code (commits {', '.join(ledger.commits)})."
    ]
    told += ["", accuracy.silent({**_groups(whole, groups), "all": whole}), ""]
    told += [
        f"Not judged: {sum(s.not_judged for s in whole)} values from pages of strangers and papers that are no referral:",
        "there is no truth for these.",
        "Values of one page are not independent of each other, so the bounds are somewhat too narrow.",
        "",
        *(f"- {line}" for line in accuracy.silent_list(whole)),
    ]
    told += ["", "### Calibration", "", f"All of these files ({', '.join(groups)} designs):", "", calibration(whole)]
    if "held-out" in groups and len(groups) > 1:
        told += ["", "Held-out designs only:", "", calibration([s for s in whole if s.group == "held-out"])]
    return told


def _groups(scored: Sequence[Scored], groups: Sequence[str]) -> dict[str, Sequence[Scored]]:
    return {group: [s for s in scored if s.group == group] for group in groups}


def _baseline(ledger: Ledger, samples: Sequence[Sample], args: argparse.Namespace, count: int) -> list[str]:
    """The afternoon script on the first `count` files of each group and the first seed, and this program on the same ones."""
    first = [s for s in samples if s.seed == args.seed[0]]
    chosen = [s for group in args.designs for s in [f for f in first if f.truth["group"] == group][:count]]
    read_all(chosen, ledger, args.workers)
    ours, theirs = ledger.scored(chosen), baseline.read_all(chosen, args.workers)
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
        f"Full-page Tesseract, regular expressions and Modulus 11 (`bench/baseline.py`), on the same {len(chosen)} files of seed",
        f"{args.seed[0]}.",
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


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"


if __name__ == "__main__":
    main()
