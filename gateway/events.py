"""The event log: who did what when, one hash-chained line each, written in the transaction of the change itself (P10).

A line holds references and field names, never values (P8). Each hash covers the line and the hash before it; the head row keeps
count and last hash, so that a changed, removed or cut line shows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from gateway.tables import ChainHead, Event

GENESIS = "0" * 64
_EVENTS: Any = Event.__table__  # type: ignore[attr-defined]
_HEAD: Any = ChainHead.__table__  # type: ignore[attr-defined]
# made once, because making a statement costs as much as running it
_LOCK_HEAD = sa.select(_HEAD.c.count, _HEAD.c.hash).where(_HEAD.c.id == 1).with_for_update()
_FIRST_HEAD = {
    name: dialect.insert(_HEAD).values(id=1, count=0, hash=GENESIS).on_conflict_do_nothing()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_APPEND = sa.insert(_EVENTS)
_MOVE_HEAD = (
    sa.update(_HEAD).where(_HEAD.c.id == 1).values(count=sa.bindparam("new_count"), hash=sa.bindparam("new_hash"))
)

# action -> sentence shown to people; an action that is not here cannot be written
ACTIONS: dict[str, str] = {
    "delivery.received": "arrived",
    "delivery.unpacked": "was opened and its papers counted",
    "delivery.settled": "was dealt with by a person",
    "delivery.linked": "was recognised as sent before, or perhaps so",
    "delivery.different": "was judged by a person to be no duplicate",
    "delivery.reread": "was sent to be opened and read again",
    "document.made": "was found in a delivery",
    "document.moved": "changed its state",
    "document.read": "was read",
    "page.aside": "was set aside with a reason",
    "page.back": "was taken back from aside",
    "page.moved": "was put to another referral",
    "picture.viewed": "had a picture opened",
    "values.viewed": "had its values opened",
    "referral.made": "was made from pages or typed in",
    "referral.moved": "changed its state",
    "referral.value_set": "had a value set by a person",
    "referral.confirmed": "had its identifiers confirmed against the picture",
    "referral.service_chosen": "had its service chosen",
    "referral.clock_set": "had its clock start decided",
    "referral.held": "was put on hold",
    "referral.unheld": "was taken off hold",
    "referral.linked": "was linked as a possible duplicate",
    "referral.ended": "was given its ending",
    "referral.cancelled": "was cancelled in e-RS as created by mistake",
    "problem.raised": "needs a person",
    "problem.settled": "had a question settled",
    "release.opened": "was opened by an operator",
    "release.paused": "was paused",
    "release.stop_asked": "was asked to stop",
    "release.ended": "ended",
    "release.send_again": "got a person's decision to send once more",
    "attempt.opened": "is about to be made",
    "attempt.closed": "has its outcome",
    "ers.alarm": "raised an alarm",
    "outage.opened": "began",
    "outage.back": "saw e-RS again",
    "outage.closed": "was closed and signed",
    "outage.moved": "had its start moved",
    "letter.made": "was written",
    "letter.sent": "was sent",
    "letter.failed": "could not be sent",
    "list.viewed": "had identifiers of patients shown",
    "original.viewed": "had its original handed out",
    "referral.claimed": "was taken by a person to work on",
    "referral.unclaimed": "was given back",
    "referral.undone": "had a decision taken back",
    "referral.call_noted": "had a telephone call noted",
    "page.turned": "had a page turned",
    "form.drafted": "was begun as a form to be taught",
    "form.tried": "was tried on past papers",
    "form.saved": "was saved as a form that the readers use",
    "form.stopped": "was taken out of use",
    "page.reordered": "had its pages put in another order",
    "incident.opened": "was noted as sent to us by mistake",
    "incident.taken_back": "had its incident taken back: it was ours",
    "letter.voided": "was taken back before it was known to be sent",
    "export.made": "was exported",
    "person.made": "was given access to the review desk",
    "person.changed": "had password, role or access changed",
    "person.signed_in": "signed in",
    "person.signed_out": "signed out",
    "person.turned_away": "was turned away at the sign-in",
    "import.done": "was imported",
}


@dataclass(frozen=True)
class ChainState:
    """What checking the chain found: how many lines, the last hash, and the faults in plain words."""

    count: int
    head: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line to be appended: what was done to what, by whom, when, with references and field names only (P8)."""

    action: str
    subject: str
    author: str
    at: dt.datetime
    data: dict[str, Any]


