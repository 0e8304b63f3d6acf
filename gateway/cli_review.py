"""`gateway review`: what waits for a person, looking at it beside its picture, and deciding it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from gateway import cli_review_work, deciding, rearranging
from gateway.cli_output import By, Json, now, open_here, show, show_one
from gateway.cli_referral import Code, Organisation, Why, deciding_on, tell
from gateway.endings import DUPLICATE, NOT_A_REFERRAL, WITHDRAWALS, withdraw
from gateway.errors import WrongInput
from gateway.field_values import parse_instant
from gateway.referrals import Weighed, find_referral
from gateway.review import draw, open_pages, open_view, waiting_list
from gateway.review_views import as_object, as_text, list_row
from gateway.settings import Settings
from gateway.tables import Referral
from gateway.turning import parse_turn, turn_page

app = typer.Typer(no_args_is_help=True, help="What waits for a person: look at it, correct it, decide it.")
app.add_typer(cli_review_work.app)
Given = Annotated[
    list[str], typer.Argument(help="Values as patient.nhs_number=9990000018; nothing after = takes one away.")
]
Pages = Annotated[list[int], typer.Option("--page", help="A page of the referral, counted from 1; may be repeated.")]
_PICTURE = typer.Option("--picture", help="Write the pages with their boxes drawn to this PNG (several: -1, -2...).")


def pairs(given: Sequence[str]) -> dict[str, str]:
    """`FIELD=VALUE` arguments as a mapping; WrongInput where the sign is missing or a field stands twice."""
    found: dict[str, str] = {}
    for text in given:
        field, sign, value = text.partition("=")
        if not sign or not field.strip() or field.strip() in found:
            raise WrongInput(
                "value", "A value is written FIELD=VALUE, each field once.", "As patient.family_name=Ashdown."
            )
        found[field.strip()] = value.strip()
    return found


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List what waits for a person: suspected cancer first, then urgent, then the oldest.

    Example: gateway review list
    """
    _settings, store = open_here()
    with store.read() as session:
        rows = [list_row(item) for item in waiting_list(session, now())]
    if as_json:
        rows = [{key: value for key, value in row.items() if key != "first"} for row in rows]
    columns = (
        ("reference", "What"),
        ("urgency", "Urgency"),
        ("arrived_at", "Arrived"),
        ("day", "Day"),
        ("first", "Needs"),
    )
    show(rows, as_json, columns, "Nothing waits for a person.")


@app.command("show")
def show_(code: Code, by: By, picture: Annotated[Path | None, _PICTURE] = None, as_json: Json = False) -> None:
    """Show a referral's values with page, box and how they were read, and what stands against sending it.

    Example: gateway review show R-7K2M --picture page.png
    """
    with deciding_on(code) as (session, referral, _settings):
        view = open_view(session, referral, by, now())
        pages = open_pages(session, referral, by, now()) if picture else []
    if as_json:
        show_one(as_object(view), True)
    else:
        print(as_text(view))
    for number, page in enumerate(pages, 1):
        assert picture is not None
        file = picture if len(pages) == 1 else picture.with_stem(f"{picture.stem}-{number}")
        file.write_bytes(draw(page))
        print(f"Page {number}: {file}") if not as_json else None


@app.command("set")
def set_(code: Code, values: Given, by: By) -> None:
    """Set values as they stand on the picture; old ones are kept as history.

    Example: gateway review set R-7K2M patient.birth_date=31/12/1980
    """
    given: dict[str, str | bool | None] = {field: value or None for field, value in pairs(values).items()}
    with deciding_on(code, by) as (session, referral, settings):
        weighed = deciding.set_values(session, referral, given, by, now(), settings=settings)
    tell(referral, weighed)


@app.command("approve")
def approve(
    code: Code, by: By, despite: Annotated[str, typer.Option(help="Why, although the index knows somebody else.")] = ""
) -> None:
    """Confirm that you compared the values with the picture; READY when nothing else is missing.

    Example: gateway review approve R-7K2M --by "Ann Clerk"
    """
    with deciding_on(code, by) as (session, referral, settings):
        weighed = deciding.approve(session, referral, by, now(), settings=settings, despite=despite)
    tell(referral, weighed)


@app.command("aside")
def aside(
    reference: Annotated[
        str, typer.Argument(help="A referral R-..., a delivery D-..., or one document of it D-.../2.")
    ],
    by: By,
    why: Why = "",
    page: Annotated[list[int] | None, typer.Option(help="Only this page of the referral; may be repeated.")] = None,
    ending: Annotated[str, typer.Option("--as", help=f"One of: {', '.join(WITHDRAWALS)}.")] = NOT_A_REFERRAL,
    duplicate_of: Annotated[str, typer.Option(help="The referral that is kept.")] = "",
    organisation: Organisation = "",
) -> None:
    """Set a referral, its pages, an unreadable document or a message aside, with the reason.

    Example: gateway review aside R-7K2M --duplicate-of R-3F9C
    """
    if not reference.upper().startswith("D-"):
        _aside_referral(reference, by, why, page or [], (ending, duplicate_of, organisation))
        return
    _settings, store = open_here()
    with store.write() as session:
        pages = rearranging.aside_delivery(session, reference, why, by, now())
    print(f"{reference.upper()}: {pages} pages set aside." if pages else f"{reference.upper()}: dealt with.")


