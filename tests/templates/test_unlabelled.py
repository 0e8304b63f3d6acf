"""What pages say without labels, and what must not be taken for a value."""

import datetime as dt

from templates.form import load_forms
from templates.grammar_codes import find_postcodes
from templates.read import read_document
from tests.templates.paper import SecondReader, page, tick

TODAY = dt.date(2026, 11, 22)
FORMS = load_forms()


def read(lines):
    pages = (page(lines),)
    return read_document(pages, FORMS, SecondReader(pages), TODAY)


def values(lines):
    found = read(lines)
    return {f: r.value for f, r in found.parts[0].readings.items()} if found.parts else {}


def test_words_are_no_postcode():
    assert not find_postcodes("89 The Crescent, Selby")
    assert [p.value for p in find_postcodes("89 The Crescent, Selby WF1O 4PW")] == ["WF10 4PW"]


def test_a_sentence_names_the_patient():
    got = values([
        (0.1, 0.10, "Dear Colleague"),
        (0.1, 0.14, "Thank you for seeing Mrs Ann Smith, born 3 May 1950, NHS number 999 000 0018,"),
        (0.1, 0.16, "of 12 High Street, Leeds, LS1 4AB."),
        (0.1, 0.20, "She has had a painful knee for four months and walks less than she did."),
        (0.1, 0.26, "Yours sincerely"),
    ])  # fmt: skip
    assert got["patient.family_name"] == "Smith" and got["patient.birth_date"] == "1950-05-03"
    assert got["patient.address"] == "12 High Street, Leeds" and got["patient.postcode"] == "LS1 4AB"


def test_a_title_is_no_specialty():
    got = values([
        (0.1, 0.05, "Referral to Secondary Care"),
        (0.1, 0.10, "Surname: Smith"),
        (0.1, 0.13, "Forename: Ann"),
        (0.1, 0.16, "NHS No: 999 000 0018"),
        (0.1, 0.19, "DOB: 03/05/1950"),
        (0.1, 0.22, "Reason for referral: painful knee for four months, please assess."),
    ])  # fmt: skip
    assert "referral.specialty" not in got and got["patient.family_name"] == "Smith"


def test_a_cell_beneath_the_address_is_not_part_of_it():
    got = values([
        (0.1, 0.05, "Referral form"),
        (0.1, 0.10, "SURNAME"), (0.5, 0.10, "FORENAME"),
        (0.1, 0.115, "Smith"), (0.5, 0.115, "Ann"),
        (0.1, 0.15, "ADDRESS"), (0.5, 0.15, "NHS NO"),
        (0.1, 0.165, "12 High Street, Leeds"), (0.5, 0.165, "999 000 0018"),
        (0.1, 0.19, "ILLNO"), (0.5, 0.19, "DATE OF BIRTH"),
        (0.1, 0.205, "01632 960123"), (0.5, 0.205, "03/05/1950"),
        (0.1, 0.25, "REASON FOR REFERRAL"),
        (0.1, 0.265, "Painful knee for four months, please assess."),
    ])  # fmt: skip
    assert got["patient.address"] == "12 High Street, Leeds"


def test_a_page_that_breaks_a_rule_steps_aside(monkeypatch):
    import templates.read as reading

    real = reading.read_page_values

    def breaks(one, forms, today):
        if one.number == 2 and one.lines:
            raise RuntimeError("unforeseen")
        return real(one, forms, today)

    monkeypatch.setattr(reading, "read_page_values", breaks)
    first = page([(0.1, 0.05, "Referral form"), (0.1, 0.1, "Surname: Smith"), (0.1, 0.13, "NHS No: 999 000 0018"),
                  (0.1, 0.16, "DOB: 03/05/1950"), (0.1, 0.2, "Reason for referral: painful knee for months.")])  # fmt: skip
    second = page([(0.1, 0.1, "Anything")], number=2)
    found = read_document((first, second), FORMS, SecondReader((first, second)), TODAY)
    assert found.parts and any("could not be read" in r.says for r in found.reasons)


LETTER = [
    (0.1, 0.05, "Riverside Medical Practice"),
    (0.1, 0.14, "18 November 2026"),
    (0.1, 0.20, "Cardiology Outpatients, Northfield General Hospital"),
    (0.1, 0.24, "Dear Colleague"),
    (0.1, 0.28, "I would be grateful for a routine appointment for the above patient."),
    (0.1, 0.31, "Mrs Ann Smith, date of birth 3 May 1950, NHS number 999 000 0018, of"),
    (0.1, 0.33, "12 High Street, Leeds, LS1 4AB (telephone 07700 900123)."),
    (0.1, 0.36, "She has had palpitations for four months which come on at rest and pass off."),
    (0.1, 0.38, "There is no chest pain and the pulse is regular at seventy today."),
    (0.1, 0.42, "Yours sincerely"),
    (0.1, 0.46, "Dr Simon Naylor"),
    (0.1, 0.48, "Riverside Medical Practice (B87030)"),
]


