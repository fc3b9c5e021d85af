"""A scheduler's morning at the board, by keyboard alone: a list comes in, clashes are told, and the day changes."""

from collections.abc import Callable
from datetime import date

from ortool import shipped
from ortool.people.person import Actor
from ortool.services import boards, importing, journals, people, waiting
from ortool.services.theatre import Theatre
from tests.tui.driver import Terminal, at_terminal

SIZE = (80, 24)
TODAY = date(2026, 11, 24)


def stands(theatre: Theatre, number: int) -> tuple[str, str, str]:
    """Return a case's room and start in the theatre's clock, and its state."""
    found = next((case, slot) for case, slot in boards.case_list(theatre) if case.number == number)
    case, slot = found
    if slot is None or slot.cancelled:
        return "", "", case.state.value
    return slot.room_id, f"{slot.start.astimezone(theatre.settings.zone):%a %H:%M}", case.state.value


async def selects(terminal: Terminal, number: int) -> None:
    """Put the cursor of the board on a case."""
    board = terminal.app.screen.board  # type: ignore[attr-defined]
    one = next(one for one in board.all_cases if one.case.number == number)
    assert terminal.rows.go_to(one.case.id)
    await terminal.pilot.pause()


async def books_waiting(terminal: Terminal, number: int, *place: str) -> None:
    """Ask for a slot of a case that waits."""
    await terminal.press("b")
    await terminal.form(str(number))
    await terminal.form(*place)


async def takes_back(terminal: Terminal, is_back: Callable[[], bool]) -> None:
    """Take back the last change."""
    await terminal.press("u")
    await terminal.until(is_back, "the last change taken back")


async def test_a_morning(sample: Theatre) -> None:
    vera = Actor(people.find_person(sample, "co1"))
    listed = (shipped.folder("data") / "waiting_list.csv").read_text("utf-8")
    assert importing.import_waiting(sample, vera, listed, "waiting_list.csv").written
    waits = [one.case for one in waiting.waiting_list(sample)]
    first = waits[0].number
    second = next(case.number for case in waits[1:] if case.surgeon_id == waits[0].surgeon_id)
    board = boards.day_board(sample, TODAY)
    taken = next(one for one in board.cases["OR2"] if one.slot.start > sample.now())
    at = f"{taken.slot.start.astimezone(sample.settings.zone):%H:%M}"
    async with at_terminal(sample, vera, SIZE) as terminal:
        # Two clashes, each told with its other case; the nearest start is taken with one key.
        await books_waiting(terminal, first, "OR2", "", at, "60")
        await terminal.form_shown(f"is taken by case {taken.case.number}")
        await terminal.press("ctrl+n")
        await terminal.form("", "", "", "")
        await terminal.until(lambda: stands(sample, first)[0] == "OR2", "the first case booked")
        _, offered, _ = stands(sample, first)
        assert offered != f"Tue {at}"
        await books_waiting(terminal, second, "OR4", "", offered.partition(" ")[2], "60")
        await terminal.form_shown(f"{waits[0].surgeon} is with case {first} in OR2")
        await terminal.leave_form()
        assert stands(sample, second) == ("", "", "booked")
        # A later case of the day moves for a coded reason.
        moved = board.cases["OR1"][-1].case.number
        await selects(terminal, moved)
        await terminal.press("m")
        await terminal.form("", "", "18:30", "30", "over-ran", "")
        await terminal.until(lambda: stands(sample, moved)[1] == "Tue 18:30", "the case moved")
        # No bed for the first: it waits again. A patient ate: that case is cancelled by its code.
        await selects(terminal, first)
        await terminal.press("x")
        await terminal.form("XF03", "", "2")
        await terminal.until(lambda: stands(sample, first) == ("", "", "booked"), "the first case waiting again")
        await selects(terminal, taken.case.number)
        await terminal.press("x")
        await terminal.form("not fasted", "", "1")
        await terminal.until(lambda: stands(sample, taken.case.number)[2] == "cancelled", "the case cancelled")
        # An emergency takes the place that came free.
        await terminal.press("b")
        await terminal.form("")
        emergency = (
            "S-109999",
            "Invented, Hurried",
            "",
            "none known",
            "microdisc",
            "L4-5",
            "left",
            "3",
            taken.case.surgeon_id,
            "",
        )
        await terminal.form(*emergency, "OR2", "", at, "60")
        await terminal.until(lambda: any("EMERGENCY" in line for line in terminal.text.splitlines()), "the emergency")
        urgent = next(one for one in boards.day_board(sample, TODAY).all_cases if one.case.urgency == "emergency")
        assert (urgent.slot.room_id, stands(sample, urgent.case.number)[1]) == ("OR2", f"Tue {at}")
        cancelled = [
            entry.body for entry in journals.recent_entries(sample, 0, 5_000) if entry.kind == "slot.cancelled"
        ]
        assert [body["code"] for body in cancelled] == ["XP02"]
        # What was done last is taken back, one by one: the emergency, the cancellation, the release, the move.
        await takes_back(terminal, lambda: stands(sample, urgent.case.number) == ("", "", "booked"))
        await takes_back(terminal, lambda: stands(sample, taken.case.number)[:2] == ("OR2", f"Tue {at}"))
        await takes_back(terminal, lambda: stands(sample, first)[:2] == ("OR2", offered))
        await takes_back(terminal, lambda: stands(sample, moved)[1] != "Tue 18:30")
    assert journals.verify_journal(sample).faults == []
