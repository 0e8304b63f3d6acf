"""Sessions at e-RS that people began from the desk: begun by a redirect, kept in memory only, one for each person.

Nothing of them is written anywhere: they end with the program, with the sign-out, or when e-RS ends them.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from dataclasses import dataclass, field

from gateway.errors import Refused, WrongInput
from gateway.ers_signin import SignedIn, authorize_address, session_of_code
from gateway.settings import ErsSettings

PATIENCE = dt.timedelta(minutes=10)  # from the desk to the sign-in and back
MOST = 100


@dataclass(frozen=True)
class _Begun:
    person: str
    redirect: str
    to: str  # the page of ours on which it was begun
    verifier: str = field(repr=False)
    at: dt.datetime


@dataclass(frozen=True)
class HeldSession:
    """A session and until when it surely lasts; None where nobody said, or where it has to be refreshed now."""

    session: SignedIn
    until: dt.datetime | None


class ErsSessions:
    """Who is signed in at e-RS through this desk. `lasts`: after so long it is forgotten, however often it was refreshed."""

    def __init__(self, lasts: dt.timedelta) -> None:
        self._lasts = lasts
        self._guard = threading.Lock()
        self._begun: dict[str, _Begun] = {}
        self._held: dict[str, tuple[SignedIn, dt.datetime]] = {}

    def begin(self, settings: ErsSettings, person: str, redirect: str, to: str, now: dt.datetime) -> str:
        """The address at which this person signs in, to come back to our page `to`; WrongInput where it is not set up."""
        if not possible(settings):
            raise WrongInput(
                "sign_in",
                "Signing in to e-RS from the desk is not set up.",
                "Set GATEWAY_ERS__AUTHORIZE_URL, GATEWAY_ERS__TOKEN_URL and GATEWAY_ERS__CLIENT_ID.",
            )
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(64)
        with self._guard:
            self._begun = {s: b for s, b in self._begun.items() if now - b.at < PATIENCE}
            while len(self._begun) >= MOST:
                self._begun.pop(next(iter(self._begun)))
            self._begun[state] = _Begun(person, redirect, to, verifier, now)
        return authorize_address(settings, redirect, state, verifier)

    def finish(self, settings: ErsSettings, person: str, state: str, code: str, now: dt.datetime) -> str:
        """They came back with a code: get the session, and go back to where it was begun. Refused for a stranger's, a used or an old one."""
        with self._guard:
            begun = self._begun.pop(state, None)
        if begun is None or begun.person != person or now - begun.at > PATIENCE:
            raise Refused("sign_in", "This sign-in to e-RS was not begun here, or too long ago.", "Sign in once more.")
        if not code:
            raise Refused("sign_in", "The sign-in to e-RS was refused or cancelled.", "Try again.")
        session = session_of_code(settings, code, begun.redirect, begun.verifier)
        with self._guard:
            self._held[person] = (session, now)
        return begun.to

    def of(self, person: str, now: dt.datetime) -> HeldSession | None:
        """This person's session; None when there is none, or it has ended for good."""
        with self._guard:
            session, since = self._held.get(person, (None, now))
            if session is None:
                return None
            left = session.left
            if now - since >= self._lasts or (left <= 0 and not session.renews):
                del self._held[person]
                return None
        return HeldSession(session, now + dt.timedelta(seconds=left) if 0 < left < float("inf") else None)

    def end(self, person: str) -> None:
        """Forget it, as at the sign-out."""
        with self._guard:
            self._held.pop(person, None)


def possible(settings: ErsSettings) -> bool:
    """Whether the settings name all that a sign-in needs."""
    return bool(settings.authorize_url and settings.token_url and settings.client_id)
