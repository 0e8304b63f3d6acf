"""What follows from an answer of e-RS: every status and code of the specification leads to one action, in a clerk's words.

Decided by status first and code second, and never by the body alone: it may be empty, plain text or HTML (ers.md section 7). The
system of an error code is not looked at, because its spelling varies.
"""

from __future__ import annotations

import json
import re
from typing import Any

from gateway.target import Action, Outcome, OutcomeKind

READS = frozenset({"A004", "A005", "A008", "A010", "A015", "A019", "A030"})
_ONLY_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")

# 422 codes: what a clerk is told, and what is done. Codes that are not here are asked of a person with their name.
_CODES_422: dict[str, tuple[Action, str]] = {
    "INVALID_VALUE": (Action.ASK_PERSON, "e-RS says that a value is not valid. Compare the values with the letter."),
    "INVALID_CODE": (
        Action.ASK_PERSON,
        "e-RS does not know the specialty, clinic type or priority. Choose the service again.",
    ),
    "MISSING_VALUE": (Action.ASK_PERSON, "e-RS misses a value. Compare the values with the letter."),
    "VALUE_IS_REQUIRED": (
        Action.ASK_PERSON,
        "e-RS wants a value that is not there, most often the referring clinician. Choose the clinician.",
    ),
    "INAPPROPRIATE_VALUE": (
        Action.ASK_PERSON,
        "A value does not go with the others. Check the service and the clinician.",
    ),
    "REFERENCE_NOT_FOUND": (
        Action.ASK_PERSON,
        "e-RS does not know the patient's NHS number, the clinician or the service. Check all three.",
    ),
    "SNOMED_NOT_FOUND": (
        Action.ASK_PERSON,
        "e-RS does not know the clinical term. Choose the service by its specialty.",
    ),
    "TOO_MANY_ITEMS": (Action.ASK_PERSON, "Too many services were chosen. Choose one."),
    "DUPLICATE_SERVICE": (Action.ASK_PERSON, "The same service was chosen twice. Choose one."),
    "SHORTLISTED_SERVICE_NOT_IN_RESULTS": (
        Action.ASK_PERSON,
        "The chosen service is not offered for this patient, specialty and priority. Choose another service.",
    ),
    "FILE_SIZE_ERROR": (Action.ASK_PERSON, "e-RS found the letter too large or empty. Look at its pages."),
    "CONFLICTING_VALUES": (Action.ASK_PERSON, "Two values contradict each other. Compare the values with the letter."),
    "INAPPROPRIATE_SLOT": (Action.ASK_PERSON, "The appointment slot does not fit. Book it in e-RS itself."),
    "PATIENT_ERROR": (
        Action.ASK_PERSON,
        "e-RS cannot take a referral for this patient and says not to try again. Keep it on the PAS route and tell the practice.",
    ),
    "NO_REG_GP_PRACTICE": (
        Action.ASK_PERSON,
        "The patient has no registered practice in e-RS. Keep the referral on the PAS route.",
    ),
    "REFERENCED_USER_IS_NOT_ACTIVE": (
        Action.ASK_PERSON,
        "The referring clinician is no longer active in e-RS. Choose another.",
    ),
    "REFERENCED_USER_NOT_IN_ORG": (
        Action.ASK_PERSON,
        "The referring clinician does not belong to the signed-in organisation. Choose one who does.",
    ),
    "REFERENCED_USER_IS_NOT_RC": (
        Action.ASK_PERSON,
        "The chosen person is not a referring clinician in e-RS. Choose another.",
    ),
    "REFERENCED_USER_IS_NOT_RC_AT_ORG": (
        Action.ASK_PERSON,
        "The chosen clinician may not refer at the signed-in organisation. Choose one who may.",
    ),
    "REFERENCED_USER_IS_NOT_SPC": (
        Action.ASK_PERSON,
        "The named clinician is not a provider clinician in e-RS. Choose another.",
    ),
    "ORGANISATION_IS_CLOSED": (
        Action.ASK_PERSON,
        "The organisation is closed in e-RS. Choose another service or practice.",
    ),
    "ORGANISATION_NOT_APPROPRIATE": (Action.ASK_PERSON, "The organisation cannot be used for this. Choose another."),
    "UNEXPECTED_FIELD": (
        Action.DEFECT,
        "e-RS did not understand our request. Tell the administrator; others may be affected.",
    ),
    "FIELD_NOT_PERMITTED": (Action.DEFECT, "e-RS did not allow a part of our request. Tell the administrator."),
    "INVALID_FHIR_STRUCTURE": (Action.DEFECT, "e-RS did not understand our request. Tell the administrator."),
    "NO_CHANGES_DETECTED": (Action.PERHAPS_DONE, "The letter is attached already."),
    "DUPLICATE_FILENAME": (Action.PERHAPS_DONE, "A letter of this name is attached already."),
    "INVALID_STATE": (Action.MOVED_ON, "The referral has moved on in e-RS. Look at it there."),
    "INVALID_REQUEST_STATE": (Action.MOVED_ON, "The referral has moved on in e-RS. Look at it there."),
    "INVALID_REQUEST_TYPE": (Action.MOVED_ON, "The referral is of another kind in e-RS. Look at it there."),
    "NO_RELATIONSHIP": (Action.MOVED_ON, "The signed-in organisation has nothing to do with this referral in e-RS."),
    "NO_ACCESS_CODE": (
        Action.ASK_PERSON,
        "e-RS has no patient letter for this referral, because it has no access code.",
    ),
    "SLOTS_CURRENTLY_AVAILABLE": (
        Action.SLOTS_FREE,
        "There are free slots, so e-RS does not let it be deferred. The patient books: post the patient letter.",
    ),
    "THIS_SLOT_IS_AVAILABLE": (
        Action.SLOTS_FREE,
        "The slot is free, so the patient books it: post the patient letter.",
    ),
    "SLOT_NOT_AVAILABLE": (Action.ASK_PERSON, "The slot is gone. Book or defer it in e-RS itself."),
    "SERVICE_UNAVAILABLE": (Action.ASK_PERSON, "The service was withdrawn. Change the shortlist in e-RS itself."),
    "UNABLE_TO_CONFIRM_APPOINTMENT": (
        Action.LOOK_FIRST,
        "e-RS could not confirm; it is looked at before anything else.",
    ),
    "UNABLE_TO_CANCEL_APPOINTMENT": (Action.ASK_PERSON, "The appointment could not be cancelled. Look at it in e-RS."),
}

