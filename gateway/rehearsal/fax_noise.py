"""What copiers, scanners and feeders do to paper before it is sent: skew, shrink, copies, specks, streaks, dark edges.

Works on grey pictures at 300 dots an inch (0 black, 255 white). Every step takes its randomness as an argument. Kinds marked held
out are used for reporting only, never while a reader is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Severity = Literal["clean", "typical", "hard"]
SEVERITIES: tuple[Severity, ...] = ("clean", "typical", "hard")
KINDS: tuple[str, ...] = ("copies", "specks", "streaks", "edges", "tint", "shrink")
HELD_OUT_KINDS: tuple[str, ...] = ("fold", "blotch", "holes", "stretch")


@dataclass(frozen=True)
class Damage:
    """What happens to one document.

    Angles in degrees clockwise; `turn` is 0, 90, 180 or 270; `kinds` are names of KINDS or HELD_OUT_KINDS.
    """

    severity: Severity
    skew: float
    turn: int
    kinds: tuple[str, ...]
    # How grey becomes black and white: a threshold, error diffusion, or (held out) an ordered screen.
    screen: Literal["threshold", "diffusion", "ordered"] = "threshold"
    # Of the slipping feeder: how far (pixels), how often down the page (radians), and where it begins (radians).
    sway: tuple[float, float, float] = (0, 0, 0)


def plan_damage(random: Random, severity: Severity, held_out: bool, may_lie_sideways: bool) -> Damage:
    """Draw what happens to one document at a severity."""
    if severity == "clean":
        return Damage(severity, random.uniform(-0.25, 0.25), 0, ())
    hard = severity == "hard"
    kinds = [kind for kind in KINDS if random.random() < (0.42 if hard else 0.2)]
    if held_out:
        kinds += [kind for kind in HELD_OUT_KINDS if random.random() < (0.3 if hard else 0.12)]
    # A thin copy on coloured paper is beyond anybody's reading; senders are rung up for such a page.
    if "copies" in kinds and "tint" in kinds:
        kinds.remove(random.choice(("copies", "tint")))
    if not kinds:
        kinds = ["specks"]
    skew = random.uniform(-3, 3) if hard else max(-1.6, min(1.6, random.gauss(0, 0.6)))
    turn = 0
    chance = random.random()
    if chance < (0.1 if hard else 0.03):
        turn = 180
    elif may_lie_sideways and chance < (0.18 if hard else 0.045):
        turn = random.choice((90, 270))
    screen: Literal["threshold", "diffusion", "ordered"] = "threshold"
    if "tint" in kinds:
        screen = "ordered" if held_out and random.random() < 0.6 else "diffusion"
    sway = (random.uniform(4, 12), random.uniform(6, 20), random.uniform(0, 6))
    return Damage(severity, skew, turn, tuple(kinds), screen, sway)


def _noise(random: Random) -> np.random.Generator:
    return np.random.default_rng(random.getrandbits(64))


def _copy(page: Grey, random: Random) -> Grey:
    """One photocopy: soft, then hard again at a threshold that leaves strokes thin or thick."""
    grain = _noise(random).normal(0, 14, (page.shape[0] // 2, page.shape[1] // 2)).astype(np.float32)
    soft = cv2.GaussianBlur(page, (0, 0), random.uniform(0.8, 1.3)).astype(np.float32)
    soft += cv2.resize(grain, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)
    level = random.choice((random.uniform(100, 130), random.uniform(155, 195)))
    return cv2.GaussianBlur(np.where(soft < level, 0, 255).astype(np.uint8), (0, 0), 0.7)


def _specks(page: Grey, random: Random, hard: bool) -> Grey:
    rng = _noise(random)
    count = int(random.uniform(250, 900) * (3 if hard else 1))
    tall, wide = page.shape
    out = page.copy()
    for x, y, size in zip(
        rng.integers(0, wide - 4, count), rng.integers(0, tall - 4, count), rng.integers(1, 4, count), strict=True
    ):
        out[y : y + size, x : x + size] = 0 if rng.random() < 0.85 else 255
    return out


def _streaks(page: Grey, random: Random) -> Grey:
    """Dirt on the glass: fine lines along the way the paper moves, black or white, broken here and there."""
    out = page.copy()
    tall, wide = page.shape
    for _ in range(random.randrange(1, 4)):
        x, thick = random.randrange(40, wide - 40), random.randrange(1, 4)
        start, end = sorted((random.randrange(tall), random.randrange(tall)))
        out[start:end, x : x + thick] = random.choice((0, 0, 0, 255))
    return out


def _edges(page: Grey, random: Random) -> Grey:
    """The dark rim where the lid was open or the book was thick."""
    out = page.astype(np.float32)
    tall, wide = page.shape
    reach = random.randrange(25, 95)
    ramp = np.linspace(0, 1, reach, dtype=np.float32) ** 0.6
    side = random.choice(("left", "right", "top", "bottom"))
    if side == "left":
        out[:, :reach] *= ramp
    elif side == "right":
        out[:, wide - reach :] *= ramp[::-1]
    elif side == "top":
        out[:reach] *= ramp[:, None]
    else:
        out[tall - reach :] *= ramp[::-1][:, None]
    return out.astype(np.uint8)


def _tint(page: Grey, random: Random) -> Grey:
    """Coloured paper: the whole sheet is grey to the scanner."""
    return (page.astype(np.float32) * random.uniform(0.8, 0.9)).astype(np.uint8)


def _fold(page: Grey, random: Random) -> Grey:
    out = page.copy()
    y = int(page.shape[0] * random.choice((0.33, 0.5, 0.66)) + random.randrange(-40, 40))
    lean = random.randrange(-10, 11)
    cv2.line(out, (0, y), (page.shape[1], y + lean), 110, 2)
    cv2.line(out, (0, y + 5), (page.shape[1], y + 5 + lean), 235, 3)
    return out


def _blotch(page: Grey, random: Random) -> Grey:
    """A mug ring, dark enough to leave a broken outline."""
    out = page.copy()
    centre = (random.randrange(300, page.shape[1] - 300), random.randrange(300, page.shape[0] - 300))
    cv2.ellipse(
        out,
        centre,
        (random.randrange(130, 190), random.randrange(120, 180)),
        random.randrange(180),
        20,
        320,
        105,
        random.randrange(3, 8),
    )
    return np.minimum(page, out)


def _holes(page: Grey, random: Random) -> Grey:
    """Filing holes at the left edge, black because the lid is."""
    out = page.copy()
    for y in (page.shape[0] // 2 - 472, page.shape[0] // 2 + 472):
        cv2.circle(out, (random.randrange(125, 150), y), 33, 0, -1)
    return out


def _stretch(page: Grey, sway: tuple[float, float, float]) -> Grey:
    """A feeder that slips: the paper runs a little fast and slow by turns."""
    tall = page.shape[0]
    rows = np.arange(tall, dtype=np.float32)
    moved = rows + sway[0] * np.sin(rows / tall * sway[1] + sway[2])
    return np.asarray(page[np.clip(np.rint(moved), 0, tall - 1).astype(np.int64)], dtype=np.uint8)


def wear(page: Grey, damage: Damage, random: Random, wide: int, tall: int) -> tuple[Grey, Matrix]:
    """The page as a scanner with a window of `wide` by `tall` pixels (at 300 dots an inch) sees it, still in grey.

    Also gives the 2x3 matrix from the pixels of the sheet to those of the window, so that a value's place can be followed.
    """
    hard = damage.severity == "hard"
    for _ in range(random.choice((1, 1, 2, 3) if hard else (1,)) if "copies" in damage.kinds else 0):
        page = _copy(page, random)
    turned_wide, turned_tall = (
        (page.shape[1], page.shape[0]) if damage.turn in (0, 180) else (page.shape[0], page.shape[1])
    )
    scale = min(1.0, wide / turned_wide, tall / turned_tall)
    if "shrink" in damage.kinds:
        scale *= random.uniform(0.945, 0.97)
    middle = (page.shape[1] / 2, page.shape[0] / 2)
    matrix: Matrix = np.asarray(cv2.getRotationMatrix2D(middle, -(damage.turn + damage.skew), scale), dtype=np.float64)
    matrix[0, 2] += wide / 2 - middle[0] + random.uniform(-12, 12)
    matrix[1, 2] += tall / 2 - middle[1] + random.uniform(-8, 8)
    out: Grey = np.asarray(
        cv2.warpAffine(page, matrix, (wide, tall), flags=cv2.INTER_AREA | cv2.INTER_LINEAR, borderValue=255),
        dtype=np.uint8,
    )
    for kind in damage.kinds:
        if kind == "specks":
            out = _specks(out, random, hard)
        elif kind == "streaks":
            out = _streaks(out, random)
        elif kind == "edges":
            out = _edges(out, random)
        elif kind == "tint":
            out = _tint(out, random)
        elif kind == "fold":
            out = _fold(out, random)
        elif kind == "blotch":
            out = _blotch(out, random)
        elif kind == "holes":
            out = _holes(out, random)
        elif kind == "stretch":
            out = _stretch(out, damage.sway)
    return out, matrix


def as_laid(page: Grey, damage: Damage, matrix: Matrix, like: Grey) -> Grey:
    """The unworn page in the same place of the same window, to compare a worn one with."""
    size = (like.shape[1], like.shape[0])
    out: Grey = np.asarray(cv2.warpAffine(page, matrix, size, flags=cv2.INTER_LINEAR, borderValue=255), dtype=np.uint8)
    return _stretch(out, damage.sway) if "stretch" in damage.kinds else out


def scanner_grain(page: Grey, random: Random, hard: bool) -> Grey:
    """The grain and dull white of a grey scan."""
    tall, wide = page.shape
    grain = _noise(random).normal(0, 9 if hard else 4, (tall // 2, wide // 2)).astype(np.float32)
    out = page.astype(np.float32) * random.uniform(0.86, 0.98) + cv2.resize(grain, (wide, tall)) + random.uniform(0, 10)
    return np.clip(cv2.GaussianBlur(out, (0, 0), 0.6), 0, 255).astype(np.uint8)
