"""The event log proven piece by piece: what is walked, what is told, and what only a whole proof can see."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from gateway.balance import balance
from gateway.chain_proof import prove_newer, prove_whole
from gateway.events import record
from gateway.store import Store


def _lines(store: Store, now: dt.datetime, count: int) -> None:
    with store.write() as session:
        for number in range(count):
            record(session, "referral.claimed", f"R-{number:04d}", "ann", now)


def _spoil(store: Store, statement: str) -> None:
    with store.write() as session:
        session.connection().execute(sa.text(statement))


def test_only_new_lines_are_walked_and_old_ones_counted(store: Store, now: dt.datetime) -> None:
    _lines(store, now, 5)
    first = prove_newer(store, now)
    assert (first.count, first.whole_count, first.faults, first.all_now) == (5, 5, (), True)
    _lines(store, now, 3)
    later = now + dt.timedelta(hours=1)
    then = prove_newer(store, later)
    assert (then.count, then.whole_count, then.whole_at, then.faults) == (8, 5, now, ())
    assert not then.all_now and not then.stale
    assert prove_newer(store, now + dt.timedelta(hours=25)).stale
    assert prove_whole(store, later).whole_count == 8


def test_a_changed_new_line_and_a_missing_old_one_show_at_once_and_again(store: Store, now: dt.datetime) -> None:
    _lines(store, now, 5)
    prove_whole(store, now)
    _lines(store, now, 2)
    _spoil(store, "UPDATE gw_event SET author = 'eve' WHERE seq = 7")
    assert prove_newer(store, now).faults == ("line 7 was changed after it was written",)
    assert prove_newer(store, now).faults == ("line 7 was changed after it was written",)
    with store.read() as session:
        assert "event log: x" in balance(session, chain_faults=("x",)).faults
    _spoil(store, "DELETE FROM gw_event WHERE seq = 3")
    assert any("4 are there" in fault for fault in prove_newer(store, now).faults)


def test_a_changed_old_line_shows_at_the_next_whole_proof(store: Store, now: dt.datetime) -> None:
    """What the page says of itself: an old line is looked at again only then."""
    _lines(store, now, 5)
    prove_whole(store, now)
    _spoil(store, "UPDATE gw_event SET author = 'eve' WHERE seq = 2")
    assert prove_newer(store, now).faults == ()
    whole = prove_whole(store, now)
    assert whole.faults == ("line 2 was changed after it was written",)
    # what was found stays said, also where only newer lines are walked, until a whole walk finds nothing
    assert prove_newer(store, now).faults == whole.faults
    _spoil(store, "UPDATE gw_event SET author = 'ann' WHERE seq = 2")
    assert prove_newer(store, now).faults == whole.faults
    assert prove_whole(store, now).faults == () and prove_newer(store, now).faults == ()


def test_a_cut_end_shows(store: Store, now: dt.datetime) -> None:
    _lines(store, now, 5)
    prove_whole(store, now)
    _spoil(store, "DELETE FROM gw_event WHERE seq = 5")
    assert prove_newer(store, now).faults
