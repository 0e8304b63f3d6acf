"""What the banner and the outage page say: e-RS, the release, the forecast, and the alarms, each as a sentence with its cure."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from gateway.desk_list import counts
from gateway.desk_words import ERS_WORDS, LONDON, instant, plural
from gateway.outage import current_outage
from gateway.patient_store import index_age
from gateway.release_report import last_release
from gateway.settings import Settings
from gateway.store import is_rehearsal
from gateway.tables import Delivery, Event, Probe, Referral

BUSY_HOURS = range(9, 17)  # on weekdays, London: when practices send
FORECAST_HOURS = 4
LOW_DISK = 2 << 30


@dataclass(frozen=True)
class Alarm:
    """Something that somebody must look into."""

    says: str
    do: str


def banner(session: Session, settings: Settings) -> dict[str, Any]:
    """e-RS since when, the open outage, who is signed in there, and what stands where, as the tabs of the list count it; cheap, on every page."""
    probe = session.get(Probe, 1)
    release = last_release(session)
    outage = current_outage(session)
    running = release if release is not None and release.state in ("DRAINING", "PAUSED") else None
    there = bool(settings.ers.base_url)
    state = probe.state if probe and there else "UNKNOWN"
    return {
        "state": state,
        "words": ERS_WORDS.get(state, state) if there else "not set up",
        "since": probe.since if probe and there else None,
        "outage": outage,
        "release": running,
        "rehearsal": is_rehearsal(session),
        "sums": counts(session),
    }


def forecast(session: Session, now: dt.datetime) -> dict[str, Any]:
    """How fast papers come and are dealt with, and when the pile is done at that pace; None where nobody can say yet."""
    since = now - dt.timedelta(hours=FORECAST_HOURS)
    waiting = counts(session)["waiting"]
    arrived = _count(session, select(func.count(col(Referral.id))).where(col(Referral.created_at) >= since))
    dealt = _count(
        session,
        select(func.count(func.distinct(col(Event.subject)))).where(
            col(Event.action).in_(("referral.confirmed", "referral.ended")), col(Event.at) >= since
        ),
    )
    pace, growth = dealt / FORECAST_HOURS, (dealt - arrived) / FORECAST_HOURS
    done = now + dt.timedelta(hours=waiting / growth) if waiting and growth > 0 and waiting / growth < 24 * 30 else None
    oldest = session.exec(
        select(func.min(Referral.arrived_at)).where(col(Referral.state).in_(("DRAFT", "IN_REVIEW", "READY", "REFUSED")))
    ).first()
    return {
        "waiting": waiting,
        "arrived_an_hour": round(arrived / FORECAST_HOURS, 1),
        "dealt_an_hour": round(pace, 1),
        "done_at": done,
        "oldest": oldest,
        "hours": FORECAST_HOURS,
    }


def _count(session: Session, query: Any) -> int:
    return int(session.exec(query).one() or 0)


def alarms(session: Session, settings: Settings, now: dt.datetime) -> list[Alarm]:
    """Everything that somebody must look into now."""
    return [
        *_silence(session, settings, now),
        *_empty(session, now),
        *_backlog(session, settings, now),
        *_disk(settings),
        *_index(session, settings, now),
        *_unsure(session),
    ]


def _silence(session: Session, settings: Settings, now: dt.datetime) -> list[Alarm]:
    here = now.astimezone(LONDON)
    last = session.exec(select(func.max(Delivery.received_at))).first()
    if last is None or here.weekday() >= 5 or here.hour not in BUSY_HOURS:
        return []
    # a quiet night is no alarm: silence is counted from the hour at which practices begin to send
    begin = here.replace(hour=BUSY_HOURS.start, minute=0, second=0, microsecond=0)
    hours = (now - max(last, begin)).total_seconds() / 3600
    if hours < settings.web.silence_hours:
        return []
    return [
        Alarm(
            f"Nothing has arrived since {instant(last)}, which is unusual at this hour.",
            "Send a test fax, and ask whoever runs the fax server and the mail relay.",
        )
    ]


def _empty(session: Session, now: dt.datetime) -> list[Alarm]:
    since = now - dt.timedelta(hours=24)
    query = select(func.count(col(Delivery.id))).where(
        Delivery.outcome == "no_document", col(Delivery.received_at) >= since, col(Delivery.settled_by).is_(None)
    )
    empty = _count(session, query)
    if not empty:
        return []
    them = "it" if empty == 1 else "them"
    says = f"{plural(empty, 'message')} of the last day came without a document, and nobody has looked at {them} yet."
    return [Alarm(says, "They stand in the list. A practice that sends empty faxes must be rung.")]


def _backlog(session: Session, settings: Settings, now: dt.datetime) -> list[Alarm]:
    limit = now - dt.timedelta(hours=settings.web.backlog_hours)
    late = _count(
        session,
        select(func.count(col(Referral.id))).where(
            col(Referral.state).in_(("DRAFT", "IN_REVIEW")), col(Referral.arrived_at) < limit
        ),
    )
    if not late:
        return []
    have, hours = "has" if late == 1 else "have", settings.web.backlog_hours
    says = f"{plural(late, 'referral')} {have} waited for a person longer than {hours:.0f} hours."
    return [Alarm(says, "Start at the top of the list; the oldest of each urgency stand first.")]


def _disk(settings: Settings) -> list[Alarm]:
    try:
        free = shutil.disk_usage(settings.data).free
    except OSError:
        return []
    if free > LOW_DISK:
        return []
    return [Alarm(f"Only {free / (1 << 30):.1f} GB are free on the disk.", "Ask the administrator to make room today.")]


def _index(session: Session, settings: Settings, now: dt.datetime) -> list[Alarm]:
    age = index_age(session, now, settings.reading.index_days)
    if age.alarm is None:
        return []
    says = age.alarm.split(". ")[0].split(": ")[0].removesuffix(".")
    return [Alarm(f"{says}.", "Ask the administrator to import a fresh extract of the patient index.")]


def _unsure(session: Session) -> list[Alarm]:
    unsure = _count(session, select(func.count(col(Referral.id))).where(Referral.state == "UNSURE"))
    if not unsure:
        return []
    says = f"{plural(unsure, 'referral')} may or may not be in e-RS."
    return [Alarm(says, "The page Unsure has the steps to find out.")]
