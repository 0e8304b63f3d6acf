"""Forms of other professions: optometrist, physiotherapist, midwife, mental health team, community nurse."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from gateway.rehearsal import printed
from gateway.rehearsal.clinical_trades import BOOKING, JOINTS, MOOD, WOUND
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, footer, priority_ticks, room, story
from gateway.rehearsal.senders import asks, make_sender, sent_by
from gateway.rehearsal.sheet import Sheet


def sight_test_form(desk: Desk) -> list[Sheet]:
    """An optometrist's form: a table for each eye down the middle, patient and doctor above, the shop's stamp at the foot."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sender = make_sender(
        random, ("Lens & Light Opticians", "Wainwright Eyecare", "Harrogate Road Opticians", "Eyes on the Green")
    )
    sheet = desk.sheet()
    sheet.put(45, 50, random.choice(("REFERRAL FOLLOWING SIGHT TEST", "Ophthalmic referral (GOS 18)")), 15, bold=True)
    end = sheet.put(45, 66, f"{referral.hospital}, ", 10)
    end2 = sheet.put(end, 66, "Ophthalmology", 10)
    sheet.says("referral.specialty", "Ophthalmology", (end, 56, end2, 69))
    style = random.choice(("cross", "check"))
    priority_ticks(desk, sheet, 380, 66, (("URGENT", "Urgent"), ("ROUTINE", "Routine")), 80, True, 10, style)
    y = 80.0
    for row, tall in (
        (
            (
                ("Patient (title, first name, surname)", "title first", 300),
                ("Date of birth", "patient.birth_date", 205),
            ),
            32,
        ),
        ((("Address and postcode", "address", 300), ("NHS number", "patient.nhs_number", 205)), 32),
        (
            (
                ("Patient's telephone", "patient.phone", 150),
                ("GP and surgery", f"=Dr {referral.usual_doctor}, {practice.name}", 355),
            ),
            32,
        ),
    ):
        x = 45.0
        for label, what, wide in row:
            sheet.box(x, y, wide, tall, 0.7)
            sheet.put(x + 4, y + 9, label, 7)
            answer(desk, sheet, what, x + 6, y + 24, wide - 12, 12)
            x += wide
        y += tall
    y += 12
    columns = (45, 160, 300, 440)
    figures = []
    for _ in "RL":
        sphere = f"{random.choice('+-')}{random.randrange(5)}.{random.choice(('00', '25', '50', '75'))}"
        figures.append(f"{sphere} / -{random.randrange(3)}.50 x {random.randrange(5, 180)}")
    rows = (
        ("", "Right", "Left"),
        ("Refraction", *figures),
        ("Corrected acuity", f"6/{random.choice((6, 9, 12, 24))}", f"6/{random.choice((6, 9, 18))}"),
        ("Pressure (mmHg)", str(random.randrange(12, 29)), str(random.randrange(12, 29))),
        ("Cup : disc", f"0.{random.randrange(3, 9)}", f"0.{random.randrange(3, 9)}"),
        ("Fields", random.choice(("full", "defect, plot sent")), "full"),
    )
    for cells in rows:
        for cell, x, right in zip(cells, columns[:-1], columns[1:], strict=True):
            sheet.box(x, y, right - x, 19, 0.5)
            if x == 45 or cell in ("Right", "Left"):
                sheet.put(x + 5, y + 13, cell, 9.5, bold=True)
            else:
                sheet.write(x + 5, y + 13.5, cell, 11)
        y += 19
    y -= 114
    for word in ("Cataract", "Glaucoma", "Macula", "Retina", "Squint", "Lids"):
        sheet.tick(455, y + 4, 10, random.random() < 0.25, style)
        sheet.put(471, y + 13, word, 9.5)
        y += 18
    y += 30
    sheet.put(45, y, random.choice(("Reason for referral", "Comments")), 10, bold=True)
    y = story(desk, sheet, 45, y + 17, 500, 10)
    y = max(y + 20, 660)
    sheet.rule(45, y, 550, y, 0.8)
    for label, what in (
        ("Optometrist", ""),
        ("Practice", ""),
        ("Tel", ""),
        ("Date of test", f"={printed.date(referral.date - dt.timedelta(days=random.randrange(1, 8)), desk.date_form)}"),
        (random.choice(("Date of referral", "Form completed")), "referral.date"),
        ("GOC no.", f"=01-{random.randrange(10000, 40000)}"),
    ):
        y += 19
        sheet.put(45, y, label, 9.5)
        known = {
            "Optometrist": ("referrer.name", sender.person, sender.person),
            "Practice": ("referrer.practice_name", sender.name, sender.name),
            "Tel": ("referrer.phone", printed.phone(sender.phone, desk.phone_style), sender.phone),
        }.get(label)
        if known:
            sheet.write(140, y, known[1], 11.5, name=known[0], value=known[2])
        else:
            answer(desk, sheet, what, 140, y, 200, 11.5)
    sheet.put(350, y - 40, "Signature", 9)
    sheet.signature(400, y - 40)
    sheet.put(350, y, f"{sender.address}, {sender.postcode}", 8)
    return sent_by([sheet], sender)


