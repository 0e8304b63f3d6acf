"""Papers as they come from other trades and other programs: dentists' sentences, opticians' forms, covers, prints of mail."""

import datetime as dt

import pytest

from templates.form import load_forms
from templates.read import read_document
from tests.templates.paper import SecondReader, page

TODAY = dt.date(2026, 11, 22)
FORMS = load_forms()


def read(*papers):
    pages = tuple(page(lines, number=n) for n, lines in enumerate(papers, 1))
    return read_document(pages, FORMS, SecondReader(pages), TODAY)


def part(*papers):
    return read(*papers).parts[0]


def values(*papers):
    return {f: r.value for f, r in part(*papers).readings.items()}


DENTIST = [
    (0.1, 0.07, "Castle Gate Dental Practice"),
    (0.1, 0.16, "20th November 2026"),
    (0.1, 0.19, "The Department of Oral and Maxillofacial Surgery,"),
    (0.1, 0.21, "Marlow Cross Hospital"),
    (0.1, 0.24, "Dear Sir or Madam,"),
    (0.1, 0.27, "I am writing about my patient Emily Kaye, who was born on 15th"),
    (0.1, 0.29, "February 1979 and lives at 179 Chantry Way, Liverpool, L39 6RW."),
    (0.1, 0.31, "Her NHS number is 999 000"),
    (0.1, 0.33, "0018 and she can be reached on 07700 900001."),
    (0.1, 0.36, "At a routine examination I saw a white patch 15 mm long on the left border of the tongue."),
    (0.1, 0.42, "Yours faithfully,"),
    (0.1, 0.47, "Kavita Umeh"),
]


def test_sentences_name_a_patient_without_title_and_over_the_lines_ends():
    got = values(DENTIST)
    assert (got["patient.family_name"], got["patient.given_names"]) == ("Kaye", "Emily")
    assert got["patient.nhs_number"] == "9990000018" and got["patient.birth_date"] == "1979-02-15"
    assert got["patient.phone"] == "07700900001" and got["patient.postcode"] == "L39 6RW"


LETTER = [
    (0.6, 0.05, "Limekiln Medical Centre"),
    (0.1, 0.12, "18 November 2026"),
    (0.1, 0.15, "Dear Sir/Madam"),
    (0.1, 0.18, "RE: SCHMIDT Morag DOB: 24/06/1992 NHS: 999-000-0018"),
    (0.1, 0.21, "She has flooded for three days of each cycle and I should value your opinion on a scan."),
    (0.1, 0.26, "Yours faithfully"),
    (0.1, 0.31, "Dr D Kirkbride"),
    (0.8, 0.93, "Page 2 of 2"),
]
COVER = [
    (0.1, 0.06, "FAX"),
    (0.1, 0.11, "To: Booking Office, Queen Adelaide Hospital"),
    (0.6, 0.11, "From: Limekiln Medical Centre"),
    (0.1, 0.17, "Pages including this one: 2"),
    (0.1, 0.20, "Re: referral to Gynaecology"),
    (0.1, 0.23, "URGENT"),
    (0.1, 0.30, "If this fax has reached you in error please telephone the sender at once."),
    (0.8, 0.93, "Page 1 of 2"),
]


def test_a_cover_is_one_of_the_pages_that_the_sender_counts():
    answer = read(COVER, LETTER)
    assert answer.document_type == "referral"
    assert not [r for r in (*answer.reasons, *answer.parts[0].reasons) if r.code == "missing_page"]


def test_a_strangers_laboratory_page_does_not_stand_for_a_lost_one():
    lost = [*LETTER[:-1], (0.8, 0.93, "Page 1 of 2")]
    results = [
        (0.1, 0.05, "PATHOLOGY REPORT"),
        (0.1, 0.08, "SCHMIDT, Morag 24/06/1992 NHS 999 000 0018"),
        (0.1, 0.12, "Haemoglobin 102 g/L"),
    ]
    answer = read(lost, [*results, (0.8, 0.93, "Page 2 of 3")])
    said = [r for p in answer.parts for r in (*answer.reasons, *p.reasons) if r.code in ("missing_page", "page_count")]
    assert said or len(answer.parts[0].pages) == 2


def test_what_only_the_cover_says_is_shown_and_left_to_a_person():
    got = part(COVER, LETTER)
    assert got.readings["referral.specialty"].value == "Gynaecology"
    assert "only the cover sheet says it" in got.readings["referral.specialty"].doubts
    assert got.readings["referral.priority"].value == "URGENT"
    assert any(r.field == "referral.priority" for r in got.reasons)


def test_a_count_at_the_end_of_a_footers_line_is_read():
    letter = [*LETTER[:-1], (0.1, 0.5, "Letter generated on 19-Nov-2026 by the secretary. Page 1 of 2")]
    assert any("page 2 of 2 is missing" in r.says for r in part(letter).reasons)


