"""What a person may type into a field: each value checked and put into the form of the public contract, or refused in a sentence.

The readers' grammars repair characters that a scanner mistakes; a person's typing is never repaired, only normalised.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from gateway.errors import WrongInput
from templates.grammar import Parsed, plain
from templates.grammar_codes import nhs_valid, parse_phone, parse_postcode
from templates.grammar_dates import parse_date
from templates.grammar_words import PRIORITIES, parse_gender, priorities_in
from templates.reading import FIELDS

LONDON = ZoneInfo("Europe/London")

FIELD_WORDS: dict[str, str] = {
    "patient.nhs_number": "NHS number",
    "patient.family_name": "family name",
    "patient.given_names": "given names",
    "patient.birth_date": "date of birth",
    "patient.gender": "gender",
    "patient.address": "address",
    "patient.postcode": "postcode",
    "patient.phone": "patient's telephone",
    "referrer.name": "referrer's name",
    "referrer.practice_name": "practice name",
    "referrer.practice_code": "practice code",
    "referrer.phone": "practice's telephone",
    "referral.date": "date of the referral",
    "referral.priority": "priority",
    "referral.specialty": "specialty",
    "referral.named_clinician": "named clinician",
    "referral.reason": "reason for the referral",
    "referral.ubrn": "UBRN",
    "referral.sharing_dissent": "objection to sharing",
}
"""How a field is called in sentences."""

PRIORITY_WORDS = {"TWO_WEEK_WAIT": "suspected cancer (two week wait)", "URGENT": "urgent", "ROUTINE": "routine"}

_LONGEST = {"referral.reason": 20_000, "patient.address": 300}


def words_for(field: str) -> str:
    """The field's name in a sentence; a field without words is a defect of ours, so its own name will do."""
    return FIELD_WORDS.get(field, field)


def check_field(field: str) -> str:
    """The field's own name; WrongInput where there is no such field. The part after the dot will do where it is the only one."""
    if field in FIELDS:
        return field
    short = [f for f in FIELDS if f.split(".", 1)[1] == field]
    if len(short) == 1:
        return short[0]
    raise WrongInput("field", f"There is no field '{field}'.", f"The fields are: {', '.join(FIELDS)}.")


def parse_value(field: str, typed: str | bool, now: dt.datetime) -> str:
    """The value in the contract's form (`true` and `false` for yes and no); WrongInput says what is wrong with it.

    The sentence does not quote the value, because it may end in a log (P8).
    """
    if isinstance(typed, bool):
        if field != "referral.sharing_dissent":
            raise _wrong(field, "is neither yes nor no", "Write it as text.")
        return "true" if typed else "false"
    text = plain(typed)
    if not text:
        raise _wrong(field, "is empty", "Leave the field out, or write a value.")
    if any(not c.isprintable() for c in text):
        raise _wrong(field, "holds characters that cannot be printed", "Type it again.")
    if len(text) > _LONGEST.get(field, 120):
        raise _wrong(field, f"is longer than {_LONGEST.get(field, 120)} characters", "Shorten it.")
    parse = _PARSERS.get(field)
    return parse(field, text, now.astimezone(LONDON).date()) if parse else text


def _wrong(field: str, what: str, do: str) -> WrongInput:
    return WrongInput("value", f"{field}: the {words_for(field)} {what}.", do)


def _whole(parsed: Parsed | None, text: str) -> Parsed | None:
    """The value only where it is the whole text and nothing was repaired: a person's typing is not guessed at."""
    return parsed if parsed and parsed.repairs == 0 and parsed.start == 0 and parsed.end == len(text) else None


def _nhs_number(field: str, text: str, _today: dt.date) -> str:
    digits = re.sub(r"[ \-]", "", text)
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise _wrong(field, "needs ten digits", "Write it as 999 000 0018.")
    if not nhs_valid(digits):
        raise _wrong(field, "has a wrong check digit (Modulus 11)", "Compare it with the picture, digit by digit.")
    return digits


