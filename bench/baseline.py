"""An honest afternoon's work, to compare with: full-page Tesseract, regular expressions, Modulus 11.

It does what a good tutorial says: square pixels, the page turned upright where Tesseract's orientation detection says so, psm 3 and
no other tuning; labels by regular expression, values by pattern. What it finds and what passes its checks it accepts, and it calls
a referral finished when number (Modulus 11), birth date, family name, priority and specialty were found. It shares nothing with the
reader under test but the libraries.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nhs_number
import pypdfium2
import pytesseract
from PIL import Image, ImageSequence

from bench.corpus import Sample
from bench.exact import Scored, score

_DPI = 300
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_VALUE = r"\s*[:.\-]?\s*([^\n|]{2,60})"
_LABELS = {
    "patient.family_name": r"(?:surname|family name|last name)" + _VALUE,
    "patient.given_names": r"(?:forenames?|first names?|given names?)" + _VALUE,
    "patient.address": r"(?:address)" + _VALUE,
    "referrer.name": r"(?:referring gp|referrer|gp name|referred by|signed)" + _VALUE,
    "referrer.practice_name": r"(?:practice name|practice|surgery)" + _VALUE,
    "referral.specialty": r"(?:specialty|speciality|department)" + _VALUE,
    "referral.named_clinician": r"(?:named clinician|consultant)" + _VALUE,
}
_DATE = r"(\d{1,2})[/.\- ]+(\d{1,2}|[a-z]{3,9})[/.\- ]+(\d{4})"
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b")
_PHONE = re.compile(r"\b0(?:[ -]?\d){10}\b")
_REASON = re.compile(
    r"(?:reason for referral|clinical (?:details|information)|dear [^\n]*)\s*:?"
    r"(.{40,}?)(?:\n\s*\n\s*\n|yours|signed|$)",
    re.I | re.S,
)
_NUMBER = re.compile(r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b")


def pictures(path: Path) -> Iterator[Image.Image]:
    """The pages of a file as grey pictures with square pixels at 300 dots an inch."""
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as document:
            for page in document:
                yield page.render(scale=_DPI / 72).to_pil().convert("L")
        return
    with Image.open(io.BytesIO(path.read_bytes())) as file:
        for frame in ImageSequence.Iterator(file):
            across, down = frame.info.get("dpi", (_DPI, _DPI))
            size = (round(frame.width * _DPI / float(across)), round(frame.height * _DPI / float(down)))
            yield frame.convert("L").resize(size)


def text_of(path: Path) -> str:
    """All the text of a file."""
    return "\n".join(_read(page) for page in pictures(path))


def _read(page: Image.Image) -> str:
    try:
        seen = pytesseract.image_to_osd(page, output_type=pytesseract.Output.DICT)
        page = page.rotate(-seen["rotate"], expand=True, fillcolor=255) if seen["rotate"] else page
    except pytesseract.TesseractError:
        pass  # too few letters to tell which way is up
    return str(pytesseract.image_to_string(page, config="--psm 3"))


def fields_of(text: str) -> dict[str, str]:
    """The values that the expressions find."""
    found: dict[str, str] = {}
    for field, pattern in _LABELS.items():
        match = re.search(r"\b" + pattern, text, re.I)
        if match and (value := match[1].strip(" .:|_-")):
            found[field] = value
    if (name := re.search(r"(?:patient name|patient|name|re)\s*:?\s*([A-Z][A-Z'\-]+),\s*([A-Z][a-z' \-]+)", text)) and (
        "patient.family_name" not in found
    ):
        found["patient.family_name"], found["patient.given_names"] = name[1], name[2].strip()
    for number in _NUMBER.findall(text):
        digits = re.sub(r"\D", "", number)
        if nhs_number.is_valid(digits):
            found["patient.nhs_number"] = digits
            break
    _dates(text, found)
    if postcode := _POSTCODE.search(text):
        found["patient.postcode"] = f"{postcode[1]} {postcode[2]}"
    for field, match in zip(("patient.phone", "referrer.phone"), _PHONE.findall(text), strict=False):
        found[field] = re.sub(r"\D", "", match)
    if code := re.search(r"\b([A-Z]\d{5})\b", text):
        found["referrer.practice_code"] = code[1]
    if ubrn := re.search(r"ubrn\D{0,12}((?:\d[ -]?){12})", text, re.I):
        found["referral.ubrn"] = re.sub(r"\D", "", ubrn[1])
    if gender := re.search(r"(?:sex|gender)\s*:?\s*(male|female|m|f)\b", text, re.I):
        found["patient.gender"] = "male" if gender[1].lower().startswith("m") else "female"
    _choices(text, found)
    return found


def _dates(text: str, found: dict[str, str]) -> None:
    for field, label in (
        ("patient.birth_date", r"(?:d\.?o\.?b\.?|date of birth|born)\W{0,5}"),
        ("referral.date", r"(?:date of referral|referral date|date)\W{0,5}"),
    ):
        for match in re.finditer(label + _DATE, text, re.I):
            month = match[2].lower()[:3]
            try:
                number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
                found[field] = dt.date(int(match[3]), number, int(match[1])).isoformat()
                break
            except ValueError:
                continue


def _choices(text: str, found: dict[str, str]) -> None:
    low = text.lower()
    if re.search(r"two week wait|2ww|suspected cancer", low):
        found["referral.priority"] = "TWO_WEEK_WAIT"
    elif "urgent" in low:
        found["referral.priority"] = "URGENT"
    elif "routine" in low:
        found["referral.priority"] = "ROUTINE"
    if reason := _REASON.search(text):
        found["referral.reason"] = " ".join(reason[1].split())


def answer(path: Path) -> dict[str, Any]:
    """The script's answer in the form of `gateway read --json`: what it found it accepts."""
    text = text_of(path)
    looks = re.search(r"referr", text, re.I) and not re.search(r"invoice|discharge summary", text, re.I)
    fields = fields_of(text) if looks else {}
    needed = (
        "patient.nhs_number",
        "patient.birth_date",
        "patient.family_name",
        "referral.priority",
        "referral.specialty",
    )
    values: dict[str, Any] = dict(fields)
    if re.search(r"not consent|objects to", text, re.I) and looks:
        values["referral.sharing_dissent"] = True
    return {
        "document_type": "referral" if looks else "other",
        "status": "ready" if all(name in fields for name in needed) else "review",
        "fields": {k: {"value": v, "accepted": True, "confidence": 1.0} for k, v in values.items()},
        "reasons": [],
    }


def read_all(samples: Sequence[Sample], workers: int) -> list[Scored]:
    """The script's answers to the samples, scored by the same rules."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with ThreadPoolExecutor(workers) as pool:
        answers = pool.map(lambda s: answer(s.path), samples)
        return [score(s.seed, s.truth, a, s.alike) for s, a in zip(samples, answers, strict=True)]
