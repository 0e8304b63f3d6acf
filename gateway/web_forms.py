"""The pages on which a form is taught: the list of forms, the drawing board, the trial on past papers, and saving."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session, col, select

from gateway import form_drafts, form_trying
from gateway.desk_words import cure, whole_number
from gateway.errors import GatewayError, NotFound, WrongInput
from gateway.events import record
from gateway.field_values import PRIORITY_WORDS
from gateway.file_reading import load_forms_here
from gateway.form_drafts import MOST_MARKS, MOST_WORDS, MOST_ZONES, ZONE_FIELDS, Drawn, check_leads, find_draft
from gateway.form_files import TICK, Zone, putting
from gateway.form_offers import Offers, first_choice, offers_of
from gateway.tables import Page, Referral
from gateway.tables_desk import FormDraft
from gateway.web_desk import Desk, LeaderForm, Number, Posted, TheDesk, Who, page, status_of
from gateway.web_pictures import png_of
from gateway.web_sessions import SignedIn

router = APIRouter()
_EMPTY_ROWS = 3
_NOTICES = {
    "begun": "Draw a box around each value, or add it by its printed line; then name its field.",
    "kept": "The draft is kept.",
    "saved": "Saved. The readers use it from the next paper on; papers that were read before stay as they are.",
    "stopped": "It is out of use from the next paper on. It can be saved again.",
    "dropped": "The draft was thrown away.",
}


class BoxErrors(WrongInput):
    """Rows of the drawing board that cannot be, each with its reason beside it; nothing typed is lost."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("boxes", "Something on the drawing board cannot be used.", "The reason stands beside it.")
        self.errors = dict(errors)


@router.get("/forms")
def forms(desk: TheDesk, who: Who, told: str = "") -> Response:
    """All forms that the readers know, the drafts, and where to begin."""
    check_leads(who.person)
    return _forms(desk, who, notice=_NOTICES.get(told, ""))


def _forms(
    desk: Desk, who: SignedIn, *, notice: str = "", error: GatewayError | None = None, typed: Posted | None = None
) -> Response:
    known = load_forms_here(desk.settings)
    with desk.store.read() as session:
        taught = form_drafts.drafts(session)
        recent = session.exec(
            select(Referral.code, Referral.form, Referral.arrived_at)
            .where(Referral.origin == "document")
            .order_by(col(Referral.id).desc())
            .limit(12)
        ).all()
    by_form = {draft.form: draft for draft in taught if draft.form and draft.stopped_at is None}
    return page(
        desk,
        "forms.html",
        who,
        status_of(error) if error else 200,
        notice=notice,
        error={"says": error.says, "do": cure(error)} if error else None,
        paper=typed.text("paper") if typed else "",
        page_number=typed.text("page") if typed else "1",
        forms=[(form, by_form.get(form.id)) for form in known.forms if form.kind == "referral"],
        others=[form for form in known.forms if form.kind != "referral"],
        drafts=[draft for draft in taught if draft.form is None or draft.stopped_at is not None],
        recent=recent,
    )


@router.post("/forms")
def begin(desk: TheDesk, form: LeaderForm) -> Response:
    """Begin from a page of a past paper."""
    known, paper, number = load_forms_here(desk.settings), form.text("paper"), form.number("page") or 1
    try:
        with desk.store.write() as session:
            example = form_drafts.example(session, paper, number, form.who.person)
            drawn = first_choice(offers_of(session, example, known))
            draft = form_drafts.begin(session, example, form.who.person, drawn, desk.clock())
    except GatewayError as error:
        if error.later:
            raise
        return _forms(desk, form.who, error=error, typed=form)
    return RedirectResponse(f"/forms/{draft.id}?told=begun", 303)


@router.get("/forms/{number}")
def board(number: Number, desk: TheDesk, who: Who, told: str = "") -> Response:
    """The drawing board of one form."""
    check_leads(who.person)
    return _board(desk, who, number, notice=_NOTICES.get(told, ""))


