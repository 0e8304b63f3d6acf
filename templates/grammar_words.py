"""Fields that are said in words: gender, priority, dissent, and plain text (specialty, practice, address, reason)."""

from __future__ import annotations

import re

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from templates.grammar import Parsed, plain, squash

_GENDER = {
    "male": "male", "m": "male", "man": "male", "boy": "male",
    "female": "female", "f": "female", "woman": "female", "girl": "female",
    "other": "other", "indeterminate": "other", "nonbinary": "other", "intersex": "other",
    "unknown": "unknown", "notknown": "unknown", "notspecified": "unknown", "notstated": "unknown", "unspecified":
    "unknown",
}  # fmt: skip

TWO_WEEK_WAIT, URGENT, ROUTINE = "TWO_WEEK_WAIT", "URGENT", "ROUTINE"
# Highest first: what cannot be told apart counts as the first (P6).
PRIORITIES = (TWO_WEEK_WAIT, URGENT, ROUTINE)

# Worn print makes e of c and o ("eaneer", "twe weck"): the highest urgency must not be lost to a letter (P6).
_TWW = re.compile(
    r"\b(?:2|t[wv][oe0]|z)[\s\-]*(?:wk|w[ec]{2}k)s?[\s\-]*(?:wait|rule|referral|pathway)|\b[2z]\s?w\s?[wr]r?\b|"
    r"\bs[uo]spected\s+(?:\w+\s+){0,4}(?:[ceo][ao]n[ceo]er|malignancy)|\bUSC\b|\bFDS\b|\bfaster diagnosis|\bfast[\s\-]?track|"
    r"\b[ceo][ao]n[ceo]er\s+(?:pathway|wait|referral)",
    re.I,
)
_URGENT = re.compile(r"\burgent(?:ly)?\b|\bimmediate\b|\bemergency\b|\bas a matter of urgency\b|\bASAP\b", re.I)
_ROUTINE = re.compile(r"\broutine(?:ly)?\b|\bnon[\s\-]?urgent(?:ly)?\b|\bnot urgent\b", re.I)
# "Urgent, not cancer", "cancer not suspected": what it is not.
_NO_CANCER = re.compile(
    r"\bno(?:t|n)?[\s\-]+(?:a\s+|suspected\s+)*cancer\b|\bcancer\s+(?:is\s+)?not\s+suspected\b", re.I
)
_SOON = re.compile(r"(?<!how\s)\bsoon\b|\bexpedite\b", re.I)


def parse_gender(text: str) -> Parsed | None:
    """male, female, other or unknown, where the text begins with such a word; None where it names two (`M / F`)."""
    clean = plain(text)
    words = re.findall(r"[A-Za-z]+", clean)
    named = [_GENDER[w.lower()] for w in words if w.lower() in _GENDER]
    whole = _GENDER.get(squash(clean))
    if whole:
        return Parsed(whole, 0, len(clean), 0, ("gender word",))
    if words and len(set(named)) == 1 and words[0].lower() in _GENDER:
        return Parsed(named[0], 0, len(clean), 0, ("gender word",))
    if words and len(words[0]) >= 4 and not named:
        for word in ("female", "male"):
            if fuzz.ratio(words[0].lower(), word) >= 80:
                return Parsed(word, 0, len(clean), 1)
    return None


# People whose names, telephones and numbers stand beside a patient's, and are not the patient's.
RELATIVES = (
    r"mother|father|mum|dad|parent|guardian|carer|caller|spouse|husband|wife|partner|son|daughter|brother|sister|sibling|twin|"
    r"grandmother|grandfather|grandparent|aunt|uncle|friend|neighbour|warden|keyworker|key worker"
)


# "Referral priority (urgent/routine): routine": what the form tells the writer to choose from is no answer.
_HINT = re.compile(
    r"\((?:urgent|routine|soon|2\s?ww)\s*(?:/|,|or\b)[^()]*\)(?=\s*[:\-]?\s*[A-Za-z])|"
    r"\b(?:urgent|routine)\s+or\s+(?:urgent|routine)\s*\?(?=\s*[A-Za-z])",
    re.I,
)


