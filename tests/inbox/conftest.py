"""Doors on real ports."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from smtp_talk import NOW, Raw, Recorder

from inbox.smtp import SmtpDoor
from inbox.smtp_limits import Room, RoomLimits, SmtpSettings


@pytest.fixture
def accept() -> Recorder:
    return Recorder()


@pytest.fixture
def open_door(accept: Recorder) -> Iterator[Callable[..., SmtpDoor]]:
    doors: list[SmtpDoor] = []

    def open_one(
        *, room: RoomLimits | None = None, check_password: Any = None, clock: Any = None, **settings: Any
    ) -> SmtpDoor:
        settings = {"domains": ("fax.example",), "port": 0, "watch_seconds": 0.1, **settings}
        door = SmtpDoor(
            SmtpSettings(**settings),
            accept,
            clock or (lambda: NOW),
            logging.getLogger("test.smtp"),
            room=Room(room) if room else None,
            check_password=check_password,
        )
        door.start()
        doors.append(door)
        return door

    yield open_one
    for door in doors:
        door.stop(5)


@pytest.fixture
def raw() -> Iterator[Callable[[int], Raw]]:
    clients: list[Raw] = []

    def connect(port: int) -> Raw:
        clients.append(Raw(port))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()
