"""The waiting list as rows: priority, how long, when it is due, what it is and what it needs. No patient is named."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from ortool.caselog.week import Waiting
from ortool.presentation.board_rows import operation, surname
from ortool.presentation.identity import short_identity
from ortool.presentation.pieces import Piece, fit

WIDE = 64
"""From so many cells on a case takes one line, below two."""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A case that waits: its line, or the second one (`more`) where the list is narrow."""

    one: Waiting
    more: bool = False
    narrow: bool = False

    @property
    def key(self) -> str:
        """What stays the same when the rows are made again."""
        return f"{self.one.case.id}{' more' if self.more else ''}"

    @property
    def can_rest(self) -> bool:
        """Whether the cursor may rest here."""
        return not self.more

    @property
    def is_open(self) -> bool:
        """Every case here waits."""
        return not self.more

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as pieces of exactly `width` cells."""
        case, needs = self.one.case, self.one.needs
        if self.more:
            words = " · ".join(filter(None, (surname(case.surgeon), needs and f"needs {needs}")))
            return [Piece(fit(f"      {due_words(self.one)} · {words}", width), due_role(self.one, "middle"))]
        head = f" P{case.priority} {self.one.days:>3} d "
        tail = f" {self.one.minutes:>3} min "
        what = f"{case.number} {operation(case)}"
        if self.narrow:
            return [
                Piece(head, "name"),
                Piece(fit(what, width - cell_len(head + tail)), "title"),
                Piece(tail, "middle"),
            ]
        due = f"{due_words(self.one):<14} "
        room = max(0, width - cell_len(head + due + tail))
        beside = min(36, room // 3)
        words = ", ".join(filter(None, (needs, surname(case.surgeon))))
        return [
            Piece(head, "name"),
            Piece(due, due_role(self.one, "middle")),
            Piece(fit(what, room - beside), "title"),
            Piece(tail, "middle"),
            Piece(fit(words, beside), "middle"),
        ]


def due_words(one: Waiting) -> str:
    """Return when a case is due, or by how much it is overdue."""
    if one.overdue:
        return f"OVERDUE {one.overdue} d"
    return f"due {one.case.due:%d %b}" if one.case.due else "no due date"


def due_role(one: Waiting, otherwise: str) -> str:
    """Return the role of a case's due date."""
    return "late" if one.overdue else otherwise


def waiting_rows(waiting: Sequence[Waiting], width: int) -> list[WaitingRow]:
    """Return the list, with two lines a case where there is little room."""
    if width >= WIDE:
        return [WaitingRow(one) for one in waiting]
    return [WaitingRow(one, more, True) for one in waiting for more in (False, True)]


def waiting_words(one: Waiting) -> str:
    """Return what is known of a case that waits in one line; the patient is only hinted at."""
    case = one.case
    since = f"since {case.waiting_since:%d %b %Y} ({one.days} d)" if case.waiting_since else f"for {one.days} d"
    words = [
        f"{case.number} {operation(case)}", f"{one.minutes} min", f"priority {case.priority}", f"waits {since}",
        due_words(one), one.needs and f"needs {one.needs}", case.surgeon, f"patient {short_identity(case)}",
    ]  # fmt: skip
    return " · ".join(filter(None, words))
