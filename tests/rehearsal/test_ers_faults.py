"""The faults of the rehearsal e-RS, from Python and through its door: what the client sees, and what was committed all the same."""

from __future__ import annotations

import contextlib
import datetime as dt
import statistics
import time
from collections.abc import Iterator
from random import Random

import httpx
import pytest
from ers_requests import Caller, Clock, code_of, make_ers, state_of

from gateway.rehearsal.ers_faults import Faults
from gateway.rehearsal.ers_server import RehearsalErs


@pytest.fixture
def ers() -> Iterator[RehearsalErs]:
    with make_ers(Clock()) as running:
        yield running


@pytest.fixture
def clerk(ers: RehearsalErs) -> Caller:
    return Caller(ers)


def test_an_answer_lost_after_commit_leaves_a_referral(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("lost_after", operation="A011", calls=1)
    with pytest.raises(httpx.RemoteProtocolError):
        clerk.create()
    assert len(ers.state.all()) == 1
    assert ers.inspect()["answers"]["A011 lost after"] == 1
    assert clerk.create().status_code == 201
    assert len(ers.state.all()) == 2
    listed = clerk.worklist("LETTERS_OUTSTANDING").json()["entry"]
    assert [e["item"]["reference"] for e in listed] == [f"ReferralRequest/{r.ubrn}" for r in ers.state.all()]


def test_an_answer_lost_before_commit_leaves_none(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("lost_before", operation="A011", calls=2)
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            clerk.create()
    assert ers.state.all() == []
    assert ers.faults.active() == []


@pytest.mark.parametrize(("status", "committed"), [(None, 1), (503, 1), (504, 1)])
def test_an_error_after_commit(clerk: Caller, ers: RehearsalErs, status: int | None, committed: int) -> None:
    ers.faults.set("error_after", operation="A011", calls=1, status=status)
    assert clerk.create().status_code == (status or 500)
    assert len(ers.state.all()) == committed


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("401", "NO_ACCESS"),
        ("403", "FORBIDDEN"),
        ("404", None),
        ("409", None),
        ("412", None),
        ("423", None),
        ("429", None),
        ("500", None),
        ("502", "PAS_RESPONDED_WITH_ERROR"),
        ("503", "SYSTEM_UNAVAILABLE"),
        ("504", "PAS_NOT_RESPONDING"),
    ],
)
def test_plain_statuses(clerk: Caller, ers: RehearsalErs, kind: str, code: str | None) -> None:
    ers.faults.set(kind, calls=1)
    answer = clerk.create()
    assert (answer.status_code, code_of(answer)) == (int(kind), code)
    assert ers.state.all() == []
    assert clerk.create().status_code == 201


