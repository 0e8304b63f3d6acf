"""Signing in to e-RS from the desk: there and back by redirect, the session kept in memory; and the fields under which it is used."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway.desk_ers_session import possible
from gateway.errors import Refused
from gateway.people import LEADS
from gateway.release import ROLES
from gateway.web_desk import Desk, LeaderForm, Posted, TheDesk, Who, local_path, own_address, page
from gateway.web_sessions import SignedIn

router = APIRouter()
BACK = "/release/signed-in"
_ROLE_WORDS = {role: role.replace("_", " ").capitalize() for role in ROLES[:2]}


@router.get("/release/sign-in")
def begin(request: Request, desk: TheDesk, who: Who, next: str = "/release") -> Response:
    """Send this person's browser to the sign-in of e-RS; `next` is the page of ours to come back to."""
    _check_leads(who.person.role)
    # a plain link instead of a form: the content policy lets no form lead to another place
    back = own_address(desk, request, BACK)
    to = desk.ers_sessions.begin(desk.settings.ers, who.person.name, back, local_path(next), desk.clock())
    return RedirectResponse(to, 303)


@router.get(BACK)
def came_back(desk: TheDesk, state: str = "", code: str = "", error: str = "") -> Response:
    """Back from e-RS. The desk's own cookie does not come along from another site, so the next step is taken from a page of ours."""
    to = f"{BACK}/finish?{urlencode({'state': state[:200], 'code': '' if error else code[:2000]})}"
    return page(desk, "go_on.html", None, to=to, words="Back from the sign-in of e-RS")


@router.get(BACK + "/finish")
def finish(desk: TheDesk, who: Who, state: str = "", code: str = "") -> Response:
    """Get the session for whoever began it, and go back to the page on which that was."""
    _check_leads(who.person.role)
    to = desk.ers_sessions.finish(desk.settings.ers, who.person.name, state, code, desk.clock())
    return RedirectResponse(to, 303)


@router.post("/release/sign-out")
def sign_out(desk: TheDesk, form: LeaderForm) -> Response:
    """Forget this person's session at e-RS."""
    desk.ers_sessions.end(form.by)
    return RedirectResponse("/release", 303)


def _check_leads(role: str) -> None:
    if role not in LEADS:
        raise Refused("role", "A team leader signs in to e-RS.", "Ask a team leader to do it.")


def session_shown(desk: Desk, who: SignedIn, typed: Posted | None = None) -> dict[str, Any]:
    """What the fields of a session need (parts.html): the session that is held, the roles, and what was typed before."""
    settings = desk.settings
    return {
        "held": desk.ers_sessions.of(who.person.name, desk.clock()),
        "can_sign_in": possible(settings.ers),
        "roles": _ROLE_WORDS,
        "role": (typed.text("role") if typed else "") or settings.ers.role,
        "organisation": (typed.text("organisation") if typed else "") or settings.office.ods,
    }


def session_given(desk: Desk, form: Posted) -> dict[str, Any]:
    """Under which organisation, role and session somebody acts in e-RS; a token that was typed goes before the session."""
    token = form.text("token") or None
    held = desk.ers_sessions.of(form.by, desk.clock()) if token is None else None
    return {
        "organisation": form.text("organisation") or desk.settings.office.ods,
        "role": form.text("role") or desk.settings.ers.role,
        "token": token,
        "session": held.session if held else None,
    }
