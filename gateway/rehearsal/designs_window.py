"""Letters for window envelopes, continuations, packs and pages that are no referral, of other makers."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.designs_packs import other_desk, without_one
from gateway.rehearsal.designs_requests import dotted_right, numbered_cells, request_print, web_print
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import dissent, fitted, fitted_name, flow, ring, room
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN
from gateway.rehearsal.sheet import Sheet, Value, new_sheet


def sentence_letter(desk: Desk) -> list[Sheet]:
    """A word processor's letter in which the patient is a sentence, with telephone and code in the foot."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    sheet = desk.sheet()
    sheet.put(55, 64, practice.name, 20, name="referrer.practice_name")
    sheet.rule(55, 72, 540, 72, 1.5)
    for index, doctor in enumerate(practice.doctors):
        sheet.put(540, 86 + 11 * index, f"Dr {doctor}", 8.5, right=True)
    y = 104.0
    text, clinician = desk.entry("referral.named_clinician")
    if text:
        sheet.put(55, y, text, 11, name="referral.named_clinician", value=clinician)
        y += 15
    sheet.put(55, y, referral.specialty, 11, name="referral.specialty")
    sheet.put(55, y + 15, referral.hospital, 11)
    y = 172.0
    sheet.put(55, y, printed.long_date(referral.date), 11, name="referral.date", value=referral.date.isoformat())
    y += 32
    sheet.put(55, y, f"Dear {text}," if text else random.choice(("Dear Sirs,", "Dear Consultant,")), 11)
    y += 24
    subject = {
        "ROUTINE": random.choice(("Routine opinion requested", "Non-urgent referral")),
        "URGENT": random.choice(("Urgent opinion requested", "For an URGENT appointment please")),
        "TWO_WEEK_WAIT": random.choice(("Urgent suspected cancer referral", "2WW referral")),
    }[referral.priority]
    end = sheet.put(55, y, subject, 11, bold=True, name="referral.priority", value=referral.priority)
    sheet.rule(55, y + 2, end, y + 2, 0.8)
    y += 24
    family = who.family_name.upper() if desk.capitals else who.family_name
    birth, born = desk.entry("patient.birth_date")
    runs: list[tuple[str, str, Value | None]] = [
        (random.choice(("I would be grateful if you would see ", "Thank you in anticipation for seeing ")), "", None),
        (f"{who.title} ", "", None),
        (who.given_names, "patient.given_names", None),
        (" ", "", None),
        (family, "patient.family_name", None),
        (random.choice((" (dob ", " (date of birth ", " (born ")), "", None),
        (birth, "patient.birth_date", born),
        (random.choice((", NHS ", ", NHS number ", "; NHS no. ")), "", None),
        (desk.entry("patient.nhs_number")[0], "patient.nhs_number", who.nhs_number),
        (") of ", "", None),
        (who.address, "patient.address", None),
        (", ", "", None),
        (who.postcode, "patient.postcode", None),
        (", who can be telephoned on ", "", None),
        (desk.entry("patient.phone")[0], "patient.phone", who.phone),
        (".", "", None),
    ]
    y = flow(sheet, 55, y, runs, 485, 11) + 6
    y = sheet.prose(55, y, referral.reason, 485, 11, "referral.reason", lead=1.35)
    y = dissent(desk, sheet, 55, y, 485, 11)
    if referral.ubrn:
        end = sheet.put(55, y, "e-RS reference ", 11)
        sheet.put(end, y, printed.ubrn(referral.ubrn), 11, name="referral.ubrn", value=referral.ubrn)
        y += 18
    sheet.put(55, y + 8, random.choice(("With kind regards,", "Yours faithfully,", "Best wishes,")), 11)
    sheet.signature(58, y + 38)
    end = sheet.put(55, y + 60, f"Dr {referral.referrer}", 11)
    sheet.says("referrer.name", referral.referrer, (55, y + 49, end, y + 63))
    sheet.rule(55, 792, 540, 792, 0.5)
    end = sheet.put(55, 804, f"{practice.address}, {practice.postcode}   t ", 8)
    phone = printed.phone(practice.phone, desk.phone_style)
    end = sheet.put(end, 804, phone, 8, name="referrer.phone", value=practice.phone)
    sheet.put(end, 804, f"   f {printed.phone(practice.fax, desk.phone_style)}", 8)
    end = sheet.put(55, 815, f"{practice.email}   practice ", 8)
    sheet.put(end, 815, practice.code, 8, name="referrer.practice_code")
    return [sheet]


