"""Plan against actual, phases and milestones, read from a dossier."""

from datetime import datetime

from ortool.caselog.dossier import Dossier
from ortool.caselog.figures import Figure, MilestoneLine, PhaseLine, PlanActual, PlanLine
from ortool.caselog.history import Listed, Planned
from ortool.caselog.marks import Marker
from ortool.caselog.milestones import TITLES
from ortool.checklist.phases import PhaseClock, phase_clocks
from ortool.checklist.records import Stamp
from ortool.checklist.run import Run

ENTERED, LEFT = "PIR", "POR"


def plan_actual(dossier: Dossier, marker: Marker) -> PlanActual:
    """Return the plan and what became of it.

    Start time is patient in room, never incision (AACD glossary): delay = PIR - planned start, over-run = POR - planned
    end. The delay is given against the slot that stands and against the first booking of those that stood when the
    patient came, so that a move hides nothing.
    """
    slot, plans = dossier.slot, dossier.history.plans
    stamps = dossier.stamps
    entered, left = stamps.get(ENTERED), stamps.get(LEFT)
    newest = plans[-1] if plans else None
    first = dossier.history.first_plan(entered.occurred_at if entered else None)
    lines = tuple(_plan_line(dossier, plan, marker) for plan in plans)
    # A slot that was given back stands no more, and its case waits: nobody cancelled it.
    gave_back = bool(slot and slot.cancelled and entered is None and not dossier.case.state.is_cancelled)
    start, end = (slot.start, slot.end) if slot and not gave_back else (None, None)
    if dossier.history.listed is not None and not plans:
        start = end = None  # what the list says is what happened: it was no plan
    return PlanActual(
        lines[0] if lines else None,
        lines[1:],
        slot.room if slot else "",
        start,
        end,
        bool(slot and slot.cancelled and not gave_back),
        slot.cancel_reason if slot else "",
        entered.occurred_at if entered else None,
        left.occurred_at if left else None,
        _against("Delay of start", f"{ENTERED} - planned start", entered, start, newest),
        _against(
            "Delay against the first booking",
            f"{ENTERED} - first planned start",
            entered,
            first.start if first else None,
            first,
        ),
        _against("Over-run", f"{LEFT} - planned end", left, end, newest),
    )


def _against(name: str, formula: str, stamp: Stamp | None, planned: datetime | None, plan: Planned | None) -> Figure:
    value = stamp.occurred_at - planned if stamp and planned else None
    return Figure(name, formula, value, tuple(record.seq for record in (plan, stamp) if record))


def _plan_line(dossier: Dossier, plan: Planned, marker: Marker) -> PlanLine:
    slot = dossier.slot
    # A plan keeps the room's id; only the standing slot knows a name for it.
    room = slot.room if slot and slot.room_id == plan.room else plan.room
    kind = plan.kind.removeprefix("slot.")
    return PlanLine(kind, room, plan.start, plan.end, plan.reason, marker.mark(plan), (plan.seq,))


def phase_lines(run: Run, now: datetime) -> tuple[PhaseLine, ...]:
    """Return every phase with its clock at `now` (UTC), in order."""
    return tuple(_phase_line(run, clock) for clock in phase_clocks(run, now))


def _phase_line(run: Run, clock: PhaseClock) -> PhaseLine:
    bounds = (run.stamps.get(clock.phase.starts), run.stamps.get(clock.phase.ends))
    return PhaseLine(
        clock.phase.id,
        clock.phase.title,
        clock.state,
        clock.p50,
        clock.p90,
        clock.started,
        clock.ended,
        clock.elapsed,
        clock.over,
        clock.grade if clock.started else "",
        bool(clock.started and clock.ended and clock.ended < clock.started),
        tuple(stamp.seq for stamp in bounds if stamp),
    )


def milestone_lines(run: Run, marker: Marker) -> tuple[MilestoneLine, ...]:
    """Return every milestone of the plan in order, stamped or not."""
    every: dict[str, list[Stamp]] = {}
    for record in run.live:
        if isinstance(record, Stamp):
            every.setdefault(record.stamp, []).append(record)
    order = list(run.plan.stamps)
    last = max((index for index, name in enumerate(order) if name in every), default=-1)
    return tuple(_milestone(run, name, every.get(name, []), index < last, marker) for index, name in enumerate(order))


def listed_lines(listed: Listed, marker: Marker) -> tuple[MilestoneLine, ...]:
    """Return the milestones of a list of the past, in the order in which they happened."""
    return tuple(
        MilestoneLine(name, TITLES.get(name, name), "AACD", False, False, marker.mark(stamp), (), (stamp.seq,))
        for name, stamp in listed.stamps.items()
    )


def _milestone(run: Run, name: str, stamps: list[Stamp], followed: bool, marker: Marker) -> MilestoneLine:
    definition = run.plan.stamps[name]
    return MilestoneLine(
        name,
        definition.title,
        definition.standard,
        definition.required,
        followed and not stamps,
        marker.mark(stamps[-1]) if stamps else None,
        tuple(marker.mark(stamp) for stamp in stamps[:-1]),
        tuple(stamp.seq for stamp in stamps),
    )
