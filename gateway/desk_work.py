"""The work screen's view of one referral: fields with reasons, pages with the places of values and words, questions and answers.

Built in one writing transaction, because looking at values is an event (P10).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from gateway.calls import calls_about
from gateway.claims import holder
from gateway.desk_words import shown_value
from gateway.drafts import draft_of
from gateway.errors import Refused, WrongInput
from gateway.events import ACTIONS
from gateway.field_values import FIELD_WORDS, PRIORITY_WORDS, parse_value, words_for
from gateway.people import LEADS, WRITES
from gateway.readiness import NEEDED, WEIGHED, find_clinicians
from gateway.referrals import IDENTIFIERS, OPEN_TO_CHANGE, readings
from gateway.review import ReviewView, ShownValue, open_view, pages_of
from gateway.settings import Settings
from gateway.tables import Delivery, Document, Event, Page, Problem, Referral
from gateway.tables_desk import CallNote, Person
from gateway.tables_reference import Clinician
from gateway.undoing import earlier_value, undoable
from templates.reading import FIELDS

SEEN_FOR = dt.timedelta(hours=12)
_MOST_LINES = 200
_GROUPS = (("Patient", "patient."), ("Referrer", "referrer."), ("Referral", "referral."))
_OPTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "referral.priority": tuple((code, words[0].upper() + words[1:]) for code, words in PRIORITY_WORDS.items()),
    "patient.gender": (("female", "female"), ("male", "male"), ("other", "other"), ("unknown", "unknown")),
    "referral.sharing_dissent": (("true", "the patient objects to sharing"), ("false", "no objection")),
}
# what each question that weighing asks is answered with (gateway.deciding); the others are answered in words
_ANSWERS = {
    "ready.dissent": ("dissent", "The referrer was asked; send it"),
    "ready.duplicate": ("different", "It is a different referral"),
    "ready.in_ers": ("ubrn", "I looked: it is not in e-RS"),
    "ready.deceased": ("deceased", "I looked into it; send it"),
}


@dataclass(frozen=True)
class FieldView:
    """One field as it is shown and typed. `reasons` say why the value is doubtful; `error` why what was typed cannot be."""

    name: str
    number: int
    label: str
    text: str
    kept: str  # as it stands in the store, so that a change is seen
    options: tuple[tuple[str, str], ...]
    page: int | None
    anchor: str
    doubtful: bool
    missing: bool
    reasons: tuple[str, ...]
    how: str
    by: str
    typed: bool
    error: str
    was: str | None  # the value before, which can be put back

    @property
    def identifier(self) -> bool:
        """Whether it is one of the three identifiers (P3)."""
        return self.name in IDENTIFIERS


@dataclass(frozen=True)
class Place:
    """A rectangle on a page in thousandths, for SVG."""

    name: str
    text: str
    x: int
    y: int
    width: int
    height: int
    doubtful: bool = False


@dataclass(frozen=True)
class PageView:
    """One page: its picture's address is made of the row's id, so that it stays the same when pages change their order."""

    number: int
    page_id: int
    drawn: bool
    failure: str
    width: int
    height: int
    hazards: tuple[str, ...]
    places: tuple[Place, ...]
    lines: tuple[Place, ...]
    identifiers: bool
    original: str  # the delivery it came in


@dataclass(frozen=True)
class Question:
    """Why a person is needed, and how it is answered: `decision` for `decide`, else words for `settle_question`."""

    code: str
    says: str
    field: str | None
    decision: str
    button: str
    answerable: bool

    @property
    def field_shown(self) -> bool:
        """Whether it stands beside its field, where the value is corrected, and needs no answer of its own."""
        return self.field is not None and not self.decision


@dataclass(frozen=True)
class WorkView:
    """Everything on the work screen."""

    review: ReviewView
    groups: tuple[tuple[str, tuple[FieldView, ...]], ...]
    pages: tuple[PageView, ...]
    questions: tuple[Question, ...]
    calls: tuple[CallNote, ...]
    clinicians: tuple[Clinician, ...]
    holder: str | None  # somebody else who works on it
    editable: bool
    may_take_over: bool
    undo: str | None
    may_cancel: bool  # in e-RS, as created by mistake
    seen_all: bool  # the pages with identifiers were displayed to this person
    draft_at: dt.datetime | None
    history: tuple[dict[str, Any], ...]
    last_seen: int
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def referral(self) -> Referral:
        """The row."""
        return self.review.referral


def work_view(
    session: Session,
    referral: Referral,
    person: Person,
    now: dt.datetime,
    settings: Settings,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> WorkView:
    """Build the view for this person; writes that the values were opened. `typed` is what was sent and refused."""
    view = open_view(session, referral, person.name, now)
    draft = draft_of(session, person, referral)
    held = holder(referral, now)
    other = held if held != person.name else None
    changing = person.role in WRITES and referral.state in OPEN_TO_CHANGE and other is None
    pages = _pages(session, referral, view)
    events = history(session, referral)
    return WorkView(
        review=view,
        groups=_groups(session, view, {**(draft.typed if draft else {}), **(typed or {})}, errors or {}),
        pages=pages,
        questions=tuple(_question(q) for q in view.questions),
        calls=tuple(calls_about(session, referral)),
        clinicians=tuple(_clinicians(session, view, settings)),
        holder=other,
        editable=changing,
        may_take_over=other is not None and person.role in LEADS,
        undo=undoable(session, referral) if person.role in WRITES and other is None else None,
        may_cancel=person.role in LEADS and cancellable(referral),
        seen_all=not unseen_pages(session, referral, person.name, now),
        draft_at=draft.at if draft else None,
        history=tuple(events),
        last_seen=events[-1]["seq"] if events else 0,
        answers=dict(answers or {}),
    )


def _groups(
    session: Session, view: ReviewView, typed: Mapping[str, str], errors: Mapping[str, str]
) -> tuple[tuple[str, tuple[FieldView, ...]], ...]:
    values = {value.field: value for value in view.values}
    asked: dict[str, list[str]] = {}
    for question in view.questions:
        if question.field:
            asked.setdefault(question.field, []).append(question.says)
    fields = [
        _field(session, view, name, number, values.get(name), asked.get(name, []), typed, errors)
        for number, name in enumerate(FIELDS, 1)
    ]
    return tuple((title, tuple(f for f in fields if f.name.startswith(start))) for title, start in _GROUPS)


def _field(
    session: Session,
    view: ReviewView,
    name: str,
    number: int,
    value: ShownValue | None,
    asked: list[str],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> FieldView:
    kept = shown_value(name, value.value) if value else ""
    doubtful = value is not None and not value.accepted
    reasons = list(dict.fromkeys(asked))
    if doubtful and not reasons and value is not None:
        reasons = [f"Not read for certain ({value.how})."]
    earlier = earlier_value(session, view.referral, name) if value is not None and value.by != "machine" else None
    text = typed.get(name, kept)
    return FieldView(
        name=name,
        number=number,
        label=FIELD_WORDS[name][0].upper() + FIELD_WORDS[name][1:],
        text=text,
        kept=kept,
        options=_OPTIONS.get(name, ()),
        page=value.page if value else None,
        anchor=anchor(name),
        doubtful=doubtful or (value is not None and bool(asked)),
        missing=value is None and name in NEEDED,
        reasons=tuple(reasons),
        how=value.how if value else "",
        by=value.by if value else "",
        typed=text != kept,
        error=errors.get(name, ""),
        was=shown_value(name, earlier.value) or "empty" if earlier else None,
    )


def anchor(name: str) -> str:
    """The fragment by which a field's place on the page is reached; names have dots, which selectors read otherwise."""
    return "at-" + name.replace(".", "-").replace("_", "-")


