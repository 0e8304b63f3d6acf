"""Which values a machine may act on, and whether a referral is ready; pure: readings and the patient index in, verdicts out.

`accepted` means that a machine would act on the value without a person. A wrong value accepted is the worst thing this program can
make (HAZ wrong patient, wrong urgency), so every rule below prefers to ask. The figures behind the rules are in docs of the reading
study: two readers and Modulus 11 together were wrong in 1 of 2,956 numbers, two readers alone in 6 of 1,000 dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from rapidfuzz import fuzz

from gateway.patients import Looked, PatientIndex, PatientRecord, Said, look_up, near_given
from templates.grammar_names import name_key
from templates.reading import DocumentReading, Part, Reading, Reason

_WORDS = {
    "patient.nhs_number": "NHS number",
    "patient.family_name": "family name",
    "patient.birth_date": "date of birth",
    "referral.priority": "priority",
    "referral.specialty": "specialty",
    "referral.reason": "reason for the referral",
}
_TWO_READERS = frozenset(
    {
        "referrer.name",
        "referrer.practice_name",
        "referrer.phone",
        "patient.phone",
        "referral.named_clinician",
        "referral.ubrn",
        "patient.address",
        "referral.reason",
    }
)
_TAILS = frozenset(
    {
        "urology",
        "surgery",
        "haematology",
        "gynaecology",
        "oncology",
        "medicine",
        "breast",
        "skin",
        "lung",
        "allergy",
        "colorectal",
    }
)
_IDENTITY = ("patient.nhs_number", "patient.birth_date", "patient.family_name")
_OLDEST_LETTER = dt.timedelta(days=180)


class PracticeLike(Protocol):
    """A practice of the ODS list."""

    code: str
    name: str
    postcode: str
    phone: str
    open: bool


class Practices(Protocol):
    """The practice list, wherever it is kept."""

    def by_code(self, code: str) -> PracticeLike | None:
        """The practice of that ODS code, or None."""
        ...


@dataclass(frozen=True)
class JudgedField:
    """One reading with the verdict: whether a machine may act on it, how sure it is, and how it came about, in one sentence."""

    reading: Reading
    accepted: bool
    confidence: float
    how: str


@dataclass(frozen=True)
class JudgedPart:
    """One referral with the verdict on each field, the reasons why a person is needed, and the person of the index it is about."""

    part: Part
    fields: Mapping[str, JudgedField]
    reasons: tuple[Reason, ...]
    ready: bool
    record: PatientRecord | None = None
    near: tuple[PatientRecord, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A document judged: its referrals, the reasons about the whole document, and whether all of it may go on without a person."""

    parts: tuple[JudgedPart, ...]
    reasons: tuple[Reason, ...] = ()
    ready: bool = False


@dataclass
class _Verdict:
    """The verdict on one field while it is made."""

    reading: Reading
    accepted: bool = False
    confidence: float = 0.0
    because: list[str] = field(default_factory=list)

    def finish(self) -> JudgedField:
        said = [self.reading.how]
        if len(self.reading.readers) > 1:
            said.append(f"{' and '.join(self.reading.readers)} agree")
        if self.reading.times > 1:
            said.append(f"said {self.reading.times} times")
        said += [f"{c} passed" for c in self.reading.checks] + self.because + list(self.reading.doubts)
        return JudgedField(self.reading, self.accepted, round(self.confidence, 4), "; ".join(said))


def judge(reading: DocumentReading, index: PatientIndex | None, practices: Practices | None, today: dt.date) -> Judged:
    """The verdict on a document. Without an index nothing is ready; without a practice list codes rest on the readers alone."""
    parts = tuple(_judge_part(part, index, practices, today) for part in reading.parts)
    ready = len(parts) == 1 and parts[0].ready and not reading.reasons
    return Judged(parts, reading.reasons, ready)


def _text(part: Part, name: str) -> str:
    value = part.readings.get(name)
    return str(value.value) if value is not None else ""


