"""Post that refers nobody: a follow-up clinic's letter, a day unit's discharge, an appointment notice, an agency's invoice."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import address_block, answer, labelled
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN, STREETS, TOWNS
from gateway.rehearsal.prose import GROWN
from gateway.rehearsal.record import earlier
from gateway.rehearsal.sheet import Sheet


def _no_referral(sheet: Sheet, sender: str) -> list[Sheet]:
    """A page of which nothing is the truth of a referral, from a machine that is no practice's."""
    sheet.sender = (sender, f"01632960{sheet.random.randrange(100, 999)}")
    sheet.values.clear()
    sheet.areas.clear()
    sheet.part = None
    return [sheet]


def follow_up_letter(desk: Desk) -> list[Sheet]:
    """A clinic's letter to the practice about a patient it already sees: prose, results, the next appointment."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(55, 54, f"{referral.hospital} NHS Trust", 13, bold=True)
    sheet.put(55, 68, f"Directorate of {referral.specialty}", 10)
    sheet.rule(55, 74, 540, 74, 1.2)
    secretary = f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}"
    sheet.put(340, 92, f"Secretary: {secretary}", 9.5)
    sheet.put(340, 104, f"Direct line: 01632 960{random.randrange(100, 999)}", 9.5)
    labelled(desk, sheet, "NHS No:", "patient.nhs_number", 340, 122, 200, 9.5)
    labelled(desk, sheet, "Hospital No:", f"={referral.patient.hospital_number}", 340, 135, 200, 9.5)
    seen = referral.date - dt.timedelta(days=random.randrange(3, 15))
    sheet.put(340, 148, f"Clinic: {printed.date(seen, desk.date_form)}", 9.5)
    sheet.put(340, 161, f"Typed: {printed.date(referral.date, desk.date_form)}", 9.5)
    y = 96.0
    for line in (f"Dr {referral.usual_doctor}", practice.name, *practice.address.split(", "), practice.postcode):
        sheet.put(55, y, line, 10.5)
        y += 13.5
    y = 198.0
    sheet.put(55, y, f"Dear Dr {referral.usual_doctor.split()[-1]}", 10.5)
    y += 22
    end = answer(desk, sheet, "title first", 55, y, 230, 12)
    labelled(desk, sheet, "D.O.B.", "patient.birth_date", end + 18, y, 160, 10.5)
    answer(desk, sheet, "address", 55, y + 14, 480, 12)
    y += 42
    child = referral.age < GROWN
    opening = random.choice(
        (
            "Thank you for referring this patient, whom I reviewed again in clinic.",
            "I saw this patient for follow-up in my clinic.",
            "This patient came for review, six months after the last visit.",
        )
    )
    told = random.choice(
        (
            "The treatment started in spring has helped and there are no side effects.",
            "Symptoms are much the same. The scan shows no change since last year.",
            "There has been steady improvement and the blood results are now normal.",
        )
    )
    plan = random.choice(
        (
            "I have made no change and will see the patient again in six months.",
            "I have discharged the patient from the clinic, with an open appointment for one year.",
            "I have asked for a repeat scan and will write with the result. Please continue the present treatment.",
        )
    )
    with_whom = "came with a parent" if child else "came alone"
    drugs = "; ".join(referral.medicines) or "no regular medication"
    paragraphs = [
        f"{opening} The patient {with_whom}.",
        told,
        f"On examination there was nothing new to find. Present medication: {drugs}.",
        plan,
        "If there are concerns before then, please contact my secretary on the number above.",
    ]
    y = sheet.prose(55, y, paragraphs, 480, 11, lead=1.4, gap=0.7)
    sheet.put(55, y + 8, "Yours sincerely", 10.5)
    sheet.signature(58, y + 40)
    clinician = f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}"
    sheet.put(55, y + 62, clinician, 10.5)
    sheet.put(55, y + 75, f"Consultant, {referral.specialty}", 10)
    sheet.put(55, y + 100, "Copy: patient", 9)
    return _no_referral(sheet, referral.hospital)


def day_unit_discharge(desk: Desk) -> list[Sheet]:
    """A day unit's discharge as a ruled form in two columns, ticked for what was done and given."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    sheet.box(40, 34, 515, 26, 0, fill=80)
    sheet.put(50, 52, "DAY SURGERY UNIT: DISCHARGE NOTIFICATION", 13, bold=True, grey=255)
    sheet.put(40, 76, f"{referral.hospital}    Unit telephone 01632 960288", 9.5)
    y = 86.0
    rows = (
        (("Name", "family first"), ("NHS number", "patient.nhs_number")),
        (("Date of birth", "patient.birth_date"), ("Unit number", f"={who.hospital_number}")),
        (("Address", "patient.address"), ("Postcode", "patient.postcode")),
        (("GP", f"=Dr {referral.usual_doctor}"), ("Practice", f"={practice.name}")),
        (
            ("Admitted and discharged", f"={printed.date(referral.date, desk.date_form)}"),
            ("Consultant", f"=Miss {random.choice(DOCTORS_FAMILY)}"),
        ),
    )
    for pair in rows:
        for (label, what), x in zip(pair, (40.0, 307.0), strict=True):
            sheet.box(x, y, 267 if x < 100 else 248, 30, 0.6)
            sheet.put(x + 4, y + 9, label, 7.5)
            answer(desk, sheet, what, x + 6, y + 24, 235, 12)
        y += 30
    y += 20
    child = referral.age < GROWN
    operation, wound = random.choice(
        (("Tonsillectomy", "No wound care"), ("Grommets, both ears", "Keep ears dry for two weeks"))
        if child
        else (
            ("Cataract extraction", "Shield at night for one week"),
            ("Inguinal hernia repair", "Absorbable sutures, dressing off in three days"),
            ("Excision of skin lesion", "Practice nurse to remove sutures after ten days"),
        )
    )
    sheet.put(40, y, "Operation", 10, bold=True)
    sheet.put(160, y, operation, 11)
    sheet.put(40, y + 20, "Anaesthetic", 10, bold=True)
    for place, word in enumerate(("General", "Local", "Sedation")):
        sheet.tick(160 + 90 * place, y + 11, 10, place == 0, "check")
        sheet.put(176 + 90 * place, y + 20, word, 10)
    y += 44
    for heading, text in (
        ("Course", "Uneventful. Eating, drinking and passing urine before leaving."),
        (
            "Given to take home",
            "Paracetamol as required",
        ),
        ("Usual medicines", "; ".join(referral.medicines) or "none"),
        ("Wound", wound),
        (
            "Follow-up",
            random.choice(("None planned", "Outpatients in six weeks", "Telephone call from the unit tomorrow")),
        ),
        (
            "For the practice",
            "For information only" if child else "Please arrange a fit note if the patient asks for one",
        ),
    ):
        sheet.put(40, y, heading, 10, bold=True)
        y = sheet.prose(160, y, [text], 390, 10.5) + 8
    y += 20
    sheet.put(40, y, f"Discharging nurse: {random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}", 10)
    sheet.signature(320, y, 70)
    sheet.put(40, 812, "White copy: GP. Yellow copy: notes. Pink copy: patient.", 8)
    return _no_referral(sheet, referral.hospital)


