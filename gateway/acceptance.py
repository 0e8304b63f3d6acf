"""Which single values a machine may act on: one rule for each kind of field, each preferring to ask.

Two readers that agree are one kind of evidence, and not enough for free text: both lose the same thin stroke ("Elm", "Flm"). What a
machine accepts therefore rests on something independent as well: a check digit, the patient index, the practice list, a second print
in another place, or a closed vocabulary.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from rapidfuzz import fuzz

from gateway.patients import Looked, PatientIndex, PatientRecord, near_given
from templates.grammar_names import name_key
from templates.letterhead import PRACTICE
from templates.reading import Part, Reading
from templates.specialties import is_part, is_site, is_specialty

IDENTITY = ("patient.nhs_number", "patient.birth_date", "patient.family_name")
_PERSON = frozenset({*IDENTITY, "patient.given_names", "patient.postcode", "patient.gender"})
# A date has no check digit: one that is misread seldom stays within the last weeks.
_OLDEST_LETTER = dt.timedelta(days=62)
_REPAIRED = "a character was repaired by its position"
_HARD_PAGE = "the page is hard to read"
_BY_PLACE = "it was found by its place and shape, without a label"
_SOFT = "the second reader saw something else"


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


@dataclass
class Verdict:
    """The verdict on one field while it is made."""

    reading: Reading
    accepted: bool = False
    confidence: float = 0.0
    because: list[str] = field(default_factory=list)

    def finish(self) -> JudgedField:
        """The verdict with its sentence."""
        said = [self.reading.how]
        if len(self.reading.readers) > 1:
            said.append(f"{' and '.join(self.reading.readers)} agree")
        if self.reading.times > 1:
            said.append(f"said {self.reading.times} times")
        said += [f"{c} passed" for c in self.reading.checks] + self.because + list(self.reading.doubts)
        return JudgedField(self.reading, self.accepted, round(self.confidence, 4), "; ".join(said))


def text_of(part: Part, name: str) -> str:
    """The value of a field as text, empty where it was not found."""
    value = part.readings.get(name)
    return str(value.value) if value is not None else ""


def decide(
    verdicts: Mapping[str, Verdict],
    part: Part,
    looked: Looked | None,
    index: PatientIndex | None,
    practices: Practices | None,
    today: dt.date,
) -> None:
    """Set `accepted` and the confidence of every verdict of one referral."""
    for name, verdict in verdicts.items():
        reading = verdict.reading
        if name in _PERSON:
            _judge_person(name, verdict, looked, index is not None)
        elif name == "referrer.practice_code":
            _judge_practice(verdict, part, practices)
        elif name == "referral.date":
            _judge_date(verdict, today)
        elif name == "referral.priority":
            verdict.accepted = not reading.doubts
        elif name == "referral.sharing_dissent":
            # That nobody objects is shown, and certified by no machine: an objection may stand elsewhere in words nobody foresaw.
            verdict.accepted = reading.value is True and not reading.doubts
        elif name == "referral.specialty":
            verdict.accepted = _specialty_holds(reading)
        elif name in ("patient.phone", "referrer.phone"):
            shaped = _two(reading) and not reading.doubts and "telephone shape" in reading.checks
            verdict.accepted = shaped and (_says_whose(reading) or (name == "patient.phone" and _apart(part)))
        elif name == "referral.ubrn":
            verdict.accepted = _two(reading) and not reading.doubts
        elif name == "patient.address":
            verdict.accepted = _address_holds(reading, looked)
        elif name == "referral.reason":
            # What the story lacks may stand on a page that did not come.
            verdict.accepted = _reason_holds(reading) and all(r.code != "missing_page" for r in part.reasons)
        elif name == "referrer.name":
            verdict.accepted = _printed_twice(reading) or _referrer_holds(reading, index)
        elif name == "referrer.practice_name":
            verdict.accepted = _practice_name_holds(reading, part, practices)
        else:
            verdict.accepted = _printed_twice(reading)


def witnessed(reading: Reading) -> bool:
    """Two readers saw it, or the pages print it twice in different places; no doubt but that the second reader failed on one."""
    if _two(reading):
        return not reading.doubts
    return reading.times > 1 and not reading.others and all(d == _SOFT for d in reading.doubts)


def sender_is_known(readings: Sequence[Reading]) -> bool:
    """Whether it is plain who refers, by practice code, practice name and referrer's name together.

    One that is witnessed is enough. On a page that is hard to read, one that both readers saw in two places, or two different ones
    that both readers saw, or a practice's whole name: they would have to lose the same letters to be wrong. A practice code of the
    right shape that nothing disputes counts as one of the two.
    """
    if any(witnessed(r) for r in readings):
        return True
    agreed = [r for r in readings if _two(r) and not r.others and set(r.doubts) <= {_HARD_PAGE, _BY_PLACE}]
    placed = [r for r in agreed if _BY_PLACE not in r.doubts]
    coded = [
        r
        for r in readings
        if r.field == "referrer.practice_code" and "practice code shape" in r.checks and not r.doubts and not r.others
    ]
    told = {r.field for r in (*placed, *coded)}
    return any(r.times > 1 for r in agreed) or len(told) >= 2 or any(_is_whole_practice(r) for r in placed)


def _is_whole_practice(reading: Reading) -> bool:
    """Whether a value is the full name of a practice that sends, in plain letters; the practice named as the patient's GP's is another."""
    value = str(reading.value)
    return (
        reading.field == "referrer.practice_name"
        and PRACTICE.search(value) is not None
        and re.fullmatch(r"[A-Z][A-Za-z'’&\- ]{11,}", value) is not None
        and _readable(value.replace("’", "'"))
        and re.search(r"\bG\W?(?:M\W?)?P\b", reading.how) is None
    )


def _two(reading: Reading) -> bool:
    """Whether two different readers saw the same value."""
    return len(set(reading.readers)) >= 2


def _printed_twice(reading: Reading) -> bool:
    """Free text of names: both readers, and print in another place that says the same."""
    return _two(reading) and reading.times > 1 and not reading.doubts and _readable(str(reading.value))


def _readable(text: str) -> bool:
    """Whether every longer word could be said (no thin stroke has made "Flm" of "Elm") and no letter has a mark, as specks make it."""
    if not text.isascii():
        return False
    words = re.findall(r"[A-Za-z]{3,}", text)
    return bool(words) and all(re.search(r"[aeiouyAEIOUY]", w) for w in words if w not in ("Mrs", "NHS"))


def _apart(part: Part) -> bool:
    """Whether the pages give the referrer another telephone: then a bare "Tel" beside the patient's values is told from it."""
    other = text_of(part, "referrer.phone")
    return bool(other) and other != text_of(part, "patient.phone")


