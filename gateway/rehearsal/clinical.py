"""Clinical prose for invented referrals: what a general practitioner writes about complaint, history, examination and wish."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Specialty:
    """What one hospital department is asked about.

    `cancer_site` is the name that its suspected-cancer form has, empty where there is none.
    """

    name: str
    cancer_site: str
    complaints: tuple[str, ...]
    histories: tuple[str, ...]
    examinations: tuple[str, ...]
    tests: tuple[str, ...]
    wishes: tuple[str, ...]


def _some(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


SPECIALTIES: tuple[Specialty, ...] = (
    Specialty(
        "Cardiology",
        "",
        _some(
            "exertional chest tightness on climbing one flight of stairs for the past six weeks"
            "|palpitations lasting up to forty minutes, twice a week since August"
            "|increasing breathlessness and ankle swelling over three months"
            "|two episodes of near-syncope while walking the dog"
        ),
        _some(
            "Father had a myocardial infarction at 52.|Hypertension diagnosed in 2014."
            "|Ex-smoker, 20 pack years, stopped 2019.|Type 2 diabetes, diet controlled."
        ),
        _some(
            "BP 152/88, pulse 78 regular, no murmurs.|BP 138/76, pulse irregularly irregular at 92."
            "|Bibasal crackles, pitting oedema to mid shin, JVP +3 cm.|Ejection systolic murmur radiating to "
            "the carotids."
        ),
        _some(
            "NT-proBNP 1240 ng/L.|ECG shows left bundle branch block.|ECG normal sinus rhythm. Hb 134, TSH "
            "2.1.|Cholesterol 6.4, HbA1c 44."
        ),
        _some(
            "I would be grateful for your assessment and an echocardiogram."
            "|Please could you consider ambulatory monitoring and advise on anticoagulation."
        ),
    ),
    Specialty(
        "Dermatology",
        "Skin",
        _some(
            "a changing pigmented lesion on the left calf, now 9 mm with an irregular border"
            "|a crusted nodule on the right ear that bleeds and has doubled in size in two months"
            "|widespread itchy plaques on the elbows and scalp not settling with topical steroid"
            "|a slow growing pearly lesion beside the nose"
        ),
        _some(
            "Worked outdoors for thirty years.|Previous basal cell carcinoma excised 2017."
            "|Fair skin, burns easily, many holidays abroad.|Atopic eczema since childhood."
        ),
        _some(
            "Asymmetrical lesion with three colours, no palpable nodes."
            "|Keratotic nodule 14 mm, indurated base.|Well demarcated scaly plaques, nail pitting."
            "|7-point checklist score 5."
        ),
        _some("Dermoscopy image attached.|Bloods including FBC and LFT normal.|Swab negative."),
        _some(
            "Please see on your suspected skin cancer pathway.|I would be grateful for your opinion about "
            "systemic treatment."
        ),
    ),
    Specialty(
        "Ear, Nose and Throat",
        "Head and Neck",
        _some(
            "persistent hoarseness for five weeks without infection|a right sided neck lump, 3 cm, present "
            "for four weeks|unilateral hearing loss and tinnitus since the summer"
            "|recurrent tonsillitis with seven documented episodes this year"
        ),
        _some(
            "Smokes 15 a day, alcohol 30 units weekly.|Works as a primary school teacher."
            "|No weight loss, no dysphagia.|Grommets as a child."
        ),
        _some(
            "Firm, non-tender level II node.|Both tympanic membranes intact, Rinne negative on the left."
            "|Tonsils grade III, no exudate.|Voice breathy, oral cavity normal."
        ),
        _some("Audiogram shows asymmetry of 25 dB at 4 kHz.|Chest X-ray clear.|FBC and monospot normal."),
        _some(
            "Please arrange flexible nasendoscopy.|Could you see him or her with a view to surgery."
            "|I would value an early appointment."
        ),
    ),
    Specialty(
        "Gastroenterology",
        "Upper GI",
        _some(
            "progressive dysphagia to solids with 6 kg weight loss over ten weeks"
            "|epigastric pain and vomiting unresponsive to omeprazole 40 mg"
            "|chronic diarrhoea up to eight times daily with urgency|abnormal liver function tests found at "
            "routine review"
        ),
        _some(
            "Helicobacter eradicated in 2021.|Brother has Crohn's disease.|Drinks 10 units a week."
            "|Barrett's oesophagus on surveillance elsewhere."
        ),
        _some(
            "Epigastric tenderness, no mass.|Abdomen soft, liver edge 2 cm, no ascites."
            "|BMI 19.4, looks thin.|Mouth ulcers, perianal skin normal."
        ),
        _some("Hb 98, ferritin 6.|Faecal calprotectin 640.|ALT 142, ALP 98, bilirubin 14.|Coeliac serology negative."),
        _some("Please consider urgent endoscopy.|I should be glad of your advice on further investigation."),
    ),
    Specialty(
        "Colorectal Surgery",
        "Lower GI",
        _some(
            "rectal bleeding mixed with the stool and a change in bowel habit for seven weeks"
            "|iron deficiency anaemia with a positive FIT|a palpable mass in the right iliac fossa"
            "|painful defaecation and bright red bleeding for two months"
        ),
        _some(
            "Mother had bowel cancer aged 61.|Diverticular disease on CT in 2018.|No previous colonoscopy."
            "|Takes apixaban for atrial fibrillation."
        ),
        _some(
            "Abdomen soft, rectal examination normal.|Firm mass 5 cm, mobile."
            "|Third degree haemorrhoids, no mass felt.|Performance status 1."
        ),
        _some("FIT 86 ug/g.|Hb 102, MCV 74, ferritin 9.|FIT < 4. U&E normal, eGFR 71.|CRP 12."),
        _some(
            "Please see on the two week wait pathway.|I would be grateful for your opinion and colonoscopy "
            "if you agree."
        ),
    ),
    Specialty(
        "Gynaecology",
        "Gynaecological",
        _some(
            "post-menopausal bleeding on three occasions in the last month"
            "|heavy menstrual bleeding with clots and flooding|pelvic pain and bloating with a raised CA125"
            "|a prolapse that is now troublesome despite a ring pessary"
        ),
        _some("Para 2, both vaginal deliveries.|Last smear 2023, normal.|Not on HRT.|Fibroids noted on scan in 2020."),
        _some(
            "Bulky uterus, cervix looks healthy.|Speculum: atrophic changes only."
            "|Adnexal fullness on the left.|Second degree cystocoele."
        ),
        _some("CA125 88.|Ultrasound: endometrium 11 mm.|Hb 104.|Pregnancy test negative."),
        _some("Grateful for hysteroscopy.|Please could you advise on surgical options."),
    ),
    Specialty(
        "Neurology",
        "",
        _some(
            "recurrent left sided headache with visual aura, now twelve days each month"
            "|a first unprovoked seizure witnessed by his wife|tremor of the right hand and slowness for "
            "nine months"
            "|numbness ascending from both feet"
        ),
        _some(
            "No head injury.|Uncle has epilepsy.|Stopped driving as advised; DVLA informed.|Vegan diet, B12 replaced."
        ),
        _some(
            "Cranial nerves intact, fundi normal.|Mild bradykinesia and cogwheel rigidity."
            "|Reflexes absent at the ankles.|Gait normal, Romberg negative."
        ),
        _some("B12 and folate normal.|MRI not yet arranged.|Glucose 5.2, TFT normal."),
        _some("I would be grateful for your diagnosis and advice.|Please see in your first seizure clinic."),
    ),
    Specialty(
        "Ophthalmology",
        "",
        _some(
            "gradual blurring of the right eye with glare at night|distortion of central vision in the left "
            "eye since last week|raised intraocular pressures at routine sight test"
            "|a watering eye on the left for a year"
        ),
        _some(
            "Mother had glaucoma.|Type 1 diabetes for 22 years.|Had right cataract surgery in 2022."
            "|Drives for a living."
        ),
        _some(
            "VA R 6/18 L 6/9, nuclear sclerosis both eyes.|IOP R 27 L 25 mmHg (Goldmann), C/D 0.7."
            "|Amsler distorted on the left, drusen.|Lids healthy, regurgitation on pressure."
        ),
        _some("OCT attached.|Visual fields show a superior arcuate defect on the right.|Refraction unchanged."),
        _some(
            "Please assess for cataract surgery.|Referral for glaucoma assessment please."
            "|Kindly see as wet macular degeneration cannot be excluded."
        ),
    ),
    Specialty(
        "Trauma and Orthopaedics",
        "",
        _some(
            "right knee pain and stiffness limiting walking to 200 yards"
            "|groin pain from an arthritic left hip disturbing sleep|locking of the left knee after a "
            "twisting injury at football"
            "|a painful bunion with recurrent ulceration"
        ),
        _some(
            "Physiotherapy for twelve weeks without benefit.|Two steroid injections, the last in May."
            "|BMI 31.|Lives alone, manages stairs with difficulty."
        ),
        _some(
            "Flexion 5 to 95 degrees, crepitus, no effusion.|Internal rotation nil, Trendelenburg positive."
            "|McMurray positive medially.|Antalgic gait with a stick."
        ),
        _some(
            "X-ray: severe tricompartmental osteoarthritis.|Oxford hip score 17."
            "|X-ray normal, MRI requested.|Vitamin D 61."
        ),
        _some(
            "He or she wishes to discuss joint replacement.|Grateful for consideration of arthroscopy."
            "|Please see and advise."
        ),
    ),
    Specialty(
        "Respiratory Medicine",
        "Lung",
        _some(
            "haemoptysis on four occasions in a lifelong smoker|a persistent cough for eight weeks with "
            "weight loss|worsening breathlessness with a MRC score of 4"
            "|loud snoring with witnessed apnoeas and an Epworth score of 16"
        ),
        _some(
            "40 pack years, still smoking.|Former coal miner, possible asbestos exposure."
            "|COPD on triple therapy.|Asthma since childhood, two courses of prednisolone this year."
        ),
        _some(
            "Finger clubbing, dull left base.|SpO2 93% on air, scattered wheeze.|Chest clear, no nodes."
            "|Neck circumference 44 cm."
        ),
        _some(
            "Chest X-ray: right hilar opacity, CT suggested.|FEV1 48% predicted.|Eosinophils 0.6."
            "|Chest X-ray reported normal."
        ),
        _some(
            "Please see urgently.|I would be grateful for sleep studies."
            "|Could you please review his or her inhaled treatment."
        ),
    ),
    Specialty(
        "Rheumatology",
        "",
        _some(
            "symmetrical swelling of the small joints of both hands for eight weeks"
            "|early morning stiffness of the shoulders and hips lasting two hours"
            "|inflammatory low back pain since the age of 24"
        ),
        _some("Psoriasis since 2009.|Responded dramatically to prednisolone 15 mg.|Aunt has lupus.|Nil of note."),
        _some(
            "Synovitis of MCP 2 and 3 on both sides.|Shoulder abduction limited by pain to 80 degrees."
            "|Schober 3 cm.|Squeeze test positive."
        ),
        _some("CRP 48, ESR 62, anti-CCP strongly positive.|RF negative, ANA 1:160.|HLA-B27 awaited."),
        _some("Please see in your early arthritis clinic.|Grateful for confirmation of the diagnosis and a plan."),
    ),
    Specialty(
        "Urology",
        "Urological",
        _some(
            "painless visible haematuria on two occasions|a raised age-specific PSA with a firm prostate"
            "|lower urinary tract symptoms with an IPSS of 23|a testicular lump noticed three weeks ago"
        ),
        _some(
            "Taking tamsulosin since January.|Smoked until 2010, worked in dyeing."
            "|Brother had prostate cancer at 58.|No dysuria."
        ),
        _some(
            "Prostate enlarged, firm nodule on the left.|Abdomen normal, bladder not palpable."
            "|Hard 1 cm lump at the lower pole.|Genitalia normal."
        ),
        _some("PSA 11.4, repeat 12.0.|MSU no growth, eGFR 64.|Residual 180 ml on scan.|Dipstick blood +++."),
        _some("Please see on the haematuria pathway.|I would value your advice regarding surgery."),
    ),
    Specialty(
        "Breast Surgery",
        "Breast",
        _some(
            "a discrete 2 cm lump in the upper outer quadrant of the left breast"
            "|bloody discharge from the right nipple|breast pain on the left for three months without a lump"
        ),
        _some(
            "Mother and aunt had breast cancer.|On HRT for six years.|Breast fed two children."
            "|No previous breast disease."
        ),
        _some("Firm, mobile, no skin change, axilla clear.|Skin dimpling over a hard lump.|Normal examination."),
        _some("Last mammogram 2024.|No imaging yet."),
        _some("Please see in the one-stop clinic.|She is anxious and would welcome an early appointment."),
    ),
    Specialty(
        "Paediatrics",
        "",
        _some(
            "recurrent abdominal pain causing missed school|faltering growth, crossing two centiles since "
            "birth|day and night wetting despite alarm treatment|frequent wheeze needing four courses of "
            "steroid"
        ),
        _some(
            "Born at 36 weeks by section.|Immunisations up to date.|Two healthy siblings."
            "|Parents separated, both attend."
        ),
        _some(
            "Weight on the 9th centile, height 25th.|Abdomen soft, bowels loaded."
            "|Chest clear today, SpO2 98%.|Well, interactive child."
        ),
        _some("Coeliac screen negative.|Urine dip clear.|FBC normal, vitamin D 32."),
        _some("Mum is very worried; please see and advise.|I would be grateful for assessment in clinic."),
    ),
)
MEDICINES: tuple[str, ...] = _some(
    "Amlodipine 5 mg od|Ramipril 10 mg od|Atorvastatin 20 mg nocte|Metformin 500 mg bd|Omeprazole 20 mg od"
    "|Levothyroxine 75 micrograms od|Salbutamol 100 mcg prn"
    "|Bisoprolol 2.5 mg od|Sertraline 50 mg od|Apixaban 5 mg bd|Furosemide 40 mg od|Co-codamol 30/500 2 qds"
    "|Fostair 100/6 2 puffs bd|Gliclazide 80 mg bd|Tamsulosin 400 mcg od"
)
ALLERGIES: tuple[str, ...] = (
    "None known",
    "NKDA",
    "Penicillin - rash",
    "Trimethoprim",
    "Aspirin - wheeze",
    "Latex",
    "Elastoplast",
)
PAST: tuple[str, ...] = (
    "Appendicectomy 1988",
    "Essential hypertension 2011",
    "Hypothyroidism 2006",
    "Total hysterectomy 2003",
    "Asthma",
    "Depression 2016",
    "Cholecystectomy 1999",
    "Gout",
    "Chronic kidney disease stage 3a",
    "Fractured wrist 2013",
    "Migraine",
    "Type 2 diabetes mellitus 2018",
)
_OPENINGS = (
    "Thank you for seeing this {age} year old {kind} with {complaint}.",
    "I would be grateful if you would see this {age} year old {kind} who presents with {complaint}.",
    "This {age} year old {kind} came to surgery with {complaint}.",
    "Many thanks for assessing this patient, aged {age}, who has {complaint}.",
    "Re {complaint}. The patient is a {age} year old {kind}.",
    "{age} yr old {kind}: {complaint}.",
)


_MORE = (
    "The problem began gradually and there was no obvious trigger.",
    "There has been no fever, and appetite is normal.",
    "Symptoms are worse in the mornings and after exertion.",
    "Over the counter remedies have been tried without lasting benefit.",
    "Lives with family and is independent in daily activities.",
    "Works part time in a warehouse and has had several weeks off.",
    "There is some anxiety about what this may mean.",
    "We reviewed the options at length and a referral was agreed.",
    "Weight has been stable over the last year.",
    "Non-smoker, drinks alcohol only at weekends.",
    "Previous investigations elsewhere four years ago were said to be normal.",
    "Sleep is disturbed most nights.",
    "Mobility is good and no transport is needed.",
    "Safety-net advice has been given in the meantime.",
)
_MEN_ONLY = ("testic", "prostat", "PSA", "Genitalia", "urinary tract symptoms with an IPSS", "lower pole", "tamsulosin")


def _for(options: tuple[str, ...], gender: str) -> tuple[str, ...]:
    return (
        options
        if gender != "female"
        else tuple(o for o in options if not any(word in o for word in _MEN_ONLY)) or options
    )


def specialty_named(name: str) -> Specialty:
    """The specialty of that name; KeyError where there is none."""
    for specialty in SPECIALTIES:
        if specialty.name == name:
            return specialty
    raise KeyError(name)


def _wish(random: Random, specialty: Specialty, priority: str) -> str:
    # A letter whose prose contradicts its priority has no single truth, so such wishes are kept for their own priority.
    barred = {"TWO_WEEK_WAIT": (), "URGENT": ("two week", "pathway")}.get(
        priority, ("two week", "pathway", "urgent", "early")
    )
    fitting = [wish for wish in specialty.wishes if not any(word in wish for word in barred)]
    return random.choice(fitting or ["I would be grateful for your opinion and advice."])


def write_reason(random: Random, specialty: Specialty, age: int, gender: str, priority: str) -> tuple[str, ...]:
    """Two to four paragraphs of plain ASCII prose, as long as practices write: about 40 to 160 words."""
    kind = ("girl" if age < 16 else "lady") if gender == "female" else ("boy" if age < 16 else "gentleman")
    if random.random() < 0.3:
        kind = "patient"
    opening = random.choice(_OPENINGS).format(
        age=max(age, 1), kind=kind, complaint=random.choice(_for(specialty.complaints, gender))
    )
    if random.random() < 0.5:
        opening += " " + random.choice(
            (
                "There are no red flag features that I could find.",
                "Symptoms are getting worse and affect work and sleep.",
                "Simple measures from the pharmacy have not helped.",
                "I have discussed the possible causes and the reason for referral.",
            )
        )
    history = " ".join(
        [
            *random.sample(_for(specialty.histories, gender), random.choice((1, 2, 2))),
            *random.sample(_MORE, random.choice((0, 1, 2, 3, 4))),
        ]
    )
    findings = random.choice(("On examination: ", "O/E ", "Examination: ", "")) + random.choice(
        _for(specialty.examinations, gender)
    )
    if random.random() < 0.8:
        findings += " " + random.choice(_for(specialty.tests, gender))
    wish = _wish(random, specialty, priority)
    if "He or she" in wish or "him or her" in wish or "his or her" in wish:
        she = gender == "female"
        wish = wish.replace("He or she", "She" if she else "He").replace("him or her", "her" if she else "him")
        wish = wish.replace("his or her", "her" if she else "his")
    paragraphs = [opening, history, findings, wish]
    if random.random() < 0.5:
        paragraphs = [f"{opening} {history}", f"{findings} {wish}"]
    return tuple(paragraphs)
