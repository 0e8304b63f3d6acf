"""Exact intervals of shares: known values, and what they promise."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.intervals import interval, upper_bound


def test_no_hit_is_the_rule_of_three() -> None:
    assert upper_bound(0, 10_000) == pytest.approx(3 / 10_000, rel=0.01)


def test_published_values() -> None:
    # Clopper and Pearson 1934 and every table since: 5 of 20
    low, high = interval(5, 20)
    assert (low, high) == (pytest.approx(0.0866, abs=5e-5), pytest.approx(0.4910, abs=5e-5))
    assert interval(0, 10)[1] == pytest.approx(0.3085, abs=5e-5)
    assert interval(10, 10) == (pytest.approx(0.6915, abs=5e-5), 1.0)


def test_nothing_measured_says_nothing() -> None:
    assert upper_bound(0, 0) == 1.0
    assert interval(0, 0) == (0.0, 1.0)


@settings(deadline=None)
@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_inside_and_more_cases_narrow_it(case: tuple[int, int]) -> None:
    hits, n = case
    low, high = interval(hits, n)
    assert low <= hits / n <= high
    assert hits / n <= upper_bound(hits, n) <= high
    wider = interval(hits, n)[1] - interval(hits, n)[0]
    narrower = interval(hits * 4, n * 4)[1] - interval(hits * 4, n * 4)[0]
    assert narrower < wider
