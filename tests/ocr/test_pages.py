from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from papers import FIELDS, comb, font, form, grey, saved, tiff
from PIL import Image, ImageDraw
from reportlab.pdfgen import canvas

from ocr.page import Box, Line, Page, RawPage
from ocr.pages import PageReader
from ocr.raster import rasterise


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> PageReader:
    return PageReader(scratch=tmp_path_factory.mktemp("scratch"))


def first(data: bytes) -> RawPage:
    return rasterise(data).pages[0]


def texts(page: Page) -> list[str]:
    return [line.text for line in page.lines]


def box_of(page: Page, value: str) -> Box:
    return next(line.box for line in page.lines if line.text == value)


def ink_box(text: str, x: int, y: int, page: Image.Image) -> Box:
    """Where Pillow draws a text, as a box of the page."""
    left, top, right, bottom = ImageDraw.Draw(page).textbbox((x, y), text, font=font(34))
    return Box(left / page.width, top / page.height, right / page.width, bottom / page.height)


@pytest.mark.parametrize(("turned", "slant"), [(0, 0.0), (0, 2.1), (90, 0.0), (180, -1.4), (270, 0.7)])
def test_a_form_is_read_whichever_way_it_lies(reader: PageReader, turned: int, slant: float) -> None:
    lying = form().rotate(-slant, resample=Image.Resampling.BICUBIC, fillcolor=255).rotate(turned, expand=True)
    page = reader.read(first(tiff(lying)))
    assert page.turned == turned
    assert page.skew == pytest.approx(slant, abs=0.25)
    assert {value for _, value in FIELDS} <= set(texts(page))
    assert {label for label, _ in FIELDS} <= set(texts(page))
    assert [t.ticked for t in page.ticks] == [False, True, False]
    assert page.quality.score > 0.9
    assert page.height > page.width


def test_a_line_of_the_fax_machine_does_not_say_which_way_a_sheet_lies(reader: PageReader) -> None:
    """The machine prints its line upright on a sheet that was fed in on its head."""
    results = (
        ("Test", "Result", "Units", "Reference range"),
        ("Sodium", "139", "mmol/L", "133-146"),
        ("Potassium", "4.4", "mmol/L", "3.5-5.3"),
        ("PSA", "6.1", "ug/L", "< 4.0"),
        ("Haemoglobin", "107", "g/L", "130-170"),
        ("eGFR", "68", "mL/min", "> 60"),
        ("Ferritin", "12", "ug/L", "15-150"),
    )
    machine = (
        (40, "17-NOV-2026 14:14"),
        (420, "From:PRIORY SURGERY"),
        (900, "01632960882"),
        (1200, "To:01632960555"),
        (1540, "P.02/02"),
    )
    sheet = Image.new("L", (1728, 2200), 255)
    pen = ImageDraw.Draw(sheet)
    for row, said in enumerate(results):
        for left, text in zip((96, 600, 900, 1200), said, strict=True):
            pen.text((left, 220 + 52 * row), text, font=font(30), fill=0)
    sheet = sheet.rotate(180)
    pen = ImageDraw.Draw(sheet)
    for left, text in machine:
        pen.text((left, 8), text, font=font(30), fill=0)
    page = reader.read(first(tiff(sheet)))
    assert page.turned == 180 and "Haemoglobin" in texts(page)


def test_words_stand_where_they_are_printed(reader: PageReader) -> None:
    paper = form()
    page = reader.read(first(tiff(paper)))
    for row, (label, value) in enumerate(FIELDS):
        for text, x in ((label, 96), (value, 520)):
            drawn, found = ink_box(text, x, 230 + 62 * row, paper), box_of(page, text)
            assert found.left == pytest.approx(drawn.left, abs=0.01)
            assert found.right == pytest.approx(drawn.right, abs=0.01)
            assert found.top < drawn.centre[1] < found.bottom


def test_label_and_value_in_one_piece_have_their_own_words(reader: PageReader) -> None:
    paper = Image.new("L", (1728, 800), 255)
    draw = ImageDraw.Draw(paper)
    draw.text((96, 100), "Please see this patient soon", font=font(34), fill=0)
    draw.text((96, 230), "Date of birth: 23/08/1969", font=font(34), fill=0)
    page = reader.read(RawPage(1, saved(paper, "PNG"), 204))
    word = next(w for line in page.lines for w in line.words if w.text == "23/08/1969")
    whole, value = ink_box("Date of birth: 23/08/1969", 96, 230, paper), ink_box("23/08/1969", 0, 0, paper)
    assert word.box.right == pytest.approx(whole.right, abs=0.02)
    assert word.box.left == pytest.approx(whole.right - value.width, abs=0.02)


def test_a_comb_is_read_cell_by_cell(reader: PageReader) -> None:
    page = reader.read(RawPage(1, saved(comb("9991234561", (3, 3, 4)), "PNG"), 204))
    line = next(line for line in page.lines if "comb" in line.reader)
    assert line.text == "999 123 4561"
    assert line.box.left * 1728 == pytest.approx(420, abs=6)


