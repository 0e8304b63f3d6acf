"""A taught form with the real readers: what the desk saved passes `gateway form check` and `try`, and reads a moved fax of the same form."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner
from web.conftest import Visitor
from web.desk_samples import DeskSite
from web.form_samples import PEOPLE, draw, pool_form
from web.test_forms import begin, board, drawn

from gateway.cli import app

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
