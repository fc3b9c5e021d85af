"""The forecast of a day: plan, progress and how long such cases took, put to the pure forecast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from ortool.caselog.board import Board, BoardCase
from ortool.caselog.case import Case
from ortool.caselog.milestones import CaseState
from ortool.schedule.durations import Duration, lognormal
from ortool.schedule.expected import DayForecast, Expected, Need, Stage
from ortool.schedule.forecast import TURNOVER, forecast
from ortool.schedule.hours import read_hours
from ortool.schedule.slots import Span
from ortool.services.boards import day_board
from ortool.services.histories import estimates
from ortool.services.theatre import Theatre
from ortool.storage.tables import RoomRow
from ortool.storage.tables_beside import ClaimRow, EquipmentRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ortool.checklist.run import Run
    from ortool.schedule.durations import Estimate
    from ortool.settings import Settings

MINUTE = timedelta(minutes=1)
_IN, _OUT = "PIR", "POR"


@dataclass(frozen=True)
class Inputs:
    """Everything that a day's forecast is made of, read at one moment (UTC). Runs of the cases under way by case id."""

    key: tuple[date, int, int]
    now: datetime
    cases: tuple[BoardCase, ...]
    estimates: Mapping[str, Estimate]
    runs: Mapping[str, Run]
    closing: Mapping[str, datetime]
    turnovers: Mapping[str, float] = field(default_factory=dict)
    equipment: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)


def day_forecast(theatre: Theatre, day: date | None = None) -> DayForecast | None:
    """Return the forecast of a day (today where none is given), None for a day that is over.

    The same is returned until something is written or a minute has passed. Raises as `day_board` does.
    """
    inputs = inputs_of(theatre, day_board(theatre, day))
    return forecast_of(theatre, inputs) if inputs else None


