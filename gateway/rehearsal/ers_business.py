"""The business rules of e-RS: may this patient, these people, services and states do what a well-formed request asks?

Every rule raises the `Refusal` with the code of ers.md section 7. Nothing here changes anything.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from gateway.rehearsal import ers_words as words
from gateway.rehearsal.ers_data import APPOINTMENT, DIRECT, TRIAGE, Directory, Patients, Service
from gateway.rehearsal.ers_orders import Booking, Create, Criteria, Letter, Search
from gateway.rehearsal.ers_refusal import Refusal, unprocessable
from gateway.rehearsal.ers_state import Attached, Referral, Store

LONGEST_PATHWAY = dt.timedelta(days=365)
_BOOKABLE_STATES = (
    "NOT_BOOKED",
    "APPT_CANCELLED_BY_PATIENT",
    "APPT_CANCELLED_BY_PROVIDER",
    "REJECTED",
    "TRIAGE_RESPONSE",
)


@dataclass(frozen=True)
class Session:
    """Who is calling: a user in a role at an organisation, or (application) nobody in a provider's context."""

    application: bool
    user: str | None = None
    organisation: str | None = None
    role: str | None = None
    on_behalf_of: str | None = None


def known_patient(patients: Patients, number: str) -> None:
    """The patient exists in e-RS, can be read, and has a registered practice."""
    if number in patients.failing:
        raise unprocessable("PATIENT_ERROR", "the patient could not be retrieved; do not attempt again")
    if patients.known is not None and number not in patients.known:
        raise unprocessable("REFERENCE_NOT_FOUND", "parameter 'patient' names nobody")
    if number in patients.without_practice:
        raise unprocessable("NO_REG_GP_PRACTICE", "the patient has no registered practice")


def referring_clinician(directory: Directory, session: Session, clinician: str | None) -> str:
    """The clinician a referral is made for: the user themself, or whom an administrator names. Returns the SDS user id."""
    if session.role == words.RC:
        if clinician is not None:
            raise unprocessable("FIELD_NOT_PERMITTED", "a referring clinician refers in their own name")
        return session.user or ""
    if clinician is None:
        raise unprocessable("VALUE_IS_REQUIRED", "an administrator must name the referringClinician")
    person = directory.people.get(clinician)
    if person is None:
        raise unprocessable("REFERENCE_NOT_FOUND", "parameter 'referringClinician' names nobody")
    if not person.active:
        raise unprocessable("REFERENCED_USER_IS_NOT_ACTIVE", "the clinician is not active")
    if not any(words.RC in roles for roles in person.roles.values()):
        raise unprocessable("REFERENCED_USER_IS_NOT_RC", "the user is not a referring clinician")
    here = session.organisation or ""
    if here not in person.roles:
        raise unprocessable("REFERENCED_USER_NOT_IN_ORG", "the clinician does not belong to the organisation")
    if not person.holds(words.RC, here):
        raise unprocessable("REFERENCED_USER_IS_NOT_RC_AT_ORG", "the user is not a referring clinician there")
    return clinician


def matching_services(directory: Directory, criteria: Criteria, today: dt.date) -> list[Service]:
    """The services of A010 for these criteria; refuses codes that are unknown, ended or do not belong together."""
    if criteria.specialty is not None:
        specialty = directory.specialties.get(criteria.specialty)
        if specialty is None or not specialty.current(today):
            raise unprocessable("INVALID_CODE", "'specialty' is not a current code")
    if criteria.clinic_type is not None:
        clinic = directory.clinic_types.get(criteria.clinic_type)
        if clinic is None or not clinic.current(today):
            raise unprocessable("INVALID_CODE", "'clinicType' is not a current code")
        if criteria.specialty is not None and clinic.parent != criteria.specialty:
            raise unprocessable("INAPPROPRIATE_VALUE", "'clinicType' does not belong to 'specialty'")
    if criteria.clinical_term is not None and criteria.clinical_term not in directory.snomed:
        raise unprocessable("SNOMED_NOT_FOUND", "'clinicalTerm' is not in the e-RS dictionary")
    if criteria.named_clinician is not None:
        _named_clinician(directory, criteria.named_clinician)
    if criteria.organisation is not None:
        _provider(directory, criteria.organisation, today)
    return [s for s in directory.services.values() if s.open_on(today) and _meets(s, criteria)]


