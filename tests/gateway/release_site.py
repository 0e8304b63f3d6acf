"""A trust with READY referrals and a simulated e-RS beside it: what the release tests play on."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from PIL import Image, ImageDraw
from sqlmodel import col, select

from gateway.events import record
from gateway.referrals import NewValue, make_referral
from gateway.rehearsal.ers_server import RehearsalErs
from gateway.release import ReleaseResult, start_release
from gateway.settings import ErsSettings, OfficeSettings, Settings
from gateway.states import move
from gateway.store import Store, keep_blob, new_code, set_fact
from gateway.tables import Attempt, Delivery, Document, Event, Page, Problem, Referral
from gateway.tables_reference import Service

TRUST = "RXX"
RCA = "REFERRING_CLINICIAN_ADMIN"
CLINICIAN = "555000000101"
SCALE = 1 / 600  # ten minutes take a second


def utc_now() -> dt.datetime:
    """The real clock."""
    return dt.datetime.now(dt.UTC)


def nhs_number(serial: int) -> str:
    """A valid invented number beginning 999."""
    for tail in range(serial * 13, serial * 13 + 1000):
        first = f"999{tail:06d}"
        check = 11 - sum(int(d) * w for d, w in zip(first, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return first + str(check % 11)
    raise AssertionError


def picture(text: str = "A letter", size: tuple[int, int] = (860, 1216)) -> bytes:
    """A page picture as the reader keeps it."""
    page = Image.new("L", size, 255)
    ImageDraw.Draw(page).text((80, 80), text, fill=0)
    out = io.BytesIO()
    page.convert("1").save(out, "PNG")
    return out.getvalue()


@dataclass
class Site:
    """A store, its settings and the e-RS it talks to."""

    store: Store
    settings: Settings
    ers: RehearsalErs
    token: str | None
    scale: float = SCALE
    made: int = 0
    halts: list[str] = field(default_factory=list)

    def add(
        self,
        priority: str = "ROUTINE",
        *,
        service: str = "11002",
        arrived: dt.datetime | None = None,
        pages: int = 1,
        nhs: str | None = None,
        practice: str = "A81001",
        clinician: str | None = CLINICIAN,
        pathway_start: dt.datetime | None = None,
        pictures: list[bytes] | None = None,
    ) -> str:
        """A READY referral; its code."""
        self.made += 1
        now = utc_now()
        arrived = arrived or (now - dt.timedelta(hours=3) + dt.timedelta(milliseconds=137 * self.made))
        with self.store.write() as session:
            found = session.get_one(Service, service)
            delivery = Delivery(
                code=new_code(session, "D"),
                route="smtp",
                sha256=keep_blob(session, f"mail {self.made}".encode(), "message/rfc822"),
                received_at=arrived,
                arrived_at=arrived,
                arrival_source="DATA",
                outcome="documents",
                documents_found=1,
                pages_received=pages,
            )
            session.add(delivery)
            session.flush()
            record(session, "delivery.received", delivery.code, "machine", now)
            document = Document(delivery_id=delivery.id or 0, position=1, pages_received=pages, state="SORTED")
            session.add(document)
            session.flush()
            record(session, "document.made", f"document {document.id}", "machine", now)
            ids: list[int] = []
            for number in range(1, pages + 1):
                content = pictures[number - 1] if pictures else picture(f"referral {self.made} page {number}")
                page = Page(
                    document_id=document.id or 0,
                    number=number,
                    picture_sha256=keep_blob(session, content, "image/png"),
                    lines=[{"text": "Dear colleague", "box": [0.1, 0.1, 0.4, 0.12], "reader": "ppocr"}],
                )
                session.add(page)
                session.flush()
                ids.append(page.id or 0)
            plain = {
                "patient.nhs_number": nhs or nhs_number(self.made),
                "patient.family_name": "Example",
                "patient.birth_date": "1980-02-01",
                "referral.priority": priority,
                "referrer.practice_code": practice,
            }
            referral = make_referral(
                session,
                fields={name: NewValue(value, True, 0.999, "typed") for name, value in plain.items()},
                pages=ids,
                arrived_at=arrived,
                outage_id=None,
                origin="document",
                form=None,
                by="machine",
                now=now,
            )
            referral.service_id, referral.specialty_code = service, found.specialty_code
            referral.clinic_type, referral.request_flow = found.clinic_type, found.request_flow
            referral.referring_clinician = clinician
            if pathway_start is not None:
                referral.pathway_start = pathway_start
            move(session, referral, "READY", "machine", now)
            session.add(referral)
            return referral.code

    def release(self, **more: Any) -> ReleaseResult:
        """Start a release and wait for its end."""
        given: dict[str, Any] = {
            "operator": "Robin Clerk",
            "organisation": TRUST,
            "role": RCA,
            "token": self.token,
            "clock": utc_now,
            "sleep": time.sleep,
            "scale": self.scale,
        }
        return start_release(self.store, self.settings, **{**given, **more})

    def referral(self, code: str) -> Referral:
        """The row."""
        with self.store.read() as session:
            return session.exec(select(Referral).where(Referral.code == code)).one()

    def attempts(self, code: str, step: str | None = None) -> list[Attempt]:
        """Its attempts, oldest first."""
        with self.store.read() as session:
            query = select(Attempt).join(Referral, col(Referral.id) == Attempt.referral_id).where(Referral.code == code)
            if step is not None:
                query = query.where(Attempt.step == step)
            return list(session.exec(query.order_by(col(Attempt.id))))

    def problems(self, code: str) -> list[Problem]:
        """Its open questions."""
        with self.store.read() as session:
            query = select(Problem).join(Referral, col(Referral.id) == Problem.referral_id)
            return list(session.exec(query.where(Referral.code == code, col(Problem.settled_at).is_(None))))

    def events(self, action: str) -> list[Event]:
        """Event lines of one action."""
        with self.store.read() as session:
            return list(session.exec(select(Event).where(Event.action == action).order_by(col(Event.seq))))

    def in_ers(self, nhs: str | None = None) -> list[dict[str, Any]]:
        """What e-RS holds, perhaps for one patient."""
        rows = self.ers.inspect()["referrals"]
        return [row for row in rows if nhs is None or row["patient"] == nhs]


@contextlib.contextmanager
def open_site(store: Store, *, scale: float = SCALE, open_sandbox: bool = False, **ers: Any) -> Iterator[Site]:
    """A rehearsal store with its services, and a simulated e-RS on loopback."""
    from gateway.rehearsal.ers_data import default_services

    with RehearsalErs(clock=utc_now, random=Random(7), scale=1 / scale, open_sandbox=open_sandbox, **ers) as rehearsal:
        with store.write() as session:
            set_fact(session, "rehearsal", "yes")
            for row in default_services():
                session.add(
                    Service(
                        service_id=row.service_id,
                        name=row.name,
                        organisation=row.organisation,
                        specialty_code=row.specialty,
                        clinic_type=row.clinic_type,
                        request_flow=row.flow,
                    )
                )
        settings = Settings(
            ers=ErsSettings(base_url=rehearsal.base_url, token_url=rehearsal.token_url, timeout_seconds=10),
            office=OfficeSettings(ods=TRUST),
        )
        token = None if open_sandbox else rehearsal.tokens.issue("555000000102")["access_token"]
        yield Site(store, settings, rehearsal, token, scale)
