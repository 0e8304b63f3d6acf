"""`gateway review` beside the decisions: claims, calls, taking back, the order of pages, and what was sent to us by mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway import calls as rules
from gateway.claims import check_claim, claim, give_back
from gateway.cli_output import By, Json, now, open_here, show
from gateway.cli_referral import Code, Why, deciding_on, tell
from gateway.errors import WrongInput
from gateway.events import record
from gateway.field_values import parse_instant
from gateway.incidents import export_incidents, incidents
from gateway.page_order import parse_order, reorder_pages
from gateway.referrals import find_referral
from gateway.undoing import undo, undo_value

app = typer.Typer()


@app.command("claim")
def claim_(
    code: Code,
    by: By,
    minutes: Annotated[float, typer.Option(min=1, max=720, help="For how long; longer than a click at the desk.")] = 60,
    take_over: Annotated[bool, typer.Option("--take-over", help="Take it from somebody else, who is named.")] = False,
) -> None:
    """Take a referral to work on it, so that nobody else does meanwhile.

    Example: gateway review claim R-7K2M --by "Ann Clerk"
    """
    with deciding_on(code) as (session, referral, _settings):
        if not take_over:
            check_claim(referral, by, now())
        claim(session, referral, by, now(), minutes, take_over=take_over)
    print(f"{referral.code} is with {by}.")


@app.command("give-back")
def give_back_(code: Code, by: By) -> None:
    """Give a referral back that you have, so that others may take it.

    Example: gateway review give-back R-7K2M --by "Ann Clerk"
    """
    with deciding_on(code, by) as (session, referral, _settings):
        had = referral.claimed_by == by
        give_back(session, referral, by, now())
    print(f"{referral.code} is free." if had else f"{referral.code} was not with {by}.")


@app.command("call")
def call(
    code: Code,
    by: By,
    whom: Annotated[str, typer.Option(help="Whom you rang, or who is to be rung.")],
    result: Annotated[str, typer.Option(help="What came of it.")] = "",
    at: Annotated[str, typer.Option(help="When it was, as '20/11/2026 08:42'; now when left out.")] = "",
    next_try: Annotated[str, typer.Option(help="When to try again, as '21/11/2026 09:00'.")] = "",
    answered: Annotated[bool, typer.Option("--answered", help="It is answered; no further call.")] = False,
) -> None:
    """Note a telephone call about a referral; until it is answered, the referral is held back from every release.

    Example: gateway review call R-7K2M --whom "Castle Hill Surgery" --result "rings back" --next-try "21/11/2026 09:00"
    """
    with deciding_on(code, by) as (session, referral, _settings):
        rules.note_call(
            session,
            referral,
            whom=whom,
            result=result,
            rang_at=parse_instant(at) if at else None,
            next_try_at=parse_instant(next_try) if next_try else None,
            answered=answered,
            by=by,
            now=now(),
        )
        held = referral.hold_why
    print(f"The call about {referral.code} is noted{f'; it is on hold: {held}' if held else ''}.")


@app.command("calls")
def calls(
    by: By,
    code: Annotated[str, typer.Argument(help="Only those about this referral.")] = "",
    due: Annotated[bool, typer.Option("--due", help="Only those whose next try is due.")] = False,
    as_json: Json = False,
) -> None:
    """List the calls about a referral, or those that are due.

    Example: gateway review calls --due
    """
    if not code and not due:
        raise WrongInput("calls", "Say which calls.", "Name a referral, or give --due.")
    _settings, store = open_here()
    with store.write() as session:
        if due:
            found = [(note, about.code) for note, about in rules.calls_due(session, now())]
            found = [pair for pair in found if not code or find_referral(session, code).code == pair[1]]
        else:
            about = find_referral(session, code)
            found = [(note, about.code) for note in rules.calls_about(session, about)]
        for about_code in dict.fromkeys(c for _note, c in found):
            record(session, "values.viewed", about_code, by, now())
    rows: list[dict[str, Any]] = [
        {
            "referral": about_code,
            "at": note.at,
            "by": note.by,
            "whom": note.whom,
            "result": note.result,
            "next_try_at": note.next_try_at,
            "settled_at": note.settled_at,
        }
        for note, about_code in found
    ]
    columns = (
        ("referral", "About"),
        ("at", "Rang"),
        ("by", "Who"),
        ("whom", "Whom"),
        ("result", "Result"),
        ("next_try_at", "Next try"),
    )
    show(rows, as_json, columns, "No call is due." if due else "There was no call.")


@app.command("undo")
def undo_(
    code: Code,
    by: By,
    why: Why = "",
    field: Annotated[str, typer.Option(help="Only this field: put its earlier value back.")] = "",
) -> None:
    """Take the last decision back, as long as it is not in e-RS: a confirmation, or an ending with --why.

    Example: gateway review undo R-7K2M --why "pressed by mistake"
    """
    with deciding_on(code, by) as (session, referral, settings):
        if field:
            weighed = undo_value(session, referral, field, by, now(), settings=settings)
        else:
            weighed = undo(session, referral, by, now(), settings=settings, why=why)
    tell(referral, weighed)


@app.command("order")
def order(
    code: Code,
    pages: Annotated[list[str], typer.Argument(help="All page numbers in the right order, as 2 1 3.")],
    by: By,
) -> None:
    """Put the pages of a referral into the right order.

    Example: gateway review order R-7K2M 2 1 3
    """
    with deciding_on(code, by) as (session, referral, _settings):
        reorder_pages(session, referral, parse_order(" ".join(pages)), by, now())
    print(f"The pages of {referral.code} are in their new order.")


@app.command("incidents")
def incidents_(
    by: By,
    export: Annotated[
        Path | None, typer.Option(help="Write them to this CSV for the information-governance lead; `-` prints it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List what was sent to us by mistake, the newest first, or write it as CSV that is safe to open in a spreadsheet.

    Example: gateway review incidents --export incidents.csv
    """
    _settings, store = open_here()
    if export is not None:
        with store.write() as session:
            text = export_incidents(session, by, now())
        _write(text, export)
        return
    with store.read() as session:
        rows = incidents(session)
    columns = (
        ("incident", "Incident"),
        ("referral", "Referral"),
        ("arrived_at", "Arrived"),
        ("organisation", "From"),
        ("returned_how", "Returned how"),
        ("noted_by", "Noted by"),
        ("taken_back_at", "Taken back"),
    )
    show(rows, as_json, columns, "There was none.")


def _write(text: str, file: Path) -> None:
    if str(file) == "-":
        print(text, end="")
        return
    try:
        # the mark makes spreadsheets read it as UTF-8
        file.write_bytes(("\ufeff" + text).encode())
    except OSError as error:
        raise WrongInput("file", f"{file} cannot be written: {error.strerror}.", "Name another file.") from None
    print(f"Written: {file}")
