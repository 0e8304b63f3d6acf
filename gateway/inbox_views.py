"""What arrived, as lists and single views; handing a file in; opening or reading something again."""

from __future__ import annotations

import datetime as dt
import hashlib
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from gateway.errors import GatewayError, Later, NotFound, Refused, WrongInput
from gateway.events import record
from gateway.intake import Intake
from gateway.queues import READING, AddsJobs
from gateway.resends import take_back
from gateway.settings import Settings
from gateway.states import move
from gateway.store import Store
from gateway.tables import Delivery, Document, Page, PageUse, Referral
from inbox.delivery import Delivery as Arrived
from inbox.delivery import Refusal, TryLater
from inbox.folder import hash_of


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
        "duplicate_why": row.duplicate_why,
        "says": row.says or next((d.says for d in documents if d.says), None),
        "hints": [f"{h['field']}: {h['value']} ({h['source']})" for h in row.hints],
        "referrals": sorted(referrals),
    }


@dataclass(frozen=True)
class HandedIn:
    """What became of one file: its reference, or why it was not taken; a refused file may have both."""

    file: Path
    code: str | None
    trouble: GatewayError | None = None


def hand_in(
    store: Store, settings: Settings, files: Sequence[Path], desk: str | None, by: str, now: dt.datetime
) -> Iterator[HandedIn]:
    """Keep files as deliveries of the route `upload`, each told of after its commit (P1).

    A file that is too large, empty or unreadable is noted as rejected and does not stop the others (P7).
    """
    from gateway.work import Jobs  # heavy, and only this needs it

    jobs = Jobs(store)
    intake = Intake(store, jobs)
    try:
        for file in files:
            try:
                yield _hand_in(intake, settings, file, desk, by, now)
            except TryLater as trouble:
                told = Later("store", trouble.says, "Nothing was kept of this file; hand it in again.")
                yield HandedIn(file, None, told)
    finally:
        intake.close()
        jobs.close()


def _hand_in(intake: Intake, settings: Settings, file: Path, desk: str | None, by: str, now: dt.datetime) -> HandedIn:
    try:
        status = file.stat()
    except OSError as error:
        return HandedIn(file, None, _unreadable(error))
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "no file"
        return HandedIn(file, None, WrongInput("file", f"This is {what}.", "Name the files in it one by one."))
    name = _storable(file.name)
    try:
        if status.st_size > settings.smtp.max_mb << 20:
            flag = "too_large"
            refused: GatewayError = WrongInput(
                "file",
                f"The file is larger than {settings.smtp.max_mb} MB.",
                "Split it, or raise GATEWAY_SMTP__MAX_MB.",
            )
        elif status.st_size == 0:
            flag = "empty_file"
            refused = WrongInput("file", "The file is empty (0 bytes).", "Scan or save it again.")
        else:
            data = file.read_bytes()
            arrived = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
            delivery = Arrived(
                route="upload",
                data=data,
                received_at=now,
                # a file's time in the future is a wrong clock, and must not become the patient's (P5)
                arrived_at=min(arrived, now),
                arrival_source="file time" if arrived <= now else "our clock, because the file's time is in the future",
                name=name,
                desk=desk,
                sender=by,
            )
            return HandedIn(file, intake.accept(delivery))
        digest = hash_of(file)
    except OSError as error:
        flag, refused, digest = "unreadable", _unreadable(error), hashlib.sha256().hexdigest()
    refusal = Refusal("upload", digest, status.st_size, now, refused.says, flag, name=name, desk=desk, sender=by)
    return HandedIn(file, intake.refuse(refusal), refused)


def _unreadable(error: OSError) -> WrongInput:
    return WrongInput("file", f"The file cannot be read: {error.strerror}.", "Check its name and your rights.")


def _storable(text: str) -> str:
    """A file name without bytes that were no UTF-8, which no database takes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


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


def not_duplicate(store: Store, jobs: AddsJobs, code: str, by: str, now: dt.datetime) -> int:
    """A person says that a delivery is no duplicate: its pages come back to be read; how many documents."""
    with store.write() as session:
        return take_back(session, jobs, find_delivery(session, code), by, now)
