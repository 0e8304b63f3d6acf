"""The pages around e-RS against the simulated one: preview, start and end of a release, unsure ones resolved, outages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import col, select, update
from web.conftest import Visitor
from web.desk_samples import DeskSite
from web.ers_desk import open_ers_desk, run_release

from gateway import outage_report
from gateway.errors import Later
from gateway.settings import WebSettings
from gateway.states import move
from gateway.store import get_fact, set_fact
from gateway.tables import Event, Letter, Outage, Referral
from gateway.web_server import WebDoor
from templates.letter import write_letter

Visit = Callable[..., Visitor]


def test_a_release_is_previewed_started_and_watched(tmp_path: Path) -> None:
    with open_ers_desk(tmp_path, open_sandbox=True) as desk, desk.visitor("Tess Leader") as visitor:
        code = desk.site.add()
        page = visitor.page("/release")
        assert code in page and "1 referral" in page and "REHEARSAL" in page
        refused = visitor.submit("/release/start", organisation="RYY", role="NONSENSE")
        assert refused.status_code == 422 and "There is no role" in refused.text
        assert 'value="RYY"' in refused.text, "what was typed is still there"
        status = run_release(visitor)
        assert status["state"] == "DONE" and status["operator"] == "Tess Leader"
        assert len(desk.site.in_ers()) == 1
        assert desk.site.referral(code).state in ("SENT", "CLOSED")
        assert "Last release" in visitor.page("/release")


def test_the_event_log_is_proven_piece_by_piece_and_whole_on_demand(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Aud", "auditor")
    assert "lines were proven now" in visitor.page("/outage")
    site.referral()
    site.clock.move(hours=25)
    visitor = visit("Ann Clerk")
    page = visitor.page("/outage")
    assert "one by one as they came" in page and "Prove the whole log again" in page
    assert visitor.submit("/outage/prove").status_code == 303
    with site.store.write() as session:
        session.exec(update(Event).where(col(Event.seq) == 2).values(author="eve"))  # type: ignore[call-overload]
    assert visitor.submit("/outage/prove").status_code == 303
    page = visitor.page("/outage")
    assert "line 2 was changed after it was written" in page


def test_unsure_ones_have_their_steps_and_a_persons_word(site: DeskSite, visit: Visit) -> None:
    visitor, code, other = visit("Ann Clerk"), site.referral(), site.referral(patient__nhs_number="9990000042")
    with site.store.write() as session:
        for row in session.exec(select(Referral)):
            if row.state == "IN_REVIEW":
                move(session, row, "READY", "tests", site.clock())
    site.unsure(code)
    site.unsure(other)
    page = visitor.page("/unsure")
    assert code in page and "Open e-RS and search" in page and "Unsure (2)" in page
    wrong = visitor.submit(f"/unsure/{code}", decision="adopt", ubrn="12")
    assert wrong.status_code == 422 and "needs twelve digits" in wrong.text and 'value="12"' in wrong.text
    assert visitor.submit(f"/unsure/{code}", decision="adopt", ubrn="0000 0007 0000").status_code == 303
    assert visitor.submit(f"/unsure/{other}", decision="send-again", why="").status_code == 422
    assert visitor.submit(f"/unsure/{other}", decision="send-again", why="not on any list").status_code == 303
    with site.store.read() as session:
        states = {r.code: (r.state, r.ubrn) for r in session.exec(select(Referral))}
    assert states == {code: ("SENDING", "000000070000"), other: ("READY", None)}
    assert "Nothing is unsure" in visitor.page("/unsure")


def test_an_outage_is_opened_moved_and_signed(site: DeskSite, visit: Visit) -> None:
    leader = visit("Tess", "team leader")
    assert leader.submit("/outage/open", why="e-RS is down").status_code == 303
    assert leader.submit("/outage/open", why="again").status_code == 409
    paper = site.intake.accept(_delivery(site))
    refused = leader.submit("/outage/close")
    assert refused.status_code == 409 and paper in refused.text
    assert leader.submit("/outage/move", start="19/11/2026 08:00").status_code == 303
    assert leader.submit("/outage/move", start="30/11/2026 08:00").status_code == 422
    assert leader.submit("/outage/close", named=paper).status_code == 303
    with site.store.read() as session:
        outage = session.exec(select(Outage)).one()
    assert outage.closed_by == "Tess" and outage.open_items_named == [paper]


def test_a_signed_outage_has_its_closing_report_and_holds_nobody_up(
    site: DeskSite, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = visit("Tess", "team leader")
    leader.submit("/outage/open", why="e-RS is down")

    def drawn(*facts: object, **more: object) -> bytes:
        with site.store.write() as session:  # an arrival is kept while the report is drawn (P1)
            set_fact(session, "tests", "kept")
        return write_letter(*facts, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(outage_report, "write_letter", drawn)
    assert leader.submit("/outage/close").status_code == 303
    with site.store.read() as session:
        outage, letter = session.exec(select(Outage)).one(), session.exec(select(Letter)).one()
        made = session.exec(select(Event).where(Event.action == "letter.made")).one()
        assert get_fact(session, "tests") == "kept"
    assert (letter.kind, letter.state, letter.why) == ("closing", "KEPT", f"closing report of {outage.code}")
    assert (made.author, made.data["outage"]) == ("Tess", outage.code)
    assert f"closing report of {outage.code}" in leader.page("/letters")
    assert leader.get(f"/letters/{letter.code}.pdf").content.startswith(b"%PDF")


def test_an_outage_whose_report_cannot_be_kept_is_closed_all_the_same(
    site: DeskSite, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = visit("Tess", "team leader")
    leader.submit("/outage/open", why="e-RS is down")

    def full(*_facts: object, **_more: object) -> bytes:
        raise Later("database", "The disk that holds the database is full.")

    monkeypatch.setattr(outage_report, "write_letter", full)
    told = leader.submit("/outage/close")
    assert told.status_code == 503 and "is closed and signed, but its report is not kept" in told.text
    with site.store.read() as session:
        assert session.exec(select(Outage)).one().closed_by == "Tess"


def _delivery(site: DeskSite) -> object:
    from inbox.delivery import Delivery

    now = site.clock()
    return Delivery("upload", b"x", now, now, "tests")


def test_a_busy_port_is_a_sentence(site: DeskSite) -> None:
    from gateway.errors import WrongInput

    settings = site.settings.model_copy(update={"web": WebSettings(port=site.door.port)})
    with pytest.raises(WrongInput, match="GATEWAY_WEB__PORT"):
        WebDoor(site.store, settings, None, None, site.clock).start()
    wrong = site.settings.model_copy(update={"web": WebSettings(port=0, certificate=Path("/nowhere.pem"))})
    with pytest.raises(WrongInput, match="GATEWAY_WEB__CERTIFICATE"):
        WebDoor(site.store, wrong, None, None, site.clock).start()
