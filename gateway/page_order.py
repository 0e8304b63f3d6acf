"""The order of a referral's pages, put right by a person; the pages themselves stay where they are counted (P2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session, col, select

from gateway.errors import WrongInput
from gateway.events import record
from gateway.referrals import check_changeable
from gateway.tables import PageUse, Referral


def reorder_pages(session: Session, referral: Referral, order: Sequence[int], by: str, now: dt.datetime) -> None:
    """Put the pages into this order; `order` names each present page number (from 1) exactly once."""
    check_changeable(session, referral, "pages")
    query = select(PageUse).where(PageUse.referral_id == referral.id)
    uses = list(session.exec(query.order_by(col(PageUse.position), col(PageUse.page_id))))
    if sorted(order) != list(range(1, len(uses) + 1)):
        raise WrongInput("order", "Each page must stand in the new order exactly once.", f"As: {_example(len(uses))}.")
    for position, number in enumerate(order, 1):
        uses[number - 1].position = position
        session.add(uses[number - 1])
    referral.version += 1
    session.add(referral)
    record(session, "page.reordered", referral.code, by, now, {"pages": len(uses)})


def _example(pages: int) -> str:
    return " ".join(str(n) for n in (range(pages, 0, -1) if pages < 6 else range(1, pages + 1)))


def parse_order(text: str) -> list[int]:
    """An order as `2 1 3` or `2,1,3`; WrongInput otherwise."""
    parts = text.replace(",", " ").split()
    if not parts or not all(part.isdigit() and len(part) < 5 for part in parts):
        raise WrongInput("order", "That is not an order of pages.", "Write the page numbers with spaces, as 2 1 3.")
    return [int(part) for part in parts]
