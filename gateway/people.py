"""Who may use the review desk: people with a role and a password, the sign-in with its throttle, and the first administrator.

Passwords are kept as argon2 hashes only. A person is never deleted, because events name them; access is taken away instead.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from gateway.errors import NotFound, Refused, WrongInput
from gateway.events import record
from gateway.store import CODE_LETTERS, Store
from gateway.tables_desk import Person, WebSession

CLERK, LEADER, ADMINISTRATOR, AUDITOR = "clerk", "team leader", "administrator", "auditor"
ROLES = (CLERK, LEADER, ADMINISTRATOR, AUDITOR)
WRITES = frozenset({CLERK, LEADER, ADMINISTRATOR})
LEADS = frozenset({LEADER, ADMINISTRATOR})

SHORTEST_PASSWORD = 10
FREE_FAILURES = 4  # then each further wrong password doubles the wait
LONGEST_WAIT = dt.timedelta(minutes=15)
# authors in the event log that are no people
_RESERVED = frozenset({"machine", "gateway", "unknown", "smtp", "folder", "upload", "mailbox", "typed"})

_hasher = PasswordHasher()
_HASHING = threading.Semaphore(2)  # each hash takes 64 MB: a storm of sign-ins must not eat the machine
# verified when there is no such person, so that the time taken does not tell whether a name exists
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


class TurnedAway(Refused):
    """A sign-in that failed; says nothing about which half was wrong."""


def name_key(name: str) -> str:
    """The name as it is compared: one case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def find_person(session: Session, name: str) -> Person:
    """The person of this name; NotFound otherwise."""
    person = session.exec(select(Person).where(Person.name_key == name_key(name))).first()
    if person is None:
        raise NotFound("person", "There is no person of this name.", "See `gateway people list`.")
    return person


def people(session: Session) -> list[Person]:
    """Everybody, by name."""
    return list(session.exec(select(Person).order_by(col(Person.name_key))))


def one_time_password() -> str:
    """Three groups of five letters and digits that are not mistaken for each other; about 73 bits."""
    return "-".join("".join(secrets.choice(CODE_LETTERS) for _ in range(5)) for _ in range(3))


def add_person(
    session: Session,
    name: str,
    role: str,
    by: str,
    now: dt.datetime,
    *,
    password: str | None = None,
    sees_sensitive: bool | None = None,
) -> tuple[Person, str]:
    """Give somebody access; the password comes back once (a one-time one that must be changed, unless one is given).

    `sees_sensitive`: may open sensitive papers; by default team leaders and administrators may.
    """
    shown = " ".join(unicodedata.normalize("NFKC", name).split())
    if not 2 <= len(shown) <= 60 or not all(c.isprintable() for c in shown) or name_key(shown) in _RESERVED:
        raise WrongInput("name", "That name cannot be used.", "Give 2 to 60 letters, as Ann Clerk.")
    if role not in ROLES:
        raise WrongInput("role", f"There is no role '{role[:30]}'.", f"It is one of: {', '.join(ROLES)}.")
    if session.exec(select(Person.id).where(Person.name_key == name_key(shown))).first() is not None:
        raise Refused("person", "There is a person of this name already.", "Add something that tells the two apart.")
    given = password or one_time_password()
    person = Person(
        name=shown,
        name_key=name_key(shown),
        role=role,
        password_hash=_hasher.hash(_checked(given, shown)),
        must_change=password is None,
        sees_sensitive=role in LEADS if sees_sensitive is None else sees_sensitive,
        made_at=now,
    )
    session.add(person)
    session.flush()
    record(session, "person.made", f"person {person.id}", by, now, {"role": role})
    return person, given


def first_administrator(session: Session, now: dt.datetime) -> tuple[str, str] | None:
    """On the first start: name and one-time password of one administrator. None where there is anybody already."""
    if session.exec(select(Person.id).limit(1)).first() is not None:
        return None
    person, password = add_person(session, "administrator", ADMINISTRATOR, "gateway", now)
    return person.name, password


def _checked(password: str, name: str) -> str:
    if len(password) < SHORTEST_PASSWORD or len(password) > 200:
        raise WrongInput(
            "password",
            f"A password needs at least {SHORTEST_PASSWORD} characters.",
            "Three words that do not belong together are easy to remember.",
        )
    if name_key(name) in name_key(password) or len(set(password)) < 4:
        raise WrongInput("password", "That password is too easy to guess.", "Leave your name out and mix more letters.")
    return password


def set_password(
    session: Session, person: Person, password: str | None, by: str, now: dt.datetime, *, keep: int | None = None
) -> str:
    """Give a new password; without one a one-time password is made, which comes back. All sessions but `keep` end."""
    given = password or one_time_password()
    person.password_hash = _hasher.hash(_checked(given, person.name))
    person.must_change = password is None
    person.failures, person.locked_until = 0, None
    session.add(person)
    _end_sessions(session, person, now, keep)
    record(session, "person.changed", f"person {person.id}", by, now, {"what": "password"})
    return given


