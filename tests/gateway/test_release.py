"""The release over real HTTP against the simulated e-RS: the chain, its order, its pace and its ends."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from release_site import RCA, Site, nhs_number, open_site, utc_now
from sqlmodel import select

from gateway.balance import balance
from gateway.errors import Refused, WrongInput
from gateway.ers import check_reach
from gateway.rehearsal.ers_data import Patients
from gateway.release_report import ask_stop, release_status, would_send
from gateway.store import Store, set_fact
from gateway.tables import Letter, Referral
from gateway.target import milliseconds


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    """A trust and its e-RS."""
    with open_site(store) as opened:
        yield opened


def steps(site: Site, code: str) -> list[str]:
    return [a.step for a in site.attempts(code)]


def in_order(site: Site) -> None:
    """The books agree with the event log, and the chain is whole."""
    with site.store.read() as session:
        assert balance(session).faults == []


def test_one_referral_goes_the_whole_way(site: Site) -> None:
    code = site.add("URGENT")
    result = site.release(wait=True)
    row = site.referral(code)
    assert (result.exit_code, result.sent, row.state, row.ended_as) == (0, 1, "CLOSED", "sent")
    assert steps(site, code)[:8] == ["A010", "A011", "A005", "A020", "A012", "A016", "A005", "A019"]
    (held,) = site.in_ers()
    assert (held["ubrn"], held["state"], held["priority"]) == (row.ubrn, "AWAITING_TRIAGE", "URGENT")
    assert held["pathway_start"] == milliseconds(row.arrived_at)
    (letter,) = held["letters"]
    assert letter["upload"]["name"] == f"referral-{code.replace('-', '')}.pdf"
    assert letter["availability"] == "AVAILABLE"
    assert all(a.outcome == "done" and a.closed_at and a.request_id for a in site.attempts(code))
    with site.store.read() as session:
        (kept,) = session.exec(select(Letter)).all()
        assert (kept.kind, kept.state) == ("patient", "KEPT")
    in_order(site)


def test_suspected_cancer_first_then_urgent_then_the_oldest(site: Site) -> None:
    site.settings.ers.in_flight = 1
    old = utc_now() - dt.timedelta(days=3)
    codes = [
        site.add("ROUTINE", arrived=old + dt.timedelta(hours=2)),
        site.add("ROUTINE", arrived=old + dt.timedelta(hours=1)),
        site.add("URGENT", arrived=old + dt.timedelta(hours=9)),
        site.add("TWO_WEEK_WAIT", service="21002", arrived=old + dt.timedelta(hours=12)),
    ]
    assert site.release().sent == 4
    sent = sorted(codes, key=lambda code: site.referral(code).ubrn or "")
    assert sent == [codes[3], codes[2], codes[1], codes[0]]


def test_an_urgent_fax_that_arrives_during_the_drain_goes_next(site: Site) -> None:
    site.settings.ers.in_flight = 1
    routine = [site.add("ROUTINE") for _ in range(4)]
    late: list[str] = []

    def at(point: str) -> None:
        if point == "A011:recorded" and not late:
            late.append(site.add("TWO_WEEK_WAIT", service="21002", arrived=utc_now()))

    assert site.release(at=at).sent == 5
    ubrns = [site.referral(code).ubrn for code in routine]
    assert sum(1 for ubrn in ubrns if (ubrn or "") < (site.referral(late[0]).ubrn or "")) == 1


def test_a_refused_referral_steps_aside_and_the_others_go(store: Store) -> None:
    with open_site(store, patients=Patients(failing=frozenset({nhs_number(1)}))) as site:
        poison, good = site.add(), site.add()
        result = site.release()
        assert (result.exit_code, result.sent, result.refused) == (4, 1, 1)
        assert site.referral(poison).state == "IN_REVIEW"
        (problem,) = site.problems(poison)
        assert problem.code == "ers_patient_error" and "PAS" in problem.says
        assert site.referral(good).state in ("SENT", "CLOSED")
        in_order(site)


def test_a_refused_role_stops_the_drain_after_one(site: Site) -> None:
    site.settings.ers.in_flight = 1
    codes = [site.add() for _ in range(5)]
    site.ers.faults.set("403", operation="A010")
    result = site.release()
    assert (result.exit_code, result.paused, result.sent, result.refused) == (4, True, 0, 0)
    assert RCA in result.says
    assert site.ers.inspect()["calls"]["A010"] == 1
    assert {site.referral(code).state for code in codes} == {"READY"}


def test_a_pair_that_the_person_does_not_hold_sends_nothing(site: Site) -> None:
    site.add()
    result = site.release(organisation="RYY")
    assert result.paused and "RXX REFERRING_CLINICIAN" in result.says
    assert "A010" not in site.ers.inspect()["calls"]


def test_403_on_one_referral_alone_holds_only_that_one(site: Site) -> None:
    site.settings.ers.in_flight = 1
    codes = [site.add() for _ in range(3)]
    site.ers.faults.set("403", operation="A012", calls=1)
    result = site.release()
    assert (result.paused, result.sent, result.refused) == (False, 2, 1)
    held = site.referral(codes[0])
    assert held.state == "REFUSED" and held.ubrn and held.hold_why
    with site.store.write() as session:  # a person looks, and takes the hold away
        row = session.get_one(Referral, held.id)
        row.hold_why = row.hold_by = None
        session.add(row)
    assert site.release().sent >= 1
    assert site.referral(codes[0]).state in ("SENT", "CLOSED")
    assert len(site.in_ers()) == 3


def test_an_ended_token_pauses_and_nothing_is_blamed(site: Site) -> None:
    codes = [site.add() for _ in range(3)]
    assert site.token
    site.ers.tokens.expire(site.token)
    result = site.release()
    assert (result.exit_code, result.paused) == (4, True)
    assert "Sign in" in result.says
    assert {site.referral(code).state for code in codes} == {"READY"}
    site.token = site.ers.tokens.issue("555000000102")["access_token"]
    assert site.release().exit_code == 0


def test_a_token_that_ends_in_the_middle_leaves_nothing_twice(site: Site) -> None:
    codes = [site.add() for _ in range(6)]
    site.ers.faults.set("token_expired", operation="A012", calls=1)
    result = site.release()
    assert result.paused
    assert {site.referral(code).state for code in codes} <= {"READY", "SENDING", "SENT", "CLOSED"}
    assert not any(a.outcome == "refused" for code in codes for a in site.attempts(code))
    site.token = site.ers.tokens.issue("555000000102")["access_token"]
    assert site.release().exit_code == 0
    assert len(site.in_ers()) == 6


def test_a_refresh_token_is_used_once_by_all_workers(site: Site) -> None:
    codes = [site.add() for _ in range(8)]
    answer = dict(site.ers.tokens.issue("555000000102"))
    site.ers.tokens.expire(answer["access_token"])
    site.settings.ers.client_id = "rehearsal-client"
    result = site.release(token=json.dumps(answer))
    assert (result.exit_code, result.sent) == (0, 8), result
    assert len(codes) == 8


def test_429_slows_the_whole_drain_and_goes_on(site: Site) -> None:
    codes = [site.add() for _ in range(4)]
    site.ers.faults.set("429", calls=3, retry_after=2)
    assert site.release().exit_code == 0
    assert all(site.referral(code).ubrn for code in codes)


def test_a_short_absence_is_waited_for(site: Site) -> None:
    site.add()  # one alone: a create of another that was just under way would rightly be UNSURE
    site.settings.ers.away_minutes = 120  # the clock runs fast here; a slow machine must not look like a long absence

    def at(point: str) -> None:
        if point == "A010:recorded":
            site.ers.faults.set("down", seconds=120, mode="refused")

    assert site.release(at=at).exit_code == 0
    assert len(site.in_ers()) == 1


@pytest.mark.parametrize(
    ("step", "says"),
    [
        *(
            (step, says)
            for step in ("A012", "A016")
            for says in ("INVALID_STATE", "INVALID_REQUEST_STATE", "NO_RELATIONSHIP")
        ),
        ("A012", "INVALID_REQUEST_TYPE"),  # which A016 never answers
    ],
)
def test_moved_on_is_read_first_because_it_may_be_our_own_doing(site: Site, step: str, says: str) -> None:
    """A send of a life that was killed may be done only after the next life has read (ers.md section 7: re-read, a person)."""
    code = site.add()
    site.ers.faults.set("refuse", operation=step, status=422, code=says, calls=1)
    assert site.release().exit_code == 0
    assert site.referral(code).ubrn and len(site.in_ers()) == 1
    assert [a.outcome for a in site.attempts(code, step)] == ["refused", "done"]


@pytest.mark.parametrize("step", ["A012", "A016"])
def test_what_has_moved_on_for_good_is_asked_of_a_person_after_one_look(site: Site, step: str) -> None:
    code = site.add()
    site.ers.faults.set("refuse", operation=step, status=422, code="INVALID_STATE")
    assert site.release().refused == 1
    assert len(site.attempts(code, step)) == 2
    assert "moved on" in (site.referral(code).hold_why or "")


def test_a_long_absence_pauses(site: Site) -> None:
    site.add()
    site.settings.ers.away_minutes = 1
    site.ers.faults.set("down", mode="refused")
    result = site.release()
    assert result.paused and result.exit_code == 4 and "away" in result.says
    assert "A011" not in site.ers.inspect()["calls"]


@pytest.mark.parametrize(
    ("kind", "operation", "options"),
    [
        ("423", "A012", {}),
        ("409", "A012", {}),
        ("500", "A012", {}),
        ("503", "A012", {}),
        ("504", "A016", {}),
        ("version_moved", "A012", {}),
        ("version_moved", "A016", {}),
        ("lost_after", "A012", {}),
        ("lost_before", "A012", {}),
        ("lost_after", "A016", {}),
        ("error_after", "A016", {"status": 503}),
        ("error_after", "A012", {"status": 500}),
        ("lost_after", "A020", {}),
        ("500", "A020", {}),
        ("500", "A005", {}),
        ("500", "A010", {}),
        ("503", "A010", {"retry_after": 3}),
        ("pas_silent", "A016", {}),
        ("500", "A019", {}),
    ],
)
def test_every_passing_trouble_after_the_create_ends_in_one_whole_referral(
    site: Site, kind: str, operation: str, options: dict[str, int]
) -> None:
    code = site.add()
    site.ers.faults.set(kind, operation=operation, calls=1, **options)
    result = site.release(wait=True)
    assert result.exit_code == 0, (result, steps(site, code), [a.says for a in site.attempts(code)])
    (held,) = site.in_ers()
    assert held["state"] == "AWAITING_TRIAGE" and len(held["letters"]) == 1
    in_order(site)


def test_a_refusing_pas_is_deferred_for_that_reason(site: Site) -> None:
    code = site.add(service="11004")
    site.ers.faults.set("pas_error", operation="A016", calls=1)
    site.release()
    reasons = [a.asked["reason"] for a in site.attempts(code, "A016")]
    assert reasons == ["NO_SLOTS_AT_SERVICE", "BOOKING_ATTEMPT_PROBLEM"]


def test_services_that_are_booked(site: Site) -> None:
    no_slots, slots, indirect = site.add(service="11004"), site.add(service="11006"), site.add(service="11022")
    assert site.release(wait=True).exit_code == 0
    held = {row["ubrn"]: row for row in site.in_ers()}
    assert held[site.referral(no_slots).ubrn or ""]["state"] == "DEFERRED_TO_PROVIDER"
    assert held[site.referral(slots).ubrn or ""]["state"] == "NOT_BOOKED"
    assert "post the patient letter" in (site.referral(slots).ended_why or "")
    assert "A016" not in steps(site, indirect)
    assert "post the patient letter" in (site.referral(indirect).ended_why or "")


def test_a_large_fax_is_split_by_pages(site: Site) -> None:
    import io
    import random

    from PIL import Image

    noise = []
    for page in range(3):
        out = io.BytesIO()
        Image.frombytes("L", (1700, 2400), random.Random(page).randbytes(1700 * 2400)).save(out, "PNG")
        noise.append(out.getvalue())
    code = site.add(pages=3, pictures=noise)
    assert site.release(wait=True).exit_code == 0
    (held,) = site.in_ers()
    names = sorted(row["upload"]["name"] for row in held["letters"])
    stem = code.replace("-", "")
    assert len(names) > 1 and names[0] == f"referral-{stem}-part1of{len(names)}.pdf"
    assert all(row["upload"]["size"] <= 5_242_880 for row in held["letters"])


def test_a_letter_that_the_scan_refuses_needs_a_person(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.rehearsal.ers_state.verdict_of", lambda *_: "THREATS_FOUND")
    code = site.add()
    site.release(wait=True)
    assert site.referral(code).state == "SENT"
    assert [p.code for p in site.problems(code)] == ["letter_refused"]


def test_without_wait_the_next_release_closes_what_was_scanned(site: Site) -> None:
    site.ers.state.settings.scan_seconds = 60_000
    code = site.add()
    assert site.release().exit_code == 0
    assert site.referral(code).state == "SENT"
    site.ers.state.settings.scan_seconds = 0
    with site.store.write() as session:
        row = session.get_one(Referral, site.referral(code).id)
        row.next_try_at = utc_now()
        session.add(row)
    site.release()
    assert site.referral(code).state == "CLOSED"


def test_a_wrong_patient_is_an_alarm_and_stops_the_release(site: Site) -> None:
    site.settings.ers.in_flight = 1
    codes = [site.add() for _ in range(3)]

    def at(point: str) -> None:
        if point == "A011:recorded":
            for row in site.ers.state.all():
                site.ers.state._history[row.ubrn] = [
                    (when, dataclasses.replace(v, nhs_number=nhs_number(900)))
                    for when, v in site.ers.state._history[row.ubrn]
                ]

    result = site.release(at=at)
    assert result.paused and "ALARM" in result.says
    assert next(e.subject for e in site.events("ers.alarm")) == codes[0]
    assert site.referral(codes[0]).state == "REFUSED" and site.referral(codes[0]).hold_why
    assert {site.referral(code).state for code in codes[1:]} == {"READY"}


def test_a_clock_that_e_rs_changed_is_found_by_reading_back(site: Site) -> None:
    code = site.add()

    def at(point: str) -> None:
        if point == "A016:recorded":
            (row,) = site.ers.state.all()
            site.ers.state.change(row.ubrn, pathway_start="2026-11-01T00:00:00.000Z")

    assert site.release(at=at).refused == 1
    (problem,) = site.problems(code)
    assert "clock start" in problem.says


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"pathway_start": utc_now() + dt.timedelta(hours=5)}, "clock"),
        ({"pathway_start": utc_now() - dt.timedelta(days=366)}, "clock"),
        ({"service": "11900"}, "service_not_offered"),
        ({"clinician": None}, "clinician"),
        ({"clinician": "555000000105"}, "ers_referenced_user_is_not_active"),
        ({"clinician": "555000000104"}, "ers_referenced_user_not_in_org"),
        ({"nhs": "9990000010"}, "nhs_number"),
    ],
)
def test_bad_input_has_its_own_sentence(site: Site, changes: dict[str, object], problem: str) -> None:
    code, good = site.add(**changes), site.add()  # type: ignore[arg-type]
    result = site.release()
    assert (result.sent, result.refused) == (1, 1)
    assert [p.code for p in site.problems(code)] == [problem], [p.says for p in site.problems(code)]
    assert site.referral(code).state == "IN_REVIEW" and site.referral(good).ubrn


def test_an_ended_code_is_found_before_sending(site: Site) -> None:
    code = site.add()
    with site.store.write() as session:
        row = session.get_one(Referral, site.referral(code).id)
        row.specialty_code, row.clinic_type = "AUDIOLOGICAL_MEDICINE", "GENERAL_AUDIOLOGICAL_MEDICINE"
        session.add(row)
    site.release()
    assert [p.code for p in site.problems(code)] == ["ended_code"]
    assert "A010" not in site.ers.inspect()["calls"]


def test_held_and_not_due_are_passed_over(site: Site) -> None:
    held, later, good = site.add(), site.add(), site.add()
    with site.store.write() as session:
        row = session.get_one(Referral, site.referral(held).id)
        row.hold_why, row.hold_by = "asked the practice", "ann"
        session.add(row)
        row = session.get_one(Referral, site.referral(later).id)
        row.next_try_at = utc_now() + dt.timedelta(days=1)
        session.add(row)
    assert site.release().sent == 1
    assert [site.referral(c).state == "READY" for c in (held, later, good)] == [True, True, False]


def test_a_practice_s_operator_takes_only_that_practice_s_referrals(site: Site) -> None:
    ours, theirs = site.add(practice="A81001", clinician="555000000104"), site.add(practice="A81002")
    result = site.release(organisation="A81001")
    assert result.sent == 1, (result, site.problems(ours))
    assert site.referral(theirs).state == "READY"
    (held,) = site.in_ers()
    assert held["organisation"] == "A81001"


def test_the_practice_s_own_entry_is_asked_about(site: Site) -> None:
    code = site.add(service="11002")
    number = nhs_number(1)
    site.ers.enter_elsewhere(nhs_number=number, service_id="11002", organisation="RXX", referrer="555000000101")
    result = site.release()
    assert (result.sent, result.refused, result.exit_code) == (0, 1, 4)
    assert [p.code for p in site.problems(code)] == ["already_in_ers"]
    assert any("no application session" in says for says in result.unchecked)


def test_two_releases_at_once_are_refused(site: Site) -> None:
    codes = [site.add() for _ in range(3)]
    seen: list[str] = []

    def at(point: str) -> None:
        if point == "A011:booked" and not seen:
            with pytest.raises(Refused) as refused:
                site.release(operator="Somebody Else")
            seen.append(refused.value.says)

    assert site.release(at=at).sent == 3
    assert "Robin Clerk" in seen[0]
    assert len(site.in_ers()) == len(codes)


def test_stop_ends_after_those_on_their_way(site: Site) -> None:
    site.settings.ers.in_flight = 1
    codes = [site.add() for _ in range(6)]

    def at(point: str) -> None:
        if point == "A011:recorded":
            with site.store.write() as session:
                ask_stop(session, "ann", utc_now())

    result = site.release(at=at)
    assert result.state == "STOPPED" and 1 <= result.sent < len(codes)
    assert "SENDING" not in {site.referral(code).state for code in codes}


def test_status_tells_who_since_when_and_what(site: Site) -> None:
    for _ in range(3):
        site.add()
    with site.store.read() as session:
        assert release_status(session, utc_now())["waiting"] == 3
    site.release()
    with site.store.read() as session:
        said = release_status(session, utc_now())
    assert (said["operator"], said["state"], said["sent"], said["waiting"]) == ("Robin Clerk", "DONE", 3, 0)
    assert said["calls_last_minute"] >= 24 and said["not_checked"]


def test_a_plan_shows_the_clock_and_sends_nothing(site: Site) -> None:
    code = site.add("URGENT")
    with site.store.read() as session:
        (row,) = would_send(session, None, utc_now())
    assert row["referral"] == code and row["clock"] == site.referral(code).arrived_at
    assert site.ers.inspect()["calls"] == {}


def test_a_page_of_the_plan_loads_no_more_than_it_shows(site: Site) -> None:
    """Ten thousand may be READY, and the release page shows two hundred."""
    for priority in ("ROUTINE", "URGENT", "ROUTINE", "TWO_WEEK_WAIT", "URGENT"):
        site.add(priority)
    loaded: list[str] = []

    def on_load(referral: Referral, _context: object) -> None:
        loaded.append(referral.code)

    with site.store.read() as session:
        whole = would_send(session, None, utc_now())
    sa.event.listen(Referral, "load", on_load)
    try:
        with site.store.read() as session:
            shown = would_send(session, None, utc_now(), 2)
    finally:
        sa.event.remove(Referral, "load", on_load)
    assert len(whole) == 5 and shown == whole[:2]
    assert loaded == [row["referral"] for row in shown]


def test_the_open_sandbox_needs_no_token(store: Store) -> None:
    with open_site(store, open_sandbox=True) as site:
        site.add()
        assert site.release(token=None).exit_code == 0


def test_a_rehearsal_reaches_nothing_but_this_machine() -> None:
    for address in ("https://api.service.nhs.uk/referrals/FHIR", "http://10.0.0.1/x", "https://127.0.0.1.example/x"):
        with pytest.raises(Refused):
            check_reach(address, True)
    assert check_reach("http://127.0.0.1:9/x/", True) == "http://127.0.0.1:9/x"


def test_an_unknown_role_is_wrong_usage(site: Site) -> None:
    with pytest.raises(WrongInput):
        site.release(role="DOCTOR")


def test_no_token_in_any_row_and_no_patient_in_any_event(site: Site, tmp_path: Path) -> None:
    site.add()
    site.release()
    number = nhs_number(1)
    with site.store.read() as session:
        for table in ("gw_event", "gw_attempt", "gw_release", "gw_fact"):
            rows = session.connection().exec_driver_sql(f"SELECT * FROM {table}").all()
            text = repr(rows)
            assert site.token not in text
            if table != "gw_attempt":  # an attempt must hold what a lost create is looked for by
                assert number not in text


def test_scale_does_not_count_in_a_real_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_site(store) as site:
        with store.write() as session:
            set_fact(session, "rehearsal", "no")
        seen: list[float] = []
        monkeypatch.setattr("gateway.release.Limiter", lambda rate, scale: seen.append(scale) or _Stop())
        with pytest.raises(_Stopped):
            site.release()
        assert seen == [1.0]


class _Stopped(Exception):
    pass


class _Stop:
    def __getattr__(self, name: str) -> object:
        raise _Stopped


def test_a_fault_of_ours_is_not_the_others(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway import release_arrival

    codes = [site.add() for _ in range(3)]
    letter = release_arrival.patient_letter

    def broken(line: object, held: object) -> None:
        if held.referral.code == codes[0]:  # type: ignore[attr-defined]
            raise ZeroDivisionError
        letter(line, held)  # type: ignore[arg-type]

    monkeypatch.setattr(release_arrival, "patient_letter", broken)
    result = site.release(wait=True)
    assert (result.exit_code, result.refused) == (4, 1)
    assert [site.referral(code).state for code in codes] == ["SENT", "CLOSED", "CLOSED"]
    assert [p.code for p in site.problems(codes[0])] == ["defect"]


def test_a_slow_search_for_an_urgent_one_does_not_let_a_routine_one_go_first(site: Site) -> None:
    site.settings.ers.in_flight = 4
    routine, urgent = site.add("ROUTINE"), site.add("URGENT")
    site.ers.faults.set("slow", operation="A010", calls=1, median=600, p95=601)  # the first search: a second here
    site.release(wait=True)
    made = sorted(site.in_ers(), key=lambda row: row["ubrn"])
    assert [row["ubrn"] for row in made] == [site.referral(urgent).ubrn, site.referral(routine).ubrn]
