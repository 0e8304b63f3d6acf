"""`gateway letter`: what practices were told; showing a letter, and sending those that a person releases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col, select

from gateway.cli_output import By, DryRun, Json, now, open_here, show
from gateway.confirm import about, find_letter, open_letter, release_letter, send_letters
from gateway.errors import Refused, WrongInput
from gateway.queue import taken_back
from gateway.tables import Letter

app = typer.Typer(no_args_is_help=True, help="What the practices are told.")


@app.command("list")
def list_(
    as_json: Json = False,
    state: Annotated[str | None, typer.Option(help="Only KEPT, WAITING, SENT or FAILED.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many, the newest.")] = None,
) -> None:
    """List letters, the newest first, and why one is kept for a person.

    Example: gateway letter list --state KEPT
    """
    _settings, store = open_here()
    with store.read() as session:
        query = select(Letter).order_by(col(Letter.id).desc())
        query = query.where(Letter.state == state.upper()) if state else query
        rows = [{"about": about(session, x), **_row(x)} for x in session.exec(query.limit(limit) if limit else query)]
    columns = (
        ("letter", "Letter"),
        ("kind", "Kind"),
        ("about", "About"),
        ("state", "State"),
        ("made_at", "Made"),
        ("why", "Why"),
    )
    show(rows, as_json, columns, "No letter was written yet.")


def _row(letter: Letter) -> dict[str, object]:
    return {
        "letter": letter.code,
        "kind": letter.kind,
        "state": letter.state,
        "practice": letter.practice_code,
        "made_at": letter.made_at,
        "sent_at": letter.sent_at,
        "sent_by": letter.sent_by,
        "tries": letter.tries,
        "why": letter.why,
    }


@app.command("show")
def show_(
    codes: Annotated[list[str], typer.Argument(help="Letters, as L-7K2M.")],
    by: By,
    out: Annotated[
        Path | None, typer.Option(help="A file for one letter, or a folder; this one when left out.")
    ] = None,
) -> None:
    """Write letters as PDF files.

    Example: gateway letter show L-7K2M --out letter.pdf
    """
    _settings, store = open_here()
    for code in codes:
        with store.write() as session:
            letter = find_letter(session, code)
            content = open_letter(session, letter, by, now())
        name = f"{letter.code}-{letter.kind}.pdf"
        file = out if out and len(codes) == 1 and not out.is_dir() else (out or Path()) / name
        try:
            file.write_bytes(content)
        except OSError as error:
            raise WrongInput(
                "file", f"{file} cannot be written: {error.strerror}.", "Name another with --out."
            ) from None
        print(f"{letter.kind}: {file}")


@app.command("send")
def send(
    by: By,
    codes: Annotated[list[str] | None, typer.Argument(help="Letters, as L-7K2M; all that wait when left out.")] = None,
    practice: Annotated[
        str | None, typer.Option(help="ODS code of the practice, where the letter does not know it.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Send letters through the relay, only ever to an address of the contacts file.

    Example: gateway letter send L-7K2M --by "Ann Clerk"
    """
    settings, store = open_here()
    with taken_back(store, dry_run) as session:
        for code in codes or []:
            release_letter(session, find_letter(session, code), by, now(), settings, practice)
        waiting = len(session.exec(select(Letter.id).where(Letter.state == "WAITING")).all())
    if dry_run:
        print(f"{waiting} letters would be sent. Nothing was changed.")
        return
    if settings.mail.host is None:
        raise Refused(
            "mail", "No mail relay is set.", "Set GATEWAY_MAIL__HOST, or print letters: `gateway letter show`."
        )
    done = send_letters(store, settings, now())
    print(f"{done.sent} sent, {done.later} put off, {done.failed} failed.")
