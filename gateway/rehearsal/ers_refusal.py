"""How the rehearsal e-RS says no: one exception, and the OperationOutcome, plain text or empty body that it becomes.

The codes each operation may answer are those its page of the specification lists. A rule that would say a code the operation does
not name falls back to the nearest one it does name (`NEAREST`), so no answer ever carries a code the real service could not send.
"""

from __future__ import annotations

import json
from typing import Any

from gateway.rehearsal import ers_words as words

JSON = "application/fhir+json"
PLAIN = "text/plain;charset=utf-8"

_STRUCTURE = frozenset(("MISSING_VALUE", "INVALID_VALUE", "INVALID_CODE", "UNEXPECTED_FIELD", "INVALID_FHIR_STRUCTURE"))
_PEOPLE = frozenset(
    (
        "REFERENCED_USER_IS_NOT_SPC",
        "ORGANISATION_IS_CLOSED",
        "ORGANISATION_NOT_APPROPRIATE",
        "REFERENCED_USER_IS_NOT_ACTIVE",
        "REFERENCED_USER_NOT_IN_ORG",
        "NO_REG_GP_PRACTICE",
        "REFERENCED_USER_IS_NOT_RC",
        "REFERENCED_USER_IS_NOT_RC_AT_ORG",
        "SNOMED_NOT_FOUND",
    )
)
_SEARCH = (
    _STRUCTURE
    | _PEOPLE
    | {"REFERENCE_NOT_FOUND", "INAPPROPRIATE_VALUE", "VALUE_IS_REQUIRED", "FIELD_NOT_PERMITTED", "PATIENT_ERROR"}
)

NAMED: dict[str, frozenset[str]] = {
    "A005": frozenset(("PATIENT_ERROR", "INVALID_REQUEST_TYPE", "NO_RELATIONSHIP")),
    "A007": frozenset(("PATIENT_ERROR", "INVALID_REQUEST_TYPE", "NO_RELATIONSHIP")),
    "A008": _STRUCTURE | {"REFERENCE_NOT_FOUND", "NO_RELATIONSHIP"},
    "A010": _SEARCH,
    "A011": _SEARCH | {"TOO_MANY_ITEMS", "DUPLICATE_SERVICE", "SHORTLISTED_SERVICE_NOT_IN_RESULTS"},
    "A012": frozenset(
        (
            "REFERENCE_NOT_FOUND",
            "INAPPROPRIATE_VALUE",
            "MISSING_VALUE",
            "INVALID_STATE",
            "INVALID_REQUEST_TYPE",
            "INVALID_REQUEST_STATE",
            "NO_RELATIONSHIP",
            "PATIENT_ERROR",
            "INVALID_VALUE",
            "UNEXPECTED_FIELD",
            "INVALID_FHIR_STRUCTURE",
            "CONFLICTING_VALUES",
            "DUPLICATE_FILENAME",
            "NO_CHANGES_DETECTED",
        )
    ),
    "A016": frozenset(
        (
            "INVALID_VALUE",
            "INVALID_CODE",
            "REFERENCE_NOT_FOUND",
            "NO_RELATIONSHIP",
            "INAPPROPRIATE_VALUE",
            "SERVICE_UNAVAILABLE",
            "INVALID_REQUEST_STATE",
            "MISSING_VALUE",
            "PATIENT_ERROR",
            "INVALID_STATE",
            "INAPPROPRIATE_SLOT",
            "SLOT_NOT_AVAILABLE",
            "UNABLE_TO_CONFIRM_APPOINTMENT",
            "SLOTS_CURRENTLY_AVAILABLE",
            "THIS_SLOT_IS_AVAILABLE",
        )
    ),
    "A019": frozenset(("INVALID_REQUEST_TYPE", "NO_ACCESS_CODE", "INVALID_REQUEST_STATE", "NO_RELATIONSHIP")),
    "A020": frozenset(
        ("CONFLICTING_VALUES", "FILE_SIZE_ERROR", "INAPPROPRIATE_VALUE", "INVALID_VALUE", "MISSING_VALUE")
    ),
    "A036": frozenset(
        (
            "MISSING_VALUE",
            "INVALID_REQUEST_STATE",
            "PATIENT_ERROR",
            "NO_RELATIONSHIP",
            "UNABLE_TO_CANCEL_APPOINTMENT",
            "INAPPROPRIATE_VALUE",
        )
    ),
}

