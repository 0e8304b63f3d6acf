"""What counts as right: the rules by which a reader's answer to one file is compared with its truth. Pure.

The answer is the object that `gateway read --json` prints, whoever made it. Truth holds what is legible on the pages; what the
generator excuses (lost on the way, or open to argument) is neither asked nor counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

CRITICAL = ("patient.nhs_number", "patient.birth_date", "patient.family_name", "referral.priority")
SILENT_CRITICAL = (
    *CRITICAL,
    "referral.specialty",
    "referral.named_clinician",
    "referral.ubrn",
    "referral.sharing_dissent",
)
# Without these on the page no reader can be ready: P3, and what e-RS needs.
_NEEDED = (*CRITICAL, "referral.specialty", "referral.reason")
_PRACTICE = ("referrer.practice_code", "referrer.practice_name", "referrer.name")
_WORDS = frozenset(
    {
        "patient.family_name",
        "patient.given_names",
        "patient.address",
        "referrer.name",
        "referrer.practice_name",
        "referral.specialty",
        "referral.named_clinician",
    }
)
_MISSING = re.compile(r"\bpages?\b.*\bmissing\b", re.I)
_FEWER = re.compile(r"says (\d+) pages?, (\d+) came", re.I)
_STRANGER = re.compile(r"about another patient|referrals came in one file", re.I)

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """One field of one referral: was it asked for, found, right (capitals aside for words), right to the capital, accepted?"""

    field: str
    wanted: bool
    found: bool
    right: bool
    as_printed: bool
    accepted: bool
    confidence: float

    @property
    def silent(self) -> bool:
        """A value that a machine would have acted on, and that is wrong."""
        return self.accepted and not self.right


@dataclass(frozen=True)
class Scored:
    """One file compared with its truth. `must_ask` says why no reader may call it ready, `wrong_ready` why it was wrong to."""

    seed: int
    file: str
    design: str
    severity: str
    group: str
    outcomes: tuple[Outcome, ...]
    excused: int
    not_judged: int
    referral: bool
    document_right: bool
    type_right: bool
    bundle: bool
    noticed: bool
    false_alarm: bool
    objection: bool
    objection_noticed: bool
    ready: bool
    must_ask: tuple[str, ...]
    wrong_ready: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where to find the file: seed, group of designs and name."""
        return f"{self.seed}/{self.group}/{self.file}"


def right(field: str, got: Any, want: Any, capitals: bool = False) -> bool:
    """Whether a value is right.

    Codes, numbers and dates to the letter; words with any spacing and, unless `capitals`, in any case; an address with or without
    its commas; a reason with at most one character in ten wrong (Levenshtein, of the true length).
    """
    if isinstance(want, bool) or isinstance(got, bool):
        return got is want
    if field not in _WORDS and field != "referral.reason":
        return str(got) == str(want)
    a, b = " ".join(str(got).split()), " ".join(str(want).split())
    if not capitals:
        a, b = a.casefold(), b.casefold()
    if field == "patient.address":
        a, b = " ".join(a.replace(",", " ").split()), " ".join(b.replace(",", " ").split())
    if field == "referral.reason":
        return Levenshtein.distance(a, b) <= 0.1 * max(1, len(b))
    return a == b


def compare(want: Fields, excused: Fields, got: Mapping[str, Fields]) -> Iterator[Outcome]:
    """The outcome of each field of one referral, those aside that are excused."""
    for field in sorted({*want, *got} - set(excused)):
        found = got.get(field)
        if found is None:
            yield Outcome(field, True, False, False, False, False, 0.0)
            continue
        asked = field in want
        yield Outcome(
            field,
            asked,
            True,
            asked and right(field, found["value"], want[field]),
            asked and right(field, found["value"], want[field], capitals=True),
            bool(found["accepted"]),
            float(found["confidence"]),
        )


def says_missing(reasons: Sequence[str]) -> bool:
    """Whether the reasons say that a page did not come."""
    fewer = (m for r in reasons for m in _FEWER.finditer(r))
    return any(_MISSING.search(r) for r in reasons) or any(int(m[2]) < int(m[1]) for m in fewer)


