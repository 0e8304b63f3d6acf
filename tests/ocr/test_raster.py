from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pypdf
import pytest
from papers import FIELDS, form, saved, tiff
from PIL import Image
from reportlab.pdfgen import canvas

from ocr.jbig2 import may_be_lossy
from ocr.page import RawPage
from ocr.raster import CannotOpen, count_pages, rasterise


def pixels(page: RawPage) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(page.picture, np.uint8), cv2.IMREAD_GRAYSCALE))


def sharp() -> np.ndarray:
    return np.array(form().convert("1", dither=Image.Dither.NONE)).astype(np.uint8) * 255


def pdf_of(pages: int, size: tuple[float, float] = (595, 842)) -> bytes:
    writer, file = pypdf.PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(*size)
    writer.write(file)
    return file.getvalue()


def refused(data: bytes, **limits: int) -> CannotOpen:
    with pytest.raises(CannotOpen) as caught:
        rasterise(data, **limits)
    assert caught.value.says.endswith(".")
    return caught.value


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
def test_fax_tiff_keeps_every_pixel(compression: str) -> None:
    raster = rasterise(tiff(form(), compression=compression))
    assert (raster.page_count, raster.media_type, raster.hazards) == (1, "image/tiff", ())
    assert np.array_equal(pixels(raster.pages[0]), sharp())


def test_two_dimensional_g3_and_reversed_bits_and_min_is_white() -> None:
    # 292 = T4Options bit 0 (two-dimensional); 266 = FillOrder 2; 262 = PhotometricInterpretation 0 (white is zero)
    plain = tiff(form(), compression="group3", tiffinfo={292: 1})
    assert np.array_equal(pixels(rasterise(plain).pages[0]), sharp())
    white_is_zero = tiff(form(), tiffinfo={262: 0})
    assert np.array_equal(pixels(rasterise(white_is_zero).pages[0]), sharp())
    reversed_bits = tiff(form(), tiffinfo={266: 2})
    assert np.array_equal(pixels(rasterise(reversed_bits).pages[0]), sharp())


@pytest.mark.parametrize("dpi", [(204, 98), (80.3, 38.6)], ids=["inches", "no sane resolution"])
def test_standard_fax_gets_square_pixels(dpi: tuple[float, float]) -> None:
    squeezed = form(1728, 2200).resize((1728, 1078))
    page = rasterise(tiff(squeezed, dpi=dpi)).pages[0]
    height, width = pixels(page).shape
    assert width == 1728
    assert 2100 < height < 2300


def test_pages_of_a_fax_come_in_order_and_are_counted() -> None:
    data = tiff(form(), form(1728, 1600), form(1728, 1000))
    assert count_pages(data) == 3
    assert [pixels(p).shape[0] for p in rasterise(data).pages] == [2200, 1600, 1000]


def test_looping_directories_end() -> None:
    data = bytearray(tiff(form(), form()))
    first = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    assert count_pages(bytes(data)) == 1
    assert rasterise(bytes(data)).page_count == 1


def test_a_page_of_thirty_metres_stays_visible_and_bounded() -> None:
    ceiling, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        paper = Image.new("1", (1728, 230_000), 1)
        paper.paste(form().convert("1"), (0, 0))
        data = tiff(paper)
    finally:
        Image.MAX_IMAGE_PIXELS = ceiling
    raster = rasterise(data, max_pixels=8_000_000)
    assert raster.hazards == ("long",)
    assert pixels(raster.pages[0]).size <= 8_000_000
    assert (pixels(raster.pages[0])[:2200] == 0).any()


def test_one_damaged_page_leaves_the_others() -> None:
    data = bytearray(tiff(form(), form(), form()))
    second = struct.unpack_from("<I", data, _next_directory(data, struct.unpack_from("<I", data, 4)[0]))[0]
    for at in range(second + 2, second + 2 + 12 * struct.unpack_from("<H", data, second)[0], 12):
        if struct.unpack_from("<H", data, at)[0] == 256:
            struct.pack_into("<I", data, at + 8, 4_000_000_000) if struct.unpack_from("<H", data, at + 2)[0] == 4 else (
                struct.pack_into("<H", data, at + 8, 0)
            )
    pages = rasterise(bytes(data)).pages
    assert [p.failure is None for p in pages] == [True, False, True]
    assert pages[1].failure
    assert pages[1].failure.startswith("Page 2")


def _next_directory(data: bytearray, directory: int) -> int:
    return directory + 2 + 12 * struct.unpack_from("<H", data, directory)[0]


