"""The tables of what the office imports: patient index, practices, contacts, services, clinicians, code tables, and when."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.columns import instant, json_of


class Patient(SQLModel, table=True):
    """A row of the trust's own patient index extract."""

    __tablename__ = "gw_patient"
    __table_args__ = (sa.Index("gw_patient_name", "family_key", "birth_date"),)
    id: int | None = Field(default=None, primary_key=True)
    nhs_number: str = Field(index=True)
    family_name: str
    given_names: str
    family_key: str  # folded for search
    birth_date: dt.date = Field(index=True)
    gender: str
    postcode: str = Field(index=True)
    hospital_number: str | None = None
    previous_family_name: str | None = None
    sensitive: bool = False
    deceased: bool = False


class Practice(SQLModel, table=True):
    """A GP practice of the ODS list (file epraccur)."""

    __tablename__ = "gw_practice"
    code: str = Field(primary_key=True)
    name: str
    postcode: str
    phone: str
    open: bool


class Contact(SQLModel, table=True):
    """Where a practice may be written to: the site's own confirmed list, never what is printed on a fax."""

    __tablename__ = "gw_contact"
    practice_code: str = Field(primary_key=True)
    email: str = Field(index=True)
    phone: str
    fax: str
    confirmed_on: dt.date | None = None


class Service(SQLModel, table=True):
    """A service of the site, with the words by which a letter asks for it."""

    __tablename__ = "gw_service"
    service_id: str = Field(primary_key=True)
    name: str
    organisation: str
    specialty_code: str
    clinic_type: str
    request_flow: str
    words: list[str] = json_of(list)


class Clinician(SQLModel, table=True):
    """A referring clinician with the SDS user id that e-RS wants."""

    __tablename__ = "gw_clinician"
    id: int | None = Field(default=None, primary_key=True)
    sds_id: str = Field(index=True)
    name: str
    organisation: str = Field(index=True)


class CodeValue(SQLModel, table=True):
    """A concept of an e-RS code table (A004), kept for the outage."""

    __tablename__ = "gw_code_value"
    kind: str = Field(primary_key=True)  # SPECIALTY, CLINIC-TYPE, PRIORITY
    code: str = Field(primary_key=True)
    display: str
    system: str
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    properties: dict[str, Any] = json_of(dict)


class Import(SQLModel, table=True):
    """When a reference file or code table was last taken in: its age is shown wherever it is used."""

    __tablename__ = "gw_import"
    kind: str = Field(primary_key=True)
    at: dt.datetime = instant()
    by: str
    rows: int
    sha256: str
    as_of: dt.datetime | None = instant(nullable=True)
