"""Signing in to e-RS from the release page: there and back by redirect, the session kept in the memory of the service."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway.errors import Refused
from gateway.people import LEADS
from gateway.web_desk import LeaderForm, TheDesk, Who, own_address, page

router = APIRouter()
BACK = "/release/signed-in"


@router.get("/release/sign-in")
def begin(request: Request, desk: TheDesk, who: Who) -> Response:
    """Send this person's browser to the sign-in of e-RS."""
    _check_leads(who.person.role)
    # a plain link instead of a form: the content policy lets no form lead to another place
    to = desk.ers_sessions.begin(desk.settings.ers, who.person.name, own_address(desk, request, BACK), desk.clock())
    return RedirectResponse(to, 303)


@router.get(BACK)
def came_back(desk: TheDesk, state: str = "", code: str = "", error: str = "") -> Response:
    """Back from e-RS. The desk's own cookie does not come along from another site, so the next step is taken from a page of ours."""
    to = f"{BACK}/finish?{urlencode({'state': state[:200], 'code': '' if error else code[:2000]})}"
    return page(desk, "go_on.html", None, to=to, words="Back from the sign-in of e-RS")


@router.get(BACK + "/finish")
def finish(desk: TheDesk, who: Who, state: str = "", code: str = "") -> Response:
    """Get the session for whoever began it, and go back to the release page."""
    _check_leads(who.person.role)
    desk.ers_sessions.finish(desk.settings.ers, who.person.name, state, code, desk.clock())
    return RedirectResponse("/release", 303)


@router.post("/release/sign-out")
def sign_out(desk: TheDesk, form: LeaderForm) -> Response:
    """Forget this person's session at e-RS."""
    desk.ers_sessions.end(form.by)
    return RedirectResponse("/release", 303)


def _check_leads(role: str) -> None:
    if role not in LEADS:
        raise Refused("role", "A team leader signs in to e-RS for a release.", "Ask a team leader to do it.")
