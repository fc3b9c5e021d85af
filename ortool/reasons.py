"""Why something was late: the project's own list of codes, to be kept local by each site.

Fact base §8.2, its categories after the causes in published delay studies [S109][S123][S124][S125][S126]. Checklist and
schedule share it; a cancellation takes the same codes with an X before them.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Code(NamedTuple):
    """One line of a coded list: its id, its words, and to whom or when it belongs."""

    id: str
    title: str
    group: str


_PARTIES = {
    "P": "patient", "S": "surgeon", "A": "anaesthesia", "N": "nursing", "E": "equipment", "F": "facility",
    "M": "clinical, during the operation", "C": "scheduling",
}  # fmt: skip
_DELAYS = """
P01 late to the unit|P02 not fasted|P03 unwell, fever, abnormal result|P04 consent missing or withdrawn
P05 anticoagulant not stopped|P06 preparation incomplete|P07 interpreter or family|P08 difficult intravenous access
S01 late|S02 in another case or room|S03 emergency|S04 site not marked|S05 orders, history or consent missing
S06 plan or order of cases changed|S07 assistant absent|S08 teaching
A01 late|A02 in another case|A03 difficult airway|A04 lines or regional block|A05 evaluation before the operation
A06 prolonged wake-up
N01 shortage|N02 set-up not ready|N03 relief or shift|N04 count discrepancy
E01 instrument set missing|E02 not sterile or contaminated|E03 implant or representative missing|E04 device failure
E05 C-arm, navigation or radiographer|E06 frame or table|E07 microscope|E08 computers or images
F01 case before over-ran|F02 room not clean|F03 bed or intensive care not available|F04 recovery room full|F05 transport
F06 pathology or blood bank|F07 bumped by an emergency
M01 durotomy|M02 bleeding|M03 neuromonitoring alert|M04 difficult anatomy or transitional vertebra|M05 conversion
M06 level checked again|M07 screw revised
C01 booked too short|C02 wrong procedure on the list|C03 added on
"""
DELAY_CODES: Mapping[str, Code] = {
    line[:3]: Code(line[:3], line[4:], _PARTIES[line[0]]) for line in _DELAYS.strip().replace("\n", "|").split("|")
}
"""Every delay code, with the party that it is attributed to."""
