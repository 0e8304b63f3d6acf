"""Reading files for `gateway read` and `gateway form try`: the same children and checks as the service, and no database."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from gateway.checks import judge
from gateway.errors import Later, WrongInput
from gateway.papers import Readers, draw
from gateway.patients import CsvPatientIndex, PatientsError
from gateway.reading import FileReading, unreadable
from gateway.sandbox import ChildFailed, private_scratch
from gateway.settings import Settings
from templates.form import FormError, Forms, load_forms


def load_forms_here(settings: Settings) -> Forms:
    """Our forms and the site's; WrongInput names the file, the key and the cure."""
    try:
        return load_forms(settings.form_folders)
    except FormError as error:
        raise WrongInput("form", str(error)) from None


class FileReader:
    """Reads files one by one or from several threads; a context manager, because it keeps child processes."""

    def __init__(
        self, settings: Settings, patients: Path | None, today: dt.date, extra_form: Path | None = None
    ) -> None:
        load_forms_here(settings)  # a wrong form of the site is told before anything is read
        try:
            self._index = CsvPatientIndex.load(patients) if patients else None
        except PatientsError as error:
            raise WrongInput("patients", str(error)) from None
        except OSError as error:
            raise WrongInput("patients", f"{patients} cannot be read: {error.strerror}.", "Check its name.") from None
        self._settings = settings
        self._today = today
        self._extra_form = extra_form
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> FileReader:
        self._scratch = self._stack.enter_context(private_scratch())
        folders = self._settings.form_folders
        if self._extra_form:
            own = self._scratch / "forms"
            own.mkdir()
            shutil.copy(self._extra_form, own)
            folders = [*folders, own]
        self._readers = Readers(self._settings.reading.workers, self._scratch / "work", self._settings.reading, folders)
        self._stack.callback(self._readers.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(self, file: Path) -> FileReading:
        """What one file says; a file that cannot be read is told there too, never raised.

        Nothing of it stays in the reader: several threads read at once, and a value kept here would be another file's patient (P1).
        """
        try:
            if file.stat().st_size > self._settings.smtp.max_mb << 20:
                return unreadable(
                    f"The file is larger than {self._settings.smtp.max_mb} MB: split it and read the parts."
                )
            data = file.read_bytes()
        except OSError as error:
            return unreadable(f"The file cannot be opened: {error.strerror}.")
        try:
            pages = tuple(draw([data], self._scratch / "work", self._readers.read_page))
            if all(page.failure for page in pages):
                return (
                    unreadable(pages[0].failure or "The file has no pages: ask the sender for it again.")
                    if pages
                    else unreadable()
                )
            reading = self._readers.read_document(pages, self._today)
        except ChildFailed as why:
            return unreadable(why.says)
        except Later as why:  # a reader is missing on this machine: every file would fail alike
            raise WrongInput(why.code, why.says, why.do) from None
        return FileReading(pages, reading, judge(reading, self._index, None, self._today))


def draw_boxes(reading: FileReading, target: Path) -> Iterator[Path]:
    """The pages as PNG with the place of each value drawn in; several pages become NAME-1.png, NAME-2.png..."""
    for page in reading.pages:
        if not page.picture:
            continue
        picture = Image.open(BytesIO(page.picture)).convert("RGB")
        pen = ImageDraw.Draw(picture)
        for part in reading.judged.parts:
            for name, found in part.fields.items():
                if found.reading.page == page.number:
                    left, top, right, bottom = found.reading.box.as_list()
                    corners = (left * page.width, top * page.height, right * page.width, bottom * page.height)
                    pen.rectangle(corners, outline=(0, 110, 0) if found.accepted else (190, 80, 0), width=3)
                    pen.text((corners[0], corners[1] - 14), name, fill=(0, 0, 160))
        one = target if len(reading.pages) == 1 else target.with_stem(f"{target.stem}-{page.number}")
        picture.save(one, "PNG")
        yield one
