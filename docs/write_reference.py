"""Writes docs/commands.md and docs/settings.md from the program itself; `--check` only says whether they are up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from gateway.cli import app
from gateway.errors import ExitCode
from gateway.settings import Settings

HERE = Path(__file__).parent
MEANINGS = {
    ExitCode.OK: "all is well",
    ExitCode.NOT_IN_ORDER: "the balance has a difference, the doctor found something, or a drill broke a promise",
    ExitCode.WRONG_USAGE: "a wrong argument, option, setting or file",
    ExitCode.SOME_UNREADABLE: "`read`: at least one file could not be read",
    ExitCode.NOT_ALL_SENT: "`release start`: some unsure, refused or paused",
    ExitCode.TRY_LATER: "disk full, database busy, e-RS away: the same call may work later",
    ExitCode.REFUSED: "the rules or the present state do not allow it, or there is no such thing",
    ExitCode.INTERRUPTED: "stopped by Ctrl-C",
}


def commands(command: Any, path: tuple[str, ...] = ("gateway",)) -> Iterator[tuple[str, Any]]:
    """Every command with its words."""
    if not hasattr(command, "list_commands"):
        yield " ".join(path), command
        return
    for name in command.list_commands(None):
        yield from commands(command.get_command(None, name), (*path, name))


def commands_text() -> str:
    """The reference of the command line."""
    lines = [
        "# Commands",
        "",
        "Written from the program by `make docs`. Every list takes `--json` (one object a line).",
        "",
    ]
    lines += [
        "| exit code | means |",
        "|---|---|",
        *(f"| {int(code)} | {means} |" for code, means in MEANINGS.items()),
        "",
    ]
    for words, command in commands(typer.main.get_command(app)):
        lines += [f"## `{words}`", "", *_paragraphs(command.help or ""), ""]
        options = [_option(p) for p in command.params if p.name != "help"]
        if options:
            lines += ["| argument | meaning |", "|---|---|", *options, ""]
    return "\n".join(lines).rstrip() + "\n"


def _paragraphs(text: str) -> list[str]:
    out = []
    for paragraph in text.split("\n\n"):
        one = " ".join(paragraph.split())
        out += [f"    {one.removeprefix('Example:').strip()}" if one.startswith("Example:") else one, ""]
    return out[:-1]


def _option(parameter: Any) -> str:
    name = (
        "/".join(parameter.opts)
        if getattr(parameter, "param_type_name", "") == "option"
        else (parameter.name or "").upper()
    )
    return f"| `{name}` | {(getattr(parameter, 'help', None) or '').replace('|', '/')} |"


def settings_text() -> str:
    """The table of settings."""
    lines = [
        "# Settings",
        "",
        "Written from the program by `make docs`. In `gateway.toml` a setting stands in the table of its section (`[smtp]`, then `port = 2525`);",
        "in the environment it has the name below. The environment wins. Lists are JSON. A wrong setting stops the start with one line.",
        "",
        "| name | default | meaning |",
        "|---|---|---|",
        *_rows(Settings, "GATEWAY_"),
    ]
    return "\n".join(lines) + "\n"


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind: Any = field.annotation
        shown = (field.alias or name).upper()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _rows(kind, f"{prefix}{shown}__")
        else:
            default = "" if field.default is None else f"`{field.default}`"
            yield f"| `{prefix}{shown}` | {default} | {field.description or ''} |"


def main() -> None:
    """Write both, or check them."""
    stale = []
    for file, text in (("commands.md", commands_text()), ("settings.md", settings_text())):
        path = HERE / file
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(file)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"Out of date: {', '.join(stale)}. Run `make docs`.")
        sys.exit(1)


if __name__ == "__main__":
    main()
