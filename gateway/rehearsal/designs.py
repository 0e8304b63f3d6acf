"""The register of page designs: what can be drawn, what it is, and which are kept for reporting only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.rehearsal import designs_cancer as cancer
from gateway.rehearsal import designs_forms as forms
from gateway.rehearsal import designs_letters as letters
from gateway.rehearsal import designs_office as office
from gateway.rehearsal import designs_other as other
from gateway.rehearsal import designs_packs as packs
from gateway.rehearsal import designs_systems as systems
from gateway.rehearsal import designs_unseen as unseen
from gateway.rehearsal import designs_unseen_letters as unseen_letters
from gateway.rehearsal import designs_unseen_outside as unseen_outside
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.sheet import Sheet


@dataclass(frozen=True)
class Design:
    """One way a document looks.

    `held_out` designs are never used while a reader is fitted. `priorities` and `specialties` are those it can express (all when
    empty); `by_hand` forms are filled in with a pen.
    """

    name: str
    draw: Callable[[Desk], list[Sheet]]
    held_out: bool = False
    document_type: str = "referral"
    priorities: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    by_hand: bool = False
    mono: bool = False


_CANCER = ("TWO_WEEK_WAIT",)
_EYES = ("Ophthalmology",)
_ALL: tuple[Design, ...] = (
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
    Design("request_print", unseen.request_print, held_out=True),
    Design("web_print", unseen.web_print, held_out=True),
    Design("dotted_right", unseen.dotted_right, held_out=True),
    Design("dotted_right_by_hand", unseen.dotted_right, held_out=True, by_hand=True),
    Design("numbered_cells", unseen.numbered_cells, held_out=True),
    Design("cancer_numbered", unseen.cancer_numbered, held_out=True, priorities=_CANCER),
    Design("continued_by_hand", unseen_letters.continued_by_hand, held_out=True, by_hand=True),
    Design("dental_form", unseen_outside.dental_form, held_out=True),
    Design("dental_form_by_hand", unseen_outside.dental_form, held_out=True, by_hand=True),
    Design("podiatry_letter", unseen_outside.podiatry_letter, held_out=True, priorities=("ROUTINE", "URGENT")),
    Design("emergency_proforma", unseen_outside.emergency_proforma, held_out=True, by_hand=True),
    Design("sentence_letter", unseen_letters.sentence_letter, held_out=True),
    Design("corner_letter", unseen_letters.corner_letter, held_out=True, mono=True),
    Design("corner_letter_torn", unseen_letters.corner_letter_torn, held_out=True),
    Design("request_and_stranger", unseen_letters.request_and_stranger, held_out=True),
    Design("two_requests", unseen_letters.two_requests, held_out=True),
    Design("blood_result", unseen_letters.blood_result, held_out=True, document_type="other", mono=True),
    Design(
        "clinic_cancellation", unseen_letters.clinic_cancellation, held_out=True, document_type="other", by_hand=True
    ),
)
DESIGNS: dict[str, Design] = {design.name: design for design in _ALL}


def names(which: str = "all") -> tuple[str, ...]:
    """Names of the designs for fitting (`fit`), kept for reporting (`held-out`), or `all`."""
    return tuple(d.name for d in _ALL if which == "all" or d.held_out is (which == "held-out"))
