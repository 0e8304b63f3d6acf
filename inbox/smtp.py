"""The SMTP door: opens one listener, hands every finished mail to `accept`, and answers 250 only after its commit (P1)."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import errno
import logging
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from inbox.arrival import arrival_of, received_headers
from inbox.delivery import Accept, Delivery, TryLater
from inbox.names import line
from inbox.smtp_limits import Room, SmtpDoorError, SmtpSettings, check_settings
from inbox.smtp_session import SmtpSession

_ACCEPT_THREADS = 48
_WARNINGS_A_MINUTE = 50


class SmtpDoor:
    """One SMTP listener on its own thread.

    `accept` is called in a worker thread for each mail and must return only after its commit; up to 48 calls run at once,
    so that small commits can be grouped behind it. `check_password(name, password)` is needed where sign-in is wanted.
    Doors that share a `room` share its limits.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        accept: Accept,
        clock: Callable[[], dt.datetime],
        log: logging.Logger | None = None,
        *,
        room: Room | None = None,
        check_password: Callable[[str, str], bool] | None = None,
    ) -> None:
        check_settings(settings)
        if settings.auth != "off" and check_password is None:
            raise SmtpDoorError(
                "SMTP sign-in is switched on, but there are no names and passwords: set them, or set auth to off."
            )
        self.settings = settings
        self.accept = accept
        self.clock = clock
        self.log = log or logging.getLogger("inbox.smtp")
        self.room = room or Room()
        self.check_password = check_password
        self.sessions: set[SmtpSession] = set()
        self.port = settings.port
        self._warned: dict[str, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopping: asyncio.Event | None = None
        self._trouble: BaseException | None = None

    def start(self) -> None:
        """Open the port and serve on a thread of its own; raises SmtpDoorError with the cure when the port cannot be had."""
        # aiosmtpd logs every command with its addresses and, at debug, every line of the mail (P8).
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        tls = self._tls_context()
        opened = threading.Event()
        self._trouble = None
        self._thread = threading.Thread(target=self._run, args=(tls, opened), name="smtp-door", daemon=True)
        self._thread.start()
        opened.wait()
        if self._trouble is not None:
            self._thread.join()
            self._thread = None
            raise self._explain(self._trouble) from self._trouble

    def stop(self, seconds: float = 20.0) -> None:
        """Stop listening, let running commits finish and answer, tell the others 421, and end the thread."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(seconds)
        self._thread = None

    def _explain(self, trouble: BaseException) -> SmtpDoorError:
        where = f"SMTP cannot listen on {self.settings.host}:{self.settings.port}"
        if not isinstance(trouble, OSError):
            return SmtpDoorError(f"{where}: {type(trouble).__name__}.")
        if trouble.errno == errno.EADDRINUSE:
            cure = "another program uses this port. Stop it, or set GATEWAY_SMTP__PORT to a free port."
        elif trouble.errno == errno.EACCES:
            cure = "ports below 1024 need a privilege. Set GATEWAY_SMTP__PORT to 2525 and forward port 25 to it."
        else:
            cure = "this machine does not have that address. Set GATEWAY_SMTP__HOST to an address of this machine."
        return SmtpDoorError(f"{where}: {cure}")

    def _tls_context(self) -> ssl.SSLContext | None:
        if self.settings.starttls == "off" or self.settings.certificate_file is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.settings.certificate_file, self.settings.key_file)
        except (ssl.SSLError, OSError) as error:
            raise SmtpDoorError(
                "The SMTP certificate and key do not fit together or cannot be read: check both files."
            ) from error
        return context

    # -- on the door's own thread --------------------------------------------------------------------------------

    def _run(self, tls: ssl.SSLContext | None, opened: threading.Event) -> None:
        try:
            asyncio.run(self._serve(tls, opened))
        except BaseException as error:  # the thread must never hold its starter for ever
            self._trouble = error
            if opened.is_set():
                self.log.critical("smtp: the listener ended: %s", type(error).__name__)
        finally:
            opened.set()

    async def _serve(self, tls: ssl.SSLContext | None, opened: threading.Event) -> None:
        loop = self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        pool = self._pool = ThreadPoolExecutor(_ACCEPT_THREADS, thread_name_prefix="smtp-accept")
        server = await loop.create_server(
            lambda: SmtpSession(self, loop, tls), self.settings.host, self.settings.port, backlog=200
        )
        self.port = server.sockets[0].getsockname()[1]
        watch = loop.create_task(self._watch())
        opened.set()
        self.log.info("smtp: listening on %s:%d", self.settings.host, self.port)
        await self._stopping.wait()
        server.close()
        watch.cancel()
        for _ in range(200):
            for session in list(self.sessions):
                if session.phase != "commit":
                    session.end("421 4.3.2 Going down, please come back later", "the gateway stops")
            if not self.sessions:
                break
            await asyncio.sleep(0.05)
        pool.shutdown(wait=False)

    def warn(self, address: str, what: str) -> None:
        """One line in the log; of one kind at most 50 in a minute, so that a flood of connections does not fill the disk."""
        count = self._warned[what] = self._warned.get(what, 0) + 1
        if count <= _WARNINGS_A_MINUTE:
            self.log.warning("smtp %s: %s", address, what)

    def _sum_up_warnings(self) -> None:
        for what, count in self._warned.items():
            if count > _WARNINGS_A_MINUTE:
                self.log.warning("smtp: %d more times in this minute: %s", count - _WARNINGS_A_MINUTE, what)
        self._warned.clear()

    async def _watch(self) -> None:
        """Every second: end what is too slow, let paused senders go on."""
        loop = asyncio.get_running_loop()
        minute = loop.time()
        while True:
            await asyncio.sleep(self.settings.watch_seconds)
            now = loop.time()
            if now - minute >= 60:
                minute = now
                self._sum_up_warnings()
            for session in list(self.sessions):
                try:
                    self._look_at(session, now)
                except Exception as error:  # one session must not stop the watch over the others (P7)
                    self.log.error("smtp %s: %s in the watch", session.address, type(error).__name__)

    def _look_at(self, session: SmtpSession, now: float) -> None:
        settings = self.settings
        if session.phase != "data":
            return
        quiet = now - session.last_byte_at
        if session.waits_for_room:
            session.look_for_room(now)
            if session.waits_for_room and quiet > self.room.limits.grace_seconds:
                self.room.end_slow_holder(now)
        elif quiet > settings.bare_lf_seconds and session.stuck_on_bare_lf:
            session.end(
                "451 4.6.0 Lines must end with CR LF, so the end of the message was not seen",
                "the sender ends its lines with a bare LF; its mail program must send CR LF, or nothing of it can be taken",
            )
        elif quiet > settings.idle_data_seconds:
            session.end(
                "421 4.4.2 Timeout in the message, please send it again", "sent nothing for too long inside a message"
            )
        elif now - session.phase_since > settings.data_seconds:
            session.end("421 4.4.2 Message took too long, please send it again", "took too long for one message")

    async def keep(self, session: SmtpSession, data: bytes, held: int) -> str:
        """Commit one mail in a thread and return the reply line.

        The commit is shielded: a sender that hangs up cancels its connection, not the work in the thread, and its bytes are
        counted until that work is done.
        """
        envelope = session.envelope
        loop = asyncio.get_running_loop()
        if envelope is None or len(received_headers(data)) > self.settings.max_received_headers:
            self.room.give_back(held)
            self.warn(session.address, "refused a mail that goes round in circles")
            return "554 5.4.6 Mail loop: too many Received headers"
        try:
            delivery = self._delivery(session, data)
            work = loop.run_in_executor(self._pool, self.accept, delivery)
        except BaseException:
            self.room.give_back(held)
            raise
        work.add_done_callback(lambda _: self.room.give_back(held))
        try:
            code = await asyncio.wait_for(asyncio.shield(work), self.settings.commit_seconds)
        except TimeoutError:
            self.log.error(
                "smtp %s: the store did not answer in time; the sender was told to come back", session.address
            )
            work.add_done_callback(self._kept_unheard)
            return "451 4.3.0 The store does not answer now, please send it again later"
        except asyncio.CancelledError:
            work.add_done_callback(self._kept_unheard)
            raise
        self.log.info("smtp %s: kept %s, %d bytes", session.address, code, len(delivery.data))
        return f"250 2.6.0 Kept as {code}"

    def _kept_unheard(self, work: asyncio.Future[str]) -> None:
        """The sender was gone before our answer: it will send the same mail again, which is recognised as a duplicate."""
        if work.cancelled():
            return
        trouble = work.exception()
        if trouble is None:
            self.log.warning("smtp: %s was kept, but its sender did not hear it; expect it again", work.result())
        elif not isinstance(trouble, TryLater):
            self.log.error("smtp: %s in a commit whose sender had gone", type(trouble).__name__)

    def _delivery(self, session: SmtpSession, data: bytes) -> Delivery:
        envelope = session.envelope
        assert envelope is not None and session.session is not None
        end = self.clock()
        arrival = arrival_of(data, end, self.settings.fax_hosts, self.settings.relay_hosts)
        notes = {"helo": line(str(session.session.host_name or "")), "tls": "yes" if session.encrypted else "no"}
        if session.login:
            notes["login"] = line(session.login)
        if arrival.stated:
            notes["stated_arrival"] = line(arrival.stated)
        sender = (envelope.mail_from or "").strip("<>")
        return Delivery(
            route="smtp",
            data=data,
            received_at=end,
            arrived_at=arrival.at,
            arrival_source=arrival.source,
            sender=_storable(sender),
            recipients=tuple(_storable(address) for address in envelope.rcpt_tos),
            peer=session.address,
            desk=_storable(envelope.rcpt_tos[0]) if envelope.rcpt_tos else None,
            notes={key: _storable(value) for key, value in notes.items()},
        )


def _storable(text: str) -> str:
    """The text without lone surrogates, which stand for bytes that were no UTF-8 and which no database takes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
