"""Pages that are not referrals: covers, laboratory results, discharge and clinic letters, invoices, queries, adverts."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.names import DOCTORS_FAMILY
from gateway.rehearsal.sheet import Sheet

_RESULTS = (
    ("Haemoglobin", "g/L", 85, 160, "115 - 165"),
    ("White cell count", "10*9/L", 3, 14, "4.0 - 11.0"),
    ("Platelets", "10*9/L", 140, 460, "150 - 450"),
    ("Sodium", "mmol/L", 130, 146, "133 - 146"),
    ("Potassium", "mmol/L", 3, 6, "3.5 - 5.3"),
    ("Creatinine", "umol/L", 50, 150, "45 - 84"),
    ("eGFR", "mL/min", 35, 91, "> 90"),
    ("ALT", "U/L", 10, 140, "< 41"),
    ("Alkaline phosphatase", "U/L", 40, 180, "30 - 130"),
    ("Bilirubin", "umol/L", 4, 30, "< 21"),
    ("CRP", "mg/L", 1, 90, "< 5"),
    ("Ferritin", "ug/L", 5, 300, "15 - 150"),
    ("TSH", "mU/L", 1, 8, "0.27 - 4.2"),
    ("HbA1c", "mmol/mol", 34, 90, "20 - 41"),
    ("Faecal calprotectin", "ug/g", 20, 900, "< 50"),
    ("PSA", "ug/L", 1, 14, "< 4.0"),
)


def _patient_line(desk: Desk, sheet: Sheet, x: float, y: float, size: float = 10) -> None:
    """Name, birth date and NHS number in one line, as results and letters repeat them."""
    end = desk.whole_name(sheet, x, y, size, "family first", bold=True)
    birth, value = desk.entry("patient.birth_date")
    end = sheet.put(end + 12, y, "DOB ", size)
    end = sheet.put(end, y, birth, size, name="patient.birth_date", value=value)
    number, value = desk.entry("patient.nhs_number")
    end = sheet.put(end + 12, y, "NHS No ", size)
    sheet.put(end, y, number, size, name="patient.nhs_number", value=value)


def cover(desk: Desk, pages: int) -> Sheet:
    """A fax cover sheet that counts the pages, with boxes that nobody ticked unless it is urgent."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.part = None
    sheet.put(60, 100, random.choice(("FAX", "Facsimile transmission", "FAX COVER SHEET")), 30, bold=True)
    sheet.put(540, 56, practice.name, 12, bold=True, right=True)
    sheet.put(540, 70, practice.address, 9, right=True)
    y = 150.0
    stamp = printed.date(referral.date, desk.date_form)
    count = random.choice((str(pages), f"{pages} (incl. cover)", f"{pages:02d}"))
    rows = (
        ("To:", f"Booking Office, {referral.hospital}"),
        ("Fax:", "01632 960555"),
        ("From:", f"Secretary to Dr {referral.referrer.split()[-1]}"),
        ("Tel:", printed.phone(practice.phone, desk.phone_style)),
        ("Date:", stamp),
        (
            random.choice(("No. of pages including this:", "Pages including this one:", "Total pages (inc. cover):")),
            count,
        ),
        ("Re:", random.choice(("Referral", "Patient referral - confidential", "New referral, results enclosed"))),
    )
    for label, text in rows:
        end = sheet.put(60, y, label, 12, bold=True)
        sheet.write(max(end + 8, 150), y, text, 13 if desk.hand else 12)
        sheet.rule(60, y + 6, 540, y + 6, 0.4)
        y += 30
    x = 60.0
    for label in ("Urgent", "For review", "Please comment", "Please reply"):
        sheet.tick(x, y, 12, label == "Urgent" and referral.priority != "ROUTINE" and random.random() < 0.5)
        x = sheet.put(x + 18, y + 11, label, 11) + 22
    words = (
        "SAFE HAVEN FAX. The information in this fax is confidential and intended for the named recipient "
        "only. If you have received it in "
        "error please telephone the sender at once and return or destroy it. It must not be copied or "
        "disclosed to anybody else."
    )
    sheet.prose(60, y + 60, [words], 480, 10)
    return sheet


