"""Letters as PDF: words from TOML, black on white, fonts embedded, large enough to survive a fax machine.

Nothing is smaller than 11 points, no line thinner than one, nothing grey: at 98 lines an inch (a coarse fax) all of it stays
legible. The same facts give the same bytes.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table

LETTERS = Path(__file__).parent / "letters"
KINDS = ("heading", "paragraph", "facts", "warning")
REHEARSAL = "REHEARSAL - not a real referral"

_PLAIN, _BOLD = "Vera", "VeraBd"  # Bitstream Vera, free, comes with reportlab
_MARGIN = 20 * mm
_BODY = ParagraphStyle("body", fontName=_PLAIN, fontSize=11.5, leading=16, textColor=colors.black, spaceAfter=3 * mm)
_HEADING = ParagraphStyle("heading", parent=_BODY, fontName=_BOLD, fontSize=15, leading=20, spaceBefore=2 * mm)
_WARNING = ParagraphStyle("warning", parent=_BODY, fontName=_BOLD, fontSize=13, leading=18, spaceAfter=0)
_LABEL = ParagraphStyle("label", parent=_BODY, spaceAfter=0)
_VALUE = ParagraphStyle("value", parent=_BODY, fontName=_BOLD, spaceAfter=0)

# tables and the page itself begin with a font of their own, which would stand in the file without being embedded
_TABLE_FONT = ("FONT", (0, 0), (-1, -1), _PLAIN, 11.5)

_WORDS = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


class LetterError(ValueError):
    """A letter's words cannot be used: the text names the file and what is wrong with it."""


