"""Opening a delivery: what it holds becomes documents with their page counts, in one transaction, each with its reading job.

The pages exist as rows from this moment on, so that the sum of pages holds whatever happens later (P2).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from gateway.errors import Refused
from gateway.events import record
from gateway.jobs import OpenedDelivery, OpenedDocument, OpenedFile
from gateway.queues import READING, AddsJobs
from gateway.sandbox import ChildFailed, Limits, run_job
from gateway.states import move
from gateway.store import Store, get_blob, keep_blob
from gateway.tables import Delivery, Document, Page

MACHINE = "machine"
# what stood against opening a file -> the flag of its delivery
_FLAGS = {
    "encrypted": "encrypted",
    "damaged": "damaged",
    "crashed": "damaged",
    "broken": "damaged",
    "too_large": "too_large",
    "too_many_pages": "too_large",
    "too_big": "too_large",
    "too_long": "too_large",
}
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Opening:
    """The job that opens deliveries; call it with a delivery's row number."""

    store: Store
    jobs: AddsJobs
    scratch: Path
    clock: Clock

    def __call__(self, delivery_id: int) -> None:
        """Open it once; a delivery that is open already is left as it is."""
        with self.store.read() as session:
            delivery = session.get(Delivery, delivery_id)
            if delivery is None or delivery.outcome != "waiting":
                return
            data, route, name = get_blob(session, delivery.sha256), delivery.route, delivery.name
        opened = open_file(data, route, name, self.scratch)
        with self.store.write() as session:
            delivery = session.get(Delivery, delivery_id, with_for_update=True)
            if delivery is not None and delivery.outcome == "waiting":
                book(session, self.jobs, delivery, opened, self.clock())


def open_file(data: bytes, route: str, name: str | None, scratch: Path) -> OpenedDelivery:
    """Take it apart in the confined child. What breaks the child is kept as one document of one page for a person."""
    try:
        return run_job(
            "open_delivery",
            OpenedDelivery,
            scratch,
            Limits(cpu_seconds=60, wall_seconds=90),
            data=data,
            route=route,
            name=name,
        )
    except ChildFailed as why:
        whole = OpenedFile("", data, "application/octet-stream", None, name, 1, (why.code, why.says))
        return OpenedDelivery((OpenedDocument((whole,), ()),), (), ("damaged",), why.says, None)


def book(
    session: Session, jobs: AddsJobs | None, delivery: Delivery, opened: OpenedDelivery, now: dt.datetime
) -> list[Document]:
    """Write down what was found: documents, pages, flags, hints, outcome and the jobs that read them."""
    # Two deliveries of the same bytes may be opened at the same moment; the lock makes one of them the first.
    earlier = _same_bytes_as(session, delivery, opened)
    documents = [
        _document(session, delivery, position, found, now) for position, found in enumerate(opened.documents, 1)
    ]
    delivery.documents_found = len(documents)
    delivery.pages_received = sum(document.pages_received for document in documents)
    delivery.hints = [*delivery.hints, *opened.hints]
    delivery.says = opened.says
    flags = [*opened.flags, *(_FLAGS.get(f.trouble[0], "") for d in opened.documents for f in d.files if f.trouble)]
    if opened.claimed_pages is not None and documents and opened.claimed_pages != delivery.pages_received:
        flags.append("page_count_mismatch")
    delivery.flags = sorted(set(flags) - {""})
    delivery.outcome = "documents" if documents else "no_document"
    session.add(delivery)
    record(
        session,
        "delivery.unpacked",
        delivery.code,
        MACHINE,
        now,
        {"documents": len(documents), "pages": delivery.pages_received, "flags": delivery.flags},
    )
    if earlier is not None:
        delivery.outcome, delivery.duplicate_of = "duplicate", earlier.id
    for document in documents:
        if earlier is not None and document.state == "RECEIVED":
            put_aside(session, document, f"Duplicate of {earlier.code}: the same bytes arrived before.", MACHINE, now)
        elif document.state == "RECEIVED" and jobs is not None:
            assert document.id is not None
            jobs.add(session, READING, document.id)
    return documents


def _document(session: Session, delivery: Delivery, position: int, found: OpenedDocument, now: dt.datetime) -> Document:
    pages = sum(file.pages for file in found.files)
    trouble = next((file.trouble for file in found.files if file.trouble), None)
    assert delivery.id is not None
    document = Document(
        delivery_id=delivery.id,
        position=position,
        files=[_kept(session, file) for file in found.files],
        also=[_kept(session, file) for file in found.also],
        first_sha256=found.files[0].sha256,
        pages_received=pages,
        state="RECEIVED",
    )
    session.add(document)
    session.flush()
    assert document.id is not None
    session.add_all(Page(document_id=document.id, number=number) for number in range(1, pages + 1))
    record(session, "document.made", delivery.code, MACHINE, now, {"document": document.id, "pages": pages})
    if trouble:
        document.says = trouble[1]
        move(session, document, "STUCK", MACHINE, now, why=trouble[0])
    return document


def _kept(session: Session, file: OpenedFile) -> dict[str, Any]:
    sha256 = keep_blob(session, file.data, file.media_type)
    return {
        "sha256": sha256,
        "media_type": file.media_type,
        "declared_type": file.declared_type,
        "name": file.name,
        "pages": file.pages,
    }


def _same_bytes_as(session: Session, delivery: Delivery, opened: OpenedDelivery) -> Delivery | None:
    """The first delivery whose papers were these same bytes, none more and none less.

    Compared are the papers, not the mail: a resend has new headers. Message-IDs prove nothing (machines reuse them).
    """
    wanted = {file.sha256 for document in opened.documents for file in document.files}
    if not wanted or not all(wanted):
        return None
    first = next(iter(opened.documents)).files[0].sha256
    candidates = session.exec(
        select(Document, Delivery)
        .join(Delivery, col(Delivery.id) == Document.delivery_id)
        .where(
            col(Document.first_sha256) == first, col(Delivery.id) != delivery.id, col(Delivery.duplicate_of).is_(None)
        )
        .order_by(col(Delivery.id))
    )
    for _document_row, earlier in candidates:
        rows = session.exec(select(Document).where(Document.delivery_id == earlier.id))
        if {file["sha256"] for row in rows for file in row.files} == wanted:
            return earlier
    return None


def put_aside(session: Session, document: Document, why: str, by: str, now: dt.datetime) -> None:
    """Set all pages of a document aside that no referral holds, with the reason; the document is then sorted."""
    for page in session.exec(select(Page).where(Page.document_id == document.id, col(Page.aside_why).is_(None))):
        aside(session, page, why, by, now)
    if document.state == "RECEIVED":
        move(session, document, "READ", by, now)
    if document.state in {"READ", "STUCK"}:
        move(session, document, "SORTED", by, now)


def aside(session: Session, page: Page, why: str, by: str, now: dt.datetime) -> None:
    """Set one page aside; never without a reason."""
    if not why.strip():
        raise Refused("reason", "A page is only set aside with a reason.", "Give one with --why.")
    page.aside_why, page.aside_by, page.aside_at = why, by, now
    session.add(page)
    record(session, "page.aside", f"page {page.id}", by, now, {"document": page.document_id, "number": page.number})
