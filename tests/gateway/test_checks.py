import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.checks import Judged, judge
from gateway.patients import CsvPatientIndex, PatientRecord
from gateway.reading import CannotRead, FileReading, as_json, read_file
from ocr.page import Box
from templates.form import load_forms
from templates.reading import DocumentReading, Part, Reading, Reason

TODAY = dt.date(2026, 11, 22)
NUMBER, OTHER = "9990000018", "9990000026"
BOX = Box(0.1, 0.1, 0.2, 0.2)
BOTH = ("PP-OCRv6", "Tesseract")
PERSON = PatientRecord(NUMBER, "O'Brien", "Ann", "1960-02-01", "female", "WF10 4PW")
INDEX = CsvPatientIndex([PERSON])


def reading(
    field: str, value: str | bool, readers: tuple[str, ...] = BOTH, checks: tuple[str, ...] = (), **rest: object
) -> Reading:
    return replace(Reading(field, value, str(value), 1, BOX, 0.95, "read after its label", readers, 1, checks), **rest)


def values(**changes: Reading | None) -> dict[str, Reading]:
    found = {
        r.field: r
        for r in (
            reading("patient.nhs_number", NUMBER, checks=("modulus 11",)),
            reading("patient.family_name", "O'BRIEN"),
            reading("patient.given_names", "Ann"),
            reading("patient.birth_date", "1960-02-01", checks=("date exists",)),
            reading("patient.postcode", "WF10 4PW", checks=("postcode shape",)),
            reading("referrer.practice_code", "B87030", checks=("practice code shape",)),
            reading("referral.date", "2026-11-18", checks=("date exists",)),
            reading("referral.priority", "ROUTINE", checks=("tick box",)),
            reading("referral.specialty", "Cardiology", checks=("known specialty",)),
            reading("referral.reason", "Chest pain on exertion for six weeks, worse uphill."),
        )
    }
    for name, value in changes.items():
        field = name.replace("__", ".")
        if value is None:
            del found[field]
        else:
            found[field] = value
    return found


def judged(
    index: CsvPatientIndex | None = INDEX, reasons: tuple[Reason, ...] = (), **changes: Reading | None
) -> Judged:
    return judge(DocumentReading("referral", (Part((1,), None, values(**changes), reasons),)), index, None, TODAY)


def test_all_in_order_is_ready():
    verdict = judged()
    assert verdict.ready and not verdict.parts[0].reasons
    assert all(f.accepted for f in verdict.parts[0].fields.values())


def test_a_tumour_site_in_a_forms_title_is_no_department():
    site = reading("referral.specialty", "Lower GI", checks=("known specialty",), how="read from the form's title")
    assert not judged(referral__specialty=site).parts[0].fields["referral.specialty"].accepted


def test_a_reason_whose_page_may_be_missing_is_not_accepted():
    verdict = judged(reasons=(Reason("missing_page", "page 2 of 3 is missing: ask the practice for it"),))
    assert not verdict.ready and not verdict.parts[0].fields["referral.reason"].accepted


def test_without_an_index_nothing_is_ready_and_no_birth_date_read_once_is_accepted():
    verdict = judged(index=None)
    fields = verdict.parts[0].fields
    assert not verdict.ready
    assert fields["patient.nhs_number"].accepted
    assert not fields["patient.birth_date"].accepted and not fields["patient.family_name"].accepted


def test_without_an_index_a_date_said_twice_and_seen_by_both_is_accepted():
    twice = reading("patient.birth_date", "1960-02-01", times=2)
    assert judged(index=None, patient__birth_date=twice).parts[0].fields["patient.birth_date"].accepted


@pytest.mark.parametrize(
    ("field", "value"),
    [("patient.nhs_number", OTHER), ("patient.birth_date", "1960-02-07"), ("patient.family_name", "O'BRYAN")],
)
def test_one_identifier_that_differs_stops_it_and_is_not_accepted(field, value):
    checks = ("modulus 11",) if field == "patient.nhs_number" else ()
    verdict = judged(**{field.replace(".", "__"): reading(field, value, checks=checks)})
    assert not verdict.ready
    assert not verdict.parts[0].fields[field].accepted
    assert verdict.parts[0].reasons


