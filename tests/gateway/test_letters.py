"""Letters: what they say and do not say, who gets one by itself, and a real relay with TLS on loopback."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pypdf import PdfReader
from sqlmodel import Session, select
from typer.testing import CliRunner

from gateway.cli_letter import app
from gateway.confirm import (
    BACK_OFF,
    find_letter,
    make_confirmation,
    make_receipt,
    make_return,
    open_letter,
    release_letter,
    send_letters,
    write_letters,
)
from gateway.endings import close_typed, withdraw
from gateway.errors import Later, Refused, WrongInput
from gateway.events import record
from gateway.letter_facts import national
from gateway.mail import Relay
from gateway.referrals import NewValue, make_referral, weigh
from gateway.settings import MailSettings, Settings
from gateway.states import move
from gateway.store import Store, get_blob, set_fact
from gateway.tables import Delivery, Document, Event, Letter, Page, Referral
from gateway.tables_reference import Contact
from templates.letter import REHEARSAL, LetterError, mail_words, write_letter

Fields = dict[str, NewValue]
Papers = Callable[..., list[int]]
CASTLE = "castle@practice.example"


def _text(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def _with_mail(site: Settings, **mail: Any) -> Settings:
    given = {"host": "127.0.0.1", "domains": ["practice.example"], "from": "office@trust.example", **mail}
    settings = MailSettings(**given)
    return site.model_copy(update={"mail": settings})


def _arrived(
    store: Store, site: Settings, papers: Papers, fields: Fields, now: dt.datetime, **delivery: Any
) -> tuple[int, int]:
    """A delivery whose pages became one referral: the two row ids."""
    pages = papers(2, state="SORTED", **delivery)
    with store.write() as session:
        found = session.exec(select(Delivery).join(Document).join(Page).where(Page.id == pages[0])).one()
        made = make_referral(
            session, fields=fields, pages=pages, arrived_at=found.arrived_at, outage_id=None, origin="document",
            form=None, by="machine", now=now,
        )  # fmt: skip
        weigh(session, made, now, settings=site)
        assert found.id and made.id
        return found.id, made.id


def test_a_receipt_says_what_arrived_what_is_missing_and_what_not_to_do_with_the_least_of_the_patient(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    fields = {f: v for f, v in good_fields.items() if f not in ("referral.priority", "referrer.name")}
    delivery_id, _ = _arrived(store, site, a_document, fields, now)
    with store.write() as session:
        delivery = session.get_one(Delivery, delivery_id)
        letter = make_receipt(session, delivery, now, site)
        assert make_receipt(session, delivery, now, site).id == letter.id
        text = _text(get_blob(session, letter.pdf_sha256))
        referral = session.exec(select(Referral)).one()
    for said in (delivery.code, referral.code, "20 November 2026 12:00", "Do NOT enter it in e-RS: we will",
                 "0113 496 0000", "A O, NHS number ending 0018", "priority, referrer's name", "CASTLE HILL SURGERY (A98001)",
                 "handled as suspected cancer until a person has looked", "does not say that the referral was"):  # fmt: skip
        assert said in text
    for kept_back in ("O'Brien", "Ann", "9990000018", "1980", "LS1 1AA", REHEARSAL):
        assert kept_back not in text.replace("Referral Office, Rehearsal Trust", "")
    assert (letter.state, letter.practice_code) == ("KEPT", "A98001")


def test_the_other_policy_asks_the_practice_to_enter_it(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    you = site.model_copy(update={"office": site.office.model_copy(update={"policy": "you_enter"})})
    delivery_id, _ = _arrived(store, site, a_document, good_fields, now)
    with store.write() as session:
        letter = make_receipt(session, session.get_one(Delivery, delivery_id), now, you)
        text = _text(get_blob(session, letter.pdf_sha256))
    assert "PLEASE ENTER IT IN e-RS" in text and "we will, when" not in text and "Please ring us about" not in text


def test_a_confirmation_holds_ubrn_service_and_clock_and_is_written_once(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    late = now.replace(month=6, day=9, hour=23, minute=20)  # 00:20 on 10 June in London
    _, referral_id = _arrived(store, site, a_document, good_fields, now, arrived_at=late)
    with store.write() as session:
        referral = session.get_one(Referral, referral_id)
        with pytest.raises(Refused, match="no UBRN"):
            make_confirmation(session, referral, now, site)
        close_typed(session, referral, "000000070000", "ann", now)
        letter = make_confirmation(session, referral, now, site)
        assert make_confirmation(session, referral, now, site).id == letter.id
        text = _text(open_letter(session, letter, "ann", now))
        assert session.exec(
            select(Event.author).where(Event.subject == letter.code, Event.action == "values.viewed")
        ).one()
    for said in (
        "0000 0007 0000",
        "Dermatology Triage",
        "Clock start 10 June 2026",
        "Do NOT enter it again",
        referral.code,
    ):
        assert said in text


def test_a_return_gives_the_reason(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    _, referral_id = _arrived(store, site, a_document, good_fields, now)
    with store.write() as session:
        referral = session.get_one(Referral, referral_id)
        with pytest.raises(Refused, match="was not returned"):
            make_return(session, referral, now, site)
        withdraw(session, referral, "returned", "We have no such clinic", "ann", now)
        text = _text(get_blob(session, make_return(session, referral, now, site).pdf_sha256))
    assert "We have no such clinic" in text and "We will NOT enter it" in text


def test_letters_are_written_by_themselves_from_what_the_log_tells_and_only_once(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    delivery_id, referral_id = _arrived(store, site, a_document, good_fields, now, arrived_at=now)
    other = {**good_fields, "referral.specialty": NewValue("Lipid clinic", True, 1, "x")}
    _, returned_id = _arrived(store, site, a_document, other, now)
    with store.write() as session:
        code = session.get_one(Delivery, delivery_id).code
        record(session, "delivery.unpacked", code, "machine", now)
        close_typed(session, session.get_one(Referral, referral_id), "000000070000", "ann", now)
        withdraw(session, session.get_one(Referral, returned_id), "not for us", "other trust", "ann", now)
    assert write_letters(store, site, now) == 3
    assert write_letters(store, site, now) == 0
    with store.write() as session:
        assert sorted(session.exec(select(Letter.kind))) == ["confirmation", "receipt", "returned"]
        record(session, "delivery.unpacked", code, "machine", now)
    assert write_letters(store, site, now) == 0, "the same cause again makes no second letter"


def test_no_more_than_one_pdf_is_drawn_while_the_doors_wait_for_the_lock(
    store: Store,
    site: Settings,
    good_fields: Fields,
    a_document: Papers,
    now: dt.datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = []
    for _ in range(3):
        delivery_id, _ = _arrived(store, site, a_document, good_fields, now)
        with store.write() as session:
            codes.append(session.get_one(Delivery, delivery_id).code)
            record(session, "delivery.unpacked", codes[-1], "machine", now)
    drawn: list[int] = []  # by transaction
    real = store.write

    @contextlib.contextmanager
    def write() -> Iterator[Session]:
        with real() as session:
            drawn.append(0)
            yield session

    def draw(*given: Any, **named: Any) -> bytes:
        drawn[-1] += 1
        return write_letter(*given, **named)

    monkeypatch.setattr(store, "write", write)
    monkeypatch.setattr("templates.letter.write_letter", draw)
    assert write_letters(store, site, now) == 3
    assert max(drawn) == 1 and sum(drawn) == 3


def test_two_who_write_letters_at_once_write_each_only_once(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    """The service and a command, which on PostgreSQL do not wait for each other by themselves."""
    for _ in range(4):
        delivery_id, _ = _arrived(store, site, a_document, good_fields, now)
        with store.write() as session:
            record(session, "delivery.unpacked", session.get_one(Delivery, delivery_id).code, "machine", now)
    with ThreadPoolExecutor(3) as pool:
        written = sum(pool.map(lambda _: write_letters(store, site, now), range(3)))
    with store.read() as session:
        about = list(session.exec(select(Letter.delivery_id).where(Letter.kind == "receipt")))
    assert written == len(about) == len(set(about)) == 4


def test_a_delivery_that_is_still_being_read_gets_no_receipt_yet(
    store: Store, site: Settings, a_document: Papers, now: dt.datetime
) -> None:
    a_document(1, state="READ")
    with store.write() as session:
        document = session.exec(select(Document)).one()
        record(session, "delivery.unpacked", session.exec(select(Delivery.code)).one(), "machine", now)
    assert write_letters(store, site, now) == 0
    with store.write() as session:
        move(session, session.get_one(Document, document.id), "STUCK", "machine", now)
    assert write_letters(store, site, now) == 1


def test_a_drill_is_marked_on_the_letter_and_its_mail_and_never_leaves_the_machine(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    delivery_id, _ = _arrived(store, site, a_document, good_fields, now, sender=CASTLE)
    away = _with_mail(site, host="relay.trust.example")
    with store.write() as session:
        set_fact(session, "rehearsal", "yes")
        letter = make_receipt(session, session.get_one(Delivery, delivery_id), now, away)
        assert REHEARSAL in _text(get_blob(session, letter.pdf_sha256))
        assert letter.state == "KEPT" and "rehearsal" in letter.why
        with pytest.raises(Refused, match="never leave"):
            release_letter(session, letter, "ann", now, away)
    assert mail_words("receipt", "D-1", rehearsal=True)[0].startswith("REHEARSAL ")


@pytest.mark.parametrize(
    ("arrival", "code", "state", "why"),
    [
        ({"sender": "Castle@Practice.Example"}, "A98001", "WAITING", ""),
        ({"hints": [{"field": "caller", "value": "+44 (0)113 496 0011", "source": "header"}]}, "A98001", "WAITING", ""),
        ({"hints": [{"field": "csid", "value": "0113 496 0001", "source": "tiff tag"}]}, "A98001", "WAITING", ""),
        ({"hints": [{"field": "from", "value": f"Castle <{CASTLE}>", "source": "header"}]}, "A98001", "WAITING", ""),
        ({"hints": [{"field": "called_number", "value": "01134960011", "source": "header"}]}, "A98001", "KEPT", "No second"),
        ({}, "A98001", "KEPT", "No second sign"),
        ({"sender": "riverside@practice.example"}, "A98001", "KEPT", "belongs to another practice"),
        ({"sender": CASTLE, "hints": [{"field": "caller", "value": "01134960013", "source": "x"}]}, "A98001", "KEPT", "another"),
        ({"sender": CASTLE}, "A98002", "KEPT", "no e-mail address"),
        ({"sender": CASTLE}, "doubtful", "KEPT", "not certain"),
    ],
)  # fmt: skip
def test_a_letter_leaves_by_itself_only_where_two_signs_agree(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime,
    arrival: dict[str, Any], code: str, state: str, why: str,
) -> None:  # fmt: skip
    practice = NewValue(code if code != "doubtful" else "A98001", code != "doubtful", 0.9, "x")
    fields = {**good_fields, "referrer.practice_code": practice}
    delivery_id, _ = _arrived(store, site, a_document, fields, now, **arrival)
    with store.write() as session:
        letter = make_receipt(session, session.get_one(Delivery, delivery_id), now, _with_mail(site))
        assert (letter.state, letter.address) == (state, CASTLE if state == "WAITING" else None)
        assert why in letter.why


def test_no_letter_goes_to_a_domain_that_is_not_allowed(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    delivery_id, _ = _arrived(store, site, a_document, good_fields, now, sender=CASTLE)
    strict = _with_mail(site, domains=["nhs.net"])
    with store.write() as session:
        letter = make_receipt(session, session.get_one(Delivery, delivery_id), now, strict)
        assert "may not be sent to practice.example" in letter.why
        with pytest.raises(Refused, match="may not be sent"):
            release_letter(session, letter, "ann", now, strict)


def test_numbers_are_compared_in_national_form() -> None:
    assert {national(n) for n in ("+44 (0)113 496 0001", "0044 113 496 0001", "0113-496-0001", "441134960001")} == {
        "01134960001"
    }


class _Inbox:
    """A relay that keeps what it is given, or answers with the line it was told to."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.answer_rcpt = ""
        self.over_tls: list[bool] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.answer_rcpt:
            return self.answer_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.original_content or envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos, mail))  # type: ignore[arg-type]
        self.over_tls.append(session.ssl is not None)
        return "250 OK"


