"""The desk opened on a drill's folder: only on such a folder, with somebody who can sign in, until it is stopped."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from gateway.rehearsal.desk_open import desk_on
from gateway.rehearsal.drill import MARK
from gateway.rehearsal.program import DrillFailed
from gateway.store import open_store, set_fact


def test_the_desk_opens_twice_on_a_drill_and_never_on_anything_else(tmp_path: Path) -> None:
    with pytest.raises(DrillFailed, match="holds no drill"), desk_on(tmp_path):
        pass
    (tmp_path / MARK).write_text("A drill with invented people.\n")
    store = open_store(f"sqlite:///{tmp_path / 'gateway.sqlite3'}")
    with store.write() as session:
        set_fact(session, "rehearsal", "yes")
    store.close()
    passwords = set()
    for _ in range(2):
        with desk_on(tmp_path) as desk, httpx.Client(base_url=desk.address, timeout=20) as visitor:
            done = visitor.post("/sign-in", data={"name": desk.name, "password": desk.password})
            assert (done.status_code, done.headers["location"]) == (303, "/")
            assert "REHEARSAL" in visitor.get("/").text
            passwords.add(desk.password)
        assert desk.service.process.poll() is not None
    assert len(passwords) == 2
