"""The create whose answer was lost: found and adopted, or asked about; never made a second time by the machine (P4)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest
from release_site import CLINICIAN, Site, nhs_number, open_site, utc_now

from gateway.balance import balance
from gateway.errors import Refused, WrongInput
from gateway.release_report import resolve_unsure
from gateway.store import Store
from gateway.target import milliseconds


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    """A trust and its e-RS."""
    with open_site(store) as opened:
        yield opened


def creates(site: Site) -> int:
    return int(site.ers.inspect()["calls"].get("A011", 0))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("lost_after", {}),
        ("error_after", {"status": 500}),
        ("error_after", {"status": 503}),
        ("error_after", {"status": 504}),
    ],
)
def test_a_lost_answer_is_found_and_adopted(site: Site, kind: str, options: dict[str, int]) -> None:
    code = site.add()
    site.ers.faults.set(kind, operation="A011", calls=1, **options)
    result = site.release()
    assert (result.exit_code, result.sent, result.unsure) == (0, 1, 0), result
    assert len(site.in_ers()) == creates(site) == 1
    (attempt,) = site.attempts(code, "A011")
    assert attempt.outcome == "done" and attempt.closed_at and "clock start" in attempt.answer["matched_by"]
    with site.store.read() as session:
        assert balance(session).faults == []


def test_lost_among_others_none_is_doubled(site: Site) -> None:
    codes = [site.add() for _ in range(12)]
    site.ers.faults.set("lost_after", operation="A011", calls=2)
    result = site.release(wait=True)
    assert result.exit_code == 0, result
    assert len(site.in_ers()) == len(codes)


def test_a_worklist_that_lags_is_asked_again(site: Site) -> None:
    site.ers.state.settings.worklist_lag_seconds = 200
    code = site.add()
    site.ers.faults.set("lost_after", operation="A011", calls=1)
    result = site.release(wait=True)
    assert result.exit_code == 0, (result, site.problems(code))
    assert len(site.in_ers()) == creates(site) == 1
    (attempt,) = site.attempts(code, "A011")
    assert attempt.answer["looks"] >= 1


def test_one_that_never_came_is_sent_again_only_by_a_person(site: Site) -> None:
    code = site.add()
    site.ers.faults.set("lost_before", operation="A011", calls=1)
    result = site.release(wait=True)
    assert (result.exit_code, result.unsure) == (4, 1)
    assert [p.code for p in site.problems(code)] == ["unsure_not_found"]
    assert site.referral(code).state == "UNSURE"
    # any number of further releases changes nothing
    for _ in range(3):
        assert site.release().exit_code == 4
    assert creates(site) == 1 and site.in_ers() == []
    with pytest.raises(WrongInput):
        resolve_unsure(site.store, code, decision="send-again", by="ann", why="", now=utc_now())
    resolve_unsure(site.store, code, decision="send-again", by="ann", why="not in e-RS, I looked", now=utc_now())
    assert site.problems(code) == []
    assert site.release(wait=True).exit_code == 0
    assert creates(site) == 2 and len(site.in_ers()) == 1
    old, new = site.attempts(code, "A011")
    assert old.closed_at is None and "look_back_at" in old.answer and new.outcome == "done"


def test_a_decision_permits_one_create_and_no_more(site: Site) -> None:
    code = site.add()
    site.ers.faults.set("lost_before", operation="A011", calls=2)
    site.release(wait=True)
    resolve_unsure(site.store, code, decision="send-again", by="ann", why="looked", now=utc_now())
    site.release(wait=True)
    assert creates(site) == 2 and site.referral(code).state == "UNSURE"
    for _ in range(2):
        site.release()
    assert creates(site) == 2


def lost_and_given_up(site: Site) -> str:
    """A create that is in e-RS, was not seen there, and is to be sent again by a person's word."""
    code = site.add()
    site.ers.faults.set("lost_after", operation="A011", calls=1)
    site.ers.faults.set("500", operation="A008")
    assert site.release().unsure == 1
    resolve_unsure(site.store, code, decision="send-again", by="ann", why="I did not see it", now=utc_now())
    site.ers.faults.clear()
    return code


def test_before_it_is_sent_again_it_is_looked_for_once_more(site: Site) -> None:
    code = lost_and_given_up(site)
    assert site.release(wait=True).exit_code == 0
    assert len(site.in_ers()) == creates(site) == 1
    assert site.referral(code).state == "CLOSED"


def test_the_old_create_that_appears_later_is_an_alarm(site: Site) -> None:
    code = lost_and_given_up(site)
    site.ers.state.settings.worklist_lag_seconds = 86400

    def at(point: str) -> None:
        if point == "A016:recorded":
            site.ers.state.settings.worklist_lag_seconds = 0

    site.release(at=at)
    assert len(site.in_ers()) == 2
    assert "second_in_ers" in [p.code for p in site.problems(code)]
    assert site.events("ers.alarm")


