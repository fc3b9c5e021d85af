"""The forecast in words: when a case ends, what clashes before it does, and which room will not close in time.

Nothing here advises anybody; every minute is an estimate and says so by its range.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ortool.presentation.pieces import Piece, fit
from ortool.presentation.words import clock
from ortool.schedule.expected import POSSIBLE, CaseForecast, Clash, DayForecast, Overtime, Range, Why

if TYPE_CHECKING:
    from ortool.schedule.durations import Estimate

SCHEMA = "ortool.forecast/1"
NEWS = 5
"""Minutes: less is no news on the board."""


def between(one: Range, zone: ZoneInfo) -> str:
    """Return P10 to P90: `13:05–13:40`."""
    return f"{clock(one.p10, zone)}–{clock(one.p90, zone)}"


def percent(chance: float) -> str:
    """Return a chance: `85 %`; never 0 or 100, which nobody can promise."""
    return f"{min(99, max(1, round(100 * chance)))} %"


def is_news(found: CaseForecast | None) -> bool:
    """Whether a case is expected otherwise than it is planned, and has not ended."""
    return found is not None and not found.is_over and (found.is_silent or abs(found.late) >= NEWS)


def lateness(found: CaseForecast) -> str:
    """Return how far the expected end lies from the planned one: `25 min late`, `10 min early`, or nothing."""
    if abs(found.late) < NEWS:
        return ""
    return f"{abs(found.late)} min {'late' if found.late > 0 else 'early'}"


def row_words(found: CaseForecast | None, zone: ZoneInfo, ascii_only: bool = False) -> str:
    """Return what the board says of a case: the range of its end and how late that is; nothing where all is to plan."""
    if found is None or not is_news(found):
        return ""
    if found.is_silent:
        return "no word of it"
    arrow = "->" if ascii_only else "→"
    return f"{arrow} {between(found.end, zone)} {'late' if found.late > 0 else 'early'} {abs(found.late)}"


def expected_words(found: CaseForecast, zone: ZoneInfo) -> str:
    """Return start and end as they are expected or were: `08:05–12:50 (12:13–13:25)`."""
    if found.is_silent:
        return "no word of it"
    span = f"{clock(found.start.p50, zone)}–{clock(found.end.p50, zone)}"
    return f"{span} over" if found.is_over else f"{span} ({between(found.end, zone)})"


def case_words(found: CaseForecast | None, zone: ZoneInfo) -> str:
    """Return the forecast of one case in a line, with its reasons."""
    if found is None or found.is_over:
        return ""
    if found.is_silent:
        return "no forecast: its planned time has passed and nothing is stamped"
    start = "" if found.start.is_known else f"starts {clock(found.start.p50, zone)} ({between(found.start, zone)}), "
    chance = f", {percent(found.chance_inside)} in slot"
    why = "; ".join(_link(one, zone, found.number) for one in found.why)
    return f"{start}ends {clock(found.end.p50, zone)} ({between(found.end, zone)}){chance}" + (why and f": {why}")


def clash_words(clash: Clash, zone: ZoneInfo) -> str:
    """Return a coming clash in one sentence, with its reasons."""
    until = f"until {clock(clash.until.p50, zone)} ({between(clash.until, zone)})"
    verb = "is expected to be" if clash.is_likely else "may be"
    what = "not ready" if clash.need.is_room else f"in {clash.holder_room}"
    by = f"after {clash.holder}" if clash.need.is_room else f"with {clash.holder}"
    case = f"case {clash.number} in {clash.room} is planned at {clock(clash.planned, zone)}"
    why = why_words(clash.why, zone)
    return f"{clash.need.label} {verb} {what} {by} {until}; {case} ({percent(clash.chance)})" + (why and f": {why}")


def clash_line(clash: Clash, zone: ZoneInfo) -> str:
    """Return a coming clash for one line of the board: what matters first, because a line may be cut."""
    until = f"until {clock(clash.until.p50, zone)}"
    is_room = clash.need.is_room
    what = (
        f"room not ready {until} after {clash.holder}"
        if is_room
        else (f"{clash.need.label} in {clash.holder_room} {until}")
    )
    why = why_words(clash.why, zone)
    return f"{clock(clash.planned, zone)} {clash.room} {clash.number}: {what}, {percent(clash.chance)}" + (
        why and f": {why}"
    )


def why_words(links: Sequence[Why], zone: ZoneInfo) -> str:
    """Return a chain of reasons, the nearest first."""
    return "; ".join(_link(one, zone) for one in links)


def _link(one: Why, zone: ZoneInfo, own: int = 0) -> str:
    """Return one reason; of the case `own` it is said without its number."""
    where = "it" if one.number == own else f"{one.number} in {one.room}"
    if one.kind == "waits":
        return f"{where} waits for {one.label} ({one.other}) until {clock(one.until, zone)}"
    if one.kind == "late start":
        return f"{where} began {one.minutes} min late"
    if one.kind == "phase":
        return f"{'' if one.number == own else f'{where}: '}{one.label} runs {one.minutes} min beyond P50"
    return f"{where} needs {one.minutes} min more than its slot"


def inside(found: CaseForecast) -> str:
    """Return the chance of a case to end inside its slot; nothing where it has ended."""
    return "" if found.is_silent or found.is_over else percent(found.chance_inside)


def risks(found: DayForecast) -> list[Overtime]:
    """Return the rooms that may well not close in time, the likeliest first."""
    return sorted((one for one in found.overtime if one.chance >= POSSIBLE), key=lambda one: -one.chance)


def overtime_words(one: Overtime, zone: ZoneInfo) -> str:
    """Return a room's risk of overtime: `OR2 75 % after 18:00 (ends 18:40)`."""
    finish = f"ends {clock(one.finish.p50, zone)}"
    return f"{one.room} {percent(one.chance)} after {clock(one.closes, zone)} ({finish}, {between(one.finish, zone)})"


