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
        ("lives at", "patient.address"),
        ("surgery line", "referrer.phone"),
        ("bypass no", "referrer.phone"),
        ("best number to ring", "loose:phone"),
        ("sent on", "referral.date"),
        ("decision to refer", "referral.date"),
        ("from dr", "referrer.name"),
        ("referring therapist", "referrer.name"),
        ("therapist tel", "referrer.phone"),
        ("for attn of", "referral.named_clinician"),
        ("to be seen in", "referral.specialty"),
        ("how soon", "referral.priority"),
        ("next of kin lives at", "decoy"),
    ],
)
def test_a_label_is_known_by_its_words(phrase, names):
    found = concept_of(phrase.split())
    assert found is not None and found[0] == names


@pytest.mark.parametrize(
    "phrase",
    [
        "name",
        "the knee is painful",
        "referral to secondary care",
        "elm grove",
        "park lane practice",
        "lives with",
        "seen by",
        "copy sent to",
    ],
)
def test_prose_and_values_are_no_labels(phrase):
    found = concept_of(phrase.split())
    assert found is None or not found[0].startswith(("patient.", "referrer."))