def msk_form(desk: Desk) -> list[Sheet]:
    """A musculoskeletal service refers on to surgeons: a table of two columns, a body list to tick, scores, story."""
    desk = asks(desk, JOINTS)
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    seen = printed.date(referral.date - dt.timedelta(days=random.randrange(40, 200)), desk.date_form)
    office = random.choice(("Advanced practice physiotherapist", "First contact practitioner"))
    sender = make_sender(random, ("Community MSK Service", "Moorland Physiotherapy Service", "Integrated MSK Hub"))
    sheet = desk.sheet()
    sheet.put(45, 52, sender.name, 15, bold=True, name="referrer.practice_name")
    end = sheet.put(45, 66, f"{sender.address}, {sender.postcode}    T: ", 9)
    sheet.put(end, 66, printed.phone(sender.phone, desk.phone_style), 9, name="referrer.phone", value=sender.phone)
    sheet.put(550, 52, "Onward referral to secondary care", 11, right=True)
    y = 80.0
    for left, right in (
        ((random.choice(("Patient", "Client name")), "plain"), ("Refer to", "referral.specialty")),
        (("DOB", "patient.birth_date"), ("Hospital", f"={referral.hospital}")),
        (("NHS no", "patient.nhs_number"), ("Consultant choice", "referral.named_clinician")),
        (("Tel", "patient.phone"), ("Date of referral", "referral.date")),
        (
            ("Gender", "patient.gender"),
            (
                "First seen by us",
                f"={seen}",
            ),
        ),
        (("Hosp no", f"={who.hospital_number}"), ("Registered GP", f"=Dr {referral.usual_doctor}")),
        (("Post code", "patient.postcode"), ("GP practice", f"={referral.practice.name}")),
    ):
        for (label, what), x in ((left, 45.0), (right, 297.5)):
            sheet.box(x, y, 252.5, 19, 0.5)
            sheet.put(x + 4, y + 13, label, room(sheet, label, 9, 84, True), bold=True)
            answer(desk, sheet, what, x + 92, y + 13, 156, 11.2)
        y += 19
    sheet.box(45, y, 505, 19, 0.5)
    sheet.put(49, y + 13, "Address", 9, bold=True)
    answer(desk, sheet, "patient.address", 137, y + 13, 405, 11.2)
    y += 36
    style = random.choice(("cross", "check", "fill"))
    sheet.put(45, y, "Priority", 9.5, bold=True)
    priority_ticks(desk, sheet, 137, y, (("ROUTINE", "Routine"), ("URGENT", "Urgent")), 90, True, 10, style)
    y += 22
    sheet.put(45, y, "Region", 9.5, bold=True)
    for index, word in enumerate(
        ("Spine", "Shoulder", "Elbow", "Hand / wrist", "Hip", "Knee", "Foot / ankle", "Other")
    ):
        x = 137 + index % 4 * 105
        sheet.tick(x, y - 9, 10, random.random() < 0.2, style)
        sheet.put(x + 14, y, word, 9.5)
        y += 16 if index == 3 else 0
    y += 24
    for label, text in (
        ("Oxford score", f"{random.randrange(8, 40)} / 48"),
        ("Pain (0-10)", str(random.randrange(3, 10))),
        ("BMI", str(random.randrange(21, 39))),
        ("Red flags", "none found"),
    ):
        end = sheet.put(45, y, f"{label}: ", 9.5, bold=True)
        sheet.put(end + 3, y, text, 9.5)
        y += 14
    sheet.put(45, y + 8, random.choice(("Clinical reasoning and request", "Summary")), 9.5, bold=True)
    y = story(desk, sheet, 45, y + 25, 500, 10)
    y = max(y + 24, 700)
    end = sheet.put(45, y, "Referring clinician: ", 9.5, bold=True)
    sheet.put(end + 3, y, sender.person, 10, name="referrer.name")
    sheet.put(
        330,
        y,
        f"{office}   HCPC PH{random.randrange(10**4, 10**5)}",
        8.5,
    )
    footer(desk, sheet, "Copy to GP and patient. MSK/OUT/2")
    return sent_by([sheet], sender)


