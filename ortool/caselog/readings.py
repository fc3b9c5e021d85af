"""Counts, things added to them, values read off, and what closed-loop items found."""

from collections.abc import Iterator
from datetime import datetime

from ortool.caselog.findings import AddedLine, CategoryLine, CountLine, ValueLine
from ortool.caselog.marks import Marker, Seqs
from ortool.checklist.clocks import readings_of
from ortool.checklist.counts import moment_title
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.plan import PlannedPause
from ortool.checklist.records import Answer, Count, Stamp, State
from ortool.checklist.run import Run

READ_OFF = {ItemType.NUMBER, ItemType.CHOICE, ItemType.TEXT, ItemType.IMAGE, ItemType.TIME, ItemType.SCAN}


def count_lines(run: Run, marker: Marker) -> tuple[CountLine, ...]:
    """Return every count in order. Its `seqs` name the first count and what was added, which it was held against."""
    return tuple(_count_line(run, count, marker) for count in run.ledger.counts)


def _count_line(run: Run, count: Count, marker: Marker) -> CountLine:
    checklist = run.plan.checklist
    titles = {category.id: category.title for category in checklist.count_categories}
    first = run.ledger.counts[0].seq
    added = (addition.seq for addition in run.ledger.added if first < addition.seq < count.seq)
    return CountLine(
        count.moment,
        moment_title(checklist, count.moment),
        tuple(
            # A category without an expectation is compared with itself, as the ledger does.
            CategoryLine(name, titles.get(name, name), found, count.expected.get(name, found))
            for name, found in count.found.items()
        ),
        marker.name(count.second),
        marker.mark(count),
        tuple(sorted({first, *added, count.seq})),
    )


def added_lines(run: Run, marker: Marker) -> tuple[AddedLine, ...]:
    """Return what came to the field after the first count, in order."""
    titles = {category.id: category.title for category in run.plan.checklist.count_categories}
    return tuple(
        AddedLine(one.category, titles.get(one.category, one.category), one.number, marker.mark(one), (one.seq,))
        for one in run.ledger.added
    )


def value_lines(run: Run, now: datetime, marker: Marker) -> tuple[ValueLine, ...]:
    """Return the values that stand, the readings of clocks, and what closed-loop items found as their gate was passed.

    They come in the order in which they were entered.
    """
    lines = (*_read_off(run, marker), *_found(run, now, marker), *_typed(run, marker))
    return tuple(sorted(lines, key=lambda line: line.mark.seq))


def _read_off(run: Run, marker: Marker) -> Iterator[ValueLine]:
    for answer in run.answers.values():
        item = run.plan.items.get(answer.item)
        if item and item.type in READ_OFF and answer.state is State.DONE:
            yield _value_line(item, answer, marker)


def _value_line(item: Item, answer: Answer, marker: Marker) -> ValueLine:
    return ValueLine(
        item.id,
        item.prompt,
        item.type.value,
        answer.value,
        item.unit,
        True,
        marker.name(answer.second),
        marker.mark(answer),
        (answer.seq,),
        dict(answer.scan),
    )


def _found(run: Run, now: datetime, marker: Marker) -> Iterator[ValueLine]:
    for pause in run.plan.pauses.values():
        for item in pause.items:
            if item.type is ItemType.AUTO and (stamp := _frozen_by(run, pause, item)):
                result = run.auto_result(item, now)
                yield ValueLine(
                    item.id,
                    item.prompt,
                    item.type.value,
                    result.sentence,
                    "",
                    result.holds,
                    "",
                    marker.mark(stamp),
                    (*_source(run, item), stamp.seq),
                )


def _typed(run: Run, marker: Marker) -> Iterator[ValueLine]:
    """Yield every reading typed for a clock: each stands, for none replaces another."""
    for timer in run.plan.checklist.timers:
        asked = timer.reading
        for mark in readings_of(run, timer) if asked else ():
            assert asked is not None
            yield ValueLine(
                timer.id, asked.title, "reading", mark.value, asked.unit, True, "", marker.mark(mark), (mark.seq,)
            )


def _frozen_by(run: Run, pause: PlannedPause, item: Item) -> Stamp | None:
    stamps = (run.stamps.get(target) for target in pause.definition.gates)
    return next((stamp for stamp in stamps if stamp and item.id in stamp.autos), None)


def _source(run: Run, item: Item) -> Seqs:
    """Return the entry that a closed-loop item looked at."""
    assert item.auto is not None
    name = item.auto.of
    record = run.answers.get(name) or run.stamps.get(name) or run.ledger.last(name)
    return (record.seq,) if record else ()
