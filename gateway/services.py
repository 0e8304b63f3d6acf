"""Which service of the site a referral asks for: one unambiguous match by the site's own words, or a person's choice.

A service is found by the words that the site listed for it, by its name and by its codes. Suspected-cancer services are another
list than the rest: a referral of one kind never lands in a service of the other. Between two that fit, nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from sqlmodel import Session, col, select

from gateway.tables_reference import Service
from templates.grammar import plain
from templates.grammar_words import priorities_in

TWO_WEEK_WAIT = "TWO_WEEK_WAIT"

# Words that say nothing about which service is meant, or only its priority, which is compared on its own.
_EMPTY = frozenset(
    "a an and at by clinic clinics consultant department dept for general hospital in of opd or outpatient outpatients "
    "please pathway refer referral referrals routine rule service services suspected team the to two unit urgent wait "
    "week weeks 2ww 2wr 2wk 2 usc fds fast track cancer".split()
)
_NEARLY = 88  # per cent alike; one wrong letter in a word of eight


@dataclass(frozen=True)
class ServiceMatch:
    """The one service that fits, or those between which a person must choose (none: nothing fits)."""

    one: Service | None
    candidates: tuple[Service, ...] = ()


def is_cancer_service(service: Service) -> bool:
    """Whether the service takes suspected-cancer referrals, by its name, codes or words."""
    codes = f"{service.specialty_code} {service.clinic_type}".replace("_", " ")
    return any(TWO_WEEK_WAIT in priorities_in(text) for text in (service.name, codes, *service.words))


def match_service(session: Session, specialty_text: str, priority: str, clinic_words: str = "") -> ServiceMatch:
    """Find the service for a specialty in words and a priority code. `clinic_words` (a form's title) only narrow several down."""
    cancer = priority == TWO_WEEK_WAIT
    services = [
        s for s in session.exec(select(Service).order_by(col(Service.service_id))) if is_cancer_service(s) == cancer
    ]
    fitting = _best(services, _tokens(specialty_text))
    if len(fitting) > 1 and clinic_words:
        fitting = _best(fitting, _tokens(clinic_words)) or fitting
    return ServiceMatch(fitting[0] if len(fitting) == 1 else None, tuple(fitting))


def _tokens(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z0-9]+", plain(text).lower().replace("&", " and ").replace("'", ""))
    kept = frozenset(w for w in words if w not in _EMPTY)
    return kept or frozenset(w for w in words if w in {"general", "cancer"})


def _phrases(service: Service) -> list[frozenset[str]]:
    texts = [
        *service.words,
        service.name,
        service.specialty_code.replace("_", " "),
        service.clinic_type.replace("_", " "),
    ]
    return [tokens for tokens in map(_tokens, texts) if tokens]


def _found(phrase: frozenset[str], asked: frozenset[str]) -> frozenset[str]:
    """Which of the asked words the phrase accounts for; none where a word of the phrase is missing."""
    hit = set()
    for word in phrase:
        near = [a for a in asked if a == word or (len(word) >= 5 and fuzz.ratio(a, word) >= _NEARLY)]
        if not near:
            return frozenset()
        hit.update(near)
    return frozenset(hit)


def _best(services: Sequence[Service], asked: frozenset[str]) -> list[Service]:
    """The services whose words account for most of what was asked; more than one where neither covers the other."""
    cover = [(service, frozenset().union(*(_found(p, asked) for p in _phrases(service)))) for service in services]
    fitting = [(service, hit) for service, hit in cover if hit]
    return [s for s, hit in fitting if not any(hit < other for _o, other in fitting)]
