"""Labels known by the words they are made of, however a form composes them."""

import pytest

from templates.wording import concept_of


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ("national health service number", "patient.nhs_number"),
        ("patient s tel no daytime", "patient.phone"),
        ("surgery telephone no", "referrer.phone"),
        ("date of birth dd mm yyyy", "patient.birth_date"),
        ("when was the patient born", "patient.birth_date"),
        ("where do they live", "patient.address"),
        ("name of referring clinician", "referrer.name"),
        ("patient s full name", "patient.name"),
        ("next of kin tel no", "decoy"),
        ("date of admission", "decoy"),
        ("previous surname", "decoy"),
        ("hospital number", "decoy"),
        ("illno", "loose:phone"),
        ("pfrmaneni address", "patient.address"),
        ("givln namfs", "patient.given_names"),
    ],
)
def test_a_label_is_known_by_its_words(phrase, names):
    found = concept_of(phrase.split())
    assert found is not None and found[0] == names


@pytest.mark.parametrize(
    "phrase", ["name", "the knee is painful", "referral to secondary care", "elm grove", "park lane practice"]
)
def test_prose_and_values_are_no_labels(phrase):
    found = concept_of(phrase.split())
    assert found is None or not found[0].startswith(("patient.", "referrer."))
