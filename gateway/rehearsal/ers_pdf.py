"""The two PDFs e-RS makes itself, as one plain page each: the clinical summary (A007) and the patient's letter (A019)."""

from __future__ import annotations

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def page_pdf(title: str, lines: list[str]) -> bytes:
    """One A4 page with a title and lines, marked as rehearsal."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(60, 780, f"REHEARSAL - {title}")
    canvas.setFont("Helvetica", 11)
    for index, line in enumerate(lines):
        canvas.drawString(60, 750 - 18 * index, line)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
