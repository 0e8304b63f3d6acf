"""The PDFs beside a typed referral: looked at in the confined child while the person who gives them is there.

Their pages are counted, and one that is larger than e-RS takes is divided by pages at once, so that nothing outside the child ever
parses it and the parts are the same at every try (A020).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gateway.enclosure import LARGEST as LARGEST_IN_ERS
from gateway.errors import WrongInput
from gateway.opening import open_file
from gateway.sandbox import ChildFailed, Limits, run_job

LARGEST = 50 * 1024 * 1024


@dataclass(frozen=True)
class Paper:
    """A PDF beside the JSON file: its name as given, its bytes, its pages; `parts` where it is too large for e-RS."""

    name: str
    content: bytes = field(repr=False)
    pages: int
    parts: tuple[bytes, ...] = field(default=(), repr=False)


def find_paper(name: str, folder: Path) -> bytes:
    """The bytes of a PDF beside the JSON file; WrongInput where it is not there, too large or no PDF."""
    if not name or name != Path(name).name or name in {".", ".."}:
        raise WrongInput(
            "documents", "It is not a plain file name.", "Put the PDF beside the JSON file and give its name."
        )
    path = folder / name
    try:
        if path.stat().st_size > LARGEST:
            raise WrongInput("documents", "It is larger than 50 MB.", "Split it into smaller PDFs.")
        content = path.read_bytes()
    except OSError as error:
        says = f"It cannot be read: {error.strerror}."
        raise WrongInput("documents", says, "Put the PDF beside the JSON file.") from None
    if b"%PDF-" not in content[:1024]:
        raise WrongInput("documents", "It is not a PDF.", "Save it as PDF.")
    return content


def open_paper(name: str, content: bytes, scratch: Path) -> Paper:
    """Count the pages and divide what e-RS would not take, both in the confined child; WrongInput where it cannot be opened."""
    opened = open_file(content, "upload", "typed.pdf", scratch)
    files = [file for document in opened.documents for file in document.files]
    trouble = next((file.trouble for file in files if file.trouble), None)
    if trouble or not files:
        raise WrongInput("documents", trouble[1] if trouble else "It holds no page.", "Save it as a PDF once more.")
    parts = divided(content, scratch) if len(content) > LARGEST_IN_ERS else ()
    return Paper(name, content, sum(file.pages for file in files), parts)


def divided(content: bytes, scratch: Path) -> tuple[bytes, ...]:
    """The parts of a PDF that is larger than the 5 MB of e-RS; WrongInput where it cannot be divided by its pages."""
    try:
        parts: list[bytes] = run_job(
            "divide_pdf",
            list[bytes],
            scratch,
            Limits(cpu_seconds=60, wall_seconds=90),
            data=content,
            largest=LARGEST_IN_ERS,
        )
    except ChildFailed as why:
        raise WrongInput(
            "documents",
            f"It is larger than the 5 MB that e-RS takes, and it cannot be split by its pages. {why.says}",
            "Save it as several PDFs of at most 5 MB each, or scan it again in black and white.",
        ) from None
    return tuple(parts)
