"""One release per store at a time: a lock that dies with its process, and what is done about a release that ended in a crash.

On SQLite the lock is a file beside the database, on PostgreSQL an advisory lock; the operating system or the server lets go of both
when the process ends, so that a crashed release can be taken over at once and a living one never.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.errors import Refused
from gateway.events import record
from gateway.release_journal import give_up_unanswered
from gateway.store import Store
from gateway.tables import Referral, Release

ADVISORY = 7205760
LIVE = ("DRAINING", "PAUSED")


@contextlib.contextmanager
def lease(store: Store) -> Iterator[None]:
    """Hold the one place; Refused when another release has it."""
    with _file_lock(store) if store.is_sqlite else _server_lock(store):
        yield


def _taken(store: Store) -> Refused:
    with store.read() as session:
        other = session.exec(
            select(Release).where(Release.state == "DRAINING").order_by(col(Release.id).desc())
        ).first()
    who = f" by {other.operator} ({other.code})" if other else ""
    return Refused(
        "release_running",
        f"A release{who} is running.",
        "See `gateway release status`; `gateway release stop` ends it after the referrals that are on their way.",
    )


@contextlib.contextmanager
def _file_lock(store: Store) -> Iterator[None]:
    path = Path(store.url.removeprefix("sqlite:///"))
    with path.with_name(path.name + ".release").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _taken(store) from None
        yield


@contextlib.contextmanager
def _server_lock(store: Store) -> Iterator[None]:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(sa.text(f"SELECT pg_try_advisory_lock({ADVISORY})")).scalar():
            raise _taken(store)
        try:
            yield
        finally:
            connection.execute(sa.text(f"SELECT pg_advisory_unlock({ADVISORY})"))


def running(store: Store) -> bool:
    """Whether a release is alive at this moment."""
    try:
        with lease(store):
            return False
    except Refused:
        return True


def take_over(session: Session, now: dt.datetime, patience: float) -> tuple[int, int]:
    """End releases whose process is gone, and look at what they left SENDING; returns (unsure, to be resumed).

    Call it with the lease held. An open create makes its referral UNSURE; the others are resumed at the first step without proof.
    """
    for old in session.exec(select(Release).where(col(Release.state).in_(LIVE))):
        crashed = old.state == "DRAINING"
        old.state, old.ended_at = "STOPPED", now
        if crashed:
            old.says = "Its program ended without a word; the next release took over."
        session.add(old)
        record(session, "release.ended", old.code, "gateway", now, {"crashed": crashed})
    unsure = resumed = 0
    for referral in session.exec(select(Referral).where(Referral.state == "SENDING")).all():
        if give_up_unanswered(session, referral, now, patience):
            unsure += 1
        else:
            resumed += 1
    return unsure, resumed