_KIND: dict[Action, OutcomeKind] = {
    Action.GO_ON: "done",
    Action.ASK_PERSON: "refused",
    Action.DEFECT: "refused",
    Action.STOP: "again",
    Action.SIGN_IN: "again",
    Action.READ_AGAIN: "again",
    Action.LOCKED: "again",
    Action.SLOW_DOWN: "again",
    Action.WAIT_UP: "again",
    Action.REPEAT: "again",
    Action.LOOK_FIRST: "unsure",
    Action.PERHAPS_DONE: "again",
    Action.MOVED_ON: "refused",
    Action.SLOTS_FREE: "refused",
    Action.PAS_REFUSED: "again",
}


def judge(
    step: str,
    status: int,
    content: bytes,
    *,
    request_id: str | None = None,
    retry_after: float | None = None,
) -> Outcome:
    """The outcome of an answer that is not a success (those are read by the client itself)."""
    code = error_code(content)
    action, says = _decide(step, status, code)
    return Outcome(
        kind=_KIND[action],
        action=action,
        says=says,
        status=status,
        code=code,
        request_id=request_id,
        retry_after=retry_after,
    )


def _decide(step: str, status: int, code: str | None) -> tuple[Action, str]:
    reading = step in READS
    if status == 422:
        return _CODES_422.get(code or "", (Action.ASK_PERSON, f"e-RS refused it: {code or 'it gave no reason'}."))
    if status >= 500 or status == 408 or status < 400:
        return _trouble(step, status, code, reading)
    return _refusal(step, status, code)


def _refusal(step: str, status: int, code: str | None) -> tuple[Action, str]:
    """4xx: the request was looked at and not carried out."""
    if status == 401:
        return Action.SIGN_IN, "The sign-in to e-RS has ended."
    if status == 403:
        if code == "NO_RELATIONSHIP":
            return Action.ASK_PERSON, "The signed-in organisation has nothing to do with this patient or referral."
        return Action.STOP, "e-RS does not allow this with the signed-in role and organisation."
    if status == 404:
        return (
            Action.ASK_PERSON,
            f"e-RS does not find what {step} asked for. Never enter it anew without a look into e-RS.",
        )
    if status == 409:
        return Action.READ_AGAIN, "The referral was changed in e-RS meanwhile; it is read again."
    if status == 423:
        return Action.LOCKED, "The referral is locked in e-RS for a moment."
    if status == 429:
        return Action.SLOW_DOWN, "e-RS asks for fewer calls."
    if status == 413:
        return Action.ASK_PERSON, "The letter is too large for e-RS. Look at its pages."
    return (
        Action.DEFECT,
        f"e-RS did not accept our request ({status}{f', {code}' if code else ''}). Tell the administrator.",
    )


def _trouble(step: str, status: int, code: str | None, reading: bool) -> tuple[Action, str]:
    """5xx and what no API should say: reading is repeated; for a create nobody knows (ers.md section 8)."""
    if step == "A011":
        return (
            Action.LOOK_FIRST,
            f"e-RS answered {status} to the create: nobody knows whether it exists. It is looked for.",
        )
    if status == 503:
        return Action.WAIT_UP, "e-RS is not available at the moment."
    if code == "PAS_RESPONDED_WITH_ERROR" or (status == 502 and step in ("A016", "A036")):
        return Action.PAS_REFUSED, "The hospital's own system refused it."
    if reading:
        return Action.REPEAT, f"e-RS had a fault ({status})."
    return Action.LOOK_FIRST, f"e-RS had a fault ({status}); it is looked at before it is repeated."


def no_answer(step: str, *, body_left: bool, says: str) -> Outcome:
    """The outcome where the network gave up: before any byte of the body left nothing was done; after it nobody knows."""
    if not body_left:
        return Outcome("not_sent", Action.WAIT_UP, f"e-RS was not reached: {says}. Nothing was sent.")
    if step in READS:
        return Outcome("again", Action.REPEAT, f"e-RS did not answer: {says}.")
    return Outcome("unsure", Action.LOOK_FIRST, f"The answer was lost: {says}. It is looked at before anything else.")


def unreadable(step: str, status: int, request_id: str | None) -> Outcome:
    """A success whose body cannot be read: done or not, only looking tells."""
    if step in READS:
        return Outcome(
            "again", Action.REPEAT, "e-RS gave an answer that cannot be read.", status, request_id=request_id
        )
    return Outcome(
        "unsure",
        Action.LOOK_FIRST,
        "e-RS gave an answer that cannot be read; it is looked at before anything else.",
        status,
        request_id=request_id,
    )


def error_code(content: bytes) -> str | None:
    """The first error code of an OperationOutcome; None for anything else, never an exception."""
    try:
        body: Any = json.loads(content)
        for issue in body["issue"]:
            for coding in issue.get("details", {}).get("coding", []):
                code = str(coding.get("code", ""))
                if _ONLY_CODE.fullmatch(code):  # it is kept and shown: a code, not a stranger's text
                    return code
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    return None
