"""What reading a document gives: values with their place and proof, one part for each patient, and reasons to ask a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ocr.page import Box

DocumentType = Literal["referral", "other"]

FIELDS: tuple[str, ...] = (
    "patient.nhs_number",
    "patient.family_name",
    "patient.given_names",
    "patient.birth_date",
    "patient.gender",
    "patient.address",
    "patient.postcode",
    "patient.phone",
    "referrer.name",
    "referrer.practice_name",
    "referrer.practice_code",
    "referrer.phone",
    "referral.date",
    "referral.priority",
    "referral.specialty",
    "referral.named_clinician",
    "referral.reason",
    "referral.ubrn",
    "referral.sharing_dissent",
)


@dataclass(frozen=True)
class Reading:
    """One value of one field, in the form that the public contract gives for that field.

    `others` are different values that a reader saw at the same place; `seen` is the text as the first reader had it; `readers`
    are those that saw this same value; `times` counts the places on the pages that say it; `checks` are the rules it passed
    (`modulus 11`, `postcode shape`...) and `doubts` are sentences in a clerk's words why it may be wrong. Whether a machine may
    act on it is decided by gateway.checks.
    """

    field: str
    value: str | bool
    seen: str
    page: int
    box: Box
    confidence: float
    how: str
    readers: tuple[str, ...] = ()
    times: int = 1
    checks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why a person is needed: a stable code for programs, a sentence for a clerk, and what it is about."""

    code: str
    says: str
    page: int | None = None
    field: str | None = None


@dataclass(frozen=True)
class Printed:
    """A piece of print as the first reader had it: its text, where it stands, and who read it."""

    text: str
    page: int
    box: Box
    reader: str


@dataclass(frozen=True)
class Part:
    """One patient and one ask: its pages in reading order (numbers in the file), its form and its values by field.

    `print` is all that stands on those pages, so that what is known of the patient can be looked for where no label told it.
    """

    pages: tuple[int, ...]
    form: str | None
    readings: dict[str, Reading]
    reasons: tuple[Reason, ...] = ()
    print: tuple[Printed, ...] = ()


@dataclass(frozen=True)
class DocumentReading:
    """All that was understood of one document. `other_pages` belong to no referral (covers, blanks, adverts), each
    with its reason.
    """

    document_type: DocumentType
    parts: tuple[Part, ...]
    other_pages: dict[int, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
