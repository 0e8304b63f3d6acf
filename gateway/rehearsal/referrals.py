"""One invented referral: who is referred, by whom, for what, how urgently, and the other people whose details stand beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from gateway.rehearsal.clinical import ALLERGIES, MEDICINES, PAST, SPECIALTIES, specialty_named, write_reason
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN, MEN, WOMEN
from gateway.rehearsal.people import Person, make_mobile
from gateway.rehearsal.practices import Practice

HOSPITALS: tuple[str, ...] = (
    "Northfield General Hospital",
    "Calder Royal Infirmary",
    "St Oswald's Hospital",
    "Wharfe Valley Hospital",
)
_DISSENTS = (
    "The patient does not consent to this referral being shared beyond the clinic named above.",
    "Please note: patient objects to sharing of her record with other services.",
    "Patient has asked that this information is not to be shared with the community team.",
    "He does not consent to his details being shared electronically.",
    "Patient DOES NOT CONSENT to record sharing. Please discuss with me before forwarding.",
)
_CONSENTS = (
    "The patient consents to this referral and to sharing of the record with your team.",
    "Consent to share information: given.",
    "Patient is happy for information to be shared with the clinic.",
)


@dataclass(frozen=True)
class NextOfKin:
    """Somebody beside the patient, whose name, telephone and birth date are not the patient's."""

    name: str
    relation: str
    phone: str
    birth_date: dt.date


@dataclass(frozen=True)
class SyntheticReferral:
    """One ask for one patient. `priority` is ROUTINE, URGENT or TWO_WEEK_WAIT.

    `named_clinician` has no title; `ubrn` is 12 digits or empty; `reason` are paragraphs. `sharing_words` is the sentence about
    sharing that the letter has (often none), and `dissents` whether it is an objection.
    """

    patient: Person
    practice: Practice
    referrer: str
    usual_doctor: str
    specialty: str
    cancer_site: str
    priority: str
    reason: tuple[str, ...]
    date: dt.date
    hospital: str
    named_clinician: str
    named_clinician_title: str
    ubrn: str
    sharing_words: str
    dissents: bool
    next_of_kin: NextOfKin
    medicines: tuple[str, ...]
    allergies: str
    past: tuple[str, ...]
    interpreter: str
    laboratory_number: str

    @property
    def age(self) -> int:
        """Whole years at the date of the referral."""
        born = self.patient.birth_date
        return self.date.year - born.year - ((self.date.month, self.date.day) < (born.month, born.day))

    def values(self) -> dict[str, str | bool]:
        """Every field of the public contract as this referral would give it when all of it were printed plainly."""
        who = self.patient
        values: dict[str, str | bool] = {
            "patient.nhs_number": who.nhs_number,
            "patient.family_name": who.family_name,
            "patient.given_names": who.given_names,
            "patient.birth_date": who.birth_date.isoformat(),
            "patient.gender": who.gender,
            "patient.address": who.address,
            "patient.postcode": who.postcode,
            "patient.phone": who.phone,
            "referrer.name": self.referrer,
            "referrer.practice_name": self.practice.name,
            "referrer.practice_code": self.practice.code,
            "referrer.phone": self.practice.phone,
            "referral.date": self.date.isoformat(),
            "referral.priority": self.priority,
            "referral.specialty": self.specialty,
            "referral.reason": "\n".join(self.reason),
        }
        if self.named_clinician:
            values["referral.named_clinician"] = self.named_clinician
        if self.ubrn:
            values["referral.ubrn"] = self.ubrn
        if self.sharing_words:
            values["referral.sharing_dissent"] = self.dissents
        return values


def laboratory_number(random: Random, number: str) -> str:
    """Ten digits of a laboratory's own counting that pass Modulus 11 by chance, and are nobody's NHS number."""
    weights = (10, 9, 8, 7, 6, 5, 4, 3, 2)
    while True:
        digits = [random.choice((4, 6, 7)), *(random.randrange(10) for _ in range(8))]
        check = (11 - sum(d * w for d, w in zip(digits, weights, strict=True)) % 11) % 11
        found = "".join(map(str, (*digits, check)))
        if check < 10 and found != number:
            return found


