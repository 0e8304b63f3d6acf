"""Who refers: letterheads of every trade, senders' blocks, and the writer's own word on how urgent a referral is."""

import datetime as dt

import pytest

from templates.form import load_forms
from templates.grammar_words import dissent_in
from templates.letter_parts import in_strip
from templates.letterhead import letterhead
from templates.read import read_document
from tests.templates.paper import SecondReader, line, page, tick

TODAY = dt.date(2026, 11, 22)
FORMS = load_forms()


PATIENT = [
    (0.09, 0.7, "Patient name:"),
    (0.24, 0.7, "Mr Owen TAYLOR"),
    (0.09, 0.72, "NHS number:"),
    (0.24, 0.72, "999 000 0018"),
    (0.09, 0.74, "Date of birth:"),
    (0.24, 0.74, "14/05/2000"),
]


def part(lines):
    pages = (page([*lines, *PATIENT]),)
    return read_document(pages, FORMS, SecondReader(pages), TODAY).parts[0]


def values(lines):
    return {f: r.value for f, r in part(lines).readings.items()}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Priory Fields Primary Care Centre", "Priory Fields Primary Care Centre"),
        ("New Southgate Medical Centre, 75 Chapel Street, Ormskirk, L39 2ZP", "New Southgate Medical Centre"),
        ("Foxglove Surgery (B96782)", "Foxglove Surgery"),
        ("St Brannoc's Hospice", "St Brannoc's Hospice"),
        ("Westgate Walk-in Centre", "Westgate Walk-in Centre"),
        ("Ridgeway Urgent Treatment Centre", "Ridgeway Urgent Treatment Centre"),
        ("Sarum Health Group", "Sarum Health Group"),
        ("Healthcare Department, HMP Thornmoor", "Healthcare Department, HMP Thornmoor"),
    ],
)
def test_a_letterhead_of_any_trade_names_the_sender_and_not_its_address(line, name):
    paper = page([(0.1, 0.07, line), (0.1, 0.09, "12 Low Road, Leeds, LS1 4AP"), (0.1, 0.11, "0113 496 0389")])
    found = {f.field: f.lines[0] for f in letterhead(paper, paper.lines, None)}
    assert found == {"referrer.practice_name": name, "referrer.phone": "0113 496 0389"}


@pytest.mark.parametrize(
    "line", ["Registered GP Dr Ann Wadsworth", "Royal Aldermoor Infirmary", "Colorectal Surgery", "Practice details"]
)
def test_a_head_that_names_somebody_else_is_no_letterhead(line):
    paper = page([(0.1, 0.07, line), (0.1, 0.09, "12 Low Road, Leeds, LS1 4AP")])
    assert letterhead(paper, paper.lines, None) == []


def test_a_fax_number_or_one_far_beneath_is_not_the_letterheads_telephone():
    paper = page([(0.1, 0.07, "Ash Lane Surgery"), (0.1, 0.09, "Fax 0113 496 0389"), (0.1, 0.2, "0113 496 0777")])
    assert [f.field for f in letterhead(paper, paper.lines, None)] == ["referrer.practice_name"]


def test_a_senders_block_names_the_writer_by_the_role_in_brackets():
    got = values(
        [
            (0.09, 0.07, "Memorandum of referral"),
            (0.09, 0.13, "From"),
            (0.24, 0.13, "David Khan (First Contact Physiotherapist), Castle Hill Medical Practice, 64 Church"),
            (0.24, 0.15, "Lane, London, W1T 1JF, code J99390, telephone 020 7946 0021."),
            (0.09, 0.19, "Patient"),
            (0.24, 0.19, "Mr Owen TAYLOR"),
        ]
    )
    assert got["referrer.name"] == "David Khan"
    assert got["referrer.practice_name"] == "Castle Hill Medical Practice"
    assert got["referrer.phone"] == "02079460021"


