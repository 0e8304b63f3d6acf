"""What people type: a letter with a stamp, a line printer's columns of colons, a printed e-mail, a memo with headings at the side."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import address_block, answer, dissent, flow, labelled, room
from gateway.rehearsal.letter_parts import addressed, greeting, signed
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN
from gateway.rehearsal.retelling import retold
from gateway.rehearsal.sheet import Sheet, Value


def _stamp(sheet: Sheet, x: float, y: float, text: str, size: float) -> tuple[float, float]:
    """A rubber stamp: a word in a double frame; returns its left and right edge, its baseline being y."""
    wide = sheet.wide(text, size, True)
    sheet.box(x - 8, y - size - 4, wide + 16, size + 12, 1.8)
    sheet.box(x - 5, y - size - 1, wide + 10, size + 6, 0.6)
    sheet.put(x, y, text, size, bold=True)
    return x - 8, x + wide + 8


def stamped_letter(desk: Desk) -> list[Sheet]:
    """The practice at the foot of its paper, the patient as three centred lines in capitals; what is not routine is stamped."""
    desk = retold(desk)
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(60, 60, random.choice(("PRIVATE AND CONFIDENTIAL", "In confidence")), 10, bold=True)
    # A routine letter gets no stamp; then nothing is the truth of its urgency, and a reader has to ask.
    if referral.priority != "ROUTINE":
        word = {"URGENT": "URGENT", "TWO_WEEK_WAIT": random.choice(("2 WEEK WAIT", "2WW"))}[referral.priority]
        left, right = _stamp(sheet, 400 + random.uniform(-12, 20), 72 + random.uniform(-6, 10), word, 18)
        sheet.says("referral.priority", referral.priority, (left, 46, right, 92))
    day = random.choice((printed.long_date(referral.date), f"{referral.date.day} {referral.date:%b %Y}"))
    sheet.put(60, 108, day, 11, name="referral.date", value=referral.date.isoformat())
    y = addressed(desk, sheet, 60, 134, 11, random.choice(("Department of {}", "{} Secretaries")))
    sheet.put(60, y, greeting(desk, random.choice(("Sir", "Madam", "Colleague"))), 11)
    y += 28
    family, given = who.family_name.upper(), who.given_names.upper()
    name = f"{who.title.upper()} {given} {family}"
    opening = random.choice(("RE: ", "", "Re "))
    small = room(sheet, opening + name, 11.5, 470, True)
    left = 297 - sheet.wide(opening + name, small, True) / 2
    end = sheet.put(left, y, opening + name, small, bold=True)
    sheet.says("patient.family_name", family, (left, y - 12, end, y + 3))
    sheet.says("patient.given_names", given, (left, y - 12, end, y + 3))
    sheet.rule(left, y + 2.5, end, y + 2.5, 0.7)
    y += 16
    pieces: tuple[tuple[str, str, str], ...] = (
        ("", f"{who.address}, ", "patient.address"),
        ("", who.postcode, "patient.postcode"),
    )
    lines = (
        pieces,
        (
            (random.choice(("DATE OF BIRTH ", "D.O.B. ")), desk.entry("patient.birth_date")[0], "patient.birth_date"),
            (random.choice(("   NHS NO. ", "   NHS ")), desk.entry("patient.nhs_number")[0], "patient.nhs_number"),
        ),
        ((random.choice(("TEL ", "TELEPHONE ")), desk.entry("patient.phone")[0], "patient.phone"),),
    )
    contract = referral.values()
    for line in lines:
        whole = "".join(label + text for label, text, _ in line)
        small = room(sheet, whole, 10.5, 470, True)
        x = 297 - sheet.wide(whole, small, True) / 2
        for label, text, field in line:
            x = sheet.put(x, y, label, small, bold=True) if label else x
            x = sheet.put(x, y, text, small, bold=True, name=field, value=contract[field])
        y += 15
    y += 12
    y = sheet.prose(60, y, referral.reason, 475, 11, "referral.reason", lead=1.42)
    y = dissent(desk, sheet, 60, y + 1, 475, 11)
    extra = (
        f"Current medicines are {', '.join(referral.medicines)}."
        if referral.medicines
        else "There is no regular medication."
    )
    y = sheet.prose(60, y, [f"{extra} Allergies: {referral.allergies}."], 475, 11)
    signed(
        desk,
        sheet,
        60,
        y + 8,
        11,
        random.choice(("Yours sincerely", "Kindest regards")),
        random.choice(("", "Partner", "GP Registrar")),
    )
    sheet.rule(60, 775, 535, 775, 0.8)
    sheet.put(297, 788, practice.name, 11, bold=True, centre=True)
    half = sheet.wide(practice.name, 11, True) / 2
    sheet.says("referrer.practice_name", practice.name, (297 - half, 777, 297 + half, 791))
    sheet.put(297, 800, f"{practice.address}, {practice.postcode}", 9, centre=True)
    phone = printed.phone(practice.phone, desk.phone_style)
    whole = f"Telephone {phone}   Practice {practice.code}   Emergencies 01632 960999"
    x = sheet.put(297 - sheet.wide(whole, 9) / 2, 812, "Telephone ", 9)
    x = sheet.put(x, 812, phone, 9, name="referrer.phone", value=practice.phone)
    x = sheet.put(x, 812, "   Practice ", 9)
    x = sheet.put(x, 812, practice.code, 9, name="referrer.practice_code")
    sheet.put(x, 812, "   Emergencies 01632 960999", 9)
    return [sheet]


def colon_letter(desk: Desk) -> list[Sheet]:
    """A system without graphics: capitals padded to a column of colons, rows of hyphens between the parts, all in one width."""
    desk = retold(desk)
    referral, random, practice, who = desk.referral, desk.random, desk.referral.practice, desk.referral.patient
    sheet, size, left = desk.sheet(), 9.6, 46.0
    y, wide = 52.0, 15 if random.random() < 0.5 else 18
    contract = referral.values()

    def hyphens(title: str = "") -> None:
        nonlocal y
        letters = int(503 / sheet.wide("-", size))
        sheet.put(left, y, (f"--- {title} " if title else "").ljust(letters, "-"), size)
        y += 14

    def line(label: str, text: str, *fields: str) -> None:
        nonlocal y
        start = sheet.put(left, y, f"{label:<{wide}}: ", size)
        end = sheet.put(start, y, text, room(sheet, text, size, 549 - start))
        for field in fields:
            sheet.says(field, contract[field], (start, y - size, end, y + 3))
        y += 13

    sheet.put(left, y, practice.name, size, name="referrer.practice_name")
    y += 13
    sheet.put(left, y, f"{practice.address}, {practice.postcode}", size)
    y += 13
    end = sheet.put(left, y, "TEL ", size)
    end = sheet.put(
        end, y, printed.phone(practice.phone, desk.phone_style), size, name="referrer.phone", value=practice.phone
    )
    end = sheet.put(end + 14, y, "CODE ", size)
    sheet.put(end, y, practice.code, size, name="referrer.practice_code")
    y += 13
    hyphens("REFERRAL")
    said = {
        "ROUTINE": ("ROUTINE", "3 ROUTINE"),
        "URGENT": ("URGENT", "2 URGENT"),
        "TWO_WEEK_WAIT": ("2WW", "1 TWO WEEK WAIT"),
    }[referral.priority]
    line("TO", referral.hospital)
    line(random.choice(("SPECIALTY", "CLINIC")), referral.specialty, "referral.specialty")
    if referral.named_clinician:
        line("CONSULTANT", desk.entry("referral.named_clinician")[0], "referral.named_clinician")
    line(random.choice(("PRIORITY", "URGENCY")), random.choice(said), "referral.priority")
    line(random.choice(("DATE", "DATE REFERRED")), f"{referral.date:%d %b %Y}".upper(), "referral.date")
    line("REFERRED BY", f"Dr {referral.referrer}", "referrer.name")
    line("USUAL DOCTOR", f"Dr {referral.usual_doctor}")
    if referral.ubrn:
        line("UBRN", desk.entry("referral.ubrn")[0], "referral.ubrn")
    hyphens("PATIENT")
    start = y
    line("SURNAME", who.family_name.upper())
    sheet.says("patient.family_name", who.family_name.upper(), (left, start - size, 549, start + 3))
    line(random.choice(("FORENAMES", "FIRST NAMES")), who.given_names, "patient.given_names")
    line("TITLE", who.title)
    line("SEX", who.gender[0].upper() if desk.short_gender else who.gender.upper(), "patient.gender")
    line(random.choice(("DATE OF BIRTH", "BORN")), f"{who.birth_date:%d %b %Y}".upper(), "patient.birth_date")
    line(random.choice(("NHS NUMBER", "NHS NO")), desk.entry("patient.nhs_number")[0], "patient.nhs_number")
    line("ADDRESS", who.address, "patient.address")
    line("POSTCODE", who.postcode, "patient.postcode")
    line(random.choice(("TELEPHONE", "PHONE")), desk.entry("patient.phone")[0], "patient.phone")
    line("NEXT OF KIN", f"{referral.next_of_kin.name} {printed.phone(referral.next_of_kin.phone, 'spaces')}")
    hyphens(random.choice(("LETTER", "CLINICAL")))
    y = sheet.prose(left, y + 2, referral.reason, 503, size, "referral.reason", lead=1.36)
    y = dissent(desk, sheet, left, y, 503, size)
    hyphens("RECORD")
    for label, text in (
        ("PROBLEMS", "; ".join(referral.past) or "NONE"),
        ("MEDICATION", "; ".join(referral.medicines) or "NONE"),
        ("ALLERGIES", referral.allergies),
    ):
        y = sheet.prose(left, y, [f"{label}: {text}"], 503, size)
    hyphens("END")
    return [sheet]


def email_letter(desk: Desk) -> list[Sheet]:
    """A printed e-mail: the urgency in the subject, facts behind hyphens in the body, practice and telephone in the signature."""
    desk = retold(desk)
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sender = f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}"
    sheet.put(50, 52, f"{sender} ({practice.name})", 13, bold=True)
    sheet.rule(50, 60, 545, 60, 1.6)
    subject = {
        "ROUTINE": ("Routine referral", "Referral, routine"),
        "URGENT": ("URGENT referral", "Urgent new referral"),
        "TWO_WEEK_WAIT": ("2WW referral", "TWO WEEK WAIT referral, please book"),
    }[referral.priority]
    sent = f"{referral.date.day} {referral.date:%B %Y} {random.randrange(8, 18):02d}:{random.randrange(60):02d}"
    y = 78.0
    for label, text in (
        ("From:", f"{sender} <{practice.email}>"),
        ("Sent:", sent),
        ("To:", f"Referral Office ({referral.hospital}) <referrals@trust.example>"),
        ("Cc:", ""),
        ("Subject:", random.choice(subject)),
        ("Attachments:", "none"),
    ):
        sheet.put(50, y, label, 10, bold=True)
        end = sheet.put(130, y, text, room(sheet, text, 10, 415)) if text else 130
        if label == "Subject:":
            sheet.says("referral.priority", referral.priority, (130, y - 10, end, y + 3))
        elif label == "Sent:":
            day = sheet.wide(sent[:-6], 10)
            sheet.says("referral.date", referral.date.isoformat(), (130, y - 10, 130 + day, y + 3))
        y += 14
    y += 14
    sheet.put(50, y, random.choice(("Good morning,", "Hello,", "Dear all,")), 10.5)
    y += 18
    clinician = desk.entry("referral.named_clinician")
    runs: list[tuple[str, str, Value | None]] = [
        (
            random.choice(
                ("e-RS is down so we are sending this one by e-mail for ", "Please accept this referral to ")
            ),
            "",
            None,
        ),
        (referral.specialty, "referral.specialty", referral.specialty),
    ]
    if clinician[0]:
        runs += [(", attention ", "", None), (clinician[0], "referral.named_clinician", clinician[1])]
    runs += [(" from ", "", None), (f"Dr {referral.referrer}", "referrer.name", referral.referrer), (".", "", None)]
    y = flow(sheet, 50, y, runs, 495, 10.5) + 6
    mark = random.choice(("-", "*"))
    for label, what in (
        (random.choice(("Name", "Patient")), random.choice(("plain", "title first"))),
        (random.choice(("DOB", "Date of birth")), "patient.birth_date"),
        (random.choice(("NHS", "NHS number")), "patient.nhs_number"),
        (random.choice(("Lives at", "Address")), "address"),
        (random.choice(("Phone", "Contact")), "patient.phone"),
        ("Gender", "patient.gender"),
        (
            f"{referral.next_of_kin.relation}",
            f"={referral.next_of_kin.name}, {printed.phone(referral.next_of_kin.phone, 'plain')}",
        ),
    ):
        labelled(desk, sheet, f"{mark} {label} {random.choice(('-', ''))}".rstrip(), what, 62, y, 480, 10.5, bold=False)
        y += 15
    y = sheet.prose(50, y + 8, referral.reason, 495, 10.5, "referral.reason", lead=1.36)
    y = dissent(desk, sheet, 50, y, 495, 10.5)
    y = sheet.prose(
        50,
        y,
        [
            f"PMH {'; '.join(referral.past) or 'nil'}. Meds {'; '.join(referral.medicines) or 'nil'}. Allergies {referral.allergies}."
        ],
        495,
        10.5,
    )
    y += 6
    sheet.put(50, y, random.choice(("Many thanks", "Regards", "Thanks")), 10.5)
    y += 18
    sheet.put(50, y, f"{sender}, {random.choice(('Secretary', 'Care Navigator', 'Administrator'))}", 10.5)
    y += 14
    end = sheet.put(50, y, practice.name, 10.5, name="referrer.practice_name")
    end = sheet.put(end, y, " (", 10.5)
    end = sheet.put(end, y, practice.code, 10.5, name="referrer.practice_code")
    sheet.put(end, y, ")", 10.5)
    y += 14
    end = sheet.put(50, y, random.choice(("T: ", "Tel. ")), 10.5)
    end = sheet.put(end, y, printed.phone(practice.phone, desk.phone_style), 10.5)
    sheet.put(end + 14, y, f"Bypass line for hospitals 01632 960{random.randrange(100, 999)}", 10.5)
    warning = (
        "This message may contain confidential information. If you are not the intended recipient please inform the sender that you have "
        "received it in error before deleting it. Please do not disclose, copy or distribute what is in it."
    )
    sheet.prose(50, max(y + 26, 742), [warning], 495, 8)
    sheet.put(545, 822, f"{referral.date:%d/%m/%Y}    1/1", 8, right=True)
    # Two numbers stand in the signature, and a clerk may ring either.
    sheet.excused.add("referrer.phone")
    return [sheet]


def side_head_letter(desk: Desk) -> list[Sheet]:
    """A memo of a nurse or physiotherapist of the practice: one-word headings at the left, answers as short sentences beside them."""
    desk = retold(desk)
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(48, 62, random.choice(("REFERRAL", "Memorandum of referral", "New patient")), 20, bold=True)
    sheet.rule(48, 70, 547, 70, 0.9)
    y, x, wide = 92.0, 136.0, 411.0

    def head(text: str) -> None:
        sheet.put(48, y, text, 10.5, bold=True)

    head("To")
    text, value = desk.entry("referral.named_clinician")
    runs: list[tuple[str, str, Value | None]] = []
    if text:
        runs += [(text, "referral.named_clinician", value), (", ", "", None)]
    runs += [(referral.specialty, "referral.specialty", None), (f", {referral.hospital}", "", None)]
    y = flow(sheet, x, y, runs, wide, 10.5) + 8
    head("From")
    role = random.choice(
        (
            "First Contact Physiotherapist",
            "Advanced Nurse Practitioner",
            "Physician Associate",
            "Paramedic Practitioner",
        )
    )
    runs = [
        (referral.referrer, "referrer.name", None),
        (f" ({role}), ", "", None),
        (practice.name, "referrer.practice_name", None),
        (f", {practice.address}, {practice.postcode}, code ", "", None),
        (practice.code, "referrer.practice_code", None),
        (", telephone ", "", None),
        (printed.phone(practice.phone, desk.phone_style), "referrer.phone", practice.phone),
        (f". Registered GP: Dr {referral.usual_doctor}.", "", None),
    ]
    y = flow(sheet, x, y, runs, wide, 10.5) + 8
    head(random.choice(("Date", "Sent")))
    day = f"{referral.date:%d.%m.%Y}"
    sheet.put(x, y, day, 10.5, name="referral.date", value=referral.date.isoformat())
    y += 22
    head("Patient")
    answer(desk, sheet, random.choice(("title first", "family first")), x, y, wide, 12.4)
    y += 15
    runs = [
        (random.choice(("Born ", "DOB ")), "", None),
        (desk.entry("patient.birth_date")[0], "patient.birth_date", who.birth_date.isoformat()),
        ("; NHS number ", "", None),
        (desk.entry("patient.nhs_number")[0], "patient.nhs_number", who.nhs_number),
        ("; ", "", None),
        (who.gender, "patient.gender", who.gender),
        (".", "", None),
    ]
    y = flow(sheet, x, y, runs, wide, 10.5) + 1
    y = address_block(desk, sheet, x, y, 10.5)
    end = sheet.put(x, y, random.choice(("Reached on ", "Tel ")), 10.5)
    sheet.put(end, y, desk.entry("patient.phone")[0], 10.5, name="patient.phone", value=who.phone)
    y += 22
    head(random.choice(("Urgency", "How soon")))
    said = {
        "ROUTINE": ("routine waiting list", "routine"),
        "URGENT": ("urgent, please", "urgent"),
        "TWO_WEEK_WAIT": ("two week wait: cancer is suspected", "suspected cancer, two week rule"),
    }[referral.priority]
    sheet.put(x, y, random.choice(said), 10.5, name="referral.priority", value=referral.priority)
    y += 22
    head("Problem")
    y = sheet.prose(x, y, referral.reason, wide, 10.5, "referral.reason", lead=1.36)
    y = dissent(desk, sheet, x, y, wide, 10.5) + 6
    for heading, said_of in (
        ("Background", "; ".join(referral.past) or "nothing of note"),
        ("Medication", "; ".join(referral.medicines) or "none"),
        ("Allergies", referral.allergies),
        (
            "Home",
            f"{referral.next_of_kin.relation} {referral.next_of_kin.name}, {printed.phone(referral.next_of_kin.phone, 'spaces')}",
        ),
    ):
        head(heading)
        y = sheet.prose(x, y, [said_of], wide, 10) + 6
    sheet.signature(x + 4, y + 16)
    sheet.put(48, y + 18, "Signed", 10.5, bold=True)
    return [sheet]
