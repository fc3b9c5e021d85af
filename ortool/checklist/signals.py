"""Signals from the record to the team: typed late, ticked too fast, out of order. Counts only, never who."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from ortool.checklist.definition import ItemType
from ortool.checklist.plan import PlannedPause
from ortool.checklist.records import Answer, Count, GatePass, Stamp, State
from ortool.checklist.run import Run

FAST_PAUSE = timedelta(seconds=10)
FAST_ITEMS = 7
FAST_TICK = timedelta(seconds=0.7)
FAST_TICKS = 3
"""Implausibly fast (fact base §10.2 rule 7): 7 items or more within 10 s, or ticks less than 0.7 s apart."""
BY_ITSELF = (ItemType.AUTO, ItemType.COUNT)


def signals(run: Run, late_minutes: int) -> tuple[str, ...]:
    """Return what the record shows of itself, as sentences with counts; empty where there is nothing to say.

    `late_minutes` is the site's limit between what happened and when it was typed.
    """
    found = (_late(run, timedelta(minutes=late_minutes)), _fast_pauses(run), _fast_ticks(run), _early_items(run))
    return tuple(sentence for sentence in (*found, _backward_stamps(run)) if sentence)


def _late(run: Run, limit: timedelta) -> str:
    timed = [record for record in run.live if isinstance(record, Stamp | Answer | Count)]
    late = sum(record.recorded_at - record.occurred_at > limit for record in timed)
    minutes = int(limit.total_seconds() // 60)
    return f"{late} of {len(timed)} entries were typed more than {minutes} min after they happened." if late else ""


def _fast_pauses(run: Run) -> str:
    fast = [pause.id for pause in run.plan.pauses.values() if _is_fast(run, pause)]
    if not fast:
        return ""
    seconds = int(FAST_PAUSE.total_seconds())
    pauses = "pause" if len(fast) == 1 else "pauses"
    return (
        f"{len(fast)} {pauses} with {FAST_ITEMS} items or more took under {seconds} s ({_named(fast)}): "
        "was each line read and answered aloud?"
    )


def _is_fast(run: Run, pause: PlannedPause) -> bool:
    times = [run.answers[item.id].recorded_at for item in pause.items if item.id in run.answers]
    return len(times) >= FAST_ITEMS and max(times) - min(times) < FAST_PAUSE


def _fast_ticks(run: Run) -> str:
    """Three answers or more in a row, each less than 0.7 s after the one before."""
    ticks = [record for record in run.live if isinstance(record, Answer) and record.state is State.DONE]
    rows, length = 0, 1
    for before, after in pairwise(sorted(ticks, key=lambda tick: tick.seq)):
        length = length + 1 if after.recorded_at - before.recorded_at < FAST_TICK else 1
        rows += length == FAST_TICKS
    if not rows:
        return ""
    times = "once" if rows == 1 else f"{rows} times"
    return f"{FAST_TICKS} answers or more came less than 0.7 s apart, {times}: faster than they can be read."


def _early_items(run: Run) -> str:
    early = list(dict.fromkeys(_out_of_order(run)))
    if not early:
        return ""
    items = "item was" if len(early) == 1 else "items were"
    return f"{len(early)} {items} answered while an earlier pause was still open ({_named(early)})."


def _out_of_order(run: Run) -> Iterator[str]:
    """Yield each item that was first answered before all that the pauses before it ask was answered or passed."""
    order = [step.id for step in run.plan.steps]
    place = {pause.id: order.index(pause.id) for pause in run.plan.pauses.values()}
    open_items = {pause.id: {item.id for item in pause.items if item.type not in BY_ITSELF} for pause in _gating(run)}
    for record in run.live:
        if isinstance(record, GatePass):
            open_items.pop(record.pause, None)
        elif isinstance(record, Answer):
            here = run.plan.pause_of.get(record.item)
            if here and any(left and place[name] < place[here.id] for name, left in open_items.items()):
                yield record.item
            for left in open_items.values():
                left.discard(record.item)


def _gating(run: Run) -> Iterator[PlannedPause]:
    return (pause for pause in run.plan.pauses.values() if pause.definition.gates)


def _backward_stamps(run: Run) -> str:
    stamped = [run.stamps[name] for name in run.plan.stamps if name in run.stamps]
    pairs = [
        f"{before.stamp} and {after.stamp}"
        for before, after in pairwise(stamped)
        if after.occurred_at < before.occurred_at
    ]
    if not pairs:
        return ""
    stamps = "pair of time stamps contradicts" if len(pairs) == 1 else "pairs of time stamps contradict"
    return f"{len(pairs)} {stamps} the order of the operation ({_named(pairs)})."


def _named(names: list[str], shown: int = 4) -> str:
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")
