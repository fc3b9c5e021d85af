"""What a program wrote, synced and acknowledged, in order: one tape, from two recorders.

The layer inside the process records on every machine. `strace` records the same from outside where it is there: it
proves that nothing passes the layer by.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import program, shim

ROOT = Path(__file__).parents[2]
CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename"
LINE = re.compile(r"^(?:\[pid +)?(\d+)?\]? *(\w+)\((.*)\) += (-?\d+)")


@dataclass(frozen=True, slots=True)
class Op:
    """One step on the tape. `file` is the file's ending: nothing for the database, `-wal`, `-journal`."""

    kind: str  # write · sync · truncate · unlink · ack
    file: str = ""
    offset: int = 0
    data: bytes = b""
    size: int = 0
    ack: str = ""


@dataclass
class Tape:
    """A recording: the files as they were before, and every step since."""

    before: dict[str, bytes]
    ops: list[Op] = field(default_factory=list)


def files_of(path: Path) -> dict[str, bytes]:
    """Return the database's files by their ending."""
    found = {ending: Path(f"{path}{ending}") for ending in ("", "-wal", "-journal")}
    return {ending: file.read_bytes() for ending, file in found.items() if file.exists()}


def by_layer(path: Path, plan: program.Plan) -> Tape:
    """Run the program here and record it from inside."""
    tape = Tape(files_of(path))

    def see(call: shim.Call) -> None:
        if shim.is_of(call.path, path) and call.kind != "read":
            ending = call.path.removeprefix(str(path))
            tape.ops.append(Op(call.kind, ending, call.offset, call.data, call.size))

    with shim.watched(see):
        program.run(path, plan, lambda name: tape.ops.append(Op("ack", ack=name)))
    return tape


def has_strace() -> str:
    """Return nothing where strace can follow a process, else why it cannot."""
    if not shutil.which("strace"):
        return "strace is not installed"
    tried = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not follow a process here ({tried.stderr.strip()[:60]})"


def by_strace(path: Path, plan: program.Plan) -> Tape:
    """Run the program as a process of its own and record its system calls."""
    tape, trace = Tape(files_of(path)), path.with_name("trace")
    options = ["-f", "-y", "-xx", "-s", "70000", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(trace)]
    words = [sys.executable, "-m", "tests.faults.program", str(path), plan.as_words()]
    subprocess.run(["strace", *options, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with trace.open() as lines:
        tape.ops += _ops(lines, path)
    trace.unlink()
    return tape


def _ops(lines: Iterator[str], path: Path) -> Iterator[Op]:
    """Read the trace of a process with one thread."""
    for line in lines:
        assert "unfinished" not in line, "the program is recorded with one thread only"
        found = LINE.match(line)
        if not found or int(found[4]) < 0:
            continue
        name, arguments = found[2], found[3]
        first, _, rest = arguments.partition(", ")
        if name == "write" and first.startswith("1<"):
            for word in _text(rest).decode().splitlines():
                if word.startswith("ack "):
                    yield Op("ack", ack=word.removeprefix("ack "))
            continue
        file = _path(first if name != "unlinkat" else rest)
        if file is None or not shim.is_of(file, path):
            continue
        ending = file.removeprefix(str(path))
        if name in ("write", "pwrite64"):
            data = _text(rest)
            assert len(data) == int(found[4]), "a short write, or a trace that was cut"
            yield Op("write", ending, int(rest.rsplit(", ", 1)[1]) if name == "pwrite64" else 0, data)
        elif name in ("fsync", "fdatasync"):
            yield Op("sync", ending)
        elif name == "ftruncate":
            yield Op("truncate", ending, size=int(rest))
        else:
            yield Op("unlink", ending)


def _text(words: str) -> bytes:
    return bytes.fromhex(words.split('"')[1].replace("\\x", ""))


def _path(words: str) -> str | None:
    if '"' in words:
        return _text(words).decode()
    found = re.match(r"\d+<(.*)>$", words)
    if not found:
        return None
    name = found[1]
    return bytes.fromhex(name.replace("\\x", "")).decode() if name.startswith("\\x") else name


RECORDERS: dict[str, Callable[[Path, program.Plan], Tape]] = {"layer": by_layer, "strace": by_strace}
