"""Several processes at one database. They are forked from a clean server that has everything imported already."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.processes import CONTEXT

Say = Callable[..., None]
PATIENCE = 600


@dataclass
class Worker:
    """One process, and what it has told so far."""

    process: Any
    pipe: Connection
    told: list[tuple[Any, ...]] = field(default_factory=list)

    def listen(self, seconds: float = 0) -> None:
        """Take what the process has told, waiting up to `seconds` for a first word."""
        while self.pipe.poll(seconds):
            try:
                self.told.append(self.pipe.recv())
            except ConnectionResetError:
                pass  # it was shot before it had read our word; what it told is still in the pipe
            except EOFError:
                return
            seconds = 0

    def hear(self, words: int, seconds: float = 60) -> None:
        """Wait until the process has told so much."""
        end = time.monotonic() + seconds
        while len(self.told) < words and time.monotonic() < end:
            self.listen(0.01)

    def kill(self) -> list[tuple[Any, ...]]:
        """Kill the process at once and return everything that it had told."""
        self.process.kill()
        self.process.join(PATIENCE)
        assert self.process.exitcode == -signal.SIGKILL
        self.listen()
        return self.told

    def finish(self) -> list[tuple[Any, ...]]:
        """Wait until the process has ended well and return everything that it told."""
        end = time.monotonic() + PATIENCE
        while self.process.is_alive() and time.monotonic() < end:
            self.listen(0.05)
        self.process.join(1)
        self.listen()
        assert self.process.exitcode == 0, f"a worker ended with {self.process.exitcode}"
        return self.told


def _work(deed: Callable[..., None], where: Path | str, pipe: Connection, asked: tuple[Any, ...]) -> None:
    def say(*words: Any) -> None:
        pipe.send(words)

    def wait() -> None:
        pipe.send(("ready",))
        pipe.recv()

    deed(where, wait, say, *asked)


def start(deed: Callable[..., None], where: Path | str, *asked: Any) -> Worker:
    """Start one process; it waits for `let_go`."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_work, args=(deed, where, theirs, asked), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours)


def let_go(workers: list[Worker]) -> None:
    """Let every process begin together."""
    for worker in workers:
        assert worker.pipe.poll(PATIENCE)
        assert worker.pipe.recv() == ("ready",)
    for worker in workers:
        worker.pipe.send("go")


def all_of(workers: list[Worker]) -> list[list[tuple[Any, ...]]]:
    """Let every process begin together and end well; return what each told."""
    let_go(workers)
    return [worker.finish() for worker in workers]
