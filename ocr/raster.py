"""Turns the bytes of any file into page pictures, or into one sentence on why a person must open it.

The type is told by the content, never by a name or a header. It is meant to be called inside a process with limits on memory and
time, and bounds itself too: pages, pixels of a page, bytes of all pictures. Big libraries are imported when a file needs them.
"""

from __future__ import annotations

from ocr.sheet import USUAL_DPI, CannotOpen, Limits, Raster

__all__ = ["CannotOpen", "Raster", "count_pages", "media_type_of", "rasterise"]

_MAGIC = (
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp")
_AS_PDF = "ask the sender to send it as PDF or TIFF."
_UNKNOWN = "This file is of a kind that cannot be read as a fax: open it, and if it is a referral "
_OTHERS = (
    (b"%!PS", "This is a PostScript file, which is never opened by machine: " + _AS_PDF),
    (
        b"\xd0\xcf\x11\xe0",
        "This is an old Microsoft Office file: open it, print it to PDF and hand that in, or " + _AS_PDF,
    ),
    (
        b"PK\x03\x04",
        "This is a ZIP file or an Office document: open it, print its pages to PDF and hand that in, or " + _AS_PDF,
    ),
    (b"PK\x05\x06", "This is an empty ZIP file: " + _AS_PDF),
    (b"{\\rtf", "This is a Rich Text document: open it, print it to PDF and hand that in, or " + _AS_PDF),
    (b"Rar!", "This is a RAR archive: " + _AS_PDF),
    (b"7z\xbc\xaf", "This is a 7-Zip archive: " + _AS_PDF),
    (b"MZ", "This is a program, not a document: do not open it, and tell the IT service desk."),
)


def media_type_of(data: bytes) -> str:
    """The media type by content, for example `image/tiff`; empty when it is none that can be read."""
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    # Readers accept a PDF header anywhere in the first kilobyte: fax servers put mail or printer lines before it.
    return "application/pdf" if b"%PDF-" in data[:1024] and not data.startswith(b"%!PS") else ""


def rasterise(
    data: bytes,
    *,
    max_pages: int = 200,
    max_pixels: int = 40_000_000,
    dpi: int = USUAL_DPI,
    password: str | None = None,
) -> Raster:
    """Every page of a file as a picture; `max_pixels` holds for one page, `dpi` for pages that are drawn rather than scanned.

    Raises CannotOpen (empty, encrypted, damaged, unsupported_type, too_large, too_many_pages) with what a person should do. A page
    that fails is a RawPage with `failure`; the others are drawn (P7).
    """
    limits = Limits(max_pages, max_pixels, dpi)
    media_type = _supported(data)
    if media_type == "image/tiff":
        from ocr import tiff

        return tiff.rasterise(data, limits)
    if media_type in _PICTURES:
        from ocr import photo

        return photo.rasterise(data, media_type, limits)
    from ocr import pdf

    return pdf.rasterise(data, limits, password)


def count_pages(data: bytes) -> int:
    """How many pages a file has, without drawing any; raises CannotOpen as `rasterise` does, but never for too many pages."""
    media_type = _supported(data)
    if media_type == "image/tiff":
        from ocr import tiff

        return tiff.count(data)
    if media_type in _PICTURES:
        from ocr import photo

        photo.check(data, Limits())
        return 1
    from ocr import pdf

    return pdf.count(data)


def _supported(data: bytes) -> str:
    if not data.strip(b"\x00\r\n\t "):
        raise CannotOpen("empty", "This file is empty: ask the sender to send it again.")
    media_type = media_type_of(data)
    if media_type:
        return media_type
    for magic, says in _OTHERS:
        if data.startswith(magic):
            raise CannotOpen("unsupported_type", says)
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif"):
        raise CannotOpen(
            "unsupported_type", "This is a phone photograph in a format that cannot be read here: " + _AS_PDF
        )
    raise CannotOpen(
        "unsupported_type",
        _UNKNOWN + _AS_PDF,
    )
