"""What a reader looks for in one place: the images and their readers, the volumes, the drugs and their reminders.

Which item belongs where, its checklist says (`log:`); an image belongs to the images wherever it is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ortool.caselog.answers import AnswerLine, answer_line
from ortool.caselog.marks import Mark, Marker, Seqs
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.run import Run


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """A reminder of a drug, answered or put off (`snoozed`): the clock, what it asks for, and the drug's item."""

    timer: str
    title: str
    asks: str
    item: str
    act: str
    reason: str
    mark: Mark
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class Topics:
    """The answered lines of each topic in the order of the checklist; `reminders` in the order of their entries."""

    imaging: tuple[AnswerLine, ...] = ()
    volumes: tuple[AnswerLine, ...] = ()
    drugs: tuple[AnswerLine, ...] = ()
    reminders: tuple[ReminderLine, ...] = ()


NOTHING = Topics()


def topics(run: Run, now: datetime, marker: Marker) -> Topics:
    """Return what was answered under each topic as it stands at `now` (UTC)."""
    found: dict[str, list[AnswerLine]] = {"imaging": [], "volumes": [], "drugs": []}
    for item, pause in _items(run):
        topic = item.log or ("imaging" if item.type is ItemType.IMAGE else None)
        if topic and item.id in run.answers:
            found[topic].append(answer_line(run, item, pause, now, marker))
    lines = {name: tuple(those) for name, those in found.items()}
    return Topics(lines["imaging"], lines["volumes"], lines["drugs"], tuple(_reminders(run, marker)))


def _items(run: Run) -> Iterator[tuple[Item, str]]:
    for step in run.plan.steps:
        if step.record:
            yield step.record, ""
        for item in step.pause.items if step.pause else ():
            yield item, step.pause.id if step.pause else ""


def _reminders(run: Run, marker: Marker) -> Iterator[ReminderLine]:
    drugs = {item.id for item, _ in _items(run) if item.log == "drugs"}
    timers = {timer.id: timer for timer in run.plan.checklist.timers if timer.starts in drugs}
    marks = sorted((mark for name in timers for mark in run.timer_marks.get(name, ())), key=lambda mark: mark.seq)
    for mark in marks:
        timer = timers[mark.timer]
        yield ReminderLine(
            timer.id, timer.title, timer.acknowledge, timer.starts, mark.act, mark.reason, marker.mark(mark),
            (mark.seq,),
        )  # fmt: skip