def test_damaged_scan_lines_are_a_hazard(capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(tiff(form(), compression="group3"))
    for at in range(3000, 6000, 400):
        data[at] ^= 0x55
    assert rasterise(bytes(data)).hazards == ("damaged",)
    assert capfd.readouterr().err == ""


def test_fax_picture_in_a_pdf_keeps_every_pixel() -> None:
    data = saved(form().convert("1", dither=Image.Dither.NONE), "PDF", resolution=204)
    raster = rasterise(data)
    assert raster.media_type == "application/pdf"
    assert np.array_equal(pixels(raster.pages[0]), sharp())
    assert raster.pages[0].text_layer == ()


def test_words_of_a_born_digital_page_but_not_hidden_ones() -> None:
    file = io.BytesIO()
    paper = canvas.Canvas(file, pagesize=(595, 842))
    for i, (label, value) in enumerate(FIELDS):
        paper.drawString(72, 700 - 20 * i, label)
        paper.drawString(220, 700 - 20 * i, value)
    paper.setFillColorRGB(1, 1, 1)
    paper.drawString(72, 100, "hidden")
    paper.showPage()
    paper.save()
    page = rasterise(file.getvalue()).pages[0]
    texts = [line.text for line in page.text_layer]
    assert "hidden" not in texts
    assert {value for _, value in FIELDS} <= set(texts)
    born = next(line for line in page.text_layer if line.text == "23/08/1969")
    assert born.box.left == pytest.approx(220 / 595, abs=0.005)
    assert born.box.centre[1] == pytest.approx(1 - 644 / 842, abs=0.008)


def test_the_invisible_layer_over_a_scan_is_not_believed() -> None:
    file = io.BytesIO()
    paper = canvas.Canvas(file, pagesize=(595, 842))
    scan = io.BytesIO(saved(form(), "PNG"))
    from reportlab.lib.utils import ImageReader

    paper.drawImage(ImageReader(scan), 0, 0, 595, 842)
    text = paper.beginText(72, 700)
    text.setTextRenderMode(3)
    text.textLine("NHS Number 943 476 5919 as some scanner read it")
    paper.drawText(text)
    paper.showPage()
    paper.save()
    assert rasterise(file.getvalue()).pages[0].text_layer == ()


@pytest.mark.parametrize("form_name", ["PNG", "JPEG", "BMP", "GIF", "WEBP"])
def test_pictures_are_one_page(form_name: str) -> None:
    data = saved(form().convert("L"), form_name)
    assert count_pages(data) == 1
    assert pixels(rasterise(data).pages[0]).shape == (2200, 1728)


def test_a_jpeg_that_broke_off_shows_what_came() -> None:
    data = saved(form(), "JPEG")
    raster = rasterise(data[: len(data) * 2 // 3])
    assert raster.hazards == ("damaged",)
    assert (pixels(raster.pages[0])[:600] < 100).any()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"  \r\n\x00", "empty"),
        (b"Dear doctor", "unsupported_type"),
        (b"PK\x03\x04 a word processor", "unsupported_type"),
        (b"%!PS-Adobe-3.0", "unsupported_type"),
        (b"%!PS-Adobe-3.0 (%PDF-1.4)", "unsupported_type"),
        (b"\x00\x00\x00\x18ftypheic", "unsupported_type"),
        (b"II*\x00\x08\x00\x00\x00", "damaged"),
        (b"II*\x00", "damaged"),
        (b"%PDF-1.7 and nothing else", "damaged"),
        (b"\x89PNG\r\n\x1a\n and nothing else", "damaged"),
        (b"\xff\xd8\xff\xe0 and nothing else", "damaged"),
        (pdf_of(0), "empty"),
    ],
)
def test_refusals_say_what_to_do(data: bytes, code: str) -> None:
    assert refused(data).code == code
    with pytest.raises(CannotOpen):
        count_pages(data)


def test_encrypted_pdf_is_refused_unless_it_opens_without_a_password() -> None:
    for password, opens in (("secret", False), ("", True)):
        writer, file = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_of(1))), io.BytesIO()
        writer.encrypt(password, owner_password="owner", algorithm="RC4-128")
        writer.write(file)
        if opens:
            assert rasterise(file.getvalue()).page_count == 1
        else:
            assert refused(file.getvalue()).code == "encrypted"


def test_ten_thousand_pages_are_counted_and_refused() -> None:
    data = pdf_of(10_000)
    assert count_pages(data) == 10_000
    assert refused(data).code == "too_many_pages"
    assert refused(tiff(form(), form(), form()), max_pages=2).code == "too_many_pages"


def test_a_huge_sheet_is_drawn_small() -> None:
    raster = rasterise(pdf_of(1, (40_000, 40_000)), max_pixels=4_000_000)
    assert pixels(raster.pages[0]).size <= 4_010_000
    assert "reduced" in raster.hazards


def test_a_picture_bomb_is_refused() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")
    assert refused(bomb).code == "too_large"


@pytest.mark.parametrize(("kind", "lossy"), [(6, True), (4, True), (38, False), (0, False)])
def test_jbig2_with_pasted_letters_is_lossy(kind: int, lossy: bool) -> None:
    page_information = struct.pack(">IBBBI", 0, 48, 0, 1, 19) + bytes(19)
    segment = struct.pack(">IBBBI", 1, kind, 0, 1, 5) + bytes(5)
    assert may_be_lossy(page_information + segment) is lossy


def test_opening_is_cheap_to_import() -> None:
    code = "import sys, ocr.raster; print([m for m in ('pypdfium2', 'PIL', 'cv2', 'numpy', 'onnxruntime') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
