"""Settings of one SMTP listener and the room that all listeners share: connections, bytes in memory, wrong passwords.

Every number closes one trap of aiosmtpd 1.4.6 or of the open internet: without them 700 MB sent without a line end grew
the process to 718 MB, and five hundred wrong passwords took 0.04 s. The room is asked by sessions on several event loops,
therefore it locks.
"""

from __future__ import annotations

import ipaddress
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

MEGABYTE = 1024 * 1024
Mode = Literal["require", "offer", "off"]
Phase = Literal["command", "data", "commit", "ended"]


class SmtpDoorError(Exception):
    """The listener cannot be opened as it is set; the text says what is wrong and how to cure it."""


@dataclass(frozen=True)
class SmtpSettings:
    """One listener. A site with two (one with TLS, one for old printers) opens two doors that share one `Room`.

    `domains` are the only recipient domains; `desks` the only local parts (none = any). `networks` are the addresses that
    may connect (none = any). `fax_hosts` are the names with which the site's fax servers sign their Received headers, and
    `relay_hosts` the site's own relays behind which such a header may stand (P5); list a relay only when strangers cannot
    write through it. All sizes are bytes, all times seconds.
    """

    domains: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int = 2525
    hostname: str = "referral-gateway"
    desks: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    starttls: Mode = "off"
    auth: Mode = "off"
    certificate_file: Path | None = None
    key_file: Path | None = None
    fax_hosts: tuple[str, ...] = ()
    relay_hosts: tuple[str, ...] = ()
    max_bytes: int = 50 * MEGABYTE
    max_recipients: int = 50
    max_received_headers: int = 100
    max_commands: int = 200
    max_command_bytes: int = 256 * 1024
    max_wrong_passwords: int = 3
    command_seconds: float = 300.0
    idle_data_seconds: float = 120.0
    data_seconds: float = 900.0
    session_seconds: float = 3600.0
    commit_seconds: float = 90.0
    bare_lf_seconds: float = 10.0
    room_seconds: float = 30.0
    watch_seconds: float = 1.0


@dataclass(frozen=True)
class RoomLimits:
    """What all listeners together may use.

    `grace_seconds`: a connection younger than this is never closed for a newcomer. `elder_bytes` is the memory beyond
    `bytes_held` that one message may use when the room is full, so that half-sent messages cannot wait for each other for
    ever; at least the size limit of a message. `small_bytes` is memory for messages under `small_message` only, so that a
    fax of three pages does not wait behind twenty colour scans.
    """

    connections: int = 100
    connections_per_address: int = 40
    bytes_held: int = 128 * MEGABYTE
    elder_bytes: int = 52 * MEGABYTE
    small_message: int = MEGABYTE
    small_bytes: int = 24 * MEGABYTE
    slow_bytes_per_second: int = 50_000
    wrong_passwords_per_address: int = 20
    wrong_password_window: float = 600.0
    grace_seconds: float = 2.0


class Seat(Protocol):
    """What the room needs to know of one connection; times are monotonic seconds."""

    address: str
    phase: Phase
    opened_at: float
    phase_since: float
    phase_bytes: int

    @property
    def waits_for_room(self) -> bool:
        """Paused by us, therefore not slow by its own fault."""

    def end(self, reply: str, why: str) -> None:
        """Close this connection with an SMTP reply; safe to call from any thread."""


