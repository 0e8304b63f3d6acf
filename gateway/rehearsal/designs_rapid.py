"""Two suspected-cancer forms, a two-page form of a referral centre, and an audiologist's form."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.clinical import Specialty, some
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, footer, labelled, priority_ticks, room, story
from gateway.rehearsal.names import STREETS, TOWNS
from gateway.rehearsal.prose import phrases_for
from gateway.rehearsal.senders import asks, make_sender, sent_by
from gateway.rehearsal.sheet import Sheet

_EARS = Specialty(
    "Ear, Nose and Throat",
    "",
    some(
        "a hearing loss on the right that is worse than the hearing aid was set for|tinnitus on one side for three months"
        "|discharge from the left ear that returns when the mould is worn|an asymmetric hearing loss found at a routine test"
        "|sudden loss of hearing on the left two weeks ago, not recovered"
    ),
    some(
        "40+ Worked in a noisy mill for years.|Grommets as a child.|No dizziness, no facial weakness.|50+ Has worn aids since 2015."
        "|Ear wax removed by microsuction last month."
    ),
    some(
        "Both drums seen and intact.|Moist perforation on the left.|Canal narrow, drum not seen.|Drums dull, no fluid level."
    ),
    some("Audiogram as above.|Tympanogram flat on the right.|Speech test 70 percent on the worse side."),
    some("Please assess and advise on imaging.|I would be grateful for your opinion before the aids are changed."),
)
_SITES = ("Breast", "Gynaecological", "Head and Neck", "Lower GI", "Lung", "Skin", "Upper GI", "Urological")


def _yes_no(sheet: Sheet, x: float, y: float, says: bool, style: str) -> None:
    """Yes and No behind their boxes, one of them ticked."""
    for word, on in (("Yes", says), ("No", not says)):
        sheet.tick(x, y - 8.5, 9.5, on, style)
        sheet.put(x + 14, y, word, 9)
        x += 46


def rapid_access_form(desk: Desk) -> list[Sheet]:
    """One form for all tumour sites: the site ticked in a list, patient and practice in two open columns, story, questions."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    style = random.choice(("cross", "check", "fill"))
    sheet.box(40, 32, 515, 40, 1.4)
    title = random.choice(("2WW REFERRAL FORM", "TWO WEEK WAIT REFERRAL", "URGENT SUSPECTED CANCER (2WW)"))
    sheet.put(297, 58, title, 17, bold=True, centre=True, name="referral.priority", value="TWO_WEEK_WAIT")
    sheet.put(40, 86, f"Rapid Access Office, {referral.hospital}. Fax 01632 960555. Queries 01632 960530.", 9)
    y = 106.0
    sheet.put(40, y, "Suspected site (one only)", 10, bold=True)
    site = phrases_for(referral.specialty, referral.age).cancer_site
    for index, name in enumerate(_SITES):
        x, down = 40.0 + index % 4 * 130, y + 17 + index // 4 * 16
        sheet.tick(x, down - 9, 10, name == site, style)
        sheet.put(x + 15, down, name, 9.5)
    y += 56
    sheet.rule(40, y - 8, 555, y - 8, 0.8)
    sheet.put(40, y + 6, "PATIENT", 9.5, bold=True)
    sheet.put(310, y + 6, "REFERRER", 9.5, bold=True)
    left = (
        (random.choice(("Name", "Full name")), "family first"),
        (random.choice(("DOB", "Date of birth")), "patient.birth_date"),
        (random.choice(("NHS no", "NHS Number")), "patient.nhs_number"),
        ("Address", "patient.address"),
        ("Postcode", "patient.postcode"),
        (random.choice(("Best phone", "Tel (patient)")), "patient.phone"),
        ("Sex", "patient.gender"),
        ("Hospital no", f"={who.hospital_number}"),
    )
    right = (
        (random.choice(("GP", "Referring GP")), "referrer.name"),
        ("Practice", "referrer.practice_name"),
        ("Practice code", "referrer.practice_code"),
        ("Tel (practice)", "referrer.phone"),
        ("Fax", f"={printed.phone(referral.practice.fax, desk.phone_style)}"),
        (random.choice(("Date of referral", "Decision to refer")), "referral.date"),
        ("Clinic", "referral.specialty"),
        ("UBRN", "referral.ubrn" if referral.ubrn else "="),
    )
    for x, rows in ((40.0, left), (310.0, right)):
        down = y + 23
        for label, what in rows:
            sheet.put(x, down, label, 9)
            answer(desk, sheet, what, x + 78, down, 180 if x < 100 else 166, 11.4)
            down += 16
    y += 23 + 8 * 16 + 4
    sheet.rule(40, y - 8, 555, y - 8, 0.8)
    for question, chance in (
        ("Has the patient been told that cancer is possible?", 0.9),
        ("Can the patient come within the next 14 days?", 0.92),
        ("Anticoagulants or antiplatelet drugs?", 0.25),
        ("Previous cancer?", 0.15),
    ):
        sheet.put(40, y + 6, question, 9.5)
        _yes_no(sheet, 440, y + 6, random.random() < chance, style)
        y += 16
    y += 10
    sheet.put(40, y + 4, random.choice(("Symptoms, findings and results", "Clinical details")), 10, bold=True)
    y = story(desk, sheet, 40, y + 21, 515, 10)
    kin = referral.next_of_kin
    for label, text in (
        ("Medication", "; ".join(referral.medicines) or "none"),
        ("Allergies", referral.allergies),
        ("Contact if patient cannot be reached", f"{kin.name} ({kin.relation}) {printed.phone(kin.phone, 'spaces')}"),
    ):
        y = sheet.prose(40, y + 2, [f"{label}: {text}"], 515, 9.5)
    footer(
        desk,
        sheet,
        f"Version {random.randrange(3, 9)}.1. Forms that miss the site or the telephone delay the appointment.",
    )
    return [sheet]


