"""Strict reading of FHIR bodies: every field, type, profile, system, code and cardinality is judged, and named when wrong.

Each reader takes the value and its place in the body (`parameter[2].valueCoding`) and returns the plain value, or raises the
`Refusal` whose code the specification gives for that fault (ers.md section 7). Diagnostics name places, never values (P8).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import nhs_number

from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_refusal import Refusal, unprocessable

_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$")
_SDS_ID = re.compile(r"^\d{12}$")
UBRN = re.compile(r"^\d{12}$")


@dataclass(frozen=True)
class Part:
    """One named parameter of a Parameters resource: the field that holds its value, and how often it may stand."""

    field: str
    least: int = 1
    most: int | None = 1


def body_object(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request body; anything else is malformed (400)."""
    try:
        value = json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, ValueError):
        raise Refusal(400, None, "the body is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise unprocessable("INVALID_FHIR_STRUCTURE", "the body is not one resource")
    return value


def members(value: Any, at: str, *, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
    """An object with all of `required`, perhaps some of `optional`, and nothing else."""
    if not isinstance(value, dict):
        raise unprocessable("INVALID_FHIR_STRUCTURE", f"'{at}' must be an object")
    for name in required:
        if value.get(name) is None:
            raise unprocessable("MISSING_VALUE", f"'{at}.{name}' is missing")
    for name in value:
        if name not in required and name not in optional:
            raise unprocessable("UNEXPECTED_FIELD", f"'{at}' has an unknown field")
    return value


def items(value: Any, at: str, *, least: int = 0, most: int | None = None) -> list[Any]:
    """A list with `least` to `most` members. Too few is MISSING_VALUE, too many TOO_MANY_ITEMS."""
    if not isinstance(value, list):
        raise unprocessable("INVALID_FHIR_STRUCTURE", f"'{at}' must be a list")
    if len(value) < least:
        raise unprocessable("MISSING_VALUE", f"'{at}' needs at least {least}")
    if most is not None and len(value) > most:
        raise unprocessable("TOO_MANY_ITEMS", f"'{at}' takes at most {most}")
    return value


def resource(
    value: Any,
    at: str,
    kind: str,
    profiles: Collection[str],
    *,
    required: Collection[str] = (),
    optional: Collection[str] = (),
) -> dict[str, Any]:
    """A resource of this kind that names exactly these profiles in `meta.profile`."""
    if isinstance(value, dict) and value.get("resourceType") not in (None, kind):
        raise unprocessable("INVALID_FHIR_STRUCTURE", f"'{at}' must be a {kind}")
    found = members(value, at, required=("resourceType", "meta", *required), optional=("id", "language", *optional))
    meta = members(found["meta"], f"{at}.meta", required=("profile",), optional=("versionId", "lastUpdated"))
    named = items(meta["profile"], f"{at}.meta.profile", least=1)
    if not all(isinstance(p, str) for p in named) or set(named) != set(profiles) or len(named) != len(profiles):
        raise unprocessable("INVALID_VALUE", f"'{at}.meta.profile' is not the profile of this operation")
    return found


def parameters(value: Any, at: str, table: Mapping[str, Part]) -> dict[str, list[tuple[str, Any]]]:
    """The parameters by name, each as (place, value). Unknown names, other value fields and wrong numbers are refused."""
    found: dict[str, list[tuple[str, Any]]] = {name: [] for name in table}
    for index, entry in enumerate(items(value, at)):
        place = f"{at}[{index}]"
        if not isinstance(entry, dict):
            raise unprocessable("INVALID_FHIR_STRUCTURE", f"'{place}' must be an object")
        name = entry.get("name")
        if name is None:
            raise unprocessable("MISSING_VALUE", f"'{place}.name' is missing")
        part = table.get(name) if isinstance(name, str) else None
        if part is None:
            raise unprocessable("UNEXPECTED_FIELD", f"'{place}' unknown parameter name")
        others = [key for key in entry if key not in ("name", part.field)]
        if others:
            raise unprocessable("UNEXPECTED_FIELD", f"'{place}' takes its value in {part.field}")
        if entry.get(part.field) is None:
            raise unprocessable("MISSING_VALUE", f"'{place}.{part.field}' is missing")
        found[name].append((f"{place}.{part.field}", entry[part.field]))
    for name, part in table.items():
        if len(found[name]) < part.least:
            raise unprocessable("MISSING_VALUE", f"parameter '{name}' is missing")
        if part.most is not None and len(found[name]) > part.most:
            raise unprocessable("INVALID_FHIR_STRUCTURE", f"parameter '{name}' may stand {part.most} time")
    return found


def string(value: Any, at: str) -> str:
    """A text that is not blank."""
    if isinstance(value, (dict, list)):
        raise unprocessable("INVALID_FHIR_STRUCTURE", f"'{at}' must be a text")
    if not isinstance(value, str) or not value.strip():
        raise unprocessable("INVALID_VALUE", f"'{at}' must be a text that is not blank")
    return value


def boolean(value: Any, at: str) -> bool:
    """true or false, not a text that says so."""
    if isinstance(value, (dict, list)):
        raise unprocessable("INVALID_FHIR_STRUCTURE", f"'{at}' must be true or false")
    if not isinstance(value, bool):
        raise unprocessable("INVALID_VALUE", f"'{at}' must be true or false")
    return value


def unsigned(value: Any, at: str) -> int:
    """A whole number of 32 bits that is not negative."""
    if isinstance(value, (dict, list)):
        raise unprocessable("INVALID_FHIR_STRUCTURE", f"'{at}' must be a number")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise unprocessable("INVALID_VALUE", f"'{at}' must be a whole number from 0")
    return value


def instant(value: Any, at: str) -> dt.datetime:
    """An instant with its offset; a date or a time without offset is INVALID_VALUE."""
    text = string(value, at)
    if not _INSTANT.match(text):
        raise unprocessable("INVALID_VALUE", f"'{at}' must be an instant with seconds and offset")
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise unprocessable("INVALID_VALUE", f"'{at}' is not a possible instant") from None


def coding(value: Any, at: str, system: str, codes: Collection[str] | None = None) -> str:
    """The code of a Coding in this system; when `codes` is given, one of these."""
    found = members(value, at, required=("system", "code"), optional=("display",))
    if string(found["system"], f"{at}.system") != system:
        raise unprocessable("INVALID_VALUE", f"'{at}.system' is not the system of this field")
    code = string(found["code"], f"{at}.code")
    if codes is not None and code not in codes:
        raise unprocessable("INVALID_CODE", f"'{at}.code' is not one of the defined codes")
    return code


def concept(value: Any, at: str, system: str, codes: Collection[str] | None = None) -> str:
    """The code of a CodeableConcept that holds exactly one Coding."""
    found = members(value, at, required=("coding",), optional=("text",))
    inner = items(found["coding"], f"{at}.coding", least=1)
    if len(inner) > 1:
        raise unprocessable("INVALID_FHIR_STRUCTURE", f"'{at}.coding' takes one coding")
    return coding(inner[0], f"{at}.coding[0]", system, codes)


def identifier(value: Any, at: str, system: str) -> str:
    """The value of an Identifier in this system."""
    found = members(value, at, required=("system", "value"))
    if string(found["system"], f"{at}.system") != system:
        raise unprocessable("INVALID_VALUE", f"'{at}.system' is not the system of this identifier")
    return string(found["value"], f"{at}.value")


def patient(value: Any, at: str) -> str:
    """An NHS number: ten digits without spaces that pass Modulus 11."""
    number = identifier(value, at, words.NHS_NUMBER)
    if not (number.isascii() and number.isdigit() and len(number) == 10 and nhs_number.is_valid(number)):
        raise unprocessable("INVALID_VALUE", f"'{at}.value' is not an NHS number")
    return number


def sds_user(value: Any, at: str) -> str:
    """An SDS user id: twelve digits."""
    number = identifier(value, at, words.SDS_USER)
    if not _SDS_ID.match(number):
        raise unprocessable("INVALID_VALUE", f"'{at}.value' is not an SDS user id")
    return number


def service_id(value: Any, at: str) -> str:
    """A service id: digits as text."""
    number = identifier(value, at, words.SERVICE)
    if not (number.isascii() and number.isdigit()):
        raise unprocessable("INVALID_VALUE", f"'{at}.value' is not a service id")
    return number
