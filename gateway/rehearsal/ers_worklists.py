"""A008: the worklists of referrers and providers, each with the fields its published example shows (ers.md sections 8 and 9)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_codes import CONTACT_DAYS
from gateway.rehearsal.ers_orders import Worklist
from gateway.rehearsal.ers_state import Referral, Store
from gateway.rehearsal.ers_views import instant_text

_AWAITING = (
    "NOT_BOOKED",
    "AWAITING_TRIAGE",
    "DEFERRED_TO_PROVIDER",
    "APPT_CANCELLED_BY_PATIENT",
    "APPT_CANCELLED_BY_PROVIDER",
)


def listed(store: Store, ask: Worklist, organisation: str) -> list[Referral]:
    """The referrals on this list of this organisation, as the lag lets them be seen."""
    rows = store.as_listed()
    if ask.list_type in words.REFERRER_LISTS:
        return [r for r in rows if r.organisation == organisation and _is_on(ask.list_type, r)]
    services = store.directory.services
    found = []
    for row in rows:
        if row.visit is None or not _is_on(ask.list_type, row):
            continue
        service = services[row.visit.service_id]
        if (
            service.organisation == organisation
            and ask.service_id in (None, service.service_id)
            and ask.specialty in (None, service.specialty)
            and ask.location in (None, service.organisation)
            and ask.clinician in (None, row.visit.clinician)
        ):
            found.append(row)
    return found


def _is_on(list_type: str, row: Referral) -> bool:
    if list_type == "LETTERS_OUTSTANDING":
        return row.intention == "NEED_TO_ADD_LATER" and not row.letters and row.state != "CANCELLED_REFERRAL"
    states = {
        "AWAITING_BOOKING": _AWAITING,
        "REJECTED_TRIAGE_RESPONSE": ("REJECTED", "TRIAGE_RESPONSE"),
        "ASSESSMENT_RETURNED_CANCELLED_DNA": ("ASSESSMENT_RESULT", "DID_NOT_ATTEND"),
        "REFERRALS_FOR_REVIEW": ("BOOKED", "AWAITING_TRIAGE"),
        "APPOINTMENT_SLOT_ISSUES": ("DEFERRED_TO_PROVIDER",),
    }
    return row.state in states[list_type]


def _coded(url: str, system: str, code: str) -> dict[str, Any]:
    return {"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}


def _refers(url: str, system: str, value: str, display: str | None = None) -> dict[str, Any]:
    inner: dict[str, Any] = {"identifier": {"system": system, "value": value}}
    return {"url": url, "valueReference": inner | ({"display": display} if display else {})}


def _referrer_fields(list_type: str, row: Referral) -> list[dict[str, Any]]:
    fields = [
        _refers("patient", words.NHS_NUMBER, row.nhs_number),
        _coded("priority", words.PRIORITY, row.priority),
        {"url": "referralCreated", "valueDateTime": instant_text(row.created)},
        {"url": "clinicalContext", "valueString": f"{row.specialty}/{row.clinic_type}"},
        _refers("referrer", words.SDS_USER, row.referrer),
    ]
    if list_type == "LETTERS_OUTSTANDING":
        return [*fields, {"url": "letterDue", "valueDate": row.created.date().isoformat()}]
    # The worklists spell the cancelled states APP_, not APPT_ (ers.md section 5).
    state = row.state.replace("APPT_", "APP_")
    return [
        *fields,
        {"url": "referralLastUpdated", "valueDateTime": instant_text(row.updated)},
        _coded("status", words.REFERRAL_STATE, state),
    ]


def _provider_fields(store: Store, list_type: str, row: Referral, base: str) -> list[dict[str, Any]]:
    assert row.visit is not None  # `listed` keeps only those that reached a service
    service = store.directory.services[row.visit.service_id]
    start = row.pathway_start or instant_text(row.visit.created)
    review = list_type == "REFERRALS_FOR_REVIEW"
    patient = (
        {"url": "patient", "valueReference": {"reference": f"#Patient-{row.nhs_number}"}}
        if review
        else _refers("patient", words.NHS_NUMBER, row.nhs_number)
    )
    fields = [
        _coded("priority", words.PRIORITY, row.priority),
        _coded("specialty", f"{base}/STU3/CodeSystem/SPECIALTY", service.specialty),
        patient,
        {"url": "eReferralPathwayStart", "valueDateTime": start},
        {"url": "clinicalInfoPrinted", "valueBoolean": False},
    ]
    if review:
        status = "https://fhir.nhs.uk/STU3/CodeSystem/eRS-RequestContextStatus-1"
        kind = "https://fhir.nhs.uk/STU3/CodeSystem/eRS-ReferralType-1"
        fields.append(_coded("requestContextStatus", status, "NEVER_REVIEWED"))
        if row.letters_first:
            fields.append({"url": "clinicalInfoFirstSubmitted", "valueDateTime": instant_text(row.letters_first)})
        fields.append(
            _coded("referralType", kind, "TRIAGE_DEFERRAL" if row.state == "AWAITING_TRIAGE" else "APPOINTMENT")
        )
        fields.append(_refers("service", words.SERVICE, service.service_id, service.name))
        fields.append({"url": "referralRequestVersion", "valueInteger": row.version})
        return fields
    clinical = "https://fhir.nhs.uk/STU3/CodeSystem/eRS-ClinicalInformationStatus-1"
    due = _working_days(row.visit.created.date(), CONTACT_DAYS[row.priority][0])
    return [
        *fields,
        {"url": "ubrnReceived", "valueDateTime": instant_text(row.visit.created)},
        {"url": "patientContactExpected", "valueDate": due.isoformat()},
        _coded("clinicalInformationStatus", clinical, "PRESENT" if row.letters else "ABSENT"),
        _coded("reason", words.REVIEW_REASON, row.visit.reason or ""),
        _refers("service", words.SERVICE, service.service_id, service.name),
    ]


def _working_days(day: dt.date, count: int) -> dt.date:
    while count:
        day += dt.timedelta(days=1)
        count -= day.weekday() < 5
    return day


_NAMES = {
    "LETTERS_OUTSTANDING": "LettersOutstanding",
    "AWAITING_BOOKING": "AwaitingBooking",
    "REJECTED_TRIAGE_RESPONSE": "RejectedTriageResponse",
    "ASSESSMENT_RETURNED_CANCELLED_DNA": "AssessmentReturnedCancelledDna",
    "REFERRALS_FOR_REVIEW": "ReferralsforReview",
    "APPOINTMENT_SLOT_ISSUES": "AppointmentSlotIssues",
}


def worklist(store: Store, ask: Worklist, organisation: str, base: str) -> dict[str, Any]:
    """The List of A008. REFERRALS_FOR_REVIEW names patients as contained resources, the others inline."""
    rows = listed(store, ask, organisation)
    url = words.extension_url(f"{_NAMES[ask.list_type]}-WorkListItem")
    entries = []
    for row in rows:
        if ask.list_type in words.REFERRER_LISTS:
            fields = _referrer_fields(ask.list_type, row)
        else:
            fields = _provider_fields(store, ask.list_type, row, base)
        reference = {"reference": f"ReferralRequest/{row.ubrn}"}
        entries.append({"extension": [{"extension": fields, "url": url}], "item": reference})
    body: dict[str, Any] = {
        "meta": {"profile": [words.WORKLIST_PROFILE]},
        "resourceType": "List",
        "status": "current",
        "mode": "snapshot",
        "entry": entries,
    }
    if ask.list_type == "REFERRALS_FOR_REVIEW":
        body["contained"] = [
            {
                "id": f"Patient-{number}",
                "meta": {"profile": [words.PATIENT_PROFILE]},
                "resourceType": "Patient",
                "identifier": [{"system": words.NHS_NUMBER, "value": number}],
            }
            for number in dict.fromkeys(row.nhs_number for row in rows)
        ]
    if not entries:
        body["emptyReason"] = {"coding": [{"system": words.EMPTY_REASON, "code": "nilknown", "display": "no results"}]}
    return body
