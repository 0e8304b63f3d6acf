"""The jobs that child processes do: open a delivery, draw its pages, read and compare them. Nothing here knows the database.

`open_delivery`, `rasterise` and `divide_pdf` get the bytes of strangers and run confined; the reading jobs get pictures drawn here.
Arguments arrive as plain data (see gateway.sandbox) and are checked into their types first.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from gateway.form_job import try_form
from ocr.page import Box, Line, Page, RawPage
from templates.reading import DocumentReading

if TYPE_CHECKING:
    from ocr.pages import PageReader
    from ocr.raster import Raster
    from templates.form import Forms


# A delivery that claims more is not counted page by page: ten thousand rows in one transaction would keep the faxes of others
# waiting, and no machine reads them (P7).
MOST_PAGES = 1000


class Refuses(Exception):
    """A job says in a sentence why it cannot be done; a person takes over."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


@dataclass(frozen=True)
class OpenedFile:
    """One file of a delivery, opened as far as counting its pages. `trouble` is a code and a sentence where that failed.

    `drawn_from`: the hash of the letter of a word processor from which these pages were made here.
    """

    sha256: str
    data: bytes
    media_type: str
    declared_type: str | None
    name: str | None
    pages: int
    trouble: tuple[str, str] | None
    drawn_from: str | None = None

    @property
    def paper(self) -> str:
        """The hash by which the same bytes are known again."""
        return self.drawn_from or self.sha256


@dataclass(frozen=True)
class OpenedDocument:
    """One paper: its files in page order, and the same paper in other formats."""

    files: tuple[OpenedFile, ...]
    also: tuple[OpenedFile, ...]


@dataclass(frozen=True)
class OpenedDelivery:
    """What a delivery held."""

    documents: tuple[OpenedDocument, ...]
    hints: tuple[dict[str, Any], ...]
    flags: tuple[str, ...]
    says: str | None
    claimed_pages: int | None


def open_delivery(data: bytes, route: str, name: str | None) -> OpenedDelivery:
    """Take a mail or a file apart and count the pages of what it holds."""
    from inbox.mime import unpack

    found = unpack(data, route=route, name=name)
    left = [MOST_PAGES]
    return OpenedDelivery(
        documents=tuple(
            OpenedDocument(tuple(_opened(f, left) for f in d.files), tuple(_opened(f, [MOST_PAGES]) for f in d.also))
            for d in found.documents
        ),
        hints=tuple({"field": h.field, "value": h.value, "source": h.source} for h in found.hints),
        flags=tuple(found.flags),
        says=found.says,
        claimed_pages=found.claimed_pages,
    )


def open_divided(mails: list[bytes]) -> OpenedDelivery:
    """Take a mail apart that came in pieces; `too_few` where they do not make a whole."""
    from inbox.unpacked import UnpackLimits
    from inbox.wrappers import join_divided

    whole = join_divided(mails, UnpackLimits())
    if whole is None:
        raise Refuses("too_few", "The pieces of this divided mail do not make a whole.")
    return open_delivery(whole, "smtp", None)


def _opened(file: Any, left: list[int]) -> OpenedFile:
    """`left` is how many pages this delivery may still have, lowered here."""
    from ocr.raster import CannotOpen, count_pages
    from ocr.sheet import too_many

    trouble, pages = None, 1  # what cannot be opened counts as one page (P2)
    if file.unsupported:
        trouble = ("unsupported_type", file.unsupported)
    else:
        try:
            counted = max(1, count_pages(file.data))
            if counted > left[0]:
                raise too_many(counted, left[0])
            pages = counted
        except CannotOpen as why:
            trouble = (why.code, why.says)
    left[0] -= pages
    return OpenedFile(
        hashlib.sha256(file.data).hexdigest(), file.data, file.media_type, file.declared_type, file.name, pages, trouble
    )


def rasterise(data: bytes) -> Raster:
    """Draw the pages of one file."""
    from ocr.raster import CannotOpen
    from ocr.raster import rasterise as draw

    try:
        return draw(data)
    except CannotOpen as why:
        raise Refuses(why.code, why.says) from None


