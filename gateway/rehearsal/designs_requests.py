"""Forms of other makers: request prints, web prints, proformas, dotted lines and numbered cells."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import dissent, fitted, fitted_name, story
from gateway.rehearsal.sheet import Sheet

_CRITERIA = {
    "Skin": ("Lesion suspicious of melanoma", "Lesion suspicious of squamous cell carcinoma", "Weighted checklist 3+"),
    "Head and Neck": (
        "Unexplained lump in the neck",
        "Persistent hoarseness, 45 and over",
        "Ulcer of the mouth > 3 weeks",
    ),
    "Upper GI": ("Dysphagia", "Weight loss with upper abdominal pain or reflux", "Mass in the upper abdomen"),
    "Lower GI": ("FIT of 10 or more", "Mass in the rectum or abdomen", "Unexplained rectal bleeding, 50 and over"),
    "Gynaecological": ("Bleeding after the menopause, 55 and over", "Pelvic mass or ascites", "Cervix looks abnormal"),
    "Lung": (
        "Chest X-ray suggests cancer",
        "Unexplained haemoptysis, 40 and over",
        "Cough or breathlessness with clubbing",
    ),
    "Urological": ("Visible haematuria, 45 and over", "PSA above the age-specific range", "Prostate feels malignant"),
    "Breast": ("Unexplained lump, 30 and over", "Discharge or retraction of one nipple, 50 and over", "Skin changes"),
}


def request_print(desk: Desk) -> list[Sheet]:
    """A request as a booking service prints it: dark section bars and three columns of facts, each label over its value."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    first, second = desk.sheet(), desk.sheet()
    first.put(45, 52, "Referral Request", 20, bold=True)
    first.put(550, 44, referral.hospital, 9.5, right=True)
    first.put(550, 57, "Confidential when completed", 8, right=True)

    def bar(sheet: Sheet, y: float, text: str) -> float:
        sheet.box(45, y, 505, 16, 0, fill=70)
        sheet.put(50, y + 12, text, 10, bold=True, grey=255)
        return y + 29

    def cell(column: int, y: float, label: str, name: str, text: str = "") -> None:
        x = 50 + column * 169.0
        first.put(x, y, label, 8, bold=True)
        if name == "name":
            fitted_name(desk, first, x, y + 13, 160, 10, "family first")
        elif name:
            fitted(desk, first, name, x, y + 13, 160, 11.5)
        else:
            first.put(x, y + 13, text, 10)

    y = bar(first, 68, "Patient")
    cell(0, y, random.choice(("Patient's name", "Patient")), "name")
    cell(1, y, "Date of birth (age)", "patient.birth_date")
    cell(2, y, random.choice(("NHS number (verified)", "NHS number")), "patient.nhs_number")
    end = first.wide(desk.entry("patient.birth_date")[0], 10.2)
    first.put(222 + end, y + 13, f"({referral.age}y)", 10)
    y += 33
    first.put(50, y, random.choice(("Usual address", "Correspondence address")), 8, bold=True)
    lines = desk.address_lines(with_postcode=False)
    for number, line in enumerate(lines):
        first.put(50, y + 13 + 12 * number, line, 10)
    first.says("patient.address", referral.patient.address, (50, y + 3, 210, y + 4 + 12 * len(lines)))
    first.put(50, y + 13 + 12 * len(lines), referral.patient.postcode, 10, name="patient.postcode")
    cell(1, y, random.choice(("Sex at birth", "Administrative gender")), "patient.gender")
    cell(2, y, random.choice(("Preferred contact number", "Patient's contact telephone")), "patient.phone")
    cell(1, y + 29, "Spoken language", "", referral.interpreter or "English")
    cell(2, y + 29, "Hospital no. (local)", "", referral.patient.hospital_number)
    y = bar(first, y + 72, "Request")
    cell(0, y, "Request type", "", "Appointment request")
    cell(1, y, "Speciality", "referral.specialty")
    word = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "2 Week Wait"}[referral.priority]
    first.put(388, y, random.choice(("Priority of request", "Request priority")), 8, bold=True)
    first.put(388, y + 13, word, 10, name="referral.priority", value=referral.priority)
    y += 31
    cell(0, y, random.choice(("Requested on", "Date requested")), "referral.date")
    if referral.named_clinician:
        cell(1, y, "Service clinician", "referral.named_clinician")
    else:
        cell(1, y, "Service clinician", "", "Not named")
    if referral.ubrn:
        cell(2, y, "Booking reference no.", "referral.ubrn")
    else:
        cell(2, y, "Booking reference no.", "", "Not yet issued")
    y = bar(first, y + 28, "Referring organisation")
    cell(0, y, random.choice(("Requesting clinician", "Authorised by")), "referrer.name")
    cell(1, y, random.choice(("Organisation", "Requesting organisation")), "referrer.practice_name")
    cell(2, y, random.choice(("NACS code", "Organisation ID")), "referrer.practice_code")
    y += 31
    cell(0, y, random.choice(("Switchboard", "Organisation telephone")), "referrer.phone")
    cell(1, y, "Usual GP", "", f"Dr {referral.usual_doctor}")
    cell(2, y, "Organisation fax", "", printed.phone(practice.fax, desk.phone_style))
    y = bar(first, y + 28, random.choice(("Clinical information", "Reason for request")))
    y = first.prose(50, y, referral.reason, 495, 10, "referral.reason")
    dissent(desk, first, 50, y + 4, 495)
    y = bar(second, 60, "Medication and sensitivities")
    for line in (*(referral.medicines or ("No repeat medication",)), f"Sensitivities: {referral.allergies}"):
        second.put(50, y, line, 10)
        second.rule(45, y + 5, 550, y + 5, 0.3, 120)
        y += 18
    y = bar(second, y + 8, "Active and past problems")
    second.prose(50, y, referral.past or ("None recorded",), 495, 10)
    for number, sheet in enumerate((first, second), 1):
        sheet.put(45, 815, f"Printed by reception2 on {printed.date(referral.date, '%d-%b-%Y')}", 7.5)
        sheet.put(550, 815, f"Page {number} of 2", 7.5, right=True)
    return [first, second]


