"""`queue add`: a referral typed from paper or telephone, as one JSON object with its letters beside it, through the same checks.

All faults of the file are told at once, each with the name of its field and the cure; then nothing is kept. What is kept is kept
whole: delivery, documents, pages, referral and events in one transaction (P1, P2).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from gateway.deciding import check_clock
from gateway.errors import GatewayError, Refused, WrongInput
from gateway.events import record
from gateway.field_values import parse_instant, parse_value
from gateway.readiness import take_service
from gateway.referrals import NewValue, Weighed, choose, make_referral, weigh
from gateway.settings import Settings
from gateway.states import move
from gateway.store import keep_blob, new_code
from gateway.tables import Delivery, Document, Page, Referral
from gateway.tables_reference import Clinician, CodeValue, Service
from gateway.typed_papers import Paper, find_paper
from templates.reading import FIELDS

KEYS = (
    "fields",
    "received_at",
    "service",
    "specialty_code",
    "clinic_type",
    "referring_clinician",
    "original_clock_start",
    "documents",
    "confirmed_by",
)
OpenPaper = Callable[[str, bytes], Paper]  # gateway.typed_papers.open_paper with its scratch folder


@dataclass(frozen=True)
class Typed:
    """A typed referral after its shape was checked; instants are aware, values in the contract's form."""

    original: bytes = field(repr=False)
    fields: dict[str, str]
    received_at: dt.datetime
    service: str | None
    specialty_code: str | None
    clinic_type: str | None
    referring_clinician: str | None
    original_clock_start: dt.datetime | None
    papers: tuple[Paper, ...]
    confirmed_by: str | None


class _Faults:
    def __init__(self) -> None:
        self.says: list[str] = []
        self.do = ""

    def add(self, says: str, do: str) -> None:
        self.says.append(says)
        self.do = self.do or do

    def stop_if_any(self) -> None:
        if self.says:
            raise WrongInput("typed", " ".join(self.says), f"{self.do} Nothing was kept.")


def load_typed(file: Path, now: dt.datetime, open_paper: OpenPaper) -> Typed:
    """Read and check the JSON file and its documents; WrongInput names every field that is wrong."""
    try:
        original = file.read_bytes()
    except OSError as error:
        raise WrongInput(
            "file", f"The file cannot be read: {error.strerror}.", "Check its name and your rights."
        ) from None
    given = _json_object(original)
    faults = _Faults()
    for key in given:
        if key not in KEYS:
            faults.add(f"There is no field '{key[:40]}'.", f"The fields are: {', '.join(KEYS)}.")
    received = _instant(given, "received_at", faults, needed=True)
    if received and received > now:
        faults.add("received_at lies in the future.", "Give the instant at which it was received.")
    start = _instant(given, "original_clock_start", faults)
    if start:
        _check_start(start, received, now, faults)
    typed = Typed(
        original=original,
        fields=_fields(given.get("fields"), now, faults),
        received_at=received or now,
        service=_text(given, "service", faults),
        specialty_code=_text(given, "specialty_code", faults),
        clinic_type=_text(given, "clinic_type", faults),
        referring_clinician=_text(given, "referring_clinician", faults),
        original_clock_start=start,
        papers=_papers(given.get("documents"), file.parent, open_paper, faults),
        confirmed_by=_text(given, "confirmed_by", faults),
    )
    faults.stop_if_any()
    return typed


