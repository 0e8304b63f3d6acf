"""The tables of the review desk: people, their sessions and drafts, calls, incidents, and forms that are being taught."""

import datetime as dt
from typing import Any

from sqlmodel import Field, SQLModel

import gateway.tables  # noqa: F401  (their keys point there)
from gateway.columns import instant, json_of, long_text


class Person(SQLModel, table=True):
    """Who may use the review desk. `name` is the sign-in name and the author of everything that this person does."""

    __tablename__ = "gw_person"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_key: str = Field(unique=True)  # folded, so that `Ann Clerk` and `ann clerk` are one
    role: str  # clerk, team leader, administrator, auditor
    password_hash: str
    must_change: bool = True  # the password was given by somebody else
    sees_sensitive: bool = False
    single_keys: bool = True  # WCAG 2.1.4: single-key shortcuts can be switched off
    made_at: dt.datetime = instant()
    disabled_at: dt.datetime | None = instant(nullable=True)
    failures: int = 0  # wrong passwords in a row
    locked_until: dt.datetime | None = instant(nullable=True)
    token_hash: str | None = Field(default=None, index=True, max_length=64)  # of the one token for the JSON API


class WebSession(SQLModel, table=True):
    """One sign-in at the review desk. The cookie's value is kept only as its hash."""

    __tablename__ = "gw_web_session"
    id: int | None = Field(default=None, primary_key=True)
    cookie_hash: str = Field(unique=True, max_length=64)
    person_id: int = Field(foreign_key="gw_person.id", index=True)
    csrf: str
    began_at: dt.datetime = instant()
    seen_at: dt.datetime = instant()
    ended_at: dt.datetime | None = instant(nullable=True)


class Draft(SQLModel, table=True):
    """What a person has typed for a referral and not saved yet, so that no end of a session or program loses it."""

    __tablename__ = "gw_draft"
    person_id: int = Field(foreign_key="gw_person.id", primary_key=True)
    referral_id: int = Field(foreign_key="gw_referral.id", primary_key=True)
    typed: dict[str, str] = json_of(dict)  # patient data
    at: dt.datetime = instant()


class CallNote(SQLModel, table=True):
    """One telephone call about a referral: who rang whom, when, what came of it, and when to try again."""

    __tablename__ = "gw_call_note"
    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="gw_referral.id", index=True)
    by: str
    at: dt.datetime = instant()
    whom: str = long_text()  # patient data possible
    result: str = long_text()  # patient data possible
    next_try_at: dt.datetime | None = instant(nullable=True)
    settled_at: dt.datetime | None = instant(nullable=True)  # no further call is needed


class Incident(SQLModel, table=True):
    """Something that was sent to us by mistake, for the information-governance lead."""

    __tablename__ = "gw_incident"
    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="gw_referral.id", index=True)
    organisation: str = long_text()  # from whom it came
    returned_how: str = long_text()
    opened_by: str
    opened_at: dt.datetime = instant()
    taken_back_by: str | None = None  # it was ours after all; the row stays for the lead
    taken_back_at: dt.datetime | None = instant(nullable=True)
    taken_back_why: str | None = long_text(nullable=True)

    @property
    def name(self) -> str:
        """How people call it, as I-0012."""
        return f"I-{self.id:04d}"


class FormDraft(SQLModel, table=True):
    """A form that somebody teaches: what was drawn on its example, and which version of it the readers have."""

    __tablename__ = "gw_form_draft"
    id: int | None = Field(default=None, primary_key=True)
    page_id: int = Field(foreign_key="gw_page.id", index=True)  # the example
    form: str | None = Field(default=None, index=True)  # its id, once it was saved
    title: str = long_text()
    drawn: dict[str, Any] = json_of(dict)  # boxes, words and marks as chosen; patient data possible until it is saved
    version: int = 1  # of this row: raised by every change, so that a stale writer is told
    by: str
    at: dt.datetime = instant()
    tried_at: dt.datetime | None = instant(nullable=True)  # since the last change
    saved_version: int = 0
    saved_by: str | None = None
    saved_at: dt.datetime | None = instant(nullable=True)
    toml_sha256: str | None = Field(default=None, foreign_key="gw_blob.sha256")
    stopped_at: dt.datetime | None = instant(nullable=True)  # taken out of use
