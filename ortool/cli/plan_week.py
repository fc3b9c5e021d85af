"""`ortool plan week`: waiting cases into open blocks, with the bound beside; proposed first, booked on request."""

from __future__ import annotations

import re
from pathlib import Path  # typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli.ctrl_c import CtrlC
from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from zoneinfo import ZoneInfo

    from ortool.people.person import Actor
    from ortool.presentation.listing import Column
    from ortool.schedule.planner.problem import Tie, WeekPlan
    from ortool.schedule.planner.solve import Limits, Progress
    from ortool.services.theatre import Theatre

_TIE = re.compile(r"(\d{1,9})=([^@=]*)(?:@(.+))?")


def plan_week(
    ctx: typer.Context,
    *,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day; else next Monday.")] = "",
    days: Annotated[int, typer.Option(min=1, max=28, help="How many days from there.")] = 7,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long to look for a better plan.")] = 10.0,
    work: Annotated[
        int, typer.Option(min=0, max=10_000_000, help="Changes to try instead of seconds: the same plan each time.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Another seed, another plan of like worth.")] = 0,
    fix: Annotated[
        list[str] | None, typer.Option(metavar="CASE=ROOM@DAY", help="Must lie there; ROOM or @DAY may be left out.")
    ] = None,
    forbid: Annotated[list[str] | None, typer.Option(metavar="CASE=ROOM@DAY", help="Must not lie there.")] = None,
    warm: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Begin with an earlier plan, saved with --json.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Book the plan, as one change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Plan the waiting list into the open blocks of a week: who, where, when, how good, and who waits and why.

    Nothing is booked without --apply; `ortool slot undo` takes it back as one. Ctrl+C ends the search: the best plan
    so far is printed, and not booked.
    """
    # Ctrl+C first: what is imported and read next takes its time, and it ends in a plan all the same.
    with CtrlC() as ctrl_c, opened(ctx) as theatre:
        from ortool.cli.output import say, show_json
        from ortool.presentation.week_plan import kept_words, plan_json
        from ortool.services.planning import Week, propose_week

        actor = actor_of(ctx, theatre) if apply else None
        begin = _first(first, theatre)
        pins, forbidden = (tuple(_tie(text, theatre) for text in texts or ()) for texts in (fix, forbid))
        week = Week(begin, days, pins, forbidden, seed, _limits(seconds, work, ctrl_c))
        earlier = _earlier(warm)
        plan = propose_week(theatre, week, _progress(0 if work else seconds), earlier)
        _clear()
        if as_json:
            show_json(plan_json(plan))
        else:
            _show(theatre, plan)
        if earlier is not None:
            say(kept_words(plan, earlier))
        if actor is not None:
            _book(theatre, actor, plan, ctrl_c)
        elif plan.placed:
            say("Proposed, not booked; --apply books it.")


def _book(theatre: Theatre, actor: Actor, plan: WeekPlan, ctrl_c: CtrlC) -> None:
    from ortool.cli.output import say
    from ortool.presentation.words import plural
    from ortool.services.planning import apply_week

    ctrl_c.let_go()
    if ctrl_c.is_pressed:
        raise Refused("The search was cut off: nothing is booked.", "Give --seconds to book what is found by then.")
    slots = apply_week(theatre, actor, plan.placed)
    say(f"{plural(len(slots), 'slot')} booked; `ortool slot undo` takes all of it back.")


def _first(text: str, theatre: Theatre) -> date:
    from datetime import timedelta

    from ortool.cli.inputs import read_day

    if text:
        return read_day(text, theatre)
    today = read_day("today", theatre)
    return today + timedelta(days=7 - today.weekday())


def _earlier(file: Path | None) -> WeekPlan | None:
    from ortool.cli.inputs import read_bytes
    from ortool.exchange.week_plan import read_week_plan

    return read_week_plan(read_bytes(file), file.name) if file is not None else None


def _limits(seconds: float, work: int, ctrl_c: CtrlC) -> Limits:
    import time

    from ortool.schedule.planner.solve import Limits

    if work:
        return Limits(work, lambda: ctrl_c.is_pressed)
    until = time.monotonic() + seconds
    return Limits(10**9, lambda: ctrl_c.is_pressed or time.monotonic() >= until)


def _tie(text: str, theatre: Theatre) -> Tie:
    from ortool.cli.inputs import read_day
    from ortool.schedule.planner.problem import Tie

    match = _TIE.fullmatch(text.strip())
    if match is None or not (match[2].strip() or match[3]):
        raise BadInput(f"{text[:40]!r} says no case and place.", "Write CASE=ROOM@DAY, CASE=ROOM or CASE=@DAY.")
    return Tie(int(match[1]), match[2].strip() or None, read_day(match[3], theatre) if match[3] else None)


def _progress(seconds: float) -> Callable[[Progress], None]:
    """Return what writes over one line of a terminal how far the search is; 0 seconds: it has no end in time."""
    import shutil
    import sys
    import time

    from ortool.presentation.pieces import fit
    from ortool.presentation.plan_lists import searching_words

    begun, seen = time.monotonic(), [""]

    def tell(now: Progress) -> None:
        if not sys.stderr.isatty():
            return
        words = searching_words(now, time.monotonic() - begun, seconds)
        line = fit(words, shutil.get_terminal_size().columns - 1).rstrip()
        if line != seen[0]:
            seen[0] = line
            sys.stderr.write(f"\r\033[K{line}")
            sys.stderr.flush()

    return tell


def _clear() -> None:
    import sys

    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


def _show(theatre: Theatre, plan: WeekPlan) -> None:
    from ortool.cli.output import say, show, show_list
    from ortool.presentation import week_plan as words

    for columns, empty in _tables(plan, theatre.settings.zone):
        if empty or columns[0].forms[0]:
            show_list(columns, empty)
            show()
    for sentence in (
        words.counts_words, words.fairness_words, words.gap_words, words.baseline_words, words.tier_words,
    ):  # fmt: skip
        if said := sentence(plan):
            show(said)
    say("The chances are estimates, not promises.")


def _tables(plan: WeekPlan, zone: ZoneInfo) -> Iterator[tuple[list[Column], str]]:
    """Yield the columns of each table and what stands for it where it has no row."""
    from ortool.presentation import week_plan as words
    from ortool.presentation.listing import column
    from ortool.presentation.words import clock, day

    placed = sorted(plan.placed, key=lambda one: (one.span.start.astimezone(zone).date(), one.room, one.span.start))
    yield (
        [
            column("day", [day(one.span.start, zone) for one in placed]),
            column("room", [one.room for one in placed]),
            column("time", [f"{clock(one.span.start, zone)}–{clock(one.span.end, zone)}" for one in placed]),
            column("case", [str(one.case) for one in placed]),
        ],
        "No case is placed.",
    )
    used = [one for one in plan.rooms if one.cases]
    yield (
        [
            column("block", [words.block_words(one, zone) for one in used]),
            column("cases", [str(len(one.cases)) for one in used]),
            column("used with turnover", [f"{round(100 * one.utilisation)} %" for one in used]),
            column("ends late", [words.risk_words(one) for one in used]),
        ],
        "",
    )
    because = [("Urgent and due. " if one.missed else "") + one.reason for one in plan.unplaced]
    yield (
        [
            column("waits", [str(one.case) for one in plan.unplaced]),
            column("because", because, least=20, folds=True),
        ],
        "",
    )
    long, short = ([words.overtakers_words(one, in_short) for one in plan.overtaken] for in_short in (False, True))
    yield (
        [
            column("overtaken", [words.queued_words(one.waits) for one in plan.overtaken]),
            column("by", long, short, least=10, folds=True),
        ],
        "",
    )
