"""One invented referral: who is referred, by whom, for what, how urgently, and the other people whose details stand beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from gateway.rehearsal import clinical, clinical_young
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN, MEN, WOMEN
from gateway.rehearsal.people import Person, make_mobile
from gateway.rehearsal.practices import Practice
from gateway.rehearsal.prose import GROWN, phrases_for, specialties_for, suiting, write_reason

HOSPITALS: tuple[str, ...] = (
    "Northfield General Hospital",
    "Calder Royal Infirmary",
    "St Oswald's Hospital",
    "Wharfe Valley Hospital",
)
_DISSENTS = (
    "The patient does not consent to this referral being shared beyond the clinic named above.",
    "Please note: patient objects to sharing of {their} record with other services.",
    "Patient has asked that this information is not to be shared with the community team.",
    "{They} does not consent to {their} details being shared electronically.",
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
        return age_on(self.patient, self.date)

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

    `specialties` are names from gateway.rehearsal.prose.EVERY (all when empty); `priority` is drawn when empty (a tenth
    suspected cancer, as referral offices see it); `dissent` is drawn (one in thirty) when None.
    """
    alive = [p for p in (random.choice(people) for _ in range(8)) if not p.deceased]
    priority = priority or random.choices(("ROUTINE", "URGENT", "TWO_WEEK_WAIT"), (58, 27, 15))[0]
    if priority == "TWO_WEEK_WAIT":  # seldom suspected in the young, and the forms are for adults
        alive = [p for p in alive if age_on(p, on) >= 30] or alive
    patient = alive[0] if alive else people[0]
    practice, age = random.choice(practices), age_on(patient, on)
    pool = [phrases_for(name, age) for name in specialties] or specialties_for(age, patient.gender)
    if priority == "TWO_WEEK_WAIT":
        pool = [s for s in pool if s.cancer_site] or [s for s in specialties_for(age, patient.gender) if s.cancer_site]
    specialty = random.choice(pool)
    says_no = random.random() < 1 / 30 if dissent is None else dissent
    sharing = random.choice(_DISSENTS if says_no else _CONSENTS) if says_no or random.random() < 0.1 else ""
    she = patient.gender == "female"
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
        sharing_words=sharing.format(They="She" if she else "He", their="her" if she else "his"),
        dissents=says_no,
        next_of_kin=_next_of_kin(random, patient, on),
        medicines=_medicines(random, age, patient.gender),
        allergies=random.choice(clinical.ALLERGIES),
        past=_past(random, patient, on),
        interpreter=random.choices(("", "Urdu", "Polish", "Punjabi", "BSL", "Romanian"), (80, 5, 5, 4, 3, 3))[0],
        laboratory_number=laboratory_number(random, patient.nhs_number),
    )


def age_on(person: Person, on: dt.date) -> int:
    """Whole years on that day."""
    born = person.birth_date
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _next_of_kin(random: Random, patient: Person, on: dt.date) -> NextOfKin:
    """A parent of the child, or somebody of the grown patient's age or a generation away."""
    age = age_on(patient, on)
    relations = (
        {"Mother": 30, "Father": 32, "Grandmother": 58}
        if age < GROWN
        else {"Mother": 28, "Father": 30, "Partner": 1, "Sister": 2}
        if age < 35
        else {"Spouse": 1, "Partner": 2, "Son": -27, "Daughter": -29, "Sister": 3, "Carer": -20}
    )
    relation = random.choice(tuple(relations))
    year = patient.birth_date.year - relations[relation] - random.randrange(3)
    her = relation in ("Mother", "Grandmother", "Sister", "Daughter") or (
        relation not in ("Father", "Son") and random.random() < 0.5
    )
    return NextOfKin(
        f"{random.choice(WOMEN if her else MEN)} {patient.family_name}",
        relation,
        make_mobile(random),
        dt.date(min(year, on.year - GROWN), random.randrange(1, 13), random.randrange(1, 29)),
    )


def _medicines(random: Random, age: int, gender: str) -> tuple[str, ...]:
    """Repeat medicines: few for children, more with the years."""
    stock = suiting(clinical.MEDICINES if age >= GROWN else clinical_young.MEDICINES, age, gender)
    most = 3 if age < 40 else 6 if age < 70 else 9
    return tuple(random.sample(stock, min(len(stock), random.randrange(most))))


def _past(random: Random, patient: Person, on: dt.date) -> tuple[str, ...]:
    """Diagnoses of the past that this person can have had."""
    grown = patient.birth_date.year + 25
    if age_on(patient, on) < GROWN:
        return tuple(random.sample(clinical_young.PAST, random.choice((0, 0, 1, 2))))
    if grown > on.year:
        return random.choice(((), ("Asthma",), ("Migraine",)))
    fitting = [
        p
        for p in suiting(clinical.PAST, age_on(patient, on), patient.gender)
        if not p[-4:].isdigit() or int(p[-4:]) >= grown
    ]
    if patient.gender == "male":
        fitting = [p for p in fitting if "hysterectomy" not in p]
    return tuple(random.sample(fitting, min(len(fitting), random.randrange(0, 5))))
