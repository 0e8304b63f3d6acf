"""Who may call what: the operations with their paths, roles and access modes, and the headers each call must carry.

Sections 2 and 3 of ers.md. The order of the checks is that of the published proxy: token, organisation, role, then media types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_business import Session
from gateway.rehearsal.ers_data import Directory, Person
from gateway.rehearsal.ers_refusal import JSON, Refusal
from gateway.rehearsal.ers_tokens import Grant

ODS_HEADER = "NHSD-End-User-Organisation-ODS"
ROLE_HEADER = "NHSD-eRS-Business-Function"
BEHALF_HEADER = "NHSD-eRS-On-Behalf-Of-User-ID"
FILE_NAME_HEADER = "NHSD-eRS-File-Name"
REFERRAL_HEADER = "NHSD-eRS-Referral-ID"
_IF_MATCH = re.compile(r'^W/"([0-9]{1,18})"$')
_PDF = "application/pdf"


class Headers(Protocol):
    """The headers of a call, looked up without regard to case."""

    def get(self, name: str, failobj: Any = ..., /) -> Any:
        """One header's value, or the other argument (None)."""


@dataclass(frozen=True)
class Operation:
    """One endpoint: NHS England's number, method and path; `application` whether an application may call it unattended.

    `takes` is json, file or nothing; `gives` json, pdf or nothing. `context` is False for A030, which has no ODS and role header.
    """

    id: str
    method: str
    path: re.Pattern[str]
    roles: frozenset[str]
    application: bool = False
    takes: str | None = None
    gives: str | None = JSON
    context: bool = True


def _op(number: str, method: str, path: str, roles: frozenset[str], **more: object) -> Operation:
    return Operation(number, method, re.compile(f"^{path}$"), roles, **more)  # type: ignore[arg-type]


_UBRN = r"(?P<ubrn>[^/]+)"
_REFERRAL = rf"/STU3/ReferralRequest/{_UBRN}"
_SEARCH = r"/STU3/HealthcareService/\$ers\.searchHealthcareServicesForPatient"
_LISTS = frozenset((words.RC, words.RCA, words.RA, words.SPC, words.SPCA, words.SPA))

OPERATIONS = (
    _op("A004", "GET", r"/STU3/CodeSystem/(?P<kind>[^/]+)", words.ROLES, application=True),
    _op("A005", "GET", _REFERRAL, words.CLINICAL, application=True),
    _op("A005", "GET", rf"{_REFERRAL}/_history/(?P<version>[^/]+)", words.CLINICAL, application=True),
    _op("A007", "POST", rf"{_REFERRAL}/\$ers\.generateCRI", words.CLINICAL, application=True, gives=_PDF),
    _op("A008", "POST", r"/STU3/ReferralRequest/\$ers\.fetchworklist", _LISTS, application=True, takes="json"),
    _op("A010", "POST", _SEARCH, words.REFERRING, takes="json"),
    _op("A011", "POST", r"/STU3/ReferralRequest/\$ers\.createReferral", words.REFERRING, takes="json"),
    _op("A012", "POST", rf"{_REFERRAL}/\$ers\.maintainReferralLetter", words.REFERRING, takes="json"),
    _op("A016", "POST", r"/STU3/Appointment", words.REFERRING, takes="json"),
    _op("A019", "POST", rf"{_REFERRAL}/\$ers\.generatePatientLetter", words.REFERRING, gives=_PDF),
    _op("A020", "POST", r"/STU3/Binary", words.CLINICAL, takes="file", gives=None),
    _op("A029", "GET", r"/STU3/Task", words.CLINICAL, application=True),
    _op("A030", "GET", r"/R4/PractitionerRole", words.ROLES, context=False),
    _op("A036", "POST", rf"{_REFERRAL}/\$ers\.cancelReferral", words.CLINICAL, application=True, takes="json"),
)


