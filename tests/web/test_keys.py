"""How many keys the work screen takes: one to confirm a clean referral, at most four to correct a field besides its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from web.desk_samples import DeskSite

from gateway.referrals import find_referral, readings
from templates.reading import FIELDS

pytestmark = pytest.mark.slow
Browse = Callable[..., Any]


class Counted:
    """A keyboard that counts what is no text; a chord such as Ctrl+Enter is one."""

    def __init__(self, page: Any) -> None:
        self._page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)
            self.count += 1

    def type(self, text: str) -> None:
        """Text over what stands in the field, which choosing it has selected."""
        self._page.keyboard.type(text)


def _opened(page: Any, code: str) -> Counted:
    page.goto(f"/referrals/{code}")
    page.locator("#confirm:not([aria-disabled])").wait_for()
    return Counted(page)


def _kept(site: DeskSite, code: str, field: str) -> tuple[str, str | None]:
    with site.store.read() as session:
        referral = find_referral(session, code)
        return referral.state, readings(session, referral)[field].value


def test_one_key_confirms_a_clean_referral(site: DeskSite, browse: Browse) -> None:
    code = site.referral(patient__nhs_number="9990000050")
    page = browse("Ann Clerk")
    keys = _opened(page, code)
    keys.press("c")
    page.wait_for_url("**told=ready**")
    assert keys.count == 1 and _kept(site, code, "patient.nhs_number")[0] == "READY"


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("patient.birth_date", "10/02/1980", "1980-02-10"),
        ("patient.postcode", "LS2 2AB", "LS2 2AB"),
        ("referrer.practice_name", "Castle Mount", "Castle Mount"),
        ("referral.reason", "Another rash.", "Another rash."),
    ],
)
def test_at_most_four_keys_correct_and_confirm(
    site: DeskSite, browse: Browse, field: str, text: str, value: str
) -> None:
    """The field by its number, the text, and one chord that saves and confirms."""
    code = site.referral(patient__nhs_number="9990000050")
    page = browse("Ann Clerk")
    keys = _opened(page, code)
    number = FIELDS.index(field) + 1
    keys.press(*(str(number) if number < 10 else f"f{number:02d}"))
    keys.type(text)
    keys.press("Control+Enter")
    page.wait_for_url("**told=ready**")
    assert keys.count <= 4
    assert _kept(site, code, field) == ("READY", value)


def test_a_doubtful_field_is_one_key_away(site: DeskSite, browse: Browse) -> None:
    code = site.referral(doubtful=("referral.specialty",))
    page = browse("Ann Clerk")
    keys = _opened(page, code)
    keys.press("j")
    keys.type("Dermatology")
    keys.press("Control+Enter")
    page.wait_for_url("**told=ready**")
    assert keys.count == 2
    with site.store.read() as session:
        assert find_referral(session, code).state == "READY"


def test_the_chord_waits_for_the_picture_too(site: DeskSite, browse: Browse) -> None:
    """P3: confirming from inside a field is no way around it."""
    code = site.referral(patient__nhs_number="9990000050")
    page = browse("Ann Clerk")
    held: list[Any] = []
    page.route("**/picture/**", lambda route: held.append(route))
    page.goto(f"/referrals/{code}", wait_until="domcontentloaded")
    page.locator("#confirm").wait_for()
    page.wait_for_timeout(200)
    page.keyboard.press("7")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Look at page 1 with the identifiers first.").wait_for()
    assert _kept(site, code, "patient.nhs_number")[0] == "IN_REVIEW"
    for route in held:
        route.abort()
