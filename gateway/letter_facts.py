"""What a letter may say of a referral, and to whom: least patient data, and an address only where two signs agree.

A patient is named to the practice by initials and the last four digits of the NHS number: enough to find the paper again, too
little to know a person by.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from gateway.field_values import PRIORITY_WORDS, words_for
from gateway.referrals import open_problems, readings
from gateway.settings import Settings
from gateway.tables import Delivery, Document, Page, PageUse, Reading, Referral
from gateway.tables_reference import Contact, Practice

LONDON = ZoneInfo("Europe/London")
TOLD = (
    "patient.nhs_number",
    "patient.family_name",
    "patient.birth_date",
    "referral.priority",
    "referral.specialty",
    "referrer.name",
    "referrer.practice_code",
)


@dataclass(frozen=True)
class Addressee:
    """Where a letter may go by itself: `address` is None where a person must decide, and `why` says so."""

    practice_code: str | None
    practice: str
    address: str | None
    why: str


def london_time(instant: dt.datetime) -> str:
    """`20 November 2026 08:42` in London."""
    return instant.astimezone(LONDON).strftime("%d %B %Y %H:%M").lstrip("0")


def london_date(instant: dt.datetime) -> str:
    """`20 November 2026` in London, which is the day that counts."""
    return instant.astimezone(LONDON).strftime("%d %B %Y").lstrip("0")


def grouped_ubrn(ubrn: str) -> str:
    """A UBRN as it is printed: three groups of four."""
    return " ".join(ubrn[i : i + 4] for i in range(0, len(ubrn), 4))


def patient_words(rows: dict[str, Reading]) -> str:
    """Initials and the last four digits, of what was read for certain."""
    names = [_certain(rows, "patient.given_names").split()[:1], _certain(rows, "patient.family_name").split()[-1:]]
    initials = " ".join(part[0][0].upper() for part in names if part and part[0][:1].isalpha())
    number = _certain(rows, "patient.nhs_number")
    parts = [initials, f"NHS number ending {number[-4:]}" if number else ""]
    return ", ".join(part for part in parts if part) or "not legible"


def _certain(rows: dict[str, Reading], field: str) -> str:
    row = rows.get(field)
    return row.value or "" if row is not None and row.accepted else ""


def priority_words(rows: dict[str, Reading]) -> str:
    """The priority in words; an uncertain one counts as the highest until a person has looked, and the practice is told (P6)."""
    certain = _certain(rows, "referral.priority")
    return PRIORITY_WORDS.get(certain, "not legible; handled as suspected cancer until a person has looked")


def referral_facts(session: Session, referral: Referral) -> dict[str, Any]:
    """One referral as the receipt shows it: which fields were certain and which were not, by name, without their values."""
    rows = readings(session, referral)
    certain = [words_for(f) for f in TOLD if _certain(rows, f)]
    lacking = [
        words_for(f) for f in TOLD if not _certain(rows, f) and not (f == "referrer.practice_code" and _named(rows))
    ]
    pages = [p.says.rstrip(".") for p in open_problems(session, referral) if p.code == "missing_page"]
    return {
        "code": referral.code,
        "patient": patient_words(rows),
        "priority": priority_words(rows),
        "specialty": _certain(rows, "referral.specialty") or "not legible",
        "understood": ", ".join(certain) or "nothing",
        "missing": ", ".join([*lacking, *pages]) or "nothing",
        "lacking": bool(lacking or pages),
        "cancer": referral.rank == 0,
    }


def _named(rows: dict[str, Reading]) -> bool:
    return bool(_certain(rows, "referrer.practice_name"))


def referrals_of(session: Session, delivery: Delivery) -> list[Referral]:
    """The referrals that hold pages of a delivery, in their order."""
    held = (
        select(PageUse.referral_id)
        .join(Page, col(Page.id) == PageUse.page_id)
        .join(Document, col(Document.id) == Page.document_id)
        .where(Document.delivery_id == delivery.id)
    )
    query = select(Referral).where(col(Referral.id).in_(held), Referral.state != "WITHDRAWN")
    return list(session.exec(query.order_by(col(Referral.id))))


def deliveries_of(session: Session, referral: Referral) -> list[Delivery]:
    """The deliveries that the pages of a referral came in."""
    came = (
        select(Document.delivery_id)
        .join(Page, col(Page.document_id) == Document.id)
        .join(PageUse, col(PageUse.page_id) == Page.id)
        .where(PageUse.referral_id == referral.id)
    )
    return list(session.exec(select(Delivery).where(col(Delivery.id).in_(came)).order_by(col(Delivery.id))))


def addressee(
    session: Session, referrals: Iterable[Referral], deliveries: Iterable[Delivery], settings: Settings
) -> Addressee:
    """Who gets the letter. By itself only where the accepted practice code agrees with a second sign of who sent the fax.

    A misread practice code must not bring one practice's letter to another: the sender's address, the calling number or the
    machine's own name (CSID) must be among the contacts of that practice, and none of them among another's.
    """
    codes = {_certain(readings(session, referral), "referrer.practice_code") for referral in referrals}
    if len(codes) != 1 or "" in codes:
        return Addressee(None, "not certain", None, "Which practice sent it is not certain: a person sends the letter.")
    code = codes.pop()
    practice = session.get(Practice, code)
    name = f"{practice.name} ({code})" if practice else code
    contact = session.get(Contact, code)
    if contact is None or not contact.email:
        return Addressee(code, name, None, f"The contacts file has no e-mail address of {code}.")
    signs = [sign for delivery in deliveries for sign in _signs(session, delivery)]
    if not signs:
        return Addressee(
            code, name, None, "No second sign (sender's address, calling number) agrees with the practice code."
        )
    if set(signs) != {code}:
        return Addressee(
            code, name, None, "The sender's address or number belongs to another practice than the code says."
        )
    domain = contact.email.rsplit("@", 1)[1].lower()
    if domain not in {d.lower() for d in settings.mail.domains}:
        return Addressee(code, name, None, f"Letters may not be sent to {domain} (GATEWAY_MAIL__DOMAINS).")
    return Addressee(code, name, contact.email, "")


def _signs(session: Session, delivery: Delivery) -> list[str]:
    """The practices whose confirmed address or number the transport named, one for each sign that is known at all."""
    addresses = [delivery.sender or ""] + [str(h.get("value")) for h in delivery.hints if h.get("field") == "from"]
    numbers = [str(h.get("value")) for h in delivery.hints if h.get("field") in ("caller", "csid")]
    found = []
    for text in addresses:
        for address in re.findall(r"[^@\s<>\"(),;:]+@[A-Za-z0-9.-]+", text.lower()):
            query = select(Contact.practice_code).where(func.lower(Contact.email) == address)
            found += list(session.exec(query))
    for text in numbers:
        number = national(text)
        if len(number) >= 10:
            query = select(Contact.practice_code).where((Contact.phone == number) | (Contact.fax == number))
            found += list(session.exec(query))
    return found


def national(text: str) -> str:
    """A telephone number as its digits in national form: `+44 (0)113 496 0001` becomes `01134960001`."""
    digits = re.sub(r"\D", "", text)
    return re.sub(r"^(?:0044|44)0?(?=[1-9]\d{8,9}$)", "0", digits)
