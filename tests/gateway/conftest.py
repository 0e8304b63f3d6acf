"""An open store for each test: a real SQLite file, or a fresh PostgreSQL schema where GATEWAY_TEST_DATABASE_URL is set."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.store import Store, open_store

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def store_url(tmp_path: Path) -> Iterator[str]:
    """Where this test's own database is; it is gone afterwards."""
    given = os.environ.get("GATEWAY_TEST_DATABASE_URL")
    if not given:
        yield f"sqlite:///{tmp_path / 'gateway.sqlite3'}"
        return
    url = given.replace("postgresql://", "postgresql+psycopg://", 1)
    schema = f"t_{secrets.token_hex(6)}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    try:
        yield url + ("&" if "?" in url else "?") + f"options=-csearch_path%3D{schema}"
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
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
