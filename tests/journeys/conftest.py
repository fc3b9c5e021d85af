"""The sample theatre of the screens, for whole journeys through it."""

import asyncio

import pytest

from tests.tui.conftest import nurse, sample, watch

__all__ = ["nurse", "quick_keys", "sample", "watch"]


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait after each key until the whole process is idle (60 ms): a journey waits for what it asserts.

    A key still takes its whole way through the program, and every message that was waiting has been worked off after it.
    """

    async def turn(*_lengths: float) -> None:
        await asyncio.sleep(0)

    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", turn)
