"""How sure a value is: a table from the pattern of evidence to the share of such values that were right when measured.

The patterns: which readers saw the same value, whether a check passed, whether a label stood beside it, how often the pages say it,
whether a doubt was raised. No reader's own confidence is evidence. The shares are those of some 11,000 values: synthetic faxes (seeds
20261201 to 20261203 and 20261501, designs that whoever wrote the reader had looked at) and five batches of other people's papers; where
a pattern had no error among n values, one in n is taken. The patient index may raise or lower the result (gateway.acceptance).
`bench.calibration` compares what is stated with what is right, on other seeds and designs.
"""

from __future__ import annotations

from dataclasses import dataclass

# kind of field: (two readers agree, one reader only, two readers differ) without a doubt; checks are part of the kind.
_TABLE: dict[str, tuple[float, float, float]] = {
    "nhs_checked": (0.9985, 0.99, 0.97),
    "nhs_unchecked": (0.30, 0.15, 0.10),
    "date": (0.997, 0.985, 0.97),
    "code": (0.998, 0.985, 0.97),
    "person": (0.995, 0.70, 0.83),
    "clinician": (0.975, 0.70, 0.77),
    "known_words": (0.998, 0.99, 0.98),
    "words": (0.94, 0.65, 0.66),
    "phone": (0.998, 0.965, 0.955),
    "choice": (0.998, 0.998, 0.95),
    "address": (0.985, 0.75, 0.84),
    "reason": (0.95, 0.70, 0.72),
}
# By how much the odds of a value without a label beside it are worse; kinds that are not named showed no difference.
_UNLABELLED = {"date": 6.0, "known_words": 10.0, "words": 1.3, "phone": 5.0, "reason": 4.0}
# Print in another place of the page: names of practices that stood twice were right in 109 of 109, later in 87 of 87.
_AGAIN = {"words": 10.0}
_KIND = {
    "patient.birth_date": "date",
    "referral.date": "date",
    "patient.postcode": "code",
    "referrer.practice_code": "code",
    "referral.ubrn": "code",
    "patient.family_name": "person",
    "patient.given_names": "person",
    "referrer.name": "clinician",
    "referral.named_clinician": "clinician",
    "patient.phone": "phone",
    "referrer.phone": "phone",
    "patient.gender": "choice",
    "referral.priority": "choice",
    "referral.sharing_dissent": "choice",
    "referral.specialty": "words",
    "referrer.practice_name": "words",
    "patient.address": "address",
    "referral.reason": "reason",
}


@dataclass(frozen=True)
class Evidence:
    """What speaks for a value and against it. `second` is None where the second reader was not asked or saw nothing."""

    field: str
    second: bool | None
    checked: bool = False
    times: int = 1
    doubts: int = 0
    repairs: int = 0
    quality: float = 1.0
    labelled: bool = True


def kind_of(evidence: Evidence) -> str:
    """The row of the table that a value belongs to."""
    if evidence.field == "patient.nhs_number":
        return "nhs_checked" if evidence.checked else "nhs_unchecked"
    if evidence.field == "referral.specialty" and evidence.checked:
        return "known_words"
    return _KIND[evidence.field]


def confidence_of(evidence: Evidence) -> float:
    """The probability that the value is right, by the table; repetition halves the remaining risk or more, each doubt makes the odds
    twice as bad or worse.
    """
    kind = kind_of(evidence)
    row = _TABLE[kind]
    risk = 1 - row[1 if evidence.second is None else 0 if evidence.second else 2]
    if evidence.times > 1:
        # Print in another place is as good a witness as another reader.
        again = _AGAIN.get(kind, 2.0)
        risk = risk / again if evidence.second else min(risk / 2, 1.5 * (1 - row[0]))
    odds = (1 - risk) / risk / 2.2 ** min(evidence.doubts, 3) / 1.5 ** min(evidence.repairs, 3)
    if not evidence.labelled and not (kind == "words" and evidence.doubts):
        odds /= _UNLABELLED.get(kind, 1.0)
    if evidence.quality < 0.5:
        odds /= 1.5
    return round(odds / (1 + odds), 4)