def priorities_in(text: str) -> set[str]:
    """Which priorities the text names. `SOON` is given for words that are between urgent and routine: a person
    decides.
    """
    clean = _NO_CANCER.sub(" ", _HINT.sub(" ", plain(text)))
    found = set()
    if _TWW.search(clean):
        found.add(TWO_WEEK_WAIT)
    without = _ROUTINE.sub(" ", clean)
    if _ROUTINE.search(clean):
        found.add(ROUTINE)
    # "Urgent suspected cancer" is one priority, not two.
    if _URGENT.search(
        _TWW.sub(" ", re.sub(r"\burgent[\s\-,:(]+(?=suspected|2|two|usc|cancer|fast)", " ", without, flags=re.I))
    ):
        found.add(URGENT)
    if _SOON.search(clean):
        found.add("SOON")
    return found


def priority_places(text: str) -> list[tuple[str, int, int]]:
    """Where a line names each priority, as (value, start, end) in reading order; `SOON` as above."""
    text = _HINT.sub(lambda m: " " * len(m[0]), text)
    left = re.sub(
        r"\burgent[\s\-,:(]+(?=suspected|2|two|usc|cancer|fast)", lambda m: " " * len(m[0]), text, flags=re.I
    )  # "urgent suspected cancer" is one priority
    found: list[tuple[str, int, int]] = []
    for value, pattern in ((TWO_WEEK_WAIT, _TWW), (ROUTINE, _ROUTINE), (URGENT, _URGENT), ("SOON", _SOON)):
        found += [(value, m.start(), m.end()) for m in pattern.finditer(left)]
        left = pattern.sub(lambda m: "_" * len(m[0]), left)
    places: list[tuple[str, int, int]] = []
    for value, start, end in sorted(found, key=lambda f: f[1]):
        if places and places[-1][0] == value:
            places[-1] = (value, places[-1][1], end)  # "2WW - suspected oral cancer" says it twice
        else:
            places.append((value, start, end))
    return places


_DISSENT = re.compile(
    # Whatever stands before it: one misread letter ("dpes not consent") must never turn an objection into its opposite.
    r"(?:\b(?:n[o0c]t|nol|nof|mot|hot|never)\b|n't\b)\s+(?:\w+\s+){0,2}?(?:consent|agree|want|wish|happy|willing|content|"
    r"given?\s+(?:\w+\s+)?(?:consent|permission))\w*"
    r"(?!\s+to\s+(?:surgery|treatment|examination|operation))|"
    r"\bpatient\s+(?:objects|declines|refuses|disagrees)\b|\bdissents?\b|\bobject(?:s|ed|ions?)?\s+[tl][o0]\b|"
    r"\b(?:declin|refus|object|oppos|unwilling|reluctant|unhappy|against)\w*\b[^.;]{0,60}\bshar(?:e|ed|ing)\b(?!\s+(?:decision|care)\b)|\bnot\s+to\s+be\s+shared\b|\bdo(?:es)?\s+not\s+share\b|"
    r"\brefus(?:es|ed)\s+(?:consent|permission|to\s+share|sharing)|"
    r"\b(?:consent|permission)\s+(?:to\s+shar\w+\s+)?(?:is\s+|was\s+|has\s+been\s+)?(?:withheld|refused|"
    r"not\s+given|declined|withdrawn)|"
    r"\bopt(?:ed|s)?[\s\-]?out\s+of\s+(?:\w+\s+)?sharing|\bdeclin(?:es|ed)\s+(?:consent|sharing|to\s+share|"
    r"permission)|\bdo\s+not\s+contact\s+(?:\w+\s+)?at\s+home",
    re.I,
)
_SHARE = re.compile(
    r"shar(?:e|ed|ing)|consent|disclos|information|record|data|object|dissent|contact|permission|pass(?:ed)?\s+on", re.I
)
_CONSENTS = re.compile(
    r"\b(?:patient\s+)?(?:has\s+(?:given\s+)?consent(?:ed|s)?|consents|(?:^|(?<=[.:;,]\s)|(?<=given\s)|(?<=verbal\s)|(?<=gives\s)|"
    r"(?<=patient\s))consent|agrees|is\s+happy)\W+(?:for|to|"
    r"that)\W+(?:\w+\W+){0,6}?(?:shar|record|information)\w*|"
    r"\bno\s+(?:objections?|dissent)\b|\bdoes\s+not\s+object\b|\bconsent\s+(?:to\s+shar\w+\s+)?(?:given|"
    r"obtained|yes)\b",
    re.I,
)
# Any of these beside the words of consent, and it is no plain consent.
_DENIES = re.compile(
    r"\b(?:n[o0]t?|nol|nof|never|without|unless|except|refus\w*|declin\w*|withh\w*|object\w*|dissent\w*)\b|n't\b", re.I
)
_NO_DISSENT = re.compile(
    r"\bno\s+(?:objections?|dissent)\b|\bdoes\s+not\s+object\b|\bhas\s+not\s+objected\b|\bnot\s+dissented?\b", re.I
)


