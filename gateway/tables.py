"""The tables of the work itself: what arrived, pages, referrals, releases, letters, and the event log.

All names begin with `gw_`, because the tables of the work engine stand beside ours in the same database. Instants are UTC;
texts that hold patient data are marked as such, because retention empties them while the row and its events stay (P10).

The SQLModel classes stand here, in tables_reference and in tables_desk, and nowhere else.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.columns import index_of_one_field, instant, json_of, long_text

_HELD = sa.text("hold_why IS NOT NULL")
_ASIDE = sa.text("aside_why IS NOT NULL")


class Blob(SQLModel, table=True):
    """Bytes under their SHA-256: originals (never changed), page pictures, letters."""

    __tablename__ = "gw_blob"
    sha256: str = Field(primary_key=True, max_length=64)
    size: int
    media_type: str
    content: bytes = Field(sa_type=sa.LargeBinary, nullable=False)


class Outage(SQLModel, table=True):
    """A time in which e-RS could not be used; stamps what arrived meanwhile."""

    __tablename__ = "gw_outage"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    started_at: dt.datetime = instant()
    opened_by: str
    why: str = long_text()
    back_at: dt.datetime | None = instant(nullable=True)  # e-RS was seen up again
    closed_at: dt.datetime | None = instant(nullable=True)
    closed_by: str | None = None
    open_items_named: list[str] = json_of(list)  # references left open on purpose at closing (P2)


class Probe(SQLModel, table=True):
    """The last state of e-RS that the probe saw, one row."""

    __tablename__ = "gw_probe"
    id: int = Field(primary_key=True)
    state: str  # UP, DEGRADED, DOWN, REACHABLE (answers, but our session is not proven), UNKNOWN
    since: dt.datetime = instant()
    seen_at: dt.datetime = instant()
    says: str = long_text()
    streak: int = 0  # how many looks in a row disagreed with `state` (hysteresis)
    streak_state: str = ""


class Delivery(SQLModel, table=True):
    """What came, from whom, when, by which route. The original bytes are the blob `sha256`, which rejected files lack."""

    __tablename__ = "gw_delivery"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    route: str
    sha256: str = Field(index=True)  # no foreign key, because nothing is kept of what was rejected
    received_at: dt.datetime = instant(index=True)
    arrived_at: dt.datetime = instant()  # the patient's clock (P5)
    arrival_source: str
    sender: str | None = long_text(nullable=True)
    recipients: list[str] = json_of(list)
    peer: str | None = None
    name: str | None = long_text(nullable=True)  # patient data possible
    desk: str | None = None
    hints: list[dict[str, Any]] = json_of(list)  # facts from headers, subject, body, TIFF tags, each with its source
    outcome: str = Field(default="waiting", index=True)
    says: str | None = long_text(nullable=True)
    flags: list[str] = json_of(list)
    duplicate_of: int | None = Field(default=None, foreign_key="gw_delivery.id", index=True)
    duplicate_why: str | None = long_text(nullable=True)  # the proof, in words
    judged_different: bool = False  # a person said that it is no duplicate
    outage_id: int | None = Field(default=None, foreign_key="gw_outage.id", index=True)
    documents_found: int = 0
    pages_received: int = 0  # stored when the files were opened (P2)
    settled_by: str | None = None  # who dealt with a delivery that has no document
    settled_why: str | None = long_text(nullable=True)


class Document(SQLModel, table=True):
    """One paper: the pages of one or several files of a delivery."""

    __tablename__ = "gw_document"
    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="gw_delivery.id", index=True)
    position: int
    files: list[dict[str, Any]] = json_of(list)  # {"sha256", "media_type", "declared_type", "name"} in page order
    also: list[dict[str, Any]] = json_of(list)  # the same paper in another format, kept beside it
    first_sha256: str = Field(default="", index=True)  # of the first file, to find the same bytes again
    pages_received: int
    state: str = Field(index=True)
    says: str | None = long_text(nullable=True)  # why it is STUCK
    document_type: str | None = None
    tries: int = 0


class Page(SQLModel, table=True):
    """One page of a document: its upright picture and the words on it."""

    __tablename__ = "gw_page"
    __table_args__ = (
        sa.UniqueConstraint("document_id", "number"),
        # counted on every list; the rows themselves are long, because they hold the words
        sa.Index("gw_page_aside", "document_id", sqlite_where=_ASIDE, postgresql_where=_ASIDE),
    )
    id: int | None = Field(default=None, primary_key=True)
    document_id: int = Field(foreign_key="gw_document.id", index=True)
    number: int
    picture_sha256: str | None = Field(default=None, foreign_key="gw_blob.sha256")
    width: int = 0
    height: int = 0
    turned: int = 0
    quality: float = 0.0
    hazards: list[str] = json_of(list)
    lines: list[dict[str, Any]] = json_of(list)  # patient data: the words with their boxes
    # the tick boxes as they were read; None on pages that were read before they were kept
    ticks: list[dict[str, Any]] | None = Field(default=None, sa_type=sa.JSON, nullable=True)
    failure: str | None = long_text(nullable=True)
    fingerprint: str | None = Field(default=None, index=True)
    aside_why: str | None = long_text(nullable=True)
    aside_by: str | None = None
    aside_at: dt.datetime | None = instant(nullable=True)


class Referral(SQLModel, table=True):
    """One patient, one ask. Its values are the current rows of Reading."""

    __tablename__ = "gw_referral"
    __table_args__ = (
        sa.Index("gw_referral_order", "state", "rank", "arrived_at"),
        sa.Index("gw_referral_list", "rank", "arrived_at"),  # lists of all states
        sa.Index("gw_referral_due", "state", "next_try_at"),
        sa.Index("gw_referral_held", "state", sqlite_where=_HELD, postgresql_where=_HELD),
        sa.Index("gw_referral_held_list", "rank", "arrived_at", sqlite_where=_HELD, postgresql_where=_HELD),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    state: str
    version: int = 1  # raised by every change; a stale writer is told
    rank: int  # 0 suspected cancer, 1 urgent, 2 routine; unknown counts as 0 (P6)
    origin: str = "document"  # document, typed
    form: str | None = None
    arrived_at: dt.datetime = instant()
    outage_id: int | None = Field(default=None, foreign_key="gw_outage.id", index=True)
    created_at: dt.datetime = instant()
    confirmed_by: str | None = None  # the person who compared the identifiers with the picture (P3)
    confirmed_at: dt.datetime | None = instant(nullable=True)
    by_machine: bool = False  # became READY without a person
    service_id: str | None = None
    specialty_code: str | None = None
    clinic_type: str | None = None
    request_flow: str | None = None
    referring_clinician: str | None = None
    pathway_start: dt.datetime | None = instant(nullable=True)  # sent as eReferralPathwayStart (P5)
    pathway_start_why: str | None = long_text(nullable=True)
    hold_why: str | None = long_text(nullable=True)
    hold_by: str | None = None
    ubrn: str | None = Field(default=None, index=True)
    ers_version: str | None = None
    next_try_at: dt.datetime | None = instant(nullable=True)
    ended_as: str | None = None  # sent, typed in e-RS, kept on PAS, duplicate, returned, not for us
    ended_why: str | None = long_text(nullable=True)
    duplicate_of: int | None = Field(default=None, foreign_key="gw_referral.id")
    possible_duplicate_of: int | None = Field(default=None, foreign_key="gw_referral.id")
    sent_at: dt.datetime | None = instant(nullable=True)
    claimed_by: str | None = None
    claimed_until: dt.datetime | None = instant(nullable=True)


class PageUse(SQLModel, table=True):
    """Which pages make up a referral. Many to many: one fax may hold two patients, two faxes one referral."""

    __tablename__ = "gw_page_use"
    page_id: int = Field(foreign_key="gw_page.id", primary_key=True)
    referral_id: int = Field(foreign_key="gw_referral.id", primary_key=True, index=True)
    position: int


class Reading(SQLModel, table=True):
    """One value of one field of a referral; the newest row of a field is in force, older ones stay as history."""

    __tablename__ = "gw_reading"
    __table_args__ = (
        sa.Index("gw_reading_field", "referral_id", "field", "current"),
        # duplicates are looked for by number and birth date, lists by practice and priority; no other field is indexed
        index_of_one_field("gw_reading_number", "patient.nhs_number"),
        index_of_one_field("gw_reading_birth", "patient.birth_date"),
        index_of_one_field("gw_reading_practice", "referrer.practice_code"),
        # most referrals have the same priority, so a list asks each one for it instead of gathering them all first
        index_of_one_field("gw_reading_priority", "referral.priority", "referral_id", "value", "current"),
    )
    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="gw_referral.id", index=True)
    field: str
    value: str | None = long_text(nullable=True)  # patient data; true and false are words here
    current: bool = True
    accepted: bool = False
    confidence: float = 0.0
    page_id: int | None = Field(default=None, foreign_key="gw_page.id")
    box: list[float] | None = Field(default=None, sa_type=sa.JSON, nullable=True)
    how: str = long_text()
    by: str  # "machine" or a person
    at: dt.datetime = instant()


class Problem(SQLModel, table=True):
    """Why a person is needed, in a clerk's words."""

    __tablename__ = "gw_problem"
    id: int | None = Field(default=None, primary_key=True)
    referral_id: int | None = Field(default=None, foreign_key="gw_referral.id", index=True)
    document_id: int | None = Field(default=None, foreign_key="gw_document.id", index=True)
    code: str
    says: str = long_text()
    field: str | None = None
    page_id: int | None = Field(default=None, foreign_key="gw_page.id")
    raised_at: dt.datetime = instant()
    settled_at: dt.datetime | None = instant(nullable=True)
    settled_by: str | None = None


