"""Values taken from elsewhere although their own place was not legible: shown, and left to a person (P3)."""

from tests.templates.paper import page, rows
from tests.templates.test_read import PATIENT, read


def readings(*lines: tuple[float, float, str]):
    return read(page([(0.3, 0.05, "Referral letter"), *rows(PATIENT, top=0.12), *lines])).parts[0].readings


def test_a_telephone_of_the_heading_is_doubted_where_the_practices_own_was_not_legible():
    head = (0.6, 0.08, "Park View Surgery"), (0.6, 0.095, "Tel 0113 496 0132")
    plain = readings(*head)["referrer.phone"]
    doubted = readings(*head, (0.1, 0.7, "Practice telephone: 61632 9602"))["referrer.phone"]
    assert plain.value == doubted.value == "01134960132"
    assert not plain.doubts and doubted.doubts


def test_a_date_beside_another_occasion_is_not_the_letters():
    found = readings((0.1, 0.5, "Date of letter: 19 November 2uzo"), (0.1, 0.52, "First consulted: 19 October 2026"))
    date = found.get("referral.date")
    assert date is None or date.doubts


def test_a_reason_far_beneath_its_heading_may_lack_a_row():
    story = [
        (0.1, 0.6, "CLINICAL INFORMATION"),
        (0.1, 0.68, "Fair skin, burns easily, many holidays abroad. Atopic eczema since childhood."),
    ]
    near = [story[0], (0.1, 0.62, story[1][2])]
    assert "a row above it may not have been read" in readings(*story)["referral.reason"].doubts
    assert "a row above it may not have been read" not in readings(*near)["referral.reason"].doubts
