"""The desk at which a page is filled in: one practice's habits of printing dates, numbers and names, and its typefaces."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from gateway.rehearsal import printed
from gateway.rehearsal.fonts import Face, Group, pick_face, pick_hand
from gateway.rehearsal.referrals import SyntheticReferral
from gateway.rehearsal.sheet import Sheet, Value, new_sheet


@dataclass(frozen=True)
class Desk:
    """What every design draws from. `hand` is set where the form is filled in by hand."""

    random: Random
    referral: SyntheticReferral
    face: Face
    hand: Face | None
    date_form: str
    nhs_style: str
    phone_style: str
    capitals: bool
    short_gender: bool
    # A second patient in the same call, for the packs that have one.
    other: SyntheticReferral | None = None

    def sheet(self) -> Sheet:
        """An empty page in this desk's typeface."""
        return new_sheet(self.random, self.face, self.hand)

    def entry(self, name: str) -> tuple[str, Value]:
        """How this desk prints a field, and the value in the form of the public contract; two empty strings where there is none."""
        referral, who = self.referral, self.referral.patient
        value = referral.values().get(name, "")
        if isinstance(value, bool) or not value:
            return "", value
        if name == "patient.nhs_number":
            return printed.nhs_number(who.nhs_number, self.nhs_style), value
        if name == "patient.birth_date":
            return printed.date(who.birth_date, self.date_form), value
        if name == "referral.date":
            return printed.date(referral.date, self.date_form), value
        if name == "patient.gender":
            return printed.gender(who.gender, self.short_gender), value
        if name in ("patient.phone", "referrer.phone"):
            return printed.phone(str(value), self.phone_style), value
        if name == "referral.ubrn":
            return printed.ubrn(referral.ubrn), value
        if name == "patient.family_name" and self.capitals:
            return who.family_name.upper(), who.family_name.upper()
        if name == "referrer.name":
            return f"Dr {referral.referrer}", value
        if name == "referral.named_clinician":
            return f"{referral.named_clinician_title} {referral.named_clinician}", value
        return str(value), value

    def whole_name(
        self, sheet: Sheet, x: float, y: float, size: float, order: str, bold: bool = False, by_hand: bool = False
    ) -> float:
        """Print the patient's name in one piece and record both parts; `order` is `title first`, `family first` or `plain`."""
        who = self.referral.patient
        family = who.family_name.upper() if self.capitals or order == "family first" else who.family_name
        if order == "family first":
            text = f"{family}, {who.given_names} ({who.title})"
        elif order == "title first":
            text = f"{who.title} {who.given_names} {family}"
        else:
            text = f"{who.given_names} {family}"
        end = sheet.write(x, y, text, size) if by_hand else sheet.put(x, y, text, size, bold)
        area = (x, y - size, end, y + size * 0.3)
        sheet.says("patient.family_name", family, area)
        sheet.says("patient.given_names", who.given_names, area)
        return end

    def address_lines(self, with_postcode: bool) -> list[str]:
        """The patient's address as lines of a block."""
        lines = self.referral.patient.address.split(", ")
        return [*lines, self.referral.patient.postcode] if with_postcode else lines


def sit_down(
    random: Random, referral: SyntheticReferral, group: Group, by_hand: bool, mono: bool, other: SyntheticReferral
) -> Desk:
    """A desk with habits drawn at random."""
    return Desk(
        random=random,
        referral=referral,
        face=pick_face(random, group, mono),
        hand=pick_hand(random, group) if by_hand else None,
        date_form=random.choice(printed.DATE_FORMS[:4] + printed.DATE_FORMS[5:6] if by_hand else printed.DATE_FORMS),
        nhs_style=printed.pick_nhs_style(random),
        phone_style=printed.pick_phone_style(random),
        capitals=random.random() < 0.45,
        short_gender=random.random() < 0.3,
        other=other,
    )
