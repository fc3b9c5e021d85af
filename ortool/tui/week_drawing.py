"""How the week is laid out and drawn: everything from its values, at every step."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ortool.presentation.board_rows import operation
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.week_day import GHOST, Ghost, carried_words, count_words, day_rows, slot_words
from ortool.presentation.week_grid import (
    day_title,
    day_words,
    days_line,
    grid_rows,
    notes_of,
    sentence_lines,
    week_title,
)
from ortool.presentation.week_waiting import waiting_rows, waiting_words
from ortool.schedule.slots import Span
from ortool.tui.bars import Lines
from ortool.tui.board import HOW
from ortool.tui.keys import Key
from ortool.tui.rows_view import RowsView
from ortool.tui.week import BESIDE

if TYPE_CHECKING:
    from ortool.tui.week import WeekScreen

BESIDE_WIDE = 150
LEAST_SAID, MOST_SAID = 3, 5
NOTHING = "No room is known yet: `ortool init --theatre FILE` loads rooms, people and procedures."


def draw(screen: WeekScreen) -> None:
    """Draw the week as it stands."""
    week, app = screen.week, screen.app
    assert week is not None
    zone, width = app.verbs.zone, screen.size.width
    said = _said(screen, width)
    inner = _lay_out(screen, len(said), len(week.rooms))
    who = f"{app.actor.person.initials} ({HOW[app.actor.auth]})" if app.actor else "nobody chosen"
    title = week_title(week, app.verbs.settings.site, who, app.demo, app.now(), zone, width)
    screen.query_one("#title", Lines).show([title])
    screen.query_one("#days", Lines).show([days_line(week, screen.day, zone, inner)])
    rooms = screen.query_one("#rooms", RowsView)
    rooms.show(grid_rows(week, screen.room, screen.day, screen.carried is not None, app.ascii_only))
    rooms.go_to(f"{screen.room} ")
    cell = screen.cell
    heading = day_title(cell, week.rooms[cell.room_id], zone, inner) if cell else [Piece("", "heading")]
    screen.query_one("#day-title", Lines).show([heading])
    swapping = screen.swapping.case.id if screen.swapping else ""
    day = screen.query_one("#day", RowsView)
    day.show(day_rows(cell, zone, _ghost(screen), swapping, app.ascii_only) if cell else [])
    if screen.carried:
        day.go_to(GHOST)
    elif screen.wanted and day.go_to(screen.wanted):
        screen.wanted = ""
        day.focus()
    beside = screen.query_one("#waiting", RowsView)
    overdue = sum(one.overdue > 0 for one in screen.waiting)
    words = count_words(len(screen.waiting), overdue) if screen.waiting else "No case waits for a slot."
    screen.query_one("#waiting-title", Lines).show([[Piece(fit(f" {words}", width), "heading")]])
    beside.show(waiting_rows(screen.waiting, beside.size.width or width))
    screen.query_one("#said", Lines).show(said)
    _offer(screen)


def _lay_out(screen: WeekScreen, said: int, rooms: int) -> int:
    """Give every list its place in this size; return how wide the rooms are."""
    width, height = screen.size
    below = width < BESIDE
    screen.set_class(below, "below")
    lists = max(10, height - 2 - said)
    plan = screen.query_one("#plan")
    beside = screen.query_one("#beside")
    waiting = max(4, lists // 4) if below else 0
    plan.styles.height = lists - waiting if below else "1fr"
    beside_width = 0 if below else (52 if width >= BESIDE_WIDE else 44)
    beside.styles.width = "100%" if below else beside_width
    # What the rooms leave goes to the slots of the day: four lines of them at least.
    most = max(4, min(lists - waiting - 6, (lists - waiting) * 2 // 3))
    screen.query_one("#rooms").styles.height = min(2 * rooms, most - most % 2) or 1
    return width - beside_width


def _ghost(screen: WeekScreen) -> Ghost | None:
    carried = screen.carried
    if carried is None:
        return None
    words = {True: "it fits here", False: "it does NOT fit here", None: "…"}[carried.fits]
    role = {True: "running", False: "alarm", None: "saving"}[carried.fits]
    return Ghost(carried.case, Span(carried.start, carried.start + timedelta(minutes=carried.minutes)), words, role)


def _said(screen: WeekScreen, width: int) -> list[list[Piece]]:
    lines = sentence_lines([one for one in _sentences(screen) if one[0]], width)[:MOST_SAID]
    return lines + [[Piece("", "plain")]] * (LEAST_SAID - len(lines))


def _sentences(screen: WeekScreen) -> list[tuple[str, str]]:
    zone, cell, told = screen.app.verbs.zone, screen.cell, (screen.told, screen.told_role)
    if carried := screen.carried:
        place = carried_words(carried.case, carried.room, carried.start, carried.minutes, zone)
        role = {True: "done", False: "override", None: "dim"}[carried.fits]
        return [(place, "title"), told if screen.told else (carried.words or "…", role)]
    if swapping := screen.swapping:
        case = swapping.case
        with_whom = "Swap it with the case under the cursor: s or Enter; Esc leaves it."
        return [(f"{case.number} {operation(case)} is picked. {with_whom}", "title"), told]
    if screen.slot:
        return [told, (slot_words(screen.slot, zone), "title")]
    if screen.waits:
        return [told, (waiting_words(screen.waits), "title")]
    if cell is None or screen.week is None:
        return [told, ("" if screen.week and screen.week.rooms else NOTHING, "dim")]
    words = " · ".join(day_words(cell, screen.week.rooms[cell.room_id], zone))
    return [told, (words, "title"), (notes_of(cell, 10_000), "plain")]


def _offer(screen: WeekScreen) -> None:
    if screen.carried:
        keys = [
            Key("Enter", "put it here", "pick"), Key("Esc", "put it back", "back"), Key("n", "next gap", "gap(1)"),
            Key("+ -", "15 min", "later(15)"), Key("←→", "day", "day(1)"), Key("↑↓", "room", "day(0)"),
            Key(". ,", "5 min", "later(5)"), Key("H", "hold", "hold"), Key("[ ]", "week", "week(1)"),
        ]  # fmt: skip
    elif screen.swapping:
        keys = [Key("s", "swap with this one", "swap"), Key("Tab", "lists", "pane(1)"), Key("Esc", "leave it", "back")]
    else:
        keys = _idle_keys(screen)
    screen.offer(keys)


def _idle_keys(screen: WeekScreen) -> list[Key]:
    keys: list[Key] = []
    slot = screen.slot
    if slot and not slot.case.state.has_started:
        keys = [
            Key("Enter", "pick", "pick"),
            Key("x", "cancel", "ask('cancel')"),
            Key("r", "put back", "ask('release')"),
        ]
        keys += [Key("s", "swap", "swap")] + ([Key("c", "confirm", "ask('confirm')")] if slot.slot.held else [])
    elif screen.waits:
        keys = [Key("Enter", "pick", "pick"), Key("x", "cancel", "ask('cancel')")]
    elif screen.pane == "rooms":
        keys = [Key("Enter", "slots", "pick")]
    keys += [Key("Tab", "lists", "pane(1)"), Key("P", "plan", "ask('plan')")]
    keys += [Key("u", "take back", "ask('undo')"), Key("/", "find", "ask('find')")]
    return [*keys, Key("[ ]", "week", "week(1)"), Key("v", "5 or 7 days", "days"), Key("Esc", "back", "back")]
