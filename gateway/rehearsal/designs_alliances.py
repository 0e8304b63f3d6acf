"""Suspected-cancer forms of cancer alliances: criteria by tumour site, fitness, what the patient was told, bloods."""

from __future__ import annotations

from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, footer, priority_ticks, room, story
from gateway.rehearsal.prose import phrases_for
from gateway.rehearsal.sheet import Sheet

_ALLIANCES = ("Humber Dales Cancer Alliance", "Mid Pennine Cancer Alliance", "Wessex Vale Cancer Alliance")
_SIGNS: dict[str, tuple[str, ...]] = {
    "Skin": (
        "Suspected melanoma (dermoscopy or 7-point score of 3 or more)",
        "Suspected squamous cell carcinoma",
        "Growing nodule, unclear",
    ),
    "Head and Neck": (
        "Persistent unexplained hoarseness (45+)",
        "Unexplained lump in the neck",
        "Oral ulcer over 3 weeks",
        "Lump on the lip or in the mouth",
    ),
    "Upper GI": ("Dysphagia, any age", "Weight loss and dyspepsia (55+)", "Upper abdominal mass", "Jaundice (40+)"),
    "Lower GI": ("FIT result 10 ug/g or above", "Rectal or anal mass", "Abdominal mass", "Iron deficiency anaemia"),
    "Gynaecological": (
        "Post-menopausal bleeding (55+)",
        "CA125 raised with abnormal scan",
        "Appearance of cervix",
        "Vulval lump or ulcer",
    ),
    "Lung": ("CXR or CT suggests lung cancer", "Haemoptysis (40+)", "Two or more unexplained symptoms, smoker"),
    "Urological": (
        "Visible haematuria (45+) without infection",
        "Age-specific PSA raised",
        "Malignant-feeling prostate",
        "Testicular mass",
    ),
    "Breast": ("Breast lump (30+)", "Nipple change or discharge (50+)", "Skin changes", "Axillary lump (30+)"),
}


def _site(desk: Desk) -> str:
    """The tumour site that the referral's specialty has a form for."""
    return phrases_for(desk.referral.specialty, desk.referral.age).cancer_site


