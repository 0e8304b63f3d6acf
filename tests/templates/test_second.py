"""What counts as the second reader having seen the same."""

import pytest

from templates.second import _spelled


@pytest.mark.parametrize(
    ("value", "text", "same"),
    [
        ("Tinnitus & Balance Clinic", ": Tinnitus 6 Balance Clinic", True),
        ("Hand & Wrist Clinic", "Hand & Wrist Clinic", True),
        ("Hand and Wrist Clinic", "Hand 6 Wrist Clinic", False),
        ("Ward 6 Surgery", "Ward Surgery", False),
        ("Ward 6 & 8", "Ward 6 6 8", False),
        ("Imran Latif", "lmran Latif", True),
        ("Neurology", "Neurologyx", False),
    ],
)
def test_spelled(value, text, same):
    assert _spelled(value, text) is same