def _question(problem: Problem) -> Question:
    decision, button = _ANSWERS.get(problem.code, ("", "Answered"))
    answerable = bool(decision) or not problem.code.startswith(WEIGHED)
    return Question(problem.code, problem.says, problem.field, decision, button, answerable)


def _clinicians(session: Session, view: ReviewView, settings: Settings) -> list[Clinician]:
    said = {value.field: value.value for value in view.values}
    return find_clinicians(session, said.get("referrer.name", ""), said.get("referrer.practice_code", ""), settings)[
        :20
    ]


def _pages(session: Session, referral: Referral, view: ReviewView) -> tuple[PageView, ...]:
    rows = pages_of(session, referral)
    wanted = identifier_pages(session, referral, rows)
    origins = _origins(session, rows)
    return tuple(
        PageView(
            number=number,
            page_id=page.id or 0,
            drawn=page.picture_sha256 is not None,
            failure=page.failure or "This page could not be drawn; open the original.",
            width=page.width or 1000,
            height=page.height or 1414,
            hazards=tuple(page.hazards),
            places=tuple(_places(view, number)),
            lines=tuple(_lines(page)),
            identifiers=page.id in wanted,
            original=origins.get(page.document_id, ""),
        )
        for number, page in enumerate(rows, 1)
    )


def _origins(session: Session, pages: list[Page]) -> dict[int, str]:
    query = select(Document.id, Delivery.code).join(Delivery, col(Delivery.id) == Document.delivery_id)
    found = session.exec(query.where(col(Document.id).in_({page.document_id for page in pages})))
    return {number or 0: code for number, code in found}


def _places(view: ReviewView, number: int) -> list[Place]:
    return [
        _place(value.field, words_for(value.field), value.box, not value.accepted)
        for value in view.values
        if value.page == number and value.box
    ]


def _lines(page: Page) -> list[Place]:
    return [_place("", str(line["text"]), line["box"]) for line in page.lines[:_MOST_LINES] if line.get("box")]


def _place(name: str, text: str, box: list[float], doubtful: bool = False) -> Place:
    left, top, right, bottom = (round(max(0.0, min(1.0, edge)) * 1000) for edge in box)
    return Place(name, text, left, top, max(1, right - left), max(1, bottom - top), doubtful)


