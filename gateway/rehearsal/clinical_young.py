"""What practices write about children: complaints, histories, findings and wishes by specialty, medicines and diagnoses.

Phrases may begin with ages, as in gateway.rehearsal.clinical.
"""

from __future__ import annotations

from gateway.rehearsal.clinical import Specialty, some

YOUNG: tuple[Specialty, ...] = (
    Specialty(
        "Paediatrics",
        "",
        some(
            "5+ recurrent abdominal pain causing missed school|<4 faltering growth, crossing two centiles since birth"
            "|6+ day and night wetting despite alarm treatment|1-15 frequent wheeze needing four courses of steroid"
            "|<1 vomiting after feeds and slow weight gain|<2 noisy breathing since birth, worse when feeding"
            "|2-15 constipation with soiling for six months|8+ fainting on standing, three times this term"
        ),
        some(
            "Born at 36 weeks by section.|Immunisations up to date.|Two healthy siblings.|Parents separated, both attend."
            "|<2 Taking formula, weaning begun.|4+ Nursery and school report no concerns about behaviour."
            "|Family history of atopy.|<3 Health visitor has been weighing fortnightly."
        ),
        some(
            "Weight on the 9th centile, height 25th.|Abdomen soft, bowels loaded.|Chest clear today, SpO2 98%."
            "|2+ Well, interactive child.|<2 Alert and handling well, fontanelle soft."
        ),
        some("Coeliac screen negative.|Urine dip clear.|FBC normal, vitamin D 32.|No tests so far."),
        some(
            "Mum is very worried; please see and advise.|I would be grateful for assessment in clinic."
            "|Please would you see with a view to further investigation."
        ),
    ),
    Specialty(
        "Dermatology",
        "Skin",
        some(
            "widespread eczema that is not settling with a moderate steroid|a birthmark on the back that has grown and darkened"
            "|3+ multiple warts of both hands spreading despite treatment|<2 a strawberry naevus near the eyelid"
        ),
        some(
            "Atopic eczema since three months of age.|Father has psoriasis.|Emollients used twice daily."
            "|5+ Sleep and school attendance are affected.|No known food allergy."
        ),
        some(
            "Excoriated flexures, no infection today.|Brown plaque 22 mm with regular margins."
            "|Numerous lichenified patches.|Skin otherwise clear."
        ),
        some("Swab grew no pathogens.|Photographs enclosed.|No tests done."),
        some("I would be grateful for your advice on further treatment.|Please see and advise."),
    ),
    Specialty(
        "Ear, Nose and Throat",
        "Head and Neck",
        some(
            "2+ recurrent tonsillitis with seven documented episodes this year|1+ glue ear with delayed speech"
            "|2+ loud snoring with pauses in breathing at night|<3 noisy breathing on lying flat"
            "|4+ nose bleeds from both sides twice a week"
        ),
        some(
            "3+ Grommets at the age of two.|Born at term, passed the newborn hearing screen.|4+ Teacher has noticed inattention."
            "|Older brother had adenoids removed.|No bleeding disorder in the family."
        ),
        some(
            "Tonsils grade III, no exudate.|Both drums dull with fluid levels.|Mouth breathing, nose otherwise clear."
            "|Prominent vessels on the nasal septum."
        ),
        some("4+ Audiogram shows a loss of 30 dB on both sides.|Tympanogram flat on both sides.|FBC normal."),
        some("Could you see him or her with a view to surgery.|Please assess hearing and advise."),
    ),
    Specialty(
        "Ophthalmology",
        "",
        some(
            "a turn of the left eye noticed in photographs|<2 a sticky, watering right eye since birth"
            "|4+ poor vision of the right eye found at school screening|a lump of the upper lid for four months"
        ),
        some(
            "Mother had a squint operated on as a child.|Born at 34 weeks.|3+ Given glasses in the spring, worn well."
            "|No family history of eye disease."
        ),
        some(
            "Left convergent squint on cover test.|Red reflex equal on both sides.|4+ VA R 6/18 L 6/6 with glasses."
            "|Lid lump 5 mm, not inflamed."
        ),
        some("No tests done.|4+ Refraction R +4.50 L +1.25."),
        some("Please see and advise.|I would be grateful for orthoptic assessment."),
    ),
    Specialty(
        "Trauma and Orthopaedics",
        "",
        some(
            "8+ knee pain on running and stairs for five months|3-9 a limp that comes and goes without injury"
            "|1-5 in-toeing with frequent tripping|<1 asymmetrical thigh creases found at the eight week check"
            "|10+ a curve of the spine noticed at swimming"
        ),
        some(
            "Breech, born by section.|Met all milestones.|6+ Plays football twice a week.|No fever or weight loss."
            "|Mother has hypermobile joints."
        ),
        some(
            "1+ Gait otherwise normal, full movement of hips.|8+ Tender over the tibial tubercle."
            "|<1 Left hip abducts to 50 degrees, right to 70.|10+ Rib hump on forward bending."
        ),
        some("4+ X-ray of the pelvis normal.|Inflammatory markers normal.|No imaging so far."),
        some("Please see and advise.|I would be grateful for your opinion on further management."),
    ),
)
MEDICINES: tuple[str, ...] = some(
    "Paracetamol 120 mg/5 ml prn|Salbutamol 100 mcg via spacer prn|Clenil 50 mcg 2 puffs bd|Movicol Paediatric 1 sachet od"
    "|Cetirizine 5 mg/5 ml od|Hydrocortisone 1% cream bd|Vitamin D drops|Diprobase ointment"
)
PAST: tuple[str, ...] = ("Asthma", "Eczema", "Bronchiolitis in infancy", "Otitis media, recurrent", "Premature birth")
