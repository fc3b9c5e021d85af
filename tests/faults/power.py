"""Power cuts: everything that the disk may hold at each step of a recorded tape, opened by the real store.

The model: what was synced is there; of what was written since, any 512-byte sectors may be. Cuts come before and
after every write, sync, truncation, removal and acknowledgement. Its limits: one writer, a disk that keeps its
promise to flush, no removal that outlives a later file of the same name.
"""

import hashlib
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ortool.errors import OrtoolError
from ortool.services.theatre import Theatre
from ortool.storage.store import Store
from tests.faults import audit
from tests.faults.outcome import Outcome
from tests.faults.program import Plan
from tests.faults.tape import RECORDERS, Op, Tape
from tests.services.suite import Clock, furnish, settings

SECTOR = 512
FAST = Path("/dev/shm")


class Disk:
    """What has reached the platter, and what is still on its way."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self.durable = {name: bytearray(content) for name, content in before.items()}
        self.pending: list[Op] = []

    def take(self, op: Op) -> None:
        """Take one step of the tape."""
        if op.kind == "sync":
            self._settle(op.file)
        elif op.kind == "write":
            if any(one.kind == "unlink" and one.file == op.file for one in self.pending):
                self._settle(op.file)
            self.pending += sectors(op)
        elif op.kind in ("truncate", "unlink"):
            self.pending.append(op)

    def _settle(self, file: str) -> None:
        for op in self.pending:
            if op.file == file:
                apply(self.durable, op)
        self.pending = [op for op in self.pending if op.file != file]

    def after_cut(self, survives: list[bool]) -> dict[str, bytearray]:
        """Return the files where of the pending steps only those marked arrived."""
        files = {name: bytearray(content) for name, content in self.durable.items()}
        for op, arrives in zip(self.pending, survives, strict=True):
            if arrives:
                apply(files, op)
        return files


def sectors(op: Op) -> Iterator[Op]:
    """Split a write where the disk may tear it."""
    at = 0
    while at < len(op.data):
        end = min(len(op.data), at + SECTOR - (op.offset + at) % SECTOR)
        yield Op("write", op.file, op.offset + at, op.data[at:end])
        at = end


def apply(files: dict[str, bytearray], op: Op) -> None:
    """Let one step arrive."""
    if op.kind == "unlink":
        files.pop(op.file, None)
        return
    content = files.setdefault(op.file, bytearray())
    size = op.size if op.kind == "truncate" else op.offset + len(op.data)
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if op.kind == "truncate":
        del content[size:]
    else:
        content[op.offset : size] = op.data


def masks(length: int, chance: random.Random, rare: bool) -> Iterator[list[bool]]:
    """Yield which pending sectors arrive: none, all, the first, the last, any."""
    if not rare:
        yield [False] * length
        yield [True] * length
    if length < 2:
        return
    cut = chance.randrange(1, length)
    yield [n < cut for n in range(length)]
    cut = chance.randrange(1, length)
    yield [n >= cut for n in range(length)]
    density = chance.random()
    yield [chance.random() < density for _ in range(length)]


def cuts(tape: Tape, chance: random.Random, wanted: int) -> Iterator[tuple[dict[str, bytearray], list[str]]]:
    """Yield up to `wanted` different states of the disk, each with what had been acknowledged by then."""
    seen: set[bytes] = set()
    for lap in range(2 + wanted // 500):
        disk, acknowledged = Disk(tape.before), list[str]()
        for op in tape.ops:
            disk.take(op)
            if op.kind == "ack":
                acknowledged.append(op.ack)
            for mask in masks(len(disk.pending), chance, rare=lap > 0):
                state = disk.after_cut(mask)
                name = digest(state, len(acknowledged))
                if name not in seen:
                    seen.add(name)
                    yield state, acknowledged
                    if len(seen) >= wanted:
                        return


def digest(files: dict[str, bytearray], acknowledged: int) -> bytes:
    """Return what tells one state from another."""
    total = hashlib.blake2b(str(acknowledged).encode(), digest_size=16)
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.blake2b(files[name], digest_size=16).digest())
    return total.digest()


def examine(files: dict[str, bytearray], acknowledged: list[str], folder: Path) -> list[str]:
    """Open one state with the real store and return its breaches."""
    folder.mkdir()
    path = folder / "ortool.db"
    for ending, content in files.items():
        Path(f"{path}{ending}").write_bytes(content)
    store = Store(path)
    try:
        theatre = Theatre(store.open(), settings(), Clock())
        named = [name for name in acknowledged if not name.startswith("moved ")]
        found = audit.audit(theatre, named)
        moves = {row[0] for row in audit.rows(theatre, "SELECT stream FROM entry WHERE kind = 'slot.moved'")}
        found += [f"lost: {n}" for n in acknowledged if n.startswith("moved ") and f"case:{n[6:]}" not in moves]
    except OrtoolError as error:
        found = [f"corrupt: {error}"]
    finally:
        store.close()
        shutil.rmtree(folder)
    return found


def cut_power(recorder: str, states: int, seed: int, plan: Plan | None = None, control: bool = False) -> Outcome:
    """Record the program once and cut its power in `states` ways."""
    plan = plan or Plan()
    chance, place = random.Random(seed), FAST if FAST.is_dir() else None
    total = 0
    how = f"by {recorder}" + (f", synchronous {plan.synchronous}" if control else "")
    outcome = Outcome(f"T1 power cut ({how})", "0 lost, 0 corrupt", seed=seed, control=control)
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        path = folder / "recorded" / "ortool.db"
        furnish(path, settings(), Clock()).close()
        tape = RECORDERS[recorder](path, plan)
        for number, (files, acknowledged) in enumerate(cuts(tape, chance, states)):
            found = examine(files, acknowledged, folder / "state")
            outcome.breaches += [f"state {number}: {one}" for one in found[:1]]
            total = number + 1
    ticks = sum(op.kind == "ack" for op in tape.ops)
    syncs = sum(op.kind == "sync" for op in tape.ops)
    cut = "breached" if control else "lost or corrupt"
    outcome.reached = (
        f"{total:,} states of {len(tape.ops):,} steps, {ticks} acknowledged, {syncs / ticks:.2f} fsync each; "
        f"{len(outcome.breaches):,} {cut}"
    )
    if total < states:
        outcome.breaches.append(f"only {total} different states")
    return outcome
