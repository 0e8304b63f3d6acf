"""Opens the review desk on what a drill left behind: the program itself on the drill's folder, until it is stopped."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.rehearsal.drill import MARK
from gateway.rehearsal.program import DrillFailed, Program, Service, free_port

CLERK = "Rehearsal Clerk"
USUAL_PORT = 8080


@dataclass(frozen=True)
class OpenDesk:
    """Where the desk is, and who signs in there with which password."""

    address: str
    name: str
    password: str
    service: Service


@contextmanager
def desk_on(data: Path) -> Iterator[OpenDesk]:
    """Serve the desk on a drill's folder with a team leader made for it; e-RS is not set up there, so nothing can be sent."""
    if not (data / MARK).exists():
        raise DrillFailed(f"{data} holds no drill; play one first: `gateway rehearse`.")
    port = USUAL_PORT if _free(USUAL_PORT) else free_port()
    program = Program(
        {
            "GATEWAY_DATA": str(data),
            "GATEWAY_SMTP__PORT": str(free_port()),
            "GATEWAY_WEB__PORT": str(port),
            "GATEWAY_OFFICE__NAME": "Rehearsal Referral Office",
        }
    )
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    known = any(person["name"] == CLERK for person in program.objects("people", "list"))
    words = ("people", "password", CLERK) if known else ("people", "add", CLERK, "--role", "team leader")
    program.run(*words, "--password-stdin", "--by", "the drill", given=f"{password}\n")
    service = Service(program, data / "gateway.log")
    try:
        service.wait_for_port(port)
        yield OpenDesk(f"http://127.0.0.1:{port}/", CLERK, password, service)
    finally:
        service.stop()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
