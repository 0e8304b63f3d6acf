"""One entrance to the grammars: the text that stands where a field is expected, in; the field's value in the
contract's form, out.
"""

from __future__ import annotations

import datetime as dt
import re

from rapidfuzz.distance import Levenshtein

from templates.grammar import Parsed, plain
from templates.grammar_address import mended_address, parse_address
from templates.grammar_codes import parse_nhs, parse_ods, parse_phone, parse_postcode, parse_ubrn
from templates.grammar_dates import parse_date
from templates.grammar_names import parse_clinician, parse_half, parse_name, strip_title
from templates.grammar_words import parse_gender, parse_words, priorities_in
from templates.specialties import is_specialty, repaired_specialty, specialties_in, specialty_at

# Fields whose grammar refuses most text that is not theirs: they show how a page is laid out.
STRICT = frozenset(
    {"patient.nhs_number", "patient.birth_date", "patient.postcode", "patient.phone", "patient.gender",
    "referrer.practice_code",
     "referrer.phone", "referral.date", "referral.ubrn"}
)  # fmt: skip
_CODED = {
    "patient.nhs_number": parse_nhs,
    "patient.postcode": parse_postcode,
    "patient.phone": parse_phone,
    "patient.gender": parse_gender,
    "referrer.practice_code": parse_ods,
    "referrer.phone": parse_phone,
    "referral.ubrn": parse_ubrn,
}
_CARELESS = re.compile(
    r"^(?:n/?a|none|nil|as above|see (?:above|below|attached|over)|not (?:known|applicable)|tbc|unknown|"
    r"any|-+|first available|next available|no preference)$",
    re.I,
)


_PLACE = re.compile(
    r"\b(?:surgery|practice|cent(?:re|er)|hospital|infirmary|clinic|department|trust|partners|team|referral|direct|request)\b",
    re.I,
)
# "Surgery premises Lakeside Health Centre": the form's own words before a name that has its kind at its end.
_LABEL_BEFORE = re.compile(
    r"^\W*(?:surgery|surger\W|premises|practice(?:\s+name)?)\s+(?:premises\s+)?(?=\S+\s.*\b(?:surgery|practice|centre|partners|clinic)\W*$)",
    re.I,
)
_KINDS = (
    "Health",
    "Centre",
    "Medical",
    "Practice",
    "Surgery",
    "Family",
    "Dental",
    "Partners",
    "Partnership",
    "Opticians",
    "Optometrists",
)


def _with_known_kinds(name: str) -> tuple[str, int]:
    """A practice's name with the words that say its kind mended where one letter is misread, and how many were."""
    words = name.split()
    repairs = 0
    for n, word in enumerate(words[1:], 1):
        close = [
            k
            for k in _KINDS
            if word.lower() != k.lower() and Levenshtein.distance(word.lower(), k.lower(), score_cutoff=1) <= 1
        ]
        if len(close) == 1 and not word.lower().endswith(("s", "y")) and len(word) > 4:
            words[n] = close[0].upper() if word.isupper() else close[0]
            repairs += 1
    return " ".join(words), repairs


# "Dermatology, St Oswald's Hospital (outpatients)": the house follows the department.
_HOSPITAL_BEHIND = re.compile(
    r"\s*(?:,|-|\bat\b)\s+[A-Z][\w'’.\- ]{2,40}\b(?:Hospital|Infirmary|Trust)\b(?:\.\s.*|.{0,30})$"
)
# The address that follows a practice's name in its row.
_ADDRESS_BEHIND = re.compile(r"(?<=[A-Za-z])[,.]\s*(?:(?:Flat|Unit|Suite)\s+\w+,?\s*)?\d{1,4}[A-Za-z]?,?\s+[A-Z].*$")
_ADDRESS = re.compile(
    r"\b(?:road|rd|street|st|lane|avenue|ave|close|drive|way|crescent|terrace)\.?,|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\W*$",
    re.I,
)
_A_PRACTICE = re.compile(
    r"\b(?:surgery|practice|partnership|cent(?:re|er)|medical|clinic|health\w*|hub|team|service|pharmacy|opt[io]\w*|dent\w*|audiolog\w*|hearing)\b",
    re.I,
)
_DEPARTMENT_OF = re.compile(
    r"\W*(?:(?:the\s+)?(?:department|dept)\.?\s+(?:of\s+)?)?(.+?)(?:\s+(?:department|dept|outpatients?|out-patients?|opd|clinics?|service))?\W*",
    re.I,
)
# A site or a complaint names no department without its clinic: "Skin Clinic".
_NAMED_BY_SITE = re.compile(
    r"\b(?:skin|lung|breast|fertility|menopause|hand|wrist|knee|shoulder|hip|foot|hernia|headache|epilepsy|sleep|asthma|continence|diabetic\s+foot|head\s+and\s+neck|memory|pain)\s+(?:clinic|service|team)\W*$",
    re.I,
)
_IN_BRACKETS = re.compile(r"\s*\((?!.*\b(?:hospital|infirmary|site|if|if\s+known)\b)[A-Z][A-Za-z &/\-]{3,30}\)\W*$")
# Words of titles and forms that name no specialty by themselves.
_NO_SPECIALTY = frozenset(
    "referral referrals form forms service services secondary primary care community out patients outpatient outpatients hospital "
    "department dept clinic clinics request new the to of and for nhs trust date urgent routine priority consultant yes no "
    "patient general acute elective appointment booking office centre team specialist any see below attached other".split()
)


