"""Who is here, proven: the PIN, the badge, the lock, and the one way in which a screen carries out a verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.errors import NeedsGlass, NeedsIdentity, NeedsPin, OrtoolError, Refused
from ortool.presentation.pieces import Piece
from ortool.tui.bars import Lines
from ortool.tui.forms import Form, Question
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.people.person import Actor, Person
    from ortool.tui.app import OrtoolApp

Result = TypeVar("Result")
NOBODY_HERE = "Nothing was entered: nobody is known at this terminal."
NO_PIN = "Nothing was entered: the PIN was not given."


@contextmanager
def asking(app: OrtoolApp) -> Iterator[None]:
    """Let the screens below wait while somebody says who they are: what they would read may be decided by that."""
    app.asked += 1
    try:
        yield
    finally:
        app.asked -= 1
        if not app.asked:
            app.tell_screens()


async def carry_out(
    app: OrtoolApp, verb: Callable[[Actor], Result], case_id: str = "", list_id: str = "", actor: Actor | None = None
) -> Result:
    """Carry out a verb in the name of whoever is here, and return what came of it. Raises OrtoolError.

    What the table of permissions asks for first, a name, a PIN, a reason, is asked here and nowhere else.
    """
    if app.actor is None and not await app.choose_actor():
        raise Refused(NOBODY_HERE)
    acting = actor or app.actor
    while True:
        assert acting is not None
        someone = acting
        try:
            return await app.ask(partial(verb, someone))
        except NeedsPin as needs:
            proven = await ask_pin(app, someone.person, needs.message, badge=someone.auth.startswith("badge"), now=True)
            if proven is None:
                raise Refused(NO_PIN) from None
            acting = proven
        except NeedsIdentity as needs:
            if not await app.choose_actor(again=True, why=needs.message):
                raise
            acting = app.actor
        except NeedsGlass:
            if not await pass_glass(app, someone, case_id, list_id):
                raise


async def read(app: OrtoolApp, question: Callable[[], Result], case_id: str, list_id: str = "") -> Result:
    """Ask for something that names a patient, and return it. Raises OrtoolError where that may not be read here."""
    while True:
        try:
            return await app.ask(question)
        except NeedsIdentity as needs:
            if not await _one_asks(app, partial(app.choose_actor, again=True, why=needs.message)):
                raise
        except NeedsGlass:
            if app.actor is None or not await _one_asks(app, partial(pass_glass, app, app.actor, case_id, list_id)):
                raise


async def _one_asks(app: OrtoolApp, question: Callable[[], Awaitable[bool]]) -> bool:
    """Ask, unless another reading asks already: then its answer is taken. Returns whether to read again."""
    is_asked = app.turn.locked()
    async with app.turn:
        if not is_asked:
            app.answered = False
            app.answered = await question()
        return app.answered


async def read_or_leave(
    app: OrtoolApp, question: Callable[[], Result], case_id: str, list_id: str = ""
) -> Result | None:
    """Read as `read` does; where that may not be read here, say so and go back to the board. Returns None then."""
    try:
        return await read(app, question, case_id, list_id)
    except Refused as refused:
        app.tell(str(refused), severe=True)
        app.go_home()
        return None


async def ask_pin(
    app: OrtoolApp, person: Person, why: str = "", badge: bool = False, now: bool = False
) -> Actor | None:
    """Ask a person's PIN until it is right or given up. Returns the person, proven; None where it was given up."""
    words, alarm = [why] if why else [], False
    with asking(app):
        while True:
            form = Form(f"PIN of {person.name}", [Question("pin", "PIN", password=True)], words, alarm=alarm)
            answers = await app.push_screen_wait(form)
            if answers is None:
                return None
            try:
                return await app.ask(partial(app.verbs.identify, person.id, answers["pin"], badge, now))
            except OrtoolError as error:
                words, alarm = [str(error)], True


async def pass_glass(app: OrtoolApp, actor: Actor, case_id: str, list_id: str = "") -> bool:
    """Ask somebody outside the team to join it or to say why the case is opened. Returns whether they did."""
    from ortool.checklist.commands import JoinTeam
    from ortool.tui.verbs import voice

    person = actor.person
    roles = {role.replace("_", " "): role for role in sorted(person.roles)}
    question = Question("why", "Role, or a reason", presets=tuple(roles))
    words = ["A role by its number joins the team. Any other words open the case: they are kept and looked at later."]
    with asking(app):
        while True:
            form = Form(f"{person.name} is not in the team of this case", [question], words, alarm=True)
            answers = await app.push_screen_wait(form)
            if answers is None:
                return False
            why = answers["why"]
            join = JoinTeam(voice(person), roles[why]) if why in roles else None
            act, open_case = app.verbs.act, app.verbs.break_glass
            try:
                if join:
                    await app.ask(partial(act, actor, case_id, join, "", list_id))
                else:
                    await app.ask(partial(open_case, actor, case_id, why))
            except OrtoolError as error:
                words = [str(error)]
            else:
                return True


class LockScreen(SteppedScreen[None]):
    """Nobody has touched this terminal for a while: no patient is shown, the rooms go on. What was open stays.

    | key | what it does |
    |---|---|
    | Enter, w | say who you are; a badge does it too |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,w,space", "unlock", "Unlock", show=False),
        Binding("ctrl+q", "app.leave", "Leave", show=False),
    ]

    app: OrtoolApp

    def compose(self) -> ComposeResult:
        """Title, rooms, keys."""
        yield Lines(id="title")
        yield RowsView(id="cases")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Show the rooms, and keep their clocks going."""
        self.query_one(KeyLine).offer([Key("Enter", "who are you?", "unlock")])
        self.refresh_rooms()
        self.set_interval(10.0, self.refresh_rooms)

    def on_ortool_app_changed(self) -> None:
        """Something was written elsewhere."""
        self.refresh_rooms()

    def refresh_rooms(self) -> None:
        """Read the rooms in the background."""
        start_work(self, self._load, only=True, group="board")

    async def _load(self) -> None:
        from ortool.presentation.board_rows import board_rows
        from ortool.presentation.words import clock

        app = self.app
        board = await app.ask(app.verbs.board)
        at = clock(app.now(), app.verbs.zone)
        self.query_one("#title", Lines).show([[Piece(f" {app.verbs.settings.site} · {at} · LOCKED", "name")]])
        self.query_one("#cases", RowsView).show(board_rows(board, app.verbs.zone, app.ascii_only))

    def action_unlock(self) -> None:
        """Ask who is here; the lock goes when somebody is proven."""
        start_work(self, self.app.choose_actor, only=True, group="who")
