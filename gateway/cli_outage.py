"""`gateway outage`: whether e-RS is up, and the outage as a record that is opened, moved and closed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col, select

from gateway.cli_output import LONDON, By, Json, now, open_here, show
from gateway.code_tables import ages
from gateway.errors import WrongInput
from gateway.outage import current_outage, find_outage, move_start, open_outage
from gateway.outage_report import ClosingReport, closing_report, sign_outage
from gateway.tables import Outage, Probe

app = typer.Typer(help="Whether e-RS is up, and the record of an outage.", no_args_is_help=True)

Code = Annotated[str | None, typer.Argument(help="The outage; the open one when left out.")]
_COLUMNS = [
    ("outage", "outage"),
    ("state", "state"),
    ("started_at", "started"),
    ("back_at", "e-RS back"),
    ("closed_at", "closed"),
    ("closed_by", "by"),
    ("why", "why"),
]


@app.command()
def status(as_json: Json = False) -> None:
    """e-RS as last seen, the age of its code tables, and all outages, the newest first.

    Example: gateway outage status
    """
    _settings, store = open_here()
    with store.read() as session:
        seen = session.get(Probe, 1)
        tables = ages(session, now())
        rows = [_row(o) for o in session.exec(select(Outage).order_by(col(Outage.id).desc()))]
        open_now = current_outage(session)
    state = seen.state if seen else "UNKNOWN"
    days = {kind: round(age.total_seconds() / 86400, 1) if age is not None else None for kind, age in tables.items()}
    if as_json:
        head = {
            "ers": state,
            "since": seen.since if seen else None,
            "seen_at": seen.seen_at if seen else None,
            "says": seen.says if seen else "Nobody has looked yet.",
            "outage": open_now.code if open_now else None,
            "code_tables_age_days": days,
        }
        show([head, *rows], True, [], "")
        return
    print(f"e-RS: {state}. {seen.says if seen else 'Nobody has looked yet.'}")
    for kind, age in days.items():
        print(f"{kind.lower().replace('-', ' ')} codes: {'never fetched' if age is None else f'{age} days old'}")
    show(rows, False, _COLUMNS, "There was no outage.")


@app.command("open")
def open_(
    by: By,
    why: Annotated[str, typer.Option("--why", help="What happened.")],
    started: Annotated[
        str | None, typer.Option("--started", help="As 2026-11-20T08:30 (London time); now when left out.")
    ] = None,
) -> None:
    """Open an outage; what arrived since its start is stamped with it.

    Example: gateway outage open --why "smartcards do not work"
    """
    _settings, store = open_here()
    with store.write() as session:
        outage = open_outage(session, by=by, why=why, now=now(), started_at=_instant(started))
    print(f"{outage.code} is open.")


@app.command()
def move(
    by: By,
    started: Annotated[str, typer.Option("--started", help="The right start, as 2026-11-20T08:30 (London time).")],
    code: Code = None,
) -> None:
    """Move the start of an outage; what arrived is stamped anew.

    Example: gateway outage move --started 2026-11-20T08:30
    """
    _settings, store = open_here()
    start = _instant(started)
    assert start is not None
    with store.write() as session:
        outage = move_start(session, code, start, by=by, now=now())
    print(f"{outage.code} was moved.")


@app.command()
def close(
    by: By,
    code: Code = None,
    left_open: Annotated[
        list[str] | None, typer.Option("--open", help="An open item that is left open; may be repeated.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Also write the closing report here, as .pdf and .csv.")
    ] = None,
) -> None:
    """Close and sign an outage. Its balance must have no difference, and nothing may be open that is not named.

    The closing report is kept among the letters; --report writes it as files too.

    Example: gateway outage close --by "Ann Clerk" --report closing
    """
    settings, store = open_here()
    outage, written = sign_outage(store, settings, code, by=by, now=now(), named=left_open or ())
    if report is not None:
        _write(written, report)
    print(f"{outage.code} is closed, signed by {by}.")


@app.command("report")
def report_(
    code: Annotated[str, typer.Argument(help="The outage; it must be closed.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write it, as .pdf and .csv.")],
) -> None:
    """Write the report of a closed outage again, as things stand now.

    Example: gateway outage report O-7K2M --out closing
    """
    settings, store = open_here()
    with store.read() as session:
        written = closing_report(session, find_outage(session, code), settings)
    _write(written, out)


def _write(report: ClosingReport, out: Path) -> None:
    try:
        out.with_suffix(".pdf").write_bytes(report.pdf)
        out.with_suffix(".csv").write_text(report.csv, encoding="utf-8-sig", newline="")
    except OSError as error:
        says = f"The report cannot be written: {error.strerror}."
        raise WrongInput("report", says, "Name a file in a folder that you may write to.") from None
    print(f"{out.with_suffix('.pdf')} and {out.with_suffix('.csv')} are written.")


def _instant(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        given = dt.datetime.fromisoformat(text)
    except ValueError:
        raise WrongInput("started", f"'{text}' is not a time.", "Write it like 2026-11-20T08:30.") from None
    return given if given.tzinfo else given.replace(tzinfo=LONDON)


def _row(outage: Outage) -> dict[str, object]:
    state = "closed" if outage.closed_at else ("e-RS is back" if outage.back_at else "open")
    return {
        "outage": outage.code,
        "state": state,
        "started_at": outage.started_at,
        "back_at": outage.back_at,
        "closed_at": outage.closed_at,
        "opened_by": outage.opened_by,
        "closed_by": outage.closed_by,
        "left_open": outage.open_items_named,
        "why": outage.why,
    }
