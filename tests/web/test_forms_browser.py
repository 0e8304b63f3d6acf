"""Teaching a form and turning a page in a real browser: by mouse, by keyboard alone, without JavaScript; axe on the new pages."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from web.desk_samples import DeskSite
from web.form_samples import PLACES, TITLE, box_of, pool_form
from web.test_browser import no_violations

from gateway.referrals import find_referral
from gateway.review import pages_of
from templates.form import load_form

pytestmark = pytest.mark.slow
Browse = Callable[..., Any]


def draw(page: Any, field: str) -> None:
    """Draw the box of a field with the mouse."""
    view = page.locator("#drawing").bounding_box()
    left, top, right, bottom = (float(part) / 100 for part in box_of(field).split())
    at = lambda x, y: (view["x"] + x * view["width"], view["y"] + y * view["height"])  # noqa: E731
    page.mouse.move(*at(left, top))
    page.mouse.down()
    page.mouse.move(*at((left + right) / 2, bottom))
    page.mouse.move(*at(right, bottom))
    page.mouse.up()


def test_a_form_is_drawn_with_the_mouse_tried_and_saved(site: DeskSite, browse: Browse) -> None:
    papers = [pool_form(site, number) for number in range(4)]
    page = browse("Tess Leader", "team leader")
    page.goto(f"/referrals/{papers[0].code}")
    page.get_by_role("button", name="Teach the form on page 1").click()
    page.get_by_text("Draw a box around each value").wait_for()
    page.wait_for_load_state("networkidle")
    for number, (field, _x, _y) in enumerate(PLACES):
        draw(page, field)
        chosen = page.evaluate("document.activeElement.name")
        assert chosen == f"zone-{number}-field"
        page.locator(f"#zone-{number}-field").select_option(value=field)
        assert page.locator(f"[data-zone='{number}'] [data-reads]").inner_text().startswith("In it: “")
    page.get_by_label("Name", exact=True).fill("Seacroft pool")
    assert page.get_by_label(TITLE).first.is_checked()
    page.get_by_role("button", name="Keep the draft").click()
    page.get_by_text("The draft is kept.").wait_for()
    assert page.locator("rect.zone-shown").count() == len(PLACES)
    # a box can be drawn again: first too large, then as it should be
    page.locator("#zone-1-box").fill("1 1 99 99")
    page.locator("[data-zone='1']").get_by_role("button", name="Draw it again").click()
    draw(page, PLACES[1][0])
    assert page.locator("[data-zone]:not(rect)").count() == len(PLACES) + 3
    page.get_by_role("button", name="Try it on past papers").click()
    page.get_by_role("heading", name="Tried on 4 papers").wait_for()
    assert "4 of 4 recognised" in page.locator(".numbers-line").inner_text()
    assert "0 different" in page.locator(".numbers-line").inner_text()
    page.get_by_role("button", name="Save the form: version 1").click()
    page.get_by_text("Saved. The readers use it").wait_for()
    form = load_form(site.settings.site_forms / "seacroft-pool.toml")
    assert set(form.fields) == {field for field, _x, _y in PLACES} and form.author == "Tess Leader"
    drawn_box = form.fields["patient.postcode"].box
    typed = [float(part) / 100 for part in box_of("patient.postcode").split()]
    assert drawn_box is not None and drawn_box.as_list() == pytest.approx(typed, abs=0.004)
    assert page.complaints == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_form_is_taught_with_the_keyboard_alone(site: DeskSite, browse: Browse, javascript: bool) -> None:
    papers = [pool_form(site, number) for number in range(3)]
    page = browse("Tess Leader", "team leader", javascript=javascript)
    page.goto("/forms")
    page.get_by_label("A paper with this form on it").focus()
    page.keyboard.type(papers[0].code)
    page.keyboard.press("Enter")
    page.get_by_text("Draw a box around each value").wait_for()
    page.locator("#title").focus()
    page.keyboard.type("Seacroft pool")
    # a field by its name's first letters, its place typed; the next one by its printed line
    page.locator("#zone-0-field").focus()
    page.keyboard.type("Fam")
    page.keyboard.press("Tab")
    page.keyboard.type(box_of("patient.family_name"))
    page.locator("#zone-1-field").focus()
    page.keyboard.type("Postc")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "zone-1-line"
    page.keyboard.type("LS1")
    page.get_by_role("button", name="Try it on past papers").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Tried on 3 papers").wait_for()
    assert (
        "O'Brien" in page.locator("table").first.inner_text() and "LS1 1AA" in page.locator("table").first.inner_text()
    )
    page.get_by_role("button", name="Save the form: version 1").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Saved. The readers use it").wait_for()
    assert set(load_form(site.settings.site_forms / "seacroft-pool.toml").fields) == {
        "patient.family_name",
        "patient.postcode",
    }


@pytest.mark.parametrize("width", [1366, 683], ids=["as it is", "200 % zoom"])
def test_axe_finds_nothing_on_the_pages_of_forms(site: DeskSite, browse: Browse, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    papers = [pool_form(site, number) for number in range(3)]
    page = browse("Tess Leader", "team leader")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/forms")
    no_violations(axe, page, "/forms")
    page.get_by_label("A paper with this form on it").fill(papers[0].code)
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Draw a box around each value").wait_for()
    no_violations(axe, page, "the empty board")
    page.locator("#title").fill("Seacroft pool")
    for number, (field, _x, _y) in enumerate(PLACES[:3]):
        page.locator(f"#zone-{number}-field").select_option(value=field)
        page.locator(f"#zone-{number}-box").fill(box_of(field))
    page.get_by_role("button", name="Try it on past papers").click()
    page.get_by_role("heading", name="Tried on 3 papers").wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
    no_violations(axe, page, "the trial")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 1, f"the board is cut or scrolls sideways by {wide}"
    page.locator("#zone-0-box").fill("9 9 1 1")
    page.get_by_role("button", name="Keep the draft").click()
    page.locator(".field-wrong").first.wait_for()
    no_violations(axe, page, "errors")


def test_a_page_is_turned_on_the_work_screen_and_stays_so(site: DeskSite, browse: Browse) -> None:
    code = site.referral(pages=2, doubtful=("patient.birth_date",))
    page = browse("Ann Clerk")
    page.goto(f"/referrals/{code}")
    page.wait_for_load_state("networkidle")
    page.route("**/draft", lambda route: (time.sleep(0.5), route.continue_()))  # a slow line to the server
    page.get_by_label("Address").fill("1 High Street")
    page.get_by_role("button", name="Turn page 2 right, for good").click()
    page.get_by_text(f"{code}: the page is turned and stays so.").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.url.endswith("#page-2"), "the place is not lost"
    page.wait_for_function("window.scrollY === 0")
    page.wait_for_timeout(200)
    assert page.locator("#save").bounding_box()["y"] > 0, "the buttons stay in view"
    assert page.get_by_label("Address").input_value() == "1 High Street", "nothing typed is lost"
    size = page.locator("#page-2 img").evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
    assert size[0] > size[1]
    page.locator("#page-1").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('pictures').scrollTop = 0")
    page.keyboard.press("Shift+R")
    page.wait_for_url(re.compile("#page-1$"))
    page.wait_for_load_state("networkidle")
    page.get_by_label("Date of birth").focus()
    place = page.locator("#at-patient-birth-date").bounding_box()
    assert place["height"] > place["width"], "the place of the value turned with the page"
    with site.store.read() as session:
        assert [p.turned for p in pages_of(session, find_referral(session, code))] == [90, 90]
    assert page.complaints == []
