"""Forms that are taught: begun from a page, drawn on, and saved as a file that the readers use.

What is drawn is kept as it is chosen, so that nothing is lost between two sittings. Nothing of the patient on the example may get into
the file: words, marks and labels are compared with the values of the paper before it is written (P8).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from gateway.errors import NotFound, Refused, WrongInput
from gateway.events import record
from gateway.field_values import FIELD_WORDS, PRIORITY_WORDS
from gateway.form_files import TICK, TaughtForm, Write, Zone, as_toml, checked, free_id, take_out
from gateway.people import LEADS
from gateway.rearranging import find_page
from gateway.referrals import find_referral
from gateway.review import pages_of
from gateway.sensitive import check_may_open
from gateway.settings import Settings
from gateway.store import keep_blob
from gateway.tables import Page, PageUse, Reading, Referral
from gateway.tables_desk import FormDraft, Person
from templates.form import FEWEST_MARKS
from templates.grammar import squash
from templates.reading import FIELDS

MOST_ZONES, MOST_MARKS, MOST_WORDS = 24, 40, 12
_BY_WORDS = ("referral.priority", "referral.sharing_dissent")  # said by ticks and headings, never by a box of text

ZONE_FIELDS: dict[str, str] = {
    **{name: words[0].upper() + words[1:] for name, words in FIELD_WORDS.items() if name not in _BY_WORDS},
    "patient.name": "Full name of the patient",
    **{f"{TICK}referral.priority:{code}": f"A tick here means: {words}" for code, words in PRIORITY_WORDS.items()},
    f"{TICK}patient.gender:female": "A tick here means: female",
    f"{TICK}patient.gender:male": "A tick here means: male",
    f"{TICK}referral.sharing_dissent:true": "A tick here means: the patient objects to sharing",
}
"""What a box may be, in words."""


@dataclass(frozen=True)
class Drawn:
    """What was chosen on an example: words to recognise it by, how many of them are enough, boxes and marks."""

    words: tuple[str, ...] = ()
    needs: int = 0
    priority: str = ""
    zones: tuple[Zone, ...] = ()
    marks: tuple[tuple[str, tuple[float, float, float, float]], ...] = ()

    @staticmethod
    def of(kept: Mapping[str, Any]) -> Drawn:
        """As it is kept in its row."""
        return Drawn(
            tuple(kept.get("words", ())),
            int(kept.get("needs", 0)),
            str(kept.get("priority", "")),
            tuple(Zone(z["field"], _four(z["box"]), z.get("label", "")) for z in kept.get("zones", ())),
            tuple((m["text"], _four(m["box"])) for m in kept.get("marks", ())),
        )

    def kept(self) -> dict[str, Any]:
        """For its row."""
        return {
            "words": list(self.words),
            "needs": self.needs,
            "priority": self.priority,
            "zones": [{"field": z.field, "box": list(z.box), "label": z.label} for z in self.zones],
            "marks": [{"text": text, "box": list(box)} for text, box in self.marks],
        }


def _four(box: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (round(float(edge), 4) for edge in box)
    return left, top, right, bottom


def find_draft(session: Session, number: int) -> FormDraft:
    """The draft; NotFound otherwise."""
    draft = session.get(FormDraft, number)
    if draft is None:
        raise NotFound("form", "There is no such draft.", "See the list of forms.")
    return draft


def drafts(session: Session) -> list[FormDraft]:
    """All taught forms, the newest first."""
    return list(session.exec(select(FormDraft).order_by(col(FormDraft.id).desc())))


def check_leads(person: Person) -> None:
    """Forms are taught by team leaders and administrators."""
    if person.role not in LEADS:
        raise Refused("role", f"Your role ({person.role}) does not allow this.", "Ask a team leader to teach the form.")


def papers_of(session: Session, page: Page) -> list[Referral]:
    """The referrals that a page belongs to."""
    query = select(Referral).join(PageUse, col(PageUse.referral_id) == Referral.id).where(PageUse.page_id == page.id)
    return list(session.exec(query.order_by(col(Referral.id))))


def open_example(session: Session, draft: FormDraft, person: Person) -> Page:
    """The example's page, where this person may open it."""
    page = session.get_one(Page, draft.page_id)
    for referral in papers_of(session, page):
        check_may_open(session, referral, person)
    return page


