"""Log-in by the trust's own identity service: OpenID Connect, authorization code with PKCE; verifies, and finds an existing person.

People are never made by a log-in: whoever the service names must have been given access here before. What the service says is
taken only from an id token whose signature, issuer, audience, time and nonce were checked.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlmodel import Session, select

from gateway.errors import Later, WrongInput
from gateway.people import TurnedAway, name_key, set_password
from gateway.settings import DeskSettings
from gateway.tables_desk import Person

PATIENCE = dt.timedelta(minutes=10)
TIMEOUT = 15.0
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
LEEWAY = 60  # seconds by which the two clocks may differ
KEPT = 3600.0  # seconds for which what the service says of itself is believed
MOST = 200


@dataclass(frozen=True)
class Begun:
    """A log-in on its way: what must come back with it."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    cookie_hash: str = field(repr=False)
    redirect: str
    next: str
    at: dt.datetime


class Oidc:
    """The identity service and the log-ins that are on their way to it; in memory, so that a restart ends them."""

    def __init__(self, settings: DeskSettings) -> None:
        self._settings = settings
        self._guard = threading.Lock()
        self._begun: dict[str, Begun] = {}
        self._known: tuple[float, dict[str, Any], KeySet] | None = None

    @property
    def set_up(self) -> bool:
        """Whether the settings name a service."""
        return bool(self._settings.oidc_issuer and self._settings.oidc_client_id)

    def begin(self, redirect: str, to: str, now: dt.datetime, *, anew: bool = False) -> tuple[str, str]:
        """The address of the log-in and a secret for a cookie, which ties what comes back to this browser.

        `anew`: whoever sits there proves who they are, though the service may still know the last one.
        """
        found, _keys = self._service()
        state, nonce, verifier, cookie = (secrets.token_urlsafe(32) for _ in range(4))
        begun = Begun(nonce, verifier, _digest(cookie), redirect, to, now)
        with self._guard:
            self._begun = {s: b for s, b in self._begun.items() if now - b.at < PATIENCE}
            while len(self._begun) >= MOST:
                self._begun.pop(next(iter(self._begun)))
            self._begun[state] = begun
        question = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id or "",
            "redirect_uri": redirect,
            "scope": self._settings.oidc_scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": _digest(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login"} if anew else {}),
        }
        joined = "&" if urlsplit(found["authorization_endpoint"]).query else "?"
        return f"{found['authorization_endpoint']}{joined}{urlencode(question)}", cookie

    def finish(self, state: str, code: str, cookie: str, now: dt.datetime) -> tuple[str, str]:
        """Whom the service names, by the chosen claim, and where they wanted to go. TurnedAway for anything out of order."""
        with self._guard:
            begun = self._begun.pop(state, None)
        if begun is None or now - begun.at > PATIENCE or not secrets.compare_digest(_digest(cookie), begun.cookie_hash):
            raise TurnedAway("sign_in", "This log-in was not begun in this browser, or too long ago.", "Begin again.")
        if not code:
            raise TurnedAway("sign_in", "The log-in was refused or cancelled.", "Begin again, or use your password.")
        found, keys = self._service()
        claims = self._verified(self._token(found["token_endpoint"], code, begun), keys, begun, now)
        said = claims.get(self._settings.oidc_claim)
        if not isinstance(said, str) or not said.strip():
            raise TurnedAway(
                "sign_in",
                "The identity service did not say who you are.",
                "Tell the administrator: see GATEWAY_DESK__OIDC_CLAIM.",
            )
        return said, begun.next

    def _service(self) -> tuple[dict[str, Any], KeySet]:
        """What the service says of itself (discovery), and its keys."""
        with self._guard:
            if self._known is not None and time.monotonic() - self._known[0] < KEPT:
                return self._known[1], self._known[2]
        issuer = (self._settings.oidc_issuer or "").rstrip("/")
        found = self._asked("GET", f"{issuer}/.well-known/openid-configuration")
        ends = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if str(found.get("issuer", "")).rstrip("/") != issuer or not all(_safe(found.get(end)) for end in ends):
            raise WrongInput(
                "oidc",
                "The identity service is not the one that was set up.",
                "Correct GATEWAY_DESK__OIDC_ISSUER; addresses begin with https.",
            )
        keys = self._keys(found)
        with self._guard:
            self._known = (time.monotonic(), found, keys)
        return found, keys

    def _keys(self, found: dict[str, Any]) -> KeySet:
        try:
            return KeySet.import_key_set(self._asked("GET", found["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise Later("oidc", "The keys of the identity service cannot be read.", "Try again later.") from None

    def _token(self, address: str, code: str, begun: Begun) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect,
            "code_verifier": begun.verifier,
            "client_id": self._settings.oidc_client_id or "",
        }
        secret = self._secret()
        if secret:
            form["client_secret"] = secret
        answer = self._asked("POST", address, form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise TurnedAway("sign_in", "The identity service gave no id token.", "Tell the administrator.")
        return token

    def _secret(self) -> str:
        if self._settings.oidc_secret_file is None:
            return ""
        try:
            return self._settings.oidc_secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongInput(
                "oidc",
                f"The file of GATEWAY_DESK__OIDC_SECRET_FILE cannot be read: {error.strerror}.",
                "Name a readable file.",
            ) from None

    def _verified(self, token: str, keys: KeySet, begun: Begun, now: dt.datetime) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError, TypeError):
            with self._guard:
                self._known = None  # the service may have changed its keys: ask for them at the next log-in
            raise _untrue() from None
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        instant = now.timestamp()
        ends, begins, made = claims.get("exp"), claims.get("nbf", 0), claims.get("iat", 0)
        if (
            str(claims.get("iss", "")).rstrip("/") != (self._settings.oidc_issuer or "").rstrip("/")
            or self._settings.oidc_client_id not in audiences
            or (len(audiences) > 1 and claims.get("azp") != self._settings.oidc_client_id)
            or not all(isinstance(x, int | float) for x in (ends, begins, made))
            or instant > float(ends) + LEEWAY  # type: ignore[arg-type]
            or instant < max(float(begins), float(made)) - LEEWAY
            or not secrets.compare_digest(str(claims.get("nonce", "")), begun.nonce)
        ):
            raise _untrue()
        return claims

    def _asked(self, method: str, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            answer = httpx.request(
                method, address, data=form, timeout=TIMEOUT, follow_redirects=False, trust_env=not _loopback(address)
            )
        except httpx.HTTPError as error:
            raise Later(
                "oidc",
                f"The identity service did not answer ({type(error).__name__}).",
                "Use your password meanwhile, or try again.",
            ) from None
        if answer.status_code >= 500:
            raise Later("oidc", f"The identity service has a fault ({answer.status_code}).", "Use your password.")
        if answer.status_code != 200:
            raise TurnedAway("sign_in", "The identity service refused the log-in.", "Begin again.")
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Later("oidc", "The identity service gave an answer that cannot be read.", "Use your password.")
        return body


def _untrue() -> TurnedAway:
    return TurnedAway(
        "sign_in",
        "What the identity service said could not be verified.",
        "Begin again; tell the administrator if it stays.",
    )


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _safe(address: Any) -> bool:
    return isinstance(address, str) and (urlsplit(address).scheme == "https" or _loopback(address))


def _loopback(address: str) -> bool:
    return urlsplit(address).hostname in {"127.0.0.1", "localhost", "::1"}


def person_of_claim(session: Session, said: str, now: dt.datetime) -> Person:
    """The person whom the service names; TurnedAway for somebody without access here. Nobody is made.

    A one-time password that an administrator gave and nobody changed stops working: the log-in has made it needless.
    """
    person = session.exec(select(Person).where(Person.name_key == name_key(said))).first()
    if person is None or person.disabled_at is not None:
        raise TurnedAway(
            "sign_in", "You are known to the trust, but have no access to the referral desk.", "Ask your administrator."
        )
    if person.must_change:
        set_password(session, person, secrets.token_urlsafe(40), person.name, now)
    return person
