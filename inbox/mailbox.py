"""A shared mailbox over IMAP: keeps each message, and moves it on the server only after the commit (P1)."""

from __future__ import annotations

import datetime as dt
import logging
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from inbox.delivery import Accept, Delivery, TryLater

_LONGEST_IDLE = 25 * 60  # RFC 2177 lets a server end an IDLE after 30 minutes


class MailboxDoorError(Exception):
    """The mailbox cannot be used as it is set; the text says what is wrong and how to cure it."""


@dataclass(frozen=True)
class MailboxSettings:
    """One mailbox. `password` or `token` (a call that returns a fresh OAuth2 access token for XOAUTH2) is needed.

    `done` is the folder for messages that are kept here; `kept` the one for those that only a person can take (too big).
    Times in seconds, sizes in bytes. `security` none is for a server on this machine only.
    """

    host: str
    user: str
    port: int = 993
    password: str | None = field(default=None, repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)
    security: Literal["tls", "starttls", "none"] = "tls"
    authority_file: Path | None = None
    folder: str = "INBOX"
    done: str = "Taken by gateway"
    kept: str = "Kept for a person"
    desk: str | None = None
    max_bytes: int = 50 * 1024 * 1024
    max_messages: int = 100
    poll_seconds: float = 60.0
    idle: bool = True
    timeout: float = 60.0


@dataclass(frozen=True)
class MailboxLook:
    """What one look did: references kept, messages left to a person, messages still there, and trouble in one sentence."""

    taken: tuple[str, ...] = ()
    left: int = 0
    waiting: int = 0
    trouble: str | None = None


