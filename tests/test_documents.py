"""The documents cannot rot: references are written from the program, links lead somewhere, hazards name tests that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from gateway.cli import app

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def all_commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        return [(" ".join(path), command)]
    names = command.list_commands(None)
    return [found for name in names for found in all_commands(command.get_command(None, name), (*path, name))]


COMMANDS = all_commands(typer.main.get_command(app))


def test_references_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/write_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[words for words, _ in COMMANDS])
def test_every_command_has_help_with_an_example(words: str, command: Any) -> None:
    assert command.help, f"`gateway {words}` is missing its help"
    assert f"gateway {words.split()[0]}" in command.help, f"`gateway {words}` is missing an example"


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[words for words, _ in COMMANDS])
def test_every_option_says_what_it_is(words: str, command: Any) -> None:
    silent = [p.name for p in command.params if p.name != "help" and not getattr(p, "help", None)]
    assert not silent, f"`gateway {words}`: {silent} are not explained"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_named_commands_exist(document: Path) -> None:
    groups = {words.split()[0] for words, _ in COMMANDS}
    known = {words for words, _ in COMMANDS} | groups
    for group, verb in re.findall(
        r"`(?:\.venv/bin/)?gateway ([a-z]+)(?: ([a-z-]+))?[^`]*`", document.read_text(encoding="utf-8")
    ):
        assert group in known, f"{document.name} names `gateway {group}`"
        if verb and group not in {words for words, _ in COMMANDS}:
            assert f"{group} {verb}" in known, f"{document.name} names `gateway {group} {verb}`"


def test_named_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        for target in re.findall(r"`make ([a-z]+)`", document.read_text(encoding="utf-8")):
            assert target in targets, f"{document.name} names `make {target}`"


def test_every_hazard_names_controls_and_tests_that_exist() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| HAZ-")
    ]
    assert len(rows) >= 10
    for row in rows:
        files = re.findall(r"`(tests/[^`]+)`", row)
        assert files, f"{row[:9]} names no test"
        for file in files:
            assert (ROOT / file).exists(), f"{row[:9]} names {file}"
