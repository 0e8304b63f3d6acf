"""Values beside labels that nobody knows: told by kind and neighbours, always with a doubt, never another person's."""

import datetime as dt

import pytest

from templates.form import load_forms
from templates.read import read_document
from templates.reading import Reading
from tests.templates.paper import SecondReader, page, rows

TODAY = dt.date(2026, 11, 22)
FORMS = load_forms()
PATIENT = [("Patient's name", "Ann Smith"), ("NHS number", "999 000 0018"), ("Date of birth", "03/05/1950")]
SENDER = [("Name of referring GP", "Dr Thomas Fenwick"), ("Practice", "Ferrybridge Health Centre")]


def found(*pairs: tuple[str, str]) -> dict[str, Reading]:
    lines = [(0.08, 0.05, "Referral form"), *rows([*pairs, ("Reason for referral", "painful knee, please assess")])]
    pages = (page(lines),)
    return dict(read_document(pages, FORMS, SecondReader(pages), TODAY).parts[0].readings)


def test_telephones_belong_to_those_among_whose_values_they_stand() -> None:
    got = found(*PATIENT, ("Rings on", "(07700) 900800"), *SENDER, ("Rings at", "(0115) 496 0262"))
    assert got["patient.phone"].value == "07700900800" and got["referrer.phone"].value == "01154960262"
    assert "without a label" in " ".join(got["patient.phone"].doubts)


def test_what_the_words_say_counts_more_than_the_place() -> None:
    got = found(*PATIENT, ("Surgery is reached on", "(0115) 496 0262"))
    assert "patient.phone" not in got and got["referrer.phone"].value == "01154960262"


@pytest.mark.parametrize("label", ["Who else may we call", "Nearest kin", "Facsimile to", "School's line"])
def test_numbers_of_others_are_nobodys(label: str) -> None:
    got = found(*PATIENT, (label, "(07700) 900800"))
    assert "patient.phone" not in got and "referrer.phone" not in got


@pytest.mark.parametrize(
    "home", ["40 Wakefield Road, London", "Flat 3, 7 High Street, Leeds", "Rose Cottage, Mill Lane, Selby"]
)
def test_the_patients_home_beside_a_strange_word(home: str) -> None:
    got = found(*PATIENT, ("Abode", home), *SENDER)
    assert got["patient.address"].value == home


def test_a_street_among_the_senders_values_is_not_the_patients() -> None:
    got = found(*PATIENT, *SENDER, ("Situated", "40 Wakefield Road, London"))
    assert "patient.address" not in got


def test_label_and_value_in_one_piece_of_print() -> None:
    got = found(
        ("Patient's name", "Ann Smith"),
        ("NHS number", "999 000 0018"),
        ("Reach them on 07700 900800", ""),
        ("Tumour team Urology", ""),
    )
    assert got["patient.phone"].value == "07700900800" and got["referral.specialty"].value == "Urology"


@pytest.mark.parametrize(
    ("label", "asked"), [("To attend the clinic for", True), ("Sending department", False), ("Department of", False)]
)
def test_a_specialty_is_asked_for_or_is_only_named(label: str, asked: bool) -> None:
    got = found(*PATIENT, *SENDER, (label, "Gynaecology"))
    reading = got["referral.specialty"]
    assert reading.value == "Gynaecology" and ("beside the words" in reading.how) == asked


def test_a_legible_page_about_nobody_is_no_referral() -> None:
    lines = [(0.08, 0.05, "CLINIC CANCELLATION REQUEST"), *rows([
        ("Requested by", "K Whitaker, service manager"), ("Specialty", "Urology"), ("Patients booked", "12 new (of these 2 2WW)"),
        ("Reason", "Study leave"), ("Rebook by", "31/12/2026"), ("Referrers told", "no"),
    ])]  # fmt: skip
    pages = (page(lines),)
    assert read_document(pages, FORMS, SecondReader(pages), TODAY).document_type == "other"


def test_the_value_of_the_next_row_is_not_that_of_an_empty_one() -> None:
    got = found(*PATIENT, ("Consultant's name", ""), *SENDER)
    assert "referral.named_clinician" not in got and got["referrer.name"].value == "Thomas Fenwick"
