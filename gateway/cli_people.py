"""`gateway people`: who may use the review desk and its JSON API, and in which role."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gateway import people as rules
from gateway.cli_output import By, Json, now, open_here, show

app = typer.Typer(no_args_is_help=True, help="Who may use the review desk, and in which role.")
NewRole = Annotated[
    str | None, typer.Option("--role", help="The new role: clerk, team leader, administrator or auditor.")
]
Name = Annotated[str, typer.Argument(help="The person's name, as it stands in every event.")]
Role = Annotated[str, typer.Option(help=f"One of: {', '.join(rules.ROLES)}.")]
Typed = Annotated[bool, typer.Option("--password-stdin", help="Take the password from standard input.")]
Sensitive = Annotated[bool | None, typer.Option("--sensitive/--no-sensitive", help="May open sensitive papers.")]


def _typed(wanted: bool) -> str | None:
    return sys.stdin.readline().rstrip("\n") if wanted else None


def _tell(name: str, password: str, typed: str | None) -> None:
    print(f"{name} can sign in." if typed else f"{name} signs in with the one-time password {password}")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List everybody with role and access.

    Example: gateway people list
    """
    _settings, store = open_here()
    with store.read() as session:
        rows = [
            {
                "name": p.name,
                "role": p.role,
                "access": p.disabled_at is None,
                "sensitive": p.sees_sensitive,
                "token": p.token_hash is not None,
                "must_change": p.must_change,
            }
            for p in rules.people(session)
        ]
    columns = (("name", "Name"), ("role", "Role"), ("access", "Access"), ("sensitive", "Sensitive"), ("token", "Token"))
    show(rows, as_json, columns, "Nobody has access yet; `gateway run` makes the first administrator.")


@app.command("add")
def add(
    name: Name, by: By, role: Role = rules.CLERK, sensitive: Sensitive = None, password_stdin: Typed = False
) -> None:
    """Give somebody access; prints a one-time password, which must be changed at the first sign-in.

    Example: gateway people add "Ann Clerk" --role clerk
    """
    typed = _typed(password_stdin)
    _settings, store = open_here()
    with store.write() as session:
        person, password = rules.add_person(session, name, role, by, now(), password=typed, sees_sensitive=sensitive)
    _tell(person.name, password, typed)


@app.command("password")
def password(name: Name, by: By, password_stdin: Typed = False) -> None:
    """Give somebody a new password; all sign-ins of that person end.

    Example: gateway people password "Ann Clerk"
    """
    typed = _typed(password_stdin)
    _settings, store = open_here()
    with store.write() as session:
        person = rules.find_person(session, name)
        given = rules.set_password(session, person, typed, by, now())
    _tell(person.name, given, typed)


@app.command("change")
def change(name: Name, by: By, role: NewRole = None, sensitive: Sensitive = None) -> None:
    """Change somebody's role, or whether that person may open sensitive papers.

    Example: gateway people change "Ann Clerk" --role "team leader"
    """
    _settings, store = open_here()
    with store.write() as session:
        person = rules.find_person(session, name)
        rules.change_access(session, person, by, now(), role=role, sees_sensitive=sensitive)
    print(f"{person.name} is {person.role}.")


@app.command("disable")
def disable(
    name: Name, by: By, again: Annotated[bool, typer.Option("--enable", help="Give access back.")] = False
) -> None:
    """Take somebody's access away (or give it back); all sign-ins and the token end.

    Example: gateway people disable "Ann Clerk"
    """
    _settings, store = open_here()
    with store.write() as session:
        person = rules.find_person(session, name)
        rules.change_access(session, person, by, now(), disabled=not again)
    print(f"{person.name} has {'access' if again else 'no access'}.")


@app.command("token")
def token(name: Name, by: By) -> None:
    """Make the token with which another program uses the JSON API in this person's name; it is shown once.

    Example: gateway people token "PAS interface"
    """
    _settings, store = open_here()
    with store.write() as session:
        made = rules.make_token(session, rules.find_person(session, name), by, now())
    print(made)
