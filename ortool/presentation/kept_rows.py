"""The rows of a run, made again and again: a step is made anew only where something that its rows show has changed."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ortool.checklist.definition import Item, ItemType
from ortool.checklist.plan import PlannedPause, PlannedStep
from ortool.checklist.run import Run
from ortool.presentation.run_rows import Row, RowKind, View, item_row, pause_row, step_rows

Shown = tuple[object, ...]
_COMPUTED = (ItemType.AUTO, ItemType.COUNT)


class Kept(NamedTuple):
    """The rows of a step, what they show, and the items and stamps by whose answers they change."""

    shown: Shown
    reads: frozenset[str]
    rows: list[Row]


class KeptRows:
    """Makes the same rows as `run_rows`, and keeps those of each step until what they show changes."""

    def __init__(self) -> None:
        self._alike: Shown = ()
        self._about: Shown = ()
        self._said: Mapping[str, object] = {}
        self._saving: Mapping[str, object] = {}
        self._kept: dict[str, Kept] = {}
        self._items: dict[tuple[str, str], tuple[Shown, Row]] = {}

    def rows(self, run: Run, view: View) -> list[Row]:
        """Return the rows of a whole run in the order of the operation."""
        today = view.now.astimezone(view.zone).date()
        alike = (run.plan.steps, today, view.zone, view.late_minutes, dict(view.initials or {}), view.ascii_only)
        if alike != self._alike:
            self._alike, self._kept, self._items = alike, {}, {}
        changed = self._changed(run, view)
        rows: list[Row] = []
        phase = ""
        for step in run.plan.steps:
            if step.phase.id != phase:
                phase = step.phase.id
                rows.append(Row(RowKind.PHASE, phase, "", step.phase.title, "", "", "phase"))
            kept = self._kept.get(step.id)
            is_same = kept is not None and changed is not None and kept.reads.isdisjoint(changed)
            rows += kept.rows if kept and is_same else self._of(run, step, view)
        return rows

    def _changed(self, run: Run, view: View) -> set[str] | None:
        """Return which items' answers differ from those of the last rows; None where more than answers may differ."""
        about, saving = (run.passes, run.deferred_into, run.stamps, run.taken_back), view.saving or {}
        said = None if about != self._about else _differ(self._said, run.answers) | _differ(self._saving, saving)
        self._about, self._said, self._saving = about, run.answers, saving
        return said

    def _of(self, run: Run, step: PlannedStep, view: View) -> list[Row]:
        shown = _shown(run, step, view)
        kept = self._kept.get(step.id)
        if shown is not None and kept is not None and kept.shown == shown:
            return kept.rows
        if shown is None:
            self._kept.pop(step.id, None)
            return list(step_rows(run, step, view))
        made = self._of_a_pause(run, step.pause, view) if step.pause else list(step_rows(run, step, view))
        self._kept[step.id] = Kept(shown, _read_by(run, step), made)
        return made

    def _of_a_pause(self, run: Run, pause: PlannedPause, view: View) -> list[Row]:
        """Return the rows of a pause in which something has changed: mostly that is one item, and the heading."""
        rows = [pause_row(run, pause, view)]
        about = run.passes.get(pause.id), run.deferred_into.get(pause.id)
        for number, item in enumerate(run.items_of(pause), 1):
            shown = run.answers.get(item.id), (view.saving or {}).get(item.id), number, about
            kept = self._items.get((pause.id, item.id))
            if kept is None or kept[0] != shown:
                kept = self._items[pause.id, item.id] = shown, item_row(run, item, pause.id, number, view)
            rows.append(kept[1])
        return rows


def _differ(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) is not after.get(name)}


def _read_by(run: Run, step: PlannedStep) -> frozenset[str]:
    """Return the items and stamps that a step's rows read."""
    pauses = (step.pause,) if step.pause else run.plan.gated_by.get(step.id, ())
    items = {item.id for pause in pauses for item in run.items_of(pause)}
    return frozenset({step.id, *items, *([step.record.id] if step.record else ())})


def _shown(run: Run, step: PlannedStep, view: View) -> Shown | None:
    """Return all that a step's rows are made of beside the plan; None where they must be computed each time."""
    saving = view.saving or {}
    if step.pause:
        own = _of_pause(run, step.pause)
        return own and (own, [saving.get(item.id) for item in run.items_of(step.pause)])
    if step.record:
        own = _of_items(run, [step.record])
        return own and (own, saving.get(step.id))
    gates = [_of_pause(run, pause) for pause in run.plan.gated_by.get(step.id, ())]
    return None if None in gates else (run.stamps.get(step.id), saving.get(step.id), gates, run.taken_back)


def _of_pause(run: Run, pause: PlannedPause) -> Shown | None:
    own = _of_items(run, run.items_of(pause))
    return own and (own, run.passes.get(pause.id), run.deferred_into.get(pause.id))


def _of_items(run: Run, items: Iterable[Item]) -> Shown | None:
    answers = run.answers
    found: list[object] = []
    for item in items:
        # What confirms an earlier answer changes with that one.
        if item.type in _COMPUTED or item.confirms:
            return None
        found.append(answers.get(item.id))
    return (found,)