def usc_two_sided(desk: Desk) -> list[Sheet]:
    """Two pages: identifiers in ruled rows of a label column, criteria with yes and no; history, performance status overleaf."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    first, second = desk.sheet(), desk.sheet()
    style = random.choice(("cross", "check"))
    site = phrases_for(referral.specialty, referral.age).cancer_site
    title = f"Urgent suspected {site.lower()} cancer"
    first.put(40, 58, title, 17, bold=True, name="referral.priority", value="TWO_WEEK_WAIT")
    first.put(40, 73, f"Referral to {referral.hospital} for assessment within the faster diagnosis standard", 9.5)
    kin = referral.next_of_kin
    rows = (
        (random.choice(("Date of referral", "Date GP decided to refer")), "referral.date"),
        (random.choice(("Patient name", "Name of patient")), "title first"),
        (random.choice(("NHS Number", "NHS No.")), "patient.nhs_number"),
        ("Date of birth", "patient.birth_date"),
        ("Gender", "patient.gender"),
        ("Address including postcode", "address"),
        (random.choice(("Mobile or home telephone", "Patient's telephone")), "patient.phone"),
        ("Permission to leave a message", f"={random.choice(('Yes', 'No', 'Mobile only'))}"),
        ("Emergency contact", f"={kin.name}, {kin.relation.lower()}, {printed.phone(kin.phone, 'spaces')}"),
        ("Interpreter or communication need", f"={referral.interpreter or 'none'}"),
        ("Hospital number", f"={who.hospital_number}"),
        (random.choice(("Referring clinician", "Name of referring GP")), "referrer.name"),
        ("Usual GP", f"=Dr {referral.usual_doctor}"),
        ("Practice name", "referrer.practice_name"),
        ("Practice code", "referrer.practice_code"),
        ("Practice telephone", "referrer.phone"),
        ("Specialty", "referral.specialty"),
    )
    y = 84.0
    for label, what in rows:
        first.box(40, y, 165, 19, 0.6)
        first.box(205, y, 350, 19, 0.6)
        first.put(45, y + 13, label, room(first, label, 9, 155, True), bold=True)
        answer(desk, first, what, 211, y + 13.5, 338, 11.6)
        y += 19
    y += 22
    first.put(40, y, "Referral criteria", 11, bold=True)
    for question in (
        "New, persistent or unexplained symptoms for more than three weeks",
        "A mass or lesion found on examination",
        "Abnormal blood test or imaging",
        "Unintended loss of weight",
        "Clinician's concern outside these criteria",
    ):
        y += 20
        first.put(48, y, question, 9.5)
        _yes_no(first, 450, y, random.random() < 0.45, style)
    y += 30
    first.put(40, y, "Tests requested today (results to follow)", 11, bold=True)
    y += 20
    for index, word in enumerate(("FBC", "U&E", "LFT", "CRP", "FIT", "Chest X-ray")):
        first.tick(48 + 84 * index, y - 9, 10, random.random() < 0.4, style)
        first.put(63 + 84 * index, y, word, 9.5)
    second.put(40, 52, title, 11, bold=True)
    end = labelled(desk, second, "Patient:", "plain", 40, 70, 220, 9.5)
    end = labelled(desk, second, "NHS:", "patient.nhs_number", end + 18, 70, 130, 9.5)
    labelled(desk, second, "DOB:", "patient.birth_date", end + 18, 70, 130, 9.5)
    second.put(40, 100, random.choice(("Clinical history and examination", "Reason for referral")), 11, bold=True)
    y = story(desk, second, 40, 118, 515, 10.5) + 8
    second.put(40, y, "WHO performance status", 11, bold=True)
    fit = random.choices(range(4), (60, 25, 10, 5))[0]
    for number, word in enumerate(("0 Fully active", "1 Light work", "2 Up half the day", "3 Limited self-care")):
        second.tick(44 + 128 * number, y + 12, 10, number == fit, style)
        second.put(59 + 128 * number, y + 21, word, 9.5)
    y += 48
    for heading, lines in (
        ("Past medical history", referral.past or ("None",)),
        ("Medication", referral.medicines or ("None",)),
        ("Allergies", (referral.allergies,)),
    ):
        second.put(40, y, heading, 10, bold=True)
        y = second.prose(180, y, lines, 375, 9.5, gap=0.1) + 6
    for number, sheet in enumerate((first, second), 1):
        footer(desk, sheet, f"Suspected cancer, {site}, edition {2 + len(site) % 4}")
        sheet.put(555, 811, f"Page {number} of 2", 8, right=True)
    return [first, second]


def centre_pages(desk: Desk) -> list[Sheet]:
    """A referral management centre's two pages: shaded bars, labels flush right before ruled answers, boxes behind their words."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    first, second = desk.sheet(), desk.sheet()
    centre = random.choice(("Vale Referral Management Centre", "Coastal Referral Booking Service"))
    first.put(555, 50, centre, 12, bold=True, right=True)
    first.put(40, 70, random.choice(("Referral request", "Elective referral template")), 17, bold=True)
    y = 82.0

    def bar(sheet: Sheet, text: str) -> None:
        nonlocal y
        sheet.box(40, y, 515, 16, 0, fill=205)
        sheet.put(45, y + 11.5, text, 9.5, bold=True)
        y += 16

    def row(sheet: Sheet, *pairs: tuple[str, str]) -> None:
        nonlocal y
        y += 20
        half = len(pairs) == 2
        for place, (label, what) in enumerate(pairs):
            x = 40.0 + 258 * place
            right = x + 257 if half else 555.0
            sheet.put(x + 98, y, label, room(sheet, label, 9, 95), right=True)
            sheet.rule(x + 103, y + 4, right, y + 4, 0.5)
            answer(desk, sheet, what, x + 107, y, right - x - 111, 11.8)

    kin = referral.next_of_kin
    bar(first, "1  The request")
    row(first, ("Specialty", "referral.specialty"), (random.choice(("Date", "Date raised")), "referral.date"))
    row(first, ("Hospital", f"={referral.hospital}"), ("Named consultant", "referral.named_clinician"))
    y += 20
    first.put(138, y, random.choice(("Urgency", "Priority level")), 9, right=True)
    words = (("ROUTINE", "Routine (18 weeks)"), ("URGENT", "Urgent"), ("TWO_WEEK_WAIT", "2 week wait"))
    priority_ticks(desk, first, 147, y, words, 110, False, 10)
    y += 12
    bar(first, "2  The patient")
    row(
        first, (random.choice(("Family name", "Surname")), "patient.family_name"), ("First name", "patient.given_names")
    )
    row(
        first, ("NHS number", "patient.nhs_number"), (random.choice(("Born on", "Date of birth")), "patient.birth_date")
    )
    row(first, ("Address", "patient.address"))
    row(first, ("Postcode", "patient.postcode"), ("Gender", "patient.gender"))
    row(
        first,
        (random.choice(("Main phone", "Telephone")), "patient.phone"),
        ("Hospital no.", f"={who.hospital_number}"),
    )
    row(first, ("Next of kin", f"={kin.name}"), ("NOK phone", f"={printed.phone(kin.phone, desk.phone_style)}"))
    row(first, ("Language", f"={referral.interpreter or 'English'}"), ("Title", f"={who.title}"))
    moved = f"{random.randrange(2, 190)} {random.choice(STREETS)}, {random.choice(TOWNS)[0]}"
    row(first, ("Previous address", f"={moved if random.random() < 0.5 else '-'}"))
    y += 12
    bar(first, "3  The referrer")
    row(
        first,
        (random.choice(("Clinician", "Referrer name")), "referrer.name"),
        ("Usual GP", f"=Dr {referral.usual_doctor}"),
    )
    row(first, ("Organisation", "referrer.practice_name"))
    row(first, ("ODS code", "referrer.practice_code"), ("Telephone", "referrer.phone"))
    y += 14
    bar(first, "4  Clinical summary")
    story(desk, first, 46, y + 18, 503, 10.5)
    y = 82.0
    end = labelled(desk, second, "Continuation for", "family first", 40, 50, 260, 10)
    labelled(desk, second, "NHS number", "patient.nhs_number", end + 20, 50, 160, 10)
    for heading, lines in (
        ("5  Problems", referral.past or ("Nil",)),
        ("6  Current medication", referral.medicines or ("Nil",)),
        ("7  Allergies", (referral.allergies,)),
    ):
        bar(second, heading)
        y = second.prose(46, y + 16, lines, 500, 10, gap=0.2) + 8
    bar(second, "8  Consent and access")
    for question, chance in (
        ("Patient agrees to the referral", 1.0),
        ("Needs hospital transport", 0.15),
        ("Uses a wheelchair", 0.1),
    ):
        second.put(46, y + 18, question, 9.5)
        _yes_no(second, 330, y + 18, random.random() < chance, "check")
        y += 18
    for number, sheet in enumerate((first, second), 1):
        sheet.put(297, 815, f"{centre}   Page {number} of 2", 8, centre=True)
    return [first, second]


