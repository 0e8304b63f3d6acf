"""The child's side of the sandbox: a kept reading process, or the nursery and the confined children that it bears."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import struct
import sys
import tempfile
from typing import IO, Any

from gateway import confine, wire

_PR_SET_PDEATHSIG = 1
_ANSWER = struct.Struct(">q")


def main() -> None:
    """`nursery SOCKET`, or nothing for a kept child on standard input and output."""
    if sys.argv[1:2] == ["nursery"]:
        _keep_nursery(socket.socket(fileno=int(sys.argv[2])))
        return
    # What a library prints must not end up between our answers.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _work(incoming, outgoing)


def _keep_nursery(line: socket.socket) -> None:
    """Load what opening a file needs, then fork for every order, until the other side is gone."""
    import cv2  # noqa: F401
    import numpy  # noqa: F401
    import PIL.Image
    import PIL.TiffImagePlugin  # noqa: F401
    import pypdfium2  # noqa: F401

    import inbox.mime  # noqa: F401
    import ocr.raster
    from gateway import jobs

    with contextlib.suppress(ocr.raster.CannotOpen):
        ocr.raster.count_pages(b"")  # draws in what is loaded at the first call
    assert jobs
    while True:
        order, descriptors, _flags, _address = socket.recv_fds(line, 1 << 16, 3)
        if not order:
            return
        asked = json.loads(order)
        if "bury" in asked:
            line.send(_ANSWER.pack(_ended(int(asked["bury"]))))
            continue
        pid = os.fork()
        if pid == 0:
            line.close()
            _live(asked, descriptors)
        with contextlib.suppress(OSError):  # the child does it too: whoever comes first
            os.setpgid(pid, pid)
        for descriptor in descriptors:
            os.close(descriptor)
        line.send(_ANSWER.pack(pid))


def _ended(pid: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return -signal.SIGKILL


def _live(asked: dict[str, Any], descriptors: list[int]) -> None:
    """The life of a confined child; it never returns into the nursery."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        os.dup2(descriptors[2], 1)
        os.dup2(descriptors[2], 2)
        home = asked["home"]
        os.chdir(home)
        os.environ["HOME"] = os.environ["TMPDIR"] = home
        tempfile.tempdir = None
        limits = asked["limits"]
        confine.limit(limits["memory_mb"], limits["cpu_seconds"], limits["file_mb"], limits["open_files"])
        confine.shut_in()
        _work(os.fdopen(descriptors[0], "rb"), os.fdopen(descriptors[1], "wb"))
        os._exit(0)
    finally:
        os._exit(1)


def _work(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    from gateway import jobs

    while True:
        try:
            message = wire.receive(incoming)
        except EOFError:
            return
        wire.send(outgoing, _answer(jobs, message))


def _answer(jobs: Any, message: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": jobs.JOBS[message["job"]](**message["arguments"])}
    except jobs.Refuses as refusal:
        return {"refused": {"code": refusal.code, "says": refusal.says}}
    except MemoryError:
        return {"refused": {"code": "too_big", "says": "It needed more memory than allowed to open it."}}
    except Exception as error:
        # the kind of error only: its text may quote the file, and so a patient (P8)
        return {"failed": type(error).__name__}


if __name__ == "__main__":
    main()
