"""Boxes and words of urgency: which side a box belongs to, what is denied, and what is said in one breath (P6)."""

import pytest

from tests.templates.paper import page, rows, tick
from tests.templates.test_read import PATIENT, REFERRER, read

ABOUT = rows([*PATIENT, *REFERRER], top=0.25)


def priority(lines, ticks=()):
    return read(page([*lines, *ABOUT], ticks)).parts[0].readings.get("referral.priority")


def midway(before: str, *options: str, behind: bool = True, gap: float = 0.012):
    """Boxes in a row, each as far from the option on its left as from that on its right."""
    lines, boxes = [(0.05, 0.1, before)], []
    at = 0.05 + 0.0095 * len(before)
    for i, option in enumerate(options):
        boxes.append(at + gap)
        if behind or i < len(options) - 1:
            lines.append((at + 2 * gap + 0.014, 0.1, option))
        at += 2 * gap + 0.014 + 0.0095 * len(option)
    return lines, boxes


def test_the_ends_of_a_row_tell_to_which_side_its_boxes_belong():
    lines, boxes = midway("Degree", "Routine", "Urgent", "Emergency")
    found = priority(lines, [tick(x, 0.1, i == 0) for i, x in enumerate(boxes)])
    assert found is not None and found.value == "ROUTINE" and not found.doubts


def test_a_row_whose_ends_do_not_tell_is_asked_about():
    lines, boxes = midway("Urgent", "Routine", "Urgent")
    found = priority(lines, [tick(x, 0.1, i == 0) for i, x in enumerate(boxes)])
    assert found is None or found.doubts


def test_an_urgency_that_denies_cancer_is_its_own():
    row = [(0.1, 0.1, "Suspected cancer (USC)"), (0.4, 0.1, "Urgent, cancer not suspected"), (0.75, 0.1, "Routine")]
    found = priority(row, [tick(0.08, 0.1, False), tick(0.38, 0.1, True), tick(0.73, 0.1, False)])
    assert found is not None and found.value == "URGENT" and not found.doubts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Grade Urgent, not cancer", "URGENT"),
        ("How quickly: routine", "ROUTINE"),
        ("New referral to your clinic - URGENT - please expedite", "URGENT"),
        ("She works nights. What I seek is an urgent appointment with Cardiology; our", "URGENT"),
        ("I write to ask for an appointment under the two week wait for suspected cancer.", "TWO_WEEK_WAIT"),
        ("By sending this form I confirm that this is an urgent suspected cancer referral to", "TWO_WEEK_WAIT"),
        ("By sending this form I confirm tat this is an urgent suspected cancer referral to", "TWO_WEEK_WAIT"),
    ],
)
def test_an_urgency_in_one_breath(text, value):
    found = priority([(0.1, 0.1, text)])
    assert found is not None and found.value == value


def test_an_urgency_that_does_not_rule_cancer_out_is_never_a_plain_urgent():
    row = [(0.1, 0.1, "Urgent, cancer not excluded"), (0.6, 0.1, "Routine")]
    found = priority(row, [tick(0.08, 0.1, True), tick(0.58, 0.1, False)])
    assert found is None or found.doubts or found.value == "TWO_WEEK_WAIT"


def test_an_urgency_under_an_if_is_none():
    found = priority([(0.1, 0.1, "Tick here if you confirm that this is an urgent suspected cancer referral")])
    assert found is None or found.doubts


def test_a_whole_sentence_is_not_hindered_by_the_line_over_it():
    found = priority(
        [(0.1, 0.08, "Mobile or home: 07700 900431"), (0.1, 0.1, "This is an urgent referral to the NHS clinic.")]
    )
    assert found is not None and found.value == "URGENT" and not found.doubts
