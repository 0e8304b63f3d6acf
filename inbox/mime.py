"""Unpacks one delivery, a mail or a file, into documents, hints and flags. Never raises, whatever the bytes are."""

from __future__ import annotations

import re
from email.message import Message

from inbox.grouping import Candidate, group, is_decoration
from inbox.hints import (
    body_text,
    claimed_pages,
    collect_hints,
    file_hints,
    name_hints,
    says_not_received,
    says_partial,
    shape_of,
)
from inbox.kinds import DANGEROUS, kind_of
from inbox.mail_nature import is_link_only, is_locked_notice, is_lure, is_secure_subject, nature_flags
from inbox.mail_parts import Leaf, Walk, content_type, header, walk_inside, walk_mail
from inbox.names import line, shown
from inbox.tiff_facts import tiff_facts
from inbox.unpacked import FoundFile, Ignored, Unpacked, UnpackLimits
from inbox.wrappers import Wrapped, from_tnef, from_uuencode

_QUIET_TYPES = {
    "text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/x-amp-html", "application/pgp-signature",
    "message/delivery-status", "message/disposition-notification", "text/rfc822-headers",
    "application/pkcs7-signature", "application/x-pkcs7-signature",
}  # fmt: skip
_EXCHANGE_TEXT = re.compile(r"ATT\d{3,6}\.(?:txt|html?)$", re.I)
_TELL = {"too_many_parts", "nested_too_deep", "too_large", "damaged", "split_message"}
_MAIL_ROUTES = {"smtp", "mailbox"}


def unpack(data: bytes, *, route: str, name: str | None, limits: UnpackLimits | None = None) -> Unpacked:
    """What one delivery holds. `route` and `name` are those of the delivery; a file that is a mail by content is a mail."""
    limits = limits or UnpackLimits()
    try:
        if route in _MAIL_ROUTES or kind_of(data).media_type == "message/rfc822":
            return _unpack_mail(data, limits)
        return _unpack_file(data, name or "")
    except Exception as error:  # a mail that no rule foresaw: a person opens it (P7)
        says = f"This message cannot be opened ({type(error).__name__}): open the original by hand."
        return Unpacked((), (), ("damaged",), "no_document", says)


def _found(data: bytes, name: str, declared: str) -> FoundFile:
    kind = kind_of(data)
    pages = tiff_facts(data).pages if kind.media_type == "image/tiff" else None
    return FoundFile(data, kind.media_type, line(declared, 100), shown(name), kind.unsupported, pages)


def _unpack_file(data: bytes, name: str) -> Unpacked:
    files = [_found(data, name, "")]
    flags: list[str] = []
    if files[0].media_type == "application/ms-tnef":
        files = [_found(inner.data, inner.name, "") for inner in from_tnef(data) or []] or files
    elif files[0].media_type == "text/plain" and (inside := from_uuencode(data)):
        files = [_found(inner.data, inner.name, "") for inner in inside]
    _flag_files(files, flags)
    hints = [hint for file in files for hint in file_hints(file)]
    documents = group(files, flags)
    says = next((document.unsupported for document in documents if document.unsupported), None)
    return Unpacked(tuple(documents), tuple(hints), tuple(flags), "documents", says)


def _unpack_mail(data: bytes, limits: UnpackLimits) -> Unpacked:
    top, walk = walk_mail(data, limits)
    _open_wrappers(walk)
    subject = header(top, "subject")
    body = body_text(walk.leaves, limits)
    hints = collect_hints(top, subject, body)
    flags = nature_flags(top, walk, subject)
    candidates, ignored = _candidates(walk, body)
    divided = content_type(top) == "message/partial"
    files = [] if divided else [candidate.file for candidate in candidates]
    flags += [flag for flag in walk.flags if flag not in flags]
    _flag_files(files, flags)
    if any(leaf.damaged for leaf in walk.leaves):
        flags.append("damaged")
    shape = shape_of(top, subject)
    for file in files:
        hints += [
            hint
            for hint in (*file_hints(file), *name_hints(file.name, shape.name if shape else None))
            if hint not in hints
        ]
    if says_partial(subject, body, hints):
        flags.append("partial_fax")
    readable = any(file.unsupported is None for file in files)
    quiet = {item.name for item in ignored}
    names = [leaf.name for leaf in walk.leaves if leaf.name and shown(leaf.name) not in quiet]
    if any(is_locked_notice(leaf.name) for leaf in walk.leaves) or (not files and is_secure_subject(subject)):
        flags.append("encrypted")
    elif is_lure(names, any(file.media_type in DANGEROUS for file in files), readable, subject, body):
        flags.append("phishing_suspect")
    if divided:
        flags.append("split_message")
    elif not files and is_link_only(subject, body):
        flags.append("link_only")
    flags = list(dict.fromkeys(flags))
    documents = group(files, flags) if files else []
    says = _sentence(flags, body, files, hints=[hint.value for hint in hints if hint.field.startswith("partial_")])
    return Unpacked(
        documents=tuple(documents),
        hints=tuple(hints),
        flags=tuple(flags),
        outcome="documents" if documents else "no_document",
        says=says if not readable or _TELL.intersection(flags) else None,
        claimed_pages=claimed_pages(hints),
        ignored=tuple(ignored),
    )