def says_stranger(reasons: Sequence[str]) -> bool:
    """Whether the reasons say that a second patient or referral is in the file."""
    return any(_STRANGER.search(r) for r in reasons)


def score(seed: int, truth: Mapping[str, Any], answer: Mapping[str, Any], alike: Sequence[str]) -> Scored:
    """Compare the answer to one file with its truth. `alike` says why the patient index alone asks for a person (twin...)."""
    is_referral = truth["document_type"] == "referral"
    reasons = answer["reasons"]
    lacks, mixed = bool(truth["missing_pages"]), bool(truth["stranger_pages"] or truth["more"])
    said_lacks, said_mixed = says_missing(reasons), says_stranger(reasons)
    noticed = (said_lacks or not lacks) and (said_mixed or not mixed)
    type_right = answer["document_type"] == truth["document_type"]
    outcomes, not_judged = _outcomes(truth, answer)
    parts = [truth, *truth["more"]]
    ready = answer["status"] == "ready"
    objection = any(part["fields"].get("referral.sharing_dissent") is True for part in parts)
    found = [answer, *answer.get("more", [])]
    heard = any(part["fields"].get("referral.sharing_dissent", {}).get("value") is True for part in found)
    must = [*_must_ask(truth, lacks, mixed, objection), *alike] if is_referral else ["no referral"]
    wrong = [f"wrong {o.field}" for o in outcomes if o.silent and o.field in SILENT_CRITICAL]
    # What is not legible on the page (no specialty named) cannot be accepted rightly; the values say so themselves.
    wrong += [why for why in must if not why.startswith("no legible")]
    return Scored(
        seed=seed,
        file=truth["file"],
        design=truth["design"],
        severity=truth["severity"],
        group=truth["group"],
        outcomes=outcomes,
        excused=sum(len(part["excused"]) for part in parts),
        not_judged=not_judged,
        referral=is_referral,
        document_right=type_right and noticed,
        type_right=type_right,
        bundle=lacks or mixed,
        noticed=noticed,
        false_alarm=is_referral and type_right and ((said_lacks and not lacks) or (said_mixed and not mixed)),
        objection=objection,
        objection_noticed=objection and heard,
        ready=ready,
        must_ask=tuple(must),
        wrong_ready=tuple(wrong) if ready else (),
    )


def _must_ask(truth: Mapping[str, Any], lacks: bool, mixed: bool, objection: bool) -> Iterator[str]:
    fields = truth["fields"]
    if lacks:
        yield "page missing"
    if mixed:
        yield "second patient"
    if objection:
        yield "objection to sharing"
    if fields.get("referral.ubrn"):
        yield "UBRN: may be in e-RS already"
    for name in _NEEDED:
        if name not in fields:
            yield f"no legible {name}"
    if not any(name in fields for name in _PRACTICE):
        yield "no legible practice"


def _outcomes(truth: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[tuple[Outcome, ...], int]:
    """Outcomes of all referrals of a file, and the number of values that cannot be judged: there is no truth for what stands
    on pages of strangers and on papers that are no referral (taking those for one is counted as a wrong document type).
    """
    if truth["document_type"] != "referral":
        return (), len(answer["fields"])
    outcomes = list(compare(truth["fields"], truth["excused"], answer["fields"]))
    not_judged = 0
    wanted, found = list(truth["more"]), list(answer.get("more", []))
    for part in found:
        partner = max(wanted, key=lambda w: len({*w["pages"]} & {*part["pages"]}), default=None)
        if partner is not None and {*partner["pages"]} & {*part["pages"]}:
            wanted.remove(partner)
            outcomes += compare(partner["fields"], partner["excused"], part["fields"])
        elif part["pages"] and {*part["pages"]} <= {*truth["stranger_pages"]}:
            not_judged += len(part["fields"])
        else:  # one referral taken for two: its values are still the patient's, or they are wrong
            got = compare(truth["fields"], truth["excused"], part["fields"])
            outcomes += [o for o in got if o.found]
    for partner in wanted:
        outcomes += compare(partner["fields"], partner["excused"], {})
    return tuple(outcomes), not_judged
