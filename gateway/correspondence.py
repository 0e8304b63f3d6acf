"""Which letters are due: a receipt once a delivery is read, a confirmation once a referral is in e-RS, a letter with what is returned.

Looked for from the rows, not remembered, so that a crash or a release without `gateway run` leaves none unwritten.
"""

from __future__ import annotations

import datetime as dt
import logging

from sqlmodel import Session, col, select

from gateway.confirm import make_confirmation, make_receipt, make_return
from gateway.settings import Settings
from gateway.store import Store
from gateway.tables import Delivery, Document, Letter, Referral

log = logging.getLogger("gateway.letters")
MOST_AT_ONCE = 50
# never answered: machines that would answer back, and strangers who fish for an answer
_NOT_ANSWERED = frozenset({"auto_reply", "bounce", "loop", "phishing_suspect", "receipt", "sent_confirmation", "device_notice"})


def write_due_letters(store: Store, settings: Settings, now: dt.datetime) -> int:
    """Write what is due, a few in one transaction each; how many. One that cannot be written does not keep the others (P7)."""
    with store.read() as session:
        receipts, confirmations, returns = _receipts(session), _confirmations(session), _returns(session)
    written = 0
    for number in receipts:
        with store.write() as session:
            make_receipt(session, session.get_one(Delivery, number), now, settings)
        written += 1
    for numbers, make in ((confirmations, make_confirmation), (returns, make_return)):
        for number in numbers:
            with store.write() as session:
                make(session, session.get_one(Referral, number), now, settings)
            written += 1
    if written:
        log.info("%d letters were written", written)
    return written


def _receipts(session: Session) -> list[int]:
    unread = select(Document.delivery_id).where(col(Document.state).in_(("RECEIVED", "READ")))
    told = select(Letter.delivery_id).where(Letter.kind == "receipt", col(Letter.delivery_id).is_not(None))
    query = (
        select(Delivery)
        .where(
            col(Delivery.outcome).in_(("documents", "duplicate")),
            Delivery.route != "typed",
            col(Delivery.id).not_in(unread),
            col(Delivery.id).not_in(told),
        )
        .order_by(col(Delivery.id).desc())
        .limit(MOST_AT_ONCE)
    )
    return [row.id for row in session.exec(query) if row.id is not None and not _NOT_ANSWERED & set(row.flags)]


def _confirmations(session: Session) -> list[int]:
    return _referrals(session, "confirmation", col(Referral.state) == "CLOSED", col(Referral.ubrn).is_not(None))


def _returns(session: Session) -> list[int]:
    return _referrals(
        session, "returned", col(Referral.state) == "WITHDRAWN", col(Referral.ended_as).in_(("returned", "not for us"))
    )


def _referrals(session: Session, kind: str, *conditions: object) -> list[int]:
    told = select(Letter.referral_id).where(Letter.kind == kind, col(Letter.referral_id).is_not(None))
    query = select(Referral.id).where(*conditions, col(Referral.id).not_in(told)).limit(MOST_AT_ONCE)  # type: ignore[arg-type]
    return [number for number in session.exec(query) if number is not None]
