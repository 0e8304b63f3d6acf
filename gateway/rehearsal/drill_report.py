"""The drill's report: a page of plain lines that says what arrived, what the machine did, and what was promised and not kept."""

from __future__ import annotations

import shutil
import textwrap
from typing import Any

from gateway.rehearsal.drill import Report


def in_words(report: Report, broken: list[str]) -> str:
    """The report as lines for a person."""
    asked = [seen for seen in report.seen if seen.sent.fax.document_type == "referral"]
    ready = [seen for seen in asked if seen.by_machine]
    accepted = sum(seen.accepted for seen in report.seen)
    silent = sum(len(seen.silent) for seen in report.seen)
    errors = [f"{seen.delivery} {name}" for seen in report.seen for name in seen.silent]
    corrected = sum(len(seen.corrected) for seen in report.seen)
    waiting = [seen for seen in report.seen if seen.waits]
    balance, release = report.balance, report.release
    wrongly = sum(seen.wrongly_ready for seen in report.seen)
    states = ", ".join(f"{count} {state}" for state, count in sorted(report.referrals.items()))
    lines = [
        "",
        "The morning in figures",
        f"  arrived              {len(report.seen)} faxes, {balance.get('pages_received')} pages",
        f"  referrals            {len(asked)}; ready without a person {len(ready)}, wrongly {wrongly}",
        f"  values by machine    {accepted} accepted, {silent} of them wrong (silent errors, by the truth)",
        *(f"      {error}" for error in errors),
        f"  corrected by clerk   {corrected} value{'' if corrected == 1 else 's'}",
        *(f"      {seen.delivery}: {', '.join(seen.corrected)}" for seen in report.seen if seen.corrected),
        f"  not referrals        {sum(1 for seen in report.seen if seen.ended)} set aside with a reason",
        f"  in e-RS              {report.in_ers}, {release.resolved_unsure} of them found again after a lost answer",
        f"  paused               {release.paused or 'never'}",
        *(["                       signed in again, and it went on to its end"] if release.signed_in_again else []),
        f"  refused by e-RS      {len(release.refused)}",
        *(f"      {code}: {why}" for code, why in release.refused.items()),
        f"  wrong patients       {report.wrong_patients}",
        f"  states               {states or 'none'}",
        f"  wait for a person    {len(waiting)}",
        *(f"      {seen.delivery}: {seen.waits[0]}" for seen in waiting),
        f"  letters              {report.letters} PDFs in {report.folder / 'letters'}",
        f"  balance              {_sum(balance)}",
        "",
        "How long it took",
        *(f"  {seconds:6.1f} s  {name}" for name, seconds in report.steps),
        "",
    ]
    if broken:
        lines += ["NOT KEPT:", *(f"  {sentence}" for sentence in broken)]
    else:
        lines += ["Everything that was promised happened. Nothing here is real: all people are invented."]
    wide = shutil.get_terminal_size().columns
    return "\n".join(part for line in lines for part in _folded(line, wide))


def _folded(line: str, wide: int) -> list[str]:
    """A line that is too long goes on beneath its value."""
    return (
        textwrap.wrap(line, wide, subsequent_indent=" " * 23) if line.startswith("  ") and len(line) > wide else [line]
    )


def _sum(balance: dict[str, Any]) -> str:
    received, used = balance.get("pages_received"), balance.get("pages_in_referrals")
    aside, waiting, difference = balance.get("pages_set_aside"), balance.get("pages_waiting"), balance.get("difference")
    return f"received {received} = in referrals {used} + set aside {aside} + waiting {waiting}; difference {difference}"
