"""Forms and letters from outside general practice: a dentist's, a podiatrist's, an emergency department's."""

from __future__ import annotations

import datetime as dt

from gateway.rehearsal import printed
from gateway.rehearsal.clinical import Specialty
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import dissent, fitted, fitted_name, ring, room, story
from gateway.rehearsal.senders import asks, make_sender, sent_by
from gateway.rehearsal.sheet import Sheet, new_sheet

_MOUTH = Specialty(
    "Oral and Maxillofacial Surgery",
    "Head and Neck",
    (
        "recurrent pericoronitis of the lower wisdom teeth",
        "a white patch on the side of the tongue, present for five weeks",
    ),
    ("Smokes ten a day.", "Takes alendronic acid since 2022.", "Regular attender, last scaled in March."),
    (
        "8/8 partly erupted and mesially angled.",
        "Patch 12 x 8 mm, not indurated, no nodes felt.",
        "Mouth opening 32 mm.",
    ),
    ("OPG enclosed.", "Periapical films show close relation to the canal."),
    ("Please assess for removal under sedation.", "I should value an opinion and biopsy if indicated."),
)
_MILK_TEETH = Specialty(
    "Paediatric Dentistry",
    "",
    ("pain from several carious teeth", "a crown fractured in a fall at school"),
    ("Fluoride varnish applied twice.", "Has not tolerated treatment in the chair."),
    ("Caries in four molars, no swelling.", "Pulp exposed, tooth not mobile."),
    ("Bitewings enclosed.",),
    ("Please assess for treatment under general anaesthetic.",),
)
_FEET = Specialty(
    "Vascular Surgery",
    "",
    ("a neuro-ischaemic ulcer of the left hallux not healing after six weeks", "calf pain after walking 80 metres"),
    ("Type 2 diabetes, HbA1c 74.", "Smoked until 2018.", "Total contact cast declined."),
    ("ABPI 0.54 left, 0.81 right; monophasic signals.", "Ulcer 14 x 9 mm, probes to tendon, no cellulitis."),
    ("Plain film shows no osteomyelitis.", "Swab: mixed skin flora."),
    ("I would be grateful for arterial imaging and your opinion on revascularisation.",),
)
_YOUNG_FEET = Specialty(
    "Paediatric Orthopaedics",
    "",
    ("painful flat feet limiting games at school", "in-toeing with frequent tripping"),
    ("Met all milestones.", "Insoles worn for eight months."),
    ("Rigid left hindfoot, subtalar movement absent.", "Thigh-foot angle minus 15 degrees."),
    ("X-ray suggests a coalition.",),
    ("Please would you see and advise.",),
)


