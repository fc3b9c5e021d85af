"""What came on the way: events and their lists, pauses read again, emergencies and the reasons that they let wait."""

from dataclasses import dataclass
from datetime import datetime

from ortool.caselog.answers import AnswerLine, answer_lines
from ortool.caselog.marks import Mark, Marker, Seqs
from ortool.checklist.decide import words
from ortool.checklist.records import Answer, EmergencyMark, Extra, Given, Stamp
from ortool.checklist.run import Run, subject_of


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event's list that was opened, or a pause that was read again (`kind` is `event` or `reopened`).

    `mark` is the opening: when it happened and when it was typed. `priority` is empty for a pause read again.
    """

    id: str
    kind: str
    title: str
    priority: str
    reason: str
    items: tuple[AnswerLine, ...]
    mark: Mark
    seqs: Seqs

    @property
    def open(self) -> int:
        """How many of its lines still need something."""
        return sum(line.is_open for line in self.items)


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """An emergency: who declared it and when, and who ended it (None while it lasts)."""

    reason: str
    declared: Mark
    ended: Mark | None
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class OwedLine:
    """What an emergency let through without its reason.

    `passed` are the pauses that a time stamp passed. `is_owed`: nobody has given a reason yet. `given` is the reason
    that came afterwards, with both times; `replaced`: the record itself was answered again with a reason.
    """

    id: str
    title: str
    said: str
    passed: tuple[str, ...]
    is_owed: bool
    replaced: bool
    reason: str
    second: str
    given: Mark | None
    mark: Mark
    seqs: Seqs


def event_lines(run: Run, now: datetime, marker: Marker) -> tuple[EventLine, ...]:
    """Return every event and every pause read again, in the order in which they were opened."""
    return tuple(_event(run, extra, now, marker) for extra in run.extras)


def _event(run: Run, extra: Extra, now: datetime, marker: Marker) -> EventLine:
    pause = run.plan.pauses.get(extra.instance)
    items = answer_lines(run, pause, now, marker) if pause else ()
    priorities = {event.id: event.priority for event in run.plan.checklist.events}
    return EventLine(
        extra.instance,
        extra.kind,
        pause.title if pause else "",
        priorities.get(extra.of, "") if extra.kind == "event" else "",
        extra.reason,
        items,
        marker.mark(extra),
        (extra.seq, *(seq for line in items for seq in line.seqs)),
    )


def emergency_lines(run: Run, marker: Marker) -> tuple[EmergencyLine, ...]:
    """Return every emergency in order."""
    lines: list[EmergencyLine] = []
    declared: EmergencyMark | None = None
    for mark in (record for record in run.live if isinstance(record, EmergencyMark)):
        if mark.act == "declared":
            declared = mark
            lines.append(EmergencyLine(mark.reason, marker.mark(mark), None, (mark.seq,)))
        elif declared:
            whole = (declared.seq, mark.seq)
            lines[-1] = EmergencyLine(declared.reason, marker.mark(declared), marker.mark(mark), whole)
    return tuple(lines)


def owed_lines(run: Run, marker: Marker) -> tuple[OwedLine, ...]:
    """Return everything that went through without its reason, in order, with the reason that was given afterwards."""
    given = {subject_of(run.find(one.ref)): one for one in run.live if isinstance(one, Given)}
    without = (record for record in run.live if isinstance(record, Answer | Stamp) and run.owes(record))
    return tuple(_owed(run, record, given.get(subject_of(record)), marker) for record in without)


def _owed(run: Run, record: Answer | Stamp, given: Given | None, marker: Marker) -> OwedLine:
    name, plan = subject_of(record), run.plan
    item, stamp = plan.items.get(name), plan.stamps.get(name)
    is_owed = record in run.owed
    return OwedLine(
        name,
        (item.prompt if item else "") or (stamp.title if stamp else ""),
        words(record.state) if isinstance(record, Answer) else "stamped",
        tuple(_pause(run, pause) for pause in getattr(record, "passed", ())),
        is_owed,
        not (is_owed or given),
        given.reason if given else "",
        marker.name(given.second) if given else "",
        marker.mark(given) if given else None,
        marker.mark(record),
        (record.seq, given.seq) if given else (record.seq,),
    )


def _pause(run: Run, pause_id: str) -> str:
    pause = run.plan.pauses.get(pause_id)
    return f"{pause_id} {pause.title}" if pause else pause_id
