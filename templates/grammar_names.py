"""People's names as forms and letters print them: titles removed, `SURNAME, Given (Title)`, particles, apostrophes,
hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from templates.grammar import plain

_TITLES = (
    "mr mrs miss ms mx master mstr dr doctor prof professor rev reverend revd sir dame lady lord fr "
    "father sr sister cllr capt captain "
    "major col lt sgt hon mister baby"
).split()
_PARTICLES = frozenset(
    "de da do dos das del della der den di du el la le les van von vander bin binti ibn al ap ab ferch st "
    "st. ter ten zu af ten mac o".split()
)
_AFTER = re.compile(
    r"(?:^|[\s,(])(?:MBBS|MBChB|MB|BS|BCh|BSc|MSc|MD|PhD|DM|FRCS|FRCP|FRCPath|FRCGP|FRCOG|FRCR|MRCS|MRCP|"
    r"MRCGP|MRCPCH|MCOptom|FCOptom|MRPharmS|IP|"
    r"BM|BMBS|BChir|ChB|BChD|MRCPsych|MRCOG|FRCEM|FFARCS|MJDF|MFGDP|RM|RHV|SCPHN|MCSP|SRP|BCh|RCN|"
    r"Dental|Dentist|Midwife|Caseload|Community|District|School|Staff|Matron|Physiotherapist|Podiatrist|Paramedic|Optician|Pharmacist|"
    r"Medical|Director|First\s+Contact|Officer|Manager|Health|MSK|"
    r"DRCOG|DCH|DFFP|BDS|MFDS|RGN|RN|RMN|GPwSI|Consultant|GP|Partner|Locum|Registrar|Specialist|Surgeon|"
    r"Physician|Optometrist|"
    r"Nurse|Practitioner|Principal|Salaried|General|Associate|GMC|GOC|NMC|Clinical|Lead|Advanced|Senior)\b.*$"
)
_WORD = r"[^\W\d_][^\W\d_'.\-]*(?:['\-][^\W\d_]+)*\.?"
_LEADING_TITLE = re.compile(rf"^(?:(?:{'|'.join(_TITLES)})\b\.?,?\s*(?:&\s*)?)+", re.I)
_TRAILING_TITLE = re.compile(rf"(?:[\s,]+[(\[]?|[(\[])\s*(?:{'|'.join(_TITLES)})\b\.?\s*[)\]]?\s*$", re.I)
_TAIL = re.compile(
    r"[\s,;:()\-]*(?:\b(?:d\.?o\.?b|dob|date of birth|born|nhs|hosp|aged?|tel|gender|sex|male|female|address)\b.*)$",
    re.I,
)


@dataclass(frozen=True)
class PersonName:
    """A name in its two halves as printed, without title. Either half may be empty."""

    family: str
    given: str
    title: str = ""


def _clean(text: str) -> str:
    text = plain(text).strip(" ,;:.-_*|/\\=<>'\"")
    text = re.sub(r"(?<=[A-Za-z])\s*'\s*(?=[A-Z])", "'", text)
    text = re.sub(r"\s*-\s*(?=[A-Z])", "-", text) if re.search(r"[A-Za-z] ?- ?[A-Z]", text) else text
    # A capital I at a word's beginning is often read as a small l ("lan" for "Ian"); no English name begins with lb,
    # lc, lr, lv or lw.
    text = re.sub(
        r"\bl(?=[bcdfghjkmnpqrstvwxz][a-z])|\bl(?=an\b|yer\b|mran\b|vy\b|sla|sa|re|da\b|ris\b|ain\b)", "I", text
    )
    return re.sub(r"(?<=[A-Za-z])\s+(?=,)", "", text)


def strip_title(text: str) -> tuple[str, str]:
    """The name without its titles, and the titles (`Mrs`, `Prof Dame`) that stood before or after it."""
    name = _clean(text)
    title = ""
    if m := _LEADING_TITLE.match(name):
        rest = name[m.end() :]
        if rest.strip():
            title, name = m[0].strip(" .,"), rest
    if m := _TRAILING_TITLE.search(name):
        rest = name[: m.start()]
        if rest.strip():
            title, name = title or m[0].strip(" .,()[]"), rest
    return _clean(name), title


def letters_of(text: str) -> str:
    """Only name-like text: digits and what is no part of a name removed, spaces made single."""
    kept = re.sub(r"[^\w\s'.,()\-]|[\d_]", " ", plain(text))
    return re.sub(r"\s+", " ", kept).strip(" ,.-'()")


def looks_like_name(text: str) -> bool:
    """Between one and six words, mostly letters, none of them a digit, at least one of two letters or more."""
    words = text.split()
    if not 1 <= len(words) <= 6 or any(c.isdigit() for c in text) or len(text) > 48:
        return False
    if any(
        w[:1].islower()
        and w.lower().strip(".,") not in _PARTICLES
        and not re.match(r"[a-z]'[A-Z]|(?:al|el|ap|bin|ben|de|la|le|van)-[A-Z]", w)
        for w in words
    ):
        return False
    return all(re.fullmatch(rf"{_WORD},?", w) for w in words) and any(len(w.strip(".,")) >= 2 for w in words)


def parse_half(text: str) -> str | None:
    """A surname or forenames alone, as printed, title and trailing other fields removed; None where the text is no
    name.
    """
    name, _ = strip_title(_TAIL.sub("", plain(text)))
    name = _clean(re.sub(r"[^\w\s'.\-]", " ", name))
    name = re.sub(r"\s+", " ", name)
    if in_small_letters(name):
        name = name.title()
    return name if name and looks_like_name(name) else None


_NO_NAMES = re.compile(
    r"\b(?:not?|none|given|unknown|see|above|below|as|per|same|patient|names?|applicable|known|nil|tbc|and|or|of|the|is)\b"
)


def in_small_letters(text: str) -> bool:
    """Whether a name was written by hand without a capital, or its capital was read as a small letter: one word or two, and no remark."""
    return re.fullmatch(r"[a-z]{3,}(?:[ '\-][a-z]{2,})?", text) is not None and not _NO_NAMES.search(text)


def _split_plain(words: list[str]) -> tuple[list[str], list[str]]:
    """Given and family words where no comma tells: a run of capitals at the end, else the last word with its
    particles.
    """
    caps = len(words)
    while caps > 0 and len(words[caps - 1].strip(".")) > 1 and words[caps - 1].upper() == words[caps - 1]:
        caps -= 1
    if 0 < caps < len(words):
        return words[:caps], words[caps:]
    lead = 0
    while lead < len(words) and len(words[lead].strip(".")) > 1 and words[lead].upper() == words[lead]:
        lead += 1
    if 0 < lead < len(words) and caps == len(words):
        return words[lead:], words[:lead]
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in _PARTICLES:
        cut -= 1
    return words[:cut], words[cut:]


def _in_capitals(word: str) -> str:
    """A word printed by hand in capitals, some of which were read as the small letters that look alike ("MaTTHEW", "TEmPEST")."""
    capitals = sum(c.isupper() and c != "I" for c in word)  # a capital I is an l as often
    small = [c for c in word if c.islower()]
    by_hand = 2 <= capitals >= len(small) and set(small) <= set("aceimnopsuvwxyz") and not re.match(r"Ma?c[A-Z]", word)
    return word.upper() if by_hand else word


# "Mr Mrs Miss Ms Other": what a form offers beside a name, to ring one.
_TITLES_OFFERED = re.compile(r"\b(?:Mr|Mrs|Miss|Ms)\b[\s/,.|]+(?:Mr|Mrs|Miss|Ms|Mx|Dr|Other)\b", re.I)


def parse_name(text: str) -> PersonName | None:
    """A whole name: `SMITH, John (Mr)`, `Mr John SMITH`, `Maria de la Cruz`. None where the text is no name of two
    words or more.
    """
    raw = _TAIL.sub("", plain(text))
    if _TITLES_OFFERED.search(raw):
        return None
    if m := re.match(r"^\s*([^,]+?)\s*,\s*(.+)$", raw):
        family, t1 = strip_title(m[1])
        if t1 and len(family.split()) > 1:
            return parse_name(m[1])
        given, t2 = strip_title(re.split(r"[,(]", m[2].strip(" ("))[0] if not _TRAILING_TITLE.search(m[2]) else m[2])
        given = _clean(re.sub(r"[()\[\]]", " ", given))
        if looks_like_name(family) and looks_like_name(given) and len(family.split()) <= 4:
            return PersonName(family, given, t1 or t2)
    name, title = strip_title(re.split(r"[,;(]", raw)[0])
    words = name.split()
    if not looks_like_name(name):
        return None
    if len(words) == 1:
        return PersonName(name, "", title) if title else None
    given_words, family_words = _split_plain([_in_capitals(word) for word in words])
    return PersonName(" ".join(family_words), " ".join(given_words), title)


def parse_clinician(text: str) -> str | None:
    """A clinician's name as printed without title, letters after the name and role; None where the text is no name."""
    raw = re.sub(r"^\W*from\s*:?\s+", "", plain(text), flags=re.I)
    raw = re.sub(r"(?<=[a-z]{3})\.\s+(?=[A-Z][a-z])", " ", raw)  # a speck behind a name that is no initial
    raw = re.split(r"[;(]|,(?!\s*[A-Z][a-z]+$)| - |\bor\b", raw)[0]
    name, title = strip_title(raw)
    name, _ = strip_title(_AFTER.sub("", name))
    name = _clean(re.sub(r"\s+", " ", name))
    if not name or not looks_like_name(name) or (len(name.split()) == 1 and not title and len(name) < 3):
        return None
    return name


def name_key(text: str) -> str:
    """Letters only, capitals, no marks: the form in which names are compared (`O'Brien` and `OBRIEN` are one)."""
    folded = unicodedata.normalize("NFKD", plain(text))
    return "".join(c for c in folded.upper() if c.isascii() and c.isalpha())
