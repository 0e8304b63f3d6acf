"""The specialties that hospitals have, as letters name them: departments, clinics and the consultants' own titles."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from templates.grammar import plain, squash

# The print of hospitals: their names, and the words round their departments.
HOSPITAL = re.compile(
    r"\b(?:hospital|infirmary|NHS\s+(?:foundation\s+)?trust|department|dept|outpatients?|booking|clinic)\b", re.I
)

HOSPITAL_NAME = re.compile(r"\b(?:hospitals?|infirmary|NHS\s+(?:foundation\s+)?trust)\b", re.I)

# National specialty names in common use, longest first where one holds another. Kept in words, as letters write them.
_NAMES = (
    "Ear, Nose and Throat|Ear Nose and Throat|ENT|Otolaryngology|Cardiology|Dermatology|Gastroenterology|"
    "Hepatology|Neurology|Neurosurgery|"
    "Rheumatology|Clinical Haematology|Respiratory Medicine|Respiratory|Chest Medicine|Urology|Nephrology|Renal Medicine|"
    "Gynaecology|Obstetrics and Gynaecology|"
    "Obstetrics|Ophthalmology|Orthopaedics|Trauma and Orthopaedics|"
    "Orthopaedic Surgery|General Surgery|Colorectal Surgery|"
    "Colorectal|Upper GI Surgery|Lower GI|Upper GI|Breast Surgery|Breast|Vascular Surgery|Plastic Surgery|"
    "Endocrinology|Diabetes and Endocrinology|Endocrinology and Diabetes|"
    "Diabetes|Diabetic Medicine|Haematology|Oncology|Clinical Oncology|Medical Oncology|Paediatrics|"
    "Paediatric Surgery|Geriatric Medicine|"
    "Care of the Elderly|Elderly Medicine|General Medicine|Acute Medicine|Psychiatry|"
    "Oral and Maxillofacial Surgery|Maxillofacial Surgery|Oral Surgery|"
    "Orthodontics|Pain Management|Allergy|Clinical Immunology|Immunology|Infectious Diseases|"
    "Genitourinary Medicine|Sexual Health|Physiotherapy|Podiatry|"
    "Audiology|Dietetics|Neurophysiology|Spinal Surgery|Hand Surgery|Cardiothoracic Surgery|"
    "Thoracic Surgery|Thoracic Medicine|Sleep Medicine|"
    "Stroke Medicine|Rehabilitation|Palliative Medicine|Fertility|Clinical Genetics|Genetics|"
    "Head and Neck|Skin|Lung|Urogynaecology|Mental Health|Old Age Psychiatry|Maternity|Midwifery|Obstetrics|Paediatric Dentistry|"
    "Restorative Dentistry|Dental Medicine|Neonatology|Interventional Radiology|Bariatric Surgery|Transplantation Surgery|Memory Clinic|"
    "Oral Medicine|Endodontics|Periodontics|Special Care Dentistry|Orthoptics|Maternal Medicine|"
    "Fetal Medicine|Maternal and Fetal Medicine|Reproductive Medicine|Gynaecological Oncology|Pain Medicine|Pain Clinic|Chronic Pain|"
    "Diabetic Foot|Diabetic Foot Clinic|Continence|Bladder and Bowel|Pelvic Health|"
    "Hand Therapy|Occupational Therapy|Speech and Language Therapy|Orthotics|Prosthetics|Sport and Exercise Medicine|"
    "Sports and Exercise Medicine|Tropical Medicine|Cardiac Surgery|Hepatobiliary Surgery|Burns Care|"
    "Respiratory Physiology|Cardiac Physiology|Nuclear Medicine|Clinical Psychology|Neuropsychology|Neurodevelopmental|"
    "Child Development|Learning Disability|Learning Disabilities|Tissue Viability|Lymphoedema|"
    "Fracture Clinic|Falls Clinic|Heart Failure Clinic|Chest Pain Clinic|Rapid Access Chest Pain Clinic|TIA Clinic|Menopause Clinic|"
    "Transplant Surgery|Hepatobiliary and Pancreatic Surgery|Upper Gastrointestinal Surgery|"
    "Audiovestibular Medicine|General Internal Medicine|Rehabilitation Medicine|General Paediatrics|Older People's Medicine|"
    "Older People's Mental Health|CAMHS|Forensic Psychiatry|Medical Retina|Lipid Clinic|Headache Clinic|TB Clinic|"
    "Cataract Clinic|Glaucoma Clinic|Tinnitus Clinic|Voice Clinic|Hand Clinic|Eating Disorders Service|"
    "Weight Management Service|Early Inflammatory Arthritis Clinic|Direct Access Endoscopy|Spinal Triage Service|"
    "Early Pregnancy Assessment|Ambulatory Care|Ambulatory Care Unit|Same Day Emergency Care|Restorative Dentistry|Oral Medicine|"
    "MSK Physiotherapy|Musculoskeletal Physiotherapy|Breast Clinic|"
    "Skin Clinic|Lung Clinic|Continence Clinic|Continence Service|Memory Assessment|Memory Assessment Service|"
    "Memory Service|Diabetic Foot Service|Head and Neck Clinic"
)
_LIST = sorted(_NAMES.split("|"), key=len, reverse=True)
# "Paediatric Orthopaedics" is another service than orthopaedics: the word before the name belongs to it.
_FOR_WHOM = (
    r"(?:(?:Paediatric|Pediatric|Children['’]s|Child(?:ren)?\s+(?:and|&)\s+Adolescent|Adolescent|Community|Adult|Perinatal|Obstetric|"
    r"Antenatal|Pelvic\s+Health|Women['’]s)\s+)?"
)
_WORDS = re.compile(
    r"(?<![A-Za-z])("
    + _FOR_WHOM
    + "(?:"
    + "|".join(re.escape(n).replace(r"\ ", r"\s+").replace(r"\s+and\s+", r"\s+(?:and|&)\s+") for n in _LIST)
    + r"))(?![A-Za-z])",
    re.I,
)
_JOINED = re.compile(r"[A-Za-z]{4,}\s+(?:a[nu][dc]|amd|ond|&)\W+$", re.I)
_CONTEXT = re.compile(
    r"(?:department|dept|clinic|outpatient|outpatients|service|unit|consultants?|referrals?|team|directorate|specialty|lead|clinicians?|secretar(?:y|ies)|"
    r"bookings?)\b",
    re.I,
)
_NAME_ENDS = re.compile(
    r"\W*(?:$|[,.;:(]|\b(?:at|department|dept|clinic|team|service|outpatients?|under|for|from|in|on|please)\b)|\s+[A-Z]"
)
_TITLE_OF = {
    "cardiologist": "Cardiology", "dermatologist": "Dermatology", "gastroenterologist": "Gastroenterology",
    "neurologist": "Neurology",
    "rheumatologist": "Rheumatology", "urologist": "Urology", "gynaecologist": "Gynaecology", "ophthalmologist":
    "Ophthalmology",
    "haematologist": "Haematology", "endocrinologist": "Endocrinology", "nephrologist": "Nephrology", "hepatologist":
    "Hepatology",
    "oncologist": "Oncology", "paediatrician": "Paediatrics", "geriatrician": "Geriatric Medicine", "neurosurgeon":
    "Neurosurgery",
}  # fmt: skip

# What may stand round a specialty, put as `#`, on a line that only names whom the paper is for.
DEPARTMENT_ROUND = re.compile(
    r"\W*(?:[A-Z][\w'’.\- ]{2,40}\b(?:hospital|infirmary)(?:,|\s*[-\u2013])\s+)?"
    r"(?:(?:to|for|the|attend|department|dept|consultants?|lead|clinical|clinicians?|children['’]s|of|in|outpatients?|clinic)\W+)*#"
    r"(?:\W+(?:department|dept|outpatients?|clinic|service|unit|opd|secretar(?:y|ies)|referrals?|bookings?|office|team))*"
    r"(?:\W*[,/].{0,60}\b(?:hospital|infirmary|trust|centre)\b.{0,30})?(?:\W*\((?:routine|urgent|2\s?ww|two week wait)\))?\W*",
    re.I,
)


def specialties_in(text: str, needs_context: bool = True) -> list[tuple[str, int, int]]:
    """The specialties that a short line names, as printed, with their place in the text; left to right.

    `needs_context` takes them only beside a word such as clinic, department or consultant, or alone on the line.
    """
    clean = plain(text)
    # "Irauma and orthopaedics": what is left of a longer name names nothing.
    found = [
        (m[1], m.start(1), m.end(1))
        for m in _WORDS.finditer(clean)
        if not (_JOINED.search(clean[: m.start(1)]) and is_part(m[1]))
    ]
    if not found:
        return []
    if needs_context and not _CONTEXT.search(clean) and len(clean) > found[0][2] - found[0][1] + 12:
        return []
    return found


def specialty_of_title(text: str) -> str | None:
    """The specialty behind a consultant's title (`Consultant Cardiologist` is Cardiology), or None."""
    for word in re.findall(r"[a-z]+", plain(text).lower()):
        if word in _TITLE_OF:
            return _TITLE_OF[word]
    return None