def antenatal_booking(desk: Desk) -> list[Sheet]:
    """A pregnant woman refers herself: questions in plain words, her own hand, no doctor and no urgency."""
    words = (desk.random.choice(BOOKING),)
    desk = replace(
        desk, referral=replace(desk.referral, specialty="Maternity", reason=words, sharing_words="", dissents=False)
    )
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    end = sheet.put(45, 54, "Maternity", 18, bold=True, name="referral.specialty")
    sheet.put(end + 6, 54, "self-referral: tell us you are pregnant", 18, bold=True)
    sheet.put(45, 70, f"{referral.hospital}. Please write clearly and return this form as soon as you can.", 9.5)
    y = 100.0
    last = referral.date - dt.timedelta(days=random.randrange(40, 75))
    questions = (
        (random.choice(("Your full name", "Your name")), "plain"),
        ("Any previous name", f"={who.previous_family_name or 'no'}"),
        (random.choice(("Your date of birth", "When were you born?")), "patient.birth_date"),
        ("Your NHS number, if you know it", "patient.nhs_number"),
        ("Your address", "patient.address"),
        ("Your postcode", "patient.postcode"),
        (random.choice(("Your mobile or home number", "Best number for you")), "patient.phone"),
        ("Your partner's name and number", f"={referral.next_of_kin.name}, {referral.next_of_kin.phone}"),
        ("Your GP and surgery", f"=Dr {referral.usual_doctor}, {referral.practice.name}"),
        ("First day of your last period", f"={printed.date(last, desk.date_form)}"),
        ("Your due date, if you know it", f"={printed.date(last + dt.timedelta(days=280), desk.date_form)}"),
        ("Language; interpreter needed?", f"={referral.interpreter or 'English, no'}"),
    )
    for question, what in questions:
        sheet.put(45, y, question, 10)
        sheet.rule(255, y + 4, 548, y + 4, 0.5)
        answer(desk, sheet, what, 260, y, 284, 13)
        y += 24
    style = random.choice(("check", "cross"))
    for question in (
        "Have you had a baby before?",
        "Do you have diabetes or epilepsy?",
        "Do you smoke?",
        "Do you take folic acid?",
    ):
        sheet.put(45, y, question, 10)
        yes = random.random() < 0.4
        for word, x, ticked in (("Yes", 260, yes), ("No", 320, not yes)):
            sheet.put(x, y, word, 10)
            sheet.tick(x + 24, y - 9, 11, ticked, style)
        y += 19
    sheet.put(45, y + 10, "Anything else you want us to know", 10)
    y = story(desk, sheet, 45, y + 30, 495, 10.5)
    sheet.put(45, 782, "Signed", 10)
    sheet.signature(95, 780)
    sheet.put(330, 782, "Date", 10)
    answer(desk, sheet, "referral.date", 362, 782, 180, 13)
    sheet.put(45, 812, "Office: booked by .......... at .......... weeks    MAT/SR/1", 7.5)
    # She refers herself: whether her surgery counts as the referrer's practice is a matter of taste.
    sheet.excused |= {
        "referrer.name",
        "referrer.practice_name",
        "referrer.practice_code",
        "referrer.phone",
        "patient.gender",
    }
    return [sheet]