def _judge_part(part: Part, index: PatientIndex | None, practices: Practices | None, today: dt.date) -> JudgedPart:
    looked, part = _identify(part, index)
    verdicts = {name: _Verdict(r, False, r.confidence) for name, r in part.readings.items()}
    for name, verdict in verdicts.items():
        if name in _IDENTITY or name in ("patient.given_names", "patient.postcode", "patient.gender"):
            _judge_person(name, verdict, looked, index is not None)
        elif name == "referrer.practice_code":
            _judge_practice(verdict, part, practices)
        elif name == "referral.date":
            _judge_date(verdict, today)
        elif name in ("referral.priority", "referral.sharing_dissent"):
            verdict.accepted = not verdict.reading.doubts
        elif name == "referral.specialty":
            verdict.accepted = _specialty_holds(verdict.reading)
        elif name in _TWO_READERS:
            heading = name == "referrer.practice_name" and verdict.reading.how == "read from the heading"
            verdict.accepted = _witnessed(verdict.reading) and (not heading or verdict.reading.times > 1)
    reasons = [*part.reasons, *_identity_reasons(part, verdicts, looked, index), *_other_reasons(part, verdicts)]
    unique = tuple(dict.fromkeys(reasons))
    fields = {name: v.finish() for name, v in verdicts.items()}
    ready = (
        not unique
        and looked is not None
        and looked.record is not None
        and all(n in fields and fields[n].accepted for n in _IDENTITY)
    )
    return JudgedPart(part, fields, unique, ready, looked.record if looked else None, looked.near if looked else ())


def _specialty_holds(reading: Reading) -> bool:
    """A specialty: seen by two readers, or a name that no misreading can make of another and that the second reader
    does not dispute.

    `Urology` may be what is left of `Neurology`: such a name needs both readers.
    """
    if reading.how == "read from the heading" and reading.times < 2:
        # A heading may name the form's group ("Head and Neck") or the sender's department, not the specialty asked for.
        return False
    listed = "known specialty" in reading.checks or "pecialit" in reading.how or "pecialt" in reading.how
    if not listed:
        # "Referral to outpatient services" is a title, not a specialty: what no list knows needs the very label.
        return False
    if _witnessed(reading):
        return True
    known = "known specialty" in reading.checks and str(reading.value).lower() not in _TAILS
    return known and not reading.others and all(d == _SOFT for d in reading.doubts)


_SOFT = "the second reader saw something else"


def _witnessed(reading: Reading) -> bool:
    """Two readers saw it, or the pages print it twice in different places; no doubt but that the second reader failed on one."""
    if _two(reading):
        return not reading.doubts
    return reading.times > 1 and not reading.others and all(d == _SOFT for d in reading.doubts)


def _two(reading: Reading) -> bool:
    """Whether two different readers saw the same value."""
    return len(set(reading.readers)) >= 2


def _identify(part: Part, index: PatientIndex | None) -> tuple[Looked | None, Part]:
    """The person of the index, and the part with a reader's other value taken where the index and two more identifiers say so."""
    if index is None:
        return None, part
    said = Said(
        *(_text(part, f"patient.{n}") for n in ("nhs_number", "family_name", "given_names", "birth_date", "postcode"))
    )
    looked = look_up(index, said)
    if looked.record is None:
        return looked, part
    known = {
        "patient.nhs_number": looked.record.nhs_number,
        "patient.birth_date": looked.record.birth_date,
        "patient.postcode": looked.record.postcode,
    }
    readings = dict(part.readings)
    for name in looked.differs:
        right = known.get(name)
        if right is None or right not in readings[name].others or len(looked.agree - {"patient.given_names"}) < 2:
            continue
        readings[name] = replace(
            readings[name], value=right, readers=("Tesseract",), others=(str(readings[name].value),)
        )
    part = replace(part, readings=readings)
    said = Said(
        *(_text(part, f"patient.{n}") for n in ("nhs_number", "family_name", "given_names", "birth_date", "postcode"))
    )
    return look_up(index, said), part


