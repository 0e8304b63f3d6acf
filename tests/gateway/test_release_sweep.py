"""Already in e-RS? The application's own session sees what the hospital has received, twice a day for each service and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from release_site import Site, nhs_number, open_site, utc_now

from gateway.referrals import open_problems, settle
from gateway.states import move
from gateway.store import Store
from gateway.tables import Referral


@pytest.fixture
def site(store: Store, tmp_path: Path) -> Iterator[Site]:
    """A site with an application session."""
    key = rsa.generate_private_key(65537, 2048)
    kind = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with open_site(store, public_key=public.decode()) as opened:
        opened.ers.state.settings.twice_daily = True
        ers = opened.settings.ers
        ers.client_id, ers.client_key, ers.key_id = "rehearsal-client", tmp_path / "key.pem", "k1"
        yield opened


def test_what_the_practice_entered_itself_is_a_question_for_a_person(site: Site) -> None:
    code, other = site.add(service="11002"), site.add(service="11002")
    entry = site.ers.enter_elsewhere(nhs_number=nhs_number(1), service_id="11002")
    site.ers.enter_elsewhere(nhs_number=nhs_number(2), service_id="11010")  # another specialty
    result = site.release()
    assert (result.sent, result.refused) == (1, 1)
    (problem,) = site.problems(code)
    assert problem.code == "already_in_ers" and entry.ubrn in problem.says
    assert site.referral(code).state == "IN_REVIEW" and site.referral(other).ubrn
    # the person says: different. It is not asked again
    with site.store.write() as session:
        row = session.get_one(Referral, site.referral(code).id)
        settle(session, row, open_problems(session, row), "ann", utc_now())
        move(session, row, "READY", "ann", utc_now())
    result = site.release()
    assert (result.sent, result.refused, result.exit_code) == (1, 0, 0)


def test_a_service_is_swept_at_most_twice_a_day(site: Site) -> None:
    said = []
    for _ in range(3):
        site.add(service="11002")
        result = site.release()
        assert result.exit_code == 0
        said.append(sum("two fetches a day" in says for says in result.unchecked))
    assert said == [0, 2, 2]
    assert not [k for k in site.ers.inspect()["answers"] if k == "A008 429"]
