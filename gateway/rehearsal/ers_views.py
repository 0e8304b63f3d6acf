"""The resources the rehearsal e-RS answers with, in the shapes of the published examples: referral, services, roles, actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_data import Person, Service
from gateway.rehearsal.ers_state import Attached, Referral, Store, Visit


def instant_text(moment: dt.datetime) -> str:
    """An instant as e-RS mostly writes it: UTC, milliseconds, Z."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def offset_text(moment: dt.datetime) -> str:
    """An instant as appointments carry it: `+00:00` instead of Z (ers.md section 10: both occur)."""
    return instant_text(moment)[:-1] + "+00:00"


def _spoken(code: str) -> str:
    return code.replace("_", " ").title()


def _coding(system: str, code: str, *, display: bool = False) -> dict[str, Any]:
    return {"system": system, "code": code} | ({"display": _spoken(code)} if display else {})


def _identifier(system: str, value: str) -> dict[str, Any]:
    return {"identifier": {"system": system, "value": value}}


def referral_request(store: Store, referral: Referral, base: str, *, created: bool = False) -> dict[str, Any]:
    """The ReferralRequest of A005, A011 and A012."""
    extensions: list[dict[str, Any]] = []
    visit = referral.visit
    if visit is not None:
        extensions.append({"url": words.extension_url("Appointment"), "valueReference": {"reference": "#appointment"}})
        reference = {"reference": f"Appointment/{visit.appointment_id}"}
        extensions.append({"url": words.extension_url("Appointment-Reference"), "valueReference": reference})
    for name, moment in (
        ("ClinicalInfoFirstSubmitted", referral.letters_first),
        ("ClinicalInfoLastUpdated", referral.letters_last),
    ):
        if moment is not None:
            extensions.append({"url": words.extension_url(name), "valueDateTime": instant_text(moment)})
    hidden = store.settings.unbooked_hides_pathway_start and referral.state == "NOT_BOOKED" and not created
    start = referral.pathway_start or (instant_text(visit.created) if visit else None)
    if start and not hidden:
        extensions.append({"url": words.extension_url("eReferralPathwayStart"), "valueInstant": start})
    priority = {"coding": [_coding(words.PRIORITY, referral.priority, display=True)]}
    extensions.append({"url": words.extension_url("ReferralPriority"), "valueCodeableConcept": priority})
    extensions.append({"url": words.extension_url("ReferralShortlist"), "valueReference": {"reference": "#shortlist"}})
    commissioner = {"system": words.ODS_CODE, "value": "QXX"}
    extensions.append({"url": words.extension_url("Commissioning-Rule-Org"), "valueIdentifier": commissioner})
    extensions.append(_state(referral, base))
    contained = [_criteria(referral), _shortlist(store, referral)]
    if visit is not None:
        contained.append(appointment(store, referral, visit, contained=True))
    contained += [_document(store, a) for a in referral.letters]
    body: dict[str, Any] = {
        "id": referral.ubrn,
        "meta": {"versionId": str(referral.version), "profile": [words.REFERRAL_PROFILE]},
        "resourceType": "ReferralRequest",
        "extension": extensions,
        "contained": contained,
        "status": "cancelled" if referral.state == "CANCELLED_REFERRAL" else "active",
        "subject": _identifier(words.NHS_NUMBER, referral.nhs_number),
        "supportingInfo": [{"reference": f"#DocumentReference-{a.file_id}"} for a in referral.letters],
        "intent": "plan",
        "identifier": [{"system": words.REQUEST_ID, "value": referral.request_id}],
    }
    if visit is not None:
        body["specialty"] = {"coding": [_coding(f"{base}/STU3/CodeSystem/SPECIALTY", referral.specialty, display=True)]}
    return body


