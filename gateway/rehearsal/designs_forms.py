"""Ruled and boxed referral forms: labels at the left, labels above in small print, and letters one to a box."""

from __future__ import annotations

from gateway.rehearsal.desk import Desk
from gateway.rehearsal.sheet import Sheet

_PRIORITIES = (("ROUTINE", "Routine"), ("URGENT", "Urgent"), ("TWO_WEEK_WAIT", "2WW"))


def _fill(desk: Desk, sheet: Sheet, name: str, x: float, y: float, size: float = 10.5) -> float:
    """Write a field's value at its place on the form, if the referral has one."""
    text, value = desk.entry(name)
    return sheet.write(x, y, text, size, name=name, value=value) if text else x


def _priority_ticks(
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


def _footer(desk: Desk, sheet: Sheet, text: str) -> None:
    sheet.rule(45, 800, 550, 800, 0.4)
    sheet.put(45, 811, text, 7, grey=60)


def _clinical_rest(desk: Desk, sheet: Sheet, x: float, y: float, width: float, size: float = 9) -> float:
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


def ruled_left(desk: Desk) -> list[Sheet]:
    """A table with ruled rows: the label in the left column, the value right of it."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(297, 52, referral.hospital, 13, bold=True, centre=True)
    sheet.put(
        297,
        70,
        random.choice(("OUTPATIENT REFERRAL FORM", "GP REFERRAL FORM", "REFERRAL TO OUTPATIENT SERVICES")),
        12,
        centre=True,
    )
    y = 84.0
    split, left, right, row = 185, 45, 550, 20.5

    def heading(text: str) -> None:
        nonlocal y
        sheet.box(left, y, right - left, 17, fill=215)
        sheet.put(left + 5, y + 12.5, text, 10, bold=True)
        y += 17

    def line(label: str, name: str, decoy: str = "") -> None:
        nonlocal y
        sheet.box(left, y, right - left, row)
        sheet.rule(split, y, split, y + row)
        sheet.put(left + 5, y + 14, label, 9.5)
        if decoy:
            sheet.write(split + 6, y + 14.5, decoy, 10.5)
        elif name:
            _fill(desk, sheet, name, split + 6, y + 14.5)
        y += row

    heading("Patient details")
    line(random.choice(("NHS No", "NHS Number:", "NHS number")), "patient.nhs_number")
    if random.random() < 0.6:
        line("Hospital No. (if known)", "", referral.patient.hospital_number)
    line(random.choice(("Surname", "Family name", "Surname:")), "patient.family_name")
    line(random.choice(("Forename(s)", "First names", "Given name(s)")), "patient.given_names")
    line(random.choice(("Date of birth", "DOB", "Date of Birth:")), "patient.birth_date")
    line(random.choice(("Sex", "Gender")), "patient.gender")
    line("Address", "patient.address")
    line(random.choice(("Postcode", "Post code")), "patient.postcode")
    line(random.choice(("Telephone", "Tel. (home)", "Telephone number")), "patient.phone")
    if random.random() < 0.6:
        kin = referral.next_of_kin
        line("Next of kin / tel", "", f"{kin.name} ({kin.relation}) {kin.phone}")
    heading("Referrer")
    line(random.choice(("Referring GP", "Referring clinician", "Referred by")), "referrer.name")
    line(random.choice(("Practice", "Practice name")), "referrer.practice_name")
    line(random.choice(("Practice code", "Practice code (ODS)", "Organisation code")), "referrer.practice_code")
    line(random.choice(("Practice telephone", "Practice tel")), "referrer.phone")
    heading("Referral")
    line(random.choice(("Specialty", "Referred to (specialty)")), "referral.specialty")
    if referral.named_clinician:
        line(random.choice(("Named consultant", "Consultant (if known)")), "referral.named_clinician")
    if referral.ubrn:
        line("UBRN", "referral.ubrn")
    line(random.choice(("Date of referral", "Referral date")), "referral.date")
    sheet.box(left, y, right - left, row)
    sheet.rule(split, y, split, y + row)
    sheet.put(left + 5, y + 14, random.choice(("Priority", "Urgency")), 9.5)
    _priority_ticks(desk, sheet, split + 8, y + 14, _PRIORITIES, 100, random.random() < 0.6)
    y += row
    heading(random.choice(("Reason for referral", "Clinical details", "Reason for referral / clinical information")))
    bottom = 792
    sheet.box(left, y, right - left, bottom - y)
    end = sheet.prose(
        left + 6,
        y + 14,
        referral.reason,
        right - left - 14,
        9.5 if desk.hand is None else 11.5,
        "referral.reason",
        desk.hand is not None,
    )
    if referral.sharing_words and end < 780:
        sheet.put(
            left + 6,
            end + 2,
            referral.sharing_words,
            9,
            bold=True,
            name="referral.sharing_dissent",
            value=referral.dissents,
        )
    _footer(desk, sheet, f"{referral.hospital} - OPD referral v3.2 - page 1 of 1")
    return [sheet]


def boxed_above(desk: Desk) -> list[Sheet]:
    """Two columns of boxes, each with its label in small print at the top."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(
        45,
        50,
        random.choice(("Referral for Specialist Opinion", "Referral to Secondary Care", "Specialist Referral Request")),
        15,
        bold=True,
    )
    sheet.put(550, 50, referral.hospital, 10, right=True)
    y, tall = 66.0, 34.0
    labels = {
        "patient.family_name": ("SURNAME", "Last name", "FAMILY NAME"),
        "patient.given_names": ("FORENAMES", "First name(s)", "GIVEN NAMES"),
        "patient.birth_date": ("D.O.B.", "Date of birth", "DATE OF BIRTH"),
        "patient.nhs_number": ("NHS NO.", "NHS number", "NHS Number"),
        "patient.gender": ("SEX", "Gender", "M / F"),
        "patient.phone": ("TEL NO.", "Daytime telephone", "CONTACT NO."),
        "patient.address": ("ADDRESS", "Home address", "PERMANENT ADDRESS"),
        "patient.postcode": ("POSTCODE", "Post Code", "POST CODE"),
        "referrer.name": ("REFERRING DOCTOR", "GP name", "REFERRER"),
        "referrer.practice_name": ("SURGERY", "Name of practice", "PRACTICE NAME"),
        "referrer.practice_code": ("PRACTICE CODE", "Practice code", "ODS CODE"),
        "referrer.phone": ("SURGERY TEL", "Practice telephone", "PRACTICE PHONE"),
        "referral.date": ("DATE", "Date of referral", "REFERRAL DATE"),
        "referral.specialty": ("SPECIALTY", "Specialty requested", "CLINIC / SPECIALTY"),
        "referral.named_clinician": ("CONSULTANT", "Named clinician", "PREFERRED CONSULTANT"),
        "referral.ubrn": ("UBRN", "Booking reference (UBRN)", "E-REFERRAL UBRN"),
    }
    set_of = random.randrange(3)

    def cells(*wants: tuple[str, float, str]) -> None:
        nonlocal y
        x = 45.0
        for name, share, decoy in wants:
            wide = 505 * share
            sheet.box(x, y, wide, tall)
            label = labels[name][set_of] if name else decoy.split("|")[0]
            sheet.put(x + 3, y + 8, label, 6.5)
            if name:
                _fill(desk, sheet, name, x + 7, y + 25, 11)
            else:
                sheet.write(x + 7, y + 25, decoy.split("|")[1], 11)
            x += wide
        y += tall

    def band(text: str) -> None:
        nonlocal y
        y += 6
        sheet.put(45, y + 9, text, 9.5, bold=True)
        y += 13

    band("PATIENT")
    cells(("patient.family_name", 0.5, ""), ("patient.given_names", 0.5, ""))
    cells(("patient.birth_date", 0.3, ""), ("patient.gender", 0.2, ""), ("patient.nhs_number", 0.5, ""))
    cells(("patient.address", 0.72, ""), ("patient.postcode", 0.28, ""))
    cells(("patient.phone", 0.5, ""), ("", 0.5, f"HOSPITAL NO.|{who.hospital_number}"))
    kin = referral.next_of_kin
    cells(("", 0.5, f"NEXT OF KIN|{kin.name}"), ("", 0.5, f"NOK TELEPHONE|{kin.phone}"))
    band("REFERRER")
    cells(("referrer.name", 0.5, ""), ("", 0.5, f"USUAL GP|Dr {referral.usual_doctor}"))
    cells(("referrer.practice_name", 0.5, ""), ("referrer.practice_code", 0.2, ""), ("referrer.phone", 0.3, ""))
    band("REQUEST")
    cells(("referral.specialty", 0.5, ""), ("referral.named_clinician", 0.5, ""))
    cells(("referral.date", 0.4, ""), ("referral.ubrn", 0.6, ""))
    sheet.box(45, y, 505, 24)
    sheet.put(48, y + 15, random.choice(("PRIORITY (tick one)", "How urgent?", "Urgency - please tick")), 8)
    wordings = (
        (*_PRIORITIES[:2], ("TWO_WEEK_WAIT", "Two week wait")),
        (*_PRIORITIES[:2], ("TWO_WEEK_WAIT", "Suspected cancer (2WW)")),
    )
    _priority_ticks(desk, sheet, 175, y + 15, random.choice(wordings), 95, True)
    y += 24
    sheet.box(45, y, 505, 760 - y)
    sheet.put(
        48,
        y + 8,
        random.choice(("CLINICAL INFORMATION", "Reason for referral", "HISTORY AND REASON FOR REFERRAL")),
        6.5,
    )
    end = sheet.prose(
        52, y + 22, referral.reason, 490, 9 if desk.hand is None else 11, "referral.reason", desk.hand is not None
    )
    if referral.sharing_words:
        sheet.put(
            52,
            min(end + 2, 755),
            referral.sharing_words,
            8.5,
            bold=True,
            name="referral.sharing_dissent",
            value=referral.dissents,
        )
    sheet.put(48, 780, "Signed", 8)
    sheet.signature(90, 780)
    _footer(desk, sheet, "Please fax to the booking office. Confidential: contains patient data.")
    return [sheet]