def record(
    session: Session, action: str, subject: str, author: str, now: dt.datetime, data: dict[str, Any] | None = None
) -> None:
    """Append one line. Takes the head's lock, so call it inside the writing transaction of the change it tells of."""
    record_all(session, [Line(action, subject, author, now, data or {})])


def record_all(session: Session, lines: Sequence[Line]) -> None:
    """Append lines in this order, with one look at the head and one write for all of them."""
    if not lines:
        return
    session.flush()  # the change of which the lines tell stands before them
    connection = session.connection()
    count, previous = _locked_head(connection)
    rows = []
    for line in lines:
        if line.action not in ACTIONS:
            raise ValueError(f"unknown event {line.action}")
        count += 1
        row = {
            "seq": count,
            "at": line.at.astimezone(dt.UTC),
            "author": line.author,
            "action": line.action,
            "subject": line.subject,
            "data": line.data,
            "previous": previous,
        }
        previous = row["hash"] = _hash(row)
        rows.append(row)
    connection.execute(_APPEND, rows)
    connection.execute(_MOVE_HEAD, {"new_count": count, "new_hash": previous})


def _locked_head(connection: sa.Connection) -> tuple[int, str]:
    """How many lines there are and the last one's hash, locked until the transaction ends."""
    head = connection.execute(_LOCK_HEAD).first()
    if head is None:
        # Two first lines at the same moment: only a row can be locked, so both make it, one waits, and one is written.
        connection.execute(_FIRST_HEAD[connection.dialect.name])
        head = connection.execute(_LOCK_HEAD).one()
    return head[0], head[1]


def _hash(row: Mapping[str, Any]) -> str:
    line = json.dumps(
        [
            row["seq"],
            row["at"].astimezone(dt.UTC).isoformat(),
            row["author"],
            row["action"],
            row["subject"],
            row["data"],
        ],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256((row["previous"] + line).encode()).hexdigest()


def verify_chain(session: Session, *, after: int = 0, previous: str = GENESIS) -> ChainState:
    """Walk the chain; each fault is a sentence. Linear in the number of lines, constant in memory.

    `after` and `previous`: only the lines that follow line `after`, whose hash was `previous` when it was proven.
    """
    faults: list[str] = []
    expected = after + 1
    connection = session.connection()
    # plain columns: making an object of each line would take longer than proving it
    lines = sa.select(_EVENTS).where(_EVENTS.c.seq > after).order_by(_EVENTS.c.seq)
    for line in connection.execute(lines, execution_options={"yield_per": 1000}).mappings():
        if line["seq"] != expected:
            faults.append(f"lines {expected} to {line['seq'] - 1} are missing")
            expected = line["seq"]
        if line["previous"] != previous:
            faults.append(f"line {line['seq']} does not follow the line before it")
        if _hash(dict(line)) != line["hash"]:
            faults.append(f"line {line['seq']} was changed after it was written")
        previous, expected = line["hash"], expected + 1
    head = connection.execute(sa.select(_HEAD.c.count, _HEAD.c.hash)).first()
    count, kept = (head.count, head.hash) if head else (0, GENESIS)
    if count != expected - 1 or kept != previous:
        faults.append(f"the chain ends at line {expected - 1}, but its head says {count}")
    return ChainState(count=expected - 1, head=previous, faults=tuple(faults))


def lines_until(session: Session, seq: int) -> tuple[int, str | None]:
    """How many lines there are up to this one, and its hash; quick, and enough to see that none was taken away or put in."""
    connection = session.connection()
    count = connection.execute(sa.select(sa.func.count()).where(_EVENTS.c.seq <= seq)).scalar_one()
    kept = connection.execute(sa.select(_EVENTS.c.hash).where(_EVENTS.c.seq == seq)).scalar()
    return count, kept
