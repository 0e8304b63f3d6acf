"""The referral letter as files for e-RS: the stored page pictures as one searchable PDF, in parts of at most 5 MB.

The same pages give the same bytes, so that a file which was uploaded before a crash is recognised after it. Names are plain
ASCII and hold our reference only, nothing of the patient (P8, A020).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas
from sqlmodel import Session, col, select

from gateway.pdf_parts import ROOM, in_parts, written
from gateway.store import get_blob
from gateway.tables import Document, Page, PageUse, Referral

LARGEST = 5_242_880  # bytes (A020)
A4_SHORT = 595.0  # points
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).timetuple()


@dataclass(frozen=True)
class Enclosure:
    """One file to upload."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """The hash by which the file is recognised."""
        return hashlib.sha256(self.content).hexdigest()


def enclosures(session: Session, referral: Referral, *, largest: int = LARGEST) -> list[Enclosure]:
    """The files of a referral, in order; empty where there is no page at all (a referral taken by telephone)."""
    pages = list(
        session.exec(
            select(Page)
            .join(PageUse, col(PageUse.page_id) == Page.id)
            .where(PageUse.referral_id == referral.id)
            .order_by(col(PageUse.position), col(Page.id))
        )
    )
    stem = "referral-" + "".join(c for c in referral.code if c.isascii() and c.isalnum())
    if referral.origin == "typed":
        originals = _originals(session, pages)
        if originals:
            return _named(stem, originals)
    return _named(stem, in_parts([_page_pdf(session, page, largest - ROOM) for page in pages], largest))


def _named(stem: str, contents: Sequence[bytes]) -> list[Enclosure]:
    if len(contents) == 1:
        return [Enclosure(f"{stem}.pdf", "application/pdf", contents[0])]
    total = len(contents)
    return [
        Enclosure(f"{stem}-part{number}of{total}.pdf", "application/pdf", content)
        for number, content in enumerate(contents, 1)
    ]


def _originals(session: Session, pages: Sequence[Page]) -> list[bytes]:
    """The documents of a typed referral as they were given, where all are PDFs and every page of them is ours.

    One that is too large for e-RS was divided by its pages when it was given (gateway.typed_papers): a stranger's file is not
    parsed here. A single page that is too large stays whole, and the release says so.
    """
    contents: list[bytes] = []
    for document_id in dict.fromkeys(page.document_id for page in pages):
        document = session.get_one(Document, document_id)
        ours = sum(1 for page in pages if page.document_id == document_id)
        for file in document.files:
            if file.get("media_type") != "application/pdf" or ours != document.pages_received:
                return []
            contents += [get_blob(session, str(sha256)) for sha256 in file.get("parts") or [file["sha256"]]]
    return contents


def _page_pdf(session: Session, page: Page, largest: int) -> bytes:
    if page.picture_sha256 is None:
        return _note(
            f"Page {page.number} of the fax could not be turned into a picture. Ask the referral office for it."
        )
    with Image.open(io.BytesIO(get_blob(session, page.picture_sha256))) as picture:
        picture.load()
        last = b""
        for candidate, options in _smaller(picture):
            last = _with_words(_picture_pdf(candidate, options), page.lines)
            if len(last) <= largest:
                break
        return last


def _smaller(picture: Image.Image) -> Iterator[tuple[Image.Image, dict[str, Any]]]:
    """The picture as it is (G4 when black and white, else a good JPEG), then ever smaller."""
    if picture.mode == "1" or _two_tones(picture):
        yield picture.convert("1", dither=Image.Dither.NONE), {}
    tones = picture if picture.mode in ("L", "RGB") else picture.convert("L" if picture.mode == "1" else "RGB")
    for share, quality in ((1.0, 85), (1.0, 70), (0.75, 70), (0.5, 60), (0.33, 50)):
        size = (max(1, round(tones.width * share)), max(1, round(tones.height * share)))
        yield tones if share == 1.0 else tones.resize(size), {"quality": quality}


def _two_tones(picture: Image.Image) -> bool:
    """Whether a grey picture holds black and white only, as a fax does."""
    if picture.mode != "L":
        return False
    counts = picture.histogram()
    return counts[0] + counts[255] == picture.width * picture.height


def _picture_pdf(picture: Image.Image, options: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    resolution = picture.width * 72.0 / (A4_SHORT if picture.width <= picture.height else A4_SHORT * 297 / 210)
    picture.save(out, "PDF", resolution=resolution, creationDate=EPOCH, modDate=EPOCH, **options)
    return out.getvalue()


def _with_words(pdf: bytes, lines: Sequence[dict[str, Any]]) -> bytes:
    """Lay the words that were read over the picture, invisibly, so that the letter can be searched."""
    writer = PdfWriter()
    writer.append(io.BytesIO(pdf))
    sheet = writer.pages[0]
    width, height = float(sheet.mediabox.width), float(sheet.mediabox.height)
    # two readers may have read the page: the words of one are enough
    first = next((line.get("reader") for line in lines), None)
    laid = [
        (line["text"], line["box"])
        for line in lines
        if line.get("text") and line.get("box") and line.get("reader") == first
    ]
    if laid:
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=(width, height), invariant=1, pageCompression=1)
        for text, (left, _top, right, bottom) in laid:
            _lay(canvas, str(text), left * width, (1 - bottom) * height, (right - left) * width)
        canvas.showPage()
        canvas.save()
        sheet.merge_page(PdfReader(out).pages[0])
    return written(writer)


def _lay(canvas: Canvas, text: str, left: float, base: float, width: float) -> None:
    # the built-in font knows Latin 1; what it does not know is still in the picture
    plain = text.encode("latin-1", "ignore").decode("latin-1")
    natural = canvas.stringWidth(plain, "Helvetica", 8)
    if natural <= 0 or width <= 0:
        return
    words = canvas.beginText(left, base)
    words.setTextRenderMode(3)
    words.setFont("Helvetica", 8)
    words.setHorizScale(100.0 * width / natural)
    words.textOut(plain)
    canvas.drawText(words)


def _note(text: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(A4_SHORT, 842), invariant=1)
    canvas.setFont("Helvetica", 12)
    canvas.drawString(60, 760, text)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
