"""The tables of a downtime sheet: the construct by level and side, and the clocks that somebody keeps by hand."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from ortool.caselog.sheet import SheetClock, SheetPlace, SheetTable
from ortool.checklist.clocks import ended_by, readings_of, started_at
from ortool.checklist.construct import Cell, Construct, size_words
from ortool.checklist.implant_definition import ImplantPart, Reading
from ortool.checklist.records import Action, Implant, Record
from ortool.checklist.run import Run
from ortool.checklist.timers import BY_HAND, BY_READING, SiteValues, Timer
from ortool.presentation.identity import initials
from ortool.presentation.words import clock, day
from ortool.text import clean

BLANK_ROWS = {"pedicle": 6, "segment_side": 4, "segment": 2}
"""How many positions a sheet offers that does not know the levels: two levels, both sides."""
SPARE_ROWS = 3
ROOM = "______"
LONGEST = 200


def construct_tables(run: Run, names: Mapping[str, str], zone: ZoneInfo) -> Iterator[SheetTable]:
    """Yield the grid of each kind of implant, and one for what was opened in vain or taken out."""
    construct = Construct(run)
    for part in construct.parts:
        readings = construct.readings_of(part)
        sizes = [reading for reading in readings if reading.size and not reading.site]
        rest = [reading for reading in readings if reading not in sizes]
        cells = [cell for cell in construct.cells.values() if cell.part is part]
        rows = tuple(_place(cell, rest, names, zone) for cell in cells) or tuple(_blank_rows(part, len(rest)))
        columns = (_size_column(sizes), *(_column(reading) for reading in rest))
        yield SheetTable(clean(part.title), columns, rows)
    if construct.parts:
        gone = (*construct.of(Action.WASTED), *construct.of(Action.EXPLANTED))
        rows = tuple(_gone(one, names, zone) for one in gone)
        spare = tuple(SheetPlace("", "", ("",)) for _ in range(SPARE_ROWS))
        yield SheetTable("Opened and not used, or taken out", (("Why", ""),), rows + spare, has_plan=False)


def _size_column(sizes: list[Reading]) -> tuple[str, str]:
    title = " × ".join(reading.title.lower() if place else reading.title for place, reading in enumerate(sizes))
    unit = sizes[-1].unit if sizes else ""
    return f"{title} {unit}".strip() or "Size", " × ".join("____" for _ in sizes) or ROOM


def _column(reading: Reading) -> tuple[str, str]:
    if reading.choices:
        return reading.title, " / ".join(reading.choices)
    return f"{reading.title} {reading.unit}".strip(), "___ / ___" if reading.kind == "ratio" else ROOM


def _place(cell: Cell, rest: list[Reading], names: Mapping[str, str], zone: ZoneInfo) -> SheetPlace:
    placed = cell.implanted
    values = (size_words(cell.part, cell.values), *(clean(cell.values.get(one.id, ""), LONGEST) for one in rest))
    device = _device(placed) if placed else ""
    return SheetPlace(cell.place.words, cell.planned_size, values, device, _signed(placed, names, zone))


def _blank_rows(part: ImplantPart, readings: int) -> Iterator[SheetPlace]:
    for number in range(BLANK_ROWS[part.per]):
        side = "" if part.per == "segment" else ("left", "right")[number % 2]
        yield SheetPlace(f"{ROOM} {side}".strip(), "", ("",) * (readings + 1))


def _gone(one: Implant, names: Mapping[str, str], zone: ZoneInfo) -> SheetPlace:
    what = "not used" if one.action is Action.WASTED else "taken out"
    place = one.place.replace("-left", " left").replace("-right", " right")
    reason = clean(f"{what}: {one.reason}", LONGEST)
    return SheetPlace(clean(f"{one.part} {place}", 40), "", (reason,), _device(one), _signed(one, names, zone))


def _device(one: Implant) -> str:
    named = (("", one.description), ("DI", one.device_identifier), ("lot", one.lot), ("serial", one.serial))
    until = f"until {one.expires.isoformat()}" if one.expires else ""
    words = [f"{name} {value}".strip() for name, value in named if value]
    return clean(", ".join((*words, until) if until else words), LONGEST)


def _signed(one: Record | None, names: Mapping[str, str], zone: ZoneInfo) -> str:
    return f"{clock(one.occurred_at, zone)} {initials(names.get(one.actor, one.actor))}" if one else ""


def sheet_clocks(run: Run, site: SiteValues, now: datetime, zone: ZoneInfo) -> Iterator[SheetClock]:
    """Yield each clock of a run that has not ended at `now` (UTC), as somebody keeps it by hand."""
    titles = {stamp.id: stamp.title for stamp in run.plan.checklist.stamps}
    titles |= {item.id: item.prompt for item in run.plan.items.values()}
    for timer in run.plan.checklist.timers:
        started, choice = started_at(run, timer)
        unknown = timer.length(choice, 1, site)[0] is None if timer.lengths else False
        no_clock = timer.by_choice and choice and choice not in timer.by_choice
        if no_clock or (timer.optional and unknown) or ended_by(run, timer, now):
            continue
        yield _clock(run, timer, site, zone, (titles.get(timer.starts, timer.starts), started, choice))


def _clock(
    run: Run, timer: Timer, site: SiteValues, zone: ZoneInfo, begun: tuple[str, datetime | None, str]
) -> SheetClock:
    from_what, started, choice = begun
    asked = timer.reading
    marks = [mark for mark in run.timer_marks.get(timer.id, ()) if mark.act == "answered"]
    dated = timer.is_calendar
    done = [day(mark.occurred_at, zone) if dated else clock(mark.occurred_at, zone) for mark in marks]
    if asked:
        done = [f"{mark.value} {clock(mark.occurred_at, zone)}" for mark in readings_of(run, timer)]
        limit = timer.limit(site)
        below = f"below {f'{limit.number} {_demo(limit.is_demo)}'.strip() if limit else ROOM} {asked.unit}"
        rule = f"{asked.title} {below} for {interval(timer, site)}"
    else:
        start = {BY_HAND: "each time it is begun"}.get(timer.starts, f"from {from_what}")
        often = "" if timer.by_choice else "every " if timer.repeat else "after "
        rule = f"{start}: {often}{interval(timer, site, choice)}"
        if started and dated and (span := timer.length(choice, 1, site)[0]):
            rule += f", on {day(span.after(started, zone), zone)}"
    begins = clock(started, zone) if started and timer.starts != BY_READING else ""
    many = timer.repeat or timer.starts in (BY_HAND, BY_READING)
    if started and dated:
        begins = day(started, zone)
    task, reads = clean(timer.acknowledge), asked.unit if asked else ""
    return SheetClock(clean(timer.title), task, clean(rule), begins, tuple(done), many, reads, dated)


def interval(timer: Timer, site: SiteValues, choice: str = "") -> str:
    """Return how long a clock runs, in words: `15 min`, `5, 5, 5, then 15 min`, or room to write the site's own."""
    if timer.by_choice:
        drugs = [choice] if choice else list(timer.by_choice)
        return ", ".join(f"{drug} {_length(timer, drug, 1, site)}" for drug in drugs)
    number = 1 if timer.id in site else len(timer.lengths)
    lengths = [_length(timer, "", place, site) for place in range(1, number + 1)]
    if timer.until:
        steps = zip(lengths, timer.until, strict=False)
        return "".join(f"{each} until {end} {timer.unit}, " for each, end in steps) + f"then {lengths[-1]}"
    return ", ".join(lengths[:-1]) + f", then {lengths[-1]}" if len(lengths) > 1 else lengths[0]


def _length(timer: Timer, choice: str, number: int, site: SiteValues) -> str:
    span, is_demo = timer.length(choice, number, site)
    return f"{ROOM} {timer.unit} (site)" if span is None else f"{span.words} {_demo(is_demo)}".strip()


def _demo(is_demo: bool) -> str:
    return "DEMO" if is_demo else ""
