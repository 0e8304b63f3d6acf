"""What e-RS answers, as values: referrals (A005), worklists (A008), offered services (A010), code tables (A004), roles (A030).

Only shapes are read here; what follows from them is decided elsewhere. A body that is not of its shape is a ValueError: to the
caller that is "could not look", never "nothing there".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.ers_bodies import STRUCTURE

UBRN = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Attachment:
    """A letter on a referral. Recognised by `title` and `size`: the URL may change between upload and attachment."""

    url: str
    title: str
    size: int | None
    status: str | None
    description: str


@dataclass(frozen=True)
class ReferralView:
    """A referral as e-RS holds it. `pathway_start` is None where e-RS does not show it, which says nothing either way."""

    ubrn: str
    version: str
    status: str
    state: str
    nhs_number: str
    priority: str
    specialty: str | None
    clinic_type: str | None
    services: tuple[str, ...]
    pathway_start: dt.datetime | None
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True)
class ListEntry:
    """One line of a worklist, as far as it tells. `created` is the referral's creation (referrer's lists only)."""

    ubrn: str
    nhs_number: str | None
    priority: str | None
    created: dt.datetime | None
    context: str | None
    referrer: str | None
    specialty: str | None
    service: str | None
    pathway_start: dt.datetime | None
    list_name: str = ""


@dataclass(frozen=True)
class OfferedService:
    """A service of A010: how it takes referrals (`flow`) and bookings (`bookable`)."""

    service_id: str
    name: str
    flow: str | None
    bookable: str | None
    letter_required: bool


@dataclass(frozen=True)
class Concept:
    """A code of a code table with the time in which it may be used."""

    code: str
    display: str
    effective_from: dt.date | None
    effective_to: dt.date | None
    properties: dict[str, Any]


def instant(text: str | None) -> dt.datetime | None:
    """An e-RS instant: `Z` or `+00:00`, three or six decimals, to UTC; None stays None."""
    if not text:
        return None
    parsed = dt.datetime.fromisoformat(text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def _shape(body: Any, kind: str) -> dict[str, Any]:
    if not isinstance(body, dict) or body.get("resourceType") != kind:
        raise ValueError(f"the answer is not a {kind}")
    return body


def _extension(node: dict[str, Any], url: str) -> dict[str, Any] | None:
    return next((e for e in node.get("extension", []) if e.get("url") == url), None)


def _code(concept: Any) -> str | None:
    """The code of a Coding or a CodeableConcept."""
    if not isinstance(concept, dict):
        return None
    coding = concept.get("coding")
    return (coding[0] if coding else concept).get("code")


def _contained(body: dict[str, Any], profile: str) -> Iterator[dict[str, Any]]:
    for part in body.get("contained", []):
        if STRUCTURE + profile in part.get("meta", {}).get("profile", []):
            yield part


def _criterion(criteria: dict[str, Any] | None, name: str) -> str | None:
    found = next((p for p in (criteria or {}).get("parameter", []) if p.get("name") == name), None)
    return _code(found["valueCoding"]) if found else None


def referral_view(body: Any) -> ReferralView:
    """A005's ReferralRequest. ValueError when it is not one."""
    try:
        return _referral_view(_shape(body, "ReferralRequest"))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("the answer is not a referral that can be read") from error


def _referral_view(body: dict[str, Any]) -> ReferralView:
    criteria = next(_contained(body, "eRS-ServiceSearchCriteria-Parameters-1"), None)
    shortlist = next(_contained(body, "eRS-Shortlist-List-1"), {})
    priority = _extension(body, STRUCTURE + "Extension-eRS-ReferralPriority-1")
    state = _extension(body, STRUCTURE + "Extension-eRS-ReferralState-1") or {}
    start = _extension(body, STRUCTURE + "Extension-eRS-eReferralPathwayStart-1")
    said: dict[str, Any] = next((e for e in state.get("extension", []) if e.get("url") == "state"), {})
    return ReferralView(
        ubrn=str(body["id"]),
        version=str(body["meta"]["versionId"]),
        status=str(body.get("status", "")),
        state=_code(said.get("valueCoding")) or "",
        nhs_number=str(body["subject"]["identifier"]["value"]),
        priority=(_code(priority["valueCodeableConcept"]) if priority else None)
        or _criterion(criteria, "priority")
        or "",
        specialty=_criterion(criteria, "specialty") or _code(body.get("specialty")),
        clinic_type=_criterion(criteria, "clinicType"),
        services=tuple(str(e["item"]["identifier"]["value"]) for e in shortlist.get("entry", [])),
        pathway_start=instant((start or {}).get("valueInstant") or (start or {}).get("valueDateTime")),
        attachments=tuple(_attachments(body)),
    )


