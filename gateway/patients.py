"""The patient index: who is known to the trust, asked by NHS number or by name and birth date, and what agreement is worth (P3).

The index turns a doubtful value into a certain one only when two other identifiers agree. Near misses are offered,
never taken. Twins,
namesakes, and fathers and sons stay with a person.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rapidfuzz import fuzz

from templates.grammar_codes import nhs_valid
from templates.grammar_names import name_key

COLUMNS = ("nhs_number", "family_name", "given_names", "birth_date", "gender", "postcode")
OPTIONAL = ("hospital_number", "previous_family_name", "sensitive", "deceased")
_YES = frozenset({"1", "true", "yes", "y", "t"})
_NO = frozenset({"0", "false", "no", "n", "f", ""})


class PatientsError(ValueError):
    """A patient extract that cannot be used. The text names the line and the cure, and holds no patient data."""


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """One person of the trust's extract. `birth_date` is YYYY-MM-DD; `sensitive` and `deceased` as the trust marks them."""

    nhs_number: str
    family_name: str
    given_names: str
    birth_date: str
    gender: str
    postcode: str
    hospital_number: str = ""
    previous_family_name: str = ""
    sensitive: bool = False
    deceased: bool = False


class PatientIndex(Protocol):
    """What the checks ask of an index, wherever it is kept."""

    def by_number(self, nhs_number: str) -> PatientRecord | None:
        """The person of that number, or None."""
        ...

    def candidates(self, family_name: str, birth_date: str, postcode: str, given: str) -> Sequence[PatientRecord]:
        """People who share the birth date, or the family name with the postcode; any argument may be empty. At most 50."""
        ...


class CsvPatientIndex:
    """A patient index held in memory, from the trust's CSV extract or from records."""

    def __init__(self, records: Iterable[PatientRecord]) -> None:
        self._people = 0
        self._by_number: dict[str, PatientRecord] = {}
        self._names: set[str] = set()
        self._by_birth: dict[str, list[PatientRecord]] = defaultdict(list)
        self._by_home: dict[str, list[PatientRecord]] = defaultdict(list)
        for record in records:
            self._people += 1
            if record.nhs_number:
                self._by_number[record.nhs_number] = record
            self._by_birth[record.birth_date].append(record)
            self._names.add(name_key(record.family_name))
            for words in (record.family_name, record.given_names):
                self._names.update(name_key(w) for w in re.split(r"[^\w]+", words))
            self._by_home[_compact(record.postcode)].append(record)

    def __len__(self) -> int:
        return self._people

    @classmethod
    def load(cls, path: Path) -> CsvPatientIndex:
        """The index from a CSV file with a heading row (design section 7). Raises PatientsError naming the line and the cure."""
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                return cls(_records(csv.reader(file)))
        except OSError as error:
            raise PatientsError(
                "The patient file cannot be opened. Check its name and that the gateway may read it."
            ) from error
        except UnicodeDecodeError as error:
            raise PatientsError("The patient file is not UTF-8 text. Save the extract as CSV in UTF-8.") from error
        except csv.Error as error:
            raise PatientsError(f"The patient file is not proper CSV ({error}). Export it again.") from error

    def by_number(self, nhs_number: str) -> PatientRecord | None:
        """The person of that number, or None."""
        return self._by_number.get(nhs_number)

    def knows_name(self, word: str) -> bool:
        """Whether anybody in the index has this word in their name: tells a name from a misread one."""
        return name_key(word) in self._names

    def candidates(self, family_name: str, birth_date: str, postcode: str, given: str) -> Sequence[PatientRecord]:
        """People who share the birth date, or live at the postcode under a like family name; the likest first, at most 50."""
        found = dict.fromkeys(self._by_birth.get(birth_date, ())) if birth_date else {}
        for r in self._by_home.get(_compact(postcode), ()) if postcode else ():
            if not family_name or same_family(r, family_name) or near_family(r, family_name):
                found[r] = None
        wanted = name_key(family_name) + name_key(given)
        ranked = sorted(found, key=lambda r: -fuzz.ratio(wanted, name_key(r.family_name) + name_key(r.given_names)))
        return ranked[:50]


def _compact(postcode: str) -> str:
    return postcode.replace(" ", "").upper()


def _records(rows: Iterable[list[str]]) -> Iterable[PatientRecord]:
    """Records out of CSV rows; the first row names the columns. PatientsError names the line."""
    lines = iter(rows)
    heading = [c.strip().lower() for c in next(lines, [])]
    missing = [c for c in COLUMNS if c not in heading]
    if missing:
        raise PatientsError(
            f"Line 1 of the patient file: the column {missing[0]} is missing. The first line must name {', '.join(COLUMNS)}."
        )
    at = {c: heading.index(c) for c in (*COLUMNS, *OPTIONAL) if c in heading}
    width = max(at.values()) + 1
    first_line: dict[str, int] = {}
    for number, row in enumerate(lines, 2):
        if not any(row):
            continue
        if len(row) < width:
            raise PatientsError(
                f"Line {number} of the patient file has {len(row)} columns, {width} are needed. Export it again."
            )
        nhs = row[at["nhs_number"]].replace(" ", "")
        if nhs and not nhs_valid(nhs):
            raise PatientsError(
                f"Line {number} of the patient file: the NHS number has a wrong check digit. Correct the extract."
            )
        if nhs and nhs in first_line:
            raise PatientsError(
                f"Line {number} of the patient file: this NHS number is already on line {first_line[nhs]}. Correct the extract."
            )
        # People without a number (not yet traced, new-born) are kept: they are found by name and birth date.
        first_line[nhs] = number
        birth = row[at["birth_date"]].strip()
        try:
            dt.date.fromisoformat(birth)
        except ValueError as error:
            raise PatientsError(
                f"Line {number} of the patient file: the birth date is not written as 1980-12-31. Correct the extract."
            ) from error
        family = row[at["family_name"]].strip()
        if not family:
            raise PatientsError(f"Line {number} of the patient file: the family name is empty. Correct the extract.")
        yield PatientRecord(
            nhs,
            family,
            row[at["given_names"]].strip(),
            birth,
            row[at["gender"]].strip().lower(),
            row[at["postcode"]].strip().upper(),
            row[at["hospital_number"]].strip() if "hospital_number" in at else "",
            row[at["previous_family_name"]].strip() if "previous_family_name" in at else "",
            _flag(row, at, "sensitive", number),
            _flag(row, at, "deceased", number),
        )