def _board(
    desk: Desk,
    who: SignedIn,
    number: int,
    *,
    notice: str = "",
    error: GatewayError | None = None,
    typed: Posted | None = None,
    trial: form_trying.Trial | None = None,
) -> Response:
    known = load_forms_here(desk.settings)
    with desk.store.write() as session:
        draft = find_draft(session, number)
        example = form_drafts.open_example(session, draft, who.person)
        offers = offers_of(session, example, known)
        papers = [r.code for r in form_drafts.papers_of(session, example)]
        for about in papers or [f"form {number}"]:  # the board holds all that is printed on the example (P10)
            record(session, "values.viewed", about, who.person.name, desk.clock(), {"form": number})
    drawn = Drawn.of(draft.drawn)
    errors = error.errors if isinstance(error, BoxErrors) else {}
    again = typed is not None and error is not None and (errors or error.code == "stale")
    rows = _typed_rows(typed, errors) if typed is not None and again else _rows(drawn, offers)
    chosen = {(text, box) for text, box in drawn.marks}
    offered = {(mark.text, mark.box) for mark in offers.marks}
    return page(
        desk,
        "form.html",
        who,
        status_of(error) if error else 200,
        draft=draft,
        drawn=drawn,
        title=typed.text("title") if typed is not None else draft.title,
        example=example,
        papers=papers,
        offers=offers,
        rows=rows,
        empty=range(len(rows), min(MOST_ZONES, len(rows) + _EMPTY_ROWS)),
        fields=ZONE_FIELDS,
        priorities=PRIORITY_WORDS,
        chosen_marks=chosen,
        old_marks=[mark for mark in drawn.marks if mark not in offered],
        own_words=[word for word in drawn.words if word not in offers.words],
        lacks=form_drafts.lacks(draft),
        notice=notice,
        error={"says": error.says, "do": cure(error)} if error else None,
        errors=errors,
        trial=trial,
        verdicts=form_trying.VERDICT_WORDS,
    )


def _rows(drawn: Drawn, offers: Offers) -> list[dict[str, str]]:
    return [
        {
            "field": zone.field,
            "box": " ".join(f"{edge * 100:g}" for edge in (round(e, 4) for e in zone.box)),
            "label": zone.label,
            "line": "",
            "reads": _inside(zone.box, offers),
            "error": "",
        }
        for zone in drawn.zones
    ]


def _inside(box: Sequence[float], offers: Offers) -> str:
    """The printed lines whose middles lie in the box, as the page shows them."""
    found = []
    for line in offers.lines:
        across, down = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
        if box[0] <= across <= box[2] and box[1] <= down <= box[3]:
            found.append(line.text)
    return " / ".join(found)[:160]


def _typed_rows(form: Posted, errors: Mapping[str, str]) -> list[dict[str, str]]:
    rows = []
    for i in range(MOST_ZONES):
        row = {name: form.text(f"zone-{i}-{name}") for name in ("field", "box", "label", "line")}
        if any(row.values()) and not form.text(f"zone-{i}-remove"):
            rows.append({**row, "reads": "", "error": errors.get(f"zone-{i}", "")})
    return rows


@router.get("/forms/{number}/page.png")
def picture(number: Number, desk: TheDesk, who: Who) -> Response:
    """The picture of the example; the event stands under the form, because looking here is no comparing with values."""
    check_leads(who.person)
    with desk.store.write() as session:
        draft = find_draft(session, number)
        example = form_drafts.open_example(session, draft, who.person)
        if example.picture_sha256 is None:
            raise NotFound("picture", "There is no such picture.", "Begin again with another example.")
        content = png_of(session, example.picture_sha256)
        record(session, "picture.viewed", f"form {number}", who.person.name, desk.clock(), {"example_page": example.id})
    return Response(content, media_type="image/png")


@router.post("/forms/{number}/{what}")
def act(number: Number, what: str, desk: TheDesk, form: LeaderForm) -> Response:
    """Keep, try, save, take out of use, or throw away."""
    if what not in ("keep", "try", "save", "stop", "drop"):
        raise NotFound("form", "There is no such step.", "Use the buttons.")
    try:
        if what in ("stop", "drop"):
            with desk.store.write() as session:
                draft = find_draft(session, number)
                form_drafts.open_example(session, draft, form.who.person)
                if what == "stop":
                    form_drafts.stop(session, draft, form.by, desk.clock(), desk.settings)
                else:
                    form_drafts.drop(session, draft)
            return RedirectResponse(f"/forms?told={'stopped' if what == 'stop' else 'dropped'}", 303)
        _keep(desk, form, number)
        if what == "try":
            return _board(desk, form.who, number, trial=_try(desk, form, number))
        if what == "save":
            with putting(desk.settings.site_forms) as write, desk.store.write() as session:
                draft = find_draft(session, number)
                form_drafts.open_example(session, draft, form.who.person)
                form_drafts.save(session, draft, form.by, desk.clock(), desk.settings, write)
            return RedirectResponse("/forms?told=saved", 303)
    except GatewayError as error:
        if isinstance(error, NotFound) or error.code in ("sensitive", "role"):
            raise
        return _board(desk, form.who, number, error=error, typed=form)
    return RedirectResponse(f"/forms/{number}?told=kept", 303)


def _keep(desk: Desk, form: Posted, number: int) -> None:
    with desk.store.write() as session:
        draft = find_draft(session, number)
        example = form_drafts.open_example(session, draft, form.who.person)
        drawn, errors = _drawn(form, session, example, draft, desk)
        title = " ".join(form.text("title").split())[:80]
        form_drafts.keep(session, draft, title, drawn, form.number("version"), form.by, desk.clock())
    if errors:  # what is right is kept all the same
        raise BoxErrors(errors)