def begin(session: Session, page: Page, person: Person, drawn: Drawn, now: dt.datetime) -> FormDraft:
    """Begin to teach from a page that `example` gave."""
    draft = FormDraft(page_id=page.id or 0, title="", drawn=drawn.kept(), by=person.name, at=now)
    session.add(draft)
    session.flush()
    record(session, "form.drafted", f"form {draft.id}", person.name, now, {"page_id": page.id})
    return draft


def example(session: Session, reference: str, number: int, person: Person) -> Page:
    """Page `number` of a referral (`R-7K2M`) or document (`D-7K2M/1`); refused where it has no words or may not be opened."""
    check_leads(person)
    asked = reference.strip().upper()
    if asked.startswith("D-"):
        page = find_page(session, asked, number)
    else:
        referral = find_referral(session, asked)
        pages = pages_of(session, referral)
        if not 1 <= number <= len(pages):
            raise WrongInput("page", f"{referral.code} has no page {number}.", f"It has pages 1 to {len(pages)}.")
        page = pages[number - 1]
    for referral in papers_of(session, page):
        check_may_open(session, referral, person)
    if page.picture_sha256 is None or not page.lines:
        raise Refused("page", "No words were read on that page.", "Take a cleaner copy of the form as the example.")
    return page


def keep(
    session: Session, draft: FormDraft, title: str, drawn: Drawn, version: int | None, by: str, now: dt.datetime
) -> None:
    """Keep what is drawn; a stale writer is told."""
    if version is not None and version != draft.version:
        raise Refused(
            "stale", "Somebody else changed this draft meanwhile.", "Open it again and look at what stands there."
        )
    if (title, drawn.kept()) == (draft.title, draft.drawn):
        return
    draft.title, draft.drawn = title, drawn.kept()
    draft.version += 1
    draft.by, draft.at, draft.tried_at = by, now, None
    session.add(draft)


def as_file(draft: FormDraft, by: str, now: dt.datetime, form_id: str) -> str:
    """The form's text as it would be saved now."""
    drawn = Drawn.of(draft.drawn)
    return as_toml(
        TaughtForm(
            form_id=form_id,
            version=draft.saved_version + 1,
            title=draft.title,
            author=by,
            on=now.date(),
            words=drawn.words,
            needs=drawn.needs or len(drawn.words),
            priority=drawn.priority,
            zones=drawn.zones,
            marks=drawn.marks,
        )
    )


def lacks(draft: FormDraft) -> list[str]:
    """What is still missing before the form can be tried, in sentences."""
    drawn, says = Drawn.of(draft.drawn), []
    if len(draft.title.strip()) < 3:
        says.append("Give the form a name.")
    if not drawn.words:
        says.append("Choose the words by which it is recognised.")
    if not drawn.zones:
        says.append("Draw at least one box and name its field.")
    if len(drawn.marks) < FEWEST_MARKS and any(not z.field.startswith(TICK) for z in drawn.zones):
        says.append(f"Tick {FEWEST_MARKS} or more marks: without them the boxes cannot follow a shifted fax.")
    doubled = {z.field for z in drawn.zones if sum(other.field == z.field for other in drawn.zones) > 1}
    says += [f"{ZONE_FIELDS[name]} has two boxes: keep one." for name in sorted(doubled) if not name.startswith(TICK)]
    return says


def check_complete(draft: FormDraft) -> None:
    """WrongInput with the first thing that is missing."""
    missing = lacks(draft)
    if missing:
        raise WrongInput("form", missing[0], " ".join(missing[1:]))


