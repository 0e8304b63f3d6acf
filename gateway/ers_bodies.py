"""What is sent to e-RS: the request bodies of A008, A010, A011, A012, A016 and A036, built from plain values.

Codes, systems and profiles are those of the published specification; they differ by operation and version and are spelled out here
once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.target import milliseconds

STRUCTURE = "https://fhir.nhs.uk/STU3/StructureDefinition/"
CODES = "https://fhir.nhs.uk/STU3/CodeSystem/"
NHS_NUMBER = "http://fhir.nhs.net/Id/nhs-number"
SDS_USER = "http://fhir.nhs.net/Id/sds-user-id"
SERVICE = "http://fhir.nhs.net/Id/ers-service"
SEARCHED_ORGANISATION = "https://directory.spineservices.nhs.uk/STU3/Organization"

REFERRER_LISTS = (
    "AWAITING_BOOKING",
    "LETTERS_OUTSTANDING",
    "REJECTED_TRIAGE_RESPONSE",
    "ASSESSMENT_RETURNED_CANCELLED_DNA",
)
PROVIDER_LISTS = ("REFERRALS_FOR_REVIEW", "APPOINTMENT_SLOT_ISSUES")


@dataclass(frozen=True)
class Order:
    """What one referral asks of e-RS. `pathway_start` is the patient's clock (P5); no `clinician` in a clinician's own role."""

    nhs_number: str
    priority: str
    specialty: str
    specialty_system: str
    clinic_type: str
    service_id: str
    organisation: str | None
    clinician: str | None
    pathway_start: dt.datetime
    has_letter: bool = True

    def kept(self) -> dict[str, Any]:
        """What an attempt keeps of it, so that a lost create can be looked for (ers.md section 8)."""
        return {
            "nhs": self.nhs_number,
            "priority": self.priority,
            "specialty": self.specialty,
            "clinic_type": self.clinic_type,
            "services": [self.service_id],
            "clinician": self.clinician,
            "pathway_start": milliseconds(self.pathway_start),
        }


def _profile(*names: str) -> dict[str, Any]:
    return {"profile": [STRUCTURE + name for name in names]}


def _coding(name: str, system: str, code: str) -> dict[str, Any]:
    return {"name": name, "valueCoding": {"system": system, "code": code}}


def _identifier(name: str, system: str, value: str) -> dict[str, Any]:
    return {"name": name, "valueIdentifier": {"system": system, "value": value}}


def search_criteria(order: Order) -> dict[str, Any]:
    """The criteria of A010, and word for word those of A011's shortlist (else SHORTLISTED_SERVICE_NOT_IN_RESULTS)."""
    parameters = [
        _coding("priority", CODES + "eRS-Priority-1", order.priority),
        _coding("specialty", order.specialty_system, order.specialty),
        _coding("clinicType", CODES + "eRS-ClinicType-1", order.clinic_type),
        {"name": "ageAndGenderAppropriate", "valueBoolean": True},
    ]
    if order.organisation:
        parameters.append(_identifier("organisation", SEARCHED_ORGANISATION, order.organisation))
    return {
        "resourceType": "Parameters",
        "id": "criteria",
        "meta": _profile("eRS-ServiceSearchCriteria-Parameters-1"),
        "parameter": parameters,
    }


def service_search(order: Order) -> dict[str, Any]:
    """A010: is the chosen service still offered to this patient?"""
    parameters = [
        _coding("requestType", CODES + "eRS-RequestType-1", "APPOINTMENT_REQUEST"),
        _coding("sortBy", CODES + "eRS-SortBy-1", "DISTANCE"),
        _identifier("patient", NHS_NUMBER, order.nhs_number),
    ]
    if order.clinician:
        parameters.append(_identifier("referringClinician", SDS_USER, order.clinician))
    parameters.append({"name": "searchCriteria", "resource": search_criteria(order)})
    return {
        "resourceType": "Parameters",
        "meta": _profile("eRS-PatientServiceSearch-Parameters-1"),
        "parameter": parameters,
    }