def forecast_lines(found: DayForecast | None, zone: ZoneInfo, width: int, most: int) -> list[list[Piece]]:
    """Return the coming clashes, the most urgent first, and the rooms that may not close in time; `most` lines."""
    if found is None or most < 1:
        return []
    rooms = " · ".join(overtime_words(one, zone) for one in risks(found))
    over = [(f"Overtime: {rooms}", "hard")] if rooms else []
    room = most - len(over)
    lines = [(clash_line(one, zone), "override" if one.is_likely else "plain") for one in found.clashes[:room]]
    if lines and len(found.clashes) > room:
        words, role = lines[-1]
        lines[-1] = f"(+{len(found.clashes) - room} more) {words}", role
    return [[Piece(fit(f" ! {words}", width), role)] for words, role in (*lines, *over)]


def estimate_words(found: Estimate, minutes: int = 0) -> str:
    """Return how long such a case takes: P50, P90, what that rests on, and the chance to end inside `minutes`."""
    rests = "no cases yet" if not found.n else f"{found.n} {'case' if found.n == 1 else 'cases'}"
    own = f", {found.own} of this surgeon" if found.own else ""
    few = ", few data" if found.has_few_data else ""
    inside = f"; {percent(found.duration.chance_within(minutes))} inside {minutes} min" if minutes else ""
    return f"P50 {round(found.p50)} min, P90 {round(found.p90)} min ({rests}{own}{few}){inside}"


def estimate_brief(found: Estimate, minutes: int) -> str:
    """Return an estimate for the narrow column of a form: minutes, n, the chance to end inside the slot."""
    few = ", few data" if found.has_few_data else ""
    chance = percent(found.duration.chance_within(minutes))
    return f"P50 {round(found.p50)} P90 {round(found.p90)} (n {found.n}{few}) {chance} in slot"


def estimate_json(found: Estimate, minutes: int = 0) -> dict[str, Any]:
    """Return an estimate ready for `json.dumps`: whole minutes and percent, no floats."""
    return {
        "p50": round(found.p50),
        "p90": round(found.p90),
        "cases": found.n,
        "of_surgeon": found.own,
        "few_data": found.has_few_data,
        "median": None if found.median is None else round(found.median),
        "surgeon_median": None if found.own_median is None else round(found.own_median),
        "percent_inside": round(100 * found.duration.chance_within(minutes)) if minutes else None,
    }


def forecast_json(found: DayForecast, room: str = "") -> dict[str, Any]:
    """Return a day's forecast ready for `json.dumps` (`ortool.forecast/1`): UTC, whole minutes, percent, no patient."""
    return {
        "schema": SCHEMA,
        "as_of": moment(found.now),
        "cases": [_case_json(one) for one in found.cases if room in ("", one.room)],
        "clashes": [_clash_json(one) for one in found.clashes if room in ("", one.room, one.holder_room)],
        "overtime": [
            {
                "room": one.room,
                "closes": moment(one.closes),
                "finish": _range_json(one.finish),
                "percent": round(100 * one.chance),
                "mean_minutes": one.minutes,
            }
            for one in found.overtime
            if room in ("", one.room)
        ],
    }


def _range_json(one: Range) -> dict[str, Any]:
    return {"p10": moment(one.p10), "p50": moment(one.p50), "p90": moment(one.p90)}


def _case_json(one: CaseForecast) -> dict[str, Any]:
    return {
        "number": one.number,
        "room": one.room,
        "planned_start": moment(one.planned.start),
        "planned_end": moment(one.planned.end),
        "start": None if one.is_silent else _range_json(one.start),
        "end": None if one.is_silent else _range_json(one.end),
        "minutes_late": None if one.is_silent else one.late,
        "percent_inside": None if one.is_silent else round(100 * one.chance_inside),
        "state": _state(one),
        "why": [_why_json(link) for link in one.why],
    }


def _state(one: CaseForecast) -> str:
    if one.is_silent:
        return "no word"
    return "over" if one.is_over else "running" if one.is_running else "later"


def _clash_json(one: Clash) -> dict[str, Any]:
    return {
        "case": one.number,
        "room": one.room,
        "planned": moment(one.planned),
        "resource": one.need.label,
        "with_case": one.holder,
        "with_room": one.holder_room,
        "until": _range_json(one.until),
        "percent": round(100 * one.chance),
        "why": [_why_json(link) for link in one.why],
    }


def _why_json(one: Why) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "case": one.number,
        "room": one.room,
        "minutes": one.minutes,
        "what": one.label or None,
        "with_case": one.other or None,
        "until": moment(one.until),
    }


def moment(value: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def ends_at(found: CaseForecast | None) -> datetime | None:
    """Return the expected end where it lies behind the plan, for the time line; None where it does not."""
    return found.end.p50 if found and not found.is_over and not found.is_silent and found.late >= NEWS else None
