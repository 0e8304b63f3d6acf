"""`gateway inbox`: what arrived, what became of it, handing in a file, opening or reading something again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli_output import By, Json, now, open_here, printable, show, show_one
from gateway.errors import GatewayError
from gateway.inbox_views import deliveries, delivery_view, hand_in, not_duplicate, reread_delivery

app = typer.Typer(no_args_is_help=True, help="What arrived and what became of it.")
Code = Annotated[str, typer.Argument(help="The delivery, as D-7K2M.")]


@app.command("list")
def list_(
    as_json: Json = False,
    outcome: Annotated[
        str | None, typer.Option(help="Only: waiting, documents, no_document, duplicate, rejected.")
    ] = None,
    flag: Annotated[str | None, typer.Option(help="Only those with this flag.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many, the newest.")] = None,
) -> None:
    """List deliveries, oldest first.

    Example: gateway inbox list --outcome no_document
    """
    _settings, store = open_here()
    with store.read() as session:
        rows = deliveries(session, outcome=outcome, flag=flag, limit=limit)
    columns = (
        ("delivery", "Delivery"),
        ("received_at", "Received"),
        ("route", "By"),
        ("outcome", "Outcome"),
        ("papers", "Papers"),
        ("flags", "Flags"),
        ("duplicate_of", "Same as"),
    )
    if as_json:
        rows = [{key: value for key, value in row.items() if key != "papers"} for row in rows]
    show(rows, as_json, columns, "Nothing has arrived.")


@app.command("show")
def show_(code: Code, as_json: Json = False) -> None:
    """Show one delivery: where it came from, its documents, hints and referrals.

    Example: gateway inbox show D-7K2M
    """
    _settings, store = open_here()
    with store.read() as session:
        row = delivery_view(session, code)
    show_one(row, as_json)


@app.command("add")
def add(
    files: Annotated[list[Path], typer.Argument(help="Files to hand in.")],
    by: By,
    desk: Annotated[str | None, typer.Option(help="The desk it is meant for.")] = None,
) -> None:
    """Hand in files as if they had been faxed; prints the reference of each.

    Example: gateway inbox add scan.pdf
    """
    settings, store = open_here()
    worst: GatewayError | None = None
    for done in hand_in(store, settings, files, desk, by, now()):
        if done.trouble is None:
            print(f"{done.code}  {printable(done.file.name)}", flush=True)
        else:
            noted = f" It is noted as {done.code}." if done.code else ""
            print(f"{printable(str(done.file))}: {done.trouble.says} {done.trouble.do}{noted}", file=sys.stderr)
            worst = done.trouble if worst is None or done.trouble.later else worst
    if worst is not None:
        raise typer.Exit(int(worst.exit_code))


@app.command("reread")
def reread(
    code: Code,
    by: By,
    no_duplicate: Annotated[
        bool, typer.Option("--not-duplicate", help="It was taken for a duplicate, and is none: take its pages back.")
    ] = False,
) -> None:
    """Read documents again that no machine could read, or that were wrongly taken for a duplicate.

    Example: gateway inbox reread D-7K2M --not-duplicate
    """
    from gateway.work import Jobs  # heavy, and only this needs it

    _settings, store = open_here()
    again = not_duplicate if no_duplicate else reread_delivery
    count = again(store, Jobs(store), code, by, now())
    print(f"{count} documents will be read again." if count else "There is nothing in it to read again.")
