"""Signing in: a person by PKCE over loopback, the application by a signed JWT, tokens renewed once and never shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from release_site import utc_now

from gateway.errors import GatewayError, Refused, WrongInput
from gateway.ers import Ers
from gateway.ers_signin import application_session, session_from, sign_in
from gateway.rehearsal.ers_server import RehearsalErs
from gateway.settings import ErsSettings

KEY = rsa.generate_private_key(65537, 2048)
PRIVATE = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def ers() -> Iterator[RehearsalErs]:
    with RehearsalErs(clock=utc_now, random=Random(3), public_key=PUBLIC.decode()) as opened:
        yield opened


@pytest.fixture
def settings(ers: RehearsalErs, tmp_path: Path) -> ErsSettings:
    key = tmp_path / "key.pem"
    key.write_bytes(PRIVATE)
    return ErsSettings(
        base_url=ers.base_url,
        token_url=ers.token_url,
        authorize_url=f"{ers.origin}/oauth2/authorize",
        client_id="rehearsal-client",
        client_key=key,
        key_id="k1",
    )


def browser(address: str) -> bool:
    """A browser in which the person signs in at once."""
    threading.Thread(target=lambda: httpx.get(address, follow_redirects=True, timeout=5), daemon=True).start()
    return True


def test_a_person_signs_in_and_reads_their_roles(settings: ErsSettings) -> None:
    shown: list[str] = []
    session = sign_in(settings.model_copy(update={"client_key": None}), show=shown.append, open_browser=browser)
    assert "code_challenge_method=S256" in shown[0] and "state=" in shown[0]
    with Ers(settings, session, rehearsal=True, organisation="RXX", role="REFERRING_CLINICIAN_ADMIN") as client:
        user, roles = client.roles("c").body
    assert user == "555000000102" and "REFERRING_CLINICIAN_ADMIN" in roles["RXX"]
    token = session.token()
    assert token and token not in repr(session)


def test_a_redirect_with_another_state_is_not_taken(settings: ErsSettings) -> None:
    def attacker(address: str) -> bool:
        redirect = httpx.URL(address).params["redirect_uri"]

        def knock() -> None:
            assert httpx.get(f"{redirect}?code=stolen&state=wrong", timeout=5).status_code == 404

        threading.Thread(target=knock, daemon=True).start()
        return True

    with pytest.raises(Refused):
        sign_in(settings, show=lambda _: None, open_browser=attacker, patience=1.5)


def test_signing_in_needs_its_settings() -> None:
    with pytest.raises(WrongInput):
        sign_in(ErsSettings(), show=lambda _: None)


def test_the_application_reads_unattended_without_role_headers(settings: ErsSettings) -> None:
    session = application_session(settings)
    assert session is not None
    with Ers(settings, session, rehearsal=True, organisation="RXX", role="REFERRING_CLINICIAN_ADMIN") as client:
        assert client.code_table("PRIORITY", "c").done
        assert client.worklist("REFERRALS_FOR_REVIEW", "c", "11002").done
        assert client.worklist("AWAITING_BOOKING", "c").status in (400, 403, 422)


def test_a_key_that_cannot_sign_says_so_and_shows_nothing(settings: ErsSettings, tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("-----BEGIN PRIVATE KEY-----\nvery-secret\n-----END PRIVATE KEY-----\n")
    for name in ("bad.pem", "none.pem"):
        session = application_session(settings.model_copy(update={"client_key": tmp_path / name}))
        assert session is not None
        with pytest.raises(WrongInput) as wrong:
            session.token()
        assert "secret" not in str(wrong.value)


def test_many_workers_renew_once(ers: RehearsalErs, settings: ErsSettings) -> None:
    import json

    plain = settings.model_copy(update={"client_key": None})
    session = session_from(json.dumps(ers.tokens.issue("555000000102")), plain)
    used = session.token()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: session.renew(used), range(8)))
    assert session.token() != used
    assert ers.inspect()["calls"].get("TOKEN", 1) == 1


def test_a_plain_token_cannot_be_renewed(settings: ErsSettings) -> None:
    session = session_from("abc", settings)
    assert session.token() == "abc" and not session.renew("abc")
    for wrong in ("two words", "{broken", '{"no": "token"}', "té"):
        with pytest.raises(GatewayError):
            session_from(wrong, settings)
