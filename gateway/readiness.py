"""What stands against READY: each rule looks at the values and gives its sentence, and what follows without doubt is filled in.

Rules, not reading: which values a machine may act on was decided by gateway.checks; here a referral as a whole is judged (P3, P5,
P6, referral-office section 9 "to push it into e-RS").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.field_values import words_for
from gateway.patient_store import agreement
from gateway.services import match_service
from gateway.settings import Settings
from gateway.tables import Reading, Referral
from gateway.tables_reference import Clinician, CodeValue, Practice, Service
from templates.grammar_codes import nhs_valid
from templates.grammar_names import name_key, strip_title
from templates.grammar_words import PRIORITIES

OLDEST = dt.timedelta(days=365)  # e-RS takes no older eReferralPathwayStart (A011)
NEEDED = ("patient.nhs_number", "patient.family_name", "patient.birth_date", "referral.priority")
ADMIN_ROLE = "REFERRING_CLINICIAN_ADMIN"

WEIGHED = "ready."
"""How the codes of questions begin that weighing opens and settles by itself; all others stay until a person settles them."""


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands against READY: a stable code, a sentence for a clerk, and the field it is about."""

    code: str
    says: str
    field: str | None = None


Rows = dict[str, Reading]


def obstacles(
    session: Session, referral: Referral, rows: Rows, now: dt.datetime, *, settings: Settings
) -> list[Obstacle]:
    """All that stands against READY. Fills in service and clinician on the referral where exactly one fits."""
    found = [
        *_values(rows),
        *_identity(session, referral, rows),
        *_practice(session, rows),
        *_referrer(rows, settings),
        *_service(session, referral, rows),
        *_codes(session, referral, now),
        *_clinician(session, referral, rows, settings),
        *_clock(referral, now),
    ]
    if _text(rows, "referral.sharing_dissent") == "true" and "choice.dissent" not in rows:
        found.append(
            Obstacle(
                "ready.dissent",
                "The letter says that the patient objects to sharing: ask the referrer, then decide and say why.",
                "referral.sharing_dissent",
            )
        )
    if _text(rows, "referral.ubrn") and "choice.ubrn" not in rows:
        found.append(
            Obstacle(
                "ready.in_ers",
                "A UBRN stands on the paper, so it may be in e-RS already: look there before it is sent.",
                "referral.ubrn",
            )
        )
    if referral.possible_duplicate_of is not None and "choice.different" not in rows:
        other = session.get(Referral, referral.possible_duplicate_of)
        name = other.code if other else "another referral"
        found.append(
            Obstacle("ready.duplicate", f"It may be the same as {name}: compare the two and say same or different.")
        )
    return found


def _text(rows: Rows, field: str) -> str:
    row = rows.get(field)
    return row.value or "" if row else ""


def _missing(field: str) -> Obstacle:
    return Obstacle(
        "ready.missing", f"The {words_for(field)} is missing: look at the picture, or ring the practice.", field
    )


def _doubtful(rows: Rows, field: str) -> list[Obstacle]:
    if rows[field].accepted:
        return []
    return [
        Obstacle(
            "ready.doubtful", f"The {words_for(field)} was not read for certain: compare it with the picture.", field
        )
    ]


def _values(rows: Rows) -> list[Obstacle]:
    found = []
    for field in NEEDED:
        found += _doubtful(rows, field) if _text(rows, field) else [_missing(field)]
    number = _text(rows, "patient.nhs_number")
    if number and not nhs_valid(number):
        found.append(
            Obstacle(
                "ready.number",
                "The NHS number has a wrong check digit: compare it, digit by digit.",
                "patient.nhs_number",
            )
        )
    if _text(rows, "referral.priority") and _text(rows, "referral.priority") not in PRIORITIES:
        found.append(
            Obstacle("ready.priority", "The priority is none of the three that e-RS knows.", "referral.priority")
        )
    return found


