"""The drill: one morning without e-RS, from the first fax to the closed balance, with the program itself and nothing pretended.

Faxes go in by real SMTP; the gateway reads them; a clerk who knows the truth reviews; the simulated e-RS comes back, loses one
answer, refuses a patient and ends a sign-in on the way; the release runs; letters are written; the sums are checked. Everything
that was promised and did not happen is a sentence in `Report.broken`.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import smtplib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.policy import SMTP
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.rehearsal import drill_data
from gateway.rehearsal.drill_clerk import Clerk, Seen
from gateway.rehearsal.drill_release import OPERATOR, Released, release
from gateway.rehearsal.ers_server import RehearsalErs
from gateway.rehearsal.mail import make_mail
from gateway.rehearsal.program import DrillFailed, Program, Service, free_port
from gateway.store import open_store, set_fact

DOMAIN = "faxes.rehearsal.example"
MARK = "REHEARSAL"
# how many times faster waiting times pass in a drill: a minute takes two seconds
SCALE = 30.0


@dataclass
class Report:
    """What happened, how long each step took (seconds), and which promises were broken."""

    seen: list[Seen] = field(default_factory=list)
    steps: list[tuple[str, float]] = field(default_factory=list)
    balance: dict[str, Any] = field(default_factory=dict)
    referrals: dict[str, int] = field(default_factory=dict)
    letters: int = 0
    in_ers: int = 0
    wrong_patients: int = 0
    release: Released = field(default_factory=Released)
    folder: Path = Path()
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What a drill is asked to do; `tell` shows progress: a step's name, done, of how many."""

    data: Path
    faxes: int
    seed: int
    people: int
    tell: Callable[[str, int, int], None]


def prepare_folder(data: Path, fresh: bool) -> None:
    """Make the drill's own folder. A folder that is not a drill's is never touched."""
    mark = data / MARK
    if data.exists() and any(data.iterdir()):
        if not mark.exists():
            raise DrillFailed(f"{data} holds something that is not a drill; name another folder with --data.")
        if not fresh:
            raise DrillFailed(f"{data} holds an earlier drill; use --fresh to replace it, or another --data.")
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    mark.write_text("A drill with invented people. Nothing in here is real, and it can never reach a real e-RS.\n")


