"""Sorting: what was read on a document becomes referrals with their questions; every other page is set aside with its reason.

Nothing is dropped by a machine: a document that looks like no referral at all becomes a referral to be looked at, which a person
sets aside with one decision. Only covers, blank pages and the like beside a referral are set aside at once (P2).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.checks import Judged, JudgedPart, PracticeLike, judge
from gateway.opening import aside
from gateway.patient_store import DbPatientIndex
from gateway.referrals import NewValue, make_referral, raise_problem, weigh
from gateway.settings import Settings
from gateway.states import move
from gateway.tables import Delivery, Document, Page, Patient, Practice, Referral
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
            arrived_at=delivery.arrived_at,
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
        return referral


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
