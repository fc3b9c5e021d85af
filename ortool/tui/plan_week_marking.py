"""Opening the plan of a week, and marking its cases: fixed here, not here, a waiting case fixed by a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ortool.errors import Refused
from ortool.presentation.plan_board import BANNED, FIXED, Marks
from ortool.presentation.words import plural
from ortool.schedule.planner.problem import Tie
from ortool.tui.choosing import plain
from ortool.tui.forms import Form, Question
from ortool.tui.plan_week import PlanScreen
from ortool.tui.schedule_verbs import ToPlan

if TYPE_CHECKING:
    from datetime import date

    from ortool.schedule.planner.problem import Placed
    from ortool.tui.week import WeekScreen

AGAIN = "r plans again with it."


async def open_plan(screen: WeekScreen) -> None:
    """Read what there is to plan in the week that is shown, and propose. Raises Refused where there is nothing."""
    app, week = screen.app, screen.week
    if week is None:
        return
    screen.say("What there is to plan is being read …", "dim")
    first, days = week.days[0], len(week.days)
    marks = screen.marks.get(first, Marks())
    picture = await app.ask(partial(app.verbs.to_plan, first, days, marks))
    screen.say("")
    plan = PlanScreen(picture, screen.room, screen.day, screen.budget or picture.budget)
    await app.push_screen_wait(plan)
    screen.marks[first] = plan.marks
    if plan.booked:
        slot = min(plan.booked, key=lambda one: (one.start, one.room_id))
        screen.go_to(slot.room_id, slot.start.astimezone(app.verbs.zone).date(), slot.case_id)
        screen.say(f"{plural(len(plan.booked), 'slot')} booked; u takes all of it back.", "done")
        screen.marks.pop(first, None)


async def read_again(screen: PlanScreen) -> ToPlan:
    """Read again what there is to plan, with the marks of those who still wait. Raises Refused or BadInput."""
    verbs, days = screen.app.verbs, screen.week.days
    picture = await screen.app.ask(partial(verbs.to_plan, days[0], len(days), screen.marks))
    screen.marks = picture.marks
    return picture


async def fix(screen: PlanScreen) -> None:
    """Fix the case under the cursor where it lies, or loose it; ask where, if it waits."""
    number, marks = _number(screen), screen.marks
    placed = screen.placed
    if placed is not None:
        room, day = _place(screen, placed)
        tie = Tie(number, room, day)
        is_fixed = marks.word(number, (room, day)) == FIXED
        if is_fixed:
            screen.mark(replace(marks, pins=_others(marks.pins, number)), f"Case {number} is loose again.")
            return
        freed = tuple(one for one in marks.forbidden if one.case != number or not one.holds(room, day))
        marks = replace(marks, forbidden=freed).toggled(tie, forbids=False)
        screen.mark(marks, f"Case {number} is fixed to {room} on {day:%a %d %b}: r keeps it there.")
        return
    if any(one.case == number for one in marks.pins):
        screen.mark(replace(marks, pins=_others(marks.pins, number)), f"Case {number} is loose again. {AGAIN}")
        return
    if (asked := await _asked(screen, number)) is not None:
        marks = screen.marks.toggled(asked, forbids=False)
        screen.mark(marks, f"Case {number}: {marks.words(number)}. {AGAIN}")


async def forbid(screen: PlanScreen) -> None:
    """Forbid the case under the cursor the place where it lies, or allow it again."""
    number, placed, marks = _number(screen), screen.placed, screen.marks
    if placed is None:
        if any(one.case == number for one in marks.forbidden):
            marks = replace(marks, forbidden=_others(marks.forbidden, number))
            screen.mark(marks, f"Case {number} may lie anywhere again. {AGAIN}")
            return
        raise Refused(f"Case {number} lies nowhere; x is for a case that the plan places.", "f fixes one that waits.")
    room, day = _place(screen, placed)
    if marks.word(number, (room, day)) == BANNED:
        kept = tuple(one for one in marks.forbidden if one.case != number or not one.holds(room, day))
        screen.mark(replace(marks, forbidden=kept), f"Case {number} may stay in {room} on {day:%a %d %b}.")
        return
    marks = replace(marks, pins=_others(marks.pins, number)).toggled(Tie(number, room, day), forbids=True)
    screen.mark(marks, f"Case {number}: not {room} on {day:%a %d %b}. {AGAIN}")


async def clear(screen: PlanScreen) -> None:
    """Take back every mark of the case under the cursor."""
    number = _number(screen)
    if not screen.marks.words(number):
        raise Refused(f"Nothing is marked of case {number}.")
    screen.mark(screen.marks.without(number), f"Case {number}: every mark is taken back.")


async def clear_all(screen: PlanScreen) -> None:
    """Take back every mark."""
    marks = screen.marks
    if not marks.count:
        raise Refused("Nothing is marked.")
    screen.mark(Marks(), f"{plural(marks.count, 'mark')} taken back: {marks.all_words}.")


def _others(ties: tuple[Tie, ...], number: int) -> tuple[Tie, ...]:
    return tuple(one for one in ties if one.case != number)


def _number(screen: PlanScreen) -> int:
    if screen.plan is None:
        raise Refused("There is no plan yet.")
    number = screen.number
    if not number:
        raise Refused("That is for a case.", "Tab leads to the slots of the day and to the lists.")
    if number not in {one.case.number for one in screen.waiting}:
        raise Refused(f"Case {number} is booked already; the plan never moves it.")
    return number


def _place(screen: PlanScreen, placed: Placed) -> tuple[str, date]:
    return placed.room, placed.span.start.astimezone(screen.app.verbs.zone).date()


async def _asked(screen: PlanScreen, number: int) -> Tie | None:
    """Ask to which room, day or both a waiting case is to be fixed. Returns None where the form was left."""
    rooms, days = list(screen.week.rooms), {f"{day:%a %d}": day for day in screen.week.days}

    def room_of(text: str) -> str:
        return next((room for room in rooms if plain(text) in (plain(room), plain(screen.week.rooms[room]))), "")

    def accept(answers: dict[str, str]) -> str:
        if not answers["room"] and not answers["day"]:
            return "A room, a day or both say where."
        if answers["room"] and not room_of(answers["room"]):
            return f"There is no room {answers['room'][:20]!r}."
        if answers["day"] and answers["day"] not in days:
            return f"{answers['day'][:20]!r} is not one of these days."
        return ""

    questions = [
        Question("room", "Room (empty: any)", presets=tuple(rooms), required=False),
        Question("day", "Day (empty: any)", presets=tuple(days), required=False),
    ]
    form = Form(f"Fix case {number}", questions, ["The next plan places it there, or says why not."], accept=accept)
    answers = await screen.app.push_screen_wait(form)
    if answers is None:
        return None
    return Tie(number, room_of(answers["room"]) or None, days.get(answers["day"]))


DEEDS: dict[str, Callable[[PlanScreen], Awaitable[None]]] = {
    "fix": fix, "forbid": forbid, "clear": clear, "clear all": clear_all
}  # fmt: skip
