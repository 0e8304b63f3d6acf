from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from papers import font, grey
from PIL import Image, ImageDraw

from ocr.page import Box
from ocr.readers import PpOcr, ReaderMissing, Tesseract
from ocr.weights import RECOGNISER, find, latin_recogniser, open_session


def crop(text: str) -> np.ndarray:
    image = Image.new("L", (60 + 22 * len(text), 60), 255)
    ImageDraw.Draw(image).text((20, 8), text, font=font(36), fill=0)
    return grey(image)


def test_tesseract_reads_many_crops_in_one_process_and_leaves_nothing(tmp_path: Path) -> None:
    values = ["999 123 4561", "943 476 5919", ""]
    read = Tesseract(scratch=tmp_path).read([crop(v) for v in values], "digits")
    assert ["".join(w.text for w in words) for words in read] == [v.replace(" ", "") for v in values]
    assert list(tmp_path.iterdir()) == []


def test_tesseract_tells_which_way_up(tmp_path: Path) -> None:
    page = Image.new("L", (1200, 900), 255)
    for row in range(14):
        text = "Please see this patient with a cough for six weeks and advise"
        ImageDraw.Draw(page).text((60, 50 + 55 * row), text, font=font(34), fill=0)
    degrees, sure = Tesseract(scratch=tmp_path).orientation(grey(page.rotate(180)))
    assert degrees == 180
    assert sure > 1


def test_missing_tesseract_names_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReaderMissing) as caught:
        Tesseract(scratch=tmp_path)
    assert caught.value.says == "Tesseract is not installed: apt-get install tesseract-ocr"


def test_pp_ocr_reads_only_what_a_kind_of_value_can_hold() -> None:
    glyphs = PpOcr().glyphs([crop("B8O30"), crop("")], "digits")
    assert all(g.text.isdigit() or g.text in " -" for g in glyphs[0])
    assert len(glyphs) == 2


def test_the_smaller_output_layer_changes_no_chance_but_by_the_glyphs_left_out() -> None:
    weights, alphabet = latin_recogniser()
    small, whole = open_session(weights, 1), open_session(str(find(RECOGNISER)), 1)
    every = ["", *whole.get_modelmeta().custom_metadata_map["character"].splitlines(), " "]
    kept = [every.index(glyph) for glyph in alphabet]
    line = np.zeros((1, 3, 48, 320), np.float32)
    picture = crop("23/08/1969")[:48, :260].astype(np.float32) / 127.5 - 1
    line[0, :, :, : picture.shape[1]] = picture[:48]
    few, many = small.run(None, {"x": line})[0][0], whole.run(None, {"x": line})[0][0][:, kept]
    assert np.allclose(few, many / many.sum(axis=1, keepdims=True), atol=1e-4)


def test_boxes_of_a_page_stay_on_it() -> None:
    with pytest.raises(ValueError, match="inside out"):
        Box(0.5, 0.1, 0.4, 0.2)
