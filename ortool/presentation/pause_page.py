"""A pause on one page, to be read aloud: what is asked now in a box, all the rest in single lines."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ortool.checklist.plan import PlannedPause
from ortool.checklist.records import PauseState
from ortool.checklist.run import Run
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.run_rows import Row, View, pause_words
from ortool.presentation.words import plural

INTERRUPTED = timedelta(seconds=60)
BOX = 5


def pause_times(run: Run, pause: PlannedPause) -> tuple[datetime | None, datetime | None]:
    """Return when the first and the last answer of a pause were given (UTC)."""
    times = [run.answers[item.id].occurred_at for item in run.items_of(pause) if item.id in run.answers]
    return (min(times), max(times)) if times else (None, None)


def pause_head(run: Run, pause: PlannedPause, view: View, width: int) -> list[list[Piece]]:
    """Return the title of a pause: its name, who leads and reads, and how long it has taken against its target."""
    definition = pause.definition
    leader = f"{_role(definition.leader)} leads · " if definition.leader else ""
    words = f"{leader}{_role(definition.reader)} reads · {definition.mode.value}{_absent(run, pause)}"
    title = f" {pause.definition.id}  {pause.title.upper()} "
    clock = _clock(run, pause, view)
    return [
        [Piece(fit(title, width - len(clock) - 1), "name"), Piece(f"{clock} ", "clock")],
        [Piece(fit(f" {words}", width), "dim")],
    ]


def _absent(run: Run, pause: PlannedPause) -> str:
    """Return who should be there and is not written down, where the room's people are written down at all."""
    there = {stint.role for stint in run.present}
    absent = [_role(role) for role in pause.definition.present if role.value not in there]
    return f" · NOT WRITTEN DOWN: {', '.join(absent)}" if there and absent else ""


def _clock(run: Run, pause: PlannedPause, view: View) -> str:
    first, last = pause_times(run, pause)
    target = _seconds(timedelta(seconds=pause.definition.target_seconds))
    if first is None or last is None:
        return f"target {target}"
    if not run.missing(pause, view.now):
        return f"{_seconds(last - first)} of {target}"
    return f"{_seconds(view.now - first)} of {target}"


def _seconds(length: timedelta) -> str:
    total = max(0, int(length.total_seconds()))
    return f"{total // 60}:{total % 60:02d}"


def pause_end(run: Run, pause: PlannedPause, view: View) -> Piece:
    """Return the closing line: complete and how, or where the pause stands, or that it was interrupted."""
    state = run.pause_state(pause, view.now)
    first, last = pause_times(run, pause)
    if state in (PauseState.COMPLETE, PauseState.WITH_OVERRIDES, PauseState.EXCEPT_DEFERRED):
        took = f" in {_seconds(last - first)}" if first and last else ""
        words = pause_words(run, pause, state, view.now).upper()
        closing = pause.definition.closing_words if state is PauseState.COMPLETE else ""
        return Piece(f" {words}{took}. {closing} ", "complete" if closing else "warn")
    left = run.missing(pause, view.now)
    if last is not None and view.now - last > INTERRUPTED:
        number = [item.id for item in run.items_of(pause)].index(left[0].id) + 1
        return Piece(f" PAUSED at item {number}, {_seconds(view.now - last)} ago. Read the one before again. ", "warn")
    return Piece(f" {plural(len(left), 'item')} to go ", "dim")


class PageLine(NamedTuple):
    """A line of the page: the place of the row that it belongs to, and what it shows."""

    row: int
    pieces: Sequence[Piece]


def page_lines(rows: Sequence[Row], cursor: int, asked: Sequence[str], width: int, height: int) -> list[PageLine]:
    """Return the items of a pause as lines: the one under the cursor boxed, with air between them where it fits."""
    airy = len(rows) * 2 + BOX <= height
    lines: list[PageLine] = []
    for index, row in enumerate(rows):
        if index == cursor:
            lines += [PageLine(index, line) for line in _box(row, asked, width)]
        else:
            lines.append(PageLine(index, row.pieces(width)))
            if airy and index + 1 != cursor:
                lines.append(PageLine(index, ()))
    return lines


def _box(row: Row, asked: Sequence[str], width: int) -> list[list[Piece]]:
    inner = width - 4
    right = row.right
    lines = [
        [Piece("┏" + "━" * (width - 2) + "┓", "box")],
        [
            Piece("┃ ", "box"),
            Piece(fit(f"{row.left}  {row.title.upper()}", max(0, inner - len(right))), "name"),
            Piece(fit(right, len(right)), row.role),
            Piece(" ┃", "box"),
        ],
    ]
    for text, role in [(f"→ {row.middle}", "title"), *((line, "dim") for line in asked)]:
        lines.append([Piece("┃ ", "box"), Piece(fit(f"     {text}", inner), role), Piece(" ┃", "box")])
    return [*lines, [Piece("┗" + "━" * (width - 2) + "┛", "box")]]


def _role(role: object) -> str:
    return str(role).replace("_", " ")
