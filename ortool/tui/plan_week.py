"""The plan of a week: proposed beside what stands, changed by marks, planned again, applied as one change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from ortool.errors import OrtoolError
from ortool.presentation.plan_board import Marks, Place, PlanCell, cells_of, places_of
from ortool.tui.bars import Lines
from ortool.tui.identifying import carry_out
from ortool.tui.keys import KeyLine
from ortool.tui.plan_week_grid import PlanGrid
from ortool.tui.rows_view import RowsView
from ortool.tui.seen import SeenScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from datetime import date

    from ortool.caselog.case import Slot
    from ortool.caselog.week import Waiting, Week
    from ortool.schedule.planner.problem import Placed, WeekPlan, WeekProblem
    from ortool.schedule.planner.solve import Progress
    from ortool.services.plan_apart import Budget, Search
    from ortool.tui.app import OrtoolApp
    from ortool.tui.schedule_verbs import ToPlan

PANES = ("rooms", "day", "waiting", "placed")
PLACED = 2
"""Where among `places` the cursor of who is placed stands."""
TELL_SECONDS = 0.5
CHANGED = "Somebody has just changed the schedule: a books nothing before r has planned again."


class PlanScreen(SeenScreen):
    """A proposed week: nothing is booked before it is applied.

    | key | what it does |
    |---|---|
    | left, right, h l | the day before, the day after |
    | up, down, j k | another room; in a list the line above or below |
    | Tab, Shift+Tab | rooms, slots of the day, who waits on and why, who is placed |
    | Enter | from a room to its slots; from a placed case to its place on its day |
    | f | fix a new case where it lies, or loose it; a waiting case: fix it to a room, a day or both |
    | x | not here: forbid a new case this room and day, or allow it again |
    | Backspace | take back every mark of the case |
    | c | take back all marks |
    | r | plan again from the plan shown, with the marks and as the schedule stands now |
    | s | stop the search and keep the best plan so far |
    | a | apply: book everything that is new, as one change; u in the week takes it back |
    | Esc, q | leave; nothing is booked. The marks are kept while the week is open |
    | marks | `40→85 %` how full a day is and would be; `+3 31 %!` new cases, chance to end late, `!` above the agreed |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "day(-1)", "Day before", show=False),
        Binding("right,l", "day(1)", "Day after", show=False),
        Binding("tab", "pane(1)", "Next list", show=False),
        Binding("shift+tab", "pane(-1)", "List before", show=False),
        Binding("enter,space", "into", "To the slots", show=False),
        Binding("f", "mark('fix')", "Fix a case, or loose it", show=False),
        Binding("x", "mark('forbid')", "Forbid a case this place, or allow it", show=False),
        Binding("backspace", "mark('clear')", "Take back a case's marks", show=False),
        Binding("c", "mark('clear all')", "Take back all marks", show=False),
        Binding("r", "again", "Plan again from here", show=False),
        Binding("s", "stop", "Stop and keep the best", show=False),
        Binding("a", "apply", "Apply the plan", show=False),
        Binding("escape,q", "dismiss(None)", "Leave", show=False),
    ]
    AUTO_FOCUS = "#rooms"

    app: OrtoolApp

    def __init__(self, picture: ToPlan, room: str, day: date, budget: Budget) -> None:
        super().__init__()
        self.picture = picture
        self.room, self.day = room, day
        self.marks, self.budget = picture.marks, budget
        self.plan: WeekPlan | None = None
        self.cells: dict[tuple[str, date], PlanCell] = {}
        self.progress: Progress | None = None
        self.search: Search | None = None
        self.begun = 0.0
        self.runs, self.heard = 0, 0
        self.before: dict[int, Place] = {}
        self.planned: tuple[object, ...] = ()
        self.known: tuple[WeekProblem, float] | None = None
        self.is_stale = False
        self.told, self.told_role = "", ""
        self.booked: list[Slot] = []
        self.lower, self.aim = "waiting", ""
        self.drawn: tuple[object, ...] = ()
        self.listed: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, how good it is, days, rooms, the day's slots, who waits on, who is placed, what is said, keys."""
        yield Lines(id="title")
        yield Lines(id="quality")
        with Container(id="week"):
            with Vertical(id="plan"):
                yield Lines(id="days")
                yield PlanGrid(id="rooms", tells=False)
                yield Lines(id="day-title")
                yield RowsView(id="day")
                yield Lines(id="placed-title")
                yield RowsView(id="placed")
            with Vertical(id="beside"):
                yield Lines(id="waiting-title")
                yield RowsView(id="waiting")
        yield Lines(id="said")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Search."""
        self.every(TELL_SECONDS, self._tell_time)
        self._begin()

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self.call_after_refresh(self.draw)

    def on_screen_resume(self) -> None:
        """Back here: look whether the schedule has changed meanwhile."""
        if self.plan:
            self.on_ortool_app_changed()

    def on_ortool_app_changed(self) -> None:
        """Something was written: look whether it is about what the plan was made of."""
        start_work(self, self._look_again, only=True, group="look")

    def on_rows_view_moved(self) -> None:
        """Show what the cursor rests on, where a person has moved it."""
        if self.places != self.drawn:
            self.told = ""
            self.draw()

    def on_descendant_focus(self) -> None:
        """Another list has the keys."""
        self.aim = ""
        if self.pane in PANES[2:]:
            self.lower = self.pane
        self.call_after_refresh(self.draw)

    @property
    def week(self) -> Week:
        """The week as it stands."""
        return self.picture.week

    @property
    def waiting(self) -> list[Waiting]:
        """Who waits, as it was read."""
        return self.picture.waiting

    @property
    def is_searching(self) -> bool:
        """Whether a search goes on."""
        return self.search is not None

    @property
    def elapsed(self) -> float:
        """How long the search goes on, in seconds."""
        return max(0.0, self.app.steady() - self.begun)

    @property
    def pane(self) -> str:
        """Which list has the keys, or is about to."""
        return self.aim or (self.focused.id or "rooms" if self.focused else "rooms")

    @property
    def places(self) -> tuple[object, ...]:
        """What the cursors of the lists rest on."""
        rows = (self.query_one(f"#{name}", RowsView).row for name in PANES[1:])
        return (*(row.key if row else None for row in rows), self.pane)

    @property
    def number(self) -> int:
        """The number of the waiting case under the cursor, placed or not; 0 for none."""
        row = self.query_one(f"#{self.pane}", RowsView).row if self.pane in PANES[1:] else None
        one = getattr(row, "one", None)
        return one.case.number if one else 0

    @property
    def placed(self) -> Placed | None:
        """Where the case under the cursor is placed anew, None where it is not."""
        number = self.number
        return next((one for one in self.plan.placed if one.case == number), None) if self.plan else None

    def word(self, case: int, place: Place) -> str:
        """Return what the place of a case is, in a word."""
        return self.marks.word(case, place, self.before)

    def draw(self) -> None:
        """Draw the plan as far as there is one; another placed case under the cursor is shown on its day."""
        from ortool.tui.plan_week_drawing import draw

        if self.is_mounted:
            is_other = self.drawn and self.drawn[PLACED] != self.places[PLACED]
            if is_other and self.pane == "placed" and (placed := self.placed):
                self.room, self.day = placed.room, placed.span.start.astimezone(self.app.verbs.zone).date()
            draw(self)
            self.drawn = self.places

    def _tell_time(self) -> None:
        if self.is_searching:
            self.draw()

    def say(self, sentence: str, role: str = "override") -> None:
        """Say something in the lines below, until the next step."""
        self.told, self.told_role = sentence, role
        self.draw()

    def _begin(self) -> None:
        self.begun, self.progress = self.app.steady(), None
        start_work(self, self._search, only=True, group="search")

    async def _search(self) -> None:
        """Search in a process of its own; what is found on the way is shown."""
        from ortool.services.plan_apart import Asked, Search

        search, of = Search(self._hear), (self.marks, self.picture.stands)
        # What was marked or changed since is what is to change; asked again with nothing new, whatever is better is.
        asked = Asked(self.picture.problem, self.budget, self.runs, self.plan, of != self.planned, self.known)
        self.search, self.planned, self.heard = search, of, 0
        self.before = places_of(self.plan, self.app.verbs.zone) if self.plan else {}
        self._take(self.plan)
        try:
            found = await search.run(asked)
        except OrtoolError as error:
            self._take(asked.warm)
            self.told, self.told_role = str(error), "override"
        else:
            self.runs += 1
            self.known = (self.picture.problem, found.bound) if found.bound is not None else None
            self._take(found)
            if search.is_cut:
                self.told, self.told_role = "The search broke off; the best plan until then is kept.", "override"
        finally:
            if self.search is search:
                self.search = None
        self.draw()

    def _hear(self, said: Progress | WeekPlan) -> None:
        from ortool.schedule.planner.problem import WeekPlan

        if isinstance(said, WeekPlan):
            self.heard += 1
            self._take(said)
        else:
            self.progress = said
        self.call_later(self.draw)

    def _take(self, plan: WeekPlan | None) -> None:
        self.plan = plan
        self.cells = cells_of(self.week, plan, self.picture.problem, self.waiting)
        if plan and self.pane not in PANES[2:]:
            self.lower = "waiting" if plan.unplaced else "placed"

    async def _look_again(self) -> None:
        verbs, week = self.app.verbs, self.week
        now = await self.app.ask(partial(verbs.stands_for, week.days[0], len(week.days)))
        if self.week is week and now != self.picture.stands and not self.is_stale:
            self.is_stale = True
            self.say(CHANGED)

    def go(self, room: str, day: date) -> None:
        """Go to a room and a day."""
        self.room, self.day, self.told = room, day, ""
        self.query_one("#rooms", RowsView).focus()
        self.draw()

    def go_room(self, by: int) -> None:
        """Go to another room of the same day."""
        rooms = list(self.week.rooms)
        place = rooms.index(self.room) if self.room in rooms else 0
        self.go(rooms[max(0, min(place + by, len(rooms) - 1))], self.day)

    def action_day(self, by: int) -> None:
        """Go to another day."""
        days = self.week.days
        place = days.index(self.day) if self.day in days else 0
        self.day, self.told = days[max(0, min(place + by, len(days) - 1))], ""
        self.draw()

    def action_pane(self, by: int) -> None:
        """Give the keys to another list that has something in it."""
        place = PANES.index(self.pane) if self.pane in PANES else 0
        for step in range(1, len(PANES) + 1):
            name = PANES[(place + by * step) % len(PANES)]
            view = self.query_one(f"#{name}", RowsView)
            if any(row.can_rest for row in view.rows):
                self.lower, self.told = name if name in PANES[2:] else self.lower, ""
                self._give_keys(name)
                return

    def _give_keys(self, name: str) -> None:
        self.aim = name
        self.draw()  # a list that is hidden takes no focus
        self.query_one(f"#{name}").focus()

    def action_into(self) -> None:
        """Go from a room to its slots, from a placed case to its place among them."""
        day, key = self.query_one("#day", RowsView), self.placed.case_id if self.placed else ""
        if self.pane == "placed" and key:
            day.go_to(key)
        elif self.pane != "rooms" or not any(row.can_rest for row in day.rows):
            return
        self._give_keys("day")

    def action_mark(self, what: str) -> None:
        """Fix a case, forbid it a place, or take its marks back."""
        from ortool.tui.plan_week_marking import DEEDS

        async def deed() -> None:
            try:
                await DEEDS[what](self)
            except OrtoolError as error:
                self.say(str(error))

        start_work(self, deed, only=True, group="mark")

    def mark(self, marks: Marks, sentence: str) -> None:
        """Take new marks and say what was marked."""
        self.marks = marks
        self.say(sentence, "done")

    @property
    def unmet(self) -> list[int]:
        """The cases that the plan shown does not place as they are marked."""
        return self.marks.unmet(self.plan, self.app.verbs.zone) if self.plan else []

    def action_stop(self) -> None:
        """End the search; the best plan so far is kept."""
        if self.search:
            self.search.stop()
        else:
            self.say("No search goes on; r plans again.", "dim")

    def action_again(self) -> None:
        """Plan again: read what stands now, and begin from the plan shown."""
        if self.search:
            self.say("The search goes on; s stops it and keeps the best plan so far.", "dim")
        else:
            start_work(self, self._again, only=True, group="read")

    async def _again(self) -> None:
        from ortool.tui.plan_week_marking import read_again

        try:
            self.picture = await read_again(self)
        except OrtoolError as error:
            self.say(f"{error} The plan shown is kept.")
            return
        self.is_stale, self.told = False, ""
        self._begin()

    def action_apply(self) -> None:
        """Book everything that is new."""
        start_work(self, self._apply, only=True, group="apply")

    async def _apply(self) -> None:
        plan = self.plan
        if fault := self._why_not_yet():
            self.say(fault)
            return
        assert plan is not None
        try:
            self.booked = await carry_out(self.app, lambda actor: self.app.verbs.apply_week(actor, plan.placed))
        except OrtoolError as error:
            self.say(f"Nothing was booked. {error}")
            return
        self.dismiss(None)

    def _why_not_yet(self) -> str:
        if self.plan is None:
            return "There is no plan yet."
        if self.is_searching:
            return "The search goes on; s stops it and keeps the best plan so far, then a applies it."
        if self.is_stale:
            return "Nothing is booked by a plan that is older than the schedule."
        if not self.plan.placed:
            return "The plan places nobody; there is nothing to book."
        if unmet := self.unmet:
            cases = ", ".join(str(one) for one in unmet)
            return f"The plan does not keep what is marked of {cases} yet: r plans again with it."
        return ""
