"""Sign-in: OpenID Connect code flow with PKCE, single-use refresh tokens, and signed-JWT application tokens (ers.md section 2).

The authorize endpoint approves the drill's user at once and redirects. Token answers carry the lifetimes as texts, as the NHS API
platform does. A refresh token used twice ends its whole session, so a client that refreshes in two places is found out.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_ASSERTION = dt.timedelta(minutes=5)


class TokenRefusal(Exception):
    """The token endpoint says no: an OAuth error name and a description."""

    def __init__(self, error: str, says: str, status: int = 400) -> None:
        super().__init__(f"{error}: {says}")
        self.error, self.says, self.status = error, says, status


@dataclass(frozen=True)
class Grant:
    """What an access token stands for: a user, or (None) an application; `family` ties the tokens of one sign-in together."""

    user: str | None
    family: str
    expires: dt.datetime


@dataclass(frozen=True)
class _Code:
    user: str
    client_id: str
    redirect_uri: str
    challenge: str
    expires: dt.datetime


class Tokens:
    """All tokens of one rehearsal. Lifetimes in seconds; `public_key` (PEM or JWK text) makes signatures count."""

    def __init__(
        self,
        clock: Callable[[], dt.datetime],
        random: Random,
        *,
        client_id: str = "rehearsal-client",
        sign_in_user: str = "555000000102",
        access_seconds: int = 599,
        refresh_seconds: int = 43199,
        public_key: str | None = None,
    ) -> None:
        self.client_id = client_id
        self.sign_in_user = sign_in_user
        self.access_seconds = access_seconds
        self.refresh_seconds = refresh_seconds
        self._clock, self._random = clock, random
        self._key = RSAKey.import_key(public_key) if public_key else None
        self._guard = threading.Lock()
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._spent: dict[str, str] = {}
        self._seen_assertions: set[str] = set()

    def _new(self) -> str:
        return f"rehearsal-{self._random.getrandbits(160):040x}"

    def grant_of(self, token: str) -> Grant | None:
        """The grant behind an access token that still holds, or None."""
        with self._guard:
            grant = self._access.get(token)
            return grant if grant is not None and self._clock() < grant.expires else None

    def expire(self, token: str) -> None:
        """Ends one access token now; its refresh token still works."""
        with self._guard:
            self._access.pop(token, None)

    def end_sessions(self) -> None:
        """Ends every access and refresh token: everybody must sign in again."""
        with self._guard:
            self._access.clear()
            self._refresh.clear()

    def issue(self, user: str | None) -> dict[str, str]:
        """A token answer for a user (with refresh token) or an application (without), as after a sign-in."""
        with self._guard:
            return self._issue(user, self._new())

    def _issue(self, user: str | None, family: str) -> dict[str, str]:
        now = self._clock()
        access = self._new()
        self._access[access] = Grant(user, family, now + dt.timedelta(seconds=self.access_seconds))
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": str(self.access_seconds)}
        if user is not None:
            refresh = self._new()
            self._refresh[refresh] = Grant(user, family, now + dt.timedelta(seconds=self.refresh_seconds))
            answer |= {"refresh_token": refresh, "refresh_token_expires_in": str(self.refresh_seconds)}
        return answer

    def authorize(self, query: dict[str, str]) -> str:
        """The redirect of the authorize endpoint. A wrong client or redirect address is never redirected to."""
        redirect = query.get("redirect_uri", "")
        parts = urlsplit(redirect)
        if query.get("client_id") != self.client_id:
            raise TokenRefusal("invalid_client", "the client id is not registered", 401)
        if parts.scheme not in ("http", "https") or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise TokenRefusal("invalid_request", "a rehearsal redirects to this machine only")
        pkce = query.get("code_challenge_method") == "S256" and len(query.get("code_challenge", "")) == 43
        error = None if pkce and query.get("state") else "invalid_request"
        if query.get("response_type") != "code":
            error = "unsupported_response_type"
        answer = {"state": query["state"]} if query.get("state") else {}
        if error:
            return f"{redirect}?{urlencode({'error': error} | answer)}"
        with self._guard:
            code = self._new()
            expires = self._clock() + dt.timedelta(seconds=60)
            self._codes[code] = _Code(self.sign_in_user, self.client_id, redirect, query["code_challenge"], expires)
        return f"{redirect}?{urlencode({'code': code} | answer)}"

    def token(self, form: dict[str, str], token_url: str) -> dict[str, str]:
        """The token endpoint for its three grants."""
        kind = form.get("grant_type")
        with self._guard:
            if kind == "authorization_code":
                return self._by_code(form)
            if kind == "refresh_token":
                return self._by_refresh(form)
            if kind == "client_credentials":
                return self._by_assertion(form, token_url)
        raise TokenRefusal("unsupported_grant_type", "grant_type is unknown")

    def _by_code(self, form: dict[str, str]) -> dict[str, str]:
        code = self._codes.pop(form.get("code", ""), None)
        if form.get("client_id") != self.client_id:
            raise TokenRefusal("invalid_client", "the client id is not registered", 401)
        if code is None or self._clock() >= code.expires:
            raise TokenRefusal("invalid_grant", "the code is unknown, used or too old")
        if form.get("redirect_uri") != code.redirect_uri:
            raise TokenRefusal("invalid_grant", "redirect_uri differs from the one of the sign-in")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not secrets.compare_digest(challenge, code.challenge):
            raise TokenRefusal("invalid_grant", "code_verifier does not fit")
        return self._issue(code.user, self._new())

    def _by_refresh(self, form: dict[str, str]) -> dict[str, str]:
        if form.get("client_id") != self.client_id:
            raise TokenRefusal("invalid_client", "the client id is not registered", 401)
        used = form.get("refresh_token", "")
        if used in self._spent:
            family = self._spent[used]
            self._access = {k: g for k, g in self._access.items() if g.family != family}
            self._refresh = {k: g for k, g in self._refresh.items() if g.family != family}
            raise TokenRefusal("invalid_grant", "the refresh token was used before; the session has ended", 401)
        grant = self._refresh.pop(used, None)
        if grant is None or self._clock() >= grant.expires:
            raise TokenRefusal("invalid_grant", "the refresh token is unknown or too old", 401)
        self._spent[used] = grant.family
        return self._issue(grant.user, grant.family)

    def _by_assertion(self, form: dict[str, str], token_url: str) -> dict[str, str]:
        if form.get("client_assertion_type") != _ASSERTION:
            raise TokenRefusal("invalid_request", "client_assertion_type is missing or wrong")
        claims = self._claims(form.get("client_assertion", ""))
        now = self._clock().timestamp()
        if claims.get("iss") != self.client_id or claims.get("sub") != self.client_id:
            raise TokenRefusal("invalid_client", "iss and sub must be the client id", 401)
        if claims.get("aud") != token_url:
            raise TokenRefusal("invalid_client", "aud must be the token endpoint", 401)
        expires = claims.get("exp")
        if not isinstance(expires, int) or not now < expires <= now + _LONGEST_ASSERTION.total_seconds():
            raise TokenRefusal("invalid_client", "exp must be within the next five minutes", 401)
        number = claims.get("jti")
        if not isinstance(number, str) or not number or number in self._seen_assertions:
            raise TokenRefusal("invalid_client", "jti must be there and new", 401)
        self._seen_assertions.add(number)
        return self._issue(None, self._new())

    def _claims(self, assertion: str) -> dict[str, Any]:
        try:
            head, body, signature = assertion.split(".")
            header = json.loads(_unpadded(head))
            claims = json.loads(_unpadded(body))
        except ValueError:
            raise TokenRefusal("invalid_client", "client_assertion is not a JWT", 401) from None
        if not isinstance(header, dict) or not isinstance(claims, dict) or not signature:
            raise TokenRefusal("invalid_client", "client_assertion is not a JWT", 401)
        if header.get("alg") != "RS512" or not header.get("kid"):
            raise TokenRefusal("invalid_client", "the JWT must be RS512 with a kid", 401)
        if self._key is not None:
            try:
                jwt.decode(assertion, self._key, algorithms=["RS512"])
            except JoseError:
                raise TokenRefusal("invalid_client", "the signature does not verify", 401) from None
        return claims


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
