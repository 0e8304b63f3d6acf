"""Cancelling in e-RS from the desk, against the simulated one: who may, what is typed, what is told when e-RS is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web.desk_samples import PASSWORD
from web.ers_desk import RCA, TRUST, ErsDesk, open_ers_desk, sign_in_to_ers

WHY = "entered for the wrong clinic"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ErsDesk]:
    with open_ers_desk(tmp_path) as opened:
        yield opened


def _state(desk: ErsDesk, ubrn: str) -> str:
    return next(str(row["state"]) for row in desk.site.in_ers() if row["ubrn"] == ubrn)


def test_a_team_leader_cancels_what_was_created_by_mistake(desk: ErsDesk) -> None:
    code = desk.sent()
    ubrn, path = desk.site.referral(code).ubrn or "", f"/referrals/{code}/cancel"
    with desk.visitor("Tess Leader") as tess:
        assert f'href="{path}"' in tess.page(f"/referrals/{code}")
        assert f'href="/release/sign-in?next={path}"' in tess.page(path)
        assert sign_in_to_ers(tess, path).headers["location"] == path
        page = tess.page(path)
        assert "You are signed in to e-RS until" in page and "There is no way back" in page
        assert f"{ubrn[:4]} {ubrn[4:8]} {ubrn[8:]}" in page, "beside the field, which stays empty"
        assert re.search(r'name="ubrn"[^>]* value=""', page)
        given = {"organisation": TRUST, "role": RCA}
        for wrong in ({"ubrn": ubrn, "why": " "}, {"ubrn": "12", "why": WHY}, {"ubrn": "000999999999", "why": WHY}):
            refused = tess.submit(path, **wrong, **given)
            assert refused.status_code in (409, 422), refused.text
            assert f'value="{wrong["ubrn"]}"' in refused.text, "what was typed is still there"
        assert _state(desk, ubrn) != "CANCELLED_REFERRAL"
        done = tess.submit(path, ubrn=f"{ubrn[:4]} {ubrn[4:8]} {ubrn[8:]}", why=WHY, **given)
        assert done.status_code == 303, done.text
        shown = tess.page(done.headers["location"])
        assert "cancelled in e-RS as created by mistake" in shown and "Ended as cancelled in e-RS" in shown
        assert path not in shown
        assert tess.get(path).status_code == 409
    assert _state(desk, ubrn) == "CANCELLED_REFERRAL"
    assert [event.author for event in desk.site.events("referral.cancelled")] == ["Tess Leader"]


def test_only_team_leaders_cancel_and_only_what_is_in_e_rs(desk: ErsDesk) -> None:
    code, waits = desk.sent(), desk.site.add()
    ubrn = desk.site.referral(code).ubrn or ""
    for name in ("Ann Clerk", "Aud Itor"):
        with desk.visitor(name) as other:
            assert "cancel it in e-RS" not in other.page(f"/referrals/{code}")
            assert other.get(f"/referrals/{code}/cancel").status_code == 403
            assert other.submit(f"/referrals/{code}/cancel", ubrn=ubrn, why=WHY).status_code == 403
    with desk.visitor("Tess Leader") as tess:
        assert "cancel it in e-RS" not in tess.page(f"/referrals/{waits}")
        assert tess.get(f"/referrals/{waits}/cancel").status_code == 409
        assert tess.get("/referrals/R-2222/cancel").status_code == 404
        assert tess.post(f"/referrals/{code}/cancel", data={"ubrn": ubrn, "why": WHY}).status_code == 403
    assert _state(desk, ubrn) != "CANCELLED_REFERRAL"


def test_an_e_rs_that_is_away_and_a_sign_in_that_ended_are_told_with_their_cure(desk: ErsDesk) -> None:
    code = desk.sent()
    ubrn, path = desk.site.referral(code).ubrn or "", f"/referrals/{code}/cancel"
    given: dict[str, Any] = {"organisation": TRUST, "role": RCA, "ubrn": ubrn, "why": WHY}
    with desk.visitor("Tess Leader") as tess:
        ended = tess.submit(path, **given, token="gone")
        assert ended.status_code == 503 and "Sign in to e-RS again, then press the button once more" in ended.text
        assert "gone" not in ended.text, "no token comes back"
        desk.site.ers.faults.set("down", mode="refused")
        away = tess.submit(path, **given, token=desk.site.token)
        assert (
            away.status_code == 503 and "e-RS cannot be reached now, and nothing is known to be cancelled" in away.text
        )
        assert "release" not in away.text.split('id="told"')[1].split("</div>")[0]
        assert f'value="{ubrn}"' in away.text and WHY in away.text
        desk.site.ers.faults.clear()
        assert tess.submit(path, **given, token=desk.site.token).status_code == 303
    assert _state(desk, ubrn) == "CANCELLED_REFERRAL"


@pytest.mark.slow
def test_in_a_browser_with_the_sign_in_on_the_way(desk: ErsDesk, chromium: Any) -> None:
    code = desk.sent()
    ubrn = desk.site.referral(code).ubrn or ""
    context = chromium.new_context(base_url=desk.url)
    page = context.new_page()
    page.goto(f"/sign-in?next=/referrals/{code}")
    page.get_by_label("Name").fill("Tess Leader")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Created by mistake: cancel it in e-RS").click()
    page.get_by_role("link", name="Sign in to e-RS with your smartcard").click()
    page.get_by_text("You are signed in to e-RS until").wait_for()
    page.get_by_label("UBRN that is cancelled").fill(ubrn)
    page.get_by_label("Why").fill(WHY)
    page.get_by_role("button", name="Cancel it in e-RS").click()
    page.get_by_role("heading", name="Ended as cancelled in e-RS").wait_for()
    assert _state(desk, ubrn) == "CANCELLED_REFERRAL"
    context.close()
