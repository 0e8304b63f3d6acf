"""Papers that refer nobody though they look like it: advice given to a practice, a solicitor's request, a patient's reply slip."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import address_block, answer, labelled, room
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN, STREETS, TOWNS
from gateway.rehearsal.prose import GROWN
from gateway.rehearsal.record import earlier
from gateway.rehearsal.retelling import retold
from gateway.rehearsal.sheet import Sheet


def _asks_nothing(sheet: Sheet, sender: str) -> list[Sheet]:
    """A page of which nothing is the truth of a referral, from a machine that is no practice's."""
    sheet.sender = (sender, f"01632960{sheet.random.randrange(100, 999)}")
    sheet.values.clear()
    sheet.areas.clear()
    sheet.part = None
    return [sheet]


def advice_reply(desk: Desk) -> list[Sheet]:
    """A specialist answers a practice's question: the question is repeated in full, the answer says that no referral is needed."""
    desk = retold(desk)
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.box(40, 32, 515, 28, 0, fill=226)
    sheet.put(50, 51, random.choice(("ADVICE AND GUIDANCE: RESPONSE", "Clinical advice service: reply")), 14, bold=True)
    sheet.put(40, 76, f"{referral.hospital}, {referral.specialty}", 10.5)
    asked = referral.date - dt.timedelta(days=random.randrange(2, 9))
    y = 98.0
    for pair in (
        (("Patient", "title first"), ("NHS number", "patient.nhs_number")),
        (("Date of birth", "patient.birth_date"), ("Question sent", f"={printed.date(asked, desk.date_form)}")),
        (("Asked by", f"=Dr {referral.referrer}"), ("Answered", f"={printed.date(referral.date, desk.date_form)}")),
        (
            ("Practice", f"={practice.name}"),
            ("Practice telephone", f"={printed.phone(practice.phone, desk.phone_style)}"),
        ),
    ):
        for (label, what), x in zip(pair, (40.0, 325.0), strict=True):
            labelled(desk, sheet, label, what, x, y, 270 if x < 100 else 228, 10)
        y += 16
    y += 12
    sheet.put(40, y, "The question", 11, bold=True)
    y = sheet.prose(40, y + 17, referral.reason, 515, 10) + 8
    sheet.put(40, y, "Our answer", 11, bold=True)
    answers = (
        "Thank you for your question. This can be looked after in primary care and does not need an appointment with us.",
        "From what you describe I do not think that we need to see the patient now. Please carry on as you are.",
        "I have looked at the results on our system. They are reassuring, and I would not arrange anything further.",
    )
    plans = (
        "Please repeat the blood tests in three months and write again if they have changed.",
        "Give the present treatment another eight weeks. If there is no improvement, please send a new request.",
        "A leaflet for patients is on our web page. We have closed this request.",
    )
    y = sheet.prose(40, y + 17, [random.choice(answers), random.choice(plans)], 515, 10.5)
    sheet.put(
        40,
        y + 8,
        random.choice(("Outcome: advice given, no referral made.", "Outcome: returned with advice.")),
        10.5,
        bold=True,
    )
    sheet.put(40, y + 34, f"Dr {random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}, consultant", 10.5)
    sheet.put(40, 815, "This reply was written from the information given and without seeing the patient.", 8)
    return _asks_nothing(sheet, referral.hospital)


