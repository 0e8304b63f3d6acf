"""`gateway release`: the attended drain into e-RS, how it stands, and its stop."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from gateway.cli_output import By, Json, in_london, now, open_here, show, show_one
from gateway.confirm import write_letters
from gateway.errors import WrongInput
from gateway.ers_signin import sign_in
from gateway.release import Progress, ReleaseResult, practice_of, start_release, time_scale
from gateway.release_report import ask_stop, release_status, would_send
from gateway.settings import Settings
from gateway.store import Store, is_rehearsal

app = typer.Typer(help="The attended release of the queue into e-RS.", no_args_is_help=True)


@app.command()
def start(
    operator: Annotated[str, typer.Option(help="The signed-in person who decides to release.")],
    organisation: Annotated[str, typer.Option(help="ODS code for which that person acts.")],
    role: Annotated[str, typer.Option(help="e-RS role, as REFERRING_CLINICIAN_ADMIN.")],
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the access token from standard input.")
    ] = False,
    browser: Annotated[bool, typer.Option("--sign-in", help="Sign in with the browser of this machine.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait also for the scans of the letters.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Send every READY referral into e-RS, suspected cancer first.

    Exit 0 when all were sent, 4 when some are unsure, refused or the release paused.

    Example: gateway release start --operator "Robin Clerk" --organisation RXX --role REFERRING_CLINICIAN_ADMIN --token-stdin
    """
    settings, store = open_here()
    if dry_run:
        _show_plan(store, settings, organisation, as_json)
        return
    token = sys.stdin.readline() if token_stdin else None
    session = (
        sign_in(settings.ers, show=lambda address: print(f"Sign in at {address}", file=sys.stderr)) if browser else None
    )
    result = start_release(
        store,
        settings,
        operator=operator,
        organisation=organisation,
        role=role,
        token=token,
        session=session,
        wait=wait,
        clock=now,
        sleep=time.sleep,
        progress=None if as_json else _say,
        scale=time_scale(store),
        at=_crash_point(store),
    )
    write_letters(store, settings, now())
    _show_end(result, as_json)
    raise typer.Exit(result.exit_code)


@app.command()
def status(as_json: Json = False) -> None:
    """Who releases since when, the pace, sent, waiting, unsure, refused, and the forecast end.

    Example: gateway release status --json
    """
    _settings, store = open_here()
    with store.read() as session:
        row = release_status(session, now())
    if not as_json and (reason := row.pop("reason", None)):
        row["state"] = f"{row['state']}: {reason}"
    show_one(row, as_json)


@app.command()
def stop(by: By) -> None:
    """End the release after the referrals that are on their way.

    Example: gateway release stop --by "Ann Clerk"
    """
    _settings, store = open_here()
    with store.write() as session:
        release = ask_stop(session, by, now())
    print(f"{release.code} stops after the referrals that are on their way.")


def _show_plan(store: Store, settings: Settings, organisation: str, as_json: bool) -> None:
    with store.read() as session:
        rows = would_send(session, practice_of(settings, organisation.strip().upper()), now())
    if as_json or not rows:
        show(rows, as_json, [], "Nothing is ready to send.")
        return
    console = Console(highlight=False)
    for row in rows:
        line = Text(f"{row['referral']}  ")
        line.append(in_london(row["clock"]), style="bold")
        line.append(f"  {row['priority']}  {row['nhs_number']}  {row['service']}")
        pages = f"{row['pages']} page{'' if row['pages'] == 1 else 's'}" if row["pages"] else "no letter"
        line.append(f"  {row['specialty']}/{row['clinic_type']}  {pages}")
        console.print(line)
    console.print(f"{len(rows)} referrals would be sent; the bold time is the clock start that e-RS will hold.")


def _say(progress: Progress) -> None:
    print(
        f"{progress.code} {progress.end.value}  (sent {progress.sent}, unsure {progress.unsure}, refused {progress.refused})",
        flush=True,
    )


def _show_end(result: ReleaseResult, as_json: bool) -> None:
    if as_json:
        show_one(
            {
                "release": result.release,
                "state": result.state,
                "says": result.says,
                "sent": result.sent,
                "unsure": result.unsure,
                "refused": result.refused,
                "waiting": result.waiting,
                "not_checked": list(result.unchecked),
            },
            True,
        )
        return
    for sentence in result.unchecked:
        print(f"Not checked: {sentence}")
    print(
        f"{result.release} {result.state}: sent {result.sent}, unsure {result.unsure}, refused {result.refused}, "
        f"still waiting {result.waiting}. {result.says}".rstrip()
    )


def _crash_point(store: Store) -> Callable[[str], None] | None:
    """For the crash tests: in a rehearsal store the program kills itself at the step and moment that the environment names.

    GATEWAY_REHEARSAL_CRASH=A011:answered, or A011:answered:3 for the third time it comes by.
    """
    wanted: Any = os.environ.get("GATEWAY_REHEARSAL_CRASH")
    if not wanted:
        return None
    with store.read() as session:
        if not is_rehearsal(session):
            raise WrongInput(
                "rehearsal",
                "GATEWAY_REHEARSAL_CRASH is set, and this is not a rehearsal store.",
                "Take it from the environment.",
            )
    step, moment, *times = wanted.split(":")
    left = [int(times[0]) if times else 1]

    def at(point: str) -> None:
        if point == f"{step}:{moment}":
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return at