def find_operation(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    """The operation of a path below the FHIR base, with the path's parts; 404 when path and method name none."""
    for operation in OPERATIONS:
        match = operation.path.match(path)
        if match and operation.method == method:
            return operation, match.groupdict()
    raise Refusal(404, None, "no such path")


def _unauthorised() -> Refusal:
    return Refusal(401, "NO_ACCESS", "the access token is missing, unknown or has expired")


def bearer(headers: Headers) -> str:
    """The bearer token of a call; 401 without one."""
    kind, _, token = headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise _unauthorised()
    return token.strip()


def session_by_token(headers: Headers, grant: Grant | None, operation: Operation, directory: Directory) -> Session:
    """The session of a call with a token; 401, 403 or 400 MISSING_HEADER when it is not complete."""
    if grant is None:
        raise _unauthorised()
    if grant.user is None:
        return _application(headers, operation)
    person = directory.people.get(grant.user)
    if person is None or not person.active:
        raise Refusal(403, "NO_ACCESS", "the user has no access to e-RS")
    if not operation.context:
        return Session(False, grant.user)
    return _user(headers, operation, directory, person)


def session_in_sandbox(headers: Headers, operation: Operation, directory: Directory, user: str) -> Session:
    """The session of a call to an open sandbox: whoever holds the role in the headers, without any token."""
    if not operation.context:
        return Session(False, user)
    if operation.application and not headers.get(ODS_HEADER) and not headers.get(ROLE_HEADER):
        return _application(headers, operation)
    return _user(headers, operation, directory, None)


def _application(headers: Headers, operation: Operation) -> Session:
    if not operation.application:
        raise Refusal(403, "FORBIDDEN", "this operation needs a signed-in user")
    for name in (ODS_HEADER, ROLE_HEADER, BEHALF_HEADER):
        if headers.get(name) is not None:
            raise Refusal(400, "FIELD_NOT_PERMITTED", f"{name} is not allowed with application-restricted access")
    return Session(True)


def _user(headers: Headers, operation: Operation, directory: Directory, person: Person | None) -> Session:
    ods, role = headers.get(ODS_HEADER), headers.get(ROLE_HEADER)
    if not ods:
        raise Refusal(400, "MISSING_HEADER", f"Missing or Empty {ODS_HEADER} header.")
    organisation = directory.organisations.get(ods)
    if organisation is None or organisation.closed is not None:
        raise Refusal(403, "NO_ACCESS", f"Unauthorised ODS code provided in {ODS_HEADER} header")
    if not role:
        raise Refusal(400, "MISSING_HEADER", f"Missing or Empty {ROLE_HEADER} header.")
    if person is None:
        person = _anyone(directory, role, ods)
    if role not in words.ROLES or not person.holds(role, ods):
        raise Refusal(
            403, "NO_ACCESS", "User does not have the required Business Function at the specified Organisation."
        )
    behalf = headers.get(BEHALF_HEADER)
    if role == words.SPCA:
        if not behalf:
            raise Refusal(400, "MISSING_HEADER", f"Missing or Empty {BEHALF_HEADER} header.")
        other = directory.people.get(behalf)
        if other is None or not other.active or not other.holds(words.SPC, ods):
            raise Refusal(403, "FORBIDDEN", f"{BEHALF_HEADER} names no service provider clinician of the organisation")
    elif behalf is not None:
        raise Refusal(400, "FIELD_NOT_PERMITTED", f"{BEHALF_HEADER} goes with {words.SPCA} only")
    if role not in operation.roles:
        raise Refusal(403, "FORBIDDEN", "the role may not call this operation")
    return Session(False, person.sds_id, ods, role, behalf)


def _anyone(directory: Directory, role: str, ods: str) -> Person:
    for person in directory.people.values():
        if person.active and person.holds(role, ods):
            return person
    return Person("555000000999", "Sandbox user", {ods: frozenset((role,))})


def check_media(headers: Headers, operation: Operation) -> None:
    """406 for an Accept that excludes the answer, 415 for a body of another type (both text/plain)."""
    if operation.gives is not None:
        asked = [part.split(";")[0].strip().lower() for part in headers.get("Accept", "*/*").split(",")]
        if not {"*/*", "application/*", operation.gives} & set(asked):
            raise Refusal(406, None, f"this operation answers {operation.gives}")
    if operation.takes == "json":
        kind, _, rest = headers.get("Content-Type", "").lower().partition(";")
        charset = rest.strip().removeprefix("charset=").strip('"')
        if kind.strip() != JSON or charset not in ("", "utf-8"):
            raise Refusal(415, None, f"this operation takes {JSON}")


def if_match(headers: Headers) -> int:
    """The version in If-Match: 412 when it is missing, 400 when it is not `W/"5"` exactly."""
    value = headers.get("If-Match")
    if not value:
        raise Refusal(412, None, "If-Match is missing")
    match = _IF_MATCH.match(value)
    if not match:
        raise Refusal(400, "INVALID_VALUE", 'If-Match must read W/"5"')
    return int(match[1])
