"""Letters typed in a word processor: a practice's with tab stops, a plain one, a dentist's, a private consultant's."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.clinical_trades import JAWS
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import address_block, answer, dissent, labelled
from gateway.rehearsal.letter_parts import addressed, greeting, kind_of_phone, page_feet, signed
from gateway.rehearsal.record import consultations, listed, values
from gateway.rehearsal.senders import asks, make_sender, sent_by
from gateway.rehearsal.sheet import Sheet


def tabbed_letter(desk: Desk) -> list[Sheet]:
    """A letter with tab stops: references on the right, a line of identifiers under the greeting, headings in the margin."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    first, second = desk.sheet(), desk.sheet()
    first.put(60, 60, practice.name, 12, bold=True, name="referrer.practice_name")
    for number, line in enumerate((*practice.address.split(", "), practice.postcode)):
        first.put(60, 73 + 12 * number, line, 10)
    y = 60.0
    refs = (
        (
            "Our ref:",
            f"={referral.referrer.split()[0][0]}{referral.referrer.split()[-1][0]}/{random.randrange(1000, 9999)}",
        ),
        ("Hospital No:", f"={who.hospital_number}"),
        ("NHS No:", "patient.nhs_number"),
        ("Tel No:", "referrer.phone"),
        ("Fax No:", f"={printed.phone(practice.fax, desk.phone_style)}"),
        ("Practice No:", "referrer.practice_code"),
        ("Date:", "referral.date"),
    )
    for label, what in refs:
        first.put(360, y, label, 10)
        answer(desk, first, what, 440, y, 110, 11.4)
        y += 13
    y = addressed(desk, first, 60, 140, 10.5, random.choice(("Department of {}", "{} Outpatients"))) + 6
    first.put(60, y, greeting(desk, "Consultant"), 10.5)
    y += 22
    end = answer(desk, first, "title first", 60, y, 300, 12.5)
    labelled(desk, first, "d.o.b.", "patient.birth_date", end + 22, y, 160, 11)
    y = address_block(desk, first, 60, y + 15, 10.5) + 1
    labelled(
        desk,
        first,
        random.choice(("Telephone", f"{kind_of_phone(desk)} tel")),
        "patient.phone",
        60,
        y,
        240,
        10.5,
        bold=False,
    )
    y += 24
    said = {"ROUTINE": "Routine", "URGENT": "URGENT", "TWO_WEEK_WAIT": "SUSPECTED CANCER (two week rule)"}[
        referral.priority
    ]
    first.put(60, y, random.choice(("Priority", "Urgency")), 10, bold=True)
    first.put(150, y, said, 10.5, name="referral.priority", value=referral.priority)
    y += 20
    for heading, name, lines in (
        (random.choice(("Reason", "Referral for")), "referral.reason", referral.reason),
        ("Past history", "", ("; ".join(referral.past) or "Nil of note",)),
        ("Drugs", "", ("; ".join(referral.medicines) or "No regular drugs",)),
        ("Allergies", "", (referral.allergies,)),
    ):
        first.put(60, y, heading, 10, bold=True)
        y = first.prose(150, y, lines, 390, 10.5, name) + 3
    y = dissent(desk, first, 150, y, 390, 10.5)
    signed(desk, first, 60, y + 6, 10.5, "Yours sincerely")
    second.put(60, 90, random.choice(("Recent consultations", "Journal extract")), 11, bold=True)
    notes = [
        (printed.date(day, desk.date_form), f"{name}. {note}") for day, name, note in consultations(random, referral, 4)
    ]
    y = listed(second, 60, 112, notes, (180,), 10, 540, ruled=True)
    second.put(60, y + 16, "Recent tests", 11, bold=True)
    found = [(printed.date(day, desk.date_form), name, figure) for day, name, figure in values(random, referral, 4)]
    listed(second, 60, y + 36, found, (180, 350), 10, 540)
    return page_feet(desk, [first, second], "{n}/{m}", True)