def _serious(reading: Reading) -> bool:
    """Whether a doubt is of the kind that no index settles: the pages contradict themselves."""
    return any("two different" in d or "does not fit" in d for d in reading.doubts)


def _judge_person(name: str, verdict: _Verdict, looked: Looked | None, with_index: bool) -> None:
    """Identifiers: the index must agree on two others; without an index only a checked number seen by two, or a date said twice."""
    reading = verdict.reading
    if _serious(reading):
        return
    others = (looked.agree if looked else frozenset()) - {name, "patient.given_names"}
    if looked and looked.record and name in looked.agree and len(others) >= 2 and _exact(name, verdict, looked.record):
        verdict.accepted = True
        verdict.confidence = max(verdict.confidence, 0.9995 if name in _IDENTITY else 0.998)
        verdict.because.append("the patient index agrees on this and two other identifiers")
        return
    if name == "patient.gender":
        same = looked is not None and looked.record is not None and looked.record.gender == reading.value
        verdict.accepted = not reading.doubts and (same or _two(reading) or "tick box" in reading.checks)
        return
    if name == "patient.postcode":
        verdict.accepted = _two(reading) and not reading.doubts and not (looked and looked.record)
        return
    if with_index:
        if looked and looked.record and name in looked.differs:
            verdict.confidence = min(verdict.confidence, 0.6)
            verdict.because.append("the patient index has another")
        return
    if name == "patient.nhs_number":
        verdict.accepted = _two(reading) and "modulus 11" in reading.checks and not reading.doubts
    elif name == "patient.birth_date":
        verdict.accepted = _two(reading) and reading.times > 1 and not reading.doubts


def _exact(name: str, verdict: _Verdict, record: PatientRecord) -> bool:
    """Whether the printed value may be taken as it stands; marks lost in a name (`OBrien`) are taken from the index."""
    reading = verdict.reading
    if name == "patient.given_names":
        return name_key(str(reading.value)) == name_key(record.given_names) or _two(reading)
    if name != "patient.family_name":
        return True
    for known in (record.family_name, record.previous_family_name):
        if (
            known
            and name_key(known) == name_key(str(reading.value))
            and known.casefold() != str(reading.value).casefold()
        ):
            verdict.reading = replace(reading, value=known.upper() if str(reading.value).isupper() else known)
            verdict.because.append("its marks are the index's")
    return True


def _judge_practice(verdict: _Verdict, part: Part, practices: Practices | None) -> None:
    """A practice code: two readers and its shape; with a list it must be there, and its name may stand in for the second reader."""
    reading = verdict.reading
    shaped = "practice code shape" in reading.checks
    if practices is None:
        verdict.accepted = _two(reading) and shaped and not reading.doubts
        return
    practice = practices.by_code(str(reading.value))
    if practice is None:
        verdict.confidence = min(verdict.confidence, 0.5)
        verdict.because.append("no practice of the list has this code")
        return
    named = fuzz.token_set_ratio(_text(part, "referrer.practice_name").upper(), practice.name.upper()) >= 85
    phoned = _text(part, "referrer.phone") == "".join(c for c in practice.phone if c.isdigit()) != ""
    if named or phoned:
        verdict.confidence = max(verdict.confidence, 0.998)
        verdict.because.append("the practice list has this code with this " + ("name" if named else "telephone"))
    verdict.accepted = shaped and (named or phoned or (_two(reading) and not reading.doubts))


def _judge_date(verdict: _Verdict, today: dt.date) -> None:
    written = dt.date.fromisoformat(str(verdict.reading.value))
    recent = today - _OLDEST_LETTER <= written <= today
    verdict.accepted = _two(verdict.reading) and recent and not verdict.reading.doubts
    if not recent:
        verdict.confidence = min(verdict.confidence, 0.8)


