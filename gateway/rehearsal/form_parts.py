"""Pieces that referral forms share: a filled-in value, a row of priorities with one ticked, the foot, the rest of the record."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gateway.rehearsal.desk import Desk
from gateway.rehearsal.fonts import path_of, width_of
from gateway.rehearsal.sheet import Area, Sheet, Stroke, Value

PRIORITIES: tuple[tuple[str, str], ...] = (("ROUTINE", "Routine"), ("URGENT", "Urgent"), ("TWO_WEEK_WAIT", "2WW"))


def fill(desk: Desk, sheet: Sheet, name: str, x: float, y: float, size: float = 10.5) -> float:
    """Write a field's value at its place on the form, if the referral has one."""
    text, value = desk.entry(name)
    return sheet.write(x, y, text, size, name=name, value=value) if text else x


def priority_ticks(
    desk: Desk,
    sheet: Sheet,
    x: float,
    y: float,
    labels: tuple[tuple[str, str], ...],
    gap: float,
    box_first: bool,
    size: float = 9.5,
    style: str = "",
) -> None:
    """A row of priorities with one box ticked, in the style of the form's other ticks where it has them. The truth is the ticked one."""
    style = style or desk.random.choice(("cross", "check", "check", "fill"))
    for code, label in labels:
        ticked = code == desk.referral.priority
        side = size
        if box_first:
            sheet.tick(x, y - side + 1, side, ticked, style)
            end = sheet.put(x + side + 4, y, label, size)
            area = (x, y - side, end, y + 2)
        else:
            end = sheet.put(x, y, label, size)
            sheet.tick(end + 4, y - side + 1, side, ticked, style)
            area = (x, y - side, end + 4 + side, y + 2)
            end += 4 + side
        if ticked:
            sheet.says("referral.priority", code, area)
        x = max(x + gap, end + 14)


def footer(desk: Desk, sheet: Sheet, text: str) -> None:
    """Print the small line at the foot of a form."""
    sheet.rule(45, 800, 550, 800, 0.4)
    sheet.put(45, 811, text, 7, grey=60)


def clinical_rest(desk: Desk, sheet: Sheet, x: float, y: float, width: float, size: float = 9) -> float:
    """Medicines, allergies and past history, in the order and headings of one practice."""
    referral = desk.referral
    parts = [
        (
            desk.random.choice(("Past medical history", "Significant past history", "Problems")),
            referral.past or ("Nil of note",),
        ),
        (
            desk.random.choice(("Medication", "Current medication", "Repeat medication")),
            referral.medicines or ("None",),
        ),
        (desk.random.choice(("Allergies", "Allergies and sensitivities")), (referral.allergies,)),
    ]
    desk.random.shuffle(parts)
    for heading, lines in parts:
        sheet.put(x, y, heading, size, bold=True)
        y = sheet.prose(x, y + size * 1.35, ["; ".join(lines)], width, size) + 2
    return y


def room(sheet: Sheet, text: str, size: float, width: float, bold: bool = False) -> float:
    """The size, at most `size`, at which the text fits the width, as fields of forms shrink what is typed into them."""
    if sheet.hand is not None:
        wide = width_of(path_of(sheet.hand.regular), text, size * sheet.hand.grow) * 1.03 + 0.2 * len(text)
    else:
        wide = sheet.wide(text, size, bold)
    return size if wide <= width else max(6.0, size * width / wide)


def fitted(desk: Desk, sheet: Sheet, name: str, x: float, y: float, width: float, size: float = 10.5) -> float:
    """As `fill`, in letters small enough for the width."""
    text, value = desk.entry(name)
    return sheet.write(x, y, text, room(sheet, text, size, width), name=name, value=value) if text else x


def fitted_name(
    desk: Desk, sheet: Sheet, x: float, y: float, width: float, size: float, order: str, bold: bool = False
) -> float:
    """The patient's whole name in letters small enough for the width, by hand where the sheet has a hand."""
    who = desk.referral.patient
    longest = f"{who.family_name.upper()}, {who.given_names} ({who.title})"
    by_hand = sheet.hand is not None
    return desk.whole_name(sheet, x, y, room(sheet, longest, size, width, bold), order, bold, by_hand)


_ORDERS = ("title first", "family first", "plain")


def answer(desk: Desk, sheet: Sheet, what: str, x: float, y: float, width: float, size: float = 11.5) -> float:
    """Fill one answer in, in letters small enough for the width; returns the x where it ends.

    `what` is a field of the contract, an order of the patient's whole name, `address` for the address with its postcode, `=TEXT` for a
    text that is no field, or empty.
    """
    if what.startswith("="):
        return sheet.write(x, y, what[1:], room(sheet, what[1:], size, width))
    if what in _ORDERS:
        return fitted_name(desk, sheet, x, y, width, size if sheet.hand else size * 0.88, what)
    if what == "address":
        who = desk.referral.patient
        whole = f"{who.address}, {who.postcode}"
        small = room(sheet, whole, size, width)
        end = sheet.write(x, y, f"{who.address},", small, name="patient.address", value=who.address)
        return sheet.write(end + 0.5 * small, y, who.postcode, small, name="patient.postcode", value=who.postcode)
    return fitted(desk, sheet, what, x, y, width, size) if what else x


