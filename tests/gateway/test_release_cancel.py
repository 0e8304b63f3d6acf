"""Cancelling what was created by mistake (A036): one UBRN, ours, read back; the log, the books and the practice know of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from release_site import RCA, TRUST, Site, nhs_number, open_site, utc_now
from sqlmodel import select

from gateway.balance import balance
from gateway.confirm import write_letters
from gateway.endings import CANCELLED
from gateway.errors import GatewayError, Later, Refused, WrongInput
from gateway.events import verify_chain
from gateway.queue import retry
from gateway.referrals import find_referral
from gateway.rehearsal.ers_server import RehearsalErs
from gateway.release_cancel import Cancelled, cancel_referral
from gateway.release_journal import open_creates
from gateway.release_report import resolve_unsure
from gateway.store import Store
from gateway.tables import Attempt, Letter
from gateway.target import milliseconds


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    with open_site(store) as opened:
        yield opened


def sent(site: Site, **more: Any) -> str:
    code = site.add(**more)
    assert site.release(wait=True).exit_code == 0
    return code


def cancel(site: Site, code: str, ubrn: str | None = None, **more: Any) -> Cancelled:
    given: dict[str, Any] = {
        "ubrn": ubrn or site.referral(code).ubrn or "",
        "why": "entered for the wrong clinic",
        "by": "ann",
        "organisation": TRUST,
        "role": RCA,
        "token": site.token,
        "clock": utc_now,
        "sleep": time.sleep,
        "scale": site.scale,
    }
    return cancel_referral(site.store, site.settings, code, **{**given, **more})


def state_of(ers: RehearsalErs, ubrn: str) -> str:
    return next(str(row["state"]) for row in ers.inspect()["referrals"] if row["ubrn"] == ubrn)


def kinds(site: Site) -> list[str]:
    write_letters(site.store, site.settings, utc_now())
    with site.store.read() as session:
        return sorted(session.exec(select(Letter.kind)))


def test_a_mistake_is_cancelled_read_back_recorded_and_told(site: Site) -> None:
    code, other = site.add(), sent(site)
    ubrn = site.referral(code).ubrn or ""
    assert kinds(site).count("confirmation") == 2
    assert cancel(site, code, f"{ubrn[:4]} {ubrn[4:8]} {ubrn[8:]}") == Cancelled(code, ubrn, True)
    assert state_of(site.ers, ubrn) == "CANCELLED_REFERRAL"
    row = site.referral(code)
    assert (row.state, row.ended_as, row.ubrn) == ("CLOSED", CANCELLED, ubrn)
    (attempt,) = site.attempts(code, "A036")
    assert (attempt.outcome, attempt.operator, attempt.asked["reason"]) == ("done", "ann", "RAISED_IN_ERROR")
    assert cancel(site, code).own, "asked for a second time"
    assert len(site.attempts(code, "A036")) == 1
    assert [e.author for e in site.events("referral.cancelled")] == ["ann"]
    assert kinds(site).count("cancelled") == 1 == kinds(site).count("cancelled"), "told once"
    assert site.referral(other).ended_as == "sent"
    with site.store.read() as session:
        assert balance(session).faults == [] and not verify_chain(session).faults
    assert site.release(wait=True).exit_code == 0 and len(site.in_ers()) == 2, "nothing is created for it again"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("lost_after", {}),
        ("lost_before", {}),
        ("version_moved", {}),
        ("error_after", {"status": 500}),
        ("error_after", {"status": 503}),
        ("504", {"code": "PAS_NOT_RESPONDING"}),
        ("503", {}),
        ("429", {}),
        ("409", {}),
        ("423", {}),
        ("500", {}),
    ],
)
def test_whatever_the_answer_was_reading_back_decides(site: Site, kind: str, options: dict[str, Any]) -> None:
    code = sent(site)
    ubrn = site.referral(code).ubrn or ""
    if "code" in options:
        options, kind = {"status": 504, **options}, "refuse"
    site.ers.faults.set(kind, operation="A036", calls=1, **options)
    assert cancel(site, code).own
    assert state_of(site.ers, ubrn) == "CANCELLED_REFERRAL"
    assert site.referral(code).ended_as == CANCELLED
    with site.store.read() as session:
        assert all(a.closed_at for a in session.exec(select(Attempt).where(Attempt.step == "A036")))


def test_an_attempt_stands_in_the_books_before_the_call_goes_out(site: Site) -> None:
    code = sent(site)
    site.ers.faults.set("500", operation="A036")
    with pytest.raises(Later, match="looks first"):
        cancel(site, code)
    assert site.attempts(code, "A036")[0].outcome == "unsure"
    assert site.referral(code).ended_as == "sent" and not site.events("referral.cancelled")
    site.ers.faults.clear()
    assert cancel(site, code).own


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"kind": "pas_error"}, "own system refused"),
        ({"kind": "refuse", "status": 422, "code": "UNABLE_TO_CANCEL_APPOINTMENT"}, "could not be cancelled"),
        ({"kind": "refuse", "status": 422, "code": "INVALID_REQUEST_STATE"}, "moved on"),
        ({"kind": "412"}, "did not accept our request"),
    ],
)
def test_what_e_rs_refuses_is_said_and_changes_nothing(site: Site, fault: dict[str, Any], says: str) -> None:
    code = sent(site)
    site.ers.faults.set(fault.pop("kind"), operation="A036", **fault)
    with pytest.raises(Refused, match=says):
        cancel(site, code)
    assert site.referral(code).ended_as == "sent" and kinds(site).count("cancelled") == 0


def test_a_sign_in_that_ended_or_a_wrong_role_is_no_cancellation(site: Site) -> None:
    code = sent(site)
    with pytest.raises(Later, match="sign-in to e-RS has ended") as ended:
        cancel(site, code, token="gone")
    assert ended.value.code == "ers_sign_in", "a program can tell why"
    with pytest.raises(WrongInput):
        cancel(site, code, role="SERVICE_PROVIDER_ADMIN")
    with pytest.raises(WrongInput):
        cancel(site, code, why=" ")
    assert state_of(site.ers, site.referral(code).ubrn or "") != "CANCELLED_REFERRAL"


def test_only_what_a_create_of_this_referral_asked_for_is_cancelled(site: Site) -> None:
    code, other = site.add(), sent(site)
    entry = site.ers.enter_elsewhere(
        nhs_number=nhs_number(1), service_id="11002", organisation=TRUST, pathway_start=milliseconds(utc_now())
    )
    waits = site.add()
    for wrong in (site.referral(other).ubrn or "", entry.ubrn, "000999999999"):
        with pytest.raises(GatewayError) as refused:
            cancel(site, code, wrong)
        assert refused.value.says and refused.value.do
    with pytest.raises(GatewayError):
        cancel(site, waits, entry.ubrn)
    assert not [row for row in site.in_ers() if row["state"] == "CANCELLED_REFERRAL"]


def lost_and_given_up(site: Site) -> str:
    """A create that is in e-RS, was not seen there, and is to be sent again by a person's word."""
    code = site.add()
    site.ers.faults.set("lost_after", operation="A011", calls=1)
    site.ers.faults.set("500", operation="A008")
    assert site.release().unsure == 1
    resolve_unsure(site.store, code, decision="send-again", by="ann", why="I did not see it", now=utc_now())
    site.ers.faults.clear()
    site.ers.state.settings.worklist_lag_seconds = 86400
    return code