def web_print(desk: Desk) -> list[Sheet]:
    """A web form printed from the browser: grey bands, one question and its answer on each line, the address at the foot."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    asks = random.random() < 0.5
    word = {"ROUTINE": "Routine", "URGENT": "Urgent", "TWO_WEEK_WAIT": "Urgent suspected cancer"}[referral.priority]
    y = 70.0
    sheet.put(45, y, f"Refer a patient to {referral.hospital}", 17, bold=True)
    sheet.put(45, y + 18, f"Thank you. Your submission number is {referral.laboratory_number}.", 10)
    y += 34
    kin = referral.next_of_kin
    bands: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...] = (
        (
            "About the patient",
            (
                ("What is the patient's last name?", "Last name", "patient.family_name", ""),
                ("What are the patient's first names?", "First and middle names", "patient.given_names", ""),
                ("When were they born?", "Birthday", "patient.birth_date", ""),
                ("What is their NHS number?", "NHS number (10 digits)", "patient.nhs_number", ""),
                ("What is their sex?", "Sex registered at birth", "patient.gender", ""),
                ("Where do they live?", "Street and town", "patient.address", ""),
                ("What is their postcode?", "Postal code", "patient.postcode", ""),
                ("Which number can we ring them on?", "Patient's phone or mobile", "patient.phone", ""),
                ("Who else may we ring?", "Emergency contact", "", f"{kin.name}, {kin.phone}"),
            ),
        ),
        (
            "About you",
            (
                ("Who is referring?", "Your name and title", "referrer.name", ""),
                ("Where do you work?", "Name of your organisation", "referrer.practice_name", ""),
                ("What is your ODS code?", "Your ODS code", "referrer.practice_code", ""),
                ("Which number can we ring you on?", "Your direct line", "referrer.phone", ""),
                ("What is your e-mail address?", "E-mail", "", referral.practice.email),
            ),
        ),
        (
            "About this referral",
            (
                ("Which service do you want?", "Service wanted", "referral.specialty", ""),
                ("Do you want a particular doctor?", "Preferred clinician", "referral.named_clinician", ""),
                ("How soon should they be seen?", "Speed of appointment", "priority", ""),
                ("When did you decide to refer?", "Date of decision", "referral.date", ""),
                ("Does it have a booking number?", "UBRN (if any)", "referral.ubrn", ""),
            ),
        ),
    )
    for heading, rows in bands:
        sheet.box(45, y, 505, 19, 0, fill=205)
        sheet.put(51, y + 13.5, heading, 11, bold=True)
        y += 33
        for question, label, name, text in rows:
            end = sheet.put(51, y, question if asks else f"{label}:", 10, bold=asks)
            x = end + 8
            if name == "priority":
                sheet.put(x, y, word, 10, name="referral.priority", value=referral.priority)
            elif name and desk.entry(name)[0]:
                fitted(desk, sheet, name, x, y, 545 - x, 11.4)
            else:
                sheet.put(x, y, text or "-", 10)
            y += 16
        y += 4
    sheet.put(51, y + 2, "Tell us why you are referring" if asks else "Clinical narrative:", 10, bold=asks)
    second = desk.sheet()
    # The browser breaks the page where it likes; a long answer goes to the next page as a whole.
    lines = sum(len(sheet.wrapped(paragraph, 490, 10)) + 0.5 for paragraph in referral.reason)
    more = y + 18 + lines * 13 + (30 if referral.sharing_words else 0) > 790
    last, y = (second, 70.0) if more else (sheet, y + 18)
    y = last.prose(51, y, referral.reason, 490, 10, "referral.reason")
    dissent(desk, last, 51, y + 4, 490, 10)
    sheets = [sheet, second] if more else [sheet]
    for number, page in enumerate(sheets, 1):
        page.put(
            30,
            26,
            printed.date(referral.date, "%d/%m/%Y") + f", {random.randrange(8, 19)}:{random.randrange(10, 60)}",
            7.5,
        )
        page.put(300, 26, "Refer a patient - summary", 7.5, centre=True)
        page.put(30, 826, f"https://referrals.trust.example/submitted?id={random.randrange(10**5, 10**6)}", 7.5)
        page.put(565, 826, f"{number}/{len(sheets)}", 7.5, right=True)
    return sheets


def dotted_right(desk: Desk) -> list[Sheet]:
    """Labels that end at one line in the middle, answers on dots, and the urgencies that do not apply struck through."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(297, 50, referral.hospital.upper(), 11, centre=True)
    sheet.put(
        297,
        68,
        random.choice(("Request for Consultation", "Out-patient Consultation Request")),
        16,
        bold=True,
        centre=True,
    )
    sheet.rule(200, 74, 395, 74, 1.2)
    y, labels = 100.0, random.randrange(2)
    rows = (
        (("Mr / Mrs / Miss / Ms", "Patient's full name"), "name"),
        (("of", "Residing at"), "patient.address"),
        (("Postal district & code", "Code"), "patient.postcode"),
        (("Born on", "Date of patient's birth"), "patient.birth_date"),
        (("Sex (M/F)", "Male / female"), "patient.gender"),
        (("N.H.S. no.", "National Health Service no."), "patient.nhs_number"),
        (("Case-note no.", "Previous attendance no."), "case"),
        (("Telephone (day)", "May be telephoned on"), "patient.phone"),
        (("", ""), ""),
        (("Clinic requested", "To attend the clinic for"), "referral.specialty"),
        (("Under the care of", "Consultant's name"), "referral.named_clinician"),
        (("", ""), ""),
        (("Doctor's name", "Name of referring practitioner"), "referrer.name"),
        (("Health centre", "Surgery premises"), "referrer.practice_name"),
        (("Cipher", "National code of practice"), "referrer.practice_code"),
        (("Doctor's telephone", "Surgery telephoned on"), "referrer.phone"),
        (("Dated", "Date of request"), "referral.date"),
    )
    for both, name in rows:
        if not name:
            y += 8
            continue
        sheet.put(186, y, both[labels], 10, right=True)
        for step in range(89):
            sheet.put(194 + step * 4, y + 3, ".", 8)
        if name == "name":
            fitted_name(desk, sheet, 200, y, 340, 11.5, "plain")
        elif name == "case":
            sheet.write(200, y, referral.patient.hospital_number, 11.5)
        else:
            fitted(desk, sheet, name, 200, y, 340, 11.5)
        y += 21
    y += 4
    sheet.put(186, y, "Degree of urgency *", 10, right=True)
    x = 200.0
    for code, word in (("ROUTINE", "Routine"), ("URGENT", "Urgent"), ("TWO_WEEK_WAIT", "Two-week rule (cancer)")):
        end = sheet.put(x, y, word, 11)
        if code == referral.priority:
            sheet.says("referral.priority", code, (x, y - 11, end, y + 3))
        else:
            sheet.rule(x - 3, y - 3 + random.uniform(-1, 1), end + 3, y - 4 + random.uniform(-1, 1), 1.3)
        x = end + 26
    sheet.put(545, y + 13, "* delete those that do not apply", 7.5, right=True)
    y += 32
    sheet.put(
        45,
        y,
        random.choice(("Relevant details and question asked", "Present complaint, findings and opinion sought")),
        10,
        bold=True,
    )
    story(desk, sheet, 45, y + 16, 500, 10)
    sheet.put(45, 822, "H.M.R. 12b   (re-order from Supplies, pads of 100)", 7)
    return [sheet]


