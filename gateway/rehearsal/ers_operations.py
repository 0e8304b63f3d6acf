"""What each operation does once the caller is known: read strictly, judge, change the store, answer (ers.md section 5)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.rehearsal import ers_business as business
from gateway.rehearsal import ers_orders as orders
from gateway.rehearsal import ers_views as views
from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_access import FILE_NAME_HEADER, REFERRAL_HEADER, Headers, if_match
from gateway.rehearsal.ers_business import Session
from gateway.rehearsal.ers_codes import REASONS, code_system
from gateway.rehearsal.ers_pdf import page_pdf
from gateway.rehearsal.ers_refusal import JSON, Refusal, unprocessable
from gateway.rehearsal.ers_rules import UBRN
from gateway.rehearsal.ers_state import Referral, Store, Visit
from gateway.rehearsal.ers_worklists import worklist

LARGEST_FILE = 5_242_880
FILE_TYPES = {
    "txt": "text/plain",
    "pdf": "application/pdf",
    "xml": "text/xml",
    "rtf": "text/rtf",
    "rtx": "text/rtf",
    "au": "audio/basic",
    "mp3": "audio/mpeg",
    "png": "image/png",
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "jpe": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "mpg": "video/mpeg",
    "mpeg": "video/mpeg",
    "mpe": "video/mpeg",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "dcm": "application/dicom",
}
_FOCUS = re.compile(r"^ReferralRequest/(\d{12})/_history/(\d{1,18})$")


@dataclass(frozen=True)
class Call:
    """One call after its access was checked. `moved` says that e-RS changes the version just before the write."""

    session: Session
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Headers
    body: bytes
    moved: bool = False


@dataclass(frozen=True)
class Answer:
    """What goes back: status, body and headers. `content_type` None means no body."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def _json(status: int, value: dict[str, Any], **headers: str) -> Answer:
    return Answer(status, json.dumps(value).encode(), JSON, headers)


def _etag(referral: Referral) -> str:
    return f'W/"{referral.version}"'


