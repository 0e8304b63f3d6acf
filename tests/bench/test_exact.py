"""What the benchmark counts as right, as a silent error and as wrongly ready."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.exact import Scored, right, says_missing, says_stranger, score

FIELDS: dict[str, Any] = {
    "patient.nhs_number": "9990000018",
    "patient.birth_date": "1980-02-01",
    "patient.family_name": "O'Brien",
    "referral.priority": "URGENT",
    "referral.specialty": "Cardiology",
    "referral.reason": "Chest pain on the stairs for six weeks now.",
    "referrer.practice_code": "B87030",
}


def _truth(**changes: Any) -> dict[str, Any]:
    plain = {
        "file": "00000.tif",
        "document_type": "referral",
        "design": "ruled_left",
        "group": "fit",
        "severity": "clean",
        "fields": FIELDS,
        "excused": {},
        "missing_pages": [],
        "stranger_pages": [],
        "more": [],
    }
    return {**plain, **changes}


def _answer(values: dict[str, Any], status: str = "ready", **changes: Any) -> dict[str, Any]:
    fields = {k: {"value": v, "accepted": True, "confidence": 0.99} for k, v in values.items()}
    return {"document_type": "referral", "status": status, "fields": fields, "reasons": [], **changes}


def _score(truth: dict[str, Any], answer: dict[str, Any], alike: tuple[str, ...] = ()) -> Scored:
    return score(1, truth, answer, alike)


@pytest.mark.parametrize(
    ("field", "got", "want", "is_right"),
    [
        ("patient.family_name", "O'BRIEN", "O'Brien", True),
        ("patient.family_name", "OBrien", "O'Brien", False),
        ("patient.nhs_number", "999 000 0018", "9990000018", False),
        ("patient.postcode", "wf10 4pw", "WF10 4PW", False),
        ("patient.address", "1 High Street Leeds", "1 High Street, Leeds", True),
        ("patient.address", "High Street, Leeds", "1 High Street, Leeds", False),
        ("referral.sharing_dissent", True, True, True),
        ("referral.sharing_dissent", "true", True, False),
        ("referral.reason", "a" * 90 + "b" * 10, "a" * 100, True),
        ("referral.reason", "a" * 89 + "b" * 11, "a" * 100, False),
        ("referral.reason", "CHEST  PAIN", "Chest\npain", True),
    ],
)
def test_right(field: str, got: Any, want: Any, is_right: bool) -> None:
    assert right(field, got, want) is is_right


def test_all_right_is_ready_and_nothing_silent() -> None:
    found = _score(_truth(), _answer(FIELDS))
    assert all(o.right and o.wanted for o in found.outcomes)
    assert found.ready and not found.wrong_ready and not found.must_ask


def test_accepted_and_wrong_is_silent_and_makes_ready_wrong() -> None:
    found = _score(_truth(), _answer({**FIELDS, "referral.priority": "ROUTINE"}))
    assert [o.field for o in found.outcomes if o.silent] == ["referral.priority"]
    assert found.wrong_ready == ("wrong referral.priority",)


def test_a_value_that_no_page_prints_is_silent_too() -> None:
    found = _score(_truth(), _answer({**FIELDS, "referral.named_clinician": "A Decoy"}))
    assert [(o.field, o.wanted) for o in found.outcomes if o.silent] == [("referral.named_clinician", False)]


def test_what_is_excused_is_neither_asked_nor_counted() -> None:
    rest = {k: v for k, v in FIELDS.items() if k != "patient.family_name"}
    truth = _truth(fields=rest, excused={"patient.family_name": "O'Brien"})
    for values in (rest, {**rest, "patient.family_name": "Nonsense"}):
        found = _score(truth, _answer(values, "review"))
        assert found.excused == 1
        assert "patient.family_name" not in {o.field for o in found.outcomes}


@pytest.mark.parametrize(
    ("changes", "alike"),
    [
        ({"missing_pages": [2]}, ()),
        ({"stranger_pages": [2]}, ()),
        ({"fields": {**FIELDS, "referral.sharing_dissent": True}}, ()),
        ({"fields": {**FIELDS, "referral.ubrn": "000049973217"}}, ()),
        ({}, ("twin in the index",)),
    ],
)
def test_ready_although_a_person_is_needed(changes: dict[str, Any], alike: tuple[str, ...]) -> None:
    truth = _truth(**changes)
    found = _score(truth, _answer(truth["fields"]), alike)
    assert found.must_ask and found.wrong_ready


def test_values_of_a_stranger_are_not_judged_and_a_second_referral_is() -> None:
    other = {**FIELDS, "patient.family_name": "Kaye"}
    got = _answer(FIELDS, "review", more=[{"pages": [2], "fields": _answer(other)["fields"]}])
    stranger = _score(_truth(stranger_pages=[2]), got)
    assert stranger.not_judged == len(other) and not any(o.silent for o in stranger.outcomes)
    second = _score(_truth(more=[{"pages": [2], "fields": other, "excused": {}}]), got)
    assert len(second.outcomes) == 2 * len(FIELDS) and all(o.right for o in second.outcomes)
    torn = _score(_truth(), got)  # one referral taken for two
    assert [o.field for o in torn.outcomes if o.silent] == ["patient.family_name"]


def test_a_referral_overlooked_counts_every_value_as_absent() -> None:
    found = _score(_truth(), {"document_type": "other", "status": "review", "fields": {}, "reasons": []})
    assert not found.document_right and len(found.outcomes) == len(FIELDS)
    assert not any(o.found or o.right for o in found.outcomes)


def test_no_referral_called_ready_is_wrong() -> None:
    truth = _truth(document_type="other", fields={})
    assert _score(truth, _answer(FIELDS)).wrong_ready == ("no referral",)


def test_sentences_about_pages() -> None:
    assert says_missing(["page 2 of 3 is missing: ask the practice for it"])
    assert says_missing(["the cover sheet says 5 pages, 4 came: ask for the fax again"])
    assert not says_missing(["the cover sheet says 4 pages, 5 came: see whether all belong together"])
    assert not says_missing(["the NHS number was not found: look at the picture"])
    assert says_stranger(["page 2 is about another patient: take it out and tell the sender"])
    assert not says_stranger(["this patient is not in the patient index: trace the patient"])
