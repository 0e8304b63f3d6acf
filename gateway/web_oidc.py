"""The log-in by the trust's identity service: there by redirect, back, and on with a session of the desk."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway.errors import GatewayError, NotFound
from gateway.events import record
from gateway.oidc import person_of_claim
from gateway.people import TurnedAway
from gateway.web_desk import TheDesk, local_path, own_address, page, status_of
from gateway.web_sessions import COOKIE, SIGNED_OUT, begin

router = APIRouter()
BACK = "/sign-in/back"
_TIE = "gateway_log_in"


@router.get("/sign-in/begin")
def begin_log_in(request: Request, desk: TheDesk, next: str = "/") -> Response:
    """Send this browser to the identity service."""
    if not desk.oidc.set_up:
        raise NotFound("page", "No identity service is set up.", "Use your name and password.")
    address = request.client.host if request.client else ""
    try:
        if not desk.throttle.allows(address, desk.clock()):
            raise TurnedAway("throttled", "There were too many tries from this machine.", "Wait a minute.")
        # at a shared machine the identity service may still know who sat there before: not after a sign-out or an ended session
        anew = COOKIE in request.cookies or SIGNED_OUT in request.cookies
        to, cookie = desk.oidc.begin(own_address(desk, request, BACK), local_path(next), desk.clock(), anew=anew)
    except GatewayError as error:
        return _refused(desk, error)
    answer = RedirectResponse(to, 303)
    # lax, because it must come along when the identity service sends the browser back
    answer.set_cookie(_TIE, cookie, max_age=600, httponly=True, samesite="lax", secure=desk.https, path="/sign-in")
    return answer


@router.get(BACK)
def came_back(request: Request, desk: TheDesk, state: str = "", code: str = "", error: str = "") -> Response:
    """Back from the identity service: verify, find the person, begin a session."""
    now, tie = desk.clock(), request.cookies.get(_TIE, "")
    try:
        said, to = desk.oidc.finish(state[:200], "" if error else code[:4000], tie[:200], now)
        with desk.store.write() as session:
            person = person_of_claim(session, said, now)
            cookie = begin(session, person, now)
    except TurnedAway as away:
        with desk.store.write() as session:
            record(session, "person.turned_away", "person unknown", "gateway", now)
        return _refused(desk, away)
    except GatewayError as trouble:
        return _refused(desk, trouble)
    # the new cookie is strict: it goes along only from a page of ours, so the last step is taken from one
    answer = page(desk, "go_on.html", None, to=quote(local_path(to), safe="/?&=%-_.~"), words="You are signed in")
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=desk.https, path="/")
    for name in (_TIE, SIGNED_OUT):
        answer.delete_cookie(name, path="/sign-in", httponly=True, samesite="lax", secure=desk.https)
    return answer


def _refused(desk: TheDesk, error: GatewayError) -> Response:
    told = {"says": error.says, "do": error.do}
    shown = {"next": "/", "typed_name": "", "kept": False, "ended": False, "error": told}
    return page(desk, "sign_in.html", None, status_of(error), log_in=desk.oidc.set_up, **shown)
