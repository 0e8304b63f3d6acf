"""What one page says about itself: its patient, its form, its place among the pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from ocr.page import Page
from templates.match import Match
from templates.page_counts import Announced


@dataclass(frozen=True)
class Identity:
    """Who a page is about, as far as it says: values with a check, in the contract's form."""

    nhs_number: str = ""
    birth_date: str = ""
    family_name: str = ""
    given_names: str = ""

    @property
    def known(self) -> bool:
        """Whether the page says anything about its patient."""
        return bool(self.nhs_number or self.birth_date or self.family_name)


@dataclass(frozen=True)
class PageFacts:
    """What one page says about itself: its form, its patient, its place among the pages (fax header, own footer,
    cover's count). `unsure_number` is what stands beside an NHS number's label and fails its check digit.
    """

    page: Page
    match: Match
    identity: Identity
    fax_count: tuple[int, int] | None = None
    own_count: tuple[int, int | None] | None = None
    cover: Announced = field(default_factory=Announced)
    unsure_number: str = ""
