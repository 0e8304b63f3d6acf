"""The command line: one door to everything the office and its administrators do.

Commands are noun and verb (`queue hold`). Every list takes `--json` (one object a line), every decision `--by`. Errors come as
one or two sentences and an exit code of gateway.errors.ExitCode; a traceback is a defect. The module of a command is imported only
when that command is called, so that each starts quickly.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from gateway.errors import ExitCode, GatewayError

# command or group -> the module and the name in it, in the order of --help
PARTS: dict[str, tuple[str, str]] = {
    "run": ("gateway.cli_run", "run"),
    "doctor": ("gateway.cli_run", "doctor"),
    "read": ("gateway.cli_read", "read"),
    "inbox": ("gateway.cli_inbox", "app"),
    "review": ("gateway.cli_review", "app"),
    "queue": ("gateway.cli_queue", "app"),
    "outage": ("gateway.cli_outage", "app"),
    "release": ("gateway.cli_release", "app"),
    "letter": ("gateway.cli_letter", "app"),
    "balance": ("gateway.cli_balance", "balance"),
    "people": ("gateway.cli_people", "app"),
    "patients": ("gateway.cli_import", "patients"),
    "reference": ("gateway.cli_import", "reference"),
    "form": ("gateway.cli_form", "app"),
    "rehearse": ("gateway.cli_rehearse", "rehearse"),
}


class _Parts(TyperGroup):
    """The commands by name, each imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(PARTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in PARTS:
            return None
        module, name = PARTS[cmd_name]
        part = getattr(importlib.import_module(module), name)
        if not isinstance(part, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            alone.command(cmd_name)(part)
            part = alone
        command = typer.main.get_command(part)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="gateway", cls=_Parts, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)


@app.callback()
def gateway() -> None:
    """Keeps faxed and e-mailed referrals safe while e-RS is down, and pushes them in when it is back."""


def main() -> None:
    """Run the command line; turns errors into sentences and exit codes."""
    try:
        app()
    except GatewayError as error:
        _end(error.exit_code, error.says, error.do)
    except KeyboardInterrupt:
        _end(ExitCode.INTERRUPTED, "Stopped.")
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
    if said := " ".join(sentence for sentence in sentences if sentence):
        print(said, file=sys.stderr)
    sys.exit(int(code))
