"""A trust, its people and a simulated e-RS on one made-up clock, and what must hold whatever happened to them.

Nothing here sleeps: waiting moves the clock. The release, the database and the HTTP between the two are the real ones; a crash is
an exception at the point where it would hurt, after which no thread of that release does anything more.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from gateway.balance import balance
from gateway.deciding import settle_question
from gateway.endings import hold, unhold, withdraw
from gateway.errors import GatewayError
from gateway.queue import retry
from gateway.reference import import_reference
from gateway.referrals import find_referral, open_problems
from gateway.rehearsal.ers_data import Patients, Service, clinicians_csv, default_services, services_csv
from gateway.rehearsal.ers_server import RehearsalErs
from gateway.release import ReleaseResult, start_release
from gateway.release_cancel import cancel_referral
from gateway.release_journal import open_creates
from gateway.release_report import resolve_unsure
from gateway.settings import ErsSettings, OfficeSettings, Settings
from gateway.store import Store, open_store, set_fact
from gateway.tables import Attempt, Event, Referral
from gateway.target import milliseconds
from gateway.typed import Typed, add_typed
from gateway.typed_papers import Paper

TRUST, CLERK, CLINICIAN = "RXX", "555000000102", "555000000109"
STEPS = ("A010", "A011", "A005", "A020", "A012", "A016", "A019")
POINTS = tuple(f"{step}:{moment}" for step in STEPS for moment in ("booked", "answered", "recorded"))
LETTER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
SERVICES = {"ROUTINE": "11002", "URGENT": "11010", "TWO_WEEK_WAIT": "21002"}
ENDED = ("CLOSED", "WITHDRAWN")
_ONE_TEMPLATE = threading.Lock()


class Crash(BaseException):
    """The program ends here."""


class Clock:
    """The time of this world; sleeping moves it."""

    def __init__(self) -> None:
        self._now = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
        self._guard = threading.Lock()

    def __call__(self) -> dt.datetime:
        with self._guard:
            self._now += dt.timedelta(microseconds=50)  # no two moments are the same
            return self._now

    def sleep(self, seconds: float) -> None:
        """Let so much time pass at once; a whole slice of a longer wait is overslept, which saves looks at the clock."""
        with self._guard:
            self._now += dt.timedelta(seconds=20.0 if seconds == 1.0 else max(0.0, seconds))


def nhs_number(serial: int) -> str:
    """The invented valid number with this serial, beginning 999."""
    for tail in range(serial * 11, serial * 11 + 11):
        first = f"999{tail:06d}"
        check = 11 - sum(int(d) * w for d, w in zip(first, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return first + str(check % 11)
    raise AssertionError


def template(folder: Path = Path(tempfile.gettempdir())) -> Path:
    """A migrated store with its reference lists, made once for each process; the others are copies of it."""
    path = folder / f"gateway-release-world-{_PROCESS}" / "template.sqlite3"
    with _ONE_TEMPLATE:
        if not path.exists():
            path.parent.mkdir(parents=True)
            store = open_store(f"sqlite:///{path}")
            now = dt.datetime(2026, 11, 20, 11, 0, tzinfo=dt.UTC)
            with store.write() as session:
                set_fact(session, "rehearsal", "yes")
            import_reference(store, "services", services_csv(_services()).encode(), "ann", now)
            import_reference(store, "clinicians", clinicians_csv().encode(), "ann", now)
            store.close()
    return path


_PROCESS = random.SystemRandom().randrange(10**9)


def _services() -> list[Service]:
    return [row for row in default_services() if row.service_id in SERVICES.values()]


def shared_memory() -> Path:
    """A folder on which commits cost nothing, where there is one."""
    fast = Path("/dev/shm")
    return fast if fast.is_dir() else Path(tempfile.gettempdir())


@dataclass(frozen=True)
class Told:
    """What this world knows of a referral without asking the program."""

    nhs: str
    start: dt.datetime
    priority: str


class World:
    """One store, one e-RS, some people. `clock` and `scale` are those of both sides."""

    def __init__(self, seed: int, *, clock: Any = None, scale: float = 1.0) -> None:
        self.clock = clock or Clock()
        self.scale = scale
        self.folder = Path(tempfile.mkdtemp(prefix="gateway-world-", dir=shared_memory()))
        shutil.copy(template(shared_memory()), self.folder / "gateway.sqlite3")
        self.store = Store(f"sqlite:///{self.folder / 'gateway.sqlite3'}")
        sleep = self.clock.sleep if isinstance(self.clock, Clock) else None
        more = {"sleep": sleep} if sleep else {}
        self.ers = RehearsalErs(clock=self.clock, random=random.Random(seed), scale=1 / scale, **more)
        self.ers.start()
        ers = ErsSettings(base_url=self.ers.base_url, token_url=self.ers.token_url, timeout_seconds=20)
        self.settings = Settings(ers=ers, office=OfficeSettings(ods=TRUST))
        self.told: dict[str, Told] = {}
        self.rivals: set[str] = set()
        self.again: Counter[str] = Counter()
        self.careless: set[str] = set()
        self.serials = itertools.count(1)
        self.crashes = 0

    def close(self) -> None:
        """Take it down; nothing is left of it."""
        self.ers.stop()
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # what people do

    def add(self, priority: str, hours: float = 3.0, *, strange: str | None = None) -> str:
        """A typed referral with its letter, READY by the checks of `queue add`; `strange`: what e-RS has against the patient."""
        now, serial = self.clock(), next(self.serials)
        nhs, start = nhs_number(serial), now - dt.timedelta(hours=hours, milliseconds=137 * serial)
        if strange is not None:
            patients = self.ers.state.patients
            self.ers.state.patients = Patients(
                without_practice=patients.without_practice | ({nhs} if strange == "practice" else set()),
                failing=patients.failing | ({nhs} if strange == "failing" else set()),
                without_access_code=patients.without_access_code | ({nhs} if strange == "code" else set()),
            )
        fields = {
            "patient.nhs_number": nhs,
            "patient.family_name": f"Example{serial}",
            "patient.birth_date": (dt.date(1940, 1, 1) + dt.timedelta(days=101 * serial)).isoformat(),
            "referral.priority": priority,
            "referrer.name": "Giles Garland",
            "referrer.practice_code": "A81001",
        }
        typed = Typed(
            original=f"{serial}".encode(),
            fields=fields,
            received_at=start,
            service=SERVICES[priority],
            specialty_code=None,
            clinic_type=None,
            referring_clinician=CLINICIAN,
            original_clock_start=None,
            papers=(Paper("letter.pdf", LETTER + str(serial).encode(), 1),),
            confirmed_by="ann",
        )
        with self.store.write() as session:
            referral, weighed = add_typed(session, typed, "ann", now, settings=self.settings, outage_id=None)
            assert weighed.state == "READY", weighed
            self.told[referral.code] = Told(nhs, start, priority)
            return referral.code

    def rival(self, code: str) -> None:
        """Somebody of the same organisation enters the same patient in e-RS by hand, with another clock."""
        told = self.told[code]
        made = self.ers.enter_elsewhere(
            nhs_number=told.nhs,
            service_id=SERVICES[told.priority],
            priority=told.priority,
            organisation=TRUST,
            pathway_start=milliseconds(told.start + dt.timedelta(hours=1)),
            sent=False,
        )
        self.rivals.add(made.ubrn)

    def person(self, code: str, verb: str) -> bool:
        """A clerk's verb on one referral; False where the program does not allow it now."""
        now = self.clock()
        verbs: dict[str, Callable[[Session, Referral], object]] = {
            "hold": lambda s, r: hold(s, r, "ring the practice", "ann", now),
            "unhold": lambda s, r: unhold(s, r, "ann", now),
            "withdraw": lambda s, r: withdraw(s, r, "not for us", "wrong hospital", "ann", now),
            "retry": lambda s, r: retry(s, r, "ann", now, settings=self.settings),
            "different": lambda s, r: settle_question(
                s, r, "already_in_ers", "another illness", "ann", now, settings=self.settings
            ),
        }
        try:
            with self.store.write() as session:
                verbs[verb](session, find_referral(session, code))
            return True
        except GatewayError:
            return False

    def resolve(self, code: str, decision: str, *, careless: bool = False) -> None:
        """A person's word on a lost create: after a look into e-RS, or carelessly without one."""
        if self.referral(code).state != "UNSURE":
            return
        mine = self.in_ers(code)
        if mine and not careless and decision != "close":
            resolve_unsure(self.store, code, decision="adopt", ubrn=mine[0], by="ann", why="", now=self.clock())
            return
        if decision == "close":
            ubrn = mine[0] if mine else None
            resolve_unsure(self.store, code, decision="close", ubrn=ubrn, by="ann", why="looked", now=self.clock())
            return
        resolve_unsure(self.store, code, decision="send-again", by="ann", why="not there", now=self.clock())
        self.again[code] += 1
        if mine:
            self.careless.add(code)

    def cancel(self, code: str, *, double: bool) -> None:
        """A person cancels as made by mistake: the referral's own UBRN, or the double that stands beside it; or tries to."""
        row = self.referral(code)
        ubrn = next((u for u in self.in_ers(code) if (u != row.ubrn) is double), None)
        if ubrn is None:
            return
        try:
            cancel_referral(
                self.store, self.settings, code, ubrn=ubrn, why="made by mistake", by="ann", organisation=TRUST,
                role="REFERRING_CLINICIAN_ADMIN", token=self.ers.tokens.issue(CLERK)["access_token"], clock=self.clock,
                sleep=getattr(self.clock, "sleep", time.sleep), scale=self.scale,
            )  # fmt: skip
        except GatewayError:
            return
        assert ubrn not in self.in_ers(code), "said to be cancelled, and it is not"

    def release(
        self, *, crash: str | None = None, nth: int = 1, in_flight: int = 2, **more: Any
    ) -> ReleaseResult | None:
        """One release to its end; None where the program crashed on the way, at the nth passing of `crash`."""
        self.settings.ers.in_flight = in_flight
        left, dead, guard = [nth], [False], threading.Lock()

        def at(point: str) -> None:
            with guard:
                if point == crash:
                    left[0] -= 1
                    dead[0] |= left[0] == 0
                if dead[0]:
                    raise Crash

        given: dict[str, Any] = {
            "operator": "Robin Clerk",
            "organisation": TRUST,
            "role": "REFERRING_CLINICIAN_ADMIN",
            "token": self.ers.tokens.issue(CLERK)["access_token"],
            "clock": self.clock,
            "sleep": getattr(self.clock, "sleep", None),
            "at": at,
        }
        try:
            return start_release(self.store, self.settings, **{**given, **more})
        except Crash:
            self.crashes += 1
            return None

    # what is there

    def referral(self, code: str) -> Referral:
        """The row."""
        with self.store.read() as session:
            return find_referral(session, code)

    def in_ers(self, code: str, *, cancelled: bool = False) -> list[str]:
        """UBRNs that our creates made for this referral's patient, as somebody sees who really looks; perhaps cancelled ones too."""
        nhs = self.told[code].nhs
        held = [r for r in self.ers.state.all() if r.nhs_number == nhs and r.ubrn not in self.rivals]
        return [r.ubrn for r in held if cancelled or r.state != "CANCELLED_REFERRAL"]

    # what must hold

    def check(self) -> None:
        """What holds at every moment between two releases."""
        with self.store.read() as session:
            found = balance(session)
            assert found.faults == [] and found.difference == 0, found.faults
            rows = list(session.exec(select(Referral)))
            owned = Counter(r.ubrn for r in rows if r.ubrn)
            assert not [u for u, n in owned.items() if n > 1], "one UBRN, two referrals"
            for row in rows:
                self._check_one(session, row)
            check_order(session, {r.code: (r.rank, r.arrived_at) for r in rows})

    def _check_one(self, session: Session, row: Referral) -> None:
        mine, told = self.in_ers(row.code), self.told[row.code]
        decisions = 1 + self.again[row.code]
        made = self.in_ers(row.code, cancelled=True)
        assert len(made) <= decisions, f"{len(made)} creates for {decisions} decisions"
        if row.code not in self.careless:
            assert len(mine) <= 1, "two in e-RS, and nobody was careless"
        assert row.id is not None
        unknown = open_creates(session, row.id)
        lost = [u for u in mine if u != row.ubrn]
        closed = session.exec(
            select(Attempt).where(Attempt.referral_id == row.id, Attempt.step == "A011", Attempt.outcome == "done")
        ).all()
        known = {a.answer.get("ubrn") for a in closed}
        assert all(unknown or u in known for u in lost), "in e-RS, and nobody here knows or looks"
        if row.ubrn is not None and row.ubrn not in self.rivals:
            held = self.ers.state.find(row.ubrn)
            assert held is not None and held.nhs_number == told.nhs, "the UBRN of another patient"
            assert held.pathway_start == milliseconds(told.start), "the clock was not kept"
            assert held.priority == told.priority
        if row.state == "UNSURE":
            assert unknown, "UNSURE without a create that may be there"
            assert row.next_try_at or open_problems(session, row), "UNSURE, and nobody is asked"

    def finish(self) -> None:
        """e-RS is well again, people answer what they are asked, releases run: then everything has its outcome."""
        self.ers.faults.clear()
        self.ers.state.settings = type(self.ers.state.settings)()
        for _ in range(12):
            self.pass_time()
            result = self.settle_release()
            # waiting for looks and scans may outlast the sign-in: somebody signs in again and starts the next one
            assert result is not None and (not result.paused or "sign-in" in result.says), result
            self.check()
            for code in self.told:
                if self.referral(code).state == "UNSURE" and self.questions(code):
                    self.resolve(code, "send-again")
                if "already_in_ers" in self.questions(code):  # one answer for all that were found
                    self.person(code, "different")
            if not any(self.unfinished(code) for code in self.told):
                break
        self.check_finished()

    def pass_time(self) -> None:
        """Enough for whatever waits for its time."""
        self.clock.sleep(1500)

    def settle_release(self) -> ReleaseResult | None:
        """The releases with which a run ends."""
        return self.release(wait=True, in_flight=2)

    def questions(self, code: str) -> list[str]:
        """Codes of the open questions of a referral."""
        with self.store.read() as session:
            return [p.code for p in open_problems(session, find_referral(session, code))]

    def unfinished(self, code: str) -> bool:
        """Whether machines or time still have something to do for it."""
        row = self.referral(code)
        if row.state in ENDED or row.hold_why is not None:
            return False
        return row.state not in ("IN_REVIEW", "SENT") or not self.questions(code)

    def check_finished(self) -> None:
        """Every referral is in e-RS as it should be, or ended by a person, or stands with its reason before one."""
        for code, told in self.told.items():
            row, asked = self.referral(code), self.questions(code)
            if row.state == "CLOSED" and row.ended_as == "sent":
                held = self.ers.state.find(row.ubrn or "")
                assert held is not None and held.nhs_number == told.nhs
                assert held.state == "AWAITING_TRIAGE", held.state
                assert len(held.letters) == 1 and self.ers.state.availability(held.letters[0]) == "AVAILABLE"
            else:
                assert row.state in ENDED or row.hold_why or asked, f"{row.state} without a reason"
            if code in self.careless and len(self.in_ers(code)) > 1 and row.state == "CLOSED":
                assert "second_in_ers" in asked, "two in e-RS, and nobody was told"


def check_order(session: Session, keys: dict[str, tuple[int, dt.datetime]]) -> None:
    """At each pick no other READY referral that could go stood before the one that was taken; told by the event log alone."""
    ready: dict[str, dt.datetime] = {}
    held: set[str] = set()
    turns: Counter[str] = Counter()
    lines = select(Event).where(
        col(Event.action).in_(("referral.moved", "referral.held", "referral.unheld", "release.opened"))
    )
    for line in session.exec(lines.order_by(col(Event.seq))):
        code = line.subject
        if line.action == "release.opened":
            turns.clear()
        elif line.action == "referral.held":
            held.add(code)
        elif line.action == "referral.unheld":
            held.discard(code)
        elif line.data["to"] == "READY":
            passing = line.data.get("why") == "trouble that may pass"
            turns[code] += passing
            ready[code] = line.at + dt.timedelta(minutes=2 if passing else 0)
        else:
            before = ready.pop(code, None)
            if line.data["to"] != "SENDING" or before is None:
                continue
            for other, due in ready.items():
                if other not in held and due <= line.at and not turns[other]:
                    assert keys[other] >= keys[code], "a later referral went first"
