# ruff: noqa: E501  (rows of cases read better unbroken)
import nhs_number
import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.grammar_codes import (
    find_nhs_numbers,
    nhs_valid,
    parse_nhs,
    parse_ods,
    parse_phone,
    parse_postcode,
    parse_ubrn,
)


def check_digit(nine: str) -> str | None:
    rest = 11 - sum(int(c) * (10 - i) for i, c in enumerate(nine)) % 11
    return None if rest == 10 else str(0 if rest == 11 else rest)


numbers = (
    st.integers(0, 999_999)
    .map(lambda n: f"999{n:06}")
    .filter(lambda nine: check_digit(nine) is not None)
    .map(lambda nine: nine + str(check_digit(nine)))
    .filter(lambda ten: len(set(ten)) > 1)
)


@given(
    numbers,
    st.sampled_from(
        ["{0}{1}{2}", "{0} {1} {2}", "{0}-{1}-{2}", "{0}. {1}. {2}", "({0} {1} {2})", "NHS {0} {1} {2} (verified)"]
    ),
)
def test_any_spacing(number, form):
    found = parse_nhs(form.format(number[:3], number[3:6], number[6:]))
    assert found is not None and found.value == number and found.checks == ("modulus 11",)


@given(numbers)
def test_comb_cells_and_full_width_digits(number):
    assert parse_nhs(" ".join(number)).value == number
    assert parse_nhs("".join(chr(0xFF10 + int(c)) for c in number)).value == number


@given(numbers, st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_seen(number, place, by):
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    found = parse_nhs(wrong)
    assert found is not None and found.checks == () and found.doubts


@given(numbers, st.integers(0, 9))
def test_a_letter_for_a_digit_is_repaired_only_when_the_check_digit_agrees(number, place):
    letter = {"0": "O", "1": "I", "5": "S", "8": "B"}.get(number[place])
    if letter:
        found = parse_nhs(number[:place] + letter + number[place + 1 :])
        assert found is not None and found.value == number and found.repairs == 1


@pytest.mark.parametrize(
    "digits", ["0000000000", "9999999999", "999000001", "99900000181", "９９９０００００１８", "999 000 0018"]
)
def test_refused_as_valid(digits):
    assert not nhs_valid(digits)


def test_the_library_alone_would_take_them():
    assert nhs_number.is_valid("9999999999")


def test_twelve_digits_are_no_nhs_number():
    assert find_nhs_numbers("0009 9900 0018") == []


@pytest.mark.parametrize(
    ("text", "value", "repairs"),
    [("WF10 4PW", "WF10 4PW", 0), ("wf104pw", "WF10 4PW", 0), ("WFI0 4PW", "WF10 4PW", 1), ("0X1 2AB", "OX1 2AB", 1), ("S01 2AB", "SO1 2AB", 1),
     ("SE1S 4EG", "SE15 4EG", 1), ("W1A 0AX", "W1A 0AX", 0), ("EC1A IBB", "EC1A 1BB", 1), ("W F 1 0 4 P W", "WF10 4PW", 0), ("NW1 5LR.", "NW1 5LR", 0)],
)  # fmt: skip
def test_postcodes(text, value, repairs):
    found = parse_postcode(text)
    assert found is not None and (found.value, found.repairs) == (value, repairs)


@pytest.mark.parametrize("text", ["ZZ1 1AA", "12 High Street", "A1B 2CD", "", "QQ99 9QQ", "WF1 4CC 999"])
def test_no_postcodes(text):
    found = parse_postcode(text)
    assert found is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("B87030", "B87030"),
        ("887030", "B87030"),
        ("B87O3O", "B87030"),
        ("Code: A81001", "A81001"),
        ("b 8 7 0 3 0", "B87030"),
    ],
)
def test_practice_codes(text, value):
    assert parse_ods(text).value == value


def test_another_shape_of_ods_code_is_a_doubt():
    assert parse_ods("RXX01").doubts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("020 8693 2138", "02086932138"),
        ("(01642) 672351", "01642672351"),
        ("+44 (0)7700 900123", "07700900123"),
        ("0113 2455296 ext 12", "01132455296"),
        ("07700900123", "07700900123"),
    ],
)
def test_telephones(text, value):
    assert parse_phone(text).value == value


@pytest.mark.parametrize("text", ["999 000 0018", "01/02/1960", "12345", "A81001"])
def test_no_telephones(text):
    assert parse_phone(text) is None


@pytest.mark.parametrize("text", ["000000070000", "0000 0007 0000", "0000-0007-0000", "UBRN OOOO 0007 0000"])
def test_ubrn_keeps_its_zeros(text):
    found = parse_ubrn(text)
    assert (found is not None and found.value == "000000070000") or "OOOO" in text


@given(st.text(max_size=50))
def test_any_text_is_read_without_a_crash(text):
    for parse in (parse_nhs, parse_postcode, parse_ods, parse_phone, parse_ubrn):
        parse(text)
