"""A tolerant decoder of T.4 one-dimensional coding, and the noisy telephone line that makes it needed (ITU-T T.4, tables 2 and 3).

Without error correction a fax machine meets a damaged line by showing the line before it again, by showing what it understood, or
by leaving the line out. Letters then change and still look clean, which is what a benchmark of readers must contain.
"""

from __future__ import annotations

import re
from random import Random
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.bool_]
Concealment = Literal["repeat", "keep", "drop"]

# Code words for runs of 0 to 63, then for 64, 128 ... 1728.
_WHITE = """00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101 101010 101011
0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010 00000011 00011010
00011011 00010010 00010011 00010100 00010101 00010110 00010111 00101000 00101001 00101010 00101011 00101100 00101101
00000100 00000101 00001010 00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010
01011011 01001010 01001011 00110010 00110011 00110100 11011 10010 010111 0110111 00110110 00110111 01100100 01100101
01101000 01100111 011001100 011001101 011010010 011010011 011010100 011010101 011010110 011010111 011011000 011011001
011011010 011011011 010011000 010011001 010011010 011000 010011011""".split()
_BLACK = """0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 000011000 0000010111
0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 00000101000 00000010111 00000011000 000011001010
000011001011 000011001100 000011001101 000001101000 000001101001 000001101010 000001101011 000011010010 000011010011
000011010100 000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 000011011011 000001010100
000001010101 000001010110 000001010111 000001100100 000001100101 000001010010 000001010011 000000100100 000000110111
000000111000 000000100111 000000101000 000001011000 000001011001 000000101011 000000101100 000001011010 000001100110
000001100111 0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100
0000001101101 0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011 0000001110100
0000001110101 0000001110110 0000001110111 0000001010010 0000001010011 0000001010100 0000001010101 0000001011010
0000001011011 0000001100100 0000001100101""".split()
_RUNS = (*range(64), *range(64, 1729, 64))
_CODES = (dict(zip(_WHITE, _RUNS, strict=True)), dict(zip(_BLACK, _RUNS, strict=True)))
_END_OF_LINE = re.compile("0{11,}1")


def _line(code: str, wide: int) -> tuple[NDArray[np.bool_], bool]:
    """The pixels of one coded line (white where nothing was understood), and whether it was whole."""
    row = np.zeros(wide, dtype=np.bool_)
    place, at, black, length = 0, 0, 0, 2
    while at + length <= len(code):
        run = _CODES[black].get(code[at : at + length])
        if run is None:
            length += 1
            if length > 13:
                return row, False
            continue
        if black:
            row[place : place + run] = True
        place += run
        at += length
        length = 2
        if run < 64:
            black = 1 - black
            if place >= wide:
                break
    return row, place == wide


def decode(data: bytes, wide: int, concealment: Concealment) -> Bits:
    """Rows of a page (True is black) from T.4 data with end-of-line codes; damaged lines are met as a receiving machine would."""
    code = "".join(f"{byte:08b}" for byte in data)
    rows: list[NDArray[np.bool_]] = []
    for piece in _END_OF_LINE.split(code)[1:]:
        if not piece.strip("0"):
            continue
        # The last code word may end in zeros, which cannot be told from those of the end of line: give them back.
        row, whole = _line(piece + "000000", wide)
        if whole or concealment == "keep":
            rows.append(row)
        elif concealment == "repeat" and rows:
            rows.append(rows[-1])
    return np.array(rows) if rows else np.zeros((0, wide), dtype=np.bool_)


def disturb(data: bytes, random: Random, bursts: int) -> tuple[bytes, list[int]]:
    """The data after a noisy line, in which each burst turned over some bits within a few bytes, and the rows that were hit."""
    noisy = bytearray(data)
    hit: list[int] = []
    for _ in range(bursts):
        start = random.randrange(len(data))
        hit.append(start)
        for _ in range(random.randrange(1, 7)):
            noisy[min(len(data) - 1, start + random.randrange(0, random.choice((4, 30))))] ^= 1 << random.randrange(8)
    ends = [match.end() // 8 for match in _END_OF_LINE.finditer("".join(f"{byte:08b}" for byte in data))]
    return bytes(noisy), sorted({int(np.searchsorted(ends, at)) for at in hit})
