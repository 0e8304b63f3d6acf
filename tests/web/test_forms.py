"""Forms taught on the desk by plain forms: begun, drawn, tried with the differences shown, saved as TOML that the readers take."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select
from web.conftest import Visitor
from web.desk_samples import DeskSite
from web.form_samples import PLACES, TITLE, PoolForm, box_of, pool_form

from gateway import jobs
from gateway.errors import Later
from gateway.referrals import find_referral
from gateway.tables import Event
from gateway.tables_desk import FormDraft, Person
from templates.form import load_form, load_forms

Visit = Callable[..., Visitor]
FIELDS = [name for name, _, _ in PLACES]


@pytest.fixture
def papers(site: DeskSite) -> list[PoolForm]:
    """Four papers of one form, of which hardly anything was read."""
    return [pool_form(site, number) for number in range(4)]


@pytest.fixture
def leader(visit: Visit) -> Visitor:
    return visit("Tess Leader", "team leader")


def begin(leader: Visitor, code: str) -> str:
    """A draft's address."""
    answer = leader.submit("/forms", paper=code, page="1")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0]


def board(leader: Visitor, address: str, **more: object) -> dict[str, object]:
    """What a browser would send of the board as it stands."""
    text = leader.page(address)
    sent: dict[str, object] = {
        "csrf": leader.token(),
        "version": re.findall(r'name="version" value="(\d+)"', text)[0],
        "title": html.unescape(re.findall(r'id="title" name="title" value="([^"]*)"', text)[0]),
        "word": [html.unescape(w) for w in re.findall(r'name="word" value="([^"]*)" checked', text)],
        "mark": [html.unescape(m) for m in re.findall(r'name="mark" value="([^"]*)" checked', text)],
    }
    for name, value in re.findall(r'name="(zone-\d+-(?:box|label))" value="([^"]*)"', text):
        sent[name] = html.unescape(value)
    for number, part in re.findall(r'name="zone-(\d+)-field"(.*?)</select>', text, re.S):
        chosen = re.findall(r'value="([^"]+)" selected', part)
        sent[f"zone-{number}-field"] = chosen[0] if chosen else ""
    return {**sent, **more}


def drawn(leader: Visitor, address: str, **more: object) -> dict[str, object]:
    """The board with all five boxes typed in."""
    boxes: dict[str, object] = {}
    for number, field in enumerate(FIELDS):
        boxes |= {f"zone-{number}-field": field, f"zone-{number}-box": box_of(field)}
    return board(leader, address, **{"title": "Seacroft pool", **boxes, **more})


def test_a_form_is_taught_tried_and_saved(site: DeskSite, leader: Visitor, papers: list[PoolForm]) -> None:
    address = begin(leader, papers[0].code)
    text = leader.page(address)
    assert TITLE in text and "on other papers too" in text
    fields = drawn(leader, address)
    assert fields["word"] == [TITLE] and len(fields["mark"]) >= 5  # type: ignore[arg-type]
    assert leader.post(f"{address}/keep", data=fields).status_code == 303
    tried = leader.post(f"{address}/try", data=board(leader, address))
    assert tried.status_code == 200, tried.text[:800]
    shown = html.unescape(re.sub(r"<[^>]+>", "", tried.text))
    assert "4 of 4 recognised" in shown and "0 different" in shown and "0 no longer read" in shown
    for paper in papers:
        assert paper.code in shown and paper.values["patient.family_name"] in shown, paper
    assert leader.post(f"{address}/save", data=board(leader, address)).headers["location"] == "/forms?told=saved"

    file = site.settings.site_forms / "seacroft-pool.toml"
    form = load_form(file)
    assert (form.version, form.author, form.title) == (1, "Tess Leader", "Seacroft pool")
    assert set(form.fields) == set(FIELDS) and len(form.marks) >= 5
    written = file.read_text()
    for paper in papers:
        for value in paper.values.values():
            assert value not in written or value == "Dermatology"
    with site.store.read() as session:
        event = session.exec(select(Event).where(Event.action == "form.saved")).one()
        viewed = session.exec(
            select(Event).where(Event.action == "values.viewed", Event.subject == papers[2].code)
        ).all()
    assert event.author == "Tess Leader" and event.data["form"] == "seacroft-pool" and event.data["version"] == 1
    assert "Tess Leader" in {line.author for line in viewed}
    assert "Seacroft pool" in leader.page("/forms")

    # a second version: one box removed
    again = board(leader, address)
    again["zone-4-remove"] = "yes"
    assert leader.post(f"{address}/save", data=again).status_code == 409, "it was not tried as it is now"
    assert leader.post(f"{address}/try", data=board(leader, address)).status_code == 200
    assert leader.post(f"{address}/save", data=board(leader, address)).status_code == 303
    form = load_form(file)
    assert form.version == 2 and set(form.fields) == set(FIELDS[:4])

    assert leader.post(f"{address}/stop", data=board(leader, address)).status_code == 303
    assert not file.exists() and "taken out of use" in leader.page("/forms")


