"""`gateway form`: which forms are known, whether a form's file is right, and what it reads on a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli_output import Json, show, show_one, today
from gateway.errors import WrongInput
from gateway.file_reading import FileReader, draw_boxes, load_forms_here
from gateway.reading import as_json as as_contract
from gateway.settings import load_settings
from templates.form import FormError, load_form

app = typer.Typer(no_args_is_help=True, help="Form definitions: what a form looks like, as data.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the forms that are known, the site's own among them.

    Example: gateway form list
    """
    forms = load_forms_here(load_settings())
    rows = [
        {"form": f.id, "version": f.version, "kind": f.kind, "title": f.title} for f in (*forms.forms, forms.generic)
    ]
    show(rows, as_json, (("form", "Form"), ("version", "Version"), ("kind", "Kind"), ("title", "Title")), "No forms.")


@app.command("check")
def check(files: Annotated[list[Path], typer.Argument(help="Form files (TOML).")]) -> None:
    """Check form files before they are put into the data folder's `forms`.

    Example: gateway form check my-form.toml
    """
    for file in files:
        try:
            form = load_form(file)
        except FormError as error:
            raise WrongInput("form", str(error)) from None
        print(f"{file.name}: in order ({form.id}, {len(form.fields)} fields of its own).")


@app.command("try")
def try_(
    form: Annotated[Path, typer.Argument(help="The form's file.")],
    sample: Annotated[Path, typer.Argument(help="A filled-in sample: TIFF, PDF, PNG or JPEG.")],
    picture: Annotated[
        Path | None, typer.Option(help="Write the pages here as PNG, with what was read drawn in.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a sample with this form and show what was found, and where.

    Example: gateway form try my-form.toml sample.tif --picture seen.png
    """
    try:
        load_form(form)
    except FormError as error:
        raise WrongInput("form", str(error)) from None
    with FileReader(load_settings(), None, today(), extra_form=form) as reader:
        reading = reader.read(sample)
    if picture is not None:
        for written in draw_boxes(reading, picture):
            print(f"Written: {written}")
    result = as_contract(str(sample), reading)
    show_one({key: value for key, value in result.items() if key != "fields"}, as_json)
    rows = [{"field": name, **found} for name, found in result["fields"].items()]
    show(
        rows, as_json, (("field", "Field"), ("value", "Value"), ("page", "Page"), ("how", "How")), "Nothing was found."
    )
