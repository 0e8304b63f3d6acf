"""Pieces that letters share: whom they go to, how they greet and end, what stands at the foot and head of their pages."""

from __future__ import annotations

from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import labelled
from gateway.rehearsal.sheet import Sheet


def kind_of_phone(desk: Desk) -> str:
    """What a practice's record calls the patient's number."""
    return "Mobile" if desk.referral.patient.phone.startswith("07") else "Home"


def addressed(desk: Desk, sheet: Sheet, x: float, y: float, size: float, office: str) -> float:
    """The hospital's side of a letter: clinician where one is named, clinic, hospital; the next free baseline."""
    referral = desk.referral
    text, value = desk.entry("referral.named_clinician")
    if text:
        sheet.put(x, y, text, size, name="referral.named_clinician", value=value)
        y += size * 1.35
    end = sheet.put(x, y, office.format(referral.specialty), size)
    sheet.says("referral.specialty", referral.specialty, (x, y - size, end, y + 0.25 * size))
    sheet.put(x, y + size * 1.35, referral.hospital, size)
    return y + size * 3.6


def greeting(desk: Desk, otherwise: str) -> str:
    """`Dear Dr Lister` where a clinician is named, else to whoever reads it."""
    referral = desk.referral
    if not referral.named_clinician:
        return f"Dear {otherwise}"
    return f"Dear {referral.named_clinician_title} {referral.named_clinician.split()[-1]}"


def page_feet(desk: Desk, sheets: list[Sheet], form: str, repeat: bool) -> list[Sheet]:
    """Page numbers, and the patient again at the head of later pages where the template does that."""
    who = desk.referral.patient
    for number, sheet in enumerate(sheets, 1):
        sheet.put(297, 822, form.format(n=number, m=len(sheets)), 8, centre=True)
        if repeat and number > 1:
            end = labelled(desk, sheet, "Patient:", "plain", 50, 48, 230, 9)
            end = labelled(desk, sheet, "Born:", "patient.birth_date", end + 16, 48, 150, 9)
            end = sheet.put(end + 16, 48, "NHS Number: ", 9, bold=True)
            text, value = desk.entry("patient.nhs_number")
            sheet.put(end + 3, 48, text, 9, name="patient.nhs_number", value=value)
            sheet.put(545, 60, f"Record of {who.title} {who.family_name}", 7, right=True, grey=90)
    return sheets


def signed(desk: Desk, sheet: Sheet, x: float, y: float, size: float, closing: str, office: str = "") -> float:
    """The end of a letter: closing words, a scrawl, the doctor's name and office; returns the next free baseline."""
    sheet.put(x, y, closing, size)
    sheet.signature(x + 3, y + 3 * size)
    name = desk.referral.referrer
    end = sheet.put(x, y + 5 * size, f"Dr {name}", size)
    sheet.says("referrer.name", name, (x, y + 4 * size, end, y + 5.3 * size))
    if office:
        sheet.put(x, y + 6.3 * size, office, size)
    return y + 8 * size
