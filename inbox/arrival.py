"""When a mail arrived for the patient's clock (P5), read from the Received headers of the site's own fax servers."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_HEAD_CAP = 1024 * 1024
_BY = re.compile(rb"\bby\s+([A-Za-z0-9._:\[\]-]{1,255})")
_FUTURE = dt.timedelta(minutes=5)
_OLDEST = dt.timedelta(days=31)


@dataclass(frozen=True)
class Arrival:
    """The instant, who stated it, and what was stated but not used (kept, shown and offered)."""

    at: dt.datetime
    source: str
    stated: str | None = None


def header_block(data: bytes) -> bytes:
    """The bytes before the first empty line, at most 1 MiB."""
    head = data[:_HEAD_CAP]
    ends = [found for found in (head.find(b"\r\n\r\n"), head.find(b"\n\n")) if found >= 0]
    return head[: min(ends)] if ends else head


def received_headers(data: bytes) -> list[bytes]:
    """The Received headers from the topmost down, unfolded."""
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", header_block(data))
    return [line[9:].strip() for line in re.split(rb"\r?\n", unfolded) if line[:9].lower() == b"received:"]


def arrival_of(
    data: bytes, end_of_data: dt.datetime, fax_hosts: tuple[str, ...], relay_hosts: tuple[str, ...]
) -> Arrival:
    """The Received time written by a listed fax server, else the end of DATA.

    Read from the top: headers of the site's relays are passed by, the first one of a listed fax server is used, and any
    other ends the search, because what stands below a stranger's header may be invented by the stranger.
    """
    own = Arrival(end_of_data, "end of DATA")
    fax = {host.lower() for host in fax_hosts}
    relays = {host.lower() for host in relay_hosts}
    for header in received_headers(data):
        match = _BY.search(header)
        host = match.group(1).decode("ascii").strip("[]").lower() if match else ""
        if host in fax:
            return _stated(header, host, own)
        if host not in relays:
            break
    return own


def _stated(header: bytes, host: str, own: Arrival) -> Arrival:
    """The time in this header, when it is an instant that a working clock could have written."""
    text = header.rpartition(b";")[2].decode("ascii", "replace").strip()[:80]
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return Arrival(own.at, own.source, stated=text)
    if at.tzinfo is None or at > own.at + _FUTURE or at < own.at - _OLDEST:
        return Arrival(own.at, own.source, stated=text)
    return Arrival(min(at, own.at), f"Received header of {host}")
