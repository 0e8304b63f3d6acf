"""Sign-in at the rehearsal e-RS: code flow with PKCE, lifetimes, single-use refresh tokens, signed application tokens."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from ers_requests import CLERK, Caller, Clock, make_ers
from joserfc import jwt
from joserfc.jwk import RSAKey

from gateway.rehearsal.ers_server import RehearsalErs

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REDIRECT = "http://127.0.0.1:8765/callback"
ASK = {
    "response_type": "code",
    "client_id": "rehearsal-client",
    "redirect_uri": REDIRECT,
    "state": "s-1",
    "scope": "nhs-cis2",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"private": private.decode(), "public": public.decode()}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ers(clock: Clock, keys: dict[str, str]) -> Iterator[RehearsalErs]:
    with make_ers(clock, public_key=keys["public"]) as running:
        yield running


def authorize(ers: RehearsalErs, **changes: str | None) -> httpx.Response:
    query = {k: v for k, v in (ASK | changes).items() if v is not None}
    return httpx.get(f"{ers.origin}/oauth2/authorize", params=query)


def code_from(answer: httpx.Response) -> str:
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def exchange(ers: RehearsalErs, code: str, /, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": "rehearsal-client",
        "code_verifier": VERIFIER,
    }
    return httpx.post(ers.token_url, data=form | changes)


def refresh(ers: RehearsalErs, token: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "rehearsal-client"}
    return httpx.post(ers.token_url, data=form | changes)


def works(ers: RehearsalErs, access: str) -> int:
    headers = {"Authorization": f"Bearer {access}"}
    return httpx.get(f"{ers.base_url}/R4/PractitionerRole", headers=headers).status_code


def test_a_user_signs_in_and_the_session_is_renewed(ers: RehearsalErs, clock: Clock) -> None:
    sent_back = authorize(ers)
    assert sent_back.status_code == 302
    assert sent_back.headers["Location"].startswith(REDIRECT)
    assert parse_qs(urlsplit(sent_back.headers["Location"]).query)["state"] == ["s-1"]
    answer = exchange(ers, code_from(sent_back))
    assert answer.status_code == 200
    tokens = answer.json()
    assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == ("599", "43199")
    assert works(ers, tokens["access_token"]) == 200
    clock.pass_(599)
    assert works(ers, tokens["access_token"]) == 401
    renewed = refresh(ers, tokens["refresh_token"]).json()
    assert works(ers, renewed["access_token"]) == 200
    clock.pass_(43199)
    assert refresh(ers, renewed["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_used_twice_ends_the_session(ers: RehearsalErs) -> None:
    first = ers.tokens.issue(CLERK)
    second = refresh(ers, first["refresh_token"]).json()
    assert works(ers, second["access_token"]) == 200
    again = refresh(ers, first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (401, "invalid_grant")
    assert works(ers, second["access_token"]) == 401
    assert refresh(ers, second["refresh_token"]).json()["error"] == "invalid_grant"


def test_lifetimes_are_those_of_the_answer(clock: Clock) -> None:
    with make_ers(clock, access_seconds=30, refresh_seconds=60) as ers:
        tokens = ers.tokens.issue(CLERK)
        assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == ("30", "60")
        clock.pass_(30)
        assert works(ers, tokens["access_token"]) == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"state": None}, "invalid_request"),
    ],
)
def test_a_wrong_sign_in_goes_back_with_its_error(ers: RehearsalErs, changes: dict[str, Any], error: str) -> None:
    answer = authorize(ers, **changes)
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == [error]


@pytest.mark.parametrize("changes", [{"client_id": "other"}, {"redirect_uri": "https://elsewhere.example/cb"}])
def test_a_wrong_client_or_address_is_never_redirected_to(ers: RehearsalErs, changes: dict[str, Any]) -> None:
    answer = authorize(ers, **changes)
    assert answer.status_code in (400, 401)
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:1/other"}, "invalid_grant"),
        ({"client_id": "other"}, "invalid_client"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_exchange(ers: RehearsalErs, changes: dict[str, str], error: str) -> None:
    assert exchange(ers, code_from(authorize(ers)), **changes).json()["error"] == error


def test_a_code_is_used_once_and_within_a_minute(ers: RehearsalErs, clock: Clock) -> None:
    code = code_from(authorize(ers))
    assert exchange(ers, code).status_code == 200
    assert exchange(ers, code).json()["error"] == "invalid_grant"
    late = code_from(authorize(ers))
    clock.pass_(61)
    assert exchange(ers, late).json()["error"] == "invalid_grant"


def test_the_token_endpoint_takes_forms_only(ers: RehearsalErs) -> None:
    assert httpx.post(ers.token_url, json={"grant_type": "refresh_token"}).json()["error"] == "invalid_request"


def assertion(
    ers: RehearsalErs, clock: Clock, key: str, *, header: dict[str, Any] | None = None, **changes: Any
) -> str:
    claims = {
        "iss": "rehearsal-client",
        "sub": "rehearsal-client",
        "aud": ers.token_url,
        "jti": "j-1",
        "exp": int(clock().timestamp()) + 240,
    }
    kept = {k: v for k, v in (claims | changes).items() if v is not None}
    return jwt.encode(
        {"alg": "RS512", "kid": "test-1"} | (header or {}), kept, RSAKey.import_key(key), algorithms=["RS256", "RS512"]
    )


def apply(ers: RehearsalErs, signed: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }
    return httpx.post(ers.token_url, data=form | changes)


def test_an_application_gets_a_token_without_refresh(ers: RehearsalErs, clock: Clock, keys: dict[str, str]) -> None:
    signed = assertion(ers, clock, keys["private"])
    tokens = apply(ers, signed).json()
    assert set(tokens) == {"access_token", "token_type", "expires_in"}
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert httpx.get(f"{ers.base_url}/STU3/CodeSystem/PRIORITY", headers=headers).status_code == 200
    assert apply(ers, signed).json()["error"] == "invalid_client"  # the jti was used


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        ({"alg": "RS256"}, {}),
        ({"kid": ""}, {}),
        ({}, {"iss": "other"}),
        ({}, {"sub": None}),
        ({}, {"aud": "https://elsewhere.example/token"}),
        ({}, {"exp": 1}),
        ({}, {"exp": 9_999_999_999}),
        ({}, {"exp": None}),
        ({}, {"jti": None}),
    ],
)
def test_a_wrong_assertion(
    ers: RehearsalErs, clock: Clock, keys: dict[str, str], header: dict[str, str], changes: dict[str, Any]
) -> None:
    answer = apply(ers, assertion(ers, clock, keys["private"], header=header, **changes))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_signature_of_another_key_or_none_at_all(ers: RehearsalErs, clock: Clock) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert apply(ers, assertion(ers, clock, pem.decode())).json()["error"] == "invalid_client"
    assert apply(ers, "not.a.jwt").json()["error"] == "invalid_client"
    assert apply(ers, "x", client_assertion_type="other").json()["error"] == "invalid_request"


def test_ended_sessions_must_sign_in_again(ers: RehearsalErs) -> None:
    tokens = ers.tokens.issue(CLERK)
    assert httpx.post(f"{ers.origin}/rehearsal/token", json={"end_sessions": True}).status_code == 200
    assert works(ers, tokens["access_token"]) == 401
    assert refresh(ers, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    fresh = httpx.post(f"{ers.door_url}/token", json={"user": CLERK}).json()
    assert works(ers, fresh["access_token"]) == 200


def test_discovery_names_the_endpoints(ers: RehearsalErs) -> None:
    found = httpx.get(f"{ers.origin}/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == ers.token_url
    assert found["authorization_endpoint"].endswith("/oauth2/authorize")


def test_a_user_who_left_is_let_in_nowhere(ers: RehearsalErs) -> None:
    assert Caller(ers, user="555000000105", role="REFERRING_CLINICIAN").create().status_code == 403
