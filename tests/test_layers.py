"""Imports only point down: gateway -> templates -> ocr, gateway -> inbox; the rehearsal must not know what it tests."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("gateway", "templates", "ocr", "inbox")
MAY_IMPORT = {"ocr": {"ocr"}, "inbox": {"inbox"}, "templates": {"templates", "ocr"}, "gateway": set(OURS)}
# What the drill tests: it may start the program and look into its store, but not use its reader or its e-RS client.
NOT_FOR_REHEARSAL = (
    "ocr",
    "templates",
    "gateway.ers",
    "gateway.release",
    "gateway.jobs",
    "gateway.papers",
    "gateway.reading",
    "gateway.target",
)


def modules() -> list[Path]:
    return sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative imports hide the layer"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    forbidden = set(OURS) - MAY_IMPORT[folder]
    upward = {name for name in imports(path) if name.split(".")[0] in forbidden}
    assert not upward, f"{path.relative_to(ROOT)} imports {sorted(upward)}"


def test_the_rehearsal_does_not_know_what_it_tests() -> None:
    for path in (ROOT / "gateway" / "rehearsal").glob("*.py"):
        known = {n for n in imports(path) if any(n == f or n.startswith((f + ".", f + "_")) for f in NOT_FOR_REHEARSAL)}
        assert not known, f"{path.name} imports {sorted(known)}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "helpers", "common", "base", "manager", "misc"}
    assert not [path for path in modules() if path.stem in empty]
