"""Builds mails as the senders of inbound-mail.md section 1 write them; all people and numbers are invented."""

from __future__ import annotations

import base64
import io
import struct

from PIL import Image


def tiff(pages: int = 1, shade: int = 1, **tags: str) -> bytes:
    pictures = [Image.new("1", (1728, 1100), shade) for _ in range(pages)]
    out = io.BytesIO()
    pictures[0].save(out, "TIFF", save_all=True, append_images=pictures[1:], compression="group4", **tags)
    return out.getvalue()


def picture(width: int, height: int, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, form)
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    pictures = [Image.new("1", (300, 400), 1) for _ in range(pages)]
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def locked_pdf() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def tnef(*files: tuple[str, bytes]) -> bytes:
    """A winmail.dat with these attachments (MS-OXTNEF, the old attributes)."""

    def item(level: int, name: int, kind: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    out = struct.pack("<IH", 0x223E9F78, 1) + item(1, 0x9006, 8, struct.pack("<I", 0x10000))
    for name, data in files:
        out += item(2, 0x9002, 6, bytes(14)) + item(2, 0x8010, 1, name.encode() + b"\0") + item(2, 0x800F, 6, data)
    return out + b"\0"


def part(
    data: bytes,
    declared: str = "application/octet-stream",
    name: str = "",
    disposition: str = "attachment",
    extra: str = "",
) -> bytes:
    """One part in base64; `name` goes in raw, so that odd names can be written as senders do."""
    head = f"Content-Type: {declared}\r\nContent-Transfer-Encoding: base64\r\n"
    if disposition:
        head += f"Content-Disposition: {disposition}" + (f'; filename="{name}"' if name else "") + "\r\n"
    return (head + extra + "\r\n").encode("latin-1") + base64.encodebytes(data).replace(b"\n", b"\r\n")


def text(words: str, declared: str = "text/plain; charset=utf-8") -> bytes:
    return f"Content-Type: {declared}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{words}\r\n".encode()


def mail(
    *parts: bytes,
    sender: str = "fax@site.example",
    subject: str = "Fax",
    kind: str = "multipart/mixed",
    extra: str = "",
) -> bytes:
    head = f'From: {sender}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n{extra}Content-Type: {kind}; boundary="=_b"\r\n\r\n'
    body = b"".join(b"--=_b\r\n" + piece + b"\r\n" for piece in parts)
    return head.encode() + body + b"--=_b--\r\n"


def plain(words: str, sender: str = "a@b.example", subject: str = "Fax", extra: str = "") -> bytes:
    return f"From: {sender}\r\nSubject: {subject}\r\n{extra}\r\n{words}\r\n".encode()
