"""A wall clock that somebody sets and a steady one that nobody can, as rows of the table."""

import random
from datetime import datetime, timedelta

from ortool.services.clocks import ClockGuard, ClockState
from tests.faults.outcome import Outcome
from tests.services.suite import MORNING


class Pair:
    """A wall clock and a steady clock."""

    def __init__(self, start: datetime = MORNING) -> None:
        self.wall, self.steady, self.synced = start, 5_000_000_000, True

    def passes(self, seconds: float, wall: float | None = None) -> None:
        """Let time pass; the wall clock may see another length of it."""
        self.steady += round(seconds * 1_000_000_000)
        self.wall += timedelta(seconds=seconds if wall is None else wall)

    def guard(self) -> ClockGuard:
        """Return a guard over these clocks."""
        return ClockGuard(lambda: self.wall, lambda: self.steady, lambda: self.synced)


def jumps(times: int, seed: int) -> Outcome:
    """T23: each jump, of seconds to an hour and either way, is found with its length and stays in sight."""
    outcome = Outcome("T23 clock jumps of 2.5 s to 1 h", "found 100 %, of the right length", seed=seed, store="any")
    chance, found = random.Random(seed), 0
    for _ in range(times):
        pair = Pair()
        guard = pair.guard()
        jump = timedelta(milliseconds=chance.choice((-1, 1)) * round(2.5 * 1_440 ** chance.random() * 1_000))
        passed = chance.choice((0.25, 10, 600, 7_200)) * chance.random()
        pair.passes(passed, passed + jump.total_seconds())
        is_found = abs(guard.look() - jump) < timedelta(milliseconds=1)
        guard.told(guard.look())
        pair.passes(60)
        is_in_sight = guard.look() == timedelta() and guard.state is ClockState.JUMPED
        found += is_found and is_in_sight
        if not (is_found and is_in_sight):
            outcome.breaches.append(f"a jump of {jump} was not told")
    outcome.reached = f"{found:,} of {times:,} found"
    return outcome


def quiet(looks: int, seed: int) -> Outcome:
    """T23: no alarm over hours that pass, suspended or not, nor over corrections of up to a second."""
    outcome = Outcome("T23 no clock jump", "false alarms 0", seed=seed, store="any")
    dice = random.Random(seed)
    pair = Pair()
    guard = pair.guard()
    for number in range(looks):
        passed = dice.choice((0.001, 0.25, 60, 3_600, 86_400)) * dice.random()
        pair.passes(passed)
        true = pair.wall
        pair.wall += timedelta(seconds=dice.uniform(-0.95, 0.95) * (dice.random() < 0.1))
        if guard.look() != timedelta() or guard.state is not ClockState.SYNCED:
            outcome.breaches.append(f"look {number} raised an alarm")
        pair.wall = true  # put right again
    outcome.reached = f"{len(outcome.breaches):,} alarms in {looks:,} looks"
    return outcome
