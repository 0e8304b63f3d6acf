"""Which pages belong together: page order, missing pages, second patients, several referrals, covers and pages of no
referral.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from templates.grammar_names import name_key
from templates.letter_parts import DEAR
from templates.page_facts import Identity, PageFacts
from templates.reading import Reason


@dataclass(frozen=True)
class Group:
    """The pages of one referral in reading order, and reasons that concern them."""

    pages: tuple[PageFacts, ...]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Sorted:
    """A document's pages by use: referrals, pages of none (each with its reason), and reasons about the whole
    document.
    """

    groups: tuple[Group, ...]
    other_pages: dict[int, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


def same_patient(a: Identity, b: Identity) -> bool | None:
    """True the same patient, False another, None where the pages do not say enough.

    Numbers that differ are two patients unless name and birth date agree and one number is a slip of the other (two
    digits at most);
    then a doubt is raised elsewhere. Twins differ in number or given name and are two.
    """
    votes: list[bool] = []
    if a.nhs_number and b.nhs_number:
        if a.nhs_number == b.nhs_number:
            return True
        votes += [False, False]
        if sum(x != y for x, y in zip(a.nhs_number, b.nhs_number, strict=True)) <= 2:
            votes = [False]
    if a.birth_date and b.birth_date:
        votes.append(
            a.birth_date == b.birth_date or sum(x != y for x, y in zip(a.birth_date, b.birth_date, strict=True)) <= 1
        )
    if a.family_name and b.family_name:
        votes.append(fuzz.ratio(name_key(a.family_name), name_key(b.family_name)) >= 75)
        if a.given_names and b.given_names:
            first_a, first_b = name_key(a.given_names.split()[0]), name_key(b.given_names.split()[0])
            votes.append(
                fuzz.ratio(first_a, first_b) >= 60
                or (min(len(first_a), len(first_b)) == 1 and first_a[:1] == first_b[:1])
            )
    if not votes:
        return None
    if all(votes):
        return True
    return None if votes.count(True) > votes.count(False) else False


def _merge(a: Identity, b: Identity) -> Identity:
    return Identity(
        a.nhs_number or b.nhs_number,
        a.birth_date or b.birth_date,
        a.family_name or b.family_name,
        a.given_names or b.given_names,
    )


_SIGNS_ALONE = 6.0  # signs of a referral that count although the page names no patient
_LEGIBLE = 0.85
_ASKS = 2.0  # signs of a referral with which a stranger's page asks for care of its own
_FAR = 4  # digits in which two numbers differ that no wear has made of one
_PLAIN_ANSWER = (
    2  # signs of a letter that answers: one alone may be the patient's story ("discharged from hospital in May")
)


def _is_referral(facts: PageFacts) -> bool:
    """Whether a page asks for care: enough words that do, or a patient in full and at least one such word."""
    who = facts.identity
    known = sum(map(bool, (who.nhs_number, who.birth_date, who.family_name)))
    signs = facts.match.referral_signs
    if facts.match.form.kind != "referral":
        return False
    if not who.known and signs >= _ASKS and _tells_of_somebody(facts):
        return True  # a worn letter: who it is about was not read, and the next patient's page is none of its pages
    if not who.known and signs < _SIGNS_ALONE and facts.page.quality.score >= _LEGIBLE:
        return False  # a legible page about nobody: an office's form about its clinics
    # A patient in full on a page that nothing else explains: a person looks at it as a referral.
    answers = facts.match.answers
    return signs >= _ASKS or (known >= 2 and (signs >= 1 or not answers)) or (known == 3 and answers < _PLAIN_ANSWER)


_NUMBERED = re.compile(r"(?<!\d)(?<!\d[ -])\d{3}[ -]\d{3}[ -]\d{3,4}(?!\d)")
_BORN = re.compile(r"\bd\W?o\W?b\b|\bborn\b|\bbirth", re.I)


def _tells_of_somebody(facts: PageFacts) -> bool:
    """Whether a letter prints a patient's number and birth date, though neither could be read for what it is."""
    lines = [line.text for line in facts.page.lines]
    return all(any(shape.search(text) for text in lines) for shape in (_NUMBERED, _BORN, DEAR))


def _is_start(facts: PageFacts) -> bool:
    """Whether a referral may begin on this page."""
    return _is_referral(facts) and facts.own_count not in ((2, 2), (2, 3), (3, 3), (2, None), (3, None))


