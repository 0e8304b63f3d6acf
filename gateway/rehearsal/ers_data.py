"""Who and what exists in the rehearsal e-RS: organisations, people with their roles, specialties, clinic types and services.

Everything is invented. The drill writes the site's `services.csv` and `clinicians.csv` from the same tables (`services_csv`,
`clinicians_csv`), as a trust would export them from its own directory. Codes are samples in e-RS's spelling, not the live lists.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.rehearsal import ers_words as words

TRIAGE = "TRIAGE_REQUEST"
APPOINTMENT = "APPOINTMENT_REQUEST"
DIRECT = "DIRECTLY_BOOKABLE"
INDIRECT = "INDIRECTLY_BOOKABLE"
UNSPECIFIED = "UNSPECIFIED"

TRUST = "RXX"
PRACTICE = "A81001"
_NORMAL = frozenset(("ROUTINE", "URGENT"))
_CANCER = frozenset(("TWO_WEEK_WAIT",))


@dataclass(frozen=True)
class Organisation:
    """One organisation: `kind` is trust, practice or commissioner; `closed` the day it closed."""

    ods: str
    name: str
    kind: str
    closed: dt.date | None = None


@dataclass(frozen=True)
class Person:
    """One e-RS user: `roles` maps an ODS code to the roles held there."""

    sds_id: str
    name: str
    roles: dict[str, frozenset[str]]
    active: bool = True

    def holds(self, role: str, ods: str) -> bool:
        """Whether this person holds the role at that organisation."""
        return role in self.roles.get(ods, frozenset())


@dataclass(frozen=True)
class Concept:
    """One code of a code system with its life: `until` is the day it ended, `parent` the specialty of a clinic type."""

    code: str
    display: str
    since: dt.date = dt.date(2004, 6, 1)
    until: dt.date | None = None
    parent: str | None = None

    def current(self, today: dt.date) -> bool:
        """Whether the code may be used on that day (A004: effectiveFrom, effectiveTo)."""
        return self.since <= today and (self.until is None or today < self.until)


@dataclass(frozen=True)
class Slot:
    """One appointment slot that can be booked through A016: start and end are instants."""

    slot_id: str
    start: dt.datetime
    end: dt.datetime
    clinician: str | None = None


@dataclass(frozen=True)
class Service:
    """One service a patient can be referred to.

    `flow` is TRIAGE_REQUEST or APPOINTMENT_REQUEST; `bookable` matters for the latter; `words` are what referrers write on a fax
    when they mean it (for the site's services file); `closed` the day it was withdrawn; `slots` what A016 could book.
    """

    service_id: str
    name: str
    organisation: str
    specialty: str
    clinic_type: str
    flow: str = TRIAGE
    bookable: str = UNSPECIFIED
    priorities: frozenset[str] = _NORMAL
    words: tuple[str, ...] = ()
    closed: dt.date | None = None
    slots: tuple[Slot, ...] = ()
    clinicians: frozenset[str] = frozenset()
    snomed: frozenset[str] = frozenset()

    def open_on(self, day: dt.date) -> bool:
        """Whether the service still takes referrals on that day."""
        return self.closed is None or day < self.closed


@dataclass(frozen=True)
class Patients:
    """What e-RS knows of patients: by default every valid NHS number is registered and has an access code.

    `known` limits e-RS to these numbers when given; the other sets name numbers (ten digits) that behave otherwise.
    """

    known: frozenset[str] | None = None
    without_practice: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()
    without_access_code: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Directory:
    """All tables together, looked up by id."""

    organisations: dict[str, Organisation]
    people: dict[str, Person]
    specialties: dict[str, Concept]
    clinic_types: dict[str, Concept]
    services: dict[str, Service]
    snomed: frozenset[str]


def build_directory(
    services: Iterable[Service] | None = None,
    people: Iterable[Person] | None = None,
    organisations: Iterable[Organisation] | None = None,
) -> Directory:
    """The tables of one rehearsal. What is not given is the default; specialties of given services need not be listed."""
    chosen = list(services if services is not None else default_services())
    specialties = {c.code: c for c in default_specialties()}
    clinics = {c.code: c for c in default_clinic_types()}
    for row in chosen:
        specialties.setdefault(row.specialty, Concept(row.specialty, _spoken(row.specialty)))
        clinics.setdefault(row.clinic_type, Concept(row.clinic_type, _spoken(row.clinic_type), parent=row.specialty))
    return Directory(
        organisations={o.ods: o for o in (organisations if organisations is not None else default_organisations())},
        people={p.sds_id: p for p in (people if people is not None else default_people())},
        specialties=specialties,
        clinic_types=clinics,
        services={s.service_id: s for s in chosen},
        snomed=frozenset(s for row in chosen for s in row.snomed),
    )


def _spoken(code: str) -> str:
    return code.replace("_", " ").capitalize()


def default_organisations() -> list[Organisation]:
    """The trust, a second trust, practices, and one closed of each kind."""
    return [
        Organisation(TRUST, "Rehearsal University Hospitals", "trust"),
        Organisation("RYY", "Rehearsal District Hospital", "trust"),
        Organisation("RZZ", "Rehearsal Cottage Hospital (closed)", "trust", closed=dt.date(2024, 3, 31)),
        Organisation(PRACTICE, "Rehearsal Surgery", "practice"),
        Organisation("A81002", "Rehearsal Health Centre", "practice"),
        Organisation("A81099", "Rehearsal Old Surgery (closed)", "practice", closed=dt.date(2023, 9, 30)),
        Organisation("QXX", "Rehearsal Integrated Care Board", "commissioner"),
    ]


def default_people() -> list[Person]:
    """Users for every rule about users (ers.md section 7); `555000000102` is the operator of a drill."""
    rc, rca, spc = words.RC, words.RCA, words.SPC

    def at(ods: str, *roles: str) -> dict[str, frozenset[str]]:
        return {ods: frozenset(roles)}

    return [
        Person("555000000101", "Dr Alma Ashdown", at(TRUST, rc, spc)),
        Person(
            "555000000102",
            "Robin Clerk",
            at(TRUST, rc, rca, words.SPA, words.SPCA) | at(PRACTICE, rca, rc) | at("A81002", rca),
        ),
        Person("555000000103", "Dr Bede Barrow", at(TRUST, spc)),
        Person("555000000104", "Dr Cora Cawood", at(PRACTICE, rc)),
        Person("555000000105", "Dr Dora Denham", at(TRUST, rc), active=False),
        Person("555000000106", "Sam Secretary", at(TRUST, words.RA)),
        Person("555000000107", "Dr Edwin Elsworth", at("RYY", rc)),
        Person("555000000108", "Dr Freya Farnham", at(TRUST, spc) | at("RYY", rc)),
        Person("555000000109", "Dr Giles Garland", at(TRUST, rc)),
        Person("555000000110", "Dr Hetty Hexham", at("A81002", rc)),
    ]


def default_specialties() -> list[Concept]:
    """Current specialties of the default services, and three that ended."""
    ended = dt.date(2008, 5, 9)
    gone = ("ADULT_MENTAL_ILLNESS", "AUDIOLOGICAL_MEDICINE", "BONE_AND_MARROW_TRANSPLANTATION")
    current = dict.fromkeys(row.specialty for row in default_services())
    return [Concept(code, _spoken(code)) for code in current] + [
        Concept(code, _spoken(code), until=ended) for code in gone
    ]


def default_clinic_types() -> list[Concept]:
    """Current clinic types of the default services, and some that ended."""
    found = {row.clinic_type: row.specialty for row in default_services()}
    current = [Concept(code, _spoken(code), parent=specialty) for code, specialty in found.items()]
    return [
        *current,
        Concept("FOOD_AND_DRUG_ALLERGY", "Food and Drug Allergy", until=dt.date(2009, 3, 14), parent="ALLERGY"),
        Concept(
            "GENERAL_AUDIOLOGICAL_MEDICINE",
            "General Audiological Medicine",
            until=dt.date(2008, 5, 9),
            parent="AUDIOLOGICAL_MEDICINE",
        ),
    ]


def _slots(service_id: str, count: int) -> tuple[Slot, ...]:
    first = dt.datetime(2030, 1, 7, 9, 0, tzinfo=dt.UTC)
    step = dt.timedelta(minutes=30)
    return tuple(Slot(f"{service_id}{n + 1:03d}", first + n * step, first + (n + 1) * step) for n in range(count))


def default_services() -> list[Service]:
    """The services of trust RXX (triage, directly and indirectly bookable, suspected cancer, one closed) and one elsewhere."""

    def row(number: str, name: str, specialty: str, clinic: str, *spoken: str, **more: object) -> Service:
        return Service(number, name, TRUST, specialty, clinic, words=spoken, **more)  # type: ignore[arg-type]

    def cancer(number: str, name: str, clinic: str, *spoken: str) -> Service:
        return Service(number, name, TRUST, "2WW", clinic, priorities=_CANCER, words=spoken)

    ent, endocrine = "EAR_NOSE_AND_THROAT", "ENDOCRINOLOGY_AND_METABOLIC_MEDICINE"
    return [
        row(
            "11002",
            "Heart Failure Triage",
            "CARDIOLOGY",
            "HEART_FAILURE",
            "heart failure",
            snomed=frozenset(("84114007",)),
        ),
        row(
            "11004",
            "Lipid Clinic",
            "CARDIOLOGY",
            "LIPID_MANAGEMENT",
            "lipid clinic",
            "cholesterol",
            flow=APPOINTMENT,
            bookable=DIRECT,
        ),
        row(
            "11006",
            "Rapid Access Chest Pain Clinic",
            "CARDIOLOGY",
            "RAPID_ACCESS_CHEST_PAIN",
            "chest pain",
            flow=APPOINTMENT,
            bookable=DIRECT,
            slots=_slots("11006", 3),
        ),
        row("11010", "Dermatology Triage", "DERMATOLOGY", "GENERAL_DERMATOLOGY", "dermatology"),
        row("11014", "Gastroenterology Triage", "GASTROENTEROLOGY", "LOWER_GI", "gastroenterology"),
        row(
            "11018",
            "Knee Clinic",
            "ORTHOPAEDICS",
            "KNEE",
            "knee clinic",
            "knee pain",
            flow=APPOINTMENT,
            bookable=DIRECT,
            clinicians=frozenset(("555000000103",)),
        ),
        row("11020", "Hip Triage", "ORTHOPAEDICS", "HIP", "hip clinic", "hip pain"),
        row(
            "11022", "Ear Clinic", ent, "EAR", "ear clinic", "ear nose and throat", flow=APPOINTMENT, bookable=INDIRECT
        ),
        row("11026", "Neurology Triage", "NEUROLOGY", "HEADACHE", "neurology", "headache"),
        row("11030", "Gynaecology Triage", "GYNAECOLOGY", "GENERAL_GYNAECOLOGY", "gynaecology"),
        row("11034", "Urology Triage", "UROLOGY", "GENERAL_UROLOGY", "urology"),
        row("11038", "Respiratory Triage", "RESPIRATORY_MEDICINE", "COPD", "respiratory", "copd", "chest medicine"),
        row("11042", "Cataract Clinic", "OPHTHALMOLOGY", "CATARACT", "cataract", flow=APPOINTMENT, bookable=DIRECT),
        row("11046", "Rheumatology Triage", "RHEUMATOLOGY", "INFLAMMATORY_ARTHRITIS", "rheumatology", "arthritis"),
        row("11050", "Diabetes Triage", endocrine, "DIABETES", "diabetes", "endocrinology"),
        row("50001", "Allergy Triage", "ALLERGY", "ALLERGY_1", "allergy"),
        cancer("21002", "Suspected Skin Cancer", "2WW_SKIN", "suspected skin cancer", "melanoma"),
        cancer(
            "21004",
            "Suspected Lower GI Cancer",
            "2WW_LOWER_GI",
            "suspected lower gi cancer",
            "suspected colorectal cancer",
        ),
        cancer("21006", "Suspected Breast Cancer", "2WW_BREAST", "suspected breast cancer", "breast lump"),
        cancer("21008", "Suspected Lung Cancer", "2WW_LUNG", "suspected lung cancer"),
        cancer("21010", "Suspected Urological Cancer", "2WW_UROLOGICAL", "suspected urological cancer"),
        cancer("21012", "Suspected Head and Neck Cancer", "2WW_HEAD_AND_NECK", "suspected head and neck cancer"),
        row(
            "11900", "Arrhythmia Clinic (closed)", "CARDIOLOGY", "ARRHYTHMIA", "arrhythmia", closed=dt.date(2025, 3, 31)
        ),
        Service("31002", "District Heart Failure Triage", "RYY", "CARDIOLOGY", "HEART_FAILURE"),
    ]


def services_csv(services: Iterable[Service] | None = None, *, organisation: str = TRUST) -> str:
    """The site's services file: `service_id,name,organisation,specialty_code,clinic_type,request_flow,words` (words by `;`).

    Closed services are in it too: a site's list is often older than e-RS's, and the gateway must cope.
    """
    rows = [s for s in (services if services is not None else default_services()) if s.organisation == organisation]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("service_id", "name", "organisation", "specialty_code", "clinic_type", "request_flow", "words"))
    for s in rows:
        writer.writerow((s.service_id, s.name, s.organisation, s.specialty, s.clinic_type, s.flow, ";".join(s.words)))
    return out.getvalue()


def clinicians_csv(people: Iterable[Person] | None = None) -> str:
    """The site's clinicians file `sds_id,name,organisation`: active referring clinicians, one row for each organisation."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("sds_id", "name", "organisation"))
    for person in people if people is not None else default_people():
        for ods in sorted(person.roles):
            if person.active and person.holds(words.RC, ods):
                writer.writerow((person.sds_id, person.name, ods))
    return out.getvalue()
