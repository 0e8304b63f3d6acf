"""`gateway queue`: the referrals and their states; adding typed ones; hold, withdraw, close, retry by one set of filters."""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway import endings
from gateway.cli_output import By, DryRun, Json, now, open_here, show, show_one
from gateway.cli_referral import Code, Organisation, Why
from gateway.confirm import write_letters
from gateway.errors import ExitCode, WrongInput
from gateway.ers_signin import sign_in
from gateway.letter_facts import grouped_ubrn
from gateway.outage import current_outage
from gateway.queue import (
    Filter,
    Verb,
    for_each,
    parse_age,
    queue_rows,
    queue_view,
    retry,
    select_referrals,
    taken_back,
)
from gateway.referrals import find_referral
from gateway.release import time_scale
from gateway.release_cancel import cancel_referral
from gateway.release_report import resolve_unsure
from gateway.settings import Settings
from gateway.typed import add_typed, load_typed
from gateway.typed_papers import open_paper

app = typer.Typer(no_args_is_help=True, help="The referrals and their states.")

_FILTERS: dict[str, tuple[Any, Any]] = {
    "codes": (Annotated[list[str] | None, typer.Argument(help="Referrals, as R-7K2M R-3F9C.")], None),
    "code": (Annotated[list[str] | None, typer.Option(help="A referral; may be repeated.")], None),
    "state": (Annotated[list[str] | None, typer.Option(help="As READY or IN_REVIEW; may be repeated.")], None),
    "outage": (Annotated[str | None, typer.Option(help="Code of an outage, or `none`.")], None),
    "practice": (Annotated[str | None, typer.Option(help="ODS code of the referring practice.")], None),
    "priority": (Annotated[str | None, typer.Option(help="ROUTINE, URGENT, TWO_WEEK_WAIT or unknown.")], None),
    "older_than": (Annotated[str | None, typer.Option(help="Arrived longer ago than 90m, 2h, 3d or 1w.")], None),
    "held": (
        Annotated[bool | None, typer.Option("--held/--not-held", help="Only those on hold, or not on hold.")],
        None,
    ),
}


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the one filter set: its parameter `wanted` is made from the options that stand on every such command."""

    def with_filter(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in _FILTERS}
        command(wanted=_filter(**chosen), **given)

    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "wanted"]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _FILTERS.items()
    ]
    parameters = [*options, *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own)]
    with_filter.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_filter.__annotations__ = {p.name: p.annotation for p in parameters}
    with_filter.__doc__ = command.__doc__
    return with_filter


def _filter(
    codes: list[str] | None,
    code: list[str] | None,
    state: list[str] | None,
    outage: str | None,
    practice: str | None,
    priority: str | None,
    older_than: str | None,
    held: bool | None,
) -> Filter:
    return Filter(
        codes=(*(codes or ()), *(code or ())),
        states=tuple(state or ()),
        outage=outage,
        practice=practice,
        priority=priority,
        older_than=parse_age(older_than) if older_than else None,
        held=held,
    )


def _each(wanted: Filter, verb: Callable[[Settings], Verb], dry_run: bool) -> None:
    """Do it, print a line for each referral, and exit 6 when any was refused."""
    settings, store = open_here()
    done = for_each(store, wanted, now(), verb(settings), dry_run=dry_run)
    for one in done:
        print(f"{one.code}: {'refused: ' if one.refused else ''}{one.says}")
    if not done:
        print("No referral fits.")
    if dry_run:
        print("Nothing was changed.")
    if any(one.refused for one in done):
        raise typer.Exit(int(ExitCode.REFUSED))


@app.command("list")
@filtered
def list_(
    wanted: Filter,
    as_json: Json = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
) -> None:
    """List referrals: suspected cancer first, then urgent, then the oldest.

    Example: gateway queue list --state READY --older-than 2d
    """
    _settings, store = open_here()
    with store.read() as session:
        rows = queue_rows(session, select_referrals(session, wanted, now(), limit), now())
    columns = (
        ("referral", "Referral"),
        ("says", "State"),
        ("priority", "Priority"),
        ("arrived_at", "Arrived"),
        ("day", "Day"),
        ("practice", "Practice"),
        ("specialty", "Specialty"),
        ("hold", "On hold"),
        ("ubrn", "UBRN"),
    )
    show(rows, as_json, columns, "No referral fits.")


@app.command("show")
def show_(code: Code, as_json: Json = False) -> None:
    """Show what happened to one referral: questions, attempts, letters, history. For its values: `gateway review show`.

    Example: gateway queue show R-7K2M
    """
    _settings, store = open_here()
    with store.read() as session:
        view = queue_view(session, find_referral(session, code), now())
    if as_json:
        show_one(view, True)
        return
    tables = {name: view.pop(name) for name in ("attempts", "letters", "history")}
    show_one(view, False)
    for name, columns in _TABLES.items():
        if tables[name]:
            print(f"\n{name.capitalize()}:")
            show(tables[name], False, columns, "")


_TABLES = {
    "attempts": (("at", "At"), ("step", "Step"), ("number", "No."), ("outcome", "Outcome"), ("says", "What e-RS said")),
    "letters": (("letter", "Letter"), ("kind", "Kind"), ("state", "State"), ("why", "Why")),
    "history": (("at", "At"), ("by", "By"), ("what", "It")),
}


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="The referral as JSON; its PDFs lie beside it.")],
    by: By,
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Add a referral that was typed from paper or telephone; READY when the same checks hold as for a fax.

    Example: gateway queue add referral.json --by "Ann Clerk"
    """
    settings, store = open_here()
    scratch = settings.data / "scratch"
    typed = load_typed(file, now(), lambda name, content: open_paper(name, content, scratch))
    with taken_back(store, dry_run) as session:
        outage = current_outage(session)
        made, weighed = add_typed(session, typed, by, now(), settings=settings, outage_id=outage.id if outage else None)
    code = "none, because of --dry-run" if dry_run else made.code
    show_one({"referral": code, "state": weighed.state, "reasons": list(weighed.against)}, as_json)


