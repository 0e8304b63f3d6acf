# ruff: noqa: E501  (rows of cases read better unbroken)
"""Boxes drawn on an example: they move with the form's own print, give nothing without it, and their values are asked like all others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gateway.checks import judge
from ocr.page import Box, Page
from templates.form import Forms, load_forms
from templates.read import read_document
from templates.reading import DocumentReading
from templates.zones import fit_of
from tests.templates.paper import HEIGHT, SecondReader, page

TODAY = dt.date(2026, 11, 22)
# labels that no generic form knows, in places that no generic rule expects
PRINT = [(0.3, 0.06, "SEACROFT HEART LUNG POOL"), (0.08, 0.14, "Pool ident"), (0.55, 0.14, "Ymy"), (0.08, 0.26, "Kin called"), (0.55, 0.26, "Arrives"), (0.08, 0.40, "Whence"),
         (0.08, 0.60, "Please refer this patient to the pool with reason for referral"), (0.08, 0.92, "Pool copy two of two")]  # fmt: skip
VALUES = {
    "patient.nhs_number": (0.10, 0.18, "999 000 0018"),
    "patient.family_name": (0.10, 0.30, "Elm"),
    "patient.birth_date": (0.57, 0.30, "09/07/1950"),
    "patient.postcode": (0.57, 0.18, "LS1 1AB"),
    "referral.specialty": (0.10, 0.44, "Cardiology"),
}
EXPECTED = {"patient.nhs_number": "9990000018", "patient.family_name": "Elm", "patient.birth_date": "1950-07-09", "patient.postcode": "LS1 1AB", "referral.specialty": "Cardiology"}  # fmt: skip


def write(folder: Path, marks: bool = True) -> Forms:
    """The form as it would be taught: boxes around the values of the example, marks around its print."""
    print_ = ",\n".join(f'  {{ text = "{t}", box = [{x}, {y}, {x + 0.2}, {y + HEIGHT}] }}' for x, y, t in PRINT)
    text = 'id = "seacroft-pool"\nversion = 3\nauthor = "Tess Leader"\ntitle = "Seacroft pool"\nkind = "referral"\nkeywords = ["seacroft heart lung pool"]\nneeds = 1\n'
    text += f"marks = [\n{print_},\n]\n" if marks else ""
    for field, (x, y, _) in VALUES.items():
        text += f'[fields."{field}"]\nbox = [{x - 0.015}, {y - 0.008:.3f}, {x + 0.33}, {y + HEIGHT + 0.008:.3f}]\n'
    (folder / "seacroft-pool.toml").write_text(text)
    return load_forms([folder])


def sent(scale: float = 1.0, across: float = 0.0, down: float = 0.0, print_=PRINT, values=VALUES) -> Page:
    """The form filled in and moved as a fax machine moves it."""
    lines = [(x * scale + across, y * scale + down, text) for x, y, text in (*print_, *values.values())]
    return page(lines)


def read(forms: Forms, one: Page, **second: object) -> DocumentReading:
    return read_document([one], forms, SecondReader([one], **second), TODAY)


def boxed(document: DocumentReading) -> dict[str, object]:
    return {name: r.value for name, r in document.parts[0].readings.items() if "inside its box" in r.how}


@pytest.mark.parametrize(
    ("scale", "across", "down"),
    [(1, 0, 0), (1, 0.03, 0.025), (0.94, 0.03, 0.03), (0.9, 0.0, 0.0), (1.04, -0.04, -0.04)],
)
def test_boxes_move_with_the_form(tmp_path: Path, scale: float, across: float, down: float) -> None:
    document = read(write(tmp_path), sent(scale, across, down))
    assert document.parts[0].form == "seacroft-pool"
    assert boxed(document) == EXPECTED


def test_lost_rows_of_a_fax_move_only_what_is_below_them(tmp_path: Path) -> None:
    def torn(rows: list) -> list:
        return [(x, y - (0.011 if y > 0.22 else 0.0), text) for x, y, text in rows]

    values = dict(zip(VALUES, torn(list(VALUES.values())), strict=True))
    assert boxed(read(write(tmp_path), sent(print_=torn(PRINT), values=values))) == EXPECTED


def test_without_the_print_nothing_is_read_from_boxes(tmp_path: Path) -> None:
    forms = write(tmp_path)
    title = [PRINT[0], (0.1, 0.70, "Please refer this patient, reason for referral: breathless")]
    document = read(forms, sent(print_=title))
    assert boxed(document) == {} and document.parts[0].form == "seacroft-pool"
    form = forms.by_id("seacroft-pool")
    assert form is not None and fit_of(sent(print_=title).lines, form.marks) is None


def test_a_fixed_box_is_tied_to_the_page_and_reads_a_moved_one_wrongly_or_not_at_all(tmp_path: Path) -> None:
    """Why marks are there: the same boxes without them lose a fax that came 4 % smaller and lower."""
    assert boxed(read(write(tmp_path, marks=False), sent())) == EXPECTED
    assert boxed(read(write(tmp_path, marks=False), sent(0.96, 0.0, 0.05))) != EXPECTED


def test_what_stands_in_a_box_still_has_to_be_a_value(tmp_path: Path) -> None:
    values = {
        **VALUES,
        "patient.nhs_number": (0.10, 0.18, "see overleaf"),
        "patient.birth_date": (0.57, 0.30, "unknown"),
    }
    found = boxed(read(write(tmp_path), sent(values=values)))
    assert "patient.nhs_number" not in found and "patient.birth_date" not in found


def test_a_value_is_never_accepted_because_a_box_was_drawn(tmp_path: Path) -> None:
    """One reader alone, no index: nothing of the patient is accepted, whatever the form says."""
    forms = write(tmp_path)
    for blind in (True, False):
        judged = judge(read(forms, sent(), blind=blind), None, None, TODAY)
        fields = judged.parts[0].fields
        accepted = {name for name, f in fields.items() if f.accepted}
        assert not judged.ready and "patient.family_name" not in accepted
        assert not blind or not any(name.startswith("patient.") for name in accepted), accepted


def test_a_box_that_contradicts_a_label_is_asked(tmp_path: Path) -> None:
    labelled = [*PRINT, (0.08, 0.80, "Specialty:"), (0.28, 0.80, "Dermatology")]
    document = read(write(tmp_path), sent(print_=labelled))
    doubt = "its place on the form and a label on the page say different things"
    assert doubt in document.parts[0].readings["referral.specialty"].doubts


def test_a_label_or_print_inside_a_box_is_no_value(tmp_path: Path) -> None:
    forms = write(tmp_path)
    (tmp_path / "seacroft-pool.toml").write_text(
        (tmp_path / "seacroft-pool.toml").read_text().replace("box = [0.085, 0.292, 0.43", "box = [0.07, 0.255, 0.43")
    )
    forms = load_forms([tmp_path])
    assert boxed(read(forms, sent()))["patient.family_name"] == "Elm"


def test_a_line_that_runs_through_a_box_is_cut_at_its_edge(tmp_path: Path) -> None:
    values = {**VALUES, "patient.family_name": (0.10, 0.30, "Elm"), "x": (0.45, 0.30, "zz")}
    merged = {
        **values,
        "patient.nhs_number": (0.10, 0.18, "999 000 0018                    overflowing words of a neighbour"),
    }
    assert boxed(read(write(tmp_path), sent(values=merged)))["patient.nhs_number"] == "9990000018"


def test_a_taught_form_never_takes_urgency_away(tmp_path: Path) -> None:
    """P6: the heading of a suspected-cancer form keeps its meaning where a site's form is the better match."""
    cancer = [*PRINT, (0.1, 0.09, "Suspected cancer referral")]
    document = read(write(tmp_path), sent(print_=cancer))
    assert document.parts[0].form == "seacroft-pool"
    assert document.parts[0].readings["referral.priority"].value == "TWO_WEEK_WAIT"


def test_a_fit_needs_print_that_agrees(tmp_path: Path) -> None:
    form = write(tmp_path).by_id("seacroft-pool")
    assert form is not None and form.author == "Tess Leader" and len(form.marks) == len(PRINT)
    fit = fit_of(sent(0.9, 0.02, 0.04).lines, form.marks)
    assert fit is not None
    assert fit.place(Box(0.1, 0.5, 0.2, 0.6)).as_list() == pytest.approx([0.11, 0.49, 0.2, 0.58], abs=0.006)
    scattered = [(0.9 - x, 1 - y, text) for x, y, text in PRINT]
    assert fit_of(sent(print_=scattered).lines, form.marks) is None