class Drill:
    """One drill. `run` goes through the morning step by step."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = Random(plan.seed)
        self.report = Report(folder=plan.data)
        self.cast = drill_data.cast(
            self.random, plan.data / "site", plan.faxes, plan.people, dt.datetime.now(dt.UTC).date()
        )
        public, self.key = _key_pair(plan.data / "site")
        self.ers = RehearsalErs(
            clock=lambda: dt.datetime.now(dt.UTC),
            random=Random(plan.seed),
            services=self.cast.services,
            organisations=drill_data.organisations(self.cast.practices),
            scale=SCALE,
            public_key=public,
        )
        self.port = free_port()

    def run(self) -> Report:
        """The whole morning; the report tells what was broken, and DrillFailed is raised when it cannot go on."""
        with self.ers:
            program = Program(self._settings())
            with self._step("Setting up the office: patients, practices, services"):
                self._set_up(program)
            service = Service(program, self.plan.data / "gateway.log")
            try:
                service.wait_for_port(self.port)
                self._morning(program)
            finally:
                service.stop()
        return self.report

    def _settings(self) -> dict[str, str]:
        plan = self.plan
        return {
            "GATEWAY_DATA": str(plan.data),
            "GATEWAY_SMTP__PORT": str(self.port),
            "GATEWAY_SMTP__DOMAINS": json.dumps([DOMAIN]),
            "GATEWAY_WEB__PORT": "0",
            "GATEWAY_READING__WORKERS": "2",
            "GATEWAY_ERS__BASE_URL": self.ers.base_url,
            "GATEWAY_ERS__TOKEN_URL": self.ers.token_url,
            "GATEWAY_ERS__CLIENT_ID": "rehearsal-client",
            "GATEWAY_ERS__CLIENT_KEY": str(self.key),
            "GATEWAY_ERS__KEY_ID": "rehearsal",
            "GATEWAY_ERS__PROBE_SECONDS": "1",
            "GATEWAY_ERS__ROLE": "REFERRING_CLINICIAN",
            "GATEWAY_OFFICE__NAME": "Rehearsal Referral Office",
            "GATEWAY_OFFICE__PHONE": "01632 960555",
            "GATEWAY_OFFICE__ODS": drill_data.TRUST,
        }

    @property
    def _url(self) -> str:
        return f"sqlite:///{(self.plan.data / 'gateway.sqlite3').absolute()}"

    def _set_up(self, program: Program) -> None:
        store = open_store(self._url)
        with store.write() as session:
            set_fact(session, "rehearsal", "yes")
            set_fact(session, "rehearsal.scale", str(1 / SCALE))
        store.close()
        site = self.cast.folder
        program.run("patients", "import", str(site / "patients.csv"), "--by", OPERATOR)
        for kind in ("practices", "contacts", "services", "clinicians"):
            program.run("reference", "import", kind, str(site / f"{kind}.csv"), "--by", OPERATOR)

    def _morning(self, program: Program) -> None:
        with self._step("e-RS goes down; the gateway notices"):
            self.ers.faults.set("down")
            self._until("the outage to be noticed", lambda: self._outage(program)["outage"] is not None, 30)
        with self._step("Faxes arrive by SMTP"):
            codes = self._send()
        with self._step("Reading"):
            self._wait_until_read(program, len(codes))
        with self._step("Review by the clerk"):
            clerk = Clerk(program)
            with ThreadPoolExecutor(2) as desks:  # two clerks on one pile
                for number, seen in enumerate(desks.map(lambda one: clerk.work(*one), codes), 1):
                    self.report.seen.append(seen)
                    self.plan.tell("Review by the clerk", number, len(codes))
        with self._step("e-RS is back; the release"):
            self.ers.faults.clear()
            self._until("e-RS to be seen up again", lambda: self._outage(program)["ers"] in ("UP", "REACHABLE"), 60)
            self.report.release = release(program, self.ers, self.report.seen, self._url)
        with self._step("Letters and the balance"):
            self._letters(program)
            self._sums(program)
        self._compare_with_ers()

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.plan.tell(name, 0, 0)
        begun = time.monotonic()
        yield
        self.report.steps.append((name, time.monotonic() - begun))

    def _until(self, what: str, done: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise DrillFailed(f"Waited {seconds:.0f} seconds for {what}.")
            time.sleep(0.5)

    def _outage(self, program: Program) -> dict[str, Any]:
        return program.objects("outage", "status")[0]

    def _send(self) -> list[tuple[drill_data.SentFax, str]]:
        codes = []
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as line:
            for number, sent in enumerate(self.cast.faxes, 1):
                now = dt.datetime.now(dt.UTC)
                mail = make_mail(self.random, sent.fax, sent.referral.practice, f"referrals@{DOMAIN}", now)
                line.ehlo_or_helo_if_needed()
                line.mail("fax@pbx.rehearsal.example")
                line.rcpt(f"referrals@{DOMAIN}")
                status, words = line.data(mail.as_bytes(policy=SMTP))
                if status != 250:
                    raise DrillFailed(f"A fax was answered with {status}.")
                codes.append((sent, next(word for word in words.decode().split() if word.startswith("D-")).rstrip(".")))
                self.plan.tell("Faxes arrive by SMTP", number, len(self.cast.faxes))
        return codes

    def _wait_until_read(self, program: Program, count: int) -> None:
        end = time.monotonic() + 60 + 30 * count
        while True:
            rows = program.objects("inbox", "list")
            waiting = [
                r
                for r in rows
                if r["outcome"] == "waiting" or any(d["state"] in ("RECEIVED", "READ") for d in r["documents"])
            ]
            self.plan.tell("Reading", count - len(waiting), count)
            if not waiting:
                return
            if time.monotonic() > end:
                raise DrillFailed(f"{len(waiting)} faxes were not read in time; see {self.plan.data / 'gateway.log'}.")
            time.sleep(2.0)

    def _letters(self, program: Program) -> None:
        folder = self.plan.data / "letters"
        folder.mkdir(exist_ok=True)
        wanted = sum(1 for seen in self.report.seen if seen.referrals)
        self._until("the receipts", lambda: self._count(program, "receipt") >= wanted, 60)
        letters = program.objects("letter", "list")
        program.run("letter", "show", *(letter["letter"] for letter in letters), "--out", str(folder), "--by", OPERATOR)
        self.report.letters = len(list(folder.glob("*.pdf")))

    def _count(self, program: Program, kind: str) -> int:
        return sum(1 for letter in program.objects("letter", "list") if letter["kind"] == kind)

    def _sums(self, program: Program) -> None:
        [self.report.balance] = program.objects("balance", allowed=(0, 1))
        for row in program.objects("queue", "list"):
            self.report.referrals[row["state"]] = self.report.referrals.get(row["state"], 0) + 1

    def _compare_with_ers(self) -> None:
        """What e-RS holds against who was really on the faxes: one referral for each, for nobody else."""
        held = self.ers.inspect()["referrals"]
        self.report.in_ers = len(held)
        asked: dict[str, int] = {}
        for seen in self.report.seen:
            number = seen.sent.referral.patient.nhs_number
            asked[number] = asked.get(number, 0) + 1
        for row in held:
            number = row["nhs_number"]
            self.report.wrong_patients += number not in asked
            asked[number] = asked.get(number, 0) - 1
        if twice := sum(1 for left in asked.values() if left < 0):
            self.report.broken.append(f"{twice} patients have more referrals in e-RS than were faxed")


def _key_pair(folder: Path) -> tuple[str, Path]:
    """A key of this drill alone, with which the gateway signs in as an application; the public half as PEM, and the file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "application.pem"
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.decode(), file