def _open_wrappers(walk: Walk) -> None:
    """Replace winmail.dat, attached mails without a mail type, and uuencoded text by what they hold."""
    done: list[Leaf] = []
    todo = list(walk.leaves)
    for leaf in todo:
        kind = kind_of(leaf.data).media_type if leaf.data else ""
        inside: list[Wrapped] | None = None
        if kind == "application/ms-tnef":
            inside = from_tnef(leaf.data)
        elif kind == "text/plain" and b"begin" in leaf.data:
            inside = from_uuencode(leaf.data)
        elif (
            kind == "message/rfc822"
            and not leaf.is_body_text
            and leaf.nested < walk.limits.depth
            and "nested_too_deep" not in walk.flags
        ):
            walk.leaves = []
            walk_inside(leaf.data, walk, depth=leaf.nested + 1, nested=leaf.nested + 1)
            done += walk.leaves
            continue
        if inside:
            done += [
                Leaf(
                    item.data,
                    "application/octet-stream",
                    item.name,
                    "attachment",
                    "",
                    leaf.nested,
                    Message(),
                    item.damaged,
                )
                for item in inside
            ]
        if not inside or kind == "text/plain":
            done.append(leaf)
    walk.leaves = done[: walk.limits.parts]
    if len(done) > walk.limits.parts:
        walk.flag("too_many_parts")


def _candidates(walk: Walk, body: str) -> tuple[list[Candidate], list[Ignored]]:
    """The leaves that are documents, and those that are not, with the reason."""
    markup = b"\n".join(leaf.data[:300_000] for leaf in walk.leaves if leaf.declared_type == "text/html").decode(
        "latin-1"
    )
    referenced = set(re.findall(r"cid:([^\"'\s<>)]{1,300})", markup))
    kept: list[Candidate] = []
    ignored: list[Ignored] = []
    for leaf in walk.leaves:
        file = _found(leaf.data, leaf.name, leaf.declared_type)
        why = _no_document(leaf, file)
        candidate = Candidate(
            file, leaf.disposition == "inline" or bool(leaf.content_id), leaf.content_id in referenced
        )
        if why is None and is_decoration(candidate):
            why = "a logo or signature picture"
        if why is None:
            kept.append(candidate)
        elif why:
            ignored.append(Ignored(file.name, file.media_type, why))
    return kept, ignored


def _no_document(leaf: Leaf, file: FoundFile) -> str | None:
    """Why a leaf is no document; an empty string for the words of the mail itself, None when it is one."""
    if leaf.declared_type in _QUIET_TYPES:
        return "a part for mail programs"
    if leaf.name.lower().endswith(".p7s") or leaf.data[:17].startswith((b"BEGIN:VCARD", b"BEGIN:VCALENDAR")):
        return "a signature, a visiting card or an appointment"
    if _EXCHANGE_TEXT.match(leaf.name) and file.media_type in ("text/plain", "text/html") and len(leaf.data) < 2000:
        return "a scrap of text that Exchange puts behind attachments"
    if is_locked_notice(leaf.name) and file.media_type == "text/html":
        return "the locked message of NHSmail, to be opened on its web site"
    if leaf.is_body_text and file.media_type in ("text/plain", "text/html", "message/rfc822"):
        return ""
    if leaf.is_body_text and not leaf.data.strip():
        return ""
    if leaf.is_body_text and file.media_type == "application/octet-stream" and b"\0" not in leaf.data[:1024]:
        return ""
    if file.media_type == "text/plain" and from_uuencode(leaf.data):
        return ""
    if not leaf.data and not leaf.name and leaf.disposition != "attachment":
        return ""
    return None


def _flag_files(files: list[FoundFile], flags: list[str]) -> None:
    for file in files:
        if not file.data:
            flags.append("empty_attachment")
        elif file.media_type in ("application/pkcs7-mime", "application/pgp-encrypted") or (
            file.media_type == "application/pdf" and file.unsupported
        ):
            flags.append("encrypted")
        elif file.unsupported:
            flags.append("unsupported_type")
        elif file.media_type == "image/tiff" and tiff_facts(file.data).damaged:
            flags.append("damaged")
        if file.media_type in DANGEROUS:
            flags.append("phishing_suspect")
    flags[:] = dict.fromkeys(flags)


_SENTENCES: tuple[tuple[str, str], ...] = (
    ("phishing_suspect", "This looks like a lure: open nothing in it, follow no link, and tell your security desk if it is new."),
    ("split_message", "This is one part of a divided mail: put the parts together, or ask the sender for it in one mail."),
    ("bounce", "This is a notice that a mail could not be delivered: see which mail of yours it was."),
    ("receipt", "This is a receipt for a mail of yours; there is no document in it."),
    ("auto_reply", "This is an automatic answer; there is no document in it."),
    ("sent_confirmation", "This tells of a fax that was sent from here; there is no document in it."),
    ("device_notice", "This is a notice of a machine about itself; there is no document in it."),
    ("encrypted", "This message is encrypted or [secure]: open it in the mailbox, save its documents and add them here."),
    ("link_only", "The fax itself lies behind a link: fetch it from the fax service after checking the sender, and add it here."),
    ("too_many_parts", "This message has more parts than are opened here: open the original and add its documents."),
    ("nested_too_deep", "The forwarded mails in it lie too deep in each other: open the original and add its documents."),
    ("too_large", "This message unpacks to more than is opened here: open the original and add its documents."),
    ("damaged", "This message was cut on its way: ask the sender to send it again."),
)  # fmt: skip


def _sentence(flags: list[str], body: str, files: list[FoundFile], hints: list[str]) -> str:
    """What a person is told about a mail from which no machine can go on."""
    if files and (sentence := next((file.unsupported for file in files if file.unsupported), None)):
        return sentence
    for flag, sentence in _SENTENCES:
        if flag in flags:
            return (
                f"{sentence[:-1]} (part {' of '.join(hints[1:3])})."
                if flag == "split_message" and len(hints) == 3
                else sentence
            )
    if says_not_received(body):
        return "The fax server says that a call came in and no page was received: the sender may need to be called."
    if body.strip():
        return "There is no document attached: read the mail, and if it is a referral, ask for the form or type it in."
    return "The mail is empty: ask the sender to send it again."
