"""An open store for each test: a real SQLite file, or a fresh PostgreSQL database where GATEWAY_TEST_DATABASE_URL is set."""

from __future__ import annotations

import datetime as dt
import io
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from gateway.reference import import_reference
from gateway.referrals import NewValue
from gateway.settings import ErsSettings, OfficeSettings, Settings
from gateway.store import Store, keep_blob, new_code, open_store
from gateway.tables import Delivery, Document, Page

SITE = {
    "practices": "".join(
        f"{code},{name},{',' * 7}{postcode},19740401,,{status},{',' * 4}{phone}{',' * 7},4,\n"
        for code, name, postcode, status, phone in (
            ("A98001", "CASTLE HILL SURGERY", "LS1 1AA", "A", "0113 496 0001"),
            ("A98002", "OLD SURGERY", "LS1 1AB", "C", "0113 496 0002"),
            ("A98003", "RIVERSIDE", "LS1 1AC", "A", "0113 496 0003"),
        )
    ),
    "contacts": (
        "practice_code,email,phone,fax,confirmed_on\n"
        "A98001,castle@practice.example,01134960001,01134960011,2026-10-01\n"
        "A98003,riverside@practice.example,01134960003,01134960013,2026-10-01\n"
    ),
    "services": (
        "service_id,name,organisation,specialty_code,clinic_type,request_flow,words\n"
        "11002,Heart Failure Triage,RXX,CARDIOLOGY,HEART_FAILURE,TRIAGE_REQUEST,heart failure\n"
        "11004,Lipid Clinic,RXX,CARDIOLOGY,LIPID_MANAGEMENT,TRIAGE_REQUEST,lipid clinic;cholesterol\n"
        "11010,Dermatology Triage,RXX,DERMATOLOGY,GENERAL_DERMATOLOGY,TRIAGE_REQUEST,dermatology;skin\n"
        "21002,Suspected Skin Cancer,RXX,2WW,2WW_SKIN,TRIAGE_REQUEST,suspected skin cancer;dermatology\n"
        "21006,Suspected Breast Cancer,RXX,2WW,2WW_BREAST,TRIAGE_REQUEST,suspected breast cancer;breast lump\n"
    ),
    "clinicians": (
        "sds_id,name,organisation\n"
        "555000000104,Dr Cora Cawood,A98001\n"
        "555000000105,Dr John Smith,A98001\n"
        "555000000106,Dr Jane Smith,A98001\n"
        "555000000107,Dr Cora Cawood,A98003\n"
    ),
    "patients": (
        "nhs_number,family_name,given_names,birth_date,gender,postcode,previous_family_name,deceased\n"
        "9990000018,O'Brien,Ann,1980-02-01,female,LS1 1AA,Ash,no\n"
        "9990000026,Elm,Bob,1950-07-09,male,LS1 1AB,,no\n"
        "9990000034,Oak,Cid,1951-07-09,male,LS1 1AB,,yes\n"
    ),
}
"""The reference files of the site at which the tests play; everything in them is invented."""

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def store_url(tmp_path: Path) -> Iterator[str]:
    """Where this test's own database is; it is gone afterwards (the work engine has a schema of its own in it)."""
    given = os.environ.get("GATEWAY_TEST_DATABASE_URL")
    if not given:
        yield f"sqlite:///{tmp_path / 'gateway.sqlite3'}"
        return
    url = sa.make_url(given.replace("postgresql://", "postgresql+psycopg://", 1))
    name = f"t_{secrets.token_hex(6)}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A migrated, empty store."""
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def now() -> dt.datetime:
    """The instant at which a test plays: Friday 20 November 2026, noon."""
    return NOON


@pytest.fixture
def a_document(store: Store) -> Callable[..., list[int]]:
    """Makes a delivery with one document of so many pages, each a small picture, and gives the page rows' ids."""

    def make(
        pages: int = 1,
        *,
        state: str = "READ",
        sender: str | None = None,
        arrived_at: dt.datetime = NOON,
        **delivery: Any,
    ) -> list[int]:
        with store.write() as session:
            picture = io.BytesIO()
            Image.new("L", (400, 560), 255).save(picture, "PNG")
            row = Delivery(
                code=new_code(session, "D"),
                route="smtp",
                sha256=keep_blob(session, secrets.token_bytes(16), "message/rfc822"),
                received_at=arrived_at,
                arrived_at=arrived_at,
                arrival_source="the end of DATA",
                sender=sender,
                outcome="documents",
                documents_found=1,
                pages_received=pages,
                **delivery,
            )
            session.add(row)
            session.flush()
            assert row.id is not None
            document = Document(delivery_id=row.id, position=1, pages_received=pages, state=state)
            session.add(document)
            session.flush()
            assert document.id is not None
            sha256 = keep_blob(session, picture.getvalue(), "image/png")
            made = [
                Page(document_id=document.id, number=n, picture_sha256=sha256, width=400, height=560)
                for n in range(1, pages + 1)
            ]
            session.add_all(made)
            session.flush()
            return [page.id for page in made if page.id is not None]

    return make


@pytest.fixture
def site(store: Store, now: dt.datetime) -> Settings:
    """A site with its reference files and patient index imported; the settings that go with it."""
    for kind, text in SITE.items():
        import_reference(store, kind, text.encode(), "ann", now)
    return Settings(
        office=OfficeSettings(name="Referral Office, Rehearsal Trust", phone="0113 496 0000", ods="RXX"),
        ers=ErsSettings(role="REFERRING_CLINICIAN_ADMIN"),
    )


@pytest.fixture
def good_fields() -> dict[str, NewValue]:
    """Values of one referral with which nothing stands against READY at `site`."""
    plain: dict[str, str | bool] = {
        "patient.nhs_number": "9990000018",
        "patient.family_name": "O'Brien",
        "patient.given_names": "Ann",
        "patient.birth_date": "1980-02-01",
        "patient.postcode": "LS1 1AA",
        "referrer.name": "Cora Cawood",
        "referrer.practice_code": "A98001",
        "referral.priority": "ROUTINE",
        "referral.specialty": "Dermatology",
        "referral.date": "2026-11-19",
    }
    return {field: NewValue(value, True, 0.999, "ppocr and tesseract") for field, value in plain.items()}