def dental_form(desk: Desk) -> list[Sheet]:
    """A dentist's form: chart of teeth, dotted answers, a typed stamp, and the urgency ringed with a pen."""
    desk = asks(desk, _MOUTH, _MILK_TEETH)
    referral, random = desk.referral, desk.random
    names = ("Bridge Street Dental Practice", "Smile Rooms", "Orchard Dental Care", "Kirkgate Dental Surgery")
    sender = make_sender(random, names)
    sheet = desk.sheet()
    sheet.put(45, 54, "DENTAL REFERRAL", 19, bold=True)
    sheet.put(45, 70, "to hospital or community specialist services", 10)
    sheet.box(370, 36, 180, 84, 1.2)
    sheet.put(376, 46, "PRACTICE STAMP", 6.5)
    sheet.put(380, 64, sender.name, room(new_sheet(random, desk.face), sender.name, 11, 164, True), bold=True)
    sheet.says("referrer.practice_name", sender.name, (378, 52, 548, 67))
    for number, line in enumerate((*sender.address.split(", "), sender.postcode)):
        sheet.put(380, 78 + 12 * number, line, 9.5)
    end = sheet.put(380, 114, "Tel ", 9.5)
    sheet.put(end + 3, 114, printed.phone(sender.phone, "spaces"), 9.5, name="referrer.phone", value=sender.phone)
    y = 112.0
    dots = "." * 140

    def answer(label: str, name: str, x: float = 45, width: float = 505, text: str = "", value: str = "") -> None:
        end = sheet.put(x, y, label, 10) + 5
        for step in range(int((x + width - end) / 4)):
            sheet.put(end + 4 * step, y + 3, dots[step], 8, grey=60)
        if name == "name":
            fitted_name(desk, sheet, end + 3, y, x + width - end - 8, 12, "title first")
        elif text:
            sheet.write(end + 3, y, text, 12, name=name, value=value or None)
        elif name:
            fitted(desk, sheet, name, end + 3, y, x + width - end - 8, 12)

    answer("Service:", "referral.specialty", 45, 310)
    y = 146.0
    answer(random.choice(("Pt:", "Patient (Mr/Mrs/Ms/Mstr):")), "name")
    y += 22
    answer("DOB:", "patient.birth_date", 45, 170)
    answer("NHS no. if known:", "patient.nhs_number", 225, 325)
    y += 22
    answer(random.choice(("Home address:", "Addr:")), "patient.address", 45, 380)
    answer("P'code:", "patient.postcode", 435, 115)
    y += 22
    answer(random.choice(("Mob/home no.:", "Contact tel.:")), "patient.phone", 45, 250)
    answer("GMP (doctor):", "", 305, 245, f"Dr {referral.usual_doctor}")
    y += 22
    answer("GMP surgery:", "", 45, 505, referral.practice.name)
    y += 28
    sheet.put(45, y, "Priority (circle):", 10, bold=True)
    x = 160.0
    for code, word in (("ROUTINE", "ROUTINE"), ("URGENT", "URGENT"), ("TWO_WEEK_WAIT", "2WW - SUSPECTED ORAL CANCER")):
        end = sheet.put(x, y, word, 10)
        if code == referral.priority:
            ring(sheet, x, y - 9, end, y + 2)
            sheet.says("referral.priority", code, (x, y - 9, end, y + 2))
        x = end + 34
    y += 30
    sheet.put(45, y + 4, "Teeth concerned", 9)
    for column in range(16):
        number = 8 - column if column < 8 else column - 7
        x = 150 + column * 22
        for row in (0, 1):
            sheet.put(x, y - 3 + row * 16, str(number), 10, centre=True)
            if random.random() < 0.08:
                ring(sheet, x - 1, y - 10 + row * 16, x + 1, y - 4 + row * 16)
    sheet.rule(138, y + 1, 492, y + 1, 1)
    sheet.rule(315, y - 14, 315, y + 16, 1)
    y += 36
    sheet.put(
        45,
        y,
        random.choice(("Complaint, medical history, reason for referral:", "Details of problem / treatment asked:")),
        10,
        bold=True,
    )
    story(desk, sheet, 50, y + 17, 495, 10)
    y = 762.0
    answer("Dentist:", "referrer.name", 45, 235, sender.person, sender.person)
    answer("GDC no.:", "", 290, 110, str(random.randrange(60000, 290000)))
    answer("Date:", "referral.date", 410, 140)
    sheet.put(45, 792, "Radiographs enclosed  Y / N      Patient pays / exempt      BPE 2 1 2 / 2 2 3", 8)
    return sent_by([sheet], sender)


