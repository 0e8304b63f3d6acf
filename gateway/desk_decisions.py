"""The decisions of the work screen: each button's name, what it calls among the rules, and where the clerk goes next.

No rule stands here: gateway.deciding, rearranging, endings, calls, incidents and undoing decide what is allowed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlmodel import Session

from gateway import deciding, endings, rearranging
from gateway.calls import note_call
from gateway.claims import check_claim, claim, give_back
from gateway.desk_work import check_seen, read_typed
from gateway.drafts import drop_draft
from gateway.errors import Refused, WrongInput
from gateway.field_values import parse_instant
from gateway.page_order import parse_order, reorder_pages
from gateway.patient_store import near_misses
from gateway.people import LEADS
from gateway.referrals import check_version, find_referral, readings, weigh
from gateway.settings import Settings
from gateway.tables import Referral
from gateway.tables_desk import Person
from gateway.turning import parse_turn, turn_page
from gateway.undoing import undo, undo_value
from templates.reading import FIELDS


class FieldErrors(WrongInput):
    """Values that cannot be, each with its reason beside its field; nothing was saved."""

    def __init__(self, errors: dict[str, str]) -> None:
        many = len(errors)
        says = "One value cannot be saved." if many == 1 else f"{many} values cannot be saved."
        super().__init__("values", says, "The reason stands beside the field; nothing else was lost.")
        self.errors = errors


@dataclass
class Act:
    """One pressed button: who, on what, with which form. `text` gives one field of the form, `numbers` a ticked set."""

    session: Session
    referral: Referral
    person: Person
    now: dt.datetime
    settings: Settings
    text: Callable[[str], str]
    numbers: Callable[[str], list[int]]
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """The author."""
        return self.person.name


@dataclass(frozen=True)
class Done:
    """What was done: a notice by its name, and whether this referral is finished with, so that the next one opens."""

    notice: str
    next: bool = False


def save(act: Act) -> Done:
    """Keep what was typed; only what differs is a change."""
    return Done("saved" if _save(act) else "nothing")


def _save(act: Act) -> bool:
    typed = read_typed(act.session, act.referral, act.fields, act.now)
    if typed.errors:
        raise FieldErrors(typed.errors)
    drop_draft(act.session, act.person, act.referral)
    if not typed.changed:
        return False
    given = {name: value or None for name, value in typed.changed.items()}
    deciding.set_values(act.session, act.referral, given, act.by, act.now, settings=act.settings)
    return True


def confirm(act: Act) -> Done:
    """Save, then confirm the identifiers against the picture; refused before the picture was displayed (P3)."""
    check_seen(act.session, act.referral, act.by, act.now)
    _save(act)
    weighed = deciding.approve(
        act.session, act.referral, act.by, act.now, settings=act.settings, despite=act.text("despite")
    )
    return Done("ready", next=True) if weighed.state == "READY" else Done("confirmed")


def near(act: Act) -> Done:
    """Take the identifiers of a person of the patient index, because the clerk recognised the patient on the page."""
    rows = readings(act.session, act.referral)
    asked = [(rows[f].value or "") if f in rows else "" for f in ("patient.nhs_number", "patient.birth_date")]
    family = (rows["patient.family_name"].value or "") if "patient.family_name" in rows else ""
    chosen = act.text("number")
    found = next((p for p in near_misses(act.session, asked[0], asked[1], family) if p.nhs_number == chosen), None)
    if found is None:
        raise Refused("near", "That person is no longer among those offered.", "Look at the list again.")
    given: dict[str, str | bool | None] = {
        "patient.nhs_number": found.nhs_number,
        "patient.family_name": found.family_name,
        "patient.given_names": found.given_names,
        "patient.birth_date": found.birth_date,
    }
    deciding.set_values(act.session, act.referral, given, act.by, act.now, settings=act.settings)
    return Done("saved")


def service(act: Act) -> Done:
    """Choose the service."""
    _needed(act, "service", "Choose a service from the list.")
    deciding.choose_service(act.session, act.referral, act.text("service"), act.by, act.now, settings=act.settings)
    return _weighed(act, "service")


def clinician(act: Act) -> Done:
    """Choose the referring clinician, from those offered or by typing the SDS user id."""
    chosen = act.text("clinician_typed") or act.text("clinician")
    deciding.choose_clinician(act.session, act.referral, chosen, act.by, act.now, settings=act.settings)
    return _weighed(act, "clinician")


def clock(act: Act) -> Done:
    """Decide the clock start; `arrival` sets it back to the arrival."""
    start = parse_instant(act.text("clock"))
    deciding.set_clock(act.session, act.referral, start, act.text("clock_why"), act.by, act.now, settings=act.settings)
    return _weighed(act, "clock")


def answer(act: Act) -> Done:
    """Answer one question that stands against sending."""
    code, decision, why = act.text("code"), act.text("decision"), act.text("why")
    rule = (act.session, act.referral)
    if decision:
        deciding.decide(*rule, decision, why, act.by, act.now, settings=act.settings)
    else:
        deciding.settle_question(*rule, code, why, act.by, act.now, settings=act.settings)
    return _weighed(act, "answered")


def aside(act: Act) -> Done:
    """Set ticked pages aside."""
    rearranging.aside_pages(
        act.session, act.referral, act.numbers("pages"), act.text("why"), act.by, act.now, settings=act.settings
    )
    return Done("aside")


def split(act: Act) -> Done:
    """Put ticked pages into a referral of their own."""
    rearranging.split(
        act.session,
        act.referral,
        act.numbers("pages"),
        act.by,
        act.now,
        settings=act.settings,
        share=act.text("share") == "yes",
    )
    return Done("split")


def order(act: Act) -> Done:
    """Put the pages into another order."""
    reorder_pages(act.session, act.referral, parse_order(act.text("order")), act.by, act.now)
    return Done("order")


def turn(act: Act) -> Done:
    """Turn a page for good."""
    page = next(iter(act.numbers("page")), 0)
    turn_page(act.session, act.referral, page, parse_turn(act.text("turn")), act.by, act.now)
    return Done("turned")


def join(act: Act) -> Done:
    """Put the pages of another referral behind this one's."""
    _needed(act, "other", "Name the other referral, as R-7K2M.")
    other = find_referral(act.session, act.text("other"))
    rearranging.join(act.session, act.referral, other, act.by, act.now, settings=act.settings)
    return Done("joined")


