"""Opens PDF files with PDFium (never Ghostscript): scans at their own resolution, drawn pages at a fixed one, and real text layers.

A page that is one scanned picture is drawn so that one pixel of the scan is one pixel of the page. Text is taken only from pages
that were born digital; the invisible words that a scanner's OCR lays over a picture are not evidence.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ocr.jbig2 import may_be_lossy
from ocr.page import RawPage
from ocr.sheet import LARGEST_DPI, Budget, CannotOpen, Limits, Raster, failed, raw_page, too_many
from ocr.text_layer import words_of

MEDIA_TYPE = "application/pdf"
_COVERS = 0.5  # share of the page from which on a picture makes it a scan
_HAIR_LESS = 0.99999  # PDFium rounds sizes up: without this a scan of 2,200 rows would be drawn, and blurred, on 2,201
_MOST_OBJECTS = 4000  # looked at on one page to find pictures
_ASK = "open the original, or ask the sender to send it again."
_FAX_FILTERS = ("CCITTFaxDecode", "JBIG2Decode")

logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)  # its warnings may quote the document (P8)


@dataclass(frozen=True)
class Picture:
    """A picture on a page: the share of the page it covers, dots an inch, its coding, and whether that may be lossy."""

    covers: float
    dpi: float
    filters: tuple[str, ...]
    lossy: bool


def count(data: bytes) -> int:
    """How many pages a PDF has; CannotOpen (encrypted, damaged, empty) when it cannot be opened."""
    document = _open(data, None)
    try:
        return _count(document)
    finally:
        document.close()


def rasterise(data: bytes, limits: Limits, password: str | None = None) -> Raster:
    """Every page of a PDF as a picture, with the words of pages that were born digital."""
    document = _open(data, password)
    try:
        pages = _count(document)
        if pages > limits.max_pages:
            raise too_many(pages, limits.max_pages)
        hazards = list(_document_hazards(document))
        budget = Budget()
        drawn = [budget.take(_draw(document, number, limits)) for number in range(1, pages + 1)]
    finally:
        document.close()
    if all(p.failure for p in drawn):
        raise _damaged()
    hazards += [h for p in drawn for h in p.hazards]
    return Raster(tuple(drawn), pages, MEDIA_TYPE, tuple(dict.fromkeys(hazards)))


def _damaged() -> CannotOpen:
    return CannotOpen("damaged", "This PDF is damaged and cannot be shown: ask the sender to send it again.")


def _open(data: bytes, password: str | None) -> Any:
    import pypdfium2
    from pypdfium2 import raw

    try:
        return pypdfium2.PdfDocument(data, password=password)
    except pypdfium2.PdfiumError as problem:
        # PDFium's code may be left over from an earlier file, so the file itself must say so too.
        if problem.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) and b"/Encrypt" in data:
            says = "This PDF is locked with a password: ask the sender for a copy without one."
            raise CannotOpen("encrypted", says) from None
        if b"/Count 0" in data:
            raise _empty() from None
        raise _damaged() from None


def _empty() -> CannotOpen:
    return CannotOpen("empty", "This PDF has no pages: ask the sender to send it again.")


def _count(document: Any) -> int:
    pages = len(document)
    if pages < 1:
        raise _empty()
    return pages


def _document_hazards(document: Any) -> Iterator[str]:
    """What a person should know about the file: other files inside it, or a form that only Adobe Reader can show."""
    from pypdfium2 import raw

    if document.count_attachments() > 0:
        yield "attached_files"
    form = document.get_formtype()
    if form in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND):
        yield "dynamic_form"
    elif form != raw.FORMTYPE_NONE:
        document.init_forms()  # typed values of form fields are drawn only with this


def _draw(document: Any, number: int, limits: Limits) -> RawPage:
    import pypdfium2

    page = None
    try:
        page = document.get_page(number - 1)
        return _draw_open(page, number, limits)
    except (pypdfium2.PdfiumError, ValueError, OverflowError, MemoryError, OSError):
        return failed(
            number,
            f"Page {number} is damaged and cannot be shown: {_ASK}",
        )
    finally:
        if page is not None:
            page.close()


def _draw_open(page: Any, number: int, limits: Limits) -> RawPage:
    points = page.get_size()
    if not (0 < points[0] < 1e6 and 0 < points[1] < 1e6):
        return failed(number, f"Page {number} gives an impossible size: {_ASK}")
    pictures = list(_pictures(page, points[0] * points[1]))
    main = max(pictures, key=lambda p: p.covers, default=None)
    scan = main is not None and sum(p.covers for p in pictures) > _COVERS
    dpi = (
        min(float(LARGEST_DPI), max(100.0, main.dpi))
        if main is not None and main.covers > _COVERS
        else float(limits.dpi)
    )
    hazards = ["lossy"] if any(p.lossy for p in pictures) else []
    wanted = points[0] * points[1] * (dpi / 72) ** 2
    if wanted > limits.max_pixels:
        dpi *= (limits.max_pixels / wanted) ** 0.5
        hazards.append("reduced")
    if min(points) * dpi / 72 < 8:
        return failed(number, f"Page {number} is a thin strip that cannot be shown: open the original.")
    bitmap = page.render(scale=dpi / 72 * _HAIR_LESS, grayscale=True)
    try:
        picture = np.array(bitmap.to_numpy()).reshape(bitmap.height, -1)[:, : bitmap.width]
    finally:
        bitmap.close()
    if scan and main is not None and main.covers > 0.9 and main.filters and main.filters[-1] in _FAX_FILTERS:
        picture = np.where(picture < 128, 0, 255).astype(
            np.uint8
        )  # the drawing of a black and white scan is black and white
    drawn = raw_page(number, picture, max(1, round(dpi)), tuple(hazards))
    lines = () if scan else words_of(page, picture)
    return RawPage(number, drawn.picture, drawn.dpi, lines, hazards=drawn.hazards)


def _pictures(page: Any, page_area: float) -> Iterator[Picture]:
    """The pictures of a page that cover at least a hundredth of it."""
    from pypdfium2 import PdfiumError, raw

    kinds = [raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM]
    frame = [(0.0, 0.0)] * 16  # the size of the form that a nested picture lies in
    for seen, thing in enumerate(page.get_objects(filter=kinds, max_depth=5)):
        if seen > _MOST_OBJECTS:
            return
        try:
            left, bottom, right, top = thing.get_bounds()
            size = (right - left, top - bottom)
            if thing.type == raw.FPDF_PAGEOBJ_FORM:
                frame[thing.level + 1] = size
                continue
            if thing.level:
                size = frame[thing.level]
            pixels, filters = thing.get_px_size(), tuple(thing.get_filters())
            covers = min(1.0, abs(size[0] * size[1]) / page_area)
            if covers < 0.01 or min(pixels) < 2:
                continue
            lossy = "JBIG2Decode" in filters and may_be_lossy(bytes(thing.get_data(decode_simple=True)))
        except PdfiumError:
            continue
        yield Picture(covers, _dots_an_inch(thing, pixels, size), filters, lossy)


def _dots_an_inch(thing: Any, pixels: tuple[int, int], size: tuple[float, float]) -> float:
    """The finer of a picture's two resolutions (a standard fax has 204 across and 98 down)."""
    matrix = thing.get_matrix()
    across, down = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    if thing.level or min(across, down) < 1:  # inside a form the matrix is the form's own affair
        across, down = abs(size[0]), abs(size[1])
    return max(pixels[0] / max(across, 1e-3), pixels[1] / max(down, 1e-3)) * 72
