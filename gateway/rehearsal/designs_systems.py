"""Referral letters that general practice systems assemble from the record: blocks, lists with dates, running page footers."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.sheet import Sheet

_MEASURES = (
    ("O/E - blood pressure reading", 110, 170, "/80 mmHg"),
    ("Body mass index", 19, 38, ".4 kg/m2"),
    ("O/E - weight", 52, 118, ".5 kg"),
    ("Serum creatinine", 55, 130, " umol/L"),
    ("Haemoglobin estimation", 98, 160, " g/L"),
    ("HbA1c level (IFCC standardised)", 34, 80, " mmol/mol"),
    ("Serum cholesterol", 3, 7, ".6 mmol/L"),
    ("Pulse rate", 58, 98, " beats/min"),
)


def _earlier(desk: Desk) -> str:
    return printed.date(desk.referral.date - dt.timedelta(days=desk.random.randrange(5, 3000)), "%d-%b-%Y")


def _record_lists(desk: Desk, sheet: Sheet, y: float, headings: tuple[str, ...], size: float = 9.5) -> float:
    """Problems, medicines, allergies and measurements, each line with a date that is nobody's birthday."""
    referral, random = desk.referral, desk.random
    measures = [
        f"{label}   {random.randrange(low, high)}{rest}"
        for label, low, high, rest in random.sample(_MEASURES, random.randrange(3, 7))
    ]
    lists = (
        referral.past or ("No significant history",),
        referral.medicines or ("No current medication",),
        (referral.allergies,),
        measures,
    )
    for heading, lines in zip(headings, lists, strict=True):
        sheet.put(50, y, heading, size + 1, bold=True)
        sheet.rule(50, y + 3, 545, y + 3, 0.5)
        y += size * 1.6
        for line in lines:
            sheet.put(58, y, _earlier(desk), size)
            sheet.put(140, y, line, size)
            y += size * 1.4
        y += 8
    return y


def _running_foot(desk: Desk, sheets: list[Sheet], words: str) -> list[Sheet]:
    """Give each page the patient's name at the top from the second on, and `Page n of m` at the foot."""
    who = desk.referral.patient
    for number, sheet in enumerate(sheets, 1):
        sheet.rule(50, 803, 545, 803, 0.4)
        sheet.put(50, 814, words, 8)
        sheet.put(545, 814, f"Page {number} of {len(sheets)}", 8, right=True)
        if number > 1:
            end = desk.whole_name(sheet, 50, 46, 9.5, "family first")
            birth, value = desk.entry("patient.birth_date")
            end = sheet.put(end + 14, 46, "DOB: ", 9.5)
            end = sheet.put(end, 46, birth, 9.5, name="patient.birth_date", value=value)
            end = sheet.put(end + 14, 46, "NHS No: ", 9.5)
            sheet.put(
                end,
                46,
                printed.nhs_number(who.nhs_number, desk.nhs_style),
                9.5,
                name="patient.nhs_number",
                value=who.nhs_number,
            )
            sheet.rule(50, 52, 545, 52, 0.4)
    return sheets


def _ask(desk: Desk, sheet: Sheet, y: float, priority_label: str) -> float:
    """Specialty, clinician and priority, one a line."""
    referral = desk.referral
    rows = [("Speciality", "referral.specialty"), ("Clinician", "referral.named_clinician"), ("UBRN", "referral.ubrn")]
    for label, name in rows:
        text, value = desk.entry(name)
        if text:
            end = sheet.put(50, y, f"{label}: ", 10, bold=True)
            sheet.put(end + 2, y, text, 10, name=name, value=value)
            y += 14
    word = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "2 Week Wait"}[referral.priority]
    end = sheet.put(50, y, f"{priority_label}: ", 10, bold=True)
    sheet.put(end + 2, y, word, 10, name="referral.priority", value=referral.priority)
    return y + 20


