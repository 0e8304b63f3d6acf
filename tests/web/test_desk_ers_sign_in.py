"""Signing in to e-RS from the release page: there and back in a browser, a release in that session, and what is refused."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from web.conftest import Visitor
from web.desk_samples import PASSWORD

from gateway.people import add_person
from gateway.settings import WebSettings
from gateway.store import Store, open_store
from gateway.web_server import WebDoor


@pytest.fixture
def ers_desk(tmp_path: Path) -> Iterator[tuple[Any, str, Store]]:
    """A desk beside a simulated e-RS that wants a sign-in; a team leader and a clerk."""
    place = Path(__file__).parent.parent / "gateway" / "release_site.py"
    spec = importlib.util.spec_from_file_location("release_site", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["release_site"] = module
    spec.loader.exec_module(module)
    store = open_store(f"sqlite:///{tmp_path / 'gateway.sqlite3'}")
    with module.open_site(store) as site:
        ers = site.settings.ers.model_copy(
            update={
                "authorize_url": f"{site.ers.origin}/oauth2/authorize",
                "token_url": site.ers.token_url,
                "client_id": "rehearsal-client",
                "client_key": None,
            }
        )
        settings = site.settings.model_copy(update={"web": WebSettings(port=0), "ers": ers})
        door = WebDoor(store, settings, None, None, module.utc_now)
        door.start()
        with store.write() as session:
            add_person(session, "Tess Leader", "team leader", "tests", module.utc_now(), password=PASSWORD)
            add_person(session, "Max Leader", "team leader", "tests", module.utc_now(), password=PASSWORD)
            add_person(session, "Ann Clerk", "clerk", "tests", module.utc_now(), password=PASSWORD)
        yield site, door.address.rstrip("/"), store
        door.stop()
    store.close()


@pytest.fixture
def signed_in(ers_desk: tuple[Any, str, Store]) -> Iterator[Callable[[str], Visitor]]:
    """Somebody at the desk."""
    opened = []

    def make(name: str) -> Visitor:
        visitor = Visitor(base_url=ers_desk[1], timeout=60)
        opened.append(visitor)
        assert visitor.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
        return visitor

    yield make
    for visitor in opened:
        visitor.close()


def _there(visitor: Visitor) -> tuple[str, str]:
    """To the sign-in of e-RS, which approves at once: state and code with which it sends the browser back."""
    begun = visitor.get("/release/sign-in")
    assert begun.status_code == 303, begun.text
    back = httpx.get(begun.headers["location"]).headers["location"]
    query = parse_qs(urlsplit(back).query)
    return query["state"][0], query["code"][0]


def test_a_release_runs_in_the_session_begun_at_the_desk(
    ers_desk: tuple[Any, str, Store], signed_in: Callable[[str], Visitor]
) -> None:
    site, _address, store = ers_desk
    site.add()
    tess = signed_in("Tess Leader")
    assert "Sign in to e-RS with your smartcard" in tess.page("/release")
    state, code = _there(tess)
    between = tess.page(f"/release/signed-in?state={state}&code={code}")
    assert f"/release/signed-in/finish?state={state}&amp;code={code}" in between
    done = tess.get("/release/signed-in/finish", params={"state": state, "code": code})
    assert (done.status_code, done.headers["location"]) == (303, "/release")
    page = tess.page("/release")
    assert "You are signed in to e-RS until" in page and "Signed in to e-RS until" in page
    assert tess.submit("/release/start", organisation="RXX", role="REFERRING_CLINICIAN_ADMIN").status_code == 303
    for _ in range(100):
        status = tess.get("/release/live").json()
        if not status["here"]:
            break
        time.sleep(0.2)
    assert status["state"] == "DONE" and len(site.in_ers()) == 1
    # the token stands nowhere in the store
    files = [p for p in Path(str(store.engine.url.database)).parent.iterdir() if "sqlite3" in p.name]
    held = tess.get("/release").text
    tokens = [*site.ers.tokens._access, *site.ers.tokens._refresh]
    assert tokens and not any(token.encode() in p.read_bytes() for p in files for token in tokens)
    assert not any(token in held for token in tokens)
    tess.submit("/release/sign-out")
    assert "Sign in to e-RS with your smartcard" in tess.page("/release")


def test_strangers_used_and_cancelled_sign_ins_are_refused(
    ers_desk: tuple[Any, str, Store], signed_in: Callable[[str], Visitor]
) -> None:
    tess, other, clerk = signed_in("Tess Leader"), signed_in("Max Leader"), signed_in("Ann Clerk")
    assert clerk.get("/release/sign-in").status_code == 403
    state, code = _there(tess)
    finish = "/release/signed-in/finish"
    assert other.get(finish, params={"state": state, "code": code}).status_code == 409
    # a state is used once, whoever used it
    assert tess.get(finish, params={"state": state, "code": code}).status_code == 409
    state, _code = _there(tess)
    assert "refused or cancelled" in tess.get(finish, params={"state": state, "code": ""}).text
    state, _code = _there(tess)
    assert tess.get(finish, params={"state": state, "code": "wrong"}).status_code == 409
    assert tess.get(finish, params={"state": "made-up", "code": "x"}).status_code == 409
    assert "with your smartcard" in tess.page("/release")
    state, code = _there(tess)
    tess.get(finish, params={"state": state, "code": code})
    tess.submit("/sign-out")
    again = signed_in("Tess Leader")
    assert "with your smartcard" in again.page("/release")


@pytest.mark.slow
def test_there_and_back_in_a_browser(ers_desk: tuple[Any, str, Store], chromium: Any) -> None:
    """The desk's cookie is not sent along from another site: the page in between takes the last step."""
    site, address, _store = ers_desk
    site.add()
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/sign-in?next=/release")
    page.get_by_label("Name").fill("Tess Leader")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sign in to e-RS with your smartcard").click()
    page.get_by_text("You are signed in to e-RS until").wait_for()
    assert page.url == f"{address}/release"
    context.close()
