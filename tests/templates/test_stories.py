"""Where the reason for a referral begins and ends among what forms and letters say around it."""

import pytest

from tests.templates.paper import page, rows
from tests.templates.test_read import PATIENT, read

STORY = "She has had pain in the right knee for four months and cannot manage the stairs."
MORE = "Physiotherapy helped a little, and the knee has begun to lock."


def reason(*lines):
    """The reason of a form whose labelled lines stand beneath the patient's, one beneath the other."""
    placed = [(0.1, 0.46 + 0.03 * n, text) for n, text in enumerate(lines)]
    return read(page([*rows(PATIENT, 0.1), *placed])).parts[0].readings["referral.reason"].value


@pytest.mark.parametrize(
    "thanks", ["Thank you for your help.", "Thank you", "Thank you very much.", "Thank you for your advice with this."]
)
def test_thanks_close_a_story(thanks):
    assert reason("Reason for referral: " + STORY, MORE, thanks, "Anna Stone") == f"{STORY} {MORE}"


def test_thanks_for_something_do_not_close_a_story():
    assert MORE in reason("Reason for referral: " + STORY, "Thank you for seeing her about this knee.", MORE)


@pytest.mark.parametrize(
    "own",
    [
        "Please attach the completed form to an e-mail.",
        "A medication list should be attached.",
        "Without this an appointment cannot be given.",
    ],
)
def test_what_the_form_says_of_itself_is_no_part_of_the_story(own):
    assert reason("Reason for referral", STORY, own, MORE) == f"{STORY} {MORE}"


@pytest.mark.parametrize("end", ["Past medical history / operations", "Drugs taken at present"])
def test_the_next_part_of_a_form_ends_the_story(end):
    assert reason("Reason for referral", STORY, MORE, end, "Bendroflumethiazide") == f"{STORY} {MORE}"


def test_a_dash_before_a_heading_does_not_hide_it():
    assert reason("- Reason for notification", STORY, MORE) == f"{STORY} {MORE}"
