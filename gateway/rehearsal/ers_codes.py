"""A004: the code systems as resources, and the reasons for cancelling with who may use them (ers.md section 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_data import Concept, Directory

_PROPERTIES = "https://fhir.nhs.uk/STU3/CodeSystem/eRS-Concept-Properties-1#"
_SINCE = "2004-06-01T00:00:00.000Z"
CONTACT_DAYS = {"ROUTINE": (40, 40), "URGENT": (10, 5), "TWO_WEEK_WAIT": (5, 2)}
_DISPLAY = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "Two Week Wait"}


@dataclass(frozen=True)
class Reason:
    """One reason of REFERRAL-CANCELLATION-REASON."""

    code: str
    display: str
    kind: str
    comment: bool
    cancels_appointment: bool
    roles: tuple[str, ...]
    since: str = _SINCE
    until: str | None = None


_ALL = (words.RCA, words.RC, words.SPC, words.SPCA, "PROVIDER_AUTHORISED_APPLICATION")
_REFERRER = (words.RCA, words.RC)
_PROVIDER = (words.SPC, words.SPCA, "PROVIDER_AUTHORISED_APPLICATION")

REASONS = {
    r.code: r
    for r in (
        Reason("RAISED_IN_ERROR", "Referral created by mistake", "UNKNOWN", False, True, _REFERRER),
        Reason("REFERRER_CANCELLATION", "Other - Referrer request cancellation", "UNKNOWN", False, True, _REFERRER),
        Reason("TREATMENT_NO_LONGER_REQUIRED", "Referral no longer needed", "PATIENT", False, True, _ALL),
        Reason("INTEND_PRIVATE", "Patient will go to a private clinic", "PATIENT", False, True, _ALL),
        Reason("PATIENT_DIED", "Patient died", "PATIENT", False, True, _ALL),
        Reason("PATIENT_REQUEST_CANCELLATION_OTHER", "Other", "PATIENT", True, True, _ALL),
        Reason(
            "BOOKED_OUTSIDE_CAB", "Patient booked outside NHS e-Referral Service", "PROVIDER", False, True, _PROVIDER
        ),
        Reason("TRIAGE_ENDED", "Triage Ended", "PROVIDER_TRIAGE", False, False, _PROVIDER),
        Reason(
            "PATIENT_MOVED",
            "Patient moved (ended)",
            "PATIENT",
            False,
            True,
            _ALL,
            until="2010-01-01T00:00:00.000Z",
        ),
    )
}

_APPOINTMENT_REASONS = (("PATIENT_HOLIDAY", "Patient on holiday"), ("PATIENT_ILL", "Patient ill"))
_ABSENCE_REASONS = (("PATIENT_FORGOT", "Patient forgot about appointment"), ("UNKNOWN", "Reason not known"))
TYPES = (
    "SPECIALTY",
    "CLINIC-TYPE",
    "PRIORITY",
    "REFERRAL-CANCELLATION-REASON",
    "APPOINTMENT-CANCELLATION-REASON",
    "APPOINTMENT-NON-ATTENDANCE-REASON",
)


def _day(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"


def _life(since: str, until: str | None) -> list[dict[str, Any]]:
    found = [{"code": "effectiveFrom", "valueDateTime": since}]
    return found + ([{"code": "effectiveTo", "valueDateTime": until}] if until else [])


def _concept(concept: Concept, base: str) -> dict[str, Any]:
    properties = _life(_day(concept.since), _day(concept.until) if concept.until else None)
    if concept.parent:
        parent = {"system": f"{base}/STU3/CodeSystem/SPECIALTY", "code": concept.parent}
        properties.append({"code": "specialty", "valueCoding": parent})
    return {"code": concept.code, "display": concept.display, "property": properties}


def _priority(code: str) -> dict[str, Any]:
    defer, triage = CONTACT_DAYS[code]
    days = [
        {"code": "deferToProviderContactDays", "valueInteger": defer},
        {"code": "triageContactDays", "valueInteger": triage},
    ]
    return {"code": code, "display": _DISPLAY[code], "property": _life(_SINCE, None) + days}


def _reason(reason: Reason) -> dict[str, Any]:
    kinds = "https://fhir.nhs.uk/STU3/CodeSystem/eRS-AppointmentRequestCancellationReasonType-1"
    usage = "https://fhir.nhs.uk/STU3/CodeSystem/eRS-ReferralRequestCancellationReasonUsage-1"
    properties = _life(reason.since, reason.until)
    properties.append(
        {"code": "appointmentRequestCancellationReasonType", "valueCoding": {"code": reason.kind, "system": kinds}}
    )
    properties.append({"code": "commentIsMandatory", "valueBoolean": reason.comment})
    properties.append({"code": "canCancelAppointment", "valueBoolean": reason.cancels_appointment})
    for role in reason.roles:
        properties.append({"code": "businessFunction", "valueCoding": {"code": role, "system": words.ROLE_STU3}})
    properties.append({"code": "referrerUsage", "valueCoding": {"code": "CANCEL_REFERRAL", "system": usage}})
    return {"code": reason.code, "display": reason.display, "property": properties}


def _plain(rows: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"code": code, "display": display, "property": _life(_SINCE, None)} for code, display in rows]


def code_system(kind: str, directory: Directory, base: str, today: dt.date) -> dict[str, Any] | None:
    """The CodeSystem of A004, its `url` under this rehearsal's own base; None for an unknown type."""
    if kind not in TYPES:
        return None
    concepts = {
        "SPECIALTY": lambda: [_concept(c, base) for c in directory.specialties.values()],
        "CLINIC-TYPE": lambda: [_concept(c, base) for c in directory.clinic_types.values()],
        "PRIORITY": lambda: [_priority(code) for code in words.PRIORITIES],
        "REFERRAL-CANCELLATION-REASON": lambda: [_reason(r) for r in REASONS.values()],
        "APPOINTMENT-CANCELLATION-REASON": lambda: _plain(_APPOINTMENT_REASONS),
        "APPOINTMENT-NON-ATTENDANCE-REASON": lambda: _plain(_ABSENCE_REASONS),
    }[kind]()
    kinds = {"effectiveFrom": "dateTime", "effectiveTo": "dateTime"}
    return {
        "id": kind,
        "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/shareablecodesystem"]},
        "resourceType": "CodeSystem",
        "url": f"{base}/STU3/CodeSystem/{kind}",
        "version": "1",
        "name": f"e-RS {kind.replace('-', ' ').title()} (rehearsal)",
        "status": "active",
        "experimental": True,
        "date": _day(today),
        "publisher": "Rehearsal e-RS",
        "description": "Invented sample codes of a rehearsal; not the live list",
        "caseSensitive": True,
        "content": "complete",
        "property": [{"code": code, "uri": _PROPERTIES + code, "type": kind_} for code, kind_ in kinds.items()],
        "concept": concepts,
    }
