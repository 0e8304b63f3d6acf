"""Less common referrals: letters one to a box, an optometrist's form, a consultant's letter, and a plain typed memo."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN, TOWNS
from gateway.rehearsal.people import make_phone
from gateway.rehearsal.referrals import HOSPITALS
from gateway.rehearsal.sheet import Sheet


def _comb(
    desk: Desk,
    sheet: Sheet,
    x: float,
    y: float,
    text: str,
    cells: int,
    name: str,
    value: str | bool,
    groups: tuple[int, ...] = (),
) -> float:
    """A row of cells with one letter in each; `groups` puts gaps between. Returns the right edge."""
    side, start = 16.5, x
    ends = {sum(groups[: i + 1]) for i in range(len(groups))}
    for index in range(cells):
        sheet.box(x, y, side, 19, 0.6)
        letter = text[index : index + 1]
        if letter.strip():
            if desk.hand:
                sheet.write(x + desk.random.uniform(3, 5), y + 15, letter, 14)
            else:
                sheet.put(x + side / 2, y + 14.5, letter, 11.5, centre=True)
        x += side + (7 if index + 1 in ends and index + 1 < cells else 0)
    if name:
        sheet.says(name, value, (start, y, x, y + 19))
    return x


def comb_boxes(desk: Desk) -> list[Sheet]:
    """A form for block capitals, one to a cell, with the date as eight digits."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(45, 52, f"{referral.hospital}: referral for outpatient appointment", 13, bold=True)
    sheet.put(
        45,
        66,
        random.choice(
            ("Please use BLOCK CAPITALS, one letter in each box", "Complete in black ink and block capitals")
        ),
        8.5,
    )
    y = 80.0

    def row(label: str, text: str, cells: int, name: str, value: str | bool, groups: tuple[int, ...] = ()) -> None:
        nonlocal y
        sheet.put(45, y + 13, label, 9.5)
        _comb(desk, sheet, 150, y, text, max(cells, len(text)) if not groups else cells, name, value, groups)
        y += 25

    row(random.choice(("NHS number", "NHS No.")), who.nhs_number, 10, "patient.nhs_number", who.nhs_number, (3, 3, 4))
    row(
        random.choice(("Surname", "Family name")),
        who.family_name.upper(),
        22,
        "patient.family_name",
        who.family_name.upper(),
    )
    row(
        random.choice(("Forename(s)", "First name(s)")),
        who.given_names.upper(),
        22,
        "patient.given_names",
        who.given_names.upper(),
    )
    day = who.birth_date.isoformat()
    row(random.choice(("Date of birth", "D.O.B.")), f"{who.birth_date:%d%m%Y}", 8, "patient.birth_date", day, (2, 2, 4))
    sheet.put(330, y - 12, "Sex", 9.5)
    style = random.choice(("cross", "check"))
    for word, x in (("male", 360.0), ("female", 420.0)):
        sheet.tick(x, y - 20, 11, who.gender == word, style)
        sheet.put(x + 15, y - 11, word.capitalize(), 9.5)
        if who.gender == word:
            sheet.says("patient.gender", word, (x, y - 20, x + 50, y - 8))
    row("Postcode", who.postcode, 8, "patient.postcode", who.postcode)
    sheet.put(45, y + 13, "Address", 9.5)
    sheet.box(150, y, 395, 22)
    sheet.write(156, y + 15, who.address, 11, name="patient.address", value=who.address)
    y += 28
    row("Telephone", who.phone, 11, "patient.phone", who.phone)
    row("Hospital no.", who.hospital_number, 8, "", "")
    y += 6
    rows = (
        ("Referring doctor", "referrer.name"),
        ("Practice", "referrer.practice_name"),
        ("Practice telephone", "referrer.phone"),
        ("Specialty", "referral.specialty"),
    )
    for label, name in rows:
        text, value = desk.entry(name)
        sheet.put(45, y + 13, label, 9.5)
        sheet.rule(150, y + 17, 545, y + 17, 0.5)
        sheet.write(154, y + 14, text, 11, name=name, value=value)
        y += 23
    row("Practice code", referral.practice.code, 6, "referrer.practice_code", referral.practice.code)
    row("Date", f"{referral.date:%d%m%Y}", 8, "referral.date", referral.date.isoformat(), (2, 2, 4))
    sheet.put(45, y + 12, "Please tick one", 9.5)
    x = 150.0
    for code, label in (
        ("ROUTINE", "Routine"),
        ("URGENT", "Urgent (within 2 weeks of receipt)"),
        ("TWO_WEEK_WAIT", "Suspected cancer"),
    ):
        ticked = code == referral.priority
        sheet.tick(x, y + 2, 12, ticked, style)
        end = sheet.put(x + 17, y + 12, label, 9.5)
        if ticked:
            sheet.says("referral.priority", code, (x, y + 2, end, y + 14))
        x = end + 18
    y += 30
    sheet.put(45, y, "Reason for referral", 9.5)
    sheet.box(45, y + 5, 500, 785 - y)
    size = 9.5 if desk.hand is None else 11
    end_y = sheet.prose(52, y + 19, referral.reason, 485, size, "referral.reason", desk.hand is not None)
    if referral.sharing_words:
        sheet.put(
            52,
            min(end_y + 2, 784),
            referral.sharing_words,
            8.5,
            name="referral.sharing_dissent",
            value=referral.dissents,
        )
    return [sheet]


