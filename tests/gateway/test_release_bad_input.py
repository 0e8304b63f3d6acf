"""Bad input, end to end: each kind has its own sentence, its place in the list and a way forward (issue 5)."""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader
from release_site import CLINICIAN, Site, nhs_number, open_site, utc_now
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from sqlmodel import select

from gateway.code_tables import keep
from gateway.enclosure import LARGEST, enclosures
from gateway.errors import WrongInput
from gateway.ers_views import Concept
from gateway.queue import retry
from gateway.referrals import find_referral
from gateway.rehearsal.ers_data import Patients
from gateway.release_report import release_status
from gateway.store import Store
from gateway.tables_reference import Practice, Service
from gateway.typed import Typed, add_typed
from gateway.typed_papers import Paper, divided, open_paper


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    with open_site(store) as opened:
        yield opened


def big_pdf(pages: int, megabytes: float) -> bytes:
    """A PDF of so many pages that nothing can compress."""
    side = int((megabytes * 1024 * 1024 / pages / 3) ** 0.5)
    out = io.BytesIO()
    sheet = Canvas(out)
    for _ in range(pages):
        noise = Image.frombytes("RGB", (side, side), os.urandom(3 * side * side))
        sheet.drawImage(ImageReader(noise), 0, 0, 500, 500)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def plain_pdf(objects: list[bytes]) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def typed(site: Site, *papers: Paper, practice: str = "A81001", clinician: str | None = CLINICIAN) -> str:
    site.made += 1
    given = Typed(
        original=str(site.made).encode(),
        fields={
            "patient.nhs_number": nhs_number(site.made),
            "patient.family_name": "Example",
            "patient.birth_date": f"19{50 + site.made}-02-01",
            "referral.priority": "ROUTINE",
            "referrer.name": "Giles Garland",
            "referrer.practice_code": practice,
        },
        received_at=utc_now() - dt.timedelta(hours=3),
        service="11002",
        specialty_code=None,
        clinic_type=None,
        referring_clinician=clinician,
        original_clock_start=None,
        papers=papers,
        confirmed_by="ann",
    )
    with site.store.write() as session:
        return add_typed(session, given, "ann", utc_now(), settings=site.settings, outage_id=None)[0].code


def asked(site: Site, code: str) -> tuple[str, list[str]]:
    return site.referral(code).state, [p.code for p in site.problems(code)]


def test_a_fax_of_twelve_megabytes_goes_in_parts(site: Site, tmp_path: Path) -> None:
    code = typed(site, open_paper("letter.pdf", big_pdf(6, 14), tmp_path))
    with site.store.read() as session:
        files = enclosures(session, find_referral(session, code))
        again = enclosures(session, find_referral(session, code))
    assert len(files) > 2 and all(0 < f.size <= LARGEST for f in files)
    assert [f.sha256 for f in files] == [f.sha256 for f in again]
    assert sum(len(PdfReader(io.BytesIO(f.content)).pages) for f in files) == 6
    assert site.release(wait=True).exit_code == 0
    assert len(site.in_ers()[0]["letters"]) == len(files)


def test_one_page_that_is_too_large_is_said_before_anything_is_created(site: Site, tmp_path: Path) -> None:
    code = typed(site, open_paper("letter.pdf", big_pdf(1, 8), tmp_path))
    assert site.release().exit_code == 4
    assert asked(site, code) == ("IN_REVIEW", ["letter_too_large"])
    assert site.in_ers() == []


def stuffed(catalogue: bytes, *objects: bytes) -> bytes:
    """A PDF of these objects and more than e-RS takes of nothing, so that it has to be divided."""
    ballast = b"<< /Length %d >>\nstream\n%s\nendstream" % (6 << 20, b"0" * (6 << 20))
    return plain_pdf([catalogue, *objects, ballast])


