"""What the rehearsal e-RS remembers and changes by itself: states, versions, locks, scanning, worklists, pace."""

from __future__ import annotations

import csv
import io
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from ers_requests import CLERK, DOCTOR, PATIENT, PDF, Caller, Clock, code_of, make_ers, state_of

from gateway.rehearsal import ers_data as data
from gateway.rehearsal.ers_data import Patients, Slot
from gateway.rehearsal.ers_server import RehearsalErs
from gateway.rehearsal.ers_state import EICAR, Settings


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ers(clock: Clock) -> Iterator[RehearsalErs]:
    with make_ers(clock) as running:
        yield running


@pytest.fixture
def clerk(ers: RehearsalErs) -> Caller:
    return Caller(ers)


def made(
    caller: Caller, service: str = "11002", clinic: str = "HEART_FAILURE", specialty: str = "CARDIOLOGY"
) -> dict[str, Any]:
    answer = caller.create(service, clinic=clinic, specialty=specialty)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def send(
    caller: Caller, body: dict[str, Any], service: str, reason: str = "TRIAGE", /, **changes: Any
) -> httpx.Response:
    booking = caller.booking_body(body["id"], body["meta"]["versionId"], service, reason) | changes
    return caller.call("POST", "/STU3/Appointment", {k: v for k, v in booking.items() if v is not None})


def lettered(caller: Caller, body: dict[str, Any], name: str = "a.pdf", content: bytes = PDF) -> httpx.Response:
    url = caller.upload(body["id"], name, content).headers["Location"]
    return caller.attach(body["id"], caller.read(body["id"]).headers["ETag"], url)


def attachments(caller: Caller, ubrn: str) -> list[dict[str, Any]]:
    contained = caller.read(ubrn).json()["contained"]
    return [c["content"][0]["attachment"] for c in contained if c["resourceType"] == "DocumentReference"]


def statuses(caller: Caller, ubrn: str) -> list[str]:
    return [a["extension"][0]["valueCoding"]["code"] for a in attachments(caller, ubrn)]


