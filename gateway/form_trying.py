"""A taught form on past papers: which it recognises, and field by field what it reads there beside what is known already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, col, select

from gateway.desk_words import read_value
from gateway.errors import Later
from gateway.events import record
from gateway.field_values import FIELD_WORDS
from gateway.form_drafts import Drawn, as_file, check_complete, check_no_patient
from gateway.form_files import checked, form_id_of
from gateway.form_job import TriedPaper, TriedPart
from gateway.kept_pages import read_page_of
from gateway.referrals import readings
from gateway.sandbox import ChildFailed, Limits, run_job
from gateway.sensitive import sensitive_among
from gateway.settings import Settings
from gateway.tables import Document, Page, PageUse, Referral
from gateway.tables_desk import FormDraft, Person
from ocr.page import Page as ReadPage
from templates.grammar import squash
from templates.match import holds
from templates.reading import FIELDS

LOOK_BACK, MOST_PAPERS = 400, 10
_ALIKE = 0.7  # of the marks: the page is of this form, whatever its words say
SAME, BETTER, NEW, DIFFERENT, LOST = "same", "better", "new", "different", "lost"
VERDICT_WORDS = {
    SAME: "same",
    BETTER: "now agrees",
    NEW: "new",
    DIFFERENT: "different",
    LOST: "no longer read",
}


@dataclass(frozen=True)
class Difference:
    """One field: what the store has (and who set it), what the form reads, and the verdict."""

    field: str
    words: str
    before: str
    by: str
    after: str
    how: str
    verdict: str
    boxed: bool


@dataclass(frozen=True)
class TriedReferral:
    """One past paper. `recognised`: by the form's words; else it only has its print."""

    code: str
    arrived_at: dt.datetime
    example: bool
    recognised: bool
    rows: tuple[Difference, ...]

    @property
    def told(self) -> str:
        """How often each verdict was given, in words."""
        counts = {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in VERDICT_WORDS}
        return ", ".join(f"{count} {VERDICT_WORDS[v]}" for v, count in counts.items() if count) or "nothing read"

    @property
    def bad(self) -> bool:
        """Whether a person should look: not recognised, or a value that differs or is gone."""
        return not self.recognised or any(row.verdict in (DIFFERENT, LOST) for row in self.rows)


