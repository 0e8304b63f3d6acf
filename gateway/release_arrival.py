"""After the last step: SENT, the patient's letter fetched and kept, and CLOSED when the scan has let the files through."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, select

from gateway.ers_views import ReferralView
from gateway.events import record
from gateway.referrals import raise_problem
from gateway.release_line import Line
from gateway.release_steps import GATEWAY, Aside, Load, TryLater, guard, load, read
from gateway.states import move
from gateway.store import keep_blob, new_code
from gateway.tables import Attempt, Letter, Referral
from gateway.target import End, Outcome


def arrived(line: Line, held: Load, view: ReferralView, patient_books: bool) -> End:
    """SENT: read back and right. Its letter is fetched, and it is CLOSED when the scan has let the files through."""
    now = line.clock()
    with line.store.write() as session:
        referral = session.get_one(Referral, held.id)
        if referral.state == "SENDING":
            move(session, referral, "SENT", GATEWAY, now, ubrn=referral.ubrn)
            referral.sent_at = now
        referral.ers_version = view.version
        referral.next_try_at = now
        if patient_books:
            referral.ended_why = "The patient books: post the patient letter."
        session.add(referral)
    patient_letter(line, held)
    return close_when_scanned(line, held, view)


def follow(line: Line, referral_id: int) -> End:
    """A SENT referral: read it again, and close it when its letter is AVAILABLE."""
    try:
        held = load(line, referral_id)
        view = read(line, referral_id, held.referral.ubrn or "")
        guard(line, held, view)
        patient_letter(line, held)
        return close_when_scanned(line, held, view)
    except Aside as aside:
        with line.store.write() as session:
            referral = session.get_one(Referral, referral_id)
            raise_problem(session, referral, aside.code, aside.says, line.clock(), by=GATEWAY)
            referral.next_try_at = None
            session.add(referral)
        return End.WAITING
    except TryLater:
        return _wait_for_scan(line, referral_id)


def close_when_scanned(line: Line, held: Load, view: ReferralView) -> End:
    """A file is not delivered until it is AVAILABLE; a refused one needs a person, one that is PENDING needs time."""
    status = {a.title: a.status for a in view.attachments}
    ours = [status.get(file.name) for file in held.files]
    bad = sorted({str(s) for s in ours if s in ("THREATS_FOUND", "VALIDATION_FAILED")})
    now = line.clock()
    if bad:
        with line.store.write() as session:
            referral = session.get_one(Referral, held.id)
            says = f"e-RS did not let the letter through ({', '.join(bad)}). Replace the letter in e-RS; nobody can read it there."
            raise_problem(session, referral, "letter_refused", says, now, by=GATEWAY)
            referral.next_try_at = None
            session.add(referral)
        return End.WAITING
    if any(s != "AVAILABLE" for s in ours):
        return _wait_for_scan(line, held.id)
    with line.store.write() as session:
        referral = session.get_one(Referral, held.id)
        move(session, referral, "CLOSED", GATEWAY, now, ubrn=referral.ubrn)
        referral.ended_as, referral.next_try_at = "sent", None
        session.add(referral)
        record(session, "referral.ended", referral.code, GATEWAY, now, {"as": "sent"})
    return End.CLOSED


def _wait_for_scan(line: Line, referral_id: int) -> End:
    with line.store.write() as session:
        referral = session.get_one(Referral, referral_id)
        referral.next_try_at = line.clock() + dt.timedelta(minutes=line.settings.ers.scan_minutes * line.scale)
        session.add(referral)
    return End.WAITING


def patient_letter(line: Line, held: Load) -> None:
    """A019: the letter for the patient, kept for a person to post. Where there is none, that does not hold up the referral."""
    with line.store.read() as session:
        there = session.exec(select(Letter.id).where(Letter.referral_id == held.id, Letter.kind == "patient")).first()
    if there is not None:
        return
    ubrn = held.referral.ubrn or ""

    def then(session: Session, referral: Referral, attempt: Attempt) -> None:
        if attempt.outcome != "done":
            return
        letter = Letter(
            code=new_code(session, "L"),
            kind="patient",
            referral_id=referral.id,
            pdf_sha256=keep_blob(session, kept[0], "application/pdf"),
            made_at=line.clock(),
            state="KEPT",
            why="the patient's letter from e-RS: a person posts it",
        )
        session.add(letter)
        record(
            session, "letter.made", letter.code, GATEWAY, line.clock(), {"kind": "patient", "referral": referral.code}
        )

    kept: list[bytes] = []

    def call(correlation: str) -> Outcome:
        outcome = line.client.patient_letter(ubrn, correlation)
        if outcome.done:
            kept[:] = [outcome.body]
        return outcome

    line.step(held.id, "A019", {"ubrn": ubrn}, call, then)