def results(desk: Desk, stranger: bool = False) -> Sheet:
    """A laboratory report. Its accession number has ten digits and passes Modulus 11."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(45, 50, "PATHOLOGY REPORT", 15, bold=True)
    sheet.put(
        550,
        50,
        random.choice(("Clinical Biochemistry and Haematology", "Blood Sciences", "Department of Laboratory Medicine")),
        10,
        right=True,
    )
    _patient_line(desk, sheet, 45, 76)
    collected = printed.date(referral.date - dt.timedelta(days=random.randrange(3, 30)), desk.date_form)
    number = referral.laboratory_number
    label = random.choice(("Lab no", "Accession number", "Sample ID", "Specimen no."))
    shown = number if random.random() < 0.5 else printed.nhs_number(number, "spaces")
    sheet.put(
        45, 93, f"{label}: {shown}    Collected: {collected}    Requested by: Dr {random.choice(DOCTORS_FAMILY)}", 9.5
    )
    sheet.put(
        45, 108, f"Hospital number: {referral.patient.hospital_number}    Specimen: venous blood    Status: FINAL", 9.5
    )
    y = 124.0
    columns = (45, 230, 310, 400, 550)
    rows = [("Test", "Result", "Units", "Reference range")]
    for name, units, low, high, reference in random.sample(_RESULTS, random.randrange(7, len(_RESULTS) + 1)):
        rows.append((name, f"{random.randrange(low, high)}{random.choice(('', '', ' *', ' H'))}", units, reference))
    for index, cells in enumerate(rows):
        for cell, left, right in zip(cells, columns[:-1], columns[1:], strict=True):
            sheet.box(left, y, right - left, 18, 0.4)
            sheet.put(left + 5, y + 12.5, cell, 9.5, bold=index == 0)
        y += 18
    sheet.prose(
        45,
        y + 18,
        [
            "Comment: interpret with clinical findings. Reported by the duty biochemist. Authorised "
            "electronically, no signature required."
        ],
        500,
        9,
    )
    sheet.put(550, 814, f"Printed {printed.date(referral.date, '%d-%b-%Y')}", 8, right=True)
    if stranger:
        sheet.part, sheet.stranger = None, True
    return sheet


def _other(sheet: Sheet) -> list[Sheet]:
    """A page of no referral: nothing on it is the truth of one."""
    sheet.values.clear()
    sheet.areas.clear()
    sheet.part = None
    return [sheet]


def discharge_letter(desk: Desk) -> list[Sheet]:
    """A hospital tells the practice that a patient has gone home."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(45, 52, referral.hospital, 14, bold=True)
    sheet.put(
        45, 70, "DISCHARGE SUMMARY" if random.random() < 0.6 else "Inpatient discharge notification", 12, bold=True
    )
    _patient_line(desk, sheet, 45, 94)
    admitted = referral.date - dt.timedelta(days=random.randrange(3, 14))
    rows = (
        ("Admitted", printed.date(admitted, desk.date_form)),
        ("Discharged", printed.date(referral.date, desk.date_form)),
        ("Ward", f"Ward {random.randrange(1, 50)}"),
        ("Consultant", f"Dr {random.choice(DOCTORS_FAMILY)}"),
        ("Specialty", referral.specialty),
        ("GP", f"Dr {referral.usual_doctor}, {practice.name} ({practice.code})"),
        (
            "Diagnosis",
            random.choice(
                (
                    "Community acquired pneumonia",
                    "Elective hernia repair",
                    "Non-ST elevation MI",
                    "Urinary tract infection",
                )
            ),
        ),
        ("Procedure", random.choice(("None", "Coronary angiography", "Laparoscopic repair"))),
    )
    y = 116.0
    for label, text in rows:
        sheet.box(45, y, 505, 20, 0.5)
        sheet.put(50, y + 13.5, label, 9.5, bold=True)
        sheet.put(150, y + 13.5, text, 10)
        y += 20
    y = sheet.prose(
        45,
        y + 20,
        [
            "Dear Doctor, this patient was treated on our ward and has been discharged to their usual place "
            "of residence. "
            "There were no complications and observations were stable throughout.",
            "Medication on discharge: " + (", ".join(referral.medicines) or "unchanged") + ".",
            "Actions for GP: please repeat blood tests in two weeks. Follow-up: none planned by us.",
        ],
        500,
        10,
    )
    sheet.put(45, y + 20, "Completed by: FY1 doctor, bleep 2417", 10)
    return _other(sheet)


