"""Turns a sheet into ink: a grey picture of the paper, or a page of a born-digital PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from gateway.rehearsal.fonts import opened
from gateway.rehearsal.sheet import Rect, Rule, Sheet, Stroke, Text

Grey = NDArray[np.uint8]


def picture(sheet: Sheet, dpi: int = 300) -> Grey:
    """The sheet as it comes out of a laser printer: grey 0 to 255, shape (height, width)."""
    scale = dpi / 72
    image = Image.new("L", (round(sheet.width * scale), round(sheet.height * scale)), 255)
    pen = ImageDraw.Draw(image)
    # Fills lie under everything else, as on printed forms.
    for mark in sorted(sheet.marks, key=lambda m: not (isinstance(m, Rect) and m.fill not in (None, 0))):
        if isinstance(mark, Text):
            font, broad = opened(mark.font, round(mark.size * scale)), round(mark.pen * scale)
            pen.text((mark.x * scale, mark.y * scale), mark.text, mark.grey, font, anchor="ls", stroke_width=broad)
        elif isinstance(mark, Rule):
            pen.line(
                (mark.x1 * scale, mark.y1 * scale, mark.x2 * scale, mark.y2 * scale),
                mark.grey,
                max(1, round(mark.width * scale)),
            )
        elif isinstance(mark, Rect):
            corners = (mark.x * scale, mark.y * scale, (mark.x + mark.w) * scale, (mark.y + mark.h) * scale)
            pen.rectangle(corners, mark.fill, 0 if mark.width else None, max(1, round(mark.width * scale)))
        else:
            pen.line(
                [(x * scale, y * scale) for x, y in mark.points], 0, max(1, round(mark.width * scale)), joint="curve"
            )
    return np.asarray(image)


def _font_name(path: str) -> str:
    name = Path(path).stem
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, path))
    return name


def born_digital(sheets: Sequence[Sheet]) -> bytes:
    """A PDF with a real text layer, as a practice's system prints to a file."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(sheets[0].width, sheets[0].height), invariant=1)
    for sheet in sheets:
        canvas.setPageSize((sheet.width, sheet.height))
        tall = sheet.height
        for mark in sorted(sheet.marks, key=lambda m: not (isinstance(m, Rect) and m.fill not in (None, 0))):
            canvas.setFillGray(0)
            canvas.setStrokeGray(0)
            if isinstance(mark, Text):
                canvas.setFillGray(mark.grey / 255)
                canvas.setFont(_font_name(mark.font), mark.size)
                canvas.drawString(mark.x, tall - mark.y, mark.text)
            elif isinstance(mark, Rule):
                canvas.setLineWidth(mark.width)
                canvas.setStrokeGray(mark.grey / 255)
                canvas.line(mark.x1, tall - mark.y1, mark.x2, tall - mark.y2)
            elif isinstance(mark, Rect):
                canvas.setLineWidth(mark.width)
                if mark.fill is not None:
                    canvas.setFillGray(mark.fill / 255)
                canvas.rect(
                    mark.x, tall - mark.y - mark.h, mark.w, mark.h, int(mark.width > 0), int(mark.fill is not None)
                )
            elif isinstance(mark, Stroke):
                canvas.setLineWidth(mark.width)
                path = canvas.beginPath()
                path.moveTo(mark.points[0][0], tall - mark.points[0][1])
                for x, y in mark.points[1:]:
                    path.lineTo(x, tall - y)
                canvas.drawPath(path)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
