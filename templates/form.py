"""Forms as data: load and check the TOML files that say what a form looks like and where its values stand.

A form file holds:

    id = "ruled-referral"        unique; small letters, digits and hyphens
    version = 1                  whole number, raised when the form changes
    title = "..."                for people
    kind = "referral"            referral | cover | attachment | other (attachment: results, history; other: no referral at all)
    says = "..."                 for every other kind: why the page is in no referral, in a clerk's words
    keywords = [["a", "b"], "c"] each entry is one sign (any of its wordings); compared without spaces and capitals
    headings = ["..."]           signs that count only on a short line near the top of the page, and count double
    needs = 2                    how many signs make the form (default: all keywords)
    exclude = ["..."]            any of these on the page: it is not this form
    layout = "label-left"        optional: label-left | label-above | label-below | letter; the page must be laid out so
    priority = "TWO_WEEK_WAIT"   optional: what sending this very form says about urgency
    pages = 2                    optional: how many pages the form has
    author = "..."               optional: who taught the form at the review desk
    marks = [{ text = "Surname", box = [0.1, 0.2, 0.2, 0.22] }, ...]
                                 optional: print that stands on every such form and where it stood on the example; boxes of
                                 fields then move with it, so that a shifted or shrunken fax keeps its places

    [fields."patient.nhs_number"]    a field of the public contract, or patient.name for a whole name
    labels = ["NHS No"]              added to the generic wordings
    place = ["right", "below"]       optional: after (same line), right, below, above, box; in order of trying
    box = [0.1, 0.2, 0.5, 0.3]       optional, with place "box": left, top, right, bottom as fractions of the page
    page = 1                         optional, with box: which page of the form

    [[ticks]]                        words beside a tick box, and the value that a tick there means
    field = "referral.priority"
    value = "URGENT"
    words = ["Urgent"]

    [sections] patient = [...]  referrer = [...]  referral = [...]  other = [...]  text = [...]     headings of blocks
    [loose]    name, address, postcode, phone, date, code, title, clinician: labels whose owner the section decides;
               patient_block, referrer_block, recipient_block: labels of several lines without labels of their own
    [decoys]   labels = [...]                                      labels whose values no field may take

Every form inherits labels, sections, loose labels, decoys and ticks of the form `generic`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from ocr.page import Box
from templates.reading import FIELDS

Kind = Literal["referral", "cover", "attachment", "other"]
Place = Literal["after", "right", "below", "above", "box"]
Layout = Literal["label-left", "label-above", "label-below", "letter"]

BUILT_IN = Path(__file__).parent / "forms"
_KEYS = {
    "id",
    "version",
    "title",
    "kind",
    "says",
    "keywords",
    "headings",
    "needs",
    "exclude",
    "layout",
    "priority",
    "pages",
    "author",
    "marks",
}
_TABLES = {"fields", "ticks", "sections", "loose", "decoys"}
_SECTIONS = ("patient", "referrer", "referral", "other", "text")
_LOOSE = (
    "patient_block",
    "referrer_block",
    "recipient_block",
    "name",
    "address",
    "postcode",
    "phone",
    "date",
    "code",
    "title",
    "clinician",
)
FEWEST_MARKS = 3
_PRIORITIES = ("TWO_WEEK_WAIT", "URGENT", "ROUTINE", "SOON")


class FormError(ValueError):
    """A form file that cannot be used. The text names the file, the key and the cure."""


@dataclass(frozen=True)
class FieldRule:
    """How one field is found on a form: added labels, where the value stands, and a fixed box on a page where there
    is one.
    """

    labels: tuple[str, ...] = ()
    place: tuple[Place, ...] = ()
    box: Box | None = None
    page: int | None = None


@dataclass(frozen=True)
class TickRule:
    """The words beside a tick box and what a tick there means."""

    field: str
    value: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Mark:
    """Print of the form itself, the same on every copy, and where it stood on the example."""

    text: str
    box: Box


@dataclass(frozen=True)
class Form:
    """One form as its file describes it; see the module's text for each key."""

    id: str
    version: int
    title: str
    kind: Kind
    says: str = ""
    keywords: tuple[tuple[str, ...], ...] = ()
    headings: tuple[str, ...] = ()
    needs: int = 0
    exclude: tuple[str, ...] = ()
    layout: Layout | None = None
    priority: str | None = None
    pages: int | None = None
    fields: Mapping[str, FieldRule] = field(default_factory=dict)
    ticks: tuple[TickRule, ...] = ()
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loose: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decoys: tuple[str, ...] = ()
    author: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Forms:
    """All known forms. `generic` is the one that every page falls back to and every other form inherits from."""

    forms: tuple[Form, ...]
    generic: Form

    def by_id(self, form_id: str) -> Form | None:
        """The form of that id, or None."""
        return next((f for f in (*self.forms, self.generic) if f.id == form_id), None)