def clinic_letter(desk: Desk) -> list[Sheet]:
    """A consultant reports to the practice after clinic; it reads much like a referral and asks for nothing."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(297, 52, referral.hospital, 14, bold=True, centre=True)
    sheet.put(297, 67, f"{referral.specialty} Outpatient Clinic", 10, centre=True)
    sheet.put(45, 100, f"Dr {referral.usual_doctor}", 10)
    sheet.put(45, 113, referral.practice.name, 10)
    sheet.put(45, 126, referral.practice.address, 10)
    sheet.put(550, 100, f"Clinic: {printed.date(referral.date, desk.date_form)}", 10, right=True)
    sheet.put(45, 155, f"Dear Dr {referral.usual_doctor.split()[-1]}", 10)
    _patient_line(desk, sheet, 45, 175)
    y = sheet.prose(
        45,
        200,
        [
            "Diagnosis: "
            + random.choice(
                ("reassuring findings today", "stable disease", "resolved symptoms", "mild degenerative change")
            )
            + ".",
            "Thank you for referring this patient whom I reviewed in clinic today. "
            + random.choice(("The symptoms have improved.", "I was pleased with the progress made.")),
            "I have not arranged a further appointment and have discharged the patient back to your care. "
            + "Please continue the present treatment.",
        ],
        500,
        10.5,
    )
    sheet.put(45, y + 10, "Yours sincerely", 10.5)
    sheet.signature(45, y + 40)
    sheet.put(45, y + 62, f"{referral.named_clinician_title} {random.choice(DOCTORS_FAMILY)}, Consultant", 10.5)
    return _other(sheet)


def invoice(desk: Desk) -> list[Sheet]:
    """A supplier's bill."""
    random = desk.random
    sheet = desk.sheet()
    sheet.put(
        45,
        60,
        random.choice(("Pennine Medical Supplies Ltd", "Calder Office Products", "Northern Linen Services Ltd")),
        16,
        bold=True,
    )
    sheet.put(550, 60, "INVOICE", 18, bold=True, right=True)
    number = desk.referral.laboratory_number
    rows = (
        ("Invoice no.", number),
        ("Date", printed.date(desk.referral.date, desk.date_form)),
        ("Account", f"NHS-{random.randrange(1000, 9999)}"),
        ("Purchase order", str(random.randrange(10**6, 10**7))),
        ("Terms", "30 days net"),
    )
    y = 100.0
    for label, text in rows:
        sheet.put(360, y, label, 10)
        sheet.put(550, y, text, 10, right=True)
        y += 15
    sheet.put(45, 100, "To: Accounts Payable", 10)
    sheet.put(45, 115, desk.referral.hospital, 10)
    y, total = 210.0, 0.0
    sheet.box(45, y - 14, 505, 19, fill=220)
    for text, x in (("Description", 50), ("Qty", 350), ("Unit", 420), ("Amount", 490)):
        sheet.put(x, y, text, 10, bold=True)
    goods = (
        "Examination gloves (box 100)",
        "Couch roll 20 inch",
        "A4 paper 80 gsm",
        "Sharps bin 7 litre",
        "Hand sanitiser 500 ml",
        "Toner cartridge",
        "Carriage",
    )
    for item in random.sample(goods, random.randrange(3, 7)):
        y += 19
        quantity, unit = random.randrange(1, 40), random.randrange(150, 6000) / 100
        total += quantity * unit
        sheet.put(50, y, item, 10)
        sheet.put(350, y, str(quantity), 10)
        sheet.put(420, y, f"{unit:.2f}", 10)
        sheet.put(545, y, f"{quantity * unit:.2f}", 10, right=True)
    for label, amount in (("Net", total), ("VAT 20%", total * 0.2), ("Total due GBP", total * 1.2)):
        y += 22
        sheet.put(400, y, label, 10, bold=True)
        sheet.put(545, y, f"{amount:,.2f}", 10, bold=True, right=True)
    sheet.prose(
        45,
        y + 60,
        [
            "Please pay by BACS. Sort code 00-00-00, account 12345678. VAT registration GB 999 9999 73. "
            "Queries: 01632 960777."
        ],
        500,
        9.5,
    )
    return _other(sheet)