def corner_letter(desk: Desk) -> list[Sheet]:
    """A letter for a window envelope: recipient at the left, the patient without labels at the top right, then two sheets."""
    referral, random, who, practice = desk.referral, desk.random, desk.referral.patient, desk.referral.practice
    first, second, third = desk.sheet(), desk.sheet(), desk.sheet()
    end = first.put(55, 48, practice.name, 9.5, name="referrer.practice_name")
    end = first.put(end, 48, f" . {practice.address.replace(', ', ' . ')} . {practice.postcode}", 9.5)
    first.rule(55, 53, 545, 53, 0.5)
    end = first.put(55, 65, "Tel. ", 9.5)
    phone = printed.phone(practice.phone, desk.phone_style)
    end = first.put(end, 65, phone, 9.5, name="referrer.phone", value=practice.phone)
    end = first.put(end + 20, 65, "Practice no. ", 9.5)
    first.put(end, 65, practice.code, 9.5, name="referrer.practice_code")
    first.put(55, 112, f"If undelivered return to {practice.postcode}", 6.5)
    first.box(50, 117, 235, 92, 0.4)
    text, clinician = desk.entry("referral.named_clinician")
    y = 135.0
    if text:
        first.put(58, y, text, 10.5, name="referral.named_clinician", value=clinician)
        y += 14
    first.put(58, y, f"Dept of {referral.specialty}", 10.5)
    first.says("referral.specialty", referral.specialty, (58, y - 10, 270, y + 3))
    first.put(58, y + 14, referral.hospital, 10.5)
    first.put(58, y + 28, "Outpatients, Level 2", 10.5)
    y = 88.0
    fitted_name(desk, first, 340, y, 205, 11.5, "title first", bold=True)
    lines = desk.address_lines(with_postcode=False)
    for line in lines:
        y += 14
        first.put(340, y, line, 10.5)
    first.says("patient.address", who.address, (340, 92, 545, y + 3))
    y += 14
    first.put(340, y, who.postcode, 10.5, name="patient.postcode")
    birth, born = desk.entry("patient.birth_date")
    y += 18
    for label, name in (("d.o.b. ", "patient.birth_date"), ("NHS ", "patient.nhs_number"), ("tel. ", "patient.phone")):
        text_of, value = desk.entry(name)
        end = first.put(340, y, label, 10.5)
        first.put(end, y, text_of, 10.5, name=name, value=value)
        y += 14
    stamp = {"ROUTINE": "ROUTINE", "URGENT": "URGENT", "TWO_WEEK_WAIT": "2 WEEK RULE"}[referral.priority]
    first.box(340, 228, first.wide(stamp, 15, True) + 20, 26, 2)
    first.put(350, 246.5, stamp, 15, bold=True, name="referral.priority", value=referral.priority)
    first.put(55, 246, printed.long_date(referral.date), 10.5, name="referral.date", value=referral.date.isoformat())
    y = first.prose(55, 312, referral.reason, 490, 10.5, "referral.reason", lead=1.4)
    first.put(55, 288, f"Dear {text or 'Doctor'}", 10.5)
    y = dissent(desk, first, 55, y, 490, 10.5)
    first.put(55, y + 10, "Yours truly", 10.5)
    first.signature(58, y + 42)
    end = first.put(55, y + 64, f"Dr {referral.referrer}", 10.5)
    first.says("referrer.name", referral.referrer, (55, y + 53, end, y + 67))
    y = 100.0
    second.put(55, y, "Drug", 10, bold=True)
    second.put(300, y, "First issued", 10, bold=True)
    second.put(420, y, "Last issued", 10, bold=True)
    for drug in referral.medicines or ("nil regular",):
        y += 18
        second.put(55, y, drug, 10)
        for x, longest in ((300, 3000), (420, 60)) if referral.medicines else ():
            day = referral.date - dt.timedelta(days=random.randrange(3, longest))
            second.put(x, y, printed.date(day, desk.date_form), 10)
    second.put(55, y + 40, f"Sensitivities   {referral.allergies}", 10)
    second.prose(55, y + 70, ["Past:  " + ("; ".join(referral.past) or "none of relevance")], 490, 10)
    notes = (
        "Telephone consultation. Feels much the same. Review in surgery.",
        "Seen by practice nurse, blood pressure and weight recorded, bloods taken.",
        "Results discussed. Referral agreed. Aware of likely wait.",
        "Repeat prescription reviewed. No change.",
    )
    y = 100.0
    for note in random.sample(notes, 3):
        day = referral.date - dt.timedelta(days=random.randrange(4, 200))
        third.put(55, y, printed.date(day, desk.date_form), 10, bold=True)
        third.put(175, y, f"Dr {random.choice(practice.doctors)}", 10)
        y = third.prose(175, y + 15, [note], 365, 10) + 8
    for number, sheet in enumerate((second, third), 2):
        end = sheet.put(55, 60, "Continued: ", 9.5)
        end = desk.whole_name(sheet, end, 60, 9.5, "plain")
        end = sheet.put(end, 60, ", d.o.b. ", 9.5)
        end = sheet.put(end, 60, birth, 9.5, name="patient.birth_date", value=born)
        end = sheet.put(end, 60, ", NHS ", 9.5)
        sheet.put(end, 60, desk.entry("patient.nhs_number")[0], 9.5, name="patient.nhs_number", value=who.nhs_number)
        sheet.put(297, 815, f"Sheet {number} of 3", 8.5, centre=True)
    first.put(297, 815, "Sheet 1 of 3", 8.5, centre=True)
    return [first, second, third]