def change_own_password(
    session: Session, person: Person, old: str, new: str, now: dt.datetime, *, keep: int | None
) -> None:
    """A person's own change; the old password must be right and the new one another."""
    if not _matches(person.password_hash, old):
        raise WrongInput("old", "The present password is not right.", "Type it again.")
    if old == new:
        raise WrongInput("new", "The new password is the old one.", "Choose another.")
    set_password(session, person, new, person.name, now, keep=keep)


def change_access(
    session: Session,
    person: Person,
    by: str,
    now: dt.datetime,
    *,
    role: str | None = None,
    disabled: bool | None = None,
    sees_sensitive: bool | None = None,
) -> None:
    """Change role or rights, or take access away and give it back. The last administrator cannot be taken away."""
    if role is not None and role not in ROLES:
        raise WrongInput("role", f"There is no role '{role[:30]}'.", f"It is one of: {', '.join(ROLES)}.")
    loses = person.role == ADMINISTRATOR and (disabled or (role is not None and role != ADMINISTRATOR))
    if loses and not _other_administrators(session, person):
        raise Refused("person", "This is the only administrator.", "Make another person administrator first.")
    what = []
    if role is not None and role != person.role:
        person.role = role
        what.append("role")
    if disabled is not None:
        person.disabled_at = now if disabled else None
        person.token_hash = None if disabled else person.token_hash
        what.append("access")
    if sees_sensitive is not None:
        person.sees_sensitive = sees_sensitive
        what.append("sensitive")
    session.add(person)
    if disabled or "role" in what:
        _end_sessions(session, person, now, None)
    record(session, "person.changed", f"person {person.id}", by, now, {"what": ", ".join(what), "role": person.role})


def _other_administrators(session: Session, person: Person) -> bool:
    query = select(Person.id).where(
        Person.role == ADMINISTRATOR, col(Person.disabled_at).is_(None), col(Person.id) != person.id
    )
    return session.exec(query).first() is not None


def _end_sessions(session: Session, person: Person, now: dt.datetime, keep: int | None) -> None:
    query = select(WebSession).where(WebSession.person_id == person.id, col(WebSession.ended_at).is_(None))
    for row in session.exec(query):
        if row.id != keep:
            row.ended_at = now
            session.add(row)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def check_password(store: Store, name: str, password: str, now: dt.datetime) -> Person:
    """The person who signs in; TurnedAway otherwise.

    After some wrong passwords in a row the name has to wait, each time twice as long, up to a quarter of an hour. The hash is
    compared outside every transaction: it is slow on purpose, and faxes must be kept meanwhile (P1).
    """
    with store.read() as session:
        asked = session.exec(select(Person).where(Person.name_key == name_key(name))).first()
    waits = asked is not None and asked.locked_until is not None and asked.locked_until > now
    with _HASHING:
        right = _matches(_NOBODY if asked is None or waits else asked.password_hash, password)
    if asked is None:
        with store.write() as session:
            record(session, "person.turned_away", "person unknown", "gateway", now)
        raise _wrong()
    with store.write() as session:
        person = session.exec(select(Person).where(Person.id == asked.id).with_for_update()).one()
        if waits or (person.locked_until is not None and person.locked_until > now):
            refusal: TurnedAway | None = _wait(person, now)
        elif not right or person.disabled_at is not None or person.password_hash != asked.password_hash:
            _count_failure(session, person, now)
            refusal = _wrong()
        else:
            person.failures, person.locked_until, refusal = 0, None, None
            session.add(person)
    if refusal is not None:  # raised after the commit, so that the failure is counted
        raise refusal
    return person


def _wrong() -> TurnedAway:
    return TurnedAway("sign_in", "Name or password is not right.", "Type both again, or ask your administrator.")


def _wait(person: Person, now: dt.datetime) -> TurnedAway:
    left = ((person.locked_until or now) - now).total_seconds()
    minutes = max(1, round(left / 60))
    return TurnedAway(
        "throttled",
        "There were too many wrong passwords for this name.",
        f"Wait {minutes} minute{'s' if minutes > 1 else ''}, or ask your administrator for a new password.",
    )


def _count_failure(session: Session, person: Person, now: dt.datetime) -> None:
    person.failures += 1
    if person.failures > FREE_FAILURES:
        seconds = 30 * 2 ** min(person.failures - FREE_FAILURES - 1, 10)
        person.locked_until = now + min(dt.timedelta(seconds=seconds), LONGEST_WAIT)
    session.add(person)
    record(session, "person.turned_away", f"person {person.id}", "gateway", now, {"failures": person.failures})


def make_token(session: Session, person: Person, by: str, now: dt.datetime) -> str:
    """The person's token for the JSON API, shown once; an earlier one no longer works."""
    token = secrets.token_urlsafe(32)
    person.token_hash = hash_secret(token)
    session.add(person)
    record(session, "person.changed", f"person {person.id}", by, now, {"what": "token"})
    return token


def person_of_token(session: Session, token: str) -> Person | None:
    """Whose token this is; None for an unknown one and for a person without access."""
    person = session.exec(select(Person).where(Person.token_hash == hash_secret(token))).first()
    return person if person is not None and person.disabled_at is None else None


def hash_secret(secret: str) -> str:
    """How random secrets (cookies, tokens) are kept: they are long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
