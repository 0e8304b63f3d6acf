"""What every field's grammar shares: the value it found, letters and digits that readers confuse, plain text.

A grammar takes the text that stands where a field is expected and gives a `Parsed`, or None where the text cannot be
that field.
Repairs are made by position only (a letter where only a digit can stand), are counted, and are never made silently.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# What optical readers take for each other; used only where the position says which of the two it must be.
DIGIT_FOR = {
    "O": "0", "o": "0", "Q": "0", "D": "0", "U": "0",
    "I": "1", "l": "1", "i": "1", "|": "1", "!": "1", "L": "1", "]": "1", "[": "1",
    "Z": "2", "z": "2", "A": "4", "S": "5", "s": "5", "G": "6", "b": "6", "T": "7", "B": "8", "g": "9", "q": "9",
}  # fmt: skip
LETTER_FOR = {"0": "O", "1": "I", "2": "Z", "4": "A", "5": "S", "6": "G", "7": "T", "8": "B", "|": "I", "!": "I"}

# A dotless i is what readers make of an i whose dot was lost; no form here is Turkish.
_DOTLESS = {ord("ı"): "i", ord("ſ"): "s"}
# Specks over a letter come out as marks that no system of the NHS prints ("Raċhel", "Čentre"); é, ö and the like are left alone.
_MARKED = {
    code: base[0]
    for code in (*range(0x100, 0x180), *range(0x1E00, 0x1F00))
    if (base := unicodedata.normalize("NFD", chr(code))) and len(base) > 1 and base[0].isascii()
}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_QUOTES = dict.fromkeys(map(ord, "‘’‛`´′＇"), "'")


@dataclass(frozen=True)
class Parsed:
    """A value by its grammar. `start` and `end` say where in the text it stood; `repairs` counts characters changed
    by position.
    """

    value: str
    start: int
    end: int
    repairs: int = 0
    checks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def plain(text: str) -> str:
    """The text with one kind of dash, quote and space, full-width letters made ordinary, and no spaces at its ends.

    Full-width digits are made ASCII here because check-digit libraries take or refuse them inconsistently.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_DOTLESS).translate(_MARKED)
    folded = folded.translate(_DASHES).translate(_QUOTES)
    return re.sub(r"\s+", " ", folded).strip()


def squash(text: str) -> str:
    """Lower-case ASCII letters and digits only: the form in which labels and phrases are compared."""
    folded = unicodedata.normalize("NFKD", text.translate(_DOTLESS))
    return "".join(c for c in folded.lower() if c.isascii() and c.isalnum())


def as_digit(char: str) -> str | None:
    """The digit that this character is, or that readers take it for; None where it can be none."""
    return char if char.isascii() and char.isdigit() else DIGIT_FOR.get(char)


def as_letter(char: str) -> str | None:
    """The capital letter that this character is, or that readers take it for; None where it can be none."""
    if char.isascii() and char.isalpha():
        return char.upper()
    return LETTER_FOR.get(char)