def _state(referral: Referral, base: str) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"url": "state", "valueCoding": _coding(words.REFERRAL_STATE, referral.state, display=True)}
    ]
    if referral.reason is not None:
        cancelled = referral.state == "CANCELLED_REFERRAL"
        system = f"{base}/STU3/CodeSystem/REFERRAL-CANCELLATION-REASON" if cancelled else words.REVIEW_REASON
        parts.append({"url": "reason", "valueCoding": _coding(system, referral.reason)})
    if referral.comment is not None:
        parts.append({"url": "comments", "valueString": referral.comment})
    return {"url": words.extension_url("ReferralState"), "extension": parts}


def _criteria(referral: Referral) -> dict[str, Any]:
    return {
        "id": "serviceSearchCriteria",
        "meta": {"profile": [words.CRITERIA_PROFILE]},
        "resourceType": "Parameters",
        "parameter": list(referral.criteria),
    }


def _shortlist(store: Store, referral: Referral) -> dict[str, Any]:
    services = [store.directory.services[number] for number in referral.services]
    return {
        "id": "shortlist",
        "meta": {"profile": [words.SHORTLIST_PROFILE]},
        "resourceType": "List",
        "extension": [{"url": words.SHORTLIST_CRITERIA, "valueReference": {"reference": "#serviceSearchCriteria"}}],
        "status": "current",
        "mode": "snapshot",
        "entry": [{"item": _identifier(words.SERVICE, s.service_id) | {"display": s.name}} for s in services],
    }


def _document(store: Store, attached: Attached) -> dict[str, Any]:
    upload = attached.upload
    status = _coding(words.AVAILABILITY, store.availability(attached))
    extensions = [
        {"url": words.extension_url("AvailabilityStatus"), "valueCoding": status},
        {"url": words.extension_url("AttachedBy"), "valueReference": _identifier(words.SDS_USER, upload.user)},
        {
            "url": words.extension_url("AttachedByOrganisation"),
            "valueReference": _identifier(words.ODS_CODE, upload.organisation),
        },
    ]
    attachment = {
        "id": attached.file_id,
        "extension": extensions,
        "contentType": upload.content_type,
        "url": f"Binary/{attached.file_id}",
        "size": upload.size,
        "title": upload.name,
        "creation": upload.at.date().isoformat(),
    }
    return {
        "id": f"DocumentReference-{attached.file_id}",
        "meta": {"profile": [words.DOCUMENT_PROFILE]},
        "resourceType": "DocumentReference",
        "type": {"coding": [_coding(words.ATTACHMENT_TYPE, "REFERRER", display=True)]},
        "status": "current",
        "indexed": attached.indexed,
        "description": attached.description,
        "content": [{"attachment": attachment}],
    }


def appointment(store: Store, referral: Referral, visit: Visit, *, contained: bool = False) -> dict[str, Any]:
    """The Appointment of A016, or as it is contained in A005."""
    service = store.directory.services[visit.service_id]
    people = [
        {"actor": _identifier(words.SERVICE, service.service_id) | {"display": service.name}, "status": "accepted"},
        {"actor": _identifier(words.NHS_NUMBER, referral.nhs_number), "status": "accepted"},
    ]
    if visit.clinician:
        people.append({"actor": _identifier(words.SDS_USER, visit.clinician), "status": "accepted"})
    body: dict[str, Any] = {
        "id": "appointment" if contained else visit.appointment_id,
        "meta": {"versionId": "1", "profile": [words.APPOINTMENT_PROFILE, words.APPOINTMENT_PROFILE_2]},
        "language": "en",
        "resourceType": "Appointment",
        "status": visit.status,
        "description": "e-Referral Appointment",
        "created": offset_text(visit.created),
        "incomingReferral": [{"reference": f"ReferralRequest/{referral.ubrn}/_history/{referral.version}"}],
        "participant": people,
    }
    if visit.reason:
        body["reason"] = [{"coding": [_coding(words.REVIEW_REASON, visit.reason)]}]
    if visit.comment:
        body["comment"] = visit.comment
    if visit.slot_id:
        body["slot"] = [{"reference": f"Slot/{visit.slot_id}"}]
    if visit.start and visit.end:
        body |= {"start": offset_text(visit.start), "end": offset_text(visit.end)}
    return body


