"""A proposed week beside what stands: rooms and days before and after, the slots of one, how likely each ends late."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from ortool.caselog.board import BoardCase
from ortool.caselog.case import Case, Slot
from ortool.caselog.week import RoomDay, Waiting, Week, left_over
from ortool.presentation.board_rows import operation
from ortool.presentation.identity import short_identity
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.week_day import DayRow, day_rows
from ortool.presentation.week_grid import ASCII, HERE, NEARLY, ROOM, RoomLine, cell_widths
from ortool.presentation.week_waiting import due_words
from ortool.presentation.words import clock, plural
from ortool.schedule.placing import turnover_of
from ortool.schedule.planner.problem import Placed, Tie, WeekPlan, WeekProblem
from ortool.schedule.slots import Span

NEW, MOVED, FIXED, BANNED = "new", "new, moved", "new, fixed", "NOT here"
NOTHING_NEW = {"past": "past", "frozen": "frozen: too soon for anything new", "no block": "no open block"}
SPACIOUS = 15
"""Cells from which on a day says in words what stands in it."""
Place = tuple[str, date]
Word = Callable[[int, Place], str]
"""What a case's place is, in a word."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What somebody wants of the plan: cases fixed to a room and day, and places that are not theirs."""

    pins: tuple[Tie, ...] = ()
    forbidden: tuple[Tie, ...] = ()

    def toggled(self, tie: Tie, forbids: bool) -> "Marks":
        """Return them with a tie more, or without it where it was there. A case is fixed to one place only."""
        if forbids:
            rest = tuple(one for one in self.forbidden if one != tie)
            return replace(self, forbidden=rest if tie in self.forbidden else (*rest, tie))
        others = tuple(one for one in self.pins if one.case != tie.case)
        return replace(self, pins=others if tie in self.pins else (*others, tie))

    def without(self, case: int) -> "Marks":
        """Return them without those of a case."""
        pins, forbidden = (tuple(one for one in many if one.case != case) for many in (self.pins, self.forbidden))
        return Marks(pins, forbidden)

    def only(self, cases: Sequence[int]) -> "Marks":
        """Return those of some cases only."""
        pins, forbidden = (tuple(one for one in many if one.case in cases) for many in (self.pins, self.forbidden))
        return Marks(pins, forbidden)

    def word(self, case: int, place: Place, before: Mapping[int, Place] | None = None) -> str:
        """Return what a new case's place is, in a word. `before`: where cases lay in the plan before."""
        if any(one.case == case and one.holds(*place) for one in self.forbidden):
            return BANNED
        if any(one.case == case and one.holds(*place) for one in self.pins):
            return FIXED
        return NEW if (before or {}).get(case, place) == place else MOVED

    def words(self, case: int) -> str:
        """Return everything that is marked of a case: `fixed to OR1 on Mon 23 Nov; not OR2 on Tue 24 Nov`."""
        fixed = [f"fixed to {_tie_words(one)}" for one in self.pins if one.case == case]
        return "; ".join(fixed + [f"not {_tie_words(one)}" for one in self.forbidden if one.case == case])

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.pins) + len(self.forbidden)

    @property
    def all_words(self) -> str:
        """Everything that is marked: `1108 fixed to OR1 on Mon 23 Nov; 1116 not OR2 on Tue 24 Nov`."""
        return "; ".join(f"{case} {self.words(case)}" for case in self._cases)

    def in_short(self, width: int, unmet: Sequence[int] = ()) -> str:
        """Return how many there are and of which cases, as far as there is room: `2 marks: 1108 fixed, 1116 not here`.

        `unmet` are those that the plan does not keep.
        """
        fixed = {one.case for one in self.pins}
        words = []
        for case in self._cases:
            bans = sum(one.case == case for one in self.forbidden)
            where = "" if not bans else "not here" if bans == 1 else f"not in {bans} places"
            said = " and ".join(filter(None, ("fixed" if case in fixed else "", where)))
            words.append(f"{case} {said}{' (not yet)' if case in unmet else ''}")
        head = f"{plural(self.count, 'mark')}: "
        tails = ["r plans again, c takes all back", "r plans again"] if unmet else ["c takes all back"]
        ways = [f"{head}{', '.join(words)}{tail}" for tail in (*(f" · {one}" for one in tails), "")]
        ways += [f"{head}{', '.join(words[:-n])} and {n} more" for n in range(1, len(words))]
        return longest(width, *ways)

    @property
    def _cases(self) -> list[int]:
        return sorted({one.case for one in (*self.pins, *self.forbidden)})

    def unmet(self, plan: WeekPlan, zone: ZoneInfo) -> list[int]:
        """Return the cases that a plan does not place as they are marked."""
        places = places_of(plan, zone)
        astray = {one.case for one in self.pins if one.case not in places or not one.holds(*places[one.case])}
        return sorted(
            astray | {one.case for one in self.forbidden if one.case in places and one.holds(*places[one.case])}
        )