def _says_whose(reading: Reading) -> bool:
    """Whether the label itself, or the place in a letter, says that the value is the referrer's: a bare "Name" or "Tel" may be anybody's."""
    if "label" not in reading.how:
        return True
    label = re.search(r"'(.*)'", reading.how)
    if label and reading.field == "referrer.name" and re.fullmatch(r"\W*(?:GP|doctor|clinician)\W*", label[1], re.I):
        return False  # on a nurse's or an optometrist's form the GP is another than who refers
    bare = re.sub(r"[^a-z ]", "", label[1].lower()).split() if label else []
    return not bare or any(w not in _BARE for w in bare)


_BARE = frozenset(
    "name names full print printed tel telephone phone no number numbers contact mobile details t in and".split()
)


def _referrer_holds(reading: Reading, index: PatientIndex | None) -> bool:
    """A referrer's name that stands once: beside a label or as the signature, the same for both readers, every word of a name's shape,
    and a name that people have: where the index can say so, its words must be names of its people ("Priva" is nobody's).
    """
    knows = getattr(index, "knows_name", None)
    if knows is not None and not all(knows(w) for w in re.findall(r"[^\W\d_]{2,}", str(reading.value))):
        return False
    words = str(reading.value).split()
    shaped = 2 <= len(words) <= 4 and all(
        re.fullmatch(r"[A-Z]\.?|[A-Z][\w'\-]+|de|van|von|al|da|der|di", w) for w in words
    )
    placed = ("label" in reading.how and _says_whose(reading)) or "signature" in reading.how
    return _two(reading) and not reading.doubts and placed and shaped and _readable(str(reading.value))


