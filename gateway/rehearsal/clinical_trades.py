"""What dentists, physiotherapists, mental health referrers and community nurses write; phrases as in gateway.rehearsal.clinical."""

from __future__ import annotations

from gateway.rehearsal.clinical import Specialty, some

JAWS = Specialty(
    "Oral and Maxillofacial Surgery",
    "Head and Neck",
    some(
        "a persistent ulcer of the floor of the mouth, five weeks now|clicking and locking of the jaw joint"
        "|repeated swelling of the left submandibular gland at meals"
        "|<60 an impacted lower right wisdom tooth with two infections this year"
    ),
    some(
        "Ex-smoker since 2020.|50+ Takes a bisphosphonate once a week.|Attends regularly, dentition sound."
        "|No relevant medical history."
    ),
    some("Mouth opening 28 mm, tender masseters.|Indurated ulcer 9 mm, no nodes felt.|Stone palpable in the duct."),
    some("OPT enclosed.|Periapical film enclosed.|No films taken."),
    some("I should be grateful for your opinion and management.|Please see and treat as you think fit."),
)
JOINTS = Specialty(
    "Trauma and Orthopaedics",
    "",
    some(
        "45+ end-stage osteoarthritis of the right knee, failed conservative treatment"
        "|shoulder pain with weakness of abduction since a fall|numbness of the thumb and index finger, worse at night"
        "|<60 mechanical locking of the left knee|buttock and leg pain to the foot for four months"
    ),
    some(
        "Six sessions of supervised exercise without lasting gain.|Steroid injection in June helped for three weeks."
        "|18-66 Manual worker, off sick.|66+ Retired, gardens when able."
    ),
    some(
        "Positive Phalen, thenar wasting.|Straight leg raise 40 degrees, ankle jerk absent.|Drop arm sign positive."
        "|Extension lag of 10 degrees."
    ),
    some("MRI report attached.|45+ X-ray: joint space narrowing.|No imaging."),
    some("Would like a surgical opinion; shared decision discussion held.|Please consider for injection or surgery."),
)
MOOD = Specialty(
    "Adult Mental Health",
    "",
    some(
        "low mood, poor sleep and loss of interest for four months"
        "|panic several times a week and avoidance of leaving the house|elation and overspending, reported by the family"
    ),
    some(
        "Two courses of talking therapy completed.|Sertraline increased to 150 mg without benefit.|25+ Admitted once, in 2019."
        "|Lives alone, brother supportive."
    ),
    some("PHQ-9 19, GAD-7 15.|Good eye contact, no psychotic symptoms.|Speech pressured, insight partial."),
    some("Bloods including TFT normal.|No tests."),
    some("Please assess and advise on treatment.|Requesting a psychiatric opinion."),
)
WOUND = Specialty(
    "Vascular Surgery",
    "",
    some(
        "a leg ulcer not healing after fourteen weeks of compression|a heel pressure ulcer with exposed tendon"
        "|painful ulceration of both lower legs"
    ),
    some(
        "Type 2 diabetes on insulin.|Housebound, visited three times a week.|Previous DVT.|Two courses of flucloxacillin."
    ),
    some("Wound 42 x 30 mm, 60% slough.|ABPI 0.62 left, 0.88 right.|Oedema to the knee, pulses not felt."),
    some("Swab: Pseudomonas.|Bloods awaited."),
    some("Please see for arterial assessment.|Advice on further management please."),
)
BOOKING: tuple[str, ...] = some(
    "This is my first baby. I feel well apart from some sickness in the mornings. I work until four so afternoons are best."
    "|I have one little boy, he was born by caesarean in 2022. I would like to talk about the birth this time."
    "|The pregnancy test was positive twice. I take folic acid and a tablet for my thyroid. Please ring me, I do not get post."
    "|We had treatment to get pregnant and I am quite anxious. My mum can come with me. I would like the clinic near the bus station."
)
