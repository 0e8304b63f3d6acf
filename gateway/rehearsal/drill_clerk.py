"""The clerk of a drill: reviews from the truth, through the commands that a clerk would use, and notes what the machine did.

What the machine accepted is compared with the truth *before* the clerk touches anything: a wrong value that it accepted is a silent
error, the worst thing the gateway can make.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from gateway.rehearsal.drill_data import SentFax
from gateway.rehearsal.program import Program

CLERK = "Drill Clerk"
CRITICAL = ("patient.nhs_number", "patient.birth_date", "patient.family_name", "referral.priority")
# What the clerk types when it is wrong or missing; the rest of the letter goes to e-RS as its picture.
TYPED = (
    *CRITICAL,
    "patient.given_names",
    "patient.gender",
    "patient.postcode",
    "referrer.name",
    "referrer.practice_name",
    "referrer.practice_code",
    "referral.specialty",
    "referral.date",
)


@dataclass
class Seen:
    """What became of one fax: its referrals, what the machine had right, and what the clerk did."""

    sent: SentFax
    delivery: str
    referrals: list[str] = field(default_factory=list)
    by_machine: bool = False
    wrongly_ready: bool = False
    accepted: int = 0
    silent: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)  # the fields
    ended: str = ""
    waits: list[str] = field(default_factory=list)


def same(name: str, read: object, true: object) -> bool:
    """Whether a value says the same as the truth: capitals, accents and spaces do not count, letters and digits do."""
    return _plain(read) == _plain(true) if name != "referral.reason" else True


def _plain(value: object) -> str:
    text = unicodedata.normalize("NFKD", str(value)).casefold()
    return "".join(c for c in text if c.isalnum())


class Clerk:
    """Works the review list off, fax by fax."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def work(self, sent: SentFax, delivery: str) -> Seen:
        """Look at what became of one fax, note what the machine did, and decide what is left."""
        seen = Seen(sent, delivery)
        [view] = self._program.objects("inbox", "show", delivery)
        seen.referrals = list(view["referrals"])
        if not seen.referrals:
            seen.waits = [view["says"] or view["outcome"]]
            return seen
        for code in seen.referrals:
            self._one(code, seen)
        return seen

    def _one(self, code: str, seen: Seen) -> None:
        [shown] = self._program.objects("review", "show", code, "--by", CLERK)
        truth = self._truth_of(shown, seen.sent)
        self._compare(shown, truth, seen)
        if shown["state"] == "READY":
            seen.by_machine = True
            critical_wrong = any(not same(n, _value(shown, n), truth.get(n)) for n in CRITICAL if n in truth)
            seen.wrongly_ready |= critical_wrong or not truth or bool(seen.sent.fax.missing_pages or seen.sent.fax.more)
            return
        fax = seen.sent.fax
        if fax.document_type != "referral":
            self._program.run("review", "aside", code, "--why", f"a {fax.design.replace('_', ' ')}", "--by", CLERK)
            seen.ended = "set aside: not a referral"
            return
        if fax.missing_pages or fax.more:
            # what only the practice can answer stays a work item: "needs a call" is a normal outcome
            seen.waits = [question["says"] for question in shown["questions"]]
            return
        self._correct(code, shown, truth, seen)

    def _truth_of(self, shown: dict[str, Any], sent: SentFax) -> dict[str, Any]:
        """The truth of this referral: of the further patient on the fax when it is that one."""
        read = _value(shown, "patient.nhs_number")
        for part in sent.fax.more:
            if read is not None and part.truth.get("patient.nhs_number") == read:
                return dict(part.truth)
        return dict(sent.fax.truth)

    def _compare(self, shown: dict[str, Any], truth: dict[str, Any], seen: Seen) -> None:
        for name, found in shown["fields"].items():
            if found["accepted"] and name in truth and found["by"] == "machine":
                seen.accepted += 1
                if not same(name, found["value"], truth[name]):
                    seen.silent.append(name)

    def _correct(self, code: str, shown: dict[str, Any], truth: dict[str, Any], seen: Seen) -> None:
        full = {**seen.sent.referral.values(), **truth}
        wrong = [n for n in TYPED if n in full and not same(n, _value(shown, n) or "", full[n])]
        if wrong:
            self._program.run("review", "set", code, *(f"{n}={full[n]}" for n in wrong), "--by", CLERK)
            seen.corrected += wrong
        if " is READY." in self._program.run("review", "approve", code, "--by", CLERK):
            return
        [after] = self._program.objects("review", "show", code, "--by", CLERK)
        for question in after["questions"]:
            # the drill's clerk knows the truth, so every question that is left is answered by it
            if question["code"] == "ready.dissent":
                self._program.run(
                    "review", "choose", code, "--decision", "dissent", "--why", "the practice was rung", "--by", CLERK
                )
            elif question["code"] == "ready.in_ers":
                self._program.run(
                    "review", "choose", code, "--decision", "ubrn", "--why", "not found in e-RS", "--by", CLERK
                )
            elif not question["code"].startswith("ready."):
                self._program.run(
                    "review",
                    "choose",
                    code,
                    "--answer",
                    question["code"],
                    "--why",
                    "compared with the picture",
                    "--by",
                    CLERK,
                )
        [last] = self._program.objects("review", "show", code, "--by", CLERK)
        seen.waits = [question["says"] for question in last["questions"]]


def _value(shown: dict[str, Any], name: str) -> Any:
    found = shown["fields"].get(name)
    return found["value"] if found else None
