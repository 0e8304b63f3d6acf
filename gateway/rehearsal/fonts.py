"""The typefaces of practices and hands: found on this machine at run time, with those that reportlab brings as the last resort.

Debian packages: fonts-dejavu-core and fonts-liberation for print; fonts-dkg-handwriting, fonts-humor-sans, fonts-sjfonts,
fonts-breip, fonts-rufscript, fonts-freefont-ttf, fonts-crosextra-carlito and fonts-crosextra-caladea for the rest. Missing ones
narrow the variety and break nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import reportlab
from PIL import ImageFont

_ROOTS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".fonts",
    Path(reportlab.__file__).parent / "fonts",
)


@dataclass(frozen=True)
class Face:
    """A typeface by its files. `held_out` ones are kept for reporting and never shown while a reader is fitted."""

    name: str
    regular: str
    bold: str
    held_out: bool = False
    hand: bool = False
    mono: bool = False
    # Handwriting fonts differ in how large they look at one size.
    grow: float = 1.0
    # How much broader than drawn its pen writes, in points (a ballpoint leaves half a millimetre).
    pen: float = 0.0


VERA = Face("Vera", "Vera.ttf", "VeraBd.ttf")
FACES: tuple[Face, ...] = (
    VERA,
    Face("DejaVu Sans", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    Face("DejaVu Serif", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
    Face("Liberation Sans", "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    Face("Liberation Serif", "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    Face("DejaVu Sans Mono", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", mono=True),
    Face("Liberation Sans Narrow", "LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf", held_out=True),
    Face("Liberation Mono", "LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf", held_out=True, mono=True),
    Face("Free Serif", "FreeSerif.ttf", "FreeSerifBold.ttf", held_out=True),
    Face("Free Sans", "FreeSans.ttf", "FreeSansBold.ttf", held_out=True),
    Face("Carlito", "Carlito-Regular.ttf", "Carlito-Bold.ttf", held_out=True),
    Face("Caladea", "Caladea-Regular.ttf", "Caladea-Bold.ttf", held_out=True),
    Face("dkg", "dkg.ttf", "dkgBd.ttf", hand=True, grow=1.15),
    Face("Humor Sans", "Humor-Sans.ttf", "Humor-Sans.ttf", hand=True),
    Face("Steve Hand", "SteveHand.ttf", "SteveHand.ttf", hand=True, grow=1.15),
    Face("Breip", "Breip.ttf", "Breip.ttf", held_out=True, hand=True, grow=1.1, pen=0.25),
    Face("Rufscript", "Rufscript010.ttf", "Rufscript010.ttf", held_out=True, hand=True, grow=1.15),
    Face("Delphine", "Delphine.ttf", "Delphine.ttf", held_out=True, hand=True, grow=1.3),
)


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    return {path.name: path for root in _ROOTS if root.is_dir() for path in sorted(root.rglob("*.ttf"))}


def path_of(file_name: str) -> str:
    """Where the font file lies; the bundled Vera where the machine does not have it."""
    found = _files().get(file_name) or _files()[VERA.regular]
    return str(found)


def available(face: Face) -> bool:
    """Whether this machine has the face."""
    return face.regular in _files()


@lru_cache(maxsize=512)
def opened(path: str, pixels: int) -> ImageFont.FreeTypeFont:
    """The font at a height in pixels."""
    return ImageFont.truetype(path, pixels)


@lru_cache(maxsize=4096)
def _advance(path: str, text: str) -> float:
    return opened(path, 200).getlength(text) / 200


def width_of(path: str, text: str, size: float) -> float:
    """Width of the text in points."""
    return _advance(path, text) * size


@lru_cache(maxsize=2048)
def _has(path: str, letter: str) -> bool:
    font = opened(path, 40)
    missing = font.getmask("\ue0ff")
    drawn = font.getmask(letter)
    return letter.isspace() or (drawn.size != (0, 0) and (drawn.size != missing.size or bytes(drawn) != bytes(missing)))


def can_print(path: str, text: str) -> bool:
    """Whether the font has every letter of the text."""
    return all(_has(path, letter) for letter in text)


def pick_face(random: Random, held_out: bool, mono: bool = False) -> Face:
    """A printed face of the wanted kind that this machine has."""
    fitting = [f for f in FACES if not f.hand and f.held_out is held_out and f.mono is mono and available(f)]
    fitting = fitting or [f for f in FACES if not f.hand and f.mono is mono and available(f)]
    return random.choice(fitting or [VERA])


def pick_hand(random: Random, held_out: bool) -> Face | None:
    """A handwriting face, or None where this machine has none."""
    fitting = [f for f in FACES if f.hand and f.held_out is held_out and available(f)]
    fitting = fitting or [f for f in FACES if f.hand and available(f)]
    return random.choice(fitting) if fitting else None
