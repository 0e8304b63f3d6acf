"""Whether e-RS is up, and the outage as a record: opened and closed by rule or by a person, stamped on all that arrives meanwhile.

The probe asks one cheap question (A004) and changes its mind only after several equal answers. 401 and 403 mean that e-RS is
reachable but our session is not proven: they never end an outage.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from typing import Literal

from sqlmodel import Session, col, func, select

from gateway.code_tables import refresh
from gateway.errors import NotFound, Refused, WrongInput
from gateway.ers import Ers
from gateway.ers_limits import Limiter
from gateway.ers_signin import OpenSession, application_session
from gateway.events import record, verify_chain
from gateway.settings import Settings
from gateway.store import Store, is_rehearsal, new_code
from gateway.tables import Delivery, Document, Outage, Page, PageUse, Probe, Referral
from gateway.target import Outcome

log = logging.getLogger(__name__)

State = Literal["UP", "DEGRADED", "DOWN", "REACHABLE", "UNKNOWN"]
SLOW_SECONDS = 10.0
PATIENCE = 5.0  # seconds that a look waits for its place in the shared pace; else the next look is soon
RULE = "rule"

_SAYS = {
    "UP": "e-RS answers.",
    "SLOW": "e-RS answers slowly.",
    "ERRORS": "e-RS answers with errors.",
    "GONE": "e-RS cannot be reached.",
    "REFUSED": "e-RS answers, but our session is not proven.",
}


def probe_once(
    store: Store,
    settings: Settings,
    now: dt.datetime,
    client: Ers | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
    scale: float = 1.0,
) -> State:
    """Look once, keep what was seen, open an outage or note its end; returns the state after this look.

    Without a client the application's session is used where it is set up, else none (an open sandbox, or `REACHABLE` at best).
    """
    if not settings.ers.base_url:
        return "UNKNOWN"
    limiter = Limiter(settings.ers.rate_per_second, scale=scale)
    slot = limiter.take(store, now)
    if (ahead := (slot - now).total_seconds()) > PATIENCE:
        return probe_state(store)
    sleep(max(0.0, ahead))
    if client is not None:
        return _look(store, settings, now, client, limiter, sleep)
    with store.read() as session:
        rehearsal = is_rehearsal(session)
    session_ = application_session(settings.ers) or OpenSession()
    organisation, role = settings.office.ods, settings.ers.role
    with Ers(settings.ers, session_, rehearsal=rehearsal, organisation=organisation, role=role) as own:
        return _look(store, settings, now, own, limiter, sleep)


def _look(
    store: Store, settings: Settings, now: dt.datetime, client: Ers, limiter: Limiter, sleep: Callable[[float], None]
) -> State:
    began = time.monotonic()
    outcome = client.code_table("PRIORITY", f"probe-{now.timestamp():.0f}")
    vote = _vote(outcome, time.monotonic() - began)
    with store.write() as session:
        state = note(session, vote, now, settings)
    if state == "UP":

        def fetch(kind: str) -> Outcome:
            sleep(min(PATIENCE, max(0.0, (limiter.take(store, now) - now).total_seconds())))
            return client.code_table(kind, f"tables-{now.timestamp():.0f}")

        refresh(store, fetch, now, RULE, only_old=True)
    return state


def probe_state(store: Store) -> State:
    """The last state that was kept."""
    with store.read() as session:
        row = session.get(Probe, 1)
        return row.state if row else "UNKNOWN"  # type: ignore[return-value]


def _vote(outcome: Outcome, seconds: float) -> str:
    if outcome.done:
        return "SLOW" if seconds > SLOW_SECONDS else "UP"
    if outcome.status in (401, 403):
        return "REFUSED"
    if outcome.status == 429:
        return "SLOW"
    return "GONE" if outcome.status in (None, 503) else "ERRORS"


def note(session: Session, vote: str, now: dt.datetime, settings: Settings) -> State:
    """Weigh one look (UP, SLOW, ERRORS, GONE or REFUSED) against the last ones; the state changes only after several equal ones."""
    ers = settings.ers
    row = session.get(Probe, 1) or Probe(id=1, state="UNKNOWN", since=now, seen_at=now, says="Nobody has looked yet.")
    row.streak = row.streak + 1 if row.streak_state == vote else 1
    row.streak_state, row.seen_at = vote, now
    state = row.state
    if vote == "UP" and (row.streak >= ers.up_after or row.state == "UNKNOWN"):
        state = "UP"
    elif vote == "REFUSED" and row.streak >= ers.up_after:
        state = "REACHABLE"
    elif (vote == "GONE" and row.streak >= ers.down_after) or (vote == "ERRORS" and row.streak >= 2 * ers.down_after):
        state = "DOWN"
    elif vote in ("SLOW", "ERRORS") and row.streak >= ers.down_after and row.state != "DOWN":
        state = "DEGRADED"
    if state != row.state:
        row.state, row.since = state, now
    row.says = _SAYS[vote]
    session.add(row)
    if state == "DOWN":
        first = now - dt.timedelta(seconds=ers.probe_seconds * (row.streak - 1))
        _went_down(session, row, first, now)
    elif state == "UP":
        _came_back(session, now)
    return state  # type: ignore[return-value]


def _went_down(session: Session, row: Probe, first: dt.datetime, now: dt.datetime) -> None:
    outage = current_outage(session)
    if outage is None:
        open_outage(session, by=RULE, why=row.says, now=now, started_at=first)
    elif outage.back_at is not None:
        outage.back_at = None  # away again before it was closed: the same outage
        session.add(outage)


def _came_back(session: Session, now: dt.datetime) -> None:
    outage = current_outage(session)
    if outage is None or outage.back_at is not None:
        return
    outage.back_at = now
    session.add(outage)
    record(session, "outage.back", outage.code, RULE, now)
    log.warning("e-RS answers again; outage %s waits for its release and its closing", outage.code)
    arrived = session.exec(select(func.count()).select_from(Delivery).where(Delivery.outage_id == outage.id)).one()
    taken = session.exec(select(func.count()).select_from(Referral).where(Referral.outage_id == outage.id)).one()
    if outage.opened_by == RULE and not arrived and not taken:
        # nothing came, so there is nothing to balance and nobody needs to sign
        outage.closed_at, outage.closed_by = now, RULE
        session.add(outage)
        record(session, "outage.closed", outage.code, RULE, now, {"nothing_arrived": True})


def current_outage(session: Session) -> Outage | None:
    """The outage that is open: all that arrives is stamped with it until it is closed; None outside one."""
    return session.exec(
        select(Outage).where(col(Outage.closed_at).is_(None)).order_by(col(Outage.id).desc()).limit(1)
    ).first()


def find_outage(session: Session, code: str | None) -> Outage:
    """The outage with this code, or without one the open one; NotFound otherwise."""
    if code is None:
        found = current_outage(session)
        if found is None:
            raise NotFound("outage", "No outage is open.", "See `gateway outage status`.")
        return found
    asked = code.strip().upper()
    found = session.exec(select(Outage).where(Outage.code == asked)).first()
    if found is None:
        raise NotFound("outage", f"There is no outage {asked}.", "See `gateway outage status`.")
    return found


def open_outage(
    session: Session, *, by: str, why: str, now: dt.datetime, started_at: dt.datetime | None = None
) -> Outage:
    """Open an outage by rule or by a person; what arrived since its start is stamped. Refused while one is open."""
    there = current_outage(session)
    if there is not None:
        raise Refused("outage_open", f"The outage {there.code} is open already.", "Move its start, or close it first.")
    start = started_at or now
    _check_start(session, start, now, None)
    outage = Outage(code=new_code(session, "O"), started_at=start, opened_by=by, why=why)
    session.add(outage)
    session.flush()
    stamped = _stamp(session, outage, now)
    record(session, "outage.opened", outage.code, by, now, {"by_rule": by == RULE, "stamped": stamped})
    log.warning("outage %s began", outage.code)
    return outage


def move_start(session: Session, code: str | None, started_at: dt.datetime, *, by: str, now: dt.datetime) -> Outage:
    """Move the start of an outage; what arrived is stamped anew, with an event."""
    outage = find_outage(session, code)
    if outage.closed_at is not None:
        raise Refused("outage_closed", f"The outage {outage.code} is closed.", "A closed outage is not changed.")
    _check_start(session, started_at, now, outage.id)
    outage.started_at = started_at
    session.add(outage)
    session.flush()
    record(session, "outage.moved", outage.code, by, now, {"stamped": _stamp(session, outage, now)})
    return outage


def _check_start(session: Session, start: dt.datetime, now: dt.datetime, own: int | None) -> None:
    if start > now:
        raise WrongInput("start", "An outage cannot start in the future.", "Give the time at which e-RS was lost.")
    last = session.exec(
        select(func.max(Outage.closed_at)).where(col(Outage.id) != own if own is not None else col(Outage.id) > 0)
    ).first()
    if last is not None and start < last:
        raise WrongInput("start", "That is before the end of the outage before it.", "Give a later start.")


def _stamp(session: Session, outage: Outage, now: dt.datetime) -> int:
    """Stamp what arrived from the start on, and take the stamp from what came before it; returns how many changed."""
    changed = 0
    deliveries = session.exec(
        select(Delivery).where(
            ((col(Delivery.outage_id) == outage.id) & (col(Delivery.received_at) < outage.started_at))
            | (col(Delivery.outage_id).is_(None) & (col(Delivery.received_at) >= outage.started_at))
        )
    ).all()
    for delivery in deliveries:
        delivery.outage_id = outage.id if delivery.received_at >= outage.started_at else None
        session.add(delivery)
        changed += 1
    session.flush()
    # a referral goes with the papers it was made from; a typed one by its own arrival
    for referral in session.exec(
        select(Referral).where((col(Referral.outage_id) == outage.id) | col(Referral.outage_id).is_(None))
    ).all():
        wanted = _stamp_of(session, referral, outage)
        if wanted != referral.outage_id:
            referral.outage_id = wanted
            session.add(referral)
            changed += 1
    return changed


def _stamp_of(session: Session, referral: Referral, outage: Outage) -> int | None:
    stamps = session.exec(
        select(Delivery.outage_id)
        .join(Document, col(Document.delivery_id) == Delivery.id)
        .join(Page, col(Page.document_id) == Document.id)
        .join(PageUse, col(PageUse.page_id) == Page.id)
        .where(PageUse.referral_id == referral.id)
    ).all()
    if stamps:
        return outage.id if outage.id in stamps else next((s for s in stamps if s is not None), None)
    return outage.id if referral.arrived_at >= outage.started_at else None


def close_outage(
    session: Session,
    code: str | None,
    *,
    by: str,
    now: dt.datetime,
    balance: Callable[[Session, Outage], tuple[int, Sequence[str]]],
    named: Sequence[str] = (),
) -> Outage:
    """Close and sign. Refused unless the difference of the balance is 0 and nothing is open, or each open item is named (P2).

    `balance` gives (difference, references of what is open). Head and count of the event chain go into the closing line (P10).
    """
    outage = find_outage(session, code)
    if outage.closed_at is not None:
        raise Refused("outage_closed", f"The outage {outage.code} is closed already.", "Nothing to do.")
    if not by.strip() or by == RULE:
        raise WrongInput("by", "An outage is signed by a person.", "Give --by with your name.")
    difference, still_open = balance(session, outage)
    if difference:
        raise Refused(
            "difference",
            f"The balance has a difference of {difference} pages.",
            "Find them first: `gateway balance --outage` says where to look.",
        )
    given = {name.strip().upper() for name in named}
    unnamed = [item for item in still_open if item.upper() not in given]
    if unnamed:
        listed = ", ".join(unnamed[:10]) + (f" and {len(unnamed) - 10} more" if len(unnamed) > 10 else "")
        raise Refused("open_items", f"Still open: {listed}.", "Finish them, or name each with --open to leave it open.")
    outage.closed_at, outage.closed_by = now, by.strip()
    outage.open_items_named = sorted(item for item in still_open if item.upper() in given)
    session.add(outage)
    chain = verify_chain(session)
    data = {
        "named_open": outage.open_items_named,
        "lines": chain.count,
        "head": chain.head,
        "faults": len(chain.faults),
    }
    record(session, "outage.closed", outage.code, by.strip(), now, data)
    return outage
