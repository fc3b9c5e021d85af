"""ortool with ears for the benchmarks: run as a program of its own, in a terminal.

SIGUSR1 writes the system's number of each thread into the file that ORTOOL_TOLD names. With ORTOOL_SLOW every commit
waits so many seconds first, and the times for which the screen was held are written down there at SIGUSR2.
"""

import json
import os
import signal
import threading
import time
from asyncio import events
from pathlib import Path
from typing import Any

from ortool.cli.start import run
from ortool.storage import store
from ortool.storage.transaction import Transaction

TOLD = "ORTOOL_TOLD"
SLOW = "ORTOOL_SLOW"


def tell(what: object) -> None:
    """Write something down whole, for whoever waits for it."""
    path = Path(os.environ[TOLD])
    path.with_suffix(".new").write_text(json.dumps(what))
    path.with_suffix(".new").rename(path)


def _tell_threads(*_: object) -> None:
    tell({thread.name: thread.native_id for thread in threading.enumerate()})


class SlowTransaction(Transaction):
    """A transaction on a slow disk."""

    def flush(self) -> None:
        """Get ready to commit, after a wait."""
        time.sleep(float(os.environ[SLOW]))
        super().flush()


def _write_down_holds() -> None:
    """Note how long each step of the event loop holds it: in milliseconds of the clock, and of CPU."""
    held: list[tuple[float, float, str]] = []
    plain = events.Handle._run  # type: ignore[attr-defined]

    def timed(handle: Any) -> None:
        began, spent = time.perf_counter(), time.thread_time()
        try:
            plain(handle)
        finally:
            took = (time.perf_counter() - began) * 1000
            held.append((took, (time.thread_time() - spent) * 1000, _name(handle._callback) if took > 8 else ""))

    def finish(*_: object) -> None:
        tell(held)
        held.clear()

    events.Handle._run = timed  # type: ignore[attr-defined]
    store.Transaction = SlowTransaction  # type: ignore[misc,attr-defined]
    signal.signal(signal.SIGUSR2, finish)


def _name(callback: Any) -> str:
    coroutine = getattr(getattr(callback, "__self__", None), "get_coro", lambda: callback)()
    return str(getattr(coroutine, "__qualname__", coroutine))


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _tell_threads)
    if os.environ.get(SLOW):
        _write_down_holds()
    run()