def check_no_patient(session: Session, draft: FormDraft) -> None:
    """Refused where words, marks or labels hold what was read as a value on the example: the file goes to other places (P8)."""
    drawn = Drawn.of(draft.drawn)
    private = private_words(session, session.get_one(Page, draft.page_id))
    chosen = [("The name", draft.title), *(("The words to recognise it by", text) for text in drawn.words)]
    chosen += [("The marks", text) for text, _ in drawn.marks] + [("A label", z.label) for z in drawn.zones if z.label]
    for where, text in chosen:
        if is_private(text, private):
            raise Refused(
                "private",
                f"{where}: something in it was read on this paper as a value, or is a number.",
                "Choose only what is printed on every copy of the form.",
            )


def private_words(session: Session, page: Page) -> frozenset[str]:
    """The values of everything that this page belongs to, squashed; names and parts of addresses one by one."""
    ids = [r.id for r in papers_of(session, page)]
    query = select(Reading.field, Reading.value).where(
        col(Reading.referral_id).in_(ids), col(Reading.value).is_not(None)
    )
    found: set[str] = set()
    for field, value in session.exec(query):
        if not field.startswith("patient.") or field == "patient.gender":
            continue
        pieces = [value or ""]
        if "name" in field or "address" in field:
            pieces += re.split(r"[\s,]+", value or "")
        found.update(key for piece in pieces if len(key := squash(piece)) >= 3)
    return frozenset(found)


def is_private(text: str, private: frozenset[str]) -> bool:
    """Whether print cannot be the form's own: it holds a value of the patient, or a long number."""
    key = squash(text)
    words = {squash(word) for word in text.split()}
    if re.search(r"\d{4}", re.sub(r"[\s./-]", "", text)) or re.search(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}", text):
        return True
    return bool(words & private) or any(len(value) >= 6 and value in key for value in private)


def save(session: Session, draft: FormDraft, by: str, now: dt.datetime, settings: Settings, write: Write) -> None:
    """Write the form (`form_files.putting`) into the site's folder, from where the readers take it with the next paper."""
    check_complete(draft)
    check_no_patient(session, draft)
    if draft.tried_at is None:
        raise Refused("try", "Try it on past papers first, as it is now.", "Then look at the differences, and save it.")
    folder = settings.site_forms
    form_id = draft.form or free_id(draft.title, folder, _ids(session))
    text = as_file(draft, by, now, form_id)
    form = checked(text, settings.form_folders)
    draft.form, draft.saved_version, draft.saved_by, draft.saved_at = form_id, form.version, by, now
    draft.toml_sha256 = keep_blob(session, text.encode(), "application/toml")
    draft.stopped_at = None
    session.add(draft)
    data = {"form": form_id, "version": form.version, "sha256": draft.toml_sha256, "boxes": len(form.fields)}
    record(session, "form.saved", f"form {draft.id}", by, now, data)
    write(text, form_id)


def _ids(session: Session) -> set[str]:
    return {form for form in session.exec(select(FormDraft.form)) if form is not None}


def stop(session: Session, draft: FormDraft, by: str, now: dt.datetime, settings: Settings) -> None:
    """Take a saved form out of use; its draft and what was saved stay, and it can be saved again."""
    if draft.form is None or draft.stopped_at is not None:
        raise Refused("form", "This form is not in use.", "See the list of forms.")
    draft.stopped_at, draft.tried_at = now, None
    session.add(draft)
    record(session, "form.stopped", f"form {draft.id}", by, now, {"form": draft.form, "version": draft.saved_version})
    session.flush()
    take_out(draft.form, settings.site_forms)  # before the commit: where that fails, stopping it again does both


def drop(session: Session, draft: FormDraft) -> None:
    """Throw away a draft that was never saved."""
    if draft.form is not None:
        raise Refused("form", "This form was saved.", "Take it out of use instead.")
    session.delete(draft)


def known_field(name: str) -> str:
    """A field that a box may be; WrongInput otherwise."""
    if name not in ZONE_FIELDS:
        raise WrongInput("field", "Name the field of each box.", f"One of the list; {len(FIELDS)} fields are known.")
    return name
