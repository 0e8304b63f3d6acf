"""Shutting a process in: limits on memory, time and files, and no network and no new programs from then on.

Works without privileges: resource limits (setrlimit) and a system-call filter (seccomp) that refuses sockets, new programs and
tracing. Where the kernel has no filter for us, the limits remain and `how_confined` says so at every start.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import resource
import struct
import sys

# audit number of the processor; numbers of: socket; execve, execveat; connect, sendto, ptrace, bpf, io_uring_setup (another way out)
_CALLS = {
    "x86_64": (0xC000003E, 41, (59, 322), (42, 44, 101, 321, 425)),
    "aarch64": (0xC00000B7, 198, (221, 281), (203, 206, 117, 280, 425)),
}
_LOCAL = 1  # AF_UNIX
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_X32 = 0x40000000  # the same calls under other numbers
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def limit(memory_mb: int, cpu_seconds: int, file_mb: int, open_files: int) -> None:
    """Set the resource limits of this process; its children inherit them."""
    for what, most in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, file_mb << 20),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CORE, 0),  # a core file would hold pages of patients
    ):
        _soft, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def shut_in(programs: bool = False) -> bool:
    """Refuse sockets and new programs from now on; False where this kernel or processor has no filter for us.

    `programs`: it is about to become a program of its own, which may make sockets of this machine but connect them to nothing.
    """
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    architecture, make_socket, start_program, never = _CALLS[platform.machine()]
    denied = never if programs else (make_socket, *start_program, *never)
    local_sockets = [(_EQUAL, 0, 2, make_socket), (_LOAD, 0, 0, 16), (_EQUAL, 0, 1, _LOCAL)] if programs else []
    to_refusal = len(denied) + len(local_sockets) + 1
    steps = [
        (_LOAD, 0, 0, 4),  # the architecture of the call
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, 0),  # its number
        (_AT_LEAST, to_refusal, 0, _X32),
    ]
    for place, number in enumerate(denied, 1):
        steps.append((_EQUAL, to_refusal - place, 0, number))
    steps += [*local_sockets, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    program = _Program(len(steps), code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0


def how_confined() -> str:
    """In a sentence what keeps the opening of files in bounds on this machine; tried in a child, so nothing changes here."""
    import subprocess

    trial = (
        "import sys, gateway.confine as c; ok = c.shut_in()\n"
        "import socket\n"
        "try:\n    socket.socket()\n    ok = False\nexcept OSError:\n    pass\n"
        "sys.exit(0 if ok else 1)"
    )
    done = subprocess.run([sys.executable, "-c", trial], capture_output=True, timeout=30, check=False)
    if done.returncode == 0:
        return (
            "Files are opened in a child without network and programs (seccomp), with limits on memory, time and files."
        )
    return "Files are opened in a child with limits on memory, time and files; this kernel offers no filter against network use."
