"""Imports: real files into a real database, faults with their lines, nothing imported on a fault, the age of what is there."""

from __future__ import annotations

import datetime as dt
import random
import time

import nhs_number
import pytest
from sqlmodel import select

from gateway.errors import WrongInput
from gateway.events import verify_chain
from gateway.patient_store import agreement, index_age, near_misses
from gateway.reference import import_reference, reference_ages
from gateway.store import Store
from gateway.tables import Event
from gateway.tables_reference import Contact, Patient, Practice, Service

HEAD = "nhs_number,family_name,given_names,birth_date,gender,postcode"
TWICE = "9990000018,Ash,Ann,1980-01-01,female,LS1 1AA\n"
EPRACCUR = (
    '"A98001","CASTLE HILL SURGERY","Y63","QHM","1 HIGH ST","","LEEDS","","","LS1 1AA","19740401","","A","B","16C",'
    '"20200401","","0113 496 0001","","","","0","","16C","","4",""\n'
    '"A98002","OLD SURGERY","Y63","QHM","2 HIGH ST","","LEEDS","","","LS1 1AB","19740401","20200101","C","B","16C",'
    '"20200401","","0113 496 0002","","","","0","","16C","","4",""\n'
)


def test_practices_in_the_ods_layout_keep_code_postcode_telephone_and_whether_they_are_open(
    store: Store, now: dt.datetime
) -> None:
    done = import_reference(store, "practices", EPRACCUR.encode(), "ann", now)
    assert (done.rows, done.before, done.done) == (2, 0, True)
    with store.read() as session:
        first, second = session.get(Practice, "A98001"), session.get(Practice, "A98002")
        assert first is not None and second is not None
        assert (first.postcode, first.phone, first.open, second.open) == ("LS1 1AA", "01134960001", True, False)


def test_a_wrong_line_is_named_and_nothing_of_the_file_is_imported(store: Store, now: dt.datetime) -> None:
    good = b"practice_code,email,phone,fax,confirmed_on\nA98001,castle@nhs.example,0113,0114,2026-10-01\n"
    import_reference(store, "contacts", good, "ann", now)
    bad = good + b"A98002,not an address,0,0,\nA98001,x@y.example,0,0,2026-13-01\n"
    with pytest.raises(WrongInput) as refused:
        import_reference(store, "contacts", bad, "ann", now, name="contacts.csv")
    assert "line 3: email is not one plain address" in refused.value.says
    assert "line 4: the practice A98001 stands in the file twice" in refused.value.says
    with store.read() as session:
        assert [c.practice_code for c in session.exec(select(Contact))] == ["A98001"]


def test_a_dry_run_checks_everything_and_changes_nothing(store: Store, now: dt.datetime) -> None:
    done = import_reference(store, "practices", EPRACCUR.encode(), "ann", now, dry_run=True)
    assert (done.rows, done.done) == (2, False)
    with store.read() as session:
        assert session.exec(select(Practice)).first() is None
        assert session.exec(select(Event)).first() is None


def test_words_of_a_service_are_split_by_semicolon_or_bar(store: Store, now: dt.datetime) -> None:
    text = (
        "service_id,name,organisation,specialty_code,clinic_type,request_flow,words\n"
        "11002,Heart Failure,RXX,CARDIOLOGY,HEART_FAILURE,TRIAGE_REQUEST,heart failure; hf clinic |bnp\n"
    )
    import_reference(store, "services", text.encode(), "ann", now)
    with store.read() as session:
        service = session.get(Service, "11002")
        assert service is not None and service.words == ["heart failure", "hf clinic", "bnp"]


@pytest.mark.parametrize(
    ("kind", "content", "says"),
    [
        ("practices", b"A98001,NAME\n", "2 columns instead of 27"),
        ("services", b"service_id,name\n", "lacks the column organisation"),
        ("clinicians", b"sds_id,name,organisation\n123,Dr A,A98001\n", "line 2: sds_id needs twelve digits"),
        (
            "patients",
            f"{HEAD}\n9990000019,Ash,Ann,1980-01-01,female,LS1 1AA\n".encode(),
            "line 2: nhs_number is not valid",
        ),
        ("patients", f"{HEAD}\n9990000018,Ash,Ann,1980-02-30,female,LS1 1AA\n".encode(), "line 2: birth_date is not a"),
        ("patients", f"{HEAD}\n".encode(), "holds no rows"),
        ("patients", f"{HEAD}\n{TWICE}{TWICE}".encode(), "line 3: this NHS number stands on line 2 already"),
        ("patients", b"\x00\x01PK", "not a CSV text file"),
        ("wards", b"", "nothing called 'wards'"),
    ],
)
def test_each_fault_has_its_sentence(store: Store, now: dt.datetime, kind: str, content: bytes, says: str) -> None:
    with pytest.raises(WrongInput) as refused:
        import_reference(store, kind, content, "ann", now)
    assert says in refused.value.says
    assert refused.value.do


