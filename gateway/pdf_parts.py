"""PDFs put together from pages in parts of a given size, and a stranger's PDF taken apart into them (A020 takes at most 5 MB).

`divide` parses a stranger's file and therefore runs only in the confined child (gateway.jobs); `in_parts` gets pages that this
program wrote itself. The same pages give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter

ROOM = 20_000  # bytes that the frame of a PDF may take
MOST_GROWTH = 4  # times its own size that the pages of a PDF may take together when each stands alone


class CannotDivide(Exception):
    """The PDF cannot be taken apart; `says` tells why in a sentence that holds nothing of the file."""

    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


def divide(content: bytes, largest: int) -> list[bytes]:
    """The pages of a PDF as PDFs of at most `largest` bytes, in order; a single page that is larger stays whole.

    CannotDivide where the file cannot be read or where each page drags the whole file with it.
    """
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise CannotDivide("It is protected by a password.")
    pages: list[bytes] = []
    total = 0
    for sheet in reader.pages:
        writer = PdfWriter()
        writer.add_page(sheet)
        pages.append(written(writer))
        total += len(pages[-1])
        if total > MOST_GROWTH * max(len(content), largest):
            raise CannotDivide("Its pages cannot be separated: each of them needs most of the file.")
    if not pages:
        raise CannotDivide("It holds no page.")
    return in_parts(pages, largest)


def in_parts(pages: Sequence[bytes], largest: int) -> list[bytes]:
    """PDFs of pages put together in order, a new part where the next one would make it larger than `largest` bytes."""
    parts: list[bytes] = []
    held: list[bytes] = []
    for page in pages:
        # pages share nothing, so the sum of their sizes is an upper bound
        if held and sum(map(len, held)) + len(page) + ROOM > largest:
            parts.append(_joined(held))
            held = []
        held.append(page)
    return [*parts, _joined(held)] if held else parts


def _joined(pages: Sequence[bytes]) -> bytes:
    if len(pages) == 1:
        return pages[0]
    writer = PdfWriter()
    for page in pages:
        writer.append(io.BytesIO(page))
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    """The bytes of a PDF, without the date and program that would make them differ each time."""
    writer.metadata = None
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
