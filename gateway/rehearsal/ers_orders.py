"""From the body of a write or a search to what it asks for: one strict reader for each operation (ers.md section 5).

The readers judge form and fixed codes. Whether the patient, the people, the services and the state allow it is `ers_business`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from gateway.rehearsal import ers_rules as rules
from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_refusal import unprocessable
from gateway.rehearsal.ers_rules import Part

_VERSIONED = re.compile(r"^ReferralRequest/(\d{12})/_history/(\d{1,18})$")
_BINARY = re.compile(r"^Binary/([0-9a-f-]{36})$")
_SLOT = re.compile(r"^Slot/(\d+)$")
_POSTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$")
MOST_SERVICES = 20
MOST_COMMENT = 2000


@dataclass(frozen=True)
class Criteria:
    """What a service must meet (A010, and again in the shortlist of A011). `echo` is what A005 gives back."""

    priority: str
    age_and_gender: bool
    specialty: str | None
    clinic_type: str | None
    clinical_term: str | None
    named_clinician: str | None
    organisation: str | None
    echo: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Search:
    """A010: which services may this patient be offered."""

    request_type: str
    nhs_number: str
    clinician: str | None
    commissioner: str | None
    criteria: Criteria


@dataclass(frozen=True)
class Create:
    """A011: make a referral. `pathway_start_text` is the instant exactly as it was sent."""

    nhs_number: str
    clinician: str | None
    intention: str
    reminder_days: int
    pathway_start: dt.datetime | None
    pathway_start_text: str | None
    criteria: Criteria
    services: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """One file of A012: the id behind `Binary/`, what it is, and since when; `title` and `content_type` when they are sent."""

    file_id: str
    description: str
    indexed: str
    title: str | None
    content_type: str | None


@dataclass(frozen=True)
class Booking:
    """A016: book, defer or send for triage."""

    status: str
    reason: str | None
    service_id: str
    nhs_number: str
    clinician: str | None
    ubrn: str
    version: int
    slot_id: str | None
    start: dt.datetime | None
    end: dt.datetime | None
    comment: str | None


@dataclass(frozen=True)
class Cancel:
    """A036: the reason and the comment."""

    reason: str
    comments: str | None


@dataclass(frozen=True)
class Worklist:
    """A008: which list, and the filters of a provider."""

    list_type: str
    service_id: str | None
    specialty: str | None
    location: str | None
    clinician: str | None
    filtered: bool


_CRITERIA = {
    "priority": Part("valueCoding"),
    "ageAndGenderAppropriate": Part("valueBoolean"),
    "specialty": Part("valueCoding", least=0),
    "clinicType": Part("valueCoding", least=0),
    "clinicalTerm": Part("valueCoding", least=0),
    "namedClinician": Part("valueIdentifier", least=0),
    "organisation": Part("valueIdentifier", least=0),
    "postcode": Part("valueString", least=0),
    "distanceLimit": Part("valueUnsignedInt", least=0),
    "indicativeAppointmentWaitTimeLimit": Part("valueUnsignedInt", least=0),
    "commissioningProvisioning": Part("valueCoding", least=0),
}
_PROVISIONING = ("ALL_AVAILABLE_FOR_BOOKING", "ALL_SERVICES", "LOCALLY_COMMISSIONABLE", "NATIONALLY_AVAILABLE")


def _first(found: dict[str, list[tuple[str, Any]]], name: str) -> tuple[str, Any] | None:
    return found[name][0] if found[name] else None


def _criteria(value: Any, at: str, base: str, *, need_id: bool = True) -> Criteria:
    body = rules.resource(
        value, at, "Parameters", (words.CRITERIA_PROFILE,), required=("parameter", *(("id",) if need_id else ()))
    )
    found = rules.parameters(body["parameter"], f"{at}.parameter", _CRITERIA)
    place, coding = found["priority"][0]
    priority = rules.coding(coding, place, words.PRIORITY, words.PRIORITIES)
    age_place, age = found["ageAndGenderAppropriate"][0]
    for name, system in (
        ("specialty", f"{base}/STU3/CodeSystem/SPECIALTY"),
        ("clinicType", words.CLINIC_TYPE),
        ("clinicalTerm", words.SNOMED),
    ):
        if one := _first(found, name):
            rules.coding(one[1], one[0], system)
    if one := _first(found, "namedClinician"):
        rules.sds_user(one[1], one[0])
    if one := _first(found, "organisation"):
        rules.identifier(one[1], one[0], words.SEARCHED_ORGANISATION)
    if (one := _first(found, "postcode")) and not _POSTCODE.match(rules.string(one[1], one[0])):
        raise unprocessable("INVALID_VALUE", f"'{one[0]}' is not a postcode")
    for name in ("distanceLimit", "indicativeAppointmentWaitTimeLimit"):
        if one := _first(found, name):
            rules.unsigned(one[1], one[0])
    if one := _first(found, "commissioningProvisioning"):
        rules.coding(one[1], one[0], words.PROVISIONING, _PROVISIONING)

    def code(name: str, field: str = "code") -> str | None:
        one = _first(found, name)
        return one[1][field] if one else None

    # The organisation is not given back, and what was asked of provisioning is ignored (the criteria's own page says both).
    echo = [p for p in body["parameter"] if p["name"] not in ("organisation", "commissioningProvisioning")]
    provisioning = {"system": words.PROVISIONING, "code": "ALL_AVAILABLE_FOR_BOOKING"}
    echo.append({"name": "commissioningProvisioning", "valueCoding": provisioning})
    return Criteria(
        priority=priority,
        age_and_gender=rules.boolean(age, age_place),
        specialty=code("specialty"),
        clinic_type=code("clinicType"),
        clinical_term=code("clinicalTerm"),
        named_clinician=code("namedClinician", "value"),
        organisation=code("organisation", "value"),
        echo=tuple(echo),
    )


def read_search(raw: bytes, base: str) -> Search:
    """A010 `$ers.searchHealthcareServicesForPatient`."""
    body = rules.resource(
        rules.body_object(raw), "Parameters", "Parameters", (words.SEARCH_PROFILE,), required=("parameter",)
    )
    found = rules.parameters(
        body["parameter"],
        "parameter",
        {
            "requestType": Part("valueCoding"),
            "sortBy": Part("valueCoding"),
            "patient": Part("valueIdentifier"),
            "searchCriteria": Part("resource"),
            "referringClinician": Part("valueIdentifier", least=0),
            "commissioningRuleOrganisation": Part("valueIdentifier", least=0),
        },
    )
    (kind_at, kind), (sort_at, sort) = found["requestType"][0], found["sortBy"][0]
    (patient_at, patient), (criteria_at, criteria) = found["patient"][0], found["searchCriteria"][0]
    request_type = rules.coding(
        kind, kind_at, words.REQUEST_TYPE, ("APPOINTMENT_REQUEST", "ADVICE_AND_GUIDANCE_REQUEST")
    )
    rules.coding(sort, sort_at, words.SORT_BY, ("DISTANCE", "IWT"))
    clinician, commissioner = _first(found, "referringClinician"), _first(found, "commissioningRuleOrganisation")
    return Search(
        request_type=request_type,
        nhs_number=rules.patient(patient, patient_at),
        clinician=rules.sds_user(clinician[1], clinician[0]) if clinician else None,
        commissioner=rules.identifier(commissioner[1], commissioner[0], words.ODS_CODE) if commissioner else None,
        criteria=_criteria(criteria, criteria_at, base),
    )


def read_create(raw: bytes, base: str) -> Create:
    """A011 `$ers.createReferral`."""
    body = rules.resource(
        rules.body_object(raw), "Parameters", "Parameters", (words.CREATE_PROFILE,), required=("parameter",)
    )
    found = rules.parameters(
        body["parameter"],
        "parameter",
        {
            "patient": Part("valueIdentifier"),
            "referringClinician": Part("valueIdentifier", least=0),
            "intentionToAddReferralLetter": Part("valueCoding"),
            "firstReminderLetterFollowUpDays": Part("valueUnsignedInt"),
            "eReferralPathwayStart": Part("valueInstant", least=0),
            "shortlist": Part("resource"),
        },
    )
    (patient_at, patient), (shortlist_at, shortlist) = found["patient"][0], found["shortlist"][0]
    (letter_at, letter), (days_at, days) = (
        found["intentionToAddReferralLetter"][0],
        found["firstReminderLetterFollowUpDays"][0],
    )
    clinician, start = _first(found, "referringClinician"), _first(found, "eReferralPathwayStart")
    number = rules.patient(patient, patient_at)
    intention = rules.coding(letter, letter_at, words.LETTER_INTENTION, ("NEED_TO_ADD_LATER", "NOT_INTENDING_TO_ADD"))
    criteria, services = _shortlist(shortlist, shortlist_at, base)
    return Create(
        nhs_number=number,
        clinician=rules.sds_user(clinician[1], clinician[0]) if clinician else None,
        intention=intention,
        reminder_days=rules.unsigned(days, days_at),
        pathway_start=rules.instant(start[1], start[0]) if start else None,
        pathway_start_text=start[1] if start else None,
        criteria=criteria,
        services=services,
    )


def _shortlist(value: Any, at: str, base: str) -> tuple[Criteria, tuple[str, ...]]:
    body = rules.resource(
        value,
        at,
        "List",
        (words.SHORTLIST_PROFILE,),
        required=("status", "mode", "contained", "extension", "entry"),
    )
    for name, only in (("status", "current"), ("mode", "snapshot")):
        if rules.string(body[name], f"{at}.{name}") != only:
            raise unprocessable("INVALID_CODE", f"'{at}.{name}' must be {only}")
    contained = rules.items(body["contained"], f"{at}.contained", least=1, most=1)
    criteria = _criteria(contained[0], f"{at}.contained[0]", base)
    link = rules.items(body["extension"], f"{at}.extension", least=1, most=1)[0]
    link = rules.members(link, f"{at}.extension[0]", required=("url", "valueReference"))
    if link["url"] != words.SHORTLIST_CRITERIA:
        raise unprocessable("INVALID_VALUE", f"'{at}.extension[0].url' is not the search criteria's")
    reference = rules.members(link["valueReference"], f"{at}.extension[0].valueReference", required=("reference",))
    if reference["reference"] != f"#{contained[0]['id']}":
        raise unprocessable("REFERENCE_NOT_FOUND", f"'{at}.extension[0]' points at nothing contained")
    services: list[str] = []
    for index, entry in enumerate(rules.items(body["entry"], f"{at}.entry", least=1, most=MOST_SERVICES)):
        place = f"{at}.entry[{index}]"
        item = rules.members(
            rules.members(entry, place, required=("item",))["item"],
            f"{place}.item",
            required=("identifier",),
            optional=("display",),
        )
        number = rules.service_id(item["identifier"], f"{place}.item.identifier")
        if number in services:
            raise unprocessable("DUPLICATE_SERVICE", f"'{place}' names a service a second time")
        services.append(number)
    return criteria, tuple(services)


def read_letters(raw: bytes) -> tuple[Letter, ...]:
    """A012 `$ers.maintainReferralLetter`: the whole set, at least one."""
    body = rules.resource(
        rules.body_object(raw), "Parameters", "Parameters", (words.LETTER_PROFILE,), required=("parameter",)
    )
    found = rules.parameters(body["parameter"], "parameter", {"referralLetterFile": Part("resource", most=None)})
    letters = []
    for at, value in found["referralLetterFile"]:
        document = rules.resource(
            value,
            at,
            "DocumentReference",
            (words.DOCUMENT_PROFILE,),
            required=("type", "status", "indexed", "content"),
            optional=("description",),
        )
        rules.concept(document["type"], f"{at}.type", words.ATTACHMENT_TYPE, ("REFERRER",))
        if rules.string(document["status"], f"{at}.status") != "current":
            raise unprocessable("INVALID_CODE", f"'{at}.status' must be current")
        rules.instant(document["indexed"], f"{at}.indexed")
        content = rules.items(document["content"], f"{at}.content", least=1, most=1)[0]
        attachment = rules.members(content, f"{at}.content[0]", required=("attachment",))["attachment"]
        attachment = rules.members(
            attachment,
            f"{at}.content[0].attachment",
            required=("url",),
            optional=("id", "contentType", "size", "title", "creation", "extension"),
        )
        match = _BINARY.match(rules.string(attachment["url"], f"{at}.content[0].attachment.url"))
        if not match:
            raise unprocessable("INVALID_VALUE", f"'{at}.content[0].attachment.url' must be Binary/ and an id")
        description = rules.string(document["description"], f"{at}.description") if "description" in document else ""
        title, kind = attachment.get("title"), attachment.get("contentType")
        letters.append(Letter(match[1], description, document["indexed"], title, kind))
    return tuple(letters)


def read_booking(raw: bytes) -> Booking:
    """A016 `Appointment`: the form; whether it fits service and state is judged later."""
    body = rules.resource(
        rules.body_object(raw),
        "Appointment",
        "Appointment",
        (words.APPOINTMENT_PROFILE, words.APPOINTMENT_PROFILE_2),
        required=("id", "status", "description", "incomingReferral", "participant"),
        optional=("reason", "start", "end", "slot", "comment"),
    )
    status = rules.string(body["status"], "status")
    if status not in ("proposed", "booked"):
        raise unprocessable("INVALID_CODE", "'status' must be proposed or booked")
    if rules.string(body["description"], "description") != "e-Referral Appointment":
        raise unprocessable("INVALID_VALUE", "'description' must be e-Referral Appointment")
    reason = None
    if "reason" in body:
        inner = rules.items(body["reason"], "reason", least=1, most=1)[0]
        known = ("TRIAGE", "NO_SLOTS_AT_SERVICE", "SLOT_NOT_AVAILABLE", "BOOKING_ATTEMPT_PROBLEM")
        reason = rules.concept(inner, "reason[0]", words.REVIEW_REASON, known)
    referral = rules.items(body["incomingReferral"], "incomingReferral", least=1, most=1)[0]
    referral = rules.members(referral, "incomingReferral[0]", required=("reference",))
    match = _VERSIONED.match(rules.string(referral["reference"], "incomingReferral[0].reference"))
    if not match:
        raise unprocessable("INVALID_VALUE", "'incomingReferral[0].reference' must name the referral and its version")
    service_id, number, clinician = _participants(body["participant"])
    return Booking(
        status=status,
        reason=reason,
        service_id=service_id,
        nhs_number=number,
        clinician=clinician,
        ubrn=match[1],
        version=int(match[2]),
        slot_id=_slot(body),
        start=rules.instant(body["start"], "start") if "start" in body else None,
        end=rules.instant(body["end"], "end") if "end" in body else None,
        comment=rules.string(body["comment"], "comment") if "comment" in body else None,
    )


def _slot(body: dict[str, Any]) -> str | None:
    if not body.get("slot"):
        return None
    inner = rules.members(rules.items(body["slot"], "slot", most=1)[0], "slot[0]", required=("reference",))
    match = _SLOT.match(rules.string(inner["reference"], "slot[0].reference"))
    if not match:
        raise unprocessable("INVALID_VALUE", "'slot[0].reference' must be Slot/ and an id")
    return match[1]


def _participants(value: Any) -> tuple[str, str, str | None]:
    readers = {words.SERVICE: rules.service_id, words.NHS_NUMBER: rules.patient, words.SDS_USER: rules.sds_user}
    found: dict[str, str] = {}
    for index, entry in enumerate(rules.items(value, "participant", least=2, most=3)):
        at = f"participant[{index}]"
        inner = rules.members(entry, at, required=("actor", "status"), optional=("type",))
        if inner["status"] != "accepted":
            raise unprocessable("INVALID_CODE", f"'{at}.status' must be accepted")
        actor = rules.members(inner["actor"], f"{at}.actor", required=("identifier",), optional=("display",))
        named = rules.members(actor["identifier"], f"{at}.actor.identifier", required=("system", "value"))
        system = rules.string(named["system"], f"{at}.actor.identifier.system")
        if system not in readers or system in found:
            raise unprocessable("INVALID_VALUE", f"'{at}' is not one service, one patient or one clinician")
        found[system] = readers[system](named, f"{at}.actor.identifier")
    for system in (words.SERVICE, words.NHS_NUMBER):
        if system not in found:
            raise unprocessable("MISSING_VALUE", "'participant' needs a service and a patient")
    return found[words.SERVICE], found[words.NHS_NUMBER], found.get(words.SDS_USER)


def read_cancel(raw: bytes, base: str) -> Cancel:
    """A036 `$ers.cancelReferral`."""
    body = rules.resource(
        rules.body_object(raw), "Parameters", "Parameters", (words.CANCEL_PROFILE,), required=("parameter",)
    )
    found = rules.parameters(
        body["parameter"],
        "parameter",
        {"cancellationReason": Part("valueCoding"), "cancellationComments": Part("valueString", least=0)},
    )
    at, coding = found["cancellationReason"][0]
    comment = _first(found, "cancellationComments")
    text = rules.string(comment[1], comment[0]) if comment else None
    if text is not None and len(text) > MOST_COMMENT:
        raise unprocessable("INVALID_VALUE", f"a comment has at most {MOST_COMMENT} characters")
    return Cancel(rules.coding(coding, at, f"{base}/STU3/CodeSystem/REFERRAL-CANCELLATION-REASON"), text)


def read_worklist(raw: bytes, base: str) -> Worklist:
    """A008 `$ers.fetchworklist`."""
    body = rules.resource(
        rules.body_object(raw), "Parameters", "Parameters", (words.WORKLIST_ASK_PROFILE,), required=("parameter",)
    )
    names = (
        "service",
        "specialtyAssignedIndicator",
        "specialty",
        "location",
        "clinicianAssignedIndicator",
        "clinician",
    )
    fields = {name: Part("valueIdentifier", least=0) for name in ("service", "location", "clinician")}
    fields |= {name: Part("valueCodeableConcept", least=0) for name in names if name not in fields}
    found = rules.parameters(body["parameter"], "parameter", {"listType": Part("valueCodeableConcept"), **fields})
    at, value = found["listType"][0]
    list_type = rules.concept(value, at, words.LIST_SELECTOR, (*words.REFERRER_LISTS, *words.PROVIDER_LISTS))
    for name in ("specialtyAssignedIndicator", "clinicianAssignedIndicator"):
        if one := _first(found, name):
            rules.concept(one[1], one[0], words.ASSIGNED, ("ASSIGNED", "UNASSIGNED"))
    service, specialty = _first(found, "service"), _first(found, "specialty")
    location, clinician = _first(found, "location"), _first(found, "clinician")
    return Worklist(
        list_type=list_type,
        service_id=rules.service_id(service[1], service[0]) if service else None,
        specialty=rules.concept(specialty[1], specialty[0], f"{base}/STU3/CodeSystem/SPECIALTY") if specialty else None,
        location=rules.identifier(location[1], location[0], words.SEARCHED_ORGANISATION) if location else None,
        clinician=rules.sds_user(clinician[1], clinician[0]) if clinician else None,
        filtered=any(found[name] for name in names),
    )
