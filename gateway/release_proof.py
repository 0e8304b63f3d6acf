"""Reading back: every value that e-RS holds is compared with what was sent (A005).

A value that e-RS does not show proves nothing and breaks nothing: an unbooked referral carries no `eReferralPathwayStart` at all in
the published example (ers.md section 8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.enclosure import Enclosure
from gateway.ers_bodies import Order
from gateway.ers_views import ReferralView
from gateway.target import milliseconds


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was sent: the field for programs, the words for a clerk."""

    field: str
    words: str


def differences(order: Order, files: Sequence[Enclosure], view: ReferralView) -> list[Difference]:
    """All that differs between what was sent and what e-RS holds."""
    found: list[Difference] = []
    if view.nhs_number != order.nhs_number:
        found.append(Difference("patient.nhs_number", "the patient"))
    if view.priority != order.priority:
        found.append(Difference("referral.priority", "the priority"))
    if view.specialty is not None and view.specialty != order.specialty:
        found.append(Difference("specialty", "the specialty"))
    if view.clinic_type is not None and view.clinic_type != order.clinic_type:
        found.append(Difference("clinic_type", "the clinic type"))
    if view.services != (order.service_id,):
        found.append(Difference("service", "the service"))
    if view.pathway_start is not None and milliseconds(view.pathway_start) != milliseconds(order.pathway_start):
        found.append(Difference("pathway_start", "the clock start"))
    held = {attachment.title: attachment.size for attachment in view.attachments}
    for file in files:
        if file.name not in held:
            found.append(Difference("letter", "the letter"))
        elif held[file.name] is not None and held[file.name] != file.size:
            found.append(Difference("letter", "the letter's size"))
    return found
