"""The files that faxes arrive as: multi-page TIFF, PDF around the fax picture or a JPEG scan, and pictures a page."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from gateway.rehearsal.fax_coding import ACROSS_DPI, WIDE, Coding, FaxPage, raw
from gateway.rehearsal.fax_noise import Grey


def _pdf(pages: Sequence[tuple[bytes, int, int, float, float, str]]) -> bytes:
    """A minimal PDF of one picture a page: data, pixels across and down, points across and down, filter entries of the picture."""
    objects: list[bytes] = [b"", b""]
    kids = []
    for data, across, down, wide, tall, entries in pages:
        head = f"<< /Type /XObject /Subtype /Image /Width {across} /Height {down} {entries} /Length {len(data)} >>\nstream\n"
        objects.append(head.encode() + data + b"\nendstream")
        picture = len(objects)
        content = f"q {wide:.2f} 0 0 {tall:.2f} 0 0 cm /Im0 Do Q".encode()
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide:.2f} {tall:.2f}] /Contents {picture + 1} 0 R "
            f"/Resources << /XObject << /Im0 {picture} 0 R >> >> >>".encode()
        )
        kids.append(len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def fax_pdf(pages: Sequence[FaxPage], coding: Coding) -> bytes:
    """A PDF around the coded fax pictures, as fax servers make it; the page is as large as the paper was."""
    made = []
    for page in pages:
        tall = len(page.bits)
        k = -1 if coding == "group4" else 0
        ends = " /EndOfLine true /EndOfBlock false" if coding == "group3" else ""
        entries = (
            "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
            f"/DecodeParms << /K {k} /Columns {WIDE} /Rows {tall}{ends} >>"
        )
        made.append((raw(page.bits, coding), WIDE, tall, WIDE * 72 / ACROSS_DPI, tall * 72 / page.down_dpi, entries))
    return _pdf(made)


def jpeg(page: Grey, dpi: int, quality: int) -> bytes:
    """A grey JPEG of a page whose pixels are at `dpi`."""
    out = io.BytesIO()
    Image.fromarray(page).save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()


def png(page: Grey, dpi: int) -> bytes:
    """A PNG of a page whose pixels are at `dpi`."""
    out = io.BytesIO()
    Image.fromarray(page).save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def scan_pdf(pages: Sequence[Grey], dpi: int, quality: int) -> bytes:
    """A PDF of JPEG pages, as multi-function devices send it."""
    made = []
    for page in pages:
        tall, wide = page.shape
        entries = "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode"
        made.append((jpeg(page, dpi, quality), wide, tall, wide * 72 / dpi, tall * 72 / dpi, entries))
    return _pdf(made)
