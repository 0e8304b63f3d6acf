"""Reading a document: its files are drawn in the confined child, its pages read in a reading process, the words kept with them.

A page that breaks a reader loses only itself (P7); a document that cannot be drawn, or that ended its reader several times, is
STUCK and a person opens it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import logging
import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlmodel import Session, col, func, select

from gateway.errors import Later
from gateway.events import record
from gateway.jobs import Match
from gateway.kept_pages import keep_pages
from gateway.opening import FLAG_OF, put_aside
from gateway.queues import OPENING, READING
from gateway.referrals import values
from gateway.resends import Resend, likeliest, link, near_papers, read_pages, referrals_of, resend_of, says_otherwise
from gateway.sandbox import ChildFailed, JobFailed, Limits, ReadingProcess, run_job
from gateway.settings import ReadingSettings
from gateway.states import move
from gateway.store import Store, get_blob
from gateway.tables import Delivery, Document, Referral
from gateway.tables import Page as PageRow
from ocr.page import Page, Quality, RawPage
from ocr.sheet import Raster
from templates.reading import DocumentReading, Reason

MACHINE = "machine"
MOST_TRIES = 3

log = logging.getLogger("gateway.papers")


class Readers:
    """A few reading processes that jobs borrow; each loads its models once."""

    def __init__(self, count: int, scratch: Path, settings: ReadingSettings, form_folders: Sequence[Path]) -> None:
        self._settings = settings
        # the reader lives in a folder of its own, from where a relative path would lead astray
        self._folders = [str(folder.absolute()) for folder in form_folders]
        self._all = [ReadingProcess(scratch, settings.memory_mb) for _ in range(count)]
        self._free: queue.SimpleQueue[ReadingProcess] = queue.SimpleQueue()
        for process in self._all:
            self._free.put(process)

    @contextlib.contextmanager
    def _borrowed(self) -> Iterator[ReadingProcess]:
        process = self._free.get()
        try:
            yield process
        finally:
            self._free.put(process)

    def read_page(self, raw: RawPage) -> Page:
        """One page read; a page that breaks or outlasts the reader comes back with its `failure` (P7)."""
        with self._borrowed() as process:
            try:
                return process.call("read_page", Page, self._settings.seconds_per_page, raw=raw)
            except JobFailed as why:
                if why.code == "reader_missing":
                    raise Later("reader", why.says, "Then `gateway doctor` says whether all is there.") from None
                return _failed(raw.number, why.says)
            except ChildFailed as why:
                return _failed(raw.number, why.says)

    def read_document(self, pages: Sequence[Page], today: dt.date) -> DocumentReading:
        """The values on read pages. Raises ChildFailed when that broke the reader."""
        seconds = self._settings.seconds_per_page * max(1, len(pages))
        with self._borrowed() as process:
            reading: DocumentReading = process.call(
                "read_document",
                DocumentReading,
                seconds,
                pages=list(pages),
                form_folders=self._folders,
                today=today.isoformat(),
            )
        if any("no_second_reader" in page.quality.hazards for page in pages):
            return dataclasses.replace(reading, reasons=(*reading.reasons, _ALONE))
        return reading

    def fingerprints(self, pages: Sequence[Page]) -> dict[int, str]:
        """By page number, the short text by which the same sheet is found again; without those that have none."""
        with self._borrowed() as process:
            try:
                marks: list[str] = process.call(
                    "fingerprints", list[str], self._settings.seconds_per_page, pages=list(pages)
                )
            except ChildFailed:
                return {}
        return {page.number: mark for page, mark in zip(pages, marks, strict=True) if mark}

    def match(self, pages: Sequence[Page], earlier: Sequence[Page]) -> list[Match]:
        """Which sheets of an earlier paper these pages are. Raises ChildFailed when that broke the reader."""
        seconds = self._settings.seconds_per_page * max(1, len(pages))
        with self._borrowed() as process:
            return process.call("match_pages", list[Match], seconds, pages=list(pages), earlier=list(earlier))

    def close(self) -> None:
        """End all reading processes."""
        for process in self._all:
            process.close()


_ALONE = Reason(
    "no_second_reader",
    "Tesseract, the second reader, is not installed on this machine (apt-get install tesseract-ocr): compare every value.",
)


def _failed(number: int, says: str) -> Page:
    return Page(number, b"", 0, 0, (), quality=Quality(0.0, ("unreadable",)), failure=says)


def draw(files: Sequence[bytes], scratch: Path, read: Callable[[RawPage], Page]) -> list[Page]:
    """Draw and read the files of one document, its pages numbered through. ChildFailed when a file cannot be drawn."""
    pages: list[Page] = []
    for data in files:
        raster: Raster = run_job("rasterise", Raster, scratch, Limits(), data=data)
        for raw in raster.pages:
            pages.append(read(dataclasses.replace(raw, number=len(pages) + 1)))
    return pages


class Sorts(Protocol):
    """Turns what was read into referrals, and raises a question on one of them (gateway.sorting)."""

    def sort(self, session: Session, document: Document, reading: DocumentReading, now: dt.datetime) -> list[Referral]:
        """Make the referrals of a document that was just read and move it to SORTED."""
        ...

    def ask(self, session: Session, referral: Referral, code: str, says: str, now: dt.datetime) -> None:
        """Raise a question on a referral and weigh it again."""
        ...


@dataclass(frozen=True)
class Papers:
    """The job that reads documents; call it with a document's row number."""

    store: Store
    readers: Readers
    sorter: Sorts
    scratch: Path
    clock: Callable[[], dt.datetime]

    def __call__(self, document_id: int) -> None:
        """Read and sort it; a document that is sorted or waits for a person is left as it is."""
        files = self._begin(document_id)
        if files is None:
            return
        try:
            pages = draw(files, self.scratch, self.readers.read_page)
            reading = (
                self.readers.read_document(pages, self.clock().date()) if any(not p.failure for p in pages) else None
            )
        except ChildFailed as why:
            self._stuck(document_id, why.code, why.says)
            return
        if reading is None:
            self._stuck(document_id, "unreadable", "None of its pages could be read; open the original.", pages)
            return
        marks = self.readers.fingerprints(pages)
        compared: dict[int, Resend | None] = {}
        while not self._sorted(document_id, pages, reading, marks, compared):
            # a paper that looks like this one is there, or was sorted while this one was read: it is compared first
            self._compare(document_id, pages, marks, compared)

    def _sorted(
        self,
        document_id: int,
        pages: Sequence[Page],
        reading: DocumentReading,
        marks: Mapping[int, str],
        compared: Mapping[int, Resend | None],
    ) -> bool:
        with self.store.write() as session:
            document = session.get(Document, document_id, with_for_update=True)
            if document is None or document.state != "RECEIVED":
                return True
            if set(near_papers(session, document, marks)) - set(compared):
                return False
            resend = likeliest(compared.values())
            keep_pages(session, document, pages, marks)
            document.document_type = reading.document_type
            record(session, "document.read", f"document {document_id}", MACHINE, self.clock(), {"pages": len(pages)})
            move(session, document, "READ", MACHINE, self.clock())
            if resend is not None and repeats(session, document, resend, reading, self.clock()):
                return True
            made = self.sorter.sort(session, document, reading, self.clock())
            if resend is not None:
                doubt(session, self.sorter, document, resend, made, self.clock())
            return True

    def _compare(
        self,
        document_id: int,
        pages: Sequence[Page],
        marks: Mapping[int, str],
        compared: dict[int, Resend | None],
    ) -> None:
        """Compare with the earlier papers not compared yet. Trouble with it never holds the paper up (P7)."""
        with self.store.read() as session:
            document = session.get(Document, document_id)
            near = near_papers(session, document, marks) if document else []
            papers = {number: read_pages(session, number, get_blob) for number in near if number not in compared}
        for number, earlier in papers.items():
            try:
                compared[number] = resend_of(number, self.readers.match(pages, earlier))
            except ChildFailed as why:
                compared[number] = None
                log.warning("document %d could not be compared with document %d: %s", document_id, number, why.says)

    def _begin(self, document_id: int) -> list[bytes] | None:
        """Book the try before it is made: a document that kills its reader must not do so for ever."""
        with self.store.write() as session:
            document = session.get(Document, document_id, with_for_update=True)
            if document is None or document.state != "RECEIVED":
                return None
            document.tries += 1
            session.add(document)
            if document.tries <= MOST_TRIES:
                return [get_blob(session, file["sha256"]) for file in document.files]
        self._stuck(
            document_id, "tries", f"Reading it was begun {MOST_TRIES} times and never ended; open the original."
        )
        return None

    def _stuck(self, document_id: int, code: str, says: str, pages: Sequence[Page] = ()) -> None:
        with self.store.write() as session:
            document = session.get(Document, document_id, with_for_update=True)
            if document is None or document.state != "RECEIVED":
                return
            keep_pages(session, document, pages)
            document.says = says
            delivery = session.get(Delivery, document.delivery_id)
            if delivery is not None and code in FLAG_OF:
                delivery.flags = sorted({*delivery.flags, FLAG_OF[code]})
                session.add(delivery)
            move(session, document, "STUCK", MACHINE, self.clock(), why=code)


