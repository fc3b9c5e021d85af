"""A week as rows: a line of days, and each room with how full it is on each of them and whose time it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from ortool.caselog.week import RoomDay, Week, minutes_of
from ortool.presentation.board_rows import surname
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.words import clock, day, hours, plural
from ortool.schedule.placing import owner_words
from ortool.schedule.windows import Window

ROOM, LEAST_CELL = 6, 7
FULL, EMPTY, HELD, HERE, CARRIED = "█", "░", "?", "▐", "▶"
ASCII = {FULL: "#", EMPTY: ".", HERE: "[", CARRIED: ">"}
ROOMY = 11
"""Cells from which on a day has room for a name and what is free."""
NEARLY = 85
"""Per cent from which on a day is called full by its colour."""


class RoomLine:
    """What every line of a room says of itself to a list: the cursor rests on the room, not on its notes."""

    __slots__ = ()
    room: str
    notes: bool

    @property
    def key(self) -> str:
        """What stays the same when the rows are made again."""
        return f"{self.room} {'notes' if self.notes else ''}"

    @property
    def can_rest(self) -> bool:
        """Whether the cursor may rest here."""
        return not self.notes

    @property
    def is_open(self) -> bool:
        """Whether anything can be done here."""
        return not self.notes


@dataclass(frozen=True, slots=True)
class GridRow(RoomLine):
    """A line of a room's days: how full each is, or (`notes`) whose it is and what is left.

    `here` is the day under the cursor; `carried` says that a case is being carried to it.
    """

    room: str
    cells: tuple[RoomDay, ...]
    notes: bool = False
    here: date | None = None
    carried: bool = False
    ascii_only: bool = False

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as pieces of exactly `width` cells."""
        label = "" if self.notes else f" {self.room}"
        pieces = [Piece(fit(label, ROOM - 1) + " ", "name")]
        widths = cell_widths(len(self.cells), width)
        for cell, wide in zip(self.cells, widths, strict=True):
            pieces.append(self._note(cell, wide) if self.notes else self._fill(cell, wide, widths[0]))
        return pieces

    def _fill(self, cell: RoomDay, width: int, each: int) -> Piece:
        is_here = cell.day == self.here
        mark = (CARRIED if self.carried else HERE) if is_here else " "
        text = _shown(mark, self.ascii_only) + fill_words(cell, each - 2, self.ascii_only)
        return Piece(fit(text, width), _role(cell, is_here))

    def _note(self, cell: RoomDay, width: int) -> Piece:
        return Piece(" " + fit(notes_of(cell, width - 2), width - 1), "middle" if cell.day != self.here else "name")


def _shown(glyph: str, ascii_only: bool) -> str:
    return ASCII.get(glyph, glyph) if ascii_only else glyph


def _role(cell: RoomDay, is_here: bool) -> str:
    if is_here:
        return "here"
    share = cell.per_cent
    if share is None:
        return "over" if cell.slots else "dim"
    return "over" if share > 100 else "late" if share >= NEARLY else "open" if share else "dim"


def fill_words(cell: RoomDay, width: int, ascii_only: bool = False) -> str:
    """Return how full a day is, as a bar and in per cent; `?` where a slot is only held."""
    share, held = cell.per_cent, HELD if cell.held else ""
    if share is None:
        many = f", {len(cell.slots)} in it{held}" if width >= 14 else f" {len(cell.slots)}{held or '!'}"
        return f"closed{many}" if cell.slots else "closed"
    words = f" {share:>3} %" if width >= 12 else f"{share:>3}%"
    wide = max(0, min(width - cell_len(words) - 1, 20))
    full = min(wide, max(round(wide * share / 100), 1 if share else 0))
    bar = _shown(FULL, ascii_only) * full + _shown(EMPTY, ascii_only) * (wide - full)
    return f"{bar}{words}{held}"


def notes_of(cell: RoomDay, width: int) -> str:
    """Return what else there is to a day in so many cells: what is closed, whose it is, what is held, what is free.

    Where there is little room, a block is its owner's last name or its title, in brackets once it is released, and
    what is free stands behind it as hours and minutes.
    """
    closed = "" if cell.open_minutes == 0 else "closed: "
    words = [f"{closed}{one.title}" if one.title else "closed" for one in cell.closures]
    words += [f"{cell.held} held"] if cell.held else []
    words += [block_words(cell, one) for one in cell.blocks]
    free = hours(timedelta(minutes=minutes_of(cell.free))) if cell.free else ""
    words += [f"{free} free"] if free else []
    if cell_len(line := ", ".join(words)) <= width:
        return line
    words = words[: -1 if free else None]
    if cell.blocks and not cell.held and not cell.closures:
        words = [_in_short(cell, one) for one in cell.blocks]
    if free and width >= ROOMY:
        return f"{fit(', '.join(words), width - cell_len(free) - 1).rstrip()} {free}"
    return ", ".join(words) or f"{free} free"


