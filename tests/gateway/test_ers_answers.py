"""Every status and code of the specification leads to its one action, and the clerk reads a sentence."""

from __future__ import annotations

import json

import pytest

from gateway.ers_answers import _CODES_422, READS, error_code, judge, no_answer, unreadable
from gateway.target import Action


def body(code: str) -> bytes:
    coding = {"system": "any/spelling", "code": code}
    return json.dumps({"resourceType": "OperationOutcome", "issue": [{"details": {"coding": [coding]}}]}).encode()


@pytest.mark.parametrize(
    ("step", "status", "code", "action", "kind"),
    [
        ("A011", 400, "MISSING_HEADER", Action.DEFECT, "refused"),
        ("A011", 401, "NO_ACCESS", Action.SIGN_IN, "again"),
        ("A011", 403, "FORBIDDEN", Action.STOP, "again"),
        ("A011", 403, "NO_RELATIONSHIP", Action.ASK_PERSON, "refused"),
        ("A005", 404, "", Action.ASK_PERSON, "refused"),
        ("A012", 406, "", Action.DEFECT, "refused"),
        ("A012", 415, "", Action.DEFECT, "refused"),
        ("A012", 409, "", Action.READ_AGAIN, "again"),
        ("A012", 412, "", Action.DEFECT, "refused"),
        ("A012", 423, "", Action.LOCKED, "again"),
        ("A020", 413, "", Action.ASK_PERSON, "refused"),
        ("A011", 429, "", Action.SLOW_DOWN, "again"),
        ("A005", 500, "", Action.REPEAT, "again"),
        ("A011", 500, "", Action.LOOK_FIRST, "unsure"),
        ("A012", 500, "", Action.LOOK_FIRST, "unsure"),
        ("A016", 502, "PAS_RESPONDED_WITH_ERROR", Action.PAS_REFUSED, "again"),
        ("A011", 502, "", Action.LOOK_FIRST, "unsure"),
        ("A010", 503, "SYSTEM_UNAVAILABLE", Action.WAIT_UP, "again"),
        ("A011", 503, "SYSTEM_UNAVAILABLE", Action.LOOK_FIRST, "unsure"),
        ("A016", 504, "PAS_NOT_RESPONDING", Action.LOOK_FIRST, "unsure"),
        ("A011", 504, "", Action.LOOK_FIRST, "unsure"),
        ("A036", 502, "PAS_RESPONDED_WITH_ERROR", Action.PAS_REFUSED, "again"),
        ("A036", 504, "PAS_NOT_RESPONDING", Action.LOOK_FIRST, "unsure"),
        ("A036", 500, "", Action.LOOK_FIRST, "unsure"),
        ("A036", 503, "SYSTEM_UNAVAILABLE", Action.WAIT_UP, "again"),
        ("A036", 422, "UNABLE_TO_CANCEL_APPOINTMENT", Action.ASK_PERSON, "refused"),
        ("A011", 408, "", Action.LOOK_FIRST, "unsure"),
        ("A011", 302, "", Action.LOOK_FIRST, "unsure"),
        ("A011", 422, "PATIENT_ERROR", Action.ASK_PERSON, "refused"),
        ("A011", 422, "NO_REG_GP_PRACTICE", Action.ASK_PERSON, "refused"),
        ("A011", 422, "INVALID_FHIR_STRUCTURE", Action.DEFECT, "refused"),
        ("A012", 422, "NO_CHANGES_DETECTED", Action.PERHAPS_DONE, "again"),
        ("A012", 422, "DUPLICATE_FILENAME", Action.PERHAPS_DONE, "again"),
        ("A016", 422, "SLOTS_CURRENTLY_AVAILABLE", Action.SLOTS_FREE, "refused"),
        ("A016", 422, "UNABLE_TO_CONFIRM_APPOINTMENT", Action.LOOK_FIRST, "unsure"),
        ("A011", 422, "A_CODE_OF_NEXT_YEAR", Action.ASK_PERSON, "refused"),
        ("A011", 422, "", Action.ASK_PERSON, "refused"),
        ("A011", 418, "", Action.DEFECT, "refused"),
    ],
)
def test_status_first_code_second(step: str, status: int, code: str, action: Action, kind: str) -> None:
    outcome = judge(step, status, body(code) if code else b"")
    assert (outcome.action, outcome.kind) == (action, kind)
    assert outcome.says.endswith(".") and len(outcome.says) > 20


NAMED_IN_ERS_MD = """
INVALID_VALUE INVALID_CODE MISSING_VALUE VALUE_IS_REQUIRED INAPPROPRIATE_VALUE REFERENCE_NOT_FOUND SNOMED_NOT_FOUND
TOO_MANY_ITEMS DUPLICATE_SERVICE SHORTLISTED_SERVICE_NOT_IN_RESULTS FILE_SIZE_ERROR CONFLICTING_VALUES
INAPPROPRIATE_SLOT PATIENT_ERROR NO_REG_GP_PRACTICE REFERENCED_USER_IS_NOT_ACTIVE REFERENCED_USER_NOT_IN_ORG
REFERENCED_USER_IS_NOT_RC REFERENCED_USER_IS_NOT_RC_AT_ORG REFERENCED_USER_IS_NOT_SPC ORGANISATION_IS_CLOSED
ORGANISATION_NOT_APPROPRIATE UNEXPECTED_FIELD FIELD_NOT_PERMITTED INVALID_FHIR_STRUCTURE NO_CHANGES_DETECTED
DUPLICATE_FILENAME INVALID_STATE INVALID_REQUEST_STATE INVALID_REQUEST_TYPE NO_RELATIONSHIP SLOTS_CURRENTLY_AVAILABLE
THIS_SLOT_IS_AVAILABLE SLOT_NOT_AVAILABLE SERVICE_UNAVAILABLE UNABLE_TO_CONFIRM_APPOINTMENT
UNABLE_TO_CANCEL_APPOINTMENT NO_ACCESS_CODE
""".split()


def test_every_code_of_the_specification_has_its_sentence() -> None:
    assert set(NAMED_IN_ERS_MD) == set(_CODES_422)


@pytest.mark.parametrize(
    "content", [b"", b"<html>403</html>", b"[1]", b'{"issue": 3}', b'{"issue": [{"details": null}]}', b"\xff\xfe"]
)
def test_no_body_is_a_failure_of_ours(content: bytes) -> None:
    assert error_code(content) is None
    assert judge("A012", 500, content).status == 500


def test_a_stranger_s_text_is_no_code() -> None:
    assert error_code(body("9990000018 Ann O'Brien")) is None


def test_no_answer_is_unknown_only_after_the_body_left() -> None:
    assert no_answer("A011", body_left=False, says="no connection").kind == "not_sent"
    assert no_answer("A011", body_left=True, says="it took too long").kind == "unsure"
    assert no_answer("A016", body_left=True, says="x").action is Action.LOOK_FIRST
    assert {no_answer(step, body_left=True, says="x").action for step in READS} == {Action.REPEAT}


def test_an_unreadable_success_of_a_create_is_unknown() -> None:
    assert unreadable("A011", 201, None).kind == "unsure"
    assert unreadable("A008", 200, None).action is Action.REPEAT
