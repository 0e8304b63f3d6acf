"""`gateway balance`: the sum that proves that no page was lost."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.balance import balance as count
from gateway.cli_output import Json, in_london, now, open_here, show_one
from gateway.errors import ExitCode
from gateway.outage import find_outage


def balance(
    as_json: Json = False,
    outage: Annotated[str | None, typer.Option(help="Only what arrived in this outage, as O-7K2M.")] = None,
) -> None:
    """Add up every page that arrived; exit 1 when one has no place, or more than one.

    Example: gateway balance --outage O-7K2M
    """
    _settings, store = open_here()
    with store.read() as session:
        result = count(session, find_outage(session, outage) if outage else None)
    show_one(result.as_json(now()), as_json)
    if not as_json:
        for item in result.open_items[:20]:
            print(f"  open: {item.kind} {item.reference} is {item.state}, since {in_london(item.since)}")
        print("In order: every page has its place." if result.in_order else "NOT in order: see the faults above.")
    raise typer.Exit(int(ExitCode.OK if result.in_order else ExitCode.NOT_IN_ORDER))
