"""Words round a label: what must follow one that stands without a colon, and headings over the clinical text, which are composed freely."""

from __future__ import annotations

import re
from collections.abc import Sequence

from templates.grammar_address import is_home
from templates.specialties import repaired_specialty, specialties_in

# What a value must look like for a common word before it, without a colon, to be its label.
_PERSON = r"\s*(?:(?:Mrs?|Miss|Ms|Mx|Master|Dr)\b\.?\s*)"
_REGISTERED = r"\s*(?:$|(?:GMC|GOC|GDC|NMC|HCPC)\b)"  # a clinician's number follows the name
_PLACE_ENDS = r"(?:Surgery|Practice|Centre|Partners|Group|Clinic|Opticians?|Optometrists?|Eyecare)\s*(?:$|[,.]\s*(?:Flat\s|Unit\s)?\d)"
_NUMBERED = re.compile(r"\s*(?:Flat\s*)?(?:[IlO]?\d[\dIlO]{0,3})[A-Za-z]?,?\s+[A-Za-z]{2}")  # a pen's 1 may be an I
_SHAPES = {
    "patient.name": (re.compile(_PERSON + r"?[A-Z][\w'\-]*,?(?:\s+[A-Z(][\w'\-.)]*){1,4}\s*(?:$|[a-z]|[A-Z]{3})"), re.compile(_PERSON + "[A-Z]")),
    "referrer.name": (re.compile(_PERSON + r"?[A-Z][\w'.\-]*(?:\s+[A-Z][\w'\-]*){1,3}" + _REGISTERED), re.compile(_PERSON + "[A-Z]")),
    "referrer.practice_name": (re.compile(r".{3,40}\b" + _PLACE_ENDS), None),
    "patient.address": (_NUMBERED, re.compile(r"\s*(?:Flat\s*)?\d{1,4}[A-Za-z]?,?\s+[A-Z]")),
    "referral.date": (re.compile(r"\s*\d{1,2}(?:[/.\- ]\d{1,2}|[\s\-]?[A-Za-z]{3,9})[/.\- ]\d{2}"),) * 2,
    "referral.priority": (re.compile(r"\s*(?:routine|urgent|2ww|two week|suspected|soon)\b", re.I),) * 2,
    "patient.gender": (re.compile(r"\s*(?:male|female|m|f)\b", re.I), re.compile(r"\s*(?:male|female|[MF])\b")),
}  # fmt: skip
_SHAPES["referral.named_clinician"] = (re.compile(_PERSON.replace("Dr)", "Dr|Prof(?:essor)?)") + "[A-Z]"),) * 2
_SHAPES["patient.family_name"] = (re.compile(r"\s*[A-Z][A-Za-z'\-]+(?:\s[A-Z][A-Za-z'\-]+)?[\s.]*$"), None)
_SHAPES["loose:name"] = _SHAPES["patient.name"]
_SHAPES["loose:clinician"] = _SHAPES["referrer.name"]
_SHAPES["loose:address"] = _SHAPES["patient.address"]
_SHAPES["loose:date"] = _SHAPES["referral.date"]


def fits_label(name: str, rest: str, opens: bool) -> bool:
    """Whether what follows a label word without a colon is a value of its kind; inside a line it must be so beyond doubt."""
    if name == "referral.specialty":
        hits = specialties_in(rest, needs_context=False)
        return (bool(hits) and hits[0][1] <= 1) or repaired_specialty(rest) is not None
    if opens and name in ("patient.address", "loose:address") and is_home(rest.strip(" .")):
        return True
    whole, inside = _SHAPES.get(name, (None, None))
    shape = whole if opens else inside
    return shape is not None and shape.match(rest) is not None


# Headings over the clinical text are composed freely ("History and reason for referral"): known by their words.
_TELLING_WORDS = frozenset(
    "history and reason reasons for referral clinical details detail information findings presenting "
    "presentation complaint of request problem problems "
    "summary relevant brief please include including the this about question questions diagnosis current "
    "main symptoms signs given with "
    "examination results investigations key why are you referring expectations purpose specific concern "
    "asking so far what is hoped to be answered "
    "present opinion sought wanted required concerns other any see attached patient patients being referred nature their is medical need your give "
    "notification free text or hpc pertinent background mandatory summary story clinic specialist consultant hospital background notes letter".split()
)


def is_reason_heading(tokens: Sequence[str]) -> bool:
    """Whether the words are a heading over the clinical text: all of them such words, and one that says so."""
    return (
        2 <= len(tokens) <= 9
        and all(t in _TELLING_WORDS for t in tokens)
        and bool(
            {
                "reason",
                "reasons",
                "clinical",
                "history",
                "findings",
                "presenting",
                "why",
                "question",
                "summary",
                "story",
            }
            & set(tokens)
        )
        and tokens != ["past", "history"]
    )


def in_brackets(text: str) -> int:
    """Where the brackets begin that end a heading, "(mandatory to complete)"; the text's length where none do."""
    at = text.rfind("(")
    return at if at > 0 and re.fullmatch(r"\([^()]*\)?\W*", text[at:]) else len(text)