def _meets(service: Service, criteria: Criteria) -> bool:
    return (
        criteria.priority in service.priorities
        and criteria.specialty in (None, service.specialty)
        and criteria.clinic_type in (None, service.clinic_type)
        and criteria.organisation in (None, service.organisation)
        and (criteria.clinical_term is None or criteria.clinical_term in service.snomed)
        and (criteria.named_clinician is None or criteria.named_clinician in service.clinicians)
    )


def _named_clinician(directory: Directory, number: str) -> None:
    person = directory.people.get(number)
    if person is None:
        raise unprocessable("REFERENCE_NOT_FOUND", "'namedClinician' names nobody")
    if not person.active:
        raise unprocessable("REFERENCED_USER_IS_NOT_ACTIVE", "'namedClinician' is not active")
    if not any(words.SPC in roles for roles in person.roles.values()):
        raise unprocessable("REFERENCED_USER_IS_NOT_SPC", "'namedClinician' is not a service provider clinician")


def _provider(directory: Directory, ods: str, today: dt.date) -> None:
    organisation = directory.organisations.get(ods)
    if organisation is None:
        raise unprocessable("REFERENCE_NOT_FOUND", "'organisation' names nothing")
    if organisation.closed is not None and organisation.closed <= today:
        raise unprocessable("ORGANISATION_IS_CLOSED", "'organisation' is closed")
    if organisation.kind != "trust":
        raise unprocessable("ORGANISATION_NOT_APPROPRIATE", "'organisation' provides no services")


def check_search(
    directory: Directory, patients: Patients, session: Session, order: Search, today: dt.date
) -> list[Service]:
    """A010: the services that may be offered."""
    known_patient(patients, order.nhs_number)
    referring_clinician(directory, session, order.clinician)
    if order.commissioner is not None:
        if order.request_type != "APPOINTMENT_REQUEST":
            raise unprocessable(
                "FIELD_NOT_PERMITTED", "'commissioningRuleOrganisation' goes with an appointment request"
            )
        organisation = directory.organisations.get(order.commissioner)
        if organisation is None:
            raise unprocessable("REFERENCE_NOT_FOUND", "'commissioningRuleOrganisation' names nothing")
        if organisation.kind != "commissioner":
            raise unprocessable("ORGANISATION_NOT_APPROPRIATE", "'commissioningRuleOrganisation' is no commissioner")
    found = matching_services(directory, order.criteria, today)
    # No default service gives advice and guidance; the gateway does not ask for it.
    return [s for s in found if order.request_type == "APPOINTMENT_REQUEST" and s.flow in (TRIAGE, APPOINTMENT)]


def check_create(store: Store, session: Session, order: Create) -> tuple[str, list[Service]]:
    """A011: returns (the referrer's SDS user id, the shortlisted services)."""
    directory, now = store.directory, store.clock()
    known_patient(store.patients, order.nhs_number)
    referrer = referring_clinician(directory, session, order.clinician)
    if order.pathway_start is not None:
        if order.pathway_start > now:
            raise unprocessable("INAPPROPRIATE_VALUE", "'eReferralPathwayStart' is in the future")
        if now - order.pathway_start > LONGEST_PATHWAY:
            raise unprocessable("INAPPROPRIATE_VALUE", "'eReferralPathwayStart' is more than 365 days ago")
    results = {s.service_id: s for s in matching_services(directory, order.criteria, now.date())}
    for number in order.services:
        if number not in directory.services:
            raise unprocessable("REFERENCE_NOT_FOUND", "the shortlist names an unknown service")
        if number not in results:
            raise unprocessable(
                "SHORTLISTED_SERVICE_NOT_IN_RESULTS", "a shortlisted service does not meet the criteria"
            )
    return referrer, [results[number] for number in order.services]