def hearing_form(desk: Desk) -> list[Sheet]:
    """A hearing-aid audiologist to the ear clinic: thresholds in a table, red flags to tick, dispenser and doctor both named."""
    desk = asks(desk, _EARS)
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sender = make_sender(random, ("Clearsound Hearing Care", "Brook Street Audiology", "The Hearing Rooms"))
    sheet = desk.sheet()
    style = random.choice(("cross", "check"))
    sheet.put(45, 54, sender.name, 15, bold=True, name="referrer.practice_name")
    sheet.put(45, 67, f"{sender.address}, {sender.postcode}", 9)
    end = sheet.put(400, 54, "Clinic tel ", 9)
    sheet.put(end + 1, 54, printed.phone(sender.phone, desk.phone_style), 9, name="referrer.phone", value=sender.phone)
    end = sheet.put(45, 94, "Onward referral to ", 12, bold=True)
    end2 = sheet.put(end + 1, 94, referral.specialty, 12, bold=True, name="referral.specialty")
    sheet.put(end2 + 1, 94, f", {referral.hospital}", room(sheet, f", {referral.hospital}", 12, 552 - end2))
    y = 104.0
    for row in (
        ((random.choice(("Client", "Patient name")), "title first", 300), ("DOB", "patient.birth_date", 205)),
        (("Address", "address", 505),),
        (("NHS number", "patient.nhs_number", 180), ("Phone", "patient.phone", 165), ("Gender", "patient.gender", 160)),
        (("Registered GP", f"=Dr {referral.usual_doctor}, {practice.name}", 325), ("Date", "referral.date", 180)),
    ):
        x = 45.0
        for label, what, wide in row:
            sheet.box(x, y, wide, 22, 0.6)
            end = sheet.put(x + 4, y + 14.5, label, 8.5, bold=True)
            answer(desk, sheet, what, end + 6, y + 15, x + wide - end - 10, 11.5)
            x += wide
        y += 22
    y += 22
    sheet.put(45, y, "Priority", 10, bold=True)
    priority_ticks(desk, sheet, 110, y, (("URGENT", "Urgent"), ("ROUTINE", "Routine")), 100, True, 10, style)
    y += 14
    for eye, cells in (
        ("kHz", ("0.25", "0.5", "1", "2", "4", "8")),
        ("Right", tuple(str(5 * random.randrange(2, 16)) for _ in range(6))),
        ("Left", tuple(str(5 * random.randrange(2, 16)) for _ in range(6))),
    ):
        for place, cell in enumerate((eye, *cells)):
            sheet.box(45 + 50 * place, y, 50, 17, 0.5)
            sheet.put(70 + 50 * place, y + 12, cell, 9.5, centre=True)
        y += 17
    tested = printed.date(referral.date - dt.timedelta(days=random.randrange(1, 15)), desk.date_form)
    sheet.put(410, y - 40, f"Tested {tested}", 9.5)
    sheet.put(410, y - 24, f"HCPC HAD0{random.randrange(1000, 9999)}", 9.5)
    y += 22
    flags = ("Sudden loss", "One-sided tinnitus", "Discharge", "Vertigo", "Asymmetry", "Pain")
    for index, word in enumerate(flags):
        x, down = 45 + index % 3 * 165, y + index // 3 * 17
        sheet.tick(x, down - 9, 10, random.random() < 0.25, style)
        sheet.put(x + 15, down, word, 9.5)
    y += 46
    sheet.put(45, y, random.choice(("Findings and reason for referral", "Reason for onward referral")), 10, bold=True)
    y = story(desk, sheet, 45, y + 17, 505, 10.5)
    y = max(y + 20, 700)
    sheet.put(45, y, random.choice(("Audiologist", "Referred by")), 9.5, bold=True)
    sheet.put(130, y, sender.person, 10.5, name="referrer.name", value=sender.person)
    sheet.put(330, y, "Signed", 9.5, bold=True)
    sheet.signature(375, y)
    sheet.put(45, y + 22, f"Copy to GP: {practice.name}, {printed.phone(practice.phone, desk.phone_style)}", 9)
    return sent_by([sheet], sender)