@pytest.mark.parametrize(
    "field",
    [
        "patient.nhs_number",
        "patient.birth_date",
        "patient.family_name",
        "referral.priority",
        "referral.specialty",
        "referral.reason",
    ],
)
def test_a_required_field_that_is_missing_stops_it(field):
    verdict = judged(**{field.replace(".", "__"): None})
    assert not verdict.ready and any(r.field in (field, None) for r in verdict.parts[0].reasons)


def test_the_index_makes_a_doubtful_value_certain_when_two_others_agree():
    alone = reading(
        "patient.nhs_number",
        NUMBER,
        ("PP-OCRv6",),
        ("modulus 11",),
        doubts=("a character was repaired by its position",),
    )
    assert judged(patient__nhs_number=alone).ready


def test_the_other_readers_value_is_taken_only_when_the_index_and_two_more_say_so():
    misread = reading(
        "patient.birth_date",
        "1960-02-07",
        ("PP-OCRv6",),
        others=("1960-02-01",),
        doubts=("the second reader saw something else",),
    )
    verdict = judged(patient__birth_date=misread)
    assert verdict.parts[0].fields["patient.birth_date"].reading.value == "1960-02-01" and verdict.ready
    verdict = judged(
        patient__birth_date=misread,
        patient__family_name=reading("patient.family_name", "Jones"),
        patient__postcode=None,
    )
    assert not verdict.parts[0].fields["patient.birth_date"].accepted


def test_pages_that_contradict_themselves_are_never_settled_by_the_index():
    torn = reading(
        "patient.birth_date", "1960-02-01", doubts=("the pages show two different dates of birth: compare them",)
    )
    verdict = judged(patient__birth_date=torn)
    assert not verdict.ready and not verdict.parts[0].fields["patient.birth_date"].accepted


def test_marks_lost_in_a_name_come_from_the_index():
    verdict = judged(patient__family_name=reading("patient.family_name", "OBRIEN"))
    assert verdict.parts[0].fields["patient.family_name"].reading.value == "O'BRIEN"


@pytest.mark.parametrize(
    "other",
    [
        PatientRecord(OTHER, "O'Brien", "Amy", "1960-02-01", "female", "LS1 2AB"),
        PatientRecord(OTHER, "O'Brien", "Ann", "1930-07-07", "female", "WF10 4PW"),
    ],
)
def test_twins_and_namesakes_stay_with_a_person(other):
    verdict = judged(index=CsvPatientIndex([PERSON, other]))
    assert not verdict.ready and any(r.code == "alike" for r in verdict.parts[0].reasons)


@pytest.mark.parametrize("change", [{"deceased": True}, {"sensitive": True}])
def test_the_dead_and_the_sensitive_stay_with_a_person(change):
    assert not judged(index=CsvPatientIndex([replace(PERSON, **change)])).ready


def test_doubtful_urgency_dissent_ubrn_and_reasons_stop_it():
    assert not judged(
        referral__priority=reading("referral.priority", "URGENT", doubts=("the pages say urgent and routine",))
    ).ready
    assert not judged(referral__ubrn=reading("referral.ubrn", "000000070000")).ready
    assert not judged(reasons=(Reason("missing_page", "page 2 of 2 is missing"),)).ready
    assert not judged(reasons=(Reason("dissent", "the patient objects to sharing"),)).ready


def test_one_reader_is_not_enough_for_what_has_no_check():
    verdict = judged(
        referrer__name=reading("referrer.name", "Jane Doe", ("PP-OCRv6",)),
        referral__date=reading("referral.date", "2026-11-18", ("PP-OCRv6",)),
    )
    assert not verdict.parts[0].fields["referrer.name"].accepted
    assert not verdict.parts[0].fields["referral.date"].accepted