def _referrer(rows: Rows, settings: Settings) -> list[Obstacle]:
    """Who refers: the practice for certain, or else the person; an administrator's referral names the clinician in any case."""
    if "choice.clinician" in rows:
        return []
    practice = rows.get("referrer.practice_code")
    if settings.ers.role != ADMIN_ROLE and practice is not None and practice.value and practice.accepted:
        return []
    return _doubtful(rows, "referrer.name") if _text(rows, "referrer.name") else [_missing("referrer.name")]


def _identity(session: Session, referral: Referral, rows: Rows) -> list[Obstacle]:
    """P3: the index agrees on all three, or a named person compared them with the picture."""
    number, birth, family = (_text(rows, f"patient.{f}") for f in ("nhs_number", "birth_date", "family_name"))
    if not (nhs_valid(number) and birth and family):
        return []  # said by _values
    known = agreement(session, number, birth, family)
    found = []
    if known.deceased and "choice.deceased" not in rows:
        found.append(
            Obstacle(
                "ready.deceased", "The patient index says that this patient has died: check before anything is sent."
            )
        )
    if referral.confirmed_by or known.found == "agrees":
        return found
    if known.found == "no index":
        says = "There is no patient index to compare with: compare the identifiers with the picture and approve them."
    elif known.found == "unknown":
        says = "This NHS number is not in the patient index: compare the identifiers with the picture and approve them."
    else:
        what = " and ".join(words_for(f) for f in known.differs)
        says = f"The patient index has another {what} for this NHS number: find out who the patient is."
    return [*found, Obstacle("ready.identity", says, "patient.nhs_number")]


def _practice(session: Session, rows: Rows) -> list[Obstacle]:
    code, name = _text(rows, "referrer.practice_code"), _text(rows, "referrer.practice_name")
    if not code:
        return _doubtful(rows, "referrer.practice_name") if name else [_missing("referrer.practice_code")]
    found = _doubtful(rows, "referrer.practice_code")
    practice = session.get(Practice, code)
    if practice is None and session.exec(select(Practice.code).limit(1)).first() is not None:
        says = "No practice has this code in the ODS list: compare it with the picture, or ring the practice."
        found.append(Obstacle("ready.practice", says, "referrer.practice_code"))
    elif practice is not None and not practice.open:
        says = "The ODS list says that this practice is closed: find out its new code."
        found.append(Obstacle("ready.practice", says, "referrer.practice_code"))
    return found


def _service(session: Session, referral: Referral, rows: Rows) -> list[Obstacle]:
    """A person's choice stays; else exactly one service must fit the words, for this priority."""
    listed = session.exec(select(Service.service_id).limit(1)).first() is not None
    if chosen := _text(rows, "choice.service"):
        service = session.get(Service, chosen)
        if service is None and listed:
            return [
                Obstacle(
                    "ready.service", "The service that was chosen is no longer in the site's list: choose another."
                )
            ]
        if service is not None:
            take_service(referral, service)
        return []
    _no_service(referral)
    specialty, priority = _text(rows, "referral.specialty"), _text(rows, "referral.priority")
    if not specialty:
        return [Obstacle("ready.service", "No specialty was read: choose the service.", "referral.specialty")]
    if not listed:
        return [Obstacle("ready.service", "The site's list of services was not imported yet, so none can be chosen.")]
    match = match_service(session, specialty, priority)
    if match.one is not None and rows["referral.specialty"].accepted:
        take_service(referral, match.one)
        return []
    if match.one is not None:
        says = "The specialty was not read for certain: compare it with the picture, or choose the service."
    elif match.candidates:
        names = ", ".join(f"{s.service_id} {s.name}" for s in match.candidates[:5])
        says = f"Several services fit the specialty: choose one of {names}."
    else:
        says = "No service of the site fits the specialty and priority: choose the service."
    return [Obstacle("ready.service", says, "referral.specialty")]


def take_service(referral: Referral, service: Service) -> None:
    """Put a service of the site's list on the referral."""
    referral.service_id = service.service_id
    referral.specialty_code = service.specialty_code
    referral.clinic_type = service.clinic_type
    referral.request_flow = service.request_flow


