"""A scripted clerk in a real browser: works referrals off by keys alone, for referrals an hour and the keys that each took."""

from __future__ import annotations

import datetime as dt
import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.desk_store import CLERK, PASSWORD, fill
from bench.tables import table
from gateway.settings import Settings
from gateway.store import open_store
from gateway.web_server import WebDoor

KEY_SECONDS = 0.15  # between two keys of a practised clerk
LOOKS = (10, 20, 40)  # seconds of comparing with the picture, for the reckoning
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@dataclass(frozen=True)
class Deed:
    """One referral worked off: what had to be done, seconds from its page to the next, keys beside typed text."""

    kind: str
    seconds: float
    keys: int


@dataclass(frozen=True)
class Shift:
    """What the scripted clerk did."""

    deeds: tuple[Deed, ...]

    def told(self) -> list[str]:
        """The section of bench/desk.md."""
        each = statistics.mean(deed.seconds for deed in self.deeds)
        kinds = sorted({deed.kind for deed in self.deeds})
        rows = []
        for kind in kinds:
            of = [deed for deed in self.deeds if deed.kind == kind]
            keys = ", ".join(str(number) for number in sorted({deed.keys for deed in of}))
            rows.append([kind, str(len(of)), keys, f"{statistics.median(d.seconds for d in of):.1f} s"])
        reckoned = "; ".join(f"{3600 / (each + look):.0f} with {look} s" for look in LOOKS)
        return [
            "## A scripted clerk",
            "",
            f"Chromium by Playwright, {len(self.deeds)} referrals one after the other, keys only, {KEY_SECONDS} s between two keys,",
            "the next referral opening by itself. The script does not read: it shows what the desk itself costs.",
            "",
            table(["what was to be done", "referrals", "keys beside typed text", "median"], rows),
            "",
            f"{each:.1f} s for each on average: {3600 / each:.0f} referrals an hour without looking. Reckoned from it, with the time",
            f"in which a clerk compares picture and values: {reckoned} of looking. How long people really look was not measured.",
        ]


class Keys:
    """The keyboard of the clerk: pauses as a person would and counts what is no text."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self.count = 0

    def press(self, *keys: str) -> None:
        """Keys that count."""
        for key in keys:
            self._page.keyboard.press(key)
            self.count += 1
            self._page.wait_for_timeout(KEY_SECONDS * 1000)

    def type(self, text: str) -> None:
        """Text that has to be typed anyway."""
        self._page.keyboard.press("Control+a")
        self._page.keyboard.type(text, delay=KEY_SECONDS * 1000)


def work_a_shift(folder: Path, count: int) -> Shift | None:
    """Serve a desk with somewhat more referrals and work `count` of them off; None where there is no browser."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if chromium is None:
        return None
    settings = Settings(data=folder, web={"port": 0}, office={"ods": "RXX"})
    store = open_store(settings.url)
    fill(store, count * 3, dt.datetime.now(dt.UTC))
    door = WebDoor(store, settings, None, None, lambda: dt.datetime.now(dt.UTC))
    door.start()
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            page = browser.new_page(base_url=door.address.rstrip("/"), viewport={"width": 1366, "height": 900})
            page.goto("/sign-in")
            page.get_by_label("Name").fill(CLERK)
            page.get_by_label("Password").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/")
            page.locator("tr[data-code] a").first.click()
            deeds = [_one(page, number) for number in range(count)]
            browser.close()
    finally:
        door.stop()
        store.close()
    return Shift(tuple(deeds))


def _one(page: Any, number: int) -> Deed:
    begun, keys = time.monotonic(), Keys(page)
    page.wait_for_load_state("load")
    code = _code(page)
    kind = _decide(page, keys, number)
    page.wait_for_load_state("load")
    if _code(page) == code and page.get_by_text("choose", exact=False).count():
        # several services fit, or none: s, the service by its first letters, Tab, Enter
        keys.press("s")
        page.keyboard.type("Suspected" if page.locator("h1 .urgency-0").count() else "Dermatology")
        keys.press("Tab")
        _went(page, keys, "Enter")
        kind = f"{kind}, service chosen"
        page.wait_for_load_state("load")
    if _code(page) == code:
        # what a clerk does who cannot decide it alone, as where no service fits: on to the next one
        keys.press("g")
        kind = f"{kind}; something else is missing, given back"
        page.wait_for_url(lambda url: f"/referrals/{code}" not in url)
    return Deed(kind, time.monotonic() - begun, keys.count)


def _code(page: Any) -> str:
    return str(page.url.split("/referrals/")[1].split("?")[0].split("/")[0]) if "/referrals/" in page.url else ""


def _went(page: Any, keys: Keys, *pressed: str) -> None:
    with page.expect_navigation():
        keys.press(*pressed)


def _decide(page: Any, keys: Keys, number: int) -> str:
    """What this referral needs, read from its page as a clerk would see it."""
    code = _code(page)
    question = page.locator("form[action$='/answer']:has(input[name=decision][value='']) input[name=why]")
    if question.count() and number % 4 == 0:
        keys.press("t")
        keys.type("the practice")
        keys.press("Tab")
        keys.type("nobody there")
        keys.press("Tab", "Tab")
        keys.type("01/01/2099 09:00")
        _went(page, keys, "Enter")
        return "needs a call, tried again later"
    kind = "compared and confirmed"
    if question.count():
        keys.press("a")
        keys.type("nothing is missing")
        _went(page, keys, "Enter")
        if _code(page) != code:
            return "a question answered"
        kind = "a question answered, then confirmed"
    elif number % 3 == 0:
        # a postcode is wrong: its number, the text, and save and confirm in one
        field = page.locator("[name='patient.postcode']")
        keys.press(*_to(int(field.get_attribute("data-number"))))
        keys.type("LS1 1AB")
        _wait_until_seen(page)
        _went(page, keys, "Control+Enter")
        return "one field corrected and confirmed"
    _wait_until_seen(page)
    _went(page, keys, "c")
    return kind


def _to(number: int) -> tuple[str, ...]:
    return (str(number),) if number < 10 else ("f", *f"{number:02d}")


def _wait_until_seen(page: Any) -> None:
    page.locator("#confirm:not([aria-disabled])").wait_for()
