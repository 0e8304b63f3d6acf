"""The release of a drill, and what goes wrong in it on purpose: a lost answer, a refusal, a sign-in that ends half-way.

e-RS makes one referral and loses the answer, refuses another patient because no practice is registered, and lets the operator's
token expire while letters are on their way. What became of it is read from the commands that an office would use.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import select

from gateway.rehearsal import drill_data
from gateway.rehearsal.drill_clerk import Seen
from gateway.rehearsal.ers_server import RehearsalErs
from gateway.rehearsal.program import DrillFailed, Program
from gateway.store import open_store
from gateway.tables import Attempt

OPERATOR = "Drill Operator"
USER, ROLE = "555000000101", "REFERRING_CLINICIAN"


@dataclass
class Released:
    """How it went: the sentence of the pause, whether it went on after a new sign-in, the refused ones with their reasons."""

    paused: str = ""
    signed_in_again: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    resolved_unsure: int = 0


def release(program: Program, ers: RehearsalErs, seen: Sequence[Seen], database: str) -> Released:
    """Start a release, be paused, sign in again, go on to the end."""
    told = Released()
    unlucky = _unlucky(program, ers, seen)
    # one answer gets lost after e-RS has made the referral: it must be found again, and never be made twice
    ers.faults.set("lost_after", operation="A011", calls=1)
    ers.faults.set("token_expired", operation="A012", calls=1)
    _start(program, ers)
    [status] = program.objects("release", "status")
    if status["state"] == "PAUSED":
        told.paused = f"{status['state']}: {status['reason']}. {status['says']}"
        _start(program, ers)
        [status] = program.objects("release", "status")
        told.signed_in_again = status["state"] == "DONE"
    [row] = program.objects("queue", "show", unlucky.referrals[0])
    if row["state"] == "IN_REVIEW" and row["questions"]:
        told.refused[row["referral"]] = row["questions"][0]
        unlucky.waits = list(row["questions"])
    told.resolved_unsure = _found_again(database)
    return told


def _unlucky(program: Program, ers: RehearsalErs, seen: Sequence[Seen]) -> Seen:
    """The last of those who are ready to send: in e-RS that patient has no registered practice."""
    of = {code: one for one in seen for code in one.referrals if len(one.referrals) == 1}
    ready = [row["referral"] for row in program.objects("queue", "list", "--state", "READY")]
    chosen = next((of[code] for code in reversed(ready) if code in of), None)
    if chosen is None or len(ready) < 3:
        raise DrillFailed("Too few referrals became ready to show a release; send more faxes with --faxes.")
    number = chosen.sent.referral.patient.nhs_number
    ers.state.patients = dataclasses.replace(ers.state.patients, without_practice=frozenset({number}))
    return chosen


def _start(program: Program, ers: RehearsalErs) -> None:
    """Sign in, and release until everything has its outcome or the release pauses."""
    token = ers.tokens.issue(USER)["access_token"]
    program.run(
        *("release", "start", "--operator", OPERATOR, "--organisation", drill_data.TRUST, "--role", ROLE),
        "--token-stdin",
        "--wait",
        allowed=(0, 4),
        given=token + "\n",
    )


def _found_again(database: str) -> int:
    """Referrals whose create lost its answer and that are in e-RS all the same, by looking and not by a second create."""
    store = open_store(database)
    with store.read() as session:
        creates = session.exec(select(Attempt).where(Attempt.step == "A011"))
        count = sum(1 for attempt in creates if attempt.answer.get("matched_by"))
    store.close()
    return count
