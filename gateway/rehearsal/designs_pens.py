"""Forms filled in with a pen: a hospital's own slip with a patient label stuck on, and combs with numbers for the urgency."""

from __future__ import annotations

from gateway.rehearsal.desk import Desk
from gateway.rehearsal.fonts import path_of, width_of
from gateway.rehearsal.form_parts import answer, dissent, ring, room
from gateway.rehearsal.retelling import retold
from gateway.rehearsal.senders import make_sender, sent_by
from gateway.rehearsal.sheet import Sheet


def _account(desk: Desk, sheet: Sheet, x: float, y: float, width: float, size: float) -> float:
    """The reason in lines far enough apart that slanting ones do not meet, and the words about sharing; the next free baseline."""
    y = sheet.prose(x, y, desk.referral.reason, width, size, "referral.reason", by_hand=True, lead=1.55)
    return dissent(desk, sheet, x, y + 3, width, 9.5)


def _label(desk: Desk, sheet: Sheet, x: float, y: float) -> None:
    """A label from the hospital's printer: the patient's identifiers, the hospital number in bars, the doctor at the bottom."""
    referral, who = desk.referral, desk.referral.patient
    sheet.box(x, y, 232, 104, 0.5)
    desk.whole_name(
        sheet,
        x + 8,
        y + 16,
        room(sheet, f"{who.family_name.upper()}, {who.given_names} ({who.title})", 11, 216, True),
        "family first",
        bold=True,
    )
    end = sheet.put(x + 8, y + 31, "DoB ", 9)
    end = sheet.put(
        end,
        y + 31,
        f"{who.birth_date:%d/%m/%Y}",
        9.5,
        bold=True,
        name="patient.birth_date",
        value=who.birth_date.isoformat(),
    )
    end = sheet.put(end + 10, y + 31, "Sex ", 9)
    sheet.put(end, y + 31, who.gender[0].upper(), 9.5, bold=True, name="patient.gender", value=who.gender)
    end = sheet.put(x + 8, y + 45, "NHS ", 9)
    end = sheet.put(
        end,
        y + 45,
        desk.entry("patient.nhs_number")[0],
        9.5,
        bold=True,
        name="patient.nhs_number",
        value=who.nhs_number,
    )
    sheet.put(end + 10, y + 45, f"Hosp {who.hospital_number}", 9)
    small = room(sheet, who.address, 9, 216)
    sheet.put(x + 8, y + 59, who.address, small, name="patient.address")
    sheet.put(x + 8, y + 71, who.postcode, 9, name="patient.postcode")
    end = sheet.put(x + 90, y + 71, "Tel ", 9)
    sheet.put(end, y + 71, desk.entry("patient.phone")[0], 9, name="patient.phone", value=who.phone)
    doctor = f"GP Dr {referral.usual_doctor}, {referral.practice.name}"
    sheet.put(x + 8, y + 84, doctor, room(sheet, doctor, 7.5, 216))
    left = x + 8
    for _ in range(40):
        wide = desk.random.choice((0.8, 0.8, 1.6, 2.4))
        sheet.box(left, y + 89, wide, 10, 0, fill=0)
        left += wide + desk.random.choice((1.0, 1.8))