class MailboxDoor:
    """Watches one mailbox folder. A crash between commit and move brings the same bytes again: a duplicate, never a loss."""

    def __init__(
        self,
        settings: MailboxSettings,
        accept: Accept,
        clock: Callable[[], dt.datetime],
        log: logging.Logger | None = None,
    ) -> None:
        if settings.password is None and settings.token is None:
            raise MailboxDoorError("The mailbox has neither a password nor OAuth2: set one of them.")
        if settings.security == "none" and settings.host not in ("127.0.0.1", "::1", "localhost"):
            raise MailboxDoorError("The mailbox would be read without encryption: set its security to tls or starttls.")
        self.settings = settings
        self.accept = accept
        self.clock = clock
        self.log = log or logging.getLogger("inbox.mailbox")
        self._client: IMAPClient | None = None
        self._kept: dict[tuple[int, int], str] = {}
        self._failed: dict[tuple[int, int], int] = {}
        self._trouble: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Look, then wait for the server's word or the poll time, until `stop` is set; trouble never ends the watch (P7)."""
        while not stop.is_set():
            look = self.look_once()
            if look.waiting and look.trouble is None:
                continue  # more came than one look takes
            self._wait(stop, 0 if look.trouble else self.settings.poll_seconds)
        self.close()

    def look_once(self) -> MailboxLook:
        """Take every message of the folder once, in the order of their arrival; those that failed before come last."""
        try:
            client = self._connected()
            validity = int(client.select_folder(self.settings.folder)[b"UIDVALIDITY"])
            numbers = client.search(["UNDELETED"])
        except Exception as error:  # network, sign-in, server: all are tried again
            return self._say(MailboxLook(trouble=self._explain(error)))
        numbers.sort(key=lambda number: (self._failed.get((validity, number), 0), number))
        taken: list[str] = []
        left = 0
        trouble: str | None = None
        for number in numbers[: self.settings.max_messages]:
            try:
                code = self._take(client, (validity, number))
            except TryLater as error:
                trouble = error.says
                break
            except Exception as error:
                self._failed[(validity, number)] = self._failed.get((validity, number), 0) + 1
                trouble = self._explain(error)
                if not isinstance(error, IMAPClientError | OSError):
                    continue
                self.close()
                break
            if code is None:
                left += 1
            else:
                taken.append(code)
        return self._say(MailboxLook(tuple(taken), left, len(numbers) - len(taken) - left, trouble))

    def close(self) -> None:
        """Leave the server."""
        client, self._client = self._client, None
        if client is not None:
            try:
                client.logout()
            except (IMAPClientError, OSError):
                self.log.debug("mailbox: the connection had gone already")

    # -- one message ---------------------------------------------------------------------------------------------

    def _take(self, client: IMAPClient, key: tuple[int, int]) -> str | None:
        number = key[1]
        if key in self._kept:  # kept at an earlier look, but the move failed: only the move is tried again
            self._move(client, number, self.settings.done)
            return self._kept.pop(key)
        facts = client.fetch([number], ["RFC822.SIZE", "INTERNALDATE"]).get(number)
        if facts is None:
            return None  # somebody moved it meanwhile
        if int(facts[b"RFC822.SIZE"]) > self.settings.max_bytes:
            self._move(client, number, self.settings.kept)
            self.log.warning("mailbox: a message over %d bytes was left for a person", self.settings.max_bytes)
            return None
        data = client.fetch([number], ["BODY.PEEK[]"])[number][b"BODY[]"]
        now = self.clock()
        stated = facts.get(b"INTERNALDATE")
        known = isinstance(stated, dt.datetime) and stated.tzinfo is not None and stated <= now
        code = self.accept(
            Delivery(
                route="mailbox",
                data=bytes(data),
                received_at=now,
                arrived_at=stated.astimezone(dt.UTC) if known else now,
                arrival_source="mailbox INTERNALDATE" if known else "when the message was fetched",
                peer=self.settings.host,
                desk=self.settings.desk or self.settings.user,
                notes={"uid": str(number), "uid_validity": str(key[0])},
            )
        )
        self._kept[key] = code
        self._move(client, number, self.settings.done)
        del self._kept[key]
        self._failed.pop(key, None)
        self.log.info("mailbox: kept %s, %d bytes", code, len(data))
        return code

    def _move(self, client: IMAPClient, number: int, folder: str) -> None:
        """MOVE where the server has it; else copy, flag, and expunge this one message."""
        if not client.folder_exists(folder):
            client.create_folder(folder)
        if client.has_capability("MOVE"):
            client.move([number], folder)
            return
        client.copy([number], folder)
        client.delete_messages([number])
        if client.has_capability("UIDPLUS"):
            client.uid_expunge([number])

    # -- the connection ------------------------------------------------------------------------------------------

    def _connected(self) -> IMAPClient:
        if self._client is not None:
            try:
                self._client.noop()
                return self._client
            except (IMAPClientError, OSError):
                self._client = None
        settings = self.settings
        context = ssl.create_default_context(cafile=str(settings.authority_file) if settings.authority_file else None)
        secure: dict[str, Any] = {"ssl": True, "ssl_context": context} if settings.security == "tls" else {"ssl": False}
        client = IMAPClient(settings.host, port=settings.port, timeout=settings.timeout, **secure)
        try:
            client.normalise_times = False  # else INTERNALDATE loses its zone
            if settings.security == "starttls":
                client.starttls(context)
            if settings.token is not None:
                client.oauth2_login(settings.user, settings.token())
            else:
                client.login(settings.user, settings.password or "")
        except BaseException:
            client.shutdown()
            raise
        self._client = client
        return client

    def _wait(self, stop: threading.Event, seconds: float) -> None:
        """Until the server says that something came, the poll time is over, or `stop` is set."""
        client = self._client
        if client is None or not self.settings.idle or not seconds or not client.has_capability("IDLE"):
            stop.wait(self.settings.poll_seconds)
            return
        until = time.monotonic() + min(seconds, _LONGEST_IDLE)
        try:
            # What came since the search is told at the next command; behind IDLE it would be heard only after the poll time.
            if any(b"EXISTS" in word for word in client.noop()[1]):
                return
            client.idle()
            while not stop.is_set() and time.monotonic() < until:
                if any(len(word) > 1 and word[1] in (b"EXISTS", b"RECENT") for word in client.idle_check(timeout=1)):
                    break
            client.idle_done()
        except (IMAPClientError, OSError):
            self.close()
            stop.wait(1)

    def _explain(self, error: Exception) -> str:
        """One sentence for the log; never the server's text, which may quote a message (P8)."""
        if isinstance(error, LoginError):
            return (
                "The mailbox refused the sign-in: check its name and its password or OAuth2 consent; nothing is lost."
            )
        if isinstance(error, ssl.SSLError):
            return "The mailbox server's certificate is not trusted: set the authority file of your trust; nothing is lost."
        if isinstance(error, IMAPClientError | OSError):
            return f"The mailbox cannot be reached ({type(error).__name__}); it is tried again; nothing is lost."
        return f"A message could not be kept ({type(error).__name__}); it stays in the mailbox and is tried again."

    def _say(self, look: MailboxLook) -> MailboxLook:
        if look.trouble != self._trouble:
            if look.trouble:
                self.log.warning("mailbox: %s", look.trouble)
            else:
                self.log.info("mailbox: works again")
        self._trouble = look.trouble
        return look
