"""What the cursor stands on, in full: the challenge, the response, who says what, and what was answered."""

from functools import lru_cache
from textwrap import wrap

from ortool.checklist.definition import Item, ItemType, StampDefinition
from ortool.checklist.earlier import earlier
from ortool.checklist.ranges import is_outside, wanted
from ortool.checklist.records import Answer, Record, Stamp, State
from ortool.checklist.run import Run
from ortool.presentation.answers import CHANGED, LABELS, earlier_words, value_words
from ortool.presentation.pieces import Piece
from ortool.presentation.run_rows import OUTSIDE, Row, RowKind, View
from ortool.presentation.words import STATE_WORDS, clock_on, lag


def detail_lines(
    run: Run, row: Row, view: View, names: dict[str, str], width: int, height: int = 4
) -> list[list[Piece]]:
    """Return the detail of a row in at most `height` lines; what does not fit ends in `…`."""
    texts = _texts(run, row, view, names)
    lines: list[list[Piece]] = []
    for text, role in texts:
        lines.extend([Piece(part, role)] for part in _wrapped(text, width))
    if len(lines) > height:
        lines = lines[:height]
        last = lines[-1][0]
        lines[-1] = [Piece(last.text[: width - 2] + " …", last.role)]
    return lines


@lru_cache(512)
def _wrapped(text: str, width: int) -> tuple[str, ...]:
    return tuple(wrap(text, width)) or ("",)


def full_detail(run: Run, row: Row, view: View, names: dict[str, str]) -> list[str]:
    """Return everything there is to say about a row, a paragraph each."""
    return [text for text, _ in _texts(run, row, view, names) if text]


def _texts(run: Run, row: Row, view: View, names: dict[str, str]) -> list[tuple[str, str]]:
    if row.kind is RowKind.ITEM:
        return _item(run, run.plan.items[row.id], row, view, names)
    if row.kind is RowKind.STAMP:
        return _stamp(run, run.plan.stamps[row.id], view, names)
    return [(row.title, "title")]


def _item(run: Run, item: Item, row: Row, view: View, names: dict[str, str]) -> list[tuple[str, str]]:
    pause = run.plan.pauses.get(row.pause)
    reader = item.reader or (pause.definition.reader if pause else None)
    said = f"{_who((reader,))} asks · " if reader else ""
    marks = [
        *(["HARD STOP"] if item.hard_stop else []),
        *(["second reader"] if item.second_reader else []),
        *([f"may be put off to {item.defer_to}"] if item.defer_to else []),
        *(["n/a allowed"] if item.not_applicable else []),
        *([f"one of {', '.join(item.choices)}"] if item.choices else []),
        *([_range(item)] if item.type is ItemType.NUMBER else []),
        *(["HH:MM, now, or -5 for 5 min ago"] if item.type is ItemType.TIME else []),
        *([LABELS[item.code]] if item.type is ItemType.SCAN else []),
        *([f"confirms {item.confirms}"] if item.confirms else []),
        *([f"wanted {wanted(item)}"] if item.expect else []),
    ]
    lines = [(f"{item.id} {item.prompt} → {item.response}", "title")]
    if before := earlier_words(run, item, view.zone, view.now, names):
        how = " · Space confirms it" if row.is_open and earlier(run, item) else ""
        lines.append((f"{before}{how}", "override" if before.startswith(CHANGED) else "plain"))
    if answer := run.answers.get(item.id):
        outside = answer.state is State.DONE and is_outside(item, answer.value)
        words = f"{OUTSIDE} what is wanted · " if outside else ""
        role = "done" if answer.state is State.DONE and not outside else "override"
        lines.append((f"{words}{_answered(item, answer, view, names)}", role))
    if item.type is ItemType.AUTO:
        lines.append((f"closed loop: {run.auto_result(item, view.now).sentence}", "auto"))
    lines.append((f"{said}{_who(item.responders)} answers{''.join(f' · {mark}' for mark in marks)}", "plain"))
    lines.append((f"{item.detail} [{', '.join(item.evidence)}]".strip(), "dim"))
    return lines


def _stamp(run: Run, stamp: StampDefinition, view: View, names: dict[str, str]) -> list[tuple[str, str]]:
    lines = [(f"{stamp.id} {stamp.title} ({stamp.standard})", "title")]
    if happened := run.stamps.get(stamp.id):
        lines.append((_stamped(happened, view, names), "done"))
    for pause in run.blocking(stamp.id, view.now):
        missing = ", ".join(item.id for item in run.missing(pause, view.now))
        lines.append((f"waits for {pause.definition.id} {pause.title}: {missing}", "override"))
    lines.append((f"{stamp.meaning} Stamped by {_who((stamp.by,))}.", "plain"))
    lines.append((f"[{', '.join(stamp.evidence)}]", "dim"))
    return lines


def _answered(item: Item, answer: Answer, view: View, names: dict[str, str]) -> str:
    words = [STATE_WORDS[answer.state] or answer.state.value, f"by {_by(answer, names)} {_times(answer, view)}"]
    if value := value_words(item, answer, view.zone, view.now.astimezone(view.zone).date(), whole=True):
        words.insert(1, f"“{value}”")
    words += list(answer.stops)
    if answer.confirms:
        words.append(f"confirms {answer.confirms}")
    if answer.second:
        words.append(f"with {names.get(answer.second, answer.second)}")
    if answer.reason:
        words.append(f"reason: {answer.reason}")
    if answer.defer_to:
        words.append(f"put off to {answer.defer_to}")
    return " · ".join(words)


def _stamped(stamp: Stamp, view: View, names: dict[str, str]) -> str:
    return f"stamped by {_by(stamp, names)} {_times(stamp, view)}"


def _by(record: Record, names: dict[str, str]) -> str:
    proof = " (not proven)" if record.auth == "chosen" else ""
    return f"{names.get(record.actor, record.actor)}{proof}"


def _times(record: Record, view: View) -> str:
    behind = lag(record.occurred_at, record.recorded_at, view.late_minutes)
    local = record.occurred_at.astimezone(view.zone)
    at = f"{clock_on(record.occurred_at, view.zone, view.now)}:{local:%S}"
    return f"at {at}, {behind}" if behind else f"at {at}"


def _who(roles: tuple[object, ...]) -> str:
    return " and ".join(str(role).replace("_", " ") for role in roles)


def _range(item: Item) -> str:
    low = "" if item.min is None else f"{item.min:g}"
    high = "" if item.max is None else f"{item.max:g}"
    return f"{low} to {high} {item.unit}".strip()
