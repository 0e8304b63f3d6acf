"""The patient index says what to look for; only what the pages print is read, and only all of it together (P3)."""

import datetime as dt
from dataclasses import replace

import pytest

from gateway.checks import Judged, judge
from gateway.patients import CsvPatientIndex, PatientRecord
from ocr.page import Box
from templates.reading import DocumentReading, Part, Printed, Reading

TODAY = dt.date(2026, 11, 22)
NUMBER = "9990000018"
PERSON = PatientRecord(NUMBER, "Wood", "Ann Mary", "1960-02-01", "female", "WF10 4PW")
TWIN = replace(PERSON, nhs_number="9990000026", given_names="Jane Eve")
BOX = Box(0.1, 0.1, 0.4, 0.12)
READ = Reading(
    "patient.nhs_number",
    NUMBER,
    NUMBER,
    1,
    BOX,
    0.99,
    "read after the label 'NHS'",
    ("PP-OCRv6", "Tesseract"),
    1,
    ("modulus 11",),
)


def judged(*texts: str, people: tuple[PatientRecord, ...] = (PERSON,), **readings: Reading) -> Judged:
    print_ = tuple(
        Printed(text, 1, Box(0.1, 0.1 + 0.02 * i, 0.4, 0.115 + 0.02 * i), "PP-OCRv6") for i, text in enumerate(texts)
    )
    values = {"patient.nhs_number": READ, **{name.replace("__", "."): r for name, r in readings.items()}}
    return judge(
        DocumentReading("referral", (Part((1,), None, values, (), print_),)), CsvPatientIndex(people), None, TODAY
    )


def fields(verdict: Judged) -> dict[str, object]:
    return {n: f.reading.value for n, f in verdict.parts[0].fields.items()}


@pytest.mark.parametrize(
    "name",
    ["WOOD, Ann Mary (Mrs)", "Name of person Mrs Ann Wood", "Mrs Ann Mary Wood", "WOOD Ann", "Wood, Mrs Ann Mary"],
)
def test_name_and_birth_date_are_read_where_they_are_printed(name: str) -> None:
    verdict = judged("Emergency Department", name, "01/02/60 66Y F", "of 3 Mill Lane, WF10 4PW")
    got = verdict.parts[0].fields
    assert str(got["patient.family_name"].reading.value).casefold() == "wood" and got["patient.family_name"].accepted
    assert got["patient.birth_date"].reading.value == "1960-02-01" and got["patient.birth_date"].accepted
    assert str(got["patient.given_names"].reading.value).split()[0] == "Ann"
    assert got["patient.gender"].reading.value == "female" and got["patient.postcode"].reading.value == "WF10 4PW"
    assert got["patient.family_name"].reading.box.top == pytest.approx(0.12)


def test_names_in_fields_of_their_own() -> None:
    got = fields(judged("Last name: WOOD", "First and middle names: Ann Mary", "Birthday: 01-Feb-1960"))
    assert got["patient.family_name"] == "WOOD" and got["patient.given_names"] == "Ann Mary"


@pytest.mark.parametrize(
    "texts",
    [
        ("Mrs Ann Wood",),  # no birth date
        ("01/02/1960",),  # no name
        ("Woodlands Surgery", "Ann Clark", "01/02/1960"),  # the name within another word
        ("Mrs Jane Wood", "01/02/1960"),  # another given name: a relative
        ("a walk in the wood", "seen by Ann", "01/02/1960"),
        ("Mrs Ann Wood", "01/02/1961"),
    ],
)
def test_less_than_all_of_it_changes_nothing(texts: tuple[str, ...]) -> None:
    assert set(fields(judged(*texts))) == {"patient.nhs_number"}


def test_a_value_with_a_label_of_its_own_is_not_replaced() -> None:
    read = Reading(
        "patient.family_name",
        "Clark",
        "Clark",
        1,
        BOX,
        0.98,
        "read after the label 'Surname'",
        ("PP-OCRv6", "Tesseract"),
    )
    verdict = judged("formerly Ann Wood", "01/02/1960", patient__family_name=read)
    assert fields(verdict)["patient.family_name"] == "Clark" and not verdict.ready


def test_a_value_without_a_label_is() -> None:
    read = Reading(
        "patient.family_name",
        "Yates",
        "Yates",
        1,
        BOX,
        0.98,
        "read from the print around it",
        ("PP-OCRv6", "Tesseract"),
    )
    assert fields(judged("Re: Ann Wood", "01/02/1960", patient__family_name=read))["patient.family_name"] == "Wood"


def test_a_number_that_fails_its_check_finds_nobody() -> None:
    verdict = judged("Ann Wood", "01/02/1960", patient__nhs_number=replace(READ, checks=()))
    assert set(fields(verdict)) == {"patient.nhs_number"}


def test_twins_stay_with_a_person() -> None:
    verdict = judged("Ann Mary Wood", "01/02/1960", people=(PERSON, TWIN))
    assert any(r.code == "alike" for r in verdict.parts[0].reasons) and not verdict.ready


def test_a_former_name_on_the_page_is_not_the_patients_where_her_own_is_printed() -> None:
    married = replace(PERSON, previous_family_name="Ionescu")
    form = ("Surname; WOOD", "Forename: Ann Mary", "Previous surname: Ionescu", "01/02/1960")
    assert fields(judged(*form, people=(married,)))["patient.family_name"] == "WOOD"
    assert "patient.family_name" not in fields(judged(*form[1:], people=(married,)))
