"""The layouts of the senders that are known: how to recognise one, and what its subject and labels mean.

HylaFAX labels are those of the templates in Debian's hylafax-server 6.0.7 (nine languages). Every site may edit these, so
nothing here decides whether something is taken; it only names facts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HYLAFAX_SUBJECT = (
    r"(?:Fax received(?: with errors)? from|Fax empfangen von|Fax recibido de|Télécopie reçue de|Fax ricevuto da|Odebrano fax od|"
    r"Fax recepcionado de|Fax recebido de|Fax primit de la)"
)


@dataclass(frozen=True)
class Shape:
    """One sender. It is recognised when `sender` or `subject` matches; group names in `facts` are fields."""

    name: str
    sender: re.Pattern[str] | None
    subject: re.Pattern[str] | None
    facts: tuple[re.Pattern[str], ...] = ()
    labels: dict[str, str] = field(default_factory=dict)


def _re(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


SHAPES: tuple[Shape, ...] = (
    Shape(
        "hylafax",
        _re(r"hylafax|faxmaster"),
        _re(rf"^{_HYLAFAX_SUBJECT}\b"),
        (_re(rf"^{_HYLAFAX_SUBJECT}\s+\"?(?P<csid>[^\"]*?)\"?\s*$"),),
        {"sender": "csid", "received on": "device", "callid1": "caller", "callid2": "caller_name"},
    ),
    Shape(
        "freepbx",
        _re(r"fax@freepbx|freepbx"),
        _re(r"^New fax (?:from|received)"),
        (_re(r"^New fax from:?\s*(?:\"(?P<caller_name>[^\"]*)\")?\s*<?(?P<caller>[+\d][\d ()-]*)?>?"),),
        {"on": "received_time", "via": "called_number", "for user": "desk_user"},
    ),
    Shape(
        "fusionpbx",
        _re(r"fusionpbx"),
        _re(r"^Fax Received: \S"),
        (),
        {"name": "desk_user", "extension": "called_number"},
    ),
    Shape(
        "asterisk_script",
        _re(r"\b(?:root|asterisk)@"),
        _re(r"^Incoming Fax from\b"),
        (_re(r"^Incoming Fax from\s+(?P<caller>\S+)\s*(?:\((?P<claimed_pages>\d+)\s*p)?"),),
    ),
    Shape(
        "rightfax",
        _re(r"rightfax"),
        _re(r"^A fax has arrived from remote ID"),
        (_re(r"remote ID '(?P<csid>[^']*)'"),),
        {"inbound user id": "desk_user", "routing code": "called_number", "result": "result"},
    ),
    Shape(
        "efax",
        _re(r"@(?:[\w.-]+\.)?efax\.com|efaxsend|j2\.com"),
        _re(r"^(?:eFax|Corporate eFax) message from\b"),
        (
            _re(r"message from \"?(?P<caller_name>[^\"]*?)\"?\s*-\s*(?P<claimed_pages>\d+)\s*page"),
            _re(r"Caller-ID:\s*(?P<caller>[+\d][\d ().-]*)"),
        ),
    ),
    Shape(
        "ringcentral",
        _re(r"@ringcentral\.com"),
        _re(r"^New Fax Message from\b"),
        (_re(r"^New Fax Message from\s+(?P<caller>.*?)\s+on\s+(?P<received_time>\d+/\d+/\d+.*)$"),),
        {"from": "caller", "to": "called_number"},
    ),
    Shape(
        "concord",
        _re(r"concord"),
        _re(r"^New \d+ ?(?:page|p)?.*fax message from\b"),
        (_re(r"^New (?P<claimed_pages>\d+)\D.*?fax message from\s+(?P<caller_name>[^,]*)(?:,\s*(?P<csid>.*))?$"),),
    ),
    Shape("interfax", _re(r"@interfax\.net|cloudfax"), None),
    Shape("xerox", _re(r"xerox"), _re(r"^Scanned from a Xerox")),
    Shape(
        "ricoh",
        _re(r"\bRNP[0-9A-F]{12}\b|ricoh"),
        _re(r"^(?:Message from \"?RNP|From .{0,60}\(Fax Message No)"),
        (_re(r"^From (?P<csid>.{0,60}?)\s*\(Fax Message No\.?\s*(?P<call_id>\d+)\)"),),
    ),
    Shape("konica_minolta", _re(r"\bKM_|konica|bizhub"), _re(r"^Message from KM_")),
    Shape("kyocera", _re(r"kyocera|taskalfa|ecosys"), _re(r"kyocera|taskalfa|ecosys")),
    Shape("nhsmail_secure", None, _re(r"\[secure\]")),
)

# Labels that mean the same wherever they stand, in small letters without blanks at the ends.
LABELS: dict[str, str] = {
    **dict.fromkeys(
        ("csid", "remote csid", "remote id", "remote station id", "tsi", "sender id", "station id", "remitente", "expéditeur",
         "mittente", "nadawca", "remetente", "expeditor", "sending fax"), "csid"),
    **dict.fromkeys(
        ("callid1", "anrufe id 1", "id llamada 1", "połączenie id1", "id chamada 1", "caller id", "caller-id", "caller number",
         "calling number", "from number", "ani", "caller", "cli", "fax from"), "caller"),
    **dict.fromkeys(
        ("callid2", "anrufe id 2", "id llamada 2", "połączenie id2", "id chamada 2", "caller name", "cnam"), "caller_name"),
    **dict.fromkeys(
        ("called number", "called", "to number", "dnis", "did", "dialed number", "dialled number", "destination number",
         "received on number", "fax number called", "routing code", "your fax number"), "called_number"),
    **dict.fromkeys(
        ("pages", "page", "number of pages", "page count", "total pages", "no. of pages", "no of pages", "pages received",
         "seiten", "páginas", "pagine", "stron", "pagini", "nombre de pages", "page(s)"), "claimed_pages"),
    **dict.fromkeys(
        ("commid", "kommunikationsid", "idcom", "nº de communication", "id komunikacji", "call id", "fax id", "job id", "unique id",
         "uniqueid", "transmission id", "message id", "reference id", "transaction id"), "call_id"),
    **dict.fromkeys(
        ("received", "received at", "date received", "time received", "received date", "received time", "received on", "date",
         "date/time", "date and time", "time", "empfangen", "recibido", "reçu le", "ricevuto", "otrzymano", "recebido",
         "recepţionat"), "received_time"),
    **dict.fromkeys(("result", "status", "fax status", "receive status", "completion status"), "result"),
    **dict.fromkeys(("errors", "error", "error message", "reason"), "errors"),
}  # fmt: skip

# The sentence with which HylaFAX says that the document is not whole; its subject and attachment look like any other's.
PARTIAL_MARKS = re.compile(
    r"Errors were received|received with errors|Das ganze Dokument wurde nicht empfangen|no se recibió en su totalidad|"
    r"document entier n'a pas été reçu|non è stato completamente ricevuto|Nie odebrano całości|não foi recepcionado na totalidade|"
    r"não foi recebido completamente|Au fost recepţionate erori|\bpartial(?:ly)? (?:fax|received)|\bincomplete fax|"
    r"fax (?:is|was) incomplete|not all pages (?:were|have been) received",
    re.I,
)
NOT_RECEIVED_MARKS = re.compile(
    r"Fax not received|Faxul nu a fost primit|fax reception failed|failed to receive (?:a |the )?fax", re.I
)
BAD_RESULT = re.compile(r"\b(?:partial|incomplete|fail|error|interrupt|abort|disconnect|hang ?up|lost)", re.I)
