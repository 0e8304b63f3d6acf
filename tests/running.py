"""A real `gateway run` in a process of its own, for tests that talk to its ports, kill it and start it again."""

from __future__ import annotations

import json
import os
import resource
import signal
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Gateway:
    """The program on one data folder. `file_mb` limits how large any of its files may grow (a full disk)."""

    def __init__(self, data: Path, url: str | None = None, file_mb: int | None = None, **settings: str) -> None:
        self.port = free_port()
        self.data = data
        self.file_mb = file_mb
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
        self.environment = {
            **clean,
            "GATEWAY_DATA": str(data),
            "GATEWAY_SETTINGS": os.devnull,
            "GATEWAY_SMTP__PORT": str(self.port),
            "GATEWAY_WEB__PORT": "0",
            **({"GATEWAY_DATABASE_URL": url} if url and not url.startswith("sqlite") else {}),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, dies_at: int | None = None) -> None:
        """Start it and wait for its port; `dies_at`: see faults/dies_at.py."""
        program = [sys.executable, "-m", "gateway"]
        if dies_at is not None:
            program = [sys.executable, str(ROOT / "tests/faults/dies_at.py"), str(dies_at)]

        def limit() -> None:
            if self.file_mb:
                most = self.file_mb << 20
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        with (self.data.parent / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*program, "run"],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                preexec_fn=limit,
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log()[-2000:]
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"it did not start: {self.log()[-2000:]}")

    def log(self) -> str:
        return (self.data.parent / "gateway.log").read_text(errors="replace")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As by Ctrl-C; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def command(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gateway", *words],
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
            cwd=ROOT,
            check=False,
        )

    def objects(self, *words: str) -> list[dict[str, Any]]:
        done = self.command(*words, "--json")
        assert "Traceback" not in done.stderr, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def send(self, mail: bytes, to: str = "faxes@localhost") -> tuple[int, str]:
        """One mail on one connection; the reply to its data."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as line:
            line.ehlo()
            line.mail("fax@pbx.localhost")
            status, words = line.rcpt(to)
            if status == 250:
                status, words = line.data(mail)
            return status, words.decode()

    def wait_until_read(self, seconds: float = 120) -> list[dict[str, Any]]:
        """Until nothing waits for a machine; the list of deliveries."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rows = self.objects("inbox", "list")
            if not any(
                r["outcome"] == "waiting" or any(d["state"] in ("RECEIVED", "READ") for d in r["documents"])
                for r in rows
            ):
                return rows
            time.sleep(0.5)
        raise AssertionError(f"not read in time: {self.log()[-2000:]}")
