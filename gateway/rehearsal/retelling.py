"""Tells the story of a referral in another writer's words and order: short notes, a dictated letter, or plain sentences."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from gateway.rehearsal.clinical_voices import GROWN_VOICES, YOUNG_VOICES, Voice
from gateway.rehearsal.desk import Desk
from gateway.rehearsal.prose import GROWN, suiting, whom

_ASIDES = (
    "16+ We spoke by telephone last week and again today in person.",
    "16+ Looked this up together; leaflet given.",
    "18-66 Off work since the start of the month.",
    "16+ Tablets from the chemist made no odds.",
    "70+ Needs a lift to hospital and walks with a frame.",
    "70+ A daughter comes in every evening.",
    "The enclosed printout has the rest.",
    "25+ No cigarettes, a glass of wine on Sundays.",
    "25+ Weight as it was two years ago.",
    "It is not clear to me what set this off.",
    "50+ The patient has looked after a grandchild throughout.",
    "<16 Mother has kept a diary, which she will bring.",
    "<16 School has been told.",
    "<16 Both parents came.",
    "Blood tests were taken this morning and will be on the system.",
    "30+ Cannot lie flat for long, which may matter for scans.",
)
_DICTATED = (
    "Could I ask you to see this {whom}, who has {complaint}?",
    "This {whom} consulted me about {complaint}.",
    "May I have your help with this {whom}? The trouble is {complaint}.",
    "I have been following this {whom} on account of {complaint}.",
    "Your opinion is sought about this {whom} with {complaint}.",
)


def _voice(specialty: str, age: int) -> Voice | None:
    voices = YOUNG_VOICES if age < GROWN else GROWN_VOICES
    return next((voice for voice in voices if voice.specialty == specialty), None)


def _told(random: Random, voice: Voice, age: int, gender: str, suspected: bool) -> tuple[str, ...]:
    """Two to four paragraphs of plain ASCII prose of about 30 to 110 words."""
    said = whom(random, age, gender)
    complaint = random.choice(suiting(voice.suspicions if suspected else voice.complaints, age, gender))
    histories = suiting(voice.histories, age, gender)
    background = random.sample(histories, min(len(histories), random.choice((2, 2, 3))))
    findings = suiting(voice.findings, age, gender)
    found = random.sample(findings, min(len(findings), random.choice((1, 2))))
    asides = random.sample(suiting(_ASIDES, age, gender), random.choice((0, 1, 2, 3, 4)))
    wish = random.choice(suiting(voice.wishes, age, gender))
    manner = random.random()
    if manner < 0.3:  # a doctor's shorthand, each piece a line of its own
        return (
            f"PC: {complaint}.",
            f"Hx: {' '.join((*background, *asides))}",
            f"Ex: {' '.join(found)}",
            f"Ask: {wish}",
        )
    opening = random.choice(_DICTATED).format(whom=said, complaint=complaint)
    if manner < 0.65:
        return (f"{opening} {' '.join(background)}", f"{' '.join(asides)} {' '.join(found)} {wish}".strip())
    return (f"{wish} {opening}", " ".join((*found, *background)), *((" ".join(asides),) if asides else ()))


def retold(desk: Desk) -> Desk:
    """The same ask for the same patient in other words; unchanged where no other writer has anything to say to the department."""
    referral = desk.referral
    voice = _voice(referral.specialty, referral.age)
    suspected = referral.priority == "TWO_WEEK_WAIT"
    if voice is None:
        return desk
    if not suiting(voice.suspicions if suspected else voice.complaints, referral.age, referral.patient.gender):
        return desk
    reason = _told(desk.random, voice, referral.age, referral.patient.gender, suspected)
    return replace(desk, referral=replace(referral, reason=reason))
