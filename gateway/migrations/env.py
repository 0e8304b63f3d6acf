"""Alembic's entry: uses the connection of the store and leaves tables that are not ours alone."""

from typing import Any

from alembic import context
from sqlmodel import SQLModel

import gateway.tables_desk
import gateway.tables_reference  # noqa: F401  (they fill the metadata)


def _ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    # the work engine's tables stand beside ours; without this, autogenerate would drop them
    return kind != "table" or bool(name and name.startswith("gw_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_object=_ours,
    version_table="gw_alembic_version",
)
# The store has begun the transaction, and holds the lock; alembic must not begin another.
context.run_migrations()
