"""Ordinary referral forms of hospital trusts: ruled tables, lines to write on, panels, and one clinic's form with its checklist."""

from __future__ import annotations

from itertools import pairwise

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, footer, priority_ticks, story
from gateway.rehearsal.sheet import Sheet


def outpatient_table(desk: Desk) -> list[Sheet]:
    """A trust's form as one ruled table: sections down the side, two questions a row, labels in the cells before the answers."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    trust = referral.hospital.replace("Hospital", "Hospitals").replace("Infirmary", "Hospitals")
    sheet.put(550, 44, f"{trust} NHS Trust", 10, bold=True, right=True)
    sheet.put(45, 60, random.choice(("Outpatient Referral Form", "Referral to Consultant-led Service")), 16, bold=True)
    sheet.put(45, 73, "Please complete all sections. Incomplete forms may be returned to the referrer.", 8.5)
    y = 82.0
    tall = 20.0

    def section(title: str, rows: tuple[tuple[tuple[str, str], ...], ...]) -> None:
        nonlocal y
        sheet.box(45, y, 66, tall * len(rows), 0.8, fill=222)
        for number, word in enumerate(title.split()):
            sheet.put(49, y + 14 + 11 * number, word, 9, bold=True)
        for row in rows:
            wide = 439 / len(row)
            for index, (label, what) in enumerate(row):
                x = 111 + wide * index
                sheet.box(x, y, wide, tall, 0.6)
                end = sheet.put(x + 4, y + 13.5, label, 8.5)
                answer(desk, sheet, what, end + 6, y + 14, x + wide - end - 10, 11.5)
            y += tall

    kin = referral.next_of_kin
    section(
        "Patient details",
        (
            ((random.choice(("Pt name", "Patient's name", "Full name")), "family first"),),
            ((random.choice(("D.O.B.", "DoB", "Date of birth")), "patient.birth_date"), ("Sex", "patient.gender")),
            (
                (random.choice(("NHS No.", "NHS number")), "patient.nhs_number"),
                ("Hospital No", f"={who.hospital_number}"),
            ),
            (("Address", "patient.address"),),
            (
                ("Postcode", "patient.postcode"),
                (random.choice(("Tel no.", "Daytime tel", "Mobile/Home")), "patient.phone"),
            ),
            (("Next of kin", f"={kin.name}"), ("NOK tel", f"={kin.phone}")),
        ),
    )
    section(
        "Referrer details",
        (
            (
                (random.choice(("Referring GP", "Referred by")), "referrer.name"),
                ("Usual GP", f"=Dr {referral.usual_doctor}"),
            ),
            ((random.choice(("Practice name", "Surgery")), "referrer.practice_name"),),
            (("Practice code", "referrer.practice_code"), ("Practice tel", "referrer.phone")),
        ),
    )
    section(
        "Referral details",
        (
            ((random.choice(("Specialty", "Service required")), "referral.specialty"),),
            (("Named consultant", "referral.named_clinician"), ("UBRN", "referral.ubrn")),
            (("Referral date", "referral.date"), ("Interpreter", f"={referral.interpreter or 'No'}")),
        ),
    )
    sheet.box(45, y, 66, tall, 0.8, fill=222)
    sheet.put(49, y + 14, "Priority", 9, bold=True)
    sheet.box(111, y, 439, tall, 0.6)
    words = (
        ("ROUTINE", "Routine"),
        ("URGENT", "Urgent"),
        ("TWO_WEEK_WAIT", random.choice(("Suspected cancer", "2 week wait"))),
    )
    priority_ticks(desk, sheet, 118, y + 14, words, 130, True, 10, random.choice(("cross", "check", "check")))
    y += tall
    sheet.box(45, y, 505, 788 - y, 0.8)
    title = random.choice(("Reason for referral and relevant history", "Clinical summary (attach letter if preferred)"))
    sheet.put(49, y + 13, title, 9, bold=True)
    y = story(desk, sheet, 51, y + 29, 493)
    if desk.hand is None and y < 700:
        lists = ("; ".join(referral.medicines) or "none", referral.allergies, "; ".join(referral.past) or "none")
        for label, text in zip(("Medication: ", "Allergies: ", "PMH: "), lists, strict=True):
            y = sheet.prose(51, y + 4, [label + text], 493, 9)
    footer(desk, sheet, "WR 1408 rev 11    Return by fax or secure e-mail to the Referral Management Centre")
    return [sheet]


def dotted_columns(desk: Desk) -> list[Sheet]:
    """Two columns of questions with dotted lines to write on, older than the computer it was filled in at."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(297, 46, referral.hospital, 14, bold=True, centre=True)
    sheet.put(297, 62, random.choice(("NEW PATIENT REFERRAL", "OUT-PATIENT APPOINTMENT REQUEST")), 11, centre=True)
    sheet.rule(45, 70, 550, 70, 1.2)
    y = 92.0

    def line(label: str, what: str, x: float, width: float) -> None:
        end = sheet.put(x, y, label, 9.5) + 3
        for step in range(int((x + width - end) / 3.6)):
            sheet.put(end + 3.6 * step, y + 2.5, ".", 8, grey=40)
        answer(desk, sheet, what, end + 3, y, x + width - end - 4, 11.8)

    kin = referral.next_of_kin
    for row in (
        ((random.choice(("Surname", "Pt surname")), "patient.family_name"), ("Forenames", "patient.given_names")),
        (("Date of birth", "patient.birth_date"), (random.choice(("M/F", "Sex")), "patient.gender")),
        (("NHS No", "patient.nhs_number"), ("Hosp. reg. no.", f"={referral.patient.hospital_number}")),
        (("Address", "patient.address"),),
        (("Postcode", "patient.postcode"), (random.choice(("Tel. home/mobile", "Telephone")), "patient.phone")),
        (("Carer or relative", f"={kin.name}"), ("Their telephone", f"={kin.phone}")),
        (),
        ((random.choice(("Specialty", "Clinic")), "referral.specialty"), ("Consultant", "referral.named_clinician")),
        (
            (random.choice(("Referring doctor", "GP")), "referrer.name"),
            (random.choice(("Date", "Date of referral")), "referral.date"),
        ),
        (
            (random.choice(("Surgery", "Practice")), "referrer.practice_name"),
            ("Surgery code", "referrer.practice_code"),
        ),
        (("Surgery tel", "referrer.phone"), ("Fax", f"={printed.phone(referral.practice.fax, desk.phone_style)}")),
    ):
        for (label, what), x in zip(row, (45.0, 305.0), strict=False):
            line(label, what, x, 505 if len(row) == 1 else 245)
        y += 21 if row else 8
    sheet.put(45, y + 4, random.choice(("Urgency (tick)", "Please tick:")), 9.5, bold=True)
    words = (("TWO_WEEK_WAIT", "Two week wait"), ("URGENT", "Urgent"), ("ROUTINE", "Routine"))
    priority_ticks(desk, sheet, 140, y + 4, words, 120, True, 10.5, random.choice(("cross", "check")))
    y += 28
    sheet.put(45, y, "Transport needed?   Yes / No", 9.5)
    sheet.put(305, y, f"Language spoken  {referral.interpreter or 'English'}", 9.5)
    y += 24
    sheet.put(45, y, random.choice(("History, examination and reason for referral", "Clinical details")), 10, bold=True)
    y = story(desk, sheet, 45, y + 17, 500, 10)
    sheet.put(45, 770, "Present treatment", 9.5, bold=True)
    text = "; ".join(referral.medicines[:5]) or "none"
    answer(desk, sheet, f"={text}", 152, 770, 393, 10.5)
    sheet.put(45, 795, "Signature", 9.5)
    sheet.signature(105, 795)
    sheet.put(550, 815, "MR14 (Stores ref 0921)", 7, right=True)
    return [sheet]


