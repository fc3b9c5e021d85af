"""The rules of clocks: what may be started, answered and put off, and the sentence where it may not."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from ortool.checklist.clocks import ended_by, started_at
from ortool.checklist.commands import AnswerTimer, Decision, SnoozeTimer, StartTimer, TakeReading
from ortool.checklist.paper import transcription
from ortool.checklist.run import Run
from ortool.checklist.timers import BY_HAND, BY_READING, Timer
from ortool.errors import Refused

DAY = 24 * 60
_READING = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,3})?")


def longest_snooze(timer: Timer) -> timedelta:
    """Return how far a clock can be put off at once: an hour, or 14 days where it counts days of the calendar."""
    return timedelta(days=14) if timer.is_calendar else timedelta(hours=1)


def start(run: Run, command: StartTimer, at: datetime) -> Decision:
    """Return the entry that starts a clock by hand at `at` (UTC); a second start begins it anew. Raises Refused."""
    timer = _timer(run, command.timer)
    if timer.starts != BY_HAND:
        raise Refused(f"{timer.title} starts by itself, with {_what_starts(timer)}.")
    _not_stopped(run, timer, at)
    return Decision("timer.started", {"timer": timer.id}, at)


def read(run: Run, command: TakeReading, at: datetime) -> Decision:
    """Return the entry of a reading taken at `at` (UTC). Raises Refused for what is no plausible number."""
    timer = _timer(run, command.timer)
    if timer.reading is None:
        raise Refused(f"{timer.title} takes no reading.")
    _not_stopped(run, timer, at)
    asked, text = timer.reading, command.value.strip()
    if not _READING.fullmatch(text):
        raise Refused(f"{asked.title} is a number{_unit(timer)}, not {text[:20]!r}.")
    number = Decimal(text.replace(",", "."))
    if not Decimal(str(asked.min)) <= number <= Decimal(str(asked.max)):
        limits = f"{asked.min:g} to {asked.max:g}{_unit(timer)}"
        raise Refused(f"{text} is outside {limits} at {asked.title}.", "Read it again.")
    body: dict[str, object] = {"timer": timer.id, "value": format(number, "f")}
    return Decision("timer.read", body | transcription(command), at)


def _unit(timer: Timer) -> str:
    return f" {timer.reading.unit}" if timer.reading and timer.reading.unit else ""


def answer(run: Run, command: AnswerTimer, at: datetime) -> Decision:
    """Return the entry that answers a clock: what it asks for was done at `at` (UTC). Raises Refused."""
    timer = _running(run, command.timer, at)
    return Decision("timer.answered", {"timer": timer.id}, at)


def snooze(run: Run, command: SnoozeTimer, at: datetime) -> Decision:
    """Return the entry that puts a clock off by so many minutes from `at` (UTC), with its reason. Raises Refused."""
    timer = _running(run, command.timer, at)
    longest = int(longest_snooze(timer).total_seconds() // 60)
    if not 1 <= command.minutes <= longest:
        most = f"{longest // DAY} days" if longest > DAY else f"{longest} minutes"
        raise Refused(f"{timer.title} can be put off by 1 to {most}, not {command.minutes} min.")
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
    _not_stopped(run, timer, at)
    marks = [mark for mark in run.timer_marks.get(timer.id, ()) if mark.occurred_at >= started]
    if not timer.repeat and any(mark.act == "answered" for mark in marks):
        raise Refused(f"{timer.title} has been answered already.", "Undo takes it back.")
    if at < started:
        raise Refused(f"{timer.title} started only after that time.", "Give a later time.")
    return timer


def _starts_with(timer: Timer) -> str:
    return "Start it by hand." if timer.starts == BY_HAND else f"It starts with {_what_starts(timer)}."


def _what_starts(timer: Timer) -> str:
    return "a low reading" if timer.starts == BY_READING else timer.starts


def _not_stopped(run: Run, timer: Timer, at: datetime) -> None:
    if ended := ended_by(run, timer, at):
        raise Refused(f"{timer.title} has ended with {ended}.")
