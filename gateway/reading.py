"""One file read from bytes to verdict without any database: what `gateway read` prints, in the form of the public
contract.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.checks import Judged, JudgedField, Practices, judge
from gateway.patients import PatientIndex
from ocr.page import Box, Line, Page, RawPage
from templates.form import Forms
from templates.read import read_document
from templates.reading import DocumentReading

Rasterise = Callable[[bytes], Sequence[RawPage]]


class Reader(Protocol):
    """What reads pages (ocr.pages.PageReader): whole pages, and boxes of a page once more by the independent second
    reader.
    """

    def read(self, raw: RawPage) -> Page:
        """The page upright, with its words."""
        ...

    def second_look(self, page: Page, boxes: Sequence[Box], kind: str) -> Sequence[Line | None]:
        """What the second reader sees in each box."""
        ...


class CannotRead(Exception):
    """A file of which no page could be drawn. `says` tells a clerk what it is and what to do; it holds no patient
    data.
    """

    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


@dataclass(frozen=True)
class FileReading:
    """A file read and judged. `trouble` says why it could not be read at all; then there are no pages."""

    pages: tuple[Page, ...]
    reading: DocumentReading
    judged: Judged
    trouble: str | None = None


_NOTHING = DocumentReading("other", ())


def unreadable(says: str = "The file has no pages: ask the sender for it again.") -> FileReading:
    """The reading of a file of which nothing could be read, with the reason for a person."""
    return FileReading((), _NOTHING, Judged(()), says)


def read_file(
    data: bytes,
    *,
    reader: Reader,
    rasterise: Rasterise,
    forms: Forms,
    index: PatientIndex | None,
    practices: Practices | None,
    today: dt.date,
) -> FileReading:
    """Draw, read, understand and judge one file.

    `rasterise` runs in the caller's sandbox and raises CannotRead for what it refuses; that ends here as `trouble`. A
    page that fails
    leaves the others read (P7).
    """
    try:
        raw = list(rasterise(data))
    except CannotRead as why:
        return unreadable(why.says)
    if not raw:
        return unreadable()
    pages = tuple(reader.read(page) for page in raw)
    return judge_pages(pages, reader=reader, forms=forms, index=index, practices=practices, today=today)


def judge_pages(
    pages: tuple[Page, ...],
    *,
    reader: Reader,
    forms: Forms,
    index: PatientIndex | None,
    practices: Practices | None,
    today: dt.date,
) -> FileReading:
    """Understand and judge pages that were read already."""
    by_number = {p.number: p for p in pages}

    def look(page_number: int, boxes: Sequence[Box], kind: str) -> Sequence[Line | None]:
        return reader.second_look(by_number[page_number], boxes, kind)

    reading = read_document(pages, forms, look, today)
    return FileReading(pages, reading, judge(reading, index, practices, today))


def _field(judged: JudgedField) -> dict[str, Any]:
    r = judged.reading
    return {
        "value": r.value,
        "confidence": judged.confidence,
        "accepted": judged.accepted,
        "page": r.page,
        "box": r.box.as_list(),
        "how": judged.how,
    }


def as_json(file_name: str, read: FileReading) -> dict[str, Any]:
    """The one object that `gateway read --json` prints for a file (design section 7)."""
    line: dict[str, Any] = {
        "file": file_name,
        "document_type": "other",
        "status": "review",
        "form": None,
        "pages": len(read.pages),
        "fields": {},
        "reasons": [],
    }
    if read.trouble is not None:
        return {**line, "pages": 0, "reasons": [read.trouble]}
    reasons = [r.says for r in read.reading.reasons]
    for part in read.judged.parts:
        reasons += [r.says for r in part.reasons]
    reasons += (
        [f"page {n}: {why}" for n, why in sorted(read.reading.other_pages.items())] if not read.judged.parts else []
    )
    parts = read.judged.parts
    line["document_type"] = read.reading.document_type
    line["reasons"] = list(dict.fromkeys(reasons))
    if parts:
        line["status"] = "ready" if read.judged.ready else "review"
        line["form"] = parts[0].part.form
        line["fields"] = {name: _field(f) for name, f in parts[0].fields.items()}
    if len(parts) > 1:
        line["more"] = [
            {"pages": list(p.part.pages), "fields": {name: _field(f) for name, f in p.fields.items()}}
            for p in parts[1:]
        ]
    return line
