"""Closed-loop items: what each rule finds, in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ortool.checklist.definition import AutoRule, Item, ItemType
from ortool.checklist.earlier import is_open_again
from ortool.checklist.records import State

if TYPE_CHECKING:
    from ortool.checklist.run import Run


CODED = (ItemType.TIME, ItemType.SCAN)
"""Types whose value is not written as a person says it."""


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a rule holds, and the sentence that says what was found."""

    holds: bool
    sentence: str


def evaluate(run: Run, item: Item, at: datetime, frozen: bool | None = None) -> Result:
    """Return what the item's rule finds at `at` (UTC). A frozen outcome keeps its value whatever came later."""
    assert item.auto is not None
    result = _RULES[item.auto.rule](run, item.auto, at)
    return result if frozen is None else Result(frozen, result.sentence)


def _dose_in_window(run: Run, rule: AutoRule, at: datetime) -> Result:
    answer = run.answers.get(rule.of)
    if answer is None or answer.state is not State.DONE:
        return Result(False, "no dose is recorded")
    limit = rule.minutes.get(answer.value)
    minutes = int((at - answer.occurred_at).total_seconds() // 60)
    if limit is None:
        return Result(True, f"{answer.value}: no window applies")
    words = f"{answer.value} started {minutes} min before, window {limit} min"
    return Result(0 <= minutes <= limit, words)


def _count_correct(run: Run, rule: AutoRule, _at: datetime) -> Result:
    correct = run.ledger.is_correct(rule.of)
    words = {None: "not counted", True: "count correct", False: "count does not agree"}
    return Result(correct is True, words[correct])


def _answered(run: Run, rule: AutoRule, _at: datetime) -> Result:
    answer = run.answers.get(rule.of)
    if answer is None or answer.state is not State.DONE or is_open_again(run, answer):
        return Result(False, f"{rule.of} is not answered")
    item = run.plan.items.get(rule.of)
    return Result(True, "answered" if item and item.type in CODED else answer.value or "answered")


def _stamped(run: Run, rule: AutoRule, _at: datetime) -> Result:
    happened = rule.of in run.stamps
    return Result(happened, "stamped" if happened else f"{rule.of} is not stamped")


def _elapsed(run: Run, rule: AutoRule, at: datetime) -> Result:
    since = run.at_time(rule.of)
    if since is None:
        return Result(False, f"{rule.of} is not stamped")
    if not rule.seconds:
        return Result(True, "site value missing")
    seconds = int((at - since).total_seconds())
    return Result(seconds >= rule.seconds, f"{seconds} s of {rule.seconds} s")


_RULES: dict[str, Callable[[Run, AutoRule, datetime], Result]] = {
    "dose_in_window": _dose_in_window,
    "count_correct": _count_correct,
    "answered": _answered,
    "stamped": _stamped,
    "elapsed": _elapsed,
}
