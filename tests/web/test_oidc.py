"""Log-in by the trust's identity service: existing people only, every check of the id token, and the way through a browser."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import select
from web.conftest import Visitor
from web.desk_samples import PASSWORD, Clock
from web.identity_service import IdentityService

from gateway.people import add_person, change_access, find_person
from gateway.settings import DeskSettings, Settings, WebSettings
from gateway.store import Store, open_store
from gateway.tables import Event
from gateway.tables_desk import Person, WebSession
from gateway.web_server import WebDoor

SECRET = "a client secret"


@pytest.fixture
def service() -> Iterator[IdentityService]:
    with IdentityService(secret=SECRET) as opened:
        yield opened


@pytest.fixture
def desk(service: IdentityService, tmp_path: Path) -> Iterator[tuple[str, Store]]:
    """A desk at which the identity service is set up, and one person who has access."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    store, clock = open_store(f"sqlite:///{tmp_path / 'gateway.sqlite3'}"), Clock(dt.datetime.now(dt.UTC))
    settings = Settings(
        data=tmp_path,
        web=WebSettings(port=0),
        desk=DeskSettings(oidc_issuer=service.issuer, oidc_client_id="desk", oidc_secret_file=secret),
    )
    door = WebDoor(store, settings, None, None, clock)
    door.start()
    with store.write() as session:
        add_person(session, "Ann Clerk", "clerk", "tests", clock())
    yield door.address.rstrip("/"), store
    door.stop()
    store.close()


@pytest.fixture
def visitor(desk: tuple[str, Store]) -> Iterator[Visitor]:
    with Visitor(base_url=desk[0], timeout=20) as opened:
        yield opened


def come_back(visitor: Visitor, to: str = "/") -> httpx.Response:
    """There and back again."""
    begun = visitor.get("/sign-in/begin", params={"next": to})
    assert begun.status_code == 303, begun.text
    back = httpx.get(begun.headers["location"]).headers["location"]
    return visitor.get(back)


def test_an_existing_person_is_signed_in(visitor: Visitor, desk: tuple[str, Store]) -> None:
    assert "Sign in with your trust account" in visitor.page("/sign-in")
    back = come_back(visitor, "/?show=all")
    assert back.status_code == 200 and 'content="0;url=/?show=all"' in back.text
    # the one-time password that nobody changed stops working instead of having to be changed
    assert "Ann Clerk" in visitor.page("/")
    with desk[1].read() as session:
        assert not find_person(session, "Ann Clerk").must_change
        assert session.exec(select(Event).where(Event.action == "person.signed_in")).first() is not None


def test_nobody_is_made_by_a_log_in(visitor: Visitor, desk: tuple[str, Store], service: IdentityService) -> None:
    service.user = "Eve Stranger"
    refused = come_back(visitor)
    assert refused.status_code == 401 and "no access to the referral desk" in refused.text
    service.user = "Ann Clerk"
    with desk[1].write() as session:
        change_access(session, find_person(session, "Ann Clerk"), "tests", dt.datetime.now(dt.UTC), disabled=True)
    assert come_back(visitor).status_code == 401
    with desk[1].read() as session:
        names = {p.name for p in session.exec(select(Person))}
        turned = session.exec(select(Event).where(Event.action == "person.turned_away")).all()
    assert names == {"administrator", "Ann Clerk"} and len(turned) == 2
    assert visitor.get("/").status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": ["desk", "another"]},
        {"iss": "http://127.0.0.1:1/realm"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"preferred_username": ""},
        {"preferred_username": ["Ann Clerk"]},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_now_is_refused(
    visitor: Visitor, service: IdentityService, wrong: dict[str, Any]
) -> None:
    service.wrong = wrong
    assert come_back(visitor).status_code == 401
    assert visitor.get("/").status_code == 303


@pytest.mark.parametrize("how", ["another key", "HS256", "none"])
def test_a_token_signed_by_others_is_refused(visitor: Visitor, service: IdentityService, how: str) -> None:
    service.forged = how == "another key"
    service.plain = None if service.forged else how
    refused = come_back(visitor)
    assert refused.status_code == 401 and "could not be verified" in refused.text


def test_a_new_key_is_found_at_the_next_log_in(visitor: Visitor, service: IdentityService) -> None:
    assert come_back(visitor).status_code == 200
    service.turn_key()
    assert come_back(visitor).status_code == 401
    assert come_back(visitor).status_code == 200


def test_it_must_be_this_browser_and_only_once(visitor: Visitor, desk: tuple[str, Store]) -> None:
    begun = visitor.get("/sign-in/begin")
    back = httpx.get(begun.headers["location"]).headers["location"]
    with Visitor(base_url=desk[0]) as other:
        assert other.get(back).status_code == 401
    assert visitor.get(back).status_code == 401  # used up
    begun = visitor.get("/sign-in/begin")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    assert visitor.get("/sign-in/back", params={"state": state, "code": "made-up"}).status_code == 401
    assert visitor.get("/sign-in/back").status_code == 401


def test_after_a_sign_out_or_an_ended_session_the_log_in_asks_anew(visitor: Visitor, desk: tuple[str, Store]) -> None:
    """Else the next person at a shared machine would be taken for the one who signed out: the service still knows that one."""

    def asked() -> bool:
        return "prompt=login" in visitor.get("/sign-in/begin").headers["location"]

    assert not asked()
    assert come_back(visitor).status_code == 200
    with desk[1].write() as session:
        for row in session.exec(select(WebSession)):
            row.ended_at = dt.datetime.now(dt.UTC)
    assert asked(), "the session ended while nobody looked"
    assert come_back(visitor).status_code == 200
    visitor.submit("/sign-out")
    assert "gateway_session" not in visitor.cookies and asked()
    assert come_back(visitor).status_code == 200
    assert visitor.cookies.get("gateway_signed_out") is None


def test_cancelled_or_away_leaves_the_password(
    visitor: Visitor, desk: tuple[str, Store], service: IdentityService
) -> None:
    service.cancelled = True
    refused = come_back(visitor)
    assert "refused or cancelled" in refused.text and 'name="password"' in refused.text
    assert visitor.get("/sign-in/begin", params={"next": "//evil.example"}).status_code == 303


def test_a_service_that_is_away_is_told(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'gateway.sqlite3'}")
    settings = Settings(
        data=tmp_path,
        web=WebSettings(port=0),
        desk=DeskSettings(oidc_issuer="http://127.0.0.1:9/realm", oidc_client_id="desk"),
    )
    door = WebDoor(store, settings, None, None, lambda: dt.datetime.now(dt.UTC))
    door.start()
    with httpx.Client(base_url=door.address) as visitor:
        away = visitor.get("/sign-in/begin")
        assert away.status_code == 503 and "did not answer" in away.text and 'name="password"' in away.text
    door.stop()
    store.close()


@pytest.mark.slow
def test_through_a_browser(desk: tuple[str, Store], chromium: Any) -> None:
    context = chromium.new_context(base_url=desk[0])
    page = context.new_page()
    page.goto("/arrivals")
    page.get_by_role("link", name="Sign in with your trust account").click()
    page.get_by_role("heading", name="What arrived").or_(page.get_by_role("heading", name="Arrivals")).first.wait_for()
    assert page.url.endswith("/arrivals")
    assert PASSWORD not in page.content()
    context.close()
