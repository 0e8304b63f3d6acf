"""Signing in: cookie, CSRF, throttle, expiry, roles, the first administrator, and what every answer carries."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from sqlmodel import select
from web.conftest import Visitor
from web.desk_samples import PASSWORD, DeskSite

from gateway.errors import Refused, WrongInput
from gateway.events import verify_chain
from gateway.people import add_person, change_access, check_password, find_person, first_administrator
from gateway.settings import WebSettings
from gateway.tables import Event
from gateway.tables_desk import Person, WebSession
from gateway.web_desk import local_path
from gateway.web_security import POLICY
from gateway.web_server import WebDoor

Visit = Callable[..., Visitor]


def test_nothing_opens_without_a_sign_in(visit: Visit) -> None:
    visitor = visit()
    for path in ("/", "/referrals/R-7K2M", "/picture/R-7K2M/1.png", "/release", "/export/list.csv", "/original/D-7K2M"):
        answer = visitor.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"), path


def test_the_first_start_makes_one_administrator_with_a_one_time_password(site: DeskSite) -> None:
    assert site.door.first_person is not None
    name, password = site.door.first_person
    assert password in "\n".join(site.door.lines)
    with site.store.write() as session:
        assert first_administrator(session, site.clock()) is None
    with httpx.Client(base_url=site.url) as browser:
        answer = browser.post("/sign-in", data={"name": name, "password": password})
        assert answer.headers["location"] == "/password"
        assert browser.get("/").headers["location"] == "/password"
        token = re.search(r'name="csrf" value="([^"]+)"', browser.get("/password").text)
        assert token
        new = {"csrf": token[1], "old": password, "new": PASSWORD, "again": PASSWORD}
        assert browser.post("/password", data=new).status_code == 303
        assert browser.get("/").status_code == 200
        assert browser.get("/people").status_code == 200


def test_cookie_and_headers(site: DeskSite, visit: Visit) -> None:
    site.person("Ann Clerk")
    answer = visit().post("/sign-in", data={"name": " ann  clerk", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    visitor = visit("Ben Clerk")
    for path in ("/", "/sign-in", "/nothing", "/static/desk.css", "/api/balance"):
        got = visitor.get(path)
        assert got.headers["content-security-policy"] == POLICY
        assert got.headers["x-content-type-options"] == "nosniff"
        assert "server" not in got.headers
    assert "unsafe" not in POLICY
    assert visitor.get("/").headers["cache-control"] == "no-store"


def test_no_page_has_inline_script_or_style(visit: Visit, site: DeskSite) -> None:
    visitor = visit("Tess", "team leader")
    code = site.referral(doubtful=("patient.birth_date",), pages=2)
    for path in ("/", f"/referrals/{code}", "/release", "/outage", "/print/pack", "/password"):
        text = visitor.page(path)
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", text), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text), path


def test_a_form_without_the_token_does_nothing(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral()
    answer = visitor.post(f"/referrals/{code}/hold", data={"why": "x"})
    assert answer.status_code == 403
    other = visitor.post(
        f"/referrals/{code}/hold",
        data={"csrf": visitor.token(), "why": "x"},
        headers={"Origin": "https://evil.example"},
    )
    assert other.status_code == 403
    assert "On hold</strong>" not in visitor.page(f"/referrals/{code}")


def test_wrong_passwords_are_counted_and_then_have_to_wait(site: DeskSite, visit: Visit) -> None:
    site.person("Ann Clerk")
    visitor = visit()
    said = [visitor.post("/sign-in", data={"name": "Ann Clerk", "password": "wrong-wrong"}) for _ in range(6)]
    assert {answer.status_code for answer in said} == {401}
    assert "Name or password is not right" in said[0].text and "too many" in said[-1].text
    right = visitor.post("/sign-in", data={"name": "Ann Clerk", "password": PASSWORD})
    assert right.status_code == 401
    site.clock.move(minutes=16)
    assert visitor.post("/sign-in", data={"name": "Ann Clerk", "password": PASSWORD}).status_code == 303


def test_one_address_cannot_try_for_ever(visit: Visit) -> None:
    visitor = visit()
    said = [visitor.post("/sign-in", data={"name": f"nobody {n}", "password": "x"}).text for n in range(22)]
    assert "too many tries from this machine" in said[-1]


def test_unknown_names_are_told_the_same(site: DeskSite) -> None:
    site.person("Ann Clerk")
    told = []
    for name in ("Ann Clerk", "Nobody"):
        with pytest.raises(Refused) as refused:
            check_password(site.store, name, "wrong-wrong", site.clock())
        told.append(refused.value.says)
    assert told[0] == told[1]


def test_a_session_ends_by_idleness_and_by_the_shift(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Ann Clerk")
    site.clock.move(minutes=29)
    assert visitor.get("/").status_code == 200
    site.clock.move(minutes=29)
    assert visitor.get("/list/live", headers={"X-Live": "1"}).status_code == 200
    site.clock.move(minutes=2)
    assert visitor.get("/").status_code == 303, "looking again by itself kept the session open"
    back = visit()
    back.post("/sign-in", data={"name": "Ann Clerk", "password": PASSWORD})
    for _ in range(25):
        site.clock.move(minutes=29)
        back.get("/")
    assert back.get("/").status_code == 303


def test_signing_out_ends_the_session_and_gives_claims_back(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(doubtful=("patient.birth_date",))
    visitor.page(f"/referrals/{code}")
    cookie = visitor.cookies["gateway_session"]
    assert visitor.submit("/sign-out").status_code == 303
    again = httpx.get(f"{site.url}/", cookies={"gateway_session": cookie})
    assert again.status_code == 303
    assert "works on this now" not in visit("Ben Clerk").page(f"/referrals/{code}")


def test_an_auditor_only_reads(site: DeskSite, visit: Visit) -> None:
    code = site.referral(doubtful=("patient.birth_date",))
    auditor = visit("Olga Auditor", "auditor")
    page = auditor.page(f"/referrals/{code}")
    assert 'id="save"' not in page
    for path in (
        f"/referrals/{code}/save",
        f"/referrals/{code}/confirm",
        "/release/start",
        "/outage/open",
        "/people",
        "/hand-in",
    ):
        assert auditor.submit(path, why="x").status_code == 403, path
    assert auditor.get("/people").status_code == 403
    clerk = visit("Ann Clerk")
    assert clerk.submit("/outage/open", why="x").status_code == 403
    assert clerk.submit("/people", do="add", name="Eve Else", role="administrator").status_code == 403


def test_taking_access_away_ends_everything(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Ann Clerk")
    with site.store.write() as session:
        change_access(session, find_person(session, "Ann Clerk"), "tests", site.clock(), disabled=True)
    assert visitor.get("/").status_code == 303
    assert visit().post("/sign-in", data={"name": "Ann Clerk", "password": PASSWORD}).status_code == 401


def test_the_last_administrator_stays(site: DeskSite) -> None:
    with site.store.write() as session, pytest.raises(Refused, match="only administrator"):
        change_access(session, find_person(session, "administrator"), "tests", site.clock(), disabled=True)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "ann clerk 12"])
def test_weak_passwords_are_refused(site: DeskSite, password: str) -> None:
    with site.store.write() as session, pytest.raises(WrongInput):
        add_person(session, "Ann Clerk", "clerk", "tests", site.clock(), password=password)


def test_names_that_events_use_are_no_people(site: DeskSite) -> None:
    with site.store.write() as session, pytest.raises(WrongInput):
        add_person(session, "Machine", "clerk", "tests", site.clock())


def test_secrets_are_kept_only_as_hashes(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Ann Clerk")
    with site.store.read() as session:
        person = session.exec(select(Person).where(Person.name == "Ann Clerk")).one()
        rows = session.exec(select(WebSession)).all()
        lines = session.exec(select(Event)).all()
        assert not verify_chain(session).faults
    assert person.password_hash.startswith("$argon2id$")
    assert visitor.cookies["gateway_session"] not in {row.cookie_hash for row in rows}
    assert PASSWORD not in " ".join(str(line.data) for line in lines)


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", None]
)
def test_after_signing_in_one_stays_here(path: str | None) -> None:
    assert local_path(path) == "/"


def test_where_one_was_is_kept_as_a_path_without_values() -> None:
    assert local_path("/referrals/R-7K2M?show=ready") == "/referrals/R-7K2M?show=ready"


@pytest.mark.parametrize("number", ["²", "9" * 30, "-1", "0x1"])
def test_a_number_that_no_row_can_have_is_no_fault_of_ours(site: DeskSite, visit: Visit, number: str) -> None:
    """`²` counts as a digit of Unicode and is no number; thirty digits are one that no database holds."""
    visitor, code = visit("Ann Clerk"), site.referral(pages=2)
    assert visitor.get("/", params={"page": number}).status_code == 200
    for path in (f"/picture/{code}/{number}.png", f"/paper-picture/{code}/1/{number}.png", f"/forms/{number}"):
        assert visitor.get(path).status_code in (403, 404, 422), path
    assert visitor.submit(f"/referrals/{code}/split", pages=number, version=number).status_code == 422
    with Visitor(base_url=site.url) as leader:
        site.person("Tess", "team leader")
        leader.post("/sign-in", data={"name": "Tess", "password": PASSWORD})
        assert leader.get(f"/forms/{number}").status_code in (404, 422)
        assert leader.submit("/forms", paper=code, page=number).status_code in (303, 422)


def test_behind_a_proxy_that_speaks_tls_the_cookie_goes_by_tls_only(site: DeskSite) -> None:
    """`web.address` says how people reach the desk; its own certificate is not the only way to be reached safely."""
    web = WebSettings(port=0, address="https://desk.trust.example")
    door = WebDoor(site.store, site.settings.model_copy(update={"web": web}), None, None, site.clock)
    door.start()
    try:
        site.person("Ann Clerk")
        answer = httpx.post(f"{door.address}sign-in", data={"name": "Ann Clerk", "password": PASSWORD})
        assert "Secure" in answer.headers["set-cookie"] and "strict-transport-security" in answer.headers
    finally:
        door.stop()
    plain = httpx.post(f"{site.url}/sign-in", data={"name": "Ann Clerk", "password": PASSWORD})
    assert "Secure" not in plain.headers["set-cookie"]
