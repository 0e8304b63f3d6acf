"""The register of page designs: what can be drawn, what it is, and what it may be used for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.rehearsal import designs_alliances as alliances
from gateway.rehearsal import designs_booking as booking
from gateway.rehearsal import designs_calls as calls
from gateway.rehearsal import designs_cancer as cancer
from gateway.rehearsal import designs_clinics as clinics
from gateway.rehearsal import designs_departments as departments
from gateway.rehearsal import designs_dictated as dictated
from gateway.rehearsal import designs_feeder as feeder
from gateway.rehearsal import designs_forms as forms
from gateway.rehearsal import designs_institutions as institutions
from gateway.rehearsal import designs_letters as letters
from gateway.rehearsal import designs_merged as merged
from gateway.rehearsal import designs_office as office
from gateway.rehearsal import designs_other as other
from gateway.rehearsal import designs_packs as packs
from gateway.rehearsal import designs_papers as papers
from gateway.rehearsal import designs_pathways as pathways
from gateway.rehearsal import designs_pens as pens
from gateway.rehearsal import designs_post as post
from gateway.rehearsal import designs_professions as professions
from gateway.rehearsal import designs_rapid as rapid
from gateway.rehearsal import designs_records as records
from gateway.rehearsal import designs_replies as replies
from gateway.rehearsal import designs_requests as requests
from gateway.rehearsal import designs_sendings as sendings
from gateway.rehearsal import designs_surgeries as surgeries
from gateway.rehearsal import designs_systems as systems
from gateway.rehearsal import designs_trusts as trusts
from gateway.rehearsal import designs_typed as typed
from gateway.rehearsal import designs_typists as typists
from gateway.rehearsal import designs_window as window
from gateway.rehearsal.clinical import SPECIALTIES
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.fonts import Group
from gateway.rehearsal.sheet import Sheet


@dataclass(frozen=True)
class Design:
    """One way a document looks.

    `held-out` designs are never looked at while a reader is written, `seen` ones were held out once. `priorities` and `specialties`
    are those it can express (all when empty), `ages` (whole years) and `gender` those of its patients; `by_hand` forms are filled
    in with a pen.
    """

    name: str
    draw: Callable[[Desk], list[Sheet]]
    group: Group = "fit"
    document_type: str = "referral"
    priorities: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    by_hand: bool = False
    mono: bool = False
    ages: tuple[int, int] = (0, 120)
    gender: str = ""


_CANCER = ("TWO_WEEK_WAIT",)
_EYES = ("Ophthalmology",)
_NOT_CANCER = ("ROUTINE", "URGENT")
_WITH_TUMOUR_SITE = tuple(specialty.name for specialty in SPECIALTIES if specialty.cancer_site)
_GROWN = (18, 120)
_FIT: tuple[Design, ...] = (
    Design("ruled_left", forms.ruled_left),
    Design("boxed_above", forms.boxed_above),
    Design("suspected_cancer", cancer.suspected_cancer, priorities=_CANCER),
    Design("letter_re", letters.letter_re),
    Design("letter_blocks", systems.letter_blocks),
    Design("comb_boxes", other.comb_boxes),
    Design("optometrist", other.optometrist, priorities=("ROUTINE", "URGENT"), specialties=_EYES),
    Design("ruled_left_by_hand", forms.ruled_left, by_hand=True),
    Design("boxed_above_by_hand", forms.boxed_above, by_hand=True),
    Design("fax_pack", packs.fax_pack),
    Design("page_missing", packs.page_missing),
    Design("stranger_page", packs.stranger_page),
    Design("two_referrals", packs.two_referrals),
    Design("discharge_letter", office.discharge_letter, document_type="other"),
    Design("invoice", office.invoice, document_type="other"),
    Design("letter_columns", systems.letter_columns),
    Design("rows_shaded", forms.rows_shaded),
    Design("cancer_checklist", cancer.cancer_checklist, priorities=_CANCER),
    Design("consultant_letter", other.consultant_letter),
    Design("typed_memo", other.typed_memo, mono=True),
    Design("comb_boxes_by_hand", other.comb_boxes, by_hand=True),
    Design(
        "optometrist_by_hand",
        other.optometrist,
        by_hand=True,
        priorities=("ROUTINE", "URGENT"),
        specialties=_EYES,
    ),
    Design("rows_shaded_by_hand", forms.rows_shaded, by_hand=True),
    Design("fax_pack_other", packs.fax_pack_other),
    Design("page_missing_other", packs.page_missing_other),
    Design("stranger_letter", packs.stranger_letter),
    Design("two_referrals_other", packs.two_referrals_other),
    Design("clinic_letter", office.clinic_letter, document_type="other"),
    Design("pharmacy_query", office.pharmacy_query, document_type="other", by_hand=True),
    Design("advert", office.advert, document_type="other"),
)
_SEEN: tuple[Design, ...] = (
    Design("request_print", requests.request_print, "seen"),
    Design("web_print", requests.web_print, "seen"),
    Design("dotted_right", requests.dotted_right, "seen"),
    Design("dotted_right_by_hand", requests.dotted_right, "seen", by_hand=True),
    Design("numbered_cells", requests.numbered_cells, "seen"),
    Design("cancer_numbered", requests.cancer_numbered, "seen", priorities=_CANCER),
    Design("continued_by_hand", window.continued_by_hand, "seen", by_hand=True),
    Design("dental_form", departments.dental_form, "seen"),
    Design("dental_form_by_hand", departments.dental_form, "seen", by_hand=True),
    Design("podiatry_letter", departments.podiatry_letter, "seen", priorities=("ROUTINE", "URGENT")),
    Design("emergency_proforma", departments.emergency_proforma, "seen", by_hand=True),
    Design("sentence_letter", window.sentence_letter, "seen"),
    Design("corner_letter", window.corner_letter, "seen", mono=True),
    Design("corner_letter_torn", window.corner_letter_torn, "seen"),
    Design("request_and_stranger", window.request_and_stranger, "seen"),
    Design("two_requests", window.two_requests, "seen"),
    Design("blood_result", window.blood_result, "seen", document_type="other", mono=True),
    Design("clinic_cancellation", window.clinic_cancellation, "seen", document_type="other", by_hand=True),
    Design("grid_letter", records.grid_letter, "seen"),
    Design("subject_box_letter", records.subject_box_letter, "seen"),
    Design("banded_letter", records.banded_letter, "seen"),
    Design("journal_letter", records.journal_letter, "seen"),
    Design("tabbed_letter", typed.tabbed_letter, "seen"),
    Design("plain_letter", typed.plain_letter, "seen"),
    Design("plain_letter_mono", typed.plain_letter, "seen", mono=True),
    Design("outpatient_table", clinics.outpatient_table, "seen"),
    Design("outpatient_table_by_hand", clinics.outpatient_table, "seen", by_hand=True),
    Design("dotted_columns", clinics.dotted_columns, "seen"),
    Design("dotted_columns_by_hand", clinics.dotted_columns, "seen", by_hand=True),
    Design("line_panels", clinics.line_panels, "seen"),
    Design(
        "heart_clinic",
        clinics.heart_clinic,
        "seen",
        priorities=_NOT_CANCER,
        specialties=("Cardiology",),
        ages=_GROWN,
    ),
    Design("alliance_tables", alliances.alliance_tables, "seen", priorities=_CANCER),
    Design("alliance_sidebar", alliances.alliance_sidebar, "seen", priorities=_CANCER),
    Design("graded_cancer", alliances.graded_cancer, "seen", specialties=_WITH_TUMOUR_SITE, ages=_GROWN),
    Design("sight_test_form", professions.sight_test_form, "seen", priorities=_NOT_CANCER, specialties=_EYES),
    Design("msk_form", professions.msk_form, "seen", priorities=_NOT_CANCER, ages=_GROWN),
    Design(
        "antenatal_booking",
        professions.antenatal_booking,
        "seen",
        by_hand=True,
        priorities=("ROUTINE",),
        ages=(17, 44),
        gender="female",
    ),
    Design("mental_health_form", professions.mental_health_form, "seen", priorities=_NOT_CANCER, ages=_GROWN),
    Design(
        "community_nurse_form",
        professions.community_nurse_form,
        "seen",
        by_hand=True,
        priorities=_NOT_CANCER,
        ages=(55, 120),
    ),
    Design("jaw_letter", typed.jaw_letter, "seen", ages=_GROWN),
    Design("private_letter", typed.private_letter, "seen", ages=_GROWN),
    Design("counted_pack", calls.counted_pack, "seen"),
    Design("letter_short_of_a_page", calls.letter_short_of_a_page, "seen"),
    Design("letter_with_strangers_report", calls.letter_with_strangers_report, "seen"),
    Design("two_patients_sent", calls.two_patients_sent, "seen"),
    Design("ward_discharge", papers.ward_discharge, "seen", document_type="other"),
    Design("outpatient_report", papers.outpatient_report, "seen", document_type="other"),
    Design("patient_cannot_come", papers.patient_cannot_come, "seen", document_type="other"),
    Design("supplier_statement", papers.supplier_statement, "seen", document_type="other"),
    Design("training_offer", papers.training_offer, "seen", document_type="other"),
    Design("margin_letter", surgeries.margin_letter, "seen"),
    Design("three_cell_letter", surgeries.three_cell_letter, "seen"),
    Design("strip_letter", surgeries.strip_letter, "seen"),
    Design("run_on_letter", surgeries.run_on_letter, "seen"),
    Design("subject_line_letter", dictated.subject_line_letter, "seen"),
    Design("details_last_letter", dictated.details_last_letter, "seen"),
    Design("stacked_cells", booking.stacked_cells, "seen"),
    Design("words_under_lines", booking.words_under_lines, "seen"),
    Design("digit_cells", booking.digit_cells, "seen"),
    Design("strike_out_lines", booking.strike_out_lines, "seen"),
    Design("centre_pages", rapid.centre_pages, "seen"),
    Design("rapid_access_form", rapid.rapid_access_form, "seen", priorities=_CANCER, ages=_GROWN),
    Design("usc_two_sided", rapid.usc_two_sided, "seen", priorities=_CANCER, ages=_GROWN),
    Design("eye_letter", dictated.eye_letter, "seen", priorities=_NOT_CANCER, specialties=_EYES),
    Design(
        "hearing_form",
        rapid.hearing_form,
        "seen",
        priorities=_NOT_CANCER,
        specialties=("Ear, Nose and Throat",),
        ages=_GROWN,
    ),
    Design("pad_letter", dictated.pad_letter, "seen", by_hand=True),
    Design("covered_referral", sendings.covered_referral, "seen"),
    Design("letter_cut_short", sendings.letter_cut_short, "seen"),
    Design("two_sent_together", sendings.two_sent_together, "seen"),
    Design("follow_up_letter", post.follow_up_letter, "seen", document_type="other"),
    Design("day_unit_discharge", post.day_unit_discharge, "seen", document_type="other"),
    Design("appointment_notice", post.appointment_notice, "seen", document_type="other"),
    Design("agency_invoice", post.agency_invoice, "seen", document_type="other"),
)
# In the shares in which an office meets them: letters of record systems and typists most, then forms of trusts, then the rest.
_HELD_OUT: tuple[Design, ...] = (
    Design("inline_cells_letter", merged.inline_cells_letter, "held-out"),
    Design("table_at_foot_letter", merged.table_at_foot_letter, "held-out"),
    Design("banner_letter", merged.banner_letter, "held-out"),
    Design("gaps_letter", merged.gaps_letter, "held-out"),
    Design("stamped_letter", typists.stamped_letter, "held-out"),
    Design("colon_letter", typists.colon_letter, "held-out", mono=True),
    Design("email_letter", typists.email_letter, "held-out"),
    Design("side_head_letter", typists.side_head_letter, "held-out"),
    Design("answer_column_form", trusts.answer_column_form, "held-out"),
    Design("specialty_grid_form", trusts.specialty_grid_form, "held-out"),
    Design(
        "child_clinic_form",
        trusts.child_clinic_form,
        "held-out",
        priorities=_NOT_CANCER,
        specialties=("Paediatrics",),
        ages=(0, 15),
    ),
    Design("stuck_label_form", pens.stuck_label_form, "held-out", by_hand=True, ages=_GROWN),
    Design("open_comb_form", pens.open_comb_form, "held-out", by_hand=True),
    Design("symptom_columns_form", pathways.symptom_columns_form, "held-out", priorities=_CANCER, ages=_GROWN),
    Design("story_first_form", pathways.story_first_form, "held-out", priorities=_CANCER, ages=_GROWN),
    Design("hospice_letter", institutions.hospice_letter, "held-out", priorities=_NOT_CANCER, ages=(50, 120)),
    Design("out_of_hours_report", institutions.out_of_hours_report, "held-out", priorities=_NOT_CANCER),
    Design("slip_and_referral", feeder.slip_and_referral, "held-out"),
    Design("letter_with_a_gap", feeder.letter_with_a_gap, "held-out"),
    Design("letter_and_strangers_summary", feeder.letter_and_strangers_summary, "held-out"),
    Design("two_in_the_feeder", feeder.two_in_the_feeder, "held-out"),
    Design("advice_reply", replies.advice_reply, "held-out", document_type="other"),
    Design("solicitor_request", replies.solicitor_request, "held-out", document_type="other"),
    Design("reply_slip", replies.reply_slip, "held-out", document_type="other", by_hand=True),
)
_ALL = (*_FIT, *_SEEN, *_HELD_OUT)
DESIGNS: dict[str, Design] = {design.name: design for design in _ALL}


def names(which: str = "all") -> tuple[str, ...]:
    """Names of the designs of a group, or of `all`."""
    return tuple(d.name for d in _ALL if which in ("all", d.group))
