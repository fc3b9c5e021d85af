"""Where a case waited ten minutes or more, and why: each delay with its formula and the coded reasons that were given.

Fact base §8.1 and §8.2: start time is patient in room, a reason is asked from 10 minutes on. A phase is late by what it
took beyond its planned P50. Phases before the patient comes and after the patient has gone are not in the room's way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ortool.caselog.dossier import Dossier
from ortool.caselog.marks import Mark, Marker, Seqs
from ortool.checklist.coded import DELAY_CODES
from ortool.checklist.coded_rules import HOLD, READY, START
from ortool.checklist.phases import phase_clocks
from ortool.checklist.records import DelayReason, PhaseState
from ortool.checklist.run import Run

LIMIT = timedelta(minutes=10)
ENTERED, LEFT = "PIR", "POR"
PHASE = "minutes taken - planned P50"


@dataclass(frozen=True, slots=True)
class DelayReasonLine:
    """A reason as it was given: the code, its words, to whom it is attributed, and how many of the minutes (0: all)."""

    code: str
    title: str
    party: str
    minutes: int
    text: str
    mark: Mark
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay. `stage` is pre-start, in the operation or exit; `lasts` while it still grows; `seqs` are its times."""

    id: str
    title: str
    stage: str
    formula: str
    value: timedelta
    lasts: bool
    seqs: Seqs
    reasons: tuple[DelayReasonLine, ...] = ()

    @property
    def is_owed(self) -> bool:
        """Whether nobody has given a reason yet."""
        return not self.reasons


def delays(dossier: Dossier, now: datetime, marker: Marker | None = None) -> tuple[Delay, ...]:
    """Return every delay of ten minutes or more as it stands at `now` (UTC), in the order of the day.

    What is shorter now but was given a reason before, when its times stood otherwise, is kept with its reason.
    """
    run = dossier.run
    if run is None or dossier.list_id or (dossier.slot and dossier.slot.cancelled):
        return ()
    marker = marker or Marker(dossier.names, timedelta())
    given: dict[str, list[DelayReasonLine]] = {}
    for reason in run.delay_reasons:
        given.setdefault(reason.delay, []).append(_reason(reason, marker))
    every = {one.id: one for one in (*_start(dossier, run, now), *_phases(run, now), *_hold(run))}
    if START in every and every[START].value >= LIMIT:
        every.pop(READY, None)  # one lateness asks for one reason
    return tuple(
        replace(one, reasons=tuple(given.get(one.id, ())))
        for one in every.values()
        if one.value >= LIMIT or one.id in given
    )


def owed_delays(dossier: Dossier, now: datetime) -> tuple[Delay, ...]:
    """Return the delays for which nobody has given a reason yet. They hold nothing back."""
    return tuple(one for one in delays(dossier, now) if one.is_owed)


def _start(dossier: Dossier, run: Run, now: datetime) -> Iterator[Delay]:
    slot, entered, ready = dossier.slot, run.stamps.get(ENTERED), run.stamps.get("RR")
    plan = dossier.history.plans[-1:]
    seqs = tuple(record.seq for record in (*plan, entered) if record)
    if slot and (entered or (dossier.started and not dossier.case.state.is_over)):
        value = (entered.occurred_at if entered else now) - slot.start
        formula = f"{ENTERED} - planned start"
        yield Delay(START, "Start of the case", "pre-start", formula, value, entered is None, seqs)
    if ready and entered:
        value, formula = entered.occurred_at - ready.occurred_at, f"{ENTERED} - RR"
        yield Delay(READY, "Patient after the room was ready", "pre-start", formula, value, False,
                    (ready.seq, entered.seq))  # fmt: skip


def _phases(run: Run, now: datetime) -> Iterator[Delay]:
    order = list(run.plan.stamps)
    first, last = (order.index(name) if name in order else None for name in (ENTERED, LEFT))
    for clock in phase_clocks(run, now):
        phase = clock.phase
        is_inside = (first is None or order.index(phase.starts) >= first) and (
            last is None or order.index(phase.ends) <= last
        )
        if clock.started and is_inside:
            bounds = (run.stamps.get(phase.starts), run.stamps.get(phase.ends))
            seqs = tuple(stamp.seq for stamp in bounds if stamp)
            lasts = clock.state is PhaseState.RUNNING
            yield Delay(phase.id, phase.title, "intra", PHASE, clock.elapsed - clock.p50, lasts, seqs)


def _hold(run: Run) -> Iterator[Delay]:
    fit, left = run.stamps.get("RFD"), run.stamps.get("DPACU")
    if fit and left:
        value = left.occurred_at - fit.occurred_at
        yield Delay(HOLD, "Hold in recovery", "exit", "DPACU - RFD", value, False, (fit.seq, left.seq))


def _reason(record: DelayReason, marker: Marker) -> DelayReasonLine:
    code = DELAY_CODES.get(record.code)
    return DelayReasonLine(
        record.code,
        code.title if code else "",
        code.group if code else "",
        record.minutes,
        record.text,
        marker.mark(record),
        (record.seq,),
    )