@app.command("hold")
@filtered
def hold(wanted: Filter, by: By, why: Why = "", dry_run: DryRun = False) -> None:
    """Keep referrals back from every release, with the reason.

    Example: gateway queue hold R-7K2M --why "the practice rings back"
    """

    def verb(session: Any, referral: Any) -> str:
        endings.hold(session, referral, why, by, now())
        return "is on hold"

    _each(wanted, lambda _settings: verb, dry_run)


@app.command("unhold")
@filtered
def unhold(wanted: Filter, by: By, dry_run: DryRun = False) -> None:
    """Let held referrals go again.

    Example: gateway queue unhold --practice B87030
    """

    def verb(session: Any, referral: Any) -> str:
        endings.unhold(session, referral, by, now())
        return "is off hold"

    _each(wanted, lambda _settings: verb, dry_run)


@app.command("withdraw")
@filtered
def withdraw(
    wanted: Filter,
    by: By,
    why: Why = "",
    ending: Annotated[str, typer.Option("--as", help=f"One of: {', '.join(endings.WITHDRAWALS)}.")] = endings.RETURNED,
    duplicate_of: Annotated[str, typer.Option(help="The referral that is kept.")] = "",
    organisation: Organisation = "",
    looked: Annotated[bool, typer.Option("--looked", help="You looked in e-RS, and it is not there.")] = False,
    dry_run: DryRun = False,
) -> None:
    """End referrals that are not to be sent: returned to the practice, not for us, a duplicate.

    Example: gateway queue withdraw R-7K2M --as returned --why "the practice enters it itself"
    """

    def verb(session: Any, referral: Any) -> str:
        other = find_referral(session, duplicate_of) if duplicate_of else None
        as_ = endings.DUPLICATE if other else ending
        incident = endings.withdraw(
            session, referral, as_, why, by, now(), other=other, looked=looked, organisation=organisation
        )
        return f"is withdrawn: {as_}{f'; incident {incident.name} was opened' if incident else ''}"

    _each(wanted, lambda _settings: verb, dry_run)