def pages_that_hold_everything(count: int = 30) -> bytes:
    """Each page needs the same six megabytes: taken apart they would be thirty times as large."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R >>" % (count + 3)
    kids = b" ".join(b"%d 0 R" % (n + 3) for n in range(count))
    return stuffed(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids),
        *[page] * count,
    )


def pages_in_a_ring() -> bytes:
    return stuffed(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 9 /Kids [3 0 R] >>",
        b"<< /Type /Pages /Parent 2 0 R /Count 9 /Kids [2 0 R 3 0 R] >>",
    )


@pytest.mark.parametrize(
    "hostile", [pages_that_hold_everything, pages_in_a_ring, lambda: b"%PDF-1.7 " + bytes(6 << 20)]
)
def test_a_hostile_pdf_is_refused_with_a_cure_by_the_child(hostile: Callable[[], bytes], tmp_path: Path) -> None:
    content = hostile()
    assert len(content) > LARGEST
    with pytest.raises(WrongInput) as refused:
        divided(content, tmp_path)
    assert "cannot be split by its pages" in refused.value.says and "at most 5 MB" in refused.value.do
    assert not list(tmp_path.iterdir()), "nothing of it is left behind (P8)"


def test_only_the_confined_child_parses_a_stranger_s_pdf(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(*_given: object, **_more: object) -> None:
        raise AssertionError("parsed outside the sandbox")

    content = big_pdf(4, 12)
    monkeypatch.setattr("gateway.pdf_parts.PdfReader", here)
    monkeypatch.setattr("gateway.enclosure.PdfReader", here)
    code = typed(site, open_paper("letter.pdf", content, tmp_path))
    with site.store.read() as session:
        assert len(enclosures(session, find_referral(session, code))) > 2


def test_a_closed_service_waits_for_another_choice(site: Site) -> None:
    code = site.add()
    with site.store.write() as session:
        session.delete(session.exec(select(Service).where(Service.service_id == "11002")).one())
        row = find_referral(session, code)
        row.service_id = "11999"
        session.add(row)
    assert site.release().exit_code == 4
    assert asked(site, code) == ("IN_REVIEW", ["service_not_offered"])
    assert "Choose another service" in site.problems(code)[0].says


def test_an_unknown_practice_waits_in_review(site: Site) -> None:
    with site.store.write() as session:
        session.add(Practice(code="A81001", name="CASTLE HILL", postcode="LS1 1AA", phone="", open=True))
    code = typed(site, practice="A99999")
    assert asked(site, code) == ("IN_REVIEW", ["ready.practice"])


@pytest.mark.parametrize("away", [dt.timedelta(days=-366), dt.timedelta(days=2)])
def test_a_clock_that_e_rs_would_refuse_is_never_clamped(site: Site, away: dt.timedelta) -> None:
    code = site.add(pathway_start=utc_now() + away)
    other = site.add()
    assert site.release(wait=True).exit_code == 4
    assert asked(site, code) == ("IN_REVIEW", ["clock"])
    assert site.referral(other).state == "CLOSED", "the others go on"


def test_a_patient_without_a_registered_practice_stays_on_the_pas_route(site: Site) -> None:
    code = site.add()
    site.ers.state.patients = Patients(without_practice=frozenset({nhs_number(site.made)}))
    assert site.release().exit_code == 4
    assert asked(site, code) == ("IN_REVIEW", ["ers_no_reg_gp_practice"])
    assert "PAS route" in site.problems(code)[0].says


def test_an_administrator_without_a_clinician_is_asked_for_one(site: Site) -> None:
    code = site.add(clinician=None)
    assert site.release().exit_code == 4
    assert asked(site, code) == ("IN_REVIEW", ["clinician"])


def test_a_code_that_has_ended_since_is_seen_before_it_is_sent(site: Site) -> None:
    code = site.add()
    site.ers.faults.set("500", operation="A004")  # today's tables cannot be had: the kept ones count
    with site.store.write() as session:
        ended = Concept("CARDIOLOGY", "Cardiology", dt.date(2004, 1, 1), dt.date(2026, 1, 1), {})
        keep(session, "SPECIALTY", "x", (ended,), "ann", utc_now())
    assert site.release().exit_code == 4
    assert asked(site, code) == ("IN_REVIEW", ["ended_code"])
    assert site.in_ers() == []
    site.ers.faults.clear()
    with site.store.write() as session:
        retry(session, find_referral(session, code), "ann", utc_now(), settings=site.settings)


def one_refusal_after_the_first(site: Site, **refusal: Any) -> str:
    """Four referrals one by one; the second one's call is refused."""
    site.settings.ers.in_flight = 1
    codes = [site.add() for _ in range(4)]
    told: list[str] = []

    def at(point: str) -> None:
        if point == "A011:recorded" and not told:
            told.append(point)
            site.ers.faults.set("refuse", calls=1, **refusal)

    result = site.release(at=at)
    assert [site.referral(code).state for code in codes].count("IN_REVIEW") == 1
    assert (result.state, result.sent, result.refused) == ("DONE", 3, 1), result
    return site.problems(codes[1])[0].says


def test_403_for_one_patient_after_others_went_holds_only_that_one(site: Site) -> None:
    says = one_refusal_after_the_first(site, operation="A010", status=403, code="NO_ACCESS")
    assert "though it does for others" in says


def test_one_odd_request_between_good_ones_steps_aside_alone(site: Site) -> None:
    says = one_refusal_after_the_first(site, operation="A010", status=400, code="UNEXPECTED_FIELD")
    assert "Tell the administrator" in says


def test_a_defect_of_ours_does_not_refuse_the_whole_queue(site: Site) -> None:
    site.settings.ers.in_flight = 1
    codes = [site.add() for _ in range(8)]
    site.ers.faults.set("refuse", operation="A011", status=400, code="UNEXPECTED_FIELD")
    result = site.release()
    assert (result.state, result.refused, result.waiting) == ("PAUSED", 3, 5), result
    assert "Tell the administrator" in result.says and "3 referrals in a row" in result.says
    with site.store.read() as session:
        assert release_status(session, utc_now())["reason"] == "a fault of the gateway"
    site.ers.faults.clear()
    assert site.release(wait=True).sent == 5
    assert sorted(site.referral(code).state for code in codes) == ["CLOSED"] * 5 + ["IN_REVIEW"] * 3