def stuck_label_form(desk: Desk) -> list[Sheet]:
    """One consultant's team asks another: a label for the patient, all else by hand, the urgency ringed, an extension for a telephone."""
    desk = retold(desk)
    referral, random = desk.referral, desk.random
    sender = make_sender(random, (f"{referral.hospital}",))
    sheet = desk.sheet()
    sheet.put(46, 50, referral.hospital, 12, bold=True)
    sheet.put(
        46,
        68,
        random.choice(("INTERNAL REFERRAL (consultant to consultant)", "Request for opinion of another specialty")),
        13,
        bold=True,
    )
    dotted = 0.4
    sheet.box(300, 84, 250, 122, dotted)
    sheet.put(306, 94, "Affix patient label", 7.5, grey=90)
    _label(desk, sheet, 308 + random.uniform(-4, 6), 98 + random.uniform(-1, 3))
    y = 104.0

    def line(label: str, what: str, name: str = "", text: str = "", value: str = "") -> None:
        nonlocal y
        end = sheet.put(46, y, label, 9.5) + 6
        sheet.rule(end - 2, y + 4, 286, y + 4, 0.5)
        if text:
            sheet.write(end, y, text, room(sheet, text, 13, 284 - end), name=name, value=value or None)
        else:
            answer(desk, sheet, what, end, y, 284 - end, 13)
        y += 25

    line(random.choice(("To (specialty)", "Specialty wanted")), "referral.specialty")
    line("Consultant", "referral.named_clinician" if referral.named_clinician else "=any")
    line(random.choice(("From", "Requested by")), "", "referrer.name", f"Dr {sender.person}", sender.person)
    line("Ward or clinic", f"={random.choice(('Ward 14', 'AMU', 'Clinic C', 'SDEC', 'Day unit'))}")
    line("Ext. / bleep", f"={random.randrange(2000, 7999)} / {random.randrange(100, 999)}")
    y = 246.0
    sheet.put(46, y, random.choice(("Urgency (circle):", "Please ring:")), 10, bold=True)
    x = 150.0
    for code, word in (("TWO_WEEK_WAIT", "2WW cancer"), ("URGENT", "Urgent"), ("ROUTINE", "Routine")):
        end = sheet.put(x, y, word, 11)
        if code == referral.priority:
            ring(sheet, x, y - 9, end, y + 2)
            sheet.says("referral.priority", code, (x - 8, y - 14, end + 8, y + 7))
        x = end + 36
    end = sheet.put(430, y, "Date", 10, bold=True) + 6
    answer(desk, sheet, "referral.date", end, y, 548 - end, 13)
    y += 28
    sheet.box(46, y, 504, 640 - y, 0.8)
    sheet.put(
        52,
        y + 13,
        random.choice(("Clinical summary and question", "Please write legibly: problem, findings, question")),
        9.5,
        bold=True,
    )
    _account(desk, sheet, 56, y + 34, 484, 12)
    sheet.put(46, 672, "Signature", 9.5)
    sheet.signature(100, 672)
    end = sheet.put(270, 672, "GMC no. ", 9.5)
    sheet.write(end + 2, 672, str(random.randrange(4_000_000, 7_999_999)), 12)
    sheet.box(46, 694, 504, 76, 0.8)
    sheet.put(52, 707, "Reply (receiving team)", 9.5, bold=True)
    sheet.put(52, 760, "Seen by ........................................   Date ....../....../......", 9.5)
    sheet.put(46, 790, "Top copy: receiving specialty. Second copy: case notes. Third copy: GP.", 8)
    sheets = sent_by([sheet], sender)
    # A hospital's ward is no practice, and an extension is no telephone number that anybody outside can ring.
    sheet.excused |= {"referrer.practice_name", "referrer.phone"}
    return sheets


def _comb(sheet: Sheet, x: float, y: float, text: str, cells: int, step: float) -> float:
    """A comb: a line with low teeth, one letter between two teeth. Returns the right edge."""
    sheet.rule(x, y + 4, x + cells * step, y + 4, 0.7)
    for place in range(cells + 1):
        sheet.rule(x + place * step, y + 4, x + place * step, y - 3, 0.5)
    hand = sheet.hand
    for place, letter in enumerate(text[:cells]):
        if hand is not None:
            tall = 14.5 if letter.isdigit() else 12.5
            wide = width_of(path_of(hand.regular), letter, tall * hand.grow)
            sheet.write(x + (place + 0.5) * step - wide / 2, y, letter, tall)
        else:
            sheet.put(x + (place + 0.5) * step, y, letter, 11, centre=True)
    return x + cells * step


