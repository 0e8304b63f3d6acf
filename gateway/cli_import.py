"""`gateway patients import` and `gateway reference import`: the files of the site, taken whole or not at all."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli_output import By, DryRun, Json, now, open_here, show
from gateway.errors import WrongInput
from gateway.reference import import_reference, reference_ages

patients = typer.Typer(no_args_is_help=True, help="The trust's own patient index.")
reference = typer.Typer(no_args_is_help=True, help="Practices, contacts, services and clinicians of the site.")
File = Annotated[Path, typer.Argument(help="The CSV file.")]


class Kind(StrEnum):
    """What a reference file holds."""

    PRACTICES = "practices"
    CONTACTS = "contacts"
    SERVICES = "services"
    CLINICIANS = "clinicians"


@patients.command("import")
def import_patients(file: File, by: By, dry_run: DryRun = False) -> None:
    """Replace the patient index by this extract.

    Example: gateway patients import patients.csv
    """
    _import("patients", file, by, dry_run)


@patients.command("age")
def age(as_json: Json = False) -> None:
    """Show when the patient index was last imported; old data is as dangerous as none.

    Example: gateway patients age
    """
    _ages(as_json, patients_only=True)


@reference.command("list")
def list_(as_json: Json = False) -> None:
    """Show when each reference list was last imported, and how old it is.

    Example: gateway reference list
    """
    _ages(as_json, patients_only=False)


def _ages(as_json: bool, *, patients_only: bool) -> None:
    _settings, store = open_here()
    with store.read() as session:
        ages = [a for a in reference_ages(session, now()) if (a.kind == "patients") == patients_only]
    rows = ({"kind": a.kind, "at": a.at, "rows": a.rows, "by": a.by, "days": a.days} for a in ages)
    columns = (("kind", "What"), ("at", "Imported"), ("days", "Days old"), ("rows", "Rows"), ("by", "By"))
    show(rows, as_json, columns, "")


@reference.command("import")
def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")], file: File, by: By, dry_run: DryRun = False
) -> None:
    """Replace a reference list by this file.

    Example: gateway reference import practices epraccur.csv
    """
    _import(kind.value, file, by, dry_run)


def _import(kind: str, file: Path, by: str, dry_run: bool) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WrongInput(
            "file", f"{file} cannot be read: {error.strerror}.", "Check its name and your rights."
        ) from None
    _settings, store = open_here()
    done = import_reference(store, kind, content, by, now(), name=file.name, dry_run=dry_run)
    verb = "replaced" if done.done else "would replace"
    print(f"{kind}: {done.rows} rows {verb} {done.before}.")
