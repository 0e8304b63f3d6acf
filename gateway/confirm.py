"""What the practice is told: receipts, confirmations and returns as letters in the database, and their sending.

A letter is written once for its cause. It leaves by itself only where `letter_facts.addressee` allows it; all others are kept for a
person. Each try is booked before it is made, so that trouble never floods the relay.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from gateway.endings import CANCELLED
from gateway.errors import Later, NotFound, Refused
from gateway.events import record
from gateway.letter_facts import (
    Addressee,
    addressee,
    deliveries_of,
    grouped_ubrn,
    london_date,
    london_time,
    patient_words,
    priority_words,
    referral_facts,
    referrals_of,
)
from gateway.mail import RecipientRefused, Relay, Transport, letter_message
from gateway.referrals import readings
from gateway.refusal_letters import TOLD, refusal_in
from gateway.settings import Settings
from gateway.store import Store, get_blob, get_fact, is_rehearsal, keep_blob, locked_fact, new_code
from gateway.tables import ChainHead, Delivery, Document, Event, Letter, Referral
from gateway.tables_reference import Contact, Service

log = logging.getLogger("gateway")
AUTHOR = "gateway"
# after the first try: 1 and 5 minutes, a quarter of an hour, one, four, twelve hours; then a person is asked
BACK_OFF = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))
MOST_AT_ONCE = 50
VOID = "VOID"  # its cause was taken back before it was known to be sent


@dataclass(frozen=True)
class Posted:
    """What a round of sending did: letters sent, put off, and given up."""

    sent: int = 0
    later: int = 0
    failed: int = 0


def make_receipt(session: Session, delivery: Delivery, now: dt.datetime, settings: Settings) -> Letter:
    """The letter that says what arrived, what was understood, what is missing, and what to do and not to do. Written once."""
    known = session.exec(select(Letter).where(Letter.kind == "receipt", Letter.delivery_id == delivery.id)).first()
    if known is not None:
        return known
    earlier = session.get(Delivery, delivery.duplicate_of) if delivery.duplicate_of is not None else None
    referrals = referrals_of(session, earlier or delivery)
    to = addressee(session, referrals, [delivery], settings)
    items = [referral_facts(session, referral) for referral in referrals]
    facts = {
        **_office(settings),
        "reference": delivery.code,
        "arrived": london_time(delivery.arrived_at),
        "pages": delivery.pages_received,
        "practice": to.practice,
        "duplicate_of": f"{earlier.code} on {london_time(earlier.arrived_at)}" if earlier else "",
        "policy": settings.office.policy,
        "referrals": items,
        "something_missing": any(item["lacking"] for item in items),
        "cancer": any(item["cancer"] for item in items),
    }
    return _keep(session, "receipt", facts, to, now, settings, delivery=delivery)


def make_confirmation(session: Session, referral: Referral, now: dt.datetime, settings: Settings) -> Letter:
    """The letter that says that it is in e-RS, with UBRN, service and clock start. Refused without a UBRN. Written once."""
    if not referral.ubrn:
        raise Refused("letter", f"{referral.code} has no UBRN yet.", "It is confirmed when it is in e-RS.")
    if referral.ended_as == CANCELLED:
        raise Refused("letter", f"{referral.code} is cancelled in e-RS.", "See `gateway queue show`.")
    known = session.exec(select(Letter).where(Letter.kind == "confirmation", Letter.referral_id == referral.id)).first()
    if known is not None:
        return known
    service = session.get(Service, referral.service_id) if referral.service_id else None
    facts = {
        "ubrn": grouped_ubrn(referral.ubrn),
        "service": service.name if service else referral.service_id or "as entered in e-RS",
        "clock_start": london_date(referral.pathway_start or referral.arrived_at),
    }
    return _about_referral(session, "confirmation", referral, facts, now, settings)


def make_return(session: Session, referral: Referral, now: dt.datetime, settings: Settings) -> Letter:
    """The letter that gives a referral back to its practice, with the reason. Refused unless it was withdrawn so. Written once."""
    if referral.state != "WITHDRAWN" or referral.ended_as not in ("returned", "not for us"):
        raise Refused("letter", f"{referral.code} was not returned.", "Withdraw it first: `gateway queue withdraw`.")
    # a letter from before the return was taken back tells of an earlier return, not of this one
    undone = select(func.max(Event.at)).where(Event.subject == referral.code, Event.action == "referral.undone")
    since = session.exec(undone).first()
    query = select(Letter).where(Letter.kind == "returned", Letter.referral_id == referral.id, Letter.state != VOID)
    for known in session.exec(query):
        if since is None or known.made_at > since:
            return known
    return _about_referral(session, "returned", referral, {"why": referral.ended_why or ""}, now, settings)


def make_refusal(session: Session, referral: Referral, code: str, now: dt.datetime, settings: Settings) -> Letter:
    """The letter that says that e-RS refused it and what the practice is asked to do; `code` is one of refusal_letters.TOLD."""
    told = TOLD[code]
    facts = {"why": told.why, "ask": told.ask, "we": told.we}
    return _about_referral(session, "refused", referral, facts, now, settings)


def make_cancelled(
    session: Session, referral: Referral, ubrn: str, at: dt.datetime, now: dt.datetime, settings: Settings
) -> Letter:
    """The letter that says that a referral made by mistake is cancelled in e-RS. Written once."""
    known = session.exec(select(Letter).where(Letter.kind == "cancelled", Letter.referral_id == referral.id)).first()
    if known is not None:
        return known
    facts = {"ubrn": grouped_ubrn(ubrn), "cancelled": london_time(at)}
    return _about_referral(session, "cancelled", referral, facts, now, settings)


def void_return(session: Session, referral: Referral, by: str, now: dt.datetime) -> list[Letter]:
    """The return was taken back: letters that tell of it and did not leave never will. Those that may have left come back."""
    query = select(Letter).where(Letter.kind == "returned", Letter.referral_id == referral.id, Letter.state != VOID)
    gone = []
    for letter in session.exec(query.order_by(col(Letter.id))).all():
        # a try that was booked may have reached the relay, and a kept letter a person's printer
        if letter.state in ("SENT", "KEPT") or letter.tries:
            gone.append(letter)
        if letter.state != "SENT":
            letter.state, letter.why, letter.next_try_at = VOID, "What it tells was taken back.", None
            session.add(letter)
            record(session, "letter.voided", letter.code, by, now, {"about": referral.code})
    return gone


def _about_referral(
    session: Session, kind: str, referral: Referral, more: Mapping[str, Any], now: dt.datetime, settings: Settings
) -> Letter:
    to = addressee(session, [referral], deliveries_of(session, referral), settings)
    rows = readings(session, referral)
    facts = {
        **_office(settings),
        **more,
        "reference": referral.code,
        "patient": patient_words(rows),
        "priority": priority_words(rows),
        "arrived": london_time(referral.arrived_at),
        "practice": to.practice,
    }
    return _keep(session, kind, facts, to, now, settings, referral=referral)


def _office(settings: Settings) -> dict[str, str]:
    return {"phone": settings.office.phone or "see our letterhead", "office": settings.office.name}


def _keep(
    session: Session,
    kind: str,
    facts: Mapping[str, Any],
    to: Addressee,
    now: dt.datetime,
    settings: Settings,
    *,
    delivery: Delivery | None = None,
    referral: Referral | None = None,
) -> Letter:
    from templates.letter import write_letter  # draws in the PDF library, for which no other command should wait

    drill = is_rehearsal(session)
    head = settings.office.name + (f", telephone {settings.office.phone}" if settings.office.phone else "")
    pdf = write_letter(kind, facts, head=head, rehearsal=drill)
    address, why = (to.address, to.why) if to.address is None else _may_leave(settings, to.address, drill)
    letter = Letter(
        code=new_code(session, "L"),
        kind=kind,
        referral_id=referral.id if referral else None,
        delivery_id=delivery.id if delivery else None,
        pdf_sha256=keep_blob(session, pdf, "application/pdf"),
        made_at=now,
        practice_code=to.practice_code,
        state="WAITING" if address else "KEPT",
        why=why,
        address=address,
    )
    session.add(letter)
    data = {"kind": kind, "about": about(session, letter), "state": letter.state}
    record(session, "letter.made", letter.code, AUTHOR, now, data)
    return letter


def _may_leave(settings: Settings, address: str, drill: bool) -> tuple[str | None, str]:
    if settings.mail.host is None:
        return None, "No mail relay is set (GATEWAY_MAIL__HOST): a person sends it."
    if drill and settings.mail.host not in ("127.0.0.1", "localhost", "::1"):
        return None, "This is a rehearsal: its letters never leave this machine."
    return address, ""


def find_letter(session: Session, code: str) -> Letter:
    """The letter with this code; NotFound otherwise."""
    asked = code.strip().upper()
    asked = asked if asked.startswith("L-") else f"L-{asked}"
    letter = session.exec(select(Letter).where(Letter.code == asked)).first()
    if letter is None:
        raise NotFound("letter", f"There is no letter {asked}.", "See `gateway letter list`.")
    return letter


def about(session: Session, letter: Letter) -> str:
    """The code of the referral or delivery that a letter tells of."""
    if letter.referral_id is not None:
        return session.get_one(Referral, letter.referral_id).code
    return session.get_one(Delivery, letter.delivery_id).code if letter.delivery_id is not None else letter.code


def open_letter(session: Session, letter: Letter, by: str, now: dt.datetime) -> bytes:
    """The PDF, for the eyes of `by`; writes that it was opened (P10)."""
    record(session, "values.viewed", letter.code, by, now)
    return get_blob(session, letter.pdf_sha256)


def release_letter(
    session: Session, letter: Letter, by: str, now: dt.datetime, settings: Settings, practice_code: str | None = None
) -> None:
    """A person decides that a kept letter is sent: to the address of a practice in the contacts file, and to no other (P8)."""
    if letter.state == "SENT":
        raise Refused("letter", f"{letter.code} was sent already.", "See `gateway letter list`.")
    if letter.state == VOID:
        raise Refused(
            "letter", f"{letter.code} tells of something that was taken back.", "See `gateway letter list` for a newer."
        )
    if letter.kind == "patient":
        raise Refused(
            "letter", f"{letter.code} is for the patient: it is posted, not mailed.", "Print it: `gateway letter show`."
        )
    code = (practice_code or letter.practice_code or "").upper()
    contact = session.get(Contact, code)
    if contact is None or not contact.email:
        raise Refused(
            "contact",
            f"The contacts file has no e-mail address of {code or 'the practice, which is not certain'}.",
            "Name another with --practice, or add it and run `gateway reference import contacts FILE`.",
        )
    domain = contact.email.rsplit("@", 1)[1].lower()
    if domain not in {d.lower() for d in settings.mail.domains}:
        raise Refused("domain", f"Letters may not be sent to {domain}.", "Set GATEWAY_MAIL__DOMAINS, if that is right.")
    address, why = _may_leave(settings, contact.email, is_rehearsal(session))
    if address is None:
        raise Refused("mail", why, "Print it instead: `gateway letter show`.")
    letter.state, letter.address, letter.practice_code, letter.why = "WAITING", address, code, ""
    letter.sent_by, letter.tries, letter.next_try_at = by, 0, None
    session.add(letter)


def write_letters(store: Store, settings: Settings, now: dt.datetime) -> int:
    """Write the letters for which the log tells of a cause since the last time; how many.

    Read from the event log, so that nothing that happened is missed and nothing is looked through twice. A letter that cannot be
    written is told in our own log and never holds up the others (P7).
    """
    written = 0
    while True:
        with store.read() as session:
            head = session.get(ChainHead, 1)
            if head is None or head.count <= int(get_fact(session, _READ_UP_TO) or 0):
                return written
        written += _write_some(store, settings, now)


def _write_some(store: Store, settings: Settings, now: dt.datetime) -> int:
    """The next letter, and what stands in the log up to its cause. One, because the doors wait while its PDF is drawn (P1)."""
    with store.write() as session:
        # locked: a command and the service may write letters at the same moment, and each cause gets one
        mark = locked_fact(session, _READ_UP_TO, "0")
        seen = int(mark.value)
        query = select(Event).where(col(Event.seq) > seen).order_by(col(Event.seq)).limit(_MOST_LINES)
        lines = list(session.exec(query))
        written = 0
        for line in lines:
            seen = line.seq
            if line.action in _CAUSES and _written(session, line, now, settings):
                written = 1
                break
        mark.value = str(seen)
        session.add(mark)
        return written


def _written(session: Session, line: Event, now: dt.datetime, settings: Settings) -> bool:
    """Whether this line of the log was the cause of a new letter."""
    from templates.letter import LetterError

    last = session.exec(_NEWEST).one()
    try:
        with session.begin_nested():
            _CAUSES[line.action](session, line, now, settings)
    except (LetterError, Refused) as why:
        log.error("no letter about %s: %s", line.subject, why)
    return session.exec(_NEWEST).one() != last


def _of_delivery(session: Session, line: Event, now: dt.datetime, settings: Settings) -> None:
    """A receipt when every document of the delivery is sorted or waits for a person; duplicates get theirs too."""
    if line.action == "document.moved":
        document = session.get(Document, int(line.subject.removeprefix("document ")))
        delivery = session.get(Delivery, document.delivery_id) if document else None
    else:
        delivery = session.exec(select(Delivery).where(Delivery.code == line.subject)).first()
    if delivery is None or delivery.route == "typed" or delivery.outcome not in ("documents", "duplicate"):
        return
    if _NEVER_ANSWERED & set(delivery.flags):
        return
    states = set(session.exec(select(Document.state).where(Document.delivery_id == delivery.id)))
    if states and states <= {"SORTED", "STUCK"}:
        make_receipt(session, delivery, now, settings)


def _of_referral(session: Session, line: Event, now: dt.datetime, settings: Settings) -> None:
    referral = session.exec(select(Referral).where(Referral.code == line.subject)).first()
    if referral is None:
        return
    refused = refusal_in(session, line)
    if refused is not None:
        make_refusal(session, referral, refused, now, settings)
    elif line.action == "referral.cancelled":
        if line.data.get("own"):  # of a double that is gone the practice never heard
            make_cancelled(session, referral, str(line.data["ubrn"]), line.at, now, settings)
    elif referral.ended_as == CANCELLED:
        return
    elif referral.ubrn and referral.state in ("SENT", "CLOSED"):
        make_confirmation(session, referral, now, settings)
    elif referral.state == "WITHDRAWN" and referral.ended_as in ("returned", "not for us"):
        make_return(session, referral, now, settings)


_READ_UP_TO = "letters.read_up_to"
# machines that would answer back, and strangers who fish for an answer
_NEVER_ANSWERED = frozenset(
    {"auto_reply", "bounce", "loop", "phishing_suspect", "receipt", "sent_confirmation", "device_notice"}
)
_MOST_LINES = 40
_NEWEST = select(func.max(Letter.id))
_CAUSES = {
    "delivery.unpacked": _of_delivery,
    "document.moved": _of_delivery,
    "referral.moved": _of_referral,
    "referral.ended": _of_referral,
    "referral.cancelled": _of_referral,
}


def due_letters(session: Session, now: dt.datetime) -> list[Letter]:
    """Letters that wait and whose time has come, oldest first."""
    query = select(Letter).where(Letter.state == "WAITING").order_by(col(Letter.id))
    rows = session.exec(query.with_for_update(skip_locked=True))
    due = [row for row in rows if row.next_try_at is None or row.next_try_at <= now]
    return due[:MOST_AT_ONCE]


def send_letters(store: Store, settings: Settings, now: dt.datetime, transport: Transport | None = None) -> Posted:
    """Write what has a cause, then send what is due. The relay's trouble puts letters off, a refused address asks a person."""
    write_letters(store, settings, now)
    if settings.mail.host is None and transport is None:
        return Posted()
    with store.write() as session:
        booked = [_booked(session, letter, now, settings) for letter in due_letters(session, now)]
    letters = [one for one in booked if one is not None]
    if not letters:
        return Posted()
    outcomes: list[tuple[_Booked, str, bool]] = []
    try:
        with transport or Relay(settings.mail) as relay:
            for letter in letters:
                outcomes.append(_sent(relay, letter))
    except Later as trouble:
        log.warning("letters wait: %s", trouble.says)
        done = {letter.letter_id for letter, _why, _final in outcomes}
        outcomes += [(letter, trouble.says, False) for letter in letters if letter.letter_id not in done]
    with store.write() as session:
        return _noted(session, outcomes, now)


