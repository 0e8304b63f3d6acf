"""Invented general practices with codes of ODS shape that are not in use, and the contacts file of a trust."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from random import Random

from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN, STREETS, TOWNS
from gateway.rehearsal.people import make_phone, make_postcode

CONTACT_COLUMNS: tuple[str, ...] = ("practice_code", "email", "phone", "fax", "confirmed_on")
_FIRST_WORDS = (
    "Castle Hill,Riverside,The Grange,Park View,Oak Tree,Northgate,St Luke's,Priory,Abbey,Elm Bank,Queensway,Calder View,Moorside,"
    "Stanley Road,Kingsway,Lakeside,Millgate,Southfield,Whitehall,Rosebank,Ashgrove,Meadow Lane,Tudor House,Chapelthorpe,Trinity,"
    "Maybush,Outwood Park,Ferrybridge,New Southgate,Orchard Croft"
).split(",")
_KINDS = ("Surgery", "Medical Centre", "Health Centre", "Medical Practice", "Group Practice", "Family Practice")


@dataclass(frozen=True)
class Practice:
    """A practice and how to reach it. Telephone and fax are digits; the e-mail address ends in a domain that cannot exist."""

    code: str
    name: str
    address: str
    postcode: str
    phone: str
    fax: str
    email: str
    doctors: tuple[str, ...]


def make_practices(random: Random, count: int) -> list[Practice]:
    """`count` practices with different codes. Real GP codes go to 8 after the letter; these begin with 9."""
    practices: list[Practice] = []
    codes: set[str] = set()
    while len(practices) < count:
        code = f"{random.choice('ABCDEFGHJKLMNPY')}9{random.randrange(10_000):04d}"
        if code in codes:
            continue
        codes.add(code)
        town, district, prefix = random.choice(TOWNS)
        doctors = tuple(
            f"{random.choice(DOCTORS_GIVEN)} {family}"
            for family in random.sample(DOCTORS_FAMILY, random.randrange(3, 7))
        )
        name = f"{random.choice(_FIRST_WORDS)} {random.choice(_KINDS)}"
        if random.random() < 0.08:
            name = f"Dr {doctors[0].split()[1]} & Partners"
        practices.append(
            Practice(
                code=code,
                name=name,
                address=f"{random.randrange(1, 90)} {random.choice(STREETS)}, {town}",
                postcode=make_postcode(random, district),
                phone=make_phone(random, prefix),
                fax=make_phone(random, prefix),
                email=f"referrals@{code.lower()}.gp.example",
                doctors=doctors,
            )
        )
    return practices


def write_practices_csv(path: Path, practices: list[Practice]) -> None:
    """The practices in the layout of ODS `epraccur`: 27 columns, no header, capitals, all quoted."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        for practice in practices:
            street, town = practice.address.upper().split(", ")
            phone = f"{practice.phone[:5]} {practice.phone[5:]}"
            row = [
                practice.code,
                practice.name.upper(),
                "Y63",
                "QWO",
                street,
                town,
                "",
                "",
                "",
                practice.postcode,
                "19740401",
                "",
            ]
            row += ["A", "B", "03R", "20200401", "", phone, "", "", "", "0", "", "03R", "", "4", ""]
            writer.writerow(row)


def write_contacts_csv(path: Path, practices: list[Practice], confirmed_on: dt.date) -> None:
    """The trust's own directory of practices: practice_code, email, phone, fax, confirmed_on."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(CONTACT_COLUMNS)
        for practice in practices:
            writer.writerow((practice.code, practice.email, practice.phone, practice.fax, confirmed_on.isoformat()))
