"""The referral as rows: values with history, what a person may type, what stands against READY, and the order of urgency."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from sqlmodel import Session, col, select

from gateway.duplicates import find_duplicates
from gateway.errors import NotFound, Refused, WrongInput
from gateway.events import verify_chain
from gateway.field_values import parse_value
from gateway.referrals import (
    NewValue,
    find_referral,
    make_referral,
    open_problems,
    raise_problem,
    rank_of,
    set_value,
    settle,
    values,
    weigh,
)
from gateway.services import match_service
from gateway.settings import Settings
from gateway.states import move
from gateway.store import Store
from gateway.tables import Attempt, Event, PageUse, Reading, Referral
from gateway.tables_reference import CodeValue

Fields = dict[str, NewValue]


def _make(session: Session, fields: Fields, now: dt.datetime, pages: tuple[int, ...] = ()) -> Referral:
    return make_referral(
        session,
        fields=fields,
        pages=pages,
        arrived_at=now - dt.timedelta(hours=3),
        outage_id=None,
        origin="document",
        form=None,
        by="machine",
        now=now,
    )


def _with(fields: Fields, **changes: str | bool | None) -> Fields:
    """The same values with some changed (underscores for the dot) or taken away (None)."""
    changed = dict(fields)
    for name, value in changes.items():
        field = name.replace("__", ".")
        changed.pop(field, None)
        if value is not None:
            changed[field] = NewValue(value, True, 0.999, "test")
    return changed


def test_a_good_referral_becomes_ready_by_machine_with_its_service_and_clinician(
    store: Store, site: Settings, good_fields: Fields, a_document: Callable[..., list[int]], now: dt.datetime
) -> None:
    pages = a_document(2)
    with store.write() as session:
        referral = _make(session, good_fields, now, tuple(pages))
        weighed = weigh(session, referral, now, settings=site)
        assert (weighed.state, weighed.against) == ("READY", ())
    with store.read() as session:
        kept = find_referral(session, referral.code.removeprefix("R-").lower())
        assert (kept.state, kept.by_machine, kept.rank) == ("READY", True, 2)
        assert (kept.service_id, kept.specialty_code, kept.clinic_type) == (
            "11010",
            "DERMATOLOGY",
            "GENERAL_DERMATOLOGY",
        )
        assert kept.referring_clinician == "555000000104"
        assert kept.pathway_start == kept.arrived_at
        assert values(session, kept) == {field: new.value for field, new in good_fields.items()}
        uses = session.exec(select(PageUse).order_by(col(PageUse.position))).all()
        assert [u.page_id for u in uses] == pages
        assert {e.action for e in session.exec(select(Event))} >= {"referral.made", "referral.moved"}
        assert not verify_chain(session).faults


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"patient__nhs_number": None}, "missing", "The NHS number is missing"),
        ({"patient__nhs_number": "9990000019"}, "number", "wrong check digit"),
        ({"patient__nhs_number": "9990000050"}, "identity", "not in the patient index"),
        ({"patient__family_name": "Elm"}, "identity", "another family name for this NHS number"),
        ({"patient__birth_date": "1980-02-02"}, "identity", "another date of birth"),
        ({"patient__nhs_number": "9990000034", "patient__family_name": "Oak", "patient__birth_date": "1951-07-09"},
         "deceased", "has died"),
        ({"referral__priority": None}, "missing", "The priority is missing"),
        ({"referrer__practice_code": None}, "missing", "The practice code is missing"),
        ({"referrer__practice_code": "A98009"}, "practice", "No practice has this code"),
        ({"referrer__practice_code": "A98002"}, "practice", "practice is closed"),
        ({"referrer__name": None}, "missing", "The referrer's name is missing"),
        ({"referrer__name": "Zed Unknown"}, "clinician", "not in the site's list of clinicians"),
        ({"referrer__name": "J Smith"}, "clinician", "Several clinicians"),
        ({"referral__specialty": None}, "service", "No specialty was read"),
        ({"referral__specialty": "Cardiology"}, "service", "Several services fit"),
        ({"referral__specialty": "Astrology"}, "service", "No service of the site fits"),
        ({"referral__sharing_dissent": True}, "dissent", "objects to sharing"),
        ({"referral__ubrn": "000000070000"}, "in_ers", "in e-RS already"),
    ],
)  # fmt: skip
def test_each_thing_that_stands_against_ready_has_its_sentence(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime, changes: dict[str, str], code: str, says: str
) -> None:
    with store.write() as session:
        referral = _make(session, _with(good_fields, **changes), now)
        weighed = weigh(session, referral, now, settings=site)
        assert weighed.state == "IN_REVIEW"
        # without a certain practice, two organisations have a clinician of this name
        also = {"ready.clinician"} if "referrer__practice_code" in changes else set()
        assert {p.code for p in open_problems(session, referral)} == {f"ready.{code}"} | also
        assert says in weighed.against[0]


def test_a_value_that_no_machine_may_act_on_is_asked_and_counts_as_the_highest_urgency(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    doubtful = dataclasses.replace(good_fields["referral.priority"], accepted=False)
    with store.write() as session:
        referral = _make(session, {**good_fields, "referral.priority": doubtful}, now)
        assert referral.rank == 0
        assert "The priority was not read for certain" in weigh(session, referral, now, settings=site).against[0]
        assert referral.rank == 0
        set_value(session, referral, "referral.priority", "routine", "ann", now)
        assert weigh(session, referral, now, settings=site, by="ann").state == "READY"
        assert (referral.rank, referral.by_machine) == (2, False)


def test_unknown_urgency_ranks_with_suspected_cancer() -> None:
    assert [rank_of(p) for p in ("TWO_WEEK_WAIT", "URGENT", "ROUTINE", "soon", "", None)] == [0, 1, 2, 0, 0, 0]


def test_the_clock_may_lie_neither_in_the_future_nor_a_year_back(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        referral = _make(session, good_fields, now)
        for start, state in (
            (now + dt.timedelta(milliseconds=1), "IN_REVIEW"),
            (now - dt.timedelta(days=365), "READY"),
            (now - dt.timedelta(days=365, milliseconds=1), "IN_REVIEW"),
        ):
            referral.pathway_start = start
            assert weigh(session, referral, now, settings=site).state == state


def test_setting_a_value_keeps_the_old_one_settles_its_questions_and_moves_back_and_forth(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        referral = _make(session, _with(good_fields, patient__nhs_number="9990000019"), now)
        weigh(session, referral, now, settings=site)
        version = referral.version
        set_value(session, referral, "nhs_number", "999 000 0018", "ann", now)
        assert weigh(session, referral, now, settings=site, by="ann").state == "READY"
        assert referral.version > version
        set_value(session, referral, "patient.birth_date", "03/02/1980", "ann", now)
        assert weigh(session, referral, now, settings=site, by="ann").state == "IN_REVIEW"
        set_value(session, referral, "patient.birth_date", "01/02/1980", "ann", now)
        assert weigh(session, referral, now, settings=site, by="ann").state == "READY"
    with store.read() as session:
        rows = session.exec(
            select(Reading).where(Reading.field == "patient.birth_date").order_by(col(Reading.id))
        ).all()
        assert [(r.value, r.current) for r in rows] == [
            ("1980-02-01", False),
            ("1980-02-03", False),
            ("1980-02-01", True),
        ]
        lines = session.exec(select(Event).where(Event.action == "referral.value_set")).all()
        assert all("1980" not in str(line.data) and "999" not in str(line.data) for line in lines)


def test_a_question_that_others_raised_stays_until_a_person_settles_it(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        referral = _make(session, good_fields, now)
        raise_problem(session, referral, "page_missing", "Page 3 of 3 is missing.", now)
        raise_problem(session, referral, "page_missing", "Page 3 of 3 is missing.", now)
        assert weigh(session, referral, now, settings=site).against == ("Page 3 of 3 is missing.",)
        settle(session, referral, open_problems(session, referral), "ann", now)
        assert weigh(session, referral, now, settings=site, by="ann").state == "READY"


def test_nothing_is_changed_once_it_may_be_in_e_rs(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        referral = _make(session, good_fields, now)
        weigh(session, referral, now, settings=site)
        session.add(
            Attempt(referral_id=referral.id, step="A011", number=1, correlation_id="c", operator="o", organisation="RXX",
                    role="r", opened_at=now)
        )  # fmt: skip
        session.flush()
        with pytest.raises(Refused, match="may be in e-RS"):
            set_value(session, referral, "patient.nhs_number", "9990000026", "ann", now)
        move(session, referral, "SENDING", "ann", now)
        with pytest.raises(Refused, match="is SENDING"):
            set_value(session, referral, "patient.phone", "01134960000", "ann", now)
        assert weigh(session, referral, now, settings=site).state == "SENDING"


def test_codes_are_checked_against_the_cached_tables_where_there_are_any(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        referral = _make(session, good_fields, now)
        ended = CodeValue(
            kind="SPECIALTY", code="DERMATOLOGY", display="d", system="s", effective_to=dt.date(2026, 1, 1)
        )
        session.add(ended)
        assert "has ended in e-RS" in weigh(session, referral, now, settings=site).against[0]
        ended.effective_to = None
        session.add(CodeValue(kind="CLINIC-TYPE", code="OTHER", display="d", system="s"))
        assert "no clinic type GENERAL_DERMATOLOGY" in weigh(session, referral, now, settings=site).against[0]


def test_no_clinicians_id_is_needed_where_a_clinician_sends(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    clinician = site.model_copy(update={"ers": site.ers.model_copy(update={"role": "REFERRING_CLINICIAN"})})
    with store.write() as session:
        referral = _make(session, _with(good_fields, referrer__name="Zed Unknown"), now)
        assert weigh(session, referral, now, settings=clinician).state == "READY"


@pytest.mark.parametrize(
    ("words", "priority", "found"),
    [
        ("Dermatology", "ROUTINE", ["11010"]),
        ("Dermatology", "TWO_WEEK_WAIT", ["21002"]),
        ("DERMATOL0GY clinic", "URGENT", ["11010"]),
        ("Cardiology", "ROUTINE", ["11002", "11004"]),
        ("Cardiology - heart failure", "ROUTINE", ["11002"]),
        ("Skin and cholesterol", "ROUTINE", ["11004", "11010"]),
        ("Suspected breast cancer", "TWO_WEEK_WAIT", ["21006"]),
        ("Suspected breast cancer", "ROUTINE", []),
        ("Urgent suspected cancer", "TWO_WEEK_WAIT", []),
        ("", "ROUTINE", []),
    ],
)
def test_a_service_is_matched_by_its_words_and_never_guessed(
    store: Store, site: Settings, words: str, priority: str, found: list[str]
) -> None:
    with store.read() as session:
        match = match_service(session, words, priority)
        assert [s.service_id for s in match.candidates] == found
        assert (match.one.service_id if match.one else None) == (found[0] if len(found) == 1 else None)


def test_the_words_of_a_clinic_narrow_several_down(store: Store, site: Settings) -> None:
    with store.read() as session:
        one = match_service(session, "Cardiology", "ROUTINE", "Lipid clinic referral").one
        assert one is not None and one.service_id == "11004"


def test_duplicates_are_linked_by_number_or_name_and_twins_are_not(
    store: Store, site: Settings, good_fields: Fields, now: dt.datetime
) -> None:
    with store.write() as session:
        first = _make(session, good_fields, now)
        weigh(session, first, now, settings=site)
        again = _make(session, good_fields, now)
        weighed = weigh(session, again, now, settings=site)
        assert again.possible_duplicate_of == first.id
        assert weighed.state == "IN_REVIEW" and first.code in weighed.against[0]
        assert [(d.other.code, d.probable) for d in find_duplicates(session, again)] == [(first.code, True)]
        other_ask = _make(session, _with(good_fields, referral__specialty="Heart failure"), now)
        assert weigh(session, other_ask, now, settings=site).state == "READY"
        no_number = _make(session, _with(good_fields, patient__nhs_number=None), now)
        assert find_duplicates(session, no_number)[0].why.startswith("same name, date of birth and postcode")
        twin = _make(session, _with(good_fields, patient__nhs_number="9990000042"), now)
        assert [d.other.code for d in find_duplicates(session, twin)] == [no_number.code]


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("patient.birth_date", "1/2/1980", "1980-02-01"),
        ("patient.birth_date", "1980-02-01", "1980-02-01"),
        ("patient.nhs_number", "999-000-0018", "9990000018"),
        ("patient.postcode", "wf104pw", "WF10 4PW"),
        ("patient.phone", "+44 (0)113 496 0000", "01134960000"),
        ("patient.gender", "F", "female"),
        ("patient.family_name", " O’Brien ", "O'Brien"),
        ("referral.priority", "two week wait", "TWO_WEEK_WAIT"),
        ("referral.priority", "urgent", "URGENT"),
        ("referral.ubrn", "0000 0007 0000", "000000070000"),
        ("referrer.practice_code", "a98001", "A98001"),
        ("referral.sharing_dissent", "No", "false"),
        ("referral.sharing_dissent", True, "true"),
    ],
)
def test_what_a_person_types_is_put_into_the_contracts_form(
    now: dt.datetime, field: str, typed: str | bool, kept: str
) -> None:
    assert parse_value(field, typed, now) == kept


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("patient.nhs_number", "9990000019"),
        ("patient.nhs_number", "99900000l8"),
        ("patient.birth_date", "31/02/1980"),
        ("patient.birth_date", "01/02/2027"),
        ("patient.birth_date", "01/02/80"),
        ("patient.birth_date", "1980-02-01 or so"),
        ("patient.postcode", "WF9 9"),
        ("patient.family_name", "1234"),
        ("patient.family_name", "\x1b[31mElm"),
        ("referral.priority", "soon"),
        ("referral.priority", "urgent or routine"),
        ("referral.ubrn", "123"),
        ("referral.sharing_dissent", "perhaps"),
        ("patient.address", "x" * 301),
        ("patient.phone", True),
        ("referrer.practice_code", "the surgery"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_without_the_value(
    now: dt.datetime, field: str, typed: str | bool
) -> None:
    with pytest.raises(WrongInput) as refused:
        parse_value(field, typed, now)
    assert field in refused.value.says and refused.value.do
    assert str(typed) not in str(refused.value)


def test_a_field_or_referral_that_does_not_exist_is_named(store: Store, now: dt.datetime, good_fields: Fields) -> None:
    with store.write() as session:
        referral = _make(session, good_fields, now)
        with pytest.raises(WrongInput, match="no field 'shoe_size'"):
            set_value(session, referral, "shoe_size", "9", "ann", now)
        with pytest.raises(NotFound, match="no referral R-ZZZZ"):
            find_referral(session, "r-zzzz")


CLINICIAN, ADMIN = "REFERRING_CLINICIAN", "REFERRING_CLINICIAN_ADMIN"
SURE, UNSURE = True, False


@pytest.mark.parametrize(
    ("role", "code", "practice", "name", "asked"),
    [
        # the practice is known for certain: who there refers may be open, unless the name itself is sent
        (CLINICIAN, SURE, None, None, set()),
        (CLINICIAN, SURE, None, UNSURE, set()),
        (ADMIN, SURE, None, SURE, set()),
        (ADMIN, SURE, None, None, {("ready.missing", "referrer.name")}),
        (ADMIN, SURE, None, UNSURE, {("ready.doubtful", "referrer.name")}),
        # it is not: then the name is needed in any role
        (CLINICIAN, None, SURE, SURE, set()),
        (CLINICIAN, None, SURE, None, {("ready.missing", "referrer.name")}),
        (CLINICIAN, None, SURE, UNSURE, {("ready.doubtful", "referrer.name")}),
        (
            CLINICIAN, UNSURE, None, None,
            {("ready.doubtful", "referrer.practice_code"), ("ready.missing", "referrer.name")},
        ),
    ],
)  # fmt: skip
def test_the_practice_stands_for_the_referrer_unless_the_name_is_sent(
    store: Store,
    site: Settings,
    good_fields: Fields,
    now: dt.datetime,
    role: str,
    code: bool | None,
    practice: bool | None,
    name: bool | None,
    asked: set[tuple[str, str]],
) -> None:
    site.ers.role = role
    fields = _with(good_fields, referrer__practice_code=None, referrer__name=None)
    for field, text, sure in (
        ("referrer.practice_code", "A98001", code),
        ("referrer.practice_name", "Castle Hill Surgery", practice),
        ("referrer.name", "Cora Cawood", name),
    ):
        if sure is not None:
            fields[field] = NewValue(text, sure, 0.999 if sure else 0.6, "test")
    with store.write() as session:
        row = _make(session, fields, now)
        weighed = weigh(session, row, now, settings=site)
        assert {(p.code, p.field) for p in open_problems(session, row)} == asked
        assert weighed.state == ("IN_REVIEW" if asked else "READY")
