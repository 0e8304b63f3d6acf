"""Whether a referral is ready and why a person is needed; pure: readings, patient index and practice list in, verdicts out.

`accepted` means that a machine would act on the value without a person (gateway.acceptance decides it). A wrong value accepted is the
worst thing this program can make (HAZ wrong patient, wrong urgency), so every rule prefers to ask. The figures behind the rules are in
docs of the reading study: two readers and Modulus 11 together were wrong in 1 of 2,956 numbers, two readers alone in 6 of 1,000 dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from gateway.acceptance import IDENTITY, JudgedField, PracticeLike, Practices, Verdict, decide, sender_is_known, text_of
from gateway.patients import Looked, PatientIndex, PatientRecord, Said, look_up, near_given
from gateway.record_print import with_record_print
from templates.grammar_names import name_key
from templates.reading import DocumentReading, Part, Reading, Reason

__all__ = ["Judged", "JudgedField", "JudgedPart", "PracticeLike", "Practices", "judge"]

_WORDS = {
    "patient.nhs_number": "NHS number",
    "patient.family_name": "family name",
    "patient.birth_date": "date of birth",
    "referral.priority": "priority",
    "referral.specialty": "specialty",
    "referral.reason": "reason for the referral",
}


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


def judge(reading: DocumentReading, index: PatientIndex | None, practices: Practices | None, today: dt.date) -> Judged:
    """The verdict on a document. Without an index nothing is ready; without a practice list codes rest on the readers alone."""
    parts = tuple(_judge_part(part, index, practices, today) for part in reading.parts)
    ready = len(parts) == 1 and parts[0].ready and not reading.reasons
    return Judged(parts, reading.reasons, ready)


def _judge_part(part: Part, index: PatientIndex | None, practices: Practices | None, today: dt.date) -> JudgedPart:
    looked, part = _identify(part if index is None else with_record_print(part, index, today), index)
    verdicts = {name: Verdict(r, False, r.confidence) for name, r in part.readings.items()}
    decide(verdicts, part, looked, index, practices, today)
    reasons = [*part.reasons, *_identity_reasons(part, verdicts, looked, index), *_other_reasons(part, verdicts)]
    unique = tuple(dict.fromkeys(reasons))
    fields = {name: v.finish() for name, v in verdicts.items()}
    ready = (
        not unique
        and looked is not None
        and looked.record is not None
        and all(n in fields and fields[n].accepted for n in IDENTITY)
    )
    return JudgedPart(part, fields, unique, ready, looked.record if looked else None, looked.near if looked else ())


def _identify(part: Part, index: PatientIndex | None) -> tuple[Looked | None, Part]:
    """The person of the index, and the part with a reader's other value taken where the index and two more identifiers say so."""
    if index is None:
        return None, part
    said = Said(
        *(text_of(part, f"patient.{n}") for n in ("nhs_number", "family_name", "given_names", "birth_date", "postcode"))
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
    if _is_slip(part, looked):
        readings["patient.family_name"] = _with_index_spelling(readings["patient.family_name"], looked.record)
    for name in looked.differs:
        right = known.get(name)
        if right is None or right not in readings[name].others or len(looked.agree - {"patient.given_names"}) < 2:
            continue
        readings[name] = replace(
            readings[name], value=right, readers=("Tesseract",), others=(str(readings[name].value),)
        )
    part = replace(part, readings=readings)
    said = Said(
        *(text_of(part, f"patient.{n}") for n in ("nhs_number", "family_name", "given_names", "birth_date", "postcode"))
    )
    return look_up(index, said), part


def _is_slip(part: Part, looked: Looked) -> bool:
    """Whether the family name is the index's but for a letter that one reader alone saw so, while number, birth date and a third
    identifier agree: "Gredhill" for Gledhill. What both readers saw is printed so, and is asked about.
    """
    reading, record = part.readings.get("patient.family_name"), looked.record
    if (
        reading is None
        or record is None
        or "patient.family_name" not in looked.differs
        or len(set(reading.readers)) > 1
    ):
        return False
    sure = {"patient.nhs_number", "patient.birth_date"} <= looked.agree and looked.agree & {
        "patient.given_names",
        "patient.postcode",
    }
    read, known = name_key(str(reading.value)), name_key(record.family_name)
    return bool(sure) and len(known) >= 4 and Levenshtein.distance(read, known) <= (1 if len(known) < 8 else 2)


def _with_index_spelling(reading: Reading, record: PatientRecord) -> Reading:
    """The reading with the name as the index spells it; what was read stays beside it."""
    value = record.family_name.upper() if str(reading.value).isupper() else record.family_name
    says = f"{reading.how}; one letter is the patient index's, whose number, birth date and more agree"
    return replace(reading, value=value, others=(str(reading.value),), how=says, doubts=())


def _identity_reasons(
    part: Part, verdicts: Mapping[str, Verdict], looked: Looked | None, index: PatientIndex | None
) -> list[Reason]:
    reasons = []
    for name in IDENTITY:
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
    for name in IDENTITY:
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


def _other_reasons(part: Part, verdicts: Mapping[str, Verdict]) -> list[Reason]:
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
    elif not any(verdicts[n].accepted for n in practice) and not sender_is_known(
        [verdicts[n].reading for n in practice]
    ):
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
