"""Referrals of other institutions: a hospice's letter and the case report of an out-of-hours service."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import address_block, answer, dissent, labelled, room
from gateway.rehearsal.letter_parts import addressed, greeting
from gateway.rehearsal.retelling import retold
from gateway.rehearsal.senders import make_sender, sent_by
from gateway.rehearsal.sheet import Sheet


def hospice_letter(desk: Desk) -> list[Sheet]:
    """A hospice's doctor writes to a hospital clinic: patient in a frame at the left, sister and daughter to ring, GP copied in."""
    desk = retold(desk)
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sender = make_sender(random, ("Beacon Hospice", "St Hilda's Hospice", "The Willow Hospice"))
    sheet = desk.sheet()
    sheet.put(297, 56, sender.name, 19, bold=True, centre=True)
    half = sheet.wide(sender.name, 19, True) / 2
    sheet.says("referrer.practice_name", sender.name, (297 - half, 40, 297 + half, 61))
    line = f"{sender.address}, {sender.postcode}"
    sheet.put(297, 70, line, 9.5, centre=True)
    phone = printed.phone(sender.phone, desk.phone_style)
    whole = f"Reception {phone}"
    x = sheet.put(297 - sheet.wide(whole, 9.5) / 2, 83, "Reception ", 9.5)
    sheet.put(x, 83, phone, 9.5, name="referrer.phone", value=sender.phone)
    day = random.choice((printed.long_date(referral.date), f"{referral.date.day} {referral.date:%B %Y}"))
    sheet.put(545, 112, day, 10.5, right=True, name="referral.date", value=referral.date.isoformat())
    sheet.box(50, 100, 250, 122, 0.9)
    y = 116.0
    answer(desk, sheet, "title first", 58, y, 234, 12.5)
    y = address_block(desk, sheet, 58, y + 15, 10)
    for label, what in (
        (random.choice(("DoB", "Date of birth")), "patient.birth_date"),
        (random.choice(("NHS", "NHS number")), "patient.nhs_number"),
        (random.choice(("Home tel", "Patient's tel")), "patient.phone"),
        ("Hospice no.", f"=H{random.randrange(1000, 9999)}"),
    ):
        labelled(desk, sheet, label, what, 58, y, 234, 10)
        y += 14
    below = addressed(desk, sheet, 330, 140, 10.5, random.choice(("{} Team", "Department of {}")))
    y = max(below, 246.0)
    sheet.put(50, y, greeting(desk, "Colleague"), 10.5)
    said = {
        "ROUTINE": (
            "We would be content with a routine appointment.",
            "There is no hurry: a routine appointment, please.",
        ),
        "URGENT": ("Time is short and we ask for an urgent appointment.", "Please treat this as an urgent referral."),
    }[referral.priority]
    y += 20
    end = sheet.put(50, y, random.choice(said), 10.5)
    sheet.says("referral.priority", referral.priority, (50, y - 11, end, y + 3))
    y = sheet.prose(50, y + 20, referral.reason, 495, 10.5, "referral.reason", lead=1.42)
    y = dissent(desk, sheet, 50, y, 495, 10.5)
    kin = referral.next_of_kin
    paragraphs = [
        f"Under our care since the spring, at present at home with visits. "
        f"{kin.relation} {kin.name} is the main contact on {printed.phone(kin.phone, 'spaces')}.",
        f"Medicines: {'; '.join(referral.medicines) or 'as on the chart'}. Allergies: {referral.allergies}. Transport by ambulance car.",
    ]
    y = sheet.prose(50, y, paragraphs, 495, 10.5)
    sheet.put(50, y + 6, random.choice(("With kind regards", "Yours sincerely")), 10.5)
    sheet.signature(54, y + 36)
    end = sheet.put(50, y + 58, f"Dr {sender.person}", 10.5)
    sheet.says("referrer.name", sender.person, (50, y + 47, end, y + 61))
    sheet.put(50, y + 71, random.choice(("Specialty Doctor in Palliative Medicine", "Medical Director")), 10)
    copied = (
        f"cc Dr {referral.usual_doctor}, {practice.name} ({practice.code}), {printed.phone(practice.phone, 'spaces')}"
    )
    sheet.put(50, 806, copied, room(sheet, copied, 9, 495))
    sheet.put(50, 820, "Registered charity 000000", 8)
    return sent_by([sheet], sender)


