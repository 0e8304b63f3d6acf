"""The e-mails in which fax servers, fax services, scanners and people send a fax: HylaFAX, FreePBX, eFax, Xerox, Outlook.

Shapes as described by their vendors; every address ends in a domain that cannot exist.
"""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from email.utils import format_datetime
from random import Random
from typing import Literal, get_args

from gateway.rehearsal.practices import Practice
from gateway.rehearsal.render import Fax

Shape = Literal["hylafax", "freepbx", "efax", "xerox", "person"]
SHAPES: tuple[Shape, ...] = get_args(Shape)


def _hylafax(mail: EmailMessage, random: Random, fax: Fax, practice: Practice, at: dt.datetime) -> str:
    # A HylaFAX server has often no domain in its address, and the sending machine often no name.
    name = practice.name.upper()[:20] if random.random() < 0.8 else ""
    mail["From"] = "HylaFAX Facsimile Agent <FaxMaster@faxserver.example>"
    mail["Subject"] = f'Fax received from "{name}"'
    number = random.randrange(10**9)
    quality = "Normal" if "standard" in fax.coding else "Fine"
    lines = (
        f"      Sender: {name or '<UNSPECIFIED>'}",
        f"       Pages: {fax.pages}",
        f"     Quality: {quality}",
        "        Size: ISO A4",
        f"    Received: {at:%Y:%m:%d %H:%M:%S}",
        f"Time To Recv: {random.randrange(0, 3)}:{random.randrange(60):02d}",
        " Signal Rate: 14400 bit/s",
        " Data Format: 2-D MMR",
        " Error Correct: Yes",
        f"     CallID1: {practice.fax}",
        f"     CallID2: {name}",
        " Received On: ttyIAX0",
        f"      CommID: {number:09d}",
    )
    mail.set_content("\n".join(lines) + "\n")
    return f"fax{number:09d}"


def _freepbx(mail: EmailMessage, random: Random, fax: Fax, practice: Practice, at: dt.datetime) -> str:
    unique = f"{int(at.timestamp())}.{random.randrange(10_000)}"
    mail["From"] = "fax@freepbx.example"
    mail["Subject"] = f'New fax from: "{practice.name.upper()[:16]}" <{practice.fax}>'
    words = f"Enclosed, please find a new fax from: {practice.fax}\nReceived on: {at:%Y-%m-%d}\n"
    mail.set_content(words + "Via: 01632960555\nFor User: referrals\n")
    return unique


def _efax(mail: EmailMessage, random: Random, fax: Fax, practice: Practice, at: dt.datetime) -> str:
    who = random.choice((practice.fax, practice.name, "unknown"))
    mail["From"] = "eFax <message@inbound.efax.example>"
    mail["Subject"] = f'eFax message from "{who}" - {fax.pages} page(s), Caller-ID: {practice.fax}'
    words = (
        f"You have received a {fax.pages} page fax at {at:%Y-%m-%d %H:%M:%S} GMT. Reference {random.randrange(10**11)}."
    )
    mail.set_content(words)
    mail.add_alternative(
        f"<html><body><p>{words}</p><p>View this fax using your PDF or TIFF reader.</p></body></html>", subtype="html"
    )
    return f"FAX_{at:%Y%m%d}_{int(at.timestamp())}_{random.randrange(1000)}"


def _xerox(mail: EmailMessage, random: Random, fax: Fax, practice: Practice, at: dt.datetime) -> str:
    mail["From"] = f"Reception MFP <scanner@{practice.code.lower()}.gp.example>"
    mail["Subject"] = "Scanned from a Xerox Multifunction Printer"
    device = f"Device Name: XRX9C934E{random.randrange(16**4):04X}"
    mail.set_content(
        "Please open the attached document. It was sent to you using a Xerox multifunction printer.\n\n"
        f"Attachment File Type: {fax.media_type.split('/')[-1]}, Multi-Page\n\n"
        f"multifunction printer Location: Reception\n{device}\n"
    )
    return "Scanned from a Xerox Multifunction Printer"


def _person(mail: EmailMessage, random: Random, fax: Fax, practice: Practice, at: dt.datetime) -> str:
    mail["From"] = f"{practice.name} <{practice.email}>"
    mail["Subject"] = random.choice(("Referral", "FW: referral as e-RS is down", "Urgent referral attached", "Scan"))
    mail.set_content(
        "Hi\n\ne-RS is down so please find referral attached. Please confirm receipt.\n\nMany thanks\nReception\n"
    )
    return random.choice(("scan0001", "referral letter", f"{at:%Y%m%d%H%M%S}"))


_WRITERS = {"hylafax": _hylafax, "freepbx": _freepbx, "efax": _efax, "xerox": _xerox, "person": _person}


def make_mail(
    random: Random, fax: Fax, practice: Practice, recipient: str, at: dt.datetime, shape: Shape | None = None
) -> EmailMessage:
    """The mail in which the fax arrives at `recipient` at the instant `at` (with a zone); `shape` is drawn when not given."""
    shape = shape or random.choices(SHAPES, (5, 3, 2, 2, 2))[0]
    mail = EmailMessage()
    stem = _WRITERS[shape](mail, random, fax, practice, at)
    mail["To"] = recipient
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{random.getrandbits(80):020x}@{shape}.example>"
    kind, subtype = fax.media_type.split("/")
    ending = fax.file_name.rsplit(".", 1)[1]
    declared = (kind, subtype) if random.random() < 0.85 else ("application", "octet-stream")
    mail.add_attachment(fax.data, maintype=declared[0], subtype=declared[1], filename=f"{stem}.{ending}")
    return mail