def repeats(session: Session, document: Document, resend: Resend, reading: DocumentReading, now: dt.datetime) -> bool:
    """Whether it is proven that this paper came before; its pages are then set aside, and both deliveries are linked."""
    earlier, delivery = session.get(Document, resend.document_id), session.get(Delivery, document.delivery_id)
    if resend.kind != "same" or earlier is None or delivery is None or earlier.state != "SORTED":
        return False
    first = session.get(Delivery, earlier.delivery_id)
    values = {field: str(found.value) for part in reading.parts for field, found in part.readings.items()}
    if first is None or first.duplicate_of is not None or says_otherwise(session, resend.document_id, values):
        return False
    why = f"Duplicate of {first.code}: the same pages arrived before."
    put_aside(session, document, why, MACHINE, now)
    rest = session.exec(
        select(PageRow.id)
        .join(Document, col(Document.id) == PageRow.document_id)
        .where(Document.delivery_id == delivery.id, func.coalesce(PageRow.aside_why, "") != why)
    )
    link(session, delivery, first, "the same pages arrived before", now, proven=rest.first() is None)
    return True


def doubt(
    session: Session, sorter: Sorts, document: Document, resend: Resend, made: Sequence[Referral], now: dt.datetime
) -> None:
    """This paper came before in part, or looks as if: both are linked, and a person looks at them side by side."""
    earlier, delivery = session.get(Document, resend.document_id), session.get(Delivery, document.delivery_id)
    if earlier is None or delivery is None or delivery.duplicate_of is not None:
        return
    first = session.get(Delivery, earlier.delivery_id)
    if first is None:
        return
    others = [r for r in referrals_of(session, first, earlier.id) if r.state != "WITHDRAWN"]
    known = {(m.page, m.earlier) for m in resend.matches if m.verdict == "same"}
    if resend.kind == "part" and not _same_patient(session, made, others):
        return
    link(session, delivery, first, "some of its pages arrived before" if known else "it looks alike", now, proven=False)
    names = " and ".join(r.code for r in others) or "no referral"
    for referral in made:
        if resend.kind == "part":
            seen = ", ".join(str(page) for page, _ in sorted(known))
            new = ", ".join(str(m.page) for m in resend.matches if (m.page, m.earlier) not in known)
            says = (
                f"Page {seen} of it came before in {first.code} ({names}), page {new} did not: "
                "if a call broke, join the two; if not, go on."
            )
        else:
            says = f"It looks like {first.code} ({names}), but is not proven the same: compare both, and keep one if they are one."
        sorter.ask(session, referral, "sent_before", says, now)
    if resend.kind == "part" and made:
        for referral in others:
            if referral.state in {"IN_REVIEW", "READY"}:
                says = f"Pages of it came again in {delivery.code} ({made[0].code}), with others: if its call broke, join the two."
                sorter.ask(session, referral, "sent_again", says, now)


def _same_patient(session: Session, made: Sequence[Referral], others: Sequence[Referral]) -> bool:
    """False only where both have NHS numbers and none is the same: a leaflet that goes with everything is no broken call."""
    numbers = [{str(v) for r in some if (v := values(session, r).get("patient.nhs_number"))} for some in (made, others)]
    return not all(numbers) or bool(numbers[0] & numbers[1])


def unfinished(session: Session) -> dict[str, list[int]]:
    """Rows whose work may have lost its job, by queue."""

    waiting = session.exec(select(Delivery.id).where(Delivery.outcome == "waiting"))
    unread = session.exec(select(Document.id).where(Document.state == "RECEIVED"))
    return {OPENING: [i for i in waiting if i is not None], READING: [i for i in unread if i is not None]}