def inputs_of(theatre: Theatre, board: Board) -> Inputs | None:
    """Return what the forecast of a board is made of, None for a day that is over. It reads, and computes nothing."""
    now = theatre.now()
    if board.day < now.astimezone(theatre.settings.zone).date():
        return None
    cases = tuple(one for one in board.all_cases if _can_be_forecast(one))
    known = estimates(theatre, [one.case for one in cases])
    # By the board's own number: it may be older than what stands now.
    key = (board.day, board.seq, int(now.timestamp() // 60))
    with theatre.reading() as session:
        closing = _closing(theatre, session, board)
        turnovers, equipment = _held(session, cases)
    return Inputs(key, now, cases, known, _runs(theatre, cases), closing, turnovers, equipment)


def _runs(theatre: Theatre, cases: Iterable[BoardCase]) -> dict[str, Run]:
    under_way = [one.case for one in cases if one.in_room is not None and one.out_of_room is None]
    if not under_way:
        return {}
    from ortool.services.running import progress_dossier

    found = {case.id: progress_dossier(theatre, case).run for case in under_way}
    return {case_id: run for case_id, run in found.items() if run is not None}


def forecast_of(theatre: Theatre, inputs: Inputs) -> DayForecast:
    """Return the forecast; it reads nothing, so that any thread may compute it while others read and write."""
    kept = theatre.forecasts.get(inputs.key)
    if kept is None:
        expected = [_expected(theatre.settings, one, inputs) for one in inputs.cases]
        kept = forecast(expected, inputs.now, dict(inputs.closing))
        theatre.forecasts.clear()
        theatre.forecasts[inputs.key] = kept
    return kept


def _can_be_forecast(one: BoardCase) -> bool:
    """Whether it is cancelled or is over without a time when it was is asked here: such a case tells nothing."""
    return one.case.state is not CaseState.CANCELLED and not (one.case.state.is_over and one.out_of_room is None)


def _closing(theatre: Theatre, session: Session, board: Board) -> dict[str, datetime]:
    """Return when each room closes that day: by its own hours, or, where it has none, at the end of the site's day."""
    zone = theatre.settings.zone
    usual = datetime.combine(board.day, time.fromisoformat(theatre.settings.day_ends), zone)
    found = dict.fromkeys(board.cases, usual)
    for room, hours in session.exec(select(RoomRow.id, RoomRow.hours)).all():
        if room in found and (spans := read_hours(hours).spans(board.day, zone)) and hours:
            found[room] = spans[-1].end
    return found


def _held(session: Session, cases: Iterable[BoardCase]) -> tuple[dict[str, float], dict[str, tuple[Need, ...]]]:
    """Return the planned turnover in minutes and the equipment in the room, by case id, as the slots claim them.

    A recovery bed is claimed from the slot's end on; it holds no room up here.
    """
    slots = {one.slot.id: one for one in cases}
    claims = session.exec(select(ClaimRow).where(col(ClaimRow.slot_id).in_(slots))).all()
    known = {f"equipment:{one.id}": one for one in session.exec(select(EquipmentRow)).all()}
    turnovers: dict[str, float] = {}
    units: dict[tuple[str, str], list[ClaimRow]] = defaultdict(list)
    for claim in claims:
        one = slots[claim.slot_id]
        if claim.resource.startswith("room:"):
            turnovers[one.case.id] = (claim.end_at - one.slot.end) / MINUTE
        elif claim.resource in known and claim.start_at < one.slot.end:
            units[one.case.id, claim.resource].append(claim)
    equipment: dict[str, tuple[Need, ...]] = defaultdict(tuple)
    for (case_id, resource), rows in sorted(units.items()):
        row, ready = known[resource], float(known[resource].ready_minutes)
        after = lognormal(ready, ready) if ready else None
        equipment[case_id] += (Need(resource, row.name, max(1, row.units), after, len(rows)),)
    return turnovers, equipment


def _expected(settings: Settings, one: BoardCase, inputs: Inputs) -> Expected:
    case, slot, estimate = one.case, one.slot, inputs.estimates[one.case.id]
    run = inputs.runs.get(case.id)
    return Expected(
        case.id,
        case.number,
        slot.room_id,
        Span(slot.start, slot.end),
        (*_needs(settings, case, slot.room_id, inputs.turnovers), *inputs.equipment.get(case.id, ())),
        estimate.duration,
        stages_of(run, estimate, inputs.now) if run else (),
        began=one.in_room,
        ended=one.out_of_room,
    )


def _needs(settings: Settings, case: Case, room: str, turnovers: Mapping[str, float]) -> Iterator[Need]:
    yield Need(f"room:{room}", room, after=_turnover(turnovers.get(case.id, 0.0)))
    yield Need(f"person:{case.surgeon_id}", case.surgeon, settings.rooms_per_surgeon)
    if case.anaesthetist_id:
        yield Need(f"person:{case.anaesthetist_id}", case.anaesthetist, settings.rooms_per_anaesthetist)


def _turnover(planned: float) -> Duration:
    """Return a room's turnover: the planned minutes as P50 with the usual spread, else the fact base's estimate."""
    return TURNOVER.scaled(planned / TURNOVER.p50) if planned > 0 else TURNOVER


def stages_of(run: Run, estimate: Estimate, now: datetime) -> tuple[Stage, ...]:
    """Return the phases between patient in and patient out of the room, stretched so that they make up the estimate.

    A phase that was passed over is left out. None of them: the checklist has no such phases.
    """
    from ortool.checklist.phases import phase_clocks
    from ortool.checklist.records import PhaseState
    from ortool.checklist.timing import joint

    clocks = phase_clocks(run, now)
    first = next((place for place, one in enumerate(clocks) if one.phase.starts == _IN), None)
    last = next((place for place, one in enumerate(clocks) if one.phase.ends == _OUT), None)
    if first is None or last is None:
        return ()
    inside = clocks[first : last + 1]
    rows = tuple(row for one in inside for row in run.plan.rows_of(one.phase))
    factor = estimate.p50 / joint(rows)[0]
    return tuple(
        Stage(one.phase.title, lognormal(one.p50 / MINUTE, one.p90 / MINUTE).scaled(factor), one.started, one.ended)
        for one in inside
        if one.state is not PhaseState.SKIPPED
    )