def _no_service(referral: Referral) -> None:
    referral.service_id = referral.specialty_code = referral.clinic_type = referral.request_flow = None


def _codes(session: Session, referral: Referral, now: dt.datetime) -> list[Obstacle]:
    """Specialty and clinic type against the cached code tables of e-RS (A004), where there are any."""
    found = []
    for kind, code, name in (
        ("SPECIALTY", referral.specialty_code, "specialty code"),
        ("CLINIC-TYPE", referral.clinic_type, "clinic type"),
    ):
        if not code or session.exec(select(CodeValue.code).where(CodeValue.kind == kind).limit(1)).first() is None:
            continue
        row = session.get(CodeValue, (kind, code))
        if row is None:
            found.append(
                Obstacle("ready.code", f"e-RS has no {name} {code}: choose another service, or correct the list.")
            )
        elif row.effective_to is not None and row.effective_to < now.date():
            found.append(Obstacle("ready.code", f"The {name} {code} has ended in e-RS: choose another service."))
    return found


def _clinician(session: Session, referral: Referral, rows: Rows, settings: Settings) -> list[Obstacle]:
    """An administrator's referral names the clinician by SDS user id (ers.md section 1, configuration 2)."""
    if chosen := _text(rows, "choice.clinician"):
        referral.referring_clinician = chosen
        return []
    fitting = find_clinicians(session, _text(rows, "referrer.name"), _text(rows, "referrer.practice_code"), settings)
    certain = "referrer.name" in rows and rows["referrer.name"].accepted
    referral.referring_clinician = fitting[0].sds_id if len(fitting) == 1 and certain else None
    if settings.ers.role != ADMIN_ROLE or referral.referring_clinician or not _text(rows, "referrer.name"):
        return []
    if len(fitting) > 1:
        says = "Several clinicians of this name have an SDS user id: choose the one who refers."
    elif fitting:
        return []  # only the name is doubtful, which is said already
    else:
        says = "The referrer is not in the site's list of clinicians: choose whose SDS user id is sent."
    return [Obstacle("ready.clinician", says, "referrer.name")]


def find_clinicians(session: Session, name: str, practice_code: str, settings: Settings) -> list[Clinician]:
    """Clinicians of this name at the practice, else at the trust, else anywhere; initials match forenames, titles do not count."""
    if not name:
        return []
    everyone = session.exec(select(Clinician).order_by(col(Clinician.sds_id)))
    namesakes = {c.sds_id: c for c in everyone if _same_person(name, c.name)}
    for organisation in (practice_code, settings.office.ods):
        here = [c for c in namesakes.values() if organisation and c.organisation == organisation]
        if here:
            return here
    return list(namesakes.values())


def _same_person(asked: str, listed: str) -> bool:
    """Same surname, and forenames that are the same or one the initial of the other; a bare surname fits any forename."""
    first, second = _name_parts(asked), _name_parts(listed)
    if not first or not second or first[-1] != second[-1]:
        return False
    return all(
        a == b or ((len(a) == 1 or len(b) == 1) and a[0] == b[0]) for a, b in zip(first[:-1], second[:-1], strict=False)
    )


def _name_parts(name: str) -> list[str]:
    """Given names then surname, folded; `SURNAME, Given` turned round."""
    bare, _title = strip_title(name)
    if "," in bare:
        family, given = bare.split(",", 1)
        bare = f"{given} {family}"
    return [key for key in map(name_key, bare.replace(".", " ").split()) if key]


def _clock(referral: Referral, now: dt.datetime) -> list[Obstacle]:
    start = referral.pathway_start or referral.arrived_at
    if start > now:
        return [
            Obstacle(
                "ready.clock",
                "The clock start lies in the future: a clock was wrong. Give the true start, with its reason.",
            )
        ]
    if now - start > OLDEST:
        return [
            Obstacle(
                "ready.clock",
                "The clock start is more than 365 days ago, which e-RS refuses: decide the start, or enter it by hand.",
            )
        ]
    return []
