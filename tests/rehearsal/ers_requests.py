"""Well-formed e-RS requests for the tests, in the shapes of the published examples: each test spoils one of them."""

from __future__ import annotations

import copy
import datetime as dt
from random import Random
from typing import Any

import httpx

from gateway.rehearsal.ers_server import RehearsalErs

NOW = dt.datetime(2026, 11, 22, 9, 30, 0, tzinfo=dt.UTC)
PATIENT = "9990000018"
CLERK = "555000000102"
DOCTOR = "555000000101"
PDF = b"%PDF-1.4\n% a referral letter of one page\n%%EOF\n"
ARRIVED = "2026-11-20T08:42:17.384Z"

_SHAPES = "https://fhir.nhs.uk/STU3/StructureDefinition/"
_CODES = "https://fhir.nhs.uk/STU3/CodeSystem/"
SDS = "http://fhir.nhs.net/Id/sds-user-id"
NHS = "http://fhir.nhs.net/Id/nhs-number"
SERVICE = "http://fhir.nhs.net/Id/ers-service"


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


def make_ers(clock: Clock, **options: Any) -> RehearsalErs:
    return RehearsalErs(clock=clock, random=Random(7), **options)


def parameters(profile: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Parameters",
        "meta": {"profile": [f"{_SHAPES}{profile}"]},
        "parameter": [copy.deepcopy(row) for row in rows],
    }


def coding(name: str, system: str, code: str) -> dict[str, Any]:
    return {"name": name, "valueCoding": {"system": system, "code": code}}


def identifier(name: str, system: str, value: str) -> dict[str, Any]:
    return {"name": name, "valueIdentifier": {"system": system, "value": value}}


def listing(code: str, *filters: dict[str, Any]) -> dict[str, Any]:
    value = {"coding": [{"system": f"{_CODES}eRS-ReferralListSelector-1", "code": code}]}
    return parameters("eRS-FetchWorklist-Parameters-1", {"name": "listType", "valueCodeableConcept": value}, *filters)