def _eye(desk: Desk, side: str) -> tuple[str, ...]:
    """One row of the refraction table."""
    random = desk.random
    sphere = f"{random.choice('+-')}{random.randrange(0, 6)}.{random.choice(('00', '25', '50', '75'))}"
    acuities = (f"6/{random.choice((6, 9, 12, 18))}", f"6/{random.choice((6, 9, 12))}")
    return (
        side,
        sphere,
        f"-{random.randrange(0, 3)}.25",
        str(random.randrange(180)),
        "",
        *acuities,
        str(random.randrange(12, 28)),
    )


def optometrist(desk: Desk) -> list[Sheet]:
    """An optician's referral to the eye clinic: refraction table, pressures, and the patient's own doctor as a decoy."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    prefix = random.choice(TOWNS)[2]
    owner = random.choice(("Clearview", "Bright & Lowe", "Vision Lane", "Hartley", "Focus Point", "Moorgate"))
    shop = f"{owner} {random.choice(('Opticians', 'Eyecare', 'Optometrists'))}"
    optometrist_name = f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}"
    phone = make_phone(random, prefix)
    sheet.put(45, 50, "OPTOMETRIST REFERRAL - EYE CLINIC", 14, bold=True)
    sheet.put(550, 50, "Form OR1", 8, right=True)
    sheet.box(45, 60, 300, 118)
    sheet.put(50, 72, "PATIENT", 8, bold=True)
    y = 87.0
    pairs = (
        ("Name", ""),
        ("Address", "patient.address"),
        ("Post Code", "patient.postcode"),
        ("DoB", "patient.birth_date"),
        ("NHS No", "patient.nhs_number"),
        ("Tel", "patient.phone"),
    )
    for label, name in pairs:
        end = sheet.put(50, y, f"{label}: ", 9.5)
        if not name:
            desk.whole_name(sheet, end + 3, y, 11 if desk.hand else 10, "title first", by_hand=desk.hand is not None)
        else:
            text, value = desk.entry(name)
            sheet.write(end + 3, y, text, 10.5, name=name, value=value)
        y += 17
    sheet.box(345, 60, 205, 118)
    sheet.put(350, 72, "GP (copy to)", 8, bold=True)
    sheet.put(350, 87, f"Dr {referral.usual_doctor}", 9.5)
    sheet.put(350, 100, referral.practice.name, 9.5)
    sheet.put(350, 113, printed.phone(referral.practice.phone, "spaces"), 9.5)
    sheet.put(350, 135, "TO", 8, bold=True)
    sheet.put(350, 149, referral.specialty, 9.5, name="referral.specialty")
    sheet.put(350, 162, referral.hospital, 9.5)
    y = 198
    words = (("ROUTINE", "Routine"), ("URGENT", "Urgent"), ("EMERGENCY", "Emergency - telephoned"))
    sheet.put(45, y, "This referral is:", 10, bold=True)
    x, style = 140.0, random.choice(("cross", "check"))
    for code, label in words:
        ticked = code == referral.priority
        sheet.tick(x, y - 9, 10.5, ticked, style)
        end = sheet.put(x + 15, y, label, 10)
        if ticked:
            sheet.says("referral.priority", code, (x, y - 10, end, y + 2))
        x = end + 24
    y += 12
    columns = (45, 85, 150, 215, 265, 315, 380, 450, 550)
    for row_number, cells in enumerate(
        (("", "Sph", "Cyl", "Axis", "Prism", "Vision", "VA", "IOP mmHg"), _eye(desk, "R"), _eye(desk, "L"))
    ):
        for cell, left, right in zip(cells, columns[:-1], columns[1:], strict=True):
            sheet.box(left, y, right - left, 19)
            sheet.put(left + 5, y + 13, cell, 9.5, bold=row_number == 0)
        y += 19
    y += 18
    boxes = ("Cataract", "Glaucoma suspect", "Wet AMD", "Flashes / floaters", "Diabetic retinopathy", "Other")
    for index, label in enumerate(boxes):
        x = 50 + index % 3 * 165
        sheet.tick(x, y - 9, 10, random.random() < 0.25, style)
        sheet.put(x + 15, y, label, 9.5)
        if index % 3 == 2:
            y += 16
    y += 8
    sheet.put(45, y, "Findings and reason for referral", 10, bold=True)
    y = sheet.prose(
        50, y + 17, referral.reason, 490, 9.5 if desk.hand is None else 11.5, "referral.reason", desk.hand is not None
    )
    if referral.sharing_words:
        sheet.put(50, y, referral.sharing_words, 9, name="referral.sharing_dissent", value=referral.dissents)
        y += 16
    y = max(y + 20, 640)
    for label, text, name, value in (
        ("Optometrist", optometrist_name, "referrer.name", optometrist_name),
        ("Practice", shop, "referrer.practice_name", shop),
        ("Practice tel", printed.phone(phone, desk.phone_style), "referrer.phone", phone),
        ("Date", desk.entry("referral.date")[0], "referral.date", referral.date.isoformat()),
        ("GOC number", f"01-{random.randrange(10000, 40000)}", "", ""),
    ):
        end = sheet.put(50, y, f"{label}: ", 10)
        sheet.write(end + 4, y, text, 11, name=name, value=value or None)
        y += 18
    sheet.signature(330, y - 40)
    sheet.excused.add("referrer.practice_code")
    return [sheet]


def consultant_letter(desk: Desk) -> list[Sheet]:
    """A letter from one hospital's consultant to another's, with the general practitioner copied in."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    home = random.choice([name for name in HOSPITALS if name != referral.hospital])
    sheet.put(50, 52, home, 15, bold=True)
    sheet.put(
        50,
        66,
        f"Department of {random.choice(('General Medicine', 'Acute Medicine', 'Elderly Care', 'Emergency Medicine'))}",
        9.5,
    )
    direct = make_phone(random, "0113 496 0")
    end = sheet.put(
        545, 52, f"Secretary: {printed.phone(direct, 'spaces')}", 9.5, right=True, name="referrer.phone", value=direct
    )
    y = 92.0
    for label, text, name, value in (
        (
            "Our ref: ",
            f"{referral.referrer.split()[-1][:2].upper()}/{random.choice(('KW', 'jm', 'PS'))}/{who.hospital_number}",
            "",
            "",
        ),
        (
            "Clinic date: ",
            printed.date(referral.date - dt.timedelta(days=random.randrange(2, 9)), desk.date_form),
            "",
            "",
        ),
        ("Typed: ", desk.entry("referral.date")[0], "referral.date", referral.date.isoformat()),
        ("NHS no: ", desk.entry("patient.nhs_number")[0], "patient.nhs_number", who.nhs_number),
    ):
        end = sheet.put(330, y, label, 10)
        sheet.put(end + 2, y, text, 10, name=name, value=value or None)
        y += 14
    title = referral.named_clinician_title
    to = referral.named_clinician or f"{random.choice(DOCTORS_GIVEN)[0]} {random.choice(DOCTORS_FAMILY)}"
    sheet.put(50, 92, f"{title} {to}", 10, name="referral.named_clinician", value=to)
    sheet.put(50, 106, f"Consultant, {referral.specialty}", 10)
    sheet.says("referral.specialty", referral.specialty, (110, 96, 300, 109))
    sheet.put(50, 120, referral.hospital, 10)
    y = 170.0
    sheet.put(50, y, f"Dear {title} {to.split()[-1]}", 10.5)
    y += 20
    desk.whole_name(sheet, 50, y, 10.5, "title first", bold=True)
    birth, born = desk.entry("patient.birth_date")
    sheet.put(545, y, f"born {birth}", 10.5, bold=True, right=True, name="patient.birth_date", value=born)
    y += 14
    end = sheet.put(50, y, who.address, 10.5, bold=True, name="patient.address")
    sheet.put(end, y, ", ", 10.5, bold=True)
    sheet.put(end + 7, y, who.postcode, 10.5, bold=True, name="patient.postcode")
    y += 24
    ask = {
        "ROUTINE": "I would be grateful for a routine appointment for the above patient.",
        "URGENT": "I would be grateful if you could see the above patient urgently.",
        "TWO_WEEK_WAIT": (
            "Please accept this as an urgent suspected cancer referral (two week rule) for the above patient."
        ),
    }[referral.priority]
    y = sheet.prose(50, y, [ask], 495, 10.5, "") + 1
    sheet.says("referral.priority", referral.priority, (50, y - 30, 545, y - 5))
    y = sheet.prose(50, y, referral.reason, 495, 10.5, "referral.reason")
    # Whether the sentence that asks belongs to the clinical text is a matter of taste: the reason is compared with tolerance.
    if referral.sharing_words:
        top = y
        y = sheet.prose(50, y, [referral.sharing_words], 495, 10.5)
        sheet.says("referral.sharing_dissent", referral.dissents, (50, top - 10, 545, y))
    sheet.put(50, y + 8, "Yours sincerely", 10.5)
    sheet.signature(50, y + 40)
    end = sheet.put(50, y + 62, f"Dr {referral.referrer}", 10.5, bold=True)
    sheet.says("referrer.name", referral.referrer, (50, y + 50, end, y + 65))
    sheet.put(50, y + 76, "Consultant Physician", 10.5)
    sheet.put(50, y + 104, f"cc  Dr {referral.usual_doctor}, {practice.name}, {practice.address}", 9.5)
    sheet.excused.update({"referrer.practice_name", "referrer.practice_code"})
    return [sheet]


