"""Invented people and practices: valid numbers, confusable neighbours, files in their published layouts."""

from __future__ import annotations

import csv
import datetime as dt
import re
import time
from collections import Counter
from pathlib import Path
from random import Random

import nhs_number
import pytest

from gateway.rehearsal.people import PATIENT_COLUMNS, make_nhs_number, make_people, near_twin_number, write_patients_csv
from gateway.rehearsal.practices import make_practices, write_contacts_csv, write_practices_csv
from gateway.rehearsal.prose import specialties_for, suiting, write_reason
from gateway.rehearsal.referrals import age_on, laboratory_number, make_referral


def test_every_nhs_number_is_valid_and_never_issued() -> None:
    for person in make_people(Random(1), 2000):
        assert nhs_number.is_valid(person.nhs_number)
        assert person.nhs_number.startswith("999")


def test_fifty_thousand_people_are_made_in_seconds_and_differ() -> None:
    start = time.process_time()
    people = make_people(Random(2), 50_000)
    assert time.process_time() - start < 20
    assert len(people) == 50_000
    assert len({person.nhs_number for person in people}) == 50_000


def test_one_seed_makes_the_same_people() -> None:
    assert make_people(Random(3), 300) == make_people(Random(3), 300)
    assert make_people(Random(3), 300) != make_people(Random(4), 300)


def test_a_near_twin_number_is_valid_and_two_digits_away() -> None:
    random = Random(5)
    for _ in range(500):
        number = make_nhs_number(random)
        near = near_twin_number(random, number)
        assert nhs_number.is_valid(near)
        assert sum(a != b for a, b in zip(number, near, strict=True)) == 2


def test_there_are_twins_namesakes_and_numbers_two_digits_apart() -> None:
    people = make_people(Random(6), 20_000)
    twins = Counter((p.family_name, p.birth_date, p.address) for p in people)
    assert sum(count == 2 for count in twins.values()) > 50
    namesakes = Counter((p.family_name, p.given_names, p.address) for p in people)
    assert sum(count == 2 for count in namesakes.values()) > 50
    numbers = {p.nhs_number for p in people}
    near = 0
    for number in list(numbers)[:3000]:
        for place in range(3, 9):
            others = (
                number[:place] + digit + number[place + 1 : 9] for digit in "0123456789" if digit != number[place]
            )
            near += any(other + check in numbers for other in others for check in "0123456789")
    assert near > 50


def test_names_have_the_shapes_that_break_readers() -> None:
    families = {p.family_name for p in make_people(Random(7), 5000)}
    assert any("'" in name for name in families)
    assert any("-" in name for name in families)
    assert any(name.startswith(("de ", "van ", "von ")) for name in families)


def test_a_laboratory_number_passes_modulus_11_and_is_nobodys() -> None:
    random = Random(8)
    for _ in range(200):
        number = laboratory_number(random, "9990000018")
        assert nhs_number.is_valid(number)
        assert not number.startswith("999")


def test_the_patient_extract_has_the_columns_of_the_contract(tmp_path: Path) -> None:
    people = make_people(Random(9), 50)
    write_patients_csv(tmp_path / "patients.csv", people)
    with (tmp_path / "patients.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == PATIENT_COLUMNS
    assert rows[0]["nhs_number"] == people[0].nhs_number
    assert dt.date.fromisoformat(rows[0]["birth_date"]) == people[0].birth_date


def test_practices_are_written_in_the_layout_of_epraccur(tmp_path: Path) -> None:
    practices = make_practices(Random(10), 30)
    write_practices_csv(tmp_path / "practices.csv", practices)
    write_contacts_csv(tmp_path / "contacts.csv", practices, dt.date(2026, 11, 1))
    with (tmp_path / "practices.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert {len(row) for row in rows} == {27}
    assert rows[0][0] == practices[0].code
    assert rows[0][9] == practices[0].postcode
    assert rows[0][25] == "4"
    with (tmp_path / "contacts.csv").open(encoding="utf-8") as file:
        contacts = list(csv.DictReader(file))
    assert contacts[0]["email"].endswith(".example")
    assert contacts[0]["confirmed_on"] == "2026-11-01"


@pytest.mark.parametrize("priority", ["ROUTINE", "URGENT", "TWO_WEEK_WAIT"])
def test_a_referrals_prose_never_contradicts_its_priority(priority: str) -> None:
    random = Random(11)
    people, practices = make_people(random, 400), make_practices(random, 10)
    for _ in range(200):
        referral = make_referral(random, people, practices, priority=priority)
        prose = " ".join(referral.reason).lower()
        assert referral.priority == priority
        assert bool(referral.cancer_site) is (priority == "TWO_WEEK_WAIT")
        if priority == "ROUTINE":
            assert "urgent" not in prose
        if priority != "TWO_WEEK_WAIT":
            assert "two week" not in prose


def test_phrases_suit_the_age_that_they_name() -> None:
    options = ("45+ old", "<60 young", "22-66 working", "any")
    assert suiting(options, 10, "male") == ["young", "any"]
    assert suiting(options, 45, "male") == ["old", "young", "working", "any"]
    assert suiting(options, 66, "male") == ["old", "working", "any"]
    assert suiting(options, 67, "male") == ["old", "any"]


@pytest.mark.parametrize("age", [0, 1, 4, 11, 15])
def test_children_have_no_adults_history(age: int) -> None:
    random = Random(f"child {age}")
    grown = (
        "smok",
        "alcohol",
        "drinks",
        "works",
        "worked",
        "retired",
        "drives",
        "driving",
        "hrt",
        "statin",
        "pack years",
    )
    for specialty in specialties_for(age, "female"):
        for _ in range(40):
            prose = " ".join(write_reason(random, specialty, age, "female", "ROUTINE"))
            assert not [word for word in grown if word in prose.lower()], prose
            assert not re.search(r"\d\+ |<\d", prose), "an age printed with its phrase"
            assert prose.count("year old") <= 1


def test_a_childs_next_of_kin_is_a_grown_relation_and_its_medicines_are_childrens() -> None:
    random = Random(12)
    people, practices = make_people(random, 800), make_practices(random, 5)
    day = dt.date(2026, 11, 20)
    children = [p for p in people if age_on(p, day) < 16]
    for _ in range(150):
        referral = make_referral(random, children, practices, priority="ROUTINE", on=day)
        kin = referral.next_of_kin
        assert kin.relation in ("Mother", "Father", "Grandmother")
        assert referral.patient.birth_date.year - kin.birth_date.year >= 20
        assert not {"Apixaban 5 mg bd", "Amlodipine 5 mg od", "Sertraline 50 mg od"} & set(referral.medicines)


def test_suspected_cancer_is_a_matter_of_adults() -> None:
    random = Random(13)
    people, practices = make_people(random, 400), make_practices(random, 5)
    ages = [make_referral(random, people, practices, priority="TWO_WEEK_WAIT").age for _ in range(200)]
    assert min(ages) >= 29
