"""The search for a week's plan in a process of its own: no key waits for it, and it ends with the screen that asked."""

import asyncio
import os
import pickle
import sys
import threading
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from ortool.errors import OrtoolError, Refused
from ortool.schedule.planner.problem import WeekPlan, WeekProblem, week_span
from ortool.schedule.planner.solve import Limits, Progress, solve
from ortool.services.pinning import check_kept, check_pins

HEAD = 4
"""Bytes that say how long a message is."""
EVERY = 0.2
"""Seconds between two words about the progress."""
STOP = b"."
MOVE = 10
"""Points that it must be worth to place a case elsewhere than in the plan that somebody has marked."""
AT_ONCE = Limits(0, bound=False)


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to look: so many seconds, or with `steps` so many changes, which gives the same plan each time."""

    seconds: float = 10.0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What the process is asked. It holds no patient's name.

    `warm` is the plan to begin with; with `settles` a better one must be worth what it moves in it. `known` is the
    bound of an earlier problem, see `bounds`.
    """

    problem: WeekProblem
    budget: Budget
    seed: int = 0
    warm: WeekPlan | None = None
    settles: bool = False
    known: tuple[WeekProblem, float] | None = None


def bounds(earlier: WeekProblem, now: WeekProblem) -> bool:
    """Whether what no plan of an earlier problem exceeds, no plan of this one does: only more is forbidden in it.

    Where the freeze window cuts into the days, their open time is another one, and so is what its idle minutes cost.
    """
    begins = week_span(now).start
    if max(earlier.not_before, now.not_before) > begins:
        return False
    same = replace(earlier, forbidden=now.forbidden, not_before=now.not_before) == now
    return same and set(earlier.forbidden) <= set(now.forbidden)


def settled(warm: WeekPlan, first: WeekPlan, best: WeekPlan) -> WeekPlan:
    """Return the best plan, or the first one, which moves least, where the best is not worth what it moves."""
    moves = _moved(warm, best) - _moved(warm, first)
    is_worth = best.score.points - first.score.points >= MOVE * moves
    return best if is_worth or best.score.key[0] > first.score.key[0] else replace(first, bound=best.bound)


def _moved(one: WeekPlan, other: WeekPlan) -> int:
    places = {placed.case: (placed.room, placed.span.start.date()) for placed in one.placed}
    there = {placed.case: (placed.room, placed.span.start.date()) for placed in other.placed}
    return sum(there.get(case) != place for case, place in places.items())


class Search:
    """One search. `told` hears how far it is, and each plan that may be used already."""

    def __init__(self, told: Callable[[Progress | WeekPlan], None]) -> None:
        self._told = told
        self._process: Process | None = None
        self.is_cut = False
        """Whether it died on the way, so that a better plan was to come."""

    async def run(self, asked: Asked) -> WeekPlan:
        """Return the best plan that was found. Raises Refused where pins clash, OrtoolError where none was found."""
        message = await asyncio.to_thread(pickle.dumps, replace(asked, known=None))
        process = self._process = await self._begin()
        try:
            assert process.stdin is not None
            with suppress(ConnectionError):
                process.stdin.write(len(message).to_bytes(HEAD, "big") + message)
                await process.stdin.drain()
            plan = await self._listen(process)
        finally:
            if process.stdin:
                process.stdin.close()
            await process.wait()
        if asked.known and plan.bound is not None and bounds(asked.known[0], asked.problem):
            return replace(plan, bound=min(plan.bound, asked.known[1]))
        return plan

    def stop(self) -> None:
        """Let it end now; what it found by then is kept."""
        if self._process and self._process.stdin:
            self._process.stdin.write(STOP)

    async def _begin(self) -> Process:
        # It finds its modules where this one does, and nowhere else: not in whatever folder the program was begun in.
        child = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import search_child; search_child()"
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-c", child, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
            )
        except OSError as error:
            raise OrtoolError(f"The search for a plan cannot be begun here ({error.strerror}).") from None

    async def _listen(self, process: Process) -> WeekPlan:
        assert process.stdout is not None
        best: WeekPlan | None = None
        while True:
            try:
                size = int.from_bytes(await process.stdout.readexactly(HEAD), "big")
                said = pickle.loads(await process.stdout.readexactly(size))
            except asyncio.IncompleteReadError:
                break
            if isinstance(said, OrtoolError):
                raise said
            if isinstance(said, WeekPlan):
                best = said
            self._told(said)
        if best is None:
            raise OrtoolError("The search for a plan ended without one.", "r begins it anew.")
        self.is_cut = await process.wait() != 0
        return best


def search_child() -> None:
    """Search, as standard input says, and tell on standard output.

    A further byte ends the search and keeps the best. Where the input is closed, nobody is there any more.
    """
    os.nice(5)
    heard, said = os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    # Whatever a library prints would be taken for a message.
    os.dup2(2, 1)
    asked: Asked = pickle.loads(_exactly(heard, int.from_bytes(_exactly(heard, HEAD), "big")))
    stopped = threading.Event()

    def wait_for_the_end() -> None:
        while heard.read(1):
            stopped.set()
        os._exit(1)

    threading.Thread(target=wait_for_the_end, daemon=True).start()

    def tell(what: object) -> None:
        message = pickle.dumps(what)
        said.write(len(message).to_bytes(HEAD, "big") + message)

    with suppress(BrokenPipeError):
        try:
            _search(asked, stopped.is_set, tell)
        except Refused as refused:
            tell(Refused(refused.message, refused.hint))
    os._exit(0)  # the thread that listens would hold up an end in good order


def _exactly(stream: BinaryIO, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := stream.read(size - len(found))):
        found += more
    return found


def _search(asked: Asked, is_stopped: Callable[[], bool], tell: Callable[[Any], None]) -> None:
    """Tell the plan that stands at once, then how far the search is, then the best plan."""
    check_pins(asked.problem)
    first = solve(asked.problem, asked.seed, AT_ONCE, warm=asked.warm)
    tell(first)
    budget, begun, last = asked.budget, time.monotonic(), [0.0]

    def say(now: Progress) -> None:
        if time.monotonic() - last[0] >= EVERY:
            last[0] = time.monotonic()
            tell(now)

    limits = Limits(budget.steps, is_stopped)
    if not budget.steps:
        limits = replace(limits, steps=10**9, stop=lambda: is_stopped() or time.monotonic() >= begun + budget.seconds)
    best = solve(asked.problem, asked.seed, limits, say, first)
    best = settled(asked.warm, first, best) if asked.warm and asked.settles else best
    check_kept(asked.problem, best)
    tell(best)
