"""Pages put where they belong by a person: aside with a reason, into another referral, or typed because no machine can read.

Every page keeps exactly one kind of place: in a referral, aside, or waiting (P2). Originals are never touched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from gateway.desk_words import whole_number
from gateway.endings import DUPLICATE, withdraw
from gateway.errors import NotFound, Refused, WrongInput
from gateway.events import record
from gateway.field_values import check_field, parse_value
from gateway.opening import aside, put_aside
from gateway.referrals import (
    NewValue,
    Weighed,
    check_changeable,
    make_referral,
    raise_problem,
    readings,
    replace_reading,
    weigh,
)
from gateway.review import pages_of
from gateway.settings import Settings
from gateway.states import move
from gateway.tables import Delivery, Document, Page, PageUse, Referral
from templates.reading import FIELDS


def find_delivery(session: Session, reference: str) -> tuple[Delivery, int | None]:
    """The delivery of `D-7K2M`, with the document's position for `D-7K2M/2`; NotFound otherwise."""
    code, _, position = reference.strip().upper().partition("/")
    delivery = session.exec(select(Delivery).where(Delivery.code == code)).first()
    number = whole_number(position)
    if delivery is None or (position and number is None):
        raise NotFound(
            "delivery", f"There is no delivery {code}.", "See `gateway inbox list` or `gateway review list`."
        )
    return delivery, number


def _stuck(session: Session, delivery: Delivery, position: int | None) -> list[Document]:
    query = select(Document).where(Document.delivery_id == delivery.id, Document.state == "STUCK")
    if position is not None:
        query = query.where(Document.position == position)
    return list(session.exec(query.order_by(col(Document.position))))


def aside_delivery(session: Session, reference: str, why: str, by: str, now: dt.datetime) -> int:
    """Deal with a delivery: its unreadable documents are set aside, or, where it has no document, it is settled. How many pages."""
    if not why.strip():
        raise WrongInput("reason", "Setting aside needs its reason.", "Say with --why.")
    delivery, position = find_delivery(session, reference)
    stuck = _stuck(session, delivery, position)
    for document in stuck:
        put_aside(session, document, why.strip(), by, now)
    if stuck:
        return sum(document.pages_received for document in stuck)
    if delivery.outcome != "no_document" or delivery.settled_by is not None:
        raise Refused(
            "delivery",
            f"Nothing of {delivery.code} waits for a person.",
            "Set a referral or its pages aside instead: `gateway review aside R-...`.",
        )
    delivery.settled_by, delivery.settled_why = by, why.strip()
    session.add(delivery)
    record(session, "delivery.settled", delivery.code, by, now)
    return 0


def type_from(
    session: Session, reference: str, fields: Mapping[str, str], by: str, now: dt.datetime, *, settings: Settings
) -> tuple[Referral, Weighed]:
    """A person typed what an unreadable document says: its pages become a referral, confirmed only when they `approve` it."""
    delivery, position = find_delivery(session, reference)
    stuck = _stuck(session, delivery, position)
    if not stuck:
        raise Refused("delivery", f"No document of {delivery.code} waits to be typed.", "See `gateway review list`.")
    values = {
        check_field(name): NewValue(parse_value(check_field(name), value, now), True, 1.0, f"typed by {by}")
        for name, value in fields.items()
    }
    ids = [d.id for d in stuck]
    query = select(Page).where(col(Page.document_id).in_(ids), col(Page.aside_why).is_(None))
    pages = session.exec(query.join(Document).order_by(col(Document.position), col(Page.number))).all()
    referral = make_referral(
        session,
        fields=values,
        pages=[page.id for page in pages if page.id is not None],
        arrived_at=delivery.arrived_at,
        outage_id=delivery.outage_id,
        origin="document",
        form=None,
        by=by,
        now=now,
    )
    for document in stuck:
        move(session, document, "SORTED", by, now)
    return referral, weigh(session, referral, now, settings=settings, by=by)


def _chosen_pages(session: Session, referral: Referral, numbers: Sequence[int]) -> list[Page]:
    pages = pages_of(session, referral)
    wrong = [n for n in numbers if not 1 <= n <= len(pages)]
    if wrong or not numbers:
        says = f"{referral.code} has no page {wrong[0]}." if wrong else "No page was named."
        raise WrongInput("page", says, f"It has pages 1 to {len(pages)}." if pages else "It was typed in.")
    return [pages[n - 1] for n in dict.fromkeys(numbers)]


def _leave_one(referral: Referral, session: Session, leaving: Sequence[Page]) -> None:
    if len(leaving) == len(pages_of(session, referral)):
        raise Refused(
            "page",
            f"These are all pages of {referral.code}.",
            f"Set the whole referral aside, or join it to another: `gateway review join OTHER {referral.code}`.",
        )


def _unlink(session: Session, referral: Referral, page: Page) -> bool:
    """Take a page out of a referral; whether no other referral holds it now."""
    use = session.get(PageUse, (page.id, referral.id))
    if use is not None:
        session.delete(use)
        session.flush()
    return session.exec(select(PageUse.page_id).where(PageUse.page_id == page.id)).first() is None


