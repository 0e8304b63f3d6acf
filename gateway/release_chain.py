"""One referral into e-RS: A010, A011, A020, A012, A016, A005, A019, each resumed at the first step without proof.

The only dangerous step is A011 (ers.md section 8): it runs at most once for each decision of a person, and an unknown outcome makes
the referral UNSURE. Every other step may run again. From the UBRN on, patient, priority and service are frozen.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session

from gateway.ers_views import OfferedService, ReferralView
from gateway.events import record
from gateway.referrals import raise_problem
from gateway.release_arrival import arrived
from gateway.release_journal import CREATE
from gateway.release_letters import put_letters
from gateway.release_line import Line
from gateway.release_proof import differences
from gateway.release_steps import GATEWAY, Aside, Load, Repeats, TryLater, check_before, guard, load, need, read
from gateway.release_unsure import found_after_all
from gateway.states import move
from gateway.tables import Attempt, Referral
from gateway.target import Action, End, Halted, Outcome

TRIES_LATER = 1.0  # minutes until a referral that met trouble is tried again
TRIAGE = "TRIAGE_REQUEST"
ROUNDS = 8
IN_SERVICE = frozenset({"AWAITING_TRIAGE", "DEFERRED_TO_PROVIDER", "BOOKED", "TRIAGED_PROVIDER_TO_ACTION"})


def push(line: Line, referral_id: int) -> End:
    """Carry one SENDING referral as far as it goes."""
    try:
        end = _push(line, referral_id)
        line.gate.understood()
        return end
    except Aside as aside:
        if aside.defect:
            line.gate.not_understood(aside.code.removeprefix("ers_").upper())
        return step_aside(line, referral_id, aside)
    except TryLater:
        return _later(line, referral_id)
    except Halted:
        _put_back(line, referral_id)
        raise


def _push(line: Line, referral_id: int) -> End:
    held = load(line, referral_id)
    if held.referral.ubrn is None:
        check_before(line, held)
        if not found_after_all(line, referral_id):
            offered(line, held)
            if not _create(line, held):
                return End.UNSURE
        held = load(line, referral_id)
    assert held.referral.ubrn is not None
    version = put_letters(line, held) if held.files else None
    patient_books = _send(line, held, version)
    view = read(line, held.id, held.referral.ubrn)
    guard(line, held, view)
    _check_read_back(line, held, view)
    return arrived(line, held, view, patient_books)


def offered(line: Line, held: Load) -> OfferedService:
    """A010: the chosen service must be offered to this patient. Its way of taking referrals is kept with the attempt."""
    found: dict[str, OfferedService] = {}

    def call(correlation: str) -> Outcome:
        answer = line.client.services(held.order, correlation)
        if not answer.done:
            return answer
        found.clear()
        found.update(answer.body)
        service = found.get(held.order.service_id)
        kept = (
            {"offered": len(found), "flow": service.flow, "bookable": service.bookable}
            if service
            else {"offered": len(found)}
        )
        return Outcome("done", Action.GO_ON, "done", answer.status, None, answer.request_id, answer=kept)

    outcome = line.step(held.id, "A010", {"services": [held.order.service_id]}, call)
    need(outcome)
    service = found.get(held.order.service_id)
    if service is None:
        raise Aside(
            "service_not_offered",
            "e-RS does not offer the chosen service for this patient, specialty and priority. Choose another service."
            if found
            else "e-RS offers no service at all for this patient, specialty and priority. Check them, or keep it on the PAS route.",
        )
    if service.letter_required and not held.files:
        raise Aside(
            "letter_required", "The chosen service wants a referral letter, and there is no page. Add the letter."
        )
    return service


def _create(line: Line, held: Load) -> bool:
    """A011. False: nobody knows whether it exists, and the referral is UNSURE."""
    now = line.clock

    def then(session: Session, referral: Referral, attempt: Attempt) -> None:
        if attempt.outcome == "done" and referral.ubrn is None:
            referral.ubrn, referral.ers_version = attempt.answer["ubrn"], attempt.answer["version"]
            session.add(referral)
        elif attempt.outcome == "unsure" and referral.state == "SENDING":
            move(session, referral, "UNSURE", GATEWAY, now(), status=attempt.status)
            referral.next_try_at = now()
            session.add(referral)

    outcome = line.step(
        held.id, CREATE, held.order.kept(), lambda correlation: line.client.create(held.order, correlation), then
    )
    if outcome.kind == "unsure":
        return False
    need(outcome)
    return True


def _send(line: Line, held: Load, version: str | None) -> bool:
    """A016, without which nobody gets the referral. True: the patient books, e-RS does not let it be deferred."""
    flow, bookable = _way(line, held)
    if line.journal.proofs(held.id, "A016"):
        return False
    triage = flow == TRIAGE
    if not triage and bookable == "INDIRECTLY_BOOKABLE":
        return True
    reason, repeats = "TRIAGE" if triage else "NO_SLOTS_AT_SERVICE", Repeats(line)
    for _ in range(ROUNDS):
        if version is None:
            version = _version_to_send(line, held)
        if version is None:
            return False
        outcome = _defer(line, held, version, reason)
        if outcome.done:
            return False
        if outcome.action is Action.SLOTS_FREE:
            return True
        version = None  # whatever it was, read before the next word
        if outcome.action is Action.PAS_REFUSED:
            if triage or reason == "BOOKING_ATTEMPT_PROBLEM":
                raise Aside("pas", "The hospital's own system refused it. Send it on in e-RS itself.")
            reason = "BOOKING_ATTEMPT_PROBLEM"
        else:
            repeats.look_first(outcome)
    raise TryLater


def _defer(line: Line, held: Load, version: str, reason: str) -> Outcome:
    ubrn, order = held.referral.ubrn or "", held.order
    return line.step(
        held.id,
        "A016",
        {"version": version, "reason": reason},
        lambda correlation: line.client.defer(ubrn, version, order.service_id, order.nhs_number, reason, correlation),
    )


def _version_to_send(line: Line, held: Load) -> str | None:
    """The version to send with; None where A005 shows that it was sent already."""
    view = read(line, held.id, held.referral.ubrn or "")
    guard(line, held, view)
    if view.state in IN_SERVICE:
        return None
    if view.state not in ("NOT_BOOKED", ""):
        raise Aside("moved_on", f"The referral is {view.state} in e-RS. Look at it there.")
    return view.version


def _way(line: Line, held: Load) -> tuple[str | None, str | None]:
    """How the service takes referrals: what A010 said, else what review chose."""
    searched = line.journal.proofs(held.id, "A010")
    said = searched[-1].answer if searched else {}
    return said.get("flow") or held.referral.request_flow, said.get("bookable")


def _check_read_back(line: Line, held: Load, view: ReferralView) -> None:
    wrong = differences(held.order, held.files, view)
    if wrong:
        named = ", ".join(sorted({difference.words for difference in wrong}))
        with line.store.write() as session:
            data = {"ubrn": view.ubrn, "fields": sorted({difference.field for difference in wrong})}
            record(session, "ers.alarm", held.referral.code, GATEWAY, line.clock(), data)
        raise Aside("read_back", f"e-RS holds other values than were sent: {named}. Compare and correct it in e-RS.")


def step_aside(line: Line, referral_id: int, aside: Aside) -> End:
    """REFUSED, with its reason: without a UBRN back to review, with one held until a person has looked (P7)."""
    now = line.clock()
    with line.store.write() as session:
        referral = session.get_one(Referral, referral_id)
        move(session, referral, "REFUSED", GATEWAY, now, code=aside.code)
        raise_problem(session, referral, aside.code, aside.says, now, by=GATEWAY)
        if aside.alarm:
            record(session, "ers.alarm", referral.code, GATEWAY, now, {"code": aside.code})
        if referral.ubrn is None:
            move(session, referral, "IN_REVIEW", GATEWAY, now, code=aside.code)
        else:
            referral.hold_why, referral.hold_by = aside.says, GATEWAY
            record(session, "referral.held", referral.code, GATEWAY, now, {"code": aside.code})
        session.add(referral)
    return End.REFUSED


def _later(line: Line, referral_id: int) -> End:
    """Trouble that may pass: with a UBRN REFUSED until its next turn, without one back in the queue."""
    now = line.clock()
    with line.store.write() as session:
        referral = session.get_one(Referral, referral_id)
        move(session, referral, "REFUSED" if referral.ubrn else "READY", GATEWAY, now, why="trouble that may pass")
        referral.next_try_at = now + dt.timedelta(minutes=TRIES_LATER * line.scale)
        session.add(referral)
    return End.LATER


def _put_back(line: Line, referral_id: int) -> None:
    """The release pauses: what has not left for e-RS goes back into the queue, what is half done stays SENDING for the next one."""
    with line.store.write() as session:
        referral = session.get_one(Referral, referral_id)
        # a create without an answer has made it UNSURE already, so nothing of this turn is under way
        if referral.state == "SENDING" and referral.ubrn is None:
            move(session, referral, "READY", GATEWAY, line.clock(), why="the release paused")
            session.add(referral)
