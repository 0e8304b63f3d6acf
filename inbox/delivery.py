"""What arrived, before anybody opened it: the bytes as they came and what the transport itself knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Route = Literal["smtp", "folder", "upload", "mailbox", "typed"]


@dataclass(frozen=True)
class Delivery:
    """One thing that arrived by one route.

    `data` are the bytes as received (a whole mail, or a file). `received_at` is our clock when the last byte was there;
    `arrived_at` is the instant the patient's clock starts (P5) and `arrival_source` says who stated it. `name` is the file name as
    given (never used as a path). `desk` is the recipient address, sub-folder or queue that it was meant for.
    """

    route: Route
    data: bytes
    received_at: dt.datetime
    arrived_at: dt.datetime
    arrival_source: str
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    peer: str | None = None
    name: str | None = None
    desk: str | None = None
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """A file that a door would not take: why in a sentence (`says`) and in a word (`flag`). Of its bytes only the hash is kept."""

    route: Route
    sha256: str
    size: int
    received_at: dt.datetime
    says: str
    flag: str
    name: str | None = None
    desk: str | None = None
    sender: str | None = None


class TryLater(Exception):
    """The store cannot keep it now (disk full, database locked): the sender keeps it and comes back. `says` is safe to show."""

    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


Accept = Callable[[Delivery], str]
"""Commits the delivery with its job and returns our reference (P1), or raises TryLater. Blocking; call it in a thread."""

NotesRefusal = Callable[[Refusal], str]
"""Notes that a file was refused, so that it shows in the list of what arrived; returns its reference."""
