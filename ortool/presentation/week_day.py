"""A room's day as rows: slots, what is closed, whose time it is, what is free, and where a carried case would be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from ortool.caselog.board import BoardCase
from ortool.caselog.case import Case, Slot
from ortool.caselog.week import RoomDay
from ortool.presentation.board_rows import ASCII_STATE, operation, surname
from ortool.presentation.identity import short_identity
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.week_grid import block_words
from ortool.presentation.words import CASE_GLYPHS, clock, hours, plural
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window, WindowKind

GHOST = "carried"
TAIL = 12
"""Cells of the widest state of a case and a blank."""


@dataclass(frozen=True, slots=True)
class Ghost:
    """A case that is carried over the week: where it would lie, and what is known of that."""

    case: Case
    span: Span
    words: str
    role: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """A slot of a day; without one, something else of the day in `words`."""

    key: str
    times: str
    words: str = ""
    role: str = "dim"
    one: BoardCase | None = None
    mark: str = " "
    tail: str = ""

    @property
    def can_rest(self) -> bool:
        """Whether the cursor may rest here: on a slot, and on what is carried, which stays in sight so."""
        return self.one is not None or self.key == GHOST

    @property
    def is_open(self) -> bool:
        """Whether the slot still lies ahead."""
        return self.one is not None and not self.one.case.state.has_started

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as pieces of exactly `width` cells."""
        head = f" {self.mark} {self.times} "
        if self.one is None:
            return [Piece(fit(head + self.words, width), self.role)]
        case = self.one.case
        tail = f" {self.tail:<{TAIL}}"
        room = max(0, width - cell_len(head) - cell_len(tail))
        what = f"{case.number} {operation(case)}"
        who = min(20, room // 4)
        return [
            Piece(head, self.role),
            Piece(fit(what, room - who - 1), "title"),
            Piece(" " + fit(surname(case.surgeon), who), "middle"),
            Piece(fit(tail, max(0, width - cell_len(head) - room)), self.role),
        ]


def day_rows(
    cell: RoomDay, zone: ZoneInfo, ghost: Ghost | None = None, swapping: str = "", ascii_only: bool = False
) -> list[DayRow]:
    """Return a day by time. `swapping` is the case whose partner for an exchange is being looked for."""
    rows = [
        (w.span.start, 0, _window(w.series, w.span, _window_words(cell, w), zone))
        for w in (*cell.blocks, *cell.closures)
    ]
    for span in cell.free:
        rows.append((span.start, 1, _window(f"free {span.start}", span, f"free {hours(span.length)}", zone)))
    carried = ghost.case.id if ghost else swapping
    rows += [(one.slot.start, 2, _slot(one, zone, carried, ascii_only)) for one in cell.slots]
    if ghost:
        mark = ">" if ascii_only else "▶"
        words = f"{ghost.case.number} {operation(ghost.case)} · {ghost.words}"
        rows.append((ghost.span.start, 3, DayRow(GHOST, _times(ghost.span, zone), words, ghost.role, mark=mark)))
    return [row for _, _, row in sorted(rows, key=lambda row: row[:2])]


def _window_words(cell: RoomDay, window: Window) -> str:
    if window.kind is WindowKind.CLOSURE:
        return f"CLOSED{': ' if window.title else ''}{window.title}"
    return f"block of {block_words(cell, window)}"


def _window(key: str, span: Span, words: str, zone: ZoneInfo) -> DayRow:
    return DayRow(f"window {key} {span.start}", _times(span, zone), words)


def _slot(one: BoardCase, zone: ZoneInfo, carried: str, ascii_only: bool) -> DayRow:
    case, slot = one.case, one.slot
    tail = "picked" if case.id == carried else "HELD" if slot.held else case.state.value
    mark = ASCII_STATE[case.state] if ascii_only else CASE_GLYPHS[case.state]
    role = "running" if case.state.has_started and not case.state.is_over else "late" if slot.held else "dim"
    times = _times(Span(slot.start, slot.end), zone)
    return DayRow(case.id, times, "", role, one, "?" if slot.held else mark, tail)


def _times(span: Span, zone: ZoneInfo) -> str:
    if clock(span.start, zone) == clock(span.end, zone) == "00:00":
        return "all day    "
    return f"{clock(span.start, zone)}–{clock(span.end, zone)}"


def slot_words(one: BoardCase, zone: ZoneInfo) -> str:
    """Return what is known of a slot in one line; the patient is only hinted at."""
    case, slot = one.case, one.slot
    team = case.surgeon + (f" and {case.anaesthetist}" if case.anaesthetist else "")
    state = "held, not confirmed" if slot.held else case.state.value
    return (
        f"{case.number} {operation(case)} · {_times(Span(slot.start, slot.end), zone)} "
        f"({hours(slot.length)}) · {state} · {team} · patient {short_identity(case)}"
    )


def carried_words(case: Case, room: str, start: datetime, minutes: int, zone: ZoneInfo) -> str:
    """Return which case is carried and where it is now."""
    local = start.astimezone(zone)
    return f"Carried: {case.number} {operation(case)}, {minutes} min, to {room} on {local:%a %d %b} at {local:%H:%M}."


def place_words(slot: Slot, zone: ZoneInfo) -> str:
    """Return where a slot is: `OR2 on Tue 24 Nov at 08:00`."""
    local = slot.start.astimezone(zone)
    return f"{slot.room_id} on {local:%a %d %b} at {local:%H:%M}"


def fits_words(cell: RoomDay | None, minutes: int, is_its_own: bool, warnings: tuple[str, ...]) -> str:
    """Return that a case fits, how full the day would be, and what the site wants told of it."""
    words = "It fits."
    if cell is not None and cell.open_minutes and not is_its_own:
        after = round(100 * (cell.booked_minutes + minutes) / cell.open_minutes)
        words = f"It fits; {cell.room_id} would be {after} % full, now {cell.per_cent} %."
    return " ".join((words, *(f"But: {warning}" for warning in warnings)))


def count_words(rows: int, overdue: int) -> str:
    """Return how many wait: `12 cases wait, 3 overdue`."""
    late = f", {overdue} OVERDUE" if overdue else ""
    return f"{plural(rows, 'case')} {'waits' if rows == 1 else 'wait'}{late}"


def back_words(slots: Sequence[Slot], numbers: Mapping[str, int], zone: ZoneInfo) -> str:
    """Return what stands after a change of the schedule was taken back; `numbers` are those of known cases, by id."""
    places = []
    for slot in slots:
        place, number = place_words(slot, zone), numbers.get(slot.case_id)
        if number is None:
            places.append(f"{place} {'is free again' if slot.cancelled else 'stands again'}")
        else:
            places.append(f"case {number} is {'no longer ' if slot.cancelled else ''}in {place}")
    return f"Taken back: {'; '.join(places)}." if places else "Taken back."
