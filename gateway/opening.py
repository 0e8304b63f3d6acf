"""Opening a delivery: what it holds becomes documents with their page counts, in one transaction, each with its reading job.

The pages exist as rows from this moment on, so that the sum of pages holds whatever happens later (P2).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from gateway.errors import Refused
from gateway.events import Line, record, record_all
from gateway.jobs import OpenedDelivery, OpenedDocument, OpenedFile
from gateway.queues import READING, AddsJobs
from gateway.resends import link, same_bytes
from gateway.sandbox import ChildFailed, Limits, run_job
from gateway.states import move
from gateway.store import Store, get_blob, keep_blob
from gateway.tables import Delivery, Document, Page
from gateway.word_letters import with_pages

MACHINE = "machine"
# what stood against opening or drawing a file -> the flag of its delivery
FLAG_OF = {
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
        opened = with_pages(opened, self.scratch, lambda pdf, called: open_file(pdf, "folder", called, self.scratch))
        tried: list[int] = []
        whole = False
        while not self._booked(delivery_id, opened, tried, whole):
            # the last missing piece of a divided mail is here, or came while we were busy: now they are one mail
            opened, tried, whole = self._joined(delivery_id, data, opened)

    def _booked(self, delivery_id: int, opened: OpenedDelivery, tried: Sequence[int], whole: bool) -> bool:
        with self.store.write() as session:
            delivery = session.get(Delivery, delivery_id, with_for_update=True)
            if delivery is None or delivery.outcome != "waiting":
                return True
            others = other_pieces(session, delivery_id, opened)
            if others is not None and sorted(others) != sorted(tried):
                return False
            book(session, self.jobs, delivery, opened, self.clock())
            for number in tried if whole else ():
                settle_piece(session, number, delivery, self.clock())
            return True

    def _joined(self, delivery_id: int, data: bytes, opened: OpenedDelivery) -> tuple[OpenedDelivery, list[int], bool]:
        with self.store.read() as session:
            others = other_pieces(session, delivery_id, opened) or []
            mails = [get_blob(session, row.sha256) for n in others if (row := session.get(Delivery, n)) is not None]
        limits = Limits(cpu_seconds=60, wall_seconds=90)
        try:
            found: OpenedDelivery = run_job("open_divided", OpenedDelivery, self.scratch, limits, mails=[data, *mails])
        except ChildFailed as why:
            return dataclasses.replace(opened, says=why.says), others, False
        return dataclasses.replace(found, hints=(*opened.hints, *found.hints)), others, True


def other_pieces(session: Session, delivery_id: int, opened: OpenedDelivery) -> list[int] | None:
    """Deliveries that hold all the other pieces of this divided mail; None while one is missing, or where it is not divided."""
    mine = _piece(opened.hints)
    if mine is None:
        return None
    identity, own_number, total = mine
    query = select(Delivery).where(
        Delivery.outcome == "no_document", col(Delivery.settled_by).is_(None), col(Delivery.id) != delivery_id
    )
    found: dict[int, int] = {}
    for row in session.exec(query.order_by(col(Delivery.id))):
        piece = _piece(row.hints) if "split_message" in row.flags else None
        if piece and piece[0] == identity and piece[1] != own_number:
            found.setdefault(piece[1], row.id or 0)
            total = max(total, piece[2])
    numbers = {own_number, *found}
    return list(found.values()) if total > 1 and numbers == set(range(1, total + 1)) else None


def _piece(hints: Sequence[dict[str, Any]]) -> tuple[str, int, int] | None:
    """Identity, number and total (0 where it is not stated) of a piece of a divided mail."""
    said = {hint["field"]: str(hint["value"]) for hint in hints}
    identity, number, total = (said.get(f"partial_{word}", "") for word in ("id", "number", "total"))
    if not identity or not number.isdecimal() or len(number) > 4:
        return None
    return identity, int(number), int(total) if total.isdecimal() and len(total) <= 4 else 0


def settle_piece(session: Session, delivery_id: int, carrier: Delivery, now: dt.datetime) -> None:
    """A piece of a divided mail whose whole was found is dealt with; its original stays. The first piece's arrival counts."""
    piece = session.get(Delivery, delivery_id)
    if piece is None:
        return
    piece.settled_by, piece.settled_why = MACHINE, f"A part of {carrier.code}, where all parts were put together."
    session.add(piece)
    if piece.arrived_at < carrier.arrived_at:
        carrier.arrived_at, carrier.arrival_source = (
            piece.arrived_at,
            f"{piece.arrival_source}, of its part {piece.code}",
        )
        session.add(carrier)
    record(session, "delivery.settled", piece.code, MACHINE, now, {"whole": carrier.code})


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
    earlier = same_bytes(session, delivery, opened)
    documents = [
        _document(session, delivery, position, found, now) for position, found in enumerate(opened.documents, 1)
    ]
    delivery.documents_found = len(documents)
    delivery.pages_received = sum(document.pages_received for document in documents)
    delivery.hints = [*delivery.hints, *opened.hints]
    delivery.says = opened.says
    flags = [*opened.flags, *(FLAG_OF.get(f.trouble[0], "") for d in opened.documents for f in d.files if f.trouble)]
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
        link(session, delivery, earlier, "the same bytes arrived before", now, proven=True)
    for document in documents:
        if earlier is not None:
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
        first_sha256=found.files[0].paper,
        pages_received=pages,
        state="RECEIVED",
    )
    session.add(document)
    session.flush()
    assert document.id is not None
    session.add_all([Page(document_id=document.id, number=number) for number in range(1, pages + 1)])
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
        **({"drawn_from": file.drawn_from} if file.drawn_from else {}),
    }


def put_aside(session: Session, document: Document, why: str, by: str, now: dt.datetime) -> None:
    """Set all pages of a document aside that no referral holds, with the reason; the document is then sorted."""
    pages = session.exec(select(Page).where(Page.document_id == document.id, col(Page.aside_why).is_(None))).all()
    record_all(session, [_set_aside(session, page, why, by, now) for page in pages])
    if document.state == "RECEIVED":
        move(session, document, "READ", by, now)
    if document.state in {"READ", "STUCK"}:
        move(session, document, "SORTED", by, now)


def aside(session: Session, page: Page, why: str, by: str, now: dt.datetime) -> None:
    """Set one page aside; never without a reason."""
    record_all(session, [_set_aside(session, page, why, by, now)])


def _set_aside(session: Session, page: Page, why: str, by: str, now: dt.datetime) -> Line:
    if not why.strip():
        raise Refused("reason", "A page is only set aside with a reason.", "Give one with --why.")
    page.aside_why, page.aside_by, page.aside_at = why, by, now
    session.add(page)
    return Line("page.aside", f"page {page.id}", by, now, {"document": page.document_id, "number": page.number})