def numbered_cells(desk: Desk) -> list[Sheet]:
    """A grid of numbered cells of unlike widths, each label in small capitals inside the top edge of its cell."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.box(40, 36, 515, 760, 1.6)
    sheet.put(52, 56, random.choice(("SPECIALIST OPINION DOCKET", "ACUTE TRUST REFERRAL DOCKET")), 13, bold=True)
    sheet.put(545, 56, f"Serial {random.randrange(10**5, 10**6)}", 10, right=True)
    y, count = 66.0, 0

    def small_caps(x: float, base: float, text: str) -> None:
        for word in text.split():
            x = sheet.put(x, base, word[0].upper(), 7.2)
            x = sheet.put(x, base, word[1:].upper(), 5.6) + 3.2

    def row(tall: float, *cells: tuple[str, str, float]) -> None:
        nonlocal y, count
        x = 40.0
        for label, name, wide in cells:
            count += 1
            sheet.box(x, y, wide, tall, 0.8)
            small_caps(x + 3, y + 7.5, f"{count}. {label}")
            at = y + tall - 6
            if name == "priority":
                word = {"ROUTINE": "ROUTINE", "URGENT": "URGENT", "TWO_WEEK_WAIT": "SUSPECTED CANCER 2WW"}
                sheet.put(x + 8, at, word[referral.priority], 10.5, name="referral.priority", value=referral.priority)
            elif name.startswith("="):
                sheet.write(x + 8, at, name[1:], 11.5)
            elif name:
                fitted(desk, sheet, name, x + 8, at, wide - 14, 12)
            x += wide
        y += tall

    kin = referral.next_of_kin
    row(30, ("Surname or family name", "patient.family_name", 240), ("Other names in full", "patient.given_names", 275))
    row(
        28,
        ("Born (day, month, year)", "patient.birth_date", 140),
        ("Sex", "patient.gender", 75),
        ("Identifying no. (NHS)", "patient.nhs_number", 160),
        ("Trust unit no.", f"={referral.patient.hospital_number}", 140),
    )
    row(28, ("Place of residence", "patient.address", 395), ("Post code", "patient.postcode", 120))
    row(28, ("Telephone of patient", "patient.phone", 200), ("Telephone of relative", f"={kin.phone}", 315))
    row(28, ("Clinician making referral", "referrer.name", 270), ("His or her telephone", "referrer.phone", 245))
    row(
        28,
        ("Premises from which referred", "referrer.practice_name", 375),
        ("National code", "referrer.practice_code", 140),
    )
    row(
        28,
        ("Branch of medicine", "referral.specialty", 260),
        ("Personal to (if wished)", "referral.named_clinician", 255),
    )
    row(
        28,
        ("Category of need", "priority", 190),
        ("Completed on", "referral.date", 135),
        ("Booking ref. if electronic", "referral.ubrn", 190),
    )
    small_caps(43, y + 8, f"{count + 1}. {random.choice(('Statement of case', 'Narrative and question'))}")
    y = sheet.prose(50, y + 24, referral.reason, 495, 10, "referral.reason")
    y = dissent(desk, sheet, 50, y + 3, 495) + 8
    small_caps(43, y, f"{count + 2}. Drugs taken and idiosyncrasies")
    sheet.prose(50, y + 14, ["; ".join((*referral.medicines, f"allergy: {referral.allergies}"))], 495, 9.5)
    sheet.put(45, 790, "Copy 1 (white) to hospital    Copy 2 (yellow) to notes", 7)
    return [sheet]


def cancer_numbered(desk: Desk) -> list[Sheet]:
    """A suspected-cancer proforma of one specialty in six numbered sections, with columns for yes and no."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    site = referral.cancer_site or "Urological"
    title = random.choice(
        (f"{site} suspected cancer pathway (USC / 28 day FDS)", f"Fast-track proforma: {site} cancer")
    )
    sheet.put(45, 50, title, 14.5, bold=True)
    sheet.says("referral.priority", "TWO_WEEK_WAIT", (45, 36, 480, 54))
    sheet.put(
        45, 64, "Send on the day of the decision. Do not use this form for routine or urgent non-cancer referrals.", 8.5
    )
    y, style = 74.0, random.choice(("cross", "check", "check"))

    def section(number: int, text: str) -> None:
        nonlocal y
        sheet.box(45, y, 17, 16, 0, fill=40)
        sheet.put(53.5, y + 12, str(number), 10.5, bold=True, grey=255, centre=True)
        sheet.put(68, y + 12, text, 10.5, bold=True)
        sheet.rule(62, y + 16, 550, y + 16, 0.9)
        y += 30

    def entries(*pairs: tuple[str, str, str]) -> None:
        nonlocal y
        for index, (label, name, text) in enumerate(pairs):
            x, wide = (50.0, 252) if index % 2 == 0 else (305.0, 240)
            end = sheet.put(x, y, label, 9, grey=50) + 6
            if name:
                fitted(desk, sheet, name, end, y, x + wide - end - 6, 11.5)
            else:
                sheet.put(end, y, text, 10)
            if index % 2 or index == len(pairs) - 1:
                y += 16
        y += 1

    def answers(questions: tuple[str, ...], chance: float) -> None:
        nonlocal y
        sheet.put(480, y - 4, "YES", 7.5, bold=True)
        sheet.put(520, y - 4, "NO", 7.5, bold=True)
        y += 9
        for question in questions:
            sheet.put(50, y, question, 9.5)
            yes = random.random() < chance
            sheet.tick(482, y - 8.5, 10, yes, style)
            sheet.tick(521, y - 8.5, 10, not yes, style)
            y += 14.5
        y += 3

    section(1, "Person referred")
    end = sheet.put(50, y, "Name of person", 9, grey=50) + 6
    fitted_name(desk, sheet, end, y, 540 - end, 10.5, "title first", bold=True)
    y += 16
    entries(
        ("Birth date", "patient.birth_date", ""),
        ("NHS No", "patient.nhs_number", ""),
        ("M/F", "patient.gender", ""),
        ("Reach them on", "patient.phone", ""),
    )
    entries(("Abode", "patient.address", ""), ("Postcode", "patient.postcode", ""))
    section(2, "Person referring")
    entries(
        ("Clinician", "referrer.name", ""),
        ("Registered locum / usual GP", "", f"Dr {referral.usual_doctor}"),
        ("Practice", "referrer.practice_name", ""),
        ("Practice ID", "referrer.practice_code", ""),
        ("Bypass line", "referrer.phone", ""),
        ("Seen and decided on", "referral.date", ""),
        ("Tumour team", "referral.specialty", ""),
        ("Hospital", "", referral.hospital),
    )
    section(3, "Criteria (at least one)")
    answers(_CRITERIA.get(site, _CRITERIA["Lung"]), 0.5)
    section(4, "Fitness for tests")
    answers(("Takes an anticoagulant", "Able to lie flat for a scan", "Had routine bloods within 8 weeks (eGFR)"), 0.5)
    section(5, "What the person knows")
    answers(("Told that cancer is to be ruled out", "Free to attend at any time in the next 28 days"), 0.8)
    section(6, "Story, findings and tests")
    y = sheet.prose(50, y, referral.reason, 495, 9.5, "referral.reason")
    dissent(desk, sheet, 50, y + 2, 495, 9)
    sheet.put(550, 815, f"{site[:3].upper()}-FT v{random.randrange(3, 12)}.{random.randrange(10)}", 7.5, right=True)
    return [sheet]