def _no_specialty(text: str) -> bool:
    """Whether a text is a title or an answer and no specialty ("Referral to Secondary Care", a date, a telephone number)."""
    words = re.findall(r"[a-z]+", plain(text).lower())
    if re.search(r"\b(?:hospital|infirmary|trust|please)\b", text, re.I) or strip_title(text)[1] or priorities_in(text):
        return True
    return all(w in _NO_SPECIALTY for w in words) or sum(c.isdigit() for c in text) >= 4


def _without_department(text: str) -> str:
    """A specialty without the words that make it a department ("Department of Urology", "Ophthalmology clinic"); other text as it is."""
    m = None if is_specialty(text) or _NAMED_BY_SITE.search(text) else _DEPARTMENT_OF.fullmatch(text)
    return m[1] if m and (is_specialty(m[1]) or repaired_specialty(m[1])) else text


def uncomb(text: str) -> str:
    """Comb cells joined: `S M I T H` is SMITH; text of ordinary words is left alone."""
    words = plain(text).split(" ")
    singles = sum(1 for w in words if len(w) == 1 and w.isalnum())
    if len(words) >= 4 and singles >= 0.8 * len(words):
        return "".join(words)
    return plain(text)


def _whole(value: str | None, text: str) -> Parsed | None:
    return Parsed(value, 0, len(text)) if value else None


def parse_field(field: str, lines: list[str], today: dt.date) -> Parsed | None:
    """The field's value in the lines of text found for it, or None where they cannot be that field.

    For `patient.name` the value is `FAMILY|Given`.
    """
    text = plain(" ".join(lines))
    if not text or _CARELESS.match(text.strip(" .")):
        return None
    if field in _CODED:
        return _CODED[field](text)
    if field in ("patient.birth_date", "referral.date"):
        return parse_date(text, "birth" if field == "patient.birth_date" else "letter", today)
    if field in ("patient.family_name", "patient.given_names"):
        return _half(uncomb(text))
    if field == "patient.name":
        name = parse_name(uncomb(text))
        return Parsed(f"{name.family}|{name.given}", 0, len(text)) if name else None
    if field in ("referrer.name", "referral.named_clinician"):
        if _PLACE.search(text.split(",")[0]) or priorities_in(text):
            return None
        return _whole(parse_clinician(text), text)
    if field == "patient.address":
        address, repairs = mended_address(parse_address(lines) or "")
        return Parsed(address, 0, len(text), repairs) if address else None
    if field == "referral.priority":
        found = priorities_in(text) - {"SOON"}
        return Parsed(next(iter(found)), 0, len(text)) if len(found) == 1 and priorities_in(text) == found else None
    if field == "referral.reason":
        return _whole(text if len(text) >= 8 and re.search(r"[A-Za-z]{3}", text) else None, text)
    if field == "referral.specialty":
        return _specialty(text)
    if field == "referrer.practice_name":
        return _practice(text)
    return _whole(parse_words(text), text)


def _specialty(text: str) -> Parsed | None:
    """The department that a text names, without its hospital; other words as they are, without the check of a known name."""
    text = _without_department(_HOSPITAL_BEHIND.sub("", text))
    name = specialty_at(text)
    if name and re.match(r"\s*,", text[len(name) :]) and not specialties_in(text[len(name) :], needs_context=False):
        text = name  # "Urology, Eastbrook District" whose "Hospital" stands on the next line
    value = None if _no_specialty(text) else parse_words(text)
    if value and name and _IN_BRACKETS.fullmatch(text[len(name) :]) and not priorities_in(text):
        return _whole(
            plain(text), text
        )  # "Dermatology (Teledermatology)": what the brackets say may be the clinic that is meant
    if value and is_specialty(value):
        return Parsed(value, 0, len(text), 0, ("known specialty",))
    if value and (known := repaired_specialty(value)):
        return Parsed(known, 0, len(text), 1)
    return _whole(value, text)


def _practice(text: str) -> Parsed | None:
    """A practice's name without its code, its address and what a mail program prints round it."""
    if len(text.split()) > 3 and 2 * sum(w[0].isupper() for w in text.split()) < len(text.split()):
        return None  # "surgery; has been through the questionnaire"
    if _ADDRESS.search(text) and not _A_PRACTICE.search(text):
        return None  # "Park Rd, Hamstreet" or "Saltash PL12 4BU" beneath the name of a surgery
    bare = re.sub(r"\s*[(\[]?\s*(?:(?:ODS\s*)?code\W*)?\b[A-Z]\d{5}\b[)\]]?", "", text, flags=re.I)
    bare = re.sub(r"\s*[(\[]\s*(?:ODS\s*)?code\W*$", "", bare, flags=re.I)
    # "SMITH, Ann (PARK SURGERY) <...>": mail programs put the practice in brackets behind the sender.
    inside = re.search(r"\(([^()]{6,60})\)\s*(?:<|$)", bare)
    without_address = _ADDRESS_BEHIND.sub("", re.sub(r"\s*<[^<>]*>?\s*$", "", bare))
    named, repairs = _with_known_kinds(
        parse_words(inside[1] if inside else _LABEL_BEFORE.sub("", without_address)) or ""
    )
    return Parsed(named, 0, len(text), repairs) if named else None


def _half(text: str) -> Parsed | None:
    value = parse_half(text)
    return _whole(value, text)
