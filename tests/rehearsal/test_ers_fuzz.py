"""Anything at all in the place of any one value of a body: an answer of the specification comes, never a defect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ers_requests import Caller, Clock, code_of, listing, make_ers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.rehearsal.ers_refusal import NAMED

OPERATIONS = ("A008", "A010", "A011", "A012", "A016", "A036")
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def clerk() -> Iterator[Caller]:
    with make_ers(Clock()) as ers:
        yield Caller(ers)


@pytest.fixture(scope="module")
def target(clerk: Caller) -> tuple[str, str]:
    """A referral with an uploaded file: its UBRN and the file's URL."""
    ubrn = clerk.create().json()["id"]
    return ubrn, clerk.upload(ubrn).headers["Location"]


def places(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    keys = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in keys:
        yield (*way, key)
        yield from places(inner, (*way, key))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_value_breaks_it(clerk: Caller, target: tuple[str, str], data: st.DataObject) -> None:
    ubrn, url = target
    operation = data.draw(st.sampled_from(OPERATIONS))
    version = clerk.read(ubrn).json()["meta"]["versionId"]
    referral = f"/STU3/ReferralRequest/{ubrn}"
    path, body = {
        "A008": ("/STU3/ReferralRequest/$ers.fetchworklist", listing("AWAITING_BOOKING")),
        "A010": ("/STU3/HealthcareService/$ers.searchHealthcareServicesForPatient", clerk.search_body()),
        "A011": ("/STU3/ReferralRequest/$ers.createReferral", clerk.create_body()),
        "A012": (f"{referral}/$ers.maintainReferralLetter", clerk.letters_body(url)),
        "A016": ("/STU3/Appointment", clerk.booking_body(ubrn, version)),
        "A036": (f"{referral}/$ers.cancelReferral", clerk.cancel_body()),
    }[operation]
    *way, last = data.draw(st.sampled_from(list(places(body))))
    holder: Any = body
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(ANYTHING)
    # An old version, so that a body that stays acceptable still changes nothing.
    answer = clerk.call("POST", path, body, If_Match='W/"1"')
    assert answer.status_code in (200, 201, 400, 404, 409, 422), answer.text
    if answer.status_code == 422:
        assert code_of(answer) in NAMED[operation]
    assert not [key for key in clerk.ers.state.answers if key.endswith("defect")]
