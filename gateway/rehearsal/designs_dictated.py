"""Letters typed from dictation and a letter by hand: urgency in the subject line or a sentence, the patient at the end."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import address_block, answer, dissent, fitted_name, flow, labelled, room
from gateway.rehearsal.letter_parts import addressed, greeting, signed
from gateway.rehearsal.senders import make_sender, sent_by
from gateway.rehearsal.sheet import Sheet, Value


def subject_line_letter(desk: Desk) -> list[Sheet]:
    """A centred letterhead with the partners' names, and a bold subject that opens with the urgency."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(297, 56, practice.name, 18, bold=True, centre=True)
    half = sheet.wide(practice.name, 18, True) / 2
    sheet.says("referrer.practice_name", practice.name, (297 - half, 40, 297 + half, 60))
    sheet.put(297, 71, f"{practice.address}, {practice.postcode}", 9.5, centre=True)
    names = "    ".join(f"Dr {doctor}" for doctor in practice.doctors[:5])
    sheet.put(297, 84, names, room(sheet, names, 8.5, 480), centre=True)
    phone = printed.phone(practice.phone, desk.phone_style)
    whole = f"Telephone {phone}    Out of hours 111"
    left = 297 - sheet.wide(whole, 9.5) / 2
    end = sheet.put(left, 98, "Telephone ", 9.5)
    end = sheet.put(end, 98, phone, 9.5, name="referrer.phone", value=practice.phone)
    sheet.put(end, 98, "    Out of hours 111", 9.5)
    sheet.rule(60, 106, 535, 106, 0.6)
    y = 132.0
    sheet.put(
        60,
        y,
        f"Our ref: {''.join(w[0] for w in referral.referrer.split())}/{random.choice(('jm', 'kd', 'sw'))}/{random.randrange(100, 999)}",
        10.5,
    )
    day = printed.long_date(referral.date) if random.random() < 0.5 else desk.entry("referral.date")[0]
    sheet.put(535, y, day, 10.5, right=True, name="referral.date", value=referral.date.isoformat())
    y = addressed(desk, sheet, 60, y + 26, 10.5, random.choice(("The {} Department", "Consultant in {}"))) + 2
    sheet.put(60, y, greeting(desk, random.choice(("Sir/Madam", "Colleague"))), 10.5)
    said = {
        "ROUTINE": ("ROUTINE REFERRAL", "New referral, routine"),
        "URGENT": ("URGENT REFERRAL", "URGENT - new referral"),
        "TWO_WEEK_WAIT": ("2WW REFERRAL", "URGENT - TWO WEEK WAIT REFERRAL"),
    }[referral.priority]
    y += 24
    # A routine subject often names the patient and nothing else; then no urgency is the truth.
    if referral.priority != "ROUTINE" or random.random() < 0.6:
        sheet.put(60, y, random.choice(said), 11, bold=True, name="referral.priority", value=referral.priority)
        y += 16
    end = sheet.put(60, y, "Re: ", 11, bold=True)
    end = fitted_name(desk, sheet, end + 2, y, 250, 11, random.choice(("title first", "plain")), bold=True)
    end = sheet.put(end, y, random.choice((" - DOB ", "   dob: ", ", date of birth ")), 11, bold=True)
    text, value = desk.entry("patient.birth_date")
    sheet.put(
        end + 1, y, text, room(sheet, text, 11, 540 - end, True), bold=True, name="patient.birth_date", value=value
    )
    y += 16
    answer(desk, sheet, "address", 60, y, 475, 12.2)
    y += 16
    end = labelled(
        desk, sheet, random.choice(("NHS no", "NHS No:", "NHS number")), "patient.nhs_number", 60, y, 200, 10.8
    )
    end = labelled(desk, sheet, random.choice(("Tel", "Tel no:", "Phone")), "patient.phone", end + 18, y, 150, 10.8)
    if random.random() < 0.5:
        sheet.put(end + 16, y, f"Hosp {desk.referral.patient.hospital_number}", 10.8)
    y += 26
    y = sheet.prose(60, y, referral.reason, 475, 11, "referral.reason", lead=1.4)
    y = dissent(desk, sheet, 60, y, 475, 11)
    drugs = ", ".join(referral.medicines) or "no regular medication"
    y = sheet.prose(60, y, [f"Current treatment: {drugs}. Allergies: {referral.allergies}."], 475, 11)
    y = signed(desk, sheet, 60, y + 6, 11, "Yours faithfully" if not referral.named_clinician else "Yours sincerely")
    sheet.put(60, min(y + 4, 806), "Dictated, typed by the secretary and checked", 8.5)
    sheet.put(535, 822, f"Practice code {practice.code}", 8.5, right=True)
    sheet.says("referrer.practice_code", practice.code, (535 - sheet.wide(practice.code, 8.5), 813, 535, 825))
    return [sheet]


