"""The release: a named operator's decision to push the queue into e-RS, carried out while that person's session lives.

One release per store at a time. Workers carry one referral each; which is next is decided at each pick. Whatever happens to the
program, what it left is recognised by the next release (P4).
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import cast

from gateway.errors import GatewayError, WrongInput
from gateway.ers import Ers, check_reach
from gateway.ers_limits import Limiter
from gateway.ers_signin import ErsSession, OpenSession, application_session, session_from
from gateway.events import record
from gateway.referrals import raise_problem
from gateway.release_gate import Gate
from gateway.release_journal import Journal, give_up_unanswered
from gateway.release_lease import lease, take_over
from gateway.release_line import Line
from gateway.release_pick import count_in, count_left, counts, due_ids, next_time, pick
from gateway.release_steps import Aside
from gateway.release_tally import Tally
from gateway.release_target import ErsTarget
from gateway.settings import Settings
from gateway.store import Store, get_fact, is_rehearsal, new_code, set_fact
from gateway.tables import Referral, Release
from gateway.target import End, Halted

log = logging.getLogger(__name__)

ROLES = (
    "REFERRING_CLINICIAN",
    "REFERRING_CLINICIAN_ADMIN",
    "REFERRING_ADMIN",
    "COMMISSIONER",
    "SERVICE_PROVIDER_CLINICIAN",
    "SERVICE_PROVIDER_CLINICIAN_ADMIN",
    "SERVICE_PROVIDER_ADMIN",
    "INFORMATION_ANALYST",
    "BOOKING_MANAGER",
    "ADDITIONAL_REQUIREMENTS_MANAGER",
)
HEARTBEAT = 5.0  # seconds
SCALE_FACT = "rehearsal.scale"
LOOKS = -1  # the key of the one job that looks for UNSURE referrals


@dataclass(frozen=True)
class Progress:
    """What a release tells whoever watches it: the referral that has just ended its turn, and how things stand."""

    code: str
    end: End
    sent: int
    unsure: int
    refused: int


@dataclass(frozen=True)
class ReleaseResult:
    """How a release ended. `unchecked` says in sentences what could not be looked at before sending (ers.md section 9)."""

    exit_code: int
    release: str
    state: str
    says: str
    sent: int = 0
    unsure: int = 0
    refused: int = 0
    waiting: int = 0
    paused: bool = False
    unchecked: tuple[str, ...] = ()


def start_release(
    store: Store,
    settings: Settings,
    *,
    operator: str,
    organisation: str,
    role: str,
    token: str | None = None,
    wait: bool = False,
    clock: Callable[[], dt.datetime],
    sleep: Callable[[float], None],
    progress: Callable[[Progress], None] | None = None,
    scale: float = 1.0,
    session: ErsSession | None = None,
    at: Callable[[str], None] | None = None,
) -> ReleaseResult:
    """Open a release and drain until every READY referral has an outcome; with `wait` also until every letter is scanned.

    `token` is the operator's access token (or a token answer in JSON), kept in memory only; `session` a session from the web desk
    instead. `scale` shortens waits and is ignored outside a rehearsal store. `at` is called between a call and its record.
    Refused when another release runs; WrongInput for an unknown role.
    """
    organisation, role = organisation.strip().upper(), role.strip().upper()
    if role not in ROLES:
        raise WrongInput("role", f"There is no role '{role}'.", f"The roles that may refer: {ROLES[0]}, {ROLES[1]}.")
    if not operator.strip() or not organisation.isalnum() or len(organisation) > 9:
        raise WrongInput(
            "operator", "A release needs an operator's name and an ODS code.", "Give --operator and --organisation."
        )
    with store.read() as look:
        rehearsal = is_rehearsal(look)
    check_reach(settings.ers.base_url, rehearsal)
    given = session or session_from(token, settings.ers)
    drain = _Drain(store, settings, wait, clock, sleep, progress, scale if rehearsal else 1.0, at)
    with lease(store), Ers(settings.ers, given, rehearsal=rehearsal, organisation=organisation, role=role) as client:
        return drain.run(operator.strip(), organisation, role, client, rehearsal)


def time_scale(store: Store) -> float:
    """How much shorter the waits are in a rehearsal store; 1 in a real one."""
    with store.read() as session:
        return float(get_fact(session, SCALE_FACT) or 1.0) if is_rehearsal(session) else 1.0


def practice_of(settings: Settings, organisation: str) -> str | None:
    """The practice whose referrals alone are taken; None when the operator acts for the trust itself."""
    trust = settings.office.ods.strip().upper()
    return None if not trust or organisation == trust else organisation


class _Drain:
    """One release from its opening to its end; the thread that called it picks, the workers push."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        wait: bool,
        clock: Callable[[], dt.datetime],
        sleep: Callable[[float], None],
        progress: Callable[[Progress], None] | None,
        scale: float,
        at: Callable[[str], None] | None,
    ) -> None:
        self.store, self.settings, self.wait = store, settings, wait
        self.clock, self.sleep, self.progress = clock, sleep, progress
        self.scale, self.at = scale, at or (lambda point: None)
        self.tally = Tally()
        self.busy: dict[int, Future[object]] = {}
        self.stopping = False
        self.beaten = clock()

    def run(self, operator: str, organisation: str, role: str, client: Ers, rehearsal: bool) -> ReleaseResult:
        """Open, prepare, drain, end."""
        ers = self.settings.ers
        limiter = Limiter(ers.rate_per_second, scale=self.scale)
        self.practice = practice_of(self.settings, organisation)
        self.code = self._open(operator, organisation, role, limiter)
        self.journal = Journal(self.store, self.release_id, limiter, self.clock, ers.timeout_seconds)
        application = application_session(ers)
        helper = Ers(ers, application, rehearsal=rehearsal) if application else None
        for one in (client, helper):
            if one is not None:
                one.depart = lambda: limiter.leave(self.clock, self.sleep)
        self.gate = Gate(
            clock=self.clock,
            sleep=self.sleep,
            scale=self.scale,
            away_seconds=ers.away_minutes * 60,
            alive=lambda: self.target.alive(),
            look=lambda: self.target.look_due(),
        )
        line = Line(
            store=self.store,
            settings=self.settings,
            client=client,
            journal=self.journal,
            limiter=limiter,
            gate=self.gate,
            clock=self.clock,
            operator=operator,
            organisation=organisation,
            role=role,
            scale=self.scale,
            application=helper,
            at=self.at,
        )
        self.target = ErsTarget(line, signed_in=not isinstance(client.session, OpenSession), practice=self.practice)
        unchecked: list[str] = []
        try:
            unchecked = self.target.prepare()
            self._note_unchecked(unchecked)
            self.tally.refused |= self.target.asked
            with ThreadPoolExecutor(ers.in_flight, thread_name_prefix="release") as pool:
                self._drain(pool)
            if self.gate.halted is None:
                self.target.look_back()
        except Halted as halted:
            self.gate.halt(halted.reason, halted.says)
        finally:
            if helper is not None:
                helper.close()
        return self._end(unchecked)

    def _open(self, operator: str, organisation: str, role: str, limiter: Limiter) -> str:
        now = self.clock()
        with self.store.write() as session:
            unsure, resumed = take_over(session, now, self.settings.ers.timeout_seconds)
            release = Release(
                code=new_code(session, "P"),
                operator=operator,
                organisation=organisation,
                role=role,
                state="DRAINING",
                opened_at=now,
                seen_at=now,
            )
            session.add(release)
            session.flush()
            assert release.id is not None
            self.release_id = release.id
            limiter.start_gently(session, now)
            data = {"organisation": organisation, "role": role, "found_unsure": unsure, "found_half_sent": resumed}
            record(session, "release.opened", release.code, operator, now, data)
            return release.code

    def _drain(self, pool: ThreadPoolExecutor) -> None:
        while True:
            try:
                if not self._round(pool):
                    return
            except KeyboardInterrupt:
                self.gate.halt("stop", "It was interrupted at the keyboard.")

    def _round(self, pool: ThreadPoolExecutor) -> bool:
        """Gather what has ended, give out what is next, wait a little; False when there is nothing left to do."""
        self._reap()
        self._beat()
        going = self.gate.halted is None and not self.stopping
        picked = self._fill(pool) if going else False
        if not self.busy and not picked:
            until = self._until() if going else None
            if until is None:
                return False
            # short, so that a stop or an urgent referral is noticed
            left = (until - self.clock()).total_seconds()
            self.sleep(min(max(left, 0.01), 1.0))
        else:
            wait(self.busy.values(), timeout=0.2, return_when=FIRST_COMPLETED)
        return True

    def _fill(self, pool: ThreadPoolExecutor) -> bool:
        """Give every free worker the next thing to do; True when something was given."""
        before = len(self.busy)
        while len(self.busy) < self.settings.ers.in_flight:
            passed = [*self.busy, *self.tally.spent()]
            with self.store.write() as session:
                # a worker that was halted may have put an earlier one back: then nothing goes before it
                if self.gate.halted is not None:
                    break
                referral = pick(session, self.journal, self.clock(), self.practice, passed)
            if referral is None:
                break
            assert referral.id is not None
            if referral.ubrn is None:
                self.gate.comes(referral.id, (referral.rank, referral.arrived_at, referral.id))
            self.tally.pushed.add(referral.id)
            self.busy[referral.id] = pool.submit(self.target.push, referral.id)
        self._look(pool)
        if len(self.busy) == 0 or self.wait:
            self._follow(pool)
        return len(self.busy) > before

    def _look(self, pool: ThreadPoolExecutor) -> None:
        if LOOKS in self.busy:
            return
        with self.store.read() as session:
            due = due_ids(session, "UNSURE", None, self.clock(), [*self.busy, *self.tally.spent()])
        if due:
            self.busy[LOOKS] = pool.submit(self.target.look_all, due)

    def _follow(self, pool: ThreadPoolExecutor) -> None:
        with self.store.read() as session:
            due = due_ids(session, "SENT", self.practice, self.clock(), [*self.busy, *self.tally.spent()])
        for referral_id in due[: max(0, self.settings.ers.in_flight - len(self.busy))]:
            self.busy[referral_id] = pool.submit(self.target.follow, referral_id)

    def _until(self) -> dt.datetime | None:
        """When there is something to do again; None when everything has its outcome."""
        now = self.clock()
        with self.store.read() as session:
            states = {"UNSURE", "SENT"} if self.wait else set()
            times = [next_time(session, states, self.practice, self.tally.spent())] if states else []
            for referral_id in self.tally.to_retry():
                referral = session.get_one(Referral, referral_id)
                if referral.state in ("READY", "REFUSED") and referral.hold_why is None:
                    times.append(referral.next_try_at or now)
        known = [time for time in times if time is not None]
        return min(known) if known else None

    def _reap(self) -> None:
        for referral_id, future in list(self.busy.items()):
            if not future.done():
                continue
            del self.busy[referral_id]
            error = future.exception()
            if error is None:
                if referral_id != LOOKS:
                    self._count(referral_id, future.result())
                else:
                    self.tally.count_looks(cast("dict[int, End]", future.result()))
            elif isinstance(error, Halted):
                self.gate.halt(error.reason, error.says)
            elif isinstance(error, Exception):
                self._defect(referral_id, error)
            else:
                raise error

    def _count(self, referral_id: int, end: object) -> None:
        assert isinstance(end, End)
        self.tally.count(referral_id, end)
        if self.progress is not None:
            with self.store.read() as session:
                code = session.get_one(Referral, referral_id).code
                unsure = count_in(session, "UNSURE")
            self.progress(Progress(code, end, len(self.tally.sent), unsure, len(self.tally.refused)))

    def _defect(self, referral_id: int, error: Exception) -> None:
        """One referral's trouble is not the others' (P7); the database's trouble is everybody's."""
        if isinstance(error, GatewayError) and error.later:
            self.gate.halt("store", error.says)
            return
        # the kind of the error only: its text may quote a value (P8)
        log.error("release %s: a step of row %s failed with %s", self.code, referral_id, type(error).__name__)
        if referral_id == LOOKS:
            self.gate.halt("defect", "Looking for unsure referrals failed. Tell the administrator.")
            return
        now, says = (
            self.clock(),
            f"A fault of the gateway stopped this referral ({type(error).__name__}). Tell the administrator.",
        )
        self.tally.refused.add(referral_id)
        with self.store.write() as session:
            referral = session.get_one(Referral, referral_id)
            if referral.state == "SENT":
                raise_problem(session, referral, "defect", says, now, by="gateway")
                referral.next_try_at = None
                session.add(referral)
            if referral.state != "SENDING" or give_up_unanswered(
                session, referral, now, self.settings.ers.timeout_seconds
            ):
                return
        self.target.step_aside(referral_id, Aside("defect", says, alarm=True))

    def _beat(self) -> None:
        """Heartbeat, and whether somebody asked to stop."""
        now = self.clock()
        if (now - self.beaten).total_seconds() < HEARTBEAT * min(1.0, self.scale * 10):
            return
        self.beaten = now
        with self.store.write() as session:
            release = session.get_one(Release, self.release_id)
            release.seen_at = now
            session.add(release)
            self.stopping = self.stopping or release.stop_asked_by is not None

    def _note_unchecked(self, unchecked: list[str]) -> None:
        with self.store.write() as session:
            set_fact(session, "release.unchecked", json.dumps({"release": self.code, "says": unchecked}))

    def _end(self, unchecked: list[str]) -> ReleaseResult:
        now, halted = self.clock(), self.gate.halted
        with self.store.write() as session:
            release = session.get_one(Release, self.release_id)
            states = counts(session, self.practice)
            waiting = count_left(session, self.practice)
            if halted is not None:
                release.state, release.says = "PAUSED", halted.says
            elif self.stopping or release.stop_asked_by:
                release.state, release.says = "STOPPED", f"Stopped by {release.stop_asked_by}."
            else:
                release.state, release.says = "DONE", ""
            release.seen_at = now
            release.ended_at = None if halted else now
            session.add(release)
            unsure, refused = states.get("UNSURE", 0), len(self.tally.refused)
            data: dict[str, object] = {
                "sent": len(self.tally.sent),
                "unsure": unsure,
                "refused": refused,
                "waiting": waiting,
                "not_checked": unchecked,
            }
            if halted is not None:
                record(session, "release.paused", release.code, "gateway", now, {"reason": halted.reason, **data})
            else:
                record(session, "release.ended", release.code, "gateway", now, data)
        whole = release.state == "DONE" and not unsure and not refused and not waiting
        return ReleaseResult(
            exit_code=0 if whole else 4,
            release=self.code,
            state=release.state,
            says=release.says,
            sent=len(self.tally.sent),
            unsure=unsure,
            refused=refused,
            waiting=waiting,
            paused=release.state == "PAUSED",
            unchecked=tuple(unchecked),
        )