def labelled(
    desk: Desk,
    sheet: Sheet,
    label: str,
    what: str,
    x: float,
    y: float,
    width: float,
    size: float = 10,
    bold: bool = True,
) -> float:
    """A label with its answer behind it on one line (see `answer`); returns the x where the answer ends."""
    end = sheet.put(x, y, label, size, bold) + 0.5 * size
    return answer(desk, sheet, what, end, y, x + width - end, size / 0.88 if sheet.hand is None else size * 1.2)


def address_block(desk: Desk, sheet: Sheet, x: float, y: float, size: float, lead: float = 1.3) -> float:
    """The patient's address as lines, the postcode last; returns the next free baseline."""
    who, top, end = desk.referral.patient, y - size, x
    for line in desk.address_lines(with_postcode=False):
        end = max(end, sheet.put(x, y, line, size))
        y += size * lead
    sheet.says("patient.address", who.address, (x, top, end, y - size * (lead - 0.3)))
    sheet.put(x, y, who.postcode, size, name="patient.postcode")
    return y + size * lead


def flow(
    sheet: Sheet,
    x: float,
    y: float,
    runs: Sequence[tuple[str, str, Value | None]],
    width: float,
    size: float,
    lead: float = 1.35,
) -> float:
    """Print one paragraph in which some words are fields: runs of text, field name (empty for none) and value.

    Returns the baseline below the last line. A field that is broken over two lines stands in the area around both pieces.
    """
    text = "".join(run[0] for run in runs)
    lines: list[tuple[int, int]] = []
    for word in re.finditer(r"\S+", text):
        if lines and sheet.wide(text[lines[-1][0] : word.end()], size) <= width:
            lines[-1] = (lines[-1][0], word.end())
        else:
            lines.append(word.span())
    places: dict[int, Area] = {}
    for start, end in lines:
        sheet.put(x, y, text[start:end], size)
        at = 0
        for index, run in enumerate(runs):
            low, high = max(at, start), min(at + len(run[0]), end)
            at += len(run[0])
            if run[1] and low < high:
                left, right = x + sheet.wide(text[start:low], size), x + sheet.wide(text[start:high], size)
                old = places.get(index, (left, y - size, right, y))
                places[index] = (min(old[0], left), old[1], max(old[2], right), y + size * 0.25)
        y += size * lead
    for index, area in places.items():
        said, name, value = runs[index]
        sheet.says(name, said if value is None else value, area)
    return y


def ring(sheet: Sheet, left: float, top: float, right: float, bottom: float) -> None:
    """A pen's ring around a word, not quite closed and not quite even; it leaves the letters free."""
    middle, half = ((left + right) / 2, (top + bottom) / 2), ((right - left) / 2 + 7, (bottom - top) / 2 + 4)
    start, points = sheet.random.uniform(-2.5, -0.5), []
    for step in range(61):
        angle, swell = start + step / 60 * 6.6, 1 + 0.04 * math.sin(step / 9) + sheet.random.uniform(-0.01, 0.01)
        across, down = math.cos(angle), math.sin(angle)
        # Flatter than an ellipse, so that the corners of long words lie inside.
        x = math.copysign(abs(across) ** 0.6, across) * half[0] * swell
        y = math.copysign(abs(down) ** 0.6, down) * half[1] * swell
        points.append((middle[0] + x, middle[1] + y))
    sheet.marks.append(Stroke(tuple(points), 1.2))


def dissent(desk: Desk, sheet: Sheet, x: float, y: float, width: float, size: float = 9.5) -> float:
    """The sentence about sharing, wrapped, where the referral has one; returns the next free baseline."""
    referral = desk.referral
    if not referral.sharing_words:
        return y
    top = y
    y = sheet.prose(x, y, [referral.sharing_words], width, size)
    sheet.says("referral.sharing_dissent", referral.dissents, (x, top - size, x + width, y - size))
    return y


def story(desk: Desk, sheet: Sheet, x: float, y: float, width: float, size: float = 9.5) -> float:
    """The reason, by hand where the form is filled in by hand, and the words about sharing; the next free baseline."""
    by_hand = desk.hand is not None
    y = sheet.prose(x, y, desk.referral.reason, width, size + 1 if by_hand else size, "referral.reason", by_hand)
    return dissent(desk, sheet, x, y + 3, width, size)