def aside_pages(
    session: Session,
    referral: Referral,
    numbers: Sequence[int],
    why: str,
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
) -> Weighed:
    """Set single pages of a referral aside (a cover, an advert), with the reason. Values read from them fall away."""
    check_changeable(session, referral, "pages")
    if not why.strip():
        raise WrongInput("reason", "Setting aside needs its reason.", "Say with --why.")
    pages = _chosen_pages(session, referral, numbers)
    _leave_one(referral, session, pages)
    _drop_values(session, referral, pages, by, now)
    for page in pages:
        if _unlink(session, referral, page):
            aside(session, page, why.strip(), by, now)
    _changed(session, referral)
    return weigh(session, referral, now, settings=settings, by=by)


def _drop_values(
    session: Session, referral: Referral, pages: Sequence[Page], by: str, now: dt.datetime
) -> dict[str, NewValue]:
    """Values that stood on these pages are no longer in force; they are given back for a referral that takes the pages."""
    leaving = {page.id for page in pages}
    gone = {}
    for field, row in readings(session, referral).items():
        if field in FIELDS and row.page_id in leaving:
            gone[field] = NewValue(row.value or "", row.accepted, row.confidence, row.how, row.page_id, row.box)
            replace_reading(session, referral, field, NewValue("", False, 0.0, "its page was taken away"), by, now)
    if gone:
        referral.confirmed_by = referral.confirmed_at = None
    return gone


def _changed(session: Session, referral: Referral) -> None:
    referral.version += 1
    session.add(referral)


def split(
    session: Session,
    referral: Referral,
    numbers: Sequence[int],
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
    share: bool = False,
) -> tuple[Referral, Weighed]:
    """Put pages into a new referral with the same arrival; values that stood on them go with them. `share` leaves them here too."""
    check_changeable(session, referral, "pages")
    pages = _chosen_pages(session, referral, numbers)
    values: dict[str, NewValue] = {}
    if not share:
        _leave_one(referral, session, pages)
        values = _drop_values(session, referral, pages, by, now)
        for page in pages:
            _unlink(session, referral, page)
    made = make_referral(
        session,
        fields=values,
        pages=[page.id for page in pages if page.id is not None],
        arrived_at=referral.arrived_at,
        outage_id=referral.outage_id,
        origin="document",
        form=None,
        by=by,
        now=now,
    )
    for page in pages:
        record(
            session, "page.moved", f"page {page.id}", by, now, {"from": referral.code, "to": made.code, "shared": share}
        )
    _changed(session, referral)
    says = f"It was split from {referral.code}: compare its values with its pages."
    raise_problem(session, made, "split", says, now, by=by)
    weigh(session, referral, now, settings=settings, by=by)
    return made, weigh(session, made, now, settings=settings, by=by)


def join(
    session: Session, kept: Referral, ended: Referral, by: str, now: dt.datetime, *, settings: Settings
) -> Weighed:
    """Put all pages of one referral behind those of another; the first is withdrawn as its duplicate, the earlier clock stays."""
    if kept.id == ended.id:
        raise WrongInput("join", f"{kept.code} cannot be joined to itself.", "Name two referrals.")
    check_changeable(session, kept, "pages")
    check_changeable(session, ended, "pages")
    have = {page.id for page in pages_of(session, kept)}
    position = len(have)
    for page in pages_of(session, ended):
        _unlink(session, ended, page)
        if page.id is not None and page.id not in have:
            position += 1
            assert kept.id is not None
            session.add(PageUse(page_id=page.id, referral_id=kept.id, position=position))
        record(session, "page.moved", f"page {page.id}", by, now, {"from": ended.code, "to": kept.code})
    withdraw(session, ended, DUPLICATE, "its pages were joined", by, now, other=kept)
    if kept.possible_duplicate_of == ended.id:
        kept.possible_duplicate_of = None
    _changed(session, kept)
    says = f"Pages of {ended.code} were joined: compare the values with all pages."
    raise_problem(session, kept, "joined", says, now, by=by)
    return weigh(session, kept, now, settings=settings, by=by)


def find_page(session: Session, reference: str, number: int) -> Page:
    """A page of a document, as `D-7K2M/1` and its number; NotFound otherwise."""
    delivery, position = find_delivery(session, reference)
    query = select(Page).join(Document).where(Document.delivery_id == delivery.id, Document.position == (position or 1))
    page = session.exec(query.where(Page.number == number)).first()
    if page is None:
        raise NotFound("page", f"{reference.upper()} has no page {number}.", "See `gateway inbox show`.")
    return page


def page_back(
    session: Session, page: Page, by: str, now: dt.datetime, referral: Referral, *, settings: Settings
) -> Weighed:
    """Take a page that was set aside back into a referral: setting aside can be undone."""
    check_changeable(session, referral, "pages")
    if page.aside_why is None or page.id is None or referral.id is None:
        raise Refused("page", "This page is not set aside.", "See `gateway review show`.")
    page.aside_why = page.aside_by = page.aside_at = None
    session.add(page)
    session.add(PageUse(page_id=page.id, referral_id=referral.id, position=len(pages_of(session, referral)) + 1))
    record(session, "page.back", f"page {page.id}", by, now, {"to": referral.code})
    _changed(session, referral)
    return weigh(session, referral, now, settings=settings, by=by)
