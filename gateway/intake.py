"""Receiving: the original bytes, the delivery's row, its event and the job that opens it, in ONE transaction (P1).

Deliveries that wait at the same moment share a commit: on a slow disk the commit is what costs, and nobody is told "kept" before
the one that holds his delivery. When a shared commit fails, each is tried by itself, so that one cannot spoil the others (P7).
"""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
from concurrent.futures import Future

from sqlmodel import Session

from gateway.errors import GatewayError, Later
from gateway.events import record
from gateway.outage import current_outage
from gateway.queues import OPENING, AddsJobs
from gateway.store import Store, keep_blob, new_code
from gateway.tables import Delivery as DeliveryRow
from inbox.delivery import Delivery, TryLater

_MOST_TOGETHER = 32


@dataclasses.dataclass
class _Waiting:
    delivery: Delivery
    kept: Future[str]


class Intake:
    """Where all doors hand in what arrives. `accept` is safe to call from many threads at once."""

    def __init__(self, store: Store, jobs: AddsJobs) -> None:
        self._store = store
        self._jobs = jobs
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._commit_for_ever, name="intake", daemon=True)
        self._thread.start()

    def accept(self, delivery: Delivery) -> str:
        """Keep it for good and return its reference, as `D-7K2M`; TryLater when that cannot be done now."""
        waiting = _Waiting(delivery, Future())
        self._waiting.put(waiting)
        return waiting.kept.result()

    def close(self) -> None:
        """Finish what was handed in, then end."""
        self._waiting.put(None)
        self._thread.join()

    def _commit_for_ever(self) -> None:
        going_on = True
        while going_on:
            together = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(together) < _MOST_TOGETHER:
                    together.append(self._waiting.get_nowait())
            going_on = None not in together
            self._commit([one for one in together if one is not None])

    def _commit(self, together: list[_Waiting]) -> None:
        if not together:
            return
        try:
            with self._store.write() as session:
                codes = [_keep(session, self._jobs, one.delivery) for one in together]
        except Exception as trouble:
            if len(together) > 1:
                for one in together:
                    self._commit([one])
                return
            together[0].kept.set_exception(_later(trouble))
            return
        for one, code in zip(together, codes, strict=True):
            one.kept.set_result(code)


def _later(trouble: Exception) -> TryLater:
    """Whatever went wrong with keeping it is our trouble, so the sender must come back (P1)."""
    if isinstance(trouble, GatewayError):
        return TryLater(trouble.says)
    later = TryLater("It could not be stored just now.")
    later.__cause__ = trouble
    return later


def _keep(session: Session, jobs: AddsJobs, delivery: Delivery) -> str:
    outage = current_outage(session)
    row = DeliveryRow(
        code=new_code(session, "D"),
        route=delivery.route,
        sha256=keep_blob(
            session, delivery.data, "message/rfc822" if delivery.route == "smtp" else "application/octet-stream"
        ),
        received_at=delivery.received_at,
        arrived_at=delivery.arrived_at,
        arrival_source=delivery.arrival_source,
        sender=delivery.sender,
        recipients=list(delivery.recipients),
        peer=delivery.peer,
        name=delivery.name,
        desk=delivery.desk,
        hints=[{"field": k, "value": v, "source": "transport"} for k, v in delivery.notes.items()],
        outage_id=outage.id if outage else None,
    )
    session.add(row)
    session.flush()
    record(
        session,
        "delivery.received",
        row.code,
        delivery.route,
        delivery.received_at,
        {"sha256": row.sha256, "bytes": len(delivery.data), "arrived_at": delivery.arrived_at.isoformat()},
    )
    if row.id is None:
        raise Later("database", "The delivery was not given a number.")
    jobs.add(session, OPENING, row.id)
    return row.code
