"""Sign-ins at the review desk: made, recognised by their cookie, ended by time or hand; and the throttle by address.

The cookie holds a random secret whose hash is the row's key. An ended session is still recognised as whose it was, so that
what was being typed can be kept for that person.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections import deque
from dataclasses import dataclass

from sqlmodel import Session, col, delete, select

from gateway.events import record
from gateway.people import hash_secret
from gateway.settings import WebSettings
from gateway.store import Store
from gateway.tables_desk import Person, WebSession

COOKIE = "gateway_session"
SIGNED_OUT = "gateway_signed_out"  # says only that somebody signed out in this browser, for as long as it stays open
TOUCH = dt.timedelta(minutes=1)  # the time of the last click is written at most so often
KEPT = dt.timedelta(days=7)


@dataclass(frozen=True)
class SignedIn:
    """Who asks: the person and, for a browser, the session with its CSRF token. `until` is when it ends without a click."""

    person: Person
    session_id: int | None
    csrf: str
    until: dt.datetime | None


@dataclass(frozen=True)
class Ended:
    """A cookie that was good once: whose, and with which CSRF token."""

    person: Person
    csrf: str


def begin(session: Session, person: Person, now: dt.datetime) -> str:
    """A new sign-in; the cookie's value, which is kept nowhere."""
    cookie = secrets.token_urlsafe(32)
    session.exec(delete(WebSession).where(col(WebSession.seen_at) < now - KEPT))
    session.add(
        WebSession(
            cookie_hash=hash_secret(cookie),
            person_id=person.id or 0,
            csrf=secrets.token_urlsafe(32),
            began_at=now,
            seen_at=now,
        )
    )
    record(session, "person.signed_in", f"person {person.id}", person.name, now)
    return cookie


def recognise(store: Store, cookie: str | None, settings: WebSettings, now: dt.datetime) -> SignedIn | Ended | None:
    """Who this cookie is: signed in, signed in once, or nobody."""
    if not cookie or len(cookie) > 100:
        return None
    with store.read() as session:
        query = (
            select(WebSession, Person)
            .join(Person, col(Person.id) == WebSession.person_id)
            .where(WebSession.cookie_hash == hash_secret(cookie))
        )
        found = session.exec(query).first()
    if found is None:
        return None
    row, person = found
    if person.disabled_at is not None:
        return None
    idle_until = row.seen_at + dt.timedelta(minutes=settings.idle_minutes)
    shift_until = row.began_at + dt.timedelta(hours=settings.shift_hours)
    if row.ended_at is not None or now >= min(idle_until, shift_until):
        return Ended(person, row.csrf)
    return SignedIn(person, row.id, row.csrf, min(now + dt.timedelta(minutes=settings.idle_minutes), shift_until))


def touch(store: Store, session_id: int, now: dt.datetime) -> None:
    """Note a click, at most once a minute."""
    with store.read() as look:
        row = look.get(WebSession, session_id)
        if row is None or now - row.seen_at < TOUCH:
            return
    with store.write() as session:
        row = session.get(WebSession, session_id)
        if row is not None:
            row.seen_at = now
            session.add(row)


def end(session: Session, who: SignedIn, now: dt.datetime) -> None:
    """Sign out."""
    row = session.get(WebSession, who.session_id) if who.session_id else None
    if row is not None and row.ended_at is None:
        row.ended_at = now
        session.add(row)
        record(session, "person.signed_out", f"person {who.person.id}", who.person.name, now)


class AddressThrottle:
    """At most so many sign-ins a minute from one address; kept in memory, because the lock of each name is kept in the store."""

    def __init__(self, most: int = 20, window: dt.timedelta = dt.timedelta(minutes=1)) -> None:
        self._most, self._window = most, window
        self._seen: dict[str, deque[dt.datetime]] = {}
        self._guard = threading.Lock()

    def allows(self, address: str, now: dt.datetime) -> bool:
        """Count one try; False when there were too many."""
        with self._guard:
            if len(self._seen) > 10_000:
                self._seen.clear()
            tries = self._seen.setdefault(address, deque())
            while tries and now - tries[0] > self._window:
                tries.popleft()
            tries.append(now)
            return len(tries) <= self._most