def test_blank_and_failed_pages_do_not_stop_the_rest(reader: PageReader) -> None:
    blank = reader.read(first(tiff(Image.new("L", (1728, 2200), 255))))
    assert (blank.lines, blank.quality.score, blank.quality.hazards[0]) == ((), 0.0, "blank")
    failed = reader.read(RawPage(2, b"", 0, failure="Page 2 is damaged."))
    assert (failed.number, failed.failure, failed.picture) == (2, "Page 2 is damaged.", b"")
    assert reader.read(RawPage(3, b"not a picture", 204)).failure


def test_hazards_of_the_file_come_back(reader: PageReader) -> None:
    raw = first(tiff(form()))
    page = reader.read(RawPage(1, raw.picture, raw.dpi, hazards=("lossy",)))
    assert "lossy" in page.quality.hazards


def digital(lines: tuple[tuple[str, str], ...], lie: bool = False, typewriter: bool = False) -> bytes:
    """A born-digital page; with `lie` its text layer says other than what is drawn, with `typewriter` in a wide face of one step."""
    file = io.BytesIO()
    paper = canvas.Canvas(file, pagesize=(595, 842), pageCompression=0)
    for i, (label, value) in enumerate(lines):
        for left, text in ((72, label), (220, value)):
            said = paper.beginText(left, 700 - 24 * i)
            said.setFont("Courier-Bold" if typewriter else "Helvetica", 11)
            said.setHorizScale(120 if typewriter else 100)
            said.textOut(text)
            paper.drawText(said)
    paper.showPage()
    paper.save()
    data = file.getvalue()
    return data.replace(b"(999 123 4561)", b"(999 123 4562)") if lie else data


def test_a_real_text_layer_is_used(reader: PageReader) -> None:
    page = reader.read(first(digital(FIELDS)))
    assert {line.reader for line in page.lines} == {"text layer"}
    assert {value for _, value in FIELDS} <= set(texts(page))


def test_one_space_of_a_typewriter_face_parts_no_value(reader: PageReader) -> None:
    page = reader.read(
        first(digital((("NHS no", "999 186 9948"), ("Patient", "ROWBOTHAM, Kathleen")), typewriter=True))
    )
    assert {"999 186 9948", "ROWBOTHAM, Kathleen"} <= set(texts(page))


def test_a_text_layer_that_differs_from_the_picture_is_not_believed(reader: PageReader) -> None:
    raw = first(digital(FIELDS))
    other = tuple(
        Line("Zxqv kwpt", line.box, tuple(type(w)("Zxqvkwpt", w.box, 1.0) for w in line.words), 1.0, "text layer")
        for line in raw.text_layer
    )
    page = reader.read(RawPage(1, raw.picture, raw.dpi, other))
    assert "text_layer_differs" in page.quality.hazards
    assert "23/08/1969" in texts(page)
    assert "Zxqv kwpt" not in texts(page)


def test_pictures_on_a_digital_page_are_read_too(reader: PageReader) -> None:
    raw = first(digital(FIELDS))
    picture = cv2.imdecode(np.frombuffer(raw.picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    stamp = Image.fromarray(picture)
    ImageDraw.Draw(stamp).text((300, 1500), "Received by hand", font=font(40), fill=0)
    page = reader.read(RawPage(1, saved(stamp, "PNG"), raw.dpi, raw.text_layer))
    assert "Received by hand" in texts(page)


def test_two_readers_agree_on_a_clean_form(reader: PageReader) -> None:
    page = reader.read(first(tiff(form())))
    assert reader.has_second_reader
    for kind, values in (("digits", ("999 123 4561",)), ("date", ("23/08/1969",)), ("code", ("B87030", "WF10 4PW"))):
        boxes = [box_of(page, value) for value in values]
        for look in (reader.second_look, reader.second_look_pp):
            found = look(page, boxes, kind)
            assert [line and line.text.replace(" ", "") for line in found] == [v.replace(" ", "") for v in values]


def test_without_tesseract_pages_are_read_and_second_looks_are_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    alone = PageReader(scratch=tmp_path)
    page = alone.read(first(tiff(form())))
    assert not alone.has_second_reader
    assert "23/08/1969" in texts(page)
    assert "no_second_reader" in page.quality.hazards
    assert alone.second_look(page, [Box(0.1, 0.1, 0.2, 0.2)], "digits") == [None]


def test_a_long_page_is_read_to_its_end(reader: PageReader) -> None:
    roll = Image.new("L", (1728, 9000), 255)
    roll.paste(form(), (0, 0))
    ImageDraw.Draw(roll).text((200, 8700), "The last line of the roll", font=font(40), fill=0)
    page = reader.read(RawPage(1, saved(roll, "PNG"), 204))
    assert "The last line of the roll" in texts(page)
    assert "999 123 4561" in texts(page)


def test_pale_text_that_was_lost_in_copying_is_a_hazard(reader: PageReader) -> None:
    paper = grey(form())
    body = paper[720:]
    kept = np.kron(
        np.random.default_rng(3).random((body.shape[0] // 4 + 1, body.shape[1] // 4 + 1)) < 0.3, np.ones((4, 4))
    )
    body[kept[: body.shape[0], : body.shape[1]] == 0] = 255
    page = reader.read(RawPage(1, saved(Image.fromarray(paper), "PNG"), 204))
    assert {"thin", "hard_to_read"} & set(page.quality.hazards)
    assert page.quality.score < 0.8