def _in_order(pages: list[PageFacts]) -> list[PageFacts]:
    """Pages by their own numbers where every page has a different one, else as they came."""
    numbers = [p.own_count[0] if p.own_count else None for p in pages]
    totals = {p.own_count[1] for p in pages if p.own_count}
    if None not in numbers and len(set(numbers)) == len(numbers) and len(totals) == 1:
        return sorted(pages, key=lambda p: p.own_count[0] if p.own_count else 0)
    return pages


def _missing(group: Sequence[PageFacts], outside: Sequence[PageFacts]) -> list[Reason]:
    """Pages that a referral's own numbering names and that did not come.

    A sender's print counts the cover and what else is sent: pages outside the group fill gaps where they bear the same total.
    """
    counted = [p.own_count for p in group if p.own_count and p.own_count[1]]
    numbered = {p.own_count[0] for p in group if p.own_count}
    if not counted:
        gaps = (
            sorted(set(range(1, max(numbered, default=0))) - numbered)
            if numbered and len(numbered) == len(group)
            else []
        )
        return [Reason("missing_page", f"page {n} is missing: ask the practice for it") for n in gaps]
    total = Counter(c[1] for c in counted).most_common(1)[0][0] or 0
    others = {p.own_count[0] for p in outside if p.own_count and p.own_count[1] == total} - numbered
    if 1 not in numbered | others and any(p.match.form.kind == "cover" and p.own_count is None for p in outside):
        others.add(1)  # a cover that bears no number is the first page of the sender's count
    came = len(group) + len(others)
    if total <= came:
        return []
    gaps = sorted(set(range(1, total + 1)) - numbered - others)
    return [
        Reason("missing_page", f"page {n} of {total} is missing: ask the practice for it") for n in gaps[: total - came]
    ]


def _is_counted(facts: PageFacts, group: Sequence[PageFacts]) -> bool:
    """Whether a page outside a referral may bear one of its numbers: a cover, or a stranger's page, which is told anyway."""
    own = {f.identity.nhs_number for f in group if f.identity.nhs_number}
    stranger = bool(own) and bool(facts.identity.nhs_number) and facts.identity.nhs_number not in own
    return facts.match.form.kind == "cover" or (
        stranger and not (_is_referral(facts) and facts.match.referral_signs >= _ASKS)
    )


