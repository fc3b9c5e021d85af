"""The clocks of a run: when each is due, computed from stored times alone, so that a restart changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ortool.checklist.records import State, TimerMark
from ortool.checklist.run import Run
from ortool.checklist.timers import BY_HAND, SiteValues, Timer

ZERO = timedelta()


class ClockPhase(StrEnum):
    """Where a clock stands."""

    WAITING = "waiting"
    RUNNING = "running"
    WARNING = "warning"
    DUE = "due"
    ANSWERED = "answered"
    STOPPED = "stopped"
    MISSING = "site value missing"


CALLS = (ClockPhase.DUE, ClockPhase.WARNING)
"""What somebody should look at now."""
LIVE = (ClockPhase.DUE, ClockPhase.WARNING, ClockPhase.RUNNING)


@dataclass(frozen=True, slots=True)
class ClockState:
    """One clock at one moment. Times are UTC; `remaining` and `overdue` are never negative.

    `round` counts from 1. `due_at` is None where nothing runs. `snoozed`: put off by somebody who gave a reason.
    `is_demo`: its length is a site value marked DEMO, for no patient.
    """

    timer: Timer
    state: ClockPhase
    round: int = 1
    started_at: datetime | None = None
    due_at: datetime | None = None
    remaining: timedelta = ZERO
    overdue: timedelta = ZERO
    snoozed: bool = False
    is_demo: bool = False

    @property
    def id(self) -> str:
        """The timer's id."""
        return self.timer.id

    @property
    def title(self) -> str:
        """The timer's title."""
        return self.timer.title

    @property
    def is_live(self) -> bool:
        """Whether it runs, warns or is due."""
        return self.state in LIVE


def clocks(run: Run, now: datetime, site: SiteValues) -> tuple[ClockState, ...]:
    """Return every clock of a run at `now` (timezone-aware): the due first, then the soonest, then the rest."""
    # Wall times of one zone subtract without their offsets: on a night when the clocks change only UTC is right.
    now = now.astimezone(UTC)
    return tuple(sorted(_clocks(run, now, site), key=_urgency))


def _urgency(clock: ClockState) -> tuple[int, timedelta, timedelta]:
    place = list(ClockPhase).index(clock.state)
    order = 0 if clock.is_live else 1 + (0 if clock.state is ClockPhase.MISSING else place)
    return order, -clock.overdue, clock.remaining


def _clocks(run: Run, now: datetime, site: SiteValues) -> Iterator[ClockState]:
    for timer in run.plan.checklist.timers:
        clock = clock_of(run, timer, now, site)
        if clock is not None:
            yield clock


def clock_of(run: Run, timer: Timer, now: datetime, site: SiteValues) -> ClockState | None:
    """Return one clock at `now` (UTC); None where this case has no such clock."""
    started, choice = started_at(run, timer)
    if timer.by_choice and started and choice not in timer.by_choice:
        return None
    marks = [mark for mark in run.timer_marks.get(timer.id, ()) if started and mark.occurred_at >= started]
    answered = [mark for mark in marks if mark.act == "answered"]
    number = len(answered) + 1
    length, is_demo = (None, False) if timer.by_choice and not started else timer.length(choice, number, site)
    if length is None and timer.optional:
        return None
    if started is None:
        return ClockState(timer, ClockPhase.WAITING)
    if any(stop in run.stamps for stop in timer.stops):
        return ClockState(timer, ClockPhase.STOPPED, number, started)
    if answered and not timer.repeat:
        return ClockState(timer, ClockPhase.ANSWERED, number - 1, started)
    if length is None:
        return ClockState(timer, ClockPhase.MISSING, number, started)
    begins = max((mark.occurred_at for mark in answered), default=started)
    snoozes = [mark for mark in marks if mark.act == "snoozed" and mark.occurred_at >= begins]
    return _at(ClockState(timer, ClockPhase.RUNNING, number, started, is_demo=is_demo), begins + length, snoozes, now)


def _at(clock: ClockState, due: datetime, snoozes: list[TimerMark], now: datetime) -> ClockState:
    later = max((mark.occurred_at + timedelta(minutes=mark.minutes) for mark in snoozes), default=due)
    until = max(due, later).astimezone(UTC)
    remaining, overdue = max(ZERO, until - now), max(ZERO, now - until)
    if not remaining:
        phase = ClockPhase.DUE
    elif remaining <= clock.timer.warning and until == due:
        phase = ClockPhase.WARNING
    else:
        phase = ClockPhase.RUNNING
    return ClockState(
        clock.timer,
        phase,
        clock.round,
        clock.started_at,
        until,
        remaining,
        overdue,
        until > due,
        clock.is_demo,
    )


def started_at(run: Run, timer: Timer) -> tuple[datetime | None, str]:
    """Return when a timer began (UTC; None where it has not) and what was chosen in the item that began it."""
    if timer.starts == BY_HAND:
        begun = [mark for mark in run.timer_marks.get(timer.id, ()) if mark.act == "started"]
        return (begun[-1].occurred_at.astimezone(UTC) if begun else None), ""
    if stamp := run.stamps.get(timer.starts):
        return stamp.occurred_at.astimezone(UTC), ""
    answer = run.answers.get(timer.starts)
    if answer and answer.state is State.DONE:
        return run.happened_at(answer).astimezone(UTC), answer.value
    return None, ""