class _File:
    """One form file while it is checked: knows its name, so that every complaint names file, key and cure."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise FormError(
                f"{path.name}: the file cannot be read. Save it as UTF-8 text that the gateway may open."
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise FormError(f"{path.name}: not valid TOML ({error}). Correct that line.") from error

    def wrong(self, key: str, cure: str) -> FormError:
        return FormError(f"{self.path.name}: key '{key}': {cure}")

    def text(self, table: dict[str, Any], key: str, name: str, default: str | None = None) -> str:
        value = table.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(name, 'must be text in quotes, such as "..."')
        return value

    def texts(self, table: dict[str, Any], key: str, name: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.wrong(name, 'must be a list of texts, such as ["Surname", "Family name"]')
        return tuple(value)

    def number(self, key: str, default: int | None) -> int | None:
        value = self.data.get(key, default)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise self.wrong(key, "must be a whole number, such as 1")
        return value

    def one_of(self, key: str, allowed: Iterable[str], default: str | None) -> str | None:
        value = self.data.get(key, default)
        if value is not None and value not in tuple(allowed):
            raise self.wrong(key, f"must be one of {', '.join(allowed)}")
        return value

    def tables(self, key: str, allowed: Iterable[str]) -> dict[str, tuple[str, ...]]:
        table = self.data.get(key, {})
        if not isinstance(table, dict):
            raise self.wrong(key, f"must be a table [{key}]")
        for name in table:
            if name not in tuple(allowed):
                raise self.wrong(f"{key}.{name}", f"is not known; use one of {', '.join(allowed)}")
        return {name: self.texts(table, name, f"{key}.{name}") for name in table}

    def keywords(self) -> tuple[tuple[str, ...], ...]:
        value = self.data.get("keywords", [])
        if not isinstance(value, list):
            raise self.wrong("keywords", 'must be a list, such as ["referral form", ["2WW", "two week wait"]]')
        groups = []
        for entry in value:
            group = [entry] if isinstance(entry, str) else entry
            if not isinstance(group, list) or not group or not all(isinstance(w, str) and w.strip() for w in group):
                raise self.wrong(
                    "keywords", 'each entry must be a text or a list of texts, such as ["2WW", "two week wait"]'
                )
            groups.append(tuple(group))
        return tuple(groups)

    def fields(self) -> dict[str, FieldRule]:
        table = self.data.get("fields", {})
        if not isinstance(table, dict):
            raise self.wrong("fields", 'must hold tables such as [fields."patient.nhs_number"]')
        rules = {}
        for name, rule in table.items():
            key = f"fields.{name}"
            if name not in (*FIELDS, "patient.name"):
                raise self.wrong(key, f"is no field; use one of {', '.join((*FIELDS, 'patient.name'))}")
            if not isinstance(rule, dict):
                raise self.wrong(key, f'must be a table [fields."{name}"]')
            for inner in rule:
                if inner not in ("labels", "place", "box", "page"):
                    raise self.wrong(f"{key}.{inner}", "is not known; use labels, place, box or page")
            place = self.texts(rule, "place", f"{key}.place")
            if any(p not in get_args(Place) for p in place):
                raise self.wrong(f"{key}.place", f"may hold {', '.join(get_args(Place))}")
            places = tuple(p for p in get_args(Place) if p in place)
            ordered = tuple(sorted(places, key=place.index))
            labels = self.texts(rule, "labels", f"{key}.labels")
            rules[name] = FieldRule(labels, ordered, self.box(rule, key), self.page(rule, key))
        return rules

    def marks(self) -> tuple[Mark, ...]:
        rows = self.data.get("marks", [])
        if not isinstance(rows, list) or not all(isinstance(r, dict) and set(r) == {"text", "box"} for r in rows):
            raise self.wrong("marks", 'must be a list such as [{ text = "Surname", box = [0.1, 0.2, 0.2, 0.22] }]')
        if 0 < len(rows) < FEWEST_MARKS:
            raise self.wrong("marks", f"needs {FEWEST_MARKS} marks or more, well apart on the page: name further print")
        found = []
        for row in rows:
            box = self.box(row, "marks")
            assert box is not None
            found.append(Mark(self.text(row, "text", "marks.text"), box))
        return tuple(found)

    def box(self, rule: dict[str, Any], key: str) -> Box | None:
        value = rule.get("box")
        if value is None:
            return None
        if (
            not isinstance(value, list)
            or len(value) != 4
            or not all(isinstance(v, int | float) and 0 <= v <= 1 for v in value)
        ):
            raise self.wrong(f"{key}.box", "must be four fractions from 0 to 1: left, top, right, bottom")
        try:
            return Box(*map(float, value))
        except ValueError as error:
            raise self.wrong(
                f"{key}.box",
                "is inside out: give left, top, right, bottom, with left before right and top before bottom",
            ) from error

    def page(self, rule: dict[str, Any], key: str) -> int | None:
        value = rule.get("page")
        if value is not None and (not isinstance(value, int) or value < 1):
            raise self.wrong(f"{key}.page", "must be a page number, counted from 1")
        return value

    def ticks(self) -> tuple[TickRule, ...]:
        rows = self.data.get("ticks", [])
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            raise self.wrong("ticks", "must be tables [[ticks]] with field, value and words")
        rules = []
        for row in rows:
            name = self.text(row, "field", "ticks.field")
            if name not in FIELDS:
                raise self.wrong("ticks.field", f"'{name}' is no field; use one of {', '.join(FIELDS)}")
            value = self.text(row, "value", "ticks.value")
            if name == "referral.priority" and value not in _PRIORITIES:
                raise self.wrong("ticks.value", f"of a priority must be one of {', '.join(_PRIORITIES)}")
            words = self.texts(row, "words", "ticks.words")
            if not words:
                raise self.wrong("ticks.words", "must name the words beside the box")
            rules.append(TickRule(name, value, words))
        return tuple(rules)


def load_form(path: Path) -> Form:
    """The form in one file. Raises FormError naming file, key and cure."""
    file = _File(path)
    for key in file.data:
        if key not in _KEYS | _TABLES:
            raise file.wrong(key, f"is not known; use {', '.join(sorted(_KEYS | _TABLES))}")
    form_id = file.text(file.data, "id", "id")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", form_id):
        raise file.wrong("id", "may hold small letters, digits and hyphens, such as leeds-cardiology")
    kind = file.one_of("kind", get_args(Kind), "referral")
    says = file.text(file.data, "says", "says", "")
    if kind != "referral" and not says:
        raise file.wrong(
            "says", "is missing: write in one phrase why such a page is in no referral, such as 'a fax cover sheet'"
        )
    keywords = file.keywords()
    headings = file.texts(file.data, "headings", "headings")
    if form_id != "generic" and not keywords and not headings and "layout" not in file.data:
        raise file.wrong("keywords", "is missing: name words that are printed on this form and on no other")
    decoys = file.tables("decoys", ("labels",))
    return Form(
        id=form_id,
        version=file.number("version", 1) or 1,
        title=file.text(file.data, "title", "title"),
        kind=kind,  # type: ignore[arg-type]
        says=says,
        keywords=keywords,
        headings=headings,
        needs=file.number("needs", len(keywords) if keywords else 2) or 0,
        exclude=file.texts(file.data, "exclude", "exclude"),
        layout=file.one_of("layout", get_args(Layout), None),  # type: ignore[arg-type]
        priority=file.one_of("priority", _PRIORITIES, None),
        pages=file.number("pages", None),
        fields=file.fields(),
        ticks=file.ticks(),
        sections=file.tables("sections", _SECTIONS),
        loose=file.tables("loose", _LOOSE),
        decoys=decoys.get("labels", ()),
        author=file.text(file.data, "author", "author", ""),
        marks=file.marks(),
    )


def load_forms(dirs: Iterable[Path] = ()) -> Forms:
    """The built-in forms and those in the given folders; a site's file with a built-in id replaces the built-in one.

    Raises FormError for the first file that is wrong, for a folder that is not there, and for one id twice in the
    same folder.
    """
    found: dict[str, Form] = {}
    for folder in (BUILT_IN, *dirs):
        if not folder.is_dir():
            raise FormError(f"{folder.name}: this folder of forms is not there. Create it or correct the setting.")
        here: dict[str, str] = {}
        for path in sorted(folder.glob("*.toml")):
            form = load_form(path)
            if form.id in here:
                raise FormError(
                    f"{path.name}: key 'id': '{form.id}' is already used by {here[form.id]}. Give each form its own id."
                )
            here[form.id] = path.name
            found[form.id] = form
    return Forms(tuple(f for f in found.values() if f.id != "generic"), found["generic"])