def _practice_name_holds(reading: Reading, part: Part, practices: Practices | None) -> bool:
    if _printed_twice(reading):
        return True
    practice = practices.by_code(text_of(part, "referrer.practice_code")) if practices is not None else None
    return (
        practice is not None and _two(reading) and fuzz.ratio(practice.name.upper(), str(reading.value).upper()) >= 97
    )


_LABEL_LIKE = re.compile(
    r"[:@]|\d{5}|(?:\d[\s.\-]?){7}|\b(?:tel|phone|mobile|dob|nhs|sex|gender|post(?:al)?\s?code|code|next|kin|date|born|male|female|gp|fax|e-?mail|"
    r"surgery|practice|hospital|yes|no|n/a|routine|urgent|referral|address|name|residence|mr|mrs|miss|ms|dr)\b",
    re.I,
)


def _address_holds(reading: Reading, looked: Looked | None) -> bool:
    """An address: the index knows its postcode for this patient, both readers agree, it begins with a house number and has a
    second part, and no word in it is a label's or stands in capitals alone.
    """
    value = str(reading.value)
    home = looked is not None and looked.record is not None and "patient.postcode" in looked.agree
    words = re.findall(r"[A-Za-z]+", value)
    odd = {w for w in words if w.isupper() and len(w) > 1} if not value.isupper() else set()
    shaped = (
        re.match(r"(?:Flat|FLAT|Apt|Unit)?\s*\d{1,4}[A-Za-z]?,? [A-Z]", value) is not None
        and "," in value
        and len(value) <= 80
    )
    return (
        home
        and _two(reading)
        and not reading.doubts
        and shaped
        and not odd
        and not _LABEL_LIKE.search(value)
        and _readable(value)
    )


def _reason_holds(reading: Reading) -> bool:
    """Clinical text: named by a heading, the same for both readers, whole sentences from the first letter to the last stop."""
    value = str(reading.value)
    whole = re.match(r"[A-Z0-9]", value) is not None and value.rstrip()[-1:] in ".!?" and len(value) >= 40
    return _two(reading) and not reading.doubts and "label" in reading.how and whole and ":" not in value[:40]


def _specialty_holds(reading: Reading) -> bool:
    """A specialty of the national list, beside its label, in a form's title, alone in a cell or in the address written to, that the
    second reader does not dispute.

    `Urology` may be what is left of `Neurology`: such a name needs both readers, and a cell without its label both readers and a
    whole name. A heading may name the form's group or the sender's department: it counts only when the pages say it twice.
    """
    if reading.doubts == (_REPAIRED,) and _two(reading) and is_specialty(str(reading.value)):
        return "label" in reading.how  # the second reader saw the name itself, letter by letter
    if "known specialty" not in reading.checks or (reading.how == "read from the heading" and reading.times < 2):
        return False
    if reading.how == "read from a cell of its own" and (is_part(str(reading.value)) or not _two(reading)):
        return False
    if reading.how == "read from the form's title" and is_site(str(reading.value)):
        return False  # "Lower GI" names what is feared; departments of other names look after it
    if _two(reading) or (reading.times > 1 and not is_part(str(reading.value))):
        return witnessed(reading)
    return not is_part(str(reading.value)) and not reading.others and all(d == _SOFT for d in reading.doubts)


