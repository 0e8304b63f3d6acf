"""What goes through a feeder together: a cover that counts what follows, a sheet that stayed behind, a stranger's summary, two asks."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.designs_merged import banner_letter, gaps_letter, inline_cells_letter, table_at_foot_letter
from gateway.rehearsal.designs_packs import other_desk, without_one
from gateway.rehearsal.designs_trusts import answer_column_form, specialty_grid_form
from gateway.rehearsal.designs_typists import side_head_letter, stamped_letter
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import address_block, answer, labelled, room
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN
from gateway.rehearsal.record import consultations, earlier, listed, values
from gateway.rehearsal.sheet import Sheet


def _slip(desk: Desk, following: int) -> Sheet:
    """A surgery's own cover: a frame at the right for the addressee, a count of the sheets behind it, ticks for what is asked."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.part = None
    sheet.put(48, 70, practice.name, 15, bold=True)
    y = 86.0
    for line in (*practice.address.split(", "), practice.postcode):
        sheet.put(48, y, line, 10)
        y += 13
    sheet.put(48, y + 2, f"Tel {printed.phone(practice.phone, desk.phone_style)}", 10)
    sheet.put(48, y + 15, f"Fax {printed.phone(practice.fax, desk.phone_style)}", 10)
    sheet.box(320, 52, 227, 92, 1.6)
    sheet.put(330, 70, random.choice(("BY FAX TO", "FAX TO")), 9, bold=True)
    sheet.put(330, 90, referral.hospital, room(sheet, referral.hospital, 12, 207))
    sheet.put(330, 106, "Central referral team", 11)
    sheet.put(330, 130, "01632 960 555", 12, bold=True)
    y = 190.0
    name = f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}"
    word = random.choice(("Sheets following this one", "Pages to follow"))
    for label, text in (
        ("From", name),
        ("When", f"{referral.date:%d/%m/%Y}, {random.randrange(8, 18)}:{random.randrange(10, 60)}"),
        (word, str(following)),
        (
            "Concerning",
            random.choice(("one patient, letter attached", "a referral, sent by fax as e-RS is not working")),
        ),
    ):
        sheet.put(48, y, f"{label}:", 12, bold=True)
        sheet.put(230, y, text, room(sheet, text, 12, 317))
        y += 26
    for place, word in enumerate(("For action", "For information", "As discussed", "Please ring back")):
        sheet.tick(48 + 125 * place, y, 11, place == 0, "check")
        sheet.put(65 + 125 * place, y + 9.5, word, 10)
    words = (
        "The pages with this sheet are private. If they are not for you, do not read or copy them: ring us on the number at the top and "
        "we will tell you what to do. If a page is missing or cannot be read, please ask for it again."
    )
    sheet.prose(48, y + 50, [words], 499, 10.5, lead=1.45)
    return sheet


def _summary(desk: Desk) -> Sheet:
    """A practice's summary of a record, which asks for nothing: identifiers, lists, figures, the date of printing."""
    referral, random = desk.referral, desk.random
    sheet = desk.sheet()
    sheet.put(44, 52, random.choice(("Patient summary", "Summary of medical record")), 14, bold=True)
    sheet.put(551, 52, f"printed {printed.date(referral.date, desk.date_form)}", 9, right=True)
    sheet.rule(44, 60, 551, 60, 0.8)
    answer(desk, sheet, "title first", 44, 78, 270, 12.5)
    below = address_block(desk, sheet, 44, 93, 10)
    labelled(desk, sheet, "Date of birth", "patient.birth_date", 330, 78, 220, 10)
    labelled(desk, sheet, "NHS number", "patient.nhs_number", 330, 93, 220, 10)
    labelled(desk, sheet, "Sex", "patient.gender", 330, 108, 220, 10)
    y = max(below, 124.0) + 18
    for heading, lines in (
        ("Problems", referral.past or ("none entered",)),
        ("Medicines on repeat", referral.medicines or ("none entered",)),
        ("Reactions", (referral.allergies,)),
    ):
        sheet.put(44, y, heading, 11, bold=True)
        rows = [
            (f"{earlier(random, referral.date, 5, 1500):%m.%Y}" if line != "none entered" else "", line)
            for line in lines
        ]
        y = listed(sheet, 60, y + 17, rows, (130,), 10, 551) + 10
    sheet.put(44, y, "Measurements", 11, bold=True)
    y = (
        listed(
            sheet,
            60,
            y + 17,
            [(f"{day:%d.%m.%Y}", name, figure) for day, name, figure in values(random, referral, 6)],
            (150, 340),
            10,
            551,
        )
        + 10
    )
    sheet.put(44, y, "Encounters", 11, bold=True)
    listed(
        sheet,
        60,
        y + 17,
        [(f"{day:%d.%m.%Y}", note) for day, _, note in consultations(random, referral, 4)],
        (150,),
        10,
        551,
    )
    sheet.put(297, 818, "End of summary", 8, centre=True)
    return sheet


def slip_and_referral(desk: Desk) -> list[Sheet]:
    """A cover that counts the sheets behind it and not itself, a letter or a form, mostly with a summary of the record."""
    sheets = desk.random.choice((stamped_letter, inline_cells_letter, side_head_letter, answer_column_form))(desk)
    if desk.random.random() < 0.7:
        sheets.append(_summary(desk))
    return [_slip(desk, len(sheets)), *sheets]


def letter_with_a_gap(desk: Desk) -> list[Sheet]:
    """A letter of two numbered sheets of which one stayed in the feeder."""
    return without_one(desk, desk.random.choice((inline_cells_letter, banner_letter))(desk))


def letter_and_strangers_summary(desk: Desk) -> list[Sheet]:
    """A letter, and the summary of another patient's record among or behind its pages."""
    sheets = desk.random.choice((gaps_letter, banner_letter, table_at_foot_letter, inline_cells_letter))(desk)
    stranger = _summary(other_desk(desk))
    stranger.part, stranger.stranger = None, True
    at = desk.random.choice((1, len(sheets), len(sheets)))
    return [*sheets[:at], stranger, *sheets[at:]]


def two_in_the_feeder(desk: Desk) -> list[Sheet]:
    """Two patients' referrals in one call, of one practice's habits and not always of one kind."""
    kinds = (stamped_letter, side_head_letter, specialty_grid_form, answer_column_form, table_at_foot_letter)
    first, second = desk.random.choice(kinds)(desk), desk.random.choice(kinds)(other_desk(desk))
    for sheet in second:
        sheet.part = 1
    return [*first, *second]
