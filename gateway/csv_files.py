"""Reading a site's CSV files: header, line numbers, and all faults of a file at once, each with its line and cure."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.errors import WrongInput

_MOST_FAULTS = 10


@dataclass
class Faults:
    """The faults found in one file so far. No values of rows stand in them (P8)."""

    name: str
    found: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, says: str) -> None:
        """Note a fault; only the first ten are told in full."""
        self.count += 1
        if len(self.found) < _MOST_FAULTS:
            self.found.append(f"line {line}: {says}")

    def stop_if_any(self) -> None:
        """WrongInput with the faults, where there are any: nothing of the file is then used."""
        if not self.count:
            return
        more = f" ({self.count - len(self.found)} more)" if self.count > len(self.found) else ""
        raise WrongInput(
            "file",
            f"{self.name}: {'; '.join(self.found)}{more}.",
            "Nothing was imported. Correct these lines and import again.",
        )


def decoded(content: bytes, name: str) -> str:
    """The text of the file: UTF-8, with or without its mark, else the Windows code page that older exports use."""
    if b"\0" in content[:4096]:
        raise WrongInput("file", f"{name} is not a CSV text file.", "Save it as CSV (UTF-8) and import it again.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def rows_with_header(
    text: str, name: str, needed: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, row) with trimmed values by column name. A missing or unknown column stops at once."""
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [column.strip().lower() for column in next(reader, [])]
    missing = [c for c in needed if c not in header]
    unknown = [c for c in header if c not in needed and c not in optional]
    if missing or unknown:
        says = f"it lacks the column {missing[0]}" if missing else f"it has an unknown column '{unknown[0][:40]}'"
        order = ",".join([*needed, *(f"[{c}]" for c in optional)])
        raise WrongInput("file", f"{name}: line 1: {says}.", f"The first line names the columns: {order}.")
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        padded = [*cells, *[""] * (len(header) - len(cells))]
        yield (
            reader.line_num,
            {
                **dict(zip(header, (cell.strip() for cell in padded), strict=False)),
                "": "extra" if len(cells) > len(header) else "",
            },
        )


def plain_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of a file without a header, values trimmed, empty lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""))
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def as_date(text: str) -> dt.date | None:
    """A date written 1980-12-31, 31/12/1980 or 19801231; None where it is none of these."""
    if m := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text):
        parts = (int(m[1]), int(m[2]), int(m[3]))
    elif m := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        parts = (int(m[3]), int(m[2]), int(m[1]))
    else:
        return None
    try:
        return dt.date(*parts)
    except ValueError:
        return None


def as_yes(text: str) -> bool | None:
    """Yes or no as files write it; empty is no; None where it is neither."""
    low = text.lower()
    if low in {"", "no", "n", "false", "0"}:
        return False
    return True if low in {"yes", "y", "true", "1"} else None
