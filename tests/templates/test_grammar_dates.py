import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.grammar_dates import find_dates, month_number, parse_date

TODAY = dt.date(2026, 11, 22)
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
births = st.dates(dt.date(1910, 1, 1), TODAY)
letters = st.dates(dt.date(2020, 1, 1), TODAY)


def ordinal(day: int) -> str:
    return f"{day}{'th' if 11 <= day <= 13 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


FORMS = (
    lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    lambda d: f"{d.day}/{d.month}/{d.year}",
    lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
    lambda d: f"{d.day:02}-{d.month:02}-{d.year}",
    lambda d: f"{d.day:02} {d.month:02} {d.year}",
    lambda d: f"{d.day:02}{d.month:02}{d.year}",
    lambda d: " ".join(f"{d.day:02}{d.month:02}{d.year}"),
    lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{ordinal(d.day)} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{ordinal(d.day)} of {MONTHS[d.month - 1]}, {d.year}",
    lambda d: f"{d.day:02}-{MONTHS[d.month - 1][:3]}-{d.year}",
    lambda d: f"{d.day:02} {MONTHS[d.month - 1][:3].upper()} {d.year}",
    lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    lambda d: d.isoformat(),
)


@pytest.mark.parametrize("form", FORMS)
@given(date=births)
def test_every_printed_form_of_a_birth_date(form, date):
    found = parse_date(form(date), "birth", TODAY)
    assert found is not None and found.value == date.isoformat()


@given(date=letters)
def test_two_digit_years_of_letters_are_this_century(date):
    assert parse_date(f"{date.day:02}/{date.month:02}/{date.year % 100:02}", "letter", TODAY).value == date.isoformat()


def test_british_order_always():
    assert parse_date("01/02/26", "letter", TODAY).value == "2026-02-01"
    assert parse_date("03/04/1985", "birth", TODAY).value == "1985-04-03"
    assert parse_date("04/13/1985", "birth", TODAY) is None


def test_a_two_digit_birth_year_that_fits_two_centuries_is_a_doubt():
    assert parse_date("08/04/95", "birth", TODAY).doubts == ()
    assert parse_date("08/04/21", "birth", TODAY).doubts == ("the year has two digits",)


@given(date=births, place=st.integers(0, 7))
def test_confused_characters_are_repaired_by_position_and_counted(date, place):
    text = f"{date.day:02}/{date.month:02}/{date.year}"
    at = [0, 1, 3, 4, 6, 7, 8, 9][place]
    letter = {"0": "O", "1": "l", "5": "S", "8": "B", "2": "Z"}.get(text[at])
    if letter is None:
        return
    found = parse_date(text[:at] + letter + text[at + 1 :], "birth", TODAY)
    assert found is not None and found.value == date.isoformat() and found.repairs == 1


def test_strokes_read_as_ones_are_a_doubt_never_certain():
    found = parse_date("2310811969", "birth", TODAY)
    assert found is not None and found.value == "1969-08-23" and found.doubts


@pytest.mark.parametrize(
    "day", ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Tue", "Thu"]
)
@pytest.mark.parametrize("date", ["19 November 2026", "19/11/2026 18:05", "19th November 2026"])
def test_a_weekday_takes_no_date_away(day, date):
    found = parse_date(f"{day} {date}", "letter", dt.date(2026, 11, 22))
    assert found is not None and found.value == "2026-11-19" and not found.repairs


@pytest.mark.parametrize(
    "text", ["31/02/1960", "29/02/1961", "00/01/1990", "12/2026", "999 000 0018", "aged 54", "", "01/01/2030"]
)
def test_what_is_no_birth_date(text):
    assert parse_date(text, "birth", TODAY) is None


def test_months_with_a_wrong_letter():
    assert month_number("Fcb") == 2
    assert month_number("Novernber") == 11
    assert month_number("Ju") is None
    assert month_number("xyz") is None


@given(st.text(max_size=60))
def test_any_text_is_read_without_a_crash(text):
    for found in find_dates(text, "birth", TODAY):
        dt.date.fromisoformat(found.value)
