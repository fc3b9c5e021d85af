"""What is done when a count does not agree: recount, search, X-ray (fact base §1.4, steps 1 to 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ortool.checklist.counts import RELIEF
from ortool.checklist.records import Answer, Count, State
from ortool.checklist.run import Run


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A moment whose newest count does not agree. `since` is the entry of the first count in a row that did not."""

    moment: str
    count: Count
    since: int


def discrepancies(run: Run) -> tuple[Discrepancy, ...]:
    """Return the discrepancies that are open, first to last.

    One is settled by a later count of its moment that agrees (for a count at a relief: by any later one), or once the
    item of that count is overridden by two. Until then that item holds its gate closed.
    """
    return tuple(sorted(_open(run), key=lambda one: one.since))


def _open(run: Run) -> Iterator[Discrepancy]:
    for moment in dict.fromkeys(count.moment for count in run.ledger.counts):
        relieved = RELIEF.fullmatch(moment) is not None
        since = 0
        last: Count | None = None
        for count in run.ledger.counts:
            if count.moment == moment and count.differences:
                since, last = since or count.seq, count
            elif count.moment == moment or (relieved and not count.differences):
                since, last = 0, None
        if last and not _overridden(run, moment):
            yield Discrepancy(moment, last, since)


def _overridden(run: Run, moment: str) -> bool:
    asked = (item.id for item in run.plan.items.values() if item.moment == moment)
    return any(run.answers[item].state is State.OVERRIDDEN for item in asked if item in run.answers)


def answer_now(run: Run, item: str) -> Answer | None:
    """Return the answer of an item. A step of the path answered for an earlier discrepancy is open again."""
    answer, path = run.answers.get(item), run.plan.checklist.count_path
    if answer and path and any(step.id == item for step in path.items):
        found = discrepancies(run)
        return answer if found and answer.seq > found[0].since else None
    return answer


def path_state(run: Run, item: str) -> State:
    """Return the state of a step of the path, for the discrepancy that is open now."""
    answer = answer_now(run, item)
    return answer.state if answer else State.OPEN