def own_referral(store: Store, session: Session, ubrn: str, *, status: int = 404) -> Referral:
    """The referral a referrer works on: it exists and belongs to the organisation in the header.

    `status` 404 for a UBRN in the path, 422 REFERENCE_NOT_FOUND for one in the body.
    """
    referral = store.find(ubrn)
    if referral is None:
        raise (
            Refusal(404, None, "no such referral")
            if status == 404
            else unprocessable("REFERENCE_NOT_FOUND", "no such referral")
        )
    if referral.organisation != session.organisation:
        raise unprocessable("NO_RELATIONSHIP", "the organisation has no relationship with the referral")
    return referral


def readable_referral(store: Store, session: Session, ubrn: str) -> Referral:
    """The referral a reader may see: the referrer's own, or one that has reached a service of the reader's organisation."""
    referral = store.find(ubrn)
    if referral is None:
        raise Refusal(404, None, "no such referral")
    here = store.settings.application_organisation if session.application else session.organisation
    provider = referral.visit and store.directory.services[referral.visit.service_id].organisation
    is_referrer = not session.application and session.role in words.REFERRING and referral.organisation == here
    is_provider = (session.application or session.role not in words.REFERRING) and provider == here
    if not (is_referrer or is_provider):
        raise unprocessable("NO_RELATIONSHIP", "the organisation has no relationship with the referral")
    return referral


def retrievable(store: Store, referral: Referral) -> None:
    """PATIENT_ERROR when e-RS cannot retrieve the patient of a referral."""
    if referral.nhs_number in store.patients.failing:
        raise unprocessable("PATIENT_ERROR", "the patient could not be retrieved; do not attempt again")


def same_version(referral: Referral, version: int) -> None:
    """409 unless the version sent is the current one."""
    if referral.version != version:
        raise Refusal(409, None, "the version sent is not the current version of the referral")


def not_cancelled(referral: Referral) -> None:
    """A cancelled referral takes no further action."""
    if referral.state == "CANCELLED_REFERRAL":
        raise unprocessable("INVALID_REQUEST_STATE", "the referral is cancelled")


def check_letters(store: Store, referral: Referral, letters: tuple[Letter, ...]) -> tuple[Attached, ...]:
    """A012: the new set of letters. Files attached already keep their URL."""
    if not letters:
        raise unprocessable("MISSING_VALUE", "at least one referral letter must remain")
    attached = {a.file_id: a for a in referral.letters}
    linked = {a.upload.file_id for a in referral.letters}
    new: list[Attached] = []
    for letter in letters:
        old = attached.get(letter.file_id)
        held = old.upload if old is not None else store.find_upload(letter.file_id)
        if held is not None and (
            letter.title not in (None, held.name) or letter.content_type not in (None, held.content_type)
        ):
            raise unprocessable("CONFLICTING_VALUES", "title or contentType differ from the upload's")
        if old is not None:
            new.append(Attached(old.upload, old.file_id, letter.description, letter.indexed))
            continue
        upload = held
        if upload is None:
            raise unprocessable("REFERENCE_NOT_FOUND", "a file was never uploaded")
        if upload.ubrn != referral.ubrn:
            raise unprocessable("INAPPROPRIATE_VALUE", "a file was not uploaded for this referral")
        if upload.file_id in linked:
            raise unprocessable("DUPLICATE_FILENAME", "a file is linked already, under another URL")
        file_id = store.new_id() if store.settings.attached_url_changes else upload.file_id
        new.append(Attached(upload, file_id, letter.description, letter.indexed))
    names = [a.upload.name for a in new]
    if len(set(names)) < len(names):
        raise unprocessable("DUPLICATE_FILENAME", "two files have one name")
    before = {(a.file_id, a.description) for a in referral.letters}
    if {(a.file_id, a.description) for a in new} == before:
        raise unprocessable("NO_CHANGES_DETECTED", "the set is attached already")
    return tuple(new)


