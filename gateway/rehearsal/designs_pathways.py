"""Suspected-cancer forms of other networks: a site's symptoms with dates in columns, and a story first with the patient overleaf."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, flow, footer, labelled, room, story
from gateway.rehearsal.prose import phrases_for
from gateway.rehearsal.record import earlier
from gateway.rehearsal.retelling import retold
from gateway.rehearsal.sheet import Sheet, Value

_SYMPTOMS: dict[str, tuple[str, ...]] = {
    "Skin": ("Change in size", "Irregular colour", "Irregular edge", "Bleeding or crusting", "Over 7 mm across"),
    "Head and Neck": (
        "Hoarse voice",
        "Lump in the neck",
        "Painful swallowing",
        "Ulcer of the mouth",
        "Earache, drum normal",
    ),
    "Upper GI": ("Food sticks", "Loss of weight", "Vomiting", "Jaundice", "Mass in the upper abdomen"),
    "Lower GI": (
        "Rectal bleeding",
        "Change in bowel habit",
        "Positive FIT",
        "Anaemia, low iron",
        "Abdominal or rectal mass",
    ),
    "Gynaecological": (
        "Bleeding after menopause",
        "Ovarian cyst or mass",
        "Raised CA125",
        "Lesion of the vulva",
        "Suspicious cervix",
    ),
    "Lung": ("Haemoptysis", "Abnormal chest X-ray", "Cough over 3 weeks", "Weight loss", "Clubbing"),
    "Urological": ("Visible haematuria", "Raised PSA", "Hard prostate", "Testicular mass", "Renal mass on scan"),
    "Breast": ("Discrete lump", "Nipple change", "Skin change", "Axillary lump", "Discharge with blood"),
}


def symptom_columns_form(desk: Desk) -> list[Sheet]:
    """One site: each symptom has yes, no and since when; three groups of facts stand in three columns under a double frame."""
    desk = retold(desk)
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    style = random.choice(("cross", "check"))
    site = phrases_for(referral.specialty, referral.age).cancer_site
    sheet.box(38, 28, 519, 46, 1.6)
    sheet.box(41, 31, 513, 40, 0.5)
    title = random.choice((f"SUSPECTED CANCER REFERRAL: {site.upper()}", f"2 WEEK WAIT: {site} cancer suspected"))
    sheet.put(297, 50, title, 15, bold=True, centre=True, name="referral.priority", value="TWO_WEEK_WAIT")
    end = sheet.put(52, 65, f"{referral.hospital}, clinic: ", 9.5)
    sheet.put(end + 1, 65, referral.specialty, 9.5, name="referral.specialty")
    sheet.put(545, 65, "Cancer Booking Team 01632 960 211", 9.5, right=True)
    y = 88.0
    practice, kin = referral.practice, referral.next_of_kin
    columns: Sequence[tuple[float, float, str, tuple[tuple[str, str], ...]]] = (
        (
            38.0,
            182.0,
            "Who",
            (
                (random.choice(("Surname", "Family name")), "patient.family_name"),
                ("First names", "patient.given_names"),
                (random.choice(("Born", "Date of birth")), "patient.birth_date"),
                (random.choice(("NHS no.", "NHS number")), "patient.nhs_number"),
                ("Sex", "patient.gender"),
                ("Hospital no.", f"={who.hospital_number}"),
            ),
        ),
        (
            220.0,
            170.0,
            "Where",
            (
                ("Address", "patient.address"),
                ("Postcode", "patient.postcode"),
                (random.choice(("Phone today", "Patient's phone")), "patient.phone"),
                ("If no answer, ring", f"={kin.name}"),
                ("Their phone", f"={printed.phone(kin.phone, 'spaces')}"),
                ("Interpreter", f"={referral.interpreter or 'not needed'}"),
            ),
        ),
        (
            390.0,
            167.0,
            "Sent by",
            (
                (random.choice(("GP", "Clinician")), "referrer.name"),
                ("Surgery", "referrer.practice_name"),
                ("Surgery phone", "referrer.phone"),
                ("Code", "referrer.practice_code"),
                ("Date sent", "referral.date"),
                ("Usual GP", f"=Dr {referral.usual_doctor}"),
            ),
        ),
    )
    for x, wide, heading, rows in columns:
        sheet.box(x, y, wide, 200, 0.7)
        sheet.put(x + 6, y + 14, heading, 11, bold=True)
        down = y + 30
        for label, what in rows:
            sheet.put(x + 6, down, label, 7.5, grey=50)
            answer(desk, sheet, what, x + 6, down + 12.5, wide - 12, 12)
            down += 28
    y += 222
    for x, word in ((300.0, "Yes"), (350.0, "No"), (400.0, "Since (month and year)")):
        sheet.put(x, y, word, 9, bold=True)
    for symptom in _SYMPTOMS[site]:
        y += 17
        sheet.put(44, y, symptom, 10)
        yes = random.random() < 0.4
        sheet.tick(302, y - 8.5, 9.5, yes, style)
        sheet.tick(352, y - 8.5, 9.5, not yes, style)
        if yes:
            sheet.put(400, y, f"{earlier(random, referral.date, 20, 200):%m/%Y}", 10)
        sheet.rule(38, y + 4.5, 557, y + 4.5, 0.3, 120)
    y += 24
    sheet.put(44, y, random.choice(("Further information", "Please add history and examination")), 10, bold=True)
    y = story(desk, sheet, 44, y + 17, 507, 10)
    sheet.prose(
        44,
        y,
        [
            f"Takes: {'; '.join(referral.medicines) or 'nothing'}. Allergies: {referral.allergies}. Past: {'; '.join(referral.past) or 'nil'}."
        ],
        507,
        9.5,
    )
    sheet.put(
        44, 778, "The patient knows that this is an appointment to exclude cancer and will come at short notice:", 9
    )
    for x, word, on in ((468.0, "yes", True), (512.0, "no", False)):
        sheet.tick(x, 770, 9, on, style)
        sheet.put(x + 13, 778, word, 9)
    footer(
        desk,
        sheet,
        f"Network document {site[:2].upper()}{random.randrange(10, 40)}, review date 04/2027. {practice.name}",
    )
    return [sheet]


_ALLIANCES = ("Three Rivers Cancer Alliance", "Moors and Coast Cancer Alliance", "Central Vale Cancer Network")


def story_first_form(desk: Desk) -> list[Sheet]:
    """Page one is criteria and story with the urgency in a declaration; page two is a table of who, where and from whom."""
    desk = retold(desk)
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    first, second = desk.sheet(), desk.sheet()
    style = random.choice(("check", "fill"))
    site = phrases_for(referral.specialty, referral.age).cancer_site
    alliance = random.choice(_ALLIANCES)
    for sheet in (first, second):
        sheet.put(555, 46, alliance, 10, bold=True, right=True)
        end = sheet.put(42, 46, random.choice(("Patient: ", "For: ")), 9.5)
        end = answer(desk, sheet, "plain", end, 46, 200, 11)
        sheet.rule(42, 54, 555, 54, 1)
    first.put(42, 82, f"{site}: referral from primary care", 18, bold=True)
    declaration: list[tuple[str, str, Value | None]] = [
        ("By sending this form I confirm that this is an ", "", None),
        (
            random.choice(("urgent suspected cancer referral", "urgent suspected cancer (two week wait) referral")),
            "referral.priority",
            "TWO_WEEK_WAIT",
        ),
        (" to ", "", None),
        (referral.specialty, "referral.specialty", None),
        (f" at {referral.hospital}, and that the patient has been told why.", "", None),
    ]
    y = flow(first, 42, 106, declaration, 513, 10.5)
    y += 10
    first.put(42, y, "Criteria (tick all that apply)", 11, bold=True)
    for symptom in (*_SYMPTOMS[site], "Clinical concern, none of the above"):
        y += 18
        first.tick(48, y - 9, 10, random.random() < 0.35, style)
        first.put(66, y, symptom, 10)
    y += 28
    first.put(42, y, "Filter tests", 11, bold=True)
    for name, low, high, unit in (
        ("Haemoglobin", 82, 150, "g/L"),
        ("Platelets", 180, 520, "10*9/L"),
        ("eGFR", 42, 90, "mL/min"),
    ):
        y += 16
        taken = earlier(random, referral.date, 2, 40)
        first.put(48, y, name, 10)
        first.put(200, y, f"{random.randrange(low, high)} {unit}", 10)
        first.put(330, y, f"taken {printed.date(taken, '%d/%m/%y')}", 10)
    y += 28
    first.put(42, y, random.choice(("Story", "Clinical history")), 11, bold=True)
    story(desk, first, 42, y + 18, 513, 10.5)
    kin = referral.next_of_kin
    rows: tuple[tuple[str, tuple[tuple[str, str, float], ...]], ...] = (
        (
            "Patient",
            (
                (random.choice(("Title and full name", "Full name")), "title first", 342),
                (random.choice(("NHS number", "NHS No")), "patient.nhs_number", 171),
                (random.choice(("Date of birth", "DOB")), "patient.birth_date", 171),
                ("Gender", "patient.gender", 171),
                ("Age", f"={referral.age}", 171),
                ("Address", "patient.address", 342),
                ("Postcode", "patient.postcode", 171),
                (random.choice(("Telephone", "Preferred number")), "patient.phone", 171),
                ("Carer or relative", f"={kin.name}", 171),
                ("Carer's number", f"={printed.phone(kin.phone, desk.phone_style)}", 171),
            ),
        ),
        (
            "Practice",
            (
                (random.choice(("Referring clinician", "Referrer")), "referrer.name", 171),
                ("Practice", "referrer.practice_name", 342),
                ("Practice code", "referrer.practice_code", 171),
                ("Practice telephone", "referrer.phone", 171),
                ("Hospital-only line", "=01632 960 4" + str(random.randrange(10, 99)), 171),
            ),
        ),
        (
            "Dates",
            (
                (
                    "First seen with this",
                    f"={printed.date(referral.date - dt.timedelta(days=random.randrange(9, 40)), desk.date_form)}",
                    171,
                ),
                (random.choice(("Date of referral", "Referred on")), "referral.date", 171),
                ("Away or unavailable", f"={random.choice(('no', 'not on Mondays', 'none'))}", 171),
            ),
        ),
    )
    y = 74.0
    for heading, cells in rows:
        second.put(42, y, heading, 11, bold=True)
        y, x = y + 7, 42.0
        for label, what, wide in cells:
            second.box(x, y, wide, 30, 0.6)
            second.put(x + 5, y + 10, label, room(second, label, 8, wide - 10))
            answer(desk, second, what, x + 5, y + 24, wide - 10, 12)
            x += wide
            if x > 540:
                x, y = 42.0, y + 30
        y += 24
    for heading, lines in (
        ("Past history", referral.past or ("None",)),
        ("Medication", referral.medicines or ("None",)),
        ("Allergies", (referral.allergies,)),
    ):
        second.put(42, y, heading, 10.5, bold=True)
        y = second.prose(150, y, ["; ".join(lines)], 400, 10) + 4
    fit = random.choices(range(5), (50, 28, 14, 6, 2))[0]
    second.put(42, y + 6, "Performance status (WHO)", 10.5, bold=True)
    for number in range(5):
        second.tick(200 + 50 * number, y - 3, 10, number == fit, style)
        second.put(215 + 50 * number, y + 6, str(number), 10)
    labelled(desk, second, "UBRN", "referral.ubrn" if referral.ubrn else "=not issued", 42, y + 30, 300, 10)
    second.put(42, y + 52, f"{who.title} {who.family_name} has been given the leaflet: yes", 10)
    for number, sheet in enumerate((first, second), 1):
        footer(desk, sheet, f"{alliance}   {site}   page {number} of 2")
    return [first, second]