def _attachments(body: dict[str, Any]) -> Iterator[Attachment]:
    for part in _contained(body, "eRS-DocumentReference-1"):
        for content in part.get("content", []):
            file = content["attachment"]
            status = _extension(file, STRUCTURE + "Extension-eRS-AvailabilityStatus-1")
            yield Attachment(
                url=str(file["url"]),
                title=str(file.get("title", "")),
                size=file.get("size"),
                status=_code(status["valueCoding"]) if status else None,
                description=str(part.get("description", "")),
            )


def worklist_entries(body: Any, list_name: str) -> tuple[ListEntry, ...]:
    """A008's List; patients stand inline or as contained resources (`#Patient-...`)."""
    try:
        people = {part["id"]: part["identifier"][0]["value"] for part in _shape(body, "List").get("contained", [])}
        return tuple(_entry(entry, people, list_name) for entry in body.get("entry", []))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("the answer is not a worklist that can be read") from error


def _entry(entry: dict[str, Any], people: dict[str, str], list_name: str) -> ListEntry:
    facts: dict[str, Any] = {}
    # the name of the outer extension differs by list, the names inside do not
    for item in (part for outer in entry["extension"] for part in outer.get("extension", [])):
        facts[item["url"]] = next((value for key, value in item.items() if key.startswith("value")), None)

    def person(name: str) -> str | None:
        value = facts.get(name) or {}
        if "identifier" in value:
            return str(value["identifier"]["value"])
        if "value" in value:
            return str(value["value"])
        return people.get(str(value.get("reference", "")).removeprefix("#"))

    return ListEntry(
        ubrn=str(entry["item"]["reference"]).rpartition("ReferralRequest/")[2].partition("/")[0],
        nhs_number=person("patient"),
        priority=_code(facts.get("priority")),
        created=instant(facts.get("referralCreated")),
        context=facts.get("clinicalContext"),
        referrer=person("referrer"),
        specialty=_code(facts.get("specialty")),
        service=person("service"),
        pathway_start=instant(facts.get("eReferralPathwayStart")),
        list_name=list_name,
    )


def offered_services(body: Any) -> dict[str, OfferedService]:
    """A010's List by service id; empty where nothing is offered."""
    try:
        offered = (_offered(entry["item"]) for entry in _shape(body, "List").get("entry", []))
        return {service.service_id: service for service in offered}
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("the answer is not a list of services that can be read") from error


def _offered(item: dict[str, Any]) -> OfferedService:
    view = _extension(item, STRUCTURE + "Extension-eRS-ServiceSummaryView-1") or {}
    facts = {part["url"]: part for part in view.get("extension", [])}
    return OfferedService(
        service_id=str(item["identifier"]["value"]),
        name=str(facts.get("serviceName", {}).get("valueString", "")),
        flow=_code(facts.get("supportedRequestFlowType", {}).get("valueCodeableConcept")),
        bookable=_code(facts.get("bookableType", {}).get("valueCodeableConcept")),
        letter_required=bool(facts.get("referralLetterRequired", {}).get("valueBoolean", False)),
    )


def code_system(body: Any) -> tuple[str, tuple[Concept, ...]]:
    """A004's CodeSystem: its own `url`, which is the system to send (it differs between environments), and its concepts."""
    try:
        return str(_shape(body, "CodeSystem")["url"]), tuple(_concept(c) for c in body["concept"])
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("the answer is not a code table that can be read") from error


def _concept(concept: dict[str, Any]) -> Concept:
    properties: dict[str, Any] = {}
    for part in concept.get("property", []):
        value = next(v for key, v in part.items() if key.startswith("value"))
        properties[part["code"]] = value.get("code") if isinstance(value, dict) else value
    since, until = instant(properties.get("effectiveFrom")), instant(properties.get("effectiveTo"))
    return Concept(
        code=str(concept["code"]),
        display=str(concept.get("display", concept["code"])),
        effective_from=since.date() if since else None,
        effective_to=until.date() if until else None,
        properties=properties,
    )


def held_roles(body: Any) -> tuple[str | None, dict[str, frozenset[str]]]:
    """A030's Bundle: the signed-in person's SDS user id, and the roles held by ODS code."""
    user, roles = None, {}
    try:
        for entry in _shape(body, "Bundle").get("entry", []):
            held = entry["resource"]
            user = held.get("practitioner", {}).get("identifier", {}).get("value") or user
            roles[held["organization"]["identifier"]["value"]] = frozenset(
                coding["code"] for code in held.get("code", []) for coding in code.get("coding", [])
            )
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("the answer is not a list of roles that can be read") from error
    return user, roles
