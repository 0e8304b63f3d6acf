"""Review: what waits and in which order, looking with its line in the log, deciding, pages put elsewhere, and the commands."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from gateway import rearranging
from gateway.balance import balance
from gateway.cli_review import app
from gateway.deciding import approve, choose_service, decide, set_clock, set_values, settle_question
from gateway.endings import close_on_pas, close_typed, hold, unhold, withdraw
from gateway.errors import GatewayError, NotFound, Refused, WrongInput
from gateway.events import verify_chain
from gateway.referrals import NewValue, find_referral, make_referral, open_problems, raise_problem, values, weigh
from gateway.review import draw, open_pages, open_view, pages_of, waiting_list
from gateway.settings import Settings
from gateway.store import Store
from gateway.tables import Delivery, Document, Event, Page, Reading, Referral

Fields = dict[str, NewValue]
Papers = Callable[..., list[int]]


def _referral(
    session: Session, settings: Settings, fields: Fields, pages: list[int], now: dt.datetime, *, hours: float = 3
) -> Referral:
    made = make_referral(
        session, fields=fields, pages=pages, arrived_at=now - dt.timedelta(hours=hours), outage_id=None,
        origin="document", form=None, by="machine", now=now,
    )  # fmt: skip
    document = session.get(Document, session.get(Page, pages[0]).document_id) if pages else None  # type: ignore[union-attr]
    if document is not None and document.state == "READ":
        document.state = "SORTED"
        session.add(document)
    weigh(session, made, now, settings=settings)
    return made


def _doubtful(fields: Fields, *names: str) -> Fields:
    return {
        f: NewValue(v.value, f not in names, 0.6 if f in names else v.confidence, v.how, v.page_id, v.box)
        for f, v in fields.items()
    }


def _pages_add_up(store: Store) -> None:
    with store.read() as session:
        sums = balance(session)
        assert sums.difference == 0
        assert not verify_chain(session).faults


def test_cancer_comes_first_then_urgent_then_the_oldest_and_the_unreadable_counts_as_urgent_as_can_be(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    def with_priority(priority: str) -> Fields:
        fields = _doubtful(good_fields, "patient.nhs_number")
        return {**fields, "referral.priority": NewValue(priority, True, 1.0, "x")}

    with store.write() as session:
        codes = [
            _referral(session, site, with_priority(priority), [], now, hours=hours).code
            for priority, hours in (("ROUTINE", 90), ("URGENT", 1), ("TWO_WEEK_WAIT", 2), ("ROUTINE", 95))
        ]
    a_document(1, state="STUCK", arrived_at=now - dt.timedelta(hours=5))
    with store.read() as session:
        items = waiting_list(session, now)
    assert [item.kind for item in items] == ["document", *["referral"] * 4]
    assert [item.reference for item in items[1:]] == [codes[2], codes[1], codes[3], codes[0]]
    assert [item.day for item in items] == [0, 0, 0, 4, 4]


def test_looking_shows_places_questions_and_near_misses_and_leaves_a_line(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    pages = a_document(2)
    number = NewValue("9990000050", False, 0.7, "ppocr alone", pages[1], [0.3, 0.2, 0.5, 0.24])
    with store.write() as session:
        code = _referral(session, site, {**good_fields, "patient.nhs_number": number}, pages, now).code
    with store.write() as session:
        view = open_view(session, find_referral(session, code), "ann", now)
        opened = open_pages(session, find_referral(session, code), "ann", now)
    drawn = [draw(page) for page in opened]
    shown = {v.field: v for v in view.values}
    assert (shown["patient.nhs_number"].page, shown["patient.nhs_number"].box) == (2, [0.3, 0.2, 0.5, 0.24])
    assert "patient's telephone" in view.missing
    assert {q.code for q in view.questions} == {"ready.doubtful", "ready.identity"}
    assert view.near[0]["family_name"] == "O'Brien" and view.near[0]["agrees_on"] == ["date of birth", "family name"]
    assert len(drawn) == 2
    assert len(Image.open(io.BytesIO(drawn[1])).convert("RGB").getcolors(100_000) or []) > 2, "a coloured box is drawn"
    with store.read() as session:
        lines = [(e.action, e.author) for e in session.exec(select(Event).where(Event.subject == code))]
        assert ("values.viewed", "ann") in lines and ("picture.viewed", "ann") in lines


def test_approving_confirms_identifiers_and_doubtful_values_and_says_what_else_is_missing(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    fields = {**_doubtful(good_fields, "patient.birth_date", "referral.priority"),
              "patient.nhs_number": NewValue("9990000050", True, 0.9, "x"),
              "referral.specialty": NewValue("Cardiology", True, 0.9, "x")}  # fmt: skip
    with store.write() as session:
        referral = _referral(session, site, fields, [], now)
        raise_problem(session, referral, "disagree", "The two readers differ.", now, field="patient.birth_date")
        weighed = approve(session, referral, "ann", now, settings=site)
        assert weighed.state == "IN_REVIEW" and "Several services fit" in " ".join(weighed.against)
        assert [p.code for p in open_problems(session, referral)] == ["ready.service"]
        assert (referral.confirmed_by, referral.rank) == ("ann", 2)
        assert choose_service(session, referral, "11004", "ann", now, settings=site).state == "READY"
        assert not referral.by_machine
        rows = session.exec(
            select(Reading).where(Reading.field == "patient.birth_date").order_by(col(Reading.id))
        ).all()
        assert [(r.by, r.current) for r in rows] == [("machine", False), ("ann", True)]
        set_values(session, referral, {"patient.birth_date": "02/02/1980"}, "ann", now, settings=site)
        assert referral.confirmed_by is None and referral.state == "IN_REVIEW"


def test_approving_needs_all_three_identifiers_and_a_reason_against_the_index(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        lacking = {f: v for f, v in good_fields.items() if f != "patient.birth_date"}
        with pytest.raises(Refused, match="date of birth is missing"):
            approve(session, _referral(session, site, lacking, [], now), "ann", now, settings=site)
        wrong = {**good_fields, "patient.nhs_number": NewValue("9990000019", False, 0.5, "x")}
        with pytest.raises(Refused, match="check digit"):
            approve(session, _referral(session, site, wrong, [], now), "ann", now, settings=site)
        other = {**good_fields, "patient.nhs_number": NewValue("9990000026", True, 0.9, "x")}
        referral = _referral(session, site, other, [], now)
        with pytest.raises(Refused, match="another birth date and another surname"):
            approve(session, referral, "ann", now, settings=site)
        assert approve(session, referral, "ann", now, settings=site, despite="PDS says so").state == "READY"


def test_two_people_on_one_referral_the_second_is_told(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        referral = _referral(session, site, _doubtful(good_fields, "referral.priority"), [], now)
        seen = referral.version
        set_values(session, referral, {"referral.priority": "URGENT"}, "ann", now, settings=site, version=seen)
        with pytest.raises(Refused, match="changed by somebody else"):
            set_values(session, referral, {"referral.priority": "ROUTINE"}, "bob", now, settings=site, version=seen)


def test_stops_need_a_reason_and_a_name(store: Store, site: Settings, good_fields: Fields, now: dt.datetime) -> None:
    fields = {**good_fields, "referral.sharing_dissent": NewValue(True, True, 0.9, "x")}
    with store.write() as session:
        referral = _referral(session, site, fields, [], now)
        assert approve(session, referral, "ann", now, settings=site).state == "IN_REVIEW", "approving is not enough"
        with pytest.raises(WrongInput, match="needs its reason"):
            decide(session, referral, "dissent", " ", "ann", now, settings=site)
        assert decide(session, referral, "dissent", "Dr Cawood rang back", "ann", now, settings=site).state == "READY"
        raise_problem(session, referral, "missing_page", "Page 2 is missing.", now)
        assert weigh(session, referral, now, settings=site).state == "IN_REVIEW"
        assert (
            settle_question(session, referral, "missing_page", "blank back", "ann", now, settings=site).state == "READY"
        )


def test_the_clock_is_decided_with_a_reason_and_the_arrival_stays(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        referral = _referral(session, site, good_fields, [], now)
        arrived = referral.arrived_at
        for wrong in (now + dt.timedelta(seconds=1), now - dt.timedelta(days=366)):
            with pytest.raises(WrongInput):
                set_clock(session, referral, wrong, "given", "ann", now, settings=site)
        given = now - dt.timedelta(days=30)
        assert set_clock(session, referral, given, "original clock given", "ann", now, settings=site).state == "READY"
        assert (referral.pathway_start, referral.arrived_at) == (given, arrived)


def test_pages_aside_split_and_joined_always_add_up(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    pages = a_document(4)
    second = NewValue("ASHDOWN", True, 0.9, "x", pages[2], [0.1, 0.1, 0.2, 0.2])
    with store.write() as session:
        referral = _referral(session, site, {**good_fields, "patient.address": second}, pages, now)
        rearranging.aside_pages(session, referral, [1], "cover sheet", "ann", now, settings=site)
        made, weighed = rearranging.split(session, referral, [2, 3], "ann", now, settings=site)
        assert [p.id for p in pages_of(session, referral)] == [pages[1]]
        assert [p.id for p in pages_of(session, made)] == pages[2:]
        assert values(session, made) == {"patient.address": "ASHDOWN"} and "patient.address" not in values(
            session, referral
        )
        assert made.arrived_at == referral.arrived_at and weighed.state == "IN_REVIEW"
        with pytest.raises(Refused, match="all pages"):
            rearranging.aside_pages(session, referral, [1], "nothing", "ann", now, settings=site)
        with pytest.raises(WrongInput, match="has no page 7"):
            rearranging.split(session, made, [7], "ann", now, settings=site)
    _pages_add_up(store)
    with store.write() as session:
        kept, ended = find_referral(session, referral.code), find_referral(session, made.code)
        rearranging.join(session, kept, ended, "ann", now, settings=site)
        assert (ended.state, ended.ended_as, ended.duplicate_of) == ("WITHDRAWN", "duplicate", kept.id)
        assert [p.id for p in pages_of(session, kept)] == pages[1:]
        aside = session.get(Page, pages[0])
        assert aside is not None
        rearranging.page_back(session, aside, "ann", now, kept, settings=site)
        assert approve(session, kept, "ann", now, settings=site).state == "READY"
    _pages_add_up(store)


def test_a_shared_page_stays_in_both_and_counts_once(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime
) -> None:
    pages = a_document(2)
    with store.write() as session:
        referral = _referral(session, site, good_fields, pages, now)
        made, _ = rearranging.split(session, referral, [2], "ann", now, settings=site, share=True)
        assert len(pages_of(session, referral)) == 2 and len(pages_of(session, made)) == 1
        rearranging.aside_pages(session, referral, [2], "belongs to the other", "ann", now, settings=site)
        page = session.get(Page, pages[1])
        assert page is not None and page.aside_why is None, "the other referral still holds it"
    _pages_add_up(store)


def test_what_no_machine_can_read_is_typed_or_set_aside(
    store: Store, site: Settings, a_document: Papers, now: dt.datetime
) -> None:
    first, second = a_document(2, state="STUCK"), a_document(1, state="STUCK")
    with store.write() as session:
        d1, d2 = (
            session.exec(select(Delivery.code).join(Document).join(Page).where(Page.id == p[0])).one()
            for p in (first, second)
        )
        typed = {
            "patient.family_name": "O'Brien",
            "patient.nhs_number": "999 000 0018",
            "patient.birth_date": "1/2/1980",
        }
        referral, weighed = rearranging.type_from(session, d1, typed, "ann", now, settings=site)
        assert weighed.state == "IN_REVIEW" and len(pages_of(session, referral)) == 2
        assert rearranging.aside_delivery(session, f"{d2}/1", "an advertisement", "ann", now) == 1
        with pytest.raises(Refused, match="Nothing of"):
            rearranging.aside_delivery(session, d2, "again", "ann", now)
        assert [i.kind for i in waiting_list(session, now)] == ["referral"]
    _pages_add_up(store)


@pytest.mark.parametrize("position", ["²", "9" * 20, "9" * 5000, "-1", "1/1", "one"])
def test_a_place_that_is_no_number_is_no_such_paper(
    store: Store, a_document: Papers, now: dt.datetime, position: str
) -> None:
    a_document(1, state="STUCK")
    with store.write() as session:
        code = session.exec(select(Delivery.code)).one()
        with pytest.raises(NotFound):
            rearranging.find_page(session, f"{code}/{position}", 1)


def test_a_message_without_a_document_is_dealt_with_by_a_person(
    store: Store, a_document: Papers, now: dt.datetime
) -> None:
    a_document(0)
    with store.write() as session:
        delivery = session.exec(select(Delivery)).one()
        delivery.outcome = "no_document"
        assert [i.kind for i in waiting_list(session, now)] == ["delivery"]
        rearranging.aside_delivery(session, delivery.code, "a thank-you", "ann", now)
        assert delivery.settled_by == "ann" and not waiting_list(session, now)


def test_endings_name_the_other_the_proof_or_the_reason(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        early = _referral(session, site, good_fields, [], now, hours=30)
        late = _referral(session, site, good_fields, [], now, hours=2)
        with pytest.raises(WrongInput, match="names the other"):
            withdraw(session, early, "duplicate", "", "ann", now)
        withdraw(session, early, "duplicate", "", "ann", now, other=late)
        assert (early.state, late.pathway_start) == ("WITHDRAWN", early.arrived_at)
        with pytest.raises(WrongInput, match="needs its reason"):
            withdraw(session, late, "returned", "", "ann", now)
        with pytest.raises(WrongInput, match="twelve digits"):
            close_typed(session, late, "123", "ann", now)
        close_typed(session, late, "0000 0007 0000", "ann", now)
        assert (late.state, late.ubrn, late.ended_as) == ("CLOSED", "000000070000", "typed in e-RS")
        third = _referral(
            session, site, {**good_fields, "referral.specialty": NewValue("Lipid clinic", True, 1, "x")}, [], now
        )
        with pytest.raises(Refused, match="has this UBRN already"):
            close_typed(session, third, "000000070000", "ann", now)
        hold(session, third, "waits for the practice", "ann", now)
        unhold(session, third, "ann", now)
        close_on_pas(session, third, "H1234567", "ann", now)
        assert third.ended_why == "hospital number H1234567" and not open_problems(session, third)
        with pytest.raises(GatewayError):
            withdraw(session, third, "not for us", "changed my mind", "ann", now)


@pytest.fixture
def run(store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a review command on this test's store and gives what it printed; refusals come out as they are."""
    monkeypatch.setenv("GATEWAY_DATABASE_URL", store_url)
    monkeypatch.setenv("GATEWAY_OFFICE__ODS", "RXX")

    def command(*arguments: str) -> str:
        done = CliRunner().invoke(app, list(arguments))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return command


