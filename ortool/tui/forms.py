"""One form for every question: a few fields, Enter to go on, Esc to leave; a refused draft stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from ortool.tui.stepped import SteppedScreen

_KEYS = (
    "Enter or Esc to go back",
    "Enter done · Esc back",
    "Enter goes on, and is done in the last field · Esc back",
)

Check = Callable[[str], str]
"""Returns a sentence about what was typed so far: `→ …` where it is understood, `! …` where it is not."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Answers that one key fills in, by the names of their questions, and what they are in words."""

    words: str
    answers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a form. `presets` are offered under it by number; `check` comments on what is typed.

    A `barcode` is taken whole from a scanner, with its separators; anywhere else a barcode is no answer.
    """

    name: str
    label: str
    value: str = ""
    presets: tuple[str, ...] = ()
    check: Check | None = None
    required: bool = True
    password: bool = False
    barcode: bool = False
    listed: bool = True


class Form(SteppedScreen[dict[str, str] | None], ModalScreen[dict[str, str] | None]):
    """Asks its questions and returns the answers by name, None when it was left with Esc.

    | key | what it does |
    |---|---|
    | Enter | next field; in the last one: done |
    | Tab, Shift+Tab | next and previous field |
    | Ctrl+N | take what the form offers |
    | Esc | leave without an answer |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", priority=True),
        Binding("enter", "next", "Go on", priority=True),
        Binding("ctrl+n", "take_offer", "Take the offer", show=False, priority=True),
        Binding("up", "app.focus_previous", "Up", show=False),
        Binding("down", "app.focus_next", "Down", show=False),
    ]

    def __init__(
        self,
        title: str,
        questions: Sequence[Question],
        words: Sequence[str] = (),
        accept: Callable[[dict[str, str]], str] | None = None,
        alarm: bool = False,
        confirm: bool = False,
        offer: Offer | None = None,
    ) -> None:
        super().__init__()
        self._offer = offer
        self._confirm = confirm
        self._title = title
        self._words = words
        self._questions = list(questions)
        self._accept = accept
        self._alarm = alarm

    def compose(self) -> ComposeResult:
        """Lay the form out: title, words, fields, and a line for what is wrong."""
        with Vertical(id="form", classes="alarm" if self._alarm else ""):
            yield Static(Content(self._title), id="form-title", markup=False)
            with VerticalScroll(id="form-body"):
                words = [*self._words, *([f"Ctrl+N takes {self._offer.words}."] if self._offer else [])]
                if words:  # as one text: each widget more is laid out and painted by itself
                    yield Static(Content("\n".join(words)), classes="form-words", markup=False)
                for question in self._questions:
                    yield from self._field(question)
            yield Static(Content(""), id="form-fault", markup=False)
            keys = (
                "Enter goes on, and is done in the last field · Esc back"
                if len(self._questions) > 1
                else "Enter done · Esc back"
            )
            keys = keys if self._questions or self._confirm else "Enter or Esc to go back"
            yield Static(Content(keys), id="form-keys", markup=False)

    def _field(self, question: Question) -> ComposeResult:
        suggest = SuggestFromList(question.presets, case_sensitive=False) if question.presets else None
        with Horizontal(classes="form-field"):
            yield Static(Content(question.label), classes="form-label", markup=False)
            field = Input(
                question.value, id=f"field-{question.name}", suggester=suggest, password=question.password, compact=True
            )
            field.cursor_blink = False
            yield field
        if question.presets and question.listed:
            numbered = (f"{number} {preset}" for number, preset in enumerate(question.presets, 1))
            offered = "  ".join(one.replace(" ", "\u00a0") for one in numbered)
            yield Static(Content(offered), classes="form-presets", markup=False)
        if question.check:
            yield Static(Content(""), id=f"check-{question.name}", classes="form-check", markup=False)

    def on_mount(self) -> None:
        """Start in the first field, whatever is filled in: Enter on it goes on, so nothing is taken unseen."""
        self.query_one("#form-fault").display = False
        for question in self._questions:
            self._comment(question)
        if self._questions:
            self.query_one(f"#field-{self._questions[0].name}", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Comment on what is being typed."""
        for question in self._questions:
            if event.input.id == f"field-{question.name}":
                self._comment(question)

    def _comment(self, question: Question) -> None:
        if question.check:
            typed = self._typed(question)
            comment = question.check(typed) if typed else ""
            line = self.query_one(f"#check-{question.name}", Static)
            line.update(Content(comment))
            line.display = bool(comment)

    def _typed(self, question: Question) -> str:
        text = self.query_one(f"#field-{question.name}", Input).value.strip()
        if question.presets and text.isdigit() and 1 <= int(text) <= len(question.presets):
            return question.presets[int(text) - 1]
        # What the ghost behind the cursor shows is what Enter takes.
        ghost = next((one for one in question.presets if text and one.casefold().startswith(text.casefold())), None)
        return ghost or text

    def action_next(self) -> None:
        """Go to the next field, or finish."""
        fields = [self.query_one(f"#field-{question.name}", Input) for question in self._questions]
        focused = next((i for i, field in enumerate(fields) if field.has_focus), len(fields) - 1)
        if focused < len(fields) - 1:
            fields[focused + 1].focus()
            return
        self._finish()

    def _finish(self) -> None:
        answers = {question.name: self._typed(question) for question in self._questions}
        for question in self._questions:
            if question.required and not answers[question.name]:
                self._fault(f"{question.label}: something is needed here.", question)
                return
            comment = question.check(answers[question.name]) if question.check and answers[question.name] else ""
            if comment.startswith("!"):
                self._fault(comment.removeprefix("! "), question)
                return
        if (barcode := self._scanned(answers)) is not None:
            self._fault("That is a barcode, not an answer.", barcode)
            return
        if self._accept and (fault := self._accept(answers)):
            self._fault(fault)
            return
        self.dismiss(answers)

    def _scanned(self, answers: dict[str, str]) -> Question | None:
        """Return the question that was answered by a barcode scanned into it, where none is asked for."""
        from ortool.checklist.barcodes import names_a_device

        asked = [question for question in self._questions if not question.barcode]
        return next((question for question in asked if names_a_device(answers[question.name])), None)

    @property
    def barcode_field(self) -> Input | None:
        """The field that a barcode is asked for in, where it has the focus."""
        names = {f"field-{question.name}" for question in self._questions if question.barcode}
        return self.focused if isinstance(self.focused, Input) and self.focused.id in names else None

    def _fault(self, sentence: str, question: Question | None = None) -> None:
        line = self.query_one("#form-fault", Static)
        line.update(Content(sentence))
        line.display = True
        if question:
            self.query_one(f"#field-{question.name}", Input).focus()

    def action_take_offer(self) -> None:
        """Fill in what is offered; Enter still goes through the fields, so nothing is taken unseen."""
        for name, value in (self._offer.answers if self._offer else {}).items():
            self.query_one(f"#field-{name}", Input).value = value

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