_SPEAKS = re.compile(r"\bshar(?:e|ed|ing)\b(?!\s+(?:decision|care)\b)", re.I)
_AGREED = re.compile(r"\bsharing\W{1,5}(?:agree[sd]?|yes|consent(?:s|ed)|ok)\W*$", re.I)
_OF_PERSON = re.compile(
    r"\b(?:patient|h(?:is|er|im)|their|s?he|they|referral|records?|information|data|details|notes)\b", re.I
)
_OF_IMAGES = re.compile(r"\b(?:images?|photo\w*|pictures?|video|teaching|research)\b", re.I)


# "dbjects to sharing": no other word that takes a "to" is one letter off.
_OBJECTS = re.compile(r"\b(\w{5,9})(?=\s+[tl][o0]\b)")


def _mended(m: re.Match[str]) -> str:
    near = (w for w in ("object", "objects", "objected", "objection") if Levenshtein.distance(m[1].lower(), w) <= 1)
    return next(near, m[1])


def dissent_in(text: str) -> bool | None:
    """True where the text says that the patient objects to sharing, False where it says that they do not, None where
    it is silent.

    Objection wins over agreement: a person then looks (referral-office section 6).
    """
    clean = _OBJECTS.sub(_mended, plain(text))
    if (m := _DISSENT.search(_NO_DISSENT.sub(" ", clean))) and _SHARE.search(
        clean[max(0, m.start() - 60) : m.end() + 120]
    ):
        return True
    for m in _CONSENTS.finditer(clean):
        if _OF_IMAGES.search(clean[m.start() : m.end() + 30]):
            continue  # consent to a photograph says nothing of the referral
        start = max(clean.rfind(". ", 0, m.start()), clean.rfind("; ", 0, m.start())) + 1
        if not _DENIES.search(_NO_DISSENT.sub(" ", clean[start:])):
            return False
    return None


def speaks_of_sharing(text: str) -> bool:
    """Whether the text speaks of sharing what is known of a person and does not plainly agree to it."""
    clean = plain(text)
    return not _AGREED.search(clean) and any(
        _OF_PERSON.search(clean[max(0, m.start() - 60) : m.end() + 60]) for m in _SPEAKS.finditer(clean)
    )


def one_line(texts: list[str], joiner: str = " ") -> str:
    """Lines of print as one line: each trimmed, joined, a hyphen at a line's end kept."""
    return re.sub(r"\s+", " ", joiner.join(t for t in (plain(x) for x in texts) if t)).strip()


def parse_words(text: str, longest: int = 80) -> str | None:
    """Short free text (specialty, practice name): trimmed of rules, bullets and stray marks; None when empty or too
    long.
    """
    clean = plain(text).strip(" ,;:.-_*|/\\=<>•·")
    clean = re.sub(r"(?:_{2,}|\.{3,})", " ", clean).strip()
    return clean if 2 <= len(clean) <= longest and re.search(r"[A-Za-z]{2}", clean) else None
