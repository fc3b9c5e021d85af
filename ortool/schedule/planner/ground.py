"""The problem in whole grid steps: open blocks, and what each case claims there, by the rules that judge a booking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ortool.errors import Refused
from ortool.schedule.placing import About, Firmness, Rules, claims_of, owns
from ortool.schedule.planner.problem import GRID, Tie, Waiter, WeekProblem, Weights, week_span
from ortool.schedule.planner.risk import moments
from ortool.schedule.resources import Room
from ortool.schedule.slots import Span
from ortool.schedule.windows import EVERYWHERE, Window, WindowKind

_STEP = timedelta(minutes=GRID)
_MINUTE = timedelta(minutes=1)
LEAST = 6
"""Steps. A shorter stretch of open time is no block."""


@dataclass(frozen=True, slots=True, order=True)
class Lying:
    """A case in a block: its start in minutes since the plan's first midnight, then its minutes."""

    start: float
    number: int
    mean: float
    variance: float
    turn: float


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch of staffed time in a room, in steps since the plan's first midnight. `owner`: the block's window.

    `fixed` are the cases that lie there already; `mean` and `variance` are those of all of them, with turnovers.
    """

    index: int
    room: str
    day: date
    start: int
    end: int
    owner: Window | None
    mean: float = 0.0
    variance: float = 0.0
    fixed: tuple[Lying, ...] = ()

    @property
    def minutes(self) -> int:
        """Its length."""
        return (self.end - self.start) * GRID


@dataclass(frozen=True, slots=True)
class Use:
    """What a case holds of a resource: from `after` steps after its start for `steps`."""

    resource: str
    label: str
    after: int
    steps: int
    lanes: int
    count: int


@dataclass(frozen=True, slots=True)
class Item:
    """A case that waits, ready to be placed. `size` is its slot in steps, `turns` what each able room needs after it.

    `expected` are the steps that it takes on average: what a block's idle and late minutes are counted with.

    `openings` are those that it may use at all; `refusal` says why there is none. `must`: it is urgent and due in these
    days, or pinned, and no points outweigh that.
    """

    index: int
    waiter: Waiter
    size: int
    variance: float
    uses: tuple[Use, ...]
    turns: dict[str, int]
    points: float
    must: bool
    openings: tuple[int, ...] = ()
    refusal: str = ""
    pinned: bool = False
    expected: int = 0

    @property
    def mean(self) -> int:
        """Expected minutes."""
        return self.expected * GRID

    @property
    def minutes(self) -> int:
        """Minutes of its slot."""
        return self.waiter.minutes or self.size * GRID


@dataclass(frozen=True)
class Ground:
    """Everything in steps: the openings, the items, and what is taken from the start."""

    problem: WeekProblem
    origin: datetime
    rules: Rules
    openings: tuple[Opening, ...]
    items: tuple[Item, ...]
    taken: tuple[tuple[str, int, int, int], ...]

    def span(self, start: int, size: int) -> Span:
        """Return steps as a span of time (UTC)."""
        return Span(self.origin + start * _STEP, self.origin + (start + size) * _STEP)

    def slot(self, item: Item, start: int) -> Span:
        """Return the slot of an item that begins at a step, to the minute (UTC)."""
        begins = self.origin + start * _STEP
        return Span(begins, begins + item.minutes * _MINUTE)


def strict(rules: Rules) -> Rules:
    """Return the rules for a plan: what a site only warns of when somebody books is never planned."""
    return replace(rules, firmness=dict.fromkeys(About, Firmness.REFUSE))


def ground_of(problem: WeekProblem) -> Ground:
    """Return the problem in steps."""
    span = week_span(problem)
    rules = strict(problem.rules)
    openings = tuple(_openings(problem, span))
    numbers: set[int] = set()
    items: list[Item] = []
    for waiter in problem.waiting:
        if waiter.number not in numbers:
            items.append(_item(problem, waiter, rules, openings, len(items)))
            numbers.add(waiter.number)
    held = tuple(
        (one.resource, one.lane, max(0, _down(one.span.start, span.start)), _up(one.span.end, span.start))
        for one in problem.held
        if one.span.end > span.start
    )
    away = tuple(
        (f"away:{w.resource}", 1, max(0, _down(w.span.start, span.start)), _up(w.span.end, span.start))
        for w in problem.windows
        if w.kind is not WindowKind.BLOCK and w.resource.startswith("person:") and w.span.end > span.start
    )
    return Ground(problem, span.start, rules, openings, tuple(items), held + away)


def _down(moment: datetime, origin: datetime) -> int:
    return (moment - origin) // _STEP


def _up(moment: datetime, origin: datetime) -> int:
    return -((origin - moment) // _STEP)


def _openings(problem: WeekProblem, week: Span) -> Iterable[Opening]:
    index = 0
    for offset in range(problem.days):
        day = problem.first + timedelta(days=offset)
        for room in problem.house.rooms.values():
            for span, owner in _stretches(problem, room, day):
                begin = max(_up(span.start, week.start), _up(problem.not_before, week.start), 0)
                end = _down(span.end, week.start)
                if end - begin >= LEAST:
                    yield _opening(problem, index, room, day, begin, end, owner, week.start)
                    index += 1


def _opening(
    problem: WeekProblem, index: int, room: Room, day: date, begin: int, end: int, owner: Window | None,
    origin: datetime,
) -> Opening:  # fmt: skip
    span = Span(origin + begin * _STEP, origin + end * _STEP)
    turn = problem.rules.turnover if room.turnover is None else room.turnover
    fixed: list[Lying] = []
    for one in problem.held:
        if one.resource == f"room:{room.id}" and one.span.overlaps(span):
            number = int(one.case) if one.case.isdigit() else 0
            duration = problem.standing.get(number)
            start, length = (one.span.start - origin) / _MINUTE, (one.span.length - turn) / _MINUTE
            variance = moments(duration)[1] if duration else 0.0
            fixed.append(Lying(start, number, max(0.0, length), variance, turn / _MINUTE))
    inside = [min(one.start + one.mean + one.turn, end * GRID) - max(one.start, begin * GRID) for one in fixed]
    total, spread = sum(inside), sum(one.variance for one in fixed)
    return Opening(index, room.id, day, begin, end, owner, total, spread, tuple(sorted(fixed)))


def _stretches(problem: WeekProblem, room: Room, day: date) -> list[tuple[Span, Window | None]]:
    """Return a room's staffed time on a day: its blocks where it has any, else its opening hours, less closures."""
    zone = problem.rules.zone
    mine = [w for w in problem.windows if w.resource in (EVERYWHERE, f"room:{room.id}")]
    blocks = [
        w for w in mine if w.kind is WindowKind.BLOCK and w.span.start.astimezone(zone).date() == day
    ]  # fmt: skip
    hours = [] if room.hours.is_always else room.hours.spans(day, zone)
    found: list[tuple[Span, Window | None]] = []
    for block in blocks:
        cut = [block.span] if room.hours.is_always else [_both(block.span, one) for one in hours]
        found += [(one, block) for one in cut if one is not None]
    if not blocks:
        found = [(one, None) for one in hours]
    for closed in (w.span for w in mine if w.kind is WindowKind.CLOSURE):
        found = [(left, owner) for span, owner in found for left in _less(span, closed)]
    return sorted(found, key=lambda one: one[0].start)


