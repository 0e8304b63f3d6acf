"""Letters as practices' record systems merge them: patient grids, problem lists, medication, copies of consultations."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, dissent, labelled, room
from gateway.rehearsal.letter_parts import addressed, greeting, kind_of_phone, page_feet, signed
from gateway.rehearsal.record import consultations, earlier, listed, values
from gateway.rehearsal.sheet import Sheet


def grid_letter(desk: Desk) -> list[Sheet]:
    """A merged letter with the patient in a ruled grid of four columns, and the record's lists on the second page."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    first, second = desk.sheet(), desk.sheet()
    first.put(545, 50, practice.name, 13, bold=True, right=True, name="referrer.practice_name")
    y = 63.0
    for line in (*practice.address.split(", "), practice.postcode):
        first.put(545, y, line, 9.5, right=True)
        y += 12
    phone = printed.phone(practice.phone, desk.phone_style)
    first.put(545, y, f"Fax {printed.phone(practice.fax, desk.phone_style)}", 9.5, right=True)
    end = first.put(545 - first.wide(f"Tel {phone}", 9.5), y + 12, "Tel ", 9.5)
    first.put(end, y + 12, phone, 9.5, name="referrer.phone", value=practice.phone)
    addressed(desk, first, 50, 76, 10.5, "{} Outpatient Clinic")
    label = random.choice(("Date of letter", "Letter date", "Referral date"))
    y += 34
    labelled(desk, first, f"{label}:", "referral.date", 50, y, 240)
    said = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "Two Week Wait"}[referral.priority]
    end = first.put(320, y, random.choice(("Referral priority:", "Urgency:")), 10, bold=True)
    first.put(end + 5, y, said, 10, name="referral.priority", value=referral.priority)
    y += 14
    kin = referral.next_of_kin
    home = random.choice((kind_of_phone(desk), f"{kind_of_phone(desk)} telephone", "Preferred telephone"))
    rows = (
        ((random.choice(("Patient name", "Pt name")), "family first"), ("NHS number", "patient.nhs_number")),
        (("Date of birth", "patient.birth_date"), ("Gender", "patient.gender")),
        ((home, "patient.phone"), ("Known as", f"={who.first_name}")),
        (("Hospital no.", f"={who.hospital_number}"), ("Next of kin", f"={kin.name}, {kin.phone}")),
        (("Registered practice", "referrer.practice_name"), ("Practice code", "referrer.practice_code")),
        (("Usual GP", f"=Dr {referral.usual_doctor}"), ("Interpreter", f"={referral.interpreter or 'Not needed'}")),
    )
    for pair in rows:
        for (name, what), x in zip(pair, (50.0, 310.0), strict=True):
            first.box(x, y, 84, 18, 0.5, fill=228)
            first.box(x + 84, y, 176 if x < 300 else 151, 18, 0.5)
            first.put(x + 4, y + 12.5, name, room(first, name, 8.5, 78))
            answer(desk, first, what, x + 88, y + 12.5, 168 if x < 300 else 144, 10.8)
        y += 18
    first.box(50, y, 84, 18, 0.5, fill=228)
    first.box(134, y, 411, 18, 0.5)
    first.put(54, y + 12.5, "Address", 8.5)
    answer(desk, first, "address", 138, y + 12.5, 400, 10.8)
    y += 42
    first.put(50, y, greeting(desk, "Colleague"), 10.5)
    y = first.prose(50, y + 20, referral.reason, 495, 10.5, "referral.reason")
    y = dissent(desk, first, 50, y + 2, 495, 10.5)
    signed(
        desk,
        first,
        50,
        y + 8,
        10.5,
        "Yours sincerely",
        random.choice(("GP Principal", "Salaried General Practitioner", "")),
    )
    y = 90.0
    for heading, lines in (
        ("Problems", referral.past or ("No significant problems recorded",)),
        ("Repeat medication", referral.medicines or ("None",)),
        ("Allergies", (referral.allergies,)),
    ):
        second.box(50, y - 12, 495, 16, 0, fill=228)
        second.put(54, y, heading, 10, bold=True)
        rows_of = [(printed.date(earlier(random, referral.date), desk.date_form), line) for line in lines]
        y = listed(second, 54, y + 18, rows_of, (150,), 9.5, 540) + 12
    second.box(50, y - 12, 495, 16, 0, fill=228)
    second.put(54, y, "Values (last 12 months)", 10, bold=True)
    found = [(printed.date(day, desk.date_form), name, figure) for day, name, figure in values(random, referral, 5)]
    listed(second, 54, y + 18, found, (150, 330), 9.5, 540)
    return page_feet(desk, [first, second], "Page {n} of {m}", True)


