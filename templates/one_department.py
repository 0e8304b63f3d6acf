"""Whether the department that a page asks is plain, where it names several: the sender's own, a tumour's site, a name beside it."""

from __future__ import annotations

from dataclasses import replace

from templates.candidates import Candidate
from templates.departments import SENDS_TOO
from templates.grammar import squash
from templates.reading import Reading
from templates.specialties import is_site


def one_specialty(readings: dict[str, Reading], chosen: dict[str, tuple[Candidate, list[Candidate]]]) -> None:
    """A doubt where a specialty without a label stands beside another one: letterheads name the sender's department too."""
    reading = readings.get("referral.specialty")
    if reading is None or "label" in reading.how:
        return
    best, others = chosen["referral.specialty"]
    if best.found.way == "address":
        return
    # "Clinic: Chest pain" names a list of the department, or a town beside it, and no other department.
    others = [c for c in others if c.parsed.checks or squash(c.found.label) != "clinic"]
    if "tick box" in reading.how and not is_site(str(reading.value)):
        others = [c for c in others if c.found.label and (c.parsed.checks or c.parsed.repairs)]
    others = [c for c in others if is_site(str(reading.value)) or not is_site(c.value) or c.found.label]
    if any(
        c.key not in best.key and best.key not in c.key and not _of_sender(c, best) and not _over(c, best)
        for c in others
    ):
        doubt = "the page names more than one specialty"
        readings["referral.specialty"] = replace(
            reading, doubts=(*reading.doubts, doubt), confidence=min(reading.confidence, 0.7)
        )


def _of_sender(other: Candidate, best: Candidate) -> bool:
    """Whether another specialty is the sender's own: in the head of the page, well above the address that the letter is written to,
    or above it at all for a trade that sends more than it is sent.
    """
    addressed = best.found.way == "prose" and best.found.page == other.found.page
    gap = 0.02 if SENDS_TOO.search(other.value) and not SENDS_TOO.search(best.value) else 0.06
    return addressed and other.found.box.top < 0.15 and best.found.box.top - other.found.box.bottom > gap


def _over(other: Candidate, best: Candidate) -> bool:
    """Whether a text that is no specialty stands right over the best one in its column: the label's first line, as `Dr A Umar`."""
    a, b = other.found.box, best.found.box
    return (
        not other.parsed.checks
        and other.found.page == best.found.page
        and abs(a.left - b.left) < 0.02
        and 0 < b.top - a.top < 2.5 * b.height
    )
