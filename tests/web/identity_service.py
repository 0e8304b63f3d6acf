"""A small identity service on loopback: discovery, keys, authorize and token, with the faults that a log-in must survive."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey


class IdentityService:
    """Approves everybody at once as `user`. `wrong` changes claims, `forged` signs with a key that nobody knows."""

    def __init__(self, client: str = "desk", secret: str = "") -> None:
        self.client, self.secret, self.user = client, secret, "Ann Clerk"
        self.key: Any = RSAKey.generate_key(2048, parameters={"kid": "k1"})
        self.wrong: dict[str, Any] = {}
        self.forged = self.cancelled = False
        self.plain: str | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/realm"

    def __enter__(self) -> IdentityService:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def turn_key(self) -> None:
        """Another key from now on."""
        self.key = ECKey.generate_key("P-256", parameters={"kid": "k2"})

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def authorize(self, query: dict[str, str]) -> str:
        assert query["client_id"] == self.client and query["code_challenge_method"] == "S256"
        if self.cancelled:
            return f"{query['redirect_uri']}?{urlencode({'state': query['state'], 'error': 'access_denied'})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'state': query['state'], 'code': code})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        begun = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            begun is None
            or challenge != begun["code_challenge"]
            or form.get("redirect_uri") != begun["redirect_uri"]
            or form.get("client_secret", "") != self.secret
        ):
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": self.client, "sub": "1", "iat": now, "exp": now + 300, "nonce": begun["nonce"],
            "preferred_username": self.user, **self.wrong,
        }  # fmt: skip
        return {"access_token": "unused", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.plain is not None:
            # the well-known confusions: no signature at all, or one made with the public key as a shared secret
            head = _part(json.dumps({"alg": self.plain, "kid": self.key.kid}).encode())
            signed = f"{head}.{_part(json.dumps(claims).encode())}"
            mark = hmac.new(self.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
            return f"{signed}.{_part(mark) if self.plain == 'HS256' else ''}"
        key = RSAKey.generate_key(2048) if self.forged else self.key
        header = {"alg": "RS256" if key.key_type == "RSA" else "ES256", "kid": self.key.kid}
        return jwt.encode(header, claims, key)


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _handler(service: IdentityService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            service.asked.append(parts.path)
            if parts.path.endswith("/.well-known/openid-configuration"):
                self._say(service.discovery())
            elif parts.path.endswith("/keys"):
                self._say(service.keys())
            elif parts.path.endswith("/authorize"):
                query = {k: v[0] for k, v in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", service.authorize(query))
                self.end_headers()
            else:
                self._say({}, 404)

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = service.token({k: v[0] for k, v in parse_qs(text).items()})
            self._say(answer or {"error": "invalid_grant"}, 200 if answer else 400)

        def _say(self, body: dict[str, Any], status: int = 200) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    return Handler
