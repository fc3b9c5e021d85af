"""Who is at this terminal: one digit for those who were here lately, a few letters for all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ortool.tui.choosing import candidates, match, roles_of
from ortool.tui.stepped import SteppedScreen

if TYPE_CHECKING:
    from ortool.people.person import Person

DIGITS = 9
NOT_PROVEN = "A choice from a list proves nothing: entries are marked `not proven`."
PROVES = "The PIN is asked next; a badge needs none. 0 goes on with nobody known: what is entered then is owed."


class WhoScreen(SteppedScreen["Person | str | None"], ModalScreen["Person | str | None"]):
    """Choose a person. A digit takes one of the first nine at once.

    | key | what it does |
    |---|---|
    | 1 to 9 | take that person at once |
    | 0 | go on with nobody known, in a case under way; what is entered is owed (where people have PINs) |
    | letters, Enter | initials, or a part of the name |
    | Esc | leave everything as it is |
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back", priority=True)]

    def __init__(self, people: Sequence[Person], why: str = "", proves: bool = False) -> None:
        super().__init__()
        self._proves = proves
        self._people = list(people)
        self._why = why

    def compose(self) -> ComposeResult:
        """List the people, and take letters below."""
        with Vertical(id="form"):
            yield Static(Content("Who are you?"), id="form-title", markup=False)
            if self._why:
                yield Static(Content(self._why), classes="form-words", markup=False)
            yield Static(Content(PROVES if self._proves else NOT_PROVEN), classes="form-words", markup=False)
            field = Input(id="field-who", compact=True, placeholder="digit, initials or name")
            field.cursor_blink = False
            yield field
            yield Static(Content(""), id="check-who", classes="form-words", markup=False)
            with VerticalScroll(id="form-body", can_focus=False):
                for number, person in enumerate(self._people, 1):
                    mark = f"{number}" if number <= DIGITS else " "
                    line = f"{mark} {person.initials:<5} {person.name} · {roles_of(person)}"
                    yield Static(Content(line), classes="form-words", markup=False)

    def on_mount(self) -> None:
        """Take keys at once."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """A digit decides; letters are commented on."""
        text = event.value.strip()
        if text.isdigit() and 1 <= int(text) <= min(DIGITS, len(self._people)):
            self.dismiss(self._people[int(text) - 1])
            return
        if self._proves and text == "0":
            from ortool.people.person import NOBODY

            self.dismiss(NOBODY.person)
            return
        found = candidates(self._people, text) if text else []
        names = ", ".join(f"{p.initials} {p.name}" for p in found[:4])
        words = f"→ {names}" if found else (f"Nobody here is called {text[:30]}." if text else "")
        self.query_one("#check-who", Static).update(Content(words))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the one person that fits."""
        if person := match(self._people, event.value):
            self.dismiss(person)
        elif event.value.strip():
            found = candidates(self._people, event.value)
            words = "Several fit; write the initials." if found else "Nobody fits."
            self.query_one("#check-who", Static).update(Content(words))