def ubrns(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [e["item"]["reference"].removeprefix("ReferralRequest/") for e in answer.json()["entry"]]


SLOT = data.default_services()[2].slots[0]
SLOT_TIMES = {"start": "2030-01-07T09:00:00.000Z", "end": "2030-01-07T09:30:00.000Z"}
BOOKED: dict[str, Any] = {"status": "booked", "slot": [{"reference": f"Slot/{SLOT.slot_id}"}], **SLOT_TIMES}
NO_SUCH_SLOT = {"reason": None, **BOOKED, "slot": [{"reference": "Slot/9"}]}


@pytest.mark.parametrize(
    ("service", "clinic", "reason", "changes", "status", "code"),
    [
        ("11004", "LIPID_MANAGEMENT", "NO_SLOTS_AT_SERVICE", {}, 201, None),
        ("11004", "LIPID_MANAGEMENT", "BOOKING_ATTEMPT_PROBLEM", {}, 201, None),
        ("11004", "LIPID_MANAGEMENT", "SLOT_NOT_AVAILABLE", {"slot": [{"reference": "Slot/11004001"}]}, 201, None),
        ("11004", "LIPID_MANAGEMENT", "SLOT_NOT_AVAILABLE", {}, 422, "MISSING_VALUE"),
        ("11004", "LIPID_MANAGEMENT", "TRIAGE", {}, 422, "INAPPROPRIATE_VALUE"),
        ("11004", "LIPID_MANAGEMENT", "TRIAGE", {"reason": None}, 422, "MISSING_VALUE"),
        ("11004", "LIPID_MANAGEMENT", "NO_SLOTS_AT_SERVICE", {"slot": [{"reference": "Slot/1"}]}, 422, "INAPPROPRIATE_VALUE"),
        ("11004", "LIPID_MANAGEMENT", "NO_SLOTS_AT_SERVICE", SLOT_TIMES, 422, "INAPPROPRIATE_VALUE"),
        ("11006", "RAPID_ACCESS_CHEST_PAIN", "NO_SLOTS_AT_SERVICE", {}, 422, "SLOTS_CURRENTLY_AVAILABLE"),
        ("11006", "RAPID_ACCESS_CHEST_PAIN", "SLOT_NOT_AVAILABLE", {"slot": BOOKED["slot"]}, 422, "THIS_SLOT_IS_AVAILABLE"),
        ("11006", "RAPID_ACCESS_CHEST_PAIN", "", {"reason": None, **BOOKED}, 201, None),
        ("11006", "RAPID_ACCESS_CHEST_PAIN", "NO_SLOTS_AT_SERVICE", BOOKED, 422, "INAPPROPRIATE_VALUE"),
        ("11006", "RAPID_ACCESS_CHEST_PAIN", "", {"reason": None, **BOOKED, "end": None}, 422, "MISSING_VALUE"),
        ("11006", "RAPID_ACCESS_CHEST_PAIN", "", {"reason": None, **BOOKED, "end": SLOT_TIMES["start"]}, 422, "INAPPROPRIATE_SLOT"),
        ("11006", "RAPID_ACCESS_CHEST_PAIN", "", NO_SUCH_SLOT, 422, "REFERENCE_NOT_FOUND"),
    ],
)  # fmt: skip
def test_bookable_services_take_what_fits_their_slots(
    clerk: Caller, service: str, clinic: str, reason: str, changes: dict[str, Any], status: int, code: str | None
) -> None:
    answer = send(clerk, made(clerk, service, clinic), service, reason, **changes)
    assert (answer.status_code, code_of(answer) if status != 201 else None) == (status, code), answer.text


def test_a_slot_is_booked_once(clerk: Caller) -> None:
    first, second = (made(clerk, "11006", "RAPID_ACCESS_CHEST_PAIN") for _ in range(2))
    assert send(clerk, first, "11006", **{**BOOKED, "reason": None}).status_code == 201
    assert state_of(clerk.read(first["id"]).json()) == "BOOKED"
    assert code_of(send(clerk, second, "11006", **{**BOOKED, "reason": None})) == "SLOT_NOT_AVAILABLE"


def test_an_indirectly_bookable_service_cannot_be_booked_here(clerk: Caller) -> None:
    body = made(clerk, "11022", "EAR", "EAR_NOSE_AND_THROAT")
    assert code_of(send(clerk, body, "11022", "NO_SLOTS_AT_SERVICE")) == "INAPPROPRIATE_VALUE"


def test_a_service_withdrawn_after_the_create_is_unavailable(clerk: Caller, clock: Clock, ers: RehearsalErs) -> None:
    body = made(clerk)
    service = ers.state.directory.services["11002"]
    ers.state.directory.services["11002"] = data.Service(**{**service.__dict__, "closed": clock().date()})
    assert code_of(send(clerk, body, "11002")) == "SERVICE_UNAVAILABLE"


def test_a_referral_is_sent_once(clerk: Caller) -> None:
    body = made(clerk)
    assert send(clerk, body, "11002").status_code == 201
    assert send(clerk, body, "11002").status_code == 409
    assert code_of(send(clerk, clerk.read(body["id"]).json(), "11002")) == "INVALID_REQUEST_STATE"


def test_cancelling_is_final(clerk: Caller) -> None:
    body = made(clerk)
    path = f"/STU3/ReferralRequest/{body['id']}/$ers."
    answer = clerk.call("POST", path + "cancelReferral", clerk.cancel_body(comment="a duplicate"), If_Match='W/"3"')
    assert answer.status_code == 200
    assert answer.headers["ETag"] == 'W/"4"'
    updated = answer.json()["parameter"][0]["resource"]
    assert (updated["status"], state_of(updated)) == ("cancelled", "CANCELLED_REFERRAL")
    again = clerk.call("POST", path + "cancelReferral", clerk.cancel_body(), If_Match='W/"4"')
    assert code_of(again) == "INVALID_REQUEST_STATE"
    assert code_of(clerk.call("POST", path + "generatePatientLetter")) == "INVALID_REQUEST_STATE"
    url = clerk.upload(body["id"]).headers["Location"]
    assert code_of(clerk.attach(body["id"], 'W/"4"', url)) == "INVALID_REQUEST_STATE"
    assert code_of(send(clerk, clerk.read(body["id"]).json(), "11002")) == "INVALID_REQUEST_STATE"
    assert ubrns(clerk.worklist("AWAITING_BOOKING")) == []


def test_patients_who_cannot_be_read_or_have_no_code(clerk: Caller, ers: RehearsalErs) -> None:
    body = made(clerk)
    letter = f"/STU3/ReferralRequest/{body['id']}/$ers.generatePatientLetter"
    assert httpx.post(f"{ers.door_url}/patients", json={"without_access_code": [PATIENT]}).status_code == 200
    assert code_of(clerk.call("POST", letter)) == "NO_ACCESS_CODE"
    ers.state.patients = Patients(failing=frozenset((PATIENT,)))
    url = clerk.upload(body["id"]).headers["Location"]
    assert code_of(clerk.read(body["id"])) == "PATIENT_ERROR"
    assert code_of(clerk.attach(body["id"], 'W/"3"', url)) == "PATIENT_ERROR"
    assert code_of(send(clerk, body, "11002")) == "PATIENT_ERROR"


def test_letters_are_a_whole_set(clerk: Caller) -> None:
    body = made(clerk)
    ubrn = body["id"]
    one, two = (clerk.upload(ubrn, name).headers["Location"] for name in ("1.pdf", "2.pdf"))
    first = clerk.attach(ubrn, 'W/"3"', one, two)
    assert first.status_code == 200
    etag = first.headers["ETag"]
    assert code_of(clerk.attach(ubrn, etag, two, one)) == "NO_CHANGES_DETECTED"
    second = clerk.attach(ubrn, etag, two)
    assert [a["title"] for a in attachments(clerk, ubrn)] == ["2.pdf"]
    assert second.headers["ETag"] == 'W/"5"'


def test_the_url_of_an_attached_file_may_differ_from_its_upload(clerk: Caller, ers: RehearsalErs) -> None:
    ers.state.settings.attached_url_changes = True
    body = made(clerk)
    location = clerk.upload(body["id"], "1.pdf").headers["Location"]
    etag = clerk.attach(body["id"], 'W/"3"', location).headers["ETag"]
    (held,) = attachments(clerk, body["id"])
    assert held["url"] != location
    assert (held["title"], held["size"]) == ("1.pdf", len(PDF))
    assert code_of(clerk.attach(body["id"], etag, location)) == "DUPLICATE_FILENAME"
    other = clerk.upload(body["id"], "2.pdf").headers["Location"]
    assert clerk.attach(body["id"], etag, held["url"], other).status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "verdict"),
    [
        ("a.pdf", PDF, "AVAILABLE"),
        ("threat.pdf", PDF, "THREATS_FOUND"),
        ("a.pdf", PDF + EICAR, "THREATS_FOUND"),
        ("a.pdf", b"not a pdf at all", "VALIDATION_FAILED"),
        ("invalid.pdf", PDF, "VALIDATION_FAILED"),
    ],
)
def test_scanning_takes_its_time_and_has_a_verdict(
    clerk: Caller, clock: Clock, name: str, content: bytes, verdict: str
) -> None:
    body = made(clerk)
    assert lettered(clerk, body, name, content).status_code == 200
    assert statuses(clerk, body["id"]) == ["PENDING"]
    clock.pass_(29)
    assert statuses(clerk, body["id"]) == ["PENDING"]
    clock.pass_(1)
    assert statuses(clerk, body["id"]) == [verdict]


