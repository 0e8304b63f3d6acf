"""The kinds of columns that all tables share: instants in UTC, JSON, long texts, and an index over the rows of one field."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field


class Instant(sa.TypeDecorator[dt.datetime]):
    """A point in time: aware in Python, UTC in the database; a naive value is refused rather than guessed."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def instant(nullable: bool = False, index: bool = False) -> Any:
    """A field that holds an Instant."""
    return Field(sa_type=Instant, nullable=nullable, index=index, default=None if nullable else ...)


def json_of(default: Any) -> Any:
    """A field that holds JSON, made new for each row by `default`."""
    return Field(default_factory=default, sa_type=sa.JSON, nullable=False)


def long_text(nullable: bool = False) -> Any:
    """A field that holds text of any length."""
    return Field(sa_type=sa.Text, nullable=nullable, default=None if nullable else ...)


def index_of_one_field(name: str, field: str, *columns: str) -> sa.Index:
    """An index over the readings of one field alone."""
    only = sa.text(f"field = '{field}'")
    return sa.Index(name, *(columns or ("value",)), sqlite_where=only, postgresql_where=only)