class Caller:
    """One signed-in user (or an application) who calls the rehearsal e-RS with complete headers."""

    def __init__(
        self, ers: RehearsalErs, *, user: str | None = CLERK, ods: str = "RXX", role: str = "REFERRING_CLINICIAN_ADMIN"
    ) -> None:
        self.ers = ers
        self.base = ers.base_url
        self.headers = {"Authorization": f"Bearer {ers.tokens.issue(user)['access_token']}"}
        if user is not None:
            self.headers |= {"NHSD-End-User-Organisation-ODS": ods, "NHSD-eRS-Business-Function": role}
        self.http = httpx.Client(base_url=self.base, timeout=10)

    def call(self, method: str, path: str, body: Any = None, **headers: str | None) -> httpx.Response:
        """One call; `headers` (underscores for hyphens) are added, or left out when None."""
        sent = dict(self.headers) | {"Accept": "*/*", "X-Correlation-ID": "c-1"}
        if isinstance(body, dict):
            sent["Content-Type"] = "application/fhir+json"
        for name, value in headers.items():
            name = name.replace("_", "-")
            sent = {k: v for k, v in sent.items() if k.lower() != name.lower()}
            if value is not None:
                sent[name] = value
        content = httpx.Request("POST", "http://x", json=body).content if isinstance(body, dict) else body
        request = httpx.Request(method, self.base + path, headers=sent, content=content)
        return self.http.send(request)

    def search_body(self) -> dict[str, Any]:
        return parameters(
            "eRS-PatientServiceSearch-Parameters-1",
            coding("requestType", f"{_CODES}eRS-RequestType-1", "APPOINTMENT_REQUEST"),
            coding("sortBy", f"{_CODES}eRS-SortBy-1", "DISTANCE"),
            identifier("patient", NHS, PATIENT),
            identifier("referringClinician", SDS, DOCTOR),
            {"name": "searchCriteria", "resource": self.criteria()},
        )

    def criteria(self, specialty: str = "CARDIOLOGY", clinic: str = "HEART_FAILURE", priority: str = "URGENT") -> Any:
        organisation = "https://directory.spineservices.nhs.uk/STU3/Organization"
        return parameters(
            "eRS-ServiceSearchCriteria-Parameters-1",
            coding("priority", f"{_CODES}eRS-Priority-1", priority),
            coding("specialty", f"{self.base}/STU3/CodeSystem/SPECIALTY", specialty),
            coding("clinicType", f"{_CODES}eRS-ClinicType-1", clinic),
            identifier("organisation", organisation, "RXX"),
            {"name": "ageAndGenderAppropriate", "valueBoolean": True},
        ) | {"id": "criteria"}

    def create_body(self, *services: str, **criteria: str) -> dict[str, Any]:
        entries = [{"item": {"identifier": {"system": SERVICE, "value": s}}} for s in services or ("11002",)]
        link = {
            "url": f"{_SHAPES}Extension-eRS-Shortlist-SearchCriteria-1",
            "valueReference": {"reference": "#criteria"},
        }
        shortlist = {
            "resourceType": "List",
            "status": "current",
            "mode": "snapshot",
            "meta": {"profile": [f"{_SHAPES}eRS-Shortlist-List-1"]},
            "contained": [self.criteria(**criteria)],
            "extension": [link],
            "entry": entries,
        }
        return parameters(
            "eRS-CreateReferral-Parameters-1",
            identifier("patient", NHS, PATIENT),
            identifier("referringClinician", SDS, DOCTOR),
            coding("intentionToAddReferralLetter", f"{_CODES}eRS-ReferralLetterIntention-1", "NEED_TO_ADD_LATER"),
            {"name": "firstReminderLetterFollowUpDays", "valueUnsignedInt": 0},
            {"name": "eReferralPathwayStart", "valueInstant": ARRIVED},
            {"name": "shortlist", "resource": shortlist},
        )

    def create(self, *services: str, **criteria: str) -> httpx.Response:
        return self.call("POST", "/STU3/ReferralRequest/$ers.createReferral", self.create_body(*services, **criteria))

    def upload(
        self, ubrn: str | None, name: str | None = "referral.pdf", body: bytes = PDF, **headers: str | None
    ) -> httpx.Response:
        own = {"Content_Type": "application/pdf", "NHSD_eRS_File_Name": name, "NHSD_eRS_Referral_ID": ubrn}
        return self.call("POST", "/STU3/Binary", body, **(own | headers))

    def letters_body(self, *urls: str) -> dict[str, Any]:
        rows = [
            {
                "name": "referralLetterFile",
                "resource": {
                    "resourceType": "DocumentReference",
                    "status": "current",
                    "indexed": "2026-11-22T09:30:00.000Z",
                    "meta": {"profile": [f"{_SHAPES}eRS-DocumentReference-1"]},
                    "type": {"coding": [{"system": f"{_CODES}eRS-AttachmentType-1", "code": "REFERRER"}]},
                    "description": "Referral letter received by fax",
                    "content": [{"attachment": {"url": url}}],
                },
            }
            for url in urls
        ]
        return parameters("eRS-MaintainReferralLetter-Parameters-1", *rows)

    def attach(self, ubrn: str, etag: str | None, *urls: str) -> httpx.Response:
        path = f"/STU3/ReferralRequest/{ubrn}/$ers.maintainReferralLetter"
        return self.call("POST", path, self.letters_body(*urls), If_Match=etag)

    def booking_body(self, ubrn: str, version: str, service: str = "11002", reason: str = "TRIAGE") -> dict[str, Any]:
        return {
            "resourceType": "Appointment",
            "id": "appointment",
            "language": "en",
            "status": "proposed",
            "meta": {
                "profile": [
                    f"{_SHAPES}eRS-Appointment-1",
                    "https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-Appointment-1",
                ]
            },
            "reason": [{"coding": [{"system": f"{_CODES}eRS-ReviewReason-1", "code": reason}]}],
            "description": "e-Referral Appointment",
            "incomingReferral": [{"reference": f"ReferralRequest/{ubrn}/_history/{version}"}],
            "participant": [
                {"actor": {"identifier": {"system": SERVICE, "value": service}}, "status": "accepted"},
                {"actor": {"identifier": {"system": NHS, "value": PATIENT}}, "status": "accepted"},
            ],
        }

    def cancel_body(self, code: str = "RAISED_IN_ERROR", comment: str | None = None) -> dict[str, Any]:
        rows = [coding("cancellationReason", f"{self.base}/STU3/CodeSystem/REFERRAL-CANCELLATION-REASON", code)]
        if comment is not None:
            rows.append({"name": "cancellationComments", "valueString": comment})
        return parameters("eRS-CancelReferral-Request-Parameters-1", *rows)

    def read(self, ubrn: str) -> httpx.Response:
        return self.call("GET", f"/STU3/ReferralRequest/{ubrn}")

    def worklist(self, code: str, *filters: dict[str, Any]) -> httpx.Response:
        return self.call("POST", "/STU3/ReferralRequest/$ers.fetchworklist", listing(code, *filters))


def code_of(response: httpx.Response) -> str | None:
    """The details code of an OperationOutcome, None when it has none or the body is something else."""
    if "json" not in response.headers.get("Content-Type", "") or not response.content:
        return None
    details = response.json()["issue"][0].get("details")
    return details["coding"][0]["code"] if details else None


def state_of(body: dict[str, Any]) -> str:
    for extension in body["extension"]:
        if extension["url"].endswith("Extension-eRS-ReferralState-1"):
            return extension["extension"][0]["valueCoding"]["code"]
    raise AssertionError("no state")
