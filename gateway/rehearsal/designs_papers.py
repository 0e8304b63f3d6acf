"""Papers that refer nobody: a ward's discharge, a clinic's report, a cancellation, a statement of account, an advertisement."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, labelled
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN
from gateway.rehearsal.prose import GROWN
from gateway.rehearsal.record import earlier
from gateway.rehearsal.sheet import Sheet


def _refers_nobody(sheets: list[Sheet]) -> list[Sheet]:
    """Papers of which nothing is the truth of a referral."""
    for sheet in sheets:
        sheet.values.clear()
        sheet.areas.clear()
        sheet.part = None
    return sheets


def ward_discharge(desk: Desk) -> list[Sheet]:
    """A hospital's discharge summary by headings, with the tablets to take home."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(45, 50, referral.hospital, 12, bold=True)
    sheet.put(550, 50, "Discharge letter to GP", 12, right=True)
    sheet.rule(45, 56, 550, 56, 1)
    y = 76.0
    came = referral.date - dt.timedelta(days=random.randrange(1, 4))
    child = referral.age < GROWN
    rows = (
        (("Name", "family first"), ("NHS number", "patient.nhs_number")),
        (("Date of birth", "patient.birth_date"), ("Hospital number", f"={who.hospital_number}")),
        (("Address", "address"), ("", "")),
        (("GP", f"=Dr {referral.usual_doctor}"), ("Practice", f"={practice.name}")),
        (
            ("Date of admission", f"={printed.date(came, desk.date_form)}"),
            ("Date of discharge", f"={printed.date(referral.date, desk.date_form)}"),
        ),
        (("Consultant", f"=Mr {random.choice(DOCTORS_FAMILY)}"), ("Specialty", f"={referral.specialty}")),
        (
            ("Method", f"={random.choice(('Emergency', 'Elective day case'))}"),
            ("Ward", f"={random.choice('ABCD')}{random.randrange(1, 30)}"),
        ),
    )
    for pair in rows:
        for (label, what), x in zip(pair, (45.0, 310.0), strict=True):
            if label:
                labelled(desk, sheet, f"{label}:", what, x, y, 240 if pair[1][0] else 500, 9.5)
        y += 16
    y += 14
    problems = (
        ("Croup", "Acute asthma", "Tonsillectomy")
        if child
        else ("Cellulitis of the leg", "Acute kidney injury", "Cystoscopy")
    )
    follow = random.choice(
        ("Please remove sutures in ten days.", "Please check bloods in two weeks and refer back if worse.", "None.")
    )
    for heading, text in (
        ("Diagnosis / procedure", random.choice(problems)),
        (
            "Clinical summary",
            "Treated as above and made a good recovery. Observations normal at discharge. No complications.",
        ),
        ("Medicines on discharge", "; ".join(referral.medicines) or "None"),
        ("Changes to medicines", random.choice(("None", "Doxycycline 100 mg od for five days, new"))),
        ("Allergies", referral.allergies),
        ("Actions for the GP", follow),
        ("Hospital follow-up", random.choice(("None", "Clinic in six weeks, appointment to follow"))),
        ("Told to patient", "Advice sheet given. Return if fever or bleeding."),
    ):
        sheet.put(45, y, heading, 10, bold=True)
        y = sheet.prose(190, y, [text], 355, 10) + 5
    sheet.put(
        45,
        y + 20,
        f"Completed by Dr {random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}, foundation doctor, bleep {random.randrange(1000, 9999)}",
        9,
    )
    return _refers_nobody([sheet])