def suspected_cancer(desk: Desk) -> list[Sheet]:
    """A suspected-cancer form: the form itself is the priority, and most of its boxes say something else."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    site = referral.cancer_site or "Lower GI"
    sheet.box(45, 34, 505, 30, fill=225)
    title = random.choice(
        (
            f"SUSPECTED {site.upper()} CANCER REFERRAL",
            f"Suspected cancer referral form - {site}",
            f"2 WEEK WAIT REFERRAL - {site.upper()}",
        )
    )
    sheet.put(297, 54, title, 14, bold=True, centre=True)
    sheet.says("referral.priority", "TWO_WEEK_WAIT", (45, 34, 550, 64))
    sheet.put(
        45, 78, "Fax or e-mail within 24 hours of the decision to refer. Please also telephone the cancer office.", 8.5
    )
    y, half = 88.0, 300

    def pair(left: tuple[str, str, str], right: tuple[str, str, str]) -> None:
        nonlocal y
        for (label, name, decoy), x, wide in ((left, 45, half - 45), (right, half, 550 - half)):
            sheet.box(x, y, wide, 21)
            end = sheet.put(x + 4, y + 14, label, 9, bold=True)
            if decoy:
                sheet.write(end + 6, y + 14.5, decoy, 10)
            elif name:
                _fill(desk, sheet, name, end + 6, y + 14.5, 10)
        y += 21

    pair((random.choice(("Surname:", "Last name:")), "patient.family_name", ""), ("GP:", "referrer.name", ""))
    pair(("First name:", "patient.given_names", ""), ("Practice:", "referrer.practice_name", ""))
    pair(
        (random.choice(("D.O.B:", "DoB:")), "patient.birth_date", ""), ("Practice code:", "referrer.practice_code", "")
    )
    pair((random.choice(("NHS no:", "NHS Number:")), "patient.nhs_number", ""), ("Tel:", "referrer.phone", ""))
    pair(("Hospital no:", "", who.hospital_number), ("Date of referral:", "referral.date", ""))
    pair(("Gender:", "patient.gender", ""), ("Refer to:", "referral.specialty", ""))
    pair(("Home tel:", "patient.phone", ""), ("Mobile (carer):", "", referral.next_of_kin.phone))
    sheet.box(45, y, 505, 21)
    end = sheet.put(49, y + 14, "Address:", 9, bold=True)
    end = _fill(desk, sheet, "patient.address", end + 6, y + 14.5, 10)
    _fill(desk, sheet, "patient.postcode", max(end + 18, 440), y + 14.5, 10)
    y += 34

    style = random.choice(("cross", "check", "fill"))

    def boxes(heading: str, labels: tuple[str, ...], chance: float, columns: int) -> None:
        nonlocal y
        sheet.put(45, y, heading, 9.5, bold=True)
        y += 15
        for index, label in enumerate(labels):
            x = 50 + (index % columns) * (500 / columns)
            sheet.tick(x, y - 8.5, 9.5, random.random() < chance, style)
            sheet.put(x + 15, y, label, 8.5)
            if index % columns == columns - 1 or index == len(labels) - 1:
                y += 14.5
        y += 4

    boxes(
        "Qualifying symptoms (tick all that apply)",
        (
            "Unexplained weight loss",
            "New lump or mass",
            "Persistent bleeding",
            "Change lasting over 3 weeks",
            "Abnormal imaging",
            "Iron deficiency anaemia",
        ),
        0.4,
        2,
    )
    boxes(
        "Patient has been told",
        ("this is an urgent referral", "cancer is a possibility", "to be available for 14 days", "leaflet given"),
        0.7,
        2,
    )
    boxes("WHO performance status", ("0", "1", "2", "3", "4"), 0.2, 5)
    boxes("Anticoagulants", ("Warfarin", "DOAC", "Antiplatelet", "None"), 0.25, 4)
    boxes("Communication", ("Interpreter needed", "Hearing loss", "Wheelchair", "Routine transport"), 0.15, 4)
    sheet.put(45, y, random.choice(("Clinical details", "Further clinical information")), 9.5, bold=True)
    y += 14
    y = sheet.prose(
        50, y, referral.reason, 495, 9 if desk.hand is None else 11, "referral.reason", desk.hand is not None
    )
    if referral.sharing_words:
        sheet.put(50, y, referral.sharing_words, 9, name="referral.sharing_dissent", value=referral.dissents)
        y += 14
    if desk.hand is None and y < 700:
        y = _clinical_rest(desk, sheet, 50, y + 4, 495, 8.5)
    _footer(desk, sheet, f"Cancer services - {site} - form SC/{site[:2].upper()}/07 - review 2027")
    return [sheet]


def rows_shaded(desk: Desk) -> list[Sheet]:
    """Grey label cells at the left and right halves of each row, without outer rules; priority as a word, not a box."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(45, 50, "Elective referral", 18, bold=True)
    sheet.put(45, 66, f"to {referral.hospital} - one form for each patient", 9.5)
    y = 80.0

    def half(x: float, wide: float, label: str, name: str, decoy: str = "") -> None:
        sheet.box(x, y, 92, 22, 0, fill=218)
        sheet.put(x + 4, y + 14.5, label, 8.5)
        sheet.rule(x + 92, y + 22, x + wide, y + 22, 0.4)
        if decoy:
            sheet.write(x + 98, y + 15, decoy, 10)
        else:
            _fill(desk, sheet, name, x + 98, y + 15, 10)

    word = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "Suspected cancer (USC)"}[referral.priority]
    rows = (
        (("Patient's surname", "patient.family_name", ""), ("Patient's forenames", "patient.given_names", "")),
        (("Birth date", "patient.birth_date", ""), ("NHS identifier", "patient.nhs_number", "")),
        (("Patient's sex", "patient.gender", ""), ("Local case no.", "", referral.patient.hospital_number)),
        (("Contact number", "patient.phone", ""), ("Carer / relative", "", referral.next_of_kin.phone)),
        (("Registered at", "referrer.practice_name", ""), ("Surgery ODS", "referrer.practice_code", "")),
        (("Sender", "referrer.name", ""), ("Sender's phone", "referrer.phone", "")),
        (("Department", "referral.specialty", ""), ("Attention of", "referral.named_clinician", "")),
        (("Signed on", "referral.date", ""), ("Clinical priority", "priority", "")),
    )
    for left, right in rows:
        half(45, 250, *left)
        if right[1] == "priority":
            sheet.box(300, y, 92, 22, 0, fill=218)
            sheet.put(304, y + 14.5, right[0], 8.5)
            sheet.write(398, y + 15, word, 10, name="referral.priority", value=referral.priority)
        else:
            half(300, 250, *right)
        y += 25
    sheet.box(45, y, 92, 22, 0, fill=218)
    sheet.put(49, y + 14.5, "Lives at", 8.5)
    end = _fill(desk, sheet, "patient.address", 143, y + 15, 10)
    _fill(desk, sheet, "patient.postcode", end + 10, y + 15, 10)
    y += 40
    if referral.ubrn:
        end = sheet.put(45, y, "Unique booking reference: ", 9.5)
        _fill(desk, sheet, "referral.ubrn", end + 4, y, 10)
        y += 22
    sheet.put(45, y, random.choice(("Why is the patient referred?", "Presenting problem and request")), 10, bold=True)
    y = sheet.prose(
        45, y + 16, referral.reason, 500, 9.5 if desk.hand is None else 11.5, "referral.reason", desk.hand is not None
    )
    if referral.sharing_words:
        sheet.put(45, y + 2, referral.sharing_words, 9.5, name="referral.sharing_dissent", value=referral.dissents)
        y += 20
    if desk.hand is None:
        _clinical_rest(desk, sheet, 45, y + 8, 500)
    _footer(desk, sheet, "ER/2 (2025)")
    return [sheet]


