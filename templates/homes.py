"""A home that no label names: a number, a street and a postcode in one line, close to what else the page says of the patient."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from ocr.page import Box, Line, Page
from templates.bind import Found
from templates.grammar import plain
from templates.grammar_codes import find_postcodes
from templates.letterhead import part_of_line, sender_in

_NEAR = 0.05  # of the page's height: two or three lines of print
# The tail of a line before its postcode that is an address; capitals begin its words.
_ADDRESS = re.compile(
    r"(?:(?:The\s+)?(?:[A-Z][a-z'’\-]+\s+)?(?:Cottage|House|Forge|Barn|Lodge|Hall|Farm|Bungalow|Mill|Bank|Rectory|Vicarage|Gables|Orchard|"
    r"Stables|Villa|Manor|Chapel|Gatehouse|Firs|Willows|Laurels|Elms|Oaks|Beeches|Croft|Grange|Coach\s+House),\s+)?"
    r"(?:(?:Flat|Apartment|Apt|Unit|\d(?:st|nd|rd)\s+Floor\s+Flat)\b\s*\w*,?\s*)?\d{1,4}[A-Za-z]?,?\s+[A-Z][\w'’\-]*(?:(?:,|\s)\s*[A-Z][\w'’.\-]*){1,8}[\s,]*$"
)  # fmt: skip


def home_beside(page: Page, lines: Sequence[Line], own: Sequence[Box]) -> list[Found]:
    """The one address with its postcode that stands within two lines of the patient's name, number or date of birth (`own`).

    A postcode that begins the next line belongs to it. Nothing where two such homes stand there, or a practice's name above one.
    """
    found: dict[str, list[Found]] = {}
    for above, line, below in zip([None, *lines], lines, [*lines[1:], None], strict=False):
        if not any(abs(line.box.centre[1] - box.centre[1]) < _NEAR for box in own) or (
            above is not None and sender_in(above)
        ):
            continue
        text = plain(line.text)
        begun = plain(above.text) if above is not None and above.text.rstrip().endswith(",") else ""
        after = find_postcodes(plain(below.text)) if below is not None else []
        if codes := [p for p in find_postcodes(text) if p.start > 8 or begun]:
            code, place = codes[0], part_of_line(line, codes[0].start, codes[0].end)
            before = text[: code.start]
            if above is not None and begun and not _ADDRESS.search(before) and len(before.split()) <= 3:
                line, before = above, f"{begun} {before}"  # "198 Ashdown Road, Highfields," over "Bradford BD7 3QE"
        elif below is not None and after and after[0].start == 0:
            code, place, before = after[0], part_of_line(below, 0, after[0].end), text
        else:
            continue
        if (m := _ADDRESS.search(before)) is None or sender_in(line):
            continue
        home = part_of_line(line, m.start(), m.end())
        found[code.value] = [
            Found("patient.address", (m[0].strip(" ,"),), page.number, home, "title"),
            Found("patient.postcode", (code.value,), page.number, place, "title"),
        ]
    return list(itertools.chain(*found.values())) if len(found) == 1 else []
