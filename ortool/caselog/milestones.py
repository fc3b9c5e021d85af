"""The milestones that a case's state and its derived intervals are read from (AACD glossary, fact base §6)."""

from collections.abc import Collection
from enum import StrEnum

TITLES = {
    "PIF": "Patient in facility", "PRT": "Patient ready for transport", "PIH": "Patient in holding",
    "RSS": "Room set-up starts", "RR": "Room ready", "AS": "Anaesthesia starts", "PIR": "Patient in room",
    "AI": "Induction", "AR": "Anaesthesia ready", "PC": "Preparation complete", "PPRI": "Surgeon of record in",
    "PST": "Incision", "PCB": "Closure begins", "PF": "Procedure finished", "POR": "Patient out of room",
    "RCS": "Clean-up starts", "RCF": "Clean-up finished", "APACU": "Arrival in recovery",
    "AF": "Anaesthesia finished", "RFD": "Ready for discharge", "DPACU": "Out of recovery",
}  # fmt: skip
"""The milestones of the AACD Procedural Times Glossary in their order, by their codes (fact base §6)."""
GLOSSARY = tuple(TITLES)


class CaseState(StrEnum):
    """Where a case stands (DESIGN §5)."""

    BOOKED = "booked"
    IN_HOLDING = "in holding"
    IN_ROOM = "in room"
    RUNNING = "running"
    CLOSING = "closing"
    OUT_OF_ROOM = "out of room"
    RECOVERED = "recovered"
    SIGNED = "signed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen in the room."""
        return self in _OVER

    @property
    def is_cancelled(self) -> bool:
        """Whether the case will not be done."""
        return self is CaseState.CANCELLED

    @property
    def has_started(self) -> bool:
        """Whether the patient has been in the room."""
        return self not in (CaseState.BOOKED, CaseState.IN_HOLDING, CaseState.CANCELLED)


_OVER = {CaseState.OUT_OF_ROOM, CaseState.RECOVERED, CaseState.SIGNED, CaseState.CANCELLED}

_BY_STAMP = (
    ("DPACU", CaseState.RECOVERED),
    ("POR", CaseState.OUT_OF_ROOM),
    ("PCB", CaseState.CLOSING),
    ("PST", CaseState.RUNNING),
    ("PIR", CaseState.IN_ROOM),
    ("PIH", CaseState.IN_HOLDING),
)


def state_of(stamps: Collection[str]) -> CaseState:
    """Return the state that the stamped milestones mean."""
    return next((state for stamp, state in _BY_STAMP if stamp in stamps), CaseState.BOOKED)
