"""The typefaces of practices and hands: found on this machine at run time, with those that reportlab brings as the last resort.

Debian packages: fonts-dejavu-core, fonts-dejavu-extra and fonts-liberation for print; fonts-dkg-handwriting, fonts-humor-sans, fonts-sjfonts,
fonts-breip, fonts-rufscript, fonts-freefont-ttf, fonts-crosextra-carlito, fonts-crosextra-caladea, fonts-open-sans,
fonts-bwht, fonts-comic-neue, fonts-lato, fonts-sil-gentiumplus, fonts-roboto-unhinted, fonts-nanum-extra and fonts-tlwg-purisa-ttf
for the rest. Missing ones narrow the variety and break nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Literal

import reportlab
from PIL import ImageFont

_ROOTS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".fonts",
    Path(reportlab.__file__).parent / "fonts",
)


# What a design or a typeface is for: looked at while a reader is written; kept back at first and looked at since; never looked at.
Group = Literal["fit", "seen", "held-out"]
GROUPS: tuple[Group, ...] = ("fit", "seen", "held-out")


@dataclass(frozen=True)
class Face:
    """A typeface by its files. Each group of designs has faces of its own; the held-out designs take the others too."""

    name: str
    regular: str
    bold: str
    group: Group = "fit"
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
    Face("Liberation Sans Narrow", "LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf", group="seen"),
    Face("Liberation Mono", "LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf", group="seen", mono=True),
    Face("Free Serif", "FreeSerif.ttf", "FreeSerifBold.ttf", group="seen"),
    Face("Free Sans", "FreeSans.ttf", "FreeSansBold.ttf", group="seen"),
    Face("Carlito", "Carlito-Regular.ttf", "Carlito-Bold.ttf", group="seen"),
    Face("Caladea", "Caladea-Regular.ttf", "Caladea-Bold.ttf", group="seen"),
    Face("Open Sans", "OpenSans-Regular.ttf", "OpenSans-Bold.ttf", group="seen"),
    Face("DejaVu Sans Condensed", "DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf", group="seen"),
    Face("DejaVu Serif Condensed", "DejaVuSerifCondensed.ttf", "DejaVuSerifCondensed-Bold.ttf", group="seen"),
    Face("Lato", "Lato-Regular.ttf", "Lato-Bold.ttf", group="held-out"),
    Face("Gentium Book", "GentiumBookPlus-Regular.ttf", "GentiumBookPlus-Bold.ttf", group="held-out"),
    Face("Roboto Condensed", "RobotoCondensed-Regular.ttf", "RobotoCondensed-Bold.ttf", group="held-out"),
    Face("dkg", "dkg.ttf", "dkgBd.ttf", hand=True, grow=1.15),
    Face("Humor Sans", "Humor-Sans.ttf", "Humor-Sans.ttf", hand=True),
    Face("Steve Hand", "SteveHand.ttf", "SteveHand.ttf", hand=True, grow=1.15),
    Face("Breip", "Breip.ttf", "Breip.ttf", group="seen", hand=True, grow=1.1, pen=0.25),
    Face("Rufscript", "Rufscript010.ttf", "Rufscript010.ttf", group="seen", hand=True, grow=1.15),
    Face("Delphine", "Delphine.ttf", "Delphine.ttf", group="seen", hand=True, grow=1.3),
    Face("Mentor", "BecauseWeMentor-Regular.otf", "BecauseWeMentor-Regular.otf", group="seen", hand=True, grow=1.25),
    Face(
        "Organize",
        "BecauseWeOrganize-Regular.otf",
        "BecauseWeOrganize-Regular.otf",
        group="seen",
        hand=True,
        grow=0.8,
    ),
    Face("Create", "BecauseWeCreate-Regular.otf", "BecauseWeCreate-Regular.otf", group="seen", hand=True, grow=1.1),
    Face("Comic Neue", "ComicNeue-Regular.otf", "ComicNeue-Bold.otf", group="seen", hand=True, grow=0.95, pen=0.15),
    Face("Learn", "BecauseWeLearn-Regular.otf", "BecauseWeLearn-Regular.otf", group="seen", hand=True, grow=0.8),
    Face("Connect", "BecauseWeConnect-Regular.otf", "BecauseWeConnect-Regular.otf", group="seen", hand=True),
    Face("Nanum Pen", "NanumPen.ttf", "NanumPen.ttf", group="held-out", hand=True, grow=1.35, pen=0.1),
    Face("Nanum Barun Pen", "NanumBarunpenR.ttf", "NanumBarunpenB.ttf", group="held-out", hand=True, grow=1.05),
    Face("Purisa", "Purisa.ttf", "Purisa-Bold.ttf", group="held-out", hand=True, pen=0.25),
)


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    return {path.name: path for root in _ROOTS if root.is_dir() for path in sorted(root.rglob("*.[ot]tf"))}


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


def pick_face(random: Random, group: Group, mono: bool = False) -> Face:
    """A printed face for a design of the group that this machine has."""
    return _pick(random, group, [f for f in FACES if not f.hand and f.mono is mono and available(f)]) or VERA


def pick_hand(random: Random, group: Group) -> Face | None:
    """A handwriting face for a design of the group, or None where this machine has none."""
    return _pick(random, group, [f for f in FACES if f.hand and available(f)])


def _pick(random: Random, group: Group, faces: list[Face]) -> Face | None:
    own = [f for f in faces if f.group == group]
    # Real senders print in what everybody has: the held-out designs have a face of their own in four of ten documents.
    if group == "held-out" and random.random() < 0.6:
        own = faces
    return random.choice(own or faces) if faces else None
