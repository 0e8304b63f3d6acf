"""Sorting: what was read on a document becomes referrals with their questions; every other page is set aside with its reason.

Nothing is dropped by a machine: a document that looks like no referral at all becomes a referral to be looked at, which a person
sets aside with one decision. Only covers, blank pages and the like beside a referral are set aside at once (P2).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.checks import Judged, JudgedPart, PracticeLike, judge
from gateway.duplicates import SIX_WEEKS, find_duplicates
from gateway.events import record
from gateway.opening import aside
from gateway.patient_store import DbPatientIndex
from gateway.referrals import NewValue, make_referral, raise_problem, values, weigh
from gateway.resends import earliest_arrival
from gateway.settings import Settings
from gateway.states import move
from gateway.tables import Delivery, Document, Page, Reading, Referral
from gateway.tables_reference import Patient, Practice
from templates.reading import DocumentReading, Reason

MACHINE = "machine"


class DbPractices:
    """The imported practice list, as the checks ask it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_code(self, code: str) -> PracticeLike | None:
        """The practice of that ODS code, or None."""
        return self._session.get(Practice, code)


@dataclass(frozen=True)
class Sorter:
    """Turns readings into rows, inside the transaction that also marks the document as sorted."""

    settings: Settings

    def sort(self, session: Session, document: Document, reading: DocumentReading, now: dt.datetime) -> list[Referral]:
        """Make the referrals of a document that was just READ and move it to SORTED."""
        delivery = session.get(Delivery, document.delivery_id)
        assert delivery is not None
        pages = {
            page.number: page
            for page in session.exec(select(Page).where(Page.document_id == document.id).order_by(col(Page.number)))
        }
        judged = self._judge(session, reading, now)
        made = []
        for part in judged.parts:
            numbers = _of_part(part, judged, reading, pages)
            made.append(self._make(session, delivery, part, numbers, pages, judged.reasons, now))
        if not judged.parts:
            made.append(self._unlike(session, delivery, reading, pages, now))
        placed = {number for part in judged.parts for number in _of_part(part, judged, reading, pages)} or set(pages)
        for number, page in pages.items():
            if number not in placed:
                aside(session, page, reading.other_pages.get(number, "Belongs to no referral."), MACHINE, now)
        move(session, document, "SORTED", MACHINE, now, referrals=[referral.code for referral in made])
        return made

    def ask(self, session: Session, referral: Referral, code: str, says: str, now: dt.datetime) -> None:
        """Raise a question on a referral and weigh it again."""
        raise_problem(session, referral, code, says, now)
        weigh(session, referral, now, settings=self.settings)

    def _judge(self, session: Session, reading: DocumentReading, now: dt.datetime) -> Judged:
        indexed = session.exec(select(Patient.id).limit(1)).first() is not None
        listed = session.exec(select(Practice.code).limit(1)).first() is not None
        index = DbPatientIndex(session) if indexed else None
        return judge(reading, index, DbPractices(session) if listed else None, now.date())

    def _make(
        self,
        session: Session,
        delivery: Delivery,
        part: JudgedPart,
        numbers: Sequence[int],
        pages: Mapping[int, Page],
        reasons: Sequence[Reason],
        now: dt.datetime,
    ) -> Referral:
        fields = {
            name: NewValue(
                value=found.reading.value,
                accepted=found.accepted,
                confidence=found.confidence,
                how=found.how,
                page_id=pages[found.reading.page].id,
                box=found.reading.box.as_list(),
            )
            for name, found in part.fields.items()
        }
        return self._book(
            session,
            delivery,
            fields,
            [pages[n] for n in numbers],
            part.part.form,
            [*reasons, *part.reasons],
            pages,
            now,
        )

    def _unlike(
        self,
        session: Session,
        delivery: Delivery,
        reading: DocumentReading,
        pages: Mapping[int, Page],
        now: dt.datetime,
    ) -> Referral:
        """A document that looks like no referral: kept as one to be looked at, with what the machine took it for."""
        taken_for = ", ".join(sorted({why.rstrip(".") for why in reading.other_pages.values()})) or "no referral"
        says = f"This looks like {taken_for}: set it aside when that is right, or type in what it asks for."
        reasons = [*reading.reasons, Reason("not_a_referral", says)]
        return self._book(session, delivery, {}, list(pages.values()), None, reasons, pages, now)

    def _book(
        self,
        session: Session,
        delivery: Delivery,
        fields: dict[str, NewValue],
        own: Sequence[Page],
        form: str | None,
        reasons: Sequence[Reason],
        pages: Mapping[int, Page],
        now: dt.datetime,
    ) -> Referral:
        referral = make_referral(
            session,
            fields=fields,
            pages=[page.id or 0 for page in own],
            arrived_at=earliest_arrival(session, delivery),
            outage_id=delivery.outage_id,
            origin="document",
            form=form,
            by=MACHINE,
            now=now,
        )
        for flag, says in _DOUBTS_OF_TRANSPORT.items():
            if flag in delivery.flags:
                raise_problem(session, referral, flag, says, now)
        for page in own:
            if page.failure:
                raise_problem(
                    session, referral, "page_failed", f"Page {page.number}: {page.failure}", now, page_id=page.id
                )
        for reason in reasons:
            about = pages.get(reason.page) if reason.page else None
            raise_problem(
                session,
                referral,
                reason.code,
                reason.says,
                now,
                field=reason.field,
                page_id=about.id if about else None,
            )
        weigh(session, referral, now, settings=self.settings)
        if any(is_supplement(page) for page in own):
            self._supplement(session, referral, now)
        return referral

    def _supplement(self, session: Session, referral: Referral, now: dt.datetime) -> None:
        """It says that it adds to an earlier referral: tied to that one's clock, and a person decides (office section 5)."""
        earlier = same_patient_before(session, referral)
        if earlier is None:
            says = "It says that it adds to an earlier referral, which is not here: look for that one before a clock is started."
            self.ask(session, referral, "supplement", says, now)
            return
        referral.possible_duplicate_of = referral.possible_duplicate_of or earlier.id
        referral.pathway_start = earlier.pathway_start or earlier.arrived_at
        referral.pathway_start_why = f"{earlier.code}, to which it adds, arrived first"
        session.add(referral)
        record(session, "referral.linked", referral.code, MACHINE, now, {"to": earlier.code, "why": "a supplement"})
        says = f"It says that it adds to an earlier referral, probably {earlier.code}: join the two, or say that it is another ask."
        self.ask(session, referral, "supplement", says, now)