def places_of(plan: WeekPlan, zone: ZoneInfo) -> dict[int, Place]:
    """Return the room and day of each case that a plan places."""
    return {one.case: (one.room, _day(one, zone)) for one in plan.placed}


def _tie_words(tie: Tie) -> str:
    return " on ".join(filter(None, (tie.room, f"{tie.day:%a %d %b}" if tie.day else "")))


def _day(placed: Placed, zone: ZoneInfo) -> date:
    return placed.span.start.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class PlanCell:
    """A room on a day as it stands, and what the plan adds. `after` has both.

    `late`: the chance that its block ends late, of several the highest; None where nothing can be planned, then
    `why` says so.
    """

    before: RoomDay
    after: RoomDay
    new: frozenset[int] = frozenset()
    late: float | None = None
    agreed: float = 1.0
    why: str = ""

    @property
    def is_late(self) -> bool:
        """Whether it ends late more likely than was agreed."""
        return self.late is not None and round(self.late, 2) > self.agreed

    @property
    def late_words(self) -> str:
        """The chance in per cent, empty where nobody lies there."""
        return f"{min(99, max(1, round(100 * self.late)))} %" if self.late is not None and self.after.slots else ""


def cells_of(
    week: Week, plan: WeekPlan | None, problem: WeekProblem, waiting: Sequence[Waiting]
) -> dict[Place, PlanCell]:
    """Return each room and day before and after the plan; before it, where there is none yet."""
    cases = {one.case.number: one.case for one in waiting}
    wanted = {one.number: one.wanted for one in problem.waiting}
    zone = problem.rules.zone
    new: dict[Place, list[tuple[BoardCase, Span]]] = {}
    for one in plan.placed if plan else ():
        if one.case not in cases or one.case not in wanted:
            continue  # of a plan that is older than what stands
        place, span = (one.room, _day(one, zone)), one.span
        slot = Slot(
            f"new {one.case}", one.case_id, one.room, week.rooms.get(one.room, one.room), span.start, span.end,
            False, "", 0, week.now,
        )  # fmt: skip
        taken = Span(span.start, span.end + turnover_of(wanted[one.case], problem.house.rooms[one.room], problem.rules))
        new.setdefault(place, []).append((BoardCase(cases[one.case], slot), taken))
    late: dict[Place, float] = {}
    for block in plan.rooms if plan else ():
        place = block.room, block.span.start.astimezone(zone).date()
        late[place] = max(late.get(place, 0.0), block.late)
    found = {}
    for key, cell in week.cells.items():
        more = new.get(key, [])
        slots = tuple(sorted((*cell.slots, *(one for one, _ in more)), key=lambda one: one.slot.start))
        after = replace(cell, slots=slots, free=left_over(cell.free, [span for _, span in more]))
        why = "" if plan is None or key in late else _why_not(cell, problem, week.now)
        numbers = frozenset(one.case.number for one, _ in more)
        found[key] = PlanCell(cell, after, numbers, late.get(key), problem.weights.late, why)
    return found


