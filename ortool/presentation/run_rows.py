"""A run as rows of a list: headings, items and stamps, each a line of pieces with a role for its style."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from ortool.checklist.definition import Item, ItemType
from ortool.checklist.plan import PlannedPause, PlannedStep
from ortool.checklist.ranges import is_outside
from ortool.checklist.records import PauseState, State
from ortool.checklist.run import Run
from ortool.presentation.answers import earlier_words, value_words
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.words import STATE_WORDS, clock_on, glyph, lag

RIGHT = 13
OUTSIDE = "OUTSIDE"


class RowKind(StrEnum):
    """What stands in a row."""

    PHASE = "phase"
    PAUSE = "pause"
    ITEM = "item"
    STAMP = "stamp"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `id` is the item's, stamp's or pause's; an item stands in `pause` (empty for a phase record)."""

    kind: RowKind
    id: str
    left: str
    title: str
    middle: str
    right: str
    role: str
    pause: str = ""
    is_open: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same when the rows are made again."""
        return self.kind.value, self.id

    @property
    def can_rest(self) -> bool:
        """Whether the cursor may rest here."""
        return self.kind in (RowKind.ITEM, RowKind.STAMP)

    def pieces(self, width: int) -> Sequence[Piece]:
        """Return the row as pieces of exactly `width` cells."""
        return row_pieces(self, width)


@dataclass(frozen=True, slots=True)
class View:
    """How rows are to be made: at what time, in which zone, and what is being saved."""

    now: datetime
    zone: ZoneInfo
    late_minutes: int = 5
    initials: Mapping[str, str] | None = None
    saving: Mapping[str, State] | None = None
    ascii_only: bool = False


def run_rows(run: Run, view: View) -> list[Row]:
    """Return the rows of a whole run in the order of the operation."""
    rows: list[Row] = []
    phase = ""
    for step in run.plan.steps:
        if step.phase.id != phase:
            phase = step.phase.id
            rows.append(Row(RowKind.PHASE, phase, "", step.phase.title, "", "", "phase"))
        rows.extend(step_rows(run, step, view))
    return rows


def step_rows(run: Run, step: PlannedStep, view: View) -> Iterator[Row]:
    """Yield the rows of one step."""
    if step.stamp:
        yield _stamp_row(run, step, view)
    elif step.record:
        yield item_row(run, step.record, "", 0, view)
    elif step.pause:
        yield pause_row(run, step.pause, view)
        for number, item in enumerate(run.items_of(step.pause), 1):
            yield item_row(run, item, step.pause.id, number, view)


def pause_row(run: Run, pause: PlannedPause, view: View) -> Row:
    """Return the heading of a pause: its state and how much is left."""
    items = run.items_of(pause)
    left = len(run.missing(pause, view.now))
    state = run.pause_state(pause, view.now)
    passed = pause.id in run.passes and left > 0
    words = f"PASSED, {left} open" if passed else pause_words(run, pause, state, view.now)
    role = "override" if passed else {PauseState.WAITING: "heading", PauseState.OPEN: "heading"}.get(state, "complete")
    middle = f"{len(items) - left} of {len(items)}" if state is PauseState.OPEN else ""
    return Row(RowKind.PAUSE, pause.id, pause.definition.id, pause.title, middle, words, role)


def pause_words(run: Run, pause: PlannedPause, state: PauseState, now: datetime) -> str:
    """Return a pause's state in words, with its number of overrides, deferrals and noes."""
    states = [run.state_of(item, now, pause.id) for item in run.items_of(pause)]
    if state in (PauseState.WAITING, PauseState.OPEN):
        return state.value
    extras = [
        f"{states.count(kind)} {word}"
        for kind, word in ((State.OVERRIDDEN, "overridden"), (State.DEFERRED, "deferred"), (State.NO, "no"))
        if kind in states
    ]
    return ", ".join(["complete", *extras])


