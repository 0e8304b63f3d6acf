"""The doctor: checks this machine, the settings and the store, and says for each finding what to do."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gateway.balance import balance
from gateway.confine import how_confined
from gateway.errors import GatewayError
from gateway.events import verify_chain
from gateway.patient_store import index_age
from gateway.settings import Settings
from gateway.store import Store, is_rehearsal, open_store

LEAST_FREE_MB = 1024


@dataclass(frozen=True)
class Finding:
    """One check: fine, worth knowing, or to be mended before the next outage."""

    check: str
    state: Literal["ok", "note", "BAD"]
    says: str


def machine() -> list[Finding]:
    """What this machine has for reading: both readers, and what confines the opening of files."""
    confined = how_confined()
    return [_tesseract(), _reader(), Finding("sandbox", "note" if "no filter" in confined else "ok", confined)]


def examine(settings: Settings) -> list[Finding]:
    """All checks, in the order in which a person would mend them."""
    findings = machine()
    try:
        store = open_store(settings.url)
    except GatewayError as error:
        return [*findings, Finding("database", "BAD", f"{error.says} {error.do}")]
    findings += [_disk(settings), *_store(store, settings), _ers(settings), _relay(settings), _office(settings)]
    store.close()
    return findings


def _tesseract() -> Finding:
    cure = "Install it: apt-get install tesseract-ocr"
    if not shutil.which("tesseract"):
        return Finding("Tesseract", "BAD", f"The second reader is missing, so no value can be accepted. {cure}")
    done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    languages = done.stdout.split()
    if "eng" not in languages or "osd" not in languages:
        return Finding(
            "Tesseract",
            "BAD",
            "Its English or orientation data is missing. Install tesseract-ocr-eng and tesseract-ocr-osd.",
        )
    return Finding("Tesseract", "ok", "The second reader is there.")


def _reader() -> Finding:
    from ocr.readers import PpOcr, ReaderMissing

    try:
        PpOcr(1)
    except ReaderMissing as missing:
        return Finding("PP-OCR", "BAD", missing.says)
    return Finding("PP-OCR", "ok", "The main reader is there.")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data if settings.data.exists() else ".").free >> 20
    if free < LEAST_FREE_MB:
        return Finding(
            "disk", "BAD", f"Only {free} MB are free where the data lies. Make room before faxes are turned away."
        )
    return Finding("disk", "ok", f"{free // 1024} GB are free where the data lies.")


def _store(store: Store, settings: Settings) -> Iterator[Finding]:
    now = dt.datetime.now(dt.UTC)
    with store.read() as session:
        chain = verify_chain(session)
        whole = "; ".join(chain.faults[:3])
        yield Finding(
            "event log",
            "BAD" if chain.faults else "ok",
            f"The chain is broken: {whole}. Restore the backup and tell whoever answers for the audit."
            if chain.faults
            else f"The chain of {chain.count} lines is whole; its head is {chain.head[:16]}.",
        )
        sums = balance(session)
        yield Finding(
            "balance",
            "ok" if sums.in_order else "BAD",
            f"{sums.pages_received} pages received, {len(sums.open_items)} things open."
            if sums.in_order
            else "The balance has faults; see `gateway balance`.",
        )
        index = index_age(session, now, settings.reading.index_days)
        yield Finding(
            "patient index",
            "note" if index.alarm else "ok",
            index.alarm or f"{index.rows} people, {index.days} days old.",
        )
        if is_rehearsal(session):
            yield Finding("rehearsal", "note", "This store holds a drill; it can never reach a real e-RS.")


def _ers(settings: Settings) -> Finding:
    if not settings.ers.base_url:
        return Finding("e-RS", "note", "GATEWAY_ERS__BASE_URL is not set; referrals wait in the queue.")
    return Finding("e-RS", "ok", f"It is looked for at {settings.ers.base_url}.")


def _relay(settings: Settings) -> Finding:
    if not settings.mail.host:
        return Finding("letters", "note", "GATEWAY_MAIL__HOST is not set; letters are kept for a person to send.")
    return Finding("letters", "ok", f"They leave through {settings.mail.host} to {', '.join(settings.mail.domains)}.")


def _office(settings: Settings) -> Finding:
    missing = [name for name in ("phone", "ods") if not getattr(settings.office, name)]
    if missing:
        names = " and ".join(f"GATEWAY_OFFICE__{name.upper()}" for name in missing)
        return Finding("office", "note", f"{names} not set; letters need whom to ring, releases the trust's code.")
    return Finding("office", "ok", f"{settings.office.name}, {settings.office.ods}.")
