"""Opening a delivery in the confined child: documents, pages, flags, duplicates by their bytes, divided mails."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sample_papers import fax_mail, fax_tiff
from sqlmodel import col, select

from gateway import opening
from gateway.balance import balance
from gateway.inbox_views import deliveries, delivery_view, not_duplicate
from gateway.intake import Intake
from gateway.opening import Opening
from gateway.referrals import make_referral
from gateway.resends import earliest_arrival
from gateway.sandbox import Limits
from gateway.store import Store
from gateway.tables import Delivery, Document, Page, PageUse, Referral
from gateway.work import Jobs
from inbox.delivery import Delivery as Arrived

Open = Callable[..., Delivery]


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    found = Jobs(store)
    yield found
    found.close()


@pytest.fixture
def arrive(store: Store, jobs: Jobs, now: dt.datetime) -> Iterator[Callable[..., int]]:
    """Hands a mail in; gives the number of its row."""
    intake = Intake(store, jobs)

    def take(data: bytes, arrived_at: dt.datetime = now, name: str | None = None) -> int:
        code = intake.accept(Arrived("upload" if name else "smtp", data, now, arrived_at, "test", name=name))
        with store.read() as session:
            return session.exec(select(Delivery.id).where(Delivery.code == code)).one() or 0

    yield take
    intake.close()


@pytest.fixture
def opener(store: Store, jobs: Jobs, now: dt.datetime, tmp_path: Path) -> Opening:
    return Opening(store, jobs, tmp_path / "scratch", lambda: now)


@pytest.fixture
def opened(store: Store, arrive: Callable[..., int], opener: Opening) -> Open:
    """Hands a mail in and opens it; gives its row."""

    def do(data: bytes, arrived_at: dt.datetime | None = None, name: str | None = None) -> Delivery:
        number = arrive(data, arrived_at, name) if arrived_at else arrive(data, name=name)
        opener(number)
        return row_of(store, number)

    return do


def row_of(store: Store, number: int | None) -> Delivery:
    with store.read() as session:
        return session.exec(select(Delivery).where(Delivery.id == number)).one()


def documents_of(store: Store, row: Delivery) -> list[Document]:
    with store.read() as session:
        return list(session.exec(select(Document).where(Document.delivery_id == row.id).order_by(col(Document.id))))


def test_a_fax_becomes_a_document_with_its_pages(store: Store, opened: Open, tmp_path: Path) -> None:
    row = opened(fax_mail(fax_tiff(3), subject="New fax from: 01134960011, 3 pages"))
    (document,) = documents_of(store, row)
    assert (row.outcome, row.documents_found, row.pages_received) == ("documents", 1, 3)
    assert (document.state, document.pages_received) == ("RECEIVED", 3)
    with store.read() as session:
        assert [page.number for page in session.exec(select(Page).order_by(col(Page.number)))] == [1, 2, 3]
        result = balance(session)
        assert (result.pages_received, result.pages_waiting, result.difference, result.faults) == (3, 3, 0, [])
        (view,) = deliveries(session)
        assert view["documents"] == [{"pages": 3, "state": "RECEIVED"}] and view["flags"] == []
    assert not list((tmp_path / "scratch").iterdir()), "nothing of it stays in the scratch folder (P8)"


def test_opening_twice_changes_nothing(store: Store, opened: Open, opener: Opening) -> None:
    row = opened(fax_mail(fax_tiff(2)))
    opener(row.id or 0)
    assert len(documents_of(store, row)) == 1
    with store.read() as session:
        assert balance(session).in_order


def test_more_pages_announced_than_found_is_flagged(opened: Open) -> None:
    row = opened(fax_mail(fax_tiff(2), subject="eFax message from 01134960011 - 3 page(s)"))
    assert row.flags == ["page_count_mismatch"]


@pytest.mark.parametrize(
    ("data", "flag", "outcome", "state"),
    [
        (fax_mail(b"%PDF-1.4 cut off", kind="pdf"), "damaged", "documents", "STUCK"),
        (fax_mail(b"PK\x03\x04 a docx", kind="x"), "unsupported_type", "documents", "STUCK"),
        (fax_mail(b"", kind="x"), "empty_attachment", "documents", "STUCK"),
        (fax_mail(subject="Undeliverable: fax"), "bounce", "no_document", None),
        (fax_mail(subject="Automatic reply: out of office"), "auto_reply", "no_document", None),
    ],
    ids=["damaged", "docx", "empty", "bounce", "reply"],
)
def test_what_no_machine_can_read_is_a_work_item(
    store: Store, opened: Open, data: bytes, flag: str, outcome: str, state: str | None
) -> None:
    row = opened(data)
    assert flag in row.flags and row.outcome == outcome
    assert [document.state for document in documents_of(store, row)] == ([state] if state else [])
    with store.read() as session:
        result = balance(session)
        assert result.in_order and len(result.open_items) == 1, "a person sees it until it is dealt with"
        assert delivery_view(session, row.code)["says"], "and is told what to do"


def test_what_breaks_the_child_is_kept_as_one_page_for_a_person(
    store: Store, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "Limits", lambda **_: Limits(wall_seconds=0.0))
    row = opened(fax_mail(fax_tiff(2)))
    (document,) = documents_of(store, row)
    assert (row.flags, row.pages_received, document.state) == (["damaged", "too_large"], 1, "STUCK")
    assert "longer than" in (document.says or "")
    with store.read() as session:
        assert balance(session).in_order


# -- the same bytes -----------------------------------------------------------------------------------------------------------


def test_the_same_paper_in_another_mail_is_a_duplicate(store: Store, opened: Open, now: dt.datetime) -> None:
    paper = fax_tiff(2)
    first = opened(fax_mail(paper, subject="Fax 1"))
    again = opened(fax_mail(paper, subject="Fax 2"))
    assert (again.outcome, again.duplicate_of, again.flags) == ("duplicate", first.id, [])
    assert [d.state for d in documents_of(store, again)] == ["SORTED"]
    third = opened(fax_mail(paper, subject="Fax 3"))
    assert third.duplicate_of == first.id, "all point at the first"
    with store.read() as session:
        result = balance(session)
        assert (result.pages_received, result.pages_set_aside, result.difference, result.faults) == (6, 4, 0, [])
        view = deliveries(session)[1]
        assert (view["outcome"], view["duplicate_of"]) == ("duplicate", first.code)
        assert delivery_view(session, again.code)["duplicate_why"] == "the same bytes arrived before"


def test_one_paper_more_is_no_duplicate(opened: Open) -> None:
    one, two = fax_tiff(1, "one"), fax_tiff(1, "two")
    opened(fax_mail(one))
    assert opened(fax_mail(one, two)).outcome == "documents"


def test_the_same_unreadable_file_again_is_one_work_item(store: Store, opened: Open) -> None:
    data = b"PK\x03\x04 a letter"
    opened(fax_mail(data, kind="x", subject="a"))
    again = opened(fax_mail(data, kind="x", subject="b"))
    assert again.outcome == "duplicate" and [d.state for d in documents_of(store, again)] == ["SORTED"]
    with store.read() as session:
        assert len(balance(session).open_items) == 1


def test_a_mail_without_papers_again_is_a_duplicate_only_with_the_same_bytes(opened: Open) -> None:
    mail = fax_mail(subject="please call back")
    first = opened(mail)
    assert first.outcome == "no_document"
    assert opened(mail).duplicate_of == first.id
    assert opened(fax_mail(subject="please call back again")).outcome == "no_document"


def test_the_earliest_arrival_stays_the_clock_start_whatever_is_opened_first(
    store: Store, opened: Open, now: dt.datetime
) -> None:
    paper, earlier = fax_tiff(1), now - dt.timedelta(hours=7)
    first = opened(fax_mail(paper, subject="late"))
    with store.write() as session:
        page = session.exec(select(Page)).one()
        referral = make_referral(
            session, fields={}, pages=[page.id or 0], arrived_at=first.arrived_at, outage_id=None, origin="document",
            form=None, by="test", now=now,
        )  # fmt: skip
    opened(fax_mail(paper, subject="early"), earlier)
    with store.read() as session:
        row = session.exec(select(Referral).where(Referral.id == referral.id)).one()
        assert row.pathway_start == earlier
        assert earliest_arrival(session, first) == earlier


def test_a_person_can_say_that_it_is_no_duplicate(store: Store, jobs: Jobs, opened: Open, now: dt.datetime) -> None:
    paper = fax_tiff(2)
    opened(fax_mail(paper, subject="a"))
    again = opened(fax_mail(paper, subject="b"))
    assert not_duplicate(store, jobs, again.code, "ann", now) == 1
    row = row_of(store, again.id)
    assert (row.outcome, row.duplicate_of, row.judged_different) == ("documents", None, True)
    assert [d.state for d in documents_of(store, row)] == ["RECEIVED"], "it waits to be read"
    with store.read() as session:
        result = balance(session)
        assert (result.pages_waiting, result.pages_set_aside, result.difference) == (4, 0, 0)


# -- divided mails ------------------------------------------------------------------------------------------------------------


def divided(mail: bytes, count: int) -> list[bytes]:
    size = -(-len(mail) // count)
    return [
        b"From: a@b.example\r\nSubject: fax\r\nMIME-Version: 1.0\r\n"
        + f'Content-Type: message/partial; id="x1@b"; number={n}; total={count}\r\n\r\n'.encode()
        + mail[(n - 1) * size : n * size]
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[::2], ids=str)
def test_pieces_of_a_divided_mail_are_put_together(
    store: Store, opened: Open, now: dt.datetime, order: tuple[int, ...]
) -> None:
    pieces = divided(fax_mail(fax_tiff(2)), 3)
    rows = [opened(pieces[n], now + dt.timedelta(minutes=k)) for k, n in enumerate(order)]
    rows = [row_of(store, row.id) for row in rows]
    assert [row.outcome for row in rows] == ["no_document", "no_document", "documents"]
    assert rows[2].pages_received == 2 and rows[2].arrived_at == now, "its first piece started the clock"
    assert [row.settled_by for row in rows] == ["machine", "machine", None]
    with store.read() as session:
        result = balance(session)
        assert result.in_order and [item.kind for item in result.open_items] == ["document"]


def test_a_missing_piece_is_said(store: Store, opened: Open) -> None:
    pieces = divided(fax_mail(fax_tiff(1)), 3)
    rows = [opened(pieces[0]), opened(pieces[2])]
    assert all("split_message" in row.flags and "part" in (row.says or "") for row in rows)
    with store.read() as session:
        assert len(balance(session).open_items) == 2


def test_a_repeated_piece_is_a_duplicate(store: Store, opened: Open) -> None:
    pieces = divided(fax_mail(fax_tiff(1)), 2)
    first, again, second = opened(pieces[0]), opened(pieces[0]), opened(pieces[1])
    assert again.duplicate_of == first.id and second.outcome == "documents"


def test_pages_have_no_place_in_a_referral_yet(store: Store, opened: Open) -> None:
    opened(fax_mail(fax_tiff(1)))
    with store.read() as session:
        assert session.exec(select(PageUse)).all() == []