def _both(one: Span, other: Span) -> Span | None:
    return Span(max(one.start, other.start), min(one.end, other.end)) if one.overlaps(other) else None


def _less(span: Span, gone: Span) -> list[Span]:
    if not span.overlaps(gone):
        return [span]
    parts = [Span(span.start, min(span.end, gone.start)), Span(max(span.start, gone.end), span.end)]
    return [part for part in parts if part.length > timedelta()]


def points_of(waiter: Waiter, weights: Weights, last: date) -> float:
    """Return what placing a patient this week is worth."""
    base = weights.priority[min(max(waiter.priority, 1), len(weights.priority)) - 1]
    points = base * (1 + max(0, waiter.waited) / max(1, weights.doubling))
    if waiter.due is not None and waiter.due <= last:
        points += weights.overdue + weights.overdue_day * (last - waiter.due).days
    return points


def worth(item: Item, opening: Opening, problem: WeekProblem) -> float:
    """Return what placing an item on a block's day is worth."""
    if not problem.weights.later:
        return item.points
    first = max(problem.first, item.waiter.ready or problem.first)
    return item.points - problem.weights.later * (opening.day - first).days


def _item(problem: WeekProblem, waiter: Waiter, rules: Rules, openings: Sequence[Opening], index: int) -> Item:
    last = problem.first + timedelta(days=problem.days - 1)
    mean, variance = moments(waiter.duration)
    expected = max(1, round(mean / GRID))
    size = -(-waiter.minutes // GRID) or expected
    wanted = replace(waiter.wanted, is_emergency=False)
    turns: dict[str, int] = {}
    uses: tuple[Use, ...] = ()
    refusal = waiter.refusal
    base = Span(problem.not_before, problem.not_before + (waiter.minutes * _MINUTE or size * _STEP))
    for room in problem.house.rooms.values() if not refusal else ():
        try:
            first, *others = claims_of(wanted, room, base, problem.house, rules)
        except Refused as refused:
            refusal = refusal or str(refused)
            continue
        turns[room.id] = _up(first.span.end, base.end)
        uses = tuple(
            Use(c.resource, c.label, after, _up(c.span.end, base.start) - after, c.lanes, c.count)
            for c in others
            for after in (_down(c.span.start, base.start),)
        )
    must = waiter.urgent and waiter.due is not None and waiter.due <= last
    pins = [tie for tie in problem.pins if tie.case == waiter.number]
    item = Item(index, waiter, size, variance, uses, turns, points_of(waiter, problem.weights, last), must)
    mine = [one for one in openings if one.room in turns and _may_use(item, one, problem, pins)]
    kept = tuple(one.index for one in mine if one.end - one.start >= size)
    return replace(
        item,
        openings=kept,
        refusal="" if turns else refusal,
        must=must or bool(pins),
        pinned=bool(pins),
        expected=expected,
    )


def _may_use(item: Item, opening: Opening, problem: WeekProblem, pins: Sequence[Tie]) -> bool:
    waiter = item.waiter
    if opening.owner is not None and not owns(waiter.wanted, opening.owner):
        return False
    if waiter.ready is not None and opening.day < waiter.ready:
        return False
    if item.must and waiter.due is not None and opening.day > waiter.due >= problem.first:
        return False
    if not all(pin.holds(opening.room, opening.day) for pin in pins):
        return False
    return not any(
        tie.case == waiter.number and tie.holds(opening.room, opening.day) for tie in problem.forbidden
    )  # fmt: skip