def test_an_opticians_foot_names_optician_and_shop_without_colons():
    got = values(
        [
            (0.1, 0.07, "Referral by optometrist"),
            (0.1, 0.58, "Optometrist (print) Ingrid Farrant GOC no. 01-17725"),
            (0.1, 0.61, "Practice Iris Lane Optometrists, 171 Quarry Drive, London EC1V 9EX"),
        ]
    )
    assert got["referrer.name"] == "Ingrid Farrant"
    assert got["referrer.practice_name"] == "Iris Lane Optometrists"


def letter(*body):
    lines = [(0.1, 0.07, "Castle Gate Surgery"), (0.1, 0.2, "Dear Colleague,")]
    lines += [(0.1, 0.24 + 0.02 * n, text) for n, text in enumerate(body)]
    return [*lines, (0.1, 0.6, "Yours faithfully"), (0.1, 0.65, "Dr Ann Lister")]


STORY = "Mrs Haigh has had three months of upper abdominal pain after every meal and has lost weight."


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("I regard this as a routine referral.", "ROUTINE"),
        ("I should class this as urgent.", "URGENT"),
        ("This falls under the two week wait for suspected cancer.", "TWO_WEEK_WAIT"),
        ("There is no hurry: a routine appointment, please.", "ROUTINE"),
        ("Time is short and we ask for an urgent appointment.", "URGENT"),
    ],
)
def test_the_writers_own_verdict_on_this_referral_is_taken(said, value):
    reading = part(letter(STORY, said)).readings["referral.priority"]
    assert (reading.value, reading.doubts) == (value, ())


@pytest.mark.parametrize(
    "said",
    [
        "We do not regard this as urgent.",
        "I regard this as urgent if the scan shows a mass.",
        "She had an urgent referral in May.",
        "I marked this blood test urgent.",
    ],
)
def test_ifs_others_and_what_was_are_left_to_a_person(said):
    part_ = part(letter(STORY, said))
    reading = part_.readings.get("referral.priority")
    assert reading is None or reading.doubts
    assert any(r.field == "referral.priority" for r in part_.reasons)


def test_a_condition_on_the_line_above_belongs_to_the_sentence():
    reading = part(
        letter(STORY, "Should the ultrasound show anything or if she is no better then", "I regard this as urgent.")
    ).readings
    assert reading["referral.priority"].doubts


def test_a_mails_subject_says_how_urgent_its_referral_is():
    lines = [
        (0.1, 0.07, "From: Castle Gate Surgery"),
        (0.1, 0.1, "Subject: 2WW referral Gynaecology - please book today"),
        (0.1, 0.2, "Dear all,"),
    ]
    reading = part([*lines, (0.1, 0.24, STORY)]).readings["referral.priority"]
    assert (reading.value, reading.doubts) == ("TWO_WEEK_WAIT", ())


def test_a_reason_beside_its_label_ends_at_the_next_head_of_the_column():
    got = values(
        [
            (0.09, 0.07, "REFERRAL"),
            (0.09, 0.34, "Problem"),
            (0.24, 0.34, "Your opinion is sought about this man with a fluid swelling around one testicle."),
            (0.24, 0.36, "Please investigate and advise."),
            (0.09, 0.39, "Long ago"),
            (0.24, 0.39, "Depression 2016; Fractured wrist 2013"),
        ]
    )
    assert got["referral.reason"].endswith("investigate and advise.")


def test_a_reason_ends_above_a_row_of_fields_and_leaves_out_headings_inside():
    got = values(
        [
            (0.09, 0.07, "REFERRAL"),
            (0.09, 0.34, "Clinical information"),
            (0.09, 0.36, "She has had three days of fresh bleeding and has never taken any hormones at all."),
            (0.09, 0.39, "The present state"),
            (0.09, 0.41, "Examination showed a healthy cervix and I should be grateful for a scan."),
            (0.09, 0.44, "Bloods taken 13/11/2026"),
            (0.40, 0.44, "Patient told of this"),
            (0.74, 0.44, "Not available until"),
        ]
    )
    assert "The present state" not in got["referral.reason"] and "Bloods" not in got["referral.reason"]
    assert got["referral.reason"].endswith("grateful for a scan.")


