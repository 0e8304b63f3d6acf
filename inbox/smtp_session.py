"""One SMTP connection: aiosmtpd's commands with our own DATA, limits and replies (inbound-mail.md sections 4 and 6)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import ssl
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import MISSING, SMTP

from inbox.delivery import TryLater
from inbox.smtp_data import DataCollector
from inbox.smtp_limits import MEGABYTE, Phase, in_networks

if TYPE_CHECKING:
    from inbox.smtp import SmtpDoor

_SIZE = re.compile(r"\sSIZE=(\d{1,20})(?=\s|$)", re.IGNORECASE)
_AUTH_PARAMETER = re.compile(r"\sAUTH=\S*", re.IGNORECASE)
_ROUTE = re.compile(r"\s*TO:\s*<?\s*@", re.IGNORECASE)
_TRY_LATER = "451 4.3.0 Cannot keep the message now, please send it again later"


class SmtpSession(SMTP):
    """A seat in the room. `phase` tells the watch which of its clocks is running; times are the event loop's seconds."""

    def __init__(self, door: SmtpDoor, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None) -> None:
        settings = door.settings
        super().__init__(
            self,
            data_size_limit=settings.max_bytes,
            enable_SMTPUTF8=True,
            hostname=settings.hostname,
            ident="ready",
            tls_context=tls,
            require_starttls=settings.starttls == "require",
            timeout=settings.command_seconds,
            auth_required=False,  # aiosmtpd warns and refuses too early; `_signed_in` decides
            auth_require_tls=settings.starttls != "off",
            loop=loop,
        )
        self.door = door
        self.address = ""
        self.opened_at = self.phase_since = self.last_byte_at = loop.time()
        self.phase: Phase = "command"
        self.phase_bytes = 0
        self.announced = 0
        self._commands = 0
        self._command_bytes = 0
        self._wrong_passwords = 0
        self._login: str | None = None
        self._collector: DataCollector | None = None
        self._finished: asyncio.Future[None] | None = None
        commands: dict[str, Any] = self._smtp_methods
        self._smtp_methods: dict[str, Any] = {name: self._counted(method) for name, method in commands.items()}

    # -- the connection ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or send away: not in the allow-list, or no place left."""
        super().connection_made(transport)
        if self._original_transport is not None:
            return  # the same connection, now with TLS
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else "unknown"
        if not in_networks(self.address, self.door.settings.networks):
            self._turn_away("421 4.7.1 This address may not send here", "address is in none of the listed networks")
        elif not self.door.room.admit(self, self.loop.time()):
            self._turn_away("421 4.3.2 Too many connections, please come back later", "all places are taken")
        else:
            self.door.sessions.add(self)

    def _turn_away(self, reply: str, why: str) -> None:
        assert self._handler_coroutine is not None
        self._handler_coroutine.cancel()
        self._end_now(reply, why)

    def connection_lost(self, error: Exception | None) -> None:
        """Give everything back; a commit that runs in its thread goes on."""
        self.phase = "ended"
        self.door.sessions.discard(self)
        self.door.room.leave(self)
        if self._collector is not None:
            self._collector.release()
            self._collector = None
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Bytes of a message go to the collector, commands to aiosmtpd; both are counted."""
        self.last_byte_at = self.loop.time()
        self.phase_bytes += len(data)
        if self._collector is not None and not self._collector.done:
            data = self._collect(data)
            if not data:
                return
        self._command_bytes += len(data)
        if self._command_bytes > self.door.settings.max_command_bytes:
            self._end_now("421 4.7.0 Too much text that is no mail", "too many bytes outside a message")
            return
        super().data_received(data)

    def end(self, reply: str, why: str) -> None:
        """Close with a reply, from any thread."""
        self.loop.call_soon_threadsafe(self._end_now, reply, why)

    def _end_now(self, reply: str, why: str) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        self.door.warn(self.address, f"connection ended: {why}")
        self.transport.write(reply.encode("ascii") + b"\r\n")
        self.transport.close()

    def _timeout_cb(self) -> None:
        """aiosmtpd's own timer closes without a word; ours says so."""
        self._end_now("421 4.4.2 Timeout, please come back later", "no command in time")

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.phase_since = self.loop.time()
        self.phase_bytes = 0

    # -- limits on commands --------------------------------------------------------------------------------------

    def _counted(self, method: Any) -> Any:
        """The command with the count of commands since the last message that was kept."""

        async def counted(arg: str | None) -> None:
            self._commands += 1
            if self._commands > self.door.settings.max_commands:
                self._end_now("421 4.7.0 Too many commands without a message", "too many commands")
                return
            await method(arg)

        return counted

    async def handle_exception(self, error: Exception) -> str:
        """Any trouble of ours is temporary and its text stays here (P1, P8); aiosmtpd would answer 500 with the text."""
        self.door.log.error("smtp %s: %s while serving a command", self.address, type(error).__name__)
        return _TRY_LATER

    async def smtp_HELP(self, arg: str | None) -> None:  # noqa: N802 -- named by the protocol verb
        """A fixed line."""
        await self.push("214 2.0.0 This server takes referrals for its own fax desk")

    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: N802
        """Tells nothing about who is here."""
        await self.push("252 2.5.0 Send some mail, it will be looked at")

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, lines: list[str]) -> list[str]:  # noqa: N802
        """Announce AUTH only where it is wanted, and only what is spoken."""
        session.host_name = hostname
        kept = [line for line in lines if not line.startswith(("250-AUTH", "250 HELP"))]
        settings = self.door.settings
        if settings.auth != "off" and (settings.starttls == "off" or self._tls_protocol):
            kept.append("250-AUTH LOGIN PLAIN")
        return [*kept, "250 ENHANCEDSTATUSCODES"]

    # -- the envelope --------------------------------------------------------------------------------------------

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Refuse too big mails before they are sent, and say later when there is no room."""
        settings = self.door.settings
        now = self.loop.time()
        self.announced = 0
        if now - self.opened_at > settings.session_seconds:
            self._end_now("421 4.4.2 This connection is old, please open a new one", "open for very long")
            return
        if settings.auth == "require" and self._login is None:
            await self.push("530 5.7.0 Authentication required")
            return
        if arg is not None:
            size = _SIZE.search(arg)
            if size and int(size.group(1)) > settings.max_bytes:
                limit = settings.max_bytes // MEGABYTE
                self.door.warn(self.address, "refused a mail announced as too big")
                await self.push(f"552 5.3.4 Message is too big, at most {limit} MB are taken")
                return
            if size:
                self.announced = int(size.group(1))
                if not self.door.room.fits(self.announced):
                    await self.push("452 4.3.1 No room for this message now, please send it again later")
                    return
            # RFC 4954 5 lets a sender add AUTH=<> here; aiosmtpd answers 555 to it.
            arg = _AUTH_PARAMETER.sub("", arg)
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """A source route is a relay attempt, and aiosmtpd drops it before it asks."""
        if arg is not None and _ROUTE.match(arg):
            await self.push("550 5.7.1 This is not a relay")
            return
        await super().smtp_RCPT(arg)

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Only our own domains and desks."""
        settings = self.door.settings
        if len(envelope.rcpt_tos) >= settings.max_recipients:
            return "452 4.5.3 Too many recipients"
        local, at, domain = address.rpartition("@")
        if not at or domain.lower().rstrip(".") not in {name.lower() for name in settings.domains}:
            self.door.warn(self.address, "refused a recipient outside our domains")
            return "550 5.7.1 This is not a relay"
        if not local or any(mark in local for mark in '%!@"\\') or any(ord(letter) < 33 for letter in local):
            return "550 5.7.1 This is not a relay"
        if settings.desks and local.lower() not in {desk.lower() for desk in settings.desks}:
            return "550 5.1.1 There is no such desk here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    # -- the message ---------------------------------------------------------------------------------------------

    def _collect(self, data: bytes) -> bytes:
        assert self._collector is not None and self._finished is not None
        rest = self._collector.feed(data)
        self._after_feed()
        return rest

    def _after_feed(self) -> None:
        collector = self._collector
        assert collector is not None and self._finished is not None and self.transport is not None
        if collector.waits_for_room:
            self.transport.pause_reading()
        elif collector.overflown:
            self._end_now("552 5.3.4 Message is too big", "sent on and on beyond the size limit")
        elif collector.done and not self._finished.done():
            self._finished.set_result(None)

    def look_for_room(self, now: float) -> None:
        """Called by the watch: a paused sender goes on when there is room, and hears 452 when there is none for long."""
        collector = self._collector
        if collector is None or not collector.waits_for_room or self.transport is None:
            return
        if now - self.last_byte_at > self.door.settings.room_seconds:
            collector.drop("no_room")
        rest = collector.retry()
        if not collector.waits_for_room:
            self._enter("data")  # the time that it was paused by us does not make it slow
            self.last_byte_at = now
            self.transport.resume_reading()
            self._after_feed()
            if rest:
                super().data_received(rest)

    @property
    def waits_for_room(self) -> bool:
        """The sender is paused because the memory for mails is full."""
        return self._collector is not None and self._collector.waits_for_room

    @property
    def stuck_on_bare_lf(self) -> bool:
        """The sender has ended its mail with bare line feeds and now waits for us for ever."""
        return self._collector is not None and self._collector.ends_with_bare_lf

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take the bytes, hand them to the door, and answer with what the door says."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        settings, room = self.door.settings, self.door.room
        self._reset_timeout(settings.data_seconds + settings.commit_seconds + 60)
        self._command_bytes = 0
        self._finished = self.loop.create_future()
        self._enter("data")
        collector = self._collector = DataCollector(
            settings.max_bytes, lambda count: room.take(count, self), room.give_back
        )
        # What an impatient sender wrote behind DATA already lies in the reader.
        early = len(self._reader._buffer)
        if early and (rest := self._collect(await self._reader.read(early))):
            super().data_received(rest)
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._finished
        self._enter("commit")
        self._collector = None
        try:
            status = await self._verdict(collector)
        except TryLater as error:
            self.door.log.warning("smtp %s: asked to come back: %s", self.address, _one_line(error.says))
            status = f"451 4.3.0 {_one_line(error.says)}"
        finally:
            if self.transport is not None:
                self._set_post_data_state()
                self._enter("command")
                self._reset_timeout()
        if status.startswith("250"):
            self._commands = 0
        await self.push(status)

    async def _verdict(self, collector: DataCollector) -> str:
        """The reply to a message that has come to its end."""
        settings = self.door.settings
        if collector.state == "too_big":
            self.door.warn(self.address, f"refused a mail over {settings.max_bytes} bytes")
            return f"552 5.3.4 Message is too big, at most {settings.max_bytes // MEGABYTE} MB are taken"
        if collector.state == "no_room":
            self.door.warn(self.address, "no room for a mail, asked to come back")
            return "452 4.3.1 No room for this message now, please send it again later"
        data, held = collector.hand_over()
        return await self.door.keep(self, data, held)

    # -- sign-in -------------------------------------------------------------------------------------------------

    async def handle_AUTH(self, server: Any, session: Any, envelope: Any, words: list[str]) -> str | None:  # noqa: N802
        """PLAIN and LOGIN against the door's password check, with few guesses."""
        settings = self.door.settings
        if settings.auth == "off" or self.door.check_password is None:
            return "502 5.5.1 Signing in is not offered here"
        if self._login is not None:
            return "503 5.5.1 Already signed in"
        if not self.door.room.may_sign_in(self.address, self.loop.time()):
            self._end_now("421 4.7.0 Too many wrong passwords", "too many wrong passwords from this address")
            return None
        pair = await self._credentials(words)
        if pair is None:
            return None
        if await self.loop.run_in_executor(None, self.door.check_password, *pair):
            self._login = pair[0]
            return "235 2.7.0 Signed in"
        self._wrong_passwords += 1
        self.door.room.wrong_password(self.address, self.loop.time())
        self.door.warn(self.address, "wrong password")
        await asyncio.sleep(min(1.0, settings.watch_seconds))
        if self._wrong_passwords >= settings.max_wrong_passwords:
            self._end_now("421 4.7.0 Too many wrong passwords", "too many wrong passwords")
            return None
        return "535 5.7.8 Wrong name or password"

    async def _credentials(self, words: list[str]) -> tuple[str, str] | None:
        """Name and password; None when the exchange was answered with an error already."""
        mechanism = words[0].upper()
        if mechanism == "PLAIN":
            blob = _from_base64(words[1]) if len(words) > 1 else await self.challenge_auth("")
            parts = blob.split(b"\0") if isinstance(blob, bytes) else []
            if blob is MISSING:
                return None
            if len(parts) != 3:
                await self.push("501 5.5.2 Cannot read these credentials")
                return None
            return parts[1].decode("utf-8", "replace"), parts[2].decode("utf-8", "replace")
        name = _from_base64(words[1]) if len(words) > 1 else await self.challenge_auth("Username:")
        if not isinstance(name, bytes):
            return None
        password = await self.challenge_auth("Password:")
        if not isinstance(password, bytes):
            return None
        return name.decode("utf-8", "replace"), password.decode("utf-8", "replace")

    @property
    def login(self) -> str | None:
        """The name that signed in."""
        return self._login

    @property
    def encrypted(self) -> bool:
        """Whether TLS is on."""
        return self._tls_protocol is not None


def _from_base64(word: str) -> bytes:
    try:
        return base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _one_line(text: str) -> str:
    return " ".join(text.encode("ascii", "replace").decode("ascii").split())[:400]