def test_faults_never_repeat_a_patients_values(store: Store, now: dt.datetime) -> None:
    with pytest.raises(WrongInput) as refused:
        import_reference(
            store, "patients", f"{HEAD}\n9990000018,Ashdown,Ann,30/02/1980,female,LS1\n".encode(), "a", now
        )
    assert "Ashdown" not in str(refused.value) and "9990000018" not in str(refused.value)


def _many_patients(count: int) -> bytes:
    dice = random.Random(7)
    lines = [HEAD]
    used: set[str] = set()
    while len(lines) <= count:
        nine = f"999{dice.randrange(10**6):06d}"
        check = nhs_number.calculate_checksum(nine)
        if 0 <= check < 10 and nine not in used:
            used.add(nine)
            born = dt.date(1940, 1, 1) + dt.timedelta(days=dice.randrange(25_000))
            lines.append(f"{nine}{check},Surname{chr(97 + dice.randrange(26))},Given,{born},female,LS1 1AA")
    return "\n".join(lines).encode()


def test_fifty_thousand_patients_are_imported_in_seconds_and_the_index_is_quick(store: Store, now: dt.datetime) -> None:
    content = _many_patients(50_000)
    start = time.process_time()
    done = import_reference(store, "patients", content, "ann", now)
    took = time.process_time() - start
    assert done.rows == 50_000
    assert took < 20, f"{took:.1f} s"
    with store.read() as session:
        patient = session.exec(select(Patient).limit(1)).one()
        start = time.process_time()
        known = agreement(session, patient.nhs_number, patient.birth_date.isoformat(), patient.family_name)
        assert time.process_time() - start < 0.5
        assert known.found == "agrees"


def test_the_index_agrees_differs_or_does_not_know(store: Store, now: dt.datetime) -> None:
    with store.read() as session:
        assert agreement(session, "9990000018", "1980-01-01", "Ash").found == "no index"
    rows = f"{HEAD},previous_family_name,deceased\n9990000018,O'Brien,Ann,01/02/1980,F,LS1 1AA,Ash,yes\n"
    import_reference(store, "patients", rows.encode(), "ann", now)
    with store.read() as session:
        assert agreement(session, "9990000018", "1980-02-01", "OBRIEN").found == "agrees"
        assert agreement(session, "9990000018", "1980-02-01", "Ash").found == "agrees"
        assert agreement(session, "9990000018", "1980-02-01", "Ash").deceased
        assert agreement(session, "9990000018", "1980-02-02", "Elm").differs == (
            "patient.birth_date",
            "patient.family_name",
        )
        assert agreement(session, "9990000026", "1980-02-01", "Ash").found == "unknown"
        assert [p.family_name for p in near_misses(session, "", "1980-02-01", "O'Brian")] == ["O'Brien"]


def test_the_age_of_the_index_is_told_and_an_old_one_raises_an_alarm(store: Store, now: dt.datetime) -> None:
    with store.read() as session:
        assert "no patient index" in (index_age(session, now, 7).alarm or "")
    import_reference(store, "patients", f"{HEAD}\n9990000018,Ash,Ann,1980-01-01,f,LS1\n".encode(), "ann", now)
    with store.read() as session:
        assert index_age(session, now + dt.timedelta(days=7), 7).alarm is None
        assert "8 days old" in (index_age(session, now + dt.timedelta(days=8), 7).alarm or "")
        ages = {age.kind: age.days for age in reference_ages(session, now + dt.timedelta(days=3))}
        assert ages == {"practices": None, "contacts": None, "services": None, "clinicians": None, "patients": 3}
        assert not verify_chain(session).faults
