"""A downtime drill: how long until the first line stands on paper, and how long to enter it all again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.errors import BadInput
from ortool.journal import log
from ortool.journal.entry import Entry
from ortool.journal.signing import SYSTEM
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services.theatre import Theatre

DRILLED = "downtime.drilled"
WANTED = timedelta(minutes=5)
"""How soon the first line should stand on paper."""
LONGEST = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Drill:
    """What was measured, and when it was recorded (UTC)."""

    on: datetime
    first_line: timedelta
    back_entry: timedelta
    lines: int

    @property
    def words(self) -> str:
        """What was measured, in words."""
        held = "within" if self.first_line <= WANTED else "LATER THAN"
        return (
            f"first line on paper after {_spelled(self.first_line)}, {held} {_spelled(WANTED)}; "
            f"{self.lines} lines entered in {_spelled(self.back_entry)}"
        )


def record_drill(
    theatre: Theatre, actor: Actor, first_line: timedelta, back_entry: timedelta, lines: int, command_id: str = ""
) -> Drill:
    """Write down what a drill measured. Raises BadInput for what no drill takes, and Refused."""
    if not timedelta(0) < first_line <= LONGEST or not timedelta(0) <= back_entry <= LONGEST:
        raise BadInput("A drill takes between a second and eight hours.", "Give minutes, for example 3.5.")
    if not 0 <= lines <= 999:
        raise BadInput(f"{lines} lines were not entered.", "Write how many lines of the form were entered.")
    body = {"first_line_s": round(first_line.total_seconds()), "back_entry_s": round(back_entry.total_seconds())}
    with theatre.writing(actor, Verb.DRILL, command_id) as desk:
        return _drill(desk.append(SYSTEM, DRILLED, body | {"lines": lines}))


def last_drill(cursor: log.Cursor) -> Drill | None:
    """Return the newest drill, None where none was held."""
    found = log.newest_of(cursor, SYSTEM, DRILLED)
    return _drill(log.read_all(cursor, found[0] - 1, 1)[0]) if found else None


def _drill(entry: Entry) -> Drill:
    body = entry.body
    first, back = (timedelta(seconds=int(body[name])) for name in ("first_line_s", "back_entry_s"))
    return Drill(entry.recorded_at, first, back, int(body["lines"]))


def _spelled(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    named = ((minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in named if number) or "0 s"
