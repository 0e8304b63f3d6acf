"""How commands print: tables for people, one JSON object a line for programs, and who is asking."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from gateway.settings import Settings, load_settings
from gateway.store import Store, open_store

LONDON = ZoneInfo("Europe/London")


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user table
        return "unknown"


Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
By = Annotated[str, typer.Option("--by", help="Who decides this.", default_factory=_login_name)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")]


def open_here() -> tuple[Settings, Store]:
    """The settings and the open store that a command works on."""
    settings = load_settings()
    return settings, open_store(settings.url)


def now() -> dt.datetime:
    """The present instant, in UTC: the commands' clock."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The day in London, which is the day of every paper (ers.md section 10)."""
    return now().astimezone(LONDON).date()


def in_london(instant: dt.datetime | None) -> str:
    """An instant as the office reads it: `20 Nov 2026 08:42`, in London time."""
    return instant.astimezone(LONDON).strftime("%-d %b %Y %H:%M") if instant else ""


def show(rows: Iterable[dict[str, Any]], as_json: bool, columns: Sequence[tuple[str, str]], empty: str) -> None:
    """Print rows: `columns` are (key, heading) of the table; `empty` is the sentence for no rows."""
    if as_json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False, default=_plain))
        return
    rows = list(rows)
    if not rows:
        print(empty)
        return
    # a file or a pipe has no width of its own: then lines are as long as they need to be
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    table = Table(box=None, pad_edge=False, header_style="bold")
    short = [all(_in_one_piece(row.get(key)) for row in rows) for key, _heading in columns]
    needed = sum(
        max(len(_shortly(row.get(key))) for row in rows) + 2
        for (key, _heading), one in zip(columns, short, strict=True)
        if one
    )
    for (_key, heading), one in zip(columns, short, strict=True):
        # codes and times are read as one piece where there is room; sentences may run over several lines
        table.add_column(heading, overflow="fold", no_wrap=one and needed + 20 <= console.width)
    for row in rows:
        table.add_row(*(_shortly(row.get(key)) for key, _heading in columns))
    console.print(table, markup=False)


def _in_one_piece(value: Any) -> bool:
    return value is None or not isinstance(value, str) or (len(value) <= 18 and value.count(" ") <= 2)


def _shortly(value: Any) -> str:
    """A cell of a list: a time of this year without its year."""
    if isinstance(value, dt.datetime) and value.astimezone(LONDON).year == now().astimezone(LONDON).year:
        return value.astimezone(LONDON).strftime("%-d %b %H:%M")
    return _cell(value)


def show_one(row: dict[str, Any], as_json: bool) -> None:
    """Print one object: JSON on a line, or a name and value a line."""
    if as_json:
        print(json.dumps(row, ensure_ascii=False, default=_plain))
        return
    width = max((len(key) for key in row), default=0)
    for key, value in row.items():
        print(f"{key.replace('_', ' '):<{width}}  {_cell(value)}")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return in_london(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(_cell(v) for v in value)
    return printable(str(value))


def printable(text: str) -> str:
    """Text of a stranger for a terminal: without control and right-to-left characters."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"cannot print a {type(value).__name__}")
