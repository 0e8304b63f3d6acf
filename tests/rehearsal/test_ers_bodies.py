"""One wrong body for each field, parameter, system, code and cardinality of ers.md, and the error it gets (issue 2 item 7).

Every row spoils one thing in a body that would otherwise be accepted. Places are dotted: a name that is no key of a Parameters
resource is looked up among its parameters.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ers_requests import DOCTOR, NOW, PATIENT, Caller, Clock, code_of, listing, make_ers

from gateway.rehearsal.ers_data import Patients
from gateway.rehearsal.ers_refusal import NAMED

NO_PRACTICE, FAILING, UNKNOWN, NO_CODE = "9990000026", "9990000034", "9990000042", "9990000050"
KNOWN = frozenset((PATIENT, NO_PRACTICE, FAILING, NO_CODE))
SOME_ID = "11111111-1111-4111-8111-111111111111"
Spoil = Callable[[dict[str, Any]], None]


@dataclasses.dataclass
class World:
    """One running e-RS with a referral that waits for its letter and has one file uploaded."""

    clerk: Caller
    doctor: Caller
    ubrn: str
    etag: str
    url: str
    loose_url: str
    other_url: str
    same_name_url: str


def step(value: Any, key: str) -> Any:
    if isinstance(value, list):
        return value[int(key)]
    if key not in value and "parameter" in value:
        return next(p for p in value["parameter"] if p["name"] == key)
    return value[key]


def reach(body: Any, place: str) -> tuple[Any, str]:
    *way, last = place.split(".")
    for key in way:
        body = step(body, key)
    return body, last


def put(place: str, value: Any) -> Spoil:
    def spoil(body: dict[str, Any]) -> None:
        holder, last = reach(body, place)
        holder[int(last) if isinstance(holder, list) else last] = value

    return spoil


def drop(place: str) -> Spoil:
    """Removes a field, or a whole parameter when the last part is a parameter's name."""

    def spoil(body: dict[str, Any]) -> None:
        holder, last = reach(body, place)
        if isinstance(holder, dict) and last not in holder:
            holder["parameter"] = [p for p in holder["parameter"] if p["name"] != last]
        else:
            del holder[int(last) if isinstance(holder, list) else last]

    return spoil


def twice(place: str) -> Spoil:
    def spoil(body: dict[str, Any]) -> None:
        holder, last = reach(body, place)
        rows = holder["parameter"] if last not in holder else holder[last]
        rows.append(copy.deepcopy(step(holder, last) if last not in holder else rows[0]))

    return spoil


def more(place: str, value: Any) -> Spoil:
    def spoil(body: dict[str, Any]) -> None:
        holder, last = reach(body, place)
        step(holder, last).append(value)

    return spoil