def mental_health_form(desk: Desk) -> list[Sheet]:
    """A single point of access for mental health: urgencies with their hours, risks to tick, consent asked for in words."""
    desk = asks(desk, MOOD)
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    end = sheet.put(45, 50, "Adult Mental Health", 15, bold=True, name="referral.specialty")
    sheet.put(end + 6, 50, "single point of access: referral", 15)
    sheet.put(45, 64, "Emergencies: telephone first. This form is read between 9 and 5 on working days.", 8.5)
    y = 84.0
    style = random.choice(("cross", "check"))
    sheet.put(45, y, "Response requested:", 9.5, bold=True)
    words = (("EMERGENCY", "Emergency (4 hours)"), ("URGENT", "Urgent (72 hours)"), ("ROUTINE", "Routine (28 days)"))
    priority_ticks(desk, sheet, 160, y, words, 135, True, 10, style)
    y += 12
    kin = referral.next_of_kin
    for row in (
        (
            (random.choice(("Person's name", "Service user")), "title first"),
            ("Prefers to be called", f"={who.first_name}"),
        ),
        (("Date of birth", "patient.birth_date"), ("NHS number", "patient.nhs_number")),
        (("Address", "address"),),
        (("Telephone", "patient.phone"), ("May we leave a message?", f"={random.choice(('yes', 'no'))}")),
        (("Nearest relative", f"={kin.name}"), ("Relative's telephone", f"={kin.phone}")),
        (("Referrer", "referrer.name"), ("Role", "=General practitioner")),
        (("Practice", "referrer.practice_name"), ("Practice code", "referrer.practice_code")),
        (("Referrer's telephone", "referrer.phone"), ("Date", "referral.date")),
    ):
        for (label, what), x in zip(row, (45.0, 297.5), strict=False):
            wide = 252.5 if len(row) == 2 else 505.0
            sheet.box(x, y, wide, 21, 0.5)
            end = sheet.put(x + 4, y + 14, f"{label}:", 8.5)
            answer(desk, sheet, what, end + 6, y + 14.5, x + wide - end - 10, 11.3)
        y += 21
    y += 20
    for title, words_of, chance in (
        (
            "Risks known to you",
            ("To self", "To others", "Self-neglect", "From others", "Children in household", "None known"),
            0.25,
        ),
        (
            "Also involved",
            ("Drug / alcohol team", "Social worker", "Probation", "Crisis team", "Talking therapies", "None"),
            0.2,
        ),
    ):
        sheet.put(45, y, title, 9.5, bold=True)
        for index, word in enumerate(words_of):
            x = 150 + index % 3 * 135
            sheet.tick(x, y - 9, 10, random.random() < chance, style)
            sheet.put(x + 14, y, word, 9.5)
            y += 16 if index == 2 else 0
        y += 24
    sheet.put(
        45, y, random.choice(("Presenting difficulties and what you ask of us", "Reason for referral")), 9.5, bold=True
    )
    y = story(desk, sheet, 45, y + 17, 505, 10)
    sheet.prose(45, y + 6, ["Medication: " + ("; ".join(referral.medicines) or "none")], 505, 9.5)
    footer(desk, sheet, "SPA-07    The person should know about this referral and agree to it")
    return [sheet]


