"""Calls of several papers: a counted cover before a referral, a two-page letter cut short, two patients in one call."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.designs_booking import digit_cells, stacked_cells
from gateway.rehearsal.designs_dictated import details_last_letter, subject_line_letter
from gateway.rehearsal.designs_packs import other_desk
from gateway.rehearsal.designs_surgeries import margin_letter, run_on_letter, strip_letter, three_cell_letter
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import labelled, room
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN
from gateway.rehearsal.record import earlier
from gateway.rehearsal.sheet import Sheet


def _top_sheet(desk: Desk, pages: int) -> Sheet:
    """A practice's cover: big word at the left, lines with dots, the count of pages with or without this one said plainly."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.part = None
    sheet.put(60, 110, random.choice(("Fax", "FAX COVER SHEET", "Facsimile")), 34, bold=True)
    sheet.put(60, 134, practice.name, 13, bold=True)
    sheet.put(60, 149, f"{practice.address}, {practice.postcode}", 10)
    sheet.rule(60, 160, 535, 160, 2)
    sender = f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}"
    count = random.choice((("No. of pages, including this", pages), ("Total pages (inc. cover)", pages)))
    y = 196.0
    for label, text in (
        ("To", f"Referral Office, {referral.hospital}"),
        ("Fax no.", "01632 960555"),
        ("From", f"{sender}, reception"),
        ("Phone", printed.phone(practice.phone, desk.phone_style)),
        ("Date", printed.date(referral.date, desk.date_form)),
        (count[0], str(count[1])),
        ("Re", random.choice(("Patient referral", "Hospital referral, e-RS not available", "Referral as attached"))),
    ):
        sheet.put(60, y, f"{label}:", room(sheet, f"{label}:", 11.5, 165, True), bold=True)
        sheet.put(235, y, text, room(sheet, text, 11.5, 300))
        sheet.rule(230, y + 5, 535, y + 5, 0.5)
        y += 27
    words = (
        "PRIVATE AND CONFIDENTIAL. This message is for the addressee only. If you have received it in error, please ring the number "
        "above and shred all pages. Please ring to confirm that the pages named above have all arrived."
    )
    sheet.prose(60, y + 30, [words], 475, 10.5, lead=1.4)
    return sheet


def _laboratory_sheet(desk: Desk) -> Sheet:
    """Blood results behind a letter: the laboratory's own ten digits, another requester, dates of specimen and report."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(45, 56, "PATHOLOGY REPORT", 13, bold=True)
    sheet.put(550, 56, f"Laboratories, {referral.hospital}", 10, right=True)
    taken = earlier(random, referral.date, 3, 30)
    sheet.rule(45, 64, 550, 64, 0.8)
    labelled(desk, sheet, "Patient:", "family first", 45, 82, 270, 10)
    labelled(desk, sheet, "NHS No:", "patient.nhs_number", 340, 82, 200, 10)
    labelled(desk, sheet, "Date of birth:", "patient.birth_date", 45, 98, 230, 10)
    labelled(desk, sheet, "Hospital no:", f"={who.hospital_number}", 340, 98, 200, 10)
    labelled(desk, sheet, "Lab no:", f"={referral.laboratory_number}", 45, 114, 230, 10)
    labelled(desk, sheet, "Requester:", f"=Dr {random.choice(DOCTORS_FAMILY)}", 340, 114, 200, 10)
    labelled(desk, sheet, "Taken:", f"={printed.date(taken, desk.date_form)}", 45, 130, 230, 10)
    sheet.rule(45, 140, 550, 140, 0.8)
    y = 164.0
    for name, low, high, unit, span in (
        ("Haemoglobin", 98, 165, "g/L", "115 - 165"),
        ("White cell count", 4, 12, "10*9/L", "4.0 - 11.0"),
        ("Platelets", 150, 420, "10*9/L", "150 - 450"),
        ("Sodium", 132, 146, "mmol/L", "133 - 146"),
        ("Potassium", 3, 6, "mmol/L", "3.5 - 5.3"),
        ("Creatinine", 50, 130, "umol/L", "45 - 104"),
        ("ALT", 12, 80, "U/L", "0 - 55"),
        ("CRP", 1, 40, "mg/L", "0 - 5"),
    ):
        sheet.put(45, y, name, 10.5)
        sheet.put(250, y, str(random.randrange(low, high)), 10.5, right=True)
        sheet.put(270, y, unit, 10.5)
        sheet.put(380, y, span, 10.5)
        y += 18
    sheet.put(45, y + 20, "Authorised by the duty biochemist. End of report.", 9.5)
    return sheet


def covered_referral(desk: Desk) -> list[Sheet]:
    """A cover that counts the pages, a letter or a form, mostly with blood results behind it."""
    sheets = desk.random.choice((margin_letter, subject_line_letter, three_cell_letter, stacked_cells))(desk)
    if desk.random.random() < 0.7:
        sheets.append(_laboratory_sheet(desk))
    return [_top_sheet(desk, len(sheets) + 1), *sheets]


def letter_cut_short(desk: Desk) -> list[Sheet]:
    """A letter whose first page says that there are two; the second did not come."""
    sheets = desk.random.choice((three_cell_letter, strip_letter))(desk)
    sheets[-1].sent = False
    return sheets


def two_sent_together(desk: Desk) -> list[Sheet]:
    """Two patients' referrals in one call, of one practice's habits and not always of one kind."""
    kinds = (run_on_letter, details_last_letter, digit_cells, stacked_cells, strip_letter)
    first, second = desk.random.choice(kinds)(desk), desk.random.choice(kinds)(other_desk(desk))
    for sheet in second:
        sheet.part = 1
    return [*first, *second]
