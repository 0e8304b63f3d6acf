"""The work screen by its forms: saving, errors beside fields, stale pages, confirming what was seen, decisions, drafts, undo."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlmodel import col, select
from web.conftest import Visitor
from web.desk_samples import PASSWORD, DeskSite

from gateway.balance import balance
from gateway.referrals import find_referral, readings
from gateway.tables import Event, Page, PageUse, Referral
from gateway.tables_desk import CallNote, Draft

Visit = Callable[..., Visitor]


def row(site: DeskSite, code: str) -> Referral:
    with site.store.read() as session:
        return find_referral(session, code)


def value(site: DeskSite, code: str, field: str) -> str | None:
    with site.store.read() as session:
        found = readings(session, find_referral(session, code)).get(field)
        return found.value if found else None


def form_of(page: str) -> dict[str, str]:
    """The values that stand in the fields of a work screen, with its hidden ones."""
    form = page.split('id="fields"', 1)[1].split("</form>", 1)[0]
    found = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', form))
    found.update(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', form))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return {name: text.replace("&#39;", "'").replace("&amp;", "&") for name, text in found.items()}


def look(visitor: Visitor, code: str) -> dict[str, str]:
    """Open the screen and its pictures, as a browser does; the form as it stands."""
    page = visitor.page(f"/referrals/{code}")
    for picture in re.findall(rf"/picture/{code}/\d+\.png", page):
        assert visitor.get(picture).headers["content-type"] == "image/png"
    return form_of(page)


def press(visitor: Visitor, referral: str, what: str, form: dict[str, str], **more: Any) -> httpx.Response:
    return visitor.post(f"/referrals/{referral}/{what}", data={**form, **more})


def test_a_clean_referral_is_confirmed_with_one_press(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(patient__nhs_number="9990000050")
    assert row(site, code).state == "IN_REVIEW"
    answer = press(visitor, code, "confirm", look(visitor, code))
    assert answer.status_code == 303 and f"told=ready&about={code}" in answer.headers["location"]
    assert (row(site, code).state, row(site, code).confirmed_by) == ("READY", "Ann Clerk")
    assert f"{code}: ready to send." in visitor.page(answer.headers["location"])


def test_nothing_is_confirmed_before_its_picture_was_shown(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(patient__nhs_number="9990000050")
    form = form_of(visitor.page(f"/referrals/{code}"))
    answer = press(visitor, code, "confirm", form)
    assert answer.status_code == 409 and "was not displayed to you yet" in answer.text
    assert row(site, code).confirmed_by is None
    ben = visit("Ben Clerk")
    site.clock.move(minutes=20)
    assert press(ben, code, "confirm", look(ben, code)).status_code == 303


def test_saving_keeps_only_what_changed(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(doubtful=("patient.birth_date",))
    form = look(visitor, code)
    assert form["patient.birth_date"] == "01/02/1980" and form["patient.nhs_number"] == "999 000 0018"
    form["patient.birth_date"] = "2 Feb 1980"
    assert press(visitor, code, "save", form).status_code == 303
    assert value(site, code, "patient.birth_date") == "1980-02-02"
    with site.store.read() as session:
        lines = session.exec(select(Event).where(Event.subject == code, Event.action == "referral.value_set")).all()
    assert [line.data["field"] for line in lines] == ["patient.birth_date"]
    page = visitor.page(f"/referrals/{code}")
    assert "<q>01/02/1980</q>" in page
    again = press(visitor, code, "value-back", form_of(page), field="patient.birth_date")
    assert again.status_code == 303 and value(site, code, "patient.birth_date") == "1980-02-01"


def test_wrong_values_are_refused_beside_the_field_and_nothing_is_lost(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(doubtful=("patient.birth_date",))
    wrong = {"patient.nhs_number": "999 000 0019", "patient.postcode": "nowhere", "patient.address": "1 High Street"}
    form = {**look(visitor, code), **wrong}
    answer = press(visitor, code, "save", form)
    assert answer.status_code == 422
    assert (
        "wrong check digit" in answer.text
        and "is not a postcode" in answer.text
        and "2 values cannot be saved" in answer.text
    )
    shown = form_of(answer.text)
    assert shown["patient.address"] == "1 High Street" and shown["patient.nhs_number"] == "999 000 0019"
    assert value(site, code, "patient.address") is None and value(site, code, "patient.nhs_number") == "9990000018"
    assert form_of(visitor.page(f"/referrals/{code}"))["patient.address"] == "1 High Street", (
        "the draft stands there again"
    )


def test_a_stale_page_says_who_changed_what(site: DeskSite, visit: Visit) -> None:
    ann, code = visit("Ann Clerk"), site.referral(doubtful=("patient.birth_date",))
    old = look(ann, code)
    press(ann, code, "leave", old)
    ben = visit("Ben Clerk")
    form = look(ben, code)
    press(ben, code, "save", {**form, "patient.phone": "0113 496 0009"})
    press(ben, code, "leave", form_of(ben.page(f"/referrals/{code}")))
    answer = press(ann, code, "save", {**old, "patient.gender": "male"})
    assert answer.status_code == 409
    assert "Ben Clerk: had a value set by a person: patient&#39;s telephone" in answer.text
    assert form_of(answer.text)["patient.gender"] == "male"
    assert value(site, code, "patient.gender") == "female"


def test_two_people_never_work_on_one(site: DeskSite, visit: Visit) -> None:
    ann, ben, code = visit("Ann Clerk"), visit("Ben Clerk"), site.referral(doubtful=("patient.birth_date",))
    ann.page(f"/referrals/{code}")
    page = ben.page(f"/referrals/{code}")
    assert "Ann Clerk works on this now" in page and 'id="save"' not in page and "Take over" not in page
    answer = ben.submit(f"/referrals/{code}/save", version="1", **{"patient.gender": "male"})
    assert answer.status_code == 409 and "Ann Clerk works on" in answer.text
    assert "Ann Clerk" in ben.page("/")
    tess = visit("Tess", "team leader")
    assert "Take over" in tess.page(f"/referrals/{code}")
    assert tess.submit(f"/referrals/{code}/take-over").status_code == 303
    assert "Tess works on this now" in ann.page(f"/referrals/{code}")
    site.clock.move(minutes=16)
    assert "works on this now" not in ben.page(f"/referrals/{code}")


def test_what_was_typed_survives_the_end_of_the_session(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(doubtful=("patient.birth_date",))
    form = look(visitor, code)
    site.clock.move(minutes=31)
    answer = press(visitor, code, "save", {**form, "patient.address": "1 High Street, Leeds"})
    assert (
        answer.status_code == 303
        and "kept=1" in answer.headers["location"]
        and "High" not in answer.headers["location"]
    )
    page = visitor.page(answer.headers["location"])
    assert "What you had typed is kept" in page
    back = visitor.post("/sign-in", data={"name": "Ann Clerk", "password": PASSWORD, "next": f"/referrals/{code}"})
    assert back.headers["location"] == f"/referrals/{code}"
    assert form_of(visitor.page(f"/referrals/{code}"))["patient.address"] == "1 High Street, Leeds"
    assert form_of(visit("Ben Clerk").page(f"/referrals/{code}"))["patient.address"] == "", "drafts are one's own"


def test_drafts_are_kept_while_typing_and_end_with_saving(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(doubtful=("patient.birth_date",))
    form = {**look(visitor, code), "patient.address": "1 High"}
    assert visitor.post(f"/referrals/{code}/draft", data=form).json() == {"kept": 1, "errors": {}}
    assert "You typed something and did not save it" in visitor.page("/")
    assert press(visitor, code, "save", form).status_code == 303
    with site.store.read() as session:
        assert session.exec(select(Draft)).first() is None
    form = {**form_of(visitor.page(f"/referrals/{code}")), "patient.address": "2 High"}
    visitor.post(f"/referrals/{code}/draft", data=form)
    assert press(visitor, code, "forget", form).status_code == 303
    assert form_of(visitor.page(f"/referrals/{code}"))["patient.address"] == "1 High"


def test_service_clinician_clock_and_questions(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Ann Clerk")
    code = site.referral(without=("referral.specialty",), problem=("missing_page", "Page 2 of 2 is missing.", None))
    form = look(visitor, code)
    assert press(visitor, code, "service", form, service="11002").status_code == 303
    assert row(site, code).service_id == "11002"
    form = form_of(visitor.page(f"/referrals/{code}"))
    assert press(visitor, code, "clinician", form, clinician="555000000104").status_code == 303
    form = form_of(visitor.page(f"/referrals/{code}"))
    refused = press(visitor, code, "clock", form, clock="21/11/2026 09:00", clock_why="as stated")
    assert refused.status_code == 422 and "lies in the future" in refused.text
    assert press(visitor, code, "clock", form, clock="18/11/2026 09:00", clock_why="original start").status_code == 303
    form = form_of(visitor.page(f"/referrals/{code}"))
    done = press(visitor, code, "answer", form, code="missing_page", decision="", why="the practice says one page")
    assert "told=ready" in done.headers["location"] and row(site, code).state == "READY"


def test_near_misses_are_taken_by_a_person(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Ann Clerk")
    code = site.referral(
        patient__nhs_number="9990000050", patient__birth_date="1962-03-04", patient__family_name="Larche"
    )
    page = visitor.page(f"/referrals/{code}")
    assert "In the patient index" in page and "It is Dee Larch" in page
    form = form_of(page)
    assert press(visitor, code, "near", form, number="9990000042").status_code == 303
    assert value(site, code, "patient.family_name") == "Larch"
    other = press(visitor, code, "near", form_of(visitor.page(f"/referrals/{code}")), number="9990000026")
    assert other.status_code == 409


def test_a_call_is_noted_and_holds_until_it_is_answered(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(patient__nhs_number="9990000050")
    form = look(visitor, code)
    bad = press(visitor, code, "call", form, whom="Castle Hill")
    assert bad.status_code == 422 and "what came of the call" in bad.text and 'value="Castle Hill"' in bad.text
    assert (
        press(
            visitor, code, "call", form, whom="Castle Hill", result="engaged", next_try="20/11/2026 14:00"
        ).status_code
        == 303
    )
    assert row(site, code).hold_why == "needs a call"
    site.clock.move(minutes=25)
    visitor.page("/")
    site.clock.move(minutes=25)
    visitor.page("/")
    site.clock.move(hours=0, minutes=29)
    visitor.page("/")
    site.clock.move(minutes=29)
    visitor.page("/")
    site.clock.move(minutes=20)
    assert f'A call is due for <a href="/referrals/{code}"' in visitor.page("/")
    form = form_of(visitor.page(f"/referrals/{code}"))
    assert (
        press(visitor, code, "call", form, whom="Dr Cawood", result="page 2 follows", answered="yes").status_code == 303
    )
    assert row(site, code).hold_why is None
    with site.store.read() as session:
        notes = session.exec(select(CallNote).order_by(col(CallNote.id))).all()
    assert [(n.by, n.whom, n.settled_at is not None) for n in notes] == [
        ("Ann Clerk", "Castle Hill", True),
        ("Ann Clerk", "Dr Cawood", True),
    ]


def test_not_for_us_opens_an_incident_with_a_safe_export(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral()
    form = look(visitor, code)
    assert press(visitor, code, "not-for-us", form, organisation="x", returned_how=" ").status_code == 422
    done = press(
        visitor,
        code,
        "not-for-us",
        form,
        organisation='=HYPERLINK("http://evil")',
        returned_how="secure mail, 20 November",
    )
    assert done.status_code == 303 and row(site, code).state == "WITHDRAWN"
    answer = visitor.get("/export/incidents.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["referral"] == code and rows[0]["organisation"] == '\'=HYPERLINK("http://evil")'
    unknown = site.referral(patient__nhs_number="9990000042")
    assert press(visitor, unknown, "not-for-us", look(visitor, unknown), returned_how="shredded").status_code == 303
    assert "not known" in visitor.page("/incidents")
    assert "attachment" in answer.headers["content-disposition"]
    assert "I-0001" in visitor.page("/incidents")


def test_a_cancer_referral_is_rung_about_not_returned(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Ann Clerk")
    code = site.referral(referral__priority="TWO_WEEK_WAIT", doubtful=("patient.birth_date",))
    form = look(visitor, code)
    refused = press(visitor, code, "returned", form, why="no letter")
    assert refused.status_code == 409 and "ring the practice" in refused.text
    assert press(visitor, code, "returned", form, why="agreed by telephone", sure="yes").status_code == 303


def test_pages_split_order_aside_and_the_sum_stays(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(pages=3, doubtful=("patient.birth_date",))
    form = look(visitor, code)
    assert press(visitor, code, "order", form, order="3 1").status_code == 422
    assert press(visitor, code, "order", form, order="2 1 3").status_code == 303
    form = form_of(visitor.page(f"/referrals/{code}"))
    with site.store.read() as session:
        uses = session.exec(select(PageUse).order_by(col(PageUse.position))).all()
        pages = [session.get_one(Page, use.page_id).number for use in uses]
    assert pages == [2, 1, 3]
    assert press(visitor, code, "split", form, pages="3").status_code == 303
    form = form_of(visitor.page(f"/referrals/{code}"))
    assert press(visitor, code, "aside", form, pages="1", why="").status_code == 422
    assert press(visitor, code, "aside", form, pages="1", why="a cover").status_code == 303
    with site.store.read() as session:
        found = balance(session)
    assert found.in_order and (found.pages_in_referrals, found.pages_set_aside) == (2, 1)


def test_duplicates_side_by_side(site: DeskSite, visit: Visit) -> None:
    visitor, first = visit("Ann Clerk"), site.referral(doubtful=("patient.birth_date",))
    second = site.referral(patient__postcode="LS1 1AB")
    page = visitor.page(f"/referrals/{second}")
    assert f"/compare/{second}/{first}" in page
    beside = visitor.page(f"/compare/{second}/{first}")
    assert "differs" in beside and "LS1 1AB" in beside
    form = form_of(page)
    assert press(visitor, second, "duplicate", form, other=second).status_code == 422
    assert press(visitor, second, "duplicate", form, other=first[2:]).status_code == 303
    assert row(site, second).ended_as == "duplicate"


def test_decisions_are_taken_back_until_it_is_sent(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(patient__nhs_number="9990000050")
    press(visitor, code, "confirm", look(visitor, code))
    page = visitor.page(f"/referrals/{code}")
    assert "Look at it again" in page
    assert press(visitor, code, "undo", form_of(page)).status_code == 303
    assert (row(site, code).state, row(site, code).confirmed_by) == ("IN_REVIEW", None)
    assert press(visitor, code, "confirm", look(visitor, code)).status_code == 303
    assert row(site, code).state == "READY"
    with site.store.write() as session:
        sent = find_referral(session, code)
        sent.ubrn = "000000070000"
        session.add(sent)
    assert press(visitor, code, "undo", form_of(visitor.page(f"/referrals/{code}"))).status_code == 409


def test_an_ending_is_taken_back_with_its_reason(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral()
    press(visitor, code, "not-for-us", look(visitor, code), organisation="Castle Hill", returned_how="secure mail")
    page = visitor.page(f"/referrals/{code}")
    assert "Take back “not for us”" in page
    assert press(visitor, code, "undo", form_of(page), why=" ").status_code == 422
    assert press(visitor, code, "undo", form_of(page), why="it is ours").status_code == 303
    assert row(site, code).state == "IN_REVIEW" and row(site, code).ended_as is None
    page = visitor.page(f"/referrals/{code}")
    assert "took back “not for us” (it is ours)" in page
    assert "Taken back" in visitor.page("/incidents") and "it is ours" in visitor.page("/incidents")
    with site.store.read() as session:
        assert balance(session).in_order


def test_strange_requests_end_in_sentences(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral()
    assert "There is no referral R-ZZZZ" in visitor.page("/referrals/R-ZZZZ", 404)
    assert visitor.submit(f"/referrals/{code}/explode").status_code == 404
    assert "There is no such page" in visitor.page("/nothing", 404)
    assert visitor.submit(f"/referrals/{code}/save", version="999999", **{"patient.gender": "male"}).status_code == 409
    assert visitor.post(f"/referrals/{code}/save", content=b"x" * (2 << 20)).status_code == 413


def test_a_stopped_database_is_a_plain_page(site: DeskSite, visit: Visit, monkeypatch: Any) -> None:
    from gateway.errors import Later

    def away() -> None:
        raise Later("database", "The database is busy.", "It is tried again.")

    visitor = visit("Ann Clerk")
    monkeypatch.setattr(site.store, "read", away)
    answer = visitor.get("/")
    assert answer.status_code == 503 and "The database is busy." in answer.text


def test_a_defect_tells_nothing_of_a_patient(site: DeskSite, visit: Visit, monkeypatch: Any, caplog: Any) -> None:
    def broken(*_given: Any, **_named: Any) -> None:
        raise RuntimeError("O'Brien 9990000018")

    visitor, code = visit("Ann Clerk"), site.referral()
    monkeypatch.setattr("gateway.web_work.work_view", broken)
    answer = visitor.get(f"/referrals/{code}")
    assert answer.status_code == 500 and "Nothing was half done" in answer.text
    assert "Brien" not in answer.text + caplog.text and "RuntimeError" in caplog.text


def test_papers_that_no_machine_reads_are_typed_or_set_aside(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Ann Clerk")
    delivery, _ids, _places = site.paper(2, state="STUCK", says="Too faint.")
    page = visitor.page(f"/arrivals/{delivery}")
    assert "Make a referral of it" in page
    wrong = visitor.submit(f"/arrivals/{delivery}/type", **{"patient.nhs_number": "12", "patient.family_name": "Elm"})
    assert wrong.status_code == 422 and 'value="Elm"' in wrong.text
    made = visitor.submit(
        f"/arrivals/{delivery}/type", **{"patient.nhs_number": "9990000026", "patient.family_name": "Elm"}
    )
    assert made.headers["location"].startswith("/referrals/R-")
    other, _ids, _places = site.paper(1, state="STUCK")
    assert visitor.submit(f"/arrivals/{other}/aside", why="an advertisement").status_code == 303
    with site.store.read() as session:
        assert balance(session).in_order


@pytest.mark.parametrize(
    ("what", "part", "typed"),
    [
        ("typed", "d-pas", {"ubrn": "0000 12"}),
        ("on-pas", "d-pas", {"hospital_number": "?"}),
        ("duplicate", "d-duplicate", {"other": "R-2222"}),
        ("join", "d-duplicate", {"other": "R-3333"}),
        ("returned", "d-return", {"why": "no telephone number on it"}),
        ("clock", "d-clock", {"clock": "the day before", "clock_why": "they say so"}),
        ("order", "d-pages", {"order": "2 2"}),
    ],
)
def test_what_was_typed_for_a_decision_that_is_refused_stands_there_still(
    site: DeskSite, visit: Visit, what: str, part: str, typed: dict[str, str]
) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(pages=2, referral__priority="TWO_WEEK_WAIT")
    refused = press(visitor, code, what, look(visitor, code), **typed)
    if (
        refused.status_code == 404
    ):  # the other one is not there: the page of its own tells, and the browser's back has all
        return
    assert refused.status_code in (409, 422), refused.text
    assert f'id="{part}" open' in refused.text and refused.text.count('" open>') == 1
    for value in typed.values():
        assert f'value="{value}"' in refused.text, value
