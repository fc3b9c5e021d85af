"""A line of a list as it was answered, or as it still stands open."""

from dataclasses import dataclass
from datetime import datetime

from ortool.caselog.marks import Mark, Marker, Seqs
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.plan import PlannedPause
from ortool.checklist.records import Answer, Record, State
from ortool.checklist.run import Run


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One item: what it asked, what was said, and by whom.

    `value` is None and there is no `mark` where nobody has answered. `is_open`: something is still needed here.
    """

    id: str
    pause: str
    prompt: str
    state: State
    is_open: bool
    value: str | None
    unit: str
    reason: str
    second: str
    defer_to: str
    mark: Mark | None
    seqs: Seqs


def answer_lines(run: Run, pause: PlannedPause, now: datetime, marker: Marker) -> tuple[AnswerLine, ...]:
    """Return the items of a pause as they stand at `now` (UTC), in its order."""
    return tuple(answer_line(run, item, pause.id, now, marker) for item in run.items_of(pause))


def answer_line(run: Run, item: Item, pause: str, now: datetime, marker: Marker) -> AnswerLine:
    """Return an item as it stands at `now` (UTC); its `seqs` name every answer to it, the corrected ones too."""
    answer = run.answers.get(item.id)
    count = run.ledger.last(item.moment) if item.moment else None
    record: Record | None = answer or count
    every = [one.seq for one in run.live if isinstance(one, Answer) and one.item == item.id]
    return AnswerLine(
        item.id,
        pause,
        item.prompt,
        run.state_of(item, now, pause),
        not run.is_closed(item, now, pause),
        _value(run, item, answer, now) if record or item.type is ItemType.AUTO else None,
        item.unit,
        answer.reason if answer else "",
        marker.name(str(getattr(record, "second", ""))),
        answer.defer_to if answer and answer.state is State.DEFERRED else "",
        marker.mark(record) if record else None,
        tuple(every) or ((record.seq,) if record else ()),
    )


def _value(run: Run, item: Item, answer: Answer | None, now: datetime) -> str | None:
    if answer:
        return answer.value
    # What a closed-loop item looks at is listed where it was entered.
    return run.auto_result(item, now).sentence if item.type is ItemType.AUTO else ""