class Operations:
    """The operations of one rehearsal, by their number."""

    def __init__(self, store: Store, base: Callable[[], str], sleep: Callable[[float], None] = time.sleep) -> None:
        self._store, self._base, self._sleep = store, base, sleep

    def run(self, operation: str, call: Call) -> Answer:
        """Does one operation; raises Refusal."""
        answer: Answer = getattr(self, f"_{operation.lower()}")(call)
        return answer

    def _a004(self, call: Call) -> Answer:
        found = code_system(call.path["kind"], self._store.directory, self._base(), self._store.clock().date())
        if found is None:
            raise Refusal(404, None, "no such code system")
        return _json(200, found)

    def _a005(self, call: Call) -> Answer:
        referral = business.readable_referral(self._store, call.session, self._ubrn(call))
        business.retrievable(self._store, referral)
        if "version" in call.path and call.path["version"] != str(referral.version):
            raise Refusal(404, None, "not the latest version")
        return self._referral(200, referral)

    def _referral(self, status: int, referral: Referral, *, created: bool = False) -> Answer:
        body = views.referral_request(self._store, referral, self._base(), created=created)
        return _json(status, body, ETag=_etag(referral))

    def _ubrn(self, call: Call) -> str:
        if not UBRN.match(call.path["ubrn"]):
            raise Refusal(404, None, "no such referral")
        return call.path["ubrn"]

    def _a007(self, call: Call) -> Answer:
        referral = business.readable_referral(self._store, call.session, self._ubrn(call))
        business.retrievable(self._store, referral)
        lines = [f"UBRN {referral.ubrn}", f"Priority {referral.priority}", f"Letters {len(referral.letters)}"]
        return self._pdf(referral, "Clinical Information Summary", lines)

    def _pdf(self, referral: Referral, title: str, lines: list[str]) -> Answer:
        stamp = self._store.clock().strftime("%Y%m%d%H%M%S")
        name = f"{referral.ubrn}_{title.replace(' ', '_')}_{stamp}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Answer(200, page_pdf(title, lines), "application/pdf", headers)

    def _a008(self, call: Call) -> Answer:
        ask, session, store = orders.read_worklist(call.body, self._base()), call.session, self._store
        provider = ask.list_type in words.PROVIDER_LISTS
        allowed = (words.SPC, words.SPCA, words.SPA) if provider else (words.RC, words.RCA, words.RA)
        if (session.application and not provider) or (not session.application and session.role not in allowed):
            raise Refusal(403, "FORBIDDEN", "the role may not read this list")
        if not provider and ask.filtered:
            raise unprocessable("FIELD_NOT_PERMITTED", "lists of referrers take no filters")
        here = store.settings.application_organisation if session.application else session.organisation or ""
        if session.application and ask.service_id is None:
            raise unprocessable("MISSING_VALUE", "an application must name the service")
        self._check_filters(ask, here)
        if session.application and ask.service_id:
            reads = store.worklist_read(ask.service_id)
            if store.settings.twice_daily and reads > 2:
                raise Refusal(429)
        body = json.dumps(worklist(store, ask, here, self._base())).encode()
        if len(body) > store.settings.worklist_limit_bytes:
            raise Refusal(500, None, "Body buffer overflow")
        return Answer(200, body, JSON)

    def _check_filters(self, ask: orders.Worklist, here: str) -> None:
        directory = self._store.directory
        if ask.service_id is not None:
            service = directory.services.get(ask.service_id)
            if service is None:
                raise unprocessable("REFERENCE_NOT_FOUND", "'service' names nothing")
            if service.organisation != here:
                raise unprocessable("NO_RELATIONSHIP", "the service is another organisation's")
        if ask.specialty is not None and ask.specialty not in directory.specialties:
            raise unprocessable("INVALID_CODE", "'specialty' is not a code")
        if ask.location is not None and ask.location not in directory.organisations:
            raise unprocessable("REFERENCE_NOT_FOUND", "'location' names nothing")
        if ask.clinician is not None and ask.clinician not in directory.people:
            raise unprocessable("REFERENCE_NOT_FOUND", "'clinician' names nobody")

    def _a010(self, call: Call) -> Answer:
        store = self._store
        ask = orders.read_search(call.body, self._base())
        found = business.check_search(store.directory, store.patients, call.session, ask, store.clock().date())
        return _json(200, views.service_list(found, store, self._base()))

    def _a011(self, call: Call) -> Answer:
        order = orders.read_create(call.body, self._base())
        referrer, services = business.check_create(self._store, call.session, order)
        first = services[0]
        referral = self._store.add(
            nhs_number=order.nhs_number,
            organisation=call.session.organisation,
            referrer=referrer,
            entered_by=call.session.user,
            priority=order.criteria.priority,
            specialty=order.criteria.specialty or first.specialty,
            clinic_type=order.criteria.clinic_type or first.clinic_type,
            criteria=order.criteria.echo,
            services=order.services,
            intention=order.intention,
            reminder_days=order.reminder_days,
            pathway_start=order.pathway_start_text,
        )
        return self._referral(201, referral, created=True)

    def _move(self, call: Call, ubrn: str) -> None:
        if call.moved:
            self._store.move_version(ubrn)

    def _a012(self, call: Call) -> Answer:
        version, ubrn = if_match(call.headers), self._ubrn(call)
        letters = orders.read_letters(call.body)
        store = self._store
        business.own_referral(store, call.session, ubrn)
        with store.editing(ubrn):
            self._move(call, ubrn)
            self._sleep(store.scaled(store.settings.write_seconds).total_seconds())
            referral = business.own_referral(store, call.session, ubrn)
            business.same_version(referral, version)
            business.retrievable(store, referral)
            business.not_cancelled(referral)
            attached = business.check_letters(store, referral, letters)
            now = store.clock()
            last = now if referral.letters_first else None
            first = referral.letters_first or now
            return self._referral(200, store.change(ubrn, letters=attached, letters_first=first, letters_last=last))

    def _a016(self, call: Call) -> Answer:
        order, store = orders.read_booking(call.body), self._store
        business.own_referral(store, call.session, order.ubrn, status=422)
        with store.editing(order.ubrn):
            self._move(call, order.ubrn)
            self._sleep(store.scaled(store.settings.write_seconds).total_seconds())
            referral = business.own_referral(store, call.session, order.ubrn, status=422)
            business.same_version(referral, order.version)
            business.retrievable(store, referral)
            business.check_booking(store, referral, order)
            visit = Visit(
                appointment_id=store.next_appointment(),
                status=order.status,
                reason=order.reason,
                service_id=order.service_id,
                created=store.clock(),
                comment=order.comment,
                slot_id=order.slot_id,
                start=order.start,
                end=order.end,
                clinician=order.clinician,
            )
            triage = "AWAITING_TRIAGE" if order.reason == "TRIAGE" else "DEFERRED_TO_PROVIDER"
            state = "BOOKED" if order.status == "booked" else triage
            # The published examples of A016 answer a version two higher than the one that was sent.
            changed = store.change(order.ubrn, step=2, state=state, reason=order.reason, visit=visit)
            return _json(201, views.appointment(store, changed, visit), ETag='W/"1"')

    def _a019(self, call: Call) -> Answer:
        referral = business.own_referral(self._store, call.session, self._ubrn(call))
        business.not_cancelled(referral)
        if referral.nhs_number in self._store.patients.without_access_code:
            raise unprocessable("NO_ACCESS_CODE", "the patient has no access code")
        lines = [f"UBRN {referral.ubrn[:4]} {referral.ubrn[4:8]} {referral.ubrn[8:]}", f"State {referral.state}"]
        return self._pdf(referral, "Appointment Request Summary", lines)

    def _a020(self, call: Call) -> Answer:
        name = call.headers.get(FILE_NAME_HEADER)
        kind = call.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind not in FILE_TYPES.values():
            raise Refusal(415, None, "files of this type cannot be uploaded")
        if not name:
            raise unprocessable("MISSING_VALUE", f"{FILE_NAME_HEADER} is missing")
        stem, dot, extension = name.rpartition(".")
        if not stem or not dot or extension.lower() not in FILE_TYPES or "/" in name or "\\" in name:
            raise unprocessable("INVALID_VALUE", f"{FILE_NAME_HEADER} needs a name and a known extension")
        if FILE_TYPES[extension.lower()] != kind:
            raise unprocessable("CONFLICTING_VALUES", "extension and Content-Type disagree")
        if len(call.body) > LARGEST_FILE:
            if self._store.settings.oversize_status == 413:
                raise Refusal(413, None, "the file is too large")
            raise unprocessable("FILE_SIZE_ERROR", "the file is too large")
        if not call.body:
            raise unprocessable("FILE_SIZE_ERROR", "the file is empty")
        ubrn = call.headers.get(REFERRAL_HEADER)
        if ubrn is not None:
            if not UBRN.match(ubrn):
                raise unprocessable("INVALID_VALUE", f"{REFERRAL_HEADER} is not a UBRN")
            if self._store.find(ubrn) is None:
                raise unprocessable("INAPPROPRIATE_VALUE", f"{REFERRAL_HEADER} names no referral")
        kept = self._store.upload(
            name=name,
            content_type=kind,
            body=call.body,
            ubrn=ubrn,
            organisation=call.session.organisation or "",
            user=call.session.user or "",
        )
        return Answer(201, headers={"Location": f"Binary/{kept.file_id}"})

    def _a029(self, call: Call) -> Answer:
        match = _FOCUS.match(call.query.get("focus", ""))
        if not match or call.query.get("intent") != "proposal" or call.query.get("status") != "ready":
            raise Refusal(400, "INVALID_VALUE", "focus, intent=proposal and status=ready are needed")
        referral = self._store.find(match[1])
        if referral is None or referral.version != int(match[2]):
            raise Refusal(400, "INVALID_VALUE", "focus is not a referral in its current version")
        session = call.session
        actions: list[str] = []
        if referral.state != "CANCELLED_REFERRAL":
            if (
                not session.application
                and session.role in words.REFERRING
                and session.organisation == referral.organisation
            ):
                waiting = referral.state in ("NOT_BOOKED", "APPT_CANCELLED_BY_PATIENT", "APPT_CANCELLED_BY_PROVIDER")
                actions = ["CREATE_APPOINTMENT", "CANCEL_REFERRAL"] if waiting else ["CANCEL_REFERRAL"]
            elif referral.state == "AWAITING_TRIAGE":
                actions = ["RECORD_REVIEW_OUTCOME"]
        return _json(200, views.task_bundle(actions, call.query["focus"], self._base(), self._store))

    def _a030(self, call: Call) -> Answer:
        store = self._store
        person = store.directory.people.get(call.session.user or "")
        if person is None:
            raise Refusal(403, "NO_ACCESS", "the user has no access to e-RS")
        return _json(200, views.role_bundle(person, self._base(), store.new_id(), store.clock()))

    def _a036(self, call: Call) -> Answer:
        store, session = self._store, call.session
        if session.application and not store.settings.application_may_cancel:
            raise Refusal(403, "FORBIDDEN", "the application has no reviewed use case for this")
        version, ubrn = if_match(call.headers), self._ubrn(call)
        order = orders.read_cancel(call.body, self._base())
        business.readable_referral(store, session, ubrn)
        with store.editing(ubrn):
            self._move(call, ubrn)
            self._sleep(store.scaled(store.settings.write_seconds).total_seconds())
            referral = business.readable_referral(store, session, ubrn)
            business.same_version(referral, version)
            business.retrievable(store, referral)
            business.not_cancelled(referral)
            self._check_reason(
                order, referral, "PROVIDER_AUTHORISED_APPLICATION" if session.application else session.role
            )
            changed = store.change(ubrn, state="CANCELLED_REFERRAL", reason=order.reason, comment=order.comments)
        body = {
            "meta": {"profile": [words.CANCELLED_PROFILE]},
            "resourceType": "Parameters",
            "parameter": [
                {"name": "updatedReferralRequest", "resource": views.referral_request(store, changed, self._base())}
            ],
        }
        return _json(200, body, ETag=_etag(changed))

    def _check_reason(self, order: orders.Cancel, referral: Referral, role: str | None) -> None:
        reason, now = REASONS.get(order.reason), views.instant_text(self._store.clock())
        if reason is None or (reason.until is not None and reason.until <= now):
            raise unprocessable("INVALID_CODE", "'cancellationReason' is not a current code")
        if role not in reason.roles or (referral.visit is not None and not reason.cancels_appointment):
            raise unprocessable("INAPPROPRIATE_VALUE", "'cancellationReason' is not for this role or state")
        if reason.comment and not order.comments:
            raise unprocessable("MISSING_VALUE", "this reason needs cancellationComments")
