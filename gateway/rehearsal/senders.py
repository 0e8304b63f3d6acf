"""Who refers and is no general practice: opticians, dentists, clinics, community teams, with addresses and telephones of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from gateway.rehearsal.clinical import Specialty
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN, STREETS, TOWNS
from gateway.rehearsal.people import make_phone, make_postcode
from gateway.rehearsal.prose import GROWN, write_reason
from gateway.rehearsal.sheet import Sheet


@dataclass(frozen=True)
class Sender:
    """A place that refers, and the person there who does. Telephone and fax are digits; the person has no title."""

    name: str
    address: str
    postcode: str
    phone: str
    fax: str
    person: str


def make_sender(random: Random, names: Sequence[str]) -> Sender:
    """A sender with one of the names."""
    town, district, prefix = random.choice(TOWNS)
    return Sender(
        random.choice(names),
        f"{random.randrange(1, 120)} {random.choice(STREETS)}, {town}",
        make_postcode(random, district),
        make_phone(random, prefix),
        make_phone(random, prefix),
        f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}",
    )


def asks(desk: Desk, grown: Specialty, child: Specialty | None = None) -> Desk:
    """The same patient with a complaint of another trade."""
    referral = desk.referral
    wanted = child if child is not None and referral.age < GROWN else grown
    reason = write_reason(desk.random, wanted, referral.age, referral.patient.gender, referral.priority)
    return replace(desk, referral=replace(referral, specialty=wanted.name, reason=reason))


def sent_by(sheets: list[Sheet], sender: Sender) -> list[Sheet]:
    """The pages with the sender's name in its fax machine."""
    for sheet in sheets:
        sheet.sender = (sender.name, sender.fax)
        # The code of the patient's own practice is not the referrer's, and a dentist or a hospital has none of this kind.
        sheet.excused.add("referrer.practice_code")
    return sheets
