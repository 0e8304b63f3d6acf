"""Letters of word processors become pages where LibreOffice is installed, shut in; elsewhere a person is told what to do."""

from __future__ import annotations

import datetime as dt
import io
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from sample_papers import fax_mail
from sqlmodel import select

from gateway import word_letters
from gateway.balance import balance
from gateway.intake import Intake
from gateway.opening import Opening
from gateway.store import Store
from gateway.tables import Delivery, Document
from gateway.work import Jobs
from inbox.delivery import Delivery as Arrived

LETTER = rb"{\rtf1\ansi {\fonttbl {\f0 Arial;}}\f0 Dear colleague\par Re: an invented patient\page Second page}"
needs_office = pytest.mark.skipif(word_letters.program() is None, reason="LibreOffice is not installed here")


def docx(body: str, links: str = "") -> bytes:
    """A minimal Word letter; `links` are relationships to what lies outside it."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kinds = "http://schemas.openxmlformats.org/package/2006/"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{kinds}content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{kinds}relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/_rels/document.xml.rels", f'<Relationships xmlns="{kinds}relationships">{links}</Relationships>'
        )
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>')
    return held.getvalue()


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.fixture
def arrived(store: Store, now: dt.datetime, tmp_path: Path) -> Iterator[object]:
    jobs = Jobs(store)
    intake = Intake(store, jobs)
    opener = Opening(store, jobs, tmp_path / "scratch", lambda: now)

    def take(mail: bytes) -> tuple[Delivery, list[Document]]:
        code = intake.accept(Arrived("smtp", mail, now, now, "test"))
        with store.read() as session:
            number = session.exec(select(Delivery.id).where(Delivery.code == code)).one()
        opener(number or 0)
        with store.read() as session:
            row = session.get(Delivery, number)
            assert row is not None and balance(session).in_order
            return row, list(session.exec(select(Document).where(Document.delivery_id == number)))

    yield take
    intake.close()
    jobs.close()


@needs_office
def test_a_letter_becomes_pages_and_stays_beside_them(arrived) -> None:  # type: ignore[no-untyped-def]
    row, documents = arrived(fax_mail(LETTER, kind="rtf"))
    assert row.outcome == "documents" and row.flags == ["converted"] and row.says is None
    assert [document.state for document in documents] == ["RECEIVED"] and row.pages_received == 2
    assert documents[0].files[0]["media_type"] == "application/pdf"
    assert [file["media_type"] for file in documents[0].also] == ["application/rtf"]


@needs_office
def test_the_same_letter_again_is_known_by_its_own_bytes(arrived) -> None:  # type: ignore[no-untyped-def]
    first, _ = arrived(fax_mail(LETTER, kind="rtf"))
    again, _ = arrived(fax_mail(LETTER, kind="rtf", subject="once more"))
    assert again.outcome == "duplicate" and again.duplicate_of == first.id


@needs_office
def test_a_word_letter_is_printed(tmp_path: Path) -> None:
    pdf = word_letters.to_pdf(
        docx("<w:p><w:r><w:t>Dear colleague of Cardiology</w:t></w:r></w:p>"), "docx", tmp_path / "scratch"
    )
    assert pdf and "Dear colleague of Cardiology" in words(pdf)
    assert list((tmp_path / "scratch").iterdir()) == [], "nothing of the letter is left behind"


@needs_office
def test_a_letter_draws_in_nothing_that_lies_beside_it_and_calls_nobody(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("OTHER PATIENT")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/picture.png"
        field = (
            rb"{\rtf1 Letter {\field{\*\fldinst INCLUDETEXT "
            + b'"' + str(secret).encode() + b'"'
            + rb"}{\fldrslt old}} {\field{\*\fldinst INCLUDEPICTURE "
            + b'"' + address.encode() + b'"'
            + rb" \\d}{\fldrslt }}}"
        )  # fmt: skip
        pdf = word_letters.to_pdf(field, "rtf", tmp_path / "scratch")
        link = f'<Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="{address}" TargetMode="External"/>'  # noqa: E501
        other = word_letters.to_pdf(docx("<w:p><w:r><w:t>Letter</w:t></w:r></w:p>", link), "docx", tmp_path / "scratch")
        with pytest.raises(TimeoutError):
            server.accept()
    assert pdf and "OTHER PATIENT" not in words(pdf)
    assert other and "Letter" in words(other)


def test_what_it_cannot_print_stays_with_a_person(arrived) -> None:  # type: ignore[no-untyped-def]
    row, documents = arrived(fax_mail(docx("<w:p>")[:-40] + bytes(40), kind="docx"))
    assert row.outcome == "documents" and [document.state for document in documents] == ["STUCK"]


def test_without_libreoffice_a_person_is_told_what_to_do(arrived, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PATH", "/nonexistent")
    row, documents = arrived(fax_mail(LETTER, kind="rtf"))
    assert row.flags == ["unsupported_type"] and "save it as PDF" in (row.says or "")
    assert [document.state for document in documents] == ["STUCK"] and documents[0].pages_received == 1
