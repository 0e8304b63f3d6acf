"""Cancelling in e-RS what was created by mistake (A036): the page with what will be cancelled, and a team leader's word on it.

The rules stand in gateway.release_cancel; here the UBRN is typed, and what e-RS says is told in words of the desk.
"""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from gateway.desk_words import cure
from gateway.desk_work import cancellable
from gateway.errors import GatewayError, NotFound, Refused
from gateway.people import LEADS
from gateway.referrals import find_referral
from gateway.release import time_scale
from gateway.release_cancel import ANSWERED, LONGEST_COMMENT, cancel_referral
from gateway.review import open_view
from gateway.sensitive import check_may_open
from gateway.settings import Settings
from gateway.web_desk import Desk, LeaderForm, Posted, TheDesk, Who, page, status_of
from gateway.web_ers_sign_in import session_given, session_shown
from gateway.web_sessions import SignedIn

router = APIRouter()
AWAY_MINUTES = 0.1  # somebody looks at this page: an e-RS that is away is told at once instead of waited for
# why e-RS took nothing, for somebody who presses a button and starts no release
_HALTED = {
    "ers_away": (
        "e-RS cannot be reached now, and nothing is known to be cancelled.",
        "Press the button again once the line at the top says that e-RS is up: it looks there before it does anything.",
    ),
    "ers_sign_in": (
        "Your sign-in to e-RS has ended or was not accepted, and nothing is known to be cancelled.",
        "Sign in to e-RS again, then press the button once more: it looks there before it does anything.",
    ),
}


@router.get("/referrals/{code}/cancel")
def cancel_page(code: str, desk: TheDesk, who: Who) -> Response:
    """What stands in e-RS for this referral, and the form."""
    if who.person.role not in LEADS:
        raise Refused("role", f"Your role ({who.person.role}) does not allow this.", "Ask a team leader to do it.")
    return _page(desk, who, code, None)


def _page(desk: Desk, who: SignedIn, code: str, error: GatewayError | None, typed: Posted | None = None) -> Response:
    with desk.store.write() as session:
        referral = find_referral(session, code)
        check_may_open(session, referral, who.person)
        if not cancellable(referral) and error is None:
            raise Refused(
                "state",
                f"Nothing of {referral.code} can be cancelled in e-RS from here.",
                "Only what this gateway created, and what is not on its way any more.",
            )
        view = open_view(session, referral, who.person.name, desk.clock())
    return page(
        desk,
        "cancel.html",
        who,
        status_of(error) if error else 200,
        referral=referral,
        said={value.field: value.value for value in view.values},
        questions=[question.says for question in view.questions if question.code in ANSWERED],
        ubrn=typed.text("ubrn") if typed else "",
        why=typed.text("why") if typed else "",
        longest=LONGEST_COMMENT,
        error=_told(error) if error else None,
        **session_shown(desk, who, typed),
    )


def _told(error: GatewayError) -> dict[str, str]:
    says, do = _HALTED.get(error.code, (error.says, cure(error)))
    return {"says": says, "do": do}


@router.post("/referrals/{code}/cancel")
def cancel(code: str, desk: TheDesk, form: LeaderForm) -> Response:
    """Cancel one UBRN in this person's name, in the session that they have at e-RS."""
    try:
        with desk.store.read() as session:
            check_may_open(session, find_referral(session, code), form.who.person)
        done = cancel_referral(
            desk.store,
            _impatient(desk.settings),
            code,
            ubrn=form.text("ubrn"),
            why=form.text("why"),
            by=form.by,
            clock=desk.clock,
            sleep=time.sleep,
            scale=time_scale(desk.store),
            **session_given(desk, form),
        )
    except GatewayError as error:
        if isinstance(error, NotFound) or error.code == "sensitive":
            raise
        return _page(desk, form.who, code, error, form)
    told = "cancelled" if done.own else "cancelled_double"
    return RedirectResponse(f"/referrals/{done.referral}?told={told}&about={done.referral}", 303)


def _impatient(settings: Settings) -> Settings:
    ers: Any = settings.ers.model_copy(update={"away_minutes": AWAY_MINUTES})
    return settings.model_copy(update={"ers": ers})
