"""The many ways in which practices print the same date, number, name or telephone."""

from __future__ import annotations

import datetime as dt
from random import Random

DATE_FORMS: tuple[str, ...] = ("%d/%m/%Y", "%d-%b-%Y", "%d %b %Y", "%d.%m.%Y", "%d %B %Y", "%d/%m/%y", "%d-%m-%Y")


def date(day: dt.date, form: str) -> str:
    """The day in a printed form. Two-digit years are only used where they can mean one century."""
    if form.endswith("%y") and day.year <= 1930:
        form = form[:-2] + "%Y"
    return day.strftime(form)


def long_date(day: dt.date) -> str:
    """As letters say it: 3rd March 1960."""
    ending = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"{day.day}{ending} {day.strftime('%B %Y')}"


def nhs_number(number: str, style: str) -> str:
    """3-3-4 with spaces or hyphens, or all together."""
    if style == "plain":
        return number
    mark = "-" if style == "hyphens" else " "
    return mark.join((number[:3], number[3:6], number[6:]))


def phone(digits: str, style: str) -> str:
    """Area code apart, in brackets, or all together."""
    cut = (
        3
        if digits.startswith("02")
        else 4
        if digits.startswith("011") or digits[2:4] == "11" or digits[3] == "1"
        else 5
    )
    if style == "plain":
        return digits
    area, rest = digits[:cut], digits[cut:]
    if len(rest) > 6:
        rest = f"{rest[:-4]} {rest[-4:]}"
    return f"({area}) {rest}" if style == "brackets" else f"{area} {rest}"


def pick_nhs_style(random: Random) -> str:
    """Mostly with spaces."""
    return random.choice(("spaces", "spaces", "spaces", "plain", "hyphens"))


def pick_phone_style(random: Random) -> str:
    """Mostly with the area code apart."""
    return random.choice(("spaces", "spaces", "plain", "brackets"))


def gender(word: str, short: bool) -> str:
    """Male, Female, or their first letters."""
    return word[0].upper() if short else word.capitalize()


def ubrn(digits: str) -> str:
    """Three groups of four."""
    return " ".join((digits[:4], digits[4:8], digits[8:]))