def open_comb_form(desk: Desk) -> list[Sheet]:
    """Letters and digits between the teeth of combs; the urgency is a number, ringed, with its key beside it."""
    desk = retold(desk)
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(550, 50, referral.hospital, 12, bold=True, right=True)
    sheet.put(44, 50, random.choice(("OUT-PATIENT REFERRAL CARD", "GENERAL REFERRAL")), 14, bold=True)
    sheet.put(44, 66, "Please use a black pen and CAPITAL letters. One letter in each space.", 9)
    y = 98.0

    def comb(
        label: str, field: str, printed_text: str, value: str, cells: int, step: float, x: float = 44, lead: float = 96
    ) -> None:
        sheet.put(x, y, label, 9.5, bold=True)
        left = x + lead
        cells = max(cells, len(printed_text))
        step = min(step, (550 - left) / cells)
        right = _comb(sheet, left, y, printed_text, cells, step)
        sheet.says(field, value, (left, y - 13, right, y + 4))

    family = who.family_name.upper()
    comb(random.choice(("Surname", "Last name")), "patient.family_name", family, family, 22, 18.5)
    y += 27
    given = who.given_names.upper()
    comb(random.choice(("First names", "Forenames")), "patient.given_names", given, given, 22, 18.5)
    y += 27
    born = f"{who.birth_date:%d%m%Y}"
    comb(
        random.choice(("Date of birth", "D D M M Y Y Y Y")),
        "patient.birth_date",
        born,
        who.birth_date.isoformat(),
        8,
        18.5,
    )
    x = sheet.put(310, y, "Sex", 9.5, bold=True) + 14
    for code, letter in (("male", "M"), ("female", "F")):
        end = sheet.put(x, y, letter, 11)
        if code == who.gender:
            ring(sheet, x, y - 8, end, y)
            sheet.says("patient.gender", code, (x - 7, y - 12, end + 7, y + 5))
        x = end + 34
    y += 27
    comb(random.choice(("NHS number", "NHS No.")), "patient.nhs_number", who.nhs_number, who.nhs_number, 10, 18.5)
    end = sheet.put(345, y, "Hospital number", 9.5, bold=True) + 8
    sheet.rule(end - 2, y + 4, 550, y + 4, 0.5)
    sheet.write(end, y, who.hospital_number, 12.5)
    y += 27

    def line(label: str, what: str, x: float = 44, right: float = 550, lead: float = 96) -> None:
        sheet.put(x, y, label, 9.5, bold=True)
        sheet.rule(x + lead, y + 4, right, y + 4, 0.5)
        answer(desk, sheet, what, x + lead + 4, y, right - x - lead - 8, 13)

    line("Address", "patient.address")
    y += 27
    comb("Postcode", "patient.postcode", who.postcode, who.postcode, 8, 18.5)
    y += 27
    comb(random.choice(("Telephone", "Phone")), "patient.phone", who.phone, who.phone, 11, 18.5)
    y += 27
    kin = referral.next_of_kin
    line("Emergency contact", f"={kin.name}  {kin.phone}", lead=118)
    y += 32
    sheet.rule(44, y - 16, 550, y - 16, 1.2)
    line("Refer to", "referral.specialty", right=330)
    line("Dr / Mr", "referral.named_clinician" if referral.named_clinician else "=", x=345, lead=44)
    y += 29
    sheet.put(44, y, random.choice(("Category", "Urgency")), 9.5, bold=True)
    x = 140.0
    for number, code in ((1, "TWO_WEEK_WAIT"), (2, "URGENT"), (3, "ROUTINE")):
        end = sheet.put(x, y, str(number), 12, bold=True)
        if code == referral.priority:
            ring(sheet, x, y - 9, end, y)
            sheet.says("referral.priority", code, (x - 8, y - 13, end + 8, y + 5))
        x = end + 34
    sheet.put(270, y, "Ring one.  1 = two week wait   2 = urgent   3 = routine", 9.5)
    y += 24
    sheet.put(44, y, random.choice(("Details", "History and request")), 9.5, bold=True)
    y = _account(desk, sheet, 52, y + 19, 494, 11.5)
    y = max(y + 14, 722.0)
    line(random.choice(("Doctor", "Referred by")), "referrer.name", right=330)
    line("Date", "referral.date", x=345, lead=36)
    y += 27
    line("Surgery", "referrer.practice_name", right=330)
    line("Code", "referrer.practice_code", x=345, lead=36)
    y += 27
    line("Surgery telephone", "referrer.phone", right=330, lead=118)
    sheet.put(550, 820, f"Stock no. {random.randrange(10000, 99999)}", 7.5, right=True)
    return [sheet]