def line_panels(desk: Desk) -> list[Sheet]:
    """Panels with headings in their frames; each answer stands on a line and its label under the line."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(45, 52, "Referral to Specialist Services", 17, bold=True)
    sheet.put(45, 66, f"{referral.hospital}   Booking Centre", 9.5)
    y = 84.0

    def panel(title: str, tall: float) -> None:
        end = sheet.put(61, y + 3.5, title, 9.5, bold=True)
        corners = ((end + 4, y), (550, y), (550, y + tall), (45, y + tall), (45, y), (57, y))
        for (x1, y1), (x2, y2) in pairwise(corners):
            sheet.rule(x1, y1, x2, y2, 1)

    def lines(row: tuple[tuple[str, str, float], ...], base: float) -> None:
        x = 57.0
        for label, what, wide in row:
            sheet.rule(x, base + 4, x + wide - 12, base + 4, 0.6)
            answer(desk, sheet, what, x + 2, base, wide - 18, 12)
            sheet.put(x, base + 12, label, 7)
            x += wide

    def filled(title: str, rows: tuple[tuple[tuple[str, str, float], ...], ...]) -> None:
        nonlocal y
        panel(title, 12 + 31 * len(rows))
        for number, row in enumerate(rows):
            lines(row, y + 25 + 31 * number)
        y += 30 + 31 * len(rows)

    unit = f"={referral.patient.hospital_number}"
    filled(
        "PATIENT",
        (
            (
                ("Family name", "patient.family_name", 200),
                ("Given name(s)", "patient.given_names", 180),
                ("Sex", "patient.gender", 100),
            ),
            (
                ("Date of birth", "patient.birth_date", 150),
                ("NHS number", "patient.nhs_number", 170),
                ("Unit number", unit, 160),
            ),
            (("Address", "patient.address", 330), ("Postcode", "patient.postcode", 150)),
            (
                (random.choice(("Contact telephone", "Patient's telephone")), "patient.phone", 200),
                ("Previous address, if moved this year", "=", 280),
            ),
        ),
    )
    filled(
        "REFERRER",
        (
            (("Name", "referrer.name", 200), ("Practice", "referrer.practice_name", 280)),
            (
                ("Practice code", "referrer.practice_code", 130),
                ("Telephone", "referrer.phone", 170),
                ("Date", "referral.date", 180),
            ),
        ),
    )
    filled(
        "REQUEST",
        (
            (
                (random.choice(("Specialty", "Department")), "referral.specialty", 240),
                ("Consultant, if preferred", "referral.named_clinician", 240),
            ),
        ),
    )
    y -= 6
    sheet.put(57, y, "Priority:", 9.5, bold=True)
    words = (("ROUTINE", "routine"), ("URGENT", "urgent"), ("TWO_WEEK_WAIT", "urgent suspected cancer"))
    priority_ticks(desk, sheet, 110, y, words, 100, True, 10, random.choice(("cross", "fill", "check")))
    y += 20
    panel(random.choice(("REASON FOR REFERRAL", "CLINICAL INFORMATION")), 785 - y)
    end = story(desk, sheet, 57, y + 22, 482, 9.5)
    if desk.hand is None and end < 690:
        sheet.prose(
            57,
            end + 6,
            ["Drugs: " + ("; ".join(referral.medicines) or "nil"), f"Allergies: {referral.allergies}"],
            482,
            9,
        )
    return [sheet]


def heart_clinic(desk: Desk) -> list[Sheet]:
    """One clinic's own form: two blocks side by side, the clinic in the title, a checklist of its trade and a free text."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.box(45, 34, 505, 36, 0, fill=60)
    sheet.put(55, 57, "CARDIOLOGY REFERRAL", 16, bold=True, grey=255)
    sheet.put(540, 57, referral.hospital, 10, grey=255, right=True)
    sheet.says("referral.specialty", "CARDIOLOGY", (55, 40, 160, 60))
    y = 76.0
    left = (
        ("Name", "title first"),
        ("DOB", "patient.birth_date"),
        ("NHS", "patient.nhs_number"),
        ("Hosp No", f"={who.hospital_number}"),
        ("Gender", "patient.gender"),
        ("Tel", "patient.phone"),
    )
    right = (
        ("GP", "referrer.name"),
        ("Practice", "referrer.practice_name"),
        ("ODS code", "referrer.practice_code"),
        ("Tel", "referrer.phone"),
        ("Date", "referral.date"),
        ("Consultant", "referral.named_clinician"),
    )
    for (title, rows), x in zip((("PATIENT", left), ("REFERRER", right)), (45.0, 300.0), strict=True):
        sheet.box(x, y, 250, 126, 0.8)
        sheet.put(x + 5, y + 12, title, 8.5, bold=True)
        for number, (label, what) in enumerate(rows):
            sheet.put(x + 5, y + 29 + 18 * number, label, 9)
            answer(desk, sheet, what, x + 58, y + 29 + 18 * number, 186, 11.5)
    y += 142
    sheet.put(45, y, "Address", 9)
    answer(desk, sheet, "address", 103, y, 440, 11.5)
    y += 22
    style = random.choice(("cross", "check"))
    sheet.put(45, y, "This referral is", 9.5, bold=True)
    priority_ticks(
        desk, sheet, 130, y, (("URGENT", "urgent (seen within 2 weeks)"), ("ROUTINE", "routine")), 180, True, 10, style
    )
    y += 22
    for heading, words in (
        ("Clinic", ("Chest pain", "Heart failure", "Arrhythmia", "Valve / murmur", "Pre-operative", "Not sure")),
        ("Risk factors", ("Smoker", "Diabetes", "Hypertension", "Cholesterol", "Family history", "Known IHD")),
        ("Done already", ("ECG (enclosed)", "NT-proBNP", "FBC, U&E, TFT", "Chest X-ray", "Echo", "24 h tape")),
    ):
        sheet.put(45, y, heading, 9.5, bold=True)
        for index, word in enumerate(words):
            x = 120 + index % 3 * 145
            sheet.tick(x, y - 8.5, 9.5, random.random() < 0.35, style)
            sheet.put(x + 14, y, word, 9)
            y += 15 if index == 2 else 0
        y += 19
    sheet.rule(45, y - 8, 550, y - 8, 0.6)
    sheet.put(45, y + 6, "History and question for the clinic", 9.5, bold=True)
    y = story(desk, sheet, 45, y + 22, 500)
    for label, text in (
        ("BP", f"{random.randrange(110, 165)}/{random.randrange(60, 96)}"),
        ("Pulse", f"{random.randrange(52, 118)} {random.choice(('reg', 'irreg'))}"),
        ("Weight", f"{random.randrange(55, 115)} kg"),
    ):
        end = sheet.put(45, y + 6, f"{label}:", 9.5)
        sheet.write(end + 5, y + 6, text, 11)
        y += 15
    sheet.prose(45, y + 10, ["Medication: " + ("; ".join(referral.medicines) or "none")], 500, 9.5)
    footer(desk, sheet, "Cardiology Admin, Level 3    Patients with chest pain at rest: dial 999")
    return [sheet]
