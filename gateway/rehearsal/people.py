"""Invented people with valid NHS numbers that begin with 999: the patients of a drill and of the benchmark.

Among them are those that a careless match confuses: twins, fathers and sons of one name, namesakes, and people whose NHS numbers
differ in two digits only.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from gateway.rehearsal.names import FAMILY_NAMES, HOUSE_NAMES, MEN, ODD_FAMILY_NAMES, STREETS, TOWNS, TWIN_NAMES, WOMEN

PATIENT_COLUMNS: tuple[str, ...] = (
    "nhs_number",
    "family_name",
    "given_names",
    "birth_date",
    "gender",
    "postcode",
    "hospital_number",
    "previous_family_name",
    "sensitive",
    "deceased",
)
_INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
_NEWEST_BIRTH = dt.date(2026, 6, 30)


@dataclass(frozen=True)
class Person:
    """One invented patient. `address` is one line without the postcode; telephone numbers are digits only."""

    nhs_number: str
    family_name: str
    given_names: str
    title: str
    birth_date: dt.date
    gender: str
    address: str
    postcode: str
    phone: str
    hospital_number: str
    previous_family_name: str = ""
    sensitive: bool = False
    deceased: bool = False

    @property
    def first_name(self) -> str:
        """The first of the given names."""
        return self.given_names.split()[0]


def check_digit(first_nine: str) -> int | None:
    """The Modulus 11 check digit of nine digits, or None where no valid number begins with them (NHS Data Dictionary)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_nine, _WEIGHTS, strict=True))
    digit = (11 - total % 11) % 11
    return None if digit == 10 else digit


def make_nhs_number(random: Random) -> str:
    """A valid number from the range that is never issued (999)."""
    while True:
        first_nine = f"999{random.randrange(1_000_000):06d}"
        digit = check_digit(first_nine)
        if digit is not None:
            return f"{first_nine}{digit}"


def near_twin_number(random: Random, number: str) -> str:
    """A valid 999 number that differs from `number` in exactly two digits (one wrong digit never stays valid)."""
    while True:
        place = random.randrange(3, 9)
        first_nine = number[:place] + str((int(number[place]) + random.randrange(1, 10)) % 10) + number[place + 1 : 9]
        digit = check_digit(first_nine)
        if digit is not None and str(digit) != number[9]:
            return f"{first_nine}{digit}"


def make_postcode(random: Random, district: str) -> str:
    """A postcode of the right shape in the district."""
    return f"{district} {random.randrange(1, 10)}{random.choice(_INWARD_LETTERS)}{random.choice(_INWARD_LETTERS)}"


def make_phone(random: Random, prefix: str) -> str:
    """Eleven digits from a range kept free for drama."""
    digits = prefix.replace(" ", "")
    return digits + "".join(str(random.randrange(10)) for _ in range(11 - len(digits)))


def make_mobile(random: Random) -> str:
    """A mobile number from the range kept free for drama."""
    return f"07700900{random.randrange(1000):03d}"


def _given_names(random: Random, gender: str) -> str:
    pool = WOMEN if gender == "female" else MEN
    names = random.sample(pool, 2 if random.random() < 0.35 else 1)
    if random.random() < 0.015:
        names = ["-".join(random.sample(pool, 2))]
    return " ".join(names)


def _birth_date(random: Random) -> dt.date:
    # Hospital patients are older than the country: two in three are over forty.
    years = random.choice(
        (random.uniform(0.4, 18), random.uniform(18, 45), random.uniform(40, 80), random.uniform(50, 96))
    )
    return _NEWEST_BIRTH - dt.timedelta(days=int(years * 365.25))


def _title(random: Random, gender: str, birth_date: dt.date) -> str:
    if birth_date.year > 2010:
        return "Miss" if gender == "female" else "Master"
    if gender == "female":
        return random.choice(("Mrs", "Mrs", "Ms", "Miss"))
    return "Dr" if random.random() < 0.01 else "Mr"


