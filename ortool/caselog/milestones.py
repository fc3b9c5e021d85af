"""The milestones that a case's state and its derived intervals are read from (AACD glossary, fact base §6)."""

from collections.abc import Collection
from enum import StrEnum

GLOSSARY = (
    "PIF", "PRT", "PIH", "RSS", "RR", "AS", "PIR", "AI", "AR", "PC", "PPRI", "PST", "PCB", "PF", "POR", "RCS", "RCF",
    "APACU", "AF", "RFD", "DPACU",
)  # fmt: skip
"""The milestones of the AACD Procedural Times Glossary in their order, by their codes (fact base §6)."""


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
