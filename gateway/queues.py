"""The names of the queues of work, and what a rule needs to know of the engine: that a job can be added to a transaction."""

from __future__ import annotations

from typing import Protocol

from sqlmodel import Session

OPENING = "opening"  # a delivery is taken apart
READING = "reading"  # a document is read and sorted


class AddsJobs(Protocol):
    """Puts a job for a row into the transaction of the caller; the engine behind it is gateway.work."""

    def add(self, session: Session, queue: str, row: int, *, again: int = 0, new: bool = False) -> None:
        """Enqueue the job of this queue for a row; nothing happens where one is already waiting or running.

        `new`: the row was made in this very transaction, so there can be none, and looking for it is left out.
        """
        ...
