"""Pages turned by a person: the picture, its words, the places of values and what was drawn on it turn together and stay so.

The original is never touched: the turned picture is a new one beside it, and whoever confirms must look at that one (P3).
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence

from PIL import Image
from sqlmodel import Session, col, select

from gateway.errors import Refused, WrongInput
from gateway.events import record
from gateway.referrals import OPEN_TO_CHANGE, check_changeable
from gateway.review import pages_of
from gateway.store import get_blob, keep_blob
from gateway.tables import Page, PageUse, Reading, Referral
from gateway.tables_desk import FormDraft

_ENDED = frozenset({"CLOSED", "WITHDRAWN"})
_CLOCKWISE = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def parse_turn(text: str) -> int:
    """Degrees clockwise from `right`, `left`, `over` or a number; WrongInput otherwise."""
    named = {"right": 90, "left": 270, "over": 180}.get(text.strip().lower(), text.strip())
    if str(named) not in ("90", "180", "270"):
        raise WrongInput("turn", "A page is turned right, left or over.", "Say right (90), over (180) or left (270).")
    return int(named)


def turn_page(session: Session, referral: Referral, number: int, degrees: int, by: str, now: dt.datetime) -> Page:
    """Turn page `number` (from 1) of a referral clockwise by 90, 180 or 270 degrees; it stays turned wherever it is shown."""
    check_changeable(session, referral, "pages")
    pages = pages_of(session, referral)
    if not 1 <= number <= len(pages):
        raise WrongInput("page", f"{referral.code} has no page {number}.", f"It has pages 1 to {len(pages)}.")
    page = pages[number - 1]
    if page.picture_sha256 is None:
        raise Refused("page", f"Page {number} has no picture to turn.", "Open the original instead.")
    others = _others(session, page, referral)
    for other in others:
        # what was or is being sent of these pages must stay what it was (P4)
        if other.state not in OPEN_TO_CHANGE | _ENDED:
            raise Refused("page", f"The page also belongs to {other.code}, which is on its way.", "Turn it later.")
    with Image.open(io.BytesIO(get_blob(session, page.picture_sha256))) as picture:
        out = io.BytesIO()
        picture.transpose(_CLOCKWISE[degrees]).save(out, "PNG")
    page.picture_sha256 = keep_blob(session, out.getvalue(), "image/png")
    page.lines = [{**line, "box": turned_box(line["box"], degrees)} if line.get("box") else line for line in page.lines]
    page.ticks = page.ticks and [{**tick, "box": turned_box(tick["box"], degrees)} for tick in page.ticks]
    page.turned = (page.turned + degrees) % 360
    if degrees != 180:
        page.width, page.height = page.height, page.width
    session.add(page)
    for row in session.exec(select(Reading).where(Reading.page_id == page.id, col(Reading.box).is_not(None))):
        if row.box:
            row.box = turned_box(row.box, degrees)
            session.add(row)
    for draft in session.exec(select(FormDraft).where(FormDraft.page_id == page.id)):
        draft.drawn = {
            **draft.drawn,
            **{
                part: [{**one, "box": turned_box(one["box"], degrees)} for one in draft.drawn.get(part, ())]
                for part in ("zones", "marks")
            },
        }
        draft.version += 1
        session.add(draft)
    for changed in (referral, *others):
        changed.version += 1
        session.add(changed)
    data = {"page": number, "page_id": page.id, "degrees": degrees}
    record(session, "page.turned", referral.code, by, now, data)
    return page


def turned_box(box: Sequence[float], degrees: int) -> list[float]:
    """A box (left, top, right, bottom as fractions) where it lies after the page was turned clockwise."""
    left, top, right, bottom = box
    turned = {
        90: (1 - bottom, left, 1 - top, right),
        180: (1 - right, 1 - bottom, 1 - left, 1 - top),
        270: (top, 1 - right, bottom, 1 - left),
    }[degrees]
    return [round(edge, 6) for edge in turned]


def _others(session: Session, page: Page, referral: Referral) -> list[Referral]:
    query = select(Referral).join(PageUse, col(PageUse.referral_id) == Referral.id).where(PageUse.page_id == page.id)
    return list(session.exec(query.where(col(Referral.id) != referral.id)))
