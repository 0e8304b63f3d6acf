"""Which refusals of e-RS a practice must be told, and in what words; everything else is the office's own work.

A practice is told where only it can do something: the patient's registration, or an entry of its own that it cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from gateway.tables import Event

_ASK = "Please check the NHS number and the patient's registration with you, and ring us."


@dataclass(frozen=True)
class Told:
    """What the letter says: why e-RS did not take it, what the practice is asked to do, and what we do meanwhile."""

    why: str
    ask: str
    we: str


_KEPT = "We keep the referral and the day on which it arrived. Do NOT enter it in e-RS: it would be refused there too."

_WAIT = "We keep the referral and the day on which it arrived. We do not enter it a second time before we have spoken to you."
_NOT_OURS = Told(
    "e-RS does not let our organisation refer this patient.", "Please ring us before you do anything.", _KEPT
)

# by the code with which the release set the referral aside
TOLD: dict[str, Told] = {
    "ers_no_reg_gp_practice": Told("e-RS has no registered practice for this patient.", _ASK, _KEPT),
    "ers_patient_error": Told("e-RS cannot take a referral for this patient and says not to try again.", _ASK, _KEPT),
    "ers_no_relationship": _NOT_OURS,
    "ers_forbidden": _NOT_OURS,
    "ers_no_access": _NOT_OURS,
    "ers_403": _NOT_OURS,
    "ers_404": Told(
        "The referral that we had made for this patient cannot be found in e-RS any more.",
        "Please tell us whether you changed or cancelled it there.",
        _WAIT,
    ),
    "cancelled_in_ers": Told(
        "The referral that we had made for this patient was cancelled in e-RS, and not by us.",
        "Please tell us whether you cancelled it, and whether the patient still needs to be seen.",
        _WAIT,
    ),
}


def refusal_in(session: Session, line: Event) -> str | None:
    """The refusal that a line of the log tells of, where the practice must hear of it and has not; else None."""
    code = str(line.data.get("code"))
    if line.action != "referral.moved" or line.data.get("to") != "REFUSED" or code not in TOLD:
        return None
    earlier = session.exec(
        select(Event.data).where(
            Event.subject == line.subject, Event.action == "referral.moved", Event.seq < (line.seq or 0)
        )
    )
    # tried again and refused again: that was told before
    if any(data.get("to") == "REFUSED" and data.get("code") == code for data in earlier):
        return None
    return code
