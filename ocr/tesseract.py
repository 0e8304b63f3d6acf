"""Tesseract through pytesseract: the independent second reader of crops, many of them in one process.

Its files lie in a private temporary folder inside the folder that the caller gives, and go with it (P8): pytesseract's own
temporary pictures stay behind in the common one when a process is killed.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocr.weights import ReaderMissing

NAME = "Tesseract"
MISSING = "Tesseract is not installed: apt-get install tesseract-ocr"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The glyphs that a kind of value can hold; names and text keep the whole alphabet.
GLYPHS = {
    "digits": "0123456789 -",
    "date": "0123456789/.- ADFJMNOSabceghilmnoprstuvy",
    "code": _LETTERS + "0123456789 ",
}
_MOST_AT_ONCE = 60
_ORIENTATION = re.compile(r"Rotate: (\d+)\s+Orientation confidence: ([\d.]+)")


@dataclass(frozen=True)
class CropWord:
    """A word in a crop: text, left, top, right, bottom in pixels of the crop, confidence 0 to 1."""

    text: str
    left: int
    top: int
    right: int
    bottom: int
    confidence: float


class Tesseract:
    """The second reader; raises ReaderMissing when the program or its English data is not installed.

    `scratch` is a private folder; `timeout` are the seconds after which a call is given up (RuntimeError, as pytesseract has it).
    """

    def __init__(self, *, scratch: Path, timeout: float = 60.0) -> None:
        if shutil.which("tesseract") is None:
            raise ReaderMissing(MISSING)
        self._scratch = scratch
        self._timeout = timeout
        # Its threads burn 2.7 to 4.5 times the time and are slower (measured).
        os.environ["OMP_THREAD_LIMIT"] = "1"

    def read(self, crops: Sequence[np.ndarray], kind: str = "text") -> list[list[CropWord]]:
        """The words of each grey crop, each taken for one line; `kind` is digits, date, code, name or text."""
        answers: list[list[CropWord]] = []
        for start in range(0, len(crops), _MOST_AT_ONCE):
            answers += self._read_some(crops[start : start + _MOST_AT_ONCE], kind)
        return answers

    def _read_some(self, crops: Sequence[np.ndarray], kind: str) -> list[list[CropWord]]:
        import pytesseract

        with tempfile.TemporaryDirectory(prefix="crops-", dir=self._scratch) as folder:
            names = []
            for i, crop in enumerate(crops):
                name = Path(folder, f"{i:03d}.png")
                cv2.imwrite(str(name), crop)
                names.append(name)
            listing = Path(folder, "list.txt")
            listing.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
            glyphs = f' -c tessedit_char_whitelist="{GLYPHS[kind]}"' if kind in GLYPHS else ""
            config = f"--psm 7 --dpi 300 -c load_system_dawg={int(kind == 'text')}{glyphs}"
            try:
                table = pytesseract.image_to_data(str(listing), lang="eng", config=config, timeout=self._timeout)
            except pytesseract.TesseractNotFoundError:
                raise ReaderMissing(MISSING) from None
            except pytesseract.TesseractError as problem:
                if "eng" in problem.message and "load" in problem.message:
                    raise ReaderMissing(
                        "Tesseract's English data is missing: apt-get install tesseract-ocr-eng"
                    ) from None
                raise RuntimeError("Tesseract gave up on a page") from None
        return _words(table, len(crops))

    def orientation(self, picture: np.ndarray) -> tuple[int, float]:
        """Degrees (clockwise) to turn a page upright, and how sure that is (8 to 16 is usual); (0, 0.0) if unknown."""
        import pytesseract

        with tempfile.TemporaryDirectory(prefix="page-", dir=self._scratch) as folder:
            name = Path(folder, "page.png")
            cv2.imwrite(str(name), picture)
            try:
                found = pytesseract.image_to_osd(str(name), config="--dpi 200", timeout=self._timeout)
            except pytesseract.TesseractNotFoundError:
                raise ReaderMissing(MISSING) from None
            except (pytesseract.TesseractError, RuntimeError):
                return 0, 0.0
        told = _ORIENTATION.search(found)
        return (int(told[1]), float(told[2])) if told else (0, 0.0)


def _words(table: str, crops: int) -> list[list[CropWord]]:
    """Tesseract's table as words by crop; it counts the pictures of a list as pages from 1."""
    words: list[list[CropWord]] = [[] for _ in range(crops)]
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        if row.get("level") != "5" or not text:
            continue
        left, top, wide, high = (int(row[k]) for k in ("left", "top", "width", "height"))
        word = CropWord(text, left, top, left + wide, top + high, max(0.0, float(row["conf"])) / 100)
        words[int(row["page_num"]) - 1].append(word)
    return words