def test_the_department_written_to_is_the_specialty_and_a_plain_request_is_the_urgency():
    part = read(LETTER).parts[0]
    assert part.readings["referral.specialty"].value == "Cardiology"
    assert part.readings["referral.priority"].value == "ROUTINE" and not part.readings["referral.priority"].doubts
    assert part.readings["patient.phone"].value == "07700900123"
    assert part.readings["referrer.practice_name"].value == "Riverside Medical Practice"


def test_what_is_told_of_others_or_of_ifs_is_no_request():
    told = [*LETTER]
    told[4] = (0.1, 0.28, "Please see her as an urgent referral if the pain returns.")
    part = read(told).parts[0]
    assert "referral.priority" not in part.readings or part.readings["referral.priority"].doubts


def test_a_question_about_urgency_is_no_answer():
    got = values([
        (0.1, 0.05, "Referral form"),
        (0.1, 0.10, "Surname: Smith"), (0.5, 0.10, "NHS No: 999 000 0018"),
        (0.1, 0.13, "Forename: Ann"), (0.5, 0.13, "DOB: 03/05/1950"),
        (0.1, 0.16, "HOW URGENT IS IT?"),
        (0.1, 0.20, "Reason for referral: painful knee for four months, please assess."),
    ])  # fmt: skip
    assert "referral.priority" not in got


def test_a_list_of_dated_entries_is_no_reason():
    got = values([
        (0.1, 0.05, "Referral form"),
        (0.1, 0.10, "Surname: Smith"), (0.5, 0.10, "NHS No: 999 000 0018"),
        (0.1, 0.13, "Forename: Ann"), (0.5, 0.13, "DOB: 03/05/1950"),
        (0.1, 0.20, "She has had a painful knee for four months and walks less than she did."),
        (0.1, 0.22, "Anti-inflammatory tablets and six weeks of physiotherapy have not helped."),
        (0.1, 0.30, "Summary"),
        (0.1, 0.32, "04-Sep-2021 Asthma"),
        (0.1, 0.34, "09-Dec-2025 Salbutamol 100 mcg prn"),
        (0.1, 0.36, "21-May-2019 Amlodipine 5 mg od"),
    ])  # fmt: skip
    assert str(got["referral.reason"]).startswith("She has had a painful knee")


def test_a_form_that_says_it_was_faxed_is_read_to_the_end():
    got = values([
        (0.1, 0.05, "REFERRAL (SENT BY FAX)"),
        (0.1, 0.09, "To: Booking office"), (0.5, 0.09, "Fax: 01632 960555"),
        (0.1, 0.12, "Mr Alan Ramsden"), (0.5, 0.12, "19 November 2026"),
        (0.1, 0.14, "67 Ings Lane"),
        (0.1, 0.16, "Reading"),
        (0.1, 0.18, "RG1 6ZS"),
        (0.1, 0.20, "Born 02/02/1950"),
        (0.1, 0.22, "NHS 999 000 0018"),
        (0.1, 0.28, "Please see this gentleman who has coughed up blood on four occasions."),
        (0.1, 0.30, "He has smoked all his life and has lost weight since the summer."),
    ])  # fmt: skip
    assert got["patient.family_name"] == "Ramsden" and got["patient.postcode"] == "RG1 6ZS"
    assert got["referral.date"] == "2026-11-19" and "coughed up blood" in str(got["referral.reason"])


def test_marks_over_letters_that_no_form_prints_are_specks():
    got = values([
        (0.1, 0.05, "Referral form"),
        (0.1, 0.10, "Surname: Smi\u0165h"), (0.5, 0.10, "NHS No: 999 000 0018"),
        (0.1, 0.13, "Forename: Zo\u00eb"), (0.5, 0.13, "DOB: 03/05/1950"),
        (0.1, 0.16, "Address: 12 Cross L,ane, Leeds"),
        (0.1, 0.20, "Reason for referral: painful knee for four months, please assess."),
    ])  # fmt: skip
    assert got["patient.family_name"] == "Smith" and got["patient.given_names"] == "Zo\u00eb"
    assert got["patient.address"] == "12 Cross Lane, Leeds"


