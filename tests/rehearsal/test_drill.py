"""The drill's judgement: what was promised and did not happen is a sentence, and the command then fails."""

from __future__ import annotations

from random import Random

import pytest

from gateway.rehearsal.drill import Report, judge
from gateway.rehearsal.drill_clerk import Seen
from gateway.rehearsal.drill_data import SentFax
from gateway.rehearsal.drill_release import Released
from gateway.rehearsal.drill_report import in_words
from gateway.rehearsal.people import make_people
from gateway.rehearsal.practices import make_practices
from gateway.rehearsal.referrals import make_referral
from gateway.rehearsal.render import Fax

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


def one_fax(severity: str, corrected: list[str]) -> Seen:
    """A fax that became a referral, of which the clerk put some fields right."""
    practices = make_practices(Random(1), 2)
    referral = make_referral(Random(1), make_people(Random(1), 50), practices)
    fax = Fax(b"", "image/tiff", "fax.tif", {}, 1, "referral", "ruled_left", severity, "tiff-g4-fine")
    return Seen(SentFax(fax, referral), "D-2222", ["R-2222"], by_machine=True, corrected=corrected)


def test_a_clerk_who_had_nothing_to_correct_on_a_hard_fax_is_a_promise_not_kept() -> None:
    told = report()
    told.seen = [one_fax("hard", ["patient.birth_date"]), one_fax("clean", [])]
    assert judge(told) == []
    words = in_words(told, [])
    assert "corrected by clerk   1 value\n" in words and "D-2222: patient.birth_date" in words
    told.seen = [one_fax("hard", [])]
    [sentence] = judge(told)
    assert "corrected no value" in sentence
    told.seen = [one_fax("clean", [])]
    assert judge(told) == []