def duplicate(act: Act) -> Done:
    """It is the same as another one, which is kept."""
    _needed(act, "other", "Name the referral that is kept, as R-7K2M.")
    other = find_referral(act.session, act.text("other"))
    endings.withdraw(act.session, act.referral, endings.DUPLICATE, act.text("why"), act.by, act.now, other=other)
    return Done("duplicate", next=True)


def returned(act: Act) -> Done:
    """It goes back to the practice. A cancer referral is rung about instead (referral-office section 3)."""
    if act.referral.rank == 0 and act.text("sure") != "yes":
        raise Refused(
            "cancer",
            "A suspected-cancer referral is not returned: ring the practice.",
            "If it was settled with the practice, tick the box and return it.",
        )
    endings.withdraw(act.session, act.referral, endings.RETURNED, act.text("why"), act.by, act.now)
    return Done("returned", next=True)


def wrong_place(act: Act) -> Done:
    """It was meant for another organisation: an incident."""
    _needed(act, "returned_how", "Say how it was returned or passed on, as: by secure mail on 20 November.")
    how, organisation = act.text("returned_how"), act.text("organisation")
    endings.withdraw(act.session, act.referral, endings.NOT_FOR_US, how, act.by, act.now, organisation=organisation)
    return Done("not_for_us", next=True)


def no_referral(act: Act) -> Done:
    """It is no referral at all."""
    endings.withdraw(act.session, act.referral, endings.NOT_A_REFERRAL, act.text("why"), act.by, act.now)
    return Done("not_a_referral", next=True)


def on_pas(act: Act) -> Done:
    """It stays on the hospital's own system."""
    endings.close_on_pas(act.session, act.referral, act.text("hospital_number"), act.by, act.now)
    return Done("on_pas", next=True)


def typed(act: Act) -> Done:
    """Somebody entered it in e-RS by hand."""
    endings.close_typed(act.session, act.referral, act.text("ubrn"), act.by, act.now)
    return Done("typed", next=True)


def call(act: Act) -> Done:
    """Note a telephone call."""
    when, rang = act.text("next_try"), act.text("rang_at")
    answered = act.text("answered") == "yes"
    note_call(
        act.session,
        act.referral,
        whom=act.text("whom"),
        result=act.text("result"),
        rang_at=parse_instant(rang) if rang else None,
        next_try_at=parse_instant(when) if when else None,
        answered=answered,
        by=act.by,
        now=act.now,
    )
    return Done("call", next=not answered)