def _json_object(original: bytes) -> dict[str, Any]:
    try:
        given = json.loads(original.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise WrongInput("file", "The file is not UTF-8 text.", "Save it as JSON in UTF-8.") from None
    except json.JSONDecodeError as error:
        says = f"The file is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        raise WrongInput("file", says, "Correct it there.") from None
    if not isinstance(given, dict):
        raise WrongInput("file", "The file does not hold one JSON object.", 'Begin it with {"fields": {...}, ...}.')
    return given


def _text(given: dict[str, Any], key: str, faults: _Faults) -> str | None:
    value = given.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 120:
        faults.add(f"{key} is not a short text.", "Write it in quotation marks, or leave it out.")
        return None
    return value.strip()


def _instant(given: dict[str, Any], key: str, faults: _Faults, needed: bool = False) -> dt.datetime | None:
    if given.get(key) is None:
        if needed:
            faults.add(f"{key} is missing.", "Write it as 2026-11-20T08:42:00Z.")
        return None
    try:
        return parse_instant(str(given[key]))
    except WrongInput as wrong:
        faults.add(f"{key}: {wrong.says}", wrong.do)
        return None


def _check_start(start: dt.datetime, received: dt.datetime | None, now: dt.datetime, faults: _Faults) -> None:
    try:
        check_clock(start, now)
    except WrongInput as wrong:
        faults.add(f"original_clock_start: {wrong.says}", wrong.do)
    if received and start > received:
        faults.add(
            "original_clock_start is later than received_at.", "An original clock started before; or leave it out."
        )


def _fields(given: Any, now: dt.datetime, faults: _Faults) -> dict[str, str]:
    if not isinstance(given, dict) or not given:
        faults.add("fields is missing.", 'Write it as {"patient.nhs_number": "9990000018", ...}.')
        return {}
    values: dict[str, str] = {}
    for name, value in given.items():
        if name not in FIELDS:
            faults.add(f"fields has no '{name[:40]}'.", f"The fields are: {', '.join(FIELDS)}.")
        elif value is None:
            continue
        elif not isinstance(value, str | bool):
            faults.add(f"{name} is neither text nor true or false.", "Write it in quotation marks.")
        else:
            try:
                values[name] = parse_value(name, value, now)
            except WrongInput as wrong:
                faults.add(wrong.says, wrong.do)
    return values


def _papers(given: Any, folder: Path, open_paper: OpenPaper, faults: _Faults) -> tuple[Paper, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        faults.add("documents is not a list of file names.", 'Write it as ["letter.pdf"].')
        return ()
    papers = []
    for number, name in enumerate(given, 1):
        try:
            papers.append(open_paper(name, find_paper(name, folder)))
        except GatewayError as wrong:
            faults.add(f"documents, number {number}: {wrong.says}", wrong.do)
    return tuple(papers)


def add_typed(
    session: Session, typed: Typed, by: str, now: dt.datetime, *, settings: Settings, outage_id: int | None
) -> tuple[Referral, Weighed]:
    """Keep a typed referral: READY when the same checks hold as for a fax; `confirmed_by` gives P3."""
    service = _service(session, typed)
    _check_codes(session, typed, now)
    _check_clinician(session, typed)
    delivery = _delivery(session, typed, by, now, outage_id)
    pages = [
        page
        for position, paper in enumerate(typed.papers, 1)
        for page in _document(session, delivery, position, paper, by, now)
    ]
    referral = make_referral(
        session,
        fields={name: NewValue(value, True, 1.0, f"typed by {by}") for name, value in typed.fields.items()},
        pages=pages,
        arrived_at=typed.received_at,
        outage_id=outage_id,
        origin="typed",
        form=None,
        by=by,
        now=now,
    )
    if not typed.papers:
        delivery.settled_by, delivery.settled_why = by, f"typed in as {referral.code}"
    if typed.original_clock_start:
        referral.pathway_start = typed.original_clock_start
        referral.pathway_start_why = "original clock start, as given"
        record(session, "referral.clock_set", referral.code, by, now, {"same_as_arrival": False})
    _choices(session, referral, typed, service, by, now)
    return referral, weigh(session, referral, now, settings=settings, by=by)


def _service(session: Session, typed: Typed) -> Service | None:
    """The service that was named, or the one service of the list with both codes; what was typed must not contradict the list."""
    listed = session.exec(select(Service.service_id).limit(1)).first() is not None
    if typed.service is None:
        if not (typed.specialty_code and typed.clinic_type):
            return None
        query = select(Service).where(
            Service.specialty_code == typed.specialty_code, Service.clinic_type == typed.clinic_type
        )
        same = list(session.exec(query))
        return same[0] if len(same) == 1 else None
    service = session.get(Service, typed.service)
    if service is None:
        if listed:
            raise Refused(
                "service", f"service: the site's list has no service {typed.service}.", "See `gateway review services`."
            )
        return None
    for name, said, known in (
        ("specialty_code", typed.specialty_code, service.specialty_code),
        ("clinic_type", typed.clinic_type, service.clinic_type),
    ):
        if said and said != known:
            says = f"{name}: service {service.service_id} has {known} in the site's list."
            raise Refused("service", says, "Correct one of the two, or leave the code out.")
    return service


def _check_codes(session: Session, typed: Typed, now: dt.datetime) -> None:
    """Codes against the cached tables of e-RS, where there are any (A004)."""
    for name, kind, code in (
        ("specialty_code", "SPECIALTY", typed.specialty_code),
        ("clinic_type", "CLINIC-TYPE", typed.clinic_type),
    ):
        if not code or session.exec(select(CodeValue.code).where(CodeValue.kind == kind).limit(1)).first() is None:
            continue
        row = session.get(CodeValue, (kind, code))
        if row is None or (row.effective_to is not None and row.effective_to < now.date()):
            state = "has no" if row is None else "has ended the"
            raise WrongInput("code", f"{name}: e-RS {state} code {code[:40]}.", "Write the code as e-RS has it.")


def _check_clinician(session: Session, typed: Typed) -> None:
    sds_id = typed.referring_clinician
    if sds_id is None:
        return
    if len(sds_id) != 12 or not sds_id.isdigit():
        raise WrongInput(
            "clinician", "referring_clinician: an SDS user id has twelve digits.", "Write it as 555000000104."
        )
    if session.exec(select(Clinician.id).limit(1)).first() is None:
        return
    if session.exec(select(Clinician.id).where(Clinician.sds_id == sds_id)).first() is None:
        says = f"referring_clinician: the site's list has no clinician {sds_id}."
        raise WrongInput("clinician", says, "Correct it, or import a newer list of clinicians.")


def _delivery(session: Session, typed: Typed, by: str, now: dt.datetime, outage_id: int | None) -> Delivery:
    delivery = Delivery(
        code=new_code(session, "D"),
        route="typed",
        sha256=keep_blob(session, typed.original, "application/json"),
        received_at=now,
        arrived_at=typed.received_at,
        arrival_source="as given by the person who typed it",
        sender=by,
        outcome="documents" if typed.papers else "no_document",
        documents_found=len(typed.papers),
        pages_received=sum(paper.pages for paper in typed.papers),
        outage_id=outage_id,
    )
    session.add(delivery)
    session.flush()
    size = {"sha256": delivery.sha256, "bytes": len(typed.original), "arrived_at": delivery.arrived_at.isoformat()}
    record(session, "delivery.received", delivery.code, by, now, size)
    counts = {"documents": delivery.documents_found, "pages": delivery.pages_received, "flags": []}
    record(session, "delivery.unpacked", delivery.code, by, now, counts)
    return delivery


def _document(
    session: Session, delivery: Delivery, position: int, paper: Paper, by: str, now: dt.datetime
) -> list[int]:
    """One PDF as a document that is sorted already, because a person has read it; the ids of its pages."""
    assert delivery.id is not None
    sha256 = keep_blob(session, paper.content, "application/pdf")
    file: dict[str, Any] = {
        "sha256": sha256,
        "media_type": "application/pdf",
        "declared_type": None,
        "name": paper.name,
        "pages": paper.pages,
    }
    if paper.parts:
        file["parts"] = [keep_blob(session, part, "application/pdf") for part in paper.parts]
    document = Document(
        delivery_id=delivery.id,
        position=position,
        files=[file],
        first_sha256=hashlib.sha256(paper.content).hexdigest(),
        pages_received=paper.pages,
        state="RECEIVED",
        document_type="referral",
    )
    session.add(document)
    session.flush()
    assert document.id is not None
    record(session, "document.made", delivery.code, by, now, {"document": document.id, "pages": paper.pages})
    pages = [Page(document_id=document.id, number=number) for number in range(1, paper.pages + 1)]
    session.add_all(pages)
    session.flush()
    move(session, document, "READ", by, now)
    move(session, document, "SORTED", by, now)
    return [page.id for page in pages if page.id is not None]


def _choices(
    session: Session, referral: Referral, typed: Typed, service: Service | None, by: str, now: dt.datetime
) -> None:
    chosen = service.service_id if service else typed.service
    if chosen:
        if service is not None:
            take_service(referral, service)
        else:  # no list to compare with: as typed
            referral.service_id = chosen
            referral.specialty_code, referral.clinic_type = typed.specialty_code, typed.clinic_type
        choose(session, referral, "service", chosen, "typed", by, now)
        record(session, "referral.service_chosen", referral.code, by, now, {"service": chosen})
    if typed.referring_clinician:
        choose(session, referral, "clinician", typed.referring_clinician, "typed", by, now)
    if typed.confirmed_by:
        referral.confirmed_by, referral.confirmed_at = typed.confirmed_by, now
        record(session, "referral.confirmed", referral.code, typed.confirmed_by, now, {"typed": True, "entered_by": by})
    session.add(referral)
