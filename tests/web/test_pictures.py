"""Pictures and originals: who opened what is an event; a stranger's file leaves only as a download in which nothing runs."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlmodel import select
from web.conftest import Visitor
from web.desk_samples import DeskSite

from gateway.store import keep_blob
from gateway.tables import Delivery, Event

Visit = Callable[..., Visitor]


def test_every_opened_picture_is_an_event(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral(pages=2)
    pictures = re.findall(rf"/picture/{code}/(\d+)\.png", visitor.page(f"/referrals/{code}"))
    for number in pictures:
        assert visitor.get(f"/picture/{code}/{number}.png").content.startswith(b"\x89PNG")
    with site.store.read() as session:
        lines = session.exec(select(Event).where(Event.subject == code, Event.author == "Ann Clerk")).all()
    assert [line.data["page_id"] for line in lines if line.action == "picture.viewed"] == [int(n) for n in pictures]
    assert "values.viewed" in {line.action for line in lines}


def test_a_picture_opens_only_under_its_own_referral(site: DeskSite, visit: Visit) -> None:
    visitor, code, other = visit("Ann Clerk"), site.referral(), site.referral()
    number = re.findall(rf"/picture/{other}/(\d+)\.png", visitor.page(f"/referrals/{other}"))[0]
    assert visitor.get(f"/picture/{code}/{number}.png").status_code == 404
    assert visitor.get(f"/picture/{code}/99999.png").status_code == 404


def test_an_original_is_a_download_in_a_sandbox(site: DeskSite, visit: Visit) -> None:
    visitor = visit("Ann Clerk")
    delivery, _ids, _places = site.paper(name='Bob Elm "x"\r\n<script>.html')
    with site.store.write() as session:
        row = session.exec(select(Delivery).where(Delivery.code == delivery)).one()
        row.sha256 = keep_blob(session, b"<script>alert(1)</script>", "text/html")
        session.add(row)
    answer = visitor.get(f"/original/{delivery}")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{delivery}.bin"'
    assert answer.headers["content-security-policy"].startswith("sandbox")
    with site.store.read() as session:
        assert session.exec(select(Event).where(Event.action == "original.viewed", Event.subject == delivery)).one()


def test_papers_show_their_pictures_and_where_their_pages_are(site: DeskSite, visit: Visit) -> None:
    visitor, code = visit("Ann Clerk"), site.referral()
    delivery = re.findall(r"/arrivals/(D-\w+)", visitor.page(f"/referrals/{code}"))[0]
    page = visitor.page(f"/arrivals/{delivery}")
    assert f'in <a href="/referrals/{code}">' in page
    assert visitor.get(f"/paper-picture/{delivery}/1/1.png").content.startswith(b"\x89PNG")
    assert visitor.get(f"/paper-picture/{delivery}/1/9.png").status_code == 404