def _try(desk: Desk, form: Posted, number: int) -> form_trying.Trial:
    now = desk.clock()
    with desk.store.write() as session:
        draft = find_draft(session, number)
        prepared = form_trying.prepare(session, draft, form.who.person, now, desk.settings)
        version = draft.version
    tried = form_trying.run(prepared, desk.settings.data / "scratch", desk.settings.form_folders, now.date())
    with desk.store.write() as session:
        draft = find_draft(session, number)
        if draft.version == version:
            draft.tried_at = now
            session.add(draft)
        data = {"version": version, "papers": len(prepared.papers)}
        record(session, "form.tried", f"form {number}", form.by, now, data)
    return form_trying.compare(prepared, tried)


def _drawn(form: Posted, session: Session, example: Page, draft: FormDraft, desk: Desk) -> tuple[Drawn, dict[str, str]]:
    """The form as it was sent, and what of it cannot be, by row."""
    offers = offers_of(session, example, load_forms_here(desk.settings))
    errors: dict[str, str] = {}
    zones = []
    for i in range(MOST_ZONES):
        row = {name: form.text(f"zone-{i}-{name}") for name in ("field", "box", "label", "line")}
        if not (row["box"] or row["line"]) or form.text(f"zone-{i}-remove"):
            if row["field"] and not form.text(f"zone-{i}-remove"):
                errors[f"zone-{i}"] = "Draw its box, choose its printed line, or type its place."
            continue
        try:
            zones.append(_zone(row, offers))
        except WrongInput as wrong:
            errors[f"zone-{i}"] = f"{wrong.says} {wrong.do}".strip()
    own = [" ".join(line.split())[:80] for line in form.text("own-words").splitlines()]
    words = tuple(dict.fromkeys(word for word in [*form.texts("word"), *own] if word))[:MOST_WORDS]
    if any(len(re.sub(r"[^A-Za-z0-9]", "", word)) < 3 for word in words):
        errors["words"] = "Words to recognise a form by need three letters or more."
    known = {f"{mark.text}|{mark.box}": (mark.text, mark.box) for mark in offers.marks}
    known |= {f"{text}|{box}": (text, box) for text, box in Drawn.of(draft.drawn).marks}
    chosen = [known[key] for key in form.texts("mark") if key in known]
    labels = {mark.text for mark in offers.marks if mark.why == "label"}
    # what stands in a box is somebody's value, whatever else is printed like it
    marks = tuple(mark for mark in chosen if mark[0] in labels or not _in_a_box(mark[1], zones))[:MOST_MARKS]
    priority = form.text("priority") if form.text("priority") in PRIORITY_WORDS else ""
    needs = min(form.number("needs") or len(words), len(words))
    return Drawn(words, needs, priority, tuple(zones), marks), errors


def _in_a_box(box: Sequence[float], zones: Sequence[Zone]) -> bool:
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(z.box[0] <= across <= z.box[2] and z.box[1] <= down <= z.box[3] for z in zones)


def _zone(row: Mapping[str, str], offers: Offers) -> Zone:
    field = form_drafts.known_field(row["field"])
    box = _box(row["box"]) if row["box"] else None
    if box is None:
        chosen = whole_number(row["line"])
        if chosen is None or chosen >= len(offers.lines):
            raise WrongInput("line", "That line is not on the page.", "Choose it again.")
        left, top, right, bottom = offers.lines[chosen].box
        # room for longer values: to the right, and a little around
        box = (
            max(0.0, left - 0.01),
            max(0.0, top - 0.006),
            min(1.0, max(right + 0.02, left + 0.25)),
            min(1.0, bottom + 0.006),
        )
    label = " ".join(row["label"].split())[:60]
    if field.startswith(TICK) and not label:
        label = re.sub(r"[\[\]☐☒☑✓✗|]", " ", _inside(box, offers)).strip()
        if not label or "/" in label:
            raise WrongInput("label", "Type the words beside the tick box.", "As they are printed.")
    return Zone(field, tuple(round(edge, 4) for edge in box), label)  # type: ignore[arg-type]


def _box(text: str) -> tuple[float, float, float, float]:
    parts = text.replace(",", " ").replace("%", " ").split()
    try:
        left, top, right, bottom = (float(part) / 100 for part in parts)
    except ValueError:
        raise WrongInput(
            "box", "A box is four numbers: left, top, right, bottom.", "As 8.5 17 43 20, in hundredths."
        ) from None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise WrongInput(
            "box", "This box is inside out or off the page.", "Left before right, top before bottom, 0 to 100."
        )
    if right - left < 0.01 or bottom - top < 0.005:
        raise WrongInput("box", "This box is too small to hold a value.", "Draw it around the whole field.")
    return left, top, right, bottom
