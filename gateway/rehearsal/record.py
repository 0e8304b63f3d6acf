"""What a general practice's record says around a referral: problems, medicines, measurements and consultations, by the patient's age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random

from gateway.rehearsal.prose import GROWN, suiting
from gateway.rehearsal.referrals import SyntheticReferral
from gateway.rehearsal.sheet import Sheet

_NOTES = (
    "16+ History: as before, no better with treatment. Examination: well, BP {top}/{low}. Plan: bloods, review in two weeks.",
    "Problem: follow-up. Discussed results by telephone. Agreed to refer to hospital.",
    "16+ Medication review done. No side effects. Reauthorised for six months.",
    "Comment: letter received from hospital, filed. No action.",
    "65+ Annual influenza vaccination given, left deltoid. No contraindication.",
    "<16 Seen with mother. Alert, playing, no rash. Safety netted.",
    "<16 Seen with father. Chest clear, ears and throat normal. Review if no better.",
    "16+ Fit note issued, two weeks.",
    "Did not attend. Text message sent.",
    "20+ Seen by practice nurse: weight {kilos} kg, smoking status recorded, urine dip negative.",
)
_VALUES = (
    ("16+ Blood pressure", "{top}/{low} mmHg"),
    ("16+ Body mass index", "{bmi} kg/m2"),
    ("Haemoglobin", "{hb} g/L"),
    ("16+ Serum creatinine", "{creatinine} umol/L"),
    ("30+ HbA1c", "{hba1c} mmol/mol"),
    ("Platelet count", "{platelets} 10*9/L"),
    ("40+ Serum cholesterol", "5.{last} mmol/L"),
    ("Temperature", "36.{last} C"),
    ("Weight", "{kilos} kg"),
)


def _figures(random: Random, age: int) -> dict[str, int]:
    return {
        "top": random.randrange(108, 164),
        "low": random.randrange(62, 96),
        "bmi": random.randrange(20, 36),
        "hb": random.randrange(98, 160),
        "creatinine": random.randrange(55, 130),
        "hba1c": random.randrange(32, 70),
        "platelets": random.randrange(150, 420),
        "last": random.randrange(2, 9),
        "kilos": random.randrange(52, 104) if age >= GROWN else 8 + 3 * age + random.randrange(4),
    }


def earlier(random: Random, day: dt.date, least: int = 5, most: int = 2500) -> dt.date:
    """A day of the record before the day given."""
    return day - dt.timedelta(days=random.randrange(least, most))


def consultations(random: Random, referral: SyntheticReferral, count: int) -> list[tuple[dt.date, str, str]]:
    """Entries of the record, newest first: day, clinician, and what was written."""
    age, days = referral.age, min(700, max(40, referral.age * 365))
    notes = suiting(_NOTES, age, referral.patient.gender)
    chosen = random.sample(notes, min(count, len(notes)))
    dates = sorted((earlier(random, referral.date, 2, days) for _ in chosen), reverse=True)
    doctors = referral.practice.doctors
    return [
        (day, f"Dr {random.choice(doctors)}", note.format(**_figures(random, age)))
        for day, note in zip(dates, chosen, strict=True)
    ]


def values(random: Random, referral: SyntheticReferral, count: int) -> list[tuple[dt.date, str, str]]:
    """Measurements of the last year: day, what was measured, and the figure with its unit."""
    figures = _figures(random, referral.age)
    fitting = [
        (name, form) for text, form in _VALUES for name in suiting((text,), referral.age, referral.patient.gender)
    ]
    return [
        (earlier(random, referral.date, 3, 300), name, form.format(**figures))
        for name, form in random.sample(fitting, min(count, len(fitting)))
    ]


def listed(
    sheet: Sheet,
    x: float,
    y: float,
    rows: Sequence[Sequence[str]],
    columns: Sequence[float],
    size: float,
    right: float,
    ruled: bool = False,
) -> float:
    """Rows of a list whose cells begin at x and at the further columns; the last is wrapped at `right`. The next free baseline."""
    for row in rows:
        edges = (x, *columns)
        for cell, edge in zip(row[:-1], edges, strict=False):
            sheet.put(edge, y, cell, size)
        edge = edges[len(row) - 1]
        for line in sheet.wrapped(row[-1], right - edge, size) or [""]:
            sheet.put(edge, y, line, size)
            y += size * 1.35
        if ruled:
            sheet.rule(x, y - size * 1.0, right, y - size * 1.0, 0.3, 120)
            y += size * 0.35
    return y
