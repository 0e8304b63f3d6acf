"""e-RS over HTTP: one method an operation (A0xx), each a single call with its own Outcome; no retry, no decision, no database.

Every call carries a correlation id. A create (A011) goes over a connection of its own, because a kept-alive one that the other side
has just closed would look like a lost answer.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import ssl
import urllib.parse
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import httpx

from gateway import ers_bodies as bodies
from gateway.errors import GatewayError, Refused, WrongInput
from gateway.ers_answers import judge, no_answer, unreadable
from gateway.ers_signin import ErsSession
from gateway.ers_views import (
    UBRN,
    OfferedService,
    ReferralView,
    code_system,
    held_roles,
    offered_services,
    referral_view,
    worklist_entries,
)
from gateway.settings import ErsSettings
from gateway.target import Action, Outcome

FHIR = "application/fhir+json"
CONNECT_PATIENCE = 15.0
LARGEST_ANSWER = 10 * 1024 * 1024  # a longer worklist was cut or is none (ers.md section 1)


class Body(httpx.SyncByteStream):
    """A request body that knows whether any of it has left for the other side."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.left = False

    def __iter__(self) -> Iterator[bytes]:
        self.left = True
        yield self._content


def check_reach(base_url: str | None, rehearsal: bool) -> str:
    """The base URL to use. A rehearsal store reaches nothing but this machine; that is a rule, not a setting."""
    if not base_url:
        raise WrongInput("ers", "It is not set where e-RS is.", "Set GATEWAY_ERS__BASE_URL.")
    if rehearsal and urllib.parse.urlsplit(base_url).hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise Refused(
            "rehearsal",
            "This is a rehearsal store, and it may not reach a real e-RS.",
            "Use the simulated e-RS of `gateway rehearse`, or another data folder for real work.",
        )
    return base_url.rstrip("/")