@app.command("close")
def close(
    code: Code,
    by: By,
    typed: Annotated[str, typer.Option(help="The UBRN, where a person entered it in e-RS by hand.")] = "",
    pas: Annotated[str, typer.Option(help="The hospital number, where it is kept on the PAS and not in e-RS.")] = "",
) -> None:
    """Close a referral with its proof: entered in e-RS by hand, or kept on the PAS.

    Example: gateway queue close R-7K2M --typed 000000070000
    """
    if bool(typed) == bool(pas):
        raise WrongInput("close", "Exactly one proof is needed.", "Give --typed UBRN or --pas HOSPITAL_NUMBER.")
    _settings, store = open_here()
    with store.write() as session:
        referral = find_referral(session, code)
        if typed:
            endings.close_typed(session, referral, typed, by, now())
        else:
            endings.close_on_pas(session, referral, pas, by, now())
    print(f"{referral.code} is closed: {referral.ended_as}.")


@app.command("retry")
@filtered
def retry_(wanted: Filter, by: By, dry_run: DryRun = False) -> None:
    """Try referrals again that e-RS refused or that wait for their time; a lost create is only looked for.

    Example: gateway queue retry --state REFUSED
    """

    def verb(settings: Settings) -> Verb:
        return lambda session, referral: retry(session, referral, by, now(), settings=settings)

    _each(wanted, verb, dry_run)


@app.command("cancel")
def cancel(
    code: Code,
    by: By,
    ubrn: Annotated[str, typer.Option(help="The UBRN to be cancelled, typed from e-RS.")],
    organisation: Annotated[str, typer.Option(help="ODS code under which it was created.")],
    role: Annotated[str, typer.Option(help="e-RS role, as REFERRING_CLINICIAN_ADMIN.")],
    why: Why,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the access token from standard input.")
    ] = False,
    browser: Annotated[bool, typer.Option("--sign-in", help="Sign in with the browser of this machine.")] = False,
) -> None:
    """Cancel in e-RS what this gateway created by mistake (RAISED_IN_ERROR): a double, or the referral itself. There is no undo.

    Example: gateway queue cancel R-7K2M --ubrn "0000 0007 0000" --organisation RXX --role REFERRING_CLINICIAN --why "sent twice" --token-stdin
    """
    settings, store = open_here()
    done = cancel_referral(
        store,
        settings,
        code,
        ubrn=ubrn,
        why=why,
        by=by,
        organisation=organisation,
        role=role,
        token=sys.stdin.readline() if token_stdin else None,
        session=sign_in(settings.ers, show=lambda address: print(f"Sign in at {address}", file=sys.stderr))
        if browser
        else None,
        clock=now,
        sleep=time.sleep,
        scale=time_scale(store),
    )
    write_letters(store, settings, now())
    print(f"{grouped_ubrn(done.ubrn)} of {done.referral} is cancelled in e-RS.")


@app.command("resolve")
def resolve(
    code: Code,
    by: By,
    decision: Annotated[str, typer.Argument(help="adopt (it is this UBRN), send-again, or close.")],
    ubrn: Annotated[str, typer.Option(help="The UBRN that you found in e-RS.")] = "",
    why: Why = "",
) -> None:
    """Decide about a create whose answer was lost, after looking in e-RS.

    Example: gateway queue resolve R-7K2M adopt --ubrn "0000 0007 0000"
    """
    _settings, store = open_here()
    referral = resolve_unsure(store, code, decision=decision, ubrn=ubrn or None, by=by, why=why, now=now())
    print(f"{referral.code} is {referral.state}.")