@dataclass(frozen=True)
class Trial:
    """The papers, the newest first, how often each verdict was given, and how many papers were left out as sensitive."""

    papers: tuple[TriedReferral, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    closed: int = 0
    text: str = ""


@dataclass(frozen=True)
class Prepared:
    """What the child needs: the form's text and the papers; and what they are compared with afterwards."""

    form_id: str
    text: str
    papers: tuple[tuple[ReadPage, ...], ...]
    rows: tuple[
        tuple[Referral, int, int, bool], ...
    ]  # referral, number of its page in the paper, place of the paper, example
    known: tuple[Mapping[str, tuple[str, str]], ...]
    closed: int


def prepare(session: Session, draft: FormDraft, person: Person, now: dt.datetime, settings: Settings) -> Prepared:
    """Check the form, choose the papers; writes that their values are opened."""
    check_complete(draft)
    check_no_patient(session, draft)
    form_id = draft.form or form_id_of(draft.title)
    text = as_file(draft, person.name, now, form_id)
    checked(text, settings.form_folders)
    chosen, closed = _choose(session, draft, person)
    papers, rows, known = [], [], []
    for place, (page, referral) in enumerate(chosen):
        pages = session.exec(select(Page).where(Page.document_id == page.document_id).order_by(col(Page.number)))
        papers.append(tuple(read_page_of(row) for row in pages if row.lines))
        rows.append((referral, page.number, place, page.id == draft.page_id))
        found = readings(session, referral)
        known.append({name: (row.value or "", row.by) for name, row in found.items() if name in FIELDS and row.value})
        record(session, "values.viewed", referral.code, person.name, now, {"form": draft.id})
    return Prepared(form_id, text, tuple(papers), tuple(rows), tuple(known), closed)


def _choose(session: Session, draft: FormDraft, person: Person) -> tuple[list[tuple[Page, Referral]], int]:
    """The example and the newest past papers of this form: by its words, or by most of its print."""
    drawn = Drawn.of(draft.drawn)
    query = select(Page).join(Document, col(Document.id) == Page.document_id)
    query = query.where(Document.state == "SORTED", Page.id != draft.page_id)
    pages = [session.get_one(Page, draft.page_id)]
    pages += [p for p in session.exec(query.order_by(col(Page.id).desc()).limit(LOOK_BACK)) if _looks_like(p, drawn)]
    chosen: list[tuple[Page, Referral]] = []
    closed, seen = 0, set()
    for page in pages:
        use = select(Referral).join(PageUse, col(PageUse.referral_id) == Referral.id).where(PageUse.page_id == page.id)
        referral = session.exec(use.order_by(col(Referral.id))).first()
        if referral is None or referral.id in seen:
            continue
        seen.add(referral.id)
        if not person.sees_sensitive and sensitive_among(session, [referral]):
            closed += 1
            continue
        chosen.append((page, referral))
        if len(chosen) >= MOST_PAPERS:
            break
    return chosen, closed


def _looks_like(page: Page, drawn: Drawn) -> bool:
    text = squash(" ".join(str(line.get("text", "")) for line in page.lines))
    words = sum(holds(text, word) for word in drawn.words)
    marks = sum(squash(mark) in text for mark, _ in drawn.marks)
    return words >= (drawn.needs or len(drawn.words)) or marks >= max(3, _ALIKE * len(drawn.marks))


def run(prepared: Prepared, scratch: Path, folders: Sequence[Path], today: dt.date) -> list[TriedPaper]:
    """Read the papers with and without the form in a child of their own."""
    if not prepared.papers:
        return []
    try:
        return run_job(
            "try_form",
            list[TriedPaper],
            scratch,
            Limits(cpu_seconds=60, wall_seconds=90.0),
            papers=[list(pages) for pages in prepared.papers],
            form=prepared.text,
            form_folders=[str(folder.absolute()) for folder in folders],
            today=today.isoformat(),
        )
    except ChildFailed as why:
        raise Later(
            "try", f"The form could not be tried: {why.says}", "Try it again, on fewer boxes if it stays."
        ) from None


def compare(prepared: Prepared, tried: Sequence[TriedPaper]) -> Trial:
    """The differences, paper by paper."""
    papers, counts = [], dict.fromkeys(VERDICT_WORDS, 0)
    for (referral, number, place, is_example), known in zip(prepared.rows, prepared.known, strict=True):
        before, after = _part(tried[place].before, number), _part(tried[place].after, number)
        rows = _rows(known, before, after)
        for row in rows:
            counts[row.verdict] += 1
        recognised = after is not None and after.form == prepared.form_id
        papers.append(TriedReferral(referral.code, referral.arrived_at, is_example, recognised, tuple(rows)))
    return Trial(tuple(papers), counts, prepared.closed, prepared.text)


def _part(parts: Sequence[TriedPart], number: int) -> TriedPart | None:
    return next((part for part in parts if number in part.pages), None)


def _rows(known: Mapping[str, tuple[str, str]], before: TriedPart | None, after: TriedPart | None) -> list[Difference]:
    rows = []
    for name in FIELDS:
        kept, by = known.get(name, ("", ""))
        was = before.values.get(name, ("", ""))[0] if before else ""
        value, how = after.values.get(name, ("", "")) if after else ("", "")
        boxed = "inside its box" in how
        verdict = _verdict(kept, was, value)
        if verdict is None or (verdict == DIFFERENT and value == was and not boxed):
            continue  # nothing that this form changes: a person corrected it, or it needs the picture
        words = FIELD_WORDS[name][0].upper() + FIELD_WORDS[name][1:]
        rows.append(Difference(name, words, read_value(name, kept), by, read_value(name, value), how, verdict, boxed))
    return rows


def _verdict(kept: str, was: str, value: str) -> str | None:
    if not value:
        return LOST if was else None
    if not kept:
        return NEW
    if squash(value) == squash(kept):
        return SAME if squash(was) == squash(value) else BETTER
    return DIFFERENT
