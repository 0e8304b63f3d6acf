"""The results file: a run replaces what it measured, and keeps of the rest only what says itself when it was measured."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench import report

ORDER = ("Accuracy", "Cost", "Curve")
STAMP = "Measured 2026-11-22 18:37 UTC at commit e09f785ab0fa (code of reading f00ab4ad6923)."


def test_a_section_that_was_not_measured_stays_with_its_own_date(tmp_path: Path) -> None:
    out = tmp_path / "results.md"
    report.write(
        out,
        ["# Reading"],
        {name: report.section(name, STAMP, [f"old {name}", "", "### Part"]) for name in ORDER},
        ORDER,
    )
    newer = STAMP.replace("18:37", "20:00").replace("e09f785ab0fa", "abc")
    report.write(out, ["# Reading, again"], {"Cost": report.section("Cost", newer, ["new"])}, ORDER)
    text = out.read_text(encoding="utf-8")
    assert text.startswith("# Reading, again\n\n## Accuracy\n")
    assert [text.index(f"## {name}\n") for name in ORDER] == sorted(text.index(f"## {name}\n") for name in ORDER)
    assert text.count(STAMP) == 2
    assert text.count(newer) == 1
    assert "old Accuracy" in text and "### Part" in text
    assert "old Cost" not in text


def test_a_section_without_date_and_commit_is_left_out() -> None:
    old = f"# Reading\n\n## Accuracy\n\nA table.\n\n## Cost\n\n{STAMP}\n\nA table.\n\n## Something else\n\n{STAMP}\n"
    assert list(report.kept(old, {}, ORDER)) == ["Cost"]
    assert report.kept(old, {"Cost": []}, ORDER) == {}