def community_nurse_form(desk: Desk) -> list[Sheet]:
    """A district nurse's form by hand: a wound chart, the nurse's base and bleep, the patient's doctor as a decoy."""
    desk = asks(desk, WOUND)
    referral, random = desk.referral, desk.random
    entry = random.choice(("rings bell", "key safe", "daughter lets in"))
    sender = make_sender(
        random, ("Eastfield Community Nursing Team", "Calder Valley District Nurses", "Tissue Viability Service")
    )
    sheet = desk.sheet()
    sheet.put(45, 52, "COMMUNITY NURSING: REFERRAL TO HOSPITAL CLINIC", 13.5, bold=True)
    y = 80.0

    def line(label: str, what: str, x: float, width: float, name: str = "", text: str = "", value: str = "") -> None:
        end = sheet.put(x, y, label, 9.5, bold=True) + 6
        sheet.rule(end, y + 3.5, x + width, y + 3.5, 0.5)
        if name:
            sheet.write(end + 3, y, text, room(sheet, text, 12.5, x + width - end - 6), name=name, value=value)
        else:
            answer(desk, sheet, what, end + 3, y, x + width - end - 6, 12.5)

    for row in (
        (("Clinic", "referral.specialty"), ("Hospital", f"={referral.hospital}")),
        ((random.choice(("Patient", "Pt name")), "title first"), ("DOB", "patient.birth_date")),
        (("NHS number", "patient.nhs_number"), ("Tel", "patient.phone")),
        (("Address", "address"),),
        (
            ("Access", f"={entry}"),
            ("Next of kin", f"={referral.next_of_kin.name}"),
        ),
        (("GP", f"=Dr {referral.usual_doctor}"), ("Surgery", f"={referral.practice.name}")),
    ):
        for (label, what), x in zip(row, (45.0, 305.0), strict=False):
            line(label, what, x, 505 if len(row) == 1 else 245)
        y += 24
    style = random.choice(("cross", "check"))
    sheet.put(45, y, "Priority", 9.5, bold=True)
    priority_ticks(desk, sheet, 100, y, (("URGENT", "urgent"), ("ROUTINE", "routine")), 80, True, 11, style)
    sheet.put(305, y, "Transport:", 9.5, bold=True)
    for word, x in (("own", 365), ("ambulance", 415), ("chair", 490)):
        sheet.tick(x, y - 9, 10, random.random() < 0.33, style)
        sheet.put(x + 13, y, word, 9)
    y += 22
    for index, (word, text) in enumerate(
        (
            ("Wound site", random.choice(("L gaiter", "R heel", "both legs"))),
            ("Size", f"{random.randrange(15, 70)} x {random.randrange(10, 50)} mm"),
            ("Duration", f"{random.randrange(4, 40)} weeks"),
            ("Dressing", random.choice(("foam", "alginate", "silver"))),
            ("Pain", f"{random.randrange(1, 9)}/10"),
            ("ABPI", f"0.{random.randrange(52, 98)}"),
        )
    ):
        x = 45 + index % 3 * 168.3
        sheet.box(x, y, 168.3, 26, 0.6)
        sheet.put(x + 4, y + 9, word, 7.5)
        sheet.write(x + 8, y + 22, text, 12)
        y += 26 if index % 3 == 2 else 0
    y += 18
    sheet.put(45, y, random.choice(("Reason for referral", "History and request")), 9.5, bold=True)
    y = story(desk, sheet, 45, y + 18, 500, 10.5)
    y = 752.0
    line("Nurse", "", 45, 245, "referrer.name", sender.person, sender.person)
    line("Date", "referral.date", 305, 245)
    y += 24
    line("Team", "", 45, 245, "referrer.practice_name", sender.name, sender.name)
    line("Tel", "", 305, 140, "referrer.phone", printed.phone(sender.phone, desk.phone_style), sender.phone)
    line("Bleep", f"={random.randrange(1000, 9999)}", 455, 95)
    sheet.put(45, 812, "DN/H/4 - keep the yellow copy in the house notes", 7.5)
    return sent_by([sheet], sender)
