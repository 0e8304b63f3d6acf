"""Booking references that stand on a paper in a form that is none: the referral may be in e-RS already."""

from __future__ import annotations

import re
from collections.abc import Sequence

from templates.candidates import PageValues
from templates.letter_parts import is_fax_header
from templates.reading import Reason
from templates.sheet import same_row

_BOOKING = re.compile(r"\bU\.?\s?B\.?\s?R\.?\s?N\b|\bunique booking\b|\bbooking ref|\be-?rs\s+ref", re.I)
# Twelve digits in groups of four are a booking reference or nothing that belongs on a referral; telephones have eleven.
_TWELVE = re.compile(r"(?<!\d)(?<!\d[ -])\d{4}([ -]?)\d{4}\1\d{4}(?![ -]?\d)")


def unread_ubrn(pages: Sequence[PageValues]) -> list[Reason]:
    """A booking reference that stands on the paper in a form that is none: it may be in e-RS already, which must be asked."""
    for page in pages:
        lines = page.facts.page.lines
        for line in lines:
            label = _BOOKING.search(line.text)
            if label is None:
                if not is_fax_header(line) and _TWELVE.search(line.text):
                    return [_booking_reason(page)]
                continue
            beside = [
                x.text for x in lines if x is not line and same_row(x.box, line.box) and x.box.left >= line.box.left
            ]
            if sum(c.isdigit() for c in line.text[label.end() :] + " ".join(beside)) >= 6:
                return [_booking_reason(page)]
    return []


def _booking_reason(page: PageValues) -> Reason:
    says = "a booking reference (UBRN) stands on the paper and was not read: look whether it is in e-RS already"
    return Reason("ubrn", says, page.facts.page.number, "referral.ubrn")
