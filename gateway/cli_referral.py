"""What commands on one referral share: its code, opening it for a decision, and telling how it stands afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlmodel import Session

from gateway.claims import check_claim
from gateway.cli_output import now, open_here
from gateway.referrals import Weighed, find_referral
from gateway.review_views import sentence
from gateway.settings import Settings
from gateway.tables import Referral

Code = Annotated[str, typer.Argument(help="The referral, as R-7K2M.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in a few words.")]
Organisation = Annotated[
    str,
    typer.Option(help="For `not for us`: from whom it came, if known; --why says how it was returned or passed on."),
]


@contextmanager
def deciding_on(code: str, by: str | None = None) -> Iterator[tuple[Session, Referral, Settings]]:
    """A writing transaction on one referral; with `by` it is Refused while somebody else works on it at the desk."""
    settings, store = open_here()
    with store.write() as session:
        referral = find_referral(session, code)
        if by is not None:
            check_claim(referral, by, now())
        yield session, referral, settings


def tell(referral: Referral, weighed: Weighed) -> None:
    """Say the state and what stands against sending."""
    print(f"{referral.code} is {weighed.state}.")
    for says in weighed.against:
        print(f"  {sentence(says)}")
