"""Tells whether a JBIG2 scan may show letters that were never on the paper.

JBIG2 can store one picture of a letter and paste it wherever a similar one stood; a careless encoder so swaps 6 and 8. Nobody can
see that on the page, so such scans are flagged. Segment headers as in ITU-T T.88, section 7.2.
"""

from __future__ import annotations

import struct

_TEXT_REGIONS = (4, 6, 7)  # letters pasted from a dictionary; generic regions (36 to 43) keep every pixel
_MOST_SEGMENTS = 2000


def may_be_lossy(data: bytes) -> bool:
    """Whether an embedded JBIG2 stream pastes letters from a dictionary; True also where its headers cannot be followed."""
    at = 0
    for _ in range(_MOST_SEGMENTS):
        if at >= len(data):
            return False
        try:
            number, flags, count = struct.unpack_from(">IBB", data, at)
            kind = flags & 0x3F
            if kind in _TEXT_REGIONS:
                return True
            at += 5
            references = count >> 5
            if references == 7:
                references = struct.unpack_from(">I", data, at)[0] & 0x1FFFFFFF
                at += 4 + (references + 8) // 8
            else:
                at += 1
            at += references * (1 if number <= 256 else 2 if number <= 65536 else 4)
            at += 4 if flags & 0x40 else 1
            length = struct.unpack_from(">I", data, at)[0]
            at += 4
        except struct.error:
            return True
        if length == 0xFFFFFFFF:  # only a generic region may leave its length open, and then it is the last
            return kind != 38
        at += length
    return True