_SUPPLEMENT = re.compile(
    r"further to (?:my|our|the|this) (?:recent |previous |earlier |original |last )?(?:referral|letter|fax|request)"
    r"|\baddendum\b|supplement(?:ary|al)? (?:to|letter|information)"
    r"|(?:additional|further|more) information (?:to|for|on|about|regarding) (?:my|our) (?:\w+ )?referral",
    re.I,
)


def is_supplement(page: Page) -> bool:
    """Whether the words of the page say that it adds to an earlier referral."""
    return bool(_SUPPLEMENT.search(" ".join(str(line["text"]) for line in page.lines)))


def same_patient_before(session: Session, referral: Referral) -> Referral | None:
    """The latest earlier referral of the same patient that is not withdrawn, of the same specialty where there is one."""
    alike = [d.other for d in find_duplicates(session, referral) if d.other.arrived_at <= referral.arrived_at]
    if alike:
        return alike[-1]
    number = values(session, referral).get("patient.nhs_number")
    if not number:
        return None
    query = (
        select(Referral)
        .join(Reading, col(Reading.referral_id) == Referral.id)
        .where(
            sa.text("field = 'patient.nhs_number'"),
            Reading.value == number,
            col(Reading.current),
            col(Referral.id) != referral.id,
            Referral.state != "WITHDRAWN",
            col(Referral.arrived_at).between(referral.arrived_at - SIX_WEEKS, referral.arrived_at),
        )
    )
    return session.exec(query.order_by(col(Referral.arrived_at).desc())).first()


_DOUBTS_OF_TRANSPORT = {
    "partial_fax": "The fax server says that the call broke or had errors: a page may be missing or damaged.",
    "page_count_mismatch": "The sender announced another number of pages than arrived: a page may be missing.",
}


def _of_part(part: JudgedPart, judged: Judged, reading: DocumentReading, pages: Mapping[int, Page]) -> list[int]:
    """The pages of a part; with one part alone, also those that could not be read, so that a person sees them with it."""
    numbers = list(part.part.pages)
    if len(judged.parts) == 1:
        numbers += [n for n, page in pages.items() if page.failure and n not in numbers]
    return numbers
