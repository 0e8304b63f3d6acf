"""What the rehearsal e-RS remembers: referrals with every version, uploaded files, locks, and the settings of its quirks.

A referral is a frozen value; each change appends a new one with the instant it happened, so that worklists which lag simply look
further back. One lock guards the store for the length of a change; a second lock for each referral gives 423 (ers.md section 6).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from gateway.rehearsal.ers_data import Directory, Patients
from gateway.rehearsal.ers_refusal import Refusal

Clock = Callable[[], dt.datetime]

EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
_MAGIC = {
    "application/pdf": (b"%PDF-",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "image/png": (b"\x89PNG",),
    "image/jpeg": (b"\xff\xd8",),
    "image/gif": (b"GIF8",),
}
_FIRST_UBRN = 900_000_000  # UBRNs of a rehearsal read 0009 0000 0001 and so on
_LOGGED_CALLS = 20_000
_FIRST_VERSION = 3  # as the published example of A011 answers


@dataclass
class Settings:
    """The quirks, switchable while it runs. Times are seconds of the real service and are divided by the rehearsal's scale."""

    scan_seconds: float = 30.0  # an attached file is PENDING for so long after its upload
    worklist_lag_seconds: float = 0.0  # a worklist shows the referrals as they were so long ago
    write_seconds: float = 0.0  # a write to a referral holds its lock for so long
    self_change_seconds: float | None = None  # so long after a client's write e-RS moves the version once by itself
    rate_per_second: float | None = None  # above it 429; multiplied by the scale
    oversize_status: int = 413  # 413, or 422 for FILE_SIZE_ERROR
    attached_url_changes: bool = False  # an attached file gets another Binary id than its upload had
    unbooked_hides_pathway_start: bool = False  # A005 of a NOT_BOOKED referral leaves eReferralPathwayStart out
    worklist_limit_bytes: int = 10 * 1024 * 1024  # a longer worklist is not answered successfully
    twice_daily: bool = False  # a third application worklist of one service on one day is 429
    application_organisation: str = "RXX"  # the provider in whose context an application session reads
    application_may_cancel: bool = False  # A036 for applications after a use-case review


@dataclass(frozen=True)
class Upload:
    """One file as A020 took it. `verdict` is what scanning will say: AVAILABLE, THREATS_FOUND or VALIDATION_FAILED."""

    file_id: str
    name: str
    content_type: str
    size: int
    sha256: str
    ubrn: str | None
    organisation: str
    user: str
    at: dt.datetime
    verdict: str


@dataclass(frozen=True)
class Attached:
    """One file of a referral's set of letters. `file_id` is the id in its URL now."""

    upload: Upload
    file_id: str
    description: str
    indexed: str


@dataclass(frozen=True)
class Visit:
    """The appointment or deferral that A016 made."""

    appointment_id: str
    status: str
    reason: str | None
    service_id: str
    created: dt.datetime
    comment: str | None = None
    slot_id: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    clinician: str | None = None


@dataclass(frozen=True)
class Referral:
    """One referral in one version. `pathway_start` is the instant as it was sent, or None (then e-RS derives it)."""

    ubrn: str
    version: int
    request_id: str
    nhs_number: str
    organisation: str
    referrer: str
    entered_by: str
    created: dt.datetime
    updated: dt.datetime
    priority: str
    specialty: str
    clinic_type: str
    criteria: tuple[dict[str, Any], ...]
    services: tuple[str, ...]
    intention: str
    reminder_days: int
    pathway_start: str | None
    state: str = "NOT_BOOKED"
    reason: str | None = None
    comment: str | None = None
    letters: tuple[Attached, ...] = ()
    letters_first: dt.datetime | None = None
    letters_last: dt.datetime | None = None
    visit: Visit | None = None
    settled: bool = False  # e-RS has already moved the version by itself since the last write


def verdict_of(name: str, content_type: str, body: bytes) -> str:
    """What scanning will say of this file: by the harmless test virus, the file's first bytes, or a marker in its name."""
    lowered = name.lower()
    if EICAR in body or "threat" in lowered:
        return "THREATS_FOUND"
    starts = _MAGIC.get(content_type)
    if "invalid" in lowered or (starts and not body.startswith(starts)):
        return "VALIDATION_FAILED"
    return "AVAILABLE"


