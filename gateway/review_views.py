"""How a referral under review is shown: one object for programs, aligned lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.cli_output import in_london
from gateway.field_values import words_for
from gateway.review import ReviewView, ShownValue, WaitingItem

RANK_WORDS = ("suspected cancer", "urgent", "routine")
CANCER_DAYS = 28  # Faster Diagnosis Standard: told of a diagnosis or all-clear within 28 days


def day_words(day: int, rank: int) -> str:
    """How long it has waited, as `day 2 of 28` for suspected cancer."""
    return f"day {day} of {CANCER_DAYS}" if rank == 0 else f"day {day}"


def list_row(item: WaitingItem) -> dict[str, Any]:
    """One line of the review list; no values of the patient."""
    return {
        "reference": item.reference,
        "kind": item.kind,
        "urgency": RANK_WORDS[min(item.rank, 2)] if item.kind == "referral" else "not known",
        "rank": item.rank,
        "arrived_at": item.arrived_at,
        "day": day_words(item.day, item.rank),
        "hold": item.hold,
        "needs": list(item.needs),
        "first": _first(item.needs),
    }


def _first(needs: Sequence[str]) -> str:
    """The first reason, and how many more there are: a list is read down, not across."""
    if not needs:
        return ""
    return sentence(needs[0]) + (f" (and {len(needs) - 1} more)" if len(needs) > 1 else "")


def sentence(text: str) -> str:
    """The text with a capital at its beginning, without control characters of a stranger."""
    return _clean(text[:1].upper() + text[1:])


def as_object(view: ReviewView) -> dict[str, Any]:
    """The whole view for programs; values in the contract's form."""
    referral = view.referral
    return {
        "referral": referral.code,
        "state": referral.state,
        "version": referral.version,
        "rank": referral.rank,
        "form": referral.form,
        "pages": view.pages,
        "arrived_at": referral.arrived_at,
        "pathway_start": referral.pathway_start,
        "pathway_start_why": referral.pathway_start_why,
        "confirmed_by": referral.confirmed_by,
        "service": referral.service_id,
        "specialty_code": referral.specialty_code,
        "clinic_type": referral.clinic_type,
        "referring_clinician": referral.referring_clinician,
        "hold": referral.hold_why,
        "ubrn": referral.ubrn,
        "fields": {value.field: _field(value) for value in view.values},
        "questions": [{"code": q.code, "says": q.says, "field": q.field} for q in view.questions],
        "near": list(view.near),
        "alike": [{"referral": code, "why": why} for code, why in view.alike],
    }


def _field(value: ShownValue) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "value": value.value == "true" if value.field == "referral.sharing_dissent" else value.value,
        "confidence": value.confidence,
        "accepted": value.accepted,
        "how": value.how,
        "by": value.by,
    }
    if value.page is not None:
        shown |= {"page": value.page, "box": value.box}
    return shown


def as_text(view: ReviewView) -> str:
    """The view as lines for a person: head, values, questions, near misses, possible duplicates."""
    return "\n".join([*_head(view), "", *_values(view), *_questions(view), *_near(view), *_alike(view)])


def _clean(text: str) -> str:
    """No control or right-to-left characters of a stranger may reach a terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _head(view: ReviewView) -> list[str]:
    referral = view.referral
    service = f"{view.service.service_id} {view.service.name}" if view.service else "none"
    lines = [
        f"{referral.code}  {view.state_words}  {RANK_WORDS[min(referral.rank, 2)]}  {day_words(view.day, referral.rank)}",
        f"Arrived {in_london(referral.arrived_at)}, clock start {in_london(referral.pathway_start)} ({referral.pathway_start_why})",
        f"{view.pages} page{'' if view.pages == 1 else 's'}, form {referral.form or 'not known'}, service {service}",
    ]
    if referral.confirmed_by:
        lines.append(f"Identifiers confirmed by {referral.confirmed_by}, {in_london(referral.confirmed_at)}")
    if referral.hold_why:
        lines.append(f"On hold by {referral.hold_by}: {referral.hold_why}")
    return [_clean(line) for line in lines]


def _values(view: ReviewView) -> list[str]:
    lines = []
    for value in view.values:
        place = f"page {value.page}" if value.page else "typed"
        sure = f"{value.confidence:.3f}" if value.accepted else f"{value.confidence:.3f} ?"
        lines.append(f"{value.field:<26} {_clean(value.value):<32} {place:<7} {sure:<7} {_clean(value.how)}".rstrip())
    if view.missing:
        lines.append(f"Not found: {', '.join(view.missing)}")
    return lines


def _questions(view: ReviewView) -> list[str]:
    if not view.questions:
        return []
    asked = [
        f"  [{q.code}] {sentence(q.says)}" + (f" ({words_for(q.field)})" if q.field else "") for q in view.questions
    ]
    return ["", "Why a person is needed:", *asked]


def _near(view: ReviewView) -> list[str]:
    if not view.near:
        return []
    rows = [
        _clean(
            f"  {n['nhs_number']}  {n['family_name']}, {n['given_names']}  born {n['birth_date']}  {n['postcode']}"
            f"  same: {', '.join(n['agrees_on']) or 'name is alike'}"
        )
        for n in view.near
    ]
    return ["", "In the patient index (compare, do not assume):", *rows]


def _alike(view: ReviewView) -> list[str]:
    return ["", "Possible duplicates:", *(f"  {code}: {why}" for code, why in view.alike)] if view.alike else []