@dataclass(frozen=True)
class Block:
    """A piece of a letter. `when` is a condition on the facts, `each` the name of a list: then once for each `item`."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    when: str = ""
    each: str = ""


@dataclass(frozen=True)
class LetterWords:
    """The words of one kind of letter, as its TOML file has them."""

    kind: str
    title: str
    subject: str
    mail: str
    blocks: tuple[Block, ...]


def load_words(kind: str, folder: Path = LETTERS) -> LetterWords:
    """The words of `receipt`, `confirmation`...; LetterError names the file and the fault."""
    file = folder / f"{kind}.toml"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        blocks = tuple(_block(b) for b in data["block"])
        return LetterWords(kind, data["title"], data["subject"], data["mail"], blocks)
    except FileNotFoundError:
        raise LetterError(f"There are no words for the letter '{kind}'.") from None
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise LetterError(f"{file.name} cannot be used: {error}.") from None


def _block(data: Mapping[str, Any]) -> Block:
    unknown = set(data) - {"kind", "text", "rows", "when", "each"}
    if unknown or data["kind"] not in KINDS:
        raise ValueError(f"a block has an unknown {min(unknown, default='kind')}")
    rows = tuple((str(label), str(value)) for label, value in data.get("rows", ()))
    return Block(data["kind"], data.get("text", ""), rows, data.get("when", ""), data.get("each", ""))


def write_letter(kind: str, facts: Mapping[str, Any], *, head: str, rehearsal: bool, folder: Path = LETTERS) -> bytes:
    """Write a letter as PDF from its words and the facts that they name; `head` is the office, printed above.

    LetterError where the words name a fact that is not given: better no letter than one with a hole.
    """
    words = load_words(kind, folder)
    _fonts()
    try:
        title = _filled(words.title, facts)
        story = [flow for block in words.blocks for flow in _story(block, facts)]
    except TemplateError as error:
        raise LetterError(f"{kind}.toml cannot be used: {error}.") from None
    return _pdf(story, title, head, REHEARSAL if rehearsal else "")


def mail_words(kind: str, reference: str, *, rehearsal: bool, folder: Path = LETTERS) -> tuple[str, str]:
    """Subject and text of the mail that carries a letter; all they know is our reference (P8)."""
    words = load_words(kind, folder)
    try:
        subject, text = (_filled(part, {"reference": reference}) for part in (words.subject, words.mail))
    except TemplateError as error:
        raise LetterError(f"{kind}.toml cannot be used: {error}.") from None
    return (f"REHEARSAL {subject}", f"{REHEARSAL}.\n\n{text}") if rehearsal else (subject, text)


def _filled(text: str, facts: Mapping[str, Any]) -> str:
    return " ".join(_WORDS.from_string(text).render(**facts).split())


def _story(block: Block, facts: Mapping[str, Any]) -> list[Flowable]:
    items: Sequence[Any] = facts[block.each] if block.each else (None,)
    flows: list[Flowable] = []
    for item in items:
        known = {**facts, "item": item}
        if block.when and not _WORDS.compile_expression(block.when, undefined_to_none=False)(**known):
            continue
        flows.append(_flowable(block, known))
    return flows


def _flowable(block: Block, facts: Mapping[str, Any]) -> Flowable:
    if block.kind == "facts":
        return _facts([(label, _filled(value, facts)) for label, value in block.rows])
    text = escape(_filled(block.text, facts))
    if block.kind == "warning":
        return _boxed(Paragraph(text, _WARNING), 2)
    return Paragraph(text, _HEADING if block.kind == "heading" else _BODY)


def _width() -> float:
    return A4[0] - 2 * _MARGIN


def _facts(rows: Sequence[tuple[str, str]]) -> Flowable:
    cells = [[Paragraph(escape(label), _LABEL), Paragraph(escape(value), _VALUE)] for label, value in rows]
    table = Table(cells, colWidths=[60 * mm, _width() - 60 * mm])
    table.setStyle(
        [
            _TABLE_FONT,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 1, colors.black),
            ("LINEABOVE", (0, 0), (-1, 0), 1, colors.black),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
    )
    return KeepTogether([table, Spacer(1, 4 * mm)])


def _boxed(inside: Flowable, line: float) -> Flowable:
    table = Table([[inside]], colWidths=[_width()])
    table.setStyle(
        [
            _TABLE_FONT,
            ("BOX", (0, 0), (-1, -1), line, colors.black),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
            ("RIGHTPADDING", (0, 0), (-1, -1), 8),
            ("TOPPADDING", (0, 0), (-1, -1), 6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
        ]
    )
    return KeepTogether([Spacer(1, 1 * mm), table, Spacer(1, 4 * mm)])


def _fonts() -> None:
    for name in (_PLAIN, _BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
            pdfmetrics.registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)


def _pdf(story: list[Flowable], title: str, head: str, banner: str) -> bytes:
    out = io.BytesIO()
    room = 34 * mm if banner else 22 * mm
    frame = Frame(_MARGIN, 22 * mm, _width(), A4[1] - 22 * mm - room, leftPadding=0, rightPadding=0)
    document = BaseDocTemplate(out, pagesize=A4, title=title, author=head, invariant=1, initialFontName=_PLAIN)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=_around(title, head, banner)))
    document.build(story)
    return out.getvalue()


def _around(title: str, head: str, banner: str) -> Callable[[Canvas, BaseDocTemplate], None]:
    """What stands on every page: the office above, the title with the page's number below, the banner of a drill."""

    def draw(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFillColor(colors.black)
        canvas.setFont(_BOLD, 12)
        canvas.drawString(_MARGIN, A4[1] - 16 * mm, head)
        if banner:
            canvas.setLineWidth(3)
            canvas.rect(_MARGIN, A4[1] - 31 * mm, _width(), 11 * mm)
            canvas.setFont(_BOLD, 16)
            canvas.drawCentredString(A4[0] / 2, A4[1] - 27.5 * mm, banner)
        canvas.setLineWidth(1)
        canvas.line(_MARGIN, 18 * mm, A4[0] - _MARGIN, 18 * mm)
        canvas.setFont(_PLAIN, 11)
        canvas.drawString(_MARGIN, 12 * mm, title)
        canvas.drawRightString(A4[0] - _MARGIN, 12 * mm, f"Page {document.page}")
        canvas.restoreState()

    return draw
