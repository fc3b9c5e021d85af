"""A patient on a list: initials and the end of the hospital number, never the full name."""

from ortool.caselog.case import Case
from ortool.text import clean

SHOWN = 3
HIDDEN = "not shown"


def initials(name: str) -> str:
    """Return the first letter of each word of a name, four at most; `?` where there is none."""
    words = clean(name).replace("-", " ").split()
    letters = (next((char for char in word if char.isalnum()), "") for word in words)
    return "".join(letters)[:4].upper() or "?"


def ends(case: Case) -> str:
    """Return the last three characters of the hospital number."""
    return case.hospital_number[-SHOWN:]


def short_identity(case: Case) -> str:
    """Return a patient as `WQ …217`."""
    return short(case.patient_name, case.hospital_number)


def short(name: str, hospital_number: str) -> str:
    """Return a name and a hospital number as `WQ …217`."""
    return f"{initials(name)} …{clean(hospital_number[-SHOWN:])}" if name else HIDDEN
