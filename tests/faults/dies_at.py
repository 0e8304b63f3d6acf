"""`python dies_at.py N`: `gateway run` that kills itself at its N-th contact with the database after the first mail has come.

Each statement and each commit is one contact: at an odd number it dies before the database hears of it, at an even one after.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys

import sqlalchemy as sa

from gateway.cli import main

left = itertools.count(int(sys.argv.pop(1)), -1)
begun = False


def contact() -> None:
    if begun and next(left) <= 1:
        os.kill(os.getpid(), signal.SIGKILL)


@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def _before(_connection, _cursor, statement, *_):  # type: ignore[no-untyped-def]
    global begun
    begun = begun or "INSERT INTO gw_blob" in statement
    contact()


@sa.event.listens_for(sa.Engine, "after_cursor_execute")
def _after(*_):  # type: ignore[no-untyped-def]
    contact()


@sa.event.listens_for(sa.Engine, "commit")
def _commit(_connection):  # type: ignore[no-untyped-def]
    contact()


main()
