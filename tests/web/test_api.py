"""The JSON API: nothing without session or token, the contract's objects, the same rules, files kept before the answer."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from sqlmodel import select
from web.conftest import Visitor
from web.desk_samples import DeskSite, draw_page

from gateway.events import record
from gateway.incidents import incidents
from gateway.people import change_access, find_person, make_token
from gateway.store import keep_blob
from gateway.tables import Delivery, Page

Visit = Callable[..., Visitor]
PATHS = [
    f"/api/{path}"
    for path in ("referrals", "referrals/R-7K2M", "deliveries", "balance", "release", "outage", "openapi.json")
]


@pytest.fixture
def api(site: DeskSite) -> httpx.Client:
    """A program with a clerk's token."""
    site.person("PAS interface")
    with site.store.write() as session:
        token = make_token(session, find_person(session, "PAS interface"), "tests", site.clock())
    return httpx.Client(base_url=f"{site.url}/api", headers={"Authorization": f"Bearer {token}"}, timeout=30)


@pytest.mark.parametrize("path", PATHS)
def test_401_without_a_session_or_token(site: DeskSite, path: str) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic YTpi"},
        {"Cookie": "gateway_session=wrong"},
    ):
        answer = httpx.get(site.url + path, headers=headers)
        assert answer.status_code == 401 and answer.json()["code"] == "unauthorised"


def test_lists_hold_no_values_and_one_referral_holds_all(site: DeskSite, api: httpx.Client) -> None:
    code = site.referral(doubtful=("patient.birth_date",))
    rows = api.get("/referrals", params={"state": "IN_REVIEW", "practice": "A98001"}).json()
    assert [row["referral"] for row in rows] == [code] and "Brien" not in str(rows)
    one = api.get(f"/referrals/{code}").json()
    assert one["fields"]["patient.family_name"]["value"] == "O'Brien" and one["arrived_at"].endswith("Z")
    assert one["questions"][0]["field"] == "patient.birth_date"
    assert api.get("/referrals/R-ZZZZ").status_code == 404
    assert api.get("/referrals", params={"state": "nonsense"}).status_code == 422
    assert api.get("/referrals", params={"limit": 0}).status_code == 422


def test_decisions_go_through_the_same_rules(site: DeskSite, api: httpx.Client) -> None:
    code = site.referral(patient__nhs_number="9990000050")
    wrong = api.post(f"/referrals/{code}/values", json={"fields": {"patient.nhs_number": "9990000019"}})
    assert wrong.status_code == 422 and "check digit" in wrong.json()["says"]
    version = api.get(f"/referrals/{code}").json()["version"]
    done = api.post(
        f"/referrals/{code}/values", json={"fields": {"patient.address": "1 High Street"}, "version": version}
    )
    assert done.json()["version"] > version
    stale = api.post(f"/referrals/{code}/approve", json={"version": version})
    assert stale.status_code == 409 and stale.json()["code"] == "stale"
    unseen = api.post(f"/referrals/{code}/approve", json={})
    assert unseen.status_code == 409 and unseen.json()["code"] == "unseen"
    (page,) = api.get(f"/referrals/{code}/pages").json()
    assert page["identifiers"] and api.get(f"/referrals/{code}/pages/{page['id']}.png").content.startswith(b"\x89PNG")
    assert api.post(f"/referrals/{code}/approve", json={}).json()["state"] == "READY"
    assert api.post(f"/referrals/{code}/hold", json={"why": "ask first"}).status_code == 200
    assert api.post(f"/referrals/{code}/unhold").status_code == 200
    assert api.post(f"/referrals/{code}/choose", json={}).status_code == 422
    assert api.post(f"/referrals/{code}/choose", json={"service": "11002"}).status_code == 200
    assert (
        api.post(f"/referrals/{code}/end", json={"as": "kept on PAS", "hospital_number": "H123"}).json()["state"]
        == "CLOSED"
    )
    assert api.post(f"/referrals/{code}/end", json={"as": "returned", "why": "x", "extra": 1}).status_code == 422


def test_an_approval_needs_the_picture_as_it_is_now_by_that_person(site: DeskSite, api: httpx.Client) -> None:
    """P3: neither another person's look, nor an old picture of the page, nor a look of yesterday is a proof."""
    code = site.referral(patient__nhs_number="9990000050", pages=2)
    pages = api.get(f"/referrals/{code}/pages").json()
    assert [p["identifiers"] for p in pages] == [True, False]
    address = f"/referrals/{code}/pages/{pages[0]['id']}.png"
    with site.store.write() as session:
        record(session, "picture.viewed", code, "Ann Clerk", site.clock(), {"page_id": pages[0]["id"]})
    api.get(f"/referrals/{code}/pages/{pages[1]['id']}.png")
    assert api.post(f"/referrals/{code}/approve", json={}).status_code == 409
    assert api.get(address).status_code == 200
    with site.store.write() as session:
        page = session.get_one(Page, pages[0]["id"])
        page.picture_sha256 = keep_blob(session, draw_page({}, 1, "DRAWN ANEW")[0], "image/png")
        session.add(page)
    assert api.post(f"/referrals/{code}/approve", json={}).status_code == 409
    assert api.get(address).status_code == 200
    site.clock.move(hours=13)
    assert api.post(f"/referrals/{code}/approve", json={}).status_code == 409
    api.get(address)
    assert api.post(f"/referrals/{code}/approve", json={}).json()["state"] == "READY"
    assert api.get(f"/referrals/{code}/pages/999999.png").status_code == 404


