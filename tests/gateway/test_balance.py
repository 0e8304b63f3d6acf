"""P2: the sum holds, and a row of each kind that is removed or doubled shows."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from gateway.balance import balance
from gateway.events import record
from gateway.jobs import OpenedDelivery, OpenedDocument, OpenedFile
from gateway.opening import aside, book, put_aside
from gateway.referrals import NewValue, make_referral
from gateway.states import move
from gateway.store import Store, keep_blob, new_code
from gateway.tables import Attempt, Delivery, Document, Event, Letter, Page, PageUse, Referral


def fill(session: Session, now: dt.datetime) -> None:
    """Two deliveries: one of three pages (two in a referral, one aside), one without a document; an attempt and a letter."""
    for number, pages in enumerate((3, 0)):
        data = f"delivery {number}".encode()
        row = Delivery(
            code=new_code(session, "D"),
            route="upload",
            sha256=keep_blob(session, data, "text/plain"),
            received_at=now,
            arrived_at=now,
            arrival_source="test",
        )
        session.add(row)
        session.flush()
        record(session, "delivery.received", row.code, "test", now)
        file = OpenedFile(f"{number}" * 64, b"paper", "image/tiff", None, None, pages, None)
        found = (OpenedDocument((file,), ()),) if pages else ()
        documents = book(session, None, row, OpenedDelivery(found, (), (), None, None), now)
    document = session.exec(select(Document)).one()
    rows = list(session.exec(select(Page).order_by(Page.number)))  # type: ignore[arg-type]
    move(session, document, "READ", "test", now)
    aside(session, rows[2], "a blank page", "test", now)
    referral = make_referral(
        session,
        fields={"patient.family_name": NewValue("Ashdown", True, 0.99, "test")},
        pages=[rows[0].id or 0, rows[1].id or 0],
        arrived_at=now,
        outage_id=None,
        origin="document",
        form=None,
        by="test",
        now=now,
    )
    move(session, document, "SORTED", "test", now)
    assert documents == []
    session.add(
        Attempt(
            referral_id=referral.id or 0,
            step="A010",
            number=1,
            correlation_id="c",
            operator="o",
            organisation="RXX",
            role="r",
            opened_at=now,
        )
    )
    record(session, "attempt.opened", referral.code, "test", now)
    letter = Letter(
        code="L-2345",
        kind="receipt",
        pdf_sha256=keep_blob(session, b"pdf", "application/pdf"),
        made_at=now,
        state="KEPT",
    )
    session.add(letter)
    record(session, "letter.made", "L-2345", "test", now)


@pytest.fixture
def filled(store: Store, now: dt.datetime) -> Store:
    with store.write() as session:
        fill(session, now)
    return store


def test_the_sum_of_a_whole_store(filled: Store, now: dt.datetime) -> None:
    with filled.read() as session:
        result = balance(session)
    assert (result.pages_received, result.pages_in_referrals, result.pages_set_aside, result.pages_waiting) == (
        3,
        2,
        1,
        0,
    )
    assert result.difference == 0 and result.faults == [] and result.in_order
    shown = result.as_json(now + dt.timedelta(hours=2))
    assert shown["open"] == 2, "the referral, and the message without a document"
    assert shown["oldest_open_hours"] == 2.0


def test_a_page_that_lists_only_the_oldest_open_items_counts_them_all(filled: Store, now: dt.datetime) -> None:
    with filled.write() as session:
        row = session.exec(select(Delivery).where(Delivery.outcome == "no_document")).one()
        row.received_at = now - dt.timedelta(hours=5)
        document = session.exec(select(Document)).one()
        document.state = "STUCK"
    with filled.read() as session:
        every, some = balance(session), balance(session, most=1)
    assert every.open_items[0].kind == "delivery" and len(every.open_items) == 3
    assert {item.reference.count("/") for item in every.open_items if item.kind == "document"} == {1}
    assert some.open_items == every.open_items[:1]
    assert some.open_count == every.open_count == 3 == some.as_json(now)["open"]
    assert some.as_json(now)["oldest_open_hours"] == 5.0


def test_an_empty_store_balances(store: Store) -> None:
    with store.read() as session:
        assert balance(session).in_order


def test_pages_wait_until_their_document_is_sorted(store: Store, now: dt.datetime) -> None:
    with store.write() as session:
        fill(session, now)
        row = session.exec(select(Delivery)).first()
        assert row is not None
        row.outcome = "waiting"
        file = OpenedFile("f" * 64, b"other", "image/tiff", None, None, 5, None)
        row.documents_found, row.pages_received = 0, 0
        before = balance(session)
        book(session, None, row, OpenedDelivery((OpenedDocument((file,), ()),), (), (), None, None), now)
        result = balance(session)
        assert result.pages_waiting == before.pages_waiting + 5
        document = session.exec(select(Document).order_by(Document.id.desc())).first()  # type: ignore[union-attr]
        assert document is not None
        put_aside(session, document, "a duplicate", "test", now)
        assert balance(session).pages_waiting == before.pages_waiting


KINDS = [Delivery, Document, Page, PageUse, Referral, Attempt, Letter, Event]


@pytest.mark.parametrize("table", KINDS, ids=lambda t: t.__name__)
def test_a_removed_row_shows(filled: Store, table: type) -> None:
    with damage(filled) as session:
        keys = list(sa.inspect(table).primary_key)
        newest = session.execute(sa.select(*keys).order_by(keys[0].desc()).limit(1)).one()
        done = session.execute(sa.delete(table).where(*(k == v for k, v in zip(keys, newest, strict=True))))
        assert done.rowcount == 1
    with filled.read() as session:
        assert not balance(session).in_order


@pytest.mark.parametrize("table", [k for k in KINDS if k is not PageUse], ids=lambda t: t.__name__)
def test_a_doubled_row_shows(filled: Store, table: type) -> None:
    with damage(filled) as session:
        row = dict(session.execute(sa.select(table.__table__).limit(1)).mappings().one())
        key = "seq" if table is Event else "id"
        row[key] = 1_000_000
        for unique, other in (("code", "X-ZZZZ"), ("number", 999 if table is Page else 2)):
            if unique in row:
                row[unique] = other
        session.execute(sa.insert(table), [row])
    with filled.read() as session:
        assert not balance(session).in_order


def test_a_page_that_is_linked_and_aside_shows(filled: Store, now: dt.datetime) -> None:
    with filled.write() as session:
        page = session.exec(select(Page).order_by(Page.number)).first()  # type: ignore[arg-type]
        assert page is not None
        aside(session, page, "by mistake", "test", now)
    with filled.read() as session:
        assert balance(session).difference == -1


@contextlib.contextmanager
def damage(store: Store) -> Iterator[sa.Connection]:
    """A connection on which foreign keys hold nothing back, as when a disk or a hand spoils the database."""
    engine = sa.create_engine(store.url)
    with engine.begin() as connection:
        if not store.is_sqlite:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        yield connection
    engine.dispose()
