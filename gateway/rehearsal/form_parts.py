"""Pieces that referral forms share: a filled-in value, a row of priorities with one ticked, the foot, the rest of the record."""

from __future__ import annotations

from gateway.rehearsal.desk import Desk
from gateway.rehearsal.sheet import Sheet

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
) -> None:
    """A row of priorities with one box ticked. The truth is the ticked one."""
    style = desk.random.choice(("cross", "check", "check", "fill"))
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
