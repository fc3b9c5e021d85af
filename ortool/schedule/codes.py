"""Why something was late, moved or cancelled: one short list of codes, to be kept local by each site.

An own list (fact base §8.2), its categories after published lists of delay reasons [S109][S123][S124][S125][S126]. A
cancellation takes the same codes with an X before them. "Other" is free text without a code.
"""

from collections.abc import Mapping

from ortool.errors import BadInput
from ortool.text import clean

GROUPS: Mapping[str, str] = {
    "P": "patient", "S": "surgeon", "A": "anaesthesia", "N": "nursing and staff", "E": "equipment and implants",
    "F": "facility", "M": "clinical, during the operation", "C": "scheduling",
}  # fmt: skip
DELAYS: Mapping[str, str] = {
    "P01": "late to unit", "P02": "not fasted", "P03": "unwell, fever or abnormal result",
    "P04": "consent missing or withdrawn", "P05": "anticoagulant not stopped", "P06": "preparation incomplete",
    "P07": "interpreter or family", "P08": "difficult intravenous access",
    "S01": "late", "S02": "in another case or room", "S03": "emergency", "S04": "site not marked",
    "S05": "orders, history or consent missing", "S06": "plan or order of cases changed", "S07": "assistant absent",
    "S08": "teaching",
    "A01": "late", "A02": "in another case", "A03": "difficult airway", "A04": "lines or regional",
    "A05": "assessment before the operation", "A06": "prolonged wake-up",
    "N01": "shortage", "N02": "set-up not ready", "N03": "relief or shift", "N04": "count discrepancy",
    "E01": "instrument set missing", "E02": "not sterile or contaminated", "E03": "implant or representative missing",
    "E04": "device failure", "E05": "C-arm, navigation or radiographer", "E06": "frame or table", "E07": "microscope",
    "E08": "IT, PACS or images",
    "F01": "case before over-ran", "F02": "room not clean", "F03": "bed or ICU not available",
    "F04": "recovery room full", "F05": "transport", "F06": "pathology or blood bank",
    "F07": "displaced by an emergency",
    "M01": "durotomy", "M02": "bleeding", "M03": "neuromonitoring alert", "M04": "difficult anatomy",
    "M05": "conversion", "M06": "level checked again", "M07": "screw revised",
    "C01": "under-booked", "C02": "wrong procedure on the list", "C03": "added to the list",
}  # fmt: skip
NOT_BEFORE_A_CASE = "M"
CANCELLATIONS: Mapping[str, str] = {
    f"X{code}": words for code, words in DELAYS.items() if not code.startswith(NOT_BEFORE_A_CASE)
}


def words_of(code: str) -> str:
    """Return what a code says, with whose it is: `patient: not fasted`. An unknown one is returned as it is."""
    plain = code.removeprefix("X")
    if plain not in DELAYS:
        return code
    return f"{GROUPS[plain[0]]}: {DELAYS[plain]}"


def check_cancellation(text: str) -> str:
    """Return the code of a cancellation; an empty text is none. Raises BadInput for any other."""
    code = clean(text, 20).upper()
    if code and code not in CANCELLATIONS:
        raise BadInput(f"{code!r} is no reason for a cancellation.", "Known: XP02 (not fasted), XF03 (no bed) …")
    return code