# From a code to the next nearest one, until the operation names it.
NEAREST = {
    "DUPLICATE_SERVICE": "INAPPROPRIATE_VALUE",
    "TOO_MANY_ITEMS": "INVALID_FHIR_STRUCTURE",
    "VALUE_IS_REQUIRED": "MISSING_VALUE",
    "FIELD_NOT_PERMITTED": "UNEXPECTED_FIELD",
    "INVALID_FHIR_STRUCTURE": "INVALID_VALUE",
    "UNEXPECTED_FIELD": "INVALID_VALUE",
    "INVALID_CODE": "INVALID_VALUE",
    "INVALID_VALUE": "INAPPROPRIATE_VALUE",
    "REFERENCE_NOT_FOUND": "INAPPROPRIATE_VALUE",
}

_ISSUES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    412: "required",
    413: "too-long",
    422: "value",
    423: "lock-error",
    429: "throttled",
    500: "exception",
    502: "exception",
    503: "transient",
    504: "timeout",
}


class Refusal(Exception):
    """One request is refused.

    `status` is the HTTP status; `code` the `details.coding.code`, None where the specification names none (404, 409, 412, 423);
    `says` the diagnostics: the place in the request, never a value from it (P8); `headers` go out with the answer.
    """

    def __init__(
        self, status: int, code: str | None = None, says: str = "", *, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code or ''} {says}")
        self.status = status
        self.code = code
        self.says = says
        self.headers = headers or {}


def unprocessable(code: str, says: str) -> Refusal:
    """A business rule or the shape of the body says no: 422 with a code of ers.md section 7."""
    return Refusal(422, code, says)


def nearest_code(operation: str, code: str) -> str | None:
    """The code itself when the operation's page names it, else the nearest it does name, else None (a plain 400)."""
    named = NAMED.get(operation)
    if named is None:
        return code
    here: str | None = code
    while here is not None and here not in named:
        here = NEAREST.get(here)
    return here


def outcome_body(refusal: Refusal, operation: str, *, r4: bool, at: str) -> tuple[int, str | None, bytes]:
    """The answer a refusal becomes: (status, content type or None, body).

    429 has an empty body on /STU3 paths; 406 and 415 are plain text; 500 may be anything, here HTML; the rest are
    OperationOutcome (ers.md section 7).
    """
    status, code = refusal.status, refusal.code
    if status == 429 and not r4:
        return status, None, b""
    if status in (406, 415):
        return status, PLAIN, refusal.says.encode()
    if status == 500:
        return status, "text/html", b"<html><body><h1>Internal Server Error</h1></body></html>"
    if status == 422 and code is not None:
        code = nearest_code(operation, code)
        status = status if code is not None else 400
    if r4:
        code = {"NO_ACCESS": "ACCESS_DENIED"}.get(code or "", code)
    issue: dict[str, Any] = {"severity": "error", "code": "required" if code == "MISSING_HEADER" else _ISSUES[status]}
    if code:
        system = words.ERROR_CODE_R4 if r4 else words.ERROR_CODE
        issue["details"] = {"coding": [{"system": system, "code": code}]}
    if refusal.says:
        issue["diagnostics"] = refusal.says
    meta: dict[str, Any] = {"profile": [words.OUTCOME_PROFILE_R4 if r4 else words.OUTCOME_PROFILE]}
    if r4:
        meta["lastUpdated"] = at
    body = {"resourceType": "OperationOutcome", "meta": meta, "issue": [issue]}
    return status, JSON, json.dumps(body).encode()
