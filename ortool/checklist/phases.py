"""The clock of each phase: planned, elapsed, projected, over. All of it computed from stored times."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ortool.checklist.definition import Phase
from ortool.checklist.records import PhaseState
from ortool.checklist.run import Run
from ortool.checklist.timing import joint


@dataclass(frozen=True, slots=True)
class PhaseClock:
    """One phase at one moment. Planned minutes are P50 and P90; the rest are durations."""

    phase: Phase
    state: PhaseState
    p50: timedelta
    p90: timedelta
    started: datetime | None = None
    ended: datetime | None = None
    elapsed: timedelta = timedelta()

    @property
    def over(self) -> timedelta:
        """How far beyond the planned P50; zero when not over."""
        return max(timedelta(), self.elapsed - self.p50)

    @property
    def grade(self) -> str:
        """`in time` up to P50, `late` up to P90, `over` beyond (fact base §7.3)."""
        if self.elapsed <= self.p50:
            return "in time"
        return "late" if self.elapsed <= self.p90 else "over"

    @property
    def projected(self) -> timedelta:
        """How long the phase will have taken: what it took, or P50, or what has passed already and a minute."""
        if self.ended:
            return self.elapsed
        return max(self.p50, self.elapsed + timedelta(minutes=1)) if self.started else self.p50


def phase_clocks(run: Run, now: datetime) -> tuple[PhaseClock, ...]:
    """Return every phase's clock at `now` (UTC), in order."""
    clocks: list[PhaseClock] = []
    phases = run.plan.checklist.phases
    begun = max((i for i, p in enumerate(phases) if p.starts in run.stamps or p.ends in run.stamps), default=-1)
    for index, phase in enumerate(phases):
        p50, p90 = (timedelta(minutes=minutes) for minutes in joint(run.plan.rows_of(phase)))
        started, ended = run.at_time(phase.starts), run.at_time(phase.ends)
        state = _state(started, ended, passed=index < begun)
        end = ended or (now if state is PhaseState.RUNNING else started)
        elapsed = max(timedelta(), end - started) if started and end else timedelta()
        clocks.append(PhaseClock(phase, state, p50, p90, started, ended, elapsed))
    return tuple(clocks)


def _state(started: datetime | None, ended: datetime | None, passed: bool) -> PhaseState:
    if ended and started:
        return PhaseState.DONE
    if started:
        return PhaseState.RUNNING
    return PhaseState.SKIPPED if passed or ended else PhaseState.WAITING


def current_phase(run: Run, now: datetime) -> PhaseClock | None:
    """Return the phase that runs now: the last one that has started and not ended."""
    running = [clock for clock in phase_clocks(run, now) if clock.state is PhaseState.RUNNING]
    return running[-1] if running else None
