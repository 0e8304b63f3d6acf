"""Signing in to e-RS: a person's session by OpenID Connect, an application's by signed JWT, or none for an open sandbox.

Tokens live in memory only and show in no text, log or exception. A refresh token is usable once, so refreshing is serial under one
lock; who comes second finds the new token there (ers.md section 2).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.parse
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Protocol

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from gateway.errors import Later, Refused, WrongInput
from gateway.settings import ErsSettings

TOKEN_PATIENCE = 30.0  # seconds; the platform team advises 15 to 30
EARLY = 30.0  # seconds before its end at which a token counts as old
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ErsSession(Protocol):
    """Something that gives a token. `unattended` sessions send no organisation and role headers."""

    unattended: bool

    def token(self) -> str | None:
        """The present token; None where none is needed."""
        ...

    def renew(self, used: str | None) -> bool:
        """Get a new one after `used` was refused; False: a person must sign in again."""
        ...


class OpenSession:
    """An open sandbox: no token at all."""

    unattended = False

    def token(self) -> str | None:
        """None."""
        return None

    def renew(self, used: str | None) -> bool:
        """There is nothing to renew."""
        return False


@dataclass
class _Tokens:
    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    ends: float = float("inf")


class SignedIn:
    """A person's session: an access token and, where given, a refresh token and the place to use it."""

    unattended = False

    def __init__(self, tokens: _Tokens, settings: ErsSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "SignedIn(...)"

    @property
    def left(self) -> float:
        """Seconds until the access token ends; endless where nobody said. It may be refreshed before."""
        return self._tokens.ends - self._clock()

    @property
    def renews(self) -> bool:
        """Whether it can still be refreshed without a person."""
        return bool(self._tokens.refresh and self._settings.token_url)

    def token(self) -> str | None:
        """The access token, refreshed first when it is about to end and can be."""
        if self._clock() > self._tokens.ends - EARLY and self._tokens.refresh:
            self.renew(self._tokens.access)
        return self._tokens.access

    def renew(self, used: str | None) -> bool:
        """Refresh once, serially; True also where another worker has done it meanwhile."""
        with self._lock:
            if used is not None and used != self._tokens.access:
                return True
            if not self._tokens.refresh or not self._settings.token_url:
                return False
            refresh, self._tokens.refresh = self._tokens.refresh, None  # usable once, whatever the answer
            try:
                answer = _ask_token(
                    self._settings, {"grant_type": "refresh_token", "refresh_token": refresh, **_client(self._settings)}
                )
            except (Refused, Later):
                return False
            self._tokens = _tokens(answer, self._clock())
            return True


class ApplicationSession:
    """The gateway's own unattended session (signed JWT): reads only, no person behind it."""

    unattended = True

    def __init__(self, settings: ErsSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: _Tokens | None = None

    def __repr__(self) -> str:
        return "ApplicationSession(...)"

    def token(self) -> str | None:
        """A token, asked for when there is none or it is about to end. Later or Refused when it cannot be had."""
        with self._lock:
            if self._tokens is None or self._clock() > self._tokens.ends - EARLY:
                self._tokens = _tokens(
                    _ask_token(self._settings, {"grant_type": "client_credentials", **_client(self._settings)}),
                    self._clock(),
                )
            return self._tokens.access

    def renew(self, used: str | None) -> bool:
        """Forget the refused token, so that the next call asks for a new one."""
        with self._lock:
            if self._tokens is not None and (used is None or used == self._tokens.access):
                self._tokens = None
        return True


def session_from(given: str | None, settings: ErsSettings, clock: Callable[[], float] = time.monotonic) -> ErsSession:
    """The session for a token given on standard input: the token itself, or a token answer in JSON; none: an open sandbox."""
    text = (given or "").strip()
    if not text:
        return OpenSession()
    if text.startswith("{"):
        try:
            return SignedIn(_tokens(json.loads(text), clock()), settings, clock)
        except (ValueError, KeyError, TypeError):
            raise WrongInput(
                "token",
                "The token on standard input cannot be read.",
                "Give the access token, or the whole token answer.",
            ) from None
    if any(c.isspace() for c in text) or not text.isascii():
        raise WrongInput("token", "The token on standard input is not one token.", "Give the access token on one line.")
    return SignedIn(_Tokens(text), settings, clock)


def application_session(settings: ErsSettings) -> ApplicationSession | None:
    """The unattended session where the settings name a key, a client and a token place; else None."""
    if settings.client_key and settings.client_id and settings.token_url:
        return ApplicationSession(settings)
    return None


def _tokens(answer: dict[str, Any], now: float) -> _Tokens:
    # lifetimes are read from the answer, never assumed
    lasts = answer.get("expires_in")
    return _Tokens(
        access=str(answer["access_token"]),
        refresh=answer.get("refresh_token"),
        ends=now + float(lasts) if lasts is not None else float("inf"),
    )


def _client(settings: ErsSettings) -> dict[str, str]:
    """How the application proves itself at the token place: a signed JWT where there is a key, else its id alone (PKCE)."""
    if not settings.client_key or not settings.client_id:
        return {"client_id": settings.client_id or ""}
    try:
        key = settings.client_key.read_bytes()
    except OSError as error:
        raise WrongInput(
            "setting",
            f"The key file of GATEWAY_ERS__CLIENT_KEY cannot be read: {error.strerror}.",
            "Name a readable file.",
        ) from None
    header = {"alg": "RS512", "typ": "JWT", **({"kid": settings.key_id} if settings.key_id else {})}
    claims = {
        "iss": settings.client_id,
        "sub": settings.client_id,
        "aud": settings.token_url or "",
        "jti": secrets.token_hex(16),
        "exp": int(time.time()) + 240,  # the platform takes at most five minutes
    }
    try:
        signed = jwt.encode(header, claims, RSAKey.import_key(key), algorithms=["RS512"])
    except Exception:  # the library's errors may quote the key
        raise WrongInput(
            "setting", "The key of GATEWAY_ERS__CLIENT_KEY cannot sign.", "It must be an RSA private key in PEM."
        ) from None
    return {"client_assertion_type": ASSERTION, "client_assertion": signed, "client_id": settings.client_id}


def _ask_token(settings: ErsSettings, form: dict[str, str]) -> dict[str, Any]:
    assert settings.token_url
    try:
        answer = httpx.post(
            settings.token_url,
            data=form,
            timeout=TOKEN_PATIENCE,
            verify=_trust(settings),
            trust_env=not _loopback(settings.token_url),
        )
    except httpx.HTTPError as error:
        raise Later(
            "token", f"The sign-in service did not answer ({type(error).__name__}).", "It is tried again."
        ) from None
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Later("token", f"The sign-in service has a fault ({answer.status_code}).", "It is tried again.")
    if answer.status_code != 200:
        raise Refused("sign_in", "The sign-in has ended or was refused.", "Sign in again.")
    try:
        body = answer.json()
        return {**body, "access_token": body["access_token"]}
    except (ValueError, KeyError, TypeError):
        raise Later("token", "The sign-in service gave an answer that cannot be read.", "It is tried again.") from None


def _trust(settings: ErsSettings) -> Any:
    import ssl

    return ssl.create_default_context(cafile=str(settings.ca_file)) if settings.ca_file else True


def _loopback(url: str) -> bool:
    return urllib.parse.urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def sign_in(
    settings: ErsSettings,
    *,
    show: Callable[[str], None],
    open_browser: Callable[[str], Any] = webbrowser.open,
    patience: float = 300.0,
) -> SignedIn:
    """A person signs in: authorization code with PKCE (S256), answered to a one-time door on this machine's loopback.

    `show` is given the address for a person whose browser does not open by itself.
    """
    if not settings.authorize_url or not settings.token_url or not settings.client_id:
        raise WrongInput(
            "sign_in",
            "Signing in is not set up.",
            "Set GATEWAY_ERS__AUTHORIZE_URL, GATEWAY_ERS__TOKEN_URL and GATEWAY_ERS__CLIENT_ID, or use --token-stdin.",
        )
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(24)
    with HTTPServer(("127.0.0.1", settings.redirect_port), _door(state)) as door:
        door.timeout = 1.0
        redirect = f"http://127.0.0.1:{door.server_port}/signed-in"
        address = authorize_address(settings, redirect, state, verifier)
        show(address)
        open_browser(address)
        code = _wait_for_code(door, patience)
    return session_of_code(settings, code, redirect, verifier)


def session_of_code(settings: ErsSettings, code: str, redirect: str, verifier: str) -> SignedIn:
    """The session for the code with which a person came back from the sign-in. Refused or Later when it is not taken."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    return SignedIn(_tokens(_ask_token(settings, {**form, **_client(settings)}), time.monotonic()), settings)


def authorize_address(settings: ErsSettings, redirect: str, state: str, verifier: str) -> str:
    """Where a person's browser is sent; the web desk uses it with a redirect of its own."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    question = {
        "response_type": "code",
        "client_id": settings.client_id or "",
        "redirect_uri": redirect,
        "scope": settings.scope,
        "state": state,
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{settings.authorize_url}?{urllib.parse.urlencode(question)}"


def _door(state: str) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        """Takes one redirect with the right state and keeps its code; anything else is 404."""

        def do_GET(self) -> None:
            parts = urllib.parse.urlsplit(self.path)
            given = urllib.parse.parse_qs(parts.query)
            ours = parts.path == "/signed-in" and secrets.compare_digest(given.get("state", [""])[0], state)
            if ours:
                self.server.came = given.get("code", [""])[0]  # type: ignore[attr-defined]
            text = b"You are signed in. This window can be closed." if ours else b"Nothing here."
            self.send_response(200 if ours else 404)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the address holds the code."""

    return Door


def _wait_for_code(door: HTTPServer, patience: float) -> str:
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        door.handle_request()
        came = getattr(door, "came", None)
        if came is not None:
            if not came:
                raise Refused("sign_in", "The sign-in was refused or cancelled.", "Try again.")
            return str(came)
    raise Refused(
        "sign_in", "Nobody signed in within five minutes.", "Start again, and sign in when the browser opens."
    )
