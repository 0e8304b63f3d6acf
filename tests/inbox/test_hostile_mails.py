"""Mails with bytes changed, cut, doubled and mixed: unpacking never raises and always ends in a document or a sentence."""

from __future__ import annotations

import random

import mails
import pytest

from inbox import mime
from inbox.unpacked import UnpackLimits

SEEDS = [
    mails.mail(mails.text("Pages: 2\nErrors were received:"), mails.part(mails.tiff(2)), mails.part(mails.pdf())),
    mails.mail(mails.part(mails.tnef(("a.pdf", mails.pdf())), "application/ms-tnef", "winmail.dat")),
    mails.mail(b"Content-Type: message/rfc822\r\n\r\n" + mails.mail(mails.part(mails.tiff(), name="x.tif"))),
    mails.mail(mails.part(mails.locked_pdf(), name="x.pdf")),
    mails.plain("begin 644 a.tif\n#86)C\n`\nend\n"),
    mails.tiff(3),
]  # fmt: skip
WORDS = [
    b"\r\n", b"\n", b"--=_b", b"--=_b--", b"message/rfc822", b"=?utf-8?B?", b"?=", b'"', b";", b"\0", b"\xff",
    b"begin 644 a\n",
    b"II*\0", b"filename*0*=", b"%", b"charset=punycode", b"\x78\x9f\x3e\x22",
    b"cid:", b"<style", b"%PDF-", b"/Encrypt", b"PK\x03\x04",
]  # fmt: skip


def changed(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice([1, 3, 12])):
        at = chance.randrange(len(out) + 1)
        way = chance.randrange(4)
        if way == 0:
            out[at : at + 1] = bytes([chance.randrange(256)])
        elif way == 1:
            out[at:at] = chance.choice(WORDS)
        elif way == 2:
            del out[at : at + chance.choice([1, 10, 500])]
        else:
            other = chance.choice(SEEDS)
            start = chance.randrange(len(other))
            out[at:at] = other[start : start + chance.choice([10, 400])]
    return bytes(out)


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_changed_mails_are_unpacked_without_an_exception(number: int) -> None:
    """Below the net of `unpack`, so that a rule that raises is seen here and not hidden as `damaged`."""
    chance = random.Random(number)
    for _ in range(400):
        data = changed(SEEDS[number], chance)
        found = mime._unpack_mail(data, UnpackLimits())
        assert found.documents or found.says
        assert all(ord(letter) >= 32 for hint in found.hints for letter in hint.value)
        assert mime._unpack_file(data, "x").documents