def letter_blocks(desk: Desk) -> list[Sheet]:
    """Practice at the right, patient as label and value pairs, then the letter; lists from the record on a second page."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    first = desk.sheet()
    y = 52.0
    first.put(545, y, practice.name, 12, bold=True, right=True, name="referrer.practice_name")
    for line in (*practice.address.split(", "), practice.postcode):
        y += 13
        first.put(545, y, line, 9.5, right=True)
    y += 13
    first.put(
        545,
        y,
        f"Telephone {printed.phone(practice.phone, desk.phone_style)}",
        9.5,
        right=True,
        name="referrer.phone",
        value=practice.phone,
    )
    y += 13
    first.put(
        545,
        y,
        f"National practice code: {practice.code}",
        9.5,
        right=True,
        name="referrer.practice_code",
        value=practice.code,
    )
    first.put(50, 65, "PRIVATE AND CONFIDENTIAL", 9, bold=True)
    first.put(50, 90, referral.hospital, 10)
    first.put(50, 104, "Outpatient Department", 10)
    text, value = desk.entry("referral.date")
    y += 26
    end = first.put(50, y, "Date of letter: ", 10)
    first.put(end + 2, y, text, 10, name="referral.date", value=value)
    y += 22
    y = _ask(desk, first, y, random.choice(("Priority", "Referral priority")))
    first.box(48, y - 8, 500, 92)
    y += 6
    end = first.put(54, y, random.choice(("Patient: ", "Patient name: ")), 10, bold=True)
    desk.whole_name(first, end + 2, y, 10, random.choice(("title first", "family first")))
    rows = (
        (("Date of Birth: ", "patient.birth_date"), ("NHS Number: ", "patient.nhs_number")),
        (
            ("Gender: ", "patient.gender"),
            ("Home Telephone: " if referral.patient.phone[:2] != "07" else "Mobile Telephone: ", "patient.phone"),
        ),
    )
    for left, right in rows:
        y += 17
        for (label, name), x in ((left, 54), (right, 290)):
            text, value = desk.entry(name)
            end = first.put(x, y, label, 10, bold=True)
            first.put(end + 2, y, text, 10, name=name, value=value)
    y += 17
    end = first.put(54, y, "Address: ", 10, bold=True)
    text, value = desk.entry("patient.address")
    end = first.put(end + 2, y, text, 10, name="patient.address", value=value)
    first.put(end, y, ", ", 10)
    first.put(end + 6, y, referral.patient.postcode, 10, name="patient.postcode")
    y += 17
    end = first.put(54, y, "Usual GP: ", 10, bold=True)
    first.put(end + 2, y, f"Dr {referral.usual_doctor}", 10)
    y += 32
    first.put(50, y, random.choice(("Dear Colleague", "Dear Doctor", "Dear Sir/Madam")), 10)
    y = first.prose(50, y + 20, referral.reason, 490, 10, "referral.reason")
    if referral.sharing_words:
        top = y
        y = first.prose(50, y, [referral.sharing_words], 490, 10)
        first.says("referral.sharing_dissent", referral.dissents, (50, top - 10, 540, y))
    first.put(50, y + 6, "Yours sincerely", 10)
    first.signature(50, y + 34)
    end = first.put(50, y + 54, f"Dr {referral.referrer}", 10)
    first.says("referrer.name", referral.referrer, (50, y + 44, end, y + 57))
    second = desk.sheet()
    _record_lists(desk, second, 78, ("Problems", "Medication", "Allergies", "Values and Investigations"))
    return _running_foot(desk, [first, second], f"Printed {printed.date(referral.date, '%d-%b-%Y')} by {practice.name}")


def letter_columns(desk: Desk) -> list[Sheet]:
    """Patient at the left, registered practice at the right, then the letter; the record on one or two further pages."""
    referral, random, practice, who = desk.referral, desk.random, desk.referral.practice, desk.referral.patient
    first = desk.sheet()
    first.put(297, 48, practice.name.upper(), 13, bold=True, centre=True, name="referrer.practice_name")
    first.put(297, 62, f"{practice.address.replace(', ', ' | ')} | {practice.postcode}", 8.5, centre=True)
    first.box(48, 74, 250, 118)
    first.box(298, 74, 250, 118)
    y = 88.0
    desk.whole_name(first, 54, y, 10, "title first", bold=True)
    lines = desk.address_lines(with_postcode=False)
    for line in lines:
        y += 12.5
        first.put(54, y, line, 9.5)
    first.says("patient.address", who.address, (54, 90, 290, y + 3))
    y += 12.5
    first.put(54, y, who.postcode, 9.5, name="patient.postcode")
    for label, name in (
        ("Born ", "patient.birth_date"),
        ("NHS ", "patient.nhs_number"),
        ("T: ", "patient.phone"),
        ("Sex ", "patient.gender"),
    ):
        text, value = desk.entry(name)
        y += 12.5
        end = first.put(54, y, label, 9.5)
        first.put(end + 2, y, text, 9.5, name=name, value=value)
    first.put(304, 88, "Registered practice", 9.5, bold=True)
    first.put(304, 102, f"Registered GP: Dr {referral.usual_doctor}", 9.5)
    end = first.put(304, 116, "Org. code ", 9.5)
    first.put(end + 2, 116, practice.code, 9.5, name="referrer.practice_code")
    end = first.put(304, 130, "Surgery line ", 9.5)
    first.put(
        end + 2, 130, printed.phone(practice.phone, desk.phone_style), 9.5, name="referrer.phone", value=practice.phone
    )
    first.put(304, 144, f"Surgery fax {printed.phone(practice.fax, desk.phone_style)}", 9.5)
    text, value = desk.entry("referral.date")
    first.put(304, 168, text, 10, name="referral.date", value=value)
    y = 208
    clinician, value = desk.entry("referral.named_clinician")
    if clinician:
        first.put(50, y, f"F.A.O. {clinician}", 10, name="referral.named_clinician", value=value)
        y += 13
    first.put(50, y, f"{referral.specialty} Outpatients, {referral.hospital}", 10)
    first.says("referral.specialty", referral.specialty, (50, y - 10, 300, y + 3))
    y += 22
    phrase = {
        "ROUTINE": "Urgency of referral - routine",
        "URGENT": "Urgency of referral - urgent",
        "TWO_WEEK_WAIT": "Urgency of referral - suspected cancer (two week wait)",
    }
    first.put(50, y, phrase[referral.priority], 10, bold=True, name="referral.priority", value=referral.priority)
    if referral.ubrn:
        first.put(380, y, f"UBRN {printed.ubrn(referral.ubrn)}", 10, name="referral.ubrn", value=referral.ubrn)
    y += 22
    y = first.prose(50, y, referral.reason, 495, 10.5, "referral.reason")
    first.put(50, y + 4, "Kind regards", 10.5)
    first.signature(52, y + 32)
    end = first.put(50, y + 54, f"Dr {referral.referrer} MBChB MRCGP", 10.5)
    first.says("referrer.name", referral.referrer, (50, y + 44, end, y + 57))
    second, third = desk.sheet(), desk.sheet()
    y = _record_lists(desk, second, 78, ("Summary", "Repeat Templates", "Sensitivities", "Recent Numeric Values"))
    y = third.prose(
        50,
        84,
        [f"Previous hospital number: {who.hospital_number}. Consultation of {_earlier(desk)}: agreed to refer."],
        490,
        10,
    )
    y = third.prose(
        50,
        y,
        [
            f"Emergency contact: {referral.next_of_kin.name}, {referral.next_of_kin.relation.lower()}, {referral.next_of_kin.phone}"
        ],
        490,
        10,
    )
    if referral.sharing_words:
        top = y
        y = third.prose(50, y, [referral.sharing_words], 490, 10)
        third.says("referral.sharing_dissent", referral.dissents, (50, top - 10, 540, y))
    sheets = [first, second, third] if referral.sharing_words or random.random() < 0.5 else [first, second]
    return _running_foot(desk, sheets, "Confidential: personal data")
