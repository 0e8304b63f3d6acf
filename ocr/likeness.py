"""Whether two read pages are the same sheet of paper sent twice: by their words, their digits and their ink.

A sheet that is sent again comes with other noise, other coding, a little turned and shifted, and with another header line of the
sending machine. The same blank form filled in for another patient looks much the same from afar and must not pass. Measured on
drawn faxes sent twice and filled in twice; the figures stand beside the limits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from rapidfuzz import fuzz

from ocr.page import Box, Page, TickBox

Verdict = Literal["same", "alike", "other"]

_WIDE = 827  # pixels across A4 at 100 dots an inch, in which all is compared
_HEADER = 0.045  # share of the page on which sending machines print their line, another one each time
_EDGE = 12
_SLACK = 4  # pixels (1 mm) by which strokes may be off after both pages were laid upon each other
_WINDOW = 40  # pixels (10 mm): new ink is summed up in squares of this size
# Of 12 designs, each sent four times, the same sheet had 0.88 or more of its letters again (0.99 in the middle); another patient's
# on the same form 0.65 at most, another letter for the same patient 0.78 at most.
_SAME_WORDS, _ALIKE_WORDS = 0.93, 0.80
_LONELY = 0.06  # share of letters that stand where the other page has nothing
_NEW_INK = (
    50  # pixels (3 mm²) of strokes in one square; a written word has 130 or more, another patient's form 57 or more
)
_HASHES = 16
# One of these more or less changes what is asked for, however few letters it has.
_WEIGHTY = re.compile(
    r"urgent|routine|emergency|immediate|soon|2ww|2week|twoweek|fasttrack|suspected|cancel|withdraw|amend|correct|addend|further"
)
_DIGIT_LIKE = str.maketrans("oilz|s", "011215")


@dataclass(frozen=True)
class Likeness:
    """The verdict on two pages. `words` = share of letters found again, `digits` = lines whose digits differ, `ink` = new strokes
    (pixels at 100 dots an inch in the worst square centimetre; -1 where it was not looked at)."""

    verdict: Verdict
    words: float
    digits: int
    ink: int


@dataclass(frozen=True)
class _Text:
    text: str
    said: str
    box: Box


OTHER = Likeness("other", 0.0, 0, -1)


def fingerprint(page: Page) -> str:
    """A short text by which pages that may be the same are found again: 64 hexadecimal digits of the picture, 64 of the words.

    Empty for a page without a picture. Near fingerprints prove nothing; `compare` decides.
    """
    picture = _grey(page)
    if picture is None:
        return ""
    high, wide = picture.shape
    ink = 255 - picture[int(high * 0.05) : int(high * 0.98), int(wide * 0.03) : int(wide * 0.97)]
    small = cv2.GaussianBlur(cv2.resize(ink.astype(np.float32), (96, 136), interpolation=cv2.INTER_AREA), (0, 0), 3.0)
    small = cv2.resize(small, (17, 16), interpolation=cv2.INTER_AREA)
    bits = np.packbits((small[:, 1:] > small[:, :-1]).flatten()).tobytes()
    return bits.hex() + _word_marks(page)


def _word_marks(page: Page) -> str:
    """Sixteen smallest hashes of the words, four digits each: two pages share as many as they share words."""
    words = {w.encode() for line in _lines(page) for w in re.findall(r"[a-z0-9]{4,}", line.said.lower())}
    if not words:
        return ""
    lowest = []
    for salt in range(_HASHES):
        hashes = (hashlib.blake2b(word, digest_size=8, salt=bytes([salt])).digest() for word in words)
        lowest.append(min(hashes)[:2].hex())
    return "".join(lowest)


def nearness(one: str, other: str) -> float:
    """How near two fingerprints are: 0 strangers, 1 the same picture and the same words."""
    if len(one) < 64 or len(other) < 64:
        return 0.0
    apart = (int(one[:64], 16) ^ int(other[:64], 16)).bit_count()
    picture = max(0.0, 1 - apart / 128)
    pairs = list(zip(_marks(one), _marks(other), strict=False))
    words = sum(a == b for a, b in pairs) / len(pairs) if pairs else 0.0
    return (picture + 2 * words) / 3 if pairs else picture / 2


def _marks(mark: str) -> list[str]:
    return [mark[at : at + 4] for at in range(64, len(mark), 4)]


def compare(first: Page, second: Page) -> Likeness:
    """Whether `second` is the sheet `first` sent again. `same` only where words, digits and ink leave nothing new on it."""
    old, new = _lines(first), _lines(second)
    before, after = _small(first), _small(second)
    if before is None or after is None or not old or not new:
        return OTHER
    laid = _laid_upon(old, new, before.shape[0], after.shape[0])
    if laid is None:
        return OTHER
    words, lonely, digits = _words(old, _moved(new, laid, before.shape[0], after.shape[0]))
    if words < _ALIKE_WORDS:
        return Likeness("other", words, digits, -1)
    ink = _new_ink(before, after, laid)
    asks_the_same = _weighty(old) == _weighty(new) and _ticks_agree(first, second, laid)
    same = asks_the_same and words >= _SAME_WORDS and lonely <= _LONELY and digits == 0 and ink <= _NEW_INK
    return Likeness("same" if same else "alike", words, digits, ink)


def _lines(page: Page) -> list[_Text]:
    """The lines below the header of the sending machine."""
    return [
        _Text(squashed, line.text, line.box)
        for line in page.lines
        if line.box.bottom > _HEADER and len(squashed := _squash(line.text)) >= 2
    ]


def _weighty(lines: Sequence[_Text]) -> list[str]:
    return sorted(found for line in lines for found in _WEIGHTY.findall(line.text))


def _squash(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _grey(page: Page) -> Any:
    return cv2.imdecode(np.frombuffer(page.picture, np.uint8), cv2.IMREAD_GRAYSCALE) if page.picture else None


def _small(page: Page) -> Any:
    picture = _grey(page)
    if picture is None:
        return None
    high = max(1, round(picture.shape[0] * _WIDE / picture.shape[1]))
    return cv2.resize(picture, (_WIDE, high), interpolation=cv2.INTER_AREA) if high <= 4 * _WIDE else None


def _laid_upon(old: Sequence[_Text], new: Sequence[_Text], old_high: int, new_high: int) -> Any:
    """The affine map that lays the new page upon the old one, from lines that say the same; None with too few of them."""
    here: list[tuple[float, float]] = []
    there: list[tuple[float, float]] = []
    for line in old:
        if len(line.text) < 5:
            continue
        likes = sorted(((fuzz.ratio(line.text, other.text), n) for n, other in enumerate(new)), reverse=True)[:2]
        if likes[0][0] >= 85 and (len(likes) < 2 or likes[1][0] < likes[0][0] - 10):
            here += _ends(line.box, old_high)
            there += _ends(new[likes[0][1]].box, new_high)
    if len(here) < 8:
        return None
    laid, _inliers = cv2.estimateAffine2D(
        np.array(there, np.float32), np.array(here, np.float32), ransacReprojThreshold=4
    )
    # a sheet sent again is hardly turned or stretched; anything else is a chance likeness of words
    return laid if laid is not None and abs(np.linalg.det(laid[:, :2]) - 1) < 0.25 else None


def _ends(box: Box, high: int) -> list[tuple[float, float]]:
    middle = (box.top + box.bottom) / 2 * high
    return [(box.left * _WIDE, middle), (box.right * _WIDE, middle)]


def _moved(lines: Sequence[_Text], laid: Any, old_high: int, new_high: int) -> list[_Text]:
    moved = []
    for line in lines:
        left, top = laid @ np.array([line.box.left * _WIDE, line.box.top * new_high, 1])
        right, bottom = laid @ np.array([line.box.right * _WIDE, line.box.bottom * new_high, 1])
        if right > left and bottom > top:
            box = Box(left / _WIDE, top / old_high, right / _WIDE, bottom / old_high)
            moved.append(_Text(line.text, line.said, box))
    return moved


def _words(old: Sequence[_Text], new: Sequence[_Text]) -> tuple[float, float, int]:
    """Share of letters found again in both directions (the lower), share of letters alone, and lines whose digits differ."""
    there, alone_there, digits = _found_again(old, new)
    back, alone_back, more_digits = _found_again(new, old)
    return min(there, back), max(alone_there, alone_back), max(digits, more_digits)


def _found_again(lines: Sequence[_Text], others: Sequence[_Text]) -> tuple[float, float, int]:
    good = alone = total = digits = 0
    for line in lines:
        total += len(line.text)
        beside = sorted((o for o in others if _beside(line.box, o.box)), key=lambda o: o.box.left)
        text = "".join(other.text for other in beside)
        if not text:
            alone += len(line.text)
            continue
        short = min(len(line.text), len(text)) < 4
        if max(fuzz.ratio(line.text, text), 0 if short else fuzz.partial_ratio(line.text, text)) >= 75:
            good += len(line.text)
            mine, theirs = _digits(line.said), _digits(" ".join(other.said for other in beside))
            digits += mine not in theirs and theirs not in mine
    return (good / total, alone / total, digits) if total else (0.0, 0.0, 0)


def _beside(one: Box, other: Box) -> bool:
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    across = min(one.right, other.right) - max(one.left, other.left)
    return across > 0 and down > 0.5 * min(one.height, other.height)


def _digits(said: str) -> str:
    """The digits of words that are mostly digits, with the letters in them that readers take for digits (`1O8` is 108)."""
    found = ""
    for word in said.split():
        squashed = _squash(word)
        if 2 * sum(c.isdigit() for c in squashed) >= len(squashed) > 0:
            found += re.sub(r"\D", "", squashed.translate(_DIGIT_LIKE))
    return found


def _ticks_agree(first: Page, second: Page, laid: Any) -> bool:
    """Whether every box that is ticked on one page is ticked on the other; a doubtful tick agrees with nothing."""
    high = [page.height / page.width * _WIDE for page in (first, second)]
    moved = [
        TickBox(box.box, tick.ticked, tick.ink)
        for tick in second.ticks
        for box in _moved([_Text("", "", tick.box)], laid, round(high[0]), round(high[1]))
    ]
    return _all_found(first.ticks, moved) and _all_found(moved, first.ticks)


def _all_found(ticks: Sequence[TickBox], others: Sequence[TickBox]) -> bool:
    return all(
        any(tick.box.overlap(other.box) > 0.3 and other.ticked for other in others)
        for tick in ticks
        if tick.ticked is not False
    )


def _new_ink(before: Any, after: Any, laid: Any) -> int:
    """Clear strokes of the new page where the old one has not even faint ones, in the worst square: a note, a tick, a stamp."""
    high = before.shape[0]
    laid_new = cv2.warpAffine(after, laid, (_WIDE, high), borderValue=255)
    finer = _finer(before, laid_new)
    if finer is not None:
        laid_new = cv2.warpAffine(
            laid_new, finer, (_WIDE, high), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=255
        )
    near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _SLACK + 1, 2 * _SLACK + 1))
    faint_before = cv2.dilate((before < 190).astype(np.uint8), near)
    new = ((laid_new < 110) & (faint_before == 0)).astype(np.float32)
    new[: int(_HEADER * high)] = 0
    new[-_EDGE:] = new[:, :_EDGE] = new[:, -_EDGE:] = 0
    return int(cv2.boxFilter(new, -1, (_WINDOW, _WINDOW), normalize=False).max())


def _finer(before: Any, laid_new: Any) -> Any:
    """A small correction from the pictures themselves; None where they give none."""

    def soft(picture: Any) -> Any:
        return cv2.GaussianBlur(255 - picture, (0, 0), 4).astype(np.float32)

    try:
        _score, finer = cv2.findTransformECC(
            soft(before), soft(laid_new), np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, (3, 50, 1e-4)
        )
    except cv2.error:  # it raises when the pictures have nothing in common
        return None
    return finer
