"""The review desk as one application: pages and JSON API over one store, with the guard around them."""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from gateway import (
    web_api,
    web_cancel,
    web_ers_sign_in,
    web_forms,
    web_list,
    web_oidc,
    web_pictures,
    web_print,
    web_release,
    web_sign_in,
    web_work,
)
from gateway.desk_release import DeskRelease
from gateway.desk_status import banner
from gateway.desk_words import cure
from gateway.errors import GatewayError, Later, NotFound, WrongInput
from gateway.settings import Settings
from gateway.store import Store
from gateway.web_desk import (
    STATIC,
    Desk,
    Intake,
    NeedsPassword,
    NeedsSignIn,
    desk_of,
    make_environment,
    page,
    status_of,
)
from gateway.web_security import Guard
from gateway.web_sessions import COOKIE, SignedIn, recognise

log = logging.getLogger("gateway.web")


def make_app(
    store: Store, settings: Settings, intake: Intake | None, jobs: Any, clock: Callable[[], dt.datetime]
) -> FastAPI:
    """The application. Without `intake` and `jobs` it shows and decides, but takes no file and starts no reading."""
    app = FastAPI(
        title="Downtime referral gateway",
        description="The same calls as the review desk and the command line.",
        docs_url=None,  # its page would load scripts from a network (P9)
        redoc_url=None,
        openapi_url=None,  # served by the API itself, to those who are signed in
    )
    desk = Desk(store, settings, intake, jobs, clock, make_environment())
    desk.banner = lambda who: _banner(desk, who)
    desk.kept_drafts = lambda ended, code, typed: web_work.keep_after_end(desk, ended, code, typed)
    app.state.desk = desk
    app.state.release = DeskRelease()
    pages = (
        web_sign_in,
        web_list,
        web_cancel,  # before the work screen, whose buttons share its addresses
        web_work,
        web_pictures,
        web_release,
        web_print,
        web_forms,
        web_ers_sign_in,
        web_oidc,
    )
    for module in pages:
        app.include_router(module.router, include_in_schema=False)
    app.include_router(web_api.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    _answer_errors(app)
    app.add_middleware(
        Guard,
        upload_bytes=(settings.smtp.max_mb + 1) << 20,
        https=desk.https,
        defect=_defect,
    )
    return app


def _banner(desk: Desk, who: SignedIn) -> dict[str, Any]:
    with desk.store.read() as session:
        shown = banner(session, desk.settings)
    return {**shown, "ers_session": desk.ers_sessions.of(who.person.name, desk.clock())}


def _described(app: FastAPI) -> dict[str, Any]:
    described = get_openapi(title=app.title, version="1", description=app.description, routes=app.routes)
    described["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    described["security"] = [{"token": []}, {"session": []}]
    return described


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(NeedsSignIn)
    def sign_in(request: Request, needs: NeedsSignIn) -> Response:
        if request.headers.get("X-Live") is not None or request.url.path.endswith("/draft"):
            kept = {"says": "You are no longer signed in.", "kept": needs.kept}
            return JSONResponse(kept, 401)
        had_one = COOKIE in request.cookies
        back = request.url.path
        if request.method != "GET":
            back = "/".join(back.split("/")[:3]) if back.startswith("/referrals/") else "/"
        elif request.url.query:
            back += f"?{request.url.query}"
        return RedirectResponse(web_sign_in.sign_in_address(back, needs.kept, had_one), 303)

    @app.exception_handler(NeedsPassword)
    def password(_request: Request, _needs: NeedsPassword) -> Response:
        return RedirectResponse("/password", 303)

    @app.exception_handler(web_api.Unauthorised)
    def unauthorised(_request: Request, error: GatewayError) -> Response:
        return _told(error, 401, {"WWW-Authenticate": "Bearer"})

    @app.exception_handler(GatewayError)
    def told(request: Request, error: GatewayError) -> Response:
        return _answer(request, error)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        missing = NotFound("page", "There is no such page.", "Go to the list and start from there.")
        wrong = WrongInput("request", "That cannot be done here.", "Go to the list and start from there.")
        return _answer(request, missing if error.status_code == 404 else wrong, error.status_code)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        places = ", ".join(sorted({".".join(str(p) for p in e["loc"][1:]) for e in error.errors()}))
        # the names of the fields only: what they held may be a patient's (P8)
        return _answer(request, WrongInput("request", f"Wrong or missing: {places}.", "See /api/openapi.json."))


def _defect(request: Request, error: Exception) -> Response:
    # the kind of the error and the pattern of the address only: texts may quote a patient's value (P8)
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    log.error("%s %s failed with %s at %s", request.method, _route(request), type(error).__name__, place)
    later = Later(
        "defect", "Something went wrong here. Nothing was half done.", "Try again; tell the administrator if it stays."
    )
    return _answer(request, later, 500)


def _route(request: Request) -> str:
    """The pattern of the address, not the address."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "a page"))


def _told(error: GatewayError, status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"code": error.code, "says": error.says, "do": error.do}, status, headers)


def _answer(request: Request, error: GatewayError, status: int | None = None) -> Response:
    """The error as JSON for programs, and as a plain page that says what to do for people."""
    number = status or status_of(error)
    if request.url.path.startswith("/api/") or request.headers.get("X-Live") is not None:
        return _told(error, number)
    desk = desk_of(request)
    told = {"says": error.says, "do": cure(error)}
    try:
        who = recognise(desk.store, request.cookies.get(COOKIE), desk.settings.web, desk.clock())
        return page(desk, "message.html", who if isinstance(who, SignedIn) else None, number, error=told)
    except GatewayError:  # the store is away: the page that says so must not need it
        return page(desk, "message.html", None, number, error=told)