class Ers:
    """A client for one session, organisation and role. `organisation` and `role` stay empty for an unattended session."""

    def __init__(
        self,
        settings: ErsSettings,
        session: ErsSession,
        *,
        rehearsal: bool,
        organisation: str | None = None,
        role: str | None = None,
    ) -> None:
        self.base = check_reach(settings.base_url, rehearsal)
        self.session = session
        self.organisation = organisation
        self.role = role
        # called when the connection stands and the request is about to be written: the moment that e-RS counts
        self.depart: Callable[[], None] = lambda: None
        here = urllib.parse.urlsplit(self.base).hostname in {"127.0.0.1", "localhost", "::1"}
        verify = _trust(self.base, settings)
        timeout = httpx.Timeout(settings.timeout_seconds, connect=min(CONNECT_PATIENCE, settings.timeout_seconds))
        self._kept = httpx.Client(
            verify=verify, timeout=timeout, trust_env=not here, limits=httpx.Limits(max_connections=64)
        )
        self._single = httpx.Client(
            verify=verify,
            timeout=timeout,
            trust_env=not here,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=0),
        )

    def __enter__(self) -> Ers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._kept.close()
        self._single.close()

    def code_table(self, kind: str, correlation: str) -> Outcome:
        """A004: SPECIALTY, CLINIC-TYPE or PRIORITY. `body` is (system, concepts)."""
        return self._call("A004", "GET", f"/STU3/CodeSystem/{kind}", correlation, read=lambda r: code_system(r.json()))

    def referral(self, ubrn: str, correlation: str) -> Outcome:
        """A005. `body` is a ReferralView."""
        return self._call("A005", "GET", f"/STU3/ReferralRequest/{_safe(ubrn)}", correlation, read=_view)

    def worklist(self, kind: str, correlation: str, service_id: str | None = None) -> Outcome:
        """A008. `body` is a tuple of ListEntry. A cut or unreadable list is never an empty one."""
        return self._call(
            "A008",
            "POST",
            "/STU3/ReferralRequest/$ers.fetchworklist",
            correlation,
            json=bodies.worklist(kind, service_id),
            read=lambda r: worklist_entries(_whole(r), kind),
        )

    def services(self, order: bodies.Order, correlation: str) -> Outcome:
        """A010. `body` is the offered services by id."""
        return self._call(
            "A010",
            "POST",
            "/STU3/HealthcareService/$ers.searchHealthcareServicesForPatient",
            correlation,
            json=bodies.service_search(order),
            read=lambda r: offered_services(r.json()),
        )

    def create(self, order: bodies.Order, correlation: str) -> Outcome:
        """A011, the one call that must not run twice. `answer` holds ubrn and version."""
        return self._call(
            "A011",
            "POST",
            "/STU3/ReferralRequest/$ers.createReferral",
            correlation,
            json=bodies.create_referral(order),
            success=201,
            client=self._single,
            read=_created,
            keep=lambda _r, made: {"ubrn": made[0], "version": made[1]},
        )

    def upload(self, ubrn: str, name: str, media_type: str, content: bytes, correlation: str) -> Outcome:
        """A020: one file for one referral. `answer` holds its location."""
        return self._call(
            "A020",
            "POST",
            "/STU3/Binary",
            correlation,
            content=content,
            headers={"Content-Type": media_type, "NHSD-eRS-File-Name": name, "NHSD-eRS-Referral-ID": _safe(ubrn)},
            success=201,
            read=_location,
            keep=lambda _r, location: {"location": location},
        )

    def attach(
        self, ubrn: str, version: str, files: list[tuple[str, str]], indexed: dt.datetime, correlation: str
    ) -> Outcome:
        """A012: the whole set of letters, each (url, description). `answer` holds the new version."""
        return self._call(
            "A012",
            "POST",
            f"/STU3/ReferralRequest/{_safe(ubrn)}/$ers.maintainReferralLetter",
            correlation,
            json=bodies.referral_letter(files, indexed),
            headers={"If-Match": f'W/"{version}"'},
            read=_view,
            keep=lambda _r, view: {"version": view.version},
        )

    def defer(
        self, ubrn: str, version: str, service_id: str, nhs_number: str, reason: str, correlation: str
    ) -> Outcome:
        """A016 with a reason: TRIAGE, NO_SLOTS_AT_SERVICE or BOOKING_ATTEMPT_PROBLEM."""
        return self._call(
            "A016",
            "POST",
            "/STU3/Appointment",
            correlation,
            json=bodies.deferral(ubrn, version, service_id, nhs_number, reason),
            success=201,
            read=lambda _r: None,
        )

    def cancel(self, ubrn: str, version: str, system: str, reason: str, comment: str, correlation: str) -> Outcome:
        """A036: final, and an appointment goes with it. Whether it worked is read back, not read from the answer."""
        return self._call(
            "A036",
            "POST",
            f"/STU3/ReferralRequest/{_safe(ubrn)}/$ers.cancelReferral",
            correlation,
            json=bodies.cancellation(system, reason, comment),
            headers={"If-Match": f'W/"{version}"'},
            read=lambda _r: None,
        )

    def patient_letter(self, ubrn: str, correlation: str) -> Outcome:
        """A019. `body` is the PDF."""
        return self._call(
            "A019",
            "POST",
            f"/STU3/ReferralRequest/{_safe(ubrn)}/$ers.generatePatientLetter",
            correlation,
            headers={"Accept": "application/pdf"},
            read=_pdf,
        )

    def roles(self, correlation: str) -> Outcome:
        """A030: who is signed in and may do what where. `body` is (SDS user id, roles by ODS code). No role headers."""
        return self._call(
            "A030", "GET", "/R4/PractitionerRole", correlation, who=False, read=lambda r: held_roles(r.json())
        )

    def _call(
        self,
        step: str,
        method: str,
        path: str,
        correlation: str,
        *,
        read: Callable[[httpx.Response], Any],
        keep: Callable[[httpx.Response, Any], dict[str, Any]] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        success: int = 200,
        who: bool = True,
        client: httpx.Client | None = None,
    ) -> Outcome:
        try:
            sent = self._headers(correlation, who)
        except GatewayError as trouble:  # no token to be had
            action = Action.WAIT_UP if trouble.later else Action.SIGN_IN
            return Outcome("not_sent", action, trouble.says)
        client = client or self._kept
        body = _body(json, content)
        if json is not None:
            sent["Content-Type"] = FHIR
        if body is not None:
            sent["Content-Length"] = str(len(body._content))
        request = client.build_request(
            method,
            self.base + path,
            headers={**sent, **(headers or {})},
            content=body,
            extensions={"trace": self._trace},
        )
        try:
            answer = client.send(request)
        except (httpx.HTTPError, httpx.StreamError) as error:
            left = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
            if body is not None:
                left = left and body.left
            return no_answer(step, body_left=left, says=_plain(error))
        return _outcome(step, answer, success, read, keep)

    def _trace(self, event: str, _info: dict[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            self.depart()

    def _headers(self, correlation: str, who: bool) -> dict[str, str]:
        headers = {"Accept": FHIR, "X-Correlation-ID": correlation}
        token = self.session.token()
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        # an application's session must not send them (ers.md section 3)
        if who and not self.session.unattended:
            headers["NHSD-End-User-Organisation-ODS"] = self.organisation or ""
            headers["NHSD-eRS-Business-Function"] = self.role or ""
        return headers


def _trust(base: str, settings: ErsSettings) -> ssl.SSLContext:
    """Whose certificates are believed; over plain HTTP on this machine nobody's, so that nothing has to be loaded."""
    if base.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context(cafile=str(settings.ca_file)) if settings.ca_file else httpx.create_ssl_context()


def _body(json: Any, content: bytes | None) -> Body | None:
    if json is not None:
        import json as writer

        return Body(writer.dumps(json, ensure_ascii=False).encode())
    return Body(content) if content is not None else None


def _outcome(
    step: str,
    answer: httpx.Response,
    success: int,
    read: Callable[[httpx.Response], Any],
    keep: Callable[[httpx.Response, Any], dict[str, Any]] | None,
) -> Outcome:
    request_id = answer.headers.get("X-Request-ID")
    if answer.status_code not in (success, 200, 201):
        return judge(
            step,
            answer.status_code,
            answer.content,
            request_id=request_id,
            retry_after=_seconds(answer.headers.get("Retry-After")),
        )
    try:
        body = read(answer)
        kept = keep(answer, body) if keep else {}
    except (ValueError, KeyError, TypeError):
        return unreadable(step, answer.status_code, request_id)
    return Outcome("done", Action.GO_ON, "done", answer.status_code, None, request_id, answer=kept, body=body)


def _seconds(text: str | None) -> float | None:
    """Retry-After: seconds, or a date."""
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        try:
            until = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())


def _plain(error: Exception) -> str:
    """The network's trouble in words, without addresses."""
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.TimeoutException):
        return "it took too long"
    return "the connection broke"


def _whole(answer: httpx.Response) -> Any:
    if len(answer.content) > LARGEST_ANSWER:
        raise ValueError("the list was too long to be whole")
    return answer.json()


def _view(answer: httpx.Response) -> ReferralView:
    return referral_view(answer.json())


def _created(answer: httpx.Response) -> tuple[str, str]:
    view = answer.json()
    ubrn, version = str(view["id"]), str(view["meta"]["versionId"])
    if not UBRN.fullmatch(ubrn):
        raise ValueError("no UBRN")
    return ubrn, version


def _location(answer: httpx.Response) -> str:
    location = answer.headers.get("Location", "")
    if "Binary/" not in location:
        raise ValueError("no location")
    return "Binary/" + location.rpartition("Binary/")[2]


def _pdf(answer: httpx.Response) -> bytes:
    if not answer.content.startswith(b"%PDF"):
        raise ValueError("not a PDF")
    return answer.content


def _safe(ubrn: str) -> str:
    """A UBRN as part of an address: twelve digits and nothing else."""
    if not UBRN.fullmatch(ubrn):
        raise ValueError("a UBRN has twelve digits")
    return ubrn


__all__ = ["Ers", "OfferedService", "check_reach"]
