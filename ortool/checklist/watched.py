"""What clocks, phases and alarms look at in a run, beside the time: while it stays the same, so do they."""

from collections.abc import Iterator

from ortool.checklist.definition import Item
from ortool.checklist.records import State
from ortool.checklist.run import Run


def watched(run: Run) -> tuple[object, ...]:
    """Return all that the clocks, phases, open events, owed reasons and counts of a run are computed from.

    Equal for two runs of one case means: at any one time they show the same. Most answers are not among it.
    """
    plain = (State.DONE, State.AUTO)
    said = tuple(answer for answer in run.answers.values() if answer.state not in plain)
    asked = tuple(run.answers.get(identifier) for identifier in _watched_items(run))
    return (
        run.plan.steps,
        run.stamps,
        run.timer_marks,
        run.passes,
        run.ledger,
        run.is_emergency,
        run.delay_reasons,
        run.extras,
        said,
        asked,
    )


def _watched_items(run: Run) -> Iterator[str]:
    """Yield the items that begin a clock, that end one with their pause, that an event asks, or that confirm others."""
    plan, pauses = run.plan, {extra.instance for extra in run.extras}
    for timer in plan.checklist.timers:
        yield timer.starts
        pauses.update(timer.stops)
    for pause in pauses & plan.pauses.keys():
        yield from (item.id for item in run.items_of(plan.pauses[pause]))
    for item in plan.items.values():
        yield from _chained(item)


def _chained(item: Item) -> Iterator[str]:
    if item.confirms:
        yield from (item.id, item.confirms)
