"""Rooms, equipment and people on the screen: what there is, what is held, who is away; changed and added in forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.errors import BadInput, OrtoolError
from ortool.people.person import Person
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.resource_rows import ResourceLine, resource_detail, resource_lines
from ortool.schedule.hours import read_hours
from ortool.schedule.resources import Equipment, Kind, Room, read_words
from ortool.tui.bars import Lines
from ortool.tui.forms import Check, Form, Question
from ortool.tui.identifying import carry_out
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.services.resources import Resources
    from ortool.tui.app import OrtoolApp

YES, NO = "in use", "not in use"
KINDS = tuple(kind.value for kind in Kind)
Accept = Callable[[dict[str, str]], Awaitable[str]]


class ResourcesScreen(SteppedScreen[None]):
    """What there is to plan with.

    | key | what it does |
    |---|---|
    | arrows, PgUp, PgDn | choose |
    | Enter | change a room or equipment; of a person, the list of leave |
    | a | add a room, or equipment where the cursor is on some |
    | Esc | back |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "Change", show=False),
        Binding("a", "add", "Add a room or equipment", show=False),
        Binding("escape,q", "dismiss(None)", "Back", show=False),
    ]
    AUTO_FOCUS = "#entries"

    app: OrtoolApp

    def __init__(self) -> None:
        super().__init__()
        self.found: Resources | None = None

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
        self.found = await self.app.ask(self.app.verbs.resources)
        self.draw()

    @property
    def line(self) -> ResourceLine | None:
        """The line under the cursor."""
        row = self.query_one(RowsView).row
        return row if isinstance(row, ResourceLine) else None

    def draw(self) -> None:
        """Draw the list as it stands."""
        if self.found is None:
            return
        width, verbs, found = self.size.width, self.app.verbs, self.found
        self.query_one("#title", Lines).show([[Piece(fit(" Rooms, equipment and people", width), "name")]])
        rows = resource_lines(found.rooms, found.equipment, found.held, found.people, found.away)
        self.query_one(RowsView).show(rows)
        detail = resource_detail(self.line, verbs.settings.turnover_minutes, verbs.zone, width)
        self.query_one("#detail", Lines).show(detail)
        one = self.line.one if self.line else None
        word = "leave" if isinstance(one, Person) else "change"
        keys = [Key("Enter", word, "change")] if one else []
        what = "equipment" if isinstance(one, Equipment) else "a room"
        self.query_one(KeyLine).offer([*keys, Key("a", f"add {what}", "add"), Key("Esc", "back", "dismiss(None)")])

    def on_rows_view_moved(self) -> None:
        """Show what the cursor rests on."""
        self.draw()

    def action_change(self) -> None:
        """Change what is selected."""
        one, used = (self.line.one, self.line.used) if self.line else (None, True)
        if isinstance(one, Person):
            self.app.action_blocks()
        elif isinstance(one, Room):
            start_work(self, lambda: self._room(one, used), only=True, group="question")
        elif isinstance(one, Equipment):
            start_work(self, lambda: self._equipment(one, used), only=True, group="question")

    def action_add(self) -> None:
        """Add equipment where the cursor is on some, else a room."""
        if self.line is not None and isinstance(self.line.one, Equipment):
            start_work(self, lambda: self._equipment(None, True), only=True, group="question")
        else:
            start_work(self, lambda: self._room(None, True), only=True, group="question")

    async def _room(self, one: Room | None, used: bool) -> None:
        turnover = "" if one is None or one.turnover is None else str(one.turnover // timedelta(minutes=1))
        questions = [
            Question("name", "Name", one.name if one else ""),
            Question(
                "hours", "Open (empty: always)", one.hours.written if one else "",
                check=_read(lambda text: read_hours(text).written), required=False,
            ),
            Question(
                "can", "Can do (laminar-flow, mri)", ", ".join(sorted(one.capabilities)) if one else "",
                check=_read(lambda text: ", ".join(sorted(read_words(text)))), required=False,
            ),
            Question("turnover", "Turnover, minutes (empty: the site's)", turnover, required=False),
            Question("used", "Slots may be booked", YES if used else NO, presets=(YES, NO)),
        ]  # fmt: skip
        new = [] if one else [Question("id", "Id (OR5)")]

        async def accept(answers: dict[str, str]) -> str:
            from ortool.services.furnishing import RoomWords

            turns = _number(answers["turnover"], "minutes") if answers["turnover"] else -1
            words = RoomWords(answers["name"], answers["can"], answers["hours"], turns, _is_used(answers))
            name = one.id if one else answers["id"]
            if one is None and any(room.id == name for room, _ in (self.found.rooms if self.found else ())):
                raise BadInput(f"There is a room {name[:12]} already.", "Enter changes it.")
            room = await carry_out(self.app, lambda actor: self.app.verbs.set_room(actor, name, words))
            return f"{room.id} is set: {room.name}."

        await self._insist(f"Change {one.id}" if one else "Add a room", [*new, *questions], accept)

    async def _equipment(self, one: Equipment | None, used: bool) -> None:
        ready = str(one.ready // timedelta(minutes=1)) if one else "0"
        questions = [
            Question("name", "Name", one.name if one else ""),
            Question("kind", "Kind", one.kind.value if one else KINDS[0], presets=KINDS),
            Question("units", "How many there are", str(one.units) if one else "1"),
            Question("ready", "Minutes until one is ready again", ready),
            Question("used", "Slots may hold it", YES if used else NO, presets=(YES, NO)),
        ]
        new = [] if one else [Question("id", "Id (c-arm)")]

        async def accept(answers: dict[str, str]) -> str:
            if answers["kind"] not in KINDS:
                raise BadInput(f"{answers['kind'][:20]!r} is no kind of equipment.", f"Write {', '.join(KINDS)}.")
            name = one.id if one else answers["id"].casefold()
            if one is None and any(each.id == name for each, _ in (self.found.equipment if self.found else ())):
                raise BadInput(f"There is {name[:40]} already.", "Enter changes it.")
            units, after = _number(answers["units"], "units"), _number(answers["ready"], "minutes")
            wanted = Equipment(name, answers["name"], Kind(answers["kind"]), units, timedelta(minutes=after))
            in_use = _is_used(answers)
            done = await carry_out(self.app, lambda actor: self.app.verbs.set_equipment(actor, wanted, in_use))
            return f"{done.id} is set: {done.units} of {done.name}."

        await self._insist(f"Change {one.id}" if one else "Add equipment", [*new, *questions], accept)

    async def _insist(self, title: str, questions: list[Question], accept: Accept) -> None:
        """Ask, try, and ask again with the draft kept for as long as the answer is refused."""
        if self.app.actor is None and not await self.app.choose_actor():
            return
        words: list[str] = []
        while True:
            form = Form(title, questions, words, alarm=bool(words))
            if (answers := await self.app.push_screen_wait(form)) is None:
                return
            try:
                done = await accept(answers)
            except OrtoolError as error:
                words = [str(error)]
                questions = [replace(question, value=answers[question.name]) for question in questions]
                continue
            await self.reload()
            self.app.tell(done)
            return


def _is_used(answers: dict[str, str]) -> bool:
    if answers["used"] not in (YES, NO):
        raise BadInput(f"{answers['used'][:20]!r} is neither.", f"Write 1 ({YES}) or 2 ({NO}).")
    return answers["used"] == YES


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadInput(f"{text[:20]!r} is no number of {what}.", "Write a whole number.")
    return int(text)


def _read(parse: Callable[[str], str]) -> Check:
    def check(text: str) -> str:
        try:
            return f"→ {parse(text)}"
        except OrtoolError as error:
            return f"! {error}"

    return check