def podiatry_letter(desk: Desk) -> list[Sheet]:
    """A podiatrist's letter from a modern template: a grey strip at the right holds the patient and the clinic."""
    desk = asks(desk, _FEET, _YOUNG_FEET)
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sender = make_sender(random, ("Community Podiatry Service", "Step Forward Foot Clinic", "High Risk Foot Team"))
    sheet = desk.sheet()
    sheet.box(392, 0, 203, 842, 0, fill=232)
    y = 70.0
    sheet.put(405, y, sender.name, 11.5, bold=True, name="referrer.practice_name")
    for line in (*sender.address.split(", "), sender.postcode):
        y += 13
        sheet.put(405, y, line, 9.5)
    y += 18
    sheet.put(405, y, f"call {printed.phone(sender.phone, 'spaces')}", 9.5, name="referrer.phone", value=sender.phone)
    y += 44

    def fact(label: str, *lines: str, name: str = "", value: str = "") -> None:
        nonlocal y
        sheet.put(405, y, label, 8, grey=70)
        top = y + 3
        for line in lines:
            y += 13
            sheet.put(405, y, line, room(sheet, line, 10.5, 165))
        if name:
            sheet.says(name, value, (405, top, 405 + max(sheet.wide(text, 10.5) for text in lines), y + 3))
        y += 19

    sheet.put(405, y, "your patient" if random.random() < 0.5 else "concerning", 8, grey=70)
    fitted_name(desk, sheet, 405, y + 14, 165, 11.5, "title first", bold=True)
    y += 34
    birth, born = desk.entry("patient.birth_date")
    fact(random.choice(("date of birth", "birthday")), birth, name="patient.birth_date", value=str(born))
    fact("health service number", desk.entry("patient.nhs_number")[0], name="patient.nhs_number", value=who.nhs_number)
    fact("lives at", *desk.address_lines(with_postcode=False), name="patient.address", value=who.address)
    y -= 6
    sheet.put(405, y, who.postcode, 10.5, name="patient.postcode")
    y += 19
    fact("reached on", desk.entry("patient.phone")[0], name="patient.phone", value=who.phone)
    fact("general practitioner", f"Dr {referral.usual_doctor}", referral.practice.name)
    fact(
        "next review with us", printed.date(referral.date + dt.timedelta(days=random.randrange(10, 60)), desk.date_form)
    )
    y = 74.0
    sheet.put(45, y, desk.entry("referral.date")[0], 10.5, name="referral.date", value=referral.date.isoformat())
    y += 34
    text, value = desk.entry("referral.named_clinician")
    if text:
        sheet.put(45, y, text, 10.5, name="referral.named_clinician", value=value)
        y += 14
    sheet.put(45, y, f"{referral.specialty} clinic", 10.5)
    sheet.says("referral.specialty", referral.specialty, (45, y - 10, 45 + sheet.wide(referral.specialty, 10.5), y + 3))
    sheet.put(45, y + 14, referral.hospital, 10.5)
    y += 48
    sheet.put(45, y, f"Dear {text or 'colleague'},", 10.5)
    said = {"ROUTINE": "Referral, routine.", "URGENT": "Referral, urgent please.", "TWO_WEEK_WAIT": "Two week wait."}
    y += 24
    sheet.put(45, y, said[referral.priority], 11, bold=True, name="referral.priority", value=referral.priority)
    y = sheet.prose(45, y + 22, referral.reason, 325, 10.5, "referral.reason", lead=1.4)
    y = dissent(desk, sheet, 45, y, 325, 10.5)
    sheet.put(45, y + 12, "With thanks,", 10.5)
    sheet.signature(48, y + 44)
    end = sheet.put(45, y + 66, sender.person, 10.5)
    sheet.says("referrer.name", sender.person, (45, y + 55, end, y + 69))
    sheet.put(45, y + 80, f"Advanced podiatrist, HCPC CH{random.randrange(10000, 40000)}", 9.5)
    return sent_by([sheet], sender)


