# ruff: noqa: E501  (rows of cases read better unbroken)
import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.grammar_address import parse_address
from templates.grammar_words import dissent_in, parse_gender, priorities_in, speaks_of_sharing
from templates.specialties import is_specialty, specialties_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2WW", {"TWO_WEEK_WAIT"}), ("2WR", {"TWO_WEEK_WAIT"}), ("USC", {"TWO_WEEK_WAIT"}), ("FDS pathway", {"TWO_WEEK_WAIT"}), ("fast track", {"TWO_WEEK_WAIT"}),
        ("Urgent suspected cancer", {"TWO_WEEK_WAIT"}), ("Two week wait", {"TWO_WEEK_WAIT"}), ("suspected lower GI cancer", {"TWO_WEEK_WAIT"}),
        ("Urgent", {"URGENT"}), ("non-urgent", {"ROUTINE"}), ("Not urgent", {"ROUTINE"}), ("Routine", {"ROUTINE"}), ("soon", {"SOON"}),
        ("Routine / Urgent / 2WW", {"ROUTINE", "URGENT", "TWO_WEEK_WAIT"}), ("he has had it for two weeks", set()), ("", set()),
    ],
)  # fmt: skip
def test_priority_words(text, found):
    assert priorities_in(text) == found


@pytest.mark.parametrize(
    "text",
    ["The patient does not consent to sharing of records", "He objects to sharing", "does not wish her information to be shared", "consent to share refused", "Patient has not given consent for sharing",
     "This information is not to be shared with her family",
     "Please note: patient dbjects to sharing of his record", "He ohjects lo sharing of his data", "Patient has declined to have this referral shared beyond the practice",
     "The patient dpes not consent to this referral being shared", "He is nol happy to share his record"],
)  # fmt: skip
def test_dissent(text):
    assert dissent_in(text) is True


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("Sharing his record: see the note overleaf", True),
        ("Information sharing: agrees", False),
        ("A shared decision was made about surgery", False),
        ("The patient declined surgery after a shared decision", False),
        ("He is unhappy with the shared care of his diabetes", False),
    ],
)
def test_words_of_sharing_that_say_nothing_plain_are_shown(text, speaks):
    assert dissent_in(text) is None and speaks_of_sharing(text) is speaks


@pytest.mark.parametrize(
    "text",
    [
        "patient consents to sharing information",
        "No objection to sharing",
        "No known allergies. Patient consents to sharing.",
    ],
)
def test_consent(text):
    assert dissent_in(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "she does not want surgery",
        "pain for two weeks",
        "",
        "he agreed to stop smoking",
        "The patient d   consent to this referral being shared",
    ],
)
def test_silence(text):
    assert dissent_in(text) is None


def test_gender():
    assert parse_gender("F").value == "female"
    assert parse_gender("Male (he/him)").value == "male"
    assert parse_gender("M / F") is None
    assert parse_gender("Not known").value == "unknown"


def test_address_without_its_postcode():
    assert parse_address(["14 St. John's Road,", "Wakefield", "WF10 4PW"]) == "14 St. John's Road, Wakefield"


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_crash(text):
    priorities_in(text)
    dissent_in(text)
    parse_gender(text)
    parse_address([text])


def test_the_word_before_a_specialty_belongs_to_it() -> None:
    assert specialties_in("Paediatric Orthopaedics clinic")[0][0] == "Paediatric Orthopaedics"
    assert is_specialty("Children's Cardiology") and not is_specialty("Paediatric Orthopaedics clinic")
