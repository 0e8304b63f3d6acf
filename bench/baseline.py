"""An honest afternoon's work, to compare with: full-page Tesseract, regular expressions, Modulus 11.

It does what good tutorials say: square pixels, the page turned upright where Tesseract's orientation detection says so, ruled
lines taken out (which alone nearly doubles what it finds on forms), psm 4 (of 3, 4, 6 and 11 the best on eleven files of a fitting
seed); labels by regular expression, the value behind the label or on the next line. What it finds and what passes its checks it
accepts. It calls a referral finished when number (Modulus 11), birth date, family name, priority and specialty were found. It
shares nothing with the reader under test but libraries.
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

import cv2
import nhs_number
import numpy as np
import pypdfium2
import pytesseract
from PIL import Image, ImageSequence

from bench.corpus import Sample
from bench.exact import Scored, score

_DPI = 300
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_VALUE = r"\b\)?[^\S\n]*[:.;\-]?[^\S\n]*\n?[^\S\n]*([^\n|]{2,60})"
_NEXT_LABEL = re.compile(
    r"\s{3,}|\b(?:date of birth|d\.?o\.?b|nhs n|sex\b|gender|tel\b|telephone|post ?code|forename|first name|"
    r"given name|gp:|practice:)",
    re.I,
)
_SIGNED = re.compile(
    r"(?:sincerely|faithfully|signed)[^\n]*\n(?:[^\n]{0,12}\n)*\s*(?:dr|mr|mrs|ms|miss)\.? ([^\n,]{4,40})", re.I
)
_PRACTICE = re.compile(r"^[^\n]*?([A-Z][\w' ]+ (?:surgery|practice|medical centre|health centre))\b", re.I | re.M)
_TICKED = re.compile(r"(?:\[[xX]\]|[☒☑]|\bX\]|\(X\))\s*(routine|urgent|two week wait|2ww)", re.I)
_LABELS = {
    "patient.family_name": r"(?:surname|family name|last name)" + _VALUE,
    "patient.given_names": r"(?:forename(?:\(s\)|s)?|first names?|given names?)" + _VALUE,
    "patient.address": r"(?:home address|address)" + _VALUE,
    "referrer.name": r"(?:referring (?:gp|doctor|clinician)|referrer(?:'s name)?|gp name|referred by)" + _VALUE,
    "referrer.practice_name": r"(?:practice name|surgery name|gp practice)" + _VALUE,
    "referral.specialty": r"(?:referred to \(specialty|specialty\b(?!\))|speciality|department of|department)" + _VALUE,
    "referral.named_clinician": r"(?:named clinician|consultant)" + _VALUE,
}
_PRINTED_NAME = re.compile(r"(?:patient name|patient|name|re)\s*[:;]?\s*([A-Z][A-Z'\-]+),\s*([A-Z][a-z' \-]+)")
_DATE = r"(\d{1,2})(?:st|nd|rd|th)?[/.\- ]+(\d{1,2}|[a-z]{3,9})[/.\- ]+(\d{4})"
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b")
_PHONE = re.compile(r"\b0(?:[ -]?\d){10}\b")
_REASON = re.compile(
    r"(?:reason for referral[^\n]{0,25}|clinical (?:details|information)|dear [^\n]*\n(?:re:[^\n]*)?)\s*:?"
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
    return str(pytesseract.image_to_string(_without_lines(page), config="--psm 4"))


def _without_lines(page: Image.Image) -> Image.Image:
    """The page with long straight lines painted white: the recipe of every tutorial."""
    picture = np.asarray(page).copy()
    ink = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    for shape in ((60, 1), (1, 60)):
        lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        picture[cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0] = 255
    return Image.fromarray(picture)


def fields_of(text: str) -> dict[str, str]:
    """The values that the expressions find."""
    found: dict[str, str] = {}
    for field, pattern in _LABELS.items():
        match = re.search(r"\b" + pattern, text, re.I)
        if match and (value := _NEXT_LABEL.split(match[1].strip(" .:|_-"))[0].strip(" ,:")):
            found[field] = re.sub(r"^(?:mr|mrs|ms|miss|dr|professor)\b\.? ", "", value, flags=re.I)
    if (name := _PRINTED_NAME.search(text)) and "patient.family_name" not in found:
        found["patient.family_name"], found["patient.given_names"] = name[1], name[2].strip()
    for number in _NUMBER.findall(text):
        digits = re.sub(r"\D", "", number)
        if nhs_number.is_valid(digits):
            found["patient.nhs_number"] = digits
            break
    _dates(text, found)
    if "referrer.name" not in found and (signed := _SIGNED.search(text)):
        found["referrer.name"] = signed[1].strip()
    if "referrer.practice_name" not in found and (practice := _PRACTICE.search(text.split("\n", 1)[-1])):
        found["referrer.practice_name"] = practice[1].strip()
    if "patient.address" in found:
        found["patient.address"] = _POSTCODE.sub("", found["patient.address"]).strip(" ,")
    if postcode := _POSTCODE.search(text, max(0, text.lower().find("patient"))):
        found["patient.postcode"] = f"{postcode[1]} {postcode[2]}"
    body = text.split("\n", 2)[-1]  # the fax machine's own line has numbers too
    own = re.search(r"practice|surgery|referrer|gp\b", body, re.I)
    for match in _PHONE.finditer(body):
        theirs = own is not None and abs(match.start() - own.start()) < 200
        found.setdefault("referrer.phone" if theirs else "patient.phone", re.sub(r"\D", "", match[0]))
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
    ticked = _TICKED.search(text)
    if ticked:
        found["referral.priority"] = {"r": "ROUTINE", "u": "URGENT"}.get(ticked[1][0].lower(), "TWO_WEEK_WAIT")
    elif re.search(r"two week wait|2ww|suspected cancer", low):
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