def test_readers_take_a_saved_form_without_a_restart(
    tmp_path: Path, leader: Visitor, site: DeskSite, papers: list[PoolForm]
) -> None:
    folders = [str(site.settings.site_forms.absolute())]
    assert jobs._forms_now(folders).by_id("seacroft-pool") is None
    address = begin(leader, papers[0].code)
    assert leader.post(f"{address}/try", data=drawn(leader, address)).status_code == 200
    leader.post(f"{address}/save", data=board(leader, address))
    found = jobs._forms_now(folders).by_id("seacroft-pool")
    assert found is not None and found.version == 1
    # a file that somebody broke by hand keeps nobody's paper from being read
    (site.settings.site_forms / "broken.toml").write_text("id = ")
    assert jobs._forms_now(folders).by_id("seacroft-pool") is not None
    (site.settings.site_forms / "broken.toml").unlink()
    (site.settings.site_forms / "seacroft-pool.toml").unlink()
    assert jobs._forms_now(folders).by_id("seacroft-pool") is None


def test_lines_can_be_chosen_instead_of_drawing(leader: Visitor, papers: list[PoolForm]) -> None:
    address = begin(leader, papers[0].code)
    text = leader.page(address)
    line = re.findall(r'<option value="(\d+)">LS1 1AA</option>', text)[0]
    sent = board(leader, address, title="Seacroft pool")
    sent |= {"zone-0-field": "patient.postcode", "zone-0-line": line}
    assert leader.post(f"{address}/keep", data=sent).status_code == 303
    assert "In it: <q>LS1 1AA</q>" in leader.page(address)


def test_what_cannot_be_is_told_beside_its_row_and_nothing_is_lost(leader: Visitor, papers: list[PoolForm]) -> None:
    address = begin(leader, papers[0].code)
    sent = drawn(
        leader,
        address,
        **{"zone-1-box": "50 20 10 30", "zone-2-field": "", "own-words": "x", "zone-0-label": "<b>Ident"},
    )
    answer = leader.post(f"{address}/keep", data=sent)
    assert answer.status_code == 422
    for says in (
        "inside out or off the page",
        "Name the field of each box",
        "three letters or more",
        'value="50 20 10 30"',
    ):
        assert says in answer.text, says
    assert "<b>Ident" not in answer.text and "&lt;b&gt;Ident" in answer.text
    assert f'value="{box_of(FIELDS[3])}"' in answer.text
    for box, says in (("a b c d", "four numbers"), ("1 1 1.2 1.2", "too small"), ("0 0 101 50", "off the page")):
        answer = leader.post(
            f"{address}/keep", data=board(leader, address, **{"zone-9-field": "patient.phone", "zone-9-box": box})
        )
        assert answer.status_code == 422 and says in answer.text, says
    stale = board(leader, address, version="1", title="Other")
    answer = leader.post(f"{address}/keep", data=stale)
    assert answer.status_code == 409 and "Somebody else changed this draft" in answer.text


def test_trying_says_what_is_missing(leader: Visitor, papers: list[PoolForm]) -> None:
    address = begin(leader, papers[0].code)
    for change, says in (
        ({"title": ""}, "Give the form a name"),
        ({"word": []}, "Choose the words"),
        ({"mark": []}, "3 or more marks"),
        ({"zone-1-field": FIELDS[0]}, "has two boxes"),
    ):
        answer = leader.post(f"{address}/try", data={**drawn(leader, address), **change})
        assert answer.status_code == 422 and says in answer.text, says


