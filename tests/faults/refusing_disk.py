"""A disk that refuses: errors at every k-th sync, write, truncation or read, while a terminal ticks on.

A deed that was refused is asked for again under its own command id, as a person would; it must count once.
"""

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.errors import StorageFault
from ortool.services.running import act
from ortool.services.theatre import Repeated, open_theatre
from tests.faults import shim
from tests.faults.audit import audit
from tests.faults.outcome import Outcome
from tests.faults.program import Plan, altered
from tests.services.suite import Clock, Suite, furnish, settings

SHORT_WRITE = -1  # half of the write arrives, then the disk is full


@dataclass(frozen=True)
class Refusal:
    """Which calls are refused, how, from the how-manieth on, and how many in a row."""

    name: str
    kind: str
    code: int
    between: tuple[int, int] = (30, 150)  # lower, and no tick would ever get through
    every: int = 0
    in_a_row: int = 1
    endings: tuple[str, ...] = ("", "-wal")


CLASSES = (
    Refusal("EIO at fsync", "sync", shim.IOERR_FSYNC, (3, 20)),
    Refusal("EIO at write", "write", shim.IOERR_WRITE),
    Refusal("disk full at write", "write", shim.FULL),
    Refusal("short write", "write", SHORT_WRITE),
    Refusal("EIO at truncate and fsync of the database", "sync", shim.IOERR_FSYNC, (3, 20), endings=("",)),
    Refusal("EIO at read", "read", shim.IOERR_READ),
)


class Refuser:
    """Refuses by a plan, and counts."""

    def __init__(self, path: Path, refusal: Refusal) -> None:
        self.path, self.refusal = path, refusal
        self.calls = self.refused = 0
        self.is_on = False

    def __call__(self, call: shim.Call) -> int | None:
        """Return the error for a call that is to be refused."""
        kinds = (self.refusal.kind, "truncate") if self.refusal.endings == ("",) else (self.refusal.kind,)
        ours = call.kind in kinds and call.path.removeprefix(str(self.path)) in self.refusal.endings
        if not self.is_on or not ours:
            return None
        self.calls += 1
        if self.calls % self.refusal.every >= self.refusal.in_a_row:
            return None
        self.refused += 1
        return self.refusal.code


def insist(deed: Callable[[], object], surfaced: list[str], patience: int = 20) -> bool:
    """Do a deed until it is acknowledged; tell whether it was. Only a StorageFault may come between."""
    for _ in range(patience):
        try:
            deed()
        except Repeated:
            return True
        except StorageFault as fault:
            surfaced.append(str(fault))
        else:
            return True
    return False


def run_refused(refusal: Refusal, ticks: int, folder: Path) -> tuple[int, int, int, list[str]]:
    """Tick under refusals; return how many were acknowledged, refused and surfaced, and the breaches."""
    path = folder / "ortool.db"
    furnish(path, settings(), Clock()).close()
    refuser, surfaced = Refuser(path, refusal), list[str]()
    breaches: list[str] = []
    with altered(Plan()), shim.watched(refuser):
        suite = Suite(open_theatre(settings(), path, Clock()), Clock())
        case, nurse = suite.case(), suite.nurse
        suite.act(case, StampMilestone("PIR"))
        refuser.is_on = True
        acknowledged = []
        for number in range(ticks):
            name, command = f"t{number}", AnswerItem("SI.weight", State.DONE, str(50 + number % 100))

            def deed(name: str = name, command: AnswerItem = command) -> object:
                return act(suite.theatre, nurse, case.id, command, name)

            try:
                if insist(deed, surfaced):
                    acknowledged.append(name)
                else:
                    breaches.append(f"{name}: the store did not recover")
            except Exception as error:
                breaches.append(f"{name}: {type(error).__name__} instead of a StorageFault: {error}"[:200])
        refuser.is_on = False
        breaches += audit(suite.theatre, acknowledged)
        suite.theatre.close()
    again = open_theatre(settings(), path, Clock())
    breaches += audit(again, acknowledged)
    again.close()
    return len(acknowledged), refuser.refused, len(surfaced), breaches


def refuse(runs: int, ticks: int, seed: int) -> Outcome:
    """Run every class of error `runs` times, each at another k."""
    chance = random.Random(seed)
    outcome = Outcome("T3 I/O errors", "acknowledged lost 0; each surfaced as a storage fault; recovers", seed=seed)
    totals = [0, 0, 0]
    for one in CLASSES:
        for _ in range(runs):
            refusal = replace(one, every=chance.randint(*one.between), in_a_row=chance.randrange(1, 3))
            with tempfile.TemporaryDirectory() as name:
                *counted, breaches = run_refused(refusal, ticks, Path(name))
            totals = [total + more for total, more in zip(totals, counted, strict=True)]
            outcome.breaches += [f"{refusal}: {breach}" for breach in breaches]
            if not counted[1]:
                outcome.breaches.append(f"{refusal}: nothing was refused")
    acknowledged, refused, surfaced = totals
    outcome.reached = (
        f"{len(CLASSES)} classes x {runs} runs x {ticks} ticks: {acknowledged:,} acknowledged, {refused:,} calls "
        f"refused, {surfaced:,} told to the person"
    )
    return outcome