def outpatient_report(desk: Desk) -> list[Sheet]:
    """A consultant's letter after clinic, diagnoses and plan in a list first, for the practice to read and file."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(545, 56, referral.hospital, 13, bold=True, right=True)
    sheet.put(
        545,
        70,
        f"{referral.specialty}    Secretary {printed.phone('01632960' + str(random.randrange(100, 999)), 'spaces')}",
        9,
        right=True,
    )
    seen = referral.date - dt.timedelta(days=random.randrange(2, 12))
    sheet.put(
        55,
        92,
        f"Date of clinic {printed.date(seen, desk.date_form)}    Date typed {printed.date(referral.date, desk.date_form)}",
        9.5,
    )
    y = 120.0
    for line in (f"Dr {referral.usual_doctor}", practice.name, *practice.address.split(", "), practice.postcode):
        sheet.put(55, y, line, 10.5)
        y += 13
    y += 14
    end = answer(desk, sheet, "title first", 55, y, 260, 12)
    end = labelled(desk, sheet, "DOB", "patient.birth_date", end + 14, y, 150, 10.5)
    labelled(desk, sheet, "NHS No", "patient.nhs_number", end + 14, y, 170, 10.5)
    answer(desk, sheet, "address", 55, y + 14, 480, 12)
    y += 40
    for heading, lines in (
        (
            "Diagnosis",
            random.choice(
                (("Symptoms settled",), ("Mild disease, stable", "Anxiety about symptoms"), ("No abnormality found",))
            ),
        ),
        (
            "Plan",
            (
                "No change to treatment",
                random.choice(
                    ("Discharged to your care", "Review here in twelve months", "Open appointment for six months")
                ),
            ),
        ),
    ):
        sheet.put(55, y, f"{heading}:", 10.5, bold=True)
        for number, line in enumerate(lines, 1):
            sheet.put(140, y, f"{number}. {line}", 10.5)
            y += 15
        y += 4
    told = "the parents" if referral.age < GROWN else "the patient"
    y = sheet.prose(
        55,
        y + 12,
        [
            f"Dear Dr {referral.usual_doctor.split()[-1]}",
            f"Thank you for referring this patient, whom I saw in clinic with {'a parent' if referral.age < GROWN else 'a relative'}. "
            "The history was as in your letter. Examination today was unremarkable.",
            random.choice(
                (
                    "I have explained the findings to {} and have not arranged further tests.",
                    "I was able to reassure {}.",
                )
            ).format(told),
            "Should things change I would be happy to see this patient again; a new urgent referral would not be needed.",
            "Yours sincerely",
        ],
        485,
        10.5,
    )
    sheet.signature(58, y + 26)
    sheet.put(
        55,
        y + 48,
        f"{referral.named_clinician_title} {random.choice(DOCTORS_FAMILY)}, Consultant in {referral.specialty}",
        10.5,
    )
    return _refers_nobody([sheet])


def patient_cannot_come(desk: Desk) -> list[Sheet]:
    """A patient's or practice's note that an appointment cannot be kept: dates, a clinic and an NHS number, and no referral."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(60, 70, practice.name, 13, bold=True)
    sheet.put(60, 85, f"Telephone {printed.phone(practice.phone, desk.phone_style)}", 10)
    sheet.put(
        60,
        130,
        random.choice(("APPOINTMENT CANCELLATION", "Change of appointment, please", "Cannot attend")),
        15,
        bold=True,
    )
    booked = referral.date + dt.timedelta(days=random.randrange(3, 40))
    y = 165.0
    for label, what in (
        ("To", f"=Outpatient Appointments, {referral.hospital}"),
        ("Patient", "title first"),
        ("Date of birth", "patient.birth_date"),
        ("NHS number", "patient.nhs_number"),
        ("Telephone", "patient.phone"),
        ("Clinic", f"={referral.specialty}, {referral.named_clinician_title} {random.choice(DOCTORS_FAMILY)}"),
        (
            "Appointment",
            f"={printed.date(booked, desk.date_form)} at {random.randrange(9, 16)}.{random.choice(('00', '15', '40'))}",
        ),
        ("Date of this note", f"={printed.date(referral.date, desk.date_form)}"),
    ):
        sheet.put(60, y, label, 10.5, bold=True)
        answer(desk, sheet, what, 170, y, 360, 12)
        y += 20
    words = random.choice(
        (
            f"{who.title} {who.family_name} is away on that day. Please cancel and send another date, mornings are best.",
            "The patient is an inpatient elsewhere and cannot come. Please rebook in about four weeks, it is not urgent.",
            "The symptoms have gone and the appointment is no longer wanted. Please cancel it and offer the place to somebody else.",
        )
    )
    y = sheet.prose(60, y + 16, [words, "Thank you."], 470, 11, lead=1.5)
    sheet.put(60, y + 16, f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}, receptionist", 10.5)
    return _refers_nobody([sheet])


