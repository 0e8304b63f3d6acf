"""Facts about a fax that its mail states: CSID, caller, called number, pages, call id, errors, times; each with its source.

CSID, caller and called number are four different things with the caller's name: a text programmed into the sending machine,
what the network says, and where the call went. They are kept apart and nothing is believed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from email.message import Message

from inbox.mail_parts import Leaf, content_type, header, parameter
from inbox.names import from_bytes, line, shown
from inbox.sender_shapes import BAD_RESULT, LABELS, NOT_RECEIVED_MARKS, PARTIAL_MARKS, SHAPES, Shape
from inbox.tiff_facts import tiff_facts
from inbox.unpacked import FoundFile, Hint, UnpackLimits

FIELDS = (
    "csid", "caller", "caller_name", "called_number", "claimed_pages", "call_id", "errors", "result", "received_time", "device",
    "desk_user", "receive_seconds", "message_id", "date", "from", "subject", "partial_id", "partial_number", "partial_total",
)  # fmt: skip
_LABEL_LINE = re.compile(r"^[\s*•-]{0,40}([^\s:\t][^:\t]{0,40}?)\s*(?::|\t)[\s\t]*(\S.{0,200})?$")
_SUBJECT_PAGES = re.compile(r"\b(\d{1,4})\s*(?:page(?:s|\(s\))?|pgs?)\b", re.I)
_PAGE_RECORD = re.compile(r"Page record:\s*\d+\s*-\s*(\d{1,4})", re.I)
_HIDDEN = re.compile(r"<(script|style)\b")
_NOTHING = {"", "-", "unknown", "none", "n/a", "<unspecified>", "unavailable", "anonymous", "null", "0"}


def shape_of(top: Message, subject: str) -> Shape | None:
    """The sender whose layout this is, by its From address first, then by its subject."""
    sender = f"{header(top, 'from')} {header(top, 'x-mailer')}"[:500]
    for shape in SHAPES:
        if shape.sender is not None and shape.sender.search(sender):
            return shape
    return next((shape for shape in SHAPES if shape.subject is not None and shape.subject.search(subject)), None)


def body_text(leaves: list[Leaf], limits: UnpackLimits) -> str:
    """The words of the mail, plain text first, HTML as text behind it; cut at the limit."""
    texts: list[str] = []
    for wanted in ("text/plain", "text/html"):
        for leaf in leaves:
            if leaf.is_body_text and leaf.declared_type == wanted:
                text = from_bytes(leaf.data[: limits.text_bytes], parameter(leaf.part, "charset") or None)
                texts.append(html_to_text(text) if wanted == "text/html" else text)
    return "\n".join(texts)[: limits.text_bytes]


def html_to_text(markup: str) -> str:
    """Words of an HTML text with cells parted by tabs. Links are kept as text and nothing is fetched or drawn."""
    text = _without_hidden(markup)
    links = re.findall(r"""(?i)href\s*=\s*["']?(https?://[^\s"'<>]{1,300})""", text[:100_000])
    text = re.sub(r"[\r\n]+", " ", text)
    text = re.sub(r"(?i)</t[dh]\s*>", "\t", text)
    text = re.sub(r"(?i)<(?:br|/p|/tr|/div|/li|/h\d)\b[^<>]{0,200}>", "\n", text)
    text = html.unescape(re.sub(r"<[^<>]{0,2000}>", "", text)).replace("\xa0", " ")
    return text + "\n" + "\n".join(links[:50])


def _without_hidden(markup: str) -> str:
    """The markup without scripts and styles; searched by hand, for a pattern would be slow on a thousand open tags."""
    shown: list[str] = []
    at = 0
    low = markup.lower()
    while opened := _HIDDEN.search(low, at):
        shown.append(markup[at : opened.start()])
        closed = low.find("</" + opened.group(1), opened.end())
        at = low.find(">", closed) + 1 if closed >= 0 else 0
        if not at:
            return " ".join(shown)
    return " ".join([*shown, markup[at:]])


def collect_hints(top: Message, subject: str, body: str) -> list[Hint]:
    """Every fact of headers, subject and body, in this order, without repeats."""
    shape = shape_of(top, subject)
    name = shape.name if shape else None
    found: list[Hint] = []

    def add(field: str, value: str, source: str) -> None:
        value = line(value, 200)
        value = value if source == "header" else value.strip(" \"'")
        hint = Hint(field, value, source, name)
        if value.lower() not in _NOTHING and hint not in found and len(found) < 200:
            found.append(hint)

    for field, wanted in (("message_id", "message-id"), ("date", "date"), ("from", "from"), ("subject", "subject")):
        add(field, header(top, wanted), "header")
    for field, wanted in (
        ("csid", "x-fax-csid"),
        ("caller", "x-fax-caller"),
        ("called_number", "x-fax-called"),
        ("call_id", "x-fax-id"),
    ):
        add(field, header(top, wanted), "header")
    if content_type(top) == "message/partial":
        for wanted in ("id", "number", "total"):
            add(f"partial_{wanted}", parameter(top, wanted), "header")
    for pattern in shape.facts if shape else ():
        match = pattern.search(subject)
        for field, value in (match.groupdict() if match else {}).items():
            add(field, value or "", "subject")
    if pages := _SUBJECT_PAGES.search(subject):
        add("claimed_pages", pages.group(1), "subject")
    if shape is not None or re.search(r"\bfax\b", subject + body[:2000], re.I):
        _from_body(body, shape, add)
    return found


def _from_body(body: str, shape: Shape | None, add: Callable[[str, str, str], None]) -> None:
    labels = LABELS | (shape.labels if shape else {})
    for text in body.splitlines()[:2000]:
        match = _LABEL_LINE.match(text[:300])
        if match is None or match.group(2) is None:
            continue
        field = labels.get(" ".join(match.group(1).lower().split()))
        value = match.group(2).strip()
        if field == "claimed_pages":
            number = re.match(r"(\d{1,4})\b(?!\s*[/:.])", value)
            value = number.group(1) if number else ""
        if field == "call_id":
            value = value.split()[0]
        if field:
            add(field, value, "body")
    if record := _PAGE_RECORD.search(body):
        add("claimed_pages", record.group(1), "body")
    if mark := PARTIAL_MARKS.search(body) or NOT_RECEIVED_MARKS.search(body):
        add("errors", mark.group(0), "body")


def file_hints(file: FoundFile) -> list[Hint]:
    """What a file's own tags state. HylaFAX writes CSID, caller number and caller name as lines of the description."""
    if file.media_type != "image/tiff":
        return []
    facts = tiff_facts(file.data)
    found: list[Hint] = []
    if "hylafax" in facts.texts.get("software", "").lower() or facts.receive_seconds is not None:
        lines = facts.texts.get("description", "").splitlines()[:3]
        for field, value in zip(("csid", "caller", "caller_name"), lines, strict=False):
            if line(value).lower() not in _NOTHING:
                found.append(Hint(field, line(value, 200), "tiff tag"))
    if facts.texts.get("date"):
        found.append(Hint("received_time", line(facts.texts["date"], 40), "tiff tag"))
    if facts.receive_seconds is not None:
        found.append(Hint("receive_seconds", str(facts.receive_seconds), "tiff tag"))
    return found


def name_hints(name: str, shape: str | None) -> list[Hint]:
    """FusionPBX states the caller only in the file name, `<caller>-<date>.pdf`."""
    match = re.match(r"(\+?\d{5,15})-\d{4,}", shown(name)) if shape == "fusionpbx" else None
    return [Hint("caller", match.group(1), "name", shape)] if match else []


def claimed_pages(hints: list[Hint]) -> int | None:
    """The stated number of pages of the whole message; None when none or two different ones are stated."""
    stated = {int(hint.value) for hint in hints if hint.field == "claimed_pages" and hint.value.isdecimal()}
    return stated.pop() if len(stated) == 1 else None


def says_partial(subject: str, body: str, hints: list[Hint]) -> bool:
    """Whether the sender admits that pages are missing (inbound-mail.md 2.1)."""
    bad = any(hint.field == "result" and BAD_RESULT.search(hint.value) for hint in hints)
    return bad or bool(PARTIAL_MARKS.search(subject) or PARTIAL_MARKS.search(body))


def says_not_received(body: str) -> bool:
    """Whether the fax server tells of a call from which nothing was received."""
    return bool(NOT_RECEIVED_MARKS.search(body))
