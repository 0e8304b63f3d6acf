"""Only the moves of the two tables happen; each has its event in the same transaction."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.errors import Refused
from gateway.referrals import make_referral
from gateway.states import DOCUMENT_MOVES, REFERRAL_MOVES, STATE_WORDS, move
from gateway.store import Store
from gateway.tables import Event, Referral

ROOT = Path(__file__).parent.parent.parent


def draft(store: Store, now: dt.datetime) -> int:
    with store.write() as session:
        row = make_referral(
            session, fields={}, pages=[], arrived_at=now, outage_id=None, origin="typed", form=None, by="test", now=now
        )
        return row.id or 0


@pytest.mark.parametrize("state", sorted(REFERRAL_MOVES))
def test_exactly_the_moves_of_the_table_are_allowed(store: Store, now: dt.datetime, state: str) -> None:
    number = draft(store, now)
    for to in REFERRAL_MOVES:
        with store.write() as session:
            row = session.get(Referral, number)
            assert row is not None
            row.state = state
            if to in REFERRAL_MOVES[state]:
                move(session, row, to, "test", now)
                event = session.exec(select(Event).order_by(Event.seq.desc())).first()  # type: ignore[attr-defined]
                assert event is not None and event.data == {"from": state, "to": to}
            else:
                with pytest.raises(Refused):
                    move(session, row, to, "test", now)
                assert row.state == state


def test_a_move_raises_the_version(store: Store, now: dt.datetime) -> None:
    number = draft(store, now)
    with store.write() as session:
        row = session.get(Referral, number)
        assert row is not None
        before = row.version
        move(session, row, "IN_REVIEW", "test", now)
        assert row.version == before + 1


def test_every_state_has_words() -> None:
    assert set(STATE_WORDS) == set(DOCUMENT_MOVES) | set(REFERRAL_MOVES)


def test_no_other_code_sets_a_state() -> None:
    """A state is changed by `move` only; new rows get theirs when they are made."""
    sets = re.compile(r"\b(referral|document)(_row)?\.state\s*(,[^=\n]+)?=[^=]")
    found = [
        f"{path.name}: {line.strip()}"
        for path in (ROOT / "gateway").rglob("*.py")
        if "rehearsal" not in path.parts and path.name != "states.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if sets.search(line)
    ]
    assert not found
