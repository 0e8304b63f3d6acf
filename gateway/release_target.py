"""e-RS as a destination of the drain: prepares a release, pushes, looks and follows by the modules that know the steps."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from sqlmodel import col, select

from gateway.code_tables import refresh
from gateway.release_arrival import follow
from gateway.release_chain import push, step_aside
from gateway.release_line import Line
from gateway.release_steps import Aside
from gateway.release_sweep import sweep
from gateway.release_unsure import look_back, look_for_all
from gateway.tables import Problem, Referral, Release
from gateway.target import End, Outcome


class ErsTarget:
    """e-RS in one release (fulfils gateway.target.Target)."""

    name = "e-RS"

    def __init__(self, line: Line, *, signed_in: bool, practice: str | None) -> None:
        self.line = line
        self.signed_in = signed_in
        self.practice = practice
        self.asked: set[int] = set()  # referrals that the sweep put to a person
        self._looking = threading.Lock()

    def prepare(self) -> list[str]:
        """The session's role (A030), fresh code tables (A004), the lost creates, and the sweep for doubles (A008)."""
        line = self.line
        missed = self._check_role() if self.signed_in else []
        # a refused code table says nothing about the session that A030 or the first step does not say better
        missed += refresh(
            line.store,
            lambda kind: line.ask(lambda c: line.client.code_table(kind, c), may_refuse=True),
            line.clock(),
            line.operator,
        )
        self.look_due()
        before = self._in_question()
        missed += sweep(line, self.practice)
        self.asked = self._in_question() - before
        return missed

    def push(self, referral_id: int) -> End:
        """Carry one SENDING referral as far as it goes."""
        try:
            return push(self.line, referral_id)
        finally:
            self.line.gate.gone(referral_id)

    def look(self, referral_id: int) -> End:
        """Look for one UNSURE referral."""
        return self.look_all([referral_id])[referral_id]

    def look_all(self, referral_ids: Iterable[int]) -> dict[int, End]:
        """Look for several with one fetch of the worklists; one look at a time."""
        with self._looking:
            return look_for_all(self.line, referral_ids)

    def look_due(self) -> None:
        """Look for all whose time to be looked for has come."""
        self.look_all(self._unsure())

    def look_back(self) -> int:
        """Look once more for creates that a person gave up; how many exist after all."""
        return look_back(self.line)

    def follow(self, referral_id: int) -> End:
        """See whether a SENT referral's letter was scanned."""
        return follow(self.line, referral_id)

    def alive(self) -> Outcome:
        """A004."""
        return self.line.alive()

    def step_aside(self, referral_id: int, aside: Aside) -> End:
        """Set a referral aside for a person."""
        return step_aside(self.line, referral_id, aside)

    def _check_role(self) -> list[str]:
        """A030: only a pair of organisation and role that the person holds; where it cannot be read e-RS itself judges."""
        line = self.line
        answer = line.ask(line.client.roles)
        if not answer.done:
            return [f"The roles of the signed-in person could not be read: {answer.says}"]
        user, held = answer.body
        if line.role not in held.get(line.organisation, frozenset()):
            may = sorted(f"{o} {r}" for o, roles in held.items() for r in roles if r.startswith("REFERRING_CLINICIAN"))
            raise line.gate.halt(
                "role",
                f"The signed-in person is not {line.role} at {line.organisation}. "
                + (f"They may refer as: {', '.join(may)}." if may else "They may not refer anywhere."),
            )
        line.user_id = user
        with line.store.write() as session:
            release = session.get_one(Release, line.journal.release_id)
            release.user_id = user
            session.add(release)
        return []

    def _unsure(self) -> list[int]:
        with self.line.store.read() as session:
            rows = session.exec(
                select(Referral.id).where(Referral.state == "UNSURE", col(Referral.next_try_at) <= self.line.clock())
            )
            return [int(i) for i in rows if i is not None]

    def _in_question(self) -> set[int]:
        with self.line.store.read() as session:
            rows = session.exec(
                select(Problem.referral_id).where(Problem.code == "already_in_ers", col(Problem.settled_at).is_(None))
            )
            return {int(i) for i in rows if i is not None}