class Release(SQLModel, table=True):
    """A named operator's decision to push the queue into e-RS, and the session in which it happens."""

    __tablename__ = "gw_release"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    operator: str
    organisation: str
    role: str
    user_id: str | None = None
    state: str  # DRAINING, PAUSED, STOPPED, DONE
    says: str = ""
    stop_asked_by: str | None = None
    opened_at: dt.datetime = instant()
    seen_at: dt.datetime = instant()  # heartbeat of the draining process
    ended_at: dt.datetime | None = instant(nullable=True)


class ReleaseItem(SQLModel, table=True):
    """That an operator's release lists a referral: the decision that permits ONE create (P4)."""

    __tablename__ = "gw_release_item"
    __table_args__ = (sa.UniqueConstraint("release_id", "referral_id", "decision"),)
    id: int | None = Field(default=None, primary_key=True)
    release_id: int | None = Field(default=None, foreign_key="gw_release.id", index=True)
    referral_id: int = Field(foreign_key="gw_referral.id", index=True)
    decision: str  # "release" or "send again"
    by: str
    at: dt.datetime = instant()
    used_by_attempt: int | None = None


class Attempt(SQLModel, table=True):
    """One step of one push, committed before the call (P4). `closed_at` empty: nobody knows yet what became of it."""

    __tablename__ = "gw_attempt"
    __table_args__ = (sa.Index("gw_attempt_step", "referral_id", "step"),)
    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="gw_referral.id", index=True)
    release_id: int | None = Field(default=None, foreign_key="gw_release.id")
    step: str  # A010, A011, A020, A012, A016, A005...
    number: int  # 1, 2, ... within referral and step
    correlation_id: str = Field(index=True)
    request_id: str | None = None
    operator: str
    organisation: str
    role: str
    asked: dict[str, Any] = json_of(dict)  # what was sent, as far as it is needed to look for it again
    opened_at: dt.datetime = instant()
    closed_at: dt.datetime | None = instant(nullable=True)
    outcome: str | None = None  # done, refused, unsure, not_sent, again
    status: int | None = None
    code: str | None = None
    says: str | None = long_text(nullable=True)
    answer: dict[str, Any] = json_of(dict)  # UBRN, version, Binary location


