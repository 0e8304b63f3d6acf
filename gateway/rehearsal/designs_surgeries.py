"""Letters that practices' record systems merge: a margin of facts, three cells, strips with strokes between, a run-on patient."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import address_block, answer, dissent, flow, labelled, room
from gateway.rehearsal.letter_parts import addressed, greeting, signed
from gateway.rehearsal.record import consultations, earlier, listed, values
from gateway.rehearsal.sheet import Sheet, Value


def margin_letter(desk: Desk) -> list[Sheet]:
    """The facts stand in a grey margin at the left, each under its small label; the letter runs beside it."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(40, 58, practice.name, 20, bold=True, name="referrer.practice_name")
    sheet.put(40, 74, f"{practice.address}, {practice.postcode}", 9)
    end = sheet.put(360, 74, "t ", 9, bold=True)
    end = sheet.put(
        end, 74, printed.phone(practice.phone, desk.phone_style), 9, name="referrer.phone", value=practice.phone
    )
    end = sheet.put(end + 10, 74, "f ", 9, bold=True)
    sheet.put(end, 74, printed.phone(practice.fax, desk.phone_style), 9)
    sheet.box(36, 88, 162, 700, 0, fill=234)
    said = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "2WW"}[referral.priority]
    y, kin = 106.0, referral.next_of_kin
    facts = [
        (random.choice(("Letter date", "Written on")), "referral.date"),
        (random.choice(("Priority", "Referral priority")), "priority"),
        ("Patient", "title first"),
        (random.choice(("Born", "Date of birth")), "patient.birth_date"),
        (random.choice(("NHS number", "NHS no")), "patient.nhs_number"),
        ("Sex", "patient.gender"),
        ("Lives at", "block"),
        (random.choice(("Telephone", "Contact")), "patient.phone"),
        ("Your hospital number", f"={who.hospital_number}"),
        (f"{kin.relation}", f"={kin.name} {printed.phone(kin.phone, 'spaces')}"),
        ("Registered with", f"=Dr {referral.usual_doctor}"),
        ("Practice code", "referrer.practice_code"),
    ]
    if referral.ubrn:
        facts.append(("UBRN", "referral.ubrn"))
    for label, what in facts:
        sheet.put(44, y, label, 7.5, bold=True)
        y += 13
        if what == "priority":
            sheet.put(44, y, said, 10.5, bold=True, name="referral.priority", value=referral.priority)
        elif what == "block":
            y = address_block(desk, sheet, 44, y, 10) - 13
        else:
            answer(desk, sheet, what, 44, y, 150, 11.6)
        y += 19
    y = addressed(desk, sheet, 214, 106, 10.5, random.choice(("Department of {}", "{} Outpatients")))
    sheet.put(214, y, greeting(desk, random.choice(("Colleague", "Sir or Madam"))), 10.5)
    y = sheet.prose(214, y + 20, referral.reason, 336, 10.5, "referral.reason")
    y = dissent(desk, sheet, 214, y, 336, 10.5) + 2
    for heading, text in (
        ("Past history", "; ".join(referral.past) or "none of note"),
        ("Takes", "; ".join(referral.medicines) or "nothing regular"),
        ("Allergies", referral.allergies),
    ):
        y = sheet.prose(214, y, [f"{heading}: {text}"], 336, 9.5)
    signed(desk, sheet, 214, y + 8, 10.5, random.choice(("With kind regards", "Yours sincerely")))
    return [sheet]


