"""A store with many referrals made of drawn pages, in all states, for measuring the review desk."""

from __future__ import annotations

import datetime as dt
import io
import random

from PIL import Image, ImageDraw, ImageFont
from sqlmodel import Session

from gateway.events import record
from gateway.outage import open_outage
from gateway.people import LEADER, add_person
from gateway.reference import import_reference
from gateway.referrals import NewValue, make_referral, raise_problem, weigh
from gateway.rehearsal.ers_data import clinicians_csv, services_csv
from gateway.settings import Settings
from gateway.states import move
from gateway.store import Store, keep_blob, new_code, set_fact
from gateway.tables import Delivery, Document, Page

CLERK, PASSWORD = "Bench Clerk", "brass-tulip-harbour"
WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dots an inch, as pages are kept
PRACTICES = [f"A8{n:04d}" for n in range(60)]
_NAMES = ("Ashdown", "Birchall", "Cawood", "Dunmore", "Elmley", "Fernley", "Garland", "Hollins", "Ivory", "Juniper")
_SPECIALTIES = ("Dermatology", "Cardiology", "Gastroenterology", "Urology", "Neurology")
_CANCERS = ("Suspected skin cancer", "Suspected breast cancer", "Suspected lung cancer", "Dermatology")


def nhs_number(serial: int) -> str:
    """A valid number of an invented person, another one for each serial."""
    for tail in range(serial * 11, serial * 11 + 11):
        first = f"999{tail:06d}"
        check = 11 - sum(int(d) * w for d, w in zip(first, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return first + str(check % 11)
    raise AssertionError


def fill(store: Store, count: int, now: dt.datetime) -> None:
    """So many referrals of two pages with values, words and questions; nine in ten still wait, some are ready or ended."""
    settings, luck = Settings(), random.Random(1)
    with store.write() as session:
        set_fact(session, "rehearsal", "yes")
        add_person(session, CLERK, LEADER, "bench", now, password=PASSWORD)
        outage = open_outage(session, by="bench", why="e-RS is away", now=now, started_at=now - dt.timedelta(days=6))
        assert outage.id is not None
    import_reference(store, "services", services_csv().encode(), "bench", now)
    import_reference(store, "clinicians", clinicians_csv().encode(), "bench", now)
    import_reference(store, "patients", _patients(count * 2).encode(), "bench", now)
    with store.write() as session:
        pictures = [keep_blob(session, _picture(serial), "image/png") for serial in range(24)]
    for start in range(0, count, 100):
        with store.write() as session:
            for serial in range(start, min(start + 100, count)):
                _one(session, settings, luck, serial, pictures, (now, outage.id))


def _patients(count: int) -> str:
    rows = ["nhs_number,family_name,given_names,birth_date,gender,postcode"]
    rows += [f"{nhs_number(n)},{_family(n)},Ann,{_born(n)},female,LS{n % 27 + 1} 1AA" for n in range(count)]
    return "\n".join(rows) + "\n"


def _family(serial: int) -> str:
    return f"{_NAMES[serial % 10]}{'abcdefghij'[serial // 10 % 10]}{'klmnopqrst'[serial // 100 % 10]}"


def _born(serial: int) -> str:
    return (dt.date(1930, 1, 1) + dt.timedelta(days=7 * serial % 32_000)).isoformat()


def _picture(serial: int) -> bytes:
    """A page in black and white with some noise, as large as a faxed one."""
    luck = random.Random(serial)
    picture = Image.new("1", (WIDTH, HEIGHT), 1)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(34)
    for row in range(44):
        words = " ".join("".join(luck.choices("abcdefghilmnoprstu", k=luck.randint(2, 9))) for _ in range(9))
        draw.text((120, 120 + row * 48), words, fill=0, font=font)
    draw.point([(luck.randrange(WIDTH), luck.randrange(HEIGHT)) for _ in range(9000)], fill=0)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _lines(serial: int) -> list[dict[str, object]]:
    return [
        {"text": f"Line {n} of page {serial} with some words of a letter", "box": [0.07, n / 45, 0.8, (n + 0.8) / 45]}
        for n in range(44)
    ]


def _one(
    session: Session,
    settings: Settings,
    luck: random.Random,
    serial: int,
    pictures: list[str],
    when: tuple[dt.datetime, int],
) -> None:
    now, outage = when
    arrived = now - dt.timedelta(seconds=luck.randrange(5 * 86_400))
    delivery = Delivery(
        code=new_code(session, "D"),
        route="smtp",
        sha256=pictures[serial % len(pictures)],
        received_at=arrived,
        arrived_at=arrived,
        arrival_source="the end of DATA",
        outcome="documents",
        documents_found=1,
        pages_received=2,
        outage_id=outage,
    )
    session.add(delivery)
    session.flush()
    record(session, "delivery.received", delivery.code, "smtp", arrived)
    document = Document(delivery_id=delivery.id or 0, position=1, pages_received=2, state="SORTED")
    session.add(document)
    session.flush()
    record(session, "document.made", f"document {document.id}", "machine", arrived)
    pages = [
        Page(
            document_id=document.id or 0,
            number=number,
            picture_sha256=pictures[(serial + number) % len(pictures)],
            width=WIDTH,
            height=HEIGHT,
            lines=_lines(serial),
        )
        for number in (1, 2)
    ]
    session.add_all(pages)
    session.flush()
    numbers = [page.id for page in pages if page.id is not None]
    referral = make_referral(
        session,
        fields=_fields(luck, serial, numbers[0]),
        pages=numbers,
        arrived_at=arrived,
        outage_id=outage,
        origin="document",
        form=None,
        by="machine",
        now=arrived,
    )
    if serial % 3 == 0:
        raise_problem(session, referral, "missing_page", "The cover says 3 pages; 2 are here.", arrived)
    weigh(session, referral, now, settings=settings)
    if serial % 10 == 9 and referral.state == "IN_REVIEW":
        referral.ended_as = "not a referral"
        move(session, referral, "WITHDRAWN", CLERK, now)


def _fields(luck: random.Random, serial: int, page: int) -> dict[str, NewValue]:
    priority = luck.choice(("ROUTINE", "ROUTINE", "URGENT", "TWO_WEEK_WAIT"))
    values = {
        "patient.nhs_number": nhs_number(serial),
        "patient.family_name": _family(serial),
        "patient.given_names": "Ann",
        "patient.birth_date": _born(serial),
        "patient.gender": "female",
        "patient.address": "1 High Street, Leeds",
        "patient.postcode": f"LS{serial % 27 + 1} 1AA",
        "referrer.name": "Giles Garland",
        "referrer.practice_name": f"Practice {serial % 60}",
        "referrer.practice_code": PRACTICES[serial % 60],
        "referral.date": "2026-11-19",
        "referral.priority": priority,
        "referral.specialty": luck.choice(_CANCERS if priority == "TWO_WEEK_WAIT" else _SPECIALTIES),
        "referral.reason": "Itching rash on both forearms for six weeks, not better with emollients. " * 6,
    }
    doubtful = luck.choice((*values, "", "", "", ""))
    return {
        name: NewValue(
            value,
            name != doubtful,
            0.6 if name == doubtful else 0.999,
            "two readers differ" if name == doubtful else "ppocr and tesseract",
            page,
            [0.3, n / 20, 0.6, (n + 0.7) / 20],
        )
        for n, (name, value) in enumerate(values.items())
    }
