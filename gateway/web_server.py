"""The review desk's door: the application on a port, in a thread of the running gateway."""

from __future__ import annotations

import datetime as dt
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn

from gateway.errors import WrongInput
from gateway.people import first_administrator
from gateway.settings import Settings
from gateway.store import Store
from gateway.web_app import make_app
from gateway.web_desk import Intake

log = logging.getLogger("gateway.web")
START_SECONDS = 20.0


class WebDoor:
    """Serves the desk on `settings.web`. `start` makes the first administrator where there is nobody; `stop` ends it."""

    def __init__(
        self, store: Store, settings: Settings, intake: Intake | None, jobs: Any, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._app = make_app(store, settings, intake, jobs, clock)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.port = settings.web.port
        self.first_person: tuple[str, str] | None = None

    @property
    def address(self) -> str:
        """What to type into a browser on this machine."""
        web = self._settings.web
        host = web.host if web.host not in ("0.0.0.0", "::", "") else "localhost"
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if web.certificate else 'http'}://{host}:{self.port}/"

    @property
    def lines(self) -> list[str]:
        """What a person at the console reads; the one-time password stands here and nowhere else."""
        told = [f"Review desk: {self.address}"]
        if self.first_person is not None:
            name, password = self.first_person
            told.append(f"First sign-in: name {name}, one-time password {password} (shown once; change it there).")
        return told

    def start(self) -> None:
        """Listen. A port that cannot be had, or a certificate that cannot be used, is a WrongInput with the cure."""
        web = self._settings.web
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,  # addresses hold codes only, but who asked for what stands in the event log
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            ssl_certfile=web.certificate,
            ssl_keyfile=web.key,
        )
        try:
            config.load()
        except OSError as error:
            raise WrongInput(
                "web",
                f"The certificate of the review desk cannot be used: {error.strerror or 'wrong file'}.",
                "Correct GATEWAY_WEB__CERTIFICATE and GATEWAY_WEB__KEY.",
            ) from None
        listening = self._listen()
        self.port = listening.getsockname()[1]
        with self._store.write() as session:
            self.first_person = first_administrator(session, self._clock())
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="review desk", daemon=True
        )
        self._thread.start()
        log.info("The review desk listens on %s port %d", web.host, self.port)

    def _listen(self) -> socket.socket:
        web = self._settings.web
        family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
        # named as TCP, because asyncio switches Nagle's delay (40 ms an answer) off only where it is
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((web.host, web.port))
            listening.listen(128)
        except OSError as error:
            listening.close()
            raise WrongInput(
                "web",
                f"The review desk cannot listen on {web.host} port {web.port}: {error.strerror}.",
                "Set GATEWAY_WEB__PORT to a free port (0 takes any), or stop what uses this one.",
            ) from None
        return listening

    def stop(self) -> None:
        """End: requests under way are finished first."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=10)
