"""Small papers for tests: blank or written fax pages, as files that a fax server could send."""

from __future__ import annotations

import io
import random
from email.message import EmailMessage
from email.policy import SMTP

from PIL import Image, ImageDraw, ImageFont


def fax_page(*lines: str, width: int = 1728, height: int = 2200) -> Image.Image:
    """A black and white page with a few large lines of text."""
    page = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        pen.text((150, 200 + 90 * number), line, fill=0, font=ImageFont.load_default(size=44))
    return page.convert("1")


def fax_tiff(pages: int = 1, *lines: str) -> bytes:
    """A G4 TIFF of so many pages, each with its number and the given lines."""
    pictures = [fax_page(f"Page {number + 1}", *lines) for number in range(pages)]
    out = io.BytesIO()
    pictures[0].save(out, "TIFF", compression="group4", dpi=(204, 196), save_all=True, append_images=pictures[1:])
    return out.getvalue()


def fax_mail(*files: bytes, subject: str = "Fax received", to: str = "faxes@localhost", kind: str = "tiff") -> bytes:
    """A mail as a fax server sends it, with CRLF at the line ends."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "fax@pbx.localhost", to, subject
    mail.set_content("A fax has arrived.")
    for number, data in enumerate(files):
        mail.add_attachment(data, maintype="image", subtype=kind, filename=f"fax{number:09d}.tif")
    return mail.as_bytes(policy=SMTP)


def letter(
    number: str, name: str = "ASHDOWN", why: str = "a murmur", date: str = "20 November 2026", *more: str
) -> Image.Image:
    """A referral letter for an invented patient; `number` is the NHS number as printed."""
    return written_page(
        "CASTLE HILL SURGERY, 12 Castle Hill, Leeds LS1 1AA",
        f"Date: {date}",
        "Cardiology Department, General Hospital",
        "Dear Colleague,",
        f"Re: Mrs Ann {name}    Date of birth: 1 February 1980",
        f"NHS number: {number}",
        "14 Mill Lane, Leeds LS1 1AA    Telephone: 0113 496 0101",
        "Priority: Routine",
        "*Thank you for seeing this patient, who has",
        f"complained for three months of {why}.",
        "There is no history of fainting, and the blood",
        "pressure was 132/84 in the surgery last week.",
        "The electrocardiogram showed sinus rhythm.",
        "I would be grateful for your opinion.",
        *more,
        "Yours sincerely,",
        "Dr Cora Cawood",
    )


def written_page(*lines: str) -> Image.Image:
    """A whole fax page in fine resolution with printed lines; one beginning with * has a wider space above."""
    page = Image.new("L", (1728, 2200), 255)
    pen = ImageDraw.Draw(page)
    down = 220
    for line in lines:
        down += 60 if line.startswith("*") else 0
        pen.text((150, down), line.lstrip("*"), fill=0, font=ImageFont.load_default(size=46))
        down += 88
    return page


def faxed(*pages: Image.Image, seed: int = 0, header: bool = True) -> bytes:
    """The pages as one fax call delivers them: each a little turned and shifted, with specks and the sender's header line."""
    chance = random.Random(seed)
    sent = []
    for number, page in enumerate(pages, 1):
        moved = page.convert("L").rotate(chance.uniform(-0.5, 0.5), resample=Image.Resampling.BICUBIC, fillcolor=255)
        laid = Image.new("L", moved.size, 255)
        laid.paste(moved, (chance.randrange(-20, 20), chance.randrange(-20, 20)))
        pen = ImageDraw.Draw(laid)
        for _ in range(150):
            across, down = chance.randrange(1728), chance.randrange(2200)
            pen.rectangle((across, down, across + chance.randrange(3), down + chance.randrange(2)), fill=0)
        if header:
            pen.rectangle((0, 0, 1728, 70), fill=255)
            clock = f"{chance.randrange(8, 18):02d}:{chance.randrange(60):02d}"
            pen.text((100, 20), f"20-NOV-2026 {clock}  FROM 01134960011   P.{number:02d}/{len(pages):02d}", fill=0,
                     font=ImageFont.load_default(size=36))  # fmt: skip
        sent.append(laid.point(lambda v, level=chance.randrange(110, 170): 255 if v > level else 0).convert("1"))
    out = io.BytesIO()
    sent[0].save(out, "TIFF", compression="group4", dpi=(204, 196), save_all=True, append_images=sent[1:])
    return out.getvalue()