def _in_short(cell: RoomDay, block: Window) -> str:
    name = surname(cell.owners.get(block.owner, "")) or block.title or owner_words(block)
    return f"({name})" if block.released else name


def block_words(cell: RoomDay, block: Window) -> str:
    """Return whose a block is."""
    name = block.title or cell.owners.get(block.owner) or owner_words(block)
    return f"{name}{' (released)' if block.released else ''}"


def cell_widths(days: int, width: int) -> list[int]:
    """Return the cells of each day, all the same; the last one takes what is left of the row."""
    whole = max(width - ROOM, days * LEAST_CELL)
    each = whole // days
    return [each] * (days - 1) + [whole - each * (days - 1)]


def grid_rows(week: Week, room: str, here: date, carried: bool, ascii_only: bool = False) -> list[GridRow]:
    """Return two rows for each room; the cursor rests on the first. `room` and `here` are where it is."""
    rows: list[GridRow] = []
    for name in week.rooms:
        cells = tuple(week.cells[name, one] for one in week.days)
        at = here if name == room else None
        rows.append(GridRow(name, cells, False, at, carried and at is not None, ascii_only))
        rows.append(GridRow(name, cells, True, at, False, ascii_only))
    return rows


def days_line(week: Week, here: date, zone: ZoneInfo, width: int) -> list[Piece]:
    """Return the line above the grid: each day, today's marked by `*`."""
    today = week.now.astimezone(zone).date()
    pieces = [Piece(" " * ROOM, "dim")]
    widths = cell_widths(len(week.days), width)
    for one, wide in zip(week.days, widths, strict=True):
        name = f"{one:%a}" if widths[0] > LEAST_CELL else f"{one:%a}"[:2]
        words = f"{name} {one:%d %b}" if widths[0] >= 12 else f"{name} {one:%d}"
        pieces.append(Piece(fit(f" {words}{'*' if one == today else ''}", wide), "name" if one == here else "dim"))
    return pieces


def week_title(week: Week, site: str, who: str, demo: bool, now: datetime, zone: ZoneInfo, width: int) -> list[Piece]:
    """Return the line above all: which week, how far from now, the time, and who is at the terminal."""
    first, last = week.days[0], week.days[-1]
    today = now.astimezone(zone).date()
    apart = ((first - timedelta(days=first.weekday())) - (today - timedelta(days=today.weekday()))).days // 7
    relation = {0: "this week", 1: "next week", -1: "last week"}.get(
        apart, f"{plural(abs(apart), 'week')} {'ahead' if apart > 0 else 'ago'}"
    )
    right = f"{who}  {clock(now, zone)} "
    number = first.isocalendar().week
    left = f" Week {number} · {first:%d %b} to {day(last)} · {relation} · {'DEMO · ' if demo else ''}{site}"
    space = max(0, width - cell_len(right))
    return [Piece(fit(left, space - 1) + " ", "name"), Piece(right, "clock")]


def day_words(cell: RoomDay, name: str, zone: ZoneInfo) -> list[str]:
    """Return a room on a day in words, what matters most first."""
    opened = ", ".join(f"{clock(span.start, zone)}–{clock(span.end, zone)}" for span in cell.opened)
    booked = f"booked {hours(timedelta(minutes=cell.booked_minutes))}"
    words = [f"{cell.room_id} {cell.day:%a %d %b}", f"open {opened}" if opened else "closed"]
    if cell.per_cent is not None:
        booked += f" of {hours(timedelta(minutes=cell.open_minutes))} ({cell.per_cent} %)"
    words += [booked] if cell.slots or cell.opened else []
    words += [f"{cell.held} held"] if cell.held else []
    return [*words, name]


def day_title(cell: RoomDay, name: str, zone: ZoneInfo, width: int) -> list[Piece]:
    """Return the line above the slots of a day; what is open over midnight ends at 00:00."""
    return [Piece(fit(" " + " · ".join(day_words(cell, name, zone)), width), "heading")]


def sentence_lines(sentences: Sequence[tuple[str, str]], width: int) -> list[list[Piece]]:
    """Return sentences with their roles, broken between words, each sentence on lines of its own."""
    lines: list[list[Piece]] = []
    for text, role in sentences:
        line = ""
        for word in text.split(" "):
            if line and cell_len(f"{line} {word}") > width - 2:
                lines.append([Piece(fit(f" {line}", width).rstrip(), role)])
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append([Piece(fit(f" {line}", width).rstrip(), role)])
    return lines
