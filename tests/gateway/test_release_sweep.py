"""Already in e-RS? The application's own session sees what the hospital has received, twice a day for each service and no more."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pypdf import PdfReader
from release_site import Site, nhs_number, open_site, utc_now
from sqlmodel import select

from gateway.endings import withdraw
from gateway.outage import close_outage, find_outage, open_outage
from gateway.outage_report import closing_report
from gateway.referrals import find_referral, open_problems, settle
from gateway.release_report import release_status
from gateway.states import move
from gateway.store import Store
from gateway.sweep_findings import NEVER_LOOKED, unchecked
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
    with site.store.read() as session:
        status = release_status(session, utc_now())
    assert status["already_in_ers"] == [f"{code} and {entry.ubrn} (REFERRALS_FOR_REVIEW)"]
    # the person says: different. It is not asked again
    with site.store.write() as session:
        row = session.get_one(Referral, site.referral(code).id)
        settle(session, row, open_problems(session, row), "ann", utc_now())
        move(session, row, "READY", "ann", utc_now())
    result = site.release()
    assert (result.sent, result.refused, result.exit_code) == (1, 0, 0)


def test_the_closing_report_names_the_pairs_and_what_could_not_be_checked(site: Site) -> None:
    with site.store.write() as session:
        outage = open_outage(session, by="ann", why="x", now=utc_now() - dt.timedelta(minutes=1))
    same, different = site.add(service="11002"), site.add(service="11002")
    with site.store.write() as session:
        for row in session.exec(select(Referral)):
            row.outage_id = outage.id
            session.add(row)
    ubrns = [site.ers.enter_elsewhere(nhs_number=nhs_number(n), service_id="11002").ubrn for n in (1, 2)]
    site.release()
    with site.store.write() as session:
        withdraw(session, find_referral(session, same), "not for us", "the practice's own entry", "ann", utc_now())
        row = find_referral(session, different)
        settle(session, row, open_problems(session, row), "bob", utc_now())
        move(session, row, "READY", "bob", utc_now())
    site.release(wait=True)
    with site.store.write() as session:
        close_outage(session, None, by="ann", now=utc_now(), balance=lambda s, o: (0, ()))
        report = closing_report(session, find_outage(session, outage.code), site.settings)
    words = " ".join(" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(report.pdf)).pages)
    for code, ubrn, verdict in ((same, ubrns[0], "not for us"), (different, ubrns[1], "judged to be different")):
        assert f"{code} and {ubrn[:4]} {ubrn[4:8]} {ubrn[8:]}" in words and verdict in words, words
        assert f"{ubrn}: " in next(line for line in report.csv.splitlines() if code in line)
    assert "{{" not in words and "1 not for us" in words and "1 sent" in words
    assert "decided by bob" in words and "cannot be seen by anybody but them" in words


def test_without_a_release_the_report_says_that_nothing_was_compared(site: Site) -> None:
    with site.store.read() as session:
        assert unchecked(session, utc_now() - dt.timedelta(days=1)) == [NEVER_LOOKED]


def test_a_service_is_swept_at_most_twice_a_day(site: Site) -> None:
    said = []
    for _ in range(3):
        site.add(service="11002")
        result = site.release()
        assert result.exit_code == 0
        said.append(sum("two fetches a day" in says for says in result.unchecked))
    assert said == [0, 2, 2]
    assert not [k for k in site.ers.inspect()["answers"] if k == "A008 429"]
