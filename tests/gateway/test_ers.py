"""The client on the wire: what it sends, when it says "nothing was sent", and what it takes for an answer."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.ers import Ers
from gateway.ers_bodies import Order, create_referral, search_criteria, service_search
from gateway.ers_signin import OpenSession, session_from
from gateway.ers_views import referral_view, worklist_entries
from gateway.settings import ErsSettings
from gateway.target import milliseconds

ORDER = Order(
    nhs_number="9990000018",
    priority="URGENT",
    specialty="ALLERGY",
    specialty_system="https://api.service.nhs.uk/referrals/FHIR/STU3/CodeSystem/SPECIALTY",
    clinic_type="ALLERGY_1",
    service_id="50001",
    organisation="RXX",
    clinician="555000000101",
    pathway_start=dt.datetime(2026, 11, 20, 8, 42, 17, 384999, tzinfo=dt.UTC),
)


class Wire:
    """A listener that does one thing to each connection, and keeps what came."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.got: list[bytes] = []
        self.behave = behave
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self.door.accept()
            except OSError:
                return
            with connection:
                self.behave(connection)

    def read(self, connection: socket.socket) -> bytes:
        """One whole request."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, rest = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        while len(rest) < length:
            rest += connection.recv(65536)
        self.got.append(head + b"\r\n\r\n" + rest)
        return rest


def client(port: int, token: str | None = "secret-token", **more: Any) -> Ers:
    settings = ErsSettings(base_url=f"http://127.0.0.1:{port}/FHIR", timeout_seconds=2, **more)
    return Ers(
        settings, session_from(token, settings), rehearsal=True, organisation="RXX", role="REFERRING_CLINICIAN_ADMIN"
    )


@pytest.fixture
def wire() -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(behave: Callable[[Wire, socket.socket], None]) -> Wire:
        holder: list[Wire] = []
        wire = Wire(lambda connection: behave(holder[0], connection))
        holder.append(wire)
        made.append(wire)
        return wire

    yield make
    for one in made:
        one.door.close()


def answer(status: str, body: bytes = b"", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def test_a_refused_connection_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with client(port) as ers:
        assert ers.create(ORDER, "c").kind == "not_sent"


def test_a_cut_after_the_body_is_unknown(wire: Callable[..., Wire]) -> None:
    there = wire(lambda w, c: w.read(c))
    with client(there.port) as ers:
        assert ers.create(ORDER, "c").kind == "unsure"
    assert len(there.got) == 1


def test_silence_is_unknown_for_a_create_and_again_for_a_read(wire: Callable[..., Wire]) -> None:
    there = wire(lambda w, c: (w.read(c), threading.Event().wait(0.6)))
    with client(there.port) as ers:
        ers._single.timeout = 0.3  # type: ignore[assignment]
        ers._kept.timeout = 0.3  # type: ignore[assignment]
        assert ers.create(ORDER, "c").kind == "unsure"
        assert ers.referral("000000070000", "c").kind == "again"


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"id": "12", "meta": {"versionId": "1"}}'])
def test_a_created_without_a_ubrn_is_unknown(wire: Callable[..., Wire], body: bytes) -> None:
    there = wire(lambda w, c: (w.read(c), c.sendall(answer("201 Created", body))))
    with client(there.port) as ers:
        assert ers.create(ORDER, "c").kind == "unsure"


def test_the_create_on_the_wire(wire: Callable[..., Wire]) -> None:
    made = json.dumps({"id": "000000070000", "meta": {"versionId": "3"}}).encode()
    there = wire(lambda w, c: (w.read(c), c.sendall(answer("201 Created", made, "X-Request-ID: r1\r\n"))))
    with client(there.port) as ers:
        outcome = ers.create(ORDER, "corr-1")
    assert outcome.answer == {"ubrn": "000000070000", "version": "3"} and outcome.request_id == "r1"
    head, _, body = there.got[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    assert lines[0] == "POST /FHIR/STU3/ReferralRequest/$ers.createReferral HTTP/1.1"
    assert headers["content-type"] == headers["accept"] == "application/fhir+json"
    assert headers["nhsd-end-user-organisation-ods"] == "RXX"
    assert headers["nhsd-ers-business-function"] == "REFERRING_CLINICIAN_ADMIN"
    assert headers["x-correlation-id"] == "corr-1" and headers["authorization"] == "Bearer secret-token"
    assert "nhsd-ers-on-behalf-of-user-id" not in headers
    assert int(headers["content-length"]) == len(body)
    assert json.loads(body) == create_referral(ORDER)


def test_the_same_criteria_are_searched_and_sent() -> None:
    create = {p["name"]: p for p in create_referral(ORDER)["parameter"]}
    search = {p["name"]: p for p in service_search(ORDER)["parameter"]}
    assert (
        create["shortlist"]["resource"]["contained"]
        == [search_criteria(ORDER)]
        == [search["searchCriteria"]["resource"]]
    )
    assert create["eReferralPathwayStart"]["valueInstant"] == "2026-11-20T08:42:17.384Z"


def test_milliseconds_are_cut_and_never_rounded_up() -> None:
    assert milliseconds(dt.datetime(2026, 6, 9, 23, 59, 59, 999999, dt.UTC)) == "2026-06-09T23:59:59.999Z"
    london = dt.timezone(dt.timedelta(hours=1))
    assert milliseconds(dt.datetime(2026, 6, 10, 0, 20, tzinfo=london)) == "2026-06-09T23:20:00.000Z"


def test_no_token_shows_in_any_text() -> None:
    settings = ErsSettings(base_url="http://127.0.0.1:9")
    session = session_from('{"access_token": "very-secret", "refresh_token": "also-secret"}', settings)
    assert "secret" not in repr(session) and "secret" not in repr(vars(session)["_tokens"])
    assert isinstance(session_from(" \n", settings), OpenSession)


def test_a_too_long_worklist_is_not_an_empty_one(wire: Callable[..., Wire], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.ers.LARGEST_ANSWER", 10)
    listed = json.dumps({"resourceType": "List", "entry": []}).encode()
    there = wire(lambda w, c: (w.read(c), c.sendall(answer("200 OK", listed))))
    with client(there.port) as ers:
        assert not ers.worklist("AWAITING_BOOKING", "c").done


def test_what_is_not_a_referral_or_a_list_is_an_error() -> None:
    for wrong in ({}, [], None, {"resourceType": "List", "entry": [{}]}, {"resourceType": "ReferralRequest"}):
        with pytest.raises(ValueError):
            referral_view(wrong)
    with pytest.raises(ValueError):
        worklist_entries({"resourceType": "List", "entry": [{}]}, "x")
