"""Letters that record systems fill in: three columns of cells, a table at the foot, a banner without colons, gaps in a template."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, dissent, labelled, room
from gateway.rehearsal.letter_parts import addressed, greeting, kind_of_phone, signed
from gateway.rehearsal.record import consultations, earlier, listed, values
from gateway.rehearsal.retelling import retold
from gateway.rehearsal.sheet import Sheet

_WORDS = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "2 Week Wait"}


def inline_cells_letter(desk: Desk) -> list[Sheet]:
    """A ruled block of three columns, each cell with its label and its value on one line; the record on the second page."""
    desk = retold(desk)
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    first, second = desk.sheet(), desk.sheet()
    first.put(42, 54, practice.name, 14, bold=True, name="referrer.practice_name")
    y = 50.0
    for line in (*practice.address.split(", "), practice.postcode):
        first.put(553, y, line, 9, right=True)
        y += 11.5
    end = first.put(42, 70, "Telephone ", 9)
    phone = printed.phone(practice.phone, desk.phone_style)
    end = first.put(end + 1, 70, phone, 9, name="referrer.phone", value=practice.phone)
    first.put(end + 12, 70, f"Fax {printed.phone(practice.fax, desk.phone_style)}", 9)
    first.put(42, 98, random.choice(("Patient and referral details", "Referral letter: details")), 10.5, bold=True)
    kin, third = referral.next_of_kin, 170.3
    ubrn = ("UBRN:", "referral.ubrn") if referral.ubrn else ("e-RS reference:", "=none")
    rows: tuple[tuple[tuple[str, str, int], ...], ...] = (
        (
            (random.choice(("Name:", "Patient:")), random.choice(("family first", "title first")), 2),
            ("Age:", f"={referral.age}", 1),
        ),
        (
            (random.choice(("DOB:", "D.o.B.:", "Date of birth:")), "patient.birth_date", 1),
            (random.choice(("NHS No:", "NHS number:")), "patient.nhs_number", 1),
            (random.choice(("Sex:", "Gender:")), "patient.gender", 1),
        ),
        (("Address:", "patient.address", 2), (random.choice(("Postcode:", "Post code:")), "patient.postcode", 1)),
        (
            (f"{kind_of_phone(desk)} tel:", "patient.phone", 1),
            (f"{kin.relation}:", f"={kin.name}", 1),
            ("Their tel:", f"={printed.phone(kin.phone, 'spaces')}", 1),
        ),
        (
            ("Usual GP:", f"=Dr {referral.usual_doctor}", 1),
            ("Referred by:", "referrer.name", 1),
            ("Org code:", "referrer.practice_code", 1),
        ),
        (
            (random.choice(("Referral date:", "Referred on:")), "referral.date", 1),
            (random.choice(("Priority:", "Urgency:")), "priority", 1),
            (*ubrn, 1),
        ),
    )
    y = 104.0
    for row in rows:
        x = 42.0
        for label, what, span in row:
            first.box(x, y, span * third, 18, 0.5)
            if what == "priority":
                end = first.put(x + 4, y + 12.5, label, 9, bold=True)
                first.put(
                    end + 4, y + 12.5, _WORDS[referral.priority], 9, name="referral.priority", value=referral.priority
                )
            else:
                labelled(desk, first, label, what, x + 4, y + 12.5, span * third - 8, 9)
            x += span * third
        y += 18
    y = addressed(desk, first, 42, y + 28, 10, random.choice(("{} Referrals", "Clinical Lead, {}")))
    first.put(42, y, greeting(desk, random.choice(("colleague", "Sir or Madam"))) + ",", 10)
    y = first.prose(42, y + 19, referral.reason, 511, 10.5, "referral.reason", lead=1.36)
    y = dissent(desk, first, 42, y + 1, 511, 10.5)
    signed(
        desk,
        first,
        42,
        y + 8,
        10.5,
        random.choice(("Yours sincerely", "Thank you for your help")),
        random.choice(("GP principal", "Salaried GP", "")),
    )
    y = 92.0
    labelled(desk, second, "Patient:", "plain", 42, 54, 240, 9)
    labelled(desk, second, "NHS No:", "patient.nhs_number", 330, 54, 200, 9)
    for heading, lines in (
        ("Active problems", referral.past or ("None recorded",)),
        ("Repeat templates", referral.medicines or ("None recorded",)),
        ("Allergy", (referral.allergies,)),
    ):
        second.put(42, y, heading, 10.5, bold=True)
        y = listed(second, 56, y + 16, [(line,) for line in lines], (), 9.5, 553) + 8
    second.put(42, y, "Last consultations", 10.5, bold=True)
    notes = [(f"{day:%d/%m/%Y}", who, note) for day, who, note in consultations(random, referral, 4)]
    listed(second, 56, y + 17, notes, (130, 262), 9.5, 553, ruled=True)
    for number, sheet in enumerate((first, second), 1):
        sheet.put(42, 822, f"{practice.name}    sheet {number} of 2", 8)
    return [first, second]


def table_at_foot_letter(desk: Desk) -> list[Sheet]:
    """The letter first, with the urgency as typed brackets; who the patient is stands in a table at the foot under column heads."""
    desk = retold(desk)
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    y = 58.0
    for place, line in enumerate((practice.name, *practice.address.split(", "), practice.postcode)):
        sheet.put(540, y, line, 12 if not place else 10, bold=not place, right=True)
        if not place:
            sheet.says("referrer.practice_name", line, (540 - sheet.wide(line, 12, True), 46, 540, 62))
        y += 13
    text = printed.phone(practice.phone, desk.phone_style)
    sheet.put(540, y, text, 10, right=True, name="referrer.phone", value=practice.phone)
    sheet.put(540 - sheet.wide(text, 10) - 4, y, "Tel", 10, right=True)
    day = random.choice(
        (
            f"{referral.date:%A} {referral.date.day} {referral.date:%B %Y}",
            f"{referral.date:%a} {referral.date:%d/%m/%Y}",
        )
    )
    sheet.put(56, 58, day, 10.5, name="referral.date", value=referral.date.isoformat())
    y = addressed(desk, sheet, 56, 92, 10.5, random.choice(("{} Clinic", "Lead clinician for {}")))
    x = 56.0
    for code, word in (
        ("ROUTINE", "Routine"),
        ("URGENT", "Urgent"),
        ("TWO_WEEK_WAIT", random.choice(("2WW", "Suspected cancer"))),
    ):
        chosen = code == referral.priority
        end = sheet.put(x, y + 12, f"[{'X' if chosen else ' '}] {word}", 10.5, bold=chosen)
        if chosen:
            sheet.says("referral.priority", code, (x, y, end, y + 15))
        x = end + 30
    y += 42
    sheet.put(56, y, greeting(desk, random.choice(("Doctor", "Colleague"))), 10.5)
    opening = random.choice(
        (
            "I refer the patient named in the table below.",
            "Thank you for seeing the patient whose details are given at the foot.",
        )
    )
    sheet.put(56, y + 20, opening, 10.5)
    y = sheet.prose(56, y + 40, referral.reason, 484, 10.5, "referral.reason", lead=1.4)
    y = dissent(desk, sheet, 56, y + 1, 484, 10.5)
    drugs = ", ".join(referral.medicines) or "nil regular"
    y = sheet.prose(56, y + 2, [f"Medication: {drugs}. Allergic to: {referral.allergies}."], 484, 10)
    signed(desk, sheet, 56, y + 8, 10.5, random.choice(("Yours sincerely", "Kind regards")))
    kin = referral.next_of_kin
    table: tuple[tuple[tuple[str, str, float], ...], ...] = (
        (
            (random.choice(("Surname", "Family name")), "patient.family_name", 120),
            (random.choice(("Forename(s)", "First name(s)")), "patient.given_names", 120),
            (random.choice(("Born", "DOB")), "patient.birth_date", 92),
            ("Sex", "patient.gender", 54),
            (random.choice(("NHS number", "NHS no.")), "patient.nhs_number", 98),
        ),
        (
            ("Address", "patient.address", 270),
            ("Postcode", "patient.postcode", 84),
            (random.choice(("Telephone", "Contact number")), "patient.phone", 130),
        ),
        (
            ("Registered GP", f"=Dr {referral.usual_doctor}", 130),
            (random.choice(("Practice code", "National code")), "referrer.practice_code", 84),
            ("Next of kin", f"={kin.name}", 150),
            ("Next of kin's telephone", f"={printed.phone(kin.phone, 'spaces')}", 120),
        ),
    )
    y = max(y + 104, 680.0)
    for row in table:
        x = 56.0
        for label, what, wide in row:
            sheet.box(x, y, wide, 13, 0.5, fill=222)
            sheet.box(x, y + 13, wide, 19, 0.5)
            sheet.put(x + 4, y + 10, label, room(sheet, label, 8.5, wide - 8, True), bold=True)
            answer(desk, sheet, what, x + 4, y + 26.5, wide - 8, 11.4)
            x += wide
        y += 32
    return [sheet]


def _bars(sheet: Sheet, x: float, y: float, tall: float) -> None:
    """A document system's bars, which say nothing here."""
    for _ in range(46):
        wide = sheet.random.choice((0.7, 0.7, 1.4, 2.1))
        sheet.box(x, y, wide, tall, 0, fill=0)
        x += wide + sheet.random.choice((0.8, 0.8, 1.6))


