"""Cancelling a referral that this gateway created by mistake (A036, RAISED_IN_ERROR): one person's decision about one UBRN.

Final in e-RS, so everything is looked at first: the UBRN is typed by the person, read (A005), and must be the very referral that a
create of ours asked for. The attempt is committed before the call; whatever the answer was, reading back decides (ers.md section 5).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.endings import CANCELLED
from gateway.errors import Later, Refused, WrongInput
from gateway.ers import Ers, check_reach
from gateway.ers_limits import Limiter
from gateway.ers_signin import ErsSession, session_from
from gateway.ers_views import ReferralView
from gateway.events import record
from gateway.field_values import parse_ubrn
from gateway.referrals import find_referral, open_problems, settle
from gateway.release_gate import Gate
from gateway.release_journal import CANCEL, CREATE, Journal
from gateway.release_lease import lease
from gateway.release_line import Line
from gateway.release_steps import Aside, Repeats, TryLater, read
from gateway.release_unsure import cancelled_here, compare
from gateway.settings import Settings
from gateway.states import move
from gateway.store import Store, is_rehearsal
from gateway.tables import Attempt, Referral, Release
from gateway.target import Action, Halted

REASON = "RAISED_IN_ERROR"
REASONS_TABLE = "REFERRAL-CANCELLATION-REASON"
ROLES = ("REFERRING_CLINICIAN", "REFERRING_CLINICIAN_ADMIN")
LONGEST_COMMENT = 2000
ROUNDS = 6
# questions about a double in e-RS that a cancellation answers
ANSWERED = ("second_in_ers", "unsure_several")


@dataclass(frozen=True)
class Cancelled:
    """What was cancelled; `own`: it was the referral's own UBRN, and not a double beside it."""

    referral: str
    ubrn: str
    own: bool


class _OwnBooks(Journal):
    """The books of a person's single act outside a release: same rows, the person's name, no release."""

    def __init__(self, store: Store, by: Release, limiter: Limiter, clock: Callable[[], dt.datetime], patience: float):
        super().__init__(store, None, limiter, clock, patience)
        self._by = by

    def _release(self, session: Session) -> Release:
        return self._by


def cancel_referral(
    store: Store,
    settings: Settings,
    code: str,
    *,
    ubrn: str,
    why: str,
    by: str,
    organisation: str,
    role: str,
    token: str | None = None,
    session: ErsSession | None = None,
    clock: Callable[[], dt.datetime],
    sleep: Callable[[float], None],
    scale: float = 1.0,
) -> Cancelled:
    """Cancel one UBRN of a referral in e-RS as created by mistake, and record it. There is no undo.

    `why` goes into e-RS as the comment. Refused where the UBRN is not ours, the state does not fit or e-RS says no; Later where e-RS
    did not answer (code `ers`, or `ers_` and the reason of Halted): then run it again, it looks before it does anything.
    """
    number, organisation, role = parse_ubrn(ubrn), organisation.strip().upper(), role.strip().upper()
    if role not in ROLES:
        raise WrongInput("role", f"As {role or 'nobody'} nothing can be cancelled.", f"Use {' or '.join(ROLES)}.")
    if not by.strip() or not why.strip():
        raise WrongInput("why", "A cancellation needs a name and its reason.", "Give --by and --why.")
    if len(why.strip()) > LONGEST_COMMENT:
        raise WrongInput("why", "The reason is longer than the 2,000 characters that e-RS takes.", "Shorten it.")
    with store.read() as look:
        rehearsal = is_rehearsal(look)
        referral = find_referral(look, code)
    _check_state(referral, number)
    check_reach(settings.ers.base_url, rehearsal)
    given = session or session_from(token, settings.ers)
    scale = scale if rehearsal else 1.0
    with lease(store), Ers(settings.ers, given, rehearsal=rehearsal, organisation=organisation, role=role) as client:
        line = _line(store, settings, client, by.strip(), organisation, role, clock, sleep, scale)
        try:
            return _cancel(line, referral, number, why.strip())
        except Halted as halted:
            says = f"Nothing is known to be cancelled: {halted.says}"
            raise Later(f"ers_{halted.reason}", says, "Then run it again.") from None
        except Aside as aside:
            raise Refused("ers", aside.says, "Look at it in e-RS.") from None
        except TryLater:
            raise Later("ers", "e-RS did not take it now.", "Run it again in a moment; it looks first.") from None


def _check_state(referral: Referral, ubrn: str) -> None:
    if referral.ubrn == ubrn and referral.state not in ("SENT", "CLOSED"):
        raise Refused(
            "state",
            f"{referral.code} is {referral.state}: its way into e-RS is not at its end.",
            "Let the release finish it, or cancel it in e-RS itself.",
        )
    if referral.state == "SENDING":
        raise Refused("state", f"{referral.code} is being sent.", "Wait until that is over.")


def _line(
    store: Store,
    settings: Settings,
    client: Ers,
    by: str,
    organisation: str,
    role: str,
    clock: Callable[[], dt.datetime],
    sleep: Callable[[float], None],
    scale: float,
) -> Line:
    limiter = Limiter(settings.ers.rate_per_second, scale=scale)
    client.depart = lambda: limiter.leave(clock, sleep)
    who = Release(
        code="", operator=by, organisation=organisation, role=role, state="DRAINING", opened_at=clock(), seen_at=clock()
    )
    books = _OwnBooks(store, who, limiter, clock, settings.ers.timeout_seconds)
    gate = Gate(
        clock=clock,
        sleep=sleep,
        scale=scale,
        away_seconds=settings.ers.away_minutes * 60,
        alive=lambda: line.alive(),
    )
    line = Line(
        store=store,
        settings=settings,
        client=client,
        journal=books,
        limiter=limiter,
        gate=gate,
        clock=clock,
        operator=by,
        organisation=organisation,
        role=role,
        scale=scale,
    )
    return line


