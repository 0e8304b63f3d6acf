"""The desk in a real browser: a clerk's day, keys, injections, two browsers, no JavaScript, and axe on every page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select
from web.desk_samples import GOOD, PASSWORD, DeskSite

from gateway.endings import NOT_FOR_US, withdraw
from gateway.referrals import find_referral, readings
from gateway.tables import Delivery, Outage, Referral

pytestmark = pytest.mark.slow
Browse = Callable[..., Any]
EVIL = "<img src=x onerror=document.title='owned'>"


def state(site: DeskSite, code: str) -> str:
    with site.store.read() as session:
        return find_referral(session, code).state


def value(site: DeskSite, code: str, field: str) -> str | None:
    with site.store.read() as session:
        return readings(session, find_referral(session, code))[field].value


def test_a_clerks_whole_day(site: DeskSite, browse: Browse) -> None:
    """First sign-in, people, an outage, a scan handed in, the list worked off, a call, a duplicate, the outage signed."""
    admin = browse()
    admin.goto("/")
    name, password = site.door.first_person or ("", "")
    admin.get_by_label("Name").fill(name)
    admin.get_by_label("Password").fill(password)
    admin.get_by_role("button", name="Sign in").click()
    admin.get_by_label("Present password").fill(password)
    admin.get_by_label("New password", exact=True).fill(PASSWORD)
    admin.get_by_label("New password again").fill(PASSWORD)
    admin.get_by_role("button", name="Change password").click()
    admin.get_by_text("Your password was changed.").wait_for()
    admin.goto("/people")
    admin.get_by_label("Name").fill("Ann Clerk")
    admin.get_by_role("button", name="Give access", exact=True).click()
    one_time = admin.locator(".told .code").inner_text()
    admin.goto("/outage")
    admin.get_by_label("Why").fill("e-RS cannot be reached")
    admin.get_by_role("button", name="Open an outage").click()
    admin.get_by_role("heading", name=re.compile("Outage O-")).wait_for()

    clean = site.referral(patient__nhs_number="9990000050")
    elm = {"patient__nhs_number": "9990000026", "patient__family_name": "Elm", "patient__birth_date": "1950-07-09"}
    cancer = site.referral(
        referral__priority="TWO_WEEK_WAIT", doubtful=("patient.birth_date",), without=("referral.specialty",), **elm
    )
    later = site.referral(
        patient__nhs_number="9990000069", without=("referrer.practice_code",), ago=dt.timedelta(hours=2)
    )
    twin = site.referral(patient__nhs_number="9990000050", patient__postcode="LS1 1AB", ago=dt.timedelta(hours=1))

    page = browse()
    page.goto("/")
    page.get_by_label("Name").fill("Ann Clerk")
    page.get_by_label("Password").fill(one_time)
    page.keyboard.press("Enter")
    page.get_by_label("Present password").fill(one_time)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Your password was changed.").wait_for()
    page.goto("/hand-in")
    page.set_input_files("#file", {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"})
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("heading", name=re.compile("Delivery D-")).wait_for()

    page.goto("/")
    rows = page.locator("tr[data-code]")
    assert rows.first.get_attribute("data-code") == cancer
    page.get_by_role("link", name=cancer).click()
    page.wait_for_load_state("networkidle")
    # one field corrected: its number, the text, Enter; then c
    page.keyboard.press("4")
    page.keyboard.type("10/07/1950")
    page.keyboard.press("Enter")
    page.get_by_text(f"{cancer}: saved.").wait_for()
    assert value(site, cancer, "patient.birth_date") == "1950-07-10"
    page.wait_for_load_state("networkidle")
    page.keyboard.press("c")
    page.get_by_text(f"{cancer}: confirmed; what is still missing stands below.").wait_for()
    assert state(site, cancer) == "IN_REVIEW"
    page.get_by_label("Service").select_option(value="21002")
    page.get_by_role("button", name="Choose service").click()
    page.get_by_text(f"{cancer}: ready to send.").wait_for()
    assert state(site, cancer) == "READY"

    # the next one opened by itself; a clean one takes one key
    page.wait_for_load_state("networkidle")
    assert f"/referrals/{clean}" in page.url
    page.keyboard.press("c")
    page.get_by_text(f"{clean}: ready to send.").wait_for()
    assert state(site, clean) == "READY"
    page.wait_for_load_state("networkidle")
    assert f"/referrals/{later}" in page.url
    page.keyboard.press("t")
    page.get_by_label("Whom you rang").fill("Castle Hill Surgery")
    page.get_by_label("Next try").fill("21/11/2026 09:00")
    page.get_by_role("button", name="Note the call").click()
    page.get_by_text(f"{later}: the call was noted.").wait_for()

    page.goto(f"/referrals/{twin}")
    page.get_by_role("link", name=f"Compare with {clean}").click()
    page.get_by_role("button", name=f"The same: end {twin}").click()
    page.get_by_text(f"{twin}: ended as a duplicate.").wait_for()
    page.goto("/outage")
    assert page.get_by_text("A team leader closes it.").is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")

    admin.goto("/outage")
    admin.get_by_role("button", name="Close and sign").click()
    admin.get_by_text("Still open:").first.wait_for()
    for box in admin.locator("input[name=named]").all():
        box.check()
    admin.get_by_role("button", name="Close and sign").click()
    admin.get_by_role("heading", name="No outage is open").wait_for()
    with site.store.read() as session:
        assert session.exec(select(Outage)).one().closed_by == "administrator"
    assert page.complaints == [] and [c for c in admin.complaints if "409" not in c] == []


def test_confirming_waits_for_the_page_with_the_identifiers(site: DeskSite, browse: Browse) -> None:
    code = site.referral(patient__nhs_number="9990000050")
    page = browse("Ann Clerk")
    held: list[Any] = []
    page.route("**/picture/**", lambda route: held.append(route))
    page.goto(f"/referrals/{code}", wait_until="domcontentloaded")
    confirm = page.locator("#confirm")
    confirm.wait_for()
    page.wait_for_timeout(200)
    assert confirm.get_attribute("aria-disabled") == "true"
    page.keyboard.press("c")
    page.get_by_text("Look at page 1 with the identifiers first.").wait_for()
    assert state(site, code) == "IN_REVIEW"
    for route in held:
        route.continue_()
    page.locator("#confirm:not([aria-disabled])").wait_for()
    page.keyboard.press("c")
    page.wait_for_url("**told=ready**")
    assert state(site, code) == "READY"


def test_a_field_shows_its_place_and_a_place_offers_its_words(site: DeskSite, browse: Browse) -> None:
    code = site.referral(doubtful=("patient.birth_date",), pages=2)
    page = browse("Ann Clerk")
    page.goto(f"/referrals/{code}")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Date of birth").focus()
    assert page.locator(".place.chosen").get_attribute("data-field") == "patient.birth_date"
    page.get_by_label("Address").focus()
    page.locator('rect.line[data-text="Castle Hill Surgery"]').click()
    page.get_by_role("button", name="Use it").click()
    assert page.get_by_label("Address").input_value() == "Castle Hill Surgery"
    page.keyboard.press("Escape")
    for key, shown in (("+", "zoom-wide"), ("+", "zoom-large"), ("-", "zoom-wide"), ("r", "turn-90")):
        page.keyboard.press(key)
        assert shown in (page.locator("#pictures").get_attribute("class") or "")
    page.keyboard.press("f")
    page.keyboard.type("17")
    assert page.evaluate("document.activeElement.name") == "referral.reason"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.name") == "patient.birth_date"
    assert page.complaints == []


def test_single_keys_can_be_switched_off(site: DeskSite, browse: Browse) -> None:
    code = site.referral(patient__nhs_number="9990000050")
    page = browse("Ann Clerk")
    page.goto("/password")
    page.get_by_label("Single keys work").uncheck()
    page.get_by_role("button", name="Keep this").click()
    page.goto(f"/referrals/{code}")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("c")
    page.keyboard.press("4")
    page.wait_for_timeout(300)
    assert state(site, code) == "IN_REVIEW" and page.evaluate("document.activeElement.tagName") == "BODY"


def test_injections_stay_text(site: DeskSite, browse: Browse) -> None:
    code = site.referral(
        doubtful=("patient.birth_date",),
        patient__family_name=EVIL,
        patient__address='"><script>document.title="owned"</script>',
        referrer__practice_name=EVIL,
        referral__reason="</textarea><script>document.title='owned'</script>{{ 1234*4321 }}",
        problem=("missing_page", EVIL, None),
    )
    with site.store.write() as session:
        row = session.exec(select(Delivery)).first()
        assert row is not None
        row.name, row.sender, row.says = f"{EVIL}.pdf", f"{EVIL}@evil.example", EVIL
        row.hints = [{"field": "subject", "value": EVIL, "source": "subject"}]
        row.flags = [EVIL]
        session.add(row)
        delivery = row.code
    site.paper(1, state="STUCK", says=EVIL)
    page = browse("Ann Clerk")
    for path in (
        "/",
        f"/referrals/{code}",
        "/arrivals",
        f"/arrivals/{delivery}",
        "/print/pack",
        "/release",
        f"/compare/{code}/{code}",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.title() != "owned" and page.locator("img[src=x]").count() == 0, path
        assert "5332114" not in page.content()
    page.goto(f"/referrals/{code}")
    assert page.get_by_label("Family name").input_value() == EVIL
    assert page.complaints == [], "the content policy had something to stop"


def test_two_browsers_on_one_referral(site: DeskSite, browse: Browse) -> None:
    code = site.referral(patient__nhs_number="9990000050")
    ann, ben = browse("Ann Clerk"), browse("Ben Clerk")
    ann.goto(f"/referrals/{code}")
    ben.goto(f"/referrals/{code}")
    ben.get_by_text("Ann Clerk works on this now").wait_for()
    assert ben.locator("#confirm").count() == 0
    ann.wait_for_load_state("networkidle")
    ann.keyboard.press("g")
    ann.wait_for_url("**told=left**")
    ben.reload()
    ben.wait_for_load_state("networkidle")
    ben.keyboard.press("c")
    ben.wait_for_url("**told=ready**")
    # the same person in two windows: the second is told what changed, and keeps what was typed
    other = site.referral(doubtful=("patient.birth_date",))
    second = ann.context.new_page()
    ann.goto(f"/referrals/{other}")
    second.goto(f"/referrals/{other}")
    ann.get_by_label("Address").fill("1 High Street")
    ann.get_by_role("button", name="Save").click()
    ann.get_by_text(f"{other}: saved.").wait_for()
    second.get_by_label("Patient's telephone").fill("0113 496 0009")
    second.get_by_role("button", name="Save").click()
    second.get_by_text("was changed by somebody else meanwhile").wait_for()
    assert second.get_by_label("Patient's telephone").input_value() == "0113 496 0009"
    second.get_by_role("button", name="Save").click()
    second.get_by_text(f"{other}: saved.").wait_for()
    assert (
        value(site, other, "patient.phone") == "01134960009"
        and value(site, other, "patient.address") == "1 High Street"
    )


def test_everything_daily_works_without_javascript(site: DeskSite, browse: Browse) -> None:
    code = site.referral(patient__nhs_number="9990000050", pages=2)
    page = browse("Ann Clerk", javascript=False)
    page.get_by_role("link", name=code).click()
    page.locator('a[href="#at-patient-nhs-number"]').click()
    assert page.url.endswith("#at-patient-nhs-number")
    page.get_by_role("link", name="Larger").click()
    assert page.locator("#pictures.zoom-wide").count() == 1
    page.get_by_label("Address").fill("1 High Street")
    page.keyboard.press("Enter")
    page.get_by_text(f"{code}: saved.").wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Identifiers right").click()
    page.get_by_text(f"{code}: ready to send.").wait_for()
    for path in ("/release", "/outage", "/unsure"):
        page.goto(path)
        assert page.locator("h1").count() == 1


def test_the_list_renews_itself_without_losing_ones_place(site: DeskSite, browse: Browse) -> None:
    code = site.referral(doubtful=("patient.birth_date",))
    page = browse("Ann Clerk")
    page.clock.install()
    page.goto("/")
    with site.store.write() as session:
        row = find_referral(session, code)
        row.claimed_by, row.claimed_until = "Ben Clerk", site.clock() + dt.timedelta(minutes=5)
        session.add(row)
    site.referral(patient__nhs_number="9990000026", doubtful=("patient.birth_date",))
    page.clock.run_for(9000)
    page.get_by_text("One more has come to this page.").wait_for()
    assert page.locator(f'tr[data-code="{code}"] [data-live=holder]').inner_text() == "Ben Clerk"
    assert page.locator("tr[data-code]").count() == 1


@pytest.mark.parametrize("width", [1366, 683], ids=["as it is", "200 % zoom"])
def test_axe_finds_nothing_on_any_page(site: DeskSite, browse: Browse, width: int) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")
    code = site.referral(
        doubtful=("patient.birth_date",), pages=2, problem=("missing_page", "Page 3 of 3 is missing.", None)
    )
    twin = site.referral(referral__priority="TWO_WEEK_WAIT", patient__birth_date="1980-02-02")
    ready = site.referral(**{name.replace(".", "__"): text for name, text in GOOD.items()}, ago=dt.timedelta(days=60))
    stuck, _ids, _places = site.paper(1, state="STUCK", says="Too faint.")
    with site.store.write() as session:
        row = session.exec(select(Referral).where(Referral.code == twin)).one()
        row.hold_why, row.hold_by = "ask first", "Ben Clerk"
        session.add(row)
    ended = site.referral(patient__nhs_number="9990000050")
    with site.store.write() as session:
        withdraw(session, find_referral(session, ended), NOT_FOR_US, "secure mail", "Ben Clerk", site.clock())
    sent = site.sent(patient__nhs_number="9990000069")
    site.settings.ers.base_url = site.settings.ers.authorize_url = "https://sandbox.example/referrals/FHIR"
    site.settings.ers.token_url, site.settings.ers.client_id = "https://sandbox.example/token", "desk"
    page = browse("Ada Minister", "administrator")
    page.set_viewport_size({"width": width, "height": 900})
    axe = axe_module.Axe()
    paths = [
        *(
            "/",
            "/?show=all&urgency=urgent",
            f"/referrals/{code}",
            f"/referrals/{twin}",
            f"/referrals/{ready}",
            f"/referrals/{ended}",
            f"/referrals/{sent}",
            f"/referrals/{sent}/cancel",
            "/release/signed-in?state=a&code=b",
            f"/compare/{code}/{twin}",
        ),
        *("/arrivals", f"/arrivals/{stuck}", "/hand-in", "/release", "/unsure", "/outage", "/print", "/print/pack"),
        *("/letters", "/incidents", "/password", "/people", "/nothing", "/referrals/R-ZZZZ"),
    ]
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
        no_violations(axe, page, path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 1, f"{path} is cut or scrolls sideways by {wide} at a width of {width}"
    page.goto(f"/referrals/{code}")
    page.get_by_label("NHS number").first.fill("1")
    page.get_by_role("button", name="Save").click()
    page.locator(".field-wrong").wait_for()
    no_violations(axe, page, "errors")
    page.goto("/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    no_violations(axe, page, "/sign-in")


def test_the_list_shows_every_column_on_a_small_office_screen(site: DeskSite, browse: Browse) -> None:
    for serial in (50, 69, 77):
        site.referral(patient__nhs_number=f"99900000{serial}", referral__priority="TWO_WEEK_WAIT")
    site.paper(1, state="STUCK", says="The page is too faint to read: type what it says.")
    page = browse("Ann Clerk")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/")
    assert (
        page.evaluate("(t => t.scrollWidth - t.parentElement.clientWidth)(document.querySelector('table.list'))") <= 1
    )
    page.set_viewport_size({"width": 640, "height": 400})
    highest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('table.list tbody tr')].map(r => r.clientHeight))"
    )
    assert highest < 130, "zoomed in, it scrolls instead of growing rows of ten lines"


def test_a_turned_view_says_that_nothing_is_kept(site: DeskSite, browse: Browse) -> None:
    code = site.referral(doubtful=("patient.birth_date",))
    page = browse("Ann Clerk")
    page.goto(f"/referrals/{code}")
    says = page.get_by_text("Turned in your view only, nothing is kept")
    assert not says.is_visible() and page.get_by_text("Turn and keep:").is_visible()
    page.keyboard.press("r")
    says.wait_for()
    for _ in range(3):
        page.keyboard.press("r")
    says.wait_for(state="hidden")
    page.keyboard.press("Shift+R")
    page.get_by_text("the page is turned and stays so").wait_for()
    assert not page.get_by_text("Turned in your view only").is_visible()


def no_violations(axe: Any, page: Any, where: str) -> None:
    found = axe.run(page).response["violations"]
    told = [f"{where}: {v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found]
    assert not told, "\n".join(told)
