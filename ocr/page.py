"""The words a page is spoken of in: boxes, words, lines, tick boxes, raw and read pages.

All boxes are fractions of the *upright* page (0 at the left and top edge, 1 at the right and bottom), so that they stay true at
any resolution and can be drawn on the stored picture of the page.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Box:
    """A rectangle on the upright page, in fractions of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if self.right < self.left or self.bottom < self.top:
            raise ValueError(f"a box must not be inside out: {self.left}, {self.top}, {self.right}, {self.bottom}")

    @property
    def width(self) -> float:
        """Share of the page's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Share of the page's height."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, as (across, down)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def overlap(self, other: Box) -> float:
        """Shared area as a share of the smaller box's area (0 apart, 1 one inside the other)."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        smaller = min(self.width * self.height, other.width * other.height)
        return across * down / smaller if across > 0 and down > 0 and smaller > 0 else 0.0

    def as_list(self) -> list[float]:
        """Left, top, right, bottom, as the public JSON has them."""
        return [round(v, 4) for v in (self.left, self.top, self.right, self.bottom)]


@dataclass(frozen=True)
class Word:
    """One printed word: text without spaces, where it stands, and the reader's own confidence (0 to 1; no evidence by itself)."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True)
class Line:
    """A run of words that a reader saw as one piece: a line of prose, or one label or value of a form."""

    text: str
    box: Box
    words: tuple[Word, ...]
    confidence: float
    reader: str


@dataclass(frozen=True)
class TickBox:
    """A printed square for a tick. `ticked` is None where the ink cannot tell; a person then looks."""

    box: Box
    ticked: bool | None
    ink: float


@dataclass(frozen=True)
class Quality:
    """How legible a page is: `score` from 0 (hopeless) to 1 (clean), and the hazards seen (`blank`, `cut`, `thin`, `lossy`...)."""

    score: float
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawPage:
    """A page as it came out of its file: a greyscale or bilevel PNG with square pixels, not yet cleaned or turned.

    `text_layer` holds the words of a born-digital page; it is empty where the file has none. `failure` says in one sentence why a
    page could not be drawn; its picture is then empty and the other pages go on (P7). `hazards` are what the file itself shows
    (`lossy`, `long`, `damaged`); they come back in the read page's quality.
    """

    number: int
    picture: bytes
    dpi: int
    text_layer: tuple[Line, ...] = ()
    failure: str | None = None
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page that was read: upright square-pixel PNG, its lines, its tick boxes and its quality.

    `turned` is the number of degrees (0, 90, 180, 270, clockwise) that the raw page was turned, `skew` what was straightened after
    that (degrees). `failure` as in RawPage.
    """

    number: int
    picture: bytes
    width: int
    height: int
    lines: tuple[Line, ...]
    ticks: tuple[TickBox, ...] = ()
    quality: Quality = field(default_factory=lambda: Quality(1.0))
    turned: int = 0
    skew: float = 0.0
    failure: str | None = None
