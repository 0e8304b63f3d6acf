"""What can go wrong, in a clerk's words: one error class, two behaviours, one table of exit codes.

Everything that is refused or fails says what happened and what to do about it. A caller has two answers only: *try later* (the
trouble is ours or the network's and may pass) or *ask a person* (the same call would fail again).
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command; documented in docs/administrator.md and stable."""

    OK = 0
    NOT_IN_ORDER = 1  # the balance has a difference, or the doctor found something
    WRONG_USAGE = 2  # a wrong argument, option, setting or file
    SOME_UNREADABLE = 3  # `gateway read`: at least one file could not be read
    NOT_ALL_SENT = 4  # `gateway release start`: some unsure, refused or paused
    TRY_LATER = 5  # disk full, database busy, e-RS away
    REFUSED = 6  # the rules do not allow it, or there is no such thing
    INTERRUPTED = 130


class GatewayError(Exception):
    """Something a person or another program must be told.

    `code` is stable and for programs, `says` tells what happened, `do` tells the way out. No patient data in either (P8).
    """

    exit_code = ExitCode.REFUSED
    later = False

    def __init__(self, code: str, says: str, do: str = "") -> None:
        super().__init__(f"{says} {do}".strip())
        self.code = code
        self.says = says
        self.do = do


class WrongInput(GatewayError):
    """A wrong argument, setting or file: the same call would fail again until it is mended."""

    exit_code = ExitCode.WRONG_USAGE


class Refused(GatewayError):
    """The rules or the present state do not allow it: ask a person."""


class NotFound(Refused):
    """There is no such delivery, referral, outage, form..."""


class Later(GatewayError):
    """Trouble of ours or of the network that may pass: try again later."""

    exit_code = ExitCode.TRY_LATER
    later = True
