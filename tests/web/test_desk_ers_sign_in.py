"""Signing in to e-RS from the release page: there and back in a browser, a release in that session, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web.desk_samples import PASSWORD
from web.ers_desk import ErsDesk, open_ers_desk, run_release, sign_in_to_ers, there_and_back

from gateway.desk_ers_session import ErsSessions
from gateway.ers_signin import session_from


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ErsDesk]:
    with open_ers_desk(tmp_path) as opened:
        yield opened


def test_a_release_runs_in_the_session_begun_at_the_desk(desk: ErsDesk) -> None:
    desk.site.add()
    with desk.visitor("Tess Leader") as tess:
        assert "Sign in to e-RS with your smartcard" in tess.page("/release")
        state, code = there_and_back(tess)
        between = tess.page(f"/release/signed-in?state={state}&code={code}")
        assert f"/release/signed-in/finish?state={state}&amp;code={code}" in between
        done = tess.get("/release/signed-in/finish", params={"state": state, "code": code})
        assert (done.status_code, done.headers["location"]) == (303, "/release")
        page = tess.page("/release")
        assert "You are signed in to e-RS until" in page and "Signed in to e-RS until" in page
        assert run_release(tess)["state"] == "DONE" and len(desk.site.in_ers()) == 1
        # the token stands nowhere in the store
        files = [p for p in Path(str(desk.store.engine.url.database)).parent.iterdir() if "sqlite3" in p.name]
        held = tess.get("/release").text
        known = desk.site.ers.tokens
        tokens = [*known._access, *known._refresh]
        assert tokens and not any(token.encode() in p.read_bytes() for p in files for token in tokens)
        assert not any(token in held for token in tokens)
        tess.submit("/release/sign-out")
        assert "Sign in to e-RS with your smartcard" in tess.page("/release")


def test_strangers_used_and_cancelled_sign_ins_are_refused(desk: ErsDesk) -> None:
    finish = "/release/signed-in/finish"
    with desk.visitor("Tess Leader") as tess, desk.visitor("Max Leader") as other, desk.visitor("Ann Clerk") as clerk:
        assert clerk.get("/release/sign-in").status_code == 403
        state, code = there_and_back(tess)
        assert other.get(finish, params={"state": state, "code": code}).status_code == 409
        # a state is used once, whoever used it
        assert tess.get(finish, params={"state": state, "code": code}).status_code == 409
        state, _code = there_and_back(tess)
        assert "refused or cancelled" in tess.get(finish, params={"state": state, "code": ""}).text
        state, _code = there_and_back(tess)
        assert tess.get(finish, params={"state": state, "code": "wrong"}).status_code == 409
        assert tess.get(finish, params={"state": "made-up", "code": "x"}).status_code == 409
        assert "with your smartcard" in tess.page("/release")
        sign_in_to_ers(tess)
        tess.submit("/sign-out")
    with desk.visitor("Tess Leader") as again:
        assert "with your smartcard" in again.page("/release")


@pytest.mark.parametrize("to", ["//evil.example/x", "https://evil.example", "/\\evil.example", "/a\tb"])
def test_it_leads_back_to_where_it_was_begun_and_never_elsewhere(desk: ErsDesk, to: str) -> None:
    with desk.visitor("Tess Leader") as tess:
        assert sign_in_to_ers(tess, "/referrals/R-7K2M/cancel").headers["location"] == "/referrals/R-7K2M/cancel"
        assert sign_in_to_ers(tess, to).headers["location"] == "/"


def test_no_session_at_e_rs_outlives_the_shift(desk: ErsDesk) -> None:
    """A refresh token would otherwise stay good in the memory of the service for as long as it runs."""
    noon, settings = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC), desk.site.settings.ers
    held, ticks = ErsSessions(dt.timedelta(hours=12)), [0.0]
    answer = '{"access_token": "a", "refresh_token": "r", "expires_in": 600}'
    held._held["Tess"] = (session_from(answer, settings, lambda: ticks[0]), noon)  # type: ignore[assignment]
    now = held.of("Tess", noon)
    assert now is not None and now.until == noon + dt.timedelta(minutes=10)
    ticks[0] = 700.0
    later = held.of("Tess", noon + dt.timedelta(minutes=12))
    assert later is not None and later.until is None, "it renews itself: no hour that has passed is shown"
    assert held.of("Tess", noon + dt.timedelta(hours=12)) is None
    assert held.of("Tess", noon) is None, "forgotten for good"


@pytest.mark.slow
def test_there_and_back_in_a_browser(desk: ErsDesk, chromium: Any) -> None:
    """The desk's cookie is not sent along from another site: the page in between takes the last step."""
    desk.site.add()
    context = chromium.new_context(base_url=desk.url)
    page = context.new_page()
    page.goto("/sign-in?next=/release")
    page.get_by_label("Name").fill("Tess Leader")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sign in to e-RS with your smartcard").click()
    page.get_by_text("You are signed in to e-RS until").wait_for()
    assert page.url == f"{desk.url}/release"
    context.close()
