"""Letters as general practice systems print them."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.sheet import Sheet

_SAID = {
    "ROUTINE": ("Routine referral", "Priority: Routine", "ROUTINE"),
    "URGENT": ("URGENT REFERRAL", "Priority: Urgent", "Urgent"),
    "TWO_WEEK_WAIT": ("TWO WEEK WAIT REFERRAL", "Priority: Two week wait", "Suspected cancer - 2WW"),
}


def _practice_head(desk: Desk, sheet: Sheet, y: float) -> float:
    """The practice's letterhead in the middle; returns the next free baseline."""
    practice = desk.referral.practice
    sheet.put(297, y, practice.name, 16, bold=True, centre=True, name="referrer.practice_name")
    sheet.put(297, y + 15, f"{practice.address}, {practice.postcode}", 9, centre=True)
    words = f"Tel: {printed.phone(practice.phone, 'spaces')}"
    sheet.put(297, y + 27, f"{words}   Fax: {printed.phone(practice.fax, 'spaces')}", 9, centre=True)
    sheet.says("referrer.phone", practice.phone, (200, y + 18, 300, y + 29))
    sheet.put(297, y + 39, f"Practice code: {practice.code}", 9, centre=True)
    sheet.says("referrer.practice_code", practice.code, (240, y + 30, 360, y + 41))
    sheet.rule(45, y + 46, 550, y + 46, 1)
    return y + 64


def letter_re(desk: Desk) -> list[Sheet]:
    """A dictated letter on letterhead with a `Re:` line that names the patient."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    y = _practice_head(desk, sheet, 54)
    day = printed.long_date(referral.date) if random.random() < 0.5 else printed.date(referral.date, desk.date_form)
    sheet.put(550, y, day, 10.5, right=True, name="referral.date", value=referral.date.isoformat())
    text, value = desk.entry("referral.named_clinician")
    if text:
        sheet.put(60, y, text, 10.5, name="referral.named_clinician", value=value)
        sheet.put(60, y + 14, f"Department of {referral.specialty}", 10.5)
    else:
        sheet.put(60, y, random.choice(("The Consultant", "Outpatient Bookings", "Consultant in charge")), 10.5)
        sheet.put(60, y + 14, f"Department of {referral.specialty}", 10.5)
    sheet.says("referral.specialty", referral.specialty, (60, y + 4, 300, y + 17))
    sheet.put(60, y + 28, referral.hospital, 10.5)
    y += 54
    # Some letters say nothing of urgency; then nothing is the truth, and a reader has to ask.
    if referral.priority != "ROUTINE" or random.random() < 0.8:
        said = random.choice(_SAID[referral.priority])
        end = sheet.put(60, y, said, 10.5, bold=True)
        sheet.says("referral.priority", referral.priority, (60, y - 10, end, y + 3))
        y += 20
    sheet.put(60, y, f"Dear {text or random.choice(('Colleague', 'Doctor', 'Sir or Madam'))},", 10.5)
    y += 22
    end = sheet.put(60, y, random.choice(("Re: ", "RE: ", "Re ")), 10.5, bold=True)
    end = desk.whole_name(
        sheet, end + 3, y, 10.5, random.choice(("title first", "family first", "title first")), bold=True
    )
    birth, value = desk.entry("patient.birth_date")
    end = sheet.put(end + 10, y, random.choice(("DOB ", "d.o.b. ", "DOB: ")), 10.5, bold=True)
    sheet.put(end + 3, y, birth, 10.5, bold=True, name="patient.birth_date", value=value)
    y += 14
    address, value = desk.entry("patient.address")
    end = sheet.put(85, y, address, 10.5, name="patient.address", value=value)
    sheet.put(end + 6, y, who.postcode, 10.5, name="patient.postcode")
    y += 14
    end = sheet.put(85, y, random.choice(("NHS No: ", "NHS number: ", "NHS: ")), 10.5)
    number, value = desk.entry("patient.nhs_number")
    end = sheet.put(end + 3, y, number, 10.5, name="patient.nhs_number", value=value)
    if random.random() < 0.5:
        end = sheet.put(end + 14, y, "Hosp No: ", 10.5)
        sheet.put(end + 3, y, who.hospital_number, 10.5)
    y += 14
    end = sheet.put(85, y, random.choice(("Tel: ", "Telephone: ", "Home: ")), 10.5)
    phone, value = desk.entry("patient.phone")
    sheet.put(end + 3, y, phone, 10.5, name="patient.phone", value=value)
    if referral.ubrn:
        sheet.put(330, y, f"UBRN: {printed.ubrn(referral.ubrn)}", 10.5, name="referral.ubrn", value=referral.ubrn)
    y += 24
    y = sheet.prose(60, y, referral.reason, 480, 10.5, "referral.reason")
    if referral.sharing_words:
        y = sheet.prose(60, y, [referral.sharing_words], 480, 10.5)
        sheet.says("referral.sharing_dissent", referral.dissents, (60, y - 28, 540, y))
    if referral.medicines:
        y = sheet.prose(60, y + 4, ["Current medication: " + ", ".join(referral.medicines)], 480, 10)
    y = sheet.prose(60, y, [f"Allergies: {referral.allergies}"], 480, 10)
    sheet.put(60, y + 8, "Yours sincerely", 10.5)
    sheet.signature(60, y + 36)
    end = sheet.put(60, y + 58, f"Dr {referral.referrer}", 10.5)
    sheet.says("referrer.name", referral.referrer, (60, y + 47, end, y + 61))
    sheet.put(60, y + 71, random.choice(("General Practitioner", "GP Partner", "Salaried GP")), 9.5)
    return [sheet]
