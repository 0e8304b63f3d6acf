"""The release over real HTTP against the simulated e-RS: the chain, its order, its pace and its ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from release_site import Site, open_site

from gateway.store import Store


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    """A trust and its e-RS."""
    with open_site(store) as opened:
        yield opened


def test_one_referral_goes_the_whole_way(site: Site) -> None:
    code = site.add("URGENT")
    result = site.release(wait=True)
    assert result.exit_code == 0, result
    row = site.referral(code)
    assert row.state == "CLOSED"
    held = site.in_ers()
    assert [r["ubrn"] for r in held] == [row.ubrn]
    print(held[0])
    print([(a.step, a.outcome, a.status) for a in site.attempts(code)])