def _flag(row: list[str], at: dict[str, int], column: str, number: int) -> bool:
    text = row[at[column]].strip().lower() if column in at else ""
    if text not in _YES and text not in _NO:
        raise PatientsError(f"Line {number} of the patient file: {column} must be true or false. Correct the extract.")
    return text in _YES


def same_family(record: PatientRecord, family_name: str) -> bool:
    """Whether the surname is the record's, now or before; marks and capitals do not count."""
    key = name_key(family_name)
    return bool(key) and key in {name_key(record.family_name), name_key(record.previous_family_name)}


def near_family(record: PatientRecord, family_name: str) -> bool:
    """Whether the surname may be a misreading of the record's: most letters the same."""
    key = name_key(family_name)
    return (
        bool(key)
        and max(fuzz.ratio(key, name_key(record.family_name)), fuzz.ratio(key, name_key(record.previous_family_name)))
        >= 75
    )


def same_given(record: PatientRecord, given: str) -> bool:
    """Whether the first given name is the record's, or its initial."""
    said, known = name_key(given.split(" ")[0]) if given else "", name_key(record.given_names.split(" ")[0])
    return bool(said) and (said == known or (len(said) == 1 and known[:1] == said))


def near_given(record: PatientRecord, given: str) -> bool:
    """Whether the given name may be a misreading of the record's."""
    said, known = name_key(given.split(" ")[0]) if given else "", name_key(record.given_names.split(" ")[0])
    return bool(said) and (same_given(record, given) or fuzz.ratio(said, known) >= 70)


def likenesses(index: PatientIndex, record: PatientRecord) -> list[PatientRecord]:
    """Others in the index who could be taken for this person: twins (surname and birth date), and namesakes at the same address."""
    others = index.candidates(record.family_name, record.birth_date, record.postcode, record.given_names)
    found = []
    for other in others:
        if other == record or (record.nhs_number and other.nhs_number == record.nhs_number):
            continue
        twin = other.birth_date == record.birth_date and near_family(other, record.family_name)
        namesake = (
            _compact(other.postcode) == _compact(record.postcode)
            and near_family(other, record.family_name)
            and near_given(other, record.given_names)
        )
        if twin or namesake:
            found.append(other)
    return found


@dataclass(frozen=True)
class Said:
    """What the pages say of the patient; an empty text where they say nothing."""

    nhs_number: str = ""
    family_name: str = ""
    given_names: str = ""
    birth_date: str = ""
    postcode: str = ""


@dataclass(frozen=True)
class Looked:
    """What the index says. `record` is the one person that the pages mean, or None; `agree` the fields that fit it exactly.

    `differs` are the fields whose reading does not fit, `near` people to offer, `alike` people who could be confused
    with the record.
    """

    record: PatientRecord | None
    agree: frozenset[str] = frozenset()
    differs: frozenset[str] = frozenset()
    alike: tuple[PatientRecord, ...] = ()
    near: tuple[PatientRecord, ...] = ()


def agreeing(record: PatientRecord, said: Said) -> tuple[frozenset[str], frozenset[str]]:
    """Which of the said fields fit the record exactly, and which do not."""
    tests = {
        "patient.nhs_number": (said.nhs_number, record.nhs_number == said.nhs_number),
        "patient.family_name": (said.family_name, same_family(record, said.family_name)),
        "patient.given_names": (said.given_names, same_given(record, said.given_names)),
        "patient.birth_date": (said.birth_date, record.birth_date == said.birth_date),
        "patient.postcode": (said.postcode, _compact(record.postcode) == _compact(said.postcode)),
    }
    known = {f: fits for f, (value, fits) in tests.items() if value}
    return frozenset(f for f, fits in known.items() if fits), frozenset(f for f, fits in known.items() if not fits)


def look_up(index: PatientIndex, said: Said) -> Looked:
    """The person whom the pages mean: by number when at least one more identifier agrees, else by name, birth date and address."""
    by_number = index.by_number(said.nhs_number) if said.nhs_number else None
    others = list(index.candidates(said.family_name, said.birth_date, said.postcode, said.given_names))
    if by_number is not None:
        agree, differs = agreeing(by_number, said)
        strong = agree & {"patient.family_name", "patient.birth_date", "patient.postcode"}
        if strong:
            return Looked(by_number, agree, differs, tuple(likenesses(index, by_number)))
        return Looked(None, frozenset(), frozenset(), (), (by_number, *others[:4]))
    fitting = []
    for record in others:
        agree, _ = agreeing(record, said)
        if {"patient.family_name", "patient.birth_date"} <= agree:
            fitting.append(record)
    if len(fitting) == 1:
        agree, differs = agreeing(fitting[0], said)
        if {"patient.given_names", "patient.postcode"} & agree:
            return Looked(fitting[0], agree, differs, tuple(likenesses(index, fitting[0])))
    return Looked(None, frozenset(), frozenset(), (), tuple(fitting[:5] or others[:5]))