def _date(field: str, text: str, today: dt.date) -> str:
    birth = field == "patient.birth_date"
    parsed = _whole(parse_date(text, "birth" if birth else "letter", today), text)
    if parsed is None or parsed.doubts or not re.search(r"\d{4}", text):
        limits = (
            "It may not be in the future, nor 120 years ago." if birth else "It may not be before 2000 or a year ahead."
        )
        raise _wrong(field, "is not a date that can be", f"Write it as 31/12/1980 or 1980-12-31. {limits}")
    return parsed.value


def _gender(field: str, text: str, _today: dt.date) -> str:
    parsed = parse_gender(text)
    if parsed is None or parsed.repairs:
        raise _wrong(field, "is not one of male, female, other, unknown", "Write one of these.")
    return parsed.value


def _postcode(field: str, text: str, _today: dt.date) -> str:
    parsed = _whole(parse_postcode(text), text)
    if parsed is None:
        compact = re.sub(r"\s", "", text)
        parsed = _whole(parse_postcode(f"{compact[:-3]} {compact[-3:]}"), f"{compact[:-3]} {compact[-3:]}")
    if parsed is None:
        raise _wrong(field, "is not a postcode", "Write it as WF10 4PW.")
    return parsed.value


def _phone(field: str, text: str, _today: dt.date) -> str:
    parsed = _whole(parse_phone(text), text)
    digits = parsed.value if parsed else re.sub(r"[ ()\-./]", "", text)
    if not re.fullmatch(r"\+?[0-9]{6,15}", digits):
        raise _wrong(field, "is not a telephone number", "Write its digits, as 01642 672351.")
    return digits.lstrip("+")


def _ods(field: str, text: str, _today: dt.date) -> str:
    code = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z0-9]{3,9}", code):
        raise _wrong(field, "is not an ODS code", "Write it as B87030.")
    return code


def _priority(field: str, text: str, _today: dt.date) -> str:
    code = re.sub(r"[\s\-]+", "_", text.upper())
    if code in PRIORITIES:
        return code
    named = priorities_in(text)
    if len(named) != 1 or not named <= set(PRIORITIES):
        raise _wrong(field, "is none of ROUTINE, URGENT, TWO_WEEK_WAIT", "Write the one that the referrer chose.")
    return named.pop()


def _ubrn(field: str, text: str, _today: dt.date) -> str:
    digits = re.sub(r"[ \-]", "", text)
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise _wrong(field, "needs twelve digits", "Write it as 0000 0007 0000, with its leading zeros.")
    return digits


def _yes_no(field: str, text: str, _today: dt.date) -> str:
    low = text.lower()
    if low in {"true", "yes", "y"}:
        return "true"
    if low in {"false", "no", "n"}:
        return "false"
    raise _wrong(field, "is neither true nor false", "Write true where the patient objects, else false.")


def _name(field: str, text: str, _today: dt.date) -> str:
    if not any(c.isalpha() for c in text) or any(c.isdigit() for c in text):
        raise _wrong(field, "is not a name", "Write it as printed, without digits.")
    return text


def parse_ubrn(typed: str) -> str:
    """Twelve digits as text with leading zeros, spaces allowed; WrongInput otherwise (there is no check digit to test)."""
    return _ubrn("referral.ubrn", plain(typed), dt.date.min)


def parse_instant(typed: str) -> dt.datetime:
    """An instant as 2026-11-20T08:42:00Z, or 20/11/2026 08:42 or 2026-11-20 08:42 in London time; WrongInput otherwise."""
    text = plain(typed)
    for shape in ("%d/%m/%Y %H:%M", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, shape).replace(tzinfo=LONDON)
        except ValueError:
            continue
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise WrongInput(
            "instant", "That is not a date and time.", "Write it as 2026-11-20T08:42:00Z or 20/11/2026 08:42."
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=LONDON)


_PARSERS: dict[str, Callable[[str, str, dt.date], str]] = {
    "patient.nhs_number": _nhs_number,
    "patient.family_name": _name,
    "patient.given_names": _name,
    "patient.birth_date": _date,
    "patient.gender": _gender,
    "patient.postcode": _postcode,
    "patient.phone": _phone,
    "referrer.name": _name,
    "referrer.practice_code": _ods,
    "referrer.phone": _phone,
    "referral.date": _date,
    "referral.priority": _priority,
    "referral.named_clinician": _name,
    "referral.ubrn": _ubrn,
    "referral.sharing_dissent": _yes_no,
}
