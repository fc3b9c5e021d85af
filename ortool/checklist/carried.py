"""What a run has worked out of its records already: carried over where later records change nothing of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ortool.checklist.records import (
    Added,
    Answer,
    Count,
    EmergencyMark,
    Extra,
    GatePass,
    Live,
    Stamp,
    TeamMark,
    TimerMark,
)

if TYPE_CHECKING:
    from ortool.checklist.run import Run

_MADE_OF: dict[str, tuple[type, ...]] = {
    "extras": (Extra,),
    "plan": (Extra,),
    "is_emergency": (EmergencyMark,),
    "team": (TeamMark,),
    "present": (TeamMark,),
    "stamps": (Stamp,),
    "passes": (GatePass,),
    "ledger": (Count, Added),
    "timer_marks": (TimerMark,),
}
"""The records that each of a run's properties is made of."""


def carry_over(before: "Run", after: "Run", later: Sequence[Live]) -> None:
    """Give `after` what `before` has worked out. `after` has `later` more than `before`, and nothing was undone."""
    known, kinds = before.__dict__, {type(record) for record in later}
    after.__dict__.update(
        {name: known[name] for name, of in _MADE_OF.items() if name in known and kinds.isdisjoint(of)}
    )
    if "answers" in known:
        answers = {record.item: record for record in later if isinstance(record, Answer)}
        after.__dict__["answers"] = known["answers"] | answers
