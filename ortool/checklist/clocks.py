"""The clocks of a run: when each is due, computed from stored times alone, so that a restart changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from ortool.checklist.records import PauseState, State, TimerMark
from ortool.checklist.run import Run
from ortool.checklist.timers import BY_HAND, BY_READING, SiteValues, Timer

ZERO = timedelta()
UNREAD = (PauseState.WAITING, PauseState.OPEN)


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
    `is_demo`: its length or its limit is a site value marked DEMO, for no patient. `reading`: the last one typed.
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
    reading: str = ""

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


@dataclass(frozen=True, slots=True)
class _Start:
    """When a clock began (UTC), what was chosen there, how long it had run before, and whether its limit is DEMO."""

    at: datetime | None = None
    choice: str = ""
    before: tuple[tuple[datetime, datetime], ...] = ()
    is_demo: bool = False
    reading: str = ""
    is_missing: bool = False


def clocks(run: Run, now: datetime, site: SiteValues, zone: tzinfo = UTC) -> tuple[ClockState, ...]:
    """Return every clock of a run at `now` (timezone-aware): the due first, then the soonest, then the rest.

    `zone` is the theatre's: days, weeks and months are counted in its calendar.
    """
    # Wall times of one zone subtract without their offsets: on a night when the clocks change only UTC is right.
    now = now.astimezone(UTC)
    return tuple(sorted(_clocks(run, now, site, zone), key=_urgency))


def _urgency(clock: ClockState) -> tuple[int, timedelta, timedelta]:
    place = list(ClockPhase).index(clock.state)
    order = 0 if clock.is_live else 1 + (0 if clock.state is ClockPhase.MISSING else place)
    return order, -clock.overdue, clock.remaining


def _clocks(run: Run, now: datetime, site: SiteValues, zone: tzinfo) -> Iterator[ClockState]:
    for timer in run.plan.checklist.timers:
        clock = clock_of(run, timer, now, site, zone)
        if clock is not None:
            yield clock


def clock_of(run: Run, timer: Timer, now: datetime, site: SiteValues, zone: tzinfo = UTC) -> ClockState | None:
    """Return one clock at `now` (UTC); None where this case has no such clock."""
    start = _started(run, timer, site)
    started, choice = start.at, start.choice
    if timer.by_choice and started and choice not in timer.by_choice:
        return None
    marks = [mark for mark in run.timer_marks.get(timer.id, ()) if started and mark.occurred_at >= started]
    answered = [mark for mark in marks if mark.act == "answered"]
    begins = max((mark.occurred_at for mark in answered), default=started)
    number = timer.round_of(started, begins, len(answered), zone) if started and begins else 1
    length, is_demo = (None, False) if timer.by_choice and not started else timer.length(choice, number, site)
    if length is None and timer.optional:
        return None
    at_rest = ClockState(timer, ClockPhase.WAITING, reading=start.reading)
    if ended_by(run, timer, now):
        return replace(at_rest, state=ClockPhase.STOPPED, started_at=started) if started else at_rest
    if start.is_missing:
        return replace(at_rest, state=ClockPhase.MISSING)
    if started is None or begins is None:
        return at_rest
    begun = replace(at_rest, round=len(answered) + 1, started_at=started, is_demo=is_demo or start.is_demo)
    if answered and not timer.repeat:
        return replace(begun, state=ClockPhase.ANSWERED, round=len(answered))
    if length is None:
        return replace(begun, state=ClockPhase.MISSING)
    snoozes = [mark for mark in marks if mark.act == "snoozed" and mark.occurred_at >= begins]
    due = length.after(begins - _spent(run, timer, start, begins), zone)
    return _at(begun, due, snoozes, now)


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
    return replace(clock, state=phase, due_at=until, remaining=remaining, overdue=overdue, snoozed=until > due)


def started_at(run: Run, timer: Timer) -> tuple[datetime | None, str]:
    """Return when a timer began (UTC; None where it has not) and what was chosen in the item that began it.

    Whether a reading is below the site's limit is not asked here: its timer began with the first one.
    """
    if timer.starts == BY_READING:
        readings = readings_of(run, timer)
        return (readings[0].occurred_at.astimezone(UTC) if readings else None), ""
    start = _started(run, timer, {})
    return start.at, start.choice


def _started(run: Run, timer: Timer, site: SiteValues) -> _Start:
    if timer.starts == BY_READING:
        return _by_reading(run, timer, site)
    if timer.starts == BY_HAND:
        begun = [mark for mark in run.timer_marks.get(timer.id, ()) if mark.act == "started"]
        return _Start(begun[-1].occurred_at.astimezone(UTC) if begun else None)
    if stamp := run.stamps.get(timer.starts):
        return _Start(stamp.occurred_at.astimezone(UTC))
    answer = run.answers.get(timer.starts)
    if answer and answer.state is State.DONE:
        return _Start(run.happened_at(answer).astimezone(UTC), answer.value)
    return _Start()


def _by_reading(run: Run, timer: Timer, site: SiteValues) -> _Start:
    """Return since when the last reading is below the limit, and the stretches before it in which one was."""
    readings = readings_of(run, timer)
    if not readings:
        return _Start()
    last, limit = readings[-1].value, timer.limit(site)
    if limit is None:
        return _Start(reading=last, is_missing=True)
    low: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for mark in readings:
        at = mark.occurred_at.astimezone(UTC)
        if Decimal(mark.value) < limit.number:
            since = since or at
        elif since:
            low.append((since, at))
            since = None
    return _Start(since, "", tuple(low), limit.is_demo, last)


def readings_of(run: Run, timer: Timer) -> tuple[TimerMark, ...]:
    """Return a timer's readings in the order in which they were taken; of one moment the one typed last stands last."""
    found = [mark for mark in run.timer_marks.get(timer.id, ()) if mark.act == "read"]
    return tuple(sorted(found, key=lambda mark: (mark.occurred_at, mark.seq)))


def _spent(run: Run, timer: Timer, start: _Start, begins: datetime) -> timedelta:
    """Return how long a cumulative clock had run before this stretch, since it was last answered."""
    if timer.reading is None or not timer.reading.cumulative or begins != start.at:
        return ZERO
    answered = [mark.occurred_at for mark in run.timer_marks.get(timer.id, ()) if mark.act == "answered"]
    since = max(answered, default=datetime.min.replace(tzinfo=UTC))
    return sum((max(ZERO, end - max(first, since)) for first, end in start.before), ZERO)


def ended_by(run: Run, timer: Timer, now: datetime) -> str:
    """Return the title of the stamp or the complete pause that has ended a timer by `now` (UTC); empty: none has."""
    for name in timer.stops:
        if name in run.stamps:
            return run.plan.stamps[name].title
        pause = run.plan.pauses.get(name)
        if pause and run.pause_state(pause, now) not in UNREAD:
            return pause.title
    return ""
