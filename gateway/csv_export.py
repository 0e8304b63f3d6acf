"""CSV that is safe to open in a spreadsheet: what came from a stranger must not be run as a formula.

A text that begins with a character by which spreadsheets recognise a formula gets an apostrophe before it (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.desk_words import instant

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: Any) -> str:
    """One value as text that no spreadsheet runs. Times are London's, as everywhere on paper."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return instant(value)
    text = "".join(c if c.isprintable() or c in "\t\n" else "�" for c in str(value))
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as CSV with a header; UTF-8 with its mark when it is written, because spreadsheets want it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(row.get(column)) for column in columns])
    return out.getvalue()
