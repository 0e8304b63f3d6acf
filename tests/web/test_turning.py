"""Pages that a person turns stay turned: the picture, the places of values, the file for e-RS; and what may not be turned."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from sqlmodel import select
from web.conftest import Visitor
from web.desk_samples import HEIGHT, WIDTH, DeskSite

from gateway.enclosure import enclosures
from gateway.errors import Refused, WrongInput
from gateway.referrals import find_referral, readings
from gateway.review import pages_of
from gateway.store import get_blob
from gateway.tables import Event, Page
from gateway.turning import parse_turn, turn_page, turned_box

Visit = Callable[..., Visitor]


def ink(site: DeskSite, code: str) -> float:
    """How dark the page is where the family name should stand: proof that the box lies on its print."""
    with site.store.read() as session:
        referral = find_referral(session, code)
        row = readings(session, referral)["patient.family_name"]
        page = session.get(Page, row.page_id)
        assert page is not None and row.box is not None
        picture = Image.open(io.BytesIO(get_blob(session, page.picture_sha256 or ""))).convert("L")
        assert picture.size == (page.width, page.height)
        left, top, right, bottom = (e * s for e, s in zip(row.box, picture.size * 2, strict=True))
        cut = picture.crop((round(left), round(top), round(right), round(bottom)))
        return sum(cut.histogram()[:128]) / (cut.width * cut.height)


def test_a_turned_page_stays_turned_and_boxes_lie_on_their_print(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(pages=2)
    before = ink(site, code)
    assert before > 0.05
    tick = {"box": [0.1, 0.2, 0.4, 0.25], "ticked": True, "ink": 0.3}
    with site.store.write() as session:
        session.merge(pages_of(session, find_referral(session, code))[0]).ticks = [tick]
    original = visitor.page(f"/referrals/{code}")
    for turn, size in (
        ("right", (HEIGHT, WIDTH)),
        ("right", (WIDTH, HEIGHT)),
        ("left", (HEIGHT, WIDTH)),
        ("left", (WIDTH, HEIGHT)),
    ):
        fields = visitor.hidden(f"/referrals/{code}")
        answer = visitor.post(f"/referrals/{code}/turn", data={**fields, "page": "1", "turn": turn})
        assert answer.status_code == 303 and "told=turned" in answer.headers["location"]
        with site.store.read() as session:
            page = pages_of(session, find_referral(session, code))[0]
        assert (page.ticks == [tick]) is (size == (WIDTH, HEIGHT) and page.turned == 0)
        picture = Image.open(io.BytesIO(visitor.get(f"/picture/{code}/{page.id}.png").content))
        assert picture.size == size
        assert abs(ink(site, code) - before) < 0.02
    assert page.turned == 0 and page.ticks == [tick]
    # turned back it is the very same picture, and the screen shows the same places
    places = [line for line in original.splitlines() if 'id="at-patient-family-name"' in line]
    assert [
        line for line in visitor.page(f"/referrals/{code}").splitlines() if 'id="at-patient-family-name"' in line
    ] == places
    with site.store.read() as session:
        lines = session.exec(select(Event).where(Event.action == "page.turned", Event.subject == code)).all()
    assert [line.data["degrees"] for line in lines] == [90, 90, 270, 270] and {e.author for e in lines} == {"Ann Clerk"}


def test_the_turned_page_is_what_is_sent_printed_and_compared(site: DeskSite, visit: Visit) -> None:
    from pypdf import PdfReader

    visitor, code, other = visit("Ann Clerk"), site.referral(), site.referral()
    visitor.post(f"/referrals/{code}/turn", data={**visitor.hidden(f"/referrals/{code}"), "page": "1", "turn": "right"})
    with site.store.read() as session:
        file = enclosures(session, find_referral(session, code))[0]
    sheet = PdfReader(io.BytesIO(file.content)).pages[0].mediabox
    assert sheet.width > sheet.height
    for path in (f"/referrals/{code}", f"/compare/{code}/{other}"):
        assert f'width="{HEIGHT}" height="{WIDTH}"' in visitor.page(path), path


def test_confirming_needs_a_look_at_the_turned_picture(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(patient__nhs_number="9990000050")
    with site.store.read() as session:
        page = pages_of(session, find_referral(session, code))[0]
    visitor.get(f"/picture/{code}/{page.id}.png")
    visitor.post(f"/referrals/{code}/turn", data={**visitor.hidden(f"/referrals/{code}"), "page": "1", "turn": "over"})
    answer = visitor.post(f"/referrals/{code}/confirm", data=visitor.hidden(f"/referrals/{code}"))
    assert answer.status_code == 409 and "was not displayed to you yet" in answer.text


def test_bad_turns_are_refused_in_words(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral()
    for data, says in (
        ({"page": "9", "turn": "right"}, "has no page 9"),
        ({"page": "1", "turn": "round"}, "turned right, left or over"),
        ({"page": "1", "turn": "right", "version": "99"}, "changed by somebody else"),
    ):
        answer = visitor.post(f"/referrals/{code}/turn", data={**visitor.hidden(f"/referrals/{code}"), **data})
        assert answer.status_code in (409, 422) and says in answer.text, says
    auditor = visit("Aud Itor", "auditor")
    assert (
        auditor.post(f"/referrals/{code}/turn", data={"csrf": auditor.token(), "page": "1", "turn": "left"}).status_code
        == 403
    )
    assert "Turn page 1 left" not in auditor.page(f"/referrals/{code}")
    with pytest.raises(WrongInput):
        parse_turn("45")


def test_a_page_that_is_being_sent_elsewhere_is_not_turned(site: DeskSite) -> None:
    from gateway.rearranging import split

    code = site.referral(pages=2)
    with site.store.write() as session:
        made, _ = split(
            session, find_referral(session, code), [2], "Ann", site.clock(), settings=site.settings, share=True
        )
        made.state = "SENDING"
        session.add(made)
    with site.store.write() as session, pytest.raises(Refused, match="on its way"):
        turn_page(session, find_referral(session, code), 2, 90, "Ann", site.clock())
    with site.store.write() as session:
        turn_page(session, find_referral(session, code), 1, 90, "Ann", site.clock())


def test_boxes_turn_with_the_page() -> None:
    box: list[Any] = [0.1, 0.2, 0.4, 0.25]
    assert turned_box(box, 90) == [0.75, 0.1, 0.8, 0.4]
    assert turned_box(turned_box(box, 90), 270) == box
    assert turned_box(turned_box(box, 90), 90) == turned_box(box, 180)