def test_nothing_of_the_patient_gets_into_the_file(site: DeskSite, leader: Visitor, papers: list[PoolForm]) -> None:
    site_paper = pool_form(site, 1, known=("patient.nhs_number", "patient.family_name", "patient.postcode"))
    address = begin(leader, site_paper.code)
    offered = re.findall(r'name="(?:mark|word)" value="([^"]*)"', leader.page(address))
    assert not any("Elm" in text or "LS1 1AB" in text or "999" in text for text in offered)
    for change in (
        {"own-words": "Elm pool"},
        {"title": "Form of Elm"},
        {"zone-0-label": "999 000 0026"},
        {"own-words": "seen 09/07/50"},
    ):
        answer = leader.post(f"{address}/try", data=drawn(leader, address, **change))
        assert answer.status_code == 409 and "was read on this paper as a value" in answer.text, change


def test_a_patients_own_words_are_never_marks_though_they_come_again(
    site: DeskSite, leader: Visitor, papers: list[PoolForm]
) -> None:
    """The same patient's papers repeat name and postcode; and what stands in a box is a value wherever else it is printed."""
    for _ in range(3):
        pool_form(site, 0)
    address = begin(leader, papers[0].code)
    marks = board(leader, address)["mark"]
    assert not any("O'Brien" in mark or "LS1 1AA" in mark for mark in marks)  # type: ignore[attr-defined]
    assert any("Dermatology" in mark for mark in marks), "it stands on the papers of others too"  # type: ignore[attr-defined]
    leader.post(f"{address}/keep", data=drawn(leader, address))
    assert not any("Dermatology" in mark for mark in board(leader, address)["mark"])  # type: ignore[attr-defined]
    tried = leader.post(f"{address}/try", data=board(leader, address))
    assert "0 different" in tried.text and "7 of 7 recognised" in tried.text


def test_only_team_leaders_teach_and_sensitive_papers_stay_closed(
    site: DeskSite, visit: Visit, leader: Visitor, papers: list[PoolForm]
) -> None:
    clerk = visit("Ann Clerk")
    for path in ("/forms", "/forms/1", "/forms/1/page.png"):
        assert clerk.get(path).status_code == 403, path
    assert clerk.submit("/forms", paper=papers[0].code, page="1").status_code == 403
    assert 'href="/forms"' not in clerk.page("/") and 'href="/forms"' in leader.page("/")
    address = begin(leader, papers[0].code)
    leader.post(f"{address}/keep", data=drawn(leader, address))
    with site.store.write() as session:
        for paper in papers[1:3]:
            row = find_referral(session, paper.code)
            row.specialty_code = "SEXUAL HEALTH"
            session.add(row)
        tess = session.exec(select(Person).where(Person.name == "Tess Leader")).one()
        tess.sees_sensitive = False
        session.add(tess)
    tried = leader.post(f"{address}/try", data=board(leader, address))
    assert (
        "2 sensitive, not shown" in tried.text and papers[1].code not in tried.text.split("<main")[1].split("bench")[0]
    )
    assert leader.submit("/forms", paper=papers[1].code, page="1").status_code == 409
    for paper, says in (("R-ZZZZ", 404), ("D-ZZZZ", 404)):
        assert leader.submit("/forms", paper=paper, page="1").status_code == says
    assert leader.submit("/forms", paper=papers[0].code, page="7").status_code == 422


def test_a_draft_of_a_taken_name_and_a_dropped_draft(site: DeskSite, leader: Visitor, papers: list[PoolForm]) -> None:
    site.settings.site_forms.mkdir()
    by_hand = site.settings.site_forms / "seacroft-pool.toml"
    by_hand.write_text('id = "seacroft-pool"\ntitle = "By hand"\nkeywords = ["nothing like it"]\n')
    address = begin(leader, papers[0].code)
    assert leader.post(f"{address}/try", data=drawn(leader, address)).status_code == 200
    answer = leader.post(f"{address}/save", data=board(leader, address))
    assert answer.status_code == 409 and "a form of this name already" in answer.text
    assert "By hand" in by_hand.read_text()
    assert leader.post(f"{address}/drop", data=board(leader, address)).status_code == 303
    assert leader.get(address).status_code == 404
    with site.store.read() as session:
        assert session.exec(select(FormDraft)).all() == []


