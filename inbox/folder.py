"""The watched folder (scan to folder): takes settled files, and moves each away only after it is kept (P1)."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import logging
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inbox.delivery import Accept, Delivery, NotesRefusal, Refusal, TryLater
from inbox.names import line

TAKEN = "taken"
REFUSED = "refused"
_TEMPORARY = (".part", ".partial", ".tmp", ".crdownload", ".filepart", "~")
_OF_WINDOWS = ("thumbs.db", "desktop.ini")
_DEPTH = 3
_HASHED = 1 << 30  # of a refused file at most so much is hashed: a disk image must not stop the watch


class FolderDoorError(Exception):
    """The folder cannot be watched as it is set; the text says why and how to cure it."""


@dataclass(frozen=True)
class FolderSettings:
    """`looks` = how many looks in a row a file must be unchanged; `max_files` = files taken in one look (P7)."""

    max_bytes: int = 50 * 1024 * 1024
    looks: int = 2
    look_seconds: float = 5.0
    max_files: int = 200


@dataclass(frozen=True)
class Look:
    """What one look did: references of files taken, names refused, files still growing, and trouble in one sentence."""

    taken: tuple[str, ...] = ()
    refused: int = 0
    waiting: int = 0
    trouble: str | None = None


@dataclass
class _Seen:
    size: int
    mtime_ns: int
    looks: int


class FolderDoor:
    """Watches one folder. A sub-folder's name is the desk of what lies in it; `taken/` and `refused/` are ours.

    `accept` is called for one file after the other. A crash between its commit and the move makes the same file come again,
    with the same bytes: a duplicate that is recognised, never a loss.
    """

    def __init__(
        self,
        path: Path,
        accept: Accept,
        clock: Callable[[], dt.datetime],
        log: logging.Logger | None = None,
        settings: FolderSettings | None = None,
        note_refusal: NotesRefusal | None = None,
    ) -> None:
        self.path = path
        self.accept = accept
        self.clock = clock
        self.log = log or logging.getLogger("inbox.folder")
        self.settings = settings or FolderSettings()
        self.note_refusal = note_refusal
        self._noted: dict[Path, tuple[int, int]] = {}
        self._seen: dict[Path, _Seen] = {}
        self._kept: dict[Path, tuple[int, int, str]] = {}
        self._trouble: str | None = None

    def check(self) -> None:
        """Refuse a folder that could never work; a share that is away just now is not refused."""
        if self.path.exists() and not self.path.is_dir():
            raise FolderDoorError("The watched folder is a file: set GATEWAY_FOLDER__PATH to a folder.")

    def run(self, stop: threading.Event) -> None:
        """Look again and again until `stop` is set; trouble of one look never ends the watch (P7)."""
        while not stop.is_set():
            self.look_once()
            stop.wait(self.settings.look_seconds)

    def look_once(self) -> Look:
        """Take every settled file once. A share that is away is said once in the log, and once when it is back."""
        try:
            files = self._list()
        except OSError as error:
            return self._say(
                Look(trouble=f"The watched folder cannot be read ({_reason(error)}): check the share; nothing is lost.")
            )
        taken: list[str] = []
        refused = waiting = 0
        trouble: str | None = None
        self._seen = {path: seen for path, seen in self._seen.items() if path in files}
        for path, status in list(files.items()):
            if not self._settled(path, status) or len(taken) >= self.settings.max_files:
                waiting += 1
                continue
            try:
                code = self._take(path, status)
            except TryLater as error:
                trouble = error.says
                waiting += 1
                break
            except OSError as error:
                trouble = (
                    f"A file in the watched folder cannot be read or moved ({_reason(error)}): check its permissions."
                )
                waiting += 1
                continue
            except Exception as error:  # trouble of ours: the file stays and comes again (P1)
                trouble = (
                    f"A file could not be kept ({type(error).__name__}); it stays in the folder and is tried again."
                )
                self.log.error("folder: %s while keeping a file", type(error).__name__)
                waiting += 1
                continue
            if code is None:
                refused += 1
            else:
                taken.append(code)
        return self._say(Look(tuple(taken), refused, waiting, trouble))

    def _say(self, look: Look) -> Look:
        if look.trouble != self._trouble:
            if look.trouble:
                self.log.warning("folder: %s", look.trouble)
            else:
                self.log.info("folder: works again")
        self._trouble = look.trouble
        return look

    # -- one look ------------------------------------------------------------------------------------------------

    def _list(self) -> dict[Path, os.stat_result]:
        """Regular files, oldest first; links are never followed, ours and hidden folders never entered."""
        found: dict[Path, os.stat_result] = {}
        todo = [(self.path, 0)]
        while todo:
            folder, depth = todo.pop()
            with os.scandir(folder) as entries:
                for entry in entries:
                    low = entry.name.lower()
                    if low.startswith((".", "~$")) or low.endswith(_TEMPORARY) or low in _OF_WINDOWS:
                        continue
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        found[Path(entry.path)] = status
                    elif (
                        stat.S_ISDIR(status.st_mode)
                        and depth < _DEPTH
                        and not (depth == 0 and entry.name in (TAKEN, REFUSED))
                    ):
                        todo.append((Path(entry.path), depth + 1))
        return dict(sorted(found.items(), key=lambda item: (item[1].st_mtime_ns, str(item[0]))))

    def _settled(self, path: Path, status: os.stat_result) -> bool:
        seen = self._seen.get(path)
        if seen is None or (seen.size, seen.mtime_ns) != (status.st_size, status.st_mtime_ns):
            self._seen[path] = _Seen(status.st_size, status.st_mtime_ns, 1)
        else:
            seen.looks += 1
        return self._seen[path].looks >= self.settings.looks

    def _take(self, path: Path, status: os.stat_result) -> str | None:
        """Keep one file and move it; None when it is refused."""
        mark = (status.st_size, status.st_mtime_ns)
        kept = self._kept.get(path)
        if kept is not None and kept[:2] == mark:
            # Kept at an earlier look, but the move failed: only the move is tried again.
            self._move(path, TAKEN)
            del self._kept[path]
            return kept[2]
        if status.st_size > self.settings.max_bytes:
            limit = self.settings.max_bytes // (1024 * 1024)
            self._refuse(
                path,
                status,
                "too_large",
                f"This file is larger than {limit} MB, which is the most that is taken. Scan it in parts or with less resolution.",
            )
            return None
        if status.st_size == 0:
            self._refuse(path, status, "empty_file", "This file is empty (0 bytes). Scan the paper again.")
            return None
        data = self._read(path, mark)
        if data is None:
            self._seen.pop(path, None)
            raise OSError(errno.EAGAIN, "changed while it was read")
        modified = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
        now = self.clock()
        delivery = Delivery(
            route="folder",
            data=data,
            received_at=now,
            arrived_at=min(modified, now),
            arrival_source="file modification time" if modified <= now else "when the file was taken",
            name=_storable(path.name),
            desk=self._desk(path),
        )
        code = self.accept(delivery)
        self._kept[path] = (*mark, code)
        self._seen.pop(path, None)
        self._move(path, TAKEN)
        del self._kept[path]
        self.log.info("folder: kept %s, %d bytes", code, len(data))
        return code

    def _desk(self, path: Path) -> str | None:
        """The sub-folder in which the file lies."""
        desk = path.relative_to(self.path).parent
        return None if desk == Path() else line(_storable(desk.as_posix()))

    def _read(self, path: Path, mark: tuple[int, int]) -> bytes | None:
        """The bytes, without following a link put there meanwhile; None when the file changed while it was read."""
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            data = file.read(self.settings.max_bytes + 1)
            after = os.fstat(file.fileno())
        same = stat.S_ISREG(after.st_mode) and (after.st_size, after.st_mtime_ns) == mark and len(data) == mark[0]
        return data if same else None

    def _refuse(self, path: Path, status: os.stat_result, flag: str, why: str) -> None:
        mark = (status.st_size, status.st_mtime_ns)
        if self.note_refusal is not None and self._noted.get(path) != mark:
            self.note_refusal(
                Refusal(
                    route="folder",
                    sha256=hash_of(path),
                    size=status.st_size,
                    received_at=self.clock(),
                    says=why,
                    flag=flag,
                    name=_storable(path.name),
                    desk=self._desk(path),
                )
            )
            self._noted[path] = mark  # noted once, also where moving it away fails and is tried again
        target = self._move(path, REFUSED)
        self._noted.pop(path, None)
        target.with_name(target.name + ".why.txt").write_text(why + "\n", encoding="utf-8")
        self._seen.pop(path, None)
        self.log.warning("folder: refused a file; the reason lies beside it in %s/", REFUSED)

    def _move(self, path: Path, to: str) -> Path:
        """Into `taken/` or `refused/` under the same sub-folder, never over another file."""
        folder = self.path / to / path.relative_to(self.path).parent
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(10_000):
            target = folder / (path.name if number == 0 else f"{path.stem}.{number}{path.suffix}")
            if not _free(target):
                continue
            # The folder is ours alone, so nobody takes the name between the look and the move.
            path.rename(target)
            return target
        raise OSError(errno.EEXIST, "too many files of one name")


def _free(target: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        target.lstat()
        return False
    return True


def _storable(text: str) -> str:
    """The name without lone surrogates, which stand for bytes that were no UTF-8 and which no database takes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def hash_of(path: Path) -> str:
    """SHA-256 of the file, of its first gigabyte where it is larger; read in pieces, so that it needs no memory."""
    digest = hashlib.sha256()
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        left = _HASHED
        while left > 0 and (piece := file.read(min(left, 1 << 20))):
            digest.update(piece)
            left -= len(piece)
    return digest.hexdigest()


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
