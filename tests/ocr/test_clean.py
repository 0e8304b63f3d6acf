from __future__ import annotations

import numpy as np
import pytest
from papers import font, form, grey
from PIL import Image, ImageDraw

from ocr import clean


@pytest.mark.parametrize("slant", [-4.0, -1.3, 0.0, 0.6, 2.7])
def test_skew_is_found_to_a_fifth_of_a_degree(slant: float) -> None:
    turned = form().rotate(-slant, resample=Image.Resampling.BICUBIC, fillcolor=255)
    assert clean.skew_of(grey(turned)) == pytest.approx(slant, abs=0.2)


def test_skew_is_found_on_a_page_that_lies_on_its_side() -> None:
    turned = form().rotate(90 - 1.5, resample=Image.Resampling.BICUBIC, fillcolor=255, expand=True)
    assert clean.skew_of(grey(turned)) == pytest.approx(1.5, abs=0.2)


def test_straighten_undoes_the_skew() -> None:
    turned = grey(form().rotate(-2, resample=Image.Resampling.BICUBIC, fillcolor=255))
    assert abs(clean.skew_of(clean.straighten(turned, clean.skew_of(turned)))) < 0.2


def test_specks_go_and_full_stops_stay() -> None:
    picture = np.full((300, 300), 255, np.uint8)
    picture[50:52, 50:52] = 0
    picture[100:103, 100:103] = 0
    cleaned = clean.despeckle(picture)
    assert (cleaned[50:52, 50:52] == 255).all()
    assert (cleaned[100:103, 100:103] == 0).all()


def test_dark_edges_go_and_text_stays() -> None:
    picture = grey(form())
    text = picture[200:1400, 90:1600].copy()
    picture[:, :40] = 0
    picture[-60:, :] = 0
    cleaned = clean.drop_dark_edges(picture)
    assert (cleaned[300:1900, :30] == 255).mean() > 0.95
    assert np.array_equal(cleaned[200:1400, 90:1600], text)


def test_blank_pages_are_blank_with_specks_and_streaks() -> None:
    picture = np.full((2200, 1728), 255, np.uint8)
    picture[np.random.default_rng(1).integers(0, 2200, 400), np.random.default_rng(2).integers(0, 1728, 400)] = 0
    picture[:, 900:902] = 0
    assert clean.is_blank(picture)
    page = Image.fromarray(picture)
    ImageDraw.Draw(page).text((400, 400), "Seen today, please review.", font=font(34), fill=0)
    assert not clean.is_blank(np.array(page))


def test_ruled_lines_go_and_letters_keep_their_strokes() -> None:
    page = Image.new("L", (900, 120), 255)
    ImageDraw.Draw(page).text((40, 30), "radiating to the left arm", font=font(44), fill=0)
    plain = grey(page)
    ruled = plain.copy()
    ruled[100:103, :] = 0
    ruled[:, 20:23] = 0
    cleaned = clean.without_lines(ruled)
    assert (cleaned[100:103, 200:] == 255).mean() > 0.95
    assert ((cleaned < 128) == (plain < 128))[:95, 30:].mean() > 0.998
