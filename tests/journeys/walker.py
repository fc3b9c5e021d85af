"""Somebody who works a whole checklist by keyboard: looks at the line under the cursor and answers what is asked."""

import re
from typing import Any

from ortool.checklist.counts import Ledger
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.run import Run
from ortool.presentation.run_rows import Row, RowKind
from ortool.tui.case import CaseScreen
from ortool.tui.forms import Form, Question
from tests.tui.conftest import Watch
from tests.tui.driver import Terminal

MINUTES_A_STAMP = 3
COUNTED_FIRST = "10"
WORDS = "said and written down"
EXPECTED = re.compile(r"\(expected (\d+)\)")


class Walker:
    """A nurse who goes from open line to open line until nothing is open."""

    def __init__(self, terminal: Terminal, case: CaseScreen, watch: Watch) -> None:
        self.terminal = terminal
        self.case = case
        self.watch = watch
        self.trail: list[str] = []

    @property
    def run(self) -> Run:
        """The run as the screen has it."""
        assert self.case.dossier is not None
        assert self.case.dossier.run is not None
        return self.case.dossier.run

    @property
    def open_rows(self) -> list[Row]:
        """The lines that are still open on the screen."""
        return [row for row in self.case.rows.rows if row.can_rest and row.is_open]

    async def walks(self, steps: int | None = None) -> None:
        """Work from line to line until nothing is open, or so many lines."""
        while self.open_rows and (steps is None or len(self.trail) < steps):
            await self._comes_to_an_open_line()
            await self._works(self.case.rows.row)

    async def _comes_to_an_open_line(self) -> None:
        """Pass over lines that answer themselves; there is always one that can be worked."""
        for _ in range(len(self.open_rows) + 1):
            row = self.case.rows.row
            item = self.case.item_of(row)
            if row.is_open and not (item and item.type is ItemType.AUTO):
                return
            await self.terminal.press("full_stop")
        raise AssertionError(f"nothing here can be worked: {[row.id for row in self.open_rows]}\n{self.terminal.text}")

    async def _works(self, row: Row) -> None:
        if row.kind is RowKind.STAMP:
            self.watch.goes_on(minutes=MINUTES_A_STAMP)
        version, item = self._version, self.case.item_of(row)
        # One press, and no wait that the wait for its outcome does not include.
        await self.terminal.pilot.press("space")
        await self.terminal.until(
            lambda: self._asked or self._version > version or self.case.message, f"{row.id} taken"
        )
        while self._asked:
            await self._answers(self.terminal.app.screen, item)
            await self.terminal.until(lambda: self._asked or self._version > version, f"{row.id} taken")
        await self.terminal.until(lambda: not self.case.saving, f"{row.id} stored")
        assert self._version > version, f"{row.id} was refused\n{self.terminal.text}"
        self.trail.append(row.id)

    @property
    def _version(self) -> int:
        assert self.case.dossier is not None
        return self.case.dossier.version

    @property
    def _asked(self) -> bool:
        return isinstance(self.terminal.app.screen, Form)

    async def _answers(self, form: Any, item: Item | None) -> None:
        """Fill in a form by the kind of its fields; one without fields is confirmed."""
        questions: list[Question] = form._questions
        for question in questions:
            value = self._value(question, item)
            await self.terminal.until(lambda name=question.name: self._stands_in(name), f"the field {question.label}")
            await self.terminal.type(value)
            await self.terminal.pilot.press("enter")
        if not questions:
            await self.terminal.pilot.press("enter")
        await self.terminal.until(lambda: self.terminal.app.screen is not form, "the form taken")

    def _stands_in(self, name: str) -> bool:
        focused = self.terminal.app.focused
        return focused is not None and focused.id == f"field-{name}"

    def _value(self, question: Question, item: Item | None) -> str:
        assert item is not None, f"a question where none is expected\n{self.terminal.text}"
        match question.name:
            case "second":
                return self._another(item)
            case "value":
                return said(item)
            case name if name in {category.id for category in self.run.plan.checklist.count_categories}:
                return counted(question, self.run.ledger)
        raise AssertionError(f"{item.id} asks for {question.label}\n{self.terminal.text}")

    def _another(self, item: Item) -> str:
        """Return the initials of somebody else, in a role that answers this item."""
        here = self.terminal.app.actor
        assert here is not None
        others = [person for person in self.case.people.values() if person.id != here.person.id]
        fitting = [one for one in others if {role.value for role in item.responders} & one.roles]
        return (fitting or others)[0].initials


def said(item: Item) -> str:
    """Return what is typed for an item: the first choice, a number that is wanted, words, an image id."""
    match item.type:
        case ItemType.CHOICE:
            wanted = item.expect.choices if item.expect else ()
            return str(item.choices.index(wanted[0]) + 1) if wanted else "1"
        case ItemType.NUMBER:
            limits = (item.expect.min, item.expect.max) if item.expect else ()
            known = [limit for limit in (*limits, item.min, item.max) if limit is not None]
            return f"{known[0]:g}" if known else "1"
        case ItemType.IMAGE:
            return "IMG-1"
        case ItemType.TIME:
            return "now"
        case ItemType.SCAN:
            return "(01)05012345678900(10)LOT7"
        case _:
            return WORDS


def counted(question: Question, ledger: Ledger) -> str:
    """Return what is found of a category: as many as the form expects, so many at the first count."""
    expected = EXPECTED.search(question.label)
    assert bool(expected) == bool(ledger.counts)
    return expected[1] if expected else COUNTED_FIRST
