"""Imports of the site's reference files: practices, contacts, services, clinicians, and the patient index.

A file is taken whole or not at all: every fault is told with its line, and the old rows stay until the new ones are in. Each
import leaves its row with time, count and hash, so that the age of what is used can be shown.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from gateway.csv_files import Faults, as_date, as_yes, decoded, plain_rows, rows_with_header
from gateway.errors import WrongInput
from gateway.events import record
from gateway.store import Store
from gateway.tables_reference import Clinician, Contact, Import, Patient, Practice, Service
from templates.grammar_codes import nhs_valid
from templates.grammar_names import name_key

FLOWS = ("APPOINTMENT_REQUEST", "TRIAGE_REQUEST")
_ODS = re.compile(r"[A-Z0-9]{3,9}")
_BATCH = 5000
_GENDERS = {
    "m": "male", "male": "male", "1": "male", "f": "female", "female": "female", "2": "female",
    "other": "other", "9": "other", "x": "other", "unknown": "unknown", "u": "unknown", "0": "unknown", "": "unknown",
}  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True)
class Imported:
    """What an import did, or with a dry run would do: `before` rows are replaced by `rows`."""

    kind: str
    rows: int
    before: int
    sha256: str
    done: bool


@dataclass(frozen=True)
class ReferenceAge:
    """When a kind of reference data was last imported; `at` is None where it never was."""

    kind: str
    at: dt.datetime | None
    rows: int
    by: str | None
    days: int | None


def _practices(text: str, faults: Faults) -> list[Row]:
    """The ODS layout `epraccur`: 27 columns and no header; code, name, 10 postcode, 13 status, 18 telephone."""
    rows: dict[str, Row] = {}
    for line, cells in plain_rows(text):
        if len(cells) != 27:
            faults.add(line, f"{len(cells)} columns instead of 27; use the ODS file epraccur as it was downloaded")
        elif not _ODS.fullmatch(cells[0]):
            faults.add(line, "the first column is not an ODS code")
        elif cells[0] in rows:
            faults.add(line, f"the code {cells[0]} stands in the file twice")
        else:
            rows[cells[0]] = {
                "code": cells[0],
                "name": cells[1],
                "postcode": cells[9],
                "phone": re.sub(r"\D", "", cells[17]),
                "open": cells[12] == "A",
            }
    return list(rows.values())


def _contacts(text: str, faults: Faults) -> list[Row]:
    rows: dict[str, Row] = {}
    for line, row in rows_with_header(text, faults.name, ("practice_code", "email", "phone", "fax"), ("confirmed_on",)):
        code = row["practice_code"].upper()
        confirmed = as_date(row["confirmed_on"]) if row.get("confirmed_on") else None
        if row[""]:
            faults.add(line, "more columns than the first line names")
        elif not _ODS.fullmatch(code):
            faults.add(line, "practice_code is not an ODS code, as B87030")
        elif code in rows:
            faults.add(line, f"the practice {code} stands in the file twice")
        elif row["email"] and not re.fullmatch(r"[^@\s,;<>\"]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+", row["email"]):
            faults.add(line, "email is not one plain address, as practice@nhs.net")
        elif row.get("confirmed_on") and confirmed is None:
            faults.add(line, "confirmed_on is not a date, as 2026-11-20")
        else:
            numbers = {name: re.sub(r"\D", "", row[name]) for name in ("phone", "fax")}
            rows[code] = {"practice_code": code, "email": row["email"], **numbers, "confirmed_on": confirmed}
    return list(rows.values())


def _services(text: str, faults: Faults) -> list[Row]:
    columns = ("service_id", "name", "organisation", "specialty_code", "clinic_type", "request_flow", "words")
    rows: dict[str, Row] = {}
    for line, row in rows_with_header(text, faults.name, columns):
        empty = next((c for c in columns[:6] if not row[c]), None)
        if row[""]:
            faults.add(line, "more columns than the first line names; separate words by ; and not by a comma")
        elif empty:
            faults.add(line, f"{empty} is empty")
        elif not row["service_id"].isdigit():
            faults.add(line, "service_id is not a number")
        elif row["service_id"] in rows:
            faults.add(line, f"the service {row['service_id']} stands in the file twice")
        elif row["request_flow"] not in FLOWS:
            faults.add(line, f"request_flow is none of {', '.join(FLOWS)}")
        else:
            words = [w.strip() for w in re.split(r"[;|]", row["words"]) if w.strip()]
            rows[row["service_id"]] = {**{c: row[c] for c in columns[:6]}, "words": words}
    return list(rows.values())


def _clinicians(text: str, faults: Faults) -> list[Row]:
    rows: dict[tuple[str, str], Row] = {}
    for line, row in rows_with_header(text, faults.name, ("sds_id", "name", "organisation")):
        organisation = row["organisation"].upper()
        if row[""]:
            faults.add(line, "more columns than the first line names")
        elif not re.fullmatch(r"[0-9]{12}", row["sds_id"]):
            faults.add(line, "sds_id needs twelve digits")
        elif not row["name"]:
            faults.add(line, "name is empty")
        elif not _ODS.fullmatch(organisation):
            faults.add(line, "organisation is not an ODS code, as B87030")
        elif (row["sds_id"], organisation) in rows:
            faults.add(line, "this clinician stands in the file twice for one organisation")
        else:
            rows[row["sds_id"], organisation] = {
                "sds_id": row["sds_id"],
                "name": row["name"],
                "organisation": organisation,
            }
    return list(rows.values())


def _patients(text: str, faults: Faults) -> list[Row]:
    needed = ("nhs_number", "family_name", "given_names", "birth_date", "gender", "postcode")
    optional = ("hospital_number", "previous_family_name", "sensitive", "deceased")
    rows = []
    first_lines: dict[str, int] = {}
    for line, row in rows_with_header(text, faults.name, needed, optional):
        number = re.sub(r"[ \-]", "", row["nhs_number"])
        born, gender = as_date(row["birth_date"]), _GENDERS.get(row["gender"].lower())
        sensitive, deceased = as_yes(row.get("sensitive", "")), as_yes(row.get("deceased", ""))
        if row[""]:
            faults.add(line, "more columns than the first line names")
        elif number and not nhs_valid(number):
            faults.add(line, "nhs_number is not valid (Modulus 11); leave it empty where the patient has none")
        elif number in first_lines:
            faults.add(line, f"this NHS number stands on line {first_lines[number]} already")
        elif not name_key(row["family_name"]):
            faults.add(line, "family_name is empty")
        elif born is None:
            faults.add(line, "birth_date is not a date, as 1980-12-31 or 31/12/1980")
        elif gender is None:
            faults.add(line, "gender is none of male, female, other, unknown")
        elif sensitive is None or deceased is None:
            faults.add(line, "sensitive and deceased are yes or no")
        else:
            if number:
                first_lines[number] = line
            rows.append(
                {
                    "nhs_number": number,
                    "family_name": row["family_name"],
                    "given_names": row["given_names"],
                    "family_key": name_key(row["family_name"]),
                    "birth_date": born,
                    "gender": gender,
                    "postcode": row["postcode"].upper(),
                    "hospital_number": row.get("hospital_number") or None,
                    "previous_family_name": row.get("previous_family_name") or None,
                    "sensitive": sensitive,
                    "deceased": deceased,
                }
            )
    return rows


@dataclass(frozen=True)
class _Kind:
    table: type[SQLModel]
    parse: Callable[[str, Faults], list[Row]]


KINDS: dict[str, _Kind] = {
    "practices": _Kind(Practice, _practices),
    "contacts": _Kind(Contact, _contacts),
    "services": _Kind(Service, _services),
    "clinicians": _Kind(Clinician, _clinicians),
    "patients": _Kind(Patient, _patients),
}


def import_reference(
    store: Store, kind: str, content: bytes, by: str, now: dt.datetime, *, name: str = "the file", dry_run: bool = False
) -> Imported:
    """Replace all rows of a kind by those of a CSV file, in one transaction; WrongInput lists the faults and nothing changes.

    `name` is how the file is called in messages. The parsing is done before the write lock is taken, so that mail is not kept
    waiting while 50,000 rows are checked.
    """
    if kind not in KINDS:
        raise WrongInput("kind", f"There is nothing called '{kind}' to import.", f"It is one of: {', '.join(KINDS)}.")
    faults = Faults(name)
    try:
        rows = KINDS[kind].parse(decoded(content, name), faults)
    except csv.Error as error:
        raise WrongInput("file", f"{name} is not a CSV file: {error}.", "Save it as CSV and import it again.") from None
    faults.stop_if_any()
    if not rows:
        raise WrongInput("file", f"{name} holds no rows.", "Nothing was imported. Look whether it is the right file.")
    sha256 = hashlib.sha256(content).hexdigest()
    with store.read() as session:
        before = _count(session, KINDS[kind].table)
    if dry_run:
        return Imported(kind, len(rows), before, sha256, done=False)
    with store.write() as session:
        _replace(session, KINDS[kind].table, rows)
        _note(session, kind, len(rows), sha256, by, now)
    return Imported(kind, len(rows), before, sha256, done=True)


def _count(session: Session, table: type[SQLModel]) -> int:
    return session.exec(select(sa.func.count()).select_from(table)).one()


def _replace(session: Session, table: type[SQLModel], rows: list[Row]) -> None:
    session.execute(sa.delete(table))
    for start in range(0, len(rows), _BATCH):
        session.execute(sa.insert(table), rows[start : start + _BATCH])


def _note(session: Session, kind: str, rows: int, sha256: str, by: str, now: dt.datetime) -> None:
    noted = session.get(Import, kind) or Import(kind=kind, at=now, by=by, rows=0, sha256="")
    noted.at, noted.by, noted.rows, noted.sha256 = now, by, rows, sha256
    session.add(noted)
    record(session, "import.done", kind, by, now, {"rows": rows, "sha256": sha256})


def reference_ages(session: Session, now: dt.datetime) -> list[ReferenceAge]:
    """Every kind with its age in whole days, those never imported included."""
    ages = []
    for kind in KINDS:
        row = session.get(Import, kind)
        at = (row.as_of or row.at) if row else None
        days = max(0, (now - at).days) if at else None
        ages.append(ReferenceAge(kind, at, row.rows if row else 0, row.by if row else None, days))
    return ages