def out_of_hours_report(desk: Desk) -> list[Sheet]:
    """A case report with a ten-digit case number and four times; the outcome names clinic and urgency; the patient's practice is a decoy."""
    desk = retold(desk)
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sender = make_sender(
        random, ("Nightline Out of Hours GP Service", "Ridgeway Urgent Treatment Centre", "County Evening Doctors")
    )
    sheet = desk.sheet()
    sheet.put(40, 48, sender.name, 14, bold=True, name="referrer.practice_name")
    end = sheet.put(40, 62, f"{sender.address}, {sender.postcode}   Clinicians' line", 9)
    sheet.put(end + 4, 62, printed.phone(sender.phone, desk.phone_style), 9, name="referrer.phone", value=sender.phone)
    sheet.put(555, 48, "CASE REPORT", 14, bold=True, right=True)
    sheet.rule(40, 70, 555, 70, 1.4)
    hour = random.randrange(1, 7)
    day = printed.date(referral.date, desk.date_form)
    y = 88.0
    labelled(desk, sheet, "Case number:", f"={referral.laboratory_number}", 40, y, 240, 9.5)
    labelled(desk, sheet, "Case type:", "=Base visit", 320, y, 230, 9.5)
    y += 15
    labelled(desk, sheet, "Call received:", f"={hour:02d}:{random.randrange(60):02d}", 40, y, 240, 9.5)
    end = sheet.put(320, y, random.choice(("Consultation date:", "Seen on:")), 9.5, bold=True) + 5
    end = sheet.put(end, y, day, 9.5, name="referral.date", value=referral.date.isoformat())
    sheet.put(end + 4, y, f"at {hour + 1:02d}:{random.randrange(60):02d}", 9.5)
    y += 12

    def part(title: str) -> None:
        nonlocal y
        sheet.rule(40, y, 555, y, 0.5)
        sheet.put(40, y + 14, title, 10.5, bold=True)
        y += 30

    part("Patient")
    kin = referral.next_of_kin
    for pair in (
        (
            (random.choice(("Name:", "Patient name:")), "family first"),
            (random.choice(("Date of birth:", "D.O.B.:")), "patient.birth_date"),
        ),
        ((random.choice(("NHS number:", "NHS no:")), "patient.nhs_number"), ("Gender:", "patient.gender")),
        (("Home address:", "patient.address"), ("Postcode:", "patient.postcode")),
        (
            (random.choice(("Return phone:", "Call-back number:")), "patient.phone"),
            ("Location now:", "=as home address"),
        ),
        (
            ("Caller:", f"={kin.name} ({kin.relation.lower()})"),
            ("Caller's phone:", f"={printed.phone(kin.phone, 'spaces')}"),
        ),
        (("Own GP:", f"=Dr {referral.usual_doctor}"), ("Own practice:", f"={practice.name}")),
    ):
        for (label, what), x, wide in zip(pair, (40.0, 345.0), (292.0, 206.0), strict=True):
            labelled(desk, sheet, label, what, x, y, wide, 9.5)
        y += 15
    part("Assessment")
    y = sheet.prose(40, y, referral.reason, 515, 10, "referral.reason", lead=1.36)
    y = dissent(desk, sheet, 40, y, 515, 10)
    figures = f"Pulse {random.randrange(58, 104)}, temperature 36.{random.randrange(3, 9)}, "
    figures += f"saturation {random.randrange(94, 100)}%, NEWS2 {random.randrange(3)}."
    sheet.put(40, y + 2, figures, 10)
    y += 18
    part("Drugs and allergies")
    y = sheet.prose(
        40,
        y,
        [
            f"Takes {'; '.join(referral.medicines) or 'nothing regular'}. Allergies: {referral.allergies}. Nothing supplied tonight."
        ],
        515,
        10,
    )
    part(random.choice(("Outcome", "Disposition")))
    end = sheet.put(40, y, random.choice(("Refer to: ", "Referral made to: ")), 10)
    end = sheet.put(end, y, referral.specialty, 10, bold=True, name="referral.specialty")
    sheet.put(
        end,
        y,
        f", {referral.hospital} (outpatients)",
        room(sheet, f", {referral.hospital} (outpatients)", 10, 552 - end),
    )
    y += 15
    end = sheet.put(40, y, random.choice(("Urgency of referral: ", "To be seen: ")), 10)
    said = (
        {"ROUTINE": "routinely", "URGENT": "urgently"}
        if random.random() < 0.5
        else {"ROUTINE": "Routine", "URGENT": "Urgent"}
    )
    sheet.put(end, y, said[referral.priority], 10, bold=True, name="referral.priority", value=referral.priority)
    y += 15
    sheet.put(40, y, "Own GP informed by electronic message. Emergency department: not needed.", 10)
    y += 22
    end = sheet.put(40, y, random.choice(("Clinician: ", "Assessed by: ")), 10)
    end = sheet.put(end, y, f"Dr {sender.person}", 10)
    sheet.says("referrer.name", sender.person, (40, y - 10, end, y + 3))
    sheet.put(end + 20, y, f"Call handler: operator {random.randrange(100, 999)}", 10)
    sheet.put(555, 818, f"Printed {day}   {who.family_name[:3].upper()}   1 of 1", 8, right=True)
    return sent_by([sheet], sender)