class Letter(SQLModel, table=True):
    """A PDF that tells the practice something; kept here, sent through the configured relay."""

    __tablename__ = "gw_letter"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    kind: str  # receipt, confirmation, returned, patient, closing
    referral_id: int | None = Field(default=None, foreign_key="gw_referral.id", index=True)
    delivery_id: int | None = Field(default=None, foreign_key="gw_delivery.id", index=True)
    pdf_sha256: str = Field(foreign_key="gw_blob.sha256")
    made_at: dt.datetime = instant()
    practice_code: str | None = None
    state: str  # KEPT (a person sends it), WAITING, SENT, FAILED, VOID (its cause was taken back)
    why: str = ""
    address: str | None = None
    sent_at: dt.datetime | None = instant(nullable=True)
    sent_by: str | None = None
    tries: int = 0
    next_try_at: dt.datetime | None = instant(nullable=True)


class Event(SQLModel, table=True):
    """One line of the append-only, hash-chained log (P10). Holds references and field names, never values."""

    __tablename__ = "gw_event"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: dt.datetime = instant()
    author: str
    action: str = Field(index=True)
    subject: str = Field(index=True)
    data: dict[str, Any] = json_of(dict)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class ChainHead(SQLModel, table=True):
    """How long the chain is and its last hash: one row, locked by every writer, so that a cut end shows."""

    __tablename__ = "gw_chain_head"
    id: int = Field(primary_key=True)
    count: int
    hash: str


class Fact(SQLModel, table=True):
    """A fact about the store itself: whether it is a rehearsal, the limits that were set by a person."""

    __tablename__ = "gw_fact"
    name: str = Field(primary_key=True)
    value: str = long_text()
