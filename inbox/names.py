"""File names as senders give them: decoded from RFC 2231, RFC 2047 or raw bytes, and made safe to show."""

from __future__ import annotations

import codecs
import re
import unicodedata
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import unquote

LONGEST = 150
# Codecs of Python that no mail is written in; some take time with the square of the length.
_NO_CHARSETS = {
    "idna",
    "punycode",
    "unicode-escape",
    "raw-unicode-escape",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
}


def shown(text: str, longest: int = LONGEST) -> str:
    """The text without anything that could act: no control, direction or surrogate characters, no path, one line.

    It is a label for people. Stored files carry our own ids; a page or a table still escapes it for its own language.
    """
    last = re.split(r"[/\\]", text.replace("\0", ""))[-1] if re.search(r"[/\\]", text) else text
    return line(last, longest)


def line(text: str, longest: int = LONGEST) -> str:
    """One line of visible characters; control and direction characters become their code, `\\u202e`."""
    safe = "".join(_visible(letter) for letter in text[: longest * 2])
    safe = " ".join(safe.split())
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"


def _visible(letter: str) -> str:
    if letter in "\t\r\n ":
        return " "
    category = unicodedata.category(letter)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\u{ord(letter):04x}"
    return letter


def decoded(text: str) -> str:
    """RFC 2047 words decoded, also where they stand inside quotes; bytes that fit no charset are kept visible."""
    if "=?" not in text:
        return text
    try:
        parts = decode_header(text)
    except (MessageError, ValueError, IndexError):
        return text
    words = []
    for part, charset in parts:
        if isinstance(part, bytes):
            words.append(from_bytes(part, charset))
        else:
            words.append(part)
    return "".join(words)


def from_bytes(raw: bytes, charset: str | None) -> str:
    """Text in the named charset, else UTF-8, else Windows Latin-1, which takes nearly anything."""
    for name in (charset, "utf-8", "cp1252"):
        if not name:
            continue
        try:
            if codecs.lookup(name).name in _NO_CHARSETS:
                continue
            text = raw.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
        if isinstance(text, str):
            return text
    return raw.decode("latin-1")


def name_of(part: Message) -> str:
    """The file name of a mail part, decoded but not yet safe to show; empty when it has none."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = part.get_param(parameter, None, header)
            if isinstance(value, tuple):  # RFC 2231: charset, language, and the bytes as Latin-1
                return from_bytes(value[2].encode("latin-1", "replace"), value[0] or None).strip()
            if value is not None:
                return decoded(unquote(str(value))).strip()
        except (MessageError, ValueError, LookupError, UnicodeError, TypeError, AttributeError):
            continue
    return ""
