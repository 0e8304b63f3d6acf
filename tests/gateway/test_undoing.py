"""Endings taken back: the reason, the questions, clock, incident and letters they had set going, and the sum that stays zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlmodel import Session, col, select

from gateway.balance import balance
from gateway.confirm import make_return, release_letter
from gateway.deciding import approve, set_clock
from gateway.endings import close_on_pas, close_typed, withdraw
from gateway.errors import Refused, WrongInput
from gateway.incidents import incidents
from gateway.rearranging import join
from gateway.referrals import NewValue, find_referral, make_referral, open_problems, raise_problem, weigh
from gateway.settings import Settings
from gateway.states import move
from gateway.store import Store
from gateway.tables import Attempt, Document, Letter, Page, Referral
from gateway.undoing import undo, undoable

Fields = dict[str, NewValue]
Papers = Callable[..., list[int]]
BY = "Ann Clerk"


@pytest.fixture
def made(store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime) -> Callable[..., str]:
    """Makes a referral of one page, weighed as reading would; its code."""

    def make(hours: float = 3, **more: NewValue) -> str:
        pages = a_document(1)
        with store.write() as session:
            row = make_referral(
                session, fields={**good_fields, **{k.replace("__", "."): v for k, v in more.items()}}, pages=pages,
                arrived_at=now - dt.timedelta(hours=hours), outage_id=None, origin="document", form=None,
                by="machine", now=now,
            )  # fmt: skip
            document = session.get_one(Document, session.get_one(Page, pages[0]).document_id)
            if document.state != "SORTED":
                document.state = "SORTED"
                session.add(document)
            raise_problem(session, row, "missing_page", "Page 2 of 2 is missing.", now)
            weigh(session, row, now, settings=site)
            return row.code

    return make


def _end(session: Session, referral: Referral, ending: str, now: dt.datetime) -> None:
    if ending == "kept on PAS":
        close_on_pas(session, referral, "H123", BY, now)
    else:
        withdraw(session, referral, ending, "pressed", BY, now)


@pytest.mark.parametrize("ending", ["kept on PAS", "not for us", "returned", "not a referral"])
def test_an_ending_is_taken_back_with_its_reason(
    store: Store, site: Settings, made: Callable[..., str], now: dt.datetime, ending: str
) -> None:
    code = made()
    with store.write() as session:
        _end(session, find_referral(session, code), ending, now)
    later = now + dt.timedelta(minutes=5)
    with store.write() as session, pytest.raises(WrongInput):
        undo(session, find_referral(session, code), "Bob Lead", later, settings=site, why="  ")
    with store.write() as session:
        row = find_referral(session, code)
        assert undoable(session, row) == f"Take back “{ending}”"
        weighed = undo(session, row, "Bob Lead", later, settings=site, why="pressed by mistake")
        assert weighed.state == "IN_REVIEW"
        assert (row.ended_as, row.ended_why, row.duplicate_of) == (None, None, None)
        asked = {p.code for p in open_problems(session, row)}
        # what the ending had swept away is asked again, beside the question why it came back
        assert {"missing_page", "reopened"} <= asked
        assert balance(session).difference == 0
        approve(session, row, "Bob Lead", later, settings=site)
        assert {p.code for p in open_problems(session, row)} == {"missing_page"}


def test_an_incident_stays_and_tells_that_it_was_taken_back(
    store: Store, site: Settings, made: Callable[..., str], now: dt.datetime
) -> None:
    code = made()
    with store.write() as session:
        row = find_referral(session, code)
        _end(session, row, "not for us", now)
        undo(session, row, BY, now, settings=site, why="it is ours")
        (incident,) = incidents(session)
        assert (incident["taken_back_by"], incident["taken_back_why"]) == (BY, "it is ours")


def test_a_letter_that_did_not_leave_never_will_and_one_that_left_asks_for_a_call(
    store: Store, site: Settings, made: Callable[..., str], now: dt.datetime
) -> None:
    first, second, third = made(), made(), made()
    with store.write() as session:
        for code, state in ((first, "WAITING"), (second, "SENT"), (third, "KEPT")):
            row = find_referral(session, code)
            _end(session, row, "returned", now)
            letter = make_return(session, row, now, site)
            letter.state, letter.sent_at = state, now if state == "SENT" else None
            session.add(letter)
            session.flush()
            undo(session, row, BY, now + dt.timedelta(minutes=1), settings=site, why="it is for us")
        states = dict(session.exec(select(Referral.code, Letter.state).join(Letter)).all())
        assert states == {first: "VOID", second: "SENT", third: "VOID"}
        said = {c: [p.code for p in open_problems(session, find_referral(session, c))] for c in (first, second, third)}
        assert "told_returned" not in said[first]
        assert "told_returned" in said[second] and "told_returned" in said[third]
        void = session.exec(select(Letter).where(Letter.state == "VOID")).first()
        with pytest.raises(Refused):
            release_letter(session, void, BY, now, site, "A98001")  # type: ignore[arg-type]
        # returned once more: a letter of its own
        row = find_referral(session, second)
        _end(session, row, "returned", now + dt.timedelta(minutes=2))
        again = make_return(session, row, now + dt.timedelta(minutes=3), site)
        assert again.code not in session.exec(select(Letter.code).where(col(Letter.made_at) <= now)).all()
        assert make_return(session, row, now + dt.timedelta(minutes=4), site).code == again.code


def test_the_other_of_a_duplicate_gets_its_own_clock_back(
    store: Store, site: Settings, made: Callable[..., str], now: dt.datetime
) -> None:
    kept, ended, decided = made(hours=1), made(hours=5), made(hours=2)
    with store.write() as session:
        row, other = find_referral(session, ended), find_referral(session, kept)
        withdraw(session, row, "duplicate", "", BY, now, other=other)
        assert other.pathway_start == row.arrived_at
        undo(session, row, BY, now, settings=site, why="another patient")
        assert (other.pathway_start, other.pathway_start_why) == (other.arrived_at, "received")
        third = find_referral(session, decided)
        set_clock(session, third, now - dt.timedelta(hours=4), "original start given", BY, now, settings=site)
        withdraw(session, row, "duplicate", "", BY, now, other=third)
        assert third.pathway_start == row.arrived_at
        undo(session, row, BY, now, settings=site, why="another patient")
        assert (third.pathway_start, third.pathway_start_why) == (now - dt.timedelta(hours=4), "original start given")
        withdraw(session, row, "duplicate", "", BY, now, other=other)
        other.ubrn = "000000070000"
        session.add(other)
        undo(session, row, BY, now, settings=site, why="another patient")
        assert "other_sent" in {p.code for p in open_problems(session, row)}


def test_what_is_or_may_be_in_ers_stays_ended(
    store: Store, site: Settings, made: Callable[..., str], now: dt.datetime
) -> None:
    typed, unsure, joined, kept = made(), made(), made(), made()
    with store.write() as session:
        row = find_referral(session, typed)
        close_typed(session, row, "000000070000", BY, now)
        with pytest.raises(Refused, match="in e-RS"):
            undo(session, row, BY, now, settings=site, why="x")
        with pytest.raises(Refused):
            move(session, row, "IN_REVIEW", BY, now)
        row = find_referral(session, unsure)
        session.add(
            Attempt(
                referral_id=row.id or 0,
                step="A011",
                number=1,
                correlation_id="c",
                operator="o",
                organisation="RXX",
                role="r",
                opened_at=now,
            )
        )
        session.flush()
        withdraw(session, row, "not a referral", "an advert", BY, now, looked=True)
        with pytest.raises(Refused, match="may be in e-RS"):
            undo(session, row, BY, now, settings=site, why="x")
        ended = find_referral(session, joined)
        join(session, find_referral(session, kept), ended, BY, now, settings=site)
        with pytest.raises(Refused, match="pages"):
            undo(session, ended, BY, now, settings=site, why="x")
