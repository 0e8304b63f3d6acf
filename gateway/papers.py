"""Reading a document: its files are drawn in the confined child, its pages read in a reading process, the words kept with them.

A page that breaks a reader loses only itself (P7); a document that cannot be drawn, or that ended its reader several times, is
STUCK and a person opens it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from gateway.errors import Later
from gateway.events import record
from gateway.queues import OPENING, READING
from gateway.sandbox import ChildFailed, JobFailed, Limits, ReadingProcess, run_job
from gateway.settings import ReadingSettings
from gateway.states import move
from gateway.store import Store, get_blob, keep_blob
from gateway.tables import Delivery, Document
from gateway.tables import Page as PageRow
from ocr.page import Page, Quality, RawPage
from ocr.sheet import Raster
from templates.reading import DocumentReading, Reason

MACHINE = "machine"
MOST_TRIES = 3


class Readers:
    """A few reading processes that jobs borrow; each loads its models once."""

    def __init__(self, count: int, scratch: Path, settings: ReadingSettings, form_folders: Sequence[Path]) -> None:
        self._settings = settings
        self._folders = [str(folder) for folder in form_folders]
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


@dataclass(frozen=True)
class Papers:
    """The job that reads documents; call it with a document's row number."""

    store: Store
    readers: Readers
    sort: Callable[[Session, Document, DocumentReading, dt.datetime], object]
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
        with self.store.write() as session:
            document = session.get(Document, document_id, with_for_update=True)
            if document is None or document.state != "RECEIVED":
                return
            keep_pages(session, document, pages)
            document.document_type = reading.document_type
            record(session, "document.read", f"document {document_id}", MACHINE, self.clock(), {"pages": len(pages)})
            move(session, document, "READ", MACHINE, self.clock())
            self.sort(session, document, reading, self.clock())

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
            move(session, document, "STUCK", MACHINE, self.clock(), why=code)


def keep_pages(session: Session, document: Document, pages: Sequence[Page]) -> None:
    """Store the upright picture, the words and the quality of each page beside its row.

    A file that turns out to have more or fewer pages than were counted at opening keeps its rows: those without a picture say so.
    """
    rows = session.exec(select(PageRow).where(PageRow.document_id == document.id).order_by(col(PageRow.number)))
    by_number = {page.number: page for page in pages}
    for row in rows:
        page = by_number.get(row.number)
        if page is None:
            row.failure = "This page was counted, but could not be drawn; open the original." if pages else None
        else:
            row.picture_sha256 = keep_blob(session, page.picture, "image/png") if page.picture else None
            row.width, row.height, row.turned = page.width, page.height, page.turned
            row.quality, row.hazards = page.quality.score, list(page.quality.hazards)
            row.lines = [{"text": line.text, "box": line.box.as_list(), "reader": line.reader} for line in page.lines]
            row.failure = page.failure
        session.add(row)


def unfinished(session: Session) -> dict[str, list[int]]:
    """Rows whose work may have lost its job, by queue."""

    waiting = session.exec(select(Delivery.id).where(Delivery.outcome == "waiting"))
    unread = session.exec(select(Document.id).where(Document.state == "RECEIVED"))
    return {OPENING: [i for i in waiting if i is not None], READING: [i for i in unread if i is not None]}