def _cancel(line: Line, referral: Referral, ubrn: str, why: str) -> Cancelled:
    assert referral.id is not None
    view = read(line, referral.id, ubrn)
    _check_ours(line, referral, view)
    system = _reason_system(line)
    repeats, first = Repeats(line), view
    for _ in range(ROUNDS):
        if _is_cancelled(view):
            return _recorded(line, referral, ubrn)
        if (view.state, view.services) != (first.state, first.services):
            raise Aside(
                "moved_on", f"The referral has moved on in e-RS meanwhile ({view.state}). Look at it there first."
            )
        version = view.version
        outcome = line.step(
            referral.id,
            CANCEL,
            {"ubrn": ubrn, "version": version, "reason": REASON},
            lambda correlation, v=version: line.client.cancel(ubrn, v, system, REASON, why, correlation),  # type: ignore[misc]
        )
        if outcome.action is Action.PAS_REFUSED:
            raise Aside("pas", "The hospital's own system refused to cancel the appointment. Cancel it there first.")
        if not outcome.done:
            repeats.look_first(outcome)
        # whatever the answer was, the state tells (ers.md section 8)
        view = read(line, referral.id, ubrn)
    if _is_cancelled(view):
        return _recorded(line, referral, ubrn)
    raise TryLater


def _is_cancelled(view: ReferralView) -> bool:
    return view.status == "cancelled" or view.state == "CANCELLED_REFERRAL"


def _check_ours(line: Line, referral: Referral, view: ReferralView) -> None:
    """Only what a create of this referral asked for is ours to cancel; e-RS may not show the clock start of an unbooked one."""
    with line.store.read() as session:
        creates = list(session.exec(select(Attempt).where(Attempt.referral_id == referral.id, Attempt.step == CREATE)))
        other = session.exec(
            select(Referral.code).where(Referral.ubrn == view.ubrn, col(Referral.id) != referral.id)
        ).first()
    if other is not None:
        raise Aside("other", f"{view.ubrn} belongs to {other}. Cancel it there, if that is meant.")
    if not any(compare(attempt, view) in ("exact", "no clock") for attempt in creates):
        raise Aside(
            "not_ours",
            f"{view.ubrn} is not what was sent for {referral.code}: another patient, priority, service or clock start. "
            "Only its own organisation may cancel it, in e-RS itself.",
        )


def _reason_system(line: Line) -> str:
    """A004: the system of the reasons, and whether ours may still be used; a code that has ended must not be sent."""
    answer = line.ask(lambda c: line.client.code_table(REASONS_TABLE, c), may_refuse=True)
    if not answer.done:
        base = (line.settings.ers.code_system_base or line.client.base).rstrip("/")
        return f"{base}/STU3/CodeSystem/{REASONS_TABLE}"
    system, concepts = answer.body
    today = line.clock().date()
    if not any(c.code == REASON and (c.effective_to is None or c.effective_to >= today) for c in concepts):
        raise Aside("reason", f"e-RS has ended the reason {REASON}. Cancel it in e-RS itself.")
    return str(system)


def _recorded(line: Line, referral: Referral, ubrn: str) -> Cancelled:
    now, by = line.clock(), line.operator
    with line.store.write() as session:
        row = find_referral(session, referral.code)
        own = row.ubrn == ubrn
        if ubrn in cancelled_here(session, referral.id or 0):
            return Cancelled(referral.code, ubrn, own)  # asked for a second time
        if own:
            if row.state == "SENT":
                move(session, row, "CLOSED", by, now, ubrn=ubrn)
            row.ended_as, row.next_try_at = CANCELLED, None
        else:
            _close_create(session, row, ubrn, by, now)
            if row.state == "UNSURE":
                row.next_try_at = now  # what is left is looked for again
            settle(session, row, [p for p in open_problems(session, row) if p.code in ANSWERED], by, now)
        session.add(row)
        record(session, "referral.cancelled", row.code, by, now, {"ubrn": ubrn, "reason": REASON, "own": own})
    return Cancelled(referral.code, ubrn, own)


def _close_create(session: Session, referral: Referral, ubrn: str, by: str, now: dt.datetime) -> None:
    """A lost create that became a double is known now, and over."""
    query = select(Attempt).where(
        Attempt.referral_id == referral.id, Attempt.step == CREATE, col(Attempt.closed_at).is_(None)
    )
    unknown = list(session.exec(query.order_by(col(Attempt.id))))
    # of several unknown ones nobody can say which it was; the newest stays open for the one that is kept
    for attempt in unknown[: 1 if referral.ubrn or len(unknown) > 1 else 0]:
        attempt.outcome, attempt.closed_at = "done", now
        # not under `ubrn`, by which a late answer is taken up
        attempt.answer = {**attempt.answer, "cancelled": ubrn, "matched_by": f"{by} cancelled it as raised in error"}
        session.add(attempt)
        data = {"step": CREATE, "number": attempt.number, "outcome": "done", "status": None}
        record(session, "attempt.closed", referral.code, by, now, data)
