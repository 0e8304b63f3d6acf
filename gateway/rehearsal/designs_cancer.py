"""Suspected-cancer forms: the form itself is the priority, and most of its boxes say something else."""

from __future__ import annotations

from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import clinical_rest, fill, footer
from gateway.rehearsal.sheet import Sheet


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
                fill(desk, sheet, name, end + 6, y + 14.5, 10)
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
    end = fill(desk, sheet, "patient.address", end + 6, y + 14.5, 10)
    fill(desk, sheet, "patient.postcode", max(end + 18, 440), y + 14.5, 10)
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
        y = clinical_rest(desk, sheet, 50, y + 4, 495, 8.5)
    footer(desk, sheet, f"Cancer services - {site} - form SC/{site[:2].upper()}/07 - review 2027")
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
        answer = random.random()
        sheet.tick(470, y - 9, 10, answer < 0.35, style)
        sheet.tick(515, y - 9, 10, answer > 0.6, style)
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
            fill(desk, sheet, name, end + 3, line_y, 9.5)
            line_y += 18
    footer(desk, sheet, f"Fast track {site} - keep a copy in the notes")
    return [sheet]
