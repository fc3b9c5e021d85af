"""A disk that refuses: errors at every k-th sync, write, truncation or read, while a terminal ticks on.

A deed that was refused is asked for again under its own command id, as a person would; it must count once.
"""

import os
import random
import subprocess
import sys
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
from tests.faults.tape import ROOT
from tests.services.suite import Clock, Suite, furnish, settings

SHORT_WRITE = -1  # half of the write arrives, then the disk is full


@dataclass(frozen=True)
class Refusal:
    """Which calls are refused, how, from the how-manieth on, and how many in a row."""

    name: str
    kind: str
    code: int
    between: tuple[int, int] = (30, 150)  # lower, and no tick would ever get through; higher, and no call is refused
    every: int = 0
    in_a_row: int = 1
    endings: tuple[str, ...] = ("", "-wal")


CLASSES = (
    Refusal("EIO at fsync", "sync", shim.IOERR_FSYNC, (3, 20)),
    Refusal("EIO at write", "write", shim.IOERR_WRITE),
    Refusal("disk full at write", "write", shim.FULL),
    Refusal("short write", "write", SHORT_WRITE),
    Refusal("EIO at truncate and fsync of the database", "sync", shim.IOERR_FSYNC, (3, 15), endings=("",)),
    Refusal(
        "EIO at read", "read", shim.IOERR_READ, (30, 90)
    ),  # sixty ticks read some 120 times: the pages stay at hand
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


def insist(deed: Callable[[], object], surfaced: list[str], refuser: Refuser | None = None) -> bool:
    """Do a deed until it is acknowledged; tell whether it was. Only a StorageFault may come between.

    After some refusals the disk gives way for this deed: one that refuses more often than an opening needs it would
    never let anybody in.
    """
    for attempt in range(20):
        if refuser:
            refuser.is_on = attempt < 5
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
                if insist(deed, surfaced, refuser):
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


CALLS = {"fsync": "EIO", "fdatasync": "ENOSPC", "pwrite64": "EIO,ENOSPC,EDQUOT", "ftruncate": "EIO"}


def tick_refused(path: Path, case: str, ticks: int, acknowledge: Callable[[str], object]) -> list[str]:
    """Tick on a disk that something outside refuses; each deed is asked for until it is acknowledged."""
    surfaced, breaches = list[str](), []
    with altered(Plan()):
        suite = Suite(open_theatre(settings(), path, Clock()), Clock())
        nurse = suite.nurse
        for number in range(ticks):
            name, command = f"t{number}", AnswerItem("SI.weight", State.DONE, str(50 + number % 100))

            def deed(name: str = name, command: AnswerItem = command) -> object:
                return act(suite.theatre, nurse, case, command, name)

            if insist(deed, surfaced):
                acknowledge(name)
            else:
                breaches.append(f"{name}: the store did not recover")
        suite.theatre.close()
    return [f"told {len(surfaced)}", *breaches]


def refuse_by_strace(runs: int, ticks: int) -> Outcome:
    """The same from outside: strace lets every k-th system call on the database's files fail."""
    outcome = Outcome("T3 I/O errors (by strace)", "acknowledged lost 0; each surfaced as a storage fault; recovers")
    told = acknowledged = programs = 0
    classes = [(call, error) for call, errors in CALLS.items() for error in errors.split(",")]
    for number in range(runs):
        for call, error in classes:
            with tempfile.TemporaryDirectory() as name:
                path = Path(name) / "ortool.db"
                suite = Suite(furnish(path, settings(), Clock()), Clock())
                case = suite.case()
                suite.act(case, StampMilestone("PIR"))
                suite.theatre.close()
                every = (7 if "sync" in call or call == "ftruncate" else 90) + number
                found = _one_by_strace(path, case.id, call, f"{call}:error={error}:when=20+{every}", ticks)
                names = [line[4:] for line in found if line.startswith("ack t")]
                told += sum(int(line[5:]) for line in found if line.startswith("told "))
                again = open_theatre(settings(), path, Clock())
                breaches = audit(again, names) + [line for line in found if not line.startswith(("ack ", "told "))]
                again.close()
                outcome.breaches += [f"{call} {error} every {every}: {one}" for one in breaches]
                acknowledged, programs = acknowledged + len(names), programs + 1
    outcome.reached = f"{programs} programs x {ticks} ticks: {acknowledged:,} acknowledged, {told} told to the person"
    if acknowledged != programs * ticks:
        outcome.breaches.append(f"{acknowledged} of {programs * ticks} acknowledged")
    return outcome


def _one_by_strace(path: Path, case: str, call: str, inject: str, ticks: int) -> list[str]:
    files = [word for ending in ("", "-wal") for word in ("-P", f"{path}{ending}")]
    words = [sys.executable, "-m", "tests.faults.refusing_disk", str(path), case, str(ticks)]
    options = ["-f", *files, "-e", f"trace={call}", "-e", f"inject={inject}", "-o", "/dev/null"]
    ran = subprocess.run(["strace", *options, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout.splitlines() + ([] if ran.returncode == 0 else [f"crashed: {ran.stderr[-300:]}"])


def main() -> None:
    """Tick on the database that the first argument names and print what is acknowledged."""
    path, case, ticks = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for word in tick_refused(path, case, ticks, lambda name: os.write(1, f"ack {name}\n".encode())):
        print(word)


if __name__ == "__main__":
    main()
