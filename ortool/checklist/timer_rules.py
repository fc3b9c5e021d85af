"""The rules of clocks: what may be started, answered and put off, and the sentence where it may not."""

from datetime import datetime

from ortool.checklist.clocks import started_at
from ortool.checklist.commands import AnswerTimer, Decision, SnoozeTimer, StartTimer
from ortool.checklist.run import Run
from ortool.checklist.timers import BY_HAND, Timer
from ortool.errors import Refused

MAX_SNOOZE_MINUTES = 60


def start(run: Run, command: StartTimer, at: datetime) -> Decision:
    """Return the entry that starts a clock by hand at `at` (UTC); a second start begins it anew. Raises Refused."""
    timer = _timer(run, command.timer)
    if timer.starts != BY_HAND:
        raise Refused(f"{timer.title} starts by itself, with {timer.starts}.")
    _not_stopped(run, timer)
    return Decision("timer.started", {"timer": timer.id}, at)


def answer(run: Run, command: AnswerTimer, at: datetime) -> Decision:
    """Return the entry that answers a clock: what it asks for was done at `at` (UTC). Raises Refused."""
    timer = _running(run, command.timer, at)
    return Decision("timer.answered", {"timer": timer.id}, at)


def snooze(run: Run, command: SnoozeTimer, at: datetime) -> Decision:
    """Return the entry that puts a clock off by so many minutes from `at` (UTC), with its reason. Raises Refused."""
    timer = _running(run, command.timer, at)
    if not 1 <= command.minutes <= MAX_SNOOZE_MINUTES:
        raise Refused(f"{timer.title} can be put off by 1 to {MAX_SNOOZE_MINUTES} minutes, not {command.minutes}.")
    if not command.reason.strip():
        raise Refused(f"Putting {timer.title} off needs a reason.")
    body: dict[str, object] = {"timer": timer.id, "minutes": command.minutes, "reason": command.reason.strip()}
    return Decision("timer.snoozed", body, at)


def _timer(run: Run, name: str) -> Timer:
    for timer in run.plan.checklist.timers:
        if timer.id == name:
            return timer
    raise Refused(f"This checklist has no clock {name[:40]!r}.")


def _running(run: Run, name: str, at: datetime) -> Timer:
    timer = _timer(run, name)
    started, choice = started_at(run, timer)
    if started is None:
        raise Refused(f"{timer.title} has not started.", _starts_with(timer))
    if timer.by_choice and choice not in timer.by_choice:
        raise Refused(f"{timer.title} has no clock for {choice[:40]}.")
    _not_stopped(run, timer)
    marks = [mark for mark in run.timer_marks.get(timer.id, ()) if mark.occurred_at >= started]
    if not timer.repeat and any(mark.act == "answered" for mark in marks):
        raise Refused(f"{timer.title} has been answered already.", "Undo takes it back.")
    if at < started:
        raise Refused(f"{timer.title} started only after that time.", "Give a later time.")
    return timer


def _starts_with(timer: Timer) -> str:
    return "Start it by hand." if timer.starts == BY_HAND else f"It starts with {timer.starts}."


def _not_stopped(run: Run, timer: Timer) -> None:
    ended = next((stop for stop in timer.stops if stop in run.stamps), None)
    if ended:
        raise Refused(f"{timer.title} has ended with {run.plan.stamps[ended].title}.")