def _aside_referral(code: str, by: str, why: str, pages: list[int], how: tuple[str, str, str]) -> None:
    ending, duplicate_of, organisation = how
    with deciding_on(code, by) as (session, referral, settings):
        if pages:
            weighed = rearranging.aside_pages(session, referral, pages, why, by, now(), settings=settings)
            tell(referral, weighed)
            return
        other = find_referral(session, duplicate_of) if duplicate_of else None
        as_ = DUPLICATE if other else ending
        incident = withdraw(session, referral, as_, why, by, now(), other=other, organisation=organisation)
        opened = f" Incident {incident.name} was opened." if incident else ""
    print(f"{referral.code} is {referral.state}: {referral.ended_as}.{opened}")


@app.command("back")
def back(
    code: Code,
    document: Annotated[str, typer.Argument(help="The document, as D-7K2M/1.")],
    page: Annotated[int, typer.Argument(help="Its page, counted from 1.")],
    by: By,
) -> None:
    """Take a page that was set aside back into a referral.

    Example: gateway review back R-7K2M D-3F9C/1 2
    """
    with deciding_on(code, by) as (session, referral, settings):
        row = rearranging.find_page(session, document, page)
        weighed = rearranging.page_back(session, row, by, now(), referral, settings=settings)
    tell(referral, weighed)


@app.command("type")
def type_(
    reference: Annotated[str, typer.Argument(help="The delivery D-..., or one document of it D-.../2.")],
    values: Given,
    by: By,
) -> None:
    """Type what a document says that no machine can read; its pages become a referral.

    Example: gateway review type D-7K2M patient.family_name=Ashdown referral.priority=URGENT
    """
    settings, store = open_here()
    with store.write() as session:
        made, weighed = rearranging.type_from(session, reference, pairs(values), by, now(), settings=settings)
    tell(made, weighed)


@app.command("split")
def split(
    code: Code,
    page: Pages,
    by: By,
    share: Annotated[bool, typer.Option("--share", help="Leave the pages here too.")] = False,
) -> None:
    """Put pages of a referral into a new one, as when one fax held two patients.

    Example: gateway review split R-7K2M --page 3 --page 4
    """
    with deciding_on(code, by) as (session, referral, settings):
        made, weighed = rearranging.split(session, referral, page, by, now(), settings=settings, share=share)
    tell(made, weighed)


@app.command("join")
def join(
    code: Code, other: Annotated[str, typer.Argument(help="The referral whose pages are joined to it.")], by: By
) -> None:
    """Put the pages of another referral behind this one's, as when two faxes are one referral.

    Example: gateway review join R-7K2M R-3F9C
    """
    with deciding_on(code, by) as (session, referral, settings):
        ended = find_referral(session, other)
        weighed = rearranging.join(session, referral, ended, by, now(), settings=settings)
    tell(referral, weighed)


@app.command("turn")
def turn(
    code: Code,
    by: By,
    page: Annotated[int, typer.Option(min=1, help="The page, counted within the referral.")],
    to: Annotated[str, typer.Option(help="right, left or over.")] = "right",
) -> None:
    """Turn a page of a referral; it stays turned wherever it is shown, and the original stays as it came.

    Example: gateway review turn R-7K2M --page 2 --to left
    """
    with deciding_on(code, by) as (session, referral, _settings):
        turn_page(session, referral, page, parse_turn(to), by, now())
    print(f"Page {page} of {referral.code} is turned.")


@app.command("choose")
def choose(
    code: Code,
    by: By,
    service: Annotated[str, typer.Option(help="The service's number; see `gateway review services`.")] = "",
    clinician: Annotated[str, typer.Option(help="The referring clinician's SDS user id.")] = "",
    clock: Annotated[str, typer.Option(help="The clock start, as '20/11/2026 08:42'; needs --why.")] = "",
    decision: Annotated[
        list[str] | None, typer.Option(help="different, dissent, ubrn or deceased; needs --why.")
    ] = None,
    answer: Annotated[list[str] | None, typer.Option(help="A question's code, as missing_page; needs --why.")] = None,
    why: Why = "",
) -> None:
    """Choose service, clinician or clock start, or answer a question that stands against sending.

    Example: gateway review choose R-7K2M --service 11002
    """
    with deciding_on(code, by) as (session, referral, settings):
        chosen: dict[str, Any] = {"service": service, "clinician": clinician, "clock": clock}
        weighed = _choose(session, referral, chosen, [*(decision or [])], [*(answer or [])], why, by, settings)
    tell(referral, weighed)


def _choose(
    session: Session,
    referral: Referral,
    chosen: dict[str, str],
    decisions: list[str],
    answers: list[str],
    why: str,
    by: str,
    settings: Settings,
) -> Weighed:
    weighed: Weighed | None = None
    if chosen["service"]:
        weighed = deciding.choose_service(session, referral, chosen["service"], by, now(), settings=settings)
    if chosen["clinician"]:
        weighed = deciding.choose_clinician(session, referral, chosen["clinician"], by, now(), settings=settings)
    if chosen["clock"]:
        start = parse_instant(chosen["clock"])
        weighed = deciding.set_clock(session, referral, start, why, by, now(), settings=settings)
    for what in decisions:
        weighed = deciding.decide(session, referral, what, why, by, now(), settings=settings)
    for code in answers:
        weighed = deciding.settle_question(session, referral, code, why, by, now(), settings=settings)
    if weighed is None:
        raise WrongInput("choice", "Nothing was chosen.", "See `gateway review choose --help`.")
    return weighed


@app.command("services")
def services(as_json: Json = False) -> None:
    """List the site's services to choose from.

    Example: gateway review services
    """
    _settings, store = open_here()
    with store.read() as session:
        rows = [row.model_dump() for row in deciding.services_listed(session)]
    columns = (("service_id", "Service"), ("name", "Name"), ("specialty_code", "Specialty"), ("words", "Words"))
    show(rows, as_json, columns, "The list of services was not imported yet: gateway reference import services FILE.")
