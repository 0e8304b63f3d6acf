"""The letter as files: stored pages as searchable PDF, the same bytes each time, split by pages, named without the patient."""

from __future__ import annotations

import io
import random
import re

import pytest
from PIL import Image
from pypdf import PdfReader
from release_site import open_site
from sqlmodel import select

from gateway.enclosure import LARGEST, Enclosure, enclosures
from gateway.store import Store, keep_blob
from gateway.tables import Document, Page, Referral


def files(store: Store, code: str, **more: int) -> list[Enclosure]:
    with store.read() as session:
        return enclosures(session, session.exec(select(Referral).where(Referral.code == code)).one(), **more)


def test_a_fax_is_one_small_searchable_pdf(store: Store) -> None:
    with open_site(store) as site:
        code = site.add(pages=3)
    (one,), (again,) = files(store, code), files(store, code)
    assert one.sha256 == again.sha256
    assert re.fullmatch(r"referral-R[2-9A-Z]+\.pdf", one.name) and one.size < 20_000
    read = PdfReader(io.BytesIO(one.content))
    assert len(read.pages) == 3 and "Dear colleague" in read.pages[2].extract_text()
    image = read.pages[0]["/Resources"]["/XObject"]
    assert "/CCITTFaxDecode" in str([x.get_object().get("/Filter") for x in image.values()])
    assert 590 < float(read.pages[0].mediabox.width) < 600


def noise(seed: int, size: tuple[int, int] = (1240, 1754)) -> bytes:
    out = io.BytesIO()
    Image.frombytes("L", size, random.Random(seed).randbytes(size[0] * size[1])).save(out, "PNG")
    return out.getvalue()


def test_parts_hold_whole_pages_in_order_and_fit(store: Store) -> None:
    with open_site(store) as site:
        code = site.add(pages=5, pictures=[noise(n) for n in range(5)])
    whole = sum(f.size for f in files(store, code, largest=50_000_000))
    parts = files(store, code, largest=whole // 2)
    assert len(parts) in (3, 4) and all(part.size <= whole // 2 for part in parts)
    assert [p.name[-12:] for p in parts] == [f"part{n}of{len(parts)}.pdf"[-12:] for n in range(1, len(parts) + 1)]
    assert sum(len(PdfReader(io.BytesIO(p.content)).pages) for p in parts) == 5


def test_one_page_that_is_too_large_is_made_smaller(store: Store) -> None:
    with open_site(store) as site:
        code = site.add(pictures=[noise(9)])
    (one,) = files(store, code, largest=600_000)
    assert 0 < one.size <= 600_000


def test_a_page_without_a_picture_says_so(store: Store) -> None:
    with open_site(store) as site:
        code = site.add(pages=2)
    with store.write() as session:
        page = session.exec(select(Page).where(Page.number == 2)).one()
        page.picture_sha256 = None
        session.add(page)
    (one,) = files(store, code)
    assert "could not be turned into a picture" in PdfReader(io.BytesIO(one.content)).pages[1].extract_text()


@pytest.mark.parametrize("origin", ["typed", "document"])
def test_a_typed_referral_sends_its_documents_as_they_were_given(store: Store, origin: str) -> None:
    with open_site(store) as site:
        code = site.add()
    with store.write() as session:
        referral = session.exec(select(Referral).where(Referral.code == code)).one()
        document = session.exec(select(Document)).one()
        referral.origin = origin
        document.files = [
            {"sha256": keep_blob(session, b"%PDF-1.4 given", "application/pdf"), "media_type": "application/pdf"}
        ]
        session.add_all([referral, document])
    (one,) = files(store, code)
    assert (one.content == b"%PDF-1.4 given") == (origin == "typed")
    assert one.size <= LARGEST
