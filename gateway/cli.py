"""The command line: one door to everything the office and its administrators do.

Commands are noun and verb (`queue hold`). Every list takes `--json` (one object a line), every decision `--by`. Errors come as
one or two sentences and an exit code of gateway.errors.ExitCode; a traceback is a defect.
"""

from __future__ import annotations

import logging
import sys

import click
import typer

from gateway.errors import ExitCode, GatewayError

app = typer.Typer(
    name="gateway",
    help="Keeps faxed and e-mailed referrals safe while e-RS is down, and pushes them in when it is back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _register() -> None:
    """Attach the groups. Imported here, so that a broken optional part cannot break `gateway --help` of the rest."""
    from gateway import cli_review

    app.add_typer(cli_review.app, name="review")


def main() -> None:
    """Run the command line; turns our errors into sentences and exit codes."""
    logging.basicConfig(level=logging.WARNING)
    try:
        _register()
        app(standalone_mode=False)
    except GatewayError as error:
        print(error.says, file=sys.stderr)
        if error.do:
            print(error.do, file=sys.stderr)
        sys.exit(int(error.exit_code))
    except click.ClickException as error:
        error.show()
        sys.exit(int(ExitCode.WRONG_USAGE))
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(int(ExitCode.INTERRUPTED))
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except BrokenPipeError:
        sys.exit(int(ExitCode.OK))
