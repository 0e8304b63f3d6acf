"""A desk with invented papers: drawn pages with the places of their values, and a door that serves them on a free port."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from gateway.events import record
from gateway.outage import current_outage
from gateway.people import add_person
from gateway.reference import import_reference
from gateway.referrals import NewValue, find_referral, make_referral, raise_problem, weigh
from gateway.settings import Settings
from gateway.states import move
from gateway.store import Store, keep_blob, new_code, open_store
from gateway.tables import Attempt, Delivery, Document, Page
from gateway.web_server import WebDoor

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
PASSWORD = "brass-tulip-harbour"
WIDTH, HEIGHT = 1000, 1414

SITE = {
    "practices": "".join(
        f"{code},{name},{',' * 7}{postcode},19740401,,A,{',' * 4}{phone}{',' * 7},4,\n"
        for code, name, postcode, phone in (
            ("A98001", "CASTLE HILL SURGERY", "LS1 1AA", "0113 496 0001"),
            ("A98003", "RIVERSIDE", "LS1 1AC", "0113 496 0003"),
        )
    ),
    "services": (
        "service_id,name,organisation,specialty_code,clinic_type,request_flow,words\n"
        "11002,Heart Failure Triage,RXX,CARDIOLOGY,HEART_FAILURE,TRIAGE_REQUEST,heart failure\n"
        "11010,Dermatology Triage,RXX,DERMATOLOGY,GENERAL_DERMATOLOGY,TRIAGE_REQUEST,dermatology;skin\n"
        "21002,Suspected Skin Cancer,RXX,2WW,2WW_SKIN,TRIAGE_REQUEST,suspected skin cancer;dermatology\n"
        "12001,Sexual Health Clinic,RXX,GENITO-URINARY,SEXUAL_HEALTH,TRIAGE_REQUEST,sexual health\n"
    ),
    "clinicians": "sds_id,name,organisation\n555000000104,Dr Cora Cawood,A98001\n",
    "patients": (
        "nhs_number,family_name,given_names,birth_date,gender,postcode,previous_family_name,deceased,sensitive\n"
        "9990000018,O'Brien,Ann,1980-02-01,female,LS1 1AA,Ash,no,no\n"
        "9990000026,Elm,Bob,1950-07-09,male,LS1 1AB,,no,no\n"
        "9990000034,Oak,Cid,1951-07-09,male,LS1 1AB,,no,yes\n"
        "9990000042,Larch,Dee,1962-03-04,female,LS1 1AD,,no,no\n"
    ),
}

GOOD: dict[str, str] = {
    "patient.nhs_number": "9990000018",
    "patient.family_name": "O'Brien",
    "patient.given_names": "Ann",
    "patient.birth_date": "1980-02-01",
    "patient.gender": "female",
    "patient.postcode": "LS1 1AA",
    "referrer.name": "Cora Cawood",
    "referrer.practice_name": "Castle Hill Surgery",
    "referrer.practice_code": "A98001",
    "referral.date": "2026-11-19",
    "referral.priority": "ROUTINE",
    "referral.specialty": "Dermatology",
    "referral.reason": "Itching rash on both forearms for six weeks, not better with emollients.",
}


def draw_page(values: dict[str, str], number: int, title: str = "REFERRAL") -> tuple[bytes, dict[str, list[float]]]:
    """A page as PNG, and where each value stands on it."""
    picture = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(picture)
    big, font = ImageFont.load_default(44), ImageFont.load_default(26)
    draw.text((80, 60), title, fill=0, font=big)
    draw.text((700, 75), f"Page {number}", fill=0, font=font)
    draw.line((80, 130, 920, 130), fill=0, width=3)
    boxes: dict[str, list[float]] = {}
    y = 170
    for field, value in values.items():
        label = field.split(".")[1].replace("_", " ").capitalize()
        draw.text((80, y), f"{label}:", fill=0, font=font)
        text = value if len(value) < 44 else value[:43]
        draw.text((360, y), text, fill=0, font=font)
        left, top, right, bottom = draw.textbbox((360, y), text, font=font)
        boxes[field] = [left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT]
        y += 62
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue(), boxes


class Clock:
    """A clock that tests may move."""

    def __init__(self, start: dt.datetime) -> None:
        self._start, self._real = start, dt.datetime.now(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self._start + (dt.datetime.now(dt.UTC) - self._real)

    def move(self, **by: float) -> None:
        """Let time pass."""
        self._start += dt.timedelta(**by)


class KeepingIntake:
    """An intake that writes the row and event of a delivery, without the engine that would open it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accept(self, delivery: Any) -> str:
        with self._store.write() as session:
            outage = current_outage(session)
            row = Delivery(
                outage_id=outage.id if outage else None,
                code=new_code(session, "D"),
                route=delivery.route,
                sha256=keep_blob(session, delivery.data, "application/octet-stream"),
                received_at=delivery.received_at,
                arrived_at=delivery.arrived_at,
                arrival_source=delivery.arrival_source,
                sender=delivery.sender,
                name=delivery.name,
            )
            session.add(row)
            record(session, "delivery.received", row.code, delivery.route, delivery.received_at)
            return row.code