def test_the_commands_show_set_choose_and_approve(
    store: Store,
    site: Settings,
    good_fields: Fields,
    a_document: Papers,
    tmp_path: Path,
    run: Callable[..., str],
    now: dt.datetime,
) -> None:
    pages = a_document(2)
    fields = {
        **_doubtful(good_fields, "patient.family_name"),
        "referral.specialty": NewValue("Cardiology", True, 1, "x"),
    }
    with store.write() as session:
        code = _referral(session, site, fields, pages, now).code
    listed = [json.loads(line) for line in run("list", "--json").splitlines()]
    assert [(r["reference"], r["kind"]) for r in listed] == [(code, "referral")] and "O'Brien" not in str(listed)
    text = run("show", code, "--by", "ann", "--picture", str(tmp_path / "page.png"))
    assert "[ready.service]" in text and "O'Brien" in text and (tmp_path / "page-2.png").stat().st_size > 100
    assert json.loads(run("show", code, "--by", "ann", "--json"))["fields"]["patient.family_name"]["accepted"] is False
    assert "IN_REVIEW" in run("set", code, "patient.phone=0113 496 0009", "--by", "ann")
    assert "IN_REVIEW" in run("choose", code, "--service", "11002", "--by", "ann")
    assert f"{code} is READY." in run("approve", code, "--by", "Ann Clerk")
    with pytest.raises(WrongInput, match="FIELD=VALUE"):
        run("set", code, "patient.phone")
    assert "WITHDRAWN: returned" in run("aside", code, "--as", "returned", "--why", "wrong trust", "--by", "ann")
    assert "Nothing waits" in run("list")


