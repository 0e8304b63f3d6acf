"""Fuzzing of everything that meets a stranger's bytes: mails, TIFF, PDF, and the reading of forms.

A case that raises what it should not, takes too long or kills the process is written into the folder of findings and kept as a
test from then on. Called as `python tests/faults/fuzzing.py mail 480 1 FOLDER`.
"""

from __future__ import annotations

import datetime as dt
import io
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS_A_CASE = 30
MEMORY_MB = 1500


def changed(data: bytes, seeds: list[bytes], words: list[bytes], chance: random.Random) -> bytes:
    """Bytes flipped, cut, doubled, mixed with another seed, numbers made extreme."""
    out = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at = chance.randrange(len(out) + 1)
        way = chance.randrange(7)
        if way == 0 and out:
            out[min(at, len(out) - 1)] ^= 1 << chance.randrange(8)
        elif way == 1:
            out[at:at] = chance.choice(words)
        elif way == 2:
            del out[at : at + chance.choice([1, 4, 50, 1000])]
        elif way == 3:
            other = chance.choice(seeds)
            start = chance.randrange(len(other))
            out[at:at] = other[start : start + chance.choice([8, 100, 2000])]
        elif way == 4:
            out[at : at + 4] = chance.choice(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"]
            )
        elif way == 5:
            piece = bytes(out[at : at + chance.choice([4, 60, 400])])
            out[at:at] = piece * chance.choice([2, 10, 100])
        else:
            out = out[:at]
    return bytes(out[:2_000_000])


def mail_target(data: bytes) -> None:
    """Never raises, whatever the bytes; ends in a document or a sentence."""
    from inbox import mime
    from inbox.unpacked import UnpackLimits

    found = mime._unpack_mail(data, UnpackLimits())
    assert found.documents or found.says
    assert mime._unpack_file(data, "x").documents


def paper_target(data: bytes) -> None:
    """A drawing, or one sentence; nothing else is raised."""
    from ocr.raster import CannotOpen, count_pages, rasterise

    try:
        count_pages(data)
        for page in rasterise(data, max_pages=20).pages:
            assert page.picture or page.failure
    except CannotOpen as why:
        assert why.says


_forms: Any = None


def form_target(data: bytes) -> None:
    """Words in any order and shape are read without an exception, and no box lies off the page."""
    from ocr.page import Box, Line, Page, Quality, TickBox, Word
    from templates.form import load_forms
    from templates.read import read_document

    global _forms
    _forms = _forms or load_forms([])
    text = data.decode("utf-8", "replace")
    chance = random.Random(data)
    pages = []
    for number, sheet in enumerate(text.split("\f")[:4], 1):
        lines, ticks = [], []
        for row, words in enumerate(sheet.splitlines()[:80]):
            top = min(0.98, 0.02 + row * 0.012)
            for column, piece in enumerate(words.split("\t")[:4]):
                left = min(0.9, 0.05 + column * 0.25)
                box = Box(left, top, min(1.0, left + 0.01 * (1 + len(piece))), min(1.0, top + 0.01))
                spoken = tuple(Word(w, box, 0.9) for w in piece.split())
                if spoken:
                    lines.append(Line(piece, box, spoken, 0.9, chance.choice(["ppocr", "tesseract", "text layer"])))
                if chance.random() < 0.1:
                    side = Box(max(0.0, left - 0.02), top, max(0.01, left - 0.01), min(1.0, top + 0.01))
                    ticks.append(TickBox(side, chance.choice([True, False, None]), 0.2))
        pages.append(Page(number, b"", 1700, 2200, tuple(lines), tuple(ticks), Quality(0.9)))
    found = read_document(pages, _forms, lambda _n, boxes, _kind: [None] * len(boxes), dt.date(2026, 11, 20))
    for part in found.parts:
        assert all(1 <= page <= len(pages) for page in part.pages)
        assert all(reading.value != "" for reading in part.readings.values())


def mail_seeds() -> tuple[list[bytes], list[bytes]]:
    sys.path[:0] = [str(Path(__file__).parent.parent / "inbox")]
    import mails
    import test_hostile_mails as hostile

    return [*hostile.SEEDS, mails.plain("Pages: 3\nCallID1: 0113", subject="Fax received")], hostile.WORDS


