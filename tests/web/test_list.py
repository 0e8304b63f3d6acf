"""The list: order, filters, paging and counts; what it shows to whom; claims; nothing of a patient in addresses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from sqlmodel import select
from web.conftest import Visitor
from web.desk_samples import DeskSite

from gateway.balance import balance
from gateway.desk_list import Filters, listed, page_counts
from gateway.people import find_person
from gateway.tables import Event

Visit = Callable[..., Visitor]


def codes(text: str) -> list[str]:
    return re.findall(r'<tr data-code="([^"]+)"', text)


def many(site: DeskSite) -> dict[str, str]:
    hours = dt.timedelta
    made = {
        "routine": site.referral(doubtful=("patient.birth_date",), ago=hours(hours=9)),
        "urgent": site.referral(
            doubtful=("patient.birth_date",),
            referral__priority="URGENT",
            patient__nhs_number="9990000042",
            ago=hours(hours=1),
        ),
        "cancer": site.referral(
            doubtful=("patient.birth_date",),
            referral__priority="TWO_WEEK_WAIT",
            patient__nhs_number="9990000026",
            ago=hours(hours=2),
        ),
        "older cancer": site.referral(
            doubtful=("patient.birth_date",),
            referral__priority="TWO_WEEK_WAIT",
            patient__nhs_number="9990000026",
            referral__specialty="Cardiology",
            ago=hours(hours=5),
        ),
    }
    return made


def test_cancer_then_urgent_then_oldest(site: DeskSite, visit: Visit) -> None:
    made = many(site)
    paper, _ids, _places = site.paper(state="STUCK", says="Too faint.", arrived_at=site.clock() - dt.timedelta(hours=3))
    shown = codes(visit("Ann Clerk").page("/"))
    assert shown == [made["older cancer"], f"{paper}/1", made["cancer"], made["urgent"], made["routine"]]


def test_filters_stand_in_the_address_and_stay(site: DeskSite, visit: Visit) -> None:
    made, visitor = many(site), visit("Ann Clerk")
    page = visitor.page("/?urgency=urgent")
    assert codes(page) == [made["urgent"]]
    assert f"/referrals/{made['urgent']}?urgency=urgent" in page
    work = visitor.page(f"/referrals/{made['urgent']}?urgency=urgent")
    assert 'href="/?urgency=urgent"' in work
    assert codes(visitor.page("/?practice=A98003")) == []
    assert len(codes(visitor.page("/?practice=a98001"))) == 4
    assert codes(visitor.page("/?who=mine")) == [made["urgent"]], "opening it claimed it"
    assert codes(visitor.page("/?urgency=nonsense&page=-3&show=x&practice='%3B--")) == codes(visitor.page("/"))


def test_counts_add_up_to_what_arrived(site: DeskSite, visit: Visit) -> None:
    many(site)
    site.referral()
    site.paper(2, state="STUCK")
    visitor = visit("Ann Clerk")
    found = dict(re.findall(r'data-count="(\w+)">(\d+)<', visitor.page("/")))
    assert int(found["all"]) == sum(int(count) for name, count in found.items() if name != "all") == 6
    with site.store.read() as session:
        pages, proof = page_counts(session), balance(session)
    assert pages["arrived"] == proof.pages_received == pages["in_referrals"] + pages["aside"] + pages["waiting"]
    assert (pages["in_referrals"], pages["aside"], pages["waiting"]) == (
        proof.pages_in_referrals,
        proof.pages_set_aside,
        proof.pages_waiting,
    )


def test_paging_shows_each_once(site: DeskSite, visit: Visit, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("gateway.desk_list.ROWS", 2)
    monkeypatch.setattr("gateway.web_list.ROWS", 2)
    made, visitor = many(site), visit("Ann Clerk")
    first, second = visitor.page("/"), visitor.page("/?page=2")
    assert sorted(codes(first) + codes(second)) == sorted(made.values())
    assert "3 to 4 of 4" in second and codes(visitor.page("/?page=99")) == codes(second)


def test_who_saw_identifiers_is_an_event_and_live_updates_hold_none(site: DeskSite, visit: Visit) -> None:
    made, visitor = many(site), visit("Ann Clerk")
    visitor.page("/")
    with site.store.read() as session:
        seen = session.exec(select(Event).where(Event.action == "list.viewed")).all()
    assert set(seen[-1].data["referrals"]) == set(made.values()) and seen[-1].author == "Ann Clerk"
    live = visitor.get("/list/live").text
    assert made["urgent"] in live and "Brien" not in live and "9990000" not in live
    with site.store.read() as session:
        assert len(session.exec(select(Event).where(Event.action == "list.viewed")).all()) == len(seen)


def test_no_address_holds_a_value_of_a_patient(site: DeskSite, visit: Visit) -> None:
    many(site)
    visitor = visit("Ann Clerk")
    text = visitor.page("/") + visitor.page(f"/referrals/{codes(visitor.page('/'))[0]}")
    addresses = " ".join(re.findall(r'(?:href|src|action)="([^"]*)"', text))
    for value in ("999", "Brien", "1980", "LS1"):
        assert value not in addresses


def test_sensitive_ones_open_only_to_those_allowed(site: DeskSite, visit: Visit) -> None:
    code = site.referral(
        doubtful=("patient.birth_date",),
        patient__nhs_number="9990000034",
        patient__family_name="Oak",
        patient__birth_date="1951-07-09",
    )
    other = site.referral(
        doubtful=("patient.birth_date",), referral__specialty="Sexual Health", patient__family_name="Willow"
    )
    clerk, leader = visit("Ann Clerk"), visit("Tess", "team leader")
    page = clerk.page("/")
    assert code in page and "Oak" not in page and "Willow" not in page and page.count("Restricted") == 2
    assert "Oak" in leader.page("/")
    for path in (f"/referrals/{code}", f"/referrals/{other}", f"/compare/{code}/{other}"):
        assert clerk.get(path).status_code == 409, path
    picture = re.search(rf"/picture/{code}/\d+\.png", leader.page(f"/referrals/{code}"))
    assert picture and clerk.get(picture[0]).status_code == 409
    assert leader.get(picture[0]).status_code == 200
    assert "Oak" not in clerk.page("/print/pack") and "Oak" not in clerk.get("/export/list.csv").text
    assert clerk.get(f"/api/referrals/{code}").status_code == 409


def test_find_by_code(site: DeskSite, visit: Visit) -> None:
    code, visitor = site.referral(), visit("Ann Clerk")
    assert visitor.get(f"/find?code={code[2:].lower()}").headers["location"] == f"/referrals/{code}"
    missing = visitor.get("/find?code=R-ZZZZ")
    assert (
        missing.status_code == 404 and "There is no referral R-ZZZZ" in missing.text and "`gateway" not in missing.text
    )


def test_the_filter_refuses_what_is_no_code() -> None:
    wanted = Filters.of({"practice": "O'Brien 1980", "specialty": "<b>", "page": "9" * 30})
    assert (wanted.practice, wanted.specialty, wanted.page) == ("", "", 1)


def test_a_list_of_many_stays_quick(site: DeskSite) -> None:
    """Not the measurement itself (bench does that on ten thousand): the number of queries does not grow with the rows."""
    many(site)
    site.person("Ann Clerk")
    import sqlalchemy as sa

    asked: list[str] = []
    sa.event.listen(site.store.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    with site.store.read() as session:
        listed(session, Filters(), find_person(session, "Ann Clerk"), site.clock())
    assert len(asked) < 20