def solicitor_request(desk: Desk) -> list[Sheet]:
    """A firm of solicitors asks the hospital for a client's records, with the client's identifiers, an authority and a date to answer by."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    firm = random.choice(("Marsh Tempest LLP", "Fieldhouse & Rowe Solicitors", "Garbutt Legal"))
    town, district, _ = random.choice(TOWNS)
    sheet.put(545, 58, firm, 18, bold=True, right=True)
    sheet.put(545, 73, f"{random.randrange(2, 80)} {random.choice(STREETS)}, {town} {district} 1ZZ", 9.5, right=True)
    sheet.put(545, 86, f"Telephone 01632 960{random.randrange(100, 999)}   DX 0000 {town}", 9.5, right=True)
    y = 112.0
    for line in ("Medical Records and Access Team", referral.hospital, "By fax"):
        sheet.put(56, y, line, 10.5)
        y += 14
    sheet.put(
        56,
        y + 12,
        f"Our ref: {random.choice(DOCTORS_FAMILY)[:2].upper()}/{random.randrange(10000, 99999)}/{random.randrange(1, 9)}",
        10.5,
    )
    sheet.put(545, y + 12, printed.long_date(referral.date), 10.5, right=True)
    y += 44
    sheet.put(
        56,
        y,
        random.choice(("URGENT: request for disclosure of records", "Request for copies of medical records")),
        11,
        bold=True,
    )
    y += 22
    lived = min(700, (referral.date - who.birth_date).days)
    hurt = earlier(random, referral.date, lived // 3, lived)
    for label, what in (
        ("Our client:", "title first"),
        ("Date of birth:", "patient.birth_date"),
        ("NHS number:", "patient.nhs_number"),
        ("Hospital number:", f"={who.hospital_number}"),
        ("Accident:", f"={printed.date(hurt, desk.date_form)}"),
    ):
        labelled(desk, sheet, label, what, 56, y, 480, 10.5)
        y += 15
    end = sheet.put(56, y, "Address:", 10.5, bold=True) + 5
    answer(desk, sheet, "address", end, y, 545 - end, 12)
    paragraphs = [
        f"We act for the above{' through a litigation friend' if referral.age < GROWN + 2 else ''} in a claim for personal injury and ask for a "
        "complete copy of the records that you hold, with correspondence, results, images and nursing notes.",
        "A signed form of authority is in the post. Please tell us at once if you hold no records, or if they have been destroyed.",
        "As you know, the request must be answered within one month of receipt. We shall be obliged if you will acknowledge it by return.",
    ]
    y = sheet.prose(56, y + 28, paragraphs, 489, 11, lead=1.45, gap=0.8)
    sheet.put(56, y + 10, "Yours faithfully", 11)
    sheet.signature(60, y + 44, 100)
    sheet.put(56, y + 66, firm, 11)
    sheet.put(
        300,
        815,
        "Authorised and regulated. A list of members is open to inspection at the office above.",
        8,
        centre=True,
    )
    return _asks_nothing(sheet, firm)


def reply_slip(desk: Desk) -> list[Sheet]:
    """The waiting list asks whether the appointment is still wanted, and the patient answers with a pen."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(50, 56, referral.hospital, 14, bold=True)
    sheet.put(50, 71, "Waiting List Validation Team, 01632 960 330", 9.5)
    written = referral.date - dt.timedelta(days=random.randrange(10, 24))
    sheet.put(545, 56, printed.date(written, desk.date_form), 10, right=True)
    y = 104.0
    sheet.put(50, y, f"{who.title} {who.given_names} {who.family_name}", 10.5)
    y = address_block(desk, sheet, 50, y + 14, 10.5)
    for label, what, down in (
        ("NHS number:", "patient.nhs_number", 104.0),
        ("Date of birth:", "patient.birth_date", 119.0),
        ("Hospital number:", f"={who.hospital_number}", 134.0),
    ):
        end = sheet.put(330, down, label, 10, bold=True) + 5
        text = desk.entry(what)[0] if not what.startswith("=") else what[1:]
        sheet.put(end, down, text, 10)
    y += 22
    waiting = earlier(random, referral.date, 120, 300)
    words = [
        f"You have been waiting for an appointment in {referral.specialty} since {printed.date(waiting, '%d %B %Y')}. We are checking that our "
        "list is right. Please answer the questions below and send this sheet back within two weeks.",
        "If we do not hear from you we will write to your doctor.",
    ]
    y = sheet.prose(50, y, words, 495, 10.5, lead=1.4) + 10
    sheet.box(50, y, 495, 250, 0.9)
    y += 22
    wanted = random.random() < 0.6
    for question, on in (
        ("I still want the appointment", wanted),
        ("I have been treated somewhere else", not wanted and random.random() < 0.5),
        ("I no longer want the appointment", not wanted),
    ):
        sheet.tick(64, y - 9, 11, on, "check")
        sheet.put(84, y, question, 10.5)
        y += 22
    child = referral.age < GROWN
    sheet.put(64, y + 4, "When you cannot come:", 10.5)
    sheet.write(250, y + 4, random.choice(("any Friday", "not before Christmas", "none")), 13)
    y += 28
    sheet.put(64, y, "Your telephone number now:", 10.5)
    sheet.write(250, y, who.phone, 13)
    y += 24
    sheet.put(64, y, "Anything else:", 10.5)
    pronoun = "She" if who.gender == "female" else "He"
    notes = (
        (
            "It is much the same. Please can it be a morning as I rely on the bus.",
            "Thank you for looking into this. I have moved my work to Tuesdays.",
        )
        if wanted
        else (
            "I went to the walk in centre and they gave me tablets which helped.",
            "It has settled by itself. Please give my place to somebody else.",
        )
    )
    note = f"{pronoun} still gets the pains but less often." if child else random.choice(notes)
    for line in sheet.wrapped(note, 380, 13, by_hand=True):
        sheet.write(150, y, line, room(sheet, line, 13, 385))
        y += 20
    y += 8
    sheet.put(64, y, f"Signed{' (parent)' if child else ''}", 10.5)
    sheet.signature(150, y)
    sheet.put(330, y, "Date", 10.5)
    sheet.write(362, y, printed.date(referral.date, "%d/%m/%y"), 13)
    sheet.put(50, 800, f"Your doctor on our list: Dr {referral.usual_doctor}, {referral.practice.name}", 9)
    return _asks_nothing(sheet, f"Post room {referral.hospital}")