def _serious(reading: Reading) -> bool:
    """Whether a doubt is of the kind that no index settles: the pages contradict themselves."""
    return any("two different" in d or "does not fit" in d for d in reading.doubts)


def _judge_person(name: str, verdict: Verdict, looked: Looked | None, with_index: bool) -> None:
    """Identifiers: the index must agree on two others; without an index only a checked number seen by two, or a date said twice."""
    reading = verdict.reading
    if _serious(reading) or (looked is not None and looked.record is not None and _other_given(looked, verdict, name)):
        return
    others = (looked.agree if looked else frozenset()) - {name, "patient.given_names"}
    if looked and looked.record and name in looked.agree and len(others) >= 2 and _exact(name, verdict, looked.record):
        verdict.accepted = True
        verdict.confidence = max(verdict.confidence, 0.9995 if name in IDENTITY else 0.998)
        verdict.because.append("the patient index agrees on this and two other identifiers")
        return
    if name == "patient.gender":
        record = looked.record if looked is not None else None
        if record is not None:
            verdict.accepted = record.gender == reading.value
        else:
            verdict.accepted = not reading.doubts and (_two(reading) or "tick box" in reading.checks)
        return
    if name == "patient.postcode":
        verdict.accepted = _two(reading) and not reading.doubts and not (looked and looked.record)
        return
    if with_index:
        if looked and looked.record and name in looked.differs:
            # None of 17 such names was right; an index may be older than a marriage.
            verdict.confidence = min(verdict.confidence, 0.3)
            verdict.because.append("the patient index has another")
        return
    if name == "patient.nhs_number":
        verdict.accepted = _two(reading) and "modulus 11" in reading.checks and not reading.doubts
    elif name == "patient.birth_date":
        verdict.accepted = _two(reading) and reading.times > 1 and not reading.doubts


def _other_given(looked: Looked, verdict: Verdict, name: str) -> bool:
    """Whether this is a given name that the index's person does not have: a relative may be meant."""
    record = looked.record
    return name == "patient.given_names" and record is not None and not near_given(record, str(verdict.reading.value))


def _exact(name: str, verdict: Verdict, record: PatientRecord) -> bool:
    """Whether the printed value may be taken as it stands; marks lost in a name (`OBrien`) are taken from the index."""
    reading = verdict.reading
    if name == "patient.given_names":
        said, known = name_key(str(reading.value)), name_key(record.given_names)
        # A shorter name may be all that is printed, or what is left of two: only where its label stands beside it.
        labelled = "label" in reading.how and not reading.doubts
        if said == known and record.given_names.casefold() != str(reading.value).casefold():
            value = record.given_names.upper() if str(reading.value).isupper() else record.given_names
            verdict.reading = replace(reading, value=value)
            verdict.because.append("its marks are the index's")
        return said == known or (_two(reading) and labelled and known.startswith(said) and len(said) > 1)
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


def _judge_practice(verdict: Verdict, part: Part, practices: Practices | None) -> None:
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
    named = fuzz.token_set_ratio(text_of(part, "referrer.practice_name").upper(), practice.name.upper()) >= 85
    phoned = text_of(part, "referrer.phone") == "".join(c for c in practice.phone if c.isdigit()) != ""
    if named or phoned:
        verdict.confidence = max(verdict.confidence, 0.998)
        verdict.because.append("the practice list has this code with this " + ("name" if named else "telephone"))
    verdict.accepted = shaped and (named or phoned or (_two(reading) and not reading.doubts))


def _judge_date(verdict: Verdict, today: dt.date) -> None:
    written = dt.date.fromisoformat(str(verdict.reading.value))
    recent = today - _OLDEST_LETTER <= written <= today
    verdict.accepted = _two(verdict.reading) and recent and not verdict.reading.doubts
    if not recent:
        verdict.confidence = min(verdict.confidence, 0.8)
