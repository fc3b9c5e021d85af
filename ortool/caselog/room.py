"""Who was in the room in which role, from when to when, and who relieved whom."""

from dataclasses import dataclass

from ortool.caselog.marks import Mark, Marker, Seqs
from ortool.checklist.run import Run
from ortool.checklist.team import Stint


@dataclass(frozen=True, slots=True)
class StintLine:
    """One person in one role. `left` is None while still there.

    `relieved` names whom they took over from, `relieved_by` who took over from them; the times are in the two marks.
    """

    person: str
    name: str
    role: str
    relieved: str
    relieved_by: str
    came: Mark
    left: Mark | None
    seqs: Seqs


def stint_lines(run: Run, marker: Marker) -> tuple[StintLine, ...]:
    """Return everybody who was written down as being in the room, in the order of arrival."""
    return tuple(_stint(stint, marker) for stint in run.team)


def _stint(stint: Stint, marker: Marker) -> StintLine:
    ended = stint.ended
    follower = ended.person if ended and ended.act == "joined" else ""
    return StintLine(
        stint.person,
        marker.name(stint.person),
        stint.role,
        marker.name(stint.relieved),
        marker.name(follower),
        marker.mark(stint.joined),
        marker.mark(ended) if ended else None,
        (stint.joined.seq, ended.seq) if ended else (stint.joined.seq,),
    )
