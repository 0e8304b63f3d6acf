"""A refusal that only the practice can mend is told to it, once; everything else stays the office's own work."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from pypdf import PdfReader
from release_site import Site, nhs_number, open_site, utc_now
from sqlmodel import col, select

from gateway.confirm import make_refusal, write_letters
from gateway.referrals import find_referral, open_problems, settle
from gateway.refusal_letters import TOLD
from gateway.rehearsal.ers_data import Patients
from gateway.states import move
from gateway.store import Store, get_blob
from gateway.tables import Letter


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    with open_site(store) as opened:
        yield opened


def refusals(site: Site) -> list[str]:
    """The words of the letters about refusals, in the order in which they were written."""
    write_letters(site.store, site.settings, utc_now())
    with site.store.read() as session:
        rows = session.exec(select(Letter).where(Letter.kind == "refused").order_by(col(Letter.id)))
        return [text(get_blob(session, row.pdf_sha256)) for row in rows]


def text(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def try_again(site: Site, code: str) -> None:
    with site.store.write() as session:
        referral = find_referral(session, code)
        settle(session, referral, open_problems(session, referral), "ann", utc_now())
        move(session, referral, "READY", "ann", utc_now())
    site.release()


def test_a_patient_without_a_registered_practice_is_told_once_with_what_to_do(site: Site) -> None:
    code = site.add()
    site.ers.state.patients = Patients(without_practice=frozenset({nhs_number(site.made)}))
    site.release()
    [letter] = refusals(site)
    assert code in letter and "no registered practice" in letter and "ring us" in letter
    assert nhs_number(site.made) not in letter and "Example" not in letter, "least patient data"
    try_again(site, code)
    assert len(refusals(site)) == 1, "refused for the same reason again: it was told"
    site.ers.state.patients = Patients(failing=frozenset({nhs_number(site.made)}))
    try_again(site, code)
    assert "says not to try again" in refusals(site)[1]


@pytest.mark.parametrize(
    ("operation", "status", "code", "says"),
    [
        ("A010", 403, "NO_RELATIONSHIP", "does not let our organisation"),
        ("A012", 403, "FORBIDDEN", "does not let our organisation"),
        ("A012", 404, None, "cannot be found in e-RS any more"),
        ("A011", 422, "PATIENT_ERROR", "says not to try again"),
    ],
)
def test_what_only_the_practice_can_mend_is_told(
    site: Site, operation: str, status: int, code: str | None, says: str
) -> None:
    site.add()
    site.ers.faults.set("refuse", operation=operation, status=status, code=code)
    site.release()
    [letter] = refusals(site)
    assert says in letter


def test_one_that_was_cancelled_in_e_rs_by_somebody_else_is_asked_about(site: Site) -> None:
    code = site.add()

    def at(point: str) -> None:
        if point == "A011:recorded":
            ubrn = site.referral(code).ubrn or ""
            site.ers.state.change(ubrn, state="CANCELLED_REFERRAL", reason="PATIENT_DIED")

    site.release(at=at)
    [letter] = refusals(site)
    assert "was cancelled in e-RS, and not by us" in letter


@pytest.mark.parametrize("code", ["INVALID_CODE", "REFERENCED_USER_IS_NOT_RC", "SHORTLISTED_SERVICE_NOT_IN_RESULTS"])
def test_what_the_office_can_mend_itself_is_told_to_nobody(site: Site, code: str) -> None:
    site.add()
    site.ers.faults.set("refuse", operation="A011", status=422, code=code)
    site.release()
    assert refusals(site) == []


@pytest.mark.parametrize("code", TOLD)
def test_every_text_fits_on_its_letter(site: Site, code: str) -> None:
    one = site.add()
    with site.store.write() as session:
        letter = make_refusal(session, find_referral(session, one), code, utc_now(), site.settings)
        assert TOLD[code].ask in text(get_blob(session, letter.pdf_sha256))
