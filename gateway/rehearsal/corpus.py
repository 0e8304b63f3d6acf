"""Writes a corpus of synthetic faxes with their truth, for benchmarks and for trying things by hand.

`python -m gateway.rehearsal.corpus --out DIR --seed 7 --count 40 --severity typical --designs fit`
writes the files, `truth.jsonl` (one object a file), `patients.csv`, `practices.csv` and `contacts.csv`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from gateway.rehearsal.designs import DESIGNS, names
from gateway.rehearsal.fax_noise import SEVERITIES, Severity
from gateway.rehearsal.fonts import GROUPS
from gateway.rehearsal.people import make_people, write_patients_csv
from gateway.rehearsal.practices import make_practices, write_contacts_csv, write_practices_csv
from gateway.rehearsal.referrals import make_referral
from gateway.rehearsal.render import Fax, referral_for, render

ON = dt.date(2026, 11, 20)


def truth_line(fax: Fax, file_name: str) -> dict[str, object]:
    """What `truth.jsonl` says of one file."""
    return {
        "file": file_name,
        "document_type": fax.document_type,
        "design": fax.design,
        "group": DESIGNS[fax.design].group,
        "severity": fax.severity,
        "coding": fax.coding,
        "damage": list(fax.damage),
        "pages": fax.pages,
        "fields": fax.truth,
        "excused": fax.excused,
        "missing_pages": list(fax.missing_pages),
        "stranger_pages": list(fax.stranger_pages),
        "more": [{"pages": list(part.pages), "fields": part.truth, "excused": part.excused} for part in fax.more],
    }


def faxes(
    seed: int,
    count: int,
    severities: tuple[Severity, ...],
    designs: tuple[str, ...],
    out: Path,
    people: int,
    coding: str = "",
) -> Iterator[Fax]:
    """Draw `count` faxes one by one, every design in turn, and write the reference files they belong to into `out`.

    Any whole number of rounds through the severities has as many files of each, and every design meets every severity.
    """
    random = Random(seed)
    patients = make_people(random, people)
    practices = make_practices(random, 40)
    write_patients_csv(out / "patients.csv", patients)
    write_practices_csv(out / "practices.csv", practices)
    write_contacts_csv(out / "contacts.csv", practices, ON)
    # Where the designs divide evenly by the severities, each round has to begin with the next one.
    step = len(designs) % len(severities) == 0
    for number in range(count):
        one = Random(f"{seed} {number}")
        design = designs[number % len(designs)]
        severity = severities[(number + (number // len(designs) if step else 0)) % len(severities)]
        referral = referral_for(one, design, patients, practices, ON)
        yield render(one, referral, design, severity, coding, make_referral(one, patients, practices, on=ON))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Write synthetic faxes with their truth.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--severity", choices=(*SEVERITIES, "all"), default="all")
    parser.add_argument("--designs", default="all", help="fit, seen, held-out, all, or names with commas between")
    parser.add_argument("--coding", default="", help="one coding for all, as tiff-g3-fine; drawn when not given")
    parser.add_argument("--people", type=int, default=50_000, help="people in patients.csv")
    given = parser.parse_args()
    wanted = names(given.designs) if given.designs in (*GROUPS, "all") else tuple(given.designs.split(","))
    severities: tuple[Severity, ...] = SEVERITIES if given.severity == "all" else (given.severity,)
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "truth.jsonl").open("w", encoding="utf-8") as truth:
        for number, fax in enumerate(
            faxes(given.seed, given.count, severities, wanted, given.out, given.people, given.coding)
        ):
            file_name = f"{number:05d}{Path(fax.file_name).suffix}"
            (given.out / file_name).write_bytes(fax.data)
            truth.write(json.dumps(truth_line(fax, file_name), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
