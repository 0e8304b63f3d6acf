"""`gateway run` and `gateway doctor`: the service itself, and whether this machine is fit for it."""

from __future__ import annotations

import logging

import structlog
import typer

from gateway.cli_output import Json, show
from gateway.doctor import examine
from gateway.errors import ExitCode
from gateway.service import run as run_service
from gateway.settings import Settings, load_settings


def run() -> None:
    """Run everything in one process: SMTP, folder, workers, probe of e-RS, letters. Ctrl-C ends it.

    Example: GATEWAY_SMTP__DOMAINS='["faxes.trust.example"]' gateway run
    """
    settings = load_settings()
    _log_to_console(settings)
    run_service(settings, lambda line: print(line, flush=True))


def doctor(as_json: Json = False) -> None:
    """Check this machine, the settings and the store, and say what to do. Exit 1 when something must be done.

    Example: gateway doctor
    """
    findings = examine(load_settings())
    show(
        ({"check": f.check, "state": f.state, "says": f.says} for f in findings),
        as_json,
        (("state", ""), ("check", "Check"), ("says", "Finding")),
        "",
    )
    raise typer.Exit(int(ExitCode.NOT_IN_ORDER if any(f.state == "BAD" for f in findings) else ExitCode.OK))


def _log_to_console(settings: Settings) -> None:
    """Log lines with references and never with values (P8); as text for people or JSON for machines."""
    last = (
        structlog.processors.JSONRenderer() if settings.log == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                last,
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "alembic", "dbos", "PIL", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