def create_referral(order: Order) -> dict[str, Any]:
    """A011, with the patient's clock as `eReferralPathwayStart` (P5)."""
    intention = "NEED_TO_ADD_LATER" if order.has_letter else "NOT_INTENDING_TO_ADD"
    shortlist = {
        "resourceType": "List",
        "status": "current",
        "mode": "snapshot",
        "meta": _profile("eRS-Shortlist-List-1"),
        "contained": [search_criteria(order)],
        "extension": [
            {
                "url": STRUCTURE + "Extension-eRS-Shortlist-SearchCriteria-1",
                "valueReference": {"reference": "#criteria"},
            }
        ],
        "entry": [{"item": {"identifier": {"system": SERVICE, "value": order.service_id}}}],
    }
    parameters: list[dict[str, Any]] = [_identifier("patient", NHS_NUMBER, order.nhs_number)]
    if order.clinician:
        parameters.append(_identifier("referringClinician", SDS_USER, order.clinician))
    parameters += [
        _coding("intentionToAddReferralLetter", CODES + "eRS-ReferralLetterIntention-1", intention),
        {"name": "firstReminderLetterFollowUpDays", "valueUnsignedInt": 0},
        {"name": "eReferralPathwayStart", "valueInstant": milliseconds(order.pathway_start)},
        {"name": "shortlist", "resource": shortlist},
    ]
    return {
        "resourceType": "Parameters",
        "meta": _profile("eRS-CreateReferral-Parameters-1"),
        "parameter": parameters,
    }


def referral_letter(files: Sequence[tuple[str, str]], indexed: dt.datetime) -> dict[str, Any]:
    """A012: the WHOLE set of letters, each (url, description); what is not listed is detached."""
    return {
        "resourceType": "Parameters",
        "meta": _profile("eRS-MaintainReferralLetter-Parameters-1"),
        "parameter": [
            {
                "name": "referralLetterFile",
                "resource": {
                    "resourceType": "DocumentReference",
                    "status": "current",
                    "indexed": milliseconds(indexed),
                    "meta": _profile("eRS-DocumentReference-1"),
                    "type": {"coding": [{"system": CODES + "eRS-AttachmentType-1", "code": "REFERRER"}]},
                    "description": description,
                    "content": [{"attachment": {"url": url}}],
                },
            }
            for url, description in files
        ],
    }


def deferral(ubrn: str, version: str, service_id: str, nhs_number: str, reason: str) -> dict[str, Any]:
    """A016: send for triage (TRIAGE) or defer (NO_SLOTS_AT_SERVICE, BOOKING_ATTEMPT_PROBLEM); the version goes in the body."""
    return {
        "resourceType": "Appointment",
        "id": "appointment",
        "language": "en",
        "status": "proposed",
        "meta": {
            "profile": [
                STRUCTURE + "eRS-Appointment-1",
                "https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-Appointment-1",
            ]
        },
        "reason": [{"coding": [{"system": CODES + "eRS-ReviewReason-1", "code": reason}]}],
        "description": "e-Referral Appointment",
        "incomingReferral": [{"reference": f"ReferralRequest/{ubrn}/_history/{version}"}],
        "participant": [
            {"actor": {"identifier": {"system": SERVICE, "value": service_id}}, "status": "accepted"},
            {"actor": {"identifier": {"system": NHS_NUMBER, "value": nhs_number}}, "status": "accepted"},
        ],
    }


def cancellation(system: str, reason: str, comment: str) -> dict[str, Any]:
    """A036: the reason as e-RS codes it (`system` is A004's own) and a comment of at most 2,000 characters."""
    return {
        "resourceType": "Parameters",
        "meta": _profile("eRS-CancelReferral-Request-Parameters-1"),
        "parameter": [
            _coding("cancellationReason", system, reason),
            {"name": "cancellationComments", "valueString": comment},
        ],
    }


def worklist(kind: str, service_id: str | None = None) -> dict[str, Any]:
    """A008. Only the provider's lists take filters, and for an unattended application the service filter is mandatory."""
    parameters: list[dict[str, Any]] = [
        {
            "name": "listType",
            "valueCodeableConcept": {"coding": [{"system": CODES + "eRS-ReferralListSelector-1", "code": kind}]},
        }
    ]
    if service_id is not None:
        parameters.append(_identifier("service", SERVICE, service_id))
    return {
        "resourceType": "Parameters",
        "meta": _profile("eRS-FetchWorklist-Parameters-1"),
        "parameter": parameters,
    }
