"""Pages as the database keeps them: their upright pictures, words, tick boxes and quality, and the way back to what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from gateway.store import keep_blob
from gateway.tables import Document
from gateway.tables import Page as PageRow
from ocr.page import Box, Line, Page, TickBox


def keep_pages(
    session: Session, document: Document, pages: Sequence[Page], marks: Mapping[int, str] | None = None
) -> None:
    """Store the upright picture, the words, the tick boxes and the quality of each page beside its row.

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
            row.ticks = [{"box": t.box.as_list(), "ticked": t.ticked, "ink": t.ink} for t in page.ticks]
            row.failure = page.failure
            row.fingerprint = (marks or {}).get(page.number)
        session.add(row)


def read_page_of(row: PageRow, picture: bytes = b"") -> Page:
    """The stored page as the readers speak of it; its lines know no single words, and it has its picture only where one is given."""
    lines = tuple(Line(x["text"], Box(*x["box"]), (), 0.0, x.get("reader", "")) for x in row.lines if x.get("box"))
    ticks = tuple(TickBox(Box(*t["box"]), t["ticked"], t["ink"]) for t in row.ticks or ())
    return Page(row.number, picture, row.width, row.height, lines, ticks)