def service_list(services: Iterable[Service], store: Store, base: str) -> dict[str, Any]:
    """The List of A010."""
    entries = [_service(s, store, base) for s in services]
    body: dict[str, Any] = {
        "meta": {"profile": [words.SERVICES_PROFILE]},
        "resourceType": "List",
        "status": "current",
        "mode": "snapshot",
        "entry": entries,
    }
    if not entries:
        body["emptyReason"] = {"coding": [{"system": words.EMPTY_REASON, "code": "nilknown", "display": "no results"}]}
    return body


def _service(service: Service, store: Store, base: str) -> dict[str, Any]:
    place = store.directory.organisations.get(service.organisation)
    wait = {"coding": [_coding(words.WAIT_TIME, "NOT_APPLICABLE")]}
    shown: list[dict[str, Any]] = [
        {"url": "serviceName", "valueString": service.name},
        {
            "url": "specialty",
            "valueCodeableConcept": {"coding": [_coding(f"{base}/STU3/CodeSystem/SPECIALTY", service.specialty)]},
        },
        {"url": "bookableType", "valueCodeableConcept": {"coding": [_coding(words.BOOKABLE_TYPE, service.bookable)]}},
        {"url": "referralLetterRequired", "valueBoolean": True},
        {
            "url": "location",
            "valueReference": {"display": place.name if place else service.organisation}
            | _identifier(words.SEARCHED_ORGANISATION, service.organisation),
        },
        {
            "url": "supportedRequestFlowType",
            "valueCodeableConcept": {"coding": [_coding(words.REQUEST_FLOW, service.flow)]},
        },
    ]
    about = [
        {"url": "displayProminently", "valueBoolean": False},
        {"url": "indicativeAppointmentWaitTime", "valueCodeableConcept": wait},
    ]
    item = {"extension": [{"extension": shown, "url": words.extension_url("ServiceSummaryView")}]}
    return {
        "extension": [{"extension": about, "url": words.extension_url("ServiceSearch-ListItem")}],
        "item": item | _identifier(words.SERVICE, service.service_id),
    }


def role_bundle(person: Person, base: str, bundle_id: str, at: dt.datetime) -> dict[str, Any]:
    """The Bundle of A030: one PractitionerRole for each organisation."""
    stamp, entries = instant_text(at), []
    for ods, roles in person.roles.items():
        number = f"PractitionerRole-{ods}-{person.sds_id}"
        resource = {
            "id": number,
            "meta": {"lastUpdated": stamp},
            "resourceType": "PractitionerRole",
            "practitioner": _identifier(words.SDS_USER_R4, person.sds_id),
            "organization": _identifier(words.ODS_CODE, ods),
            "code": [{"coding": [_coding(words.ROLE_R4, role)]} for role in sorted(roles)],
        }
        url = f"{base}/R4/PractitionerRole/{number}"
        entries.append({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
    return {
        "id": bundle_id,
        "meta": {"lastUpdated": stamp},
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        "timestamp": stamp,
        "link": [{"relation": "self", "url": f"{base}/R4/PractitionerRole"}],
        "entry": entries,
    }


def task_bundle(actions: Iterable[str], focus: str, base: str, store: Store) -> dict[str, Any]:
    """The Bundle of A029: what this user may do now."""
    entries = []
    for action in actions:
        number = store.new_id()
        task = {
            "id": number,
            "meta": {"profile": [words.TASK_PROFILE]},
            "resourceType": "Task",
            "status": "ready",
            "intent": "proposal",
            "focus": {"reference": focus},
            "code": {"coding": [_coding(words.AVAILABLE_ACTIONS, action, display=True)]},
        }
        entries.append({"fullUrl": f"{base}/STU3/Task/{number}", "resource": task, "search": {"mode": "match"}})
    link = f"{base}/STU3/Task?focus={focus}&intent=proposal&status=ready"
    return {
        "id": store.new_id(),
        "meta": {"lastUpdated": instant_text(store.clock())},
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "self", "url": link}],
        "entry": entries,
    }
