"""Waiting until the program under test has nothing left to do.

Textual's own wait asks whether the process uses less than 1 ms of CPU in 20 ms: at least 40 ms a key, a second where
another process keeps the machine busy, and no proof that a thread has ended. This one asks the event loop.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from textual._context import active_app
from textual.app import App

from ortool.tui.scanner import FAST

ROUNDS = 3  # an event loop that has had nothing ready so many times in a row is quiet
PATIENCE = 0.25  # seconds for a thread: one that is held up on purpose holds nothing else up
_in_threads: set[Any] = set()


async def until_quiet(*_lengths: float) -> None:
    """Wait until every message is worked off, what changed is painted, and no thread has work of this event loop."""
    loop, rounds = asyncio.get_running_loop(), 0
    end = time.monotonic() + PATIENCE
    while rounds < ROUNDS and time.monotonic() < end:
        await asyncio.sleep(0.001 if _is_in_threads(loop) else 0)
        is_quiet = not loop._ready and not _paints() and not _is_in_threads(loop)  # type: ignore[attr-defined]
        rounds = rounds + 1 if is_quiet else 0


def _is_in_threads(loop: asyncio.AbstractEventLoop) -> bool:
    return any(one.get_loop() is loop for one in _in_threads)


def _paints() -> bool:
    """Paint what the next frame would; tell whether there was anything."""
    app = active_app.get(None)
    stack = app._screen_stack if app else []
    if not stack or not (timer := stack[-1]._update_timer)._active.is_set():
        return False
    stack[-1]._on_timer_update()
    return not timer._active.is_set()


def at_a_persons_pace(app: Any) -> None:
    """Let the time go by that a person takes to the next key: a scanner is told from a person by its speed."""
    if scanner := getattr(app, "_scanner", None):
        scanner._last_at -= 2 * FAST


@contextmanager
def quick_waits() -> Iterator[None]:
    """Let the pilot of every program under test wait for quiet, not for idleness."""
    real, press = asyncio.base_events.BaseEventLoop.run_in_executor, App._press_keys

    def counted(self: Any, *job: Any) -> Any:
        future = real(self, *job)
        _in_threads.add(future)
        future.add_done_callback(_in_threads.discard)
        return future

    async def pressed(app: Any, keys: Iterable[str]) -> None:
        for key in keys:
            at_a_persons_pace(app)
            await press(app, [key])
            at_a_persons_pace(app)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "_press_keys", pressed)
        patch.setattr(asyncio.base_events.BaseEventLoop, "run_in_executor", counted)
        for module in ("textual.app", "textual.pilot"):
            patch.setattr(f"{module}.wait_for_idle", until_quiet)
        yield