def three_cell_letter(desk: Desk) -> list[Sheet]:
    """Urgency as the heading; patient, sender and addressee in three cells side by side; the record on a second page."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    first, second = desk.sheet(), desk.sheet()
    said = {
        "ROUTINE": ("ROUTINE REFERRAL", "Routine Referral Letter"),
        "URGENT": ("URGENT REFERRAL", "Urgent Referral Letter"),
        "TWO_WEEK_WAIT": ("TWO WEEK WAIT REFERRAL", "Urgent Suspected Cancer Referral"),
    }[referral.priority]
    first.put(
        297, 58, random.choice(said), 17, bold=True, centre=True, name="referral.priority", value=referral.priority
    )
    cells = ((40.0, 182.0, "Patient"), (222.0, 176.0, "Referred by"), (398.0, 157.0, "Referred to"))
    for x, wide, heading in cells:
        first.box(x, 74, wide, 17, 0.8, fill=215)
        first.box(x, 91, wide, 122, 0.8)
        first.put(x + 5, 86, heading, 9.5, bold=True)
    y = 106.0
    answer(desk, first, "title first", 45, y, 172, 12)
    end = first.put(45, y + 15, random.choice(("DOB ", "D.O.B. ", "Born ")), 9.5)
    end = answer(desk, first, "patient.birth_date", end + 1, y + 15, 110, 11)
    first.put(end + 6, y + 15, f"({referral.age}y)", 9.5)
    end = first.put(45, y + 30, random.choice(("NHS ", "NHS No. ")), 9.5)
    answer(desk, first, "patient.nhs_number", end + 1, y + 30, 120, 11)
    below = address_block(desk, first, 45, y + 46, 9.5)
    end = first.put(45, below + 1, random.choice(("Tel ", "Mob/Tel ")), 9.5)
    answer(desk, first, "patient.phone", end + 1, below + 1, 120, 11)
    answer(desk, first, "referrer.name", 227, y, 166, 11.5)
    answer(desk, first, "referrer.practice_name", 227, y + 15, 166, 11)
    down = y + 29
    for line in (*practice.address.split(", "), practice.postcode):
        first.put(227, down, line, 9.5)
        down += 12.5
    end = first.put(227, down + 1, "Tel ", 9.5)
    answer(desk, first, "referrer.phone", end + 1, down + 1, 120, 11)
    end = first.put(227, down + 16, random.choice(("Code ", "Practice code ", "ODS ")), 9.5)
    answer(desk, first, "referrer.practice_code", end + 1, down + 16, 100, 11)
    down = y
    if referral.named_clinician:
        answer(desk, first, "referral.named_clinician", 403, down, 148, 11)
        down += 16
    answer(desk, first, "referral.specialty", 403, down, 148, 11)
    first.put(403, down + 15, referral.hospital, room(first, referral.hospital, 9.5, 148))
    end = first.put(403, y + 56, random.choice(("Date ", "Sent ", "Dated ")), 9.5)
    answer(desk, first, "referral.date", end + 1, y + 56, 550 - end, 11)
    if referral.ubrn:
        first.put(403, y + 80, "UBRN", 9.5)
        answer(desk, first, "referral.ubrn", 403, y + 94, 148, 11)
    y = 236.0
    first.put(40, y, greeting(desk, "Doctor"), 10.5)
    y = first.prose(40, y + 20, referral.reason, 515, 10.5, "referral.reason", lead=1.36)
    y = dissent(desk, first, 40, y + 2, 515, 10.5)
    first.put(40, y + 6, "The summary of the record follows.", 10.5)
    y = 110.0
    for heading, lines in (
        ("Active and past problems", referral.past or ("No entries",)),
        ("Current repeat medication", referral.medicines or ("No entries",)),
        ("Allergies and adverse reactions", (referral.allergies,)),
    ):
        second.put(40, y, heading, 11, bold=True)
        days = [
            printed.date(earlier(random, referral.date), "%d-%b-%Y") if line != "No entries" else "" for line in lines
        ]
        rows = list(zip(days, lines, strict=True))
        y = listed(second, 40, y + 17, rows, (125,), 9.5, 555) + 12
    second.put(40, y, "Consultations", 11, bold=True)
    notes = [
        (printed.date(day, "%d-%b-%Y"), f"{note} ({name})") for day, name, note in consultations(random, referral, 3)
    ]
    y = listed(second, 40, y + 17, notes, (125,), 9.5, 555)
    end = second.put(40, y + 24, "Signed electronically: ", 10)
    answer(desk, second, "referrer.name", end + 2, y + 24, 250, 11.4)
    second.put(40, 60, f"{practice.name}: summary of {who.title} {who.family_name}", 9)
    end = second.put(40, 74, "NHS No. ", 9)
    answer(desk, second, "patient.nhs_number", end + 1, 74, 120, 10.2)
    for number, sheet in enumerate((first, second), 1):
        sheet.put(555, 820, f"Page {number} of 2", 8.5, right=True)
    return [first, second]


def strip_letter(desk: Desk) -> list[Sheet]:
    """Patient and request in two strips with upright strokes between the facts, the patient's again at the head of page two."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheets, user = [desk.sheet(), desk.sheet()], random.randrange(10, 99)
    born, number = random.choice((("DOB", "NHS No"), ("Born", "NHS"), ("D.O.B", "NHS Number")))

    def strip(sheet: Sheet, y: float, facts: tuple[tuple[str, str], ...], size: float = 9.5) -> None:
        x = 46.0
        for place, (label, what) in enumerate(facts):
            if place:
                x = sheet.put(x + 6, y, "|", size) + 6
            if label:
                x = sheet.put(x, y, f"{label}: ", size) + 1
            x = answer(
                desk,
                sheet,
                what,
                x,
                y,
                min(552 - x, {"family first": 200.0, "address": 400.0}.get(what, 170.0)),
                size / 0.88,
            )

    for page, sheet in enumerate(sheets, 1):
        top = 96.0 if page == 1 else 40.0
        sheet.rule(40, top, 555, top, 1)
        facts = (
            ("", "family first"),
            (born, "patient.birth_date"),
            (number, "patient.nhs_number"),
        )
        strip(sheet, top + 14, facts)
        sheet.rule(40, top + (20 if page == 2 else 36), 555, top + (20 if page == 2 else 36), 0.5)
        sheet.put(40, 818, f"{practice.name}, printed by user {user}", 8)
        sheet.put(555, 818, f"{page} of 2", 8, right=True)
    first, second = sheets
    strip(first, 126, (("Sex", "patient.gender"), ("", "address")))
    first.put(40, 52, practice.name, 13, bold=True, name="referrer.practice_name")
    first.put(40, 66, f"{practice.address}, {practice.postcode}", 9)
    end = first.put(40, 79, "Surgery telephone: ", 9)
    end = first.put(
        end + 1, 79, printed.phone(practice.phone, desk.phone_style), 9, name="referrer.phone", value=practice.phone
    )
    end = first.put(end + 14, 79, f"{random.choice(('Surgery code', 'Practice code', 'Org. code'))}: ", 9)
    first.put(end + 1, 79, practice.code, 9, name="referrer.practice_code")
    said = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "2WW"}[referral.priority]
    strip(
        first,
        146,
        (("Patient telephone", "patient.phone"), ("Carer", f"={printed.phone(referral.next_of_kin.phone, 'spaces')}")),
    )
    first.rule(40, 152, 555, 152, 0.5)
    x = first.put(46, 166, "Priority: ", 9.5)
    x = first.put(x + 1, 166, said, 9.5, bold=True, name="referral.priority", value=referral.priority)
    x = first.put(x + 6, 166, "|", 9.5) + 6
    x = first.put(x, 166, "Date: ", 9.5) + 1
    x = answer(desk, first, "referral.date", x, 166, 120, 10.8)
    x = first.put(x + 6, 166, "|", 9.5) + 6
    x = first.put(x, 166, random.choice(("Specialty: ", "Clinic: ")), 9.5) + 1
    answer(desk, first, "referral.specialty", x, 166, 552 - x, 10.8)
    first.rule(40, 172, 555, 172, 1)
    y = 200.0
    text, value = desk.entry("referral.named_clinician")
    if text:
        end = first.put(40, y, "For the attention of ", 10.5)
        first.put(end + 1, y, text, 10.5, name="referral.named_clinician", value=value)
        y += 14
    first.put(40, y, f"{referral.hospital} Referral Office", 10.5)
    first.put(40, y + 28, greeting(desk, "Colleague") + ",", 10.5)
    y = first.prose(40, y + 48, referral.reason, 515, 11, "referral.reason", lead=1.4)
    y = dissent(desk, first, 40, y + 2, 515, 11)
    signed(
        desk, first, 40, y + 8, 11, "Kind regards,", random.choice(("General Practitioner", "GP Partner", "Locum GP"))
    )
    y = 92.0
    for heading, lines in (
        ("Problem list", referral.past or ("Nil coded",)),
        ("Medication", referral.medicines or ("Nil",)),
        ("Sensitivities", (referral.allergies,)),
    ):
        second.put(46, y, heading.upper(), 9.5, bold=True)
        y = listed(second, 170, y, [(line,) for line in lines], (), 9.5, 550) + 8
    second.put(46, y, "RESULTS", 9.5, bold=True)
    found = [(printed.date(day, "%d/%m/%y"), name, figure) for day, name, figure in values(random, referral, 6)]
    y = listed(second, 170, y, found, (235, 420), 9.5, 550) + 8
    second.put(46, y, "GP OF RECORD", 9.5, bold=True)
    second.put(170, y, f"Dr {referral.usual_doctor}", 9.5)
    return sheets


