"""What arrived, as lists and single views; handing a file in; opening or reading something again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from gateway.errors import Later, NotFound, Refused, WrongInput
from gateway.events import record
from gateway.intake import Intake
from gateway.queues import READING, AddsJobs
from gateway.settings import Settings
from gateway.states import move
from gateway.store import Store
from gateway.tables import Delivery, Document, Page, PageUse, Referral
from inbox.delivery import Delivery as Arrived
from inbox.delivery import TryLater


def deliveries(
    session: Session, *, outcome: str | None = None, flag: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """One object for each delivery in the contract's form, oldest first; `papers` is for people."""
    query = select(Delivery).order_by(col(Delivery.id).desc())
    if outcome:
        query = query.where(Delivery.outcome == outcome)
    rows = session.exec(query if limit is None or flag else query.limit(limit)).all()
    if flag:
        rows = [row for row in rows if flag in row.flags][:limit]
    rows = rows[::-1]
    documents = _documents(session, [row.id for row in rows if row.id])
    codes: dict[int, str] = {row.id: row.code for row in rows if row.id}
    return [_view(session, row, documents.get(row.id or 0, []), codes) for row in rows]


def _documents(session: Session, ids: Sequence[int]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    for start in range(0, len(ids), 500):
        query = (
            select(Document)
            .where(col(Document.delivery_id).in_(ids[start : start + 500]))
            .order_by(col(Document.position))
        )
        for document in session.exec(query):
            found.setdefault(document.delivery_id, []).append(document)
    return found


def _view(session: Session, row: Delivery, documents: list[Document], codes: dict[int, str]) -> dict[str, Any]:
    if row.outcome == "waiting":
        papers: list[dict[str, Any]] = [{"pages": None, "state": "RECEIVED"}]
    else:
        papers = [{"pages": document.pages_received, "state": document.state} for document in documents]
    same = None
    if row.duplicate_of is not None:
        if row.duplicate_of not in codes:
            codes[row.duplicate_of] = session.exec(select(Delivery.code).where(Delivery.id == row.duplicate_of)).one()
        same = codes[row.duplicate_of]
    return {
        "delivery": row.code,
        "sha256": row.sha256,
        "route": row.route,
        "received_at": row.received_at,
        "outcome": row.outcome,
        "documents": papers,
        "duplicate_of": same,
        "flags": row.flags,
        "papers": ", ".join(f"{p['pages'] or '?'} pages {p['state']}" for p in papers),
    }


def find_delivery(session: Session, code: str) -> Delivery:
    """The delivery with this code; NotFound otherwise."""
    asked = code.strip().upper()
    asked = asked if asked.startswith("D-") else f"D-{asked}"
    delivery = session.exec(select(Delivery).where(Delivery.code == asked)).first()
    if delivery is None:
        raise NotFound("delivery", f"There is no delivery {asked}.", "See `gateway inbox list`.")
    return delivery


def delivery_view(session: Session, code: str) -> dict[str, Any]:
    """All that is known of one delivery, with the referrals made of it."""
    row = find_delivery(session, code)
    documents = _documents(session, [row.id or 0]).get(row.id or 0, [])
    referrals = session.exec(
        select(Referral.code)
        .join(PageUse, col(PageUse.referral_id) == Referral.id)
        .join(Page, col(Page.id) == PageUse.page_id)
        .join(Document, col(Document.id) == Page.document_id)
        .where(Document.delivery_id == row.id)
        .distinct()
    ).all()
    view = {key: value for key, value in _view(session, row, documents, {}).items() if key != "papers"}
    return {
        **view,
        "arrived_at": row.arrived_at,
        "arrival_source": row.arrival_source,
        "sender": row.sender,
        "recipients": row.recipients,
        "says": row.says or next((d.says for d in documents if d.says), None),
        "hints": [f"{h['field']}: {h['value']} ({h['source']})" for h in row.hints],
        "referrals": sorted(referrals),
    }


def hand_in(
    store: Store, settings: Settings, files: Sequence[Path], desk: str | None, by: str, now: dt.datetime
) -> Iterator[tuple[Path, str]]:
    """Keep files as deliveries of the route `upload`; yields each with its reference after its commit (P1)."""
    from gateway.work import Jobs  # heavy, and only this needs it

    jobs = Jobs(store)
    intake = Intake(store, jobs)
    try:
        for file in files:
            data = _bytes_of(file, settings.smtp.max_mb)
            arrived = dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)
            delivery = Arrived(
                route="upload",
                data=data,
                received_at=now,
                # a file's time in the future is a wrong clock, and must not become the patient's (P5)
                arrived_at=min(arrived, now),
                arrival_source="file time" if arrived <= now else "our clock, because the file's time is in the future",
                name=file.name,
                desk=desk,
                sender=by,
            )
            try:
                yield file, intake.accept(delivery)
            except TryLater as trouble:
                raise Later("store", trouble.says, "Nothing was kept of this file; hand it in again.") from None
    finally:
        intake.close()
        jobs.close()


def _bytes_of(file: Path, max_mb: int) -> bytes:
    try:
        if file.stat().st_size > max_mb << 20:
            raise WrongInput(
                "file", f"The file is larger than {max_mb} MB.", "Split it, or raise GATEWAY_SMTP__MAX_MB."
            )
        return file.read_bytes()
    except OSError as error:
        raise WrongInput(
            "file", f"The file cannot be read: {error.strerror}.", "Check its name and your rights."
        ) from None


def reread_delivery(store: Store, jobs: AddsJobs, code: str, by: str, now: dt.datetime) -> int:
    """Send documents back to the reader that are STUCK; how many."""
    count = 0
    with store.write() as session:
        delivery = find_delivery(session, code)
        if delivery.outcome == "waiting":
            raise Refused("waiting", f"{delivery.code} has not been opened yet.", "Wait until it was read once.")
        for document in _documents(session, [delivery.id or 0]).get(delivery.id or 0, []):
            if document.state != "STUCK":
                continue
            document.tries, document.says = 0, None
            move(session, document, "RECEIVED", by, now)
            jobs.add(session, READING, document.id or 0)
            count += 1
        if count:
            record(session, "delivery.reread", delivery.code, by, now, {"documents": count})
    return count
