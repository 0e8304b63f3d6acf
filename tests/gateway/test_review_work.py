"""The desk's daily work from the command line: claims, calls, taking back, page order, incidents."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gateway.calls import calls_about
from gateway.cli_queue import app as queue
from gateway.cli_review import app
from gateway.errors import GatewayError, Refused, WrongInput
from gateway.referrals import NewValue, find_referral, make_referral, weigh
from gateway.review import pages_of
from gateway.settings import Settings
from gateway.store import Store
from gateway.tables import Referral


@pytest.fixture
def code(
    store: Store,
    store_url: str,
    site: Settings,
    good_fields: dict[str, NewValue],
    a_document: Callable[..., list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A referral of two pages that waits for a person, and commands that work on its store."""
    monkeypatch.setenv("GATEWAY_DATABASE_URL", store_url)
    pages, now = a_document(2, state="SORTED"), dt.datetime.now(dt.UTC)
    fields = {**good_fields, "patient.birth_date": NewValue("1980-02-01", False, 0.6, "two readers differ", pages[0])}
    with store.write() as session:
        row = make_referral(
            session, fields=fields, pages=pages, arrived_at=now, outage_id=None, origin="document", form=None,
            by="machine", now=now,
        )  # fmt: skip
        weigh(session, row, now, settings=site)
        return row.code


def run(*words: str, of: typer.Typer = app) -> str:
    done = CliRunner().invoke(of, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def row(store: Store, code: str) -> Referral:
    with store.read() as session:
        return find_referral(session, code)


def test_a_claim_keeps_others_out_until_it_is_given_back(store: Store, code: str) -> None:
    assert "is with ann" in run("claim", code, "--by", "ann")
    for words in (["claim", code], ["set", code, "patient.gender=male"], ["approve", code], ["undo", code]):
        with pytest.raises(Refused, match="ann works on"):
            run(*words, "--by", "bob")
    run("show", code, "--by", "bob")
    assert "was not with bob" not in run("claim", code, "--by", "bob", "--take-over")
    assert "is free" in run("give-back", code, "--by", "bob")
    assert "was not with" in run("give-back", code, "--by", "ann")
    assert row(store, code).claimed_by is None


def test_a_call_is_noted_held_for_and_answered(store: Store, code: str) -> None:
    with pytest.raises(WrongInput, match="future"):
        run("call", code, "--by", "ann", "--whom", "Castle Hill", "--result", "x", "--at", "01/01/2999 10:00")
    rang = "20/11/2020 08:42"
    said = run(
        "call", code, "--by", "ann", "--whom", "Castle Hill", "--result", "rings back", "--at", rang, "--next-try",
        "01/01/2999 10:00",
    )  # fmt: skip
    assert "on hold: needs a call" in said
    (line,) = run("calls", code, "--json").splitlines()
    note = json.loads(line)
    assert (note["whom"], note["at"], note["next_try_at"]) == (
        "Castle Hill", "2020-11-20T08:42:00Z", "2999-01-01T10:00:00Z",
    )  # fmt: skip
    assert run("calls", "--due", "--json") == ""
    run("call", code, "--by", "ann", "--whom", "Castle Hill", "--result", "page 2 follows", "--answered")
    assert row(store, code).hold_why is None
    with store.read() as session:
        assert all(n.settled_at for n in calls_about(session, find_referral(session, code)))
    with pytest.raises(GatewayError):
        run("calls")


def test_an_ending_an_incident_and_the_way_back(store: Store, code: str, tmp_path: Path) -> None:
    said = run("aside", code, "--as", "not for us", "--organisation", "=1+1", "--why", "secure mail", "--by", "ann")
    assert "Incident I-0001" in said
    with pytest.raises(WrongInput):
        run("undo", code, "--by", "bob")
    assert "IN_REVIEW" in run("undo", code, "--by", "bob", "--why", "it is ours")
    (line,) = run("incidents", "--json").splitlines()
    assert json.loads(line)["taken_back_by"] == "bob"
    file = tmp_path / "incidents.csv"
    run("incidents", "--export", str(file), "--by", "ann")
    (exported,) = csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig")))
    assert exported["organisation"] == "'=1+1" and exported["taken_back_why"] == "it is ours"
    assert "I-0001" in run("incidents", "--export", "-", "--by", "ann")


@pytest.mark.parametrize("verb", ["review aside", "queue withdraw"])
def test_what_is_not_for_us_opens_its_incident_by_either_command(store: Store, code: str, verb: str) -> None:
    given = (code, "--as", "not for us", "--why", "secure mail", "--by", "ann")
    said = run("aside", *given) if verb == "review aside" else run("withdraw", *given, of=queue)
    assert "ncident I-0001 was opened" in said
    (line,) = run("incidents", "--json").splitlines()
    noted = json.loads(line)
    # nobody could tell from whom it came
    assert (noted["referral"], noted["organisation"], noted["returned_how"]) == (code, "not known", "secure mail")


def test_pages_and_values_are_put_right(store: Store, code: str) -> None:
    run("order", code, "2", "1", "--by", "ann")
    with store.read() as session:
        assert [p.number for p in pages_of(session, find_referral(session, code))] == [2, 1]
    with pytest.raises(WrongInput):
        run("order", code, "2", "--by", "ann")
    run("set", code, "patient.family_name=Ashdown", "--by", "ann")
    run("undo", code, "--field", "patient.family_name", "--by", "ann")
    assert "O'Brien" in run("show", code)
