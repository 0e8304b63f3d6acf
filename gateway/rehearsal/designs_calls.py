"""Several documents in one call: counted packs, letters with a page lost or a stranger's page, two referrals."""

from __future__ import annotations

from gateway.rehearsal import printed
from gateway.rehearsal.designs_clinics import line_panels, outpatient_table
from gateway.rehearsal.designs_packs import other_desk, without_one
from gateway.rehearsal.designs_records import grid_letter, journal_letter, subject_box_letter
from gateway.rehearsal.designs_typed import plain_letter, tabbed_letter
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.form_parts import answer, labelled, room
from gateway.rehearsal.names import DOCTORS_FAMILY, DOCTORS_GIVEN
from gateway.rehearsal.record import earlier
from gateway.rehearsal.sheet import Sheet


def _front(desk: Desk, pages: int) -> Sheet:
    """A practice's fax front page: a framed table, the page count in words or figures, a warning about confidence."""
    referral, random, practice = desk.referral, desk.random, desk.referral.practice
    sheet = desk.sheet()
    sheet.part = None
    sheet.put(297, 80, practice.name, 17, bold=True, centre=True)
    sheet.put(297, 98, f"{practice.address} {practice.postcode}", 10, centre=True)
    sheet.put(
        297, 150, random.choice(("FAX TRANSMISSION", "SAFE HAVEN FAX", "FAX MESSAGE")), 24, bold=True, centre=True
    )
    number = ("one", "two", "three", "four", "five", "six", "seven", "eight")[pages - 1]
    rows = (
        ("TO", f"{referral.specialty} referrals, {referral.hospital}"),
        ("FAX NUMBER", "01632 960555"),
        ("FROM", f"{random.choice(DOCTORS_GIVEN)} {random.choice(DOCTORS_FAMILY)}, medical secretary"),
        ("TELEPHONE", printed.phone(practice.phone, desk.phone_style)),
        ("DATE", printed.date(referral.date, desk.date_form)),
        ("PAGES (WITH THIS ONE)", random.choice((str(pages), f"{pages} ({number})"))),
        ("SUBJECT", random.choice(("Referral letter and report", "New patient", "As discussed by telephone"))),
    )
    y = 190.0
    for label, text in rows:
        sheet.box(80, y, 150, 28, 0.8)
        sheet.box(230, y, 285, 28, 0.8)
        sheet.put(88, y + 18, label, 9.5, bold=True)
        sheet.put(238, y + 18, text, room(sheet, text, 11, 270))
        y += 28
    words = (
        "This fax is confidential and meant only for the person or office named above. If it has reached you by mistake, please "
        "telephone us at once on the number above and destroy it."
    )
    sheet.prose(80, y + 40, [words], 435, 10)
    return sheet


def _scan_report(desk: Desk) -> Sheet:
    """A radiology report: an accession number of ten digits, an examination number, the requester as another doctor."""
    referral, random, who = desk.referral, desk.random, desk.referral.patient
    sheet = desk.sheet()
    sheet.put(50, 54, f"{referral.hospital}   Department of Radiology", 12, bold=True)
    sheet.rule(50, 60, 545, 60, 1)
    end = sheet.put(50, 80, "Patient ", 10)
    answer(desk, sheet, "family first", end + 3, 80, 250, 11.4)
    labelled(desk, sheet, "NHS", "patient.nhs_number", 340, 80, 180, 10, bold=False)
    labelled(desk, sheet, "Born", "patient.birth_date", 50, 95, 200, 10, bold=False)
    sheet.put(340, 95, f"Hospital number {who.hospital_number}", 10)
    done = earlier(random, referral.date, 3, 40)
    sheet.put(50, 110, f"Accession no. {referral.laboratory_number}", 10)
    sheet.put(340, 110, f"Examined {printed.date(done, desk.date_form)}", 10)
    sheet.put(50, 125, f"Requested by Dr {random.choice(DOCTORS_FAMILY)}", 10)
    examination, report = random.choice(
        (
            (
                "XR Chest",
                ("Heart size normal.", "No consolidation, effusion or mass.", "Old rib fractures on the left."),
            ),
            (
                "US Abdomen",
                (
                    "Liver of normal echo pattern.",
                    "Gallbladder thin walled, no stones.",
                    "Kidneys 10.2 and 10.6 cm, no hydronephrosis.",
                ),
            ),
            ("XR Knee both", ("Joint spaces preserved.", "No loose body or fracture.", "Small effusion on the right.")),
        )
    )
    sheet.put(50, 156, examination, 11, bold=True)
    y = sheet.prose(50, 178, report, 495, 10.5, lead=1.5)
    sheet.put(
        50, y + 20, f"Reported by Dr {random.choice(DOCTORS_FAMILY)}, consultant radiologist. Verified report.", 10
    )
    sheet.put(545, 815, "Images are on the picture archive", 8, right=True)
    return sheet


def counted_pack(desk: Desk) -> list[Sheet]:
    """A front page that counts, a letter or a form, and a scan report."""
    sheets = desk.random.choice((grid_letter, subject_box_letter, plain_letter, outpatient_table))(desk)
    sheets.append(_scan_report(desk))
    return [_front(desk, len(sheets) + 1), *sheets]


def letter_short_of_a_page(desk: Desk) -> list[Sheet]:
    """A letter whose pages are numbered, and one of them did not arrive."""
    return without_one(desk, desk.random.choice((grid_letter, journal_letter, tabbed_letter))(desk))


def letter_with_strangers_report(desk: Desk) -> list[Sheet]:
    """A letter, and another patient's scan report among or behind its pages."""
    sheets = desk.random.choice((grid_letter, journal_letter, plain_letter))(desk)
    stranger = _scan_report(other_desk(desk))
    stranger.part, stranger.stranger = None, True
    at = desk.random.choice((1, len(sheets), len(sheets)))
    return [*sheets[:at], stranger, *sheets[at:]]


def two_patients_sent(desk: Desk) -> list[Sheet]:
    """Two referrals put through the machine in one go."""
    kinds = (subject_box_letter, plain_letter, line_panels, outpatient_table)
    first, second = desk.random.choice(kinds)(desk), desk.random.choice(kinds)(other_desk(desk))
    for sheet in second:
        sheet.part = 1
    return [*first, *second]