def test_e_rs_changes_a_version_by_itself(clerk: Caller, clock: Clock, ers: RehearsalErs) -> None:
    ers.state.settings.self_change_seconds = 60
    body = made(clerk)
    assert clerk.read(body["id"]).headers["ETag"] == 'W/"3"'
    clock.pass_(60)
    assert clerk.read(body["id"]).headers["ETag"] == 'W/"4"'
    clock.pass_(500)
    assert clerk.read(body["id"]).headers["ETag"] == 'W/"4"'
    assert send(clerk, body, "11002").status_code == 409


def test_an_unbooked_referral_may_hide_its_pathway_start(clerk: Caller, ers: RehearsalErs) -> None:
    ers.state.settings.unbooked_hides_pathway_start = True
    body = made(clerk)
    assert "eReferralPathwayStart" in json.dumps(body)
    assert "eReferralPathwayStart" not in clerk.read(body["id"]).text
    send(clerk, body, "11002")
    assert "2026-11-20T08:42:17.384Z" in clerk.read(body["id"]).text


def test_two_writes_at_once_and_one_is_locked_out(ers: RehearsalErs) -> None:
    clerk = Caller(ers)
    body = made(clerk)
    url = clerk.upload(body["id"]).headers["Location"]
    ers.state.settings.write_seconds = 0.6
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(clerk.attach, body["id"], 'W/"3"', url)
        time.sleep(0.2)
        second = pool.submit(Caller(ers).attach, body["id"], 'W/"3"', url)
    assert (first.result().status_code, second.result().status_code) == (200, 423)
    assert clerk.read(body["id"]).headers["ETag"] == 'W/"4"'


