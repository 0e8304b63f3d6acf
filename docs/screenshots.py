"""Make the pictures of the review desk that stand in the documents: `python docs/screenshots.py` writes docs/desk-*.png.

Uses the invented papers of tests/web and Debian's chromium; nothing leaves this machine.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from web.conftest import ARGUMENTS, CHROMIUM  # noqa: E402
from web.desk_samples import PASSWORD, DeskSite, open_desk  # noqa: E402
from web.form_samples import PLACES, box_of, pool_form  # noqa: E402

from gateway.endings import NOT_FOR_US, withdraw  # noqa: E402
from gateway.outage import open_outage  # noqa: E402
from gateway.referrals import find_referral  # noqa: E402
from gateway.tables import Probe  # noqa: E402

LARCH = {
    "patient__nhs_number": "9990000042",
    "patient__family_name": "Larch",
    "patient__given_names": "Dee",
    "patient__birth_date": "1962-03-04",
}
ELM = {
    "patient__nhs_number": "9990000026",
    "patient__family_name": "Elm",
    "patient__given_names": "Bob",
    "patient__birth_date": "1950-07-09",
}


def furnish(site: DeskSite) -> dict[str, str]:
    """A morning's list: the codes by what they show."""
    now = site.clock()
    ers = site.settings.ers  # shown as set up; nothing is called
    ers.base_url = ers.authorize_url = "https://sandbox.example/referrals/FHIR"
    ers.token_url, ers.client_id = "https://sandbox.example/oauth2/token", "desk"
    down = now - dt.timedelta(hours=4)
    with site.store.write() as session:
        session.add(Probe(id=1, state="DOWN", since=down, seen_at=now, says="e-RS cannot be reached."))
    hours = [dt.timedelta(hours=h) for h in range(10)]
    made = {
        "work": site.referral(
            doubtful=("patient.birth_date", "referral.specialty"),
            pages=2,
            problem=("missing_page", "Page 3 of 3 is missing: ring the practice.", None),
        ),
        "cancer": site.referral(
            referral__priority="TWO_WEEK_WAIT", doubtful=("referrer.practice_code",), ago=hours[2], **ELM
        ),
        "urgent": site.referral(referral__priority="URGENT", doubtful=("patient.birth_date",), ago=hours[1], **LARCH),
        "twin": site.referral(ago=hours[1], patient__postcode="LS1 1AB"),
        "ready": site.referral(ago=hours[2], **{**LARCH, "referral__specialty": "Sexual health"}),
        "unsure": site.referral(ago=hours[3], **{**LARCH, "referral__specialty": "Heart failure"}),
    }
    made["ended"] = site.referral(ago=hours[5], patient__nhs_number="9990000085")
    with site.store.write() as session:
        ended, how = find_referral(session, made["ended"]), "by secure mail to the right hospital"
        withdraw(session, ended, NOT_FOR_US, how, "Ann Clerk", now, organisation="Castle Hill Surgery")
    made["sent"] = site.sent(ago=hours[6], patient__nhs_number="9990000093")
    for serial in range(3):
        site.referral(ago=hours[4 + serial], patient__nhs_number=f"99900000{(50, 69, 77)[serial]}")
    made["paper"], _ids, _places = site.paper(
        1, state="STUCK", says="The page is too faint to read: type what it says."
    )
    with site.store.write() as session:
        open_outage(session, by="rule", why="e-RS cannot be reached.", now=now, started_at=down)
    site.unsure(made["unsure"], "Tess Leader", dt.timedelta(minutes=12), looks=2)
    return made


def take(page: Any, site: DeskSite) -> list[str]:
    """Open each page and write its picture; the names written."""
    made = furnish(site)
    pages = {
        "list": "/",
        "work": f"/referrals/{made['work']}",
        "compare": f"/compare/{made['twin']}/{made['work']}",
        "arrivals": "/arrivals",
        "paper": f"/arrivals/{made['paper']}",
        "hand-in": "/hand-in",
        "release": "/release",
        "unsure": "/unsure",
        "outage": "/outage",
        "ended": f"/referrals/{made['ended']}",
        "cancel": f"/referrals/{made['sent']}/cancel",
        "incidents": "/incidents",
        "people": "/people",
        "print": "/print",
        "pack": "/print/pack",
        "password": "/password",
    }
    page.goto("/sign-in")
    page.screenshot(path=HERE / "desk-sign-in.png")
    page.get_by_label("Name").fill("Tess Leader")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    for name, path in pages.items():
        page.goto(path)
        page.wait_for_load_state("networkidle")
        if name == "work":
            page.get_by_label("Date of birth").focus()
        page.screenshot(path=HERE / f"desk-{name}.png", full_page=name == "cancel")
    return ["sign-in", *pages, *take_forms(page, site), take_turned(page, made["ready"])]


def take_forms(page: Any, site: DeskSite) -> list[str]:
    """A form is taught: the list, the drawing board, the trial."""
    papers = [pool_form(site, number) for number in range(4)]
    page.goto("/forms")
    page.get_by_label("A paper with this form on it").fill(papers[0].code)
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Draw a box around each value").wait_for()
    page.locator("#title").fill("Seacroft heart and lung pool")
    for number, (field, _left, _top) in enumerate(PLACES):
        row = page.locator(f"[data-zone='{number}']")
        if row.count() == 0:
            page.get_by_role("button", name="Keep the draft").click()
            page.get_by_text("The draft is kept.").wait_for()
        page.locator(f"#zone-{number}-field").select_option(value=field)
        page.locator(f"#zone-{number}-box").fill(box_of(field))
    page.get_by_role("button", name="Keep the draft").click()
    page.get_by_text("The draft is kept.").wait_for()
    page.wait_for_load_state("networkidle")
    page.locator("#zone-2-field").focus()
    page.locator("#zones").scroll_into_view_if_needed()
    page.screenshot(path=HERE / "desk-form.png")
    page.get_by_role("button", name="Try it on past papers").click()
    page.get_by_role("heading", name="Tried on").wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / "desk-form-trial.png")
    page.get_by_role("button", name="Save the form").click()
    page.get_by_text("Saved.").wait_for()
    page.screenshot(path=HERE / "desk-forms.png")
    return ["form", "form-trial", "forms"]


def take_turned(page: Any, code: str) -> str:
    """A page that a person turned, with the places of its values."""
    page.goto(f"/referrals/{code}")
    page.get_by_role("button", name="Turn page 1 right, for good").click()
    page.get_by_text("the page is turned and stays so").wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / "desk-turned.png")
    return "turned"


def main() -> None:
    """Serve a desk, take the pictures, say which."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, open_desk(Path(folder) / "data") as site, sync_playwright() as driver:
        site.person("Tess Leader", "administrator")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(base_url=site.url, viewport={"width": 1366, "height": 860}).new_page()
        for name in take(page, site):
            print(f"docs/desk-{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