def test_words_that_order_a_story_are_not_part_of_the_address_above_it():
    got = values(
        [
            (0.1, 0.07, "Castle Gate Surgery"),
            (0.1, 0.2, "Dear Colleague,"),
            (0.1, 0.23, "Re: Mr Amir Demir, born 14/05/2000"),
            (0.1, 0.25, "89 Northgate, London, SE15 3AA"),
            (0.1, 0.28, "PC: knuckles so swollen that rings had to be cut off."),
            (0.1, 0.30, "Hx: Naproxen takes the edge off and there was no recent infection at all."),
            (0.1, 0.36, "Yours faithfully"),
        ]
    )
    assert got["patient.address"] == "89 Northgate, London"
    assert got["referral.reason"].startswith("PC: knuckles")


def test_consent_to_a_photograph_says_nothing_of_sharing():
    assert dissent_in("Consent for image in record: yes. Image store key 9850278085.") is None
    assert dissent_in("Patient consents to sharing of the record") is False


@pytest.mark.parametrize(
    ("agrees", "objects", "told"), [(True, False, False), (False, True, True), (False, False, True)]
)
def test_an_objection_whose_box_stands_open_beside_a_ticked_one_was_not_made(agrees, objects, told):
    lines = [
        (0.1, 0.07, "REFERRAL"),
        (0.1, 0.5, "Information sharing:"),
        (0.3, 0.5, "agrees"),
        (0.42, 0.5, "objects to this referral being shared"),
        *PATIENT,
    ]
    pages = (page(lines, [tick(0.28, 0.5, agrees), tick(0.40, 0.5, objects)]),)
    readings = read_document(pages, FORMS, SecondReader(pages), TODAY).parts[0].readings
    reading = readings.get("referral.sharing_dissent")
    assert (reading is not None and reading.value is True) is told


def test_a_cover_without_a_number_is_the_first_of_the_counted_pages():
    cover = [
        (0.1, 0.06, "FAX"),
        (0.1, 0.11, "To: Urology bookings, Royal Infirmary"),
        (0.1, 0.14, "From: Ash Lane Surgery"),
        (0.1, 0.2, "Confidential: if received in error ring us."),
    ]
    second = [
        *letter(STORY),
        (0.1, 0.22, "Re: Mr Owen TAYLOR, born 14/05/2000, NHS 999 000 0018"),
        (0.5, 0.95, "Page 2 of 2"),
    ]
    pages = (page(cover, number=1), page(second, number=2))
    answer = read_document(pages, FORMS, SecondReader(pages), TODAY)
    assert not [r for r in (*answer.reasons, *answer.parts[0].reasons) if r.code == "missing_page"]


def test_a_typed_row_of_name_and_birth_date_is_the_patients_and_no_reference():
    lines = [
        (0.1, 0.07, "HARROW HILL SURGERY"),
        (0.1, 0.16, "ATTN: RHEUMATOLOGY CLINIC, ROYAL ALDERMOOR INFIRMARY"),
        (0.1, 0.21, "REF: SMITH / KULDIP / 14-SEP-1949 / F"),
        (0.1, 0.23, "999 000 0018 / 07700 900053"),
        (0.1, 0.28, "Doctor,"),
        (0.1, 0.31, "Could not get out of bed unaided for eight weeks owing to stiffness of both shoulders."),
        (0.1, 0.4, "Respectfully,"),
        (0.1, 0.46, "Imran Kirkbride"),
    ]
    pages = (page(lines),)
    answer = read_document(pages, FORMS, SecondReader(pages), TODAY)
    got = {f: r.value for f, r in answer.parts[0].readings.items()}
    assert (got["patient.family_name"], got["patient.given_names"], got["patient.birth_date"]) == (
        "SMITH",
        "KULDIP",
        "1949-09-14",
    )


def test_a_strip_that_goes_on_is_no_second_print_of_the_shorter_name():
    strip = [line(0.3, 0.002, "19/11/2026 12:09 01138485794 TANNERY BRIDGE HEALTH CE PAGE 01/01")]
    assert in_strip("Tannery Bridge Health Centre", strip)
    assert not in_strip("Tannery Bridge", strip)