def test_a_double_that_appeared_later_is_cancelled_beside_the_one_that_is_kept(site: Site) -> None:
    code = lost_and_given_up(site)

    def at(point: str) -> None:
        if point == "A016:recorded":
            site.ers.state.settings.worklist_lag_seconds = 0

    site.release(at=at)
    kept = site.referral(code).ubrn or ""
    [double] = {str(row["ubrn"]) for row in site.in_ers()} - {kept}
    assert [p.code for p in site.problems(code)] == ["second_in_ers"]
    assert cancel(site, code, double) == Cancelled(code, double, False)
    assert (state_of(site.ers, double), state_of(site.ers, kept)) == ("CANCELLED_REFERRAL", "AWAITING_TRIAGE")
    assert site.problems(code) == [] and site.referral(code).ended_as != CANCELLED
    assert kinds(site).count("cancelled") == 0, "of the double the practice never heard"


def test_of_two_lost_ones_that_are_both_there_one_is_cancelled_and_the_other_adopted(site: Site) -> None:
    code = lost_and_given_up(site)
    site.ers.faults.set("lost_after", operation="A011", calls=1)
    assert site.release().unsure == 1
    site.ers.state.settings.worklist_lag_seconds = 0
    with site.store.write() as session:
        retry(session, find_referral(session, code), "ann", utc_now(), settings=site.settings)
    site.release()
    assert "unsure_several" in [p.code for p in site.problems(code)]
    double = str(site.in_ers()[0]["ubrn"])
    assert not cancel(site, code, double).own
    site.release(wait=True)
    row = site.referral(code)
    assert (row.state, row.ended_as) == ("CLOSED", "sent") and row.ubrn != double, [p.says for p in site.problems(code)]
    with site.store.read() as session:
        assert open_creates(session, row.id or 0) == [] and balance(session).faults == []
