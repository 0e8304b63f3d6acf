"""The command line: one door to everything the office and its administrators do.

Commands are noun and verb (`queue hold`). Every list takes `--json` (one object a line), every decision `--by`. Errors come as
one or two sentences and an exit code of gateway.errors.ExitCode; a traceback is a defect.
"""

from __future__ import annotations

import os
import sys

import click
import typer

from gateway import (
    cli_balance,
    cli_form,
    cli_import,
    cli_inbox,
    cli_letter,
    cli_outage,
    cli_queue,
    cli_read,
    cli_rehearse,
    cli_release,
    cli_review,
    cli_run,
)
from gateway.errors import ExitCode, GatewayError

app = typer.Typer(
    name="gateway",
    help="Keeps faxed and e-mailed referrals safe while e-RS is down, and pushes them in when it is back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for name, command in (
    ("run", cli_run.run),
    ("doctor", cli_run.doctor),
    ("read", cli_read.read),
    ("balance", cli_balance.balance),
    ("rehearse", cli_rehearse.rehearse),
):
    app.command(name)(command)
for name, group in (
    ("inbox", cli_inbox.app),
    ("review", cli_review.app),
    ("queue", cli_queue.app),
    ("outage", cli_outage.app),
    ("release", cli_release.app),
    ("letter", cli_letter.app),
    ("patients", cli_import.patients),
    ("reference", cli_import.reference),
    ("form", cli_form.app),
):
    app.add_typer(group, name=name)


def main() -> None:
    """Run the command line; turns errors into sentences and exit codes."""
    try:
        app(standalone_mode=False)
    except GatewayError as error:
        _end(error.exit_code, error.says, error.do)
    except click.ClickException as error:
        error.show()
        _end(ExitCode.WRONG_USAGE)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _end(ExitCode.INTERRUPTED, "Stopped.")
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except BrokenPipeError:
        # the reader of our output is gone (`| head`); Python would complain again when it flushes at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _end(ExitCode.OK)
    except OSError as error:
        # the file's name may hold a patient's, so only what is wrong is said (P8)
        _end(
            ExitCode.TRY_LATER,
            f"This machine refused: {error.strerror or type(error).__name__}.",
            "See `gateway doctor`.",
        )


def _end(code: ExitCode, *sentences: str) -> None:
    for sentence in sentences:
        if sentence:
            print(sentence, file=sys.stderr)
    sys.exit(int(code))
