"""A taught form as a file: written as the same readable TOML that people write by hand, checked, and put into the site's folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Later, Refused, WrongInput
from templates.form import BUILT_IN, Form, FormError, load_form, load_forms

TICK = "tick:"
Write = Callable[[str, str], None]
"""Writes a form's text under its id."""


@dataclass(frozen=True)
class Zone:
    """A box on the example: a field (or `tick:FIELD:VALUE`), left, top, right, bottom as fractions, and its printed label or tick words."""

    field: str
    box: tuple[float, float, float, float]
    label: str = ""


@dataclass(frozen=True)
class TaughtForm:
    """Everything that goes into the file."""

    form_id: str
    version: int
    title: str
    author: str
    on: dt.date
    words: tuple[str, ...]
    needs: int
    priority: str
    zones: tuple[Zone, ...]
    marks: tuple[tuple[str, tuple[float, float, float, float]], ...]


def form_id_of(title: str) -> str:
    """An id out of the name: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "form"


def as_toml(form: TaughtForm) -> str:
    """The file's text."""
    lines = [
        f"# Taught at the review desk by drawing on an example ({form.on.isoformat()}). docs/forms.md explains every key.",
        f"id = {_text(form.form_id)}",
        f"version = {form.version}",
        f"author = {_text(form.author)}",
        f"title = {_text(form.title)}",
        'kind = "referral"',
        f"keywords = [{', '.join(map(_text, form.words))}]",
        f"needs = {form.needs}",
    ]
    if form.priority:
        lines.append(f"priority = {_text(form.priority)}")
    if form.marks:
        rows = [f"  {{ text = {_text(text)}, box = {_box(box)} }}," for text, box in form.marks]
        lines += ["# the form's own print and where it stood on the example: the boxes below move with it", "marks = ["]
        lines += [*rows, "]"]
    for zone in form.zones:
        if zone.field.startswith(TICK):
            continue
        lines += ["", f"[fields.{_text(zone.field)}]"]
        if zone.label:
            lines.append(f"labels = [{_text(zone.label)}]")
        lines += [f"box = {_box(zone.box)}", "page = 1"]
    for zone in form.zones:
        if zone.field.startswith(TICK):
            _, field, value = zone.field.split(":")
            lines += ["", "[[ticks]]", f"field = {_text(field)}", f"value = {_text(value)}"]
            lines.append(f"words = [{_text(zone.label)}]")
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """A TOML string; JSON writes the same for printable text."""
    return json.dumps("".join(c for c in text if c.isprintable()), ensure_ascii=False)


def _box(box: Sequence[float]) -> str:
    return f"[{', '.join(f'{edge:.4f}' for edge in box)}]"


def checked(text: str, folders: Sequence[Path]) -> Form:
    """The form that this text gives beside all others; WrongInput in the words of `gateway form check` where it gives none."""
    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        path = Path(folder) / "form.toml"
        path.write_text(text, encoding="utf-8")
        try:
            form = load_form(path)
            load_forms([*folders, Path(folder)])
        except FormError as error:
            raise WrongInput("form", str(error)) from None
    return form


def free_id(title: str, folder: Path, taught: Collection[str]) -> str:
    """An id that no other form has, nor any of `taught`, out of use or not; refused where a form of this name is there already."""
    found = form_id_of(title)
    there = (folder / f"{found}.toml").exists() or (BUILT_IN / f"{found}.toml").exists()
    if there or found in taught or _taken(found, folder):
        raise Refused("name", "There is a form of this name already.", "Give it another name, as with the clinic's.")
    return found


def _taken(form_id: str, folder: Path) -> bool:
    try:
        return load_forms([folder] if folder.is_dir() else []).by_id(form_id) is not None
    except FormError:
        return False  # another file is wrong; `putting` says so


@contextlib.contextmanager
def putting(folder: Path) -> Iterator[Write]:
    """Put a form into the site's folder: what the block writes is in use after its end, whole, and not at all where it fails.

    Around the transaction that tells of it: nothing is in use that the log does not know, and a folder that cannot be written to, or
    that holds a file which would keep the readers from the new one, is found out before anything is kept.
    """
    written: list[tuple[Path, Path]] = []

    def write(text: str, form_id: str) -> None:
        path = folder / f"{form_id}.toml"
        folder.mkdir(parents=True, exist_ok=True)
        for other in folder.glob("*.toml"):
            if other != path:
                load_form(other)
        handle, draft = tempfile.mkstemp(prefix=".form-", dir=folder)
        written.append((Path(draft), path))
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(0o644)

    try:
        yield write
        for draft, path in written:
            draft.replace(path)
    except FormError as error:
        raise Refused("form", f"Another form of the site is wrong: {error}", "Correct that file first.") from None
    except OSError as error:
        raise Later(
            "form", f"The folder of forms cannot be written: {error.strerror}.", "Tell the administrator."
        ) from None
    finally:
        for draft, _path in written:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)


def take_out(form_id: str, folder: Path) -> None:
    """Remove the file; what was saved stays in the store."""
    try:
        (folder / f"{form_id}.toml").unlink(missing_ok=True)
    except OSError as error:
        raise Later("form", f"The form cannot be taken out: {error.strerror}.", "Tell the administrator.") from None
