"""What a drill plays with: invented people, practices and services, and the faxes that are sent, each with its truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from gateway.rehearsal import ers_data
from gateway.rehearsal.ers_data import Organisation, Service
from gateway.rehearsal.people import Person, make_people, write_patients_csv
from gateway.rehearsal.practices import Practice, make_practices, write_contacts_csv, write_practices_csv
from gateway.rehearsal.prose import EVERY
from gateway.rehearsal.referrals import SyntheticReferral
from gateway.rehearsal.render import Fax, referral_for, render

TRUST = ers_data.TRUST
# Forms of different kinds, a pack with a cover sheet, something that is no referral, and a form filled in by hand on a bad copier,
# of which a clerk must put values right: what a morning's faxes look like.
MORNING: tuple[tuple[str, str], ...] = (
    ("ruled_left", "clean"),
    ("letter_re", "clean"),
    ("boxed_above", "typical"),
    ("suspected_cancer", "clean"),
    ("ruled_left", "typical"),
    ("letter_blocks", "clean"),
    ("boxed_above", "clean"),
    ("letter_re", "typical"),
    ("suspected_cancer", "typical"),
    ("fax_pack", "clean"),
    ("discharge_letter", "clean"),
    ("ruled_left_by_hand", "hard"),
)


@dataclass(frozen=True)
class SentFax:
    """One fax of the drill: what it shows, and who the practice is that sends it."""

    fax: Fax
    referral: SyntheticReferral


@dataclass(frozen=True)
class Cast:
    """Everybody and everything of one drill; the CSV files lie in `folder`."""

    people: list[Person]
    practices: list[Practice]
    services: list[Service]
    faxes: list[SentFax]
    folder: Path


def cast(
    random: Random, folder: Path, count: int, people: int, today: dt.date, designs: Sequence[tuple[str, str]] = MORNING
) -> Cast:
    """Invent the cast and write the files that a site would import."""
    folder.mkdir(parents=True, exist_ok=True)
    everybody = make_people(random, people)
    practices = make_practices(random, 12)
    services = site_services()
    write_patients_csv(folder / "patients.csv", everybody)
    write_practices_csv(folder / "practices.csv", practices)
    write_contacts_csv(folder / "contacts.csv", practices, today)
    (folder / "services.csv").write_text(ers_data.services_csv(services), encoding="utf-8")
    (folder / "clinicians.csv").write_text(ers_data.clinicians_csv(), encoding="utf-8")
    faxes = []
    for number in range(count):
        design, severity = designs[number % len(designs)]
        one = Random(random.getrandbits(64))
        referral = referral_for(one, design, everybody, practices, today)
        faxes.append(SentFax(render(one, referral, design, severity), referral))  # type: ignore[arg-type]
    return Cast(everybody, practices, services, faxes, folder)


def site_services() -> list[Service]:
    """For each specialty of the invented letters one triage service, and one for suspected cancer."""
    services = []
    for number, specialty in enumerate(EVERY):
        code = specialty.name.upper().replace(",", "").replace(" ", "_")
        services.append(
            Service(
                str(11000 + number),
                f"{specialty.name} Triage",
                TRUST,
                code,
                f"GENERAL_{code}",
                words=(specialty.name.lower(),),
            )
        )
        site = specialty.cancer_site or specialty.name
        services.append(
            Service(
                str(21000 + number),
                f"Suspected {site} Cancer",
                TRUST,
                "2WW",
                f"2WW_{site.upper().replace(' ', '_')}",
                priorities=frozenset(("TWO_WEEK_WAIT",)),
                words=(specialty.name.lower(), f"suspected {site.lower()} cancer"),
            )
        )
    return services


def organisations(practices: Sequence[Practice]) -> list[Organisation]:
    """The organisations that the rehearsal e-RS must know."""
    return [*ers_data.default_organisations(), *(Organisation(p.code, p.name, "practice") for p in practices)]
