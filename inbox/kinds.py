"""Says what a file is from its first bytes, never from its name or its declared type (inbound-mail.md 2.3)."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

import pypdfium2 as pdfium

PASSWORD = -1
LOCKED_PDF = "This PDF is protected by a password: ask the sender for it without one."
READABLE = {"application/pdf", "image/tiff", "image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"}
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%!PS", "application/postscript"),
    (b"\x04%!PS", "application/postscript"),
    (b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
    (b"\xb1\x68\xde\x3a", "image/x-dcx"),
    (b"\x97JB2\r\n\x1a\n", "image/x-jbig2"),
    (b"AT&TFORM", "image/vnd.djvu"),
    (b"\x1b%-12345X", "application/vnd.hp-pcl"),
    (b"\x1bE", "application/vnd.hp-pcl"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"-----BEGIN PGP MESSAGE", "application/pgp-encrypted"),
    (b"-----BEGIN PKCS7", "application/pkcs7-mime"),
)
_ZIPS: tuple[tuple[str, str], ...] = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("FixedDocSeq.fdseq", "application/oxps"),
    ("content.xml", "application/vnd.oasis.opendocument.text"),
)
# SignedData and EnvelopedData of RFC 5652: 1.2.840.113549.1.7.2 and .3, within the first bytes of the structure.
_PKCS7 = re.compile(rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07([\x02\x03])")
_HEADER_LINE = re.compile(
    rb"(?:From |(?:Received|From|To|Subject|Date|Message-ID|MIME-Version|Return-Path|Content-Type):)", re.I
)
_HTML = re.compile(
    rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body|script|hta:|table|div|meta|p)\b", re.I | re.S
)

_PERSON = "open it on a computer that is safe for it"
_AS_PDF = "open it, save it as PDF and add the PDF to this delivery."
_PROGRAM = "This is a program: do not open it, and tell your security desk."
_SENTENCES: dict[str, str] = {
    "application/postscript": "This is PostScript, which is not run here: have the fax server send TIFF or PDF.",
    "application/zip": "This is a ZIP archive, which is not opened here: ask the sender to attach the documents themselves.",
    "application/rtf": f"This is a text letter (RTF): {_AS_PDF}",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": f"This is a Word letter (DOCX): {_AS_PDF}",
    "application/vnd.oasis.opendocument.text": f"This is a letter in OpenDocument format: {_AS_PDF}",
    "application/x-ole-storage": f"This is an old Word or Outlook file: {_AS_PDF}",
    "application/pkcs7-mime": "This mail is locked (S/MIME): open it where its key is, and add its documents here.",
    "application/pgp-encrypted": "This mail is encrypted (PGP): ask the sender to fax it or to send it by NHSmail.",
    "application/ms-tnef": "This winmail.dat of Outlook cannot be opened: ask the sender to send the document as PDF.",
    "image/heic": "This is a telephone photo (HEIC): save it as JPEG or PDF and add that to this delivery.",
    "text/html": "This is a web page as an attachment, a usual lure: do not open it before you know the sender.",
    "text/plain": "This is a text file: read it, and if it is a referral, print it to PDF and add the PDF to this delivery.",
    "application/x-msdownload": _PROGRAM,
    "application/x-executable": _PROGRAM,
}
DANGEROUS = {"text/html", "application/x-msdownload", "application/x-executable"}


@dataclass(frozen=True)
class Kind:
    """The media type by content, and a sentence for a person when nothing here can read it."""

    media_type: str
    unsupported: str | None = None


def kind_of(data: bytes) -> Kind:
    """What these bytes are. Empty and unknown bytes are `application/octet-stream` with a sentence that says so."""
    if not data:
        return Kind("application/octet-stream", "This attachment is empty (0 bytes): ask the sender to send it again.")
    media_type = _media_type(data)
    if media_type == "application/pdf" and names_encryption(data) and pdf_pages(data) == PASSWORD:
        return Kind(media_type, LOCKED_PDF)
    if media_type in READABLE:
        return Kind(media_type)
    known = _SENTENCES.get(media_type)
    return Kind(
        media_type, known or f"This kind of file ({media_type}) cannot be read here: {_PERSON}, or ask for a PDF."
    )


def _media_type(data: bytes) -> str:
    head = data[:1024]
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if b"%PDF-" in head:
        return "application/pdf"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zip_type(data)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and len(data) > 26 and int.from_bytes(data[2:6], "little") in (0, len(data)):
        return "image/bmp"
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in (b"heic", b"heix", b"mif1", b"hevc", b"msf1", b"avif") else "video/mp4"
    if head[:1] == b"\x30" and _PKCS7.search(head[:64]):
        return "application/pkcs7-mime"
    return _text_type(head)


def _text_type(head: bytes) -> str:
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "text/html"
    if _HEADER_LINE.match(head) and len(re.findall(rb"(?m)^[A-Za-z][A-Za-z0-9-]{1,60}:", head)) >= 3:
        return "message/rfc822"
    if b"\0" in head or sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head) > len(head) // 50:
        return "application/octet-stream"
    return "text/plain"


def _zip_type(data: bytes) -> str:
    """The office format inside a ZIP, from its table of contents only; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:2000]
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError, EOFError):
        return "application/zip"
    for mark, media_type in _ZIPS:
        if any(name.startswith(mark) for name in names):
            return media_type
    return "application/zip"


def names_encryption(data: bytes) -> bool:
    """Whether a PDF names an encryption dictionary where its trailer or cross-reference stream may stand."""
    return b"/Encrypt" in data[-200_000:] or b"/Encrypt" in data[:4096]


def pdf_pages(data: bytes) -> int | None:
    """Pages of a PDF as its page tree says, `PASSWORD` when it needs one, None when it cannot be opened.

    A PDF that only forbids printing opens without a password and is read like any other.
    """
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        return PASSWORD if "password" in str(error).lower() else None
    try:
        return len(pdf)
    finally:
        pdf.close()