def is_specialty(text: str) -> bool:
    """Whether the text is the name of a specialty and nothing else."""
    clean = plain(text)
    m = _WORDS.match(clean)
    return m is not None and m.end() == len(clean)


def specialty_at(text: str) -> str:
    """The specialty that a text begins with, its longest name, where the name ends as a name does; empty if none."""
    m = _WORDS.match(text)
    return m[1] if m is not None and _NAME_ENDS.match(text, m.end()) else ""


def is_site(text: str) -> bool:
    """Whether the text is a tumour site, as cancer forms are titled, that departments of other names look after."""
    return (
        re.fullmatch(r"(?:lower|upper)\s+gi|colorectal|lung|skin|breast|head\s+and\s+neck", plain(text), re.I)
        is not None
    )


def is_part(text: str) -> bool:
    """Whether a longer name of the list holds this one as whole words or as a word's end: what is left of it when print is lost."""
    key = plain(text).lower()
    return any(
        key != name.lower() and (name.lower().endswith(key) or re.search(rf"\b{re.escape(key)}\b", name.lower()))
        for name in _LIST
    )


def repaired_specialty(text: str) -> str | None:
    """The known specialty that a misread text must be: alike in seven letters of eight and as long, and no other one nearly as
    like; else None. A word more or less is another department ("ENT / Audiovestibular Medicine").
    """
    key = squash(text)
    if len(key) < 7:
        return None
    scored = sorted(((fuzz.ratio(key, squash(name)), name) for name in _LIST), reverse=True)
    (best, name), (next_best, _) = scored[0], scored[1]
    return name if best >= 87 and best - next_best >= 6 and abs(len(key) - len(squash(name))) <= 2 else None
