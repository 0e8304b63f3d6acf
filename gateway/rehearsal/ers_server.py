"""A simulated e-RS on loopback: stateful, strict, with faults that can be switched while it runs (issue 2 item 7).

    with RehearsalErs(clock=clock, random=Random(1)) as ers:
        ers.base_url                                   # http://127.0.0.1:40000/referrals/FHIR
        ers.faults.set("lost_after", operation="A011", calls=1)

`python -m gateway.rehearsal.ers_server --port 0` runs it alone. Everything it answers carries `X-Rehearsal: true`, and its code
systems live under its own base URL: it cannot be taken for the real service.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

from gateway.rehearsal.ers_data import Organisation, Patients, Person, Service, build_directory
from gateway.rehearsal.ers_door import Door, enter_elsewhere
from gateway.rehearsal.ers_engine import Engine
from gateway.rehearsal.ers_faults import Faults
from gateway.rehearsal.ers_http import FHIR_PATH, Listener
from gateway.rehearsal.ers_state import Clock, Referral, Settings, Store
from gateway.rehearsal.ers_tokens import Tokens


class RehearsalErs:
    """One rehearsal e-RS. `start()` listens, `stop()` ends; also a context manager.

    `clock` gives the time as an aware datetime; `random` all randomness. `scale` divides every waiting time (60: a minute takes a
    second) and multiplies the permitted pace. `open_sandbox` asks for no Authorization, as the published sandbox does. `sleep` is
    how slow answers wait. `public_key` (PEM) makes the signatures of application tokens count.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        random: Random,
        services: Iterable[Service] | None = None,
        people: Iterable[Person] | None = None,
        organisations: Iterable[Organisation] | None = None,
        patients: Patients | None = None,
        settings: Settings | None = None,
        scale: float = 1.0,
        open_sandbox: bool = False,
        client_id: str = "rehearsal-client",
        sign_in_user: str = "555000000102",
        access_seconds: int = 599,
        refresh_seconds: int = 43199,
        public_key: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        directory = build_directory(services, people, organisations)
        self.state = Store(directory, patients or Patients(), clock, random, scale)
        if settings is not None:
            self.state.settings = settings
        self.faults = Faults(clock, random, scale)
        self.tokens = Tokens(
            clock,
            random,
            client_id=client_id,
            sign_in_user=sign_in_user,
            access_seconds=access_seconds,
            refresh_seconds=refresh_seconds,
            public_key=public_key,
        )
        engine = Engine(
            self.state, self.tokens, self.faults, lambda: self.base_url, open_sandbox=open_sandbox, sleep=sleep
        )
        self.door = Door(self.state, self.tokens, self.faults)
        self._front = Listener(engine, self.door, self.tokens, host, port, door_only=False)
        self._side = Listener(engine, self.door, self.tokens, host, 0, door_only=True)

    @property
    def origin(self) -> str:
        """The origin of the service; sign-in is at `/oauth2/authorize` and `/oauth2/token` of it."""
        return self._front.url

    @property
    def base_url(self) -> str:
        """The FHIR base URL."""
        return self._front.url + FHIR_PATH

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        return self._front.url + "/oauth2/token"

    @property
    def door_url(self) -> str:
        """The control door on a port of its own: it answers also while the service refuses connections."""
        return self._side.url + "/rehearsal"

    def start(self) -> str:
        """Listens; returns the FHIR base URL."""
        self._front.listen()
        self._side.listen()
        self.faults.on_change = self._follow_faults
        self._follow_faults()
        return self.base_url

    def stop(self) -> None:
        """Ends the service and its connections."""
        self.faults.on_change = lambda: None
        self.faults.stop()
        self._front.close()
        self._side.close()

    def __enter__(self) -> RehearsalErs:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _follow_faults(self) -> None:
        if self.faults.refusing():
            self._front.refuse()
        else:
            self._front.listen()

    def inspect(self) -> dict[str, Any]:
        """What `GET /rehearsal/state` answers."""
        return self.door.state()

    def enter_elsewhere(self, **values: Any) -> Referral:
        """A referral that another organisation entered itself (see `ers_door.enter_elsewhere`)."""
        return enter_elsewhere(self.state, **values)


def main(arguments: list[str] | None = None) -> None:
    """Runs the rehearsal e-RS alone until Ctrl-C; prints one JSON line with its addresses."""
    parser = argparse.ArgumentParser(description="A simulated e-RS on loopback, for rehearsals only.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (0: any free one)")
    parser.add_argument("--open-sandbox", action="store_true", help="ask for no Authorization")
    parser.add_argument("--scale", type=float, default=1.0, help="how many times faster waiting times pass")
    parser.add_argument("--seed", type=int, default=None, help="seed of the randomness")
    parser.add_argument("--public-key", type=Path, help="PEM file: verify the signatures of application tokens")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=JSON", help="one of the quirks")
    chosen = parser.parse_args(arguments)
    settings = dataclasses.replace(
        Settings(), **{name: json.loads(value) for name, _, value in (s.partition("=") for s in chosen.setting)}
    )
    ers = RehearsalErs(
        clock=lambda: dt.datetime.now(dt.UTC),
        random=Random(chosen.seed),
        scale=chosen.scale,
        open_sandbox=chosen.open_sandbox,
        public_key=chosen.public_key.read_text() if chosen.public_key else None,
        port=chosen.port,
        settings=settings,
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with ers:
        addresses = {"base_url": ers.base_url, "token_url": ers.token_url, "door_url": ers.door_url}
        print(json.dumps(addresses), flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