def test_a_form_is_in_use_only_once_the_log_knows_of_it(
    site: DeskSite, leader: Visitor, papers: list[PoolForm]
) -> None:
    address = begin(leader, papers[0].code)
    assert leader.post(f"{address}/try", data=drawn(leader, address)).status_code == 200
    fields = board(leader, address)

    def full(session: Session) -> None:
        if any(isinstance(row, FormDraft) and row.form for row in session.identity_map.values()):
            raise Later("database", "The disk that holds the database is full.")

    sa.event.listen(Session, "before_commit", full)
    try:
        refused = leader.post(f"{address}/save", data=fields)
    finally:
        sa.event.remove(Session, "before_commit", full)
    assert refused.status_code == 503 and "disk that holds the database is full" in refused.text
    folder = site.settings.site_forms
    assert not folder.exists() or list(folder.iterdir()) == [], "neither the form nor half of one"
    assert leader.post(f"{address}/save", data=fields).status_code == 303, "it is no form of this name already"
    assert [file.name for file in folder.iterdir()] == ["seacroft-pool.toml"]


def test_the_name_of_a_form_out_of_use_stays_its_own(site: DeskSite, leader: Visitor, papers: list[PoolForm]) -> None:
    """It can be saved again, and would then take the place of another that had its name meanwhile."""
    first, second = begin(leader, papers[0].code), begin(leader, papers[1].code)
    for address in (first, second):
        assert leader.post(f"{address}/try", data=drawn(leader, address)).status_code == 200
    assert leader.post(f"{first}/save", data=board(leader, first)).status_code == 303
    assert leader.post(f"{first}/stop", data=board(leader, first)).status_code == 303
    answer = leader.post(f"{second}/save", data=board(leader, second))
    assert answer.status_code == 409 and "a form of this name already" in answer.text


def test_a_tick_is_taught_by_the_words_beside_it(site: DeskSite, leader: Visitor, papers: list[PoolForm]) -> None:
    address = begin(leader, papers[0].code)
    ticks = {
        "zone-5-field": "tick:referral.priority:URGENT",
        "zone-5-box": "60 80 80 84",
        "zone-5-label": "Pool at once",
    }
    assert leader.post(f"{address}/try", data=drawn(leader, address, **ticks)).status_code == 200
    leader.post(f"{address}/save", data=board(leader, address))
    form = load_forms([site.settings.site_forms]).by_id("seacroft-pool")
    assert form is not None and form.ticks[0].words == ("Pool at once",) and form.ticks[0].value == "URGENT"
    nothing = {"zone-6-field": "tick:referral.priority:ROUTINE", "zone-6-box": "60 85 80 88"}
    answer = leader.post(f"{address}/keep", data=board(leader, address, **nothing))
    assert answer.status_code == 422 and "words beside the tick box" in answer.text


def test_names_and_words_are_text_and_no_path_and_no_toml(
    site: DeskSite, leader: Visitor, papers: list[PoolForm]
) -> None:
    address = begin(leader, papers[0].code)
    title = '../../etc/"]\nid = "evil"\n[x] \\ “Pool” ' + "long " * 5000
    word = "Pool \"] \\t \x00 #''' heading"
    typed = {"title": title, "own-words": f"{word}\n" + "w" * 50_000, "zone-0-label": 'la"bel]\\ = {', "needs": "1"}
    tried = leader.post(f"{address}/try", data=drawn(leader, address, **typed))
    assert tried.status_code == 200, tried.text[-600:]
    assert leader.post(f"{address}/save", data=drawn(leader, address, **typed)).status_code == 303
    [file] = site.settings.site_forms.iterdir()
    assert re.fullmatch(r"etc-id-evil-x-pool-long[a-z-]*\.toml", file.name) and len(file.name) < 60
    form = load_form(file)
    assert form.id == file.stem and form.title == " ".join(title.split())[:80].strip() and form.version == 1
    words = [keyword for group in form.keywords for keyword in group]
    assert "Pool \"] \\t  #''' heading" in words and max(map(len, words)) <= 80
    assert form.fields[FIELDS[0]].labels == ('la"bel]\\ = {',)
    assert len(file.read_text()) < 20_000


def test_looking_at_an_example_is_looking_at_its_values(
    site: DeskSite, leader: Visitor, papers: list[PoolForm]
) -> None:
    """The board holds every printed line as a choice, so that its opening has an author even where no picture is loaded (P10)."""
    leader.page(begin(leader, papers[0].code))
    with site.store.read() as session:
        viewed = session.exec(
            select(Event).where(Event.action == "values.viewed", Event.subject == papers[0].code)
        ).all()
    assert [event.author for event in viewed] == ["Tess Leader"]
