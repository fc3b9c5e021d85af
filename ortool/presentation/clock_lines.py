"""The clocks of a case on one or two lines: the due first, in words and colour, then the soonest."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from ortool.checklist.clocks import ClockPhase, ClockState
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.words import day

CELL = 25
LINES = 2
SECONDS_BELOW = 600
MINUTES_BELOW = 100
DAY = 24 * 60
DAYS_FROM = 2 * DAY


def clock_lines(clocks: Sequence[ClockState], width: int) -> list[list[Piece]]:
    """Return `clocks` (as sorted: the most urgent first) as at most two lines; none where nothing runs.

    At 80 columns six are readable: a word (`DUE`, `soon`, `later`), the name, and what remains. What is not shown is
    counted as `+n`. A clock whose length the site has not given reads `site value missing`, where there is room.
    """
    live = [clock for clock in clocks if clock.is_live]
    missing = [clock.timer.short for clock in clocks if clock.state is ClockPhase.MISSING]
    columns = max(1, (width - 2) // (CELL + 1))
    size = (width - 2) // columns - 1
    shown = live[: columns * LINES]
    cells = [Piece(cell(clock, size), _role(clock)) for clock in shown]
    lines = [_row(cells[first : first + columns]) for first in range(0, len(cells), columns)]
    if len(live) > len(shown):
        lines[-1].append(Piece(f"+{len(live) - len(shown)}", "name"))
    elif missing:
        _add_missing(lines, missing, width)
    return lines


def _row(cells: Sequence[Piece]) -> list[Piece]:
    row: list[Piece] = []
    for one in cells:
        row += [one, Piece(" ", "plain")]
    return row


def _add_missing(lines: list[list[Piece]], names: Sequence[str], width: int) -> None:
    words = f"site value missing: {', '.join(names)}"
    room = width - sum(cell_len(piece.text) for piece in lines[-1]) if lines else 0
    if room >= cell_len(words):
        lines[-1].append(Piece(words, "dim"))
    elif len(lines) < LINES:
        lines.append([Piece(fit(words, width), "dim")])
    elif room >= len("site value missing"):
        lines[-1].append(Piece(fit(words, room), "dim"))


def cell(clock: ClockState, width: int) -> str:
    """Return a clock in exactly `width` cells; where it does not fit the name gives way, never the word or the time."""
    word = {ClockPhase.DUE: "DUE ", ClockPhase.WARNING: "soon "}.get(clock.state, "later " if clock.snoozed else "")
    time = f" {'DEMO ' if clock.is_demo else ''}{time_words(clock)}"
    room = max(1, width - len(word) - len(time))
    name = f"{clock.timer.short} {clock.reading}".rstrip()
    if cell_len(name) > room:
        name = clock.timer.short if cell_len(clock.timer.short) <= room else fit(clock.timer.short, room)
    return fit(f"{word}{name}{time}", width)


def time_words(clock: ClockState) -> str:
    """Return what remains, as `12 min`, `3 h 05`, `90 s` or `14 d`; once due `now`, then by how much, as `+4 min`."""
    if clock.state is ClockPhase.DUE:
        late = int(clock.overdue.total_seconds() // 60)
        return f"+{_minutes(late)}" if late else "now"
    seconds = ceil(clock.remaining.total_seconds())
    if clock.timer.unit == "s" and seconds < SECONDS_BELOW:
        return f"{seconds} s"
    return _minutes(ceil(clock.remaining / timedelta(minutes=1)))


def _minutes(number: int) -> str:
    if number >= DAYS_FROM:
        # Rounded: 14 days over a night when the clocks change are an hour more or less, and still 14 days.
        return f"{round(number / DAY)} d"
    return f"{number} min" if number < MINUTES_BELOW else f"{number // 60} h {number % 60:02d}"


def _role(clock: ClockState) -> str:
    if clock.state is ClockPhase.RUNNING:
        return "late" if clock.snoozed else "plain"
    return {ClockPhase.DUE: "alarm", ClockPhase.WARNING: "warn"}.get(clock.state, "dim")


def clock_sentence(clock: ClockState, zone: ZoneInfo | None = None) -> str:
    """Return a clock on a line of its own, as a list to choose from shows it; in a zone with the day, where it has one.

    A clock that runs by its readings says the last of them.
    """
    asked = clock.timer.reading
    last = f", last {clock.reading} {asked.unit}".rstrip() if asked and clock.reading else ""
    if clock.is_live:
        word = {ClockPhase.DUE: "DUE", ClockPhase.WARNING: "soon"}.get(clock.state, "later" if clock.snoozed else "in")
        when = f" ({day(clock.due_at, zone)})" if zone and clock.due_at and clock.timer.is_calendar else ""
        return f"{clock.title}: {word} {time_words(clock)}{when}{last}"
    return f"{clock.title}: {clock.state.value}{last}"
