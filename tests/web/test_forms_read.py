"""A taught form with the real readers: what the desk saved passes `gateway form check` and `try`, and reads a moved fax of the same form."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner
from web.conftest import Visitor
from web.desk_samples import DeskSite
from web.form_samples import PEOPLE, PLACES, PRINT, TITLE, draw, pool_form, shown
from web.test_forms import begin, board, drawn

from gateway.cli import app
from gateway.file_reading import FileReader
from gateway.form_files import TaughtForm, Zone, as_toml
from gateway.reading import as_json
from gateway.rehearsal.fax_noise import plan_damage, wear
from gateway.settings import Settings

pytestmark = pytest.mark.slow


def test_the_saved_file_is_checked_and_tried_by_command(
    site: DeskSite, visit: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader: Visitor = visit("Tess Leader", "team leader")  # type: ignore[operator]
    papers = [pool_form(site, number) for number in range(3)]
    address = begin(leader, papers[0].code)
    assert leader.post(f"{address}/try", data=drawn(leader, address)).status_code == 200
    leader.post(f"{address}/save", data=board(leader, address))
    file = site.settings.site_forms / "seacroft-pool.toml"

    monkeypatch.setenv("GATEWAY_DATA", str(tmp_path / "elsewhere"))
    checked = CliRunner().invoke(app, ["form", "check", str(file)])
    assert checked.exit_code == 0 and "in order (seacroft-pool, 5 fields of its own)" in checked.output, checked.output

    # a person who is in no sample of the desk, on a page that came smaller and lower
    picture, _lines = draw({**PEOPLE[3], "referral.specialty": "Cardiology"}, (0.93, 0.04, 0.03))
    large = Image.open(io.BytesIO(picture)).resize((1654, 2339), Image.Resampling.LANCZOS)
    sample = tmp_path / "sample.png"
    large.save(sample, dpi=(200, 200))
    tried = CliRunner().invoke(app, ["form", "try", str(file), str(sample), "--json"])
    assert tried.exit_code == 0, tried.output
    lines = [json.loads(line) for line in tried.output.splitlines() if line.startswith("{")]
    assert lines[0]["form"] == "seacroft-pool"
    found = {line["field"]: line for line in lines if "field" in line}
    for name, value in {**PEOPLE[3], "referral.specialty": "Cardiology"}.items():
        assert found[name]["value"] == value and "inside its box" in found[name]["how"], (name, found.get(name))
    # without a patient index no identifier is accepted, however well the boxes fit (P3)
    assert lines[0]["status"] == "review"
    assert not any(found[name]["accepted"] for name in ("patient.family_name", "patient.birth_date"))


WIDE, TALL = 2480, 3508  # A4 at 300 dots an inch


def _sheet(values: dict[str, str]) -> tuple[Image.Image, list[tuple[str, tuple[float, float, float, float]]]]:
    """The form filled in, as it lies on the glass, and where its print stands."""
    sheet = Image.new("L", (WIDE, TALL), 255)
    pen = ImageDraw.Draw(sheet)
    lines = []
    for x, y, text in (*PRINT, *((x, y, shown(f, values[f])) for f, x, y in PLACES)):
        font = ImageFont.load_default(96 if text == TITLE else 56)
        at = (x * WIDE, y * TALL)
        pen.text(at, text, fill=0, font=font)
        left, top, right, bottom = pen.textbbox(at, text, font=font)
        lines.append((text, (left / WIDE, top / TALL, right / WIDE, bottom / TALL)))
    for _, x, y in PLACES:
        pen.rectangle(
            ((x - 0.02) * WIDE, (y - 0.012) * TALL, (x + 0.38) * WIDE, (y + 0.038) * TALL), outline=0, width=4
        )
    return sheet, lines


def test_worn_faxes_of_a_taught_form_are_read_by_its_boxes(tmp_path: Path) -> None:
    """Copied, skewed and shrunken on their way, each with its own patient: every value is found in its box, none is wrong."""
    random = Random(7)
    _, lines = _sheet({**PEOPLE[0], "referral.specialty": "Cardiology"})
    own = {text for _, _, text in PRINT}
    form = TaughtForm(
        form_id="pool",
        version=1,
        title="Pool",
        author="tests",
        on=dt.date(2026, 11, 22),
        words=(TITLE,),
        needs=1,
        priority="",
        zones=tuple(Zone(f, (x - 0.02, y - 0.012, x + 0.38, y + 0.038)) for f, x, y in PLACES),
        marks=tuple((text, box) for text, box in lines if text in own),
    )
    (tmp_path / "pool.toml").write_text(as_toml(form))
    with FileReader(Settings(data=tmp_path / "d"), None, dt.date(2026, 11, 22), tmp_path / "pool.toml") as reader:
        for person, severity in ((1, "typical"), (2, "hard"), (3, "hard")):
            values = {**PEOPLE[person], "referral.specialty": "Cardiology"}
            damage = plan_damage(random, severity, False, False)  # type: ignore[arg-type]
            worn, _ = wear(np.asarray(_sheet(values)[0]), damage, random, WIDE, TALL)
            fax = Image.fromarray(worn).resize((1728, 2444), Image.Resampling.BOX)
            fax.point(lambda grey: 255 if grey > 140 else 0).convert("1").save(
                tmp_path / "fax.tif", compression="group4", dpi=(209, 209)
            )
            found = as_json("fax.tif", reader.read(tmp_path / "fax.tif"))["fields"]
            assert {name: found[name]["value"] for name in values} == values, damage
            assert all("inside its box" in found[name]["how"] for name in values), damage
