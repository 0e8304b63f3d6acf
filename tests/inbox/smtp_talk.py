"""What the SMTP tests speak with: a raw client, and an `accept` that records or misbehaves on demand."""

from __future__ import annotations

import datetime as dt
import socket
import threading

from inbox.delivery import Delivery

NOW = dt.datetime(2026, 11, 20, 9, 14, 55, tzinfo=dt.UTC)


class Recorder:
    """Keeps the deliveries; `trouble` is raised, `gate` is waited for, when set."""

    def __init__(self) -> None:
        self.kept: list[Delivery] = []
        self.trouble: Exception | None = None
        self.gate: threading.Event | None = None
        self.entered = threading.Event()

    def __call__(self, delivery: Delivery) -> str:
        self.entered.set()
        if self.gate is not None:
            self.gate.wait(20)
        if self.trouble is not None:
            raise self.trouble
        self.kept.append(delivery)
        return f"D-{len(self.kept):04d}"


class Raw:
    """A raw SMTP client: what smtplib is too polite to send."""

    def __init__(self, port: int, timeout: float = 8.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.file = self.socket.makefile("rb")
        self.banner = self.line()

    def line(self) -> bytes:
        return self.file.readline().rstrip(b"\r\n")

    def reply(self) -> bytes:
        line = self.line()
        while line[3:4] == b"-":
            line = self.line()
        return line

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, command: bytes) -> bytes:
        self.send(command + b"\r\n")
        return self.reply()

    def begin(self, recipient: bytes = b"<desk@fax.example>") -> bytes:
        self.ask(b"EHLO client")
        self.ask(b"MAIL FROM:<fax@sender.example>")
        self.ask(b"RCPT TO:" + recipient)
        return self.ask(b"DATA")

    def close(self) -> None:
        self.file.close()
        self.socket.close()
