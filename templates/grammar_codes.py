"""Numbers and codes: NHS number (Modulus 11), postcode, ODS code, telephone number, UBRN.

Sources: NHS Data Dictionary (NHS number: Modulus 11, weights 10 to 2), Royal Mail postcode shapes and areas, NHS
Organisation
Data Service (practice code: a letter and five digits), HES data dictionary (UBRN: twelve digits, printed in fours).
"""

from __future__ import annotations

import re

import nhs_number

from templates.grammar import Parsed, as_digit, as_letter, plain

_D = r"[0-9OoQDIil|!\]\[ZzSsGBbTgq]"
_TEN = re.compile(rf"(?<![A-Za-z0-9]){_D}(?:[ .,'\-/]{{0,2}}{_D}){{9}}(?![A-Za-z0-9])")
_TWELVE = re.compile(rf"(?<![A-Za-z0-9]){_D}(?:[ .\-/]{{0,2}}{_D}){{11}}(?![A-Za-z0-9])")

# Royal Mail's 124 postcode areas, with the three of the Crown dependencies.
_AREAS = frozenset(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH "
    "EN EX FK FY G GL GU GY HA "
    "HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR "
    "NW OL OX PA PE PH PL PO PR "
    "RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR "
    "WS WV YO ZE".split()
)
_SHAPES = ("AA99", "AA9", "A99", "A9", "AA9A", "A9A")
# Districts that end in a letter exist only in central London.
_LETTERED = re.compile(r"(?:EC[1-4][AMNPRVY]|SW1[AEHPVWXY]|WC[12][ABEHNRVX]|NW1W|SE1P|W1[A-HJKSTUW]|E1W|N1[CP])$")
_TOKEN = re.compile(r"(?<![A-Za-z0-9])([A-Za-z0-9|!]{2,4})[ .\-]{0,3}([A-Za-z0-9|!]{3})(?![A-Za-z0-9])")
_PRACTICE_LETTERS = "ABCDEFGHJKLMNPVWY"


def nhs_valid(digits: str) -> bool:
    """Ten ASCII digits that pass Modulus 11 and are not one digit ten times (the library takes 0000000000 and
    9999999999).
    """
    if not re.fullmatch(r"[0-9]{10}", digits) or len(set(digits)) == 1:
        return False
    return bool(nhs_number.is_valid(digits))


def _digits(text: str) -> tuple[str, int]:
    chars = [c for c in text if c not in " .,'-/"]
    return "".join(as_digit(c) or "?" for c in chars), sum(1 for c in chars if not c.isdigit())


def find_nhs_numbers(text: str) -> list[Parsed]:
    """All runs of ten digits that may be NHS numbers, in any spacing, left to right.

    A run that passes Modulus 11 carries the check `modulus 11`. One that fails is given only where no character was
    repaired, with a
    doubt, so that a person sees what the page says.
    """
    clean = plain(text)
    found = []
    for m in _TEN.finditer(clean):
        value, repairs = _digits(m[0])
        if repairs > 3 or "?" in value:
            continue
        if nhs_valid(value):
            found.append(Parsed(value, *m.span(), repairs, ("modulus 11",)))
        elif repairs == 0:
            found.append(Parsed(value, *m.span(), 0, (), ("the check digit of the NHS number is wrong",)))
    return found


def parse_nhs(text: str) -> Parsed | None:
    """The NHS number in a text that stands where one is expected: the first that passes Modulus 11, else the first of
    ten digits.
    """
    found = find_nhs_numbers(text)
    return next((p for p in found if p.checks), found[0] if found else None)


def parse_ubrn(text: str) -> Parsed | None:
    """A UBRN: twelve digits, kept as text with leading zeros. It has no check digit."""
    for m in _TWELVE.finditer(plain(text)):
        value, repairs = _digits(m[0])
        if repairs <= 2 and "?" not in value:
            return Parsed(value, *m.span(), repairs, ("twelve digits",))
    return None


def _fit(chars: str, shape: str) -> tuple[str, int] | None:
    """The characters in the given shape (A letter, 9 digit) and the number of repairs; None where they do not fit."""
    out, repairs = "", 0
    for char, want in zip(chars, shape, strict=True):
        got = as_letter(char) if want == "A" else as_digit(char)
        if got is None:
            return None
        repairs += got != char.upper()
        out += got
    return out, repairs