def make_person(random: Random, number: str) -> Person:
    """One person with the NHS number given."""
    gender = random.choice(("female", "male"))
    birth_date = _birth_date(random)
    family = random.choice(ODD_FAMILY_NAMES if random.random() < 0.08 else FAMILY_NAMES)
    town, district, prefix = random.choice(TOWNS)
    if random.random() < 0.07:
        address = f"{random.choice(HOUSE_NAMES)}, {random.choice(STREETS)}, {town}"
    elif random.random() < 0.1:
        address = f"Flat {random.randrange(1, 40)}, {random.randrange(1, 120)} {random.choice(STREETS)}, {town}"
    else:
        address = f"{random.randrange(1, 260)}{random.choice(('', '', '', '', 'A'))} {random.choice(STREETS)}, {town}"
    return Person(
        nhs_number=number,
        family_name=family,
        given_names=_given_names(random, gender),
        title=_title(random, gender, birth_date),
        birth_date=birth_date,
        gender=gender,
        address=address,
        postcode=make_postcode(random, district),
        phone=make_mobile(random) if random.random() < 0.4 else make_phone(random, prefix),
        hospital_number=f"{random.choice('ABEKMRT')}{random.randrange(10**6, 10**7)}",
        previous_family_name=random.choice(FAMILY_NAMES) if gender == "female" and random.random() < 0.06 else "",
        sensitive=random.random() < 0.003,
        deceased=random.random() < 0.015,
    )


def _twins(random: Random, one: Person, number: str) -> tuple[Person, Person]:
    first, second, gender = random.choice(TWIN_NAMES)
    title = _title(random, gender, one.birth_date)
    one = replace(one, given_names=first, gender=gender, title=title, previous_family_name="")
    return one, replace(one, given_names=second, nhs_number=number, hospital_number=_next_hospital_number(one))


def _father_and_son(random: Random, one: Person, number: str) -> tuple[Person, Person]:
    father = replace(one, gender="male", given_names=_given_names(random, "male"), title="Mr", previous_family_name="")
    if father.birth_date.year > 1985:
        father = replace(
            father,
            birth_date=father.birth_date.replace(year=random.randrange(1940, 1985), day=min(father.birth_date.day, 28)),
        )
    born = father.birth_date + dt.timedelta(days=int(random.uniform(20, 40) * 365.25))
    son = replace(father, nhs_number=number, birth_date=born, hospital_number=_next_hospital_number(father))
    return father, replace(son, title=_title(random, "male", born), phone=make_mobile(random))


def _next_hospital_number(person: Person) -> str:
    return f"{person.hospital_number[0]}{(int(person.hospital_number[1:]) + 1) % 10**7:07d}"


def make_people(random: Random, count: int) -> list[Person]:
    """`count` different people in no order; about one in sixteen has somebody beside them who is easily confused."""
    people: list[Person] = []
    taken: set[str] = set()

    def fresh() -> str:
        while True:
            number = make_nhs_number(random)
            if number not in taken:
                taken.add(number)
                return number

    while len(people) < count:
        one = make_person(random, fresh())
        kind = random.random()
        if kind < 0.01:
            people.extend(_twins(random, one, fresh()))
        elif kind < 0.02:
            people.extend(_father_and_son(random, one, fresh()))
        elif kind < 0.04:
            near = near_twin_number(random, one.nhs_number)
            people.append(one)
            if near not in taken:
                taken.add(near)
                people.append(make_person(random, near))
        elif kind < 0.045:  # a namesake, born on another day
            other = make_person(random, fresh())
            people.extend(
                (
                    one,
                    replace(
                        other,
                        family_name=one.family_name,
                        given_names=one.given_names,
                        gender=one.gender,
                        title=one.title,
                    ),
                )
            )
        else:
            people.append(one)
    people = people[:count]
    random.shuffle(people)
    return people


def write_patients_csv(path: Path, people: list[Person]) -> None:
    """The trust's patient extract in the columns of the public contract; truth values are written as 1 and empty."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(PATIENT_COLUMNS)
        for person in people:
            writer.writerow(
                (
                    person.nhs_number,
                    person.family_name,
                    person.given_names,
                    person.birth_date.isoformat(),
                    person.gender,
                    person.postcode,
                    person.hospital_number,
                    person.previous_family_name,
                    "1" if person.sensitive else "",
                    "1" if person.deceased else "",
                )
            )
