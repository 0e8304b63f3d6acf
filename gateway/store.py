"""The store: one database that is the whole truth; opening, migrating, transactions, blobs and short codes.

SQLite in WAL with `synchronous=FULL` by default: a commit is on the disk before anyone is told "kept" (P1). PostgreSQL by URL
runs the same code. A writing transaction takes SQLite's write lock at its start, so that a rule which reads and then writes
cannot be overtaken in between.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, SQLModel, select

from gateway.errors import Later, WrongInput
from gateway.tables import Blob, Delivery, Fact, Letter, Outage, Referral, Release

# Without 0, O, 1, I, L, U: letters and digits that are mistaken for each other on the telephone or in a scan.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODED: dict[str, Any] = {"D": Delivery, "R": Referral, "O": Outage, "L": Letter, "P": Release}
# made once, because making a statement costs as much as running it
_TAKEN = {
    letter: sa.select(table.__table__.c.code).where(table.__table__.c.code.in_(sa.bindparam("drawn", expanding=True)))
    for letter, table in _CODED.items()
}
_MIGRATE = threading.Lock()
_MIGRATIONS = Path(__file__).parent / "migrations/versions"


class Store:
    """An open database. `write()` is the one way to change it, `read()` the one way to look."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {"pool_pre_ping": not self.is_sqlite}
        if self.is_sqlite:
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
        self.engine = sa.create_engine(url, **options)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _on_connect)
            sa.event.listen(self.engine, "begin", _on_begin)
        self._writing = self.engine.execution_options(gateway_write=True)

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: all of it or nothing. Trouble of the database comes out as Later."""
        with translated(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look; nothing done in it is kept."""
        with translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    def migrate(self) -> None:
        """Bring the schema to this version; safe to call at every start and from several processes."""
        if self._is_current():
            return
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        # alembic keeps the connection for env.py in a module-level context, so one migration at a time in a process
        with _MIGRATE, translated(), self._writing.begin() as connection:
            if not self.is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(7205759)"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _is_current(self) -> bool:
        """Whether the schema is of this version already: then no command has to wait for the migration tool to load."""
        newest = max(path.stem for path in _MIGRATIONS.glob("[0-9]*.py")).split("_")[0]
        with translated(), self.engine.connect() as connection:
            if not sa.inspect(connection).has_table("gw_alembic_version"):
                return False
            return connection.execute(sa.text("SELECT version_num FROM gw_alembic_version")).scalars().all() == [newest]

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open and migrate; a folder that cannot be written is a WrongInput with the cure."""
    store = Store(url)
    if store.is_sqlite:
        folder = Path(url.removeprefix("sqlite:///")).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WrongInput(
                "data",
                f"The data folder {folder} cannot be made: {error.strerror}.",
                "Set GATEWAY_DATA to a folder you may write.",
            ) from None
    store.migrate()
    return store


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that a write begins with the lock
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA wal_autocheckpoint=4000")  # 16 MB: some 200 faxes between two checkpoints instead of 25
    cursor.close()


def _on_begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("gateway_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Trouble of the database comes out as Later, with a sentence."""
    try:
        yield
    except OperationalError as error:
        raise Later(
            "database", _database_trouble(error), "It is tried again; see `gateway doctor` when it lasts."
        ) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Later("database", "The database connection was lost.", "It is tried again.") from error
        raise


def _database_trouble(error: OperationalError) -> str:
    text = str(error.orig).lower()
    if "full" in text or "disk i/o" in text:
        return "The disk that holds the database is full."
    if "locked" in text or "busy" in text:
        return "The database is busy."
    if "readonly" in text or "read-only" in text:
        return "The database cannot be written to."
    if "unable to open" in text:
        return "The database file cannot be opened."
    return "The database cannot be used now."


def keep_blob(session: Session, content: bytes, media_type: str) -> str:
    """Store bytes once under their SHA-256 and return it. Bytes that are there are left as they are."""
    sha256 = hashlib.sha256(content).hexdigest()
    # asked first, because most resends need not carry their bytes to the database again
    if session.get(Blob, sha256) is None:
        row = {"sha256": sha256, "size": len(content), "media_type": media_type, "content": content}
        insert_once(session, Blob, row)
    return sha256


def insert_once(session: Session, table: type[SQLModel], row: dict[str, Any]) -> None:
    """Insert a row unless one with its key is there; of two transactions that insert it at once, the second finds it there."""
    connection = session.connection()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(table).values(row).on_conflict_do_nothing())


def get_blob(session: Session, sha256: str) -> bytes:
    """The bytes kept under a hash. Missing ones are a damaged store, not a normal case."""
    blob = session.get(Blob, sha256)
    if blob is None:
        raise Later("blob", f"Stored bytes {sha256[:12]}... are missing.", "Restore the database from its backup.")
    return blob.content


def new_code(session: Session, letter: str) -> str:
    """A short reference that can be said on the telephone, as R-7K2M; unique among its kind."""
    return new_codes(session, letter, 1)[0]


def new_codes(session: Session, letter: str, count: int, length: int = 4) -> list[str]:
    """So many references at once, all different, with one look at the database for most of them."""
    found: list[str] = []
    misses = 0
    while len(found) < count:
        drawn = {f"{letter}-" + "".join(secrets.choice(CODE_LETTERS) for _ in range(length)) for _ in range(count)}
        drawn -= set(found)
        taken = set(session.connection().execute(_TAKEN[letter], {"drawn": list(drawn)}).scalars())
        found += sorted(drawn - taken)
        misses = misses + 1 if taken else 0
        if misses >= 20:  # in a row: this length is nearly used up
            length, misses = length + 1, 0
    return found[:count]


def get_fact(session: Session, name: str) -> str | None:
    """A fact about the store, or None."""
    row = session.get(Fact, name)
    return row.value if row else None


def set_fact(session: Session, name: str, value: str) -> None:
    """Note a fact about the store."""
    row = locked_fact(session, name, value)
    row.value = value
    session.add(row)


def locked_fact(session: Session, name: str, first: str) -> Fact:
    """A fact, locked until the transaction ends; it is made with the value `first` where there is none."""
    locked = select(Fact).where(Fact.name == name).with_for_update().execution_options(populate_existing=True)
    row = session.exec(locked).first()
    if row is None:
        insert_once(session, Fact, {"name": name, "value": first})
        row = session.exec(locked).one()
    return row


def is_rehearsal(session: Session) -> bool:
    """Whether this store holds a drill: then everything is marked so, and a real e-RS is out of reach."""
    return get_fact(session, "rehearsal") == "yes"
