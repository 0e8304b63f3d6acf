"""The nursery: a process that has loaded the libraries once and bears a fresh confined child for every file in milliseconds.

Starting a new interpreter for each file costs a quarter of a second of processor, more than opening most faxes. The nursery itself
never sees a byte of a file: it only forks. Each child has its own pipes, limits, group and folder, does its jobs and is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

_LOCK = threading.Lock()
_nursery: Nursery | None = None
_ANSWER = struct.Struct(">q")


def nursery() -> Nursery:
    """The nursery of this process, started at the first file and again if it should ever be gone."""
    global _nursery
    with _LOCK:
        if _nursery is None or not _nursery.alive():
            _nursery = Nursery()
        return _nursery


class Nursery:
    """One nursery. Safe to use from several threads; it ends with this process."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gateway.sandbox_child", "nursery", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=child_environment(Path("/nonexistent")),
            start_new_session=True,
        )
        theirs.close()

    def alive(self) -> bool:
        """Whether it can still bear children."""
        return self._process.poll() is None

    def bear(self, limits: dict[str, float], home: Path, errors: IO[bytes]) -> tuple[int, IO[bytes], IO[bytes]]:
        """A confined child in its own folder: its process number, the pipe to it and the pipe from it."""
        to_child, from_child = os.pipe(), os.pipe()
        order = json.dumps({"limits": limits, "home": str(home)}).encode()
        try:
            with self._turn:
                socket.send_fds(self._socket, [order], [to_child[0], from_child[1], errors.fileno()])
                pid = self._answer()
        except OSError as gone:
            for end in (to_child[1], from_child[0]):
                os.close(end)
            raise EOFError("the nursery is gone") from gone
        finally:
            os.close(to_child[0])
            os.close(from_child[1])
        return pid, os.fdopen(to_child[1], "wb"), os.fdopen(from_child[0], "rb")

    def bury(self, pid: int) -> int:
        """Kill a child with all it may have started, and return how it ended (as subprocess' returncode)."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        try:
            with self._turn:
                self._socket.send(json.dumps({"bury": pid}).encode())
                return self._answer()
        except (OSError, EOFError):
            return -signal.SIGKILL

    def _answer(self) -> int:
        data = self._socket.recv(_ANSWER.size)
        if len(data) < _ANSWER.size:
            raise EOFError("the nursery is gone")
        return int(_ANSWER.unpack(data)[0])


def child_environment(home: Path) -> dict[str, str]:
    """What a child may know of the world: where programs and its own folder are, and to use one thread."""
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        # one thread each: more threads burn more processor for the same page
        "OMP_THREAD_LIMIT": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    for name in ("TESSDATA_PREFIX", "PYTHONDONTWRITEBYTECODE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment
