"""Takes a mail apart into its leaves, within bounds, whatever its bytes are.

The standard library's parser reads headers here and nothing else: it holds a mail several times over as text, and its time
grows with lines times nesting. Bodies are cut from the bytes at their boundaries, which is linear and copies little.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message

from inbox.names import decoded, from_bytes, name_of
from inbox.unpacked import UnpackLimits

_BASE64_START = (b"JVBERi", b"SUkq", b"TU0A", b"/9j/", b"iVBORw0KGgo", b"eJ8+Ig", b"UEsDB")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


@dataclass(frozen=True)
class Leaf:
    """One part without parts of its own. `data` is decoded; `nested` says how many forwarded mails it lies in."""

    data: bytes
    declared_type: str
    name: str
    disposition: str
    content_id: str
    nested: int
    part: Message
    damaged: bool = False

    @property
    def is_body_text(self) -> bool:
        """Text that the sender wrote or its program generated, as opposed to a file."""
        return self.declared_type in ("text/plain", "text/html") and self.disposition != "attachment" and not self.name


@dataclass
class Walk:
    """What the walk has seen so far: the leaves, the multipart types, and words for the flags."""

    limits: UnpackLimits
    leaves: list[Leaf] = field(default_factory=list)
    containers: list[Message] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    decoded_bytes: int = 0

    def flag(self, word: str) -> None:
        """Add a flag once."""
        if word not in self.flags:
            self.flags.append(word)


def walk_mail(data: bytes, limits: UnpackLimits) -> tuple[Message, Walk]:
    """The top headers and everything below them. Never raises; what was not followed has a flag."""
    walk = Walk(limits)
    head, body = split_head(data)
    top = read_headers(head, limits, walk)
    _walk_part(top, body, walk, depth=0, nested=0, in_digest=False)
    return top, walk


def split_head(data: bytes) -> tuple[bytes, bytes]:
    """Headers and body, cut at the first empty line whichever line ends are used."""
    first = re.search(rb"\r?\n\r?\n", data) if not data.startswith((b"\r\n", b"\n")) else re.match(rb"\r?\n", data)
    if first is None:
        return data, b""
    return data[: first.start()], data[first.end() :]


def read_headers(head: bytes, limits: UnpackLimits, walk: Walk | None = None) -> Message:
    """A header block as a message without a body. Too long blocks and values are cut and flagged."""
    message = Message()
    if len(head) > limits.header_bytes:
        head = head[: limits.header_bytes]
        if walk is not None:
            walk.flag("damaged")
    for line in re.split(rb"\r?\n(?![ \t])", head)[:1000]:
        name, colon, value = line.partition(b":")
        if not colon or not re.fullmatch(rb"[!-9;-~]{1,100}", name.rstrip()):
            continue
        text = from_bytes(re.sub(rb"\r?\n[ \t]*", b" ", value[: limits.header_value]).strip(), None)
        message[name.rstrip().decode("ascii")] = text.replace("\r", " ").replace("\n", " ")
    return message


def header(part: Message, name: str) -> str:
    """One header as text, RFC 2047 decoded, or an empty string."""
    value = part.get(name)
    return decoded(str(value)).strip() if value is not None else ""


def content_type(part: Message, default: str = "text/plain") -> str:
    """The declared type in lower case; odd ones as they are, without parameters."""
    value = str(part.get("content-type") or "")
    declared = value.partition(";")[0].strip().lower()
    return declared if re.fullmatch(r"[!-.0-~]+/[!-.0-~]+", declared) else default


def parameter(part: Message, name: str, of: str = "content-type") -> str:
    """One parameter of a structured header, or an empty string."""
    try:
        value = part.get_param(name, "", of)
    except (MessageError, ValueError, IndexError, TypeError, UnicodeError, LookupError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value)


def _walk_part(part: Message, body: bytes, walk: Walk, *, depth: int, nested: int, in_digest: bool) -> None:
    declared = content_type(part, "message/rfc822" if in_digest else "text/plain")
    main = declared.partition("/")[0]
    boundary = parameter(part, "boundary") if main == "multipart" else ""
    if main == "multipart":
        walk.containers.append(part)
    if depth >= walk.limits.depth and (main == "multipart" or declared == "message/rfc822"):
        walk.flag("nested_too_deep")
        _leaf(part, body, walk, "message/rfc822" if depth else declared, nested)
        return
    if main == "multipart" and boundary:
        pieces = 0
        for piece in split_multipart(body, boundary.encode("utf-8", "surrogateescape"), walk):
            pieces += 1
            if len(walk.leaves) >= walk.limits.parts or pieces > walk.limits.parts:
                walk.flag("too_many_parts")
                return
            head, inner = split_head(piece)
            below = read_headers(head, walk.limits, walk)
            _walk_part(below, inner, walk, depth=depth + 1, nested=nested, in_digest=declared == "multipart/digest")
        if pieces:
            return
        walk.flag("damaged")
    if declared in ("message/rfc822", "message/global"):
        walk_inside(_decode(part, body)[0], walk, depth=depth + 1, nested=nested + 1)
        return
    _leaf(part, body, walk, declared, nested)


def walk_inside(data: bytes, walk: Walk, *, depth: int, nested: int) -> None:
    """Go on into a mail that lies inside another one."""
    walk.flag("forwarded")
    head, body = split_head(data.lstrip(b"\r\n"))
    _walk_part(read_headers(head, walk.limits, walk), body, walk, depth=depth, nested=nested, in_digest=False)


def _leaf(part: Message, body: bytes, walk: Walk, declared: str, nested: int) -> None:
    if len(walk.leaves) >= walk.limits.parts:
        walk.flag("too_many_parts")
        return
    data, damaged = _decode(part, body)
    walk.decoded_bytes += len(data)
    if walk.decoded_bytes > walk.limits.total_bytes:
        walk.flag("too_large")
        return
    disposition = str(part.get("content-disposition") or "").partition(";")[0].strip().lower()
    cid = str(part.get("content-id") or "").strip().strip("<>")
    walk.leaves.append(Leaf(data, declared, name_of(part), disposition, cid, nested, part, damaged))


def split_multipart(body: bytes, boundary: bytes, walk: Walk) -> Iterator[bytes]:
    """The pieces between boundary lines; the preamble and what follows the closing line are dropped.

    A boundary counts only as a whole line, for boundaries may begin with each other. A missing closing line is flagged:
    the mail was cut on its way.
    """
    mark = b"--" + boundary
    start: int | None = None
    at = 0
    while True:
        found = body.find(mark, at)
        if found < 0:
            break
        at = found + len(mark)
        if found and body[found - 1 : found] != b"\n":
            continue
        stop = body.find(b"\n", at)
        stop = len(body) if stop < 0 else stop
        rest = body[at:stop].rstrip() if stop - at < 200 else b"?"
        if rest not in (b"", b"--"):
            continue
        if start is not None:
            end = found - 1
            if body[end - 1 : end] == b"\r":
                end -= 1
            yield body[start : max(start, end)]
        if rest == b"--":
            return
        start = min(stop + 1, len(body))
        at = start
    if start is not None:
        walk.flag("damaged")
        yield body[start:]


def _decode(part: Message, body: bytes) -> tuple[bytes, bool]:
    """The body without its transfer encoding, and whether something of it was missing."""
    encoding = str(part.get("content-transfer-encoding") or "").partition(";")[0].strip().lower()
    if encoding == "base64" or (encoding not in ("quoted-printable",) and body.lstrip()[:12].startswith(_BASE64_START)):
        return from_base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body), False
    return body, False


def from_base64(body: bytes) -> tuple[bytes, bool]:
    """Base64 as it comes: with odd characters, several runs behind each other, or cut at the end (flagged)."""
    clean = body.translate(None, _NOT_BASE64)
    out = bytearray()
    cut = False
    for run in re.findall(rb"[^=]+", clean):
        if len(run) % 4 == 1:
            cut, run = True, run[:-1]
        out += binascii.a2b_base64(run + b"=" * (-len(run) % 4))
    whole = clean.endswith(b"=") or len(clean) % 4 == 0
    return bytes(out), cut or not whole