def alliance_tables(desk: Desk) -> list[Sheet]:
    """Two pages: a table of four columns for patient and practice, criteria with boxes before them; story and fitness overleaf."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    first, second = desk.sheet(), desk.sheet()
    site, alliance, edition = _site(desk), random.choice(_ALLIANCES), random.randrange(2, 9)
    first.put(45, 46, alliance, 9.5, grey=60)
    title = random.choice((f"{site} - Urgent Suspected Cancer Referral", f"URGENT SUSPECTED CANCER: {site.upper()}"))
    end = first.put(45, 66, title, 15, bold=True)
    first.says("referral.priority", "TWO_WEEK_WAIT", (45, 52, end, 70))
    first.put(45, 80, f"To: {referral.hospital} Cancer Referral Office. To be received within one working day.", 8.5)
    y = 92.0

    def table(title: str, rows: tuple[tuple[tuple[str, str], ...], ...]) -> None:
        nonlocal y
        first.box(45, y, 505, 15, 0.6, fill=200)
        first.put(49, y + 11, title, 9, bold=True)
        y += 15
        for row in rows:
            for (label, what), x in zip(row, (45.0, 297.5), strict=False):
                wide = 252.5 if len(row) == 2 else 505.0
                first.box(x, y, 82, 18, 0.5, fill=236)
                first.box(x + 82, y, wide - 82, 18, 0.5)
                first.put(x + 3, y + 12.5, label, room(first, label, 8, 77))
                answer(desk, first, what, x + 86, y + 12.5, wide - 90, 10.5)
            y += 18
        y += 7

    table(
        "PATIENT DETAILS",
        (
            (("Last name", "patient.family_name"), ("First name", "patient.given_names")),
            (("Date of birth", "patient.birth_date"), ("Gender", "patient.gender")),
            (
                (random.choice(("NHS No.", "NHS number")), "patient.nhs_number"),
                ("Hospital No.", f"={who.hospital_number}"),
            ),
            ((random.choice(("Mobile / home", "Preferred tel")), "patient.phone"), ("Alternative tel", "=")),
            (("Address", "address"),),
            (("Interpreter?", f"={referral.interpreter or 'No'}"), ("Carer / NOK", f"={referral.next_of_kin.name}")),
        ),
    )
    table(
        "GP PRACTICE DETAILS",
        (
            (
                (random.choice(("Referring GP", "Referrer")), "referrer.name"),
                ("Usual GP", f"=Dr {referral.usual_doctor}"),
            ),
            (("Practice name", "referrer.practice_name"), ("Practice code", "referrer.practice_code")),
            (
                ("Practice tel", "referrer.phone"),
                (random.choice(("Decision to refer", "Date referred")), "referral.date"),
            ),
            (("Clinic required", "referral.specialty"), ("UBRN", "referral.ubrn")),
        ),
    )
    style = random.choice(("cross", "check", "cross"))

    def boxes(sheet: Sheet, title: str, words: tuple[str, ...], chance: float, columns: int) -> None:
        nonlocal y
        sheet.put(45, y + 10, title, 9.5, bold=True)
        y += 26
        for index, word in enumerate(words):
            x = 50 + index % columns * (500 / columns)
            sheet.tick(x, y - 8.5, 9.5, random.random() < chance, style)
            sheet.put(x + 15, y, word, 9)
            if index % columns == columns - 1 or index == len(words) - 1:
                y += 15

    boxes(first, "REFERRAL CRITERIA (NG12) - tick those that apply", _SIGNS[site], 0.45, 1)
    boxes(
        first,
        "The patient",
        ("knows cancer is suspected", "has the leaflet", "can attend within 14 days", "consents to text messages"),
        0.75,
        2,
    )
    boxes(
        first,
        "If no criterion is met, consider an urgent or routine referral",
        ("Advice taken", "Clinical concern only"),
        0.1,
        2,
    )
    second.put(45, 50, f"{site} suspected cancer, page 2", 11, bold=True)
    answer(desk, second, "family first", 45, 68, 300, 11)
    end = second.put(360, 68, "NHS No. ", 9.5)
    second.put(end + 2, 68, desk.entry("patient.nhs_number")[0], 9.5, name="patient.nhs_number", value=who.nhs_number)
    second.put(45, 96, random.choice(("CLINICAL DETAILS", "Symptoms, signs and investigations")), 9.5, bold=True)
    y = story(desk, second, 50, 113, 495, 10)
    boxes(
        second,
        "WHO PERFORMANCE STATUS",
        ("0 fully active", "1 light work", "2 up over half the day", "3 limited self care", "4 bedbound"),
        0.2,
        3,
    )
    boxes(second, "ANTICOAGULANT OR ANTIPLATELET", ("No", "Warfarin", "DOAC", "Clopidogrel"), 0.25, 4)
    y += 8
    for label, text in (
        ("Medication", "; ".join(referral.medicines) or "none"),
        ("Allergies", referral.allergies),
        ("Past history", "; ".join(referral.past) or "none"),
        ("eGFR", f"{random.randrange(38, 91)} (within 3 months)"),
    ):
        second.put(45, y + 6, label, 9.5, bold=True)
        y = second.prose(125, y + 6, [text], 420, 9.5)
    for number, sheet in enumerate((first, second), 1):
        footer(desk, sheet, f"{alliance}  {site} USC v{edition}    Page {number} of 2")
    return [first, second]


def alliance_sidebar(desk: Desk) -> list[Sheet]:
    """One page with a sidebar: the patient's block and the practice's at the left, criteria and story at the right."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    site = _site(desk)
    sheet.box(0, 0, 200, 842, 0, fill=235)
    sheet.put(
        212,
        50,
        random.choice(("Two week wait referral", "2WW fast track form", "Urgent cancer referral (2ww)")),
        15,
        bold=True,
    )
    sheet.says("referral.priority", "TWO_WEEK_WAIT", (212, 36, 400, 54))
    sheet.put(212, 67, f"{site}   {referral.hospital}", 11)
    y = 50.0
    for title, rows in (
        (
            "Patient",
            (
                ("Surname", "patient.family_name"),
                ("Given names", "patient.given_names"),
                ("Born", "patient.birth_date"),
                ("NHS number", "patient.nhs_number"),
                ("M / F", "patient.gender"),
                ("Street, town", "patient.address"),
                ("Postcode", "patient.postcode"),
                ("Best telephone", "patient.phone"),
                ("Unit no.", f"={who.hospital_number}"),
            ),
        ),
        (
            "Practice",
            (
                ("Referred by", "referrer.name"),
                ("Surgery", "referrer.practice_name"),
                ("Surgery code", "referrer.practice_code"),
                ("Surgery tel", "referrer.phone"),
                ("Registered GP", f"=Dr {referral.usual_doctor}"),
                ("Date sent", "referral.date"),
                ("Refer to", "referral.specialty"),
            ),
        ),
    ):
        sheet.put(30, y, title, 12, bold=True)
        y += 17
        for label, what in rows:
            sheet.put(30, y, label, 7.5, grey=70)
            answer(desk, sheet, what, 30, y + 13, 162, 11.8)
            y += 30
        y += 14
    style = random.choice(("check", "cross"))
    y = 96.0
    for title, words, chance in (
        ("Why is cancer suspected?", _SIGNS[site], 0.45),
        ("Tests sent with this form", ("Bloods", "X-ray or scan report", "Photographs", "None"), 0.3),
        (
            "Tell us if the patient",
            ("is frail or housebound", "has dementia", "is diabetic", "needs hospital transport"),
            0.2,
        ),
    ):
        sheet.put(212, y, title, 10, bold=True)
        y += 17
        for word in words:
            sheet.put(212, y, word, 9)
            sheet.tick(534, y - 9, 10, random.random() < chance, style)
            sheet.rule(212, y + 4, 545, y + 4, 0.3, 140)
            y += 16
        y += 8
    sheet.put(212, y, random.choice(("In your words", "Summary of the case")), 10, bold=True)
    y = story(desk, sheet, 212, y + 17, 334, 9.5)
    sheet.prose(
        212,
        y + 6,
        ["Takes: " + ("; ".join(referral.medicines) or "nothing"), f"Allergic to: {referral.allergies}"],
        334,
        9,
    )
    sheet.put(545, 822, "Telephone the cancer office if no appointment within 5 days", 7.5, right=True)
    return [sheet]


