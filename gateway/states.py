"""The two state tables and `move()`, the only function that changes a state.

A move and its event are one transaction; a move that is not in the table is refused, whoever asks.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import Session

from gateway.errors import Refused
from gateway.events import record
from gateway.tables import Document, Referral

DOCUMENT_MOVES: dict[str, frozenset[str]] = {
    "RECEIVED": frozenset({"READ", "STUCK"}),
    "READ": frozenset({"SORTED", "STUCK"}),
    "STUCK": frozenset({"READ", "SORTED", "RECEIVED"}),  # RECEIVED: a person asked to read it again
    "SORTED": frozenset({"RECEIVED"}),  # only when a person says that it is no duplicate
}

REFERRAL_MOVES: dict[str, frozenset[str]] = {
    "DRAFT": frozenset({"IN_REVIEW", "READY"}),
    "IN_REVIEW": frozenset({"READY", "CLOSED", "WITHDRAWN"}),
    "READY": frozenset({"IN_REVIEW", "SENDING", "CLOSED", "WITHDRAWN"}),
    "SENDING": frozenset({"SENT", "READY", "UNSURE", "REFUSED"}),
    "UNSURE": frozenset({"SENDING", "READY", "CLOSED"}),
    "REFUSED": frozenset({"IN_REVIEW", "SENDING"}),
    "SENT": frozenset({"CLOSED"}),
    # back only by a person who takes the ending back (gateway.undoing), and never once it is in e-RS: see `move`
    "CLOSED": frozenset({"IN_REVIEW"}),
    "WITHDRAWN": frozenset({"IN_REVIEW"}),
}

STATE_WORDS: dict[str, str] = {
    "RECEIVED": "waiting to be read",
    "READ": "read, being sorted",
    "SORTED": "sorted",
    "STUCK": "cannot be read by the machine",
    "DRAFT": "being checked",
    "IN_REVIEW": "waits for a person",
    "READY": "ready to send",
    "SENDING": "being sent",
    "SENT": "in e-RS, letter being scanned",
    "UNSURE": "sent, but no answer: must be looked for",
    "REFUSED": "refused by e-RS",
    "CLOSED": "done",
    "WITHDRAWN": "withdrawn",
}


def move(
    session: Session,
    row: Document | Referral,
    to: str,
    author: str,
    now: dt.datetime,
    **data: Any,
) -> None:
    """Change the state of a document or referral, with its event; Refused when the table has no such move.

    `data` goes into the event: references and codes only, never values (P8).
    """
    moves = DOCUMENT_MOVES if isinstance(row, Document) else REFERRAL_MOVES
    if to not in moves.get(row.state, frozenset()):
        raise Refused(
            "state",
            f"{_name(row)} is {row.state} ({STATE_WORDS.get(row.state, '?')}) and cannot become {to}.",
            "Look at it again with `gateway queue show` or `gateway inbox show`.",
        )
    if row.state == "CLOSED" and isinstance(row, Referral) and row.ubrn:
        raise Refused("in_ers", f"{row.code} is in e-RS and stays closed.", "What is in e-RS is corrected in e-RS.")
    before, row.state = row.state, to
    if isinstance(row, Referral):
        row.version += 1
    session.add(row)
    kind = "document" if isinstance(row, Document) else "referral"
    record(session, f"{kind}.moved", _name(row), author, now, {"from": before, "to": to, **data})


def _name(row: Document | Referral) -> str:
    return row.code if isinstance(row, Referral) else f"document {row.id}"
