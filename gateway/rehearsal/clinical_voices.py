"""What other practices write about the same departments: second sets of phrases, with suspicions of cancer kept for those who have one.

Phrases may begin with ages, as in gateway.rehearsal.clinical. None of them says how soon the patient should be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.rehearsal.clinical import some


@dataclass(frozen=True)
class Voice:
    """What one writer tells a department; `suspicions` are complaints of those in whom cancer is feared, empty where there are none."""

    specialty: str
    complaints: tuple[str, ...]
    suspicions: tuple[str, ...]
    histories: tuple[str, ...]
    findings: tuple[str, ...]
    wishes: tuple[str, ...]


GROWN_VOICES: tuple[Voice, ...] = (
    Voice(
        "Cardiology",
        some(
            "fluttering in the chest at rest, mostly in bed, which the wrist monitor records as 150 a minute"
            "|breathless after one flight and has to sleep on three pillows|a murmur heard by the insurance doctor"
            "|blackouts without warning, the last in the supermarket|tight band across the chest when walking into the wind"
        ),
        (),
        some(
            "Never had rheumatic fever as far as we know.|40+ Stents to the LAD in 2015, discharged 2017."
            "|Both grandfathers died suddenly before sixty.|Cycles to work and had no trouble until the spring."
        ),
        some(
            "Loud pansystolic murmur at the apex, no signs of failure.|Heart sounds normal, lying and standing pressures 131/80 and 128/79."
            "|Pulse 48 and regular, ECG shows first degree block.|45+ JVP raised, ankles pitting, BNP 890."
        ),
        some(
            "Would you kindly investigate and let me know whether the statin should go on.|An echo and your advice, please."
        ),
    ),
    Voice(
        "Dermatology",
        some(
            "hands that crack and weep every winter, no better with three different ointments"
            "|a ring-shaped rash of the trunk that the pharmacist took for fungus|hair coming away in coin-sized patches"
            "|nettle rash most mornings since Easter"
        ),
        some(
            "a mole on the shoulder blade that a partner noticed has become two-coloured and catches on clothing"
            "|a fast growing dome on the temple with a horny centre|a black streak under the thumb nail, wider than in the summer"
        ),
        some(
            "Works in a bakery and wears gloves all day.|No new medicines or washing powders.|Used sunbeds for some years."
            "|30+ A rodent ulcer was cut out elsewhere some time ago."
        ),
        some(
            "11 by 7 mm, irregular outline, regression in the middle.|Lichenified plaques on both palms, nails spared."
            "|No enlarged glands in the neck, armpit or groin.|Scalp otherwise healthy, exclamation mark hairs at the edge."
        ),
        some("Photographs can be sent if you wish; please give us your opinion.|Please see and treat."),
    ),
    Voice(
        "Ear, Nose and Throat",
        some(
            "spinning for half a minute whenever turning over in bed|a blocked nose on both sides with loss of smell"
            "|quinsy twice since Christmas, both drained|pulsing noise in the right ear in time with the heart"
        ),
        some(
            "hoarse since the end of the summer with no cold to explain it|a swelling below the jaw that has not gone down in a month"
            "|pain on swallowing felt in one ear, and the food sticks"
        ),
        some(
            "Sings in a choir and uses the voice daily.|Stopped smoking last year after thirty a day.|Steroid spray for eight weeks did nothing."
            "|Allergic to house dust on testing."
        ),
        some(
            "Dix-Hallpike positive on the right.|Bilateral polyps seen with the otoscope.|Mouth and tonsils look clean, tongue moves well."
            "|Weber to the left, drums normal."
        ),
        some("Please look at the larynx and advise.|I should be pleased to have your view on an operation."),
    ),
    Voice(
        "Gastroenterology",
        some(
            "bloating and loose motions after bread, brought on again at a birthday party|heartburn on the highest dose of lansoprazole"
            "|itching and tiredness with a cholestatic blood picture|mucus and blood six times a day for a month"
        ),
        some(
            "solid food sticking behind the breastbone, now also bread and rice|full after a few mouthfuls, and two dress sizes lost since June"
            "|40+ painless jaundice noticed by a neighbour"
        ),
        some(
            "Mother is coeliac.|Drank heavily in the army, none for six years.|Returned from Goa in September, stools then negative."
            "|No non-steroidals."
        ),
        some(
            "Thin, clothes loose, no glands felt.|Tender in the right iliac fossa without guarding.|Spider naevi, liver just palpable."
            "|Ferritin 11, tTG over 128."
        ),
        some("Kindly advise on endoscopy.|May we have your help with diagnosis and further management."),
    ),
    Voice(
        "Colorectal Surgery",
        some(
            "a lump that comes down at stool and has to be pushed back|a weeping place beside the anus since an abscess in May"
            "|straining and the feeling that it is never finished"
        ),
        some(
            "45+ dark blood in the pan with looser motions than ever before|a FIT of 140 done for tiredness, haemoglobin 96"
            "|a hard lump felt with the finger tip inside the back passage"
        ),
        some(
            "Took part in bowel screening two years ago, clear.|Nobody in the family has had bowel disease.|30+ Warfarin stopped in 2020."
            "|A high fibre diet was tried for three months."
        ),
        some(
            "External opening at seven o'clock, no abscess now.|Second degree piles on proctoscopy.|Belly soft, no mass, glove clean."
            "|MCV 71, platelets 480."
        ),
        some("Please examine and arrange what is needed.|Grateful for a plan."),
    ),
    Voice(
        "Gynaecology",
        some(
            "<52 cycles of 21 days with flooding, off work two days each month|<45 pain at intercourse and with every period since school"
            "|a dragging feeling and leaking on coughing|<45 trying for a baby for two years"
        ),
        some(
            "53+ bleeding again, nine years after the change|a swollen abdomen with a CA125 of 210|a raw area of the vulva that bleeds when washed"
        ),
        some(
            "Mirena fitted and expelled within a month.|Pelvic floor exercises with the physiotherapist since March."
            "|Cervical screening up to date.|One ectopic in her twenties."
        ),
        some(
            "Uterus of fourteen weeks' size.|Fixed retroverted uterus, tender nodules behind.|Cervix normal to the eye, no polyp."
            "|Scan: endometrium 14 mm, ovaries not seen."
        ),
        some("Please see her and discuss what can be offered.|Your assessment would be welcome."),
    ),
    Voice(
        "Neurology",
        some(
            "pins and needles that climbed from toes to knees over the year|<60 stabbing pain behind one eye at two every morning for three weeks"
            "|a spell of lost speech for ten minutes, fully recovered, seen already by the stroke clinic"
            "|50+ handwriting that has become tiny and an arm that does not swing"
        ),
        (),
        some(
            "Does not drive.|A cousin has multiple sclerosis.|Alcohol at weddings only.|Propranolol and topiramate were given up for side effects."
        ),
        some(
            "Vibration lost to the knees, power full.|No nystagmus, discs flat, gait steady.|Tone increased in the right wrist."
            "|Plantars down, reflexes brisk throughout."
        ),
        some("Would you please see and advise on scans.|I would like your diagnosis before trying anything else."),
    ),
    Voice(
        "Ophthalmology",
        some(
            "45+ headlights dazzle and the newspaper needs a lamp|a lid that turns in and scratches|20+ double vision on looking down stairs"
            "|30+ pressures of 28 on two visits to the optician"
        ),
        (),
        some(
            "Amblyopic left eye since childhood.|40+ On drops since 2016.|Wears monthly lenses.|Father lost his sight late in life."
        ),
        some(
            "Lens opacities in both eyes, right more than left.|Pupils equal, no afferent defect.|Lashes rubbing on the cornea below."
            "|Discs cupped 0.8 on the left."
        ),
        some("Please see with a view to treatment.|Grateful for measurement of fields and your advice."),
    ),
    Voice(
        "Trauma and Orthopaedics",
        some(
            "50+ a hip that wakes the patient and no longer allows shoes to be tied|<65 a knee that gives way since the skiing holiday"
            "|a finger that clicks and sticks bent each morning|a heel that hurts at the first steps of the day"
        ),
        (),
        some(
            "Completed the joint school.|Paracetamol and a gel, stronger tablets not tolerated.|Ten weeks of exercises, notes enclosed."
            "|Enjoys the allotment and is losing it."
        ),
        some(
            "Lachman soft, no effusion.|Nodule in the palm at the A1 pulley.|45+ Leg 1 cm short, rotation painful at once."
            "|X-ray reported as advanced wear of the medial compartment."
        ),
        some("Would you consider surgery.|Please advise what else might help."),
    ),
    Voice(
        "Respiratory Medicine",
        some(
            "a night cough that two inhalers have not touched|falling asleep at traffic lights; snores through two doors"
            "|35+ crackles at both bases found at a check-up|breathlessness that comes in spells with tingling fingers"
        ),
        some(
            "35+ streaks of blood in the sputum twice this month|a shadow in the right upper zone on a film taken after a fall"
            "|weight falling and a cough that has been hoarse for two months"
        ),
        some(
            "Keeps two budgerigars.|Was a plumber and lagged pipes.|Spirometry at the practice was normal."
            "|Given doxycycline and then prednisolone, no change."
        ),
        some(
            "Saturation 95% falling to 89% on the stairs.|Fine crackles, no clubbing.|Peak flow 310, best 420.|Epworth 17, collar size 18."
        ),
        some("Please investigate.|Help with the diagnosis would be appreciated."),
    ),
    Voice(
        "Rheumatology",
        some(
            "knuckles so swollen that rings had to be cut off|fingers white then blue in the cold, with new ulcers at the tips"
            "|24-60 back stiff till eleven each morning, easier with movement|50+ shoulders and thighs too stiff to get out of the bath"
        ),
        (),
        some(
            "Psoriasis of the scalp in the teens.|Iritis twice, treated in the eye department.|Naproxen takes the edge off.|No recent infection."
        ),
        some(
            "Boggy swelling of both wrists and MCP joints.|Sausage toe on the left."
            "|Grip 60 mmHg right, 75 left.|CRP 61, CCP antibody over 200, ANA negative."
        ),
        some("Please confirm what this is and start what you think right.|Your opinion, please."),
    ),
    Voice(
        "Urology",
        some(
            "45+ up five times a night with a poor stream|a third stone on the left in four years|infections every month, each one proven"
            "|a fluid swelling around one testicle, now the size of an orange"
        ),
        some(
            "45+ red urine all through on one day, no pain, no infection|50+ PSA of 14, it was 3 two years ago|<55 a testicle that has become hard"
        ),
        some(
            "Finasteride for the prostate for a year.|Worked with rubber chemicals."
            "|Single kidney since birth.|Retention once after a hernia operation."
        ),
        some(
            "Urine culture sterile twice.|50+ Rectal examination: prostate hard on one side."
            "|Bladder scan 240 ml after voiding.|Lets light through, testicle not felt apart."
        ),
        some("Please investigate and advise.|Would you be so kind as to arrange a flexible cystoscopy."),
    ),
    Voice(
        "Breast Surgery",
        some("<45 a smooth mobile lump that comes and goes with the month|both breasts sore for weeks at a time"),
        some(
            "a thickening above the left nipple, found in the shower last week|a nipple that has drawn in since July"
            "|an eczema of one nipple that creams have not healed"
        ),
        some(
            "No breast cancer in the family.|30+ Two children, both breast fed.|Cyst drained once, years ago.|Takes no hormones."
        ),
        some(
            "Mobile, rubbery, 15 mm.|Irregular thickening at two o'clock, skin puckers on raising the arm.|No glands in the armpit."
        ),
        some("Please see her in clinic.|Grateful for examination and imaging."),
    ),
)
YOUNG_VOICES: tuple[Voice, ...] = (
    Voice(
        "Paediatrics",
        some(
            "4+ tummy ache on school days that has now begun at weekends too|<3 brings back most feeds and arches the back"
            "|2-15 dry all over with wheeze on running|5+ headaches three afternoons a week, no sickness|<2 not yet sitting at ten months"
            "|6+ wets the bed every night, alarm and tablets tried"
        ),
        (),
        some(
            "Twin pregnancy, the other child is well.|Vaccinated up to date.|Eats what the family eats."
            "|Grandmother looks after the child on weekdays."
        ),
        some(
            "Growing along the 25th centile.|Happy and playing on the floor.|Chest and abdomen normal.|2+ Blood pressure normal for age."
        ),
        some("The family would like a paediatrician's advice.|Please see in clinic."),
    ),
    Voice(
        "Dermatology",
        some(
            "eczema of the face and knees, infected three times this winter|a raised red birthmark on the scalp that bleeds"
        ),
        some("a dark mole of the back that has changed shape"),
        some("Father has hay fever.|Wet wraps tried.|No pets at home."),
        some("Weeping behind both knees.|Clear elsewhere.|Lesion 14 mm, soft."),
        some("Please see and advise on treatment.|Your opinion, please."),
    ),
    Voice(
        "Ear, Nose and Throat",
        some(
            "2+ says what all day and turns the television up|snores, stops breathing and wakes tired|2+ a running ear since the swimming lessons"
        ),
        some("3+ a gland in the neck that has grown for six weeks without infection"),
        some("Ear infections every winter.|Grommets came out last year.|Speech is clear."),
        some("Dull drums on both sides.|Tonsils touching.|Nose blocked, mouth breather."),
        some("Please assess.|Grateful for a hearing test and your advice."),
    ),
    Voice(
        "Ophthalmology",
        some(
            "2+ one eye wanders when tired|4+ screws up the eyes at the blackboard|<3 tears run down one cheek all day"
        ),
        (),
        some("Older sister patched at four.|Premature by five weeks.|No illness."),
        some("Corneal reflexes not central.|Eyes quiet, movements full.|No discharge today."),
        some("Please see.|Grateful for assessment by the orthoptist and yourselves."),
    ),
    Voice(
        "Trauma and Orthopaedics",
        some(
            "9+ pain below the kneecap after football|1-6 walks on tiptoe most of the time|10+ one shoulder higher than the other"
        ),
        (),
        some("Walked at fourteen months.|Gymnastics three times a week.|No injury remembered."),
        some(
            "Hips move freely and equally.|8+ Tender bony lump below the knee.|Straight leg raise 90 degrees both sides."
        ),
        some("Please see and advise.|The parents would value an opinion."),
    ),
)