def hold(act: Act) -> Done:
    """Keep it back from every release."""
    endings.hold(act.session, act.referral, act.text("why"), act.by, act.now)
    return Done("held")


def unhold(act: Act) -> Done:
    """Let it go again."""
    endings.unhold(act.session, act.referral, act.by, act.now)
    return Done("unheld")


def take_back(act: Act) -> Done:
    """Undo the last decision; an ending only with its reason."""
    undo(act.session, act.referral, act.by, act.now, settings=act.settings, why=act.text("why"))
    return Done("undone")


def value_back(act: Act) -> Done:
    """Put a field's earlier value back."""
    undo_value(act.session, act.referral, act.text("field"), act.by, act.now, settings=act.settings)
    return Done("saved")


def take_over(act: Act) -> Done:
    """A team leader takes it from somebody else."""
    if act.person.role not in LEADS:
        raise Refused("role", "Only a team leader may take a referral over.", "Ask the person who has it.")
    claim(act.session, act.referral, act.by, act.now, act.settings.web.claim_minutes, take_over=True)
    return Done("taken")


def leave(act: Act) -> Done:
    """Give it back undecided; what was typed and not saved stays as a draft."""
    give_back(act.session, act.referral, act.by, act.now)
    return Done("left", next=True)


def forget(act: Act) -> Done:
    """Throw the draft away."""
    drop_draft(act.session, act.person, act.referral)
    return Done("forgotten")


def _needed(act: Act, name: str, do: str) -> None:
    if not act.text(name):
        raise WrongInput(name, "Something is missing.", do)


def _weighed(act: Act, notice: str) -> Done:
    weighed = weigh(act.session, act.referral, act.now, settings=act.settings, by=act.by)
    return Done("ready", next=True) if weighed.state == "READY" else Done(notice)


DECISIONS: dict[str, Callable[[Act], Done]] = {
    "save": save,
    "confirm": confirm,
    "near": near,
    "service": service,
    "clinician": clinician,
    "clock": clock,
    "answer": answer,
    "aside": aside,
    "split": split,
    "order": order,
    "turn": turn,
    "join": join,
    "duplicate": duplicate,
    "returned": returned,
    "not-for-us": wrong_place,
    "not-a-referral": no_referral,
    "on-pas": on_pas,
    "typed": typed,
    "call": call,
    "hold": hold,
    "unhold": unhold,
    "undo": take_back,
    "value-back": value_back,
    "take-over": take_over,
    "leave": leave,
    "forget": forget,
}
ANY_VERSION = frozenset({"take-over", "leave", "forget", "call"})
"""What does not depend on what was seen, so that a stale page does not matter."""

NOTICES = {
    "saved": "saved.",
    "nothing": "nothing was changed.",
    "ready": "ready to send.",
    "confirmed": "confirmed; what is still missing stands below.",
    "service": "the service was chosen.",
    "clinician": "the clinician was chosen.",
    "clock": "the clock start was decided.",
    "answered": "the question was answered.",
    "aside": "the pages were set aside.",
    "split": "the pages are now a referral of their own, which waits in the list.",
    "order": "the pages are in their new order.",
    "turned": "the page is turned and stays so.",
    "joined": "the pages were joined. Compare the values with all pages.",
    "duplicate": "ended as a duplicate.",
    "returned": "ended as returned to the practice.",
    "not_for_us": "ended as not for us, and an incident was opened.",
    "not_a_referral": "ended as not a referral.",
    "on_pas": "ended as kept on PAS.",
    "typed": "ended as typed in e-RS.",
    "cancelled": "cancelled in e-RS as created by mistake; the practice gets a letter.",
    "cancelled_double": "the double is cancelled in e-RS.",
    "call": "the call was noted.",
    "held": "on hold.",
    "unheld": "off hold.",
    "undone": "taken back; it waits for a person again.",
    "taken": "it is yours now.",
    "left": "given back.",
    "forgotten": "what you had typed was thrown away.",
}


def decide(name: str, act: Act, version: int | None) -> Done:
    """Carry out one button's decision inside the caller's transaction."""
    if name not in ANY_VERSION:
        check_version(act.referral, version)
    if name != "take-over":
        check_claim(act.referral, act.by, act.now)
    done = DECISIONS[name](act)
    if done.next:
        give_back(act.session, act.referral, act.by, act.now)
    return done


def fields_of(given: dict[str, str]) -> dict[str, str]:
    """The values of the referral among a form's fields, and what they were when the page was drawn."""
    return {name: text for name, text in given.items() if name.removeprefix("was:") in FIELDS}
