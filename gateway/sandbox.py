"""The limited child processes in which files from strangers are opened, and the reading processes beside them.

Whatever arrives is opened in a child that may use only so much memory, time, file space and open files, that has a private
temporary folder and cannot reach the network or start a program. What the child answers is data and never code: JSON that is
checked against the expected type, with the bytes beside it (never a pickle from a process that held hostile bytes).

Residual risk accepted: the child runs as the same user, so a break out of the PDF or TIFF library could read files that this user
may read; the filter denies it sockets and programs, so it could not send them anywhere.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

from pydantic import TypeAdapter

from gateway import wire
from gateway.errors import Later
from gateway.nursery import child_environment, nursery

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a child may use: megabytes of memory, seconds of processor and of the clock, megabytes of files."""

    memory_mb: int = 900
    cpu_seconds: int = 120
    wall_seconds: float = 180.0
    file_mb: int = 256
    open_files: int = 64


class ChildFailed(Exception):
    """The child died, hung or broke a limit; `says` tells which in a sentence that holds nothing of the file."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


class JobFailed(ChildFailed):
    """The job itself refused with a sentence, as for an encrypted PDF."""


def run_job(job: str, answer: type[T] | Any, scratch: Path, limits: Limits | None = None, **arguments: Any) -> T:
    """Run one job of gateway.jobs in a confined child of its own and return its checked answer.

    Raises JobFailed when the job refused with a reason, ChildFailed when the child died or broke a limit.
    """
    limits = limits or Limits()
    with own_folder(scratch) as home, (home / "stderr").open("wb") as errors:
        bearer = nursery()
        try:
            pid, to_child, from_child = bearer.bear(dataclasses.asdict(limits), home, errors)
        except EOFError:
            raise Later("sandbox", "The process that opens files could not be started.", "It is tried again.") from None
        ended = False
        with _closing(to_child), from_child:
            try:
                return _call(to_child, from_child, job, answer, arguments, limits.wall_seconds, lambda: _kill(pid))
            except _Gone as gone:
                ended = True
                raise gone.broke or _died(bearer.bury(pid)) from None
            finally:
                if not ended:
                    bearer.bury(pid)


class ReadingProcess:
    """A long-lived child that keeps the readers' models loaded; started again by itself after it died.

    It gets pictures that the confined child has drawn, not the files of strangers. Its memory is watched from here, because the
    libraries in it reserve far more address space than they use.
    """

    def __init__(self, scratch: Path, memory_mb: int) -> None:
        self._scratch = scratch
        self._memory_mb = memory_mb
        self._stack = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def call(self, job: str, answer: type[T] | Any, seconds: float, **arguments: Any) -> T:
        """Run a job in the kept child; on ChildFailed the child is gone and the next call starts a fresh one."""
        with self._lock:
            process = self._process or self._start()
            assert process.stdin and process.stdout

            def too_big() -> str | None:
                if _memory_mb(process.pid) <= self._memory_mb:
                    return None
                return f"It needed more than the {self._memory_mb} MB of memory allowed."

            try:
                return _call(
                    process.stdin, process.stdout, job, answer, arguments, seconds, lambda: _kill(process.pid), too_big
                )
            except _Gone as gone:
                self.close()
                raise gone.broke or _died(process.returncode) from None
            except ChildFailed:
                raise  # a whole answer, though a bad one
            except BaseException:
                self.close()  # half an answer in the pipe would be taken for that to the next question: another patient's page
                raise

    def _start(self) -> subprocess.Popen[bytes]:
        home = self._stack.enter_context(own_folder(self._scratch))
        errors = self._stack.enter_context((home / "stderr").open("wb"))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gateway.sandbox_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=home,
            env=child_environment(home),
            start_new_session=True,
        )
        return self._process

    def close(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    assert pipe is not None
                    pipe.close()
            _kill(process.pid)
            process.wait()
        self._stack.close()


class _Gone(Exception):
    """The child is gone: because we ended it (`broke` says why), or by itself."""

    def __init__(self, broke: ChildFailed | None) -> None:
        super().__init__()
        self.broke = broke


def _call(
    to_child: IO[bytes],
    from_child: IO[bytes],
    job: str,
    answer: Any,
    arguments: dict[str, Any],
    seconds: float,
    kill: Callable[[], None],
    too_big: Callable[[], str | None] = lambda: None,
) -> Any:
    """Ask, wait, check. A watcher ends the child when it takes too long or too much; then, or when it died, _Gone is raised."""
    ended = threading.Event()
    broke: list[ChildFailed] = []

    def watch() -> None:
        end = time.monotonic() + seconds
        while not ended.wait(max(0.0, min(0.2, end - time.monotonic()))):
            if time.monotonic() >= end:
                broke.append(ChildFailed("too_long", f"It took longer than the {seconds:.0f} seconds allowed."))
            elif why := too_big():
                broke.append(ChildFailed("too_big", why))
            else:
                continue
            kill()
            return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        wire.send(to_child, {"job": job, "arguments": arguments})
        reply = wire.receive(from_child)
    except (OSError, EOFError):
        ended.set()
        watcher.join()
        raise _Gone(broke[0] if broke else None) from None
    finally:
        ended.set()
    if "refused" in reply:
        raise JobFailed(reply["refused"]["code"], reply["refused"]["says"])
    if "failed" in reply:
        raise ChildFailed("broken", f"It could not be opened or read ({reply['failed']}).")
    return TypeAdapter(answer).validate_python(reply["answer"])


@contextlib.contextmanager
def _closing(pipe: IO[bytes]) -> Iterator[None]:
    """Close a pipe; what a child that is gone did not take any more is no trouble of its own."""
    try:
        yield
    finally:
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def _died(code: int | None) -> ChildFailed:
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return ChildFailed("too_long", "Opening it took more processor time than allowed.")
    return ChildFailed("crashed", "The program that opened it broke off; the file may be damaged or harmful.")


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@contextlib.contextmanager
def own_folder(scratch: Path) -> Iterator[Path]:
    """A private folder for one child in the scratch folder, gone afterwards."""
    scratch = scratch.absolute()  # the child works in its own folder, where a relative path would lead astray
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    home = Path(tempfile.mkdtemp(prefix="child-", dir=scratch))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _memory_mb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass  # it has just ended, or this system has no /proc: the wall-clock limit remains
    return 0


def sweep(scratch: Path) -> None:
    """Remove what children that were killed left behind: they held pages of patients (P8)."""
    for left in scratch.glob("child-*"):
        shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def private_scratch(parent: Path | None = None) -> Iterator[Path]:
    """A private temporary folder that is gone afterwards, for commands that have no data folder."""
    with tempfile.TemporaryDirectory(prefix="gateway-", dir=parent) as folder:
        yield Path(folder)
