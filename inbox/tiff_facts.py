"""What a TIFF says about itself: its pages and the tags that fax servers write, read without opening its pictures."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_MOST_PAGES = 20_000
_MOST_ENTRIES = 400
_TEXT_TAGS = {270: "description", 271: "make", 272: "model", 305: "software", 306: "date"}
_FAX_SECONDS = 34910


@dataclass(frozen=True)
class TiffFacts:
    """Pages (directories in the chain), text tags of the first page by word, and whether the chain is broken or loops."""

    pages: int
    texts: dict[str, str] = field(default_factory=dict)
    receive_seconds: int | None = None
    damaged: bool = False


def tiff_facts(data: bytes) -> TiffFacts:
    """Walk the chain of directories once; never raises. BigTIFF counts as one page that was not looked into."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return TiffFacts(0, damaged=True)
    if data[2:4] in (b"+\0", b"\0+"):
        return TiffFacts(1)
    texts: dict[str, str] = {}
    seconds: int | None = None
    seen: set[int] = set()
    pages = 0
    offset = struct.unpack_from(order + "I", data, 4)[0]
    while offset:
        if offset in seen or offset + 2 > len(data) or pages >= _MOST_PAGES:
            return TiffFacts(pages, texts, seconds, damaged=True)
        seen.add(offset)
        count = struct.unpack_from(order + "H", data, offset)[0]
        end = offset + 2 + 12 * count
        if end + 4 > len(data):
            # A last directory without its link is a cut file; its page may still be readable.
            return TiffFacts(pages + (end <= len(data)), texts, seconds, damaged=True)
        if not pages:
            seconds = _read_tags(data, order, offset, min(count, _MOST_ENTRIES), texts)
        pages += 1
        offset = struct.unpack_from(order + "I", data, end)[0]
    return TiffFacts(pages, texts, seconds, damaged=pages == 0)


def _read_tags(data: bytes, order: str, offset: int, count: int, texts: dict[str, str]) -> int | None:
    seconds = None
    for index in range(count):
        at = offset + 2 + 12 * index
        tag, kind, length = struct.unpack_from(order + "HHI", data, at)
        if tag == _FAX_SECONDS and kind == 4:
            seconds = struct.unpack_from(order + "I", data, at + 8)[0]
        elif tag in _TEXT_TAGS and kind == 2:
            start = at + 8 if length <= 4 else struct.unpack_from(order + "I", data, at + 8)[0]
            raw = data[start : start + min(length, 1000)].split(b"\0")[0]
            texts[_TEXT_TAGS[tag]] = raw.decode("utf-8", "replace")
    return seconds