def corner_letter_torn(desk: Desk) -> list[Sheet]:
    """The window letter with one of its three sheets lost on the way."""
    return without_one(desk, corner_letter(desk))


def request_and_stranger(desk: Desk) -> list[Sheet]:
    """A request print with another patient's blood results among its pages."""
    sheets = request_print(desk)
    (stranger,) = blood_result(other_desk(desk))
    stranger.stranger = True
    at = desk.random.choice((1, 2, 2))
    return [*sheets[:at], stranger, *sheets[at:]]


def two_requests(desk: Desk) -> list[Sheet]:
    """Two patients' forms in one call, not always of one kind."""
    kinds = (numbered_cells, web_print, dotted_right)
    first, second = desk.random.choice(kinds)(desk), desk.random.choice(kinds)(other_desk(desk))
    for sheet in second:
        sheet.part = 1
    return [*first, *second]


def _nothing(sheet: Sheet) -> list[Sheet]:
    """A page of no referral: nothing on it is the truth of one."""
    sheet.values.clear()
    sheet.areas.clear()
    sheet.part = None
    return [sheet]


def blood_result(desk: Desk) -> list[Sheet]:
    """A line printer's result slip that ends with advice to refer, and refers nobody."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    y = 60.0
    taken = printed.date(referral.date - dt.timedelta(days=random.randrange(1, 9)), "%d/%m/%Y")
    head = (
        ("HAEMATOLOGY - FINAL REPORT", f"Page 1 of 1   {printed.date(referral.date, '%d/%m/%Y')}"),
        (f"{who.family_name.upper()} {who.given_names}", f"NHS {printed.nhs_number(who.nhs_number, desk.nhs_style)}"),
        (
            f"Born {printed.date(who.birth_date, desk.date_form)}   {who.gender[0].upper()}",
            f"Unit no. {who.hospital_number}",
        ),
        (f"Source: {referral.practice.name}", f"Dr {referral.usual_doctor}"),
        (f"Taken {taken}   Received {taken}", f"Spec. {referral.laboratory_number}"),
    )
    for left, right in head:
        sheet.put(50, y, left, 10)
        sheet.put(545, y, right, 10, right=True)
        y += 15
    sheet.rule(50, y, 545, y, 1)
    y += 22
    rows = (
        ("WBC", 3, 15, "10^9/L", "4.0-10.0"),
        ("RBC", 3, 6, "10^12/L", "3.8-4.8"),
        ("Hb", 84, 162, "g/L", "120-150"),
        ("HCT", 28, 46, "%", "36-46"),
        ("MCV", 70, 104, "fL", "83-101"),
        ("MCH", 22, 33, "pg", "27-32"),
        ("PLT", 110, 470, "10^9/L", "150-410"),
        ("Neut", 1, 9, "10^9/L", "2.0-7.0"),
        ("Lymph", 1, 5, "10^9/L", "1.0-3.0"),
        ("ESR", 2, 80, "mm/hr", "1-12"),
    )
    for test, low, high, unit, normal in rows:
        sheet.put(60, y, test, 10)
        found = random.randrange(low * 10, high * 10) / 10
        least, most = (float(edge) for edge in normal.split("-"))
        sheet.put(210, y, f"{found:.1f}", 10, right=True)
        sheet.put(225, y, "L" if found < least else "H" if found > most else "", 10, bold=True)
        sheet.put(260, y, unit, 10)
        sheet.put(360, y, f"({normal})", 10)
        y += 16
    advice = random.choice(
        (
            "Film: microcytosis with pencil cells. Suggest iron studies; consider referral if no dietary cause.",
            "Film: reactive changes. Please repeat in four weeks. Urgent referral is advised if lymphocytes rise further.",
            "Film: normal morphology. No further action needed.",
        )
    )
    sheet.prose(60, y + 16, [advice, "Authorised by: duty haematologist."], 480, 10)
    sheet.put(50, 800, "*** END OF REPORT ***", 10)
    return _nothing(sheet)


def clinic_cancellation(desk: Desk) -> list[Sheet]:
    """An internal request to cancel or reduce a clinic: consultant, specialty and dates, and no patient at all."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(45, 56, "CLINIC CANCELLATION / REDUCTION REQUEST", 14, bold=True)
    sheet.put(45, 72, f"{referral.hospital} - six weeks' notice is required", 9.5)
    day = referral.date + dt.timedelta(days=random.randrange(20, 70))
    rows = (
        ("Requested by", f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}, service manager"),
        ("Date of request", printed.date(referral.date, desk.date_form)),
        ("Consultant", f"{referral.named_clinician_title} {random.choice(DOCTORS_FAMILY)}"),
        ("Specialty", referral.specialty),
        ("Clinic code", f"{referral.specialty[:3].upper()}{random.randrange(10, 99)}{random.choice('AP')}M"),
        ("Date(s) to be cancelled", printed.date(day, desk.date_form)),
        (
            "Patients booked",
            f"{random.randrange(4, 14)} new (of these {random.randrange(3)} 2WW), {random.randrange(5, 20)} review",
        ),
        ("Reason", random.choice(("Annual leave", "On-call week", "Study leave", "Theatre list moved"))),
        ("Rebook by", printed.date(day + dt.timedelta(days=random.randrange(5, 20)), desk.date_form)),
        ("Authorised (clinical lead)", f"Dr {random.choice(DOCTORS_FAMILY)}"),
    )
    y = 98.0
    for label, text in rows:
        sheet.box(45, y, 170, 24, 0.6, fill=226)
        sheet.box(215, y, 335, 24, 0.6)
        sheet.put(51, y + 16, label, 10, bold=True)
        sheet.write(222, y + 16, text, room(sheet, text, 12, 320))
        y += 24
    y += 26
    for word in (
        "Urgent and 2WW patients moved first",
        "Referrers told",
        "Letters sent",
        "Slots closed on the booking system",
    ):
        sheet.tick(50, y - 9, 10, random.random() < 0.5, "check")
        sheet.put(68, y, word, 10)
        y += 19
    sheet.put(45, y + 16, "Return to the outpatient booking manager. Requests without authorisation are returned.", 9)
    return _nothing(sheet)