def banner_letter(desk: Desk) -> list[Sheet]:
    """The clinical safety banner over both pages: name, Born, Gender, NHS No. without colons; urgency and clinic in the heading."""
    desk = retold(desk)
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheets = [desk.sheet(), desk.sheet()]
    born = f"{who.birth_date:%d-%b-%Y}"
    for sheet in sheets:
        sheet.box(36, 58, 523, 40, 0.9, fill=240)
        name = f"{who.family_name.upper()}, {who.given_names} ({who.title})"
        small = room(sheet, name, 11.5, 212, True)
        desk.whole_name(sheet, 41, 73, small, "family first", bold=True)
        facts = (
            ("Born", born, "patient.birth_date", who.birth_date.isoformat()),
            ("Gender", who.gender.capitalize(), "patient.gender", who.gender),
            ("NHS No.", printed.nhs_number(who.nhs_number, desk.nhs_style), "patient.nhs_number", who.nhs_number),
        )
        # Wide typefaces need smaller letters to stay inside the banner.
        wide = sum(sheet.wide(label, 8) + sheet.wide(text, 9.5, True) for label, text, _, _ in facts)
        small, x = min(1.0, 236 / (wide + sheet.wide(f"({referral.age}y)", 8.5))), 258.0
        for label, text, field, said in facts:
            end = sheet.put(x, 73, label, 8 * small, grey=70)
            x = sheet.put(end + 3, 73, text, 9.5 * small, bold=True, name=field, value=said) + 3
            if label == "Born":
                x = sheet.put(x, 73, f"({referral.age}y)", 8.5 * small)
            x += 8
        end = sheet.put(41, 90, "Address", 8, grey=70)
        where = f"{who.address}, {who.postcode}"
        small = room(sheet, where, 9, 290)
        end = sheet.put(end + 3, 90, f"{who.address},", small, name="patient.address", value=who.address)
        end = sheet.put(end + 3, 90, who.postcode, small, name="patient.postcode")
        end = sheet.put(max(end + 14, 400), 90, "Phone", 8, grey=70)
        sheet.put(end + 3, 90, desk.entry("patient.phone")[0], 9, name="patient.phone", value=who.phone)
    first, second = sheets
    _bars(first, 440, 26, 17)
    first.put(440, 52, f"DOC-{random.randrange(10**8, 10**9)}", 7)
    first.put(36, 44, practice.name, 13, bold=True, name="referrer.practice_name")
    y = 128.0
    end = first.put(36, y, random.choice(("Referral to ", "For ")), 13, bold=True)
    end = first.put(end + 1, y, referral.specialty, 13, bold=True, name="referral.specialty")
    words = {
        "ROUTINE": "(routine)",
        "URGENT": "(URGENT)",
        "TWO_WEEK_WAIT": random.choice(("(2WW)", "(two week wait)")),
    }[referral.priority]
    first.put(end + 6, y, words, 13, bold=True, name="referral.priority", value=referral.priority)
    y += 17
    end = first.put(36, y, f"{referral.hospital}    ", 10)
    text, value = desk.entry("referral.named_clinician")
    if text:
        end = first.put(end + 8, y, "attention of ", 10)
        first.put(end + 1, y, text, 10, name="referral.named_clinician", value=value)
    y += 22
    for label, what, x, wide in (
        (random.choice(("Sent by", "Author")), "referrer.name", 36.0, 260.0),
        (random.choice(("Sent on", "Authored")), "referral.date", 300.0, 240.0),
    ):
        labelled(desk, first, label, what, x, y, wide, 10)
    y += 15
    labelled(desk, first, "Practice telephone", "referrer.phone", 36, y, 260, 10)
    labelled(desk, first, "Practice code", "referrer.practice_code", 300, y, 240, 10)
    y += 15
    labelled(desk, first, "GP address", f"={practice.address}, {practice.postcode}", 36, y, 500, 10)
    if referral.ubrn:
        y += 15
        labelled(desk, first, "UBRN", "referral.ubrn", 36, y, 260, 10)
    y += 12
    first.rule(36, y, 559, y, 1.2)
    first.put(36, y + 18, random.choice(("Reason for request", "Clinical narrative")), 11, bold=True)
    y = first.prose(36, y + 36, referral.reason, 523, 10.5, "referral.reason", lead=1.38)
    y = dissent(desk, first, 36, y + 1, 523, 10.5)
    for heading, lines in (
        ("Diagnoses", referral.past or ("Nil",)),
        ("Medication", referral.medicines or ("Nil",)),
        ("Allergies", (referral.allergies,)),
    ):
        first.put(36, y + 8, heading, 10, bold=True)
        y = first.prose(140, y + 8, ["; ".join(lines)], 415, 10, gap=0.1)
    second.put(36, 128, "Investigations", 11, bold=True)
    y = 128.0 + 17
    y = listed(
        second,
        36,
        y,
        [(f"{day:%d-%b-%Y}", name, figure) for day, name, figure in values(random, referral, 7)],
        (130, 340),
        10,
        555,
        ruled=True,
    )
    seen = earlier(random, referral.date, 2, 20)
    second.put(
        36,
        y + 16,
        f"Last seen in practice {seen:%d-%b-%Y}. Registered since {earlier(random, referral.date, 400, 2400):%d-%b-%Y}.",
        10,
    )
    carer = referral.next_of_kin
    second.put(36, y + 32, f"{carer.relation} {carer.name}, phone {printed.phone(carer.phone, 'spaces')}", 10)
    for number, sheet in enumerate(sheets, 1):
        sheet.put(559, 820, f"{number}/2", 9, right=True)
    return sheets


