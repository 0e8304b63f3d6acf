"""How the desk writes things: instants, dates, NHS numbers, UBRNs, urgency and states in words; the templates' filters.

What is shown in a field is what may be typed into it again: each form here is taken back by gateway.field_values.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from gateway.errors import GatewayError
from gateway.field_values import PRIORITY_WORDS, words_for
from gateway.review_views import CANCER_DAYS
from gateway.states import STATE_WORDS

LONDON = ZoneInfo("Europe/London")
URGENCY = ("Suspected cancer", "Urgent", "Routine")
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "waiting": ("Waits for a person", ("DRAFT", "IN_REVIEW")),
    "ready": ("Ready to send", ("READY",)),
    "sending": ("Being sent", ("SENDING",)),
    "unsure": ("Unsure", ("UNSURE",)),
    "refused": ("Refused", ("REFUSED",)),
    "sent": ("In e-RS", ("SENT",)),
    "done": ("Done", ("CLOSED",)),
    "withdrawn": ("Withdrawn", ("WITHDRAWN",)),
    "all": ("Everything", ()),
}
"""The tabs of the list: which states each shows. Together (without `all`) they hold every state once, so the counts add up."""

ERS_WORDS = {
    "UP": "up",
    "DEGRADED": "slow or faulty",
    "DOWN": "down",
    "REACHABLE": "answers, but nobody is signed in to it",
    "UNKNOWN": "not known",
}

# what the command line advises means nothing at the desk; here the same errors have their own cures
_CURES = {
    "referral": "Look for it in the list; codes look like R-7K2M.",
    "delivery": "Look for it under Arrivals; codes look like D-7K2M.",
    "stale": "Look at what was changed, then decide again. What you typed is kept.",
    "identifiers": "Type what is missing as it stands on the picture, or ring the practice.",
    "other_patient": "Find out who the patient is. If the picture is right all the same, give the reason below and confirm again.",
    "release_running": "Watch it on the release page; it can be stopped there.",
    "release": "",
    "service": "Choose one from the list.",
    "question": "Use the answer offered beside the question.",
    "reason": "Say why, in a few words.",
    "unsure": "Look in e-RS first; the page Unsure has the steps.",
    "duplicate": "Name the other referral, as R-7K2M.",
    "page": "Tick some of the pages, not all of them.",
    "outage": "",
}


def cure(error: GatewayError) -> str:
    """What to do, for somebody at the desk."""
    if "`gateway" not in error.do and "--" not in error.do:
        return error.do
    return _CURES.get(error.code, "If you do not know how to go on, ask your team leader.")


def instant(value: dt.datetime | None) -> str:
    """`20 Nov 2026 08:42`, in London."""
    return value.astimezone(LONDON).strftime("%-d %b %Y %H:%M") if value else ""


def short_instant(value: dt.datetime | None) -> str:
    """`20 Nov 08:42`, in London."""
    return value.astimezone(LONDON).strftime("%-d %b %H:%M") if value else ""


def clock_time(value: dt.datetime | None) -> str:
    """`08:42`, in London."""
    return value.astimezone(LONDON).strftime("%H:%M") if value else ""


def arrived_words(arrived_at: dt.datetime, now: dt.datetime, rank: int) -> str:
    """`20 Nov 08:42, day 2 of 28` for suspected cancer, else without the limit. The day of arrival is day 0."""
    days = (now.astimezone(LONDON).date() - arrived_at.astimezone(LONDON).date()).days
    return f"{short_instant(arrived_at)}, day {days}" + (f" of {CANCER_DAYS}" if rank == 0 else "")


def urgency_words(rank: int) -> str:
    """The urgency of a rank."""
    return URGENCY[min(max(rank, 0), 2)]


def state_words(state: str) -> str:
    """A state as a sentence's beginning."""
    words = STATE_WORDS.get(state, state)
    return words[0].upper() + words[1:]


def shown_value(field: str, value: str | None) -> str:
    """A value of the contract's form as a clerk reads and types it."""
    if not value:
        return ""
    if field == "patient.nhs_number" and re.fullmatch(r"\d{10}", value):
        return f"{value[:3]} {value[3:6]} {value[6:]}"
    if field in ("patient.birth_date", "referral.date") and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return f"{value[8:]}/{value[5:7]}/{value[:4]}"
    if field == "referral.ubrn" and re.fullmatch(r"\d{12}", value):
        return f"{value[:4]} {value[4:8]} {value[8:]}"
    return value


def read_value(field: str, value: str | None) -> str:
    """The same for reading only: codes become words."""
    if field == "referral.priority":
        return PRIORITY_WORDS.get(value or "", value or "")
    if field == "referral.sharing_dissent":
        return {"true": "the patient objects", "false": "no objection"}.get(value or "", "")
    return shown_value(field, value)


def whole_number(text: str) -> int | None:
    """A count or row's number as it comes in forms and addresses; None for anything else, such as what no database holds."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def plural(count: int, one: str, many: str = "") -> str:
    """`1 page`, `3 pages`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


FILTERS: dict[str, Callable[..., Any]] = {
    "instant": instant,
    "short_instant": short_instant,
    "clock_time": clock_time,
    "urgency": urgency_words,
    "state": state_words,
    "shown": lambda value, field: shown_value(field, value),
    "read": lambda value, field: read_value(field, value),
    "field_words": lambda field: words_for(field)[0].upper() + words_for(field)[1:],
    "plural": plural,
    "ers": lambda state: ERS_WORDS.get(state, state),
}