def subject_box_letter(desk: Desk) -> list[Sheet]:
    """A letter with its subject in a frame: labels flush right, answers flush left, and the record in two columns below."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(50, 54, practice.name.upper(), 14, bold=True)
    sheet.says("referrer.practice_name", practice.name.upper(), (50, 40, 400, 58))
    end = sheet.put(50, 68, f"{practice.address}  {practice.postcode}   ", 8.5)
    sheet.rule(50, 88, 545, 88, 1.4)
    end = sheet.put(50, 80, "Telephone ", 8.5)
    end = sheet.put(
        end, 80, printed.phone(practice.phone, desk.phone_style), 8.5, name="referrer.phone", value=practice.phone
    )
    sheet.put(end + 12, 80, f"Bypass line on request    {practice.email}", 8.5)
    sheet.put(545, 68, "Dr " + ", Dr ".join(d.split()[-1] for d in practice.doctors[:4]), 8, right=True)
    sheet.put(
        545,
        108,
        desk.entry("referral.date")[0],
        10.5,
        right=True,
        name="referral.date",
        value=referral.date.isoformat(),
    )
    y = addressed(desk, sheet, 50, 108, 10.5, random.choice(("Consultant in {}", "{} Department")))
    sheet.put(50, y, greeting(desk, random.choice(("Colleague", "Doctor", "Sir / Madam"))) + ",", 10.5)
    y += 12
    top = y
    rows = [
        ("Re:", "title first"),
        (random.choice(("Date of birth:", "DOB:")), "patient.birth_date"),
        (random.choice(("NHS no.:", "NHS Number:")), "patient.nhs_number"),
        (random.choice(("Address:", "Of:")), "address"),
        (
            random.choice((f"{kind_of_phone(desk)}:", f"Tel ({kind_of_phone(desk).lower()}):", "Contact no.:")),
            "patient.phone",
        ),
    ]
    if random.random() < 0.4:
        rows.insert(3, ("Hosp. no.:", f"={referral.patient.hospital_number}"))
    if referral.ubrn:
        rows.append(("UBRN:", "referral.ubrn"))
    for label, what in rows:
        y += 15
        sheet.put(148, y, label, 10, right=True)
        answer(desk, sheet, what, 156, y, 385, 11.9)
    sheet.box(50, top, 495, y - top + 7, 1)
    y += 26
    # Routine letters often say nothing of urgency; then nothing is the truth, and a reader has to ask.
    if referral.priority != "ROUTINE" or random.random() < 0.6:
        said = {
            "ROUTINE": ("Routine appointment please.", "This is a routine referral."),
            "URGENT": ("URGENT APPOINTMENT PLEASE", "This is an urgent referral."),
            "TWO_WEEK_WAIT": ("2 WEEK WAIT REFERRAL", "Urgent suspected cancer referral (2WW)."),
        }[referral.priority]
        sheet.put(50, y, random.choice(said), 10.5, bold=True, name="referral.priority", value=referral.priority)
        y += 18
    y = sheet.prose(50, y, referral.reason, 495, 10.5, "referral.reason")
    y = dissent(desk, sheet, 50, y, 495, 10.5)
    y = signed(desk, sheet, 50, y + 6, 10, random.choice(("Yours sincerely,", "Kind regards,"))) + 4
    sheet.rule(50, y, 545, y, 0.4)
    for x, heading, lines in (
        (50, "Significant history", referral.past or ("nil",)),
        (300, "Current medication", referral.medicines or ("nil",)),
    ):
        sheet.put(x, y + 14, heading, 8.5, bold=True)
        for number, line in enumerate(lines):
            sheet.put(x, y + 26 + 11 * number, line, 8.5)
    sheet.put(
        50,
        y + 28 + 11 * max(len(referral.past), len(referral.medicines), 1),
        f"Sensitivities: {referral.allergies}",
        8.5,
    )
    end = sheet.put(50, 822, "Practice code ", 8)
    sheet.put(end, 822, practice.code, 8, name="referrer.practice_code")
    return [sheet]


def banded_letter(desk: Desk) -> list[Sheet]:
    """A clinical system's template: bands with white headings, unruled pairs of label and answer, free text at the end."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(
        297,
        48,
        random.choice(("GP REFERRAL LETTER", "Referral to Secondary Care", "GP to Hospital Referral")),
        15,
        bold=True,
        centre=True,
    )
    sheet.put(297, 62, f"For the attention of {referral.hospital}", 9.5, centre=True)
    y = 72.0

    def band(text: str) -> None:
        nonlocal y
        sheet.box(45, y, 505, 15, 0, fill=95)
        sheet.put(50, y + 11, text, 9.5, bold=True, grey=255)
        y += 28

    def pairs(*rows: tuple[tuple[str, str], ...]) -> None:
        nonlocal y
        for row in rows:
            for (label, what), x in zip(row, (50.0, 305.0), strict=False):
                if label:
                    labelled(desk, sheet, f"{label}:", what, x, y, 490 if len(row) == 1 else 240, 9.5)
            y += 14.5
        y += 2

    band("Referral details")
    said = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "Urgent - suspected cancer"}[referral.priority]
    end = sheet.put(305, y, "Priority:", 9.5, bold=True)
    sheet.put(end + 5, y, said, 9.5, name="referral.priority", value=referral.priority)
    pairs(
        ((random.choice(("Specialty", "Clinic")), "referral.specialty"),),
        (
            (random.choice(("Referral date", "Date referred")), "referral.date"),
            ("Clinician requested", "referral.named_clinician"),
        ),
    )
    if referral.ubrn:
        pairs((("UBRN", "referral.ubrn"),))
    band("Patient demographics")
    pairs(
        (("Surname", "patient.family_name"), ("Forename", "patient.given_names")),
        (("Previous surname", f"={who.previous_family_name or '-'}"), ("Title", f"={who.title}")),
        (("DOB", "patient.birth_date"), ("Age", f"={referral.age}")),
        (("NHS number", "patient.nhs_number"), ("Sex", "patient.gender")),
        (("Address", "address"),),
        ((random.choice((f"{kind_of_phone(desk)} tel", "Tel. no.")), "patient.phone"), ("Work tel", "=")),
        (("Ethnicity", "=Not stated"), ("Main language", f"={referral.interpreter or 'English'}")),
    )
    band("Registered practice")
    pairs(
        (("Referring GP", "referrer.name"), ("Usual GP", f"=Dr {referral.usual_doctor}")),
        (
            ("Practice", "referrer.practice_name"),
            (random.choice(("Practice code", "National code")), "referrer.practice_code"),
        ),
        (("Address", f"={referral.practice.address}, {referral.practice.postcode}"),),
        (("Telephone", "referrer.phone"), ("Fax", f"={printed.phone(referral.practice.fax, desk.phone_style)}")),
    )
    band(random.choice(("Reason for referral", "Referral letter")))
    y = sheet.prose(50, y, referral.reason, 495, 10, "referral.reason")
    y = dissent(desk, sheet, 50, y + 1, 495, 10)
    y += 4
    band("Medical record summary")
    for label, text in (
        ("Active problems", "; ".join(referral.past) or "none"),
        ("Acute and repeat medication", "; ".join(referral.medicines) or "none"),
        ("Allergies", referral.allergies),
    ):
        end = sheet.put(50, y, f"{label}: ", 9, bold=True)
        lines = sheet.wrapped(text, 540 - end, 9)
        for line in lines:
            sheet.put(end + 3, y, line, 9)
            y += 12
    return page_feet(desk, [sheet], "Page {n}", False)


