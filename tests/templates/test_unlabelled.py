"""What pages say without labels, and what must not be taken for a value."""

import datetime as dt

from templates.form import load_forms
from templates.grammar_codes import find_postcodes
from templates.read import read_document
from tests.templates.paper import SecondReader, page

TODAY = dt.date(2026, 11, 22)
FORMS = load_forms()


def read(lines):
    pages = (page(lines),)
    return read_document(pages, FORMS, SecondReader(pages), TODAY)


def values(lines):
    found = read(lines)
    return {f: r.value for f, r in found.parts[0].readings.items()} if found.parts else {}


def test_words_are_no_postcode():
    assert not find_postcodes("89 The Crescent, Selby")
    assert [p.value for p in find_postcodes("89 The Crescent, Selby WF1O 4PW")] == ["WF10 4PW"]


def test_a_sentence_names_the_patient():
    got = values([
        (0.1, 0.10, "Dear Colleague"),
        (0.1, 0.14, "Thank you for seeing Mrs Ann Smith, born 3 May 1950, NHS number 999 000 0018,"),
        (0.1, 0.16, "of 12 High Street, Leeds, LS1 4AB."),
        (0.1, 0.20, "She has had a painful knee for four months and walks less than she did."),
        (0.1, 0.26, "Yours sincerely"),
    ])  # fmt: skip
    assert got["patient.family_name"] == "Smith" and got["patient.birth_date"] == "1950-05-03"
    assert got["patient.address"] == "12 High Street, Leeds" and got["patient.postcode"] == "LS1 4AB"


def test_a_title_is_no_specialty():
    got = values([
        (0.1, 0.05, "Referral to Secondary Care"),
        (0.1, 0.10, "Surname: Smith"),
        (0.1, 0.13, "Forename: Ann"),
        (0.1, 0.16, "NHS No: 999 000 0018"),
        (0.1, 0.19, "DOB: 03/05/1950"),
        (0.1, 0.22, "Reason for referral: painful knee for four months, please assess."),
    ])  # fmt: skip
    assert "referral.specialty" not in got and got["patient.family_name"] == "Smith"


def test_a_cell_beneath_the_address_is_not_part_of_it():
    got = values([
        (0.1, 0.05, "Referral form"),
        (0.1, 0.10, "SURNAME"), (0.5, 0.10, "FORENAME"),
        (0.1, 0.115, "Smith"), (0.5, 0.115, "Ann"),
        (0.1, 0.15, "ADDRESS"), (0.5, 0.15, "NHS NO"),
        (0.1, 0.165, "12 High Street, Leeds"), (0.5, 0.165, "999 000 0018"),
        (0.1, 0.19, "ILLNO"), (0.5, 0.19, "DATE OF BIRTH"),
        (0.1, 0.205, "01632 960123"), (0.5, 0.205, "03/05/1950"),
        (0.1, 0.25, "REASON FOR REFERRAL"),
        (0.1, 0.265, "Painful knee for four months, please assess."),
    ])  # fmt: skip
    assert got["patient.address"] == "12 High Street, Leeds"


def test_a_page_that_breaks_a_rule_steps_aside(monkeypatch):
    import templates.read as reading

    real = reading.read_page_values

    def breaks(one, forms, today):
        if one.number == 2 and one.lines:
            raise RuntimeError("unforeseen")
        return real(one, forms, today)

    monkeypatch.setattr(reading, "read_page_values", breaks)
    first = page([(0.1, 0.05, "Referral form"), (0.1, 0.1, "Surname: Smith"), (0.1, 0.13, "NHS No: 999 000 0018"),
                  (0.1, 0.16, "DOB: 03/05/1950"), (0.1, 0.2, "Reason for referral: painful knee for months.")])  # fmt: skip
    second = page([(0.1, 0.1, "Anything")], number=2)
    found = read_document((first, second), FORMS, SecondReader((first, second)), TODAY)
    assert found.parts and any("could not be read" in r.says for r in found.reasons)