def _identity_reasons(
    part: Part, verdicts: Mapping[str, _Verdict], looked: Looked | None, index: PatientIndex | None
) -> list[Reason]:
    reasons = []
    for name in _IDENTITY:
        if name not in verdicts:
            reasons.append(
                Reason(
                    "missing",
                    f"the {_WORDS[name]} was not found: look at the picture, or ring the practice",
                    None,
                    name,
                )
            )
        elif name == "patient.nhs_number" and not verdicts[name].reading.checks:
            page = verdicts[name].reading.page
            reasons.append(
                Reason(
                    "number",
                    "the check digit of the NHS number is wrong: compare it with the picture, digit by digit",
                    page,
                    name,
                )
            )
    if index is None or looked is None:
        return [
            *reasons,
            Reason("no_index", "no patient index was given to compare with: compare the identifiers with the picture"),
        ]
    if looked.record is None:
        if looked.near:
            reasons.append(
                Reason(
                    "identity",
                    f"the patient index has no person who fits, but {len(looked.near)} who come near: choose, or trace the patient",
                )
            )
        else:
            reasons.append(Reason("identity", "this patient is not in the patient index: trace the patient"))
        return reasons
    for name in _IDENTITY:
        if name in looked.differs:
            reasons.append(
                Reason(
                    "identity",
                    f"the patient index has another {_WORDS[name]} for this patient: compare it with the picture",
                    verdicts[name].reading.page,
                    name,
                )
            )
        elif name in verdicts and not verdicts[name].accepted:
            reasons.append(
                Reason(
                    "identity",
                    f"the {_WORDS[name]} is not certain: compare it with the picture",
                    verdicts[name].reading.page,
                    name,
                )
            )
    given = verdicts.get("patient.given_names")
    if (
        given is not None
        and "patient.given_names" in looked.differs
        and not near_given(looked.record, str(given.reading.value))
    ):
        reasons.append(
            Reason(
                "identity",
                "the patient index has another given name for this patient: compare it, it may be a relative",
                None,
                "patient.given_names",
            )
        )
    if looked.alike:
        reasons.append(
            Reason(
                "alike",
                "the index holds somebody who is easily taken for this patient (twin or namesake): a person decides",
            )
        )
    if looked.record.deceased:
        reasons.append(
            Reason("deceased", "the patient index says that this patient has died: check before anything is sent")
        )
    if looked.record.sensitive:
        reasons.append(
            Reason("sensitive", "the patient's record is marked as sensitive: only who is allowed to may go on")
        )
    return reasons


def _other_reasons(part: Part, verdicts: Mapping[str, _Verdict]) -> list[Reason]:
    """What e-RS needs besides the patient (referral-office section 9), and what a person always decides."""
    reasons = []
    for name in ("referral.priority", "referral.specialty"):
        if name not in verdicts:
            if not any(r.field == name for r in part.reasons):
                reasons.append(
                    Reason(
                        "missing",
                        f"the {_WORDS[name]} was not found: look at the picture, or ring the practice",
                        None,
                        name,
                    )
                )
        elif not verdicts[name].accepted and not any(r.field == name for r in part.reasons):
            reasons.append(
                Reason(
                    "doubtful",
                    f"the {_WORDS[name]} was not read for certain: compare it with the picture",
                    verdicts[name].reading.page,
                    name,
                )
            )
    practice = [n for n in ("referrer.practice_code", "referrer.practice_name", "referrer.name") if n in verdicts]
    if not practice:
        reasons.append(
            Reason(
                "missing",
                "neither practice nor referrer was found: look at the picture",
                None,
                "referrer.practice_code",
            )
        )
    elif not any(verdicts[n].accepted for n in practice):
        reasons.append(
            Reason(
                "doubtful",
                "neither practice nor referrer was read for certain: compare them with the picture",
                verdicts[practice[0]].reading.page,
                practice[0],
            )
        )
    if "referral.reason" not in verdicts:
        reasons.append(
            Reason("missing", "the reason for the referral was not found: look at the picture", None, "referral.reason")
        )
    if "referral.ubrn" in verdicts:
        reasons.append(
            Reason(
                "in_ers",
                "a UBRN is printed, so it may be in e-RS already: look there first",
                verdicts["referral.ubrn"].reading.page,
                "referral.ubrn",
            )
        )
    return reasons
