"""The gateway as its users have it: commands with their answers, and the running service, each as a process of its own.

The drill uses nothing else of the program it tests, so what the drill shows is what a user would see.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


class DrillFailed(Exception):
    """Something that was promised did not happen; the text says what."""


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """The commands on one data folder. Settings of the drill come as environment, above whatever the machine has set."""

    def __init__(self, settings: dict[str, str]) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
        # no settings file of the site: a drill must not inherit a real e-RS or a real relay
        self.environment = {**clean, "GATEWAY_SETTINGS": os.devnull, **settings}
        self.seconds = 0.0

    def run(self, *words: str, allowed: tuple[int, ...] = (0,), given: str | None = None) -> str:
        """Run a command and return what it printed; DrillFailed when it ends otherwise than allowed."""
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *words],
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        self.seconds += time.monotonic() - begun
        if done.returncode not in allowed:
            raise DrillFailed(
                f"`gateway {' '.join(words[:3])}` ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-600:]}"
            )
        return done.stdout

    def objects(self, *words: str, allowed: tuple[int, ...] = (0,)) -> list[dict[str, Any]]:
        """Run a command with `--json`; one object a line."""
        return [json.loads(line) for line in self.run(*words, "--json", allowed=allowed).splitlines()]


class Service:
    """`gateway run` in a process of its own; its log goes to a file."""

    def __init__(self, program: Program, log: Path) -> None:
        self._log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "run"], env=program.environment, stdout=out, stderr=subprocess.STDOUT
            )

    def wait_for_port(self, port: int, seconds: float = 60.0) -> None:
        """Until it listens; DrillFailed with its last words when it ends instead."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise DrillFailed(f"`gateway run` did not start: {self._log.read_text(errors='replace')[-800:]}")

    def kill(self) -> None:
        """The worst end: kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """The ordinary end, as by Ctrl-C."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