def test_a_known_specialty_needs_one_reader_unless_it_may_be_cut_off():
    alone = reading(
        "referral.specialty",
        "Cardiology",
        ("PP-OCRv6",),
        ("known specialty",),
        doubts=("the second reader saw something else",),
    )
    assert judged(referral__specialty=alone).parts[0].fields["referral.specialty"].accepted
    assert (
        not judged(referral__specialty=replace(alone, value="Urology")).parts[0].fields["referral.specialty"].accepted
    )
    assert (
        not judged(referral__specialty=replace(alone, others=("Dermatology",)))
        .parts[0]
        .fields["referral.specialty"]
        .accepted
    )


def test_two_referrals_in_one_file_are_never_ready():
    part = Part((1,), None, values())
    verdict = judge(
        DocumentReading(
            "referral", (part, replace(part, pages=(2,))), {}, (Reason("several_referrals", "2 referrals"),)
        ),
        INDEX,
        None,
        TODAY,
    )
    assert not verdict.ready
    line = as_json("a.tif", FileReading((), DocumentReading("referral", (part, replace(part, pages=(2,)))), verdict))
    assert line["status"] == "review" and line["more"][0]["pages"] == [2]


def test_the_line_of_a_file_has_the_contracts_form():
    verdict = judged()
    document = DocumentReading("referral", (verdict.parts[0].part,))
    line = as_json("a.tif", FileReading((), document, verdict))
    assert list(line)[:7] == ["file", "document_type", "status", "form", "pages", "fields", "reasons"]
    assert line["status"] == "ready"
    assert set(line["fields"]["patient.nhs_number"]) == {"value", "confidence", "accepted", "page", "box", "how"}
    assert line["fields"]["patient.nhs_number"]["box"] == [0.1, 0.1, 0.2, 0.2]


def test_a_file_that_cannot_be_read_is_other_with_its_reason():
    def refuse(data: bytes) -> list:
        raise CannotRead("This file is encrypted: ask the sender for it without a password.")

    read = read_file(b"x", reader=None, rasterise=refuse, forms=load_forms(), index=None, practices=None, today=TODAY)
    line = as_json("a.pdf", read)
    assert (
        line["document_type"] == "other" and line["status"] == "review" and line["pages"] == 0 and line["fields"] == {}
    )
    assert line["reasons"] == ["This file is encrypted: ask the sender for it without a password."]
    assert Path("a.pdf").name == line["file"]


def test_marks_lost_in_given_names_come_from_the_index():
    index = CsvPatientIndex([replace(PERSON, given_names="Ann-Marie")])
    verdict = judged(index=index, patient__given_names=reading("patient.given_names", "AnnMarie"))
    field = verdict.parts[0].fields["patient.given_names"]
    assert field.accepted and field.reading.value == "Ann-Marie"


def slipped(name: str, readers: tuple[str, ...] = ("PP-OCRv6",), **changes: Reading | None) -> Judged:
    return judged(
        patient__family_name=reading(
            "patient.family_name", name, readers, doubts=("the second reader saw something else",)
        ),
        **changes,
    )


@pytest.mark.parametrize("name", ["O'BRLEN", "OBRICN"])
def test_one_letter_that_one_reader_misread_is_the_indexs_when_all_else_agrees(name: str) -> None:
    found = slipped(name)
    field = found.parts[0].fields["patient.family_name"]
    assert field.reading.value == "O'BRIEN" and field.accepted and found.ready
    assert "one letter is the patient index's" in field.how and field.reading.others == (name,)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "OBRLCN"},  # two letters of six
        {"name": "O'BRLEN", "readers": BOTH},  # both saw it: it is printed so
        {"name": "O'BRLEN", "patient__birth_date": reading("patient.birth_date", "1961-02-01")},
        {"name": "O'BRLEN", "patient__given_names": reading("patient.given_names", "Mary"), "patient__postcode": None},
        {"name": "O'BRLEN", "patient__nhs_number": reading("patient.nhs_number", OTHER, checks=("modulus 11",))},
    ],
)
def test_a_name_is_not_the_indexs_on_less(changes: dict[str, Any]) -> None:
    found = slipped(**changes)
    assert found.parts[0].fields["patient.family_name"].reading.value != "O'BRIEN" and not found.ready