def supplier_statement(desk: Desk) -> list[Sheet]:
    """A supplier's statement of account with invoices overdue."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(
        45, 58, random.choice(("Airedale Surgical Ltd", "Print & Toner Direct", "Wharfe Waste Services")), 17, bold=True
    )
    sheet.put(45, 74, "Unit 7, Canal Works    VAT 999 9999 73", 9)
    sheet.put(550, 58, "STATEMENT", 17, bold=True, right=True)
    sheet.put(45, 110, f"{referral.hospital}, Finance Department", 10.5)
    sheet.put(
        550,
        110,
        f"Date {printed.date(referral.date, desk.date_form)}    Account {random.randrange(10**5, 10**6)}",
        10,
        right=True,
    )
    columns = (45, 175, 310, 420, 550)
    y, due = 140.0, 0.0
    rows = [("Date", "Invoice", "Order no.", "Amount GBP")]
    for _ in range(random.randrange(4, 9)):
        amount = random.randrange(900, 90000) / 100
        due += amount
        day = earlier(random, referral.date, 10, 120)
        rows.append(
            (
                printed.date(day, desk.date_form),
                f"INV{random.randrange(10**5, 10**6)}",
                str(random.randrange(4 * 10**9, 5 * 10**9)),
                f"{amount:,.2f}",
            )
        )
    rows.append(("", "", "Total due", f"{due:,.2f}"))
    for number, row in enumerate(rows):
        for cell, x, right in zip(row, columns[:-1], columns[1:], strict=True):
            sheet.box(x, y, right - x, 20, 0.5, fill=225 if number == 0 else None)
            sheet.put(x + 6, y + 14, cell, 10, bold=number in (0, len(rows) - 1))
        y += 20
    sheet.prose(
        45,
        y + 30,
        [
            random.choice(("URGENT: this account is overdue.", "Please pay within 14 days.")),
            "Please quote the account number. Queries to credit control, 01632 960888.",
        ],
        500,
        10.5,
    )
    return _refers_nobody([sheet])


def training_offer(desk: Desk) -> list[Sheet]:
    """An unasked-for offer of training for referral staff, with a form to fax back that nobody has filled in."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(
        297,
        80,
        random.choice(("Better referrals in one day", "Master your waiting list", "Cancer pathway masterclass")),
        24,
        bold=True,
        centre=True,
    )
    sheet.put(297, 106, "A course for booking clerks, secretaries and managers", 13, centre=True)
    y = 150.0
    for line in (
        "Referral rules, clock starts and the two week wait made simple",
        "Urgent or routine? Practical exercises with real letters",
        "Certificate for every delegate, lunch included",
        f"Next date: {printed.date(referral.date + dt.timedelta(days=random.randrange(14, 60)), desk.date_form)}",
    ):
        sheet.put(90, y, f"- {line}", 12)
        y += 22
    sheet.box(80, y + 20, 435, 170, 1)
    sheet.put(90, y + 40, "FAX BACK TO 01632 960444 TO BOOK", 12, bold=True)
    for number, label in enumerate(("Name", "Hospital or practice", "Telephone", "Number of places")):
        sheet.put(90, y + 70 + 28 * number, label, 10.5)
        sheet.rule(200, y + 73 + 28 * number, 500, y + 73 + 28 * number, 0.6)
    sheet.prose(
        80, 770, ["Northern Admin Training, company number 09991234. To stop these faxes ring 01632 960445."], 435, 8.5
    )
    return _refers_nobody([sheet])
