"""`gateway run`: everything in one process: doors, workers, probe, letters; a clean end on Ctrl-C, and a start that goes on.

Order of the start: lock, store, scratch swept, workers, then the doors, so that nothing is accepted before it can be kept. Order of
the end: doors first, then what they handed in is committed, then the workers; work under way is resumed at the next start.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator

from gateway import confirm, outage, papers
from gateway.doctor import machine
from gateway.doors import folder_limits, mailbox_limits, room_limits, smtp_limits
from gateway.errors import GatewayError, Later, WrongInput
from gateway.intake import Intake
from gateway.opening import Opening
from gateway.papers import Papers, Readers
from gateway.queues import OPENING, READING
from gateway.sandbox import sweep
from gateway.settings import Settings
from gateway.sorting import Sorter
from gateway.store import Store, open_store
from gateway.web_server import WebDoor
from gateway.work import Jobs, Worker
from inbox.folder import FolderDoor, FolderDoorError
from inbox.mailbox import MailboxDoor, MailboxDoorError
from inbox.smtp import SmtpDoor
from inbox.smtp_limits import Room, SmtpDoorError

log = logging.getLogger("gateway")
SWEEP_SECONDS = 60.0


def utc_now() -> dt.datetime:
    """The clock of the running gateway."""
    return dt.datetime.now(dt.UTC)


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """One gateway at a time on a data folder: two would resume each other's work."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        lock = (settings.data / "gateway.lock").open("w")
    except OSError as error:
        raise WrongInput(
            "data",
            f"The data folder {settings.data} cannot be written: {error.strerror}.",
            "Set GATEWAY_DATA to a folder you may write.",
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WrongInput(
                "running",
                f"A gateway is already running on {settings.data}.",
                "Stop it first, or set another GATEWAY_DATA.",
            ) from None
        yield


class Service:
    """The running parts. `start` opens them in order, `stop` closes them in the opposite order; both may be called once."""

    def __init__(self, settings: Settings, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self.settings = settings
        self.clock = clock
        self.store: Store = open_store(settings.url)
        self._ending = threading.Event()
        self._closers: list[Callable[[], object]] = [self.store.close]
        self.smtp: SmtpDoor | None = None
        self.desk_lines: list[str] = []

    def start(self) -> None:
        """Open everything. A port or folder that cannot be had is a WrongInput, and what was opened is closed again."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        settings = self.settings
        scratch = settings.data / "scratch"
        sweep(scratch)
        readers = Readers(settings.reading.workers, scratch, settings.reading, [settings.site_forms])
        self._closers.append(readers.close)
        jobs = Jobs(self.store)
        self._closers.append(jobs.close)
        does: dict[str, Callable[[int], None]] = {
            OPENING: Opening(self.store, jobs, scratch, self.clock),
            READING: Papers(self.store, readers, Sorter(settings), scratch, self.clock),
        }
        worker = Worker(jobs, f"gateway-{settings.slot}", does, settings.reading.workers)
        self._closers.append(worker.close)
        intake = Intake(self.store, jobs)
        self._closers.append(intake.close)
        self._every(SWEEP_SECONDS, lambda: self._sweep(worker))
        if settings.ers.base_url:
            self._every(settings.ers.probe_seconds, self._probe)
        self._every(5.0, self._post)
        self._open_doors(intake)
        self._open_desk(intake, jobs)

    def _open_desk(self, intake: Intake, jobs: Jobs) -> None:
        """The review desk. Where it cannot be opened, faxes are taken all the same, and the console says why (P7)."""
        desk = WebDoor(self.store, self.settings, intake, jobs, self.clock)
        try:
            desk.start()
        except WrongInput as trouble:
            self.desk_lines = [
                f"The review desk is NOT open; faxes are taken all the same. {trouble.says} {trouble.do}"
            ]
            return
        self._closers.append(desk.stop)
        self.desk_lines = desk.lines

    def _open_doors(self, intake: Intake) -> None:
        settings = self.settings
        try:
            self.smtp = SmtpDoor(
                smtp_limits(settings),
                intake.accept,
                self.clock,
                room=Room(room_limits(settings)),
            )
            self.smtp.start()
        except SmtpDoorError as error:
            raise WrongInput("smtp", str(error)) from None
        self._closers.append(self.smtp.stop)
        log.info(
            "SMTP listens on %s port %d for %s", settings.smtp.host, self.smtp.port, ", ".join(settings.smtp.domains)
        )
        if settings.folder.path:
            folder = FolderDoor(
                settings.folder.path,
                intake.accept,
                self.clock,
                settings=folder_limits(settings),
                note_refusal=intake.refuse,
            )
            try:
                folder.check()
            except FolderDoorError as error:
                raise WrongInput("folder", str(error)) from None
            self._thread("folder", lambda: folder.run(self._ending))
            log.info("The folder %s is watched", settings.folder.path)
        if settings.mailbox.host:
            try:
                mailbox = MailboxDoor(mailbox_limits(settings), intake.accept, self.clock)
            except MailboxDoorError as error:
                raise WrongInput("mailbox", str(error)) from None
            self._thread("mailbox", lambda: mailbox.run(self._ending))
            log.info("The mailbox %s at %s is read", settings.mailbox.user, settings.mailbox.host)

    def _every(self, seconds: float, do: Callable[[], object]) -> None:
        """Run something again and again on a thread; trouble is logged and never ends the thread (P7)."""

        def loop() -> None:
            while True:
                try:
                    do()
                except Later as trouble:
                    log.warning("%s", trouble.says)
                except GatewayError as trouble:
                    log.error("%s %s", trouble.says, trouble.do)
                except Exception:
                    log.exception("A regular task broke off; it is tried again")
                if self._ending.wait(seconds):
                    return

        self._thread(getattr(do, "__name__", "task"), loop)

    def _thread(self, name: str, target: Callable[[], object]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()

        def end() -> None:
            self._ending.set()
            thread.join(timeout=10)

        self._closers.append(end)

    def _sweep(self, worker: Worker) -> None:
        with self.store.read() as session:
            rows = papers.unfinished(session)
        worker.sweep(rows)

    def _probe(self) -> None:
        outage.probe_once(self.store, self.settings, self.clock())

    def _post(self) -> None:
        confirm.send_letters(self.store, self.settings, self.clock())

    def stop(self) -> None:
        """Close everything, doors first; trouble while closing one part does not keep the others open."""
        self._ending.set()
        while self._closers:
            close = self._closers.pop()
            try:
                close()
            except Exception:
                log.exception("A part did not end cleanly")


def run(settings: Settings, say: Callable[[str], None]) -> None:
    """Run until Ctrl-C or SIGTERM. `say` prints the few lines that a person at the console reads."""
    with only_one(settings):
        service = Service(settings)
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        service.start()
        assert service.smtp is not None
        say(f"The gateway runs on {settings.data.absolute()}.")
        say(
            f"Faxes and mail: SMTP on {settings.smtp.host} port {service.smtp.port} for {', '.join(settings.smtp.domains)}."
        )
        if settings.folder.path:
            say(f"Scans: the folder {settings.folder.path.absolute()}.")
        for line in service.desk_lines:
            say(line)
        say(f"e-RS: {settings.ers.base_url or 'not set (GATEWAY_ERS__BASE_URL); referrals wait in the queue'}.")
        for finding in machine():
            if finding.state != "ok" or finding.check == "sandbox":
                say(finding.says)
        say("Ctrl-C ends it; nothing that was accepted is lost.")
        while not ended.is_set():
            time.sleep(0.2)
        say("Ending: no more is accepted, what was accepted is safe.")
        service.stop()
