"""Opens the old envelopes around a file: winmail.dat (TNEF), uuencoded text, and mails divided into several (message/partial)."""

from __future__ import annotations

import binascii
import logging
import re
from dataclasses import dataclass

from tnefparse import TNEF

from inbox.mail_parts import content_type, parameter, read_headers, split_head
from inbox.unpacked import UnpackLimits

_TNEF_OBJECTS = 5_000
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?$", re.M)


@dataclass(frozen=True)
class Wrapped:
    """A file taken out of an envelope: its name as given, its bytes, and whether the envelope was cut short."""

    name: str
    data: bytes
    damaged: bool = False


def from_tnef(data: bytes) -> list[Wrapped] | None:
    """The attachments of a winmail.dat; None when it cannot be read.

    The library copies the rest of the file for every object in it, so a file of very many tiny objects is not given to it.
    """
    if _count_tnef_objects(data) > _TNEF_OBJECTS:
        return None
    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # it logs values (P8)
    try:
        found = _tnef_files(TNEF(data, do_checksum=False), 0)
        return found if any(file.data for file in found) else None
    except Exception:  # the library raises whatever its unpacking meets: struct, index, decoding, assertion
        return None


def _tnef_files(tnef: TNEF, depth: int) -> list[Wrapped]:
    found: list[Wrapped] = []
    for attachment in tnef.attachments:
        embedded = getattr(attachment, "embed", None)
        if embedded is not None and depth < 4:
            found.extend(_tnef_files(embedded, depth + 1))
            continue
        try:
            name = attachment.long_filename()
        except (UnicodeError, AttributeError):
            name = "attachment"
        text = name.decode("cp1252", "replace") if isinstance(name, bytes) else str(name)
        found.append(Wrapped(text.strip("\0"), bytes(attachment.data or b"")))
    return found


def _count_tnef_objects(data: bytes) -> int:
    offset, count = 6, 0
    while offset + 12 < len(data) and count <= _TNEF_OBJECTS:
        offset += 11 + int.from_bytes(data[offset + 5 : offset + 9], "little")
        count += 1
    return count


def from_uuencode(text: bytes) -> list[Wrapped]:
    """Every uuencoded file in a text, also several behind each other and one whose end was lost."""
    found: list[Wrapped] = []
    at = 0
    while len(found) < 50 and (begin := _UU_BEGIN.search(text, at)):
        name = begin.group(1).decode("utf-8", "replace")
        data, at, ended = _uu_lines(text, begin.end() + 1)
        if data:
            found.append(Wrapped(name, data, damaged=not ended))
        at = max(at, begin.end())
    return found


def _uu_lines(text: bytes, at: int) -> tuple[bytes, int, bool]:
    out = bytearray()
    while at < len(text):
        stop = text.find(b"\n", at)
        stop = len(text) if stop < 0 else stop
        line = text[at:stop].rstrip(b"\r")
        at = stop + 1
        if line.strip() == b"end":
            return bytes(out), at, True
        if not line or line in (b"`", b" "):
            continue
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            # Old encoders pad or cut line ends; the length byte says how much of it counts.
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out += binascii.a2b_uu(line[:wanted].ljust(wanted, b" "))
            except binascii.Error:
                return bytes(out), at, False
    return bytes(out), at, False


def join_divided(mails: list[bytes], limits: UnpackLimits) -> bytes | None:
    """The whole mail from its message/partial pieces in any order (RFC 2046 5.2.2); None while one is missing.

    The pieces of one mail carry the same id: the hint `partial_id`. The headers of the whole stand inside its first piece.
    """
    pieces: dict[int, bytes] = {}
    total = 0
    identities: set[str] = set()
    for data in mails:
        head, body = split_head(data)
        part = read_headers(head, limits)
        number, stated = parameter(part, "number"), parameter(part, "total")
        if content_type(part) != "message/partial" or not number.isdecimal():
            return None
        identities.add(parameter(part, "id"))
        pieces.setdefault(int(number), body)
        total = max(total, int(stated) if stated.isdecimal() else 0)
    if len(identities) != 1 or not 0 < total <= 1000 or set(pieces) != set(range(1, total + 1)):
        return None
    return b"".join(pieces[number] for number in range(1, total + 1))
