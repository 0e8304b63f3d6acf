"""The whole way of a referral through the rehearsal e-RS over real HTTP: found, created, letter, sent, read back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ers_requests import ARRIVED, PDF, Caller, Clock, make_ers, state_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def clerk(clock: Clock) -> Iterator[Caller]:
    with make_ers(clock) as ers:
        yield Caller(ers)


def extension(body: dict, name: str) -> dict:
    return next(e for e in body["extension"] if e["url"].endswith(f"Extension-eRS-{name}-1"))


def availability(body: dict) -> list[str]:
    documents = [c for c in body["contained"] if c["resourceType"] == "DocumentReference"]
    return [d["content"][0]["attachment"]["extension"][0]["valueCoding"]["code"] for d in documents]


def test_a_referral_goes_all_the_way_to_triage(clerk: Caller, clock: Clock) -> None:
    roles = clerk.call(
        "GET", "/R4/PractitionerRole", NHSD_End_User_Organisation_ODS=None, NHSD_eRS_Business_Function=None
    )
    assert roles.status_code == 200
    pairs = {
        (e["resource"]["organization"]["identifier"]["value"], c["coding"][0]["code"])
        for e in roles.json()["entry"]
        for c in e["resource"]["code"]
    }
    assert ("RXX", "REFERRING_CLINICIAN_ADMIN") in pairs

    found = clerk.call("POST", "/STU3/HealthcareService/$ers.searchHealthcareServicesForPatient", clerk.search_body())
    assert found.status_code == 200, found.text
    assert [e["item"]["identifier"]["value"] for e in found.json()["entry"]] == ["11002"]

    created = clerk.create()
    assert created.status_code == 201, created.text
    body = created.json()
    ubrn, etag = body["id"], created.headers["ETag"]
    assert len(ubrn) == 12
    assert ubrn.isdigit()
    assert etag == f'W/"{body["meta"]["versionId"]}"'
    assert extension(body, "eReferralPathwayStart")["valueInstant"] == ARRIVED
    assert state_of(body) == "NOT_BOOKED"

    uploaded = clerk.upload(ubrn)
    assert uploaded.status_code == 201
    assert uploaded.content == b""
    url = uploaded.headers["Location"]
    assert url.startswith("Binary/")

    attached = clerk.attach(ubrn, etag, url)
    assert attached.status_code == 200, attached.text
    assert availability(attached.json()) == ["PENDING"]
    assert attached.headers["ETag"] != etag

    version = attached.json()["meta"]["versionId"]
    sent = clerk.call("POST", "/STU3/Appointment", clerk.booking_body(ubrn, version))
    assert sent.status_code == 201, sent.text
    assert sent.json()["reason"][0]["coding"][0]["code"] == "TRIAGE"

    clock.pass_(31)
    read = clerk.read(ubrn)
    assert read.status_code == 200
    assert state_of(read.json()) == "AWAITING_TRIAGE"
    assert availability(read.json()) == ["AVAILABLE"]
    assert read.json()["subject"]["identifier"]["value"] == "9990000018"
    latest = read.json()["meta"]["versionId"]
    assert clerk.call("GET", f"/STU3/ReferralRequest/{ubrn}/_history/{latest}").status_code == 200
    assert clerk.call("GET", f"/STU3/ReferralRequest/{ubrn}/_history/{version}").status_code == 404

    letter = clerk.call("POST", f"/STU3/ReferralRequest/{ubrn}/$ers.generatePatientLetter")
    assert letter.status_code == 200
    assert letter.content.startswith(b"%PDF-")
    assert ubrn in letter.headers["Content-Disposition"]
    assert letter.headers["X-Rehearsal"] == "true"
    assert letter.headers["X-Correlation-ID"] == "c-1"
    assert letter.headers["X-Request-ID"]

    held = clerk.ers.inspect()
    assert [r["ubrn"] for r in held["referrals"]] == [ubrn]
    assert held["referrals"][0]["letters"][0]["upload"]["size"] == len(PDF)
    assert held["calls"]["A011"] == 1
    assert held["answers"]["A011 201"] == 1
