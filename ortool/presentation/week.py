"""A week for the command line: a table of rooms and days, and as JSON. No patient is named."""

from datetime import UTC, datetime
from typing import Any

from ortool.caselog.board import BoardCase
from ortool.caselog.week import RoomDay, Week
from ortool.presentation.listing import Column, column
from ortool.presentation.week_grid import fill_words, notes_of
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window

SCHEMA = "ortool.week/1"


def week_columns(week: Week, ascii_only: bool = False) -> list[Column]:
    """Return a column of rooms and one for each day: how full it is and what else there is to it, in fewer words where
    there is less room.
    """
    columns = [column("room", list(week.rooms))]
    for place, day in enumerate(week.days):
        cells = [week.cells[room, day] for room in week.rooms]
        bars = [fill_words(cell, 12, ascii_only) for cell in cells]
        noted = [", ".join(filter(None, (bar, notes_of(cell, 40)))) for bar, cell in zip(bars, cells, strict=True)]
        shares = [_share(cell) for cell in cells]
        columns.append(column(f"{day:%a %d %b}", noted, bars, shares, rank=place))
    return columns


def _share(cell: RoomDay) -> str:
    held = "?" if cell.held else ""
    if cell.per_cent is None:
        return f"closed {len(cell.slots)}!{held}" if cell.slots else "closed"
    return f"{cell.per_cent}%{held}"


def week_json(week: Week) -> dict[str, Any]:
    """Return the week as plain values; times are ISO 8601 in UTC, lengths are minutes."""
    return {
        "schema": SCHEMA,
        "days": [day.isoformat() for day in week.days],
        "rooms": [
            {"id": room, "name": name, "days": [_day(week.cells[room, day]) for day in week.days]}
            for room, name in week.rooms.items()
        ],
    }


def _day(cell: RoomDay) -> dict[str, Any]:
    return {
        "day": cell.day.isoformat(),
        "open_minutes": cell.open_minutes,
        "booked_minutes": cell.booked_minutes,
        "per_cent": cell.per_cent,
        "open": [_span(span) for span in cell.opened],
        "free": [_span(span) for span in cell.free],
        "blocks": [_window(one) | {"owner": one.owner, "released": one.released} for one in cell.blocks],
        "closures": [_window(one) for one in cell.closures],
        "slots": [_slot(one) for one in cell.slots],
    }


def _slot(one: BoardCase) -> dict[str, Any]:
    case, slot = one.case, one.slot
    return {
        "case": case.number, "state": case.state.value, "procedure": case.procedure_id, "surgeon": case.surgeon_id,
        **_span(Span(slot.start, slot.end)), "held": slot.held,
    }  # fmt: skip


def _window(one: Window) -> dict[str, Any]:
    return {"title": one.title, **_span(one.span)}


def _span(span: Span) -> dict[str, str]:
    return {"start": _stamp(span.start), "end": _stamp(span.end)}


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
