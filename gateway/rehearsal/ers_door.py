"""The control door of the rehearsal e-RS, outside the FHIR base: faults, settings, tokens, other people's entries, inspection.

GET  /rehearsal/state       everything it holds, for comparing with the truth
GET  /rehearsal/log         the last calls with instant, operation, answer and correlation id
GET  /rehearsal/faults      the faults that are on;  POST sets one (`{"kind": "lost_after", "operation": "A011", "calls": 1}`);
DELETE /rehearsal/faults    lifts all, or `?kind=`
GET  /rehearsal/settings    the quirks;  POST changes some
POST /rehearsal/token       a token answer for `{"user": SDS id or null}`;  `{"end_sessions": true}` ends all
POST /rehearsal/referrals   a referral that another organisation entered itself
POST /rehearsal/move        another state for a referral, as a provider's decision
POST /rehearsal/patients    which NHS numbers have no practice, fail, or have no access code
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_data import PRACTICE
from gateway.rehearsal.ers_faults import Faults
from gateway.rehearsal.ers_operations import Answer
from gateway.rehearsal.ers_state import Referral, Settings, Store, Visit
from gateway.rehearsal.ers_tokens import Tokens

_STATES = (
    "NOT_BOOKED",
    "BOOKED",
    "AWAITING_TRIAGE",
    "DEFERRED_TO_PROVIDER",
    "TRIAGED_PROVIDER_TO_ACTION",
    "TRIAGE_RESPONSE",
    "REJECTED",
    "ASSESSMENT_RESULT",
    "DID_NOT_ATTEND",
    "APPT_CANCELLED_BY_PATIENT",
    "APPT_CANCELLED_BY_PROVIDER",
    "CANCELLED_REFERRAL",
)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class Door:
    """Answers calls below /rehearsal. A wrong request is 400 with a sentence."""

    def __init__(self, store: Store, tokens: Tokens, faults: Faults) -> None:
        self._store, self._tokens, self._faults = store, tokens, faults

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        """The answer to one call; `path` is what follows /rehearsal."""
        handler = getattr(self, f"_{method.lower()}_{path.strip('/')}", None)
        if handler is None:
            return Answer(404, b'{"error": "the door has no such handle"}', "application/json")
        try:
            sent = json.loads(body) if body else {}
            if not isinstance(sent, dict):
                raise ValueError("the body must be an object")
            found = handler(sent if method == "POST" else query)
        except (ValueError, TypeError, KeyError) as wrong:
            text = json.dumps({"error": f"{type(wrong).__name__}: {wrong}"})
            return Answer(400, text.encode(), "application/json")
        return Answer(200, json.dumps(found, default=_plain).encode(), "application/json")

    def _get_state(self, _: dict[str, Any]) -> dict[str, Any]:
        return self.state()

    def state(self) -> dict[str, Any]:
        """Every referral with all it holds, every file, the counts of calls and answers, and the faults that are on."""
        store = self._store
        referrals = []
        for row in store.all():
            held = dataclasses.asdict(row)
            for letter, kept in zip(held["letters"], row.letters, strict=True):
                letter["availability"] = store.availability(kept)
            referrals.append(held)
        return {
            "rehearsal": True,
            "referrals": referrals,
            "files": [dataclasses.asdict(u) for u in store.uploads()],
            "calls": dict(store.calls),
            "answers": dict(store.answers),
            "worklist_reads": dict(store.worklist_reads),
            "faults": self._faults.active(),
            "settings": dataclasses.asdict(store.settings),
        }

    def _get_log(self, _: dict[str, Any]) -> list[dict[str, str]]:
        return list(self._store.log)

    def _get_faults(self, _: dict[str, Any]) -> list[dict[str, Any]]:
        return self._faults.active()

    def _post_faults(self, sent: dict[str, Any]) -> list[dict[str, Any]]:
        self._faults.set(**sent)
        return self._faults.active()

    def _delete_faults(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        self._faults.clear(query.get("kind"))
        return self._faults.active()

    def _get_settings(self, _: dict[str, Any]) -> dict[str, Any]:
        return dataclasses.asdict(self._store.settings)

    def _post_settings(self, sent: dict[str, Any]) -> dict[str, Any]:
        known = {f.name for f in dataclasses.fields(Settings)}
        if unknown := set(sent) - known:
            raise ValueError(f"there is no setting {', '.join(sorted(unknown))}")
        self._store.settings = dataclasses.replace(self._store.settings, **sent)
        return dataclasses.asdict(self._store.settings)

    def _post_token(self, sent: dict[str, Any]) -> dict[str, Any]:
        if sent.get("end_sessions"):
            self._tokens.end_sessions()
            return {}
        return dict(self._tokens.issue(sent.get("user", self._tokens.sign_in_user)))

    def _post_patients(self, sent: dict[str, Any]) -> dict[str, Any]:
        sets: dict[str, Any] = {
            name: frozenset(numbers) if numbers is not None else None for name, numbers in sent.items()
        }
        self._store.patients = dataclasses.replace(self._store.patients, **sets)
        return dataclasses.asdict(self._store.patients)

    def _post_referrals(self, sent: dict[str, Any]) -> dict[str, Any]:
        return dataclasses.asdict(enter_elsewhere(self._store, **sent))

    def _post_move(self, sent: dict[str, Any]) -> dict[str, Any]:
        return dataclasses.asdict(move(self._store, sent["ubrn"], sent["state"], sent.get("comment")))


def enter_elsewhere(
    store: Store,
    *,
    nhs_number: str,
    service_id: str,
    priority: str = "ROUTINE",
    organisation: str = PRACTICE,
    referrer: str = "555000000104",
    pathway_start: str | None = None,
    sent: bool = True,
) -> Referral:
    """A referral that another organisation (a practice) entered itself; `sent` when it has reached its service already."""
    service = store.directory.services[service_id]
    visit = None
    if sent:
        visit = Visit(store.next_appointment(), "proposed", "TRIAGE", service_id, store.clock())
    coding = {"name": "priority", "valueCoding": {"system": words.PRIORITY, "code": priority}}
    return store.add(
        nhs_number=nhs_number,
        organisation=organisation,
        referrer=referrer,
        entered_by=referrer,
        priority=priority,
        specialty=service.specialty,
        clinic_type=service.clinic_type,
        criteria=(coding,),
        services=(service_id,),
        intention="NEED_TO_ADD_LATER",
        reminder_days=0,
        pathway_start=pathway_start,
        state="AWAITING_TRIAGE" if sent else "NOT_BOOKED",
        reason="TRIAGE" if sent else None,
        visit=visit,
    )


def move(store: Store, ubrn: str, state: str, comment: str | None = None) -> Referral:
    """Another state for a referral, as if a provider had decided it."""
    if state not in _STATES:
        raise ValueError(f"there is no state {state}; there are: {', '.join(_STATES)}")
    if store.find(ubrn) is None:
        raise ValueError("there is no such referral")
    return store.change(ubrn, state=state, comment=comment)
