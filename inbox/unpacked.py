"""The words for what was found in a delivery: files, documents, hints, and what a person has to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class UnpackLimits:
    """How much of one delivery is opened; bytes and counts. Beyond them the original is kept and a person is told."""

    parts: int = 300
    depth: int = 12
    header_bytes: int = 128 * 1024
    header_value: int = 8 * 1024
    text_bytes: int = 128 * 1024
    total_bytes: int = 200 * 1024 * 1024


@dataclass(frozen=True)
class Hint:
    """A fact that somebody stated about the fax, never checked. `field` is one of the names in `inbox.hints.FIELDS`.

    `source` is header, subject, body, name or tiff tag; `shape` is the sender whose layout was recognised, or None.
    """

    field: str
    value: str
    source: str
    shape: str | None = None


@dataclass(frozen=True)
class FoundFile:
    """One file. `media_type` by its content, `declared_type` as the sender called it, `name` made safe to show.

    `unsupported` is a sentence for a person when no machine here can read it. `pages` is known for TIFF and for single
    pictures, else None.
    """

    data: bytes
    media_type: str
    declared_type: str
    name: str
    unsupported: str | None = None
    pages: int | None = None


@dataclass(frozen=True)
class FoundDocument:
    """One document: `files` in page order; `also` are the same pages in another format, kept and not read."""

    files: tuple[FoundFile, ...]
    also: tuple[FoundFile, ...] = ()

    @property
    def unsupported(self) -> str | None:
        """The sentence for a person, when any file of the document cannot be read here."""
        return next((file.unsupported for file in self.files if file.unsupported), None)


@dataclass(frozen=True)
class Ignored:
    """A part that is no document, and why."""

    name: str
    media_type: str
    why: str


@dataclass(frozen=True)
class Unpacked:
    """Everything found in one delivery. `says` is the sentence for the person who gets it, when one is needed.

    `claimed_pages` is the number of pages that the sender stated for the whole message (compare it with the pages found).
    """

    documents: tuple[FoundDocument, ...]
    hints: tuple[Hint, ...] = ()
    flags: tuple[str, ...] = ()
    outcome: Literal["documents", "no_document"] = "documents"
    says: str | None = None
    claimed_pages: int | None = None
    ignored: tuple[Ignored, ...] = ()