def cancer_checklist(desk: Desk) -> list[Sheet]:
    """A suspected-cancer checklist with boxes at the right of long criteria and the patient in a block at the foot."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    site = referral.cancer_site or "Lung"
    sheet.put(45, 50, f"Urgent suspected {site.lower()} cancer: fast track checklist", 14, bold=True)
    sheet.says("referral.priority", "TWO_WEEK_WAIT", (45, 38, 500, 54))
    sheet.put(45, 64, f"{referral.hospital} cancer services. Incomplete forms delay the patient.", 9)
    y = 88.0
    criteria = (
        "Aged 40 and over with unexplained symptoms of the kind named overleaf",
        "Imaging that suggests malignancy (report attached)",
        "Symptoms persisting for more than six weeks despite treatment",
        "Palpable mass confirmed by examination",
        "Abnormal blood tests in the last eight weeks",
        "Family history of the same disease in a first degree relative",
        "Routine follow-up already in place elsewhere",
        "Patient unavailable in the next two weeks (give dates below)",
    )
    style = random.choice(("cross", "check"))
    for line in criteria:
        sheet.put(50, y, line, 9.5)
        for x, chance in ((470, 0.4), (515, 0.2)):
            sheet.tick(x, y - 9, 10, random.random() < chance, style)
        sheet.put(485, y, "Yes", 8)
        sheet.put(530, y, "No", 8)
        sheet.rule(50, y + 5, 545, y + 5, 0.3)
        y += 19
    sheet.put(45, y + 10, "Summary for the clinic", 10, bold=True)
    y = sheet.prose(50, y + 26, referral.reason, 490, 9.5, "referral.reason", False)
    if referral.sharing_words:
        sheet.put(50, y, referral.sharing_words, 9.5, name="referral.sharing_dissent", value=referral.dissents)
        y += 14
    y = max(y + 14, 520)
    sheet.box(45, y, 252, 168)
    sheet.box(298, y, 252, 168)
    sheet.put(50, y + 12, "About the patient", 9, bold=True)
    sheet.put(303, y + 12, "About the referrer", 9, bold=True)
    left = (
        ("Last name", "patient.family_name"),
        ("Other names", "patient.given_names"),
        ("Date of birth", "patient.birth_date"),
        ("NHS No.", "patient.nhs_number"),
        ("Sex", "patient.gender"),
        ("Address", "patient.address"),
        ("Post code", "patient.postcode"),
        ("Best number to ring", "patient.phone"),
    )
    right = (
        ("Doctor", "referrer.name"),
        ("Practice", "referrer.practice_name"),
        ("Code", "referrer.practice_code"),
        ("Bypass no.", "referrer.phone"),
        ("Tumour group clinic", "referral.specialty"),
        ("Decision to refer", "referral.date"),
        ("UBRN if booked", "referral.ubrn"),
    )
    for column, x in ((left, 50), (right, 303)):
        line_y = y + 30
        for label, name in column:
            end = sheet.put(x, line_y, f"{label}: ", 8.5)
            _fill(desk, sheet, name, end + 3, line_y, 9.5)
            line_y += 18
    _footer(desk, sheet, f"Fast track {site} - keep a copy in the notes")
    return [sheet]