def typed_memo(desk: Desk) -> list[Sheet]:
    """Label and value one after the other on plain paper, as a practice types it when its system is down."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(60, 70, "REFERRAL (SYSTEM DOWN - SENT BY FAX)", 12, bold=True)
    y = 100.0
    word = {"ROUTINE": "ROUTINE", "URGENT": "URGENT", "TWO_WEEK_WAIT": "2WW - SUSPECTED CANCER"}[referral.priority]
    rows = [
        ("To be seen in", "referral.specialty"),
        ("How soon", "priority"),
        ("", ""),
        ("Pt surname", "patient.family_name"),
        ("Pt first name", "patient.given_names"),
        ("Born", "patient.birth_date"),
        ("NHS", "patient.nhs_number"),
        ("M/F", "patient.gender"),
        ("Lives at", "patient.address"),
        ("P/code", "patient.postcode"),
        ("Phone", "patient.phone"),
        ("", ""),
        ("From Dr", "referrer.name"),
        ("Surgery", "referrer.practice_name"),
        ("Surgery code", "referrer.practice_code"),
        ("Surgery phone", "referrer.phone"),
        ("Sent on", "referral.date"),
        ("For attn of", "referral.named_clinician"),
    ]
    dots = random.choice((".", " "))
    for label, name in rows:
        text, value = (word, referral.priority) if name == "priority" else desk.entry(name) if name else ("", "")
        if label and text:
            sheet.put(60, y, label + " " + dots * max(1, 18 - len(label)) + ":", 10.5)
            sheet.put(215, y, text, 10.5, name="referral.priority" if name == "priority" else name, value=value)
        y += 15.5 if label and text else 7
    y = sheet.prose(60, y + 14, referral.reason, 470, 10.5, "referral.reason")
    if referral.sharing_words:
        top = y
        y = sheet.prose(60, y, [referral.sharing_words], 470, 10.5)
        sheet.says("referral.sharing_dissent", referral.dissents, (60, top - 10, 530, y))
    sheet.put(60, y + 10, f"Mother/NOK: {referral.next_of_kin.name} {referral.next_of_kin.phone}", 10.5)
    return [sheet]
