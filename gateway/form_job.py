"""The job that tries a form: papers that were read before are understood once with the forms as they are and once with the new one.

It works on the words that are kept with the pages, so it is quick and shows what the form changes and nothing else: tick boxes and the
second reader need the picture and are not asked.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ocr.page import Box, Line, Page


@dataclasses.dataclass(frozen=True)
class TriedPart:
    """One referral of a paper as it was understood: its pages, its form, and field by field the value and how it was read."""

    pages: tuple[int, ...]
    form: str | None
    values: dict[str, tuple[str, str]]


@dataclasses.dataclass(frozen=True)
class TriedPaper:
    """A paper before and after."""

    before: tuple[TriedPart, ...]
    after: tuple[TriedPart, ...]


def try_form(papers: list[list[dict[str, Any]]], form: str, form_folders: list[str], today: str) -> list[TriedPaper]:
    """What each paper gives without and with the form, whose text is TOML."""
    from templates.form import load_forms
    from templates.read import read_document

    day = dt.date.fromisoformat(today)
    with tempfile.TemporaryDirectory() as own:
        (Path(own) / "tried.toml").write_text(form, encoding="utf-8")
        folders = [Path(folder) for folder in form_folders]
        forms = load_forms(folders), load_forms([*folders, Path(own)])
    found = []
    for raw in papers:
        pages = TypeAdapter(tuple[Page, ...]).validate_python(raw)
        before, after = (read_document(pages, some, _nobody, day) for some in forms)
        found.append(TriedPaper(_parts(before), _parts(after)))
    return found


def _nobody(page_number: int, boxes: Sequence[Box], kind: str) -> Sequence[Line | None]:
    del page_number, kind
    return [None] * len(boxes)


def _parts(document: Any) -> tuple[TriedPart, ...]:
    def text(value: str | bool) -> str:
        return str(value).lower() if isinstance(value, bool) else value

    return tuple(
        TriedPart(part.pages, part.form, {name: (text(r.value), r.how) for name, r in part.readings.items()})
        for part in document.parts
    )
