"""How the plan of a week is laid out and drawn: everything from its values, at every step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ortool.presentation.pieces import Piece, fit
from ortool.presentation.plan_board import (
    cell_words,
    new_words,
    plan_day_rows,
    plan_grid,
    plan_title,
    stands_words,
    wait_words,
)
from ortool.presentation.plan_lists import (
    ListRow,
    at_most,
    meanwhile_words,
    passed_words,
    placed_rows,
    placed_words,
    quality_words,
    searching_words,
    waits_rows,
    waits_words,
)
from ortool.presentation.week_grid import days_line, sentence_lines
from ortool.presentation.week_plan import counts_words
from ortool.tui.bars import Lines
from ortool.tui.board import HOW
from ortool.tui.keys import Key, KeyLine
from ortool.tui.rows_view import RowsView
from ortool.tui.week import BESIDE

if TYPE_CHECKING:
    from ortool.tui.plan_week import PlanScreen

BESIDE_WIDE = 150
SAID, MOST_SAID = 3, 5
LOW, ROOMY = 10, 20
"""Lines from which on all lists stand there at once, and from which on a screen has room for long sentences."""
CHANCES = "The chances are estimates, not promises."
STALE = "STALE: the schedule has changed since; r plans again, from this plan on."


def draw(screen: PlanScreen) -> None:
    """Draw the plan as it stands."""
    app, week, (width, _) = screen.app, screen.week, screen.size
    zone = app.verbs.zone
    who = f"{app.actor.person.initials} ({HOW[app.actor.auth]})" if app.actor else "nobody chosen"
    title = plan_title(week, app.verbs.settings.site, who, app.demo, app.now(), zone, width)
    quality, said = _quality(screen, width), _said(screen, width)
    screen.query_one("#title", Lines).show([title])
    screen.query_one("#quality", Lines).show(quality)
    screen.query_one("#said", Lines).show(said)
    grid = plan_grid(week, screen.cells, screen.room, screen.day, app.ascii_only)
    inner, shown = _lay_out(screen, len(quality) + len(said), len(grid))
    screen.query_one("#days", Lines).show([days_line(week, screen.day, zone, inner)])
    rooms = screen.query_one("#rooms", RowsView)
    rooms.show(grid)
    rooms.go_to(f"{screen.room} ")
    cell = screen.cells.get((screen.room, screen.day))
    heading = f" {cell_words(cell, week.rooms[screen.room], zone)}" if cell else ""
    screen.query_one("#day-title", Lines).show([[Piece(fit(heading, inner), "heading")]])
    day = screen.query_one("#day", RowsView)
    briefly = screen.has_class("below") and screen.pane != "day"
    day.show(plan_day_rows(cell, screen.word, zone, app.ascii_only, briefly) if cell else [])
    if screen.pane == "placed" and screen.placed:
        day.go_to(screen.placed.case_id)
        screen.call_after_refresh(day.keep_in_sight)  # a list that has just grown scrolls only once it is laid out
    _lists(screen, width - inner or width, shown)
    _offer(screen)


def _lists(screen: PlanScreen, width: int, shown: str) -> None:
    plan, zone = screen.plan, screen.app.verbs.zone
    waits, placed = screen.query_one("#waiting", RowsView), screen.query_one("#placed", RowsView)
    heads = (waits_words(plan), placed_words(plan, screen.before, zone)) if plan else ("Waits on", "Placed")
    below = screen.has_class("below")
    if below:
        heads = (f"{heads[0]} · Tab: {heads[1]}", f"{heads[1]} · Tab: {heads[0]}")
    known = (plan, screen.marks, width)
    if plan and screen.listed != known:
        screen.listed = known
        # In turns of their own: with a thousand who wait each takes as long as a key may.
        screen.call_later(_fill, screen, waits, partial(waits_rows, plan, screen.waiting, screen.marks, width))
        screen.call_later(_fill, screen, placed, partial(placed_rows, plan, screen.waiting, screen.word, zone))
    for name, head in zip(("waiting", "placed"), heads, strict=True):
        title = screen.query_one(f"#{name}-title", Lines)
        title.show([[Piece(fit(f" {head}", screen.size.width), "heading")]])
        title.display = screen.query_one(f"#{name}").display = name == shown or not below


def _fill(screen: PlanScreen, view: RowsView, rows: Callable[[], list[ListRow]]) -> None:
    view.show(rows())
    if screen.pane != view.id:
        view.action_edge(-1)


def _lay_out(screen: PlanScreen, taken: int, rooms: int) -> tuple[int, str]:
    """Give every list its place in this size. `rooms` are the lines of theirs.

    Returns how wide the rooms are, and which of the two lower lists stands below everything, if one does.

    Where it is wide, who waits stands beside the rooms, and who is placed below the slots. Where it is narrow, one of
    the two stands below everything, and the list that has the keys gets what the others can spare. Where it is low,
    that list and the slots stand there in turns.
    """
    width, height = screen.size
    below, lists = width < BESIDE, max(7, height - 2 - taken)
    low, has_keys = below and lists < LOW, screen.pane in ("waiting", "placed")
    screen.set_class(below, "below")
    day, more = {"rooms": (2, 5), "day": (6, 5)}.get(screen.pane, (2, 8)) if below else (6, lists // 4)
    more = max(more, lists // 3) if below else more
    if low:
        day, more = (-1, lists - 3) if has_keys else (lists - 4, 0)
    grid = min(rooms, max(2, lists - more - 2 - day))
    for name in ("day-title", "day"):
        screen.query_one(f"#{name}").display = not low or not has_keys
    shown = screen.lower if below and more else ""
    plan, beside, placed = (screen.query_one(f"#{name}").styles for name in ("plan", "beside", "placed"))
    screen.query_one("#rooms").styles.height = grid
    plan.height = lists - more if shown == "waiting" else lists
    beside.display = "block" if shown == "waiting" or not below else "none"
    beside.width = "100%" if below else (60 if width >= BESIDE_WIDE else 46)
    rest = lists - 2 - grid
    placed.height = more - 1 if below else (rest - 1) // 2
    return (width if below else width - (60 if width >= BESIDE_WIDE else 46)), shown


def _quality(screen: PlanScreen, width: int) -> list[list[Piece]]:
    """Return what stands above everything: what keeps the plan from being applied, the marks, how good it is."""
    notices = [(STALE, "override")] if screen.is_stale else []
    if screen.marks.count:
        unmet = screen.unmet
        notices.append((screen.marks.in_short(width - 2, unmet), "override" if unmet else "plain"))
    lines = sentence_lines(_how_good(screen), width)
    return sentence_lines(notices, width) + at_most(lines, MOST_SAID if screen.size.height >= ROOMY else 2, width)


def _how_good(screen: PlanScreen) -> list[tuple[str, str]]:
    if screen.is_searching:
        seconds = 0.0 if screen.budget.steps else screen.budget.seconds
        found = [(searching_words(screen.progress, screen.elapsed, seconds), "title")]
        if screen.plan:
            shown = meanwhile_words(screen.plan, screen.progress, screen.heard, bool(screen.before))
            found.append((shown, "dim"))
        return found
    return [(quality_words(screen.plan), "title") if screen.plan else ("There is no plan; r plans again.", "dim")]


def _said(screen: PlanScreen, width: int) -> list[list[Piece]]:
    lines = sentence_lines([one for one in _sentences(screen) if one[0]], width)
    lines = at_most(lines, MOST_SAID if screen.size.height >= ROOMY else SAID, width)
    return lines + [[Piece("", "plain")]] * (SAID - len(lines))


def _sentences(screen: PlanScreen) -> list[tuple[str, str]]:
    told, number, zone = (screen.told, screen.told_role), screen.number, screen.app.verbs.zone
    one = next((one for one in screen.waiting if one.case.number == number), None)
    marked = f"Marked: {words}." if number and (words := screen.marks.words(number)) else ""
    if one is None:
        row = screen.query_one("#day", RowsView).row if screen.pane == "day" else None
        standing = getattr(row, "one", None)
        if standing:
            return [told, (stands_words(standing, zone), "title")]
        words = f"{counts_words(screen.plan)} {CHANCES}" if screen.plan else ""
        return [told, (words, "dim")]
    if placed := screen.placed:
        place = new_words(one, placed, screen.word, zone)
        return [told if screen.told else (marked, "plain"), (place, "title")]
    passed = passed_words(screen.plan, number) if screen.plan else ""
    return [told if screen.told else (marked, "plain"), (wait_words(one), "title"), (passed, "plain")]


def _offer(screen: PlanScreen) -> None:
    keys: list[Key] = []
    if screen.is_searching:
        keys.append(Key("s", "stop, keep the best", "stop"))
    elif screen.plan and not screen.is_stale and not screen.unmet and screen.plan.placed:
        keys.append(Key("a", "apply", "apply"))
    again = [] if screen.is_searching else [Key("r", "plan again", "again")]
    if screen.is_stale or screen.unmet:
        keys, again = again + keys, []
    if screen.number and screen.placed:
        keys += [Key("f", "fix", "mark('fix')"), Key("x", "not here", "mark('forbid')")]
    elif screen.number and screen.pane == "waiting":
        keys.append(Key("f", "fix to …", "mark('fix')"))
    if screen.number and screen.marks.words(screen.number):
        keys.append(Key("Bksp", "unmark", "mark('clear')"))
    keys += [*again, Key("Tab", "lists", "pane(1)"), Key("←→", "day", "day(1)")]
    screen.query_one(KeyLine).offer([*keys, Key("Esc", "leave", "dismiss(None)", stays=True)])