def test_the_telephone_of_the_patients_own_gp_is_not_the_referrers():
    optician = [
        (0.1, 0.05, "GOS 18 Referral by optometrist"),
        (0.1, 0.09, "Surname: Clarke"),
        (0.5, 0.09, "Other names: Vikram"),
        (0.1, 0.12, "NHS no: 999 000 0018"),
        (0.5, 0.12, "Date of birth: 09/10/1948"),
        (0.1, 0.16, "Patient's GP (copy 1): Dr Morag Venkatesan, Fallow Field Surgery, tel 01632 960295"),
        (0.1, 0.20, "Reason for referral: both eyes have become misty over four months."),
    ]
    phone = part(optician).readings.get("referrer.phone")
    assert phone is None or "this may be the telephone of the patient's own GP" in phone.doubts
    mine = values([
        *optician,
        (0.1, 0.27, "Optometrist (print): Ingrid Farrant"),
        (0.1, 0.29, "Practice: Iris Lane Optometrists"),
        (0.1, 0.31, "Telephone: 01632 960464"),
    ])  # fmt: skip
    assert mine["referrer.phone"] == "01632960464"


def test_both_genders_in_print_without_a_box_are_no_answer():
    form = [
        (0.1, 0.05, "Suspected Breast Cancer referral form"),
        (0.1, 0.10, "Last name: NDLOVU"),
        (0.1, 0.13, "First name: Carol"),
        (0.1, 0.16, "NHS number: 999 000 0018"),
        (0.1, 0.19, "Gender: Male"),
        (0.3, 0.19, "Female"),
    ]
    assert "patient.gender" not in values(form)


def test_a_department_in_the_title_of_a_cancer_form_makes_it_no_laboratory_report():
    form = [
        (0.1, 0.05, "Suspected Haematology Cancer"),
        (0.1, 0.08, "Urgent suspected cancer referral (two week wait)"),
        (0.1, 0.12, "Last name: GLEDHILL"),
        (0.1, 0.15, "NHS number: 999 000 0018"),
        (0.1, 0.18, "Date of birth: 06/05/1985"),
        (0.1, 0.21, "Clinical information"),
        (0.1, 0.24, "Rubbery nodes have been present on both sides of the neck for five weeks."),
    ]
    assert read(form).document_type == "referral"


def test_a_mail_program_puts_the_practice_in_brackets():
    mail = [
        (0.1, 0.05, "From: LATTIMER, Oluwaseun (QUAYSIDE SURGERY) <quayside@example.invalid>"),
        (0.1, 0.08, "Subject: Routine referral Cardiology"),
        (0.1, 0.14, "Dear colleagues"),
        (0.1, 0.17, "Kindly see this 80 year old market trader who has been breathless for four weeks."),
        (0.1, 0.22, "Many thanks"),
        (0.1, 0.26, "PATIENT: MOORE, Noah / DOB 07-07-1946 / male / NHS 999 000 0018"),
    ]
    assert values(mail).get("referrer.practice_name", "QUAYSIDE SURGERY").upper() == "QUAYSIDE SURGERY"


def test_a_hand_in_capitals_writes_sentences_too():
    letter = [
        (0.1, 0.10, "RE AMELIA LLEWELLYN"),
        (0.1, 0.13, "DOB 24 JUN 1949 NHS 999 000 0018"),
        (0.1, 0.20, "DEAR DR"),
        (0.1, 0.23, "THIS 77 YEAR OLD LADY CAME TO SURGERY WITH A FIRST SEIZURE WITNESSED BY THE FAMILY."),
        (0.1, 0.25, "I WOULD BE GRATEFUL FOR YOUR DIAGNOSIS AND ADVICE."),
        (0.1, 0.32, "DR LOUISE GARSIDE"),
    ]
    assert values(letter)["referral.reason"].startswith("THIS 77 YEAR OLD LADY")


def test_a_letters_text_is_neither_the_column_beside_it_nor_the_lists_beneath():
    letter = [
        (0.1, 0.10, "Mr Derek de Silva"),
        (0.35, 0.10, "Dear Sir or Madam"),
        (0.1, 0.14, "Born 29 August 1985"),
        (0.35, 0.14, "Please would you kindly see this 41 year old man with a changing pigmented lesion"),
        (0.1, 0.17, "Depends on nobody at home"),
        (0.35, 0.16, "on the left calf, now 9 mm with an irregular border."),
        (0.35, 0.19, "Other problems: Migraine; Depression 2016."),
        (0.35, 0.24, "Yours sincerely"),
    ]
    reason = values(letter)["referral.reason"]
    assert reason.startswith("Please would you") and reason.endswith("irregular border.")


