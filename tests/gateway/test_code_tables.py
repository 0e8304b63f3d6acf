"""The code tables of e-RS: kept for the outage, with their age; a code whose time has passed is not sent."""

from __future__ import annotations

import datetime as dt

import pytest

from gateway.code_tables import ages, keep, refresh, specialty_system, wrong_codes
from gateway.ers_views import Concept, code_system
from gateway.store import Store
from gateway.target import Action, Outcome

BASE = "https://api.example/referrals/FHIR"


def concept(code: str, until: dt.date | None = None, since: dt.date | None = None, **properties: str) -> Concept:
    return Concept(code, code.title(), since, until, properties)


@pytest.fixture
def tables(store: Store, now: dt.datetime) -> Store:
    with store.write() as session:
        keep(
            session,
            "SPECIALTY",
            f"{BASE}/STU3/CodeSystem/SPECIALTY",
            (
                concept("CARDIOLOGY"),
                concept("AUDIOLOGY", dt.date(2026, 11, 20)),
                concept("LASTDAY", dt.date(2026, 11, 21)),
                concept("COMING", None, dt.date(2027, 1, 1)),
            ),
            "ann",
            now,
        )
        keep(
            session,
            "CLINIC-TYPE",
            "x",
            (concept("HEART", specialty="CARDIOLOGY"), concept("EAR", specialty="ENT")),
            "ann",
            now,
        )
    return store


@pytest.mark.parametrize(
    ("specialty", "clinic", "code"),
    [
        ("CARDIOLOGY", "HEART", None),
        ("cardiology", "HEART", "unknown_code"),
        ("AUDIOLOGY", "HEART", "ended_code"),
        ("LASTDAY", "EAR", "clinic_of_other_specialty"),
        ("COMING", "HEART", "future_code"),
        ("CARDIOLOGY", "EAR", "clinic_of_other_specialty"),
        ("CARDIOLOGY", "GONE", "unknown_code"),
        ("CARDIOLOGY", None, "no_clinic_type"),
        (None, "HEART", "no_specialty"),
    ],
)
def test_codes_are_matched_exactly_and_in_their_time(
    tables: Store, now: dt.datetime, specialty: str | None, clinic: str | None, code: str | None
) -> None:
    with tables.read() as session:
        found = wrong_codes(session, specialty, clinic, "ROUTINE", now)  # priorities were never fetched: not judged
    assert [w.code for w in found] == ([code] if code else [])


def test_the_system_is_the_table_s_own_address(tables: Store, store: Store) -> None:
    with tables.read() as session:
        assert specialty_system(session, "https://other") == f"{BASE}/STU3/CodeSystem/SPECIALTY"
        assert specialty_system(session, "https://other", "https://set/") == "https://set/STU3/CodeSystem/SPECIALTY"


def test_a_table_that_cannot_be_fetched_leaves_the_old_one(tables: Store, now: dt.datetime) -> None:
    later = now + dt.timedelta(days=3)
    missed = refresh(tables, lambda kind: Outcome("again", Action.REPEAT, "no"), later, "ann")
    assert len(missed) == 3 and "20 Nov 2026" in missed[0] and "there is none" in missed[2]
    with tables.read() as session:
        age = ages(session, later)
        assert age["SPECIALTY"] == dt.timedelta(days=3) and age["PRIORITY"] is None
        assert wrong_codes(session, "CARDIOLOGY", "HEART", "ROUTINE", later) == []


def test_fresh_tables_replace_and_young_ones_are_left(tables: Store, now: dt.datetime) -> None:
    asked: list[str] = []

    def fetch(kind: str) -> Outcome:
        asked.append(kind)
        return Outcome("done", Action.GO_ON, "done", 200, body=("s", (concept("NEW"),)))

    assert refresh(tables, fetch, now + dt.timedelta(hours=1), "ann", only_old=True) == []
    assert asked == ["PRIORITY"]
    refresh(tables, fetch, now + dt.timedelta(hours=13), "ann", only_old=True)
    with tables.read() as session:
        assert [w.code for w in wrong_codes(session, "CARDIOLOGY", "NEW", "NEW", now)] == ["unknown_code"]


def test_a_published_table_is_read() -> None:
    body = {
        "resourceType": "CodeSystem",
        "url": "_baseUrl_/STU3/CodeSystem/CLINIC-TYPE",
        "concept": [
            {
                "code": "GENERAL_ADULT",
                "display": "General Adult",
                "property": [
                    {"code": "effectiveFrom", "valueDateTime": "2004-06-01T00:00:00.000Z"},
                    {"code": "effectiveTo", "valueDateTime": "2008-05-09T00:00:00.000Z"},
                    {"code": "specialty", "valueCoding": {"system": "s", "code": "ADULT"}},
                ],
            }
        ],
    }
    system, (found,) = code_system(body)
    assert system.startswith("_baseUrl_") and found.effective_to == dt.date(2008, 5, 9)
    assert found.properties["specialty"] == "ADULT"
