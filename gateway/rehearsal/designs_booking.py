"""Referral forms of hospitals' booking offices: labels above, under and before the answers, cells for digits, words to ring or strike."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, footer, priority_ticks, ring, room, story
from gateway.rehearsal.sheet import Sheet, Stroke

_Cell = tuple[str, str, float]


def _cells(desk: Desk, sheet: Sheet, y: float, row: Sequence[_Cell], tall: float = 31, left: float = 42) -> float:
    """A row of ruled cells with the label at the top of each: label, answer, width. Returns the next row's top."""
    x = left
    for label, what, wide in row:
        sheet.box(x, y, wide, tall, 0.7)
        sheet.put(x + 4, y + 9.5, label, room(sheet, label, 7.5, wide - 8))
        answer(desk, sheet, what, x + 6, y + tall - 7, wide - 12, 12)
        x += wide
    return y + tall


def stacked_cells(desk: Desk) -> list[Sheet]:
    """A table ruled all over in which every label stands above its answer; the boxes for urgency are behind their words."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(42, 50, f"{referral.hospital} NHS Trust", 11, bold=True)
    title = random.choice(("Request for Outpatient Appointment", "GP Referral to Hospital Clinic"))
    sheet.put(42, 70, title, 16, bold=True)
    sheet.put(553, 50, "Booking Centre 01632 960414", 9, right=True)
    sheet.put(553, 62, "Office use: received ........ / ........", 8, right=True)
    kin = referral.next_of_kin
    y = _cells(
        desk,
        sheet,
        82,
        (
            (random.choice(("Surname", "Family name")), "patient.family_name", 190),
            (random.choice(("First names", "Given name(s)")), "patient.given_names", 190),
            ("Title", f"={who.title}", 60),
            ("Sex", "patient.gender", 71),
        ),
    )
    y = _cells(
        desk,
        sheet,
        y,
        (
            (random.choice(("Date of birth", "DOB (dd/mm/yyyy)")), "patient.birth_date", 130),
            (random.choice(("NHS number", "NHS No.")), "patient.nhs_number", 170),
            ("Hospital number (if known)", f"={who.hospital_number}", 130),
            ("Interpreter", f"={referral.interpreter or 'No'}", 81),
        ),
    )
    y = _cells(desk, sheet, y, (("Address", "patient.address", 391), ("Postcode", "patient.postcode", 120)))
    y = _cells(
        desk,
        sheet,
        y,
        (
            (random.choice(("Telephone (patient)", "Patient's phone")), "patient.phone", 160),
            ("Next of kin", f"={kin.name}", 191),
            ("Telephone (next of kin)", f"={printed.phone(kin.phone, desk.phone_style)}", 160),
        ),
    )
    sheet.box(42, y, 511, 16, 0.7, fill=210)
    sheet.put(46, y + 11.5, "Referrer", 9, bold=True)
    y = _cells(
        desk,
        sheet,
        y + 16,
        (
            (random.choice(("Referring clinician", "Name of referrer")), "referrer.name", 180),
            (random.choice(("Surgery", "Practice")), "referrer.practice_name", 220),
            ("Practice code", "referrer.practice_code", 111),
        ),
    )
    y = _cells(
        desk,
        sheet,
        y,
        (
            ("Telephone (surgery)", "referrer.phone", 140),
            (random.choice(("Date of referral", "Date sent")), "referral.date", 120),
            ("Registered GP, if different", f"=Dr {referral.usual_doctor}", 251),
        ),
    )
    sheet.box(42, y, 511, 16, 0.7, fill=210)
    sheet.put(46, y + 11.5, "Referral", 9, bold=True)
    y = _cells(
        desk,
        sheet,
        y + 16,
        (
            (random.choice(("Specialty", "Clinic requested")), "referral.specialty", 200),
            ("Consultant, if any preferred", "referral.named_clinician", 171),
            ("UBRN, if any", "referral.ubrn", 140),
        ),
    )
    sheet.box(42, y, 511, 24, 0.7)
    sheet.put(46, y + 15.5, random.choice(("Urgency", "Priority")), 9.5, bold=True)
    words = (
        ("ROUTINE", "Routine"),
        ("URGENT", "Urgent"),
        ("TWO_WEEK_WAIT", random.choice(("2WW", "Suspected cancer"))),
    )
    priority_ticks(desk, sheet, 120, y + 15.5, words, 130, False, 10.5)
    y += 24
    sheet.box(42, y, 511, 786 - y, 0.7)
    sheet.put(46, y + 12, random.choice(("Clinical details", "Reason for referral")), 9, bold=True)
    y = story(desk, sheet, 48, y + 28, 499, 10)
    sheet.prose(
        48,
        min(y + 6, 740),
        [f"Drugs: {'; '.join(referral.medicines) or 'none'}. Allergies: {referral.allergies}"],
        499,
        9,
    )
    footer(desk, sheet, "BC/014 issue 6. Please send one form for each patient.")
    return [sheet]


def words_under_lines(desk: Desk) -> list[Sheet]:
    """Lines to write on with the question in small print beneath each; the urgency is ringed."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(297, 48, referral.hospital.upper(), 15, bold=True, centre=True)
    sheet.put(
        297,
        64,
        random.choice(("Referral for a specialist opinion", "Referral form: hospital outpatients")),
        11,
        centre=True,
    )
    y = 92.0

    def row(*fields: tuple[str, str, float]) -> None:
        nonlocal y
        x = 48.0
        for label, what, wide in fields:
            answer(desk, sheet, what, x + 3, y, wide - 16, 12.5)
            sheet.rule(x, y + 4, x + wide - 10, y + 4, 0.6)
            sheet.put(x, y + 12.5, label, 7.5)
            x += wide
        y += 33

    kin = referral.next_of_kin
    row(
        (random.choice(("Patient's surname", "Last name")), "patient.family_name", 250),
        (random.choice(("Forenames", "First names")), "patient.given_names", 250),
    )
    row(
        ("Date of birth", "patient.birth_date", 140),
        ("NHS number", "patient.nhs_number", 170),
        ("Sex", "patient.gender", 80),
        ("Case note number", f"={referral.patient.hospital_number}", 110),
    )
    row(("Home address", "patient.address", 380), ("Postcode", "patient.postcode", 120))
    row(
        ("Daytime telephone", "patient.phone", 165),
        ("Person to contact in an emergency", f"={kin.name}", 190),
        ("Their telephone", f"={kin.phone}", 145),
    )
    row(("Referring doctor", "referrer.name", 220), ("Practice", "referrer.practice_name", 280))
    row(
        ("Practice telephone", "referrer.phone", 180),
        ("National practice code", "referrer.practice_code", 160),
        ("Date", "referral.date", 160),
    )
    row(("To the clinic of (specialty)", "referral.specialty", 260), ("Consultant", "referral.named_clinician", 240))
    sheet.put(48, y, random.choice(("How soon? Please ring one:", "Please circle:")), 10, bold=True)
    x = 220.0
    for code, word in (("ROUTINE", "Routine"), ("URGENT", "Urgent"), ("TWO_WEEK_WAIT", "Two week wait")):
        end = sheet.put(x, y, word, 11)
        if code == referral.priority:
            ring(sheet, x, y - 9, end, y + 2)
            sheet.says("referral.priority", code, (x - 8, y - 14, end + 8, y + 7))
        x = end + 44
    y += 24
    sheet.put(48, y, "Problem, findings, and what you would like us to do", 9.5, bold=True)
    y = story(desk, sheet, 48, y + 17, 497, 10)
    if desk.hand is None:
        sheet.prose(48, y + 4, [f"Medication: {'; '.join(referral.medicines) or 'none'}"], 497, 9.5)
    sheet.signature(420, 782, 70)
    sheet.rule(400, 786, 545, 786, 0.6)
    sheet.put(400, 795, "Signature", 7.5)
    return [sheet]


