"""A delay or an emergency: the board asks what happened, and the proposals are compared on a screen of their own."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.errors import OrtoolError, Refused
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.replan_lines import NOTHING, before_and_after, plan_rows, sentence_lines
from ortool.presentation.words import plural
from ortool.tui.bars import Lines
from ortool.tui.forms import Form, Question
from ortool.tui.identifying import carry_out
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.caselog.board import Board
    from ortool.caselog.case import Case
    from ortool.schedule.expected import DayForecast
    from ortool.schedule.proposals import Plan
    from ortool.services.replanning import Late, Urgent
    from ortool.tui.app import OrtoolApp
    from ortool.tui.board import BoardScreen

USUAL_DELAY = 30
"""Minutes that are filled in where nothing is forecast."""


async def ask(screen: BoardScreen) -> None:
    """Ask which room is late or which case is an emergency, and open the proposals. Raises Refused on another day."""
    from ortool.services.replanning import Late, Urgent

    app, board, forecast = screen.app, screen.board, screen.forecast
    assert board is not None
    if board.day != app.verbs.today():
        raise Refused("Only today is re-planned here.", "g goes to today; m moves a case of another day.")
    waiting = {str(one.case.number): one.case for one in await app.ask(app.verbs.waiting)}
    urgent = [number for number, case in waiting.items() if case.urgency != "elective"]
    room = _late_room(screen)
    frozen = app.verbs.settings.freeze_hours > 0

    def who(text: str) -> str:
        if text.lstrip("#") in waiting:
            return f"→ emergency: case {text.lstrip('#')} must begin within the minutes below"
        late = _minutes_late(forecast, text)
        return f"→ late by the minutes below{f'; forecast: {late} min' if late else ''}" if text else ""

    usual = str(_minutes_late(forecast, room) or USUAL_DELAY)
    questions = [
        Question("who", "Late, or emergency's case", room, (*board.rooms, *urgent), who),
        Question("minutes", "Minutes (late, or within)", usual, check=_minutes),
    ]
    if frozen:
        questions.append(Question("frozen", "Move frozen cases too", "no", ("no", "yes")))
    if urgent:
        questions.append(Question("any", "Any surgeon (emergency)", "no", ("no", "yes")))
    answers = await app.push_screen_wait(Form("Delay or emergency: how does the day go on?", questions))
    if answers is None:
        return
    name, minutes = answers["who"].lstrip("#"), answers["minutes"]
    if not minutes.isdigit() or len(minutes) > 4:
        raise Refused(f"{minutes[:10]!r} are no minutes.", "Whole minutes, 1 to 720.")
    emergency = waiting.get(name)
    if emergency:
        what: Late | Urgent = Urgent(emergency.id, int(minutes), any_surgeon=answers.get("any") == "yes")
    else:
        what = Late(answers["who"], int(minutes))
    app.push_screen(ReplanScreen(board, what, emergency, forecast, answers.get("frozen") == "yes"))


def _minutes(text: str) -> str:
    return "" if text.isdigit() and 1 <= int(text) <= 1440 else "! Whole minutes."


def _late_room(screen: BoardScreen) -> str:
    """Return the room behind the most urgent coming clash, else the one under the cursor."""
    if screen.forecast and screen.forecast.clashes:
        return screen.forecast.clashes[0].holder_room
    return screen.selected.slot.room_id if screen.selected else ""


def _minutes_late(forecast: DayForecast | None, room: str) -> int:
    """Return how late the running case of a room is forecast to end, 0 where it is not late."""
    mine = [one.late for one in forecast.cases if one.room == room and one.is_running] if forecast else []
    return max(0, *mine, 0)


class ReplanScreen(SteppedScreen[None]):
    """Proposals how the day goes on: each with its rooms before and after, and what it means.

    | key | what it does |
    |---|---|
    | up, down, j k | from proposal to proposal |
    | a | apply the one that is shown |
    | Page down, Page up | more of what it means |
    | r | ask again, as the day stands now |
    | Esc, q | leave; nothing is written |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "apply", "Apply", show=False),
        Binding("enter", "hint", "How to apply", show=False),
        Binding("pagedown", "page(1)", "More", show=False, priority=True),
        Binding("pageup", "page(-1)", "Back", show=False, priority=True),
        Binding("r", "again", "Ask again", show=False),
        Binding("escape,q", "dismiss(None)", "Leave", show=False),
    ]
    AUTO_FOCUS = "#plans"

    app: OrtoolApp

    def __init__(
        self, board: Board, what: Late | Urgent, emergency: Case | None, forecast: DayForecast | None, frozen: bool
    ) -> None:
        super().__init__()
        self.board, self.what, self.emergency, self.forecast, self.frozen = board, what, emergency, forecast, frozen
        self.plans: tuple[Plan, ...] = ()
        self.says = "Working it out …"
        self.is_stale = False
        self.first = 0

    def compose(self) -> ComposeResult:
        """Title, proposals, before and after, what it means, keys."""
        yield Lines(id="title")
        yield RowsView(id="plans")
        yield Lines(id="timeline")
        yield Lines(id="meaning")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Work the proposals out."""
        self.draw()
        start_work(self, self._work_out, only=True, group="replan")

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.call_after_refresh(self.draw)

    def on_ortool_app_changed(self) -> None:
        """Something was written: what is shown was made of an older day."""
        if self.plans:
            self.is_stale = True
            self.draw()

    def on_rows_view_moved(self) -> None:
        """Show the proposal under the cursor."""
        self.first = 0
        self.draw()

    async def _work_out(self) -> None:
        """Read in the clerk's turn, search beside it, and let the database say what it would take."""
        verbs = self.app.verbs
        try:
            asked = await self.app.ask(partial(verbs.asked, self.what, self.frozen))
            found = await asyncio.to_thread(verbs.worked_out, asked)
            self.plans = await self.app.ask(partial(verbs.possible, found))
            self.board = await self.app.ask(lambda: verbs.board(self.board.day))
            self.says = self.plans[0].about if self.plans else NOTHING
        except OrtoolError as error:
            self.plans, self.says = (), str(error)
        self.is_stale, self.first = False, 0
        self.query_one(RowsView).show(plan_rows(self.plans))
        self.draw()

    @property
    def plan(self) -> Plan | None:
        """The proposal under the cursor."""
        place = self.query_one(RowsView).cursor
        return self.plans[place] if place < len(self.plans) else None

    def draw(self) -> None:
        """Draw the proposal under the cursor."""
        app, width, plan = self.app, self.size.width, self.plan
        zone, settings = app.verbs.zone, app.verbs.settings
        stale = " · the day has changed since: r asks again" if self.is_stale else ""
        many = f" · {plural(len(self.plans), 'way')} to go on" if plan else ""
        self.query_one("#title", Lines).show([[Piece(fit(f" {self.says}{many}{stale}", width), "name")]])
        lines: list[list[Piece]] = []
        meaning: list[list[Piece]] = []
        if plan is not None:
            hours, most = (settings.day_starts, settings.day_ends), max(1, (self.size.height - 14) // 3)
            lines = before_and_after(
                self.board, plan, app.now(), zone, hours, width, most, self.emergency, self.forecast
            )
            meaning = sentence_lines(plan, zone, width)
        self.query_one("#timeline", Lines).show(lines)
        self.first = min(self.first, max(0, len(meaning) - 1))
        self.query_one("#meaning", Lines).show(meaning[self.first :])
        keys = [Key("a", "apply", "apply"), Key("↑↓", "choose", "hint")] if plan else []
        if len(meaning) > self.size.height - len(lines) - 5:
            keys.append(Key("PgDn", "more", "page(1)"))
        self.query_one(KeyLine).offer([*keys, Key("r", "ask again", "again"), Key("Esc", "leave", "dismiss(None)")])

    def action_hint(self) -> None:
        """Enter never writes: say what does."""
        if self.plan:
            self.app.tell("a applies the proposal that is shown; Esc leaves.")

    def action_page(self, by: int) -> None:
        """Show more of what the proposal means."""
        self.first = max(0, self.first + by * max(1, self.query_one("#meaning", Lines).size.height - 1))
        self.draw()

    def action_again(self) -> None:
        """Work the proposals out anew."""
        self.says = "Working it out …"
        self.draw()
        start_work(self, self._work_out, only=True, group="replan")

    def action_apply(self) -> None:
        """Carry out the proposal under the cursor."""
        if self.plan is not None:
            start_work(self, partial(self._apply, self.plan), only=True, group="apply")

    async def _apply(self, plan: Plan) -> None:
        app, reason = self.app, ""
        if plan.thawed:
            numbers = ", ".join(str(number) for number in plan.thawed)
            answers = await app.push_screen_wait(
                Form("Moves what is frozen", [Question("reason", "Reason")], [f"Cases {numbers}."], alarm=True)
            )
            if answers is None:
                return
            reason = answers["reason"]
        try:
            await carry_out(app, lambda actor: app.verbs.apply_plan(actor, plan, reason))
        except OrtoolError as error:
            app.tell(str(error), severe=True)
            return
        app.tell(f"Done: {plan.proposal.kind.value}. u on the board takes it back.")
        self.dismiss(None)
