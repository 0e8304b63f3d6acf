"""STARTTLS and sign-in per listener, with real TLS, and what an attacker may try with them."""

from __future__ import annotations

import base64
import datetime as dt
import smtplib
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from smtp_talk import NOW, Raw, Recorder

from inbox.smtp import SmtpDoor
from inbox.smtp_limits import RoomLimits, SmtpDoorError

Open = Callable[..., SmtpDoor]
Connect = Callable[[int], Raw]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - dt.timedelta(days=3650))
        .not_valid_after(NOW + dt.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def sign_in(name: str, password: str) -> bool:
    return (name, password) == ("mfp", "right")


def plain(name: str, password: str) -> bytes:
    return b"AUTH PLAIN " + base64.b64encode(f"\0{name}\0{password}".encode())


def test_starttls_required(open_door: Open, accept: Recorder, raw: Connect, certificate: tuple[Path, Path]) -> None:
    door = open_door(starttls="require", certificate_file=certificate[0], key_file=certificate[1])
    client = raw(door.port)
    client.ask(b"EHLO client")
    assert client.ask(b"MAIL FROM:<a@b.example>").startswith(b"530")
    with smtplib.SMTP("localhost", door.port, timeout=10) as sender:
        sender.starttls(context=ssl.create_default_context(cafile=str(certificate[0])))
        sender.sendmail("a@b.example", ["desk@fax.example"], "Subject: x\r\n\r\n" + "y" * 300_000)
    assert accept.kept[0].notes["tls"] == "yes" and len(accept.kept[0].data) > 300_000


def test_starttls_offered_is_not_needed(
    open_door: Open, accept: Recorder, raw: Connect, certificate: tuple[Path, Path]
) -> None:
    door = open_door(starttls="offer", certificate_file=certificate[0], key_file=certificate[1])
    with smtplib.SMTP("127.0.0.1", door.port, timeout=10) as sender:
        sender.ehlo()
        assert sender.has_extn("starttls") and not sender.has_extn("auth") and sender.has_extn("smtputf8")
        sender.sendmail("a@b.example", ["desk@fax.example"], "x")
    assert accept.kept[0].notes["tls"] == "no"


def test_commands_injected_before_tls_are_thrown_away(
    open_door: Open, raw: Connect, certificate: tuple[Path, Path]
) -> None:
    door = open_door(starttls="offer", certificate_file=certificate[0], key_file=certificate[1])
    client = raw(door.port)
    client.ask(b"EHLO client")
    client.send(b"STARTTLS\r\nMAIL FROM:<evil@b.example>\r\n")
    assert client.line().startswith(b"220")
    context = ssl.create_default_context(cafile=str(certificate[0]))
    client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
    client.file = client.socket.makefile("rb")
    assert client.ask(b"EHLO client").startswith(b"250")
    assert client.ask(b"RCPT TO:<desk@fax.example>").startswith(b"503")


def test_sign_in_required_with_plain_and_login(open_door: Open, accept: Recorder, raw: Connect) -> None:
    door = open_door(auth="require", check_password=sign_in)
    client = raw(door.port)
    client.ask(b"EHLO client")
    assert client.ask(b"MAIL FROM:<a@b.example>").startswith(b"530 5.7.0")
    for method in ("auth_plain", "auth_login"):
        with smtplib.SMTP("127.0.0.1", door.port, timeout=10) as sender:
            sender.ehlo()
            sender.user, sender.password = "mfp", "right"
            sender.auth(method.removeprefix("auth_").upper(), getattr(sender, method))
            sender.sendmail("a@b.example", ["desk@fax.example"], "x")
    assert [kept.notes["login"] for kept in accept.kept] == ["mfp", "mfp"]


def test_sign_in_in_clear_text_is_refused_where_tls_is_offered(
    open_door: Open, raw: Connect, certificate: tuple[Path, Path]
) -> None:
    door = open_door(
        auth="offer", check_password=sign_in, starttls="offer", certificate_file=certificate[0], key_file=certificate[1]
    )
    client = raw(door.port)
    client.ask(b"EHLO client")
    assert client.ask(plain("mfp", "right")).startswith(b"538")


def test_wrong_passwords_are_few_and_slow(open_door: Open, raw: Connect) -> None:
    door = open_door(auth="offer", check_password=sign_in, room=RoomLimits(wrong_passwords_per_address=4))
    started = time.monotonic()
    for expected in ((b"535", b"535", b"421"), (b"535",)):
        client = raw(door.port)
        client.ask(b"EHLO client")
        assert tuple(client.ask(plain("mfp", "guess"))[:3] for _ in expected) == expected
    assert client.ask(plain("mfp", "right")).startswith(b"421")
    assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize("blob", [b"", b"!!!", b"AAAA", b"*", b"=" * 400])
def test_broken_sign_in_is_answered(blob: bytes, open_door: Open, raw: Connect) -> None:
    client = raw(open_door(auth="offer", check_password=sign_in).port)
    client.ask(b"EHLO client")
    assert client.ask(b"AUTH PLAIN x" + blob)[:1] in (b"5", b"4")
    assert client.ask(b"AUTH LOGIN").startswith(b"334")
    assert client.ask(blob)[:1] in (b"5", b"3")


def test_sign_in_without_names_does_not_start(accept: Recorder, open_door: Open) -> None:
    with pytest.raises(SmtpDoorError, match="set auth to off"):
        open_door(auth="require")


def test_a_key_that_does_not_fit_has_a_sentence(
    open_door: Open, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "bad.pem").write_text("nothing")
    with pytest.raises(SmtpDoorError, match="certificate and key"):
        open_door(starttls="offer", certificate_file=certificate[0], key_file=tmp_path / "bad.pem")
