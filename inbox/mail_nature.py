"""What kind of mail this is: bounce, automatic answer, receipt, notice without the fax, lure. Flags only; nothing is dropped."""

from __future__ import annotations

import re
from email.message import Message

from inbox.mail_parts import Walk, content_type, header, parameter

_AUTO_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|abwesenheit|r[ée]ponse automatique)",
    re.I,
)
_BOUNCE_SUBJECT = re.compile(
    r"^\s*(?:undeliver(?:able|ed)|delivery (?:status notification|failure|has failed)|mail delivery failed|"
    r"returned mail|failure notice)",
    re.I,
)
_RECEIPT_SUBJECT = re.compile(r"^\s*(?:read(?:ing)?(?: receipt)?|not read|delivered|relayed|gelesen|lu)\s*:", re.I)
_SENT_NOTICE = re.compile(
    r"\b(?:fax (?:was |has been )?(?:sent|transmitted|delivered) (?:successfully|to\b)|successfully (?:sent|transmitted)|"
    r"transmission (?:report|result|ok)|fax job \d+|your fax (?:to|job)|send(?:ing)? fax (?:failed|result)|broadcast report)",
    re.I,
)
_DEVICE_NOTICE = re.compile(
    r"\b(?:toner|paper (?:jam|tray|low|empty)|consumable|device alert|maintenance (?:call|due)|drum unit)\b", re.I
)
_LINK = re.compile(r"https?://[^\s\"'<>]{4,500}", re.I)
_FAX_WORDS = re.compile(r"\b(?:fax|document|scan|voicemail|message)\b", re.I)
_VIEW_WORDS = re.compile(
    r"\b(?:view|download|open|retrieve|access|click|see|pick up|collect)\b.{0,80}"
    r"\b(?:fax|document|message|here|online|link|portal)\b",
    re.I | re.S,
)
_LURE_WORDS = re.compile(
    r"\b(?:verify your|confirm your|sign in to|log ?in to (?:view|your)|password (?:expire|will)|account (?:will|has)|"
    r"enable (?:editing|content|macros))",
    re.I,
)
_LURE_NAME = re.compile(
    r"\.(?:html?|hta|js|jse|vbs|wsf|lnk|iso|img|scr|exe|com|bat|cmd|ps1|msi|svg|one|xlsm|docm)$", re.I
)


def nature_flags(top: Message, walk: Walk, subject: str) -> list[str]:
    """Flags of the mail as a whole, in a fixed order."""
    flags: list[str] = []
    reports = [
        parameter(part, "report-type").lower() for part in walk.containers if content_type(part) == "multipart/report"
    ]
    leaf_types = {leaf.declared_type for leaf in walk.leaves}
    if "delivery-status" in reports or "message/delivery-status" in leaf_types or _BOUNCE_SUBJECT.match(subject):
        flags.append("bounce")
    if (
        "disposition-notification" in reports
        or "message/disposition-notification" in leaf_types
        or _RECEIPT_SUBJECT.match(subject)
    ):
        flags.append("receipt")
    if _is_automatic(top, subject):
        flags.append("auto_reply")
    if (
        header(top, "list-id")
        or header(top, "list-unsubscribe")
        or header(top, "precedence").lower() in ("bulk", "list", "junk")
    ):
        flags.append("bulk_mail")
    if _SENT_NOTICE.search(subject):
        flags.append("sent_confirmation")
    if _DEVICE_NOTICE.search(subject):
        flags.append("device_notice")
    if len(top.get_all("received") or []) > 100:
        flags.append("loop")
    return flags


def _is_automatic(top: Message, subject: str) -> bool:
    """An answer of a machine to a mail. `auto-generated` alone is not: fax servers may mark their faxes so (RFC 3834)."""
    submitted = header(top, "auto-submitted").lower().partition(";")[0].strip()
    marks = ("x-autoreply", "x-autorespond", "x-autoreply-from")
    return (
        submitted in ("auto-replied", "auto-notified")
        or any(top.get(mark) is not None for mark in marks)
        or header(top, "precedence").lower() == "auto_reply"
        or bool(_AUTO_SUBJECT.match(subject))
    )


def is_locked_notice(name: str) -> bool:
    """The file with which NHSmail tells an outside mailbox that the message has to be opened on its web site."""
    return bool(re.search(r"(?:^|[/\\])encrypted_?message\.html?$", name, re.I))


def is_secure_subject(subject: str) -> bool:
    """NHSmail's mark. Between NHS mailboxes such a mail comes in the clear, so it counts only when nothing can be read."""
    return bool(re.search(r"\[secure\]", subject, re.I))


def is_link_only(subject: str, body: str) -> bool:
    """A notice that the fax lies behind a link. To be asked only when no document was found."""
    return bool(_LINK.search(body)) and bool(_FAX_WORDS.search(subject) or _VIEW_WORDS.search(body[:20_000]))


def is_lure(names: list[str], dangerous_files: bool, documents: bool, subject: str, body: str) -> bool:
    """A fax notice as bait: an attachment that acts, or a sign-in link with nothing to read (inbound-mail.md 2.10)."""
    if dangerous_files or any(_LURE_NAME.search(name) for name in names):
        return True
    return not documents and bool(_LINK.search(body)) and bool(_LURE_WORDS.search(subject + "\n" + body[:20_000]))
