"""A desk beside a simulated e-RS, with READY referrals: what the tests of the desk's way into e-RS play on."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from web.conftest import Visitor
from web.desk_samples import PASSWORD

from gateway.people import add_person
from gateway.settings import WebSettings
from gateway.store import Store, open_store
from gateway.web_server import WebDoor

# the folder of the release's own tests has the name of a package of ours, so that it is no package itself
sys.path.append(str(Path(__file__).parent.parent / "gateway"))
from release_site import RCA, TRUST, Site, open_site, utc_now

PEOPLE = {"Tess Leader": "team leader", "Max Leader": "team leader", "Ann Clerk": "clerk", "Aud Itor": "auditor"}


@dataclass
class ErsDesk:
    """The served desk, and the site with its e-RS behind it."""

    site: Site
    url: str
    store: Store

    @contextlib.contextmanager
    def visitor(self, name: str) -> Iterator[Visitor]:
        """Somebody who is signed in at the desk."""
        with Visitor(base_url=self.url, timeout=60) as visitor:
            assert visitor.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
            yield visitor

    def sent(self, **more: Any) -> str:
        """A referral that a release brought into e-RS; its code."""
        code = self.site.add(**more)
        assert self.site.release(wait=True).exit_code == 0
        return code


@contextlib.contextmanager
def open_ers_desk(folder: Path, *, open_sandbox: bool = False) -> Iterator[ErsDesk]:
    """The desk; its e-RS wants a sign-in, or none as an open sandbox."""
    store = open_store(f"sqlite:///{folder / 'gateway.sqlite3'}")
    with open_site(store, open_sandbox=open_sandbox) as site:
        if not open_sandbox:
            there = {"authorize_url": f"{site.ers.origin}/oauth2/authorize", "client_id": "rehearsal-client"}
            site.settings = site.settings.model_copy(
                update={"ers": site.settings.ers.model_copy(update={**there, "client_key": None})}
            )
        settings = site.settings.model_copy(update={"web": WebSettings(port=0)})
        door = WebDoor(store, settings, None, None, utc_now)
        door.start()
        with store.write() as session:
            for name, role in PEOPLE.items():
                add_person(session, name, role, "tests", utc_now(), password=PASSWORD)
        yield ErsDesk(site, door.address.rstrip("/"), store)
        door.stop()
    store.close()


def there_and_back(visitor: Visitor, to: str = "/release") -> tuple[str, str]:
    """To the sign-in of e-RS, which approves at once: state and code with which it sends the browser back."""
    begun = visitor.get("/release/sign-in", params={"next": to})
    assert begun.status_code == 303, begun.text
    back = httpx.get(begun.headers["location"]).headers["location"]
    query = parse_qs(urlsplit(back).query)
    return query["state"][0], query["code"][0]


def sign_in_to_ers(visitor: Visitor, to: str = "/release") -> httpx.Response:
    """The whole way; the last answer."""
    state, code = there_and_back(visitor, to)
    return visitor.get("/release/signed-in/finish", params={"state": state, "code": code})


def run_release(visitor: Visitor) -> dict[str, Any]:
    """Start a release by the form, and wait for its end; how it stands then."""
    started = visitor.submit("/release/start", organisation=TRUST, role=RCA)
    assert started.status_code == 303, started.text
    for _ in range(150):
        status: dict[str, Any] = visitor.get("/release/live").json()
        if not status["here"]:
            return status
        time.sleep(0.2)
    raise AssertionError(status)