def make_referral(
    random: Random,
    people: Sequence[Person],
    practices: Sequence[Practice],
    specialties: Sequence[str] = (),
    priority: str = "",
    on: dt.date = dt.date(2026, 11, 20),
    dissent: bool | None = None,
) -> SyntheticReferral:
    """One referral of one of `people` by one of `practices`, dated on or shortly before `on`.

    `specialties` are names from gateway.rehearsal.clinical.SPECIALTIES (all when empty); `priority` is drawn when empty (a tenth
    suspected cancer, as referral offices see it); `dissent` is drawn (one in thirty) when None.
    """
    alive = [p for p in (random.choice(people) for _ in range(8)) if not p.deceased]
    patient = alive[0] if alive else people[0]
    practice = random.choice(practices)
    age = (on - patient.birth_date).days // 365
    pool = [specialty_named(n) for n in specialties] or [s for s in SPECIALTIES if _fits(s.name, age, patient.gender)]
    priority = priority or random.choices(("ROUTINE", "URGENT", "TWO_WEEK_WAIT"), (58, 27, 15))[0]
    if priority == "TWO_WEEK_WAIT":
        pool = [s for s in pool if s.cancer_site] or [
            s for s in SPECIALTIES if s.cancer_site and _fits(s.name, age, patient.gender)
        ]
    specialty = random.choice(pool)
    says_no = random.random() < 1 / 30 if dissent is None else dissent
    kin_given = random.choice(WOMEN + MEN)
    return SyntheticReferral(
        patient=patient,
        practice=practice,
        referrer=random.choice(practice.doctors),
        usual_doctor=random.choice(practice.doctors),
        specialty=specialty.name,
        cancer_site=specialty.cancer_site if priority == "TWO_WEEK_WAIT" else "",
        priority=priority,
        reason=write_reason(random, specialty, age, patient.gender, priority),
        date=on - dt.timedelta(days=random.choice((0, 0, 0, 1, 1, 2, 3))),
        hospital=random.choice(HOSPITALS),
        named_clinician=f"{random.choice(DOCTORS_GIVEN)[0]} {random.choice(DOCTORS_FAMILY)}"
        if random.random() < 0.3
        else "",
        named_clinician_title=random.choice(("Mr", "Miss", "Dr", "Professor")),
        ubrn=f"{random.randrange(10**11):012d}" if random.random() < 0.12 else "",
        sharing_words=random.choice(_DISSENTS if says_no else _CONSENTS) if says_no or random.random() < 0.1 else "",
        dissents=says_no,
        next_of_kin=NextOfKin(
            f"{kin_given} {patient.family_name}",
            random.choice(("Spouse", "Mother", "Son", "Daughter", "Partner", "Sister", "Carer")),
            make_mobile(random),
            dt.date(random.randrange(1940, 2000), random.randrange(1, 13), random.randrange(1, 29)),
        ),
        medicines=tuple(random.sample(MEDICINES, random.randrange(0, 6))),
        allergies=random.choice(ALLERGIES),
        past=_past(random, patient, on),
        interpreter=random.choices(("", "Urdu", "Polish", "Punjabi", "BSL", "Romanian"), (80, 5, 5, 4, 3, 3))[0],
        laboratory_number=laboratory_number(random, patient.nhs_number),
    )


def _past(random: Random, patient: Person, on: dt.date) -> tuple[str, ...]:
    """Diagnoses of the past that this person can have had."""
    grown = patient.birth_date.year + 25
    if grown > on.year:
        return random.choice(((), ("Asthma",)))
    fitting = [p for p in PAST if not p[-4:].isdigit() or int(p[-4:]) >= grown]
    if patient.gender == "male":
        fitting = [p for p in fitting if "hysterectomy" not in p]
    return tuple(random.sample(fitting, min(len(fitting), random.randrange(0, 5))))


def _fits(specialty: str, age: int, gender: str) -> bool:
    if specialty == "Paediatrics":
        return age < 16
    if specialty in ("Gynaecology", "Breast Surgery"):
        return gender == "female" and age > 15
    if age < 16:
        return specialty in ("Dermatology", "Ear, Nose and Throat", "Ophthalmology", "Trauma and Orthopaedics")
    return True
