"""The case logs that wait for a signature, with what each still lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ortool.presentation.pieces import Piece, fit
from ortool.presentation.words import plural
from ortool.tui.bars import Lines
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.stepped import SteppedScreen
from ortool.tui.work import start_work

if TYPE_CHECKING:
    from ortool.services.boards import ToSign
    from ortool.tui.app import OrtoolApp

AT_ONCE = 4
"""Logs that are read in one turn of the clerk's, who is then free for a tick."""


@dataclass(frozen=True)
class WaitingRow:
    """A case, or beneath it a sentence of what it lacks."""

    number: int
    case_id: str
    words: str
    role: str

    @property
    def key(self) -> tuple[str, int]:
        """The case and the place of the sentence in it."""
        return self.case_id, self.number

    @property
    def can_rest(self) -> bool:
        """Whether the cursor may rest here: on the case."""
        return self.number == 0

    is_open = False

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as one piece of `width` cells."""
        return [Piece(fit(self.words, width), self.role)]


def waiting_rows(found: list[ToSign]) -> list[WaitingRow]:
    """Return a row for each case, and one for each sentence of what it lacks."""
    rows: list[WaitingRow] = []
    for one in found:
        case = one.case
        what = " ".join(filter(None, (case.procedure_short or case.procedure, case.levels, case.side)))
        lacks = plural(len(one.lacks), "point") + " to look at" if one.lacks else "nothing is missing"
        words = f" {case.number}  {what}  {case.surgeon}  {case.state.value}: {lacks}"
        rows.append(WaitingRow(0, case.id, words, "title" if one.lacks else "done"))
        rows += [WaitingRow(number, case.id, f"     {words}", "warn") for number, words in enumerate(one.lacks, 1)]
    return rows


class ToSignScreen(SteppedScreen[None]):
    """What waits for a signature.

    | key | what it does |
    |---|---|
    | arrows | move |
    | Enter | open the case log |
    | Esc | back |
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", show=False),
        Binding("escape,q", "dismiss(None)", "Back", show=False),
    ]
    AUTO_FOCUS = "#waiting"

    app: OrtoolApp

    def compose(self) -> ComposeResult:
        """Title, cases, keys."""
        yield Lines(id="title")
        yield RowsView(id="waiting")
        yield KeyLine(id="keys")

    def __init__(self) -> None:
        super().__init__()
        # What was read of each case, and at which version: what has not changed since is not read again.
        self._read: dict[str, tuple[int, ToSign]] = {}
        self._is_reading = self._is_stale = False

    def on_mount(self) -> None:
        """Read the list."""
        start_work(self, self.reload)

    def on_screen_resume(self) -> None:
        """Back from a log: it may be signed now."""
        if self.is_mounted:
            start_work(self, self.reload)

    def on_ortool_app_changed(self) -> None:
        """Something was written: read again."""
        start_work(self, self.reload)

    async def reload(self) -> None:
        """Read the list anew: a few logs in each turn of the clerk's, and show what is there after each."""
        self._is_stale = True
        if self._is_reading:
            return
        self._is_reading = True
        try:
            while self._is_stale:
                self._is_stale = False
                versions, found = await self.app.ask(self._turn)
                kept = {one: known for one, known in self._read.items() if one in versions}
                self._read = kept | {one.case.id: (versions[one.case.id], one) for one in found}
                self._show(versions)
                self._is_stale |= bool(found)
        finally:
            self._is_reading = False

    def _turn(self) -> tuple[dict[str, int], list[ToSign]]:
        """Return what waits now with its versions, and a few of those that were not read as they are."""
        verbs, read = self.app.verbs, self._read
        versions = verbs.signable()
        unread = [one for one, version in versions.items() if one not in read or read[one][0] != version]
        return versions, verbs.to_sign(unread[:AT_ONCE])

    def _show(self, versions: Mapping[str, int]) -> None:
        """Show the cases that were read, in the order of all that wait."""
        found, many = [self._read[one][1] for one in versions if one in self._read], len(versions)
        words = plural(many, "case log") + " to be signed" if many else "No case log waits for its signature"
        words += f", {len(found)} read …" if len(found) < many else ""
        self.query_one("#title", Lines).show([[Piece(f" {words}", "name")]])
        self.query_one(RowsView).show(waiting_rows(found))
        keys = [Key("Enter", "open the log", "open")] if found else []
        self.query_one(KeyLine).offer([*keys, Key("Esc", "back", "dismiss(None)")])

    def action_open(self) -> None:
        """Open the log under the cursor."""
        from ortool.tui.log import LogScreen

        if row := self.query_one(RowsView).row:
            self.app.push_screen(LogScreen(row.case_id))
