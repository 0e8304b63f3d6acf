"""Homes and telephones that no label names, and addresses in which print or pen lost a letter."""

import datetime as dt

import pytest

from templates.form import load_forms
from templates.grammar_address import mended_address, parse_address
from templates.homes import home_beside
from templates.read import read_document
from tests.templates.paper import SecondReader, page

TODAY = dt.date(2026, 11, 22)
FORMS = load_forms()


def values(lines):
    pages = (page(lines),)
    return {f: r.value for f, r in read_document(pages, FORMS, SecondReader(pages), TODAY).parts[0].readings.items()}


@pytest.mark.parametrize(
    ("seen", "meant", "repairs"),
    [
        ("2I8 Moor View, London", "218 Moor View, London", 1),
        ("94 Church Lave, Liverpool", "94 Church Lane, Liverpool", 1),
        ("33 Chantry Street, Castieford", "33 Chantry Street, Castleford", 1),
        ("159 Upland Close. London", "159 Upland Close, London", 0),
        ("16 St. John's Road, Leeds", "16 St. John's Road, Leeds", 0),
        ("3 Wild Rose, Leeds", "3 Wild Rose, Leeds", 0),
        ("12 Bishop Drove, Ely", "12 Bishop Drove, Ely", 0),
        ("Hillcrest, Ings Lane, Ossett", "Hillcrest, Ings Lane, Ossett", 0),
    ],
)
def test_an_address_is_mended_only_to_what_it_can_only_be(seen, meant, repairs):
    assert mended_address(parse_address([seen])) == (meant, repairs)


LETTER = [
    (0.1, 0.05, "Castle Gate Surgery"),
    (0.1, 0.07, "12 Low Road, Leeds, LS1 4AP"),
    (0.1, 0.2, "Dear Colleague,"),
    (0.1, 0.24, "Ms Annabel FARRANT d.o.b. 25th November 1992"),
    (0.1, 0.26, "109 Hollin Terrace, Castleford, WF10 6YJ"),
    (0.1, 0.28, "NHS 999 000 0018 . 07700 900848"),
    (0.1, 0.32, "She has flooded for three days of each cycle for six months and had to leave work twice."),
    (0.1, 0.4, "Yours sincerely"),
    (0.1, 0.44, "Dr Ann Lister"),
]


def test_a_home_and_a_telephone_beside_the_patients_number_need_no_label():
    got = values(LETTER)
    assert got["patient.address"] == "109 Hollin Terrace, Castleford"
    assert got["patient.postcode"] == "WF10 6YJ"
    assert got["patient.phone"] == "07700900848"


def test_a_postcode_on_the_next_line_belongs_to_the_home_above():
    paper = page(
        [(0.1, 0.3, "DOB: 24 June 2020, 52 Thornhill Bank, Ossett,"), (0.1, 0.32, "WF5 2PD, Tel: 01632 960291")]
    )
    found = {f.field: f.lines[0] for f in home_beside(paper, paper.lines, [paper.lines[0].box])}
    assert found == {"patient.address": "52 Thornhill Bank, Ossett", "patient.postcode": "WF5 2PD"}


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (
            ["14 Sep 1961 (65 years) Male The Old Forge, 149 Pinfold View, Leicester, LE2 3PB"],
            "The Old Forge, 149 Pinfold View, Leicester",
        ),
        (
            ["NHS 999 000 0018 Rose Cottage, 169 The Paddock, Liverpool L39 9GP"],
            "Rose Cottage, 169 The Paddock, Liverpool",
        ),
        (
            ["DOB 28.01.1952 198 Ashdown Road, Highfields,", "Bradford BD7 3QE"],
            "198 Ashdown Road, Highfields, Bradford",
        ),
    ],
)
def test_a_houses_name_and_a_town_on_the_next_line_belong_to_the_address(lines, address):
    paper = page([(0.1, 0.3 + 0.02 * n, text) for n, text in enumerate(lines)])
    found = {f.field: f.lines[0] for f in home_beside(paper, paper.lines, [paper.lines[0].box])}
    assert found["patient.address"] == address


def test_two_homes_or_a_practices_are_nobodys():
    two = page(
        [
            (0.1, 0.3, "DOB 24 June 2020, 52 Thornhill Bank, Ossett, WF5 2PD"),
            (0.1, 0.32, "Mother: 8 Low Road, Leeds, LS1 4AP"),
        ]
    )
    assert home_beside(two, two.lines, [two.lines[0].box]) == []
    practice = page([(0.1, 0.3, "Ash Lane Surgery"), (0.1, 0.32, "8 Low Road, Leeds, LS1 4AP")])
    assert home_beside(practice, practice.lines, [practice.lines[0].box]) == []


def test_a_carers_telephone_is_not_the_patients():
    got = values(
        [
            (0.1, 0.1, "Patient name:"),
            (0.3, 0.1, "Mr Owen TAYLOR"),
            (0.1, 0.12, "NHS number:"),
            (0.3, 0.12, "999 000 0018"),
            (0.1, 0.14, "Carer or relative:"),
            (0.3, 0.14, "Derek Quarmby"),
            (0.5, 0.14, "Their telephone:"),
            (0.7, 0.14, "07700 900973"),
        ]
    )
    assert "patient.phone" not in got


def test_a_column_beside_a_letter_neither_signs_it_nor_tells_its_story():
    side = [
        (0.76, 0.24 + 0.02 * n, text)
        for n, text in enumerate(["your patient", "Mr Paul CHOUDHURY", "date of birth", "20-11-1971"])
    ]
    side += [
        (0.76, 0.36, "health service number"),
        (0.76, 0.38, "999 000 0018"),
        (0.76, 0.44, "general practitioner"),
        (0.76, 0.46, "Dr Priya Whitaker"),
    ]
    told = [
        "Many thanks for assessing this 54 year old man, who has calf",
        "pain after walking 80 metres. There are no red flag features that",
        "I could find on the day. He takes diabetic tablets and smoked",
        "until 2018. His weight has been stable over the whole last year.",
        "I would be grateful for arterial imaging and for your opinion.",
    ]
    body = [(0.08, 0.25 + 0.02 * n, text) for n, text in enumerate(told)]
    letter = [(0.76, 0.07, "Community Podiatry Service"), (0.08, 0.2, "Dear Dr Chaudhry,"), *body, *side]
    got = values(
        [*letter, (0.08, 0.42, "With thanks,"), (0.08, 0.48, "Fiona Adeyemi"), (0.08, 0.5, "Advanced podiatrist")]
    )
    assert got["referrer.name"] == "Fiona Adeyemi"
    assert got["referral.reason"] == " ".join(told)


def test_a_telephone_behind_the_patients_postcode_is_hers_and_left_to_a_person():
    letter = [
        (0.1, 0.10, "Dear Rajesh"),
        (0.1, 0.13, "Lee Bottomley, born 13 June 1973, NHS 999 000 0018"),
        (0.1, 0.15, "201 Dunstan Drive, Sowerby Bridge, HX3 1UD / 07700 900832"),
        (0.1, 0.20, "I would be grateful for your opinion about this gentleman's chest pain on walking uphill."),
        (0.1, 0.30, "Best wishes"),
    ]
    found = values(letter)
    assert found["patient.phone"] == "07700900832"
    assert found["patient.address"] == "201 Dunstan Drive, Sowerby Bridge"