def divide_pdf(data: bytes, largest: int) -> list[bytes]:
    """A PDF by its pages in parts of at most so many bytes."""
    from gateway.pdf_parts import CannotDivide, divide

    try:
        return divide(data, largest)
    except CannotDivide as why:
        raise Refuses("cannot_divide", why.says) from None


def read_page(raw: dict[str, Any]) -> Page:
    """Read one drawn page."""
    return _reader().read(TypeAdapter(RawPage).validate_python(raw))


def read_document(pages: list[dict[str, Any]], form_folders: list[str], today: str) -> DocumentReading:
    """Find the values on the pages of one document, asking the second reader where a value decides."""
    from templates.read import read_document as read

    read_pages = _pages(pages)
    by_number = {page.number: page for page in read_pages}

    def look(page_number: int, boxes: Sequence[Box], kind: str) -> Sequence[Line | None]:
        return _reader().second_look(by_number[page_number], boxes, kind)

    return read(read_pages, _forms_now(form_folders), look, dt.date.fromisoformat(today))


@dataclass(frozen=True)
class Match:
    """The page of an earlier paper that a page may be: numbers, the verdict of ocr.likeness, and how many letters the page has."""

    page: int
    earlier: int | None
    verdict: str
    letters: int


def fingerprints(pages: list[dict[str, Any]]) -> list[str]:
    """For each read page the short text by which the same sheet is found again."""
    from ocr.likeness import fingerprint

    return [fingerprint(page) for page in _pages(pages)]


def match_pages(pages: list[dict[str, Any]], earlier: list[dict[str, Any]]) -> list[Match]:
    """For each page the sheet of an earlier paper that it is, as far as it is one; each earlier sheet is used once."""
    from ocr.likeness import OTHER, compare, fingerprint, nearness

    known = {page.number: (page, fingerprint(page)) for page in _pages(earlier)}
    found = []
    for page in _pages(pages):
        mark = fingerprint(page)
        near = sorted(((nearness(mark, other), number) for number, (_, other) in known.items()), reverse=True)
        best, which = OTHER, None
        for _nearness, number in near[:3]:
            likeness = compare(known[number][0], page)
            if likeness.verdict == "same" or (likeness.verdict == "alike" and best.verdict == "other"):
                best, which = likeness, number
            if best.verdict == "same":
                break
        if which is not None and best.verdict == "same":
            del known[which]
        letters = sum(character.isalnum() for line in page.lines for character in line.text)
        found.append(Match(page.number, which, best.verdict, letters))
    return found


def _pages(pages: list[dict[str, Any]]) -> tuple[Page, ...]:
    return TypeAdapter(tuple[Page, ...]).validate_python(pages)


@cache
def _reader() -> PageReader:
    from ocr.pages import PageReader
    from ocr.readers import ReaderMissing

    try:
        return PageReader(scratch=Path(os.environ["TMPDIR"]))
    except ReaderMissing as missing:
        raise Refuses("reader_missing", missing.says) from None


def _forms_now(folders: Sequence[str]) -> Forms:
    """The forms as the folders hold them now: a form that a person saved is used from the next paper on, without a restart.

    While a file is wrong, the forms as they were last in order stay in use.
    """
    from templates.form import FormError

    there = tuple(folder for folder in folders if Path(folder).is_dir())
    seen = tuple(
        (str(file), about.st_mtime_ns, about.st_size)
        for folder in there
        for file in sorted(Path(folder).glob("*.toml"))
        if (about := _stat(file)) is not None
    )
    key = tuple(folders)
    try:
        _last_forms[key] = _forms(there, seen)
    except FormError:
        if key not in _last_forms:
            raise
    return _last_forms[key]


_last_forms: dict[tuple[str, ...], Forms] = {}


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except OSError:  # taken out this very moment
        return None


@lru_cache(maxsize=4)
def _forms(folders: tuple[str, ...], _seen: tuple[tuple[str, int, int], ...]) -> Forms:
    from templates.form import load_forms

    return load_forms([Path(folder) for folder in folders])


JOBS: dict[str, Callable[..., Any]] = {
    "open_delivery": open_delivery,
    "open_divided": open_divided,
    "rasterise": rasterise,
    "divide_pdf": divide_pdf,
    "read_page": read_page,
    "read_document": read_document,
    "fingerprints": fingerprints,
    "match_pages": match_pages,
    "try_form": try_form,
}
