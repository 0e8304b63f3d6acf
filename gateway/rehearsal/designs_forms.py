"""Ruled and boxed referral forms: labels at the left, labels above in small print, and letters one to a box."""

from __future__ import annotations

from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import PRIORITIES, clinical_rest, fill, footer, priority_ticks
from gateway.rehearsal.sheet import Sheet


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
            fill(desk, sheet, name, split + 6, y + 14.5)
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
    priority_ticks(desk, sheet, split + 8, y + 14, PRIORITIES, 100, random.random() < 0.6)
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
    footer(desk, sheet, f"{referral.hospital} - OPD referral v3.2 - page 1 of 1")
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
                fill(desk, sheet, name, x + 7, y + 25, 11)
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
        (*PRIORITIES[:2], ("TWO_WEEK_WAIT", "Two week wait")),
        (*PRIORITIES[:2], ("TWO_WEEK_WAIT", "Suspected cancer (2WW)")),
    )
    priority_ticks(desk, sheet, 175, y + 15, random.choice(wordings), 95, True)
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
    footer(desk, sheet, "Please fax to the booking office. Confidential: contains patient data.")
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
            fill(desk, sheet, name, x + 98, y + 15, 10)

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
    end = fill(desk, sheet, "patient.address", 143, y + 15, 10)
    fill(desk, sheet, "patient.postcode", end + 10, y + 15, 10)
    y += 40
    if referral.ubrn:
        end = sheet.put(45, y, "Unique booking reference: ", 9.5)
        fill(desk, sheet, "referral.ubrn", end + 4, y, 10)
        y += 22
    sheet.put(45, y, random.choice(("Why is the patient referred?", "Presenting problem and request")), 10, bold=True)
    y = sheet.prose(
        45, y + 16, referral.reason, 500, 9.5 if desk.hand is None else 11.5, "referral.reason", desk.hand is not None
    )
    if referral.sharing_words:
        sheet.put(45, y + 2, referral.sharing_words, 9.5, name="referral.sharing_dissent", value=referral.dissents)
        y += 20
    if desk.hand is None:
        clinical_rest(desk, sheet, 45, y + 8, 500)
    footer(desk, sheet, "ER/2 (2025)")
    return [sheet]
