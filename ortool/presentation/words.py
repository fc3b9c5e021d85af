"""Values as words, glyphs and times: the same in every face. Every glyph is one cell wide and has an ASCII twin."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ortool.caselog.milestones import CaseState
from ortool.checklist.records import PhaseState, State

GLYPHS: dict[State, str] = {
    State.OPEN: "·",
    State.DONE: "✓",
    State.NO: "✗",
    State.NOT_APPLICABLE: "–",
    State.OVERRIDDEN: "!",
    State.DEFERRED: "»",
    State.AUTO: "◆",
}
ASCII_GLYPHS: dict[State, str] = {
    State.OPEN: " ",
    State.DONE: "x",
    State.NO: "N",
    State.NOT_APPLICABLE: "-",
    State.OVERRIDDEN: "!",
    State.DEFERRED: ">",
    State.AUTO: "A",
}
STATE_WORDS: dict[State, str] = {
    State.OPEN: "",
    State.DONE: "done",
    State.NO: "NO",
    State.NOT_APPLICABLE: "n/a",
    State.OVERRIDDEN: "OVERRIDDEN",
    State.DEFERRED: "deferred",
    State.AUTO: "auto",
}
PHASE_GLYPHS: dict[PhaseState, str] = {
    PhaseState.WAITING: "○",
    PhaseState.RUNNING: "▶",
    PhaseState.DONE: "●",
    PhaseState.SKIPPED: "∅",
}
CASE_GLYPHS: dict[CaseState, str] = {
    CaseState.BOOKED: "○",
    CaseState.IN_HOLDING: "◔",
    CaseState.IN_ROOM: "◑",
    CaseState.RUNNING: "▶",
    CaseState.CLOSING: "◕",
    CaseState.OUT_OF_ROOM: "●",
    CaseState.RECOVERED: "●",
    CaseState.SIGNED: "✓",
    CaseState.CANCELLED: "×",
}


def glyph(state: State, ascii_only: bool = False) -> str:
    """Return the one-cell mark of an item's state."""
    return (ASCII_GLYPHS if ascii_only else GLYPHS)[state]


def clock(moment: datetime | None, zone: ZoneInfo, seconds: bool = False) -> str:
    """Return a time of day in the theatre's zone, `–` where there is none."""
    if moment is None:
        return "–"
    return moment.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def clock_on(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a time of day, with its date where that is another day than today's."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%d %b %H:%M}"


def day(moment: datetime | date, zone: ZoneInfo | None = None) -> str:
    """Return a date as `Mon 23 Nov 2026`."""
    if isinstance(moment, datetime) and zone is not None:
        moment = moment.astimezone(zone)
    return moment.strftime("%a %d %b %Y")


def minutes(length: timedelta) -> str:
    """Return a length in whole minutes, as `95 min`."""
    return f"{round(length.total_seconds() / 60)} min"


def hours(length: timedelta) -> str:
    """Return a length as `1:35` (hours and minutes), with its sign where negative."""
    total = int(abs(length).total_seconds() // 60)
    return f"{'-' if length < timedelta() else ''}{total // 60}:{total % 60:02d}"


def lag(occurred_at: datetime, recorded_at: datetime, late_minutes: int) -> str:
    """Return how much later an entry was typed than it happened; empty while within the site's limit."""
    behind = recorded_at - occurred_at
    return f"typed {minutes(behind)} later" if behind > timedelta(minutes=late_minutes) else ""


def plural(number: int, word: str) -> str:
    """Return `1 item`, `2 items`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