def details_last_letter(desk: Desk) -> list[Sheet]:
    """A letter that names the patient in its first sentence and lists the details under the signature; urgency is a sentence."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    y = addressed(desk, sheet, 66, 76, 11, random.choice(("Outpatients, {}", "{} Department")))
    x, down = 380.0, 76.0
    for line in (practice.name, *practice.address.split(", "), practice.postcode):
        if down == 76:
            sheet.put(x, down, line, room(sheet, line, 11, 175), name="referrer.practice_name")
        else:
            sheet.put(x, down, line, 11)
        down += 14
    day = f"{referral.date.day} {referral.date:%B %Y}"
    sheet.put(x, down + 14, day, 11, name="referral.date", value=referral.date.isoformat())
    y = max(y, down + 20) + 18
    sheet.put(66, y, greeting(desk, "Doctor"), 11)
    y += 24
    family = who.family_name.upper() if desk.capitals else who.family_name
    urgent = {
        "ROUTINE": ("", "A routine appointment would be fine."),
        "URGENT": ("I should be grateful for an urgent appointment.", "Please could you see the patient urgently."),
        "TWO_WEEK_WAIT": (
            "I am making this referral under the two week rule.",
            "This is a two week wait referral for suspected cancer.",
        ),
    }[referral.priority]
    sentence = random.choice(urgent)
    runs: list[tuple[str, str, Value | None]] = [
        (random.choice(("I am writing about ", "May I refer ")) + f"{who.title} ", "", None),
        (who.given_names, "patient.given_names", None),
        (" ", "", None),
        (family, "patient.family_name", None),
        (", whose details are at the foot of this letter. ", "", None),
    ]
    if sentence:
        runs.append((sentence, "referral.priority", referral.priority))
    y = flow(sheet, 66, y, runs, 470, 11, 1.4) + 6
    y = sheet.prose(66, y, referral.reason, 470, 11, "referral.reason", lead=1.4)
    y = dissent(desk, sheet, 66, y, 470, 11)
    y = (
        signed(
            desk,
            sheet,
            66,
            y + 4,
            11,
            random.choice(("Yours sincerely,", "With thanks,")),
            random.choice(("GP", "MRCGP", "")),
        )
        + 12
    )
    kin = referral.next_of_kin
    sheet.put(66, y, random.choice(("Patient's details", "DETAILS")), 10.5, bold=True)
    rows = (
        ("Name", "title first"),
        (random.choice(("Date of birth", "DOB")), "patient.birth_date"),
        (random.choice(("NHS number", "NHS")), "patient.nhs_number"),
        ("Address", "address"),
        ("Telephone", "patient.phone"),
        (f"{kin.relation}'s telephone", f"={printed.phone(kin.phone, 'spaces')}"),
        ("Surgery telephone", "referrer.phone"),
        ("Surgery code", "referrer.practice_code"),
    )
    for label, what in rows:
        y += 14
        sheet.put(66, y, label, room(sheet, label, 10, 108))
        answer(desk, sheet, what, 180, y, 355, 11.4)
    return [sheet]


def eye_letter(desk: Desk) -> list[Sheet]:
    """An optician's letter with the shop in a band at the top, the patient in a frame at the right, both eyes in two lines."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sender = make_sender(random, ("Fairfield Opticians", "Marlow & Vance Eyecare", "Station Road Optical Practice"))
    sheet = desk.sheet()
    sheet.box(55, 26, 490, 4, 0, fill=70)
    sheet.put(55, 48, sender.name, 16, bold=True, name="referrer.practice_name")
    end = sheet.put(55, 62, f"{sender.address}, {sender.postcode}   Tel ", 9)
    sheet.put(end + 1, 62, printed.phone(sender.phone, desk.phone_style), 9, name="referrer.phone", value=sender.phone)
    sheet.box(300, 82, 245, 140, 0.9)
    y = 98.0
    for label, what in (
        (random.choice(("Patient", "Px name")), "title first"),
        (random.choice(("DOB", "Date of birth")), "patient.birth_date"),
        (random.choice(("NHS no.", "NHS number")), "patient.nhs_number"),
        ("Telephone", "patient.phone"),
        ("GP", f"=Dr {referral.usual_doctor}, {referral.practice.name}"),
        ("Address", ""),
    ):
        end = labelled(desk, sheet, f"{label}:", what, 307, y, 234, 9.5)
        if not what:
            address_block(desk, sheet, end, y, 9.5)
        y += 15
    y = addressed(desk, sheet, 55, 98, 10.5, random.choice(("Eye Clinic ({})", "{} Department")))
    labelled(desk, sheet, random.choice(("Date", "Date of letter")), "referral.date", 55, 168, 230, 10.5, bold=False)
    seen = referral.date.replace(day=1)
    sheet.put(55, 184, f"Sight test {printed.date(seen, desk.date_form)}", 10.5)
    y = 246.0
    sheet.put(55, y, greeting(desk, "Colleague"), 10.5)
    y += 20
    said = {
        "ROUTINE": ("I would be grateful for a routine appointment.", "Routine referral."),
        "URGENT": ("Please see this patient urgently.", "Urgent referral."),
    }[referral.priority]
    sheet.put(55, y, random.choice(said), 10.5, bold=True, name="referral.priority", value=referral.priority)
    y = sheet.prose(55, y + 20, referral.reason, 490, 10.5, "referral.reason", lead=1.4)
    y = dissent(desk, sheet, 55, y, 490, 10.5)
    for eye in ("R", "L"):
        sphere = f"{random.choice('+-')}{random.randrange(5)}.{random.choice(('00', '25', '50', '75'))}"
        lens = f"{sphere} / -{random.randrange(3)}.75 x {random.randrange(5, 180)}"
        seen_with = f"VA 6/{random.choice((6, 9, 12, 18))}   IOP {random.randrange(12, 27)} mmHg"
        sheet.put(75, y + 4, f"{eye}   {lens}   {seen_with}", 10.5)
        y += 16
    y += 14
    sheet.put(55, y, "Yours sincerely", 10.5)
    sheet.signature(58, y + 30)
    end = sheet.put(55, y + 54, sender.person, 10.5)
    sheet.says("referrer.name", sender.person, (55, y + 43, end, y + 57))
    sheet.put(55, y + 68, f"Optometrist, GOC 01-{random.randrange(10000, 40000)}", 9.5)
    sheet.put(55, y + 92, f"cc Dr {referral.usual_doctor}; {who.title} {who.family_name}", 9)
    return sent_by([sheet], sender)


