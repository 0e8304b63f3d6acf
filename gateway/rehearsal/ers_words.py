"""The fixed words of e-RS: coding systems, profiles, roles and operations, as the published specification spells them.

They are written down here a second time on purpose. The rehearsal e-RS judges the gateway's client, so it must not borrow the
client's own spelling (design, section 2).
"""

from __future__ import annotations

# Coding systems (ers.md section 4). The specialty and the cancellation reasons use the environment's own base URL instead.
NHS_NUMBER = "http://fhir.nhs.net/Id/nhs-number"
SDS_USER = "http://fhir.nhs.net/Id/sds-user-id"
SERVICE = "http://fhir.nhs.net/Id/ers-service"
SEARCHED_ORGANISATION = "https://directory.spineservices.nhs.uk/STU3/Organization"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
SDS_USER_R4 = "https://fhir.nhs.uk/Id/sds-user-id"
REQUEST_ID = "https://fhir.nhs.uk/Id/ers-request-id"
SNOMED = "http://snomed.info/sct"

_CODES = "https://fhir.nhs.uk/STU3/CodeSystem/"
PRIORITY = _CODES + "eRS-Priority-1"
CLINIC_TYPE = _CODES + "eRS-ClinicType-1"
REQUEST_TYPE = _CODES + "eRS-RequestType-1"
SORT_BY = _CODES + "eRS-SortBy-1"
LETTER_INTENTION = _CODES + "eRS-ReferralLetterIntention-1"
PROVISIONING = _CODES + "eRS-CommissioningProvisioning-1"
LIST_SELECTOR = _CODES + "eRS-ReferralListSelector-1"
ASSIGNED = _CODES + "eRS-AssignedIndicator-1"
ATTACHMENT_TYPE = _CODES + "eRS-AttachmentType-1"
AVAILABILITY = _CODES + "eRS-AvailabilityStatus-1"
REVIEW_REASON = _CODES + "eRS-ReviewReason-1"
REFERRAL_STATE = _CODES + "eRS-ReferralState-1"
BOOKABLE_TYPE = _CODES + "eRS-BookableType-1"
REQUEST_FLOW = _CODES + "eRS-RequestFlowType-1"
WAIT_TIME = _CODES + "eRS-IWT-1"
AVAILABLE_ACTIONS = _CODES + "eRS-AvailableActionsForUser-1"
ERROR_CODE = _CODES + "eRS-APIErrorCode-1"
ERROR_CODE_R4 = "https://fhir.nhs.uk/CodeSystem/NHSD-API-ErrorOrWarningCode"
ROLE_R4 = "https://fhir.nhs.uk/CodeSystem/eRS-BusinessFunction-1"
ROLE_STU3 = _CODES + "eRS-BusinessFunction-1"
EMPTY_REASON = "http://hl7.org/fhir/ValueSet/list-empty-reason"

# Profiles and extensions.
_SHAPES = "https://fhir.nhs.uk/STU3/StructureDefinition/"
SEARCH_PROFILE = _SHAPES + "eRS-PatientServiceSearch-Parameters-1"
CRITERIA_PROFILE = _SHAPES + "eRS-ServiceSearchCriteria-Parameters-1"
CREATE_PROFILE = _SHAPES + "eRS-CreateReferral-Parameters-1"
SHORTLIST_PROFILE = _SHAPES + "eRS-Shortlist-List-1"
SERVICES_PROFILE = _SHAPES + "eRS-FetchServices-List-1"
WORKLIST_ASK_PROFILE = _SHAPES + "eRS-FetchWorklist-Parameters-1"
WORKLIST_PROFILE = _SHAPES + "eRS-FetchWorklist-List-1"
LETTER_PROFILE = _SHAPES + "eRS-MaintainReferralLetter-Parameters-1"
DOCUMENT_PROFILE = _SHAPES + "eRS-DocumentReference-1"
APPOINTMENT_PROFILE = _SHAPES + "eRS-Appointment-1"
APPOINTMENT_PROFILE_2 = "https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-Appointment-1"
CANCEL_PROFILE = _SHAPES + "eRS-CancelReferral-Request-Parameters-1"
CANCELLED_PROFILE = _SHAPES + "eRS-CancelReferral-Response-Parameters-1"
REFERRAL_PROFILE = _SHAPES + "eRS-ReferralRequest-1"
OUTCOME_PROFILE = _SHAPES + "eRS-OperationOutcome-1"
OUTCOME_PROFILE_R4 = "https://www.hl7.org/fhir/R4/operationoutcome.html"
TASK_PROFILE = "https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-Task-1"
PATIENT_PROFILE = _SHAPES + "eRS-Patient-1"
SHORTLIST_CRITERIA = _SHAPES + "Extension-eRS-Shortlist-SearchCriteria-1"


def extension_url(name: str) -> str:
    """The URL of one of e-RS's own extensions, e.g. `ReferralPriority`."""
    return f"{_SHAPES}Extension-eRS-{name}-1"


# Roles, here "business functions" (ers.md section 3).
RC = "REFERRING_CLINICIAN"
RCA = "REFERRING_CLINICIAN_ADMIN"
RA = "REFERRING_ADMIN"
SPC = "SERVICE_PROVIDER_CLINICIAN"
SPCA = "SERVICE_PROVIDER_CLINICIAN_ADMIN"
SPA = "SERVICE_PROVIDER_ADMIN"
ROLES = frozenset(
    (
        RC,
        RCA,
        RA,
        SPC,
        SPCA,
        SPA,
        "COMMISSIONER",
        "INFORMATION_ANALYST",
        "BOOKING_MANAGER",
        "ADDITIONAL_REQUIREMENTS_MANAGER",
    )
)
REFERRING = frozenset((RC, RCA))
CLINICAL = frozenset((RC, RCA, SPC, SPCA))

PRIORITIES = ("ROUTINE", "URGENT", "TWO_WEEK_WAIT")
REFERRER_LISTS = (
    "LETTERS_OUTSTANDING",
    "AWAITING_BOOKING",
    "REJECTED_TRIAGE_RESPONSE",
    "ASSESSMENT_RETURNED_CANCELLED_DNA",
)
PROVIDER_LISTS = ("REFERRALS_FOR_REVIEW", "APPOINTMENT_SLOT_ISSUES")
