"""A paper form against the screen: which lines are entered, which stand from elsewhere, which are missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ortool.caselog.dossier import Dossier
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.once import OnPaper
from ortool.checklist.paper import form_number_of
from ortool.checklist.records import Added, Count, State, TimerMark
from ortool.checklist.run import Run


@dataclass(frozen=True, slots=True)
class FormLine:
    """One line of a form: `entered` from it, `elsewhere` (on the screen, or from another form), or `missing`."""

    id: str
    title: str
    standing: str
    record: OnPaper | None = None


def form_lines(dossier: Dossier, form: str, now: datetime) -> tuple[FormLine, ...]:
    """Return the lines of a form in the order of the day, then what came to the count and what was read off.

    What the program finds out by itself, and a stamp that nobody must make, is missing to nobody. Raises Refused for
    what is no form number.
    """
    form, run = form_number_of(form), dossier.run
    if run is None:
        return ()
    return (*_planned(run, form, now), *_written_often(run, form))


def _planned(run: Run, form: str, now: datetime) -> Iterator[FormLine]:
    for step in run.plan.steps:
        if step.stamp:
            stamp = run.stamps.get(step.stamp.id)
            if stamp or step.stamp.required:
                yield _line(step.stamp.id, step.stamp.title, stamp, form)
        for item in (step.record,) if step.record else step.pause.items if step.pause else ():
            answer = _record(run, item)
            if answer or (item.type is not ItemType.AUTO and run.state_of(item, now) is not State.AUTO):
                yield _line(item.id, item.prompt, answer, form)


def _record(run: Run, item: Item) -> OnPaper | None:
    return run.answers.get(item.id) or (run.ledger.last(item.moment) if item.moment else None)


def _line(identifier: str, title: str, record: OnPaper | None, form: str) -> FormLine:
    standing = "missing" if record is None else "entered" if record.transcribed == form else "elsewhere"
    return FormLine(identifier, title, standing, record)


def _written_often(run: Run, form: str) -> Iterator[FormLine]:
    asked = {item.moment for item in run.plan.items.values() if item.moment}
    for record in run.live:
        match record:
            case Added(transcribed=of) if of == form:
                yield FormLine(record.category, f"{record.number:+d} {record.category}", "entered", record)
            case TimerMark(transcribed=of) if of == form:
                yield FormLine(record.timer, f"{record.timer} {record.value}", "entered", record)
            case Count(transcribed=of) if of == form and record.moment not in asked:
                yield FormLine(record.moment, f"count {record.moment}", "entered", record)