def continued_by_hand(desk: Desk) -> list[Sheet]:
    """A short typed form whose story goes on by hand on a continuation sheet."""
    referral, random = desk.referral, desk.random
    first, second = new_sheet(random, desk.face), desk.sheet()
    first.put(45, 60, "Short referral form", 18, bold=True)
    first.put(45, 77, f"for {referral.hospital} and its community clinics", 10)
    y = 108.0
    rows = (
        ("Patient", "name"),
        ("Date born", "patient.birth_date"),
        ("NHS", "patient.nhs_number"),
        ("Home", "patient.address"),
        ("Postcode", "patient.postcode"),
        ("Rings on", "patient.phone"),
        ("Identifies as", "patient.gender"),
        ("For team", "referral.specialty"),
        ("Attention", "referral.named_clinician"),
        ("Referring GP", "referrer.name"),
        ("Based at", "referrer.practice_name"),
        ("Site code", "referrer.practice_code"),
        ("Ring back", "referrer.phone"),
        ("Written on", "referral.date"),
    )
    for label, name in rows:
        first.put(52, y, label.upper(), 8.5, bold=True)
        first.put(140, y, "|", 11, grey=120)
        if name == "name":
            fitted_name(desk, first, 150, y, 390, 11, "title first")
        else:
            fitted(desk, first, name, 150, y, 390, 12)
        y += 22
    first.put(52, y + 4, "HOW SOON (ring one)", 8.5, bold=True)
    x = 175.0
    for code, word in (("ROUTINE", "Routine"), ("URGENT", "Urgent"), ("TWO_WEEK_WAIT", "2WW cancer")):
        end = first.put(x, y + 4, word, 11)
        if code == referral.priority:
            ring(first, x, y - 6, end, y + 6)
            first.says("referral.priority", code, (x, y - 7, end, y + 7))
        x = end + 40
    first.box(45, y + 30, 505, 90)
    first.put(52, y + 44, "WHY", 8.5, bold=True)
    first.put(
        70, y + 70, random.choice(("Please see continuation sheet.", "See over - continued on second sheet.")), 11
    )
    first.put(52, y + 150, "Signed", 9)
    first.signature(100, y + 150)
    first.put(550, 815, "1/2", 8, right=True)
    second.put(45, 60, "CONTINUATION SHEET", 14, bold=True)
    second.put(45, 86, "Patient", 9)
    fitted_name(desk, second, 95, 86, 250, 12.5, "plain")
    second.put(360, 86, "NHS", 9)
    fitted(desk, second, "patient.nhs_number", 390, 86, 155, 12.5)
    second.rule(45, 96, 550, 96, 1)
    y = second.prose(52, 116, referral.reason, 470, 12, "referral.reason", by_hand=True, lead=1.5)
    dissent(desk, second, 52, y + 20, 480)
    second.put(45, 800, f"Dr {random.choice(DOCTORS_FAMILY)} (counter-signature, trainees only)", 8)
    second.put(550, 815, "2/2", 8, right=True)
    return [first, second]