def identifier_pages(session: Session, referral: Referral, pages: list[Page]) -> set[int]:
    """Row ids of the pages on which the identifiers stand; the first page where no place is known; none without pages."""
    rows = readings(session, referral)
    ids = {page.id for page in pages}
    there = {row.page_id for f, row in rows.items() if f in IDENTIFIERS and row.page_id in ids}
    found = {number for number in there if number is not None}
    return found or ({pages[0].id} if pages and pages[0].id is not None else set())


def unseen_pages(session: Session, referral: Referral, by: str, now: dt.datetime) -> list[int]:
    """Numbers of the pages with identifiers whose pictures were not displayed to this person in the last hours.

    Who confirms must have had the picture before the eyes (P3): the log of opened pictures is the proof.
    """
    pages = pages_of(session, referral)
    places = identifier_pages(session, referral, pages)
    wanted = {
        page.id: (number, picture_mark(page))
        for number, page in enumerate(pages, 1)
        if page.id in places and page.picture_sha256 is not None
    }
    if not wanted:
        return []
    query = select(Event.data).where(
        Event.subject == referral.code,
        Event.action == "picture.viewed",
        Event.author == by,
        col(Event.at) >= now - SEEN_FOR,
    )
    for data in session.exec(query):
        if "page_id" not in data:
            wanted.clear()  # the command line draws all pages at once
        elif wanted.get(data["page_id"], (0, None))[1] == data.get("picture"):
            wanted.pop(data["page_id"], None)
    return sorted(number for number, _mark in wanted.values())


def picture_mark(page: Page) -> str:
    """Which picture of a page it was: one that was drawn anew since was not seen yet."""
    return (page.picture_sha256 or "")[:16]


def check_seen(session: Session, referral: Referral, by: str, now: dt.datetime) -> None:
    """Refused before every page with the identifiers was displayed to this person (P3)."""
    unseen = unseen_pages(session, referral, by, now)
    if unseen:
        pages = ", ".join(map(str, unseen))
        raise Refused(
            "unseen",
            f"Page {pages} with the identifiers was not displayed to you yet.",
            "Look at it beside the values, then confirm.",
        )


def history(session: Session, referral: Referral) -> list[dict[str, Any]]:
    """What happened to it, oldest first, without the lines that only tell who looked."""
    query = select(Event).where(
        Event.subject == referral.code, col(Event.action).not_in(("values.viewed", "picture.viewed"))
    )
    return [_line(event) for event in session.exec(query.order_by(col(Event.seq)))]


def changes_since(session: Session, referral: Referral, seen: int) -> list[dict[str, Any]]:
    """What others did after somebody looked: who, when, what; for a page that has become stale."""
    return [line for line in history(session, referral) if line["seq"] > seen and line["action"] != "referral.claimed"]


def cancellable(referral: Referral) -> bool:
    """Whether what this gateway created for it may be cancelled in e-RS (gateway.release_cancel weighs it in full)."""
    return referral.state in ("SENT", "CLOSED", "UNSURE") and referral.ended_as in (None, "sent")


def _line(event: Event) -> dict[str, Any]:
    what = ACTIONS.get(event.action, event.action)
    if named := event.data.get("field"):
        what = f"{what}: {words_for(str(named))}"
    elif event.action == "referral.moved":
        what = f"{what}: {event.data.get('from', '')} → {event.data.get('to', '')}"
    elif named := event.data.get("as"):
        what = f"{what}: {named}"
    return {"seq": event.seq, "at": event.at, "by": event.author, "action": event.action, "what": what}


@dataclass(frozen=True)
class Typed:
    """What a form holds: `changed` values that differ from those in force, and `errors` beside fields that cannot be so."""

    changed: dict[str, str]
    errors: dict[str, str]


def read_typed(session: Session, referral: Referral, given: Mapping[str, str], now: dt.datetime) -> Typed:
    """Compare a sent form with the values in force, field by field, so that all faults are told at once.

    A field that stands as it was when its page was drawn (`was:...`) was not touched, whatever others have made of it meanwhile.
    """
    rows = readings(session, referral)
    changed: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name in FIELDS:
        if name not in given:
            continue
        # a text area comes back with other line ends than it was sent with
        text = " ".join(given[name].split())
        was = given.get(f"was:{name}")
        if was is not None and text == " ".join(was.split()):
            continue
        row = rows.get(name)
        now_in_force = row.value or "" if row else ""
        if text == " ".join(shown_value(name, now_in_force).split()):
            continue
        if not text:
            changed[name] = ""
            continue
        try:
            if parse_value(name, text, now) != now_in_force:
                changed[name] = text
        except WrongInput as wrong:
            changed[name] = text
            errors[name] = f"{wrong.says.removeprefix(name + ': ').capitalize()} {wrong.do}".strip()
    return Typed(changed, errors)
