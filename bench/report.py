"""The results file in sections: each says when and of what it was measured, and a run replaces only those that it measured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_STAMP = re.compile(r"Measured \d{4}-\d\d-\d\d \d\d:\d\d UTC at commit \S+")


def section(title: str, stamp: str, body: Sequence[str]) -> list[str]:
    """A section as it stands in the file; its own headings have three marks or more."""
    return [f"## {title}", "", stamp, "", *body]


def kept(old: str, fresh: Mapping[str, Sequence[str]], order: Sequence[str]) -> dict[str, str]:
    """The sections of a results file that this run did not measure and that say themselves when they were, by title."""
    pieces = _HEADING.split(old)[1:]
    found = dict(zip(pieces[::2], pieces[1::2], strict=True))
    return {
        title: f"## {title}\n\n{found[title].strip()}"
        for title in order
        if title in found and title not in fresh and _STAMP.match(found[title].strip())
    }


def write(path: Path, head: Sequence[str], fresh: Mapping[str, Sequence[str]], order: Sequence[str]) -> None:
    """Write the file: the head, then the sections in order, fresh where they were measured, kept where they bear their own date."""
    old = kept(path.read_text(encoding="utf-8") if path.exists() else "", fresh, order)
    sections = [
        "\n".join(fresh[title]) if title in fresh else old[title] for title in order if title in fresh or title in old
    ]
    path.write_text(
        "\n\n".join(("\n".join(head).strip(), *(text.strip() for text in sections))) + "\n", encoding="utf-8"
    )
