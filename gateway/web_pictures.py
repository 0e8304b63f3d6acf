"""Pictures of pages and originals: each opening is an event; originals leave only as sandboxed downloads."""

from __future__ import annotations

import io
from pathlib import PurePosixPath

from fastapi import APIRouter, Response
from PIL import Image
from sqlmodel import Session, select

from gateway.desk_work import picture_mark
from gateway.errors import NotFound
from gateway.events import record
from gateway.rearranging import find_delivery as find_paper
from gateway.rearranging import find_page
from gateway.referrals import find_referral
from gateway.sensitive import check_may_open
from gateway.store import get_blob
from gateway.tables import Blob, Document, Page, PageUse, Referral
from gateway.tables_desk import Person
from gateway.web_desk import Desk, Number, TheDesk, Who
from gateway.web_security import ORIGINAL_POLICY

router = APIRouter()
_SUFFIXES = {
    "application/pdf": ".pdf",
    "image/tiff": ".tif",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "message/rfc822": ".eml",
}


@router.get("/picture/{code}/{page_id}.png")
def picture(code: str, page_id: Number, desk: TheDesk, who: Who) -> Response:
    """The picture of one page of a referral."""
    return picture_of(desk, who.person, code, page_id)


def picture_of(desk: Desk, person: Person, code: str, page_id: int) -> Response:
    """The same for a person known otherwise, as by a token; the event is the proof that it was fetched (P3)."""
    with desk.store.write() as session:
        referral = find_referral(session, code)
        check_may_open(session, referral, person)
        page = session.get(Page, page_id) if session.get(PageUse, (page_id, referral.id)) else None
        if page is None or page.picture_sha256 is None:
            raise NotFound(
                "picture", "There is no such picture.", "The page may have been moved: open the referral again."
            )
        content = png_of(session, page.picture_sha256)
        data = {"page_id": page_id, "picture": picture_mark(page)}
        record(session, "picture.viewed", referral.code, person.name, desk.clock(), data)
    return Response(content, media_type="image/png")


@router.get("/paper-picture/{code}/{position}/{number}.png")
def paper_picture(code: str, position: Number, number: Number, desk: TheDesk, who: Who) -> Response:
    """The picture of a page of a document that is no referral (yet)."""
    with desk.store.write() as session:
        page = find_page(session, f"{code}/{position}", number)
        _check_pages(session, page.document_id, who.person)
        if page.picture_sha256 is None:
            raise NotFound("picture", "This page could not be drawn.", "Open the original instead.")
        content = png_of(session, page.picture_sha256)
        data = {"document": page.document_id, "number": number}
        record(session, "picture.viewed", code.upper(), who.person.name, desk.clock(), data)
    return Response(content, media_type="image/png")


@router.get("/original/{code}")
def original(code: str, desk: TheDesk, who: Who) -> Response:
    """What arrived, byte for byte, as a download."""
    with desk.store.write() as session:
        delivery, _position = find_paper(session, code)
        for document in session.exec(select(Document).where(Document.delivery_id == delivery.id)):
            _check_pages(session, document.id or 0, who.person)
        blob = session.get(Blob, delivery.sha256)
        content = get_blob(session, delivery.sha256)
        record(session, "original.viewed", delivery.code, who.person.name, desk.clock())
    kind = blob.media_type if blob else ""
    suffix = _SUFFIXES.get(kind) or _suffix_of(delivery.name)
    return _download(content, f"{delivery.code}{suffix}")


@router.get("/original/{code}/{position}/{number}")
def original_file(code: str, position: Number, number: Number, desk: TheDesk, who: Who) -> Response:
    """One file of a document, as it was attached."""
    with desk.store.write() as session:
        delivery, _position = find_paper(session, code)
        query = select(Document).where(Document.delivery_id == delivery.id, Document.position == position)
        document = session.exec(query).first()
        if document is None or not 1 <= number <= len(document.files):
            raise NotFound("file", "There is no such file.", "Open the delivery again.")
        _check_pages(session, document.id or 0, who.person)
        file = document.files[number - 1]
        content = get_blob(session, str(file["sha256"]))
        record(session, "original.viewed", delivery.code, who.person.name, desk.clock(), {"document": position})
    return _download(
        content, f"{delivery.code}-{position}-{number}{_SUFFIXES.get(str(file.get('media_type')), '.bin')}"
    )


def _check_pages(session: Session, document_id: int, person: Person) -> None:
    """A page of a sensitive referral stays closed under its delivery's name too."""
    query = select(Referral).join(PageUse).join(Page).where(Page.document_id == document_id).distinct()
    for referral in session.exec(query):
        check_may_open(session, referral, person)


def _suffix_of(name: str | None) -> str:
    """Only the kind of a stranger's file name is kept, and only a known one."""
    suffix = PurePosixPath(name or "").suffix.lower()
    return suffix if suffix in _SUFFIXES.values() else ".bin"


def png_of(session: Session, sha256: str) -> bytes:
    """A kept picture as browsers show it."""
    content = get_blob(session, sha256)
    if content.startswith(b"\x89PNG"):
        return content
    out = io.BytesIO()
    Image.open(io.BytesIO(content)).save(out, "PNG")
    return out.getvalue()


def _download(content: bytes, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": ORIGINAL_POLICY,
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
