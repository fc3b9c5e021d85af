"""The terminal program: one theatre, one person at the terminal, screens that ask the services."""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen

from ortool.errors import Away, OrtoolError, StorageFault
from ortool.tui.board import BoardScreen
from ortool.tui.harmless import HARMLESS
from ortool.tui.lines import PALETTE
from ortool.tui.scanner import Scanner
from ortool.tui.scanning import belongs_to_scan
from ortool.tui.seen import in_sight
from ortool.tui.standing import show_standing
from ortool.tui.stepped import SteppedScreen
from ortool.tui.watching import Sight, Watcher
from ortool.tui.work import Lost, Tidy, collect_rarely, start_work

if TYPE_CHECKING:
    from ortool.people.person import Actor, Person
    from ortool.services.theatre import Theatre
    from ortool.tui.verbs import Verbs

WARM_UP_AFTER = 0.4
IDLE_SECONDS = 5.0
BACKUP_SECONDS = 60.0
Result = TypeVar("Result")


class OrtoolApp(App[int]):
    """ortool in a terminal.

    | key | what it does |
    |---|---|
    | w | who is at this terminal |
    | ? | the keys that work here |
    | Ctrl+P | every command by name |
    | Ctrl+Q | leave; everything entered is stored (q on the board) |
    """

    TITLE = "ortool"
    CSS_PATH = "ortool.tcss"
    COMPONENT_CLASSES: ClassVar[set[str]] = PALETTE
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "who", "Who", show=False),
        Binding("question_mark", "help", "Help", show=False),
        Binding("ctrl+q", "leave", "Leave", show=False, priority=True),
    ]

    class Changed(Message):
        """Something was written, here or at another terminal; `newest` is the journal's last entry, 0: not known."""

        def __init__(self, newest: int = 0) -> None:
            super().__init__()
            self.newest = newest

    def __init__(
        self,
        opener: Callable[[], Theatre],
        demo: bool = False,
        actor: Actor | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.demo = demo
        self.actor = actor
        self.failure: OrtoolError | None = None
        self.is_lost = False
        self.recent: list[Person] = [actor.person] if actor else []
        self.left_by = ""
        self.asked = 0
        self.turn, self.answered = asyncio.Lock(), False
        self.steady = steady
        self.touched = self.arrived = steady()
        self._tidy = Tidy()
        self._opener = opener
        self._verbs: Verbs | None = None
        self._clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clerk")
        self._scanner = Scanner()
        self.watcher: Watcher | None = None

    @property
    def verbs(self) -> Verbs:
        """The services, once the database is open."""
        assert self._verbs is not None
        return self._verbs

    @property
    def is_open(self) -> bool:
        """Whether the database is open."""
        return self._verbs is not None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line passes before it is drawn: last of all, nothing in it steers the terminal."""
        return [*super().get_line_filters(), HARMLESS]

    def get_default_screen(self) -> BoardScreen:
        """Start on the day board."""
        return BoardScreen()

    def on_mount(self) -> None:
        """Open the database behind the first paint."""
        start_work(self, self._open)

    async def _open(self) -> None:
        try:
            self._verbs = await self.ask(self._open_theatre)
        except OrtoolError as error:
            self.failure = error
            self.exit(error.exit_code)
            return
        settings = self._verbs.settings
        self._scanner = Scanner(settings.scanner_prefix, settings.badge_prefix)
        version = await self.ask(self._verbs.changes)
        self.demo = self.demo or self._verbs.theatre.is_demo
        for notice in self._verbs.notices():
            self.tell(notice)
        self.watcher = Watcher(self, self._clerk, Sight(version))
        self.watcher.begin()
        if self.verbs.clock_doubt():
            start_work(self, self.ask_clock, only=True, group="clock")
        self.set_interval(IDLE_SECONDS, self._lock_when_idle)
        self.set_interval(BACKUP_SECONDS, lambda: start_work(self, self._back_up, only=True, group="backup"))
        self.tell_screens()
        self.set_timer(WARM_UP_AFTER, self._warm_up)

    async def _warm_up(self) -> None:
        """Get ready for what comes next, once the board is on the screen."""
        await self.ask(self.verbs.warm_up)
        gc.freeze()
        collect_rarely()
        gc.enable()
        self.set_interval(IDLE_SECONDS, lambda: self._tidy.look(self.steady(), self.touched))

    def _open_theatre(self) -> Verbs:
        # The database layer costs more to import than the first paint: it comes in this thread, after it.
        module = importlib.import_module("ortool.tui.verbs")
        verbs: Verbs = module.Verbs(self._opener())
        return verbs

    async def ask(self, question: Callable[[], Result]) -> Result:
        """Run a call to the services in the clerk's thread, one after the other in the order they were asked."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._clerk, question)
        except StorageFault as fault:
            if self.is_open:
                self.lost(fault)
            raise

    def sees(self, sight: Sight, before: Sight) -> None:
        """Show what was written, here or elsewhere, and what stands."""
        if sight.standing or before.standing:
            show_standing(self, sight.standing)
        for sentence in self.verbs.news():
            self.tell(sentence, severe=sentence.startswith("NEEDS"))
        if sight.version != before.version:
            self.tell_screens(sight.newest)

    def tell_screens(self, newest: int = 0) -> None:
        """Tell every screen in sight, those behind a question too, that something was written; others ask when seen."""
        for screen in self._in_sight():
            screen.post_message(self.Changed(newest))

    def shows(self, newest: int) -> bool:
        """Return whether every screen in sight shows the journal's newest entry already."""
        actor = self.actor
        return all(screen.shows(newest, actor) for screen in self._in_sight() if isinstance(screen, SteppedScreen))

    def _in_sight(self) -> list[Screen[object]]:
        return in_sight(self.screen_stack)

    def on_lost(self, message: Lost) -> None:
        """Something in the background could not reach the database."""
        self.lost(message.fault)

    def lost(self, fault: OrtoolError) -> None:
        """Say once, and for as long as it lasts, that nothing is being saved, or only here."""
        if not self.is_lost:
            self.is_lost = True
            words = f"NOTHING IS BEING SAVED. {fault} Go on, on paper if need be; this goes away when it answers again."
            if isinstance(fault, Away):
                words = str(fault)
            self.notify(words, title="The database is lost", severity="error", markup=False, timeout=86_400)

    def found_again(self) -> None:
        """Say that the database answers again."""
        self.is_lost = False
        self.clear_notifications()
        self.tell("The database answers again.")

    @property
    def ascii_only(self) -> bool:
        """Whether the terminal cannot be trusted with more than ASCII."""
        return "utf" not in (self.console.encoding or "").lower()

    async def on_event(self, event: events.Event) -> None:
        """Hand a key to the scanner first: what belongs to a scan reaches no binding and no field."""
        is_new = isinstance(event, events.Key) and not event.is_forwarded
        if isinstance(event, events.Key | events.MouseDown):
            self.touched = self.steady()
        if isinstance(event, events.Key) and is_new and self.is_open and belongs_to_scan(self, self._scanner, event):
            return
        await super().on_event(event)

    def now(self) -> datetime:
        """Return the time (UTC)."""
        return self.verbs.now()

    def tell(self, sentence: str, severe: bool = False) -> None:
        """Say something in a corner for a while."""
        self.notify(sentence, severity="error" if severe else "information", markup=False, timeout=8 if severe else 4)

    def action_who(self) -> None:
        """Choose who is at this terminal."""
        start_work(self, self.choose_actor, only=True, group="who")

    async def choose_actor(self, again: bool = False, why: str = "") -> bool:
        """Ask who is here, and say `why`. Returns whether somebody is known now; with `again`, was named just now."""
        from ortool.tui import presence

        return self.is_open and await presence.choose(self, again, why)

    def arrive(self, actor: Actor | None) -> None:
        """Take who is at this terminal from now on; None for nobody. The lock goes, what another left open too."""
        from ortool.tui import presence

        presence.arrive(self, actor)

    def badge(self, number: str) -> None:
        """A badge was read: its person is here now, whatever is on the screen."""
        from ortool.tui import presence

        start_work(self, partial(presence.take_badge, self, number), only=True, group="badge")

    def go_home(self) -> None:
        """Go back to the board."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def _lock_when_idle(self) -> None:
        from ortool.tui import presence

        presence.lock_when_idle(self)

    async def _back_up(self) -> None:
        try:
            await asyncio.to_thread(self.verbs.keep_backups)
        except OrtoolError as error:
            self.tell(f"No backup was taken. {error}", severe=True)
        if self.verbs.settings.downtime_folder:
            try:
                await asyncio.to_thread(self.verbs.keep_spool)
            except OrtoolError as error:
                self.tell(f"The forms for a dead screen were not printed. {error}", severe=True)

    async def ask_clock(self) -> None:
        """Ask whether the clock is right, where it stands before the newest entry; nothing is written before that."""
        from ortool.tui.forms import Form

        if not (doubt := self.verbs.clock_doubt()):
            self.tell("Nothing is wrong with this clock that could be seen.")
            return
        words = [doubt, "If it is right, Enter goes on with it. If not, set it first: nothing is entered until then."]
        asked = Form("Is this computer's clock right?", [], words, alarm=True, confirm=True)
        if await self.push_screen_wait(asked) is not None:
            self.verbs.accept_clock()

    def action_clock(self) -> None:
        """Ask about the clock again."""
        start_work(self, self.ask_clock, only=True, group="clock")

    def action_help(self) -> None:
        """Show the keys that work on this screen."""
        from ortool.tui.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every command of the screen by name; nothing that would leave a picture of a patient behind."""
        for binding in screen.BINDINGS:
            if isinstance(binding, Binding) and binding.description:
                yield SystemCommand(
                    binding.description, f"key {binding.key.split(',')[0]}", partial(screen.run_action, binding.action)
                )
        if not isinstance(screen, BoardScreen):
            yield SystemCommand("Blocks and closures", "owned time, closures and leave", self.action_blocks)
        yield SystemCommand("Who", "who is at this terminal, key w", self.action_who)
        yield SystemCommand("Keys", "the keys of this screen, key ?", self.action_help)
        yield SystemCommand("Clock", "whether this computer's clock is right", self.action_clock)
        yield SystemCommand("Theme", "light or dark", self.action_change_theme)
        yield SystemCommand("Leave", "everything entered is stored", self.action_leave)

    def action_blocks(self) -> None:
        """Open the blocks, closures and leave, once."""
        from ortool.tui.blocks import BlocksScreen

        if not any(isinstance(screen, BlocksScreen) for screen in self.screen_stack):
            self.push_screen(BlocksScreen())

    def action_leave(self) -> None:
        """Leave the program. Everything entered is stored already."""
        self.exit(0)

    def _handle_exception(self, error: Exception) -> None:
        """End with one sentence: a traceback would show patients."""
        self.failure = OrtoolError(
            f"ortool stopped on a fault of its own ({type(error).__name__}).", "Everything shown as done is stored."
        )
        if self._is_under_test:
            super()._handle_exception(error)
            return
        self._return_code = 1
        self.exit(3)

    @property
    def _is_under_test(self) -> bool:
        return "pytest" in sys.modules


def run_app(opener: Callable[[], Theatre], demo: bool = False, actor: Actor | None = None) -> int:
    """Run the terminal program until it is left. Returns the exit code; prints one sentence when it failed."""
    app = OrtoolApp(opener, demo, actor)
    code = app.run()
    if app.is_open:
        app.verbs.close()
    if app.failure is not None:
        print(app.failure, file=sys.stderr)  # noqa: T201
        return app.failure.exit_code
    return code or 0
