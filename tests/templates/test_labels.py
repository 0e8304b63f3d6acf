# ruff: noqa: E501  (rows of cases read better unbroken)
import pytest

from templates.form import load_forms
from templates.labels import cells_of, lexicon_of
from tests.templates.paper import page

FORMS = load_forms()
LEXICON = lexicon_of(FORMS.generic, FORMS.generic)


def read(text: str) -> list[tuple[str, str]]:
    return [(c.names if c.kind == "label" else "", c.text) for c in cells_of(page([(0.05, 0.1, text)]), LEXICON)]


@pytest.mark.parametrize(
    ("text", "names", "value"),
    [
        ("Surname: O'Brien", "patient.family_name", "O'Brien"),
        ("Patient's full name .Ann O'Brien", "patient.name", "Ann O'Brien"),
        ("Cl\u00ednic: Dermatology", "referral.specialty", "Dermatology"),
        ("NHSNumber:9990000018", "patient.nhs_number", "9990000018"),
        ("NIIS No: 999 000 0018", "patient.nhs_number", "999 000 0018"),
        ("D.O.B. 01/02/1960", "patient.birth_date", "01/02/1960"),
        ("DateofBirth 01/02/1960", "patient.birth_date", "01/02/1960"),
        ("Patlent Narne: JOHN SMITH", "patient.name", "JOHN SMITH"),
        ("Referring GP Dr J Smith", "referrer.name", "Dr J Smith"),
        ("Accession No: 9990000018", "decoy", "9990000018"),
        ("Hospital No: A123", "decoy", "A123"),
        ("3.1 Sex recorded: Female", "patient.gender", "Female"),
        ("Fax: 01642 672351", "decoy", "01642 672351"),
        ("Tel 01642 672351", "loose:phone", "01642 672351"),
    ],
)
def test_labels_in_many_wordings(text, names, value):
    (label, _), (nothing, found) = read(text)
    assert (label, nothing, found) == (names, "", value)


@pytest.mark.parametrize(
    "text",
    [
        "The patient was seen by the practice nurse",
        "Thank you for seeing this patient whose date of birth is known",
        "Her address has changed from London to",
        "50 yr old patient: rectal bleeding mixed with the stool",
        "Mr N Sharma",
        "Ward",
        "referral.",
    ],
)
def test_prose_and_names_are_no_labels(text):
    assert [names for names, _ in read(text)] == [""]


def test_two_labels_on_one_line():
    assert read("Re: Mrs Ann O'BRIEN, DOB 01/02/1960, NHS No: 999 000 0018") == [
        ("patient.name", "Re"), ("", "Mrs Ann O'BRIEN,"), ("patient.birth_date", "DOB"), ("", "01/02/1960,"), ("patient.nhs_number", "NHS No"), ("", "999 000 0018"),
    ]  # fmt: skip


def test_headings_over_the_clinical_text_are_known_by_their_words():
    assert read("HISTORY AND REASON FOR REFERRAL")[0][0] == "referral.reason"
