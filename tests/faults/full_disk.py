"""A full disk: a small memory file system of its own, and a limit on how large a file may grow.

Run as a process: it mounts, or limits itself, and prints what it found.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.errors import StorageFault
from ortool.services.running import act
from ortool.services.theatre import open_theatre
from ortool.storage import ballast
from tests.faults.audit import audit
from tests.faults.outcome import Outcome
from tests.faults.tape import ROOT
from tests.services.suite import Clock, Suite, furnish, settings

KINDS = ("tmpfs", "rlimit")
MOST = 3_000


def may_mount() -> str:
    """Return nothing where an unprivileged process may mount a file system of its own, else why not."""
    if not shutil.which("unshare"):
        return "unshare is not installed"
    tried = subprocess.run(["unshare", "-rm", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"a user may not mount here ({tried.stderr.strip()[:60]})"


class Nurse:
    """Ticks, and remembers what was acknowledged and what was refused."""

    def __init__(self, path: Path) -> None:
        furnish(path, settings(), Clock()).close()
        self.suite = Suite(open_theatre(settings(), path, Clock()), Clock())
        self.case, self.who = self.suite.case(), self.suite.nurse
        self.suite.act(self.case, StampMilestone("PIR"))
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.sentence = ""

    def tick(self) -> bool:
        """Tick once, under a new id each time; tell whether it was saved."""
        name = f"t{len(self.acknowledged) + len(self.refused)}"
        value = str(50 + len(self.acknowledged) % 100)
        try:
            act(self.suite.theatre, self.who, self.case.id, AnswerItem("SI.weight", State.DONE, value), name)
        except StorageFault as fault:
            self.refused.append(name)
            self.sentence = str(fault)
            return False
        self.acknowledged.append(name)
        return True

    def until_refused(self) -> bool:
        """Tick until the disk refuses; tell whether it did."""
        return any(not self.tick() for _ in range(MOST))

    def told(self, breaches: list[str]) -> dict[str, object]:
        """Check the database and return what was found."""
        breaches += audit(self.suite.theatre, self.acknowledged, self.refused)
        self.suite.theatre.close()
        return {"acknowledged": len(self.acknowledged), "refused": len(self.refused), "breaches": breaches}


def on_tmpfs(folder: Path) -> dict[str, object]:
    """Fill a file system of 12 MiB, go on by the kept space, fill it again, and make room."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(folder)], check=True)
    ballast.KEPT, ballast.ROOM = 4 * ballast.MEBIBYTE, 1
    nurse, breaches, filler = Nurse(folder / "ortool.db"), [], folder / "filler"
    if not nurse.suite.theatre.store.ballast.is_there:
        breaches.append("no space was kept")
    filler.write_bytes(bytes(shutil.disk_usage(folder).free - 300_000))
    if not nurse.until_refused() or "given back" not in nurse.sentence:
        breaches.append(f"the kept space was not given back: {nurse.sentence}")
    if not all(nurse.tick() for _ in range(50)):
        breaches.append(f"the running case could not go on: {nurse.sentence}")
    if not nurse.until_refused() or "Free space" not in nurse.sentence:
        breaches.append(f"the second full disk was not told: {nurse.sentence}")
    filler.unlink()
    if not all(nurse.tick() for _ in range(50)):
        breaches.append(f"it did not recover without a restart: {nurse.sentence}")
    return nurse.told(breaches)


def under_limit(folder: Path) -> dict[str, object]:
    """Let no file grow beyond a limit for a while, twice."""
    nurse, breaches = Nurse(folder / "ortool.db"), []
    for size in (300_000, 600_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        if not nurse.until_refused():
            breaches.append("the limit was never met")
        nurse.tick()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if not all(nurse.tick() for _ in range(50)):
            breaches.append(f"it did not recover without a restart: {nurse.sentence}")
    return nurse.told(breaches)


def fill(kind: str, runs: int = 1) -> Outcome:
    """T4, of one kind."""
    outcome = Outcome(f"T4 disk full ({kind})", "missing 0, extra 0, kept space given back, no restart")
    total = {"acknowledged": 0, "refused": 0}
    words = [sys.executable, "-m", "tests.faults.full_disk", kind]
    for _ in range(runs):
        ran = subprocess.run(
            ["unshare", "-rm", *words] if kind == "tmpfs" else words,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            outcome.breaches.append(ran.stderr[-500:])
            continue
        found = json.loads(ran.stdout)
        outcome.breaches += found["breaches"]
        total = {name: total[name] + found[name] for name in total}
    outcome.reached = f"{runs} runs; {total['acknowledged']:,} acknowledged, {total['refused']} refused"
    return outcome


def main() -> None:
    """Fill a disk of the named kind and print what was found."""
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(on_tmpfs(Path(name)) if sys.argv[1] == "tmpfs" else under_limit(Path(name))))
        if sys.argv[1] == "tmpfs":
            subprocess.run(["umount", "-l", name], check=True)


if __name__ == "__main__":
    main()