@pytest.mark.parametrize("seed", range(12))
def test_whatever_people_do_with_pages_the_sum_holds_and_the_log_verifies(
    store: Store, site: Settings, good_fields: Fields, a_document: Papers, now: dt.datetime, seed: int
) -> None:
    dice = random.Random(seed)
    papers = [a_document(3), a_document(1), a_document(4)]
    a_document(2, state="STUCK")
    with store.write() as session:
        for pages in papers:
            _referral(session, site, good_fields, pages, now)

    def step(session: Session) -> None:
        referrals = list(session.exec(select(Referral).order_by(col(Referral.id))))
        one, other = dice.choice(referrals), dice.choice(referrals)
        count = len(pages_of(session, one))
        some = dice.sample(range(1, count + 1), dice.randint(0, count))
        aside = list(session.exec(select(Page).where(col(Page.aside_why).is_not(None))))
        delivery = dice.choice(session.exec(select(Delivery).order_by(col(Delivery.id))).all())
        actions: list[Callable[[], object]] = [
            lambda: rearranging.aside_pages(session, one, some, "why", "ann", now, settings=site),
            lambda: rearranging.split(session, one, some, "ann", now, settings=site, share=dice.random() < 0.3),
            lambda: rearranging.join(session, one, other, "ann", now, settings=site),
            lambda: (
                rearranging.page_back(session, dice.choice(aside), "ann", now, one, settings=site) if aside else None
            ),
            lambda: rearranging.type_from(session, delivery.code, {"patient.gender": "F"}, "ann", now, settings=site),
            lambda: rearranging.aside_delivery(session, delivery.code, "why", "ann", now),
            lambda: withdraw(session, one, "not for us", "why", "ann", now),
            lambda: approve(session, one, "ann", now, settings=site),
        ]
        dice.choice(actions)()

    for _ in range(25):
        try:
            with store.write() as session:
                step(session)
        except GatewayError as refused:
            assert refused.says and refused.do
    with store.read() as session:
        sums = balance(session)
        assert sums.difference == 0 and sums.pages_received == 10
        for referral in session.exec(select(Referral).where(Referral.state == "READY")):
            assert referral.confirmed_by or values(session, referral)["patient.nhs_number"] == "9990000018"
        assert not verify_chain(session).faults
        empty = [f for f in sums.faults if "no page" in f]
        assert not empty
