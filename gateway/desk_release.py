"""A release from the desk: its running in one thread with the operator's session only in memory."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from gateway.errors import GatewayError, Refused
from gateway.release import ReleaseResult, start_release, time_scale
from gateway.web_desk import Desk

log = logging.getLogger(__name__)


class DeskRelease:
    """The release that this desk runs; how it ended is kept until the next one starts."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self.result: ReleaseResult | None = None
        self.trouble: GatewayError | None = None

    @property
    def running(self) -> bool:
        """Whether it is draining now."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, desk: Desk, operator: str, given: dict[str, Any]) -> None:
        """Open a release in the background; Refused while one runs. What is refused at once is raised here.

        `given`: organisation, role, and the token or session in which it runs (gateway.web_ers_sign_in).
        """
        with self._guard:
            if self.running:
                raise Refused("release_running", "A release is running.", "Watch it here, or stop it.")
            self.result, self.trouble = None, None
            begun = threading.Event()
            arguments = (desk, operator, given, begun)
            self._thread = threading.Thread(target=self._run, args=arguments, name="desk release", daemon=True)
            self._thread.start()
        # wrong roles, another release or a token that is refused show within moments: tell them on the page
        begun.wait(1.0)
        if self.trouble is not None:
            raise self.trouble

    def _run(self, desk: Desk, operator: str, given: dict[str, Any], begun: threading.Event) -> None:
        try:
            self.result = start_release(
                desk.store,
                desk.settings,
                operator=operator,
                clock=desk.clock,
                sleep=time.sleep,
                scale=time_scale(desk.store),
                **given,
            )
        except GatewayError as trouble:
            self.trouble = trouble
        except Exception as error:
            # the kind of the error only: its text may quote a value (P8)
            log.error("The release from the desk broke off with %s", type(error).__name__)
            self.trouble = Refused(
                "defect",
                "A fault of the gateway stopped the release.",
                "Nothing is lost: start it again, and tell the administrator.",
            )
        finally:
            begun.set()