def _missing_by_fax(facts: Sequence[PageFacts]) -> list[Reason]:
    """Pages that the fax machine's own counting names and that did not come."""
    counts = [f.fax_count for f in facts if f.fax_count]
    if not counts or len(counts) < max(1, len(facts) // 2):
        return []
    total, votes = Counter(c[1] for c in counts).most_common(1)[0]
    if total <= len(facts) or (votes < 2 and len(facts) > 1):
        return []
    seen = {c[0] for c in counts}
    gaps = sorted(set(range(1, total + 1)) - seen)
    named = gaps[: total - len(facts)]
    return [
        Reason("missing_page", f"page {n} of {total} is missing (by the fax machine's count): ask for the fax again")
        for n in named
    ]


def _missing_by_cover(facts: Sequence[PageFacts]) -> list[Reason]:
    covers = [i for i, f in enumerate(facts) if f.cover.total]
    # How many pages were sent stands there, and nobody has counted yet (P1).
    says = "the cover sheet gives a number of pages that could not be read: count them by the picture"
    reasons = [Reason("page_count", says, f.page.number) for f in facts if f.cover.unread]
    for at, i in enumerate(covers):
        end = covers[at + 1] if at + 1 < len(covers) else len(facts)
        cover = facts[i]
        came = end - i if cover.cover.includes else end - i - 1
        said = cover.cover.total or 0
        if came < said:
            reasons.append(
                Reason(
                    "missing_page",
                    f"the cover sheet says {said} pages, {came} came: ask for the fax again",
                    cover.page.number,
                )
            )
        elif came > said:
            reasons.append(
                Reason(
                    "page_count",
                    f"the cover sheet says {said} pages, {came} came: see whether all belong together",
                    cover.page.number,
                )
            )
    return reasons


class _Sorting:
    """The state of sorting a document's pages: referrals begun, whose they are, pages that wait, pages of no referral."""

    def __init__(self) -> None:
        self.other: dict[int, str] = {}
        self.reasons: list[Reason] = []
        self.groups: list[list[PageFacts]] = []
        self.whose: list[Identity] = []
        self.waiting: list[PageFacts] = []

    def first(self, f: PageFacts) -> None:
        """Put a page where it belongs, or let it wait until all referrals are known."""
        number, kind = f.page.number, f.match.form.kind
        if "hard_to_read" in f.page.quality.hazards:
            # What cannot be read may be anything, another patient's too (P1): no machine lets it pass.
            says = f"page {number} can hardly be read: look at the picture"
            self.reasons.append(Reason("hardly_read_page", says, number))
        if f.page.failure:
            self.other[number] = "could not be read"
            says = f"page {number} could not be read: open the original"
            self.reasons.append(Reason("unreadable_page", says, number))
        elif not f.page.lines or ("blank" in f.page.quality.hazards and len(f.page.lines) < 3):
            self.other[number] = "blank"
        elif kind in ("cover", "other") and not self._goes_on(f):
            self.other[number] = f.match.form.says
        elif kind == "attachment":
            self.waiting.append(f)
        else:
            self._referral(f)

    def _goes_on(self, f: PageFacts) -> bool:
        """Whether a page that looks like another paper is a later page of a referral: a record's print, counted by itself as the
        referral's pages are, or the next page that the referral's own count waits for; never a page about somebody else, nor a
        letter.
        """
        return any(
            self._next_of(group, f)
            and (same_patient(who, f.identity) or (f.own_count is not None and not f.identity.known))
            for group, who in zip(self.groups, self.whose, strict=True)
        )

    def _next_of(self, group: Sequence[PageFacts], f: PageFacts) -> bool:
        """Whether a referral's own count has a place for this page."""
        totals = {g.own_count[1] for g in group if g.own_count}
        if f.own_count is not None:
            return f.own_count[0] > 1 and f.own_count[1] is not None and totals == {f.own_count[1]}
        last = max((g.page.number for g in group), default=0)
        return (
            f.page.number == last + 1
            and any(total is not None and len(group) < total for total in totals)
            and not any(DEAR.match(line.text) for line in f.page.lines)
        )

    def _referral(self, f: PageFacts) -> None:
        home = _home(f, self.groups, self.whose)
        if home is not None:
            self.groups[home].append(f)
            self.whose[home] = _merge(self.whose[home], f.identity)
        elif _is_start(f) or (f.identity.known and self.groups):
            self.groups.append([f])
            self.whose.append(f.identity)
        else:
            self.waiting.append(f)

    def last(self, f: PageFacts) -> None:
        """Put a page that waited: to its patient's referral, out when it is about another, to the last one when it does not say."""
        home = _home(f, self.groups, self.whose)
        if not self.groups:
            self.other[f.page.number] = f.match.form.says or "no referral was recognised on this page"
        elif home is None and f.identity.known:
            self.stranger(f.page.number)
        else:
            self.groups[home if home is not None else len(self.groups) - 1].append(f)

    def stranger(self, number: int) -> None:
        """A page of somebody else: out of the referral, and said."""
        self.other[number] = "about another patient"
        says = f"page {number} is about another patient: take it out and tell the sender"
        self.reasons.append(Reason("second_patient", says, number))


def sort_pages(facts: Sequence[PageFacts]) -> Sorted:
    """Every page into a referral or among the others, in the order of the file; with the reasons to ask a person."""
    s = _Sorting()
    for f in facts:
        s.first(f)
    for f in s.waiting:
        s.last(f)
    groups, stray = _real(s.groups)
    lost = [] if groups else _without_first_page(facts)
    if lost:
        groups, stray = [lost], [f for f in stray if f not in lost]
        for f in lost:
            s.other.pop(f.page.number, None)
    for f in stray:
        if groups:
            s.stranger(f.page.number)
        else:
            s.other[f.page.number] = "no referral was recognised on this page"
    ordered = [_in_order(sorted(g, key=lambda p: p.page.number)) for g in groups]
    reasons = s.reasons
    if len(ordered) > 1:
        says = f"{len(ordered)} referrals came in one file: check which page belongs to whom"
        reasons.append(Reason("several_referrals", says))
    reasons += _strangers_covers(facts, s.whose) if ordered else []
    for g in ordered:
        reasons += _maybe_strangers(g)
    by_group = [tuple(_missing(g, [f for f in facts if f not in g and _is_counted(f, g)])) for g in ordered]
    # One missing page is said once, by the count that names it best.
    if not any(by_group):
        reasons += _missing_by_fax(facts) or _missing_by_cover(facts)
    return Sorted(tuple(Group(tuple(g), r) for g, r in zip(ordered, by_group, strict=True)), s.other, tuple(reasons))


def _strangers_covers(facts: Sequence[PageFacts], whose: Sequence[Identity]) -> list[Reason]:
    """Cover sheets that name a patient whom no referral of the file is about: another's cover, or a referral taken for one."""
    return [
        Reason(
            "second_patient",
            f"page {f.page.number} looks like a cover sheet and names another patient: compare it with the referral",
            f.page.number,
        )
        for f in facts
        if f.match.form.kind == "cover"
        and f.identity.known
        and all(same_patient(w, f.identity) is False for w in whose)
    ]


def _maybe_strangers(group: Sequence[PageFacts]) -> list[Reason]:
    """Pages whose worn NHS number is far from that of the others: they say nothing certain, and may be somebody else's."""
    known = next((f.identity.nhs_number for f in group if f.identity.nhs_number), "")
    return [
        Reason(
            "second_patient",
            f"page {f.page.number} may be about another patient: compare its NHS number with the picture",
            f.page.number,
        )
        for f in group
        if not f.identity.nhs_number
        and len(f.unsure_number) == len(known) > 0
        and sum(a != b for a, b in zip(f.unsure_number, known, strict=True)) >= _FAR
    ]


def _home(f: PageFacts, groups: list[list[PageFacts]], whose: list[Identity]) -> int | None:
    """The referral that a page goes on with: the last one of the same patient; the last of all where the page does
    not say.
    """
    for i in range(len(groups) - 1, -1, -1):
        if f.identity.known and same_patient(whose[i], f.identity):
            if _is_start(f) and _starts_anew(f, groups[i]):
                return None
            return i
    if not groups:
        return None
    if not f.identity.known:
        return None if _is_start(f) and _starts_anew(f, groups[-1]) else len(groups) - 1
    verdict = same_patient(whose[-1], f.identity)
    if verdict is None and not whose[-1].known and _is_start(f) and any(map(_tells_of_somebody, groups[-1])):
        return None  # whom the letter before it is about was not read: this may be another patient
    return len(groups) - 1 if verdict is None and not _starts_anew(f, groups[-1]) else None


def _is_later_page(f: PageFacts) -> bool:
    """Whether a page names its patient, counts itself as a second or later one, and answers, sells or reports nothing."""
    who = f.identity
    return (
        bool(who.nhs_number and (who.birth_date or who.family_name))
        and not f.match.answers
        and f.match.form.kind == "referral"
    )


def _is_in_full(facts: PageFacts) -> bool:
    """Whether a page that is no referral names its patient by number, birth date and name, as the head of a record's later page does."""
    who = facts.identity
    return facts.match.form.kind == "attachment" and bool(who.nhs_number and who.birth_date and who.family_name)


def _without_first_page(facts: Sequence[PageFacts]) -> list[PageFacts]:
    """The pages about a patient whose cover sheet or own numbers tell that the page that asks is among those that did not come: to be
    asked for, and no paper to set aside.
    """
    later = [f for f in facts if f.own_count and f.own_count[0] > 1]
    theirs = {f.identity.nhs_number for f in later if _is_later_page(f)}
    if (
        any(_is_later_page(f) or _is_in_full(f) for f in later)
        and all(
            _is_later_page(f) or f.match.form.kind == "attachment" or f.identity.nhs_number in theirs for f in later
        )
        and all(f in later or f.match.form.kind == "cover" for f in facts)
    ):
        return later if all(same_patient(later[0].identity, f.identity) for f in later[1:]) else []
    covers = [f for f in facts if f.cover.total]
    if not covers or not (_missing_by_cover(facts) or _missing_by_fax(facts)):
        return []
    named = [f for f in facts if f.identity.known and f.match.form.kind == "attachment" and not f.page.failure]
    alike = all(same_patient(named[0].identity, f.identity) for f in named[1:])
    return named if named and alike else []


def _starts_anew(f: PageFacts, group: list[PageFacts]) -> bool:
    """Whether a page says itself that it is a first page while its patient has one already."""
    return f.own_count is not None and f.own_count[0] == 1 and any(g.own_count and g.own_count[0] == 1 for g in group)


def _real(groups: list[list[PageFacts]]) -> tuple[list[list[PageFacts]], list[PageFacts]]:
    """Groups that hold a page of a referral, and the pages of those that do not."""
    real, stray = [], []
    for g in groups:
        # A later page of somebody else's papers, without a word of referring, is no referral of its own.
        leftover = len(groups) > 1 and all(not _is_start(p) and p.match.referral_signs < 2 for p in g)
        if any(_is_referral(p) for p in g) and not leftover:
            real.append(g)
        else:
            stray += g
    return real, stray
