"""How long the screen of a week's plan is held by one step of its work, while it searches and after.

Run by hand: python -m tests.benchmarks.held_plan
Some three hundred cases wait. Printed is the longest CPU time for which one step of the event loop held it, for each
kind of key; what other programs do at the same time adds little to it.
"""

import asyncio
import tempfile
import time
from asyncio.events import Handle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual import events

from ortool.services.plan_apart import Budget
from ortool.services.theatre import Theatre, open_theatre
from ortool.tui.app import OrtoolApp
from ortool.tui.plan_week import PlanScreen
from tests.tui.a_plan import MONDAY, with_a_long_list
from tests.tui.a_week import coordinator
from tests.tui.conftest import SAMPLE, TEN_PAST_TEN, Watch, fill
from tests.tui.quiet import at_a_persons_pace

LIMIT = 16.0  # milliseconds
PACE = 0.08  # seconds between two keys
MANY = 20


class Steps:
    """The CPU time of each step of the event loop, in milliseconds."""

    def __init__(self) -> None:
        self.took: list[float] = []
        real = Handle._run

        def run(handle: Handle) -> None:
            begun = time.thread_time()
            real(handle)
            self.took.append((time.thread_time() - begun) * 1000)

        Handle._run = run  # type: ignore[method-assign]

    def tell(self, what: str) -> None:
        """Print the longest one since the last time."""
        above = sum(one > LIMIT for one in self.took)
        print(f"{what:<32} longest {max(self.took):6.1f} ms   above {LIMIT:.0f} ms: {above} of {len(self.took)}")
        self.took.clear()


async def until(condition: Callable[[], Any]) -> None:
    """Wait until something is so."""
    for _ in range(6_000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("never there")


async def played(theatre: Theatre) -> None:
    """Open the plan of the long week and press keys, while it searches and after."""
    app = OrtoolApp(lambda: theatre, demo=True, actor=coordinator(theatre))
    async with app.run_test(size=(120, 40)):

        async def press(*keys: str) -> None:
            for key in keys:
                at_a_persons_pace(app)
                app.post_message(events.Key(key, key if len(key) == 1 else None))
                await asyncio.sleep(PACE)

        await until(lambda: getattr(app.screen, "board", None))
        await press("W")
        await until(lambda: getattr(app.screen, "week", None))
        week: Any = app.screen
        week.budget = Budget(seconds=12.0)
        await press("right_square_bracket", "right_square_bracket")
        await until(lambda: week.week.days[0] == MONDAY)
        await asyncio.sleep(2)
        steps = Steps()
        await press("P")
        await until(lambda: isinstance(app.screen, PlanScreen) and app.screen.plan)
        plan: Any = app.screen
        await asyncio.sleep(0.5)
        steps.tell("the screen opens")
        for when in ("searching", "at rest"):
            for what, keys in (("days", ("right", "left")), ("rooms", ("down", "up")), ("lists", ("tab",))):
                plan.query_one("#rooms").focus()
                await asyncio.sleep(0.2)
                steps.took.clear()
                await press(*keys * (MANY // len(keys)))
                steps.tell(f"{when}: {what}")
            await until(lambda: not plan.is_searching)
            await asyncio.sleep(0.5)
            if when == "searching":
                steps.tell("what the search says and finds")
        while plan.pane != "placed":
            await press("tab")
        steps.took.clear()
        await press(*("f", "down") * (MANY // 2))
        steps.tell("at rest: marks")
        print(f"{len(plan.plan.placed)} cases placed, {len(plan.plan.unplaced)} wait on")


def main() -> None:
    """Print the longest step of each kind."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "plan.db"
        fill(path)
        theatre = open_theatre(SAMPLE, path, Watch(TEN_PAST_TEN))
        with_a_long_list(theatre, 300)
        asyncio.run(played(theatre))
        theatre.close()


if __name__ == "__main__":
    main()