def gaps_letter(desk: Desk) -> list[Sheet]:
    """A template in which some places found nothing to put: `[not recorded]`, `No data`, an e-mail address of chevrons."""
    desk = retold(desk)
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    none = random.choice(("[not recorded]", "No data", "<no entry>"))
    sheet.rule(50, 40, 545, 40, 2.2)
    end = sheet.put(50, 56, practice.name, 11, bold=True, name="referrer.practice_name")
    rest = f", {practice.address}, {practice.postcode}"
    sheet.put(end, 56, rest, room(sheet, rest, 9, 545 - end))
    end = sheet.put(50, 70, "Practice code: ", 9)
    end = sheet.put(end + 1, 70, practice.code, 9, name="referrer.practice_code")
    end = sheet.put(end + 16, 70, "Surgery line: ", 9)
    sheet.put(
        end + 1, 70, printed.phone(practice.phone, desk.phone_style), 9, name="referrer.phone", value=practice.phone
    )
    sheet.rule(50, 76, 545, 76, 0.6)
    y = addressed(desk, sheet, 50, 102, 10.5, random.choice(("Consultants in {}", "{} Department")))
    decided = referral.date - dt.timedelta(days=random.randrange(8, 40))
    rows = (
        ("Date of letter", "referral.date"),
        ("First consulted", f"={printed.date(decided, desk.date_form)}"),
        (random.choice(("Referral urgency", "Type of referral")), "priority"),
        ("", ""),
        (random.choice(("Full name", "Name of patient")), random.choice(("plain", "title first"))),
        ("Previous surname", f"={who.previous_family_name or none}"),
        (random.choice(("Date of birth", "Birth date")), "patient.birth_date"),
        (random.choice(("NHS number", "NHS No")), "patient.nhs_number"),
        ("Hospital number", f"={who.hospital_number}"),
        ("Home address", "address"),
        ("Home telephone", "patient.phone" if not who.phone.startswith("07") else f"={none}"),
        ("Mobile", "patient.phone" if who.phone.startswith("07") else f"={none}"),
        ("Work telephone", f"={none}"),
        ("E-mail", "=<<Patient.Email>>"),
        ("Gender", "patient.gender"),
        ("Language", f"={referral.interpreter or none}"),
        ("Carer", f"={none}"),
    )
    for label, what in rows:
        sheet.put(50, y, label, 10)
        if what == "priority":
            sheet.put(
                190, y, _WORDS[referral.priority], 10, bold=True, name="referral.priority", value=referral.priority
            )
        else:
            answer(desk, sheet, what, 190, y, 350, 11.4)
        y += 14 if label else 6
    y += 10
    sheet.put(50, y, greeting(desk, random.choice(("Sir/Madam", "Colleague"))), 10.5)
    y = sheet.prose(50, y + 18, referral.reason, 495, 10.5, "referral.reason", lead=1.36)
    y = dissent(desk, sheet, 50, y + 1, 495, 10.5)
    summary = f"Problems: {'; '.join(referral.past) or none}. Medication: {'; '.join(referral.medicines) or none}. Allergies: {referral.allergies}."
    y = sheet.prose(50, y, [summary], 495, 9.5)
    signed(desk, sheet, 50, y + 6, 10.5, random.choice(("Yours faithfully", "With thanks and best wishes")))
    return [sheet]