def emergency_proforma(desk: Desk) -> list[Sheet]:
    """An emergency department's `please see in clinic`: an addressograph label, a list of clinics, the rest by hand."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    names = ("Aireside District Hospital", "Queen Mary Hospital", "Fellgate Infirmary", "The Royal Wolds Hospital")
    sender = make_sender(random, names)
    sheet = desk.sheet()
    sheet.put(45, 52, sender.name, 12, bold=True)
    sheet.put(45, 67, "Emergency Department", 10)
    sheet.put(45, 98, "PLEASE SEE IN", 17, bold=True)
    sheet.put(45, 118, "CLINIC", 17, bold=True)
    label = new_sheet(random, desk.face)
    top, left = 40.0, 300.0
    label.box(left, top, 250, 100, 0.5)
    fitted_name(desk, label, left + 8, top + 17, 235, 11, "family first", bold=True)
    born, value = desk.entry("patient.birth_date")
    end = label.put(left + 8, top + 32, born, 10, name="patient.birth_date", value=value)
    end = label.put(end + 10, top + 32, f"{referral.age}Y", 10)
    letter = who.gender[0].upper()
    label.put(end + 10, top + 32, letter, 10, name="patient.gender", value=who.gender)
    end = label.put(left + 8, top + 46, "NHS ", 10)
    label.put(end, top + 46, desk.entry("patient.nhs_number")[0], 10, name="patient.nhs_number", value=who.nhs_number)
    label.put(left + 242, top + 46, who.hospital_number, 10, right=True)
    lines = desk.address_lines(with_postcode=False)
    for number, line in enumerate(lines):
        label.put(left + 8, top + 60 + 11 * number, line, 9)
    label.says("patient.address", who.address, (left + 8, top + 51, left + 160, top + 52 + 11 * len(lines)))
    label.put(left + 242, top + 71, who.postcode, 9.5, right=True, name="patient.postcode")
    label.put(left + 8, top + 95, "T ", 9)
    label.put(left + 18, top + 95, desk.entry("patient.phone")[0], 9, name="patient.phone", value=who.phone)
    label.put(left + 242, top + 95, f"GP {referral.usual_doctor.split()[-1][:9].upper()}", 9, right=True)
    sheet.marks += label.marks
    for name, areas in label.areas.items():
        for area in areas:
            sheet.says(name, label.values[name], area)
    y, style = 168.0, random.choice(("cross", "check"))
    others = ["Fracture", "TIA", "Early pregnancy", "Hand trauma", "Plastics dressings", "Ambulatory care", "Falls"]
    clinics = [*random.sample(others, 5), referral.specialty]
    random.shuffle(clinics)
    for index, clinic in enumerate(clinics):
        x = 50.0 + index % 3 * 172
        ticked = clinic == referral.specialty
        sheet.tick(x, y - 9, 10, ticked, style)
        end = sheet.put(x + 15, y, clinic, 9.5)
        if ticked:
            sheet.says("referral.specialty", clinic, (x, y - 9, end, y + 2))
        if index % 3 == 2:
            y += 17
    sheet.rule(45, y - 6, 550, y - 6, 0.8)
    y += 12
    x = sheet.put(50, y, "Clinic slot:", 10, bold=True) + 14
    for code, word in (("URGENT", "urgent"), ("ROUTINE", "next routine"), ("TWO_WEEK_WAIT", "suspected cancer (2WW)")):
        ticked = code == referral.priority
        end = sheet.put(x, y, word, 10)
        sheet.tick(end + 5, y - 9, 10, ticked, style)
        if ticked:
            sheet.says("referral.priority", code, (x, y - 9, end + 15, y + 2))
        x = end + 34
    y += 26
    attended = printed.date(referral.date - dt.timedelta(days=random.randrange(1, 3)), desk.date_form)
    for pairs in (
        (("Attended", "", attended), ("Triage cat.", "", str(random.randrange(2, 5)))),
        (("ED clinician", "referrer.name", ""), ("Grade", "", random.choice(("FY2", "ST3", "ACP", "SpR")))),
        (
            ("Dept. phone", "referrer.phone", printed.phone(sender.phone, desk.phone_style)),
            ("Form done on", "referral.date", ""),
        ),
    ):
        for (word, name, text), x in zip(pairs, (50, 330), strict=True):
            sheet.rule(x + 75, y + 4, x + 215, y + 4, 0.4)
            sheet.put(x, y, word, 9.5)
            if name == "referrer.phone":
                sheet.write(x + 80, y, text, 12, name=name, value=sender.phone)
            elif name:
                fitted(desk, sheet, name, x + 80, y, 140, 12)
            else:
                sheet.write(x + 80, y, text, 12)
        y += 25
    sheet.put(
        50, y + 4, random.choice(("Story, findings, plan", "Presentation and what we ask of clinic")), 10, bold=True
    )
    y = sheet.prose(50, y + 20, referral.reason, 490, 11.5, "referral.reason", desk.hand is not None)
    dissent(desk, sheet, 50, y + 4, 490)
    sheet.put(45, 815, "Fax to the clinic before end of shift. Top copy: ED record.", 8)
    # Whether the hospital counts as the referrer's practice is a matter of taste.
    sheet.excused.add("referrer.practice_name")
    return sent_by([sheet], sender)
