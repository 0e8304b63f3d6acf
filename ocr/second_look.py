"""Reads single values of a page once more: crops of the stored picture, cleaned of ruled lines, for either reader.

A machine's acceptance rests on two readers that agree; Tesseract is the independent one. PP-OCR on a tight crop is a
second reading by the same reader: it mends what the whole page blurred, and is no second witness.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ocr.clean import dark_on_light, ink_of, without_lines
from ocr.combs import find_combs, without_teeth
from ocr.finding import Piece
from ocr.lines import lines_of
from ocr.page import Box, Line, Page, Word
from ocr.readers import PpOcr
from ocr.tesseract import NAME, CropWord, Tesseract

_MARGIN = 0.35  # of the box's height, on each side: reading needs air, but not the neighbours
_LETTERS_HIGH = 34  # pixels; 48 to 80 for the whole crop made no difference beyond chance on 405 crops
_PAGE_INCHES = 11.5  # A4 and letter paper; only to tell how tall a comb's teeth can be
_NEIGHBOURS = 0.3  # of the crop's height: print that an edge cuts and that reaches no further in is another row's
_PAPER = 12  # pixels of white around a crop: Tesseract loses letters that touch the edge


def page_picture(page: Page) -> np.ndarray:
    """The stored picture of a read page (grey uint8)."""
    return np.asarray(cv2.imdecode(np.frombuffer(page.picture, np.uint8), cv2.IMREAD_GRAYSCALE))


def by_tesseract(reader: Tesseract, page: Page, boxes: Sequence[Box], kind: str) -> list[Line | None]:
    """What Tesseract reads in each box, all in one process; None where it reads nothing."""
    picture = page_picture(page)
    crops, places = [], []
    for box in boxes:
        crop, left, top = _cut(picture, box)
        clear, was_comb = _clear(crop, picture.shape[0])
        ready, zoom = _for_tesseract(clear)
        crops.append(ready)
        places.append((left, top, zoom, was_comb))
    if not crops:
        return []
    read = reader.read(crops, kind)
    size = (page.width, page.height)
    return [
        _whole(words, box) if was_comb else _line(words, (left, top, zoom), size)
        for words, box, (left, top, zoom, was_comb) in zip(read, boxes, places, strict=True)
    ]


def by_pp_ocr(reader: PpOcr, page: Page, boxes: Sequence[Box], kind: str) -> list[Line | None]:
    """What PP-OCR reads in a tight crop of each box without its ruled lines; None where it reads nothing."""
    picture = page_picture(page)
    cut = [_cut(picture, box) for box in boxes]
    cleared = [_clear(crop, picture.shape[0]) for crop, _, _ in cut]
    answers: list[Line | None] = []
    read = reader.glyphs([crop for crop, _ in cleared], kind)
    for box, (crop, left, top), (_, was_comb), glyphs in zip(boxes, cut, cleared, read, strict=True):
        if not any(g.text != " " for g in glyphs):
            answers.append(None)
            continue
        if was_comb:
            sure = sum(g.confidence for g in glyphs) / len(glyphs)
            text = "".join(g.text for g in glyphs).split()
            answers.append(_joined(tuple(Word(word, box, round(sure, 4)) for word in text), "PP-OCRv6 crop"))
            continue
        height, width = crop.shape
        piece = Piece(left + width / 2, top + height / 2, width, height, 0.0, 1.0)
        lines = lines_of(piece, glyphs, crop, (page.width, page.height), "PP-OCRv6 crop")
        words = tuple(w for line in lines for w in line.words)
        answers.append(_joined(words, "PP-OCRv6 crop"))
    return answers


def _cut(picture: np.ndarray, box: Box) -> tuple[np.ndarray, int, int]:
    """The box's pixels with a margin, and where the crop begins."""
    height, width = picture.shape
    margin = box.height * height * _MARGIN
    left, top = max(0, int(box.left * width - margin)), max(0, int(box.top * height - margin * 0.6))
    right, bottom = (
        min(width, int(box.right * width + margin) + 1),
        min(height, int(box.bottom * height + margin * 0.6) + 1),
    )
    return picture[top:bottom, left:right], left, top


def _clear(crop: np.ndarray, page_height: int) -> tuple[np.ndarray, bool]:
    """The crop without ruled lines, or the insides of its cells side by side when it shows a comb (then the flag is set)."""
    if min(crop.shape, default=0) < 8:
        return crop, False
    crop = _without_neighbours(dark_on_light(crop))
    combs = find_combs(crop, round(page_height / _PAGE_INCHES))
    if len(combs) == 1:
        line, _ = without_teeth(crop, combs[0])
        return cv2.copyMakeBorder(line, 2, 2, 8, 8, cv2.BORDER_CONSTANT, value=255), True
    return without_lines(crop), False


def _without_neighbours(crop: np.ndarray) -> np.ndarray:
    """The crop without the lower and upper halves of the rows above and beneath, which its edges cut through: Tesseract takes
    them for a part of its one line ("Urology" under a row of boxes came out as "Z roo").
    """
    height = crop.shape[0]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink_of(crop), connectivity=8)
    tops, ends = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    cut = ((tops == 0) & (ends < _NEIGHBOURS * height)) | ((ends == height) & (tops > (1 - _NEIGHBOURS) * height))
    cut[0] = False
    if not cut.any():
        return crop
    out = crop.copy()
    out[cv2.dilate(cut[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 255
    return out


def _for_tesseract(crop: np.ndarray) -> tuple[np.ndarray, float]:
    """The crop at the size Tesseract likes, slightly blurred, on white; and how much it was enlarged."""
    if min(crop.shape, default=0) < 4:
        return np.full((40, 40), 255, np.uint8), 1.0
    zoom = min(3.0, max(1.0, _LETTERS_HIGH * 1.9 / crop.shape[0]))
    size = (max(1, round(crop.shape[1] * zoom)), max(1, round(crop.shape[0] * zoom)))
    larger = cv2.GaussianBlur(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), (0, 0), 0.8)
    return cv2.copyMakeBorder(larger, _PAPER, _PAPER, _PAPER, _PAPER, cv2.BORDER_CONSTANT, value=255), zoom


def _line(words: Sequence[CropWord], place: tuple[int, int, float], page: tuple[int, int]) -> Line | None:
    left, top, zoom = place

    def across(pixels: int) -> float:
        return min(1.0, max(0.0, (left + (pixels - _PAPER) / zoom) / page[0]))

    def down(pixels: int) -> float:
        return min(1.0, max(0.0, (top + (pixels - _PAPER) / zoom) / page[1]))

    made = tuple(
        Word(w.text, Box(across(w.left), down(w.top), across(w.right), down(w.bottom)), w.confidence) for w in words
    )
    return _joined(made, NAME) if made else None


def _whole(words: Sequence[CropWord], box: Box) -> Line | None:
    """The words of a comb; all have its box, since they were read from cells that had been moved together."""
    return _joined(tuple(Word(w.text, box, w.confidence) for w in words), NAME) if words else None


def _joined(words: tuple[Word, ...], reader: str) -> Line:
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    sure = sum(w.confidence * len(w.text) for w in words) / sum(len(w.text) for w in words)
    return Line(" ".join(w.text for w in words), box, words, round(sure, 4), reader)