def _authority(folder: Path) -> tuple[Path, Path, Path]:
    """An own authority and a certificate of 127.0.0.1 that it signed: (authority, certificate, key)."""

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    start, end = dt.datetime(2026, 1, 1), dt.datetime(2036, 1, 1)  # noqa: DTZ001 (the builder wants UTC without a zone)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = (
        x509.CertificateBuilder().subject_name(name("Test authority")).issuer_name(name("Test authority"))
        .public_key(ca_key.public_key()).serial_number(1).not_valid_before(start).not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )  # fmt: skip
    leaf = (
        x509.CertificateBuilder().subject_name(name("127.0.0.1")).issuer_name(name("Test authority"))
        .public_key(key.public_key()).serial_number(2).not_valid_before(start).not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "ca.pem", folder / "relay.pem", folder / "relay.key"
    files[0].write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    files[2].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[tuple[_Inbox, dict[str, Any]]]:
    """A real relay on loopback that offers STARTTLS with a certificate of its own authority, and the settings to reach it."""
    ca, certificate, key = _authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    inbox = _Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(inbox, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
    server.start()
    yield inbox, {"host": "127.0.0.1", "port": port, "tls": "starttls", "ca_file": ca}
    server.stop()


def _waiting(store: Store, site: Settings, fields: Fields, papers: Papers, now: dt.datetime) -> str:
    delivery_id, _ = _arrived(store, site, papers, fields, now, sender=CASTLE)
    with store.write() as session:
        return make_receipt(session, session.get_one(Delivery, delivery_id), now, site).code


def _letter(session: Session, code: str) -> Letter:
    return find_letter(session, code)


def test_a_letter_is_sent_once_over_verified_tls_and_its_mail_names_no_patient(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime,
    relay: tuple[_Inbox, dict[str, Any]],
) -> None:  # fmt: skip
    inbox, reach = relay
    settings = _with_mail(site, **reach)
    code = _waiting(store, settings, good_fields, a_document, now)
    assert send_letters(store, settings, now).sent == 1
    assert send_letters(store, settings, now + dt.timedelta(days=1)).sent == 0
    [(recipients, mail)] = inbox.mails
    assert recipients == [CASTLE] and inbox.over_tls == [True]
    assert mail["Subject"].startswith("Received: D-") and mail["Auto-Submitted"] == "auto-generated"
    [attachment] = mail.iter_attachments()
    assert attachment.get_filename() == f"{code}.pdf" and attachment.get_content().startswith(b"%PDF-")
    outside = str(mail["Subject"]) + mail.get_body().get_content() + str(attachment.get_filename())  # type: ignore[union-attr]
    assert not any(word in outside for word in ("0018", "O'Brien", "Dermatology"))
    with store.read() as session:
        letter = _letter(session, code)
        assert (letter.state, letter.sent_by, letter.why) == ("SENT", "gateway", "")
        assert session.exec(select(Event.author).where(Event.action == "letter.sent")).all() == ["gateway"]


def test_a_certificate_that_cannot_be_verified_stops_it_and_the_letter_waits(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime,
    relay: tuple[_Inbox, dict[str, Any]],
) -> None:  # fmt: skip
    inbox, reach = relay
    unknown, wrong_name = (
        _with_mail(site, **{**reach, "ca_file": None}),
        _with_mail(site, **{**reach, "host": "localhost"}),
    )
    for settings in (unknown, wrong_name):
        with pytest.raises(Later, match="cannot be trusted"), Relay(settings.mail):
            pass
    code = _waiting(store, unknown, good_fields, a_document, now)
    assert send_letters(store, unknown, now).later == 1
    assert send_letters(store, unknown, now).later == 0, "not before its time"
    with store.read() as session:
        letter = _letter(session, code)
        assert (letter.state, letter.tries) == ("WAITING", 1) and "cannot be trusted" in letter.why
    trusted = _with_mail(site, **reach)
    assert send_letters(store, trusted, now + BACK_OFF[0]).sent == 1
    assert len(inbox.mails) == 1


def test_a_refused_address_asks_a_person_at_once_and_the_others_go_on(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime,
    relay: tuple[_Inbox, dict[str, Any]],
) -> None:  # fmt: skip
    inbox, reach = relay
    settings = _with_mail(site, **reach)
    first, second = (_waiting(store, settings, good_fields, a_document, now) for _ in range(2))
    inbox.answer_rcpt = "450 busy"
    assert send_letters(store, settings, now).later == 2
    inbox.answer_rcpt = "550 no such mailbox"
    done = send_letters(store, settings, now + BACK_OFF[0])
    assert (done.failed, done.sent) == (2, 0)
    with store.read() as session:
        assert "refused the practice's address (550)" in _letter(session, first).why
    inbox.answer_rcpt = ""
    with store.write() as session:
        release_letter(session, _letter(session, second), "ann", now, settings)
    assert send_letters(store, settings, now).sent == 1
    with store.read() as session:
        assert _letter(session, second).sent_by == "ann"


def test_a_relay_that_is_down_puts_letters_off_and_in_the_end_asks_a_person(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings = _with_mail(site, port=closed.getsockname()[1])
        code = _waiting(store, settings, good_fields, a_document, now)
        at = now
        for wait in BACK_OFF:
            assert send_letters(store, settings, at).later == 1
            at += wait
        assert send_letters(store, settings, at).failed == 1
    with store.read() as session:
        assert _letter(session, code).state == "FAILED"


def test_letters_never_leave_without_tls_but_for_this_machine(site: Settings) -> None:
    with pytest.raises(WrongInput, match="without TLS"), Relay(_with_mail(site, host="relay.example", tls="off").mail):
        pass


def test_a_person_sends_a_kept_letter_only_to_a_practice_of_the_contacts(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    settings = _with_mail(site)
    delivery_id, _ = _arrived(store, settings, a_document, good_fields, now)
    with store.write() as session:
        letter = make_receipt(session, session.get_one(Delivery, delivery_id), now, settings)
        with pytest.raises(Refused, match="no e-mail address of A98002"):
            release_letter(session, letter, "ann", now, settings, "a98002")
        release_letter(session, letter, "ann", now, settings, "A98003")
        assert (letter.state, letter.address) == ("WAITING", session.get_one(Contact, "A98003").email)


def test_words_that_name_a_missing_fact_make_no_letter(tmp_path: Path) -> None:
    (tmp_path / "receipt.toml").write_text(
        'title = "x"\nsubject = "x"\nmail = "x"\n[[block]]\nkind = "paragraph"\ntext = "{{ nobody }}"\n'
    )
    with pytest.raises(LetterError, match="nobody"):
        write_letter("receipt", {}, head="x", rehearsal=False, folder=tmp_path)
    (tmp_path / "receipt.toml").write_text('title = "x"\n[[block]]\nkind = "poem"\n')
    with pytest.raises(LetterError, match="unknown kind"):
        write_letter("receipt", {}, head="x", rehearsal=False, folder=tmp_path)
    with pytest.raises(LetterError, match="no words"):
        write_letter("card", {}, head="x", rehearsal=False, folder=tmp_path)


def test_letters_are_black_on_white_with_their_fonts_inside_and_nothing_smaller_than_eleven_points() -> None:
    facts = {k: "x" for k in ("ubrn", "reference", "patient", "priority", "service", "clock_start", "arrived", "practice",
                              "phone", "office")}  # fmt: skip
    pdf = write_letter("confirmation", facts, head="Office", rehearsal=True)
    assert pdf == write_letter("confirmation", facts, head="Office", rehearsal=True), (
        "the same facts give the same bytes"
    )
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    for font in page["/Resources"]["/Font"].values():  # type: ignore[index, union-attr]
        assert "/FontFile2" in font["/FontDescriptor"]
    sizes: list[float] = []
    page.extract_text(visitor_text=lambda text, _cm, _tm, _font, size: sizes.append(size) if text.strip() else None)
    assert sizes and min(sizes) >= 11


def test_the_commands_list_show_and_send(
    store: Store, store_url: str, site: Settings, good_fields: Fields, a_document: Papers, tmp_path: Path,
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch, relay: tuple[_Inbox, dict[str, Any]],
) -> None:  # fmt: skip
    inbox, reach = relay
    monkeypatch.setenv("GATEWAY_DATABASE_URL", store_url)
    delivery_id, _ = _arrived(store, site, a_document, good_fields, now)
    with store.write() as session:
        code = make_receipt(session, session.get_one(Delivery, delivery_id), now, site).code

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, list(arguments))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    [listed] = [json.loads(line) for line in run("list", "--json").splitlines()]
    assert (listed["letter"], listed["state"]) == (code, "KEPT") and "second sign" not in run("list", "--state", "SENT")
    run("show", code, "--out", str(tmp_path / "letter.pdf"), "--by", "ann")
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF-")
    monkeypatch.setenv("GATEWAY_MAIL__DOMAINS", '["practice.example"]')
    with pytest.raises(Refused, match="No mail relay is set"):
        run("send", code, "--by", "ann")
    for name, value in reach.items():
        monkeypatch.setenv(f"GATEWAY_MAIL__{name.upper()}", str(value))
    assert "1 letters would be sent. Nothing was changed." in run("send", code, "--by", "ann", "--dry-run")
    assert not inbox.mails
    assert "1 sent, 0 put off, 0 failed." in run("send", code, "--by", "ann")
    assert [recipients for recipients, _mail in inbox.mails] == [[CASTLE]]
