"""What a label means by the words it is made of, however a form composes them ("Patient's tel. no (daytime)").

No list holds every form's wordings. A label is a short phrase in which every word is a word of labels: one of them names the kind
of value (surname, born, postcode), others say whose it is (patient, surgery, next of kin), the rest only fill.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

_PATIENT = frozenset("patient patients pt pts client clients child childs your person".split())
_REFERRER = frozenset(
    "gp gps practice practices surgery surgeries referrer referrers referring referred doctor doctors dr dentist dental "
    "optometrist optometrists optician midwife clinician clinicians practitioner requesting requester requestor sender therapist "
    "therapists physiotherapist physio podiatrist audiologist pharmacist paramedic dietitian dietician osteopath radiographer "
    "organisation org medical nurse signatory general health optometry ods nacs".split()
)
_OTHER = frozenset(
    "next kin nok carer carers guardian parent parents mother father spouse partner emergency hospital hospitals unit lab "
    "laboratory accession specimen sample mrn registered usual own previous former maiden old alternative consultants "
    "pharmacy school social interpreter billing invoice gmc goc gdc nmc receiving local pas case casenote casenotes "
    "relatives friend district relative relationship secretary keyworker trust ward employer occupation ethnic ethnicity religion "
    "language transport mobility marital country nationality allergies temporary correspondence delivery".split()
)
_FILL = frozenset(
    "the of to in and or no nos number numbers num full block capitals capital letters please print printed required requested "
    "request if known day daytime evening home work main preferred best contact details detail this any current permanent "
    "residential for with by title first last is name names a b c d e section part information particulars demographics "
    "including incl include inc different at birth date dates where residence available digits digit new administrative legal "
    "identifier id registration role job position designation grade self making who on s dd mm yyyy yy referral refer "
    "referrals data about address addresses tel telephone phone national code area landline initial initials office "
    "what was were when where which do does they their live lives it made making who whom would like we see you "
    "stamp clear clearly write own use format town county street house include age needed need wanted time call years yrs location site "
    "be ring reach on been has group tumour cancer suspected him her them whose under one if booked issued already known allocated".split()
)
_KEYS = frozenset(
    "nhs surname surnames forename forenames christian given middle second other family dob born birthdate sex gender "
    "postcode postal post pcode mobile cell fax facsimile email mail address tel telephone phone phones code ubrn "
    "priority urgency urgent specialty speciality service services clinic department dept consultant named attention "
    "signed completed sent posted faxed decision written request requested letter form received admission appointment seen discharge "
    "onset collected visit test printed reported date today dated time chi decision degree clinical type how "
    "lives living resides residing resident attn fao soon line bypass switchboard direct urgently from".split()
)
_ALL = _PATIENT | _REFERRER | _OTHER | _FILL | _KEYS
_LONG = tuple(w for w in sorted(_ALL) if len(w) >= 5)
_DECOY_DATES = frozenset(
    "received admission appointment seen discharge onset collected visit test printed reported clinic time".split()
)
_OWN_DATES = frozenset(
    "referral referred refer request requested letter form decision sent completed signed written today this".split()
)
_ROLES = frozenset(
    "gp doctor dr dentist optometrist optician midwife therapist physiotherapist physio podiatrist audiologist pharmacist paramedic "
    "dietitian dietician osteopath radiographer clinician practitioner nurse referrer referrers requester "
    "requestor sender signatory person".split()
)
_DWELLS = frozenset("lives living resides residing resident".split())
_DONE = frozenset("signed completed sent posted faxed written referred decision".split())
# What a label may say before its preposition ("Lives at", "Sent on", "To be seen in").
_VERBS = _DWELLS | _DONE | {"seen", "attention", "attn", "refer", "from", "referral", "live", "registered"}
_PLACES = frozenset("practice surgery organisation org practices optometry dental".split())


# Thin copies lose the strokes that tell these letters apart: "TEL" comes as "ILL", "PERMANENT" as "PFRMANENI".
_THIN = str.maketrans("eftlj1", "iiiiii")
_WORN_TEL = frozenset({"ill", "tll", "iel", "til", "tfl", "ifl", "tei", "iei"})
_FOLDED = [w.translate(_THIN) for w in _LONG]
_BY_STROKES = {w.translate(_THIN): w for w in _LONG if _FOLDED.count(w.translate(_THIN)) == 1}


_Test = Callable[[frozenset[str], str, bool, bool], str | None]


@lru_cache(maxsize=8192)
def known_word(word: str) -> str | None:
    """The word of labels that this is, one letter in five allowed to be misread; None for a word that labels do not use."""
    if word in _ALL:
        return word
    if word in _WORN_TEL:
        return "tel"
    if len(word) < 5 or any(c.isdigit() for c in word):
        return None
    if (worn := _BY_STROKES.get(word.translate(_THIN))) is not None:
        return worn
    most = 1 if len(word) < 8 else 2
    found = process.extract(word, _LONG, scorer=Levenshtein.distance, score_cutoff=most, limit=2)
    if not found or (len(found) > 1 and found[1][1] == found[0][1]):
        return None
    return str(found[0][0])


def _apart(tokens: Sequence[str]) -> list[str]:
    """The tokens with "no" and "number" cut off words that they ran into ("telno", "ILLNO")."""
    found: list[str] = []
    for token in tokens:
        tail = next((t for t in ("number", "no") if token.endswith(t) and len(token) > len(t) + 2), None)
        head = token[: -len(tail)] if tail else ""
        if tail and known_word(token) is None and known_word(head) is not None:
            found += [head, tail]
        else:
            found.append(token)
    return found


def concept_of(tokens: Sequence[str]) -> tuple[str, str] | None:
    """What a phrase of small-letter words names and what it may head: ("patient.phone", ""), ("section:patient", "patient"),
    ("decoy", ""); None where a word is no word of labels, or the words name nothing.
    """
    if not 1 <= len(tokens) <= 9:
        return None
    words: list[str] = []
    for token in _apart(tokens):
        word = known_word(token) if not token.isdigit() else ("" if len(token) == 1 else None)
        if word is None:
            return None
        if word:
            words.append(word)
    if (
        len(words) < 2
        or len(set(words)) < len(words)
        or (
            words[-1] in ("of", "the", "and", "or", "to", "for", "by", "in", "at", "a", "from", "on")
            and not set(words) & _VERBS
        )
    ):
        return None
    found = _named(frozenset(words))
    if found == "decoy":
        return found, ""
    return (found, found.removeprefix("section:") if found.startswith("section:") else "") if found else None


def _whose(said: frozenset[str]) -> str:
    if said & _OTHER:
        return "other"
    if said & (_PATIENT - {"person", "your"}):
        return "patient"
    return "referrer" if said & _REFERRER else ""


def _named(said: frozenset[str]) -> str | None:
    """The field, loose label, section or decoy that a set of label words names."""
    whose = _whose(said)
    number = bool(said & {"no", "nos", "number", "numbers", "num", "id", "identifier"})
    name = bool(said & {"name", "names"})
    if {"national", "health", "service"} <= said:
        return "patient.nhs_number" if number else None
    if "nhs" in said:
        return "patient.nhs_number" if number and not said & {"trust", "mail", "email", "hospital"} else None
    if said & {"fax", "facsimile", "email"}:
        return "decoy"
    if name and said & {"address", "addresses"}:
        return {"referrer": "loose:referrer_block", "other": "decoy"}.get(whose, "loose:patient_block")
    if (said & _DWELLS or "live" in said) and said & {"at", "where"} and whose in ("", "patient"):
        return "patient.address"
    if whose == "other":
        return "decoy" if name or number or said & (_KEYS - {"clinical"}) or {"details"} & said else None
    tests: tuple[_Test, ...] = (_of_person, _of_contact, _of_date, _of_ask, _of_referrer)
    # A date of something that is not known names nothing else.
    for test in tests[: 3 if said & {"date", "dates", "dated"} else 5]:
        if (found := test(said, whose, number, name)) is not None:
            return found
    if said & {"details", "information", "particulars", "demographics", "section", "part", "data"}:
        if whose in ("patient", "referrer"):
            return f"section:{whose}"
        return "section:referral" if said & {"referral", "request"} else None
    return None


def _of_person(said: frozenset[str], whose: str, number: bool, name: bool) -> str | None:
    if said & {"dob", "born", "birthdate"} or {"birth", "date"} <= said:
        return "patient.birth_date"
    both = said & {"surname", "surnames", "family"} and (
        said & {"forename", "forenames"} or (name and said & {"first", "given"})
    )
    if both and whose in ("", "patient"):
        return "patient.name"  # "Patient (title, first name, surname)"
    if said & {"surname", "surnames"} or (name and said & {"family", "last", "second"} and "first" not in said):
        return {"referrer": "decoy"}.get(whose, "patient.family_name")
    if said & {"forename", "forenames", "christian"} or (name and said & {"first", "given", "middle", "other"}):
        return {"referrer": "decoy"}.get(whose, "patient.given_names")
    return "patient.gender" if said & {"sex", "gender"} else None


def _of_contact(said: frozenset[str], whose: str, number: bool, name: bool) -> str | None:
    if said & {"address", "addresses", "residence"}:
        if whose == "referrer":
            return "decoy"
        return "patient.address" if whose or said & {"home", "permanent", "residential"} else "loose:address"
    if said & {"postcode", "pcode"} or {"post", "code"} <= said or {"postal", "code"} <= said:
        return {"patient": "patient.postcode", "referrer": "decoy"}.get(whose, "loose:postcode")
    if said & {"bypass", "switchboard"} and whose in ("", "referrer"):
        return "referrer.phone"
    if said & {"tel", "telephone", "phone", "phones", "mobile", "cell", "landline", "line"} or (
        number and said & {"contact", "ring", "reach", "call"}
    ):
        if whose or "your" in said:
            return f"{whose or 'referrer'}.phone"
        if said & {"department", "dept", "clinic"}:
            return None  # some office's, by its neighbours the sender's or the hospital's own
        return "patient.phone" if said & {"home", "daytime", "evening", "mobile"} else "loose:phone"
    if "code" in said:
        return "referrer.practice_code" if whose == "referrer" and not said & {"national", "doctor", "dr"} else None
    return None


def _of_date(said: frozenset[str], whose: str, number: bool, name: bool) -> str | None:
    if said & {"date", "dates", "dated"}:
        if said & _DECOY_DATES:
            return "decoy"
        return "referral.date" if said & _OWN_DATES or whose == "referrer" else None
    if {"decision", "refer"} <= said or ("on" in said and said & _DONE and not said & {"at", "seen"}):
        return "referral.date" if whose != "patient" else None
    if {"when", "referral"} <= said and said & {"made", "sent", "written"}:
        return "referral.date"
    return None


def _of_ask(said: frozenset[str], whose: str, number: bool, name: bool) -> str | None:
    if ({"who", "referral"} <= said and said & {"making", "made"}) or {"who", "referring"} <= said:
        return "referrer.name"
    if "ubrn" in said:
        return "referral.ubrn"
    if said & {"priority", "urgency"} or ("how" in said and said & {"urgent", "urgently", "soon"}):
        return "referral.priority"
    if (said & {"consultant", "clinician", "named"} and said & {"preferred", "named"}) or said & {
        "attention",
        "attn",
        "fao",
    }:
        return "referral.named_clinician"
    if "from" in said:
        return "referrer.name" if said & (_ROLES | {"referred", "referral"}) and not said & _PLACES else None
    if said & {"specialty", "speciality"}:
        return "referral.specialty"
    if "tumour" in said or {"seen", "to", "be", "in"} <= said:
        return "referral.specialty"
    asks = (
        said & {"requested", "required", "to", "referred", "clinical", "wanted", "needed", "preferred", "which"}
        and whose != "patient"
    )
    if said & {"service", "services", "clinic", "department", "dept"} and asks and not name:
        return "referral.specialty"
    return None


def _of_referrer(said: frozenset[str], whose: str, number: bool, name: bool) -> str | None:
    if name:
        if whose == "patient":
            return "patient.name"
        if said & _PLACES or "medical" in said:
            return "referrer.practice_name"
        if said & (_ROLES - {"person"}) or said & {"referring", "requesting", "making"}:
            return "referrer.name"
        if "person" in said:
            return "loose:name"  # the person referred, or the person referring
        return "referrer.name" if "print" in said or "printed" in said else "loose:name"
    if said & {"details", "information", "particulars", "demographics", "section", "part", "data", "stamp"}:
        return None
    if said & {"referring", "requesting", "referred", "making"} and said & (_ROLES | {"by"}):
        return "referrer.name" if not said & _PLACES else None
    if (
        said & _PLACES
        and not said & {"patient", "by", "manager"}
        and said <= _PLACES | _REFERRER | {"the", "your", "of", "or", "which", "what", "is"}
    ):
        return "referrer.practice_name"
    return None
