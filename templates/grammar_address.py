"""Addresses: the lines that make one, how they end, and the letters that print and pen lose in them."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

from templates.grammar import plain
from templates.grammar_codes import find_postcodes
from templates.grammar_words import one_line

# Larger post towns of the United Kingdom: a town with one letter misread is the town that it can only be.
_TOWNS = frozenset(
    """
    Aberdeen Abingdon Accrington Aldershot Altrincham Andover Ashford Aylesbury Banbury Bangor Barking Barnet Barnsley Barnstaple Barry
    Basildon Basingstoke Bath Batley Bedford Belfast Beverley Birkenhead Birmingham Blackburn Blackpool Bodmin Bolton Bootle Boston
    Bournemouth Bracknell Bradford Braintree Brentwood Bridgend Bridgwater Bridlington Brighouse Brighton Bristol Bromley Burnley Bury
    Buxton Camberley Cambridge Cannock Canterbury Cardiff Carlisle Castleford Chatham Chelmsford Cheltenham Chester Chesterfield Chichester
    Chippenham Chorley Cirencester Cleckheaton Clitheroe Coalville Colchester Corby Coventry Crawley Crewe Croydon Cwmbran Darlington
    Dartford Daventry Derby Dewsbury Doncaster Dorchester Dorking Dover Dudley Dundee Dunstable Durham Eastbourne Eastleigh Edinburgh Elland
    Enfield Epsom Exeter Falmouth Fareham Farnborough Farnham Folkestone Gateshead Gillingham Glasgow Glossop Gloucester Goole Gosport
    Grantham Gravesend Grimsby Guildford Halesowen Halifax Harlow Harrogate Harrow Hartlepool Hastings Hatfield Havant Hereford Hertford
    Hexham Hinckley Hitchin Holmfirth Horsham Hounslow Huddersfield Huntingdon Ilford Ilkeston Ilkley Inverness Ipswich Isleworth Keighley
    Kendal Kettering Kidderminster Kingston Knaresborough Lancaster Leamington Leatherhead Leeds Leicester Leigh Lichfield Lincoln Liverpool
    Llandudno London Londonderry Loughborough Lowestoft Luton Macclesfield Maidenhead Maidstone Malvern Manchester Mansfield Margate Matlock
    Middlesbrough Mirfield Morecambe Nelson Newark Newbury Newcastle Newport Newquay Northallerton Northampton Northwich Norwich Nottingham
    Nuneaton Oldham Ormskirk Ossett Oswestry Otley Oxford Paignton Penarth Penrith Penzance Peterborough Plymouth Pontefract Poole
    Portsmouth Preston Pudsey Ramsgate Reading Redcar Redditch Redhill Redruth Reigate Richmond Rochdale Rochester Romford Rotherham Rugby
    Rugeley Runcorn Ryde Salford Salisbury Scarborough Scunthorpe Selby Sevenoaks Sheffield Shipley Shrewsbury Sittingbourne Skegness
    Skelmersdale Skipton Slough Solihull Southall Southampton Southend Southport Spalding Stafford Staines Stamford Stevenage Stockport
    Stockton Stourbridge Stratford Stroud Sunderland Sutton Swansea Swindon Tamworth Taunton Telford Thetford Todmorden Tonbridge Torquay
    Trowbridge Truro Twickenham Uttoxeter Uxbridge Wakefield Wallasey Walsall Warrington Warwick Watford Wellingborough Wetherby Weymouth
    Whitby Whitehaven Widnes Wigan Wigston Winchester Windsor Woking Wokingham Wolverhampton Worcester Workington Worksop Worthing Wrexham
    Yeovil York
    """.split()
)
_ENDINGS = frozenset(
    "Road Street Lane Avenue Close Drive Court Grove Place Terrace Crescent Gardens Square Croft Mews Walk Hill View Fold Bank Green Park "
    "Rise".split()
)
# Words of their own that differ by one letter from one of those.
_NO_SLIP = frozenset(
    "rose wall mill dale line like lake love cove clove glove drove hall gate pace plane hell mile dell bark bent bend cross grade".split()
)
_MISREAD_NUMBER = re.compile(
    r"^((?:(?:Flat|Apartment|Apt|Unit)\s+\w+,?\s+)?)([\dIlO]*\d[\dIlO]*)(?=[A-Za-z]?,?\s)", re.I
)


def parse_address(lines: list[str]) -> str | None:
    """An address on one line without its postcode, telephone tail and empty commas; None where nothing is left."""
    kept: list[str] = []
    for line in map(plain, lines):
        if kept and ends_address(line):
            break
        kept.append(line.strip(" ,;"))
    text = re.sub(r"^(?:of|at|lives?\s+at|living\s+at)\s+(?=[A-Z\d])", "", one_line(kept, ", "))
    for found in reversed(find_postcodes(text)):
        text = text[: found.start] + text[found.end :]
    text = re.sub(r"\b(?:tel|telephone|phone|mobile|fax|post\s?code)\b[\s.:]*[\d\s()+]*", "", text, flags=re.I)
    text = re.sub(r"\W*(?:\+44\s?|\(?0)\d(?:[\s()\-]?\d){8,9}\W*$", "", text)  # a telephone behind the postcode
    text = re.sub(r"(?<![A-Za-z])['\"*]+|['\"*]+(?![A-Za-z])", "", text)
    # A speck read as a comma parts no word: "L,ane" is Lane.
    text = re.sub(r"(?<=[A-Za-z]),(?=[a-z])", "", text)
    text = re.sub(r"(?:\s*,\s*)+", ", ", text).strip(" ,.;:-")
    return text if len(text) >= 5 and re.search(r"[A-Za-z]{3}", text) else None


def mended_address(text: str) -> tuple[str, int]:
    """An address with what can only be meant put right, and how many letters that took: house number, kind of street, post town."""
    repairs = 0
    if m := _MISREAD_NUMBER.match(text):
        number = m[2].translate(str.maketrans("IlO", "110"))
        repairs += number != m[2]
        text = m[1] + number + text[m.end() :]
    # A speck or a full stop where the comma stood.
    text = re.sub(r"(?<=[a-z]{3})\s*\.\s+(?=[A-Z])", ", ", text)
    parts = text.split(", ")
    for n, part in enumerate(parts):
        words = part.split()
        if not words:
            continue
        known = _ENDINGS if len(words) > 2 else _TOWNS if n == len(parts) - 1 and len(words) == 1 else frozenset()
        if (meant := _one_letter_off(words[-1], known)) is not None:
            words[-1] = meant.upper() if words[-1].isupper() else meant
            parts[n] = " ".join(words)
            repairs += 1
    return ", ".join(parts), repairs


def _one_letter_off(word: str, known: frozenset[str]) -> str | None:
    """The one known word that differs by one letter; None where the word is known itself, short, or could be two."""
    low = word.lower()
    if len(word) < (6 if known is _TOWNS else 4) or low in _NO_SLIP or any(low == k.lower() for k in _ENDINGS | _TOWNS):
        return None
    close = [k for k in known if Levenshtein.distance(low, k.lower(), score_cutoff=1) <= 1]
    return close[0] if len(close) == 1 else None


_NO_ADDRESS = re.compile(
    r"^\W*(?:(?:routine|urgent|2ww|two week|suspected)\b.*|yes|no|n/?a|none\b.*|male|female|m|f|english|"
    r"(?:mr|mrs|miss|ms|dr|prof)\b.*|(?:tel|phone|mobile|fax|dob|nhs|email|born)\b.*)\W*$|"
    r"@|(?:\d[\s().\-]*){8,}|\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\b(?:wife|husband|daughter|son|mother|father)\b",
    re.I,
)


def ends_address(line: str) -> bool:
    """Whether a line beneath an address is no longer part of it: a number of another kind, a person, an answer."""
    return _NO_ADDRESS.search(plain(line)) is not None


_STREET = re.compile(
    r"(?:(?:Flat|Apt|Unit)\s+\d{1,3}[A-Za-z]?,?\s+)?\d{1,4}[A-Za-z]?,?\s+[A-Z][a-z]+(?:[ ,]+[A-Z][\w'.\-]*){1,8}$"
)
_HOUSE = re.compile(
    r"[A-Z][\w'.\- ]{2,30}, (?:[A-Z][\w'.\-]+ ){1,3}(?:Road|Rd|Street|St|Lane|Avenue|Ave|Close|Drive|Way|Court|Grove|Place|Terrace|Crescent|"
    r"Gardens|Hill|View|Square|Mews|Row|Walk|Park|Rise|Croft|Green)(?:, [A-Z][\w'.\- ]{2,30})?$|"
    r"[A-Z][\w'.\- ]{2,30}, The [A-Z][a-z]+(?:, [A-Z][\w'.\- ]{2,30})?$"
)


def is_home(text: str) -> bool:
    """Whether a text is an address: a number and a street, or a house's name, its street and its town."""
    return _STREET.match(text) is not None or _HOUSE.match(text) is not None
