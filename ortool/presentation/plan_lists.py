"""A proposed week in lists: who is placed, who waits on with the one reason, and how good it is in sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from ortool.caselog.week import Waiting
from ortool.presentation.board_rows import operation, surname
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.plan_board import BANNED, FIXED, MOVED, Marks, Place, Word, places_of
from ortool.presentation.week_plan import UNKNOWN, overtakers_words, share_words
from ortool.presentation.week_waiting import due_words
from ortool.presentation.words import clock
from ortool.schedule.planner.problem import Placed, Unplaced, WeekPlan
from ortool.schedule.planner.solve import Progress

SHORT = {FIXED: "fixed", MOVED: "moved", BANNED: BANNED}


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A line over some rows, or more of the row above it."""

    key: str
    words: str
    role: str = "heading"

    can_rest = False
    is_open = False

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as one piece of exactly `width` cells."""
        return [Piece(fit(self.words, width), self.role)]


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A case that the plan places."""

    placed: Placed
    one: Waiting
    time: str
    word: str

    can_rest = True
    is_open = True

    @property
    def key(self) -> str:
        """What stays the same when the rows are made again."""
        return self.placed.case_id

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as pieces of exactly `width` cells."""
        head, case = f" {self.placed.room:<4} {self.time} ", self.one.case
        tail = f" {self.word}" if self.word else ""
        room = max(0, width - cell_len(head) - cell_len(tail))
        name = surname(case.surgeon)
        who = min(cell_len(name) + 1, room // 3)
        role = "override" if self.word == BANNED else "running"
        return [
            Piece(head, "name"),
            Piece(fit(f"{case.number} {operation(case)}", room - who), "title"),
            Piece(fit(f" {name}", who), "middle"),
            Piece(tail, role),
        ]


@dataclass(frozen=True, slots=True)
class WaitsRow:
    """A case that waits on; its reason stands in the rows below."""

    why: Unplaced
    one: Waiting

    can_rest = True
    is_open = True

    @property
    def key(self) -> str:
        """What stays the same when the rows are made again."""
        return self.why.case_id

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as pieces of exactly `width` cells."""
        case = self.one.case
        head = f" P{case.priority} {self.one.days:>3} d "
        tail = f" {due_words(self.one)}" if case.due and width >= 60 else ""
        tail += f" {self.one.minutes:>3} min "
        room = max(0, width - cell_len(head) - cell_len(tail))
        name = surname(case.surgeon)
        who = min(cell_len(name) + 1, room // 3)
        role = "late" if self.why.missed or self.one.overdue else "middle"
        return [
            Piece(head, "late" if self.why.missed else "name"),
            Piece(fit(f"{case.number} {operation(case)}", room - who), "title"),
            Piece(fit(f" {name}", who), "middle"),
            Piece(tail, role),
        ]


ListRow = HeadRow | PlacedRow | WaitsRow


def placed_rows(plan: WeekPlan, waiting: Sequence[Waiting], word: Word, zone: ZoneInfo) -> list[ListRow]:
    """Return who is placed, by day, room and time, under a line for each day."""
    known = {one.case.number: one for one in waiting}
    by_day: dict[date, list[Placed]] = {}
    for one in sorted(plan.placed, key=lambda one: (one.span.start.astimezone(zone).date(), one.room, one.span.start)):
        by_day.setdefault(one.span.start.astimezone(zone).date(), []).append(one)
    rows: list[ListRow] = []
    for day, placed in by_day.items():
        rows.append(HeadRow(f"day {day}", f" {day:%A %d %B} · {len(placed)}", "middle"))
        for one in placed:
            if one.case in known:
                said = SHORT.get(word(one.case, (one.room, day)), "")
                rows.append(PlacedRow(one, known[one.case], clock(one.span.start, zone), said))
    return rows or [HeadRow("nobody", " No case is placed.", "dim")]


def waits_rows(plan: WeekPlan, waiting: Sequence[Waiting], marks: Marks, width: int) -> list[ListRow]:
    """Return who waits on, the urgent and due first, each with the one thing that would have to give."""
    known = {one.case.number: one for one in waiting}
    overtaken = {one.waits.case: one for one in plan.overtaken}
    rows: list[ListRow] = []
    for why in plan.unplaced:
        if why.case not in known:
            continue
        rows.append(WaitsRow(why, known[why.case]))
        words = ("URGENT AND DUE. " if why.missed else "") + why.reason
        if passed := overtaken.get(why.case):
            words += f" Overtaken by {overtakers_words(passed, in_short=True)}."
        if marked := marks.words(why.case):
            words += f" Marked: {marked}."
        for place, line in enumerate(_folded(words, max(20, width - 8))):
            rows.append(HeadRow(f"{why.case_id} {place}", f"      {line}", "late" if why.missed else "middle"))
    return rows or [HeadRow("nobody", " Everybody who waits is placed.", "done")]


@lru_cache(maxsize=8192)
def _folded(words: str, width: int) -> tuple[str, ...]:
    """Return a sentence in lines, broken between words; textwrap is ten times dearer, and many may wait."""
    lines: list[str] = []
    while len(words) > width:
        cut = words.rfind(" ", 1, width + 1)
        cut = cut if cut > 0 else width
        lines.append(words[:cut])
        words = words[cut:].lstrip(" ")
    return (*lines, words)


def at_most(lines: Sequence[list[Piece]], most: int, width: int) -> list[list[Piece]]:
    """Return the first of some lines; where some are left out, the last one ends in `…`."""
    if len(lines) <= most:
        return list(lines)
    last = lines[most - 1]
    text = "".join(piece.text for piece in last)
    if cell_len(text) > width - 2:
        text = text.rstrip().rpartition(" ")[0] or text
    text = fit(text, width - 2).rstrip(" …")
    return [*lines[: most - 1], [Piece(f"{text} …", last[0].role)]]


def placed_words(plan: WeekPlan, before: Mapping[int, Place], zone: ZoneInfo) -> str:
    """Return how many are placed, and how many of them elsewhere than in the plan before."""
    moved = sum(before.get(case, place) != place for case, place in places_of(plan, zone).items())
    return f"Placed: {len(plan.placed)}{f', {moved} moved' if moved else ''}"


def waits_words(plan: WeekPlan) -> str:
    """Return how many wait on, and how many of them must not."""
    if not plan.unplaced:
        return "Nobody waits on"
    missed = f", {plan.score.missed} URGENT AND DUE" if plan.score.missed else ""
    passed = f", {len(plan.overtaken)} overtaken" if plan.overtaken else ""
    return f"Waits on: {len(plan.unplaced)}{missed}{passed}"


def passed_words(plan: WeekPlan, case: int) -> str:
    """Return who overtook a case, with how they stand in the line; empty where nobody did."""
    passed = next((one for one in plan.overtaken if one.waits.case == case), None)
    return f"Overtaken by {overtakers_words(passed)}." if passed else ""


def quality_words(plan: WeekPlan) -> str:
    """Return how good a plan is in few words: its points, the bound, the gap, and the simple rule beside it."""
    points, rule = round(plan.score.points), plan.baseline_rule
    fewer = points - round(plan.baseline.points)
    than = f"has {fewer} fewer" if fewer > 0 else "does as well"
    if plan.baseline.key[0] < plan.score.key[0]:
        than = "leaves out some of what must be placed"
    beside = f"The best simple rule ({rule}) {than}."
    if plan.bound is None:
        return f"{points} points; {UNKNOWN}. {beside}"
    return f"{_worth(plan.score.points, plan.bound)}. {beside}"


def _worth(points: float, bound: float | None) -> str:
    """Return points, the bound and what is between them, as all who show a plan say it."""
    words = f"{round(points)} points"
    if bound is None:
        return words
    words += " (more idle than to do)" if round(points) < 0 else ""
    return f"{words}, and no plan has more than {round(bound)}: at most {share_words(points, bound)} from the best"


def searching_words(now: Progress | None, elapsed: float, seconds: float) -> str:
    """Return how far the search is, with the best points, the bound and what is between them."""
    took = f"{int(elapsed)} of {round(seconds)} s" if seconds else f"{int(elapsed)} s"
    if seconds and elapsed > seconds + 1:
        took += ", ending its last step"
    if now is None:
        return f"Searching · {took}"
    return f"Searching · {took} · {_worth(now.best, now.bound)}"


def meanwhile_words(plan: WeekPlan, best: Progress | None, heard: int, is_again: bool) -> str:
    """Return which plan is shown while one is searched, of which `heard` came from the search.

    `is_again`: the search began with a plan that was shown before.
    """
    points = round(plan.score.points)
    if heard > 1 or (heard and best and round(best.best) == points):
        return "Shown: the best plan so far."
    which = "the plan before, as far as it still fits" if is_again else "the first plan, which keeps every rule already"
    if not heard:
        which = "the plan before"
    more = f", with {points} points; s stops and shows the best so far" if best else ""
    return f"Shown meanwhile: {which}{more}."
