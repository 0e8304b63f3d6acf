"""`gateway people`: giving access, one-time passwords, tokens, roles; through the program itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli_people import app
from gateway.people import check_password, person_of_token
from gateway.store import open_store

runner = CliRunner()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GATEWAY_DATA", str(tmp_path))
    opened = open_store(f"sqlite:///{tmp_path.absolute() / 'gateway.sqlite3'}")
    yield opened
    opened.close()


def run(*words: str, given: str | None = None) -> str:
    answer = runner.invoke(app, list(words), input=given)
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_people_come_and_go(store: Any) -> None:
    from gateway.cli_output import now

    told = run("add", "Ann Clerk", "--by", "root")
    assert "one-time password" in told
    person = check_password(store, "ann clerk", told.rsplit(" ", 1)[1].strip(), now())
    assert person.must_change and person.role == "clerk" and not person.sees_sensitive
    run("password", "Ann Clerk", "--password-stdin", "--by", "root", given="brass-tulip-harbour\n")
    assert not check_password(store, "Ann Clerk", "brass-tulip-harbour", now()).must_change
    run("change", "Ann Clerk", "--role", "team leader", "--sensitive", "--by", "root")
    token = run("token", "Ann Clerk", "--by", "root").strip()
    with store.read() as session:
        found = person_of_token(session, token)
        assert found is not None and found.role == "team leader" and found.sees_sensitive
    rows = [json.loads(line) for line in run("list", "--json").splitlines()]
    assert rows == [
        {
            "name": "Ann Clerk",
            "role": "team leader",
            "access": True,
            "sensitive": True,
            "token": True,
            "must_change": False,
        }
    ]
    run("disable", "Ann Clerk", "--by", "root")
    with store.read() as session:
        assert person_of_token(session, token) is None
