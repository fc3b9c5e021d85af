"""How each pause went, and the gates that were passed although something was missing."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ortool.caselog.figures import GateLine, PauseLine
from ortool.caselog.marks import Marker
from ortool.checklist.plan import PlannedPause
from ortool.checklist.records import Answer, GatePass, Stamp, State
from ortool.checklist.run import Run


def pause_lines(run: Run, now: datetime, marker: Marker) -> tuple[PauseLine, ...]:
    """Return every pause of the plan in order, as it stands at `now` (UTC)."""
    given = _answers_by_pause(run)
    return tuple(_pause_line(run, pause, given.get(pause.id, []), now, marker) for pause in run.plan.pauses.values())


def _answers_by_pause(run: Run) -> dict[str, list[Answer]]:
    """Return each pause's answers. A deferral belongs where it was said; what follows, where it was put off to."""
    given: dict[str, list[Answer]] = {}
    moved: dict[str, str] = {}
    for record in run.live:
        if not isinstance(record, Answer):
            continue
        home = run.plan.pause_of.get(record.item)
        given.setdefault(moved.get(record.item, home.id if home else ""), []).append(record)
        if record.state is State.DEFERRED:
            moved[record.item] = record.defer_to
    return given


def _pause_line(run: Run, pause: PlannedPause, given: list[Answer], now: datetime, marker: Marker) -> PauseLine:
    # What is corrected after the gate says nothing about how long the pause took.
    gate = _gate_passed_at(run, pause)
    times = sorted(a.occurred_at for a in given if gate is None or a.seq < gate) or sorted(a.occurred_at for a in given)
    states = Counter(run.state_of(item, now, pause.id) for item in run.items_of(pause))
    return PauseLine(
        pause.id,
        pause.title,
        run.pause_state(pause, now),
        times[0] if times else None,
        times[-1] if times else None,
        pause.definition.target_seconds,
        _people(given, marker),
        len(run.missing(pause, now)),
        states[State.NO],
        states[State.NOT_APPLICABLE],
        states[State.OVERRIDDEN],
        states[State.DEFERRED],
        pause.id in run.passes,
        tuple(answer.seq for answer in given),
    )


def _gate_passed_at(run: Run, pause: PlannedPause) -> int | None:
    """Return the seq of the first entry that came after the pause: what it gates had happened then."""
    targets = set(pause.definition.gates)
    held = {item.id for later in run.plan.pauses.values() if later.definition.id in targets for item in later.items}
    return min(
        (
            record.seq
            for record in run.live
            if (isinstance(record, Stamp) and record.stamp in targets)
            or (isinstance(record, Answer) and record.item in held)
        ),
        default=None,
    )


def _people(given: Sequence[Answer], marker: Marker) -> tuple[str, ...]:
    people = (person for answer in given for person in (answer.actor, answer.second) if person)
    return tuple(marker.name(person) for person in dict.fromkeys(people))


def gate_lines(run: Run, marker: Marker) -> tuple[GateLine, ...]:
    """Return every gate that was passed by an override, in order."""
    return tuple(_gate_line(run, record, marker) for record in run.live if isinstance(record, GatePass))


def _gate_line(run: Run, record: GatePass, marker: Marker) -> GateLine:
    pause = run.plan.pauses.get(record.pause)
    return GateLine(
        record.pause,
        pause.title if pause else "",
        record.target,
        _title(run, record.target),
        record.reason,
        tuple(_named(run, item) for item in record.missing),
        marker.name(record.second),
        marker.mark(record),
        (record.seq,),
    )


def _title(run: Run, target: str) -> str:
    if stamp := run.plan.stamps.get(target):
        return stamp.title
    pause = run.plan.pauses.get(target)
    return pause.title if pause else ""


def _named(run: Run, item: str) -> str:
    known = run.plan.items.get(item)
    return f"{item} {known.prompt}" if known else item