def judge(report: Report) -> list[str]:
    """Every promise of the drill that was not kept, as sentences."""
    broken = list(report.broken)
    referrals = [seen for seen in report.seen if seen.sent.fax.document_type == "referral"]
    ready = [seen for seen in referrals if seen.by_machine]
    if report.balance.get("difference") != 0 or report.balance.get("faults"):
        broken.append("the balance of pages has a difference")
    if report.wrong_patients:
        broken.append(f"{report.wrong_patients} referrals in e-RS are of patients who were not faxed")
    if wrong := sum(seen.wrongly_ready for seen in report.seen):
        broken.append(f"{wrong} referrals became ready with something wrong")
    if silent := sum(len(seen.silent) for seen in report.seen):
        broken.append(f"{silent} values were accepted by machine and are wrong")
    if 2 * len(ready) < len(referrals):
        broken.append(f"only {len(ready)} of {len(referrals)} referrals became ready without a person")
    for state in ("READY", "SENDING", "DRAFT", "UNSURE", "REFUSED"):
        if report.referrals.get(state):
            broken.append(f"{report.referrals[state]} referrals are left {state}")
    unexplained = [seen.delivery for seen in report.seen if not seen.referrals and not seen.waits]
    if report.release.resolved_unsure != 1:
        broken.append(f"the lost answer became {report.release.resolved_unsure} referrals by looking, and not one")
    if len(report.release.refused) != 1:
        broken.append("the refused referral does not wait for a person with its reason")
    if "sign in" not in report.release.paused:
        broken.append("the release did not pause when the sign-in had ended")
    elif not report.release.signed_in_again:
        broken.append("the release did not go on to its end after the new sign-in")
    if not any(seen.corrected for seen in report.seen) and any(
        seen.sent.fax.severity == "hard" for seen in report.seen
    ):
        broken.append("a fax was hard to read, and yet the clerk corrected no value")
    if unexplained:
        broken.append(f"nothing became of {', '.join(unexplained)}")
    waiting = sum(1 for seen in report.seen if seen.waits)
    if report.referrals.get("IN_REVIEW", 0) > waiting:
        broken.append("a referral waits for a person without a reason")
    return broken
