"""Blocks, closures and leave on the screen: listed, added, cancelled on a day, removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.errors import BadInput, OrtoolError
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.series_rows import selected_lines, series_lines
from ortool.schedule.recurrence import Series
from ortool.schedule.rule_words import rule_of
from ortool.schedule.rules import days_of, read_rule
from ortool.schedule.wall_time import read_date
from ortool.schedule.windows import EVERYWHERE, WindowKind
from ortool.tui.bars import Lines
from ortool.tui.forms import Form, Question
from ortool.tui.identifying import carry_out
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ortool.services.series import Kept
    from ortool.tui.app import OrtoolApp

KINDS = tuple(kind.value for kind in WindowKind)
Accept = Callable[[dict[str, str]], Awaitable[str]]


class BlocksScreen(SteppedScreen[None]):
    """Whose time it is, and when nobody may book.

    | key | what it does |
    |---|---|
    | arrows, PgUp, PgDn | choose |
    | a | add a block, a closure or leave |
    | x | cancel one day of it |
    | r | remove it (asked first) |
    | Esc | back |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add a block, closure or leave", show=False),
        Binding("x", "cancel_day", "Cancel a day", show=False),
        Binding("r", "remove", "Remove", show=False),
        Binding("escape,q", "dismiss(None)", "Back", show=False),
    ]
    AUTO_FOCUS = "#entries"

    app: OrtoolApp

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Series] = []
        self.names: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Title, list, what is selected, keys."""
        yield Lines(id="title")
        yield RowsView(id="entries")
        yield Lines(id="detail")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Read the list."""
        start_work(self, self.reload)

    def on_ortool_app_changed(self) -> None:
        """Something was written: read again."""
        start_work(self, self.reload, only=True, group="reload")

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.call_after_refresh(self.draw)

    async def reload(self) -> None:
        """Read what stands now."""
        self.found = await self.app.ask(self.app.verbs.series)
        self.names = {person.id: person.name for person in await self.app.ask(self.app.verbs.people)}
        self.draw()

    @property
    def selected(self) -> Series | None:
        """The series under the cursor."""
        row = self.query_one(RowsView).row
        return getattr(row, "one", None)

    def draw(self) -> None:
        """Draw the list as it stands."""
        width = self.size.width
        self.query_one("#title", Lines).show([[Piece(fit(" Blocks, closures and leave", width), "name")]])
        self.query_one(RowsView).show(series_lines(self.found, self.names))
        self.query_one("#detail", Lines).show(selected_lines(self.selected, self.names, width))
        keys = [Key("a", "add", "add")]
        if self.selected is not None:
            keys += [Key("x", "cancel a day", "cancel_day"), Key("r", "remove", "remove")]
        self.query_one(KeyLine).offer([*keys, Key("Esc", "back", "dismiss(None)")])

    def on_rows_view_moved(self) -> None:
        """Show what the cursor rests on."""
        self.draw()

    def action_add(self) -> None:
        """Add one."""
        start_work(self, self._add, only=True, group="question")

    def action_cancel_day(self) -> None:
        """Cancel one day of what is selected."""
        start_work(self, self._cancel_day, only=True, group="question")

    def action_remove(self) -> None:
        """Remove what is selected."""
        start_work(self, self._remove, only=True, group="question")

    async def _add(self) -> None:
        today = self.app.verbs.today().isoformat()
        questions = [
            Question("kind", "What", "block", presets=KINDS),
            Question("of", "Room (leave: the person; empty: everywhere)", required=False),
            Question("owner", "Owner of a block: a person, or a service", required=False),
            Question("every", "Every (mon,wed · day · empty: once)", required=False),
            Question("first", "From (YYYY-MM-DD)", today),
            Question("last", "To, of one long stretch (YYYY-MM-DD)", required=False),
            Question("starts", "Starts (HH:MM)", "08:00"),
            Question("ends", "Ends (HH:MM, 24:00)", "16:00"),
        ]

        async def accept(answers: dict[str, str]) -> str:
            new = self._typed(answers)
            kept = await carry_out(self.app, lambda actor: self.app.verbs.set_series(actor, new))
            if kept.cases:  # more than a few seconds in a corner: somebody has to move them
                await self.app.push_screen_wait(Form("Booked cases lie in it", [], [_lying(kept, self.app.verbs.zone)]))
            return f"{kept.series.kind.value.capitalize()} {kept.series.id} is set."

        await self._insist("Add a block, a closure or leave", questions, accept)

    async def _cancel_day(self) -> None:
        one = self.selected
        if one is None:
            return
        today = self.app.verbs.today()
        rule = read_rule(one.rule) if one.rule else None
        coming = days_of(rule, one.first_day, today, one.last_day or today + timedelta(days=731))
        offered = next((day.isoformat() for day in coming if one.changes.get(day, one.times) is not None), "")

        async def accept(answers: dict[str, str]) -> str:
            day = read_date(answers["day"])
            await carry_out(self.app, lambda actor: self.app.verbs.cancel_day(actor, one.id, day))
            return f"{one.id} is cancelled on {day:%a %d %b %Y}."

        await self._insist(f"Cancel a day of {one.id}", [Question("day", "Day (YYYY-MM-DD)", offered)], accept)

    async def _remove(self) -> None:
        one = self.selected
        if one is None:
            return
        words = ["It goes with its past days too. Enter removes it."]
        if await self.app.push_screen_wait(Form(f"Remove {one.kind.value} {one.id}?", [], words, confirm=True)) is None:
            return
        try:
            await carry_out(self.app, lambda actor: self.app.verbs.remove_series(actor, one.id))
        except OrtoolError as error:
            self.app.tell(str(error), severe=True)
            return
        await self.reload()
        self.app.tell(f"{one.id} is removed.")

    async def _insist(self, title: str, questions: list[Question], accept: Accept) -> None:
        """Ask, try, and ask again with the draft kept for as long as the answer is refused."""
        if self.app.actor is None and not await self.app.choose_actor():
            return
        words: list[str] = []
        while (
            answers := await self.app.push_screen_wait(Form(title, questions, words, alarm=bool(words)))
        ) is not None:
            try:
                done = await accept(answers)
            except OrtoolError as error:
                words = [str(error)]
                questions = [_filled(question, answers[question.name]) for question in questions]
                continue
            await self.reload()
            self.app.tell(done)
            return

    def _typed(self, answers: dict[str, str]) -> Series:
        """Return what was typed as a new series. Raises BadInput."""
        kind = answers["kind"].casefold()
        if kind not in KINDS:
            raise BadInput(f"{kind[:20]!r} is neither block, closure nor leave.", "Write one of them.")
        first, starts, ends = read_date(answers["first"]), answers["starts"], answers["ends"]
        overnight = 1 if ends.zfill(5) < starts.zfill(5) else 0
        later = (read_date(answers["last"]) - first).days if answers["last"] else overnight
        if later < 0:
            raise BadInput("It would end before it begins.", "Check the two days.")
        of = f"person:{self._person(answers['of'])}" if kind == "leave" else f"room:{answers['of'].upper()}"
        owner = self._owner(answers["owner"]) if kind == "block" else ""
        every = answers["every"]
        rule = (every if every.upper().startswith("FREQ=") else rule_of(every)) if every else ""
        return Series(
            "", WindowKind(kind), of if answers["of"] else EVERYWHERE, first, starts, ends, later, owner, rule=rule
        )  # fmt: skip

    def _owner(self, typed: str) -> str:
        try:
            return f"person:{self._person(typed)}"
        except BadInput:
            return f"service:{typed}"

    def _person(self, typed: str) -> str:
        wanted = typed.casefold()
        found = [key for key, name in self.names.items() if wanted in (key.casefold(), name.casefold())]
        found = found or [key for key, name in self.names.items() if wanted and wanted in name.casefold()]
        if len(found) != 1:
            raise BadInput(f"{'Nobody' if not found else 'More than one'} here fits {typed[:20]!r}.", "Write the name.")
        return found[0]


def _filled(question: Question, value: str) -> Question:
    return Question(question.name, question.label, value, question.presets, question.check, question.required)


def _lying(kept: Kept, zone: ZoneInfo) -> str:
    cases = ", ".join(f"{one.number} ({one.room_id} {one.start.astimezone(zone):%d %b})" for one in kept.cases[:12])
    more = f" and {len(kept.cases) - 12} more" if len(kept.cases) > 12 else ""
    return f"{cases}{more}. They stay where they are: move or cancel them."
