"""Durable work: jobs that are committed with the rows they belong to, and carried on after a crash.

The engine (DBOS) only carries work; what has been done stands in our own tables, so every job may safely run twice. Its arguments
are row numbers and nothing else, because it stores them as plain pickles (P8).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from dbos import error as dbos_error
from sqlmodel import Session

from gateway.errors import Later
from gateway.queues import OPENING, READING
from gateway.store import Store, translated

# Raised when a job's meaning changes; the engine only resumes work of the same version.
VERSION = "1"
_AGAIN_SECONDS = (5.0, 30.0, 120.0, 600.0)
_FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

log = logging.getLogger("gateway.work")
Job = Callable[[int], None]
_jobs: dict[str, Job] = {}
_worker: Worker | None = None


class Jobs:
    """Puts jobs into the transaction of the caller; works whether or not a gateway is running."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with translated():
            DBOS.migrate(_engine_url(store))
            self._client = DBOSClient(system_database_url=_engine_url(store))

    def add(self, session: Session, queue: str, row: int, *, again: int = 0, new: bool = False) -> None:
        """Enqueue the job of this queue for a row; nothing happens where one is already waiting or running.

        `new`: the row was made in this very transaction, so there can be none; a savepoint for the refusal is left out.
        """
        delay = _AGAIN_SECONDS[min(again, len(_AGAIN_SECONDS)) - 1] if again else 0.0
        options: dict[str, Any] = {
            "workflow_name": queue,
            "queue_name": queue,
            "app_version": VERSION,
            # a retry is added by the job itself, which still holds the plain name
            "deduplication_id": f"{queue}-{row}" + (f"-again-{again}" if again else ""),
        }
        if delay:
            options["delay_seconds"] = delay
        if new:
            self._client.enqueue_in_transaction(session.connection(), options, row, again)
            return
        try:
            with session.begin_nested():
                self._client.enqueue_in_transaction(session, options, row, again)
        except dbos_error.DBOSQueueDeduplicatedError:
            log.debug("%s of row %s is already on its way", queue, row)

    def close(self) -> None:
        """Let go of the engine's connections."""
        self._client.destroy()


@DBOS.workflow(name=OPENING)
def _opening(row: int, again: int = 0) -> None:
    _run(OPENING, row, again)


@DBOS.workflow(name=READING)
def _reading(row: int, again: int = 0) -> None:
    _run(READING, row, again)


def _run(queue: str, row: int, again: int) -> None:
    """One job. Trouble that may pass adds the job once more, later; anything else is a defect that must not stop the rest (P7)."""
    assert _worker is not None
    try:
        _jobs[queue](row)
    except Later as trouble:
        log.warning("%s of row %s is tried again: %s", queue, row, trouble.says)
        with _worker.store.write() as session:
            _worker.jobs.add(session, queue, row, again=again + 1)
    except Exception:
        # the jobs themselves turn every known trouble into a work item; this is the last net
        log.exception("%s of row %s broke off", queue, row)
        with _worker.store.write() as session:
            _worker.jobs.add(session, queue, row, again=again + 1)


class Worker:
    """The running engine of this process. One in a process; `name` is the same at every start, so unfinished work is resumed."""

    def __init__(self, jobs: Jobs, name: str, does: dict[str, Job], readers: int) -> None:
        global _worker
        self.store, self.jobs = jobs.store, jobs
        _jobs.clear()
        _jobs.update(does)
        _worker = self
        self._stopping = threading.Event()
        DBOS(
            config={
                "name": "gateway",
                "system_database_url": _engine_url(self.store),
                "application_version": VERSION,
                "executor_id": name,
                "log_level": "ERROR",
            }
        )
        with translated():
            DBOS.launch()
        DBOS.register_queue(OPENING, worker_concurrency=2, polling_interval_sec=0.25)
        DBOS.register_queue(READING, worker_concurrency=readers, polling_interval_sec=0.25)

    def sweep(self, unfinished: dict[str, list[int]]) -> None:
        """Add work that lost its job (a dead machine, a restored backup), and forget finished jobs."""
        with self.store.write() as session:
            for queue, rows in unfinished.items():
                for row in rows:
                    self.jobs.add(session, queue, row)
        finished = [
            w.workflow_id
            for w in DBOS.list_workflows(status=_FINISHED, limit=1000, load_input=False, load_output=False)
        ]
        if finished:
            DBOS.delete_workflows(finished)

    def close(self) -> None:
        """Stop taking work; what is under way is finished or resumed at the next start."""
        DBOS.destroy(workflow_completion_timeout_sec=1)


def _engine_url(store: Store) -> str:
    url = sa.make_url(store.url)
    if url.get_backend_name() == "sqlite":
        return store.url
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