def graded_cancer(desk: Desk) -> list[Sheet]:
    """A tumour group's form that also takes urgent and routine patients: the box ticked is the urgency, and the title is not."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    trade = referral.specialty.upper()
    x = 297 - sheet.wide(f"{trade} REFERRAL PROFORMA", 14, True) / 2
    end = sheet.put(x, 48, trade, 14, bold=True, name="referral.specialty")
    sheet.put(end + 5, 48, "REFERRAL PROFORMA", 14, bold=True)
    sheet.put(297, 62, f"{referral.hospital}  -  one form for suspected cancer and for other referrals", 9, centre=True)
    y = 74.0
    words = (
        ("TWO_WEEK_WAIT", "Suspected cancer (USC)"),
        ("URGENT", "Urgent, cancer not suspected"),
        ("ROUTINE", "Routine"),
    )
    sheet.box(45, y, 505, 24, 1.2)
    priority_ticks(desk, sheet, 55, y + 16, words, 175, True, 11, random.choice(("cross", "check")))
    y += 42
    for row in (
        (("Patient", "family first"),),
        (("DoB", "patient.birth_date"), ("NHS", "patient.nhs_number"), ("Sex", "patient.gender")),
        (("Address", "address"),),
        (("Tel", "patient.phone"), ("Work", "="), ("Hosp", f"={referral.patient.hospital_number}")),
        (("GP", "referrer.name"), ("Practice", "referrer.practice_name")),
        (("Code", "referrer.practice_code"), ("Tel", "referrer.phone"), ("Dated", "referral.date")),
    ):
        x, wide = 45.0, 505 / len(row)
        for label, what in row:
            end = sheet.put(x, y, label, 9, bold=True) + 5
            answer(desk, sheet, what, end, y, x + wide - end - 8, 11.5)
            x += wide
        sheet.rule(45, y + 5, 550, y + 5, 0.4)
        y += 20
    style = random.choice(("cross", "check"))
    for title, marks in (
        ("Suspicious features", _SIGNS[_site(desk)]),
        ("Not suspicious, but", ("affects work or sleep", "failed treatment in primary care", "second opinion wanted")),
    ):
        chance = 0.5 if (title == "Suspicious features") == (referral.priority == "TWO_WEEK_WAIT") else 0.0
        sheet.put(45, y + 8, title, 9.5, bold=True)
        y += 24
        for word in marks:
            sheet.tick(50, y - 8.5, 9.5, random.random() < chance, style)
            sheet.put(66, y, word, 9)
            y += 14.5
    sheet.put(45, y + 12, "Referral letter", 9.5, bold=True)
    y = story(desk, sheet, 45, y + 29, 505, 10)
    sheet.prose(
        45,
        y + 6,
        ["Current drugs: " + ("; ".join(referral.medicines) or "none") + f". Allergies: {referral.allergies}."],
        505,
        9,
    )
    footer(desk, sheet, "Form TG/3. Cancer office use: logged ......... tracked .........")
    return [sheet]