def test_parallel_creates_get_their_own_numbers(ers: RehearsalErs) -> None:
    callers = [Caller(ers) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: callers[n % 6].create(), range(60)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 60
    assert ers.inspect()["calls"]["A011"] == 60


def test_a_referrers_worklists_say_what_the_search_for_a_lost_create_needs(clerk: Caller) -> None:
    body = made(clerk)
    (entry,) = clerk.worklist("LETTERS_OUTSTANDING").json()["entry"]
    fields = {f["url"]: f for f in entry["extension"][0]["extension"]}
    assert fields["patient"]["valueReference"]["identifier"]["value"] == PATIENT
    assert fields["priority"]["valueCodeableConcept"]["coding"][0]["code"] == "URGENT"
    assert fields["clinicalContext"]["valueString"] == "CARDIOLOGY/HEART_FAILURE"
    assert fields["referrer"]["valueReference"]["identifier"]["value"] == DOCTOR
    assert fields["referralCreated"]["valueDateTime"] == "2026-11-22T09:30:00.000Z"
    assert fields["letterDue"]["valueDate"] == "2026-11-22"
    assert ubrns(clerk.worklist("AWAITING_BOOKING")) == [body["id"]]
    lettered(clerk, body)
    empty = clerk.worklist("LETTERS_OUTSTANDING")
    assert ubrns(empty) == []
    assert empty.json()["emptyReason"]["coding"][0]["code"] == "nilknown"
    assert ubrns(clerk.worklist("AWAITING_BOOKING")) == [body["id"]]


def test_worklists_lag(clerk: Caller, clock: Clock, ers: RehearsalErs) -> None:
    ers.state.settings.worklist_lag_seconds = 120
    body = made(clerk)
    assert ubrns(clerk.worklist("LETTERS_OUTSTANDING")) == []
    clock.pass_(120)
    assert ubrns(clerk.worklist("LETTERS_OUTSTANDING")) == [body["id"]]
    lettered(clerk, body)
    assert ubrns(clerk.worklist("LETTERS_OUTSTANDING")) == [body["id"]]
    clock.pass_(120)
    assert ubrns(clerk.worklist("LETTERS_OUTSTANDING")) == []


def service_filter(number: str) -> dict[str, Any]:
    return {"name": "service", "valueIdentifier": {"system": "http://fhir.nhs.net/Id/ers-service", "value": number}}


def test_a_practices_own_entry_is_seen_by_the_provider_only(clerk: Caller, ers: RehearsalErs) -> None:
    own = made(clerk)
    send(clerk, own, "11002")
    asked = {
        "nhs_number": PATIENT,
        "service_id": "11002",
        "priority": "URGENT",
        "pathway_start": "2026-11-21T10:00:00.000Z",
    }
    theirs = httpx.post(f"{ers.door_url}/referrals", json=asked).json()["ubrn"]
    unsent = ers.enter_elsewhere(nhs_number=PATIENT, service_id="11002", sent=False).ubrn
    assert ubrns(clerk.worklist("AWAITING_BOOKING")) == [own["id"]]
    for provider in (Caller(ers, role="SERVICE_PROVIDER_ADMIN"), Caller(ers, user=None)):
        listed = provider.worklist("REFERRALS_FOR_REVIEW", service_filter("11002"))
        assert ubrns(listed) == [own["id"], theirs]
        assert [c["id"] for c in listed.json()["contained"]] == [f"Patient-{PATIENT}"]
        fields = {f["url"]: f for f in listed.json()["entry"][1]["extension"][0]["extension"]}
        assert fields["eReferralPathwayStart"]["valueDateTime"] == "2026-11-21T10:00:00.000Z"
        assert fields["patient"]["valueReference"]["reference"] == f"#Patient-{PATIENT}"
    application = Caller(ers, user=None)
    assert application.read(theirs).status_code == 200
    assert code_of(application.read(unsent)) == "NO_RELATIONSHIP"
    assert code_of(clerk.read(theirs)) == "NO_RELATIONSHIP"


def test_a_deferral_is_a_slot_issue(clerk: Caller, ers: RehearsalErs) -> None:
    body = made(clerk, "11004", "LIPID_MANAGEMENT")
    send(clerk, body, "11004", "NO_SLOTS_AT_SERVICE")
    provider = Caller(ers, role="SERVICE_PROVIDER_ADMIN")
    assert ubrns(provider.worklist("APPOINTMENT_SLOT_ISSUES")) == [body["id"]]
    (entry,) = provider.worklist("APPOINTMENT_SLOT_ISSUES").json()["entry"]
    fields = {f["url"]: f for f in entry["extension"][0]["extension"]}
    assert fields["patientContactExpected"]["valueDate"] == "2026-12-04"  # ten working days after Sunday 22 November
    assert fields["clinicalInformationStatus"]["valueCodeableConcept"]["coding"][0]["code"] == "ABSENT"
    assert fields["patient"]["valueReference"]["identifier"]["value"] == PATIENT


def test_an_application_reads_a_services_list_twice_a_day(ers: RehearsalErs, clock: Clock) -> None:
    ers.state.settings.twice_daily = True
    application = Caller(ers, user=None)
    answers = [application.worklist("REFERRALS_FOR_REVIEW", service_filter("11002")).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    clock.pass_(24 * 3600)
    assert Caller(ers, user=None).worklist("REFERRALS_FOR_REVIEW", service_filter("11002")).status_code == 200
    assert sorted(ers.inspect()["worklist_reads"].values()) == [1, 3]


def test_a_worklist_that_is_too_long_is_not_answered(clerk: Caller, ers: RehearsalErs) -> None:
    made(clerk)
    ers.state.settings.worklist_limit_bytes = 100
    assert clerk.worklist("AWAITING_BOOKING").status_code == 500


def test_a_provider_returns_a_referral(clerk: Caller, ers: RehearsalErs) -> None:
    body = made(clerk)
    send(clerk, body, "11002")
    moved = httpx.post(
        f"{ers.door_url}/move", json={"ubrn": body["id"], "state": "TRIAGE_RESPONSE", "comment": "see a dentist"}
    )
    assert moved.status_code == 200
    assert ubrns(clerk.worklist("REJECTED_TRIAGE_RESPONSE")) == [body["id"]]
    assert state_of(clerk.read(body["id"]).json()) == "TRIAGE_RESPONSE"
    assert httpx.post(f"{ers.door_url}/move", json={"ubrn": body["id"], "state": "LOST"}).status_code == 400


def test_the_pace_is_kept_per_second(clock: Clock) -> None:
    with make_ers(clock, settings=Settings(rate_per_second=10)) as ers:
        clerk = Caller(ers)
        answers = [clerk.call("GET", "/STU3/CodeSystem/PRIORITY").status_code for _ in range(12)]
        assert answers == [200] * 10 + [429] * 2
        clock.pass_(1.0)
        assert clerk.call("GET", "/STU3/CodeSystem/PRIORITY").status_code == 200


def test_what_may_be_done_now(clerk: Caller, ers: RehearsalErs) -> None:
    body = made(clerk)

    def actions(caller: Caller) -> list[str]:
        version = clerk.read(body["id"]).json()["meta"]["versionId"]
        focus = f"ReferralRequest/{body['id']}/_history/{version}"
        answer = caller.call("GET", f"/STU3/Task?focus={focus}&intent=proposal&status=ready")
        return [e["resource"]["code"]["coding"][0]["code"] for e in answer.json()["entry"]]

    assert actions(clerk) == ["CREATE_APPOINTMENT", "CANCEL_REFERRAL"]
    send(clerk, body, "11002")
    assert actions(clerk) == ["CANCEL_REFERRAL"]
    assert actions(Caller(ers, user=DOCTOR, role="SERVICE_PROVIDER_CLINICIAN")) == ["RECORD_REVIEW_OUTCOME"]


def test_codes_show_their_life_and_their_specialty(clerk: Caller) -> None:
    found = {
        kind: clerk.call("GET", f"/STU3/CodeSystem/{kind}").json() for kind in ("SPECIALTY", "CLINIC-TYPE", "PRIORITY")
    }
    ended = {c["code"] for c in found["SPECIALTY"]["concept"] if any(p["code"] == "effectiveTo" for p in c["property"])}
    assert ended == {"ADULT_MENTAL_ILLNESS", "AUDIOLOGICAL_MEDICINE", "BONE_AND_MARROW_TRANSPLANTATION"}
    assert len(found["SPECIALTY"]["concept"]) - len(ended) >= 12
    parents = {
        c["code"]: next(p["valueCoding"] for p in c["property"] if p["code"] == "specialty")
        for c in found["CLINIC-TYPE"]["concept"]
    }
    assert parents["HEART_FAILURE"] == {"system": found["SPECIALTY"]["url"], "code": "CARDIOLOGY"}
    days = {c["code"]: {p["code"]: p.get("valueInteger") for p in c["property"]} for c in found["PRIORITY"]["concept"]}
    assert days["TWO_WEEK_WAIT"]["triageContactDays"] == 2


def test_the_settings_can_be_changed_through_the_door(ers: RehearsalErs) -> None:
    answer = httpx.post(f"{ers.door_url}/settings", json={"scan_seconds": 1.5})
    assert answer.json()["scan_seconds"] == 1.5
    assert httpx.get(f"{ers.door_url}/settings").json()["scan_seconds"] == 1.5
    assert httpx.post(f"{ers.door_url}/settings", json={"colour": 1}).status_code == 400
    assert httpx.get(f"{ers.door_url}/nothing").status_code == 404


def test_the_inspection_holds_everything(clerk: Caller, ers: RehearsalErs) -> None:
    body = made(clerk)
    lettered(clerk, body)
    held = httpx.get(f"{ers.origin}/rehearsal/state").json()
    (row,) = held["referrals"]
    assert row["nhs_number"] == PATIENT
    assert row["services"] == ["11002"]
    assert row["pathway_start"] == "2026-11-20T08:42:17.384Z"
    assert (row["organisation"], row["referrer"], row["entered_by"]) == ("RXX", DOCTOR, CLERK)
    assert (row["priority"], row["specialty"], row["clinic_type"]) == ("URGENT", "CARDIOLOGY", "HEART_FAILURE")
    assert row["letters"][0]["availability"] == "PENDING"
    assert len(held["files"]) == 1
    assert held["rehearsal"] is True
    log = httpx.get(f"{ers.door_url}/log").json()
    assert (log[0]["operation"], log[0]["answer"], log[0]["correlation"]) == ("A011", "201", "c-1")


def test_an_encoded_path_and_a_client_that_asks_before_it_sends(clerk: Caller) -> None:
    body = clerk.create_body()
    assert clerk.call("POST", "/STU3/ReferralRequest/%24ers.createReferral", body).status_code == 201
    parts = urlsplit(clerk.base)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as raw:
        head = f"POST {parts.path}/STU3/Binary HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
        raw.sendall(head.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 100")
        raw.sendall(b"x")
        assert raw.recv(100).startswith(b"HTTP/1.1 401")


def test_a_body_in_chunks_is_read(clerk: Caller) -> None:
    made_here = json.dumps(clerk.create_body()).encode()
    headers = clerk.headers | {"Content-Type": "application/fhir+json"}
    path = f"{clerk.base}/STU3/ReferralRequest/$ers.createReferral"
    answer = httpx.post(path, headers=headers, content=iter([made_here[:100], made_here[100:]]))
    assert answer.status_code == 201


def test_the_sites_files_agree_with_the_service() -> None:
    services = list(csv.DictReader(io.StringIO(data.services_csv())))
    assert list(services[0]) == [
        "service_id",
        "name",
        "organisation",
        "specialty_code",
        "clinic_type",
        "request_flow",
        "words",
    ]
    known = {s.service_id: s for s in data.default_services()}
    assert {row["organisation"] for row in services} == {"RXX"}
    assert all(known[row["service_id"]].clinic_type == row["clinic_type"] for row in services)
    people = list(csv.DictReader(io.StringIO(data.clinicians_csv())))
    assert {"sds_id": DOCTOR, "name": "Dr Alma Ashdown", "organisation": "RXX"} in people
    assert "555000000105" not in {row["sds_id"] for row in people}


def test_a_site_can_bring_its_own_services(clock: Clock) -> None:
    start = clock().replace(hour=15)
    slot = Slot("77001001", start, start.replace(hour=16), clinician="555000000103")
    own = data.Service(
        "77001",
        "Own Clinic",
        "RXX",
        "OWN_SPECIALTY",
        "OWN_CLINIC",
        flow=data.APPOINTMENT,
        bookable=data.DIRECT,
        slots=(slot,),
    )
    with make_ers(clock, services=[own]) as ers:
        clerk = Caller(ers)
        body = made(clerk, "77001", "OWN_CLINIC", "OWN_SPECIALTY")
        booking = {"status": "booked", "slot": [{"reference": "Slot/77001001"}], "reason": None}
        times = {"start": "2026-11-22T15:30:00.000Z", "end": "2026-11-22T16:30:00.000Z"}
        assert (
            code_of(send(clerk, body, "77001", **booking, **times)) == "INAPPROPRIATE_SLOT"
        )  # the clinician is missing


def test_it_runs_alone_and_ends_quietly() -> None:
    command = [
        sys.executable,
        "-m",
        "gateway.rehearsal.ers_server",
        "--port",
        "0",
        "--open-sandbox",
        "--setting",
        "scan_seconds=1",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    guard = threading.Timer(30, process.kill)
    guard.start()
    try:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        assert httpx.get(f"{addresses['base_url']}/STU3/CodeSystem/PRIORITY").status_code == 200
        assert httpx.get(f"{addresses['door_url']}/settings").json()["scan_seconds"] == 1
        process.terminate()
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    finally:
        guard.cancel()
        process.kill()