def journal_letter(desk: Desk) -> list[Sheet]:
    """A cover page of identifiers in capitals and two pages of record, as one system's `send to hospital` makes it."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheets = [desk.sheet(), desk.sheet(), desk.sheet()]
    first, second, third = sheets
    first.box(45, 36, 505, 40, 1)
    first.put(55, 53, "REFERRAL", 15, bold=True)
    first.put(55, 68, f"to {referral.hospital}", 9.5)
    end = first.put(300, 53, "Date ", 9.5)
    first.put(end + 3, 53, desk.entry("referral.date")[0], 9.5, name="referral.date", value=referral.date.isoformat())
    said = {"ROUTINE": "ROUTINE", "URGENT": "URGENT", "TWO_WEEK_WAIT": "2WW SUSPECTED CANCER"}[referral.priority]
    end = first.put(300, 68, "Priority ", 9.5)
    first.put(end + 3, 68, said, 11, bold=True, name="referral.priority", value=referral.priority)
    y = 104.0
    for left, right in (
        (("SURNAME", "patient.family_name"), ("REGISTERED GP", f"=Dr {referral.usual_doctor}")),
        (("FORENAMES", "patient.given_names"), ("REFERRED BY", "referrer.name")),
        (("BORN", "patient.birth_date"), ("PRACTICE", "referrer.practice_name")),
        (("NHS", "patient.nhs_number"), ("CODE", "referrer.practice_code")),
        (("SEX", "patient.gender"), ("PRACTICE TEL", "referrer.phone")),
        (("TEL", "patient.phone"), ("REFERRED TO", "referral.specialty")),
        (("CARER TEL", f"={referral.next_of_kin.phone}"), ("CONSULTANT", "referral.named_clinician")),
    ):
        for (label, what), x in ((left, 50.0), (right, 300.0)):
            first.put(x, y, label, 7.5, grey=50)
            answer(desk, first, what, x + 72, y, 172, 11.4)
        y += 17
    first.put(50, y, "ADDRESS", 7.5, grey=50)
    answer(desk, first, "address", 122, y, 420, 11.4)
    y += 16
    first.rule(45, y, 550, y, 1)
    y = first.prose(50, y + 20, referral.reason, 495, 11, "referral.reason", lead=1.4)
    dissent(desk, first, 50, y, 495, 11)
    first.put(50, 795, f"Electronically authorised by Dr {referral.referrer} at {practice.name}", 8.5)
    second.put(50, 78, "PROBLEMS AND PROCEDURES", 11, bold=True)
    rows = [
        (printed.date(earlier(random, referral.date), "%d %b %Y"), line, "Active" if random.random() < 0.6 else "Past")
        for line in referral.past
    ]
    y = listed(second, 50, 98, rows or [("", "None", "")], (140, 420), 10, 545, ruled=True) + 20
    second.put(50, y, "REPEAT TEMPLATES", 11, bold=True)
    drugs = [
        (f"{number}.", drug, f"last issued {printed.date(earlier(random, referral.date, 3, 60), '%d %b %Y')}")
        for number, drug in enumerate(referral.medicines, 1)
    ]
    y = listed(second, 50, y + 20, drugs or [("", "None", "")], (75, 380), 10, 545, ruled=True) + 20
    second.put(50, y, "SENSITIVITIES", 11, bold=True)
    second.put(50, y + 18, referral.allergies, 10)
    third.put(50, 78, "JOURNAL", 11, bold=True)
    entries = [(printed.date(day, "%d %b %Y"), name, note) for day, name, note in consultations(random, referral, 6)]
    y = listed(third, 50, 98, entries, (135, 275), 9.5, 545, ruled=True) + 20
    third.put(50, y, "NUMERIC RESULTS", 11, bold=True)
    listed(
        third,
        50,
        y + 20,
        [(printed.date(d, "%d %b %Y"), n, f) for d, n, f in values(random, referral, 6)],
        (130, 340),
        9.5,
        545,
    )
    for number, sheet in enumerate(sheets, 1):
        small = room(sheet, f"{who.family_name.upper()}, {who.given_names}", 8.5, 240)
        if number > 1:
            answer(desk, sheet, "family first", 50, 46, 250, small / 0.88)
            sheet.put(
                545,
                46,
                f"NHS {printed.nhs_number(who.nhs_number, desk.nhs_style)}",
                8.5,
                right=True,
                name="patient.nhs_number",
                value=who.nhs_number,
            )
            sheet.rule(50, 52, 545, 52, 0.4)
        sheet.put(545, 818, f"Page {number} of {len(sheets)}", 8, right=True)
        sheet.put(50, 818, "Contains personal health information", 8)
    return sheets