def item_row(run: Run, item: Item, pause: str, number: int, view: View) -> Row:
    """Return the row of an item, the so many-th of its pause; of no pause (empty) and number 0 in a phase record."""
    state = run.state_of(item, view.now, pause)
    pending = (view.saving or {}).get(item.id)
    answer = run.answers.get(item.id)
    shown = pending or state
    right = "saving" if pending else _right(run, item, state, view)
    middle = item.response
    if state is State.OPEN and item.confirms:
        middle = earlier_words(run, item, view.zone, view.now, view.initials or {}) or middle
    elif answer and answer.value and state is State.DONE:
        middle = value_words(item, answer, view.zone, view.now.astimezone(view.zone).date())
    elif answer and state in (State.NO, State.NOT_APPLICABLE, State.OVERRIDDEN) and answer.reason:
        middle = answer.reason
    elif item.type is ItemType.AUTO:
        middle = run.auto_result(item, view.now).sentence
    left = f"{glyph(shown, view.ascii_only)} {number or ' '}"
    outside = state is State.DONE and answer is not None and is_outside(item, answer.value)
    role = "saving" if pending else "over" if outside else _role(item, state)
    return Row(
        RowKind.ITEM, item.id, left, item.prompt, middle, right, role, pause, not run.is_closed(item, view.now, pause)
    )


def _right(run: Run, item: Item, state: State, view: View) -> str:
    answer = run.answers.get(item.id)
    if state is State.OPEN:
        return "HARD STOP" if item.hard_stop else ""
    if answer is None:
        return STATE_WORDS[state]
    late = " late" if lag(answer.occurred_at, answer.recorded_at, view.late_minutes) else ""
    who = (view.initials or {}).get(answer.actor, "")
    word = "" if state is State.DONE else STATE_WORDS[state]
    if state is State.DONE and is_outside(item, answer.value):
        word = OUTSIDE
    return f"{word or who} {clock_on(answer.occurred_at, view.zone, view.now)}{late}".strip()


def _role(item: Item, state: State) -> str:
    if state is State.OPEN:
        return "hard" if item.hard_stop else "open"
    return {
        State.DONE: "done",
        State.AUTO: "auto",
        State.NO: "no",
        State.NOT_APPLICABLE: "na",
        State.OVERRIDDEN: "override",
        State.DEFERRED: "deferred",
    }[state]


def _stamp_row(run: Run, step: PlannedStep, view: View) -> Row:
    assert step.stamp is not None
    stamp = step.stamp
    happened = run.stamps.get(stamp.id)
    pending = (view.saving or {}).get(stamp.id)
    if pending:
        right, role = "saving", "saving"
    elif happened:
        late = " late" if lag(happened.occurred_at, happened.recorded_at, view.late_minutes) else ""
        who = (view.initials or {}).get(happened.actor, "")
        right, role = f"{who} {clock_on(happened.occurred_at, view.zone, view.now)}{late}".strip(), "stamped"
    else:
        right, role = "" if stamp.required else "optional", "stamp"
    mark = ("*" if view.ascii_only else "◷") if not happened else glyph(State.DONE, view.ascii_only)
    middle = "" if happened else _held_back(run, stamp.id, view)
    return Row(
        RowKind.STAMP, stamp.id, f"{mark} ", stamp.title, middle, right, role,
        is_open=happened is None and stamp.required,
    )  # fmt: skip


def _held_back(run: Run, target: str, view: View) -> str:
    held = run.blocking(target, view.now)
    return f"waits for {', '.join(pause.definition.id for pause in held[:3])}" if held else "time stamp"


@lru_cache(1024)
def row_pieces(row: Row, width: int) -> Sequence[Piece]:
    """Return a row as pieces of exactly `width` cells. What does not fit ends in `…`; the detail below says all."""
    if row.kind is RowKind.PHASE:
        return [Piece(fit(f"━━ {row.title} ", width, "━"), "phase")]
    if row.kind is RowKind.PAUSE:
        words = " · ".join(filter(None, (row.middle, row.right)))
        title = f"{row.left} {row.title}"
        return [
            Piece(fit(f" {title}", max(10, width - cell_len(words) - 2)), row.role),
            Piece(f" {words} ", row.role),
        ]
    right_width = max(RIGHT, cell_len(row.right))
    title_width = min(40, max(18, (width - right_width - 8) * 11 // 20))
    middle_width = max(0, width - right_width - title_width - 8)
    title_role = "title-closed" if row.role in ("done", "auto", "na", "stamped") else "title"
    return [
        Piece(fit(f"  {row.left}", 6), row.role),
        Piece(fit(row.title, title_width), title_role),
        Piece(" " + fit(row.middle, middle_width) if middle_width else "", "middle"),
        Piece(fit(f" {row.right}", right_width + (1 if middle_width else 2)), row.role),
    ]
