"""A served desk for each test, a client that signs in by the forms, and a real browser where there is one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from web.desk_samples import PASSWORD, DeskSite, open_desk

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-extensions",
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[DeskSite]:
    """A desk with nobody in it but the first administrator."""
    with open_desk(tmp_path / "data") as opened:
        yield opened


class Visitor(httpx.Client):
    """A browser without a screen: keeps the cookie, and takes the CSRF token from the pages it sees."""

    def page(self, path: str, status: int = 200) -> str:
        """The text of a page."""
        answer = self.get(path, follow_redirects=True)
        assert answer.status_code == status, (answer.status_code, answer.text[:500])
        return answer.text

    def token(self, path: str = "/password") -> str:
        """This session's CSRF token."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.page(path))
        assert found
        return found[1]

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of the first form below the header of a page."""
        main = self.page(path).split("<main", 1)[1]
        return dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', main))

    def submit(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form with the token of the session."""
        return self.post(path, data={"csrf": self.token(), **fields})


@pytest.fixture
def visit(site: DeskSite) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors: `visit("Ann Clerk")` signs in as her, making her where she is not there yet."""
    opened: list[Visitor] = []

    def make(name: str | None = None, role: str = "clerk", **more: Any) -> Visitor:
        visitor = Visitor(base_url=site.url, timeout=30)
        opened.append(visitor)
        if name is not None:
            site.person(name, role, **more)
            answer = visitor.post("/sign-in", data={"name": name, "password": PASSWORD, "next": "/"})
            assert answer.status_code == 303, answer.text
        return visitor

    yield make
    for visitor in opened:
        visitor.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's chromium, driven by Playwright; a test that needs it is skipped where it is not installed."""
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed (apt-get install chromium): the browser tests cannot run")
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install playwright)")
    with sync.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any, site: DeskSite) -> Iterator[Callable[..., Any]]:
    """Makes browser pages of their own: `browse("Ann Clerk")` is signed in by the form."""
    contexts: list[Any] = []

    def make(name: str | None = None, role: str = "clerk", *, javascript: bool = True, **more: Any) -> Any:
        context = chromium.new_context(
            base_url=site.url, viewport={"width": 1366, "height": 900}, java_script_enabled=javascript
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        if name is not None:
            if more.pop("known", False) is False:
                site.person(name, role, **more)
            page.goto("/sign-in")
            page.get_by_label("Name").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/")
        return page

    yield make
    for context in contexts:
        context.close()
