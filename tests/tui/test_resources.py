"""Rooms, equipment and people on an 80×24 screen: changed and added in forms, refused with the draft kept."""

from datetime import UTC, date, datetime

from ortool.schedule.recurrence import Series
from ortool.schedule.resources import Equipment, Room
from ortool.schedule.windows import WindowKind
from ortool.services import booking, furnishing, series
from ortool.services.resources import resources
from ortool.tui.blocks import BlocksScreen
from ortool.tui.resources import ResourcesScreen
from tests.services.suite import Suite
from tests.services.test_arranging import furnish
from tests.tui.driver import Terminal, at_terminal


def room_of(suite: Suite, name: str) -> Room:
    return next(room for room, _ in furnishing.furniture(suite.theatre).rooms if room.id == name)


def things(suite: Suite) -> dict[str, Equipment]:
    return {one.id: one for one, _ in furnishing.furniture(suite.theatre).equipment}


async def opened(terminal: Terminal) -> None:
    await terminal.press("R")
    await terminal.until(lambda: getattr(terminal.app.screen, "found", None), "the resources")
    assert isinstance(terminal.app.screen, ResourcesScreen)


async def test_a_room_is_changed_equipment_added_and_what_is_wrong_is_told(suite: Suite) -> None:
    furnish(suite)
    imaged = suite.case(procedure="imaged", surgeon="s1")
    booking.book(suite.theatre, suite.nurse, imaged.id, "OR1", datetime(2026, 11, 23, 7, 30, tzinfo=UTC), 60)
    leave = Series("", WindowKind.LEAVE, "person:s2", date(2026, 11, 24), "00:00", "24:00", 1)
    series.set_series(suite.theatre, suite.nurse, leave)
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        await opened(terminal)
        assert terminal.rows.go_to("Equipment c-arm")
        await terminal.until(lambda: "ALL 1 held" in terminal.text and "1 held now" in terminal.text, "what is held")
        await terminal.press("enter")
        await terminal.form("", "", "0", "", "")
        await terminal.form_shown(f"slots to come hold more of it (case {imaged.number})")
        await terminal.form("", "", "3", "15", "")
        await terminal.until(lambda: things(suite)["c-arm"].units == 3, "three C-arms")
        await terminal.until(lambda: isinstance(terminal.app.screen, ResourcesScreen), "the list again")
        await terminal.press("a")
        await terminal.form("mill", "Bone mill", "set", "2", "90", "")
        await terminal.until(lambda: "mill" in things(suite), "the mill")
        await terminal.until(lambda: isinstance(terminal.app.screen, ResourcesScreen), "the list again")
        assert terminal.rows.go_to("Room OR1")
        await terminal.press("enter")
        await terminal.form("", "mon-fri 07:30-18:00", "mri", "61", "")
        await terminal.form_shown("A turnover of 61 minutes is none.")
        await terminal.form("", "", "", "25", "")
        await terminal.until(lambda: room_of(suite, "OR1").hours.written == "mon-fri 07:30-18:00", "the room's hours")
        await terminal.until(lambda: isinstance(terminal.app.screen, ResourcesScreen), "the list again")
        assert terminal.rows.go_to("Person s2")
        await terminal.until(lambda: "away from Tue 24 Nov to Wed 25 Nov" in terminal.text, "who is away")
        await terminal.press("enter")
        await terminal.until(lambda: isinstance(terminal.app.screen, BlocksScreen), "the leave")
    assert resources(suite.theatre).held == {"c-arm": 1}