@dataclass
class Room:
    """Counts connections, held bytes and wrong passwords of all listeners, and makes place when slow senders fill it."""

    limits: RoomLimits = field(default_factory=RoomLimits)
    _seats: list[Seat] = field(default_factory=list)
    _held: int = 0
    _elder: Seat | None = None
    _wrong: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, seat: Seat, now: float) -> bool:
        """Take the connection in, closing the slowest old one when there is no place left for it; False when nobody can go.

        Without this rule a hundred senders of one byte a minute keep every fax out until their timers run down.
        """
        leaving = None
        with self._lock:
            same = [other for other in self._seats if other.address == seat.address]
            crowd = None
            if len(same) >= self.limits.connections_per_address:
                crowd = same
            elif len(self._seats) >= self.limits.connections:
                crowd = self._seats
            if crowd is not None:
                leaving = self._slowest(crowd, now)
                if leaving is None:
                    return False
                self._seats.remove(leaving)
            self._seats.append(seat)
        if leaving is not None:
            leaving.end(
                "421 4.7.0 Too slow while others wait, please come back later", "slow while all places were taken"
            )
        return True

    def _slowest(self, crowd: list[Seat], now: float) -> Seat | None:
        """The connection with the fewest bytes a second in its phase, of those past the grace time and not in a commit."""
        old = [
            seat
            for seat in crowd
            if seat.phase in ("command", "data") and now - seat.phase_since >= self.limits.grace_seconds
        ]
        return min(old, key=lambda seat: seat.phase_bytes / (now - seat.phase_since + 0.001), default=None)

    def leave(self, seat: Seat) -> None:
        """The connection has gone."""
        with self._lock:
            if seat in self._seats:
                self._seats.remove(seat)

    def take(self, count: int, seat: Seat) -> bool:
        """Reserve memory for `count` bytes of mail; False when the room is full now.

        In a full room one message, the elder, may still grow: twenty half-sent messages would otherwise each wait for the
        memory that the others hold.
        """
        with self._lock:
            over = self._held + count - self.limits.bytes_held
            small = seat.phase_bytes <= self.limits.small_message and over <= self.limits.small_bytes
            if over > 0 and not small:
                if self._elder is None or self._elder.phase != "data":
                    self._elder = seat
                if self._elder is not seat or over > self.limits.elder_bytes:
                    return False
            self._held += count
            return True

    def end_slow_holder(self, now: float) -> None:
        """Called while somebody waits for memory: end the slowest sender that keeps a half-sent message, if it is slow."""
        with self._lock:
            slow = self._slowest(
                [seat for seat in self._seats if seat.phase == "data" and not seat.waits_for_room], now
            )
            if slow is None or slow.phase_bytes / (now - slow.phase_since) > self.limits.slow_bytes_per_second:
                return
        slow.end("421 4.7.0 Too slow while others wait, please come back later", "slow while others wait for memory")

    def give_back(self, count: int) -> None:
        """The bytes are committed or dropped."""
        with self._lock:
            self._held -= count

    def fits(self, count: int) -> bool:
        """Whether a message of this announced size could be held now."""
        small = self.limits.small_bytes if count <= self.limits.small_message else 0
        return self._held + count <= self.limits.bytes_held + small

    @property
    def held(self) -> int:
        """Bytes of unfinished mails in memory."""
        return self._held

    @property
    def taken(self) -> int:
        """Open connections."""
        return len(self._seats)

    def wrong_password(self, address: str, now: float) -> None:
        """Remember one failed sign-in of this address."""
        with self._lock:
            if len(self._wrong) > 10_000:
                self._wrong.clear()
            self._wrong.setdefault(address, []).append(now)

    def may_sign_in(self, address: str, now: float) -> bool:
        """Whether this address has guesses left in the current window."""
        with self._lock:
            since = now - self.limits.wrong_password_window
            recent = [moment for moment in self._wrong.get(address, []) if moment >= since]
            if recent:
                self._wrong[address] = recent
            else:
                self._wrong.pop(address, None)
            return len(recent) < self.limits.wrong_passwords_per_address


def in_networks(address: str, networks: tuple[str, ...]) -> bool:
    """Whether the address lies in one of the networks (CIDR); an empty list means any address, an odd address means no."""
    if not networks:
        return True
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip in ipaddress.ip_network(network, strict=False) for network in networks)


def check_settings(settings: SmtpSettings) -> None:
    """Refuse settings that could not work, with one sentence that names the setting and the cure."""
    if not settings.domains:
        raise SmtpDoorError(
            "SMTP has no recipient domains, so it could accept nothing: set GATEWAY_SMTP__DOMAINS to the domains of the fax desk."
        )
    for network in settings.networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise SmtpDoorError(
                f"SMTP network {network!r} is not an address range: write it like 10.1.0.0/16."
            ) from error
    if settings.starttls != "off" and settings.certificate_file is None:
        raise SmtpDoorError("STARTTLS needs a certificate: set the certificate file, or set starttls to off.")
    for name, path in (("certificate", settings.certificate_file), ("key", settings.key_file)):
        if path is not None and not path.is_file():
            raise SmtpDoorError(f"The SMTP {name} file {path} is not there: correct the path or create the file.")
