"""P10: the chain holds, and every way of tampering with it shows."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from gateway.events import ACTIONS, record, verify_chain
from gateway.store import Store
from gateway.tables import Event

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def told(store: Store, now: dt.datetime) -> Store:
    with store.write() as session:
        for number in range(5):
            record(session, "delivery.received", f"D-{number}", "smtp", now, {"bytes": number})
    return store


def faults(store: Store) -> tuple[str, ...]:
    with store.read() as session:
        return verify_chain(session).faults


def test_a_whole_chain_has_no_faults(told: Store) -> None:
    with told.read() as session:
        state = verify_chain(session)
    assert state.count == 5 and len(state.head) == 64 and state.faults == ()


@pytest.mark.parametrize(
    ("change", "shows"),
    [
        (sa.update(Event).where(Event.seq == 3).values(author="somebody else"), "line 3 was changed"),  # type: ignore[arg-type]
        (sa.update(Event).where(Event.seq == 3).values(data={"bytes": 9}), "line 3 was changed"),  # type: ignore[arg-type]
        (sa.delete(Event).where(Event.seq == 3), "lines 3 to 3 are missing"),  # type: ignore[arg-type]
        (sa.delete(Event).where(Event.seq > 3), "its head says 5"),  # type: ignore[arg-type]
    ],
    ids=["author", "data", "removed", "cut"],
)
def test_tampering_shows(told: Store, change: sa.Executable, shows: str) -> None:
    with told.write() as session:
        session.execute(change)
    assert any(shows in fault for fault in faults(told))


def test_a_rolled_back_change_leaves_no_line(told: Store, now: dt.datetime) -> None:
    with pytest.raises(RuntimeError), told.write() as session:
        record(session, "delivery.received", "D-X", "smtp", now)
        raise RuntimeError
    with told.read() as session:
        assert verify_chain(session).count == 5


def test_the_first_lines_of_many_writers_follow_each_other(store: Store, now: dt.datetime) -> None:
    """On an empty store there is no head to lock yet; a gateway writes its first administrator and its first fax together."""
    together = Barrier(6)

    def write(number: int) -> None:
        together.wait(30)
        with store.write() as session:
            record(session, "delivery.received", f"D-{number}", "smtp", now)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    with store.read() as session:
        state = verify_chain(session)
    assert state.count == 6 and state.faults == ()


def test_an_unknown_action_is_refused(store: Store, now: dt.datetime) -> None:
    with pytest.raises(ValueError), store.write() as session:
        record(session, "delivery.invented", "D-X", "smtp", now)


def test_every_action_is_used_somewhere() -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py") if path.name != "events.py"
    )
    dynamic = {"document.moved", "referral.moved"}  # states.move composes these
    unused = {action for action in ACTIONS if f'"{action}"' not in text} - dynamic
    assert not unused, f"no code writes {sorted(unused)}"