def test_the_department_beneath_the_consultant_is_meant_and_two_titles_are_two_people():
    got = values([
        (0.1, 0.06, "Calder Royal Infirmary"), (0.6, 0.06, "Secretary: 0113 496 0796"),
        (0.1, 0.08, "Department of Acute Medicine"),
        (0.1, 0.11, "Mr A Yates"),
        (0.1, 0.13, "Consultant, Colorectal Surgery"),
        (0.1, 0.15, "Northfield General Hospital"), (0.6, 0.15, "NHS no: 999 000 0018"),
        (0.1, 0.20, "Dear Mr Yates"),
        (0.1, 0.22, "Mr Omar al-Hassan"), (0.6, 0.22, "born 22/11/1967"),
        (0.1, 0.24, "145 Barley Croft, Ormskirk, L39 3TX"),
        (0.1, 0.28, "Thank you for seeing this man with rectal bleeding for seven weeks and pain."),
        (0.1, 0.30, "The abdomen is soft and rectal examination was normal today."),
        (0.1, 0.36, "Yours sincerely"),
        (0.1, 0.40, "Dr Priya Lister"),
    ])  # fmt: skip
    assert got["referral.specialty"] == "Colorectal Surgery" and got["patient.family_name"] == "al-Hassan"
    assert got["patient.given_names"] == "Omar" and got["referrer.phone"] == "01134960796"


def test_a_count_at_the_foot_names_the_page_that_did_not_come():
    got = read([
        (0.1, 0.10, "Dear Colleague"),
        (0.1, 0.14, "Thank you for seeing Mrs Ann Smith, born 3 May 1950, NHS number 999 000 0018."),
        (0.1, 0.20, "She has had a painful knee for four months and walks less than she did."),
        (0.1, 0.26, "Yours sincerely"),
        (0.48, 0.96, "1/2"),
    ])  # fmt: skip
    assert [r.code for r in got.parts[0].reasons if r.code == "missing_page"] == ["missing_page"]


def test_an_acuity_is_no_count_of_pages():
    got = read([
        (0.1, 0.10, "Referral form"), (0.1, 0.14, "Surname: Smith"), (0.1, 0.17, "NHS No: 999 000 0018"), (0.1, 0.20, "DOB: 03/05/1950"),
        (0.1, 0.30, "Reason for referral: blurred sight for four months, please assess."), (0.3, 0.40, "6/9"), (0.5, 0.40, "6/12"),
    ])  # fmt: skip
    assert not [r for r in got.parts[0].reasons if r.code == "missing_page"]


def test_urgent_suspected_cancer_is_one_priority():
    for text in (
        "Urgent - suspected cancer",
        "URGENT SUSPECTED CANCER",
        "Urgent: 2WW",
        "Urgent (2 week wait)",
        "Urgent - suspected eaneer",
        "Twe weck rule",
    ):
        got = values(
            [
                (0.1, 0.05, "Referral form"),
                (0.1, 0.1, "Surname: Smith"),
                (0.1, 0.13, f"Priority: {text}"),
                (0.1, 0.16, "NHS No: 999 000 0018"),
            ]
        )
        assert got.get("referral.priority") == "TWO_WEEK_WAIT", text


def test_a_telephone_beside_a_fax_is_an_offices():
    got = values([
        (0.1, 0.05, "Referral letter"),
        (0.6, 0.05, "NHS No:"), (0.75, 0.05, "999 000 0018"),
        (0.6, 0.07, "Tel No:"), (0.75, 0.07, "0161 496 0345"),
        (0.6, 0.09, "Fax No:"), (0.75, 0.09, "0161 496 0434"),
        (0.1, 0.15, "Surname: Smith"), (0.1, 0.18, "DOB: 03/05/1950"),
        (0.1, 0.24, "Reason for referral: painful knee for four months, please assess."),
    ])  # fmt: skip
    assert "patient.phone" not in got and got["referrer.phone"] == "01614960345"


def test_labels_without_a_colon():
    got = values([
        (0.1, 0.05, "Referral form"), (0.1, 0.10, "Pt surname WARD"), (0.1, 0.13, "NHS No 999 000 0018"), (0.1, 0.16, "Date of birth 03/05/1950"),
        (0.1, 0.19, "Address Mill House, Westfield Terrace, Ossett"), (0.1, 0.22, "Specialty Cardiology..."),
        (0.1, 0.28, "Reason for referral: chest pain for four months, please assess."),
    ])  # fmt: skip
    assert got["patient.family_name"] == "WARD" and got["referral.specialty"] == "Cardiology"
    assert got["patient.address"] == "Mill House, Westfield Terrace, Ossett"


def test_one_label_for_title_first_name_and_surname():
    got = values([
        (0.1, 0.05, "Referral form"), (0.1, 0.10, "Patient (title, first name, surname)"), (0.1, 0.117, "Master Ryan WILLIAMS"),
        (0.1, 0.15, "NHS number"), (0.1, 0.167, "999 000 0018"), (0.5, 0.15, "Date of birth"), (0.5, 0.167, "03/05/2012"),
        (0.1, 0.28, "Reason for referral: blurred sight for four months, please assess."),
    ])  # fmt: skip
    assert got["patient.family_name"] == "WILLIAMS" and got["patient.given_names"] == "Ryan"