@dataclass
class DeskSite:
    """A served desk: its store, settings, clock and address."""

    store: Store
    settings: Settings
    clock: Clock
    door: WebDoor
    intake: Any

    @property
    def url(self) -> str:
        return self.door.address.rstrip("/")

    def person(self, name: str, role: str = "clerk", **more: Any) -> str:
        """Give somebody access with the tests' password."""
        with self.store.write() as session:
            add_person(session, name, role, "tests", self.clock(), password=PASSWORD, **more)
        return name

    def arrived(
        self,
        pages: Sequence[tuple[bytes, list[dict[str, Any]]]],
        at: dt.datetime,
        *,
        state: str = "SORTED",
        says: str | None = None,
        **more: Any,
    ) -> tuple[str, list[int]]:
        """A delivery with one document of these pages (pictures with the lines on them): its code, the pages' ids."""
        with self.store.write() as session:
            delivery = Delivery(
                code=new_code(session, "D"),
                route="smtp",
                sha256=keep_blob(session, secrets.token_bytes(16), "message/rfc822"),
                received_at=at,
                arrived_at=at,
                arrival_source="the end of DATA",
                outcome="documents",
                documents_found=1,
                pages_received=len(pages),
                **more,
            )
            session.add(delivery)
            session.flush()
            record(session, "delivery.received", delivery.code, "smtp", at)
            document = Document(
                delivery_id=delivery.id or 0, position=1, pages_received=len(pages), state=state, says=says
            )
            session.add(document)
            session.flush()
            record(session, "document.made", f"document {document.id}", "machine", at)
            made = [
                Page(
                    document_id=document.id or 0,
                    number=number,
                    picture_sha256=keep_blob(session, picture, "image/png"),
                    width=WIDTH,
                    height=HEIGHT,
                    lines=lines,
                )
                for number, (picture, lines) in enumerate(pages, 1)
            ]
            session.add_all(made)
            session.flush()
            return delivery.code, [page.id or 0 for page in made]

    def paper(self, pages: int = 1, **more: Any) -> tuple[str, list[int], dict[str, list[float]]]:
        """A delivery with one document of drawn pages: its code, the pages' ids, and the places of values on page 1."""
        values = {**GOOD, **more.pop("values", {})}
        drawn = [
            draw_page(values if number == 1 else {"note.text": "Further text"}, number)
            for number in range(1, pages + 1)
        ]
        read = [
            (
                picture,
                [{"text": values.get(f, "Further text"), "box": b, "reader": "ppocr"} for f, b in boxes.items()],
            )
            for picture, boxes in drawn
        ]
        code, ids = self.arrived(read, more.pop("arrived_at", self.clock() - dt.timedelta(hours=3)), **more)
        return code, ids, drawn[0][1]

    def referral(
        self,
        *,
        pages: int = 1,
        doubtful: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
        problem: tuple[str, str, str | None] | None = None,
        ago: dt.timedelta = dt.timedelta(hours=3),
        **values: str,
    ) -> str:
        """A referral made of a drawn paper, weighed as reading would; its code. Fields are named with two underscores."""
        given = {**GOOD, **{name.replace("__", "."): value for name, value in values.items()}}
        arrived = self.clock() - ago
        _code, ids, places = self.paper(pages, values=given, arrived_at=arrived)
        fields = {
            name: NewValue(
                value,
                name not in doubtful,
                0.62 if name in doubtful else 0.999,
                "two readers differ" if name in doubtful else "ppocr and tesseract",
                ids[0],
                places.get(name),
            )
            for name, value in given.items()
            if name not in without
        }
        return self.read(fields, ids, arrived, problem)

    def read(
        self,
        fields: dict[str, NewValue],
        pages: list[int],
        at: dt.datetime,
        problem: tuple[str, str, str | None] | None = None,
    ) -> str:
        """What reading makes of pages on which these values were found: a referral, weighed; its code."""
        with self.store.write() as session:
            referral = make_referral(
                session,
                fields=fields,
                pages=pages,
                arrived_at=at,
                outage_id=None,
                origin="document",
                form=None,
                by="machine",
                now=self.clock(),
            )
            if problem is not None:
                raise_problem(session, referral, problem[0], problem[1], self.clock(), field=problem[2])
            weigh(session, referral, self.clock(), settings=self.settings)
            return referral.code

    def unsure(self, code: str, by: str = "Ann Clerk", ago: dt.timedelta = dt.timedelta(0), looks: int = 0) -> None:
        """A READY one was sent, and the answer was lost."""
        now = self.clock()
        with self.store.write() as session:
            referral = find_referral(session, code)
            move(session, referral, "SENDING", by, now)
            attempt = Attempt(
                referral_id=referral.id or 0,
                step="A011",
                number=1,
                correlation_id="c",
                operator=by,
                organisation="RXX",
                role="REFERRING_CLINICIAN",
                opened_at=now - ago,
                answer={"looks": looks},
            )
            session.add(attempt)
            move(session, referral, "UNSURE", by, now)

    def sent(self, ubrn: str = "000000070000", **values: Any) -> str:
        """One that is in e-RS, as after a release."""
        code = self.referral(**values)
        with self.store.write() as session:
            referral = find_referral(session, code)
            for state in ("READY", "SENDING", "SENT"):
                if referral.state != state:
                    move(session, referral, state, "tests", self.clock())
            referral.ubrn = ubrn
            session.add(referral)
        return code


@contextlib.contextmanager
def open_desk(
    folder: Path, start: dt.datetime = NOON, make_intake: Callable[[Store], Any] = KeepingIntake
) -> Iterator[DeskSite]:
    """A store with the site's reference files, and a desk on a free port of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        data=folder,
        office={"name": "Referral Office, Rehearsal Trust", "phone": "0113 496 0000", "ods": "RXX"},
        web={"port": 0},
    )
    store, clock = open_store(settings.url), Clock(start)
    for kind, text in SITE.items():
        import_reference(store, kind, text.encode(), "tests", start)
    intake = make_intake(store)
    door = WebDoor(store, settings, intake, None, clock)
    door.start()
    try:
        yield DeskSite(store, settings, clock, door, intake)
    finally:
        door.stop()
        store.close()