@dataclass(frozen=True)
class _Booked:
    letter_id: int
    code: str
    address: str
    message: Any


def _booked(session: Session, letter: Letter, now: dt.datetime, settings: Settings) -> _Booked | None:
    """Book the try before it is made: until it is known to have worked, the letter's next time lies ahead."""
    address, why = _may_leave(settings, letter.address or "", is_rehearsal(session))
    if not address:
        letter.state, letter.why = "KEPT", why
        session.add(letter)
        return None
    letter.next_try_at = now + BACK_OFF[min(letter.tries, len(BACK_OFF) - 1)]
    letter.tries += 1
    session.add(letter)
    assert letter.id is not None
    pdf = get_blob(session, letter.pdf_sha256)
    drill = is_rehearsal(session)
    message = letter_message(
        letter.kind, letter.code, about(session, letter), pdf, address, settings, now, rehearsal=drill
    )
    return _Booked(letter.id, letter.code, address, message)


def _sent(relay: Transport, letter: _Booked) -> tuple[_Booked, str, bool]:
    try:
        relay.send(letter.message, letter.address)
    except RecipientRefused as refused:
        return letter, refused.says, True
    return letter, "", False


def _noted(session: Session, outcomes: Sequence[tuple[_Booked, str, bool]], now: dt.datetime) -> Posted:
    sent = later = failed = 0
    for booked, why, final in outcomes:
        letter = session.get_one(Letter, booked.letter_id)
        if not why:  # also one voided meanwhile: it is out, which its question at the referral allows for
            letter.state, letter.sent_at, letter.why, letter.next_try_at = "SENT", now, "", None
            letter.sent_by = letter.sent_by or AUTHOR
            record(session, "letter.sent", letter.code, letter.sent_by, now, {"practice": letter.practice_code})
            sent += 1
        elif letter.state == VOID:
            continue
        elif final or letter.tries > len(BACK_OFF):
            letter.state, letter.why = "FAILED", why
            record(session, "letter.failed", letter.code, AUTHOR, now, {"tries": letter.tries})
            failed += 1
        else:
            letter.why = why
            later += 1
        session.add(letter)
    return Posted(sent, later, failed)