def _digits(desk: Desk, sheet: Sheet, x: float, y: float, groups: Sequence[str], name: str, value: str) -> float:
    """Digits one to a cell, groups apart; records the field. Returns the right edge."""
    start = x
    for group in groups:
        for digit in group:
            sheet.box(x, y, 15, 18, 0.6)
            if desk.hand:
                sheet.write(x + 3.5, y + 14, digit, 13)
            else:
                sheet.put(x + 7.5, y + 13.5, digit, 11.5, centre=True)
            x += 15
        x += 8
    sheet.says(name, value, (start, y, x - 8, y + 18))
    return x


def digit_cells(desk: Desk) -> list[Sheet]:
    """Open boxes for words and small cells for the digits of the NHS number and the birth date; boxes before the words."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.box(40, 34, 515, 34, 0, fill=60)
    title = random.choice(("OUTPATIENT REFERRAL", "REFERRAL FORM - ALL SPECIALTIES"))
    sheet.put(50, 56, title, 15, bold=True, grey=255)
    sheet.put(40, 82, f"Send to: Appointments, {referral.hospital}. Tel 01632 960377. Fax 01632 960555.", 9)
    y = 92.0

    def field(label: str, what: str, x: float = 40, wide: float = 515, lead: float = 108) -> None:
        sheet.put(x, y + 13.5, label, room(sheet, label, 9.5, lead - 6))
        sheet.box(x + lead, y, wide - lead, 20, 0.8)
        answer(desk, sheet, what, x + lead + 5, y + 14.5, wide - lead - 10, 12)

    style = random.choice(("cross", "check", "check"))
    sheet.put(40, y + 13, random.choice(("NHS Number", "NHS no.")), 9.5)
    number = who.nhs_number
    _digits(desk, sheet, 148, y, (number[:3], number[3:6], number[6:]), "patient.nhs_number", number)
    field("Hosp. no.", f"={who.hospital_number}", 360, 195, 62)
    y += 26
    sheet.put(40, y + 13, random.choice(("Date of birth", "D.O.B.")), 9.5)
    born = f"{who.birth_date:%d%m%Y}"
    _digits(desk, sheet, 148, y, (born[:2], born[2:4], born[4:]), "patient.birth_date", who.birth_date.isoformat())
    for word, x in (("male", 360.0), ("female", 430.0)):
        sheet.tick(x, y + 4, 11, who.gender == word, style)
        end = sheet.put(x + 16, y + 13, word.capitalize(), 9.5)
        if who.gender == word:
            sheet.says("patient.gender", word, (x, y + 3, end, y + 16))
    y += 26
    field(random.choice(("Surname", "Last name")), "patient.family_name")
    y += 26
    field(random.choice(("First name(s)", "Forename(s)")), "patient.given_names")
    y += 26
    field("Address", "patient.address")
    y += 26
    field("Postcode", "patient.postcode", 40, 250)
    field(random.choice(("Tel.", "Mobile")), "patient.phone", 310, 245, 70)
    y += 26
    kin = referral.next_of_kin
    field("Relative or carer", f"={kin.name} ({kin.relation.lower()})", 40, 330)
    field("Tel.", f"={kin.phone}", 385, 170, 34)
    y += 34
    sheet.rule(40, y - 5, 555, y - 5, 1)
    field("Referred by", "referrer.name", 40, 270)
    field("Date", "referral.date", 330, 225, 60)
    y += 26
    field("Practice", "referrer.practice_name", 40, 330)
    field("Code", "referrer.practice_code", 385, 170, 50)
    y += 26
    field("Practice tel.", "referrer.phone", 40, 270)
    field("GP (if other)", f"=Dr {referral.usual_doctor}", 330, 225, 76)
    y += 34
    sheet.rule(40, y - 5, 555, y - 5, 1)
    field("Specialty", "referral.specialty", 40, 270)
    field("Clinician", "referral.named_clinician", 330, 225, 60)
    y += 36
    end = sheet.put(40, y, random.choice(("Tick one:", "Priority (tick)")), 9.5, bold=True)
    third = random.choice(("2 week wait", "Cancer (2WW)"))
    words = (("TWO_WEEK_WAIT", third), ("URGENT", "Urgent"), ("ROUTINE", "Routine"))
    priority_ticks(desk, sheet, 148, y, words, 120, True, 10.5, style)
    y += 14
    sheet.put(40, y + 8, random.choice(("Needs:", "Also:")), 9.5, bold=True)
    x = 148.0
    for word, on in (
        ("Transport", random.random() < 0.2),
        ("Interpreter", bool(referral.interpreter)),
        ("Wheelchair", random.random() < 0.15),
    ):
        sheet.tick(x, y, 10, on, style)
        sheet.put(x + 15, y + 8.5, word, 9.5)
        x += 120
    y += 20
    sheet.box(40, y, 515, 790 - y, 0.8)
    sheet.put(46, y + 13, random.choice(("Details", "Referral information")), 9.5, bold=True)
    story(desk, sheet, 48, y + 29, 499, 10)
    footer(desk, sheet, "APP 7   Please write clearly. Use a second sheet if you need more room.")
    return [sheet]


def strike_out_lines(desk: Desk) -> list[Sheet]:
    """A narrow form with dotted answers in one column and the urgencies that do not apply struck out."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(60, 52, f"{referral.hospital}", 12, bold=True)
    sheet.put(60, 68, random.choice(("REFERRAL TO OUT-PATIENTS", "LETTER OF REFERRAL (pro forma)")), 13, bold=True)
    y = 98.0

    def line(label: str, what: str, x: float = 60, right: float = 535) -> None:
        end = sheet.put(x, y, label, 10) + 4
        for step in range(int((right - end) / 4)):
            sheet.put(end + 4 * step, y + 3, ".", 8, grey=60)
        answer(desk, sheet, what, end + 4, y, right - end - 6, 12.2)

    kin = referral.next_of_kin
    line("To the Consultant in", "referral.specialty")
    y += 22
    if referral.named_clinician:
        line("(name, if any)", "referral.named_clinician")
        y += 22
    sheet.put(
        60,
        y,
        random.choice(("Please see the patient below. Delete as applicable:", "Degree of urgency (strike out):")),
        10,
    )
    y += 18
    x = 80.0
    for code, word in (
        ("TWO_WEEK_WAIT", random.choice(("2 WEEK WAIT", "SUSPECTED CANCER"))),
        ("URGENT", "URGENT"),
        ("ROUTINE", random.choice(("ROUTINE", "NON-URGENT"))),
    ):
        end = sheet.put(x, y, word, 11, bold=True)
        if code == referral.priority:
            sheet.says("referral.priority", code, (x, y - 11, end, y + 3))
        else:
            middle = y - 4 + random.uniform(-0.8, 0.8)
            sheet.marks.append(Stroke(((x - 4, middle + 1), ((x + end) / 2, middle), (end + 5, middle - 1.2)), 1.5))
        x = end + 22
        if code != "ROUTINE":
            sheet.put(x - 14, y, "/", 11)
    y += 26
    line(random.choice(("Patient", "Patient's full name")), "title first")
    y += 22
    line(random.choice(("Born", "Date of birth")), "patient.birth_date", 60, 290)
    line(random.choice(("NHS number", "NHS")), "patient.nhs_number", 305)
    y += 22
    line("Address", "address")
    y += 22
    line(random.choice(("Telephone", "Tel. (home or mobile)")), "patient.phone", 60, 330)
    line("Sex", "patient.gender", 345)
    y += 22
    line("Previous attendance here? No.", f"={who.hospital_number}", 60, 330)
    y += 22
    line("Parent, partner or carer", f"={kin.name}, {printed.phone(kin.phone, 'spaces')}")
    y += 26
    sheet.put(60, y, random.choice(("History and reason for referral:", "I would like your opinion because:")), 10)
    y = story(desk, sheet, 60, y + 18, 475, 10.5)
    y = max(y + 14, 650)
    line("Doctor (print)", "referrer.name", 60, 330)
    line("Date", "referral.date", 345)
    y += 22
    line("Practice", "referrer.practice_name")
    y += 22
    line("Practice telephone", "referrer.phone", 60, 330)
    line("Code", "referrer.practice_code", 345)
    sheet.put(60, y + 30, "Signed", 10)
    sheet.signature(105, y + 30)
    return [sheet]