def appointment_notice(desk: Desk) -> list[Sheet]:
    """A copy to the practice of an appointment made, moved or cancelled, in the window-envelope shape patients get."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(545, 52, referral.hospital, 14, bold=True, right=True)
    sheet.put(545, 66, "Outpatient Appointments, Ground Floor", 9.5, right=True)
    sheet.put(545, 79, "Monday to Friday 9 to 5: 01632 960141", 9.5, right=True)
    y = 130.0
    title = who.title if referral.age >= GROWN else "Parent or guardian of"
    sheet.put(70, y, f"{title} {who.first_name} {who.family_name}", 11)
    address_block(desk, sheet, 70, y + 14, 11)
    right = 350.0
    labelled(desk, sheet, "Letter date:", f"={printed.date(referral.date, desk.date_form)}", right, 130, 195, 10)
    labelled(desk, sheet, "Hospital number:", f"={who.hospital_number}", right, 145, 195, 10)
    labelled(desk, sheet, "NHS number:", "patient.nhs_number", right, 160, 195, 10)
    labelled(desk, sheet, "Date of birth:", "patient.birth_date", right, 175, 195, 10)
    kind = random.choice(("new", "changed", "cancelled"))
    heading = {
        "new": "YOUR OUTPATIENT APPOINTMENT",
        "changed": "CHANGE OF APPOINTMENT",
        "cancelled": "CANCELLATION OF YOUR APPOINTMENT",
    }[kind]
    y = 242.0
    sheet.put(70, y, heading, 13, bold=True)
    day = referral.date + dt.timedelta(days=random.randrange(12, 80))
    day -= dt.timedelta(days=max(0, day.weekday() - 4))  # clinics are held on weekdays
    hour = f"{random.randrange(9, 16)}:{random.choice(('00', '10', '20', '40'))}"
    clinic = f"{referral.specialty}, {random.choice(('Mr', 'Miss', 'Dr'))} {random.choice(DOCTORS_FAMILY)}'s clinic"
    intro = {
        "new": "An appointment has been made for you as follows.",
        "changed": "We are sorry that we have had to move your appointment. The new one is as follows.",
        "cancelled": "We are sorry that the appointment below has been cancelled. We will send you a new date within three weeks.",
    }[kind]
    y = sheet.prose(70, y + 24, [intro], 470, 11) + 6
    for label, text in (
        ("Clinic", clinic),
        ("Date", f"{day:%A} {day.day} {day:%B %Y}"),
        ("Time", hour),
        ("Where", f"Outpatients {random.choice('ABCD')}, level {random.randrange(1, 5)}"),
        ("Type", random.choice(("New patient, face to face", "Follow-up, face to face"))),
    ):
        sheet.put(90, y, label, 11, bold=True)
        sheet.put(170, y, text, 11)
        y += 17
    rule = (
        "Please bring this letter and a list of your medicines. If you cannot come, tell us at least two days before so that somebody "
        "else can have the appointment. If you miss it without telling us you may be sent back to your doctor."
    )
    excuse = "You need do nothing now. If your condition gets worse, please speak to your doctor."
    words = [
        excuse if kind == "cancelled" else rule,
        "If you need an interpreter or hospital transport, please telephone us.",
    ]
    y = sheet.prose(70, y + 12, words, 470, 11, lead=1.4)
    sheet.put(70, y + 10, "Appointments Team", 11)
    sheet.put(70, 800, f"Copy for information: Dr {referral.usual_doctor}, {referral.practice.name}", 9)
    return _no_referral(sheet, referral.hospital)


def agency_invoice(desk: Desk) -> list[Sheet]:
    """An interpreting agency's bill to the hospital: lines of bookings with clinics and dates, totals, bank details."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    agency = random.choice(("Lingua North Interpreting", "Bridge Language Services Ltd", "Open Ear Interpreters"))
    town, district, _ = random.choice(TOWNS)
    sheet.put(50, 62, agency, 19, bold=True)
    sheet.put(50, 77, f"Unit {random.randrange(2, 30)}, {random.choice(STREETS)}, {town} {district} 4AA", 9.5)
    sheet.put(545, 62, "INVOICE", 19, bold=True, right=True)
    y = 116.0
    for line in ("Accounts Payable", referral.hospital, "PO Box 40"):
        sheet.put(50, y, line, 10.5)
        y += 14
    y = 116.0
    for label, text in (
        ("Invoice no.", f"{random.randrange(10000, 99999)}"),
        ("Date", printed.date(referral.date, desk.date_form)),
        ("Your order", f"45{random.randrange(10**8):08d}"),
        ("Terms", "30 days"),
    ):
        sheet.put(360, y, label, 10.5, bold=True)
        sheet.put(545, y, text, 10.5, right=True)
        y += 15
    y = 206.0
    edges = (50.0, 130.0, 330.0, 420.0, 480.0)
    sheet.box(50, y - 13, 495, 18, 0, fill=215)
    for x, word in zip(edges, ("Date", "Booking", "Language", "Hours", "Amount"), strict=True):
        sheet.put(x + 4, y, word, 10, bold=True)
    total = 0
    for day in sorted(earlier(random, referral.date, 3, 40) for _ in range(random.randrange(4, 10))):
        y += 20
        hours = random.randrange(1, 5)
        cost = 38 * hours + random.choice((0, 12))
        total += cost
        cells = (
            f"{day:%d/%m/%Y}",
            f"{random.choice(('Antenatal', 'Eye', 'Fracture', 'Diabetes', 'Skin'))} clinic, outpatients",
            random.choice(("Polish", "Urdu", "Romanian", "Arabic", "BSL")),
            str(hours),
            f"{cost}.00",
        )
        for x, word in zip(edges, cells, strict=True):
            sheet.put(x + 4, y, word, 10)
        sheet.rule(50, y + 6, 545, y + 6, 0.3, 120)
    tax = total // 5
    y += 28
    for label, figure in (("Net", total), ("VAT 20%", tax), ("Total due (GBP)", total + tax)):
        sheet.put(470, y, label, 10.5, bold=True, right=True)
        sheet.put(545, y, f"{figure}.00", 10.5, right=True)
        y += 16
    sheet.prose(
        50,
        y + 30,
        [
            f"Payment by bank transfer: sort code 00-00-00, account {random.randrange(10**7):08d}. Please quote the invoice number.",
            "Queries within seven days to the accounts desk, 01632 960707. No patient details are given on invoices.",
        ],
        495,
        10,
    )
    sheet.put(
        297,
        815,
        f"{agency}. Registered in England {random.randrange(10**6, 10**7)}. VAT GB 000 0000 00",
        8,
        centre=True,
    )
    return _no_referral(sheet, agency)
