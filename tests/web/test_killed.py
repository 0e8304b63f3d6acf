"""The gateway killed while somebody types: nothing typed is lost, whether it comes back or the browser is closed meanwhile."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from web.desk_samples import PASSWORD, open_desk

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent


def started(folder: Path, port: int) -> tuple[subprocess.Popen[str], int]:
    script = Path(__file__).parent / "desk_process.py"
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), str(port)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def sign_in(page: Any, url: str) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_label("Name").fill("Ann Clerk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/")


def test_killed_in_the_middle_of_typing(tmp_path: Path, chromium: Any) -> None:
    with open_desk(tmp_path / "data", dt.datetime.now(dt.UTC)) as site:
        site.person("Ann Clerk")
        code = site.referral(doubtful=("patient.birth_date",))
    process, port = started(tmp_path / "data", 0)
    url = f"http://127.0.0.1:{port}"
    try:
        page = chromium.new_context().new_page()
        page.set_default_timeout(20_000)
        sign_in(page, url)
        page.goto(f"{url}/referrals/{code}")
        page.get_by_label("Address").press_sequentially("1 High")
        page.get_by_text("Typed and kept, not saved yet.").wait_for()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        page.get_by_label("Address").press_sequentially(" Street")
        page.get_by_text("The gateway does not answer.").wait_for()
        assert page.get_by_label("Address").input_value() == "1 High Street"
        process, _port = started(tmp_path / "data", port)
        page.get_by_text("Typed and kept, not saved yet.").wait_for()
        page.context.close()  # the browser goes too, on another machine it stands there again
        other = chromium.new_context().new_page()
        sign_in(other, url)
        other.get_by_text("You typed something and did not save it").wait_for()
        other.goto(f"{url}/referrals/{code}")
        assert other.get_by_label("Address").input_value() == "1 High Street"
        other.get_by_role("button", name="Save").click()
        other.get_by_text(f"{code}: saved.").wait_for()
        other.context.close()
    finally:
        process.kill()
        process.wait()