def _outward(chars: str) -> tuple[str, int] | None:
    best: tuple[str, int] | None = None
    for shape in _SHAPES:
        if len(shape) != len(chars):
            continue
        fit = _fit(chars, shape)
        if fit is None:
            continue
        area = re.match(r"[A-Z]+", fit[0])
        letters = shape.rstrip("A").rstrip("9")
        if area is None or fit[0][: len(letters)] not in _AREAS:
            continue
        district = fit[0][len(letters) :]
        if (len(district) > 1 and district[0] == "0") or (district[-1].isalpha() and not _LETTERED.match(fit[0])):
            continue
        if best is None or fit[1] < best[1]:
            best = fit
    return best


def find_postcodes(text: str) -> list[Parsed]:
    """All postcodes in the text, left to right, as `WF10 4PW`; repaired by position (O/0, I/1, S/5), areas checked."""
    clean = plain(text)
    found = []
    pos = 0
    while m := _TOKEN.search(clean, pos):
        outward, inward = _outward(m[1]), _fit(m[2], "9AA")
        if outward and inward and outward[1] + inward[1] and any(c.islower() and c not in "loiszq" for c in m[0]):
            # Words in small letters are no misread postcode: "89 The Crescent" is not B9 7HE.
            outward = None
        if outward and inward and not set(inward[0][1:]) & set("CIKMOV") and outward[1] + inward[1] <= 2:
            found.append(Parsed(f"{outward[0]} {inward[0]}", *m.span(), outward[1] + inward[1], ("postcode shape",)))
            pos = m.end()
        else:
            pos = m.start() + 1
    return found


def parse_postcode(text: str) -> Parsed | None:
    """The postcode in the text: the one with fewest repairs, the last of equals. Comb cells (`W F 1 0 4 P W`) are
    joined.
    """
    found = find_postcodes(text)
    if not found:
        joined = re.sub(r"(?<=\b[A-Za-z0-9]) (?=[A-Za-z0-9]\b)", "", plain(text))
        found = find_postcodes(joined)
    return min(reversed(found), key=lambda p: p.repairs) if found else None


def parse_ods(text: str) -> Parsed | None:
    """An organisation's ODS code, first a practice's (a letter and five digits), else another printed in capitals
    with a digit.
    """
    clean = plain(text)
    best: Parsed | None = None
    for m in re.finditer(
        r"(?<![A-Za-z0-9])([A-Za-z0-9|])[ ]?((?:[0-9OoQDIil|!ZzSsGBT] ?){4}[0-9OoQDIil|!ZzSsGBT])(?![A-Za-z0-9])", clean
    ):
        fit = _fit(m[1] + m[2].replace(" ", ""), "A99999")
        if fit is None or fit[1] > 2 or fit[0][0] not in _PRACTICE_LETTERS:
            continue
        if best is None or fit[1] < best.repairs:
            best = Parsed(fit[0], *m.span(), fit[1], ("practice code shape",))
    if best:
        return best
    other = re.search(r"(?<![A-Za-z0-9])(?=[A-Z0-9]*[0-9])[A-Z][A-Z0-9]{2,7}(?![A-Za-z0-9])", clean)
    return (
        Parsed(other[0], *other.span(), 0, (), ("this is not the usual shape of a practice code",)) if other else None
    )


_PHONE = re.compile(r"(?<![\dA-Za-z])(\+|\(?00)?\(?[\dOoIl](?:[\s().\-/]{0,3}[\dOoIl]){8,13}")


def find_phones(text: str) -> list[Parsed]:
    """All British telephone numbers in the text as digits, national form (`+44 (0)1642` becomes `01642`)."""
    clean = plain(text)
    found = []
    for m in _PHONE.finditer(clean):
        raw = m[0]
        digits = "".join(as_digit(c) or "" for c in raw if c.isalnum())
        repairs = sum(1 for c in raw if c.isalpha())
        digits = re.sub(r"^(?:0044|44)0?(?=[1-9]\d{8,9}$)", "0", digits)
        if len(digits) > 11 and re.match(r"0[1237]", digits):
            digits = digits[:11]
        if re.fullmatch(r"0[1-9]\d{8,9}", digits) and repairs <= 2:
            checks = ("telephone shape",) if len(digits) == 11 else ()
            doubts = () if checks else ("the telephone number is one digit short",)
            found.append(Parsed(digits, *m.span(), repairs, checks, doubts))
    return found


def parse_phone(text: str) -> Parsed | None:
    """The first telephone number in the text, as digits."""
    found = find_phones(text)
    return found[0] if found else None