def plain_letter(desk: Desk) -> list[Sheet]:
    """A word processor's short letter: everything at the left, an underlined subject in two lines, little else."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    y = 70.0
    sheet.put(70, y, practice.name, 11, name="referrer.practice_name")
    for line in (*practice.address.split(", "), practice.postcode):
        y += 14
        sheet.put(70, y, line, 11)
    end = sheet.put(70, y + 14, "Tel: ", 11)
    sheet.put(
        end, y + 14, printed.phone(practice.phone, desk.phone_style), 11, name="referrer.phone", value=practice.phone
    )
    y += 42
    day = printed.long_date(referral.date) if random.random() < 0.6 else f"{referral.date.day} {referral.date:%B %Y}"
    sheet.put(70, y, day, 11, name="referral.date", value=referral.date.isoformat())
    y = addressed(desk, sheet, 70, y + 28, 11, random.choice(("{} Clinic", "Consultant {}", "{}")))
    sheet.put(70, y, greeting(desk, random.choice(("Colleague", "Doctor"))), 11)
    y += 24
    end = answer(desk, sheet, "title first", 70, y, 280, 12.8)
    end = sheet.put(end + 6, y, random.choice(("DOB ", "D.O.B. ", "born ")), 11)
    end = sheet.put(
        end + 2, y, desk.entry("patient.birth_date")[0], 11, name="patient.birth_date", value=who.birth_date.isoformat()
    )
    sheet.rule(70, y + 2.5, end, y + 2.5, 0.8)
    y += 15
    end = answer(desk, sheet, "address", 70, y, 460, 12.5)
    sheet.rule(70, y + 2.5, end, y + 2.5, 0.8)
    y += 15
    end = sheet.put(70, y, random.choice(("NHS ", "NHS no ", "NHS Number ")), 11)
    end = sheet.put(
        end + 2, y, desk.entry("patient.nhs_number")[0], 11, name="patient.nhs_number", value=who.nhs_number
    )
    end = sheet.put(end + 14, y, "Tel ", 11)
    end = sheet.put(end + 2, y, desk.entry("patient.phone")[0], 11, name="patient.phone", value=who.phone)
    sheet.rule(70, y + 2.5, end, y + 2.5, 0.8)
    y += 26
    ask = {
        "ROUTINE": random.choice(("", "Please could I ask for a routine appointment for this patient.")),
        "URGENT": "Please could this patient be seen urgently.",
        "TWO_WEEK_WAIT": "I am referring this patient under the two week wait.",
    }[referral.priority]
    if ask:
        end = sheet.put(70, y, ask, 11)
        sheet.says("referral.priority", referral.priority, (70, y - 11, end, y + 3))
        y += 20
    y = sheet.prose(70, y, referral.reason, 460, 11, "referral.reason", lead=1.38)
    y = dissent(desk, sheet, 70, y, 460, 11)
    if referral.medicines:
        y = sheet.prose(70, y, [f"Current medication: {', '.join(referral.medicines)}."], 460, 11) + 2
    y = signed(desk, sheet, 70, y + 4, 11, random.choice(("With best wishes", "Yours sincerely", "Many thanks")))
    sheet.put(70, min(y + 8, 815), random.choice(("Dictated but not signed", "cc patient", "Enc. summary")), 9)
    return [sheet]


def jaw_letter(desk: Desk) -> list[Sheet]:
    """A dentist's letter to the jaw surgeons: surgery at the foot, the patient's doctor and registration number as decoys."""
    desk = asks(desk, JAWS)
    referral, random = desk.referral, desk.random
    names = ("Alma Road Dental Care", "The Mill Dental Practice", "Whitegate Dental Surgery", "Parkside Dentists")
    sender = make_sender(random, names)
    sheet = desk.sheet()
    sheet.put(
        545, 62, desk.entry("referral.date")[0], 11, right=True, name="referral.date", value=referral.date.isoformat()
    )
    y = addressed(desk, sheet, 60, 62, 11, random.choice(("Department of {}", "{}")))
    sheet.put(60, y, greeting(desk, random.choice(("Colleague", "Sirs"))), 11)
    y += 24
    for label, what in (
        (random.choice(("Patient", "Our patient")), "title first"),
        (random.choice(("Date of birth", "DOB")), "patient.birth_date"),
        ("Address", "address"),
        (random.choice(("Tel", kind_of_phone(desk))), "patient.phone"),
        (random.choice(("NHS no. (if known)", "NHS number")), "patient.nhs_number"),
        ("GP", f"=Dr {referral.usual_doctor}, {referral.practice.name}"),
    ):
        sheet.put(60, y, label, 10.5, bold=True)
        answer(desk, sheet, what, 195, y, 345, 12)
        y += 15.5
    said = {
        "ROUTINE": ("ROUTINE", "Non-urgent"),
        "URGENT": ("URGENT", "Urgent please"),
        "TWO_WEEK_WAIT": ("2WW - SUSPECTED CANCER", "URGENT SUSPECTED CANCER"),
    }[referral.priority]
    sheet.put(60, y, "Priority", 10.5, bold=True)
    sheet.put(195, y, random.choice(said), 10.5, bold=True, name="referral.priority", value=referral.priority)
    y = sheet.prose(60, y + 26, referral.reason, 485, 11, "referral.reason", lead=1.4)
    y = dissent(desk, sheet, 60, y, 485, 11)
    medical = "; ".join((*referral.past, *referral.medicines)) or "nothing of note"
    y = sheet.prose(60, y, [f"Medical history form: {medical}. Allergies: {referral.allergies}."], 485, 10.5)
    sheet.put(60, y + 6, "Yours sincerely", 11)
    sheet.signature(63, y + 38)
    end = sheet.put(60, y + 60, sender.person, 11)
    sheet.says("referrer.name", sender.person, (60, y + 49, end, y + 63))
    sheet.put(
        60, y + 74, f"{random.choice(('Dentist', 'Associate', 'Principal'))}, GDC {random.randrange(60000, 290000)}", 10
    )
    sheet.rule(60, 790, 545, 790, 0.6)
    end = sheet.put(60, 803, sender.name, 10, bold=True, name="referrer.practice_name")
    sheet.put(end + 10, 803, f"{sender.address}, {sender.postcode}", 9)
    end = sheet.put(60, 815, "Telephone ", 9)
    sheet.put(end, 815, printed.phone(sender.phone, desk.phone_style), 9, name="referrer.phone", value=sender.phone)
    return sent_by([sheet], sender)


def private_letter(desk: Desk) -> list[Sheet]:
    """A private consultant asks an NHS clinic to take a patient over, with account numbers and the patient's doctor copied in."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sender = make_sender(random, ("The Fulwood Clinic", "Beechwood Private Hospital", "Harewood Consulting Rooms"))
    sheet = desk.sheet()
    sheet.put(297, 56, sender.name, 18, centre=True)
    wide = sheet.wide(sender.name, 18) / 2
    sheet.says("referrer.practice_name", sender.name, (297 - wide, 40, 297 + wide, 60))
    sheet.put(297, 71, f"{sender.address}   {sender.postcode}", 9, centre=True)
    sheet.rule(60, 78, 540, 78, 0.5)
    end = sheet.put(60, 98, f"Dr {sender.person}", 10.5, bold=True)
    sheet.says("referrer.name", sender.person, (60, 88, end, 101))
    sheet.put(60, 111, random.choice(("Consultant", "Consultant Physician", "MD FRCP")), 9.5)
    end = sheet.put(60, 124, "Secretary: ", 9.5)
    sheet.put(
        end + 2, 124, printed.phone(sender.phone, desk.phone_style), 9.5, name="referrer.phone", value=sender.phone
    )
    sheet.put(540, 98, f"Account {random.randrange(10**5, 10**6)}", 9.5, right=True)
    day = printed.long_date(referral.date)
    sheet.put(540, 124, day, 10.5, right=True, name="referral.date", value=referral.date.isoformat())
    y = addressed(desk, sheet, 60, 156, 10.5, "{} (NHS outpatients)") + 4
    sheet.put(60, y, greeting(desk, "Colleague"), 10.5)
    y += 22
    end = sheet.put(60, y, "Re: ", 10.5, bold=True)
    end = answer(desk, sheet, "title first", end + 3, y, 260, 11.9)
    end = labelled(desk, sheet, "DoB", "patient.birth_date", end + 16, y, 150, 10.5)
    y += 14
    answer(desk, sheet, "address", 80, y, 460, 11.9)
    y += 14
    end = labelled(desk, sheet, "NHS number", "patient.nhs_number", 80, y, 220, 10.5)
    labelled(desk, sheet, "Tel.", "patient.phone", end + 20, y, 180, 10.5)
    y += 26
    ask = {
        "ROUTINE": "Transfer to NHS care: routine referral",
        "URGENT": "Transfer to NHS care: URGENT referral",
        "TWO_WEEK_WAIT": "Transfer to NHS care: urgent suspected cancer",
    }[referral.priority]
    sheet.put(60, y, ask, 10.5, bold=True, name="referral.priority", value=referral.priority)
    y += 20
    y = sheet.prose(60, y, referral.reason, 480, 10.5, "referral.reason", lead=1.38)
    y = dissent(desk, sheet, 60, y, 480, 10.5)
    sheet.put(60, y + 6, "Yours sincerely", 10.5)
    sheet.signature(63, y + 36)
    sheet.put(60, y + 58, f"Dr {sender.person}", 10.5)
    sheet.put(
        60,
        y + 84,
        f"cc: Dr {referral.usual_doctor}, {practice.name}, {practice.address}; {who.title} {who.family_name}",
        9,
    )
    return sent_by([sheet], sender)
