"""Answers given before: shown and confirmed instead of asked again, and asked again once they have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortool.checklist.definition import Item
from ortool.checklist.records import Answer, State

if TYPE_CHECKING:
    from ortool.checklist.run import Run


def earlier(run: Run, item: Item) -> Answer | None:
    """Return the answer that `item` confirms: the nearest one on its way back that was done and still holds."""
    name = item.confirms
    while name:
        answer = run.answers.get(name)
        if answer and answer.state is State.DONE and not has_changed(run, answer):
            return answer
        asked = run.plan.items.get(name)
        name = asked.confirms if asked else None
    return None


def has_changed(run: Run, answer: Answer) -> bool:
    """Whether an answer confirmed an earlier one that says something else now, or was taken back."""
    item = run.plan.items.get(answer.item) if answer.confirms else None
    if item is None or answer.state is not State.DONE:
        return False
    now = earlier(run, item)
    return now is None or now.value != answer.value


def is_open_again(run: Run, answer: Answer) -> bool:
    """Whether an answer has to be given anew: what it confirmed has changed, and its gate has not been passed."""
    pause = run.plan.pause_of.get(answer.item)
    return has_changed(run, answer) and not (pause and run.is_passed(pause))


def raised(run: Run) -> tuple[Answer, ...]:
    """Return the answers behind a passed gate whose earlier answer has changed: due until they are given anew."""
    return tuple(one for one in run.answers.values() if has_changed(run, one) and not is_open_again(run, one))