def test_a_bare_telephone_is_the_patients_only_beside_another_of_the_referrers() -> None:
    shape = ("telephone shape",)
    own = replace(reading("patient.phone", "07700900265", checks=shape), how="read after the label 'Tel'")
    named = replace(own, how="read after the label 'Home tel'")
    theirs = reading("referrer.phone", "02079460749", checks=shape)
    for phone, other, accepted in ((own, None, False), (own, theirs, True), (named, None, True)):
        changes = {"patient__phone": phone} | ({"referrer__phone": other} if other else {})
        assert judged(**changes).parts[0].fields["patient.phone"].accepted == accepted


HARD = "the page is hard to read"


@pytest.mark.parametrize(
    ("name", "practice", "ready"),
    [
        (
            reading("referrer.name", "Ann Iyer", doubts=(HARD,)),
            reading("referrer.practice_name", "Ash Surgery", doubts=(HARD,)),
            True,
        ),
        (None, reading("referrer.practice_name", "Ash Surgery", doubts=(HARD,), times=2), True),
        (None, reading("referrer.practice_name", "Ash Surgery", doubts=(HARD,)), False),
        (None, reading("referrer.practice_name", "Holly Bank Medical Practice", doubts=(HARD,)), True),
        (None, reading("referrer.practice_name", "Holly Bank Medical Practice", BOTH[:1], doubts=(HARD,)), False),
        (None, reading("referrer.practice_name", "Holly Bank.Medical Practice", doubts=(HARD,)), False),
        (None, reading("referrer.practice_name", "In your own words", doubts=(HARD,)), False),
        (
            None,
            replace(
                reading("referrer.practice_name", "Holly Bank Medical Practice", doubts=(HARD,)),
                how="read after the label 'GMP surgery'",
            ),
            False,
        ),
        (
            reading("referrer.name", "Ann Iyer", BOTH[:1], doubts=(HARD,)),
            reading("referrer.practice_name", "Ash Surgery", doubts=(HARD,)),
            False,
        ),
    ],
)
def test_on_a_page_that_is_hard_to_read_two_agreed_values_say_who_refers(name, practice, ready) -> None:
    found = {**values(referrer__practice_code=None), "referrer.practice_name": practice}
    if name is not None:
        found["referrer.name"] = name
    result = judge(DocumentReading("referral", (Part((1,), None, found, ()),)), INDEX, None, TODAY)
    assert result.ready is ready
    assert not any(
        result.parts[0].fields[f].accepted
        for f in ("referrer.name", "referrer.practice_name")
        if f in result.parts[0].fields
    )


@pytest.mark.parametrize(
    ("code", "ready"),
    [
        (reading("referrer.practice_code", "B96933", BOTH[:1], checks=("practice code shape",)), True),
        (reading("referrer.practice_code", "B96933", BOTH[:1]), False),
        (reading("referrer.practice_code", "B96933", BOTH[:1], checks=("practice code shape",), doubts=(HARD,)), False),
        (None, False),
    ],
)
def test_a_practice_code_that_nothing_disputes_is_one_of_two_values_that_say_who_refers(code, ready) -> None:
    found = {
        **values(referrer__practice_code=None),
        "referrer.name": reading("referrer.name", "Ann Iyer", doubts=(HARD,)),
    }
    if code is not None:
        found["referrer.practice_code"] = code
    assert judge(DocumentReading("referral", (Part((1,), None, found, ()),)), INDEX, None, TODAY).ready is ready
