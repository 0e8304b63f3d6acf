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
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

from pydantic import TypeAdapter

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
    """Run one job of gateway.jobs in a child of its own and return its checked answer.

    Raises JobFailed when the job refused with a reason, ChildFailed when the child died or broke a limit.
    """
    limits = limits or Limits()
    with _Child(scratch, limits, confined=True) as child:
        return child.call(job, answer, limits.wall_seconds, arguments)


class ReadingProcess:
    """A long-lived child that keeps the readers' models loaded; started again by itself after it died.

    It gets pictures that the confined child has drawn, not the files of strangers. Its memory is watched from here, because the
    libraries in it reserve far more address space than they use.
    """

    def __init__(self, scratch: Path, memory_mb: int) -> None:
        self._scratch = scratch
        self._memory_mb = memory_mb
        self._child: _Child | None = None
        self._lock = threading.Lock()

    def call(self, job: str, answer: type[T] | Any, seconds: float, **arguments: Any) -> T:
        """Run a job in the kept child; on ChildFailed the child is gone and the next call starts a fresh one."""
        with self._lock:
            if self._child is None:
                self._child = _Child(self._scratch, Limits(memory_mb=self._memory_mb), confined=False)
            try:
                return self._child.call(job, answer, seconds, arguments)
            except JobFailed:
                raise
            except ChildFailed:
                self.close()
                raise

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None


class _Child:
    def __init__(self, scratch: Path, limits: Limits, *, confined: bool) -> None:
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._home = Path(tempfile.mkdtemp(prefix="child-", dir=scratch))
        self._limits = limits
        self._confined = confined
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "PYTHONDONTWRITEBYTECODE": "1",
            # one thread each: more threads burn more processor for the same page (domain: OMP_THREAD_LIMIT)
            "OMP_THREAD_LIMIT": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        if "TESSDATA_PREFIX" in os.environ:
            environment["TESSDATA_PREFIX"] = os.environ["TESSDATA_PREFIX"]
        with self._home.joinpath("stderr").open("wb") as errors:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "gateway.sandbox_child",
                    json.dumps(dataclasses.asdict(limits)),
                    str(int(confined)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._home,
                env=environment,
                start_new_session=True,
            )

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, job: str, answer: Any, seconds: float, arguments: dict[str, Any]) -> Any:
        assert self._process.stdin and self._process.stdout
        ended = threading.Event()
        broke: list[ChildFailed] = []
        watch = threading.Thread(target=self._watch, args=(seconds, ended, broke), daemon=True)
        watch.start()
        try:
            send(self._process.stdin, {"job": job, "arguments": arguments})
            reply = receive(self._process.stdout)
        except (OSError, EOFError):
            ended.set()
            watch.join()
            raise broke[0] if broke else self._died() from None
        finally:
            ended.set()
        if "refused" in reply:
            raise JobFailed(reply["refused"]["code"], reply["refused"]["says"])
        if "failed" in reply:
            raise ChildFailed("broken", f"It could not be opened or read ({reply['failed']}).")
        return TypeAdapter(answer).validate_python(reply["answer"])

    def _died(self) -> ChildFailed:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        code = self._process.returncode
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            return ChildFailed("too_long", "Opening it took more processor time than allowed.")
        return ChildFailed("crashed", "The program that opened it broke off; the file may be damaged or harmful.")

    def _watch(self, seconds: float, ended: threading.Event, broke: list[ChildFailed]) -> None:
        end = time.monotonic() + seconds
        while not ended.wait(max(0.0, min(0.2, end - time.monotonic()))):
            if time.monotonic() >= end:
                broke.append(ChildFailed("too_long", f"It took longer than the {seconds:.0f} seconds allowed."))
            elif not self._confined and _memory_mb(self._process.pid) > self._limits.memory_mb:
                broke.append(
                    ChildFailed("too_big", f"It needed more than the {self._limits.memory_mb} MB of memory allowed.")
                )
            else:
                continue
            self._kill()
            return

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        self._kill()
        self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)


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


# -- the wire: one JSON frame with the bytes beside it ------------------------------------------------------------------------


def send(pipe: IO[bytes], message: Any) -> None:
    """Write one message: dataclasses become objects, bytes are numbered and follow the JSON."""
    blobs: list[bytes] = []
    text = json.dumps(_pack(message, blobs), ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
    pipe.write(struct.pack(">QQ", len(text), len(blobs)) + text)
    for blob in blobs:
        pipe.write(struct.pack(">Q", len(blob)))
        pipe.write(blob)
    pipe.flush()


def receive(pipe: IO[bytes], most: int = 2 << 30) -> Any:
    """Read one message. EOFError when the other side is gone."""
    length, count = struct.unpack(">QQ", _exactly(pipe, 16))
    if length > most or count > 1_000_000:
        raise EOFError("the other side does not speak our language")
    tree = json.loads(_exactly(pipe, length).decode("utf-8", "surrogatepass"))
    blobs = []
    for _ in range(count):
        (size,) = struct.unpack(">Q", _exactly(pipe, 8))
        if size > most:
            raise EOFError("the other side does not speak our language")
        blobs.append(_exactly(pipe, size))
    return _unpack(tree, blobs)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    data = pipe.read(count)
    if data is None or len(data) < count:
        raise EOFError("the other side is gone")
    return data


def _pack(thing: Any, blobs: list[bytes]) -> Any:
    if isinstance(thing, (bytes, bytearray, memoryview)):
        blobs.append(bytes(thing))
        return {"$bytes": len(blobs) - 1}
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: _pack(getattr(thing, f.name), blobs) for f in dataclasses.fields(thing)}
    if isinstance(thing, dict):
        return {str(k): _pack(v, blobs) for k, v in thing.items()}
    if isinstance(thing, (list, tuple, set, frozenset)):
        return [_pack(v, blobs) for v in thing]
    if hasattr(thing, "isoformat"):
        return thing.isoformat()
    if thing is None or isinstance(thing, (str, int, float, bool)):
        return thing
    if hasattr(thing, "item"):  # a number of numpy's
        return thing.item()
    raise TypeError(f"a {type(thing).__name__} cannot be sent")


def _unpack(tree: Any, blobs: list[bytes]) -> Any:
    if isinstance(tree, dict):
        if len(tree) == 1 and "$bytes" in tree:
            return blobs[tree["$bytes"]]
        return {k: _unpack(v, blobs) for k, v in tree.items()}
    if isinstance(tree, list):
        return [_unpack(v, blobs) for v in tree]
    return tree


@contextlib.contextmanager
def private_scratch(parent: Path | None = None) -> Iterator[Path]:
    """A private temporary folder that is gone afterwards, for commands that have no data folder."""
    with tempfile.TemporaryDirectory(prefix="gateway-", dir=parent) as folder:
        yield Path(folder)