def check_booking(store: Store, referral: Referral, order: Booking) -> Service:
    """A016: the service that takes the referral, when reason, slots and state allow it."""
    today = store.clock().date()
    if order.nhs_number != referral.nhs_number:
        raise unprocessable("INAPPROPRIATE_VALUE", "the patient is not the referral's")
    service = store.directory.services.get(order.service_id)
    if service is None:
        raise unprocessable("REFERENCE_NOT_FOUND", "the service does not exist")
    if order.service_id not in referral.services:
        raise unprocessable("INAPPROPRIATE_VALUE", "the service is not on the shortlist")
    if not service.open_on(today):
        raise unprocessable("SERVICE_UNAVAILABLE", "the service no longer takes referrals")
    if referral.state not in _BOOKABLE_STATES:
        raise unprocessable("INVALID_REQUEST_STATE", "the referral has been sent or booked already")
    if service.flow == TRIAGE:
        if order.status == "proposed" and order.reason is None:
            raise unprocessable("MISSING_VALUE", "a proposed appointment needs its reason")
        if order.status != "proposed" or order.reason != "TRIAGE" or order.slot_id:
            raise unprocessable("INAPPROPRIATE_VALUE", "a triage service takes a proposed appointment for TRIAGE")
    elif service.bookable != DIRECT:
        raise unprocessable("INAPPROPRIATE_VALUE", "the patient must ring an indirectly bookable service")
    elif order.status == "booked":
        _check_slot(store, service, order)
    else:
        _check_deferral(store, service, order)
    return service


def free_slots(store: Store, service: Service) -> set[str]:
    """The ids of the service's future slots that nobody has booked."""
    taken = {r.visit.slot_id for r in store.all() if r.visit and r.visit.status == "booked"}
    return {s.slot_id for s in service.slots if s.slot_id not in taken and s.start > store.clock()}


def _check_slot(store: Store, service: Service, order: Booking) -> None:
    if order.reason is not None:
        raise unprocessable("INAPPROPRIATE_VALUE", "a booking has no reason")
    if order.slot_id is None or order.start is None or order.end is None:
        raise unprocessable("MISSING_VALUE", "a booking needs slot, start and end")
    slots = {s.slot_id: s for row in store.directory.services.values() for s in row.slots}
    slot = slots.get(order.slot_id)
    if slot is None:
        raise unprocessable("REFERENCE_NOT_FOUND", "the slot does not exist")
    if (
        slot not in service.slots
        or (slot.start, slot.end) != (order.start, order.end)
        or slot.clinician != order.clinician
    ):
        raise unprocessable("INAPPROPRIATE_SLOT", "the slot is not this service's, or differs in time or clinician")
    if order.slot_id not in free_slots(store, service):
        raise unprocessable("SLOT_NOT_AVAILABLE", "the slot is no longer available")


def _check_deferral(store: Store, service: Service, order: Booking) -> None:
    free = free_slots(store, service)
    if order.reason is None:
        raise unprocessable("MISSING_VALUE", "a deferral needs its reason")
    if order.reason == "TRIAGE":
        raise unprocessable("INAPPROPRIATE_VALUE", "TRIAGE goes with a triage service")
    if order.start is not None or order.end is not None:
        raise unprocessable("INAPPROPRIATE_VALUE", "a deferral has no start and no end")
    if order.reason == "NO_SLOTS_AT_SERVICE":
        if order.slot_id is not None:
            raise unprocessable("INAPPROPRIATE_VALUE", "NO_SLOTS_AT_SERVICE names no slot")
        if free:
            raise unprocessable("SLOTS_CURRENTLY_AVAILABLE", "the service has slots")
    if order.reason == "SLOT_NOT_AVAILABLE":
        if order.slot_id is None:
            raise unprocessable("MISSING_VALUE", "SLOT_NOT_AVAILABLE names its slot")
        if order.slot_id in free:
            raise unprocessable("THIS_SLOT_IS_AVAILABLE", "the slot is available")
