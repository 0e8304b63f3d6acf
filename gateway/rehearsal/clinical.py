"""What practices write about grown patients: complaints, histories, findings and wishes by specialty, medicines and diagnoses.

A phrase may begin with the ages it suits: `45+`, `<60` or `22-66` (whole years); one without suits every grown patient.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Specialty:
    """What one hospital department is asked about.

    `cancer_site` is the name that its suspected-cancer form has, empty where there is none. Phrases may begin with ages.
    """

    name: str
    cancer_site: str
    complaints: tuple[str, ...]
    histories: tuple[str, ...]
    examinations: tuple[str, ...]
    tests: tuple[str, ...]
    wishes: tuple[str, ...]


def some(text: str) -> tuple[str, ...]:
    """The phrases between upright strokes."""
    return tuple(part.strip() for part in text.split("|"))


SPECIALTIES: tuple[Specialty, ...] = (
    Specialty(
        "Cardiology",
        "",
        some(
            "30+ exertional chest tightness on climbing one flight of stairs for the past six weeks"
            "|palpitations lasting up to forty minutes, twice a week since August"
            "|45+ increasing breathlessness and ankle swelling over three months"
            "|two episodes of near-syncope while walking the dog"
        ),
        some(
            "<75 Father had a myocardial infarction at 52.|35+ Hypertension diagnosed in 2014."
            "|40+ Ex-smoker, 20 pack years, stopped 2019.|40+ Type 2 diabetes, diet controlled."
        ),
        some(
            "BP 152/88, pulse 78 regular, no murmurs.|BP 138/76, pulse irregularly irregular at 92."
            "|45+ Bibasal crackles, pitting oedema to mid shin, JVP +3 cm.|Ejection systolic murmur radiating to "
            "the carotids."
        ),
        some(
            "NT-proBNP 1240 ng/L.|ECG shows left bundle branch block.|ECG normal sinus rhythm. Hb 134, TSH "
            "2.1.|Cholesterol 6.4, HbA1c 44."
        ),
        some(
            "I would be grateful for your assessment and an echocardiogram."
            "|Please could you consider ambulatory monitoring and advise on anticoagulation."
        ),
    ),
    Specialty(
        "Dermatology",
        "Skin",
        some(
            "a changing pigmented lesion on the left calf, now 9 mm with an irregular border"
            "|a crusted nodule on the right ear that bleeds and has doubled in size in two months"
            "|widespread itchy plaques on the elbows and scalp not settling with topical steroid"
            "|a slow growing pearly lesion beside the nose"
        ),
        some(
            "50+ Worked outdoors for thirty years.|40+ Previous basal cell carcinoma excised 2017."
            "|Fair skin, burns easily, many holidays abroad.|Atopic eczema since childhood."
        ),
        some(
            "Asymmetrical lesion with three colours, no palpable nodes."
            "|Keratotic nodule 14 mm, indurated base.|Well demarcated scaly plaques, nail pitting."
            "|7-point checklist score 5."
        ),
        some("Dermoscopy image attached.|Bloods including FBC and LFT normal.|Swab negative."),
        some(
            "Please see on your suspected skin cancer pathway.|I would be grateful for your opinion about "
            "systemic treatment."
        ),
    ),
    Specialty(
        "Ear, Nose and Throat",
        "Head and Neck",
        some(
            "persistent hoarseness for five weeks without infection|a right sided neck lump, 3 cm, present "
            "for four weeks|unilateral hearing loss and tinnitus since the summer"
            "|<45 recurrent tonsillitis with seven documented episodes this year"
        ),
        some(
            "20+ Smokes 15 a day, alcohol 30 units weekly.|22-66 Works as a primary school teacher."
            "|No weight loss, no dysphagia.|<60 Grommets as a child."
        ),
        some(
            "Firm, non-tender level II node.|Both tympanic membranes intact, Rinne negative on the left."
            "|Tonsils grade III, no exudate.|Voice breathy, oral cavity normal."
        ),
        some("Audiogram shows asymmetry of 25 dB at 4 kHz.|Chest X-ray clear.|FBC and monospot normal."),
        some(
            "Please arrange flexible nasendoscopy.|Could you see him or her with a view to surgery."
            "|I would value an early appointment."
        ),
    ),
    Specialty(
        "Gastroenterology",
        "Upper GI",
        some(
            "progressive dysphagia to solids with 6 kg weight loss over ten weeks"
            "|epigastric pain and vomiting unresponsive to omeprazole 40 mg"
            "|chronic diarrhoea up to eight times daily with urgency|abnormal liver function tests found at "
            "routine review"
        ),
        some(
            "25+ Helicobacter eradicated in 2021.|Brother has Crohn's disease.|Drinks 10 units a week."
            "|Barrett's oesophagus on surveillance elsewhere."
        ),
        some(
            "Epigastric tenderness, no mass.|Abdomen soft, liver edge 2 cm, no ascites."
            "|BMI 19.4, looks thin.|Mouth ulcers, perianal skin normal."
        ),
        some("Hb 98, ferritin 6.|Faecal calprotectin 640.|ALT 142, ALP 98, bilirubin 14.|Coeliac serology negative."),
        some("Please consider urgent endoscopy.|I should be glad of your advice on further investigation."),
    ),
    Specialty(
        "Colorectal Surgery",
        "Lower GI",
        some(
            "rectal bleeding mixed with the stool and a change in bowel habit for seven weeks"
            "|iron deficiency anaemia with a positive FIT|a palpable mass in the right iliac fossa"
            "|painful defaecation and bright red bleeding for two months"
        ),
        some(
            "35+ Mother had bowel cancer aged 61.|45+ Diverticular disease on CT in 2018.|No previous colonoscopy."
            "|55+ Takes apixaban for atrial fibrillation."
        ),
        some(
            "Abdomen soft, rectal examination normal.|Firm mass 5 cm, mobile."
            "|Third degree haemorrhoids, no mass felt.|Performance status 1."
        ),
        some("FIT 86 ug/g.|Hb 102, MCV 74, ferritin 9.|FIT < 4. U&E normal, eGFR 71.|CRP 12."),
        some(
            "Please see on the two week wait pathway.|I would be grateful for your opinion and colonoscopy "
            "if you agree."
        ),
    ),
    Specialty(
        "Gynaecology",
        "Gynaecological",
        some(
            "48+ post-menopausal bleeding on three occasions in the last month"
            "|<55 heavy menstrual bleeding with clots and flooding|pelvic pain and bloating with a raised CA125"
            "|40+ a prolapse that is now troublesome despite a ring pessary"
        ),
        some(
            "24+ Para 2, both vaginal deliveries.|25-66 Last smear 2023, normal.|45+ Not on HRT.|30+ Fibroids noted on scan in 2020."
        ),
        some(
            "Bulky uterus, cervix looks healthy.|50+ Speculum: atrophic changes only."
            "|Adnexal fullness on the left.|Second degree cystocoele."
        ),
        some("CA125 88.|Ultrasound: endometrium 11 mm.|Hb 104.|<55 Pregnancy test negative."),
        some("Grateful for hysteroscopy.|Please could you advise on surgical options."),
    ),
    Specialty(
        "Neurology",
        "",
        some(
            "<65 recurrent left sided headache with visual aura, now twelve days each month"
            "|a first unprovoked seizure witnessed by the family|45+ tremor of the right hand and slowness for "
            "nine months"
            "|numbness ascending from both feet"
        ),
        some(
            "No head injury.|Uncle has epilepsy.|Stopped driving as advised; DVLA informed.|Vegan diet, B12 replaced."
        ),
        some(
            "Cranial nerves intact, fundi normal.|45+ Mild bradykinesia and cogwheel rigidity."
            "|Reflexes absent at the ankles.|Gait normal, Romberg negative."
        ),
        some("B12 and folate normal.|MRI not yet arranged.|Glucose 5.2, TFT normal."),
        some("I would be grateful for your diagnosis and advice.|Please see in your first seizure clinic."),
    ),
    Specialty(
        "Ophthalmology",
        "",
        some(
            "45+ gradual blurring of the right eye with glare at night|50+ distortion of central vision in the left "
            "eye since last week|30+ raised intraocular pressures at routine sight test"
            "|a watering eye on the left for a year"
        ),
        some(
            "25+ Mother had glaucoma.|30+ Type 1 diabetes for 22 years.|55+ Had right cataract surgery in 2022."
            "|21-69 Drives for a living."
        ),
        some(
            "45+ VA R 6/18 L 6/9, nuclear sclerosis both eyes.|30+ IOP R 27 L 25 mmHg (Goldmann), C/D 0.7."
            "|50+ Amsler distorted on the left, drusen.|Lids healthy, regurgitation on pressure."
        ),
        some("OCT attached.|Visual fields show a superior arcuate defect on the right.|Refraction unchanged."),
        some(
            "50+ Please assess for cataract surgery.|30+ Referral for glaucoma assessment please."
            "|55+ Kindly see as wet macular degeneration cannot be excluded."
        ),
    ),
    Specialty(
        "Trauma and Orthopaedics",
        "",
        some(
            "45+ right knee pain and stiffness limiting walking to 200 yards"
            "|45+ groin pain from an arthritic left hip disturbing sleep|<60 locking of the left knee after a "
            "twisting injury at football"
            "|a painful bunion with recurrent ulceration"
        ),
        some(
            "Physiotherapy for twelve weeks without benefit.|Two steroid injections, the last in May."
            "|BMI 31.|60+ Lives alone, manages stairs with difficulty."
        ),
        some(
            "40+ Flexion 5 to 95 degrees, crepitus, no effusion.|40+ Internal rotation nil, Trendelenburg positive."
            "|McMurray positive medially.|50+ Antalgic gait with a stick."
        ),
        some(
            "45+ X-ray: severe tricompartmental osteoarthritis.|45+ Oxford hip score 17."
            "|X-ray normal, MRI requested.|Vitamin D 61."
        ),
        some(
            "50+ He or she wishes to discuss joint replacement.|<65 Grateful for consideration of arthroscopy."
            "|Please see and advise."
        ),
    ),
    Specialty(
        "Respiratory Medicine",
        "Lung",
        some(
            "45+ haemoptysis on four occasions in a lifelong smoker|a persistent cough for eight weeks with "
            "weight loss|40+ worsening breathlessness with a MRC score of 4"
            "|loud snoring with witnessed apnoeas and an Epworth score of 16"
        ),
        some(
            "50+ 40 pack years, still smoking.|60+ Former coal miner, possible asbestos exposure."
            "|45+ COPD on triple therapy.|Asthma since childhood, two courses of prednisolone this year."
        ),
        some(
            "Finger clubbing, dull left base.|SpO2 93% on air, scattered wheeze.|Chest clear, no nodes."
            "|Neck circumference 44 cm."
        ),
        some(
            "Chest X-ray: right hilar opacity, CT suggested.|40+ FEV1 48% predicted.|Eosinophils 0.6."
            "|Chest X-ray reported normal."
        ),
        some(
            "Please see urgently.|I would be grateful for sleep studies."
            "|Could you please review his or her inhaled treatment."
        ),
    ),
    Specialty(
        "Rheumatology",
        "",
        some(
            "symmetrical swelling of the small joints of both hands for eight weeks"
            "|50+ early morning stiffness of the shoulders and hips lasting two hours"
            "|26-60 inflammatory low back pain since the age of 24"
        ),
        some(
            "30+ Psoriasis since 2009.|50+ Responded dramatically to prednisolone 15 mg.|Aunt has lupus.|Nil of note."
        ),
        some(
            "Synovitis of MCP 2 and 3 on both sides.|Shoulder abduction limited by pain to 80 degrees."
            "|Schober 3 cm.|Squeeze test positive."
        ),
        some("CRP 48, ESR 62, anti-CCP strongly positive.|RF negative, ANA 1:160.|HLA-B27 awaited."),
        some("Please see in your early arthritis clinic.|Grateful for confirmation of the diagnosis and a plan."),
    ),
    Specialty(
        "Urology",
        "Urological",
        some(
            "painless visible haematuria on two occasions|45+ a raised age-specific PSA with a firm prostate"
            "|45+ lower urinary tract symptoms with an IPSS of 23|<60 a testicular lump noticed three weeks ago"
        ),
        some(
            "45+ Taking tamsulosin since January.|40+ Smoked until 2010, worked in dyeing."
            "|45+ Brother had prostate cancer at 58.|No dysuria."
        ),
        some(
            "45+ Prostate enlarged, firm nodule on the left.|Abdomen normal, bladder not palpable."
            "|Hard 1 cm lump at the lower pole.|Genitalia normal."
        ),
        some("45+ PSA 11.4, repeat 12.0.|MSU no growth, eGFR 64.|Residual 180 ml on scan.|Dipstick blood +++."),
        some("Please see on the haematuria pathway.|I would value your advice regarding surgery."),
    ),
    Specialty(
        "Breast Surgery",
        "Breast",
        some(
            "a discrete 2 cm lump in the upper outer quadrant of the left breast"
            "|bloody discharge from the right nipple|breast pain on the left for three months without a lump"
        ),
        some(
            "Mother and aunt had breast cancer.|51+ On HRT for six years.|25+ Breast fed two children."
            "|No previous breast disease."
        ),
        some("Firm, mobile, no skin change, axilla clear.|Skin dimpling over a hard lump.|Normal examination."),
        some("50+ Last mammogram 2024.|No imaging yet."),
        some("Please see in the one-stop clinic.|She is anxious and would welcome an early appointment."),
    ),
)
MEDICINES: tuple[str, ...] = some(
    "30+ Amlodipine 5 mg od|30+ Ramipril 10 mg od|35+ Atorvastatin 20 mg nocte|30+ Metformin 500 mg bd|Omeprazole 20 mg od"
    "|Levothyroxine 75 micrograms od|Salbutamol 100 mcg prn"
    "|40+ Bisoprolol 2.5 mg od|Sertraline 50 mg od|55+ Apixaban 5 mg bd|50+ Furosemide 40 mg od|Co-codamol 30/500 2 qds"
    "|Fostair 100/6 2 puffs bd|40+ Gliclazide 80 mg bd|45+ Tamsulosin 400 mcg od"
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
    "40+ Gout",
    "50+ Chronic kidney disease stage 3a",
    "Fractured wrist 2013",
    "Migraine",
    "Type 2 diabetes mellitus 2018",
)
