"""Whatever was not plain done: no, not applicable, overridden, deferred, outside, put off, corrected, undone."""

from collections.abc import Iterator

from ortool.caselog.findings import ExceptionLine
from ortool.caselog.marks import Marker
from ortool.checklist.counts import moment_title
from ortool.checklist.decide import subject, words
from ortool.checklist.ranges import is_outside
from ortool.checklist.records import (
    Added,
    Answer,
    Complication,
    Count,
    DelayReason,
    EmergencyMark,
    Extra,
    GatePass,
    Given,
    Implant,
    Live,
    Stamp,
    State,
    TeamMark,
    TimerMark,
    Undone,
)
from ortool.checklist.run import Run

CORRECTED, UNDONE, OUTSIDE, SNOOZED = "corrected", "undone", "outside", "snoozed"


def exception_lines(run: Run, marker: Marker) -> tuple[ExceptionLine, ...]:
    """Return every departure of a run in the order in which it was entered; what was taken back stays visible."""
    lines = (*_answers(run, marker), *_retimed(run, marker), *_snoozed(run, marker), *_taken_back(run, marker))
    return tuple(sorted(lines, key=lambda line: line.mark.seq))


def _answers(run: Run, marker: Marker) -> Iterator[ExceptionLine]:
    earlier: dict[str, Answer] = {}
    for record in run.live:
        if not isinstance(record, Answer):
            continue
        before = earlier.get(record.item)
        earlier[record.item] = record
        # To answer what was deferred is no correction: that was its purpose.
        corrected = before if before and before.state is not State.DEFERRED else None
        outside = record.state is State.DONE and _is_outside(run, record)
        if record.state is State.DONE and not corrected and not record.reason and not outside:
            continue
        kind = CORRECTED if corrected and record.state is State.DONE else record.state.value
        kind = OUTSIDE if outside else kind
        yield _line(run, record, kind, corrected, marker)


def _is_outside(run: Run, record: Answer) -> bool:
    item = run.plan.items.get(record.item)
    return item is not None and is_outside(item, record.value)


def _line(run: Run, record: Answer, kind: str, before: Answer | None, marker: Marker) -> ExceptionLine:
    put_off = f" to {record.defer_to}" if record.state is State.DEFERRED else ""
    return ExceptionLine(
        kind,
        record.item,
        _title(run, record),
        words(record.state) + put_off,
        " ".join(filter(None, (record.value, *record.stops))),
        record.reason,
        marker.name(record.second),
        f"{words(before.state)} {before.value}".strip() if before else "",
        marker.mark(before) if before else None,
        run.answers[record.item].seq == record.seq,
        marker.mark(record),
        (before.seq, record.seq) if before else (record.seq,),
    )


def _retimed(run: Run, marker: Marker) -> Iterator[ExceptionLine]:
    earlier: dict[str, Stamp] = {}
    for record in run.live:
        if not isinstance(record, Stamp):
            continue
        before = earlier.get(record.stamp)
        earlier[record.stamp] = record
        if before:
            yield ExceptionLine(
                CORRECTED,
                record.stamp,
                _title(run, record),
                "time stamp",
                "",
                record.reason,
                "",
                "",
                marker.mark(before),
                run.stamps[record.stamp].seq == record.seq,
                marker.mark(record),
                (before.seq, record.seq),
            )


def _snoozed(run: Run, marker: Marker) -> Iterator[ExceptionLine]:
    for record in run.live:
        if isinstance(record, TimerMark) and record.act == "snoozed":
            yield ExceptionLine(
                SNOOZED,
                record.timer,
                _title(run, record),
                f"put off by {record.minutes} min",
                "",
                record.reason,
                "",
                "",
                None,
                True,
                marker.mark(record),
                (record.seq,),
            )


def _taken_back(run: Run, marker: Marker) -> Iterator[ExceptionLine]:
    originals = {record.seq: record for record in run.taken_back}
    for undone in run.undone:
        yield _undone(run, undone, originals.get(undone.ref), marker)


def _undone(run: Run, undone: Undone, original: Live | None, marker: Marker) -> ExceptionLine:
    answer = original if isinstance(original, Answer) else None
    return ExceptionLine(
        UNDONE,
        _id(original) if original else f"entry {undone.ref}",
        _title(run, original) if original else "",
        "undone",
        answer.value if answer else "",
        undone.reason,
        marker.name(getattr(original, "second", "")),
        _was(original) or undone.what,
        marker.mark(original) if original else None,
        True,
        marker.mark(undone),
        (undone.ref, undone.seq),
    )


def _was(original: Live | None) -> str:
    """Return what a record said, with the reason that it gave: both stay readable after the undo."""
    if original is None:
        return ""
    reason = getattr(original, "reason", "")
    said = words(original.state) if isinstance(original, Answer) else subject(original)
    return f"{said} ({reason})" if reason else said


def _id(record: Live) -> str:
    match record:
        case Answer():
            return record.item
        case Stamp():
            return record.stamp
        case GatePass():
            return record.pause
        case Count():
            return record.moment
        case Added():
            return record.category
        case TimerMark():
            return record.timer
        case Extra():
            return record.instance
        case EmergencyMark() | Given():
            return str(record.seq)
        case TeamMark():
            return record.person
        case Implant():
            return f"{record.part} {record.place}".strip()
        case DelayReason():
            return record.code
        case Complication():
            return record.event


def _title(run: Run, record: Live) -> str:
    plan, name = run.plan, _id(record)
    match record:
        case Answer():
            return plan.items[name].prompt if name in plan.items else ""
        case Stamp():
            return plan.stamps[name].title if name in plan.stamps else ""
        case GatePass():
            return plan.pauses[name].title if name in plan.pauses else ""
        case Count():
            return moment_title(plan.checklist, name)
        case Added():
            return next((kind.title for kind in plan.checklist.count_categories if kind.id == name), "")
        case TimerMark():
            return next((timer.title for timer in plan.checklist.timers if timer.id == name), "")
        case Implant():
            return next((part.title for part in plan.checklist.implants if part.id == record.part), "")
        case _:
            return subject(record)
