"""Which files of one mail belong together: pages of one document, the same fax in two formats, logos that are no document."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass

from PIL import Image

from inbox.kinds import PICTURES, pdf_pages
from inbox.tiff_facts import tiff_facts
from inbox.unpacked import FoundDocument, FoundFile

_NUMBERED = re.compile(r"^(?P<stem>.*?)(?P<number>\d{1,6})$")


@dataclass(frozen=True)
class Candidate:
    """A file of a mail with what decides about it: whether it was shown inline and whether the HTML points at it."""

    file: FoundFile
    inline: bool
    referenced: bool


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from the header of a picture; None when it cannot be told."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP", "WEBP")) as picture:
                return picture.size
    except Exception:  # the library raises many kinds on hostile bytes; a bomb is simply not measured
        return None


def is_decoration(candidate: Candidate) -> bool:
    """A logo, a signature or a tracking dot: small, or not shaped like a page while the HTML uses it.

    When in doubt it is a document: a telephone photo sent inline is a page too (inbound-mail.md 2.2).
    """
    if candidate.file.media_type not in PICTURES:
        return False
    size = picture_size(candidate.file.data)
    if size is None:
        return False
    long, short = max(size), min(size)
    if long <= 160:
        return True
    if not (candidate.inline or candidate.referenced):
        return False
    like_paper = short >= 450 and long >= 600 and long / max(short, 1) <= 1.8
    if candidate.referenced and short < 900:
        return not (like_paper and long / short >= 1.2)
    return not (like_paper or (short >= 900 and long / short <= 3))


def page_count(file: FoundFile) -> int | None:
    """Pages of a readable file, None when they cannot be told here."""
    if file.media_type == "image/tiff":
        return tiff_facts(file.data).pages or None
    if file.media_type in PICTURES:
        return 1
    if file.media_type == "application/pdf" and file.unsupported is None:
        return pdf_pages(file.data)
    return None


def group(files: list[FoundFile], flags: list[str]) -> list[FoundDocument]:
    """Documents in the order of the mail. A wrong guess loses nothing: every file is in exactly one document."""
    if len(files) == 1:
        return [FoundDocument((files[0],))]
    counted = {id(file): page_count(file) for file in files}
    rest, twins = _same_fax_twice(files, counted)
    documents: list[FoundDocument] = []
    used: set[int] = set()
    for file in rest:
        if id(file) in used:
            continue
        pages = _pages_with(file, [other for other in rest if id(other) not in used], counted, flags)
        used.update(id(page) for page in pages)
        also = tuple(twin for page in pages for twin in twins.get(id(page), ()))
        documents.append(FoundDocument(tuple(pages), also))
    return documents


def _stem(file: FoundFile) -> str:
    return re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file.name).strip().lower()


def _same_fax_twice(
    files: list[FoundFile], counted: dict[int, int | None]
) -> tuple[list[FoundFile], dict[int, tuple[FoundFile, ...]]]:
    """TIFF and PDF of one fax: same name but for the ending, or the only two files with equally many pages.

    The TIFF is read, because it is what came over the line and carries the fax server's tags.
    """
    tiffs = [file for file in files if file.media_type == "image/tiff" and counted[id(file)]]
    pdfs = [file for file in files if file.media_type == "application/pdf" and file.unsupported is None]
    twins: dict[int, tuple[FoundFile, ...]] = {}
    paired: set[int] = set()
    for tiff in tiffs:
        for pdf in pdfs:
            if id(pdf) in paired:
                continue
            same_name = bool(_stem(tiff)) and _stem(tiff) == _stem(pdf)
            only_two = len(files) == 2
            known = counted[id(pdf)]
            if (same_name and known in (None, counted[id(tiff)])) or (only_two and known == counted[id(tiff)]):
                twins[id(tiff)] = (pdf,)
                paired.add(id(pdf))
                break
    return [file for file in files if id(file) not in paired], twins


def _pages_with(
    first: FoundFile, rest: list[FoundFile], counted: dict[int, int | None], flags: list[str]
) -> list[FoundFile]:
    """The single-page files that continue `first`: numbered names of one stem, or several of exactly one name."""
    if counted[id(first)] != 1 or first.unsupported:
        return [first]
    peers = [
        file for file in rest if file.media_type == first.media_type and counted[id(file)] == 1 and not file.unsupported
    ]
    same_name = [file for file in peers if _stem(file) == _stem(first)]
    if len(same_name) > 1:
        return same_name
    match = _NUMBERED.match(_stem(first))
    if match is None:
        return [first]
    numbered: dict[int, FoundFile] = {}
    for file in peers:
        other = _NUMBERED.match(_stem(file))
        if other and other["stem"] == match["stem"]:
            if int(other["number"]) in numbered:
                return [first]
            numbered[int(other["number"])] = file
    numbers = sorted(numbered)
    if len(numbers) < 2 or numbers[-1] - numbers[0] >= 2 * len(numbers):
        return [first]
    if numbers[-1] - numbers[0] >= len(numbers) or (numbers[0] > 1 and len(match["number"]) <= 4 and numbers[0] <= 3):
        _add(flags, "page_number_gap")
    return [numbered[number] for number in numbers]


def _add(flags: list[str], word: str) -> None:
    if word not in flags:
        flags.append(word)
