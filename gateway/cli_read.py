"""`gateway read`: reads documents and touches no database."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli_output import Json, today
from gateway.errors import ExitCode
from gateway.file_reading import FileReader
from gateway.reading import as_json as as_contract
from gateway.settings import load_settings


def read(
    files: Annotated[list[Path], typer.Argument(help="Files to read: TIFF, PDF, PNG or JPEG.")],
    as_json: Json = False,
    patients: Annotated[Path | None, typer.Option(help="Patient index (CSV), without which nothing is ready.")] = None,
) -> None:
    """Read documents and print what they say; touches no database.

    Example: gateway read --json --patients patients.csv fax.tif
    """
    settings = load_settings()
    unreadable = 0
    with (
        FileReader(settings, patients, today()) as reader,
        ThreadPoolExecutor(settings.reading.workers) as workers,
    ):
        for result in workers.map(lambda file: as_contract(str(file), reader.read(file)), files):
            unreadable += result["pages"] == 0
            print(json.dumps(result, ensure_ascii=False) if as_json else _in_words(result))
            sys.stdout.flush()
    raise typer.Exit(int(ExitCode.SOME_UNREADABLE if unreadable else ExitCode.OK))


def _in_words(result: dict[str, Any]) -> str:
    lines = [f"{result['file']}: {result['document_type']}, {result['status']}, {result['pages']} pages"]
    for part in (result, *result.get("more", ())):
        for field, found in part["fields"].items():
            sure = "sure" if found["accepted"] else "check"
            lines.append(f"  {field:<26} {found['value']!s:<40.40} {sure:<5} page {found['page']}")
    return "\n".join(lines + [f"  ! {reason}" for reason in result["reasons"]])
