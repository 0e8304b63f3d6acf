"""Up, degraded, down, with hysteresis; the outage as a record that stamps what arrives and is closed by name (P2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from release_site import Site, open_site, utc_now
from sqlmodel import select

from gateway.errors import NotFound, Refused, WrongInput
from gateway.outage import close_outage, current_outage, move_start, note, open_outage, probe_once
from gateway.settings import ErsSettings, Settings
from gateway.store import Store
from gateway.tables import Delivery, Event, Outage, Referral
from gateway.tables_reference import Import

SETTINGS = Settings(ers=ErsSettings(base_url="http://127.0.0.1:9"))
MINUTE = dt.timedelta(minutes=1)


def look(store: Store, now: dt.datetime, votes: str) -> list[str]:
    """One look a minute: u up, s slow, e errors, g gone, r refused; the state after each."""
    names = {"u": "UP", "s": "SLOW", "e": "ERRORS", "g": "GONE", "r": "REFUSED"}
    states = []
    for number, letter in enumerate(votes):
        with store.write() as session:
            states.append(note(session, names[letter], now + number * MINUTE, SETTINGS))
    return states


def actions(store: Store) -> list[str]:
    with store.read() as session:
        return [e.action for e in session.exec(select(Event).order_by(Event.seq)) if e.action.startswith("outage")]


@pytest.mark.parametrize(
    ("votes", "states"),
    [
        ("u", ["UP"]),
        ("ug", ["UP", "UP"]),
        ("ugg", ["UP", "UP", "DOWN"]),
        ("ugugu", ["UP"] * 5),
        ("uggu", ["UP", "UP", "DOWN", "DOWN"]),
        ("ugguu", ["UP", "UP", "DOWN", "DOWN", "UP"]),
        ("uss", ["UP", "UP", "DEGRADED"]),
        ("ueeee", ["UP", "UP", "DEGRADED", "DEGRADED", "DOWN"]),
        ("uggrrr", ["UP", "UP", "DOWN", "DOWN", "REACHABLE", "REACHABLE"]),
        ("uggss", ["UP", "UP", "DOWN", "DOWN", "DOWN"]),
    ],
)
def test_the_state_changes_only_after_several_equal_looks(
    store: Store, now: dt.datetime, votes: str, states: list[str]
) -> None:
    assert look(store, now, votes) == states


def test_down_opens_and_only_up_ends_it(store: Store, now: dt.datetime, a_document: object) -> None:
    look(store, now, "ugg")
    with store.read() as session:
        outage = current_outage(session)
        assert outage is not None and outage.opened_by == "rule" and outage.started_at == now + MINUTE
    with store.write() as session:  # something arrives, so it is for a person to close
        row = current_outage(session)
        assert row is not None
        session.add(_referral(now + 2 * MINUTE, row.id))
    look(store, now + 10 * MINUTE, "rrrr")
    with store.read() as session:
        assert current_outage(session).back_at is None  # type: ignore[union-attr]
    look(store, now + 20 * MINUTE, "uu")
    with store.read() as session:
        row = current_outage(session)
        assert row is not None and row.back_at is not None and row.closed_at is None
    look(store, now + 30 * MINUTE, "gg")  # away again before it was closed: the same outage
    with store.read() as session:
        assert len(session.exec(select(Outage)).all()) == 1
        assert current_outage(session).back_at is None  # type: ignore[union-attr]
    assert actions(store) == ["outage.opened", "outage.back"]


def test_an_outage_in_which_nothing_arrived_closes_by_rule(store: Store, now: dt.datetime) -> None:
    look(store, now, "ugguu")
    with store.read() as session:
        assert current_outage(session) is None
        (row,) = session.exec(select(Outage)).all()
        assert row.closed_by == "rule"
    assert actions(store) == ["outage.opened", "outage.back", "outage.closed"]


def _referral(arrived: dt.datetime, outage_id: int | None = None) -> Referral:
    code = f"R-{arrived.timestamp():.0f}"
    return Referral(
        code=code, state="READY", rank=2, origin="typed", arrived_at=arrived, created_at=arrived, outage_id=outage_id
    )


def stamps(store: Store) -> list[bool]:
    with store.read() as session:
        return [d.outage_id is not None for d in session.exec(select(Delivery).order_by(Delivery.received_at))]


def test_moving_the_start_stamps_anew(store: Store, now: dt.datetime, a_document: object) -> None:
    for hours in (5, 3, 1):
        a_document(arrived_at=now - dt.timedelta(hours=hours))  # type: ignore[operator]
    with store.write() as session:
        session.add(_referral(now - dt.timedelta(hours=4)))
        outage = open_outage(
            session, by="ann", why="the list was empty", now=now, started_at=now - dt.timedelta(hours=2)
        )
    assert stamps(store) == [False, False, True]
    with store.write() as session:
        move_start(session, outage.code, now - dt.timedelta(hours=4), by="ann", now=now)
    assert stamps(store) == [False, True, True]
    with store.read() as session:
        assert session.exec(select(Referral)).one().outage_id == outage.id
    with store.write() as session:
        move_start(session, None, now - dt.timedelta(minutes=5), by="ann", now=now)
    assert stamps(store) == [False, False, False]
    with store.read() as session:
        assert session.exec(select(Referral)).one().outage_id is None
    assert actions(store) == ["outage.opened", "outage.moved", "outage.moved"]


def test_a_wrong_start_is_refused(store: Store, now: dt.datetime) -> None:
    with store.write() as session:
        outage = open_outage(session, by="ann", why="x", now=now)
        with pytest.raises(Refused):
            open_outage(session, by="ann", why="y", now=now)
        with pytest.raises(WrongInput):
            move_start(session, None, now + MINUTE, by="ann", now=now)
        close_outage(session, None, by="ann", now=now + MINUTE, balance=lambda s, o: (0, ()))
        with pytest.raises(Refused):
            move_start(session, outage.code, now, by="ann", now=now)
        with pytest.raises(WrongInput):  # two outages never overlap
            open_outage(session, by="ann", why="z", now=now + 2 * MINUTE, started_at=now)
        with pytest.raises(NotFound):
            move_start(session, "O-NONE", now, by="ann", now=now)


def test_closing_needs_a_balance_a_name_and_nothing_open(store: Store, now: dt.datetime) -> None:
    with store.write() as session:
        open_outage(session, by="ann", why="x", now=now)
    for balance, by, named in (
        ((2, ()), "ann", ()),
        ((0, ("R-AAAA", "D-BBBB")), "ann", ()),
        ((0, ("R-AAAA", "D-BBBB")), "ann", ("R-AAAA",)),
        ((0, ()), "rule", ()),
        ((0, ()), " ", ()),
    ):
        with pytest.raises((Refused, WrongInput)), store.write() as session:
            close_outage(session, None, by=by, now=now, balance=lambda s, o, b=balance: b, named=named)  # type: ignore[misc]
    with store.write() as session:
        closed = close_outage(
            session, None, by="ann", now=now, balance=lambda s, o: (0, ["R-AAAA"]), named=["r-aaaa", "R-ZZZZ"]
        )
    assert closed.open_items_named == ["R-AAAA"] and closed.closed_by == "ann"
    with store.read() as session:
        line = session.exec(select(Event).where(Event.action == "outage.closed")).one()
        assert line.data["lines"] == 1 and len(line.data["head"]) == 64


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    with open_site(store, open_sandbox=True) as opened:
        yield opened


def test_the_probe_over_http(site: Site) -> None:
    def probe() -> str:
        return probe_once(site.store, site.settings, utc_now(), scale=site.scale)

    assert probe() == "UP"
    with site.store.read() as session:  # the vocabulary is fetched while e-RS is up
        assert session.get(Import, "codes SPECIALTY") is not None
    site.ers.faults.set("down", mode="refused")
    assert [probe(), probe()] == ["UP", "DOWN"]
    site.ers.faults.clear()
    site.ers.faults.set("401")
    assert [probe(), probe()] == ["DOWN", "REACHABLE"]
    with site.store.read() as session:
        assert current_outage(session) is not None
    site.ers.faults.clear()
    assert [probe(), probe()] == ["REACHABLE", "UP"]
    with site.store.read() as session:
        assert current_outage(session) is None


def test_without_an_address_nothing_is_known(store: Store, now: dt.datetime) -> None:
    assert probe_once(store, Settings(), now) == "UNKNOWN"
