"""Receiving: the original bytes, the delivery's row, its event and the job that opens it, in ONE transaction (P1).

Deliveries that wait at the same moment share a commit: on a slow disk the commit is what costs, and nobody is told "kept" before
the one that holds his delivery. When a shared commit fails, each is tried by itself, so that one cannot spoil the others (P7).
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from gateway.errors import GatewayError
from gateway.events import Line, record_all
from gateway.queues import OPENING, AddsJobs
from gateway.store import Store, new_codes
from gateway.tables import Blob, Outage
from gateway.tables import Delivery as DeliveryRow
from inbox.delivery import Delivery, Refusal, TryLater

_MOST_TOGETHER = 32
_MOST_BYTES_TOGETHER = 64 << 20
_MAIL_ROUTES = ("smtp", "mailbox")

log = logging.getLogger("gateway.intake")


@dataclasses.dataclass
class _Waiting:
    delivery: Delivery
    sha256: str
    kept: Future[str]


class Intake:
    """Where all doors hand in what arrives. `accept` is safe to call from many threads at once."""

    def __init__(self, store: Store, jobs: AddsJobs) -> None:
        self._store = store
        self._jobs = jobs
        self._waiting: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._committing = threading.Lock()
        self._closed = False

    def accept(self, delivery: Delivery) -> str:
        """Keep it for good and return its reference, as `D-7K2M`; TryLater when that cannot be done now."""
        # hashed here, on the thread of the door, so that many senders do not wait for one another's hashes
        waiting = _Waiting(delivery, hashlib.sha256(delivery.data).hexdigest(), Future())
        self._waiting.put(waiting)
        # Whoever gets the lock commits for all that wait by then; the others find theirs done when the lock comes to them.
        with self._committing:
            while not waiting.kept.done():
                self._commit_some()
        return waiting.kept.result()

    def refuse(self, refusal: Refusal) -> str:
        """Note what a folder or an upload would not take, so that it shows in the list; returns the reference.

        TryLater when it cannot be noted now.
        """
        try:
            with self._store.write() as session:
                return _note(session, refusal)
        except Exception as trouble:
            raise _later(trouble) from trouble

    def close(self) -> None:
        """Let what was handed in be finished; whoever comes later is told to come back."""
        with self._committing:
            self._closed = True

    def _commit_some(self) -> None:
        together: list[_Waiting] = []
        size = 0
        with contextlib.suppress(queue.Empty):
            while len(together) < _MOST_TOGETHER and size < _MOST_BYTES_TOGETHER:
                together.append(self._waiting.get_nowait())
                size += len(together[-1].delivery.data)
        if self._closed:
            for one in together:
                one.kept.set_exception(TryLater("The gateway is ending."))
        else:
            self._commit(together)

    def _commit(self, together: Sequence[_Waiting]) -> None:
        if not together:
            return
        try:
            with self._store.write() as session:
                codes = _keep(session, self._jobs, together)
        except BaseException as trouble:  # whatever it is, nobody may be left waiting for an answer
            if len(together) > 1:
                for one in together:
                    self._commit([one])
                return
            together[0].kept.set_exception(_later(trouble))
            return
        for one, code in zip(together, codes, strict=True):
            one.kept.set_result(code)


def _later(trouble: BaseException) -> TryLater:
    """Whatever went wrong with keeping it is our trouble, so the sender must come back (P1)."""
    if isinstance(trouble, GatewayError):
        return TryLater(trouble.says)
    # the kind only: the text may quote the mail (P8)
    log.error("A delivery could not be stored: %s", type(trouble).__name__)
    later = TryLater("It could not be stored just now.")
    later.__cause__ = trouble
    return later


_ROWS: Any = DeliveryRow.__table__  # type: ignore[attr-defined]
_BLOBS: Any = Blob.__table__  # type: ignore[attr-defined]
# made once, because making a statement costs as much as running it
_INSERT_ROW = sa.insert(_ROWS).returning(_ROWS.c.id, sort_by_parameter_order=True)
_INSERT_BLOB = {
    "sqlite": sqlite.insert(_BLOBS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_BLOBS).on_conflict_do_nothing(),
}
_OPEN_OUTAGE = sa.select(col(Outage.id)).where(col(Outage.closed_at).is_(None)).order_by(col(Outage.id).desc()).limit(1)


def _keep(session: Session, jobs: AddsJobs, together: Sequence[_Waiting]) -> list[str]:
    """Write them all. Plain inserts instead of mapped objects: this is the one place where thousands may wait in line."""
    connection = session.connection()
    outage = connection.execute(_OPEN_OUTAGE).scalar()
    _keep_originals(connection, together)
    codes = new_codes(session, "D", len(together))
    rows = [
        {
            **_values(one.delivery.route, one.sha256, one.delivery.received_at),
            "code": code,
            "arrived_at": one.delivery.arrived_at,
            "arrival_source": one.delivery.arrival_source,
            "sender": one.delivery.sender,
            "recipients": list(one.delivery.recipients),
            "peer": one.delivery.peer,
            "name": one.delivery.name,
            "desk": one.delivery.desk,
            "hints": [{"field": k, "value": v, "source": "transport"} for k, v in one.delivery.notes.items()],
            "outage_id": outage,
        }
        for one, code in zip(together, codes, strict=True)
    ]
    ids = [int(number) for number in connection.execute(_INSERT_ROW, rows).scalars()]
    record_all(session, [_line(one, code) for one, code in zip(together, codes, strict=True)])
    for number in ids:
        jobs.add(session, OPENING, number, new=True)
    return codes


def _values(route: str, sha256: str, received_at: dt.datetime) -> dict[str, Any]:
    """A row as it is before anything is known, every column named, because plain inserts fill in no defaults."""
    return {
        "route": route,
        "sha256": sha256,
        "received_at": received_at,
        "recipients": [],
        "peer": None,
        "hints": [],
        "outcome": "waiting",
        "says": None,
        "flags": [],
        "duplicate_of": None,
        "duplicate_why": None,
        "judged_different": False,
        "outage_id": None,
        "documents_found": 0,
        "pages_received": 0,
        "settled_by": None,
        "settled_why": None,
    }


def _note(session: Session, refusal: Refusal) -> str:
    code = new_codes(session, "D", 1)[0]
    values = {
        **_values(refusal.route, refusal.sha256, refusal.received_at),
        "code": code,
        "arrived_at": refusal.received_at,
        "arrival_source": "when it was refused",
        "sender": refusal.sender,
        "name": refusal.name,
        "desk": refusal.desk,
        "outcome": "rejected",
        "says": refusal.says,
        "flags": [refusal.flag],
    }
    session.connection().execute(sa.insert(_ROWS), [values])
    told = {"sha256": refusal.sha256, "bytes": refusal.size, "rejected": refusal.flag}
    record_all(session, [Line("delivery.received", code, refusal.route, refusal.received_at, told)])
    return code


def _keep_originals(connection: sa.Connection, together: Sequence[_Waiting]) -> None:
    """Store the bytes of each once under their hash; those that are there already are left as they are."""
    new = {
        one.sha256: {
            "sha256": one.sha256,
            "size": len(one.delivery.data),
            "media_type": "message/rfc822" if one.delivery.route in _MAIL_ROUTES else "application/octet-stream",
            "content": one.delivery.data,
        }
        for one in together
    }
    connection.execute(_INSERT_BLOB[connection.dialect.name], list(new.values()))


def _line(one: _Waiting, code: str) -> Line:
    delivery = one.delivery
    told = {"sha256": one.sha256, "bytes": len(delivery.data), "arrived_at": delivery.arrived_at.isoformat()}
    return Line("delivery.received", code, delivery.route, delivery.received_at, told)
