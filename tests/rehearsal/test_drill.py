"""The drill's judgement: what was promised and did not happen is a sentence, and the command then fails."""

from __future__ import annotations

import pytest

from gateway.rehearsal.drill import Report, judge
from gateway.rehearsal.drill_release import Released
from gateway.rehearsal.drill_report import in_words

PAUSED = "PAUSED: sign in. The sign-in to e-RS has ended."


def report(**release: object) -> Report:
    """A drill in which all went well but for what is given."""
    good: dict[str, object] = {
        "paused": PAUSED,
        "signed_in_again": True,
        "refused": {"R-2222": "The patient has no registered practice in e-RS."},
        "resolved_unsure": 1,
    }
    told = Released(**{**good, **release})  # type: ignore[arg-type]
    return Report(balance={"difference": 0, "faults": []}, release=told)


def test_a_good_morning_breaks_no_promise_and_names_what_went_wrong_on_purpose() -> None:
    good = report()
    assert judge(good) == []
    words = in_words(good, [])
    assert PAUSED in words and "signed in again" in words and "R-2222: The patient has no registered practice" in words


@pytest.mark.parametrize(
    ("release", "says"),
    [
        ({"paused": "", "signed_in_again": False}, "did not pause"),
        ({"paused": "PAUSED: e-RS is away."}, "did not pause"),
        ({"signed_in_again": False}, "did not go on"),
        ({"refused": {}}, "does not wait for a person with its reason"),
        ({"resolved_unsure": 0}, "became 0 referrals"),
        ({"resolved_unsure": 2}, "became 2 referrals"),
    ],
)
def test_what_did_not_happen_is_a_sentence(release: dict[str, object], says: str) -> None:
    [sentence] = judge(report(**release))
    assert says in sentence