def test_too_many_has_an_empty_body_on_stu3_only(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("429", calls=2, retry_after=3)
    first = clerk.call("GET", "/STU3/CodeSystem/PRIORITY")
    assert (first.content, first.headers["Retry-After"]) == (b"", "3")
    second = clerk.call("GET", "/R4/PractitionerRole")
    assert second.json()["issue"][0]["code"] == "throttled"


def test_any_refusal_of_the_specification_can_be_asked_for(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("refuse", operation="A036", status=422, code="UNABLE_TO_CANCEL_APPOINTMENT", calls=1)
    made = clerk.create()
    path = f"/STU3/ReferralRequest/{made.json()['id']}/$ers.cancelReferral"
    answer = clerk.call("POST", path, clerk.cancel_body(), If_Match=made.headers["ETag"])
    assert (answer.status_code, code_of(answer)) == (422, "UNABLE_TO_CANCEL_APPOINTMENT")


def test_down_as_503_and_back(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("down", retry_after=120)
    answer = clerk.call("GET", "/STU3/CodeSystem/PRIORITY")
    assert (answer.status_code, code_of(answer), answer.headers["Retry-After"]) == (503, "SYSTEM_UNAVAILABLE", "120")
    ers.faults.clear("down")
    assert clerk.call("GET", "/STU3/CodeSystem/PRIORITY").status_code == 200


def test_down_as_refused_connection_lifted_through_the_side_door(clerk: Caller, ers: RehearsalErs) -> None:
    base = ers.base_url
    assert clerk.create().status_code == 201
    with httpx.Client() as kept_alive:
        assert kept_alive.get(f"{base}/STU3/x").status_code == 404
        answer = kept_alive.post(f"{ers.origin}/rehearsal/faults", json={"kind": "down", "mode": "refused"})
        assert answer.status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{base}/STU3/x")
    with pytest.raises(httpx.TransportError):
        clerk.create()
    assert httpx.delete(f"{ers.door_url}/faults").json() == []
    assert ers.base_url == base
    clerk.http = httpx.Client()
    assert clerk.create().status_code == 201
    assert len(ers.state.all()) == 2


def test_a_fault_lifts_itself() -> None:
    clock = Clock()
    with make_ers(clock, scale=10.0) as ers:
        ers.faults.set("down", seconds=1000)
        assert Caller(ers).create().status_code == 503
        clock.pass_(101)
        assert Caller(ers).create().status_code == 201


def test_refused_connections_come_back_by_themselves(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("down", mode="refused", seconds=0.3)
    with pytest.raises(httpx.TransportError):
        clerk.create()
    ended = time.monotonic() + 10
    while time.monotonic() < ended:
        with contextlib.suppress(httpx.TransportError):
            assert Caller(ers).create().status_code == 201
            return
        time.sleep(0.05)
    raise AssertionError("the port stayed closed")


@pytest.mark.parametrize("operation", ["A020", "A012", "A016", "A036"])
def test_every_write_can_lose_its_answer_after_the_commit(clerk: Caller, ers: RehearsalErs, operation: str) -> None:
    made = clerk.create()
    ubrn, etag = made.json()["id"], made.headers["ETag"]
    url = clerk.upload(ubrn).headers["Location"]
    before = ers.state.find(ubrn)
    ers.faults.set("lost_after", operation=operation, calls=1)
    with pytest.raises(httpx.RemoteProtocolError):
        if operation == "A020":
            clerk.upload(ubrn, "second.pdf")
        elif operation == "A012":
            clerk.attach(ubrn, etag, url)
        elif operation == "A016":
            clerk.call("POST", "/STU3/Appointment", clerk.booking_body(ubrn, etag[3:-1]))
        else:
            clerk.call("POST", f"/STU3/ReferralRequest/{ubrn}/$ers.cancelReferral", clerk.cancel_body(), If_Match=etag)
    if operation == "A020":
        assert len(ers.state.uploads()) == 2
    else:
        assert ers.state.find(ubrn) != before


def test_an_expired_token_is_refused_until_it_is_refreshed(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("token_expired", calls=1)
    assert clerk.create().status_code == 401
    assert clerk.create().status_code == 401
    assert Caller(ers).create().status_code == 201


def test_the_version_moves_just_before_a_write(clerk: Caller, ers: RehearsalErs) -> None:
    made = clerk.create()
    ubrn, etag = made.json()["id"], made.headers["ETag"]
    url = clerk.upload(ubrn).headers["Location"]
    ers.faults.set("version_moved", operation="A012", calls=1)
    assert clerk.attach(ubrn, etag, url).status_code == 409
    assert clerk.attach(ubrn, clerk.read(ubrn).headers["ETag"], url).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("pas_error", 502), ("pas_silent", 504)])
def test_the_pas_answers_badly_or_not_at_all(clerk: Caller, ers: RehearsalErs, kind: str, status: int) -> None:
    made = clerk.create("11004", clinic="LIPID_MANAGEMENT")
    ubrn, version = made.json()["id"], made.json()["meta"]["versionId"]
    ers.faults.set(kind)
    body = clerk.booking_body(ubrn, version, "11004", "NO_SLOTS_AT_SERVICE")
    assert clerk.call("POST", "/STU3/Appointment", body).status_code == status
    assert state_of(clerk.read(ubrn).json()) == "NOT_BOOKED"
    ers.faults.clear()
    assert clerk.call("POST", "/STU3/Appointment", body).status_code == 201


def test_a_fault_for_one_operation_leaves_the_others(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("500", operation="A005")
    made = clerk.create()
    assert made.status_code == 201
    answer = clerk.read(made.json()["id"])
    assert answer.status_code == 500
    assert "html" in answer.headers["Content-Type"]


def test_slow_answers_follow_median_and_95th_percentile() -> None:
    faults = Faults(lambda: dt.datetime(2026, 11, 22, tzinfo=dt.UTC), Random(3), scale=2.0)
    slow = faults.set("slow", median=1.0, p95=5.0)
    delays = sorted(faults.delay(slow) for _ in range(4000))
    assert statistics.median(delays) == pytest.approx(0.5, rel=0.1)
    assert delays[int(0.95 * len(delays))] == pytest.approx(2.5, rel=0.15)


def test_a_slow_answer_comes_late() -> None:
    waits: list[float] = []
    with make_ers(Clock(), sleep=waits.append) as ers:
        ers.faults.set("slow", operation="A011", median=2.0, p95=2.0)
        assert Caller(ers).create().status_code == 201
    assert waits == [pytest.approx(2.0)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "lightning"},
        {"kind": "down", "mode": "half"},
        {"kind": "500", "calls": 0},
        {"kind": "500", "colour": "red"},
        {"kind": "slow", "median": 2, "p95": 1},
        {"kind": "down", "mode": "refused", "calls": 1},
        {},
    ],
)
def test_the_door_says_what_is_wrong(ers: RehearsalErs, wrong: dict[str, object]) -> None:
    answer = httpx.post(f"{ers.door_url}/faults", json=wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert ers.faults.active() == []


def test_sign_in_is_another_system(clerk: Caller, ers: RehearsalErs) -> None:
    ers.faults.set("down")
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "rehearsal-client"}
    assert httpx.post(ers.token_url, data=form).json()["error"] == "invalid_grant"
    ers.faults.set("503", operation="TOKEN", calls=1)
    assert httpx.post(ers.token_url, data=form).status_code == 503