def _why_not(cell: RoomDay, problem: WeekProblem, now: datetime) -> str:
    if cell.per_cent is None:
        return ""
    closes = max(span.end for span in cell.opened)
    return "past" if closes <= now else "frozen" if closes <= problem.not_before else "no block"


@dataclass(frozen=True, slots=True)
class PlanGridRow(RoomLine):
    """A line of a room's days: how full each is before and after, or (`notes`) what is new and how surely it ends."""

    room: str
    cells: tuple[PlanCell, ...]
    notes: bool = False
    here: date | None = None
    ascii_only: bool = False

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as pieces of exactly `width` cells."""
        label = " late" if self.notes else f" {self.room}"
        pieces = [Piece(fit(label, ROOM - 1) + " ", "dim" if self.notes else "name")]
        for cell, wide in zip(self.cells, cell_widths(len(self.cells), width), strict=True):
            pieces.append(self._note(cell, wide) if self.notes else self._fill(cell, wide))
        return pieces

    def _fill(self, cell: PlanCell, width: int) -> Piece:
        is_here = cell.before.day == self.here
        mark = (ASCII[HERE] if self.ascii_only else HERE) if is_here else " "
        return Piece(fit(mark + _fill_words(cell, width - 1, self.ascii_only), width), _fill_role(cell, is_here))

    def _note(self, cell: PlanCell, width: int) -> Piece:
        more, late, mark = f"+{len(cell.new)}" if cell.new else "", cell.late_words, "!" if cell.is_late else ""
        if width >= SPACIOUS:
            words = ", ".join(filter(None, (f"{more} new" if more else "", late and f"late {late}{mark}")))
        else:
            short = late.removesuffix(" %")
            words = late and longest(width - 1, f"{more:<2} {late:>4}{mark}", f"{more:<2} {short}{mark}", late)
        role = "late" if cell.is_late else "name" if cell.before.day == self.here else "middle"
        return Piece(" " + fit(words or cell.why, width - 1), role)


def _fill_words(cell: PlanCell, width: int, ascii_only: bool) -> str:
    before, after = cell.before.per_cent, cell.after.per_cent
    if before is None or after is None:
        many = f" {len(cell.before.slots)}!" if cell.before.slots else ""
        return longest(width, f"closed{many}", f"shut{many}", f"{'-' if ascii_only else '–'}{many}")
    if not cell.new:
        return longest(width, f"{before} %", f"{before}%")
    arrow = ">" if ascii_only else "→"
    if width >= SPACIOUS - 1:
        return f"{before} {arrow} {after} %"
    return longest(width, f"{before}{arrow}{after} %", f"{before}{arrow}{after}", f"{arrow}{after}")


def longest(width: int, *wordings: str) -> str:
    """Return the first of some wordings, longest first, that has room; the last one cut where none has."""
    return next((one for one in wordings if cell_len(one) <= width), fit(wordings[-1], width))


def _fill_role(cell: PlanCell, is_here: bool) -> str:
    share = cell.after.per_cent
    if is_here:
        return "here"
    if share is None:
        return "over" if cell.before.slots else "dim"
    return "over" if share > 100 else "late" if share >= NEARLY else "open" if share else "dim"


def plan_grid(
    week: Week, cells: Mapping[Place, PlanCell], room: str, here: date, ascii_only: bool = False
) -> list[PlanGridRow]:
    """Return a row for each room, with a second one where there is more to say; the cursor rests on the first."""
    rows = []
    for name in week.rooms:
        mine = tuple(cells[name, day] for day in week.days)
        at = here if name == room else None
        rows.append(PlanGridRow(name, mine, False, at, ascii_only))
        if any(cell.late_words or cell.new for cell in mine):
            rows.append(PlanGridRow(name, mine, True, at, ascii_only))
    return rows


def cell_words(cell: PlanCell, name: str, zone: ZoneInfo) -> str:
    """Return a room on a day in words: how full it is, what is new, how likely it ends late."""
    day, before, after = cell.before, cell.before.per_cent, cell.after.per_cent
    opened = ", ".join(f"{clock(span.start, zone)}–{clock(span.end, zone)}" for span in day.opened)
    words = [f"{day.room_id} {day.day:%a %d %b}"]
    if cell.new:
        words += [f"{before} to {after} % full", f"{len(day.slots)} booked, {len(cell.new)} new"]
    elif before is not None:
        words += [f"{before} % full, nothing new", f"{len(day.slots)} booked"]
    if cell.late_words:
        agreed = f"{'above the ' if cell.is_late else ''}agreed {round(100 * cell.agreed)} %"
        words.append(f"late {cell.late_words} ({agreed})")
    words.append(NOTHING_NEW.get(cell.why, ""))
    words += [f"open {opened}" if opened else "closed", name]
    return " · ".join(filter(None, words))


def plan_day_rows(
    cell: PlanCell, word: Word, zone: ZoneInfo, ascii_only: bool = False, briefly: bool = False
) -> list[DayRow]:
    """Return the slots of a room-day by time: what stands with its state, what is new by that word.

    `briefly`: without whose time it is and what is free, where there are slots.
    """
    place = cell.before.room_id, cell.before.day
    rows = []
    for row in day_rows(cell.after, zone, ascii_only=ascii_only):
        if briefly and cell.after.slots and row.one is None:
            continue
        if row.one is None or row.one.case.number not in cell.new:
            rows.append(row)
            continue
        said = word(row.one.case.number, place)
        rows.append(replace(row, tail=said, mark="+", role="override" if said == BANNED else "running"))
    return rows


def who_words(case: Case) -> str:
    """Return what tells a case from every other, before anything that may be cut: number, patient, surgeon."""
    return " · ".join((f"{case.number} {operation(case)}", f"patient {short_identity(case)}", case.surgeon))


def wait_words(one: Waiting) -> str:
    """Return what is known of a case that waits, who it is first; the patient is only hinted at."""
    case = one.case
    since = f"since {case.waiting_since:%d %b %Y} ({one.days} d)" if case.waiting_since else f"for {one.days} d"
    needs = one.needs and f"needs {one.needs}"
    words = f"{one.minutes} min", f"priority {case.priority}", f"waits {since}", due_words(one), needs
    return " · ".join(filter(None, (who_words(case), *words)))


def new_words(one: Waiting, placed: Placed, word: Word, zone: ZoneInfo) -> str:
    """Return which case would lie where and when, and what else is known of it."""
    said, who = word(one.case.number, (placed.room, _day(placed, zone))), who_words(one.case)
    place = f"{placed.room} {clock(placed.span.start, zone)}–{clock(placed.span.end, zone)}, {said}"
    return f"{who} · {place}{wait_words(one).removeprefix(who)}"


def stands_words(one: BoardCase, zone: ZoneInfo) -> str:
    """Return which case stands where already."""
    case, slot = one.case, one.slot
    state = "held, not confirmed" if slot.held else case.state.value
    words = f"{who_words(case)}{f' and {case.anaesthetist}' if case.anaesthetist else ''}"
    return f"Stands: {words} · {slot.room_id} {clock(slot.start, zone)}–{clock(slot.end, zone)} · {state}"


def plan_title(week: Week, site: str, who: str, demo: bool, now: datetime, zone: ZoneInfo, width: int) -> list[Piece]:
    """Return the line above all: which week is planned, the time, and who is at the terminal."""
    first, last = week.days[0], week.days[-1]
    right = f"{who}  {clock(now, zone)} "
    number = first.isocalendar().week
    left = f" Plan of week {number} · {first:%d %b} to {last:%a %d %b %Y} · {'DEMO · ' if demo else ''}{site}"
    return [Piece(fit(left, max(0, width - len(right) - 1)) + " ", "name"), Piece(right, "clock")]