def run_on_letter(desk: Desk) -> list[Sheet]:
    """The patient as one run-on paragraph with every fact the system knows, labels and all; recipient at the right."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    y = 60.0
    sheet.put(60, y, practice.name, 12, bold=True, name="referrer.practice_name")
    for line in (*practice.address.split(", "), practice.postcode):
        y += 13.5
        sheet.put(60, y, line, 10)
    labelled(desk, sheet, "Tel.", "referrer.phone", 60, y + 14, 150, 10, bold=False)
    labelled(desk, sheet, "Code", "referrer.practice_code", 60, y + 28, 150, 10, bold=False)
    text, value = desk.entry("referral.named_clinician")
    down = 60.0
    if text:
        sheet.put(345, down, text, 10.5, name="referral.named_clinician", value=value)
        down += 14
    clinic = random.choice(("{} Clinic", "Dept of {}", "{}")).format(referral.specialty)
    end = sheet.put(345, down, clinic, room(sheet, clinic, 10.5, 195))
    sheet.says("referral.specialty", referral.specialty, (345, down - 11, end, down + 3))
    sheet.put(345, down + 14, referral.hospital, 10.5)
    labelled(desk, sheet, random.choice(("Date", "Dated")), "referral.date", 345, down + 42, 190, 10.5, bold=False)
    y = 160.0
    sheet.put(60, y, greeting(desk, random.choice(("Doctor", "Colleague"))), 11)
    family = who.family_name.upper() if desk.capitals else who.family_name
    born, number, mobile = random.choice(
        (("DOB:", "NHS:", "Tel:"), ("d.o.b.", "NHS no.", "phone"), ("Born", "NHS Number", "Contact no"))
    )
    kin = referral.next_of_kin
    runs: list[tuple[str, str, Value | None]] = [
        (random.choice(("Re: ", "Patient: ")) + f"{who.title} ", "", None),
        (who.given_names, "patient.given_names", None),
        (" ", "", None),
        (family, "patient.family_name", None),
        (f", {born} ", "", None),
        (desk.entry("patient.birth_date")[0], "patient.birth_date", who.birth_date.isoformat()),
        (f", {number} ", "", None),
        (desk.entry("patient.nhs_number")[0], "patient.nhs_number", who.nhs_number),
        (", ", "", None),
        (who.address, "patient.address", None),
        (", ", "", None),
        (who.postcode, "patient.postcode", None),
        (f", {mobile} ", "", None),
        (desk.entry("patient.phone")[0], "patient.phone", who.phone),
        (f", next of kin {kin.name} ({kin.relation.lower()}) {printed.phone(kin.phone, 'spaces')}", "", None),
    ]
    if referral.ubrn:
        runs += [(", UBRN ", "", None), (desk.entry("referral.ubrn")[0], "referral.ubrn", referral.ubrn)]
    y = flow(sheet, 60, y + 24, runs, 480, 11) + 8
    # Routine letters often say nothing of urgency; then nothing is the truth, and a reader has to ask.
    if referral.priority != "ROUTINE" or random.random() < 0.5:
        said = {
            "ROUTINE": ("Referral type: routine", "Priority: Routine"),
            "URGENT": ("Referral type: urgent", "Priority: Urgent"),
            "TWO_WEEK_WAIT": ("Referral type: 2 week wait", "Priority: 2WW"),
        }[referral.priority]
        sheet.put(60, y, random.choice(said), 11, bold=True, name="referral.priority", value=referral.priority)
        y += 20
    y = sheet.prose(60, y, referral.reason, 480, 11, "referral.reason", lead=1.36)
    y = dissent(desk, sheet, 60, y, 480, 11)
    if referral.past:
        y = sheet.prose(60, y, [f"Other problems: {'; '.join(referral.past)}."], 480, 11)
    y = sheet.prose(
        60, y, [f"Medicines: {'; '.join(referral.medicines) or 'none'}. Allergies: {referral.allergies}."], 480, 11
    )
    signed(desk, sheet, 60, y + 6, 11, random.choice(("Yours sincerely", "Best wishes")))
    return [sheet]