def test_could_not_look_is_not_not_there(site: Site) -> None:
    code = site.add()
    site.ers.faults.set("lost_before", operation="A011", calls=1)
    site.ers.faults.set("500", operation="A008")
    result = site.release()
    assert result.unsure == 1
    assert site.problems(code) == [] and site.referral(code).next_try_at is not None
    (attempt,) = site.attempts(code, "A011")
    assert attempt.answer.get("looks", 0) == 0


def test_a_clock_that_is_not_shown_needs_a_person(site: Site) -> None:
    site.ers.state.settings.unbooked_hides_pathway_start = True
    code = site.add()
    site.ers.faults.set("lost_after", operation="A011", calls=1)
    assert site.release().unsure == 1
    (problem,) = site.problems(code)
    (held,) = site.in_ers()
    assert problem.code == "unsure_no_clock" and held["ubrn"] in problem.says
    resolve_unsure(site.store, code, decision="adopt", ubrn=held["ubrn"], by="ann", why="", now=utc_now())
    assert site.release(wait=True).exit_code == 0
    assert creates(site) == 1 and site.referral(code).state == "CLOSED"


def test_the_practice_s_own_entry_is_a_question_and_not_ours(site: Site) -> None:
    code = site.add()
    site.ers.faults.set("lost_before", operation="A011", calls=1)

    def at(point: str) -> None:
        if point == "A011:answered":
            site.ers.enter_elsewhere(
                nhs_number=nhs_number(1),
                service_id="11002",
                organisation="RXX",
                referrer=CLINICIAN,
                sent=False,
                pathway_start=milliseconds(utc_now() - dt.timedelta(minutes=3)),
            )
            _same_criteria(site)

    assert site.release(at=at).unsure == 1
    assert [p.code for p in site.problems(code)] == ["unsure_near"]
    assert creates(site) == 1


def _same_criteria(site: Site) -> None:
    """The entry made elsewhere as a user of e-RS would have made it, with all its search criteria."""
    base = site.ers.base_url
    for row in site.ers.state.all():
        more = (
            {
                "name": "specialty",
                "valueCoding": {"system": f"{base}/STU3/CodeSystem/SPECIALTY", "code": row.specialty},
            },
            {
                "name": "clinicType",
                "valueCoding": {
                    "system": "https://fhir.nhs.uk/STU3/CodeSystem/eRS-ClinicType-1",
                    "code": row.clinic_type,
                },
            },
        )
        site.ers.state._history[row.ubrn] = [
            (when, dataclasses.replace(v, criteria=v.criteria + more)) for when, v in site.ers.state._history[row.ubrn]
        ]


def test_too_many_lost_answers_pause_the_release(site: Site) -> None:
    site.settings.ers.in_flight = 1
    codes = [site.add() for _ in range(8)]
    site.ers.faults.set("lost_before", operation="A011")
    result = site.release()
    assert result.paused and result.unsure == 3 and creates(site) == 3
    assert sum(site.referral(code).state == "READY" for code in codes) == 5


def test_only_the_same_organisation_can_look(site: Site) -> None:
    code = site.add(practice="A81001", clinician="555000000104")
    site.ers.faults.set("lost_after", operation="A011", calls=1)
    site.ers.faults.set("500", operation="A008")
    site.release(organisation="A81001")
    site.ers.faults.clear()
    site.release()  # the trust's own lists do not show it
    assert site.referral(code).state == "UNSURE"
    with site.store.write() as session:
        row = session.get_one(type(site.referral(code)), site.referral(code).id)
        row.next_try_at = utc_now()
        session.add(row)
    assert site.release(organisation="A81001", wait=True).exit_code == 0
    assert len(site.in_ers()) == 1


def test_a_ubrn_of_another_referral_is_not_adopted(site: Site) -> None:
    first, second = site.add(), site.add()
    site.settings.ers.in_flight = 1
    site.release()
    taken = site.referral(first).ubrn
    third = site.add()
    site.ers.faults.set("lost_before", operation="A011", calls=1)
    site.release()
    with pytest.raises(Refused):
        resolve_unsure(site.store, third, decision="adopt", ubrn=taken, by="ann", why="", now=utc_now())
    with pytest.raises(WrongInput):
        resolve_unsure(site.store, third, decision="adopt", ubrn="12", by="ann", why="", now=utc_now())
    with pytest.raises(Refused):
        resolve_unsure(site.store, second, decision="close", by="ann", why="kept", now=utc_now())
    closed = resolve_unsure(site.store, third, decision="close", by="ann", why="kept on the PAS route", now=utc_now())
    assert (closed.state, closed.ended_as) == ("CLOSED", "kept on PAS")


def test_waiting_ends_although_nobody_can_look(site: Site) -> None:
    code = site.add()
    site.ers.faults.set("lost_before", operation="A011", calls=1)
    site.ers.faults.set("500", operation="A008")
    assert site.release(wait=True).unsure == 1
    assert site.referral(code).state == "UNSURE" and site.problems(code) == []
