"""Several documents in one call: cover, referral and results; a page lost; a stranger's page; two referrals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.rehearsal import designs_forms, designs_letters, designs_other, designs_systems
from gateway.rehearsal.designs_office import cover, results
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.sheet import Sheet

_Draw = Callable[[Desk], list[Sheet]]
_FIT: tuple[_Draw, ...] = (
    designs_forms.ruled_left,
    designs_forms.boxed_above,
    designs_letters.letter_re,
    designs_systems.letter_blocks,
)
_HELD_OUT: tuple[_Draw, ...] = (designs_systems.letter_columns, designs_forms.rows_shaded, designs_other.typed_memo)


def _pack(desk: Desk, choice: tuple[_Draw, ...]) -> list[Sheet]:
    sheets = desk.random.choice(choice)(desk)
    sheets += [results(desk) for _ in range(desk.random.choice((1, 1, 2)))]
    return [cover(desk, len(sheets) + 1), *sheets]


def fax_pack(desk: Desk) -> list[Sheet]:
    """Cover sheet with the page count, a referral, one or two pages of results."""
    return _pack(desk, _FIT)


def fax_pack_other(desk: Desk) -> list[Sheet]:
    """As fax_pack, around referrals kept for reporting."""
    return _pack(desk, _HELD_OUT)


def without_one(desk: Desk, sheets: list[Sheet], keep_cover: bool = False) -> list[Sheet]:
    """The same pages, one of them marked as lost on the way; where only the cover counts them, it came."""
    # Losing the first page of a letter leaves a patient without an ask; that happens, but less often than losing a later one.
    first = 0 if desk.random.random() < 0.3 and not keep_cover else 1
    desk.random.choice(sheets[first:]).sent = False
    return sheets


def page_missing(desk: Desk) -> list[Sheet]:
    """A letter of numbered pages, or a counted pack, of which one page never arrived."""
    if desk.random.random() < 0.4:
        return without_one(desk, _pack(desk, _FIT), keep_cover=True)
    return without_one(desk, designs_systems.letter_blocks(desk))


def page_missing_other(desk: Desk) -> list[Sheet]:
    """As page_missing, with a letter kept for reporting."""
    return without_one(desk, designs_systems.letter_columns(desk))


def other_desk(desk: Desk) -> Desk:
    """The same habits, filling in the second patient's referral; ValueError where there is none."""
    if desk.other is None:
        raise ValueError("a pack of two patients needs a second referral")
    return replace(desk, referral=desk.other, other=None)


def stranger_page(desk: Desk) -> list[Sheet]:
    """A referral, and another patient's results that lay in the feeder."""
    sheets = desk.random.choice(_FIT)(desk)
    stranger = results(other_desk(desk), stranger=True)
    at = desk.random.choice((len(sheets), len(sheets), max(1, len(sheets) - 1)))
    return [*sheets[:at], stranger, *sheets[at:]]


def stranger_letter(desk: Desk) -> list[Sheet]:
    """A letter whose second page is another patient's."""
    sheets = designs_systems.letter_columns(desk)
    theirs = designs_systems.letter_columns(other_desk(desk))[1]
    theirs.part, theirs.stranger = None, True
    return [sheets[0], theirs, *sheets[2:]] if desk.random.random() < 0.4 else [*sheets, theirs]


def _two(desk: Desk, choice: tuple[_Draw, ...]) -> list[Sheet]:
    first, second = desk.random.choice(choice)(desk), desk.random.choice(choice)(other_desk(desk))
    for sheet in second:
        sheet.part = 1
    return [*first, *second]


def two_referrals(desk: Desk) -> list[Sheet]:
    """Two patients' referrals in one call."""
    return _two(desk, _FIT)


def two_referrals_other(desk: Desk) -> list[Sheet]:
    """As two_referrals, with designs kept for reporting."""
    return _two(desk, _HELD_OUT)
