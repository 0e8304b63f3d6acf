"""Synthetic faxes: really coded, of the right shape, with a truth that the pages bear, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from random import Random

import nhs_number
import numpy as np
import pypdf
import pypdfium2
import pytest
from PIL import Image

from gateway.rehearsal import fonts
from gateway.rehearsal.designs import DESIGNS, names
from gateway.rehearsal.desk import sit_down
from gateway.rehearsal.fax_coding import WIDE, FaxPage, over_a_bad_line, raw, tiff
from gateway.rehearsal.fax_t4 import decode, disturb
from gateway.rehearsal.fonts import GROUPS
from gateway.rehearsal.mail import SHAPES, make_mail
from gateway.rehearsal.people import make_people
from gateway.rehearsal.practices import make_practices
from gateway.rehearsal.referrals import age_on, make_referral
from gateway.rehearsal.render import CODINGS, Fax, referral_for, render
from gateway.rehearsal.retelling import retold
from gateway.rehearsal.sheet import Sheet, Text

ON = dt.date(2026, 11, 20)
PEOPLE = make_people(Random(1), 500)
PRACTICES = make_practices(Random(1), 12)
SHAPE_OF = {
    "patient.nhs_number": r"999\d{7}",
    "patient.birth_date": r"\d{4}-\d\d-\d\d",
    "referral.date": r"\d{4}-\d\d-\d\d",
    "patient.gender": r"male|female",
    "patient.postcode": r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}",
    "patient.phone": r"\d{11}",
    "referrer.phone": r"\d{11}",
    "referrer.practice_code": r"[A-Z]\d{5}",
    "referral.priority": r"ROUTINE|URGENT|TWO_WEEK_WAIT",
    "referral.ubrn": r"\d{12}",
}


def draw(design: str, coding: str, severity: str = "clean", seed: int = 1) -> Fax:
    random = Random(f"{design} {seed}")
    referral = referral_for(random, design, PEOPLE, PRACTICES, ON)
    return render(random, referral, design, severity, coding, make_referral(random, PEOPLE, PRACTICES, on=ON))  # type: ignore[arg-type]


def some_bits() -> np.ndarray:
    return np.repeat(np.random.default_rng(3).random((300, WIDE // 8)) < 0.2, 8, axis=1)


@pytest.mark.parametrize(
    ("coding", "compression", "down"),
    [("tiff-g3-fine", 3, 196), ("tiff-g3-standard", 3, 98), ("tiff-g4-fine", 4, 196), ("tiff-g4-standard", 4, 98)],
)
def test_a_fax_tiff_is_t4_or_t6_at_fax_resolution(coding: str, compression: int, down: int) -> None:
    fax = draw("letter_blocks", coding)
    with Image.open(io.BytesIO(fax.data)) as image:
        assert image.n_frames == fax.pages == 2  # type: ignore[attr-defined]
        for number in range(fax.pages):
            image.seek(number)
            tags = image.tag_v2  # type: ignore[attr-defined]
            assert tags[259] == compression
            assert tags[262] == 0
            assert (float(tags[282]), float(tags[283])) == (204, down)
            assert image.width == WIDE
            ink = 1 - np.asarray(image.convert("L")).mean() / 255
            assert 0.002 < ink < 0.2


def test_t4_data_decodes_to_the_rows_that_libtiff_coded() -> None:
    bits = some_bits()
    assert np.array_equal(decode(raw(bits, "group3"), WIDE, "repeat"), bits)


@pytest.mark.parametrize("concealment", ["repeat", "keep", "drop"])
def test_a_bad_line_changes_rows_and_never_stops_the_page(concealment: str) -> None:
    page = FaxPage(some_bits(), 196)
    damaged = over_a_bad_line(page, Random(4), 12, concealment)  # type: ignore[arg-type]
    assert damaged.lost_rows
    assert 200 < len(damaged.bits) <= 320
    assert not np.array_equal(damaged.bits, page.bits)


def test_disturbed_data_has_the_same_length_and_names_the_rows_hit() -> None:
    data = raw(some_bits(), "group3")
    noisy, hit = disturb(data, Random(5), 5)
    assert len(noisy) == len(data)
    assert noisy != data
    assert hit == sorted(hit)
    assert 1 <= len(hit) <= 5


def test_the_senders_identification_stands_in_tag_270() -> None:
    data = tiff([FaxPage(some_bits(), 98)], "group4", "CASTLE HILL")
    with Image.open(io.BytesIO(data)) as image:
        assert image.tag_v2[270] == "CASTLE HILL"  # type: ignore[attr-defined]


@pytest.mark.parametrize("coding", ["pdf-g4-fine", "pdf-g3-standard", "pdf-jpeg-200", "pdf-jpeg-300", "pdf-text"])
def test_pdfs_open_with_the_right_pages_and_ink(coding: str) -> None:
    fax = draw("letter_blocks", coding)
    document = pypdfium2.PdfDocument(fax.data)
    assert len(document) == fax.pages == 2
    for page in document:
        assert 560 < page.get_width() < 640
        assert 780 < page.get_height() < 880
        ink = 1 - np.asarray(page.render(scale=1).to_pil().convert("L")).mean() / 255
        assert 0.002 < ink < 0.25
    reader = pypdf.PdfReader(io.BytesIO(fax.data))
    text = reader.pages[0].extract_text()
    assert ("NHS" in text) is (coding == "pdf-text")
    if "-g" in coding:
        assert reader.pages[0]["/Resources"]["/XObject"]["/Im0"]["/Filter"] == "/CCITTFaxDecode"  # type: ignore[index]


def test_the_text_layer_of_a_born_digital_letter_bears_its_truth() -> None:
    fax = draw("letter_re", "pdf-text")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(fax.data)).pages)
    for name in (
        "patient.family_name",
        "patient.postcode",
        "referrer.practice_name",
        "referrer.practice_code",
        "referrer.name",
    ):
        assert str(fax.truth[name]) in text
    assert str(fax.truth["patient.nhs_number"]) in re.sub(r"[ -]", "", text)


LETTERED = (
    "patient.family_name",
    "patient.given_names",
    "patient.address",
    "patient.postcode",
    "referrer.name",
    "referrer.practice_name",
    "referrer.practice_code",
    "referral.specialty",
    "referral.named_clinician",
)
NUMBERED = ("patient.nhs_number", "patient.phone", "referrer.phone", "referral.ubrn")


PRINTED = [n for n in names("seen") + names("held-out") if not DESIGNS[n].by_hand and not DESIGNS[n].mono]


@pytest.mark.parametrize("design", PRINTED)
def test_every_value_of_the_truth_of_a_reported_design_stands_on_its_pages(design: str) -> None:
    for seed in range(6):
        fax = draw(design, "pdf-text", seed=seed)
        sheets = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(fax.data)).pages)
        letters, digits = re.sub(r"[\s,]+", "", sheets), re.sub(r"\D+", "", sheets)
        for name in LETTERED:
            assert re.sub(r"[\s,]+", "", str(fax.truth.get(name, ""))) in letters, (name, seed)
        for name in NUMBERED:
            assert str(fax.truth.get(name, "")) in digits, (name, seed)


def test_what_another_trade_sends_bears_its_own_name_and_not_the_practices() -> None:
    for design in ("dental_form", "podiatry_letter"):
        fax = draw(design, "tiff-g4-fine", seed=5)
        with Image.open(io.BytesIO(fax.data)) as image:
            assert image.tag_v2[270] == str(fax.truth["referrer.practice_name"]).upper()[:20]  # type: ignore[attr-defined]
        assert "referrer.practice_code" in fax.excused


@pytest.mark.parametrize("coding", ["png", "jpeg"])
def test_pictures_hold_one_page(coding: str) -> None:
    fax = draw("letter_blocks", coding)
    with Image.open(io.BytesIO(fax.data)) as image:
        assert image.format == coding.upper()
        assert image.size == (1653, 2339)
    assert fax.pages == 1


@pytest.mark.parametrize("design", names())
def test_every_design_draws_with_a_truth_in_the_forms_of_the_contract(design: str) -> None:
    fax = draw(design, "tiff-g4-standard")
    assert fax.document_type == DESIGNS[design].document_type
    if fax.document_type == "other":
        assert fax.truth == {}
        assert fax.more == ()
        return
    for truth in (fax.truth, *(part.truth for part in fax.more)):
        for name, value in truth.items():
            if name in SHAPE_OF:
                assert re.fullmatch(SHAPE_OF[name], str(value)), (name, value)
    assert nhs_number.is_valid(str(fax.truth["patient.nhs_number"]))
    if not fax.missing_pages:
        assert {"patient.family_name", "patient.birth_date", "referral.reason"} <= set(fax.truth)
        assert "referrer.name" in {**fax.truth, **fax.excused}


@pytest.mark.parametrize("design", names())
def test_no_design_prints_off_the_page(design: str) -> None:
    kind = DESIGNS[design]
    for seed in range(12):
        random = Random(f"{design} {seed}")
        referral = referral_for(random, design, PEOPLE, PRACTICES, ON)
        desk = sit_down(
            random, referral, kind.group, kind.by_hand, kind.mono, make_referral(random, PEOPLE, PRACTICES, on=ON)
        )
        for sheet in kind.draw(desk):
            for mark in sheet.marks:
                if isinstance(mark, Text):
                    assert 10 < mark.x < 585, mark.text
                    assert 5 < mark.y < 835, mark.text
            for name, areas in sheet.areas.items():
                assert all(right < 590 for _, _, right, _ in areas), name


def test_one_seed_draws_the_same_bytes_and_another_does_not() -> None:
    for coding in ("tiff-g3-fine", "pdf-text", "pdf-jpeg-200"):
        one, two, three = (draw("boxed_above", coding, "hard", seed) for seed in (7, 7, 8))
        assert hashlib.sha256(one.data).digest() == hashlib.sha256(two.data).digest()
        assert one == two
        assert one.data != three.data


@pytest.mark.parametrize("severity", ["typical", "hard"])
@pytest.mark.parametrize("coding", CODINGS)
def test_every_coding_draws_at_every_severity(coding: str, severity: str) -> None:
    fax = draw("ruled_left", coding, severity, 3)
    assert fax.data
    assert set(fax.excused).isdisjoint(fax.truth)


@pytest.mark.parametrize(
    "design", ["page_missing_other", "corner_letter_torn", "letter_short_of_a_page", "letter_with_a_gap"]
)
def test_a_missing_page_is_named_and_its_values_are_not_asked_for(design: str) -> None:
    seen = set()
    for seed in range(40):
        fax = draw(design, "pdf-text", seed=seed)
        assert len(fax.missing_pages) == 1
        seen.add(fax.missing_pages[0] == 1)
        if fax.missing_pages == (1,):
            assert "referral.reason" not in fax.truth
            assert "patient.nhs_number" in fax.truth
    assert seen == {True, False}


def test_a_letter_cut_short_keeps_the_ask_and_loses_its_last_page() -> None:
    for seed in range(20):
        fax = draw("letter_cut_short", "pdf-text", seed=seed)
        assert (fax.pages, fax.missing_pages) == (1, (2,))
        assert {"patient.nhs_number", "referral.reason"} <= set(fax.truth)
        text = pypdf.PdfReader(io.BytesIO(fax.data)).pages[0].extract_text()
        assert re.search(r"1 of 2", text)


def test_a_cover_sheet_counts_the_pages_that_came() -> None:
    for seed in range(10):
        fax = draw("covered_referral", "pdf-text", seed=seed)
        text = pypdf.PdfReader(io.BytesIO(fax.data)).pages[0].extract_text()
        found = re.search(r"(?:including this|inc\. cover\)):\s*(\d)", text)
        assert found
        assert int(found[1]) == fax.pages
        assert not fax.missing_pages


def test_a_cover_that_counts_what_follows_does_not_count_itself() -> None:
    for seed in range(10):
        fax = draw("slip_and_referral", "pdf-text", seed=seed)
        text = pypdf.PdfReader(io.BytesIO(fax.data)).pages[0].extract_text()
        found = re.search(r"(?:following this one|to follow):\s*(\d)", text)
        assert found
        assert int(found[1]) == fax.pages - 1
        assert not fax.missing_pages


STRANGERS = ["stranger_page", "request_and_stranger", "letter_with_strangers_report", "letter_and_strangers_summary"]


@pytest.mark.parametrize("design", STRANGERS)
def test_a_strangers_page_lends_nothing_to_the_truth(design: str) -> None:
    fax = draw(design, "pdf-text")
    assert len(fax.stranger_pages) == 1
    text = pypdf.PdfReader(io.BytesIO(fax.data)).pages[fax.stranger_pages[0] - 1].extract_text()
    assert str(fax.truth["patient.nhs_number"]) not in re.sub(r"[ -]", "", text)


DOUBLES = ["two_referrals", "two_requests", "two_patients_sent", "two_sent_together", "two_in_the_feeder"]


@pytest.mark.parametrize("design", DOUBLES)
def test_two_referrals_in_one_file_have_two_truths(design: str) -> None:
    fax = draw(design, "pdf-text")
    (second,) = fax.more
    assert second.truth["patient.nhs_number"] != fax.truth["patient.nhs_number"]
    assert max(second.pages) == fax.pages


def test_the_accession_number_of_results_is_no_truth() -> None:
    fax = draw("fax_pack", "pdf-text")
    text = re.sub(
        r"(?<=\d)[ -](?=\d)", "", " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(fax.data)).pages)
    )
    decoys = {found for found in re.findall(r"\b[467]\d{9}\b", text) if nhs_number.is_valid(found)}
    assert decoys
    assert decoys.isdisjoint(map(str, fax.truth.values()))


def test_the_groups_of_designs_share_no_drawing() -> None:
    drawn = {group: {DESIGNS[name].draw for name in names(group)} for group in GROUPS}
    assert not drawn["held-out"] & (drawn["fit"] | drawn["seen"])
    assert not drawn["fit"] & drawn["seen"]
    assert all(len(drawings) >= 12 for drawings in drawn.values())


def test_most_of_what_is_held_out_is_what_an_office_gets_most() -> None:
    held_out = [DESIGNS[name] for name in names("held-out")]
    letters = [d for d in held_out if d.document_type == "referral" and "letter" in d.name]
    assert len(letters) >= len(held_out) / 4
    assert len(held_out) / 8 <= sum(d.document_type == "other" for d in held_out) <= len(held_out) / 4


def test_a_design_for_some_patients_gets_only_those() -> None:
    for seed in range(30):
        random = Random(seed)
        who = referral_for(random, "antenatal_booking", PEOPLE, PRACTICES, ON).patient
        assert who.gender == "female"
        assert 17 <= age_on(who, ON) <= 44
        assert age_on(referral_for(random, "child_clinic_form", PEOPLE, PRACTICES, ON).patient, ON) <= 15


def test_other_words_for_the_same_ask_never_say_how_soon() -> None:
    for design in ("banner_letter", "specialty_grid_form", "stuck_label_form"):
        for seed in range(30):
            random = Random(f"{design} {seed}")
            referral = referral_for(random, design, PEOPLE, PRACTICES, ON)
            desk = sit_down(random, referral, "held-out", False, False, referral)
            words = retold(desk).referral.reason
            assert all(words)
            if words != referral.reason:
                assert not re.search(r"urgent|routine|two week|2ww|pathway", " ".join(words), re.IGNORECASE)
                assert " ".join(words).isascii()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mail_carries_the_fax_byte_for_byte(shape: str) -> None:
    fax = draw("ruled_left", "tiff-g3-fine")
    at = dt.datetime(2026, 11, 20, 9, 14, tzinfo=dt.UTC)
    mail = make_mail(Random(1), fax, PRACTICES[0], "referrals@trust.example", at, shape)  # type: ignore[arg-type]
    (attached,) = mail.iter_attachments()
    assert attached.get_payload(decode=True) == fax.data
    assert mail["To"] == "referrals@trust.example"
    assert str(fax.truth["patient.nhs_number"]) not in mail.as_string()[:2000]


def test_the_corpus_command_writes_files_and_their_truth(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "gateway.rehearsal.corpus",
        "--out",
        str(tmp_path),
        "--count",
        "4",
        "--people",
        "100",
    ]
    subprocess.run([*command, "--severity", "clean", "--designs", "ruled_left,invoice"], check=True, timeout=120)
    lines = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["design"] for line in lines] == ["ruled_left", "invoice", "ruled_left", "invoice"]
    assert all((tmp_path / line["file"]).stat().st_size > 1000 for line in lines)
    for name in ("patients.csv", "practices.csv", "contacts.csv"):
        assert (tmp_path / name).exists()


def test_a_machine_without_any_font_package_still_draws_every_design(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_ROOTS", fonts._ROOTS[-1:])
    fonts._files.cache_clear()
    try:
        for design in names():
            assert draw(design, "pdf-text" if not DESIGNS[design].by_hand else "png").data
    finally:
        fonts._files.cache_clear()


def _overprinted(sheet: Sheet) -> list[tuple[str, str]]:
    """Pieces of text that stand on one another; dots to write on and the single letters of a hand may."""
    boxes = [
        (mark.text, mark.x, mark.y - 0.6 * mark.size, mark.x + fonts.width_of(mark.font, mark.text, mark.size), mark.y)
        for mark in sheet.marks
        if isinstance(mark, Text) and mark.text.strip(" .")
    ]
    return [
        (one[0], two[0])
        for number, one in enumerate(boxes)
        for two in boxes[:number]
        if max(len(one[0]), len(two[0])) > 1
        and min(one[3], two[3]) - max(one[1], two[1]) > 1
        and min(one[4], two[4]) - max(one[2], two[2]) > 1
    ]


@pytest.mark.parametrize("design", names("seen") + names("held-out"))
def test_no_reported_design_prints_one_text_over_another(design: str) -> None:
    kind = DESIGNS[design]
    for seed in range(25):
        random = Random(f"{design} {seed}")
        referral = referral_for(random, design, PEOPLE, PRACTICES, ON)
        other = make_referral(random, PEOPLE, PRACTICES, on=ON)
        for sheet in kind.draw(sit_down(random, referral, kind.group, kind.by_hand, kind.mono, other)):
            assert not _overprinted(sheet), seed
