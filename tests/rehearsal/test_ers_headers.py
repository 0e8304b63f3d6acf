"""One wrong header, role, access mode or media type at a time, for every operation: the error it gets (ers.md sections 2, 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from ers_requests import DOCTOR, PDF, Caller, Clock, code_of, listing, make_ers

from gateway.rehearsal.ers_access import OPERATIONS

ODS, ROLE, BEHALF = "NHSD_End_User_Organisation_ODS", "NHSD_eRS_Business_Function", "NHSD_eRS_On_Behalf_Of_User_ID"
JSON_OPERATIONS = ("A008", "A010", "A011", "A012", "A016", "A036")
ALL = ("A004", "A005", "A007", "A008", "A010", "A011", "A012", "A016", "A019", "A020", "A029", "A036")
USER_ONLY = ("A010", "A011", "A012", "A016", "A019", "A020", "A030")


class World:
    """A running e-RS with one referral, and every operation as a call that would be accepted."""

    def __init__(self, clerk: Caller) -> None:
        self.clerk = clerk
        created = clerk.create()
        self.ubrn, self.etag = created.json()["id"], created.headers["ETag"]
        self.url = clerk.upload(self.ubrn).headers["Location"]

    def send(self, operation: str, caller: Caller | None = None, **headers: str | None) -> httpx.Response:
        who = caller or self.clerk
        referral, search = f"/STU3/ReferralRequest/{self.ubrn}", "/STU3/HealthcareService/$ers."
        version = self.etag[3:-1]
        task = f"/STU3/Task?focus=ReferralRequest/{self.ubrn}/_history/{version}&intent=proposal&status=ready"
        file_headers = {
            "Content_Type": "application/pdf",
            "NHSD_eRS_File_Name": "a.pdf",
            "NHSD_eRS_Referral_ID": self.ubrn,
        }
        table: dict[str, tuple[str, str, Any, dict[str, Any]]] = {
            "A004": ("GET", "/STU3/CodeSystem/PRIORITY", None, {}),
            "A005": ("GET", referral, None, {}),
            "A007": ("POST", f"{referral}/$ers.generateCRI", None, {}),
            "A008": ("POST", "/STU3/ReferralRequest/$ers.fetchworklist", listing("AWAITING_BOOKING"), {}),
            "A010": ("POST", f"{search}searchHealthcareServicesForPatient", who.search_body(), {}),
            "A011": ("POST", "/STU3/ReferralRequest/$ers.createReferral", who.create_body(), {}),
            "A012": (
                "POST",
                f"{referral}/$ers.maintainReferralLetter",
                who.letters_body(self.url),
                {"If_Match": self.etag},
            ),
            "A016": ("POST", "/STU3/Appointment", who.booking_body(self.ubrn, version), {}),
            "A019": ("POST", f"{referral}/$ers.generatePatientLetter", None, {}),
            "A020": ("POST", "/STU3/Binary", PDF, file_headers),
            "A029": ("GET", task, None, {}),
            "A030": ("GET", "/R4/PractitionerRole", None, {}),
            "A036": ("POST", f"{referral}/$ers.cancelReferral", who.cancel_body(), {"If_Match": self.etag}),
        }
        method, path, body, own = table[operation]
        return who.call(method, path, body, **(own | headers))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with make_ers(Clock()) as ers:
        yield World(Caller(ers))


@pytest.fixture(scope="module")
def application(world: World) -> Caller:
    return Caller(world.clerk.ers, user=None)


def refused(answer: httpx.Response, status: int, code: str | None) -> None:
    assert (answer.status_code, code_of(answer)) == (status, code), answer.text


def test_the_table_names_every_operation() -> None:
    assert {operation.id for operation in OPERATIONS} == {*ALL, "A030"}


@pytest.mark.parametrize("operation", [*ALL, "A030"])
@pytest.mark.parametrize("value", [None, "Bearer", "Bearer unknown", "Basic abc", ""])
def test_no_token_or_a_wrong_one(world: World, operation: str, value: str | None) -> None:
    answer = world.send(operation, Authorization=value)
    refused(answer, 401, "ACCESS_DENIED" if operation == "A030" else "NO_ACCESS")
    assert answer.json()["issue"][0]["code"] == "login"


@pytest.mark.parametrize("operation", ALL)
@pytest.mark.parametrize(
    ("header", "value", "status", "code"),
    [
        (ODS, None, 400, "MISSING_HEADER"),
        (ODS, "", 400, "MISSING_HEADER"),
        (ODS, "R00", 403, "NO_ACCESS"),
        (ODS, "rxx", 403, "NO_ACCESS"),
        (ODS, "RZZ", 403, "NO_ACCESS"),  # closed
        (ODS, "RYY", 403, "NO_ACCESS"),  # the user has no role there
        (ROLE, None, 400, "MISSING_HEADER"),
        (ROLE, "REFERRER", 403, "NO_ACCESS"),
        (ROLE, "SERVICE_PROVIDER_CLINICIAN", 403, "NO_ACCESS"),  # a role the user does not hold
        (BEHALF, DOCTOR, 400, "FIELD_NOT_PERMITTED"),
    ],
)
def test_organisation_and_role(
    world: World, operation: str, header: str, value: str | None, status: int, code: str
) -> None:
    refused(world.send(operation, **{header: value}), status, code)


@pytest.mark.parametrize("operation", ["A005", "A007", "A010", "A011", "A012", "A016", "A019", "A020", "A029", "A036"])
def test_a_role_that_may_not_call_it(world: World, operation: str) -> None:
    refused(world.send(operation, **{ROLE: "SERVICE_PROVIDER_ADMIN"}), 403, "FORBIDDEN")


@pytest.mark.parametrize("operation", ["A010", "A011", "A012", "A016", "A019"])
def test_a_provider_may_not_refer(world: World, operation: str) -> None:
    provider = Caller(world.clerk.ers, user="555000000103", role="SERVICE_PROVIDER_CLINICIAN")
    refused(world.send(operation, provider), 403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("value", "status", "code"),
    [(None, 400, "MISSING_HEADER"), ("555000000104", 403, "FORBIDDEN"), ("x", 403, "FORBIDDEN")],
)
def test_a_providers_administrator_acts_for_a_clinician(
    world: World, value: str | None, status: int, code: str
) -> None:
    refused(world.send("A005", **{ROLE: "SERVICE_PROVIDER_CLINICIAN_ADMIN", BEHALF: value}), status, code)


def test_a_providers_administrator_with_a_clinician_is_heard(world: World) -> None:
    answer = world.send("A004", **{ROLE: "SERVICE_PROVIDER_CLINICIAN_ADMIN", BEHALF: "555000000103"})
    assert answer.status_code == 200


@pytest.mark.parametrize("operation", USER_ONLY)
def test_an_application_may_not_do_what_needs_a_user(world: World, application: Caller, operation: str) -> None:
    answer = world.send(operation, application)
    refused(answer, 403, "FORBIDDEN")


@pytest.mark.parametrize("header", [ODS, ROLE, BEHALF])
@pytest.mark.parametrize("operation", ["A004", "A005", "A007", "A008", "A029", "A036"])
def test_an_application_sends_no_user_headers(world: World, application: Caller, operation: str, header: str) -> None:
    refused(world.send(operation, application, **{header: "RXX"}), 400, "FIELD_NOT_PERMITTED")


def test_an_application_reads_the_codes_and_not_the_referrers_lists(world: World, application: Caller) -> None:
    assert world.send("A004", application).status_code == 200
    refused(application.worklist("LETTERS_OUTSTANDING"), 403, "FORBIDDEN")
    refused(application.worklist("REFERRALS_FOR_REVIEW"), 422, "MISSING_VALUE")
    refused(world.send("A036", application), 403, "FORBIDDEN")


@pytest.mark.parametrize("code", ["LETTERS_OUTSTANDING", "AWAITING_BOOKING"])
def test_lists_go_with_their_side(world: World, code: str) -> None:
    provider = Caller(world.clerk.ers, role="SERVICE_PROVIDER_ADMIN")
    refused(provider.worklist(code), 403, "FORBIDDEN")
    refused(world.clerk.worklist("APPOINTMENT_SLOT_ISSUES"), 403, "FORBIDDEN")
    secretary = Caller(world.clerk.ers, user="555000000106", role="REFERRING_ADMIN")
    assert secretary.worklist(code).status_code == 200


@pytest.mark.parametrize("operation", JSON_OPERATIONS)
@pytest.mark.parametrize(
    "kind", [None, "application/json", "application/fhir+xml", "application/fhir+json; charset=latin-1"]
)
def test_another_content_type_is_415_in_plain_text(world: World, operation: str, kind: str | None) -> None:
    answer = world.send(operation, Content_Type=kind)
    assert answer.status_code == 415
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("operation", [o for o in (*ALL, "A030") if o != "A020"])
def test_an_accept_that_excludes_the_answer_is_406_in_plain_text(world: World, operation: str) -> None:
    pdf = operation in ("A007", "A019")
    answer = world.send(operation, Accept="application/fhir+json" if pdf else "application/json, text/html;q=0.8")
    assert answer.status_code == 406
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("operation", ["A012", "A036"])
@pytest.mark.parametrize(
    ("value", "status", "code"),
    [
        (None, 412, None),
        ('"3"', 400, "INVALID_VALUE"),
        ("3", 400, "INVALID_VALUE"),
        ('w/"3"', 400, "INVALID_VALUE"),
        ('W/"three"', 400, "INVALID_VALUE"),
        ("*", 400, "INVALID_VALUE"),
        ('W/"2"', 409, None),
        ('W/"99"', 409, None),
    ],
)
def test_if_match(world: World, operation: str, value: str | None, status: int, code: str | None) -> None:
    refused(world.send(operation, If_Match=value), status, code)


BIG = b"%PDF-" + b"x" * 5_242_876


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"NHSD_eRS_File_Name": None}, PDF, 422, "MISSING_VALUE"),
        ({"NHSD_eRS_File_Name": "letter"}, PDF, 422, "INVALID_VALUE"),
        ({"NHSD_eRS_File_Name": ".pdf"}, PDF, 422, "INVALID_VALUE"),
        ({"NHSD_eRS_File_Name": "letter.exe"}, PDF, 422, "INVALID_VALUE"),
        ({"NHSD_eRS_File_Name": "a/b.pdf"}, PDF, 422, "INVALID_VALUE"),
        ({"NHSD_eRS_File_Name": "letter.tif"}, PDF, 422, "CONFLICTING_VALUES"),
        ({"Content_Type": "image/tiff"}, PDF, 422, "CONFLICTING_VALUES"),
        ({"Content_Type": "application/zip"}, PDF, 415, None),
        ({"Content_Type": None}, PDF, 415, None),
        ({"NHSD_eRS_Referral_ID": "123"}, PDF, 422, "INVALID_VALUE"),
        ({"NHSD_eRS_Referral_ID": "000000000001"}, PDF, 422, "INAPPROPRIATE_VALUE"),
        ({}, b"", 422, "FILE_SIZE_ERROR"),
        ({}, BIG, 413, None),
    ],
)
def test_an_upload_with_one_thing_wrong(
    world: World, headers: dict[str, Any], body: bytes, status: int, code: str | None
) -> None:
    name = headers.pop("NHSD_eRS_File_Name", "letter.pdf")
    number = headers.pop("NHSD_eRS_Referral_ID", world.ubrn)
    refused(world.clerk.upload(number, name, body, **headers), status, code)


def test_the_largest_file_is_taken_and_one_byte_more_is_not(world: World) -> None:
    assert world.clerk.upload(world.ubrn, body=BIG[:-1]).status_code == 201
    world.clerk.ers.state.settings.oversize_status = 422
    refused(world.clerk.upload(world.ubrn, body=BIG), 422, "FILE_SIZE_ERROR")
    world.clerk.ers.state.settings.oversize_status = 413


@pytest.mark.parametrize("number", ["000000000001", "12", "00090000000A"])
@pytest.mark.parametrize(
    "end", ["", "/_history/3", "/$ers.generatePatientLetter", "/$ers.generateCRI", "/$ers.maintainReferralLetter"]
)
def test_a_referral_that_is_not_there(world: World, number: str, end: str) -> None:
    method = "POST" if "$" in end else "GET"
    body = world.clerk.letters_body(world.url) if end.endswith("Letter") and "maintain" in end else None
    headers = {"If_Match": world.etag} if body else {}
    refused(world.clerk.call(method, f"/STU3/ReferralRequest/{number}{end}", body, **headers), 404, None)


@pytest.mark.parametrize(
    "path", ["/STU3/CodeSystem/COLOUR", "/STU3/Nothing", "/R4/Patient", "/STU3/CodeSystem/specialty"]
)
def test_a_path_that_is_not_there(world: World, path: str) -> None:
    refused(world.clerk.call("GET", path), 404, None)


@pytest.mark.parametrize("operation", ["A007", "A019"])
def test_an_operation_without_body_takes_none(world: World, operation: str) -> None:
    path = {"A007": "generateCRI", "A019": "generatePatientLetter"}[operation]
    refused(world.clerk.call("POST", f"/STU3/ReferralRequest/{world.ubrn}/$ers.{path}", {}), 400, None)


@pytest.mark.parametrize("operation", ["A005", "A007", "A012", "A016", "A019", "A036"])
def test_another_organisation_has_no_relationship(world: World, operation: str) -> None:
    elsewhere = Caller(world.clerk.ers, ods="A81001")
    refused(world.send(operation, elsewhere), 422, "NO_RELATIONSHIP")


@pytest.mark.parametrize(
    "query", ["", "focus=x&intent=proposal&status=ready", "focus={}&intent=order&status=ready", "focus={}"]
)
def test_actions_are_asked_for_completely(world: World, query: str) -> None:
    focus = f"ReferralRequest/{world.ubrn}/_history/{world.etag[3:-1]}"
    refused(world.clerk.call("GET", f"/STU3/Task?{query.format(focus)}"), 400, "INVALID_VALUE")


def test_every_answer_is_marked_as_rehearsal(world: World) -> None:
    for answer in (world.send("A004"), world.send("A004", Authorization=None), world.clerk.call("GET", "/STU3/x")):
        assert answer.headers["X-Rehearsal"] == "true"
        assert answer.headers["X-Correlation-ID"] == "c-1"
        assert len(answer.headers["X-Request-ID"]) == 36
    system = world.send("A004").json()
    assert system["url"] == f"{world.clerk.base}/STU3/CodeSystem/PRIORITY"
    assert "Rehearsal" in system["publisher"]


def test_an_open_sandbox_asks_for_no_token_but_for_the_rest() -> None:
    with make_ers(Clock(), open_sandbox=True) as ers:
        caller = Caller(ers)
        caller.headers.pop("Authorization")
        assert caller.create().status_code == 201
        refused(caller.call("GET", "/STU3/CodeSystem/PRIORITY", **{ODS: None}), 400, "MISSING_HEADER")
        assert caller.call("GET", "/STU3/CodeSystem/PRIORITY", **{ODS: None, ROLE: None}).status_code == 200
        assert caller.call("GET", "/R4/PractitionerRole").status_code == 200