PATIENT = [
    (0.1, 0.05, "Outpatient referral form"),
    (0.1, 0.09, "Surname: Smith"),
    (0.5, 0.09, "First names: Ann"),
    (0.1, 0.12, "NHS number: 999 000 0018"),
    (0.5, 0.12, "Date of birth: 03/05/1950"),
]


def test_a_relatives_telephone_behind_a_word_for_home_is_not_the_patients():
    got = values([*PATIENT, (0.1, 0.16, "Home"), (0.3, 0.16, "Spouse Gladys Smith, 07700 900694")])
    assert "patient.phone" not in got
    assert "patient.phone" not in values([*PATIENT, (0.1, 0.16, "Caller's phone: 07700 900019")])


def test_a_mothers_number_is_no_second_number_of_the_child():
    got = part([*PATIENT, (0.5, 0.16, "Mother's NHS number: 999 000 0026")])
    assert got.readings["patient.nhs_number"].value == "9990000018"
    assert not any(r.field == "patient.nhs_number" for r in got.reasons)


def test_your_name_is_the_writers():
    got = values([*PATIENT, (0.1, 0.16, "Your name"), (0.3, 0.16, "Dr Mary Adeyemi")])
    assert got["patient.family_name"] == "Smith" and got["referrer.name"] == "Mary Adeyemi"


@pytest.mark.parametrize(("title", "doubted"), [("Urology", True), ("Lung", False)])
def test_a_title_and_a_sentence_that_name_two_departments_leave_it_to_a_person_but_a_site_is_none(title, doubted):
    form = [
        (0.1, 0.05, f"{title}: referral from primary care"),
        (0.1, 0.08, "By sending this form I confirm that this is an urgent suspected cancer referral to"),
        (0.1, 0.10, "Respiratory Medicine at Calder Royal Infirmary."),
        *((x, y + 0.05, text) for x, y, text in PATIENT[1:]),
    ]
    specialty = part(form).readings["referral.specialty"]
    assert specialty.value == "Respiratory Medicine" or doubted
    assert ("the page names more than one specialty" in specialty.doubts) is doubted


def test_allergies_are_no_department():
    assert "referral.specialty" not in values([*PATIENT, (0.1, 0.30, "Allergies")])


def test_a_gender_stands_in_the_row_of_the_patients_number_and_is_left_to_a_person():
    letter = [
        (0.1, 0.10, "Dear Colleague"),
        (0.1, 0.13, "RE: Ms Ann Smith"),
        (0.1, 0.15, "DOB 10/05/72; NHS number 999 000 0018; female."),
        (0.1, 0.20, "I would be grateful for your opinion about a painful knee that has lasted four months."),
        (0.1, 0.26, "Yours sincerely"),
    ]
    gender = part(letter).readings["patient.gender"]
    assert gender.value == "female" and gender.doubts


def test_words_of_out_of_hours_services_are_labels():
    got = values([
        *PATIENT,
        (0.1, 0.16, "Referral made to: Dermatology"),
        (0.1, 0.19, "To be seen: urgently"),
        (0.1, 0.22, "Assessed by: Dr Oliver Naylor"),
    ])  # fmt: skip
    assert got["referral.specialty"] == "Dermatology" and got["referral.priority"] == "URGENT"
    assert got["referrer.name"] == "Oliver Naylor"


def test_a_reason_ends_before_medicines_diagnoses_and_the_next_numbered_heading():
    text = "This 41 year old man has had a changing pigmented lesion on the left calf since March."
    for tail in (
        "Meds Levothyroxine 75 micrograms od; Atorvastatin 20 mg nocte",
        "Diagnoses Type 2 diabetes mellitus 2018; Asthma",
        "5. INVESTIGATIONS ALREADY DONE",
        "Current medicines are Clenil 50 mcg 2 puffs bd.",
    ):
        got = values([*PATIENT, (0.1, 0.20, "Reason for referral"), (0.1, 0.22, text), (0.1, 0.24, tail)])
        assert got["referral.reason"] == text, tail
    listed = [(0.1, 0.22, text), (0.1, 0.24, "2. Weight loss since the spring, and he is tired.")]
    assert "Weight loss" in values([*PATIENT, (0.1, 0.20, "Reason for referral"), *listed])["referral.reason"]


def test_a_title_that_requests_an_assessment_names_the_department_asked_for():
    title = (0.1, 0.05, "Gynaecology - request for outpatient assessment")
    assert part([title, *PATIENT[1:]]).readings["referral.specialty"].how == "read from the form's title"
    plain = (0.1, 0.05, "Gynaecology Outpatients")
    assert part([plain, *PATIENT[1:]]).readings["referral.specialty"].how == "read from the heading"
