"""The coded lists of a case: why it was late, and what went wrong, with the grades of how badly.

Delay codes: fact base §8.2, the project's own list after the causes in published delay studies. Adverse events: the
pick-lists compiled from SAVES V2 (fact base §9.6, label GK: to be matched to the form); severity 1-6 is that of SAVES
V2 (GK: Rampersaud, J Neurosurg Spine 2016;25:256); grades are Clavien-Dindo, `d` for a disability at discharge.
"""

from collections.abc import Mapping

from ortool.reasons import DELAY_CODES, Code

__all__ = [
    "COMPLICATIONS", "DELAY_CODES", "GRADES", "LONGEST_WORDS", "PERIODS", "SEVERITIES", "WITHDRAWN", "Code",
]  # fmt: skip

LONGEST_WORDS = 120


_EVENTS = {
    "intra": "allergic reaction|airway or ventilation|anaesthesia-related|bone-implant interface failure, revised|"
    "cardiac|cord injury|dural tear|hardware malposition, revised|hypotension|massive blood loss|nerve root injury|"
    "wrong level or side|pressure sore|vascular injury|visceral injury|other",
    "post": "cardiac|CSF leak or meningocele|construct failure with loss of alignment|"
    "construct failure without loss of alignment|deep vein thrombosis|pulmonary embolism|deep wound infection|"
    "superficial wound infection|delirium|gastrointestinal bleeding|haematoma|myocardial infarction|"
    "neurological deterioration, one motor grade or more|neuropathic pain|non-union|pneumonia|pressure sore|"
    "systemic infection|urinary tract infection|urinary retention|wound dehiscence|device loosening or migration|"
    "spinous process fracture|visual loss|adjacent segment disease|other",
}
PERIODS = {"intra": "during the operation", "post": "after the operation"}
WITHDRAWN = "withdrawn"


def _event(period: str, title: str) -> Code:
    words = title.casefold().replace(",", "").split()
    return Code(f"{period}.{'-'.join(words)}", title, PERIODS[period])


COMPLICATIONS: Mapping[str, Code] = {
    code.id: code for period, titles in _EVENTS.items() for code in (_event(period, one) for one in titles.split("|"))
} | {WITHDRAWN: Code(WITHDRAWN, "withdrawn: entered by mistake", "")}
"""Every adverse event of the pick-lists; `withdrawn` takes back the one that it corrects."""

GRADES: Mapping[str, str] = {
    "I": "no drugs but basic ones, no intervention",
    "II": "other drugs, transfusion, parenteral nutrition",
    "IIIa": "intervention without general anaesthesia",
    "IIIb": "intervention under general anaesthesia",
    "IVa": "intensive care, one organ",
    "IVb": "intensive care, several organs",
    "V": "death",
}
"""Clavien-Dindo. `-d` behind a grade below V: a disability at discharge."""

SEVERITIES: Mapping[int, str] = {
    1: "no treatment, no effect",
    2: "minor treatment, no long effect",
    3: "treatment, effect under 6 months",
    4: "effect over 6 months",
    5: "threatens life or limb",
    6: "death",
}
"""SAVES V2."""


def is_grade(text: str) -> bool:
    """Whether `text` is a Clavien-Dindo grade, with or without `-d`."""
    return text in GRADES or (text.endswith("-d") and text[:-2] in GRADES and text != "V-d")


def grade_words(text: str) -> str:
    """Return what a Clavien-Dindo grade means."""
    words = GRADES.get(text.removesuffix("-d"), "")
    return f"{words}, disability at discharge" if text.endswith("-d") else words
