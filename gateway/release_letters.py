"""The letter onto the referral: A020 for each file that is not there yet, then A012 with the whole set.

A005 first, always: A012 replaces the set, so what others attached must be in it again; and a set that is right already is proof
enough after a lost answer. Files are recognised by name and size, because their URL may change (ers.md section 5).
"""

from __future__ import annotations

from gateway.enclosure import Enclosure
from gateway.ers_views import ReferralView
from gateway.release_line import Line
from gateway.release_steps import Load, Repeats, TryLater, guard, need, read
from gateway.target import Action

DESCRIPTION = "Referral letter received by fax or mail during an e-RS outage"
ROUNDS = 8


def put_letters(line: Line, held: Load) -> str | None:
    """Attach the files of a referral; returns the version to go on with, or None where it has to be read."""
    ubrn = held.referral.ubrn or ""
    if line.journal.proofs(held.id, "A012"):
        return None
    repeats, anew = Repeats(line), False
    for _ in range(ROUNDS):
        view = read(line, held.id, ubrn)
        guard(line, held, view)
        missing = [file for file in held.files if not _there(file, view)]
        if not missing:
            return view.version
        ours = {file.name for file in missing}
        files = [(a.url, a.description or DESCRIPTION) for a in view.attachments if a.title not in ours]
        files += [(_uploaded(line, held, ubrn, file, anew), DESCRIPTION) for file in missing]
        version = view.version
        outcome = line.step(
            held.id,
            "A012",
            {"version": version, "files": len(files)},
            lambda correlation, v=version, f=files: line.client.attach(ubrn, v, f, line.clock(), correlation),  # type: ignore[misc]
        )
        if outcome.done:
            return str(outcome.answer["version"])
        if outcome.code in ("REFERENCE_NOT_FOUND", "INAPPROPRIATE_VALUE") and not anew:
            anew = True  # an upload of an earlier release may have gone: once more, with fresh files
        else:
            repeats.look_first(outcome)
    raise TryLater


def _there(file: Enclosure, view: ReferralView) -> bool:
    return any(a.title == file.name and a.size in (None, file.size) for a in view.attachments)


def _uploaded(line: Line, held: Load, ubrn: str, file: Enclosure, anew: bool) -> str:
    """A020, unless these very bytes were uploaded for this referral before. An upload of unknown outcome is made again."""
    if not anew:
        for attempt in reversed(line.journal.proofs(held.id, "A020")):
            if attempt.asked.get("name") == file.name and attempt.asked.get("sha256") == file.sha256:
                return str(attempt.answer["location"])
    asked = {"name": file.name, "size": file.size, "sha256": file.sha256, "ubrn": ubrn}
    for _ in range(3):
        outcome = line.step(
            held.id,
            "A020",
            asked,
            lambda correlation: line.client.upload(ubrn, file.name, file.media_type, file.content, correlation),
        )
        if outcome.action not in (Action.LOOK_FIRST, Action.WAIT_UP, Action.LOCKED, Action.READ_AGAIN):
            need(outcome)
            return str(outcome.answer["location"])
        line.gate.pause(2)
    raise TryLater