def instant(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Row = tuple[str, Spoil, int, str | None]
MISSING, VALUE, CODE = "MISSING_VALUE", "INVALID_VALUE", "INVALID_CODE"
UNEXPECTED, STRUCTURE, PLACE = "UNEXPECTED_FIELD", "INVALID_FHIR_STRUCTURE", "INAPPROPRIATE_VALUE"
NOT_FOUND = "REFERENCE_NOT_FOUND"

RESOURCE: list[Row] = [
    ("no resourceType", drop("resourceType"), 422, MISSING),
    ("another resource", put("resourceType", "Bundle"), 422, STRUCTURE),
    ("no meta", drop("meta"), 422, MISSING),
    ("no profile", drop("meta.profile"), 422, MISSING),
    ("empty profile", put("meta.profile", []), 422, MISSING),
    ("profile is a text", put("meta.profile", "x"), 422, STRUCTURE),
    ("another profile", put("meta.profile", ["https://fhir.nhs.uk/STU3/StructureDefinition/other"]), 422, VALUE),
    ("unknown field", put("surprise", 1), 422, UNEXPECTED),
]
PARAMETERS: list[Row] = [
    *RESOURCE,
    ("no parameters", drop("parameter"), 422, MISSING),
    ("parameters not a list", put("parameter", {}), 422, STRUCTURE),
    ("parameter not an object", more("parameter", "x"), 422, STRUCTURE),
    ("parameter without name", more("parameter", {"valueString": "x"}), 422, MISSING),
    ("unknown parameter", more("parameter", {"name": "unknownParameter", "valueString": "x"}), 422, UNEXPECTED),
]


def criteria_rows(at: str) -> list[Row]:
    term = {"name": "clinicalTerm", "valueCoding": {"system": "http://snomed.info/sct", "code": "1"}}
    rows: list[Row] = [
        ("no priority", drop(f"{at}.priority"), 422, MISSING),
        ("priority twice", twice(f"{at}.priority"), 422, STRUCTURE),
        ("priority soon", put(f"{at}.priority.valueCoding.code", "SOON"), 422, CODE),
        ("priority lower case", put(f"{at}.priority.valueCoding.code", "urgent"), 422, CODE),
        ("priority system", put(f"{at}.priority.valueCoding.system", "https://fhir.nhs.uk/x"), 422, VALUE),
        ("priority without system", drop(f"{at}.priority.valueCoding.system"), 422, MISSING),
        ("priority code is a list", put(f"{at}.priority.valueCoding.code", []), 422, STRUCTURE),
        ("no age and gender", drop(f"{at}.ageAndGenderAppropriate"), 422, MISSING),
        ("age and gender as text", put(f"{at}.ageAndGenderAppropriate.valueBoolean", "true"), 422, VALUE),
        ("age and gender as object", put(f"{at}.ageAndGenderAppropriate.valueBoolean", {}), 422, STRUCTURE),
        ("unknown specialty", put(f"{at}.specialty.valueCoding.code", "CARDIOLOGIE"), 422, CODE),
        ("ended specialty", put(f"{at}.specialty.valueCoding.code", "AUDIOLOGICAL_MEDICINE"), 422, CODE),
        (
            "specialty system",
            put(f"{at}.specialty.valueCoding.system", "https://x/STU3/CodeSystem/SPECIALTY"),
            422,
            VALUE,
        ),
        ("specialty elsewhere", put(f"{at}.specialty", {"name": "specialty", "valueString": "x"}), 422, UNEXPECTED),
        ("specialty twice", twice(f"{at}.specialty"), 422, STRUCTURE),
        ("unknown clinic type", put(f"{at}.clinicType.valueCoding.code", "HEARTS"), 422, CODE),
        ("ended clinic type", put(f"{at}.clinicType.valueCoding.code", "FOOD_AND_DRUG_ALLERGY"), 422, CODE),
        ("clinic type of another", put(f"{at}.clinicType.valueCoding.code", "KNEE"), 422, PLACE),
        ("clinic type system", put(f"{at}.clinicType.valueCoding.system", "https://x"), 422, VALUE),
        ("organisation system", put(f"{at}.organisation.valueIdentifier.system", "https://x"), 422, VALUE),
        ("unknown organisation", put(f"{at}.organisation.valueIdentifier.value", "RQQ"), 422, NOT_FOUND),
        ("closed organisation", put(f"{at}.organisation.valueIdentifier.value", "RZZ"), 422, "ORGANISATION_IS_CLOSED"),
        ("a practice", put(f"{at}.organisation.valueIdentifier.value", "A81001"), 422, "ORGANISATION_NOT_APPROPRIATE"),
        ("snomed unknown", more(f"{at}.parameter", term), 422, "SNOMED_NOT_FOUND"),
        ("criteria profile", put(f"{at}.meta.profile", ["https://x"]), 422, VALUE),
        ("criteria without id", drop(f"{at}.id"), 422, MISSING),
        (
            "criteria unknown parameter",
            more(f"{at}.parameter", {"name": "colour", "valueString": "x"}),
            422,
            UNEXPECTED,
        ),
        ("postcode", more(f"{at}.parameter", {"name": "postcode", "valueString": "nowhere"}), 422, VALUE),
        ("distance", more(f"{at}.parameter", {"name": "distanceLimit", "valueUnsignedInt": -1}), 422, VALUE),
    ]
    for name, number, code in (
        ("nobody", "555000000999", NOT_FOUND),
        ("inactive", "555000000105", "REFERENCED_USER_IS_NOT_ACTIVE"),
        ("not a provider's clinician", "555000000104", "REFERENCED_USER_IS_NOT_SPC"),
    ):
        value = {"system": "http://fhir.nhs.net/Id/sds-user-id", "value": number}
        entry = {"name": "namedClinician", "valueIdentifier": value}
        rows.append((f"named clinician {name}", more(f"{at}.parameter", entry), 422, code))
    return rows


PEOPLE: list[Row] = [
    ("no patient", drop("patient"), 422, MISSING),
    ("patient twice", twice("patient"), 422, STRUCTURE),
    ("patient system R4", put("patient.valueIdentifier.system", "https://fhir.nhs.uk/Id/nhs-number"), 422, VALUE),
    ("patient with spaces", put("patient.valueIdentifier.value", "999 000 0018"), 422, VALUE),
    ("patient check digit", put("patient.valueIdentifier.value", "9990000019"), 422, VALUE),
    ("patient as a number", put("patient.valueIdentifier.value", 9990000018), 422, VALUE),
    ("patient unknown", put("patient.valueIdentifier.value", UNKNOWN), 422, NOT_FOUND),
    ("patient error", put("patient.valueIdentifier.value", FAILING), 422, "PATIENT_ERROR"),
    ("patient without practice", put("patient.valueIdentifier.value", NO_PRACTICE), 422, "NO_REG_GP_PRACTICE"),
    ("patient in a coding", put("patient", {"name": "patient", "valueCoding": {}}), 422, UNEXPECTED),
    ("no clinician", drop("referringClinician"), 422, "VALUE_IS_REQUIRED"),
    ("clinician system", put("referringClinician.valueIdentifier.system", "https://x"), 422, VALUE),
    ("clinician too short", put("referringClinician.valueIdentifier.value", "123"), 422, VALUE),
    ("clinician unknown", put("referringClinician.valueIdentifier.value", "555000000999"), 422, NOT_FOUND),
    ("inactive", put("referringClinician.valueIdentifier.value", "555000000105"), 422, "REFERENCED_USER_IS_NOT_ACTIVE"),
    ("not RC", put("referringClinician.valueIdentifier.value", "555000000103"), 422, "REFERENCED_USER_IS_NOT_RC"),
    ("not in org", put("referringClinician.valueIdentifier.value", "555000000107"), 422, "REFERENCED_USER_NOT_IN_ORG"),
    (
        "not RC here",
        put("referringClinician.valueIdentifier.value", "555000000108"),
        422,
        "REFERENCED_USER_IS_NOT_RC_AT_ORG",
    ),
]


def commissioner(ods: str) -> Spoil:
    value = {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": ods}
    return more("parameter", {"name": "commissioningRuleOrganisation", "valueIdentifier": value})


def advice_with_commissioner(body: dict[str, Any]) -> None:
    put("requestType.valueCoding.code", "ADVICE_AND_GUIDANCE_REQUEST")(body)
    commissioner("QXX")(body)


A010: list[Row] = [
    *PARAMETERS,
    *PEOPLE,
    *criteria_rows("searchCriteria.resource"),
    ("no request type", drop("requestType"), 422, MISSING),
    ("request type", put("requestType.valueCoding.code", "REFERRAL"), 422, CODE),
    ("request type system", put("requestType.valueCoding.system", "https://x"), 422, VALUE),
    ("no sort", drop("sortBy"), 422, MISSING),
    ("sort", put("sortBy.valueCoding.code", "NAME"), 422, CODE),
    ("sort twice", twice("sortBy"), 422, STRUCTURE),
    ("no criteria", drop("searchCriteria"), 422, MISSING),
    ("commissioner unknown", commissioner("Q99"), 422, NOT_FOUND),
    ("commissioner a trust", commissioner("RXX"), 422, "ORGANISATION_NOT_APPROPRIATE"),
    ("commissioner with advice", advice_with_commissioner, 422, "FIELD_NOT_PERMITTED"),
]

LIST = "shortlist.resource"
ENTRY = {"item": {"identifier": {"system": "http://fhir.nhs.net/Id/ers-service", "value": "11002"}}}


def services(*numbers: str) -> Spoil:
    return put(
        f"{LIST}.entry",
        [{"item": {"identifier": {"system": "http://fhir.nhs.net/Id/ers-service", "value": n}}} for n in numbers],
    )


START = "eReferralPathwayStart.valueInstant"
NOT_IN_RESULTS = "SHORTLISTED_SERVICE_NOT_IN_RESULTS"
A011: list[Row] = [
    *PARAMETERS,
    *PEOPLE,
    *criteria_rows(f"{LIST}.contained.0"),
    ("no intention", drop("intentionToAddReferralLetter"), 422, MISSING),
    ("intention", put("intentionToAddReferralLetter.valueCoding.code", "LATER"), 422, CODE),
    ("intention system", put("intentionToAddReferralLetter.valueCoding.system", "https://x"), 422, VALUE),
    ("no reminder days", drop("firstReminderLetterFollowUpDays"), 422, MISSING),
    ("reminder days negative", put("firstReminderLetterFollowUpDays.valueUnsignedInt", -1), 422, VALUE),
    ("reminder days as text", put("firstReminderLetterFollowUpDays.valueUnsignedInt", "0"), 422, VALUE),
    ("reminder days true", put("firstReminderLetterFollowUpDays.valueUnsignedInt", True), 422, VALUE),
    ("start twice", twice("eReferralPathwayStart"), 422, STRUCTURE),
    ("start is a date", put(START, "2026-11-20"), 422, VALUE),
    ("start without offset", put(START, "2026-11-20T08:42:17.384"), 422, VALUE),
    ("start impossible", put(START, "2026-02-30T08:42:17.384Z"), 422, VALUE),
    ("start in the future", put(START, instant(NOW + dt.timedelta(seconds=1))), 422, PLACE),
    ("start too old", put(START, instant(NOW - dt.timedelta(days=365, seconds=1))), 422, PLACE),
    (
        "start as date time",
        put("eReferralPathwayStart", {"name": "eReferralPathwayStart", "valueDateTime": "x"}),
        422,
        UNEXPECTED,
    ),
    ("no shortlist", drop("shortlist"), 422, MISSING),
    ("list profile", put(f"{LIST}.meta.profile", ["https://x"]), 422, VALUE),
    ("list kind", put(f"{LIST}.resourceType", "Bundle"), 422, STRUCTURE),
    ("list status", put(f"{LIST}.status", "retired"), 422, CODE),
    ("list mode", put(f"{LIST}.mode", "working"), 422, CODE),
    ("no list mode", drop(f"{LIST}.mode"), 422, MISSING),
    ("no criteria", drop(f"{LIST}.contained"), 422, MISSING),
    ("two criteria", twice(f"{LIST}.contained"), 422, "TOO_MANY_ITEMS"),
    ("no extension", drop(f"{LIST}.extension"), 422, MISSING),
    ("extension url", put(f"{LIST}.extension.0.url", "https://x"), 422, VALUE),
    ("extension points elsewhere", put(f"{LIST}.extension.0.valueReference.reference", "#other"), 422, NOT_FOUND),
    ("no entry", drop(f"{LIST}.entry"), 422, MISSING),
    ("empty entry", put(f"{LIST}.entry", []), 422, MISSING),
    ("entry without item", put(f"{LIST}.entry.0", {}), 422, MISSING),
    ("service system", put(f"{LIST}.entry.0.item.identifier.system", "https://x"), 422, VALUE),
    ("service id with letters", services("abc"), 422, VALUE),
    ("service unknown", services("99999"), 422, NOT_FOUND),
    ("service twice", services("11002", "11002"), 422, "DUPLICATE_SERVICE"),
    ("21 services", services(*(str(20000 + n) for n in range(21))), 422, "TOO_MANY_ITEMS"),
    ("service of another clinic", services("11004"), 422, NOT_IN_RESULTS),
    ("service of another trust", services("31002"), 422, NOT_IN_RESULTS),
    ("closed service", services("11900"), 422, NOT_IN_RESULTS),
    (
        "priority the service does not take",
        put(f"{LIST}.contained.0.priority.valueCoding.code", "TWO_WEEK_WAIT"),
        422,
        NOT_IN_RESULTS,
    ),
]

FILE = "referralLetterFile.resource"
A012: list[Row] = [
    *PARAMETERS,
    ("no letter left", put("parameter", []), 422, MISSING),
    ("document profile", put(f"{FILE}.meta.profile", ["https://x"]), 422, VALUE),
    ("document kind", put(f"{FILE}.resourceType", "Binary"), 422, STRUCTURE),
    ("no type", drop(f"{FILE}.type"), 422, MISSING),
    ("type code", put(f"{FILE}.type.coding.0.code", "PROVIDER"), 422, VALUE),
    ("type system", put(f"{FILE}.type.coding.0.system", "https://x"), 422, VALUE),
    ("two types", twice(f"{FILE}.type.coding"), 422, STRUCTURE),
    ("status", put(f"{FILE}.status", "superseded"), 422, VALUE),
    ("no indexed", drop(f"{FILE}.indexed"), 422, MISSING),
    ("indexed", put(f"{FILE}.indexed", "yesterday"), 422, VALUE),
    ("no content", drop(f"{FILE}.content"), 422, MISSING),
    ("two contents", twice(f"{FILE}.content"), 422, STRUCTURE),
    ("no url", drop(f"{FILE}.content.0.attachment.url"), 422, MISSING),
    ("url form", put(f"{FILE}.content.0.attachment.url", "https://x/Binary/1"), 422, VALUE),
    ("file unknown", put(f"{FILE}.content.0.attachment.url", f"Binary/{SOME_ID}"), 422, NOT_FOUND),
    ("title of another file", put(f"{FILE}.content.0.attachment.title", "other.pdf"), 422, "CONFLICTING_VALUES"),
    ("description blank", put(f"{FILE}.description", " "), 422, VALUE),
    ("same file twice", twice("referralLetterFile"), 422, "DUPLICATE_FILENAME"),
]

# A016's page names neither UNEXPECTED_FIELD nor INVALID_FHIR_STRUCTURE: the nearest it names is INVALID_VALUE.
A016: list[Row] = [
    *(
        (name, spoil, status, VALUE if code in (UNEXPECTED, STRUCTURE) else code)
        for name, spoil, status, code in RESOURCE
    ),
    ("one profile of two", drop("meta.profile.1"), 422, VALUE),
    ("no id", drop("id"), 422, MISSING),
    ("no status", drop("status"), 422, MISSING),
    ("status", put("status", "arrived"), 422, CODE),
    ("description", put("description", "An appointment"), 422, VALUE),
    ("reason code", put("reason.0.coding.0.code", "BUSY"), 422, CODE),
    ("reason system", put("reason.0.coding.0.system", "https://x"), 422, VALUE),
    ("no reason", drop("reason"), 422, MISSING),
    ("two reasons", twice("reason"), 422, VALUE),
    ("reason for slots at a triage service", put("reason.0.coding.0.code", "NO_SLOTS_AT_SERVICE"), 422, PLACE),
    ("booked at a triage service", put("status", "booked"), 422, PLACE),
    ("slot at a triage service", put("slot", [{"reference": "Slot/11006001"}]), 422, PLACE),
    ("no referral", drop("incomingReferral"), 422, MISSING),
    ("referral without version", put("incomingReferral.0.reference", "ReferralRequest/000900000001"), 422, VALUE),
    (
        "referral unknown",
        put("incomingReferral.0.reference", "ReferralRequest/000000000001/_history/3"),
        422,
        NOT_FOUND,
    ),
    ("referral version", put("incomingReferral.0.reference", "ReferralRequest/000900000001/_history/99"), 409, None),
    ("no participants", drop("participant"), 422, MISSING),
    ("no patient", drop("participant.1"), 422, MISSING),
    (
        "two services",
        put(
            "participant.1",
            {
                "actor": {"identifier": {"system": "http://fhir.nhs.net/Id/ers-service", "value": "1"}},
                "status": "accepted",
            },
        ),
        422,
        VALUE,
    ),
    ("participant status", put("participant.0.status", "declined"), 422, CODE),
    ("participant system", put("participant.0.actor.identifier.system", "https://x"), 422, VALUE),
    ("another patient", put("participant.1.actor.identifier.value", NO_CODE), 422, PLACE),
    ("service unknown", put("participant.0.actor.identifier.value", "99999"), 422, NOT_FOUND),
    ("service not on the shortlist", put("participant.0.actor.identifier.value", "11010"), 422, PLACE),
    ("slot form", put("slot", [{"reference": "11006001"}]), 422, VALUE),
    ("start", put("start", "soon"), 422, VALUE),
]


def reason(code: str) -> Spoil:
    return put("cancellationReason.valueCoding.code", code)


def comment(text: Any) -> Spoil:
    return more("parameter", {"name": "cancellationComments", "valueString": text})


# A036's page names six codes only: form errors become the nearest, or a plain 400.
A036: list[Row] = [
    *((n, s, st, c if c == MISSING else PLACE) for n, s, st, c in PARAMETERS),
    ("no reason", drop("cancellationReason"), 422, MISSING),
    ("reason unknown", reason("BORED"), 422, PLACE),
    ("reason ended", reason("PATIENT_MOVED"), 422, PLACE),
    ("reason of providers", reason("BOOKED_OUTSIDE_CAB"), 422, PLACE),
    ("reason system", put("cancellationReason.valueCoding.system", "https://x"), 422, PLACE),
    ("comment is mandatory", reason("PATIENT_REQUEST_CANCELLATION_OTHER"), 422, MISSING),
    ("comment too long", comment("x" * 2001), 422, PLACE),
]

LIST_TYPE = "listType.valueCodeableConcept"


def only(*rows: dict[str, Any]) -> Spoil:
    return lambda body: body["parameter"].extend(rows)


def service_filter(number: str) -> dict[str, Any]:
    return {"name": "service", "valueIdentifier": {"system": "http://fhir.nhs.net/Id/ers-service", "value": number}}


SDS = "http://fhir.nhs.net/Id/sds-user-id"
ORGANISATION = "https://directory.spineservices.nhs.uk/STU3/Organization"
A008: list[Row] = [
    *PARAMETERS,
    ("no list type", drop("listType"), 422, MISSING),
    ("list type twice", twice("listType"), 422, STRUCTURE),
    ("list type", put(f"{LIST_TYPE}.coding.0.code", "EVERYTHING"), 422, CODE),
    ("list type system", put(f"{LIST_TYPE}.coding.0.system", "https://x"), 422, VALUE),
    ("list type as coding", put("listType", {"name": "listType", "valueCoding": {}}), 422, UNEXPECTED),
    ("two codings", twice(f"{LIST_TYPE}.coding"), 422, STRUCTURE),
    ("service unknown", only(service_filter("99999")), 422, NOT_FOUND),
    ("service of another trust", only(service_filter("31002")), 422, "NO_RELATIONSHIP"),
    (
        "clinician unknown",
        only({"name": "clinician", "valueIdentifier": {"system": SDS, "value": "555000000999"}}),
        422,
        NOT_FOUND,
    ),
    (
        "location unknown",
        only({"name": "location", "valueIdentifier": {"system": ORGANISATION, "value": "R00"}}),
        422,
        NOT_FOUND,
    ),
    (
        "indicator",
        only(
            {
                "name": "specialtyAssignedIndicator",
                "valueCodeableConcept": {
                    "coding": [
                        {"system": "https://fhir.nhs.uk/STU3/CodeSystem/eRS-AssignedIndicator-1", "code": "MAYBE"}
                    ]
                },
            }
        ),
        422,
        CODE,
    ),
]
TABLE = {"A008": A008, "A010": A010, "A011": A011, "A012": A012, "A016": A016, "A036": A036}
CASES = [pytest.param(op, *row[1:], id=f"{op} {row[0]}") for op, rows in TABLE.items() for row in rows]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    patients = Patients(
        known=KNOWN,
        without_practice=frozenset((NO_PRACTICE,)),
        failing=frozenset((FAILING,)),
        without_access_code=frozenset((NO_CODE,)),
    )
    with make_ers(Clock(), patients=patients) as ers:
        clerk = Caller(ers)
        doctor = Caller(ers, user=DOCTOR, role="REFERRING_CLINICIAN")
        created = clerk.create()
        ubrn = created.json()["id"]
        other = clerk.create().json()["id"]
        yield World(
            clerk,
            doctor,
            ubrn,
            created.headers["ETag"],
            clerk.upload(ubrn).headers["Location"],
            clerk.upload(None).headers["Location"],
            clerk.upload(other).headers["Location"],
            clerk.upload(ubrn).headers["Location"],
        )


def send(world: World, operation: str, body: dict[str, Any]) -> Any:
    clerk, referral = world.clerk, f"/STU3/ReferralRequest/{world.ubrn}"
    if operation == "A008":
        provider = Caller(clerk.ers, role="SERVICE_PROVIDER_ADMIN")
        return provider.call("POST", "/STU3/ReferralRequest/$ers.fetchworklist", body)
    path, headers = {
        "A010": ("/STU3/HealthcareService/$ers.searchHealthcareServicesForPatient", {}),
        "A011": ("/STU3/ReferralRequest/$ers.createReferral", {}),
        "A012": (f"{referral}/$ers.maintainReferralLetter", {"If_Match": world.etag}),
        "A016": ("/STU3/Appointment", {}),
        "A036": (f"{referral}/$ers.cancelReferral", {"If_Match": world.etag}),
    }[operation]
    return clerk.call("POST", path, body, **headers)


def good_body(world: World, operation: str) -> dict[str, Any]:
    clerk = world.clerk
    return {
        "A008": lambda: listing("REFERRALS_FOR_REVIEW"),
        "A010": clerk.search_body,
        "A011": clerk.create_body,
        "A012": lambda: clerk.letters_body(world.url),
        "A016": lambda: clerk.booking_body(world.ubrn, world.etag[3:-1]),
        "A036": clerk.cancel_body,
    }[operation]()


@pytest.mark.parametrize(("operation", "spoil", "status", "code"), CASES)
def test_one_wrong_thing_gets_its_error(
    world: World, operation: str, spoil: Spoil, status: int, code: str | None
) -> None:
    body = good_body(world, operation)
    spoil(body)
    before = len(world.clerk.ers.state.all())
    answer = send(world, operation, body)
    assert (answer.status_code, code_of(answer)) == (status, code), answer.text
    assert len(world.clerk.ers.state.all()) == before
    assert f"{operation} defect" not in world.clerk.ers.state.answers


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null?"])
@pytest.mark.parametrize("path", ["/STU3/ReferralRequest/$ers.createReferral", "/STU3/Appointment"])
def test_what_is_not_json_is_malformed(world: World, path: str, body: bytes) -> None:
    assert world.clerk.call("POST", path, body, Content_Type="application/fhir+json").status_code == 400


def test_files_that_may_not_be_attached(world: World) -> None:
    clerk = world.clerk
    assert code_of(clerk.attach(world.ubrn, world.etag, world.loose_url)) == "INAPPROPRIATE_VALUE"
    assert code_of(clerk.attach(world.ubrn, world.etag, world.other_url)) == "INAPPROPRIATE_VALUE"
    assert code_of(clerk.attach(world.ubrn, world.etag, world.url, world.same_name_url)) == "DUPLICATE_FILENAME"


def test_a_clinician_refers_in_their_own_name(world: World) -> None:
    answer = world.doctor.create()
    assert (answer.status_code, code_of(answer)) == (422, "FIELD_NOT_PERMITTED")
    body = world.doctor.create_body()
    drop("referringClinician")(body)
    created = world.doctor.call("POST", "/STU3/ReferralRequest/$ers.createReferral", body)
    assert created.status_code == 201
    assert world.doctor.ers.state.all()[-1].referrer == DOCTOR


def test_lists_of_referrers_take_no_filters(world: World) -> None:
    answer = world.clerk.worklist("AWAITING_BOOKING", service_filter("11002"))
    assert (answer.status_code, code_of(answer)) == (422, "UNEXPECTED_FIELD")


# Codes an operation names that the tables above do not produce: tested in other tests, here or in test_ers_state.
IN_OTHER_TESTS = {
    "A010": {"FIELD_NOT_PERMITTED"},
    "A011": {"FIELD_NOT_PERMITTED"},
    "A012": {"NO_CHANGES_DETECTED", "NO_RELATIONSHIP", "INVALID_REQUEST_STATE", "PATIENT_ERROR", "INAPPROPRIATE_VALUE"},
    "A016": {
        "NO_RELATIONSHIP",
        "SERVICE_UNAVAILABLE",
        "INVALID_REQUEST_STATE",
        "PATIENT_ERROR",
        "INAPPROPRIATE_SLOT",
        "SLOT_NOT_AVAILABLE",
        "SLOTS_CURRENTLY_AVAILABLE",
        "THIS_SLOT_IS_AVAILABLE",
    },
    "A036": {"INVALID_REQUEST_STATE", "PATIENT_ERROR", "NO_RELATIONSHIP"},
}
# No rule of the specification tells when these come; the `refuse` fault gives them.
BY_FAULT_ONLY = {
    "INVALID_STATE",
    "INVALID_REQUEST_TYPE",
    "UNABLE_TO_CONFIRM_APPOINTMENT",
    "UNABLE_TO_CANCEL_APPOINTMENT",
}


@pytest.mark.parametrize("operation", sorted(TABLE))
def test_no_code_of_an_operation_is_forgotten(operation: str) -> None:
    expected = {code for *_, status, code in TABLE[operation] if code and status == 422}
    assert NAMED[operation] - expected - IN_OTHER_TESTS.get(operation, set()) <= BY_FAULT_ONLY


def test_every_code_a_table_expects_is_one_its_operation_names() -> None:
    for operation, rows in TABLE.items():
        assert {code for *_, status, code in rows if code and status == 422} <= NAMED[operation]