class Store:
    """All referrals and files of one rehearsal e-RS."""

    def __init__(self, directory: Directory, patients: Patients, clock: Clock, random: Random, scale: float) -> None:
        self.directory = directory
        self.patients = patients
        self.clock = clock
        self.scale = scale
        self.settings = Settings()
        self.calls: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.worklist_reads: Counter[str] = Counter()
        self.log: deque[dict[str, str]] = deque(maxlen=_LOGGED_CALLS)
        self._random = random
        self._guard = threading.RLock()
        self._history: dict[str, list[tuple[dt.datetime, Referral]]] = {}
        self._uploads: dict[str, Upload] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._appointments = 0

    def scaled(self, seconds: float) -> dt.timedelta:
        """So many seconds of the real service, as long as they last in this rehearsal."""
        return dt.timedelta(seconds=seconds / self.scale)

    def new_id(self) -> str:
        """A random id in the form of a UUID, from the rehearsal's own randomness."""
        with self._guard:
            bits = f"{self._random.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-8{bits[17:20]}-{bits[20:]}"

    def count(self, operation: str, status: int | str, correlation: str | None = None) -> None:
        """One more answer of an operation; `status` is the HTTP status, or `lost before` and `lost after` (the commit)."""
        with self._guard:
            self.answers[f"{operation} {status}"] += 1
            at = self.clock().isoformat(timespec="milliseconds")
            self.log.append({"at": at, "operation": operation, "answer": str(status), "correlation": correlation or ""})

    def called(self, operation: str) -> None:
        """One more call of an operation, whatever becomes of it."""
        with self._guard:
            self.calls[operation] += 1

    def worklist_read(self, service_id: str) -> int:
        """How often an application has read this service's worklist today, with this time."""
        with self._guard:
            key = f"{self.clock().date().isoformat()} {service_id}"
            self.worklist_reads[key] += 1
            return self.worklist_reads[key]

    def add(self, **values: Any) -> Referral:
        """A new referral with its own UBRN."""
        with self._guard:
            now = self.clock()
            ubrn = f"{_FIRST_UBRN + len(self._history) + 1:012d}"
            referral = Referral(
                ubrn=ubrn, version=_FIRST_VERSION, request_id=f"r.{self.new_id()}", created=now, updated=now, **values
            )
            self._history[ubrn] = [(now, referral)]
            self._locks[ubrn] = threading.Lock()
            return referral

    def find(self, ubrn: str) -> Referral | None:
        """The referral as it is now, or None. Reading may find that e-RS has moved the version by itself."""
        with self._guard:
            history = self._history.get(ubrn)
            if not history:
                return None
            referral = history[-1][1]
            after = self.settings.self_change_seconds
            if after is not None and not referral.settled and self.clock() - referral.updated >= self.scaled(after):
                return self.move_version(ubrn)
            return referral

    def change(self, ubrn: str, *, step: int = 1, **values: Any) -> Referral:
        """A new version of a referral with these values changed."""
        with self._guard:
            now = self.clock()
            old = self._history[ubrn][-1][1]
            new = dataclasses.replace(old, version=old.version + step, updated=now, **({"settled": False} | values))
            self._history[ubrn].append((now, new))
            return new

    def move_version(self, ubrn: str) -> Referral:
        """e-RS changes the version by itself, with nothing else changed (ers.md section 6)."""
        return self.change(ubrn, settled=True)

    @contextmanager
    def editing(self, ubrn: str) -> Iterator[None]:
        """Holds the referral's lock for one write; 423 for whoever comes meanwhile."""
        lock = self._locks[ubrn]
        if not lock.acquire(blocking=False):
            raise Refusal(423, None, "the referral is locked by another request")
        try:
            yield
        finally:
            lock.release()

    def as_listed(self) -> list[Referral]:
        """The referrals as worklists see them: as they were before the lag, oldest first."""
        with self._guard:
            until = self.clock() - self.scaled(self.settings.worklist_lag_seconds)
            seen = []
            for history in self._history.values():
                known = [referral for at, referral in history if at <= until]
                if known:
                    seen.append(known[-1])
            return seen

    def upload(
        self, *, name: str, content_type: str, body: bytes, ubrn: str | None, organisation: str, user: str
    ) -> Upload:
        """Keeps what A020 sent (its measures, not its bytes)."""
        with self._guard:
            kept = Upload(
                file_id=self.new_id(),
                name=name,
                content_type=content_type,
                size=len(body),
                sha256=hashlib.sha256(body).hexdigest(),
                ubrn=ubrn,
                organisation=organisation,
                user=user,
                at=self.clock(),
                verdict=verdict_of(name, content_type, body),
            )
            self._uploads[kept.file_id] = kept
            return kept

    def find_upload(self, file_id: str) -> Upload | None:
        """The upload behind `Binary/{id}`, or None."""
        with self._guard:
            return self._uploads.get(file_id)

    def availability(self, attached: Attached) -> str:
        """PENDING while the file is scanned, then its verdict."""
        done = attached.upload.at + self.scaled(self.settings.scan_seconds)
        return attached.upload.verdict if self.clock() >= done else "PENDING"

    def next_appointment(self) -> str:
        """The id of a new appointment."""
        with self._guard:
            self._appointments += 1
            return str(70_000 + self._appointments)

    def all(self) -> list[Referral]:
        """Every referral as it is now, in the order of creation."""
        with self._guard:
            return [history[-1][1] for history in self._history.values()]

    def uploads(self) -> list[Upload]:
        """Every uploaded file."""
        with self._guard:
            return list(self._uploads.values())