def test_endings_are_taken_back_with_a_reason(site: DeskSite, api: httpx.Client) -> None:
    code = site.referral(patient__nhs_number="9990000050")
    api.post(f"/referrals/{code}/end", json={"as": "not a referral", "why": "an advert"})
    assert api.post(f"/referrals/{code}/undo", json={}).status_code == 422
    done = api.post(f"/referrals/{code}/undo", json={"why": "it is one"})
    assert done.json()["state"] == "IN_REVIEW" and "it is one" in str(done.json()["against"])
    assert api.post(f"/referrals/{code}/undo", json={"why": "again"}).status_code == 409


def test_the_daily_work_beside_the_decisions(site: DeskSite, api: httpx.Client) -> None:
    code = site.referral(doubtful=("patient.birth_date",), pages=2)
    pages = [p["id"] for p in api.get(f"/referrals/{code}/pages").json()]
    assert api.post(f"/referrals/{code}/claim").status_code == 200
    assert api.post(f"/referrals/{code}/order", json={"pages": [2]}).status_code == 422
    assert api.post(f"/referrals/{code}/order", json={"pages": [2, 1]}).status_code == 200
    assert [p["id"] for p in api.get(f"/referrals/{code}/pages").json()] == pages[::-1]
    wrong = api.post(f"/referrals/{code}/call", json={"whom": "Castle Hill", "result": ""})
    assert wrong.status_code == 422
    noted = {
        "whom": "Castle Hill",
        "result": "rings back",
        "at": "2026-11-20T08:42:00Z",
        "next_try": "21/11/2026 09:00",
    }
    assert api.post(f"/referrals/{code}/call", json=noted).status_code == 200
    assert api.get("/referrals", params={"held": True}).json()[0]["referral"] == code
    assert api.post(f"/referrals/{code}/give-back").status_code == 200
    given = {"as": "not for us", "why": "secure mail"}
    assert api.post(f"/referrals/{code}/end", json={**given, "why": ""}).status_code == 422
    # from whom it came may be unknown; the incident then says so
    assert api.post(f"/referrals/{code}/end", json=given).status_code == 200
    with site.store.read() as session:
        assert [(i["referral"], i["organisation"]) for i in incidents(session)] == [(code, "not known")]


def test_a_claimed_one_is_left_alone(site: DeskSite, api: httpx.Client, visit: Visit) -> None:
    code = site.referral(doubtful=("patient.birth_date",))
    visit("Ann Clerk").page(f"/referrals/{code}")
    answer = api.post(f"/referrals/{code}/values", json={"fields": {"patient.gender": "male"}})
    assert answer.status_code == 409 and "Ann Clerk works on" in answer.json()["says"]


def test_a_file_is_kept_before_the_answer(site: DeskSite, api: httpx.Client) -> None:
    answer = api.post(
        "/deliveries", files={"file": ("Bob Elm.pdf", b"%PDF-1.4 x")}, params={"arrived_at": "2026-11-19T16:00:00Z"}
    )
    assert answer.status_code == 201
    with site.store.read() as session:
        row = session.exec(select(Delivery).where(Delivery.code == answer.json()["delivery"])).one()
    assert (row.route, row.sender, row.arrived_at.isoformat()) == (
        "upload",
        "PAS interface",
        "2026-11-19T16:00:00+00:00",
    )
    assert api.get("/deliveries").json()[0]["delivery"] == row.code
    assert api.get(f"/deliveries/{row.code}").json()["outcome"] == "waiting"
    assert api.post("/deliveries", files={"file": ("a.pdf", b"")}).status_code == 422
    assert (
        api.post(
            "/deliveries", files={"file": ("a.pdf", b"x")}, params={"arrived_at": "2030-01-01T00:00:00Z"}
        ).status_code
        == 422
    )


def test_too_large_a_file_is_refused(site: DeskSite, api: httpx.Client) -> None:
    def endless() -> object:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        for _ in range(60):
            yield b"x" * (1 << 20)

    assert (
        api.post(
            "/deliveries", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=x"}
        ).status_code
        == 413
    )


def test_the_balance_is_the_contracts_object(site: DeskSite, api: httpx.Client) -> None:
    site.referral(pages=2)
    found = api.get("/balance").json()
    assert (found["pages_received"], found["pages_in_referrals"], found["difference"], found["open"]) == (2, 2, 0, 1)


def test_a_browser_needs_the_token_of_its_session_for_changes(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral()
    assert visitor.get("/api/balance").status_code == 200
    assert visitor.post(f"/api/referrals/{code}/hold", json={"why": "x"}).status_code == 409
    answer = visitor.post(f"/api/referrals/{code}/hold", json={"why": "x"}, headers={"X-CSRF": visitor.token()})
    assert answer.status_code == 200


def test_an_auditors_token_only_reads(site: DeskSite, api: httpx.Client) -> None:
    code = site.referral()
    with site.store.write() as session:
        change_access(session, find_person(session, "PAS interface"), "tests", site.clock(), role="auditor")
    assert api.get("/referrals").status_code == 200
    assert api.post(f"/referrals/{code}/hold", json={"why": "x"}).status_code == 403
    with site.store.write() as session:
        change_access(session, find_person(session, "PAS interface"), "tests", site.clock(), disabled=True)
    assert api.get("/referrals").status_code == 401


def test_the_api_is_described(api: httpx.Client) -> None:
    described = api.get("/openapi.json").json()
    assert {"/api/referrals", "/api/deliveries", "/api/balance"} <= set(described["paths"])
    assert all(path.startswith("/api/") for path in described["paths"])
