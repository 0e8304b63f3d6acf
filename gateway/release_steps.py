"""What the steps of a release share: a referral as it stands, the ways out of a step, reading it and guarding its patient."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session

from gateway.code_tables import specialty_system, wrong_codes
from gateway.enclosure import LARGEST, Enclosure, enclosures
from gateway.ers_bodies import Order
from gateway.ers_views import ReferralView
from gateway.events import record
from gateway.referrals import values
from gateway.release_line import Line
from gateway.tables import Referral
from gateway.tables_reference import Service
from gateway.target import Action, Outcome
from templates.grammar_codes import nhs_valid

OLDEST = dt.timedelta(days=365)  # of an eReferralPathwayStart (A011)
READ_FIRST = frozenset({Action.READ_AGAIN, Action.LOOK_FIRST, Action.WAIT_UP, Action.PERHAPS_DONE})
GATEWAY = "gateway"  # the author of what the release does by itself


class Aside(Exception):
    """This referral steps aside: a person is asked, the others go on (P7)."""

    def __init__(self, code: str, says: str, *, alarm: bool = False, defect: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.says = says
        self.alarm = alarm or defect
        self.defect = defect  # e-RS found fault with our request itself


class TryLater(Exception):
    """Trouble that may pass: the referral goes on later."""


@dataclass(frozen=True)
class Load:
    """A referral as it stands before a step."""

    referral: Referral
    order: Order
    files: tuple[Enclosure, ...]

    @property
    def id(self) -> int:
        """The row."""
        assert self.referral.id is not None
        return self.referral.id


def load(line: Line, referral_id: int, *, with_files: bool = True) -> Load:
    """Read all that the steps need, in one look."""
    with line.store.read() as session:
        referral = session.get_one(Referral, referral_id)
        files = tuple(enclosures(session, referral)) if with_files else ()
        return Load(referral, order_of(session, referral, line, has_letter=bool(files)), files)


def order_of(session: Session, referral: Referral, line: Line, *, has_letter: bool = True) -> Order:
    """What the referral asks of e-RS. The clock is the pathway start decided in review, else the arrival (P5)."""
    held = {field: str(value) for field, value in values(session, referral).items()}
    service = session.get(Service, referral.service_id) if referral.service_id else None
    settings = line.settings.ers
    return Order(
        nhs_number=held.get("patient.nhs_number", ""),
        priority=held.get("referral.priority", ""),
        specialty=referral.specialty_code or "",
        specialty_system=specialty_system(session, line.client.base, settings.code_system_base),
        clinic_type=referral.clinic_type or "",
        service_id=referral.service_id or "",
        organisation=(service.organisation or None) if service else None,
        # a clinician refers in their own name; an administrator names whose delegate they are (A011)
        clinician=referral.referring_clinician if line.role == "REFERRING_CLINICIAN_ADMIN" else None,
        pathway_start=referral.pathway_start or referral.arrived_at,
        has_letter=has_letter,
    )


def check_before(line: Line, held: Load) -> None:
    """What can be known before any call: the clock, the codes of today's tables, and what e-RS needs at least."""
    now, order = line.clock(), held.order
    if order.pathway_start > now:
        raise Aside("clock", "The clock start lies in the future. Correct it, or the clock of this machine.")
    if now - order.pathway_start > OLDEST:
        raise Aside(
            "clock", "The clock start is more than 365 days ago, and e-RS takes no older one. Decide the clock start."
        )
    if not nhs_valid(order.nhs_number):
        raise Aside("nhs_number", "The NHS number is not valid. Compare it with the letter.")
    if not order.service_id:
        raise Aside("service", "No service is chosen. Choose the service.")
    if any(file.size > LARGEST for file in held.files):
        raise Aside(
            "letter_too_large",
            "A page of the letter is larger than the 5 MB that e-RS takes. Scan it again in black and white, or enter it by hand.",
        )
    if line.role == "REFERRING_CLINICIAN_ADMIN" and not order.clinician:
        raise Aside("clinician", "The signed-in role must name the referring clinician. Choose the clinician.")
    with line.store.read() as session:
        wrong = wrong_codes(session, order.specialty, order.clinic_type, order.priority, now)
    if wrong:
        raise Aside(wrong[0].code, wrong[0].says)


def need(outcome: Outcome) -> None:
    """Go on after a success; otherwise the one way that the outcome leads to."""
    if outcome.done:
        return
    if outcome.action is Action.DEFECT:
        raise Aside(f"ers_{(outcome.code or str(outcome.status)).lower()}", outcome.says, defect=True)
    if outcome.kind == "refused" or outcome.action in (Action.STOP, Action.PAS_REFUSED):
        raise Aside(f"ers_{(outcome.code or str(outcome.status)).lower()}", outcome.says)
    raise TryLater


@dataclass
class Repeats:
    """A write on a referral that is in e-RS: what was answered with a look first, so that it is made again only as often as is right."""

    line: Line
    locked: int = 0
    moved_on: bool = False

    def look_first(self, outcome: Outcome) -> None:
        """Return where the referral is to be read now, and the step judged anew; otherwise leave by the outcome's one way."""
        if outcome.action is Action.LOCKED:
            self.locked += 1
            if not self.line.locked(self.locked):
                raise TryLater
        elif outcome.action is Action.MOVED_ON and not self.moved_on:
            # perhaps by our own word, sent before a crash and done only now
            self.moved_on = True
        elif outcome.action not in READ_FIRST:
            need(outcome)


def read(line: Line, referral_id: int, ubrn: str) -> ReferralView:
    """A005."""
    outcome = line.step(
        referral_id, "A005", {"ubrn": ubrn}, lambda correlation: line.client.referral(ubrn, correlation)
    )
    need(outcome)
    view: ReferralView = outcome.body
    return view


def guard(line: Line, held: Load, view: ReferralView) -> None:
    """At every reading: the right patient, and a referral that lives. A wrong patient is an alarm and stops the release (P3)."""
    if view.nhs_number != held.order.nhs_number:
        with line.store.write() as session:
            data = {"ubrn": view.ubrn, "what": "another patient"}
            record(session, "ers.alarm", held.referral.code, GATEWAY, line.clock(), data)
        line.gate.halt(
            "alarm",
            f"ALARM: e-RS shows another patient under the UBRN of {held.referral.code}. Look at both in e-RS before going on.",
        )
        raise Aside(
            "wrong_patient",
            "ALARM: e-RS shows another patient under this UBRN. Look at it in e-RS at once.",
            alarm=True,
        )
    if view.status == "cancelled" or view.state == "CANCELLED_REFERRAL":
        raise Aside("cancelled_in_ers", "Somebody cancelled this referral in e-RS. Find out why before anything else.")
