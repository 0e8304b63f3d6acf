"""Signing in and out, one's own password and preferences, and the administrator's page of people."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway import people as rules
from gateway.claims import give_back_all
from gateway.desk_words import cure
from gateway.errors import GatewayError, Refused
from gateway.people import ADMINISTRATOR, ROLES
from gateway.web_desk import AdministratorForm, AnyForm, Desk, Posted, TheDesk, Who, local_path, page, status_of
from gateway.web_sessions import COOKIE, SIGNED_OUT, begin, end

router = APIRouter()


@router.get("/sign-in")
def sign_in_page(desk: TheDesk, next: str = "/", kept: str = "", why: str = "") -> Response:
    """The form."""
    return _form(desk, next, "", kept=kept == "1", ended=why == "ended")


def _form(
    desk: Desk, to: str, name: str, *, kept: bool = False, ended: bool = False, error: GatewayError | None = None
) -> Response:
    told = {"says": error.says, "do": error.do} if error else None
    status = status_of(error) if error else 200
    shown = {"next": local_path(to), "typed_name": name, "kept": kept, "ended": ended, "error": told}
    return page(desk, "sign_in.html", None, status, log_in=desk.oidc.set_up, **shown)


@router.post("/sign-in")
async def sign_in(request: Request, desk: TheDesk) -> Response:
    """Check name and password; the cookie is new at each sign-in."""
    from starlette.concurrency import run_in_threadpool

    form = await request.form(max_files=0, max_fields=10)
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    address = request.client.host if request.client else ""
    return await run_in_threadpool(_check, desk, given, address)


def _check(desk: Desk, given: dict[str, str], address: str) -> Response:
    name, to, now = given.get("name", "")[:100], given.get("next", "/"), desk.clock()
    try:
        if not desk.throttle.allows(address, now):
            raise rules.TurnedAway("throttled", "There were too many tries from this machine.", "Wait a minute.")
        person = rules.check_password(desk.store, name, given.get("password", "")[:200], now)
    except rules.TurnedAway as away:
        return _form(desk, to, name, error=away)
    with desk.store.write() as session:
        cookie = begin(session, person, now)
    answer = RedirectResponse("/password" if person.must_change else local_path(to), 303)
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=desk.https, path="/")
    return answer


@router.post("/sign-out")
def sign_out(desk: TheDesk, form: AnyForm) -> Response:
    """End the session and give back what was claimed."""
    with desk.store.write() as session:
        give_back_all(session, form.by, desk.clock())
        end(session, form.who, desk.clock())
    desk.ers_sessions.end(form.by)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=desk.https)
    if desk.oidc.set_up:
        answer.set_cookie(SIGNED_OUT, "yes", httponly=True, samesite="lax", secure=desk.https, path="/sign-in")
    return answer


@router.get("/password")
def password_page(desk: TheDesk, who: Who) -> Response:
    """One's own password and preferences."""
    return page(desk, "password.html", who, error=None, told="")


@router.post("/password")
def change_password(desk: TheDesk, form: AnyForm) -> Response:
    """Change one's own password; all other sign-ins of this person end."""
    try:
        if form.text("new") != form.text("again"):
            raise Refused("again", "The two new passwords are not the same.", "Type both again.")
        with desk.store.write() as session:
            person = rules.find_person(session, form.by)
            rules.change_own_password(
                session, person, form.text("old"), form.text("new"), desk.clock(), keep=form.who.session_id
            )
    except GatewayError as error:
        told = {"says": error.says, "do": error.do}
        return page(desk, "password.html", form.who, status_of(error), error=told, told="")
    return RedirectResponse("/?told=password", 303)


@router.post("/preferences")
def preferences(desk: TheDesk, form: AnyForm) -> Response:
    """Switch single-key shortcuts on or off (WCAG 2.1.4)."""
    with desk.store.write() as session:
        person = rules.find_person(session, form.by)
        person.single_keys = form.text("single_keys") == "yes"
        session.add(person)
    return RedirectResponse(local_path(form.text("next") or "/password"), 303)


@router.get("/people")
def people_page(desk: TheDesk, who: Who) -> Response:
    """Everybody, for the administrator."""
    return _people(desk, who)


def _people(
    desk: Desk,
    who: Who,
    *,
    made: tuple[str, str] | None = None,
    error: GatewayError | None = None,
    typed: Posted | None = None,
) -> Response:
    if who.person.role != ADMINISTRATOR:
        raise Refused("role", "Only an administrator sees this page.", "Ask your administrator.")
    with desk.store.read() as session:
        everybody = rules.people(session)
    told = {"says": error.says, "do": cure(error)} if error else None
    return page(
        desk,
        "people.html",
        who,
        status_of(error) if error else 200,
        people=everybody,
        roles=ROLES,
        made=made,
        typed_name=typed.text("name") if typed else "",
        typed_role=typed.text("role") if typed else "",
        error=told,
    )


@router.post("/people")
def change_people(desk: TheDesk, form: AdministratorForm) -> Response:
    """Add somebody, give a new password, or take access away; a one-time password is shown once, here."""
    made = None
    try:
        with desk.store.write() as session:
            do, now = form.text("do"), desk.clock()
            if do == "add":
                person, password = rules.add_person(session, form.text("name"), form.text("role"), form.by, now)
                made = (person.name, password)
            else:
                person = rules.find_person(session, form.text("name"))
                if do == "password":
                    made = (person.name, rules.set_password(session, person, None, form.by, now))
                elif do in ("disable", "enable"):
                    rules.change_access(session, person, form.by, now, disabled=do == "disable")
                elif do == "role":
                    rules.change_access(session, person, form.by, now, role=form.text("role"))
    except GatewayError as error:
        return _people(desk, form.who, error=error, typed=form if form.text("do") == "add" else None)
    return _people(desk, form.who, made=made)


def sign_in_address(path: str, kept: bool, ended: bool) -> str:
    """Where somebody is sent who is not signed in; the path comes back as `next`."""
    why = ("&kept=1" if kept else "") + ("&why=ended" if ended else "")
    return f"/sign-in?next={quote(local_path(path), safe='/')}{why}"