def pad_letter(desk: Desk) -> list[Sheet]:
    """A doctor's note on printed headed paper, all else by hand: the patient in lines, the urgency underlined at the top."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(297, 52, practice.name, 15, bold=True, centre=True)
    half = sheet.wide(practice.name, 15, True) / 2
    sheet.says("referrer.practice_name", practice.name, (297 - half, 38, 297 + half, 56))
    sheet.put(297, 66, f"{practice.address}, {practice.postcode}", 9.5, centre=True)
    end = sheet.put(190, 79, "Tel: ", 9.5)
    end = sheet.put(
        end, 79, printed.phone(practice.phone, desk.phone_style), 9.5, name="referrer.phone", value=practice.phone
    )
    end = sheet.put(end + 14, 79, "Practice code: ", 9.5)
    sheet.put(end, 79, practice.code, 9.5, name="referrer.practice_code")
    sheet.rule(50, 86, 545, 86, 0.8)
    answer(desk, sheet, "referral.date", 420, 112, 120, 13)
    said = {"ROUTINE": "Routine", "URGENT": "URGENT", "TWO_WEEK_WAIT": random.choice(("2WW", "2 week wait"))}
    end = sheet.write(70, 112, said[referral.priority], 15, name="referral.priority", value=referral.priority)
    sheet.rule(68, 118, end + 2, 117, 1.2)
    y = 140.0
    text, value = desk.entry("referral.named_clinician")
    if text:
        sheet.write(70, y, text, 13, name="referral.named_clinician", value=value)
        y += 20
    answer(desk, sheet, "referral.specialty", 70, y, 300, 13)
    sheet.write(70, y + 20, referral.hospital, 13)
    y += 48
    end = sheet.write(70, y, "Re", 13)
    answer(desk, sheet, random.choice(("title first", "plain")), end + 8, y, 300, 14)
    y += 23
    end = sheet.write(70, y, random.choice(("DOB", "D.O.B.", "born")), 13)
    end = answer(desk, sheet, "patient.birth_date", end + 8, y, 150, 14)
    end = sheet.write(end + 22, y, random.choice(("NHS", "NHS no")), 13)
    answer(desk, sheet, "patient.nhs_number", end + 8, y, 545 - end, 14)
    y += 23
    answer(desk, sheet, "address", 70, y, 465, 13)
    y += 23
    end = sheet.write(70, y, "Tel", 13)
    answer(desk, sheet, "patient.phone", end + 8, y, 160, 14)
    y += 32
    sheet.write(70, y, greeting(desk, "Dr"), 13)
    y = sheet.prose(70, y + 18, referral.reason, 465, 12, "referral.reason", by_hand=True, lead=1.6)
    if referral.sharing_words:
        top = y
        y = sheet.prose(70, y, [referral.sharing_words], 465, 12, by_hand=True, lead=1.6)
        sheet.says("referral.sharing_dissent", referral.dissents, (70, top - 12, 535, y - 12))
    sheet.signature(72, min(y + 18, 790), 80)
    end = sheet.put(200, min(y + 20, 792), "Dr ", 10)
    sheet.put(end, min(y + 20, 792), referral.referrer, 10, name="referrer.name")
    return [sheet]
