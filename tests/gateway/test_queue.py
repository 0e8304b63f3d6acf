"""The queue: filters, order, verbs over many with dry runs, typed referrals with their documents, and the commands."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from reportlab.pdfgen.canvas import Canvas
from sqlmodel import Session, select

from gateway.balance import balance
from gateway.enclosure import enclosures
from gateway.endings import hold
from gateway.errors import GatewayError, NotFound, WrongInput
from gateway.events import verify_chain
from gateway.queue import Filter, for_each, parse_age, queue_rows, queue_view, retry, select_referrals
from gateway.referrals import NewValue, find_referral, make_referral, raise_problem, values, weigh
from gateway.settings import Settings
from gateway.states import move
from gateway.store import Store
from gateway.tables import Attempt, Delivery, Event, Outage, Reading, Referral
from gateway.tables_reference import CodeValue, Service
from gateway.typed import add_typed, load_typed
from gateway.typed_papers import Paper

Fields = dict[str, NewValue]
GOOD: dict[str, Any] = {
    "fields": {
        "patient.nhs_number": "999 000 0018",
        "patient.family_name": "O'Brien",
        "patient.birth_date": "01/02/1980",
        "referrer.name": "Dr Cora Cawood",
        "referrer.practice_code": "A98001",
        "referral.priority": "ROUTINE",
        "referral.specialty": "Cardiology",
    },
    "received_at": "2026-11-20T08:42:00.123Z",
    "service": "11002",
    "specialty_code": "CARDIOLOGY",
    "clinic_type": "HEART_FAILURE",
    "referring_clinician": None,
    "original_clock_start": None,
    "documents": ["letter.pdf"],
    "confirmed_by": "Ann Clerk",
}


def _pdf(pages: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(pages):
        canvas.drawString(100, 700, f"page {number + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _open(name: str, content: bytes) -> Paper:
    from pypdf import PdfReader

    return Paper(name, content, len(PdfReader(io.BytesIO(content)).pages))


def _write(folder: Path, **changes: Any) -> Path:
    (folder / "letter.pdf").write_bytes(_pdf(3))
    file = folder / "referral.json"
    given = {**GOOD, **changes}
    file.write_text(json.dumps({k: v for k, v in given.items() if v != "left out"}))
    return file


def _add(store: Store, site: Settings, file: Path, now: dt.datetime) -> Referral:
    typed = load_typed(file, now, _open)
    with store.write() as session:
        return add_typed(session, typed, "ann", now, settings=site, outage_id=None)[0]


def _make(session: Session, site: Settings, fields: Fields, now: dt.datetime, **changes: str) -> Referral:
    changed = {**fields, **{k.replace("__", "."): NewValue(v, True, 1, "x") for k, v in changes.items()}}
    made = make_referral(
        session, fields=changed, pages=[], arrived_at=now - dt.timedelta(hours=3), outage_id=None, origin="document",
        form=None, by="machine", now=now,
    )  # fmt: skip
    weigh(session, made, now, settings=site)
    return made


def test_a_typed_referral_is_ready_keeps_the_given_instant_and_its_pages_count(
    store: Store, site: Settings, tmp_path: Path, now: dt.datetime
) -> None:
    made = _add(store, site, _write(tmp_path), now)
    with store.read() as session:
        kept = find_referral(session, made.code)
        assert (kept.state, kept.origin, kept.service_id, kept.confirmed_by) == ("READY", "typed", "11002", "Ann Clerk")
        arrived = dt.datetime(2026, 11, 20, 8, 42, 0, 123000, tzinfo=dt.UTC)
        assert (kept.arrived_at, kept.pathway_start) == (arrived, arrived)
        assert kept.referring_clinician == "555000000104" and not kept.by_machine
        assert values(session, kept)["patient.birth_date"] == "1980-02-01"
        sums = balance(session)
        assert (sums.pages_received, sums.pages_in_referrals, sums.difference) == (3, 3, 0)
        assert not sums.faults
        assert [item.reference for item in sums.open_items] == [kept.code]
        files = enclosures(session, kept)
        assert [f.content for f in files] == [(tmp_path / "letter.pdf").read_bytes()]


def test_without_a_person_who_confirmed_the_patient_index_must_agree(
    store: Store, site: Settings, tmp_path: Path, now: dt.datetime
) -> None:
    assert _add(store, site, _write(tmp_path, confirmed_by=None), now).state == "READY"
    other = {**GOOD["fields"], "patient.nhs_number": "9990000050"}
    assert _add(store, site, _write(tmp_path, confirmed_by=None, fields=other), now).state == "IN_REVIEW"


def test_by_telephone_there_is_no_document_and_nothing_stays_open_but_the_referral(
    store: Store, site: Settings, tmp_path: Path, now: dt.datetime
) -> None:
    made = _add(store, site, _write(tmp_path, documents="left out"), now)
    with store.read() as session:
        sums = balance(session)
        assert sums.difference == 0 and not sums.faults and [i.reference for i in sums.open_items] == [made.code]
        assert session.exec(select(Delivery.route)).one() == "typed"


def test_an_original_clock_start_is_kept_beside_the_arrival(
    store: Store, site: Settings, tmp_path: Path, now: dt.datetime
) -> None:
    made = _add(store, site, _write(tmp_path, original_clock_start="2026-10-01T09:00:00+01:00"), now)
    assert made.pathway_start == dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC) and made.pathway_start_why
    assert made.arrived_at.day == 20


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"fields": {"patient.nhs_number": "9990000019"}},
            "patient.nhs_number: the NHS number has a wrong check digit",
        ),
        ({"fields": {"patient.shoe": "9"}}, "fields has no 'patient.shoe'"),
        ({"fields": {"patient.phone": 123456}}, "patient.phone is neither text"),
        ({"fields": "left out"}, "fields is missing"),
        ({"received_at": "left out"}, "received_at is missing"),
        ({"received_at": "yesterday"}, "received_at: That is not a date and time"),
        ({"received_at": "2026-11-21T00:00:00Z"}, "received_at lies in the future"),
        (
            {"original_clock_start": "2024-01-01T00:00:00Z"},
            "original_clock_start: The clock start is more than 365 days",
        ),
        ({"original_clock_start": "2026-11-20T11:00:00Z"}, "original_clock_start is later than received_at"),
        ({"service": "99999"}, "service: the site's list has no service 99999"),
        ({"service": 11002}, "service is not a short text"),
        ({"clinic_type": "LIPID_MANAGEMENT"}, "clinic_type: service 11002 has HEART_FAILURE"),
        ({"referring_clinician": "123"}, "referring_clinician: an SDS user id has twelve digits"),
        ({"referring_clinician": "555000000199"}, "referring_clinician: the site's list has no clinician"),
        ({"documents": ["../letter.pdf"]}, "documents, number 1: It is not a plain file name"),
        ({"documents": ["gone.pdf"]}, "documents, number 1: It cannot be read"),
        ({"documents": ["referral.json"]}, "documents, number 1: It is not a PDF"),
        ({"documents": "letter.pdf"}, "documents is not a list"),
        ({"nickname": "x"}, "There is no field 'nickname'"),
    ],
)
def test_each_wrong_field_is_named_with_its_cure_and_nothing_is_kept(
    store: Store, site: Settings, tmp_path: Path, now: dt.datetime, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(GatewayError) as refused:
        _add(store, site, _write(tmp_path, **changes), now)
    assert says in refused.value.says and refused.value.do
    with store.read() as session:
        assert session.exec(select(Referral)).first() is None and session.exec(select(Delivery)).first() is None


def test_several_faults_are_told_at_once(store: Store, site: Settings, tmp_path: Path, now: dt.datetime) -> None:
    with pytest.raises(WrongInput) as refused:
        load_typed(
            _write(tmp_path, fields={"patient.nhs_number": "1"}, received_at=None, documents=["x.pdf"]), now, _open
        )
    assert all(word in refused.value.says for word in ("patient.nhs_number", "received_at", "documents"))
    (tmp_path / "bad.json").write_text('{"fields": }')
    with pytest.raises(WrongInput, match=r"not JSON: .* in line 1"):
        load_typed(tmp_path / "bad.json", now, _open)


def test_codes_are_compared_with_the_tables_of_e_rs_only_where_these_are_cached(
    store: Store, site: Settings, tmp_path: Path, now: dt.datetime
) -> None:
    unknown = {"service": None, "specialty_code": "CARDIO", "clinic_type": "X"}
    assert _add(store, site, _write(tmp_path, **unknown), now).state == "IN_REVIEW"
    with store.write() as session:
        session.add(CodeValue(kind="SPECIALTY", code="CARDIOLOGY", display="d", system="s"))
    with pytest.raises(WrongInput, match="specialty_code: e-RS has no code CARDIO"):
        _add(store, site, _write(tmp_path, **unknown), now)


def test_without_a_list_of_services_the_typed_one_is_taken_as_it_is(
    store: Store, site: Settings, tmp_path: Path, now: dt.datetime
) -> None:
    with store.write() as session:
        session.execute(sa.delete(Service))
    made = _add(store, site, _write(tmp_path), now)
    assert (made.state, made.service_id, made.specialty_code) == ("READY", "11002", "CARDIOLOGY")


def test_one_filter_set_selects_in_the_order_of_urgency(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        routine = _make(session, site, good_fields, now)
        cancer = _make(session, site, good_fields, now, referral__priority="TWO_WEEK_WAIT")
        urgent = _make(session, site, good_fields, now, referral__priority="URGENT", referrer__practice_code="A98003")
        session.add(Outage(code="O-TEST", started_at=now, opened_by="ann", why="test"))
        session.flush()
        urgent.outage_id = session.exec(select(Outage.id)).one()
        routine.arrived_at = now - dt.timedelta(days=3)
        hold(session, cancer, "waits", "ann", now)
    found: dict[str, Filter] = {
        "CUR": Filter(),
        "R": Filter(older_than=parse_age("2d")),
        "U": Filter(outage="o-test"),
        "CR": Filter(outage="none"),
        "C": Filter(held=True),
        "UR": Filter(held=False),
    }
    found |= {"U ": Filter(practice="a98003"), "C ": Filter(priority="two-week-wait"), " ": Filter(priority="unknown")}
    found |= {"UC": Filter(codes=(urgent.code, cancer.code.removeprefix("R-").lower()))}
    names = {cancer.code: "C", urgent.code: "U", routine.code: "R"}
    with store.read() as session:
        for letters, wanted in found.items():
            picked = [names[r.code] for r in select_referrals(session, wanted, now)]
            assert sorted(picked) == sorted(letters.strip())
            assert picked == sorted(picked, key="CUR".index)
        for wrong in (
            Filter(states=("LOST",)),
            Filter(priority="soon"),
            Filter(outage="O-NONE"),
            Filter(codes=("R-1",)),
        ):
            with pytest.raises((WrongInput, NotFound)):
                select_referrals(session, wrong, now)
        rows = queue_rows(session, select_referrals(session, Filter(), now), now)
        assert [r["priority"] for r in rows] == ["TWO_WEEK_WAIT", "URGENT", "ROUTINE"]
        assert "O'Brien" not in str(rows) and "9990000018" not in str(rows)


def test_a_verb_passes_over_what_it_does_not_fit_and_a_dry_run_changes_nothing(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        ready, sent = _make(session, site, good_fields, now), _make(session, site, good_fields, now)
        weigh(session, sent, now, settings=site)
        sent.possible_duplicate_of = None
        session.add(
            Reading(referral_id=sent.id or 0, field="choice.different", value="true", how="x", by="ann", at=now)
        )
        session.flush()
        weigh(session, sent, now, settings=site)
        move(session, sent, "SENDING", "ann", now)

    def verb(session: Session, referral: Referral) -> str:
        hold(session, referral, "waits", "ann", now)
        return "is on hold"

    with pytest.raises(WrongInput, match="No referral was named"):
        for_each(store, Filter(), now, verb)
    wanted = Filter(practice="A98001")
    dry = for_each(store, wanted, now, verb, dry_run=True)
    with store.read() as session:
        assert find_referral(session, ready.code).hold_why is None
        assert session.exec(select(Event).where(Event.action == "referral.held")).first() is None
    done = for_each(store, wanted, now, verb)
    assert done == dry
    assert {d.code: d.refused for d in done} == {ready.code: False, sent.code: True}
    with store.read() as session:
        assert find_referral(session, ready.code).hold_why == "waits"
        assert not verify_chain(session).faults


def test_retry_settles_the_refusal_and_never_makes_a_second_create(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        referral = _make(session, site, good_fields, now)
        with pytest.raises(GatewayError):
            retry(session, _make(session, site, good_fields, now), "ann", now, settings=site)
        move(session, referral, "SENDING", "gateway", now)
        move(session, referral, "REFUSED", "gateway", now, code="INVALID_SERVICE")
        raise_problem(session, referral, "INVALID_SERVICE", "The service is closed.", now, by="gateway")
        move(session, referral, "IN_REVIEW", "gateway", now, code="INVALID_SERVICE")
        assert weigh(session, referral, now, settings=site).state == "IN_REVIEW"
        assert retry(session, referral, "ann", now, settings=site) == "is READY again"
        move(session, referral, "SENDING", "gateway", now)
        session.add(
            Attempt(referral_id=referral.id or 0, step="A011", number=1, correlation_id="c", operator="o",
                    organisation="RXX", role="r", opened_at=now)
        )  # fmt: skip
        move(session, referral, "UNSURE", "gateway", now)
        assert retry(session, referral, "ann", now, settings=site) == "will be looked for again"
        assert (referral.state, referral.next_try_at) == ("UNSURE", now)
        view = queue_view(session, referral, now)
        assert view["attempts"][0]["step"] == "A011" and view["history"][0]["what"].startswith("was made")


@pytest.mark.slow
def test_a_page_of_a_hundred_thousand_is_listed_in_a_tenth_of_a_second(store: Store, now: dt.datetime) -> None:
    rows = [
        {"code": f"R-{n:06d}", "state": "READY", "rank": n % 3, "arrived_at": now - dt.timedelta(seconds=n), "created_at": now,
         "version": 1, "origin": "document", "by_machine": True}
        for n in range(100_000)
    ]  # fmt: skip
    with store.write() as session:
        session.execute(sa.insert(Referral), rows)
    with store.read() as session:
        queue_rows(session, select_referrals(session, Filter(states=("READY",)), now, 50), now)
        start = time.monotonic()
        found = queue_rows(session, select_referrals(session, Filter(states=("READY",)), now, 50), now)
        took = time.monotonic() - start
    assert len(found) == 50 and {r["rank"] for r in found} == {0}
    assert took < 0.1, f"{took * 1000:.0f} ms"


def _commands(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    from typer.testing import CliRunner

    from gateway.cli_queue import app

    monkeypatch.setenv("GATEWAY_DATABASE_URL", store_url)

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, list(arguments))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return run


def test_the_commands_list_hold_withdraw_and_close(
    store: Store, store_url: str, site: Settings, good_fields: Fields, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _commands(store_url, monkeypatch)
    with store.write() as session:
        one = _make(session, site, good_fields, now).code
        two = _make(session, site, good_fields, now, referral__specialty="Heart failure").code
    lines = [json.loads(line) for line in run("list", "--state", "READY", "--json")[1].splitlines()]
    assert {row["referral"] for row in lines} == {one, two} and lines[0]["arrived_at"].endswith("Z")
    assert run("hold", one, two, "--why", "x", "--by", "ann", "--dry-run")[1].endswith("Nothing was changed.\n")
    assert run("hold", one, "--why", "asks", "--by", "ann") == (0, f"{one}: is on hold\n")
    assert run("unhold", one, two, "--by", "ann")[0] == 6
    assert "withdrawn: returned" in run("withdraw", "--code", one, "--why", "they enter it", "--by", "ann")[1]
    assert "closed: typed in e-RS" in run("close", two, "--typed", "0000 0007 0000", "--by", "ann")[1]
    assert "History:" in run("show", two)[1]
    assert "No referral fits" in run("list", "--state", "READY")[1]


def test_the_command_adds_a_typed_referral_and_counts_its_pages_in_the_confined_child(
    store: Store, store_url: str, site: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _commands(store_url, monkeypatch)
    monkeypatch.setenv("GATEWAY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GATEWAY_ERS__ROLE", "REFERRING_CLINICIAN_ADMIN")
    yesterday = (dt.datetime.now(dt.UTC) - dt.timedelta(days=1)).isoformat()
    file = _write(tmp_path, received_at=yesterday)
    assert json.loads(run("add", str(file), "--by", "ann", "--dry-run", "--json")[1])["state"] == "READY"
    assert run("list", "--json")[1] == "", "a dry run keeps nothing"
    made = json.loads(run("add", str(file), "--by", "ann", "--json")[1])
    assert made["state"] == "READY" and made["reasons"] == []
    with store.read() as session:
        assert session.exec(select(Delivery.pages_received)).one() == 3
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.4 and then nothing that could be opened")
    broken = tmp_path / "second.json"
    broken.write_text(file.read_text())
    with pytest.raises(WrongInput, match="documents, number 1"):
        run("add", str(broken), "--by", "ann")
