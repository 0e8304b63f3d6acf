"""A second, plain e-RS written from the specification alone (ers.md), with other spellings and bad manners."""

from __future__ import annotations

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STRUCTURE = "https://fhir.nhs.uk/STU3/StructureDefinition/"
PDF = b"%PDF-1.4\n%%EOF\n"


class PlainErs:
    """Takes referrals without asking who calls. `manners` switches on what a test is about; `held` is what it has by UBRN."""

    def __init__(self, **manners: Any) -> None:
        self.manners = manners
        self.held: dict[str, dict[str, Any]] = {}
        self.files: dict[str, tuple[str, int]] = {}
        self.calls: list[str] = []
        self.headers: list[dict[str, str]] = []
        plain = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.answer("GET")

            def do_POST(self) -> None:
                self.answer("POST")

            def answer(self, method: str) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                found = plain.take(method, self.path.removeprefix("/FHIR"), dict(self.headers), body)
                if found is None:  # the answer is lost
                    self.close_connection = True
                    self.connection.close()
                    return
                status, headers, content = found
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                if plain.manners.get("closes"):
                    self.send_header("Connection", "close")
                    self.close_connection = True
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/FHIR"

    def __enter__(self) -> PlainErs:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def take(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes] | None:
        name = path.split("?")[0].rsplit("/", 1)[-1].removeprefix("$ers.")
        self.headers.append(headers)
        if "/CodeSystem/" in path:
            self.calls.append("A004")
            return self.manners.get("code_tables", 404), {}, b""
        self.calls.append(name)
        if name in self.manners.get("broken", ()):
            return 500, {"Content-Type": "text/html"}, b"<h1>500</h1>"
        if name == "searchHealthcareServicesForPatient":
            return self.fhir(self.services())
        if name == "createReferral":
            return self.create(json.loads(body))
        if name == "Binary":
            number = f"{len(self.files) + 1:08d}-0000-4000-8000-000000000000"
            self.files[f"Binary/{number}"] = (headers["NHSD-eRS-File-Name"], len(body))
            return 201, {"Location": f"Binary/{number}"}, b""
        if name == "maintainReferralLetter":
            row = self.held[path.split("/")[3]]
            if headers.get("If-Match") != f'W/"{row["version"]}"':
                return 409, {}, b""
            files = [p["resource"]["content"][0]["attachment"]["url"] for p in json.loads(body)["parameter"]]
            row["files"], row["version"] = [self.files[url] for url in files], row["version"] + 1
            return self.fhir(self.view(row))
        if name == "Appointment":
            row = self.held[json.loads(body)["incomingReferral"][0]["reference"].split("/")[1]]
            row["state"], row["version"] = "AWAITING_TRIAGE", row["version"] + 1
            return self.fhir({"resourceType": "Appointment"}, 201)
        if name == "fetchworklist":
            return self.fhir(
                self.worklist(json.loads(body)["parameter"][0]["valueCodeableConcept"]["coding"][0]["code"])
            )
        if name == "generatePatientLetter":
            return 200, {"Content-Type": "application/pdf"}, PDF
        row_or_none = self.held.get(name)
        return self.fhir(self.view(row_or_none)) if row_or_none else (404, {}, b"")

    def fhir(self, value: Any, status: int = 200) -> tuple[int, dict[str, str], bytes]:
        return status, {"Content-Type": "application/fhir+json;charset=utf-8"}, json.dumps(value).encode()

    def services(self) -> dict[str, Any]:
        return {
            "resourceType": "List",
            "entry": [{"item": {"identifier": {"system": "http://fhir.nhs.net/Id/ers-service", "value": "11002"}}}],
        }

    def create(self, sent: dict[str, Any]) -> tuple[int, dict[str, str], bytes] | None:
        given = {p["name"]: p for p in sent["parameter"]}
        shortlist = given["shortlist"]["resource"]
        ubrn = f"{70000 + len(self.held):012d}"
        self.held[ubrn] = {
            "ubrn": ubrn,
            "version": 1,
            "nhs": given["patient"]["valueIdentifier"]["value"],
            "start": given["eReferralPathwayStart"]["valueInstant"],
            "shortlist": shortlist,
            "criteria": {p["name"]: p for p in shortlist["contained"][0]["parameter"]},
            "state": "NOT_BOOKED",
            "files": [],
            "made": dt.datetime.now(dt.UTC),
        }
        if len(self.held) <= self.manners.get("loses", 0):
            return None
        return self.fhir(self.view(self.held[ubrn]), 201)

    def view(self, row: dict[str, Any]) -> dict[str, Any]:
        criteria = dict(row["shortlist"]["contained"][0])
        shortlist = {**row["shortlist"], "contained": []}
        files = [
            {
                "resourceType": "DocumentReference",
                "meta": {"profile": [STRUCTURE + "eRS-DocumentReference-1"]},
                "content": [
                    {
                        "attachment": {
                            "url": f"Binary/attached-{title}",
                            "title": title,
                            "size": size,
                            "extension": [
                                {
                                    "url": STRUCTURE + "Extension-eRS-AvailabilityStatus-1",
                                    "valueCoding": {"code": "AVAILABLE"},
                                }
                            ],
                        }
                    }
                ],
            }
            for title, size in row["files"]
        ]
        state = [{"url": "state", "valueCoding": {"code": row["state"]}}]
        return {
            "resourceType": "ReferralRequest",
            "id": row["ubrn"],
            "meta": {"versionId": str(row["version"])},
            "status": "active",
            "subject": {"identifier": {"value": row["nhs"]}},
            "extension": [
                {"url": STRUCTURE + "Extension-eRS-ReferralState-1", "extension": state},
                {
                    "url": STRUCTURE + "Extension-eRS-ReferralPriority-1",
                    "valueCodeableConcept": {"coding": [row["criteria"]["priority"]["valueCoding"]]},
                },
                {
                    "url": STRUCTURE + "Extension-eRS-eReferralPathwayStart-1",
                    "valueInstant": row["start"].replace("Z", "000+00:00"),
                },
            ],
            "contained": [shortlist, criteria, *files],
        }

    def worklist(self, kind: str) -> dict[str, Any]:
        entries = [
            {
                "item": {"reference": f"ReferralRequest/{row['ubrn']}/_history/{row['version']}"},
                "extension": [
                    {"url": STRUCTURE + "Extension-eRS-Something-Else", "valueBoolean": False},
                    {
                        "url": STRUCTURE + f"Extension-eRS-{kind}-1",
                        "extension": [
                            {"url": "referralCreated", "valueInstant": row["made"].isoformat()},
                            {"url": "patient", "valueIdentifier": {"value": row["nhs"]}},
                            {"url": "priority", "valueCoding": row["criteria"]["priority"]["valueCoding"]},
                            {"url": "status", "valueCoding": {"code": "APP_CANCELLED_BY_PATIENT"}},
                        ],
                    },
                ],
            }
            for row in self.held.values()
            if kind == "AWAITING_BOOKING" or not row["files"]
        ]
        return {"resourceType": "List", "entry": entries} if entries else {"resourceType": "List"}
