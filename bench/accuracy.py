"""The tables of accuracy and of silent errors, out of scored files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bench.exact import CRITICAL, SILENT_CRITICAL, Outcome, Scored
from bench.intervals import upper_bound
from bench.tables import share, table
from gateway.rehearsal.fax_noise import SEVERITIES
from gateway.rehearsal.fonts import GROUPS

# Goals of issue 3, in per cent, by severity.
GOALS = {
    "critical fields exact": (99.5, 98.5, 95.0),
    "all fields exact": (98.0, 96.0, 90.0),
    "straight through, of those that may be": (92.0, 85.0, 65.0),
    "type right, missing pages and second patients noticed": (99.5, 99.0, 97.0),
}
Counted = tuple[int, int]


def _wanted(scored: Iterable[Scored], right: Callable[[Outcome], bool], fields: Sequence[str] = ()) -> Counted:
    asked = [o for s in scored for o in s.outcomes if o.wanted and (not fields or o.field in fields)]
    return sum(right(o) for o in asked), len(asked)


def _documents(scored: Iterable[Scored], right: Callable[[Scored], bool]) -> Counted:
    found = [right(s) for s in scored]
    return sum(found), len(found)


def _figures(scored: Sequence[Scored]) -> dict[str, Counted]:
    """The rows of the table by name: hits and cases."""
    referrals = [s for s in scored if s.referral]
    return {
        "critical fields exact": _wanted(scored, lambda o: o.right, CRITICAL),
        "all fields exact": _wanted(scored, lambda o: o.right),
        "all fields exact, capitals too": _wanted(scored, lambda o: o.as_printed),
        "straight through, of those that may be": _documents(
            [s for s in referrals if not s.must_ask], lambda s: s.ready
        ),
        "straight through, of all referrals": _documents(referrals, lambda s: s.ready),
        "type right, missing pages and second patients noticed": _documents(scored, lambda s: s.document_right),
        "of it: type right": _documents(scored, lambda s: s.type_right),
        "of it: bundles noticed": _documents([s for s in scored if s.bundle], lambda s: s.noticed),
        "false alarms about pages": _documents(referrals, lambda s: s.false_alarm),
        "objections to sharing noticed": _documents([s for s in scored if s.objection], lambda s: s.objection_noticed),
    }


def by_severity(scored: Sequence[Scored], title: str) -> str:
    """One group of designs: each figure by severity, the goal beside it."""
    columns = [_figures([s for s in scored if s.severity == severity]) for severity in SEVERITIES]
    rows = []
    for name in columns[0]:
        row = [name]
        for figures, place in zip(columns, range(3), strict=True):
            hits, n = figures[name]
            goal = GOALS[name][place] if name in GOALS else None
            row += [
                share(hits, n),
                "" if goal is None or not n else f"{goal} {'met' if 100 * hits >= goal * n else '**not met**'}",
            ]
        rows.append(row)
    excused = [sum(s.excused for s in scored if s.severity == severity) for severity in SEVERITIES]
    rows.append(["values excused, neither asked nor counted", *(x for n in excused for x in (str(n), ""))])
    heading = [title]
    for severity in SEVERITIES:
        heading += [severity, "goal"]
    return table(heading, rows)


def by_field(groups: dict[str, Sequence[Scored]]) -> str:
    """All severities together, field by field, for each group of designs."""
    counts: dict[str, dict[str, Counter[str]]] = {name: {} for name in groups}
    for name, scored in groups.items():
        for o in (o for s in scored for o in s.outcomes):
            c = counts[name].setdefault(o.field, Counter())
            c["wanted"] += o.wanted
            c["right"] += o.right
            c["absent"] += o.wanted and not o.found
            c["invented"] += o.found and not o.wanted
            c["accepted"] += o.accepted
            c["silent"] += o.silent
    heading = ["field"]
    for name in groups:
        heading += [f"{name}: exact", "absent", "invented", "accepted", "silent"]
    rows = []
    for field in sorted({f for c in counts.values() for f in c}):
        row = [field]
        for name in groups:
            c = counts[name].get(field, Counter())
            row += [share(c["right"], c["wanted"]), *(str(c[k]) for k in ("absent", "invented", "accepted", "silent"))]
        rows.append(row)
    return table(heading, rows)


def by_design(scored: Sequence[Scored]) -> str:
    """Design by design, all severities together."""
    rows = []
    for design in dict.fromkeys(s.design for s in sorted(scored, key=lambda s: (GROUPS.index(s.group), s.design))):
        here = [s for s in scored if s.design == design]
        figures = _figures(here)
        rows.append(
            [
                f"{here[0].group}: {design}",
                *(
                    share(*figures[name])
                    for name in (
                        "critical fields exact",
                        "all fields exact",
                        "straight through, of those that may be",
                        "type right, missing pages and second patients noticed",
                    )
                ),
                str(sum(o.silent for s in here for o in s.outcomes)),
            ]
        )
    return table(["design", "critical", "all fields", "straight through", "document", "silent"], rows)


def silent(groups: dict[str, Sequence[Scored]]) -> str:
    """Accepted values that are wrong, with the upper bound of their share; and wrong READY documents."""
    rows = []
    for name, scored in groups.items():
        accepted = [o for s in scored for o in s.outcomes if o.accepted]
        for kind, fields in (
            ("critical", [o for o in accepted if o.field in SILENT_CRITICAL]),
            ("other", [o for o in accepted if o.field not in SILENT_CRITICAL]),
        ):
            wrong = sum(o.silent for o in fields)
            goal = "0 in at least 10,000" if kind == "critical" else "below 0.2 %"
            bound = f"{100 * upper_bound(wrong, len(fields)):.2f} %" if fields else "-"
            rows.append(
                [f"{name}: {kind} fields", f"{len(fields):,}", str(wrong), share(wrong, len(fields), 2), bound, goal]
            )
        ready = [s for s in scored if s.ready]
        wrong = sum(bool(s.wrong_ready) for s in ready)
        bound = f"{100 * upper_bound(wrong, len(ready)):.2f} %" if ready else "-"
        rows.append(
            [f"{name}: READY documents", f"{len(ready):,}", str(wrong), share(wrong, len(ready), 2), bound, "0"]
        )
    return table(["", "accepted", "wrong", "share", "95 % upper bound", "goal"], rows)


def silent_list(scored: Sequence[Scored]) -> list[str]:
    """Each silent error and wrong READY document by file, design and field, without values; the decisive fields first."""
    found = [
        (
            o.field not in SILENT_CRITICAL,
            GROUPS.index(s.group),
            o.field,
            f"{o.field}: {s.place}, {s.design}, {s.severity}",
        )
        for s in scored
        for o in s.outcomes
        if o.silent
    ]
    ready = [s for s in scored if s.wrong_ready]
    lines = [f"READY although {', '.join(s.wrong_ready)}: {s.place}, {s.design}, {s.severity}" for s in ready]
    return lines + [line for *_, line in sorted(found)]


def why_asked(scored: Sequence[Scored]) -> str:
    """Why referrals may not be ready whatever is read: twins, missing pages and the like."""
    counts = Counter(why for s in scored if s.referral for why in s.must_ask)
    return ", ".join(f"{why} {n}" for why, n in counts.most_common()) or "none"
