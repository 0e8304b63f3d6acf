"""Trusts' printed forms: questions with a column kept for the hospital, a list of clinics to tick, a children's clinic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, labelled, room, story
from gateway.rehearsal.names import STREETS, WOMEN
from gateway.rehearsal.people import make_nhs_number
from gateway.rehearsal.prose import EVERY
from gateway.rehearsal.retelling import retold
from gateway.rehearsal.sheet import Sheet, Stroke


def answer_column_form(desk: Desk) -> list[Sheet]:
    """Three columns: what is asked, the answer, and a shaded one that the hospital fills in later; urgencies under one another."""
    desk = retold(desk)
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(
        48, 50, random.choice(("Referral to a hospital consultant", "Outpatient referral proforma")), 16, bold=True
    )
    sheet.put(48, 66, f"{referral.hospital}, Patient Access Team, 01632 960 270, fax 01632 960 555", 9)
    y, edges = 76.0, (48.0, 186.0, 452.0, 547.0)
    style = random.choice(("cross", "check", "fill"))

    def row(question: str, what: str, office: str = "", tall: float = 20) -> None:
        nonlocal y
        sheet.box(edges[2], y, edges[3] - edges[2], tall, 0, fill=228)
        for left, right in pairwise(edges):
            sheet.box(left, y, right - left, tall, 0.6)
        sheet.put(edges[0] + 4, y + 13.5, question, room(sheet, question, 9, 130, True), bold=True)
        answer(desk, sheet, what, edges[1] + 6, y + 14, edges[2] - edges[1] - 12, 12)
        if office:
            sheet.put(edges[2] + 4, y + 13, office, 7.5)
        y += tall

    for x, word in zip(edges, ("Question", "Your answer", "Hospital use only"), strict=False):
        sheet.put(x + 4, y + 12, word, 8.5)
    y += 17
    row(random.choice(("Surname", "Last name")), "patient.family_name", "Registered  Y / N")
    row(random.choice(("First names", "Forenames")), "patient.given_names")
    row(random.choice(("Date of birth", "Born on")), "patient.birth_date")
    row(random.choice(("NHS number", "NHS No")), "patient.nhs_number", "Traced  Y / N")
    row("Your hospital number", f"={who.hospital_number}")
    row(random.choice(("Sex", "Gender")), "patient.gender")
    row("Address", "patient.address")
    row("Postcode", "patient.postcode")
    row(random.choice(("Patient's telephone", "Best daytime number")), "patient.phone", "Called  __ : __")
    kin = referral.next_of_kin
    row("Who else may we ring?", f"={kin.name}, {printed.phone(kin.phone, 'spaces')}")
    row(random.choice(("Referring GP", "Your name")), "referrer.name")
    row("Surgery", "referrer.practice_name", "GP changed  Y / N")
    row("Surgery code", "referrer.practice_code")
    row("Surgery telephone", "referrer.phone")
    row(random.choice(("Date you refer", "Today's date")), "referral.date", "Received  __ / __ / __")
    row("Specialty", "referral.specialty", "Clinic code")
    row("Consultant if known", "referral.named_clinician" if referral.named_clinician else "=any", "Allocated to")
    if referral.ubrn:
        row("UBRN", "referral.ubrn")
    top = y
    row(random.choice(("How urgent?", "Priority")), "", "Graded  U / S / R", 52)
    for code, text in (
        ("TWO_WEEK_WAIT", random.choice(("Suspected cancer (two week wait)", "2WW"))),
        ("URGENT", "Urgent"),
        ("ROUTINE", "Routine"),
    ):
        ticked = code == referral.priority
        sheet.tick(edges[1] + 8, top + 5, 9.5, ticked, style)
        end = sheet.put(edges[1] + 24, top + 13.5, text, 9.5)
        if ticked:
            sheet.says("referral.priority", code, (edges[1] + 6, top + 3, end, top + 16))
        top += 16
    y += 14
    sheet.put(
        48, y, random.choice(("Reason for referral and relevant history", "Clinical information")), 9.5, bold=True
    )
    y = story(desk, sheet, 48, y + 17, 499, 10)
    y = sheet.prose(
        48, y, [f"Drugs: {'; '.join(referral.medicines) or 'none'}. Allergies: {referral.allergies}."], 499, 9
    )
    sheet.put(48, 818, f"PAT {random.randrange(100, 999)} v{random.randrange(2, 9)}", 7.5)
    return [sheet]


_HEADS = (("ROUTINE", "ROUTINE"), ("URGENT", "URGENT"), ("TWO_WEEK_WAIT", "2 WW"))


def specialty_grid_form(desk: Desk) -> list[Sheet]:
    """The clinic is ticked in a list of all; the urgency is a mark under one of three headings; triage boxes below stay empty."""
    desk = retold(desk)
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    style = random.choice(("cross", "check"))
    sheet.box(40, 30, 515, 24, 0, fill=30)
    sheet.put(297, 47, f"{referral.hospital}: OUTPATIENT REFERRAL", 12.5, bold=True, grey=255, centre=True)
    sheet.put(40, 70, "Tick ONE specialty", 9, bold=True)
    listed = sorted(
        {specialty.name for specialty in EVERY}
        | {"Haematology", "Renal Medicine", "Pain Management", "Vascular Surgery"}
    )
    for index, name in enumerate(listed):
        x, y = 40.0 + index % 3 * 172, 86.0 + index // 3 * 14.5
        chosen = name == referral.specialty
        sheet.tick(x, y - 8.5, 9, chosen, style)
        end = sheet.put(x + 14, y, name, 9)
        if chosen:
            sheet.says("referral.specialty", name, (x, y - 9, end, y + 2))
    y = 86.0 + (len(listed) + 2) // 3 * 14.5 + 6
    for place, (code, word) in enumerate(_HEADS):
        x = 40.0 + 62 * place
        sheet.box(x, y, 62, 15, 0.7, fill=215)
        sheet.box(x, y + 15, 62, 20, 0.7)
        sheet.put(x + 31, y + 11, word, 8.5, bold=True, centre=True)
        if code == referral.priority:
            middle = x + 31 + random.uniform(-4, 4)
            sheet.marks.append(Stroke(((middle - 6, y + 24), (middle - 1, y + 31), (middle + 9, y + 18)), 1.6))
            sheet.says("referral.priority", code, (x, y, x + 62, y + 35))
    labelled(desk, sheet, "Date of referral", "referral.date", 250, y + 12, 300, 9.5)
    labelled(
        desk,
        sheet,
        "Preferred consultant",
        "referral.named_clinician" if referral.named_clinician else "=",
        250,
        y + 29,
        300,
        9.5,
    )
    y += 48
    kin = referral.next_of_kin
    top = y
    for x, title, rows in (
        (
            40.0,
            "PATIENT",
            (
                (random.choice(("Name", "Full name")), "title first"),
                (random.choice(("Date of birth", "DOB")), "patient.birth_date"),
                (random.choice(("NHS number", "NHS")), "patient.nhs_number"),
                ("Sex", "patient.gender"),
                ("Address", "patient.address"),
                ("Postcode", "patient.postcode"),
                (random.choice(("Telephone", "Mobile/home")), "patient.phone"),
                ("Next of kin", f"={kin.name}, {printed.phone(kin.phone, 'plain')}"),
            ),
        ),
        (
            302.0,
            "REFERRER",
            (
                (random.choice(("Name", "GP name")), "referrer.name"),
                ("Practice", "referrer.practice_name"),
                ("Address", f"={practice.address}"),
                ("Postcode", f"={practice.postcode}"),
                (random.choice(("Telephone", "Tel")), "referrer.phone"),
                ("Fax", f"={printed.phone(practice.fax, desk.phone_style)}"),
                ("Practice code", "referrer.practice_code"),
                ("Registered GP", f"=Dr {referral.usual_doctor}"),
            ),
        ),
    ):
        y = top
        sheet.box(x, y, 253, 15, 0.7, fill=215)
        sheet.put(x + 5, y + 11, title, 9, bold=True)
        y += 15
        for label, what in rows:
            sheet.box(x, y, 253, 19, 0.4)
            sheet.put(x + 5, y + 13, label, 8.5)
            answer(desk, sheet, what, x + 74, y + 13.5, 174, 11.4)
            y += 19
    y += 20
    sheet.put(40, y, random.choice(("Clinical details (or attach letter)", "Reason for referral")), 9.5, bold=True)
    y = story(desk, sheet, 40, y + 17, 515, 10)
    y = sheet.prose(
        40, y, [f"Medication: {'; '.join(referral.medicines) or 'none'}. Allergies: {referral.allergies}."], 515, 9
    )
    sheet.box(40, 742, 515, 66, 1.2)
    sheet.put(46, 755, "FOR HOSPITAL USE: TRIAGE", 8.5, bold=True)
    for place, word in enumerate(("Urgent", "Soon", "Routine", "Reject")):
        sheet.tick(46 + 90 * place, 764, 9, False)
        sheet.put(60 + 90 * place, 772, word, 9)
    sheet.put(
        46,
        797,
        "Consultant ..............................   Date ....../....../......   Clinic ....................",
        9,
    )
    return [sheet]


def child_clinic_form(desk: Desk) -> list[Sheet]:
    """A children's clinic: child, mother with her own NHS number, school and health visitor; the urgency not meant is struck out."""
    desk = retold(desk)
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(44, 52, referral.hospital, 11)
    end = sheet.put(44, 74, random.choice(("Children's outpatients: ", "Referral form: ")), 17, bold=True)
    sheet.put(end, 74, referral.specialty, 17, bold=True, name="referral.specialty")
    y = 96.0
    x = sheet.put(44, y, random.choice(("This referral is", "Please see (delete one):")), 10.5) + 10
    for code, word in (("URGENT", "URGENT"), ("ROUTINE", "ROUTINE")):
        end = sheet.put(x, y, word, 11.5, bold=True)
        if code == referral.priority:
            sheet.says("referral.priority", code, (x, y - 11, end, y + 3))
        else:
            level = y - 4 + random.uniform(-0.8, 0.8)
            sheet.marks.append(Stroke(((x - 5, level + 1), ((x + end) / 2, level - 0.6), (end + 6, level)), 1.6))
        x = end + 12
        if code == "URGENT":
            x = sheet.put(x, y, "/", 11.5) + 12
    labelled(desk, sheet, "Date", "referral.date", 400, y, 150, 10.5)
    y += 12

    def block(title: str, rows: Sequence[tuple[tuple[str, str, float], ...]]) -> None:
        nonlocal y
        sheet.box(44, y, 507, 16 + 21 * len(rows) + 4, 0.8)
        sheet.put(50, y + 12, title, 9.5, bold=True)
        y += 16
        for row in rows:
            x = 50.0
            for label, what, wide in row:
                if what == "boy or girl":
                    end = sheet.put(x, y + 14, label, 9.5) + 5
                    word = "boy" if who.gender == "male" else "girl"
                    sheet.put(end, y + 14, word, 9.5, name="patient.gender", value=who.gender)
                else:
                    labelled(desk, sheet, label, what, x, y + 14, wide - 10, 9.5, bold=False)
                x += wide
            y += 21
        y += 12

    mother = f"{random.choice(WOMEN)} {who.family_name}"
    block(
        "Child",
        (
            (
                (random.choice(("Surname:", "Family name:")), "patient.family_name", 245),
                (random.choice(("First names:", "Given names:")), "patient.given_names", 250),
            ),
            (
                (random.choice(("Date of birth:", "Born:")), "patient.birth_date", 190),
                (random.choice(("NHS number:", "Child's NHS number:")), "patient.nhs_number", 205),
                ("Boy or girl:", "boy or girl", 100),
            ),
            (("Address:", "patient.address", 385), ("Postcode:", "patient.postcode", 110)),
            (("Telephone:", "patient.phone", 245), ("Language at home:", f"={referral.interpreter or 'English'}", 250)),
        ),
    )
    block(
        "Family and school",
        (
            (
                ("Mother:", f"={mother}", 245),
                ("Mother's NHS number:", f"={printed.nhs_number(make_nhs_number(random), desk.nhs_style)}", 250),
            ),
            (
                ("Other carer:", f"={referral.next_of_kin.name}", 245),
                ("Telephone:", f"={printed.phone(referral.next_of_kin.phone, 'spaces')}", 250),
            ),
            (
                (
                    "School or nursery:",
                    f"={random.choice(STREETS).split()[0]} {random.choice(('Primary', 'Academy', 'Nursery'))}",
                    245,
                ),
                (
                    "Health visitor:",
                    f"={random.choice(WOMEN)} {random.choice(('Lowe', 'Pratt', 'Begum'))}, 01632 960{random.randrange(100, 999)}",
                    250,
                ),
            ),
        ),
    )
    block(
        "Referrer",
        (
            (("Name:", "referrer.name", 245), ("Practice:", "referrer.practice_name", 250)),
            (("Practice telephone:", "referrer.phone", 245), ("Practice code:", "referrer.practice_code", 250)),
        ),
    )
    for question, chance in (
        ("Is there a child protection plan?", 0.05),
        ("Is the child looked after?", 0.05),
        ("Immunised up to date?", 0.9),
    ):
        sheet.put(50, y + 6, question, 9.5)
        yes = random.random() < chance
        for word, x, on in (("Yes", 250.0, yes), ("No", 300.0, not yes)):
            sheet.tick(x, y - 2.5, 9.5, on, "check")
            sheet.put(x + 14, y + 6, word, 9.5)
        y += 16
    y += 16
    sheet.put(44, y, random.choice(("What is the concern?", "Reason for referral")), 10, bold=True)
    y = story(desk, sheet, 44, y + 18, 507, 10.5)
    grows = f"Weight {max(4, 3 * referral.age + 8)}.{random.randrange(10)} kg. "
    grows += f"Medicines: {'; '.join(referral.medicines) or 'none'}. Allergies: {referral.allergies}."
    y = sheet.prose(44, y, [grows], 507, 9.5)
    y = max(y + 24, 720)
    sheet.put(44, y, "Signed", 9.5)
    sheet.signature(90, y)
    return [sheet]
