"""Writes the clinical prose of a referral from the phrases of its specialty, as they suit the patient's age and sex."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from gateway.rehearsal.clinical import SPECIALTIES, Specialty
from gateway.rehearsal.clinical_young import YOUNG

# Every department that anybody is referred to, once.
EVERY: tuple[Specialty, ...] = (
    *SPECIALTIES,
    *(s for s in YOUNG if s.name not in {grown.name for grown in SPECIALTIES}),
)
GROWN = 16  # years from which on a patient is seen by the clinics for adults
_OPENINGS = (
    "Thank you for seeing this {whom} with {complaint}.",
    "I would be grateful if you would see this {whom} who presents with {complaint}.",
    "This {whom} came to surgery with {complaint}.",
    "Many thanks for assessing this {whom}, who has {complaint}.",
    "Re: {complaint}, in this {whom}.",
    "{Whom}: {complaint}.",
    "Please would you kindly see this {whom}. The problem is {complaint}.",
    "I should value your opinion on this {whom} who has {complaint}.",
)
_SECOND = (
    "There are no red flag features that I could find.",
    "17-67 Symptoms are getting worse and affect work and sleep.",
    "Simple measures from the pharmacy have not helped.",
    "16+ I have discussed the possible causes and the reason for referral.",
    "<16 I have discussed this with the parents.",
)
_MORE = (
    "The problem began gradually and there was no obvious trigger.",
    "There has been no fever, and appetite is normal.",
    "12+ Symptoms are worse in the mornings and after exertion.",
    "16+ Over the counter remedies have been tried without lasting benefit.",
    "16+ Lives with family and is independent in daily activities.",
    "19-65 Works part time in a warehouse and has had several weeks off.",
    "16+ There is some anxiety about what this may mean.",
    "<16 The parents are anxious about what this may mean.",
    "We reviewed the options at length and a referral was agreed.",
    "16+ Weight has been stable over the last year.",
    "18+ Non-smoker, drinks alcohol only at weekends.",
    "30+ Previous investigations elsewhere four years ago were said to be normal.",
    "1+ Sleep is disturbed most nights.",
    "16+ Mobility is good and no transport is needed.",
    "75+ Has carers twice a day and would need transport.",
    "Safety-net advice has been given in the meantime.",
)
_MEN_ONLY = ("testic", "prostat", "PSA", "Genitalia", "urinary tract symptoms with an IPSS", "lower pole", "amsulosin")
_AGES = re.compile(r"(?:(\d+)\+|<(\d+)|(\d+)-(\d+)) ")


def suiting(options: Sequence[str], age: int, gender: str) -> list[str]:
    """The phrases that suit a patient, without the ages that they begin with; often fewer, and now and then none."""
    found = []
    for option in options:
        ages = _AGES.match(option)
        least, below, low, high = (int(edge) if edge else None for edge in ages.groups()) if ages else (None,) * 4
        if (least is not None and age < least) or (below is not None and age >= below):
            continue
        if low is not None and high is not None and not low <= age <= high:
            continue
        if gender == "female" and any(word in option for word in _MEN_ONLY):
            continue
        found.append(option[ages.end() :] if ages else option)
    return found


def phrases_for(specialty: str, age: int) -> Specialty:
    """What is written to a specialty about a patient of that age; KeyError where it has nothing to say about anybody."""
    named = {s.name: s for s in (SPECIALTIES, YOUNG)[age < GROWN]}
    return named.get(specialty) or {s.name: s for s in EVERY}[specialty]


def specialties_for(age: int, gender: str) -> list[Specialty]:
    """The specialties that a patient may be referred to."""
    if age < GROWN:
        return list(YOUNG)
    women_only = ("Gynaecology", "Breast Surgery")
    return [s for s in SPECIALTIES if gender == "female" or s.name not in women_only]


def whom(random: Random, age: int, gender: str) -> str:
    """The patient as letters say it: `63 year old lady`, `baby boy`."""
    she = gender == "female"
    if age < 1:
        return "baby girl" if she else "baby boy"
    if age < GROWN:
        kind = "girl" if she else "boy"
    else:
        kind = random.choice(("lady", "woman", "patient") if she else ("gentleman", "man", "patient"))
    return f"{age} year old {kind}"


def _wish(random: Random, specialty: Specialty, age: int, gender: str, priority: str) -> str:
    # A letter whose prose contradicts its priority has no single truth, so such wishes are kept for their own priority.
    barred = {"TWO_WEEK_WAIT": (), "URGENT": ("two week", "pathway")}.get(
        priority, ("two week", "pathway", "urgent", "early")
    )
    fitting = [wish for wish in suiting(specialty.wishes, age, gender) if not any(word in wish for word in barred)]
    wish = random.choice(fitting or ["I would be grateful for your opinion and advice."])
    she = gender == "female"
    for either, hers, his in (("He or she", "She", "He"), ("him or her", "her", "him"), ("his or her", "her", "his")):
        wish = wish.replace(either, hers if she else his)
    return wish


def write_reason(random: Random, specialty: Specialty, age: int, gender: str, priority: str) -> tuple[str, ...]:
    """Two to four paragraphs of plain ASCII prose, as long as practices write: about 40 to 160 words."""
    said, complaints = whom(random, age, gender), suiting(specialty.complaints, age, gender)
    opening = random.choice(_OPENINGS).format(
        whom=said, Whom=said[0].upper() + said[1:], complaint=random.choice(complaints or ["symptoms as discussed"])
    )
    if random.random() < 0.5:
        opening += " " + random.choice(suiting(_SECOND, age, gender))
    histories, more = suiting(specialty.histories, age, gender), suiting(_MORE, age, gender)
    history = " ".join(
        (
            *random.sample(histories, min(len(histories), random.choice((1, 2, 2)))),
            *random.sample(more, random.choice((0, 1, 2, 3, 4))),
        )
    )
    examined = suiting(specialty.examinations, age, gender) or ["Nothing abnormal found today."]
    findings = random.choice(("On examination: ", "O/E ", "Examination: ", "")) + random.choice(examined)
    tests = suiting(specialty.tests, age, gender)
    if tests and random.random() < 0.8:
        findings += " " + random.choice(tests)
    wish = _wish(random, specialty, age, gender, priority)
    paragraphs = [opening, history, findings, wish]
    if random.random() < 0.5:
        paragraphs = [f"{opening} {history}", f"{findings} {wish}"]
    return tuple(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip())
