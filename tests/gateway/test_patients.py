import datetime as dt
import time
from pathlib import Path

import pytest

from gateway.patient_store import DbPatientIndex
from gateway.patients import CsvPatientIndex, PatientRecord, PatientsError, Said, likenesses, look_up
from gateway.reference import import_reference
from gateway.store import Store
from templates.grammar_codes import nhs_valid

HEAD = "nhs_number,family_name,given_names,birth_date,gender,postcode,hospital_number,previous_family_name,sensitive,deceased\n"


def numbers(count: int) -> list[str]:
    found = []
    n = 0
    while len(found) < count:
        nine = f"999{n:06}"
        rest = 11 - sum(int(c) * (10 - i) for i, c in enumerate(nine)) % 11
        n += 1
        if rest != 10 and nhs_valid(nine + str(0 if rest == 11 else rest)):
            found.append(nine + str(0 if rest == 11 else rest))
    return found


N = numbers(8)
ANN = PatientRecord(N[0], "O'Brien", "Ann Mary", "1960-02-01", "female", "WF10 4PW", previous_family_name="Lee")
TWIN = PatientRecord(N[1], "O'Brien", "Amy", "1960-02-01", "female", "LS1 2AB")
FATHER = PatientRecord(N[2], "Khan", "Imran", "1950-01-01", "male", "BD7 1PY")
SON = PatientRecord(N[3], "Khan", "Imran", "1980-05-05", "male", "BD7 1PY")
LONE = PatientRecord(N[4], "Smith", "John", "1971-03-05", "male", "M1 1AE", deceased=True)
INDEX = CsvPatientIndex([ANN, TWIN, FATHER, SON, LONE])


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "patients.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_load_with_all_columns(tmp_path):
    index = CsvPatientIndex.load(
        write(tmp_path, HEAD + f"{N[0]},O'Brien,Ann,1960-02-01,Female,wf10 4pw,H1,Lee,true,0\n\n")
    )
    found = index.by_number(N[0])
    assert found == PatientRecord(N[0], "O'Brien", "Ann", "1960-02-01", "female", "WF10 4PW", "H1", "Lee", True, False)


@pytest.mark.parametrize(
    ("row", "line", "words"),
    [
        ("9990000019,A,B,1960-02-01,male,M1 1AE,,,,", "Line 2", "check digit"),
        (f"{N[0]},A,B,01/02/1960,male,M1 1AE,,,,", "Line 2", "1980-12-31"),
        (f"{N[0]},,B,1960-02-01,male,M1 1AE,,,,", "Line 2", "family name"),
        (f"{N[0]},A,B", "Line 2", "columns"),
        (f"{N[0]},A,B,1960-02-01,male,M1 1AE,,,maybe,", "Line 2", "true or false"),
        (
            f"{N[0]},A,B,1960-02-01,male,M1 1AE,,,,\n{N[0]},A,B,1960-02-01,male,M1 1AE,,,,",
            "Line 3",
            "already on line 2",
        ),
    ],
)
def test_a_wrong_line_is_named_without_its_data(tmp_path, row, line, words):
    with pytest.raises(PatientsError) as error:
        CsvPatientIndex.load(write(tmp_path, HEAD + row + "\n"))
    assert line in str(error.value) and words in str(error.value) and N[0] not in str(error.value)


def test_a_missing_column_and_a_missing_file_are_named(tmp_path):
    with pytest.raises(PatientsError, match="birth_date"):
        CsvPatientIndex.load(write(tmp_path, "nhs_number,family_name,given_names,gender,postcode\n"))
    with pytest.raises(PatientsError, match="cannot be opened"):
        CsvPatientIndex.load(tmp_path / "none.csv")


def test_fifty_thousand_people_in_two_seconds(tmp_path):
    rows = "".join(
        f"{n},Name{i % 977},Given{i % 331},{1930 + i % 90}-0{1 + i % 9}-1{i % 9},male,LS{1 + i % 20} {i % 9}AB,,,,\n"
        for i, n in enumerate(numbers(50_000))
    )
    path = write(tmp_path, HEAD + rows)
    begin = time.process_time()
    index = CsvPatientIndex.load(path)
    assert len(index) == 50_000
    assert time.process_time() - begin < 2.0


def test_number_and_two_more_agree():
    found = look_up(INDEX, Said(N[0], "OBRIEN", "Ann", "1960-02-01", "WF10 4PW"))
    assert found.record == ANN and not found.differs
    assert {"patient.nhs_number", "patient.family_name", "patient.birth_date", "patient.postcode"} <= found.agree


def test_a_previous_surname_counts():
    assert look_up(INDEX, Said(N[0], "LEE", "Ann", "1960-02-01", "")).differs == frozenset()


def test_a_number_alone_is_nobody():
    found = look_up(INDEX, Said(N[4], "Jones", "Mary", "1999-01-01", ""))
    assert found.record is None and LONE in found.near


def test_a_misread_number_finds_the_person_by_three_others():
    found = look_up(INDEX, Said("9990000010", "Smith", "John", "1971-03-05", "M1 1AE"))
    assert found.record == LONE and found.differs == {"patient.nhs_number"}


def test_near_misses_are_offered_never_taken():
    found = look_up(INDEX, Said("", "Smyth", "John", "1971-03-05", "M1 1AE"))
    assert found.record is None and LONE in found.near


def test_twins_and_namesakes_are_named():
    assert likenesses(INDEX, ANN) == [TWIN]
    assert likenesses(INDEX, FATHER) == [SON]
    assert likenesses(INDEX, LONE) == []


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("O'Brien", True),
        ("brien", True),
        ("ANN", True),
        ("Mary", True),
        ("Jones", True),
        ("Priva", False),
        ("An", False),
        ("", False),
    ],
)
def test_both_indexes_know_the_same_names(store: Store, now: dt.datetime, word: str, known: bool) -> None:
    people = [("O'Brien", "Ann Mary"), ("Smith-Jones", "Li")]
    rows = [f"{n},{family},{given},1960-02-01,female,WF10 4PW" for n, (family, given) in zip(N, people, strict=False)]
    import_reference(store, "patients", (HEAD.rsplit(",", 4)[0] + "\n" + "\n".join(rows) + "\n").encode(), "ann", now)
    records = [PatientRecord(n, f, g, "1960-02-01", "female", "WF10 4PW") for n, (f, g) in zip(N, people, strict=False)]
    with store.read() as session:
        assert DbPatientIndex(session).knows_name(word) is known
    assert CsvPatientIndex(records).knows_name(word) is known
