"""Small papers for tests: blank or written fax pages, as files that a fax server could send."""

from __future__ import annotations

import io
from email.message import EmailMessage

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
    """A mail as a fax server sends it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "fax@pbx.localhost", to, subject
    mail.set_content("A fax has arrived.")
    for number, data in enumerate(files):
        mail.add_attachment(data, maintype="image", subtype=kind, filename=f"fax{number:09d}.tif")
    return mail.as_bytes()