def test_dates_of_the_record_are_not_the_birth_date():
    got = read([
        (0.1, 0.03, "Referral letter"), (0.1, 0.05, "Patient: Ann Smith"), (0.4, 0.05, "Born: 08 February 1957"), (0.7, 0.05, "NHS No: 999 000 0018"),
        (0.1, 0.09, "Recent consultations"), (0.1, 0.11, "10 April 2019"), (0.3, 0.11, "Letter from hospital, filed."),
        (0.1, 0.24, "Reason for referral: painful knee for four months, please assess."),
    ])  # fmt: skip
    assert not [r for r in got.parts[0].reasons if r.code == "disagree"]


def test_the_reason_begins_with_its_re_and_ends_before_the_drugs():
    got = values([
        (0.1, 0.05, "Referral form"), (0.1, 0.10, "Surname: Smith"), (0.1, 0.13, "NHS No: 999 000 0018"),
        (0.1, 0.20, "Symptoms, signs and what we would like"),
        (0.1, 0.22, "Re: glue ear with delayed speech, in this 7 year old girl who hears poorly at school."),
        (0.1, 0.235, "She has had three courses of drops and both parents are anxious about her speech."),
        (0.1, 0.25, "Current drugs: Paracetamol when needed and a steroid spray twice a day in both."),
    ])  # fmt: skip
    assert got["referral.reason"].startswith("Re: glue ear") and got["referral.reason"].endswith(
        "anxious about her speech."
    )


def test_breast_surgery_is_no_practice():
    got = values([
        (0.1, 0.05, "Referral form"), (0.1, 0.10, "Surname: Smith"), (0.1, 0.13, "NHS No: 999 000 0018"), (0.1, 0.16, "DOB: 03/05/1950"),
        (0.1, 0.19, "To attend the clinic for Breast Surgery"), (0.1, 0.28, "Reason for referral: a lump for four weeks, please assess."),
    ])  # fmt: skip
    assert got["referral.specialty"] == "Breast Surgery" and "referrer.practice_name" not in got


def test_the_ticked_one_of_several_specialties_is_asked_for():
    lines = [
        (0.1, 0.05, "Referral form"), (0.1, 0.10, "Surname: Smith"), (0.1, 0.13, "NHS No: 999 000 0018"), (0.1, 0.16, "DOB: 03/05/1950"),
        (0.12, 0.20, "Cardiology"), (0.42, 0.20, "Dermatology"), (0.72, 0.20, "Urology"),
        (0.1, 0.28, "Reason for referral: a rash for four weeks, please assess."),
    ]  # fmt: skip
    for ticks, wanted in (
        ((False, True, False), "Dermatology"),
        ((False, True, None), None),
        ((True, True, False), None),
    ):
        pages = (page(lines, [tick(x, 0.2, t) for x, t in zip((0.1, 0.4, 0.7), ticks, strict=True)]),)
        reading = read_document(pages, FORMS, SecondReader(pages), TODAY).parts[0].readings.get("referral.specialty")
        by_tick = reading is not None and "tick box" in reading.how
        assert by_tick == (wanted is not None) and (not by_tick or reading.value == wanted)


def test_twelve_digits_in_fours_may_be_a_booking_reference():
    for text, asked in (
        ("e-RS reference 0311 3457 3032", True),
        ("Your ref 031134573032", True),
        ("Tel 0311 345 7303", False),
    ):
        got = read([
            (0.1, 0.05, "Referral form"), (0.1, 0.10, "Surname: Smith"), (0.1, 0.13, "NHS No: 999 000 0018"), (0.1, 0.16, "DOB: 03/05/1950"),
            (0.1, 0.20, text), (0.1, 0.28, "Reason for referral: a rash for four weeks, please assess."),
        ])  # fmt: skip
        part = got.parts[0]
        assert ("referral.ubrn" in part.readings or any(r.code == "ubrn" for r in part.reasons)) == asked, text


def test_agreeing_to_the_referral_says_nothing_of_sharing():
    for text, said in (
        ("Patient agrees to the referral", None),
        ("Patient consents to this referral and to sharing of the record", False),
    ):
        got = values([
            (0.1, 0.05, "Referral form"), (0.1, 0.10, "Surname: Smith"), (0.1, 0.13, "NHS No: 999 000 0018"), (0.1, 0.16, "DOB: 03/05/1950"),
            (0.1, 0.22, text), (0.1, 0.28, "Reason for referral: a rash for four weeks, please assess."),
        ])  # fmt: skip
        assert got.get("referral.sharing_dissent") is said, text