def tiff_seeds() -> tuple[list[bytes], list[bytes]]:
    from PIL import Image
    from sample_papers import fax_tiff, faxed, written_page

    seeds = [fax_tiff(2), faxed(written_page("a letter", "of two lines"))]
    for compression in ("group3", "tiff_lzw", "jpeg", "packbits", "tiff_deflate"):
        out = io.BytesIO()
        mode = "1" if compression == "group3" else "L"
        Image.effect_noise((200, 300), 60).convert(mode).save(out, "TIFF", compression=compression)
        seeds.append(out.getvalue())
    return seeds, [b"II*\0", b"MM\0*", b"\x00\x01\x03\x00", b"\x11\x01", b"\x03\x01", b"\xff\xff\xff\xff"]


def pdf_seeds() -> tuple[list[bytes], list[bytes]]:
    from PIL import Image
    from reportlab.pdfgen.canvas import Canvas
    from sample_papers import fax_page

    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=0)
    for number in range(2):
        canvas.drawString(100, 700, f"Referral page {number}")
        canvas.showPage()
    canvas.save()
    picture = io.BytesIO()
    fax_page("a fax").save(picture, "PDF", resolution=200, save_all=True, append_images=[Image.new("L", (99, 99))])
    words = [b"/Kids", b"/Parent", b"0 0 R", b"1 0 R", b"/MediaBox [0 0 1e9 1e9]", b"/Length 999999", b"/Filter/FlateDecode",
             b"/Encrypt 1 0 R", b"endobj", b"stream", b"endstream", b"xref", b"trailer", b"startxref", b"/Count 10000", b"<<", b">>"]  # fmt: skip
    return [out.getvalue(), picture.getvalue()], words


def form_seeds() -> tuple[list[bytes], list[bytes]]:
    words = ["NHS No:", "999 000 0018", "Date of birth", "01/02/1980", "Surname", "ASHDOWN", "Re:", "Dear Dr", "Priority", "2WW",
             "Page 1 of 3", "\t", "\n", "\f", "GP", "Practice code", "B87030", "LS1 1AA", "31 February 2026", "٣٤", "İ", "\u202e", "Ⅳ",
             "urgent", "Referral date:", "Further to my referral", "0113 496 0001", "X", "☑", "Consultant:", "9" * 60]  # fmt: skip
    letter = "Dear Colleague\nRe: Ann ASHDOWN\tDOB 01/02/1980\nNHS No: 999 000 0018\nPriority: urgent\nThank you for seeing her.\n"
    form = "REFERRAL FORM\nSurname\tASHDOWN\nForename\tANN\nNHS number\t9990000018\nDOB\t01/02/1980\n\fPage 2 of 2\nReason for referral\n"
    return [letter.encode(), form.encode()], [w.encode() for w in words]


TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], tuple[list[bytes], list[bytes]]]]] = {
    "mail": (mail_target, mail_seeds),
    "tiff": (paper_target, tiff_seeds),
    "pdf": (paper_target, pdf_seeds),
    "form": (form_target, form_seeds),
}


def too_long(*_: object) -> None:
    raise TimeoutError(f"longer than {SECONDS_A_CASE} seconds")


def fuzz(name: str, seconds: float, seed: int, folder: Path) -> tuple[int, int]:
    """Try changed seeds for so long; how many cases, and how many findings were written."""
    target, make_seeds = TARGETS[name]
    chance = random.Random(seed)
    seeds, words = make_seeds()
    folder.mkdir(parents=True, exist_ok=True)
    running = folder / f"{name}-running.bin"  # still there when the process is dead: the case that killed it
    signal.signal(signal.SIGALRM, too_long)
    cases, kinds = 0, set()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = changed(chance.choice(seeds), seeds, words, chance)
        running.write_bytes(data)
        signal.alarm(SECONDS_A_CASE)
        try:
            target(data)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = (type(error).__name__, where.filename, where.lineno)
            if kind not in kinds:
                kinds.add(kind)
                (folder / f"{name}-{len(kinds):03d}-{type(error).__name__}.bin").write_bytes(data)
                print(f"{name}: {type(error).__name__} in {Path(where.filename).name}:{where.lineno}", flush=True)
        finally:
            signal.alarm(0)
        cases += 1
    running.unlink()
    return cases, len(kinds)


if __name__ == "__main__":
    root = Path(__file__).parent.parent
    sys.path[:0] = [str(root.parent), str(root)]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    counted, found = fuzz(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    print(f"{sys.argv[1]}: {counted} cases in {sys.argv[2]} seconds, {found} findings")
    sys.exit(1 if found else 0)
