"""Collects the bytes of one SMTP DATA phase: finds the end, undoes dot-stuffing, and never holds more than it may.

aiosmtpd keeps a message as a list of lines with a limit for each; base64 without line breaks is refused there and a line
without an end grows without bound. Here the bytes go into one buffer, lines are not looked at, and only the whole is capped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

END = b"\r\n.\r\n"
State = Literal["open", "too_big", "no_room"]


class DataCollector:
    """One message on its way in. `take(n)` asks for memory, `give_back(n)` returns it; `max_bytes` is the cap of the message.

    A message over the cap (`too_big`) or without memory (`no_room`) is read on and thrown away up to `max_bytes` more, so
    that the sender hears the reply at the end of its data as RFC 5321 4.2.5 has it; beyond that `overflown` is true.
    """

    def __init__(self, max_bytes: int, take: Callable[[int], bool], give_back: Callable[[int], None]) -> None:
        self._max = max_bytes
        self._take = take
        self._give_back = give_back
        # The line end of the DATA command itself counts as the one before the first line (RFC 5321 4.1.1.4).
        self._buffer = bytearray(b"\r\n")
        self._held = 0
        self._dropped = 0
        self._waiting: bytes | None = None
        self.state: State = "open"
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """Add what came; returns the bytes after the end of the message (commands that the sender did not wait with)."""
        if self._waiting is not None:
            self._waiting += data
            return b""
        if self.state == "open":
            if not self._take(len(data)):
                self._waiting = data
                return b""
            self._held += len(data)
        start = max(0, len(self._buffer) - len(END) + 1)
        self._buffer += data
        found = self._buffer.find(END, start)
        # Of an end that has not come whole yet, up to two bytes (".\r") may already stand behind the message.
        size = found if found >= 0 else len(self._buffer) - 4
        if self.state == "open" and size > self._max:
            self.state = "too_big"
            self.release()
        if found >= 0:
            self.done = True
            rest = bytes(self._buffer[found + len(END) :])
            del self._buffer[found + 2 :]
            return rest
        if self.state != "open":
            self._dropped += len(data)
            del self._buffer[: -(len(END) - 1)]
        return b""

    @property
    def waits_for_room(self) -> bool:
        """True while bytes that already came have no memory reserved; the connection must not be read meanwhile."""
        return self._waiting is not None

    def retry(self) -> bytes:
        """Try again to find room for the waiting bytes; returns what `feed` returns."""
        data, self._waiting = self._waiting, None
        return self.feed(data) if data is not None else b""

    def drop(self, state: State) -> None:
        """Give up this message: free its memory, and only look for its end from now on."""
        self.state = state
        del self._buffer[: -(len(END) - 1)]
        self.release()

    def release(self) -> None:
        """Return the reserved memory."""
        self._give_back(self._held)
        self._held = 0

    def hand_over(self) -> tuple[bytes, int]:
        """The finished message without dot-stuffing, and the reserved bytes that the new owner has to give back."""
        held, self._held = self._held, 0
        self._buffer, buffer = bytearray(), self._buffer
        if b"\r\n." in buffer:
            buffer = buffer.replace(b"\r\n.", b"\r\n")
        with memoryview(buffer) as view:
            return bytes(view[2:]), held

    @property
    def overflown(self) -> bool:
        """The sender goes on and on beyond what was refused: end the connection."""
        return self._dropped > self._max

    @property
    def ends_with_bare_lf(self) -> bool:
        """The sender believes it has finished, but ended its lines with LF only (closed by CVE-2024-27305 in aiosmtpd)."""
        return self._buffer.endswith((b"\n.\n", b"\n.\r\n")) and not self._buffer.endswith(END)