def pharmacy_query(desk: Desk) -> list[Sheet]:
    """A chemist asks about a prescription: a patient, an NHS number, and no referral."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(
        45, 60, random.choice(("Castlegate Pharmacy", "Well Street Chemist", "Moor Lane Pharmacy")), 15, bold=True
    )
    sheet.put(45, 76, "Prescription query - please reply by fax", 11)
    sheet.put(550, 60, printed.date(referral.date, desk.date_form), 10, right=True)
    y = 110.0
    rows = (
        ("Patient", f"{who.given_names} {who.family_name}"),
        ("NHS number", printed.nhs_number(who.nhs_number, desk.nhs_style)),
        ("DOB", printed.date(who.birth_date, desk.date_form)),
        ("Address", f"{who.address} {who.postcode}"),
        ("Prescriber", f"Dr {referral.referrer}, {referral.practice.name}"),
    )
    for label, text in rows:
        sheet.put(45, y, f"{label}:", 10.5, bold=True)
        sheet.write(140, y, text, 11)
        y += 20
    drug = random.choice(("Sertraline 50 mg", "Ramipril 10 mg", "Fostair 100/6", "Amlodipine 5 mg"))
    sheet.prose(
        45,
        y + 20,
        [
            f"The item {drug} is out of stock at all wholesalers. May we supply another? Please confirm strength and quantity.",
            "Reply:  [  ] as suggested   [  ] other ........................   Signed .....................",
        ],
        500,
        11,
    )
    return _other(sheet)


def advert(desk: Desk) -> list[Sheet]:
    """What fax numbers attract."""
    random = desk.random
    sheet = desk.sheet()
    sheet.box(35, 40, 525, 760, 3)
    sheet.put(
        297,
        120,
        random.choice(("TONER SALE!", "URGENT: SAVE 40% TODAY", "FREE TRIAL OFFER")),
        36,
        bold=True,
        centre=True,
    )
    sheet.put(
        297,
        170,
        random.choice(
            (
                "Office supplies delivered next day",
                "Is your practice paying too much for phones?",
                "First aid training at your site",
            )
        ),
        18,
        centre=True,
    )
    y = 240.0
    for line in (
        "No contract, no set-up fee",
        "Trusted by 2,000 surgeries and hospitals",
        "Refer a colleague and receive a voucher",
        "Limited to the first fifty callers",
    ):
        sheet.put(110, y, "* " + line, 16)
        y += 36
    sheet.put(297, y + 50, "Call 0800 555 0199 quoting 4857773456", 20, bold=True, centre=True)
    sheet.prose(
        80,
        740,
        ["To be removed from this list fax this page back with your number to 0800 555 0198. Offer ends 31/12/2026."],
        440,
        9,
    )
    return _other(sheet)
